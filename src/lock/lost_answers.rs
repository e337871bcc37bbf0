//! Every kind of change to a lock, and every class of trouble with its write: before it takes effect, and after it, when only the answer is lost.

use std::collections::BTreeSet;
use std::time::Duration;

use super::bench::request;
use super::change::LeaseKey;
use super::change::tests::holder;
use super::home::{Failure, Home, PlaceName};
use super::records::Records;
use super::{Broken, Change, LockRecord};
use crate::clock::tests::TestClock;
use crate::state::Scope;
use crate::state::store::{Class, Loss, LossyStore, Store};

const CLASSES: [Class; 5] = [Class::Conflict, Class::Denied, Class::Deleted, Class::Unavailable, Class::Failed];

/// Records over a store that loses answers, with a lock that `a` holds.
struct Bench {
    store: LossyStore,
    records: Records,
    place: PlaceName,
}

fn take(scope: Scope, lock_id: &str, dead: &[(&str, u64)]) -> Change {
    Change::Take { scope, holder: Box::new(holder(lock_id)), dead: dead.iter().map(|(id, beat)| ((*id).to_owned(), *beat)).collect() }
}

/// Every kind of change, as one that may be made while `a` holds the stack with epoch 1.
fn changes() -> Vec<(&'static str, Change)> {
    let lease = LeaseKey { scope: Scope::Stack, lock_id: "a".to_owned(), epoch: Some(1) };
    let now = "2026-11-23T14:02:26.000Z".to_owned();
    let broken = Broken { by: "bob@desk".to_owned(), reason: None };
    vec![
        ("take over", take(Scope::Stack, "b", &[("a", 0)])),
        ("renew", Change::Renew { lease: lease.clone(), now: now.clone(), expires_at: now.clone(), ttl: None }),
        ("raise", Change::Raise { lease: lease.clone(), above: 7 }),
        ("narrow", Change::Narrow { lease: lease.clone(), service: "x".to_owned() }),
        ("release", Change::Release { lease, at: now.clone(), lineage: None }),
        ("break", Change::Break { lock_id: "a".to_owned(), at: now, broken }),
        ("sealed", Change::Sealed { epochs: BTreeSet::from([9]) }),
    ]
}

impl Bench {
    async fn new() -> Self {
        let store = LossyStore::default();
        let records = Records { homes: vec![Home::Objects(Store::Lossy(store.clone()))], clock: TestClock::shared() };
        let bench = Self { store, records, place: PlaceName { stack: "shop".to_owned(), environment: "dev".to_owned() } };
        bench.change(&take(Scope::Stack, "a", &[])).await.unwrap();
        bench
    }

    async fn change(&self, change: &Change) -> Result<LockRecord, Failure> {
        self.records.change(&self.place, change).await
    }

    async fn stored(&self) -> LockRecord {
        self.records.read(&self.place).await.unwrap().unwrap()
    }
}

/// The lock before a change: the record of [`Bench::new`], with an epoch to seal.
fn before() -> LockRecord {
    let record = take(Scope::Stack, "a", &[]).apply("stack:shop:env:dev", None).unwrap();
    LockRecord { unsealed: BTreeSet::from([9]), ..record }
}

/// A bench whose record is [`before`].
async fn prepared() -> Bench {
    let bench = Bench::new().await;
    let found = bench.store.memory().clone();
    let store = Store::Memory(found);
    let (_, tag) = store.get("locks/shop/dev.json").await.unwrap().unwrap();
    store.put("locks/shop/dev.json", serde_json::to_vec(&before()).unwrap(), Some(tag).into()).await.unwrap();
    bench
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_was_lost_is_made_once_and_is_own() {
    for (name, change) in changes() {
        for class in [Class::Conflict, Class::Unavailable] {
            let bench = prepared().await;
            bench.store.lose("locks/", [Loss::After(class)]);
            let wanted = change.apply("stack:shop:env:dev", Some(&before())).unwrap();
            assert_eq!(bench.change(&change).await.unwrap(), wanted, "{name} after {class:?}");
            assert_eq!((bench.stored().await, bench.store.writes()), (wanted, 1), "{name} after {class:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_another_has_built_on_meanwhile_is_still_own() {
    for (name, change) in changes() {
        let bench = prepared().await;
        let wanted = change.apply("stack:shop:env:dev", Some(&before())).unwrap();
        // The write takes effect, its answer is lost, and before it is read again a service beside it changes the record.
        let beside = LockRecord { rev: wanted.rev + 1, ..wanted.clone() };
        let found = change.stands(&beside, Some(&wanted));
        assert!(found, "{name} is not recognised");
        let unmade = before();
        assert!(!change.stands(&unmade, Some(&wanted)), "{name} is taken for made where it is not");
        assert_eq!(bench.stored().await, unmade);
    }
}

#[tokio::test(start_paused = true)]
async fn a_silence_before_the_change_is_tried_again_and_a_refusal_is_not() {
    for (name, change) in changes() {
        for class in CLASSES {
            let bench = prepared().await;
            bench.store.lose("locks/", [Loss::Before(class)]);
            let done = bench.change(&change).await;
            let tried = bench.store.writes();
            match class {
                Class::Conflict | Class::Unavailable => {
                    let wanted = change.apply("stack:shop:env:dev", Some(&before())).unwrap();
                    assert_eq!((done.unwrap(), bench.stored().await, tried), (wanted.clone(), wanted, 2), "{name} before {class:?}");
                }
                Class::Denied | Class::Deleted | Class::Failed => {
                    assert!(matches!(done, Err(Failure::Failed(_))), "{name} before {class:?}: {done:?}");
                    assert_eq!((bench.stored().await, tried), (before(), 1), "{name} before {class:?}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_stays_silent_is_given_up_with_nothing_changed() {
    for (name, change) in changes() {
        let bench = prepared().await;
        bench.store.lose("locks/", [Loss::Before(Class::Unavailable); 9]);
        let done = bench.change(&change).await;
        assert!(matches!(done, Err(Failure::Unavailable(_))), "{name}: {done:?}");
        assert_eq!((bench.stored().await, bench.store.writes()), (before(), 3), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_survives_renewals_whose_answers_are_lost() {
    let store = LossyStore::default();
    let locker = super::Locker::of(Store::Lossy(store.clone()), TestClock::shared(), super::Timing::default());
    store.lose("locks/", [Loss::After(Class::Unavailable)]);
    let lease = locker.acquire("shop", "dev", &request("stack")).await.unwrap();
    store.lose("locks/", [Loss::After(Class::Unavailable), Loss::After(Class::Conflict), Loss::Before(Class::Unavailable)]);
    tokio::time::sleep(Duration::from_mins(3)).await;
    lease.ready().await.unwrap();
    store.lose("locks/", [Loss::After(Class::Unavailable)]);
    assert_eq!(lease.release().await.unwrap(), None, "its own release is no takeover");
    assert!(locker.status("shop", "dev").await.unwrap().unwrap().holders.is_empty());
}
