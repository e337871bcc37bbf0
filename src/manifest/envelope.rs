//! The envelope of a document: apiVersion, kind, metadata. What stands in `spec` is not looked at here.

use std::rc::Rc;

use super::Kinds;
use super::layout::Slot;
use super::node::{Map, Node};
use super::source::{At, Sources};
use crate::address::is_name;
use crate::diagnostic::codes::manifest::{P1003, P1004, P1005, P1006, P1010, P1011, P1012, P1015};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};

/// apiVersion of Stack, Service and Environment.
pub(super) const CORE: &str = "core.panka.io/v1";
/// apiVersion of infrastructure documents.
pub(super) const INFRA: &str = "infra.panka.io/v1";
/// apiVersion of components.
pub(super) const COMPONENTS: &str = "components.panka.io/v1";

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Family {
    /// The Stack.
    Stack,
    /// A Service.
    Service,
    /// An Environment.
    Environment,
    /// Infrastructure of one component.
    ComponentInfra,
    /// Defaults of the stack.
    InfraDefaults,
    /// Defaults of a service.
    ServiceInfraDefaults,
    /// A component, with the canonical name of its kind.
    Component(&'static str),
}

const FIXED: [(&str, Family, &str); 6] = [
    ("Stack", Family::Stack, CORE),
    ("Service", Family::Service, CORE),
    ("Environment", Family::Environment, CORE),
    ("ComponentInfra", Family::ComponentInfra, INFRA),
    ("InfraDefaults", Family::InfraDefaults, INFRA),
    ("ServiceInfraDefaults", Family::ServiceInfraDefaults, INFRA),
];

impl Family {
    /// The kind as documents write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Component(name) => name,
            fixed => FIXED.iter().find(|(_, family, _)| *family == fixed).map_or("", |(name, ..)| name),
        }
    }
}

/// A document with a checked envelope.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// What it is.
    pub(super) family: Family,
    /// Its first key.
    pub(super) at: At,
    /// Its own name.
    pub(super) name: Rc<str>,
    /// Where its name stands.
    pub(super) name_at: At,
    /// Free text.
    pub(super) description: Option<Node>,
    /// Labels.
    pub(super) labels: Option<Node>,
    /// The stack that it says it belongs to.
    pub(super) stack: Option<(Rc<str>, At)>,
    /// The service that it belongs to, by path or metadata.
    pub(super) service: Option<Rc<str>>,
    /// The environment that it is an overlay for.
    pub(super) environment: Option<Rc<str>>,
    /// Its `spec`, a map.
    pub(super) spec: Node,
    /// The key `spec`, or what stands for it.
    pub(super) spec_at: At,
}

/// Reads envelopes.
pub(super) struct Envelopes<'a> {
    /// The files.
    pub(super) sources: &'a Sources,
    /// The kinds of components.
    pub(super) kinds: &'a dyn Kinds,
    /// The stack that the path shows.
    pub(super) stack: Option<&'a str>,
    /// What is wrong.
    pub(super) findings: Vec<Diagnostic>,
}

impl Envelopes<'_> {
    fn report(&mut self, code: Code, at: At, message: impl Into<String>) -> &mut Diagnostic {
        let finding = Diagnostic::new(code, message).at(self.sources.span(at));
        self.findings.push(finding);
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Reads the envelope of a document; none if it cannot be placed.
    pub(super) fn read(&mut self, document: &Node, slot: &Slot) -> Option<Document> {
        let Some(map) = document.map() else {
            self.report(
                P1011,
                document.at,
                format!("a document is a map with apiVersion, kind, metadata and spec; this is {}", document.word()),
            );
            return None;
        };
        let at = map.values().next().map_or(document.at, |member| member.key);
        self.unknown(map, &["apiVersion", "kind", "metadata", "spec"], "a document");
        let family = self.family(map, at)?;
        let metadata = map.get("metadata");
        let empty = Map::new();
        let members = match metadata.map(|member| &member.node) {
            Some(node) if node.is_null() => &empty,
            Some(node) => {
                let Some(members) = node.map() else {
                    self.report(P1011, node.at, format!("`metadata` is a map, not {}", node.word()));
                    return None;
                };
                members
            }
            None => &empty,
        };
        self.unknown(members, &["name", "description", "labels", "annotations", "stack", "service", "environment"], "`metadata`");
        let (name, name_at) = self.name(members, metadata.map_or(at, |member| member.key), family)?;
        let service = self.member_name(members, "service");
        let environment = self.member_name(members, "environment");
        let stack = self.member_name(members, "stack");
        if let (Some((said, said_at)), Some(expected)) = (&stack, self.stack)
            && **said != *expected
        {
            let finding = self.report(P1006, *said_at, format!("this document says stack `{said}`, and its path says `{expected}`"));
            finding.help.push("remove the field, or move the file".to_owned());
        }
        for key in ["labels", "annotations"] {
            if let Some(member) = members.get(key) {
                self.text_map(&member.node, key);
            }
        }
        if let Some(member) = members.get("description")
            && member.node.scalar().is_none()
        {
            self.report(P1011, member.node.at, format!("`description` is a string, not {}", member.node.word()));
        }
        let (spec, spec_at) = match map.get("spec") {
            Some(member) if member.node.is_null() => (Node::empty(member.node.at), member.key),
            Some(member) if member.node.map().is_some() => (member.node.clone(), member.key),
            Some(member) => {
                self.report(P1011, member.node.at, format!("`spec` is a map, not {}", member.node.word()));
                return None;
            }
            None => (Node::empty(at), at),
        };
        let placed = self.place(slot, family, (&name, name_at), service, environment, at)?;
        Some(Document {
            family,
            at,
            name,
            name_at,
            description: members.get("description").map(|member| member.node.clone()).filter(|node| !node.is_null()),
            labels: members.get("labels").map(|member| member.node.clone()).filter(|node| !node.is_null()),
            stack,
            service: placed.0,
            environment: placed.1,
            spec,
            spec_at,
        })
    }

    fn unknown(&mut self, map: &Map, known: &[&str], place: &str) {
        for (key, member) in map {
            if !known.contains(&&**key) {
                let help = did_you_mean(key, known.iter().copied()).unwrap_or_else(|| format!("its fields are {}", known.join(", ")));
                self.report(P1010, member.key, format!("unknown field `{key}` in {place}")).help.push(help);
            }
        }
    }

    fn family(&mut self, map: &Map, at: At) -> Option<Family> {
        let text = |key: &str| map.get(key).map(|member| (&member.node, member.node.as_text().cloned()));
        let (kind_at, kind) = match text("kind") {
            Some((node, Some(kind))) => (node.at, kind),
            Some((node, None)) => {
                self.report(P1011, node.at, format!("`kind` is a string, not {}", node.word()));
                return None;
            }
            None => {
                self.report(P1012, at, "the field `kind` is missing").help.push("for example: kind: MicroService".to_owned());
                return None;
            }
        };
        let fixed = FIXED.iter().find(|(name, ..)| **name == *kind).map(|(_, family, api)| (*family, *api));
        let found = fixed.or_else(|| self.kinds.find(&kind).map(|found| (Family::Component(found.name()), COMPONENTS)));
        let Some((family, wanted)) = found else {
            let names = self.kinds.names().into_iter().chain(FIXED.iter().map(|(name, ..)| *name));
            let help = did_you_mean(&kind, names).unwrap_or_else(|| format!("component kinds are {}", self.kinds.names().join(", ")));
            self.report(P1004, kind_at, format!("unknown kind `{kind}`")).help.push(help);
            return None;
        };
        match text("apiVersion") {
            Some((_, Some(api))) if *api == *wanted => {}
            Some((node, api)) => {
                let (message, help) = match api {
                    Some(api) if [CORE, INFRA, COMPONENTS].contains(&&*api) => (format!("`{kind}` is not of apiVersion `{api}`"), None),
                    Some(api) if same_group(&api, wanted) => {
                        (format!("apiVersion `{api}` is not one that this panka knows"), Some("a newer panka may know it".to_owned()))
                    }
                    Some(api) => (format!("unknown apiVersion `{api}`"), None),
                    None => (format!("`apiVersion` is a string, not {}", node.word()), None),
                };
                let finding = self.report(P1003, node.at, message);
                finding.help.push(format!("write `apiVersion: {wanted}`"));
                finding.help.extend(help);
                return None;
            }
            None => {
                self.report(P1003, at, "the field `apiVersion` is missing").help.push(format!("write `apiVersion: {wanted}`"));
                return None;
            }
        }
        if self.kinds.find(&kind).is_some_and(|found| !found.offered()) {
            let finding = self.report(P1015, kind_at, format!("the kind `{kind}` is known and not yet offered"));
            finding.help.push("the kind `Resource` takes any AWS type".to_owned());
            return None;
        }
        Some(family)
    }

    fn name(&mut self, metadata: &Map, at: At, family: Family) -> Option<(Rc<str>, At)> {
        let Some(member) = metadata.get("name") else {
            self.report(P1005, at, "the field `metadata.name` is missing").help.push("for example: metadata: {name: orders}".to_owned());
            return None;
        };
        let node = &member.node;
        let Some(name) = node.scalar().map(|scalar| &scalar.text).filter(|_| !node.is_null()) else {
            self.report(P1005, node.at, format!("`metadata.name` is a string, not {}", node.word()));
            return None;
        };
        // The name of a document of defaults is for people only.
        let free = matches!(family, Family::InfraDefaults | Family::ServiceInfraDefaults);
        if !self.well_formed(name, node.at) && !free {
            return None;
        }
        Some((Rc::clone(name), node.at))
    }

    fn well_formed(&mut self, name: &str, at: At) -> bool {
        let problem = if name.contains("${") {
            "it may not hold variables"
        } else if name.starts_with('_') {
            "names that start with `_` belong to panka"
        } else if name.chars().count() > 40 {
            "it is longer than 40 characters"
        } else if !is_name(name) {
            "it is made of a-z, 0-9 and hyphens, and starts with a letter"
        } else {
            return true;
        };
        let shown: String = if name.chars().count() > 60 { name.chars().take(60).chain(['…']).collect() } else { name.to_owned() };
        self.report(P1005, at, format!("the name `{shown}` is not well-formed: {problem}"));
        false
    }

    /// A name in `metadata` other than its own.
    fn member_name(&mut self, metadata: &Map, key: &str) -> Option<(Rc<str>, At)> {
        let node = &metadata.get(key)?.node;
        if node.is_null() {
            return None;
        }
        let Some(scalar) = node.scalar() else {
            self.report(P1011, node.at, format!("`{key}` is a string, not {}", node.word()));
            return None;
        };
        self.well_formed(&scalar.text, node.at).then(|| (Rc::clone(&scalar.text), node.at))
    }

    fn text_map(&mut self, node: &Node, key: &str) {
        if node.is_null() {
            return;
        }
        let Some(map) = node.map() else {
            self.report(P1011, node.at, format!("`{key}` is a map of strings, not {}", node.word()));
            return;
        };
        for (name, member) in map {
            if member.node.scalar().is_none() {
                self.report(P1011, member.node.at, format!("the value of `{name}` in `{key}` is a string, not {}", member.node.word()));
            }
        }
    }

    /// Holds what the document says against what its path says: the service and the environment that it belongs to.
    fn place(
        &mut self,
        slot: &Slot,
        family: Family,
        (name, name_at): (&Rc<str>, At),
        service: Option<(Rc<str>, At)>,
        environment: Option<(Rc<str>, At)>,
        at: At,
    ) -> Option<Placed> {
        let belongs = match slot {
            Slot::Stack => family == Family::Stack,
            Slot::Environment(_) => family == Family::Environment,
            Slot::StackDefaults => family == Family::InfraDefaults,
            Slot::Service(_) => family == Family::Service,
            Slot::ServiceDefaults(_) => family == Family::ServiceInfraDefaults,
            Slot::Component(..) | Slot::Flat(_) | Slot::Overlay(..) => matches!(family, Family::Component(_) | Family::ComponentInfra),
            Slot::Any => true,
        };
        if !belongs {
            let expected = match slot {
                Slot::Stack => "a Stack",
                Slot::Environment(_) => "an Environment",
                Slot::StackDefaults => "InfraDefaults",
                Slot::Service(_) => "a Service",
                Slot::ServiceDefaults(_) => "ServiceInfraDefaults",
                Slot::Component(..) | Slot::Flat(_) | Slot::Overlay(..) | Slot::Any => "a component or its ComponentInfra",
            };
            self.report(P1004, at, format!("a document of kind `{}` has no place in this file, which holds {expected}", family.name()));
            return None;
        }
        let same_name = match slot {
            Slot::Environment(expected) | Slot::Service(expected) | Slot::Component(_, expected) | Slot::Overlay(_, _, expected) => {
                Some(expected)
            }
            Slot::Stack | Slot::StackDefaults | Slot::ServiceDefaults(_) | Slot::Flat(_) | Slot::Any => None,
        };
        if let Some(expected) = same_name
            && expected != name
        {
            let finding = self.report(P1006, name_at, format!("this document is named `{name}`, and its path says `{expected}`"));
            finding.help.push(format!("write `name: {expected}`, or move the file"));
            return None;
        }
        if slot == &Slot::Stack
            && let Some(expected) = self.stack
            && **name != *expected
        {
            let finding = self.report(P1006, name_at, format!("this stack is named `{name}`, and its directory is `{expected}`"));
            finding.help.push(format!("write `name: {expected}`, or rename the directory"));
        }
        let own_service = match slot {
            Slot::Component(service, _) | Slot::Flat(service) | Slot::ServiceDefaults(service) | Slot::Overlay(_, service, _) => {
                Some(service)
            }
            Slot::Service(service) => Some(service),
            Slot::Stack | Slot::Environment(_) | Slot::StackDefaults | Slot::Any => None,
        };
        let own_environment =
            if let Slot::Overlay(environment, ..) | Slot::Environment(environment) = slot { Some(environment) } else { None };
        for (said, own, word) in [(&service, own_service, "service"), (&environment, own_environment, "environment")] {
            if let (Some((said, said_at)), Some(own)) = (said, own)
                && said != own
            {
                let finding = self.report(P1006, *said_at, format!("this document says {word} `{said}`, and its path says `{own}`"));
                finding.help.push("remove the field, or move the file".to_owned());
            }
        }
        let needs_service = matches!(family, Family::Component(_) | Family::ComponentInfra | Family::ServiceInfraDefaults);
        if slot == &Slot::Any && needs_service && service.is_none() {
            let finding = self.report(P1012, name_at, format!("`{}` needs `metadata.service` here, since no path tells it", family.name()));
            finding.help.push(format!("write `metadata: {{name: {name}, service: …}}`"));
            return None;
        }
        let text = |said: Option<(Rc<str>, At)>| said.map(|(text, _)| text);
        Some((own_service.cloned().or(text(service)), own_environment.cloned().or(text(environment))))
    }
}

/// The service and the environment of a document.
type Placed = (Option<Rc<str>>, Option<Rc<str>>);

fn same_group(api: &str, wanted: &str) -> bool {
    let group = |text: &str| text.split_once('/').map(|(group, _)| group.to_owned());
    group(api).is_some() && group(api) == group(wanted)
}
