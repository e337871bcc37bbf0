//! Faults of a value against its schema, as findings at their places in the files.

use serde_json::Value as Json;

use super::source::{At, Sources};
use super::written::{OutputForms, Written};
use crate::diagnostic::codes::manifest::{P1010, P1011, P1012, P1013, P1014, P1017, P1034};
use crate::diagnostic::codes::stack::P2008;
use crate::diagnostic::{Code, Diagnostic, unescape};
use crate::schema::{Fault, FaultKind, Schema};

/// Checks a written value. `top` is the place to name when the value as a whole lacks a field.
pub(super) fn check(written: &Written, schema: &Schema, sources: &Sources, top: At) -> Vec<Diagnostic> {
    let faults = schema.check(&written.value, &OutputForms);
    faults.into_iter().map(|fault| finding(fault, written, sources, top)).collect()
}

/// The finding of one fault.
pub(super) fn finding(fault: Fault, written: &Written, sources: &Sources, top: At) -> Diagnostic {
    let mark = written.mark(&fault.pointer);
    let value_at = mark.map_or(top, |mark| mark.value);
    let key_at = if fault.pointer.is_empty() { top } else { mark.and_then(|mark| mark.key).unwrap_or(value_at) };
    let via = mark.and_then(|mark| mark.via.as_ref());
    let (code, at) = match fault.kind {
        FaultKind::UnknownField => (P1010, key_at),
        FaultKind::Missing => (P1012, key_at),
        FaultKind::WrongType if via.is_some() => (P1034, value_at),
        kind => (code_of(kind), value_at),
    };
    let path = dotted(&fault.pointer);
    let message = match fault.kind {
        FaultKind::UnknownField => fault.message,
        _ if path.is_empty() => fault.message,
        _ => format!("`{path}`: {}", fault.message),
    };
    let mut finding = Diagnostic::new(code, message).at(sources.span(at)).maybe_help(fault.help);
    if fault.kind == FaultKind::WrongType
        && let Some(truth) = written.value.pointer(&fault.pointer).and_then(Json::as_str).and_then(old_truth)
        && finding.message.contains("expected true or false")
    {
        finding.help.push(format!("write `{truth}`: in YAML 1.2 only `true` and `false` are truth values"));
    }
    if fault.kind == FaultKind::Form {
        finding
            .help
            .push("a value that is known only after other resources are made can stand in texts that end as an AWS property".to_owned());
    }
    if let Some(via) = via.filter(|_| fault.kind != FaultKind::UnknownField) {
        match via.at {
            Some(set_at) => finding = finding.label(sources.span(set_at), format!("`{}` is set here", via.name)),
            None => finding = finding.note(format!("`{}` is set by {}", via.name, via.origin)),
        }
    }
    finding
}

pub(super) fn code_of(kind: FaultKind) -> Code {
    match kind {
        FaultKind::UnknownField => P1010,
        FaultKind::WrongType => P1011,
        FaultKind::Missing => P1012,
        FaultKind::Range => P1013,
        FaultKind::Malformed => P1014,
        FaultKind::Combination | FaultKind::ReadOnly => P1017,
        FaultKind::Form => P2008,
    }
}

/// The truth value that a word was in YAML 1.1.
fn old_truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "on" => Some(true),
        "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

/// A JSON pointer as people write a path: `ports[0].port`.
pub(super) fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1) {
        let step = unescape(step);
        if step.bytes().all(|b| b.is_ascii_digit()) && !step.is_empty() {
            path.extend(["[", &step, "]"]);
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&step);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_shown_as_paths() {
        assert_eq!(dotted(""), "");
        assert_eq!(dotted("/ports/0/port"), "ports[0].port");
        assert_eq!(dotted("/tags/a~1b"), "tags.a/b");
    }
}
