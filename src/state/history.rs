//! The history of a place: its run records, as far as this module needs to know them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place::Place;
use crate::diagnostic::codes::state::{P7001, P7002};
use crate::diagnostic::{Diagnostic, Error};

/// A run of the past, from its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Past {
    /// Its id.
    pub run: String,
    /// `apply`, `destroy`, `state rm`, …
    pub operation: String,
    /// `user@host`.
    pub by: String,
    /// Start, RFC 3339, UTC.
    pub started: String,
    /// End, RFC 3339, UTC.
    pub finished: String,
    /// Serial that it started from.
    pub base_serial: u64,
    /// Serial that it left.
    pub serial: u64,
    /// Exit code.
    pub exit: u8,
    /// Commit of the repository, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// The CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci_run_url: Option<String>,
}

/// All runs, oldest first: ids are ordered by time.
pub(super) async fn list(place: &Place) -> Result<Vec<Past>, Error> {
    let prefix = place.key("runs/");
    let keys = place.store().list(&prefix).await.map_err(|error| error.finding(P7001))?;
    let found = place.store().get_all(keys.clone()).await.map_err(|error| error.finding(P7001))?;
    let runs = keys.iter().zip(found).filter_map(|(key, object)| Some((key, object?.0)));
    runs.map(|(key, bytes)| decode(place, key, &bytes)).collect()
}

/// The record of a run as it is stored.
pub(super) async fn read(place: &Place, id: &str) -> Result<Option<Value>, Error> {
    // An id comes from the command line: it must not lead out of the folder of runs.
    if !id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-') {
        return Ok(None);
    }
    let key = place.key(&format!("runs/{id}.json"));
    let found = place.store().get(&key).await.map_err(|error| error.finding(P7001))?;
    found.map(|(bytes, _)| decode(place, &key, &bytes)).transpose()
}

fn decode<T: serde::de::DeserializeOwned>(place: &Place, key: &str, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| {
        Diagnostic::new(P7002, format!("{}: not a run record: {error}", place.store().locate(key)))
            .help("the state does not need it: move the file away")
            .into()
    })
}
