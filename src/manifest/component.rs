//! One component: its documents laid over each other and over the defaults, checked, completed.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value as Json, json};

use super::alias::normalise;
use super::attachments::Attachments;
use super::check::finding;
use super::collect::Layers;
use super::defaults::{self, Target, restrict, unused};
use super::envelope::{Document, Family};
use super::kinds::ComponentKind;
use super::merge::{Clashes, merge, strip};
use super::node::{Member, Node};
use super::scalar::Plain;
use super::schemas::{Schemas, is_infrastructure};
use super::source::Sources;
use super::variables::Scope;
use super::written::{OutputForms, Written};
use super::{Component, refused, secrets};
use crate::address::ComponentId;
use crate::diagnostic::codes::manifest::{P1010, P1011, P1041, P1053};
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{FaultKind, Schema};

/// What all components of a stack share.
pub(super) struct Workshop<'a> {
    pub(super) sources: &'a Sources,
    pub(super) schemas: &'a Schemas<'a>,
    pub(super) stack_defaults: &'a [Document],
    pub(super) service_defaults: &'a BTreeMap<Rc<str>, Vec<Document>>,
    pub(super) protect: bool,
    pub(super) attachments: Attachments<'a>,
}

/// What became of a component.
pub(super) enum Outcome {
    /// It takes part.
    Enabled(Box<Component>),
    /// It is switched off here.
    Disabled(ComponentId),
    /// It has errors, which are among the findings.
    Failed,
}

impl Workshop<'_> {
    /// Compiles a component.
    pub(super) fn component(&self, service: &Rc<str>, layers: &Layers, scope: &Scope<'_>, findings: &mut Vec<Diagnostic>) -> Outcome {
        let Some(base) = &layers.base else { return Outcome::Failed };
        let Family::Component(name) = base.family else { return Outcome::Failed };
        let Some(kind) = self.schemas.kinds.find(name) else { return Outcome::Failed };
        let id = ComponentId::new(service, &base.name);
        let schema = self.schemas.of(kind);
        let mut own = Vec::new();
        let spec = self.merged(service, layers, base, kind, &schema, scope, &mut own);
        let enabled = spec.get("enabled").and_then(Node::scalar).is_none_or(|scalar| scalar.natural() != Plain::Bool(false));
        let written = Written::of(&spec, Some(schema.root()), self.sources);
        let (value, files) = self.checked(&written, base, kind, &schema, &mut own);
        if !enabled {
            // A component that is switched off may rely on variables and files of the environments where it is on.
            findings.extend(own.into_iter().filter(|finding| ALWAYS.contains(&finding.code)));
            return Outcome::Disabled(id);
        }
        let (description, labels) = self.people(layers, base, scope, &mut own);
        let failed = own.iter().any(Diagnostic::is_error);
        findings.extend(own.into_iter().map(|finding| if finding.subject.is_none() { finding.about(&id) } else { finding }));
        if failed {
            return Outcome::Failed;
        }
        let source = self.sources.span(base.at);
        let spec = match kind.complete(self.protected(value, kind)) {
            Ok(spec) => spec,
            Err(error) => {
                findings
                    .push(Diagnostic::new(P1011, format!("this is not a spec of kind `{}`: {error}", kind.name())).at(source).about(&id));
                return Outcome::Failed;
            }
        };
        let places = written.places(self.sources);
        let component = Component { id, kind: kind.name().to_owned(), description, labels, spec, files, source, places };
        findings.extend(kind.check(&component));
        Outcome::Enabled(Box::new(component))
    }

    /// Reports values that are not there: a null of a component deletes what a default has laid below it, and nothing else.
    fn empty_values(&self, node: &Node, below: Option<&Node>, findings: &mut Vec<Diagnostic>) {
        if let Some(map) = node.map() {
            for (key, member) in map {
                let under = below.and_then(|below| below.get(key));
                if member.node.is_null() && under.is_none() {
                    let finding = Diagnostic::new(P1011, format!("`{key}` has no value")).at(self.sources.span(member.key));
                    findings.push(
                        finding.help("give it one, or take the line away; `null` deletes only what an overlay or a default has below it"),
                    );
                }
                self.empty_values(&member.node, under, findings);
            }
        }
        for item in node.list().into_iter().flatten() {
            self.empty_values(item, None, findings);
        }
    }

    /// Lays everything over each other, lowest first.
    #[expect(clippy::too_many_arguments, reason = "one call, of the parts of one component")]
    fn merged(
        &self,
        service: &Rc<str>,
        layers: &Layers,
        base: &Document,
        kind: &dyn ComponentKind,
        schema: &Schema,
        scope: &Scope<'_>,
        findings: &mut Vec<Diagnostic>,
    ) -> Node {
        let mut spec = Node::empty(base.spec.at);
        let target = Target { kind, place: schema.root(), schemas: self.schemas };
        let of_service = self.service_defaults.get(service).map(Vec::as_slice).unwrap_or_default();
        for document in self.stack_defaults.iter().chain(of_service) {
            defaults::apply(&mut spec, document, &target, scope, findings);
        }
        let mut read = |document: &Document, is_infra: bool| {
            let mut spec = document.spec.clone();
            scope.substitute(&mut spec);
            normalise(&mut spec, kind.aliases(), self.sources, findings);
            if is_infra {
                restrict(&mut spec, kind, self.schemas, self.sources, findings);
            }
            spec
        };
        let infra = layers.infra.as_ref().map(|document| read(document, true));
        let infra_overlays: Vec<_> = layers.infra_overlays.iter().map(|document| (document, read(document, true))).collect();
        let own = read(base, false);
        let overlays: Vec<_> = layers.overlays.iter().map(|document| (document, read(document, false))).collect();
        let infra = match infra {
            Some(infra) => self.overlaid(infra, infra_overlays, findings),
            None => infra_overlays.into_iter().fold(Node::empty(base.spec.at), |mut below, (_, over)| {
                merge(&mut below, &over, &mut Clashes::default());
                below
            }),
        };
        merge(&mut spec, &infra, &mut Clashes::default());
        self.empty_values(&own, Some(&spec), findings);
        merge(&mut spec, &self.overlaid(own, overlays, findings), &mut Clashes::default());
        strip(&mut spec);
        spec
    }

    /// Lays overlays over a spec.
    fn overlaid(&self, mut spec: Node, overlays: Vec<(&Document, Node)>, findings: &mut Vec<Diagnostic>) -> Node {
        for (document, over) in overlays {
            let before = spec.clone();
            let mut clashes = Clashes::of_overlay();
            merge(&mut spec, &over, &mut clashes);
            let found: Vec<_> = clashes.findings(self.sources).collect();
            if found.is_empty() && spec.same(&before) {
                let finding = Diagnostic::new(P1053, "the overlay changes nothing").at(self.sources.span(document.spec_at));
                findings.push(finding.help("remove it, or check that it says what it should"));
            }
            findings.extend(found);
        }
        spec
    }

    /// Checks a spec against everything that one component shows.
    fn checked(
        &self,
        written: &Written,
        base: &Document,
        kind: &dyn ComponentKind,
        schema: &Schema,
        findings: &mut Vec<Diagnostic>,
    ) -> (Json, BTreeMap<String, super::File>) {
        findings.extend(written.findings.iter().cloned());
        let refused = refused::find(written, self.sources, findings);
        let literal = secrets::find(written, schema, self.sources, findings);
        for fault in schema.check(&written.value, &OutputForms) {
            let pointer = fault.pointer.clone();
            if refused.iter().any(|known| pointer.starts_with(known.as_str())) {
                continue;
            }
            if fault.kind == FaultKind::UnknownField {
                if literal.contains(&pointer) {
                    continue;
                }
                if let Some(taker) = self.taker(&pointer, kind) {
                    let mark = written.mark(&pointer);
                    let at = mark.map_or(base.spec_at, |mark| mark.key.unwrap_or(mark.value));
                    findings.push(unused(&super::check::dotted(&pointer), kind, taker).at(self.sources.span(at)));
                    continue;
                }
            }
            let is_secret =
                fault.kind == FaultKind::Malformed && schema.at(&pointer).is_some_and(|place| place.formats().contains(&"secret"));
            let mut found = finding(fault, written, self.sources, base.spec_at);
            if is_secret {
                found.code = P1041;
            }
            findings.push(found);
        }
        let mut value = written.value.clone();
        let files = self.attachments.of(written, schema, base, &mut value, findings);
        (value, files)
    }

    /// The kind that takes an unknown infrastructure field.
    fn taker(&self, pointer: &str, kind: &dyn ComponentKind) -> Option<&'static str> {
        let path: Vec<&str> = pointer.split('/').skip(1).collect();
        if !is_infrastructure(kind, path.first()?) && kind.schema()["properties"].get(path[0]).is_some() {
            return None;
        }
        self.schemas.taker(&path)
    }

    /// Description and labels, in which variables stand too.
    fn people(
        &self,
        layers: &Layers,
        base: &Document,
        scope: &Scope<'_>,
        findings: &mut Vec<Diagnostic>,
    ) -> (Option<String>, BTreeMap<String, String>) {
        let mut description = None;
        let mut labels = BTreeMap::new();
        for document in std::iter::once(base).chain(&layers.overlays) {
            let text = document.description.as_ref().and_then(|node| metadata_text(node, scope, self.sources, findings));
            description = text.or(description);
            for (key, Member { node, .. }) in document.labels.as_ref().and_then(Node::map).into_iter().flatten() {
                labels.extend(metadata_text(node, scope, self.sources, findings).map(|text| (key.to_string(), text)));
            }
        }
        (description, labels)
    }

    /// Stateful kinds are protected where the environment is, unless they say otherwise.
    fn protected(&self, mut value: Json, kind: &dyn ComponentKind) -> Json {
        if self.protect
            && kind.stateful()
            && let Some(spec) = value.as_object_mut()
            && let Some(lifecycle) = spec.entry("lifecycle").or_insert_with(|| json!({})).as_object_mut()
        {
            lifecycle.entry("protect").or_insert(Json::Bool(true));
        }
        value
    }
}

/// Findings that hold whether a component takes part or not.
const ALWAYS: [Code; 2] = [P1010, P1011];

/// A text of `metadata` with its variables.
pub(super) fn metadata_text(node: &Node, scope: &Scope<'_>, sources: &Sources, findings: &mut Vec<Diagnostic>) -> Option<String> {
    let mut node = node.clone();
    scope.substitute(&mut node);
    let written = Written::of(&node, Some(text_schema().root()), sources);
    findings.extend(written.findings.iter().cloned());
    for fault in text_schema().check(&written.value, &OutputForms) {
        findings.push(finding(fault, &written, sources, node.at));
    }
    written.value.as_str().map(str::to_owned)
}

fn text_schema() -> &'static Schema {
    static TEXT: std::sync::LazyLock<Schema> =
        std::sync::LazyLock::new(|| Schema::compile(&json!({ "type": "string" })).expect("a schema of one keyword compiles"));
    &TEXT
}
