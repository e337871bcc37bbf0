//! What Pulumi tells while it works: one JSON object a line.
//!
//! In: lines of standard output. Out: [`Happening`]s of resources by their logical name. Kinds that are not known, and lines that are not JSON, are
//! for the log: Pulumi may tell more than is known here.

use serde::Deserialize;
use serde_json::Value;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Happening {
    /// An operation on a resource begins.
    Begins { name: String, op: String },
    /// It ended well.
    Ends { name: String, op: String, identifier: Option<String> },
    /// It failed.
    Fails { name: String, op: String },
    /// Something is said, of a resource or of the whole.
    Says { name: Option<String>, severity: String, message: String },
    /// Not known here.
    Other(String),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    resource_pre_event: Option<Resource>,
    res_outputs_event: Option<Resource>,
    res_op_failed_event: Option<Resource>,
    diagnostic_event: Option<Said>,
}

#[derive(Debug, Deserialize)]
struct Resource {
    metadata: Metadata,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    op: String,
    urn: String,
    #[serde(default)]
    new: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Said {
    #[serde(default)]
    urn: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    severity: String,
}

/// Reads a line.
pub(super) fn read(line: &str) -> Happening {
    let Ok(read) = serde_json::from_str::<Line>(line) else { return Happening::Other(line.to_owned()) };
    let of = |resource: Resource| (name(&resource.metadata.urn), resource.metadata);
    if let Some((name, metadata)) = read.resource_pre_event.map(of) {
        return Happening::Begins { name, op: metadata.op };
    }
    if let Some((name, metadata)) = read.res_outputs_event.map(of) {
        let identifier = metadata.new.as_ref().and_then(|new| new["id"].as_str()).filter(|id| !id.is_empty()).map(str::to_owned);
        return Happening::Ends { name, op: metadata.op, identifier };
    }
    if let Some((name, metadata)) = read.res_op_failed_event.map(of) {
        return Happening::Fails { name, op: metadata.op };
    }
    match read.diagnostic_event {
        Some(Said { urn, message, severity }) => {
            let name = Some(urn).filter(|urn| !urn.is_empty()).map(|urn| name(&urn));
            Happening::Says { name, severity, message: plain(&message) }
        }
        None => Happening::Other(line.to_owned()),
    }
}

/// The logical name in a URN, `urn:pulumi:dev::shop::aws-native:sqs:Queue::a_b_queue`.
pub(super) fn name(urn: &str) -> String {
    urn.rsplit("::").next().unwrap_or_default().to_owned()
}

/// A message without colours: their codes, and the tags by which Pulumi writes them.
fn plain(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(['\u{1b}', '<']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = if rest.starts_with('\u{1b}') {
            rest.find('m').map(|end| end + 1)
        } else if rest.starts_with("<{%") {
            rest.find("%}>").map(|end| end + 3)
        } else {
            None
        };
        match end {
            Some(end) => rest = &rest[end..],
            None => {
                let first = rest.chars().next().map_or(0, char::len_utf8);
                text.push_str(&rest[..first]);
                rest = &rest[first..];
            }
        }
    }
    text.push_str(rest);
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_a_resource_carry_its_logical_name() {
        let urn = "urn:pulumi:dev::shop::aws-native:sqs:Queue::a_b_queue";
        let pre =
            format!(r#"{{"sequence":2,"resourcePreEvent":{{"metadata":{{"op":"create","urn":"{urn}","old":null,"new":{{"id":""}}}}}}}}"#);
        assert_eq!(read(&pre), Happening::Begins { name: "a_b_queue".into(), op: "create".into() });
        let out = format!(r#"{{"resOutputsEvent":{{"metadata":{{"op":"create","urn":"{urn}","new":{{"id":"https://q"}}}}}}}}"#);
        assert_eq!(read(&out), Happening::Ends { name: "a_b_queue".into(), op: "create".into(), identifier: Some("https://q".into()) });
        let failed = format!(r#"{{"resOpFailedEvent":{{"metadata":{{"op":"update","urn":"{urn}"}},"status":1,"steps":1}}}}"#);
        assert_eq!(read(&failed), Happening::Fails { name: "a_b_queue".into(), op: "update".into() });
    }

    #[test]
    fn messages_lose_their_colours() {
        let said = r#"{"diagnosticEvent":{"urn":"urn:pulumi:dev::shop::t::a_b_c","prefix":"error: ","message":"<{%fg 1%}>no <b>\u001b[31m!\u001b[0m\n<{%reset%}>","severity":"error"}}"#;
        assert_eq!(read(said), Happening::Says { name: Some("a_b_c".into()), severity: "error".into(), message: "no <b>!".into() });
    }

    #[test]
    fn what_is_not_known_is_kept() {
        for line in [r#"{"sequence":1,"preludeEvent":{"config":{}}}"#, "Updating (dev):", r#"{"futureEvent":{"x":1}}"#] {
            assert_eq!(read(line), Happening::Other(line.to_owned()));
        }
    }
}
