//! What a kind translates with: the stack around its component, and the place where its resources and outputs go.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::draft::{Draft, Name};
use super::edge::{Edge, split_output, walk_outputs};
use super::field::{Ref, Tree};
use super::kind::Principal;
use super::names;
use super::network::Network;
use super::part::Part;
use super::stack::Stack;
use super::{cluster, lifecycle, tags};
use crate::address::{Address, ComponentId};
use crate::catalog::{TypeInfo, catalog};
use crate::diagnostic::codes::aws::P3009;
use crate::diagnostic::codes::stack::P2018;
use crate::diagnostic::{Code, Diagnostic, did_you_mean, escape};
use crate::resource::{Resource, TypeName};

/// The translation of one component.
pub(crate) struct Scope<'s, 'm> {
    stack: &'s Stack<'m>,
    at: usize,
    drafts: Vec<Draft>,
    outputs: BTreeMap<String, Value>,
    findings: Vec<Diagnostic>,
}

/// A resource with what ordering still needs to know of it.
pub(super) struct Made {
    pub(super) resource: Resource,
    pub(super) after: Vec<Address>,
    pub(super) consumers: Vec<usize>,
    /// Property pointers and the pointers of the spec values that they come from.
    pub(super) origins: Vec<(String, String)>,
}

/// What one component became.
pub(super) struct Translation {
    pub(super) resources: Vec<Made>,
    pub(super) outputs: BTreeMap<String, Value>,
}

impl<'s, 'm> Scope<'s, 'm> {
    pub(super) fn new(stack: &'s Stack<'m>, at: usize) -> Self {
        Self { stack, at, drafts: Vec::new(), outputs: BTreeMap::new(), findings: Vec::new() }
    }

    /// The component.
    pub(crate) fn part(&self) -> &'s Part<'m> {
        &self.stack.parts[self.at]
    }

    /// Its id.
    pub(crate) fn id(&self) -> &'s ComponentId {
        self.part().id()
    }

    /// Name of the stack.
    pub(crate) fn stack_name(&self) -> &'s str {
        &self.stack.manifest.stack
    }

    /// Name of the environment.
    pub(crate) fn environment(&self) -> &'s str {
        &self.stack.manifest.environment
    }

    /// The region that is deployed to.
    pub(crate) fn region(&self) -> &'s str {
        &self.stack.manifest.provider.region
    }

    /// Whether the environment is protected.
    pub(crate) fn protects(&self) -> bool {
        self.stack.manifest.protect
    }

    /// Whether the component is protected against deletion and replacement.
    pub(crate) fn protected(&self) -> bool {
        lifecycle::protect(self.part(), self.stack.manifest.protect)
    }

    /// The stack's network, which is made when anything asks for it.
    pub(crate) fn network(&self) -> &'s Network {
        self.stack.network.used()
    }

    /// The stack's cluster, which is made when anything asks for it.
    pub(crate) fn cluster(&self) -> &'s cluster::Cluster {
        self.stack.cluster.used()
    }

    /// Edges to the components that it uses.
    pub(crate) fn providers(&self) -> impl Iterator<Item = (&'s Edge, &'s Part<'m>)> {
        let stack = self.stack;
        stack.edges.providers(self.at).map(move |edge| (edge, &stack.parts[edge.provider]))
    }

    /// Edges from the components that use it.
    pub(crate) fn consumers(&self) -> impl Iterator<Item = (&'s Edge, &'s Part<'m>)> {
        let stack = self.stack;
        stack.edges.consumers(self.at).map(move |edge| (edge, &stack.parts[edge.consumer]))
    }

    /// The component that a reference of the spec means. What is missing or wrong was reported with the links.
    pub(crate) fn target(&self, reference: &Ref) -> Option<&'s Part<'m>> {
        self.stack.index.find(self.id(), reference.as_str()).map(|at| &self.stack.parts[at])
    }

    /// Whether an edge with access leads to a component that listens on the network.
    pub(crate) fn reaches_network(&self) -> bool {
        self.stack.reaches_network(self.at)
    }

    /// AWS services that act for components linked to this one, with the consumer's index for [`Draft::wires`].
    pub(crate) fn principals(&self) -> Vec<(usize, &'s Part<'m>, Principal)> {
        self.consumers()
            .filter(|(edge, _)| edge.is_link())
            .filter_map(|(edge, consumer)| Some((edge.consumer, consumer, consumer.behaviour.principal(consumer, self.id())?)))
            .collect()
    }

    /// The source security group of a consumer, when its traffic may come in over an edge.
    pub(crate) fn source_group(&self, edge: &Edge) -> Option<Value> {
        self.stack.source_group(edge)
    }

    /// The resource that the component is, which has the component's physical name.
    pub(crate) fn main(&self, role: &str, type_name: impl Into<TypeName>) -> Draft {
        let (type_name, shared) = (type_name.into(), &self.part().shared);
        let name = match (names::rule(&type_name), &shared.name) {
            (Some(rule), Some(name)) => Name::Fixed(rule.property, name.clone()),
            (Some(rule), None) => Name::Derived(rule.derived(self.base_name())),
            (None, _) => Name::None,
        };
        Draft::new(self.part().address(role), type_name, true, name)
    }

    /// A resource beside the main one; its role is part of its physical name.
    pub(crate) fn draft(&self, role: &str, type_name: impl Into<TypeName>) -> Draft {
        let type_name = type_name.into();
        let name = names::rule(&type_name)
            .map_or(Name::None, |rule| Name::Derived(rule.derived(format!("{}-{}", self.base_name(), role.replace('.', "-")))));
        Draft::new(self.part().address(role), type_name, false, name)
    }

    /// `<stack>-<environment>-<service>-<component>`; the reserved service is left out.
    pub(crate) fn base_name(&self) -> String {
        let (manifest, id) = (self.stack.manifest, self.id());
        if id.service().starts_with('_') {
            return format!("{}-{}-{}", manifest.stack, manifest.environment, id.name());
        }
        format!("{}-{}-{}-{}", manifest.stack, manifest.environment, id.service(), id.name())
    }

    /// Adds a resource and gives its address.
    pub(crate) fn add(&mut self, draft: Draft) -> Address {
        let address = draft.address();
        self.drafts.push(draft);
        address
    }

    /// Gives an output its value.
    pub(crate) fn output(&mut self, name: &str, value: impl Into<Value>) {
        self.outputs.insert(name.to_owned(), value.into());
    }

    /// Whether an output of the stack gives this one away.
    pub(crate) fn is_published(&self, name: &str) -> bool {
        let mut published = false;
        for output in self.stack.manifest.outputs.values() {
            walk_outputs(&output.value, &mut String::new(), &mut |text, _| published |= split_output(text) == (self.id().as_str(), name));
        }
        published
    }

    /// Whether an output has a value already.
    pub(crate) fn has_output(&self, name: &str) -> bool {
        self.outputs.contains_key(name)
    }

    /// Gives an output its value, when it has one in this configuration.
    pub(crate) fn output_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.output(name, value);
        }
    }

    /// Makes a finding at a value of the spec, to be added to and pushed.
    pub(crate) fn finding(&self, code: Code, pointer: &str, message: impl Into<String>) -> Diagnostic {
        self.part().finding(code, pointer, message)
    }

    /// Adds a finding.
    pub(crate) fn push(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Makes the resources: names, tags, overrides and lifecycle are added to the drafts.
    pub(super) fn finish(mut self, findings: &mut Vec<Diagnostic>) -> Translation {
        let (part, manifest) = (self.part(), self.stack.manifest);
        let protect = self.protected();
        let tags = tags::of(manifest, part, &mut self.findings);
        self.check_roles();
        let mut written = tags::Written::new(tags);
        let mut resources = Vec::with_capacity(self.drafts.len());
        for mut draft in self.drafts {
            let fixed = matches!(draft.name, Name::Fixed(..));
            let mut naming = match draft.name {
                Name::None => None,
                Name::Fixed(property, name) => {
                    draft.properties.insert(property.to_owned(), name.into());
                    draft.origins.push((format!("/{property}"), "/name".to_owned()));
                    None
                }
                Name::Derived(naming) => {
                    draft.properties.insert(naming.property.clone(), naming.name(0));
                    Some(naming)
                }
            };
            if draft.tagged
                && let Some((property, value)) = written.of_type(&draft.type_name)
            {
                draft.properties.insert(property.to_owned(), value);
            }
            let role = draft.address.role();
            if let Some(Tree(overrides)) = part.shared.overrides.get(role) {
                if naming.as_ref().is_some_and(|naming| overrides.contains_key(&naming.property)) {
                    naming = None;
                }
                let tags = catalog().get(&draft.type_name).and_then(TypeInfo::tag_property).filter(|_| draft.tagged);
                for property in overrides.keys() {
                    if tags == Some(property) {
                        let pointer = format!("/overrides/{}/{}", escape(role), escape(property));
                        let message = format!("`{property}` of the overrides takes panka's own tags away");
                        self.findings.push(part.finding(P3009, &pointer, message).help("put tags into `spec.tags`, which adds to them"));
                    }
                    let property = escape(property);
                    draft.origins.push((format!("/{property}"), format!("/overrides/{}/{property}", escape(role))));
                }
                merge(&mut draft.properties, overrides);
            }
            if let Some(rule) = names::rule(&draft.type_name)
                && let Some(name) = draft.properties.get(rule.property)
            {
                self.findings.extend(rule.check(&draft.type_name, name, part.place(if fixed { "/name" } else { "" })));
            }
            let mut lifecycle = lifecycle::of(part, &draft.type_name, draft.tier, fixed, protect);
            lifecycle.final_snapshot = draft.final_snapshot;
            lifecycle.ignore_changes = draft.ignored;
            lifecycle.ignore_changes.extend(ignored(part, role, draft.main));
            lifecycle.ignore_changes.sort_unstable();
            lifecycle.ignore_changes.dedup();
            let places = draft
                .origins
                .iter()
                .filter_map(|(property, pointer)| Some((property.clone(), part.component.places.exact(pointer)?.clone())))
                .collect();
            let resource = Resource {
                address: draft.address,
                type_name: draft.type_name,
                component: part.kind().to_owned(),
                properties: draft.properties,
                depends_on: Vec::new(),
                tier: draft.tier,
                lifecycle,
                naming,
                nested: draft.nested,
                source: part.component.source.clone(),
                places,
            };
            resources.push(Made { resource, after: draft.after, consumers: draft.consumers, origins: draft.origins });
        }
        findings.append(&mut self.findings);
        Translation { resources, outputs: self.outputs }
    }

    /// Reports overrides and ignored changes of roles that the component does not have.
    fn check_roles(&mut self) {
        let part = self.part();
        let shared = &part.shared;
        if shared.overrides.is_empty() && shared.lifecycle.ignore_changes.is_empty() {
            return;
        }
        let roles: BTreeSet<&str> = self.drafts.iter().map(|draft| draft.address.role()).collect();
        let list = || roles.iter().copied().collect::<Vec<_>>().join(", ");
        let unknown = |role: &str, pointer: &str| {
            part.finding(P2018, pointer, format!("`{}` has no resource of role `{role}`", part.id()))
                .maybe_help(did_you_mean(role, roles.iter().copied()))
                .help(format!("its roles here are {}", list()))
        };
        for (n, entry) in shared.lifecycle.ignore_changes.iter().enumerate() {
            let (role, pointer) = entry.split_once(":/").map_or((None, entry.clone()), |(role, rest)| (Some(role), format!("/{rest}")));
            let meant = |draft: &&Draft| role.map_or(draft.main, |role| draft.address.role() == role);
            let types: BTreeSet<&str> = self.drafts.iter().filter(meant).map(|draft| draft.type_name.as_str()).collect();
            if !types.is_empty() && types.iter().all(|name| !names_something(name, &pointer)) {
                let list = types.into_iter().collect::<Vec<_>>().join(", ");
                let message = format!("`{pointer}` names no property of {list}");
                let finding = part.finding(P2018, &format!("/lifecycle/ignoreChanges/{n}"), message);
                self.findings.push(finding.help("a pointer leads through AWS's own property names: `/Tags/0/Value`, `/**/Image`"));
            }
        }
        let mut found: Vec<Diagnostic> = shared
            .overrides
            .keys()
            .filter(|role| !roles.contains(role.as_str()))
            .map(|role| unknown(role, &format!("/overrides/{}", escape(role))))
            .collect();
        for (n, entry) in shared.lifecycle.ignore_changes.iter().enumerate() {
            if let Some((role, _)) = entry.split_once(":/")
                && !roles.contains(role)
            {
                found.push(unknown(role, &format!("/lifecycle/ignoreChanges/{n}")));
            }
        }
        self.findings.append(&mut found);
    }
}

/// Tells whether a pattern can name something in the properties of a type, as far as the pattern leads without jumps.
fn names_something(type_name: &str, pattern: &str) -> bool {
    let Some(info) = catalog().get(type_name) else { return true };
    let known = pattern.split("/**").next().unwrap_or_default();
    let mut segments = known.split('/').skip(1).peekable();
    if segments.peek().is_none_or(|first| *first == "*") {
        return true;
    }
    // One segment of anything may be the number of an item; of a map any key, which no schema can deny.
    known.contains("/*/") && info.place(&known[..known.find("/*").unwrap_or(known.len())]).is_some()
        || info.place(&known.replace("/*", "/0")).is_some()
}

/// The pointers of `lifecycle.ignoreChanges` that are meant for a role.
fn ignored<'p>(part: &'p Part<'_>, role: &'p str, main: bool) -> impl Iterator<Item = String> + 'p {
    part.shared.lifecycle.ignore_changes.iter().filter_map(move |entry| match entry.split_once(":/") {
        Some((meant, pointer)) => (meant == role).then(|| format!("/{pointer}")),
        None => main.then(|| entry.clone()),
    })
}

/// Merges overrides into properties: maps deeply, everything else replaced, null deletes.
fn merge(properties: &mut Map<String, Value>, overrides: &Map<String, Value>) {
    for (key, value) in overrides {
        match (properties.get_mut(key), value) {
            (_, Value::Null) => {
                properties.shift_remove(key);
            }
            (Some(Value::Object(below)), Value::Object(over)) if !is_special(below) && !is_special(over) => merge(below, over),
            _ => {
                properties.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Whether a map is a value form or an output reference and cannot be merged into.
fn is_special(map: &Map<String, Value>) -> bool {
    map.keys().next().is_some_and(|key| key.starts_with('$'))
}
