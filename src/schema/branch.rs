//! Combinations of schemas: `allOf`, `anyOf`, `oneOf`, `not`, `if`.

use super::node::{Branches, MapRules, Node, NodeId, Type, Types};
use super::object::list;
use super::walk::{Part, Walk};
use super::{Fault, FaultKind};

impl<'a> Walk<'a> {
    pub(super) fn branches(&mut self, branches: &'a Branches, part: Part<'a>, out: &mut Vec<Fault>) {
        for id in &branches.all {
            self.plain(*id, part, out);
        }
        if !branches.any.is_empty() {
            self.alternatives(&branches.any, false, part, out);
        }
        if !branches.one.is_empty() {
            self.alternatives(&branches.one, true, part, out);
        }
        if let Some(not) = branches.not
            && self.fits(not, part) == Some(true)
        {
            let fault = self.refused(not, part);
            out.push(fault);
        }
        if let Some(condition) = branches.condition {
            let next = match self.fits(condition.when, part) {
                Some(true) => condition.then,
                Some(false) => condition.otherwise,
                None => None,
            };
            if let Some(next) = next {
                self.plain(next, part, out);
            }
        }
    }

    /// Tells whether a value fits; `None` if that hangs on a reference form.
    fn fits(&mut self, id: NodeId, part: Part<'a>) -> Option<bool> {
        let met = self.forms_met;
        let mut faults = Vec::new();
        self.plain(id, part, &mut faults);
        (self.forms_met == met).then_some(faults.is_empty())
    }

    /// At least one branch must fit, and with `only_one` no second.
    fn alternatives(&mut self, branches: &'a [NodeId], only_one: bool, part: Part<'a>, out: &mut Vec<Fault>) {
        let met = self.forms_met;
        let mut fitting = 0;
        let mut failed = Vec::new();
        for id in branches {
            let mut faults = Vec::new();
            self.plain(*id, part, &mut faults);
            if faults.is_empty() {
                fitting += 1;
                if !only_one {
                    return;
                }
            } else {
                failed.push((*id, faults));
            }
        }
        if fitting == 1 || (fitting > 1 && self.forms_met != met) {
            return;
        }
        if let (Some(sets), Some(map)) = (self.required_sets(branches), part.map()) {
            let given: Vec<&[Box<str>]> = sets.iter().filter(|set| set.iter().all(|name| map.contains_key(&**name))).copied().collect();
            let message = match given.as_slice() {
                [] => {
                    let needed: Vec<String> = sets.iter().map(|set| list(set)).collect();
                    let amount = if only_one { "exactly one of" } else { "at least one of" };
                    format!("{amount} these is needed: {}", needed.join("; "))
                }
                [first, second, ..] => format!("{} and {} exclude each other", list(first), list(second)),
                [_] => return,
            };
            let kind = if given.is_empty() { FaultKind::Missing } else { FaultKind::Combination };
            out.push(self.fault(kind, message));
            return;
        }
        if fitting > 1 {
            out.push(self.fault(FaultKind::Combination, "fits more than one of the forms that exclude each other"));
            return;
        }
        out.append(&mut self.best(failed, part));
    }

    /// The faults of the branch that was most likely meant.
    fn best(&self, failed: Vec<(NodeId, Vec<Fault>)>, part: Part<'_>) -> Vec<Fault> {
        let here = self.pointer();
        let wrong_here = |faults: &[Fault]| faults.iter().any(|fault| fault.kind == FaultKind::WrongType && fault.pointer == here);
        if failed.iter().all(|(_, faults)| wrong_here(faults)) {
            let wanted = failed.iter().map(|(id, _)| self.types_of(*id)).reduce(Types::union).unwrap_or_default();
            return vec![self.wrong_type(wanted, part)];
        }
        let depth = self.depth();
        let ranked = failed
            .into_iter()
            .map(|(_, faults)| faults)
            .min_by_key(|faults| faults.iter().map(|fault| weight(fault, depth)).sum::<usize>());
        ranked.unwrap_or_default()
    }

    fn types_of(&self, id: NodeId) -> Types {
        super::Place::new(self.schema, id).types()
    }

    /// The fields that each branch requires, if the branches say nothing else.
    fn required_sets(&self, branches: &[NodeId]) -> Option<Vec<&'a [Box<str>]>> {
        branches.iter().map(|id| only_requires(self.schema.node(*id))).collect()
    }

    /// Says what `not` refuses.
    fn refused(&self, id: NodeId, part: Part<'_>) -> Fault {
        let node = self.schema.node(id);
        if let Some(required) = only_requires(node) {
            let verb = if required.len() == 1 { "is not allowed here" } else { "are not allowed together here" };
            return self.fault(FaultKind::Combination, format!("{} {verb}", list(required)));
        }
        if node.choices.is_some() {
            return self.fault(FaultKind::Range, format!("{} is not allowed", self.found(part)));
        }
        if let Some(pattern) = node.text.as_ref().and_then(|text| text.pattern.as_ref()) {
            return self.fault(FaultKind::Malformed, format!("may not match the pattern `{}`", pattern.source()));
        }
        self.fault(FaultKind::Combination, "has a form that is not allowed here")
    }
}

fn only_requires(node: &Node) -> Option<&[Box<str>]> {
    let map = node.map.as_deref()?;
    let bare = node.types.is_empty() || node.types == Type::Object.into();
    let alone = node.target.is_none() && node.choices.is_none() && node.branches.is_none() && !map.required.is_empty();
    let MapRules { properties, patterns, needs, excludes, .. } = map;
    let free = properties.is_empty() && patterns.is_empty() && needs.is_empty() && excludes.is_empty();
    (bare && alone && free).then_some(map.required.as_slice())
}

/// How much a fault speaks against its branch having been meant. What is wrong at the top speaks louder than what is
/// wrong inside, and a probable typing error less than a stranger.
fn weight(fault: &Fault, depth: usize) -> usize {
    let below = fault.pointer.matches('/').count().saturating_sub(depth);
    match (fault.kind, below) {
        (FaultKind::WrongType, 0) => 10_000,
        // A field that tells the branches apart has another value.
        (FaultKind::Range, 0 | 1) if fault.message.starts_with("expected ") => 1_000,
        (FaultKind::WrongType, 1) => 60,
        (FaultKind::UnknownField, 1) if fault.help.as_ref().is_some_and(|help| help.starts_with("did you")) => 20,
        (FaultKind::Missing, 0) | (FaultKind::UnknownField, 1) => 40,
        (_, 0 | 1) => 10,
        _ => 1,
    }
}
