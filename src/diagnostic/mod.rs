//! Findings: what is wrong, where, and the way out.
//!
//! In: facts from every other module. Out: [`Diagnostic`]s, which a terminal sees drawn on the source text and a program reads as
//! one `panka.diagnostics/v1` document. [`Error`] is the reason why a command stops: one or more findings. The exit code of a
//! command is that of its gravest finding.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::document::{Document, Kind};
use crate::exit::Exit;

pub mod codes;
mod draw;
mod places;

pub use codes::Code;
pub use draw::{Palette, Sources, draw};
pub use places::{Places, escape, unescape};

/// Whether a finding stops the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something to know; nothing stops.
    Note,
    /// Probably a mistake; nothing stops, unless `--strict` is given.
    Warning,
    /// The command stops and nothing is changed.
    Error,
}

/// A place in a source file: 1-based line and column (in characters), and the length in bytes on that line (0 = not known).
///
/// Its text form, `file:line:col`, is what documents carry; the length is not part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Path relative to the repository root with `/` separators; `-` is standard input.
    pub file: Arc<str>,
    /// 1-based line; 0 when only the file is known.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
    /// Bytes on that line, 0 when not known.
    pub length: u32,
}

impl Span {
    /// A place that is a whole file.
    pub fn file(file: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), line: 0, column: 0, length: 0 }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { f.write_str(&self.file) } else { write!(f, "{}:{}:{}", self.file, self.line, self.column) }
    }
}

impl FromStr for Span {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.rsplitn(3, ':');
        let numbers = (parts.next().and_then(|c| c.parse().ok()), parts.next().and_then(|l| l.parse().ok()));
        Ok(match (numbers, parts.next()) {
            ((Some(column), Some(line)), Some(file)) => Self { file: file.into(), line, column, length: 0 },
            _ => Self::file(text),
        })
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "A place in a source file: file:line:column, or only the file" })
    }
}

/// A second place that helps to understand a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// One finding.
///
/// The message is a lowercase sentence without a full stop that names the thing at fault; `help` lines say what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diagnostic {
    /// Handle of the finding, stable over versions: `panka explain CODE`.
    pub code: Code,
    /// Whether it stops the command.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where: the primary place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// What to say at the primary place, when that adds to the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Address, component id or document pointer that the finding is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Other places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// Ways out, most likely first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A finding with the severity of its code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            span: None,
            note: None,
            subject: None,
            labels: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Sets the primary place.
    #[must_use]
    pub fn at(mut self, span: impl Into<Option<Span>>) -> Self {
        self.span = span.into().or(self.span);
        self
    }

    /// Sets what is said at the primary place.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }

    /// Names the address, component or document pointer that the finding is about.
    #[must_use]
    pub fn about(mut self, subject: impl fmt::Display) -> Self {
        self.subject = Some(subject.to_string());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn label(mut self, span: impl Into<Option<Span>>, text: impl Into<String>) -> Self {
        if let Some(span) = span.into() {
            self.labels.push(Label { span, text: text.into() });
        }
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds a way out when there is one.
    #[must_use]
    pub fn maybe_help(self, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.help(text),
            None => self,
        }
    }

    /// Lowers the finding to a warning: the command goes on.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Tells whether the finding stops the command.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The reason why a command stops: at least one finding that is an error. Warnings found on the way may stand beside it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(|d| d.message.as_str()).collect::<Vec<_>>().join("; "))]
pub struct Error(Vec<Diagnostic>);

impl Error {
    /// The findings, in the order of their places.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.0
    }

    /// Gives up the findings.
    pub fn into_findings(self) -> Vec<Diagnostic> {
        self.0
    }

    /// The exit code of the gravest finding.
    pub fn exit(&self) -> Exit {
        self.0.iter().filter(|d| d.is_error()).map(|d| d.code.exit()).max().unwrap_or(Exit::Bug)
    }

    /// Adds a way out to the last finding.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        if let Some(last) = self.0.last_mut() {
            last.help.push(text.into());
        }
        self
    }

    /// Splits findings into the error, if any of them is one, or the warnings.
    ///
    /// With an error the warnings are part of it, all sorted by place and code.
    pub fn check(mut findings: Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Self> {
        sort(&mut findings);
        if findings.iter().any(Diagnostic::is_error) { Err(Self(findings)) } else { Ok(findings) }
    }
}

impl From<Diagnostic> for Error {
    fn from(finding: Diagnostic) -> Self {
        Self(vec![finding])
    }
}

impl From<Box<Diagnostic>> for Error {
    fn from(finding: Box<Diagnostic>) -> Self {
        Self(vec![*finding])
    }
}

/// Sorts findings by place, then code, then message, and drops repetitions.
pub fn sort(findings: &mut Vec<Diagnostic>) {
    findings.sort_by(|a, b| (&a.span, a.code.name(), &a.message).cmp(&(&b.span, b.code.name(), &b.message)));
    findings.dedup();
}

/// The text nearest to `given` among `candidates`: equal but for case, or within edit distance 3 (less for short texts).
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (given.chars().count() / 2).clamp(1, 3);
    let distance = |c: &str| if c.eq_ignore_ascii_case(given) { 0 } else { strsim::damerau_levenshtein(given, c) };
    candidates.into_iter().map(|c| (distance(c), c)).filter(|(d, _)| *d <= limit).min().map(|(_, c)| c)
}

/// `did you mean …?` for [`nearest`], ready as a help line.
pub fn did_you_mean<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(given, candidates).map(|name| format!("did you mean `{name}`?"))
}

/// The document that a failing verb prints to standard error in JSON mode.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    /// Always `panka.diagnostics/v1`.
    pub kind: Kind<Self>,
    /// The exit code of the command.
    pub exit: u8,
    /// The findings, sorted by place.
    pub findings: Vec<Diagnostic>,
}

impl Document for Findings {
    const KIND: &'static str = "panka.diagnostics/v1";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_prints_and_parses() {
        for text in ["a/b.yaml:3:7", "a/b.yaml", "-:1:1"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_nearest_name_ignores_case_and_small_slips() {
        assert_eq!(nearest("visibilitytimeout", ["visibilityTimeout", "type"]), Some("visibilityTimeout"));
        assert_eq!(nearest("enviroment", ["environment", "secrets"]), Some("environment"));
        assert_eq!(nearest("xyz", ["environment"]), None);
        assert_eq!(nearest("a", ["bcd"]), None);
    }
}
