//! What a component kind is: its facts, its behaviour, and the row of the table that ties the two to a spec type.
//!
//! A kind is one type, the struct of its `spec`. It implements [`Spec`] (the facts: name, outputs, spellings) and [`Behaviour`] (what it
//! becomes and how it is wired). Fields that every kind has (`name`, `dependsOn`, `tags`, `overrides`, `lifecycle`, `enabled`) are taken
//! off before its struct is decoded, and stand in [`Shared`].
//!
//! ```text
//! #[derive(Serialize, Deserialize, JsonSchema)]
//! #[serde(rename_all = "camelCase", deny_unknown_fields)]
//! pub(super) struct Topic { /// Name shown to people.  #[serde(default)] display_name: Option<Text> }
//!
//! impl Spec for Topic { const FACTS: Facts = { let mut f = Facts::new("SNS", "…"); f.outputs = &[Output::text("arn", "…")]; f }; }
//!
//! impl Behaviour for Topic {
//!     fn access(&self, _: &Part<'_>, _: &Part<'_>) -> Access { Access::Write }
//!     fn grant(&self, this: &Part<'_>, edge: &Edge) -> Vec<Statement> {
//!         vec![Statement::allow("", edge.access.actions(&["sns:Subscribe"], &["sns:Publish"]), vec![this.reference("topic", "TopicArn")])]
//!     }
//!     fn translate(&self, scope: &mut Scope<'_, '_>) {
//!         let topic = scope.main("topic", "AWS::SNS::Topic").from_some("DisplayName", "/displayName", self.display_name.as_ref());
//!         scope.output("arn", topic.reference("TopicArn"));
//!         scope.add(topic);
//!     }
//! }
//! ```

use std::any::Any;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::access::{Access, Statement};
use super::check::Check;
use super::edge::{Edge, Links};
use super::part::Part;
use super::schema;
use super::scope::Scope;
use super::shared::Shared;
use crate::address::ComponentId;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Alias, Component, ComponentKind, spec_schema};
use crate::schema::Schema;

/// What a value is in shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// One string.
    Text,
    /// One number.
    Number,
    /// A list of strings.
    List,
    /// A map from names to strings, read by key.
    Map,
}

/// A documented output of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Output {
    /// Its name in camel case.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// The shape of its value.
    pub shape: Shape,
    /// What it is, in a few words.
    pub about: &'static str,
}

impl Output {
    /// A text output.
    pub(crate) const fn text(name: &'static str, about: &'static str) -> Self {
        Self { name, aliases: &[], shape: Shape::Text, about }
    }

    /// A number.
    pub(crate) const fn number(name: &'static str, about: &'static str) -> Self {
        Self { name, aliases: &[], shape: Shape::Number, about }
    }

    /// A list of texts.
    pub(crate) const fn list(name: &'static str, about: &'static str) -> Self {
        Self { name, aliases: &[], shape: Shape::List, about }
    }

    /// The same with other names.
    pub(crate) const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

/// The facts of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Canonical name, `MicroService`.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// What it is, in one line.
    pub summary: &'static str,
    /// It holds data: protected by default where the environment is.
    pub stateful: bool,
    /// Top-level infrastructure fields that it uses.
    pub infrastructure: &'static [&'static str],
    /// Other spellings of its fields.
    pub spellings: &'static [Alias],
    /// Its documented outputs.
    pub outputs: &'static [Output],
}

impl Facts {
    /// Facts of a kind that is stateless and has neither infrastructure fields nor other spellings nor outputs.
    pub(crate) const fn new(name: &'static str, summary: &'static str) -> Self {
        Self { name, aliases: &[], summary, stateful: false, infrastructure: &[], spellings: &[], outputs: &[] }
    }
}

/// The typed side of a kind: the struct of its `spec`.
pub(crate) trait Spec: Behaviour + Serialize + DeserializeOwned + JsonSchema {
    /// The facts of the kind.
    const FACTS: Facts;
}

/// An IAM identity of a component: the role that its code runs under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Role of the `IAM::Role`.
    pub(crate) role: &'static str,
    /// Role of the `IAM::RolePolicy` that holds the derived statements.
    pub(crate) policy: &'static str,
}

/// A port that a component listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listening {
    /// First and last port.
    pub(crate) port: u16,
    /// `tcp` or `udp`.
    pub(crate) protocol: &'static str,
}

impl Listening {
    /// A TCP port.
    pub(crate) const fn tcp(port: u16) -> Self {
        Self { port, protocol: "tcp" }
    }
}

/// An AWS service that acts for a component, for statements in the policies of resources.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Principal {
    /// `sns.amazonaws.com`.
    pub(crate) service: &'static str,
    /// ARNs of the resources it may act for.
    pub(crate) sources: Vec<Value>,
}

/// What a kind does. Everything has a default but the translation, so a kind says only what is special about it.
pub(crate) trait Behaviour: Any + Send + Sync {
    /// Reports what takes more than one field to see (P1017, P1018, P1019, P3010, …).
    fn check(&self, _check: &mut Check<'_>) {}

    /// Names the components that the spec refers to outside `dependsOn` and output references: triggers, targets, queues, mounts.
    fn links(&self, _links: &mut Links<'_>) {}

    /// Access that a consumer gets when nothing else is said. `None` also means that no other access is possible (P2012).
    fn access(&self, _this: &Part<'_>, _consumer: &Part<'_>) -> Access {
        Access::None
    }

    /// Statements that give a consumer the access of an edge. The Sids get the component's name put in front.
    fn grant(&self, _this: &Part<'_>, _edge: &Edge) -> Vec<Statement> {
        Vec::new()
    }

    /// Ports that consumers reach: each consumer's security group is let in.
    fn listens(&self, _this: &Part<'_>) -> Vec<Listening> {
        Vec::new()
    }

    /// The role that derived statements go to, for kinds that run code.
    fn identity(&self) -> Option<Identity> {
        None
    }

    /// The security group that the component's traffic comes from, for kinds that run in the network. `reaches`: an edge leads to a
    /// component that listens.
    fn source_group(&self, _this: &Part<'_>, _reaches: bool) -> Option<Value> {
        None
    }

    /// The AWS service that acts for the component towards a provider that it is linked to.
    fn principal(&self, _this: &Part<'_>, _provider: &ComponentId) -> Option<Principal> {
        None
    }

    /// Adds its resources and outputs to the scope.
    fn translate(&self, scope: &mut Scope<'_, '_>);
}

/// A row of the table of kinds.
pub struct Row {
    facts: Facts,
    typed: Option<Typed>,
    schema: OnceLock<&'static Value>,
    compiled: OnceLock<Schema>,
}

/// The functions of a row that know its spec type.
#[derive(Clone, Copy)]
struct Typed {
    schema: fn() -> schemars::Schema,
    decode: fn(Value) -> Result<Box<dyn Behaviour>, serde_json::Error>,
    complete: fn(Value) -> Result<Value, serde_json::Error>,
}

impl Row {
    /// The row of a kind.
    pub(crate) const fn of<S: Spec>() -> Self {
        let typed = Typed { schema: schema::of::<S>, decode: decode::<S>, complete: complete::<S> };
        Self { facts: S::FACTS, typed: Some(typed), schema: OnceLock::new(), compiled: OnceLock::new() }
    }

    /// The row of a kind that is known and not offered.
    pub(crate) const fn planned(name: &'static str, aliases: &'static [&'static str], summary: &'static str) -> Self {
        let mut facts = Facts::new(name, summary);
        facts.aliases = aliases;
        Self { facts, typed: None, schema: OnceLock::new(), compiled: OnceLock::new() }
    }

    /// The schema of its specs, ready to check them with.
    pub(crate) fn compiled(&self) -> &Schema {
        self.compiled.get_or_init(|| spec_schema(self))
    }

    /// Its facts.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Decodes a spec: the shared fields, and the kind's own.
    pub(crate) fn decode(&self, spec: Value) -> Result<(Shared, Box<dyn Behaviour>), serde_json::Error> {
        let (shared, own) = Shared::split(spec)?;
        let typed = self.typed.ok_or_else(|| serde::de::Error::custom(format!("kind {} is not offered", self.facts.name)))?;
        Ok((shared, (typed.decode)(own)?))
    }
}

fn decode<S: Spec>(spec: Value) -> Result<Box<dyn Behaviour>, serde_json::Error> {
    Ok(Box::new(serde_json::from_value::<S>(spec)?))
}

fn complete<S: Spec>(spec: Value) -> Result<Value, serde_json::Error> {
    let mut spec = serde_json::to_value(serde_json::from_value::<S>(spec)?)?;
    drop_nulls(&mut spec);
    Ok(spec)
}

/// Takes absent options out of a written spec. No YAML can put a null into a spec, since null deletes a key.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

impl ComponentKind for Row {
    fn name(&self) -> &'static str {
        self.facts.name
    }

    fn offered(&self) -> bool {
        self.typed.is_some()
    }

    fn stateful(&self) -> bool {
        self.facts.stateful
    }

    fn schema(&self) -> &'static Value {
        self.schema.get_or_init(|| Box::leak(Box::new(schema::complete(self.typed.map(|typed| (typed.schema)())))))
    }

    fn infrastructure(&self) -> &'static [&'static str] {
        self.facts.infrastructure
    }

    fn aliases(&self) -> &'static [Alias] {
        self.facts.spellings
    }

    fn complete(&self, spec: Value) -> Result<Value, serde_json::Error> {
        let (shared, own) = Shared::split(spec)?;
        let typed = self.typed.ok_or_else(|| serde::de::Error::custom(format!("kind {} is not offered", self.facts.name)))?;
        shared.join((typed.complete)(own)?)
    }

    fn check(&self, component: &Component) -> Vec<Diagnostic> {
        match self.decode(component.spec.clone()) {
            Ok((shared, spec)) => {
                let mut check = Check::new(component);
                shared.check(&mut check);
                spec.check(&mut check);
                check.into_findings()
            }
            Err(error) => vec![super::check::undecodable(component, &error)],
        }
    }
}
