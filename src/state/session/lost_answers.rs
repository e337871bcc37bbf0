//! Writes of a session whose answers get lost: what took effect counts once, what did not is told by class.

use crate::clock::tests::TestClock;
use crate::diagnostic::codes::state::{P7007, P7012};
use crate::state::store::{Class, Loss, LossyStore, Store};
use crate::state::tests::{beginning, intent, outcome};
use crate::state::{Ended, Grant, JournalError, Operation, Place, Scope, Session, What};

struct Bench {
    store: LossyStore,
    place: Place,
}

impl Bench {
    fn new() -> Self {
        let store = LossyStore::default();
        let place = Place::open(Store::Lossy(store.clone()), TestClock::shared(), "shop", "dev");
        Self { store, place }
    }

    async fn session(&self, epoch: u64) -> Session {
        let mut grant = Grant::new(Scope::Stack, epoch, async || Ok(()));
        grant.unsealed = (1..epoch).collect();
        self.place.begin(grant, format!("run-{epoch}"), beginning()).await.unwrap()
    }
}

fn create(at: &str) -> Vec<What> {
    vec![What::Intent(Box::new(intent(at, Operation::Create, at, None)))]
}

fn created(at: &str) -> Vec<What> {
    vec![What::Result(Box::new(outcome(at, Operation::Create, at, Ended::Done, Some(at))))]
}

#[tokio::test(start_paused = true)]
async fn entries_whose_answer_was_lost_are_durable_once() {
    for class in [Class::Conflict, Class::Unavailable] {
        let bench = Bench::new();
        let session = bench.session(1).await;
        bench.store.lose("stacks/", [Loss::After(class)]);
        session.append(create("a/b/c")).await.unwrap();
        session.append(created("a/b/c")).await.unwrap();
        assert_eq!(bench.store.writes(), 2, "{class:?}: one object for each append");
        assert_eq!(bench.place.load().await.unwrap().unfolded.len(), 2);
        session.finish(0, |_| None::<()>).await.unwrap();
        let loaded = bench.place.load().await.unwrap();
        assert_eq!((loaded.state.resources.len(), loaded.unfolded.len(), loaded.strays.len()), (1, 0, 0), "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn entries_that_did_not_take_effect_are_told_by_class_and_may_be_given_again() {
    for class in [Class::Denied, Class::Deleted, Class::Unavailable, Class::Failed] {
        let bench = Bench::new();
        let session = bench.session(1).await;
        bench.store.lose("stacks/", [Loss::Before(class)]);
        let Err(JournalError::Store(error)) = session.append(create("a/b/c")).await else { panic!("{class:?}") };
        assert_eq!((error.class, bench.store.writes()), (class, 1));
        assert!(bench.place.load().await.unwrap().unfolded.is_empty());
        session.append(create("a/b/c")).await.unwrap();
        assert_eq!(bench.place.load().await.unwrap().unfolded.len(), 1, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_foreign_object_is_no_lost_answer() {
    let bench = Bench::new();
    let (old, new) = (bench.session(1).await, bench.session(2).await);
    new.append(create("a/b/c")).await.unwrap();
    assert!(matches!(old.append(create("a/b/d")).await, Err(JournalError::Lost(_))), "its epoch is sealed");
}

#[tokio::test(start_paused = true)]
async fn snapshot_and_run_record_whose_answers_were_lost_are_written_once() {
    for class in [Class::Conflict, Class::Unavailable] {
        for lost in 0..3 {
            let bench = Bench::new();
            let session = bench.session(1).await;
            session.append(create("a/b/c")).await.unwrap();
            session.append(created("a/b/c")).await.unwrap();
            // The last journal object, the snapshot, the run record.
            let file = ["stacks/shop/dev/journal/", "stacks/shop/dev/state.json", "stacks/shop/dev/runs/"][lost];
            bench.store.lose(file, [Loss::After(class)]);
            let folded = session.finish(0, |folded| Some(serde_json::json!({"serial": folded.serial}))).await.unwrap();
            assert_eq!((folded.serial, bench.store.writes()), (1, 1), "{file} after {class:?}");
            assert_eq!(bench.place.load().await.unwrap().state.serial, 1);
            assert_eq!(bench.place.run("run-1").await.unwrap().unwrap()["serial"], 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_seal_whose_answer_was_lost_stands_once() {
    let bench = Bench::new();
    let dead = bench.session(1).await;
    dead.append(create("a/b/c")).await.unwrap();
    bench.store.lose("stacks/shop/dev/journal/0000000001", [Loss::After(Class::Unavailable)]);
    let next = bench.session(2).await;
    assert_eq!((bench.store.writes(), next.pending().len()), (1, 1));
    assert!(matches!(dead.append(create("a/b/d")).await, Err(JournalError::Lost(_))));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_cannot_be_written_leaves_everything_in_the_journal() {
    for class in [Class::Denied, Class::Unavailable, Class::Failed] {
        let bench = Bench::new();
        let session = bench.session(1).await;
        session.append(create("a/b/c")).await.unwrap();
        session.append(created("a/b/c")).await.unwrap();
        bench.store.lose("stacks/shop/dev/state.json", [Loss::Before(class)]);
        let error = session.finish(0, |_| None::<()>).await.unwrap_err();
        assert_eq!(error.findings()[0].code, P7007, "{class:?}");
        assert_eq!(bench.place.load().await.unwrap().state.resources.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_that_was_deleted_is_not_an_absent_one() {
    let bench = Bench::new();
    let session = bench.session(1).await;
    session.append(create("a/b/c")).await.unwrap();
    session.append(created("a/b/c")).await.unwrap();
    session.finish(0, |_| Some(serde_json::json!({}))).await.unwrap();
    bench.place.store().delete(vec![bench.place.key("state.json")]).await.unwrap();
    assert_eq!(bench.place.load().await.unwrap_err().findings()[0].code, P7012, "the store remembers it");
}

#[tokio::test]
async fn a_state_file_that_was_removed_shows_by_the_runs_that_it_left() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::File(crate::state::store::FileStore::new(directory.path()));
    let place = Place::open(store, TestClock::shared(), "shop", "dev");
    let session = place.begin(Grant::new(Scope::Stack, 1, async || Ok(())), "run-1".to_owned(), beginning()).await.unwrap();
    session.append(create("a/b/c")).await.unwrap();
    session.finish(0, |_| Some(serde_json::json!({}))).await.unwrap();
    let stacks = directory.path().join("stacks/shop/dev");
    std::fs::remove_file(stacks.join("state.json")).unwrap();
    let error = place.load().await.unwrap_err();
    assert_eq!(error.findings()[0].code, P7012);
    std::fs::remove_dir_all(stacks.join("runs")).unwrap();
    assert!(!place.load().await.unwrap().state.exists(), "as its page says: without runs the place starts anew");
}
