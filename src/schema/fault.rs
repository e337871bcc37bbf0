//! One finding about a value.

use serde::Serialize;

/// One thing that is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer of the value at fault. For a missing field that of the map that lacks it; for an unknown field
    /// that of the field.
    pub pointer: String,
    /// What sort of fault it is.
    pub kind: FaultKind,
    /// What is wrong, as a fragment in lower case.
    pub message: String,
    /// What would be right, where that can be guessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// The sorts of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The map has no such field.
    UnknownField,
    /// A string where a number is wanted, and the like.
    WrongType,
    /// A required field is not there.
    Missing,
    /// Too large, too long, too many, repeated, or not one of the allowed values.
    Range,
    /// Text of the wrong form.
    Malformed,
    /// Fields that exclude or need each other, or a value that fits several forms at once.
    Combination,
    /// A reference form where none is allowed.
    Form,
    /// A field that only the service may set.
    ReadOnly,
}
