//! Resource: any AWS type, with its properties as AWS names them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Access, Statement};
use super::check::Check;
use super::draft::{Draft, Name};
use super::edge::Edge;
use super::field::{Text, Tree};
use super::kind::{Behaviour, Facts, Listening, Spec};
use super::names;
use super::part::Part;
use super::scope::Scope;
use super::wiring::arn;
use crate::catalog::{TagStyle, TypeInfo, catalog};
use crate::diagnostic::codes::aws::{P3001, P3002, P3006, P3007};
use crate::diagnostic::codes::manifest::{P1017, P1018};
use crate::diagnostic::escape;
use crate::document::canonical;
use crate::resource::{Naming, Properties, join};
use crate::schema::Type;

/// The type of Kinesis streams.
pub(super) const KINESIS: &str = "AWS::Kinesis::Stream";
const KMS_KEY: &str = "AWS::KMS::Key";
const PARAMETER: &str = "AWS::SSM::Parameter";
const SECRET: &str = "AWS::SecretsManager::Secret";

/// Reading of a Kinesis stream.
pub(super) const KINESIS_READ: &[&str] =
    &["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"];

/// Types that mean something only inside of the template that holds them.
const TEMPLATE_ONLY: [&str; 4] = [
    "AWS::CDK::Metadata",
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle",
];

/// Bytes of the body of a template.
const TEMPLATE_LIMIT: usize = 51_200;

/// The spec of a resource of any type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct AnyType {
    /// AWS type, `AWS::Kinesis::Stream`. A change means another resource.
    #[serde(rename = "type")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9]+(::[A-Za-z0-9]+){2,}$"))]
    type_name: String,
    /// Its properties, as AWS names them; references may stand anywhere.
    #[serde(default)]
    properties: Tree,
    /// Outputs besides the automatic ones: name and dotted path of an attribute.
    #[serde(default)]
    outputs: BTreeMap<String, String>,
    /// How other components use it.
    #[serde(default)]
    connect: Connect,
    /// Fill in the physical name, when the type has a name that may be left out and is.
    #[serde(default = "yes")]
    set_name: bool,
}

fn yes() -> bool {
    true
}

/// How other components use a resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Connect {
    /// Dotted path of the attribute that statements name it by, `Arn` by default.
    arn: Option<String>,
    /// IAM actions of access read.
    #[schemars(inner(regex(pattern = r"^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$")))]
    read: Option<Vec<String>>,
    /// IAM actions of access write.
    #[schemars(inner(regex(pattern = r"^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$")))]
    write: Option<Vec<String>>,
    /// Port that consumers reach; with `securityGroupId`.
    #[schemars(range(min = 1))]
    port: Option<u16>,
    /// Security group that consumers are let in by; with `port`.
    security_group_id: Option<Text>,
}

/// What panka knows of the use of a type.
struct Known {
    access: Access,
    read: &'static [&'static str],
    write: &'static [&'static str],
}

fn known(type_name: &str) -> Option<Known> {
    let (access, read, write): (_, &[&str], &[&str]) = match type_name {
        KINESIS => (Access::Write, KINESIS_READ, &["kinesis:PutRecord", "kinesis:PutRecords"]),
        KMS_KEY => (Access::ReadWrite, &["kms:Decrypt", "kms:DescribeKey"], &["kms:Encrypt", "kms:GenerateDataKey*"]),
        PARAMETER => (Access::Read, &["ssm:GetParameter", "ssm:GetParameters"], &["ssm:PutParameter"]),
        SECRET => (Access::Read, &["secretsmanager:GetSecretValue"], &["secretsmanager:PutSecretValue"]),
        _ => return None,
    };
    Some(Known { access, read, write })
}

impl Spec for AnyType {
    const FACTS: Facts = Facts::new("Resource", "Any AWS resource");
}

impl Behaviour for AnyType {
    fn check(&self, check: &mut Check<'_>) {
        let Some(info) = catalog().get(&self.type_name) else {
            let suggestion = catalog().suggest(&self.type_name).map(|name| format!("did you mean `{name}`?"));
            let finding = check
                .finding(P3001, "/type", format!("`{}` is not an AWS resource type that panka knows", self.type_name))
                .maybe_help(suggestion);
            check.push(finding);
            return;
        };
        self.check_attributes(check, info);
        self.check_carriage(check, info);
        if let (Some(property), Some(_)) = (info.tag_property(), plain_tags(info))
            && self.properties.0.contains_key(property)
        {
            let finding = check
                .finding(
                    P1017,
                    &format!("/properties/{property}"),
                    format!("tags of a component stand in `tags`, not in `{property}` of its properties"),
                )
                .help("move them to `spec.tags`, as a map from key to value; panka adds its own");
            check.push(finding);
        }
        if self.connect.port.is_some() != self.connect.security_group_id.is_some() {
            let finding = check
                .finding(P1018, "/connect", "`port` and `securityGroupId` belong together: the port is opened on that group")
                .help("give both, or neither");
            check.push(finding);
        }
    }

    fn access(&self, _this: &Part<'_>, consumer: &Part<'_>) -> Access {
        let port = self.connect.port.is_some();
        match known(&self.type_name) {
            // A worker reads a stream as it reads a queue, and may pass records on.
            Some(_) if self.type_name == KINESIS && consumer.kind() == "Worker" => Access::ReadWrite,
            Some(known) => known.access,
            None => match (self.connect.read.is_some() || port, self.connect.write.is_some() || port) {
                (true, true) => Access::ReadWrite,
                (true, false) => Access::Read,
                (false, true) => Access::Write,
                (false, false) => Access::None,
            },
        }
    }

    fn grant(&self, this: &Part<'_>, edge: &Edge) -> Vec<Statement> {
        let known = known(&self.type_name);
        let pick = |given: &'_ Option<Vec<String>>, table: fn(&Known) -> &'static [&'static str]| match given {
            Some(actions) => actions.clone(),
            None => known.as_ref().map(|known| table(known).iter().map(|action| (*action).to_owned()).collect()).unwrap_or_default(),
        };
        let (read, write) = (pick(&self.connect.read, |known| known.read), pick(&self.connect.write, |known| known.write));
        let actions = edge.access.actions(&read, &write);
        match self.arn(this) {
            Some(arn) if !actions.is_empty() => vec![Statement::allow("", actions, vec![arn])],
            _ => Vec::new(),
        }
    }

    fn listens(&self, _this: &Part<'_>) -> Vec<Listening> {
        let port = self.connect.port.filter(|_| self.connect.security_group_id.is_some());
        port.map(Listening::tcp).into_iter().collect()
    }

    fn translate(&self, scope: &mut Scope<'_, '_>) {
        // An unknown type was reported.
        let Some(info) = catalog().get(&self.type_name) else { return };
        let mut draft = self.named(scope, info, scope.main("resource", self.type_name.as_str()));
        for (property, value) in &self.properties.0 {
            draft = draft.from(property, &format!("/properties/{}", escape(property)), value.clone());
        }
        draft = draft.origin("", "/properties");
        if plain_tags(info).is_none() {
            draft = draft.untagged();
        }
        if !info.has_handlers() {
            draft = draft.nested();
        }
        scope.output("id", draft.reference("id"));
        for path in readable(info) {
            let name = camel(&path);
            if !scope.has_output(&name) {
                scope.output(&name, draft.reference(&path));
            }
        }
        for (name, path) in &self.outputs {
            scope.output(name, draft.reference(path));
        }
        scope.add(draft);
        if let (Some(group), [listening]) = (&self.connect.security_group_id, self.listens(scope.part()).as_slice()) {
            scope.ingress(&group.value(), &[*listening]);
        }
    }
}

impl AnyType {
    /// Whether it is a secret or a parameter: what hands its value over reads it.
    pub(super) fn holds_a_secret(&self) -> bool {
        [PARAMETER, SECRET].contains(&self.type_name.as_str())
    }

    /// The AWS type.
    pub(super) fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Attributes that outputs and `connect.arn` name are there.
    fn check_attributes(&self, check: &mut Check<'_>, info: &TypeInfo) {
        let outputs = self.outputs.iter().map(|(name, path)| (format!("/outputs/{}", escape(name)), path));
        for (pointer, path) in outputs.chain(self.connect.arn.iter().map(|path| ("/connect/arn".to_owned(), path))) {
            if let Err(unknown) = info.attribute(path) {
                let finding = check
                    .finding(P3002, &pointer, format!("{} has no attribute `{path}`", self.type_name))
                    .maybe_help(unknown.suggestion.map(|name| format!("did you mean `{name}`?")));
                check.push(finding);
            }
        }
        let actions = self.connect.read.is_some() || self.connect.write.is_some();
        if actions && self.connect.arn.is_none() && self.type_name != PARAMETER && arn_attribute(info).is_none() {
            let finding = check
                .finding(P1018, "/connect", format!("{} has no attribute that is clearly its ARN, which statements need", self.type_name))
                .help("add `connect.arn` with the dotted path of the attribute");
            check.push(finding);
        }
    }

    /// What has no handlers travels in a template of its own, as far as it can.
    fn check_carriage(&self, check: &mut Check<'_>, info: &TypeInfo) {
        if info.has_handlers() {
            return;
        }
        if TEMPLATE_ONLY.contains(&self.type_name.as_str()) {
            check.report(
                P3006,
                "/type",
                format!("{} means something only inside of a template, and cannot be a component", self.type_name),
            );
        }
        let size = canonical(&Value::Object(self.properties.0.clone())).len();
        if size > TEMPLATE_LIMIT {
            check.report(
                P3007,
                "/properties",
                format!(
                    "{} is carried by a template of its own, which takes {TEMPLATE_LIMIT} bytes; its properties have {size}",
                    self.type_name
                ),
            );
        }
    }

    /// The ARN that statements name it by.
    fn arn(&self, this: &Part<'_>) -> Option<Value> {
        if let Some(path) = &self.connect.arn {
            return Some(this.reference("resource", path));
        }
        match self.type_name.as_str() {
            // The schema has no ARN. A name with a slash in front is a path already.
            PARAMETER => {
                let path = self.properties.0.get("Name").and_then(Value::as_str).is_some_and(|name| name.starts_with('/'));
                Some(join([arn("ssm", if path { "parameter" } else { "parameter/" }), this.reference("resource", "Name")]))
            }
            SECRET => Some(this.reference("resource", "Id")),
            name => Some(this.reference("resource", &arn_attribute(catalog().get(name)?)?)),
        }
    }

    /// Gives the draft its name: as the component says, or derived where the type takes one and none is given.
    fn named(&self, scope: &mut Scope<'_, '_>, info: &'static TypeInfo, mut draft: Draft) -> Draft {
        let property = name_property(info);
        let given = property.is_some_and(|property| self.properties.0.contains_key(property));
        match (&scope.part().shared.name, property) {
            (Some(_), None) => {
                let finding = scope
                    .finding(P1017, "/name", format!("{} has no property that is clearly its name", self.type_name))
                    .help("take `name` away, and give what names it in `properties`");
                scope.push(finding);
                draft.unnamed()
            }
            (Some(_), Some(property)) if given => {
                let finding = scope.finding(P1017, "/name", format!("the name is given here and as `{property}` of the properties"));
                scope.push(finding);
                draft.unnamed()
            }
            (Some(name), Some(property)) => {
                draft.name = Name::Fixed(property, name.clone());
                self.shaped(draft, scope.region())
            }
            (None, Some(property)) if self.set_name && !given => {
                if names::rule(&self.type_name).is_none() {
                    let pointer = format!("/{property}");
                    let limit = info.place(&pointer).and_then(|place| place.lengths().1).unwrap_or(255);
                    let naming = Naming { property: property.to_owned(), base: scope.base_name(), limit, append: Vec::new(), reserved: 0 };
                    let alone = Properties::from_iter([(property.to_owned(), naming.name(0))]);
                    // A few types take no hyphens: AWS finds a name for them.
                    let taken = info.check(&alone).iter().all(|fault| fault.pointer != pointer);
                    draft.name = if taken { Name::Derived(naming) } else { Name::None };
                }
                self.shaped(draft, scope.region())
            }
            (None, _) => draft.unnamed(),
        }
    }

    /// Names of FIFO queues and topics end so, and those of buckets are unique in the world.
    fn shaped(&self, draft: Draft, region: &str) -> Draft {
        let is = |property: &str| self.properties.0.get(property) == Some(&json!(true));
        match self.type_name.as_str() {
            "AWS::SQS::Queue" if is("FifoQueue") => draft.fifo(),
            "AWS::SNS::Topic" if is("FifoTopic") => draft.fifo(),
            "AWS::S3::Bucket" => draft.global(region),
            _ => draft,
        }
    }
}

/// The property that holds the physical name of a type, if there is one that can be left out: `Name`, or the type's own name with `Name`
/// behind it.
fn name_property(info: &'static TypeInfo) -> Option<&'static str> {
    if let Some(rule) = names::rule(info.name()) {
        return Some(rule.property);
    }
    let last = info.name().rsplit("::").next().unwrap_or_default();
    let own = format!("{last}Name");
    let fits = |name: &&&str| {
        let pointer = format!("/{name}");
        info.place(&pointer).is_some_and(|place| place.types().allows(Type::String)) && !info.is_read_only(&pointer)
    };
    let properties = info.property_names();
    let found = [own.as_str(), "Name"].into_iter().find_map(|name| properties.iter().find(|known| **known == name).filter(fits))?;
    let required = info.schema().root().required();
    (!required.iter().any(|name| **name == **found)).then_some(*found)
}

/// The form of a type's tags, when a tag is a key and a value and nothing more.
fn plain_tags(info: &TypeInfo) -> Option<TagStyle> {
    let style = info.tag_style()?;
    let item = info.schema().root().field(info.tag_property()?)?.item(0);
    let more = match &style {
        TagStyle::List { key, value } => {
            item.is_some_and(|item| item.required().iter().any(|field| **field != **key && **field != **value))
        }
        TagStyle::Map => false,
    };
    (!more).then_some(style)
}

/// The attribute that is the ARN of a type: `Arn`, or the only one that the service sets and whose name ends so.
fn arn_attribute(info: &TypeInfo) -> Option<String> {
    if info.attribute("Arn").is_ok() {
        return Some("Arn".to_owned());
    }
    let mut found = info.read_only().filter(|path| path.matches('/').count() == 1 && path.to_ascii_lowercase().ends_with("arn"));
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only.trim_start_matches('/').to_owned()),
        _ => None,
    }
}

/// Dotted paths of the single values that the service sets.
fn readable(info: &TypeInfo) -> Vec<String> {
    let single = |path: &&str| {
        !path.contains('*')
            && info.place(path).is_some_and(|place| !place.types().allows(Type::Object) || place.types().allows(Type::String))
    };
    let mut paths: Vec<String> = info.read_only().filter(single).map(|path| path.trim_start_matches('/').replace('/', ".")).collect();
    paths.sort_unstable();
    paths
}

/// `Endpoint.Address` as endpointAddress, `DBInstanceArn` as dbInstanceArn.
fn camel(path: &str) -> String {
    let letters: Vec<char> = path.chars().filter(|c| *c != '.').collect();
    let upper = letters.iter().take_while(|c| c.is_ascii_uppercase()).count();
    // The last of several capitals begins the next word, unless nothing follows.
    let lower = if upper > 1 && upper < letters.len() && letters[upper].is_ascii_lowercase() { upper - 1 } else { upper };
    letters.iter().enumerate().map(|(n, c)| if n < lower { c.to_ascii_lowercase() } else { *c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::camel;
    use crate::components::tests::{addresses, checked, findings, get};

    #[test]
    fn outputs_are_in_camel_case() {
        for (path, name) in [
            ("Arn", "arn"),
            ("ARN", "arn"),
            ("Endpoint.Address", "endpointAddress"),
            ("DBInstanceArn", "dbInstanceArn"),
            ("KeyId", "keyId"),
            ("S3Uri", "s3Uri"),
        ] {
            assert_eq!(camel(path), name);
        }
    }

    #[test]
    fn a_type_gets_its_name_and_tags() {
        let translated = checked(&[("web/clicks", "Resource", json!({"type": "AWS::Kinesis::Stream", "properties": {"ShardCount": 1}}))]);
        assert_eq!(addresses(&translated), ["web/clicks/resource"]);
        let stream = get(&translated, "web/clicks/resource");
        assert_eq!(stream.properties["Name"], "shop-dev-web-clicks");
        assert_eq!(stream.properties["Tags"][0], json!({"Key": "managed-by", "Value": "panka"}));
        assert_eq!(stream.naming.as_ref().unwrap().limit, 128);
        assert!(!stream.nested);
        assert_eq!(translated.outputs["web/clicks.arn"], json!({"$ref": "web/clicks/resource", "attribute": "Arn"}));
        assert_eq!(translated.outputs["web/clicks.id"], json!({"$ref": "web/clicks/resource", "attribute": "id"}));
    }

    #[test]
    fn references_stand_anywhere_in_the_properties() {
        let translated = checked(&[
            ("web/key", "Resource", json!({"type": "AWS::KMS::Key", "properties": {"Description": "data"}})),
            (
                "web/clicks",
                "Resource",
                json!({
                    "type": "AWS::Kinesis::Stream", "name": "clicks", "outputs": {"stream": "Name"},
                    "properties": {"ShardCount": 1, "StreamEncryption": {"EncryptionType": "KMS", "KeyId": {"$output": "key.keyId"}}}
                }),
            ),
            ("web/vault", "Resource", json!({"type": "AWS::SecretsManager::Secret", "setName": false})),
        ]);
        let stream = get(&translated, "web/clicks/resource");
        assert_eq!(stream.properties["StreamEncryption"]["KeyId"], json!({"$ref": "web/key/resource", "attribute": "KeyId"}));
        assert_eq!(stream.properties["Name"], "clicks");
        assert_eq!(stream.depends_on, ["web/key/resource".parse().unwrap()]);
        assert_eq!(get(&translated, "web/vault/resource").properties.get("Name"), None);
        assert_eq!(translated.outputs["web/clicks.stream"], json!({"$ref": "web/clicks/resource", "attribute": "Name"}));
    }

    #[test]
    fn a_type_without_handlers_is_nested() {
        let spec = json!({"type": "AWS::AppMesh::Mesh"});
        assert!(get(&checked(&[("a/r", "Resource", spec)]), "a/r/resource").nested);
        assert_eq!(
            findings(&[("a/r", "Resource", json!({"type": "AWS::CloudFormation::WaitConditionHandle"}))]),
            [("P3006", "/type".to_owned())]
        );
    }

    #[test]
    fn what_the_type_does_not_have_is_reported() {
        assert_eq!(findings(&[("a/r", "Resource", json!({"type": "AWS::Kinesis::Streams"}))])[0], ("P3001", "/type".to_owned()));
        let spec = json!({
            "type": "AWS::Kinesis::Stream", "outputs": {"x": "Arm"}, "connect": {"arn": "Nothing", "port": 1},
            "properties": {"ShardCount": 1, "Tags": [{"Key": "a", "Value": "b"}]}
        });
        assert_eq!(
            findings(&[("a/r", "Resource", spec)]),
            [
                ("P1017", "/properties/Tags".to_owned()),
                ("P1018", "/connect".to_owned()),
                ("P3002", "/connect/arn".to_owned()),
                ("P3002", "/outputs/x".to_owned())
            ]
        );
    }

    #[test]
    fn properties_are_checked_by_the_schema() {
        let spec = json!({"type": "AWS::SSM::Parameter", "properties": {"Type": "Text", "Values": "x"}});
        let found = findings(&[("a/r", "Resource", spec)]);
        let codes: Vec<_> = found.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, ["P3002", "P3003", "P3004"], "{found:?}");
        let spec = json!({"type": "AWS::Kinesis::Stream", "properties": {"Arn": "x"}});
        assert_eq!(findings(&[("a/r", "Resource", spec)])[0].0, "P3005");
    }
}
