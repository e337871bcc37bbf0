//! Changes that AWS makes only in one direction, by steps of some size, or one at a time.
//!
//! In: a type, and its properties before and after. Out: what AWS would answer to such a change. Values that are not known yet are passed over.
//! Each rule names where the fact stands.

use serde_json::{Map, Value};

/// What AWS does not do with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Storage never shrinks.
    Shrinks,
    /// The step is smaller or larger than AWS takes.
    Step,
    /// A version never goes back.
    GoesBack,
    /// Only one such change is taken at a time.
    OneAtATime,
    /// It needs a new resource, which depends on the values.
    Replaces,
}

/// A change that AWS does not make in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The property.
    pub pointer: String,
    /// What stands in the way.
    pub limit: Limit,
    /// For people: what AWS does, and what can be done.
    pub message: String,
}

type Properties = Map<String, Value>;

/// Types with an `EngineVersion` that AWS upgrades and never downgrades, as long as the engine stays.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html>,
/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.html>,
/// <https://docs.aws.amazon.com/memorydb/latest/devguide/engine-versions.html>
const ENGINES: [&str; 8] = [
    "AWS::DocDB::DBCluster",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::GlobalCluster",
];

/// Sizes that AWS grows and never shrinks.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html>,
/// <https://docs.aws.amazon.com/ebs/latest/userguide/modify-volume-requirements.html>,
/// <https://docs.aws.amazon.com/msk/latest/developerguide/msk-update-storage.html>,
/// <https://docs.aws.amazon.com/fsx/latest/WindowsGuide/managing-storage-capacity.html>
const SIZES: [(&str, &str); 5] = [
    ("AWS::EC2::Volume", "/Size"),
    ("AWS::FSx::FileSystem", "/StorageCapacity"),
    ("AWS::MSK::Cluster", "/BrokerNodeGroupInfo/StorageInfo/EBSStorageInfo/VolumeSize"),
    ("AWS::RDS::DBCluster", "/AllocatedStorage"),
    ("AWS::RDS::DBInstance", "/AllocatedStorage"),
];

/// What AWS would not do of the change from one set of properties to another.
pub fn transitions(type_name: &str, before: &Properties, after: &Properties) -> Vec<Transition> {
    let mut found = Vec::new();
    let mut report = |pointer: &str, limit: Limit, message: String| found.push(Transition { pointer: pointer.to_owned(), limit, message });
    for (_, pointer) in SIZES.iter().filter(|(of, _)| *of == type_name) {
        if let (Some(one), Some(other)) = (number(before, pointer), number(after, pointer))
            && other < one
        {
            report(pointer, Limit::Shrinks, format!("storage of {one} GB cannot shrink to {other} GB"));
        }
    }
    if ENGINES.contains(&type_name) && text(before, "/Engine") == text(after, "/Engine") {
        versions("/EngineVersion", before, after, &mut report);
    }
    match type_name {
        "AWS::DynamoDB::Table" => {
            indexes(before, after, &mut report);
            attributes(before, after, &mut report);
            time_to_live(before, after, &mut report);
        }
        "AWS::EC2::VPC" => tenancy(before, after, &mut report),
        // <https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html>
        "AWS::EKS::Cluster" => versions("/Version", before, after, &mut report),
        "AWS::Kinesis::Stream" => shards(before, after, &mut report),
        "AWS::RDS::DBInstance" => growth(before, after, &mut report),
        _ => {}
    }
    found
}

type Report<'r> = &'r mut dyn FnMut(&str, Limit, String);

fn versions(pointer: &str, before: &Properties, after: &Properties, report: Report<'_>) {
    let (Some(one), Some(other)) = (text(before, pointer), text(after, pointer)) else { return };
    // A version that says less than the other leaves the rest to AWS.
    let goes_back = numbers(one).zip(numbers(other)).find(|(one, other)| one != other).is_some_and(|(one, other)| other < one);
    if goes_back {
        report(pointer, Limit::GoesBack, format!("version {one} cannot go back to {other}"));
    }
}

/// The numbers in a version, `8.0.mysql_aurora.3.05.2`.
fn numbers(version: &str) -> impl Iterator<Item = u64> {
    version.split(|letter: char| !letter.is_ascii_digit()).filter_map(|digits| digits.parse().ok())
}

/// AWS rounds up what grows by less than a tenth, so that the size given would never be the size deployed.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html>
fn growth(before: &Properties, after: &Properties, report: Report<'_>) {
    const STORAGE: &str = "/AllocatedStorage";
    let (Some(one), Some(other)) = (number(before, STORAGE), number(after, STORAGE)) else { return };
    let least = (one * 11.0 / 10.0).ceil();
    if other > one && other < least {
        report(STORAGE, Limit::Step, format!("storage of {one} GB grows by at least 10 %: to {least} GB or more, and not to {other} GB"));
    }
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html#cfn-ec2-vpc-instancetenancy>
fn tenancy(before: &Properties, after: &Properties, report: Report<'_>) {
    const TENANCY: &str = "/InstanceTenancy";
    let (one, other) = (text(before, TENANCY).unwrap_or("default"), text(after, TENANCY).unwrap_or("default"));
    if one != other && other != "default" {
        report(TENANCY, Limit::Replaces, format!("the tenancy {one} becomes {other} only in a new network"));
    }
}

/// At most twice as many shards, and no less than half.
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html>
fn shards(before: &Properties, after: &Properties, report: Report<'_>) {
    const SHARDS: &str = "/ShardCount";
    let (Some(one), Some(other)) = (number(before, SHARDS), number(after, SHARDS)) else { return };
    let (least, most) = ((one / 2.0).ceil(), one * 2.0);
    if other < least || other > most {
        report(SHARDS, Limit::Step, format!("{one} shards become {least} to {most} in one step, and not {other}"));
    }
}

/// One index is made or deleted at a time, and the keys and the projection of one never change.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>
fn indexes(before: &Properties, after: &Properties, report: Report<'_>) {
    const INDEXES: &str = "/GlobalSecondaryIndexes";
    let (one, other) = (named(before, INDEXES, "IndexName"), named(after, INDEXES, "IndexName"));
    let fixed = |index: &Value| {
        let projection = &index["Projection"];
        (unordered(&index["KeySchema"]), unordered(&projection["NonKeyAttributes"]), projection["ProjectionType"].clone())
    };
    let changed = |(name, index): &&(&str, &Value)| find(&one, name).is_some_and(|was| fixed(was) != fixed(index));
    let changed: Vec<&str> = other.iter().filter(changed).map(|(name, _)| *name).collect();
    for name in &changed {
        let message =
            format!("keys and projection of the index `{name}` never change: take it out and apply, then put it in again and apply");
        report(INDEXES, Limit::OneAtATime, message);
    }
    let new = other.iter().filter(|(name, _)| find(&one, name).is_none());
    let gone = one.iter().filter(|(name, _)| find(&other, name).is_none());
    let moved: Vec<&str> = new.chain(gone).map(|(name, _)| *name).collect();
    if moved.len() > 1 && changed.is_empty() {
        let message = format!(
            "a table makes or deletes one index at a time, and these are {}: {}; apply them one after the other",
            moved.len(),
            moved.join(", ")
        );
        report(INDEXES, Limit::OneAtATime, message);
    }
}

/// An attribute keeps its type as long as a key is made of it.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html#cfn-dynamodb-table-attributedefinitions>
fn attributes(before: &Properties, after: &Properties, report: Report<'_>) {
    const ATTRIBUTES: &str = "/AttributeDefinitions";
    let (one, other) = (named(before, ATTRIBUTES, "AttributeName"), named(after, ATTRIBUTES, "AttributeName"));
    let mut keys = names_in(after.get("KeySchema"));
    let local = after.get("LocalSecondaryIndexes").and_then(Value::as_array);
    keys.extend(local.into_iter().flatten().flat_map(|index| names_in(index.get("KeySchema"))));
    for (name, definition) in &other {
        let kind = |definition: &Value| definition["AttributeType"].as_str().unwrap_or_default().to_owned();
        let Some(was) = find(&one, name).map(kind).filter(|was| *was != kind(definition)) else { continue };
        let is = kind(definition);
        if keys.iter().any(|key| key == name) {
            report(ATTRIBUTES, Limit::Replaces, format!("the key `{name}` changes its type from {was} to {is} only in a new table"));
        } else {
            let message = format!(
                "the type of `{name}` cannot change from {was} to {is} while an index uses it: take the index out and apply, then put it in again and apply"
            );
            report(ATTRIBUTES, Limit::OneAtATime, message);
        }
    }
}

/// The attribute of the time to live changes by way of turning it off, and such a change takes up to an hour.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html>
fn time_to_live(before: &Properties, after: &Properties, report: Report<'_>) {
    let on = |properties: &Properties| {
        let live = properties.get("TimeToLiveSpecification").filter(|live| live["Enabled"] == true)?;
        live["AttributeName"].as_str().map(str::to_owned)
    };
    if let (Some(one), Some(other)) = (on(before), on(after))
        && one != other
    {
        let message = format!(
            "the time to live moves from `{one}` to `{other}` in two steps: turn it off and apply, then, an hour later, on again and apply"
        );
        report("/TimeToLiveSpecification", Limit::OneAtATime, message);
    }
}

fn find<'p>(all: &[(&str, &'p Value)], name: &str) -> Option<&'p Value> {
    all.iter().find(|(known, _)| *known == name).map(|(_, item)| *item)
}

/// The items of a list that have a name.
fn named<'p>(properties: &'p Properties, pointer: &str, field: &str) -> Vec<(&'p str, &'p Value)> {
    let items = properties.get(&pointer[1..]).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| Some((item.get(field)?.as_str()?, item))).collect()
}

fn names_in(key_schema: Option<&Value>) -> Vec<String> {
    let items = key_schema.and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| item["AttributeName"].as_str().map(str::to_owned)).collect()
}

/// The items of a list without their order.
fn unordered(list: &Value) -> Vec<String> {
    let mut items: Vec<String> = list.as_array().into_iter().flatten().map(Value::to_string).collect();
    items.sort_unstable();
    items
}

/// A number, which some properties write as text.
fn number(properties: &Properties, pointer: &str) -> Option<f64> {
    let value = at(properties, pointer)?;
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn text<'p>(properties: &'p Properties, pointer: &str) -> Option<&'p str> {
    at(properties, pointer)?.as_str()
}

fn at<'p>(properties: &'p Properties, pointer: &str) -> Option<&'p Value> {
    let mut steps = pointer.split('/').skip(1);
    let first = properties.get(steps.next()?)?;
    steps.try_fold(first, |value, step| value.get(step))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Limit::{GoesBack, OneAtATime, Replaces, Shrinks, Step};
    use super::*;

    fn limits(type_name: &str, before: &Value, after: &Value) -> Vec<Limit> {
        let found = transitions(type_name, before.as_object().unwrap(), after.as_object().unwrap());
        found.into_iter().map(|transition| transition.limit).collect()
    }

    #[test]
    fn storage_grows_by_a_tenth_and_never_shrinks() {
        let of =
            |from: Value, to: Value| limits("AWS::RDS::DBInstance", &json!({"AllocatedStorage": from}), &json!({"AllocatedStorage": to}));
        assert_eq!(of(json!("100"), json!("20")), [Shrinks]);
        assert_eq!(of(json!("100"), json!("105")), [Step]);
        assert_eq!(of(json!("100"), json!("110")), []);
        assert_eq!(of(json!("20"), json!(22)), []);
        assert_eq!(of(json!("100"), json!({"$ref": "a/b/c", "attribute": "X"})), []);
        assert_eq!(limits("AWS::EC2::Volume", &json!({"Size": 50}), &json!({"Size": 49})), [Shrinks]);
        assert_eq!(limits("AWS::EC2::Volume", &json!({"Size": 50}), &json!({"Size": 51})), []);
        let brokers = |size: u32| json!({"BrokerNodeGroupInfo": {"StorageInfo": {"EBSStorageInfo": {"VolumeSize": size}}}});
        assert_eq!(limits("AWS::MSK::Cluster", &brokers(100), &brokers(50)), [Shrinks]);
    }

    #[test]
    fn a_version_never_goes_back() {
        let of = |from: &str, to: &str| {
            let engine = |version: &str| json!({"Engine": "postgres", "EngineVersion": version});
            limits("AWS::RDS::DBInstance", &engine(from), &engine(to))
        };
        assert_eq!(of("16.4", "15.8"), [GoesBack]);
        assert_eq!(of("16.4", "16.3"), [GoesBack]);
        assert_eq!(of("9.6", "10.1"), []);
        assert_eq!(of("16.4", "16"), []);
        assert_eq!(of("16", "16.4"), []);
        let aurora = |version: &str| json!({"EngineVersion": version});
        assert_eq!(limits("AWS::RDS::DBCluster", &aurora("8.0.mysql_aurora.3.05.2"), &aurora("8.0.mysql_aurora.3.04.1")), [GoesBack]);
        let other = |engine: &str, version: &str| json!({"Engine": engine, "EngineVersion": version});
        assert_eq!(limits("AWS::RDS::DBInstance", &other("postgres", "16"), &other("mysql", "8.0")), []);
        assert_eq!(limits("AWS::EKS::Cluster", &json!({"Version": "1.31"}), &json!({"Version": "1.30"})), [GoesBack]);
    }

    #[test]
    fn an_index_is_made_or_deleted_at_a_time() {
        let index = |name: &str, key: &str| json!({"IndexName": name, "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}});
        let of = |from: Value, to: Value| {
            limits("AWS::DynamoDB::Table", &json!({"GlobalSecondaryIndexes": from}), &json!({"GlobalSecondaryIndexes": to}))
        };
        assert_eq!(of(json!([]), json!([index("a", "x")])), []);
        assert_eq!(of(json!([]), json!([index("a", "x"), index("b", "y")])), [OneAtATime]);
        assert_eq!(of(json!([index("a", "x")]), json!([index("b", "x")])), [OneAtATime], "renamed");
        assert_eq!(of(json!([index("a", "x")]), json!([index("a", "y")])), [OneAtATime], "other keys");
        assert_eq!(of(json!([index("a", "x"), index("b", "y")]), json!([index("b", "y"), index("a", "x")])), []);
        assert_eq!(of(json!([index("a", "x"), index("b", "y")]), json!([index("b", "y")])), []);
    }

    #[test]
    fn an_attribute_keeps_its_type_while_something_uses_it() {
        let table = |key: &str, other: &str| {
            json!({"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": key}, {"AttributeName": "mail", "AttributeType": other}]})
        };
        assert_eq!(limits("AWS::DynamoDB::Table", &table("S", "S"), &table("N", "S")), [Replaces]);
        assert_eq!(limits("AWS::DynamoDB::Table", &table("S", "S"), &table("S", "B")), [OneAtATime]);
    }

    #[test]
    fn a_time_to_live_moves_by_way_of_off() {
        let live = |name: &str, on: bool| json!({"TimeToLiveSpecification": {"AttributeName": name, "Enabled": on}});
        assert_eq!(limits("AWS::DynamoDB::Table", &live("a", true), &live("b", true)), [OneAtATime]);
        assert_eq!(limits("AWS::DynamoDB::Table", &live("a", true), &live("a", false)), []);
        assert_eq!(limits("AWS::DynamoDB::Table", &live("a", false), &live("b", true)), []);
    }

    #[test]
    fn what_depends_on_the_values_replaces_or_not() {
        let tenancy = |value: &str| json!({"InstanceTenancy": value});
        assert_eq!(limits("AWS::EC2::VPC", &tenancy("default"), &tenancy("dedicated")), [Replaces]);
        assert_eq!(limits("AWS::EC2::VPC", &tenancy("dedicated"), &tenancy("default")), []);
        assert_eq!(limits("AWS::EC2::VPC", &json!({}), &tenancy("default")), []);
        let shards = |count: u32| json!({"ShardCount": count});
        assert_eq!(limits("AWS::Kinesis::Stream", &shards(2), &shards(4)), []);
        assert_eq!(limits("AWS::Kinesis::Stream", &shards(2), &shards(5)), [Step]);
        assert_eq!(limits("AWS::Kinesis::Stream", &shards(5), &shards(2)), [Step]);
    }
}
