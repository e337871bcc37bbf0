//! All components of a stack, and their translation into resources.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::check::Check;
use super::cluster::{self, Cluster, ClusterSpec};
use super::edge::{Edge, Edges, Index, split_output, walk_outputs};
use super::kind::Row;
use super::network::{self, Network, NetworkSpec};
use super::outputs::Outputs;
use super::part::Part;
use super::scope::{Made, Scope, Translation};
use super::{KINDS, Translated, advice, check, faults, names, order};
use crate::address::{Address, ComponentId};
use crate::catalog::catalog;
use crate::diagnostic::codes::manifest::{P1004, P1008, P1015};
use crate::diagnostic::codes::stack::{P2010, P2014};
use crate::diagnostic::{Diagnostic, Error, Span, did_you_mean};
use crate::document;
use crate::manifest::{Component, Kinds as _, Manifest, Section, recheck};
use crate::resource::Resource;

/// The parts of a stack and what connects them.
pub(crate) struct Stack<'m> {
    pub(super) manifest: &'m Manifest,
    pub(super) parts: Vec<Part<'m>>,
    pub(super) index: Index<'m>,
    pub(super) edges: Edges,
    pub(super) network: Network,
    pub(super) cluster: Cluster,
}

impl Stack<'_> {
    /// Whether an edge with access leads from a component to one that listens on the network.
    pub(super) fn reaches_network(&self, at: usize) -> bool {
        self.edges.providers(at).any(|edge| {
            let provider = &self.parts[edge.provider];
            edge.access != super::access::Access::None && !provider.behaviour.listens(provider).is_empty()
        })
    }

    /// The security group that a consumer's traffic over an edge comes from.
    pub(super) fn source_group(&self, edge: &Edge) -> Option<Value> {
        let consumer = &self.parts[edge.consumer];
        if edge.access == super::access::Access::None {
            return None;
        }
        consumer.behaviour.source_group(consumer, self.reaches_network(edge.consumer))
    }
}

/// Translates all components.
pub(super) fn translate(manifest: &Manifest) -> Result<Translated, Error> {
    let mut findings = Vec::new();
    let reserved = [reserved(network::NAME, &manifest.network, manifest), reserved(cluster::NAME, &manifest.cluster, manifest)];
    let (mut parts, disabled) = decode(manifest, &mut findings);
    let broken = manifest.components.len() - parts.len() - disabled.len();
    for (component, row) in reserved.iter().zip([&network::ROW, &cluster::ROW]) {
        parts.extend(decode_one(component, row, &mut findings));
    }
    let index = Index::new(manifest, &parts, disabled);
    let edges = Edges::find(&index, &parts, &mut findings);
    let network = parts.iter().find_map(Part::spec::<NetworkSpec>).cloned().unwrap_or_default();
    let cluster = parts.iter().find_map(Part::spec::<ClusterSpec>).cloned().unwrap_or_default();
    let network = Network::new(network, &manifest.provider.region);
    let stack = Stack { manifest, parts, index, edges, network, cluster: Cluster::new(cluster, manifest) };

    let mut translations = translate_parts(&stack, &mut findings);
    if broken > 0 || findings.iter().any(|finding| finding.code == P2010) {
        // Outputs of broken components are missing, and those in a circle have no end: more findings would only repeat what is known.
        return Err(stop(findings));
    }
    let mut outputs = Outputs::new(&stack, &mut translations);
    outputs.check_specs(&mut findings);
    outputs.resolve_all(&mut findings);
    let values = outputs.values(&mut findings);
    let mut made: Vec<(usize, Made)> = Vec::new();
    for (at, mut translation) in translations.into_iter().enumerate() {
        for made in &mut translation.resources {
            outputs.rewrite(&stack.parts[at], &mut made.resource, &mut findings);
            made.resource.properties.values_mut().for_each(document::sort_keys);
            made.resource.properties.sort_keys();
        }
        made.extend(translation.resources.into_iter().map(|made| (at, made)));
    }
    let faults = faults::find(&stack.parts, &made, &findings);
    findings.extend(faults);
    findings.extend(equal_names(made.iter().map(|(_, made)| &made.resource)));
    let mut resources = order::fill(&stack, made);
    resources.sort_by(|a, b| a.address.cmp(&b.address));
    if !findings.iter().any(Diagnostic::is_error) {
        // With errors around, what seems alone may only be named wrongly elsewhere.
        findings.extend(advice::find(&stack));
    }
    let warnings = Error::check(findings)?;
    Ok(Translated { resources, outputs: values, warnings })
}

/// The error of findings that are known to hold one.
fn stop(findings: Vec<Diagnostic>) -> Error {
    match Error::check(findings) {
        Err(error) => error,
        Ok(_) => unreachable!("a broken component and a circle are errors"),
    }
}

/// The component that the network or the cluster of a stack is.
fn reserved(name: &str, section: &Section, manifest: &Manifest) -> Component {
    let spec = if section.spec.is_null() { Value::Object(serde_json::Map::new()) } else { section.spec.clone() };
    let source = section.places.get("").or_else(|| section.places.iter().next().map(|(_, place)| place)).cloned();
    Component {
        id: ComponentId::new("_stack", name),
        kind: String::new(),
        description: None,
        labels: BTreeMap::new(),
        spec,
        files: BTreeMap::new(),
        source: source.unwrap_or_else(|| Span::file(format!("stacks/{}/stack.yaml", manifest.stack))),
        places: section.places.clone(),
    }
}

/// Decodes every component that is enabled, reporting those that cannot be. Gives the ids of those that are not.
fn decode<'m>(manifest: &'m Manifest, findings: &mut Vec<Diagnostic>) -> (Vec<Part<'m>>, Vec<&'m ComponentId>) {
    let mut disabled = Vec::new();
    let mut parts = Vec::with_capacity(manifest.components.len() + 2);
    let mut seen: HashMap<&str, &Component> = HashMap::new();
    for component in &manifest.components {
        if let Some(first) = seen.insert(component.id.as_str(), component) {
            findings.push(
                Diagnostic::new(P1008, format!("two components have the id `{}`", component.id))
                    .at(component.source.clone())
                    .label(first.source.clone(), "the other one")
                    .about(&component.id),
            );
            continue;
        }
        let Some(row) = KINDS.row(&component.kind) else {
            findings.push(
                check::finding(component, P1004, "", format!("`{}` is not a kind of component", component.kind))
                    .maybe_help(did_you_mean(&component.kind, KINDS.names())),
            );
            continue;
        };
        if component.spec.get("enabled") == Some(&Value::Bool(false)) {
            disabled.push(&component.id);
        } else {
            parts.extend(decode_one(component, row, findings));
        }
    }
    (parts, disabled)
}

fn decode_one<'m>(component: &'m Component, row: &'static Row, findings: &mut Vec<Diagnostic>) -> Option<Part<'m>> {
    use crate::manifest::ComponentKind as _;
    if !row.offered() {
        findings.push(check::finding(component, P1015, "", format!("kind {} is known and not offered yet", row.name())));
        return None;
    }
    let faults = recheck(component, row.compiled());
    if !faults.is_empty() {
        findings.extend(faults);
        return None;
    }
    match row.decode(component.spec.clone()) {
        Ok((shared, behaviour)) => {
            let mut check = Check::new(component);
            shared.check(&mut check);
            behaviour.check(&mut check);
            // The warnings were given when the manifest was made.
            findings.extend(check.into_findings().into_iter().filter(Diagnostic::is_error));
            Some(Part { component, row, shared, behaviour })
        }
        Err(error) => {
            findings.push(check::undecodable(component, &error));
            None
        }
    }
}

/// Translates the components, then the cluster and the network as far as something needs them.
fn translate_parts(stack: &Stack<'_>, findings: &mut Vec<Diagnostic>) -> Vec<Translation> {
    let mut translations: Vec<Translation> = Vec::with_capacity(stack.parts.len());
    let own = |part: &Part<'_>| part.id().service() == "_stack";
    let one = |at: usize, findings: &mut Vec<Diagnostic>| {
        let mut scope = Scope::new(stack, at);
        stack.parts[at].behaviour.translate(&mut scope);
        scope.finish(findings)
    };
    for (at, part) in stack.parts.iter().enumerate() {
        if own(part) {
            translations.push(Translation { resources: Vec::new(), outputs: BTreeMap::new() });
            if stack.edges.consumers(at).next().is_some() || named_by_outputs(stack, part) {
                mark(stack, part);
            }
        } else {
            translations.push(one(at, findings));
        }
    }
    for name in [cluster::NAME, network::NAME] {
        let found = stack.parts.iter().position(|part| own(part) && part.id().name() == name);
        let needed = if name == cluster::NAME { stack.cluster.is_used() } else { stack.network.is_used() };
        if let Some(at) = found.filter(|_| needed) {
            translations[at] = one(at, findings);
        }
    }
    translations
}

/// Whether an output of the stack refers to a component.
pub(super) fn named_by_outputs(stack: &Stack<'_>, part: &Part<'_>) -> bool {
    let mut named = false;
    for output in stack.manifest.outputs.values() {
        walk_outputs(&output.value, &mut String::new(), &mut |text, _| named |= split_output(text).0 == part.id().as_str());
    }
    named
}

/// A reference to an output of the network or the cluster needs them.
fn mark(stack: &Stack<'_>, part: &Part<'_>) {
    if part.id().name() == network::NAME {
        stack.network.used();
    } else {
        stack.cluster.used();
    }
}

/// Types whose names are unique only within something else that has a unique name.
const NAMED_WITHIN: [&str; 2] = ["AWS::ApplicationAutoScaling::ScalingPolicy", "AWS::IAM::RolePolicy"];

/// Reports resources of one type that get one physical name.
fn equal_names<'r>(resources: impl Iterator<Item = &'r Resource>) -> Vec<Diagnostic> {
    let mut seen: HashMap<(&str, String), &Resource> = HashMap::new();
    let mut told: HashSet<&Address> = HashSet::new();
    let mut findings = Vec::new();
    for resource in resources {
        let Some(rule) = names::rule(&resource.type_name).filter(|_| !NAMED_WITHIN.contains(&resource.type_name.as_str())) else {
            continue;
        };
        let Some(name) = resource.properties.get(rule.property) else { continue };
        let text = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
        let key = catalog().get(&resource.type_name).map_or_else(|| text.clone(), |info| info.name_key(rule.property, &text));
        if let Some(first) = seen.insert((resource.type_name.as_str(), key), resource)
            && told.insert(&resource.address)
        {
            findings.push(
                Diagnostic::new(P2014, format!("`{}` and `{}` both get the name `{text}`", first.address, resource.address))
                    .at(resource.source.clone())
                    .label(first.source.clone(), format!("`{}` is declared here", first.address.component()))
                    .about(&resource.address)
                    .help("set `spec.name` in one of the two, or rename it"),
            );
        }
    }
    findings
}
