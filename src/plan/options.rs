//! What a plan is asked for besides the graph and the state.

use crate::account::{Account, EngineKind};
use crate::address::Selector;
use crate::manifest::{Backend, LockTicket, Provider};
use crate::state::Scope;

/// How to plan.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The engine that is to run the plan.
    pub engine: EngineKind,
    /// The account that it is for, as far as it is known.
    pub account: Account,
    /// Only these resources and what they need; all when empty.
    pub targets: Vec<Selector>,
    /// Not these resources, nor what needs them.
    pub excludes: Vec<Selector>,
    /// Resources to replace even if nothing changed.
    pub replace: Vec<Selector>,
    /// Only this service, and nothing outside of it.
    pub service: Option<String>,
}

impl Options {
    /// What a run of the plan needs to lock.
    pub fn scope(&self) -> Scope {
        self.service.clone().map_or(Scope::Stack, Scope::Service)
    }
}

/// Where a destroy happens: what a graph would have said.
#[derive(Debug, Clone, Default)]
pub struct Destination {
    /// Region and account.
    pub provider: Provider,
    /// Where the stack wants its state.
    pub backend: Option<Backend>,
    /// Destroy asks for the stack's name.
    pub protect: bool,
    /// Directory of the repository.
    pub root: Option<String>,
    /// The lock of an earlier stage.
    pub lock: Option<LockTicket>,
}
