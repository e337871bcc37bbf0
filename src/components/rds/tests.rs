//! Databases as resources.

use serde_json::json;

use crate::components::tests::{addresses, checked, findings, get};

#[test]
fn a_database_with_an_engine_alone() {
    let translated = checked(&[("orders/db", "RDS", json!({"engine": {"type": "postgres"}}))]);
    let own: Vec<_> = addresses(&translated).into_iter().filter(|address| address.starts_with("orders/")).collect();
    assert_eq!(own, ["orders/db/instance", "orders/db/password", "orders/db/security-group", "orders/db/subnet-group"]);
    let instance = get(&translated, "orders/db/instance");
    let mut properties = instance.properties.clone();
    properties.remove("Tags");
    assert_eq!(
        json!(properties),
        json!({
            "AllocatedStorage": "20", "AllowMajorVersionUpgrade": true, "AutoMinorVersionUpgrade": true, "BackupRetentionPeriod": 7, "CopyTagsToSnapshot": true,
            "DBInstanceClass": "db.t4g.micro", "DBInstanceIdentifier": "shop-dev-orders-db",
            "DBSubnetGroupName": {"$ref": "orders/db/subnet-group", "attribute": "DBSubnetGroupName"}, "DeletionProtection": false,
            "EnableCloudwatchLogsExports": [], "EnableIAMDatabaseAuthentication": false, "EnablePerformanceInsights": false, "Engine": "postgres",
            "MasterUserPassword": {"$secret": {"arn": {"$ref": "orders/db/password", "attribute": "Id"}, "key": "password"}}, "MasterUsername": "panka",
            "MonitoringInterval": 0, "MultiAZ": false, "Port": "5432",
            "PubliclyAccessible": false, "StorageEncrypted": true, "StorageType": "gp3",
            "VPCSecurityGroups": [{"$ref": "orders/db/security-group", "attribute": "GroupId"}]
        })
    );
    assert_eq!(instance.lifecycle.timeouts.create, 90 * 60);
    let subnets = &get(&translated, "orders/db/subnet-group").properties["SubnetIds"];
    assert_eq!(subnets[1], json!({"$ref": "_stack/network/private-subnet-2", "attribute": "SubnetId"}));
    assert_eq!(translated.outputs["orders/db.endpoint"], json!({"$ref": "orders/db/instance", "attribute": "Endpoint.Address"}));
    assert_eq!(translated.outputs["orders/db.secretArn"], json!({"$ref": "orders/db/password", "attribute": "Id"}));
    assert!(!translated.outputs.contains_key("orders/db.databaseName"));
}

#[test]
fn the_first_password_is_made_once_unless_it_is_given_or_left_to_aws() {
    let of = |database: serde_json::Value| {
        let spec = json!({"engine": {"type": "postgres"}, "database": database});
        let translated = checked(&[("orders/db", "RDS", spec)]);
        let instance = get(&translated, "orders/db/instance").properties.clone();
        let made = translated.resources.iter().any(|resource| resource.address.as_str() == "orders/db/password");
        (instance.get("MasterUserPassword").cloned(), instance.get("ManageMasterUserPassword").cloned(), made, translated)
    };
    let (password, managed, made, translated) = of(json!({"username": "app"}));
    assert_eq!(password, Some(json!({"$secret": {"arn": {"$ref": "orders/db/password", "attribute": "Id"}, "key": "password"}})));
    assert_eq!((managed, made), (None, true));
    let secret = &get(&translated, "orders/db/password").properties;
    let generate = json!({"ExcludePunctuation": true, "GenerateStringKey": "password", "PasswordLength": 30, "SecretStringTemplate": "{\"username\":\"app\"}"});
    assert_eq!((&secret["GenerateSecretString"], &secret["Name"]), (&generate, &json!("shop-dev-orders-db-app-password")));
    let (password, managed, made, translated) = of(json!({"managedPassword": true}));
    assert_eq!((password, managed, made), (None, Some(json!(true)), false));
    let arn = json!({"$ref": "orders/db/instance", "attribute": "MasterUserSecret.SecretArn"});
    assert_eq!(translated.outputs["orders/db.secretArn"], arn);
    for (given, form) in [
        (json!("prod/db"), json!({"name": "prod/db", "key": "password", "orWhole": true})),
        (json!({"ref": "prod/db", "key": "word"}), json!({"name": "prod/db", "key": "word"})),
        (json!("ssm:/prod/db"), json!({"parameter": "/prod/db"})),
        (json!("ssm:prod/db"), json!({"parameter": "/prod/db"})),
        (json!("ssm:db"), json!({"parameter": "db"})),
        (
            json!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf"),
            json!({"arn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf", "key": "password", "orWhole": true}),
        ),
    ] {
        let (password, managed, made, _) = of(json!({"passwordSecret": given}));
        assert_eq!((password, managed, made), (Some(json!({ "$secret": form })), None, false));
    }
    let both = json!({"engine": {"type": "postgres"}, "database": {"passwordSecret": "prod/db", "managedPassword": true}});
    assert_eq!(findings(&[("orders/db", "RDS", both)]), [("P1017", "/database/managedPassword".to_owned())]);
}

#[test]
fn who_holds_a_password_that_aws_exchanges_is_warned() {
    let api = |database: serde_json::Value| {
        let secret = json!({"name": "PASSWORD", "secretRef": {"$output": "orders/db.secretArn"}, "key": "password"});
        let spec = json!({"image": {"repository": "shop/api", "tag": "v1"}, "secrets": [secret]});
        let db = json!({"engine": {"type": "postgres"}, "database": database});
        let warnings = checked(&[("orders/db", "RDS", db), ("orders/api", "MicroService", spec)]).warnings;
        let about = |finding: &crate::diagnostic::Diagnostic| (finding.code.name(), finding.subject.clone().unwrap_or_default());
        warnings.iter().map(about).collect::<Vec<_>>()
    };
    assert_eq!(api(json!({"managedPassword": true})), [("P3049", "orders/api:/secrets/0/secretRef".to_owned())]);
    assert_eq!(api(json!({})), []);
}

#[test]
fn a_database_with_everything() {
    let spec = json!({
        "engine": {"type": "postgres", "version": "16", "parameters": {"log_min_duration_statement": "500"}},
        "instance": {"class": "db.m7g.large", "storage": {"type": "io2", "allocatedGB": 200, "maxAllocatedGB": 1000}, "iops": 3000, "multiAZ": true},
        "database": {"name": "orders", "username": "app", "passwordSecret": {"ref": "prod/db", "key": "password"}, "port": 5433},
        "backup": {"retentionDays": 30, "preferredWindow": "02:00-03:00", "maintenanceWindow": "sun:04:00-sun:05:00"},
        "maintenance": {"autoMinorVersionUpgrade": false}, "encryption": {"kmsKeyId": "alias/orders"},
        "monitoring": {"enhancedMonitoring": true, "monitoringInterval": 15, "performanceInsights": true},
        "iamAuth": true, "logs": ["postgresql"], "lifecycle": {"protect": true}
    });
    let translated = checked(&[("orders/db", "RDS", spec)]);
    let instance = &get(&translated, "orders/db/instance").properties;
    for (property, value) in [
        ("AllocatedStorage", json!("200")),
        ("BackupRetentionPeriod", json!(30)),
        ("DBInstanceClass", json!("db.m7g.large")),
        ("DBName", json!("orders")),
        ("DBParameterGroupName", json!({"$ref": "orders/db/parameter-group", "attribute": "DBParameterGroupName"})),
        ("DeletionProtection", json!(true)),
        ("EnableCloudwatchLogsExports", json!(["postgresql"])),
        ("EngineVersion", json!("16")),
        ("Iops", json!(3000)),
        ("KmsKeyId", json!("alias/orders")),
        ("MasterUserPassword", json!({"$secret": {"key": "password", "name": "prod/db"}})),
        ("MaxAllocatedStorage", json!(1000)),
        ("MonitoringInterval", json!(15)),
        ("MonitoringRoleArn", json!({"$ref": "orders/db/monitoring-role", "attribute": "Arn"})),
        ("MultiAZ", json!(true)),
        ("Port", json!("5433")),
        ("PreferredBackupWindow", json!("02:00-03:00")),
        ("PreferredMaintenanceWindow", json!("sun:04:00-sun:05:00")),
        ("StorageType", json!("io2")),
    ] {
        assert_eq!(instance[property], value, "{property}");
    }
    assert_eq!(instance.get("ManageMasterUserPassword"), None);
    let group = &get(&translated, "orders/db/parameter-group").properties;
    assert_eq!(group["Family"], "postgres16");
    assert_eq!(group["Parameters"], json!({"log_min_duration_statement": "500"}));
    assert_eq!(
        get(&translated, "orders/db/monitoring-role").properties["ManagedPolicyArns"],
        json!([{"$join": ["arn:", {"$aws": "partition"}, ":iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"]}])
    );
    // Which ARN a name has is not known.
    assert!(!translated.outputs.contains_key("orders/db.secretArn"));
}

#[test]
fn aurora_is_a_cluster_with_members() {
    let spec = json!({
        "engine": {"type": "aurora-postgresql", "version": "16.4", "parameters": {"log_statement": "all"}}, "instance": {"count": 2},
        "database": {"name": "orders"}, "iamAuth": true, "logs": ["postgresql"]
    });
    let translated = checked(&[("orders/db", "RDS", spec)]);
    let own: Vec<_> = addresses(&translated).into_iter().filter(|address| address.starts_with("orders/")).collect();
    assert_eq!(
        own,
        [
            "orders/db/cluster",
            "orders/db/instance-1",
            "orders/db/instance-2",
            "orders/db/parameter-group",
            "orders/db/password",
            "orders/db/security-group",
            "orders/db/subnet-group"
        ]
    );
    let cluster = &get(&translated, "orders/db/cluster").properties;
    assert_eq!(cluster["DBClusterIdentifier"], "shop-dev-orders-db");
    assert_eq!(cluster["Port"], 5432);
    assert_eq!(cluster["DatabaseName"], "orders");
    let mut member = get(&translated, "orders/db/instance-2").properties.clone();
    member.remove("Tags");
    assert_eq!(
        json!(member),
        json!({
            "AutoMinorVersionUpgrade": true, "DBClusterIdentifier": {"$ref": "orders/db/cluster", "attribute": "DBClusterIdentifier"},
            "DBInstanceClass": "db.t4g.medium", "DBInstanceIdentifier": "shop-dev-orders-db-instance-2", "EnablePerformanceInsights": false,
            "Engine": "aurora-postgresql", "MonitoringInterval": 0, "PubliclyAccessible": false
        })
    );
    assert_eq!(get(&translated, "orders/db/parameter-group").type_name.as_str(), "AWS::RDS::DBClusterParameterGroup");
    assert_eq!(translated.outputs["orders/db.readerEndpoint"], json!({"$ref": "orders/db/cluster", "attribute": "ReadEndpoint.Address"}));
}

#[test]
fn aurora_without_machines() {
    let spec = json!({"engine": {"type": "aurora-mysql"}, "serverless": {"minACU": 0.5, "maxACU": 4}});
    let translated = checked(&[("orders/db", "RDS", spec)]);
    assert_eq!(
        get(&translated, "orders/db/cluster").properties["ServerlessV2ScalingConfiguration"],
        json!({"MaxCapacity": 4.0, "MinCapacity": 0.5})
    );
    assert_eq!(get(&translated, "orders/db/instance-1").properties["DBInstanceClass"], "db.serverless");
}

#[test]
fn what_is_not_for_the_engine_is_reported() {
    let spec = json!({
        "engine": {"type": "aurora-postgresql"}, "backup": {"enabled": false},
        "instance": {"class": "db.t4g.micro", "iops": 3000, "multiAZ": true, "storage": {"type": "gp3", "allocatedGB": 30}}
    });
    let found = findings(&[("a/db", "RDS", spec)]);
    let expected = [
        ("P1017", "/backup/enabled"),
        ("P1017", "/instance/iops"),
        ("P1017", "/instance/multiAZ"),
        ("P1017", "/instance/storage/allocatedGB"),
        ("P1017", "/instance/storage/type"),
        ("P3023", "/instance/class"),
    ];
    assert_eq!(found, expected.map(|(code, pointer)| (code, pointer.to_owned())));
    let spec = json!({
        "engine": {"type": "mysql", "version": "8", "parameters": {"x": "1"}, "parameterGroup": "present"}, "serverless": {"minACU": 1, "maxACU": 2},
        "instance": {"count": 2, "storage": {"type": "io1", "maxAllocatedGB": 20}}, "database": {"username": "rdsadmin"}, "logs": ["postgresql"]
    });
    let found = findings(&[("a/db", "RDS", spec)]);
    let expected = [
        ("P1013", "/database/username"),
        ("P1013", "/instance/storage/allocatedGB"),
        ("P1013", "/instance/storage/maxAllocatedGB"),
        ("P1013", "/logs/0"),
        ("P1014", "/engine/version"),
        ("P1017", "/engine/parameterGroup"),
        ("P1017", "/instance/count"),
        ("P1017", "/serverless"),
        ("P1018", "/instance/storage/type"),
    ];
    assert_eq!(found, expected.map(|(code, pointer)| (code, pointer.to_owned())));
}

#[test]
fn windows_and_secrets_that_cannot_be_are_reported() {
    let spec = json!({
        "engine": {"type": "postgres"}, "database": {"passwordSecret": {"ref": "ssm:/db", "key": "x"}},
        "backup": {"preferredWindow": "02:00-03:00", "maintenanceWindow": "sun:02:00-sun:02:10"}
    });
    let found = findings(&[("a/db", "RDS", spec)]);
    let expected = [("P1014", "/backup/maintenanceWindow"), ("P1017", "/backup/maintenanceWindow"), ("P1041", "/database/passwordSecret")];
    assert_eq!(found, expected.map(|(code, pointer)| (code, pointer.to_owned())));
}

#[test]
fn a_last_snapshot_is_made_where_the_environment_is_protected_or_it_is_asked_for() {
    use crate::components::tests::translated;

    let of = |protect: bool, backup: serde_json::Value, kind: &str| {
        let spec = json!({"engine": {"type": kind}, "backup": backup, "lifecycle": {"protect": false}});
        let component = json!({"id": "orders/db", "type": "RDS", "spec": spec});
        let made = translated(json!({"protect": protect, "components": [component]}));
        let with = made.resources.iter().filter(|resource| resource.lifecycle.final_snapshot);
        with.map(|resource| resource.address.role().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of(false, json!({}), "postgres"), [""; 0]);
    assert_eq!(of(true, json!({}), "postgres"), ["instance"]);
    assert_eq!(of(true, json!({"finalSnapshot": false}), "postgres"), [""; 0]);
    assert_eq!(of(false, json!({"finalSnapshot": true}), "aurora-mysql"), ["cluster"], "a cluster holds the data of its members");
}
