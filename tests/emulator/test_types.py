"""Every type that panka emits, through its whole life: made with what it needs, read, looked up in its service, changed, removed, gone."""

import json
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from emulator import schemas
from emulator.test_cloudcontrol import CloudControlCase

Properties = dict[str, Any]
EMITTED = """
    ApiGatewayV2::Api ApiGatewayV2::Integration ApiGatewayV2::Route ApiGatewayV2::Stage ApplicationAutoScaling::ScalableTarget
    ApplicationAutoScaling::ScalingPolicy CloudFormation::Stack DynamoDB::Table EC2::EIP EC2::InternetGateway EC2::NatGateway EC2::Route
    EC2::RouteTable EC2::SecurityGroup EC2::SecurityGroupIngress EC2::Subnet EC2::SubnetRouteTableAssociation EC2::VPC EC2::VPCEndpoint
    EC2::VPCGatewayAttachment ECS::Cluster ECS::Service ECS::TaskDefinition ElastiCache::ServerlessCache ElasticLoadBalancingV2::Listener
    ElasticLoadBalancingV2::LoadBalancer ElasticLoadBalancingV2::TargetGroup Events::Rule IAM::Role IAM::RolePolicy KMS::Key Kinesis::Stream
    Lambda::EventSourceMapping Lambda::Function Lambda::Permission Lambda::Url Logs::LogGroup RDS::DBCluster RDS::DBClusterParameterGroup
    RDS::DBInstance RDS::DBParameterGroup RDS::DBSubnetGroup S3::Bucket S3::BucketPolicy SNS::Subscription SNS::Topic SNS::TopicInlinePolicy SQS::Queue SQS::QueueInlinePolicy
    SSM::Parameter SecretsManager::Secret ServiceDiscovery::Service""".split()

TAGS = [{"Key": "panka:stack", "Value": "shop"}]
MORE_TAGS = [*TAGS, {"Key": "added", "Value": "later"}]


def policy(action: str, resource: str) -> Properties:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}]}


def role_policy(resource: str) -> Properties:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": resource}]}


TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


@dataclass
class Step:
    """One resource. The functions are given the models of those made before, by name."""

    name: str
    type_name: str
    properties: Callable[[Properties], Properties]
    change: Properties | None = None  # properties that an update sets
    again: tuple[str, ...] = ()  # write-only properties that an update sends again
    look: tuple[str, str, Callable[[Properties], Properties]] | None = None  # service, operation, arguments from the models

    @property
    def full(self) -> str:
        return f"AWS::{self.type_name}"


def steps(account: str) -> list[Step]:
    """In the order in which they can be made."""
    container = {"Name": "web", "Image": "public.ecr.aws/nginx/nginx:1", "Essential": True, "PortMappings": [{"ContainerPort": 80}]}
    template = {"Resources": {"Space": {"Type": "AWS::ServiceDiscovery::PrivateDnsNamespace",
                                        "Properties": {"Name": "shop.internal", "Vpc": {"Ref": "Network"}}}},
                "Parameters": {"Network": {"Type": "String"}}, "Outputs": {"Id": {"Value": {"Fn::GetAtt": ["Space", "Id"]}}}}
    scaled = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": "service/shop/web"}
    tracking = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, "TargetValue": 50}
    return [
        Step("vpc", "EC2::VPC", lambda _: {"CidrBlock": "10.1.0.0/16", "Tags": TAGS}, {"Tags": MORE_TAGS},
             look=("ec2", "describe_vpcs", lambda m: {"VpcIds": [m["vpc"]["VpcId"]]})),
        Step("subnet", "EC2::Subnet", lambda m: {"VpcId": m["vpc"]["VpcId"], "CidrBlock": "10.1.0.0/24", "AvailabilityZone": "eu-west-1a"},
             {"MapPublicIpOnLaunch": True}, look=("ec2", "describe_subnets", lambda m: {"SubnetIds": [m["subnet"]["SubnetId"]]})),
        Step("subnet2", "EC2::Subnet", lambda m: {"VpcId": m["vpc"]["VpcId"], "CidrBlock": "10.1.1.0/24", "AvailabilityZone": "eu-west-1b"}),
        Step("igw", "EC2::InternetGateway", lambda _: {"Tags": TAGS}, {"Tags": MORE_TAGS},
             look=("ec2", "describe_internet_gateways", lambda m: {"InternetGatewayIds": [m["igw"]["InternetGatewayId"]]})),
        Step("attachment", "EC2::VPCGatewayAttachment", lambda m: {"VpcId": m["vpc"]["VpcId"], "InternetGatewayId": m["igw"]["InternetGatewayId"]}),
        Step("table", "EC2::RouteTable", lambda m: {"VpcId": m["vpc"]["VpcId"]}, {"Tags": TAGS},
             look=("ec2", "describe_route_tables", lambda m: {"RouteTableIds": [m["table"]["RouteTableId"]]})),
        Step("eip", "EC2::EIP", lambda _: {"Domain": "vpc", "Tags": TAGS}, {"Tags": MORE_TAGS},
             look=("ec2", "describe_addresses", lambda m: {"AllocationIds": [m["eip"]["AllocationId"]]})),
        Step("nat", "EC2::NatGateway", lambda m: {"SubnetId": m["subnet"]["SubnetId"], "AllocationId": m["eip"]["AllocationId"]}, {"Tags": TAGS},
             look=("ec2", "describe_nat_gateways", lambda m: {"NatGatewayIds": [m["nat"]["NatGatewayId"]]})),
        Step("route", "EC2::Route", lambda m: {"RouteTableId": m["table"]["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0",
                                               "GatewayId": m["igw"]["InternetGatewayId"]}),
        Step("association", "EC2::SubnetRouteTableAssociation", lambda m: {"RouteTableId": m["table"]["RouteTableId"],
                                                                           "SubnetId": m["subnet"]["SubnetId"]}),
        Step("endpoint", "EC2::VPCEndpoint", lambda m: {"VpcId": m["vpc"]["VpcId"], "ServiceName": "com.amazonaws.eu-west-1.s3",
                                                        "VpcEndpointType": "Gateway"}, {"PolicyDocument": policy("s3:*", "*")},
             look=("ec2", "describe_vpc_endpoints", lambda m: {"VpcEndpointIds": [m["endpoint"]["Id"]]})),
        Step("group", "EC2::SecurityGroup", lambda m: {
            "GroupName": "web", "GroupDescription": "the web", "VpcId": m["vpc"]["VpcId"],
            "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}]},
            {"SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}]},
            look=("ec2", "describe_security_groups", lambda m: {"GroupIds": [m["group"]["GroupId"]]})),
        Step("inner", "EC2::SecurityGroup", lambda m: {"GroupDescription": "the data", "VpcId": m["vpc"]["VpcId"]}, {"Tags": TAGS}),
        Step("ingress", "EC2::SecurityGroupIngress", lambda m: {
            "GroupId": m["inner"]["GroupId"], "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "SourceSecurityGroupId": m["group"]["GroupId"]},
             {"Description": "from the web"},
             look=("ec2", "describe_security_group_rules", lambda m: {"SecurityGroupRuleIds": [m["ingress"]["Id"]]})),
        Step("role", "IAM::Role", lambda _: {"RoleName": "web", "AssumeRolePolicyDocument": TRUST, "Tags": TAGS}, {"Description": "of the web"},
             look=("iam", "get_role", lambda _: {"RoleName": "web"})),
        Step("queue", "SQS::Queue", lambda _: {"QueueName": "orders", "VisibilityTimeout": 60, "Tags": TAGS}, {"VisibilityTimeout": 90},
             look=("sqs", "get_queue_url", lambda _: {"QueueName": "orders"})),
        Step("permission", "IAM::RolePolicy", lambda m: {"RoleName": m["role"]["RoleName"], "PolicyName": "send",
                                                         "PolicyDocument": role_policy(m["queue"]["Arn"])}, {"PolicyDocument": role_policy("*")},
             look=("iam", "get_role_policy", lambda _: {"RoleName": "web", "PolicyName": "send"})),
        Step("log", "Logs::LogGroup", lambda _: {"LogGroupName": "/shop/web", "RetentionInDays": 7, "Tags": TAGS}, {"RetentionInDays": 14},
             look=("logs", "describe_log_streams", lambda _: {"logGroupName": "/shop/web"})),
        Step("bucket", "S3::Bucket", lambda _: {"BucketName": f"walk-{account}", "Tags": TAGS}, {"VersioningConfiguration": {"Status": "Enabled"}},
             look=("s3", "head_bucket", lambda _: {"Bucket": f"walk-{account}"})),
        Step("bucketpolicy", "S3::BucketPolicy", lambda m: {"Bucket": m["bucket"]["BucketName"], "PolicyDocument": policy("s3:GetObject", "*")},
             {"PolicyDocument": policy("s3:PutObject", "*")}, look=("s3", "get_bucket_policy", lambda _: {"Bucket": f"walk-{account}"})),
        Step("subnets", "RDS::DBSubnetGroup", lambda m: {"DBSubnetGroupName": "data", "DBSubnetGroupDescription": "data",
                                                         "SubnetIds": [m["subnet"]["SubnetId"], m["subnet2"]["SubnetId"]]},
             {"DBSubnetGroupDescription": "of the data"}, look=("rds", "describe_db_subnet_groups", lambda _: {"DBSubnetGroupName": "data"})),
        Step("parameters", "RDS::DBParameterGroup", lambda _: {"DBParameterGroupName": "tuned", "Family": "postgres16", "Description": "tuned"},
             {"Tags": TAGS}, look=("rds", "describe_db_parameter_groups", lambda _: {"DBParameterGroupName": "tuned"})),
        Step("database", "RDS::DBInstance", lambda m: {
            "DBInstanceIdentifier": "orders", "Engine": "postgres", "EngineVersion": "16.3", "DBInstanceClass": "db.t4g.micro",
            "AllocatedStorage": "20", "MasterUsername": "panka", "MasterUserPassword": "not-a-real-one",
            "DBSubnetGroupName": m["subnets"]["DBSubnetGroupName"]},
            {"BackupRetentionPeriod": 3}, look=("rds", "describe_db_instances", lambda _: {"DBInstanceIdentifier": "orders"})),
        Step("clusterparameters", "RDS::DBClusterParameterGroup", lambda _: {
            "DBClusterParameterGroupName": "tuned-cluster", "Family": "aurora-postgresql16", "Description": "tuned",
            "Parameters": {"timezone": "UTC"}},
            {"Tags": TAGS}, look=("rds", "describe_db_cluster_parameter_groups", lambda _: {"DBClusterParameterGroupName": "tuned-cluster"})),
        Step("databases", "RDS::DBCluster", lambda _: {"DBClusterIdentifier": "ledger", "Engine": "aurora-postgresql", "MasterUsername": "panka",
                                                       "ManageMasterUserPassword": True}, {"BackupRetentionPeriod": 5},
             look=("rds", "describe_db_clusters", lambda _: {"DBClusterIdentifier": "ledger"})),
        Step("balancer", "ElasticLoadBalancingV2::LoadBalancer", lambda m: {
            "Name": "web", "Type": "application", "Subnets": [m["subnet"]["SubnetId"], m["subnet2"]["SubnetId"]],
            "SecurityGroups": [m["group"]["GroupId"]]}, {"Tags": TAGS},
            look=("elbv2", "describe_load_balancers", lambda m: {"LoadBalancerArns": [m["balancer"]["LoadBalancerArn"]]})),
        Step("targets", "ElasticLoadBalancingV2::TargetGroup", lambda m: {"Name": "web", "Port": 80, "Protocol": "HTTP", "TargetType": "ip",
                                                                          "VpcId": m["vpc"]["VpcId"]}, {"HealthCheckPath": "/healthy"},
             look=("elbv2", "describe_target_groups", lambda m: {"TargetGroupArns": [m["targets"]["TargetGroupArn"]]})),
        Step("listener", "ElasticLoadBalancingV2::Listener", lambda m: {
            "LoadBalancerArn": m["balancer"]["LoadBalancerArn"], "Port": 80, "Protocol": "HTTP",
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": m["targets"]["TargetGroupArn"]}]}, {"Port": 8080},
            look=("elbv2", "describe_listeners", lambda m: {"ListenerArns": [m["listener"]["ListenerArn"]]})),
        Step("cluster", "ECS::Cluster", lambda _: {"ClusterName": "shop", "Tags": TAGS}, {"Tags": MORE_TAGS}),
        Step("task", "ECS::TaskDefinition", lambda m: {
            "Family": "web", "Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"],
            "ExecutionRoleArn": m["role"]["Arn"], "ContainerDefinitions": [container]}, {"Tags": TAGS}),
        Step("service", "ECS::Service", lambda m: {
            "ServiceName": "web", "Cluster": m["cluster"]["Arn"], "TaskDefinition": m["task"]["TaskDefinitionArn"], "DesiredCount": 0,
            "LaunchType": "FARGATE", "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [m["subnet"]["SubnetId"]]}}}, {"DesiredCount": 1}),
        Step("target", "ApplicationAutoScaling::ScalableTarget", lambda _: {**scaled, "MinCapacity": 1, "MaxCapacity": 3}, {"MaxCapacity": 5}),
        Step("scaling", "ApplicationAutoScaling::ScalingPolicy", lambda _: {
            **scaled, "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": tracking},
            {"TargetTrackingScalingPolicyConfiguration": {**tracking, "TargetValue": 70}}),
        Step("namespace", "CloudFormation::Stack", lambda m: {"StackName": "panka-shop-namespace", "TemplateBody": json.dumps(template),
                                                              "Parameters": {"Network": m["vpc"]["VpcId"]}}, {"Tags": TAGS},
             look=("cloudformation", "describe_stacks", lambda _: {"StackName": "panka-shop-namespace"})),
        Step("discovery", "ServiceDiscovery::Service", lambda m: {
            "Name": "web", "NamespaceId": m["namespace"]["Outputs"][0]["OutputValue"], "DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 10}]}},
            {"Description": "the web"}, look=("servicediscovery", "get_service", lambda m: {"Id": m["discovery"]["Id"]})),
        Step("cache", "ElastiCache::ServerlessCache", lambda _: {"ServerlessCacheName": "sessions", "Engine": "valkey"}, {"Description": "sessions"},
             look=("elasticache", "describe_serverless_caches", lambda _: {"ServerlessCacheName": "sessions"})),
        Step("key", "KMS::Key", lambda _: {"Description": "ours", "KeyPolicy": policy("kms:*", "*")}, {"Description": "of the shop"}),
        Step("topic", "SNS::Topic", lambda _: {"TopicName": "news"}, {"DisplayName": "News"},
             look=("sns", "get_topic_attributes", lambda m: {"TopicArn": m["topic"]["TopicArn"]})),
        Step("topicpolicy", "SNS::TopicInlinePolicy", lambda m: {"TopicArn": m["topic"]["TopicArn"], "PolicyDocument": policy("sns:Publish", "*")},
             {"PolicyDocument": policy("sns:Subscribe", "*")}),
        Step("queuepolicy", "SQS::QueueInlinePolicy", lambda m: {"Queue": m["queue"]["QueueUrl"], "PolicyDocument": policy("sqs:SendMessage", "*")},
             {"PolicyDocument": policy("sqs:ReceiveMessage", "*")}),
        Step("subscription", "SNS::Subscription", lambda m: {"TopicArn": m["topic"]["TopicArn"], "Protocol": "sqs", "Endpoint": m["queue"]["Arn"]},
             {"RawMessageDelivery": True}, look=("sns", "get_subscription_attributes", lambda m: {"SubscriptionArn": m["subscription"]["Arn"]})),
        Step("rule", "Events::Rule", lambda _: {"Name": "nightly", "ScheduleExpression": "rate(1 day)"}, {"State": "DISABLED"},
             look=("events", "describe_rule", lambda _: {"Name": "nightly"})),
        Step("stream", "Kinesis::Stream", lambda _: {"Name": "clicks", "ShardCount": 1}, {"RetentionPeriodHours": 48},
             look=("kinesis", "describe_stream_summary", lambda _: {"StreamName": "clicks"})),
        Step("items", "DynamoDB::Table", lambda _: {
            "TableName": "items", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "StreamSpecification": {"StreamViewType": "NEW_IMAGE"}},
            {"Tags": TAGS}, look=("dynamodb", "describe_table", lambda _: {"TableName": "items"})),
        Step("function", "Lambda::Function", lambda m: {
            "FunctionName": "work", "Role": m["role"]["Arn"], "Runtime": "python3.12", "Handler": "index.handler",
            "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"}}, {"MemorySize": 256}, ("Code",),
            look=("lambda", "get_function", lambda _: {"FunctionName": "work"})),
        Step("mapping", "Lambda::EventSourceMapping", lambda m: {"FunctionName": "work", "EventSourceArn": m["queue"]["Arn"], "BatchSize": 5},
             {"BatchSize": 7}, look=("lambda", "get_event_source_mapping", lambda m: {"UUID": m["mapping"]["Id"]})),
        Step("invoke", "Lambda::Permission", lambda m: {
            "FunctionName": "work", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": m["rule"]["Arn"]},
             look=("lambda", "get_policy", lambda _: {"FunctionName": "work"})),
        Step("url", "Lambda::Url", lambda m: {"TargetFunctionArn": m["function"]["Arn"], "AuthType": "AWS_IAM"}, {"InvokeMode": "RESPONSE_STREAM"},
             look=("lambda", "get_function_url_config", lambda _: {"FunctionName": "work"})),
        Step("api", "ApiGatewayV2::Api", lambda _: {"Name": "shop", "ProtocolType": "HTTP"}, {"Description": "the shop"},
             look=("apigatewayv2", "get_api", lambda m: {"ApiId": m["api"]["ApiId"]})),
        Step("integration", "ApiGatewayV2::Integration", lambda m: {
            "ApiId": m["api"]["ApiId"], "IntegrationType": "AWS_PROXY", "IntegrationUri": m["function"]["Arn"], "PayloadFormatVersion": "2.0"},
            {"TimeoutInMillis": 5000}, look=("apigatewayv2", "get_integration", lambda m: {
                "ApiId": m["api"]["ApiId"], "IntegrationId": m["integration"]["IntegrationId"]})),
        Step("apiroute", "ApiGatewayV2::Route", lambda m: {"ApiId": m["api"]["ApiId"], "RouteKey": "GET /",
                                                           "Target": f"integrations/{m['integration']['IntegrationId']}"}, {"RouteKey": "GET /items"},
             look=("apigatewayv2", "get_route", lambda m: {"ApiId": m["api"]["ApiId"], "RouteId": m["apiroute"]["RouteId"]})),
        Step("stage", "ApiGatewayV2::Stage", lambda m: {"ApiId": m["api"]["ApiId"], "StageName": "live", "AutoDeploy": True}, {"Description": "live"},
             look=("apigatewayv2", "get_stage", lambda m: {"ApiId": m["api"]["ApiId"], "StageName": "live"})),
        Step("secret", "SecretsManager::Secret", lambda _: {"Name": "token", "SecretString": "not-a-real-one"}, {"Description": "a token"},
             look=("secretsmanager", "describe_secret", lambda _: {"SecretId": "token"})),
        Step("parameter", "SSM::Parameter", lambda _: {"Name": "/shop/size", "Type": "String", "Value": "1"}, {"Value": "2"},
             look=("ssm", "get_parameter", lambda _: {"Name": "/shop/size"}))]


class Types(CloudControlCase):
    def test_every_emitted_type_lives_and_ends(self) -> None:
        walk = steps(self.account)
        self.assertEqual(sorted({step.type_name for step in walk}), sorted(EMITTED))
        models: Properties = {}
        identifiers: dict[str, str] = {}
        for step in walk:
            with self.subTest(create=step.full):
                self._create(step, models, identifiers)
        for step in walk:
            with self.subTest(look=step.full):
                self._look(step, models)
            with self.subTest(update=step.full):
                self._update(step, models, identifiers[step.name])
        self.assertEqual(len(self.control("live")), len(walk))
        for step in reversed(walk):
            with self.subTest(delete=step.full):
                self._delete(step, models, identifiers[step.name])
        self.assertEqual(self.control("live"), [])

    def _create(self, step: Step, models: Properties, identifiers: dict[str, str]) -> None:
        given = step.properties(models)
        event = self.make(step.full, given)
        identifiers[step.name] = event["Identifier"]
        models[step.name] = model = self.read(step.full, event["Identifier"])
        schema = schemas.of_type(step.full)
        assert schema is not None
        self.assertEqual(event["Identifier"], "|".join(model[name] for name in schema.identifier))
        kept = schemas.without(given, schema.write_only)
        self.assertEqual({name: model.get(name) for name in kept}, kept)
        self.assertEqual(schemas.without(model, schema.write_only), model)
        described = [path for path in schema.read_only if len(path) == 1 and path[0] in REFERRED.get(step.type_name, ())]
        self.assertEqual([path for path in described if path[0] not in model], [])
        schema.check(given | schemas.without(model, schema.read_only))

    def _look(self, step: Step, models: Properties) -> None:
        if step.look is not None:
            service, operation, arguments = step.look
            answer = getattr(self.client(service), operation)(**arguments(models))
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 200)

    def _update(self, step: Step, models: Properties, identifier: str) -> None:
        if step.change is None:
            return
        again = {name: step.properties(models)[name] for name in step.again}
        event = self.change(step.full, identifier, step.change | again)
        self.assertEqual((event["OperationStatus"], event["Identifier"]), ("SUCCESS", identifier), event)
        model = self.read(step.full, identifier)
        schema = schemas.of_type(step.full)
        assert schema is not None
        kept = schemas.without(step.change, schema.write_only)
        self.assertEqual({name: model.get(name) for name in kept}, kept)

    def _delete(self, step: Step, models: Properties, identifier: str) -> None:
        self.assertEqual(self.remove(step.full, identifier)["OperationStatus"], "SUCCESS")
        self.assertEqual(self.refusal(self.cloudcontrol.get_resource, TypeName=step.full, Identifier=identifier)[1], "ResourceNotFoundException")
        # What is gone is gone from its service, too; where a service tells of the gone, its state says so.
        if step.look is None or step.type_name in TELLS_OF_THE_GONE:
            return
        service, operation, arguments = step.look
        with self.assertRaises(ClientError):
            answer = getattr(self.client(service), operation)(**arguments(models))
            if any(isinstance(value, list) and not value for value in answer.values()):
                raise ClientError({"Error": {"Code": "Empty"}}, operation)


# Services that answer with what is gone, or with its parent.
TELLS_OF_THE_GONE = {"EC2::NatGateway", "Lambda::Permission"}

# Read-only properties that panka's translations refer to.
REFERRED = {
    "EC2::VPC": ("VpcId", "DefaultSecurityGroup", "CidrBlockAssociations"), "SQS::Queue": ("Arn", "QueueUrl"), "IAM::Role": ("Arn", "RoleId"),
    "S3::Bucket": ("Arn", "DomainName", "DualStackDomainName", "RegionalDomainName"), "DynamoDB::Table": ("Arn", "StreamArn"),
    "RDS::DBInstance": ("Endpoint", "DBInstanceArn", "DbiResourceId"), "RDS::DBCluster": ("Endpoint", "ReadEndpoint", "DBClusterArn"),
    "ElasticLoadBalancingV2::LoadBalancer": ("DNSName", "CanonicalHostedZoneID", "LoadBalancerFullName"),
    "ElasticLoadBalancingV2::TargetGroup": ("TargetGroupFullName", "LoadBalancerArns"), "Lambda::Function": ("Arn",), "Lambda::Url": ("FunctionUrl",),
    "ElastiCache::ServerlessCache": ("ARN", "Endpoint"), "ApiGatewayV2::Api": ("ApiEndpoint",), "Logs::LogGroup": ("Arn",),
    "SSM::Parameter": ("Arn",), "SecretsManager::Secret": ("Id",), "KMS::Key": ("Arn", "KeyId"), "Events::Rule": ("Arn",),
    "Kinesis::Stream": ("Arn",)}


if __name__ == "__main__":
    unittest.main()
