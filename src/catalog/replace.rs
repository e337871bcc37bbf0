//! Which changes need a new resource.

use std::fmt;

use serde_json::Value;

use super::TypeInfo;
use super::path::{Relation, ValuePath, values};

/// Whether a change needs a new resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Replacement {
    /// It is made in place.
    No,
    /// The service decides when it sees the change.
    May,
    /// It does.
    Yes,
}

/// The rule of the schema that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReplacementRule {
    /// The property is fixed at creation.
    CreateOnly,
    /// The property is fixed under conditions.
    ConditionalCreateOnly,
    /// Nothing of the type can be changed.
    NoUpdateHandler,
    /// AWS's documentation says that it needs a new resource.
    Documented,
    /// It is left out of the update; AWS, which never shows it, may keep the value that it has.
    WriteOnlyRemoved,
}

impl ReplacementRule {
    /// Returns the rule's name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateOnly => "create-only",
            Self::ConditionalCreateOnly => "conditional create-only",
            Self::NoUpdateHandler => "no update handler",
            Self::Documented => "documented replacement",
            Self::WriteOnlyRemoved => "write-only removed",
        }
    }
}

impl fmt::Display for ReplacementRule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A verdict on one change, with the rule that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether a new resource is needed.
    pub replacement: Replacement,
    /// The rule; `None` if the change is made in place.
    pub rule: Option<ReplacementRule>,
}

impl Verdict {
    const IN_PLACE: Self = Self { replacement: Replacement::No, rule: None };

    fn by(replacement: Replacement, rule: ReplacementRule) -> Self {
        Self { replacement, rule: Some(rule) }
    }
}

impl TypeInfo {
    /// Returns the verdict on a change of what the pointer names from `before` to `after`; `None` is "not there".
    ///
    /// A change of a whole map or list counts as a change of a rule's path inside of it only if what stands there
    /// differs.
    pub fn replacement(&self, pointer: &str, before: Option<&Value>, after: Option<&Value>) -> Verdict {
        let touched = |paths: &[ValuePath]| paths.iter().any(|path| touches(path, pointer, before, after));
        if touched(&self.create_only) {
            return Verdict::by(Replacement::Yes, ReplacementRule::CreateOnly);
        }
        if !self.has_update() {
            return Verdict::by(Replacement::Yes, ReplacementRule::NoUpdateHandler);
        }
        if self.has_handlers() && self.write_only.iter().any(|path| takes_away(path, pointer, before, after)) {
            return Verdict::by(Replacement::No, ReplacementRule::WriteOnlyRemoved);
        }
        let other = before.is_some() && after.is_some();
        if touched(&self.rules.replace) || other && touched(&self.rules.replace_if_changed) {
            return Verdict::by(Replacement::Yes, ReplacementRule::Documented);
        }
        if touched(&self.rules.update) {
            return Verdict::IN_PLACE;
        }
        if touched(&self.conditional_create_only) {
            return Verdict::by(Replacement::May, ReplacementRule::ConditionalCreateOnly);
        }
        Verdict::IN_PLACE
    }
}

fn touches(path: &ValuePath, pointer: &str, before: Option<&Value>, after: Option<&Value>) -> bool {
    match path.relation(pointer) {
        Relation::Apart => false,
        Relation::Within => true,
        Relation::Above(rest) => {
            let (before, after) = (inside(before, rest), inside(after, rest));
            before.len() != after.len() || before.iter().any(|value| !after.contains(value))
        }
    }
}

fn takes_away(path: &ValuePath, pointer: &str, before: Option<&Value>, after: Option<&Value>) -> bool {
    match path.relation(pointer) {
        Relation::Apart => false,
        // Below a write-only path the value that holds it is sent whole: only its own end is a removal.
        Relation::Within => after.is_none() && path.is_at(pointer),
        Relation::Above(rest) => inside(after, rest).len() < inside(before, rest).len(),
    }
}

fn inside<'v>(value: Option<&'v Value>, steps: &[Box<str>]) -> Vec<&'v Value> {
    let mut found = Vec::new();
    if let Some(value) = value {
        values(value, steps, &mut found);
    }
    found
}
