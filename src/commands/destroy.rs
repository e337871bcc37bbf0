//! `panka destroy`: everything of a stack in one environment deleted.

use super::Outcome;
use super::apply::Running;
use super::complete;
use super::input;
use super::running::{Job, carry_out};
use super::selection::Selection;
use super::session::Session;
use crate::diagnostic::codes::command::P0003;
use crate::diagnostic::{Diagnostic, Error};
use crate::output::Options;

/// Delete everything of a stack in one environment
///
/// Plans a delete of every resource in the state, in reverse order, shows it, asks, and runs it like apply does. Protected resources are
/// refused. In an environment with `protect: true` the name of the stack must be typed; with --auto-approve, --confirm gives it.
///
/// Examples:
///
///   panka destroy -s shop -e dev
///   panka destroy -s shop -e dev --auto-approve
///   panka destroy -s shop -e dev --target users/api
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Only these resources and what needs them: service, service/component or service/component/role; `*` and `?` are wildcards
    #[arg(long = "target", value_name = "SELECTOR", add = complete::selectors())]
    pub targets: Vec<String>,
    /// Not these resources, nor what they need
    #[arg(long = "exclude", value_name = "SELECTOR", add = complete::selectors())]
    pub excludes: Vec<String>,
    /// How to run
    #[command(flatten)]
    pub running: Running,
}

impl Args {
    /// Which resources take part.
    pub fn selection(&self) -> Selection {
        Selection { targets: self.targets.clone(), excludes: self.excludes.clone(), ..Selection::default() }
    }
}

/// Refuses what stands on standard input: whoever pipes something in means it, and not all that there is.
fn refuse_document(session: &Session) -> Result<(), Error> {
    if !session.context.stdin_is_open() {
        return Ok(());
    }
    let kind = input::sniff(&session.context.read_stdin()?, "standard input")?;
    Err(Diagnostic::new(P0003, format!("destroy reads no document, and on standard input is a {kind}"))
        .help("carry out a plan with `panka apply`; to delete everything, redirect standard input from /dev/null")
        .into())
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session, options: &Options) -> Result<Outcome, Error> {
    refuse_document(session)?;
    let planned = session.plan_destroy(&args.selection()).await?;
    let job = Job { planned, running: &args.running, operation: "destroy", adopt: false, mass_delete: true };
    Box::pin(carry_out(job, session, options)).await
}
