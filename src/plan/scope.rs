//! Plans of one service: what may take part, and what makes such a plan impossible.
//!
//! In: the steps of the whole stack, or a plan that is made already, and a service. Out: the steps of that service, or a finding that names
//! what lies outside. A run of one service holds only that service's lock: others may be at work beside it, so that it touches nothing of
//! theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::edges::Bond;
use super::{Op, Plan, Step, select};
use crate::address::Address;
use crate::diagnostic::codes::apply::P8012;
use crate::diagnostic::codes::command::P0009;
use crate::diagnostic::{Diagnostic, Error};
use crate::state::{Scope, State};

/// Refuses a service of which there is nothing.
pub(super) fn check<'a>(service: &str, mut addresses: impl Iterator<Item = &'a Address>) -> Result<(), Error> {
    if addresses.any(|address| address.service() == service) {
        return Ok(());
    }
    Err(Diagnostic::new(P0009, format!("there is no service `{service}` in the graph or in the state"))
        .about(service)
        .help("`panka graph -o tree` shows the services")
        .into())
}

/// Refuses a plan in which a step of the service needs one outside: it cannot run, and neither can the rest then.
pub(super) fn check_needs(steps: &[Step], bonds: &[Bond], service: &str) -> Result<(), Error> {
    let needs = select::needs(steps, bonds).into_needs();
    let own = |n: usize| steps[n].address.service() == service;
    let mut because: BTreeMap<usize, usize> = BTreeMap::new();
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut open: Vec<usize> = (0..steps.len()).filter(|n| own(*n)).collect();
    while let Some(n) = open.pop() {
        if !seen.insert(n) {
            continue;
        }
        for need in needs[n].iter().copied() {
            if !own(need) && steps[need].op != Op::None {
                because.entry(need).or_insert(n);
            }
            open.push(need);
        }
    }
    Error::check(because.iter().map(|(need, user)| outside(&steps[*need], service, Some(&steps[*user].address))).collect()).map(drop)
}

/// Refuses a plan in which something goes that a resource of another service uses: it would be left pointing at nothing.
pub(super) fn check_users(steps: &[Step], state: Option<&State>, service: &str) -> Result<(), Error> {
    let goes = |step: &&Step| step.address.service() == service && matches!(step.op, Op::Delete | Op::Replace);
    let going: BTreeMap<&Address, &Step> = steps.iter().filter(goes).map(|step| (&step.address, step)).collect();
    let mut findings = Vec::new();
    let others = state.iter().flat_map(|state| &state.resources).filter(|(user, _)| user.service() != service);
    for (user, record) in others {
        for step in record.depends_on.iter().filter_map(|used| going.get(used)) {
            let message = format!("the plan would {} `{}`, which `{user}` of another service uses", step.op.verb(), step.address);
            findings.push(
                Diagnostic::new(P8012, message)
                    .at(step.source.clone())
                    .about(&step.address)
                    .help("leave --service out: a run over the whole stack switches what uses it"),
            );
        }
    }
    Error::check(findings).map(drop)
}

fn outside(step: &Step, service: &str, user: Option<&Address>) -> Diagnostic {
    let why = user.map(|user| format!(", which `{user}` needs")).unwrap_or_default();
    Diagnostic::new(P8012, format!("the plan would {} `{}`{why}: that is outside of the service `{service}`", step.op.verb(), step.address))
        .at(step.source.clone())
        .about(&step.address)
        .help("apply it first, or leave --service out and run over the whole stack")
}

impl Plan {
    /// Holds a plan to a scope: a step outside is refused, and outputs outside stay as they are.
    pub fn hold_to(&mut self, scope: &Scope) -> Result<(), Error> {
        let Scope::Service(service) = scope else { return Ok(()) };
        let beyond = self.steps.iter().filter(|step| !scope.holds(step.address.as_str()));
        Error::check(beyond.map(|step| outside(step, service, None)).collect())?;
        self.outputs_changed.retain(|name| scope.holds(name));
        Ok(())
    }
}
