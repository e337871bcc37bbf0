//! A run, from its approved plan to its record.
//!
//! In: a plan, a session under the lock, a provider, signals. Out: [`Report`]: the run document and what went wrong. The order is: settle what
//! an earlier run left, check that the plan still fits, run the steps, set the outputs, fold. What is durable when anything of this dies
//! is enough to go on from.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use super::event::{Event, Name};
use super::events::Events;
use super::inputs;
use super::order::{self, Node};
use super::provider::Provider;
use super::recover::Recovery;
use super::report::{finding, step_run};
use super::rollback;
use super::run::{Outcome, Run, StepRun};
use super::scheduler::{self, Finished, OnFailure, Signals};
use super::workshop::{Message, NodeEnd, Workshop};
use crate::address::Address;
use crate::clock::SharedClock;
use crate::diagnostic::codes::apply::{P8005, P8006, P8008, P8010};
use crate::diagnostic::codes::aws::{P3020, P3021};
use crate::diagnostic::codes::engine::P5014;
use crate::diagnostic::codes::lock::P6002;
use crate::diagnostic::codes::state::P7007;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::{Digest, Kind};
use crate::exit::Exit;
use crate::plan::{Plan, Step};
use crate::resource::references;
use crate::state::{Edit, Session, State, Touched, What};

/// How long a run that was told to end twice tries to leave a snapshot.
const HASTE: Duration = Duration::from_secs(2);

/// How a plan is to be run.
#[derive(Debug, Clone)]
pub struct How {
    /// Calls at once.
    pub parallelism: usize,
    /// What happens after a step has failed.
    pub on_failure: OnFailure,
    /// Run what protection does not forbid.
    pub skip_protected: bool,
    /// What an earlier run left was settled in this session, and the plan was made after that.
    pub settled: bool,
    /// `apply` or `destroy`.
    pub operation: String,
    /// `user@host`.
    pub by: String,
    /// Commit of the repository, when known.
    pub git_commit: Option<String>,
    /// The CI run.
    pub ci_run_url: Option<String>,
    /// Where results go that the state cannot take: `.panka/orphans`.
    pub orphans: PathBuf,
    /// Seed of the pauses between tries.
    pub seed: u64,
}

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    /// Its document.
    pub run: Run,
    /// What went wrong.
    pub findings: Vec<Diagnostic>,
}

/// Runs a plan.
///
/// An error means that no step was started. The lock is the caller's: it is still held afterwards, whatever the end.
pub async fn execute<P: Provider>(
    plan: Plan,
    provider: Arc<P>,
    session: Arc<Session>,
    events: Events,
    clock: SharedClock,
    how: How,
    signals: Signals,
) -> Result<Report, Error> {
    let started = clock.stamp();
    let run = Execution { plan: Arc::new(plan), provider, session, events, clock, how, started, base_serial: 0 };
    run.execute(signals).await
}

struct Execution<P> {
    plan: Arc<Plan>,
    provider: Arc<P>,
    session: Arc<Session>,
    events: Events,
    clock: SharedClock,
    how: How,
    started: String,
    base_serial: u64,
}

/// What is known of a run when its steps are over.
struct Ended {
    steps: Vec<StepRun>,
    findings: Vec<Diagnostic>,
    exit: Exit,
    lost: bool,
    hasty: bool,
}

impl<P: Provider> Execution<P> {
    async fn execute(mut self, mut signals: Signals) -> Result<Report, Error> {
        self.base_serial = self.session.with_state(|state| state.serial);
        if let Err(error) = self.prepare().await {
            // What recovery has learned is kept; nothing else was done.
            self.session.finish(error.exit().number(), |_| None::<Run>).await?;
            return Err(error);
        }
        let before = self.session.state();
        let nodes = order::nodes(&self.plan, &before)?;
        let steps = u64::try_from(self.plan.steps.len()).unwrap_or(u64::MAX);
        self.events.emit(Event { count: Some(steps), ..Event::new(Name::RunStarted) });
        let (shop, mut messages) = self.workshop(Arc::clone(&self.plan), None);
        let blocked: Vec<usize> = (0..nodes.len()).filter(|node| self.plan.steps[nodes[*node].step].blocked.is_some()).collect();
        let How { parallelism, on_failure, .. } = self.how;
        let finished =
            scheduler::run(Arc::clone(&shop), nodes.clone(), &blocked, &mut messages, &mut signals, parallelism, on_failure).await;
        let mut ended = self.end(&nodes, &finished, &before);
        let failed = ended.steps.iter().any(|step| matches!(step.outcome, Outcome::Failed | Outcome::TimedOut));
        let free = finished.interrupts == 0 && finished.lost.is_none() && finished.store.is_none();
        if on_failure == OnFailure::Rollback && failed && free {
            self.roll_back(&shop, &mut ended, &finished.effects(&nodes, &self.plan), &before, &mut signals).await?;
        }
        if !ended.lost && !ended.hasty {
            self.set_outputs(&mut ended).await;
        }
        self.spill(&shop, &mut ended);
        Ok(self.finish(ended).await)
    }

    /// Everything that must hold before the first step.
    async fn prepare(&self) -> Result<(), Error> {
        self.check_engine()?;
        if !self.how.settled {
            self.settle().await?;
        }
        self.session.with_state(|state| self.plan.check_base(state))?;
        self.check_protection()
    }

    async fn settle(&self) -> Result<(), Error> {
        let recovery =
            Recovery { provider: &self.provider, session: &self.session, events: &self.events, clock: &self.clock, seed: self.how.seed };
        recovery.settle(self.plan.steps.iter().filter_map(|step| step.desired.as_ref())).await.map(drop)
    }

    fn check_engine(&self) -> Result<(), Error> {
        let owner = self.session.with_state(|state| state.engine.filter(|_| !state.resources.is_empty()));
        match owner {
            Some(owner) if owner != self.plan.engine => {
                let message = format!("the resources belong to the engine `{owner}`, and the plan is for `{}`", self.plan.engine);
                Err(Diagnostic::new(P5014, message).help(format!("plan with `--engine {owner}`")).into())
            }
            _ => Ok(()),
        }
    }

    fn check_protection(&self) -> Result<(), Error> {
        let protected = |step: &&Step| step.blocked.as_ref().is_some_and(|blocked| blocked.code == P3020 || blocked.code == P3021);
        let names: Vec<&str> = self.plan.steps.iter().filter(protected).map(|step| step.address.as_str()).collect();
        if names.is_empty() || self.how.skip_protected {
            return Ok(());
        }
        Err(Diagnostic::new(P8010, format!("the plan deletes or replaces what is protected: {}", names.join(", ")))
            .help("`--skip-protected` runs the rest")
            .help("lift the protection first: `panka state unprotect ADDRESS`, or `lifecycle.protect: false` in the manifest, applied")
            .into())
    }

    fn workshop(&self, plan: Arc<Plan>, earlier: Option<&Workshop<P>>) -> (Arc<Workshop<P>>, mpsc::UnboundedReceiver<Message>) {
        let (messages, inbox) = mpsc::unbounded_channel();
        let attempts = earlier.map(|shop| shop.attempts.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap_or_default();
        let shop = Workshop {
            provider: Arc::clone(&self.provider),
            session: Arc::clone(&self.session),
            events: self.events.clone(),
            clock: Arc::clone(&self.clock),
            plan,
            seed: self.how.seed,
            lost: AtomicBool::new(false),
            attempts: Mutex::new(attempts),
            orphans: Mutex::default(),
            messages,
        };
        (Arc::new(shop), inbox)
    }

    /// How the steps ended, from how their nodes did.
    fn end(&self, nodes: &[Node], finished: &Finished, before: &State) -> Ended {
        let mut parts: Vec<Vec<(Outcome, Option<&NodeEnd>)>> = vec![Vec::new(); self.plan.steps.len()];
        for (number, node) in nodes.iter().enumerate() {
            let end = finished.ends[number].as_ref();
            let outcome = match end {
                Some(end) => end.outcome,
                None if finished.blocked[number] => Outcome::Blocked,
                None if finished.interrupts > 1 && self.is_pending(&self.plan.steps[node.step].address) => Outcome::Pending,
                None => Outcome::Cancelled,
            };
            parts[node.step].push((outcome, end));
        }
        let mut findings = Vec::new();
        let steps: Vec<StepRun> = self.plan.steps.iter().zip(&parts).map(|(step, parts)| step_run(step, parts, before)).collect();
        for (step, run) in self.plan.steps.iter().zip(&steps) {
            findings.extend(finding(step, run));
        }
        let mut exit = if steps.iter().all(|step| step.outcome == Outcome::Done) { Exit::Done } else { Exit::Incomplete };
        if let Some(why) = &finished.store {
            findings.push(Diagnostic::new(P7007, format!("the journal could not be written: {why}")));
            exit = exit.max(Exit::Incomplete);
        }
        if let Some(why) = &finished.lost {
            let help = "another run may have gone on; run the command again: it begins with what this one has left";
            findings.push(Diagnostic::new(P6002, format!("the lock was lost, nothing was written after that: {why}")).help(help));
            exit = exit.max(Exit::Stale);
        }
        if finished.interrupts > 0 {
            let left = steps.iter().filter(|step| step.outcome != Outcome::Done).count();
            findings.push(Diagnostic::new(P8005, format!("interrupted with {left} steps left")).help("run the command again to go on"));
            exit = exit.max(Exit::Interrupted);
        }
        Ended { steps, findings, exit, lost: finished.lost.is_some(), hasty: finished.interrupts > 1 }
    }

    fn is_pending(&self, address: &Address) -> bool {
        self.session.with_state(|state| state.resources.get(address).is_some_and(|record| record.pending.is_some()))
    }

    async fn roll_back(
        &self,
        shop: &Workshop<P>,
        ended: &mut Ended,
        done: &BTreeSet<&Address>,
        before: &State,
        signals: &mut Signals,
    ) -> Result<(), Error> {
        let bad = |step: &&StepRun| matches!(step.outcome, Outcome::Failed | Outcome::TimedOut | Outcome::Pending);
        let failed: BTreeSet<&Address> = ended.steps.iter().filter(bad).map(|step| &step.address).collect();
        let touched = Touched { at: self.clock.stamp(), run: self.session.run().to_owned() };
        let now = self.session.state();
        let rollback::Undoing { plan, records, skipped } = rollback::plan(&self.plan, done, &failed, (before, &now), &touched);
        let set: BTreeSet<Address> = records.keys().cloned().collect();
        if !records.is_empty() {
            self.session.edit(Edit { resources: records, ..Edit::default() }).await?;
        }
        let plan = Arc::new(plan);
        let nodes = order::nodes(&plan, &self.session.state())?;
        let (shop, mut messages) = self.workshop(Arc::clone(&plan), Some(shop));
        let finished =
            scheduler::run(Arc::clone(&shop), nodes.clone(), &[], &mut messages, signals, self.how.parallelism, OnFailure::Continue).await;
        let undone = |address: &Address| {
            let mut parts = nodes.iter().zip(&finished.ends).filter(|(node, _)| plan.steps[node.step].address == *address);
            parts.all(|(_, end)| end.as_ref().is_some_and(|end| end.outcome == Outcome::Done))
        };
        let planned: BTreeSet<&Address> = plan.steps.iter().map(|step| &step.address).collect();
        let mut left = skipped;
        for step in ended.steps.iter_mut().filter(|step| done.contains(&step.address)) {
            if (planned.contains(&step.address) || set.contains(&step.address)) && undone(&step.address) {
                step.outcome = Outcome::RolledBack;
            } else if planned.contains(&step.address) {
                left.push(step.address.clone());
            }
        }
        left.sort_unstable();
        left.dedup();
        if !left.is_empty() {
            let names: Vec<&str> = left.iter().map(Address::as_str).collect();
            ended.findings.push(
                Diagnostic::new(P8008, format!("not undone, since that would lose something or failed: {}", names.join(", ")))
                    .help("they stay as this run has left them; `panka diff` shows where they differ from the manifests"),
            );
        }
        ended.exit = ended.exit.max(Exit::Incomplete);
        if finished.lost.is_some() {
            ended.lost = true;
            ended.exit = ended.exit.max(Exit::Stale);
        }
        self.spill(&shop, ended);
        Ok(())
    }

    /// Tells whether a value refers to a resource that is not there.
    fn lacks(&self, form: &serde_json::Value) -> bool {
        self.session.with_state(|state| {
            let mut lacks = false;
            references(form, &mut |address, _| lacks |= !state.resources.contains_key(address));
            lacks
        })
    }

    /// Sets the outputs whose values are known now.
    async fn set_outputs(&self, ended: &mut Ended) {
        let complete = ended.exit == Exit::Done;
        let mut edit = Edit::default();
        for name in &self.plan.outputs_changed {
            match self.plan.outputs.get(name) {
                // A plan that was narrowed or edited leaves resources out, and their outputs with them.
                Some(form) if self.lacks(form) => {}
                Some(form) => match inputs::of_output(&*self.provider, &self.session, form).await {
                    Ok(value) => {
                        edit.outputs.insert(name.clone(), Some(value));
                    }
                    Err(inputs::NoInputs::Failure(failure)) if complete => {
                        ended.findings.push(Diagnostic::new(P8008, format!("the output `{name}` has no value: {}", failure.message)));
                        ended.exit = ended.exit.max(Exit::Incomplete);
                    }
                    Err(_) => {}
                },
                None if complete => {
                    edit.outputs.insert(name.clone(), None);
                }
                None => {}
            }
        }
        let known = self.session.with_state(|state| state.outputs.clone());
        edit.outputs.retain(|name, value| known.get(name) != value.as_ref());
        if !edit.outputs.is_empty()
            && let Err(error) = self.session.append(vec![What::Edit(Box::new(edit))]).await
        {
            let error = Error::from(error);
            ended.exit = ended.exit.max(error.exit()).max(Exit::Incomplete);
            ended.findings.extend(error.into_findings());
        }
    }

    /// Writes down, beside the state, what the state could not take.
    fn spill(&self, shop: &Workshop<P>, ended: &mut Ended) {
        ended.lost |= shop.lost.load(Ordering::Relaxed);
        let orphans = std::mem::take(&mut *shop.orphans.lock().unwrap_or_else(PoisonError::into_inner));
        if orphans.is_empty() {
            return;
        }
        let path = self.how.orphans.join(format!("{}.ndjson", self.session.run()));
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(&self.how.orphans)?;
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
            for entry in &orphans {
                let mut line = serde_json::to_vec(entry)?;
                line.push(b'\n');
                file.write_all(&line)?;
            }
            file.sync_all()
        };
        let names: Vec<String> = orphans
            .iter()
            .filter_map(|entry| if let What::Result(result) = &entry.what { Some(result.address.to_string()) } else { None })
            .collect();
        let message = match write() {
            Ok(()) => format!("results that the state could not take are in {}: {}", path.display(), names.join(", ")),
            Err(error) => format!("results were lost, since {} cannot be written ({error}): {}", path.display(), names.join(", ")),
        };
        let help = "the next run settles these steps by itself; if it cannot, `panka state resolve --from` feeds the file back";
        ended.findings.push(Diagnostic::new(P8006, message).help(help));
        ended.exit = ended.exit.max(Exit::Incomplete);
    }

    async fn finish(&self, ended: Ended) -> Report {
        let Ended { steps, mut findings, mut exit, lost, hasty } = ended;
        let mut run = self.document(steps, exit);
        if !lost {
            let finish = self.session.finish(exit.number(), |folded| {
                run.serial = folded.serial;
                run.finished = self.clock.stamp();
                Some(run.clone())
            });
            let folded = if hasty { tokio::time::timeout(HASTE, finish).await.ok() } else { Some(finish.await) };
            match folded {
                Some(Ok(folded)) => {
                    let bytes = u64::try_from(folded.bytes).unwrap_or(u64::MAX);
                    run.serial = folded.serial;
                    self.events.emit(Event { serial: Some(folded.serial), count: Some(bytes), ..Event::new(Name::StateFolded) });
                }
                Some(Err(error)) => {
                    exit = exit.max(error.exit()).max(Exit::Incomplete);
                    findings.extend(error.help("the journal keeps everything that this run did; the next one folds it").into_findings());
                }
                None => findings.push(Diagnostic::new(P8008, "there was no time to write the snapshot; the journal keeps everything")),
            }
        }
        run.exit = exit.number();
        run.finished = self.clock.stamp();
        let event = Event { count: Some(u64::from(run.exit)), serial: Some(run.serial), ..Event::new(Name::RunFinished) };
        self.events.emit(event);
        Report { run, findings }
    }

    fn document(&self, steps: Vec<StepRun>, exit: Exit) -> Run {
        let (serial, outputs) = self.session.with_state(|state| (state.serial, state.outputs.clone()));
        let mut summary = BTreeMap::new();
        for step in &steps {
            *summary.entry(step.outcome).or_default() += 1;
        }
        Run {
            kind: Kind::new(),
            run: Some(self.session.run().to_owned()),
            stack: self.plan.stack.clone(),
            environment: self.plan.environment.clone(),
            operation: self.how.operation.clone(),
            engine: self.plan.engine,
            simulated: self.plan.simulated,
            plan: Digest::of(&*self.plan),
            base_serial: self.base_serial,
            serial,
            started: self.started.clone(),
            finished: self.clock.stamp(),
            by: self.how.by.clone(),
            git_commit: self.how.git_commit.clone(),
            ci_run_url: self.how.ci_run_url.clone(),
            exit: exit.number(),
            summary,
            left: steps.iter().filter(|step| step.outcome != Outcome::Done).map(|step| step.address.clone()).collect(),
            steps,
            outputs,
        }
    }
}
