//! Facts about types, each as AWS documents it.

#![expect(clippy::needless_pass_by_value, reason = "cases read best with their values in place")]

mod attributes;
mod checks;
mod operations;
mod replacements;
mod value_forms;
mod whole;

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
