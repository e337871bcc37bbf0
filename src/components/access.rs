//! What a consumer may do with a provider, and the policy statements that say so.

use std::ops::BitOr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Access of one component to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Access {
    /// Order, and nothing else.
    #[default]
    None,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Both.
    ReadWrite,
}

impl Access {
    /// Whether reading is part of it.
    pub(crate) fn reads(self) -> bool {
        matches!(self, Self::Read | Self::ReadWrite)
    }

    /// Whether writing is part of it.
    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::Write | Self::ReadWrite)
    }

    /// Picks the actions of this access, sorted and without repetition.
    pub(crate) fn actions<S: AsRef<str>>(self, read: &[S], write: &[S]) -> Vec<String> {
        let mut actions: Vec<String> = Vec::new();
        if self.reads() {
            actions.extend(read.iter().map(|action| action.as_ref().to_owned()));
        }
        if self.writes() {
            actions.extend(write.iter().map(|action| action.as_ref().to_owned()));
        }
        actions.sort_unstable();
        actions.dedup();
        actions
    }
}

impl BitOr for Access {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        match (self.reads() || other.reads(), self.writes() || other.writes()) {
            (true, true) => Self::ReadWrite,
            (true, false) => Self::Read,
            (false, true) => Self::Write,
            (false, false) => Self::None,
        }
    }
}

impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
            Self::ReadWrite => "readwrite",
        })
    }
}

/// Whether a statement allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Effect {
    /// Allows.
    #[default]
    Allow,
    /// Denies, whatever else allows it.
    Deny,
}

/// A statement of a policy document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    /// Letters and digits; unique within its document.
    pub(crate) sid: String,
    pub(crate) effect: Effect,
    pub(crate) principal: Option<Value>,
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<Value>,
    pub(crate) condition: Option<Value>,
}

impl Statement {
    /// A statement that allows actions on resources.
    pub(crate) fn allow(sid: impl Into<String>, actions: Vec<String>, resources: Vec<Value>) -> Self {
        Self { sid: sid.into(), effect: Effect::Allow, principal: None, actions, resources, condition: None }
    }

    /// Names whom the statement is for, as policies of resources do.
    pub(crate) fn principal(mut self, principal: Value) -> Self {
        self.principal = Some(principal);
        self
    }

    /// Limits the statement.
    pub(crate) fn condition(mut self, condition: Value) -> Self {
        self.condition = Some(condition);
        self
    }

    fn value(self) -> Value {
        let mut actions: Vec<Value> = self.actions.into_iter().map(Value::from).collect();
        let mut resources = self.resources;
        let one = |list: &mut Vec<Value>| if list.len() == 1 { list.remove(0) } else { Value::Array(std::mem::take(list)) };
        let mut statement = json!({ "Action": one(&mut actions), "Effect": self.effect });
        if let Some(condition) = self.condition {
            statement["Condition"] = condition;
        }
        if let Some(principal) = self.principal {
            statement["Principal"] = principal;
        }
        if !resources.is_empty() {
            statement["Resource"] = one(&mut resources);
        }
        statement["Sid"] = self.sid.into();
        statement
    }
}

/// A policy document: the statements sorted by Sid, a number added to Sids that are taken.
pub(crate) fn document(mut statements: Vec<Statement>) -> Value {
    statements.sort_by(|a, b| a.sid.cmp(&b.sid));
    let mut last = String::new();
    let mut count = 1;
    for statement in &mut statements {
        if statement.sid == last {
            count += 1;
            statement.sid.push_str(&count.to_string());
        } else {
            last.clone_from(&statement.sid);
            count = 1;
        }
    }
    let statements: Vec<Value> = statements.into_iter().map(Statement::value).collect();
    json!({ "Statement": statements, "Version": "2012-10-17" })
}

/// The trust policy of a role that one AWS service takes.
pub(crate) fn trust(service: &str, condition: Option<Value>) -> Value {
    let mut statement = json!({ "Action": "sts:AssumeRole", "Effect": "Allow", "Principal": { "Service": service } });
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    json!({ "Statement": [statement], "Version": "2012-10-17" })
}

/// Letters and digits of a name, each word with a capital: the form of a Sid.
pub(crate) fn sid(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut start = true;
    for c in words.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(if start { c.to_ascii_uppercase() } else { c });
            start = false;
        } else {
            start = true;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_union_of_accesses_is_commutative() {
        assert_eq!(Access::Read | Access::Write, Access::ReadWrite);
        assert_eq!(Access::None | Access::Read, Access::Read);
        assert_eq!(Access::None | Access::None, Access::None);
    }

    #[test]
    fn statements_are_sorted_and_their_sids_are_unique() {
        let statement = |sid: &str, action: &str| Statement::allow(sid, vec![action.to_owned()], vec![json!("*")]);
        let document = document(vec![statement("B", "b:One"), statement("A", "a:One"), statement("B", "b:Two")]);
        let sids: Vec<_> = document["Statement"].as_array().unwrap().iter().map(|s| s["Sid"].as_str().unwrap()).collect();
        assert_eq!(sids, ["A", "B", "B2"]);
        assert_eq!(document["Statement"][0], json!({"Action": "a:One", "Effect": "Allow", "Resource": "*", "Sid": "A"}));
    }

    #[test]
    fn a_sid_has_letters_and_digits_only() {
        assert_eq!(sid("notify/dead-queue.2"), "NotifyDeadQueue2");
    }
}
