//! Configuration: from flags, the environment, the stack, `panka.yaml` and `~/.panka/config.yaml` to one effective value a key, each with
//! its origin.
//!
//! Precedence, high to low: flag, environment, Stack `spec.backend`, `panka.yaml` in the repository, the user's file, default.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::context::Context;
use crate::diagnostic::codes::command::{P0013, P0017};
use crate::diagnostic::{Diagnostic, Error, did_you_mean};
use crate::manifest;

pub mod file;

pub use file::ConfigFile;

/// Where state lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackendType {
    /// Files below `.panka/` in the repository.
    Local,
    /// An S3 bucket.
    S3,
}

/// One key of the configuration.
struct Key {
    name: &'static str,
    variables: &'static [&'static str],
    default: Option<&'static str>,
    meaning: &'static str,
}

const KEYS: &[Key] = &[
    Key {
        name: "aws.region",
        variables: &["PANKA_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
        default: None,
        meaning: "region to deploy to, unless the stack names one",
    },
    Key { name: "aws.profile", variables: &["AWS_PROFILE"], default: None, meaning: "AWS profile, unless the stack names one" },
    Key { name: "backend.type", variables: &["PANKA_BACKEND_TYPE"], default: None, meaning: "where state lives: local or s3" },
    Key { name: "backend.bucket", variables: &["PANKA_BACKEND_BUCKET"], default: None, meaning: "S3 bucket of the state" },
    Key { name: "backend.prefix", variables: &["PANKA_BACKEND_PREFIX"], default: Some(""), meaning: "prefix of every key in the bucket" },
    Key { name: "backend.region", variables: &["PANKA_BACKEND_REGION"], default: None, meaning: "region of the bucket" },
    Key { name: "backend.kmsKeyId", variables: &["PANKA_BACKEND_KMS_KEY_ID"], default: None, meaning: "KMS key that encrypts the state" },
    Key {
        name: "locks.type",
        variables: &["PANKA_LOCK_TYPE"],
        default: None,
        meaning: "where locks live: local, dynamodb, s3 or dynamodb+s3",
    },
    Key { name: "locks.table", variables: &["PANKA_LOCK_TABLE"], default: None, meaning: "DynamoDB table of the locks" },
    Key { name: "locks.region", variables: &["PANKA_LOCK_REGION"], default: None, meaning: "region of the table" },
    Key { name: "locks.ttl", variables: &["PANKA_LOCK_TTL"], default: Some("60"), meaning: "seconds of a lease, 2 to 3600" },
    Key {
        name: "locks.heartbeat",
        variables: &["PANKA_LOCK_HEARTBEAT"],
        default: None,
        meaning: "seconds between renewals, at most a third of the lease",
    },
    Key { name: "locks.timeout", variables: &["PANKA_LOCK_TIMEOUT"], default: Some("0s"), meaning: "how long to wait for a held lock" },
    Key { name: "engine", variables: &["PANKA_ENGINE"], default: None, meaning: "what executes plans: local, cloudcontrol or pulumi" },
    Key { name: "parallelism", variables: &["PANKA_PARALLELISM"], default: Some("10"), meaning: "steps at once, 1 to 1000" },
];

/// One effective value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The value; none when the key is unset.
    pub value: Option<String>,
    /// Where it comes from: a flag, a variable, a file, or `default`.
    pub origin: String,
}

/// The effective configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    values: BTreeMap<&'static str, Setting>,
    default_tags: BTreeMap<String, String>,
    /// Root of the repository.
    pub root: PathBuf,
}

/// Values given by flags: key → value, with the flag's name as origin.
pub type Flags = Vec<(&'static str, &'static str, String)>;

impl Settings {
    /// Reads the files and lays flags, environment, stack and files over the defaults.
    ///
    /// `root` holds `panka.yaml`, if there is one; `user_file` replaces `~/.panka/config.yaml` and must exist then.
    pub fn load(
        context: &Context,
        root: &Path,
        user_file: Option<&Path>,
        flags: &Flags,
        stack: Option<&manifest::Backend>,
    ) -> Result<Self, Error> {
        let mut files: Vec<(String, ConfigFile)> = Vec::new();
        match user_file {
            Some(path) => files.push((path.display().to_string(), ConfigFile::read(path)?)),
            None => {
                if let Some(path) = user_config_path(context)
                    && let Some(file) = ConfigFile::read_if_present(&path)?
                {
                    files.push(("~/.panka/config.yaml".to_owned(), file));
                }
            }
        }
        if let Some(file) = ConfigFile::read_if_present(&root.join("panka.yaml"))? {
            files.push(("panka.yaml".to_owned(), file));
        }
        let default_tags = files.iter().flat_map(|(_, file)| file.default_tags.clone()).collect();
        let mut layers: Vec<(String, BTreeMap<String, String>)> =
            files.iter().map(|(origin, file)| (origin.clone(), file.flatten())).collect();
        if let Some(stack) = stack {
            let values = [("backend.bucket", &stack.bucket), ("backend.prefix", &stack.prefix), ("backend.region", &stack.region)];
            let values = values.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?))).collect();
            layers.push(("stack.yaml".to_owned(), values));
        }
        let mut values = BTreeMap::new();
        for key in KEYS {
            let mut setting = Setting { value: key.default.map(str::to_owned), origin: "default".to_owned() };
            for (origin, layer) in &layers {
                if let Some(value) = layer.get(key.name) {
                    setting = Setting { value: Some(value.clone()), origin: origin.clone() };
                }
            }
            if let Some((name, value)) = key.variables.iter().find_map(|name| Some((name, context.variable(name)?))) {
                setting = Setting { value: Some(value.to_owned()), origin: (*name).to_owned() };
            }
            if let Some((_, flag, value)) = flags.iter().find(|(name, _, _)| *name == key.name) {
                setting = Setting { value: Some(value.clone()), origin: (*flag).to_owned() };
            }
            values.insert(key.name, setting);
        }
        let mut settings = Self { values, default_tags, root: root.to_owned() };
        settings.derive()?;
        Ok(settings)
    }

    /// Fills what follows from other keys, and checks each value.
    fn derive(&mut self) -> Result<(), Error> {
        let bucket = self.get("backend.bucket").is_some();
        self.fill(
            "backend.type",
            if bucket { "s3" } else { "local" },
            if bucket { "default: a bucket is known" } else { "default: no bucket is known" },
        );
        let backend = self.one_of("backend.type", &["local", "s3"])?;
        if backend == "s3" && !bucket {
            return Err(self.refuse(
                "backend.bucket",
                "backend.type is s3, and no bucket is given",
                "give --backend-bucket, or run `panka init`",
            ));
        }
        self.fill("engine", if backend == "s3" { "pulumi" } else { "local" }, &format!("default with the {backend} backend"));
        self.one_of("engine", &["local", "cloudcontrol", "pulumi"])?;
        let locks = match (backend.as_str(), self.get("locks.table")) {
            ("local", _) => "local",
            (_, Some(_)) => "dynamodb",
            (_, None) => "s3",
        };
        self.fill("locks.type", locks, &format!("default with the {backend} backend"));
        self.one_of("locks.type", &["local", "dynamodb", "s3", "dynamodb+s3"])?;
        let ttl = self.seconds("locks.ttl", 2, 3600)?;
        self.fill("locks.heartbeat", &(ttl / 4).max(1).to_string(), "default: a quarter of the lease");
        let heartbeat = self.seconds("locks.heartbeat", 1, 3600)?;
        if heartbeat * 3 > ttl && ttl > 2 {
            return Err(self.refuse(
                "locks.heartbeat",
                &format!("a heartbeat of {heartbeat} s is more than a third of the lease of {ttl} s"),
                "lower locks.heartbeat",
            ));
        }
        self.duration("locks.timeout")?;
        self.number("parallelism", 1, 1000)?;
        Ok(())
    }

    fn fill(&mut self, key: &'static str, value: &str, origin: &str) {
        let setting = self.values.get_mut(key).expect("the key is in the table");
        if setting.value.is_none() {
            *setting = Setting { value: Some(value.to_owned()), origin: origin.to_owned() };
        }
    }

    /// The value of a key, if it is set.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key)?.value.as_deref().filter(|value| !value.is_empty())
    }

    /// The keys in order, with their values and meanings.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Setting, &'static str)> {
        KEYS.iter().map(|key| (key.name, &self.values[key.name], key.meaning))
    }

    /// Where state lives.
    pub fn backend(&self) -> BackendType {
        if self.get("backend.type") == Some("s3") { BackendType::S3 } else { BackendType::Local }
    }

    /// Tags of every resource, below those of the stack.
    pub fn default_tags(&self) -> &BTreeMap<String, String> {
        &self.default_tags
    }

    /// Name of the engine.
    pub fn engine(&self) -> &str {
        self.get("engine").expect("derived on load")
    }

    /// Steps at once.
    pub fn parallelism(&self) -> usize {
        self.get("parallelism").and_then(|text| text.parse().ok()).expect("checked on load")
    }

    /// Length of a lease.
    pub fn lock_ttl(&self) -> Duration {
        Duration::from_secs(self.get("locks.ttl").and_then(|text| text.parse().ok()).expect("checked on load"))
    }

    /// Time between renewals of a lease.
    pub fn lock_heartbeat(&self) -> Duration {
        Duration::from_secs(self.get("locks.heartbeat").and_then(|text| text.parse().ok()).expect("checked on load"))
    }

    /// How long to wait for a held lock.
    pub fn lock_timeout(&self) -> Duration {
        self.duration("locks.timeout").expect("checked on load")
    }

    fn refuse(&self, key: &str, message: &str, help: &str) -> Error {
        let origin = self.values.get(key).map_or("default", |setting| setting.origin.as_str());
        let finding = Diagnostic::new(P0013, message.to_owned()).about(key).help(help);
        let finding = if origin.starts_with("default") { finding } else { finding.help(format!("the value comes from {origin}")) };
        finding.into()
    }

    fn one_of(&self, key: &'static str, choices: &[&'static str]) -> Result<String, Error> {
        let value = self.get(key).unwrap_or_default().to_owned();
        if choices.contains(&value.as_str()) {
            return Ok(value);
        }
        let help = did_you_mean(&value, choices.iter().copied()).unwrap_or_else(|| format!("one of: {}", choices.join(", ")));
        Err(self.refuse(key, &format!("{key} cannot be `{value}`"), &help))
    }

    fn number(&self, key: &'static str, least: u64, most: u64) -> Result<u64, Error> {
        let text = self.get(key).unwrap_or_default();
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.refuse(key, &format!("{key} cannot be `{text}`"), &format!("a whole number from {least} to {most}")))
    }

    fn seconds(&self, key: &'static str, least: u64, most: u64) -> Result<u64, Error> {
        self.number(key, least, most)
    }

    fn duration(&self, key: &'static str) -> Result<Duration, Error> {
        let text = self.get(key).unwrap_or("0s");
        parse_duration(text).ok_or_else(|| self.refuse(key, &format!("{key} cannot be `{text}`"), "a number with a unit: 90s, 15m, 2h"))
    }
}

/// The user's own configuration file.
pub fn user_config_path(context: &Context) -> Option<PathBuf> {
    Some(context.home()?.join(".panka").join("config.yaml"))
}

/// Reads `90s`, `15m`, `2h`; a bare number is seconds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (digits, factor) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(digits) if text.ends_with('m') => (digits, 60),
        Some(digits) if text.ends_with('h') => (digits, 3600),
        Some(digits) => (digits, 1),
        None => (text, 1),
    };
    digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).map(Duration::from_secs)
}

/// Reads a duration given on the command line.
pub fn duration_option(option: &str, text: &str) -> Result<Duration, Error> {
    parse_duration(text)
        .ok_or_else(|| Diagnostic::new(P0017, format!("{option} cannot be `{text}`")).help("a number with a unit: 90s, 15m, 2h").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_or_are_seconds() {
        assert_eq!(parse_duration("90s"), Some(Duration::from_secs(90)));
        assert_eq!(parse_duration("15m"), Some(Duration::from_secs(900)));
        assert_eq!(parse_duration("2h"), Some(Duration::from_secs(7200)));
        assert_eq!(parse_duration("7"), Some(Duration::from_secs(7)));
        for text in ["", "s", "-1s", "1d", "1.5h", "99999999999999999999h"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn keys_are_unique() {
        let mut names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KEYS.len());
    }
}
