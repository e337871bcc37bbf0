//! `panka state`: the state as a stage of the pipe, and the verbs on it.

use std::path::PathBuf;

use super::Outcome;
use super::complete;
use super::input::Stage;
use super::opened::Opened;
use super::selection::selectors;
use super::session::Session;
use crate::answers::{History, ResourceLine, Resources, VersionLine};
use crate::diagnostic::codes::apply::P8006;
use crate::diagnostic::codes::command::P0009;
use crate::diagnostic::codes::lock::P6005;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::{Document as _, Kind};
use crate::graph::Graph;
use crate::state::State;

mod edit;
mod migrate;
mod restore;

/// Show and change the state; without a verb, a stage of the pipe that attaches the state
///
/// Without a verb it reads a manifest or a graph on standard input and emits the same document with the state attached, so that diff
/// needs no backend. With nothing on standard input it shows the state.
///
/// Examples:
///
///   panka graph -s shop -e dev | panka state | panka diff
///   panka state show -s shop -e dev --jq '.resources | map_values(.type)'
///   panka state list -s shop -e dev 'users/*'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The verb
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Verbs on the state.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Show the whole state, journal folded in
    Show,
    /// List the resources
    List {
        /// Only these
        #[arg(value_name = "SELECTOR", add = complete::selectors())]
        selectors: Vec<String>,
    },
    /// Print the stored state, for keeping or for another backend
    #[command(disable_version_flag = true)]
    Pull {
        /// A version that the backend has kept, as `panka state history` lists them
        #[arg(id = "snapshot-version", long = "version", value_name = "VERSION")]
        version: Option<String>,
    },
    /// Replace the stored state with the one on standard input or in a file
    ///
    /// Refused when the lineage differs or the serial is behind; --force goes back to an older serial of the same lineage.
    Push {
        /// File to read instead of standard input
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Push even if the serial is behind
        #[arg(long)]
        force: bool,
    },
    /// Forget resources without touching them in AWS
    Rm {
        /// What to forget
        #[arg(value_name = "SELECTOR", required = true, add = complete::selectors())]
        selectors: Vec<String>,
        /// Show what would be forgotten
        #[arg(long)]
        dry_run: bool,
    },
    /// Rename a resource, a component or a service in the state
    Mv {
        /// Address, component or service as it is
        from: String,
        /// As it shall be
        to: String,
        /// Show what would be renamed
        #[arg(long)]
        dry_run: bool,
    },
    /// List the runs of this place, and the versions of its snapshot
    History,
    /// Put a version of the snapshot back that the backend has kept
    ///
    /// What the journal holds since is folded in. Works when the present snapshot is damaged or deleted; what stands there stays a version.
    Restore {
        /// Version, as `panka state history` lists them
        #[arg(id = "snapshot-version", value_name = "VERSION")]
        version: String,
        /// Show what would be put back
        #[arg(long)]
        dry_run: bool,
    },
    /// Move the state to another backend
    ///
    /// Takes both locks, copies the snapshot and the run records, reads them back, and marks what is left behind: the old backend refuses to
    /// go on from it.
    #[command(verbatim_doc_comment)]
    Migrate(migrate::Args),
    /// Refuse delete and replace of resources from now on
    Protect {
        /// Which
        #[arg(value_name = "SELECTOR", required = true, add = complete::selectors())]
        selectors: Vec<String>,
    },
    /// Allow delete and replace of resources again
    Unprotect {
        /// Which
        #[arg(value_name = "SELECTOR", required = true, add = complete::selectors())]
        selectors: Vec<String>,
    },
    /// Say what became of a pending step that panka cannot find out
    Resolve {
        /// The resource
        #[arg(value_name = "ADDRESS", required_unless_present = "from", add = complete::selectors())]
        address: Option<String>,
        /// Feed back what a run learned that could not write any more: a file of .panka/orphans
        #[arg(long, value_name = "FILE", conflicts_with_all = ["address", "identifier", "absent"])]
        from: Option<PathBuf>,
        /// It exists, with this identifier
        #[arg(long, value_name = "ID", conflicts_with = "absent")]
        identifier: Option<String>,
        /// It does not exist
        #[arg(long)]
        absent: bool,
    },
    /// Check the stored state, its journal, its records of runs and its lock
    Verify,
}

impl Args {
    /// Tells whether the verb changes the state.
    pub fn edits(&self) -> bool {
        !matches!(self.verb, None | Some(Verb::Show | Verb::List { .. } | Verb::Pull { .. } | Verb::History | Verb::Verify))
    }
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    match &args.verb {
        None => match session.stage(Graph::KIND, "state")? {
            Some(stage) => attach(stage, session).await,
            None => show(session).await,
        },
        Some(Verb::Show) => show(session).await,
        Some(Verb::List { selectors }) => list(session, selectors).await,
        Some(Verb::Pull { version }) => pull(session, version.as_deref()).await,
        Some(Verb::Restore { version, dry_run }) => restore::restore(session, version, *dry_run).await,
        Some(Verb::Migrate(args)) => migrate::run(args, session).await,
        Some(Verb::History) => history(session).await,
        Some(Verb::Verify) => verify(session).await,
        Some(Verb::Push { file, force }) => edit::push(session, file.as_deref(), *force).await,
        Some(Verb::Rm { selectors, dry_run }) => edit::remove(session, selectors, *dry_run).await,
        Some(Verb::Mv { from, to, dry_run }) => edit::rename(session, from, to, *dry_run).await,
        Some(Verb::Protect { selectors }) => edit::protect(session, selectors, true).await,
        Some(Verb::Unprotect { selectors }) => edit::protect(session, selectors, false).await,
        Some(Verb::Resolve { from: Some(file), .. }) => edit::feed_back(session, file).await,
        Some(Verb::Resolve { address, identifier, absent, .. }) => {
            edit::resolve(session, address.as_deref().unwrap_or_default(), identifier.as_deref(), *absent).await
        }
    }
}

/// As a stage of the pipe: the document with the state attached.
async fn attach(mut stage: Stage, session: &Session) -> Result<Outcome, Error> {
    let opened = Opened::of_stage(session, &stage).await?;
    let state = opened.pull().await?;
    let attached = Some(serde_json::to_value(&state).expect("documents are always JSON"));
    match &mut stage {
        Stage::Manifest(manifest) => manifest.state = attached,
        Stage::Graph(graph) => graph.state = attached,
        Stage::Plan(_) => unreachable!("the state is attached before a plan is made"),
    }
    Ok(stage.into_outcome())
}

async fn show(session: &Session) -> Result<Outcome, Error> {
    Ok(Outcome::document(Opened::here(session).await?.load().await?))
}

async fn pull(session: &Session, version: Option<&str>) -> Result<Outcome, Error> {
    let opened = Opened::here(session).await?;
    Ok(Outcome::document(match version {
        Some(version) => opened.place.version(version).await?,
        None => opened.pull().await?,
    }))
}

async fn list(session: &Session, texts: &[String]) -> Result<Outcome, Error> {
    let wanted = selectors(texts)?;
    let state = Opened::here(session).await?.load().await?;
    for (selector, text) in wanted.iter().zip(texts) {
        if !state.resources.keys().any(|address| selector.matches(address)) {
            return Err(Diagnostic::new(P0009, format!("the selector `{text}` matches nothing in the state"))
                .help("`panka state list` lists the addresses")
                .into());
        }
    }
    let mut resources = lines(&state, None);
    resources.resources.retain(|line| wanted.is_empty() || wanted.iter().any(|selector| selector.matches(&line.address)));
    Ok(Outcome::document(resources))
}

/// The resources of a state in short. `done` says what was done with them.
fn lines(state: &State, done: Option<&str>) -> Resources {
    let line = |(address, record): (&crate::address::Address, &crate::state::Record)| ResourceLine {
        address: address.clone(),
        type_name: record.type_name.clone(),
        status: record.status,
        identifier: record.identifier.clone(),
        protect: record.protect,
    };
    Resources {
        kind: Kind::new(),
        stack: state.stack.clone(),
        environment: state.environment.clone(),
        simulated: state.simulated,
        done: done.map(str::to_owned),
        serial: state.serial,
        resources: state.resources.iter().map(line).collect(),
    }
}

async fn history(session: &Session) -> Result<Outcome, Error> {
    let place = Opened::here(session).await?.place;
    let (runs, versions) = tokio::try_join!(place.history(), place.versions())?;
    let versions = versions.into_iter().map(|version| VersionLine {
        version: version.id,
        at: version.at,
        bytes: version.bytes,
        latest: version.latest,
    });
    Ok(Outcome::document(History {
        kind: Kind::new(),
        stack: place.stack().to_owned(),
        environment: place.environment().to_owned(),
        runs,
        versions: versions.collect(),
    }))
}

/// Checks everything that is stored: snapshot, journal, records of runs, and that the lock is not behind them. Shows what was checked.
async fn verify(session: &Session) -> Result<Outcome, Error> {
    let opened = Opened::here(session).await?;
    let place = &opened.place;
    let state = opened.load().await?;
    let mut findings = place.verify().await?;
    place.history().await?;
    let record = opened.locker.status(place.stack(), place.environment()).await?;
    if let Some(record) = record.filter(|record| record.epoch < state.epoch) {
        let message = format!("the lock has granted the epoch {}, and the state was written with {}", record.epoch, state.epoch);
        findings.push(Diagnostic::new(P6005, message).warning().help("the next run raises it; is this the lock table of the last run?"));
    }
    for (address, pending) in state.pending() {
        let message = format!("{} of `{address}` is pending since {}", pending.intent.op.name(), pending.at);
        findings.push(Diagnostic::new(P8006, message).about(address).warning().help("the next apply finds out what became of it"));
    }
    let warnings = Error::check(findings)?;
    Ok(Outcome::document(lines(&state, Some("verified"))).warn(warnings))
}
