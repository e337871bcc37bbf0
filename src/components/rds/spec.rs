//! The spec of a database.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::engine::EngineType;
use crate::components::field::{Secret, Text};

/// The spec of a database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::components) struct Rds {
    /// The database engine.
    pub(super) engine: Engine,
    /// The machines.
    #[serde(default)]
    pub(super) instance: Instance,
    /// Capacity that follows the load, for Aurora.
    #[serde(default)]
    pub(super) serverless: Option<Serverless>,
    /// The database and its first user.
    #[serde(default)]
    pub(super) database: Database,
    /// Backups.
    #[serde(default)]
    pub(super) backup: Backup,
    /// Upkeep by AWS.
    #[serde(default)]
    pub(super) maintenance: Maintenance,
    /// Encryption at rest. A change means replacement.
    #[serde(default)]
    pub(super) encryption: Encryption,
    /// Measurements.
    #[serde(default)]
    pub(super) monitoring: Monitoring,
    /// Let components log in by their IAM role.
    #[serde(default)]
    pub(super) iam_auth: bool,
    /// Logs that go to CloudWatch: for PostgreSQL postgresql, upgrade, iam-db-auth-error; for MySQL and MariaDB audit, error, general, slowquery.
    #[serde(default)]
    pub(super) logs: Vec<String>,
}

/// The database engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Engine {
    /// Which one. A change means replacement.
    #[serde(rename = "type")]
    pub(super) kind: EngineType,
    /// Its version, major or in full; without it AWS chooses, once.
    #[serde(default)]
    pub(super) version: Option<String>,
    /// Settings, in a parameter group of their own; they need `version`.
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Text>,
    /// Name of a parameter group that is present.
    #[serde(default)]
    pub(super) parameter_group: Option<Text>,
}

/// The machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Instance {
    /// Class, `db.t4g.micro` by default and `db.t4g.medium` for Aurora.
    #[schemars(regex(pattern = r"^db\.[a-z0-9-]+\.[a-z0-9-]+$"))]
    pub(super) class: Option<String>,
    /// Members of an Aurora cluster, 1 by default: the first writes, all read.
    #[schemars(range(min = 1, max = 15))]
    pub(super) count: Option<u32>,
    /// Storage; Aurora has its own.
    pub(super) storage: Storage,
    /// Operations a second; required for io1 and io2.
    #[schemars(range(min = 1000))]
    pub(super) iops: Option<u32>,
    /// A standby in a second zone; Aurora takes `count: 2` instead.
    #[serde(rename = "multiAZ")]
    pub(super) multi_az: bool,
}

/// Storage of an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Storage {
    /// Type, `gp3` by default.
    #[serde(rename = "type")]
    pub(super) kind: Option<StorageType>,
    /// Size in GB, 20 by default; it can grow and never shrink.
    #[serde(rename = "allocatedGB")]
    #[schemars(range(min = 20, max = 65536))]
    pub(super) allocated: Option<u32>,
    /// Size in GB up to which AWS lets it grow by itself; at least 10 % more than `allocatedGB`.
    #[serde(rename = "maxAllocatedGB")]
    #[schemars(range(min = 21, max = 65536))]
    pub(super) max_allocated: Option<u32>,
}

/// Type of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum StorageType {
    /// General, older.
    Gp2,
    /// General.
    Gp3,
    /// By operations a second, older.
    Io1,
    /// By operations a second.
    Io2,
}

/// Capacity that follows the load, for Aurora.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Serverless {
    /// Least capacity units, in steps of a half; 0 lets it pause.
    #[serde(rename = "minACU")]
    #[schemars(range(min = 0.0, max = 256.0))]
    pub(super) min: f64,
    /// Most capacity units, in steps of a half.
    #[serde(rename = "maxACU")]
    #[schemars(range(min = 0.0, max = 256.0))]
    pub(super) max: f64,
}

/// The database and its first user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Database {
    /// Database made at the beginning. A change means replacement.
    #[schemars(regex(pattern = r"^[a-zA-Z_][a-zA-Z0-9_]{0,62}$"))]
    pub(super) name: Option<String>,
    /// Its first user. A change means replacement.
    #[schemars(regex(pattern = r"^[a-zA-Z][a-zA-Z0-9_]{0,62}$"))]
    pub(super) username: String,
    /// Where the first user's password is taken from; without it one is made in a secret of its own, and stays as it is. Of a secret that holds a
    /// JSON object it is the field `password`, where `key` names no other; of any other secret the whole.
    pub(super) password_secret: Option<Secret>,
    /// Let AWS make and keep the first user's password, and exchange it every seven days: whoever uses it has to read it anew for each connection.
    pub(super) managed_password: bool,
    /// Port, 5432 or 3306 by default.
    #[schemars(range(min = 1150, max = 65535))]
    pub(super) port: Option<u16>,
}

impl Default for Database {
    fn default() -> Self {
        Self { name: None, username: "panka".into(), password_secret: None, managed_password: false, port: None }
    }
}

/// Backups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Backup {
    /// Make one each day; Aurora always does.
    pub(super) enabled: bool,
    /// Days that they are kept.
    #[schemars(range(min = 1, max = 35))]
    pub(super) retention_days: u32,
    /// When they are made, `hh:mm-hh:mm` in UTC, at least half an hour.
    #[schemars(extend("format" = "daily-window"))]
    pub(super) preferred_window: Option<String>,
    /// When AWS may work on the instance, `ddd:hh:mm-ddd:hh:mm` in UTC, at least half an hour.
    #[schemars(extend("format" = "weekly-window"))]
    pub(super) maintenance_window: Option<String>,
    /// Make a last snapshot before the database is deleted or replaced, ahead of all steps of that run; in a protected environment one is made unless
    /// this says `false`.
    pub(super) final_snapshot: Option<bool>,
}

impl Default for Backup {
    fn default() -> Self {
        Self { enabled: true, retention_days: 7, preferred_window: None, maintenance_window: None, final_snapshot: None }
    }
}

/// Upkeep by AWS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Maintenance {
    /// Install minor versions as they come.
    pub(super) auto_minor_version_upgrade: bool,
}

impl Default for Maintenance {
    fn default() -> Self {
        Self { auto_minor_version_upgrade: true }
    }
}

/// Encryption at rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Encryption {
    /// Encrypt the storage.
    pub(super) at_rest: bool,
    /// Id, ARN or alias of a KMS key; without it the account's own for RDS.
    pub(super) kms_key_id: Option<Text>,
}

impl Default for Encryption {
    fn default() -> Self {
        Self { at_rest: true, kms_key_id: None }
    }
}

/// Measurements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Monitoring {
    /// Measure the operating system.
    pub(super) enhanced_monitoring: bool,
    /// Seconds between measurements: 1, 5, 10, 15, 30 or 60.
    #[schemars(extend("enum" = [1, 5, 10, 15, 30, 60]))]
    pub(super) monitoring_interval: u32,
    /// Record which statements take time.
    pub(super) performance_insights: bool,
}

impl Default for Monitoring {
    fn default() -> Self {
        Self { enhanced_monitoring: false, monitoring_interval: 60, performance_insights: false }
    }
}
