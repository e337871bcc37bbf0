//! What `lifecycle.ignoreChanges` leaves as the record has it.

use serde_json::{Map, Value};

use super::pointer::{Ignored, Pointer};
use crate::resource::{Form, Properties, holds_forms};

/// The wanted properties of an update, in which every ignored value stands as it is recorded: an update must not set it back. A value that
/// the record keeps only as a digest or a secret's identity cannot be given back, and stays as it is wanted.
pub(super) fn ignored_as_recorded(wanted: &Properties, recorded: &Properties, ignored: &Ignored<'_>) -> Properties {
    merge(&mut Pointer::default(), wanted, recorded, ignored)
}

fn merge(pointer: &mut Pointer, wanted: &Map<String, Value>, recorded: &Map<String, Value>, ignored: &Ignored<'_>) -> Map<String, Value> {
    let mut merged = Map::new();
    for (key, value) in wanted {
        let before = recorded.get(key);
        if let Some(value) = pointer.key(key, |pointer| value_of(pointer, Some(value), before, ignored)) {
            merged.insert(key.clone(), value);
        }
    }
    for (key, before) in recorded.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
        if let Some(value) = pointer.key(key, |pointer| value_of(pointer, None, Some(before), ignored)) {
            merged.insert(key.clone(), value);
        }
    }
    merged.sort_keys();
    merged
}

fn value_of(pointer: &mut Pointer, wanted: Option<&Value>, recorded: Option<&Value>, ignored: &Ignored<'_>) -> Option<Value> {
    if ignored.covers(pointer.as_str()) {
        return match recorded {
            Some(value) if holds_forms(value) => wanted.cloned(),
            other => other.cloned(),
        };
    }
    let (Some(wanted), Some(recorded)) = (wanted, recorded) else { return wanted.cloned() };
    if !ignored.reaches_below(pointer.as_str()) {
        return Some(wanted.clone());
    }
    Some(match (Form::of(wanted), recorded) {
        (Form::Plain(Value::Object(one)), Value::Object(other)) => Value::Object(merge(pointer, one, other, ignored)),
        (Form::Plain(Value::Array(one)), Value::Array(other)) if one.len() == other.len() => {
            let item = |(n, (one, other))| pointer.item(n, |pointer| value_of(pointer, Some(one), Some(other), ignored));
            Value::Array(one.iter().zip(other).enumerate().filter_map(item).collect())
        }
        _ => wanted.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(wanted: Value, recorded: Value, patterns: &[&str]) -> Value {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let (Value::Object(wanted), Value::Object(recorded)) = (wanted, recorded) else { panic!("maps") };
        Value::Object(ignored_as_recorded(&wanted, &recorded, &Ignored::new(&patterns)))
    }

    #[test]
    fn an_ignored_value_stands_as_it_is_recorded() {
        assert_eq!(kept(json!({"A": 1, "B": 1}), json!({"A": 2, "B": 2}), &["/A"]), json!({"A": 2, "B": 1}));
        assert_eq!(kept(json!({"B": 1}), json!({"A": 2}), &["/A"]), json!({"A": 2, "B": 1}));
        assert_eq!(kept(json!({"A": 1}), json!({}), &["/A"]), json!({}));
    }

    #[test]
    fn deeper_values_are_found() {
        let (wanted, recorded) = (json!({"T": [{"K": "a", "V": 1}], "U": 3}), json!({"T": [{"K": "a", "V": 2}], "U": 4}));
        assert_eq!(kept(wanted, recorded, &["/T/*/V"]), json!({"T": [{"K": "a", "V": 2}], "U": 3}));
    }

    #[test]
    fn a_digest_is_not_given_back() {
        assert_eq!(kept(json!({"P": "x"}), json!({"P": {"$sensitive": "d"}}), &["/P"]), json!({"P": "x"}));
    }
}
