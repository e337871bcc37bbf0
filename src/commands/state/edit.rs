//! State verbs that write. Each takes the lock, journals one edit, folds, and frees the lock: the same path as a run.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::{lines, restore};
use crate::address::{Address, AddressError, Selector};
use crate::answers::Resources;
use crate::apply::Run;
use crate::commands::Outcome;
use crate::commands::input;
use crate::commands::opened::Opened;
use crate::commands::selection::selectors;
use crate::commands::session::Session;
use crate::components::rule;
use crate::diagnostic::codes::command::{P0014, P0017};
use crate::diagnostic::codes::lock::P6002;
use crate::diagnostic::codes::state::{P7002, P7004, P7006, P7009, P7012, P7014};
use crate::diagnostic::{Diagnostic, Error};
use crate::lock::Lease;
use crate::state::ops::Found;
use crate::state::{Edit, Refused, Scope, State, What, faults, ops, read_orphans};

/// What a verb does: its name in the journal, and the word for what it has done.
struct Verb {
    operation: &'static str,
    done: &'static str,
}

/// Forgets resources.
pub(super) async fn remove(session: &Session, texts: &[String], dry_run: bool) -> Result<Outcome, Error> {
    let wanted = selectors(texts)?;
    let verb = Verb { operation: "state rm", done: if dry_run { "would forget" } else { "forgot" } };
    edit(session, &verb, dry_run, |state| for_each(state, &wanted, ops::remove)).await
}

/// Renames a resource, a component or a service.
pub(super) async fn rename(session: &Session, from: &str, to: &str, dry_run: bool) -> Result<Outcome, Error> {
    let verb = Verb { operation: "state mv", done: if dry_run { "would rename" } else { "renamed" } };
    let named = RefCell::default();
    let renamed = edit(session, &verb, dry_run, |state| {
        *named.borrow_mut() = named_after(state, from);
        ops::rename(state, from, to)
    });
    let outcome = renamed.await?;
    Ok(outcome.warn(keeps_its_name(&named.into_inner()).into_iter().collect()))
}

/// The resources whose physical names were made from their address.
fn named_after(state: &State, from: &str) -> Vec<Address> {
    let moved = |address: &Address| address.as_str().strip_prefix(from).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let named = state.resources.iter().filter(|(address, record)| {
        let rule = rule(&record.type_name);
        let name = rule.and_then(|rule| record.properties.get(rule.property)).and_then(Value::as_str);
        moved(address) && name.is_some_and(|name| name.starts_with(&format!("{}-{}-", state.stack, state.environment)))
    });
    named.map(|(address, _)| address.clone()).collect()
}

/// Says that physical names do not move along.
fn keeps_its_name(named: &[Address]) -> Option<Diagnostic> {
    let (first, others) = named.split_first()?;
    let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
    let finding = Diagnostic::new(P7014, format!("`{first}`{more} keeps the physical name that was made from its old address"))
        .warning()
        .help("where the manifests make another name of the new address, the next plan replaces it, unless they set `name` to the one that it has: look at `panka plan` first");
    Some(finding)
}

/// Sets or lifts protection.
pub(super) async fn protect(session: &Session, texts: &[String], on: bool) -> Result<Outcome, Error> {
    let wanted = selectors(texts)?;
    let verb = match on {
        true => Verb { operation: "state protect", done: "protected" },
        false => Verb { operation: "state unprotect", done: "unprotected" },
    };
    edit(session, &verb, false, |state| for_each(state, &wanted, |state, selector| ops::protect(state, selector, on))).await
}

/// Says what became of a pending step.
pub(super) async fn resolve(session: &Session, address: &str, identifier: Option<&str>, absent: bool) -> Result<Outcome, Error> {
    let address: Address = address
        .parse()
        .map_err(|error: AddressError| Diagnostic::new(P7006, error.to_string()).help("`panka state list` lists the addresses"))?;
    let found = match (identifier, absent) {
        (Some(identifier), _) => Found::Instance(identifier.to_owned()),
        (None, true) => Found::Nothing,
        (None, false) => {
            return Err(Diagnostic::new(P0017, "what became of the step is not said")
                .help("give --identifier ID if the resource exists, or --absent if it does not")
                .into());
        }
    };
    let verb = Verb { operation: "state resolve", done: "resolved" };
    edit(session, &verb, false, |state| ops::resolve(state, &address, &found)).await
}

/// Journals the answers and results that a run could not journal any more, where somebody still waits for them.
pub(super) async fn feed_back(session: &Session, file: &Path) -> Result<Outcome, Error> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(session.context.cwd.join(file))
        .map_err(|error| Diagnostic::new(P0014, format!("`{name}` cannot be read: {error}")))?;
    let opened = Opened::here(session).await?;
    let state = opened.load().await?;
    let (awaited, idle) = read_orphans(&text, &name, &state)?;
    let note = (idle > 0).then(|| Diagnostic::new(P7009, format!("{idle} of the lines say nothing that is still awaited")).warning());
    if awaited.is_empty() {
        return Ok(Outcome::document(settled(&state, &[])).warn(note.into_iter().collect()));
    }
    let request = opened.request(session, "state resolve", Scope::Stack);
    let _minding = session.stop.mind();
    let (lease, writing) = opened.locker.open(&opened.place, &request, &opened.clock.id(), opened.begin(session, "state resolve")).await?;
    session.holds(&opened, &lease);
    let fed = async {
        // Read again under the lock: who held it before may have settled some of them.
        let (awaited, _) = read_orphans(&text, &name, &writing.state())?;
        if !awaited.is_empty() {
            writing.append(awaited.clone()).await?;
        }
        writing.finish(0, |_| None::<Run>).await?;
        Ok::<_, Error>(settled(&writing.state(), &awaited))
    }
    .await;
    let released = session.give_back(lease).await;
    Ok(Outcome::document(fed?).warn(note.into_iter().chain(opened.shortcomings().await).chain(released?).collect()))
}

/// The records that entries are about.
fn settled(state: &State, entries: &[What]) -> Resources {
    let named: BTreeSet<&Address> = entries.iter().filter_map(What::address).collect();
    let records = state.resources.iter().filter(|(address, _)| named.contains(address));
    let resources = records.map(|(address, record)| (address.clone(), record.clone())).collect();
    lines(&State { resources, ..state.clone() }, Some("settled"))
}

/// Replaces the stored state.
pub(super) async fn push(session: &Session, file: Option<&Path>, force: bool) -> Result<Outcome, Error> {
    let (text, source) = match file {
        Some(path) => {
            let read = std::fs::read_to_string(session.context.cwd.join(path));
            let text = read.map_err(|error| Diagnostic::new(P0014, format!("`{}` cannot be read: {error}", path.display())))?;
            (text, path.display().to_string())
        }
        None if session.context.stdin_is_open() => (session.context.read_stdin()?, "standard input".to_owned()),
        None => {
            return Err(Diagnostic::new(P0017, "no state is given")
                .help("give a file, or pipe one in: panka state pull … | panka state push …")
                .into());
        }
    };
    // Says clearly what is wrong with a text that is no document at all.
    input::sniff(&text, &source)?;
    let pushed = crate::state::parse_snapshot(&text, &source)?;
    let stack = session.global.stack.as_deref().unwrap_or(&pushed.stack);
    let environment = session.global.environment.as_deref().unwrap_or(&pushed.environment);
    // A copy of another place is refused before anything is looked at, and whatever stands there.
    for (what, flag, wanted, found) in [("stack", "-s", stack, &pushed.stack), ("environment", "-e", environment, &pushed.environment)] {
        if wanted != found {
            return Err(Diagnostic::new(P7004, format!("the pushed state is of the {what} `{found}`, and {flag} says `{wanted}`"))
                .help(format!("give {flag} {found}, or leave it out"))
                .into());
        }
    }
    let mut opened = Opened::at(session, stack, environment).await?;
    opened.place = opened.place.with_lineage(&pushed.lineage);
    let verb = Verb { operation: "state push", done: "pushed" };
    match edit_at(&opened, session, &verb, false, |state| ops::push(state, &pushed, force)).await {
        // A copy is what helps where the state is damaged or gone.
        Err(error) if error.findings().iter().any(|finding| [P7002, P7012].contains(&finding.code)) => {
            restore::put_back(session, &opened, (verb.operation, verb.done), &pushed).await
        }
        pushed => pushed,
    }
}

/// The edits of an operation on several selectors, one after the other, as one.
fn for_each(state: &State, wanted: &[Selector], operation: impl Fn(&State, &Selector) -> Result<Edit, Error>) -> Result<Edit, Error> {
    fn put<K: Ord + Clone, V: Clone>(values: &mut BTreeMap<K, V>, changes: &BTreeMap<K, Option<V>>) {
        for (key, change) in changes {
            match change {
                Some(value) => drop(values.insert(key.clone(), value.clone())),
                None => drop(values.remove(key)),
            }
        }
    }
    let mut work = state.clone();
    let mut merged = Edit::default();
    for selector in wanted {
        // A selector whose resources an earlier one has taken already is no mistake.
        let part = match operation(&work, selector) {
            Err(_)
                if state.resources.keys().any(|address| selector.matches(address))
                    && !work.resources.keys().any(|address| selector.matches(address)) =>
            {
                continue;
            }
            part => part?,
        };
        put(&mut work.resources, &part.resources);
        put(&mut work.outputs, &part.outputs);
        merged.resources.extend(part.resources);
        merged.outputs.extend(part.outputs);
    }
    Ok(merged)
}

async fn edit(session: &Session, verb: &Verb, dry_run: bool, make: impl Fn(&State) -> Result<Edit, Error>) -> Result<Outcome, Error> {
    let opened = Opened::here(session).await?;
    edit_at(&opened, session, verb, dry_run, make).await
}

/// Makes an edit of the state under the lock. `make` gives the edit; the outcome shows the records that it touches.
async fn edit_at(
    opened: &Opened,
    session: &Session,
    verb: &Verb,
    dry_run: bool,
    make: impl Fn(&State) -> Result<Edit, Error>,
) -> Result<Outcome, Error> {
    let state = opened.load().await?;
    let planned = make(&state)?;
    // Nothing to change takes no lock and writes nothing.
    if dry_run || planned.is_empty() {
        return Ok(Outcome::document(touched(&state, &planned, verb.done)));
    }
    let request = opened.request(session, verb.operation, Scope::Stack);
    let _minding = session.stop.mind();
    let lease = opened.locker.acquire(opened.place.stack(), opened.place.environment(), &request).await?;
    session.holds(opened, &lease);
    let written = write(opened, session, verb.operation, &lease, &make).await;
    let released = session.give_back(lease).await;
    let (before, edit, serial) = written?;
    let mut resources = touched(&before, &edit, verb.done);
    resources.serial = serial;
    Ok(Outcome::document(resources).warn(opened.shortcomings().await.into_iter().chain(released?).collect()))
}

async fn write(
    opened: &Opened,
    session: &Session,
    operation: &str,
    lease: &Lease,
    make: &impl Fn(&State) -> Result<Edit, Error>,
) -> Result<(State, Edit, u64), Error> {
    let (run, started) = (opened.clock.id(), opened.clock.stamp());
    let begin = opened.begin(session, operation);
    let by = begin.by.clone();
    let writing = lease.enter(&opened.place, &run, begin).await.map_err(|refused| match refused {
        Refused::Error(error) => error,
        other => Diagnostic::new(P6002, other.to_string()).help("run the command again").into(),
    })?;
    let before = writing.state();
    let edit = make(&before)?;
    sound(&before.after(&edit), operation)?;
    writing.edit(edit.clone()).await?;
    let record = |serial| Run::of_edit(operation, &run, &before, serial, (&started, &opened.clock.stamp()), &by);
    let folded = writing.finish(0, |folded| Some(record(folded.serial))).await?;
    Ok((before, edit, folded.serial))
}

/// Refuses an edit after which nobody could work with the state any more. Edges to what goes are mended when the snapshot is written.
fn sound(after: &State, operation: &str) -> Result<(), Error> {
    let findings = faults(after).into_iter().map(|fault| {
        Diagnostic::new(P7009, format!("{operation} would leave a state that is not sound: {fault}"))
            .help("`panka state list` shows what the state has")
    });
    Error::check(findings.collect()).map(drop)
}

/// The records that an edit is about: those that go, as they were, when it only removes and mends edges; else those that are set.
fn touched(before: &State, edit: &Edit, done: &str) -> Resources {
    let known = |address: &Address| before.resources.get(address);
    let is_new = |address: &Address| known(address).is_none();
    let removes = edit.resources.values().any(Option::is_none) && !edit.resources.keys().any(is_new);
    let shown = edit.resources.iter().filter_map(|(address, record)| match record {
        None if removes => Some((address.clone(), known(address)?.clone())),
        Some(record) if !removes => Some((address.clone(), record.clone())),
        _ => None,
    });
    lines(&State { resources: shown.collect(), ..before.clone() }, Some(done))
}
