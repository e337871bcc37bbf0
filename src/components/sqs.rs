//! SQS: a queue, with a dead-letter queue of its own or another component's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Access, Statement};
use super::check::Check;
use super::draft::Draft;
use super::edge::{Edge, Links};
use super::field::{Ref, Text, Tree};
use super::fifo::Pairing;
use super::kind::{Behaviour, Facts, Output, Spec};
use super::part::Part;
use super::scope::Scope;
use super::{key, statement};
use crate::diagnostic::codes::aws::{P3028, P3045};
use crate::diagnostic::codes::manifest::{P1017, P1018};

/// The spec of a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Sqs {
    /// Whether messages keep their order and come once (`fifo`) or not (`standard`). A change means replacement.
    #[serde(rename = "type")]
    order: Order,
    /// Seconds that a message is kept.
    #[schemars(range(min = 60, max = 1_209_600))]
    message_retention_period: u32,
    /// Seconds that a received message stays hidden from other receivers; at least the time that its work takes.
    #[schemars(range(max = 43_200))]
    visibility_timeout: u32,
    /// Bytes that a message may have.
    #[schemars(range(min = 1024, max = 1_048_576))]
    max_message_size: u32,
    /// Seconds that a receive waits for a message; more than 0 is long polling.
    #[schemars(range(max = 20))]
    receive_wait_time: u32,
    /// Seconds before a new message can be received.
    #[schemars(range(max = 900))]
    delay_seconds: u32,
    /// Where messages go that were received too often.
    dead_letter_queue: DeadLetterQueue,
    /// Messages of equal content within five minutes are one message. Only with `type: fifo`.
    content_based_deduplication: bool,
    /// Where a deduplication id must be unique. Only with `type: fifo`.
    deduplication_scope: DeduplicationScope,
    /// What the throughput quota counts for. Only with `type: fifo`; `perMessageGroupId` needs `deduplicationScope: messageGroup`.
    fifo_throughput_limit: ThroughputLimit,
    /// Encryption at rest.
    encryption: Encryption,
    /// Statements added to the queue's policy, in AWS's form. `Resource` is the queue, unless it is given.
    policy_statements: Vec<Tree>,
}

impl Default for Sqs {
    fn default() -> Self {
        Self {
            order: Order::Standard,
            message_retention_period: 345_600,
            visibility_timeout: 30,
            max_message_size: 262_144,
            receive_wait_time: 0,
            delay_seconds: 0,
            dead_letter_queue: DeadLetterQueue::default(),
            content_based_deduplication: false,
            deduplication_scope: DeduplicationScope::Queue,
            fifo_throughput_limit: ThroughputLimit::PerQueue,
            encryption: Encryption::default(),
            policy_statements: Vec::new(),
        }
    }
}

/// Order of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// Nearly any order, at least once.
    Standard,
    /// The order of sending within a group, once.
    Fifo,
}

/// Where a deduplication id must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum DeduplicationScope {
    /// In the whole queue.
    Queue,
    /// In its message group.
    MessageGroup,
}

/// What the throughput quota of a FIFO queue counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum ThroughputLimit {
    /// For the queue.
    PerQueue,
    /// For each message group.
    PerMessageGroupId,
}

/// Where messages go that were received too often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct DeadLetterQueue {
    /// Make one beside the queue.
    enabled: bool,
    /// How often a message is received before it goes there.
    #[schemars(range(min = 1, max = 1000))]
    max_receive_count: u32,
    /// Seconds that a message is kept there, 1209600 by default.
    #[schemars(range(min = 60, max = 1_209_600))]
    retention_period: Option<u32>,
    /// Use this queue instead, of the same type.
    component: Option<Ref>,
}

impl Default for DeadLetterQueue {
    fn default() -> Self {
        Self { enabled: false, max_receive_count: 5, retention_period: None, component: None }
    }
}

/// Encryption at rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Encryption {
    /// Encrypt.
    enabled: bool,
    /// Id, ARN or alias of a KMS key; without it SQS keeps the key.
    kms_key_id: Option<Text>,
}

impl Default for Encryption {
    fn default() -> Self {
        Self { enabled: true, kms_key_id: None }
    }
}

pub(super) const READ: &[&str] =
    &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"];
const WRITE: &[&str] = &["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"];

impl Spec for Sqs {
    const FACTS: Facts = {
        let mut facts = Facts::new("SQS", "A queue");
        facts.outputs = &[
            Output::text("url", "URL of the queue").or(&["queueUrl"]),
            Output::text("arn", "ARN of the queue"),
            Output::text("name", "physical name of the queue"),
            Output::text("deadLetterQueueUrl", "URL of the dead-letter queue, own or other"),
            Output::text("deadLetterQueueArn", "ARN of the dead-letter queue, own or other"),
        ];
        facts
    };
}

impl Sqs {
    /// Whether messages keep their order.
    pub(super) fn is_fifo(&self) -> bool {
        self.order == Order::Fifo
    }

    /// Seconds that a received message stays hidden.
    pub(super) fn visibility_timeout(&self) -> u32 {
        self.visibility_timeout
    }

    /// The properties that the queue and its dead-letter queue have in common.
    fn common(&self, draft: Draft) -> Draft {
        let draft = match (&self.encryption.kms_key_id, self.encryption.enabled) {
            (Some(key), true) => draft.from("KmsMasterKeyId", "/encryption/kmsKeyId", key),
            (_, managed) => draft.set("SqsManagedSseEnabled", managed),
        };
        if self.is_fifo() { draft.set("FifoQueue", true).fifo() } else { draft }
    }

    /// Reports a key that services which send to the queue cannot use.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services>
    fn check_key(&self, scope: &mut Scope<'_, '_>) {
        let Some(key) = self.encryption.kms_key_id.as_ref().filter(|_| self.encryption.enabled) else { return };
        let senders = scope.principals();
        let Some((_, sender, principal)) = senders.first() else { return };
        let (service, sender) = (principal.service, sender.id());
        let own = key.literal().is_some_and(|text| text.ends_with("alias/aws/sqs"));
        let finding = if own {
            let message =
                format!("`{sender}` never delivers to the queue: {service} may not use the key alias/aws/sqs, and nobody can let it");
            scope
                .finding(P3028, "/encryption/kmsKeyId", message)
                .help("take the key away, so that SQS keeps one, or give a key of your own")
        } else {
            let message = format!("`{sender}` delivers to the queue only if the policy of its key lets {service} use it");
            scope
                .finding(P3045, "/encryption/kmsKeyId", message)
                .help(format!("allow kms:GenerateDataKey* and kms:Decrypt to the service {service} in the policy of the key"))
        };
        scope.push(finding);
    }

    /// The queue for messages that were received too often: its address, and the references to its ARN and URL.
    fn dead_letters(&self, scope: &mut Scope<'_, '_>) -> Option<(Value, Value)> {
        let letters = &self.dead_letter_queue;
        if let Some(other) = &letters.component {
            let queue = scope.target(other)?;
            queue.spec::<Self>()?;
            scope.check_pair(Pairing::DeadLetters, scope.part(), queue, "/deadLetterQueue/component");
            return Some((queue.reference("queue", "Arn"), queue.reference("queue", "QueueUrl")));
        }
        if !letters.enabled {
            return None;
        }
        let draft = self.common(scope.draft("dead-letter-queue", "AWS::SQS::Queue")).from(
            "MessageRetentionPeriod",
            "/deadLetterQueue/retentionPeriod",
            letters.retention_period.unwrap_or(1_209_600),
        );
        let found = (draft.reference("Arn"), draft.reference("QueueUrl"));
        scope.add(draft);
        Some(found)
    }
}

impl Behaviour for Sqs {
    fn check(&self, check: &mut Check<'_>) {
        if !self.is_fifo() {
            for (pointer, given) in [
                ("/contentBasedDeduplication", self.content_based_deduplication),
                ("/deduplicationScope", self.deduplication_scope != DeduplicationScope::Queue),
                ("/fifoThroughputLimit", self.fifo_throughput_limit != ThroughputLimit::PerQueue),
            ] {
                if given {
                    let finding = check
                        .finding(P1018, pointer, format!("`{}` is for FIFO queues", &pointer[1..]))
                        .help("add `type: fifo`, or take the field away");
                    check.push(finding);
                }
            }
        } else if self.fifo_throughput_limit == ThroughputLimit::PerMessageGroupId && self.deduplication_scope == DeduplicationScope::Queue
        {
            let finding = check
                .finding(P1018, "/fifoThroughputLimit", "a throughput limit per message group needs deduplication per message group")
                .help("add `deduplicationScope: messageGroup`");
            check.push(finding);
        }
        let letters = &self.dead_letter_queue;
        if letters.component.is_some() && letters.retention_period.is_some() {
            let finding = check
                .finding(
                    P1017,
                    "/deadLetterQueue/retentionPeriod",
                    "the dead-letter queue is another component, which has its own retention",
                )
                .help("set `messageRetentionPeriod` there");
            check.push(finding);
        }
        if !self.encryption.enabled && self.encryption.kms_key_id.is_some() {
            let finding = check
                .finding(P1017, "/encryption/kmsKeyId", "a key is given and encryption is off")
                .help("take `enabled: false` away, or the key");
            check.push(finding);
        }
        statement::check(check, "/policyStatements", &self.policy_statements);
    }

    fn links(&self, links: &mut Links<'_>) {
        if let Some(other) = &self.dead_letter_queue.component {
            links.add(other, "/deadLetterQueue/component", "dead-letter-queue", &["SQS"], Access::None);
        }
    }

    fn access(&self, _this: &Part<'_>, consumer: &Part<'_>) -> Access {
        // What a worker only reads it names as its `queue`, or in `dependsOn` with that access.
        if consumer.kind() == "Worker" { Access::ReadWrite } else { Access::Write }
    }

    fn grant(&self, this: &Part<'_>, edge: &Edge) -> Vec<Statement> {
        let letters = edge.outputs.iter().any(|name| name.replace('_', "").to_ascii_lowercase().starts_with("deadletterqueue"));
        let mut queues = vec![this.reference("queue", "Arn")];
        queues.extend(letters.then(|| this.output("deadLetterQueueArn")));
        let own = Statement::allow("", edge.access.actions(READ, WRITE), queues);
        std::iter::once(own).chain(key::grant(self.encryption.kms_key_id.as_ref(), edge.access)).collect()
    }

    fn translate(&self, scope: &mut Scope<'_, '_>) {
        self.check_key(scope);
        let letters = self.dead_letters(scope);
        let redrive = letters
            .as_ref()
            .map(|(arn, _)| json!({ "deadLetterTargetArn": arn, "maxReceiveCount": self.dead_letter_queue.max_receive_count }));
        let mut queue = self
            .common(scope.main("queue", "AWS::SQS::Queue"))
            .from("DelaySeconds", "/delaySeconds", self.delay_seconds)
            .from("MaximumMessageSize", "/maxMessageSize", self.max_message_size)
            .from("MessageRetentionPeriod", "/messageRetentionPeriod", self.message_retention_period)
            .from("ReceiveMessageWaitTimeSeconds", "/receiveWaitTime", self.receive_wait_time)
            .from("VisibilityTimeout", "/visibilityTimeout", self.visibility_timeout)
            .from_some("RedrivePolicy", "/deadLetterQueue", redrive);
        if self.is_fifo() {
            queue = queue
                .from("ContentBasedDeduplication", "/contentBasedDeduplication", self.content_based_deduplication)
                .from("DeduplicationScope", "/deduplicationScope", self.deduplication_scope.name())
                .from("FifoThroughputLimit", "/fifoThroughputLimit", self.fifo_throughput_limit.name());
        }
        let (arn, url) = (queue.reference("Arn"), queue.reference("QueueUrl"));
        scope.output("name", queue.reference("QueueName"));
        scope.add(queue);
        if let Some(policy) =
            statement::policy(scope, &["sqs:SendMessage"], std::slice::from_ref(&arn), Vec::new(), &self.policy_statements)
        {
            scope.add(policy.put(scope.draft("policy", "AWS::SQS::QueueInlinePolicy").unnamed().set("Queue", url.clone())));
        }
        scope.output("arn", arn);
        scope.output("url", url);
        scope.output_some("deadLetterQueueArn", letters.as_ref().map(|(arn, _)| arn.clone()));
        scope.output_some("deadLetterQueueUrl", letters.map(|(_, url)| url));
    }
}

impl DeduplicationScope {
    fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::MessageGroup => "messageGroup",
        }
    }
}

impl ThroughputLimit {
    fn name(self) -> &'static str {
        match self {
            Self::PerQueue => "perQueue",
            Self::PerMessageGroupId => "perMessageGroupId",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::components::tests::{addresses, checked, findings, get};

    #[test]
    fn a_queue_with_nothing_said_is_a_standard_queue() {
        let translated = checked(&[("orders/jobs", "SQS", json!({}))]);
        assert_eq!(addresses(&translated), ["orders/jobs/queue"]);
        let mut properties = get(&translated, "orders/jobs/queue").properties.clone();
        properties.remove("Tags");
        assert_eq!(
            serde_json::Value::Object(properties),
            json!({
                "DelaySeconds": 0, "MaximumMessageSize": 262_144, "MessageRetentionPeriod": 345_600, "QueueName": "shop-dev-orders-jobs",
                "ReceiveMessageWaitTimeSeconds": 0, "SqsManagedSseEnabled": true, "VisibilityTimeout": 30
            })
        );
        assert_eq!(translated.outputs["orders/jobs.url"], json!({"$ref": "orders/jobs/queue", "attribute": "QueueUrl"}));
        assert!(!translated.outputs.contains_key("orders/jobs.deadLetterQueueArn"));
    }

    #[test]
    fn a_fifo_queue_and_its_dead_letters() {
        let translated = checked(&[(
            "orders/jobs",
            "SQS",
            json!({
                "type": "fifo", "contentBasedDeduplication": true, "deduplicationScope": "messageGroup", "fifoThroughputLimit": "perMessageGroupId",
                "deadLetterQueue": {"enabled": true, "maxReceiveCount": 3, "retentionPeriod": 600}, "encryption": {"kmsKeyId": "alias/x"},
                "policyStatements": [{"Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}]
            }),
        )]);
        let queue = &get(&translated, "orders/jobs/queue").properties;
        assert_eq!(queue["QueueName"], "shop-dev-orders-jobs.fifo");
        assert_eq!(queue["FifoThroughputLimit"], "perMessageGroupId");
        assert_eq!(queue["DeduplicationScope"], "messageGroup");
        assert_eq!(queue["KmsMasterKeyId"], "alias/x");
        assert_eq!(queue.get("SqsManagedSseEnabled"), None);
        assert_eq!(
            queue["RedrivePolicy"],
            json!({"deadLetterTargetArn": {"$ref": "orders/jobs/dead-letter-queue", "attribute": "Arn"}, "maxReceiveCount": 3})
        );
        let letters = &get(&translated, "orders/jobs/dead-letter-queue").properties;
        assert_eq!(letters["QueueName"], "shop-dev-orders-jobs-dead-letter-queue.fifo");
        assert_eq!(letters["MessageRetentionPeriod"], 600);
        let policy = &get(&translated, "orders/jobs/policy").properties;
        assert_eq!(
            policy["PolicyDocument"]["Statement"],
            json!([{
                "Action": "sqs:SendMessage", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                "Resource": {"$ref": "orders/jobs/queue", "attribute": "Arn"}
            }])
        );
    }

    #[test]
    fn messages_can_go_to_another_component() {
        let translated =
            checked(&[("orders/jobs", "SQS", json!({"deadLetterQueue": {"component": "failed"}})), ("orders/failed", "SQS", json!({}))]);
        assert_eq!(addresses(&translated), ["orders/failed/queue", "orders/jobs/queue"]);
        let queue = get(&translated, "orders/jobs/queue");
        assert_eq!(queue.properties["RedrivePolicy"]["deadLetterTargetArn"]["$ref"], "orders/failed/queue");
        assert_eq!(queue.depends_on, ["orders/failed/queue".parse().unwrap()]);
        assert_eq!(translated.outputs["orders/jobs.deadLetterQueueUrl"]["$ref"], "orders/failed/queue");
    }

    #[test]
    fn fields_of_fifo_queues_are_reported_on_a_standard_one() {
        assert_eq!(
            findings(&[("a/q", "SQS", json!({"contentBasedDeduplication": true, "fifoThroughputLimit": "perMessageGroupId"}))]),
            [("P1018", "/contentBasedDeduplication".to_owned()), ("P1018", "/fifoThroughputLimit".to_owned())]
        );
        assert_eq!(
            findings(&[("a/q", "SQS", json!({"type": "fifo", "fifoThroughputLimit": "perMessageGroupId"}))]),
            [("P1018", "/fifoThroughputLimit".to_owned())]
        );
    }

    #[test]
    fn a_dead_letter_queue_of_another_type_is_reported() {
        let other = ("a/dead", "SQS", json!({"type": "fifo"}));
        assert_eq!(
            findings(&[("a/q", "SQS", json!({"deadLetterQueue": {"component": "dead"}})), other.clone()]),
            [("P2016", "/deadLetterQueue/component".to_owned())]
        );
        let both = json!({"type": "fifo", "deadLetterQueue": {"component": "dead", "retentionPeriod": 60}});
        assert_eq!(findings(&[("a/q", "SQS", both), other]), [("P1017", "/deadLetterQueue/retentionPeriod".to_owned())]);
        assert_eq!(
            findings(&[("a/q", "SQS", json!({"deadLetterQueue": {"component": "t"}})), ("a/t", "SNS", json!({}))]),
            [("P2011", "/deadLetterQueue/component".to_owned())]
        );
    }

    #[test]
    fn statements_of_no_policy_are_reported() {
        let statements =
            json!([{"effect": "Allow", "Action": "sqs:*"}, {"Principal": "*", "Action": "x", "NotAction": "y", "Effect": "Maybe"}]);
        assert_eq!(
            findings(&[("a/q", "SQS", json!({"policyStatements": statements, "encryption": {"enabled": false, "kmsKeyId": "x"}}))]),
            [
                ("P1010", "/policyStatements/0/effect".to_owned()),
                ("P1012", "/policyStatements/0".to_owned()),
                ("P1013", "/policyStatements/1/Effect".to_owned()),
                ("P1017", "/encryption/kmsKeyId".to_owned()),
                ("P1017", "/policyStatements/1/NotAction".to_owned()),
            ]
        );
    }
}
