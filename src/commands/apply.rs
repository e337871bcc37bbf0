//! `panka apply`: a plan, or everything before it, carried out.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Outcome;
use super::input::Stage;
use super::running::{Job, carry_out};
use super::selection::Selection;
use super::session::Session;
use crate::diagnostic::codes::command::P0014;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Document as _;
use crate::output::Options;
use crate::plan::Plan;

/// Carry out a plan: from a plan on standard input, from any earlier document, or end to end
///
/// End to end it parses, plans, shows the plan, asks, takes the lock, checks that the plan still fits, runs it with every step journaled,
/// saves the state, releases the lock and emits a `panka.run/v1` document. A run that was killed is picked up by the next plain apply.
///
/// Examples:
///
///   panka apply -s shop -e dev
///   panka apply --stack shop --environment production --var VERSION=v1.0.0 --auto-approve
///   panka diff -s shop -e dev | jq 'del(.steps[] | select(.op == "delete"))' | panka apply --auto-approve
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// A saved plan, or an earlier document, instead of standard input
    #[arg(value_name = "DOCUMENT")]
    pub document: Option<PathBuf>,
    /// What to take part
    #[command(flatten)]
    pub selection: Selection,
    /// Have the engine take over what the state knows and the engine does not, without a change in AWS, and go on from there
    #[arg(long)]
    pub adopt: bool,
    /// How to run
    #[command(flatten)]
    pub running: Running,
}

/// How apply and destroy run.
#[derive(Debug, Clone, clap::Args)]
pub struct Running {
    /// Do not ask
    #[arg(long, visible_alias = "yes", short = 'y')]
    pub auto_approve: bool,
    /// Steps at once, 1 to 1000
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub parallelism: Option<String>,
    /// What to do when a step fails
    #[arg(long, value_name = "POLICY", default_value = "stop")]
    pub on_failure: OnFailure,
    /// How long to wait for a held lock: 90s, 10m
    #[arg(long, value_name = "DURATION")]
    pub lock_timeout: Option<String>,
    /// Never take over the lock of a dead run
    #[arg(long)]
    pub no_takeover: bool,
    /// Use the lock in this file, made by `panka lock acquire`, and leave it held
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
    /// Run what protection does not forbid, and exit with 6
    #[arg(long)]
    pub skip_protected: bool,
    /// Write the events of the run as lines of JSON to a file, or to `fd:N`
    #[arg(long, value_name = "FILE")]
    pub events: Option<String>,
    /// Keep the Pulumi program of the run in this directory
    #[arg(long, value_name = "DIR")]
    pub keep_program: Option<PathBuf>,
    /// Clear Pulumi's own lock of the stack, whoever holds it
    #[arg(long)]
    pub cancel_pulumi: bool,
    /// Let the local engine act with a real backend
    #[arg(long)]
    pub allow_simulated: bool,
    /// Faults to inject into the simulated account, for tests of pipelines
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
}

/// What to do when a step fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnFailure {
    /// Start nothing new, finish what runs
    Stop,
    /// Go on with everything that does not depend on the failed step
    Continue,
    /// Finish what runs, then undo the steps of this run
    Rollback,
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session, options: &Options) -> Result<Outcome, Error> {
    let stage = match &args.document {
        None => session.stage(Plan::KIND, "apply")?,
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(session.context.cwd.join(path))
                .map_err(|error| Diagnostic::new(P0014, format!("`{name}` cannot be read: {error}")))?;
            let stage = Stage::read(&text, Plan::KIND, "apply", &name)?;
            stage.expect_place(session.global.stack.as_deref(), session.global.environment.as_deref())?;
            Some(stage)
        }
    };
    let planned = session.plan(stage, &args.selection, args.adopt).await?;
    Box::pin(carry_out(Job { planned, running: &args.running, operation: "apply", confirmed: None, adopt: args.adopt }, session, options))
        .await
}
