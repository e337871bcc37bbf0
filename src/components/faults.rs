//! The check of translated resources against AWS's own schemas.
//!
//! In: resources with everything resolved. Out: findings at the values of the spec that the properties come from, as far as a kind says
//! where that is; else at the component.

use std::collections::{HashMap, HashSet};

use super::part::Part;
use super::policy;
use super::scope::Made;
use crate::catalog::{TypeOf, catalog};
use crate::diagnostic::codes::aws::{P3001, P3002, P3003, P3004, P3005};
use crate::diagnostic::codes::stack::P2009;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::schema::{Fault, FaultKind};

/// The types of all resources, for references among them.
pub(super) struct Types<'r>(HashMap<&'r str, &'r str>);

impl TypeOf for Types<'_> {
    fn type_of(&self, address: &str) -> Option<&str> {
        self.0.get(address).copied()
    }
}

/// Checks every resource of components that have no errors yet: what is known to be wrong needs no second word from AWS's side.
pub(super) fn find(parts: &[Part<'_>], made: &[(usize, Made)], findings: &[Diagnostic]) -> Vec<Diagnostic> {
    let faulty: HashSet<&str> =
        findings.iter().filter(|finding| finding.is_error()).filter_map(|finding| finding.subject.as_deref()?.split(':').next()).collect();
    let types = Types(made.iter().map(|(_, made)| (made.resource.address.as_str(), made.resource.type_name.as_str())).collect());
    let mut findings = Vec::new();
    for (at, made) in made.iter().filter(|(at, _)| !faulty.contains(parts[*at].id().as_str())) {
        let resource = &made.resource;
        let Some(info) = catalog().get(&resource.type_name) else {
            let message = format!("`{}` of `{}` is not an AWS resource type of the catalog", resource.type_name, resource.address);
            let suggestion = catalog().suggest(&resource.type_name).map(|name| format!("did you mean `{name}`?"));
            findings.push(Diagnostic::new(P3001, message).at(parts[*at].place("/type")).about(&resource.address).maybe_help(suggestion));
            continue;
        };
        for fault in info.check_with(&resource.properties, &types) {
            findings.push(finding(&parts[*at], made, fault));
        }
        for fault in policy::faults(info, resource) {
            let message = format!("`{}` of `{}` ({}): {}", fault.pointer, resource.address, resource.type_name, fault.message);
            findings.push(
                Diagnostic::new(P3003, message)
                    .at(place(&parts[*at], made, &fault.pointer))
                    .about(format!("{}:{}", resource.address, fault.pointer)),
            );
        }
    }
    findings
}

fn finding(part: &Part<'_>, made: &Made, fault: Fault) -> Diagnostic {
    let resource = &made.resource;
    let property = if fault.pointer.is_empty() { String::new() } else { format!("`{}` of ", fault.pointer) };
    let message = format!("{property}`{}` ({}): {}", resource.address, resource.type_name, fault.message);
    let code = code(fault.kind);
    Diagnostic::new(code, message)
        .at(place(part, made, &fault.pointer))
        .about(format!("{}:{}", resource.address, fault.pointer))
        .maybe_help(fault.help)
}

fn code(kind: FaultKind) -> Code {
    match kind {
        FaultKind::UnknownField => P3002,
        FaultKind::Missing => P3004,
        FaultKind::ReadOnly => P3005,
        FaultKind::Form => P2009,
        FaultKind::WrongType | FaultKind::Range | FaultKind::Malformed | FaultKind::Combination => P3003,
    }
}

/// Where the value of a property is written: below the spec value that the nearest known property comes from.
fn place(part: &Part<'_>, made: &Made, pointer: &str) -> Span {
    let below = |origin: &'_ str| pointer == origin || pointer.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'));
    // The last one wins among equals: overrides are noted after everything else.
    let nearest = made.origins.iter().filter(|(property, _)| below(property)).max_by_key(|(property, _)| property.len());
    match nearest {
        Some((property, spec)) => part.place(&format!("{spec}{}", &pointer[property.len()..])),
        None => part.component.source.clone(),
    }
}
