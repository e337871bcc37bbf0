//! Each request that is sent to AWS: a line in the log, and what its answer tells of the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use jiff::Timestamp;

/// The time by the clocks of AWS, as its last answer has told. Cheap to clone; clones learn together.
#[derive(Debug, Clone, Default)]
pub struct ServerTime(Arc<Mutex<Option<Told>>>);

/// What an answer has told of the time.
#[derive(Debug, Clone, Copy)]
struct Told {
    date: Timestamp,
    at: Instant,
}

impl ServerTime {
    /// A smaller difference is none: answers tell whole seconds, and take a while.
    const LEAST: Duration = Duration::from_secs(5);

    /// Learns from the `Date` of an answer that came just now. What cannot be read teaches nothing.
    pub fn learn(&self, date: &str) {
        let date = DateTime::from_str(date, Format::HttpDate).ok().and_then(|date| Timestamp::from_second(date.secs()).ok());
        if let Some(date) = date {
            // A value is replaced whole: a panic elsewhere leaves it usable.
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Told { date, at: Instant::now() });
        }
    }

    /// The time, where this machine believes that it is `local`.
    pub fn correct(&self, local: Timestamp) -> Timestamp {
        let Some(told) = *self.0.lock().unwrap_or_else(PoisonError::into_inner) else { return local };
        let Ok(server) = told.date.checked_add(told.at.elapsed()) else { return local };
        if local.duration_since(server).unsigned_abs() < Self::LEAST { local } else { server }
    }
}

/// Sees every attempt of every call.
#[derive(Debug)]
pub(super) struct Observer(pub(super) ServerTime);

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
        if let Some(date) = context.response().and_then(|response| response.headers().get("date")) {
            self.0.learn(date);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_corrects_a_clock_that_is_wrong() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (time, told) = (ServerTime::default(), at("1994-11-06T08:49:37Z"));
        assert_eq!(time.correct(at("2026-01-02T03:04:05Z")), at("2026-01-02T03:04:05Z"), "nothing is known yet");
        time.learn("Sun, 06 Nov 1994 08:49:37 GMT");
        time.learn("yesterday");
        for near in ["1994-11-06T08:49:37Z", "1994-11-06T08:49:34Z", "1994-11-06T08:49:40Z"] {
            assert_eq!(time.correct(at(near)), at(near));
        }
        for wrong in ["1994-11-06T08:39:37Z", "1994-11-06T08:59:37Z", "2026-01-02T03:04:05Z"] {
            let corrected = time.correct(at(wrong)).duration_since(told).unsigned_abs();
            assert!(corrected < Duration::from_secs(5), "{wrong}: {corrected:?}");
        }
    }
}
