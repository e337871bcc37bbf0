"""A stand-in for Pulumi's provider `aws-native`, for tests: the real one is in no package registry.

The command line and the YAML host are the real ones; this process is the last hop, to the Cloud Control API of the emulator. It refuses every
endpoint that is not this machine's own. Names come from what the real provider publishes (`tests/data/pulumi`), never from panka's own rule.

Deviations from the real provider: an unknown key of the configuration is refused, as are `endpoints`; it honours timeouts; what can only be written is a
secret; of its functions it has only those that describe the account and the region.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from google.rpc import status_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from emulator.pulumi_cloud import READS, Cloud, Refused, endpoint, failure
from emulator.pulumi_names import CONFIGURATION, FUNCTIONS, VERSION, ResourceType, of_token, package_schema, published, types
from emulator.pulumi_values import (UNKNOWN, differences, drop, follow, has, hide, of_struct, plain, put, restored, secret, secrets, steps, to_struct,
                                    without_nulls)

__all__ = ["Provider", "main", "published"]

# What the engine adds to the configuration of a provider.
ENGINES_OWN = ("version", "pluginDownloadURL", "__internal", "__defaults")
# What the real provider has not built yet, and what only `true` may be said of.
NOT_BUILT = ("ignoreTags", "insecure", "skipRequestingAccountId")
ONLY_TRUE = ("skipGetEc2Platforms", "skipMetadataApiCheck", "skipRegionValidation")
NO_REGION = """missing required configuration key "aws-native:region":\
The region where AWS operations will take place. Examples are eu-east-1, eu-west-2, etc.
\tSet a value using the command `pulumi config set aws-native:region <value>`, or by setting the environment variables `AWS_REGION` or \
`AWS_DEFAULT_REGION`."""


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The calls of the engine."""

    cloud: Any = None

    def __init__(self) -> None:
        self.default_tags: dict[str, str] = {}
        self.naming: dict[str, Any] = {}

    # The plugin

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        if self.cloud is not None:
            self.cloud.stopped.set()
        return empty_pb2.Empty()

    def GetSchema(self, request: Any, context: Any) -> Any:
        if request.version != 0:
            context.abort(grpc.StatusCode.UNKNOWN, f"unsupported schema version {request.version}")
        return provider_pb2.GetSchemaResponse(schema=json.dumps(package_schema(), separators=(",", ":")))

    # The configuration

    def CheckConfig(self, request: Any, context: Any) -> Any:
        news = plain(of_struct(request.news))
        failures = []
        for name, value in news.items():
            if name not in CONFIGURATION and name not in ENGINES_OWN:
                failures.append(provider_pb2.CheckFailure(property=name, reason=f"unknown property {name}"))
            elif name in NOT_BUILT or (name in ONLY_TRUE and value not in (True, "true")):
                failures.append(provider_pb2.CheckFailure(property=name, reason="not yet implemented"))
            elif name == "endpoints":
                failures.append(provider_pb2.CheckFailure(property=name, reason="the provider of the tests takes its endpoint from AWS_ENDPOINT_URL"))
        return provider_pb2.CheckResponse(inputs=None if failures else request.news, failures=failures)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        olds, news = (plain(of_struct(values)) for values in (request.old_inputs or request.olds, request.news))
        changed = sorted({str(path[0]) for path, _, _ in differences(olds, news)})
        kind = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=kind, diffs=changed)

    def Configure(self, request: Any, context: Any) -> Any:
        settings = {name.removeprefix("aws-native:config:"): value for name, value in request.variables.items()}
        region = settings.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        if not region:
            context.abort(grpc.StatusCode.UNKNOWN, NO_REGION)
        tags = json.loads(settings.get("defaultTags", "{}"))
        # Of old, the tags were the whole.
        self.default_tags = tags["tags"] if isinstance(tags.get("tags"), dict) else tags
        self.naming = json.loads(settings.get("autoNaming", "{}"))
        with self._reporting(context):
            self.cloud = Cloud(region, settings)
            skipped = settings.get("skipCredentialsValidation", os.environ.get("AWS_SKIP_CREDENTIALS_VALIDATION")) == "true"
            account = "" if skipped else self.cloud.account()
        if account and account in json.loads(settings.get("forbiddenAccountIds", "[]")):
            context.abort(grpc.StatusCode.UNKNOWN, f"forbidden account ID ({account})")
        allowed = json.loads(settings.get("allowedAccountIds", "[]"))
        if account and allowed and account not in allowed:
            context.abort(grpc.StatusCode.UNKNOWN, f"account ID not allowed ({account})")
        return provider_pb2.ConfigureResponse(acceptSecrets=True, acceptOutputs=True, supportsPreview=True, acceptResources=False,
                                              supports_autonaming_configuration=True)

    def Invoke(self, request: Any, context: Any) -> Any:
        function = request.tok.split(":")[-1]
        if request.tok != f"aws-native:index:{function}" or function not in FUNCTIONS:
            context.abort(grpc.StatusCode.UNKNOWN, f"unknown function '{request.tok}'")
        with self._reporting(context):
            partition, suffix = self.cloud.partition()
            known = {"region": self.cloud.region, "partition": partition, "urlSuffix": suffix}
            output = FUNCTIONS[function]
            value = known[output] if output in known else self.cloud.account()
        return provider_pb2.InvokeResponse(**{"return": to_struct({output: value})})

    # Resources

    def Check(self, request: Any, context: Any) -> Any:
        kind = _type(request, context)
        news = without_nulls(of_struct(request.news))
        failures = []
        name = kind.naming.get("sdkName")
        if name and name not in news:
            try:
                found = plain(of_struct(request.olds)).get(name) or self._name(kind, request, plain(news))
                news |= {name: found} if found else {}
            except ValueError as error:
                failures.append(provider_pb2.CheckFailure(property=name, reason=str(error)))
        if self.default_tags and kind.tags:
            news = _tagged(kind, news, self.default_tags)
        failures += [provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in kind.faults(plain(news), UNKNOWN)]
        return provider_pb2.CheckResponse(inputs=None if failures else to_struct(_hidden(kind, news, set())), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        kind = _type(request, context)
        olds, news = plain(of_struct(request.old_inputs)), plain(of_struct(request.news))
        for path in request.ignoreChanges:
            news = restored(olds, news, steps(path))
        # Which changes replace is for the program to say, by `replaceOnChanges`; and the old one goes first unless it says otherwise.
        changed = bool(list(differences(olds, news)))
        changes = provider_pb2.DiffResponse.DIFF_UNKNOWN if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, deleteBeforeReplace=changed)

    def Create(self, request: Any, context: Any) -> Any:
        kind, marked = _type(request, context), of_struct(request.properties)
        inputs, hidden = plain(marked), secrets(marked)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(_hidden(kind, _foreseen(kind, inputs), hidden)))
        desired = json.dumps(kind.to_aws(inputs), sort_keys=True)
        with self._reporting(context, "creating resource: "):
            try:
                event = self.cloud.run("create_resource", request.timeout, TypeName=kind.type_name, DesiredState=desired)
            except Refused as refused:
                raise Refused(f"creating resource: {refused}", refused.code) from refused
            failed, identifier = failure(event), event.get("Identifier")
            if failed and not identifier:
                raise Refused(f"creating resource: {failed}", failed.code)
            if failed and failed.code == "AlreadyExists":
                raise failed
            live = self.cloud.read(kind.type_name, identifier, attempts=1 if failed else READS)
            if live is None:
                raise Refused(f"creating resource (await): {failed}" if failed else f"reading resource state: {identifier} was not found")
        state = to_struct(_hidden(kind, _state(kind, live, inputs), hidden))
        if failed:
            _partial(context, identifier, str(failed), state, request.properties)
        return provider_pb2.CreateResponse(id=identifier, properties=state)

    def Read(self, request: Any, context: Any) -> Any:
        kind = _type(request, context)
        marked, old = of_struct(request.inputs), plain(of_struct(request.properties))
        with self._reporting(context):
            live = self.cloud.read(kind.type_name, request.id)
        if live is None:
            return provider_pb2.ReadResponse(id="")
        state = _state(kind, live, old)
        inputs = _inputs(kind, state)
        if marked and old:
            # What differs between the two states, made in the inputs. What the service alone adds, or what the program never set, is no change.
            known, before = plain(marked), _inputs(kind, old)
            if _set(before.get(kind.tags)) == _set(inputs.get(kind.tags)):
                inputs = inputs | {name: before[name] for name in [kind.tags] if name in before}
            inputs = follow(known, *({name: values[name] for name in known.keys() & values.keys()} for values in (before, inputs)))
        hidden = secrets(marked) | secrets(of_struct(request.properties))
        return provider_pb2.ReadResponse(id=request.id, properties=to_struct(_hidden(kind, state, hidden)),
                                         inputs=to_struct(_hidden(kind, inputs, hidden)))

    def Update(self, request: Any, context: Any) -> Any:
        kind, marked = _type(request, context), of_struct(request.news)
        olds, inputs, hidden = plain(of_struct(request.old_inputs)), plain(marked), secrets(marked)
        for path in request.ignoreChanges:
            inputs = restored(olds, inputs, steps(path))
        if request.preview:
            known = {name: value for name, value in plain(of_struct(request.olds)).items() if (name,) in kind.read_only}
            return provider_pb2.UpdateResponse(properties=to_struct(_hidden(kind, _foreseen(kind, inputs) | known, hidden)))
        patch = _patch(kind, olds, inputs)
        with self._reporting(context):
            if patch:
                failed = failure(self.cloud.run("update_resource", request.timeout, TypeName=kind.type_name, Identifier=request.id,
                                                PatchDocument=json.dumps(patch)))
                if failed:
                    raise failed
            live = self.cloud.read(kind.type_name, request.id)
            if live is None:
                raise Refused(f"reading resource state: {request.id} was not found")
        return provider_pb2.UpdateResponse(properties=to_struct(_hidden(kind, _state(kind, live, inputs), hidden)))

    def Delete(self, request: Any, context: Any) -> Any:
        kind = _type(request, context)
        with self._reporting(context):
            try:
                failed = failure(self.cloud.run("delete_resource", request.timeout, TypeName=kind.type_name, Identifier=request.id))
            except Refused as refused:
                failed = refused
            # What is gone already is deleted.
            if failed and failed.code not in ("NotFound", "ResourceNotFoundException"):
                raise failed
        return empty_pb2.Empty()

    @contextlib.contextmanager
    def _reporting(self, context: Any, before: str = "") -> Iterator[None]:
        try:
            yield
        except Refused as refused:
            context.abort(grpc.StatusCode.UNKNOWN, f"{before}{refused}")

    def _name(self, kind: ResourceType, request: Any, inputs: dict[str, Any]) -> str | None:
        """A name for a resource that was given none: that of the program and seven digits, as far as the type allows."""
        naming, options = kind.naming, request.autonaming if request.HasField("autonaming") else None
        if options is not None and options.mode == provider_pb2.CheckRequest.AutonamingOptions.Mode.DISABLE:
            return None
        suffix, ending = "", naming.get("namingTriviaSpec")
        if ending and inputs.get(ending["rule"]["field"]) == ending["rule"]["condition"]["value"]["V"]:
            suffix = ending["trivia"]["suffix"]
        least, most = naming.get("minLength", 0), naming.get("maxLength", 0)
        if options is not None and options.proposed_name:
            if most and len(options.proposed_name) > most:
                raise ValueError(f'proposed name "{options.proposed_name}" exceeds max length of {most}')
            return options.proposed_name
        prefix, shortest = f"{request.urn.split('::')[-1]}-", self.naming.get("randomSuffixMinLength") or 1
        digits = max(7, shortest, least - len(prefix) - len(suffix))
        if most:
            if self.naming.get("autoTrim") and len(prefix) + len(suffix) + shortest >= most:
                room = most - len(suffix) - shortest
                prefix, digits = prefix[:room // 2] + prefix[len(prefix) - (room - room // 2):], shortest
            left = most - len(prefix) - len(suffix)
            if left < shortest:
                raise ValueError(f'failed to auto-generate value for "{naming["sdkName"]}". Prefix: "{prefix}" is too large to fix max length '
                                 f'constraint of {most}. Please provide a value for "{naming["sdkName"]}"')
            digits = min(digits, left)
        return prefix + hashlib.sha512(request.randomSeed or os.urandom(16)).hexdigest()[:digits] + suffix


def _type(request: Any, context: Any) -> ResourceType:
    token = request.urn.split("::")[2].split("$")[-1]
    if token not in types():
        context.abort(grpc.StatusCode.UNKNOWN, f"Resource type {token} not found")
    return of_token(token)


def _tagged(kind: ResourceType, news: dict[str, Any], defaults: dict[str, str]) -> dict[str, Any]:
    """Inputs with the default tags that they do not set themselves."""
    given = news.get(kind.tags)
    tags = plain(given)
    if tags == UNKNOWN:
        return news
    if kind.tags_style == "stringMap" and isinstance(tags, dict | None):
        tags = defaults | (tags or {})
    elif kind.tags_style.startswith("keyValueArray") and isinstance(tags, list | None):
        keys = [tag.get("key") for tag in tags or [] if isinstance(tag, dict)]
        tags = (tags or []) + [{"key": key, "value": value} for key, value in sorted(defaults.items()) if key not in keys]
    return news if tags is None else news | {kind.tags: secret(tags) if secrets({"": given}) else tags}


def _hidden(kind: ResourceType, values: dict[str, Any], marked: set[str]) -> dict[str, Any]:
    """Values with what nobody may read marked as secret: properties that the inputs mark, and what even the service does not tell."""
    for name in marked & values.keys():
        values = values | {name: secret(values[name])}
    for path in kind.write_only:
        values = hide(values, path)
    return values


def _foreseen(kind: ResourceType, inputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs of a resource that is not made yet: what only the service sets is unknown, in everything that the inputs have."""
    outputs = dict(inputs)
    for path in sorted(kind.read_only, key=len):
        outputs = put(outputs, path, UNKNOWN)
    return outputs


def _state(kind: ResourceType, live: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """What the service tells, and what it does not tell but is known."""
    state = kind.to_sdk(live)
    for path in kind.write_only:
        if path[0] not in state and has(known, path):
            state[path[0]] = known[path[0]]
    return state


def _inputs(kind: ResourceType, state: dict[str, Any]) -> dict[str, Any]:
    """Of a state, what a program may say: not what only the service sets, nor its own tags."""
    for path in kind.read_only:
        state = drop(state, path)
    if kind.tags_style.startswith("keyValueArray") and isinstance(state.get(kind.tags), list):
        return state | {kind.tags: [tag for tag in state[kind.tags] if not str(tag.get("key")).startswith("aws:")]}
    return state


def _set(tags: Any) -> Any:
    """Tags without their order."""
    return sorted(json.dumps(tag, sort_keys=True) for tag in tags) if isinstance(tags, list) else tags


def _patch(kind: ResourceType, olds: dict[str, Any], news: dict[str, Any]) -> list[dict[str, Any]]:
    """The JSON Patch of an update. What nobody can read is sent again, as the service would forget it otherwise."""
    before, after = kind.to_aws(olds), kind.to_aws(news)
    patch: list[dict[str, Any]] = [{"op": "remove", "path": f"/{name}"} for name in sorted(before) if name not in after]
    patch += [{"op": "replace" if name in before else "add", "path": f"/{name}", "value": value}
              for name, value in sorted(after.items()) if name not in before or before[name] != value]
    again = [kind.shape.fields[name][0] for name in kind.always_sent()]
    return patch + [{"op": "add", "path": f"/{name}", "value": after[name]} for name in again if name in after and before.get(name) == after[name]]


def _partial(context: Any, identifier: str, reason: str, state: Any, inputs: Any) -> None:
    """Ends a creation whose resource exists and is not as it should be: the engine keeps it, and says why."""
    detail = any_pb2.Any()
    detail.Pack(provider_pb2.ErrorResourceInitFailed(id=identifier, properties=state, reasons=[reason], inputs=inputs))
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)


def main() -> None:
    """Serves until the engine ends it. The first line of standard output is the port."""
    endpoint()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=64), options=[("grpc.max_receive_message_length", -1)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
