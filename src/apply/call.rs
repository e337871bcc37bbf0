//! One call, from its intent to its durable result.
//!
//! In: what is to be sent, and the right to call, given by the scheduler. Out: the resource, or [`Trouble`]. Before a call its intent is
//! durable; after it the result is, before anybody is told.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::event::{Event, Name};
use super::inputs::Inputs;
use super::provider::{Class, Failure, Handle, Live, Moment, Provider, Request};
use super::work::Worker;
use super::workshop::Message;
use crate::address::Address;
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

/// Why a call did not end well.
pub(super) enum Trouble {
    Failed(Failure),
    TimedOut,
    /// The scheduler did not let it start.
    Cancelled,
    /// The journal does not take entries: what became of the call is not known to the state.
    Unrecorded,
}

impl<P: Provider> Worker<'_, P> {
    /// Makes a call: intent, call with its repetitions, result.
    pub(super) async fn call(&mut self, call: Call<'_>) -> Result<Live, Trouble> {
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
