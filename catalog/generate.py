"""Condenses AWS's published resource schemas into the catalog that panka embeds.

In:  the pinned package cfn-lint (MIT-0), whose data are the schemas of the CloudFormation registry, and
     corrections.json beside this script.
Out: aws-resources.bin, the compressed catalog, and PROVENANCE.md.

    python3 catalog/generate.py            write both files
    python3 catalog/generate.py --check    compare the committed files with what would be written

The comparison is of contents: another zlib may pack the same contents into other bytes.

The file: 8 bytes of magic, the length of the packed index (32 bits, little endian), the index, the groups. The
index is text: facts (`word value`), then for each group `@ packed-length length` followed by `type length` of its
members in order. A group holds the types of one service, up to GROUP_SIZE unpacked, so that reading one type
unpacks little else. A type is one line of canonical JSON.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import importlib.metadata
import importlib.util
import json
import struct
import sys
import zlib
from pathlib import Path
from typing import Any, Iterator

PACKAGE = "cfn-lint"
PACKAGE_VERSION = "1.58.0"
REGION = "us-east-1"
MAGIC = b"PANKACT1"
GROUP_SIZE = 32_000

HERE = Path(__file__).resolve().parent
CATALOG = HERE / "aws-resources.bin"
CORRECTIONS = HERE / "corrections.json"
PROVENANCE = HERE / "PROVENANCE.md"

# Prose, and what only documentation and contract tests read.
PROSE = {"description", "title", "examples", "$comment", "relationshipRef"}
# Keywords whose value maps free names to schemas.
NAMED = {"properties", "patternProperties", "definitions", "$defs"}
# Keywords whose value is data, never a schema.
DATA = {"enum", "enumCaseInsensitive", "const", "default", "required", "dependentRequired", "dependentExcluded"}
# Lists of paths into a value, `*` standing for any item. Stored without the leading `/properties`.
PATHS = [
    "createOnlyProperties",
    "conditionalCreateOnlyProperties",
    "readOnlyProperties",
    "writeOnlyProperties",
    "primaryIdentifier",
    "deprecatedProperties",
]
RULES = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "definitions",
    "dependentExcluded",
    "dependentRequired",
    "oneOf",
    "patternProperties",
    "properties",
    "replacementStrategy",
    "required",
    "requiredOr",
    "requiredXor",
]
TAGGING = ["taggable", "tagProperty", "tagOnCreate", "tagUpdatable", "permissions"]


class Broken(Exception):
    """The input is not what this script was written for."""


def package_data() -> Path:
    """The folder of schemas inside the installed package, at the pinned version."""
    found = importlib.util.find_spec("cfnlint")
    if found is None or found.origin is None:
        raise Broken(f"{PACKAGE} is not installed: pip install {PACKAGE}=={PACKAGE_VERSION}")
    version = importlib.metadata.version(PACKAGE)
    if version != PACKAGE_VERSION:
        raise Broken(f"{PACKAGE} {version} is installed, {PACKAGE_VERSION} is pinned")
    return Path(found.origin).parent / "data" / "schemas"


def published(data: Path) -> dict[str, dict[str, Any]]:
    """Every resource schema of the region, by type name."""
    listed = json.loads((data / "providers" / f"{REGION}.json").read_text())
    schemas: dict[str, dict[str, Any]] = {}
    for name, digest in sorted(listed.items()):
        schema = json.loads((data / "resources" / f"{digest}.json").read_text())
        if schema["typeName"] != name:
            raise Broken(f"{name} is stored as {schema['typeName']}")
        schemas[name] = schema
    return schemas


def strip(node: Any) -> Any:
    """The same schema without prose and without keywords that say nothing."""
    if isinstance(node, list):
        return [strip(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept: dict[str, Any] = {}
    for key, value in node.items():
        if key in NAMED and isinstance(value, dict):
            kept[key] = {name: strip(child) for name, child in value.items()}
        elif key in DATA:
            kept[key] = value
        elif key in PROSE or (key == "insertionOrder" and value is True) or (key == "uniqueItems" and not value):
            continue
        else:
            kept[key] = strip(value)
    return kept


def references(node: Any) -> Iterator[str]:
    """Names of the definitions that a schema refers to."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str) and target.startswith("#/definitions/"):
            yield target.removeprefix("#/definitions/").split("/")[0]
        for value in node.values():
            yield from references(value)


def used_definitions(schema: dict[str, Any]) -> dict[str, Any]:
    """The definitions that can be reached from the properties."""
    definitions = schema.get("definitions", {})
    waiting = list(references({k: v for k, v in schema.items() if k != "definitions"}))
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in used or name not in definitions:
            continue
        used.add(name)
        waiting.extend(references(definitions[name]))
    return {name: definitions[name] for name in sorted(used)}


def value_path(path: str) -> str:
    """`/properties/Endpoint/Address` as a path into the value: `/Endpoint/Address`."""
    steps = path.removeprefix("/").split("/")
    if steps[0] != "properties":
        raise Broken(f"path {path!r} does not start at /properties")
    return "/" + "/".join(steps[1:])


def condense(schema: dict[str, Any]) -> dict[str, Any]:
    """What panka keeps of one schema."""
    kept = {key: strip({key: schema[key]})[key] for key in RULES if key in schema}
    if definitions := used_definitions(kept):
        kept["definitions"] = definitions
    else:
        kept.pop("definitions", None)
    for key in PATHS:
        if paths := schema.get(key):
            kept[key] = [value_path(path) for path in paths]
    if identifiers := schema.get("additionalIdentifiers"):
        kept["additionalIdentifiers"] = [
            [value_path(path) for path in ([paths] if isinstance(paths, str) else paths)] for paths in identifiers
        ]
    if transforms := schema.get("propertyTransform"):
        kept["propertyTransform"] = {value_path(path): rule for path, rule in transforms.items()}
    if handlers := schema.get("handlers"):
        kept["handlers"] = {
            operation: {key: handler[key] for key in ("permissions", "timeoutInMinutes") if key in handler}
            for operation, handler in handlers.items()
        }
    tagging = schema.get("tagging")
    if isinstance(tagging, dict):
        kept["tagging"] = {key: tagging[key] for key in TAGGING if key in tagging}
        if "tagProperty" in tagging:
            kept["tagging"]["tagProperty"] = value_path(tagging["tagProperty"])
    elif "taggable" in schema:
        kept["tagging"] = {"taggable": schema["taggable"]}
    return kept


def correct(schema: dict[str, Any], entry: dict[str, Any]) -> None:
    """Applies one entry of corrections.json to the schema that cfn-lint carries.

    `set` replaces the value at a JSON pointer, `add` and `remove` treat the list there as a set. An entry that
    changes nothing is refused: it has outlived its reason.
    """
    before = copy.deepcopy(schema)
    for pointer, value in entry.get("set", {}).items():
        holder, key = locate(schema, pointer)
        if value is None:
            holder.pop(key, None)
        else:
            holder[key] = copy.deepcopy(value)
    for pointer, values in entry.get("add", {}).items():
        holder, key = locate(schema, pointer)
        holder[key] = holder.get(key, []) + [value for value in values if value not in holder.get(key, [])]
    for pointer, values in entry.get("remove", {}).items():
        holder, key = locate(schema, pointer)
        holder[key] = [value for value in holder.get(key, []) if value not in values]
    if schema == before:
        raise Broken(f"a correction of {entry['type']} changes nothing: {entry['reason']}")


def locate(schema: dict[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
    """The map that holds the last step of a JSON pointer, and that step."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    node = schema
    for step in steps[:-1]:
        node = node.setdefault(step, {})
    return node, steps[-1]


def corrected(schemas: dict[str, dict[str, Any]]) -> int:
    """Applies all corrections; returns their number."""
    entries = json.loads(CORRECTIONS.read_text())["corrections"]
    for entry in entries:
        if not entry.get("reason"):
            raise Broken(f"a correction of {entry['type']} gives no reason")
        if entry["type"] not in schemas:
            raise Broken(f"a correction names the unknown type {entry['type']}")
        correct(schemas[entry["type"]], entry)
    return len(entries)


def canonical(schema: dict[str, Any]) -> bytes:
    """One line of JSON, the same for the same schema."""
    return json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def groups(lines: dict[str, bytes]) -> Iterator[list[str]]:
    """Type names in order, cut into groups of one service."""
    group: list[str] = []
    size = 0
    for name in sorted(lines):
        same = bool(group) and group[-1].split("::")[:2] == name.split("::")[:2]
        if group and (not same or size + len(lines[name]) > GROUP_SIZE):
            yield group
            group, size = [], 0
        group.append(name)
        size += len(lines[name])
    if group:
        yield group


def deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return packer.compress(data) + packer.flush()


def digest_of(lines: dict[str, bytes]) -> str:
    """SHA-256 over the names and contents of all types."""
    whole = hashlib.sha256()
    for name in sorted(lines):
        whole.update(name.encode() + b"\n" + lines[name])
    return whole.hexdigest()


def pack(lines: dict[str, bytes], schema_date: str) -> bytes:
    """The bytes of the catalog."""
    index = [
        f"digest {digest_of(lines)}",
        f"source {PACKAGE} {PACKAGE_VERSION}",
        f"date {schema_date}",
        f"region {REGION}",
    ]
    body = []
    for group in groups(lines):
        whole = b"".join(lines[name] for name in group)
        packed = deflate(whole)
        body.append(packed)
        index.append(f"@ {len(packed)} {len(whole)}")
        index.extend(f"{name} {len(lines[name])}" for name in group)
    packed_index = deflate("\n".join(index).encode() + b"\n")
    return MAGIC + struct.pack("<I", len(packed_index)) + packed_index + b"".join(body)


def unpack(catalog: bytes) -> tuple[list[str], dict[str, bytes]]:
    """The facts and the types of a packed catalog."""
    if catalog[:8] != MAGIC:
        raise Broken("not a catalog")
    (size,) = struct.unpack("<I", catalog[8:12])
    at = 12 + size
    facts: list[str] = []
    lines: dict[str, bytes] = {}
    group = b""
    for line in zlib.decompress(catalog[12:at], -15).decode().splitlines():
        word, rest = line.split(" ", 1)
        if word == "@":
            packed, _ = map(int, rest.split())
            group = zlib.decompress(catalog[at : at + packed], -15)
            at += packed
        elif "::" in word:
            lines[word], group = group[: int(rest)], group[int(rest) :]
        else:
            facts.append(line)
    return facts, lines


def provenance(lines: dict[str, bytes], schema_date: str, corrections: int) -> str:
    """The text of PROVENANCE.md."""
    return f"""# Where the catalog comes from

`aws-resources.bin` holds the resource schemas of {len(lines):,} AWS types, condensed and compressed.
Written by `generate.py`; do not edit.

| | |
|---|---|
| source | the resource schemas that AWS publishes for the CloudFormation registry, as carried by the Python package `{PACKAGE}` {PACKAGE_VERSION} |
| region | {REGION} |
| date of the schemas | {schema_date} |
| licence | MIT No Attribution (MIT-0), Copyright Amazon.com, Inc. or its affiliates. All Rights Reserved. |
| corrections | {corrections}, each with its reason, in `corrections.json` |
| SHA-256 of the contents | `{digest_of(lines)}` |

Left out: descriptions and other prose, definitions that nothing uses, type configuration, handler schemas.

To renew: install the package at a newer version, change the pin in `generate.py`, run
`python3 catalog/generate.py`, and read what the test `the_catalog_agrees_with_the_registry` says.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    arguments = parser.parse_args()

    data = package_data()
    schemas = published(data)
    corrections = corrected(schemas)
    lines = {name: canonical(condense(schema)) for name, schema in schemas.items()}
    schema_date = json.loads((data / "version.json").read_text())["schema_date"]
    catalog = pack(lines, schema_date)
    text = provenance(lines, schema_date, corrections)

    if not arguments.check:
        CATALOG.write_bytes(catalog)
        PROVENANCE.write_text(text)
        print(f"{len(lines)} types, {len(catalog)} bytes, digest {digest_of(lines)[:12]}")
        return 0

    facts, committed = unpack(CATALOG.read_bytes())
    differing = sorted(
        name for name in lines.keys() | committed.keys() if lines.get(name) != committed.get(name)
    )
    for name in differing:
        print(f"{name} differs", file=sys.stderr)
    stale = bool(differing) or facts != unpack(catalog)[0] or PROVENANCE.read_text() != text
    print("stale: run python3 catalog/generate.py" if stale else "fresh")
    return 1 if stale else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as broken:
        print(f"generate.py: {broken}", file=sys.stderr)
        sys.exit(2)
