"""Read-only properties that MiniStack's provisioners do not return: the service's value where MiniStack has one, else one of the right form."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

Properties = dict[str, Any]


def of(name: str, physical: str, properties: Properties) -> Properties:
    """What to add for a resource, by dotted path."""
    fill = _FILL.get(name)
    return {path: value for path, value in fill(physical, properties).items() if value is not None} if fill else {}


def _arn(service: str, rest: str) -> str:
    from ministack.core.responses import get_account_id, get_region

    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{rest}"


def _record(module: str, store: str, key: str) -> Properties:
    return getattr(importlib.import_module(f"ministack.services.{module}"), store).get(key) or {}


def _association(prefix: str, physical: str) -> str:
    return f"{prefix}-{physical.split('-')[-1]}"


def _region() -> str:
    from ministack.core.responses import get_region

    return get_region()


def _destination(properties: Properties) -> str:
    provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
    return provisioners._ec2_route_destination(properties)[1]


def managed_secret(name: str, physical: str) -> str:
    """The name of the secret that RDS keeps the password of a database in; nothing for other types."""
    store, field, kind = {"AWS::RDS::DBCluster": ("_clusters", "DbClusterResourceId", "cluster"),
                          "AWS::RDS::DBInstance": ("_instances", "DbiResourceId", "db")}.get(name, ("", "", ""))
    return f"rds!{kind}-{_record('rds', store, physical)[field].lower()}" if store else ""


def secret_arn(name: str) -> str | None:
    return _record("secretsmanager", "_secrets", name).get("ARN") if name else None


def _vpc(physical: str, _properties: Properties) -> Properties:
    ec2 = importlib.import_module("ministack.services.ec2")
    acl = next((each["NetworkAclId"] for each in ec2._network_acls.values() if each["VpcId"] == physical and each["IsDefault"]), None)
    group = next((each["GroupId"] for each in ec2._security_groups.values() if each["VpcId"] == physical and each["GroupName"] == "default"), None)
    return {"CidrBlockAssociations": [_association("vpc-cidr-assoc", physical)], "DefaultNetworkAcl": acl, "DefaultSecurityGroup": group,
            "Ipv6CidrBlocks": []}


def _endpoint(physical: str, _properties: Properties) -> Properties:
    record = _record("ec2", "_vpc_endpoints", physical)
    return {"Id": physical, "CreationTimestamp": record["CreationTimestamp"], "NetworkInterfaceIds": record["NetworkInterfaceIds"], "DnsEntries": []}


_FILL: dict[str, Callable[[str, Properties], Properties]] = {
    "AWS::ApiGatewayV2::Api": lambda physical, _: {"ExecuteApiArn": _arn("execute-api", physical)},
    "AWS::DynamoDB::Table": lambda physical, _: {"StreamArn": _record("dynamodb", "_tables", physical).get("LatestStreamArn")},
    "AWS::EC2::Route": lambda _, properties: {"CidrBlock": _destination(properties)},
    "AWS::EC2::SecurityGroup": lambda physical, _: {"Id": physical, "GroupName": _record("ec2", "_security_groups", physical)["GroupName"]},
    "AWS::EC2::Subnet": lambda physical, _: {"NetworkAclAssociationId": _association("aclassoc", physical), "Ipv6CidrBlocks": []},
    "AWS::EC2::VPC": _vpc,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::EC2::VPCGatewayAttachment": lambda physical, _: {"AttachmentType": physical.split("|")[0]},
    "AWS::ECS::Service": lambda physical, properties: {"Cluster": properties.get("Cluster", "default"), "ServiceName": physical.rsplit("/", 1)[-1]},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": lambda physical, _: {"Name": physical.split("/")[2]},
    "AWS::ElasticLoadBalancingV2::TargetGroup": lambda physical, _: {"Name": physical.split("/")[1], "LoadBalancerArns": []},
    "AWS::Events::Rule": lambda physical, _: {"Name": physical},
    "AWS::Lambda::Function": lambda _, __: {"SnapStartResponse.ApplyOn": "None", "SnapStartResponse.OptimizationStatus": "Off"},
    "AWS::RDS::DBCluster": lambda physical, _: {"MasterUserSecret.SecretArn": secret_arn(managed_secret("AWS::RDS::DBCluster", physical))},
    "AWS::RDS::DBInstance": lambda physical, _: {"MasterUserSecret.SecretArn": secret_arn(managed_secret("AWS::RDS::DBInstance", physical))},
    "AWS::S3::Bucket": lambda physical, _: {"DualStackDomainName": f"{physical}.s3.dualstack.{_region()}.amazonaws.com"},
    "AWS::SNS::Topic": lambda physical, _: {"TopicName": physical.rsplit(":", 1)[-1]},
    "AWS::SSM::Parameter": lambda physical, _: {"Arn": _arn("ssm", f"parameter/{physical.lstrip('/')}")},
    "AWS::SecretsManager::Secret": lambda physical, _: {"Name": physical}}
