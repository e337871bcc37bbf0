//! Laying one tree over another: overlays over components, components over defaults.
//!
//! Maps merge deeply, lists of maps merge by `name` (or `id`), `null` deletes a key, everything else replaces. What comes from the upper
//! tree keeps its place.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::node::{Map, Member, Node, Value};
use super::scalar::Plain;
use super::source::{At, Sources};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::manifest::{P1052, P1053};

/// Deletes an item of a list that is merged by name.
pub(super) const DELETE: &str = "$delete";

/// What a merge found.
#[derive(Debug, Default)]
pub(super) struct Clashes {
    /// The lower value stays where the types differ, so that one finding does not lead to others.
    keep: bool,
    /// Values of differing types: the upper one, the lower one.
    types: Vec<(At, &'static str, At, &'static str)>,
    /// `$delete` of an item that is not there: its place and name.
    absent: Vec<(At, Rc<str>)>,
}

impl Clashes {
    /// For overlays, in which values of another type are mistakes.
    pub(super) fn of_overlay() -> Self {
        Self { keep: true, ..Self::default() }
    }

    /// The clashes as findings about an overlay.
    pub(super) fn findings(self, sources: &Sources) -> impl Iterator<Item = Diagnostic> {
        let types = self.types.into_iter().map(|(upper, upper_word, lower, lower_word)| {
            Diagnostic::new(P1052, format!("the overlay has {upper_word} where the component has {lower_word}"))
                .at(sources.span(upper))
                .label(sources.span(lower), "overlaid here")
                .help("delete the value with `null` in an overlay, or change the component")
        });
        let absent = self
            .absent
            .into_iter()
            .map(|(at, name)| Diagnostic::new(P1053, format!("the list has no item `{name}` to delete")).at(sources.span(at)));
        types.chain(absent)
    }
}

/// Lays `upper` over `lower`.
pub(super) fn merge(lower: &mut Node, upper: &Node, clashes: &mut Clashes) {
    match (&mut lower.value, &upper.value) {
        (Value::Map(lower), Value::Map(upper)) => merge_maps(lower, upper, clashes),
        (Value::List(items), Value::List(over)) => {
            if let Some(key) = identity(items, over) {
                merge_lists(items, over, key, clashes);
            } else {
                *lower = upper.clone();
            }
        }
        _ => {
            let known = !lower.is_null() && ![&lower.value, &upper.value].iter().any(|value| matches!(value, Value::Broken(_)));
            if known && shape(&lower.value) != shape(&upper.value) {
                clashes.types.push((upper.at, upper.word(), lower.at, lower.word()));
                if clashes.keep {
                    return;
                }
            }
            *lower = upper.clone();
        }
    }
}

fn merge_maps(lower: &mut Map, upper: &Map, clashes: &mut Clashes) {
    for (key, member) in upper {
        if member.node.is_null() {
            lower.shift_remove(key);
            continue;
        }
        match lower.get_mut(key) {
            Some(below) => {
                let replaced = below.node.map().is_none();
                merge(&mut below.node, &member.node, clashes);
                if replaced {
                    below.key = member.key;
                }
            }
            None => {
                lower.insert(Rc::clone(key), member.clone());
            }
        }
    }
}

fn merge_lists(items: &mut Vec<Node>, over: &[Node], key: &str, clashes: &mut Clashes) {
    let mut places: HashMap<Rc<str>, usize> =
        items.iter().enumerate().filter_map(|(place, item)| Some((Rc::clone(item.get(key)?.as_text()?), place))).collect();
    let mut deleted = Vec::new();
    for item in over {
        let Some(name) = item.get(key).and_then(Node::as_text) else { continue };
        match (places.get(name).copied(), deletes(item)) {
            (Some(place), true) => deleted.push(place),
            (None, true) => clashes.absent.push((item.at, Rc::clone(name))),
            (Some(place), false) => merge(&mut items[place], item, clashes),
            (None, false) => {
                places.insert(Rc::clone(name), items.len());
                items.push(item.clone());
            }
        }
    }
    deleted.sort_unstable();
    for place in deleted.into_iter().rev() {
        items.remove(place);
    }
}

fn deletes(item: &Node) -> bool {
    item.get(DELETE).and_then(Node::scalar).is_some_and(|scalar| scalar.natural() == Plain::Bool(true))
}

/// The field by which two lists are merged: all items of both are maps that have it, and no name stands twice.
fn identity(lower: &[Node], upper: &[Node]) -> Option<&'static str> {
    ["name", "id"].into_iter().find(|key| has_names(lower, key) && has_names(upper, key) && !(lower.is_empty() && upper.is_empty()))
}

fn has_names(items: &[Node], key: &str) -> bool {
    let mut seen = HashSet::with_capacity(items.len());
    items.iter().all(|item| item.get(key).and_then(Node::as_text).is_some_and(|name| seen.insert(name)))
}

#[derive(PartialEq, Eq)]
enum Shape {
    Map,
    List,
    Scalar,
}

fn shape(value: &Value) -> Shape {
    match value {
        Value::Map(_) => Shape::Map,
        Value::List(_) => Shape::List,
        Value::Scalar(_) | Value::Form(_) | Value::Broken(_) => Shape::Scalar,
    }
}

/// Removes the keys that are null at any depth of maps.
pub(super) fn strip(node: &mut Node) {
    match &mut node.value {
        Value::Map(map) => {
            map.retain(|_, Member { node, .. }| !node.is_null());
            map.values_mut().for_each(|member| strip(&mut member.node));
        }
        Value::List(items) => items.iter_mut().for_each(strip),
        Value::Scalar(_) | Value::Form(_) | Value::Broken(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{json, node};
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn merged(lower: &str, upper: &str) -> serde_json::Value {
        let (mut lower, upper) = (node(lower), node(upper));
        merge(&mut lower, &upper, &mut Clashes::default());
        strip(&mut lower);
        json(&lower)
    }

    #[test]
    fn maps_merge_deeply_and_the_overlay_wins() {
        assert_eq!(merged("{a: {x: 1, y: 2}, b: 3}", "{a: {y: 5, z: 6}}"), json!({"a": {"x": 1, "y": 5, "z": 6}, "b": 3}));
    }

    #[test]
    fn null_deletes_a_key() {
        assert_eq!(merged("{a: {x: 1, y: 2}, b: 3}", "{a: {x: null}, b: ~, c:}"), json!({"a": {"y": 2}}));
    }

    #[test]
    fn lists_of_named_maps_merge_by_name() {
        let lower = "[{name: a, v: 1}, {name: b, v: 2}, {name: c, v: 3}]";
        assert_eq!(
            merged(lower, "[{name: d, v: 4}, {name: b, v: 5}, {name: a, $delete: true}]"),
            json!([{"name": "b", "v": 5}, {"name": "c", "v": 3}, {"name": "d", "v": 4}])
        );
        assert_eq!(merged("[{id: a, v: 1}]", "[{id: a, w: 2}]"), json!([{"id": "a", "v": 1, "w": 2}]));
    }

    #[test]
    fn other_lists_and_scalars_are_replaced() {
        assert_eq!(merged("[1, 2]", "[3]"), json!([3]));
        assert_eq!(merged("[{name: a}, {id: b}]", "[{name: a, v: 1}]"), json!([{"name": "a", "v": 1}]));
        assert_eq!(merged("{a: 1}", "{a: text}"), json!({"a": "text"}));
    }

    #[test]
    fn a_name_that_stands_twice_makes_a_list_like_any_other() {
        assert_eq!(merged("[{name: a, v: 1}, {name: a, v: 2}]", "[{name: a, w: 3}]"), json!([{"name": "a", "w": 3}]));
    }

    #[test]
    fn differing_types_and_absent_items_are_told() {
        let (mut lower, upper) = (node("{a: {x: 1}, l: [{name: n}]}"), node("{a: 5, l: [{name: m, $delete: true}]}"));
        let mut clashes = Clashes::default();
        merge(&mut lower, &upper, &mut clashes);
        assert_eq!((clashes.types.len(), clashes.absent.len()), (1, 1));
    }

    #[test]
    fn values_keep_the_place_where_they_were_written() {
        let (mut lower, upper) = (node("{a: {x: 1}}"), node("{a: {longer: 1}}"));
        merge(&mut lower, &upper, &mut Clashes::default());
        let members = lower.get("a").unwrap().map().unwrap();
        assert_eq!(members["x"].node.at, node("{a: {x: 1}}").at_path("a.x").unwrap().at);
        assert_eq!(members["longer"].key, upper.get("a").unwrap().map().unwrap()["longer"].key);
    }

    fn any_yaml() -> impl Strategy<Value = serde_json::Value> {
        let leaf =
            prop_oneof![any::<bool>().prop_map(|b| json!(b)), any::<i32>().prop_map(|n| json!(n)), "[a-z]{0,3}".prop_map(|s| json!(s))];
        leaf.prop_recursive(4, 32, 5, |inner| {
            let key = prop_oneof![Just("name".to_owned()), Just("id".to_owned()), "[a-c]"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
                prop::collection::btree_map(key, inner, 0..5).prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_overlay_equal_to_its_base_changes_nothing(value in any_yaml()) {
            let base = node(&value.to_string());
            let mut result = base.clone();
            let mut clashes = Clashes::default();
            merge(&mut result, &base, &mut clashes);
            prop_assert!(result.same(&base));
            prop_assert!(clashes.types.is_empty() && clashes.absent.is_empty());
        }

        #[test]
        fn what_the_overlay_sets_is_in_the_result(lower in any_yaml(), upper in any_yaml()) {
            let (mut result, over) = (node(&lower.to_string()), node(&upper.to_string()));
            merge(&mut result, &over, &mut Clashes::default());
            let before = result.clone();
            merge(&mut result, &over, &mut Clashes::default());
            prop_assert!(result.same(&before), "merging twice differs from merging once");
        }
    }
}
