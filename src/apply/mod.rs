//! Apply: runs a plan.
//!
//! In: a plan, the state, a lock, an [`Engine`]. Out: the plan carried out, everything that was learned in the journal, a stream of [`Event`]s, and
//! one [`Run`] document.
//!
//! Three levels, each of which knows those below it: the frame of a run, the same for all engines; the engine, which executes plans, as a whole
//! or step by step; and, for engines that make single calls, the steps: scheduler, work of a node, one call, the floor that they share.

mod call;
mod context;
mod engine;
pub mod event;
pub mod events;
pub mod faults;
mod floor;
mod frame;
mod inverse;
mod order;
pub mod provider;
mod recover;
mod report;
mod retry;
mod rollback;
pub mod run;
mod scheduled;
mod scheduler;
mod snapshots;
mod trouble;
mod values;
pub mod whole;
mod work;

pub use context::{OnFailure, Options, RunContext};
pub use engine::{Engine, Executed};
pub use event::Event;
pub use events::Events;
pub use frame::{Report, run as run_plan};
pub use recover::Settled;
pub use report::{how_to_resolve, nothing_to_do};
pub use retry::Random;
pub use run::Run;
pub use scheduled::Scheduled;

#[cfg(test)]
mod tests;
