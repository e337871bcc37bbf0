//! Carrying out a plan: show, ask, lock, recover, run, release.
//!
//! A lock is never held while a person thinks: the plan is shown and approved first, and checked again under the lock. With
//! --auto-approve and no given plan, the plan is made again under the lock, so that it cannot be stale.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc};

use super::apply::{OnFailure, Running};
use super::engines;
use super::input;
use super::planning::{Planned, check_simulated};
use super::session::Session;
use super::under_lock::UnderLock;
use super::{Outcome, asked};
use crate::answers::Ticket;
use crate::apply::event::{Event, Name};
use crate::apply::faults::{Mishaps, Process};
use crate::apply::{self, Engine as _, Events, Report};
use crate::diagnostic::codes::apply::P8004;
use crate::diagnostic::codes::command::{P0008, P0014};
use crate::diagnostic::codes::lock::P6003;
use crate::diagnostic::{Diagnostic, Error};
use crate::exit::Exit;
use crate::manifest::{LockTicket, Provider, TicketBackend};
use crate::output::progress::Progress;
use crate::output::{self, Mode, Options, findings, prompt};
use crate::state::{Scope, Status};
use crate::stop::Stop;

/// What is carried out.
pub struct Job<'a> {
    /// The plan with what it was made from.
    pub planned: Planned,
    /// How to run.
    pub running: &'a Running,
    /// `apply` or `destroy`.
    pub operation: &'static str,
    /// The engine is to take over first what the state knows and it does not.
    pub adopt: bool,
    /// A large share of what exists may be deleted without asking.
    pub mass_delete: bool,
}

/// Carries out a plan and gives back the outcome of the verb.
pub async fn carry_out(mut job: Job<'_>, session: &Session, options: &Options) -> Result<Outcome, Error> {
    let ticket = held_ticket(&job, session)?;
    go(&mut job, ticket.as_ref(), session, options).await
}

/// What a lock covers that is held already.
fn scope_of(ticket: &LockTicket) -> Result<Scope, Error> {
    ticket.scope.parse().map_err(|error| Diagnostic::new(P6003, format!("the ticket: {error}")).into())
}

async fn go(job: &mut Job<'_>, ticket: Option<&LockTicket>, session: &Session, options: &Options) -> Result<Outcome, Error> {
    let opened = job.planned.opened.clone();
    check_simulated(&opened.settings, job.running.allow_simulated)?;
    let events_target = job.running.events_target()?;
    let faults = job.running.faults(session)?;
    let freeze = Arc::new(Notify::new());
    let mishaps = Mishaps::new(faults.unwrap_or_default(), process(&freeze));
    if let Some(ticket) = ticket {
        job.planned.plan.hold_to(&scope_of(ticket)?)?;
    }
    let run_options = Arc::new(run_options(job, session, mishaps.clone())?);
    let pending = job.planned.state.has_pending();
    if job.planned.plan.is_empty() && !pending && !job.adopt {
        tracing::info!("nothing is run: the plan is empty, and no call of an earlier run is pending");
        if let Some(ticket) = &job.planned.plan.lock {
            opened.locker.release(opened.place.stack(), opened.place.environment(), &ticket.lock_id).await?;
            session.freed();
        }
        let run = apply::nothing_to_do(&job.planned.plan, &job.planned.state, &run_options, &opened.clock.stamp());
        return Ok(Outcome::document(run).warn(std::mem::take(&mut job.planned.warnings)));
    }
    let region = job.planned.plan.provider.region.clone();
    let provider = Provider { region, ..job.planned.plan.provider.clone() };
    let state = job.planned.state.clone();
    let open = async || engines::open(&opened, session, (&provider, &state), job.running, mishaps.clone()).await.map(Arc::new);
    let under_lock = |engine| UnderLock {
        session,
        opened: &opened,
        running: job.running,
        operation: job.operation,
        options: &run_options,
        engine,
        freeze: &freeze,
        mass_delete: job.mass_delete,
    };
    if std::mem::take(&mut job.adopt) {
        let engine = open().await?;
        approve_adoption(job).await?;
        let count = under_lock(engine).adopt_alone(&mut job.planned, ticket).await?;
        if !options.quiet {
            output::tell(&format!("the engine `{}` has taken over {count} resources\n", opened.settings.engine))?;
        }
        return Box::pin(go(job, ticket, session, options)).await;
    }
    let mut engine = None;
    let failed = !job.planned.plan.simulated && job.planned.state.resources.values().any(|record| record.status == Status::Failed);
    if !job.planned.given && !job.running.auto_approve && (pending || failed) {
        // What a killed run left is settled before the plan is shown: a plan approved over it would be stale at once.
        tracing::info!("what an interrupted run left is settled first, so that the plan to approve is not stale");
        let opened = engine.insert(open().await?);
        under_lock(Arc::clone(opened)).settle_alone(&mut job.planned, ticket).await?;
    }
    job.planned.plan.check_refused(job.running.skip_protected)?;
    // What cannot run is told before anybody is asked; the simulated account always can, and opening it makes its files.
    if engine.is_none() && !job.planned.plan.simulated {
        engine = Some(open().await?);
    }
    if let Some(engine) = &engine {
        engine.preflight(&job.planned.plan).await?;
    }
    if job.running.auto_approve && !job.mass_delete {
        job.planned.plan.check_deletes()?;
    }
    announce(&mut job.planned, job.running, session, options)?;
    approve(job).await?;
    let how = if job.running.auto_approve { "by --auto-approve" } else { "on the terminal" };
    tracing::info!(given = job.planned.given, pending, "the plan is approved {how}: the run goes on");
    let engine = match engine {
        Some(engine) => engine,
        None => open().await?,
    };
    let run = opened.clock.id();
    let stream = events_target.map(|target| target.open()).transpose()?;
    let (display, shown) = display(options);
    let events = Events::new(&run, job.planned.plan.simulated, Arc::clone(&opened.clock), Some(display), stream);
    // To the end: what a run says of the signal that has ended it is told whole.
    let _minding = session.stop.mind();
    let answering = tokio::spawn(answer_signals(session.stop.clone(), events.clone()));
    let report = under_lock(engine).run(&mut job.planned, ticket, &events).await;
    answering.abort();
    let closed = events.close();
    drop(events);
    // Its copy of the events goes with it.
    drop(answering.await);
    drop(shown.await);
    let Report { run, findings } = report?;
    let exit = Exit::of(run.exit).unwrap_or(Exit::Bug);
    let mut warnings = std::mem::take(&mut job.planned.warnings);
    warnings.extend(findings);
    warnings.extend(closed);
    warnings.extend(opened.shortcomings().await);
    Ok(Outcome::document(run).warn(warnings).exit(exit))
}

/// Says at once what a signal does.
async fn answer_signals(stop: Stop, events: Events) {
    for (times, text) in [
        (1, "stopping: what has begun is finished and recorded, and nothing new is started; press Ctrl-C again to leave it where it is"),
        (2, "leaving: calls that run are left to themselves; the next apply finds out what became of them"),
    ] {
        stop.interrupted(times).await;
        events.emit(Event { message: Some(text.to_owned()), ..Event::new(Name::Note) });
    }
}

/// What faults do to this process.
fn process(freeze: &Arc<Notify>) -> Process {
    let freeze = Arc::clone(freeze);
    Process { crash: Arc::new(|| std::process::abort()), freeze: Arc::new(move || freeze.notify_one()) }
}

/// The lock that this run is to use: of an earlier stage, or of `--lock FILE`.
fn held_ticket(job: &Job<'_>, session: &Session) -> Result<Option<LockTicket>, Error> {
    let Some(path) = &job.running.lock else { return Ok(job.planned.plan.lock.clone()) };
    let text = std::fs::read_to_string(session.context.cwd.join(path))
        .map_err(|error| Diagnostic::new(P0014, format!("the ticket `{}` cannot be read: {error}", path.display())))?;
    let ticket: Ticket = input::read(&text, job.operation, &path.display().to_string())?;
    let here = job.planned.opened.settings.for_ticket();
    let lies =
        |backend: &Option<TicketBackend>| backend.as_ref().map_or_else(|| "files of a repository".to_owned(), TicketBackend::locks_at);
    let (there, here) = (lies(&ticket.lock.backend), lies(&here));
    if there != here {
        return Err(Diagnostic::new(P6003, format!("the lock of the ticket lies in {there}, and this run has its locks in {here}"))
            .help("run it with the backend with which the ticket was taken, or take a lock here")
            .into());
    }
    Ok(Some(ticket.lock))
}

fn run_options(job: &Job<'_>, session: &Session, mishaps: Mishaps) -> Result<apply::Options, Error> {
    let settings = &job.planned.opened.settings;
    let parallelism = job.running.steps_at_once()?.unwrap_or(settings.parallelism);
    let random = job.planned.opened.clock.random();
    Ok(apply::Options {
        parallelism,
        on_failure: match job.running.on_failure {
            OnFailure::Stop => apply::OnFailure::Stop,
            OnFailure::Continue => apply::OnFailure::Continue,
            OnFailure::Rollback => apply::OnFailure::Rollback,
        },
        skip_protected: job.running.skip_protected,
        settled: !job.planned.given && job.running.auto_approve,
        operation: job.operation.to_owned(),
        by: session.context.who(),
        git_commit: session.context.git_commit(&settings.root),
        ci_run_url: session.context.ci_run_url(),
        orphans: settings.root.join(".panka").join("orphans"),
        // Somewhat less than a lease: whoever finds the lock free after that finds it with its journal closed.
        patience: settings.locks.ttl.mul_f64(5.0 / 6.0),
        seed: random.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte)),
        mishaps: Some(mishaps),
    })
}

/// Says what is to be known before the run: warnings, and the plan, for whoever looks on.
fn announce(planned: &mut Planned, running: &Running, session: &Session, options: &Options) -> Result<(), Error> {
    let Planned { plan, warnings, .. } = planned;
    let asks = !running.auto_approve;
    let draws = asks || !options.quiet && (options.mode != Mode::Json || options.logs);
    let mut warnings = std::mem::take(warnings);
    if !draws {
        warnings.extend(plan.warnings.iter().cloned());
    }
    findings::print(&warnings, Exit::Done, options, &session.root_or_directory());
    if draws { output::tell(&crate::output::plan::text(plan, &options.stderr_style())) } else { Ok(()) }
}

/// Asks for approval, unless that was given beforehand.
async fn approve(job: &Job<'_>) -> Result<(), Error> {
    let plan = &job.planned.plan;
    let asks_name = plan.destroy && plan.protect;
    if let Some(other) = job.running.confirm.as_ref().filter(|name| **name != plan.stack) {
        return Err(Diagnostic::new(P8004, format!("--confirm names `{other}`, and the stack is `{}`", plan.stack))
            .help("name the stack that is meant, or leave --confirm out")
            .into());
    }
    if job.running.auto_approve {
        if asks_name && job.running.confirm.as_ref() != Some(&plan.stack) {
            return Err(Diagnostic::new(
                P8004,
                format!("{} is a protected environment: destroying {} there needs its name", plan.environment, plan.stack),
            )
            .help(format!("give --confirm {}", plan.stack))
            .into());
        }
        return Ok(());
    }
    let simulated = if plan.simulated { " in the SIMULATED account" } else { "" };
    let agreed = if asks_name {
        let question = format!("To delete all of {} in {}{simulated}, type the name of the stack", plan.stack, plan.environment);
        asked(move || prompt::ask(&question, None)).await.map_err(without_terminal)? == plan.stack
    } else {
        let question = if plan.destroy {
            format!("Do you want to delete these resources of {} in {}{simulated}?", plan.stack, plan.environment)
        } else {
            format!("Do you want to apply this plan to {} in {}{simulated}?", plan.stack, plan.environment)
        };
        asked(move || prompt::confirm(&question)).await.map_err(without_terminal)?
    };
    if agreed { Ok(()) } else { Err(Diagnostic::new(P8004, "not approved: nothing was changed").into()) }
}

/// Asks whether the engine may take the stack over, unless that was answered beforehand.
async fn approve_adoption(job: &Job<'_>) -> Result<(), Error> {
    if job.running.auto_approve {
        return Ok(());
    }
    let plan = &job.planned.plan;
    let question =
        format!("Do you want the engine `{}` to take over what the state of {} in {} knows?", plan.engine, plan.stack, plan.environment);
    let agreed = asked(move || prompt::confirm(&question)).await.map_err(without_terminal)?;
    if agreed { Ok(()) } else { Err(Diagnostic::new(P8004, "not approved: nothing was changed").into()) }
}

/// Adds to an error that nobody can be asked how that is answered beforehand.
pub(super) fn without_terminal(error: Error) -> Error {
    if error.findings().iter().any(|finding| finding.code == P0008) { error.help("approve beforehand with --auto-approve") } else { error }
}

/// The display of progress, fed by events.
fn display(options: &Options) -> (mpsc::UnboundedSender<Event>, tokio::task::JoinHandle<()>) {
    let (sender, mut events) = mpsc::unbounded_channel::<Event>();
    let mut progress = Progress::new(options);
    let shown = tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            progress.show(&event);
        }
    });
    (sender, shown)
}
