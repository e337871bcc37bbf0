//! SNS: a topic and its subscriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Access, Statement};
use super::check::Check;
use super::edge::{Edge, Links};
use super::field::{Ref, Text, Tree};
use super::fifo::Pairing;
use super::kind::{Behaviour, Facts, Output, Principal, Spec};
use super::label::{self, label};
use super::part::Part;
use super::scope::Scope;
use super::{filter, key, statement};
use crate::address::ComponentId;
use crate::diagnostic::codes::manifest::{P1017, P1018, P1019};
use crate::resource::Tier;

/// The spec of a topic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Sns {
    /// Name that subscribers by mail and text message see.
    #[schemars(length(max = 100))]
    display_name: Option<Text>,
    /// Messages keep their order and come once; only FIFO queues can subscribe. A change means replacement.
    fifo_topic: bool,
    /// Messages of equal content within five minutes are one message. Only with `fifoTopic: true`.
    content_based_deduplication: bool,
    /// Encryption at rest.
    encryption: Encryption,
    /// Who gets the messages.
    subscriptions: Vec<Subscription>,
    /// Statements added to the topic's policy, in AWS's form. `Resource` is the topic, unless it is given.
    policy_statements: Vec<Tree>,
}

/// Encryption at rest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Encryption {
    /// Id, ARN or alias of a KMS key; without it messages are not encrypted at rest.
    kms_key_id: Option<Text>,
}

/// Who gets the messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Subscription {
    /// Name of the subscription, unique in the topic; derived from protocol and target when absent.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,39}$"))]
    name: Option<String>,
    /// How messages are delivered.
    protocol: Protocol,
    /// Where to: a URL, mail address, phone number or ARN.
    #[serde(default)]
    endpoint: Option<Text>,
    /// A queue or function of this stack, in place of `endpoint`.
    #[serde(default)]
    component: Option<Ref>,
    /// Only messages that match come through.
    #[serde(default)]
    filter_policy: Option<Tree>,
    /// What the filter is matched against; `MessageAttributes` when absent.
    #[serde(default)]
    filter_policy_scope: Option<FilterScope>,
    /// Deliver the message alone, without SNS's envelope.
    #[serde(default)]
    raw_message_delivery: bool,
    /// Retries of deliveries over HTTP, in AWS's form.
    #[serde(default)]
    delivery_policy: Option<Tree>,
    /// Queue of this stack for messages that could not be delivered.
    #[serde(default)]
    dead_letter_queue: Option<Ref>,
    /// ARN of the role by which SNS writes into a Firehose stream; required there.
    #[serde(default)]
    role_arn: Option<Text>,
}

/// How messages are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Protocol {
    /// POST to a URL.
    Http,
    /// POST to a URL over TLS.
    Https,
    /// Mail, as text.
    Email,
    /// Mail, as JSON.
    EmailJson,
    /// Text message.
    Sms,
    /// SQS queue.
    Sqs,
    /// Lambda function.
    Lambda,
    /// Firehose delivery stream.
    Firehose,
    /// Mobile application.
    Application,
}

/// What a filter is matched against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
enum FilterScope {
    /// The message's attributes.
    MessageAttributes,
    /// The message's body, which must be JSON.
    MessageBody,
}

const READ: &[&str] = &["sns:GetTopicAttributes", "sns:Subscribe"];
const WRITE: &[&str] = &["sns:Publish"];

impl Protocol {
    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Sms => "sms",
            Self::Sqs => "sqs",
            Self::Lambda => "lambda",
            Self::Firehose => "firehose",
            Self::Application => "application",
        }
    }

    /// The kind of component that can stand in place of an endpoint.
    fn kind(self) -> Option<&'static str> {
        match self {
            Self::Sqs => Some("SQS"),
            Self::Lambda => Some("Lambda"),
            _ => None,
        }
    }

    fn takes_raw(self) -> bool {
        matches!(self, Self::Http | Self::Https | Self::Sqs | Self::Firehose)
    }
}

impl FilterScope {
    fn name(self) -> &'static str {
        match self {
            Self::MessageAttributes => "MessageAttributes",
            Self::MessageBody => "MessageBody",
        }
    }
}

impl Subscription {
    /// Its name in a topic: given, or protocol and target.
    fn name(&self, of: &ComponentId) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let target = match (&self.component, &self.endpoint) {
            (Some(component), _) => label::component(component.as_str(), of).to_owned(),
            (None, Some(endpoint)) => label::text(&endpoint.value()),
            (None, None) => String::new(),
        };
        label(self.protocol.name(), &target)
    }
}

impl Sns {
    /// Whether messages keep their order.
    pub(super) fn is_fifo(&self) -> bool {
        self.fifo_topic
    }
}

impl Spec for Sns {
    const FACTS: Facts = {
        let mut facts = Facts::new("SNS", "A topic");
        facts.outputs = &[Output::text("arn", "ARN of the topic").or(&["topicArn"]), Output::text("name", "physical name of the topic")];
        facts
    };
}

impl Behaviour for Sns {
    fn check(&self, check: &mut Check<'_>) {
        if self.content_based_deduplication && !self.fifo_topic {
            let finding = check
                .finding(P1018, "/contentBasedDeduplication", "`contentBasedDeduplication` is for FIFO topics")
                .help("add `fifoTopic: true`, or take the field away");
            check.push(finding);
        }
        for (n, subscription) in self.subscriptions.iter().enumerate() {
            subscription.check(check, &format!("/subscriptions/{n}"), self.fifo_topic);
        }
        let names: Vec<String> = self.subscriptions.iter().map(|subscription| subscription.name(&check.component().id)).collect();
        check.unique(P1019, "/subscriptions", "subscription", names.iter().map(String::as_str));
        statement::check(check, "/policyStatements", &self.policy_statements);
    }

    fn links(&self, links: &mut Links<'_>) {
        for (n, subscription) in self.subscriptions.iter().enumerate() {
            if let (Some(component), Some(kind)) = (&subscription.component, subscription.protocol.kind()) {
                links.add(component, &format!("/subscriptions/{n}/component"), "subscription", &[kind], Access::Write);
            }
            if let Some(queue) = &subscription.dead_letter_queue {
                links.add(queue, &format!("/subscriptions/{n}/deadLetterQueue"), "dead-letter-queue", &["SQS"], Access::Write);
            }
        }
    }

    fn access(&self, _this: &Part<'_>, _consumer: &Part<'_>) -> Access {
        Access::Write
    }

    fn grant(&self, this: &Part<'_>, edge: &Edge) -> Vec<Statement> {
        let own = Statement::allow("", edge.access.actions(READ, WRITE), vec![this.reference("topic", "TopicArn")]);
        std::iter::once(own).chain(key::grant(self.encryption.kms_key_id.as_ref(), edge.access)).collect()
    }

    fn principal(&self, this: &Part<'_>, _provider: &ComponentId) -> Option<Principal> {
        Some(Principal { service: "sns.amazonaws.com", sources: vec![this.reference("topic", "TopicArn")] })
    }

    fn translate(&self, scope: &mut Scope<'_, '_>) {
        let mut topic = scope
            .main("topic", "AWS::SNS::Topic")
            .from_some("DisplayName", "/displayName", self.display_name.as_ref())
            .from_some("KmsMasterKeyId", "/encryption/kmsKeyId", self.encryption.kms_key_id.as_ref());
        if self.fifo_topic {
            topic = topic
                .set("FifoTopic", true)
                .from("ContentBasedDeduplication", "/contentBasedDeduplication", self.content_based_deduplication)
                .fifo();
        }
        let arn = topic.reference("TopicArn");
        scope.output("name", topic.reference("TopicName"));
        scope.output("arn", arn.clone());
        scope.add(topic);
        for (n, subscription) in self.subscriptions.iter().enumerate() {
            subscribe(scope, &arn, subscription, &format!("/subscriptions/{n}"));
        }
        if let Some(policy) = statement::policy(scope, WRITE, std::slice::from_ref(&arn), Vec::new(), &self.policy_statements) {
            scope.add(policy.put(scope.draft("policy", "AWS::SNS::TopicInlinePolicy").unnamed().set("TopicArn", arn)));
        }
    }
}

impl Subscription {
    fn check(&self, check: &mut Check<'_>, pointer: &str, fifo: bool) {
        let protocol = self.protocol.name();
        match (&self.endpoint, &self.component) {
            (Some(_), Some(_)) => {
                check.report(P1017, &format!("{pointer}/component"), "a subscription has an `endpoint` or a `component`, not both");
            }
            (None, None) => {
                let finding =
                    check.finding(P1017, pointer, "the subscription does not say where messages go").help(match self.protocol.kind() {
                        Some(kind) => format!("add `component` with the name of a component of kind {kind}, or `endpoint` with an ARN"),
                        None => format!("add `endpoint` with what protocol {protocol} delivers to"),
                    });
                check.push(finding);
            }
            (None, Some(component)) if self.protocol.kind().is_none() => {
                let finding = check
                    .finding(
                        P1017,
                        &format!("{pointer}/component"),
                        format!("protocol {protocol} delivers to an endpoint, not to `{}`", component.as_str()),
                    )
                    .help("name an `endpoint`; components can be named with the protocols sqs and lambda");
                check.push(finding);
            }
            _ => {}
        }
        match (self.protocol == Protocol::Firehose, &self.role_arn) {
            (true, None) => {
                let finding = check
                    .finding(P1018, pointer, "a Firehose stream takes messages only under a role that may write into it")
                    .help("add `roleArn`: a role that `sns.amazonaws.com` may assume, with firehose:PutRecord and PutRecordBatch on the stream");
                check.push(finding);
            }
            (false, Some(_)) => {
                check.report(P1017, &format!("{pointer}/roleArn"), format!("a role is for protocol firehose, not for {protocol}"));
            }
            _ => {}
        }
        if fifo && self.protocol != Protocol::Sqs {
            let finding = check
                .finding(P1017, &format!("{pointer}/protocol"), format!("a FIFO topic delivers to queues only, not by {protocol}"))
                .help("put a queue between: subscribe the queue, and let the function or service read it");
            check.push(finding);
        }
        if let Some(Tree(policy)) = &self.filter_policy {
            let in_body = self.filter_policy_scope == Some(FilterScope::MessageBody);
            filter::check(check, &format!("{pointer}/filterPolicy"), policy, in_body);
        }
        if self.filter_policy_scope.is_some() && self.filter_policy.is_none() {
            check.report(
                P1018,
                &format!("{pointer}/filterPolicyScope"),
                "`filterPolicyScope` says how `filterPolicy` is matched, and there is none",
            );
        }
        if self.raw_message_delivery && !self.protocol.takes_raw() {
            check.report(P1017, &format!("{pointer}/rawMessageDelivery"), format!("protocol {protocol} has no raw delivery"));
        }
        if self.delivery_policy.is_some() && !matches!(self.protocol, Protocol::Http | Protocol::Https) {
            check.report(
                P1017,
                &format!("{pointer}/deliveryPolicy"),
                format!("a delivery policy is for http and https, not for {protocol}"),
            );
        }
    }
}

fn subscribe(scope: &mut Scope<'_, '_>, topic: &Value, subscription: &Subscription, pointer: &str) {
    let name = subscription.name(scope.id());
    let target = subscription.component.as_ref().and_then(|component| scope.target(component));
    let endpoint = match (subscription.protocol, target) {
        (Protocol::Sqs, Some(queue)) => {
            scope.check_pair(Pairing::Subscription, scope.part(), queue, &format!("{pointer}/component"));
            Some(queue.reference("queue", "Arn"))
        }
        (Protocol::Lambda, Some(function)) => Some(function.reference("function", "Arn")),
        (_, Some(_)) => None,
        (_, None) => subscription.endpoint.as_ref().map(Value::from),
    };
    let Some(endpoint) = endpoint else { return };
    let mut draft = scope
        .draft(&format!("subscription.{name}"), "AWS::SNS::Subscription")
        .tier(Tier::Run)
        .set("TopicArn", topic.clone())
        .from("Protocol", &format!("{pointer}/protocol"), subscription.protocol.name())
        .from("Endpoint", &format!("{pointer}/endpoint"), endpoint.clone())
        .set_if(subscription.protocol.takes_raw(), "RawMessageDelivery", subscription.raw_message_delivery)
        .from_some(
            "FilterPolicy",
            &format!("{pointer}/filterPolicy"),
            subscription.filter_policy.clone().map(|Tree(policy)| Value::Object(policy)),
        )
        .set_some("FilterPolicyScope", subscription.filter_policy_scope.map(FilterScope::name))
        .from_some(
            "DeliveryPolicy",
            &format!("{pointer}/deliveryPolicy"),
            subscription.delivery_policy.clone().map(|Tree(policy)| Value::Object(policy)),
        );
    draft = draft.from_some("SubscriptionRoleArn", &format!("{pointer}/roleArn"), subscription.role_arn.as_ref());
    if let Some(queue) = subscription.dead_letter_queue.as_ref().and_then(|queue| scope.target(queue)) {
        scope.check_pair(Pairing::DeadLetters, scope.part(), queue, &format!("{pointer}/deadLetterQueue"));
        draft = draft.set("RedrivePolicy", json!({ "deadLetterTargetArn": queue.reference("queue", "Arn") }));
    }
    scope.add(draft);
    // Who may call a function of another stack is said there.
    if subscription.protocol == Protocol::Lambda && target.is_some() {
        let permission = scope
            .draft(&format!("permission.{name}"), "AWS::Lambda::Permission")
            .set("Action", "lambda:InvokeFunction")
            .set("FunctionName", endpoint)
            .set("Principal", "sns.amazonaws.com")
            .set("SourceArn", topic.clone())
            .tier(Tier::Wiring);
        scope.add(permission);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::components::tests::{addresses, checked, findings, get};

    #[test]
    fn a_topic_with_nothing_said() {
        let translated = checked(&[("orders/events", "SNS", json!({}))]);
        assert_eq!(addresses(&translated), ["orders/events/topic"]);
        assert_eq!(get(&translated, "orders/events/topic").properties["TopicName"], "shop-dev-orders-events");
        assert_eq!(translated.outputs["orders/events.arn"], json!({"$ref": "orders/events/topic", "attribute": "TopicArn"}));
    }

    #[test]
    fn a_subscribed_queue_lets_the_topic_in() {
        let subscriptions = json!([
            {"protocol": "sqs", "component": "mail/queue", "rawMessageDelivery": true, "filterPolicy": {"type": ["created"]}, "deadLetterQueue": "dead"},
            {"protocol": "email", "endpoint": "ops@example.com"},
            {"name": "hook", "protocol": "https", "endpoint": {"$join": ["https://", {"$output": "mail/queue.name"}, ".example.com"]},
             "deliveryPolicy": {"healthyRetryPolicy": {"numRetries": 5}}}
        ]);
        let translated = checked(&[
            ("orders/events", "SNS", json!({"displayName": "Orders", "subscriptions": subscriptions})),
            ("mail/queue", "SQS", json!({})),
            ("orders/dead", "SQS", json!({})),
        ]);
        assert_eq!(
            addresses(&translated),
            [
                "mail/queue/policy",
                "mail/queue/queue",
                "orders/dead/policy",
                "orders/dead/queue",
                "orders/events/subscription.email-ops-example-com",
                "orders/events/subscription.hook",
                "orders/events/subscription.sqs-mail-queue",
                "orders/events/topic"
            ]
        );
        let subscription = get(&translated, "orders/events/subscription.sqs-mail-queue");
        assert_eq!(
            json!(subscription.properties),
            json!({
                "Endpoint": {"$ref": "mail/queue/queue", "attribute": "Arn"}, "FilterPolicy": {"type": ["created"]}, "Protocol": "sqs",
                "RawMessageDelivery": true, "RedrivePolicy": {"deadLetterTargetArn": {"$ref": "orders/dead/queue", "attribute": "Arn"}},
                "TopicArn": {"$ref": "orders/events/topic", "attribute": "TopicArn"}
            })
        );
        let waits: Vec<&str> = subscription.depends_on.iter().map(|address| address.as_str()).collect();
        assert_eq!(waits, ["mail/queue/policy", "mail/queue/queue", "orders/dead/policy", "orders/dead/queue", "orders/events/topic"]);
        assert_eq!(
            get(&translated, "mail/queue/policy").properties["PolicyDocument"]["Statement"],
            json!([{
                "Action": "sqs:SendMessage",
                "Condition": {"ArnEquals": {"aws:SourceArn": {"$ref": "orders/events/topic", "attribute": "TopicArn"}}},
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Resource": {"$ref": "mail/queue/queue", "attribute": "Arn"},
                "Sid": "OrdersEvents"
            }])
        );
    }

    #[test]
    fn a_fifo_topic_delivers_to_fifo_queues() {
        let translated = checked(&[
            (
                "a/t",
                "SNS",
                json!({"fifoTopic": true, "contentBasedDeduplication": true, "subscriptions": [{"protocol": "sqs", "component": "q"}]}),
            ),
            ("a/q", "SQS", json!({"type": "fifo"})),
        ]);
        let topic = &get(&translated, "a/t/topic").properties;
        assert_eq!(topic["TopicName"], "shop-dev-a-t.fifo");
        assert_eq!(topic["FifoTopic"], true);
        assert_eq!(
            findings(&[
                ("a/t", "SNS", json!({"subscriptions": [{"protocol": "sqs", "component": "q"}]})),
                ("a/q", "SQS", json!({"type": "fifo"})),
            ]),
            [("P2016", "/subscriptions/0/component".to_owned())]
        );
        assert_eq!(
            findings(&[("a/t", "SNS", json!({"fifoTopic": true, "subscriptions": [{"protocol": "sms", "endpoint": "+49301234567"}]}))]),
            [("P1017", "/subscriptions/0/protocol".to_owned())]
        );
    }

    #[test]
    fn subscriptions_that_say_too_much_or_too_little_are_reported() {
        let subscriptions = json!([
            {"protocol": "sqs"},
            {"protocol": "email", "component": "q"},
            {"name": "both", "protocol": "sqs", "component": "q", "endpoint": "arn:x"},
            {"name": "both", "protocol": "https", "endpoint": "https://example.com", "filterPolicyScope": "MessageBody"},
            {"name": "raw", "protocol": "email", "endpoint": "a@example.com", "rawMessageDelivery": true, "deliveryPolicy": {}}
        ]);
        assert_eq!(
            findings(&[
                ("a/t", "SNS", json!({"contentBasedDeduplication": true, "subscriptions": subscriptions})),
                ("a/q", "SQS", json!({}))
            ]),
            [
                ("P1017", "/subscriptions/0".to_owned()),
                ("P1017", "/subscriptions/1/component".to_owned()),
                ("P1017", "/subscriptions/2/component".to_owned()),
                ("P1017", "/subscriptions/4/deliveryPolicy".to_owned()),
                ("P1017", "/subscriptions/4/rawMessageDelivery".to_owned()),
                ("P1018", "/contentBasedDeduplication".to_owned()),
                ("P1018", "/subscriptions/3/filterPolicyScope".to_owned()),
                ("P1019", "/subscriptions/3".to_owned()),
            ]
        );
        assert_eq!(
            findings(&[("a/t", "SNS", json!({"subscriptions": [{"protocol": "lambda", "component": "q"}]})), ("a/q", "SQS", json!({}))]),
            [("P2011", "/subscriptions/0/component".to_owned())]
        );
    }
}
