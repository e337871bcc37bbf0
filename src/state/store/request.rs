//! Requests to a store as the log tells of them: what was asked, how it ended, how long that took. Bytes are counted, never shown.

use std::time::Instant;

use super::{StoreError, Tag};
use crate::clock::millis;

/// A request that was sent.
pub(super) struct Request {
    what: &'static str,
    sent: Instant,
}

impl Request {
    /// A request that is sent now.
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, sent: Instant::now() }
    }

    /// An object was asked for.
    pub(super) fn got(&self, key: &str, answer: &Result<Option<(Vec<u8>, Tag)>, StoreError>) {
        let found = answer.as_ref().map(|found| found.as_ref().map(|(bytes, _)| bytes.len()));
        match found {
            Ok(Some(bytes)) => self.ended(key, Some(bytes), "found"),
            Ok(None) => self.ended(key, None, "absent"),
            Err(error) => self.ended(key, None, error.class.name()),
        }
    }

    /// Several objects were asked for together.
    pub(super) fn got_all(&self, keys: &[String], answer: &Result<Vec<Option<(Vec<u8>, Tag)>>, StoreError>) {
        for (number, key) in keys.iter().enumerate() {
            match answer {
                Ok(found) => match found.get(number).and_then(Option::as_ref) {
                    Some((bytes, _)) => self.ended(key, Some(bytes.len()), "found"),
                    None => self.ended(key, None, "absent"),
                },
                Err(error) => self.ended(key, None, error.class.name()),
            }
        }
    }

    /// An object was to be written.
    pub(super) fn put(&self, key: &str, bytes: usize, answer: &Result<Tag, StoreError>) {
        self.ended(key, Some(bytes), answer.as_ref().map_or_else(|error| error.class.name(), |_| "written"));
    }

    /// Keys were to be listed.
    pub(super) fn listed(&self, prefix: &str, answer: &Result<Vec<String>, StoreError>) {
        match answer {
            Ok(keys) => {
                tracing::debug!(keys = keys.len(), outcome = %"listed", ms = millis(self.sent.elapsed()), "store {} {prefix}", self.what)
            }
            Err(error) => self.ended(prefix, None, error.class.name()),
        }
    }

    /// Objects were to be deleted.
    pub(super) fn deleted(&self, keys: &[String], answer: &Result<(), StoreError>) {
        for key in keys {
            self.ended(key, None, answer.as_ref().map_or_else(|error| error.class.name(), |()| "deleted"));
        }
    }

    fn ended(&self, key: &str, bytes: Option<usize>, outcome: &str) {
        tracing::debug!(bytes, %outcome, ms = millis(self.sent.elapsed()), "store {} {key}", self.what);
    }
}
