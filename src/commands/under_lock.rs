//! What a run does while it holds the lock: take it, settle, plan again, run, give it back.
//!
//! From before the lock is asked for until it is given back the signals are minded here: each part ends by itself, and the lock is freed
//! whatever the end.

use std::sync::Arc;

use tokio::sync::Notify;

use super::apply::Running;
use super::opened::Opened;
use super::planning::Planned;
use super::session::Session;
use crate::apply::event::{Event, Name};
use crate::apply::provider::Source as _;
use crate::apply::{self, Engine as _, Events, Report, RunContext};
use crate::diagnostic::codes::engine::P5103;
use crate::diagnostic::codes::lock::P6002;
use crate::diagnostic::{Diagnostic, Error};
use crate::engine::AnyEngine;
use crate::exit::Exit;
use crate::lock::{Happening, Lease, Request};
use crate::manifest::LockTicket;
use crate::plan::Op;
use crate::state::{Refused, Scope, State};

/// What a run under the lock needs.
pub struct UnderLock<'a> {
    /// The surroundings of the verb.
    pub session: &'a Session,
    /// The backend.
    pub opened: &'a Opened,
    /// How to run.
    pub running: &'a Running,
    /// `apply` or `destroy`.
    pub operation: &'static str,
    /// The options of the run.
    pub options: &'a Arc<apply::Options>,
    /// What executes the plan.
    pub engine: Arc<AnyEngine>,
    /// A fault script wants the renewal of the lock to stop.
    pub freeze: &'a Notify,
    /// A large share of what exists may be deleted without asking.
    pub mass_delete: bool,
}

impl UnderLock<'_> {
    /// Takes the lock, or goes on with the one that is held already, and opens the place for writing.
    async fn begin(&self, ticket: Option<&LockTicket>, planned: &Planned, events: &Events) -> Result<(Lease, RunContext), Error> {
        let Opened { place, .. } = self.opened;
        let listening = events.clone();
        let locker = self.opened.locker.clone().on(move |happening| {
            if let Some(event) = event_of(&happening) {
                listening.emit(event);
            }
        });
        let mut begin = self.opened.begin(self.session, self.operation);
        begin.plan = Some(planned.plan.digest());
        if planned.plan.steps.iter().any(|step| !matches!(step.op, Op::Delete | Op::Forget)) {
            let account = self.engine.account();
            begin.region = Some(account.region.clone()).filter(|region| !region.is_empty());
            begin.account.clone_from(&account.id);
        }
        let (lease, journal) = match ticket {
            None => locker.open(place, &self.request(planned.options.scope())?, events.run(), begin).await?,
            Some(ticket) => {
                let lease = locker.adopt(place.stack(), place.environment(), ticket).await?;
                match lease.enter(place, events.run(), begin).await {
                    Ok(journal) => (lease, journal),
                    Err(refused) => {
                        // It is still the pipe's or the script's.
                        lease.leave().await?;
                        return Err(not_entered(refused));
                    }
                }
            }
        };
        if self.running.lock.is_none() {
            self.session.holds(self.opened, &lease);
        }
        events.emit(Event { epoch: Some(lease.epoch()), ..Event::new(Name::LockAcquired) });
        let context = RunContext {
            journal: Arc::new(journal),
            events: events.clone(),
            clock: Arc::clone(&self.opened.clock),
            options: Arc::clone(self.options),
            stop: self.session.stop.clone(),
        };
        Ok((lease, context))
    }

    fn request(&self, scope: Scope) -> Result<Request, Error> {
        let timeout = self.running.lock_timeout()?.unwrap_or(self.opened.settings.locks.timeout);
        Ok(Request { timeout, no_takeover: self.running.no_takeover, ..self.opened.request(self.session, self.operation, scope) })
    }

    /// Frees the lock; one that a script holds stays held.
    async fn free(&self, lease: Lease, events: &Events) -> Result<Option<Diagnostic>, Error> {
        if self.running.lock.is_some() {
            lease.leave().await?;
            self.session.let_go();
            return Ok(None);
        }
        let warning = lease.release().await?;
        self.session.freed();
        events.emit(Event::new(Name::LockReleased));
        Ok(warning)
    }

    /// Settles what a killed run left, in a session of its own, and makes the plan anew.
    pub async fn settle_alone(&self, planned: &mut Planned, ticket: Option<&LockTicket>) -> Result<(), Error> {
        let (state, warnings) = self.alone(planned, ticket, async |context| self.settle(context, planned).await).await?;
        planned.warnings.extend(warnings);
        planned.again(state)
    }

    /// Has the engine take over what the state knows, in a session of its own, and makes the plan anew. Gives back how many resources were taken over.
    pub async fn adopt_alone(&self, planned: &mut Planned, ticket: Option<&LockTicket>) -> Result<usize, Error> {
        let (state, count) = self.alone(planned, ticket, async |context| self.engine.adopt(context, &planned.plan).await).await?;
        planned.again_in(self.engine.account(), state)?;
        Ok(count)
    }

    /// Does something in a session of its own, and gives back the state after it.
    async fn alone<T>(
        &self,
        planned: &Planned,
        ticket: Option<&LockTicket>,
        work: impl AsyncFnOnce(&RunContext) -> Result<T, Error>,
    ) -> Result<(State, T), Error> {
        let _minding = self.session.stop.mind();
        let events = Events::silent(&self.opened.clock.id(), Arc::clone(&self.opened.clock));
        let (lease, context) = self.begin(ticket, planned, &events).await?;
        let done = async {
            let done = work(&context).await;
            context.journal.finish(0, |_| None::<apply::Run>).await?;
            done.map(|done| (context.journal.state(), done))
        }
        .await;
        if ticket.is_some() {
            lease.leave().await?;
            self.session.let_go();
        } else {
            lease.release().await?;
            self.session.freed();
        }
        done
    }

    async fn settle(&self, context: &RunContext, planned: &Planned) -> Result<Vec<Diagnostic>, Error> {
        let desired: Vec<_> = planned.graph.iter().flat_map(|graph| &graph.resources).collect();
        let settled = self.engine.settle(context, &desired).await?;
        let gone = settled.into_iter().filter(|one| one.gone);
        Ok(gone.map(|one| Diagnostic::new(P5103, one.finding).warning().about(one.address)).collect())
    }

    /// The run itself, with the lock around it.
    pub async fn run(&self, planned: &mut Planned, ticket: Option<&LockTicket>, events: &Events) -> Result<Report, Error> {
        let _minding = self.session.stop.mind();
        let (lease, context) = self.begin(ticket, planned, events).await?;
        let watched = async {
            tokio::join!(async { self.session.stop.lose(&lease.lost().await) }, async {
                self.freeze.notified().await;
                lease.freeze();
                std::future::pending::<()>().await;
            })
        };
        let report = tokio::select! {
            report = self.run_locked(planned, &context) => report,
            _ = watched => unreachable!("a lease may be lost, and is watched until the run ends"),
        };
        let freed = self.free(lease, events).await;
        let mut report = report?;
        match freed {
            // A run that has ended because its lock was lost has said so.
            Ok(warning) => report.findings.extend(warning.filter(|_| report.run.exit != Exit::Stale.number())),
            Err(error) => report.findings.extend(error.into_findings().into_iter().map(Diagnostic::warning)),
        }
        Ok(report)
    }

    async fn run_locked(&self, planned: &mut Planned, context: &RunContext) -> Result<Report, Error> {
        if !planned.given && self.running.auto_approve {
            tracing::info!("the plan is made again under the lock, so that it fits the state");
            let warnings = self.settle(context, planned).await?;
            planned.warnings.extend(warnings);
            planned.again(context.journal.state())?;
            if planned.plan.is_empty() {
                // Recovery was all there was to do; what it journaled is folded.
                tracing::info!("no step is left to run");
                context.journal.finish(0, |_| None::<apply::Run>).await?;
                let state = context.journal.state();
                let report = apply::nothing_to_do(&planned.plan, &state, self.options, &self.opened.clock.stamp());
                return Ok(Report { run: report, findings: Vec::new() });
            }
            planned.plan.check_refused(self.running.skip_protected)?;
            if !self.mass_delete {
                planned.plan.check_deletes()?;
            }
        }
        apply::run_plan(&planned.plan, &*self.engine, context).await
    }
}

/// Why a place was not opened with a lock that somebody else has taken.
fn not_entered(refused: Refused) -> Error {
    match refused {
        Refused::Error(error) => error,
        Refused::NeedsStack(why) => Diagnostic::new(P6002, format!("the lock of one service is not enough here: {why}"))
            .help("take the lock of the whole stack: `panka lock` without --service")
            .into(),
        Refused::NeedsEpoch(_) => Diagnostic::new(P6002, refused.to_string()).help("take the lock again").into(),
    }
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
