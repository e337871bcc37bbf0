//! `panka lock`: the lock as a stage of the pipe, and the verbs on it.

use std::path::{Path, PathBuf};

use super::input::{self, Stage};
use super::opened::{self, Opened};
use super::session::Session;
use super::{Outcome, asked};
use crate::answers::{LockLine, Locks, Ticket};
use crate::config::duration_option;
use crate::diagnostic::codes::apply::P8004;
use crate::diagnostic::codes::command::{P0007, P0008, P0014, P0017};
use crate::diagnostic::codes::lock::P6003;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::{Document as _, Kind};
use crate::lock::{Broken, LockRecord, Request, Timing};
use crate::manifest::{Declared, LockTicket};
use crate::output::{self, prompt};
use crate::plan::Plan;
use crate::state::Scope;

/// Take, show and free locks; without a verb, a stage of the pipe that takes the lock
///
/// Without a verb it reads a document on standard input, takes the lock of its stack and environment and emits the same document with the
/// lock attached; apply then uses it and frees it at its end. With nothing on standard input it shows the status.
///
/// Examples:
///
///   panka graph -s shop -e dev | panka lock | panka state | panka diff | panka apply --auto-approve
///   panka lock status -s shop -e dev
///   panka lock acquire -s shop -e dev --ttl 30m > lock.json && panka apply --lock lock.json …; panka lock release lock.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Length of the lease as a stage of the pipe: no process is left to renew it
    #[arg(long, value_name = "DURATION", default_value = "15m")]
    pub ttl: String,
    /// How long to wait for a held lock
    #[arg(long, value_name = "DURATION")]
    pub lock_timeout: Option<String>,
    /// Never take over the lock of a dead run
    #[arg(long)]
    pub no_takeover: bool,
    /// The verb
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

impl Args {
    /// Refuses lengths of time that are none.
    pub fn check(&self) -> Result<(), Error> {
        let (ttl, timeout) = match &self.verb {
            None => (Some(&self.ttl), &self.lock_timeout),
            Some(Verb::Acquire { ttl, lock_timeout, .. }) => (Some(ttl), lock_timeout),
            Some(Verb::Renew { ttl, .. }) => (ttl.as_ref(), &None),
            Some(_) => return Ok(()),
        };
        if let Some(ttl) = ttl {
            Timing::check_handed(duration_option("--ttl", ttl)?)?;
        }
        timeout.as_deref().map(|text| duration_option("--lock-timeout", text)).transpose().map(drop)
    }

    /// Tells whether the verb takes a lock, which can be that of one service.
    pub fn takes_the_lock(&self) -> bool {
        matches!(self.verb, None | Some(Verb::Acquire { .. }))
    }
}

/// Verbs on locks.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Show who holds the lock of a stack and environment
    Status,
    /// List the locks of all stacks and environments
    List,
    /// Take the lock for a script: prints the ticket
    Acquire {
        /// Length of the lease
        #[arg(long, value_name = "DURATION", default_value = "15m")]
        ttl: String,
        /// How long to wait for a held lock
        #[arg(long, value_name = "DURATION")]
        lock_timeout: Option<String>,
        /// Never take over the lock of a dead run
        #[arg(long)]
        no_takeover: bool,
        /// What it is held for
        #[arg(long, value_name = "TEXT", default_value = "lock acquire")]
        operation: String,
    },
    /// Lengthen a lease that a script holds
    Renew {
        /// File with the ticket; standard input otherwise
        #[arg(value_name = "FILE")]
        ticket: Option<PathBuf>,
        /// Length of the lease from now; as long as it was taken for, if not given
        #[arg(long, value_name = "DURATION")]
        ttl: Option<String>,
        /// Id of the lease instead of a ticket
        #[arg(long, value_name = "ID")]
        lock_id: Option<String>,
    },
    /// Free a lock that a script holds
    Release {
        /// File with the ticket; standard input otherwise
        #[arg(value_name = "FILE")]
        ticket: Option<PathBuf>,
        /// Id of the lease instead of a ticket
        #[arg(long, value_name = "ID")]
        lock_id: Option<String>,
    },
    /// Take the lock away from a holder that is known to be dead
    Break {
        /// Id of the lease to break, as `panka lock status` shows it
        #[arg(long, value_name = "ID")]
        lock_id: Option<String>,
        /// Why; kept in the lock's history
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Do not ask
        #[arg(long, short = 'y')]
        yes: bool,
    },
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    match &args.verb {
        None => match session.stage(Plan::KIND, "lock")? {
            Some(stage) => attach(args, stage, session).await,
            None => status(session).await,
        },
        Some(Verb::Status) => status(session).await,
        Some(Verb::List) => list(session).await,
        Some(Verb::Acquire { ttl, lock_timeout, no_takeover, operation }) => {
            let opened = Opened::here(session).await?;
            opened.refuse_unknown().await?;
            let lock = acquire(&opened, session, ttl, (lock_timeout.as_deref(), *no_takeover), operation).await?;
            let warning = opened.locker.shortcoming().await;
            Ok(Outcome::document(ticket(&opened, lock)).warn(warning.into_iter().collect()))
        }
        Some(Verb::Renew { ticket: file, ttl, lock_id }) => {
            let ttl = ttl.as_deref().map(|text| duration_option("--ttl", text).and_then(Timing::check_handed)).transpose()?;
            let (opened, id) = lease(session, file.as_deref(), lock_id.as_deref()).await?;
            let lock = opened.locker.renew(opened.place.stack(), opened.place.environment(), &id, ttl).await?;
            let lock = opened.ticket(lock);
            Ok(Outcome::document(ticket(&opened, lock)))
        }
        Some(Verb::Release { ticket: file, lock_id }) => {
            let (opened, id) = lease(session, file.as_deref(), lock_id.as_deref()).await?;
            opened.locker.release(opened.place.stack(), opened.place.environment(), &id).await?;
            status_of(&opened).await
        }
        Some(Verb::Break { lock_id, reason, yes }) => break_lock(session, lock_id.as_deref(), reason.as_deref(), *yes).await,
    }
}

/// As a stage of the pipe: the document with the lock attached.
async fn attach(args: &Args, mut stage: Stage, session: &Session) -> Result<Outcome, Error> {
    if let Some(ticket) = stage.lock() {
        return Err(Diagnostic::new(P0007, format!("the document on standard input has a lock already: {}", ticket.lock_id))
            .help("one `panka lock` in a pipe is enough")
            .into());
    }
    let opened = Opened::of_stage(session, &stage).await?;
    let lock = acquire(&opened, session, &args.ttl, (args.lock_timeout.as_deref(), args.no_takeover), "pipe").await?;
    match &mut stage {
        Stage::Manifest(manifest) => manifest.lock = Some(lock),
        Stage::Graph(graph) => graph.lock = Some(lock),
        Stage::Plan(plan) => plan.lock = Some(lock),
    }
    Ok(stage.into_outcome())
}

/// Takes a lease for a script: no process is left to renew it.
async fn acquire(
    opened: &Opened,
    session: &Session,
    ttl: &str,
    (timeout, no_takeover): (Option<&str>, bool),
    operation: &str,
) -> Result<LockTicket, Error> {
    let ttl = Timing::check_handed(duration_option("--ttl", ttl)?)?;
    let timeout = match timeout {
        Some(text) => duration_option("--lock-timeout", text)?,
        None => opened.settings.locks.timeout,
    };
    let scope = session.service()?.map_or(Scope::Stack, Scope::Service);
    let mut request = Request { ttl: Some(ttl), timeout, no_takeover, ..opened.request(session, operation, scope) };
    request.metadata.pid = 0;
    // Once the lock is taken, its ticket is printed.
    let _minding = session.stop.mind();
    let lease = opened.locker.acquire(opened.place.stack(), opened.place.environment(), &request).await?;
    lease.leave().await.map(|lock| opened.ticket(lock))
}

fn ticket(opened: &Opened, lock: LockTicket) -> Ticket {
    Ticket { kind: Kind::new(), stack: opened.place.stack().to_owned(), environment: opened.place.environment().to_owned(), lock }
}

/// The place and id of the lease that a verb is about: given by id, by a file, or by a ticket on standard input.
async fn lease(session: &Session, file: Option<&Path>, lock_id: Option<&str>) -> Result<(Opened, String), Error> {
    if let Some(id) = lock_id {
        return Ok((Opened::here(session).await?, id.to_owned()));
    }
    let (text, source) = match file {
        Some(path) => {
            let read = std::fs::read_to_string(session.context.cwd.join(path));
            let text = read.map_err(|error| Diagnostic::new(P0014, format!("the ticket `{}` cannot be read: {error}", path.display())))?;
            (text, path.display().to_string())
        }
        None if session.context.stdin_is_open() => (session.context.read_stdin()?, "standard input".to_owned()),
        None => {
            return Err(Diagnostic::new(P0017, "no lease is named")
                .help("give the file that `panka lock acquire` has printed, or --lock-id ID; `panka lock status` shows the id")
                .into());
        }
    };
    let ticket: Ticket = input::read(&text, "lock", &source)?;
    for (flag, named, its) in
        [("--stack", &session.global.stack, &ticket.stack), ("--environment", &session.global.environment, &ticket.environment)]
    {
        if let Some(named) = named.as_ref().filter(|named| *named != its) {
            return Err(Diagnostic::new(P6003, format!("{flag} is {named}, and the ticket is for {}", ticket.lock.key))
                .help("give the ticket of this stack and environment, or leave the flags out")
                .into());
        }
    }
    Ok((Opened::of_ticket(session, &ticket).await?, ticket.lock.lock_id))
}

async fn status(session: &Session) -> Result<Outcome, Error> {
    status_of(&Opened::here(session).await?).await
}

async fn status_of(opened: &Opened) -> Result<Outcome, Error> {
    let (stack, environment) = (opened.place.stack(), opened.place.environment());
    let record = opened.locker.status(stack, environment).await?.map(|record| opened.locker.observe(record));
    let warning = opened.locker.shortcoming().await;
    Ok(Outcome::document(record.unwrap_or_else(|| LockRecord::free(stack, environment))).warn(warning.into_iter().collect()))
}

async fn list(session: &Session) -> Result<Outcome, Error> {
    let root = session.root_or_directory();
    // The locks of all places lie in one backend; which one is declared by the stack, where one is named.
    let declared = match session.place(&root) {
        Ok((stack, environment)) => session.declared(&stack, &environment)?.unwrap_or_default(),
        Err(_) => Declared::default(),
    };
    let settings = session.settings(&root, declared.backend.as_ref().into())?;
    let (_, locker) = opened::open(&settings, declared.provider.profile.as_deref(), &session.context.clock()).await?;
    let mut locks = Vec::new();
    let (records, warnings) = locker.list().await?;
    for record in records {
        let record = locker.observe(record);
        for (scope, holder) in record.holders {
            locks.push(LockLine {
                key: record.lock_key.clone(),
                scope,
                locked_by: holder.locked_by,
                operation: holder.operation,
                liveness: holder.observed.map(|observed| observed.liveness),
                locked_at: holder.locked_at,
                expires_at: holder.expires_at,
                lock_id: holder.lock_id,
            });
        }
    }
    Ok(Outcome::document(Locks { kind: Kind::new(), locks }).warn(warnings))
}

/// Shows the holder, asks, and takes the lock away from exactly that holder.
async fn break_lock(session: &Session, lock_id: Option<&str>, reason: Option<&str>, yes: bool) -> Result<Outcome, Error> {
    let opened = Opened::here(session).await?;
    let locker = &opened.locker;
    let (stack, environment) = (opened.place.stack(), opened.place.environment());
    let record = locker.status(stack, environment).await?;
    let holders: Vec<_> = record.iter().flat_map(|record| &record.holders).collect();
    let shown = match lock_id {
        Some(id) => holders.iter().find(|(_, holder)| holder.lock_id == id),
        None if holders.len() > 1 => {
            let ids: Vec<String> =
                holders.iter().map(|(scope, holder)| format!("{} ({scope}, {})", holder.lock_id, holder.locked_by)).collect();
            return Err(Diagnostic::new(P6003, "several hold a lock here")
                .help(format!("say which with --lock-id: {}", ids.join(", ")))
                .into());
        }
        None => holders.first(),
    };
    let Some((scope, holder)) = shown else {
        return Err(Diagnostic::new(
            P6003,
            match lock_id {
                Some(id) => format!("the lease {id} does not hold a lock of {stack} in {environment}"),
                None => format!("nobody holds a lock of {stack} in {environment}"),
            },
        )
        .help("`panka lock status` shows who does")
        .into());
    };
    if lock_id.is_none() && !yes {
        let finding = locker.held(scope, holder);
        output::tell(&format!("{}\n  {}", finding.message, finding.note.unwrap_or_default()))?;
        let question = "Do you want to take the lock away from this holder? A run that is still alive will stop and write nothing more.";
        let agreed = asked(move || prompt::confirm(question)).await;
        let agreed = agreed.map_err(|error| {
            if error.findings().iter().any(|finding| finding.code == P0008) {
                error.help(format!("answer beforehand with --lock-id {}", holder.lock_id))
            } else {
                error
            }
        })?;
        if !agreed {
            return Err(Diagnostic::new(P8004, "not broken: the lock is still held").into());
        }
    }
    let broken = Broken { by: session.context.who(), reason: reason.map(str::to_owned) };
    let record = locker.break_lease(stack, environment, &holder.lock_id, broken).await?;
    Ok(Outcome::document(record))
}
