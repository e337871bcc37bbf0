//! Configuration: from flags, the environment, the stack, `panka.yaml` and `~/.panka/config.yaml` to one effective value a key, each with
//! its origin.
//!
//! Precedence, high to low: flag, environment, Stack `spec.backend`, `panka.yaml` in the repository, the user's file, default.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::account::EngineKind;
use crate::context::Context;
use crate::diagnostic::codes::command::P0017;
use crate::diagnostic::{Diagnostic, Error};
use crate::manifest::{self, TicketBackend};
use crate::state::store::Bucket;

pub mod file;
mod values;

pub use file::ConfigFile;
use values::{Layer, Values};
pub use values::{Setting, is_table};

/// Where state lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// Files below `.panka/` in the repository.
    Local,
    /// An S3 bucket.
    S3(Bucket),
}

/// Where locks live, and how long leases are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locks {
    /// What keeps their records.
    pub home: LockHome,
    /// Length of a lease.
    pub ttl: Duration,
    /// Time between renewals of a lease.
    pub heartbeat: Duration,
    /// How long to wait for a held lock.
    pub timeout: Duration,
}

/// What keeps the records of locks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockHome {
    /// Files beside the state.
    Local,
    /// Items of a DynamoDB table.
    DynamoDb(LockTable),
    /// Objects of the bucket.
    S3,
    /// Both, while a team moves from one to the other.
    Both(LockTable),
}

/// A DynamoDB table of locks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockTable {
    /// Its name, or its ARN.
    pub name: String,
    /// Its region; none for the ambient one.
    pub region: Option<String>,
}

impl LockHome {
    /// Names in flags and files.
    const NAMES: [&'static str; 4] = ["local", "dynamodb", "s3", "dynamodb+s3"];

    /// Its name in flags and files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::DynamoDb(_) => "dynamodb",
            Self::S3 => "s3",
            Self::Both(_) => "dynamodb+s3",
        }
    }

    /// The table, where there is one.
    pub const fn table(&self) -> Option<&LockTable> {
        match self {
            Self::DynamoDb(table) | Self::Both(table) => Some(table),
            Self::Local | Self::S3 => None,
        }
    }
}

/// The AWS session, where the stack says nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsSession {
    /// Region to deploy to.
    pub region: Option<String>,
    /// Profile.
    pub profile: Option<String>,
}

/// The effective configuration: each value read once, and beside it where it comes from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The AWS session.
    pub aws: AwsSession,
    /// Where state lives.
    pub backend: Backend,
    /// Where locks live.
    pub locks: Locks,
    /// What executes plans.
    pub engine: EngineKind,
    /// The engine `pulumi`.
    pub pulumi: PulumiSettings,
    /// Steps at once.
    pub parallelism: usize,
    /// Tags of every resource, below those of the stack.
    pub default_tags: BTreeMap<String, String>,
    /// Root of the repository.
    pub root: PathBuf,
    /// The files that were read, low to high.
    pub files: Vec<String>,
    values: Values,
}

/// What the engine `pulumi` is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PulumiSettings {
    /// The program; none for the one on PATH.
    pub path: Option<PathBuf>,
    /// URL of Pulumi's own state; none for a place beside the state of the stack.
    pub backend: Option<String>,
    /// Key with which it encrypts secrets; none for a passphrase.
    pub secrets_provider: Option<String>,
}

/// Values given by flags: key → value, with the flag's name as origin.
pub type Flags = Vec<(&'static str, &'static str, String)>;

/// Where the backend of a place is declared, besides flags, environment and files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Declared<'a> {
    /// Nowhere.
    #[default]
    Nowhere,
    /// In the Stack document, or the Environment's.
    Stack(&'a manifest::Backend),
    /// In the ticket of a lock: the lock lies there, whatever the surroundings say now.
    Ticket(&'a TicketBackend),
}

impl<'a> From<Option<&'a manifest::Backend>> for Declared<'a> {
    fn from(backend: Option<&'a manifest::Backend>) -> Self {
        backend.map_or(Self::Nowhere, Self::Stack)
    }
}

impl Settings {
    /// Reads the files and lays flags, environment, stack and files over the defaults.
    ///
    /// `root` holds `panka.yaml`, if there is one; `user_file` replaces `~/.panka/config.yaml` and must exist then.
    pub fn load(context: &Context, root: &Path, user_file: Option<&Path>, flags: &Flags, declared: Declared<'_>) -> Result<Self, Error> {
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
        let mut below: Vec<Layer> = files.iter().map(|(origin, file)| Layer { origin: origin.clone(), values: file.flatten() }).collect();
        let mut above = Vec::new();
        match declared {
            Declared::Nowhere => {}
            Declared::Stack(stack) => {
                let values = [("backend.bucket", &stack.bucket), ("backend.prefix", &stack.prefix), ("backend.region", &stack.region)];
                below.push(Layer::of("stack.yaml", values.map(|(key, value)| (key, value.as_deref()))));
            }
            Declared::Ticket(ticket) => above.push(Layer::of("the ticket", ticket.values())),
        }
        let environment = |variable: &str| context.variable(variable).map(str::to_owned);
        let files = files.into_iter().map(|(origin, _)| origin).collect();
        Ok(Self { files, ..Self::read(Values::new(&below, environment, &above, flags), default_tags, root)? })
    }

    /// Fills what follows from other keys, and reads each value.
    fn read(mut values: Values, default_tags: BTreeMap<String, String>, root: &Path) -> Result<Self, Error> {
        let bucket = values.get("backend.bucket").is_some();
        values.prefer_bucket();
        values.fill(
            "backend.type",
            if bucket { "s3" } else { "local" },
            if bucket { "default: a bucket is known" } else { "default: no bucket is known" },
        );
        let is_s3 = values.one_of("backend.type", &["local", "s3"])? == "s3";
        if is_s3 && !bucket {
            return Err(values.refuse(
                "backend.bucket",
                "backend.type is s3, and no bucket is given",
                "give --backend-bucket, or run `panka init`",
            ));
        }
        let backend = if is_s3 { "s3" } else { "local" };
        values.fill("engine", if is_s3 { "pulumi" } else { "local" }, &format!("default with the {backend} backend"));
        let engine = values.one_of("engine", &EngineKind::ALL.map(EngineKind::name))?;
        let engine = EngineKind::ALL.into_iter().find(|kind| kind.name() == engine).expect("it was one of them");
        let default = match (is_s3, values.get("locks.table")) {
            (false, _) => "local",
            (true, Some(_)) => "dynamodb",
            (true, None) => "s3",
        };
        values.fill("locks.type", default, &format!("default with the {backend} backend"));
        let home = values.one_of("locks.type", &LockHome::NAMES)?;
        values.check_use(is_s3, &home)?;
        let beside = values.get("backend.region").map(str::to_owned);
        if let Some(region) = beside.filter(|_| values.get("locks.table").is_some()) {
            values.fill("locks.region", &region, "default: that of the bucket");
        }
        let ttl = values.number("locks.ttl", 2, 3600)?;
        let ttl = Duration::from_secs(ttl);
        let heartbeat = match values.get("locks.heartbeat") {
            Some(_) => Duration::from_secs(values.number("locks.heartbeat", 1, 3600)?),
            None => ttl / 4,
        };
        values.fill("locks.heartbeat", &heartbeat.as_secs_f64().to_string(), "default: a quarter of the lease");
        if heartbeat * 3 > ttl {
            return Err(values.refuse(
                "locks.heartbeat",
                &format!("a heartbeat of {heartbeat:?} is more than a third of the lease of {ttl:?}"),
                "lower locks.heartbeat, or leave it out: it is a quarter of the lease then",
            ));
        }
        let timeout = values.duration("locks.timeout")?;
        let parallelism = values.number("parallelism", 1, 1000)?;
        let text = |key: &str| values.get(key).map(str::to_owned);
        let table = LockTable { name: text("locks.table").unwrap_or_default(), region: text("locks.region") };
        let home = match home.as_str() {
            // Files that name a table are written for the bucket; a run that keeps its state in files has its locks there too.
            _ if !is_s3 => LockHome::Local,
            "dynamodb" => LockHome::DynamoDb(table),
            "dynamodb+s3" => LockHome::Both(table),
            _ => LockHome::S3,
        };
        Ok(Self {
            aws: AwsSession { region: text("aws.region"), profile: text("aws.profile") },
            backend: match text("backend.bucket").filter(|_| is_s3) {
                Some(name) => Backend::S3(Bucket {
                    name,
                    prefix: text("backend.prefix").unwrap_or_default(),
                    region: text("backend.region"),
                    kms_key_id: text("backend.kmsKeyId"),
                }),
                None => Backend::Local,
            },
            locks: Locks { home, ttl, heartbeat, timeout },
            engine,
            pulumi: PulumiSettings {
                path: text("pulumi.path").map(PathBuf::from),
                backend: text("pulumi.backend"),
                secrets_provider: text("pulumi.secretsProvider"),
            },
            parallelism: usize::try_from(parallelism).expect("at most 1000"),
            default_tags,
            root: root.to_owned(),
            files: Vec::new(),
            values,
        })
    }

    /// The keys in order, with their values and meanings.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Setting, &'static str)> {
        self.values.iter()
    }

    /// The value of a key that is in the table, with its origin.
    pub fn setting(&self, key: &str) -> &Setting {
        self.values.iter().find(|(known, ..)| *known == key).map(|(_, setting, _)| setting).expect("the key is in the table")
    }

    /// What the ticket of a lock says of the backend; nothing for files of the repository, which are where the repository is.
    pub fn for_ticket(&self) -> Option<TicketBackend> {
        let Backend::S3(bucket) = &self.backend else { return None };
        Some(TicketBackend {
            bucket: bucket.name.clone(),
            prefix: Some(bucket.prefix.clone()).filter(|prefix| !prefix.is_empty()),
            region: bucket.region.clone(),
            locks: self.locks.home.name().to_owned(),
            table: self.locks.home.table().map(|table| table.name.clone()),
            table_region: self.locks.home.table().and_then(|table| table.region.clone()),
        })
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
}
