//! Identity and attributes of simulated resources.
//!
//! In: type, properties, place, address and how often something was made there. Out: the identifier and a plausible value of the right
//! type for every attribute. Equal input gives equal values, on every read and every machine.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::arn;
use crate::account::Account;
use crate::catalog::TypeInfo;
use crate::document::hex;
use crate::resource::Properties;
use crate::schema::{Place, Type};

/// When everything was made, as far as attributes tell.
const EPOCH: &str = "2024-01-01T00:00:00Z";

/// How deep generated maps go.
const DEPTH: usize = 4;

/// What the identity of a resource is made of.
#[derive(Debug)]
pub(super) struct Shape<'a> {
    account: &'a Account,
    type_name: &'a str,
    info: Option<&'a TypeInfo>,
    properties: &'a Properties,
    /// Physical name: the given one, else a generated one.
    name: String,
    /// 64 hexadecimal digits that are this instance's alone.
    digits: String,
    /// How many came before it at its address.
    before: u64,
}

impl<'a> Shape<'a> {
    pub(super) fn new(
        account: &'a Account,
        info: Option<&'a TypeInfo>,
        type_name: &'a str,
        properties: &'a Properties,
        (place, address): (&str, &str),
        before: u64,
    ) -> Self {
        let seed = [account.number(), &account.region, place, address, type_name, &before.to_string()].join("\n");
        let digits = hex(&Sha256::digest(seed));
        let name = given_name(type_name, info, properties)
            .unwrap_or_else(|| format!("{}-{}", address.replace(['/', '.', '_'], "-").trim_start_matches('-'), &digits[..12]));
        Self { account, type_name, info, properties, name, digits, before }
    }

    /// The same resource after the operation of a number: what counts on with every change does.
    pub(super) fn after(self, operation: u64) -> Self {
        Self { before: operation, ..self }
    }

    /// The primary identifier, parts joined by `|`.
    pub(super) fn identifier(&self) -> String {
        let Some(info) = self.info else { return self.text("Id", true) };
        let parts = info.primary_identifier().iter().map(|pointer| {
            let given = self.properties.get(pointer.trim_start_matches('/')).filter(|_| !info.is_read_only(pointer));
            match given.cloned().unwrap_or_else(|| self.attribute(pointer)) {
                Value::String(text) => text,
                other => other.to_string(),
            }
        });
        parts.collect::<Vec<_>>().join("|")
    }

    /// The read-only values that the service sets, and the names and ports that it chose.
    pub(super) fn attributes(&self) -> Map<String, Value> {
        let mut attributes = Map::new();
        let Some(info) = self.info else {
            attributes.insert("Id".to_owned(), Value::String(self.text("Id", true)));
            return attributes;
        };
        for pointer in info.read_only().filter(|pointer| !pointer.contains('*')) {
            let mut steps = pointer.split('/').skip(1).peekable();
            let Some(first) = steps.next() else { continue };
            // What belongs to a feature that is not used is not there.
            let used = steps.peek().is_none()
                || info.is_read_only(&format!("/{first}"))
                || self.properties.contains_key(first)
                || self.has_feature(first);
            if !used || attributes.get(first).is_some_and(|_| steps.peek().is_none()) {
                continue;
            }
            insert(&mut attributes, first, &steps.collect::<Vec<_>>(), || self.attribute(pointer));
        }
        let chosen = info.primary_identifier().iter().map(|pointer| pointer.trim_start_matches('/')).chain(["Port"]);
        for name in chosen.filter(|name| !name.contains('/')) {
            let pointer = format!("/{name}");
            if !self.properties.contains_key(name) && !attributes.contains_key(name) && info.place(&pointer).is_some() {
                attributes.insert(name.to_owned(), self.attribute(&pointer));
            }
        }
        attributes.sort_keys();
        attributes
    }

    /// Everything that a read shows besides: values that the service chose for properties that were not given.
    pub(super) fn defaults(&self) -> Map<String, Value> {
        let Some(info) = self.info else { return Map::new() };
        let hidden = |name: &str| {
            let pointer = format!("/{name}");
            info.is_write_only(&pointer) || self.properties.contains_key(name) || info.tag_property() == Some(name)
        };
        info.property_names()
            .into_iter()
            .filter(|name| !hidden(name))
            .map(|name| (name.to_owned(), self.attribute(&format!("/{name}"))))
            .collect()
    }

    /// `MasterUserSecret` is filled when the service manages the password.
    fn has_feature(&self, name: &str) -> bool {
        name == "MasterUserSecret" && self.properties.get("ManageMasterUserPassword") == Some(&Value::Bool(true))
    }

    /// A plausible value for what a pointer names.
    pub(super) fn attribute(&self, pointer: &str) -> Value {
        let leaf = pointer.rsplit('/').next().unwrap_or_default();
        let own = self.info.is_some_and(|info| info.primary_identifier().iter().any(|part| part == pointer));
        match self.info.and_then(|info| info.place(pointer)) {
            Some(place) => self.value(place, leaf, pointer, own, DEPTH),
            None => Value::String(self.text(leaf, own)),
        }
    }

    fn value(&self, place: Place<'_>, leaf: &str, pointer: &str, own: bool, depth: usize) -> Value {
        let types = place.types();
        if let Some(choice) = place.choices().and_then(|choices| choices.first()) {
            return choice.clone();
        }
        let is = |kind: Type| types.contains(kind);
        if types.is_empty() || is(Type::String) {
            return self.fitting(place, self.special(pointer).unwrap_or_else(|| self.text(leaf, own)));
        }
        if is(Type::Integer) || is(Type::Number) {
            return self.number(place, leaf);
        }
        if is(Type::Boolean) {
            return Value::Bool(false);
        }
        if is(Type::Array) {
            let item = place.any_item().filter(|_| depth > 0);
            return Value::Array(item.map(|item| self.value(item, leaf, pointer, false, depth - 1)).into_iter().collect());
        }
        if is(Type::Object) {
            let fields = if depth > 0 { place.fields() } else { Vec::new() };
            let field =
                |name: &str| Some((name.to_owned(), self.value(place.field(name)?, name, &format!("{pointer}/{name}"), false, depth - 1)));
            return Value::Object(fields.into_iter().filter_map(field).collect());
        }
        Value::Null
    }

    /// The text, or another one that the pattern of the place wants.
    fn fitting(&self, place: Place<'_>, text: String) -> Value {
        let (least, most) = place.lengths();
        let sized = |mut text: String| {
            if let Some(most) = most.filter(|most| *most > 0) {
                text = text.chars().take(most).collect();
            }
            while text.chars().count() < least.unwrap_or(0) {
                text.push('0');
            }
            text
        };
        let text = sized(text);
        let Some(pattern) = place.pattern().filter(|pattern| !pattern.matches(&text)) else { return Value::String(text) };
        let candidates = [
            self.uuid(),
            self.digits[..32].to_owned(),
            self.digits[..17].to_owned(),
            self.name.clone(),
            self.arn(),
            self.account.number().to_owned(),
            self.url(),
        ];
        let other = candidates
            .into_iter()
            .chain(["1".to_owned(), EPOCH.to_owned(), "10.0.0.1".to_owned()])
            .map(sized)
            .find(|other| pattern.matches(other));
        Value::String(other.unwrap_or(text))
    }

    fn number(&self, place: Place<'_>, leaf: &str) -> Value {
        if leaf == "Port" {
            return json!(self.port());
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounds of properties are small whole numbers")]
        let bound = |bound: Option<f64>| bound.map(|bound| bound as i64);
        let (least, most) = place.bounds();
        json!(1.max(bound(least).unwrap_or(1)).min(bound(most).unwrap_or(i64::MAX)))
    }

    /// Values that the name of an attribute alone does not tell.
    fn special(&self, pointer: &str) -> Option<String> {
        let (account, region) = (self.account.number(), &self.account.region);
        let (name, short) = (&self.name, &self.digits[..12]);
        let text = |property: &str| self.properties.get(property).and_then(Value::as_str);
        let value = match (self.type_name, pointer) {
            ("AWS::SQS::Queue", "/QueueUrl") => format!("https://sqs.{region}.{}/{account}/{name}", self.account.url_suffix),
            ("AWS::RDS::DBInstance", "/Endpoint/Address") => format!("{name}.{short}.{region}.rds.{}", self.account.url_suffix),
            ("AWS::RDS::DBCluster", "/Endpoint/Address") => format!("{name}.cluster-{short}.{region}.rds.{}", self.account.url_suffix),
            ("AWS::RDS::DBCluster", "/ReadEndpoint/Address") => {
                format!("{name}.cluster-ro-{short}.{region}.rds.{}", self.account.url_suffix)
            }
            ("AWS::RDS::DBCluster", "/Endpoint/Port" | "/ReadEndpoint/Port") => self.port().to_string(),
            ("AWS::RDS::DBInstance" | "AWS::RDS::DBCluster", "/MasterUserSecret/SecretArn") => {
                format!(
                    "arn:{}:secretsmanager:{region}:{account}:secret:rds!db-{}-{}",
                    self.account.partition,
                    self.uuid(),
                    &self.digits[40..46]
                )
            }
            ("AWS::ElastiCache::ReplicationGroup" | "AWS::ElastiCache::CacheCluster", pointer) if pointer.ends_with("/Address") => {
                format!("{name}.{}.ng.0001.{region}.cache.{}", &self.digits[..6], self.account.url_suffix)
            }
            (_, pointer) if pointer.ends_with("Endpoint/Port") || pointer.ends_with("EndPoint/Port") => self.port().to_string(),
            ("AWS::S3::Bucket", "/DomainName") => format!("{name}.s3.{}", self.account.url_suffix),
            ("AWS::S3::Bucket", "/RegionalDomainName") => format!("{name}.s3.{region}.{}", self.account.url_suffix),
            ("AWS::S3::Bucket", "/DualStackDomainName") => format!("{name}.s3.dualstack.{region}.{}", self.account.url_suffix),
            ("AWS::S3::Bucket", "/WebsiteURL") => format!("http://{name}.s3-website-{region}.{}", self.account.url_suffix),
            ("AWS::ElasticLoadBalancingV2::LoadBalancer", "/DNSName") => {
                format!("{name}-{}.{region}.elb.{}", self.decimal(10), self.account.url_suffix)
            }
            ("AWS::ElasticLoadBalancingV2::LoadBalancer", "/LoadBalancerFullName") => after_slash(&self.arn()),
            ("AWS::ElasticLoadBalancingV2::LoadBalancer", "/LoadBalancerName")
            | ("AWS::ElasticLoadBalancingV2::TargetGroup", "/TargetGroupName")
            | ("AWS::ECS::Service", "/Name") => name.clone(),
            ("AWS::ElasticLoadBalancingV2::TargetGroup", "/TargetGroupFullName") => {
                format!("targetgroup/{}", after_slash(&self.arn()))
            }
            ("AWS::ECR::Repository", "/RepositoryUri") => format!("{account}.dkr.ecr.{region}.{}/{name}", self.account.url_suffix),
            ("AWS::Lambda::Url", "/FunctionUrl") => format!("https://{}.lambda-url.{region}.on.aws/", &self.digits[..32]),
            ("AWS::Lambda::Url", "/FunctionArn") => text("TargetFunctionArn")?.to_owned(),
            ("AWS::DynamoDB::Table", "/StreamArn") => {
                let (minutes, seconds) = (self.before / 60 % 60, self.before % 60);
                format!("{}/stream/2024-01-01T00:{minutes:02}:{seconds:02}.000", self.arn())
            }
            ("AWS::CloudFront::Distribution", "/DomainName") => format!("d{}.cloudfront.net", &self.digits[..13]),
            ("AWS::CloudFront::Distribution", "/Id") => format!("E{}", self.digits[..13].to_uppercase()),
            ("AWS::IAM::Role", "/RoleId") => format!("AROA{}", self.digits[..17].to_uppercase()),
            ("AWS::SecretsManager::Secret", "/Id") | ("AWS::ECS::Service", "/ServiceArn") => self.arn(),
            ("AWS::Cognito::UserPool", "/UserPoolId") => format!("{region}_{}", &self.digits[..9]),
            ("AWS::EC2::Route", "/CidrBlock") => text("DestinationCidrBlock")
                .or_else(|| text("DestinationIpv6CidrBlock"))
                .or_else(|| text("DestinationPrefixListId"))?
                .to_owned(),
            ("AWS::EC2::VPCGatewayAttachment", "/AttachmentType") => {
                if self.properties.contains_key("VpnGatewayId") { "VGW" } else { "IGW" }.to_owned()
            }
            _ => return None,
        };
        Some(value)
    }

    /// A plausible text by the name of an attribute.
    fn text(&self, leaf: &str, own: bool) -> String {
        let ends = |end: &str| leaf.ends_with(end);
        if ends("Arn") || ends("ARN") || ends("Arns") {
            return self.arn();
        }
        if let Some(prefix) = arn::prefix(self.type_name, leaf, own) {
            return format!("{prefix}0{}", &self.digits[..16]);
        }
        if leaf == "PublicIp" || ends("IpAddress") || ends("Ip") {
            let byte = |at: usize| u8::from_str_radix(&self.digits[at..at + 2], 16).unwrap_or(1);
            return format!("52.{}.{}.{}", byte(0), byte(2), byte(4));
        }
        if own && (ends("Name") || ends("Identifier")) {
            return self.name.clone();
        }
        if ends("Url") || ends("URL") || ends("Uri") || ends("URI") {
            return self.url();
        }
        if ends("Endpoint") || ends("Address") || ends("DnsName") || ends("DNSName") || ends("DomainName") {
            return self.host();
        }
        if ends("HostedZoneId") || ends("HostedZoneID") {
            return format!("Z{}", self.digits[..13].to_uppercase());
        }
        if ends("Time") || ends("Timestamp") || ends("Date") || ends("At") || ends("Till") {
            return EPOCH.to_owned();
        }
        if ends("Status") || ends("State") {
            return "available".to_owned();
        }
        if ends("AccountId") || leaf == "OwnerId" {
            return self.account.number().to_owned();
        }
        if ends("Cidr") || ends("CidrBlock") {
            return "10.0.0.0/16".to_owned();
        }
        if ends("Region") {
            return self.account.region.clone();
        }
        if ends("Port") {
            return self.port().to_string();
        }
        if ends("Version") || ends("Revision") || ends("Generation") {
            return (self.before + 1).to_string();
        }
        if ends("Name") {
            return self.name.clone();
        }
        if own || ends("Id") || ends("ID") { self.uuid() } else { format!("{}-{}", leaf.to_ascii_lowercase(), &self.digits[..8]) }
    }

    /// The ARN of the resource.
    fn arn(&self) -> String {
        let given = |property: &str| self.properties.get(property).and_then(Value::as_str).unwrap_or_default();
        let h = &self.digits[..16];
        match self.type_name {
            "AWS::ElasticLoadBalancingV2::Listener" => {
                return format!("{}/{h}", given("LoadBalancerArn").replacen(":loadbalancer/", ":listener/", 1));
            }
            "AWS::ElasticLoadBalancingV2::ListenerRule" => {
                return format!("{}/{h}", given("ListenerArn").replacen(":listener/", ":listener-rule/", 1));
            }
            "AWS::SNS::Subscription" => return format!("{}:{}", given("TopicArn"), self.uuid()),
            _ => {}
        }
        let template = match self.type_name {
            "AWS::ECS::Service" => {
                let cluster = after_slash(given("Cluster"));
                format!("ecs:{{r}}:{{a}}:service/{}/{{n}}", if cluster.is_empty() { "default" } else { &cluster })
            }
            "AWS::ElasticLoadBalancingV2::LoadBalancer" if given("Type") == "network" => {
                "elasticloadbalancing:{r}:{a}:loadbalancer/net/{n}/{h}".to_owned()
            }
            name => arn::template(name).map_or_else(|| general(name), str::to_owned),
        };
        let path = match given("Path") {
            "" => "/",
            path => path,
        };
        let revision = (self.before + 1).to_string();
        let own = arn::prefix(self.type_name, "", true).map(|prefix| format!("{prefix}0{h}"));
        let id = own.unwrap_or_else(|| self.digits[..17].to_owned());
        let mut text = format!("arn:{}:{template}", self.account.partition);
        for (mark, value) in [
            ("{r}", self.account.region.as_str()),
            ("{a}", self.account.number()),
            ("{n}", self.name.trim_start_matches('/')),
            ("{i}", &id),
            ("{u}", &self.uuid()),
            ("{h}", h),
            ("{6}", &self.digits[40..46]),
            ("{p}", path),
            ("{v}", &revision),
        ] {
            if text.contains(mark) {
                text = text.replace(mark, value);
            }
        }
        text
    }

    fn uuid(&self) -> String {
        let d = &self.digits;
        format!("{}-{}-4{}-a{}-{}", &d[..8], &d[8..12], &d[13..16], &d[17..20], &d[20..32])
    }

    fn host(&self) -> String {
        let service = self.type_name.split("::").nth(1).unwrap_or_default().to_ascii_lowercase();
        format!("{}.{}.{service}.{}.{}", self.name, &self.digits[..12], self.account.region, self.account.url_suffix)
    }

    fn url(&self) -> String {
        format!("https://{}", self.host())
    }

    fn decimal(&self, length: usize) -> String {
        self.digits.bytes().map(|digit| char::from(b'0' + digit % 10)).take(length).collect()
    }

    fn port(&self) -> u16 {
        let given = self.properties.get("Port").and_then(|port| port.as_u64().or_else(|| port.as_str()?.parse().ok()));
        if let Some(port) = given.and_then(|port| u16::try_from(port).ok()) {
            return port;
        }
        match self.properties.get("Engine").and_then(Value::as_str).unwrap_or_default() {
            engine if engine.contains("postgres") => 5432,
            engine if engine.contains("mysql") || engine.contains("mariadb") => 3306,
            engine if engine.contains("oracle") => 1521,
            engine if engine.contains("sqlserver") => 1433,
            engine if engine.contains("redis") || engine.contains("valkey") => 6379,
            engine if engine.contains("memcached") => 11211,
            engine if engine.contains("docdb") => 27017,
            _ => 443,
        }
    }
}

fn after_slash(text: &str) -> String {
    text.split_once('/').map_or(text, |(_, rest)| rest).to_owned()
}

/// The name that the properties give: of the identifier, else of a property that is called a name.
fn given_name(type_name: &str, info: Option<&TypeInfo>, properties: &Properties) -> Option<String> {
    let last = type_name.rsplit("::").next().unwrap_or_default();
    let identifiers = info.map(TypeInfo::primary_identifier).unwrap_or_default();
    let of_identifier = identifiers
        .iter()
        .map(|pointer| pointer.trim_start_matches('/'))
        .filter(|name| name.ends_with("Name") || name.ends_with("Identifier"));
    let called = [
        format!("{last}Name"),
        "Name".to_owned(),
        format!("{last}Identifier"),
        "Family".to_owned(),
        "RepositoryName".to_owned(),
        "GroupName".to_owned(),
    ];
    let mut candidates = of_identifier.map(str::to_owned).chain(called);
    candidates.find_map(|name| properties.get(&name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
}

/// The shape of an ARN that no table knows.
fn general(type_name: &str) -> String {
    let mut parts = type_name.split("::").skip(1).map(str::to_ascii_lowercase);
    format!("{}:{{r}}:{{a}}:{}/{{n}}", parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

fn insert(map: &mut Map<String, Value>, first: &str, rest: &[&str], value: impl FnOnce() -> Value) {
    match rest {
        [] => {
            map.insert(first.to_owned(), value());
        }
        [second, rest @ ..] => {
            if let Value::Object(inner) = map.entry(first).or_insert_with(|| Value::Object(Map::new())) {
                insert(inner, second, rest, value);
            }
        }
    }
}
