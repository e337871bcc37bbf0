"""What the provider `aws-native` calls AWS's types and properties, and the package schema that it publishes of them.

The names come from `tests/data/pulumi`, the shapes from AWS's resource schemas (cfn-lint's copies, with the corrections of `catalog`). The schemas
are newer than the names: a property that has no published name does not exist for the provider.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import json
import pathlib
from typing import Any

VERSION = "1.84.0"
ROOT = pathlib.Path(__file__).parents[2]
PUBLISHED = [ROOT / "tests" / "data" / "pulumi" / name for name in ("aws-native-names.json", "more-names.json")]
CORRECTIONS = ROOT / "catalog" / "corrections.json"
ANY = {"$ref": "pulumi.json#/Any"}
TEXT = {"type": "string"}
SCALARS = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
ASSUME_ROLE = {"roleArn": TEXT, "sessionName": TEXT, "externalId": TEXT, "policy": TEXT, "durationSeconds": {"type": "integer"},
               "policyArns": {"type": "array", "items": TEXT}, "transitiveTagKeys": {"type": "array", "items": TEXT},
               "tags": {"type": "object", "additionalProperties": TEXT}}
CONFIGURED = {
    "ProviderAssumeRole": ASSUME_ROLE,
    "ProviderAutoNaming": {"autoTrim": {"type": "boolean"}, "randomSuffixMinLength": {"type": "integer"}},
    "ProviderDefaultTags": {"tags": {"type": "object", "additionalProperties": TEXT}},
    "ProviderIgnoreTags": {"keys": {"type": "array", "items": TEXT}, "keyPrefixes": {"type": "array", "items": TEXT}},
}
# Every key of the provider's configuration, with its type.
CONFIGURATION: dict[str, dict[str, Any]] = {
    "accessKey": TEXT | {"secret": True}, "secretKey": TEXT | {"secret": True}, "token": TEXT | {"secret": True},
    "region": TEXT, "profile": TEXT, "roleArn": TEXT, "sharedCredentialsFile": TEXT,
    "allowedAccountIds": {"type": "array", "items": TEXT}, "forbiddenAccountIds": {"type": "array", "items": TEXT},
    "maxRetries": {"type": "integer"}, "maxRetryRateTokens": {"type": "integer"}, "endpoints": {"type": "object", "additionalProperties": TEXT},
    **{name[8].lower() + name[9:]: {"$ref": f"#/types/aws-native:index:{name}"} for name in CONFIGURED},
    **{name: {"type": "boolean"} for name in ("insecure", "s3ForcePathStyle", "skipCredentialsValidation", "skipGetEc2Platforms",
                                              "skipMetadataApiCheck", "skipRegionValidation", "skipRequestingAccountId")},
}
FUNCTIONS = {"getAccountId": "accountId", "getPartition": "partition", "getRegion": "region", "getUrlSuffix": "urlSuffix"}


@functools.cache
def published() -> dict[str, dict[str, Any]]:
    """What the real provider says of its types, by AWS's names of them."""
    return {name: entry for path in PUBLISHED for name, entry in json.loads(path.read_bytes()).items()}


@functools.cache
def types() -> dict[str, str]:
    """AWS's name of every token."""
    return {entry["token"]: name for name, entry in published().items()}


def _schemas() -> pathlib.Path:
    # The package itself takes a second to import.
    found = importlib.util.find_spec("cfnlint")
    assert found is not None and found.origin is not None
    return pathlib.Path(found.origin).parent / "data" / "schemas"


@functools.cache
def _index() -> dict[str, str]:
    return json.loads((_schemas() / "providers" / "us-east-1.json").read_bytes())


@functools.cache
def _corrections() -> dict[str, dict[str, dict[str, Any]]]:
    return {entry["type"]: entry for entry in json.loads(CORRECTIONS.read_bytes())["corrections"]}


def schema_of(type_name: str) -> dict[str, Any]:
    """AWS's schema of a type."""
    schema = json.loads((_schemas() / "resources" / f"{_index()[type_name]}.json").read_bytes())
    correction = _corrections().get(type_name, {})
    for change in ("set", "add", "remove"):
        for pointer, value in correction.get(change, {}).items():
            *parents, last = pointer.split("/")[1:]
            place = schema
            for parent in parents:
                place = place.setdefault(parent, {})
            if change == "set":
                place[last] = value
            elif change == "add":
                place[last] = place.get(last, []) + value
            else:
                place[last] = [each for each in place.get(last, []) if each not in value]
    return schema


@dataclasses.dataclass
class Shape:
    """What a value must look like. What is `any` is a document whose names nobody translates; `label` is what the provider calls an object."""

    kind: str
    label: str = ""
    fields: dict[str, tuple[str, Shape]] = dataclasses.field(default_factory=dict)
    required: list[str] = dataclasses.field(default_factory=list)
    items: Shape | None = None


class ResourceType:
    """A type of resources: its names both ways, and what its schema says of its properties."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name
        entry = published()[type_name]
        self.token: str = entry["token"]
        self.naming: dict[str, Any] = entry.get("autoNamingSpec") or {}
        self.tags: str = entry.get("tagsProperty") or ""
        self.tags_style: str = entry.get("tagsStyle") or ""
        self._names: dict[str, str] = entry["names"]
        self._schema = schema_of(type_name)
        self._shapes: dict[int, Shape] = {}
        self.read_only, self.write_only, self.create_only, self.identifier = (
            self._paths(keyword) for keyword in ("readOnlyProperties", "writeOnlyProperties", "createOnlyProperties", "primaryIdentifier"))
        self.shape = Shape("object")
        self._fill(self.shape, [self._schema], "", top=True)
        self.shape.required = [name for name in self.shape.required if (name,) not in self.read_only and name != self.naming.get("sdkName")]

    def _name(self, aws: str, top: bool) -> str | None:
        if aws == "Id":
            # Pulumi's own `id` is the identifier of the resource.
            return "awsId" if top else "id"
        return self._names.get(aws)

    def _paths(self, keyword: str) -> list[tuple[str, ...]]:
        """The paths of a keyword of the schema, in SDK names and without the steps into arrays."""
        found = []
        for pointer in self._schema.get(keyword, []):
            steps = [step for step in pointer.split("/")[2:] if step != "*"]
            names = [self._name(step, top=number == 0) for number, step in enumerate(steps)]
            if None not in names:
                found.append(tuple(name for name in names if name is not None))
        return found

    def _resolve(self, part: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """A part with its reference followed, and the name of the definition."""
        label = ""
        while "$ref" in part:
            label = part["$ref"].split("/")[-1]
            found: Any = self._schema
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part, label

    def _of(self, part: dict[str, Any], where: str) -> Shape:
        """The shape of a part of the schema; `where` is how the provider calls a type that has no name there."""
        part, label = self._resolve(part)
        if id(part) in self._shapes:
            return self._shapes[id(part)]
        branches = [branch for word in ("anyOf", "oneOf", "allOf") for branch in part.get(word, [])]
        kinds = {part["type"]} if isinstance(part.get("type"), str) else set(part.get("type", []))
        if not kinds and "properties" in part:
            kinds = {"object"}
        if not kinds:
            typed = [shape for shape in (self._of(branch, where) for branch in branches) if shape.kind != "any"]
            return typed[0] if len({shape.kind for shape in typed}) == 1 else Shape("any")
        if len(kinds) > 1:
            return Shape("string") if "string" in kinds and kinds != {"object", "string"} else Shape("any")
        (kind,) = kinds
        if kind == "array":
            return Shape("array", items=self._of(part["items"], f"{where}Item") if isinstance(part.get("items"), dict) else Shape("any"))
        if kind != "object":
            return Shape(kind if kind in SCALARS else "any")
        shape = self._shapes[id(part)] = Shape("object", label or where)
        self._fill(shape, [part, *(self._resolve(branch)[0] for branch in branches)], shape.label)
        patterns = list(part.get("patternProperties", {}).values())
        if not shape.fields and patterns:
            shape.kind, shape.items = "map", self._of(patterns[0], f"{shape.label}Value")
        elif not shape.fields:
            shape.kind = "any"
        return shape

    def _fill(self, shape: Shape, parts: list[dict[str, Any]], where: str, top: bool = False) -> None:
        for part in parts:
            for aws, inner in (part.get("properties") or {}).items():
                name = self._name(aws, top)
                if name is not None and name not in shape.fields:
                    shape.fields[name] = (aws, self._of(inner, f"{where.removesuffix('Properties')}{aws}Properties"))
        required = [self._name(aws, top) for aws in parts[0].get("required", [])]
        shape.required = sorted(name for name in required if name in shape.fields)

    def to_aws(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Properties in AWS's names."""
        return _translated(self.shape, inputs, back=False)

    def to_sdk(self, properties: dict[str, Any]) -> dict[str, Any]:
        """Properties in SDK names."""
        return _translated(self.shape, properties, back=True)

    def always_sent(self) -> list[str]:
        """Properties that an update must repeat: nobody can read them, and they may change."""
        fixed = {path[0] for path in self.create_only if len(path) == 1}
        return sorted({path[0] for path in self.write_only} - fixed)

    def faults(self, inputs: dict[str, Any], unknown: str) -> list[tuple[str, str]]:
        """What is wrong with inputs: path and reason. A value that is `unknown` may be anything."""
        return list(self._faults(self.shape, inputs, "", (), unknown))

    def _faults(self, shape: Shape, value: Any, path: str, names: tuple[str, ...], unknown: str) -> Any:
        if value == unknown or shape.kind == "any":
            return
        if shape.kind in SCALARS:
            fits = isinstance(value, SCALARS[shape.kind]) and (shape.kind == "boolean") == isinstance(value, bool)
            if not fits:
                yield path, f"{path} must be {'an' if shape.kind == 'integer' else 'a'} {'bool' if shape.kind == 'boolean' else shape.kind}"
        elif not isinstance(value, list if shape.kind == "array" else dict):
            yield path, f"{path} must be {'an array' if shape.kind == 'array' else 'an object'}"
        elif shape.kind == "array":
            for number, item in enumerate(value):
                yield from self._faults(shape.items or Shape("any"), item, f"{path}[{number}]", names, unknown)
        elif shape.kind == "map":
            for key, item in value.items():
                yield from self._faults(shape.items or Shape("any"), item, f"{path}.{key}", (*names, key), unknown)
        else:
            for key, item in value.items():
                at = f"{path}.{key}" if path else key
                if key not in shape.fields:
                    yield at, f"unknown property {at}"
                elif (*names, key) in self.read_only:
                    yield at, f"{at} is read-only"
                else:
                    yield from self._faults(shape.fields[key][1], item, at, (*names, key), unknown)
            for key in shape.required:
                at = f"{path}.{key}" if path else key
                if key not in value and (*names, key) not in self.read_only:
                    yield at, f"missing required property {at}"


def _translated(shape: Shape, value: Any, back: bool) -> Any:
    """A value in the other names. Going back, what has no name is left out."""
    if shape.kind == "object" and isinstance(value, dict):
        known = {aws: (name, inner) for name, (aws, inner) in shape.fields.items()} if back else shape.fields
        return {known[key][0]: _translated(known[key][1], item, back) for key, item in value.items() if key in known}
    if shape.kind == "map" and isinstance(value, dict) and shape.items:
        return {key: _translated(shape.items, item, back) for key, item in value.items()}
    if shape.kind == "array" and isinstance(value, list) and shape.items:
        return [_translated(shape.items, item, back) for item in value]
    return value


@functools.cache
def of_token(token: str) -> ResourceType:
    """The type of a token."""
    return ResourceType(types()[token])


def package_schema() -> dict[str, Any]:
    """The package schema."""
    nested: dict[str, Any] = {f"aws-native:index:{name}": {"type": "object", "properties": fields} for name, fields in CONFIGURED.items()}
    resources = {}
    for token in sorted(types()):
        kind = of_token(token)
        taken: dict[int, str] = {}
        every = {name: _specification(shape, token, nested, taken) for name, (_, shape) in kind.shape.fields.items()}
        every |= {path[0]: every[path[0]] | {"secret": True} for path in kind.write_only if len(path) == 1}
        inputs = {name: part for name, part in every.items() if (name,) not in kind.read_only}
        always = [name for name in every if (name,) in kind.read_only or name in kind.shape.required]
        resources[token] = {"properties": every, "required": always, "inputProperties": inputs, "requiredInputs": kind.shape.required}
    functions = {f"aws-native:index:{name}": {"outputs": {"properties": {output: TEXT}, "required": [output]}} for name, output in FUNCTIONS.items()}
    return {"name": "aws-native", "version": VERSION, "meta": {"moduleFormat": "(.*)"}, "config": {"variables": CONFIGURATION},
            "provider": {"inputProperties": CONFIGURATION}, "resources": resources, "types": nested, "functions": functions}


def _specification(shape: Shape, token: str, nested: dict[str, Any], taken: dict[int, str]) -> dict[str, Any]:
    """A shape as Pulumi describes types. Types of objects go to `nested`; `taken` has those of this resource."""
    if shape.kind in ("array", "map"):
        items = _specification(shape.items or Shape("any"), token, nested, taken)
        return {"type": "array", "items": items} if shape.kind == "array" else {"type": "object", "additionalProperties": items}
    if shape.kind != "object":
        return ANY if shape.kind == "any" else {"type": shape.kind}
    if id(shape) not in taken:
        name = f"{token}{shape.label}"
        while name in nested:
            name += "Type"
        taken[id(shape)] = name
        fields: dict[str, Any] = {}
        nested[name] = {"type": "object", "properties": fields, "required": shape.required}
        fields.update({field: _specification(inner, token, nested, taken) for field, (_, inner) in shape.fields.items()})
    return {"$ref": f"#/types/{taken[id(shape)]}"}
