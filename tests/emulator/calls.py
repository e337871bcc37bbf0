"""What a request asks for: account, region, service, operation, resource and key, read from the request alone."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from emulator import schemas

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/[^/]*/([^/]*)/([^/]*)/aws4_request")

# Services whose name in signatures is not the name of their model.
MODELS = {"elasticfilesystem": "efs", "execute-api": "apigateway", "ses": "sesv2"}

# What a JSON request may name as the thing that it is about, in order.
RESOURCES = ("TableName", "TypeName", "Name", "QueueUrl", "FunctionName")

# Headers and JSON fields that tests ask about; bodies are not kept.
FACTS = ("if-match", "if-none-match", "user-agent", "x-amz-checksum-crc32", "x-amz-server-side-encryption",
         "x-amz-server-side-encryption-aws-kms-key-id")
JSON_FACTS = ("ClientToken", "RequestToken", "TypeName", "Identifier", "ConsistentRead", "ConditionExpression", "UpdateExpression",
              "ReturnValuesOnConditionCheckFailure")


@dataclass(frozen=True)
class Call:
    """A request, as tests name it."""

    account: str
    region: str
    service: str
    operation: str
    resource: str  # bucket, table, type
    key: str  # object key; first key value of an item; identifier
    protocol: str  # json, query, rest-xml or rest-json
    method: str
    path: str
    facts: dict[str, Any] = field(default_factory=dict)


def recognise(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Call:
    """The call behind an HTTP request; header names are in lower case."""
    parameters = parse_qs(query, keep_blank_values=True)
    signed = CREDENTIAL.search(headers.get("authorization", "")) or CREDENTIAL.search("Credential=" + parameters.get("X-Amz-Credential", [""])[0])
    account, region, service = signed.groups() if signed else ("", "", "")
    facts: dict[str, Any] = {name: headers[name] for name in FACTS if name in headers}
    resource = key = ""
    target = headers.get("x-amz-target", "")
    if target:
        protocol, operation = "json", target.rsplit(".", 1)[-1]
        request = _json_object(body)
        facts |= {name: request[name] for name in JSON_FACTS if name in request}
        resource = next((request[name] for name in RESOURCES if isinstance(request.get(name), str)), "")
        key = request.get("Identifier") or _predicted(operation, request) or _item_key(request)
    # An object may be of any type, a form's as well.
    elif service != "s3" and (headers.get("content-type", "").startswith("application/x-www-form-urlencoded") or "Action" in parameters):
        fields = parse_qs(body.decode("utf-8", "replace")) | parameters
        protocol, operation = "query", fields.get("Action", [""])[0]
    else:
        protocol = "rest-xml" if service in ("s3", "cloudfront", "route53") else "rest-json"
        operation = _operation(service, method, path, parameters, headers)
        if service == "s3":
            resource, _, key = path.lstrip("/").partition("/")
    return Call(account, region, service, operation, resource, key, protocol, method, path, facts)


def _json_object(body: bytes | str) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _predicted(operation: str, request: dict[str, Any]) -> str:
    """The identifier that a Cloud Control create will have, where its properties name it."""
    schema = schemas.of_type(request.get("TypeName", "")) if operation == "CreateResource" else None
    return schema.predicted(_json_object(request.get("DesiredState", ""))) if schema else ""


def _item_key(request: dict[str, Any]) -> str:
    """The lockKey of a DynamoDB item, or the one text among its keys."""
    item = request.get("Key") or request.get("Item") or {}
    value = item.get("lockKey") or next((value for value in item.values() if isinstance(value, dict) and "S" in value), {})
    return value.get("S", "") if isinstance(value, dict) else ""


@dataclass(frozen=True)
class _Route:
    name: str
    method: str
    path: re.Pattern[str]
    literal: tuple[tuple[str, str], ...]  # of the query
    needed: tuple[str, ...]  # names in the query
    headers: tuple[str, ...]
    deprecated: bool

    def fits(self, method: str, path: str, parameters: dict[str, list[str]], headers: dict[str, str]) -> bool:
        literal = all(name in parameters and (not value or value in parameters[name]) for name, value in self.literal)
        needed = all(name in parameters for name in self.needed) and all(name in headers for name in self.headers)
        return self.method == method and literal and needed and self.path.fullmatch(path) is not None


def _operation(service: str, method: str, path: str, parameters: dict[str, list[str]], headers: dict[str, str]) -> str:
    """The name of the operation of a REST request: of those whose route fits, the one that asks for most."""
    plain = path.rstrip("/") if service == "s3" and path.count("/") == 2 and path.endswith("/") else path
    fitting = [route for route in _routes(service) if route.fits(method, plain or "/", parameters, headers)]
    if not fitting:
        return f"{method} {path}"
    said = parameters.get("x-id", [""])[0]
    score = lambda route: (route.name == said, len(route.literal) + len(route.needed) + len(route.headers), not route.deprecated, -len(route.name))  # noqa: E731
    return max(fitting, key=score).name


@functools.cache
def _routes(service: str) -> tuple[_Route, ...]:
    try:
        model = Loader().load_service_model(MODELS.get(service, service), "service-2")
    except UnknownServiceError:
        return ()
    return tuple(_route(name, operation, model["shapes"]) for name, operation in model["operations"].items())


def _route(name: str, operation: dict[str, Any], shapes: dict[str, Any]) -> _Route:
    path, _, query = operation["http"]["requestUri"].partition("?")
    pattern = "".join(
        re.escape(part) if index % 2 == 0 else "(.+)" if part.endswith("+") else "([^/]+)"
        for index, part in enumerate(re.split(r"\{([^}]+)\}", path or "/"))
    )
    shape = shapes[operation["input"]["shape"]] if "input" in operation else {}
    members = {member: shape["members"][member] for member in shape.get("required", [])}
    located = lambda place: tuple(member["locationName"] for member in members.values() if member.get("location") == place)  # noqa: E731
    literal = tuple((pair.partition("=")[0], pair.partition("=")[2]) for pair in query.split("&") if pair and not pair.startswith("x-id="))
    return _Route(name, operation["http"]["method"], re.compile(pattern), literal, located("querystring"),
                  tuple(header.lower() for header in located("header")), operation.get("deprecated", False))
