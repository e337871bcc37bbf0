//! `MicroService`: containers that answer on ports, with or without a load balancer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::Access;
use super::check::Check;
use super::container::probe::Probe;
use super::container::scaling::{Scaling, ServiceAutoscaling, policy};
use super::container::service::{Balanced, Deployment, Service};
use super::container::task::{IDENTITY, Task};
use super::container::{Container, Port, Protocol};
use super::edge::Cause;
use super::field::Text;
use super::group::With;
use super::kind::{Behaviour, Facts, Identity, Listening, Output, Spec};
use super::network::Placement;
use super::part::Part;
use super::scope::Scope;
use crate::diagnostic::codes::manifest::{P1013, P1018, P1019};
use crate::manifest::Alias;
use crate::resource::join;

mod balancer;
#[cfg(test)]
mod tests;

use balancer::{Ingress, LoadBalancer};

/// Fields of a service besides those of its container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Own {
    /// Ports that the container listens on.
    #[serde(default)]
    ports: Vec<Port>,
    /// How AWS learns that a container is ready, or no longer alive.
    #[serde(default)]
    health_check: HealthCheck,
    /// How many tasks run.
    #[serde(default)]
    scaling: Scaling<ServiceAutoscaling>,
    /// Where the tasks stand in the network, and how they are reached.
    #[serde(default)]
    networking: Networking,
    /// The name under which others find the service.
    #[serde(default)]
    service_discovery: Discovery,
    /// How a new version takes over.
    #[serde(default)]
    deployment: GracefulDeployment,
}

/// Probes of a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct HealthCheck {
    /// A container that fails gets no requests. A connection to the target port, when nothing is said.
    readiness: Option<Probe>,
    /// A container that fails is replaced.
    liveness: Option<Probe>,
}

/// Where tasks stand in the network, and how they are reached.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Networking {
    /// Public or private subnets; private when these have a way out.
    subnets: Option<Placement>,
    /// The load balancer in front.
    load_balancer: LoadBalancer,
    /// The name and paths that requests come in by.
    ingress: Ingress,
    /// Further security groups.
    security_group_ids: Vec<Text>,
}

/// The name under which others find a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Discovery {
    /// True when other components use the service and it has ports.
    enabled: Option<bool>,
    /// The name, `<component>.<service>` when nothing is said.
    #[schemars(regex(pattern = r"^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$"))]
    name: Option<String>,
}

/// How a new version takes over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct GracefulDeployment {
    /// Fewest running tasks while a new version starts, in percent of the wanted number.
    #[schemars(range(max = 100))]
    min_healthy_percent: u32,
    /// Most running tasks in that time, in percent.
    #[schemars(range(min = 100, max = 200))]
    max_percent: u32,
    /// Goes back to the version before when the new one does not start.
    circuit_breaker: bool,
    /// Waits until the new version runs and the old one is gone.
    wait_for_stable: bool,
    /// Seconds after the start of a task in which the load balancer's probes do not count.
    #[schemars(range(max = 3600))]
    grace_period_seconds: u32,
}

impl Default for GracefulDeployment {
    fn default() -> Self {
        let Deployment { min_healthy_percent, max_percent, circuit_breaker, wait_for_stable } = Deployment::default();
        Self { min_healthy_percent, max_percent, circuit_breaker, wait_for_stable, grace_period_seconds: 60 }
    }
}

impl GracefulDeployment {
    fn common(&self) -> Deployment {
        let Self { min_healthy_percent, max_percent, circuit_breaker, wait_for_stable, .. } = *self;
        Deployment { min_healthy_percent, max_percent, circuit_breaker, wait_for_stable }
    }
}

/// A service.
pub(super) type MicroService = With<Container, Own>;

impl Spec for MicroService {
    const FACTS: Facts = {
        let mut facts = Facts::new("MicroService", "Containers that answer on ports, behind a load balancer or within the network");
        facts.infrastructure =
            &["resources", "scaling", "networking", "serviceDiscovery", "storage", "logging", "deployment", "permissions"];
        facts.spellings = SPELLINGS;
        facts.outputs = &[
            Output::text("serviceName", "name of the ECS service"),
            Output::text("serviceArn", "ARN of the ECS service"),
            Output::text("taskDefinitionArn", "ARN of the task definition"),
            Output::text("taskRoleArn", "ARN of the role that the code runs under"),
            Output::text("logGroup", "name of the log group"),
            Output::number("port", "the first of its `ports`"),
            Output::text(
                "endpoint",
                "host name within the network, by service discovery; with `serviceDiscovery.enabled: false` that of the load balancer",
            ),
            Output::text("loadBalancerDns", "host name of the load balancer, when `networking.loadBalancer.enabled` is true"),
            Output::text("loadBalancerArn", "ARN of the load balancer, when `networking.loadBalancer.enabled` is true"),
            Output::text("loadBalancerZoneId", "hosted zone of the load balancer, when `networking.loadBalancer.enabled` is true"),
            Output::text("targetGroupArn", "ARN of the target group, when `networking.loadBalancer.enabled` is true"),
            Output::text("securityGroupId", "id of the security group"),
            Output::text("url", "URL of the load balancer, when `networking.loadBalancer.enabled` is true").or(&["loadBalancerUrl"]),
        ];
        facts
    };
}

/// Other spellings of the fields.
const SPELLINGS: &[Alias] = &[
    Alias::Move { from: "container.command", to: "command" },
    Alias::Move { from: "container.args", to: "args" },
    Alias::Move { from: "container.image", to: "image" },
    Alias::ImageText,
    Alias::FlatHealthCheck,
    Alias::Move { from: "networking.loadBalancer.healthCheckPath", to: "healthCheck.readiness.http.path" },
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

impl Own {
    /// The port that a load balancer sends requests to.
    fn target(&self) -> Option<&Port> {
        match self.networking.load_balancer.port {
            Some(number) => self.ports.iter().find(|port| port.port == number),
            None => self.ports.first(),
        }
    }
}

impl Behaviour for MicroService {
    fn check(&self, check: &mut Check<'_>) {
        let own = &self.own;
        self.group.check(check);
        own.deployment.common().check(check, own.scaling.autoscaling.limits().fewest(own.scaling.replicas));
        own.scaling.autoscaling.limits().check(check);
        check.unique(P1019, "/ports", "port", own.ports.iter().map(|port| port.name.as_str()));
        for (n, port) in own.ports.iter().enumerate() {
            if own.ports[..n].iter().any(|other| (other.port, other.protocol) == (port.port, port.protocol)) {
                check.report(P1019, &format!("/ports/{n}"), format!("port {} is there twice", port.port));
            }
        }
        let has_port = !own.ports.is_empty();
        if let Some(readiness) = &own.health_check.readiness {
            readiness.check(check, "/healthCheck/readiness", false, has_port);
        }
        if let Some(liveness) = &own.health_check.liveness {
            liveness.check(check, "/healthCheck/liveness", true, has_port);
        }
        if own.service_discovery.enabled == Some(true) && !has_port {
            check.report(P1018, "/serviceDiscovery/enabled", "service discovery needs `ports`: nothing listens");
        }
        let balancer = &own.networking.load_balancer;
        own.networking.ingress.check(check, balancer);
        balancer.check(check, has_port);
        if let Some(number) = balancer.port
            && own.target().is_none()
        {
            let ports: Vec<String> = own.ports.iter().map(|port| port.port.to_string()).collect();
            let message = format!("port {number} is not one of `ports`");
            check.push(check.finding(P1013, "/networking/loadBalancer/port", message).help(format!("ports: {}", ports.join(", "))));
        }
        if own.scaling.autoscaling.requests_per_target.is_some() && !(balancer.enabled && balancer.is_application()) {
            let message = "`requestsPerTarget` needs a load balancer of type `application`";
            check.report(P1018, "/scaling/autoscaling/requestsPerTarget", message);
        }
        if balancer.enabled && balancer.is_application() && own.target().is_some_and(|port| port.protocol == Protocol::Udp) {
            let message = "a load balancer of type `application` cannot carry UDP";
            check.push(check.finding(P1013, "/networking/loadBalancer", message).help("set `networking.loadBalancer.type: network`"));
        }
        if balancer.enabled && !balancer.is_application() && own.target().is_some_and(|port| port.protocol == Protocol::Udp) {
            balancer.check_datagrams(check, &own.ports, own.health_check.readiness.as_ref());
        }
    }

    fn access(&self, _: &Part<'_>, _: &Part<'_>) -> Access {
        Access::ReadWrite
    }

    fn listens(&self, _: &Part<'_>) -> Vec<Listening> {
        self.own.ports.iter().map(|port| Listening { port: port.port, protocol: port.protocol.name() }).collect()
    }

    fn identity(&self) -> Option<Identity> {
        Some(IDENTITY)
    }

    fn source_group(&self, this: &Part<'_>, _: bool) -> Option<Value> {
        Some(this.reference("security-group", "GroupId"))
    }

    fn translate(&self, scope: &mut Scope<'_, '_>) {
        let (container, own) = (&self.group, &self.own);
        let target = own.target().map(|port| port.port);
        let liveness = own.health_check.liveness.as_ref();
        let task_definition = Task { container, ports: &own.ports, liveness, target_port: target, variables: Vec::new() }.add(scope);
        let security_group = scope.security_group(&self.listens(scope.part()));
        scope.output("securityGroupId", security_group.clone());
        scope.output_some("port", own.ports.first().map(|port| port.port));

        let registry = own.discover(scope);
        let front = match own.target() {
            Some(port) if own.networking.load_balancer.enabled => {
                Some((port, balancer::add(scope, &own.networking, port, own.health_check.readiness.as_ref(), &security_group)))
            }
            _ => None,
        };
        if let Some((_, front)) = &front
            && own.service_discovery.enabled == Some(false)
        {
            scope.output("endpoint", front.host.clone());
        }
        let initial_delay = own.health_check.readiness.as_ref().map_or(0, |probe| probe.initial_delay_seconds);
        let balanced = front.as_ref().map(|(port, front)| Balanced {
            target_group: front.target_group.clone(),
            port: port.port,
            grace_seconds: own.deployment.grace_period_seconds.max(initial_delay),
            after: front.listeners.clone(),
        });
        let limits = own.scaling.autoscaling.limits();
        let name = Service {
            container,
            task_definition,
            deployment: &own.deployment.common(),
            count: (limits.start(own.scaling.replicas), limits.enabled),
            placement: own.networking.subnets,
            security_group,
            security_groups: &own.networking.security_group_ids,
            balanced,
            registry,
        }
        .add(scope);
        if limits.enabled {
            let target = limits.add(scope, &name);
            if let (Some(requests), Some((_, front))) = (own.scaling.autoscaling.requests_per_target, front) {
                let metric = json!({ "PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": front.label });
                policy(scope, "requests", &target, requests, "PredefinedMetricSpecification", &metric);
            }
        }
    }
}

impl Own {
    /// Adds the entry in the stack's namespace, when there is to be one. Gives its ARN.
    fn discover(&self, scope: &mut Scope<'_, '_>) -> Option<Value> {
        let used = || {
            scope.consumers().any(|(edge, _)| edge.access != Access::None || edge.causes.contains(&Cause::Output))
                || scope.is_published("endpoint")
        };
        let wanted = self.service_discovery.enabled.unwrap_or_else(used);
        if !wanted || self.ports.is_empty() {
            return None;
        }
        let id = scope.id();
        let name = self.service_discovery.name.clone().unwrap_or_else(|| format!("{}.{}", id.name(), id.service()));
        let cluster = scope.cluster();
        let draft = scope
            .draft("discovery", "AWS::ServiceDiscovery::Service")
            .set(
                "DnsConfig",
                json!({
                    "DnsRecords": [{ "TTL": 10, "Type": "A" }], "NamespaceId": cluster.namespace_id(), "RoutingPolicy": "MULTIVALUE"
                }),
            )
            .set("HealthCheckCustomConfig", json!({ "FailureThreshold": 1 }))
            .from("Name", "/serviceDiscovery/name", name.as_str());
        let arn = draft.reference("Arn");
        scope.add(draft);
        scope.output("endpoint", join([json!(name), json!("."), json!(cluster.namespace())]));
        Some(arn)
    }
}
