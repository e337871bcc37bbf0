//! The frame of a run, from its approved plan to its record; the same for every engine.
//!
//! In: a plan, an engine, the context of the run under the lock. Out: [`Report`]: the run document and what went wrong. The order is: settle what
//! an earlier run left, check that the plan still fits, execute, undo if that is wanted, set the outputs, record, compact. What is durable when
//! anything of this dies is enough to go on from.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::time::Duration;

use super::context::{OnFailure, RunContext};
use super::engine::{Engine, Executed};
use super::event::{Event, Name};
use super::report;
use super::rollback;
use super::run::{Outcome, Run, StepRun};
use super::snapshots::{self, Last};
use super::values;
use crate::address::Address;
use crate::diagnostic::codes::apply::{P8005, P8006, P8008, P8010, P8014};
use crate::diagnostic::codes::engine::P5014;
use crate::diagnostic::codes::lock::P6002;
use crate::diagnostic::codes::state::P7007;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::{Digest, Kind};
use crate::exit::Exit;
use crate::plan::{Blocked, Moved, Plan, Step, stale};
use crate::resource::references;
use crate::state::{Edit, Entry, State, What};

/// How long a run that was told to end twice tries to leave a snapshot.
const HASTE: Duration = Duration::from_secs(2);

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
pub async fn run<E: Engine>(plan: &Plan, engine: &E, context: &RunContext) -> Result<Report, Error> {
    let started = context.clock.stamp();
    let base_serial = context.journal.with_state(|state| state.serial);
    Frame { plan, engine, context, started, base_serial }.run().await
}

struct Frame<'a, E> {
    plan: &'a Plan,
    engine: &'a E,
    context: &'a RunContext,
    started: String,
    base_serial: u64,
}

/// What is known of a run when its steps are over.
struct Ended {
    steps: Vec<StepRun>,
    findings: Vec<Diagnostic>,
    exit: Exit,
    /// Something was done that the journal does not have.
    orphaned: bool,
}

impl<E: Engine> Frame<'_, E> {
    async fn run(self) -> Result<Report, Error> {
        if let Err(error) = self.prepare().await {
            // What recovery has learned is kept; nothing else was done.
            self.context.journal.finish(error.exit().number(), |_| None::<Run>).await?;
            return Err(error);
        }
        let before = self.context.journal.state();
        let steps = u64::try_from(self.plan.steps.len()).unwrap_or(u64::MAX);
        self.context.events.emit(Event { count: Some(steps), ..Event::new(Name::RunStarted) });
        let parallelism = self.context.options.parallelism;
        tracing::info!(steps, parallelism, serial = before.serial, "run {} begins", self.context.journal.run());
        let executed = self.engine.execute(self.context, self.plan, &before).await?;
        let Executed { steps, effects, findings, exit, gone, mut orphans } = executed;
        let mut ended = self.end(steps, findings, exit);
        let failed = ended.steps.iter().any(|step| matches!(step.outcome, Outcome::Failed | Outcome::TimedOut));
        if self.context.options.on_failure == OnFailure::Rollback && failed && !gone && !self.is_stopped() {
            orphans.extend(self.roll_back(&mut ended, &effects, &before).await?);
        }
        if !self.is_lost() && !self.is_hasty() {
            self.set_outputs(&mut ended).await;
        }
        ended.orphaned = !orphans.is_empty();
        self.spill(&orphans, &mut ended);
        Ok(self.finish(ended).await)
    }

    fn is_lost(&self) -> bool {
        self.context.stop.lost().is_some()
    }

    /// Somebody wants the run to end at once.
    fn is_hasty(&self) -> bool {
        self.context.stop.interrupts() > 1
    }

    fn is_stopped(&self) -> bool {
        self.is_lost() || self.context.stop.interrupts() > 0
    }

    /// Everything that must hold before the first step.
    async fn prepare(&self) -> Result<(), Error> {
        self.check_engine()?;
        if !self.context.options.settled {
            let desired: Vec<_> = self.plan.steps.iter().filter_map(|step| step.desired.as_ref()).collect();
            self.engine.settle(self.context, &desired).await?;
        }
        self.check_base().await?;
        self.check_protection()?;
        self.make_snapshots().await
    }

    /// Makes the last snapshots of what goes. Without them nothing goes.
    async fn make_snapshots(&self) -> Result<(), Error> {
        let Self { context, engine, .. } = self;
        let run = context.journal.run();
        for Last { address, type_name, identifier, name } in context.journal.with_state(|state| snapshots::wanted(self.plan, state, run)) {
            let note = format!("a last snapshot is made: {name}");
            context.events.emit(Event { address: Some(address.clone()), message: Some(note), ..Event::new(Name::Note) });
            let made = tokio::select! {
                made = engine.snapshot(&type_name, &identifier, &name) => made,
                () = context.stop.interrupted(1) => {
                    let message = format!("interrupted while the last snapshot of `{address}` was made: `{name}`");
                    return Err(Diagnostic::new(P8005, message).about(address).help("nothing is deleted; run the command again to go on").into());
                }
                () = context.stop.lock_lost() => return Ok(()),
            };
            made.map_err(|failure| {
                Diagnostic::new(P8014, format!("the last snapshot of `{address}` was not made: {}", failure.message))
                    .about(&address)
                    .help("nothing was changed; mend the cause and run the command again")
                    .help("without a snapshot: apply `backup.finalSnapshot: false` first")
            })?;
        }
        Ok(())
    }

    /// Refuses a plan that is stale, and says who was there first.
    async fn check_base(&self) -> Result<(), Error> {
        let journal = &self.context.journal;
        let moved = journal.with_state(|state| self.plan.check_lineage(state).map(|()| self.plan.moved(state)))?;
        let mut who = BTreeMap::new();
        for run in moved.iter().filter_map(Moved::run).collect::<BTreeSet<_>>() {
            // Without its record, it is the run alone that is named.
            if let Ok(Some(record)) = journal.place().run(run).await
                && let Some(by) = record["by"].as_str()
            {
                who.insert(run.to_owned(), by.to_owned());
            }
        }
        stale(&moved, &who)
    }

    fn check_engine(&self) -> Result<(), Error> {
        let owner = self.context.journal.with_state(|state| state.engine.filter(|_| !state.resources.is_empty()));
        match owner {
            Some(owner) if owner != self.plan.engine => {
                let message = format!("the resources belong to the engine `{owner}`, and the plan is for `{}`", self.plan.engine);
                Err(Diagnostic::new(P5014, message).help(format!("plan with `--engine {owner}`")).into())
            }
            _ => Ok(()),
        }
    }

    fn check_protection(&self) -> Result<(), Error> {
        let protected = |step: &&Step| step.blocked.as_ref().is_some_and(Blocked::is_by_protection);
        let names: Vec<&str> = self.plan.steps.iter().filter(protected).map(|step| step.address.as_str()).collect();
        if names.is_empty() || self.context.options.skip_protected {
            return Ok(());
        }
        Err(Diagnostic::new(P8010, format!("the plan deletes or replaces what is protected: {}", names.join(", ")))
            .help("`--skip-protected` runs the rest")
            .help("lift the protection first: `panka state unprotect ADDRESS`, or `lifecycle.protect: false` in the manifest, applied")
            .into())
    }

    /// Adds what ended the run early to how its steps ended.
    fn end(&self, steps: Vec<StepRun>, mut findings: Vec<Diagnostic>, mut exit: Exit) -> Ended {
        if let Some(why) = self.context.stop.lost() {
            let help = "another run may have gone on; run the command again: it begins with what this one has left";
            findings.push(Diagnostic::new(P6002, format!("the lock was lost, nothing was written after that: {why}")).help(help));
            exit = exit.max(Exit::Stale);
        }
        if self.context.stop.interrupts() > 0 {
            let left = steps.iter().filter(|step| step.outcome != Outcome::Done).count();
            let finding = match left {
                0 => Diagnostic::new(P8005, "interrupted when every step was done").help("run the command again to be sure"),
                _ => Diagnostic::new(P8005, format!("interrupted with {left} steps left")).help("run the command again to go on"),
            };
            findings.push(finding);
            exit = exit.max(Exit::Interrupted);
        }
        Ended { steps, findings, exit, orphaned: false }
    }

    /// Undoes what the run has done: the execution of the inverse plan. Gives back results that the journal could not take.
    async fn roll_back(&self, ended: &mut Ended, done: &BTreeSet<Address>, before: &State) -> Result<Vec<Entry>, Error> {
        let bad = |step: &&StepRun| matches!(step.outcome, Outcome::Failed | Outcome::TimedOut | Outcome::Pending);
        let failed: BTreeSet<&Address> = ended.steps.iter().filter(bad).map(|step| &step.address).collect();
        let now = self.context.journal.state();
        let of_plan: BTreeSet<&Address> = done.iter().collect();
        let rollback::Undoing { plan, records, skipped } =
            rollback::plan(self.plan, &of_plan, &failed, (before, &now), &self.context.touched());
        let set: BTreeSet<Address> = records.keys().cloned().collect();
        if !records.is_empty() {
            self.context.journal.edit(Edit { resources: records, ..Edit::default() }).await?;
        }
        let context = self.context.on_failure(OnFailure::Continue);
        let executed = self.engine.execute(&context, &plan, &self.context.journal.state()).await?;
        let undone = |address: &Address| {
            executed.steps.iter().find(|step| step.address == *address).is_none_or(|step| step.outcome == Outcome::Done)
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
        if self.is_lost() {
            ended.exit = ended.exit.max(Exit::Stale);
        }
        Ok(executed.orphans)
    }

    /// Tells whether a value refers to a resource that is not there.
    fn lacks(&self, form: &serde_json::Value) -> bool {
        self.context.journal.with_state(|state| {
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
                Some(form) => match values::of_output(self.engine, &self.context.journal, form).await {
                    Ok(value) => {
                        edit.outputs.insert(name.clone(), Some(value));
                    }
                    Err(values::NoValues::Failure(failure)) if complete => {
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
        let known = self.context.journal.with_state(|state| state.outputs.clone());
        edit.outputs.retain(|name, value| known.get(name) != value.as_ref());
        if !edit.outputs.is_empty()
            && let Err(error) = self.context.journal.append(vec![What::Edit(Box::new(edit))]).await
        {
            let error = Error::from(error);
            ended.exit = ended.exit.max(error.exit()).max(Exit::Incomplete);
            ended.findings.extend(error.into_findings());
        }
    }

    /// Writes down, beside the state, what the state could not take, in the form that `panka state resolve --from` reads.
    fn spill(&self, orphans: &[Entry], ended: &mut Ended) {
        if orphans.is_empty() {
            return;
        }
        let folder = &self.context.options.orphans;
        let path = folder.join(format!("{}.ndjson", self.context.journal.run()));
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(folder)?;
            let mut file = std::fs::File::create(&path)?;
            file.write_all(self.context.journal.orphan_lines(orphans).as_bytes())?;
            file.sync_all()
        };
        let names: Vec<String> = orphans
            .iter()
            .filter_map(|entry| if let What::Result(result) = &entry.what { Some(result.address.to_string()) } else { None })
            .collect();
        let finding = match write() {
            Ok(()) => {
                Diagnostic::new(P8006, format!("results that the state could not take are in {}: {}", path.display(), names.join(", ")))
                    .help("the next run settles these steps by itself; if it cannot, `panka state resolve --from` feeds the file back")
            }
            Err(error) => {
                let message =
                    format!("results were lost, since {} cannot be written either ({error}): {}", path.display(), names.join(", "));
                Diagnostic::new(P8006, message).help("the next run asks the provider what became of these steps")
            }
        };
        ended.findings.push(finding);
        ended.exit = ended.exit.max(Exit::Incomplete);
    }

    async fn finish(&self, ended: Ended) -> Report {
        let Ended { steps, mut findings, mut exit, orphaned } = ended;
        let mut run = self.document(steps, exit);
        if !self.is_lost() {
            let finish = self.context.journal.finish(exit.number(), |folded| {
                run.serial = folded.serial;
                run.finished = self.context.clock.stamp();
                Some(run.clone())
            });
            let folded = if self.is_hasty() { tokio::time::timeout(HASTE, finish).await.ok() } else { Some(finish.await) };
            match folded {
                Some(Ok(folded)) => {
                    let bytes = u64::try_from(folded.bytes).unwrap_or(u64::MAX);
                    run.serial = folded.serial;
                    self.context.events.emit(Event { serial: Some(folded.serial), count: Some(bytes), ..Event::new(Name::StateFolded) });
                }
                Some(Err(error)) => {
                    exit = exit.max(error.exit()).max(Exit::Incomplete);
                    let help = if orphaned {
                        "what was journaled before is kept; the next run asks the provider for the rest"
                    } else {
                        "the journal keeps everything that this run did; the next one folds it"
                    };
                    // That the store takes nothing is said once.
                    match findings.iter_mut().find(|finding| finding.code == P7007) {
                        Some(said) if error.findings().iter().all(|finding| finding.code == P7007) => said.help.push(help.to_owned()),
                        _ => findings.extend(error.help(help).into_findings()),
                    }
                }
                None => findings.push(Diagnostic::new(P8008, "there was no time to write the snapshot; the journal keeps everything")),
            }
        }
        run.exit = exit.number();
        run.finished = self.context.clock.stamp();
        let event = Event { count: Some(u64::from(run.exit)), serial: Some(run.serial), ..Event::new(Name::RunFinished) };
        self.context.events.emit(event);
        let done = run.summary.get(&Outcome::Done);
        tracing::info!(exit = run.exit, serial = run.serial, done, left = run.left.len(), "run {} is over", self.context.journal.run());
        Report { run, findings: report::once(findings) }
    }

    fn document(&self, steps: Vec<StepRun>, exit: Exit) -> Run {
        let (serial, outputs) = self.context.journal.with_state(|state| (state.serial, state.outputs.clone()));
        let mut summary = BTreeMap::new();
        for step in &steps {
            *summary.entry(step.outcome).or_default() += 1;
        }
        Run {
            kind: Kind::new(),
            run: Some(self.context.journal.run().to_owned()),
            stack: self.plan.stack.clone(),
            environment: self.plan.environment.clone(),
            operation: self.context.options.operation.clone(),
            engine: self.plan.engine,
            simulated: self.plan.simulated,
            plan: Digest::of(self.plan),
            base_serial: self.base_serial,
            serial,
            started: self.started.clone(),
            finished: self.context.clock.stamp(),
            by: self.context.options.by.clone(),
            git_commit: self.context.options.git_commit.clone(),
            ci_run_url: self.context.options.ci_run_url.clone(),
            exit: exit.number(),
            summary,
            left: steps.iter().filter(|step| step.outcome != Outcome::Done).map(|step| step.address.clone()).collect(),
            steps,
            outputs,
        }
    }
}
