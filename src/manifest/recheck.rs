//! Components that come back on a pipe: their specs may have been changed there, so they are checked as if they were new.

use super::check::{code_of, dotted};
use super::format;
use super::written::OutputForms;
use super::{Component, ComponentKind};
use crate::diagnostic::Diagnostic;
use crate::schema::{FaultKind, Schema};

/// The schema of a kind's spec, ready to check specs with.
pub(crate) fn spec_schema(kind: &dyn ComponentKind) -> Schema {
    let schema = Schema::compile_in(kind.schema(), format::dialect());
    schema.unwrap_or_else(|error| panic!("the schema of {} does not compile: {error}", kind.name()))
}

/// Everything that is wrong with the spec of a component.
pub(crate) fn recheck(component: &Component, schema: &Schema) -> Vec<Diagnostic> {
    let faults = schema.check(&component.spec, &OutputForms);
    faults
        .into_iter()
        .map(|fault| {
            let path = dotted(&fault.pointer);
            let message = match fault.kind {
                FaultKind::UnknownField => fault.message,
                _ if path.is_empty() => fault.message,
                _ => format!("`{path}`: {}", fault.message),
            };
            Diagnostic::new(code_of(fault.kind), message)
                .at(component.places.get(&fault.pointer).unwrap_or(&component.source).clone())
                .about(format!("{}:{}", component.id, fault.pointer))
                .maybe_help(fault.help)
        })
        .collect()
}
