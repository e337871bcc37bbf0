//! A line in the log for each request that is sent to AWS.

use std::time::Instant;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

/// Sees every attempt of every call.
#[derive(Debug)]
pub(super) struct Observer;

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
        Ok(())
    }
}
