"""Cloud Control as AWS has it, in the place of MiniStack's, which is a dictionary: requests that are checked, run by themselves, and end as events.

Wording, and which checks come before acceptance: as seen of AWS in public reports for the refusal of properties and patches, assumed elsewhere.
Deviations: schemas are those of us-east-1 in every region; a request begins at once, so that PENDING is never seen; hooks and `TypeVersionId` are
not known; lists bring identifiers only, as the poorest list handlers of AWS do.
"""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import sys
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import jsonpatch
from jsonpointer import JsonPointerException

from emulator import resources, scaling, schemas, stores, supplements
from emulator.resources import Failed, Resource
from emulator.rules import FAULT, Fault
from emulator.schemas import Properties, Schema

FINISHED = ("SUCCESS", "FAILED", "CANCEL_COMPLETE")
PAGE = 20


class Refused(Exception):
    """A request that is not accepted."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Request:
    """A request that was accepted."""

    event: dict[str, Any]
    key: str  # of the resource that it works on, where that is known
    fault: Fault
    client_token: str | None
    body: str  # digest of the operation and what it asks for
    task: asyncio.Task[None] | None = None
    begun: bool = False

    @property
    def finished(self) -> bool:
        return self.event["OperationStatus"] in FINISHED


class CloudControl:
    """The service. Its maps are scoped by account and region, as MiniStack's are."""

    def __init__(self) -> None:
        from ministack.core.responses import AccountRegionScopedDict

        self.resources: Any = AccountRegionScopedDict()  # type and identifier -> Resource
        self.requests: Any = AccountRegionScopedDict()  # request token -> Request
        self.tokens: Any = AccountRegionScopedDict()  # client token -> Request
        self.running: Any = AccountRegionScopedDict()  # type and identifier -> Request
        self.operations: dict[str, Callable[[Properties], Properties]] = {
            "CreateResource": self.create, "UpdateResource": self.update, "DeleteResource": self.delete, "GetResource": self.get,
            "ListResources": self.list, "GetResourceRequestStatus": self.status, "ListResourceRequests": self.list_requests,
            "CancelResourceRequest": self.cancel}

    def reset(self) -> None:
        for each in (self.resources, self.requests, self.tokens, self.running):
            each.clear()
        scaling.service().reset()

    async def handle_request(self, _method: str, _path: str, headers: dict[str, str], body: bytes, _query: Any) -> Any:
        from ministack.core.responses import error_response_json, json_response

        name = headers.get("x-amz-target", "").split(".")[-1]
        try:
            if name not in self.operations:
                raise Refused("UnknownOperationException", f"Unknown operation: {name}")
            return json_response(self.operations[name](json.loads(body or b"{}")))
        except Refused as refused:
            return error_response_json(refused.code, str(refused), 400)
        except ValueError as error:
            return error_response_json("SerializationException", str(error), 400)

    # Requests that change something.

    def create(self, given: Properties) -> Properties:
        desired = _json(given, "DesiredState", dict)
        known = self._known("CREATE", given)
        if known is not None:
            return known
        schema = _schema(given, "create", "read", "delete")
        self._checked(schema, desired)
        read_only = [path for path in schema.read_only if any(True for _ in schemas.values(desired, path))]
        if read_only:
            raise Refused("ValidationException", f"Invalid request: readOnlyProperties [{_pointers(read_only)}] cannot be specified")

        async def work() -> Resource:
            resource = await resources.create(schema, desired)
            self.resources[_key(schema.name, resource.identifier)] = resource
            return resource

        return self._accept("CREATE", given, schema, schema.predicted(desired), work)

    def update(self, given: Properties) -> Properties:
        patch = _json(given, "PatchDocument", list)
        known = self._known("UPDATE", given)
        if known is not None:
            return known
        schema = _schema(given, "create", "read", "delete", "update")
        resource = self._find(schema, given)
        before = resource.model() or schemas.without(resource.desired, schema.write_only)
        desired = _patched(schema, before, patch)
        self._checked(schema, desired)

        async def work() -> Resource:
            await resources.update(resource, schemas.without(before, schema.read_only), desired)
            self.resources[_key(schema.name, resource.identifier)] = resource
            return resource

        return self._accept("UPDATE", given, schema, resource.identifier, work)

    def delete(self, given: Properties) -> Properties:
        known = self._known("DELETE", given)
        if known is not None:
            return known
        schema = _schema(given, "create", "read", "delete")
        resource = self._find(schema, given)

        async def work() -> Resource:
            try:
                await resources.delete(resource, self.resources.values())
            except resources.Gone:
                self.resources.pop(_key(schema.name, resource.identifier), None)
                raise
            self.resources.pop(_key(schema.name, resource.identifier), None)
            return resource

        return self._accept("DELETE", given, schema, resource.identifier, work)

    def _checked(self, schema: Schema, properties: Properties) -> None:
        try:
            schema.check(properties)
        except schemas.Invalid as invalid:
            raise Refused("ValidationException", str(invalid)) from invalid

    def _find(self, schema: Schema, given: Properties) -> Resource:
        identifier = given.get("Identifier", "")
        resource = self.resources.get(_key(schema.name, identifier)) or resources.outside(schema, identifier)
        if resource is None:
            raise Refused("ResourceNotFoundException", f"Resource of type '{schema.name}' with identifier '{identifier}' was not found.")
        return resource

    def _known(self, operation: str, given: Properties) -> Properties | None:
        """The event of the request that had this client token before."""
        request = self.tokens.get(given.get("ClientToken"))
        if request is None:
            return None
        if request.body != _digest(operation, given):
            raise Refused("ClientTokenConflictException", "The specified client token has already been used in another resource request.")
        return {"ProgressEvent": dict(request.event)}

    def _accept(self, operation: str, given: Properties, schema: Schema, identifier: str, work: Callable[[], Awaitable[Resource]]) -> Properties:
        key = _key(schema.name, identifier) if identifier else ""
        if key and key in self.running:
            raise Refused("ConcurrentOperationException", f"Another operation runs on '{identifier}' of type '{schema.name}'.")
        token = str(uuid.uuid4())
        event = {"TypeName": schema.name, "RequestToken": token, "Operation": operation, "OperationStatus": "IN_PROGRESS", "EventTime": time.time()}
        if operation != "CREATE":
            event["Identifier"] = identifier
        request = Request(event, key, FAULT.get(), given.get("ClientToken"), _digest(operation, given))
        self.requests[token] = request
        if request.client_token:
            self.tokens[request.client_token] = request
        if key:
            self.running[key] = request
        answer = {"ProgressEvent": dict(event)}
        # The task has a copy of this context: the account and the region of the request.
        request.task = asyncio.get_running_loop().create_task(self._run(request, work))
        return answer

    async def _run(self, request: Request, work: Callable[[], Awaitable[Resource]]) -> None:
        """Does the work of a request, and ends its event."""
        event, fault = request.event, request.fault
        end: Properties
        try:
            await asyncio.sleep(fault.delay)
            request.begun = True
            if fault.code and not fault.after:
                raise Failed(fault.code, fault.message)
            resource = await work()
            if fault.code:
                raise Failed(fault.code, fault.message, resource)
            end = {"OperationStatus": "SUCCESS", "Identifier": resource.identifier}
            if event["Operation"] != "DELETE":
                end["ResourceModel"] = json.dumps(resource.model())
        except Failed as failed:
            end = {"OperationStatus": "FAILED", "ErrorCode": failed.code, "StatusMessage": str(failed)}
            if failed.left is not None:
                end["Identifier"] = failed.left.identifier
                if event["Operation"] != "DELETE":
                    self.resources[_key(failed.left.schema.name, failed.left.identifier)] = failed.left
        except asyncio.CancelledError:
            end = {"OperationStatus": "CANCEL_COMPLETE"}
        except Exception as error:  # a fault of the emulator: it is to be seen in every way there is
            traceback.print_exc(file=sys.stderr)
            end = {"OperationStatus": "FAILED", "ErrorCode": "InternalFailure", "StatusMessage": f"the emulator is at fault: {error!r}"}
        if event["OperationStatus"] == "CANCEL_IN_PROGRESS":
            end = {"OperationStatus": "CANCEL_COMPLETE"}
        event.update(end, EventTime=time.time())
        self.running.pop(request.key, None)
        if fault.expire:
            self._forget(request)

    def _forget(self, request: Request) -> None:
        self.requests.pop(request.event["RequestToken"], None)
        self.tokens.pop(request.client_token, None)

    # What is known of requests.

    def status(self, given: Properties) -> Properties:
        request = self._request(given)
        if FAULT.get().expire and request.finished:
            self._forget(request)
        return {"ProgressEvent": dict(self._request(given).event)}

    def cancel(self, given: Properties) -> Properties:
        """Ends a request that waits; one whose work has begun does it all, as on AWS, where nothing is rolled back."""
        request = self._request(given)
        if request.finished:
            raise Refused("ConcurrentModificationException", f"Only a request in progress can be cancelled, not {request.event['OperationStatus']}.")
        request.event["OperationStatus"] = "CANCEL_IN_PROGRESS"
        if request.task is not None and not request.begun:
            request.task.cancel()
        return {"ProgressEvent": dict(request.event)}

    def list_requests(self, given: Properties) -> Properties:
        chosen = given.get("ResourceRequestStatusFilter") or {}
        events = [dict(request.event) for request in self.requests.values()
                  if request.event["Operation"] in (chosen.get("Operations") or [request.event["Operation"]])
                  and request.event["OperationStatus"] in (chosen.get("OperationStatuses") or [request.event["OperationStatus"]])]
        return _page("ResourceRequestStatusSummaries", sorted(events, key=lambda event: -event["EventTime"]), given)

    def _request(self, given: Properties) -> Request:
        request = self.requests.get(given.get("RequestToken"))
        if request is None:
            raise Refused("RequestTokenNotFoundException", f"Request with token {given.get('RequestToken')} was not found.")
        return request

    # Reads.

    def get(self, given: Properties) -> Properties:
        schema = _schema(given, "create", "read", "delete")
        resource = self._find(schema, given)
        model = resource.model()
        if model is None:
            raise Refused("ResourceNotFoundException", str(resources.Gone(resource)))
        return {"TypeName": schema.name, "ResourceDescription": {"Identifier": resource.identifier, "Properties": json.dumps(model)}}

    def list(self, given: Properties) -> Properties:
        schema = _schema(given, "create", "read", "delete", "list")
        wanted = _json(given, "ResourceModel", dict) if "ResourceModel" in given else {}
        missing = [name for name in schema.handlers["list"].get("handlerSchema", {}).get("required", []) if name not in wanted]
        if missing:
            raise Refused("InvalidRequestException", f"Missing or invalid ResourceModel property in {schema.name} list handler request input. "
                                                     f"Required property: [{', '.join(missing)}]")
        found = []
        for identifier in self._identifiers(schema):
            resource = self.resources.get(_key(schema.name, identifier)) or resources.outside(schema, identifier)
            model = resource.model() if resource else None
            if model is not None and all(model.get(name) == value for name, value in wanted.items()):
                parts = {name: model[name] for name in schema.identifier if name in model}
                found.append({"Identifier": identifier, "Properties": json.dumps(parts)})
        return {"TypeName": schema.name, **_page("ResourceDescriptions", found, given)}

    def _identifiers(self, schema: Schema) -> list[str]:
        kind = stores.kinds().get(schema.name)
        made = {each.identifier for each in self.resources.values() if each.schema is schema}
        return sorted(made | {str(name) for name in (kind.every() if kind else ())})

    def live(self, account: str) -> list[dict[str, str]]:
        """Every resource of an account that was made here, or changed, and still is."""
        from ministack.core.responses import request_scope

        found = []
        for (owner, region, _), resource in self.resources.all_items():
            with request_scope(account, region):
                if owner == account and resource.record() is not None:
                    found.append({"region": region, "type": resource.schema.name, "identifier": resource.identifier})
        return sorted(found, key=lambda each: (each["region"], each["type"], each["identifier"]))


def install() -> CloudControl:
    """Takes the place of MiniStack's service, and adds what else it lacks. Fails where a private name that this relies on is gone."""
    stores.check()
    from ministack import app
    from ministack.core import router
    from ministack.services import cloudcontrol as module
    from ministack.services.cloudformation import provisioners
    from ministack.services.cloudformation import stacks as deployment

    service = CloudControl()
    module.handle_request, module.reset = service.handle_request, service.reset  # type: ignore[assignment]
    provisioners._RESOURCE_HANDLERS.update(supplements.HANDLERS)
    blocks = deployment._runs_on_worker_thread
    deployment._runs_on_worker_thread = lambda name: name in supplements.HANDLERS or blocks(name)
    app.SERVICE_HANDLERS["application-autoscaling"] = scaling.service().handle_request
    router.SERVICE_PATTERNS["application-autoscaling"] = {"target_prefixes": ["AnyScaleFrontendService"], "host_patterns": [],
                                                          "credential_scope": "application-autoscaling"}
    return service


def _key(name: str, identifier: str) -> str:
    return f"{name}\0{identifier}"


def _digest(operation: str, given: Properties) -> str:
    asked = {name: value for name, value in given.items() if name != "ClientToken"}
    return hashlib.sha256(json.dumps([operation, asked], sort_keys=True).encode()).hexdigest()


def _json(given: Properties, name: str, kind: type) -> Any:
    try:
        value = json.loads(given[name])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("InvalidRequestException", f"{name} is not a JSON document: {error}") from error
    if not isinstance(value, kind):
        raise Refused("InvalidRequestException", f"{name} is not a JSON {'object' if kind is dict else 'array'}")
    return value


def _schema(given: Properties, *handlers: str) -> Schema:
    name = given.get("TypeName", "")
    schema = schemas.of_type(name)
    if schema is None:
        raise Refused("TypeNotFoundException", f"The type '{name}' cannot be found.")
    missing = [handler for handler in handlers if handler not in schema.handlers]
    if missing:
        raise Refused("UnsupportedActionException", f"Resource type {name} does not support {missing[0].upper()} action")
    return schema


def _pointers(paths: list[schemas.Path]) -> str:
    return ", ".join(sorted(schemas.pointer(path) for path in paths))


def _patched(schema: Schema, before: Properties, patch: list[Any]) -> Properties:
    """What a patch makes of a model, without read-only properties."""
    try:
        after = jsonpatch.apply_patch(copy.deepcopy(before), patch)
    except (jsonpatch.JsonPatchException, JsonPointerException, TypeError, KeyError) as error:
        raise Refused("ValidationException", f"Invalid patch update: {error}") from error
    targets = [tuple(each["path"].split("/")[1:]) for each in patch if each["op"] != "test"]
    changed = [path for path in schema.read_only if path in targets or list(schemas.values(before, path)) != list(schemas.values(after, path))]
    if changed:
        raise Refused("ValidationException", f"Invalid patch update: readOnlyProperties [{_pointers(changed)}] cannot be updated")
    changed = [path for path in schema.create_only if list(schemas.values(before, path)) != list(schemas.values(after, path))]
    if changed:
        raise Refused("NotUpdatableException", f"Invalid patch update: createOnlyProperties [{_pointers(changed)}] cannot be updated")
    return schemas.without(after, schema.read_only)


def _page(name: str, items: list[Any], given: Properties) -> Properties:
    """One page of a list; the token is the place where the next begins."""
    token = given.get("NextToken") or "0"
    if not token.isdigit():
        raise Refused("InvalidRequestException", "NextToken is not one that was given")
    begin, size = int(token), given.get("MaxResults") or PAGE
    following = {"NextToken": str(begin + size)} if begin + size < len(items) else {}
    return {name: items[begin:begin + size], **following}
