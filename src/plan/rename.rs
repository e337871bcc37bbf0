//! Hints that a delete and a create are one resource that moved to another address.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::resolve::{Scope, is_unknown, resolve};
use super::{Op, Step};
use crate::catalog::{TypeInfo, catalog};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::apply::P8009;
use crate::resource::Properties;
use crate::state::State;

/// Pairs of one type beyond this number are not looked through: that many are no rename.
const PAIRS: usize = 10_000;
/// Part of the values that must be equal, where the roles are equal.
const ALIKE: f64 = 0.8;
/// Part of the values that must be equal, where the roles differ; and how many of them there must be.
const ALIKE_ELSEWHERE: (f64, usize) = (0.9, 3);

/// One hint for each pair of components between which resources seem to have moved.
pub(super) fn hints(steps: &[Step], state: &State, scope: &dyn Scope) -> Vec<Diagnostic> {
    let mut by_type: BTreeMap<&str, (Vec<&Step>, Vec<&Step>)> = BTreeMap::new();
    for step in steps {
        let (gone, new) = by_type.entry(step.type_name.as_str()).or_default();
        match step.op {
            Op::Delete if state.resources.contains_key(&step.address) => gone.push(step),
            Op::Create => new.push(step),
            _ => {}
        }
    }
    let mut moves: BTreeMap<(&str, &str), Vec<(&Step, &Step)>> = BTreeMap::new();
    for (type_name, (gone, new)) in by_type {
        if gone.is_empty() || new.is_empty() || gone.len() * new.len() > PAIRS {
            continue;
        }
        for (one, other) in pairs(type_name, &gone, &new, state, scope) {
            moves.entry((one.address.component(), other.address.component())).or_default().push((one, other));
        }
    }
    moves.into_iter().map(|((from, to), pairs)| hint(from, to, &pairs)).collect()
}

fn hint(from: &str, to: &str, pairs: &[(&Step, &Step)]) -> Diagnostic {
    let message = match pairs {
        [(one, other)] => format!("`{}` is deleted and `{}` is created alike", one.address, other.address),
        _ => format!("{} resources of `{from}` are deleted and created alike in `{to}`", pairs.len()),
    };
    let mut finding = Diagnostic::new(P8009, message).at(pairs[0].1.source.clone()).about(to);
    for (one, other) in pairs {
        finding = finding.help(format!("if it was renamed: panka state mv {} {}", one.address, other.address));
    }
    finding
}

/// The pairs that are alike, best first, each step in one of them at most.
fn pairs<'s>(type_name: &str, gone: &[&'s Step], new: &[&'s Step], state: &State, scope: &dyn Scope) -> Vec<(&'s Step, &'s Step)> {
    let info = catalog().get(type_name);
    let before: Vec<Leaves> = gone.iter().map(|step| leaves(&state.resources[&step.address].properties, step, info)).collect();
    let after: Vec<Leaves> = new.iter().map(|step| wanted_leaves(step, info, scope)).collect();
    let mut candidates = Vec::new();
    for (one, before) in before.iter().enumerate() {
        for (other, after) in after.iter().enumerate() {
            let same_role = gone[one].address.role() == new[other].address.role();
            let (equal, all) = likeness(before, after);
            let ratio = if all == 0 { 1.0 } else { f64::from(equal) / f64::from(all) };
            let enough = if same_role { ratio >= ALIKE } else { ratio >= ALIKE_ELSEWHERE.0 && equal as usize >= ALIKE_ELSEWHERE.1 };
            if enough {
                candidates.push((!same_role, 1.0 - ratio, one, other));
            }
        }
    }
    candidates.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
    let (mut taken, mut pairs) = ((BTreeSet::new(), BTreeSet::new()), Vec::new());
    for (_, _, one, other) in candidates {
        if !taken.0.contains(&one) && !taken.1.contains(&other) {
            taken.0.insert(one);
            taken.1.insert(other);
            pairs.push((gone[one], new[other]));
        }
    }
    pairs.sort_by(|a, b| a.0.address.cmp(&b.0.address));
    pairs
}

/// Scalars of the properties by pointer; `None` for one that is not known yet.
type Leaves = BTreeMap<String, Option<String>>;

fn wanted_leaves(step: &Step, info: Option<&TypeInfo>, scope: &dyn Scope) -> Leaves {
    let Some(desired) = &step.desired else { return Leaves::new() };
    let resolved = desired.properties.iter().map(|(name, value)| (name.clone(), resolve(value, scope))).collect();
    leaves(&resolved, step, info)
}

/// Names and tags are left out: they follow the address.
fn leaves(properties: &Properties, step: &Step, info: Option<&TypeInfo>) -> Leaves {
    let name = step.desired.as_ref().and_then(|desired| desired.naming.as_ref()).map(|naming| naming.property.as_str());
    let tags = info.and_then(TypeInfo::tag_property);
    let identifier = info.map_or(&[][..], TypeInfo::primary_identifier);
    let mut found = Leaves::new();
    for (key, value) in properties {
        let follows = Some(key.as_str()) == name || Some(key.as_str()) == tags || identifier.iter().any(|part| part[1..] == **key);
        if !follows && !key.ends_with("Name") {
            gather(&format!("/{key}"), value, &mut found);
        }
    }
    found
}

fn gather(pointer: &str, value: &Value, found: &mut Leaves) {
    match value {
        value if crate::resource::Form::is_form(value) => {
            found.insert(pointer.to_owned(), (!is_unknown(value)).then(|| value.to_string()));
        }
        Value::Object(map) => map.iter().for_each(|(key, inner)| gather(&format!("{pointer}/{key}"), inner, found)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, inner)| gather(&format!("{pointer}/{n}"), inner, found)),
        scalar => {
            found.insert(pointer.to_owned(), Some(scalar.to_string()));
        }
    }
}

/// How many leaves are equal, of how many there are on either side.
fn likeness(before: &Leaves, after: &Leaves) -> (u32, u32) {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let equal = keys.iter().filter(|key| match (before.get(**key), after.get(**key)) {
        (Some(one), Some(other)) => other.is_none() || one == other,
        _ => false,
    });
    (u32::try_from(equal.count()).unwrap_or(u32::MAX), u32::try_from(keys.len()).unwrap_or(u32::MAX))
}
