"""Where MiniStack keeps the objects of each type: how one is found, what it holds now, and whether its name is taken.

MiniStack's modules and their maps are private, hence its exact pin; `check` says which name is gone.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from emulator import scaling

Properties = dict[str, Any]
Find = Callable[[str, Properties], Any]
Read = Callable[[Any, Properties], Properties]

# The private names that this package uses, by module.
PRIVATE = {
    "core.concurrency": ("run_reentrant",), "core.responses": ("AccountRegionScopedDict", "get_account_id", "get_region", "request_scope"),
    "core.router": ("SERVICE_PATTERNS",), "app": ("SERVICE_HANDLERS", "app"), "services.cloudcontrol": ("handle_request", "reset"),
    "services.cloudformation": ("_stacks",), "services.cloudformation.drift": ("_DRIFT_READERS", "_tags_in_shape"),
    "services.cloudformation.stacks": ("_runs_on_worker_thread",),
    "services.cloudformation.provisioners": ("_provision_resource", "_update_resource", "_delete_resource", "_import_resource", "_RESOURCE_HANDLERS",
                                             "_DEFERRED_PREDECESSOR_DELETES", "_tag_map", "_ec2_route_destination"),
    "services.alb": ("_lbs", "_tgs", "_listeners", "_tags", "_lb_attrs"), "services.apigateway": ("_apis", "_integrations", "_routes", "_stages"),
    "services.dynamodb": ("_tables",), "services.elasticache": ("_serverless_caches",), "services.eventbridge": ("_rules", "_rule_key"),
    "services.ec2": ("_addresses", "_nat_gateways", "_internet_gateways", "_route_tables", "_security_groups", "_subnets", "_vpcs", "_vpc_endpoints",
                     "_tags", "_sg_rule_id"),
    "services.ecs": ("_clusters", "_services", "_task_defs", "_tags", "_resolve_cluster_name"), "services.iam": ("_roles",),
    "services.kinesis": ("_streams",), "services.kms": ("_keys",), "services.cloudwatch_logs": ("_log_groups",),
    "services.lambda_svc": ("_functions", "_esms", "_function_urls"), "services.servicediscovery": ("_services",),
    "services.rds": ("_instances", "_clusters", "_subnet_groups", "_param_groups", "_db_cluster_param_groups"),
    "services.s3": ("_buckets", "_bucket_policies", "_bucket_tags", "_bucket_owner_account"), "services.secretsmanager": ("_secrets",),
    "services.sns": ("_topics", "_sub_arn_to_topic"), "services.sqs": ("_queues",), "services.ssm": ("_parameters",)}


def check() -> None:
    """Fails with a clear line when MiniStack has lost a name."""
    for module, names in PRIVATE.items():
        found = importlib.import_module(f"ministack.{module}")
        for name in names:
            if not hasattr(found, name):
                raise RuntimeError(f"ministack.{module}.{name} is gone: the emulator's Cloud Control is made for the pinned MiniStack only")


def _of(module: str) -> Any:
    return importlib.import_module(f"ministack.services.{module}")


@dataclass(frozen=True)
class Kind:
    """How MiniStack keeps a type."""

    find: Find  # by physical id and properties; none when it is gone
    read: Read  # what it holds now, of the properties in `covers`
    covers: frozenset[str]
    every: Callable[[], Iterable[str]]  # the physical ids of all, for types that can be adopted: they are the identifiers
    # The create-only name that only one may have: the property, and the names in use (within what else the properties say).
    name: str
    names: Callable[[Properties], Iterable[str]]


def _state(*gone: str) -> Callable[[Any], Any]:
    """A record, unless its state says that it is gone."""
    def alive(record: Any) -> Any:
        state = record and next((record[key] for key in ("State", "status", "KeyState", "StackStatus") if isinstance(record.get(key), str)), "")
        return None if record is None or state in gone else record
    return alive


def _map(module: str, name: str, alive: Callable[[Any], Any] = lambda record: record) -> Find:
    return lambda physical, _properties: alive(getattr(_of(module), name).get(physical))


def _tags(module: str, physical: str) -> Any:
    return _of("cloudformation.provisioners")._tag_map(
        [{"Key": tag.get("Key", tag.get("key")), "Value": tag.get("Value", tag.get("value", ""))} for tag in _of(module)._tags.get(physical) or []])


def _camel(value: Any) -> Any:
    """The ECS API's names as the schema has them."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _camel(each) for key, each in value.items()}
    return [_camel(each) for each in value] if isinstance(value, list) else value


def _rules(permissions: list[Properties], direction: str) -> list[Properties]:
    """The rules of a security group as the schema has them: one for each peer."""
    rules = []
    for permission in permissions:
        common = {name: permission[name] for name in ("IpProtocol", "FromPort", "ToPort") if permission.get(name) is not None}
        for ours, group, theirs in (("CidrIp", "IpRanges", "CidrIp"), ("CidrIpv6", "Ipv6Ranges", "CidrIpv6"),
                                    (f"{direction}PrefixListId", "PrefixListIds", "PrefixListId"),
                                    (f"{direction}SecurityGroupId", "UserIdGroupPairs", "GroupId")):
            for peer in permission.get(group, []):
                described = {"Description": peer["Description"]} if peer.get("Description") else {}
                rules.append({**common, ours: peer.get(theirs), **described})
    return rules


def _security_group(record: Any, _properties: Properties) -> Properties:
    return {"GroupName": record["GroupName"], "GroupDescription": record["Description"], "VpcId": record["VpcId"],
            "SecurityGroupIngress": _rules(record["IpPermissions"], "Source"), "Tags": _tags("ec2", record["GroupId"]),
            "SecurityGroupEgress": _rules(record["IpPermissionsEgress"], "Destination")}


def _find_rule(physical: str, properties: Properties) -> Any:
    ec2 = _of("ec2")
    group = ec2._security_groups.get(properties.get("GroupId", "")) or {}
    return next((rule for rule in group.get("IpPermissions", []) if ec2._sg_rule_id(group["GroupId"], False, rule) == physical), None)


def _find_route(physical: str, _properties: Properties) -> Any:
    table, _, destination = physical.partition("|")
    return next((route for route in (_of("ec2")._route_tables.get(table) or {}).get("Routes", []) if destination in route.values()), None)


def _find_association(physical: str, _properties: Properties) -> Any:
    tables = _of("ec2")._route_tables.values()
    return next((each for table in tables for each in table["Associations"] if each["RouteTableAssociationId"] == physical), None)


def _find_attachment(physical: str, properties: Properties) -> Any:
    gateway = _of("ec2")._internet_gateways.get(properties.get("InternetGatewayId", "")) or {}
    return next((each for each in gateway.get("Attachments", []) if each["VpcId"] == physical.split("|")[-1]), None)


def _find_service(physical: str, _properties: Properties) -> Any:
    return next((each for each in _of("ecs")._services.values() if each["serviceArn"] == physical and each["status"] == "ACTIVE"), None)


def _service(record: Any, _properties: Properties) -> Properties:
    read = {name: _camel(record.get(name[0].lower() + name[1:])) for name in _SERVICE - {"Tags"}}
    return {**read, "Tags": _tags("ecs", record["serviceArn"])}


_SERVICE = frozenset({"ServiceName", "TaskDefinition", "DesiredCount", "LoadBalancers", "NetworkConfiguration", "Tags"})


def _service_names(properties: Properties) -> Iterable[str]:
    ecs = _of("ecs")
    cluster = ecs._resolve_cluster_name(properties.get("Cluster", "default"))
    return [key.split("/", 1)[1] for key, each in ecs._services.items() if key.split("/")[0] == cluster and each["status"] == "ACTIVE"]


def _find_permission(physical: str, properties: Properties) -> Any:
    function = _of("lambda_svc")._functions.get(properties.get("FunctionName", "").split(":function:")[-1].split(":")[0]) or {}
    return next((each for each in function.get("policy", {}).get("Statement", []) if each["Sid"] == physical), None)


_INSTANCE = (
    "AllocatedStorage", "AutoMinorVersionUpgrade", "BackupRetentionPeriod", "CopyTagsToSnapshot", "DBInstanceClass", "DBParameterGroupName",
    "DBSubnetGroupName", "DeletionProtection", "Engine", "EngineVersion", "MasterUsername", "MultiAZ", "PreferredBackupWindow",
    "PreferredMaintenanceWindow", "PubliclyAccessible", "StorageType", "Tags", "VPCSecurityGroups")


def _instance(record: Any, _properties: Properties) -> Properties:
    read = {name: record.get(name) for name in _INSTANCE}
    attributes = ("DBInstanceArn", "DBInstanceStatus", "DbiResourceId", "Endpoint", "InstanceCreateTime")
    return {**read, **{name: record[name] for name in attributes}, "Tags": record.get("TagList") or [],
            "DBSubnetGroupName": (record.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
            "DBParameterGroupName": next((each["DBParameterGroupName"] for each in record.get("DBParameterGroups", [])), None),
            "VPCSecurityGroups": [each["VpcSecurityGroupId"] for each in record.get("VpcSecurityGroups", [])]}


def _stack(record: Any, _properties: Properties) -> Properties:
    outputs = [{name: out[name] for name in ("OutputKey", "OutputValue", "Description", "ExportName") if out.get(name)} for out in record["Outputs"]]
    return {"StackStatus": record["StackStatus"], "StackStatusReason": record.get("StackStatusReason"), "Outputs": outputs}


def _bucket(physical: str, properties: Properties) -> Any:
    record = _of("cloudformation.drift")._DRIFT_READERS["AWS::S3::Bucket"][0](physical, properties)
    return None if record is None else {**record, "Tags": _of("s3")._bucket_tags.get(physical) or {}}


def _bucket_names(properties: Properties) -> Iterable[str]:
    """Buckets share one namespace with all other accounts."""
    return [properties["BucketName"]] if _of("s3")._bucket_owner_account(properties["BucketName"]) is not None else []


def _sub(name: str, field: Callable[[str], str] = lambda physical: physical) -> Find:
    """What API Gateway keeps below an API."""
    return lambda physical, properties: (getattr(_of("apigateway"), name).get(properties.get("ApiId", "")) or {}).get(field(physical))


def _field(module: str, store: str, name: str) -> Callable[[Properties], Iterable[str]]:
    return lambda _properties: [each[name] for each in getattr(_of(module), store).values()]


def _within(store: Callable[[], Iterable[Properties]], ours: str, scope: str, name: str) -> Callable[[Properties], Iterable[str]]:
    return lambda properties: [each[name] for each in store() if each.get(scope) == properties.get(ours)]


def _kept(find: Find, *covers: str, read: Read | None = None, every: tuple[str, str] | None = None, name: str = "", names: Any = None) -> Kind:
    """A kind; what is read is what the record has under the same names, unless told. Names in use are the keys of a map, unless told."""
    if read is None:
        read = lambda record, _properties: {field: record.get(field) for field in covers}  # noqa: E731
    keys = names or every
    taken = keys if callable(keys) else (lambda _properties: getattr(_of(keys[0]), keys[1])) if keys else (lambda _properties: ())
    return Kind(find, read, frozenset(covers), lambda: getattr(_of(every[0]), every[1]) if every else (), name, taken)


def _drifting(type_name: str, name: str, names: Any = None, every: tuple[str, str] | None = None) -> Kind:
    """A kind that MiniStack's own drift detection reads."""
    reader, covers = _of("cloudformation.drift")._DRIFT_READERS[type_name]
    return _kept(reader, *covers, read=lambda record, _properties: record, every=every, name=name, names=names)


def _tagged(module: str, store: str, field: str, *covers: str, gone: tuple[str, ...] = (), name: str = "", names: Any = None) -> Kind:
    """A kind whose tags its service keeps apart, by the identifier in a field."""
    read: Read = lambda record, _properties: {**{each: record.get(each) for each in covers}, "Tags": _tags(module, record[field])}  # noqa: E731
    return _kept(_map(module, store, _state(*gone)), "Tags", *covers, read=read, name=name, names=names)


def _policy(find: Find, name: str = "", names: Any = None) -> Kind:
    """A kind whose record is a policy document."""
    return _kept(find, "PolicyDocument", read=lambda record, _properties: {"PolicyDocument": record}, name=name, names=names)


def _policy_of(module: str, store: str) -> Find:
    return lambda physical, _properties: ((getattr(_of(module), store).get(physical) or {}).get("attributes") or {}).get("Policy") or None


def _find_rule_of_events(physical: str, properties: Properties) -> Any:
    events = _of("eventbridge")
    return events._rules.get(events._rule_key(physical, properties.get("EventBusName", "default")))


def _role(properties: Properties) -> Properties:
    return (_of("iam")._roles.get(properties.get("RoleName", "")) or {}).get("InlinePolicies", {})


def _stacks() -> list[Properties]:
    return [each for each in _of("cloudformation")._stacks.values() if each["StackStatus"] != "DELETE_COMPLETE"]


def _find_stack(physical: str, _properties: Properties) -> Any:
    return next((each for each in _stacks() if each["StackId"] == physical), None)


def _scaling_policies(properties: Properties) -> Iterable[str]:
    resource = properties.get("ResourceId") or properties.get("ScalingTargetId", "").split("|")[0]
    return [each["PolicyName"] for each in scaling.service().policies.values() if each["ResourceId"] == resource]


@functools.cache
def kinds() -> dict[str, Kind]:
    """Every type that the emulator can read; made late, as MiniStack is imported late."""
    known = {name: _drifting(name, "") for name in _of("cloudformation.drift")._DRIFT_READERS}
    return known | {
        "AWS::ApiGatewayV2::Api": _kept(_map("apigateway", "_apis"), "Name", "Tags", read=lambda record, _: {
            "Name": record["name"], "Tags": record["tags"]}),
        "AWS::ApiGatewayV2::Integration": _kept(_sub("_integrations")),
        "AWS::ApiGatewayV2::Route": _kept(_sub("_routes", lambda physical: physical.split("/")[-1])),
        "AWS::ApiGatewayV2::Stage": _kept(_sub("_stages"), name="StageName",
                                          names=lambda properties: _of("apigateway")._stages.get(properties["ApiId"]) or {}),
        "AWS::ApplicationAutoScaling::ScalableTarget": _kept(
            lambda physical, _: scaling.service().targets.get(physical), "MinCapacity", "MaxCapacity", name="ResourceId",
            names=_within(lambda: scaling.service().targets.values(), "ScalableDimension", "ScalableDimension", "ResourceId")),
        "AWS::ApplicationAutoScaling::ScalingPolicy": _kept(
            lambda physical, _: scaling.service().policies.get(physical), name="PolicyName", names=_scaling_policies),
        "AWS::CloudFormation::Stack": _kept(_find_stack, "StackStatus", "StackStatusReason", "Outputs", read=_stack, name="StackName",
                                            names=lambda _: [each["StackName"] for each in _stacks()]),
        "AWS::DynamoDB::Table": _drifting("AWS::DynamoDB::Table", "TableName", every=("dynamodb", "_tables")),
        "AWS::EC2::EIP": _tagged("ec2", "_addresses", "AllocationId"),
        "AWS::EC2::InternetGateway": _tagged("ec2", "_internet_gateways", "InternetGatewayId"),
        "AWS::EC2::NatGateway": _tagged("ec2", "_nat_gateways", "NatGatewayId", gone=("deleted", "deleting")),
        "AWS::EC2::Route": _kept(_find_route, "GatewayId", "NatGatewayId"),
        "AWS::EC2::RouteTable": _tagged("ec2", "_route_tables", "RouteTableId"),
        "AWS::EC2::SecurityGroup": _kept(
            _map("ec2", "_security_groups"), "GroupName", "GroupDescription", "VpcId", "SecurityGroupIngress", "SecurityGroupEgress", "Tags",
            read=_security_group, name="GroupName", names=_within(lambda: _of("ec2")._security_groups.values(), "VpcId", "VpcId", "GroupName")),
        "AWS::EC2::SecurityGroupIngress": _kept(_find_rule),
        "AWS::EC2::Subnet": _tagged("ec2", "_subnets", "SubnetId", "MapPublicIpOnLaunch"),
        "AWS::EC2::SubnetRouteTableAssociation": _kept(_find_association),
        "AWS::EC2::VPC": _tagged("ec2", "_vpcs", "VpcId"),
        "AWS::EC2::VPCEndpoint": _tagged("ec2", "_vpc_endpoints", "VpcEndpointId", gone=("deleted", "deleting")),
        "AWS::EC2::VPCGatewayAttachment": _kept(_find_attachment),
        "AWS::ECS::Cluster": _tagged("ecs", "_clusters", "clusterArn", gone=("INACTIVE",), name="ClusterName",
                                     names=_field("ecs", "_clusters", "clusterName")),
        "AWS::ECS::Service": _kept(_find_service, *_SERVICE, read=_service, name="ServiceName", names=_service_names),
        "AWS::ECS::TaskDefinition": _kept(
            lambda physical, _: _state("INACTIVE")(_of("ecs")._task_defs.get(physical.rsplit("/", 1)[-1])), "Tags",
            read=lambda record, _: {"Tags": _tags("ecs", record["taskDefinitionArn"])}),
        "AWS::ElastiCache::ServerlessCache": _kept(_map("elasticache", "_serverless_caches"), "Description", "Status", name="ServerlessCacheName",
                                                   names=("elasticache", "_serverless_caches")),
        "AWS::ElasticLoadBalancingV2::Listener": _kept(_map("alb", "_listeners"), "Port", "Protocol"),
        "AWS::ElasticLoadBalancingV2::LoadBalancer": _tagged("alb", "_lbs", "LoadBalancerArn", name="Name",
                                                             names=_field("alb", "_lbs", "LoadBalancerName")),
        "AWS::ElasticLoadBalancingV2::TargetGroup": _tagged("alb", "_tgs", "TargetGroupArn", "LoadBalancerArns", "HealthCheckPath", name="Name",
                                                            names=_field("alb", "_tgs", "TargetGroupName")),
        "AWS::Events::Rule": _kept(
            _find_rule_of_events, "State", "Description", "ScheduleExpression", name="Name",
            names=lambda properties: [each["Name"] for each in _of("eventbridge")._rules.values()
                                      if each["EventBusName"] == properties.get("EventBusName", "default")]),
        "AWS::IAM::Role": _drifting("AWS::IAM::Role", "RoleName", every=("iam", "_roles")),
        "AWS::IAM::RolePolicy": _policy(lambda _, properties: _role(properties).get(properties.get("PolicyName")), "PolicyName", _role),
        "AWS::KMS::Key": _kept(_map("kms", "_keys", _state("PendingDeletion")), "Description", every=("kms", "_keys")),
        "AWS::Kinesis::Stream": _kept(_map("kinesis", "_streams"), "RetentionPeriodHours", "Tags", name="Name", names=("kinesis", "_streams"),
                                      read=lambda record, _: {"RetentionPeriodHours": record["RetentionPeriodHours"], "Tags": record["tags"]}),
        "AWS::Lambda::EventSourceMapping": _kept(_map("lambda_svc", "_esms"), "BatchSize"),
        "AWS::Lambda::Function": _drifting("AWS::Lambda::Function", "FunctionName", every=("lambda_svc", "_functions")),
        "AWS::Lambda::Permission": _kept(_find_permission),
        "AWS::Lambda::Url": _kept(_map("lambda_svc", "_function_urls"), "AuthType"),
        "AWS::Logs::LogGroup": _drifting("AWS::Logs::LogGroup", "LogGroupName", every=("cloudwatch_logs", "_log_groups")),
        "AWS::RDS::DBCluster": _kept(_map("rds", "_clusters"), "EngineVersion", "BackupRetentionPeriod", name="DBClusterIdentifier",
                                     names=("rds", "_clusters")),
        "AWS::RDS::DBClusterParameterGroup": _kept(_map("rds", "_db_cluster_param_groups"), name="DBClusterParameterGroupName",
                                                   names=("rds", "_db_cluster_param_groups")),
        "AWS::RDS::DBInstance": _kept(_map("rds", "_instances"), *_INSTANCE, read=_instance, name="DBInstanceIdentifier",
                                      names=("rds", "_instances")),
        "AWS::RDS::DBParameterGroup": _kept(_map("rds", "_param_groups"), name="DBParameterGroupName", names=("rds", "_param_groups")),
        "AWS::RDS::DBSubnetGroup": _kept(_map("rds", "_subnet_groups"), "DBSubnetGroupDescription", name="DBSubnetGroupName",
                                         names=("rds", "_subnet_groups")),
        "AWS::S3::Bucket": _kept(_bucket, "BucketName", "VersioningConfiguration", "Tags", every=("s3", "_buckets"), name="BucketName",
                                 names=_bucket_names),
        "AWS::S3::BucketPolicy": _policy(lambda _, properties: _of("s3")._bucket_policies.get(properties.get("Bucket", "")), "Bucket",
                                         ("s3", "_bucket_policies")),
        "AWS::SNS::Subscription": _kept(_map("sns", "_sub_arn_to_topic")),
        "AWS::SNS::Topic": _drifting("AWS::SNS::Topic", "TopicName", _field("sns", "_topics", "name"), ("sns", "_topics")),
        "AWS::SNS::TopicInlinePolicy": _policy(_policy_of("sns", "_topics")),
        "AWS::SQS::Queue": _drifting("AWS::SQS::Queue", "QueueName", _field("sqs", "_queues", "name"), ("sqs", "_queues")),
        "AWS::SQS::QueueInlinePolicy": _policy(_policy_of("sqs", "_queues")),
        "AWS::SSM::Parameter": _drifting("AWS::SSM::Parameter", "Name", every=("ssm", "_parameters")),
        "AWS::SecretsManager::Secret": _drifting("AWS::SecretsManager::Secret", "Name", ("secretsmanager", "_secrets")),
        "AWS::ServiceDiscovery::Service": _kept(
            _map("servicediscovery", "_services"), "Description", name="Name",
            names=_within(lambda: _of("servicediscovery")._services.values(), "NamespaceId", "NamespaceId", "Name"))}
