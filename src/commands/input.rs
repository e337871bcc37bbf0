//! Documents on standard input: which kind they are, and what may be done with them.

use serde::de::DeserializeOwned;

use super::Outcome;
use crate::diagnostic::codes::command::{P0003, P0004, P0005, P0006, P0007};
use crate::diagnostic::{Diagnostic, Error, Span};
use crate::document::Document;
use crate::graph::Graph;
use crate::manifest::{LockTicket, Manifest};
use crate::plan::Plan;

/// A document of the data's path.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// What `panka parse` emits.
    Manifest(Box<Manifest>),
    /// What `panka graph` emits.
    Graph(Box<Graph>),
    /// What `panka diff` emits.
    Plan(Box<Plan>),
}

/// Kinds of the data's path, in order, with the verb that makes each.
const PATH: &[(&str, &str)] = &[(Manifest::KIND, "parse"), (Graph::KIND, "graph"), (Plan::KIND, "diff")];

impl Stage {
    /// Reads a document of the path, not later than `latest`. `verb` names the reader in findings, `source` the place read from.
    pub fn read(text: &str, latest: &'static str, verb: &str, source: &str) -> Result<Self, Error> {
        let kind = sniff(text, source)?;
        let position = PATH.iter().position(|(known, _)| *known == kind);
        let last = PATH.iter().position(|(known, _)| *known == latest).expect("verbs ask for kinds of the path");
        match position {
            Some(at) if at <= last => {}
            Some(_) => {
                return Err(Diagnostic::new(P0003, format!("expected {latest} or an earlier document on {source}, found {kind}"))
                    .at(Span::file(source))
                    .help(format!("a {kind} document is past `panka {verb}`: leave `panka {verb}` out of the pipe"))
                    .into());
            }
            None => {
                let wanted: Vec<&str> = PATH[..=last].iter().rev().map(|(kind, _)| *kind).collect();
                return Err(wrong_kind(&kind, &wanted, verb, source));
            }
        }
        match position {
            Some(0) => decode(text, source).map(Box::new).map(Self::Manifest),
            Some(1) => decode(text, source).map(Box::new).map(Self::Graph),
            _ => decode(text, source).map(Box::new).map(Self::Plan),
        }
    }

    /// Its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Manifest(_) => Manifest::KIND,
            Self::Graph(_) => Graph::KIND,
            Self::Plan(_) => Plan::KIND,
        }
    }

    /// Name of its stack.
    pub fn stack(&self) -> &str {
        match self {
            Self::Manifest(manifest) => &manifest.stack,
            Self::Graph(graph) => &graph.stack,
            Self::Plan(plan) => &plan.stack,
        }
    }

    /// Name of its environment.
    pub fn environment(&self) -> &str {
        match self {
            Self::Manifest(manifest) => &manifest.environment,
            Self::Graph(graph) => &graph.environment,
            Self::Plan(plan) => &plan.environment,
        }
    }

    /// The account and the session of its stack.
    pub fn provider(&self) -> &crate::manifest::Provider {
        match self {
            Self::Manifest(manifest) => &manifest.provider,
            Self::Graph(graph) => &graph.provider,
            Self::Plan(plan) => &plan.provider,
        }
    }

    /// The state place that its stack names.
    pub fn backend(&self) -> Option<&crate::manifest::Backend> {
        match self {
            Self::Manifest(manifest) => manifest.backend.as_ref(),
            Self::Graph(graph) => graph.backend.as_ref(),
            Self::Plan(plan) => plan.backend.as_ref(),
        }
    }

    /// The directory of its repository, from where it was made.
    pub fn root(&self) -> Option<&str> {
        match self {
            Self::Manifest(manifest) => manifest.root.as_deref(),
            Self::Graph(graph) => graph.root.as_deref(),
            Self::Plan(plan) => plan.root.as_deref(),
        }
    }

    /// The lock that an earlier stage took.
    pub fn lock(&self) -> Option<&LockTicket> {
        match self {
            Self::Manifest(manifest) => manifest.lock.as_ref(),
            Self::Graph(graph) => graph.lock.as_ref(),
            Self::Plan(plan) => plan.lock.as_ref(),
        }
    }

    /// The document as the outcome of a verb.
    pub fn into_outcome(self) -> Outcome {
        match self {
            Self::Manifest(manifest) => Outcome::document(*manifest),
            Self::Graph(graph) => Outcome::document(*graph),
            Self::Plan(plan) => Outcome::document(*plan),
        }
    }

    /// Refuses a document of another stack or environment than the flags name.
    pub fn expect_place(&self, stack: Option<&str>, environment: Option<&str>) -> Result<(), Error> {
        for (what, flag, wanted, found) in [("stack", "-s", stack, self.stack()), ("environment", "-e", environment, self.environment())] {
            if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
                return Err(Diagnostic::new(P0007, format!("the document is of {what} `{found}`, and {flag} asks for `{wanted}`"))
                    .help(format!("leave {flag} out, or make the document with {flag} {wanted}"))
                    .into());
            }
        }
        Ok(())
    }
}

/// Reads one document of exactly one kind.
pub fn read<T: Document + DeserializeOwned>(text: &str, verb: &str, source: &str) -> Result<T, Error> {
    let kind = sniff(text, source)?;
    if kind != T::KIND {
        return Err(wrong_kind(&kind, &[T::KIND], verb, source));
    }
    decode(text, source)
}

/// The kind of a text that should be one JSON document.
pub fn sniff(text: &str, source: &str) -> Result<String, Error> {
    let not_one = |message: String, line: usize, column: usize| {
        let span =
            Span { file: source.into(), line: u32::try_from(line).unwrap_or(0), column: u32::try_from(column).unwrap_or(0), length: 1 };
        Diagnostic::new(P0005, message).at(span)
    };
    if text.trim().is_empty() {
        return Err(Diagnostic::new(P0005, format!("{source} is empty"))
            .help("the stage before this one in the pipe has failed, or printed nothing")
            .help("to start from the YAML files instead, redirect standard input from /dev/null")
            .into());
    }
    if !text.trim_start().starts_with('{') {
        return Err(not_one(format!("{source} is not a JSON object"), 1, 1)
            .help("a verb reads what another verb of panka printed with -o json, or when piped")
            .into());
    }
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Head>();
    let head = match documents.next() {
        Some(Ok(head)) => head,
        Some(Err(error)) => {
            let message = if error.is_eof() {
                format!("{source} ends in the middle of a JSON document")
            } else {
                format!("{source} is not a JSON document: {}", bare(&error))
            };
            let finding = not_one(message, error.line(), error.column());
            return Err(finding.help("a verb reads what another verb of panka printed with -o json, or when piped").into());
        }
        None => return Err(Diagnostic::new(P0005, format!("{source} is empty")).into()),
    };
    let end = documents.byte_offset();
    if !text[end..].trim().is_empty() {
        let line = text[..end].matches('\n').count() + 1;
        return Err(not_one(format!("{source} holds more than one JSON document"), line, 1)
            .help("a verb reads exactly one document; a jq filter that splits it (`.steps[]`) has to put it together again")
            .into());
    }
    head.kind.ok_or_else(|| {
        Diagnostic::new(P0003, format!("the document on {source} has no `kind`"))
            .at(Span::file(source))
            .help("documents of panka begin with \"kind\": \"panka.…/v1\"; a jq filter may have dropped it")
            .into()
    })
}

#[derive(serde::Deserialize)]
struct Head {
    #[serde(default)]
    kind: Option<String>,
}

fn wrong_kind(found: &str, wanted: &[&str], verb: &str, source: &str) -> Error {
    let wanted_name = wanted.join(" or ");
    let same_name = wanted.iter().find(|kind| kind.split('/').next() == found.split('/').next());
    if let Some(kind) = same_name {
        return Diagnostic::new(P0004, format!("the document on {source} is {found}, and this panka reads {kind}"))
            .at(Span::file(source))
            .help("use the same version of panka for all stages of a pipe")
            .into();
    }
    let makes = PATH.iter().find(|(kind, _)| wanted.contains(kind)).map(|(_, verb)| format!("make it with `panka {verb}`"));
    Diagnostic::new(P0003, format!("expected {wanted_name} on {source}, found {found}"))
        .at(Span::file(source))
        .about(verb)
        .maybe_help(makes)
        .into()
}

fn decode<T: DeserializeOwned>(text: &str, source: &str) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        let span = Span {
            file: source.into(),
            line: u32::try_from(inner.line()).unwrap_or(0),
            column: u32::try_from(inner.column()).unwrap_or(0),
            length: 1,
        };
        Diagnostic::new(P0006, format!("the document on {source} is not valid at `{path}`: {}", bare(&inner)))
            .at(span)
            .about(path)
            .help("`panka schema` prints the schema of each kind")
            .into()
    })
}

/// The text of a JSON error without its position.
fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Stage::read(text, Graph::KIND, "graph", "standard input").unwrap_err().findings()[0].code.name().to_owned()
    }

    #[test]
    fn what_is_not_one_document_is_refused() {
        assert_eq!(code(""), "P0005");
        assert_eq!(code("hello"), "P0005");
        assert_eq!(code(r#"{"kind": "panka.manifest/v1", "#), "P0005");
        assert_eq!(code(r#"{"kind":"panka.manifest/v1"} {"kind":"panka.manifest/v1"}"#), "P0005");
        assert_eq!(code("[1]"), "P0005");
    }

    #[test]
    fn a_document_of_another_kind_is_named() {
        assert_eq!(code(r#"{"a": 1}"#), "P0003");
        assert_eq!(code(r#"{"kind": "panka.state/v1"}"#), "P0003");
        assert_eq!(code(r#"{"kind": "panka.graph/v2"}"#), "P0004");
        assert_eq!(code(r#"{"kind": "panka.manifest/v2"}"#), "P0004");
        let error = Stage::read(r#"{"kind": "panka.plan/v1"}"#, Graph::KIND, "graph", "standard input").unwrap_err();
        assert!(error.findings()[0].help[0].contains("leave `panka graph` out"), "{error:?}");
    }

    #[test]
    fn an_unknown_field_is_named_with_its_path() {
        let text = r#"{"kind":"panka.manifest/v1","stack":"s","environment":"e","provider":{"region":"x","regoin":"y"},"services":{},"components":[]}"#;
        let error = Stage::read(text, Graph::KIND, "graph", "standard input").unwrap_err();
        assert_eq!(error.findings()[0].code.name(), "P0006");
        assert!(error.findings()[0].message.contains("provider"), "{error}");
    }
}
