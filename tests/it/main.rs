//! The one integration-test binary: a file per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends with a panic")]

mod bad_documents;
mod bad_manifests;
mod catalog;
mod crash;
mod documents;
mod env;
mod flags;
mod generated;
mod layers;
mod output;
mod pipeline;
mod places;
mod readme;
mod reference;
mod setup;
mod signals;
mod stored;
mod verbose;
