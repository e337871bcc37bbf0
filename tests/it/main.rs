//! The one integration-test binary: a file per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends with a panic")]

mod asked;
mod backend;
mod backend_access;
mod bad_documents;
mod bad_manifests;
mod bed;
mod catalog;
mod changes;
mod contention;
mod crash;
mod deploy;
mod documents;
#[path = "../harness/emulator.rs"]
pub mod emulator;
mod env;
mod every_kind;
mod every_verb;
mod failures;
mod flags;
mod forgets;
mod generated;
mod interruptions;
mod layers;
mod locks;
mod lost_lock;
mod organisation;
mod output;
mod permissions;
mod pipeline;
mod places;
mod project;
mod pulumi;
mod pulumi_recovery;
mod pulumi_trouble;
mod readme;
mod reference;
mod remote;
mod remote_crash;
mod remote_recovery;
mod says;
mod sequences;
mod service;
mod setup;
mod signals;
mod stopped;
mod stored;
mod terraform;
mod vanished;
mod verbose;
