"""AWS::CloudFormation::Stack as Cloud Control has it: a stack of MiniStack's CloudFormation, made over loopback and waited for."""

from __future__ import annotations

import time
from typing import Any

from botocore.exceptions import ClientError

from emulator.supplements import client

Properties = dict[str, Any]

PATIENCE = 120.0
CHANGED = ("Capabilities", "NotificationARNs", "RoleARN", "StackPolicyBody", "Tags", "TemplateURL")
TAKEN = (*CHANGED, "DisableRollback", "EnableTerminationProtection", "TimeoutInMinutes")


class Broken(Exception):
    """A stack that stands, but not as it was asked for."""

    def __init__(self, identifier: str, reason: str) -> None:
        super().__init__(reason)
        self.identifier = identifier


def create(_logical: str, given: Properties, _stack: str) -> tuple[str, Properties]:
    return _wait(client("cloudformation").create_stack(**_arguments(given, TAKEN))["StackId"])


def update(physical: str, _old: Properties, new: Properties, _stack: str) -> tuple[str, Properties]:
    try:
        client("cloudformation").update_stack(**_arguments(new, CHANGED))
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise
    return _wait(physical)


def delete(physical: str, given: Properties) -> None:
    client("cloudformation").delete_stack(StackName=given["StackName"])
    _wait(physical)


def _arguments(given: Properties, names: tuple[str, ...]) -> Properties:
    arguments = {name: given[name] for name in ("StackName", *names) if name in given}
    if "TemplateBody" in given:
        arguments["TemplateBody"] = given["TemplateBody"]
    arguments["Parameters"] = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.get("Parameters", {}).items()]
    return arguments


def _wait(identifier: str) -> tuple[str, Properties]:
    """The end of what runs on a stack."""
    deadline = time.monotonic() + PATIENCE
    while True:
        stack = client("cloudformation").describe_stacks(StackName=identifier)["Stacks"][0]
        status = stack["StackStatus"]
        if not status.endswith("IN_PROGRESS"):
            break
        if time.monotonic() > deadline:
            raise Broken(identifier, f"{identifier} is still {status}")
        time.sleep(0.02)
    if "ROLLBACK" in status or "FAILED" in status:
        raise Broken(identifier, f"{status}: {stack.get('StackStatusReason', '')}")
    return identifier, {"StackId": identifier, "StackStatus": status, "CreationTime": stack["CreationTime"].isoformat()}


HANDLER = {"create": create, "update": update, "delete": delete}
