//! The spec of a bucket.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::components::field::{Text, Tree};

/// The spec of a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(in crate::components) struct S3 {
    /// The bucket itself.
    pub(super) bucket: Bucket,
    /// Versions of objects.
    pub(super) versioning: Versioning,
    /// Encryption at rest.
    pub(super) encryption: Encryption,
    /// What happens to objects as they grow old.
    pub(super) lifecycle_rules: Vec<LifecycleRule>,
    /// Requests of browsers from other origins.
    #[schemars(schema_with = "one_or_many")]
    #[serde(deserialize_with = "read_one_or_many")]
    pub(super) cors: Vec<CorsRule>,
    /// Static web site.
    pub(super) website: Website,
    /// Copies of new objects in another bucket.
    pub(super) replication: Replication,
    /// What of public access is blocked.
    pub(super) public_access_block: PublicAccessBlock,
    /// Refuse requests without TLS.
    pub(super) require_tls: bool,
    /// Send events of objects to EventBridge; on by itself when a trigger needs them.
    pub(super) event_bridge: bool,
    /// Statements added to the bucket's policy, in AWS's form. `Resource` is the bucket and its objects, unless it is given.
    pub(super) policy_statements: Vec<Tree>,
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            bucket: Bucket::default(),
            versioning: Versioning::default(),
            encryption: Encryption::default(),
            lifecycle_rules: Vec::new(),
            cors: Vec::new(),
            website: Website::default(),
            replication: Replication::default(),
            public_access_block: PublicAccessBlock::default(),
            require_tls: true,
            event_bridge: false,
            policy_statements: Vec::new(),
        }
    }
}

/// The bucket itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Bucket {
    /// Canned access control list; all but `private` need `publicAccessBlock` opened.
    pub(super) acl: Acl,
    /// Delete all objects before the bucket is deleted.
    pub(super) force_destroy: bool,
}

/// Canned access control list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Acl {
    /// The account.
    #[default]
    Private,
    /// Everybody reads.
    PublicRead,
    /// Everybody reads and writes.
    PublicReadWrite,
    /// Every AWS user reads.
    AuthenticatedRead,
}

/// Versions of objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Versioning {
    /// Keep them; true by default where the bucket is protected.
    pub(super) enabled: Option<bool>,
}

/// Encryption at rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Encryption {
    /// State the encryption; without it S3 still encrypts by AES256.
    pub(super) enabled: bool,
    /// Who keeps the key: S3 (AES256) or KMS.
    pub(super) algorithm: Algorithm,
    /// Id, ARN or alias of a KMS key, with `aws:kms`; without it the account's own for S3.
    pub(super) kms_key_id: Option<Text>,
}

impl Default for Encryption {
    fn default() -> Self {
        Self { enabled: true, algorithm: Algorithm::Aes256, kms_key_id: None }
    }
}

/// Who keeps the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) enum Algorithm {
    /// S3.
    #[serde(rename = "AES256")]
    Aes256,
    /// KMS.
    #[serde(rename = "aws:kms")]
    Kms,
}

/// What happens to objects as they grow old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct LifecycleRule {
    /// Name of the rule, unique in the bucket.
    #[schemars(length(min = 1, max = 255))]
    pub(super) id: String,
    /// False keeps the rule and suspends it.
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    /// Objects whose key begins so; all when absent.
    #[serde(default)]
    pub(super) prefix: Option<String>,
    /// When objects are deleted.
    #[serde(default)]
    pub(super) expiration: Option<Age>,
    /// When objects move to another storage class.
    #[serde(default)]
    pub(super) transitions: Vec<Transition>,
    /// When old versions are deleted.
    #[serde(default)]
    pub(super) noncurrent_version_expiration: Option<Age>,
    /// Days after which the parts of an unfinished upload are deleted.
    #[serde(default = "a_week")]
    #[schemars(range(min = 1))]
    pub(super) abort_multipart_days: u32,
}

/// An age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Age {
    /// Days.
    #[schemars(range(min = 1))]
    pub(super) days: u32,
}

/// A move to another storage class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Transition {
    /// Age in days.
    pub(super) days: u32,
    /// The class.
    pub(super) storage_class: StorageClass,
}

/// A storage class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) enum StorageClass {
    /// Read seldom.
    #[serde(rename = "STANDARD_IA")]
    StandardIa,
    /// Read seldom, kept in one zone.
    #[serde(rename = "ONEZONE_IA")]
    OneZoneIa,
    /// Moved by use.
    #[serde(rename = "INTELLIGENT_TIERING")]
    IntelligentTiering,
    /// Archive, read within hours.
    #[serde(rename = "GLACIER")]
    Glacier,
    /// Archive, read at once.
    #[serde(rename = "GLACIER_IR")]
    GlacierIr,
    /// Archive, read within a day.
    #[serde(rename = "DEEP_ARCHIVE")]
    DeepArchive,
}

/// Requests of browsers from other origins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CorsRule {
    /// Origins, `https://app.example.com` or `*`.
    #[schemars(length(min = 1))]
    pub(super) allowed_origins: Vec<Text>,
    /// Methods.
    #[schemars(length(min = 1))]
    pub(super) allowed_methods: Vec<Method>,
    /// Headers that a request may have.
    #[serde(default)]
    pub(super) allowed_headers: Vec<String>,
    /// Headers of the answer that scripts may read.
    #[serde(default)]
    pub(super) expose_headers: Vec<String>,
    /// Seconds that a browser keeps the answer.
    #[serde(default)]
    pub(super) max_age_seconds: Option<u32>,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Method {
    /// Read.
    Get,
    /// Write.
    Put,
    /// Headers alone.
    Head,
    /// Send a form.
    Post,
    /// Delete.
    Delete,
}

/// Static web site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Website {
    /// Serve the bucket as a site.
    pub(super) enabled: bool,
    /// Object for a path that ends in `/`.
    pub(super) index_document: String,
    /// Object for errors.
    pub(super) error_document: Option<String>,
    /// Redirections, in AWS's form.
    pub(super) routing_rules: Vec<Tree>,
}

impl Default for Website {
    fn default() -> Self {
        Self { enabled: false, index_document: "index.html".into(), error_document: None, routing_rules: Vec::new() }
    }
}

/// Copies of new objects in another bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Replication {
    /// Copy them. Both buckets need versioning.
    pub(super) enabled: bool,
    /// Name or ARN of the other bucket.
    pub(super) destination_bucket: Option<Text>,
    /// ARN of the role that copies; without it one is made.
    pub(super) role_arn: Option<Text>,
}

/// What of public access is blocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct PublicAccessBlock {
    /// Refuse public access control lists.
    pub(super) block_public_acls: bool,
    /// Refuse a policy that makes the bucket public.
    pub(super) block_public_policy: bool,
    /// Have public access control lists no effect.
    pub(super) ignore_public_acls: bool,
    /// Let only the account and AWS services in when the policy is public.
    pub(super) restrict_public_buckets: bool,
}

impl Default for PublicAccessBlock {
    fn default() -> Self {
        Self { block_public_acls: true, block_public_policy: true, ignore_public_acls: true, restrict_public_buckets: true }
    }
}

/// A rule, or a list of rules.
fn one_or_many(generator: &mut SchemaGenerator) -> Schema {
    let (one, many) = (CorsRule::json_schema(generator), Vec::<CorsRule>::json_schema(generator));
    json_schema!({ "anyOf": [many, one] })
}

fn read_one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<CorsRule>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let rules = if value.is_array() { value } else { Value::Array(vec![value]) };
    serde_json::from_value(rules).map_err(de::Error::custom)
}

fn yes() -> bool {
    true
}

fn a_week() -> u32 {
    7
}
