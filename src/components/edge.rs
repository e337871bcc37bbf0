//! Connections between components: who uses whom, why, and with which access.
//!
//! In: the parts of a stack. Out: [`Edges`], one per pair of consumer and provider, with the union of what `dependsOn`, output references
//! and links ask for; an explicit access stands above derived defaults, never below what a link needs. Findings are P2001, P2002,
//! P2005–P2007, P2010–P2012.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use serde_json::Value;

use super::access::Access;
use super::field::{self, Ref};
use super::part::Part;
use super::resource::AnyType;
use crate::address::ComponentId;
use crate::diagnostic::codes::stack::{P2001, P2002, P2005, P2006, P2007, P2010, P2011, P2012};
use crate::diagnostic::{Diagnostic, Span, did_you_mean, escape};
use crate::manifest::Manifest;

/// Why two components are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// The consumer's `dependsOn`.
    DependsOn,
    /// `dependsOn` of the consumer's service.
    Service,
    /// An output reference.
    Output,
    /// A field of the consumer's kind: `trigger`, `target`, `queue`.
    Link(&'static str),
}

/// A connection.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    /// Index of the component that uses.
    pub(crate) consumer: usize,
    /// Index of the component that is used.
    pub(crate) provider: usize,
    /// What the consumer may do.
    pub(crate) access: Access,
    /// Why, sorted.
    pub(crate) causes: Vec<Cause>,
    /// Names of the outputs that the consumer refers to, sorted.
    pub(crate) outputs: BTreeSet<String>,
    /// Where it is written first.
    pub(crate) place: Span,
}

impl Edge {
    /// Whether a link of that name is among the causes.
    pub(crate) fn linked(&self, name: &str) -> bool {
        self.causes.iter().any(|cause| matches!(cause, Cause::Link(link) if *link == name))
    }

    /// Whether any link is among the causes.
    pub(crate) fn is_link(&self) -> bool {
        self.causes.iter().any(|cause| matches!(cause, Cause::Link(_)))
    }
}

/// Names of components and where they stand.
pub(crate) struct Index<'m> {
    manifest: &'m Manifest,
    disabled: Vec<&'m ComponentId>,
    places: HashMap<&'m str, usize>,
}

impl<'m> Index<'m> {
    pub(crate) fn new(manifest: &'m Manifest, parts: &[Part<'m>], disabled: Vec<&'m ComponentId>) -> Self {
        let disabled = manifest.disabled.iter().chain(disabled).collect();
        Self { manifest, disabled, places: parts.iter().enumerate().map(|(n, part)| (part.component.id.as_str(), n)).collect() }
    }

    /// The component that a text means when `from` says it.
    pub(crate) fn find(&self, from: &ComponentId, text: &str) -> Option<usize> {
        let id = if text.contains('/') { None } else { Some(ComponentId::new(from.service(), text)) };
        self.places.get(id.as_ref().map_or(text, ComponentId::as_str)).copied()
    }

    /// The finding for a text that means no component; none for a component that is there and has errors of its own.
    pub(crate) fn missing(&self, from: &ComponentId, text: &str) -> Option<Diagnostic> {
        let full = if text.contains('/') { text.to_owned() } else { format!("{}/{text}", from.service()) };
        let (service, name) = full.split_once('/').unwrap_or((full.as_str(), ""));
        if self.disabled.iter().any(|id| id.as_str() == full) {
            return Some(
                Diagnostic::new(P2005, format!("component `{full}` is disabled in environment {}", self.manifest.environment))
                    .help("set `enabled: true` in an overlay of this environment, or take the reference away here with an overlay"),
            );
        }
        let ids = || self.manifest.components.iter().map(|component| &component.id);
        if ids().any(|id| id.as_str() == full) {
            return None;
        }
        if !text.contains('/') {
            let elsewhere: Vec<&str> = ids().filter(|id| id.name() == text).map(ComponentId::as_str).collect();
            if let Some(first) = elsewhere.first() {
                return Some(
                    Diagnostic::new(
                        P2007,
                        format!("service `{service}` has no component `{text}`, but there is `{}`", elsewhere.join("`, `")),
                    )
                    .help(format!("write `{first}`: a bare name means a component of the same service")),
                );
            }
        }
        if !ids().any(|id| id.service() == service) && !self.manifest.services.contains_key(service) {
            return Some(
                Diagnostic::new(P2002, format!("there is no service `{service}`"))
                    .maybe_help(did_you_mean(service, self.manifest.services.keys().map(String::as_str))),
            );
        }
        Some(
            Diagnostic::new(P2001, format!("service `{service}` has no component `{name}`"))
                .maybe_help(did_you_mean(name, ids().filter(|id| id.service() == service).map(ComponentId::name))),
        )
    }
}

/// Takes the links that a kind's own fields make.
pub(crate) struct Links<'a> {
    consumer: usize,
    parts: &'a [Part<'a>],
    index: &'a Index<'a>,
    wants: &'a mut Wants,
}

impl Links<'_> {
    /// Adds a link to a component of one of `kinds` (any, when there are none) with the access it needs. `pointer` is where the spec
    /// names it, `name` says what the link is: `trigger`, `target`, `queue`. A link to nothing, or to a wrong kind, is reported.
    pub(crate) fn add(&mut self, target: &Ref, pointer: &str, name: &'static str, kinds: &[&str], access: Access) {
        let consumer = &self.parts[self.consumer];
        let place = consumer.place(pointer);
        let Some(provider) = self.wants.resolve(self.index, self.parts, self.consumer, target.as_str(), &place) else { return };
        let kind = self.parts[provider].kind();
        if !kinds.is_empty() && !kinds.contains(&kind) {
            self.wants.findings.push(
                Diagnostic::new(
                    P2011,
                    format!("`{}` is of kind {kind}, and this field takes {}", self.parts[provider].id(), one_of(kinds)),
                )
                .at(place)
                .label(self.parts[provider].component.source.clone(), "it is declared here")
                .about(format!("{}:{pointer}", consumer.id())),
            );
            return;
        }
        self.wants.entry(self.consumer, provider, place).need(Cause::Link(name), access);
    }
}

impl Links<'_> {
    /// Whether a text names a component, for fields that take names of other things too.
    pub(crate) fn knows(&self, target: &Ref) -> bool {
        self.index.find(self.parts[self.consumer].id(), target.as_str()).is_some()
    }
}

fn one_of(kinds: &[&str]) -> String {
    match kinds {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

/// What one consumer wants of one provider, before it is settled.
#[derive(Debug)]
struct Want {
    place: Span,
    /// Where an explicit access stands, and the access.
    explicit: Option<(Span, Access)>,
    /// The default access applies.
    default: bool,
    need: Access,
    causes: Vec<Cause>,
    outputs: BTreeSet<String>,
}

impl Want {
    fn cause(&mut self, cause: Cause) {
        if let Err(at) = self.causes.binary_search(&cause) {
            self.causes.insert(at, cause);
        }
    }

    fn need(&mut self, cause: Cause, access: Access) {
        self.cause(cause);
        self.need = self.need | access;
    }
}

struct Wants {
    pairs: BTreeMap<(usize, usize), Want>,
    findings: Vec<Diagnostic>,
}

impl Wants {
    fn entry(&mut self, consumer: usize, provider: usize, place: Span) -> &mut Want {
        self.pairs.entry((consumer, provider)).or_insert_with(|| Want {
            place,
            explicit: None,
            default: false,
            need: Access::None,
            causes: Vec::new(),
            outputs: BTreeSet::new(),
        })
    }

    fn resolve(&mut self, index: &Index<'_>, parts: &[Part<'_>], consumer: usize, text: &str, place: &Span) -> Option<usize> {
        let id = parts[consumer].id();
        match index.find(id, text) {
            Some(provider) if provider == consumer => {
                self.findings.push(Diagnostic::new(P2006, format!("`{id}` refers to itself")).at(place.clone()).about(id));
                None
            }
            Some(provider) => Some(provider),
            None => {
                self.findings.extend(index.missing(id, text).map(|finding| finding.at(place.clone()).about(id)));
                None
            }
        }
    }
}

/// All connections of a stack, sorted by consumer and provider.
#[derive(Debug, Default)]
pub(crate) struct Edges {
    all: Vec<Edge>,
    outgoing: Vec<Vec<usize>>,
    incoming: Vec<Vec<usize>>,
}

impl Edges {
    /// Edges to what a component uses, by provider.
    pub(crate) fn providers(&self, consumer: usize) -> impl Iterator<Item = &Edge> {
        self.outgoing[consumer].iter().map(|edge| &self.all[*edge])
    }

    /// Edges from what uses a component, by consumer.
    pub(crate) fn consumers(&self, provider: usize) -> impl Iterator<Item = &Edge> {
        self.incoming[provider].iter().map(|edge| &self.all[*edge])
    }

    /// Finds all connections of the parts.
    pub(crate) fn find(index: &Index<'_>, parts: &[Part<'_>], findings: &mut Vec<Diagnostic>) -> Self {
        let mut wants = Wants { pairs: BTreeMap::new(), findings: unknown_services(index.manifest) };
        let mut services: HashMap<&str, Vec<usize>> = HashMap::new();
        for (n, part) in parts.iter().enumerate() {
            services.entry(part.id().service()).or_default().push(n);
        }
        for consumer in 0..parts.len() {
            of_depends_on(index, parts, consumer, &mut wants);
            of_outputs(index, parts, consumer, &mut wants);
            of_service(index, parts, consumer, &services, &mut wants);
            let mut links = Links { consumer, parts, index, wants: &mut wants };
            parts[consumer].behaviour.links(&mut links);
        }
        let mut edges = Self { all: Vec::new(), outgoing: vec![Vec::new(); parts.len()], incoming: vec![Vec::new(); parts.len()] };
        for ((consumer, provider), want) in wants.pairs {
            let access = settle(&parts[consumer], &parts[provider], &want, &mut wants.findings);
            edges.outgoing[consumer].push(edges.all.len());
            edges.incoming[provider].push(edges.all.len());
            edges.all.push(Edge { consumer, provider, access, causes: want.causes, outputs: want.outputs, place: want.place });
        }
        findings.append(&mut wants.findings);
        findings.extend(edges.circles(parts));
        edges
    }

    /// One finding for each set of components that wait for each other, with a shortest path through its first component.
    fn circles(&self, parts: &[Part<'_>]) -> Vec<Diagnostic> {
        let mut graph = petgraph::graph::DiGraph::<(), ()>::with_capacity(parts.len(), self.all.len());
        for _ in parts {
            graph.add_node(());
        }
        for edge in &self.all {
            graph.add_edge(petgraph::graph::NodeIndex::new(edge.consumer), petgraph::graph::NodeIndex::new(edge.provider), ());
        }
        let mut findings = Vec::new();
        for set in petgraph::algo::tarjan_scc(&graph) {
            let Some(first) = set.iter().map(|node| node.index()).min().filter(|_| set.len() > 1) else { continue };
            let path = self.path_back(first);
            let names: Vec<&str> = path.iter().map(|edge| parts[edge.consumer].id().as_str()).collect();
            let mut finding = Diagnostic::new(P2010, format!("components wait for each other: {} → {}", names.join(" → "), names[0]))
                .at(path[0].place.clone())
                .about(names[0])
                .help("take one of these references away: a component starts only when what it uses has started");
            for edge in &path[1..] {
                finding = finding.label(edge.place.clone(), format!("{} uses {}", parts[edge.consumer].id(), parts[edge.provider].id()));
            }
            findings.push(finding);
        }
        findings
    }

    /// The shortest way from a component back to itself, by breadth first search.
    fn path_back(&self, start: usize) -> Vec<&Edge> {
        let mut came: HashMap<usize, &Edge> = HashMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for edge in self.providers(node) {
                if edge.provider == start {
                    let mut path = vec![edge];
                    while path[0].consumer != start {
                        path.insert(0, came[&path[0].consumer]);
                    }
                    return path;
                }
                if let std::collections::hash_map::Entry::Vacant(entry) = came.entry(edge.provider) {
                    entry.insert(edge);
                    queue.push_back(edge.provider);
                }
            }
        }
        Vec::new()
    }
}

fn of_depends_on(index: &Index<'_>, parts: &[Part<'_>], consumer: usize, wants: &mut Wants) {
    for (n, dependency) in parts[consumer].shared.depends_on.iter().enumerate() {
        let place = parts[consumer].place(&format!("/dependsOn/{n}"));
        let Some(provider) = wants.resolve(index, parts, consumer, dependency.component.as_str(), &place) else { continue };
        let want = wants.entry(consumer, provider, place.clone());
        want.cause(Cause::DependsOn);
        match dependency.access {
            Some(access) => want.explicit = Some((place, access)),
            None => want.default = true,
        }
    }
}

/// Splits the text of an output reference into component and output name.
pub(crate) fn split_output(text: &str) -> (&str, &str) {
    text.split_once('.').unwrap_or((text, ""))
}

fn of_outputs(index: &Index<'_>, parts: &[Part<'_>], consumer: usize, wants: &mut Wants) {
    let mut found = Vec::new();
    walk_outputs(&parts[consumer].component.spec, &mut String::new(), &mut |text, pointer| {
        found.push((text.to_owned(), pointer.to_owned()));
    });
    for (text, pointer) in found {
        let (component, output) = split_output(&text);
        if component.starts_with("_stack/") {
            continue;
        }
        let place = parts[consumer].place(&pointer);
        let Some(provider) = wants.resolve(index, parts, consumer, component, &place) else { continue };
        let want = wants.entry(consumer, provider, place);
        want.cause(Cause::Output);
        want.outputs.insert(output.to_owned());
        // What a secret is handed over by is given the permission where it is handed over; the code itself needs none.
        let handed = pointer.starts_with("/secrets/") || pointer == "/image/pullSecret";
        want.default |= !(handed && parts[provider].spec::<AnyType>().is_some_and(AnyType::holds_a_secret));
    }
}

/// Calls `visit` with each output reference below a value and its JSON pointer.
pub(crate) fn walk_outputs(value: &Value, pointer: &mut String, visit: &mut impl FnMut(&str, &str)) {
    if let Some(text) = field::output_name(value) {
        visit(text, pointer);
        return;
    }
    let before = pointer.len();
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                // The parts of a join have no place of their own in the YAML.
                if key != "$join" {
                    pointer.push('/');
                    pointer.push_str(&escape(key));
                }
                walk_outputs(value, pointer, visit);
                pointer.truncate(before);
            }
        }
        Value::Array(items) => {
            for (n, value) in items.iter().enumerate() {
                if value.is_object() || value.is_array() {
                    write!(pointer, "/{n}").expect("writing to a string does not fail");
                    walk_outputs(value, pointer, visit);
                    pointer.truncate(before);
                }
            }
        }
        _ => {}
    }
}

/// Services that name services which are not there, or themselves.
fn unknown_services(manifest: &Manifest) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (name, service) in &manifest.services {
        for other in &service.depends_on {
            if other == name {
                findings.push(Diagnostic::new(P2006, format!("service `{name}` refers to itself")).at(service.source.clone()).about(name));
            } else if !manifest.services.contains_key(other) && !manifest.components.iter().any(|c| c.id.service() == other) {
                findings.push(
                    Diagnostic::new(P2002, format!("service `{name}` depends on `{other}`, which is not there"))
                        .at(service.source.clone())
                        .about(name)
                        .maybe_help(did_you_mean(other, manifest.services.keys().map(String::as_str))),
                );
            }
        }
    }
    findings
}

fn of_service(index: &Index<'_>, parts: &[Part<'_>], consumer: usize, services: &HashMap<&str, Vec<usize>>, wants: &mut Wants) {
    let Some(service) = index.manifest.services.get(parts[consumer].id().service()) else { return };
    for name in &service.depends_on {
        for provider in services.get(name.as_str()).into_iter().flatten().filter(|provider| **provider != consumer) {
            let place = service.source.clone().unwrap_or_else(|| parts[consumer].component.source.clone());
            wants.entry(consumer, *provider, place).cause(Cause::Service);
        }
    }
}

/// Decides the access of a pair.
fn settle(consumer: &Part<'_>, provider: &Part<'_>, want: &Want, findings: &mut Vec<Diagnostic>) -> Access {
    let default = provider.behaviour.access(provider, consumer);
    let able = consumer.behaviour.identity().is_some()
        || consumer.behaviour.source_group(consumer, true).is_some()
        || consumer.behaviour.principal(consumer, provider.id()).is_some();
    let derived = match &want.explicit {
        Some((place, explicit)) if *explicit != Access::None && (default == Access::None || !able) => {
            let why = if able {
                format!("components of kind {} cannot be read or written", provider.kind())
            } else {
                format!("a component of kind {} runs no code that could use it", consumer.kind())
            };
            findings.push(
                Diagnostic::new(P2012, format!("`{}` cannot have access {explicit} to `{}`: {why}", consumer.id(), provider.id()))
                    .at(place.clone())
                    .about(consumer.id())
                    .help("write `access: none`, or the bare name, when only the order matters"),
            );
            Access::None
        }
        Some((_, explicit)) => *explicit,
        None if want.default && able => default,
        None => Access::None,
    };
    derived | want.need
}
