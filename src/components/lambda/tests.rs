//! Functions as resources.

use serde_json::{Value, json};

use crate::components::tests::{addresses, checked, codes, components, findings, get, manifest};
use crate::components::translate;

fn function(more: Value) -> Value {
    let mut spec = json!({"runtime": "python3.13", "handler": "index.handler", "code": {"inline": "def handler(e, c): pass"}});
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    spec
}

fn own<'t>(translated: &'t crate::components::Translated, component: &str) -> Vec<&'t str> {
    let prefix = format!("{component}/");
    addresses(translated).into_iter().filter_map(|address| address.strip_prefix(&prefix)).collect()
}

#[test]
fn a_function_with_code_alone() {
    let translated = checked(&[("web/hello", "Lambda", function(json!({})))]);
    assert_eq!(own(&translated, "web/hello"), ["function", "log-group", "role", "role-policy"]);
    let mut properties = get(&translated, "web/hello/function").properties.clone();
    properties.remove("Tags");
    assert_eq!(
        json!(properties),
        json!({
            "Architectures": ["x86_64"], "Code": {"ZipFile": "def handler(e, c): pass"}, "EphemeralStorage": {"Size": 512},
            "FunctionName": "shop-dev-web-hello", "Handler": "index.handler",
            "LoggingConfig": {"LogGroup": {"$ref": "web/hello/log-group", "attribute": "LogGroupName"}}, "MemorySize": 128, "PackageType": "Zip",
            "Role": {"$ref": "web/hello/role", "attribute": "Arn"}, "Runtime": "python3.13", "Timeout": 30
        })
    );
    assert_eq!(get(&translated, "web/hello/log-group").properties["LogGroupName"], "/aws/lambda/shop-dev-web-hello");
    let waits: Vec<&str> = get(&translated, "web/hello/function").depends_on.iter().map(|address| address.as_str()).collect();
    assert_eq!(waits, ["web/hello/log-group", "web/hello/role", "web/hello/role-policy"]);
    assert_eq!(
        get(&translated, "web/hello/role-policy").properties["PolicyDocument"]["Statement"],
        json!([{
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Effect": "Allow",
            "Resource": {"$ref": "web/hello/log-group", "attribute": "Arn"}, "Sid": "Logs"
        }])
    );
    assert!(!translated.outputs.contains_key("web/hello.url"));
}

#[test]
fn an_image_with_a_role_from_elsewhere() {
    let spec = json!({
        "code": {"imageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/resize:v3"}, "roleArn": "arn:aws:iam::123456789012:role/resize",
        "architecture": "arm64", "memory": 512, "timeout": 60, "tracing": true, "reservedConcurrentExecutions": 5
    });
    let translated = checked(&[("web/resize", "Lambda", spec)]);
    assert_eq!(own(&translated, "web/resize"), ["function", "log-group"]);
    let function = &get(&translated, "web/resize/function").properties;
    assert_eq!(function["PackageType"], "Image");
    assert_eq!(function["Architectures"], json!(["arm64"]));
    assert_eq!(function["TracingConfig"], json!({"Mode": "Active"}));
    assert_eq!(function["ReservedConcurrentExecutions"], 5);
    assert_eq!(translated.outputs["web/resize.roleArn"], "arn:aws:iam::123456789012:role/resize");
}

#[test]
fn a_function_that_uses_a_database_stands_in_the_vpc() {
    let spec = function(json!({
        "environment": [{"name": "DB", "value": {"$output": "db.endpoint"}}],
        "secrets": [
            {"name": "DB_PASSWORD", "secretRef": {"$output": "db.secretArn"}, "key": "password"},
            {"name": "TOKEN", "secretRef": "ssm:/prod/token"}
        ],
        "permissions": [{"actions": ["ses:SendEmail"], "resources": ["*"]}]
    }));
    let list = [("a/f", "Lambda", spec), ("a/db", "RDS", json!({"engine": {"type": "postgres"}, "iamAuth": true}))];
    let mut document = components(&list);
    document["network"] = json!({"spec": {"create": {"endpoints": ["secretsmanager", "ssm"]}}});
    let translated = translate(&manifest(document)).unwrap();
    assert_eq!(own(&translated, "a/f"), ["function", "log-group", "role", "role-policy", "security-group"]);
    let function = &get(&translated, "a/f/function").properties;
    assert_eq!(function["VpcConfig"]["SecurityGroupIds"], json!([{"$ref": "a/f/security-group", "attribute": "GroupId"}]));
    assert_eq!(function["VpcConfig"]["SubnetIds"][0], json!({"$ref": "_stack/network/private-subnet-1", "attribute": "SubnetId"}));
    let secret = json!({"$ref": "a/db/password", "attribute": "Id"});
    assert_eq!(function["Environment"]["Variables"]["DB_PASSWORD_ARN"], secret);
    assert_eq!(function["Environment"]["Variables"]["DB_PASSWORD_KEY"], "password");
    assert_eq!(
        function["Environment"]["Variables"]["TOKEN_ARN"],
        json!({"$join": ["arn:", {"$aws": "partition"}, ":ssm:", {"$aws": "region"}, ":", {"$aws": "account"}, ":parameter/prod/token"]})
    );
    let ingress = &get(&translated, "a/db/ingress.a.f").properties;
    assert_eq!(ingress["SourceSecurityGroupId"], json!({"$ref": "a/f/security-group", "attribute": "GroupId"}));
    assert_eq!(ingress["FromPort"], 5432);
    let policy = &get(&translated, "a/f/role-policy").properties["PolicyDocument"]["Statement"];
    let sids: Vec<&str> = policy.as_array().unwrap().iter().map(|statement| statement["Sid"].as_str().unwrap()).collect();
    assert_eq!(sids, ["ADbConnect", "Logs", "Network", "Permission1", "ReadParameters", "ReadSecrets"]);
    assert_eq!(policy[0]["Action"], "rds-db:connect");
    assert_eq!(policy[0]["Resource"]["$join"][7], json!({"$ref": "a/db/instance", "attribute": "DbiResourceId"}));
    assert_eq!(policy[4]["Action"], json!(["ssm:GetParameter", "ssm:GetParameters"]));
    assert_eq!(policy[5]["Resource"], secret);
    // The network has no way out.
    let warnings: Vec<&str> = translated.warnings.iter().map(|finding| finding.code.name()).collect();
    assert!(warnings.contains(&"P3041"), "{warnings:?}");
}

#[test]
fn a_function_that_cannot_reach_what_it_calls_is_refused() {
    let found = |own: Value, endpoints: Value| {
        let list = [("a/f", "Lambda", function(own)), ("a/db", "RDS", json!({"engine": {"type": "postgres"}})), ("a/q", "SQS", json!({}))];
        let mut document = components(&list);
        document["network"] = json!({"spec": {"create": {"endpoints": endpoints}}});
        codes(translate(&manifest(document)))
    };
    let calls = json!({"dependsOn": ["db", "q"]});
    assert_eq!(found(calls.clone(), json!([])), ["P3027"]);
    assert_eq!(found(calls, json!(["sqs"])), [""; 0]);
    let secret = json!({"dependsOn": ["db"], "secrets": [{"name": "TOKEN", "secretRef": "ssm:/prod/token"}]});
    assert_eq!(found(secret.clone(), json!(["secretsmanager"])), ["P3027"]);
    assert_eq!(found(secret, json!(["ssm"])), [""; 0]);
    // Lambda itself reads the queue.
    let triggered = json!({"dependsOn": ["db"], "triggers": [{"type": "sqs", "source": {"component": "q"}}]});
    assert_eq!(found(triggered, json!([])), [""; 0]);
}

#[test]
fn a_function_in_subnets_of_its_own_choice() {
    let spec = function(json!({"vpc": {"subnetIds": ["subnet-0123456789abcdef0"], "securityGroupIds": ["sg-0123456789abcdef0"]}}));
    let translated = checked(&[("a/f", "Lambda", spec), ("a/db", "RDS", json!({"engine": {"type": "mysql"}}))]);
    assert_eq!(own(&translated, "a/f"), ["function", "log-group", "role", "role-policy"]);
    assert_eq!(
        get(&translated, "a/f/function").properties["VpcConfig"],
        json!({"SecurityGroupIds": ["sg-0123456789abcdef0"], "SubnetIds": ["subnet-0123456789abcdef0"]})
    );
}

#[test]
fn queues_and_streams_are_polled() {
    let spec = function(json!({"triggers": [
        {"type": "sqs", "source": {"component": "jobs"}, "batchSize": 5, "maxConcurrency": 20, "filter": [{"body": {"kind": ["invoice"]}}]},
        {"type": "dynamodb", "source": {"component": "a/carts"}, "startingPosition": "TRIM_HORIZON", "batchWindowSeconds": 5},
        {"type": "kinesis", "source": {"component": "clicks"}, "batchSize": 500},
        {"name": "far", "type": "sqs", "source": {"arn": "arn:aws:sqs:us-east-1:123456789012:far"}}
    ]}));
    let translated = checked(&[
        ("a/f", "Lambda", spec),
        ("a/jobs", "SQS", json!({})),
        ("a/carts", "DynamoDB", json!({"hashKey": {"name": "id", "type": "S"}, "stream": {"enabled": true}})),
        ("a/clicks", "Resource", json!({"type": "AWS::Kinesis::Stream", "properties": {"ShardCount": 1}})),
    ]);
    let roles = own(&translated, "a/f");
    assert_eq!(
        roles,
        [
            "event-source.dynamodb-carts",
            "event-source.far",
            "event-source.kinesis-clicks",
            "event-source.sqs-jobs",
            "function",
            "log-group",
            "role",
            "role-policy"
        ]
    );
    let mut mapping = get(&translated, "a/f/event-source.sqs-jobs").properties.clone();
    mapping.remove("Tags");
    assert_eq!(
        json!(mapping),
        json!({
            "BatchSize": 5, "EventSourceArn": {"$ref": "a/jobs/queue", "attribute": "Arn"},
            "FilterCriteria": {"Filters": [{"Pattern": "{\"body\":{\"kind\":[\"invoice\"]}}"}]},
            "FunctionName": {"$ref": "a/f/function", "attribute": "Arn"}, "MaximumBatchingWindowInSeconds": 0,
            "ScalingConfig": {"MaximumConcurrency": 20}
        })
    );
    let mapping = get(&translated, "a/f/event-source.dynamodb-carts");
    assert_eq!(mapping.properties["EventSourceArn"], json!({"$ref": "a/carts/table", "attribute": "StreamArn"}));
    assert_eq!(mapping.properties["StartingPosition"], "TRIM_HORIZON");
    assert_eq!(get(&translated, "a/f/event-source.kinesis-clicks").properties["StartingPosition"], "LATEST");
    assert!(mapping.depends_on.contains(&"a/f/role-policy".parse().unwrap()));
    let policy = &get(&translated, "a/f/role-policy").properties["PolicyDocument"]["Statement"];
    let brief: Vec<(&str, &Value)> =
        policy.as_array().unwrap().iter().map(|statement| (statement["Sid"].as_str().unwrap(), &statement["Resource"])).collect();
    let jobs = json!({"$ref": "a/jobs/queue", "attribute": "Arn"});
    let stream = json!({"$ref": "a/carts/table", "attribute": "StreamArn"});
    let clicks = json!({"$ref": "a/clicks/resource", "attribute": "Arn"});
    let logs = json!({"$ref": "a/f/log-group", "attribute": "Arn"});
    let far = json!("arn:aws:sqs:us-east-1:123456789012:far");
    assert_eq!(brief, [("ACartsStream", &stream), ("AClicks", &clicks), ("AJobs", &jobs), ("Logs", &logs), ("TriggerFar", &far)]);
    assert_eq!(
        policy[2]["Action"],
        json!(["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"])
    );
}

#[test]
fn topics_rules_and_buckets_call() {
    let spec = function(json!({
        "triggers": [
            {"type": "sns", "source": {"component": "events"}, "filter": [{"type": ["a"]}, {"kind": ["b"]}]},
            {"type": "s3", "s3": {"bucket": "files", "prefix": "raw/*", "suffix": ".pdf"}},
            {"name": "nightly", "type": "eventbridge", "schedule": "cron(0 3 * * ? *)"},
            {"name": "logins", "type": "eventbridge", "pattern": {"source": ["aws.signin"]}},
            {"name": "foreign", "type": "s3", "s3": {"bucket": "acme-uploads", "events": ["Object Deleted"]}}
        ],
        "deadLetterQueue": "failed"
    }));
    let translated =
        checked(&[("a/f", "Lambda", spec), ("a/events", "SNS", json!({})), ("a/files", "S3", json!({})), ("a/failed", "SQS", json!({}))]);
    assert_eq!(
        own(&translated, "a/f"),
        [
            "function",
            "log-group",
            "permission.foreign",
            "permission.logins",
            "permission.nightly",
            "permission.s3-files",
            "permission.sns-events",
            "role",
            "role-policy",
            "rule.foreign",
            "rule.logins",
            "rule.nightly",
            "rule.s3-files",
            "subscription.sns-events"
        ]
    );
    assert_eq!(
        get(&translated, "a/f/subscription.sns-events").properties["FilterPolicy"],
        json!({"$or": [{"type": ["a"]}, {"kind": ["b"]}]})
    );
    let rule = &get(&translated, "a/f/rule.s3-files").properties;
    assert_eq!(rule["Name"], "shop-dev-a-f-rule-s3-files");
    assert_eq!(
        rule["EventPattern"],
        json!({
            "detail": {
                "bucket": {"name": [{"$ref": "a/files/bucket", "attribute": "BucketName"}]},
                "object": {"key": [{"wildcard": "raw/\\**.pdf"}]}
            },
            "detail-type": ["Object Created"],
            "source": ["aws.s3"]
        })
    );
    assert_eq!(get(&translated, "a/f/rule.foreign").properties["EventPattern"]["detail"]["bucket"]["name"], json!(["acme-uploads"]));
    // The bucket of the stack sends its events because a trigger wants them.
    assert_eq!(
        get(&translated, "a/files/bucket").properties["NotificationConfiguration"],
        json!({"EventBridgeConfiguration": {"EventBridgeEnabled": true}})
    );
    assert_eq!(
        json!(get(&translated, "a/f/permission.nightly").properties),
        json!({
            "Action": "lambda:InvokeFunction", "FunctionName": {"$ref": "a/f/function", "attribute": "Arn"}, "Principal": "events.amazonaws.com",
            "SourceArn": {"$ref": "a/f/rule.nightly", "attribute": "Arn"}
        })
    );
    assert_eq!(
        get(&translated, "a/f/function").properties["DeadLetterConfig"],
        json!({"TargetArn": {"$ref": "a/failed/queue", "attribute": "Arn"}})
    );
}

#[test]
fn requests_come_through_one_api_and_a_url() {
    let spec = function(json!({
        "triggers": [
            {"type": "apigateway", "http": {"method": "GET", "path": "/orders/{id}"}},
            {"name": "rest", "type": "apigateway", "http": {"path": "$default"}}
        ],
        "url": {"auth": "none", "cors": {"allowOrigins": ["https://shop.example.com"], "allowMethods": ["GET"], "maxAge": 300}}
    }));
    let translated = checked(&[("a/f", "Lambda", spec)]);
    assert_eq!(
        own(&translated, "a/f"),
        [
            "api",
            "api-integration",
            "api-route.apigateway-get-orders-id",
            "api-route.rest",
            "api-stage",
            "function",
            "log-group",
            "permission.apigateway-get-orders-id",
            "permission.rest",
            "permission.url",
            "permission.url-invoke",
            "role",
            "role-policy",
            "url"
        ]
    );
    let route = &get(&translated, "a/f/api-route.apigateway-get-orders-id").properties;
    assert_eq!(route["RouteKey"], "GET /orders/{id}");
    assert_eq!(route["Target"], json!({"$join": ["integrations/", {"$ref": "a/f/api-integration", "attribute": "IntegrationId"}]}));
    assert_eq!(get(&translated, "a/f/api-route.rest").properties["RouteKey"], "$default");
    let source = &get(&translated, "a/f/permission.apigateway-get-orders-id").properties["SourceArn"]["$join"];
    assert_eq!(source.as_array().unwrap().last().unwrap(), "/*/GET/orders/{id}");
    assert_eq!(get(&translated, "a/f/api").properties["Tags"]["managed-by"], "panka");
    assert_eq!(translated.outputs["a/f.url"], json!({"$ref": "a/f/url", "attribute": "FunctionUrl"}));
    assert_eq!(
        get(&translated, "a/f/url").properties["Cors"],
        json!({"AllowCredentials": false, "AllowMethods": ["GET"], "AllowOrigins": ["https://shop.example.com"], "MaxAge": 300})
    );
}

#[test]
fn a_topic_can_call_a_function() {
    let translated = checked(&[
        ("a/f", "Lambda", function(json!({}))),
        ("b/events", "SNS", json!({"subscriptions": [{"protocol": "lambda", "component": "a/f"}]})),
    ]);
    assert_eq!(own(&translated, "b/events"), ["permission.lambda-a-f", "subscription.lambda-a-f", "topic"]);
    let permission = &get(&translated, "b/events/permission.lambda-a-f").properties;
    assert_eq!(permission["FunctionName"], json!({"$ref": "a/f/function", "attribute": "Arn"}));
    assert_eq!(permission["SourceArn"], json!({"$ref": "b/events/topic", "attribute": "TopicArn"}));
}

#[test]
fn code_comes_from_one_source_that_fits() {
    let packed = json!({"runtime": "python3.13", "handler": "app.handler", "code": {"path": "./build"}});
    assert_eq!(findings(&[("a/f", "Lambda", packed)]), [("P1015", "/code/path".to_owned())]);
    let two = json!({"code": {"inline": "x", "imageUri": "y", "s3Bucket": "z"}, "runtime": "java21", "handler": "app.handler", "layers": ["arn"]});
    assert_eq!(
        findings(&[("a/f", "Lambda", two)]),
        [
            ("P1013", "/handler".to_owned()),
            ("P1017", "/code".to_owned()),
            ("P1017", "/code/inline".to_owned()),
            ("P1017", "/handler".to_owned()),
            ("P1017", "/layers".to_owned()),
            ("P1017", "/runtime".to_owned()),
            ("P1018", "/code".to_owned()),
        ]
    );
    let bare = json!({"code": {"s3Bucket": "b", "s3Key": "k"}});
    assert_eq!(findings(&[("a/f", "Lambda", bare)]), [("P1012", String::new()), ("P1012", String::new())]);
}

#[test]
fn triggers_that_do_not_fit_are_reported() {
    let spec = function(json!({
        "environment": [{"name": "AWS_REGION", "value": "x"}],
        "roleArn": "arn:aws:iam::123456789012:role/x", "permissions": [{"actions": ["a:B"], "resources": ["*"]}],
        "vpc": {"enabled": false, "subnetIds": ["subnet-1"]},
        "triggers": [
            {"type": "sqs"},
            {"type": "sqs", "source": {"arn": "arn:aws:sqs:us-east-1:1:x"}, "batchSize": 100, "startingPosition": "LATEST"},
            {"type": "eventbridge", "schedule": "0 3 * * *", "bus": "main"},
            {"name": "same", "type": "eventbridge"},
            {"name": "same", "type": "apigateway", "filter": [{}]},
            {"type": "s3"}
        ]
    }));
    assert_eq!(
        findings(&[("a/f", "Lambda", spec)]),
        [
            ("P1013", "/environment/0/name".to_owned()),
            ("P1015", "/triggers/2/bus".to_owned()),
            ("P1017", "/permissions".to_owned()),
            ("P1017", "/triggers/1/startingPosition".to_owned()),
            ("P1017", "/triggers/3".to_owned()),
            ("P1017", "/triggers/4/filter".to_owned()),
            ("P1017", "/vpc/enabled".to_owned()),
            ("P1018", "/triggers/0".to_owned()),
            ("P1018", "/triggers/1/batchSize".to_owned()),
            ("P1018", "/triggers/4".to_owned()),
            ("P1018", "/triggers/5".to_owned()),
            ("P1018", "/vpc/subnetIds".to_owned()),
            ("P1019", "/triggers/4".to_owned()),
            ("P3018", "/triggers/2/schedule".to_owned()),
        ]
    );
}

#[test]
fn sources_that_cannot_call_are_reported() {
    let spec = function(json!({"triggers": [
        {"type": "dynamodb", "source": {"component": "t"}}, {"type": "kinesis", "source": {"component": "p"}}, {"type": "sns", "source": {"component": "q"}}
    ]}));
    let list = [
        ("a/f", "Lambda", spec),
        ("a/t", "DynamoDB", json!({"hashKey": {"name": "id", "type": "S"}})),
        ("a/p", "Resource", json!({"type": "AWS::SSM::Parameter", "properties": {"Type": "String", "Value": "x"}})),
        ("a/q", "SQS", json!({})),
    ];
    let found = findings(&list);
    for expected in
        [("P2004", "/triggers/0/source/component"), ("P2011", "/triggers/1/source/component"), ("P2011", "/triggers/2/source/component")]
    {
        assert!(found.iter().any(|(code, pointer)| (*code, pointer.as_str()) == expected), "{expected:?} in {found:?}");
    }
}

#[test]
fn a_queue_that_hides_messages_too_shortly_is_warned_of() {
    let spec = function(json!({"timeout": 60, "triggers": [{"type": "sqs", "source": {"component": "q"}}]}));
    let translated = translate(&manifest(components(&[("a/f", "Lambda", spec), ("a/q", "SQS", json!({}))]))).unwrap();
    assert_eq!(translated.warnings.iter().map(|finding| finding.code.name()).collect::<Vec<_>>(), ["P3044"]);
}
