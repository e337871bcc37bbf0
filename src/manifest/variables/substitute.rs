//! Values into a tree: each reference in a scalar gives way to what it stands for.

use std::ops::Range;
use std::rc::Rc;

use super::super::node::{Map, Member, Node, Part, Scalar, Value, Via};
use super::super::reference::{Piece, is_component, is_output, pieces};
use super::super::source::{At, Sources};
use super::{Lookup, Scope};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::manifest::{P1017, P1031};

/// The place of a part of a scalar's text, as far as it was written plainly.
pub(super) fn inside(sources: &Sources, at: At, scalar: &Scalar, range: &Range<usize>) -> At {
    let written = sources.text(at);
    let text = &*scalar.text;
    if written == text {
        at.part(range.start, range.end)
    } else if written.len() == text.len() + 2 && written.get(1..written.len() - 1) == Some(text) {
        at.part(range.start + 1, range.end + 1)
    } else {
        at
    }
}

impl Scope<'_> {
    /// Puts values into a tree.
    pub(in crate::manifest) fn substitute(&self, node: &mut Node) {
        match &mut node.value {
            Value::Scalar(scalar) if scalar.text.contains('$') => {
                let (value, via) = self.scalar(scalar, node.at);
                node.value = value;
                node.via = via;
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.substitute(item)),
            Value::Map(map) => {
                map.values_mut().for_each(|member| self.substitute(&mut member.node));
                if let Some(value) = self.value_from(map) {
                    node.value = value;
                }
            }
            Value::Scalar(_) | Value::Form(_) | Value::Broken(_) => {}
        }
    }

    fn scalar(&self, scalar: &Scalar, at: At) -> (Value, Option<Rc<Via>>) {
        let place = |range: &Range<usize>| self.sources.span(inside(self.sources, at, scalar, range));
        let pieces = match pieces(&scalar.text) {
            Ok(pieces) => pieces,
            Err(bad) => return (broken(vec![Diagnostic::new(P1031, bad.message).at(place(&bad.range)).help(bad.help)]), None),
        };
        let single = pieces.len() == 1;
        let mut parts: Vec<Part> = Vec::new();
        let mut findings = Vec::new();
        let mut first: Option<Rc<Via>> = None;
        let literal = |parts: &mut Vec<Part>, text: &str| match parts.last_mut() {
            Some(Part::Text(before)) => before.push_str(text),
            _ => parts.push(Part::Text(text.to_owned())),
        };
        for piece in pieces {
            match piece {
                Piece::Text(text) => literal(&mut parts, &text),
                Piece::Variable { name, default, range } => match (self.lookup(&name), default) {
                    (Lookup::Broken(broken), _) => findings.extend(broken.iter().cloned()),
                    (Lookup::Value(value, via), default) if default.is_none() || !value.text.is_empty() => {
                        if let Err(finding) = self.ledger.spend(value.text.len()) {
                            return (broken(vec![finding.at(place(&range))]), None);
                        }
                        if single {
                            return (Value::Scalar(value), via);
                        }
                        literal(&mut parts, &value.text);
                        first = first.or(via);
                    }
                    (_, Some(default)) if single => {
                        return (Value::Scalar(Scalar { plain: !default.is_empty(), text: default.into() }), None);
                    }
                    (_, Some(default)) => literal(&mut parts, &default),
                    (_, None) => findings.push(self.unresolved(&name).at(place(&range))),
                },
                Piece::Output { component, output, range } => match self.full(&component) {
                    Some(component) => parts.push(Part::Output(format!("{component}.{output}"))),
                    None => findings.push(no_service(&component, &output).at(place(&range))),
                },
            }
        }
        if !findings.is_empty() {
            return (broken(findings), None);
        }
        match &parts[..] {
            [] => (Value::Scalar(Scalar { text: "".into(), plain: false }), first),
            [Part::Text(text)] => (Value::Scalar(Scalar { text: text.as_str().into(), plain: scalar.plain && single }), first),
            _ => (Value::Form(parts), None),
        }
    }

    /// The full id of a component as written.
    fn full(&self, component: &str) -> Option<String> {
        if component.contains('/') { Some(component.to_owned()) } else { Some(format!("{}/{component}", self.service?)) }
    }

    /// Reads `valueFrom: {component, output}`: alone it stands for the value, beside a `name` it is the `value`.
    fn value_from(&self, map: &mut Map) -> Option<Value> {
        let member = map.get("valueFrom")?;
        let inner = member.node.map()?;
        if inner.is_empty() || !inner.keys().all(|key| ["component", "output"].contains(&&**key)) {
            return None;
        }
        let text = |key: &str| inner.get(key).and_then(|member| member.node.as_text());
        let at = member.node.at;
        let fail = |code, message: String, help: &str| broken(vec![Diagnostic::new(code, message).at(self.sources.span(at)).help(help)]);
        let value = match (text("component"), text("output")) {
            (Some(component), Some(output)) if is_component(component) && is_output(output) => match self.full(component) {
                Some(component) => Value::Form(vec![Part::Output(format!("{component}.{output}"))]),
                None => broken(vec![no_service(component, output).at(self.sources.span(at))]),
            },
            (Some(component), Some(output)) => {
                let wrong = if is_component(component) { output } else { component };
                fail(P1031, format!("`{wrong}` is not a name"), "write `valueFrom: {component: service/component, output: name}`")
            }
            _ => fail(
                P1031,
                "`valueFrom` names a component and an output".to_owned(),
                "write `valueFrom: {component: service/component, output: name}`",
            ),
        };
        if map.len() == 1 {
            return Some(value);
        }
        let key = member.key;
        let node = if map.contains_key("value") {
            Node::new(at, fail(P1017, "`value` and `valueFrom` exclude each other".to_owned(), "remove one of the two"))
        } else {
            Node::new(at, value)
        };
        map.shift_remove("valueFrom");
        map.insert("value".into(), Member { key, node });
        None
    }
}

fn no_service(component: &str, output: &str) -> Diagnostic {
    Diagnostic::new(P1031, format!("the reference to `{component}` does not say of which service"))
        .help(format!("write `${{service/{component}.{output}}}`"))
}

fn broken(findings: Vec<Diagnostic>) -> Value {
    Value::Broken(findings.into())
}
