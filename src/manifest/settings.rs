//! Stack and Environment as one: where to deploy, the network, the cluster, the tags, the outputs.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use super::check::{check, finding};
use super::collect::take_member;
use super::documents;
use super::envelope::{Document, Family};
use super::format;
use super::merge::{Clashes, merge, strip};
use super::node::{Member, Node};
use super::request::ProviderDefaults;
use super::source::Sources;
use super::variables::{Layer, Ledger, Scope, layer};
use super::written::{OutputForms, Written};
use super::{Backend, Output, Provider, Section};
use crate::diagnostic::codes::manifest::{P1012, P1014, P1017};
use crate::diagnostic::{Diagnostic, Places, Span};
use crate::schema::FaultKind;

/// The region of a simulated account.
const SIMULATED_REGION: &str = "us-east-1";

/// The variables that reach the whole stack, from the highest source to the lowest but for those of services.
#[derive(Debug, Default)]
pub(super) struct StackLayers {
    /// `--var`, files, the process environment.
    pub(super) given: Vec<Layer>,
    /// Of the Environment.
    pub(super) environment: Layer,
    /// Of the Stack.
    pub(super) stack: Layer,
}

impl StackLayers {
    /// The layers in order, those of a service in their place.
    pub(super) fn with<'a>(&'a self, service: Option<&'a Layer>) -> Vec<&'a Layer> {
        self.given.iter().chain([&self.environment]).chain(service).chain([&self.stack]).collect()
    }
}

/// What Stack and Environment say together.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) provider: Provider,
    pub(super) backend: Option<Backend>,
    pub(super) protect: bool,
    pub(super) default_tags: BTreeMap<String, String>,
    pub(super) network: Section,
    pub(super) cluster: Section,
    pub(super) outputs: BTreeMap<String, Output>,
    /// Further files of defaults: the path as written, and where.
    pub(super) infrastructure: Vec<(Rc<str>, super::source::At)>,
}

/// Reads the two documents.
pub(super) struct Reader<'a> {
    pub(super) sources: &'a Sources,
    pub(super) stack: &'a Document,
    pub(super) environment: Option<&'a Document>,
    pub(super) environment_name: &'a str,
    pub(super) defaults: &'a ProviderDefaults,
    pub(super) simulated: bool,
}

impl Reader<'_> {
    /// The variables of both documents.
    pub(super) fn layers(&self, given: Vec<Layer>, findings: &mut Vec<Diagnostic>) -> StackLayers {
        let mut read = |document: Option<&Document>| {
            let variables = document.and_then(|document| document.spec.get("variables"));
            layer::document(self.sources, variables, findings)
        };
        StackLayers { environment: read(self.environment), stack: read(Some(self.stack)), given }
    }

    /// Reads everything else.
    pub(super) fn settings(&self, layers: &StackLayers, ledger: &Ledger, findings: &mut Vec<Diagnostic>) -> Settings {
        let own = vec![("STACK", Rc::clone(&self.stack.name)), ("ENVIRONMENT", self.environment_name.into())];
        let scope = Scope::new(self.sources, layers.with(None), own.clone(), None, ledger);
        let mut stack = without_variables(&self.stack.spec);
        let mut environment = self.environment.map(|document| without_variables(&document.spec));
        // Provider and backend are needed before anything is known of the account, so they go first and see less.
        for spec in std::iter::once(&mut stack).chain(&mut environment) {
            for (key, member) in spec.map_mut().into_iter().flatten() {
                if ["provider", "backend"].contains(&&**key) {
                    scope.substitute(&mut member.node);
                }
            }
        }
        let provider = self.provider(&stack, environment.as_ref(), findings);
        let full = Scope::new(self.sources, layers.with(None), built_in(own, &provider), None, ledger);
        let mut merged = stack.clone();
        full.substitute(&mut merged);
        self.document(Family::Stack, &merged, self.stack, findings);
        if let (Some(mut spec), Some(document)) = (environment, self.environment) {
            full.substitute(&mut spec);
            self.document(Family::Environment, &spec, document, findings);
            choose_anew(&mut merged, &spec);
            merge(&mut merged, &spec, &mut Clashes::default());
        }
        strip(&mut merged);
        let protect = take_member(&mut merged, "protect");
        let written = Written::of(&merged, Some(documents::schema(Family::Stack).root()), self.sources);
        findings.extend(written.findings.iter().cloned());
        // Types and ranges were checked where they were written; only what is missing shows in the whole.
        let faults = documents::schema(Family::Stack).check(&written.value, &OutputForms);
        let missing = faults.into_iter().filter(|fault| fault.kind == FaultKind::Missing);
        findings.extend(missing.map(|fault| finding(fault, &written, self.sources, self.stack.spec_at)));
        let outputs = written.value["outputs"].as_object().into_iter().flatten().map(|(name, value)| {
            let source = written.mark(&format!("/outputs/{}", crate::diagnostic::escape(name))).map_or(self.stack.at, |mark| mark.value);
            (name.clone(), Output { value: value.clone(), source: self.sources.span(source) })
        });
        let mut default_tags = self.defaults.default_tags.clone();
        default_tags.extend(texts(&written.value["defaultTags"]));
        Settings {
            provider,
            backend: backend(&written.value["backend"]),
            protect: protect.is_some_and(|node| node.scalar().is_some_and(|scalar| &*scalar.text == "true")),
            default_tags,
            network: self.section(&written, "network"),
            cluster: self.section(&written, "cluster"),
            outputs: outputs.collect(),
            infrastructure: written.paths.iter().map(|path| (Rc::clone(&path.text), path.at)).collect(),
        }
    }

    fn provider(&self, stack: &Node, environment: Option<&Node>, findings: &mut Vec<Diagnostic>) -> Provider {
        let find = |key: &str| {
            let in_spec =
                |spec: &Node| spec.get("provider").and_then(|provider| provider.get(key)).and_then(Node::as_text).map(ToString::to_string);
            environment.and_then(in_spec).or_else(|| in_spec(stack))
        };
        let broken = |spec: &Node| {
            let node = spec.get("provider").and_then(|provider| provider.get("region"));
            node.is_some_and(|node| node.as_text().is_none() && !node.is_null())
        };
        let region = find("region").or_else(|| self.defaults.region.clone()).unwrap_or_else(|| {
            if !self.simulated && !broken(stack) && !environment.is_some_and(broken) {
                let finding = Diagnostic::new(P1012, "nothing says which region to deploy to").at(self.sources.span(self.stack.at));
                findings.push(finding.help("set `provider.region` in the stack, `aws.region` in the configuration, or AWS_REGION"));
            }
            SIMULATED_REGION.to_owned()
        });
        if find("region").is_none()
            && let Err(problem) = format::region(&region)
        {
            let finding = Diagnostic::new(P1014, problem).at(self.sources.span(self.stack.at));
            findings.push(finding.help("it comes from AWS_REGION, or from `aws.region` in the configuration"));
        }
        Provider {
            region,
            account_id: find("accountId").or_else(|| self.defaults.account_id.clone()),
            profile: find("profile").or_else(|| self.defaults.profile.clone()),
            role_arn: find("roleArn"),
        }
    }

    /// Checks one of the two documents by itself.
    fn document(&self, family: Family, spec: &Node, document: &Document, findings: &mut Vec<Diagnostic>) {
        let mut spec = spec.clone();
        strip(&mut spec);
        if let Some(network) = spec.map().and_then(|map| map.get("network"))
            && let (Some(existing), Some(create)) = (member(&network.node, "existing"), member(&network.node, "create"))
        {
            let finding =
                Diagnostic::new(P1017, "`network.existing` and `network.create` exclude each other").at(self.sources.span(create.key));
            findings.push(finding.label(self.sources.span(existing.key), "an existing network is named here").help("keep one of the two"));
        }
        let schema = documents::schema(family);
        let written = Written::of(&spec, Some(schema.root()), self.sources);
        let found = check(&written, schema, self.sources, document.spec_at);
        findings.extend(found.into_iter().filter(|finding| finding.code != P1012));
    }

    fn section(&self, written: &Written, name: &str) -> Section {
        let prefix = format!("/{name}");
        let below =
            |pointer: &String| pointer.strip_prefix(&prefix).filter(|rest| rest.is_empty() || rest.starts_with('/')).map(str::to_owned);
        let places: Places = written
            .marks
            .iter()
            .filter_map(|(pointer, mark)| Some((below(pointer)?, self.sources.span(mark.value))))
            .collect::<BTreeMap<String, Span>>()
            .into_iter()
            .collect();
        let spec = written.value.get(name).cloned().unwrap_or_else(|| Json::Object(serde_json::Map::new()));
        Section { spec, places }
    }
}

fn without_variables(spec: &Node) -> Node {
    let mut spec = spec.clone();
    take_member(&mut spec, "variables");
    spec
}

fn member<'n>(node: &'n Node, key: &str) -> Option<&'n Member> {
    node.map()?.get(key)
}

/// The built-in variables of documents that know the provider.
pub(super) fn built_in(mut own: Vec<(&'static str, Rc<str>)>, provider: &Provider) -> Vec<(&'static str, Rc<str>)> {
    own.push(("REGION", provider.region.as_str().into()));
    own.extend(provider.account_id.as_deref().map(|account| ("ACCOUNT_ID", account.into())));
    own
}

/// Where the environment chooses `existing` or `create` anew, the other choice of the stack goes.
fn choose_anew(stack: &mut Node, environment: &Node) {
    for (chosen, other) in [("existing", "create"), ("create", "existing")] {
        let chooses = environment.get("network").and_then(|network| network.get(chosen)).is_some_and(|node| !node.is_null());
        if chooses && let Some(network) = stack.map_mut().and_then(|map| map.get_mut("network")) {
            take_member(&mut network.node, other);
        }
    }
}

fn backend(value: &Json) -> Option<Backend> {
    let text = |key: &str| value.get(key).and_then(Json::as_str).map(str::to_owned);
    value.as_object().map(|_| Backend { bucket: text("bucket"), prefix: text("prefix"), region: text("region") })
}

fn texts(value: &Json) -> impl Iterator<Item = (String, String)> {
    value.as_object().into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
}
