//! What calls a function: the fields of a trigger, and which go with which type.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::address::ComponentId;
use crate::components::access::Access;
use crate::components::check::Check;
use crate::components::edge::Links;
use crate::components::field::{Ref, Text, Tree};
use crate::components::label::{self, label};
use crate::diagnostic::codes::aws::P3018;
use crate::diagnostic::codes::manifest::{P1013, P1015, P1017, P1018};

/// What calls a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Trigger {
    /// Name, unique in the function; derived from type and source when absent.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,39}$"))]
    pub(super) name: Option<String>,
    /// What kind of source it is.
    #[serde(rename = "type")]
    pub(super) kind: TriggerType,
    /// Queue, topic, table or stream; for sqs, sns, dynamodb and kinesis.
    #[serde(default)]
    pub(super) source: Option<Source>,
    /// Records handed over in one call, 10 by default; for sqs, dynamodb and kinesis.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000))]
    pub(super) batch_size: Option<u32>,
    /// Seconds to wait for a full batch, 0 by default; for sqs, dynamodb and kinesis.
    #[serde(default)]
    #[schemars(range(max = 300))]
    pub(super) batch_window_seconds: Option<u32>,
    /// Calls at once; for sqs.
    #[serde(default)]
    #[schemars(range(min = 2, max = 1000))]
    pub(super) max_concurrency: Option<u32>,
    /// Where reading begins, `LATEST` by default; for dynamodb and kinesis.
    #[serde(default)]
    pub(super) starting_position: Option<StartingPosition>,
    /// When to call, in UTC: `rate(5 minutes)` or `cron(0 3 * * ? *)`; for eventbridge.
    #[serde(default)]
    #[schemars(extend("format" = "schedule"))]
    pub(super) schedule: Option<String>,
    /// Which events to call for, in AWS's form; for eventbridge.
    #[serde(default)]
    pub(super) pattern: Option<Tree>,
    /// Event bus that the pattern listens on instead of the account's own; for eventbridge. Not offered yet.
    #[serde(default)]
    pub(super) bus: Option<Ref>,
    /// Method and path of an HTTP API; for apigateway.
    #[serde(default)]
    pub(super) http: Option<HttpRoute>,
    /// Bucket and keys; for s3.
    #[serde(default)]
    pub(super) s3: Option<BucketEvents>,
    /// Only records that match one of these come through; for sqs, sns, dynamodb and kinesis.
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub(super) filter: Vec<Tree>,
}

/// What kind of source calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum TriggerType {
    /// A queue, read by Lambda.
    Sqs,
    /// A topic.
    Sns,
    /// Objects of a bucket, through EventBridge.
    S3,
    /// The stream of changes of a table, read by Lambda.
    DynamoDb,
    /// A stream of kind Resource, read by Lambda.
    Kinesis,
    /// A schedule, or events that match a pattern.
    EventBridge,
    /// Requests of an HTTP API.
    ApiGateway,
}

/// The source of a trigger.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Source {
    /// A component of this stack.
    pub(super) component: Option<Ref>,
    /// ARN of something else.
    pub(super) arn: Option<Text>,
}

/// Where reading of a stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum StartingPosition {
    /// With what comes from now on.
    Latest,
    /// With the oldest record that is kept.
    TrimHorizon,
}

/// A route of an HTTP API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpRoute {
    /// Method.
    #[serde(default)]
    pub(super) method: Method,
    /// Path, `/users/{id}` or `/{proxy+}`; `$default` takes what no other route takes.
    #[schemars(regex(pattern = r"^(/\S*|\$default)$"))]
    pub(super) path: String,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Method {
    /// Every method.
    #[default]
    Any,
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// OPTIONS.
    Options,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

/// Events of a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BucketEvents {
    /// A bucket of this stack, or the name of another one, which must send its events to EventBridge.
    pub(super) bucket: Ref,
    /// Which events.
    #[serde(default = "created")]
    #[schemars(length(min = 1))]
    pub(super) events: Vec<BucketEvent>,
    /// Only objects whose key begins so.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub(super) prefix: Option<String>,
    /// Only objects whose key ends so.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub(super) suffix: Option<String>,
}

fn created() -> Vec<BucketEvent> {
    vec![BucketEvent::Created]
}

/// An event of a bucket, as EventBridge calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) enum BucketEvent {
    /// An object was written.
    #[serde(rename = "Object Created")]
    Created,
    /// An object was deleted.
    #[serde(rename = "Object Deleted")]
    Deleted,
    /// Restoring from an archive began.
    #[serde(rename = "Object Restore Initiated")]
    RestoreInitiated,
    /// Restoring from an archive ended.
    #[serde(rename = "Object Restore Completed")]
    RestoreCompleted,
    /// A restored copy went.
    #[serde(rename = "Object Restore Expired")]
    RestoreExpired,
    /// An object moved to another storage class.
    #[serde(rename = "Object Storage Class Changed")]
    StorageClassChanged,
    /// An object moved to another tier of intelligent tiering.
    #[serde(rename = "Object Access Tier Changed")]
    AccessTierChanged,
    /// An access control list was set.
    #[serde(rename = "Object ACL Updated")]
    AclUpdated,
    /// Tags were set.
    #[serde(rename = "Object Tags Added")]
    TagsAdded,
    /// Tags were deleted.
    #[serde(rename = "Object Tags Deleted")]
    TagsDeleted,
}

impl TriggerType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sqs => "sqs",
            Self::Sns => "sns",
            Self::S3 => "s3",
            Self::DynamoDb => "dynamodb",
            Self::Kinesis => "kinesis",
            Self::EventBridge => "eventbridge",
            Self::ApiGateway => "apigateway",
        }
    }

    /// The kind of component that is a source, for types that take one.
    fn source(self) -> Option<&'static str> {
        match self {
            Self::Sqs => Some("SQS"),
            Self::Sns => Some("SNS"),
            Self::DynamoDb => Some("DynamoDB"),
            Self::Kinesis => Some("Resource"),
            Self::S3 | Self::EventBridge | Self::ApiGateway => None,
        }
    }

    /// Whether Lambda reads the source by itself.
    pub(super) fn is_polled(self) -> bool {
        matches!(self, Self::Sqs | Self::DynamoDb | Self::Kinesis)
    }

    /// Whether the source is a stream, with a position to begin at.
    pub(super) fn is_stream(self) -> bool {
        matches!(self, Self::DynamoDb | Self::Kinesis)
    }
}

impl Method {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Any => "ANY",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl HttpRoute {
    /// The route's key: `GET /users`, or `$default`.
    pub(super) fn key(&self) -> String {
        if self.path == "$default" { self.path.clone() } else { format!("{} {}", self.method.name(), self.path) }
    }

    /// Method and path in the ARN of the route, for permissions.
    pub(super) fn arn(&self) -> String {
        match (self.path.as_str(), self.method) {
            ("$default", _) => "$default".to_owned(),
            (path, Method::Any) => format!("*{path}"),
            (path, method) => format!("{}{path}", method.name()),
        }
    }
}

impl Trigger {
    /// Its name in a function: given, or type and source.
    pub(super) fn name(&self, of: &ComponentId) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let source = self.source.as_ref();
        let about = match self.kind {
            TriggerType::S3 => self.s3.as_ref().map(|events| label::component(events.bucket.as_str(), of).to_owned()),
            TriggerType::EventBridge => Some(if self.pattern.is_some() { "pattern" } else { "schedule" }.to_owned()),
            TriggerType::ApiGateway => self.http.as_ref().map(HttpRoute::key),
            _ => source.and_then(|source| match (&source.component, &source.arn) {
                (Some(component), _) => Some(label::component(component.as_str(), of).to_owned()),
                // The last part of an ARN is the name of what it names.
                (None, Some(arn)) => label::text(&arn.value()).rsplit(':').next().map(str::to_owned),
                (None, None) => None,
            }),
        };
        label(self.kind.name(), &about.unwrap_or_default())
    }

    /// Names the component that the trigger comes from. `pointer` is where the trigger stands.
    pub(super) fn link(&self, links: &mut Links<'_>, pointer: &str) {
        if let (Some(kind), Some(component)) = (self.kind.source(), self.source.as_ref().and_then(|source| source.component.as_ref())) {
            let access = if self.kind.is_polled() { Access::Read } else { Access::None };
            links.add(component, &format!("{pointer}/source/component"), "trigger", &[kind], access);
        }
        if let (TriggerType::S3, Some(events)) = (self.kind, &self.s3)
            && links.knows(&events.bucket)
        {
            links.add(&events.bucket, &format!("{pointer}/s3/bucket"), "trigger", &["S3"], Access::Read);
        }
    }

    /// Reports fields that are missing, too many, or of another type.
    pub(super) fn check(&self, check: &mut Check<'_>, pointer: &str) {
        self.check_fields(check, pointer);
        match self.kind {
            TriggerType::S3 if self.s3.is_none() => missing(check, pointer, self.kind, "s3", "`s3: {bucket: …}`"),
            TriggerType::ApiGateway if self.http.is_none() => {
                missing(check, pointer, self.kind, "http", "`http: {method: GET, path: /users}`");
            }
            TriggerType::EventBridge => self.check_rule(check, pointer),
            kind => self.check_source(check, pointer, kind),
        }
        let size = self.batch_size.unwrap_or(10);
        if self.kind == TriggerType::Sqs && size > 10 && self.batch_window_seconds.unwrap_or(0) == 0 {
            let finding = check
                .finding(P1018, &format!("{pointer}/batchSize"), format!("a batch of {size} messages needs time to gather"))
                .help("add `batchWindowSeconds: 1` or more, or take at most 10 messages");
            check.push(finding);
        }
    }

    fn check_source(&self, check: &mut Check<'_>, pointer: &str, kind: TriggerType) {
        if kind.source().is_none() {
            return;
        }
        match self.source.as_ref().map(|source| (source.component.is_some(), source.arn.is_some())) {
            None => missing(check, pointer, kind, "source", "`source: {component: …}`"),
            Some((true, false) | (false, true)) => {}
            Some(_) => check.report(P1017, &format!("{pointer}/source"), "a source is a `component` or an `arn`, exactly one of them"),
        }
    }

    fn check_rule(&self, check: &mut Check<'_>, pointer: &str) {
        if self.schedule.is_some() == self.pattern.is_some() {
            check.report(P1017, pointer, "a trigger of type eventbridge has a `schedule` or a `pattern`, exactly one of them");
        }
        if let Some(text) = self.schedule.as_ref().filter(|text| !text.starts_with("rate(") && !text.starts_with("cron(")) {
            let finding = check
                .finding(P3018, &format!("{pointer}/schedule"), format!("`{text}` is not a schedule that rules of EventBridge take"))
                .help("write it like rate(5 minutes) or cron(0 3 * * ? *), which is three o'clock each night in UTC");
            check.push(finding);
        }
        if self.bus.is_some() {
            let finding = check
                .finding(P1015, &format!("{pointer}/bus"), "event buses beside the account's own are not offered yet")
                .help("take `bus` away to listen on the account's default bus");
            check.push(finding);
        }
        if self.pattern.as_ref().is_some_and(|Tree(pattern)| pattern.is_empty()) {
            check.report(P1013, &format!("{pointer}/pattern"), "the pattern is empty and would match nothing");
        }
    }

    fn check_fields(&self, check: &mut Check<'_>, pointer: &str) {
        let kind = self.kind;
        for (field, given, fits) in [
            ("source", self.source.is_some(), kind.source().is_some()),
            ("batchSize", self.batch_size.is_some(), kind.is_polled()),
            ("batchWindowSeconds", self.batch_window_seconds.is_some(), kind.is_polled()),
            ("maxConcurrency", self.max_concurrency.is_some(), kind == TriggerType::Sqs),
            ("startingPosition", self.starting_position.is_some(), kind.is_stream()),
            ("schedule", self.schedule.is_some(), kind == TriggerType::EventBridge),
            ("pattern", self.pattern.is_some(), kind == TriggerType::EventBridge),
            ("bus", self.bus.is_some(), kind == TriggerType::EventBridge),
            ("http", self.http.is_some(), kind == TriggerType::ApiGateway),
            ("s3", self.s3.is_some(), kind == TriggerType::S3),
            ("filter", !self.filter.is_empty(), kind.source().is_some()),
        ] {
            if given && !fits {
                check.report(P1017, &format!("{pointer}/{field}"), format!("`{field}` is not for a trigger of type {}", kind.name()));
            }
        }
    }
}

fn missing(check: &mut Check<'_>, pointer: &str, kind: TriggerType, field: &str, example: &str) {
    let finding =
        check.finding(P1018, pointer, format!("a trigger of type {} needs `{field}`", kind.name())).help(format!("add {example}"));
    check.push(finding);
}
