//! Locks in two homes at once: a table, and objects beside it. Whoever knows one of them only is kept out, and keeps out.

use std::time::Duration;

use super::bench::{request, table};
use super::{Locker, Timing};
use crate::clock::tests::TestClock;
use crate::diagnostic::codes::lock::{P6001, P6004};
use crate::emulator::Account;
use crate::state::store::{Class, Loss, LossyStore, Store};

/// The lockers of people whose configuration differs.
struct Bench {
    account: Account,
    store: LossyStore,
    /// Knows the table only.
    table: Locker,
    /// Knows the objects only.
    objects: Locker,
    /// Knows both.
    both: Locker,
}

impl Bench {
    fn new() -> Self {
        let account = Account::new();
        account.create_table();
        let (store, clock, timing) = (LossyStore::default(), TestClock::shared(), Timing::default());
        let objects = Store::Lossy(store.clone());
        Self {
            table: Locker::of_table(table(&account), clock.clone(), timing),
            objects: Locker::of(objects.clone(), clock.clone(), timing),
            both: Locker::of_both(table(&account), objects, clock, timing),
            account,
            store,
        }
    }

    fn lockers(&self) -> [(&'static str, &Locker); 3] {
        [("table", &self.table), ("objects", &self.objects), ("both", &self.both)]
    }
}

/// Takes a lock and gives it back; gives the epoch, or none when it is held.
async fn turn(locker: &Locker, scope: &str) -> Option<u64> {
    match locker.acquire("shop", "dev", &request(scope)).await {
        Ok(lease) => {
            let epoch = lease.epoch();
            assert_eq!(lease.release().await.unwrap(), None);
            Some(epoch)
        }
        Err(error) => {
            assert_eq!(error.findings()[0].code, P6001, "{error}");
            None
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_knows_both_excludes_and_is_excluded_by_who_knows_one() {
    let bench = Bench::new();
    for ((holder, holding), (other, asking)) in bench
        .lockers()
        .into_iter()
        .flat_map(|one| bench.lockers().map(|other| (one, other)))
        .filter(|((a, _), (b, _))| *a == "both" || *b == "both")
    {
        for (held, asked, free) in [("stack", "service:a", false), ("service:a", "stack", false), ("service:a", "service:b", true)] {
            let lease = holding.acquire("shop", "dev", &request(held)).await.unwrap();
            let epoch = bench.account.item("stack:shop:env:dev").map(|item| item["epoch"].clone());
            assert_eq!(turn(asking, asked).await.is_some(), free, "{holder} holds {held}, {other} asks for {asked}");
            if !free {
                let after = bench.account.item("stack:shop:env:dev").map(|item| item["epoch"].clone());
                assert_eq!(after, epoch, "a request that one home refuses is written nowhere");
            }
            tokio::time::sleep(Duration::from_mins(2)).await;
            lease.ready().await.unwrap();
            assert_eq!(lease.release().await.unwrap(), None, "{holder}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_epoch_of_a_lease_is_the_same_in_both_and_above_all_before() {
    let bench = Bench::new();
    for expected in 1..=3 {
        assert_eq!(turn(&bench.table, "stack").await, Some(expected));
    }
    let lease = bench.both.acquire("shop", "dev", &request("stack")).await.unwrap();
    assert_eq!(lease.epoch(), 4);
    for (name, locker) in bench.lockers() {
        let record = locker.status("shop", "dev").await.unwrap().unwrap();
        assert_eq!((record.epoch, record.holders["stack"].epoch), (4, 4), "{name}");
        assert_eq!(record.holders["stack"].lock_id, lease.lock_id(), "{name}");
    }
    lease.raise(9).await.unwrap();
    assert_eq!(lease.epoch(), 10);
    lease.narrow("a").await.unwrap();
    for (name, locker) in bench.lockers() {
        assert_eq!(locker.status("shop", "dev").await.unwrap().unwrap().holders["service:a"].epoch, 10, "{name}");
    }
    lease.release().await.unwrap();
    assert_eq!((turn(&bench.objects, "stack").await, turn(&bench.both, "stack").await), (Some(11), Some(12)));
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_in_one_is_given_back_when_the_other_cannot_be_written() {
    let bench = Bench::new();
    bench.store.lose("locks/", [Loss::Before(Class::Unavailable); 9]);
    let error = bench.both.acquire("shop", "dev", &request("stack")).await.unwrap_err();
    assert_eq!(error.findings()[0].code, P6004);
    assert!(bench.table.status("shop", "dev").await.unwrap().unwrap().holders.is_empty());
    bench.store.lose("locks/", []);
    assert!(turn(&bench.both, "stack").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_stands_in_one_only_is_taken_over_like_any_other() {
    for alone in ["table", "objects"] {
        let bench = Bench::new();
        let (_, locker) = bench.lockers().into_iter().find(|(name, _)| *name == alone).unwrap();
        drop(locker.acquire("shop", "dev", &request("service:a")).await.unwrap());
        tokio::time::sleep(Duration::from_secs(71)).await;
        let lease = bench.both.acquire("shop", "dev", &request("stack")).await.unwrap();
        assert_eq!(lease.grant().unsealed.into_iter().collect::<Vec<_>>(), [1], "{alone}");
        lease.ready().await.unwrap();
        assert_eq!(lease.release().await.unwrap(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_lost_when_it_is_broken_in_either() {
    for home in ["table", "objects", "both"] {
        let bench = Bench::new();
        let (_, locker) = bench.lockers().into_iter().find(|(name, _)| *name == home).unwrap();
        let lease = bench.both.acquire("shop", "dev", &request("stack")).await.unwrap();
        let broken = super::Broken { by: "bob@desk".to_owned(), reason: None };
        locker.break_lease("shop", "dev", &lease.lock_id(), broken).await.unwrap();
        assert!(lease.lost().await.contains("taken over"), "{home}");
        // Whoever gives back what is lost leaves nothing behind.
        assert!(lease.release().await.unwrap().is_some(), "{home}");
        for (name, locker) in bench.lockers() {
            assert!(locker.status("shop", "dev").await.unwrap().unwrap().holders.is_empty(), "broken in {home}, {name} holds it");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_locks_of_both_are_listed_once() {
    let bench = Bench::new();
    let both = bench.both.acquire("shop", "dev", &request("stack")).await.unwrap();
    let one = bench.objects.acquire("shop", "prod", &request("stack")).await.unwrap();
    let keys: Vec<String> = bench.both.list().await.unwrap().0.into_iter().map(|record| record.lock_key).collect();
    assert_eq!(keys, ["stack:shop:env:dev", "stack:shop:env:prod"]);
    both.release().await.unwrap();
    one.release().await.unwrap();
}
