//! The lock and the journal together, in virtual time: many contenders that work, die, fall asleep and wake again, each with clocks of its own
//! that are wrong and drift. The same over records in memory, in a table, and in both.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::bench::{request, table};
use super::{HolderMetadata, Locker, Request, Timing};
use crate::clock::SharedClock;
use crate::clock::tests::TestClock;
use crate::diagnostic::codes::lock::P6001;
use crate::emulator::Account;
use crate::state::store::{MemoryStore, Store};
use crate::state::tests::{beginning, intent, outcome};
use crate::state::{Ended, Grant, Operation, Place, Refused, Scope, What};

/// What a contender does with its lock.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// Works and releases.
    Works,
    /// Dies with the lock.
    Dies,
    /// Stands still for so many seconds, then goes on as if nothing had been, and does not even look at the clock.
    Sleeps(u64),
}

#[derive(Debug, Clone)]
struct Contender {
    starts: u64,
    scope: &'static str,
    steps: u64,
    pace: u64,
    fate: Fate,
    /// Thousandths by which its monotonic clock is fast, and seconds by which its wall clock is ahead.
    clocks: (i16, i64),
}

/// Where the records of locks are.
#[derive(Debug, Clone, Copy)]
enum Records {
    Memory,
    Table,
    Both,
}

/// What has landed in the store, in order.
#[derive(Debug)]
enum Landed {
    Opened(Scope, u64),
    Wrote(u64),
}

fn contender() -> impl Strategy<Value = Contender> {
    let fate = prop_oneof![3 => Just(Fate::Works), 1 => Just(Fate::Dies), 2 => (1..400_u64).prop_map(Fate::Sleeps)];
    let scope = prop_oneof![Just("stack"), Just("service:a"), Just("service:b")];
    let clocks = (-50..50_i16, -7200..7200_i64);
    (0..300_u64, scope, 1..6_u64, 0..40_u64, fate, clocks).prop_map(|(starts, scope, steps, pace, fate, clocks)| Contender {
        starts,
        scope,
        steps,
        pace,
        fate,
        clocks,
    })
}

async fn run(number: usize, contender: Contender, locker: Locker, place: Place, log: Arc<Mutex<Vec<Landed>>>) {
    sleep(Duration::from_secs(contender.starts)).await;
    let request = Request {
        locked_by: format!("{number}"),
        metadata: HolderMetadata { hostname: format!("host-{number}"), pid: 1, ..HolderMetadata::default() },
        timeout: Duration::from_mins(20),
        ..request(contender.scope)
    };
    let lease = match locker.acquire("shop", "dev", &request).await {
        Ok(lease) => lease,
        Err(error) => return assert_eq!(error.findings()[0].code, P6001, "{error}"),
    };
    let session = match lease.enter(&place, &format!("run-{number}"), beginning()).await {
        Ok(session) => session,
        Err(Refused::NeedsStack(_)) => return drop(lease.release().await),
        Err(refused) => panic!("{refused}"),
    };
    let (epoch, scope) = (lease.epoch(), lease.scope());
    log.lock().unwrap().push(Landed::Opened(scope.clone(), epoch));
    let service = if contender.scope == "service:b" { "b" } else { "a" };
    let never_slept = !matches!(contender.fate, Fate::Sleeps(_));
    // One who sleeps has no heart that beats, and believes blindly that the lock is its own.
    let mut lease = Some(lease);
    let mut session = session;
    if let Fate::Sleeps(seconds) = contender.fate {
        let mut blind = Grant::new(scope, epoch, async || Ok(()));
        blind.fresh = false;
        blind.live = lease.as_ref().map(|lease| lease.grant().live).unwrap_or_default();
        let Ok(opened) = place.begin(blind, format!("run-{number}"), beginning()).await else { return };
        session = opened;
        lease = None;
        sleep(Duration::from_secs(seconds)).await;
    }
    for step in 0..contender.steps {
        let (at, token) = (format!("{service}/c{number}/r{step}"), format!("{number}-{step}"));
        let make = What::Intent(Box::new(intent(&at, Operation::Create, &token, None)));
        let made = What::Result(Box::new(outcome(&at, Operation::Create, &token, Ended::Done, Some(&token))));
        for what in [make, made] {
            match session.append(vec![what]).await {
                Ok(()) => log.lock().unwrap().push(Landed::Wrote(epoch)),
                Err(error) if never_slept => panic!("a live holder was stopped: {error}"),
                Err(_) => return,
            }
            sleep(Duration::from_secs(contender.pace)).await;
        }
    }
    if let Fate::Dies = contender.fate {
        return drop(lease);
    }
    let finished = session.finish(0, |_| None::<()>).await;
    if let Some(lease) = lease {
        finished.unwrap();
        assert_eq!(lease.release().await.unwrap(), None, "a live holder was taken over");
    }
}

async fn simulate(records: Records, contenders: Vec<Contender>) {
    let store = Store::Memory(MemoryStore::default());
    let account = Account::new();
    if !matches!(records, Records::Memory) {
        account.create_table();
    }
    let with_clock = |number: usize, (fast, ahead): (i16, i64)| {
        let clock = TestClock::of(u32::try_from(number).unwrap()).drifting(1.0 + f64::from(fast) / 1000.0, ahead);
        let (store, clock, timing): (_, SharedClock, _) = (store.clone(), Arc::new(clock), Timing::default());
        let place = Place::open(store.clone(), clock.clone(), "shop", "dev");
        let locker = match records {
            Records::Memory => Locker::of(store, clock, timing),
            Records::Table => Locker::of_table(table(&account), clock, timing),
            Records::Both => Locker::of_both(table(&account), store, clock, timing),
        };
        (locker, place)
    };
    let (locker, place) = with_clock(999, (0, 0));
    // Services need a place that was opened once.
    let log = Arc::new(Mutex::new(Vec::new()));
    let first = Contender { starts: 0, scope: "stack", steps: 1, pace: 0, fate: Fate::Works, clocks: (0, 0) };
    run(999, first, locker, place.clone(), Arc::clone(&log)).await;
    let mut tasks = JoinSet::new();
    for (number, contender) in contenders.into_iter().enumerate() {
        let (locker, place) = with_clock(number, contender.clocks);
        tasks.spawn(run(number, contender, locker, place, Arc::clone(&log)));
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let log = std::mem::take(&mut *log.lock().unwrap());
    let mut open: Vec<(Scope, u64)> = Vec::new();
    for landed in log.iter() {
        match landed {
            Landed::Opened(scope, epoch) => {
                assert!(open.iter().all(|(_, other)| other != epoch), "epoch {epoch} was granted twice");
                open.push((scope.clone(), *epoch));
            }
            Landed::Wrote(epoch) => {
                let scope = &open.iter().find(|(_, other)| other == epoch).unwrap().0;
                let fenced = open.iter().any(|(other, later)| later > epoch && other.conflicts(scope));
                assert!(!fenced, "epoch {epoch} wrote after a later one of a conflicting scope had opened: {log:?}");
            }
        }
    }
    // What was journaled is in the state, whoever died when.
    let state = place.load().await.unwrap().state;
    let written = log.iter().filter(|landed| matches!(landed, Landed::Wrote(_))).count();
    let known: usize = state.resources.values().map(|record| if record.pending.is_some() { 1 } else { 2 }).sum();
    assert_eq!(known, written, "every entry that was durable counts");
}

fn simulated(records: Records, contenders: Vec<Contender>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(simulate(records, contenders));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_two_writers_write_and_no_live_holder_is_taken_over(contenders in prop::collection::vec(contender(), 2..9)) {
        simulated(Records::Memory, contenders);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_same_holds_on_the_conditions_of_a_table(contenders in prop::collection::vec(contender(), 2..9)) {
        simulated(Records::Table, contenders);
    }

    #[test]
    fn the_same_holds_with_records_in_both(contenders in prop::collection::vec(contender(), 2..7)) {
        simulated(Records::Both, contenders);
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_seconds_of_heartbeats_are_67() {
    let (store, clock) = (MemoryStore::default(), TestClock::shared());
    let locker = Locker::of(Store::Memory(store), clock, Timing::default());
    let lease = locker.acquire("shop", "dev", &request("stack")).await.unwrap();
    let start = Instant::now();
    sleep(Duration::from_secs(1_006)).await;
    let record = locker.status("shop", "dev").await.unwrap().unwrap();
    assert_eq!((record.holders["stack"].beat, start.elapsed().as_secs()), (67, 1_006));
    drop(lease);
}
