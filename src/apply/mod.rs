//! Apply: runs a plan.
//!
//! In: a plan, the state, a lock, a provider. Out: provider calls in dependency order, each between two durable journal entries; a stream
//! of [`Event`]s; and one [`Run`] document.

pub mod event;
pub mod provider;
mod events;
mod execute;
mod inputs;
mod inverse;
mod order;
mod recover;
mod retry;
mod rollback;
mod scheduler;
mod work;
pub mod run;

pub use event::Event;
pub use retry::Random;
pub use run::Run;
