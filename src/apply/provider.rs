//! The level below the scheduler: calls on single resources.
//!
//! In: a [`Request`], all of whose values are known. Out: the resource as it stands, or a [`Failure`] whose class says whether trying
//! again can help. A provider never retries by itself, and a call that carries a token it has answered before gets the old answer.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};

use crate::account::Account;
use crate::address::Address;
use crate::resource::{Properties, TypeName};
use crate::state::{Accepted, OutcomeError};

/// What the values of a plan are resolved from. Every engine has one, whoever makes its calls.
pub trait Source: Send + Sync + 'static {
    /// The account that it is about.
    fn account(&self) -> &Account;

    /// Reads a resource; `None` when there is none.
    fn read(&self, type_name: &TypeName, identifier: &str) -> impl Future<Output = Result<Option<Live>, Failure>> + Send;

    /// Reads a secret: `{"arn" or "name" or "parameter": …, "key"?: …}` with all values known.
    fn secret(&self, secret: &Map<String, Value>) -> impl Future<Output = Result<Secret, Failure>> + Send;

    /// Makes a snapshot of a database, and waits until it is there.
    fn snapshot(&self, type_name: &TypeName, identifier: &str, name: &str) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Reads what no resource schema holds: `{"$lookup": …, "of": …, "field": …}` with all values known.
    fn lookup(&self, lookup: &Map<String, Value>) -> impl Future<Output = Result<Value, Failure>> + Send;
}

/// What executes calls on single resources.
pub trait Provider: Source {
    /// Makes a resource.
    fn create(&self, request: &Request, handle: &Handle) -> impl Future<Output = Result<Live, Failure>> + Send;

    /// Changes a resource in place.
    fn update(&self, request: &Request, handle: &Handle) -> impl Future<Output = Result<Live, Failure>> + Send;

    /// Deletes a resource; one that is not there is deleted.
    fn delete(&self, request: &Request, handle: &Handle) -> impl Future<Output = Result<(), Failure>> + Send;

    /// All resources of a type; `None` when the type cannot be listed.
    fn list(&self, type_name: &TypeName) -> impl Future<Output = Result<Option<Vec<Live>>, Failure>> + Send;

    /// Waits for the end of a call that an earlier run made. `Ok(None)` means that the provider does not know the request (any more);
    /// a delete that ended well gives a [`Live`] without properties.
    fn resume(&self, request: &Request, accepted: &Accepted) -> impl Future<Output = Result<Option<Live>, Failure>> + Send;
}

/// A call on one resource. Its values may be secret, so it is never printed.
#[derive(Clone)]
pub struct Request {
    /// The resource.
    pub address: Address,
    /// AWS type.
    pub type_name: TypeName,
    /// Identifier, for update and delete.
    pub identifier: Option<String>,
    /// What is wanted, all values known and in clear; empty for a delete.
    pub properties: Properties,
    /// What was last applied, for update: sensitive values as digests.
    pub before: Properties,
    /// Generation of the physical name.
    pub generation: u32,
    /// Carried by a `CloudFormation` stack of its own.
    pub nested: bool,
    /// The delete makes room for the new instance: what refers to the resource is switched afterwards.
    pub makes_room: bool,
    /// Idempotency token.
    pub token: String,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("address", &self.address).field("token", &self.token).finish_non_exhaustive()
    }
}

/// A resource as it stands in the account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live {
    /// Primary identifier, parts in schema order joined by `|`.
    pub identifier: String,
    /// Properties that can be read.
    pub properties: Properties,
    /// Read-only values.
    pub attributes: Map<String, Value>,
}

/// A secret as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The value, never written down.
    pub value: String,
    /// ARN or name under which it was found.
    pub source: String,
    /// Id of its version.
    pub version: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("source", &self.source).field("version", &self.version).finish_non_exhaustive()
    }
}

/// Why a call did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Failure {
    /// Whether trying again can help.
    pub class: Class,
    /// Code of the provider, `AlreadyExists`.
    pub code: String,
    /// Its message.
    pub message: String,
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
    /// The identifier, when one was seen: something may have been made.
    pub identifier: Option<String>,
    /// The provider took the request and ended it as failed. Its token is spent: the next try needs another.
    pub spent: bool,
}

impl Failure {
    /// Tells whether it says that the resource is not there.
    pub fn is_absence(&self) -> bool {
        self.code == "NotFound"
    }

    /// A failure that trying again does not mend.
    pub fn terminal(code: &str, message: impl Into<String>) -> Self {
        Self::new(Class::Terminal, code, message)
    }

    /// A failure of a class, whose token may be used again unless it is terminal.
    pub fn new(class: Class, code: &str, message: impl Into<String>) -> Self {
        Self { class, code: code.to_owned(), message: message.into(), retry_after: None, identifier: None, spent: class == Class::Terminal }
    }

    /// The form that journal and run record keep.
    pub fn recorded(&self) -> OutcomeError {
        OutcomeError { class: self.class.name().to_owned(), code: self.code.clone(), message: self.message.clone() }
    }
}

/// Retry class of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Slow down.
    Throttle,
    /// Network, the service itself.
    Transient,
    /// Another operation on the resource, or something not settled yet.
    Conflict,
    /// Wrong, forbidden, over quota, exists.
    Terminal,
}

impl Class {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Transient => "transient",
            Self::Conflict => "conflict",
            Self::Terminal => "terminal",
        }
    }

    /// The class of a handler error code or exception of Cloud Control.
    pub fn of_code(code: &str) -> Self {
        match code {
            "Throttling" | "ThrottlingException" => Self::Throttle,
            "ServiceInternalError"
            | "NetworkFailure"
            | "ServiceTimeout"
            | "HandlerFailure"
            | "HandlerInternalFailure"
            | "InternalFailure"
            | "GeneralServiceException"
            | "NotStabilized" => Self::Transient,
            "ResourceConflict" | "ConcurrentOperation" | "ConcurrentModification" => Self::Conflict,
            _ => Self::Terminal,
        }
    }
}

/// How a provider tells, in the middle of a call, that its request was taken.
#[derive(Debug, Clone)]
pub struct Handle(Option<mpsc::UnboundedSender<Taken>>);

/// A request was taken; the sender is released once that is durable.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) accepted: Accepted,
    pub(super) durable: oneshot::Sender<()>,
}

impl Handle {
    /// A handle and where its reports arrive.
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Taken>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(Some(sender)), receiver)
    }

    /// A handle that nobody listens to.
    pub fn silent() -> Self {
        Self(None)
    }

    /// Reports that the request was taken, and waits until that is durable.
    pub async fn accepted(&self, accepted: Accepted) {
        let Some(sender) = &self.0 else { return };
        let (durable, written) = oneshot::channel();
        if sender.send(Taken { accepted, durable }).is_ok() {
            // An error means that the journal is gone, which the run learns elsewhere.
            written.await.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handler_codes_have_the_class_of_the_table() {
        for (code, class) in [
            ("ThrottlingException", Class::Throttle),
            ("NotStabilized", Class::Transient),
            ("ConcurrentOperation", Class::Conflict),
            ("AccessDenied", Class::Terminal),
            ("AlreadyExists", Class::Terminal),
        ] {
            assert_eq!(Class::of_code(code), class, "{code}");
        }
    }

    #[test]
    fn a_request_does_not_print_its_values() {
        let request = Request {
            address: "a/b/c".parse().unwrap(),
            type_name: "AWS::SQS::Queue".into(),
            identifier: None,
            properties: [("Password".to_owned(), Value::from("hunter2"))].into_iter().collect(),
            before: Map::new(),
            generation: 0,
            nested: false,
            makes_room: false,
            token: "t".to_owned(),
        };
        assert!(!format!("{request:?}").contains("hunter2"));
    }
}
