//! Which steps of a plan take part.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::edges::Bond;
use super::{Op, Options, Step};
use crate::address::{Address, Selector};
use crate::diagnostic::codes::apply::P8011;
use crate::diagnostic::codes::command::P0009;
use crate::diagnostic::{Diagnostic, Error};
use crate::graph::Order;
use crate::resource::references;

/// How many addresses a finding names before it only counts.
const NAMED: usize = 10;

/// Refuses selectors that match no address.
pub(super) fn check<'a>(options: &Options, addresses: &(impl Iterator<Item = &'a Address> + Clone)) -> Result<(), Error> {
    let empty = |selector: &&Selector| !addresses.clone().any(|address| selector.matches(address));
    let selectors = options.targets.iter().chain(&options.excludes).chain(&options.replace);
    let findings = selectors.filter(empty).map(|selector| {
        Diagnostic::new(P0009, format!("`{selector}` matches nothing in the graph or in the state"))
            .about(selector)
            .help("`panka state list` and `panka graph -o tree` show the addresses")
    });
    Error::check(findings.collect()).map(drop)
}

/// What each step needs in the plan, whether or not it waits for it.
pub(super) fn needs(steps: &[Step], bonds: &[Bond]) -> Order {
    let index: HashMap<&Address, usize> = steps.iter().enumerate().map(|(n, step)| (&step.address, n)).collect();
    let mut needs: Vec<Vec<usize>> =
        steps.iter().map(|step| step.depends_on.iter().filter_map(|need| index.get(need).copied()).collect()).collect();
    bonds.iter().for_each(|(step, other)| needs[*step].push(*other));
    Order::new(needs)
}

/// Keeps the targets with what they need, without what is excluded or needs it; tells what was left out.
pub(super) fn select(steps: Vec<Step>, bonds: &[Bond], options: &Options, warnings: &mut Vec<Diagnostic>) -> Vec<Step> {
    if options.targets.is_empty() && options.excludes.is_empty() {
        return steps;
    }
    let order = needs(&steps, bonds);
    let users = order.users();
    let needs = order.into_needs();
    let hit = |selectors: &[Selector], step: &Step| selectors.iter().any(|selector| selector.matches(&step.address));

    let mut wanted: BTreeSet<usize> = BTreeSet::new();
    let mut open: Vec<usize> = (0..steps.len()).filter(|n| options.targets.is_empty() || hit(&options.targets, &steps[*n])).collect();
    while let Some(n) = open.pop() {
        if wanted.insert(n) {
            open.extend(&needs[n]);
        }
    }

    let mut dropped: BTreeMap<usize, Option<usize>> = BTreeMap::new();
    let mut open: Vec<(usize, Option<usize>)> =
        (0..steps.len()).filter(|n| hit(&options.excludes, &steps[*n])).map(|n| (n, None)).collect();
    open.reverse();
    while let Some((n, because)) = open.pop() {
        if let std::collections::btree_map::Entry::Vacant(entry) = dropped.entry(n) {
            entry.insert(because);
            open.extend(users[n].iter().rev().map(|user| (*user, Some(n))));
        }
    }

    // What would be made for the excluded alone is not made either: a part of their components, or of the stack's own.
    let excluded = dropped.iter().filter(|(_, because)| because.is_none());
    let parts: BTreeSet<&str> = excluded.map(|(n, _)| steps[*n].address.component()).collect();
    loop {
        let is_part = |n: usize| steps[n].address.service() == "_stack" || parts.contains(steps[n].address.component());
        let only_for_them = |n: &usize| {
            let users = &users[*n];
            steps[*n].op == Op::Create && is_part(*n) && !users.is_empty() && users.iter().all(|user| dropped.contains_key(user))
        };
        let idle: Vec<usize> = (0..steps.len()).filter(|n| !dropped.contains_key(n) && only_for_them(n)).collect();
        if idle.is_empty() || dropped.is_empty() {
            break;
        }
        dropped.extend(idle.into_iter().map(|n| (n, None)));
    }

    let kept = |n: &usize| wanted.contains(n) && !dropped.contains_key(n);
    warnings.extend(left_out(&steps, &wanted, &dropped));
    warnings.extend(kept_behind(&steps, &kept));
    let flags: Vec<bool> = (0..steps.len()).map(|n| kept(&n)).collect();
    steps.into_iter().zip(flags).filter(|(_, keep)| *keep).map(|(step, _)| step).collect()
}

fn left_out(steps: &[Step], wanted: &BTreeSet<usize>, dropped: &BTreeMap<usize, Option<usize>>) -> Vec<Diagnostic> {
    let count = |many: usize| if many == 1 { "1 step is".to_owned() } else { format!("{many} steps are") };
    let mut findings = Vec::new();
    let unselected = steps.len() - wanted.len();
    if unselected > 0 {
        findings.push(Diagnostic::new(P8011, format!("{} left out, since nothing selected needs them", count(unselected))));
    }
    let because: Vec<(usize, usize)> =
        dropped.iter().filter(|(n, _)| wanted.contains(n)).filter_map(|(n, why)| Some((*n, (*why)?))).collect();
    if !because.is_empty() {
        let lines = because.iter().map(|(n, why)| format!("`{}` needs `{}`", steps[*n].address, steps[*why].address));
        findings.push(listed(Diagnostic::new(P8011, format!("{} left out besides the excluded ones", count(because.len()))), lines));
    }
    findings
}

/// Steps that are left out while something that they refer to is replaced: their resources stay with the old instance.
fn kept_behind(steps: &[Step], kept: &impl Fn(&usize) -> bool) -> Option<Diagnostic> {
    let replaced: BTreeSet<&str> =
        (0..steps.len()).filter(|n| kept(n) && steps[*n].op == Op::Replace).map(|n| steps[n].address.as_str()).collect();
    let mut pairs = BTreeSet::new();
    for step in (0..steps.len()).filter(|n| !kept(n)).map(|n| &steps[n]) {
        for value in step.desired.iter().flat_map(|desired| desired.properties.values()) {
            references(value, &mut |address, _| {
                if replaced.contains(address) {
                    pairs.insert(format!("`{}` uses `{address}`, which is replaced", step.address));
                }
            });
        }
    }
    let finding = Diagnostic::new(P8011, "what is left out keeps pointing at instances that are replaced".to_owned());
    (!pairs.is_empty()).then(|| listed(finding, pairs.into_iter()))
}

fn listed(mut finding: Diagnostic, mut lines: impl ExactSizeIterator<Item = String>) -> Diagnostic {
    let more = lines.len().saturating_sub(NAMED);
    for line in lines.by_ref().take(NAMED) {
        finding = finding.help(line);
    }
    if more > 0 { finding.help(format!("and {more} more")) } else { finding }
}
