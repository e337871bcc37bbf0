//! How many tasks run: a fixed number, or one that follows load.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::components::check::Check;
use crate::components::scope::Scope;
use crate::diagnostic::codes::manifest::P1013;
use crate::resource::join;

/// How many tasks run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scaling<A: Default + Serialize> {
    /// Number of tasks.
    #[serde(default = "one")]
    #[schemars(range(max = 1000))]
    pub(crate) replicas: u32,
    /// Lets the number follow load.
    #[serde(default)]
    pub(crate) autoscaling: A,
}

impl<A: Default + Serialize> Default for Scaling<A> {
    fn default() -> Self {
        Self { replicas: 1, autoscaling: A::default() }
    }
}

fn one() -> u32 {
    1
}

/// Autoscaling of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct ServiceAutoscaling {
    /// Whether the number follows load.
    pub(crate) enabled: bool,
    /// Fewest tasks.
    #[schemars(range(max = 1000))]
    pub(crate) min_replicas: u32,
    /// Most tasks.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) max_replicas: u32,
    /// CPU use to aim at.
    #[serde(rename = "targetCPUPercent")]
    #[schemars(range(min = 1, max = 100))]
    pub(crate) target_cpu_percent: u32,
    /// Memory use to aim at.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) target_memory_percent: Option<u32>,
    /// Requests per task and minute to aim at.
    #[schemars(range(min = 1))]
    pub(crate) requests_per_target: Option<u32>,
}

impl Default for ServiceAutoscaling {
    fn default() -> Self {
        Self {
            enabled: false,
            min_replicas: 1,
            max_replicas: 3,
            target_cpu_percent: 70,
            target_memory_percent: None,
            requests_per_target: None,
        }
    }
}

/// Autoscaling of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct WorkerAutoscaling {
    /// Whether the number follows load.
    pub(crate) enabled: bool,
    /// Fewest tasks.
    #[schemars(range(max = 1000))]
    pub(crate) min_replicas: u32,
    /// Most tasks.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) max_replicas: u32,
    /// CPU use to aim at.
    #[serde(rename = "targetCPUPercent")]
    #[schemars(range(min = 1, max = 100))]
    pub(crate) target_cpu_percent: u32,
    /// Memory use to aim at.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) target_memory_percent: Option<u32>,
    /// Waiting messages per task to aim at.
    #[schemars(range(min = 1))]
    pub(crate) target_queue_depth: Option<u32>,
}

impl Default for WorkerAutoscaling {
    fn default() -> Self {
        Self {
            enabled: false,
            min_replicas: 1,
            max_replicas: 3,
            target_cpu_percent: 70,
            target_memory_percent: None,
            target_queue_depth: None,
        }
    }
}

/// What both have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Whether the number follows load.
    pub(crate) enabled: bool,
    least: u32,
    most: u32,
    cpu: u32,
    memory: Option<u32>,
}

impl ServiceAutoscaling {
    /// The common part.
    pub(crate) fn limits(&self) -> Limits {
        let Self { enabled, min_replicas: least, max_replicas: most, target_cpu_percent: cpu, target_memory_percent: memory, .. } = *self;
        Limits { enabled, least, most, cpu, memory }
    }
}

impl WorkerAutoscaling {
    /// The common part.
    pub(crate) fn limits(&self) -> Limits {
        let Self { enabled, min_replicas: least, max_replicas: most, target_cpu_percent: cpu, target_memory_percent: memory, .. } = *self;
        Limits { enabled, least, most, cpu, memory }
    }
}

impl Limits {
    /// Reports limits that leave nothing between them.
    pub(crate) fn check(self, check: &mut Check<'_>) {
        if self.least > self.most {
            let message = format!("`minReplicas` ({}) is more than `maxReplicas` ({})", self.least, self.most);
            check.report(P1013, "/scaling/autoscaling/minReplicas", message);
        }
    }

    /// The number of tasks to start with.
    pub(crate) fn start(self, replicas: u32) -> u32 {
        if self.enabled { replicas.max(self.least).min(self.most.max(self.least)) } else { replicas }
    }

    /// The smallest number of tasks that run.
    pub(crate) fn fewest(self, replicas: u32) -> u32 {
        if self.enabled { self.least } else { replicas }
    }

    /// Adds the scaling target and the policies of CPU and memory. Gives the target's id.
    pub(crate) fn add(self, scope: &mut Scope<'_, '_>, service_name: &Value) -> Value {
        let target = scope
            .draft("scaling-target", "AWS::ApplicationAutoScaling::ScalableTarget")
            .from("MaxCapacity", "/scaling/autoscaling/maxReplicas", self.most)
            .from("MinCapacity", "/scaling/autoscaling/minReplicas", self.least)
            .set("ResourceId", join([json!("service/"), scope.cluster().name(), json!("/"), service_name.clone()]))
            .set("ScalableDimension", "ecs:service:DesiredCount")
            .set("ServiceNamespace", "ecs");
        let id = target.reference("Id");
        scope.add(target);
        let aims =
            [("cpu", "ECSServiceAverageCPUUtilization", Some(self.cpu)), ("memory", "ECSServiceAverageMemoryUtilization", self.memory)];
        for (role, metric, aim) in aims {
            if let Some(aim) = aim {
                policy(scope, role, &id, aim, "PredefinedMetricSpecification", &json!({ "PredefinedMetricType": metric }));
            }
        }
        id
    }
}

/// Adds a policy that keeps a metric near its aim.
pub(crate) fn policy(scope: &mut Scope<'_, '_>, role: &str, target: &Value, aim: u32, form: &str, metric: &Value) {
    let draft = scope
        .draft(&format!("scaling-policy.{role}"), "AWS::ApplicationAutoScaling::ScalingPolicy")
        .set("PolicyType", "TargetTrackingScaling")
        .set("ScalingTargetId", target.clone())
        .set("TargetTrackingScalingPolicyConfiguration", json!({ form: metric, "TargetValue": aim }));
    scope.add(draft);
}
