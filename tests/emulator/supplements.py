"""The types that panka emits and MiniStack cannot provision: each is made, changed and removed through MiniStack's own service API over loopback.

A handler has the form of MiniStack's own: create(logical id, properties, stack) and update(physical id, old, new, stack) give a physical id and
attributes, delete(physical id, properties) nothing. They block, so they run on a thread of their own.
"""

from __future__ import annotations

import functools
import json
import os
import re
import threading
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

from emulator.scaling import TARGET

Properties = dict[str, Any]
Made = tuple[str, Properties]

# Calls with this header are the emulator's own: not counted, not held, under no rule.
HARNESS = "x-panka-harness"
_LOCK = threading.Lock()


def client(service: str) -> Any:
    """A client of one of MiniStack's services, in the account and region of the request that is served."""
    with _LOCK:  # clients are safe for threads, what makes them is not
        return _client(service)


@functools.cache
def _client(service: str) -> Any:
    made = boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], aws_access_key_id="unused", aws_secret_access_key="unused",
                        region_name="unused", config=Config(retries={"total_max_attempts": 1}, proxies={}, max_pool_connections=64))
    made.meta.events.register("before-send", _address)
    return made


def _address(request: Any, **_more: Any) -> None:
    """Names the account and the region in the signature, which MiniStack reads and does not check: a client for each would be slow to make."""
    from ministack.core.responses import get_account_id, get_region

    signed = request.headers["Authorization"]
    text = signed.decode() if isinstance(signed, bytes) else signed
    request.headers["Authorization"] = re.sub(r"Credential=[^/]+/(\d+)/[^/]+/", rf"Credential={get_account_id()}/\g<1>/{get_region()}/", text)
    request.headers[HARNESS] = "emulator"


def _given(properties: Properties, *names: str) -> Properties:
    return {name: properties[name] for name in names if properties.get(name) is not None}


def _document(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _retag(identifier: str, old: Properties, new: Properties) -> None:
    """Brings the tags of an EC2 resource from one form to another."""
    kept = {tag["Key"] for tag in new.get("Tags", [])}
    gone = [{"Key": tag["Key"]} for tag in old.get("Tags", []) if tag["Key"] not in kept]
    if gone:
        client("ec2").delete_tags(Resources=[identifier], Tags=gone)
    if new.get("Tags"):
        client("ec2").create_tags(Resources=[identifier], Tags=new["Tags"])


def _tagging(kind: str, properties: Properties) -> Properties:
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": properties["Tags"]}]} if properties.get("Tags") else {}


def _address_create(_logical: str, given: Properties, _stack: str) -> Made:
    made = client("ec2").allocate_address(Domain=given.get("Domain", "vpc"), **_tagging("elastic-ip", given))
    return made["AllocationId"], {"AllocationId": made["AllocationId"], "PublicIp": made["PublicIp"]}


def _address_update(physical: str, old: Properties, new: Properties, _stack: str) -> Made:
    _retag(physical, old, new)
    return physical, {}


def _address_delete(physical: str, _given: Properties) -> None:
    client("ec2").release_address(AllocationId=physical)


def _gateway_create(_logical: str, given: Properties, _stack: str) -> Made:
    made = client("ec2").create_nat_gateway(**_given(given, "SubnetId", "AllocationId", "ConnectivityType"), **_tagging("natgateway", given))
    identifier = made["NatGateway"]["NatGatewayId"]
    return identifier, {"NatGatewayId": identifier, "EniId": f"eni-{identifier.removeprefix('nat-')}"}


def _gateway_update(physical: str, old: Properties, new: Properties, _stack: str) -> Made:
    _retag(physical, old, new)
    return physical, {}


def _gateway_delete(physical: str, _given: Properties) -> None:
    client("ec2").delete_nat_gateway(NatGatewayId=physical)


def _permission(given: Properties) -> Properties:
    """A rule in the form of the EC2 API."""
    described = _given(given, "Description")
    permission: Properties = _given(given, "IpProtocol", "FromPort", "ToPort")
    if "CidrIp" in given:
        permission["IpRanges"] = [{"CidrIp": given["CidrIp"], **described}]
    if "CidrIpv6" in given:
        permission["Ipv6Ranges"] = [{"CidrIpv6": given["CidrIpv6"], **described}]
    if "SourcePrefixListId" in given:
        permission["PrefixListIds"] = [{"PrefixListId": given["SourcePrefixListId"], **described}]
    if "SourceSecurityGroupId" in given:
        owner = {"UserId": given["SourceSecurityGroupOwnerId"]} if "SourceSecurityGroupOwnerId" in given else {}
        permission["UserIdGroupPairs"] = [{"GroupId": given["SourceSecurityGroupId"], **owner, **described}]
    return permission


def _ingress_create(_logical: str, given: Properties, _stack: str) -> Made:
    made = client("ec2").authorize_security_group_ingress(GroupId=given["GroupId"], IpPermissions=[_permission(given)])
    identifier = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    return identifier, {"Id": identifier}


def _ingress_update(physical: str, _old: Properties, new: Properties, _stack: str) -> Made:
    """Only the description may change."""
    peer = {theirs: new[ours] for ours, theirs in (("CidrIp", "CidrIpv4"), ("CidrIpv6", "CidrIpv6"), ("SourcePrefixListId", "PrefixListId"),
                                                   ("SourceSecurityGroupId", "ReferencedGroupId")) if ours in new}
    rule = {**_given(new, "IpProtocol", "FromPort", "ToPort"), **peer, "Description": new.get("Description", "")}
    changed = {"SecurityGroupRuleId": physical, "SecurityGroupRule": rule}
    client("ec2").modify_security_group_rules(GroupId=new["GroupId"], SecurityGroupRules=[changed])
    return physical, {"Id": physical}


def _ingress_delete(physical: str, given: Properties) -> None:
    client("ec2").revoke_security_group_ingress(GroupId=given["GroupId"], SecurityGroupRuleIds=[physical])


def _role_policy_create(_logical: str, given: Properties, _stack: str) -> Made:
    client("iam").put_role_policy(**_given(given, "RoleName", "PolicyName"), PolicyDocument=_document(given.get("PolicyDocument", {})))
    return f"{given['PolicyName']}|{given['RoleName']}", {}


def _role_policy_delete(_physical: str, given: Properties) -> None:
    client("iam").delete_role_policy(RoleName=given["RoleName"], PolicyName=given["PolicyName"])


def _queue_policy_create(_logical: str, given: Properties, _stack: str) -> Made:
    client("sqs").set_queue_attributes(QueueUrl=given["Queue"], Attributes={"Policy": _document(given["PolicyDocument"])})
    return given["Queue"], {}


def _queue_policy_delete(_physical: str, given: Properties) -> None:
    client("sqs").set_queue_attributes(QueueUrl=given["Queue"], Attributes={"Policy": ""})


def _topic_policy_create(_logical: str, given: Properties, _stack: str) -> Made:
    client("sns").set_topic_attributes(TopicArn=given["TopicArn"], AttributeName="Policy", AttributeValue=_document(given["PolicyDocument"]))
    return given["TopicArn"], {}


def _topic_policy_delete(_physical: str, given: Properties) -> None:
    # AWS gives the topic its default policy again; an empty one stands for it here.
    client("sns").set_topic_attributes(TopicArn=given["TopicArn"], AttributeName="Policy", AttributeValue="")


def _cache(name: str) -> Made:
    cache = client("elasticache").describe_serverless_caches(ServerlessCacheName=name)["ServerlessCaches"][0]
    return name, {"ARN": cache["ARN"], "Status": cache["Status"], "FullEngineVersion": cache["FullEngineVersion"],
                  "CreateTime": cache["CreateTime"].isoformat(), "Endpoint.Address": cache["Endpoint"]["Address"],
                  "Endpoint.Port": cache["Endpoint"]["Port"], "ReaderEndpoint.Address": cache["ReaderEndpoint"]["Address"],
                  "ReaderEndpoint.Port": cache["ReaderEndpoint"]["Port"]}


_CACHE = ("ServerlessCacheName", "Description", "Engine", "MajorEngineVersion", "CacheUsageLimits", "SecurityGroupIds", "UserGroupId",
          "SnapshotRetentionLimit", "DailySnapshotTime")


def _cache_create(_logical: str, given: Properties, _stack: str) -> Made:
    client("elasticache").create_serverless_cache(**_given(given, *_CACHE, "KmsKeyId", "SubnetIds", "Tags"))
    return _cache(given["ServerlessCacheName"])


def _cache_update(physical: str, old: Properties, new: Properties, _stack: str) -> Made:
    changed = {name: value for name, value in _given(new, *_CACHE).items() if old.get(name) != value}
    if changed:
        client("elasticache").modify_serverless_cache(ServerlessCacheName=physical, **changed)
    name, attributes = _cache(physical)
    arn, kept = attributes["ARN"], {tag["Key"] for tag in new.get("Tags", [])}
    gone = [tag["Key"] for tag in old.get("Tags", []) if tag["Key"] not in kept]
    if gone:
        client("elasticache").remove_tags_from_resource(ResourceName=arn, TagKeys=gone)
    if new.get("Tags"):
        client("elasticache").add_tags_to_resource(ResourceName=arn, Tags=new["Tags"])
    return name, attributes


def _cache_delete(physical: str, _given: Properties) -> None:
    client("elasticache").delete_serverless_cache(ServerlessCacheName=physical)


def _target_create(_logical: str, given: Properties, _stack: str) -> Made:
    client("application-autoscaling").register_scalable_target(**_given(given, *TARGET, "MinCapacity", "MaxCapacity", "SuspendedState"))
    identifier = "|".join(given[name] for name in TARGET)
    return identifier, {"Id": identifier}


def _target_delete(_physical: str, given: Properties) -> None:
    client("application-autoscaling").deregister_scalable_target(**_given(given, *TARGET))


def _policy(given: Properties) -> Properties:
    """The properties of a policy, with its target spelt out where only the target's identifier is given."""
    resource, dimension, namespace = given.get("ScalingTargetId", "||").split("|")
    named = {"ResourceId": resource, "ScalableDimension": dimension, "ServiceNamespace": namespace}
    return {name: value for name, value in named.items() if value} | _given(
        given, *TARGET, "PolicyName", "PolicyType", "StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration",
        "PredictiveScalingPolicyConfiguration")


def _policy_create(_logical: str, given: Properties, _stack: str) -> Made:
    policy = _policy(given)
    arn = client("application-autoscaling").put_scaling_policy(**policy)["PolicyARN"]
    return arn, {"Arn": arn, **_given(policy, *TARGET)}


def _policy_delete(_physical: str, given: Properties) -> None:
    client("application-autoscaling").delete_scaling_policy(**_given(_policy(given), *TARGET, "PolicyName"))


def _again(create: Callable[[str, Properties, str], Made]) -> Callable[[str, Properties, Properties, str], Made]:
    """The update of something that is put whole."""
    return lambda _physical, _old, new, stack: create("", new, stack)


def _handlers(create: Any, update: Any, delete: Any) -> dict[str, Any]:
    return {"create": create, "update": update or _again(create), "delete": delete}


HANDLERS: dict[str, dict[str, Any]] = {
    "AWS::EC2::EIP": _handlers(_address_create, _address_update, _address_delete),
    "AWS::EC2::NatGateway": _handlers(_gateway_create, _gateway_update, _gateway_delete),
    "AWS::EC2::SecurityGroupIngress": _handlers(_ingress_create, _ingress_update, _ingress_delete),
    "AWS::IAM::RolePolicy": _handlers(_role_policy_create, None, _role_policy_delete),
    "AWS::SQS::QueueInlinePolicy": _handlers(_queue_policy_create, None, _queue_policy_delete),
    "AWS::SNS::TopicInlinePolicy": _handlers(_topic_policy_create, None, _topic_policy_delete),
    "AWS::ElastiCache::ServerlessCache": _handlers(_cache_create, _cache_update, _cache_delete),
    "AWS::ApplicationAutoScaling::ScalableTarget": _handlers(_target_create, None, _target_delete),
    "AWS::ApplicationAutoScaling::ScalingPolicy": _handlers(_policy_create, None, _policy_delete)}
