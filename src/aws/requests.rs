//! A line in the log, and a count, for each request that is sent to AWS.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

/// One request that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `S3`, `DynamoDB`, …
    pub service: String,
    /// The operation as AWS names it.
    pub operation: String,
    /// Status of the answer; none when there was no answer.
    pub status: Option<u16>,
    /// From sending to the answer.
    pub took: Duration,
}

/// The requests of a run. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Mutex<Vec<Call>>>);

impl Tally {
    /// The requests so far, in the order in which they ended.
    pub fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, call: Call) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

/// Sees every attempt of every call.
#[derive(Debug)]
pub(super) struct Observer {
    tally: Tally,
}

impl Observer {
    pub(super) fn new(tally: Tally) -> Self {
        Self { tally }
    }
}

/// What is known of an attempt when it is sent.
#[derive(Debug, Clone)]
struct Sent {
    at: Instant,
    path: String,
    bytes: usize,
}

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for Observer {
    fn name(&self) -> &'static str {
        "panka requests"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        // The query of an upload or a listing holds nothing that the operation does not say.
        let path = request.uri().split(['?']).next().unwrap_or_default().to_owned();
        let bytes = request.body().bytes().map_or(0, <[u8]>::len);
        bag.interceptor_state().store_put(Sent { at: Instant::now(), path, bytes });
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(sent) = bag.load::<Sent>().cloned() else { return Ok(()) };
        let (service, operation) =
            bag.load::<Metadata>().map_or_else(Default::default, |about| (about.service().to_owned(), about.name().to_owned()));
        let status = context.response().map(|response| response.status().as_u16());
        let took = sent.at.elapsed();
        let answer = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        tracing::info!(
            target: "panka::requests",
            "{service} {operation} {} {answer} in {} ms, {} bytes sent",
            sent.path,
            took.as_millis(),
            sent.bytes
        );
        self.tally.add(Call { service, operation, status, took });
        Ok(())
    }
}
