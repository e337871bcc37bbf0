"""Cloud Control through boto3: what is accepted, how requests run and end, what is read, and its faults."""

import json
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from emulator.test_gateway import EmulatorCase

Properties = dict[str, Any]


class CloudControlCase(EmulatorCase):
    """The calls of a client that waits for its requests."""

    def setUp(self) -> None:
        super().setUp()
        self.cloudcontrol = self.client("cloudcontrol")

    def begin(self, type_name: str, properties: Properties, **more: Any) -> Properties:
        return self.cloudcontrol.create_resource(TypeName=type_name, DesiredState=json.dumps(properties), **more)["ProgressEvent"]

    def end(self, event: Properties) -> Properties:
        deadline = time.monotonic() + 20
        while event["OperationStatus"] not in ("SUCCESS", "FAILED", "CANCEL_COMPLETE"):
            self.assertLess(time.monotonic(), deadline, event)
            event = self.cloudcontrol.get_resource_request_status(RequestToken=event["RequestToken"])["ProgressEvent"]
        return event

    def make(self, type_name: str, properties: Properties, **more: Any) -> Properties:
        event = self.end(self.begin(type_name, properties, **more))
        self.assertEqual(event["OperationStatus"], "SUCCESS", event)
        return event

    def change(self, type_name: str, identifier: str, values: Properties, **more: Any) -> Properties:
        patch = [{"op": "add", "path": f"/{name}", "value": value} for name, value in values.items()]
        answer = self.cloudcontrol.update_resource(TypeName=type_name, Identifier=identifier, PatchDocument=json.dumps(patch), **more)
        return self.end(answer["ProgressEvent"])

    def remove(self, type_name: str, identifier: str, **more: Any) -> Properties:
        return self.end(self.cloudcontrol.delete_resource(TypeName=type_name, Identifier=identifier, **more)["ProgressEvent"])

    def read(self, type_name: str, identifier: str) -> Properties:
        return json.loads(self.cloudcontrol.get_resource(TypeName=type_name, Identifier=identifier)["ResourceDescription"]["Properties"])

QUEUE, GROUP, ROLE, BUCKET = "AWS::SQS::Queue", "AWS::Logs::LogGroup", "AWS::IAM::Role", "AWS::S3::Bucket"
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
DATABASE = {"DBInstanceIdentifier": "orders", "Engine": "postgres", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": "20",
            "MasterUsername": "panka", "MasterUserPassword": "not-a-real-one"}


class Lifecycle(CloudControlCase):
    def test_a_request_is_in_progress_and_then_ends_with_identifier_and_model(self) -> None:
        self.rules({"operation": "CreateResource", "latency": {"milliseconds": 300, "of": "operation"}})
        begun = self.begin(QUEUE, {"QueueName": "orders"})
        self.assertEqual((begun["OperationStatus"], begun["Operation"], begun["TypeName"]), ("IN_PROGRESS", "CREATE", QUEUE))
        self.assertNotIn("Identifier", begun)
        seen = self.cloudcontrol.get_resource_request_status(RequestToken=begun["RequestToken"])["ProgressEvent"]
        self.assertEqual(seen["OperationStatus"], "IN_PROGRESS")
        self.assertEqual(self.client("sqs").list_queues().get("QueueUrls", []), [])
        ended = self.end(begun)
        self.assertEqual(ended["OperationStatus"], "SUCCESS")
        self.assertEqual(self.client("sqs").get_queue_url(QueueName="orders")["QueueUrl"], ended["Identifier"])
        model = json.loads(ended["ResourceModel"])
        arn = f"arn:aws:sqs:eu-west-1:{self.account}:orders"
        self.assertEqual(model, {"QueueName": "orders", "QueueUrl": ended["Identifier"], "Arn": arn, **DEFAULTS})

    def test_updates_and_deletes_run_by_themselves_too(self) -> None:
        identifier = self.make(QUEUE, {"QueueName": "orders"})["Identifier"]
        self.rules({"operation": "*Resource", "latency": {"milliseconds": 200, "of": "operation"}})
        patch = json.dumps([{"op": "add", "path": "/DelaySeconds", "value": 7}])
        begun = self.cloudcontrol.update_resource(TypeName=QUEUE, Identifier=identifier, PatchDocument=patch)["ProgressEvent"]
        self.assertEqual((begun["OperationStatus"], begun["Identifier"]), ("IN_PROGRESS", identifier))
        self.assertNotIn("ErrorCode", self.end(begun))
        attributes = self.client("sqs").get_queue_attributes(QueueUrl=identifier, AttributeNames=["DelaySeconds"])["Attributes"]
        self.assertEqual(attributes, {"DelaySeconds": "7"})
        begun = self.cloudcontrol.delete_resource(TypeName=QUEUE, Identifier=identifier)["ProgressEvent"]
        self.assertEqual(begun["OperationStatus"], "IN_PROGRESS")
        self.assertNotIn("ResourceModel", self.end(begun))
        self.assertEqual(self.client("sqs").list_queues().get("QueueUrls", []), [])

    def test_many_requests_that_call_back_into_the_server_end(self) -> None:
        with ThreadPoolExecutor(12) as pool:
            ended = list(pool.map(lambda _: self.make("AWS::EC2::EIP", {"Domain": "vpc"}), range(12)))
        addresses = self.client("ec2").describe_addresses()["Addresses"]
        self.assertEqual(sorted(each["Identifier"] for each in ended), sorted(f"{each['PublicIp']}|{each['AllocationId']}" for each in addresses))

    def test_a_request_that_waits_can_be_cancelled_and_one_that_ended_cannot(self) -> None:
        self.rules({"key": "late", "latency": {"milliseconds": 60000, "of": "operation"}})
        begun = self.begin(GROUP, {"LogGroupName": "late"})
        answer = self.cloudcontrol.cancel_resource_request(RequestToken=begun["RequestToken"])["ProgressEvent"]
        self.assertEqual(answer["OperationStatus"], "CANCEL_IN_PROGRESS")
        self.assertEqual(self.end(begun)["OperationStatus"], "CANCEL_COMPLETE")
        self.assertEqual(self.client("logs").describe_log_groups()["logGroups"], [])
        self.assertEqual(self.refusal(self.cloudcontrol.cancel_resource_request, RequestToken=begun["RequestToken"])[1],
                         "ConcurrentModificationException")

    def test_requests_are_listed_by_operation_and_status_in_pages(self) -> None:
        made = [self.make(GROUP, {"LogGroupName": f"group{number}"}) for number in range(3)]
        self.remove(GROUP, "group0")
        self.assertEqual(self.end(self.begin(GROUP, {"LogGroupName": "group1"}))["ErrorCode"], "AlreadyExists")
        chosen = {"Operations": ["CREATE"], "OperationStatuses": ["SUCCESS"]}
        pages = self.cloudcontrol.get_paginator("list_resource_requests").paginate(ResourceRequestStatusFilter=chosen,
                                                                                   PaginationConfig={"PageSize": 2})
        listed = [page["ResourceRequestStatusSummaries"] for page in pages]
        self.assertEqual([len(page) for page in listed], [2, 1])
        self.assertEqual({each["RequestToken"] for page in listed for each in page}, {each["RequestToken"] for each in made})

    def test_an_unknown_request_token_is_not_found(self) -> None:
        self.assertEqual(self.refusal(self.cloudcontrol.get_resource_request_status, RequestToken="0" * 36)[1], "RequestTokenNotFoundException")


# What AWS shows of a queue of which only the name is given.
DEFAULTS = {"VisibilityTimeout": 30, "MaximumMessageSize": 1048576, "MessageRetentionPeriod": 345600, "DelaySeconds": 0,
            "ReceiveMessageWaitTimeSeconds": 0, "FifoQueue": False}


class ClientTokens(CloudControlCase):
    def test_the_same_token_and_request_are_the_same_event(self) -> None:
        first = self.make("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, ClientToken="once")
        again = self.begin("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, ClientToken="once")
        self.assertEqual((again["RequestToken"], again["OperationStatus"], again["Identifier"]),
                         (first["RequestToken"], "SUCCESS", first["Identifier"]))
        made = [each["VpcId"] for each in self.client("ec2").describe_vpcs()["Vpcs"] if each["CidrBlock"] == "10.0.0.0/16"]
        self.assertEqual(made, [first["Identifier"]])
        gone = self.remove("AWS::EC2::VPC", first["Identifier"], ClientToken="end")
        self.assertEqual(self.remove("AWS::EC2::VPC", first["Identifier"], ClientToken="end")["RequestToken"], gone["RequestToken"])

    def test_the_same_token_for_another_request_is_a_conflict(self) -> None:
        self.make(QUEUE, {"QueueName": "orders"}, ClientToken="once")
        call, state = self.cloudcontrol.create_resource, json.dumps({"QueueName": "others"})
        self.assertEqual(self.refusal(call, TypeName=QUEUE, DesiredState=state, ClientToken="once")[:2], (400, "ClientTokenConflictException"))
        self.assertEqual(self.refusal(self.cloudcontrol.delete_resource, TypeName=QUEUE, Identifier="x", ClientToken="once")[1],
                         "ClientTokenConflictException")


class Refusals(CloudControlCase):
    def refused(self, type_name: str, properties: Properties) -> tuple[str, str]:
        return self.refusal(self.cloudcontrol.create_resource, TypeName=type_name, DesiredState=json.dumps(properties))[1:]

    def test_types_without_a_schema_or_handlers_are_refused(self) -> None:
        self.assertEqual(self.refused("AWS::Shop::Order", {})[0], "TypeNotFoundException")
        for name in ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::IAM::Policy", "AWS::ServiceDiscovery::PrivateDnsNamespace"):
            with self.subTest(name):
                self.assertEqual(self.refused(name, {})[0], "UnsupportedActionException")
        self.assertEqual(self.refusal(self.cloudcontrol.update_resource, TypeName="AWS::Lambda::Permission", Identifier="f|x", PatchDocument="[]")[1],
                         "UnsupportedActionException")

    def test_what_does_not_exist_is_not_found(self) -> None:
        for call, more in ((self.cloudcontrol.get_resource, {}), (self.cloudcontrol.delete_resource, {}),
                           (self.cloudcontrol.update_resource, {"PatchDocument": "[]"})):
            self.assertEqual(self.refusal(call, TypeName=GROUP, Identifier="nothing", **more)[:2], (400, "ResourceNotFoundException"))

    def test_properties_are_checked_at_every_depth(self) -> None:
        service = {"LaunchType": "FARGATE", "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}}}
        for type_name, properties, said in (
            (QUEUE, {"Colour": "red"}, "#: extraneous key [Colour] is not permitted"),
            (QUEUE, {"QueueName": 3}, "#/QueueName: expected type: String, found: Integer"),
            (QUEUE, {"DelaySeconds": 901}, "#/DelaySeconds: failed validation constraint for keyword [maximum]"),
            (QUEUE, {"Tags": [{"Key": "a", "Valu": "b"}]}, "#/Tags/0: extraneous key [Valu] is not permitted"),
            (QUEUE, {"Tags": [{"Key": "a"}]}, "#/Tags/0: required key [Value] not found"),
            (ROLE, {}, "#: required key [AssumeRolePolicyDocument] not found"),
            ("AWS::ECS::Service", service | {"LaunchType": "BOAT"}, "#/LaunchType: BOAT is not a valid enum value"),
            ("AWS::ECS::Service", service | {"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": "subnet-1"}}},
             "#/NetworkConfiguration/AwsvpcConfiguration/Subnets: expected type: JSONArray, found: String"),
            (BUCKET, {"VersioningConfiguration": {"Status": "On"}}, "#/VersioningConfiguration/Status: On is not a valid enum value"),
            (GROUP, {"LogGroupName": "a b"}, "#/LogGroupName: failed validation constraint for keyword [pattern]"),
            (GROUP, {"LogGroupName": ""}, "#/LogGroupName: failed validation constraint for keyword [minLength]"),
            ("AWS::Lambda::Function", {"Code": {}, "Role": "queue"}, "#/Role: failed validation constraint for keyword [pattern]"),
        ):
            with self.subTest(type_name, said=said):
                code, message = self.refused(type_name, properties)
                self.assertEqual(code, "ValidationException")
                self.assertIn(said, message)
        self.assertEqual(self.control("live"), [])

    def test_patterns_are_those_of_java(self) -> None:
        tags = [{"Key": "größe", "Value": "Ünïcode 漢字"}]
        self.assertEqual(self.make("AWS::ElasticLoadBalancingV2::TargetGroup", {"Name": "web", "Tags": tags})["OperationStatus"], "SUCCESS")

    def test_read_only_properties_cannot_be_set(self) -> None:
        self.assertEqual(self.refused(QUEUE, {"Arn": "x"})[0], "ValidationException")
        identifier = self.make(QUEUE, {"QueueName": "orders"})["Identifier"]
        patch = json.dumps([{"op": "add", "path": "/Arn", "value": "arn:aws:sqs:eu-west-1:1:orders"}])
        self.assertEqual(self.refusal(self.cloudcontrol.update_resource, TypeName=QUEUE, Identifier=identifier, PatchDocument=patch), (
            400, "ValidationException", "Invalid patch update: readOnlyProperties [/properties/Arn] cannot be updated"))

    def test_create_only_properties_cannot_be_changed(self) -> None:
        identifier = self.make(QUEUE, {"QueueName": "orders"})["Identifier"]
        patch = json.dumps([{"op": "replace", "path": "/QueueName", "value": "others"}])
        self.assertEqual(self.refusal(self.cloudcontrol.update_resource, TypeName=QUEUE, Identifier=identifier, PatchDocument=patch), (
            400, "NotUpdatableException", "Invalid patch update: createOnlyProperties [/properties/QueueName] cannot be updated"))

    def test_patches_follow_rfc_6902(self) -> None:
        tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
        identifier = self.make(QUEUE, {"QueueName": "orders", "Tags": tags})["Identifier"]
        patch = [{"op": "test", "path": "/Tags/0/Key", "value": "a"}, {"op": "remove", "path": "/Tags/0"},
                 {"op": "add", "path": "/Tags/-", "value": {"Key": "c", "Value": "3"}}]
        self.end(self.cloudcontrol.update_resource(TypeName=QUEUE, Identifier=identifier, PatchDocument=json.dumps(patch))["ProgressEvent"])
        self.assertEqual(self.client("sqs").list_queue_tags(QueueUrl=identifier)["Tags"], {"b": "2", "c": "3"})
        for wrong in ([{"op": "remove", "path": "/KmsMasterKeyId"}], [{"op": "test", "path": "/QueueName", "value": "x"}], [{"op": "shift"}]):
            self.assertEqual(self.refusal(self.cloudcontrol.update_resource, TypeName=QUEUE, Identifier=identifier,
                                          PatchDocument=json.dumps(wrong))[1], "ValidationException")

    def test_a_second_operation_on_a_resource_has_to_wait(self) -> None:
        identifier = self.make(QUEUE, {"QueueName": "orders"})["Identifier"]
        self.rules({"operation": "DeleteResource", "latency": {"milliseconds": 500, "of": "operation"}})
        begun = self.cloudcontrol.delete_resource(TypeName=QUEUE, Identifier=identifier)["ProgressEvent"]
        self.assertEqual(self.refusal(self.cloudcontrol.delete_resource, TypeName=QUEUE, Identifier=identifier)[1], "ConcurrentOperationException")
        self.assertEqual(self.refusal(self.cloudcontrol.update_resource, TypeName=QUEUE, Identifier=identifier, PatchDocument="[]")[1],
                         "ConcurrentOperationException")
        self.assertEqual(self.end(begun)["OperationStatus"], "SUCCESS")


class Ends(CloudControlCase):
    def test_a_taken_name_already_exists(self) -> None:
        for type_name, properties in ((QUEUE, {"QueueName": "orders"}), (ROLE, {"RoleName": "web", "AssumeRolePolicyDocument": TRUST}),
                                      ("AWS::SNS::Topic", {"TopicName": "news"}), ("AWS::RDS::DBInstance", DATABASE),
                                      ("AWS::SecretsManager::Secret", {"Name": "token", "SecretString": "x"}),
                                      ("AWS::ECS::Cluster", {"ClusterName": "c"}),
                                      ("AWS::Events::Rule", {"Name": "nightly", "ScheduleExpression": "rate(1 day)"})):
            with self.subTest(type_name):
                self.make(type_name, properties)
                ended = self.end(self.begin(type_name, properties))
                self.assertEqual((ended["OperationStatus"], ended["ErrorCode"]), ("FAILED", "AlreadyExists"))
                self.assertIn("already exists", ended["StatusMessage"])

    def test_a_name_that_was_taken_outside_already_exists(self) -> None:
        self.client("sqs").create_queue(QueueName="orders")
        self.assertEqual(self.end(self.begin(QUEUE, {"QueueName": "orders"}))["ErrorCode"], "AlreadyExists")
        self.assertEqual(self.end(self.begin(BUCKET, {"BucketName": self.bucket}))["ErrorCode"], "AlreadyExists")
        bucket, self.account = self.bucket, str(int(self.account) + 10**11)
        self.cloudcontrol = self.client("cloudcontrol")
        self.assertEqual(self.end(self.begin(BUCKET, {"BucketName": bucket}))["ErrorCode"], "AlreadyExists")

    def test_what_was_removed_out_of_band_is_not_found(self) -> None:
        self.make(GROUP, {"LogGroupName": "one"})
        self.client("logs").delete_log_group(logGroupName="one")
        self.assertEqual(self.refusal(self.cloudcontrol.get_resource, TypeName=GROUP, Identifier="one")[1], "ResourceNotFoundException")
        self.assertEqual(self.change(GROUP, "one", {"RetentionInDays": 7})["ErrorCode"], "NotFound")
        self.assertEqual(self.remove(GROUP, "one")["ErrorCode"], "NotFound")
        self.make(GROUP, {"LogGroupName": "one"})

    def test_a_change_that_would_replace_is_not_updatable_and_leaves_the_resource(self) -> None:
        table = {"TableName": "items", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                 "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
        self.make("AWS::DynamoDB::Table", table)
        self.dynamodb.put_item(TableName="items", Item={"id": {"S": "one"}})
        sorted_by = {"KeySchema": [*table["KeySchema"], {"AttributeName": "at", "KeyType": "RANGE"}],
                     "AttributeDefinitions": [*table["AttributeDefinitions"], {"AttributeName": "at", "AttributeType": "S"}]}
        ended = self.change("AWS::DynamoDB::Table", "items", sorted_by)
        self.assertEqual((ended["OperationStatus"], ended["ErrorCode"]), ("FAILED", "NotUpdatable"), ended)
        self.assertEqual(self.read("AWS::DynamoDB::Table", "items")["KeySchema"], table["KeySchema"])
        self.assertEqual(self.dynamodb.scan(TableName="items")["Count"], 1)
        vpc = self.make("AWS::EC2::VPC", {"CidrBlock": "10.9.0.0/16"})["Identifier"]
        self.assertEqual(self.change("AWS::EC2::VPC", vpc, {"InstanceTenancy": "dedicated"})["ErrorCode"], "NotUpdatable")
        standing = self.client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.9.0.0/16"]}])["Vpcs"]
        self.assertEqual([each["VpcId"] for each in standing], [vpc])
        created = json.loads(self.make("AWS::RDS::DBInstance", DATABASE)["ResourceModel"])
        self.assertEqual(self.change("AWS::RDS::DBInstance", "orders", {"Engine": "mysql"})["ErrorCode"], "NotUpdatable")
        self.assertEqual(self.read("AWS::RDS::DBInstance", "orders")["DbiResourceId"], created["DbiResourceId"])

    def test_a_bucket_with_objects_and_a_protected_database_stay(self) -> None:
        bucket = f"full-{self.account}"
        self.make(BUCKET, {"BucketName": bucket})
        self.s3.put_object(Bucket=bucket, Key="one", Body=b"x")
        self.assertIn("not empty", self.remove(BUCKET, bucket)["StatusMessage"])
        self.s3.head_object(Bucket=bucket, Key="one")
        self.make("AWS::RDS::DBInstance", {**DATABASE, "DeletionProtection": True})
        self.assertEqual(self.remove("AWS::RDS::DBInstance", "orders")["ErrorCode"], "InvalidRequest")
        self.change("AWS::RDS::DBInstance", "orders", {"DeletionProtection": False})
        self.assertEqual(self.remove("AWS::RDS::DBInstance", "orders")["OperationStatus"], "SUCCESS")

    def test_what_others_need_stays(self) -> None:
        vpc = self.make("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"})["Identifier"]
        subnet = self.make("AWS::EC2::Subnet", {"VpcId": vpc, "CidrBlock": "10.0.0.0/24"})["Identifier"]
        cluster = json.loads(self.make("AWS::ECS::Cluster", {"ClusterName": "shop"})["ResourceModel"])["Arn"]
        task = self.make("AWS::ECS::TaskDefinition", {"Family": "web", "ContainerDefinitions": [{"Name": "web", "Image": "nginx", "Memory": 64}]})
        service = {"Cluster": cluster, "TaskDefinition": task["Identifier"], "DesiredCount": 0,
                   "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [subnet]}}}
        identifier = self.make("AWS::ECS::Service", service)["Identifier"]
        for type_name, held in (("AWS::EC2::VPC", vpc), ("AWS::EC2::Subnet", subnet), ("AWS::ECS::Cluster", "shop")):
            ended = self.remove(type_name, held)
            self.assertEqual((ended["OperationStatus"], ended["ErrorCode"]), ("FAILED", "GeneralServiceException"))
            self.assertIn("has dependencies", ended["StatusMessage"])
        for type_name, free in (("AWS::ECS::Service", identifier), ("AWS::ECS::Cluster", "shop"), ("AWS::EC2::Subnet", subnet),
                                ("AWS::EC2::VPC", vpc)):
            self.assertEqual(self.remove(type_name, free)["OperationStatus"], "SUCCESS")

    def test_a_stack_holds_the_types_that_are_added_here_too(self) -> None:
        template = {"Resources": {"Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}}},
                    "Outputs": {"Id": {"Value": {"Fn::GetAtt": ["Address", "AllocationId"]}}}}
        made = self.make("AWS::CloudFormation::Stack", {"StackName": "addresses", "TemplateBody": json.dumps(template)})
        output = json.loads(made["ResourceModel"])["Outputs"][0]
        self.assertEqual([each["AllocationId"] for each in self.client("ec2").describe_addresses()["Addresses"]], [output["OutputValue"]])
        self.remove("AWS::CloudFormation::Stack", made["Identifier"])
        self.assertEqual(self.client("ec2").describe_addresses()["Addresses"], [])

    def test_a_stack_that_fails_stands_with_its_identifier(self) -> None:
        template = {"Resources": {"Mapping": {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE", "TargetFunctionArn": "nobody"}}}}
        ended = self.end(self.begin("AWS::CloudFormation::Stack", {"StackName": "broken", "TemplateBody": json.dumps(template)}))
        self.assertEqual((ended["OperationStatus"], ended["ErrorCode"]), ("FAILED", "GeneralServiceException"))
        self.assertEqual(self.read("AWS::CloudFormation::Stack", ended["Identifier"])["StackStatus"], "ROLLBACK_COMPLETE")
        self.assertEqual(self.remove("AWS::CloudFormation::Stack", ended["Identifier"])["OperationStatus"], "SUCCESS")


class Private(unittest.TestCase):
    def test_a_lost_private_name_is_told(self) -> None:
        script = ("import tempfile; from emulator.server import environment; environment(1, tempfile.mkdtemp());"
                  "from ministack.services.cloudformation import drift; del drift._DRIFT_READERS;"
                  "from emulator.stores import check; check()")
        ended = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60)
        self.assertIn("RuntimeError: ministack.services.cloudformation.drift._DRIFT_READERS is gone", ended.stderr)


if __name__ == "__main__":
    unittest.main()
