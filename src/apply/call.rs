//! One call, from its intent to its durable result.
//!
//! In: what is to be sent, and the right to call, given by the scheduler. Out: the resource, or [`Trouble`]. Before a call its intent is
//! durable; after it the result is, before anybody is told.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio::time::error::Elapsed;

use super::event::{Event, Name};
use super::faults::Moment;
use super::floor::Floor;
use super::provider::{Class, Failure, Handle, Live, Provider, Request};
use super::trouble::{Message, Trouble};
use super::values::Inputs;
use super::work::owned;
use crate::address::Address;
use crate::clock::millis;
use crate::plan::Step;
use crate::resource::{Properties, TypeName};
use crate::state::{Accepted, AcceptedEntry, Ended, Intent, Meta, Operation, Outcome, What};

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

/// Makes the calls of one node.
pub(super) struct Caller<'a, P> {
    pub(super) floor: &'a Floor<P>,
    pub(super) node: usize,
    pub(super) step: &'a Step,
    /// Calls made so far.
    pub(super) calls: u32,
    /// When the first of them, or an edit, began.
    pub(super) started: Option<String>,
}

impl<P: Provider> Caller<'_, P> {
    /// Makes a call: intent, call with its repetitions, result.
    pub(super) async fn call(&mut self, call: Call<'_>) -> Result<Live, Trouble> {
        let (floor, context) = (self.floor, &self.floor.context);
        let mut intent = self.intent(&call);
        self.at(Moment::BeforeIntent, &call).await;
        floor.append(vec![What::Intent(Box::new(intent.clone()))]).await?;
        // An intent may have waited long for its slot, and a process may have been stopped meanwhile.
        let entered = self.enter().await;
        if entered && !self.may_call().await || floor.is_lost() {
            // The next run finds the intent, and sends the request.
            return Err(Trouble::Cancelled);
        }
        if !entered {
            // Never called: that is as certain as a proof.
            let never = outcome(&intent, Ended::Absent, None, None);
            floor.append_result(vec![What::Result(Box::new(never))]).await?;
            return Err(Trouble::Cancelled);
        }
        let entered = Instant::now();
        self.start();
        let mut retries = floor.retries(call.address);
        let deadline = entered + call.limit;
        let ended = loop {
            context.events.emit(Event { attempt: Some(intent.attempt), ..self.event(Name::StepStarted) });
            self.calls += 1;
            let request = request(&call, &intent);
            let asked = Instant::now();
            let answer = tokio::time::timeout_at(deadline, self.attempt(call.op, &request, &intent)).await;
            log(self.calls, &intent, &answer, millis(asked.elapsed()));
            let Ok(answer) = answer else { break Err(Trouble::TimedOut) };
            let failure = match answer {
                Ok(live) => break Ok(live),
                Err(failure) => failure,
            };
            let made = call.op == Operation::Create && failure.identifier.is_some();
            let pause = if made || floor.is_lost() || floor.is_stopping() { None } else { retries.pause(&failure) };
            let Some(pause) = pause.filter(|pause| Instant::now() + *pause < deadline) else { break Err(Trouble::Failed(failure)) };
            self.tell_retry(intent.attempt, &failure, pause);
            tokio::select! {
                biased;
                // Whoever wants the run to end does not want another try.
                () = context.stop.interrupted(1) => break Err(Trouble::Failed(failure)),
                () = tokio::time::sleep(pause) => {}
            }
            if !self.may_call().await {
                break Err(Trouble::Unrecorded);
            }
            if failure.spent {
                let over = outcome(&intent, Ended::Failed, None, Some(&failure));
                intent = self.intent(&call);
                let entries = vec![What::Result(Box::new(over)), What::Intent(Box::new(intent.clone()))];
                if floor.append(entries).await.is_err() {
                    break Err(Trouble::Failed(failure));
                }
            }
        };
        floor.tell(Message::Called(self.node, entered.elapsed()));
        let ended = match ended {
            // Two resources of a state never have one instance: this one was not made here.
            Ok(live) if call.op == Operation::Create => match floor.owner_of(call.address, &call.type_name, &live.identifier) {
                Some(other) => {
                    let failure = owned(&live.identifier, &other);
                    let absent = outcome(&intent, Ended::Absent, None, Some(&failure));
                    floor.append_result(vec![What::Result(Box::new(absent))]).await?;
                    return Err(Trouble::Failed(failure));
                }
                None => Ok(live),
            },
            ended => ended,
        };
        let result = match &ended {
            Ok(live) => outcome(&intent, Ended::Done, Some(live), None),
            Err(Trouble::Failed(failure)) => outcome(&intent, Ended::Failed, None, Some(failure)),
            Err(_) => return ended,
        };
        floor.append_result(vec![What::Result(Box::new(result))]).await?;
        self.at(Moment::AfterResult, &call).await;
        ended
    }

    /// One try of a call; reports of its request are journaled meanwhile.
    async fn attempt(&self, op: Operation, request: &Request, intent: &Intent) -> Result<Live, Failure> {
        let (handle, mut reports) = Handle::new();
        let provider = &self.floor.provider;
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
        self.floor.append(vec![What::Accepted(entry)]).await.ok();
        self.floor.context.events.emit(Event { identifier: accepted.identifier.clone(), ..self.event(Name::StepAccepted) });
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
            self.floor.context.events.emit(Event { event: Name::Throttle, ..event.clone() });
        }
        self.floor.context.events.emit(event);
    }

    fn event(&self, name: Name) -> Event {
        Event::of_step(name, self.step)
    }

    /// Waits for a slot; false when no call is to be made any more.
    async fn enter(&self) -> bool {
        let (go, gate) = oneshot::channel();
        self.floor.tell(Message::Journaled(self.node, go));
        gate.await.unwrap_or(false)
    }

    /// Tells whether the lock still allows for a call; if not, so that nothing else is begun.
    async fn may_call(&self) -> bool {
        match self.floor.context.journal.ready().await {
            Ok(()) => true,
            Err(why) => {
                self.floor.tell(Message::Lost(why));
                false
            }
        }
    }

    /// Lets a fault script know where the journal stands.
    async fn at(&self, moment: Moment, call: &Call<'_>) {
        if let Some(mishaps) = &self.floor.context.options.mishaps {
            mishaps.at(moment, call.address, call.op).await;
        }
    }

    /// Says when the node began to do something.
    pub(super) fn start(&mut self) {
        if self.started.is_none() {
            self.started = Some(self.floor.context.clock.stamp());
        }
    }

    /// The intent of the next attempt.
    fn intent(&self, call: &Call<'_>) -> Intent {
        let (attempt, token) = self.floor.context.journal.next_attempt(call.address, call.op);
        Intent {
            address: call.address.clone(),
            op: call.op,
            attempt,
            token,
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

/// Tells the log of a call. What the provider says of a failure may quote a value, so that only its code is told.
fn log(call: u32, intent: &Intent, answer: &Result<Result<Live, Failure>, Elapsed>, ms: f64) {
    let (outcome, code) = match answer {
        Ok(Ok(_)) => ("done", None),
        Ok(Err(failure)) => (failure.class.name(), Some(failure.code.as_str())),
        Err(_) => ("timed out", None),
    };
    let (op, attempt) = (intent.op.name(), intent.attempt);
    tracing::debug!(r#type = %intent.type_name, call, attempt, %outcome, code, ms, "provider {op} {}", intent.address);
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
