"""Cloud Control as the provider uses it: clients of the emulator, and nothing else; requests, their events, and the words of their errors."""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from typing import Any

# How often the real provider reads a new resource that is not found yet.
READS = 5
ATTEMPTS = 25
# The ends of host names in partitions that have one of their own.
SUFFIXES = {"aws-cn": "amazonaws.com.cn", "aws-iso": "c2s.ic.gov", "aws-iso-b": "sc2s.sgov.gov", "aws-iso-e": "cloud.adc-e.uk",
            "aws-iso-f": "csp.hci.ic.gov", "aws-eusc": "amazonaws.eu"}


class Refused(Exception):
    """What the real provider would say."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def endpoint() -> str:
    """The endpoint of the emulator; nothing else is ever called."""
    url = os.environ.get("AWS_ENDPOINT_URL_CLOUDCONTROL") or os.environ.get("AWS_ENDPOINT_URL", "")
    if urllib.parse.urlparse(url).hostname not in ("127.0.0.1", "localhost", "::1"):
        sys.exit(f"this provider is for tests: AWS_ENDPOINT_URL must be of this machine, not `{url}`")
    return url


class Cloud:
    """An account and a region, as the configuration of the provider has them."""

    def __init__(self, region: str, settings: dict[str, str]) -> None:
        self.region = region
        self.stopped = threading.Event()
        self._attempts = int(settings.get("maxRetries", ATTEMPTS))
        self._role = {"RoleArn": settings["roleArn"]} if "roleArn" in settings else {}
        # Most starts of the provider make no call.
        import boto3
        import botocore.session

        core = botocore.session.Session(profile=settings.get("profile"))
        if "sharedCredentialsFile" in settings:
            core.set_config_variable("credentials_file", os.path.expanduser(settings["sharedCredentialsFile"]))
        keys = {"aws_access_key_id": settings.get("accessKey"), "aws_secret_access_key": settings.get("secretKey"),
                "aws_session_token": settings.get("token")}
        self._session = boto3.Session(botocore_session=core, region_name=region, **(keys if any(keys.values()) else {}))
        if "assumeRole" in settings:
            given = {name[0].upper() + name[1:]: value for name, value in json.loads(settings["assumeRole"]).items()}
            renamed = {"SessionName": "RoleSessionName"}
            shaped = {"PolicyArns": lambda arns: [{"arn": arn} for arn in arns],
                      "Tags": lambda tags: [{"Key": key, "Value": value} for key, value in tags.items()]}
            arguments = {renamed.get(name, name): shaped.get(name, lambda same: same)(value) for name, value in given.items()}
            got = self.client("sts").assume_role(**{"RoleSessionName": "pulumi"} | arguments)["Credentials"]
            self._session = boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"], region)
        self._clients = {service: self.client(service) for service in ("cloudcontrol", "sts")}

    def client(self, service: str) -> Any:
        """A client of the emulator."""
        from botocore.config import Config

        retries: Any = {"mode": "standard", "total_max_attempts": self._attempts}
        return self._session.client(service, endpoint_url=endpoint(), config=Config(retries=retries, proxies={}, max_pool_connections=64))

    def account(self) -> str:
        """The number of the account."""
        return self._call("STS", self._clients["sts"], "get_caller_identity")["Account"]

    def partition(self) -> tuple[str, str]:
        """The partition of the region, and the last part of its host names."""
        partition = self._session.get_partition_for_region(self.region)
        return partition, SUFFIXES.get(partition, "amazonaws.com")

    def run(self, operation: str, timeout: float, **request: Any) -> dict[str, Any]:
        """Makes a request and waits for the end of its event. Throttled changes and deletions are tried again, creations never."""
        deadline = time.monotonic() + timeout if timeout else None
        # A creation that is cancelled is waited for all the same, as nobody would know of its resource.
        stopped = threading.Event() if operation == "create_resource" else self.stopped
        pauses = _growing(0.1, 20)
        for attempt in range(1, self._attempts + 1):
            event = self._cloudcontrol(operation, ClientToken=str(uuid.uuid4()), **request, **self._role)["ProgressEvent"]
            waits = _growing(0.03, 1)
            while event["OperationStatus"] in ("PENDING", "IN_PROGRESS"):
                _pause(next(waits), deadline, stopped)
                event = self._cloudcontrol("get_resource_request_status", RequestToken=event["RequestToken"])["ProgressEvent"]
            throttled = event["OperationStatus"] == "FAILED" and event.get("ErrorCode") == "Throttling"
            if operation == "create_resource" or not throttled or attempt == self._attempts:
                break
            _pause(next(pauses) * random.uniform(0.5, 1), deadline, stopped)
        return event

    def read(self, type_name: str, identifier: str, attempts: int = 1) -> dict[str, Any] | None:
        """The properties of a resource; none where there is no such resource."""
        waits = _growing(0.05, 5)
        for attempt in range(1, attempts + 1):
            try:
                found = self._cloudcontrol("get_resource", TypeName=type_name, Identifier=identifier, **self._role)
                return json.loads(found["ResourceDescription"]["Properties"])
            except Refused as refused:
                if refused.code != "ResourceNotFoundException":
                    raise
            if attempt < attempts:
                _pause(next(waits), None, self.stopped)
        return None

    def _cloudcontrol(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return self._call("CloudControl", self._clients["cloudcontrol"], operation, **arguments)

    def _call(self, service: str, client: Any, operation: str, **arguments: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        name = "".join(word.capitalize() for word in operation.split("_"))
        try:
            return getattr(client, operation)(**arguments)
        except ClientError as error:
            said, details = error.response["Error"], error.response["ResponseMetadata"]
            modelled = "" if hasattr(client.exceptions, said["Code"]) else "api error "
            raise Refused(f"operation error {service}: {name}, https response error StatusCode: {details['HTTPStatusCode']}, RequestID: "
                          f"{details.get('RequestId', '')}, {modelled}{said['Code']}: {said['Message']}", said["Code"]) from error
        except BotoCoreError as error:
            raise Refused(f"operation error {service}: {name}, request send failed, {error}") from error


def failure(event: dict[str, Any]) -> Refused | None:
    """What the real provider says of an event that did not succeed."""
    status, code = event["OperationStatus"], event.get("ErrorCode", "")
    if status == "SUCCESS":
        return None
    if status != "FAILED":
        return Refused(f'unknown status "{status}"')
    return Refused(f'operation {event["Operation"]} failed with "{code}": {event.get("StatusMessage", "")}', code)


def _growing(first: float, greatest: float) -> Iterator[float]:
    while True:
        yield first
        first = min(first * 1.6, greatest)


def _pause(seconds: float, deadline: float | None, stopped: threading.Event) -> None:
    if deadline is not None and time.monotonic() + seconds > deadline:
        raise Refused("context deadline exceeded")
    if stopped.wait(seconds):
        raise Refused("context canceled")
