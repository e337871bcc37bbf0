//! Sources that Lambda reads by itself: queues and streams.

use serde_json::{Value, json};

use super::Lambda;
use super::trigger::{StartingPosition, Trigger, TriggerType};
use crate::components::access::{Access, Statement, sid};
use crate::components::dynamodb::{self, DynamoDb};
use crate::components::field::Tree;
use crate::components::resource::{self, AnyType};
use crate::components::scope::Scope;
use crate::components::sqs::{self, Sqs};
use crate::diagnostic::codes::aws::P3044;
use crate::diagnostic::codes::manifest::P1013;
use crate::diagnostic::codes::stack::{P2004, P2011};
use crate::resource::Tier;

impl Lambda {
    /// Adds the mapping of a polled source.
    pub(super) fn poll(&self, scope: &mut Scope<'_, '_>, trigger: &Trigger, pointer: &str, function: &Value) {
        let Some(arn) = self.polled_arn(scope, trigger, pointer) else { return };
        let position = match trigger.starting_position {
            Some(StartingPosition::TrimHorizon) => "TRIM_HORIZON",
            Some(StartingPosition::Latest) | None => "LATEST",
        };
        let filters: Vec<Value> =
            trigger.filter.iter().map(|Tree(filter)| json!({ "Pattern": text(Value::Object(filter.clone())) })).collect();
        let concurrency = trigger.max_concurrency.map(|calls| json!({ "MaximumConcurrency": calls }));
        let draft = scope
            .draft(&format!("event-source.{}", trigger.name(scope.id())), "AWS::Lambda::EventSourceMapping")
            .from("EventSourceArn", &format!("{pointer}/source"), arn)
            .set("FunctionName", function.clone())
            .from("BatchSize", &format!("{pointer}/batchSize"), trigger.batch_size.unwrap_or(10))
            .from("MaximumBatchingWindowInSeconds", &format!("{pointer}/batchWindowSeconds"), trigger.batch_window_seconds.unwrap_or(0))
            .from_some("ScalingConfig", &format!("{pointer}/maxConcurrency"), concurrency)
            .from_some("FilterCriteria", &format!("{pointer}/filter"), (!filters.is_empty()).then(|| json!({ "Filters": filters })))
            .set_if(trigger.kind.is_stream(), "StartingPosition", position)
            .tier(Tier::Run);
        scope.add(draft);
    }

    /// The ARN of what is polled; a source that cannot be is reported.
    fn polled_arn(&self, scope: &mut Scope<'_, '_>, trigger: &Trigger, pointer: &str) -> Option<Value> {
        let source = trigger.source.as_ref()?;
        let Some(component) = &source.component else { return source.arn.as_ref().map(Value::from) };
        let part = scope.target(component)?;
        let pointer_to = format!("{pointer}/source/component");
        match trigger.kind {
            TriggerType::Sqs => {
                let queue = part.spec::<Sqs>()?;
                if queue.visibility_timeout() < self.timeout {
                    let message = format!(
                        "`{}` hides messages for {} s, and `{}` may work on them for {} s: AWS refuses the pair",
                        part.id(),
                        queue.visibility_timeout(),
                        scope.id(),
                        self.timeout
                    );
                    let finding = scope
                        .finding(P3044, &pointer_to, message)
                        .label(part.place("/visibilityTimeout"), "the queue is declared here")
                        .help(format!("set `visibilityTimeout` of the queue to {}, six times the timeout", 6 * self.timeout));
                    scope.push(finding);
                }
                if queue.is_fifo() && (trigger.batch_size.unwrap_or(10) > 10 || trigger.batch_window_seconds.unwrap_or(0) > 0) {
                    let finding = scope.finding(P1013, pointer, "a FIFO queue hands over at most 10 messages, without a batch window");
                    scope.push(finding);
                }
                Some(part.reference("queue", "Arn"))
            }
            TriggerType::DynamoDb => {
                if !part.spec::<DynamoDb>()?.has_stream() {
                    let finding = scope
                        .finding(P2004, &pointer_to, format!("`{}` has no stream of changes that could call the function", part.id()))
                        .label(part.component.source.clone(), "the table is declared here")
                        .help("add `stream: {enabled: true}` to the table");
                    scope.push(finding);
                }
                Some(part.reference("table", "StreamArn"))
            }
            TriggerType::Kinesis => {
                let spec = part.spec::<AnyType>()?;
                if spec.type_name() != resource::KINESIS {
                    let finding = scope
                        .finding(P2011, &pointer_to, format!("`{}` is a resource of type {}, not a stream", part.id(), spec.type_name()))
                        .help(format!("name a component of kind Resource whose type is {}", resource::KINESIS));
                    scope.push(finding);
                    return None;
                }
                Some(part.reference("resource", "Arn"))
            }
            TriggerType::Sns | TriggerType::S3 | TriggerType::EventBridge | TriggerType::ApiGateway => None,
        }
    }

    /// Statements for sources that are named by ARN: no edge leads there.
    pub(super) fn foreign_sources(&self, scope: &Scope<'_, '_>) -> Vec<Statement> {
        let foreign = |trigger: &Trigger| {
            let arn = trigger.source.as_ref().filter(|source| source.component.is_none())?.arn.as_ref()?;
            let actions = match trigger.kind {
                TriggerType::Sqs => Access::Read.actions(sqs::READ, &[]),
                TriggerType::DynamoDb => Access::Read.actions(dynamodb::STREAM, &[]),
                TriggerType::Kinesis => Access::Read.actions(resource::KINESIS_READ, &[]),
                TriggerType::Sns | TriggerType::S3 | TriggerType::EventBridge | TriggerType::ApiGateway => return None,
            };
            Some(Statement::allow(format!("Trigger{}", sid(&trigger.name(scope.id()))), actions, vec![arn.value()]))
        };
        self.triggers.iter().filter_map(foreign).collect()
    }
}

/// The JSON text of a filter: as it stands when nothing in it is known later.
fn text(filter: Value) -> Value {
    let plain = filter.to_string();
    if plain.contains("\"$") { json!({ "$json": filter }) } else { Value::String(plain) }
}
