"""What AWS's resource schemas say of a type (cfn-lint's copies, with the corrections of panka's catalog), and the check of properties."""

from __future__ import annotations

import copy
import functools
import importlib.resources
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import regex
from jsonschema import Draft7Validator, ValidationError, validators

CORRECTIONS = pathlib.Path(__file__).parents[2] / "catalog" / "corrections.json"

Properties = dict[str, Any]
Path = tuple[str, ...]  # steps below the top; `*` is any element of an array, or any key of a map


class Invalid(Exception):
    """Properties that a schema refuses; the text is AWS's."""


class Schema:
    """One resource type."""

    def __init__(self, name: str, document: dict[str, Any]) -> None:
        self.name = name
        self.document = document
        self.handlers: dict[str, Any] = document.get("handlers", {})
        self.identifier = [".".join(path) for path in self._paths("primaryIdentifier")]
        self.read_only = self._paths("readOnlyProperties")
        self.write_only = self._paths("writeOnlyProperties")
        self.create_only = self._paths("createOnlyProperties")
        self._validator = _Validator(document)

    def _paths(self, keyword: str) -> list[Path]:
        return [tuple("*" if step == "items" else step for step in pointer.split("/")[2:] if step != "properties")
                for pointer in self.document.get(keyword, [])]

    def check(self, properties: Properties) -> None:
        """Raises Invalid with everything that is wrong, in AWS's wording."""
        errors = sorted(self._validator.iter_errors(properties), key=lambda error: [str(step) for step in error.absolute_path])
        if errors:
            raise Invalid(f"Model validation failed ({chr(10).join(line for error in errors for line in _lines(error))})")

    def predicted(self, properties: Properties) -> str:
        """The identifier that properties will have, where all its parts are named by them; else nothing."""
        parts = [properties.get(name) for name in self.identifier]
        return "|".join(str(part) for part in parts) if all(parts) else ""

    def part(self, path: Path) -> dict[str, Any]:
        """The part of the schema that a path names; the empty one where the schema says nothing."""
        part: dict[str, Any] = self.document
        for step in path:
            part = self._resolve(part)
            part = part.get("items", {}) if step == "*" else part.get("properties", {}).get(step, {})
        return self._resolve(part)

    def kind(self, path: Path) -> str:
        """The JSON type of a path: the first where several are allowed, and nothing where none is named."""
        kind = self.part(path).get("type", "")
        return kind if isinstance(kind, str) else kind[0]

    def _resolve(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            found: Any = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part

    def shaped(self, path: Path, value: Any) -> Any:
        """A value in the types of the schema: the services keep numbers and truths as texts, and documents too."""
        part = self.part(path)
        kind = self.kind(path)
        match kind, value:
            case "array", list():
                return [self.shaped((*path, "*"), each) for each in value]
            case "array", dict() if part.get("items") is not None and self.part((*path, "*")).get("properties", {}).keys() >= {"Key", "Value"}:
                return [{"Key": key, "Value": each} for key, each in sorted(value.items())]
            case "object", dict():
                known = part.get("properties", {})
                return {key: self.shaped((*path, key), each) if key in known else each for key, each in value.items()}
            case "object", list() if all(isinstance(each, dict) and "Key" in each for each in value):
                return {each["Key"]: each.get("Value", "") for each in value}
            case _, str() if "object" in (part.get("type") or ()) and value.startswith("{"):
                return document(value)
            case ("integer" | "number"), str():
                return int(value) if value.lstrip("-").isdigit() else float(value)
            case "boolean", str():
                return value.lower() == "true"
            case "string", bool():
                return str(value).lower()
            case "string", int() | float():
                return str(value)
            case _:
                return value


def without(properties: Properties, paths: list[Path]) -> Properties:
    """A copy that lacks the values of some paths; an object of which nothing is left goes with them."""
    properties = copy.deepcopy(properties)
    for path in paths:
        _remove(properties, path)
    return properties


def _remove(value: Any, path: Path) -> None:
    step, rest = path[0], path[1:]
    if isinstance(value, list) and step == "*":
        for each in value:
            _remove(each, rest)
    elif isinstance(value, dict) and step in value:
        if rest:
            _remove(value[step], rest)
        if not rest or value[step] == {}:
            del value[step]


def values(properties: Any, path: Path) -> Iterator[Any]:
    """Every value that a path names."""
    if not path:
        yield properties
    elif isinstance(properties, list) and path[0] == "*":
        for each in properties:
            yield from values(each, path[1:])
    elif isinstance(properties, dict) and path[0] in properties:
        yield from values(properties[path[0]], path[1:])


def document(value: Any) -> Any:
    """A policy or the like that is kept as a text, read; anything else as it is."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            pass
    return value


def pointer(path: Path) -> str:
    return "/properties/" + "/".join(path)


@functools.cache
def of_type(name: str) -> Schema | None:
    """The schema of a type; none for one that AWS does not have."""
    digest = _index().get(name)
    if digest is None:
        return None
    document = json.loads(_data("resources", f"{digest}.json"))
    for correction in json.loads(CORRECTIONS.read_text())["corrections"]:
        if correction["type"] == name:
            _correct(document, correction)
    return Schema(name, document)


@functools.cache
def _index() -> dict[str, str]:
    return json.loads(_data("providers", "us-east-1.json"))


def _data(folder: str, name: str) -> str:
    return (importlib.resources.files("cfnlint") / "data" / "schemas" / folder / name).read_text()


def _correct(document: dict[str, Any], correction: dict[str, Any]) -> None:
    for where, value in correction.get("set", {}).items():
        place, last = _place(document, where)
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    for where, added in correction.get("add", {}).items():
        place, last = _place(document, where)
        place[last] = place.get(last, []) + added
    for where, removed in correction.get("remove", {}).items():
        place, last = _place(document, where)
        place[last] = [each for each in place.get(last, []) if each not in removed]


def _place(document: dict[str, Any], where: str) -> tuple[dict[str, Any], str]:
    *parents, last = where.split("/")[1:]
    for parent in parents:
        document = document.setdefault(parent, {})
    return document, last


# The check. The schemas are draft 7 with some keywords of cfn-lint's own, and their patterns are Java's, which `re` does not read.


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)


def _pattern_properties(validator: Any, patterns: dict[str, Any], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    for pattern, part in patterns.items() if isinstance(instance, dict) else ():
        for name, value in instance.items():
            if _compiled(pattern).search(name):
                yield from validator.descend(value, part, path=name, schema_path=pattern)


def _additional(validator: Any, allowed: Any, instance: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    for name in sorted(instance) if isinstance(instance, dict) else ():
        known = name in schema.get("properties", {}) or any(_compiled(each).search(name) for each in schema.get("patternProperties", {}))
        if known:
            continue
        if isinstance(allowed, dict):
            yield from validator.descend(instance[name], allowed, path=name)
        elif not allowed:
            yield ValidationError(f"extraneous key [{name}] is not permitted")


def _one_of_names(_validator: Any, names: list[str], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict) and sum(name in instance for name in names) != 1:
        yield ValidationError(f"exactly one of {names} is needed")


def _some_of_names(_validator: Any, names: list[str], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict) and not any(name in instance for name in names):
        yield ValidationError(f"one of {names} is needed")


def _dependent(wanted: bool) -> Any:
    def check(_validator: Any, names: dict[str, list[str]], instance: Any, _schema: Any) -> Iterator[ValidationError]:
        for name, others in names.items() if isinstance(instance, dict) else ():
            for other in others:
                if name in instance and (other in instance) != wanted:
                    yield ValidationError(f"{name} {'needs' if wanted else 'excludes'} {other}")
    return check


def _enum_of_any_case(_validator: Any, names: list[str], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and instance.lower() not in [str(name).lower() for name in names]:
        yield ValidationError(f"{instance} is not a valid enum value")


_Validator: Any = validators.extend(Draft7Validator, {
    "pattern": _pattern, "patternProperties": _pattern_properties, "additionalProperties": _additional, "requiredXor": _one_of_names,
    "requiredOr": _some_of_names, "dependentRequired": _dependent(True), "dependentExcluded": _dependent(False),
    "enumCaseInsensitive": _enum_of_any_case})

_TYPES = {dict: "JSONObject", list: "JSONArray", str: "String", bool: "Boolean", int: "Integer", float: "Double", type(None): "Null"}
_EXPECTED = {"object": "JSONObject", "array": "JSONArray", "string": "String", "boolean": "Boolean", "integer": "Integer", "number": "Number"}


def _lines(error: ValidationError) -> Iterator[str]:
    where = "#" + "".join(f"/{step}" for step in error.absolute_path)
    match error.validator:
        case "required":
            missing = error.message.split("'")[1]
            yield f"{where}: required key [{missing}] not found"
        case "type":
            kinds = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
            yield f"{where}: expected type: {' or '.join(_EXPECTED.get(kind, kind) for kind in kinds)}, found: {_TYPES[type(error.instance)]}"
        case "enum":
            yield f"{where}: {error.instance} is not a valid enum value"
        case "anyOf" | "oneOf" | "allOf":
            yield f"{where}: #: no subschema matched out of the total {len(error.validator_value)} subschemas"
        case "additionalProperties" | "requiredXor" | "requiredOr" | "dependentRequired" | "dependentExcluded" | "enumCaseInsensitive":
            yield f"{where}: {error.message}"
        case keyword:
            yield f"{where}: failed validation constraint for keyword [{keyword}]"
