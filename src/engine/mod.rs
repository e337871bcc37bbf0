//! Engines: what executes a plan's steps.
//!
//! Engines see resources, never manifests.

pub mod local;
