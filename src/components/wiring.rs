//! What edges add to a component: policies, security groups, log groups and roles, in the one form that all kinds share.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::access::{Access, Statement, document, trust};
use super::draft::Draft;
use super::field::{Secret, Text};
use super::kind::{Identity, Listening};
use super::scope::Scope;
use crate::address::Address;
use crate::diagnostic::codes::aws::P3019;
use crate::document::canonical;
use crate::resource::{Tier, aws, join};

const WRITES: &str = "writing to a string does not fail";

/// Characters that the inline policies of a role may have together.
const POLICY_LIMIT: usize = 10_240;

impl Scope<'_, '_> {
    /// Statements that the component's edges to its providers give it.
    pub(crate) fn grants(&self) -> Vec<Statement> {
        let mut statements = Vec::new();
        for (edge, provider) in self.providers().filter(|(edge, _)| edge.access != Access::None) {
            let name = provider.sid();
            statements.extend(provider.behaviour.grant(provider, edge).into_iter().map(|mut statement| {
                statement.sid.insert_str(0, &name);
                statement
            }));
        }
        statements
    }

    /// The role of an identity, taken by one AWS service.
    pub(crate) fn role(&self, role: &str, service: &str) -> Draft {
        self.draft(role, "AWS::IAM::Role").set("AssumeRolePolicyDocument", trust(service, None))
    }

    /// Adds the policy of an identity with what its edges give and what the kind adds, if that is anything. What runs waits for it.
    pub(crate) fn identity_policy(&mut self, identity: Identity, extra: Vec<Statement>) -> Option<Address> {
        let mut statements = self.grants();
        statements.extend(extra);
        if statements.is_empty() {
            return None;
        }
        let document = document(statements);
        let size = canonical(&document).len();
        if size > POLICY_LIMIT {
            let message = format!("the derived policy of `{}` has {size} characters, and a role may have {POLICY_LIMIT}", self.id());
            self.push(
                self.finding(P3019, "/dependsOn", message).help("split the component, or give part of the access by a managed policy"),
            );
        }
        let role = self.part().reference(identity.role, "RoleName");
        let draft =
            self.draft(identity.policy, "AWS::IAM::RolePolicy").set("PolicyDocument", document).set("RoleName", role).tier(Tier::Wiring);
        Some(self.add(draft))
    }

    /// Adds the component's security group, and a rule that lets each consumer in on each port. Gives the group's id.
    pub(crate) fn security_group(&mut self, listens: &[Listening]) -> Value {
        let draft = self
            .draft("security-group", "AWS::EC2::SecurityGroup")
            .set("GroupDescription", format!("{} in {} {}", self.id(), self.stack_name(), self.environment()))
            .set("VpcId", self.network().vpc_id());
        let group = draft.reference("GroupId");
        self.add(draft);
        self.ingress(&group, listens);
        group
    }

    /// Adds a rule to a security group that lets each consumer in on each port. The first port's rule is `ingress.<service>.<component>`,
    /// each further one has its number at the end.
    pub(crate) fn ingress(&mut self, group: &Value, listens: &[Listening]) {
        let consumers: Vec<_> = self
            .consumers()
            .filter_map(|(edge, consumer)| Some((edge.consumer, consumer.id().clone(), self.source_group(edge)?)))
            .collect();
        for (consumer, id, source) in consumers {
            for (n, listening) in listens.iter().enumerate() {
                let mut role = format!("ingress.{}.{}", id.service(), id.name());
                if n > 0 {
                    write!(role, ".{}", listening.port).expect(WRITES);
                    if listening.protocol != "tcp" {
                        write!(role, "-{}", listening.protocol).expect(WRITES);
                    }
                }
                let draft = self.ingress_rule(&role, group, *listening, format!("from {id}")).set("SourceSecurityGroupId", source.clone());
                self.add(draft.wires([consumer]));
            }
        }
    }

    /// A rule of a security group, without its source.
    pub(crate) fn ingress_rule(&self, role: &str, group: &Value, listening: Listening, description: String) -> Draft {
        self.draft(role, "AWS::EC2::SecurityGroupIngress")
            .set("Description", description)
            .set("FromPort", listening.port)
            .set("GroupId", group.clone())
            .set("IpProtocol", listening.protocol)
            .set("ToPort", listening.port)
    }

    /// Adds the component's log group and gives its name.
    pub(crate) fn log_group(&mut self, base: String, retention_days: u32) -> Value {
        let draft =
            self.draft("log-group", "AWS::Logs::LogGroup").named(base).from("RetentionInDays", "/logging/retentionDays", retention_days);
        let name = draft.reference("LogGroupName");
        self.add(draft);
        name
    }

    /// The name of the log group of a kind that has no other convention: `/panka/<stack>/<environment>/<service>/<component>`.
    pub(crate) fn log_group_name(&self) -> String {
        format!("/panka/{}/{}/{}", self.stack_name(), self.environment(), self.id())
    }
}

/// Where a secret is read from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SecretSource {
    /// Secrets Manager. `exact`: the ARN is whole; otherwise it lacks the six random characters at its end.
    Manager { arn: Value, exact: bool, key: Option<String> },
    /// An SSM parameter.
    Parameter { arn: Value },
}

impl SecretSource {
    /// Reads a secretRef; an error says what is malformed (P1041).
    pub(crate) fn of(reference: &Text, key: Option<&str>) -> Result<Self, String> {
        let key = key.map(str::to_owned);
        let Some(text) = reference.literal() else { return Ok(Self::Manager { arn: reference.value(), exact: true, key }) };
        if let Some(path) = text.strip_prefix("ssm:") {
            return match key {
                Some(_) => Err("a parameter has no keys: take `key` away, or use a secret of Secrets Manager".to_owned()),
                None if path.is_empty() || path.chars().any(char::is_whitespace) => Err(format!("`{text}` names no parameter")),
                None => Ok(Self::Parameter { arn: arn("ssm", &format!("parameter/{}", path.trim_start_matches('/'))) }),
            };
        }
        if text.starts_with("arn:") {
            return match text.splitn(7, ':').collect::<Vec<_>>()[..] {
                [_, _, "secretsmanager", _, _, "secret", name] if !name.is_empty() => {
                    Ok(Self::Manager { arn: text.into(), exact: true, key })
                }
                [_, _, "ssm", _, _, parameter] if parameter.starts_with("parameter/") && key.is_none() => {
                    Ok(Self::Parameter { arn: text.into() })
                }
                _ => Err(format!("`{text}` is not the ARN of a secret or a parameter")),
            };
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
        if text.is_empty() || !text.chars().all(allowed) {
            return Err(format!("`{text}` is not the name of a secret: letters, digits and /_+=.@- are possible"));
        }
        Ok(Self::Manager { arn: arn("secretsmanager", &format!("secret:{text}")), exact: false, key })
    }

    /// The same of a [`Secret`].
    pub(crate) fn of_secret(secret: &Secret) -> Result<Self, String> {
        Self::of(&secret.reference, secret.key.as_deref())
    }

    /// What an ECS container names as the source of a variable.
    pub(crate) fn value_from(&self) -> Value {
        match self {
            Self::Manager { arn, key: Some(key), .. } => join([arn.clone(), json!(format!(":{key}::"))]),
            Self::Manager { arn, .. } | Self::Parameter { arn } => arn.clone(),
        }
    }

    /// The action and resource that reading it takes.
    pub(crate) fn permission(&self) -> (&'static str, Value) {
        match self {
            Self::Manager { arn, exact: true, .. } => ("secretsmanager:GetSecretValue", arn.clone()),
            Self::Manager { arn, exact: false, .. } => ("secretsmanager:GetSecretValue", join([arn.clone(), json!("-??????")])),
            Self::Parameter { arn } => ("ssm:GetParameters", arn.clone()),
        }
    }
}

/// Statements that allow reading secrets, one per kind of source.
pub(crate) fn read_secrets<'s>(sources: impl IntoIterator<Item = &'s SecretSource>) -> Vec<Statement> {
    let (mut secrets, mut parameters): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for source in sources {
        let (action, resource) = source.permission();
        let list = if action.starts_with("ssm:") { &mut parameters } else { &mut secrets };
        if !list.contains(&resource) {
            list.push(resource);
        }
    }
    let mut statements = Vec::new();
    if !secrets.is_empty() {
        statements.push(Statement::allow("ReadSecrets", vec!["secretsmanager:GetSecretValue".to_owned()], secrets));
    }
    if !parameters.is_empty() {
        statements.push(Statement::allow("ReadParameters", vec!["ssm:GetParameters".to_owned()], parameters));
    }
    statements
}

/// An ARN in the account and region of the stack.
pub(crate) fn arn(service: &str, rest: &str) -> Value {
    join([
        json!("arn:"),
        aws("partition"),
        json!(format!(":{service}:")),
        aws("region"),
        json!(":"),
        aws("account"),
        json!(format!(":{rest}")),
    ])
}
