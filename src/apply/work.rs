//! One node, from its intent to its durable result.
//!
//! In: a node of the plan and the right to call, given by the scheduler. Out: [`NodeEnd`]. Before every call its intent is durable; after it
//! the result is, before anybody is told. What cannot be journaled any more, because the lock is lost or the store is gone, is kept as an
//! orphan.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Map;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::event::{Event, Name};
use super::events::Events;
use super::inputs::{self, Inputs, NoInputs};
use super::order::{Node, Part};
use super::provider::{Class, Failure, Handle, Live, Moment, Provider, Request};
use super::retry::{Random, Retries};
use super::run::Outcome as Ending;
use crate::address::Address;
use crate::clock::SharedClock;
use crate::plan::{Op, Plan, Step};
use crate::resource::{Properties, Resource, Timeouts, TypeName};
use crate::state::{
    Accepted, AcceptedEntry, Edit, Ended, Entry, Intent, JournalError, Meta, Operation, Outcome, OutcomeError, Record, Session, Status,
    Superseded, Touched, What,
};

/// How long results are offered to a store that does not take them.
const STORE_PATIENCE: Duration = Duration::from_secs(50);

/// How a node ended.
#[derive(Debug, Clone)]
pub(super) struct NodeEnd {
    pub(super) outcome: Ending,
    pub(super) calls: u32,
    pub(super) started: Option<String>,
    pub(super) finished: Option<String>,
    pub(super) identifier: Option<String>,
    pub(super) error: Option<OutcomeError>,
}

/// What nodes tell the scheduler.
#[derive(Debug)]
pub(super) enum Message {
    /// The intent is durable; a slot for the call is wanted.
    Journaled(usize, oneshot::Sender<bool>),
    /// The call is over; its slot is free.
    Called(usize, Duration),
    /// An append to the journal took this long.
    Durable(Duration),
    /// The store does not take entries.
    StoreGone(String),
    /// The lock is lost.
    Lost(String),
    /// A snapshot in the middle of the run is written, or could not be.
    Folded,
    /// The node is over.
    Ended(usize, Box<NodeEnd>),
}

/// What all nodes of a run share.
pub(super) struct Workshop<P> {
    pub(super) provider: Arc<P>,
    pub(super) session: Arc<Session>,
    pub(super) events: Events,
    pub(super) clock: SharedClock,
    pub(super) plan: Arc<Plan>,
    pub(super) seed: u64,
    /// No further call may be made, not even a repetition.
    pub(super) lost: AtomicBool,
    /// Highest attempt of each operation of this run.
    pub(super) attempts: Mutex<HashMap<(Address, Operation), u32>>,
    pub(super) orphans: Mutex<Vec<Entry>>,
    pub(super) messages: mpsc::UnboundedSender<Message>,
}

/// A call that is to be made.
pub(super) struct Call<'a> {
    pub(super) address: &'a Address,
    pub(super) op: Operation,
    pub(super) type_name: TypeName,
    pub(super) component: String,
    pub(super) identifier: Option<String>,
    pub(super) inputs: Inputs,
    pub(super) before: Properties,
    pub(super) meta: Meta,
    pub(super) superseded: bool,
    pub(super) makes_room: bool,
    pub(super) limit: Duration,
}

/// Why a call did not end well.
pub(super) enum Trouble {
    Failed(Failure),
    TimedOut,
    /// The scheduler did not let it start.
    Cancelled,
    /// The journal does not take entries: what became of the call is not known to the state.
    Unrecorded,
}

/// A node at work.
struct Worker<'a, P> {
    shop: &'a Workshop<P>,
    node: usize,
    step: &'a Step,
    calls: u32,
    started: Option<String>,
    identifier: Option<String>,
}

impl<P: Provider> Workshop<P> {
    /// Does the work of a node and tells its end.
    pub(super) async fn perform(self: Arc<Self>, number: usize, node: Node) {
        let step = &self.plan.steps[node.step];
        let mut worker = Worker { shop: &self, node: number, step, calls: 0, started: None, identifier: None };
        let (outcome, error) = match worker.work(node.part).await {
            Ok(()) => (Ending::Done, None),
            Err(Trouble::Failed(failure)) => (Ending::Failed, Some(failure.recorded())),
            Err(Trouble::TimedOut) => (Ending::TimedOut, None),
            Err(Trouble::Cancelled) => (Ending::Cancelled, None),
            Err(Trouble::Unrecorded) => (if worker.calls > 0 { Ending::Pending } else { Ending::Cancelled }, None),
        };
        let Worker { calls, started, identifier, .. } = worker;
        let finished = started.is_some().then(|| self.clock.stamp());
        let end = NodeEnd { outcome, calls, started, finished, identifier, error };
        self.tell(Message::Ended(number, Box::new(end)));
    }

    /// Writes a snapshot in the middle of the run.
    pub(super) async fn fold(&self) {
        match self.session.fold().await {
            Ok(folded) => self.events.emit(Event { serial: Some(folded.serial), ..Event::new(Name::StateFolded) }),
            // The journal has everything; the end of the run tries again.
            Err(error) => self.events.emit(Event { message: Some(error.to_string()), ..Event::new(Name::Note) }),
        }
        self.tell(Message::Folded);
    }

    fn tell(&self, message: Message) {
        // The scheduler is gone when a second signal ended the run: nobody is left to hear.
        self.messages.send(message).ok();
    }

    /// The record of an address as it durably is.
    pub(super) fn record(&self, address: &Address) -> Option<Record> {
        self.session.with_state(|state| state.resources.get(address).cloned())
    }

    /// Makes entries durable before something is done that needs them.
    async fn append(&self, entries: Vec<What>) -> Result<(), Trouble> {
        let start = Instant::now();
        match self.session.append(entries).await {
            Ok(()) => {
                self.tell(Message::Durable(start.elapsed()));
                Ok(())
            }
            Err(error) => {
                self.report(&error);
                Err(Trouble::Unrecorded)
            }
        }
    }

    /// Makes what happened durable, as long as there is hope; else keeps it as an orphan.
    async fn append_result(&self, entries: Vec<What>) -> Result<(), Trouble> {
        let start = Instant::now();
        let mut pause = Duration::from_secs(1);
        loop {
            match self.session.append(entries.clone()).await {
                Ok(()) => {
                    self.tell(Message::Durable(start.elapsed()));
                    return Ok(());
                }
                Err(JournalError::Store(error)) if start.elapsed() < STORE_PATIENCE && !self.lost.load(Ordering::Relaxed) => {
                    self.tell(Message::StoreGone(error.to_string()));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(10));
                }
                Err(error) => {
                    self.report(&error);
                    let at = self.clock.stamp();
                    let mut orphans = self.orphans.lock().unwrap_or_else(PoisonError::into_inner);
                    orphans.extend(entries.into_iter().map(|what| Entry { at: at.clone(), what }));
                    return Err(Trouble::Unrecorded);
                }
            }
        }
    }

    fn report(&self, error: &JournalError) {
        if let JournalError::Lost(why) = error {
            self.lost.store(true, Ordering::Relaxed);
            self.tell(Message::Lost(why.clone()));
        } else {
            self.tell(Message::StoreGone(error.to_string()));
        }
    }

    fn next_attempt(&self, address: &Address, op: Operation) -> u32 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = attempts.entry((address.clone(), op)).or_default();
        *attempt += 1;
        *attempt
    }

    fn retries(&self, address: &Address) -> Retries {
        let salt = address.as_str().bytes().fold(self.seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Retries::new(Random::new(salt))
    }

    fn touched(&self) -> Touched {
        Touched { at: self.clock.stamp(), run: self.session.run().to_owned() }
    }
}

impl<'a, P: Provider> Worker<'a, P> {
    async fn work(&mut self, part: Part) -> Result<(), Trouble> {
        let address = &self.step.address;
        let record = self.shop.record(address);
        match (part, self.step.op, record) {
            (Part::Clear, _, Some(record)) => self.clear(&record).await,
            (Part::Clear, _, None) => Ok(()),
            (Part::MakeRoom, _, Some(record)) => self.make_room(record).await,
            (Part::Main, Op::Create | Op::Replace, record) => self.create(record).await,
            (Part::Main, Op::Update, Some(record)) => self.update(record).await,
            (Part::Main, Op::Delete, Some(record)) if !record.retain => self.delete(record).await,
            (Part::Main, Op::Delete | Op::Forget, Some(_)) => self.edit(None).await,
            (Part::Main, Op::Adopt, record) => self.adopt(record).await,
            (Part::Main, Op::None, Some(record)) => self.note(record).await,
            // What is to go is gone already.
            (Part::MakeRoom, _, None) | (Part::Main, Op::Delete | Op::Forget, None) => Ok(()),
            (Part::Main, Op::Update | Op::None, None) => {
                Err(Trouble::Failed(Failure::terminal("NotInState", format!("{address} is not in the state"))))
            }
        }
    }

    async fn create(&mut self, record: Option<Record>) -> Result<(), Trouble> {
        let desired = self.desired()?;
        let inputs = self.inputs(desired).await?;
        let call = Call {
            address: &self.step.address,
            op: Operation::Create,
            type_name: desired.type_name.clone(),
            component: desired.component.clone(),
            identifier: None,
            inputs,
            before: Map::new(),
            meta: meta(desired, self.step.generation),
            superseded: false,
            makes_room: false,
            limit: Duration::from_secs(desired.lifecycle.timeouts.create),
        };
        let live = self.call(call).await?;
        self.identifier = Some(live.identifier);
        drop(record);
        Ok(())
    }

    async fn update(&mut self, record: Record) -> Result<(), Trouble> {
        let desired = self.desired()?;
        let inputs = self.inputs(desired).await?;
        self.identifier.clone_from(&record.identifier);
        let call = Call {
            address: &self.step.address,
            op: Operation::Update,
            type_name: desired.type_name.clone(),
            component: desired.component.clone(),
            identifier: record.identifier,
            inputs,
            before: record.properties,
            meta: meta(desired, self.step.generation),
            superseded: false,
            makes_room: false,
            limit: Duration::from_secs(desired.lifecycle.timeouts.update),
        };
        let live = self.call(call).await?;
        self.identifier = Some(live.identifier);
        Ok(())
    }

    /// Deletes what is left of older instances, then the present one.
    async fn delete(&mut self, record: Record) -> Result<(), Trouble> {
        for old in &record.superseded {
            self.delete_old(&record, old).await?;
        }
        self.delete_present(record, false).await
    }

    async fn make_room(&mut self, record: Record) -> Result<(), Trouble> {
        if record.retain {
            return self.edit(None).await;
        }
        if record.identifier.is_none() {
            return Ok(());
        }
        self.delete_present(record, true).await
    }

    async fn delete_present(&mut self, record: Record, makes_room: bool) -> Result<(), Trouble> {
        self.identifier.clone_from(&record.identifier);
        let meta = recorded_meta(&record);
        let call = Call {
            address: &self.step.address,
            op: Operation::Delete,
            type_name: record.type_name,
            component: record.component,
            identifier: record.identifier,
            inputs: nothing(),
            before: Map::new(),
            meta,
            superseded: false,
            makes_room,
            limit: self.delete_limit(),
        };
        self.call(call).await.map(drop)
    }

    async fn delete_old(&mut self, record: &Record, old: &Superseded) -> Result<(), Trouble> {
        let call = Call {
            address: &self.step.address,
            op: Operation::Delete,
            type_name: old.type_name.clone(),
            component: record.component.clone(),
            identifier: Some(old.identifier.clone()),
            inputs: nothing(),
            before: Map::new(),
            meta: Meta { generation: old.generation, nested: old.nested, depends_on: old.depends_on.clone(), ..recorded_meta(record) },
            superseded: true,
            makes_room: false,
            limit: self.delete_limit(),
        };
        self.call(call).await.map(drop)
    }

    async fn clear(&mut self, record: &Record) -> Result<(), Trouble> {
        if record.retain && !record.superseded.is_empty() {
            let kept = Record { superseded: Vec::new(), ..record.clone() };
            return self.edit(Some(kept)).await;
        }
        for old in &record.superseded {
            self.delete_old(record, old).await?;
        }
        Ok(())
    }

    /// Takes a resource into the state as it stands. What is wanted otherwise is the next plan's.
    async fn adopt(&mut self, record: Option<Record>) -> Result<(), Trouble> {
        let desired = self.desired()?;
        let identifier = self.step.identifier.clone().unwrap_or_default();
        self.start();
        let read = self.shop.provider.read(&desired.type_name, &identifier).await.map_err(Trouble::Failed)?;
        let Some(live) = read else {
            let why = format!("{} {identifier} does not exist", desired.type_name);
            return Err(Trouble::Failed(Failure::terminal("NotFound", why)));
        };
        let mut properties = live.properties;
        properties.retain(|name, _| desired.properties.contains_key(name));
        let touched = self.shop.touched();
        self.identifier = Some(live.identifier.clone());
        let adopted = Record {
            type_name: desired.type_name.clone(),
            component: desired.component.clone(),
            identifier: Some(live.identifier),
            status: Status::Ready,
            partial: false,
            properties,
            attributes: live.attributes,
            depends_on: desired.depends_on.clone(),
            protect: desired.lifecycle.protect,
            retain: desired.lifecycle.retain_on_delete,
            nested: desired.nested,
            generation: self.step.generation,
            pending: None,
            superseded: record.map(|record| record.superseded).unwrap_or_default(),
            created: touched.clone(),
            updated: touched,
        };
        self.edit(Some(adopted)).await
    }

    /// Records what is kept besides properties.
    async fn note(&mut self, record: Record) -> Result<(), Trouble> {
        let Some(desired) = &self.step.desired else { return Ok(()) };
        self.identifier.clone_from(&record.identifier);
        let noted = Record {
            component: desired.component.clone(),
            depends_on: desired.depends_on.clone(),
            protect: desired.lifecycle.protect,
            retain: desired.lifecycle.retain_on_delete,
            updated: self.shop.touched(),
            ..record.clone()
        };
        let same = Record { updated: record.updated.clone(), ..noted.clone() } == record;
        if same { Ok(()) } else { self.edit(Some(noted)).await }
    }

    async fn edit(&mut self, record: Option<Record>) -> Result<(), Trouble> {
        self.start();
        let edit = Edit { resources: BTreeMap::from([(self.step.address.clone(), record)]), ..Edit::default() };
        self.shop.append(vec![What::Edit(Box::new(edit))]).await
    }

    fn desired(&self) -> Result<&'a Resource, Trouble> {
        let missing = || Trouble::Failed(Failure::terminal("NoDesiredForm", "the step does not say what is wanted"));
        self.step.desired.as_ref().ok_or_else(missing)
    }

    async fn inputs(&self, desired: &Resource) -> Result<Inputs, Trouble> {
        let Workshop { provider, session, .. } = self.shop;
        match inputs::of_step(&**provider, session, &desired.type_name, &desired.properties).await {
            Ok(inputs) => Ok(inputs),
            Err(NoInputs::Failure(failure)) => Err(Trouble::Failed(failure)),
            Err(NoInputs::Journal(error)) => {
                self.shop.report(&error);
                Err(Trouble::Unrecorded)
            }
        }
    }

    fn delete_limit(&self) -> Duration {
        let timeouts = self.step.desired.as_ref().map_or_else(Timeouts::default, |desired| desired.lifecycle.timeouts);
        Duration::from_secs(timeouts.delete)
    }

    fn start(&mut self) {
        if self.started.is_none() {
            self.started = Some(self.shop.clock.stamp());
        }
    }

    /// Makes a call: intent, call with its repetitions, result.
    async fn call(&mut self, call: Call<'_>) -> Result<Live, Trouble> {
        let shop = self.shop;
        let mut attempt = shop.next_attempt(call.address, call.op);
        let mut intent = self.intent(&call, attempt);
        shop.provider.journal(Moment::BeforeIntent, call.address, call.op).await;
        shop.append(vec![What::Intent(Box::new(intent.clone()))]).await?;
        if !self.enter().await {
            // Never called: that is as certain as a proof.
            let never = outcome(&intent, Ended::Absent, None, None);
            shop.append_result(vec![What::Result(Box::new(never))]).await?;
            return Err(Trouble::Cancelled);
        }
        let entered = Instant::now();
        self.start();
        let mut retries = shop.retries(call.address);
        let deadline = entered + call.limit;
        let ended = loop {
            shop.events.emit(Event { attempt: Some(attempt), ..self.event(Name::StepStarted) });
            self.calls += 1;
            let request = request(&call, &intent);
            let Ok(answer) = tokio::time::timeout_at(deadline, self.attempt(call.op, &request, &intent)).await else {
                break Err(Trouble::TimedOut);
            };
            let failure = match answer {
                Ok(live) => break Ok(live),
                Err(failure) => failure,
            };
            let made = call.op == Operation::Create && failure.identifier.is_some();
            let pause = if made || shop.lost.load(Ordering::Relaxed) { None } else { retries.pause(&failure) };
            let Some(pause) = pause.filter(|pause| Instant::now() + *pause < deadline) else { break Err(Trouble::Failed(failure)) };
            self.tell_retry(attempt, &failure, pause);
            tokio::time::sleep(pause).await;
            if failure.spent {
                let over = outcome(&intent, Ended::Failed, None, Some(&failure));
                attempt = shop.next_attempt(call.address, call.op);
                intent = self.intent(&call, attempt);
                let entries = vec![What::Result(Box::new(over)), What::Intent(Box::new(intent.clone()))];
                if shop.append(entries).await.is_err() {
                    break Err(Trouble::Failed(failure));
                }
            }
        };
        shop.tell(Message::Called(self.node, entered.elapsed()));
        let result = match &ended {
            Ok(live) => outcome(&intent, Ended::Done, Some(live), None),
            Err(Trouble::Failed(failure)) => outcome(&intent, Ended::Failed, None, Some(failure)),
            Err(_) => return ended,
        };
        shop.append_result(vec![What::Result(Box::new(result))]).await?;
        shop.provider.journal(Moment::AfterResult, call.address, call.op).await;
        ended
    }

    /// One try of a call; reports of its request are journaled meanwhile.
    async fn attempt(&self, op: Operation, request: &Request, intent: &Intent) -> Result<Live, Failure> {
        let (handle, mut reports) = Handle::new();
        let provider = &self.shop.provider;
        let call = async {
            match op {
                Operation::Create => provider.create(request, &handle).await,
                Operation::Update => provider.update(request, &handle).await,
                Operation::Delete => provider.delete(request, &handle).await.map(|()| Live::default()),
            }
        };
        let mut call = std::pin::pin!(call);
        loop {
            tokio::select! {
                biased;
                answer = &mut call => return answer,
                Some(taken) = reports.recv() => {
                    self.accepted(intent, &taken.accepted).await;
                    taken.durable.send(()).ok();
                }
            }
        }
    }

    async fn accepted(&self, intent: &Intent, accepted: &Accepted) {
        let entry = AcceptedEntry { address: intent.address.clone(), token: intent.token.clone(), answer: accepted.clone() };
        // The request runs whether or not this can be written; its result tells of the journal's trouble.
        self.shop.append(vec![What::Accepted(entry)]).await.ok();
        self.shop.events.emit(Event { identifier: accepted.identifier.clone(), ..self.event(Name::StepAccepted) });
    }

    fn tell_retry(&self, attempt: u32, failure: &Failure, pause: Duration) {
        let event = Event {
            attempt: Some(attempt),
            class: Some(failure.class.name().to_owned()),
            code: Some(failure.code.clone()),
            message: Some(failure.message.clone()),
            seconds: Some(pause.as_secs_f64()),
            ..self.event(Name::StepRetried)
        };
        if failure.class == Class::Throttle {
            self.shop.events.emit(Event { event: Name::Throttle, ..event.clone() });
        }
        self.shop.events.emit(event);
    }

    fn event(&self, name: Name) -> Event {
        Event::of_step(name, self.step)
    }

    /// Waits for a slot; false when no call is to be made any more.
    async fn enter(&self) -> bool {
        let (go, gate) = oneshot::channel();
        self.shop.tell(Message::Journaled(self.node, go));
        gate.await.unwrap_or(false)
    }

    fn intent(&self, call: &Call<'_>, attempt: u32) -> Intent {
        Intent {
            address: call.address.clone(),
            op: call.op,
            attempt,
            token: self.shop.session.token(call.address, call.op, attempt),
            type_name: call.type_name.clone(),
            component: call.component.clone(),
            identifier: call.identifier.clone(),
            properties: call.inputs.recorded.clone(),
            incomplete: call.inputs.incomplete,
            meta: call.meta.clone(),
            superseded: call.superseded,
        }
    }
}

/// The result of an intent.
pub(super) fn outcome(intent: &Intent, ended: Ended, live: Option<&Live>, failure: Option<&Failure>) -> Outcome {
    let identifier = live.map(|live| live.identifier.clone()).filter(|identifier| !identifier.is_empty());
    Outcome {
        address: intent.address.clone(),
        token: intent.token.clone(),
        op: intent.op,
        ended,
        identifier: identifier.or_else(|| failure.and_then(|failure| failure.identifier.clone())),
        properties: None,
        attributes: live.map(|live| live.attributes.clone()).unwrap_or_default(),
        error: failure.map(Failure::recorded),
    }
}

fn request(call: &Call<'_>, intent: &Intent) -> Request {
    Request {
        address: call.address.clone(),
        type_name: call.type_name.clone(),
        identifier: call.identifier.clone(),
        properties: call.inputs.sent.clone(),
        before: call.before.clone(),
        generation: call.meta.generation,
        nested: call.meta.nested,
        makes_room: call.makes_room,
        token: intent.token.clone(),
    }
}

fn meta(desired: &Resource, generation: u32) -> Meta {
    Meta {
        depends_on: desired.depends_on.clone(),
        protect: desired.lifecycle.protect,
        retain: desired.lifecycle.retain_on_delete,
        nested: desired.nested,
        generation,
    }
}

fn recorded_meta(record: &Record) -> Meta {
    Meta {
        depends_on: record.depends_on.clone(),
        protect: record.protect,
        retain: record.retain,
        nested: record.nested,
        generation: record.generation,
    }
}

fn nothing() -> Inputs {
    Inputs { sent: Map::new(), recorded: Map::new(), incomplete: false }
}
