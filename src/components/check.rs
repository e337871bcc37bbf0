//! Findings about one component.

use crate::diagnostic::codes::manifest::P1011;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Component;

/// Collects findings about one component: the pointer of each names a value of its `spec`.
pub(crate) struct Check<'a> {
    component: &'a Component,
    findings: Vec<Diagnostic>,
}

impl<'a> Check<'a> {
    pub(crate) fn new(component: &'a Component) -> Self {
        Self { component, findings: Vec::new() }
    }

    /// The component.
    pub(crate) fn component(&self) -> &'a Component {
        self.component
    }

    /// Makes a finding at a value of the spec, to be added to and pushed.
    pub(crate) fn finding(&self, code: Code, pointer: &str, message: impl Into<String>) -> Diagnostic {
        finding(self.component, code, pointer, message)
    }

    /// Adds a finding.
    pub(crate) fn push(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Adds a finding at a value of the spec.
    pub(crate) fn report(&mut self, code: Code, pointer: &str, message: impl Into<String>) {
        self.push(self.finding(code, pointer, message));
    }

    /// Reports the second of two list items that have one name; `pointer` is that of the list.
    pub(crate) fn unique<'n>(&mut self, code: Code, pointer: &str, what: &str, names: impl IntoIterator<Item = &'n str>) {
        let mut seen = std::collections::BTreeMap::new();
        for (n, name) in names.into_iter().enumerate() {
            if let Some(first) = seen.insert(name.to_owned(), n) {
                let place = self.component.places.get(&format!("{pointer}/{first}")).cloned();
                self.push(
                    self.finding(code, &format!("{pointer}/{n}"), format!("{what} `{name}` is there twice"))
                        .label(place, "here for the first time"),
                );
            }
        }
    }

    pub(crate) fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }
}

/// A finding about a component, at the value of its spec that a pointer names.
pub(crate) fn finding(component: &Component, code: Code, pointer: &str, message: impl Into<String>) -> Diagnostic {
    let place = component.places.get(pointer).unwrap_or(&component.source).clone();
    Diagnostic::new(code, message).at(place).about(format!("{}:{pointer}", component.id))
}

/// The finding for a spec that its kind cannot read: only a manifest that was edited on its way can hold one.
pub(crate) fn undecodable(component: &Component, error: &serde_json::Error) -> Diagnostic {
    finding(component, P1011, "", format!("the spec of {} is not one of kind {}: {error}", component.id, component.kind))
        .help("the manifest was changed after `panka parse`; change the YAML, or the document so that it still fits `panka schema`")
}
