//! The catalogue of codes: every finding of panka has one, with a page for `panka explain`.
//!
//! P0 the command line, documents on pipes, configuration · P1 one manifest · P2 the whole stack · P3 AWS rules and schemas ·
//! P4 the account · P5 engines · P6 locks · P7 state and journal · P8 plan and apply.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Severity;
use crate::exit::Exit;

/// What the catalogue knows of a code.
#[derive(Debug)]
pub struct Entry {
    name: &'static str,
    severity: Severity,
    exit: Exit,
    title: &'static str,
    page: &'static str,
}

/// A code of the catalogue.
#[derive(Clone, Copy)]
pub struct Code(&'static Entry);

impl Code {
    /// The code itself, `P1001`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether findings of this code stop the command.
    pub fn severity(self) -> Severity {
        self.0.severity
    }

    /// The exit code of a command that stops for it.
    pub fn exit(self) -> Exit {
        self.0.exit
    }

    /// A line that says what the code stands for.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// The page of `panka explain`: markdown without a heading.
    pub fn page(self) -> &'static str {
        self.0.page
    }

    /// Looks a code up by name, in any case.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|code| code.name().eq_ignore_ascii_case(name))
    }

    /// All codes, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLES.iter().flat_map(|table| table.iter()).copied()
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        Self::find(&name).ok_or_else(|| de::Error::custom(format!("`{name}` is not a code that this panka knows")))
    }
}

impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "Code of a finding; `panka explain CODE` tells more", "pattern": "^P[0-9]{4}$" })
    }
}

/// Declares the codes of one range: `NAME exit severity "title";`, each with a page `pages/NAME.md`.
macro_rules! codes {
    ($($name:ident $exit:ident $severity:ident $title:literal;)+) => {
        $(
            #[doc = $title]
            pub const $name: super::Code = super::Code(&super::Entry {
                name: stringify!($name),
                severity: crate::diagnostic::Severity::$severity,
                exit: crate::exit::Exit::$exit,
                title: $title,
                page: include_str!(concat!("../pages/", stringify!($name), ".md")),
            });
        )+
        pub(super) const TABLE: &[super::Code] = &[$($name),+];
    };
}

pub mod account;
pub mod apply;
pub mod aws;
pub mod command;
pub mod engine;
pub mod lock;
pub mod manifest;
pub mod stack;
pub mod state;

const TABLES: &[&[Code]] =
    &[command::TABLE, manifest::TABLE, stack::TABLE, aws::TABLE, account::TABLE, engine::TABLE, lock::TABLE, state::TABLE, apply::TABLE];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_ordered_and_have_a_page() {
        let names: Vec<_> = Code::all().map(Code::name).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "out of order: {names:?}");
        for code in Code::all() {
            assert!(code.page().trim().len() > 40, "{code} has no page");
        }
    }

    #[test]
    fn every_code_is_given_somewhere() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut open = vec![root.clone()];
        let mut text = String::new();
        while let Some(path) = open.pop() {
            if path.is_dir() && path != root.join("diagnostic") {
                open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else if path.extension().is_some_and(|end| end == "rs") && !path.to_string_lossy().contains("tests") {
                let whole = std::fs::read_to_string(&path).unwrap();
                let program = whole.split("#[cfg(test)]").next().unwrap_or_default();
                let mut imported = false;
                for line in program.lines().filter(|line| !line.trim_start().starts_with("//")) {
                    // What is only brought in is not given yet.
                    imported |= line.starts_with("use ") || line.starts_with("pub use ");
                    if !imported {
                        text.push_str(line);
                        text.push('\n');
                    }
                    imported &= !line.trim_end().ends_with(';');
                }
            }
        }
        let unused: Vec<&str> = Code::all().map(Code::name).filter(|name| !text.contains(name)).collect();
        assert!(unused.is_empty(), "no finding has these codes: {unused:?}");
    }

    #[test]
    fn a_code_is_found_in_any_case() {
        assert_eq!(Code::find("p1001"), Some(manifest::P1001));
        assert_eq!(Code::find("P9999"), None);
    }
}
