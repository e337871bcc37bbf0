//! What a run says of itself: its document, and findings for people.

use std::collections::BTreeMap;

use super::context::Options;
use super::inverse;
use super::run::{Outcome, Run, StepRun};
use super::trouble::NodeEnd;
use crate::address::Address;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::apply::{P8003, P8006};
use crate::diagnostic::codes::engine::{P5100, P5101, P5102};
use crate::document::{Digest, Kind};
use crate::exit::Exit;
use crate::plan::{Plan, Step};
use crate::state::State;

/// The document of a run that had nothing to do, took no lock and wrote nothing.
pub fn nothing_to_do(plan: &Plan, state: &State, options: &Options, at: &str) -> Run {
    Run {
        kind: Kind::new(),
        run: None,
        stack: plan.stack.clone(),
        environment: plan.environment.clone(),
        operation: options.operation.clone(),
        engine: plan.engine,
        simulated: plan.simulated,
        plan: Digest::of(plan),
        base_serial: state.serial,
        serial: state.serial,
        started: at.to_owned(),
        finished: at.to_owned(),
        by: options.by.clone(),
        git_commit: options.git_commit.clone(),
        ci_run_url: options.ci_run_url.clone(),
        exit: Exit::Done.number(),
        summary: BTreeMap::new(),
        steps: Vec::new(),
        outputs: state.outputs.clone(),
        left: Vec::new(),
    }
}

/// The record of a step, from its nodes: the worst outcome is that of the step.
pub(super) fn step_run(step: &Step, parts: &[(Outcome, Option<&NodeEnd>)], before: &State) -> StepRun {
    let weight = |outcome: Outcome| match outcome {
        Outcome::Done | Outcome::RolledBack => 0,
        Outcome::Cancelled => 1,
        Outcome::Blocked => 2,
        Outcome::Pending => 3,
        Outcome::TimedOut => 4,
        Outcome::Failed => 5,
    };
    let ends = || parts.iter().filter_map(|(_, end)| *end);
    let outcome = parts.iter().map(|(outcome, _)| *outcome).max_by_key(|outcome| weight(*outcome)).unwrap_or(Outcome::Done);
    let done = outcome == Outcome::Done;
    StepRun {
        address: step.address.clone(),
        op: step.op,
        type_name: step.type_name.clone(),
        outcome,
        calls: ends().map(|end| end.calls).sum(),
        started: ends().filter_map(|end| end.started.clone()).min(),
        finished: ends().filter_map(|end| end.finished.clone()).max(),
        identifier: ends().filter_map(|end| end.identifier.clone()).next_back(),
        error: ends().find_map(|end| end.error.clone()),
        source: step.source.clone(),
        inverse: done.then(|| inverse::of_step(step, before.resources.get(&step.address))).flatten(),
    }
}

/// What people must know of a step that did not end well.
pub(super) fn finding(step: &Step, run: &StepRun) -> Option<Diagnostic> {
    let address = &step.address;
    let finding = match (run.outcome, &run.error) {
        (Outcome::Failed, Some(error)) if error.code == "AlreadyExists" => {
            Diagnostic::new(P5101, format!("`{address}` could not be made: {}", error.message))
                .help("give yours another name, or delete the other one if nobody needs it")
        }
        (Outcome::Failed, Some(error)) => Diagnostic::new(P5100, format!("`{address}` failed: {}: {}", error.code, error.message)),
        (Outcome::Failed, None) => Diagnostic::new(P5100, format!("`{address}` failed")),
        (Outcome::TimedOut, _) => {
            Diagnostic::new(P5102, format!("`{address}` did not end within its time limit; it may still be going on"))
                .help("the next run looks how it ended; `lifecycle.timeouts` sets the limit")
        }
        (Outcome::Pending, _) => Diagnostic::new(P8006, format!("nobody knows yet how `{address}` ended"))
            .help(format!("the next run looks; where it cannot find out, say it: {}", how_to_resolve(address))),
        (Outcome::Blocked, _) => {
            let blocked = step.blocked.as_ref()?;
            let finding = Diagnostic::new(P8003, format!("`{address}` is blocked: {}", blocked.message));
            if blocked.code == P8006 {
                finding.help(format!("look what became of it, and say it: {}", how_to_resolve(address)))
            } else {
                finding
            }
        }
        _ => return None,
    };
    Some(finding.about(address).at(step.source.clone()))
}

/// The command by which a person says how an operation ended.
pub fn how_to_resolve(address: &Address) -> String {
    format!("panka state resolve {address} --identifier ID, or --absent")
}

/// Findings that say the same, as one with all their ways out: the store can be gone for several steps at once.
pub(super) fn once(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = Vec::new();
    for finding in findings {
        let same = |known: &&mut Diagnostic| {
            (known.code, &known.message, &known.subject, &known.span) == (finding.code, &finding.message, &finding.subject, &finding.span)
        };
        match told.iter_mut().find(same) {
            Some(known) => {
                let new: Vec<String> = finding.help.into_iter().filter(|help| !known.help.contains(help)).collect();
                known.help.extend(new);
            }
            None => told.push(finding),
        }
    }
    told
}
