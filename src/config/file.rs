//! The configuration file, `panka.yaml` and `~/.panka/config.yaml`: strict, so that a slip is found.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::diagnostic::codes::command::{P0013, P0014};
use crate::diagnostic::{Diagnostic, Error, Span};

/// A configuration file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ConfigFile {
    /// The AWS session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws: Option<Aws>,
    /// Where state lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<Backend>,
    /// Where locks live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locks: Option<Locks>,
    /// What executes plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Steps at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<u64>,
    /// The engine `pulumi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulumi: Option<Pulumi>,
    /// Tags of every resource, below those of the stack.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub default_tags: BTreeMap<String, String>,
}

/// The AWS session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Aws {
    /// Region to deploy to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Profile of the shared configuration files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// Where state lives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Backend {
    /// `local` or `s3`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub backend_type: Option<String>,
    /// S3 bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Prefix of every key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Region of the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// KMS key that encrypts the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
}

/// Where locks live.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Locks {
    /// `local`, `dynamodb`, `s3` or `dynamodb+s3`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub lock_type: Option<String>,
    /// DynamoDB table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Region of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Seconds of a lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
    /// Seconds between renewals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<u64>,
    /// How long to wait for a held lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

/// The engine `pulumi`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pulumi {
    /// The program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// URL of Pulumi's own state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// Key with which secrets are encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets_provider: Option<String>,
}

/// The value that begins at a place of a text, with the key before it on its line.
fn written_at(text: &str, line: u64, column: u64) -> Option<String> {
    let (line, column) = (usize::try_from(line).ok()?, usize::try_from(column).ok()?);
    let line = text.lines().nth(line.checked_sub(1)?)?;
    let at = line.char_indices().nth(column.checked_sub(1)?).map_or(line.len(), |(at, _)| at);
    let key = line[..at].trim_end().strip_suffix(':').map(|before| before.rsplit([' ', '{', ',']).next().unwrap_or_default());
    let value = line[at..].split([',', '}', '#']).next().unwrap_or_default().trim();
    let key = key.filter(|key| !key.is_empty()).map(|key| format!("`{key}` is ")).unwrap_or_default();
    (!value.is_empty()).then(|| format!("{key}`{value}`"))
}

/// What the reader of YAML says, in words of the file: `written` is what stands there.
fn plain(message: &str, written: Option<&str>) -> String {
    let message = message.split(" at line ").next().unwrap_or_default();
    let wanted = match message {
        "invalid u64" | "invalid u32" | "invalid usize" => "a whole number",
        "invalid bool" => "true or false",
        "expected mapping start" => "a map of keys and values, as in `aws: {region: eu-west-1}`",
        "expected sequence start" => "a list",
        "expected scalar" | "expected string scalar" => "a text",
        other => return other.replace("unknown field", "there is no key").replace(", expected one of ", "; keys here are: "),
    };
    match written {
        Some(written) => format!("{written}, expected {wanted}"),
        None => format!("expected {wanted}"),
    }
}

impl ConfigFile {
    /// Reads a file that must be there.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::read_if_present(path)?.ok_or_else(|| {
            Diagnostic::new(P0014, format!("configuration file `{}` does not exist", path.display()))
                .help("create it with `panka init`, or leave --config out")
                .into()
        })
    }

    /// Reads a file; one that is not there is none. An empty file configures nothing.
    pub fn read_if_present(path: &Path) -> Result<Option<Self>, Error> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(error) => {
                return Err(Diagnostic::new(P0014, format!("configuration file `{}` cannot be read: {error}", path.display())).into());
            }
        };
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            return Ok(Some(Self::default()));
        }
        serde_saphyr::from_str(&text).map(Some).map_err(|error| {
            let span = error.location().map(|at| Span {
                file: path.display().to_string().into(),
                line: u32::try_from(at.line()).unwrap_or(0),
                column: u32::try_from(at.column()).unwrap_or(0),
                length: 0,
            });
            let message = error.without_snippet().to_string();
            let written = error.location().and_then(|at| written_at(&text, at.line(), at.column()));
            let plain = plain(message.lines().next().unwrap_or_default(), written.as_deref());
            Diagnostic::new(P0013, format!("configuration file is not valid: {plain}"))
                .at(span.unwrap_or_else(|| Span::file(path.display().to_string())))
                .help("`panka config show` lists the keys")
                .into()
        })
    }

    /// The file as YAML.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(self).expect("plain maps and strings are always YAML")
    }

    /// The scalar values by dotted key.
    pub(super) fn flatten(&self) -> BTreeMap<String, String> {
        fn walk(prefix: &str, value: &serde_json::Value, out: &mut BTreeMap<String, String>) {
            match value {
                serde_json::Value::Object(map) => {
                    for (key, inner) in map {
                        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                        walk(&path, inner, out);
                    }
                }
                serde_json::Value::String(text) => {
                    out.insert(prefix.to_owned(), text.clone());
                }
                other => {
                    out.insert(prefix.to_owned(), other.to_string());
                }
            }
        }
        let mut out = BTreeMap::new();
        walk("", &serde_json::to_value(self).expect("plain maps are JSON"), &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<ConfigFile>, Error> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("panka.yaml");
        std::fs::write(&path, text).unwrap();
        ConfigFile::read_if_present(&path)
    }

    #[test]
    fn a_file_is_flattened_to_dotted_keys() {
        let flat = read("aws: {region: eu-west-1}\nbackend: {bucket: b}\nparallelism: 4\n").unwrap().unwrap().flatten();
        assert_eq!(flat["aws.region"], "eu-west-1");
        assert_eq!(flat["backend.bucket"], "b");
        assert_eq!(flat["parallelism"], "4");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = read("aws:\n  regoin: eu-west-1\n").unwrap_err();
        assert_eq!(error.findings()[0].code.name(), "P0013");
        assert_eq!(error.findings()[0].span.as_ref().unwrap().line, 2);
    }

    #[test]
    fn an_empty_file_configures_nothing() {
        assert_eq!(read("# nothing yet\n").unwrap(), Some(ConfigFile::default()));
    }
}
