//! Worker: containers that run without being called, mostly on the messages of a queue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::Access;
use super::check::Check;
use super::container::Container;
use super::container::probe::Probe;
use super::container::scaling::{Scaling, WorkerAutoscaling, policy};
use super::container::service::{Deployment, Service};
use super::container::task::{IDENTITY, Task};
use super::edge::Links;
use super::field::{Ref, Text};
use super::group::With;
use super::kind::{Behaviour, Facts, Identity, Output, Spec};
use super::network::Placement;
use super::part::Part;
use super::scope::Scope;
use crate::diagnostic::codes::manifest::{P1014, P1018, P1019};

/// Fields of a worker besides those of its container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Own {
    /// The queue that it works on.
    #[serde(default)]
    queue: Option<Queue>,
    /// How AWS learns that a container is no longer alive.
    #[serde(default)]
    health_check: HealthCheck,
    /// How many tasks run.
    #[serde(default)]
    scaling: Scaling<WorkerAutoscaling>,
    /// Where the tasks stand in the network.
    #[serde(default)]
    networking: Networking,
    /// How a new version takes over.
    #[serde(default)]
    deployment: Deployment,
}

/// The queue of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Queue {
    /// A component of kind SQS; the worker may read from it.
    component: Ref,
    /// Variable that holds the queue's URL.
    #[serde(default = "queue_url")]
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
    env_var: String,
}

fn queue_url() -> String {
    "QUEUE_URL".to_owned()
}

/// Probes of a worker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct HealthCheck {
    /// A container that fails is replaced.
    liveness: Option<Probe>,
}

/// Where tasks stand in the network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Networking {
    /// Public or private subnets; private when these have a way out.
    subnets: Option<Placement>,
    /// Further security groups.
    security_group_ids: Vec<Text>,
}

/// A worker.
pub(super) type Worker = With<Container, Own>;

impl Spec for Worker {
    const FACTS: Facts = {
        let mut facts = Facts::new("Worker", "Containers that work on their own, mostly on the messages of a queue");
        facts.infrastructure = &["resources", "scaling", "networking", "storage", "logging", "deployment", "permissions"];
        facts.spellings = super::container::SPELLINGS;
        facts.outputs = &[
            Output::text("serviceName", "name of the ECS service"),
            Output::text("serviceArn", "ARN of the ECS service"),
            Output::text("taskDefinitionArn", "ARN of the task definition"),
            Output::text("taskRoleArn", "ARN of the role that the code runs under"),
            Output::text("logGroup", "name of the log group"),
            Output::text("securityGroupId", "id of the security group"),
        ];
        facts
    };
}

impl Behaviour for Worker {
    fn check(&self, check: &mut Check<'_>) {
        let own = &self.own;
        self.group.check(check);
        own.deployment.check(check, own.scaling.autoscaling.limits().fewest(own.scaling.replicas));
        own.scaling.autoscaling.limits().check(check);
        if let Some(liveness) = &own.health_check.liveness {
            liveness.check(check, "/healthCheck/liveness", true, false);
        }
        if own.scaling.autoscaling.target_queue_depth.is_some() && own.queue.is_none() {
            check.report(P1018, "/scaling/autoscaling/targetQueueDepth", "`targetQueueDepth` needs `queue.component`: no queue is named");
        }
        if let Some(queue) = &own.queue {
            if queue.env_var.is_empty() {
                check.report(P1014, "/queue/envVar", "a variable needs a name");
            }
            if self.group.secrets.iter().any(|secret| secret.variable() == queue.env_var) {
                check.report(P1019, "/queue/envVar", format!("variable `{}` is in `secrets` too", queue.env_var));
            }
        }
    }

    fn links(&self, links: &mut Links<'_>) {
        if let Some(queue) = &self.own.queue {
            links.add(&queue.component, "/queue/component", "queue", &["SQS"], Access::Read);
        }
    }

    fn identity(&self) -> Option<Identity> {
        Some(IDENTITY)
    }

    fn source_group(&self, this: &Part<'_>, _: bool) -> Option<Value> {
        Some(this.reference("security-group", "GroupId"))
    }

    fn translate(&self, scope: &mut Scope<'_, '_>) {
        let (container, own) = (&self.group, &self.own);
        let queue = own.queue.as_ref().and_then(|queue| Some((queue, scope.target(&queue.component)?)));
        let variables = queue.iter().map(|(queue, part)| (queue.env_var.clone(), part.output("url"))).collect();
        let liveness = own.health_check.liveness.as_ref();
        let task_definition = Task { container, ports: &[], liveness, target_port: None, variables }.add(scope);
        let security_group = scope.security_group(&[]);
        scope.output("securityGroupId", security_group.clone());
        let limits = own.scaling.autoscaling.limits();
        let name = Service {
            container,
            task_definition,
            deployment: &own.deployment,
            count: (limits.start(own.scaling.replicas), limits.enabled),
            placement: own.networking.subnets,
            security_group,
            security_groups: &own.networking.security_group_ids,
            balanced: None,
            registry: None,
        }
        .add(scope);
        if limits.enabled {
            let target = limits.add(scope, &name);
            if let (Some(depth), Some((_, queue))) = (own.scaling.autoscaling.target_queue_depth, queue) {
                let metric = queue_depth(scope, &queue.output("name"), &name);
                policy(scope, "queue", &target, depth, "CustomizedMetricSpecification", &metric);
            }
        }
    }
}

/// Waiting messages divided by running tasks, as a metric.
fn queue_depth(scope: &Scope<'_, '_>, queue: &Value, service: &Value) -> Value {
    let cluster = scope.cluster();
    cluster.want_insights();
    let statistic = |namespace: &str, name: &str, dimensions: Value| json!({ "Metric": { "Dimensions": dimensions, "MetricName": name, "Namespace": namespace }, "Stat": "Average" });
    json!({ "Metrics": [
        {
            "Id": "waiting",
            "MetricStat": statistic("AWS/SQS", "ApproximateNumberOfMessagesVisible", json!([{ "Name": "QueueName", "Value": queue }])),
            "ReturnData": false
        },
        {
            "Id": "running",
            "MetricStat": statistic("ECS/ContainerInsights", "RunningTaskCount", json!([
                { "Name": "ClusterName", "Value": cluster.name() },
                { "Name": "ServiceName", "Value": service }
            ])),
            "ReturnData": false
        },
        { "Expression": "waiting / IF(running > 0, running, 1)", "Id": "depth", "Label": "Waiting messages per task", "ReturnData": true }
    ] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::tests::{addresses, checked, components, get, manifest};
    use crate::components::translate;

    fn worker(more: Value) -> Value {
        let mut spec = json!({"image": {"repository": "acme/mailer", "tag": "v1"}});
        let Value::Object(more) = more else { panic!("not a map: {more}") };
        spec.as_object_mut().unwrap().extend(more);
        spec
    }

    #[test]
    fn the_url_of_the_queue_is_a_variable() {
        let spec = worker(json!({"queue": {"component": "jobs", "envVar": "JOBS"}, "environment": [{"name": "A", "value": "1"}]}));
        let translated = checked(&[("shop/mailer", "Worker", spec), ("shop/jobs", "SQS", json!({}))]);
        let container = &get(&translated, "shop/mailer/task-definition").properties["ContainerDefinitions"][0];
        assert_eq!(
            container["Environment"],
            json!([
                {"Name": "A", "Value": "1"},
                {"Name": "JOBS", "Value": {"$ref": "shop/jobs/queue", "attribute": "QueueUrl"}}
            ])
        );
        let statement = &get(&translated, "shop/mailer/task-policy").properties["PolicyDocument"]["Statement"][0];
        assert!(statement["Action"].as_array().unwrap().contains(&json!("sqs:ReceiveMessage")));
        assert!(!statement["Action"].as_array().unwrap().contains(&json!("sqs:SendMessage")));
    }

    #[test]
    fn the_depth_of_the_queue_sets_the_number_of_tasks() {
        let autoscaling = json!({"enabled": true, "targetQueueDepth": 100});
        let spec = worker(json!({"queue": {"component": "jobs"}, "scaling": {"autoscaling": autoscaling}}));
        let translated = checked(&[("shop/mailer", "Worker", spec), ("shop/jobs", "SQS", json!({}))]);
        assert!(addresses(&translated).contains(&"shop/mailer/scaling-policy.queue"));
        let policy = &get(&translated, "shop/mailer/scaling-policy.queue").properties["TargetTrackingScalingPolicyConfiguration"];
        assert_eq!(policy["TargetValue"], 100);
        let metrics = &policy["CustomizedMetricSpecification"]["Metrics"];
        assert_eq!(
            metrics[0]["MetricStat"]["Metric"]["Dimensions"],
            json!([{"Name": "QueueName", "Value": {"$ref": "shop/jobs/queue", "attribute": "QueueName"}}])
        );
        let settings = &get(&translated, "_stack/cluster/cluster").properties["ClusterSettings"];
        assert_eq!(*settings, json!([{"Name": "containerInsights", "Value": "enabled"}]));
    }

    #[test]
    fn a_depth_without_a_queue_is_reported() {
        let spec = worker(json!({"scaling": {"autoscaling": {"enabled": true, "targetQueueDepth": 100}}}));
        let error = translate(&manifest(components(&[("shop/mailer", "Worker", spec)]))).unwrap_err();
        assert_eq!(error.findings()[0].code, P1018);
    }
}
