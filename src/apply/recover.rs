//! What a killed run has left: calls whose end nobody wrote down.
//!
//! In: pending intents, the provider, what is wanted now. Out: a result for each that can be known, as journal entries of the present epoch,
//! so that recovery may itself be killed. It never guesses: what cannot be known stays pending, and a person decides.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::call::outcome;
use super::context::RunContext;
use super::event::{Event, Name};
use super::provider::{Class, Failure, Handle, Live, Provider, Request};
use super::retry::{Random, Retries};
use super::values;
use crate::address::Address;
use crate::catalog::{Operation as Handler, TagStyle, TypeInfo, catalog};
use crate::diagnostic::codes::apply::P8005;
use crate::diagnostic::{Diagnostic, Error};
use crate::resource::{Form, Properties, Resource, holds_forms};
use crate::state::{Accepted, Ended, Intent, Operation, Outcome, Pending, Record, Session, What};

/// How long a provider knows its request tokens.
const REQUESTS: Duration = Duration::from_hours(7 * 24);

/// How long a client token brings back the old answer.
const TOKENS: Duration = Duration::from_hours(36);

/// Longest wait for the end of one call.
const LIMIT: Duration = Duration::from_mins(30);

/// The code of a failure of ours: the lock does not allow for a call any more.
const LOST: &str = "LockLost";

/// How many pending calls are looked at together.
const TOGETHER: usize = 10;

/// What recovery found out about a pending call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The resource.
    pub address: Address,
    /// What had been about to be done.
    pub op: Operation,
    /// How it ended; none when that cannot be known.
    pub ended: Option<Ended>,
    /// The finding, for people.
    pub finding: String,
    /// The resource was not there any more, and is planned anew.
    pub gone: bool,
}

/// The end of a pending call, or that it is not known.
enum Verdict {
    Known(Box<Outcome>, String),
    Unknown(String),
}

/// One pending call under examination.
struct Case<P> {
    provider: Arc<P>,
    session: Arc<Session>,
    pending: Pending,
    record: Record,
    desired: Option<Resource>,
    age: Duration,
    seed: u64,
}

/// Settles the pending calls of earlier runs. `desired` is what is wanted now: from it values are taken that the journal does not hold.
///
/// A signal ends it: what was found out is journaled, and the rest stays pending for the next run.
pub(super) async fn settle<P: Provider>(provider: &Arc<P>, context: &RunContext, desired: &[&Resource]) -> Result<Vec<Settled>, Error> {
    let journal = &context.journal;
    let mut open: Vec<(Address, Pending)> = journal.pending().into_iter().filter(|(_, pending)| pending.epoch != journal.epoch()).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    tracing::info!(calls = open.len(), "settling calls of earlier runs, whose end nobody wrote down");
    let desired: BTreeMap<&Address, &Resource> = desired.iter().map(|resource| (&resource.address, *resource)).collect();
    let mut found = Vec::with_capacity(open.len());
    let mut tasks = JoinSet::new();
    loop {
        while tasks.len() < TOGETHER
            && let Some((address, pending)) = open.pop()
        {
            let Some(record) = journal.with_state(|state| state.resources.get(&address).cloned()) else { continue };
            let case = Case {
                provider: Arc::clone(provider),
                session: Arc::clone(journal),
                desired: desired.get(&address).map(|resource| (*resource).clone()),
                age: age(&pending.at, context.clock.now()),
                seed: context.options.seed,
                pending,
                record,
            };
            tasks.spawn(case.examine());
        }
        let examined = tokio::select! {
            biased;
            () = context.stop.interrupted(1) => {
                // A request that is under way has its intent and its token: the next run asks for it again.
                tasks.shutdown().await;
                let message = "interrupted while calls of an earlier run were being settled";
                return Err(Diagnostic::new(P8005, message).help("run the command again to go on").into());
            }
            examined = tasks.join_next() => examined,
        };
        let Some(examined) = examined else { break };
        let (intent, verdict) = examined.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        found.push(keep(context, intent, verdict).await?);
    }
    found.sort_by(|a, b| a.address.cmp(&b.address));
    Ok(found)
}

async fn keep(context: &RunContext, intent: Intent, verdict: Verdict) -> Result<Settled, Error> {
    let (ended, finding) = match verdict {
        Verdict::Known(result, finding) => {
            let ended = result.ended;
            context.journal.append(vec![What::Result(result)]).await?;
            (Some(ended), finding)
        }
        Verdict::Unknown(finding) => (None, finding),
    };
    let event = Event { address: Some(intent.address.clone()), message: Some(finding.clone()), ..Event::new(Name::Recovery) };
    context.events.emit(event);
    // The finding may quote the provider, and the provider a value.
    let outcome = ended.map_or("unknown", Ended::name);
    tracing::info!(r#type = %intent.type_name, epoch = context.journal.epoch(), %outcome, "settled: {} {}", intent.op.name(), intent.address);
    Ok(Settled { address: intent.address, op: intent.op, ended, finding, gone: false })
}

fn age(at: &str, now: Timestamp) -> Duration {
    // A time that cannot be read is taken for a long one: then nothing is repeated on its account.
    at.parse::<Timestamp>().map_or(Duration::MAX, |at| now.duration_since(at).try_into().unwrap_or(Duration::ZERO))
}

impl<P: Provider> Case<P> {
    async fn examine(self) -> (Intent, Verdict) {
        let verdict = match tokio::time::timeout(LIMIT, self.first_row()).await {
            Ok(verdict) => verdict,
            Err(_) => Verdict::Unknown("no answer came in time".to_owned()),
        };
        (self.pending.intent, verdict)
    }

    /// The rows of the table, in order; the first that applies decides.
    async fn first_row(&self) -> Verdict {
        let intent = &self.pending.intent;
        if let Some(accepted) = self.pending.accepted.as_ref().filter(|accepted| accepted.request.is_some() && self.age < REQUESTS) {
            match self.resume(accepted).await {
                Ok(Some(live)) => return self.known(Ended::Done, Some(&live), None, "its request has ended well"),
                Ok(None) => {}
                Err(failure) => return self.ended(&failure, "its request has failed"),
            }
        }
        if self.age < TOKENS
            && let Some(sent) = self.body().await
        {
            match self.repeat(sent).await {
                Ok(live) => return self.known(Ended::Done, Some(&live), None, "the same request was sent again with its token"),
                Err(failure) if failure.code == "ClientTokenConflict" => {
                    return Verdict::Unknown("its token was used for another request".to_owned());
                }
                Err(failure) => return self.ended(&failure, "the same request was sent again with its token"),
            }
        }
        let seen = || self.pending.accepted.as_ref().and_then(|accepted| accepted.identifier.clone());
        let known = match intent.op {
            Operation::Create => seen().or_else(|| given_identifier(intent)),
            Operation::Update | Operation::Delete => intent.identifier.clone(),
        };
        match known {
            Some(identifier) => match self.provider.read(&intent.type_name, &identifier).await {
                Ok(live) => self.compare(live.as_ref()),
                Err(failure) => Verdict::Unknown(format!("{identifier} cannot be read: {failure}")),
            },
            None => self.search().await,
        }
    }

    /// The body of the request in clear, if it is known or can be had again.
    async fn body(&self) -> Option<Properties> {
        let intent = &self.pending.intent;
        if intent.op == Operation::Delete || !intent.incomplete {
            return Some(intent.properties.clone());
        }
        let desired = self.desired.as_ref().filter(|desired| desired.type_name == intent.type_name)?;
        let inputs = values::of_step(&*self.provider, &self.session, &desired.type_name, &desired.properties).await.ok()?;
        (inputs.recorded == intent.properties).then_some(inputs.sent)
    }

    fn request(&self, properties: Properties) -> Request {
        let intent = &self.pending.intent;
        Request {
            address: intent.address.clone(),
            type_name: intent.type_name.clone(),
            identifier: intent.identifier.clone(),
            properties: if intent.op == Operation::Delete { Properties::new() } else { properties },
            before: if intent.op == Operation::Update { self.record.properties.clone() } else { Properties::new() },
            generation: intent.meta.generation,
            nested: intent.meta.nested,
            makes_room: intent.op == Operation::Delete,
            token: intent.token.clone(),
        }
    }

    async fn repeat(&self, sent: Properties) -> Result<Live, Failure> {
        let live = self.patiently(&self.request(sent), None).await?;
        Ok(live.unwrap_or_default())
    }

    async fn resume(&self, accepted: &Accepted) -> Result<Option<Live>, Failure> {
        self.patiently(&self.request(self.pending.intent.properties.clone()), Some(accepted)).await
    }

    /// Sends a request again, or asks how an accepted one has ended; repeats that while it may help: as long as no request was ended as
    /// failed.
    async fn patiently(&self, request: &Request, accepted: Option<&Accepted>) -> Result<Option<Live>, Failure> {
        let salt = request.token.bytes().fold(self.seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut retries = Retries::new(Random::new(salt));
        let deadline = Instant::now() + LIMIT;
        let handle = Handle::silent();
        loop {
            if let Err(why) = self.session.ready().await {
                return Err(Failure::new(Class::Transient, LOST, why));
            }
            let answer = match (accepted, self.pending.intent.op) {
                (Some(accepted), _) => self.provider.resume(request, accepted).await,
                (None, Operation::Create) => self.provider.create(request, &handle).await.map(Some),
                (None, Operation::Update) => self.provider.update(request, &handle).await.map(Some),
                (None, Operation::Delete) => self.provider.delete(request, &handle).await.map(|()| None),
            };
            let (outcome, code) = answer.as_ref().map_or_else(|failure| (failure.class.name(), Some(&*failure.code)), |_| ("done", None));
            let what = if accepted.is_some() { "resume" } else { "repeat" };
            tracing::debug!(op = %self.pending.intent.op.name(), %outcome, code, "provider {what} {}", request.address);
            let failure = match answer {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let pause = if failure.spent { None } else { retries.pause(&failure) };
            match pause.filter(|pause| Instant::now() + *pause < deadline) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(failure),
            }
        }
    }

    /// What a resource that was found, or not found, says about the call.
    fn compare(&self, live: Option<&Live>) -> Verdict {
        let intent = &self.pending.intent;
        match (intent.op, live) {
            (Operation::Create, None) => self.known(Ended::Absent, None, None, "there is no such resource"),
            (Operation::Create, Some(live)) if self.is_ours(live) => {
                self.known(Ended::Done, Some(live), None, "it was found in the account")
            }
            (Operation::Create, Some(live)) => {
                let why = format!("{} {} exists already and was not made by panka for this component", intent.type_name, live.identifier);
                let failure = Failure::terminal("AlreadyExists", why);
                self.failed(&failure, "another resource has its name")
            }
            (Operation::Delete, None) => self.known(Ended::Done, None, None, "it is gone"),
            (Operation::Delete, Some(_)) => self.known(Ended::Absent, None, None, "it is still there"),
            (Operation::Update, None) => {
                let failure = Failure::terminal("NotFound", format!("{} does not exist any more", intent.type_name));
                self.failed(&failure, "it is gone")
            }
            (Operation::Update, Some(live)) => {
                if agrees(&intent.properties, &live.properties) {
                    self.known(Ended::Done, Some(live), None, "the update has taken effect")
                } else if agrees(&self.record.properties, &live.properties) {
                    self.known(Ended::Absent, None, None, "the update has not taken effect")
                } else {
                    let failure = Failure::terminal("Partial", "the update has taken effect in part");
                    self.failed(&failure, "the update has taken effect in part")
                }
            }
        }
    }

    /// Looks for a resource whose identifier nobody knows.
    async fn search(&self) -> Verdict {
        let intent = &self.pending.intent;
        let info = catalog().get(&intent.type_name).filter(|info| info.tag_property().is_some());
        let Some(info) = info else {
            return Verdict::Unknown("its identifier is not known, and the type has no tags to find it by".to_owned());
        };
        let all = match self.provider.list(&intent.type_name).await {
            Ok(Some(all)) => all,
            Ok(None) => return Verdict::Unknown("its identifier is not known, and the type cannot be listed".to_owned()),
            Err(failure) => return Verdict::Unknown(format!("the resources of the type cannot be listed: {failure}")),
        };
        let claimed = |live: &Live| {
            self.session.with_state(|state| {
                state.resources.values().any(|record| {
                    let identifiers = record.identifier.iter().chain(record.superseded.iter().map(|old| &old.identifier));
                    record.type_name == intent.type_name && identifiers.into_iter().any(|known| *known == live.identifier)
                })
            })
        };
        let alike: Vec<&Live> =
            all.iter().filter(|live| tags_agree(info, intent, live) && fixed_agree(info, intent, live) && !claimed(live)).collect();
        let minutes = info.timeout_minutes(Handler::Create).unwrap_or(120);
        match alike.as_slice() {
            [only] => self.known(Ended::Done, Some(only), None, "it was found by its tags"),
            [] if self.age > Duration::from_secs(u64::from(minutes) * 60) => self.known(Ended::Absent, None, None, "nothing has its tags"),
            [] => Verdict::Unknown(format!("nothing has its tags yet; the type may take {minutes} minutes")),
            several => Verdict::Unknown(format!("{} resources have its tags", several.len())),
        }
    }

    /// Tells whether a resource that has the wanted name was made for this address.
    fn is_ours(&self, live: &Live) -> bool {
        let intent = &self.pending.intent;
        match catalog().get(&intent.type_name) {
            Some(info) if info.tag_property().is_some() => tags_agree(info, intent, live),
            // A type without tags can only be told by what it is.
            _ => agrees(&intent.properties, &live.properties),
        }
    }

    fn known(&self, ended: Ended, live: Option<&Live>, failure: Option<&Failure>, finding: &str) -> Verdict {
        let result = outcome(&self.pending.intent, ended, live, failure);
        Verdict::Known(Box::new(result), finding.to_owned())
    }

    /// What a failure says of the request: that it has failed, or nothing.
    fn ended(&self, failure: &Failure, finding: &str) -> Verdict {
        if failure.code == LOST {
            Verdict::Unknown(format!("the lock was lost: {}", failure.message))
        } else if failure.class == Class::Terminal || failure.spent {
            self.failed(failure, finding)
        } else {
            Verdict::Unknown(format!("the provider does not answer: {failure}"))
        }
    }

    fn failed(&self, failure: &Failure, finding: &str) -> Verdict {
        self.known(Ended::Failed, None, Some(failure), &format!("{finding}: {failure}"))
    }
}

/// The identifier that the properties of a create give, if they give all of it.
fn given_identifier(intent: &Intent) -> Option<String> {
    let info = catalog().get(&intent.type_name)?;
    let parts = info.primary_identifier().iter().map(|pointer| {
        let value = intent.properties.get(pointer.trim_start_matches('/')).filter(|_| !info.is_read_only(pointer))?;
        value.as_str().map(str::to_owned)
    });
    let parts: Option<Vec<String>> = parts.collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("|"))
}

/// Tells whether everything that was wanted, as far as it is known and can be read, is there.
fn agrees(wanted: &Properties, live: &Properties) -> bool {
    wanted.iter().all(|(name, value)| match (Form::of(value), live.get(name)) {
        (Form::Sensitive(_) | Form::Secret(_), _) => true,
        (_, Some(found)) => *found == *value || holds_forms(value),
        (_, None) => holds_forms(value),
    })
}

fn fixed_agree(info: &TypeInfo, intent: &Intent, live: &Live) -> bool {
    intent
        .properties
        .iter()
        .filter(|(name, _)| info.is_create_only(&format!("/{name}")))
        .all(|(name, value)| holds_forms(value) || live.properties.get(name).is_some_and(|found| found == value))
}

/// Tells whether a resource has all of the tags by which panka knows its own.
fn tags_agree(info: &TypeInfo, intent: &Intent, live: &Live) -> bool {
    let ours = |properties: &Properties| -> Vec<(String, String)> {
        let Some(tags) = info.tag_property().and_then(|name| properties.get(name)) else { return Vec::new() };
        let mut found: Vec<(String, String)> = pairs(info, tags).into_iter().filter(|(key, _)| key.starts_with("panka:")).collect();
        found.sort_unstable();
        found
    };
    let wanted = ours(&intent.properties);
    !wanted.is_empty() && wanted == ours(&live.properties)
}

fn pairs(info: &TypeInfo, tags: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match (info.tag_style(), tags) {
        (Some(TagStyle::Map), Value::Object(map)) => map.iter().filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect(),
        (Some(TagStyle::List { key, value }), Value::Array(items)) => {
            items.iter().filter_map(|item| Some((text(item.get(&key)?)?, text(item.get(&value)?)?))).collect()
        }
        _ => Vec::new(),
    }
}
