//! Buckets as resources.

use serde_json::json;

use crate::components::tests::{addresses, checked, findings, get};

#[test]
fn a_bucket_with_nothing_said_is_closed() {
    let translated = checked(&[("orders/files", "S3", json!({}))]);
    assert_eq!(addresses(&translated), ["orders/files/bucket", "orders/files/policy"]);
    let mut properties = get(&translated, "orders/files/bucket").properties.clone();
    properties.remove("Tags");
    assert_eq!(
        json!(properties),
        json!({
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
            "BucketName": {"$join": ["shop-dev-orders-files-", {"$aws": "account"}, "-us-east-1"]},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration":
                {"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true}
        })
    );
    let policy = &get(&translated, "orders/files/policy").properties;
    assert_eq!(policy["Bucket"], json!({"$ref": "orders/files/bucket", "attribute": "BucketName"}));
    assert_eq!(
        policy["PolicyDocument"],
        json!({
            "Statement": [{
                "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Effect": "Deny", "Principal": "*",
                "Resource": [
                    {"$ref": "orders/files/bucket", "attribute": "Arn"},
                    {"$join": [{"$ref": "orders/files/bucket", "attribute": "Arn"}, "/*"]}
                ],
                "Sid": "RequireTls"
            }],
            "Version": "2012-10-17"
        })
    );
}

#[test]
fn a_bucket_with_everything() {
    let spec = json!({
        "versioning": {"enabled": true}, "eventBridge": true, "requireTls": false,
        "lifecycleRules": [
            {"id": "archive", "prefix": "sent/", "expiration": {"days": 3650}, "noncurrentVersionExpiration": {"days": 30}, "abortMultipartDays": 3,
             "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}, {"days": 365, "storageClass": "DEEP_ARCHIVE"}]},
            {"id": "drafts", "enabled": false}
        ],
        "cors": {"allowedOrigins": ["https://shop.example.com"], "allowedMethods": ["GET"], "exposeHeaders": ["ETag"], "maxAgeSeconds": 60},
        "replication": {"enabled": true, "destinationBucket": "copy"}
    });
    let translated = checked(&[("orders/files", "S3", spec)]);
    assert_eq!(addresses(&translated), ["orders/files/bucket", "orders/files/replication-policy", "orders/files/replication-role"]);
    let bucket = &get(&translated, "orders/files/bucket").properties;
    assert_eq!(
        bucket["LifecycleConfiguration"]["Rules"],
        json!([
            {
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}, "ExpirationInDays": 3650, "Id": "archive",
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30}, "Prefix": "sent/", "Status": "Enabled",
                "Transitions": [
                    {"StorageClass": "STANDARD_IA", "TransitionInDays": 30}, {"StorageClass": "DEEP_ARCHIVE", "TransitionInDays": 365}
                ]
            },
            {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "Id": "drafts", "Status": "Disabled"}
        ])
    );
    assert_eq!(
        bucket["CorsConfiguration"]["CorsRules"],
        json!([{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://shop.example.com"], "ExposedHeaders": ["ETag"], "MaxAge": 60}])
    );
    assert_eq!(bucket["VersioningConfiguration"], json!({"Status": "Enabled"}));
    assert_eq!(bucket["NotificationConfiguration"], json!({"EventBridgeConfiguration": {"EventBridgeEnabled": true}}));
    let replication = &bucket["ReplicationConfiguration"];
    assert_eq!(replication["Role"], json!({"$ref": "orders/files/replication-role", "attribute": "Arn"}));
    assert_eq!(replication["Rules"][0]["Destination"]["Bucket"], json!({"$join": ["arn:", {"$aws": "partition"}, ":s3:::copy"]}));
    let copies = &get(&translated, "orders/files/replication-policy").properties["PolicyDocument"]["Statement"][1];
    assert_eq!(copies["Action"], json!(["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]));
    assert_eq!(copies["Resource"], json!({"$join": ["arn:", {"$aws": "partition"}, ":s3:::copy/*"]}));
}

#[test]
fn a_bucket_under_a_key() {
    let spec = json!({"encryption": {"algorithm": "aws:kms", "kmsKeyId": "alias/orders"}, "lifecycle": {"protect": true}});
    let translated = checked(&[("a/b", "S3", spec)]);
    let bucket = &get(&translated, "a/b/bucket").properties;
    assert_eq!(
        bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"],
        json!([{"BucketKeyEnabled": true, "ServerSideEncryptionByDefault": {"KMSMasterKeyID": "alias/orders", "SSEAlgorithm": "aws:kms"}}])
    );
    // Protected buckets keep versions.
    assert_eq!(bucket["VersioningConfiguration"], json!({"Status": "Enabled"}));
}

#[test]
fn a_public_site_opens_the_access_block() {
    let open = json!({
        "name": "www.example.com", "requireTls": false, "publicAccessBlock": {"blockPublicPolicy": false, "restrictPublicBuckets": false},
        "website": {"enabled": true, "errorDocument": "error.html",
            "routingRules": [{"RoutingRuleCondition": {"KeyPrefixEquals": "a/"}, "RedirectRule": {"ReplaceKeyPrefixWith": "b/"}}]}
    });
    let translated = checked(&[("web/site", "S3", open)]);
    let bucket = &get(&translated, "web/site/bucket").properties;
    assert_eq!(bucket["BucketName"], "www.example.com");
    assert_eq!(bucket["WebsiteConfiguration"]["ErrorDocument"], "error.html");
    assert_eq!(translated.outputs["web/site.websiteUrl"], json!({"$ref": "web/site/bucket", "attribute": "WebsiteURL"}));
    let statements = &get(&translated, "web/site/policy").properties["PolicyDocument"]["Statement"];
    assert_eq!((&statements[0]["Action"], &statements[0]["Principal"]), (&json!("s3:GetObject"), &json!("*")));
    let closed = json!({
        "bucket": {"acl": "public-read"}, "website": {"enabled": true}, "requireTls": false, "policyStatements": [{"Principal": {"AWS": "*"}, "Action": "s3:GetObject"}]
    });
    let found = findings(&[("web/site", "S3", closed)]);
    assert_eq!(found, ["/bucket/acl", "/policyStatements/0", "/website/enabled"].map(|pointer| ("P3011", pointer.to_owned())));
}

#[test]
fn a_site_that_could_never_answer_is_refused() {
    let site = |more: serde_json::Value| {
        let mut spec =
            json!({"publicAccessBlock": {"blockPublicPolicy": false, "restrictPublicBuckets": false}, "website": {"enabled": true}});
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        findings(&[("web/site", "S3", spec)])
    };
    assert_eq!(site(json!({})), [("P1017", "/website/enabled".to_owned())]);
    assert_eq!(site(json!({"requireTls": false, "encryption": {"algorithm": "aws:kms"}})), [("P1017", "/website/enabled".to_owned())]);
}

#[test]
fn objects_move_to_colder_classes_one_after_the_other() {
    let found = |steps: &[(u32, &str)]| {
        let transitions: Vec<_> = steps.iter().map(|(days, class)| json!({"days": days, "storageClass": class})).collect();
        findings(&[("a/b", "S3", json!({"lifecycleRules": [{"id": "cold", "transitions": transitions}]}))])
    };
    let at = |n: usize, field: &str| vec![("P1013", format!("/lifecycleRules/0/transitions/{n}/{field}"))];
    assert_eq!(found(&[(30, "STANDARD_IA"), (45, "GLACIER")]), at(1, "days"));
    assert_eq!(found(&[(30, "GLACIER"), (60, "STANDARD_IA")]), at(1, "storageClass"));
    assert_eq!(found(&[(30, "ONEZONE_IA"), (90, "GLACIER_IR")]), at(1, "storageClass"));
    assert_eq!(found(&[(90, "GLACIER"), (90, "DEEP_ARCHIVE")]), at(1, "days"));
    let fine = json!([{"days": 180, "storageClass": "DEEP_ARCHIVE"}, {"days": 30, "storageClass": "STANDARD_IA"}, {"days": 60, "storageClass": "GLACIER"}]);
    checked(&[("a/b", "S3", json!({"lifecycleRules": [{"id": "cold", "transitions": fine}]}))]);
}

#[test]
fn fields_that_do_not_fit_each_other_are_reported() {
    let spec = json!({
        "encryption": {"kmsKeyId": "x"}, "bucket": {"forceDestroy": true}, "replication": {"enabled": true},
        "lifecycleRules": [
            {"id": "x", "transitions": [{"days": 1, "storageClass": "STANDARD_IA"}]},
            {"id": "x", "expiration": {"days": 10}, "transitions": [{"days": 10, "storageClass": "GLACIER"}]}
        ]
    });
    let found = findings(&[("a/b", "S3", spec)]);
    let expected = [
        ("P1013", "/lifecycleRules/0/transitions/0/days"),
        ("P1013", "/lifecycleRules/1/transitions/0/days"),
        ("P1015", "/bucket/forceDestroy"),
        ("P1018", "/encryption/kmsKeyId"),
        ("P1018", "/replication/enabled"),
        ("P1019", "/lifecycleRules/1"),
    ];
    assert_eq!(found, expected.map(|(code, pointer)| (code, pointer.to_owned())));
    let unversioned = json!({"replication": {"enabled": true, "destinationBucket": "copy"}});
    assert_eq!(findings(&[("a/b", "S3", unversioned)]), [("P1018", "/replication/enabled".to_owned())]);
}
