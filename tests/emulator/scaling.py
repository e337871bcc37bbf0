"""Application Auto Scaling, which MiniStack lacks: targets and policies in memory, behind the API that boto3 speaks. Nothing is ever scaled."""

from __future__ import annotations

import functools
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

Item = dict[str, Any]

TARGET = ("ResourceId", "ScalableDimension", "ServiceNamespace")


class Problem(Exception):
    """An answer that refuses."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Scaling:
    """The service; its maps are scoped by account and region, as MiniStack's are."""

    def __init__(self) -> None:
        from ministack.core.responses import AccountRegionScopedDict

        self.targets: Any = AccountRegionScopedDict()  # the three parts of TARGET -> target
        self.policies: Any = AccountRegionScopedDict()  # ARN -> policy

    def reset(self) -> None:
        self.targets.clear()
        self.policies.clear()

    async def handle_request(self, _method: str, _path: str, headers: dict[str, str], body: bytes, _query: Any) -> Any:
        from ministack.core.responses import error_response_json, json_response

        operations: dict[str, Callable[[Item], Item]] = {
            "RegisterScalableTarget": self.register, "DeregisterScalableTarget": self.deregister, "DescribeScalableTargets": self.describe_targets,
            "PutScalingPolicy": self.put, "DeleteScalingPolicy": self.delete, "DescribeScalingPolicies": self.describe_policies,
            "ListTagsForResource": self.tags, "TagResource": self.tag, "UntagResource": self.untag}
        name = headers.get("x-amz-target", "").split(".")[-1]
        if name not in operations:
            return error_response_json("UnknownOperationException", f"Unknown operation: {name}", 400)
        try:
            return json_response(operations[name](json.loads(body or b"{}")))
        except Problem as problem:
            return error_response_json(problem.code, str(problem), 400)

    def register(self, given: Item) -> Item:
        """Makes a target, or changes what is named of it."""
        key = _key(given)
        known = self.targets.get(key)
        if known is None and not {"MinCapacity", "MaxCapacity"} <= given.keys():
            raise Problem("ValidationException", "Both minimum and maximum capacity must be specified for a new scalable target")
        fresh = {"ScalableTargetARN": _arn("scalable-target", uuid.uuid4().hex[:32]), "CreationTime": time.time(), "Tags": {},
                 "RoleARN": f"arn:aws:iam::{_scope()[0]}:role/aws-service-role/{given['ServiceNamespace']}.application-autoscaling.amazonaws.com/"
                            "AWSServiceRoleForApplicationAutoScaling"}
        target = (known or fresh) | {name: value for name, value in given.items() if value is not None}
        if target["MinCapacity"] > target["MaxCapacity"]:
            raise Problem("ValidationException", "Maximum capacity cannot be less than minimum capacity")
        self.targets[key] = target
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def deregister(self, given: Item) -> Item:
        """Removes a target and its policies."""
        key = _key(given)
        if key not in self.targets:
            raise Problem("ObjectNotFoundException", f"No scalable target found for {key}")
        del self.targets[key]
        for arn, policy in self.policies.items():
            if _key(policy) == key:
                del self.policies[arn]
        return {}

    def describe_targets(self, given: Item) -> Item:
        wanted = given.get("ResourceIds")
        found = [target for target in self.targets.values() if _fits(target, given) and (not wanted or target["ResourceId"] in wanted)]
        return {"ScalableTargets": [{name: value for name, value in target.items() if name != "Tags"} for target in found]}

    def put(self, given: Item) -> Item:
        """Makes a policy, or replaces it."""
        if _key(given) not in self.targets:
            raise Problem("ObjectNotFoundException", f"No scalable target registered for {_key(given)}")
        known = self.policy(given)
        arn = known["PolicyARN"] if known else _arn("scalingPolicy", f"{uuid.uuid4()}:resource/{given['ServiceNamespace']}/{given['ResourceId']}"
                                                                     f":policyName/{given['PolicyName']}")
        created = known["CreationTime"] if known else time.time()
        self.policies[arn] = {"PolicyType": "StepScaling", **given, "PolicyARN": arn, "CreationTime": created, "Alarms": []}
        return {"PolicyARN": arn, "Alarms": []}

    def policy(self, given: Item) -> Item | None:
        """The policy of a name at a target."""
        return next((each for each in self.policies.values() if each["PolicyName"] == given["PolicyName"] and _key(each) == _key(given)), None)

    def delete(self, given: Item) -> Item:
        known = self.policy(given)
        if known is None:
            raise Problem("ObjectNotFoundException", f"No scaling policy found for {given['PolicyName']}")
        del self.policies[known["PolicyARN"]]
        return {}

    def describe_policies(self, given: Item) -> Item:
        names, resource = given.get("PolicyNames"), given.get("ResourceId")
        return {"ScalingPolicies": [policy for policy in self.policies.values() if _fits(policy, given)
                                    and (not names or policy["PolicyName"] in names) and resource in (None, policy["ResourceId"])]}

    def tags(self, given: Item) -> Item:
        return {"Tags": self._tagged(given)["Tags"]}

    def tag(self, given: Item) -> Item:
        self._tagged(given)["Tags"].update(given["Tags"])
        return {}

    def untag(self, given: Item) -> Item:
        for key in given["TagKeys"]:
            self._tagged(given)["Tags"].pop(key, None)
        return {}

    def _tagged(self, given: Item) -> Item:
        found = next((target for target in self.targets.values() if target["ScalableTargetARN"] == given["ResourceARN"]), None)
        if found is None:
            raise Problem("ResourceNotFoundException", f"{given['ResourceARN']} was not found")
        return found


@functools.cache
def service() -> Scaling:
    """The one service of this process; made late, as MiniStack is imported late."""
    return Scaling()


def _key(given: Item) -> str:
    missing = [name for name in TARGET if not given.get(name)]
    if missing:
        raise Problem("ValidationException", f"{', '.join(missing)} must be given")
    return "|".join(given[name] for name in TARGET)


def _fits(item: Item, given: Item) -> bool:
    return all(given.get(name) in (None, item[name]) for name in ("ServiceNamespace", "ScalableDimension"))


def _scope() -> tuple[str, str]:
    from ministack.core.responses import get_account_id, get_region

    return get_account_id(), get_region()


def _arn(what: str, name: str) -> str:
    account, region = _scope()
    separator = "/" if what == "scalable-target" else ":"
    return f"arn:aws:{'application-autoscaling' if separator == '/' else 'autoscaling'}:{region}:{account}:{what}{separator}{name}"
