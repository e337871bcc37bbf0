//! Engines that take a plan as a whole and order its calls by themselves.
//!
//! In: a plan, the context of its run, the engine. Out: how its steps ended. Before the engine starts, the intent of every step is durable; when it is
//! over, however it ended, each gets a result from what the engine has then, and so it is when a run was killed in between. What an engine tells
//! while it works is for people, never for the state.

mod entries;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use self::entries::{effect, entries, levels, result, sent};
use crate::address::Address;
use crate::apply::context::RunContext;
use crate::apply::engine::Executed;
use crate::apply::event::{Event, Name};
use crate::apply::provider::{Failure, Source};
use crate::apply::recover::Settled;
use crate::apply::report::{finding, step_run};
use crate::apply::run::{Outcome as Ending, Run, StepRun};
use crate::apply::trouble::NodeEnd;
use crate::apply::values::{self, NoValues};
use crate::diagnostic::{Diagnostic, Error};
use crate::exit::Exit;
use crate::plan::{Op, Plan, Step};
use crate::resource::{Properties, Resource};
use crate::state::{Edit, Ended, Entry, Intent, JournalError, Meta, Operation, OutcomeError, Session, State, Status, What};

/// An engine that takes a plan as a whole.
pub trait Whole: Source {
    /// Runs the steps of a plan that are not blocked. An error means that nothing was begun.
    fn carry_out(&self, job: Job<'_>) -> impl Future<Output = Result<Found, Error>> + Send;

    /// Of these resources, those that are not in the account any more. Where that cannot be found out, none.
    fn gone(&self, context: &RunContext, among: &BTreeSet<Address>) -> impl Future<Output = BTreeSet<Address>> + Send;

    /// Tells what the engine has, after a run that nobody saw the end of. `desired` are resources as they are wanted.
    fn look(&self, context: &RunContext, desired: &[&Resource]) -> impl Future<Output = Result<Found, Error>> + Send;
}

/// What an engine is to do.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The run.
    pub context: &'a RunContext,
    /// The plan.
    pub plan: &'a Plan,
    /// The state before it.
    pub before: &'a State,
}

/// What an engine has at the end.
#[derive(Debug, Default)]
pub struct Found {
    /// Its resources.
    pub instances: BTreeMap<Address, Instance>,
    /// What it told of the steps.
    pub told: BTreeMap<Address, Told>,
    /// What else went wrong.
    pub findings: Vec<Diagnostic>,
    /// What it wants kept for its next run.
    pub data: Map<String, Value>,
    /// Resources of which it does not know itself whether they were made.
    pub unfinished: BTreeSet<Address>,
    /// It could not be asked what it has: nothing above is worth anything.
    pub unknown: bool,
}

/// A resource as an engine has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Instance {
    /// Primary identifier; none when only old instances are left.
    pub identifier: Option<String>,
    /// Properties as they were last sent, without what may not be written down.
    pub properties: Properties,
    /// Read-only values.
    pub attributes: Map<String, Value>,
    /// Identifiers of instances that were replaced and are not deleted yet.
    pub old: Vec<String>,
    /// It refuses to delete it.
    pub protect: bool,
    /// It leaves it in the account when it lets go of it.
    pub retain: bool,
}

/// What an engine told of a step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// Its calls ended well.
    pub done: bool,
    /// It has failed, and why.
    pub error: Option<OutcomeError>,
    /// When its first call began, RFC 3339.
    pub started: Option<String>,
    /// When its last one ended.
    pub finished: Option<String>,
    /// Calls.
    pub calls: u32,
}

/// Settles what a killed run has left, from what the engine has; then takes off the state what somebody has deleted in the account.
pub async fn settle<W: Whole>(engine: &W, context: &RunContext, desired: &[&Resource]) -> Result<Vec<Settled>, Error> {
    let mut settled = settle_pending(engine, context, desired).await?;
    settled.extend(let_go(engine, context).await?);
    Ok(settled)
}

/// Forgets resources whose last operation failed and that are not there any more, so that they are planned anew.
async fn let_go<W: Whole>(engine: &W, context: &RunContext) -> Result<Vec<Settled>, Error> {
    let journal = &context.journal;
    let failed: BTreeSet<Address> = journal.with_state(|state| {
        let failed = state.resources.iter().filter(|(_, record)| record.status == Status::Failed && record.superseded.is_empty());
        failed.map(|(address, _)| address.clone()).collect()
    });
    if failed.is_empty() {
        return Ok(Vec::new());
    }
    let gone = engine.gone(context, &failed).await;
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let resources = gone.iter().map(|address| (address.clone(), None)).collect();
    journal.edit(Edit { resources, ..Edit::default() }).await?;
    let settled = gone.into_iter().map(|address| {
        let finding = format!("`{address}` was not there any more: it is made again");
        context.events.emit(Event { address: Some(address.clone()), message: Some(finding.clone()), ..Event::new(Name::Recovery) });
        Settled { address, op: Operation::Delete, ended: Some(Ended::Done), finding, gone: true }
    });
    Ok(settled.collect())
}

async fn settle_pending<W: Whole>(engine: &W, context: &RunContext, desired: &[&Resource]) -> Result<Vec<Settled>, Error> {
    let journal = &context.journal;
    let open: Vec<Intent> =
        journal.pending().into_iter().filter(|(_, pending)| pending.epoch != journal.epoch()).map(|(_, pending)| pending.intent).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let found = engine.look(context, desired).await?;
    journal.append(kept(journal, found.data.clone()).into_iter().collect()).await?;
    let mut settled = Vec::new();
    for level in levels(&open) {
        let mut over = Vec::new();
        for intent in level.into_iter().map(|number| &open[number]) {
            let ended = if found.unfinished.contains(&intent.address) {
                None
            } else {
                let (ended, entries) = end(engine, context, intent, found.instances.get(&intent.address), desired).await;
                over.extend(entries);
                Some(ended)
            };
            let text = match ended {
                Some(Ended::Done) => "it took effect",
                Some(Ended::Failed | Ended::Absent) => "it did not take effect",
                None => "its create was under way when a run was killed, and its identifier is not known: it may stand in the account",
            };
            settled.push(Settled { address: intent.address.clone(), op: intent.op, ended, finding: text.to_owned(), gone: false });
        }
        journal.append(over).await?;
    }
    for Settled { address, finding, .. } in &settled {
        context.events.emit(Event { address: Some(address.clone()), message: Some(finding.clone()), ..Event::new(Name::Recovery) });
    }
    Ok(settled)
}

/// Keeps data of the engine in the state, beside what is there already; nothing where that is no news.
fn kept(journal: &Session, data: Map<String, Value>) -> Option<What> {
    let before = journal.with_state(|state| state.engine_data.clone());
    let mut after = before.clone();
    after.extend(data);
    (after != before).then(|| What::Edit(Box::new(Edit { engine_data: Some(after), ..Edit::default() })))
}

/// How an intent of a killed run ended, and what is written down of it.
async fn end<W: Whole>(
    engine: &W,
    context: &RunContext,
    intent: &Intent,
    instance: Option<&Instance>,
    desired: &[&Resource],
) -> (Ended, Vec<What>) {
    let journal = &context.journal;
    let record = journal.with_state(|state| state.resources.get(&intent.address).cloned());
    let ended = effect(intent, record.as_ref(), instance, false);
    let wanted = desired.iter().find(|one| one.address == intent.address && one.type_name == intent.type_name);
    let known = match wanted.filter(|_| ended == Ended::Done) {
        Some(wanted) => values::of_step(engine, journal, &wanted.type_name, &wanted.properties).await.ok().map(|inputs| inputs.recorded),
        None => None,
    };
    let properties = known.or_else(|| sent(intent, instance, &journal.lineage()));
    (ended, entries(intent, record.as_ref(), instance, ended, properties, None))
}

/// Executes a plan. An error means that no step was begun.
pub async fn execute<W: Whole>(engine: &W, context: &RunContext, plan: &Plan, before: &State) -> Result<Executed, Error> {
    Carrying { engine, job: Job { context, plan, before } }.run().await
}

struct Carrying<'a, W> {
    engine: &'a W,
    job: Job<'a>,
}

/// What the journal does not take any more, and why.
struct Unrecorded {
    why: JournalError,
    orphans: Vec<Entry>,
}

impl<W: Whole> Carrying<'_, W> {
    async fn run(&self) -> Result<Executed, Error> {
        let Job { context, plan, before } = self.job;
        let journal = &context.journal;
        let intents: Vec<(&Step, Intent)> = plan.steps.iter().filter_map(|step| Some((step, self.intent(step)?))).collect();
        if !intents.is_empty() {
            let intents = intents.iter().map(|(_, intent)| What::Intent(Box::new(intent.clone())));
            journal.append(intents.collect()).await?;
        }
        let found = match self.engine.carry_out(self.job).await {
            Ok(found) => found,
            Err(error) => {
                // Nothing was begun: that is as certain as a proof.
                let never = intents.iter().map(|(_, intent)| What::Result(Box::new(result(intent, Ended::Absent, None, None, None))));
                journal.append(never.collect()).await?;
                journal.finish(error.exit().number(), |_| None::<Run>).await?;
                return Err(error);
            }
        };
        let (steps, mut findings, mut exit) = self.over(&intents, &found);
        let mut unrecorded = None;
        // Once the lock is lost another run settles what this one has begun; and what nobody knows, the next one finds out.
        if context.stop.lost().is_none()
            && !found.unknown
            && let Err(left) = self.record(&intents, &found).await
        {
            let error = Error::from(left.why.clone());
            exit = exit.max(Exit::Incomplete).max(error.exit());
            findings.extend(error.into_findings());
            unrecorded = Some(left);
        }
        for run in steps.iter().filter(|run| run.outcome == Ending::Done && !found.told.contains_key(&run.address)) {
            context.events.emit(Event { address: Some(run.address.clone()), op: Some(run.op), ..Event::new(Name::StepDone) });
        }
        let effects = intents
            .iter()
            .filter(|(step, intent)| {
                let (instance, told) = (found.instances.get(&step.address), found.told.get(&step.address));
                !found.unknown && took_effect(intent, before, instance, told)
            })
            .map(|(step, _)| step.address.clone())
            .collect();
        let gone = unrecorded.is_some();
        Ok(Executed { steps, effects, findings, exit, gone, orphans: unrecorded.map(|left| left.orphans).unwrap_or_default() })
    }

    /// What is about to be called for a step; nothing for a step that only changes the state, or that is blocked.
    fn intent(&self, step: &Step) -> Option<Intent> {
        let record = self.job.before.resources.get(&step.address);
        let op = match (step.op, record) {
            _ if step.blocked.is_some() => return None,
            (Op::Create | Op::Replace, _) => Operation::Create,
            (Op::Update, Some(_)) => Operation::Update,
            (Op::Delete, Some(record)) if !record.retain => Operation::Delete,
            _ => return None,
        };
        let meta = match (&step.desired, record) {
            (Some(desired), _) => Meta {
                depends_on: desired.depends_on.clone(),
                protect: desired.lifecycle.protect,
                retain: desired.lifecycle.retain_on_delete,
                final_snapshot: desired.lifecycle.final_snapshot,
                nested: desired.nested,
                generation: step.generation,
            },
            (None, Some(record)) => Meta {
                depends_on: record.depends_on.clone(),
                protect: record.protect,
                retain: record.retain,
                final_snapshot: record.final_snapshot,
                nested: record.nested,
                generation: record.generation,
            },
            (None, None) => return None,
        };
        let (attempt, token) = self.job.context.journal.next_attempt(&step.address, op);
        Some(Intent {
            address: step.address.clone(),
            op,
            attempt,
            token,
            type_name: step.type_name.clone(),
            component: step.component.clone(),
            identifier: record.and_then(|record| record.identifier.clone()),
            properties: Map::new(),
            // References are resolved by the engine.
            incomplete: true,
            meta,
            superseded: false,
        })
    }

    /// How the steps ended.
    fn over(&self, intents: &[(&Step, Intent)], found: &Found) -> (Vec<StepRun>, Vec<Diagnostic>, Exit) {
        let Job { context, plan, before } = self.job;
        let intents: BTreeMap<&Address, &Intent> = intents.iter().map(|(step, intent)| (&step.address, intent)).collect();
        let mut findings = Vec::new();
        let mut steps: Vec<StepRun> = Vec::new();
        for step in &plan.steps {
            let told = found.told.get(&step.address);
            let instance = found.instances.get(&step.address);
            let unsure = context.stop.lost().is_some() || found.unknown || found.unfinished.contains(&step.address);
            let outcome = match intents.get(&step.address) {
                _ if step.blocked.is_some() => Ending::Blocked,
                Some(_) if unsure => Ending::Pending,
                _ if told.is_some_and(|told| told.error.is_some()) => Ending::Failed,
                None if !unsure && is_noted(step, found) => Ending::Done,
                Some(intent) if took_effect(intent, before, instance, told) => Ending::Done,
                _ => Ending::Cancelled,
            };
            let end = NodeEnd {
                outcome,
                calls: told.map_or(0, |told| told.calls),
                started: told.and_then(|told| told.started.clone()),
                finished: told.and_then(|told| told.finished.clone()),
                identifier: instance.and_then(|instance| instance.identifier.clone()),
                error: told.and_then(|told| told.error.clone()),
            };
            let run = step_run(step, &[(outcome, Some(&end))], before);
            findings.extend(finding(step, &run));
            steps.push(run);
        }
        findings.extend(found.findings.iter().cloned());
        let well = steps.iter().all(|step| step.outcome == Ending::Done) && found.findings.iter().all(|one| !one.is_error());
        (steps, findings, if well { Exit::Done } else { Exit::Incomplete })
    }

    /// Writes down what became of the steps, level by level of their dependencies, so that each finds the attributes that it refers to. Once the journal
    /// takes nothing more, the rest is made out all the same.
    async fn record(&self, intents: &[(&Step, Intent)], found: &Found) -> Result<(), Unrecorded> {
        let journal = &self.job.context.journal;
        let mut lost: Option<Unrecorded> = None;
        for level in levels(intents.iter().map(|(_, intent)| intent)) {
            let mut entries = Vec::new();
            for number in level {
                let (step, intent) = &intents[number];
                if !found.unfinished.contains(&step.address) {
                    entries.extend(self.ended(step, intent, found).await);
                }
            }
            lost = self.append(entries, lost).await;
        }
        let mut edit = self.edits(found);
        if let Some(What::Edit(kept)) = kept(journal, found.data.clone()) {
            edit.engine_data = kept.engine_data;
        }
        if edit != Edit::default() {
            lost = self.append(vec![What::Edit(Box::new(edit))], lost).await;
        }
        lost.map_or(Ok(()), Err)
    }

    /// What is written down of a step that has ended.
    async fn ended(&self, step: &Step, intent: &Intent, found: &Found) -> Vec<What> {
        let Job { context, before, .. } = self.job;
        let journal = &context.journal;
        let (record, instance) = (before.resources.get(&step.address), found.instances.get(&step.address));
        let told = found.told.get(&step.address);
        let error = told.and_then(|told| told.error.clone());
        let ended = match (took_effect(intent, before, instance, told), &error) {
            (true, None) => Ended::Done,
            // A replacement whose new instance stands, but whose old one could not be deleted.
            (true, Some(_)) if intent.op == Operation::Create && told.is_some_and(|told| told.done) => Ended::Done,
            (_, Some(_)) => Ended::Failed,
            (false, None) => Ended::Absent,
        };
        let mut properties = None;
        if let (Ended::Done, Some(desired)) = (ended, &step.desired) {
            properties = match values::of_step(self.engine, journal, &desired.type_name, &desired.properties).await {
                Ok(inputs) => Some(inputs.recorded),
                Err(why) => {
                    // What the journal does not take is told when it takes the result as little.
                    if let NoValues::Failure(Failure { message, .. }) = why {
                        context.events.emit(Event { message: Some(message), ..Event::of_step(Name::Note, step) });
                    }
                    sent(intent, instance, &journal.lineage())
                }
            };
        }
        entries(intent, record, instance, ended, properties, error)
    }

    /// Appends to the journal, unless it takes nothing more already.
    async fn append(&self, entries: Vec<What>, lost: Option<Unrecorded>) -> Option<Unrecorded> {
        let journal = &self.job.context.journal;
        let mut lost = match lost {
            Some(lost) => lost,
            None => match journal.append(entries.clone()).await {
                Ok(()) => return None,
                Err(why) => Unrecorded { why, orphans: Vec::new() },
            },
        };
        lost.orphans.extend(entries.into_iter().map(|what| journal.entry(what)));
        Some(lost)
    }

    /// The steps that change the state alone.
    fn edits(&self, found: &Found) -> Edit {
        let Job { plan, before, .. } = self.job;
        let mut edit = Edit::default();
        for step in plan.steps.iter().filter(|step| step.blocked.is_none() && is_noted(step, found)) {
            let Some(record) = before.resources.get(&step.address) else { continue };
            match step.op {
                Op::Forget => drop(edit.resources.insert(step.address.clone(), None)),
                Op::Delete if record.retain => drop(edit.resources.insert(step.address.clone(), None)),
                Op::None => {
                    let mut noted = record.clone();
                    if let Some(desired) = &step.desired {
                        noted.component.clone_from(&desired.component);
                        noted.depends_on.clone_from(&desired.depends_on);
                        noted.protect = desired.lifecycle.protect;
                        noted.retain = desired.lifecycle.retain_on_delete;
                        noted.final_snapshot = desired.lifecycle.final_snapshot;
                    }
                    let old = found.instances.get(&step.address).map(|instance| instance.old.as_slice()).unwrap_or_default();
                    noted.superseded.retain(|one| old.contains(&one.identifier));
                    if noted != *record {
                        edit.resources.insert(step.address.clone(), Some(noted));
                    }
                }
                _ => {}
            }
        }
        edit
    }
}

/// Tells whether the engine has what a step wants that changes the state alone: else the two would differ.
fn is_noted(step: &Step, found: &Found) -> bool {
    let instance = found.instances.get(&step.address);
    match (&step.desired, step.op) {
        (Some(desired), Op::None) => instance.is_some_and(|instance| {
            let life = &desired.lifecycle;
            (instance.protect, instance.retain) == (life.protect, life.retain_on_delete)
        }),
        (_, Op::Forget | Op::Delete) => instance.is_none(),
        _ => false,
    }
}

fn took_effect(intent: &Intent, before: &State, instance: Option<&Instance>, told: Option<&Told>) -> bool {
    let told_done = told.is_some_and(|told| told.done);
    let done = effect(intent, before.resources.get(&intent.address), instance, told_done) == Ended::Done;
    // An update leaves nothing behind that shows it, but what the engine told.
    done && (intent.op != Operation::Update || told_done)
}
