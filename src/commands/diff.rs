//! `panka diff`: graph and state → plan.

use super::Outcome;
use super::selection::Selection;
use super::session::Session;
use crate::diagnostic::Error;
use crate::document::Document as _;
use crate::exit::Exit;
use crate::graph::Graph;

/// Compare the graph with the state and emit a plan
///
/// Reads a manifest or a graph on standard input, or starts from the YAML files, and emits a `panka.plan/v1` document: steps with property
/// changes by JSON pointer, replacements with the rule that forces them, what is blocked and why. Takes no lock and changes nothing.
///
/// Examples:
///
///   panka parse -s shop -e dev | panka diff
///   panka diff -s shop -e dev --exit-code            # 10 when there is something to do
///   panka diff -s shop -e dev --jq '.steps[] | select(.op == "replace") | .address'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to take part
    #[command(flatten)]
    pub selection: Selection,
    /// Exit with 10 when the plan holds steps
    #[arg(long)]
    pub exit_code: bool,
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    let stage = session.stage(Graph::KIND, "diff")?;
    let planned = session.plan(stage, &args.selection).await?;
    let exit = if args.exit_code && !planned.plan.is_empty() { Exit::Differences } else { Exit::Done };
    Ok(Outcome::document(planned.plan).warn(planned.warnings).exit(exit))
}
