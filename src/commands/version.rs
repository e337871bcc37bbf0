//! `panka version`.

use super::Outcome;
use crate::answers::Version;
use crate::document::Kind;
use crate::output::schemas;

/// Show the version
///
/// With -o json also the version of the catalog of AWS schemas and the documents that this panka reads and writes.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {}

/// Runs the verb.
pub fn run(_: &Args) -> Outcome {
    let version = Version {
        kind: Kind::new(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        catalog: crate::catalog::catalog().version().to_owned(),
        documents: schemas::ALL.iter().map(|entry| entry.kind.to_owned()).collect(),
    };
    let text = format!("panka {}", version.version);
    Outcome::text(&version, text)
}
