"""Cloud Control through boto3: what is read and listed, of what was made here and outside, and the faults that rules make."""

import io
import json
import unittest
import zipfile
from typing import Any

from botocore.exceptions import ConnectionClosedError

from emulator.test_cloudcontrol import BUCKET, DATABASE, GROUP, QUEUE, ROLE, TRUST, CloudControlCase


class Reads(CloudControlCase):
    def test_write_only_properties_are_not_read_and_are_dropped_by_an_update(self) -> None:
        self.make("AWS::RDS::DBInstance", DATABASE)
        self.assertEqual({"MasterUserPassword", "MasterUsername"} & self.read("AWS::RDS::DBInstance", "orders").keys(), {"MasterUsername"})
        role = self.make(ROLE, {"RoleName": "web", "AssumeRolePolicyDocument": TRUST})
        arn = json.loads(role["ResourceModel"])["Arn"]
        code = {"ZipFile": "def handler(event, context):\n    return 1\n"}
        self.make("AWS::Lambda::Function", {"FunctionName": "work", "Role": arn, "Runtime": "python3.12", "Handler": "index.handler", "Code": code})
        self.assertNotIn("Code", self.read("AWS::Lambda::Function", "work"))
        patch = json.dumps([{"op": "add", "path": "/MemorySize", "value": 256}])
        self.assertIn("required key [Code] not found", self.refusal(
            self.cloudcontrol.update_resource, TypeName="AWS::Lambda::Function", Identifier="work", PatchDocument=patch)[2])

    def test_a_managed_password_is_a_secret(self) -> None:
        managed = {name: value for name, value in DATABASE.items() if name != "MasterUserPassword"} | {"ManageMasterUserPassword": True}
        arn = json.loads(self.make("AWS::RDS::DBInstance", managed)["ResourceModel"])["MasterUserSecret"]["SecretArn"]
        self.assertEqual(json.loads(self.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])["username"], "panka")
        self.remove("AWS::RDS::DBInstance", "orders")
        self.assertEqual(self.client("secretsmanager").list_secrets()["SecretList"], [])

    def test_values_have_the_types_of_the_schema(self) -> None:
        model = json.loads(self.make("AWS::RDS::DBInstance", {**DATABASE, "MultiAZ": True})["ResourceModel"])
        self.assertEqual((model["AllocatedStorage"], model["Endpoint"]["Port"], model["MultiAZ"]), ("20", "5432", True))

    def test_reads_show_what_the_services_hold_now(self) -> None:
        queue = self.make(QUEUE, {"QueueName": "orders", "VisibilityTimeout": 60})["Identifier"]
        self.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "99"})
        self.assertEqual(self.read(QUEUE, queue)["VisibilityTimeout"], 99)
        self.assertEqual(self.change(QUEUE, queue, {"VisibilityTimeout": 60})["OperationStatus"], "SUCCESS")
        self.assertEqual(self.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"],
                         {"VisibilityTimeout": "60"})
        self.make(GROUP, {"LogGroupName": "one", "RetentionInDays": 7})
        self.client("logs").delete_retention_policy(logGroupName="one")
        self.assertNotIn("RetentionInDays", self.read(GROUP, "one"))
        self.make("AWS::RDS::DBInstance", DATABASE)
        self.client("rds").modify_db_instance(DBInstanceIdentifier="orders", BackupRetentionPeriod=9, ApplyImmediately=True)
        self.assertEqual(self.read("AWS::RDS::DBInstance", "orders")["BackupRetentionPeriod"], 9)
        group = self.make("AWS::EC2::SecurityGroup", {"GroupDescription": "web"})["Identifier"]
        self.client("ec2").authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
        self.assertEqual(self.read("AWS::EC2::SecurityGroup", group)["SecurityGroupIngress"], [
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}])

    def test_an_ecs_service_is_read_live(self) -> None:
        self.make("AWS::ECS::Cluster", {"ClusterName": "shop"})
        task = self.make("AWS::ECS::TaskDefinition", {"Family": "web", "ContainerDefinitions": [{"Name": "web", "Image": "nginx", "Memory": 64}]})
        service = self.make("AWS::ECS::Service", {"Cluster": "shop", "TaskDefinition": task["Identifier"], "DesiredCount": 0})["Identifier"]
        arn, cluster = service.split("|")
        self.assertEqual(cluster, "shop")
        self.client("ecs").update_service(cluster="shop", service=arn, desiredCount=2)
        self.assertEqual(self.read("AWS::ECS::Service", service)["DesiredCount"], 2)
        self.client("ecs").delete_service(cluster="shop", service=arn, force=True)
        self.assertEqual(self.refusal(self.cloudcontrol.get_resource, TypeName="AWS::ECS::Service", Identifier=service)[1],
                         "ResourceNotFoundException")

    def test_what_was_made_outside_is_read_listed_changed_and_removed(self) -> None:
        url = self.client("sqs").create_queue(QueueName="orders", Attributes={"DelaySeconds": "5"}, tags={"owner": "ops"})["QueueUrl"]
        model = self.read(QUEUE, url)
        self.assertEqual((model["QueueName"], model["DelaySeconds"], model["Tags"]), ("orders", 5, [{"Key": "owner", "Value": "ops"}]))
        self.assertEqual([each["Identifier"] for each in self.cloudcontrol.list_resources(TypeName=QUEUE)["ResourceDescriptions"]], [url])
        self.assertEqual(self.control("live"), [])
        self.assertEqual(self.change(QUEUE, url, {"DelaySeconds": 6})["OperationStatus"], "SUCCESS")
        self.assertEqual(self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"], {"DelaySeconds": "6"})
        self.assertEqual(self.remove(QUEUE, url)["OperationStatus"], "SUCCESS")
        self.assertEqual(self.client("sqs").list_queues().get("QueueUrls", []), [])

    def test_every_type_that_can_be_imported_is_read_from_outside(self) -> None:
        self.client("iam").create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
        arn = f"arn:aws:iam::{self.account}:role/web"
        self.client("logs").create_log_group(logGroupName="one")
        self.client("ssm").put_parameter(Name="/one", Value="1", Type="String")
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("i.py", "def h(event, context):\n    return 1\n")
        self.client("lambda").create_function(FunctionName="work", Role=arn, Runtime="python3.12", Handler="i.h", Code={"ZipFile": code.getvalue()})
        topic = self.client("sns").create_topic(Name="news")["TopicArn"]
        key = self.client("kms").create_key()["KeyMetadata"]["KeyId"]
        for type_name, identifier, expected in (
            (ROLE, "web", {"Arn": arn, "AssumeRolePolicyDocument": TRUST}), (GROUP, "one", {"LogGroupName": "one"}), ("AWS::SNS::Topic", topic, {}),
            ("AWS::SSM::Parameter", "/one", {"Value": "1"}), ("AWS::Lambda::Function", "work", {"Handler": "i.h"}), ("AWS::KMS::Key", key, {}),
            (BUCKET, self.bucket, {"BucketName": self.bucket}), ("AWS::DynamoDB::Table", "locks", {"BillingMode": "PAY_PER_REQUEST"}),
        ):
            with self.subTest(type_name):
                model = self.read(type_name, identifier)
                self.assertEqual({**model, **expected}, model)
                listed = self.cloudcontrol.list_resources(TypeName=type_name)["ResourceDescriptions"]
                self.assertIn(identifier, [each["Identifier"] for each in listed])

    def test_lists_come_in_pages(self) -> None:
        for number in range(5):
            self.make(GROUP, {"LogGroupName": f"group{number}"})
        self.client("logs").delete_log_group(logGroupName="group3")
        first = self.cloudcontrol.list_resources(TypeName=GROUP, MaxResults=3)
        second = self.cloudcontrol.list_resources(TypeName=GROUP, MaxResults=3, NextToken=first["NextToken"])
        self.assertEqual([each["Identifier"] for each in first["ResourceDescriptions"] + second["ResourceDescriptions"]],
                         ["group0", "group1", "group2", "group4"])
        self.assertNotIn("NextToken", second)
        self.assertEqual(self.refusal(self.cloudcontrol.list_resources, TypeName="AWS::ApiGatewayV2::Stage")[1], "InvalidRequestException")

    def test_accounts_and_regions_know_nothing_of_each_other(self) -> None:
        self.make(GROUP, {"LogGroupName": "one"})
        for cloudcontrol in (self.client("cloudcontrol", "us-west-2"), self._of_another_account()):
            self.assertEqual(self.refusal(cloudcontrol.get_resource, TypeName=GROUP, Identifier="one")[1], "ResourceNotFoundException")

    def _of_another_account(self) -> Any:
        account, self.account = self.account, "299999999998"
        try:
            return self.client("cloudcontrol")
        finally:
            self.account = account

    def test_what_lives_is_known_in_all_regions(self) -> None:
        self.make(GROUP, {"LogGroupName": "one"})
        self.cloudcontrol = self.client("cloudcontrol", "us-west-2")
        url = self.make(QUEUE, {"QueueName": "orders"})["Identifier"]
        self.assertEqual(self.control("live"), [{"region": "eu-west-1", "type": GROUP, "identifier": "one"},
                                                {"region": "us-west-2", "type": QUEUE, "identifier": url}])
        self.client("logs").delete_log_group(logGroupName="one")
        self.remove(QUEUE, url)
        self.assertEqual(self.control("live"), [])


class Faults(CloudControlCase):
    def test_a_rule_ends_an_event_with_a_handler_code(self) -> None:
        self.rules({"operation": "CreateResource", "resource": GROUP, "key": "bad*",
                    "fail": {"event": "ServiceLimitExceeded", "message": "too many"}},
                   {"operation": "CreateResource", "resource": QUEUE, "nth": 1, "fail": {"event": "NotStabilized", "after": True}})
        ended = self.end(self.begin(GROUP, {"LogGroupName": "bad1"}))
        self.assertEqual((ended["OperationStatus"], ended["ErrorCode"], ended["StatusMessage"]), ("FAILED", "ServiceLimitExceeded", "too many"))
        self.make(GROUP, {"LogGroupName": "good"})
        self.assertEqual([each["logGroupName"] for each in self.client("logs").describe_log_groups()["logGroups"]], ["good"])
        ended = self.end(self.begin(QUEUE, {"QueueName": "orders"}))
        self.assertEqual(ended["ErrorCode"], "NotStabilized")
        self.assertEqual(self.client("sqs").get_queue_url(QueueName="orders")["QueueUrl"], ended["Identifier"])

    def test_a_request_token_expires(self) -> None:
        begun = self.make(GROUP, {"LogGroupName": "one"}, ClientToken="once")
        self.rules({"operation": "GetResourceRequestStatus", "expire": True})
        self.assertEqual(self.refusal(self.cloudcontrol.get_resource_request_status, RequestToken=begun["RequestToken"])[1],
                         "RequestTokenNotFoundException")

    def test_the_token_of_a_chosen_request_expires_when_it_has_ended(self) -> None:
        self.rules({"operation": "CreateResource", "key": "one", "expire": True})
        begun = self.begin(GROUP, {"LogGroupName": "one"}, ClientToken="once")
        self.assertEqual(self.refusal(self.end, event=begun)[1], "RequestTokenNotFoundException")
        self.assertEqual(self.read(GROUP, "one")["LogGroupName"], "one")
        self.rules()
        self.assertEqual(self.end(self.begin(GROUP, {"LogGroupName": "one"}, ClientToken="once"))["ErrorCode"], "AlreadyExists")

    def test_a_dropped_create_is_done_once_with_its_client_token(self) -> None:
        self.rules({"operation": "CreateResource", "nth": 1, "drop": True})
        with self.assertRaises(ConnectionClosedError):
            self.begin("AWS::EC2::EIP", {"Domain": "vpc"}, ClientToken="once")
        self.make("AWS::EC2::EIP", {"Domain": "vpc"}, ClientToken="once")
        self.assertEqual(len(self.client("ec2").describe_addresses()["Addresses"]), 1)

    def test_the_log_has_type_identifier_and_client_token(self) -> None:
        self.make(GROUP, {"LogGroupName": "one"}, ClientToken="first")
        self.remove(GROUP, "one", ClientToken="second")
        log = [each for each in self.control("calls?log=1")["log"] if each["operation"] in ("CreateResource", "DeleteResource")]
        self.assertEqual([(each["operation"], each["TypeName"], each["ClientToken"], each["key"]) for each in log], [
            ("CreateResource", GROUP, "first", "one"), ("DeleteResource", GROUP, "second", "one")])
        self.assertEqual(log[1]["Identifier"], "one")
        # What the emulator asks of itself is not counted.
        self.assertEqual({each["service"] for each in self.control("calls")["calls"]}, {"cloudcontrolapi"})


if __name__ == "__main__":
    unittest.main()
