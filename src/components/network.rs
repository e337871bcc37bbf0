//! The network of a stack, `_stack/network`: made by panka, or one that is there already.

use std::cell::Cell;

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::Check;
use super::draft::Draft;
use super::endpoint::{self, Endpoint};
use super::kind::{Behaviour, Facts, Output, Row, Spec};
use super::scope::Scope;
use crate::address::{Address, ComponentId};
use crate::diagnostic::codes::aws::{P3013, P3014, P3015};
use crate::diagnostic::codes::manifest::{P1013, P1014, P1017, P1019};
use crate::resource::reference;

/// Name of the component.
pub(super) const NAME: &str = "network";

/// Its row, which is not in the table of kinds: no YAML can declare it.
pub(super) static ROW: Row = Row::of::<NetworkSpec>();

/// `network` of Stack and Environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkSpec {
    /// Use a VPC that is there.
    #[serde(default)]
    existing: Option<Existing>,
    /// Make a VPC.
    #[serde(default)]
    create: Option<Create>,
}

/// A VPC that is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Existing {
    /// Its id.
    #[schemars(regex(pattern = "^vpc-[0-9a-f]+$"))]
    vpc_id: String,
    /// Subnets whose traffic has a way to and from the internet.
    #[serde(default)]
    public_subnet_ids: Vec<String>,
    /// Subnets that cannot be reached from outside.
    #[serde(default)]
    private_subnet_ids: Vec<String>,
}

/// A VPC that panka makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Create {
    /// Its addresses, /16 to /22.
    cidr: String,
    /// How many zones, or which.
    availability_zones: Zones,
    /// Ways from private subnets to the internet.
    nat_gateways: NatGateways,
    /// Ways from the network to services of AWS: `s3` and `dynamodb` cost nothing, the others cost by the hour.
    endpoints: Vec<Endpoint>,
}

impl Default for Create {
    fn default() -> Self {
        Self { cidr: "10.0.0.0/16".to_owned(), availability_zones: Zones::Count(2), nat_gateways: NatGateways::None, endpoints: Vec::new() }
    }
}

/// Availability zones: the region's first ones by name, or those named.
#[derive(Debug, Clone, PartialEq)]
enum Zones {
    Count(usize),
    Named(Vec<String>),
}

impl Serialize for Zones {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => count.serialize(serializer),
            Self::Named(names) => names.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Zones {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_array() {
            serde_json::from_value(value).map(Self::Named).map_err(serde::de::Error::custom)
        } else {
            serde_json::from_value(value).map(Self::Count).map_err(serde::de::Error::custom)
        }
    }
}

impl JsonSchema for Zones {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Zones".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 2, "maximum": 6 },
            { "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 6, "uniqueItems": true }
        ] })
    }
}

/// Ways from private subnets to the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum NatGateways {
    /// None: workloads run in public subnets, behind closed security groups.
    None,
    /// One for all zones.
    Single,
    /// One in each zone.
    PerAz,
}

/// Which subnets something stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Placement {
    /// Subnets with a way to and from the internet.
    Public,
    /// Subnets that cannot be reached from outside.
    Private,
}

/// The network as other components see it.
pub(crate) struct Network {
    source: Source,
    used: Cell<bool>,
}

enum Source {
    Existing(Existing),
    Made { cidr: String, zones: Vec<String>, nat: NatGateways, endpoints: Vec<Endpoint> },
}

impl Network {
    pub(super) fn new(spec: NetworkSpec, region: &str) -> Self {
        let source = match (spec.existing, spec.create) {
            (Some(existing), _) => Source::Existing(existing),
            (None, create) => {
                let create = create.unwrap_or_default();
                let zones = match create.availability_zones {
                    Zones::Named(names) => names,
                    Zones::Count(count) => letters(region).iter().take(count).map(|letter| format!("{region}{letter}")).collect(),
                };
                Source::Made { cidr: create.cidr, zones, nat: create.nat_gateways, endpoints: create.endpoints }
            }
        };
        Self { source, used: Cell::new(false) }
    }

    pub(super) fn used(&self) -> &Self {
        self.used.set(true);
        self
    }

    pub(super) fn is_used(&self) -> bool {
        self.used.get()
    }

    fn address(role: &str) -> Address {
        Address::new(&ComponentId::new("_stack", NAME), role)
    }

    /// Id of the VPC.
    pub(crate) fn vpc_id(&self) -> Value {
        match &self.source {
            Source::Existing(existing) => existing.vpc_id.as_str().into(),
            Source::Made { .. } => reference(&Self::address("vpc"), "VpcId"),
        }
    }

    /// The addresses of the VPC, which panka knows of one that it makes.
    pub(crate) fn cidr(&self) -> Option<&str> {
        match &self.source {
            Source::Existing(_) => None,
            Source::Made { cidr, .. } => Some(cidr),
        }
    }

    /// Where workloads stand when nothing is said: in private subnets, as far as these have a way out.
    pub(crate) fn placement(&self) -> Placement {
        let private = match &self.source {
            Source::Existing(existing) => !existing.private_subnet_ids.is_empty(),
            Source::Made { nat, .. } => *nat != NatGateways::None,
        };
        if private { Placement::Private } else { Placement::Public }
    }

    /// Whether private subnets have a way to public addresses. Of a present network that is taken for granted.
    pub(crate) fn has_nat(&self) -> bool {
        !matches!(&self.source, Source::Made { nat: NatGateways::None, .. })
    }

    /// Whether private subnets have a way to a service. Of a present network that is taken for granted.
    pub(super) fn reaches(&self, endpoint: Endpoint) -> bool {
        match &self.source {
            Source::Existing(_) => true,
            Source::Made { nat, endpoints, .. } => *nat != NatGateways::None || endpoints.contains(&endpoint),
        }
    }

    /// Ids of the subnets.
    pub(crate) fn subnets(&self, placement: Placement) -> Vec<Value> {
        match (&self.source, placement) {
            (Source::Existing(existing), Placement::Public) => existing.public_subnet_ids.iter().map(|id| id.as_str().into()).collect(),
            (Source::Existing(existing), Placement::Private) => existing.private_subnet_ids.iter().map(|id| id.as_str().into()).collect(),
            (Source::Made { zones, .. }, placement) => {
                (1..=zones.len()).map(|n| reference(&Self::address(&format!("{}-subnet-{n}", word(placement))), "SubnetId")).collect()
            }
        }
    }

    /// What gives the subnets their way to the internet: whoever needs it waits for these.
    pub(crate) fn ready(&self, placement: Placement) -> Vec<Address> {
        let Source::Made { zones, nat, .. } = &self.source else { return Vec::new() };
        let mut roles: Vec<String> = (1..=zones.len()).map(|n| format!("{}-association-{n}", word(placement))).collect();
        match placement {
            Placement::Public => roles.push("public-route".to_owned()),
            Placement::Private if *nat == NatGateways::None => {}
            Placement::Private => roles.extend((1..=zones.len()).map(|n| format!("private-route-{n}"))),
        }
        roles.iter().map(|role| Self::address(role)).collect()
    }
}

fn word(placement: Placement) -> &'static str {
    match placement {
        Placement::Public => "public",
        Placement::Private => "private",
    }
}

/// The letters of a region's zones that every account has, in order.
fn letters(region: &str) -> &'static [char] {
    match region {
        "us-east-1" => &['a', 'b', 'c', 'd', 'e', 'f'],
        "us-west-2" | "ap-northeast-2" => &['a', 'b', 'c', 'd'],
        "ca-central-1" => &['a', 'b', 'd'],
        "ap-northeast-1" => &['a', 'c', 'd'],
        "us-west-1" => &['a', 'c'],
        "cn-north-1" => &['a', 'b'],
        _ => &['a', 'b', 'c'],
    }
}

impl Scope<'_, '_> {
    /// Ids of the subnets of a placement; too few of them are reported at a value of the spec.
    pub(crate) fn subnets(&mut self, placement: Placement, least: usize, pointer: &str) -> Vec<Value> {
        let subnets = self.network().subnets(placement);
        if subnets.is_empty() {
            let code = if placement == Placement::Private { P3014 } else { P3013 };
            let message = format!("`{}` needs {} subnets, and `network.existing` names none", self.id(), word(placement));
            self.push(self.finding(code, pointer, message).help(format!("list them in `network.existing.{}SubnetIds`", word(placement))));
        } else if subnets.len() < least {
            let message = format!("`{}` needs {} subnets in {least} zones, and there are {}", self.id(), word(placement), subnets.len());
            self.push(self.finding(P3013, pointer, message));
        }
        subnets
    }
}

impl Spec for NetworkSpec {
    const FACTS: Facts = {
        let mut facts = Facts::new("Network", "Network of the stack");
        facts.outputs = &[
            Output::text("vpcId", "id of the VPC"),
            Output::list("publicSubnetIds", "ids of the public subnets"),
            Output::list("privateSubnetIds", "ids of the private subnets"),
            Output::text("cidr", "addresses of the VPC, when panka makes it"),
        ];
        facts
    };
}

impl Behaviour for NetworkSpec {
    fn check(&self, check: &mut Check<'_>) {
        if self.existing.is_some() && self.create.is_some() {
            check.report(P1017, "/create", "`network` has both `existing` and `create`");
        }
        if let Some(existing) = &self.existing {
            let mut seen = std::collections::BTreeSet::new();
            let lists = [("publicSubnetIds", &existing.public_subnet_ids), ("privateSubnetIds", &existing.private_subnet_ids)];
            for (field, ids) in lists {
                for (n, id) in ids.iter().enumerate() {
                    if !seen.insert(id) {
                        check.report(P3015, &format!("/existing/{field}/{n}"), format!("subnet `{id}` is listed twice"));
                    }
                }
            }
        }
        if let Some(create) = &self.create {
            for (n, endpoint) in create.endpoints.iter().enumerate() {
                if create.endpoints[..n].contains(endpoint) {
                    check.report(P1019, &format!("/create/endpoints/{n}"), "the endpoint is there twice");
                }
            }
            match create.cidr.parse::<Ipv4Net>() {
                Err(_) => {
                    check.report(P1014, "/create/cidr", format!("`{}` is not a range of IPv4 addresses such as 10.0.0.0/16", create.cidr));
                }
                Ok(net) if net.trunc() != net => {
                    check.push(
                        check
                            .finding(P1014, "/create/cidr", format!("`{net}` has bits set behind its prefix"))
                            .help(format!("write `{}`", net.trunc())),
                    );
                }
                Ok(net) if !(16..=22).contains(&net.prefix_len()) => {
                    check.report(P1013, "/create/cidr", format!("the VPC's range is /{}, and /16 to /22 are possible", net.prefix_len()));
                }
                Ok(_) => {}
            }
        }
    }

    fn translate(&self, scope: &mut Scope<'_, '_>) {
        let network = scope.network();
        if let Source::Made { cidr, zones, nat, endpoints } = &network.source {
            if let Some(Create { availability_zones: Zones::Count(count), .. }) = &self.create
                && *count > zones.len()
            {
                let message =
                    format!("panka knows {} zones of {} that every account has, and {count} are wanted", zones.len(), scope.region());
                scope.push(
                    scope
                        .finding(P3013, "/create/availabilityZones", message)
                        .help("list the names of your account's zones: `availabilityZones: [us-west-1a, us-west-1b]`"),
                );
            }
            // A malformed range was reported by the check.
            if let Ok(cidr) = cidr.parse::<Ipv4Net>() {
                make(scope, cidr, zones, *nat, endpoints);
            }
        }
        scope.output("vpcId", network.vpc_id());
        scope.output("publicSubnetIds", network.subnets(Placement::Public));
        scope.output("privateSubnetIds", network.subnets(Placement::Private));
        scope.output_some("cidr", network.cidr());
    }
}

fn make(scope: &mut Scope<'_, '_>, cidr: Ipv4Net, zones: &[String], nat: NatGateways, endpoints: &[Endpoint]) {
    let vpc = scope
        .main("vpc", "AWS::EC2::VPC")
        .from("CidrBlock", "/create/cidr", cidr.to_string())
        .set("EnableDnsHostnames", true)
        .set("EnableDnsSupport", true);
    let vpc_id = vpc.reference("VpcId");
    scope.add(vpc);
    let gateway = scope.draft("internet-gateway", "AWS::EC2::InternetGateway");
    let gateway_id = gateway.reference("InternetGatewayId");
    scope.add(gateway);
    let attachment = scope
        .draft("gateway-attachment", "AWS::EC2::VPCGatewayAttachment")
        .set("InternetGatewayId", gateway_id.clone())
        .set("VpcId", vpc_id.clone());
    let attached = scope.add(attachment);
    let table = scope.draft("public-route-table", "AWS::EC2::RouteTable").set("VpcId", vpc_id.clone());
    let public_table = table.reference("RouteTableId");
    scope.add(table);
    let route = to_anywhere(scope, "public-route", &public_table).set("GatewayId", gateway_id).after(attached.clone());
    scope.add(route);

    let blocks: Vec<Ipv4Net> = cidr.subnets(cidr.prefix_len() + 4).map(Iterator::collect).unwrap_or_default();
    let mut tables = vec![public_table.clone()];
    for (n, zone) in (1..).zip(zones) {
        let public = subnet(scope, &format!("public-subnet-{n}"), &vpc_id, zone, blocks[n - 1]).set("MapPublicIpOnLaunch", true);
        let public_subnet = public.reference("SubnetId");
        scope.add(public);
        associate(scope, &format!("public-association-{n}"), &public_subnet, &public_table);

        let private = subnet(scope, &format!("private-subnet-{n}"), &vpc_id, zone, blocks[7 + n]);
        let private_subnet = private.reference("SubnetId");
        scope.add(private);
        let table = scope.draft(&format!("private-route-table-{n}"), "AWS::EC2::RouteTable").set("VpcId", vpc_id.clone());
        let private_table = table.reference("RouteTableId");
        scope.add(table);
        associate(scope, &format!("private-association-{n}"), &private_subnet, &private_table);

        let own = match nat {
            NatGateways::None => None,
            NatGateways::Single => Some(1),
            NatGateways::PerAz => Some(n),
        };
        if own == Some(n) {
            let ip = scope.draft(&format!("nat-eip-{n}"), "AWS::EC2::EIP").set("Domain", "vpc").after(attached.clone());
            let allocation = ip.reference("AllocationId");
            scope.add(ip);
            let gateway = scope
                .draft(&format!("nat-gateway-{n}"), "AWS::EC2::NatGateway")
                .set("AllocationId", allocation)
                .set("SubnetId", public_subnet)
                .after(attached.clone());
            scope.add(gateway);
        }
        if let Some(own) = own {
            let gateway = scope.part().reference(&format!("nat-gateway-{own}"), "NatGatewayId");
            let route = to_anywhere(scope, &format!("private-route-{n}"), &private_table).set("NatGatewayId", gateway);
            scope.add(route);
        }
        tables.push(private_table);
    }
    endpoint::add(scope, endpoints, &vpc_id, &tables, &cidr.to_string());
}

fn to_anywhere(scope: &Scope<'_, '_>, role: &str, table: &Value) -> Draft {
    scope.draft(role, "AWS::EC2::Route").set("DestinationCidrBlock", "0.0.0.0/0").set("RouteTableId", table.clone())
}

fn subnet(scope: &Scope<'_, '_>, role: &str, vpc: &Value, zone: &str, block: Ipv4Net) -> Draft {
    scope
        .draft(role, "AWS::EC2::Subnet")
        .from("AvailabilityZone", "/create/availabilityZones", zone)
        .set("CidrBlock", block.to_string())
        .set("VpcId", vpc.clone())
}

fn associate(scope: &mut Scope<'_, '_>, role: &str, subnet: &Value, table: &Value) {
    let draft =
        scope.draft(role, "AWS::EC2::SubnetRouteTableAssociation").set("RouteTableId", table.clone()).set("SubnetId", subnet.clone());
    scope.add(draft);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::components::tests::{addresses, codes, get, manifest};
    use crate::components::{Translated, translate};
    use crate::diagnostic::Error;

    /// A network that an output of the stack refers to.
    fn network(spec: Value) -> Result<Translated, Error> {
        let outputs = json!({"vpc": {"value": {"$output": "_stack/network.vpcId"}, "source": "stack.yaml:9:3"}});
        translate(&manifest(json!({"outputs": outputs, "network": {"spec": spec}})))
    }

    #[test]
    fn each_zone_can_have_a_gateway_of_its_own() {
        let translated = network(json!({"create": {"natGateways": "per-az", "availabilityZones": 3, "cidr": "10.1.0.0/20"}})).unwrap();
        for n in 1..=3 {
            let route = get(&translated, &format!("_stack/network/private-route-{n}"));
            assert_eq!(route.properties["NatGatewayId"]["$ref"], format!("_stack/network/nat-gateway-{n}"));
        }
        assert_eq!(get(&translated, "_stack/network/public-subnet-3").properties["CidrBlock"], "10.1.2.0/24");
        assert_eq!(get(&translated, "_stack/network/private-subnet-3").properties["CidrBlock"], "10.1.10.0/24");
        assert_eq!(get(&translated, "_stack/network/public-subnet-3").properties["AvailabilityZone"], "us-east-1c");
    }

    #[test]
    fn zones_can_be_named() {
        let translated = network(json!({"create": {"availabilityZones": ["us-east-1f", "us-east-1b"]}})).unwrap();
        assert_eq!(get(&translated, "_stack/network/private-subnet-1").properties["AvailabilityZone"], "us-east-1f");
    }

    #[test]
    fn gateway_endpoints_serve_every_route_table() {
        let translated = network(json!({"create": {"endpoints": ["s3", "dynamodb"]}})).unwrap();
        assert!(addresses(&translated).contains(&"_stack/network/endpoint.dynamodb"));
        let endpoint = &get(&translated, "_stack/network/endpoint.s3").properties;
        assert_eq!(endpoint["ServiceName"], json!({"$join": ["com.amazonaws.", {"$aws": "region"}, ".s3"]}));
        assert_eq!(endpoint["RouteTableIds"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn interface_endpoints_stand_in_the_private_subnets_behind_one_group() {
        let translated = network(json!({"create": {"endpoints": ["s3", "ecr.api", "sqs"]}})).unwrap();
        let endpoint = &get(&translated, "_stack/network/endpoint.ecr.api").properties;
        assert_eq!((&endpoint["VpcEndpointType"], &endpoint["PrivateDnsEnabled"]), (&json!("Interface"), &json!(true)));
        assert_eq!(endpoint["SubnetIds"].as_array().unwrap().len(), 2);
        assert_eq!(endpoint["ServiceName"], json!({"$join": ["com.amazonaws.", {"$aws": "region"}, ".ecr.api"]}));
        let group = json!([{"$ref": "_stack/network/endpoint-security-group", "attribute": "GroupId"}]);
        assert_eq!(
            (&endpoint["SecurityGroupIds"], &get(&translated, "_stack/network/endpoint.sqs").properties["SecurityGroupIds"]),
            (&group, &group)
        );
        let rules = &get(&translated, "_stack/network/endpoint-security-group").properties["SecurityGroupIngress"];
        assert_eq!(*rules, json!([{"CidrIp": "10.0.0.0/16", "FromPort": 443, "IpProtocol": "tcp", "ToPort": 443}]));
        assert_eq!(codes(network(json!({"create": {"endpoints": ["sqs", "sqs"]}}))), ["P1019"]);
    }

    #[test]
    fn networks_that_cannot_be_are_reported() {
        assert_eq!(codes(network(json!({"create": {"cidr": "10.0.0.0/24"}}))), ["P1013"]);
        assert_eq!(codes(network(json!({"create": {"cidr": "10.0.0.7/16"}}))), ["P1014"]);
        assert_eq!(codes(network(json!({"create": {"cidr": "here"}}))), ["P1014"]);
        let twice = json!({"vpcId": "vpc-1", "publicSubnetIds": ["subnet-1"], "privateSubnetIds": ["subnet-1"]});
        assert_eq!(codes(network(json!({"existing": twice}))), ["P3015"]);
        assert_eq!(codes(network(json!({"existing": {"vpcId": "vpc-1"}, "create": {}}))), ["P1017"]);
    }

    #[test]
    fn the_addresses_of_a_present_network_are_no_output() {
        let outputs = json!({"cidr": {"value": {"$output": "_stack/network.cidr"}, "source": "stack.yaml:9:3"}});
        let spec = json!({"existing": {"vpcId": "vpc-1"}});
        assert_eq!(codes(translate(&manifest(json!({"outputs": outputs, "network": {"spec": spec}})))), ["P2015"]);
    }
}
