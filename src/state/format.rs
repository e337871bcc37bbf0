//! The stored form of the snapshot and of journal objects.
//!
//! In: documents, or bytes from a store. Out: bytes, or documents that are whole. An object is stored compact, on one line, in the order of
//! its fields with the keys of free values sorted, so that equal documents are equal bytes; its last field is the digest of all bytes
//! before it. Any change of any byte is seen before anything is read from it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::store::Tag;
use super::{Journal, Record, State};
use crate::diagnostic::codes::state::{P7002, P7003, P7004, P7008};
use crate::diagnostic::{Code, Diagnostic, Error};
use crate::document::{Digest, Document, sort_keys};

/// What stands between the last field and the digits of the digest.
const BEFORE: &[u8] = br#","digest":""#;

/// What stands after them: the end of the object and of the line.
const AFTER: &[u8] = b"\"}\n";

/// Characters of a digest.
const DIGEST: usize = "sha256:".len() + 64;

/// The stored bytes of a snapshot; its digest is set on the way. The keys of its free values must be in order, as folding leaves them.
pub fn snapshot_bytes(state: &mut State) -> Vec<u8> {
    state.digest = None;
    let mut bytes = compact(state);
    let digest = Digest::of_bytes(&bytes);
    bytes.pop();
    close(&mut bytes, &digest);
    state.digest = Some(digest);
    bytes
}

/// The stored bytes of a journal object; its digest is set on the way.
pub fn journal_bytes(journal: &mut Journal) -> Vec<u8> {
    journal.digest = Digest::of_bytes(&[]);
    let mut bytes = compact(journal);
    bytes.truncate(bytes.len() - (BEFORE.len() + DIGEST + "\"}".len()));
    bytes.push(b'}');
    journal.digest = Digest::of_bytes(&bytes);
    bytes.pop();
    close(&mut bytes, &journal.digest);
    bytes
}

fn compact(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).expect("documents are always JSON")
}

fn close(bytes: &mut Vec<u8>, digest: &Digest) {
    bytes.extend_from_slice(BEFORE);
    bytes.extend_from_slice(digest.as_str().as_bytes());
    bytes.extend_from_slice(AFTER);
}

/// Puts the keys of the free values of a record in order.
pub(super) fn normalise(record: &mut Record) {
    sort_map(&mut record.properties);
    sort_map(&mut record.attributes);
    if let Some(pending) = &mut record.pending {
        sort_map(&mut pending.intent.properties);
    }
}

/// Puts the keys of an object, and of all below it, in order.
pub(super) fn sort_map(map: &mut Map<String, Value>) {
    map.values_mut().for_each(sort_keys);
    map.sort_keys();
}

/// Puts everything in order that a state from elsewhere may hold in another.
pub(super) fn normalise_state(state: &mut State) {
    sort_map(&mut state.engine_data);
    state.resources.values_mut().for_each(normalise);
    state.outputs.values_mut().chain(state.pins.values_mut()).for_each(sort_keys);
}

/// Where bytes come from, for findings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// The object as its store names it.
    pub(super) location: &'a str,
    /// Its version.
    pub(super) tag: &'a Tag,
}

impl Source<'_> {
    /// A finding about these bytes.
    pub(super) fn finding(self, code: Code, problem: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::new(code, format!("{}: {problem}", self.location)).about(self.tag)
    }
}

/// Reads a snapshot of a place.
pub(super) fn read_snapshot(bytes: &[u8], source: Source<'_>, stack: &str, environment: &str) -> Result<State, Error> {
    let Some(state) = decode::<State>(bytes) else {
        let finding = diagnose::<State>(bytes, source, P7002);
        let damaged = finding.code == P7002;
        return Err(finding
            .maybe_help(damaged.then_some(
                "put a good one back: a version that a bucket has kept with `panka state restore`, a copy with `panka state push`: see `panka explain P7002`",
            ))
            .into());
    };
    for (field, found, wanted) in [("stack", &state.stack, stack), ("environment", &state.environment, environment)] {
        if found != wanted {
            return Err(source
                .finding(P7004, format!("`{field}` is `{found}`, but this is the state of `{wanted}`"))
                .help("was the file copied from another place? put its own state back, or move the copy away")
                .into());
        }
    }
    Ok(state)
}

/// Reads a journal object that must stand at this place of this epoch. `lineage` is empty when nothing is known of it yet.
pub(super) fn read_journal(bytes: &[u8], source: Source<'_>, lineage: &str, epoch: u64, seq: u64) -> Result<Journal, Error> {
    let Some(journal) = decode::<Journal>(bytes) else {
        let finding = diagnose::<Journal>(bytes, source, P7008);
        let damaged = finding.code == P7008;
        return Err(finding.maybe_help(damaged.then_some("see `panka explain P7008` for the way back")).into());
    };
    if (journal.epoch, journal.seq) != (epoch, seq) {
        let problem = format!("it says epoch {}, sequence {}, but is stored as epoch {epoch}, sequence {seq}", journal.epoch, journal.seq);
        return Err(source.finding(P7008, problem).help("was it copied or renamed? put it back under its own name").into());
    }
    if !lineage.is_empty() && journal.lineage != lineage {
        let problem = format!("its `lineage` is {}, but that of the state is {lineage}", journal.lineage);
        return Err(source.finding(P7004, problem).help("it belongs to another place: move it away").into());
    }
    Ok(journal)
}

/// Decodes a document whose bytes are whole.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    if is_intact(bytes) { serde_json::from_slice(bytes).ok() } else { None }
}

/// Says why bytes were not decoded.
fn diagnose<T: Document + DeserializeOwned>(bytes: &[u8], source: Source<'_>, damaged: Code) -> Diagnostic {
    if bytes.is_empty() {
        return source.finding(damaged, "it is empty");
    }
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => return source.finding(damaged, format!("it is not JSON: {error}")),
    };
    let kind = value.get("kind").and_then(Value::as_str);
    if let Some(newer) = kind.filter(|kind| is_newer(kind, T::KIND)) {
        let version = value.pointer("/updated/version").and_then(Value::as_str);
        let by = version.map(|version| format!(" by panka {version}")).unwrap_or_default();
        return source
            .finding(P7003, format!("it is a {newer}, written{by}; this is panka {}, which reads {}", super::VERSION, T::KIND))
            .help("upgrade panka");
    }
    match kind {
        None => return source.finding(damaged, format!("`kind` is missing, expected {}", T::KIND)),
        Some(kind) if kind != T::KIND => return source.finding(damaged, format!("`kind` is {kind}, expected {}", T::KIND)),
        Some(_) => {}
    }
    if !is_intact(bytes) {
        return source.finding(damaged, "`digest` does not fit the rest of it: something changed it, or it was not written whole");
    }
    let error = serde_json::from_slice::<T>(bytes).err().map(|error| error.to_string()).unwrap_or_default();
    source.finding(damaged, format!("{}{error}", culprit(&value)))
}

/// Tells whether stored bytes are those that their digest was made of.
fn is_intact(bytes: &[u8]) -> bool {
    let split = bytes.len().checked_sub(BEFORE.len() + DIGEST + AFTER.len());
    let Some((head, tail)) = split.map(|at| bytes.split_at(at)) else { return false };
    let Some(digits) = tail.strip_prefix(BEFORE).and_then(|tail| tail.strip_suffix(AFTER)) else { return false };
    Digest::of_bytes(&[head, b"}"].concat()).as_str().as_bytes() == digits
}

/// Tells whether `found` is a later version of the kind `own`.
fn is_newer(found: &str, own: &str) -> bool {
    let split = |kind: &str| kind.rsplit_once("/v").and_then(|(name, version)| Some((name.to_owned(), version.parse::<u32>().ok()?)));
    matches!((split(found), split(own)), (Some((a, found)), Some((b, own))) if a == b && found > own)
}

/// The record that cannot be read, when it is one.
fn culprit(value: &Value) -> String {
    let records = value.get("resources").and_then(Value::as_object).into_iter().flatten();
    let mut bad = records.filter(|(_, record)| serde_json::from_value::<Record>((*record).clone()).is_err());
    bad.next().map(|(address, _)| format!("`resources.{address}`: ")).unwrap_or_default()
}

/// Reads a state that a person hands in: any white space and order of keys. Its digest, when there is one, must fit.
pub fn parse_snapshot(text: &str, name: &str) -> Result<State, Error> {
    let tag = Tag::new(Digest::of_bytes(text.as_bytes()).as_str());
    let source = Source { location: name, tag: &tag };
    let value: Value = serde_json::from_str(text).map_err(|error| source.finding(P7002, format!("it is not JSON: {error}")))?;
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    if is_newer(kind, State::KIND) {
        return Err(source.finding(P7003, format!("it is a {kind}, which this panka does not know")).help("upgrade panka").into());
    }
    let mut state: State = serde_json::from_str(text).map_err(|error| source.finding(P7002, format!("{}{error}", culprit(&value))))?;
    normalise_state(&mut state);
    if let Some(given) = state.digest.take() {
        snapshot_bytes(&mut state);
        if state.digest.as_ref() != Some(&given) {
            return Err(source
                .finding(P7002, "`digest` does not fit the rest of it")
                .help("if it was edited on purpose, remove its `digest`: jq 'del(.digest)'")
                .into());
        }
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::{begin, sample};

    fn source(tag: &Tag) -> Source<'_> {
        Source { location: "state.json", tag }
    }

    fn code(result: Result<State, Error>) -> Code {
        result.unwrap_err().findings()[0].code
    }

    fn read_sample(bytes: &[u8]) -> Result<State, Error> {
        read_snapshot(bytes, source(&Tag::new("t")), "shop", "dev")
    }

    #[test]
    fn a_snapshot_is_read_as_it_was_written() {
        let mut state = sample();
        let bytes = snapshot_bytes(&mut state);
        assert_eq!(read_sample(&bytes).unwrap(), state);
        assert!(bytes.starts_with(br#"{"kind":"panka.state/v1","stack":"shop""#) && bytes.ends_with(b"\"}\n"));
        let mut again = state.clone();
        assert_eq!(snapshot_bytes(&mut again), bytes);
    }

    #[test]
    fn the_digest_is_that_of_the_line_without_it() {
        let mut state = sample();
        let text = String::from_utf8(snapshot_bytes(&mut state)).unwrap();
        let cut = text.find(",\"digest\"").unwrap();
        assert_eq!(state.digest, Some(Digest::of_bytes(format!("{}}}", &text[..cut]).as_bytes())));
    }

    #[test]
    fn a_journal_object_is_read_as_it_was_written() {
        let mut journal = begin(3, 1);
        let bytes = journal_bytes(&mut journal);
        let tag = Tag::new("t");
        assert_eq!(read_journal(&bytes, source(&tag), "", 3, 1).unwrap(), journal);
        assert_eq!(read_journal(&bytes, source(&tag), "", 3, 2).unwrap_err().findings()[0].code, P7008);
        assert_eq!(read_journal(&bytes, source(&tag), "other", 3, 1).unwrap_err().findings()[0].code, P7004);
    }

    #[test]
    fn a_flipped_bit_in_any_byte_is_seen() {
        let bytes = snapshot_bytes(&mut sample());
        let journal = journal_bytes(&mut begin(3, 1));
        let tag = Tag::new("t");
        // One bit of each byte, another one from byte to byte.
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            assert!(read_sample(&damaged).is_err(), "byte {at}");
        }
        for at in 0..journal.len() {
            let mut damaged = journal.clone();
            damaged[at] ^= 1 << (at % 8);
            assert!(read_journal(&damaged, source(&tag), "", 3, 1).is_err(), "byte {at}");
        }
        for length in (0..bytes.len()).step_by(7) {
            assert!(read_sample(&bytes[..length]).is_err(), "cut to {length} bytes");
        }
    }

    #[test]
    fn each_damage_has_its_code_and_names_the_tag() {
        let mut state = sample();
        let bytes = snapshot_bytes(&mut state);
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert_eq!(code(read_sample(b"")), P7002);
        assert_eq!(code(read_sample(b"not json")), P7002);
        assert_eq!(code(read_sample(b"{}")), P7002);
        assert_eq!(code(read_sample(text.replace("state/v1", "plan/v1").as_bytes())), P7002);
        assert_eq!(code(read_sample(text.replace("\"serial\":1", "\"serial\":2").as_bytes())), P7002);
        let newer = read_sample(br#"{"kind":"panka.state/v9","updated":{"version":"4.5.6"},"novel":1}"#).unwrap_err();
        assert_eq!(newer.findings()[0].code, P7003);
        assert!(newer.findings()[0].message.contains("4.5.6"), "{newer}");
        state.stack = "blog".to_owned();
        let foreign = read_sample(&snapshot_bytes(&mut state)).unwrap_err();
        assert_eq!(foreign.findings()[0].code, P7004);
        assert_eq!(foreign.findings()[0].subject.as_deref(), Some("t"));
    }

    #[test]
    fn a_field_that_does_not_fit_is_named_with_its_resource() {
        let mut state = sample();
        let text = String::from_utf8(snapshot_bytes(&mut state)).unwrap();
        let body = text[..text.find(",\"digest\"").unwrap()].replacen("\"status\":\"ready\"", "\"status\":\"fine\"", 1) + "}";
        let digest = Digest::of_bytes(body.as_bytes());
        let mut bytes = body.into_bytes();
        bytes.pop();
        close(&mut bytes, &digest);
        let error = read_sample(&bytes).unwrap_err();
        assert!(error.to_string().contains("`resources.a/db/instance`: unknown variant `fine`"), "{error}");
    }

    #[test]
    fn a_pushed_state_may_be_formatted_otherwise_but_not_changed() {
        let mut state = sample();
        snapshot_bytes(&mut state);
        let pretty = serde_json::to_string_pretty(&state).unwrap();
        assert_eq!(parse_snapshot(&pretty, "-").unwrap(), state);
        assert_eq!(code(parse_snapshot(&pretty.replace("\"serial\": 1", "\"serial\": 2"), "-")), P7002);
        state.digest = None;
        state.serial = 2;
        assert_eq!(parse_snapshot(&serde_json::to_string_pretty(&state).unwrap(), "-").unwrap().serial, 2);
    }
}
