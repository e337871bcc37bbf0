//! `panka plan`: what apply would do, drawn for people.

use std::path::PathBuf;

use crate::commands::selection::Selection;

/// Show what apply would do, drawn for people
///
/// The same as `panka parse | panka graph | panka diff`, drawn; takes no lock and changes nothing. --out keeps the plan, which `panka apply
/// FILE` then carries out as it stands, or refuses if the state has moved on.
///
/// Examples:
///
///   panka plan -s shop -e dev
///   panka plan -s shop -e production --out plan.json && panka apply plan.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to take part
    #[command(flatten)]
    pub selection: Selection,
    /// Write the plan document to a file as well
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Show a plan that deletes everything
    #[arg(long)]
    pub destroy: bool,
    /// Exit with 10 when the plan holds steps
    #[arg(long)]
    pub exit_code: bool,
}
