//! Names that one resource is to take and another still has.
//!
//! AWS knows some things by what they are called: a rule by its listener and priority, a bucket by its name. Where one resource lets go of such a
//! name in the run in which another takes it, the two calls would have to come in an order that engines do not promise, and for two that exchange
//! their names there is none. In: steps, the state. Out: the steps that cannot run in one plan with those that let go, and why.

use std::collections::{BTreeMap, HashMap};

use super::edges::{Identity, Present, identities, numbers};
use super::{Blocked, Op, Step};
use crate::diagnostic::codes::aws::P3026;
use crate::state::State;

/// Blocks the steps that take what another resource has until its own step is done.
pub(super) fn block(steps: &mut [Step], state: Option<&State>) {
    let Some(state) = state else { return };
    let found = {
        let index: HashMap<_, _> = numbers(steps);
        let present = Present { steps, state, index: &index };
        let mut held: BTreeMap<(&str, Identity), usize> = BTreeMap::new();
        let changing = |step: &&Step| matches!(step.op, Op::Update | Op::Replace);
        for (n, step) in steps.iter().enumerate().filter(|(_, step)| changing(step)) {
            let Some(record) = state.resources.get(&step.address) else { continue };
            for identity in identities(&record.type_name, &record.properties, &present) {
                held.insert((record.type_name.as_str(), identity), n);
            }
        }
        let takes = |step: &&Step| step.blocked.is_none() && (changing(step) || step.op == Op::Create);
        let taking = steps.iter().enumerate().filter(|(_, step)| takes(step)).filter_map(|(n, step)| {
            let desired = step.desired.as_ref()?;
            let mut wanted = identities(&desired.type_name, &desired.properties, &present).into_iter();
            let other = |identity| held.get(&(desired.type_name.as_str(), identity)).copied().filter(|other| *other != n);
            let (identity, other) = wanted.find_map(|identity| Some((identity.clone(), other(identity)?)))?;
            Some((n, blocked(step, &steps[other], &identity)))
        });
        taking.collect::<Vec<_>>()
    };
    for (n, blocked) in found {
        steps[n].blocked = Some(blocked);
    }
}

fn blocked(step: &Step, other: &Step, identity: &Identity) -> Blocked {
    let name: Vec<String> = identity.iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?))).collect();
    let message = format!(
        "`{}` takes what `{other}` has until this run gives it up ({}): apply `{other}` alone first with `--target {other}`; two that exchange need a third value in between",
        step.address,
        name.join(", "),
        other = other.address,
    );
    Blocked { code: P3026, message }
}
