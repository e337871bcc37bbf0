use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::*;
use crate::account::EngineKind;
use crate::clock::tests::TestClock;
use crate::diagnostic::codes::lock::P6002;
use crate::diagnostic::codes::state::{P7004, P7005, P7008};
use crate::state::store::{Expected, FileStore, MemoryStore, Store};
use crate::state::tests::{address, beginning, intent, outcome, record};
use crate::state::{Ended, Status, journal_bytes, snapshot_bytes};

async fn on_all(check: impl AsyncFn(Place)) {
    let directory = tempfile::tempdir().unwrap();
    for store in [Store::File(FileStore::new(directory.path())), Store::Memory(MemoryStore::default())] {
        check(Place::open(store, TestClock::shared(), "shop", "dev")).await;
    }
}

fn memory() -> Place {
    Place::open(Store::Memory(MemoryStore::default()), TestClock::shared(), "shop", "dev")
}

fn grant(epoch: u64) -> Grant {
    Grant::new(Scope::Stack, epoch, async || Ok(()))
}

fn service(name: &str, epoch: u64, live: &[u64]) -> Grant {
    let mut grant = Grant::new(Scope::Service(name.into()), epoch, async || Ok(()));
    grant.live = live.iter().copied().collect();
    grant
}

async fn open(place: &Place, grant: Grant) -> Session {
    let run = format!("run-{}", grant.epoch);
    place.begin(grant, run, beginning()).await.unwrap()
}

fn create(at: &str, token: &str) -> What {
    What::Intent(Box::new(intent(at, Operation::Create, token, None)))
}

fn created(at: &str, token: &str, identifier: &str) -> What {
    What::Result(Box::new(outcome(at, Operation::Create, token, Ended::Done, Some(identifier))))
}

async fn make(session: &Session, at: &str, identifier: &str) {
    session.append(vec![create(at, at)]).await.unwrap();
    session.append(vec![created(at, at, identifier)]).await.unwrap();
}

async fn finish(session: &Session) -> Folded {
    session.finish(0, |_| None::<()>).await.unwrap()
}

async fn names(place: &Place) -> Vec<String> {
    let prefix = place.key("");
    place.store().list(&prefix).await.unwrap().iter().map(|key| key[prefix.len()..].to_owned()).collect()
}

#[tokio::test]
async fn a_place_where_nothing_ran_is_empty_and_stays_so() {
    on_all(async |place| {
        let loaded = place.load().await.unwrap();
        assert!(!loaded.state.exists());
        assert_eq!((loaded.highest_epoch(), loaded.tag), (0, None));
        let session = open(&place, grant(1)).await;
        assert_eq!(finish(&session).await.bytes, 0);
        assert_eq!(names(&place).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_run_leaves_a_snapshot_and_its_record() {
    on_all(async |place| {
        let session = open(&place, grant(1)).await;
        make(&session, "a/db/instance", "db-1").await;
        assert_eq!(names(&place).await.len(), 2, "begin and intent share an object");
        let folded = session.finish(0, |folded| Some(serde_json::json!({"serial": folded.serial}))).await.unwrap();
        assert_eq!((folded.serial, folded.objects), (1, 3));
        assert_eq!(names(&place).await, ["runs/run-1.json", "state.json"]);
        let loaded = place.load().await.unwrap();
        assert_eq!(loaded.state, place.load().await.unwrap().state);
        assert_eq!((loaded.state.serial, loaded.state.epoch), (1, 1));
        assert_eq!(loaded.state.engine, Some(EngineKind::Local));
        assert_eq!(loaded.state.lineage, session.lineage());
        assert_eq!(loaded.state.fences, BTreeMap::from([("stack".to_owned(), 1)]));
        assert_eq!(loaded.state.resources[&address("a/db/instance")].identifier.as_deref(), Some("db-1"));
        assert_eq!(place.run("run-1").await.unwrap().unwrap()["serial"], 1);
        assert_eq!(place.run("../state").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn readers_without_a_lock_see_what_is_journaled() {
    on_all(async |place| {
        let session = open(&place, grant(1)).await;
        session.append(vec![create("a/db/instance", "t")]).await.unwrap();
        let loaded = place.load().await.unwrap();
        assert_eq!(loaded.state.pending().count(), 1);
        assert_eq!((loaded.state.serial, loaded.state.digest, loaded.unfolded.len()), (0, None, 1));
    })
    .await;
}

#[tokio::test]
async fn a_run_that_died_is_picked_up_by_the_next() {
    on_all(async |place| {
        let dead = open(&place, grant(1)).await;
        make(&dead, "a/db/instance", "db-1").await;
        dead.append(vec![create("a/jobs/queue", "t")]).await.unwrap();
        let next = open(&place, grant(2)).await;
        assert_eq!(next.sealed(), &BTreeSet::from([1]));
        assert_eq!(next.interrupted().iter().map(|run| run.run.as_str()).collect::<Vec<_>>(), ["run-1"]);
        assert_eq!(next.lineage(), dead.lineage());
        let [(at, pending)] = &next.pending()[..] else { panic!("one intent is pending") };
        assert_eq!((at.as_str(), pending.intent.token.as_str(), pending.epoch), ("a/jobs/queue", "t", 1));
        assert_eq!(names(&place).await, ["journal/0000000001-00000004.json", "state.json"], "the seal stays");
        let state = place.load().await.unwrap().state;
        assert_eq!((state.serial, state.folded[&1]), (1, 4));
        // The old holder wakes: it can journal nothing, and write no snapshot.
        let late = dead.append(vec![created("a/jobs/queue", "t", "jobs-1")]).await;
        assert!(matches!(late, Err(JournalError::Lost(_))), "{late:?}");
        let late = dead.fold().await.unwrap_err();
        assert_eq!(late.findings()[0].code, P6002);
        assert_eq!(place.load().await.unwrap().state, state);
        // What the dead run began can be ended by its token.
        next.append(vec![created("a/jobs/queue", "t", "jobs-1")]).await.unwrap();
        finish(&next).await;
        assert_eq!(place.load().await.unwrap().state.resources["a/jobs/queue"].status, Status::Ready);
    })
    .await;
}

#[tokio::test]
async fn an_epoch_that_was_taken_over_is_sealed_even_if_it_wrote_nothing() {
    let place = memory();
    make_and_finish(&place, 1).await;
    let paused = open(&place, grant(2)).await;
    let mut taker = grant(3);
    taker.unsealed = BTreeSet::from([2]);
    let taker = open(&place, taker).await;
    assert_eq!(taker.sealed(), &BTreeSet::from([2]));
    assert!(matches!(paused.append(vec![create("a/x/y", "t")]).await, Err(JournalError::Lost(_))));
    assert_eq!(paused.fold().await.unwrap_err().findings()[0].code, P6002);
}

async fn make_and_finish(place: &Place, epoch: u64) {
    let session = open(place, grant(epoch)).await;
    make(&session, &format!("a/c/r{epoch}"), &format!("i-{epoch}")).await;
    finish(&session).await;
}

#[tokio::test]
async fn death_at_any_point_of_a_fold_repeats_work_and_loses_none() {
    let place = memory();
    let session = open(&place, grant(1)).await;
    make(&session, "a/db/instance", "db-1").await;
    session.append(vec![What::End(End { exit: 0 })]).await.unwrap();
    // Died after the snapshot, before the deletion.
    session.write_snapshot().await.unwrap();
    assert_eq!(names(&place).await.len(), 4);
    let before = place.load().await.unwrap().state;
    let next = open(&place, grant(2)).await;
    assert!(next.sealed().is_empty() && next.interrupted().is_empty());
    make(&next, "a/jobs/queue", "jobs-1").await;
    finish(&next).await;
    assert_eq!(names(&place).await, ["state.json"], "what was left over is cleared away");
    let after = place.load().await.unwrap().state;
    assert_eq!((before.serial, after.serial, after.resources.len()), (1, 2, 2));
}

#[tokio::test]
async fn a_fold_in_the_middle_goes_on_with_the_same_journal() {
    on_all(async |place| {
        let session = open(&place, grant(1)).await;
        make(&session, "a/db/instance", "db-1").await;
        assert_eq!(session.fold().await.unwrap().serial, 1);
        make(&session, "a/jobs/queue", "jobs-1").await;
        assert_eq!(place.load().await.unwrap().state.resources.len(), 2);
        assert_eq!(finish(&session).await.serial, 2);
        assert_eq!(names(&place).await, ["state.json"]);
        let state = place.load().await.unwrap().state;
        assert_eq!((state.serial, state.resources.len()), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn an_epoch_that_is_not_above_all_traces_is_refused() {
    let place = memory();
    make_and_finish(&place, 4).await;
    let refused = place.begin(grant(4), "run", beginning()).await.unwrap_err();
    assert_eq!(refused, Refused::NeedsEpoch(4));
    assert_eq!(place.begin(grant(3), "run", beginning()).await.unwrap_err(), Refused::NeedsEpoch(4));
    // A lease that is handed on writes more with the epoch it has.
    let mut same = grant(4);
    same.fresh = false;
    let session = open(&place, same).await;
    make(&session, "a/c/more", "more").await;
    finish(&session).await;
    assert_eq!(place.load().await.unwrap().state.resources.len(), 2);
}

#[tokio::test]
async fn nothing_is_written_when_the_lease_has_run_out() {
    let place = memory();
    let held = Arc::new(AtomicBool::new(true));
    let flag = Arc::clone(&held);
    let session = open(
        &place,
        Grant::new(Scope::Stack, 1, move || {
            std::future::ready(flag.load(Ordering::Relaxed).then_some(()).ok_or_else(|| "the lease has run out".to_owned()))
        }),
    )
    .await;
    make(&session, "a/db/instance", "db-1").await;
    let before = names(&place).await;
    held.store(false, Ordering::Relaxed);
    assert!(matches!(session.append(vec![create("a/x/y", "t")]).await, Err(JournalError::Lost(_))));
    assert_eq!(session.finish(0, |_| None::<()>).await.unwrap_err().findings()[0].code, P6002);
    assert_eq!(names(&place).await, before);
}

#[tokio::test]
async fn entries_that_do_not_fit_are_refused_before_they_are_written() {
    let place = memory();
    let session = open(&place, grant(1)).await;
    session.append(vec![create("a/db/instance", "t1")]).await.unwrap();
    let before = names(&place).await;
    let twice = session.append(vec![create("a/db/instance", "t2")]).await;
    assert!(matches!(twice, Err(JournalError::Unfit(_))), "{twice:?}");
    assert_eq!(names(&place).await, before);
    session.append(vec![created("a/db/instance", "t1", "db-1")]).await.unwrap();
    finish(&session).await;
    let session = open(&place, service("a", 2, &[])).await;
    let other = session.append(vec![create("b/x/y", "t")]).await;
    assert!(matches!(other, Err(JournalError::OutOfScope { .. })), "{other:?}");
}

#[tokio::test]
async fn a_secret_in_clear_never_reaches_the_journal() {
    let place = memory();
    let session = open(&place, grant(1)).await;
    let mut call = intent("a/db/instance", Operation::Create, "t", None);
    call.type_name = "AWS::RDS::DBInstance".into();
    call.properties = crate::state::tests::object(serde_json::json!({"MasterUserPassword": "canary"}));
    let clear = session.append(vec![What::Intent(Box::new(call.clone()))]).await;
    assert!(matches!(clear, Err(JournalError::Clear(_))), "{clear:?}");
    assert_eq!(names(&place).await, Vec::<String>::new());
    let info = crate::catalog::catalog().get("AWS::RDS::DBInstance");
    call.properties = crate::state::recorded(&call.properties, info, &session.lineage());
    session.append(vec![What::Intent(Box::new(call))]).await.unwrap();
    let key = &place.store().list("").await.unwrap()[0];
    let (bytes, _) = place.store().get(key).await.unwrap().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains("canary") && text.contains("$sensitive"), "{text}");
    assert_eq!(place.verify().await.unwrap(), Vec::new());
}

#[tokio::test]
async fn a_service_needs_a_place_that_was_opened_and_recovered() {
    let place = memory();
    assert!(matches!(place.begin(service("a", 1, &[]), "run", beginning()).await, Err(Refused::NeedsStack(_))));
    let dead = open(&place, grant(1)).await;
    make(&dead, "a/db/instance", "db-1").await;
    finish(&dead).await;
    let dead = open(&place, grant(2)).await;
    dead.append(vec![create("a/x/y", "t")]).await.unwrap();
    assert!(matches!(place.begin(service("a", 3, &[]), "run", beginning()).await, Err(Refused::NeedsStack(_))));
}

#[tokio::test(start_paused = true)]
async fn two_services_at_once_merge_into_one_snapshot() {
    for turn in 0..4 {
        let place = memory();
        make_and_finish(&place, 1).await;
        let (a, b) = (open(&place, service("a", 2, &[])).await, open(&place, service("b", 3, &[2])).await);
        for n in 0..30 {
            let (at_a, at_b) = (format!("a/w/r{n}"), format!("b/w/r{n}"));
            tokio::join!(make(&a, &at_a, &at_a), make(&b, &at_b, &at_b));
        }
        match turn {
            0 => {
                finish(&a).await;
                finish(&b).await;
            }
            1 => {
                finish(&b).await;
                finish(&a).await;
            }
            2 => {
                tokio::join!(finish(&a), finish(&b));
            }
            _ => {
                a.fold().await.unwrap();
                b.fold().await.unwrap();
                tokio::join!(finish(&b), finish(&a));
            }
        }
        let state = place.load().await.unwrap().state;
        assert_eq!(state.resources.len(), 61);
        assert_eq!(state.fences, BTreeMap::from([("stack".into(), 1), ("service:a".into(), 2), ("service:b".into(), 3)]));
        assert_eq!(state.serial, if turn == 3 { 5 } else { 3 });
        assert_eq!(names(&place).await, ["state.json"]);
    }
}

#[tokio::test]
async fn a_dead_service_is_left_to_its_own_successor() {
    let place = memory();
    make_and_finish(&place, 1).await;
    let dead = open(&place, service("b", 2, &[])).await;
    dead.append(vec![create("b/x/y", "t")]).await.unwrap();
    let other = open(&place, service("a", 3, &[])).await;
    assert!(other.sealed().is_empty() && other.pending().is_empty());
    assert_eq!(other.with_state(|state| state.pending().count()), 1, "but it is seen");
    make(&other, "a/w/r", "w").await;
    finish(&other).await;
    assert_eq!(place.load().await.unwrap().state.pending().count(), 1);
    let successor = open(&place, service("b", 4, &[])).await;
    assert_eq!((successor.sealed(), successor.pending().len()), (&BTreeSet::from([2]), 1));
}

#[tokio::test]
async fn a_snapshot_that_somebody_else_wrote_is_not_written_over() {
    let place = memory();
    make_and_finish(&place, 1).await;
    let session = open(&place, grant(2)).await;
    make(&session, "a/c/new", "new").await;
    let key = place.key("state.json");
    let (bytes, tag) = place.store().get(&key).await.unwrap().unwrap();
    let mut foreign = serde_json::from_slice::<State>(&bytes).unwrap();
    foreign.serial += 1;
    place.store().put(&key, snapshot_bytes(&mut foreign), Expected::Tag(tag)).await.unwrap();
    assert_eq!(session.fold().await.unwrap_err().findings()[0].code, P7005);
    assert_eq!(place.load().await.unwrap().state.serial, 2);
}

#[tokio::test]
async fn a_journal_with_a_hole_or_of_another_place_is_refused() {
    let place = memory();
    make_and_finish(&place, 1).await;
    let session = open(&place, grant(2)).await;
    make(&session, "a/c/x", "x").await;
    make(&session, "a/c/y", "y").await;
    let key = place.journal_key(2, 2);
    let (bytes, _) = place.store().get(&key).await.unwrap().unwrap();
    place.store().delete(vec![key.clone()]).await.unwrap();
    assert_eq!(place.load().await.unwrap_err().findings()[0].code, P7008);
    let mut journal: Journal = serde_json::from_slice(&bytes).unwrap();
    journal.lineage = "other".to_owned();
    place.store().put(&key, journal_bytes(&mut journal), Expected::Absent).await.unwrap();
    assert_eq!(place.load().await.unwrap_err().findings()[0].code, P7004);
}

#[tokio::test]
async fn an_object_behind_the_fence_counts_for_nothing() {
    let place = memory();
    make_and_finish(&place, 5).await;
    let before = place.load().await.unwrap().state;
    let mut late = crate::state::tests::journal(3, 1, "stack", vec![create("a/x/y", "t")]);
    late.lineage.clone_from(&before.lineage);
    place.store().put(&place.journal_key(3, 1), journal_bytes(&mut late), Expected::Absent).await.unwrap();
    let loaded = place.load().await.unwrap();
    assert_eq!((loaded.state, loaded.strays.len()), (before, 1));
}

#[tokio::test]
async fn a_seal_goes_after_a_month() {
    let clock = TestClock::shared();
    let place = Place::open(Store::Memory(MemoryStore::default()), clock.clone(), "shop", "dev");
    let dead = open(&place, grant(1)).await;
    dead.append(vec![create("a/x/y", "t")]).await.unwrap();
    drop(open(&place, grant(2)).await);
    clock.advance(Duration::from_hours(29 * 24));
    make_and_finish(&place, 3).await;
    assert_eq!(names(&place).await, ["journal/0000000001-00000002.json", "state.json"]);
    clock.advance(Duration::from_hours(2 * 24));
    make_and_finish(&place, 4).await;
    assert_eq!(names(&place).await, ["state.json"]);
    make_and_finish(&place, 5).await;
    assert_eq!(place.load().await.unwrap().state.folded, BTreeMap::from([(5, 3)]));
}

#[tokio::test]
async fn a_record_set_by_an_edit_is_durable() {
    on_all(async |place| {
        let session = open(&place, grant(1)).await;
        let mut edit = Edit::default();
        edit.resources.insert(address("a/c/x"), Some(record("x", &[])));
        edit.outputs.insert("a/c.url".into(), Some(serde_json::json!("https://x")));
        session.edit(edit).await.unwrap();
        let mut edit = Edit::default();
        edit.outputs.insert("a/c.url".into(), None);
        session.edit(edit).await.unwrap();
        let journaled = place.load().await.unwrap().state;
        finish(&session).await;
        let state = place.load().await.unwrap().state;
        assert_eq!((&state.resources, &state.outputs), (&journaled.resources, &journaled.outputs));
        assert_eq!((state.resources.len(), state.outputs.len()), (1, 0));
    })
    .await;
}
