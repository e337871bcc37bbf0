//! Resource options, from the lifecycle and the edges.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::value::Writer;
use super::{names, nested};
use crate::catalog::catalog;
use crate::diagnostic::{escape, unescape};
use crate::plan::{Ignored, is_revisioned};
use crate::resource::{ReplaceOrder, Resource, Timeouts, TypeName};

impl Writer<'_> {
    /// The options of a resource whose values have just been written: an edge that one of its references implies is not repeated.
    pub(super) fn options(&self, resource: &Resource) -> Map<String, Value> {
        let life = &resource.lifecycle;
        let mut options = Map::new();
        let planned = self.source.planned;
        if let Some(identifier) = planned.and_then(|planned| planned.adopted.get(&resource.address)) {
            options.insert("import".into(), json!(identifier));
        }
        let waits: Vec<String> = resource
            .depends_on
            .iter()
            .filter(|need| !self.used.contains(*need) && self.resources.contains_key(need.as_str()))
            .map(|need| format!("${{{}}}", names::logical(need)))
            .collect();
        if !waits.is_empty() {
            options.insert("dependsOn".into(), json!(waits));
        }
        if life.protect {
            options.insert("protect".into(), json!(true));
        }
        // The provider deletes first unless it is told; and it leaves to the program which changes replace.
        if let Some(first) = self.deletes_first(resource) {
            options.insert("deleteBeforeReplace".into(), json!(first));
        }
        let fixed = self.fixed(resource);
        if !fixed.is_empty() {
            options.insert("replaceOnChanges".into(), json!(fixed));
        }
        let is_recorded = planned.is_some_and(|planned| !planned.orders.contains_key(&resource.address));
        let ignored = match resource.nested && is_recorded {
            // Its parameters have become values of the template.
            true => nested::RECORDED.map(str::to_owned).to_vec(),
            false => ignored(resource),
        };
        if !ignored.is_empty() {
            options.insert("ignoreChanges".into(), json!(ignored));
        }
        if life.retain_on_delete {
            options.insert("retainOnDelete".into(), json!(true));
        }
        if life.timeouts != Timeouts::default() {
            let Timeouts { create, update, delete } = life.timeouts;
            let seconds = |seconds: u64| format!("{seconds}s");
            options.insert(
                "customTimeouts".into(),
                json!({ "create": seconds(create), "update": seconds(update), "delete": seconds(delete) }),
            );
        }
        options
    }

    /// The order of a replacement; none where the state alone is known, which does not say. Pulumi gives no other name to a second instance: only
    /// a plan that replaces a resource does.
    fn deletes_first(&self, resource: &Resource) -> Option<bool> {
        let planned = self.source.planned.map(|planned| planned.orders.get(&resource.address));
        match planned {
            Some(Some(Some(order))) => Some(*order == ReplaceOrder::DeleteFirst),
            Some(None) => None,
            None | Some(Some(None)) => {
                let named = resource.naming.is_some() && !is_revisioned(&resource.type_name);
                // Whether the new one would be in the way of the old one is known only when there is a plan.
                let collides = catalog().get(&resource.type_name).is_some_and(|info| !info.collides_by().is_empty());
                Some(named || collides || resource.lifecycle.replace == ReplaceOrder::DeleteFirst)
            }
        }
    }

    /// What cannot be changed in place, as property paths: what the schema fixes at creation, and what the plan says besides.
    fn fixed(&self, resource: &Resource) -> BTreeSet<String> {
        if resource.nested {
            return BTreeSet::from([nested::FIXED.to_owned()]);
        }
        let replacing = self.source.planned.and_then(|planned| planned.replacing.get(&resource.address));
        let Some(info) = catalog().get(&resource.type_name) else { return BTreeSet::new() };
        if !info.has_update() {
            return BTreeSet::from(["*".to_owned()]);
        }
        let fixed = info.create_only().filter(|pointer| !info.is_read_only(pointer));
        let replacing = replacing.into_iter().flatten().map(String::as_str);
        fixed.chain(replacing).map(|pointer| path(&resource.type_name, pointer)).collect()
    }
}

/// A JSON pointer as a property path.
fn path(type_name: &TypeName, pointer: &str) -> String {
    let segments: Vec<String> = pointer.trim_start_matches('/').split('/').map(unescape).collect();
    names::path(&names::steps(type_name, segments.iter().map(String::as_str)))
}

/// Pointers that are never compared, as property paths. A pattern stands for what it covers of the properties that are there.
fn ignored(resource: &Resource) -> Vec<String> {
    let patterns = &resource.lifecycle.ignore_changes;
    let mut pointers: Vec<String> = patterns.iter().filter(|pattern| !pattern.contains('*')).cloned().collect();
    let globs: Vec<String> = patterns.iter().filter(|pattern| pattern.contains('*')).cloned().collect();
    let covered = Ignored::new(&globs);
    if !covered.is_empty() {
        for (name, value) in &resource.properties {
            gather(&covered, format!("/{}", escape(name)), value, &mut pointers);
        }
    }
    let mut paths: Vec<String> = pointers.iter().map(|pointer| path(&resource.type_name, pointer)).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// Collects the shortest pointers that are covered.
fn gather(covered: &Ignored<'_>, pointer: String, value: &Value, found: &mut Vec<String>) {
    if covered.covers(&pointer) {
        found.push(pointer);
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                gather(covered, format!("{pointer}/{}", escape(key)), inner, found);
            }
        }
        Value::Array(items) => {
            for (number, inner) in items.iter().enumerate() {
                gather(covered, format!("{pointer}/{number}"), inner, found);
            }
        }
        _ => {}
    }
}
