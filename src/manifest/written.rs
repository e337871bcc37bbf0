//! A tree as JSON, by its schema: each scalar gets the type that its field takes, and every value keeps its place.
//!
//! A field that takes strings gets the source text, so that `1.10` stays `1.10`; a field that takes numbers gets the number of a quoted
//! one. Keys stand in byte order. Output references become `{"$output": …}` or `{"$join": […]}`; what could not be substituted becomes a
//! form that fits everywhere, since its finding is on its way already.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value as Json, json};

use super::node::{Node, Part, Scalar, Value, Via};
use super::scalar::{Plain, number};
use super::source::{At, Sources};
use crate::diagnostic::codes::manifest::P1031;
use crate::diagnostic::{Diagnostic, Places, escape};
use crate::resource::Form;
use crate::schema::{FormVerdict, Forms, Place, Type};

const BROKEN: &str = "$broken";
const OUTPUT: &str = "$output";

/// The keyword of schema nodes that take output references.
const REFERENCE: &str = "x-panka-reference";

/// Where a value stands and where it came from.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// Its key, for members of maps.
    pub(super) key: Option<At>,
    /// The value.
    pub(super) value: At,
    /// The variable that it came from.
    pub(super) via: Option<Rc<Via>>,
}

/// A text in a field of format `path`.
#[derive(Debug, Clone)]
pub(super) struct PathText {
    /// Where it stands in the value.
    pub(super) pointer: String,
    /// The path as written.
    pub(super) text: Rc<str>,
    /// Where it was written.
    pub(super) at: At,
}

/// A tree as JSON.
#[derive(Debug)]
pub(super) struct Written {
    /// The value.
    pub(super) value: Json,
    /// A mark for each value, by JSON pointer.
    pub(super) marks: HashMap<String, Mark>,
    /// Paths of files that it names.
    pub(super) paths: Vec<PathText>,
    /// What could not be substituted, and maps that look like forms of panka's own.
    pub(super) findings: Vec<Diagnostic>,
}

impl Written {
    /// Writes a tree; `place` is what the schema says of it.
    pub(super) fn of(node: &Node, place: Option<Place<'_>>, sources: &Sources) -> Self {
        let mut writer = Writer { sources, marks: HashMap::new(), paths: Vec::new(), findings: Vec::new(), pointer: String::new() };
        let value = writer.write(node, None, place);
        Self { value, marks: writer.marks, paths: writer.paths, findings: writer.findings }
    }

    /// The places of all values.
    pub(super) fn places(&self, sources: &Sources) -> Places {
        self.marks.iter().map(|(pointer, mark)| (pointer.clone(), sources.span(mark.value))).collect()
    }

    /// The mark of the value at a pointer, or of its nearest known ancestor.
    pub(super) fn mark(&self, pointer: &str) -> Option<&Mark> {
        let mut pointer = pointer;
        loop {
            if let Some(mark) = self.marks.get(pointer) {
                return Some(mark);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }
}

struct Writer<'s> {
    sources: &'s Sources,
    marks: HashMap<String, Mark>,
    paths: Vec<PathText>,
    findings: Vec<Diagnostic>,
    pointer: String,
}

impl Writer<'_> {
    fn write(&mut self, node: &Node, key: Option<At>, place: Option<Place<'_>>) -> Json {
        self.marks.insert(self.pointer.clone(), Mark { key, value: node.at, via: node.via.clone() });
        match &node.value {
            Value::Scalar(scalar) => self.scalar(scalar, node.at, place),
            Value::List(items) => items
                .iter()
                .enumerate()
                .map(|(n, item)| self.below(&n.to_string(), |writer| writer.write(item, None, place.and_then(|place| place.item(n)))))
                .collect(),
            Value::Map(map) => {
                let mut members: Vec<_> = map.iter().collect();
                members.sort_by(|a, b| a.0.cmp(b.0));
                let mut out = Map::with_capacity(members.len());
                for (name, member) in members {
                    let inner = place.and_then(|place| place.field(name));
                    let value = self.below(&escape(name), |writer| writer.write(&member.node, Some(member.key), inner));
                    out.insert(name.to_string(), value);
                }
                self.literal(Json::Object(out), node)
            }
            Value::Form(parts) => form(parts),
            Value::Broken(findings) => {
                self.findings.extend(findings.iter().cloned());
                json!({ BROKEN: true })
            }
        }
    }

    fn below<T>(&mut self, step: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(step);
        let done = work(self);
        self.pointer.truncate(length);
        done
    }

    fn scalar(&mut self, scalar: &Scalar, at: At, place: Option<Place<'_>>) -> Json {
        if let Some(place) = place
            && place.formats().contains(&"path")
        {
            self.paths.push(PathText { pointer: self.pointer.clone(), text: Rc::clone(&scalar.text), at });
        }
        typed(scalar, place)
    }

    /// A map that only looks like one of panka's forms is marked as what it is.
    fn literal(&mut self, value: Json, node: &Node) -> Json {
        let single = |key: &str| value.as_object().is_some_and(|map| map.len() == 1 && map.contains_key(key));
        if !Form::is_form(&value) && !single(OUTPUT) && !single(BROKEN) {
            return value;
        }
        let mut holds_reference = false;
        node.visit(&mut |node| holds_reference |= matches!(node.value, Value::Form(_)));
        if holds_reference {
            let finding = Diagnostic::new(P1031, "a map with this key cannot hold output references").at(self.sources.span(node.at));
            self.findings.push(finding.help("keys that start with `$` have a meaning of panka's own in documents"));
        }
        json!({ "$literal": value })
    }
}

/// The type of a scalar in a field.
fn typed(scalar: &Scalar, place: Option<Place<'_>>) -> Json {
    let text = || Json::String(scalar.text.to_string());
    let natural = scalar.natural();
    let Some(types) = place.map(Place::types).filter(|types| !types.is_empty()) else { return json_of(natural, scalar) };
    let kind = match &natural {
        Plain::Null => Type::Null,
        Plain::Bool(_) => Type::Boolean,
        Plain::Number(number) if number.is_f64() => Type::Number,
        Plain::Number(_) => Type::Integer,
        Plain::Text => Type::String,
    };
    if types.allows(kind) {
        return json_of(natural, scalar);
    }
    match natural {
        Plain::Bool(_) | Plain::Number(_) if types.contains(Type::String) => text(),
        Plain::Text if types.allows(Type::Integer) => match number(&scalar.text) {
            Some(number) if !number.is_f64() || types.contains(Type::Number) => Json::Number(number),
            _ => text(),
        },
        natural => json_of(natural, scalar),
    }
}

fn json_of(natural: Plain, scalar: &Scalar) -> Json {
    match natural {
        Plain::Null => Json::Null,
        Plain::Bool(truth) => Json::Bool(truth),
        Plain::Number(number) => Json::Number(number),
        Plain::Text => Json::String(scalar.text.to_string()),
    }
}

fn form(parts: &[Part]) -> Json {
    let part = |part: &Part| match part {
        Part::Text(text) => Json::String(text.clone()),
        Part::Output(output) => json!({ OUTPUT: output }),
    };
    match parts {
        [one] => part(one),
        many => json!({ "$join": many.iter().map(part).collect::<Vec<_>>() }),
    }
}

/// Output references may stand where the schema says so.
pub(super) struct OutputForms;

impl Forms for OutputForms {
    fn verdict<'v>(&self, map: &'v Json, place: Place<'_>) -> FormVerdict<'v> {
        match map.as_object().and_then(|map| map.iter().next()) {
            Some((key, _)) if key == BROKEN => FormVerdict::Accept,
            Some((key, inner)) if key == "$literal" => FormVerdict::CheckInstead(inner),
            Some((key, _)) if key == OUTPUT || key == "$join" => {
                if place.note(REFERENCE) == Some(&Json::Bool(true)) {
                    FormVerdict::Accept
                } else {
                    FormVerdict::Reject("an output of a component cannot stand here".to_owned())
                }
            }
            _ => FormVerdict::NotAForm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::node;
    use super::*;
    use crate::schema::Schema;

    fn written(schema: &Json, text: &str) -> Json {
        let schema = Schema::compile(schema).unwrap();
        Written::of(&node(text), Some(schema.root()), &Sources::default()).value
    }

    fn field(kind: &Json, text: &str) -> Json {
        written(&json!({"properties": {"f": kind}}), &format!("f: {text}"))["f"].take()
    }

    #[test]
    fn a_field_of_strings_gets_the_text_as_written() {
        let text = json!({"type": "string"});
        for written in ["1.10", "012345678901", "123456789012", "true", "no", "0777", "1_000", "2026-11-23", "1e3", "0x1F"] {
            assert_eq!(field(&text, written), json!(written));
        }
    }

    #[test]
    fn a_field_of_numbers_gets_the_number_of_a_quoted_one() {
        assert_eq!(field(&json!({"type": "integer"}), "\"30\""), json!(30));
        assert_eq!(field(&json!({"type": "number"}), "'0.5'"), json!(0.5));
        assert_eq!(field(&json!({"type": "integer"}), "'0.5'"), json!("0.5"));
        assert_eq!(field(&json!({"type": "integer"}), "'thirty'"), json!("thirty"));
        assert_eq!(field(&json!({"type": "boolean"}), "'true'"), json!("true"));
    }

    #[test]
    fn a_field_of_several_types_gets_the_value_as_it_looks() {
        let either = json!({"type": ["integer", "string"]});
        assert_eq!(field(&either, "512"), json!(512));
        assert_eq!(field(&either, "'512'"), json!("512"));
        assert_eq!(field(&either, "512Mi"), json!("512Mi"));
        assert_eq!(field(&json!({"anyOf": [{"type": "string"}, {"type": "object"}]}), "5"), json!("5"));
    }

    #[test]
    fn a_field_without_a_schema_gets_the_value_as_it_looks() {
        assert_eq!(
            field(&json!({"type": "object"}), "{a: 5, b: '5', c: no, d: [true, ~]}"),
            json!({"a": 5, "b": "5", "c": "no", "d": [true, null]})
        );
    }

    #[test]
    fn keys_stand_in_byte_order() {
        assert_eq!(written(&json!({}), "{b: 1, a: 2, B: 3}").to_string(), r#"{"B":3,"a":2,"b":1}"#);
    }

    #[test]
    fn a_map_that_looks_like_a_form_is_marked_as_a_literal() {
        assert_eq!(written(&json!({}), "{$output: x}"), json!({"$literal": {"$output": "x"}}));
        assert_eq!(written(&json!({}), "p: {attribute: x, $ref: y}"), json!({"p": {"$literal": {"$ref": "y", "attribute": "x"}}}));
        assert_eq!(written(&json!({}), "{$ref: '#/x'}"), json!({"$ref": "#/x"}));
    }

    #[test]
    fn every_value_has_its_place() {
        let tree = node("a: {b~/: [1, 2]}");
        let written = Written::of(&tree, None, &Sources::default());
        assert_eq!(written.marks.len(), 5);
        assert_eq!(written.marks["/a/b~0~1/1"].value, tree.get("a").unwrap().get("b~/").unwrap().list().unwrap()[1].at);
        assert_eq!(written.mark("/a/b~0~1/9/x").unwrap().value, written.marks["/a/b~0~1"].value);
    }
}
