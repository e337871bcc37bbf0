//! The invariants of a state, checked on load, before every write, and by `panka state verify`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use super::{Record, State, Status, recorded};
use crate::address::{Address, ComponentId};
use crate::catalog::{TypeInfo, catalog};
use crate::resource::Properties;

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, as a path into the document.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.problem)
    }
}

/// All broken invariants of a state, in the order of its fields.
pub fn faults(state: &State) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |field: String, problem: String| faults.push(Fault { field, problem });
    if state.lineage.is_empty() && (state.serial > 0 || !state.resources.is_empty()) {
        fault("lineage".to_owned(), "is empty, although something has run".to_owned());
    }
    for (scope, epoch) in &state.fences {
        if *epoch > state.epoch {
            fault(format!("fences.{scope}"), format!("is {epoch}, above `epoch`, {}", state.epoch));
        }
    }
    for epoch in state.folded.keys().filter(|epoch| **epoch > state.epoch) {
        fault(format!("folded.{epoch}"), format!("is of an epoch above `epoch`, {}", state.epoch));
    }
    let mut instances: HashMap<(&str, &str), &Address> = HashMap::new();
    for (address, record) in &state.resources {
        let mut fault = |field: &str, problem: String| fault(format!("resources.{address}{field}"), problem);
        for (field, problem) in of_record(record) {
            fault(field, problem);
        }
        for to in &record.depends_on {
            if to == address {
                fault(".dependsOn", "names the resource itself".to_owned());
            } else if !state.resources.contains_key(to) {
                fault(".dependsOn", format!("names `{to}`, which is not in the state"));
            }
        }
        let own = record.identifier.iter().map(|identifier| (&record.type_name, identifier));
        for (type_name, identifier) in own.chain(record.superseded.iter().map(|old| (&old.type_name, &old.identifier))) {
            if let Some(other) = instances.insert((type_name.as_str(), identifier.as_str()), address) {
                fault(".identifier", format!("`{identifier}` ({type_name}) also stands at `{other}`"));
            }
        }
    }
    if let Some(cycle) = cycle(state) {
        let path: Vec<&str> = cycle.iter().map(|address| address.as_str()).collect();
        fault(format!("resources.{}.dependsOn", path[0]), format!("is a cycle: {}", path.join(" → ")));
    }
    for name in state.outputs.keys() {
        let owner = name.rsplit_once('.').map_or("", |(owner, _)| owner);
        if owner != "_stack" && owner.parse::<ComponentId>().is_err() {
            fault(format!("outputs.{name}"), "is not named `service/component.name` or `_stack.name`".to_owned());
        }
    }
    faults
}

/// What the schemas of AWS do not know, or what stands in clear that they never give back.
///
/// Not part of [`faults`]: a catalog that is older or newer than the state does not make it unusable.
pub(super) fn foreign(state: &State) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (address, record) in &state.resources {
        let mut fault = |field: &str, problem: String| faults.push(Fault { field: format!("resources.{address}{field}"), problem });
        let Some(info) = catalog().get(&record.type_name) else {
            fault(".type", format!("is {}, which this panka does not know", record.type_name));
            continue;
        };
        if is_clear(&record.properties, Some(info)) {
            fault(".properties", "holds a value in clear that may only be kept as a digest".to_owned());
        }
        let known = info.property_names();
        for name in record.properties.keys().filter(|name| !known.contains(&name.as_str())) {
            fault(".properties", format!("holds `{name}`, which {} does not have", record.type_name));
        }
    }
    faults
}

/// Tells whether properties hold a value that may only be kept as a digest.
pub(super) fn is_clear(properties: &Properties, info: Option<&TypeInfo>) -> bool {
    info.is_some_and(|info| info.write_only().next().is_some()) && recorded(properties, info, "") != *properties
}

fn of_record(record: &Record) -> impl Iterator<Item = (&'static str, String)> {
    let in_flight = matches!(record.status, Status::Creating | Status::Updating | Status::Deleting);
    let status = || serde_json::to_value(record.status).map(|value| value.to_string()).unwrap_or_default();
    let unpending = (in_flight != record.pending.is_some()).then(|| {
        let problem = if in_flight { "but `pending` is not set" } else { "but `pending` is set" };
        (".status", format!("is {}, {problem}", status()))
    });
    let anonymous = (record.identifier.is_none() && record.status != Status::Creating)
        .then(|| (".identifier", format!("is not set, but the status is {}", status())));
    let named = (record.identifier.is_some() && record.status == Status::Creating)
        .then(|| (".identifier", "is set, but the status is \"creating\"".to_owned()));
    [unpending, anonymous, named].into_iter().flatten()
}

/// A cycle of edges, from one address round to the same.
fn cycle(state: &State) -> Option<Vec<&Address>> {
    let mut done: BTreeSet<&Address> = BTreeSet::new();
    for start in state.resources.keys() {
        if done.contains(start) {
            continue;
        }
        // A walk in depth without recursion: chains may be as long as the state.
        let mut path: Vec<(&Address, usize)> = vec![(start, 0)];
        let mut on_path: BTreeMap<&Address, usize> = BTreeMap::from([(start, 0)]);
        while let Some((address, next)) = path.last_mut() {
            let edge = state.resources.get(*address).and_then(|record| record.depends_on.get(*next));
            *next += 1;
            match edge {
                Some(to) if to == *address || done.contains(to) => {}
                Some(to) => {
                    if let Some(from) = on_path.get(to) {
                        return Some(path[*from..].iter().map(|(address, _)| *address).chain([to]).collect());
                    }
                    on_path.insert(to, path.len());
                    path.push((to, 0));
                }
                None => {
                    on_path.remove(*address);
                    done.insert(*address);
                    path.pop();
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Operation;
    use crate::state::tests::{address, intent, record, sample};
    use crate::state::{Pending, Superseded};

    fn problems(change: impl FnOnce(&mut State)) -> Vec<String> {
        let mut state = sample();
        change(&mut state);
        faults(&state).iter().map(ToString::to_string).collect()
    }

    fn edit(state: &mut State, at: &str, change: impl FnOnce(&mut Record)) {
        change(state.resources.get_mut(at).unwrap());
    }

    #[test]
    fn a_sound_state_has_no_faults() {
        assert_eq!(problems(|_| {}), Vec::<String>::new());
        assert_eq!(faults(&State::empty("shop", "dev", "")), Vec::new());
    }

    #[test]
    fn a_fence_above_the_epoch_is_reported() {
        let found = problems(|state| state.fences = BTreeMap::from([("stack".into(), 9)]));
        assert_eq!(found, ["`fences.stack` is 9, above `epoch`, 1"]);
    }

    #[test]
    fn edges_to_nothing_to_itself_and_in_a_circle_are_reported() {
        let found = problems(|state| edit(state, "a/db/instance", |record| record.depends_on = vec![address("x/y/z")]));
        assert_eq!(found, ["`resources.a/db/instance.dependsOn` names `x/y/z`, which is not in the state"]);
        let found = problems(|state| edit(state, "a/db/instance", |record| record.depends_on = vec![address("a/db/instance")]));
        assert_eq!(found, ["`resources.a/db/instance.dependsOn` names the resource itself"]);
        let found = problems(|state| edit(state, "a/db/instance", |record| record.depends_on = vec![address("b/jobs/queue")]));
        assert_eq!(found, ["`resources.a/db/instance.dependsOn` is a cycle: a/db/instance → b/jobs/queue → a/db/instance"]);
    }

    #[test]
    fn a_status_must_fit_what_is_pending_and_known() {
        let found = problems(|state| edit(state, "a/db/instance", |record| record.status = Status::Updating));
        assert_eq!(found, ["`resources.a/db/instance.status` is \"updating\", but `pending` is not set"]);
        let found = problems(|state| edit(state, "a/db/instance", |record| record.identifier = None));
        assert_eq!(found, ["`resources.a/db/instance.identifier` is not set, but the status is \"ready\""]);
        let found = problems(|state| {
            edit(state, "a/db/instance", |record| {
                let intent = intent("a/db/instance", Operation::Update, "t", None);
                record.pending = Some(Pending { intent, epoch: 1, at: String::new(), before: None, accepted: None });
            });
        });
        assert_eq!(found, ["`resources.a/db/instance.status` is \"ready\", but `pending` is set"]);
    }

    #[test]
    fn an_instance_stands_once_even_among_the_superseded() {
        let found = problems(|state| {
            let old = Superseded {
                identifier: "jobs-1".into(),
                type_name: "AWS::SQS::Queue".into(),
                epoch: 1,
                generation: 0,
                nested: false,
                depends_on: Vec::new(),
                partial: false,
            };
            edit(state, "a/db/instance", |record| record.superseded.push(old));
        });
        assert_eq!(found, ["`resources.b/jobs/queue.identifier` `jobs-1` (AWS::SQS::Queue) also stands at `a/db/instance`"]);
    }

    #[test]
    fn a_long_chain_is_checked_without_a_deep_stack() {
        let mut state = State::empty("shop", "dev", "lineage");
        for n in 0..10_000 {
            let before = format!("a/b/r{}", n - 1);
            let edges: &[&str] = if n == 0 { &[] } else { &[&before] };
            state.resources.insert(address(&format!("a/b/r{n}")), record(&format!("i-{n}"), edges));
        }
        assert_eq!(faults(&state), Vec::new());
    }
}
