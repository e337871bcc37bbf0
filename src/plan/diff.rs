//! Graph and state to plan.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::decide::{Decider, expected, pending, protected_deletion, unfinished};
use super::edges::{self, Bond};
use super::knowledge::Knowledge;
use super::nodes::check_order;
use super::options::{Destination, Options};
use super::resolve::{is_unknown, resolve};
use super::{Base, Blocked, Digests, Op, Plan, Seen, Step, Summary, held, rename, scope, select};
use crate::address::Address;
use crate::catalog::catalog;
use crate::diagnostic::codes::apply::{P8003, P8006};
use crate::diagnostic::codes::command::P0007;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::{Digest, Kind};
use crate::graph::Graph;
use crate::resource::{Resource, references};
use crate::state::{Record, State};

/// Compares a graph with the state. The graph must have been [checked](Graph::check).
pub fn diff(graph: &Graph, state: Option<&State>, options: &Options) -> Result<Plan, Error> {
    fits(graph, state)?;
    let gone = || state.iter().flat_map(|state| state.resources.keys()).filter(|address| !holds(graph, address));
    let addresses: Vec<&Address> = graph.resources.iter().map(|resource| &resource.address).chain(gone()).collect();
    select::check(options, &addresses.iter().copied())?;
    if let Some(service) = &options.service {
        scope::check(service, addresses.iter().copied())?;
    }

    let forced = |resource: &Resource| options.replace.iter().any(|selector| selector.matches(&resource.address));
    let mut decider = Decider {
        knowledge: Knowledge::new(graph, state, &options.account),
        lineage: state.map_or("", |state| &state.lineage),
        forced: &forced,
        orders: vec![None; graph.resources.len()],
    };
    let mut steps = Vec::new();
    let scope = options.scope();
    let own = |address: &Address| scope.holds(address.as_str());
    for address in graph.waves.iter().flatten() {
        let number = decider.knowledge.number_of(address);
        // What stands in other services counts as it is: it is theirs to change.
        let stands = decider.knowledge.records[number].is_some_and(|record| record.identifier.is_some());
        if own(address) || !stands {
            steps.extend(decider.decide(number));
        }
    }
    let changed = steps.iter().filter(|step| own(&step.address)).count();
    let unchanged = graph.resources.iter().filter(|resource| own(&resource.address)).count() - changed;
    if let Some(state) = state {
        steps.extend(gone().map(|address| leaving(address, &state.resources[address])));
    }
    let knowledge = decider.knowledge;
    let all: Vec<Address> = steps.iter().map(|step| step.address.clone()).collect();
    let (steps, mut warnings) = finish(steps, state, options)?;
    if let Some(state) = state {
        warnings.extend(rename::hints(&steps, state, &knowledge));
    }
    let kept: BTreeSet<&Address> = steps.iter().map(|step| &step.address).collect();
    let left_out: BTreeSet<&str> = all.iter().filter(|address| !kept.contains(address)).map(Address::as_str).collect();
    let mut outputs_changed = changed_outputs(&graph.outputs, state, (steps.as_slice(), &left_out), &knowledge);
    outputs_changed.retain(|name| scope.holds(name));
    crate::diagnostic::sort(&mut warnings);
    let mut plan = Plan {
        kind: Kind::new(),
        stack: graph.stack.clone(),
        environment: graph.environment.clone(),
        provider: graph.provider.clone(),
        backend: graph.backend.clone(),
        engine: options.engine,
        simulated: options.engine.is_simulated(),
        destroy: false,
        protect: graph.protect,
        digests: Digests {
            manifest: Some(graph.digests.manifest.clone()),
            graph: Some(graph.digest()),
            catalog: graph.digests.catalog.clone(),
        },
        base: base(state, &steps),
        steps,
        outputs: graph.outputs.clone(),
        outputs_changed,
        summary: Summary { unchanged, ..Summary::default() },
        warnings,
        root: graph.root.clone(),
        lock: graph.lock.clone(),
    };
    plan.count();
    plan.warn_of_deletes(state.map_or(0, |state| state.resources.len()));
    Ok(plan)
}

/// Plans to delete everything that the state holds.
pub fn destroy(state: &State, destination: Destination, options: &Options) -> Result<Plan, Error> {
    select::check(options, &state.resources.keys())?;
    if let Some(service) = &options.service {
        scope::check(service, state.resources.keys())?;
    }
    let steps = state.resources.iter().map(|(address, record)| Step { reason: "asked for".into(), ..leaving(address, record) }).collect();
    let (steps, mut warnings) = finish(steps, Some(state), options)?;
    crate::diagnostic::sort(&mut warnings);
    let going: BTreeSet<&Address> = steps.iter().map(|step| &step.address).collect();
    let staying: BTreeSet<&str> =
        state.resources.keys().filter(|address| !going.contains(address)).flat_map(|address| [address.component(), "_stack"]).collect();
    let stays = |name: &str| name.split_once('.').is_some_and(|(owner, _)| staying.contains(owner));
    let outputs: BTreeMap<String, Value> =
        state.outputs.iter().filter(|(name, _)| stays(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    let scope = options.scope();
    let outputs_changed = state.outputs.keys().filter(|name| !outputs.contains_key(*name) && scope.holds(name)).cloned().collect();
    let Destination { provider, backend, protect, root, lock } = destination;
    let mut plan = Plan {
        kind: Kind::new(),
        stack: state.stack.clone(),
        environment: state.environment.clone(),
        provider,
        backend,
        engine: options.engine,
        simulated: options.engine.is_simulated(),
        destroy: true,
        protect,
        digests: Digests { manifest: None, graph: None, catalog: catalog().version().to_owned() },
        base: base(Some(state), &steps),
        steps,
        outputs,
        outputs_changed,
        summary: Summary::default(),
        warnings,
        root,
        lock,
    };
    plan.count();
    Ok(plan)
}

/// Refuses documents that were not made for each other.
fn fits(graph: &Graph, state: Option<&State>) -> Result<(), Error> {
    let mut findings = Vec::new();
    if graph.digests.catalog != catalog().version() {
        findings.push(
            Diagnostic::new(
                P0007,
                format!("the graph was made with the catalog {}, and this panka has {}", graph.digests.catalog, catalog().version()),
            )
            .about("digests.catalog")
            .help("make the graph again with this panka: `panka graph`"),
        );
    }
    if let Some(state) = state.filter(|state| state.stack != graph.stack || state.environment != graph.environment) {
        findings.push(
            Diagnostic::new(
                P0007,
                format!(
                    "the graph is of {} in {}, and the state of {} in {}",
                    graph.stack, graph.environment, state.stack, state.environment
                ),
            )
            .help("give both verbs the same --stack and --environment"),
        );
    }
    Error::check(findings).map(drop)
}

fn holds(graph: &Graph, address: &Address) -> bool {
    graph.resources.binary_search_by(|resource| resource.address.cmp(address)).is_ok()
}

/// The step of a record that nothing wants any more.
fn leaving(address: &Address, record: &Record) -> Step {
    let op = if record.retain { Op::Forget } else { Op::Delete };
    let blocked = match unfinished(record) {
        Some(doing) => Some(pending(address, doing)),
        None if op == Op::Delete && record.protect => Some(protected_deletion(address)),
        None => None,
    };
    let reason = if record.retain { "no longer in the manifests; `retainOnDelete` leaves it in AWS" } else { "no longer in the manifests" };
    Step {
        address: address.clone(),
        op,
        type_name: record.type_name.clone(),
        component: record.component.clone(),
        reason: reason.to_owned(),
        changes: Vec::new(),
        replace_order: None,
        identifier: record.identifier.clone(),
        depends_on: Vec::new(),
        blocked,
        generation: record.generation,
        superseded: record.superseded.clone(),
        base: Some(Seen::of(record)),
        seconds: expected(&record.type_name, op),
        desired: None,
        source: None,
    }
}

/// Sorts, connects and selects steps, and passes on what blocks them. Refuses steps that wait for each other.
fn finish(mut steps: Vec<Step>, state: Option<&State>, options: &Options) -> Result<(Vec<Step>, Vec<Diagnostic>), Error> {
    steps.sort_by(|a, b| a.address.cmp(&b.address));
    held::block(&mut steps, state);
    let (bonds, mut taken_apart) = edges::settle(&mut steps, state);
    pass_on_blocks(&mut steps, &bonds);
    let all = steps.len();
    let mut warnings = Vec::new();
    if let Some(service) = &options.service {
        scope::check_needs(&steps, &bonds, service)?;
        scope::check_users(&steps, state, service)?;
    }
    let mut steps = select::select(steps, &bonds, options, &mut warnings);
    if let Some(service) = &options.service {
        steps.retain(|step| step.address.service() == service);
    }
    if steps.len() < all {
        taken_apart = edges::settle(&mut steps, state).1;
        Error::check(state.map_or_else(Vec::new, |state| edges::left_holding(&steps, state)))?;
    }
    check_order(&taken_apart.nodes, &steps)?;
    if let Some(state) = state {
        announce_snapshots(&mut steps, state);
    }
    for step in &steps {
        if let Some(blocked) = step.blocked.as_ref().filter(|blocked| blocked.code == P8006) {
            warnings.push(
                Diagnostic::new(P8006, blocked.message.clone())
                    .warning()
                    .at(step.source.clone())
                    .about(&step.address)
                    .help("`panka apply` settles it first; `panka state resolve` where it cannot"),
            );
        }
    }
    Ok((steps, warnings))
}

/// Says of which databases a last snapshot is made.
fn announce_snapshots(steps: &mut [Step], state: &State) {
    for step in steps.iter_mut().filter(|step| matches!(step.op, Op::Delete | Op::Replace)) {
        if state.resources.get(&step.address).is_some_and(|record| record.final_snapshot && !record.retain) {
            step.reason.push_str("; a last snapshot is made first");
        }
    }
}

/// Blocks every step that needs a blocked one, or is bound to one.
pub(super) fn pass_on_blocks(steps: &mut [Step], bonds: &[Bond]) {
    let mut open: VecDeque<usize> = (0..steps.len()).filter(|n| steps[*n].blocked.is_some()).collect();
    if open.is_empty() {
        return;
    }
    let users = select::needs(steps, bonds).users();
    while let Some(need) = open.pop_front() {
        for user in users[need].iter().copied() {
            if steps[user].blocked.is_none() {
                let message = format!("`{}` needs `{}`, which is blocked", steps[user].address, steps[need].address);
                steps[user].blocked = Some(Blocked { code: P8003, message });
                open.push_back(user);
            }
        }
    }
}

/// What the plan was compared with.
fn base(state: Option<&State>, steps: &[Step]) -> Base {
    let reads = reads(state, steps);
    match state {
        Some(state) => {
            Base { lineage: Some(state.lineage.clone()), serial: state.serial, digest: Some(Digest::of_written(&state.resources)), reads }
        }
        None => Base { lineage: None, serial: 0, digest: None, reads },
    }
}

/// Records that steps refer to and do not change.
pub(super) fn reads(state: Option<&State>, steps: &[Step]) -> BTreeMap<Address, Seen> {
    let mut reads = BTreeMap::new();
    let Some(state) = state else { return reads };
    let own: BTreeSet<&str> = steps.iter().map(|step| step.address.as_str()).collect();
    for value in steps.iter().filter_map(|step| step.desired.as_ref()).flat_map(|desired| desired.properties.values()) {
        references(value, &mut |address, _| {
            if own.contains(address) {
                return;
            }
            if let Some((address, record)) = state.resources.get_key_value(address) {
                reads.entry(address.clone()).or_insert_with(|| Seen::of(record));
            }
        });
    }
    reads
}

/// Names of outputs that differ from the state, or will. Those of components of which a step is left out, or that refer to such a step, stay
/// as they are; one that waits for something without a step does not count.
fn changed_outputs(
    outputs: &BTreeMap<String, Value>,
    state: Option<&State>,
    (steps, left_out): (&[Step], &BTreeSet<&str>),
    knowledge: &Knowledge<'_>,
) -> Vec<String> {
    let own: BTreeSet<&str> = steps.iter().map(|step| step.address.as_str()).collect();
    let components: BTreeSet<&str> =
        left_out.iter().filter_map(|address| address.rsplit_once('/')).map(|(component, _)| component).collect();
    let owned = |name: &str| name.split_once('.').is_some_and(|(owner, _)| components.contains(owner));
    let recorded = |name: &str| state.and_then(|state| state.outputs.get(name));
    let differs = |name: &str, value: &Value| {
        let (mut waits, mut reachable) = (false, false);
        references(value, &mut |address, _| {
            waits |= left_out.contains(address);
            reachable |= own.contains(address);
        });
        let value = resolve(value, knowledge);
        !waits && if is_unknown(&value) { reachable } else { recorded(name) != Some(&super::plain(value)) }
    };
    let mut changed: Vec<String> = Vec::new();
    for (name, value) in outputs {
        if !owned(name) && differs(name, value) {
            changed.push(name.clone());
        }
    }
    let gone = state.iter().flat_map(|state| state.outputs.keys()).filter(|name| !outputs.contains_key(*name) && !owned(name));
    changed.extend(gone.cloned());
    changed.sort_unstable();
    changed
}
