use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::state::tests::{address, begin, intent, journal, object, outcome, record, sample};
use crate::state::{Accepted, faults, snapshot_bytes};

const DB: &str = "a/db/instance";

/// The record at `DB` after these entries, each an object of its own.
fn after(start: Option<Record>, entries: Vec<What>) -> Option<Record> {
    let mut state = State::empty("shop", "dev", "lineage-1");
    if let Some(record) = start {
        state.resources.insert(address(DB), record);
    }
    for (seq, what) in (1..).zip(entries) {
        fold(&mut state, &journal(7, seq, "stack", vec![what])).unwrap();
        assert_eq!(faults(&state), Vec::new());
    }
    state.resources.remove(DB)
}

fn call(op: Operation, token: &str, identifier: Option<&str>) -> What {
    What::Intent(Box::new(intent(DB, op, token, identifier)))
}

fn end(op: Operation, token: &str, ended: Ended, identifier: Option<&str>) -> What {
    What::Result(Box::new(outcome(DB, op, token, ended, identifier)))
}

use Operation::{Create, Delete, Update};

#[test]
fn a_create_goes_from_nothing_over_creating_to_ready() {
    let record = after(None, vec![call(Create, "t", None)]).unwrap();
    assert_eq!((record.status, record.identifier.as_deref()), (Status::Creating, None));
    assert_eq!(record.pending.unwrap().epoch, 7);
    let record = after(None, vec![call(Create, "t", None), end(Create, "t", Ended::Done, Some("db-1"))]).unwrap();
    assert_eq!((record.status, record.identifier.as_deref()), (Status::Ready, Some("db-1")));
    assert_eq!(record.pending, None);
    assert_eq!(record.properties, object(json!({"QueueName": "t"})));
    assert_eq!(record.created.run, "run-7");
}

#[test]
fn a_create_that_failed_leaves_what_was_seen_of_it() {
    assert_eq!(after(None, vec![call(Create, "t", None), end(Create, "t", Ended::Failed, None)]), None);
    assert_eq!(after(None, vec![call(Create, "t", None), end(Create, "t", Ended::Absent, None)]), None);
    let record = after(None, vec![call(Create, "t", None), end(Create, "t", Ended::Failed, Some("db-1"))]).unwrap();
    assert_eq!((record.status, record.identifier.as_deref(), record.partial), (Status::Failed, Some("db-1"), true));
}

#[test]
fn an_identifier_that_only_the_answer_named_is_kept() {
    let answer = Accepted { request: Some("r".into()), identifier: Some("db-1".into()) };
    let accepted = What::Accepted(AcceptedEntry { address: address(DB), token: "t".into(), answer: answer.clone() });
    let record = after(None, vec![call(Create, "t", None), accepted.clone()]).unwrap();
    assert_eq!(record.pending.unwrap().accepted, Some(answer));
    let record = after(None, vec![call(Create, "t", None), accepted, end(Create, "t", Ended::Failed, None)]).unwrap();
    assert_eq!((record.status, record.identifier.as_deref()), (Status::Failed, Some("db-1")));
}

#[test]
fn an_update_ends_ready_failed_or_as_before() {
    let old = record("db-1", &[]);
    let run = |ended| after(Some(old.clone()), vec![call(Update, "t", Some("db-1")), end(Update, "t", ended, None)]).unwrap();
    let pending = after(Some(old.clone()), vec![call(Update, "t", Some("db-1"))]).unwrap();
    assert_eq!((pending.status, &pending.properties), (Status::Updating, &old.properties));
    let done = run(Ended::Done);
    assert_eq!((done.status, done.identifier.as_deref()), (Status::Ready, Some("db-1")));
    assert_eq!(done.properties, object(json!({"QueueName": "t"})));
    assert_eq!(done.created, old.created);
    let failed = run(Ended::Failed);
    assert_eq!((failed.status, &failed.properties), (Status::Failed, &old.properties));
    assert_eq!(run(Ended::Absent), old);
}

#[test]
fn a_delete_ends_in_nothing_failed_or_as_before() {
    let old = record("db-1", &[]);
    let run = |ended| after(Some(old.clone()), vec![call(Delete, "t", Some("db-1")), end(Delete, "t", ended, None)]);
    assert_eq!(after(Some(old.clone()), vec![call(Delete, "t", Some("db-1"))]).unwrap().status, Status::Deleting);
    assert_eq!(run(Ended::Done), None);
    assert_eq!(run(Ended::Failed).unwrap().status, Status::Failed);
    assert_eq!(run(Ended::Absent).unwrap(), old);
}

#[test]
fn a_create_first_replacement_keeps_the_old_instance_until_it_is_deleted() {
    let old = record("db-1", &[]);
    let mut create = intent(DB, Create, "t1", None);
    create.meta.generation = 1;
    let create = What::Intent(Box::new(create));
    let mut delete = intent(DB, Delete, "t2", Some("db-1"));
    delete.superseded = true;
    let delete = What::Intent(Box::new(delete));
    let making = after(Some(old.clone()), vec![create.clone()]).unwrap();
    assert_eq!((making.status, making.identifier.as_deref()), (Status::Updating, Some("db-1")));
    let made = vec![create, end(Create, "t1", Ended::Done, Some("db-2"))];
    let both = after(Some(old.clone()), made.clone()).unwrap();
    assert_eq!((both.status, both.identifier.as_deref(), both.generation), (Status::Ready, Some("db-2"), 1));
    assert_eq!(both.superseded.iter().map(|old| (old.identifier.as_str(), old.partial)).collect::<Vec<_>>(), [("db-1", false)]);
    let deleting = after(Some(old.clone()), [made.clone(), vec![delete.clone()]].concat()).unwrap();
    assert_eq!((deleting.status, deleting.identifier.as_deref()), (Status::Updating, Some("db-2")));
    let failed = after(Some(old.clone()), [made.clone(), vec![delete.clone(), end(Delete, "t2", Ended::Failed, None)]].concat());
    assert_eq!(failed.unwrap(), both);
    let done = after(Some(old), [made, vec![delete, end(Delete, "t2", Ended::Done, None)]].concat()).unwrap();
    assert_eq!((done.status, done.identifier.as_deref(), done.superseded.len()), (Status::Ready, Some("db-2"), 0));
}

#[test]
fn a_replacement_that_failed_leaves_the_old_instance_in_place() {
    let old = record("db-1", &[]);
    let nothing = after(Some(old.clone()), vec![call(Create, "t", None), end(Create, "t", Ended::Failed, None)]).unwrap();
    assert_eq!(nothing, old);
    let partial = after(Some(old.clone()), vec![call(Create, "t", None), end(Create, "t", Ended::Failed, Some("db-2"))]).unwrap();
    assert_eq!((partial.status, partial.identifier.as_deref()), (Status::Ready, Some("db-1")));
    assert_eq!(partial.superseded.iter().map(|old| (old.identifier.as_str(), old.partial)).collect::<Vec<_>>(), [("db-2", true)]);
}

#[test]
fn deleting_the_new_instance_first_does_not_forget_the_old_one() {
    let entries = vec![
        call(Create, "t1", None),
        end(Create, "t1", Ended::Done, Some("db-2")),
        call(Delete, "t2", Some("db-2")),
        end(Delete, "t2", Ended::Done, None),
    ];
    let left = after(Some(record("db-1", &[])), entries).unwrap();
    assert_eq!((left.status, left.identifier.as_deref(), left.superseded.len()), (Status::Failed, Some("db-1"), 0));
}

#[test]
fn entries_that_were_journaled_twice_count_once() {
    let entries = vec![call(Create, "t", None), end(Create, "t", Ended::Done, Some("db-1"))];
    let twice = [entries[0].clone(), entries[0].clone(), entries[1].clone(), entries[1].clone()];
    assert_eq!(after(None, twice.to_vec()), after(None, entries));
}

#[test]
fn entries_that_cannot_be_are_refused() {
    let mut state = sample();
    let two = journal(2, 1, "stack", vec![call(Update, "t1", None), call(Update, "t2", None)]);
    assert!(matches!(fold(&mut state, &two), Err(FoldError::TwoIntents { .. })));
    let mut state = State::empty("shop", "dev", "lineage-1");
    assert!(matches!(fold(&mut state, &journal(2, 1, "stack", vec![call(Delete, "t", None)])), Err(FoldError::NoRecord { .. })));
    let nameless = journal(2, 1, "stack", vec![call(Create, "t", None), end(Create, "t", Ended::Done, None)]);
    assert!(matches!(fold(&mut State::empty("shop", "dev", "lineage-1"), &nameless), Err(FoldError::NoIdentifier { .. })));
    let mut state = State::empty("shop", "dev", "other");
    assert!(matches!(fold(&mut state, &begin(1, 1)), Err(FoldError::Foreign { .. })));
}

#[test]
fn edges_to_nothing_are_dropped_and_given_back() {
    let mut state = sample();
    state.resources.remove(DB);
    let dropped = prune(&mut state);
    assert_eq!(faults(&state), Vec::new());
    assert_eq!(dropped, [(address("b/jobs/queue"), vec![address(DB)])]);
    assert_eq!(prune(&mut state), Vec::new());
}

/// One of the calls of a little provider, chosen by a number: always one that fits the record.
fn random_entry(state: &State, at: &str, choice: u8, count: usize) -> What {
    let token = format!("{at}-{count}");
    let identifier = format!("{at}#{count}");
    match state.resources.get(at) {
        None => What::Intent(Box::new(intent(at, Create, &token, None))),
        Some(Record { pending: Some(pending), .. }) => {
            let (token, op) = (pending.intent.token.clone(), pending.intent.op);
            let (ended, seen) = match choice % 5 {
                0 | 1 => (Ended::Done, (op == Create).then_some(identifier)),
                2 => (Ended::Failed, None),
                3 => (Ended::Failed, (op == Create).then_some(identifier)),
                _ => (Ended::Absent, None),
            };
            What::Result(Box::new(outcome(at, op, &token, ended, seen.as_deref())))
        }
        Some(record) => {
            let own = record.identifier.as_deref();
            let mut call = match choice % 4 {
                0 => intent(at, Create, &token, None),
                1 => intent(at, Update, &token, own),
                _ => intent(at, Delete, &token, own),
            };
            if choice % 4 == 3
                && let Some(old) = record.superseded.first()
            {
                call.identifier = Some(old.identifier.clone());
                call.superseded = true;
            }
            What::Intent(Box::new(call))
        }
    }
}

/// A journal over one service's resources that fits an empty state.
fn random_journal(epoch: u64, service: &str, choices: &[u8]) -> Vec<Journal> {
    let mut state = State::empty("shop", "dev", "lineage-1");
    let mut objects = Vec::new();
    for (count, pair) in choices.chunks(2).enumerate() {
        let at = format!("{service}/c/r{}", pair[0] % 3);
        let what = random_entry(&state, &at, *pair.last().unwrap(), count);
        let object = journal(epoch, count as u64 + 1, &format!("service:{service}"), vec![what]);
        fold(&mut state, &object).unwrap();
        objects.push(object);
    }
    objects
}

fn fold_all<'a>(objects: impl IntoIterator<Item = &'a Journal>) -> State {
    let mut state = State::empty("shop", "dev", "lineage-1");
    for object in objects {
        fold(&mut state, object).unwrap();
    }
    state
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(choices in prop::collection::vec(any::<u8>(), 0..60), cut in any::<prop::sample::Index>()) {
        let objects = random_journal(1, "a", &choices);
        let once = fold_all(&objects);
        prop_assert_eq!(&fold_all(objects.iter().chain(&objects)), &once);
        if !objects.is_empty() {
            let cut = cut.index(objects.len());
            prop_assert_eq!(&fold_all(objects[..cut].iter().chain(&objects)), &once, "a fold that died half-way is repeated");
        }
    }

    #[test]
    fn every_prefix_of_a_journal_folds_to_a_sound_state(choices in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut state = State::empty("shop", "dev", "lineage-1");
        for object in random_journal(1, "a", &choices) {
            fold(&mut state, &object).unwrap();
            prop_assert_eq!(faults(&state), Vec::new());
        }
    }

    #[test]
    fn nothing_that_a_call_made_is_forgotten(choices in prop::collection::vec(any::<u8>(), 0..80)) {
        // What the results say was made and not deleted stands in the state, and nothing else does.
        let objects = random_journal(1, "a", &choices);
        let mut alive = std::collections::BTreeSet::new();
        let mut calls = std::collections::BTreeMap::new();
        for entry in objects.iter().flat_map(|object| &object.entries) {
            match &entry.what {
                What::Intent(intent) => drop(calls.insert(intent.token.clone(), intent.clone())),
                What::Result(outcome) => {
                    if outcome.op == Create && outcome.ended != Ended::Absent {
                        alive.extend(outcome.identifier.clone());
                    }
                    if outcome.op == Delete && outcome.ended == Ended::Done {
                        alive.remove(calls[&outcome.token].identifier.as_ref().unwrap());
                    }
                }
                _ => {}
            }
        }
        let state = fold_all(&objects);
        let known: std::collections::BTreeSet<String> = state
            .resources
            .values()
            .flat_map(|record| record.identifier.iter().chain(record.superseded.iter().map(|old| &old.identifier)))
            .cloned()
            .collect();
        prop_assert_eq!(known, alive);
    }

    #[test]
    fn two_services_commute(a in prop::collection::vec(any::<u8>(), 0..40), b in prop::collection::vec(any::<u8>(), 0..40)) {
        let (a, b) = (random_journal(1, "a", &a), random_journal(2, "b", &b));
        let (mut one, mut other) = (fold_all(a.iter().chain(&b)), fold_all(b.iter().chain(&a)));
        prop_assert_eq!(snapshot_bytes(&mut one), snapshot_bytes(&mut other));
    }
}
