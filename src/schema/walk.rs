//! The walk of a value along its schema.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::node::{NodeId, ROOT, Type, Types};
use super::{Fault, FaultKind, FormVerdict, Forms, NoForms, Place, Schema, scalar};
use crate::diagnostic::escape;

/// Values nested deeper than this are a fault of their own: nothing that panka or AWS takes comes near.
const DEPTH: usize = 200;

/// How many signs of a string are quoted.
const QUOTED: usize = 40;

/// Returns all faults of `value`.
pub(super) fn check(schema: &Schema, value: &Value, forms: &dyn Forms) -> Vec<Fault> {
    let mut faults = Vec::new();
    Walk { schema, forms, path: Vec::new(), forms_met: 0, literally: false }.node(ROOT, value, &mut faults);
    without_repetition(faults)
}

/// Returns all faults of a map that is no reference form itself.
pub(super) fn check_map(schema: &Schema, map: &Map<String, Value>, forms: &dyn Forms) -> Vec<Fault> {
    let mut faults = Vec::new();
    Walk { schema, forms, path: Vec::new(), forms_met: 0, literally: false }.plain(ROOT, Part::Map(map), &mut faults);
    without_repetition(faults)
}

/// Returns all faults of a value that stands apart, such as the name of a field.
pub(super) fn check_part(schema: &Schema, id: NodeId, value: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    Walk { schema, forms: &NoForms, path: Vec::new(), forms_met: 0, literally: false }.node(id, value, &mut faults);
    faults
}

/// A rule may stand both at a property and at what it refers to.
fn without_repetition(faults: Vec<Fault>) -> Vec<Fault> {
    let mut once: Vec<Fault> = Vec::with_capacity(faults.len());
    for fault in faults {
        if !once.contains(&fault) {
            once.push(fault);
        }
    }
    once
}

/// One check under way.
pub(super) struct Walk<'a> {
    pub(super) schema: &'a Schema,
    forms: &'a dyn Forms,
    path: Vec<Step<'a>>,
    /// How many reference forms were met: what they will be is not known, so what depends on them is not judged.
    pub(super) forms_met: usize,
    /// Inside of a wrapper, where nothing is a reference form.
    literally: bool,
}

/// A value under check: the whole one may be given as a bare map.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Map(&'a Map<String, Value>),
    Value(&'a Value),
}

impl<'a> Part<'a> {
    pub(super) fn map(self) -> Option<&'a Map<String, Value>> {
        match self {
            Part::Map(map) => Some(map),
            Part::Value(value) => value.as_object(),
        }
    }

    pub(super) fn value(self) -> Option<&'a Value> {
        match self {
            Part::Map(_) => None,
            Part::Value(value) => Some(value),
        }
    }

    fn kind(self) -> Type {
        self.value().map_or(Type::Object, Type::of)
    }
}

/// One step into a value.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Field(&'a str),
    Item(usize),
}

impl<'a> Walk<'a> {
    /// Checks a value against one node.
    pub(super) fn node(&mut self, id: NodeId, value: &'a Value, out: &mut Vec<Fault>) {
        if let Value::Object(map) = value
            && !self.literally
            && map.keys().any(|key| key.starts_with('$'))
        {
            match self.forms.verdict(value, Place::new(self.schema, id)) {
                FormVerdict::NotAForm => {}
                FormVerdict::Accept => {
                    self.forms_met += 1;
                    return;
                }
                FormVerdict::Reject(why) => {
                    self.forms_met += 1;
                    out.push(self.fault(FaultKind::Form, why));
                    return;
                }
                FormVerdict::CheckInstead(inner) => {
                    self.literally = true;
                    self.plain(id, Part::Value(inner), out);
                    self.literally = false;
                    return;
                }
            }
        }
        self.plain(id, Part::Value(value), out);
    }

    /// Checks a value that is no reference form.
    pub(super) fn plain(&mut self, id: NodeId, part: Part<'a>, out: &mut Vec<Fault>) {
        let schema = self.schema;
        let node = schema.node(id);
        if node.never {
            out.push(self.fault(FaultKind::UnknownField, "nothing may stand here"));
            return;
        }
        if !node.types.allows(part.kind()) {
            out.push(self.wrong_type(node.types, part));
            return;
        }
        if let Some(choices) = &node.choices
            && !choices.has(part)
        {
            out.push(self.not_a_choice(choices, part));
            return;
        }
        match part.value() {
            Some(Value::String(text)) => {
                if let Some(rules) = &node.text {
                    self.text(rules, text, out);
                }
            }
            Some(Value::Number(number)) => {
                if let Some(rules) = &node.number {
                    self.number(rules, number, out);
                }
            }
            Some(Value::Array(items)) => {
                if let Some(rules) = &node.list {
                    self.list(rules, items, out);
                }
            }
            _ => {
                if let (Some(rules), Some(map)) = (&node.map, part.map()) {
                    self.map(rules, map, out);
                }
            }
        }
        if let Some(target) = node.target {
            self.plain(target, part, out);
        }
        if let Some(branches) = &node.branches {
            self.branches(branches, part, out);
        }
    }

    /// Checks a part of the value.
    pub(super) fn below(&mut self, step: Step<'a>, id: NodeId, value: &'a Value, out: &mut Vec<Fault>) {
        self.path.push(step);
        if self.path.len() > DEPTH {
            out.push(self.fault(FaultKind::Range, format!("nested more than {DEPTH} levels deep")));
        } else {
            self.node(id, value, out);
        }
        self.path.pop();
    }

    /// Returns a fault of the value at hand.
    pub(super) fn fault(&self, kind: FaultKind, message: impl Into<String>) -> Fault {
        Fault { pointer: self.pointer(), kind, message: message.into(), help: None }
    }

    /// Returns a fault of a field of the map at hand.
    pub(super) fn fault_at(&mut self, step: Step<'a>, kind: FaultKind, message: impl Into<String>) -> Fault {
        self.path.push(step);
        let fault = self.fault(kind, message);
        self.path.pop();
        fault
    }

    pub(super) fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Field(name) if name.contains(['~', '/']) => {
                    pointer.push_str(&escape(name));
                }
                Step::Field(name) => pointer.push_str(name),
                Step::Item(number) => {
                    write!(pointer, "{number}").expect("writing to a string cannot fail");
                }
            }
        }
        pointer
    }

    pub(super) fn depth(&self) -> usize {
        self.path.len()
    }

    /// Returns the fault of a value that has none of the wanted types.
    pub(super) fn wrong_type(&self, wanted: Types, part: Part<'_>) -> Fault {
        let mut fault = self.fault(FaultKind::WrongType, format!("expected {}, found {}", wanted.words(), self.found(part)));
        fault.help = part.value().and_then(|value| scalar::type_help(wanted, value));
        fault
    }

    /// Describes a value in a few words. The text of what may be a secret is not repeated.
    pub(super) fn found(&self, part: Part<'_>) -> String {
        let Part::Value(value) = part else { return "a map".to_owned() };
        match value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(truth) => truth.to_string(),
            Value::Number(number) => format!("the number {number}"),
            Value::String(_) if self.is_secret() => "a string".to_owned(),
            Value::String(text) if text.is_empty() => "the empty string".to_owned(),
            Value::String(text) => format!("the string {}", quote(text)),
            Value::Array(items) if items.is_empty() => "an empty list".to_owned(),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(map) => match map.keys().next() {
                None => "an empty map".to_owned(),
                Some(key) => format!("a map with the key {}", quote(key)),
            },
        }
    }

    /// Whether the nearest field has a name under which secrets are kept.
    pub(super) fn is_secret(&self) -> bool {
        let name = self.path.iter().rev().find_map(|step| match step {
            Step::Field(name) => Some(name.to_ascii_lowercase()),
            Step::Item(_) => None,
        });
        name.is_some_and(|name| ["password", "secret", "token", "privatekey"].iter().any(|word| name.contains(word)))
    }
}

/// Quotes a text, its middle left out if it is long.
pub(super) fn quote(text: &str) -> String {
    if text.chars().count() <= QUOTED {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(QUOTED).collect();
    format!("{start:?}…")
}
