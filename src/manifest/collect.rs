//! Documents, sorted by what they are about: the stack, its environment, services, components and what is laid over them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Kinds;
use super::envelope::{Document, Envelopes, Family};
use super::layout::Slot;
use super::node::Node;
use super::source::{At, Sources};
use super::yaml;
use crate::diagnostic::codes::manifest::{P1006, P1007, P1008, P1009, P1023, P1051, P1052, P1054};
use crate::diagnostic::{Diagnostic, Span};

/// Everything that a stack is made of.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// The Stack documents; more than one is a finding.
    pub(super) stacks: Vec<Document>,
    /// The Environment documents, by name.
    pub(super) environments: BTreeMap<Rc<str>, Document>,
    /// The services, each with its document if it has one.
    pub(super) services: BTreeMap<Rc<str>, Option<Document>>,
    /// Defaults of the stack, in path order.
    pub(super) stack_defaults: Vec<Document>,
    /// Defaults of services, in path order.
    pub(super) service_defaults: BTreeMap<Rc<str>, Vec<Document>>,
    /// The components, by service and name.
    pub(super) components: BTreeMap<(Rc<str>, Rc<str>), Layers>,
    /// Components and services of which some file could not be read: what is missing there is no finding.
    broken: BTreeSet<(Rc<str>, Rc<str>)>,
    broken_services: BTreeSet<Rc<str>>,
    lost_some: bool,
    /// A Stack, Environment or Service could not be read, so that variables and names are not known.
    pub(super) incomplete: bool,
    /// What is wrong.
    pub(super) findings: Vec<Diagnostic>,
}

/// The documents of one component, lowest first.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// The component.
    pub(super) base: Option<Document>,
    /// Its infrastructure.
    pub(super) infra: Option<Document>,
    /// What the environment lays over the component.
    pub(super) overlays: Vec<Document>,
    /// What the environment lays over its infrastructure.
    pub(super) infra_overlays: Vec<Document>,
}

/// Reads files into documents.
pub(super) struct Collector<'a> {
    /// The kinds of components.
    pub(super) kinds: &'a dyn Kinds,
    /// The stack that the path shows.
    pub(super) stack: Option<&'a str>,
    /// The environment, once it is known: overlays for others are left out.
    pub(super) environment: Option<&'a str>,
}

impl Collector<'_> {
    /// Takes the documents of one file.
    pub(super) fn file(&self, sources: &Sources, file: u32, slot: &Slot, out: &mut Collected) {
        let parsed = yaml::parse(sources, file);
        if parsed.broken {
            out.mark_lost(slot);
        }
        // A file that says nothing is a component that goes, or defaults that no longer hold: that is not done by emptying it.
        let emptied = parsed.documents.is_empty() && !parsed.broken;
        out.findings.extend(if emptied { vec![nothing_in(sources, file)] } else { parsed.findings });
        if emptied {
            out.mark_lost(slot);
        }
        let mut envelopes = Envelopes { sources, kinds: self.kinds, stack: self.stack, findings: Vec::new() };
        let mut documents = Vec::new();
        for document in &parsed.documents {
            let kind = document.get("kind").and_then(Node::as_text).cloned();
            match envelopes.read(document, slot) {
                Some(document) => documents.push(document),
                None if *slot == Slot::Any && !kind.is_some_and(|kind| ["Stack", "Environment", "Service"].contains(&&*kind)) => {
                    out.lost_some = true;
                }
                None => out.mark_lost(slot),
            }
        }
        out.findings.append(&mut envelopes.findings);
        for document in documents {
            self.document(sources, document, slot, out);
        }
    }

    fn document(&self, sources: &Sources, document: Document, slot: &Slot, out: &mut Collected) {
        let service = document.service.clone();
        match document.family {
            Family::Stack => out.stacks.push(document),
            Family::Environment => {
                let name = Rc::clone(&document.name);
                out.unique(sources, &document, out.environments.get(&name).map(|known| known.name_at), &format!("environment `{name}`"));
                out.environments.entry(name).or_insert(document);
            }
            Family::Service => {
                let name = Rc::clone(&document.name);
                let known = out.services.get(&name).and_then(Option::as_ref).map(|known| known.name_at);
                out.unique(sources, &document, known, &format!("service `{name}`"));
                out.services.entry(name).or_default().get_or_insert(document);
            }
            Family::InfraDefaults => out.stack_defaults.push(document),
            Family::ServiceInfraDefaults => {
                let service = service.expect("the envelope of these documents names a service");
                out.service_defaults.entry(service).or_default().push(document);
            }
            Family::ComponentInfra | Family::Component(_) => {
                let service = service.expect("the envelope of these documents names a service");
                if let Some(environment) = &document.environment {
                    if self.environment == Some(&**environment) {
                        out.overlay(document, service);
                    }
                } else {
                    out.component(sources, document, service, slot);
                }
            }
        }
    }
}

impl Collected {
    /// Marks what a file was about that could not be read, in whole or in part.
    pub(super) fn mark_lost(&mut self, slot: &Slot) {
        match slot {
            Slot::Stack | Slot::Environment(_) | Slot::Service(_) | Slot::Any => self.incomplete = true,
            Slot::StackDefaults | Slot::ServiceDefaults(_) => {}
            Slot::Component(service, component) | Slot::Overlay(_, service, component) => {
                self.broken.insert((Rc::clone(service), Rc::clone(component)));
            }
            Slot::Flat(service) => {
                self.broken_services.insert(Rc::clone(service));
            }
        }
    }

    /// Components of which a file could not be read.
    pub(super) fn broken_ids(&self) -> impl Iterator<Item = String> {
        self.broken.iter().map(|(service, component)| format!("{service}/{component}"))
    }

    /// Tells whether components are missing of which not even the name is known.
    pub(super) fn has_lost_some(&self) -> bool {
        self.lost_some || !self.broken_services.is_empty()
    }

    fn unique(&mut self, sources: &Sources, document: &Document, known: Option<At>, what: &str) {
        if let Some(known) = known {
            let finding = Diagnostic::new(P1008, format!("{what} is defined twice")).at(sources.span(document.name_at));
            self.findings.push(finding.label(sources.span(known), "first here").help("remove or rename one of the two"));
        }
    }

    fn component(&mut self, sources: &Sources, document: Document, service: Rc<str>, slot: &Slot) {
        self.services.entry(Rc::clone(&service)).or_default();
        let id = format!("{service}/{}", document.name);
        let layers = self.components.entry((service, Rc::clone(&document.name))).or_default();
        let is_infra = document.family == Family::ComponentInfra;
        let place = if is_infra { &mut layers.infra } else { &mut layers.base };
        let Some(known) = place else {
            *place = Some(document);
            return;
        };
        let in_directory = |at: At| sources.path(at).rsplit_once('/').map(|(dir, _)| dir.to_owned());
        let same_place = matches!(slot, Slot::Component(..)) && in_directory(known.at) == in_directory(document.at);
        let (code, message) = if is_infra {
            (P1008, format!("component `{id}` has two ComponentInfra documents"))
        } else if same_place {
            (P1007, format!("the directory of `{id}` holds more than one component"))
        } else {
            (P1008, format!("component `{id}` is defined twice"))
        };
        let finding = Diagnostic::new(code, message).at(sources.span(document.at)).label(sources.span(known.at), "first here");
        self.findings.push(finding.help(if same_place && !is_infra {
            "give each component a directory of its own"
        } else {
            "remove or rename one of the two"
        }));
    }

    fn overlay(&mut self, document: Document, service: Rc<str>) {
        let layers = self.components.entry((service, Rc::clone(&document.name))).or_default();
        let place = if document.family == Family::ComponentInfra { &mut layers.infra_overlays } else { &mut layers.overlays };
        place.push(document);
    }

    /// Holds the documents against each other: one Stack, a base under every overlay. What has no base is dropped.
    pub(super) fn settle(&mut self, sources: &Sources, stack_file: &str) {
        self.one_stack(sources, stack_file);
        let mut findings = Vec::new();
        let (broken, broken_services, lost_some) = (&self.broken, &self.broken_services, self.lost_some);
        let names: Vec<String> =
            self.components.iter().filter(|(_, layers)| layers.base.is_some()).map(|((s, c), _)| format!("{s}/{c}")).collect();
        self.components.retain(|(service, component), layers| {
            let Some(base) = &layers.base else {
                let known_why =
                    lost_some || broken.contains(&(Rc::clone(service), Rc::clone(component))) || broken_services.contains(service);
                if !known_why {
                    let id = format!("{service}/{component}");
                    let guess = || crate::diagnostic::did_you_mean(&id, names.iter().map(String::as_str));
                    for overlay in layers.overlays.iter().chain(&layers.infra_overlays) {
                        let finding =
                            Diagnostic::new(P1051, format!("overlay on `{id}`, which does not exist")).at(sources.span(overlay.name_at));
                        let advice =
                            "for a component of some environments only, write it with `enabled: false` and overlay `enabled: true`";
                        findings.push(finding.maybe_help(guess()).help(advice));
                    }
                    if let Some(infra) = &layers.infra {
                        let finding = Diagnostic::new(P1054, format!("infrastructure for `{id}`, which does not exist"));
                        findings.push(finding.at(sources.span(infra.name_at)).maybe_help(guess()));
                    }
                }
                return false;
            };
            let family = base.family;
            layers.overlays.retain(|overlay| {
                let fits = overlay.family == family;
                if !fits {
                    let message =
                        format!("the overlay is of kind `{}` and the component of kind `{}`", overlay.family.name(), family.name());
                    let finding =
                        Diagnostic::new(P1052, message).at(sources.span(overlay.at)).label(sources.span(base.at), "the component");
                    findings.push(finding.help("the kind of a component is the same in all environments"));
                }
                fits
            });
            true
        });
        self.findings.append(&mut findings);
    }

    fn one_stack(&mut self, sources: &Sources, stack_file: &str) {
        match &self.stacks[..] {
            [] if self.incomplete => {}
            [] => {
                let finding = Diagnostic::new(P1009, "there is no Stack document").at(Span::file(stack_file));
                self.findings.push(finding.help("every stack has one document of kind Stack, in `stack.yaml`"));
                self.incomplete = true;
            }
            [_] => {}
            [first, others @ ..] => {
                for other in others {
                    let finding = Diagnostic::new(P1009, "there is more than one Stack document").at(sources.span(other.at));
                    self.findings.push(finding.label(sources.span(first.at), "first here").help("remove one of the two"));
                }
                self.incomplete = true;
            }
        }
    }

    /// In single input no path says the stack: what documents say must agree with the Stack.
    pub(super) fn agree_on_stack(&mut self, sources: &Sources) {
        let Some(stack) = self.stacks.first().map(|stack| Rc::clone(&stack.name)) else { return };
        let layers = self.components.values();
        let of_components = layers.flat_map(|l| l.base.iter().chain(&l.infra).chain(&l.overlays).chain(&l.infra_overlays));
        let others = self.environments.values().chain(self.services.values().flatten()).chain(&self.stack_defaults);
        let all = of_components.chain(others).chain(self.service_defaults.values().flatten()).chain(&self.stacks);
        let wrong = all.filter_map(|document| document.stack.as_ref()).filter(|(said, _)| *said != stack);
        let findings: Vec<_> = wrong
            .map(|(said, at)| {
                Diagnostic::new(P1006, format!("this document says stack `{said}`, and the stack is `{stack}`"))
                    .at(sources.span(*at))
                    .help("remove the field, or write the name of the stack")
            })
            .collect();
        self.findings.extend(findings);
    }
}

/// A manifest file without a document.
fn nothing_in(sources: &Sources, file: u32) -> Diagnostic {
    Diagnostic::new(P1023, "there is no document in this file")
        .at(sources.span(sources.at(file, 0, 0)))
        .help("write what it should say; if what it described is to go, delete the file")
}

/// Takes the member of a spec out, so that it is not checked with the rest.
pub(super) fn take_member(spec: &mut Node, key: &str) -> Option<Node> {
    spec.map_mut()?.shift_remove(key).map(|member| member.node)
}
