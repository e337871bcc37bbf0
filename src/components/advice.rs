//! Warnings about a whole stack: what is allowed and probably not meant.

use super::part::Part;
use super::stack::{Stack, named_by_outputs};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::aws::P3042;
use crate::diagnostic::codes::stack::P2020;

/// Kinds that may well stand alone: what they are for is not known to panka.
const ALONE: [&str; 1] = ["Resource"];

/// Finds them.
pub(super) fn find(stack: &Stack<'_>) -> Vec<Diagnostic> {
    let own = |part: &Part<'_>| part.id().service() == "_stack";
    let several = stack.manifest.components.len() > 1;
    let mut findings = Vec::new();
    for (at, part) in stack.parts.iter().enumerate().filter(|(_, part)| !own(part)) {
        let facts = part.row.facts();
        let connected = stack.edges.providers(at).chain(stack.edges.consumers(at)).next().is_some();
        let works = part.behaviour.identity().is_some() || ALONE.contains(&facts.name);
        if several && !connected && !works && !named_by_outputs(stack, part) {
            findings.push(
                part.finding(P2020, "", format!("`{}` is used by nothing and uses nothing", part.id()))
                    .help("name it in `dependsOn` where it is used, or publish one of its outputs as an output of the stack"),
            );
        }
        if stack.manifest.protect && facts.stateful && part.shared.lifecycle.protect == Some(false) {
            let message = format!("`{}` holds data and is not protected, and environment {} is", part.id(), stack.manifest.environment);
            findings.push(part.finding(P3042, "/lifecycle/protect", message).help("take `lifecycle.protect: false` away"));
        }
    }
    findings
}
