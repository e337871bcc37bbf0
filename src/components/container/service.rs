//! The ECS service that keeps tasks running.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Container, Platform};
use crate::address::Address;
use crate::components::check::Check;
use crate::components::field::Text;
use crate::components::network::Placement;
use crate::components::scope::Scope;
use crate::diagnostic::codes::manifest::{P1013, P1015};
use crate::resource::Tier;

/// How a new version takes over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Deployment {
    /// Fewest running tasks while a new version starts, in percent of the wanted number.
    #[schemars(range(max = 100))]
    pub(crate) min_healthy_percent: u32,
    /// Most running tasks in that time, in percent.
    #[schemars(range(min = 100, max = 200))]
    pub(crate) max_percent: u32,
    /// Goes back to the version before when the new one does not start.
    pub(crate) circuit_breaker: bool,
    /// Waits until the new version runs and the old one is gone.
    pub(crate) wait_for_stable: bool,
}

impl Default for Deployment {
    fn default() -> Self {
        Self { min_healthy_percent: 100, max_percent: 200, circuit_breaker: true, wait_for_stable: true }
    }
}

impl Deployment {
    /// Reports settings that let nothing move: ECS rounds the fewest tasks up and the most tasks down. `tasks` is their smallest number.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html>
    pub(crate) fn check(&self, check: &mut Check<'_>, tasks: u32) {
        let (fewest, most) = ((tasks * self.min_healthy_percent).div_ceil(100), tasks * self.max_percent / 100);
        if tasks > 0 && fewest == tasks && most == tasks {
            let count = if tasks == 1 { "task".to_owned() } else { format!("{tasks} tasks") };
            let message = format!(
                "with `minHealthyPercent: {}` and `maxPercent: {}` of {count} none can be replaced: at least {fewest} must run, and at most {most}",
                self.min_healthy_percent, self.max_percent
            );
            check.push(check.finding(P1013, "/deployment", message).help("lower `minHealthyPercent` or raise `maxPercent`"));
        }
        if !self.wait_for_stable {
            check.push(
                check.finding(P1015, "/deployment/waitForStable", "`waitForStable: false` is not offered").help(
                    "AWS itself ends the change of a service only when it is stable; a lower `gracePeriodSeconds` makes that quicker",
                ),
            );
        }
    }
}

/// What a service is made from.
pub(crate) struct Service<'a> {
    pub(crate) container: &'a Container,
    pub(crate) task_definition: Value,
    pub(crate) deployment: &'a Deployment,
    /// Number of tasks, and whether autoscaling changes it.
    pub(crate) count: (u32, bool),
    pub(crate) placement: Option<Placement>,
    /// The component's own group and further ones.
    pub(crate) security_group: Value,
    pub(crate) security_groups: &'a [Text],
    pub(crate) balanced: Option<Balanced>,
    /// ARN of the discovery service.
    pub(crate) registry: Option<Value>,
}

/// The load balancer side of a service.
pub(crate) struct Balanced {
    pub(crate) target_group: Value,
    pub(crate) port: u16,
    pub(crate) grace_seconds: u32,
    /// What connects the target group to its balancer: a service cannot register targets before.
    pub(crate) after: Vec<Address>,
}

impl Service<'_> {
    /// Adds the service with its outputs. Gives a reference to its name.
    pub(crate) fn add(self, scope: &mut Scope<'_, '_>) -> Value {
        let network = scope.network();
        let placement = self.placement.unwrap_or_else(|| network.placement());
        let subnets = scope.subnets(placement, 1, "/networking/subnets");
        if placement == Placement::Private {
            scope.check_way_out(self.container, "/networking/subnets");
        }
        let mut groups = vec![self.security_group];
        groups.extend(self.security_groups.iter().map(Value::from));
        let mut draft = scope
            .main("service", "AWS::ECS::Service")
            .set("Cluster", scope.cluster().reference())
            .set(
                "DeploymentConfiguration",
                json!({
                    "DeploymentCircuitBreaker": { "Enable": self.deployment.circuit_breaker, "Rollback": self.deployment.circuit_breaker },
                    "MaximumPercent": self.deployment.max_percent,
                    "MinimumHealthyPercent": self.deployment.min_healthy_percent
                }),
            )
            .origin("/DeploymentConfiguration", "/deployment")
            .from("DesiredCount", "/scaling/replicas", self.count.0)
            .set("EnableECSManagedTags", true)
            .set("EnableExecuteCommand", self.container.enable_exec)
            .set(
                "NetworkConfiguration",
                json!({ "AwsvpcConfiguration": {
                    "AssignPublicIp": if placement == Placement::Public { "ENABLED" } else { "DISABLED" },
                    "SecurityGroups": groups,
                    "Subnets": subnets
                } }),
            )
            .set("PropagateTags", "SERVICE")
            .set("TaskDefinition", self.task_definition)
            .tier(Tier::Run)
            .after_all(network.ready(placement));
        let strategy = |provider: &str| json!([{ "CapacityProvider": provider, "Weight": 1 }]);
        draft = match self.container.runtime.platform {
            Platform::FargateSpot => draft.from("CapacityProviderStrategy", "/runtime/platform", strategy("FARGATE_SPOT")),
            // From one provider to the other a service moves in place; from a provider to a launch type it does not.
            Platform::Fargate if scope.cluster().is_made() => {
                draft.from("CapacityProviderStrategy", "/runtime/platform", strategy("FARGATE"))
            }
            // Which providers a cluster of somebody else's has is not known.
            Platform::Fargate => draft.from("LaunchType", "/runtime/platform", "FARGATE"),
        };
        if self.count.1 {
            draft = draft.ignore("/DesiredCount");
        }
        if let Some(balanced) = self.balanced {
            draft = draft
                .set("HealthCheckGracePeriodSeconds", balanced.grace_seconds)
                .set(
                    "LoadBalancers",
                    json!([{
                        "ContainerName": scope.id().name(), "ContainerPort": balanced.port, "TargetGroupArn": balanced.target_group
                    }]),
                )
                .after_all(balanced.after);
        }
        if let Some(registry) = self.registry {
            draft = draft.set("ServiceRegistries", json!([{ "RegistryArn": registry }]));
        }
        let name = draft.reference("Name");
        scope.output("serviceName", name.clone());
        scope.output("serviceArn", draft.reference("ServiceArn"));
        scope.add(draft);
        name
    }
}
