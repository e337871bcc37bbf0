//! Setting up a backend: the bucket of the states, the table of the locks, and what a role must be allowed.
//!
//! In: what is wanted ([`Wanted`]). Out: each thing and setting of it as it is and as it should be ([`Step`]), made so in order; and what a run
//! may do there ([`probe`]). What others have put into the same settings stays.

pub mod access;
pub mod bucket;
pub mod permission;
pub mod probe;
pub mod remove;
pub mod step;
pub mod table;
pub mod wanted;

pub use permission::{Backend, PERMISSIONS, Permission, Role};
pub use remove::Contents;
pub use step::{Action, Item, Setup, Step};
pub use wanted::{Pipelines, TableName, Trust, Wanted};
