"""The stand-in provider: its parts by direct calls, and the whole under the real Pulumi where that is built."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import grpc
import yaml
from botocore.exceptions import ClientError
from pulumi.runtime.proto import provider_pb2

from emulator import pulumi_cloud, pulumi_names
from emulator.pulumi_cloud import Refused
from emulator.pulumi_names import of_token, package_schema
from emulator.pulumi_provider import Provider
from emulator.pulumi_values import OUTPUT, SECRET, SIGNATURE, UNKNOWN, follow, of_struct, plain, restored, shown, steps, to_struct
from emulator.test_gateway import NUMBERS, EmulatorCase

TOOLS = pulumi_names.ROOT / "target" / "test-tools" / "bin"
QUEUE, BUCKET, TABLE, DATABASE = "aws-native:sqs:Queue", "aws-native:s3:Bucket", "aws-native:dynamodb:Table", "aws-native:rds:DbInstance"
ROLE, NETWORK = "aws-native:iam:Role", "aws-native:ec2:Vpc"
PARAMETER, FUNCTION, PERMISSION = "aws-native:ssm:Parameter", "aws-native:lambda:Function", "aws-native:lambda:Permission"
SAID = "the-planted-secret"


def marked(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


class Aborted(Exception):
    pass


class Context:
    """Of a call, what the provider uses."""

    details: Any = None

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise Aborted(details)

    def set_trailing_metadata(self, metadata: Any) -> None:
        self.details = metadata


class Cloud:
    """A service that does as it is told: the events and the resources that a test gives it."""

    def __init__(self, event: dict[str, Any] | None = None, live: dict[str, Any] | None = None) -> None:
        self.event, self.live, self.sent = event or {"OperationStatus": "SUCCESS", "Identifier": "it"}, live, []  # type: ignore[var-annotated]

    def run(self, operation: str, timeout: float, **request: Any) -> dict[str, Any]:
        self.sent.append((operation, timeout, request))
        return self.event

    def read(self, type_name: str, identifier: str, attempts: int = 1) -> dict[str, Any] | None:
        return self.live


class Calls(unittest.TestCase):
    """Direct calls of the provider."""

    def setUp(self) -> None:
        self.provider = Provider()

    def urn(self, token: str) -> str:
        return f"urn:pulumi:dev::shop::{token}::thing"

    def check(self, token: str, news: dict[str, Any], olds: dict[str, Any] | None = None, **more: Any) -> tuple[dict[str, Any], dict[str, str]]:
        request = provider_pb2.CheckRequest(urn=self.urn(token), news=to_struct(news), olds=to_struct(olds or {}), randomSeed=b"seed", **more)
        answer = self.provider.Check(request, Context())
        return of_struct(answer.inputs), {failure.property: failure.reason for failure in answer.failures}

    def diff(self, token: str, olds: dict[str, Any], news: dict[str, Any], ignore: tuple[str, ...] = ()) -> Any:
        request = provider_pb2.DiffRequest(urn=self.urn(token), old_inputs=to_struct(olds), news=to_struct(news), ignoreChanges=ignore)
        return self.provider.Diff(request, Context())

    def create(self, token: str, inputs: dict[str, Any], context: Any = None, **more: Any) -> Any:
        request = provider_pb2.CreateRequest(urn=self.urn(token), properties=to_struct(inputs), **more)
        return self.provider.Create(request, context or Context())


class Names(Calls):
    def test_every_published_name_leads_to_its_schema(self) -> None:
        for name in pulumi_names.published():
            kind = pulumi_names.ResourceType(name)
            self.assertTrue(kind.shape.fields, name)
            self.assertEqual(len(kind.identifier), len(pulumi_names.published()[name]["primaryIdentifier"]), name)

    def test_names_go_both_ways_at_every_depth_and_documents_stay_as_they_are(self) -> None:
        for token, sdk, aws in (
            (DATABASE, {"dbInstanceClass": "db.t4g.micro", "enableIamDatabaseAuthentication": True},
             {"DBInstanceClass": "db.t4g.micro", "EnableIAMDatabaseAuthentication": True}),
            (QUEUE, {"redrivePolicy": {"deadLetterTargetArn": "a", "maxReceiveCount": 3}},
             {"RedrivePolicy": {"deadLetterTargetArn": "a", "maxReceiveCount": 3}}),
            (TABLE, {"keySchema": [{"attributeName": "id", "keyType": "HASH"}]}, {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}),
            (FUNCTION, {"environment": {"variables": {"Key": "v", "path": "/"}}}, {"Environment": {"Variables": {"Key": "v", "path": "/"}}}),
            (BUCKET, {"lifecycleConfiguration": {"rules": [{"id": "old", "status": "Enabled", "expirationInDays": 30}]}},
             {"LifecycleConfiguration": {"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 30}]}}),
            (ROLE, {"assumeRolePolicyDocument": {"Version": "2012-10-17"}, "policies": [{"policyName": "p", "policyDocument": {"Id": 1}}]},
             {"AssumeRolePolicyDocument": {"Version": "2012-10-17"}, "Policies": [{"PolicyName": "p", "PolicyDocument": {"Id": 1}}]}),
            ("aws-native:servicediscovery:Service", {"awsId": "srv-1", "dnsConfig": {"dnsRecords": [{"ttl": 60, "type": "A"}]}},
             {"Id": "srv-1", "DnsConfig": {"DnsRecords": [{"TTL": 60, "Type": "A"}]}}),
        ):
            with self.subTest(token):
                self.assertEqual(of_token(token).to_aws(sdk), aws)
                self.assertEqual(of_token(token).to_sdk(aws), sdk)

    def test_what_has_no_published_name_does_not_exist(self) -> None:
        self.assertEqual(of_token(BUCKET).to_sdk({"BucketName": "b", "DefaultEventHold": True}), {"bucketName": "b"})


class Schema(unittest.TestCase):
    schema: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        cls.schema = package_schema()

    def test_every_type_is_there_and_every_reference_leads_somewhere(self) -> None:
        self.assertEqual(len(self.schema["resources"]), len(pulumi_names.published()))
        self.assertEqual(self.schema["version"], "1.84.0")
        for found in set(re.findall(r'"\$ref": "#/types/([^"]+)"', json.dumps(self.schema))):
            self.assertIn(found, self.schema["types"])

    def test_inputs_outputs_and_what_is_required(self) -> None:
        queue, role = self.schema["resources"][QUEUE], self.schema["resources"][ROLE]
        self.assertEqual((queue["requiredInputs"], role["requiredInputs"]), ([], ["assumeRolePolicyDocument"]))
        self.assertIn("arn", queue["properties"])
        self.assertNotIn("arn", queue["inputProperties"])
        self.assertEqual(queue["inputProperties"]["redrivePolicy"], {"$ref": "pulumi.json#/Any"})
        self.assertEqual(self.schema["types"]["aws-native:sqs:QueueTag"], {
            "type": "object", "required": ["key", "value"], "properties": {"key": {"type": "string"}, "value": {"type": "string"}}})
        secret = self.schema["resources"]["aws-native:secretsmanager:Secret"]
        self.assertEqual(secret["properties"]["secretString"], {"type": "string", "secret": True})


class Checks(Calls):
    def test_faults_have_the_path_of_the_property(self) -> None:
        for token, news, failures in (
            (QUEUE, {"visibilityTimout": 3}, {"visibilityTimout": "unknown property visibilityTimout"}),
            (QUEUE, {"arn": "mine"}, {"arn": "arn is read-only"}),
            (QUEUE, {"tags": [{"key": "a", "value": "b"}, {"key": "a", "Value": "b"}]},
             {"tags[1].Value": "unknown property tags[1].Value", "tags[1].value": "missing required property tags[1].value"}),
            (QUEUE, {"delaySeconds": "3"}, {"delaySeconds": "delaySeconds must be an integer"}),
            (QUEUE, {"fifoQueue": 1, "tags": {}}, {"fifoQueue": "fifoQueue must be a bool", "tags": "tags must be an array"}),
            (ROLE, {}, {"assumeRolePolicyDocument": "missing required property assumeRolePolicyDocument"}),
            (DATABASE, {"endpoint": {"address": "here"}}, {"endpoint": "endpoint is read-only"}),
            (NETWORK, {"vpcEncryptionControl": {"mode": "monitor", "state": "on"}},
             {"vpcEncryptionControl.state": "vpcEncryptionControl.state is read-only"}),
            (TABLE, {"keySchema": [{"AttributeName": "id", "keyType": "HASH"}]},
             {"keySchema[0].AttributeName": "unknown property keySchema[0].AttributeName",
              "keySchema[0].attributeName": "missing required property keySchema[0].attributeName"}),
        ):
            with self.subTest(token, news=news):
                self.assertEqual(self.check(token, news)[1], failures)

    def test_an_unknown_value_may_be_anything_and_a_null_is_nothing(self) -> None:
        news, failures = self.check(QUEUE, {"queueName": "q", "tags": UNKNOWN, "delaySeconds": {SIGNATURE: OUTPUT}, "kmsMasterKeyId": None})
        self.assertEqual(failures, {})
        self.assertEqual(sorted(news), ["delaySeconds", "queueName", "tags"])

    def test_a_name_is_made_from_the_seed_and_kept(self) -> None:
        name = self.check(QUEUE, {})[0]["queueName"]
        self.assertRegex(name, r"^thing-[0-9a-f]{7}$")
        self.assertEqual(self.check(QUEUE, {})[0]["queueName"], name)
        self.assertEqual(self.check(QUEUE, {}, {"queueName": "thing-0"})[0]["queueName"], "thing-0")
        self.assertRegex(self.check(QUEUE, {"fifoQueue": True})[0]["queueName"], r"^thing-[0-9a-f]{7}\.fifo$")
        options = provider_pb2.CheckRequest.AutonamingOptions
        self.assertEqual(self.check(QUEUE, {}, autonaming=options(proposed_name="proposed"))[0], {"queueName": "proposed"})
        self.assertEqual(self.check(QUEUE, {}, autonaming=options(mode=options.Mode.DISABLE))[0], {})

    def test_a_name_is_as_long_as_the_type_allows(self) -> None:
        group = "aws-native:elasticloadbalancingv2:TargetGroup"
        urn = f"urn:pulumi:dev::shop::{group}::"
        request = provider_pb2.CheckRequest(urn=urn + "t" * 29, news=to_struct({}))
        self.assertRegex(of_struct(self.provider.Check(request, Context()).inputs)["name"], "^t{29}-[0-9a-f]{2}$")
        request = provider_pb2.CheckRequest(urn=urn + "t" * 40, news=to_struct({}))
        self.assertIn("too large", self.provider.Check(request, Context()).failures[0].reason)
        self.provider.naming = {"autoTrim": True, "randomSuffixMinLength": 4}
        self.assertRegex(of_struct(self.provider.Check(request, Context()).inputs)["name"], "^t{27}-[0-9a-f]{4}$")

    def test_default_tags_are_merged_in_the_style_of_the_type(self) -> None:
        self.provider.default_tags = {"team": "shop", "stage": "dev"}
        own = [{"key": "team", "value": "mine"}]
        self.assertEqual(self.check(QUEUE, {"queueName": "q", "tags": own})[0]["tags"], [*own, {"key": "stage", "value": "dev"}])
        self.assertEqual(self.check(PARAMETER, {"name": "p", "type": "String", "value": "v", "tags": {"team": "mine"}})[0]["tags"],
                         {"team": "mine", "stage": "dev"})
        self.assertEqual(self.check(QUEUE, {"queueName": "q", "tags": UNKNOWN})[0]["tags"], UNKNOWN)
        policy = {"bucket": "b", "policyDocument": {}}
        self.assertEqual(self.check("aws-native:s3:BucketPolicy", policy)[0], policy)

    def test_what_nobody_can_read_becomes_a_secret(self) -> None:
        news, failures = self.check(DATABASE, {"dbInstanceIdentifier": "d", "masterUserPassword": SAID, "masterUsername": "admin"})
        self.assertEqual((failures, news["masterUserPassword"], news["masterUsername"]), ({}, marked(SAID), "admin"))


class Diffs(Calls):
    def test_changes_are_the_engines_to_tell_and_the_programs_to_judge(self) -> None:
        for token, olds, news in (
            (QUEUE, {"queueName": "q", "redrivePolicy": {"x.y": 1}}, {"queueName": "q", "redrivePolicy": {"x.y": 2}}),
            (QUEUE, {"queueName": "q"}, {"queueName": "r"}),
            (PERMISSION, {"functionName": "f", "principal": "a"}, {"functionName": "f", "principal": "b"}),
        ):
            with self.subTest(token, news=news):
                answer = self.diff(token, olds, news)
                self.assertEqual((answer.changes, list(answer.replaces), answer.deleteBeforeReplace),
                                 (provider_pb2.DiffResponse.DIFF_UNKNOWN, [], True))
        same = self.diff(QUEUE, {"queueName": "q", "delaySeconds": marked(1)}, {"queueName": "q", "delaySeconds": 1})
        self.assertEqual((same.changes, same.deleteBeforeReplace), (provider_pb2.DiffResponse.DIFF_NONE, False))

    def test_ignored_changes_are_none(self) -> None:
        olds = {"queueName": "q", "tags": [{"key": "a", "value": "b"}], "redrivePolicy": {"x.y": 1, "z": 1}}
        news = {"queueName": "r", "tags": [{"key": "a", "value": "c"}], "redrivePolicy": {"x.y": 2, "z": 2}, "delaySeconds": 4}
        ignored = ("queueName", "tags[0].value", 'redrivePolicy["x.y"]', "redrivePolicy.z", "delaySeconds")
        self.assertEqual(self.diff(QUEUE, olds, news, ignored).changes, provider_pb2.DiffResponse.DIFF_NONE)
        self.assertEqual(self.diff(QUEUE, olds, news, ignored[:3]).changes, provider_pb2.DiffResponse.DIFF_UNKNOWN)
        self.assertEqual(self.diff(QUEUE, olds, news, ("tags[*].value", "redrivePolicy", "queueName", "delaySeconds")).changes,
                         provider_pb2.DiffResponse.DIFF_NONE)

    def test_paths(self) -> None:
        for text, path in (("a.b", ("a", "b")), ("a[0].b", ("a", 0, "b")), ('a["x.y"].z', ("a", "x.y", "z")), ("a[*]", ("a", "*"))):
            self.assertEqual(steps(text), path)
            self.assertEqual(shown(path) if "*" not in path else text, text)
        self.assertEqual(restored({"a": 1}, {}, ("a",)), {"a": 1})
        self.assertEqual(restored({}, {"a": 1}, ("a",)), {})
        self.assertEqual(follow({"a": 1, "d": 5}, {"a": 1, "b": 2, "c": 3}, {"a": 7, "b": 2}), {"a": 7, "d": 5})


class Requests(Calls):
    def test_a_creation_sends_the_content_of_secrets_and_tells_none(self) -> None:
        self.provider.cloud = Cloud(live={"Name": "n", "Type": "String", "Value": SAID})
        inputs = {"name": "n", "type": "String", "value": marked(SAID), "tier": {SIGNATURE: OUTPUT, "value": "Standard"}}
        state = of_struct(self.create(PARAMETER, inputs, timeout=7).properties)
        operation, timeout, request = self.provider.cloud.sent[0]
        self.assertEqual((operation, timeout, json.loads(request["DesiredState"])), (
            "create_resource", 7, {"Name": "n", "Type": "String", "Value": SAID, "Tier": "Standard"}))
        # The tier can only be written.
        self.assertEqual(state, {"name": "n", "type": "String", "value": marked(SAID), "tier": marked("Standard")})

    def test_a_secret_inside_a_property_hides_the_property(self) -> None:
        self.provider.cloud = Cloud(live={"QueueName": "q", "Tags": [{"Key": "a", "Value": SAID}]})
        state = of_struct(self.create(QUEUE, {"queueName": "q", "tags": [{"key": "a", "value": marked(SAID)}]}).properties)
        self.assertEqual(state, {"queueName": "q", "tags": marked([{"key": "a", "value": SAID}])})

    def test_a_preview_knows_the_inputs_and_nothing_else(self) -> None:
        state = of_struct(self.create(QUEUE, {"queueName": "q", "kmsMasterKeyId": marked("k")}, preview=True).properties)
        self.assertEqual(state, {"queueName": "q", "kmsMasterKeyId": marked("k"), "arn": UNKNOWN, "queueUrl": UNKNOWN})
        network = of_struct(self.create(NETWORK, {"vpcEncryptionControl": {"mode": "monitor"}}, preview=True).properties)
        self.assertEqual((network["vpcEncryptionControl"]["mode"], network["vpcEncryptionControl"]["state"]), ("monitor", UNKNOWN))

    def test_a_failure_has_the_words_of_the_real_provider(self) -> None:
        failed = {"OperationStatus": "FAILED", "Operation": "CREATE", "ErrorCode": "GeneralServiceException", "StatusMessage": "no"}
        said = 'operation CREATE failed with "GeneralServiceException": no'
        for event, live, words in ((failed, None, f"creating resource: creating resource: {said}"),
                                   (failed | {"Identifier": "q"}, None, f"creating resource: creating resource (await): {said}"),
                                   (failed | {"Identifier": "q"}, {"QueueName": "q"}, said)):
            self.provider.cloud, context = Cloud(event, live), Context()
            with self.assertRaisesRegex(Aborted, f"^{re.escape(words)}$"):
                self.create(QUEUE, {"queueName": "q"}, context)
            self.assertEqual(context.details is not None, live is not None)

    def test_an_update_sends_what_changed_and_what_nobody_can_read(self) -> None:
        self.provider.cloud = Cloud(live={"DBInstanceIdentifier": "d"})
        olds = {"dbInstanceIdentifier": "d", "masterUserPassword": SAID, "port": "1", "allocatedStorage": "5"}
        request = provider_pb2.UpdateRequest(id="d", urn=self.urn(DATABASE), old_inputs=to_struct(olds), news=to_struct(
            {"dbInstanceIdentifier": "d", "masterUserPassword": marked(SAID), "allocatedStorage": "6", "tags": []}))
        state = of_struct(self.provider.Update(request, Context()).properties)
        self.assertEqual(state, {"dbInstanceIdentifier": "d", "masterUserPassword": marked(SAID)})
        self.assertEqual(json.loads(self.provider.cloud.sent[0][2]["PatchDocument"]), [
            {"op": "remove", "path": "/Port"}, {"op": "replace", "path": "/AllocatedStorage", "value": "6"},
            {"op": "add", "path": "/Tags", "value": []}, {"op": "add", "path": "/MasterUserPassword", "value": SAID}])

    def test_a_refresh_takes_over_what_changed_outside(self) -> None:
        self.provider.cloud = Cloud(live={"QueueName": "q", "DelaySeconds": 9, "VisibilityTimeout": 30, "Arn": "a", "KmsMasterKeyId": SAID})
        olds = {"queueName": "q", "delaySeconds": 1, "visibilityTimeout": 30, "arn": "a", "kmsMasterKeyId": marked(SAID)}
        request = provider_pb2.ReadRequest(id="q", urn=self.urn(QUEUE), properties=to_struct(olds), inputs=to_struct(
            {"queueName": "q", "delaySeconds": 1, "kmsMasterKeyId": marked(SAID)}))
        answer = self.provider.Read(request, Context())
        self.assertEqual(of_struct(answer.inputs), {"queueName": "q", "delaySeconds": 9, "kmsMasterKeyId": marked(SAID)})
        self.assertEqual(of_struct(answer.properties), olds | {"delaySeconds": 9})

    def test_a_refresh_sees_no_change_in_what_the_program_does_not_say(self) -> None:
        tags = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
        aws = [{"Key": "aws:stack", "Value": "s"}, {"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
        self.provider.cloud = Cloud(live={"QueueName": "q", "DelaySeconds": 9, "Tags": aws})
        inputs = {"queueName": "q", "tags": tags}
        request = provider_pb2.ReadRequest(id="q", urn=self.urn(QUEUE), properties=to_struct(inputs), inputs=to_struct(inputs))
        self.assertEqual(of_struct(self.provider.Read(request, Context()).inputs), inputs)
        self.provider.cloud = Cloud(live={"QueueName": "q", "Tags": [aws[0], aws[2]]})
        self.assertEqual(of_struct(self.provider.Read(request, Context()).inputs), {"queueName": "q", "tags": tags[:1]})

    def test_an_import_makes_inputs_of_what_is_there(self) -> None:
        self.provider.cloud = Cloud(live={"QueueName": "q", "DelaySeconds": 9, "Arn": "a"})
        answer = self.provider.Read(provider_pb2.ReadRequest(id="q", urn=self.urn(QUEUE)), Context())
        self.assertEqual((answer.id, of_struct(answer.inputs)), ("q", {"queueName": "q", "delaySeconds": 9}))
        self.provider.cloud = Cloud()
        self.assertEqual(self.provider.Read(provider_pb2.ReadRequest(id="q", urn=self.urn(QUEUE)), Context()).id, "")

    def test_what_is_gone_is_deleted(self) -> None:
        self.provider.cloud = Cloud({"OperationStatus": "FAILED", "Operation": "DELETE", "ErrorCode": "NotFound"})
        self.provider.Delete(provider_pb2.DeleteRequest(id="q", urn=self.urn(QUEUE)), Context())
        with mock.patch.object(self.provider.cloud, "run", side_effect=Refused("gone", "ResourceNotFoundException")):
            self.provider.Delete(provider_pb2.DeleteRequest(id="q", urn=self.urn(QUEUE)), Context())
        self.provider.cloud = Cloud({"OperationStatus": "FAILED", "Operation": "DELETE", "ErrorCode": "AccessDenied", "StatusMessage": "you"})
        with self.assertRaisesRegex(Aborted, '^operation DELETE failed with "AccessDenied": you$'):
            self.provider.Delete(provider_pb2.DeleteRequest(id="q", urn=self.urn(QUEUE)), Context())


class Service:
    """Cloud Control whose answers a test gives, one after the other."""

    class exceptions:
        ResourceNotFoundException = ClientError

    def __init__(self, *answers: Any) -> None:
        self.answers, self.sent = list(answers), []  # type: ignore[var-annotated]

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.sent.append((operation, arguments))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, str):
                response: Any = {"Error": {"Code": answer, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "r"}}
                raise ClientError(response, operation)
            return {"ProgressEvent": answer} if "OperationStatus" in answer else {"ResourceDescription": {"Properties": json.dumps(answer)}}
        return call


class Waiting(unittest.TestCase):
    RUNNING = {"OperationStatus": "IN_PROGRESS", "RequestToken": "t"}
    DONE = {"OperationStatus": "SUCCESS", "Identifier": "it"}
    THROTTLED = {"OperationStatus": "FAILED", "Operation": "UPDATE", "ErrorCode": "Throttling"}

    def cloud(self, *answers: Any) -> tuple[pulumi_cloud.Cloud, Service]:
        service = Service(*answers)
        with mock.patch.dict(os.environ, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}):
            cloud = pulumi_cloud.Cloud("eu-west-1", {"roleArn": "role", "accessKey": "k", "secretKey": "s"})
        cloud._clients["cloudcontrol"] = service
        return cloud, service

    def test_an_event_is_waited_for(self) -> None:
        cloud, service = self.cloud(self.RUNNING, self.RUNNING, self.DONE)
        self.assertEqual(cloud.run("update_resource", 0, Identifier="it"), self.DONE)
        self.assertEqual([operation for operation, _ in service.sent], ["update_resource", *["get_resource_request_status"] * 2])
        self.assertEqual(service.sent[0][1] | {"ClientToken": ""}, {"Identifier": "it", "RoleArn": "role", "ClientToken": ""})

    def test_what_is_throttled_is_tried_again_with_another_token_unless_it_creates(self) -> None:
        cloud, service = self.cloud(self.THROTTLED, self.DONE)
        self.assertEqual(cloud.run("delete_resource", 0), self.DONE)
        self.assertEqual(len({arguments["ClientToken"] for _, arguments in service.sent}), 2)
        cloud, service = self.cloud(self.THROTTLED, self.DONE)
        self.assertEqual(cloud.run("create_resource", 0), self.THROTTLED)

    def test_a_timeout_and_a_cancelled_run_end_the_waiting(self) -> None:
        cloud, _ = self.cloud(self.RUNNING)
        with self.assertRaisesRegex(Refused, "context deadline exceeded"):
            cloud.run("create_resource", 0.1)
        cloud.stopped.set()
        with self.assertRaisesRegex(Refused, "context canceled"):
            cloud.run("delete_resource", 0)

    def test_a_new_resource_may_be_found_late(self) -> None:
        cloud, service = self.cloud("ResourceNotFoundException", "ResourceNotFoundException", {"Name": "n"})
        self.assertEqual(cloud.read("AWS::SSM::Parameter", "n", attempts=5), {"Name": "n"})
        self.assertIsNone(self.cloud("ResourceNotFoundException")[0].read("AWS::SSM::Parameter", "n"))

    def test_a_refusal_has_the_words_of_the_real_provider(self) -> None:
        for code, before in (("ResourceNotFoundException", ""), ("Teapot", "api error ")):
            with self.assertRaises(Refused) as caught:
                self.cloud(code)[0].run("delete_resource", 0)
            said = f"operation error CloudControl: DeleteResource, https response error StatusCode: 400, RequestID: r, {before}{code}: no"
            self.assertEqual(str(caught.exception), said)


class Configuration(EmulatorCase):
    def setUp(self) -> None:
        self.account = str(next(NUMBERS))
        environment = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}", "AWS_ACCESS_KEY_ID": self.account, "AWS_SECRET_ACCESS_KEY": "s"}
        patch = mock.patch.dict(os.environ, environment)
        patch.start()
        self.addCleanup(patch.stop)

    def configure(self, **settings: str) -> Provider:
        provider = Provider()
        variables = {f"aws-native:config:{name}": value for name, value in settings.items()}
        provider.Configure(provider_pb2.ConfigureRequest(variables=variables), Context())
        return provider

    def test_keys_that_the_provider_does_not_have_are_refused(self) -> None:
        for news, failures in (({"region": "eu-west-1", "secretKey": marked(SAID), "version": "1"}, []),
                               ({"regoin": "x"}, ["unknown property regoin"]),
                               ({"ignoreTags": {}}, ["not yet implemented"]), ({"skipMetadataApiCheck": "true"}, [])):
            answer = Provider().CheckConfig(provider_pb2.CheckRequest(news=to_struct(news)), Context())
            self.assertEqual([failure.reason for failure in answer.failures], failures)
            self.assertEqual(of_struct(answer.inputs), {} if failures else news)

    def test_an_account_must_be_allowed(self) -> None:
        self.configure(region="eu-west-1", allowedAccountIds=json.dumps([self.account]))
        for settings, said in (({"allowedAccountIds": '["123456789012"]'}, "account ID not allowed"),
                               ({"forbiddenAccountIds": json.dumps([self.account])}, "forbidden account ID")):
            with self.assertRaisesRegex(Aborted, said):
                self.configure(region="eu-west-1", **settings)

    def test_functions_describe_the_account_and_the_region(self) -> None:
        provider = self.configure(region="cn-north-1", accessKey="212345678901", secretKey="s", defaultTags='{"tags": {"a": "b"}}')
        self.assertEqual(provider.default_tags, {"a": "b"})
        for function, output in (("getAccountId", {"accountId": "212345678901"}), ("getRegion", {"region": "cn-north-1"}),
                                 ("getPartition", {"partition": "aws-cn"}), ("getUrlSuffix", {"urlSuffix": "amazonaws.com.cn"})):
            answer = provider.Invoke(provider_pb2.InvokeRequest(tok=f"aws-native:index:{function}"), Context())
            self.assertEqual(of_struct(getattr(answer, "return")), output)
        with self.assertRaisesRegex(Aborted, "unknown function"):
            provider.Invoke(provider_pb2.InvokeRequest(tok="aws-native:index:getNothing"), Context())

    def test_a_role_is_taken(self) -> None:
        role = {"roleArn": f"arn:aws:iam::{self.account}:role/deploy", "sessionName": "of-the-test", "durationSeconds": 900}
        cloud = self.configure(region="eu-west-1", assumeRole=json.dumps(role)).cloud
        self.assertIn("assumed-role/deploy/of-the-test", cloud._clients["sts"].get_caller_identity()["Arn"])

    def test_without_a_region_nothing_works(self) -> None:
        with mock.patch.dict(os.environ), self.assertRaisesRegex(Aborted, "aws-native:region"):
            os.environ.pop("AWS_REGION", None)
            os.environ.pop("AWS_DEFAULT_REGION", None)
            self.configure()

    def test_it_starts_for_this_machine_alone(self) -> None:
        for url in ("", "https://cloudcontrolapi.eu-west-1.amazonaws.com", "http://10.0.0.1:4566"):
            run = subprocess.run([sys.executable, "-m", "emulator.pulumi_provider"], cwd=Path(__file__).parents[1], capture_output=True, text=True,
                                 env=os.environ | {"AWS_ENDPOINT_URL": url}, timeout=30, check=False)
            self.assertEqual((run.returncode, run.stdout), (1, ""))
            self.assertIn("must be of this machine", run.stderr)


class RealPulumi(EmulatorCase):
    """The real command line and YAML host on a program in a directory of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        lacking = [name for name in ("pulumi", "pulumi-language-yaml", "pulumi-resource-aws-native") if not (TOOLS / name).exists()]
        if lacking and os.environ.get("CI") == "true":
            raise AssertionError(f"{TOOLS} lacks {', '.join(lacking)}")
        if lacking:
            print("skipped: Pulumi is not built (`make pulumi`), so the provider is not tested with it", file=sys.stderr)
            raise unittest.SkipTest("Pulumi is not built")
        super().setUpClass()

    def setUp(self) -> None:
        self.account = str(next(NUMBERS))
        self.folder = Path(tempfile.mkdtemp(prefix="panka-provider-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "backend").mkdir()
        (self.folder / "program").mkdir()
        self.environment = {
            "PATH": f"{TOOLS}:/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder), "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": (self.folder / "backend").as_uri(), "PULUMI_CONFIG_PASSPHRASE": "of the test", "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": self.account, "AWS_SECRET_ACCESS_KEY": "unused", "AWS_EC2_METADATA_DISABLED": "true",
            "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"}

    def write(self, program: dict[str, Any], **settings: Any) -> None:
        """The program, and of its stack's settings those of the provider."""
        (self.folder / "program" / "Pulumi.yaml").write_text(json.dumps({"name": "shop", "runtime": "yaml"} | program))
        path = self.folder / "program" / "Pulumi.dev.yaml"
        stack = yaml.safe_load(path.read_text()) if path.exists() else {}
        own = {name: value for name, value in stack.get("config", {}).items() if not name.startswith("aws-native:")}
        config = own | {"aws-native:region": "eu-west-1"} | {f"aws-native:{name}": value for name, value in settings.items()}
        path.write_text(json.dumps(stack | {"config": config}))

    def pulumi(self, *words: str, fails: bool = False) -> str:
        run = subprocess.run(["pulumi", *words, "--non-interactive"], cwd=self.folder / "program", env=self.environment, capture_output=True,
                             text=True, stdin=subprocess.DEVNULL, timeout=120, check=False)
        said = f"{run.stdout}\n{run.stderr}"
        self.assertEqual(run.returncode != 0, fails, f"pulumi {' '.join(words)}\n{said}")
        return said if fails else run.stdout

    def summary(self) -> dict[str, int]:
        return json.loads(self.pulumi("preview", "--json"))["changeSummary"]

    def state(self) -> dict[str, dict[str, Any]]:
        """The resources of the state by their names."""
        resources = json.loads(self.pulumi("stack", "export"))["deployment"].get("resources", [])
        return {each["urn"].split("::")[-1]: each for each in resources}

    def live(self, kind: str) -> list[str]:
        return [each["Identifier"] for each in self.client("cloudcontrol").list_resources(TypeName=kind)["ResourceDescriptions"]]


class Programs(RealPulumi):
    def program(self) -> dict[str, Any]:
        files = f"shop-files-{self.account}"
        return {
            "resources": {
                "dead": {"type": QUEUE},
                "orders": {"type": QUEUE, "properties": {
                    "queueName": "orders", "visibilityTimeout": 45, "redrivePolicy": {"deadLetterTargetArn": "${dead.arn}", "maxReceiveCount": 5}}},
                "events": {"type": "aws-native:sns:Topic", "properties": {"topicName": "events"}},
                "subscription": {"type": "aws-native:sns:Subscription", "properties": {
                    "topicArn": "${events.topicArn}", "protocol": "sqs", "endpoint": "${orders.arn}"}, "options": {"replaceOnChanges": ["topicArn"]}},
                "files": {"type": BUCKET, "properties": {"bucketName": files, "tags": [{"key": "team", "value": "shop"}]}},
                "policy": {"type": "aws-native:s3:BucketPolicy", "properties": {"bucket": "${files}", "policyDocument": {
                    "Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "${files.arn}/*",
                                                            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}}},
                "key": {"type": PARAMETER, "properties": {"name": "/shop/key", "type": "String", "value": "${apiKey}"}},
            },
            "config": {"apiKey": {"type": "string", "secret": True}},
            "outputs": {"url": "${orders.queueUrl}", "key": "${key.value}"},
        }

    def test_a_program_from_its_first_run_to_its_last(self) -> None:
        program, tags = self.program(), {"tags": {"stage": "dev"}}
        self.write(program, defaultTags=tags)
        self.pulumi("stack", "init", "dev")
        self.pulumi("config", "set", "--secret", "apiKey", SAID)
        self.assertEqual(self.summary(), {"create": 8})
        self.pulumi("up", "--yes", "--skip-preview")
        self.assertEqual(self.summary(), {"same": 8})
        state = self.state()
        self.assertRegex(state["dead"]["inputs"]["queueName"], r"^dead-[0-9a-f]{7}$")
        self.assertEqual(state["orders"]["outputs"]["arn"], f"arn:aws:sqs:eu-west-1:{self.account}:orders")
        self.assertEqual(state["files"]["outputs"]["tags"], [{"key": "team", "value": "shop"}, {"key": "stage", "value": "dev"}])
        self.assertEqual(self.client("ssm").get_parameter(Name="/shop/key")["Parameter"]["Value"], SAID)
        self.assertIn("aws:SecureTransport", self.client("s3").get_bucket_policy(Bucket=f"shop-files-{self.account}")["Policy"])

        # A change in place, one that replaces, and what refers to what was replaced.
        resources = program["resources"]
        resources["orders"]["properties"] |= {"visibilityTimeout": 60}
        resources["events"]["properties"] |= {"topicName": "happenings"}
        resources["events"]["options"] = {"replaceOnChanges": ["topicName"]}
        self.write(program, defaultTags=tags)
        self.assertEqual(self.summary(), {"update": 1, "replace": 2, "same": 5})
        self.pulumi("up", "--yes", "--skip-preview")
        url = state["orders"]["id"]
        self.assertEqual(self.state()["orders"]["id"], url)
        self.assertEqual(self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"],
                         {"VisibilityTimeout": "60"})
        self.assertEqual(self.live("AWS::SNS::Topic"), [f"arn:aws:sns:eu-west-1:{self.account}:happenings"])

        # Drift is seen, and made good.
        self.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "99"})
        self.client("cloudcontrol").delete_resource(TypeName="AWS::SQS::Queue", Identifier=state["dead"]["id"])
        self.pulumi("refresh", "--yes", "--skip-preview")
        self.assertEqual(self.state()["orders"]["inputs"]["visibilityTimeout"], 99)
        self.assertNotIn("dead", self.state())
        self.pulumi("up", "--yes", "--skip-preview")
        self.assertEqual(self.summary(), {"same": 8})

        for path in (path for folder in ("backend", "program", "home") for path in (self.folder / folder).rglob("*") if path.is_file()):
            self.assertNotIn(SAID.encode(), path.read_bytes(), str(path))
        self.assertNotIn(SAID, self.pulumi("stack", "export"))
        self.assertNotIn(SAID, self.pulumi("stack", "output"))
        self.pulumi("destroy", "--yes", "--skip-preview")
        for kind in ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::SNS::Subscription", "AWS::S3::Bucket", "AWS::SSM::Parameter"):
            self.assertEqual(self.live(kind), [], kind)

    def test_a_queue_that_exists_is_imported_and_stays(self) -> None:
        queues = self.client("sqs")
        url = queues.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "45"})["QueueUrl"]
        self.write({})
        self.pulumi("stack", "init", "dev")
        self.pulumi("import", QUEUE, "orders", url, "--yes", "--protect=false", "--generate-code=false")
        found = self.state()["orders"]
        self.assertEqual((found["id"], found["inputs"]["visibilityTimeout"]), (url, 45))
        self.write({"resources": {"orders": {"type": QUEUE, "properties": found["inputs"] | {"visibilityTimeout": 50}}}})
        self.assertEqual(self.summary(), {"update": 1, "same": 1})
        self.pulumi("up", "--yes", "--skip-preview")
        self.assertEqual(queues.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"], {"VisibilityTimeout": "50"})
        self.assertEqual(self.summary(), {"same": 2})

    def test_what_fails_is_told_and_the_next_run_completes_it(self) -> None:
        self.write({"resources": {"orders": {"type": QUEUE, "properties": {"queueName": "orders", "kmsMasterKeyId": {"fn::secret": SAID}}},
                                  "events": {"type": "aws-native:sns:Topic", "properties": {"topicName": "events"}}}})
        self.pulumi("stack", "init", "dev")
        late = {"event": "NotStabilized", "message": "late", "after": True}
        self.rules({"operation": "CreateResource", "resource": "AWS::SNS::Topic", "fail": {"event": "ServiceLimitExceeded", "message": "enough"}},
                   {"operation": "CreateResource", "resource": "AWS::SQS::Queue", "fail": late})
        said = self.pulumi("up", "--yes", "--skip-preview", fails=True)
        self.assertIn('operation CREATE failed with "ServiceLimitExceeded": enough', said)
        state = self.state()
        self.assertNotIn("events", state)
        # The queue is there, so it is kept, and not made again.
        self.assertEqual(state["orders"]["initErrors"], ['operation CREATE failed with "NotStabilized": late'])
        self.rules()
        self.pulumi("up", "--yes", "--skip-preview")
        self.assertEqual(self.live("AWS::SQS::Queue"), [state["orders"]["id"]])
        self.assertNotIn("initErrors", self.state()["orders"])
        self.assertEqual(self.summary(), {"same": 3})
        for path in (path for path in self.folder.rglob("*") if path.is_file() and path.name != "Pulumi.yaml"):
            self.assertNotIn(SAID.encode(), path.read_bytes(), str(path))

    def test_a_preview_refuses_what_the_provider_does_not_have(self) -> None:
        self.write({})
        self.pulumi("stack", "init", "dev")
        for resource, said in (({"type": QUEUE, "properties": {"tags": [{"key": "a", "Value": "b"}]}}, "Value"),
                               ({"type": QUEUE, "properties": {"arn": "mine"}}, "arn"), ({"type": "aws-native:sqs:Qeue"}, "Qeue"),
                               ({"type": QUEUE, "properties": {"delaySeconds": "soon"}}, "delaySeconds")):
            with self.subTest(resource):
                self.write({"resources": {"orders": resource}})
                self.assertIn(said, self.pulumi("preview", fails=True))
        self.write({"resources": {"orders": {"type": QUEUE}}}, regoin="eu-west-1")
        self.assertIn("unknown property regoin", self.pulumi("preview", fails=True))
        self.write({"resources": {"orders": {"type": QUEUE}}}, allowedAccountIds=["123456789012"])
        self.assertIn("account ID not allowed", self.pulumi("preview", fails=True))


if __name__ == "__main__":
    unittest.main()
