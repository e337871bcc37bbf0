//! Who may use the backend: the OIDC providers that vouch for pipelines, the policies of both roles, and the roles.
//!
//! Policies and roles are known by their descriptions, which name the bucket: one of the same name with another description is somebody else's
//! and is not touched.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::permission::Role;
use super::wanted::{Pipelines, Wanted, with_tags};
use crate::aws::{Class, Failure};

/// Most versions of a policy that IAM keeps (IAM User Guide, "IAM and AWS STS quotas").
const VERSIONS: usize = 5;

/// A thing that says who may use the backend, or a setting of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The OIDC provider of pipelines, by their place among those that are trusted.
    Provider(usize),
    /// A policy.
    Policy(Role),
    /// What the policy allows.
    Document(Role),
    /// Tags of the policy.
    PolicyTags(Role),
    /// A role.
    Role(Role),
    /// Who may take it.
    Trust(Role),
    /// Its policies.
    Policies(Role),
    /// Its tags.
    RoleTags(Role),
}

impl Part {
    /// Of one role, in the order in which they are made.
    pub const fn of(role: Role) -> [Self; 7] {
        [
            Self::Policy(role),
            Self::Document(role),
            Self::PolicyTags(role),
            Self::Role(role),
            Self::Trust(role),
            Self::Policies(role),
            Self::RoleTags(role),
        ]
    }

    /// The thing that it is a setting of; none for a thing.
    pub const fn thing(self) -> Option<Self> {
        match self {
            Self::Provider(_) | Self::Policy(_) | Self::Role(_) => None,
            Self::Document(role) | Self::PolicyTags(role) => Some(Self::Policy(role)),
            Self::Trust(role) | Self::Policies(role) | Self::RoleTags(role) => Some(Self::Role(role)),
        }
    }

    /// As documents name the setting.
    pub const fn setting(self) -> Option<&'static str> {
        match self {
            Self::Provider(_) | Self::Policy(_) | Self::Role(_) => None,
            Self::Document(_) => Some("document"),
            Self::Trust(_) => Some("trust"),
            Self::Policies(_) => Some("policies"),
            Self::PolicyTags(_) | Self::RoleTags(_) => Some("tags"),
        }
    }

    /// As documents name the thing.
    pub fn subject(self, wanted: &Wanted) -> String {
        match self {
            Self::Provider(place) => format!("identity provider {}", wanted.trust.pipelines.get(place).map_or("", Pipelines::host)),
            Self::Policy(role) | Self::Document(role) | Self::PolicyTags(role) => format!("policy {}", wanted.name_of(role)),
            Self::Role(role) | Self::Trust(role) | Self::Policies(role) | Self::RoleTags(role) => format!("role {}", wanted.name_of(role)),
        }
    }
}

/// Providers, policies and roles as AWS has them.
#[derive(Debug, Clone)]
pub struct Access {
    client: Client,
    account: String,
}

fn found<T, E>(answer: Result<T, SdkError<E, HttpResponse>>, action: &'static str) -> Result<Option<T>, Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    Failure::unless(answer, action, |failure| failure.class == Class::Absent)
}

/// Done, or done already by an earlier try.
fn done<T, E>(answer: Result<T, SdkError<E, HttpResponse>>, action: &'static str) -> Result<(), Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    Failure::unless(answer, action, |failure| failure.has_code(&["EntityAlreadyExists"])).map(drop)
}

impl Access {
    /// Those of an account; nothing is asked yet.
    pub fn new(client: Client, account: impl Into<String>) -> Self {
        Self { client, account: account.into() }
    }

    /// ARN of something of the account: `policy/acme-panka-deploy`.
    fn arn(&self, wanted: &Wanted, what: &str) -> String {
        format!("arn:{}:iam::{}:{what}", wanted.backend.partition, self.account)
    }

    /// ARN of a policy.
    pub fn policy_arn(&self, wanted: &Wanted, role: Role) -> String {
        self.arn(wanted, &format!("policy/{}", wanted.name_of(role)))
    }

    /// ARN of a role.
    pub fn role_arn(&self, wanted: &Wanted, role: Role) -> String {
        self.arn(wanted, &format!("role/{}", wanted.name_of(role)))
    }

    fn provider_arn(&self, wanted: &Wanted, host: &str) -> String {
        self.arn(wanted, &format!("oidc-provider/{host}"))
    }

    /// What a part is; null where there is none. A thing of somebody else has another `description`.
    pub async fn read(&self, part: Part, wanted: &Wanted) -> Result<Value, Failure> {
        let client = &self.client;
        match part {
            Part::Provider(place) => {
                let Some(pipelines) = wanted.trust.pipelines.get(place) else { return Ok(Value::Null) };
                let arn = self.provider_arn(wanted, pipelines.host());
                let answer = client.get_open_id_connect_provider().open_id_connect_provider_arn(arn).send().await;
                let provider = found(answer, "iam:GetOpenIDConnectProvider")?;
                Ok(provider.map_or(Value::Null, |provider| json!({"audiences": sorted(provider.client_id_list())})))
            }
            Part::Policy(role) => {
                let answer = client.get_policy().policy_arn(self.policy_arn(wanted, role)).send().await;
                let policy = found(answer, "iam:GetPolicy")?.and_then(|answer| answer.policy);
                Ok(policy.map_or(Value::Null, |policy| json!({"description": policy.description.unwrap_or_default()})))
            }
            Part::Document(role) => {
                let arn = self.policy_arn(wanted, role);
                let answer = found(client.get_policy().policy_arn(&arn).send().await, "iam:GetPolicy")?;
                let Some(version) = answer.and_then(|answer| answer.policy?.default_version_id) else { return Ok(Value::Null) };
                let answer = client.get_policy_version().policy_arn(arn).version_id(version).send().await;
                let answer = found(answer, "iam:GetPolicyVersion")?;
                document(answer.and_then(|answer| answer.policy_version?.document).as_deref(), "iam:GetPolicyVersion")
            }
            Part::PolicyTags(role) => {
                let answer = client.list_policy_tags().policy_arn(self.policy_arn(wanted, role)).send().await;
                Ok(found(answer, "iam:ListPolicyTags")?.map_or(Value::Null, |answer| tags_of(answer.tags())))
            }
            Part::Role(_) | Part::Trust(_) => self.read_role(part, wanted).await,
            Part::Policies(role) => {
                let mut attached = BTreeSet::new();
                let mut pages = client.list_attached_role_policies().role_name(wanted.name_of(role)).into_paginator().send();
                while let Some(page) = pages.next().await {
                    let Some(page) = found(page, "iam:ListAttachedRolePolicies")? else { return Ok(Value::Null) };
                    attached.extend(page.attached_policies().iter().filter_map(|policy| policy.policy_arn.clone()));
                }
                Ok(json!(attached))
            }
            Part::RoleTags(role) => {
                let answer = client.list_role_tags().role_name(wanted.name_of(role)).send().await;
                Ok(found(answer, "iam:ListRoleTags")?.map_or(Value::Null, |answer| tags_of(answer.tags())))
            }
        }
    }

    async fn read_role(&self, part: Part, wanted: &Wanted) -> Result<Value, Failure> {
        let (Part::Role(role) | Part::Trust(role)) = part else { return Ok(Value::Null) };
        let answer = self.client.get_role().role_name(wanted.name_of(role)).send().await;
        let Some(role) = found(answer, "iam:GetRole")?.and_then(|answer| answer.role) else { return Ok(Value::Null) };
        match part {
            Part::Trust(_) => document(role.assume_role_policy_document.as_deref(), "iam:GetRole"),
            _ => Ok(json!({"description": role.description.unwrap_or_default()})),
        }
    }

    /// What a part should be, given what it is. A role that is there stays as it is where nobody is named to be trusted.
    pub fn target(&self, part: Part, wanted: &Wanted, is: &Value) -> Value {
        match part {
            Part::Provider(place) => {
                let ours = wanted.trust.pipelines.get(place).map(Pipelines::audience);
                let theirs = is["audiences"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
                json!({"audiences": theirs.chain(ours).collect::<BTreeSet<_>>()})
            }
            Part::Policy(role) => json!({"description": wanted.description_of_policy(role)}),
            Part::Role(role) if wanted.trust.anybody() => json!({"description": wanted.description_of_role(role)}),
            Part::Document(role) => unless_same(is, wanted.backend.policy(role)),
            Part::Trust(role) if wanted.trust.anybody() => unless_same(is, wanted.trust_of(role, |host| self.provider_arn(wanted, host))),
            Part::Policies(role) if wanted.trust.anybody() || !is.is_null() => {
                let theirs = is.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
                json!(theirs.chain([self.policy_arn(wanted, role)]).collect::<BTreeSet<_>>())
            }
            Part::PolicyTags(_) => with_tags(is, &wanted.tags),
            Part::RoleTags(_) if wanted.trust.anybody() || !is.is_null() => with_tags(is, &wanted.tags),
            Part::Role(_) | Part::Trust(_) | Part::Policies(_) | Part::RoleTags(_) => is.clone(),
        }
    }

    /// Makes a part what it should be.
    pub async fn write(&self, part: Part, wanted: &Wanted, target: &Value) -> Result<(), Failure> {
        let client = &self.client;
        let list = tags(&json!(wanted.tags))?;
        match part {
            Part::Provider(place) => self.write_provider(place, wanted, list).await,
            Part::Policy(role) => {
                let request = client.create_policy().policy_name(wanted.name_of(role)).description(wanted.description_of_policy(role));
                let request = request.policy_document(wanted.backend.policy(role).to_string()).set_tags(list);
                done(request.send().await, "iam:CreatePolicy")
            }
            Part::Document(role) => self.write_document(role, wanted, target).await,
            Part::PolicyTags(role) => {
                let Some(list) = tags(target)? else { return Ok(()) };
                let request = client.tag_policy().policy_arn(self.policy_arn(wanted, role)).set_tags(Some(list));
                done(request.send().await, "iam:TagPolicy")
            }
            Part::Role(role) => {
                let trust = wanted.trust_of(role, |host| self.provider_arn(wanted, host));
                let request = client.create_role().role_name(wanted.name_of(role)).description(wanted.description_of_role(role));
                done(request.assume_role_policy_document(trust.to_string()).set_tags(list).send().await, "iam:CreateRole")
            }
            Part::Trust(role) => {
                let request = client.update_assume_role_policy().role_name(wanted.name_of(role)).policy_document(target.to_string());
                done(request.send().await, "iam:UpdateAssumeRolePolicy")
            }
            Part::Policies(role) => {
                let request = client.attach_role_policy().role_name(wanted.name_of(role)).policy_arn(self.policy_arn(wanted, role));
                done(request.send().await, "iam:AttachRolePolicy")
            }
            Part::RoleTags(role) => {
                let Some(list) = tags(target)? else { return Ok(()) };
                let request = client.tag_role().role_name(wanted.name_of(role)).set_tags(Some(list));
                done(request.send().await, "iam:TagRole")
            }
        }
    }

    /// Deletes a policy or a role, with what AWS wants to be taken from it first.
    pub async fn delete(&self, part: Part, wanted: &Wanted) -> Result<(), Failure> {
        match part {
            Part::Policy(role) => self.delete_policy(&self.policy_arn(wanted, role)).await,
            Part::Role(role) => self.delete_role(&wanted.name_of(role)).await,
            _ => Ok(()),
        }
    }

    async fn delete_policy(&self, arn: &str) -> Result<(), Failure> {
        let answer = self.client.list_policy_versions().policy_arn(arn).send().await;
        let versions = answer.map_err(|error| Failure::of(&error, "iam:ListPolicyVersions"))?.versions.unwrap_or_default();
        for version in versions.into_iter().filter(|version| !version.is_default_version) {
            let request = self.client.delete_policy_version().policy_arn(arn).set_version_id(version.version_id);
            done(request.send().await, "iam:DeletePolicyVersion")?;
        }
        done(self.client.delete_policy().policy_arn(arn).send().await, "iam:DeletePolicy")
    }

    async fn delete_role(&self, name: &str) -> Result<(), Failure> {
        let mut pages = self.client.list_attached_role_policies().role_name(name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Failure::of(&error, "iam:ListAttachedRolePolicies"))?;
            for policy in page.attached_policies.unwrap_or_default() {
                let request = self.client.detach_role_policy().role_name(name).set_policy_arn(policy.policy_arn);
                done(request.send().await, "iam:DetachRolePolicy")?;
            }
        }
        let mut pages = self.client.list_role_policies().role_name(name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Failure::of(&error, "iam:ListRolePolicies"))?;
            for policy in page.policy_names {
                let request = self.client.delete_role_policy().role_name(name).policy_name(policy);
                done(request.send().await, "iam:DeleteRolePolicy")?;
            }
        }
        done(self.client.delete_role().role_name(name).send().await, "iam:DeleteRole")
    }

    async fn write_provider(&self, place: usize, wanted: &Wanted, list: Option<Vec<Tag>>) -> Result<(), Failure> {
        let Some(pipelines) = wanted.trust.pipelines.get(place) else { return Ok(()) };
        let (host, audience) = (pipelines.host(), pipelines.audience());
        if self.read(Part::Provider(place), wanted).await?.is_null() {
            let request = self.client.create_open_id_connect_provider().url(format!("https://{host}")).client_id_list(audience);
            return done(request.set_tags(list).send().await, "iam:CreateOpenIDConnectProvider");
        }
        let request = self.client.add_client_id_to_open_id_connect_provider();
        let request = request.open_id_connect_provider_arn(self.provider_arn(wanted, host)).client_id(audience);
        done(request.send().await, "iam:AddClientIDToOpenIDConnectProvider")
    }

    /// Makes the document the default version. Where there are as many as IAM keeps, the oldest that is not in use goes.
    async fn write_document(&self, role: Role, wanted: &Wanted, target: &Value) -> Result<(), Failure> {
        // A policy that was made a moment ago has it.
        if self.read(Part::Document(role), wanted).await? == *target {
            return Ok(());
        }
        let arn = self.policy_arn(wanted, role);
        let answer = self.client.list_policy_versions().policy_arn(&arn).send().await;
        let versions = answer.map_err(|error| Failure::of(&error, "iam:ListPolicyVersions"))?.versions.unwrap_or_default();
        if versions.len() >= VERSIONS {
            let number = |id: &str| id.trim_start_matches('v').parse::<u64>().unwrap_or(u64::MAX);
            let unused = versions.iter().filter(|version| !version.is_default_version).filter_map(|version| version.version_id.as_deref());
            if let Some(oldest) = unused.min_by_key(|id| number(id)) {
                let request = self.client.delete_policy_version().policy_arn(&arn).version_id(oldest);
                done(request.send().await, "iam:DeletePolicyVersion")?;
            }
        }
        let request = self.client.create_policy_version().policy_arn(arn).policy_document(target.to_string()).set_as_default(true);
        done(request.send().await, "iam:CreatePolicyVersion")
    }
}

/// The text of a policy, which IAM gives in the encoding of URLs (API reference, "GetPolicyVersion").
fn document(text: Option<&str>, action: &'static str) -> Result<Value, Failure> {
    let Some(text) = text else { return Ok(Value::Null) };
    let plain = percent_decode_str(text).decode_utf8_lossy();
    serde_json::from_str(&plain).map_err(|error| Failure::reported(None, Some(&format!("it is no JSON: {error}")), action))
}

/// What is wanted, or what is there where both say the same: IAM may write a list of one as the one.
fn unless_same(is: &Value, wanted: Value) -> Value {
    if plain(is) == plain(&wanted) { is.clone() } else { wanted }
}

/// A policy in which a list of one is the one, and lists of texts have an order.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.len() == 1 => plain(&items[0]),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            json!(items.iter().filter_map(Value::as_str).collect::<BTreeSet<_>>())
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => Value::Object(fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect()),
        other => other.clone(),
    }
}

fn sorted(texts: &[String]) -> BTreeSet<&String> {
    texts.iter().collect()
}

fn tags_of(list: &[Tag]) -> Value {
    json!(list.iter().map(|tag| (tag.key(), tag.value())).collect::<BTreeMap<_, _>>())
}

fn tags(of: &Value) -> Result<Option<Vec<Tag>>, Failure> {
    let pairs = of.as_object().into_iter().flatten();
    let tags = pairs.map(|(key, value)| Tag::builder().key(key).value(value.as_str().unwrap_or_default()).build());
    let tags = tags.collect::<Result<Vec<_>, _>>();
    let tags = tags.map_err(|error| Failure::reported(None, Some(&format!("the request cannot be made: {error}")), "iam:TagRole"))?;
    // An empty list is refused.
    Ok((!tags.is_empty()).then_some(tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_iam_has_written_in_its_own_way_is_the_same() {
        let ours = json!({"Version": "x", "Statement": [{"Action": ["b", "a"], "Resource": ["r"]}]});
        let theirs = json!({"Statement": {"Resource": "r", "Action": ["a", "b"]}, "Version": "x"});
        assert_eq!(unless_same(&theirs, ours.clone()), theirs);
        let wider = json!({"Version": "x", "Statement": [{"Action": ["b", "a", "c"], "Resource": ["r"]}]});
        assert_eq!(unless_same(&wider, ours.clone()), ours);
    }
}
