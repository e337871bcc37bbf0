//! `panka apply`: a plan, or everything before it, carried out.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::Outcome;
use super::running::{Job, carry_out};
use super::selection::Selection;
use super::session::Session;
use crate::apply::events::Target;
use crate::apply::faults::Faults;
use crate::config::duration_option;
use crate::diagnostic::codes::command::{P0014, P0017};
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
    /// Delete more than half of what exists without asking
    #[arg(long)]
    pub allow_mass_delete: bool,
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
    /// Name of the stack, where a protected environment is destroyed and nobody can be asked
    #[arg(long, value_name = "STACK")]
    pub confirm: Option<String>,
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

impl Running {
    /// Refuses what can be seen to be wrong before anything is planned or locked.
    pub fn check(&self, session: &Session) -> Result<(), Error> {
        self.steps_at_once()?;
        self.lock_timeout()?;
        if let Some(Target::File(path)) = self.events_target()? {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !session.context.cwd.join(folder).is_dir()) {
                return Err(Diagnostic::new(P0014, format!("--events: there is no directory `{}`", folder.display())).into());
            }
        }
        self.faults(session).map(drop)
    }

    /// `--parallelism`.
    pub fn steps_at_once(&self) -> Result<Option<usize>, Error> {
        let Some(text) = &self.parallelism else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (1..=1000).contains(number));
        let finding = || Diagnostic::new(P0017, format!("--parallelism cannot be `{text}`")).help("a whole number from 1 to 1000");
        number.map(Some).ok_or_else(|| finding().into())
    }

    /// `--lock-timeout`.
    pub fn lock_timeout(&self) -> Result<Option<Duration>, Error> {
        self.lock_timeout.as_deref().map(|text| duration_option("--lock-timeout", text)).transpose()
    }

    /// `--events`.
    pub fn events_target(&self) -> Result<Option<Target>, Error> {
        self.events.as_deref().map(str::parse).transpose()
    }

    /// `--faults`.
    pub fn faults(&self, session: &Session) -> Result<Option<Faults>, Error> {
        self.faults.as_deref().map(|path| Faults::read(&session.context.cwd.join(path))).transpose()
    }
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
        Some(path) => Some(session.stage_in(path, Plan::KIND, "apply")?),
    };
    let planned = session.plan(stage, &args.selection, args.adopt).await?;
    let job = Job { planned, running: &args.running, operation: "apply", adopt: args.adopt, mass_delete: args.allow_mass_delete };
    Box::pin(carry_out(job, session, options)).await
}
