//! Carrying out a plan: show, ask, lock, recover, run, release.
//!
//! A lock is never held while a person thinks: the plan is shown and approved first, and checked again under the lock. With
//! --auto-approve and no given plan, the plan is made again under the lock, so that it cannot be stale.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::Outcome;
use super::apply::{OnFailure, Running};
use super::input;
use super::opened::Opened;
use super::planning::{Planned, check_simulated};
use super::session::Session;
use crate::answers::Ticket;
use crate::apply::event::{Event, Name};
use crate::apply::events::Target;
use crate::apply::recover::Recovery;
use crate::apply::{self, Events, How, Interrupt, Report, Signals};
use crate::config::duration_option;
use crate::diagnostic::codes::apply::P8004;
use crate::diagnostic::codes::command::{P0008, P0014, P0017};
use crate::diagnostic::{Diagnostic, Error};
use crate::engine::local::faults::Faults;
use crate::engine::local::{Local, World};
use crate::exit::Exit;
use crate::lock::{self, Happening, Lease};
use crate::manifest::LockTicket;
use crate::output::progress::Progress;
use crate::output::{self, Options, prompt};
use crate::state::{Scope, Session as Writing};

/// What is carried out.
pub struct Job<'a> {
    /// The plan with what it was made from.
    pub planned: Planned,
    /// How to run.
    pub running: &'a Running,
    /// `apply` or `destroy`.
    pub operation: &'static str,
    /// What was typed for the stack's name, where a destroy asks for it.
    pub confirmed: Option<&'a str>,
}

/// Carries out a plan and gives back the outcome of the verb.
pub async fn carry_out(mut job: Job<'_>, session: &Session, options: &Options) -> Result<Outcome, Error> {
    let ticket = held_ticket(&job, session)?;
    go(&mut job, ticket.as_ref(), session, options).await
}

async fn go(job: &mut Job<'_>, ticket: Option<&LockTicket>, session: &Session, options: &Options) -> Result<Outcome, Error> {
    let opened = job.planned.opened.clone();
    check_simulated(&opened.settings, job.running.allow_simulated)?;
    let how = how(job, session)?;
    if let Some(text) = &job.running.lock_timeout {
        duration_option("--lock-timeout", text)?;
    }
    let events_target = job.running.events.as_deref().map(str::parse::<Target>).transpose()?;
    let mut faults = job.running.faults.as_deref().map(|path| Faults::read(&session.context.cwd.join(path))).transpose()?;
    if job.planned.plan.is_empty() && !job.planned.state.has_pending() {
        if let Some(ticket) = &job.planned.plan.lock {
            opened.locker.release(opened.place.stack(), opened.place.environment(), &ticket.lock_id).await?;
            session.freed();
        }
        let run = apply::nothing_to_do(&job.planned.plan, &job.planned.state, &how, &opened.clock.stamp());
        return Ok(Outcome::document(run).warn(std::mem::take(&mut job.planned.warnings)));
    }
    let region = job.planned.plan.provider.region.clone();
    let work = |provider| Work { session, opened: &opened, running: job.running, operation: job.operation, how: &how, provider };
    let mut provider = None;
    if !job.planned.given && !job.running.auto_approve && job.planned.state.has_pending() {
        // What a killed run left is settled before the plan is shown: a plan approved over it would be stale at once.
        let opened = provider.insert(Arc::new(open_engine(&opened, &region, faults.take().unwrap_or_default())?));
        work(Arc::clone(opened)).settle_alone(&mut job.planned, ticket).await?;
    }
    if !job.running.skip_protected {
        job.planned.plan.check_protection()?;
    }
    approve(job, options)?;
    let provider = match provider {
        Some(provider) => provider,
        None => Arc::new(open_engine(&opened, &region, faults.take().unwrap_or_default())?),
    };
    let work = Work { session, opened: &opened, running: job.running, operation: job.operation, how: &how, provider };
    let run = opened.clock.id();
    let stream = events_target.map(|target| target.open()).transpose()?;
    let (display, shown) = display(options);
    let events = Events::new(&run, job.planned.plan.simulated, Arc::clone(&opened.clock), Some(display), stream);
    let report = work.run(&mut job.planned, ticket, &run, &events).await;
    let closed = events.close();
    drop(events);
    drop(shown.await);
    let Report { run, findings } = report?;
    let exit = Exit::of(run.exit).unwrap_or(Exit::Bug);
    let mut warnings = std::mem::take(&mut job.planned.warnings);
    warnings.extend(findings);
    warnings.extend(closed);
    Ok(Outcome::document(run).warn(warnings).exit(exit))
}

/// The lock that this run is to use: of an earlier stage, or of `--lock FILE`.
fn held_ticket(job: &Job<'_>, session: &Session) -> Result<Option<LockTicket>, Error> {
    let Some(path) = &job.running.lock else { return Ok(job.planned.plan.lock.clone()) };
    let text = std::fs::read_to_string(session.context.cwd.join(path))
        .map_err(|error| Diagnostic::new(P0014, format!("the ticket `{}` cannot be read: {error}", path.display())))?;
    let ticket: Ticket = input::read(&text, job.operation, &path.display().to_string())?;
    Ok(Some(ticket.lock))
}

fn how(job: &Job<'_>, session: &Session) -> Result<How, Error> {
    let settings = &job.planned.opened.settings;
    let parallelism = match &job.running.parallelism {
        None => settings.parallelism,
        Some(text) => text
            .parse()
            .ok()
            .filter(|number| (1..=1000).contains(number))
            .ok_or_else(|| Diagnostic::new(P0017, format!("--parallelism cannot be `{text}`")).help("a whole number from 1 to 1000"))?,
    };
    let random = job.planned.opened.clock.random();
    Ok(How {
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
        seed: random.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte)),
    })
}

fn open_engine(opened: &Opened, region: &str, faults: Faults) -> Result<Local, Error> {
    let clock = Arc::clone(&opened.clock);
    let world =
        World { now: Arc::new(move || clock.now().as_second()), crash: Arc::new(|| std::process::abort()), freeze: Arc::new(|| {}) };
    let place = format!("{}/{}", opened.place.stack(), opened.place.environment());
    Local::open(&opened.settings.root.join(".panka").join("local-cloud"), region, &place, faults, world)
}

/// Shows the plan and asks, unless that was answered beforehand.
fn approve(job: &Job<'_>, options: &Options) -> Result<(), Error> {
    let plan = &job.planned.plan;
    let asks_name = job.operation == "destroy" && plan.protect;
    if job.running.auto_approve {
        if asks_name && job.confirmed != Some(plan.stack.as_str()) {
            return Err(Diagnostic::new(
                P8004,
                format!("{} is a protected environment: destroying {} there needs its name", plan.environment, plan.stack),
            )
            .help(format!("give --confirm {}", plan.stack))
            .into());
        }
        if !options.quiet {
            output::tell(&crate::output::plan::text(plan, &options.stderr_style()))?;
        }
        return Ok(());
    }
    output::tell(&crate::output::plan::text(plan, &options.stderr_style()))?;
    let simulated = if plan.simulated { " in the SIMULATED account" } else { "" };
    let without_terminal = |error: Error| {
        if error.findings().iter().any(|finding| finding.code == P0008) {
            error.help("approve beforehand with --auto-approve")
        } else {
            error
        }
    };
    let agreed = if asks_name {
        let question = format!("Type the name of the stack to destroy {} in {}{simulated}", plan.stack, plan.environment);
        prompt::ask(&question, None).map_err(without_terminal)? == plan.stack
    } else {
        let verb = if job.operation == "destroy" { "Destroy" } else { "Apply" };
        prompt::confirm(&format!("{verb} this to {} in {}{simulated}?", plan.stack, plan.environment)).map_err(without_terminal)?
    };
    if agreed { Ok(()) } else { Err(Diagnostic::new(P8004, "not approved: nothing was changed").into()) }
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

/// What a run under the lock needs.
struct Work<'a> {
    session: &'a Session,
    opened: &'a Opened,
    running: &'a Running,
    operation: &'static str,
    how: &'a How,
    provider: Arc<Local>,
}

impl Work<'_> {
    /// Takes the lock, or goes on with the one that is held already.
    async fn lease(&self, ticket: Option<&LockTicket>, events: &Events) -> Result<Lease, Error> {
        let (stack, environment) = (self.opened.place.stack(), self.opened.place.environment());
        let listening = events.clone();
        let locker = self.opened.locker.clone().on(move |happening| {
            if let Some(event) = event_of(&happening) {
                listening.emit(event);
            }
        });
        let lease = match ticket {
            Some(ticket) => locker.adopt(stack, environment, ticket).await?,
            None => locker.acquire(stack, environment, &self.request()?).await?,
        };
        events.emit(Event { epoch: Some(lease.epoch()), ..Event::new(Name::LockAcquired) });
        Ok(lease)
    }

    fn request(&self) -> Result<lock::Request, Error> {
        let timeout = match &self.running.lock_timeout {
            Some(text) => duration_option("--lock-timeout", text)?,
            None => self.opened.settings.locks.timeout,
        };
        Ok(lock::Request {
            timeout,
            no_takeover: self.running.no_takeover,
            ..self.opened.request(self.session, self.operation, Scope::Stack)
        })
    }

    /// Frees the lock; one that a script holds stays held.
    async fn free(&self, lease: Lease, events: &Events) -> Result<Option<Diagnostic>, Error> {
        if self.running.lock.is_some() {
            lease.leave().await?;
            return Ok(None);
        }
        let warning = lease.release().await?;
        self.session.freed();
        events.emit(Event::new(Name::LockReleased));
        Ok(warning)
    }

    /// Settles what a killed run left, in a session of its own, and makes the plan anew.
    async fn settle_alone(&self, planned: &mut Planned, ticket: Option<&LockTicket>) -> Result<(), Error> {
        let events = Events::silent(&self.opened.clock.id(), Arc::clone(&self.opened.clock));
        let lease = self.lease(ticket, &events).await?;
        let settled = async {
            let writing = self.enter(&lease, events.run(), &planned.plan).await?;
            self.settle(&writing, planned, &events).await?;
            writing.finish(0, |_| None::<apply::Run>).await?;
            Ok::<_, Error>(writing.state())
        }
        .await;
        if ticket.is_some() {
            lease.leave().await?;
        } else {
            lease.release().await?;
        }
        planned.again(settled?)
    }

    async fn enter(&self, lease: &Lease, run: &str, plan: &crate::plan::Plan) -> Result<Arc<Writing>, Error> {
        let mut begin = self.opened.begin(self.session, self.operation);
        begin.plan = Some(plan.digest());
        lease.enter(&self.opened.place, run, begin).await.map(Arc::new).map_err(|refused| match refused {
            crate::state::Refused::Error(error) => error,
            other => Diagnostic::new(crate::diagnostic::codes::lock::P6002, other.to_string()).help("run the command again").into(),
        })
    }

    async fn settle(&self, writing: &Arc<Writing>, planned: &Planned, events: &Events) -> Result<(), Error> {
        let recovery = Recovery { provider: &self.provider, session: writing, events, clock: &self.opened.clock, seed: self.how.seed };
        let resources = planned.graph.iter().flat_map(|graph| &graph.resources);
        recovery.settle(resources).await.map(drop)
    }

    /// The run itself, with the lock around it.
    async fn run(&self, planned: &mut Planned, ticket: Option<&LockTicket>, run: &str, events: &Events) -> Result<Report, Error> {
        let lease = Arc::new(self.lease(ticket, events).await?);
        let report = self.run_locked(planned, &lease, run, events).await;
        // The run is over and holds the lease no more.
        let freed = match Arc::try_unwrap(lease) {
            Ok(lease) => self.free(lease, events).await,
            Err(_) => Ok(None),
        };
        let mut report = report?;
        match freed {
            Ok(warning) => report.findings.extend(warning),
            Err(error) => report.findings.extend(error.into_findings().into_iter().map(Diagnostic::warning)),
        }
        Ok(report)
    }

    async fn run_locked(&self, planned: &mut Planned, lease: &Arc<Lease>, run: &str, events: &Events) -> Result<Report, Error> {
        let writing = self.enter(lease, run, &planned.plan).await?;
        if !planned.given && self.running.auto_approve {
            self.settle(&writing, planned, events).await?;
            planned.again(writing.state())?;
            if planned.plan.is_empty() {
                // Recovery was all there was to do; what it journaled is folded.
                writing.finish(0, |_| None::<apply::Run>).await?;
                let report = apply::nothing_to_do(&planned.plan, &writing.state(), self.how, &self.opened.clock.stamp());
                return Ok(Report { run: report, findings: Vec::new() });
            }
            if !self.running.skip_protected {
                planned.plan.check_protection()?;
            }
        }
        let watched = Arc::clone(lease);
        let signals = Signals { interrupts: interrupts()?, lost: Box::pin(async move { watched.lost().await }) };
        apply::execute(
            planned.plan.clone(),
            Arc::clone(&self.provider),
            writing,
            events.clone(),
            Arc::clone(&self.opened.clock),
            self.how.clone(),
            signals,
        )
        .await
    }
}

/// SIGINT and SIGTERM as messages.
fn interrupts() -> Result<mpsc::UnboundedReceiver<Interrupt>, Error> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let failed = |error: std::io::Error| Diagnostic::new(P0014, format!("signals cannot be heard: {error}"));
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt()).map_err(failed)?, signal(SignalKind::terminate()).map_err(failed)?);
        tokio::spawn(async move {
            loop {
                let heard = tokio::select! { heard = interrupt.recv() => heard, heard = terminate.recv() => heard };
                if heard.is_none() || sender.send(Interrupt).is_err() {
                    return;
                }
            }
        });
    }
    #[cfg(not(unix))]
    {
        let _ = failed;
        tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && sender.send(Interrupt).is_ok() {} });
    }
    Ok(receiver)
}

fn event_of(happening: &Happening) -> Option<Event> {
    Some(match happening {
        Happening::Waiting { name, holder } => Event {
            message: Some(format!("{name} is held by {} ({})", holder.locked_by, holder.operation)),
            ..Event::new(Name::LockWaiting)
        },
        Happening::Watching { name, holder, window } => Event {
            message: Some(format!("{name} is held by {}, whose lease is over; watching before taking it over", holder.locked_by)),
            seconds: Some(window.as_secs_f64()),
            ..Event::new(Name::LockWaiting)
        },
        Happening::TakenOver { from, epoch } => Event {
            message: Some(format!(
                "taken over from {}",
                from.iter().map(|holder| holder.locked_by.as_str()).collect::<Vec<_>>().join(", ")
            )),
            epoch: Some(*epoch),
            ..Event::new(Name::LockTakenOver)
        },
        Happening::Renewed => Event::new(Name::LockRenewed),
        Happening::RenewalFailed { cause } => {
            Event { message: Some(format!("the lock could not be renewed: {cause}")), ..Event::new(Name::Note) }
        }
        Happening::Lost { cause } => Event { message: Some(cause.clone()), ..Event::new(Name::LockLost) },
    })
}
