//! Counts and identity of a plan.

use super::{Op, Plan, Summary};
use crate::diagnostic::codes::apply::P8010;
use crate::diagnostic::codes::aws::{P3020, P3021};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Digest;

impl Plan {
    /// Tells whether there is nothing to do: no steps, and every output is as the state has it.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.outputs_changed.is_empty()
    }

    /// The digest of the plan without its lock.
    pub fn digest(&self) -> Digest {
        if self.lock.is_none() { Digest::of_written(self) } else { Digest::of_written(&Self { lock: None, ..self.clone() }) }
    }

    /// Refuses a plan that would delete or replace what is protected, naming each such step.
    pub fn check_protection(&self) -> Result<(), Error> {
        let mut findings = Vec::new();
        for step in &self.steps {
            let Some(blocked) = step.blocked.as_ref().filter(|blocked| blocked.code == P3020 || blocked.code == P3021) else { continue };
            findings.push(
                Diagnostic::new(blocked.code, blocked.message.clone())
                    .at(step.source.clone())
                    .about(&step.address)
                    .help(format!("set `lifecycle.protect: false` and apply that first, or run `panka state unprotect {}`", step.address)),
            );
        }
        if !findings.is_empty() {
            findings.push(
                Diagnostic::new(P8010, "the plan was not started, since protection forbids a part of it")
                    .help("--skip-protected runs the rest; the exit code is then 6"),
            );
        }
        Error::check(findings).map(drop)
    }

    /// Counts the steps anew. What is unchanged stays as it was counted.
    pub(super) fn count(&mut self) {
        let mut summary = Summary { unchanged: self.summary.unchanged, ..Summary::default() };
        for step in &self.steps {
            *match step.op {
                Op::Create => &mut summary.create,
                Op::Update => &mut summary.update,
                Op::Replace => &mut summary.replace,
                Op::Delete => &mut summary.delete,
                Op::Adopt => &mut summary.adopt,
                Op::Forget => &mut summary.forget,
                Op::None => &mut summary.none,
            } += 1;
            summary.blocked += usize::from(step.blocked.is_some());
        }
        self.summary = summary;
    }
}
