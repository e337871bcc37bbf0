//! Reference forms: maps such as `{"$ref": …}` that stand for a value which is not known yet.

use serde_json::Value;

use super::Place;

/// Decides which maps are reference forms and where they may stand.
pub trait Forms {
    /// Returns the verdict on a map that has a key beginning with `$`, found where the schema has `place`.
    fn verdict<'v>(&self, map: &'v Value, place: Place<'_>) -> FormVerdict<'v>;
}

/// What a map with a `$` key is.
#[derive(Debug, Clone, PartialEq)]
pub enum FormVerdict<'v> {
    /// An ordinary map: the schema decides.
    NotAForm,
    /// A reference form that may stand here; nothing below it is checked.
    Accept,
    /// A reference form that may not stand here, and why.
    Reject(String),
    /// A wrapper: the schema checks this value in its place, and nothing inside it is a reference form.
    CheckInstead(&'v Value),
}

/// No map is a reference form.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoForms;

impl Forms for NoForms {
    fn verdict<'v>(&self, _: &'v Value, _: Place<'_>) -> FormVerdict<'v> {
        FormVerdict::NotAForm
    }
}
