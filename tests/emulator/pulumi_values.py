"""Values as the Pulumi engine sends them: marks of secrets and of unknown values, paths into them, and what differs between two of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf import json_format, struct_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
Path = tuple[str | int, ...]
STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[\]]+)')


def of_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A message as a map."""
    return json_format.MessageToDict(struct)


def to_struct(value: dict[str, Any]) -> struct_pb2.Struct:
    """A map as a message."""
    return json_format.ParseDict(value, struct_pb2.Struct())


def plain(value: Any) -> Any:
    """A value without its marks; an unknown one is UNKNOWN, and a number without a fraction is an integer."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return plain(value.get("value"))
        if value.get(SIGNATURE) == OUTPUT:
            return plain(value["value"]) if "value" in value else UNKNOWN
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def without_nulls(value: Any) -> Any:
    """A value without what is null at any depth: that is how a program leaves something out."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value if inner is not None] if isinstance(value, list) else value


def secret(value: Any) -> Any:
    """A value marked as secret."""
    return value if _is_secret(value) else {SIGNATURE: SECRET, "value": value}


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and (value.get(SIGNATURE) == SECRET or (value.get(SIGNATURE) == OUTPUT and bool(value.get("secret"))))


def secrets(value: dict[str, Any]) -> set[str]:
    """The properties in which something is marked as secret."""
    return {name for name, inner in value.items() if _has_secret(inner)}


def _has_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return _is_secret(value) or any(_has_secret(inner) for inner in value.values())
    return isinstance(value, list) and any(_has_secret(inner) for inner in value)


def hide(value: Any, path: tuple[str, ...]) -> Any:
    """A value with what is at a path marked as secret. The path has no steps into arrays: it goes into every element."""
    if _is_secret(value) or (not path and value is None):
        return value
    if not path:
        return secret(value)
    if isinstance(value, list):
        return [hide(inner, path) for inner in value]
    if isinstance(value, dict) and path[0] in value:
        return value | {path[0]: hide(value[path[0]], path[1:])}
    return value


def put(value: Any, path: tuple[str, ...], content: Any) -> Any:
    """A value with a content at a path, in every element of arrays. What is above must be there."""
    if isinstance(value, list):
        return [put(inner, path, content) for inner in value]
    if not isinstance(value, dict) or (len(path) > 1 and path[0] not in value):
        return value
    return value | {path[0]: content if len(path) == 1 else put(value[path[0]], path[1:], content)}


def drop(value: Any, path: tuple[str, ...]) -> Any:
    """A value without what is at a path, in every element of arrays."""
    if isinstance(value, list):
        return [drop(inner, path) for inner in value]
    if not isinstance(value, dict) or path[0] not in value:
        return value
    rest = {key: inner for key, inner in value.items() if key != path[0]}
    return rest if len(path) == 1 else rest | {path[0]: drop(value[path[0]], path[1:])}


def has(value: Any, path: tuple[str, ...]) -> bool:
    """Tells whether something is at a path, in any element of arrays."""
    if isinstance(value, list):
        return any(has(inner, path) for inner in value)
    return not path or (isinstance(value, dict) and path[0] in value and has(value[path[0]], path[1:]))


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """The least parts that differ: path, old, new. What is absent is None."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from differences(old.get(key), new.get(key), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for number in range(max(len(old), len(new))):
            pair = (values[number] if number < len(values) else None for values in (old, new))
            yield from differences(*pair, (*path, number))
    elif type(old) is not type(new) or old != new:
        yield path, old, new


def follow(value: Any, old: Any, new: Any) -> Any:
    """A value with the differences from `old` to `new` made in it as well."""
    if old == new:
        return value
    if isinstance(value, dict) and isinstance(old, dict) and isinstance(new, dict):
        result = dict(value)
        for key in old.keys() | new.keys():
            if key not in new:
                result.pop(key, None)
            elif key not in old or old[key] != new[key]:
                result[key] = follow(value.get(key), old.get(key), new[key])
        return result
    if isinstance(value, list) and isinstance(old, list) and isinstance(new, list) and len(value) == len(old) == len(new):
        return [follow(*three) for three in zip(value, old, new)]
    return new


def shown(path: Path) -> str:
    """A path as Pulumi writes it: `a.b[0]["c.d"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.search(r'[.\[\]"]', step):
            text += '["' + step.replace("\\", "\\\\").replace('"', '\\"') + '"]'
        else:
            text += f".{step}" if text else step
    return text


def steps(text: str) -> Path:
    """A path that Pulumi wrote; `*` stands for everything."""
    return tuple(re.sub(r"\\(.)", r"\1", quoted) if quoted else name or (number if number == "*" else int(number))
                 for quoted, number, name in STEP.findall(text))


def restored(old: Any, new: Any, path: Path) -> Any:
    """The new value with what a path names as it was in the old one."""
    if not path:
        return old
    if path[0] == "*":
        keys: list[Any] = sorted(old.keys() | new.keys()) if isinstance(old, dict) and isinstance(new, dict) else []
        keys = list(range(min(len(old), len(new)))) if isinstance(old, list) and isinstance(new, list) else keys
        for key in keys:
            new = restored(old, new, (key, *path[1:]))
        return new
    step = path[0]
    if isinstance(new, dict) and isinstance(step, str):
        before = old if isinstance(old, dict) else {}
        if step in before and (step in new or len(path) == 1):
            return new | {step: restored(before[step], new.get(step), path[1:])}
        return {key: value for key, value in new.items() if key != step} if len(path) == 1 else new
    if isinstance(new, list) and isinstance(old, list) and isinstance(step, int) and step < min(len(old), len(new)):
        return [restored(old[step], inner, path[1:]) if number == step else inner for number, inner in enumerate(new)]
    return new
