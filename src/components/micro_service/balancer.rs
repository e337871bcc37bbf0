//! The load balancer that a service has for itself.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Networking;
use crate::address::Address;
use crate::components::check::Check;
use crate::components::container::probe::{Probe, Scheme};
use crate::components::container::{Port, Protocol};
use crate::components::field::{Ref, Text};
use crate::components::kind::Listening;
use crate::components::network::Placement;
use crate::components::scope::Scope;
use crate::diagnostic::codes::aws::{P3012, P3043};
use crate::diagnostic::codes::manifest::{P1013, P1014, P1015, P1017, P1018};
use crate::resource::{Tier, join};

/// The load balancer in front of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct LoadBalancer {
    /// Makes a load balancer for the service.
    pub(super) enabled: bool,
    /// Attaches to a load balancer of its own kind, ALB or NLB. Not offered yet.
    component: Option<Ref>,
    /// Which sort.
    #[serde(rename = "type")]
    sort: Sort,
    /// It can be reached within the network only.
    internal: bool,
    /// The port that requests are sent to; the first of `ports` when nothing is said.
    #[schemars(range(min = 1))]
    pub(super) port: Option<u16>,
    /// Certificate: HTTPS on port 443, and port 80 redirects.
    #[schemars(extend("format" = "arn"))]
    pub(super) certificate_arn: Option<Text>,
    /// TLS versions and ciphers.
    ssl_policy: Text,
    /// Who may connect: everyone when nothing is said, or the VPC when internal.
    #[serde(rename = "allowedCIDRs")]
    #[schemars(schema_with = "cidrs_schema")]
    allowed_cidrs: Option<Vec<Text>>,
}

fn cidrs_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "format": "cidr", "x-panka-reference": true } })
}

impl Default for LoadBalancer {
    fn default() -> Self {
        Self {
            enabled: false,
            component: None,
            sort: Sort::Application,
            internal: false,
            port: None,
            certificate_arn: None,
            ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".into(),
            allowed_cidrs: None,
        }
    }
}

/// Sorts of load balancers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Sort {
    /// HTTP.
    Application,
    /// TCP, UDP and TLS.
    Network,
}

/// The name and paths that requests come in by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Ingress {
    /// Host name of the requests.
    hostname: Option<Text>,
    /// Path pattern of the requests. Only at a shared load balancer, which is not offered yet.
    path: Option<String>,
    /// Order of the rule. Only at a shared load balancer, which is not offered yet.
    #[schemars(range(min = 1, max = 50_000))]
    priority: Option<u32>,
    /// Zone in which the host name gets an alias record.
    hosted_zone_id: Option<Text>,
}

impl LoadBalancer {
    pub(super) fn is_application(&self) -> bool {
        self.sort == Sort::Application
    }

    pub(super) fn check(&self, check: &mut Check<'_>, has_port: bool) {
        if self.component.is_some() {
            check.push(
                check
                    .finding(
                        P1015,
                        "/networking/loadBalancer/component",
                        "attaching to a load balancer is not offered yet: kinds ALB and NLB come later",
                    )
                    .help("write `networking.loadBalancer.enabled: true`, which makes one for this service"),
            );
        }
        if self.enabled && !has_port {
            check.report(P1018, "/networking/loadBalancer/enabled", "a load balancer needs `ports`: there is nothing to send requests to");
        }
    }

    /// Reports what a balancer cannot do with a port of datagrams: AWS probes TCP ports only, and TLS needs a stream.
    pub(super) fn check_datagrams(&self, check: &mut Check<'_>, ports: &[Port], readiness: Option<&Probe>) {
        if self.certificate_arn.is_some() {
            let finding = check
                .finding(P1017, "/networking/loadBalancer/certificateArn", "TLS is for TCP, and the load balancer sends UDP")
                .help("take the certificate away, or let the port be `protocol: tcp`");
            check.push(finding);
        }
        let help = "name a port that answers TCP or HTTP: `healthCheck.readiness: {tcp: {port: 8080}}`";
        let Some(number) = readiness.and_then(Probe::port) else {
            let pointer = if readiness.is_some() { "/healthCheck/readiness" } else { "/networking/loadBalancer" };
            let message = "AWS cannot probe a UDP port: the health check needs a port of its own";
            check.push(check.finding(P1018, pointer, message).help(help));
            return;
        };
        let answers = |protocol| ports.iter().any(|port| (port.port, port.protocol) == (number, protocol));
        if answers(Protocol::Udp) && !answers(Protocol::Tcp) {
            let message = format!("AWS probes TCP ports only, and port {number} is UDP");
            check.push(check.finding(P1013, "/healthCheck/readiness", message).help(help));
        }
    }

    fn scheme(&self) -> &'static str {
        if self.certificate_arn.is_some() { "https" } else { "http" }
    }
}

impl Ingress {
    pub(super) fn check(&self, check: &mut Check<'_>, balancer: &LoadBalancer) {
        for (field, given) in [("path", self.path.is_some()), ("priority", self.priority.is_some())] {
            if given {
                let pointer = format!("/networking/ingress/{field}");
                check.push(
                    check
                        .finding(
                            P1015,
                            &pointer,
                            format!("`networking.ingress.{field}` is for load balancers of kind ALB, which is not offered yet"),
                        )
                        .help("take it away: the service's own load balancer sends it every request"),
                );
            }
        }
        if self.hosted_zone_id.is_some() && self.hostname.is_none() {
            check.report(P1018, "/networking/ingress/hostedZoneId", "a record needs `networking.ingress.hostname`");
        }
        if self.hosted_zone_id.is_some() && !balancer.enabled {
            check.report(P1018, "/networking/ingress/hostedZoneId", "a record needs a load balancer to point at");
        }
    }
}

/// What a service needs to know of its load balancer.
pub(super) struct Front {
    pub(super) target_group: Value,
    pub(super) listeners: Vec<Address>,
    /// Names balancer and target group in the metric of requests.
    pub(super) label: Value,
    /// Its host name.
    pub(super) host: Value,
}

/// Adds the load balancer with its target group, listeners, security group and record.
pub(super) fn add(
    scope: &mut Scope<'_, '_>,
    networking: &Networking,
    port: &Port,
    readiness: Option<&Probe>,
    workload_group: &Value,
) -> Front {
    let spec = &networking.load_balancer;
    let group = security_group(scope, spec, port);
    let rule = scope
        .ingress_rule(
            "ingress.load-balancer",
            workload_group,
            Listening { port: port.port, protocol: port.protocol.name() },
            "from the load balancer".to_owned(),
        )
        .set("SourceSecurityGroupId", group.clone())
        .tier(Tier::Wiring);
    scope.add(rule);
    // What is probed is let in as well, where that is another port than the one that carries the traffic.
    let probed = Listening { port: readiness.and_then(Probe::port).unwrap_or(port.port), protocol: Protocol::Tcp.name() };
    if (probed.port, probed.protocol) != (port.port, port.protocol.name()) {
        let rule = scope
            .ingress_rule("ingress.load-balancer.health", workload_group, probed, "health checks of the load balancer".to_owned())
            .set("SourceSecurityGroupId", group.clone())
            .tier(Tier::Wiring);
        scope.add(rule);
    }

    let placement = if spec.internal { Placement::Private } else { Placement::Public };
    let least = if spec.is_application() { 2 } else { 1 };
    let subnets = scope.subnets(placement, least, "/networking/loadBalancer");
    let balancer = scope
        .draft("load-balancer", "AWS::ElasticLoadBalancingV2::LoadBalancer")
        .set_if(scope.protected(), "LoadBalancerAttributes", json!([{ "Key": "deletion_protection.enabled", "Value": "true" }]))
        .from("Scheme", "/networking/loadBalancer/internal", if spec.internal { "internal" } else { "internet-facing" })
        .set("SecurityGroups", json!([group]))
        .set("Subnets", subnets)
        .from("Type", "/networking/loadBalancer/type", json!(spec.sort))
        .after_all(scope.network().ready(placement));
    let arn = balancer.reference("LoadBalancerArn");
    let (dns, zone) = (balancer.reference("DNSName"), balancer.reference("CanonicalHostedZoneID"));
    let balancer_name = balancer.reference("LoadBalancerFullName");
    scope.add(balancer);

    let target = target_group(scope, spec, port, readiness);
    let target_group = target.reference("TargetGroupArn");
    let label = join([balancer_name, json!("/"), target.reference("TargetGroupFullName")]);
    scope.add(target);
    let listeners = listeners(scope, spec, port, &arn, &target_group);

    let mut host = dns.clone();
    if let Some(name) = &networking.ingress.hostname {
        host = name.value();
        if let Some(hosted_zone) = &networking.ingress.hosted_zone_id {
            let record = scope
                .draft("dns-record", "AWS::Route53::RecordSet")
                .set("AliasTarget", json!({ "DNSName": dns.clone(), "EvaluateTargetHealth": false, "HostedZoneId": zone.clone() }))
                .from("HostedZoneId", "/networking/ingress/hostedZoneId", hosted_zone)
                .from("Name", "/networking/ingress/hostname", name)
                .set("Type", "A")
                .nested();
            scope.add(record);
        }
    }
    scope.output("loadBalancerDns", dns.clone());
    scope.output("loadBalancerArn", arn);
    scope.output("loadBalancerZoneId", zone);
    scope.output("targetGroupArn", target_group.clone());
    let scheme = match (spec.sort, port.protocol) {
        (Sort::Application, _) => spec.scheme(),
        (Sort::Network, Protocol::Tcp) if spec.certificate_arn.is_some() => "tls",
        (Sort::Network, protocol) => protocol.name(),
    };
    let mut url = vec![json!(format!("{scheme}://")), host];
    if spec.sort == Sort::Network {
        url.push(json!(format!(":{}", front_ports(spec, port)[0])));
    }
    scope.output("url", join(url));
    Front { target_group, listeners, label, host: dns }
}

/// The ports that the balancer listens on.
fn front_ports(spec: &LoadBalancer, port: &Port) -> Vec<u16> {
    match (spec.sort, &spec.certificate_arn) {
        (Sort::Application, None) => vec![80],
        (Sort::Application, Some(_)) => vec![80, 443],
        (Sort::Network, None) => vec![port.port],
        (Sort::Network, Some(_)) => vec![443],
    }
}

fn security_group(scope: &mut Scope<'_, '_>, spec: &LoadBalancer, port: &Port) -> Value {
    let pointer = "/networking/loadBalancer/allowedCIDRs";
    let cidrs: Vec<Value> = match (&spec.allowed_cidrs, spec.internal, scope.network().cidr()) {
        (Some(cidrs), ..) => cidrs.iter().map(Value::from).collect(),
        (None, false, _) => vec![json!("0.0.0.0/0")],
        (None, true, Some(cidr)) => vec![json!(cidr)],
        (None, true, None) => {
            let message =
                "an internal load balancer in a present network needs `allowedCIDRs`: panka does not know the network's addresses";
            scope.push(scope.finding(P1018, pointer, message));
            Vec::new()
        }
    };
    let ports = front_ports(spec, port);
    for open in ports.iter().filter(|port| ![80, 443].contains(*port)) {
        if cidrs.iter().any(|cidr| cidr == "0.0.0.0/0") {
            let message = format!("port {open} of the load balancer is open to everyone");
            scope
                .push(scope.finding(P3043, pointer, message).help("list the callers' addresses in `networking.loadBalancer.allowedCIDRs`"));
        }
    }
    let protocol = if spec.is_application() { "tcp" } else { port.protocol.name() };
    let rules: Vec<Value> = ports
        .iter()
        .flat_map(|port| cidrs.iter().map(move |cidr| json!({ "CidrIp": cidr, "FromPort": port, "IpProtocol": protocol, "ToPort": port })))
        .collect();
    let draft = scope
        .draft("load-balancer-security-group", "AWS::EC2::SecurityGroup")
        .set("GroupDescription", format!("load balancer of {} in {} {}", scope.id(), scope.stack_name(), scope.environment()))
        .set("SecurityGroupIngress", rules)
        .origin("/SecurityGroupIngress", pointer)
        .set("VpcId", scope.network().vpc_id());
    let group = draft.reference("GroupId");
    scope.add(draft);
    group
}

fn target_group(scope: &Scope<'_, '_>, spec: &LoadBalancer, port: &Port, readiness: Option<&Probe>) -> crate::components::draft::Draft {
    let protocol = match (spec.sort, port.protocol) {
        (Sort::Application, _) => "HTTP",
        (Sort::Network, Protocol::Tcp) => "TCP",
        (Sort::Network, Protocol::Udp) => "UDP",
    };
    let mut draft = scope
        .draft("target-group", "AWS::ElasticLoadBalancingV2::TargetGroup")
        .from("Port", "/networking/loadBalancer/port", port.port)
        .set("Protocol", protocol)
        .set("TargetType", "ip")
        .set("VpcId", scope.network().vpc_id())
        .origin("/HealthCheckPath", "/healthCheck/readiness/http/path")
        .origin("/HealthCheckPort", "/healthCheck/readiness")
        .origin("/HealthCheckIntervalSeconds", "/healthCheck/readiness/periodSeconds")
        .origin("/HealthCheckTimeoutSeconds", "/healthCheck/readiness/timeoutSeconds");
    if let Some(probe) = readiness {
        draft = draft
            .set("HealthCheckIntervalSeconds", probe.period_seconds)
            .set("HealthCheckTimeoutSeconds", probe.timeout_seconds)
            .set("HealthyThresholdCount", probe.success_threshold)
            .set("UnhealthyThresholdCount", probe.failure_threshold);
    } else {
        draft = draft
            .set("HealthCheckIntervalSeconds", 30)
            .set("HealthCheckTimeoutSeconds", 5)
            .set("HealthyThresholdCount", 2)
            .set("UnhealthyThresholdCount", 3);
    }
    let http = readiness.and_then(|probe| probe.http.as_ref());
    let number = readiness.and_then(Probe::port).unwrap_or(port.port);
    draft = draft.set("HealthCheckPort", number.to_string());
    match (http, spec.sort) {
        (Some(http), _) => {
            let protocol = if http.scheme == Scheme::Https { "HTTPS" } else { "HTTP" };
            draft.set("HealthCheckPath", http.path.as_str()).set("HealthCheckProtocol", protocol)
        }
        // An application balancer cannot try a connection alone: any answer that is not a server's failure shows that one was made.
        (None, Sort::Application) => {
            draft.set("HealthCheckPath", "/").set("HealthCheckProtocol", "HTTP").set("Matcher", json!({ "HttpCode": "200-499" }))
        }
        (None, Sort::Network) => draft.set("HealthCheckProtocol", "TCP"),
    }
}

fn listeners(scope: &mut Scope<'_, '_>, spec: &LoadBalancer, port: &Port, balancer: &Value, target_group: &Value) -> Vec<Address> {
    let forward = json!([{ "TargetGroupArn": target_group, "Type": "forward" }]);
    let mut addresses = Vec::new();
    if let Some(certificate) = &spec.certificate_arn {
        check_certificate(scope, certificate);
    }
    for number in front_ports(spec, port) {
        let redirect = spec.is_application() && spec.certificate_arn.is_some() && number == 80;
        let actions = if redirect {
            json!([{ "RedirectConfig": { "Port": "443", "Protocol": "HTTPS", "StatusCode": "HTTP_301" }, "Type": "redirect" }])
        } else {
            forward.clone()
        };
        let certificate = spec.certificate_arn.as_ref().filter(|_| number == 443);
        let protocol = match (spec.sort, certificate.is_some(), port.protocol) {
            (Sort::Application, true, _) => "HTTPS",
            (Sort::Application, false, _) => "HTTP",
            (Sort::Network, true, _) => "TLS",
            (Sort::Network, false, Protocol::Tcp) => "TCP",
            (Sort::Network, false, Protocol::Udp) => "UDP",
        };
        let mut draft = scope
            .draft(&format!("listener.{number}"), "AWS::ElasticLoadBalancingV2::Listener")
            .set("DefaultActions", actions)
            .set("LoadBalancerArn", balancer.clone())
            .set("Port", number)
            .set("Protocol", protocol);
        if let Some(certificate) = certificate {
            draft = draft
                .set("Certificates", json!([{ "CertificateArn": certificate.value() }]))
                .origin("/Certificates", "/networking/loadBalancer/certificateArn")
                .from("SslPolicy", "/networking/loadBalancer/sslPolicy", &spec.ssl_policy);
        }
        let address = scope.add(draft);
        if !redirect {
            addresses.push(address);
        }
    }
    addresses
}

/// A balancer takes certificates of its own region only.
fn check_certificate(scope: &mut Scope<'_, '_>, certificate: &Text) {
    let Some(text) = certificate.literal() else { return };
    let pointer = "/networking/loadBalancer/certificateArn";
    match text.splitn(6, ':').collect::<Vec<_>>()[..] {
        ["arn", _, "acm" | "iam", region, ..] if region.is_empty() || region == scope.region() => {}
        ["arn", _, "acm", region, ..] => {
            let message = format!("the certificate is in {region}, and the load balancer in {}", scope.region());
            scope.push(scope.finding(P3012, pointer, message));
        }
        _ => scope.push(scope.finding(P1014, pointer, format!("`{text}` is not the ARN of a certificate"))),
    }
}
