//! Where variables are set: the command line, files, the environment of the process, documents.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::node::{Node, Scalar};
use super::super::reference::is_variable;
use super::super::source::{At, Sources};
use super::super::yaml;
use crate::diagnostic::codes::command::P0010;
use crate::diagnostic::codes::manifest::{P1011, P1014, P1033};
use crate::diagnostic::{Diagnostic, Span};

/// Variables that panka sets.
pub(in crate::manifest) const BUILT_IN: [&str; 6] = ["STACK", "ENVIRONMENT", "SERVICE", "COMPONENT", "REGION", "ACCOUNT_ID"];

/// A value of a variable.
#[derive(Debug, Clone)]
pub(in crate::manifest) struct Setting {
    /// The value as written.
    pub(super) scalar: Scalar,
    /// Where it is written, if that is in a file.
    pub(super) at: Option<At>,
    /// What sets it, for people.
    pub(super) origin: Rc<str>,
}

/// The variables of one source.
pub(in crate::manifest) type Layer = BTreeMap<Rc<str>, Setting>;

/// A layer of texts that come without a file: `--var`, or `PANKA_VAR_…` of the process environment.
pub(in crate::manifest) fn given<'t>(
    pairs: impl IntoIterator<Item = (&'t str, &'t str)>,
    origin: impl Fn(&str) -> String,
    findings: &mut Vec<Diagnostic>,
) -> Layer {
    let mut layer = Layer::new();
    for (name, value) in pairs {
        let origin = origin(name);
        if !is_variable(name) {
            let message = format!("`{origin}` sets `{name}`, which is not the name of a variable");
            findings.push(Diagnostic::new(P0010, message).help("names are made of letters, digits and `_`, and start with no digit"));
        } else if BUILT_IN.contains(&name) {
            findings.push(built_in(name).note(format!("`{origin}` sets it")));
        } else {
            // Nothing between the quotes of a shell is an empty text; only `null` says that the variable is unset.
            let scalar = Scalar { text: value.into(), plain: !value.is_empty() };
            layer.insert(name.into(), Setting { scalar, at: None, origin: origin.into() });
        }
    }
    layer
}

/// The layer of a file given by `--var-file`: a map of scalars in YAML or JSON.
pub(in crate::manifest) fn file(sources: &Sources, file: u32, findings: &mut Vec<Diagnostic>) -> Layer {
    let parsed = yaml::parse(sources, file);
    let broken = parsed.broken;
    findings.extend(parsed.findings);
    let path = &sources.file(file).path;
    let [document] = &parsed.documents[..] else {
        if parsed.documents.len() > 1 {
            let finding = Diagnostic::new(P0010, format!("`{path}` holds {} documents", parsed.documents.len())).at(Span::file(&**path));
            findings.push(finding.help("a file of variables is one map of names and values"));
        }
        return Layer::new();
    };
    if document.map().is_none() && !broken {
        findings.push(
            Diagnostic::new(P0010, format!("`{path}` is not a map of variables but {}", document.word())).at(sources.span(document.at)),
        );
    }
    document_layer(sources, document, path, findings)
}

/// The layer of the `variables` of a document.
pub(in crate::manifest) fn document(sources: &Sources, variables: Option<&Node>, findings: &mut Vec<Diagnostic>) -> Layer {
    let Some(node) = variables.filter(|node| !node.is_null()) else { return Layer::new() };
    if node.map().is_none() {
        findings.push(Diagnostic::new(P1011, format!("`variables` is a map of scalars, not {}", node.word())).at(sources.span(node.at)));
    }
    let origin = sources.path(node.at);
    document_layer(sources, node, origin, findings)
}

fn document_layer(sources: &Sources, node: &Node, origin: &str, findings: &mut Vec<Diagnostic>) -> Layer {
    let origin: Rc<str> = origin.into();
    let mut layer = Layer::new();
    for (name, member) in node.map().into_iter().flatten() {
        if !is_variable(name) {
            let finding = Diagnostic::new(P1014, format!("`{name}` is not the name of a variable")).at(sources.span(member.key));
            findings.push(finding.help("names are made of letters, digits and `_`, and start with no digit"));
        } else if BUILT_IN.contains(&&**name) {
            findings.push(built_in(name).at(sources.span(member.key)));
        } else if let Some(scalar) = member.node.scalar() {
            let setting = Setting { scalar: scalar.clone(), at: Some(member.node.at), origin: Rc::clone(&origin) };
            layer.insert(Rc::clone(name), setting);
        } else {
            let message = format!("the variable `{name}` is a scalar, not {}", member.node.word());
            findings.push(Diagnostic::new(P1011, message).at(sources.span(member.node.at)));
        }
    }
    layer
}

fn built_in(name: &str) -> Diagnostic {
    Diagnostic::new(P1033, format!("`{name}` is set by panka and cannot be set by hand")).help("choose another name")
}
