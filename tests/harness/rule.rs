//! Fault rules of the emulator.

use serde_json::{Value, json};

/// A fault: which calls it strikes, when, and how. `Rule::on("s3", "PutObject").key("stacks/*/state.json").nth(2).fail("SlowDown")`.
#[must_use]
#[derive(Debug, Clone)]
pub struct Rule(pub(super) Value);

impl Rule {
    /// For the calls of an operation; both are globs, so `*` is any. Services by their names in signatures: s3, dynamodb, sts, cloudcontrolapi.
    pub fn on(service: &str, operation: &str) -> Self {
        Self(json!({"service": service, "operation": operation}))
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    /// Only calls about a table, a function or a type whose name matches a glob.
    pub fn resource(self, glob: &str) -> Self {
        self.with("resource", glob)
    }

    /// Only where the object's key, or the first key of the item, matches a glob.
    pub fn key(self, glob: &str) -> Self {
        self.with("key", glob)
    }

    /// Only at the nth of the calls that match, from 1.
    pub fn nth(self, n: u64) -> Self {
        self.with("nth", n)
    }

    /// Only at the first n.
    pub fn first(self, n: u64) -> Self {
        self.with("first", n)
    }

    /// At all but the first n.
    pub fn after(self, n: u64) -> Self {
        self.with("after", n)
    }

    /// At every nth.
    pub fn every(self, n: u64) -> Self {
        self.with("every", n)
    }

    /// At a share of them, drawn by seed.
    pub fn percent(self, share: u64, seed: u64) -> Self {
        self.with("percent", share).with("seed", seed)
    }

    /// Answers late.
    pub fn latency(self, milliseconds: u64) -> Self {
        self.with("latency", json!({"milliseconds": milliseconds}))
    }

    /// Refuses more than so many calls in a window, with the code that the service has for that.
    pub fn throttle(self, calls: u64, seconds: u64) -> Self {
        self.with("throttle", json!({"calls": calls, "seconds": seconds}))
    }

    /// Refuses with a code of AWS, with its usual status and words: AccessDenied, ExpiredToken, NoSuchBucket, …
    pub fn fail(self, code: &str) -> Self {
        self.with("fail", json!({"code": code}))
    }

    /// Refuses with any code, status and words.
    pub fn fail_as(self, code: &str, status: u16, message: &str) -> Self {
        self.with("fail", json!({"code": code, "status": status, "message": message}))
    }

    /// Says that the bucket is in another region: 301 with the header that names it.
    pub fn redirect(self, region: &str) -> Self {
        self.with("fail", json!({"code": "PermanentRedirect", "region": region}))
    }

    /// Does the work, then closes the connection without an answer.
    pub fn drop_answer(self) -> Self {
        self.with("drop", true)
    }

    /// Closes the connection and does nothing.
    pub fn drop_before(self) -> Self {
        self.with("drop-before", true)
    }

    /// Holds the call before its work, until it is released. If the caller dies meanwhile, nothing is done.
    pub fn hold_before(self) -> Self {
        self.with("hold", "before")
    }

    /// Does the work and holds the answer.
    pub fn hold_after(self) -> Self {
        self.with("hold", "after")
    }

    /// Does the work and sends half of the answer's body.
    pub fn truncate(self) -> Self {
        self.with("truncate", true)
    }
}
