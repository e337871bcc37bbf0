//! Changes that need a new resource.

use super::*;

use Replacement::{May, No, Yes};
use ReplacementRule::{ConditionalCreateOnly, CreateOnly, Documented, NoUpdateHandler, WriteOnlyRemoved};

#[test]
fn the_name_and_kind_of_a_queue_are_fixed() {
    assert_eq!(replacement("AWS::SQS::Queue", "/QueueName", json!("a"), json!("b")), (Yes, Some(CreateOnly)));
    assert_eq!(replacement("AWS::SQS::Queue", "/FifoQueue", json!(false), json!(true)), (Yes, Some(CreateOnly)));
    assert_eq!(replacement("AWS::SQS::Queue", "/VisibilityTimeout", json!(30), json!(60)), (No, None));
}

#[test]
fn what_is_documented_outranks_the_conditions_of_the_schema() {
    let db = "AWS::RDS::DBInstance";
    assert_eq!(replacement(db, "/AllocatedStorage", json!("20"), json!("40")), (No, None));
    assert_eq!(replacement(db, "/DBName", json!("a"), json!("b")), (Yes, Some(CreateOnly)));
    assert_eq!(replacement(db, "/Engine", json!("postgres"), json!("mysql")), (Yes, Some(Documented)));
    assert_eq!(replacement(db, "/AvailabilityZone", json!("a"), json!("b")), (Yes, Some(Documented)));
    assert_eq!(replacement(db, "/MultiAZ", json!(false), json!(true)), (No, None));
    let gone = of(db).replacement("/AvailabilityZone", Some(&json!("a")), None);
    assert_eq!(gone.replacement, May, "the database stays where it is");
    assert_eq!(replacement("AWS::Lambda::Function", "/DurableConfig", json!({}), json!(null)), (May, Some(ConditionalCreateOnly)));
}

#[test]
fn the_keys_and_local_indexes_of_a_table_are_fixed() {
    let table = "AWS::DynamoDB::Table";
    let keys = |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}]);
    assert_eq!(replacement(table, "/KeySchema", keys("id"), keys("pk")), (Yes, Some(Documented)));
    assert_eq!(replacement(table, "/KeySchema/0/AttributeName", json!("id"), json!("pk")), (Yes, Some(Documented)));
    let local = of(table).replacement("/LocalSecondaryIndexes", None, Some(&json!([{"IndexName": "by-age"}])));
    assert_eq!((local.replacement, local.rule), (Yes, Some(Documented)));
    assert_eq!(replacement("AWS::ECS::Service", "/LaunchType", json!("EC2"), json!("FARGATE")), (Yes, Some(Documented)));
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
    let list =
        |before, after| replacement("AWS::EC2::TransitGatewayConnectPeer", "/ConnectPeerConfiguration/BgpConfigurations", before, after);
    assert_eq!(list(peer(1, "a"), peer(2, "a")), (Yes, Some(CreateOnly)));
    let item = of("AWS::EC2::TransitGatewayConnectPeer");
    assert!(item.is_create_only("/ConnectPeerConfiguration/BgpConfigurations/0/PeerAsn"));
}

#[test]
fn a_write_only_property_is_taken_away_in_place() {
    let db = of("AWS::RDS::DBInstance");
    for name in ["/MasterUserPassword", "/AllowMajorVersionUpgrade", "/DBSnapshotIdentifier"] {
        let gone = db.replacement(name, Some(&json!("x")), None);
        assert_eq!((gone.replacement, gone.rule), (No, Some(WriteOnlyRemoved)), "{name}");
    }
    let gone = of("AWS::EC2::VPC").replacement("/Ipv4IpamPoolId", Some(&json!("x")), None);
    assert_eq!((gone.replacement, gone.rule), (Yes, Some(CreateOnly)), "what is fixed at creation stays so");
    let changed = db.replacement("/MasterUserPassword", Some(&json!("x")), Some(&json!("y")));
    assert_eq!(changed.replacement, No);
}

#[test]
fn the_schema_may_fix_the_order_of_a_replacement() {
    assert_eq!(of("AWS::SQS::Queue").replacement_strategy(), None);
    let strategies: Vec<_> = catalog().types().filter_map(|name| of(name).replacement_strategy()).collect();
    assert!(strategies.contains(&ReplacementStrategy::DeleteThenCreate) && strategies.contains(&ReplacementStrategy::CreateThenDelete));
}
