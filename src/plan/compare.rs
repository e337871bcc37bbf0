//! Property changes by JSON pointer.
//!
//! In: the properties of a record and the wanted ones, in the form in which a record would keep them (values that are not known yet are
//! still forms). Out: the [`Change`]s, with the verdict of the type's schema on each. A pointer into a list counts items of the wanted
//! list; one of an item that goes counts those of the recorded list.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::align::{Alignment, align};
use super::pointer::{Ignored, Pointer};
use super::resolve::{Scope, is_unknown, resolve};
use super::sets::in_order;
use super::{Change, Replace};
use crate::catalog::{Replacement, TypeInfo};
use crate::resource::Form;

/// What two values are compared by.
pub(super) struct Comparison<'a> {
    /// The schema of the type; without one nothing is known to need a replacement.
    pub(super) info: Option<&'a TypeInfo>,
    /// What is never compared.
    pub(super) ignored: &'a Ignored<'a>,
    /// Tells whether what a `$lookup` reads is still what it was.
    pub(super) settled: &'a dyn Fn(&Map<String, Value>) -> bool,
}

/// Tells whether a wanted value comes to exactly the recorded one. Without allocation in the usual case; `false` may also mean that a
/// closer look is needed.
pub(super) fn same(wanted: &Value, recorded: &Value, scope: &dyn Scope) -> bool {
    match Form::of(wanted) {
        Form::Plain(Value::Object(map)) => recorded.as_object().is_some_and(|other| {
            map.len() == other.len() && map.iter().all(|(key, inner)| other.get(key).is_some_and(|found| same(inner, found, scope)))
        }),
        Form::Plain(Value::Array(items)) => recorded
            .as_array()
            .is_some_and(|other| items.len() == other.len() && items.iter().zip(other).all(|(inner, found)| same(inner, found, scope))),
        Form::Plain(_) | Form::Literal(_) | Form::Sensitive(_) => wanted == recorded,
        Form::Ref { address, attribute } => scope.attribute(address, attribute).is_some_and(|known| *known == *recorded),
        Form::Aws(fact) => scope.fact(fact).is_some_and(|known| recorded.as_str() == Some(&*known)),
        Form::Join(_) | Form::Json(_) | Form::Secret(_) => resolve(wanted, scope) == *recorded,
        Form::Lookup(_) => false,
    }
}

impl Comparison<'_> {
    /// The changes of one top-level property; `None` is "not there".
    pub(super) fn property(&self, name: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
        Pointer::default().key(name, |pointer| self.walk(pointer, before, after, changes));
    }

    fn walk(&self, pointer: &mut Pointer, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
        if self.ignored.covers(pointer.as_str()) {
            return;
        }
        match (before, after) {
            (None, None) => {}
            (Some(one), Some(other)) if self.alike(pointer, one, other) => {}
            (Some(Value::Object(one)), Some(Value::Object(other))) if plain(before) && plain(after) => {
                self.walk_map(pointer, Some(one), Some(other), changes);
            }
            (Some(Value::Array(one)), Some(Value::Array(other))) => self.walk_list(pointer, one, other, (before, after), changes),
            (None | Some(Value::Object(_)), None | Some(Value::Object(_)))
                if plain(before) && plain(after) && self.ignored.reaches_below(pointer.as_str()) =>
            {
                self.walk_map(pointer, before.and_then(Value::as_object), after.and_then(Value::as_object), changes);
            }
            _ => changes.push(self.change(pointer.as_str(), before, after)),
        }
    }

    fn walk_map(
        &self,
        pointer: &mut Pointer,
        before: Option<&Map<String, Value>>,
        after: Option<&Map<String, Value>>,
        changes: &mut Vec<Change>,
    ) {
        let keys: BTreeSet<&String> = before.iter().chain(&after).flat_map(|map| map.keys()).collect();
        for key in keys {
            let (one, other) = (before.and_then(|map| map.get(key)), after.and_then(|map| map.get(key)));
            pointer.key(key, |pointer| self.walk(pointer, one, other, changes));
        }
    }

    fn walk_list(
        &self,
        pointer: &mut Pointer,
        one: &[Value],
        other: &[Value],
        (before, after): (Option<&Value>, Option<&Value>),
        changes: &mut Vec<Change>,
    ) {
        let unordered = self.info.is_some_and(|info| info.is_unordered(pointer.as_str()));
        match align(one, other, unordered, &|a, b| self.equal(a, b)) {
            Alignment::Whole => changes.push(self.change(pointer.as_str(), before, after)),
            Alignment::Items(pairs) => {
                for (from, to) in pairs {
                    let number = to.or(from).expect("a pair names an item");
                    let (from, to) = (from.map(|n| &one[n]), to.map(|n| &other[n]));
                    pointer.item(number, |pointer| self.walk(pointer, from, to, changes));
                }
            }
        }
    }

    fn change(&self, pointer: &str, before: Option<&Value>, after: Option<&Value>) -> Change {
        let verdict = self.info.map(|info| info.replacement(pointer, before, after));
        let hidden = |value: Option<&Value>| value.is_some_and(|value| matches!(Form::of(value), Form::Sensitive(_) | Form::Secret(_)));
        Change {
            path: pointer.to_owned(),
            before: before.cloned(),
            after: after.cloned(),
            replace: match verdict.map(|verdict| verdict.replacement) {
                None | Some(Replacement::No) => Replace::No,
                Some(Replacement::May) => Replace::May,
                Some(Replacement::Yes) => Replace::Yes,
            },
            rule: verdict.and_then(|verdict| verdict.rule).map(|rule| rule.name().to_owned()),
            unknown: after.is_some_and(is_unknown),
            // A switch that is never read back is no secret.
            sensitive: hidden(before)
                || hidden(after)
                || self.info.is_some_and(|info| info.is_write_only(pointer)) && before.or(after).is_some_and(|value| !value.is_boolean()),
        }
    }

    /// Equality of values whose order counts only where it means something.
    fn alike(&self, pointer: &mut Pointer, before: &Value, after: &Value) -> bool {
        self.equal(before, after) || self.equal(&in_order(self.info, pointer, before), &in_order(self.info, pointer, after))
    }

    /// Equality of values: numbers by what they are worth, a secret without a version is any version of it.
    fn equal(&self, before: &Value, after: &Value) -> bool {
        if before == after {
            return true;
        }
        match (before, after) {
            (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
            (Value::Array(one), Value::Array(other)) => one.len() == other.len() && one.iter().zip(other).all(|(a, b)| self.equal(a, b)),
            (_, Value::Object(_)) => match (Form::of(before), Form::of(after)) {
                (_, Form::Lookup(lookup)) => (self.settled)(lookup),
                (Form::Secret(one), Form::Secret(other)) => same_secret(one, other),
                (Form::Plain(Value::Object(one)), Form::Plain(Value::Object(other))) => {
                    one.len() == other.len() && one.iter().all(|(key, inner)| other.get(key).is_some_and(|found| self.equal(inner, found)))
                }
                _ => false,
            },
            _ => false,
        }
    }
}

fn same_secret(before: &Map<String, Value>, after: &Map<String, Value>) -> bool {
    let any_version = !after.contains_key("version");
    let counted = |map: &Map<String, Value>| map.iter().filter(|(key, _)| !(any_version && *key == "version")).count();
    counted(before) == after.len() && after.iter().all(|(key, inner)| before.get(key) == Some(inner))
}

/// Tells whether a value, if any, is no form.
fn plain(value: Option<&Value>) -> bool {
    value.is_none_or(|value| matches!(Form::of(value), Form::Plain(_)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::catalog::catalog;

    fn changes_of(type_name: &str, before: &Value, after: &Value, ignored: &[&str]) -> Vec<Change> {
        let patterns: Vec<String> = ignored.iter().map(|&pattern| pattern.to_owned()).collect();
        let ignored = Ignored::new(&patterns);
        let comparison = Comparison { info: catalog().get(type_name), ignored: &ignored, settled: &|_| true };
        let (before, after) = (before.as_object().unwrap(), after.as_object().unwrap());
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let mut changes = Vec::new();
        for name in names {
            comparison.property(name, before.get(name), after.get(name), &mut changes);
        }
        changes
    }

    fn paths(type_name: &str, before: &Value, after: &Value) -> Vec<String> {
        changes_of(type_name, before, after, &[]).into_iter().map(|change| change.path).collect()
    }

    const QUEUE: &str = "AWS::SQS::Queue";

    #[test]
    fn one_changed_value_is_one_change() {
        let changes = changes_of(
            QUEUE,
            &json!({"DelaySeconds": 1, "VisibilityTimeout": 30}),
            &json!({"DelaySeconds": 1, "VisibilityTimeout": 60}),
            &[],
        );
        assert_eq!(changes.len(), 1);
        assert_eq!((&*changes[0].path, &changes[0].before, &changes[0].after), ("/VisibilityTimeout", &Some(json!(30)), &Some(json!(60))));
        assert_eq!((changes[0].replace, &changes[0].rule), (Replace::No, &None));
    }

    #[test]
    fn a_create_only_change_names_its_rule() {
        let changes = changes_of(QUEUE, &json!({"FifoQueue": true}), &json!({}), &[]);
        assert_eq!((changes[0].replace, changes[0].rule.as_deref()), (Replace::Yes, Some("create-only")));
        assert_eq!(changes[0].after, None);
    }

    #[test]
    fn a_conditional_create_only_change_may_replace() {
        let changes = changes_of("AWS::Lambda::Function", &json!({}), &json!({"DurableConfig": {"ExecutionTimeout": 60}}), &[]);
        assert_eq!((changes[0].replace, changes[0].rule.as_deref()), (Replace::May, Some("conditional create-only")));
    }

    #[test]
    fn null_is_not_absence() {
        let changes = changes_of(QUEUE, &json!({}), &json!({"KmsMasterKeyId": null}), &[]);
        assert_eq!((&changes[0].before, &changes[0].after), (&None, &Some(Value::Null)));
    }

    #[test]
    fn a_number_is_its_value() {
        assert_eq!(paths(QUEUE, &json!({"DelaySeconds": 1}), &json!({"DelaySeconds": 1.0})), [""; 0]);
    }

    #[test]
    fn a_nested_change_is_named_by_its_own_pointer() {
        let before = json!({"RedrivePolicy": {"deadLetterTargetArn": "arn:dlq", "maxReceiveCount": 5}});
        let after = json!({"RedrivePolicy": {"deadLetterTargetArn": "arn:dlq", "maxReceiveCount": 3}});
        assert_eq!(paths(QUEUE, &before, &after), ["/RedrivePolicy/maxReceiveCount"]);
    }

    #[test]
    fn an_odd_key_is_escaped() {
        assert_eq!(paths(QUEUE, &json!({"RedrivePolicy": {"a/b~": 1}}), &json!({"RedrivePolicy": {"a/b~": 2}})), ["/RedrivePolicy/a~1b~0"]);
    }

    #[test]
    fn a_container_is_found_by_its_name() {
        let before = json!({"ContainerDefinitions": [{"Name": "api", "Image": "a:1"}, {"Name": "log", "Image": "l:1"}]});
        let after = json!({"ContainerDefinitions": [{"Name": "log", "Image": "l:2"}]});
        let changes = changes_of("AWS::ECS::TaskDefinition", &before, &after, &[]);
        let seen: Vec<_> = changes.iter().map(|change| (&*change.path, change.before.is_some(), change.after.is_some())).collect();
        assert_eq!(seen, [("/ContainerDefinitions/0", true, false), ("/ContainerDefinitions/0/Image", true, true)]);
        assert!(changes.iter().all(|change| change.replace == Replace::Yes));
    }

    #[test]
    fn the_order_of_a_set_means_nothing() {
        let before = json!({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]});
        let after = json!({"Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]});
        assert_eq!(paths(QUEUE, &before, &after), [""; 0]);
    }

    #[test]
    fn an_unknown_value_is_told() {
        let form = json!({"$ref": "a/b/key", "attribute": "Arn"});
        let changes = changes_of(QUEUE, &json!({"KmsMasterKeyId": "arn:old"}), &json!({"KmsMasterKeyId": form}), &[]);
        assert!(changes[0].unknown);
        assert_eq!(changes[0].after, Some(form));
    }

    #[test]
    fn a_sensitive_change_is_told() {
        let digest = |text: &str| json!({"$sensitive": text});
        let changes = changes_of(
            "AWS::RDS::DBInstance",
            &json!({"MasterUserPassword": digest("a")}),
            &json!({"MasterUserPassword": digest("b")}),
            &[],
        );
        assert!(changes[0].sensitive);
        assert_eq!(changes[0].replace, Replace::No);
    }

    #[test]
    fn a_write_only_value_is_taken_away_in_place() {
        let changes = changes_of("AWS::RDS::DBInstance", &json!({"MasterUserPassword": {"$sensitive": "a"}}), &json!({}), &[]);
        assert_eq!((changes[0].replace, changes[0].rule.as_deref()), (Replace::No, Some("write-only removed")));
    }

    #[test]
    fn a_secret_is_compared_by_its_identity() {
        let secret = |identity: Value| json!({"MasterUserPassword": {"$secret": identity}});
        let now = secret(json!({"name": "prod/db", "key": "password", "version": "v1"}));
        assert_eq!(paths("AWS::RDS::DBInstance", &now, &secret(json!({"name": "prod/db", "key": "password"}))), [""; 0]);
        assert_eq!(paths("AWS::RDS::DBInstance", &now, &secret(json!({"name": "prod/db2", "key": "password"}))), ["/MasterUserPassword"]);
        assert_eq!(paths("AWS::RDS::DBInstance", &now, &secret(json!({"name": "prod/db", "key": "password", "version": "v2"}))).len(), 1);
    }

    #[test]
    fn ignored_values_are_not_compared() {
        let before = json!({"DesiredCount": 2, "Tags": [{"Key": "a", "Value": "1"}], "LaunchType": "FARGATE"});
        let after = json!({"DesiredCount": 5, "Tags": [{"Key": "a", "Value": "2"}], "LaunchType": "EC2"});
        let changes = changes_of("AWS::ECS::Service", &before, &after, &["/DesiredCount", "/Tags/*/Value"]);
        assert_eq!(changes.iter().map(|change| &*change.path).collect::<Vec<_>>(), ["/LaunchType"]);
    }

    #[test]
    fn an_ignored_value_does_not_hide_its_neighbours() {
        let changes = changes_of(
            QUEUE,
            &json!({}),
            &json!({"RedrivePolicy": {"maxReceiveCount": 3, "deadLetterTargetArn": "a"}}),
            &["/RedrivePolicy/maxReceiveCount"],
        );
        assert_eq!(changes.iter().map(|change| &*change.path).collect::<Vec<_>>(), ["/RedrivePolicy/deadLetterTargetArn"]);
    }

    #[test]
    fn a_type_without_an_update_handler_is_replaced() {
        let changes = changes_of("AWS::EC2::SubnetRouteTableAssociation", &json!({"SubnetId": "a"}), &json!({"SubnetId": "b"}), &[]);
        assert_eq!(changes[0].replace, Replace::Yes);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<bool>().prop_map(Value::from), (0..4_i64).prop_map(Value::from), "[a-c]".prop_map(Value::from)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("(Key|Name|Value|a/b|c)", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn any_properties() -> impl Strategy<Value = Value> {
        proptest::collection::btree_map("(RedrivePolicy|Tags|DelaySeconds)", any_value(), 0..3)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    /// The value of a wanted document at a pointer.
    fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
        value.pointer(path)
    }

    proptest! {
        #[test]
        fn equal_properties_have_no_changes(value in any_properties()) {
            prop_assert_eq!(changes_of(QUEUE, &value, &value, &[]), []);
        }

        #[test]
        fn different_properties_have_changes_and_each_is_exact(before in any_properties(), after in any_properties()) {
            let changes = changes_of(QUEUE, &before, &after, &[]);
            prop_assert!(before == after || !changes.is_empty() || before["Tags"] != after["Tags"]);
            for change in &changes {
                if change.after.is_some() {
                    prop_assert_eq!(at(&after, &change.path), change.after.as_ref());
                } else {
                    prop_assert_eq!(at(&before, &change.path), change.before.as_ref());
                }
                prop_assert_ne!(&change.before, &change.after);
            }
        }

        #[test]
        fn what_is_ignored_is_never_a_change(before in any_properties(), after in any_properties()) {
            let patterns = ["/RedrivePolicy".to_owned(), "/**/Value".to_owned()];
            let ignored = Ignored::new(&patterns);
            for change in changes_of(QUEUE, &before, &after, &["/RedrivePolicy", "/**/Value"]) {
                prop_assert!(!ignored.covers(&change.path), "{}", change.path);
            }
        }

        #[test]
        fn sameness_agrees_with_the_changes(before in any_properties(), after in any_properties()) {
            struct Nothing;
            impl Scope for Nothing {
                fn attribute(&self, _: &str, _: &str) -> Option<std::borrow::Cow<'_, Value>> { None }
                fn fact(&self, _: &str) -> Option<std::borrow::Cow<'_, str>> { None }
            }
            prop_assert_eq!(same(&after, &before, &Nothing), before == after);
        }
    }
}
