//! Counts and identity of a plan.

use super::{Blocked, Digests, Op, Plan, Summary};
use crate::catalog::catalog;
use crate::diagnostic::codes::apply::{P8006, P8010, P8013};
use crate::diagnostic::codes::aws::{P3020, P3021, P3022, P3024, P3025, P3026};
use crate::diagnostic::codes::command::P0007;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Digest;

impl Blocked {
    /// Tells whether protection forbids the step.
    pub fn is_by_protection(&self) -> bool {
        [P3020, P3021].contains(&self.code)
    }

    /// Tells whether AWS would refuse the step.
    pub fn is_by_aws(&self) -> bool {
        [P3022, P3024, P3025, P3026].contains(&self.code)
    }
}

impl Plan {
    /// Tells whether there is nothing to do: no steps, and every output is as the state has it.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.outputs_changed.is_empty()
    }

    /// The digest of the plan without its place and its lock.
    pub fn digest(&self) -> Digest {
        if self.lock.is_none() && self.root.is_none() {
            Digest::of_written(self)
        } else {
            Digest::of_written(&Self { root: None, lock: None, ..self.clone() })
        }
    }

    /// Refuses a plan that holds what AWS refuses or, unless that is to be skipped, what protection forbids, naming each such step.
    pub fn check_refused(&self, skip_protected: bool) -> Result<(), Error> {
        let mut findings = Vec::new();
        let mut forbidden = false;
        for step in &self.steps {
            let Some(blocked) = &step.blocked else { continue };
            let address = &step.address;
            let help = if blocked.is_by_protection() && !skip_protected {
                forbidden = true;
                format!("set `lifecycle.protect: false` and apply that first, or run `panka state unprotect {address}`")
            } else if blocked.is_by_aws() {
                format!("`panka explain {}` says what can be done; `--exclude {address}` runs the rest", blocked.code)
            } else {
                continue;
            };
            findings.push(Diagnostic::new(blocked.code, blocked.message.clone()).at(step.source.clone()).about(address).help(help));
        }
        if forbidden {
            findings.push(
                Diagnostic::new(P8010, "the plan was not started, since protection forbids a part of it")
                    .help("--skip-protected runs the rest; the exit code is then 6"),
            );
        }
        Error::check(findings).map(drop)
    }

    /// Refuses a plan that was made with another catalog, or that does not say what it was made from.
    pub fn check_digests(&self) -> Result<(), Error> {
        let Digests { manifest, graph, catalog: made_with } = &self.digests;
        let mut findings = Vec::new();
        if made_with != catalog().version() {
            let message = format!("the plan was made with the catalog {made_with}, and this panka has {}", catalog().version());
            findings
                .push(Diagnostic::new(P0007, message).about("digests.catalog").help("make the plan again with this panka: `panka diff`"));
        }
        let digests = [("digests.manifest", manifest), ("digests.graph", graph)];
        let help = "make the plan again: `panka diff`";
        for (name, digest) in digests {
            match digest {
                Some(digest) if !digest.is_well_formed() => {
                    findings.push(Diagnostic::new(P0007, format!("`{name}` is not a digest: `{digest}`")).about(name).help(help));
                }
                None if !self.destroy => {
                    findings.push(
                        Diagnostic::new(P0007, format!("`{name}` is missing: nothing says what the plan was made from"))
                            .about(name)
                            .help(help),
                    );
                }
                _ => {}
            }
        }
        Error::check(findings).map(drop)
    }

    /// Refuses a plan that would delete a large share of what exists, where nobody looks at it first.
    pub fn check_deletes(&self) -> Result<(), Error> {
        let found = self.warnings.iter().find(|warning| warning.code == P8013);
        found.map_or(Ok(()), |warning| {
            let finding = Diagnostic::new(P8013, warning.message.clone());
            Err(finding
                .help("look at it first: `panka plan`, or apply without --auto-approve and answer")
                .help("if all of it is to go, give --allow-mass-delete")
                .into())
        })
    }

    /// Says whether a large share of the `existing` resources would be deleted: more than half of them, and more than three. A vanished
    /// directory of manifests looks like that. A plan that destroys is meant to.
    pub(super) fn warn_of_deletes(&mut self, existing: usize) {
        self.warnings.retain(|warning| warning.code != P8013);
        let going = self.summary.delete;
        if self.destroy || going <= 3 || going * 2 <= existing {
            return;
        }
        self.warnings.push(
            Diagnostic::new(P8013, format!("{going} of the {existing} resources that exist would be deleted"))
                .warning()
                .help("has a directory or a file of the manifests been moved, renamed or emptied?"),
        );
        crate::diagnostic::sort(&mut self.warnings);
    }

    /// Says of pending steps that the run which began them is still at work.
    pub fn leave_to_others(&mut self) {
        self.warnings.retain(|warning| warning.code != P8006);
        for blocked in self.steps.iter_mut().filter_map(|step| step.blocked.as_mut()).filter(|blocked| blocked.code == P8006) {
            blocked.message = blocked.message.replace("by an earlier run is pending", "by another run is under way");
        }
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
