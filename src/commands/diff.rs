//! `panka diff`: graph and state → plan.

use crate::commands::selection::Selection;

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
