//! Infrastructure that stands outside a component: `InfraDefaults`, `ServiceInfraDefaults`, `ComponentInfra`.
//!
//! Defaults are for many kinds at once, so each kind takes the fields that it uses and passes over the others. A field that no kind uses
//! is a finding, once, where it stands. `ComponentInfra` is for one component, so there every field must be one of its kind.

use super::alias::normalise;
use super::collect::take_member;
use super::envelope::Document;
use super::kinds::{Alias, ComponentKind};
use super::merge::{Clashes, merge};
use super::node::{Map, Node, Value};
use super::schemas::{Schemas, Step, is_infrastructure, step};
use super::source::Sources;
use super::variables::Scope;
use crate::diagnostic::codes::manifest::{P1004, P1010, P1011, P1015, P1016};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::schema::Place;

/// Partial specs by kind.
const BY_KIND: &str = "byKind";

/// Checks a document of defaults by itself: each field must be one of some kind.
pub(super) fn check(document: &Document, schemas: &Schemas<'_>, sources: &Sources) -> Vec<Diagnostic> {
    let mut checker = Checker { schemas, sources, findings: Vec::new() };
    for (key, member) in document.spec.map().into_iter().flatten() {
        if &**key == BY_KIND {
            checker.by_kind(&member.node);
        } else {
            checker.field(&mut vec![key], member.key, &member.node);
        }
    }
    checker.findings
}

struct Checker<'a> {
    schemas: &'a Schemas<'a>,
    sources: &'a Sources,
    findings: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn field<'n>(&mut self, path: &mut Vec<&'n str>, key_at: super::source::At, node: &'n Node) {
        if self.schemas.taker(path).is_none() {
            if self.schemas.offered().any(|kind| is_infrastructure_spelling(kind, path)) {
                return;
            }
            let message = format!("no kind of component has the infrastructure field `{}`", path.join("."));
            let finding = Diagnostic::new(P1010, message).at(self.sources.span(key_at)).maybe_help(self.guess(path));
            self.findings.push(finding);
            return;
        }
        for (key, member) in node.map().into_iter().flatten() {
            path.push(key);
            self.field(path, member.key, &member.node);
            path.pop();
        }
    }

    fn guess(&self, path: &[&str]) -> Option<String> {
        let (last, parents) = path.split_last()?;
        let mut names: Vec<String> = Vec::new();
        for kind in self.schemas.offered() {
            let schema = self.schemas.of(kind);
            let place = parents.iter().try_fold(schema.root(), |place, key| place.field(key));
            let fields = place.map(Place::fields).unwrap_or_default();
            names.extend(
                fields.iter().filter(|field| !parents.is_empty() || is_infrastructure(kind, field)).map(|field| (*field).to_owned()),
            );
        }
        let own = parents.is_empty().then(|| BY_KIND.to_owned());
        did_you_mean(last, names.iter().chain(&own).map(String::as_str))
    }

    fn by_kind(&mut self, node: &Node) {
        let Some(map) = node.map() else {
            if !node.is_null() {
                let finding = Diagnostic::new(P1011, format!("`{BY_KIND}` is a map from kinds to fields, not {}", node.word()));
                self.findings.push(finding.at(self.sources.span(node.at)));
            }
            return;
        };
        for (name, member) in map {
            let Some(kind) = self.schemas.kinds.find(name) else {
                let finding = Diagnostic::new(P1004, format!("unknown kind `{name}`")).at(self.sources.span(member.key));
                self.findings.push(finding.maybe_help(did_you_mean(name, self.schemas.kinds.names())));
                continue;
            };
            if !kind.offered() {
                let finding =
                    Diagnostic::new(P1015, format!("the kind `{name}` is known and not yet offered")).at(self.sources.span(member.key));
                self.findings.push(finding);
                continue;
            }
            let schema = self.schemas.of(kind);
            self.partial(kind, schema.root(), &mut Vec::new(), &member.node);
        }
    }

    fn partial<'n>(&mut self, kind: &dyn ComponentKind, place: Place<'_>, path: &mut Vec<&'n str>, node: &'n Node) {
        for (key, member) in node.map().into_iter().flatten() {
            path.push(key);
            match step(place, key) {
                Step::Known(next) => self.partial(kind, next, path, &member.node),
                Step::Free => {}
                Step::Unknown if is_spelling(kind.aliases(), path) => {}
                Step::Unknown => {
                    let message = format!("unknown field `{key}` of kind `{}`", kind.name());
                    let finding = Diagnostic::new(P1010, message).at(self.sources.span(member.key));
                    self.findings.push(finding.maybe_help(did_you_mean(key, place.fields())));
                }
            }
            path.pop();
        }
    }
}

/// Tells whether a path is another spelling of an infrastructure field of a kind.
fn is_infrastructure_spelling(kind: &dyn ComponentKind, path: &[&str]) -> bool {
    let meant = |path: &str| is_infrastructure(kind, path.split('.').next().unwrap_or_default());
    let of_infrastructure = |alias: &&Alias| match alias {
        Alias::Move { to, .. } | Alias::ListAt { to, .. } | Alias::MapOfPairs(to) => meant(to),
        Alias::AutoscalingPolicies => meant("scaling"),
        Alias::ImageText | Alias::FlatHealthCheck => false,
    };
    let aliases: Vec<Alias> = kind.aliases().iter().filter(of_infrastructure).copied().collect();
    is_spelling(&aliases, path)
}

/// Tells whether a path is another spelling of a field, or leads to one or beyond one.
fn is_spelling(aliases: &[Alias], path: &[&str]) -> bool {
    let path = path.join(".");
    let leads = |from: &str| from == path || from.starts_with(&format!("{path}.")) || path.starts_with(&format!("{from}."));
    aliases.iter().any(|alias| match alias {
        Alias::Move { from, .. } | Alias::ListAt { from, .. } | Alias::MapOfPairs(from) => leads(from),
        Alias::AutoscalingPolicies => leads("autoscaling.policies") || leads("scaling.autoscaling.policies"),
        Alias::ImageText => leads("image"),
        Alias::FlatHealthCheck => leads("healthCheck"),
    })
}

/// What defaults are laid under.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// The kind of the component.
    pub(super) kind: &'a dyn ComponentKind,
    /// The schema of its spec.
    pub(super) place: Place<'a>,
    /// The schemas of all kinds.
    pub(super) schemas: &'a Schemas<'a>,
}

/// Lays the defaults of one document over `below`, as far as they are for a kind.
pub(super) fn apply(below: &mut Node, document: &Document, target: &Target<'_>, scope: &Scope<'_>, findings: &mut Vec<Diagnostic>) {
    let Target { kind, place, schemas } = *target;
    let mut general = document.spec.clone();
    let own = take_member(&mut general, BY_KIND);
    let is_own = |name: &str| schemas.kinds.find(name).is_some_and(|found| found.name() == kind.name());
    let own = own.and_then(|node| node.map()?.iter().find(|(name, _)| is_own(name)).map(|(_, member)| member.node.clone()));
    for (mut spec, whole) in std::iter::once((general, false)).chain(own.map(|spec| (spec, true))) {
        scope.substitute(&mut spec);
        normalise(&mut spec, kind.aliases(), scope.sources, findings);
        if let Some(map) = spec.map_mut() {
            map.retain(|key, _| whole || is_infrastructure(kind, key));
            prune(map, place);
        }
        merge(below, &spec, &mut Clashes::default());
    }
}

/// Removes the fields that a place does not know.
fn prune(map: &mut Map, place: Place<'_>) {
    map.retain(|key, member| match step(place, key) {
        Step::Known(next) => {
            if let Value::Map(inner) = &mut member.node.value {
                prune(inner, next);
            }
            true
        }
        Step::Free => true,
        Step::Unknown => false,
    });
}

/// Checks the top-level fields of a `ComponentInfra` and removes those that do not belong there.
pub(super) fn restrict(
    spec: &mut Node,
    kind: &dyn ComponentKind,
    schemas: &Schemas<'_>,
    sources: &Sources,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(map) = spec.map_mut() else { return };
    map.retain(|key, member| {
        if is_infrastructure(kind, key) {
            return true;
        }
        let at = sources.span(member.key);
        findings.push(match schemas.taker(&[key]) {
            Some(taker) => unused(key, kind, taker).at(at),
            None if schemas.of(kind).root().field(key).is_some() => Diagnostic::new(P1010, format!("`{key}` is no infrastructure field"))
                .at(at)
                .help(format!("write it in the document of kind `{}`", kind.name())),
            None => {
                let names = kind.infrastructure().iter().copied().chain(["tags", "lifecycle"]);
                Diagnostic::new(P1010, format!("unknown field `{key}`")).at(at).maybe_help(did_you_mean(key, names))
            }
        });
        false
    });
}

/// The finding of an infrastructure field that another kind uses.
pub(super) fn unused(path: &str, kind: &dyn ComponentKind, taker: &str) -> Diagnostic {
    Diagnostic::new(P1016, format!("the kind `{}` does not use `{path}`", kind.name())).help(format!("`{taker}` uses it; remove it here"))
}
