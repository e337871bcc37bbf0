//! The compiled form of one schema.

use indexmap::IndexMap;
use serde_json::Value;

use super::walk::Part;
use super::{Format, Pattern};

/// The whole value's node.
pub(super) const ROOT: NodeId = NodeId(0);

/// Which node of its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NodeId(pub(super) usize);

/// One schema. What is `None` or empty does not constrain.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The schema `false`.
    pub(super) never: bool,
    pub(super) types: Types,
    pub(super) target: Option<NodeId>,
    pub(super) choices: Option<Box<Choices>>,
    pub(super) number: Option<Box<NumberRules>>,
    pub(super) text: Option<Box<TextRules>>,
    pub(super) list: Option<Box<ListRules>>,
    pub(super) map: Option<Box<MapRules>>,
    pub(super) branches: Option<Box<Branches>>,
    /// Keywords that carry no rule here: those of callers (`x-…`) and what describes the value.
    pub(super) notes: Vec<(Box<str>, Value)>,
}

impl Node {
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let text = self.text.iter().filter_map(|text| text.pattern.as_ref());
        let keys = self.map.iter().flat_map(|map| map.patterns.iter().map(|(pattern, _)| pattern));
        text.chain(keys)
    }
}

/// The JSON types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Type {
    /// `null`
    Null = 1,
    /// `true`, `false`
    Boolean = 2,
    /// A number without a fraction
    Integer = 4,
    /// Any number
    Number = 8,
    /// Text
    String = 16,
    /// A list
    Array = 32,
    /// A map
    Object = 64,
}

impl Type {
    /// All types, the likelier ones of several first.
    pub const ALL: [Self; 7] = [Self::Object, Self::Array, Self::String, Self::Integer, Self::Number, Self::Boolean, Self::Null];

    /// Returns the type's name in JSON Schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// Returns the type in plain words, with its article.
    pub fn words(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "true or false",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "a list",
            Self::Object => "a map",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns the narrowest type of a value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

/// A set of JSON types. The empty set is that of a schema which names none, and so allows all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Types(u8);

impl Types {
    /// Adds a type.
    pub fn insert(&mut self, kind: Type) {
        self.0 |= kind as u8;
    }

    /// Returns the types of either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        if self.is_empty() || other.is_empty() { Self::default() } else { Self(self.0 | other.0) }
    }

    /// Returns the types of both sets. Sets without a common type give the first: no value fits such a schema, and what it asks for
    /// can still be said.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return Self(self.0 | other.0);
        }
        let integers = if self.allows(Type::Integer) && other.allows(Type::Integer) { Type::Integer as u8 } else { 0 };
        let both = self.0 & other.0;
        let both = if both & Type::Number as u8 == 0 { both | integers } else { both };
        if both == 0 { self } else { Self(both) }
    }

    /// Tells whether no type is named.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Tells whether the set names a type.
    pub fn contains(self, kind: Type) -> bool {
        self.0 & kind as u8 != 0
    }

    /// Tells whether a value may have this type.
    pub fn allows(self, kind: Type) -> bool {
        self.is_empty() || self.contains(kind) || (kind == Type::Integer && self.contains(Type::Number))
    }

    /// Returns the named types, the likelier ones first.
    pub fn iter(self) -> impl Iterator<Item = Type> {
        Type::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }

    /// Returns the set in plain words: `a string or a map`.
    pub fn words(self) -> String {
        // An optional value is spoken of as the value.
        let solid = Self(self.0 & !(Type::Null as u8));
        let shown = if solid.is_empty() { self } else { solid };
        let words: Vec<&str> =
            shown.iter().filter(|kind| !(*kind == Type::Integer && shown.contains(Type::Number))).map(Type::words).collect();
        match words.split_last() {
            None => "a value".to_owned(),
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
        }
    }
}

impl From<Type> for Types {
    fn from(kind: Type) -> Self {
        Self(kind as u8)
    }
}

/// The values that `enum` and `const` allow.
#[derive(Debug)]
pub(super) struct Choices {
    pub(super) values: Vec<Value>,
    /// Strings are compared without regard to case.
    pub(super) fold_case: bool,
}

impl Choices {
    pub(super) fn has(&self, part: Part<'_>) -> bool {
        self.values.iter().any(|choice| match (choice, part) {
            (Value::String(choice), Part::Value(Value::String(text))) if self.fold_case => choice.to_lowercase() == text.to_lowercase(),
            (choice, Part::Value(value)) => choice == value,
            (choice, Part::Map(map)) => choice.as_object() == Some(map),
        })
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.values.iter().filter_map(Value::as_str)
    }
}

#[derive(Debug, Default)]
pub(super) struct NumberRules {
    pub(super) minimum: Option<Bound>,
    pub(super) maximum: Option<Bound>,
    pub(super) multiple_of: Option<f64>,
}

/// An end of a range of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bound {
    pub(super) at: f64,
    /// The end itself is outside.
    pub(super) open: bool,
}

#[derive(Debug, Default)]
pub(super) struct TextRules {
    pub(super) min: Option<usize>,
    pub(super) max: Option<usize>,
    pub(super) pattern: Option<Pattern>,
    pub(super) format: Option<Box<str>>,
    pub(super) format_check: Option<Format>,
}

#[derive(Debug, Default)]
pub(super) struct ListRules {
    pub(super) first: Vec<NodeId>,
    pub(super) items: Option<NodeId>,
    pub(super) min: Option<usize>,
    pub(super) max: Option<usize>,
    pub(super) unique: bool,
    /// Each item is a map, and no two agree in all of these fields.
    pub(super) unique_keys: Vec<Box<str>>,
}

#[derive(Debug, Default)]
pub(super) struct MapRules {
    pub(super) properties: IndexMap<Box<str>, NodeId>,
    pub(super) patterns: Vec<(Pattern, NodeId)>,
    pub(super) others: Others,
    /// With `unevaluatedProperties: false`, the fields that the schemas joined to this one know.
    pub(super) joined: Option<Vec<Box<str>>>,
    pub(super) required: Vec<Box<str>>,
    /// Exactly one of these fields.
    pub(super) required_xor: Vec<Box<str>>,
    /// At least one of these fields.
    pub(super) required_or: Vec<Box<str>>,
    pub(super) needs: Vec<(Box<str>, Vec<Box<str>>)>,
    pub(super) needs_schema: Vec<(Box<str>, NodeId)>,
    pub(super) excludes: Vec<(Box<str>, Vec<Box<str>>)>,
    pub(super) names: Option<NodeId>,
    pub(super) min: Option<usize>,
    pub(super) max: Option<usize>,
}

/// What a map may hold besides the named fields.
#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Others {
    #[default]
    Allowed,
    Refused,
    Checked(NodeId),
}

#[derive(Debug, Default)]
pub(super) struct Branches {
    pub(super) all: Vec<NodeId>,
    pub(super) any: Vec<NodeId>,
    pub(super) one: Vec<NodeId>,
    pub(super) not: Option<NodeId>,
    pub(super) condition: Option<Condition>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Condition {
    pub(super) when: NodeId,
    pub(super) then: Option<NodeId>,
    pub(super) otherwise: Option<NodeId>,
}
