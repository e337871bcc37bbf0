//! What a call changes of the properties of a simulated resource.

use serde_json::{Map, Value};

use crate::catalog::{Replacement, TypeInfo};
use crate::diagnostic::escape;
use crate::resource::Properties;

/// The properties without those that are never read back: the account does not keep them.
pub(super) fn visible(info: &TypeInfo, properties: &Properties) -> Properties {
    fn pruned(info: &TypeInfo, pointer: &str, value: &Value) -> Option<Value> {
        if info.is_write_only(pointer) {
            return None;
        }
        Some(match value {
            Value::Object(map) => Value::Object(keep(info, pointer, map)),
            Value::Array(items) => {
                let inner = format!("{pointer}/*");
                Value::Array(items.iter().filter_map(|item| pruned(info, &inner, item)).collect())
            }
            scalar => scalar.clone(),
        })
    }
    fn keep(info: &TypeInfo, pointer: &str, map: &Map<String, Value>) -> Map<String, Value> {
        let kept = map.iter().filter_map(|(key, value)| Some((key.clone(), pruned(info, &format!("{pointer}/{}", escape(key)), value)?)));
        kept.collect()
    }
    if info.write_only().next().is_none() { properties.clone() } else { keep(info, "", properties) }
}

/// The properties after an update: what is no longer wanted goes, what nobody asked for stays.
pub(super) fn updated(live: &Properties, before: &Properties, wanted: &Properties) -> Properties {
    let mut after = live.clone();
    after.retain(|name, _| !before.contains_key(name) || wanted.contains_key(name));
    for (name, value) in wanted {
        after.insert(name.clone(), value.clone());
    }
    after
}

/// A pointer at which the two differ although only a new resource can change it.
pub(super) fn needs_replacement(info: &TypeInfo, before: &Properties, after: &Properties) -> Option<String> {
    fn within(info: &TypeInfo, pointer: &mut String, before: Option<&Value>, after: Option<&Value>) -> Option<String> {
        if before == after || same_name(info, pointer, before, after) {
            return None;
        }
        let length = pointer.len();
        match (before, after) {
            (Some(Value::Object(before)), Some(Value::Object(after))) => {
                before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))).find_map(|key| {
                    pointer.push('/');
                    pointer.push_str(&escape(key));
                    let found = within(info, pointer, before.get(key), after.get(key));
                    pointer.truncate(length);
                    found
                })
            }
            _ => (info.replacement(pointer, before, after).replacement == Replacement::Yes).then(|| pointer.clone()),
        }
    }
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    names.into_iter().find_map(|name| within(info, &mut format!("/{}", escape(name)), before.get(name), after.get(name)))
}

/// Tells whether two values are spellings of one name.
fn same_name(info: &TypeInfo, pointer: &str, before: Option<&Value>, after: Option<&Value>) -> bool {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_lowercase);
    info.is_caseless(pointer) && text(before).is_some_and(|before| Some(before) == text(after))
}
