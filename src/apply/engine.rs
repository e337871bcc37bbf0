//! The seam for engines: what executes whole plans.
//!
//! In: a plan and the context of its run. Out: how its steps ended, and everything that was learned, in the journal. The frame of a run is the
//! same for all engines; a [`Provider`](super::provider::Provider) of single calls becomes an engine by [`Scheduled`](super::Scheduled).

use std::collections::BTreeSet;

use super::context::RunContext;
use super::provider::Source;
use super::recover::Settled;
use super::run::StepRun;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Error};
use crate::exit::Exit;
use crate::plan::Plan;
use crate::resource::Resource;
use crate::state::{Entry, State};

/// What executes plans. The values of a plan are resolved from what it is a [`Source`] of.
pub trait Engine: Source {
    /// Everything that must hold before anybody is asked to approve: tools, versions, credentials.
    fn preflight(&self, plan: &Plan) -> impl Future<Output = Result<(), Error>> + Send;

    /// Settles what killed runs have left pending. `desired` is what is wanted now: from it values are taken that the journal does not hold.
    fn settle(&self, context: &RunContext, desired: &[&Resource]) -> impl Future<Output = Result<Vec<Settled>, Error>> + Send;

    /// Executes the steps of a plan on a state. An error means that no step was started.
    fn execute(&self, context: &RunContext, plan: &Plan, before: &State) -> impl Future<Output = Result<Executed, Error>> + Send;
}

/// What came of the steps of a plan.
#[derive(Debug)]
pub struct Executed {
    /// How each step ended, in the order of the plan.
    pub steps: Vec<StepRun>,
    /// Steps that have done what they are for, whether or not something is left to clear away.
    pub effects: BTreeSet<Address>,
    /// What went wrong.
    pub findings: Vec<Diagnostic>,
    /// The exit code that the steps alone would give.
    pub exit: Exit,
    /// The journal takes nothing any more, so that nothing further may be done.
    pub gone: bool,
    /// Results that the journal could not take.
    pub orphans: Vec<Entry>,
}
