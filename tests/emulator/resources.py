"""One Cloud Control resource: made, changed, removed and read in MiniStack, with the identifier and the model that AWS gives it."""

from __future__ import annotations

import copy
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from emulator import attributes, schemas, stacks, stores, supplements
from emulator.schemas import Properties, Schema

# The stack that MiniStack's provisioners are told of; names that they invent begin with it.
STACK = "cc"


class Failed(Exception):
    """The end of a request as FAILED: a handler error code, and what was made all the same."""

    def __init__(self, code: str, message: str, left: Resource | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.left = left


class Gone(Failed):
    """What was to be changed or removed is no longer there."""

    def __init__(self, resource: Resource) -> None:
        super().__init__("NotFound", f"Resource of type '{resource.schema.name}' with identifier '{resource.identifier}' was not found.")


@dataclass
class Resource:
    """What is known of a resource apart from what its service holds."""

    schema: Schema
    logical: str  # in the stack that MiniStack is told of
    physical: str
    desired: Properties
    attributes: Properties = field(default_factory=dict)  # by dotted path
    identifier: str = ""

    def record(self) -> Any:
        """What the service holds; none when it is gone."""
        kind = stores.kinds().get(self.schema.name)
        return self.physical if kind is None else kind.find(self.physical, self.desired)

    def model(self) -> Properties | None:
        """What AWS answers to a read; none when the resource is gone."""
        record = self.record()
        if record is None:
            return None
        model = copy.deepcopy(self.desired)
        for path, value in self.attributes.items():
            _put(model, path.split("."), value)
        kind = stores.kinds().get(self.schema.name)
        if kind is not None and kind.covers:
            self._overlay(model, kind.read(record, self.desired), kind.covers)
        model = {name: self.schema.shaped((name,), value) for name, value in model.items()}
        return schemas.without(model, self.schema.write_only)

    def _overlay(self, model: Properties, now: Properties, covers: frozenset[str]) -> None:
        """Puts what the service holds over what was asked for; what it holds by default shows as AWS shows it, if it is not empty."""
        for name in covers | now.keys():
            if name not in self.schema.document["properties"]:
                continue
            value = self.schema.shaped((name,), now.get(name))
            if value is None or value in ("", [], {}):
                if (name,) not in self.schema.read_only:
                    model.pop(name, None)
            elif not _alike(value, model.get(name)):
                model[name] = value

    def identify(self) -> None:
        """Fills the identifier. A part that nobody knows is a fault of the emulator."""
        model = self.desired | {path.split(".")[0]: value for path, value in self.attributes.items() if "." not in path}
        parts = [model.get(name) for name in self.schema.identifier]
        if None in parts and parts.count(None) == 1:
            missing = parts.index(None)
            parts[missing] = self.attributes[self.schema.identifier[missing]] = self.physical
        if not all(parts):
            raise AssertionError(f"the emulator has no {' or '.join(self.schema.identifier)} for {self.schema.name} {self.physical}")
        self.identifier = "|".join(str(part) for part in parts)


def _put(model: Properties, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        model = model.setdefault(step, {})
    model.setdefault(steps[-1], value)


def _alike(now: Any, wanted: Any) -> bool:
    """Whether two values differ in the order of a list, or in a document as a text or not, at most."""
    return _canonical(now) == _canonical(wanted)


def _canonical(value: Any) -> str:
    value = schemas.document(value)
    if isinstance(value, dict):
        if value.keys() == {"Key", "Value"}:
            return f"{{{value['Key']}={value['Value']}}}"
        return "{" + ",".join(f"{key}={_canonical(each)}" for key, each in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted(_canonical(each) for each in value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def outside(schema: Schema, identifier: str) -> Resource | None:
    """A resource that was made through its service's own API, for the types that CloudFormation can import."""
    from ministack.services.cloudformation import provisioners

    kind = stores.kinds().get(schema.name)
    if kind is None or "import" not in provisioners._RESOURCE_HANDLERS.get(schema.name, {}) or identifier not in kind.every():
        return None
    record = kind.find(identifier, {})
    if record is None:
        return None
    physical, found = provisioners._import_resource(schema.name, {schema.identifier[0]: identifier})
    resource = Resource(schema, f"R{secrets.token_hex(6)}", physical, {}, _attributes(schema, physical, {}, found), identifier)
    resource.desired = schemas.without(resource.model() or {}, schema.read_only)
    return resource


async def create(schema: Schema, desired: Properties) -> Resource:
    _refuse_taken(schema, desired)
    logical = f"R{secrets.token_hex(6)}"
    resource = Resource(schema, logical, "", desired)
    try:
        resource.physical, found = await _run(schema.name, "create", logical, _prepared(schema, desired), STACK)
    except stacks.Broken as broken:
        resource.physical = broken.identifier
        resource.attributes = {"StackId": broken.identifier}
        resource.identify()
        raise Failed("GeneralServiceException", str(broken), resource) from broken
    _tag_bucket(resource.physical, schema, desired)
    _keep_secret(schema, resource.physical, desired)
    resource.attributes = _attributes(schema, resource.physical, desired, found)
    resource.identify()
    return resource


def _refuse_taken(schema: Schema, desired: Properties) -> None:
    kind = stores.kinds().get(schema.name)
    name = desired.get(kind.name) if kind else None
    if kind and name is not None and name in kind.names(desired):
        raise Failed("AlreadyExists", f"Resource of type '{schema.name}' with identifier '{schema.predicted(desired) or name}' already exists.")


async def update(resource: Resource, before: Properties, desired: Properties) -> Resource:
    """Brings a resource from what was read to what is asked for. MiniStack may make another one in its place: that one is removed again."""
    from ministack.services.cloudformation import provisioners

    schema, superseded = resource.schema, []
    if resource.record() is None:
        raise Gone(resource)
    token = provisioners._DEFERRED_PREDECESSOR_DELETES.set(superseded)
    try:
        physical, found = await _run(schema.name, "update", resource.physical, _prepared(schema, before), _prepared(schema, desired), STACK,
                                     resource.logical, resource.attributes)
    except stacks.Broken as broken:
        raise Failed("GeneralServiceException", str(broken)) from broken
    finally:
        provisioners._DEFERRED_PREDECESSOR_DELETES.reset(token)
    if physical != resource.physical:
        await _run(schema.name, "delete", physical, _prepared(schema, desired), STACK, resource.logical)
        raise Failed("NotUpdatable", f"{resource.identifier} cannot be changed in place")
    _tag_bucket(physical, schema, desired)
    _keep_secret(schema, physical, desired)
    resource.attributes |= _attributes(schema, physical, desired, found)
    resource.desired = desired
    return resource


# What AWS keeps while others refer to it: the types that do, and the property.
HELD_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "AWS::EC2::EIP": (("AWS::EC2::NatGateway", "AllocationId"),),
    "AWS::EC2::InternetGateway": (("AWS::EC2::VPCGatewayAttachment", "InternetGatewayId"),),
    "AWS::EC2::RouteTable": (("AWS::EC2::SubnetRouteTableAssociation", "RouteTableId"),),
    "AWS::EC2::SecurityGroup": (
        ("AWS::EC2::SecurityGroupIngress", "SourceSecurityGroupId"),
        ("AWS::ECS::Service", "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.*"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "SecurityGroups.*"), ("AWS::ElastiCache::ServerlessCache", "SecurityGroupIds.*"),
        ("AWS::RDS::DBInstance", "VPCSecurityGroups.*"), ("AWS::RDS::DBCluster", "VpcSecurityGroupIds.*")),
    "AWS::EC2::Subnet": (
        ("AWS::EC2::NatGateway", "SubnetId"), ("AWS::ECS::Service", "NetworkConfiguration.AwsvpcConfiguration.Subnets.*"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Subnets.*"), ("AWS::ElastiCache::ServerlessCache", "SubnetIds.*")),
    "AWS::EC2::VPC": tuple(
        (f"AWS::EC2::{name}", "VpcId") for name in ("Subnet", "SecurityGroup", "RouteTable", "VPCEndpoint", "VPCGatewayAttachment")),
    "AWS::ECS::Cluster": (("AWS::ECS::Service", "Cluster"),),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (("AWS::ElasticLoadBalancingV2::Listener", "DefaultActions.*.TargetGroupArn"),),
    "AWS::IAM::Role": (("AWS::IAM::RolePolicy", "RoleName"),),
    "AWS::RDS::DBCluster": (("AWS::RDS::DBInstance", "DBClusterIdentifier"),),
    "AWS::RDS::DBClusterParameterGroup": (("AWS::RDS::DBCluster", "DBClusterParameterGroupName"),),
    "AWS::RDS::DBParameterGroup": (("AWS::RDS::DBInstance", "DBParameterGroupName"),),
    "AWS::RDS::DBSubnetGroup": (("AWS::RDS::DBCluster", "DBSubnetGroupName"), ("AWS::RDS::DBInstance", "DBSubnetGroupName"))}


def _refuse_held(resource: Resource, others: Iterable[Resource]) -> None:
    """MiniStack removes whatever it is told to. The handler code is AWS's for a cluster with services, and assumed for the others."""
    names = {resource.physical, *resource.identifier.split("|"), resource.attributes.get("Arn")}
    for other in others:
        for name, path in HELD_BY.get(resource.schema.name, ()):
            if other.schema.name == name and names & set(schemas.values(other.desired, tuple(path.split(".")))) and other.record() is not None:
                raise Failed("GeneralServiceException", f"{resource.identifier} has dependencies and cannot be deleted: {name} {other.identifier}")


async def delete(resource: Resource, others: Iterable[Resource]) -> None:
    record, model = resource.record(), resource.model()
    if record is None or model is None:
        raise Gone(resource)
    if model.get("DeletionProtection") is True or model.get("DeletionProtectionEnabled") is True:
        raise Failed("InvalidRequest", f"Cannot delete protected {resource.identifier}: deletion protection is enabled")
    _refuse_held(resource, others)
    if resource.schema.name == "AWS::S3::Bucket" and _has_objects(resource.physical):
        raise Failed("GeneralServiceException", "The bucket you tried to delete is not empty (Service: S3, Status Code: 409)")
    properties = _prepared(resource.schema, resource.desired | {name: model[name] for name in resource.schema.identifier if name in model})
    _keep_secret(resource.schema, resource.physical, {})
    await _run(resource.schema.name, "delete", resource.physical, properties, STACK, resource.logical)
    if stores.kinds().get(resource.schema.name) and resource.record() is not None:
        raise Failed("NotStabilized", f"{resource.identifier} is still there after it was deleted")


def _tag_bucket(physical: str, schema: Schema, desired: Properties) -> None:
    """The tags of a bucket, which MiniStack's provisioner leaves out."""
    if schema.name == "AWS::S3::Bucket":
        from ministack.services import s3

        s3._bucket_tags[physical] = {tag["Key"]: tag["Value"] for tag in desired.get("Tags", [])}


def _keep_secret(schema: Schema, physical: str, desired: Properties) -> None:
    """Makes, or removes, the secret with the password of a database that is to be managed; MiniStack's provisioner knows of none."""
    from ministack.services.cloudformation import provisioners

    name = attributes.managed_secret(schema.name, physical)
    if not name:
        return
    known = attributes.secret_arn(name)
    if desired.get("ManageMasterUserPassword") and not known:
        content = json.dumps({"username": desired.get("MasterUsername", "admin"), "password": secrets.token_hex(14)})
        provisioners._provision_resource("AWS::SecretsManager::Secret", "Secret", {"Name": name, "SecretString": content}, STACK)
    elif known and not desired.get("ManageMasterUserPassword"):
        provisioners._delete_resource("AWS::SecretsManager::Secret", name, {}, STACK, "Secret")


def _has_objects(bucket: str) -> bool:
    from ministack.services import s3

    return bool(s3._buckets[bucket]["objects"])


def _prepared(schema: Schema, properties: Properties) -> Properties:
    """Properties as MiniStack's provisioners take them: they know a cluster of ECS by its name only."""
    properties = copy.deepcopy(properties)
    if schema.name == "AWS::ECS::Service" and "Cluster" in properties:
        properties["Cluster"] = properties["Cluster"].rsplit("/", 1)[-1]
    return properties


def _attributes(schema: Schema, physical: str, desired: Properties, found: Properties) -> Properties:
    """The attributes of a resource whose names are in the schema, in its types."""
    known = attributes.of(schema.name, physical, desired) | {path: value for path, value in found.items() if value not in (None, "")}
    return {path: schema.shaped(tuple(path.split(".")), value) for path, value in known.items() if schema.part(tuple(path.split(".")))}


async def _run(name: str, what: str, *arguments: Any) -> Any:
    """Calls MiniStack's provisioners. What blocks, or calls back into this server, runs on a thread of its own, in the account of the request."""
    from ministack.core.concurrency import run_reentrant
    from ministack.services.cloudformation import provisioners
    from ministack.services.cloudformation.stacks import _runs_on_worker_thread

    if name == "AWS::CloudFormation::Stack":
        count = {"create": 3, "update": 4, "delete": 2}[what]
        work, given = stacks.HANDLER[what], arguments[:count]
    else:
        work = {"create": provisioners._provision_resource, "update": provisioners._update_resource, "delete": provisioners._delete_resource}[what]
        given = (name, *arguments)
    try:
        if name in supplements.HANDLERS or _runs_on_worker_thread(name):
            return await run_reentrant(work, *given)
        return work(*given)
    except stacks.Broken:
        raise
    except Exception as error:  # every fault of a handler ends its request, as on AWS
        raise Failed(_code(error), str(error)) from error


def _code(error: Exception) -> str:
    """The handler error code of a fault."""
    text = f"{error.response['Error']['Code']} {error}" if isinstance(error, ClientError) else str(error)
    for code, pattern in _CODES:
        if re.search(pattern, text):
            return code
    return "GeneralServiceException"


_CODES = (("NotUpdatable", r"requires replacing|custom-named|cannot update a stack when"), ("AlreadyExists", r"(?i)already ?exists?|duplicate"),
          ("NotFound", r"NotFound|NoSuch|not found|does not exist"), ("ResourceConflict", r"DependencyViolation|DeleteConflict|ResourceInUse|in use"),
          ("InvalidRequest", r"Validation|Invalid|Malformed|Missing"))
