//! Apply: runs a plan.
//!
//! In: a plan, the state, a lock, a provider. Out: provider calls in dependency order, each between two durable journal entries; a stream
//! of [`Event`]s; and one [`Run`] document.

mod call;
pub mod event;
pub mod events;
mod execute;
mod inputs;
mod inverse;
mod order;
pub mod provider;
pub mod recover;
mod report;
mod retry;
mod rollback;
pub mod run;
mod scheduler;
mod work;
mod workshop;

pub use event::Event;
pub use events::Events;
pub use execute::{How, Report, execute};
pub use report::nothing_to_do;
pub use retry::Random;
pub use run::Run;
pub use scheduler::{Interrupt, LostLock, OnFailure, Signals};

#[cfg(test)]
mod tests;
