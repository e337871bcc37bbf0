//! What a node does: which calls and edits its part of a step is made of.
//!
//! In: a node, the record as it durably is. Out: [`NodeEnd`], told to the scheduler.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::call::{Call, Caller};
use super::floor::Floor;
use super::order::{Node, Part};
use super::provider::{Failure, Live, Provider};
use super::run::Outcome as Ending;
use super::trouble::{Message, NodeEnd, Trouble};
use super::values::{self, Inputs, NoValues};
use crate::address::Address;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::engine::P5103;
use crate::plan::{Op, Step};
use crate::resource::{Resource, Timeouts};
use crate::state::{Edit, Meta, Operation, Record, Status, Superseded, What};

/// A node at work.
struct Worker<'a, P> {
    caller: Caller<'a, P>,
    step: &'a Step,
    /// What is deleted may still be referred to.
    ahead: bool,
    identifier: Option<String>,
}

/// Does the work of a node and tells its end.
pub(super) async fn perform<P: Provider>(floor: Arc<Floor<P>>, number: usize, node: Node) {
    let step = &floor.plan.steps[node.step];
    let caller = Caller { floor: &floor, node: number, step, calls: 0, started: None };
    let mut worker = Worker { caller, step, ahead: node.ahead, identifier: None };
    let (outcome, error) = match worker.work(node.part).await {
        Ok(()) => (Ending::Done, None),
        Err(Trouble::Failed(failure)) => (Ending::Failed, Some(failure.recorded())),
        Err(Trouble::TimedOut) => (Ending::TimedOut, None),
        Err(Trouble::Cancelled) => (Ending::Cancelled, None),
        Err(Trouble::Unrecorded) => (if worker.caller.calls > 0 { Ending::Pending } else { Ending::Cancelled }, None),
    };
    let Worker { caller: Caller { calls, started, .. }, identifier, .. } = worker;
    let finished = started.is_some().then(|| floor.context.clock.stamp());
    let end = NodeEnd { outcome, calls, started, finished, identifier, error };
    floor.tell(Message::Ended(number, Box::new(end)));
}

impl<'a, P: Provider> Worker<'a, P> {
    async fn work(&mut self, part: Part) -> Result<(), Trouble> {
        let address = &self.step.address;
        let record = self.caller.floor.record(address);
        match (part, self.step.op, record) {
            (Part::Clear, _, Some(record)) => self.clear(&record).await,
            (Part::MakeRoom, _, Some(record)) => self.make_room(record).await,
            (Part::Main, Op::Create | Op::Replace, record) => self.create(record).await,
            (Part::Main, Op::Update, Some(record)) => self.update(record).await,
            (Part::Main, Op::Delete, Some(record)) if !record.retain => self.delete(record).await,
            (Part::Main, Op::Delete | Op::Forget, Some(_)) => self.edit(None).await,
            (Part::Main, Op::Adopt, record) => self.adopt(record).await,
            (Part::Main, Op::None, Some(record)) => self.note(record).await,
            // What is to go is gone already.
            (Part::Clear | Part::MakeRoom, _, None) | (Part::Main, Op::Delete | Op::Forget, None) => Ok(()),
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
        let live = self.caller.call(call).await?;
        self.identifier = Some(live.identifier);
        drop(record);
        Ok(())
    }

    async fn update(&mut self, record: Record) -> Result<(), Trouble> {
        let desired = self.desired()?;
        let inputs = self.inputs(desired).await?;
        self.identifier.clone_from(&record.identifier);
        if record.status == Status::Failed {
            // Nobody knows how far its last operation came: what stands there decides.
            match self.stands(&record).await? {
                None => return self.make_again(record).await,
                Some(live) if is_as_wanted(&inputs, &record, &live) => return self.mark_ready(record, inputs, live).await,
                Some(_) => {}
            }
        }
        let known = record.clone();
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
        match self.caller.call(call).await {
            Ok(live) => {
                self.identifier = Some(live.identifier);
                Ok(())
            }
            Err(Trouble::Failed(failure)) if failure.is_absence() && self.stands(&known).await?.is_none() => self.make_again(known).await,
            Err(trouble) => Err(trouble),
        }
    }

    /// What stands in the account of a record.
    async fn stands(&mut self, record: &Record) -> Result<Option<Live>, Trouble> {
        let Some(identifier) = &record.identifier else { return Ok(None) };
        self.caller.start();
        self.caller.floor.provider.read(&record.type_name, identifier).await.map_err(Trouble::Failed)
    }

    /// Makes a resource again that somebody else has deleted.
    async fn make_again(&mut self, record: Record) -> Result<(), Trouble> {
        let identifier = record.identifier.as_deref().unwrap_or_default();
        let message = format!("`{}` ({identifier}) was not there any more: it is made again", self.step.address);
        let warning = Diagnostic::new(P5103, message).warning().at(self.step.source.clone()).about(&self.step.address);
        self.caller
            .floor
            .warn(warning.help("somebody has deleted it outside of panka; what refers to it is compared by the next `panka plan`"));
        for old in &record.superseded {
            self.delete_old(&record, old).await?;
        }
        self.edit(None).await?;
        self.create(None).await
    }

    /// Takes note that a resource is as it is wanted, though its last operation failed.
    async fn mark_ready(&mut self, record: Record, inputs: Inputs, live: Live) -> Result<(), Trouble> {
        let desired = self.desired()?;
        let ready = Record {
            component: desired.component.clone(),
            status: Status::Ready,
            partial: false,
            properties: inputs.recorded,
            attributes: live.attributes,
            depends_on: desired.depends_on.clone(),
            protect: desired.lifecycle.protect,
            retain: desired.lifecycle.retain_on_delete,
            final_snapshot: desired.lifecycle.final_snapshot,
            generation: self.step.generation,
            updated: self.caller.floor.context.touched(),
            ..record
        };
        self.edit(Some(ready)).await
    }

    /// Deletes what is left of older instances, then the present one.
    async fn delete(&mut self, record: Record) -> Result<(), Trouble> {
        for old in &record.superseded {
            self.delete_old(&record, old).await?;
        }
        self.delete_present(record, self.ahead).await
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
        self.caller.call(call).await.map(drop)
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
            makes_room: self.ahead,
            limit: self.delete_limit(),
        };
        self.caller.call(call).await.map(drop)
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
        self.caller.start();
        let read = self.caller.floor.provider.read(&desired.type_name, &identifier).await.map_err(Trouble::Failed)?;
        let Some(live) = read else {
            let why = format!("{} {identifier} does not exist", desired.type_name);
            return Err(Trouble::Failed(Failure::terminal("NotFound", why)));
        };
        let mut properties = live.properties;
        properties.retain(|name, _| desired.properties.contains_key(name));
        if let Some(other) = self.caller.floor.owner_of(&self.step.address, &desired.type_name, &live.identifier) {
            return Err(Trouble::Failed(owned(&live.identifier, &other)));
        }
        let touched = self.caller.floor.context.touched();
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
            final_snapshot: desired.lifecycle.final_snapshot,
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
            final_snapshot: desired.lifecycle.final_snapshot,
            updated: self.caller.floor.context.touched(),
            ..record.clone()
        };
        let same = Record { updated: record.updated.clone(), ..noted.clone() } == record;
        if same { Ok(()) } else { self.edit(Some(noted)).await }
    }

    async fn edit(&mut self, record: Option<Record>) -> Result<(), Trouble> {
        self.caller.start();
        let edit = Edit { resources: BTreeMap::from([(self.step.address.clone(), record)]), ..Edit::default() };
        self.caller.floor.append(vec![What::Edit(Box::new(edit))]).await
    }

    fn desired(&self) -> Result<&'a Resource, Trouble> {
        let missing = || Trouble::Failed(Failure::terminal("NoDesiredForm", "the step does not say what is wanted"));
        self.step.desired.as_ref().ok_or_else(missing)
    }

    async fn inputs(&self, desired: &Resource) -> Result<Inputs, Trouble> {
        let Floor { provider, context, .. } = self.caller.floor;
        match values::of_step(&**provider, &context.journal, &desired.type_name, &desired.properties).await {
            Ok(inputs) => Ok(inputs),
            Err(NoValues::Failure(failure)) => Err(Trouble::Failed(failure)),
            Err(NoValues::Journal(error)) => {
                self.caller.floor.report(&error);
                Err(Trouble::Unrecorded)
            }
        }
    }

    fn delete_limit(&self) -> Duration {
        let timeouts = self.step.desired.as_ref().map_or_else(Timeouts::default, |desired| desired.lifecycle.timeouts);
        Duration::from_secs(timeouts.delete)
    }
}

/// Tells whether a resource stands as it is wanted. What cannot be read counts as it was recorded.
fn is_as_wanted(inputs: &Inputs, record: &Record, live: &Live) -> bool {
    let stands = |(name, value): (&String, &Value)| match live.properties.get(name) {
        Some(found) => found == value,
        None => record.properties.contains_key(name) && record.properties.get(name) == inputs.recorded.get(name),
    };
    let nothing_more = record.properties.keys().all(|name| inputs.sent.contains_key(name));
    !inputs.incomplete && nothing_more && inputs.sent.iter().all(stands)
}

fn meta(desired: &Resource, generation: u32) -> Meta {
    Meta {
        depends_on: desired.depends_on.clone(),
        protect: desired.lifecycle.protect,
        retain: desired.lifecycle.retain_on_delete,
        final_snapshot: desired.lifecycle.final_snapshot,
        nested: desired.nested,
        generation,
    }
}

/// What was found is another resource's already.
pub(super) fn owned(identifier: &str, other: &Address) -> Failure {
    Failure::terminal("OwnedByAnother", format!("{identifier} is what `{other}` of this stack has already"))
}

fn recorded_meta(record: &Record) -> Meta {
    Meta {
        depends_on: record.depends_on.clone(),
        protect: record.protect,
        retain: record.retain,
        final_snapshot: record.final_snapshot,
        nested: record.nested,
        generation: record.generation,
    }
}

fn nothing() -> Inputs {
    Inputs { sent: Map::new(), recorded: Map::new(), incomplete: false }
}
