//! `panka graph`: manifest → graph.

use super::Outcome;
use super::session::Session;
use crate::diagnostic::Error;
use crate::document::Document as _;
use crate::graph::Graph;

/// Emit the AWS resources that the components become, with their edges
///
/// Reads a `panka.manifest/v1` document on standard input, or starts from the YAML files, and emits a `panka.graph/v1` document:
/// resources, references, direct edges, waves and the critical path.
///
/// Examples:
///
///   panka parse -s shop -e dev | panka graph
///   panka graph -s shop -e dev -o tree
///   panka graph -s shop -e dev --jq '.resources | length'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {}

/// Runs the verb.
pub fn run(_: &Args, session: &Session) -> Result<Outcome, Error> {
    let stage = session.stage(Graph::KIND, "graph")?;
    let graphed = session.graph(stage)?;
    Ok(Outcome::document(graphed.graph).warn(graphed.warnings))
}
