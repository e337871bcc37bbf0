//! Documents: the JSON objects that verbs hand to each other.
//!
//! A document is one flat JSON object whose first key is `kind`, for example `"panka.plan/v1"`. Keys stand in a fixed order and equal
//! values give equal bytes. Reading sniffs the kind first, so that a wrong document is named instead of failing on some field.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// A type that is a document of its own.
pub trait Document {
    /// The value of its `kind` key, `panka.NAME/vN`.
    const KIND: &'static str;
}

/// The `kind` field of a document: written as [`Document::KIND`], and nothing else is read.
pub struct Kind<T>(PhantomData<fn() -> T>);

impl<T> Kind<T> {
    /// The only value.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Default for Kind<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Kind<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Kind<T> {}

impl<T> PartialEq for Kind<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Kind<T> {}

impl<T: Document> fmt::Debug for Kind<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::KIND)
    }
}

impl<T: Document> Serialize for Kind<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(T::KIND)
    }
}

impl<'de, T: Document> Deserialize<'de> for Kind<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kind = Cow::<'de, str>::deserialize(deserializer)?;
        if kind == T::KIND { Ok(Self::new()) } else { Err(de::Error::custom(format!("expected kind {}, found {kind}", T::KIND))) }
    }
}

impl<T: Document> JsonSchema for Kind<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Kind_{}", T::KIND.replace(['.', '/'], "_")).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": T::KIND })
    }
}

/// `sha256:` and 64 hexadecimal digits: the identity of bytes or of a JSON value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(format!("sha256:{}", hex(&Sha256::digest(bytes))))
    }

    /// The digest of a JSON value in its canonical bytes: no white space, keys sorted.
    pub fn of_value(value: &Value) -> Self {
        Self::of_bytes(&canonical(value))
    }

    /// The digest of a JSON object in its canonical bytes.
    pub fn of_map(map: &Map<String, Value>) -> Self {
        let mut out = Vec::with_capacity(256);
        write_canonical_map(map, &mut out);
        Self::of_bytes(&out)
    }

    /// The digest of anything that is written as JSON.
    pub fn of(value: &impl Serialize) -> Self {
        Self::of_value(&serde_json::to_value(value).expect("documents are always JSON"))
    }

    /// The digest of compact JSON in the order in which the value is written, without building it in memory: for large values whose
    /// fields and keys stand in a fixed order.
    pub fn of_written(value: &impl Serialize) -> Self {
        let mut out = std::io::BufWriter::with_capacity(1 << 16, Sha256::new());
        serde_json::to_writer(&mut out, value).expect("documents are always JSON, and a digest takes any bytes");
        let digest = out.into_inner().expect("a digest takes any bytes").finalize();
        Self(format!("sha256:{}", hex(&digest)))
    }

    /// Tells whether it has the form of a digest, which nobody checks as it is read.
    pub fn is_well_formed(&self) -> bool {
        let digits = self.0.strip_prefix("sha256:").map(str::as_bytes);
        digits.is_some_and(|digits| digits.len() == 64 && digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')))
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 hexadecimal digits, for people.
    pub fn short(&self) -> &str {
        let hex = self.0.strip_prefix("sha256:").unwrap_or(&self.0);
        &hex[..hex.len().min(12)]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Digest {
    fn schema_name() -> Cow<'static, str> {
        "Digest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "SHA-256 of canonical bytes", "pattern": "^sha256:[0-9a-f]{64}$" })
    }
}

/// Lower-case hexadecimal digits of bytes.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
        text
    })
}

/// The canonical bytes of a JSON value: no white space, the keys of every object sorted by their bytes.
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write_canonical(value, &mut out);
    out
}

fn write_canonical_map(map: &Map<String, Value>, out: &mut Vec<u8>) {
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort_unstable();
    out.push(b'{');
    for (n, key) in keys.into_iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, key).expect("writing to memory does not fail");
        out.push(b':');
        write_canonical(&map[key], out);
    }
    out.push(b'}');
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(map) => write_canonical_map(map, out),
        Value::Array(items) => {
            out.push(b'[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        scalar => write_scalar(scalar, out),
    }
}

fn write_scalar(value: &Value, out: &mut Vec<u8>) {
    serde_json::to_writer(out, value).expect("writing to memory does not fail");
}

/// Puts the keys of every object below a value in order, so that equal values are equal bytes.
pub fn sort_keys(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(sort_keys);
            map.sort_keys();
        }
        Value::Array(items) => items.iter_mut().for_each(sort_keys),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn canonical_bytes_ignore_the_order_of_keys() {
        let (a, b) = (json!({"b": [1, {"y": 1, "x": "é"}], "a": null}), json!({"a": null, "b": [1, {"x": "é", "y": 1}]}));
        assert_eq!(canonical(&a), canonical(&b));
        assert_eq!(String::from_utf8(canonical(&a)).unwrap(), r#"{"a":null,"b":[1,{"x":"é","y":1}]}"#);
        assert_eq!(Digest::of_value(&a), Digest::of_value(&b));
    }

    #[test]
    fn a_digest_is_that_of_sha256sum() {
        let digest = Digest::of_bytes(b"abc");
        assert_eq!(digest.as_str(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(digest.short(), "ba7816bf8f01");
    }
}
