//! The one integration-test binary: a file per subject.

mod bad_documents;
mod bad_manifests;
mod catalog;
mod crash;
mod documents;
mod env;
mod generated;
mod layers;
mod output;
mod pipeline;
mod readme;
mod reference;
mod setup;
mod stored;
