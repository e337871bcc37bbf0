//! Triggers that call the function: topics, rules and HTTP APIs.

use serde_json::{Value, json};

use super::Lambda;
use super::trigger::{BucketEvents, Trigger, TriggerType};
use crate::components::draft::Draft;
use crate::components::field::Tree;
use crate::components::fifo::Pairing;
use crate::components::scope::Scope;
use crate::components::wiring::arn;
use crate::resource::{Tier, join};

impl Lambda {
    /// Adds what calls the function, and gives the URL of its HTTP API if it has one.
    pub(super) fn triggered(&self, scope: &mut Scope<'_, '_>, function: &Value) -> Option<Value> {
        let mut api: Option<Api> = None;
        for (n, trigger) in self.triggers.iter().enumerate() {
            let pointer = format!("/triggers/{n}");
            match trigger.kind {
                TriggerType::Sqs | TriggerType::DynamoDb | TriggerType::Kinesis => self.poll(scope, trigger, &pointer, function),
                TriggerType::Sns => subscribe(scope, trigger, &pointer, function),
                TriggerType::S3 | TriggerType::EventBridge => rule(scope, trigger, &pointer, function),
                TriggerType::ApiGateway => {
                    let api = api.get_or_insert_with(|| Api::make(scope, function));
                    api.route(scope, trigger, &pointer, function);
                }
            }
        }
        api.map(|api| api.endpoint)
    }
}

/// Lets a service call the function for one of its resources.
fn permit(scope: &mut Scope<'_, '_>, name: &str, function: &Value, principal: &str, source: Value) {
    let draft = scope
        .draft(&format!("permission.{name}"), "AWS::Lambda::Permission")
        .set("Action", "lambda:InvokeFunction")
        .set("FunctionName", function.clone())
        .set("Principal", principal)
        .set("SourceArn", source)
        .tier(Tier::Wiring);
    scope.add(draft);
}

fn subscribe(scope: &mut Scope<'_, '_>, trigger: &Trigger, pointer: &str, function: &Value) {
    let Some(source) = &trigger.source else { return };
    let component = source.component.as_ref().and_then(|component| scope.target(component));
    if let Some(topic) = component {
        scope.check_pair(Pairing::Call, topic, scope.part(), &format!("{pointer}/source/component"));
    }
    let topic = component.map(|part| part.reference("topic", "TopicArn")).or_else(|| source.arn.as_ref().map(Value::from));
    let Some(topic) = topic else { return };
    let filter = match trigger.filter.as_slice() {
        [] => None,
        [Tree(only)] => Some(Value::Object(only.clone())),
        several => Some(json!({ "$or": several })),
    };
    let name = trigger.name(scope.id());
    let draft = scope
        .draft(&format!("subscription.{name}"), "AWS::SNS::Subscription")
        .set("Endpoint", function.clone())
        .from_some("FilterPolicy", &format!("{pointer}/filter"), filter)
        .set("Protocol", "lambda")
        .from("TopicArn", &format!("{pointer}/source"), topic.clone())
        .tier(Tier::Run);
    scope.add(draft);
    permit(scope, &name, function, "sns.amazonaws.com", topic);
}

fn rule(scope: &mut Scope<'_, '_>, trigger: &Trigger, pointer: &str, function: &Value) {
    let pattern = match (&trigger.s3, &trigger.pattern) {
        (Some(events), _) if trigger.kind == TriggerType::S3 => Some(bucket_pattern(scope, events)),
        (_, Some(Tree(pattern))) => Some(Value::Object(pattern.clone())),
        _ => None,
    };
    let name = trigger.name(scope.id());
    let draft = scope
        .draft(&format!("rule.{name}"), "AWS::Events::Rule")
        .from_some("EventPattern", &format!("{pointer}/pattern"), pattern)
        .from_some("ScheduleExpression", &format!("{pointer}/schedule"), trigger.schedule.clone())
        .set("State", "ENABLED")
        .set("Targets", json!([{ "Arn": function, "Id": "function" }]));
    let arn = draft.reference("Arn");
    scope.add(draft);
    permit(scope, &name, function, "events.amazonaws.com", arn);
}

/// The pattern of events of a bucket.
fn bucket_pattern(scope: &Scope<'_, '_>, events: &BucketEvents) -> Value {
    let bucket = match scope.target(&events.bucket) {
        Some(part) => part.reference("bucket", "BucketName"),
        None => json!(events.bucket.as_str()),
    };
    let mut detail = json!({ "bucket": { "name": [bucket] } });
    // Matchers in a list are alternatives, so both ends at once take one wildcard.
    let key = match (&events.prefix, &events.suffix) {
        (None, None) => None,
        (Some(prefix), None) => Some(json!({ "prefix": prefix })),
        (None, Some(suffix)) => Some(json!({ "suffix": suffix })),
        (Some(prefix), Some(suffix)) => Some(json!({ "wildcard": format!("{}*{}", escaped(prefix), escaped(suffix)) })),
    };
    if let Some(key) = key {
        detail["object"] = json!({ "key": [key] });
    }
    json!({ "detail": detail, "detail-type": events.events, "source": ["aws.s3"] })
}

/// Text in which a wildcard stands for itself.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('*', "\\*")
}

/// The HTTP API of a function.
struct Api {
    id: Value,
    endpoint: Value,
    target: Value,
}

impl Api {
    fn make(scope: &mut Scope<'_, '_>, function: &Value) -> Self {
        let api = scope.draft("api", "AWS::ApiGatewayV2::Api").set("ProtocolType", "HTTP");
        let (id, endpoint) = (api.reference("ApiId"), api.reference("ApiEndpoint"));
        scope.add(api);
        let stage = scope
            .draft("api-stage", "AWS::ApiGatewayV2::Stage")
            .set("ApiId", id.clone())
            .set("AutoDeploy", true)
            .set("StageName", "$default")
            .tier(Tier::Run);
        scope.add(stage);
        let integration = scope
            .draft("api-integration", "AWS::ApiGatewayV2::Integration")
            .set("ApiId", id.clone())
            .set("IntegrationType", "AWS_PROXY")
            .set("IntegrationUri", function.clone())
            .set("PayloadFormatVersion", "2.0");
        let target = join([json!("integrations/"), integration.reference("IntegrationId")]);
        scope.add(integration);
        Self { id, endpoint, target }
    }

    fn route(&self, scope: &mut Scope<'_, '_>, trigger: &Trigger, pointer: &str, function: &Value) {
        let Some(http) = &trigger.http else { return };
        let name = trigger.name(scope.id());
        let draft: Draft = scope
            .draft(&format!("api-route.{name}"), "AWS::ApiGatewayV2::Route")
            .set("ApiId", self.id.clone())
            .from("RouteKey", &format!("{pointer}/http"), http.key())
            .set("Target", self.target.clone())
            .tier(Tier::Run);
        scope.add(draft);
        let source = join([arn("execute-api", ""), self.id.clone(), json!(format!("/*/{}", http.arn()))]);
        permit(scope, &name, function, "apigateway.amazonaws.com", source);
    }
}
