//! Outputs of components, and the references to them.
//!
//! In: the outputs that kinds gave, as value forms that may hold `$output` themselves. Out: every `$output` in resources and stack outputs
//! replaced by what it stands for. Findings are P2003, P2004, P2009 and P2015.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::edge::{split_output, walk_outputs};
use super::field;
use super::kind::{Output, Shape};
use super::part::Part;
use super::schema;
use super::scope::Translation;
use super::stack::Stack;
use crate::diagnostic::codes::stack::{P2003, P2004, P2009, P2015};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::manifest::ComponentKind as _;
use crate::resource::{Form, Resource, join};

/// Bytes that the value of one output may take: more can only come of outputs that repeat each other.
const LARGEST: usize = 64 * 1024;

/// All outputs of a stack.
pub(super) struct Outputs<'s, 'm> {
    stack: &'s Stack<'m>,
    /// By part: name to value.
    values: Vec<BTreeMap<String, Value>>,
    /// Parts whose values are resolved.
    done: Vec<bool>,
    /// References that were reported where the YAML has them.
    reported: HashSet<(usize, String)>,
}

/// What a reference stands for.
struct Found<'a> {
    value: &'a Value,
    shape: Shape,
}

impl<'s, 'm> Outputs<'s, 'm> {
    /// Takes the outputs out of the translations.
    pub(super) fn new(stack: &'s Stack<'m>, translations: &mut [Translation]) -> Self {
        let values: Vec<_> = translations.iter_mut().map(|translation| std::mem::take(&mut translation.outputs)).collect();
        let done = vec![false; values.len()];
        Self { stack, values, done, reported: HashSet::new() }
    }

    /// Checks every reference in the specs, at its place.
    pub(super) fn check_specs(&mut self, findings: &mut Vec<Diagnostic>) {
        for (at, part) in self.stack.parts.iter().enumerate() {
            let mut found = Vec::new();
            walk_outputs(&part.component.spec, &mut String::new(), &mut |text, pointer| found.push((text.to_owned(), pointer.to_owned())));
            for (text, pointer) in found {
                let finding = match self.find(part, &text) {
                    None => continue,
                    Some(Err(finding)) => finding,
                    Some(Ok(found)) => {
                        let whole = part.component.spec.pointer(&pointer).is_some_and(|value| field::output_name(value).is_some());
                        let text_only = !whole || schema::takes_text_only(part.row.schema(), &pointer);
                        let Some(word) = wrong_shape(found.shape, text_only) else { continue };
                        Diagnostic::new(P2009, format!("output `{text}` is a {word}, and one string is wanted here")).help(shape_help(
                            found.shape,
                            &text,
                            found.value,
                        ))
                    }
                };
                findings.push(finding.at(part.place(&pointer)).about(format!("{}:{pointer}", part.id())));
                self.reported.insert((at, text));
            }
        }
    }

    /// Replaces references inside the outputs themselves. Components do not refer to each other in circles any more.
    pub(super) fn resolve_all(&mut self, findings: &mut Vec<Diagnostic>) {
        for at in 0..self.values.len() {
            self.resolve_part(at, findings);
        }
    }

    fn resolve_part(&mut self, at: usize, findings: &mut Vec<Diagnostic>) {
        if std::mem::replace(&mut self.done[at], true) || !self.values[at].values().any(mentions_output) {
            return;
        }
        let part = &self.stack.parts[at];
        let mut values = std::mem::take(&mut self.values[at]);
        for (name, value) in &mut values {
            walk_outputs(&value.clone(), &mut String::new(), &mut |text, _| {
                if let Some(provider) = self.stack.index.find(part.id(), split_output(text).0) {
                    self.resolve_part(provider, findings);
                }
            });
            self.replace(part, value, &mut |_| ());
            if size(value) > LARGEST {
                findings.push(part.finding(P2009, "", format!("output `{name}` of `{}` is larger than {LARGEST} bytes", part.id())));
                *value = Value::String(String::new());
            }
        }
        self.values[at] = values;
    }

    /// Replaces the references in a resource.
    pub(super) fn rewrite(&self, part: &Part<'_>, resource: &mut Resource, findings: &mut Vec<Diagnostic>) {
        let at = self.stack.index.find(part.id(), part.id().as_str()).unwrap_or(usize::MAX);
        let mut missing = Vec::new();
        for value in resource.properties.values_mut().filter(|value| value.is_object() || value.is_array()) {
            self.replace(part, value, &mut |text| missing.push(text.to_owned()));
        }
        for text in missing {
            let known = |finding: &Diagnostic| finding.is_error() && finding.subject.as_deref().is_some_and(|subject| about(subject, part));
            if self.reported.contains(&(at, text.clone())) || findings.iter().any(known) {
                continue;
            }
            if let Some(Err(finding)) = self.find(part, &text) {
                findings.push(finding.at(resource.source.clone()).about(&resource.address));
            }
        }
    }

    /// The values of all outputs: `service/component.name`, and `_stack.name` for those of the stack.
    pub(super) fn values(&self, findings: &mut Vec<Diagnostic>) -> BTreeMap<String, Value> {
        let mut all = BTreeMap::new();
        for (part, values) in self.stack.parts.iter().zip(&self.values) {
            all.extend(values.iter().map(|(name, value)| (format!("{}.{name}", part.id()), value.clone())));
        }
        for (name, output) in &self.stack.manifest.outputs {
            let mut value = output.value.clone();
            let mut missing = Vec::new();
            self.replace_from(None, &mut value, &mut |text| missing.push(text.to_owned()));
            for text in missing {
                findings.push(self.unresolved_stack_output(name, &text).at(output.source.clone()).about(format!("_stack.{name}")));
            }
            all.insert(format!("_stack.{name}"), value);
        }
        all
    }

    fn unresolved_stack_output(&self, name: &str, text: &str) -> Diagnostic {
        let (component, output) = split_output(text);
        let ids = || self.stack.manifest.components.iter().map(|component| component.id.as_str());
        let message = format!("output `{name}` of the stack refers to `{text}`, which is not there");
        match self.stack.parts.iter().find(|part| part.id().as_str() == component) {
            Some(part) => Diagnostic::new(P2015, message).maybe_help(did_you_mean(output, self.names(part))).help(self.offered(part)),
            None => Diagnostic::new(P2015, message).maybe_help(did_you_mean(component, ids())),
        }
    }

    /// Looks an output reference up. Nothing is found for a component that is not there: that was reported with the edges.
    fn find(&self, from: &Part<'_>, text: &str) -> Option<Result<Found<'_>, Diagnostic>> {
        let (component, output) = split_output(text);
        let at = self.stack.index.find(from.id(), component)?;
        Some(self.output(at, output).ok_or_else(|| self.unknown(at, output)))
    }

    fn output(&self, at: usize, text: &str) -> Option<Found<'_>> {
        let (name, key) = text.split_once('.').map_or((text, None), |(name, key)| (name, Some(key)));
        let facts = self.stack.parts[at].row.facts();
        let documented = documented(facts.outputs, name);
        let value = match documented {
            Some(output) => self.values[at].get(output.name),
            None => self.values[at].get(name).or_else(|| self.values[at].get(&camel(name))),
        }?;
        let shape = documented.map_or_else(|| shape_of(value), |output| output.shape);
        match (key, shape) {
            (None, shape) => Some(Found { value, shape }),
            (Some(key), Shape::Map) => Some(Found { value: value.get(key)?, shape: Shape::Text }),
            (Some(_), _) => None,
        }
    }

    fn names(&self, part: &Part<'_>) -> Vec<&str> {
        let at = self.stack.index.find(part.id(), part.id().as_str());
        at.map_or_else(Vec::new, |at| self.values[at].keys().map(String::as_str).collect())
    }

    fn offered(&self, part: &Part<'_>) -> String {
        format!("outputs of `{}` ({}) here: {}", part.id(), part.kind(), self.names(part).join(", "))
    }

    fn unknown(&self, at: usize, text: &str) -> Diagnostic {
        let part = &self.stack.parts[at];
        let (name, key) = text.split_once('.').map_or((text, None), |(name, key)| (name, Some(key)));
        if let Some(output) = documented(part.row.facts().outputs, name) {
            return match (self.values[at].get(output.name), key) {
                (Some(Value::Object(map)), Some(key)) => {
                    Diagnostic::new(P2003, format!("output `{name}` of `{}` has no key `{key}`", part.id()))
                        .maybe_help(did_you_mean(key, map.keys().map(String::as_str)))
                }
                (Some(_), Some(key)) => {
                    Diagnostic::new(P2003, format!("output `{name}` of `{}` has no parts, so `{key}` names nothing", part.id()))
                }
                _ => Diagnostic::new(P2004, format!("`{}` has no output `{name}` in this configuration: {}", part.id(), output.about))
                    .help(self.offered(part)),
            };
        }
        Diagnostic::new(P2003, format!("`{}` has no output `{name}`", part.id()))
            .maybe_help(did_you_mean(&camel(name), self.names(part)))
            .help(self.offered(part))
    }

    fn replace(&self, from: &Part<'_>, value: &mut Value, missing: &mut impl FnMut(&str)) {
        self.replace_from(Some(from), value, missing);
    }

    fn replace_from(&self, from: Option<&Part<'_>>, value: &mut Value, missing: &mut impl FnMut(&str)) {
        if let Some(text) = field::output_name(value) {
            match self.lookup(from, text) {
                Some(found) => *value = found.value.clone(),
                None => missing(text),
            }
            return;
        }
        match value {
            Value::Object(map) if map.len() == 1 && map.get("$join").is_some_and(Value::is_array) => {
                let Some(Value::Array(parts)) = map.get_mut("$join").map(Value::take) else { return };
                let lone = match &parts[..] {
                    [only] => field::output_name(only).and_then(|text| self.lookup(from, text)).map(|found| found.shape),
                    _ => None,
                };
                let parts: Vec<Value> = parts
                    .into_iter()
                    .map(|mut part| {
                        self.replace_from(from, &mut part, missing);
                        part
                    })
                    .collect();
                *value = match (lone, parts) {
                    // A text alone needs no join to be one.
                    (Some(Shape::Text | Shape::List | Shape::Map), mut parts) => parts.remove(0),
                    (_, parts) => join(parts),
                };
            }
            Value::Object(map) if !map.contains_key("$literal") => {
                map.values_mut()
                    .filter(|value| value.is_object() || value.is_array())
                    .for_each(|value| self.replace_from(from, value, missing));
            }
            Value::Array(items) => {
                items
                    .iter_mut()
                    .filter(|value| value.is_object() || value.is_array())
                    .for_each(|value| self.replace_from(from, value, missing));
            }
            _ => {}
        }
    }

    fn lookup(&self, from: Option<&Part<'_>>, text: &str) -> Option<Found<'_>> {
        let (component, output) = split_output(text);
        let at = match from {
            Some(part) => self.stack.index.find(part.id(), component),
            None => self.stack.parts.iter().position(|part| part.id().as_str() == component),
        }?;
        self.output(at, output)
    }
}

/// Whether the subject of a finding is a component or something of it.
fn about(subject: &str, part: &Part<'_>) -> bool {
    subject.strip_prefix(part.id().as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
}

/// The documented output that a name means, in camel or snake case.
fn documented(outputs: &'static [Output], name: &str) -> Option<&'static Output> {
    let find = |name: &str| outputs.iter().find(|output| output.name == name || output.aliases.contains(&name));
    find(name).or_else(|| if name.contains('_') { find(&camel(name)) } else { None })
}

/// `secret_arn` as `secretArn`.
fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut up = false;
    for c in name.chars() {
        match c {
            '_' => up = true,
            c if std::mem::take(&mut up) => out.push(c.to_ascii_uppercase()),
            c => out.push(c),
        }
    }
    out
}

/// The shape of an output that its kind does not document: those of the kind Resource.
fn shape_of(value: &Value) -> Shape {
    match Form::of(value) {
        Form::Plain(Value::Array(_)) => Shape::List,
        Form::Plain(Value::Object(_)) => Shape::Map,
        Form::Plain(Value::Number(_)) => Shape::Number,
        _ => Shape::Text,
    }
}

fn wrong_shape(shape: Shape, text_only: bool) -> Option<&'static str> {
    match shape {
        Shape::List if text_only => Some("list"),
        Shape::Map if text_only => Some("map"),
        _ => None,
    }
}

fn shape_help(shape: Shape, text: &str, value: &Value) -> String {
    match (shape, value) {
        (Shape::Map, Value::Object(map)) => match map.keys().next() {
            Some(key) => format!("name a key: `${{{text}.{key}}}`"),
            None => "it has no keys".to_owned(),
        },
        _ => "a list can only stand alone where a list is wanted, in `overrides` or in the properties of kind Resource".to_owned(),
    }
}

fn mentions_output(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.contains_key("$output") || map.values().any(mentions_output),
        Value::Array(items) => items.iter().any(mentions_output),
        _ => false,
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.values().map(size).sum(),
        _ => 8,
    }
}
