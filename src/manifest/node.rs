//! The tree of a YAML document: every key and every value knows where it was written, every scalar keeps its text.
//!
//! What type a scalar has is decided late, where the field is known: a field that takes text takes `1.10` as it was written.

use std::rc::Rc;

use indexmap::IndexMap;

use super::scalar::{Plain, plain};
use super::source::At;
use crate::diagnostic::Diagnostic;

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Where it was written.
    pub(super) at: At,
    /// What it is.
    pub(super) value: Value,
    /// The variable that it came from, if it did.
    pub(super) via: Option<Rc<Via>>,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Text, a number, a truth value or nothing.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of writing.
    Map(Map),
    /// Text with outputs of components inside, known after they are made; a single output is a form of one part.
    Form(Vec<Part>),
    /// A value that could not be substituted. It is a finding only if nothing replaces it.
    Broken(Rc<[Diagnostic]>),
}

/// The members of a map, by key.
pub(super) type Map = IndexMap<Rc<str>, Member>;

/// A member of a map.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Where the key was written.
    pub(super) key: At,
    /// Its value.
    pub(super) node: Node,
}

/// A scalar as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar {
    /// The text; of a plain scalar the source text.
    pub(super) text: Rc<str>,
    /// Written without quotes, so that it may be a number, a truth value or nothing.
    pub(super) plain: bool,
}

impl Scalar {
    /// A scalar that is text whatever it looks like.
    pub(super) fn quoted(text: impl Into<Rc<str>>) -> Self {
        Self { text: text.into(), plain: false }
    }

    /// What the scalar is by its own look.
    pub(super) fn natural(&self) -> Plain {
        if self.plain { plain(&self.text) } else { Plain::Text }
    }
}

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Plain text.
    Text(String),
    /// `service/component.output`.
    Output(String),
}

/// The variable that a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Via {
    /// Its name.
    pub(super) name: Rc<str>,
    /// Where it is set, if that is in a file.
    pub(super) at: Option<At>,
    /// What sets it: `--var`, `PANKA_VAR_X`, a file.
    pub(super) origin: Rc<str>,
}

impl Node {
    /// A value.
    pub(super) fn new(at: At, value: Value) -> Self {
        Self { at, value, via: None }
    }

    /// A scalar that is text.
    pub(super) fn text(at: At, text: impl Into<Rc<str>>) -> Self {
        Self::new(at, Value::Scalar(Scalar::quoted(text)))
    }

    /// An empty map.
    pub(super) fn empty(at: At) -> Self {
        Self::new(at, Value::Map(Map::new()))
    }

    /// Its members, if it is a map.
    pub(super) fn map(&self) -> Option<&Map> {
        if let Value::Map(map) = &self.value { Some(map) } else { None }
    }

    /// Its members, if it is a map.
    pub(super) fn map_mut(&mut self) -> Option<&mut Map> {
        if let Value::Map(map) = &mut self.value { Some(map) } else { None }
    }

    /// Its items, if it is a list.
    pub(super) fn list(&self) -> Option<&[Self]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    /// The scalar, if it is one.
    pub(super) fn scalar(&self) -> Option<&Scalar> {
        if let Value::Scalar(scalar) = &self.value { Some(scalar) } else { None }
    }

    /// Its text, if it is a scalar that is not null.
    pub(super) fn as_text(&self) -> Option<&Rc<str>> {
        self.scalar().filter(|scalar| scalar.natural() != Plain::Null).map(|scalar| &scalar.text)
    }

    /// Whether it is null.
    pub(super) fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.plain && scalar.natural() == Plain::Null)
    }

    /// The member of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.map()?.get(key).map(|member| &member.node)
    }

    /// The value at a dotted path of keys.
    pub(super) fn at_path(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// The word for what it is.
    pub(super) fn word(&self) -> &'static str {
        match &self.value {
            Value::Scalar(scalar) => match scalar.natural() {
                Plain::Null => "null",
                Plain::Bool(_) => "true or false",
                Plain::Number(_) => "a number",
                Plain::Text => "a string",
            },
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Form(_) | Value::Broken(_) => "a string",
        }
    }

    /// Whether two nodes say the same, wherever they stand. The order of keys says nothing, that of items does.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a), Value::Scalar(b)) => match (a.natural(), b.natural()) {
                (Plain::Text, Plain::Text) | (Plain::Number(_), Plain::Number(_)) => a.text == b.text,
                (a, b) => a == b,
            },
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| a.node.same(&b.node)))
            }
            (Value::Form(a), Value::Form(b)) => a == b,
            _ => false,
        }
    }

    /// Visits this node and all below it.
    pub(super) fn visit<'n>(&'n self, visit: &mut impl FnMut(&'n Self)) {
        visit(self);
        match &self.value {
            Value::List(items) => items.iter().for_each(|item| item.visit(visit)),
            Value::Map(map) => map.values().for_each(|member| member.node.visit(visit)),
            Value::Scalar(_) | Value::Form(_) | Value::Broken(_) => {}
        }
    }
}
