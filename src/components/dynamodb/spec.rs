//! The spec of a table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::components::field::Text;

/// The spec of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::components) struct DynamoDb {
    /// How reads and writes are paid.
    #[serde(default)]
    pub(super) billing_mode: BillingMode,
    /// Partition key. A change means replacement.
    pub(super) hash_key: Key,
    /// Sort key. A change means replacement.
    #[serde(default)]
    pub(super) range_key: Option<Key>,
    /// Reads a second. Required with `billingMode: PROVISIONED`, refused otherwise.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub(super) read_capacity: Option<u32>,
    /// Writes a second. Required with `billingMode: PROVISIONED`, refused otherwise.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub(super) write_capacity: Option<u32>,
    /// Indexes with keys of their own; can be added and removed later.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub(super) global_secondary_indexes: Vec<GlobalIndex>,
    /// Indexes that share the partition key. A change means replacement.
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub(super) local_secondary_indexes: Vec<LocalIndex>,
    /// Items that are deleted when their time has come.
    #[serde(default)]
    pub(super) ttl: TimeToLive,
    /// Encryption at rest.
    #[serde(default)]
    pub(super) encryption: Encryption,
    /// Continuous backups; true by default where the table is protected.
    #[serde(default)]
    pub(super) point_in_time_recovery: Option<bool>,
    /// Stream of changes.
    #[serde(default)]
    pub(super) stream: Stream,
    /// Storage class.
    #[serde(default)]
    pub(super) table_class: TableClass,
}

/// How reads and writes are paid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum BillingMode {
    /// Each request.
    #[default]
    PayPerRequest,
    /// Capacity by the hour.
    Provisioned,
}

/// A key attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// Name of the attribute.
    #[schemars(length(min = 1, max = 255))]
    pub(super) name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub(super) kind: AttributeType,
}

/// Type of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) enum AttributeType {
    /// String.
    S,
    /// Number.
    N,
    /// Binary.
    B,
}

/// Which attributes an index holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Projection {
    /// All.
    #[default]
    All,
    /// The keys alone.
    KeysOnly,
    /// The keys and `attributes`.
    Include,
}

/// An index with keys of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GlobalIndex {
    /// Name of the index.
    #[schemars(length(min = 3, max = 255), regex(pattern = r"^[a-zA-Z0-9_.-]+$"))]
    pub(super) name: String,
    /// Partition key.
    pub(super) hash_key: Key,
    /// Sort key.
    #[serde(default)]
    pub(super) range_key: Option<Key>,
    /// Which attributes the index holds.
    #[serde(default)]
    pub(super) projection: Projection,
    /// Attributes beside the keys, with `projection: INCLUDE`.
    #[serde(default)]
    pub(super) attributes: Vec<String>,
    /// Reads a second. Required with `billingMode: PROVISIONED`, refused otherwise.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub(super) read_capacity: Option<u32>,
    /// Writes a second. Required with `billingMode: PROVISIONED`, refused otherwise.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub(super) write_capacity: Option<u32>,
}

/// An index that shares the partition key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct LocalIndex {
    /// Name of the index.
    #[schemars(length(min = 3, max = 255), regex(pattern = r"^[a-zA-Z0-9_.-]+$"))]
    pub(super) name: String,
    /// Sort key.
    pub(super) range_key: Key,
    /// Which attributes the index holds.
    #[serde(default)]
    pub(super) projection: Projection,
    /// Attributes beside the keys, with `projection: INCLUDE`.
    #[serde(default)]
    pub(super) attributes: Vec<String>,
}

/// Items that are deleted when their time has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct TimeToLive {
    /// Delete them.
    pub(super) enabled: bool,
    /// Attribute that holds the time, in seconds since 1970.
    #[schemars(length(min = 1, max = 255))]
    pub(super) attribute_name: Option<String>,
}

/// Encryption at rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Encryption {
    /// Every table is encrypted: `false` only says that no `kmsKey` is used.
    pub(super) enabled: bool,
    /// Id, ARN or alias of a KMS key; without it AWS owns the key. `alias/aws/dynamodb` is the account's own.
    pub(super) kms_key: Option<Text>,
}

impl Default for Encryption {
    fn default() -> Self {
        Self { enabled: true, kms_key: None }
    }
}

/// Stream of changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Stream {
    /// Keep the changes of a day for readers.
    pub(super) enabled: bool,
    /// What a change holds.
    pub(super) view_type: ViewType,
}

/// What a change in a stream holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ViewType {
    /// The item before and after.
    #[default]
    NewAndOldImages,
    /// The item after.
    NewImage,
    /// The item before.
    OldImage,
    /// Its keys.
    KeysOnly,
}

/// Storage class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum TableClass {
    /// For data that is read often.
    #[default]
    Standard,
    /// For data that is read seldom.
    StandardInfrequentAccess,
}
