//! Setting up a backend: the bucket of the states, the table of the locks, and what a role must be allowed.

pub mod permission;

pub use permission::{Backend, PERMISSIONS, Permission, Role};
