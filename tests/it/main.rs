//! The one integration-test binary: a file per subject.

mod catalog;
mod documents;
mod env;
mod generated;
mod layers;
mod readme;
mod reference;
