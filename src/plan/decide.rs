//! What is to be done with one resource.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::compare::{Comparison, same};
use super::knowledge::{Fate, Knowledge};
use super::pointer::Ignored;
use super::replacement::{new_name, next_generation, spelled_as_recorded, wanted, wanted_again};
use super::resolve::{is_unknown, resolve, resolve_all};
use super::{Blocked, Change, Op, Replace, Seen, Step, keep};
use crate::address::Address;
use crate::catalog::{Limit, Operation, ReplacementRule, Transition, TypeInfo, catalog, seconds, transitions};
use crate::diagnostic::codes::apply::P8006;
use crate::diagnostic::codes::aws::{P3020, P3021, P3022, P3024, P3025, P3026};
use crate::graph::whole;
use crate::resource::{Properties, ReplaceOrder, Resource};
use crate::state::{Record, Status, recorded_property};

/// Decides on the resources of a graph, one after the other in the order of their edges.
pub(super) struct Decider<'a> {
    pub(super) knowledge: Knowledge<'a>,
    pub(super) lineage: &'a str,
    /// Tells whether a replacement was asked for.
    pub(super) forced: &'a dyn Fn(&Resource) -> bool,
    /// Order of the replacement of each resource, where it is one.
    pub(super) orders: Vec<Option<ReplaceOrder>>,
}

/// A verdict before it becomes a step.
struct Verdict {
    op: Op,
    reason: String,
    changes: Vec<Change>,
    order: Option<ReplaceOrder>,
    generation: u32,
}

impl Decider<'_> {
    /// Decides on a resource; `None` when there is nothing to do.
    pub(super) fn decide(&mut self, number: usize) -> Option<Step> {
        let resource = &self.knowledge.graph.resources[number];
        let info = catalog().get(&resource.type_name);
        let Some(record) = self.knowledge.records[number] else {
            return Some(self.create(number, resource));
        };
        if record.status == Status::Failed && record.identifier.is_none() {
            return Some(Step { base: Some(Seen::of(record)), reason: "its creation failed".into(), ..self.create(number, resource) });
        }
        if let Some(step) = self.unsettled(number, resource, record) {
            return Some(step);
        }
        let generation = record.generation;
        let wanted = spelled_as_recorded(info, record, wanted(resource, generation));
        let ignored = Ignored::new(&resource.lifecycle.ignore_changes);
        let mut changes = self.changes(info, record, &wanted, &ignored);
        let limits = limits(record, &wanted, &mut changes);
        if let Some(info) = info {
            self.mark_moves(info, record, &wanted, &mut changes);
        }
        let verdict = self.verdict(number, (resource, record, info), &wanted, changes)?;
        let properties = match verdict.op {
            Op::Replace => wanted_again(resource, wanted, generation, verdict.generation),
            Op::Update if !ignored.is_empty() => Cow::Owned(keep::ignored_as_recorded(&wanted, &record.properties, &ignored)),
            _ => wanted,
        };
        match verdict.op {
            Op::Replace => {
                self.orders[number] = verdict.order;
                let resolved = resolve_all(&properties, &self.knowledge);
                self.knowledge.settle(number, Fate::Made(resolved));
            }
            Op::Update => {
                let resolved = resolve_all(&properties, &self.knowledge);
                let changed = verdict.changes.iter().map(|change| change.path.as_str());
                let moved = info.map(|info| info.moved(changed)).unwrap_or_default();
                self.knowledge.settle(number, Fate::Changed { properties: resolved, moved });
            }
            _ => {}
        }
        let protected = resource.lifecycle.protect || record.protect;
        Some(Step {
            changes: verdict.changes,
            replace_order: verdict.order,
            identifier: record.identifier.clone(),
            blocked: match verdict.op {
                Op::Replace if protected => Some(protected_replacement(&resource.address)),
                Op::Update => refused(&resource.address, &limits),
                _ => None,
            },
            generation: verdict.generation,
            superseded: record.superseded.clone(),
            base: Some(Seen::of(record)),
            desired: Some(desired(resource, properties)),
            ..step(resource, verdict.op, verdict.reason)
        })
    }

    fn create(&mut self, number: usize, resource: &Resource) -> Step {
        let resolved = resolve_all(&resource.properties, &self.knowledge);
        self.knowledge.settle(number, Fate::Made(resolved));
        Step { desired: Some(resource.clone()), ..step(resource, Op::Create, "not in the state".into()) }
    }

    /// The step of a resource whose last operation has no known end. It cannot run before that is settled.
    fn unsettled(&mut self, number: usize, resource: &Resource, record: &Record) -> Option<Step> {
        let doing = unfinished(record)?;
        let op = if record.status == Status::Updating { Op::Update } else { Op::Create };
        self.knowledge.settle(number, Fate::Unsettled);
        let properties = wanted(resource, record.generation);
        Some(Step {
            identifier: record.identifier.clone(),
            blocked: Some(pending(&resource.address, doing)),
            generation: record.generation,
            superseded: record.superseded.clone(),
            base: Some(Seen::of(record)),
            desired: Some(desired(resource, properties)),
            ..step(resource, op, format!("{doing} of an earlier run is pending"))
        })
    }

    fn changes(&self, info: Option<&TypeInfo>, record: &Record, wanted: &Properties, ignored: &Ignored<'_>) -> Vec<Change> {
        let settled = |lookup: &Map<String, Value>| self.knowledge.is_settled(record, lookup);
        let comparison = Comparison { info, ignored, settled: &settled };
        let mut changes = Vec::new();
        for (name, value) in wanted {
            let before = record.properties.get(name);
            if before.is_some_and(|before| same(value, before, &self.knowledge)) {
                continue;
            }
            let after = recorded_property(name, &resolve(value, &self.knowledge), info, self.lineage);
            comparison.property(name, before, Some(&after), &mut changes);
        }
        for (name, value) in record.properties.iter().filter(|(name, _)| !wanted.contains_key(*name)) {
            comparison.property(name, Some(value), None, &mut changes);
        }
        changes.sort_by(|a, b| first_segment(&a.path).cmp(first_segment(&b.path)));
        // Where something else is put in its place, a value that goes is gone.
        let replaced: Vec<String> =
            changes.iter().filter(|change| change.after.is_some()).map(|change| first_segment(&change.path).to_owned()).collect();
        for change in changes.iter_mut().filter(|change| replaced.iter().any(|name| name == first_segment(&change.path))) {
            change.rule.take_if(|rule| rule == ReplacementRule::WriteOnlyRemoved.name());
        }
        changes
    }

    /// Marks the changes of lists that are exchanged as a whole for what is made anew, where the service cannot do that.
    fn mark_moves(&self, info: &TypeInfo, record: &Record, wanted: &Properties, changes: &mut [Change]) {
        for pointer in info.moved_as_a_whole() {
            let name = first_segment(pointer);
            let all_new = |value: &Value| {
                let value = resolve(value, &self.knowledge);
                value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(is_unknown))
            };
            if record.properties.contains_key(name) && wanted.get(name).is_some_and(all_new) {
                mark_replacement(changes, pointer);
            }
        }
    }

    fn verdict(
        &self,
        number: usize,
        (resource, record, info): (&Resource, &Record, Option<&TypeInfo>),
        wanted: &Properties,
        mut changes: Vec<Change>,
    ) -> Option<Verdict> {
        let generation = record.generation;
        if let Some(reason) = self.replaces(resource, record, &changes) {
            let other_type = record.type_name != resource.type_name;
            let generation = if other_type { 0 } else { generation };
            let order = self.order(number, (resource, record, info), wanted);
            let generation = next_generation(resource, record, wanted, generation, order, &self.knowledge);
            if other_type {
                changes.clear();
            } else if let Some(change) = new_name(resource, record, wanted, generation, &self.knowledge) {
                let position = changes.partition_point(|other| first_segment(&other.path) < first_segment(&change.path));
                changes.insert(position, change);
            }
            return Some(Verdict { op: Op::Replace, reason, changes, order: Some(order), generation });
        }
        let (op, reason) = if record.status == Status::Failed {
            (Op::Update, "its last operation failed".to_owned())
        } else if !changes.is_empty() {
            (Op::Update, update_reason(&changes))
        } else if let Some(reason) = differing_meta(resource, record) {
            (Op::None, reason)
        } else if !record.superseded.is_empty() {
            (Op::None, "an old instance is left over".to_owned())
        } else {
            return None;
        };
        Some(Verdict { op, reason, changes, order: None, generation })
    }

    /// Why the resource must be replaced, if it must.
    fn replaces(&self, resource: &Resource, record: &Record, changes: &[Change]) -> Option<String> {
        if record.type_name != resource.type_name {
            return Some(format!("it is a {}", record.type_name));
        }
        if record.nested != resource.nested {
            return Some("it is carried another way".to_owned());
        }
        if record.status == Status::Failed && record.partial {
            return Some("its creation stopped halfway".to_owned());
        }
        let causes: Vec<&Change> = changes.iter().filter(|change| change.replace == Replace::Yes).collect();
        if let Some(cause) = causes.first() {
            let rest = causes.len() - 1;
            let more = if rest == 0 { String::new() } else { format!(", and {rest} more") };
            return Some(match cause.rule.as_deref() {
                Some("no update handler") => format!("{} cannot be changed in place", resource.type_name),
                Some("documented replacement") => format!("`{}` cannot be changed in place{more}", cause.path),
                _ => format!("`{}` is fixed at creation{more}", cause.path),
            });
        }
        // What cannot be updated is left by a delete that failed, and may be half gone.
        if record.status == Status::Failed && catalog().get(&record.type_name).is_some_and(|info| !info.has_update()) {
            return Some("its last operation failed, and it cannot be changed in place".to_owned());
        }
        (self.forced)(resource).then(|| "asked for".to_owned())
    }
}

/// What AWS does not do of the changes; those that its values make a replacement are marked as one.
fn limits(record: &Record, wanted: &Properties, changes: &mut [Change]) -> Vec<Transition> {
    if changes.is_empty() {
        return Vec::new();
    }
    let found = transitions(&record.type_name, &record.properties, wanted);
    for transition in found.iter().filter(|transition| transition.limit == Limit::Replaces) {
        mark_replacement(changes, &transition.pointer);
    }
    found
}

/// Marks the changes of a top-level property as ones that need a new resource.
fn mark_replacement(changes: &mut [Change], pointer: &str) {
    for change in changes.iter_mut().filter(|change| first_segment(&change.path) == first_segment(pointer)) {
        change.replace = Replace::Yes;
        change.rule = Some(ReplacementRule::Documented.name().to_owned());
    }
}

fn first_segment(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

fn update_reason(changes: &[Change]) -> String {
    let waited = changes.iter().filter(|change| change.unknown).count();
    match (changes, waited) {
        ([only], 0) => format!("`{}` differs", only.path),
        (_, 0) => format!("{} properties differ", changes.len()),
        (_, waited) if waited == changes.len() => "what it refers to is made anew".to_owned(),
        _ => format!("{} properties differ or are made anew", changes.len()),
    }
}

fn differing_meta(resource: &Resource, record: &Record) -> Option<String> {
    let mut differing = Vec::new();
    let mut check = |equal: bool, what: &'static str| {
        if !equal {
            differing.push(what);
        }
    };
    check(record.depends_on == resource.depends_on, "its edges");
    check(record.protect == resource.lifecycle.protect, "its protection");
    check(record.retain == resource.lifecycle.retain_on_delete, "whether it is left in AWS");
    check(record.final_snapshot == resource.lifecycle.final_snapshot, "whether a last snapshot is made");
    check(record.component == resource.component, "the kind of its component");
    match differing.split_last() {
        None => None,
        Some((only, [])) => Some(format!("{only} differs").replace("edges differs", "edges differ")),
        Some((last, others)) => Some(format!("{} and {last} differ", others.join(", "))),
    }
}

fn desired(resource: &Resource, properties: Cow<'_, Properties>) -> Resource {
    match properties {
        Cow::Borrowed(_) => resource.clone(),
        Cow::Owned(properties) => Resource {
            properties,
            address: resource.address.clone(),
            type_name: resource.type_name.clone(),
            component: resource.component.clone(),
            depends_on: resource.depends_on.clone(),
            tier: resource.tier,
            lifecycle: resource.lifecycle.clone(),
            naming: resource.naming.clone(),
            nested: resource.nested,
            source: resource.source.clone(),
            places: resource.places.clone(),
        },
    }
}

/// A step with nothing but its name, op and reason.
fn step(resource: &Resource, op: Op, reason: String) -> Step {
    Step {
        address: resource.address.clone(),
        op,
        type_name: resource.type_name.clone(),
        component: resource.component.clone(),
        reason,
        changes: Vec::new(),
        replace_order: None,
        identifier: None,
        depends_on: Vec::new(),
        blocked: None,
        generation: 0,
        superseded: Vec::new(),
        base: None,
        seconds: expected(&resource.type_name, op),
        desired: None,
        source: Some(resource.source.clone()),
    }
}

/// Why a replacement of a protected resource cannot run.
pub(super) fn protected_replacement(address: &Address) -> Blocked {
    Blocked { code: P3020, message: format!("`{address}` would be replaced, but it is protected") }
}

/// Why a delete of a protected resource cannot run.
pub(super) fn protected_deletion(address: &Address) -> Blocked {
    Blocked { code: P3021, message: format!("`{address}` would be deleted, but it is protected") }
}

/// Why an update that AWS refuses cannot run.
pub(super) fn refused(address: &Address, limits: &[Transition]) -> Option<Blocked> {
    let mut limits = limits.iter().filter_map(|transition| {
        let code = match transition.limit {
            Limit::Shrinks => P3022,
            Limit::Step => P3024,
            Limit::GoesBack => P3025,
            Limit::OneAtATime => P3026,
            Limit::Replaces => return None,
        };
        Some((code, transition.message.as_str()))
    });
    let (code, first) = limits.next()?;
    let messages: Vec<&str> = std::iter::once(first).chain(limits.map(|(_, message)| message)).collect();
    Some(Blocked { code, message: format!("`{address}`: {}", messages.join("; ")) })
}

/// The operation of an earlier run that has no known end, with its article.
pub(super) fn unfinished(record: &Record) -> Option<&'static str> {
    match record.status {
        Status::Creating => Some("a create"),
        Status::Updating => Some("an update"),
        Status::Deleting => Some("a delete"),
        Status::Ready | Status::Failed => None,
    }
}

/// Why a step of a resource with an unfinished operation cannot run.
pub(super) fn pending(address: &Address, doing: &str) -> Blocked {
    Blocked { code: P8006, message: format!("{doing} of `{address}` by an earlier run is pending") }
}

/// The seconds that a step is expected to take.
pub(super) fn expected(type_name: &str, op: Op) -> u64 {
    let time = |operation| seconds(type_name, operation);
    whole(match op {
        Op::Create => time(Operation::Create),
        Op::Update => time(Operation::Update),
        Op::Replace => time(Operation::Create) + time(Operation::Delete),
        Op::Delete => time(Operation::Delete),
        Op::Adopt => time(Operation::Read),
        Op::Forget | Op::None => 0.0,
    })
}
