//! Containers on Fargate: the fields that MicroService, Worker and the kinds like them share.
//!
//! In: the container group of a spec. Out: the task definition, its roles and log group, and what goes into them: images, variables,
//! secrets, configuration files, probes and volumes.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::Effect;
use super::check::Check;
use super::field::{Ref, Text, secret_text};
use super::group::Group;
use super::wiring::SecretSource;
use crate::diagnostic::codes::aws::{P3017, P3040, P3048};
use crate::diagnostic::codes::manifest::{P1013, P1014, P1015, P1019, P1041};
use crate::manifest::Alias;

mod configs;
mod image;
pub(super) mod probe;
pub(super) mod scaling;
pub(super) mod service;
pub(super) mod size;
pub(super) mod task;
mod variables;

use image::Image;
use size::Resources;
pub(crate) use variables::check_variables;

/// The container fields of a spec.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Container {
    /// The image that runs.
    pub(crate) image: Image,
    /// Where and on what it runs.
    #[serde(default)]
    pub(crate) runtime: Runtime,
    /// Entry point, instead of the image's.
    #[serde(default)]
    pub(crate) command: Option<Vec<Text>>,
    /// Arguments of the entry point.
    #[serde(default)]
    pub(crate) args: Option<Vec<Text>>,
    /// Environment variables.
    #[serde(default)]
    pub(crate) environment: Vec<Variable>,
    /// Environment variables whose values are secrets.
    #[serde(default)]
    pub(crate) secrets: Vec<SecretVariable>,
    /// Files of the repository that stand in the container.
    #[serde(default)]
    pub(crate) configs: Option<Configs>,
    /// User that the process runs as: name or number, and group after a colon.
    #[serde(default)]
    pub(crate) user: Option<String>,
    /// Directory that the process starts in.
    #[serde(default)]
    #[schemars(regex(pattern = "^/"))]
    pub(crate) working_dir: Option<String>,
    /// Seconds between the request to stop and the end.
    #[serde(default = "thirty")]
    #[schemars(range(max = 120))]
    pub(crate) stop_timeout_seconds: u32,
    /// Opens a shell into running tasks (ECS Exec).
    #[serde(default)]
    pub(crate) enable_exec: bool,
    /// Size of a task.
    #[serde(default)]
    pub(crate) resources: Resources,
    /// Volumes of the container.
    #[serde(default)]
    pub(crate) storage: Storage,
    /// Logs of the container.
    #[serde(default)]
    pub(crate) logging: Logging,
    /// Statements for the task's role besides those that follow from connections.
    #[serde(default)]
    pub(crate) permissions: Vec<Permission>,
}

impl Group for Container {
    const FIELDS: &'static [&'static str] = &[
        "image",
        "runtime",
        "command",
        "args",
        "environment",
        "secrets",
        "configs",
        "user",
        "workingDir",
        "stopTimeoutSeconds",
        "enableExec",
        "resources",
        "storage",
        "logging",
        "permissions",
    ];
}

fn thirty() -> u32 {
    30
}

/// Other spellings of the fields of workers.
pub(super) const SPELLINGS: &[Alias] = &[
    Alias::Move { from: "container.command", to: "command" },
    Alias::Move { from: "container.args", to: "args" },
    Alias::Move { from: "container.image", to: "image" },
    Alias::ImageText,
    Alias::Move { from: "runtime.cpu", to: "resources.cpu" },
    Alias::Move { from: "runtime.memory", to: "resources.memory" },
    Alias::Move { from: "cpu", to: "resources.cpu" },
    Alias::Move { from: "memory", to: "resources.memory" },
    Alias::Move { from: "replicas", to: "scaling.replicas" },
    Alias::Move { from: "autoscaling", to: "scaling.autoscaling" },
    Alias::Move { from: "scaling.minReplicas", to: "scaling.autoscaling.minReplicas" },
    Alias::Move { from: "scaling.maxReplicas", to: "scaling.autoscaling.maxReplicas" },
    Alias::Move { from: "scaling.targetCPUUtilization", to: "scaling.autoscaling.targetCPUPercent" },
    Alias::Move { from: "scaling.targetMemoryUtilization", to: "scaling.autoscaling.targetMemoryPercent" },
    Alias::Move { from: "scaling.autoscaling.targetCPUUtilization", to: "scaling.autoscaling.targetCPUPercent" },
    Alias::Move { from: "scaling.autoscaling.targetMemoryUtilization", to: "scaling.autoscaling.targetMemoryPercent" },
    Alias::AutoscalingPolicies,
    Alias::Move { from: "mounts", to: "storage.volumes" },
    Alias::MapOfPairs("environment"),
];

fn secret_schema(_: &mut SchemaGenerator) -> Schema {
    secret_text().try_into().expect("an object is a schema")
}

/// Where and on what a container runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Runtime {
    /// Who runs it.
    pub(crate) platform: Platform,
    /// Processor.
    pub(crate) architecture: Architecture,
}

/// Who runs a container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Platform {
    /// Fargate.
    #[default]
    Fargate,
    /// Fargate on spare capacity, which can be taken back with two minutes' notice.
    FargateSpot,
}

/// A processor architecture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Architecture {
    /// Intel and AMD.
    #[default]
    #[serde(rename = "x86_64")]
    X86,
    /// Graviton.
    #[serde(rename = "arm64")]
    Arm,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "VariableForm")]
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: String,
    /// Its value; nothing when neither or both of `value` and `valueFrom` were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Text>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VariableForm {
    /// Name of the variable.
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
    name: String,
    /// Its value.
    #[serde(default)]
    value: Option<Text>,
    /// An output of a component as its value.
    #[serde(default)]
    value_from: Option<ValueFrom>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ValueFrom {
    /// The component.
    component: Ref,
    /// Name of its output.
    output: String,
}

impl From<VariableForm> for Variable {
    fn from(form: VariableForm) -> Self {
        let value = match (form.value, form.value_from) {
            (Some(value), None) => Some(value),
            (None, Some(from)) => Some(Text::output(&from.component, &from.output)),
            (Some(_), Some(_)) | (None, None) => None,
        };
        Self { name: form.name, value }
    }
}

/// An environment variable whose value is a secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SecretVariable {
    /// Name of the secret here, and of the variable when `envVar` is absent.
    pub(crate) name: String,
    /// Where the value is read from.
    #[schemars(schema_with = "secret_schema")]
    pub(crate) secret_ref: Text,
    /// Key of a JSON secret.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub(crate) key: Option<String>,
    /// Name of the variable.
    #[serde(default)]
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
    pub(crate) env_var: Option<String>,
}

impl SecretVariable {
    /// Name of the variable.
    pub(crate) fn variable(&self) -> &str {
        self.env_var.as_deref().unwrap_or(&self.name)
    }
}

/// Files of the repository that stand in the container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Configs {
    /// Directory in the container.
    #[schemars(regex(pattern = "^/."))]
    pub(crate) mount_path: String,
    /// The files; all below `configs/` when nothing is said.
    #[serde(default)]
    #[schemars(schema_with = "paths_schema")]
    pub(crate) files: Option<Vec<String>>,
}

fn paths_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "format": "path" } })
}

/// Volumes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Storage {
    /// The volumes.
    pub(crate) volumes: Vec<Volume>,
}

/// A volume and where it stands in the container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Volume {
    /// Its name.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,255}$"))]
    pub(crate) name: String,
    /// Directory in the container.
    #[schemars(regex(pattern = "^/."))]
    pub(crate) mount_path: String,
    /// What it is.
    #[serde(rename = "type")]
    pub(crate) kind: VolumeKind,
    /// The file system of an `efs` volume, and its access point after a colon.
    #[serde(default)]
    pub(crate) source: Option<String>,
    /// The container cannot write to it.
    #[serde(default)]
    pub(crate) read_only: bool,
}

/// What a volume is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum VolumeKind {
    /// Empty space on the task's own disk.
    EmptyDir,
    /// A file system of kind EFS. Not offered yet.
    Efs,
}

/// Logs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Logging {
    /// Days that log lines are kept.
    #[schemars(schema_with = "retention_schema")]
    pub(crate) retention_days: u32,
}

impl Default for Logging {
    fn default() -> Self {
        Self { retention_days: 30 }
    }
}

fn retention_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "integer",
        "enum": [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
    })
}

/// A statement for the role of a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Permission {
    /// IAM actions.
    #[schemars(length(min = 1), inner(regex(pattern = r"^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$")))]
    pub(crate) actions: Vec<String>,
    /// ARNs.
    #[schemars(length(min = 1))]
    pub(crate) resources: Vec<Text>,
    /// Allow or Deny.
    #[serde(default)]
    pub(crate) effect: Effect,
}

impl Permission {
    /// The statements of a list of permissions.
    pub(crate) fn statements(permissions: &[Self]) -> impl Iterator<Item = super::access::Statement> + '_ {
        permissions.iter().enumerate().map(|(n, permission)| {
            let resources = permission.resources.iter().map(Text::value).collect();
            let mut actions = permission.actions.clone();
            actions.sort_unstable();
            let mut statement = super::access::Statement::allow(format!("Permission{}", n + 1), actions, resources);
            statement.effect = permission.effect;
            statement
        })
    }
}

/// The port that a container listens on.
#[expect(clippy::struct_field_names, reason = "the field is named as in YAML")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Port {
    /// Its name.
    #[schemars(length(min = 1, max = 63))]
    pub(crate) name: String,
    /// Its number.
    #[schemars(range(min = 1))]
    pub(crate) port: u16,
    /// tcp or udp.
    #[serde(default)]
    pub(crate) protocol: Protocol,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    /// TCP.
    #[default]
    #[serde(alias = "TCP", alias = "Tcp")]
    Tcp,
    /// UDP.
    #[serde(alias = "UDP", alias = "Udp")]
    Udp,
}

impl Protocol {
    /// `tcp` or `udp`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

impl JsonSchema for Protocol {
    fn schema_name() -> Cow<'static, str> {
        "Protocol".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": ["tcp", "udp", "TCP", "UDP", "Tcp", "Udp"] })
    }
}

impl Container {
    /// Reports what takes more than one field to see.
    pub(crate) fn check(&self, check: &mut Check<'_>) {
        if self.image.tag.literal() == Some("latest") {
            check.push(
                check
                    .finding(P3040, "/image/tag", "the image has the tag `latest`: nobody can say later what ran")
                    .help("name a version: `tag: v1.2.3`, or a digest"),
            );
        }
        self.image.check(check);
        if let Some(secret) = &self.image.pull_secret {
            match SecretSource::of(secret, None) {
                Err(fault) => check.report(P1041, "/image/pullSecret", fault),
                Ok(SecretSource::Parameter { .. }) => {
                    check.report(
                        P1041,
                        "/image/pullSecret",
                        "credentials of a registry are read from Secrets Manager, not from a parameter",
                    );
                }
                Ok(SecretSource::Manager { .. }) => {}
            }
        }
        check_variables(check, &self.environment, &self.secrets);
        self.check_volumes(check);
        self.check_configs(check);
        self.resources.check(check);
    }

    fn check_volumes(&self, check: &mut Check<'_>) {
        let volumes = &self.storage.volumes;
        check.unique(P1019, "/storage/volumes", "volume", volumes.iter().map(|volume| volume.name.as_str()));
        for (n, volume) in volumes.iter().enumerate() {
            let root = self.user.as_deref().is_none_or(|user| ["", "0", "root"].contains(&user.split(':').next().unwrap_or_default()));
            if volume.kind == VolumeKind::EmptyDir && !volume.read_only && !root {
                let message = format!(
                    "the volume belongs to root, and the user `{}` can write only where the image has prepared it",
                    self.user.as_deref().unwrap_or_default()
                );
                check.push(check.finding(P3048, &format!("/storage/volumes/{n}"), message).help(format!(
                    "in the Dockerfile: `RUN mkdir -p {0} && chown USER {0}` and `VOLUME {0}`; or leave `user` out",
                    volume.mount_path
                )));
            }
            if volume.kind == VolumeKind::Efs {
                let pointer = format!("/storage/volumes/{n}/type");
                check.push(
                    check
                        .finding(P1015, &pointer, "volume type `efs` is not offered yet: kind EFS comes later")
                        .help("use `emptyDir` for what may be lost with the task, and S3 or a database for the rest"),
                );
            }
        }
    }

    fn check_configs(&self, check: &mut Check<'_>) {
        let Some(configs) = &self.configs else { return };
        let files = configs::files(configs, check.component());
        let size: u64 = files.iter().map(|(_, file)| file.size).sum();
        if size > configs::LIMIT {
            let message = format!("the files of `configs` have {size} bytes together, and {} are possible", configs::LIMIT);
            check.report(P3017, "/configs", message);
        }
        for (name, file) in &files {
            if file.text.is_none() && file.size <= configs::LIMIT {
                check.report(P1014, "/configs", format!("`{name}` is not a text file"));
            }
        }
        if files.is_empty() {
            check.report(P1013, "/configs", "`configs` names no files");
        }
    }

    /// The image as a container definition names it.
    fn image(&self) -> Value {
        let between = if self.image.tag.literal().is_some_and(|tag| tag.starts_with("sha256:")) { "@" } else { ":" };
        crate::resource::join([self.image.repository.value(), json!(between), self.image.tag.value()])
    }

    /// The secrets, with where they are read from. Malformed ones were reported.
    fn secret_sources(&self) -> Vec<(&SecretVariable, SecretSource)> {
        let read = |secret: &'_ SecretVariable| SecretSource::of(&secret.secret_ref, secret.key.as_deref()).ok();
        self.secrets.iter().filter_map(|secret| Some((secret, read(secret)?))).collect()
    }
}
