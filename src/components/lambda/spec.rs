//! The spec of a function.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::trigger::Trigger;
use crate::components::container::{Architecture, Logging, Permission, SecretVariable, Variable};
use crate::components::field::{Ref, Text};

/// The spec of a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::components) struct Lambda {
    /// Runtime, `python3.13`; required for a package, refused for an image.
    #[serde(default)]
    pub(super) runtime: Option<String>,
    /// What is called, `module.function`; required for a package, refused for an image.
    #[serde(default)]
    #[schemars(length(min = 1, max = 128))]
    pub(super) handler: Option<String>,
    /// Where the code comes from: exactly one source.
    pub(super) code: Code,
    /// Memory in MB; the share of a processor grows with it.
    #[serde(default = "least_memory")]
    #[schemars(range(min = 128, max = 10_240))]
    pub(super) memory: u32,
    /// Seconds that a call may take.
    #[serde(default = "thirty")]
    #[schemars(range(min = 1, max = 900))]
    pub(super) timeout: u32,
    /// Processor.
    #[serde(default)]
    pub(super) architecture: Architecture,
    /// Size of `/tmp` in MB.
    #[serde(rename = "ephemeralStorageMB", default = "least_storage")]
    #[schemars(range(min = 512, max = 10_240))]
    pub(super) ephemeral_storage: u32,
    /// Environment variables.
    #[serde(default)]
    pub(super) environment: Vec<Variable>,
    /// Secrets: the function gets `<ENVVAR>_ARN`, for one with a key also `<ENVVAR>_KEY`, and the permission to read it.
    #[serde(default)]
    pub(super) secrets: Vec<SecretVariable>,
    /// What calls the function.
    #[serde(default)]
    pub(super) triggers: Vec<Trigger>,
    /// Where the function stands in the network.
    #[serde(default)]
    pub(super) vpc: Vpc,
    /// Calls that may run at once, kept free for this function; 0 stops it.
    #[serde(default)]
    pub(super) reserved_concurrent_executions: Option<u32>,
    /// ARN of a role that is managed elsewhere; then no permissions are derived.
    #[serde(default)]
    pub(super) role_arn: Option<Text>,
    /// ARNs of layer versions.
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub(super) layers: Vec<Text>,
    /// Trace calls with X-Ray.
    #[serde(default)]
    pub(super) tracing: bool,
    /// A URL of its own.
    #[serde(default)]
    pub(super) url: Option<FunctionUrl>,
    /// Queue or topic of this stack for asynchronous calls that failed.
    #[serde(default)]
    pub(super) dead_letter_queue: Option<Ref>,
    /// Logs of the function.
    #[serde(default)]
    pub(super) logging: Logging,
    /// Statements for the function's role besides those that follow from connections.
    #[serde(default)]
    pub(super) permissions: Vec<Permission>,
}

fn least_memory() -> u32 {
    128
}

fn least_storage() -> u32 {
    512
}

fn thirty() -> u32 {
    30
}

/// Where the code comes from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Code {
    /// A `.zip` file or directory of the repository. Not offered yet.
    #[schemars(extend("format" = "path"))]
    pub(super) path: Option<String>,
    /// Bucket of a stored package.
    pub(super) s3_bucket: Option<Text>,
    /// Key of the stored package.
    pub(super) s3_key: Option<Text>,
    /// Version of the stored package.
    pub(super) s3_object_version: Option<Text>,
    /// Container image in ECR, by tag or digest.
    pub(super) image_uri: Option<Text>,
    /// The source itself, for Node.js and Python: it is the module `index`, so the handler is `index.<function>`.
    #[schemars(length(min = 1, max = 4_194_304))]
    pub(super) inline: Option<String>,
}

/// Where the function stands in the network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Vpc {
    /// Inside the VPC, in private subnets; by itself when the function uses something there.
    pub(super) enabled: Option<bool>,
    /// Subnets instead of the stack's; they need `securityGroupIds`.
    pub(super) subnet_ids: Vec<Text>,
    /// Security groups: instead of one of its own with `subnetIds`, otherwise besides.
    #[schemars(length(max = 5))]
    pub(super) security_group_ids: Vec<Text>,
}

/// A URL of the function's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FunctionUrl {
    /// Who may call it.
    pub(super) auth: UrlAuth,
    /// Requests of browsers from other origins.
    pub(super) cors: Option<UrlCors>,
}

/// Who may call a URL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum UrlAuth {
    /// Those whom IAM allows it.
    #[default]
    Iam,
    /// Everybody.
    None,
}

/// Requests of browsers from other origins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct UrlCors {
    /// Origins, `https://app.example.com` or `*`.
    pub(super) allow_origins: Vec<Text>,
    /// Methods: GET, PUT, HEAD, POST, PATCH, DELETE or `*`.
    #[schemars(length(max = 6))]
    pub(super) allow_methods: Vec<String>,
    /// Headers that a request may have.
    pub(super) allow_headers: Vec<String>,
    /// Headers of the answer that scripts may read.
    pub(super) expose_headers: Vec<String>,
    /// Seconds that a browser keeps the answer.
    #[schemars(range(max = 86_400))]
    pub(super) max_age: Option<u32>,
    /// Send cookies along.
    pub(super) allow_credentials: bool,
}
