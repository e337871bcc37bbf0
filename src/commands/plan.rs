//! `panka plan`: what apply would do, drawn for people.

use std::path::PathBuf;

use super::Outcome;
use super::init::write_new;
use super::selection::Selection;
use super::session::Session;
use crate::diagnostic::Error;
use crate::document::Document as _;
use crate::exit::Exit;
use crate::graph::Graph;
use crate::output::Options;

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

/// Runs the verb.
pub async fn run(args: &Args, session: &Session, options: &Options) -> Result<Outcome, Error> {
    let planned = if args.destroy {
        session.plan_destroy(&args.selection).await?
    } else {
        let stage = session.stage(Graph::KIND, "plan")?;
        session.plan(stage, &args.selection, false).await?
    };
    if let Some(path) = &args.out {
        let mut text = serde_json::to_string_pretty(&planned.plan).expect("documents are always JSON");
        text.push('\n');
        write_new(&session.context.cwd.join(path), &text, true)?;
    }
    let exit = if args.exit_code && !planned.plan.is_empty() { Exit::Differences } else { Exit::Done };
    let text = crate::output::plan::text(&planned.plan, &options.stdout_style());
    Ok(Outcome::told(&planned.plan, text).warn(planned.warnings).exit(exit))
}
