//! Facts about types, each as AWS documents it.

#![expect(clippy::needless_pass_by_value, reason = "cases read best with their values in place")]

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Operation, Replacement, ReplacementRule, ReplacementStrategy, TagStyle, TypeInfo, TypeOf, catalog};
use crate::schema::Type;

fn of(name: &str) -> &'static TypeInfo {
    catalog().get(name).unwrap_or_else(|| panic!("{name} is in the catalog"))
}

fn properties(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("properties are a map") };
    map
}

/// The faults, as `pointer kind`.
fn check(name: &str, value: Value) -> Vec<String> {
    of(name).check(&properties(value)).iter().map(|fault| format!("{} {:?}", fault.pointer, fault.kind)).collect()
}

fn replacement(name: &str, pointer: &str, before: Value, after: Value) -> (Replacement, Option<ReplacementRule>) {
    let verdict = of(name).replacement(pointer, Some(&before), Some(&after));
    (verdict.replacement, verdict.rule)
}

mod whole {
    use super::*;

    #[test]
    fn every_type_compiles_and_every_pattern_can_be_read() {
        // A pattern that cannot be compiled accepts everything: the list of those, with the reason, is empty.
        let mut sources = BTreeSet::new();
        for name in catalog().types() {
            for pattern in of(name).schema().patterns().filter(|pattern| sources.insert(pattern.source().to_owned())) {
                assert!(pattern.compiles(), "{name} {}", pattern.source());
            }
        }
        assert!(sources.len() > 3_000);
    }

    #[test]
    fn every_listed_path_leads_to_a_place_of_the_schema() {
        let mut lost = Vec::new();
        for name in catalog().types() {
            let info = of(name);
            let identifiers = info.primary_identifier().iter().chain(info.additional_identifiers().iter().flatten());
            let listed = info.read_only().chain(info.write_only()).chain(info.create_only()).chain(info.conditional_create_only());
            for path in listed.chain(identifiers.map(String::as_str)) {
                if info.place(path).is_none() {
                    lost.push(format!("{name} {path}"));
                }
            }
        }
        assert!(lost.is_empty(), "{lost:#?}");
    }

    #[test]
    fn there_are_as_many_types_as_the_region_has() {
        assert!(catalog().types().len() > 1_800);
        assert!(catalog().types().collect::<Vec<_>>().is_sorted());
        assert_eq!(catalog().version().len(), 12);
        assert_eq!(catalog().source(), "cfn-lint 1.58.0");
        assert!(catalog().date() >= "2026-10-20");
    }

    #[test]
    fn an_unknown_type_is_guessed() {
        assert!(catalog().get("AWS::SQS::Queu").is_none());
        assert_eq!(catalog().suggest("AWS::SQS::Queu").as_deref(), Some("AWS::SQS::Queue"));
        assert_eq!(catalog().suggest("aws::sqs::queue").as_deref(), Some("AWS::SQS::Queue"));
        assert_eq!(catalog().suggest("AWS::Docker::TaskDefinition").as_deref(), Some("AWS::ECS::TaskDefinition"));
        assert_eq!(catalog().suggest("AWS::Nothing::LikeThisAtAll"), None);
    }

    #[test]
    fn a_type_is_the_same_for_all_threads() {
        let found: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| std::ptr::from_ref(of("AWS::EC2::VPC")) as usize)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(found.iter().all(|address| *address == found[0]));
    }
}

mod checks {
    use super::*;

    #[test]
    fn a_queue_takes_what_sqs_takes() {
        assert!(
            check("AWS::SQS::Queue", json!({"QueueName": "jobs", "VisibilityTimeout": 60, "Tags": [{"Key": "a", "Value": "b"}]}))
                .is_empty()
        );
        assert!(check("AWS::SQS::Queue", json!({})).is_empty());
    }

    #[test]
    fn every_sort_of_fault_is_found_at_once() {
        let faults = check(
            "AWS::SQS::Queue",
            json!({"VisibilityTimout": 60, "DelaySeconds": "soon", "Arn": "arn:aws:sqs:::x", "Tags": [{"Key": "a"}]}),
        );
        let expected = ["/VisibilityTimout UnknownField", "/DelaySeconds WrongType", "/Tags/0 Missing", "/Arn ReadOnly"];
        assert_eq!(faults.iter().collect::<BTreeSet<_>>(), expected.map(str::to_owned).iter().collect());
    }

    #[test]
    fn an_unknown_property_is_called_property_and_guessed() {
        let faults = of("AWS::SQS::Queue").check(&properties(json!({"VisibilityTimout": 60})));
        assert_eq!(faults[0].message, "unknown property `VisibilityTimout`");
        assert_eq!(faults[0].help.as_deref(), Some("did you mean `VisibilityTimeout`?"));
    }

    #[test]
    fn a_string_is_not_taken_for_a_number_nor_the_other_way_round() {
        assert_eq!(check("AWS::RDS::DBInstance", json!({"AllocatedStorage": 20})), ["/AllocatedStorage WrongType"]);
        assert_eq!(check("AWS::SQS::Queue", json!({"DelaySeconds": "5"})), ["/DelaySeconds WrongType"]);
    }

    #[test]
    fn a_policy_may_be_a_map_or_text() {
        for policy in [json!({"Version": "2012-10-17", "Statement": []}), json!("{}")] {
            assert!(check("AWS::IAM::Role", json!({"AssumeRolePolicyDocument": policy})).is_empty());
        }
        assert_eq!(check("AWS::IAM::Role", json!({"AssumeRolePolicyDocument": 1})), ["/AssumeRolePolicyDocument WrongType"]);
        assert_eq!(check("AWS::IAM::Role", json!({})), [" Missing"]);
    }

    #[test]
    fn a_read_only_value_inside_a_given_map_is_found() {
        let faults = check("AWS::RDS::DBInstance", json!({"Endpoint": {"Address": "x"}, "MasterUserSecret": {"SecretArn": "arn:x"}}));
        assert_eq!(faults, ["/Endpoint ReadOnly", "/MasterUserSecret/SecretArn ReadOnly"]);
    }

    #[test]
    fn what_a_schema_lists_as_read_only_and_requires_can_be_given() {
        let faults = check("AWS::Signer::SigningProfile", json!({"ProfileName": "profile", "PlatformId": "AWSLambda-SHA384-ECDSA"}));
        assert!(faults.is_empty(), "{faults:?}");
    }

    #[test]
    fn enumerations_and_ranges_are_kept() {
        assert_eq!(check("AWS::Logs::LogGroup", json!({"RetentionInDays": 31})), ["/RetentionInDays Range"]);
        assert_eq!(
            check("AWS::DynamoDB::Table", json!({"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "FREE"})),
            ["/BillingMode Range"]
        );
    }

    #[test]
    fn properties_that_exclude_or_need_each_other_are_told() {
        let record = json!({"Name": "a.example.com", "Type": "A", "HostedZoneId": "Z1", "HostedZoneName": "example.com."});
        assert!(check("AWS::Route53::RecordSet", record).iter().any(|fault| fault.ends_with("Combination")));
        assert!(check("AWS::Events::Rule", json!({"Name": "r"})).iter().any(|fault| fault.ends_with("Missing")));
    }

    #[test]
    fn an_arn_of_another_service_is_found() {
        let function = |role: &str| json!({"Role": role, "Code": {"ZipFile": "x"}, "Handler": "a.b", "Runtime": "python3.13"});
        assert!(check("AWS::Lambda::Function", function("arn:aws:iam::123456789012:role/r")).is_empty());
        let faults = check("AWS::Lambda::Function", function("arn:aws:sqs:us-east-1:123456789012:q"));
        assert_eq!(faults, ["/Role Malformed"]);
    }

    #[test]
    fn a_nested_stack_is_the_registrys_not_cfn_lints() {
        let stack = json!({"StackName": "panka-a-b", "TemplateBody": {"Resources": {}}, "Parameters": {"A": "b"}, "Capabilities": ["CAPABILITY_IAM"]});
        assert!(check("AWS::CloudFormation::Stack", stack).is_empty());
        assert_eq!(check("AWS::CloudFormation::Stack", json!({"StackName": "s", "Outputs": []})), ["/Outputs ReadOnly"]);
        let info = of("AWS::CloudFormation::Stack");
        assert!(info.is_create_only("/StackName") && info.has_update() && info.is_read_only("/StackId"));
        assert_eq!(info.primary_identifier(), ["/StackId"]);
    }
}

mod value_forms {
    use super::*;

    struct Graph;

    impl TypeOf for Graph {
        fn type_of(&self, address: &str) -> Option<&str> {
            match address {
                "a/queue/queue" => Some("AWS::SQS::Queue"),
                "a/api/task-role" => Some("AWS::IAM::Role"),
                "a/db/instance" => Some("AWS::RDS::DBInstance"),
                "a/net/subnet" => Some("AWS::EC2::Subnet"),
                _ => None,
            }
        }
    }

    fn check_in_graph(name: &str, value: Value) -> Vec<String> {
        let faults = of(name).check_with(&properties(value), &Graph);
        faults.iter().map(|fault| format!("{} {:?}: {}", fault.pointer, fault.kind, fault.message)).collect()
    }

    fn reference(address: &str, attribute: &str) -> Value {
        json!({"$ref": address, "attribute": attribute})
    }

    #[test]
    fn a_form_stands_where_its_value_fits() {
        let function = json!({"Role": reference("a/api/task-role", "Arn"), "Code": {"S3Bucket": {"$join": ["b-", {"$aws": "account"}]}, "S3Key": "k"},
            "Environment": {"Variables": {"DB_HOST": reference("a/db/instance", "Endpoint.Address"), "KEY": {"$secret": {"name": "x"}}}}});
        assert!(check_in_graph("AWS::Lambda::Function", function).is_empty());
    }

    #[test]
    fn text_does_not_fit_a_number() {
        let faults = check_in_graph("AWS::SQS::Queue", json!({"DelaySeconds": {"$join": ["1", {"$aws": "region"}]}}));
        assert_eq!(faults, ["/DelaySeconds Form: expected an integer, found text that is put together"]);
    }

    #[test]
    fn an_attribute_that_does_not_exist_is_guessed() {
        let faults = check_in_graph(
            "AWS::SNS::Subscription",
            json!({"TopicArn": "t", "Protocol": "sqs", "Endpoint": reference("a/queue/queue", "Arnn")}),
        );
        assert_eq!(faults, ["/Endpoint Form: AWS::SQS::Queue has no attribute `Arnn`; did you mean `Arn`?"]);
    }

    #[test]
    fn a_queues_arn_is_no_role() {
        let task = json!({"TaskRoleArn": reference("a/queue/queue", "Arn"), "ExecutionRoleArn": reference("a/api/task-role", "Arn")});
        let faults = check_in_graph("AWS::Lambda::Function", json!({"Code": {"ZipFile": "x"}, "Role": task["TaskRoleArn"]}));
        let expected = "/Role Form: `Arn` of `a/queue/queue` is the ARN of an AWS::SQS::Queue, which does not match the pattern";
        assert!(faults.len() == 1 && faults[0].starts_with(expected), "{faults:?}");
        let faults = check_in_graph("AWS::ECS::TaskDefinition", task.clone());
        assert_eq!(faults, ["/TaskRoleArn Form: expected the ARN of AWS::IAM::Role, but `a/queue/queue` is AWS::SQS::Queue"]);
        assert!(check_in_graph("AWS::Lambda::Function", json!({"Code": {"ZipFile": "x"}, "Role": task["ExecutionRoleArn"]})).is_empty());
    }

    #[test]
    fn an_attribute_of_another_type_does_not_fit() {
        let faults = check_in_graph("AWS::SQS::Queue", json!({"DelaySeconds": reference("a/queue/queue", "Tags")}));
        assert_eq!(faults, ["/DelaySeconds Form: expected an integer, but `Tags` of `a/queue/queue` is a list"]);
    }

    #[test]
    fn an_address_of_unknown_type_is_taken_as_it_stands() {
        assert!(check_in_graph("AWS::SQS::Queue", json!({"DelaySeconds": reference("x/y/z", "Whatever")})).is_empty());
        assert!(check("AWS::SQS::Queue", json!({"DelaySeconds": reference("a/queue/queue", "Tags")})).is_empty());
    }

    #[test]
    fn a_literal_is_checked_as_it_stands() {
        assert!(check("AWS::ApiGatewayV2::Api", json!({"Body": {"$literal": {"paths": {"$ref": "#/x"}}}})).is_empty());
        assert_eq!(check("AWS::SQS::Queue", json!({"DelaySeconds": {"$literal": "x"}})), ["/DelaySeconds WrongType"]);
    }
}

mod replacements {
    use super::*;

    use Replacement::{May, No, Yes};
    use ReplacementRule::{ConditionalCreateOnly, CreateOnly, NoUpdateHandler, WriteOnlyRemoved};

    #[test]
    fn the_name_and_kind_of_a_queue_are_fixed() {
        assert_eq!(replacement("AWS::SQS::Queue", "/QueueName", json!("a"), json!("b")), (Yes, Some(CreateOnly)));
        assert_eq!(replacement("AWS::SQS::Queue", "/FifoQueue", json!(false), json!(true)), (Yes, Some(CreateOnly)));
        assert_eq!(replacement("AWS::SQS::Queue", "/VisibilityTimeout", json!(30), json!(60)), (No, None));
    }

    #[test]
    fn a_database_is_replaced_under_conditions() {
        let db = "AWS::RDS::DBInstance";
        assert_eq!(replacement(db, "/AllocatedStorage", json!("20"), json!("40")), (No, None));
        assert_eq!(replacement(db, "/DBName", json!("a"), json!("b")), (Yes, Some(CreateOnly)));
        assert_eq!(replacement(db, "/Engine", json!("postgres"), json!("mysql")), (May, Some(ConditionalCreateOnly)));
        assert_eq!(replacement(db, "/AvailabilityZone", json!("a"), json!("b")), (May, Some(ConditionalCreateOnly)));
    }

    #[test]
    fn the_zones_of_a_database_cluster_are_fixed() {
        let verdict = replacement("AWS::RDS::DBCluster", "/AvailabilityZones/0", json!("us-east-1a"), json!("us-east-1b"));
        assert_eq!(verdict, (Yes, Some(CreateOnly)));
    }

    #[test]
    fn a_task_definition_is_replaced_whatever_changes_but_its_tags() {
        let task = "AWS::ECS::TaskDefinition";
        for pointer in ["/Cpu", "/ContainerDefinitions/0/Image", "/Volumes", "/Family"] {
            assert_eq!(replacement(task, pointer, json!("a"), json!("b")), (Yes, Some(CreateOnly)), "{pointer}");
        }
        assert_eq!(replacement(task, "/Tags/0/Value", json!("a"), json!("b")), (No, None));
    }

    #[test]
    fn a_type_without_update_is_replaced() {
        assert!(!of("AWS::Lambda::Permission").has_update());
        let verdict = of("AWS::Lambda::Permission").replacement("/EventSourceToken", None, Some(&json!("x")));
        assert_eq!(verdict.replacement, Yes);
        let in_no_list = of("AWS::EC2::VPCGatewayAttachment").replacement("/Unheard", None, Some(&json!("x")));
        assert_eq!(in_no_list.replacement, No, "it has an update handler");
        let types = catalog().types().filter(|name| !of(name).has_update()).count();
        assert!(types > 50, "{types}");
    }

    #[test]
    fn no_update_handler_names_itself_where_nothing_else_does() {
        let name = catalog()
            .types()
            .find(|name| !of(name).has_update() && !of(name).is_create_only("/Tags") && of(name).property_names().contains(&"Tags"))
            .expect("some type without update has tags that are not fixed");
        let verdict = of(name).replacement("/Tags", None, Some(&json!([])));
        assert_eq!((verdict.replacement, verdict.rule), (Yes, Some(NoUpdateHandler)), "{name}");
    }

    #[test]
    fn a_type_without_any_handler_is_changed_through_cloudformation() {
        assert!(!of("AWS::DocDB::DBCluster").has_handlers() && of("AWS::DocDB::DBCluster").has_update());
        assert_eq!(replacement("AWS::DocDB::DBCluster", "/BackupRetentionPeriod", json!(1), json!(2)), (No, None));
        assert_eq!(replacement("AWS::DocDB::DBCluster", "/MasterUsername", json!("a"), json!("b")), (Yes, Some(CreateOnly)));
    }

    #[test]
    fn a_change_of_a_whole_map_counts_only_if_what_is_fixed_inside_differs() {
        let budget = |name: &str, unit: &str| json!({"BudgetName": name, "TimeUnit": unit});
        let outer = |before, after| replacement("AWS::Budgets::Budget", "/Budget", before, after);
        assert_eq!(outer(budget("a", "MONTHLY"), budget("a", "DAILY")), (No, None));
        assert_eq!(outer(budget("a", "DAILY"), budget("b", "DAILY")), (Yes, Some(CreateOnly)));
        let gone = of("AWS::Budgets::Budget").replacement("/Budget", Some(&budget("a", "DAILY")), None);
        assert_eq!(gone.rule, Some(CreateOnly));
        assert_eq!(replacement("AWS::EFS::AccessPoint", "/RootDirectory/Path", json!("/a"), json!("/b")), (Yes, Some(CreateOnly)));
    }

    #[test]
    fn what_is_fixed_in_the_items_of_a_list_is_found() {
        let peer = |asn: u32, address: &str| json!([{"PeerAsn": asn, "PeerAddress": address}]);
        let list = |before, after| {
            replacement("AWS::EC2::TransitGatewayConnectPeer", "/ConnectPeerConfiguration/BgpConfigurations", before, after)
        };
        assert_eq!(list(peer(1, "a"), peer(2, "a")), (Yes, Some(CreateOnly)));
        let item = of("AWS::EC2::TransitGatewayConnectPeer");
        assert!(item.is_create_only("/ConnectPeerConfiguration/BgpConfigurations/0/PeerAsn"));
    }

    #[test]
    fn a_write_only_property_cannot_be_taken_away_in_place() {
        let db = of("AWS::RDS::DBInstance");
        let gone = db.replacement("/MasterUserPassword", Some(&json!("x")), None);
        assert_eq!((gone.replacement, gone.rule), (Yes, Some(WriteOnlyRemoved)));
        let changed = db.replacement("/MasterUserPassword", Some(&json!("x")), Some(&json!("y")));
        assert_eq!(changed.replacement, No);
    }

    #[test]
    fn the_schema_may_fix_the_order_of_a_replacement() {
        assert_eq!(of("AWS::SQS::Queue").replacement_strategy(), None);
        let strategies: Vec<_> = catalog().types().filter_map(|name| of(name).replacement_strategy()).collect();
        assert!(strategies.contains(&ReplacementStrategy::DeleteThenCreate) && strategies.contains(&ReplacementStrategy::CreateThenDelete));
    }
}

mod attributes {
    use super::*;

    #[test]
    fn a_dotted_path_leads_to_the_value() {
        let address = of("AWS::RDS::DBInstance").attribute("Endpoint.Address").unwrap();
        assert_eq!(address.pointer, "/Endpoint/Address");
        assert!(address.read_only && address.types == Type::String.into());
        let storage = of("AWS::RDS::DBInstance").attribute("AllocatedStorage").unwrap();
        assert!(!storage.read_only);
    }

    #[test]
    fn an_item_of_a_list_has_a_number() {
        let block = of("AWS::EC2::VPC").attribute("CidrBlockAssociations.0").unwrap();
        assert!(block.read_only && block.types == Type::String.into());
        assert!(of("AWS::EC2::VPC").attribute("CidrBlockAssociations.first").is_err());
        assert!(of("AWS::EC2::VPC").attribute("CidrBlockAssociations.*").is_err());
    }

    #[test]
    fn what_is_written_wrongly_is_guessed() {
        let guess = |name: &str, path: &str| of(name).attribute(path).unwrap_err().suggestion;
        assert_eq!(guess("AWS::SQS::Queue", "QueueURL").as_deref(), Some("QueueUrl"));
        assert_eq!(guess("AWS::ElastiCache::ReplicationGroup", "PrimaryEndpoint.Address").as_deref(), Some("PrimaryEndPoint.Address"));
        assert_eq!(guess("AWS::SQS::Queue", "SomethingElse"), None);
    }

    #[test]
    fn a_write_only_property_cannot_be_read() {
        assert!(of("AWS::RDS::DBInstance").attribute("MasterUserPassword").is_err());
        assert!(!of("AWS::RDS::DBInstance").attributes().contains(&"MasterUserPassword".to_owned()));
    }

    #[test]
    fn the_list_holds_given_and_read_only_ones() {
        let attributes = of("AWS::SQS::Queue").attributes();
        for name in ["Arn", "QueueName", "QueueUrl"] {
            assert!(attributes.iter().any(|attribute| attribute == name), "{name}");
        }
        assert!(of("AWS::RDS::DBInstance").attributes().contains(&"Endpoint.Port".to_owned()));
    }

    #[test]
    fn the_identifier_is_an_attribute_of_every_type() {
        assert_eq!(of("AWS::SQS::Queue").attribute("id").unwrap().pointer, "/QueueUrl");
        let joined = of("AWS::ECS::Service").attribute("id").unwrap();
        assert!(joined.pointer.is_empty() && joined.read_only);
        assert_eq!(of("AWS::ECS::Service").primary_identifier(), ["/ServiceArn", "/Cluster"]);
    }

    #[test]
    fn every_attribute_that_a_type_lists_can_be_asked_for() {
        for name in catalog().types().filter(|name| name.starts_with("AWS::S3::") || name.starts_with("AWS::E")) {
            for attribute in of(name).attributes() {
                assert!(of(name).attribute(&attribute).is_ok(), "{name} {attribute}");
            }
        }
    }

    #[test]
    fn the_simulator_can_invent_a_value() {
        let place = of("AWS::EC2::Subnet").place("/SubnetId").unwrap();
        assert_eq!(place.types(), Type::String.into());
        let port = of("AWS::RDS::DBInstance").place("/Endpoint/Port").unwrap();
        assert!(!port.types().is_empty());
        let status = of("AWS::S3::Bucket").place("/VersioningConfiguration/Status").unwrap();
        assert_eq!(status.choices().unwrap(), [json!("Enabled"), json!("Suspended")]);
    }
}

mod operations {
    use super::*;

    #[test]
    fn policies_that_cannot_be_read_are_not_for_cloud_control() {
        for name in ["AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::DocDB::DBCluster", "AWS::Route53::RecordSet"] {
            assert!(!of(name).has_handlers(), "{name}");
        }
        for name in ["AWS::SNS::TopicInlinePolicy", "AWS::SQS::QueueInlinePolicy", "AWS::IAM::RolePolicy", "AWS::S3::BucketPolicy"] {
            assert!(of(name).has_handlers(), "{name}");
        }
    }

    #[test]
    fn permissions_are_those_of_the_operation() {
        let create = of("AWS::SQS::Queue").handler_permissions(Operation::Create);
        assert!(create.iter().any(|action| action == "sqs:CreateQueue"));
        let delete = of("AWS::SQS::Queue").handler_permissions(Operation::Delete);
        assert!(delete.iter().any(|action| action == "sqs:DeleteQueue") && !delete.iter().any(|action| action == "sqs:CreateQueue"));
        assert!(of("AWS::DocDB::DBCluster").handler_permissions(Operation::Create).is_empty());
    }

    #[test]
    fn slow_types_say_how_long_they_may_take() {
        assert_eq!(of("AWS::RDS::DBInstance").timeout_minutes(Operation::Create), Some(2160));
        assert_eq!(of("AWS::SQS::Queue").timeout_minutes(Operation::Create), None);
    }

    #[test]
    fn tags_are_lists_or_maps_and_have_their_property() {
        let list = |key: &str, value: &str| Some(TagStyle::List { key: key.to_owned(), value: value.to_owned() });
        assert_eq!(of("AWS::SQS::Queue").tag_style(), list("Key", "Value"));
        assert_eq!(of("AWS::EFS::FileSystem").tag_property(), Some("FileSystemTags"));
        assert_eq!(of("AWS::ApiGatewayV2::Api").tag_style(), Some(TagStyle::Map));
        assert_eq!(of("AWS::SSM::Parameter").tag_style(), Some(TagStyle::Map));
        assert_eq!(of("AWS::MSK::Cluster").tag_style(), Some(TagStyle::Map));
        assert_eq!(of("AWS::IAM::RolePolicy").tag_property(), None);
        assert_eq!(of("AWS::EC2::Route").tag_style(), None);
    }

    #[test]
    fn every_type_with_tags_has_a_style() {
        for name in catalog().types() {
            let info = of(name);
            assert_eq!(info.tag_property().is_some(), info.tag_style().is_some(), "{name} {:?}", info.tag_property());
        }
    }

    #[test]
    fn lists_without_order_are_known() {
        assert!(of("AWS::SQS::Queue").is_unordered("/Tags"));
        assert!(of("AWS::ElasticLoadBalancingV2::LoadBalancer").is_unordered("/LoadBalancerAttributes"));
        assert!(!of("AWS::ECS::TaskDefinition").is_unordered("/ContainerDefinitions/0/Command"));
        assert!(!of("AWS::SQS::Queue").is_unordered("/QueueName"));
    }

    #[test]
    fn names_that_the_service_changes_are_known() {
        assert_eq!(of("AWS::RDS::DBInstance").transform("/DBInstanceIdentifier"), Some("$lowercase(DBInstanceIdentifier)"));
        assert_eq!(of("AWS::SQS::Queue").transform("/QueueName"), None);
    }
}
