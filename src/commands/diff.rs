//! `panka diff`: graph and state → plan.

use super::planning::Planned;
use super::selection::Selection;
use super::session::Session;
use super::{Outcome, engines};
use crate::answers::Check;
use crate::diagnostic::Error;
use crate::document::Document as _;
use crate::exit::Exit;
use crate::graph::Graph;
use crate::plan::Plan;

/// Compare the graph with the state and emit a plan
///
/// Reads a manifest or a graph on standard input, or starts from the YAML files, and emits a `panka.plan/v1` document: steps with property
/// changes by JSON pointer, replacements with the rule that forces them, what is blocked and why. Takes no lock and changes nothing.
///
/// Examples:
///
///   panka parse -s shop -e dev | panka diff
///   panka diff -s shop -e dev --exit-code            # 10 when there is something to do
///   panka diff -s shop -e dev --check --exit-code    # 10 when Pulumi would do something else
///   panka diff -s shop -e dev --jq '.steps[] | select(.op == "replace") | .address'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to take part
    #[command(flatten)]
    pub selection: Selection,
    /// Exit with 10 when the plan holds steps; with --check, when the two differ
    #[arg(long)]
    pub exit_code: bool,
    /// Have Pulumi preview the same program, and tell where the two differ
    #[arg(long)]
    pub check: bool,
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    let stage = session.stage(Graph::KIND, "diff")?;
    let planned = session.plan(stage, &args.selection, false).await?;
    if args.check {
        return Box::pin(check(args, planned, session)).await;
    }
    let exit = if args.exit_code && !planned.plan.is_empty() { Exit::Differences } else { Exit::Done };
    Ok(Outcome::document(planned.plan).warn(planned.warnings).exit(exit))
}

async fn check(args: &Args, planned: Planned, session: &Session) -> Result<Outcome, Error> {
    let Planned { plan, state, opened, warnings, .. } = planned;
    let engine = engines::pulumi(&opened, session, (&plan.provider, &state), (false, None)).await?;
    let differences = engine.check(&plan, &state).await?;
    let exit = if args.exit_code && !differences.is_empty() { Exit::Differences } else { Exit::Done };
    let Plan { stack, environment, steps, .. } = plan;
    let check = Check {
        stack: Some(stack),
        environment: Some(environment),
        steps: Some(steps.len()),
        differences: Some(differences),
        ..Check::default()
    };
    Ok(Outcome::document(check).warn(warnings).exit(exit))
}
