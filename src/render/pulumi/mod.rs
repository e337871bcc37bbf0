//! A Pulumi project: YAML, with resources of the `aws-native` provider.
//!
//! In: the whole graph, or a plan with the state that it was compared with. Out: [`Project`], `panka.project/v1`: the program, the settings of the stack,
//! and what is needed to run it by hand. Physical names stay as they are: Pulumi makes up none.

mod asked;
mod gaps;
pub mod names;
mod nested;
mod options;
mod planned;
mod reserved;
#[cfg(test)]
mod tests;
mod text;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use self::asked::Asked;
pub use self::nested::nested_values;
use self::planned::Planned;
use self::value::Writer;
use crate::address::Address;
use crate::catalog::{TagStyle, catalog};
use crate::diagnostic::Error;
use crate::document::{Document, Kind};
use crate::graph::Graph;
use crate::manifest::Provider;
use crate::plan::{Plan, in_generation};
use crate::resource::Resource;
use crate::state::State;

/// Logical name of the provider that all resources use. No resource has it: theirs hold a `_`.
const PROVIDER: &str = "aws";

/// Longest name of a session of an assumed role: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>.
const SESSION_LIMIT: usize = 64;

/// A Pulumi project: `panka.project/v1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Project {
    /// Always `panka.project/v1`.
    pub kind: Kind<Self>,
    /// Name of the stack, which is that of the project.
    pub stack: String,
    /// Name of the environment, which is that of Pulumi's stack.
    pub environment: String,
    /// What `Pulumi.yaml` says.
    pub program: Value,
    /// What `Pulumi.<environment>.yaml` says.
    pub stack_settings: Value,
    /// Logical name of every resource, with its address.
    pub names: BTreeMap<String, Address>,
    /// What the configuration must hold before the program can run, by its key.
    pub configuration: BTreeMap<String, Asked>,
    /// URNs of the steps of a plan that leaves other resources as they are, for `--target`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<Vec<String>>,
    /// URNs of what a plan lets go of and Pulumi protects: `pulumi state unprotect` lifts that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unprotect: Vec<String>,
    /// URNs of what a plan replaces though no change of it asks for that, for `--replace`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced: Vec<String>,
}

impl Document for Project {
    const KIND: &'static str = "panka.project/v1";
}

impl Project {
    /// The project of everything that a graph holds. What the state has under another generation of its name keeps that.
    pub fn of_graph(graph: &Graph, state: Option<&State>) -> Result<Self, Error> {
        let Graph { stack, environment, provider, resources, outputs, .. } = graph;
        let record = |resource: &Resource| state.and_then(|state| state.resources.get(&resource.address));
        let resources: Vec<Resource> =
            resources.iter().map(|resource| in_generation(resource, record(resource).map_or(0, |record| record.generation))).collect();
        Self::write(&Source { stack, environment, provider, resources: &resources, planned: None, outputs })
    }

    /// The project of what a plan leaves: the desired form of what its steps change, the recorded form of the rest.
    pub fn of_plan(plan: &Plan, state: Option<&State>) -> Result<Self, Error> {
        let planned = Planned::new(plan, state);
        let Plan { stack, environment, provider, outputs, .. } = plan;
        let held: BTreeSet<&str> = planned.resources.iter().map(|resource| resource.address.as_str()).collect();
        // An output of what a selected plan leaves out has nothing to show yet.
        let outputs: BTreeMap<String, Value> =
            outputs.iter().filter(|(_, value)| holds_all(&held, value)).map(|(name, value)| (name.clone(), value.clone())).collect();
        let source = Source { stack, environment, provider, resources: &planned.resources, planned: Some(&planned), outputs: &outputs };
        let project = Self::write(&source)?;
        let Planned { targets, forced, unprotect, .. } = planned;
        Ok(Self { targets, unprotect, forced, ..project })
    }

    /// The project of resources in a stack of which nothing else is known but where it is.
    pub fn of_resources(stack: &str, environment: &str, region: &str, resources: &[Resource]) -> Result<Self, Error> {
        let provider = Provider { region: region.to_owned(), ..Provider::default() };
        let outputs = BTreeMap::new();
        Self::write(&Source { stack, environment, provider: &provider, resources, planned: None, outputs: &outputs })
    }

    /// The provider in Pulumi: `urn:pulumi:<stack>::<project>::pulumi:providers:aws-native::aws`.
    pub fn provider_urn(&self) -> String {
        format!("urn:pulumi:{}::{}::pulumi:providers:aws-native::{PROVIDER}", self.environment, self.stack)
    }

    /// What the program says of a resource, by its logical name.
    pub fn properties(&self, name: &str) -> &Value {
        &self.program["resources"][name]["properties"]
    }

    /// Name of the stack file.
    pub fn stack_file(&self) -> String {
        format!("Pulumi.{}.yaml", self.environment)
    }

    fn write(source: &Source<'_>) -> Result<Self, Error> {
        Error::check(source.resources.iter().flat_map(reserved::check).collect())?;
        let mut writer = Writer::new(source);
        let mut resources = Map::new();
        resources.insert(PROVIDER.to_owned(), provider(source));
        for resource in source.resources {
            let written = if resource.nested { writer.nested(resource) } else { writer.resource(resource) };
            resources.insert(names::logical(&resource.address), written);
        }
        writer.turn_to(None);
        let outputs = source.outputs.iter().filter(|(_, value)| writer.can_be_read(value));
        let outputs: Vec<(String, Value)> = outputs.map(|(name, value)| (name.clone(), value.clone())).collect();
        let outputs: Map<String, Value> = outputs.into_iter().map(|(name, value)| (name, writer.output(&value))).collect();
        let Writer { asked, variables, .. } = writer;
        let declared = |asked: &Asked| {
            let mut out = Map::from_iter([("type".to_owned(), json!(asked.type_name))]);
            if asked.secret {
                out.insert("secret".into(), json!(true));
            }
            Value::Object(out)
        };
        let config: Map<String, Value> = asked.iter().map(|(key, asked)| (key.clone(), declared(asked))).collect();
        let parts = [("config", config), ("variables", variables.into_iter().collect()), ("resources", resources), ("outputs", outputs)];
        let head = [
            ("name", json!(source.stack)),
            ("runtime", json!("yaml")),
            ("description", json!(format!("{} in {}", source.stack, source.environment))),
        ];
        let parts = parts.into_iter().filter(|(_, part)| !part.is_empty()).map(|(name, part)| (name, Value::Object(part)));
        Ok(Self {
            kind: Kind::new(),
            stack: source.stack.to_owned(),
            environment: source.environment.to_owned(),
            program: Value::Object(head.into_iter().chain(parts).map(|(name, value)| (name.to_owned(), value)).collect()),
            stack_settings: json!({ "config": {} }),
            names: source.resources.iter().map(|resource| (names::logical(&resource.address), resource.address.clone())).collect(),
            configuration: asked,
            targets: None,
            forced: Vec::new(),
            unprotect: Vec::new(),
        })
    }
}

/// What a project is made of.
#[derive(Debug, Clone, Copy)]
struct Source<'g> {
    stack: &'g str,
    environment: &'g str,
    provider: &'g Provider,
    resources: &'g [Resource],
    /// What the plan says of them; none for a whole graph.
    planned: Option<&'g Planned>,
    outputs: &'g BTreeMap<String, Value>,
}

fn holds_all(held: &BTreeSet<&str>, value: &Value) -> bool {
    let mut all = true;
    crate::resource::references(value, &mut |address, _| all &= held.contains(address));
    all
}

/// The provider: region, account, session and tags stand in the program, so that it cannot act elsewhere.
fn provider(source: &Source<'_>) -> Value {
    let Provider { region, account_id, profile, role_arn } = source.provider;
    let mut properties = Map::new();
    properties.insert("region".into(), json!(region));
    if let Some(account) = account_id {
        properties.insert("allowedAccountIds".into(), json!([account]));
    }
    if let Some(profile) = profile {
        properties.insert("profile".into(), json!(value::escaped(profile)));
    }
    if let Some(role) = role_arn {
        let session = session(source.stack, source.environment);
        properties.insert("assumeRole".into(), json!({ "roleArn": role, "sessionName": session }));
    }
    let tags = common_tags(source.resources);
    if !tags.is_empty() {
        properties.insert("defaultTags".into(), json!({ "tags": tags }));
    }
    json!({ "type": "pulumi:providers:aws-native", "defaultProvider": true, "properties": properties })
}

/// The name of the session in which the role of a place is assumed. It stands in CloudTrail beside every call.
pub fn session(stack: &str, environment: &str) -> String {
    crate::resource::cut(&format!("panka-{stack}-{environment}"), SESSION_LIMIT)
}

/// Tags that every resource with tags carries: the default tags of the stack, and panka's own.
fn common_tags(resources: &[Resource]) -> BTreeMap<String, String> {
    let mut tagged = resources.iter().filter_map(tags);
    let Some(mut common) = tagged.next() else { return BTreeMap::new() };
    for tags in tagged {
        common.retain(|key, value| tags.get(key) == Some(value));
    }
    common.into_iter().map(|(key, value)| (key.to_owned(), value::escaped(value))).collect()
}

/// The tags of a resource that are plain text; none for a type without tags.
fn tags(resource: &Resource) -> Option<BTreeMap<&str, &str>> {
    let info = catalog().get(&resource.type_name)?;
    let value = resource.properties.get(info.tag_property()?)?;
    Some(match info.tag_style()? {
        TagStyle::List { key, value: name } => {
            value.as_array()?.iter().filter_map(|tag| Some((tag.get(&key)?.as_str()?, tag.get(&name)?.as_str()?))).collect()
        }
        TagStyle::Map => value.as_object()?.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect(),
    })
}
