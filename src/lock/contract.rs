//! What every locker must hold to; the same suite for all of them, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::bench::{Bench, code, die, on_all, request};
use super::{Broken, Happening, Lease, Locker, Request, Timing};
use crate::aws::ServerTime;
use crate::clock::tests::TestClock;
use crate::diagnostic::codes::lock::{P6001, P6002, P6003, P6004, P6005, P6007};
use crate::state::store::{Expected, FileStore, MemoryStore, Store};
use crate::state::tests::{beginning, intent};
use crate::state::{Operation, Refused, Scope, What};

#[tokio::test(start_paused = true)]
async fn a_lock_is_taken_shown_and_released() {
    on_all(async |bench| {
        assert_eq!(bench.locker.status("shop", "dev").await.unwrap(), None);
        let lease = bench.acquire(&request("stack")).await.unwrap();
        assert_eq!((lease.epoch(), lease.scope()), (1, Scope::Stack));
        let record = bench.locker.status("shop", "dev").await.unwrap().unwrap();
        assert_eq!(record.holders["stack"].lock_id, lease.lock_id());
        assert_eq!(bench.locker.list().await.unwrap(), (vec![record], vec![]));
        assert_eq!(lease.release().await.unwrap(), None);
        let record = bench.locker.status("shop", "dev").await.unwrap().unwrap();
        assert_eq!((record.holders.len(), record.epoch), (0, 1));
        assert_eq!(bench.acquire(&request("stack")).await.unwrap().epoch(), 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn every_pair_of_scopes_excludes_as_it_should() {
    on_all(async |bench| {
        for (held, asked, granted) in [
            ("stack", "stack", false),
            ("stack", "service:a", false),
            ("service:a", "stack", false),
            ("service:a", "service:a", false),
            ("service:a", "service:b", true),
        ] {
            let lease = bench.acquire(&request(held)).await.unwrap();
            let start = Instant::now();
            let other = bench.acquire(&request(asked)).await;
            assert_eq!(start.elapsed(), Duration::ZERO, "a lock that is held and alive is refused at once");
            match other {
                Ok(other) => {
                    assert!(granted, "{held} held, {asked} asked");
                    other.release().await.unwrap();
                }
                Err(error) => {
                    assert!(!granted, "{held} held, {asked} asked: {error}");
                    assert_eq!(error.findings()[0].code, P6001);
                }
            }
            lease.release().await.unwrap();
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn of_20_contenders_on_a_free_lock_one_wins() {
    on_all(async |bench| {
        let leases = contend(&bench, &request("stack")).await;
        assert_eq!(leases.len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn of_20_contenders_on_an_expired_lock_one_wins() {
    on_all(async |bench| {
        let dead = die(&bench, "stack").await;
        sleep(Duration::from_secs(71)).await;
        let leases = contend(&bench, &request("stack")).await;
        assert_eq!(leases.len(), 1);
        assert_eq!(leases[0].epoch(), dead + 1);
        assert_eq!(leases[0].grant().unsealed.iter().copied().collect::<Vec<_>>(), [dead]);
    })
    .await;
}

async fn contend(bench: &Bench, request: &Request) -> Vec<Lease> {
    let mut contenders = JoinSet::new();
    for _ in 0..20 {
        let (locker, request) = (bench.locker.clone(), request.clone());
        contenders.spawn(async move { locker.acquire("shop", "dev", &request).await });
    }
    let results = contenders.join_all().await;
    results.into_iter().filter_map(|result| result.map_err(|error| assert_eq!(error.findings()[0].code, P6001)).ok()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_beats_is_never_taken_over() {
    on_all(async |bench| {
        let lease = bench.acquire(&request("stack")).await.unwrap();
        let mut patient = request("stack");
        patient.timeout = Duration::from_mins(3);
        let start = Instant::now();
        assert_eq!(code(bench.acquire(&patient).await), P6001);
        assert!(start.elapsed() >= patient.timeout && start.elapsed() < patient.timeout + Duration::from_secs(11));
        assert_eq!(bench.heard(|happening| matches!(happening, Happening::Waiting { .. })), 1, "it is said once");
        lease.ready().await.unwrap();
        assert_eq!(lease.release().await.unwrap(), None);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_gets_the_lock_when_it_is_released() {
    on_all(async |bench| {
        let lease = bench.acquire(&request("stack")).await.unwrap();
        let mut patient = request("service:a");
        patient.timeout = Duration::from_mins(10);
        let (lease, waited) = tokio::join!(
            async {
                sleep(Duration::from_secs(100)).await;
                lease.release().await
            },
            bench.acquire(&patient)
        );
        assert_eq!((lease.unwrap(), waited.unwrap().epoch()), (None, 2));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_dead_holder_is_watched_for_a_window_and_taken_over() {
    on_all(async |bench| {
        let dead = die(&bench, "service:a").await;
        assert_eq!(code(bench.acquire(&request("stack")).await), P6001, "its lease is not over");
        sleep(Duration::from_secs(71)).await;
        let mut careful = request("stack");
        careful.no_takeover = true;
        assert_eq!(code(bench.acquire(&careful).await), P6001);
        let start = Instant::now();
        let lease = bench.acquire(&request("stack")).await.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(70) && start.elapsed() < Duration::from_secs(72), "{:?}", start.elapsed());
        assert_eq!(lease.epoch(), dead + 1);
        assert_eq!(bench.heard(|happening| matches!(happening, Happening::Watching { .. })), 1);
        assert_eq!(bench.heard(|happening| matches!(happening, Happening::TakenOver { from, epoch: 2 } if from.len() == 1)), 1);
        let record = bench.locker.status("shop", "dev").await.unwrap().unwrap();
        assert_eq!(record.holders.keys().collect::<Vec<_>>(), ["stack"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_is_ahead_takes_nothing_from_a_live_holder() {
    on_all(async |bench| {
        let lease = bench.acquire(&request("stack")).await.unwrap();
        let ahead = TestClock::shared();
        ahead.advance(Duration::from_hours(3));
        let mut other = bench.locker.clone();
        other.clock = ahead;
        assert_eq!(code(other.acquire("shop", "dev", &request("stack")).await), P6001);
        lease.ready().await.unwrap();
        assert_eq!(lease.release().await.unwrap(), None);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_is_behind_knows_the_dead_by_the_clock_of_aws() {
    on_all(async |bench| {
        let dead = die(&bench, "stack").await;
        sleep(Duration::from_secs(71)).await;
        // The TestClock begins at 2026-09-21T14:13:20Z; this one is behind by half an hour.
        let behind: Arc<TestClock> = Arc::new(TestClock::of(7).drifting(1.0, -1800));
        let mut other = bench.locker.clone();
        other.clock = behind;
        assert_eq!(code(other.acquire("shop", "dev", &request("stack")).await), P6001, "by its own clock the holder is alive");
        let time = ServerTime::default();
        time.learn("Mon, 21 Sep 2026 14:14:35 GMT");
        let lease = other.by(time).acquire("shop", "dev", &request("stack")).await.unwrap();
        assert_eq!(lease.epoch(), dead + 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_was_taken_over_can_do_nothing() {
    on_all(async |bench| {
        let lease = bench.acquire(&request("stack")).await.unwrap();
        let record = bench.locker.status("shop", "dev").await.unwrap().unwrap();
        let broken = Broken { by: "bob@desk".to_owned(), reason: None };
        bench.locker.break_lease("shop", "dev", &lease.lock_id(), broken).await.unwrap();
        assert_eq!(lease.loss(), None, "it does not know yet");
        let why = lease.lost().await;
        assert!(why.contains("taken over"), "{why}");
        assert_eq!(bench.heard(|happening| matches!(happening, Happening::Lost { .. })), 1);
        assert_eq!(lease.ready().await.unwrap_err().findings()[0].code, P6002);
        assert_eq!(lease.renew().await.unwrap_err().findings()[0].code, P6002);
        let session = bench.place().begin(lease.grant(), "run", beginning()).await.unwrap();
        let call = intent("a/b/c", Operation::Create, "t", None);
        assert!(session.append(vec![What::Intent(Box::new(call))]).await.is_err());
        assert_eq!(lease.release().await.unwrap().unwrap().code, P6007);
        let after = bench.locker.status("shop", "dev").await.unwrap().unwrap();
        assert_eq!((after.epoch, after.unsealed.len()), (record.epoch + 1, 1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn breaking_hits_only_the_holder_that_was_shown() {
    on_all(async |bench| {
        let first = bench.acquire(&request("stack")).await.unwrap();
        let shown = first.lock_id();
        first.release().await.unwrap();
        let second = bench.acquire(&request("stack")).await.unwrap();
        let broken = Broken { by: "bob@desk".to_owned(), reason: None };
        let error = bench.locker.break_lease("shop", "dev", &shown, broken).await.unwrap_err();
        assert_eq!(error.findings()[0].code, P6003);
        second.renew().await.unwrap();
        second.ready().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_epoch_does_not_fall_when_the_record_is_gone() {
    on_all(async |bench| {
        for turn in 1..=3 {
            let lease = bench.acquire(&request("stack")).await.unwrap();
            let session = lease.enter(&bench.place(), "run", beginning()).await.unwrap();
            assert_eq!((session.epoch(), lease.epoch()), (turn, turn));
            let call = intent(&format!("a/b/r{turn}"), Operation::Create, "t", None);
            session.append(vec![What::Intent(Box::new(call))]).await.unwrap();
            session.finish(0, |_| None::<()>).await.unwrap();
            lease.release().await.unwrap();
            bench.delete_record().await;
            assert_eq!(bench.locker.status("shop", "dev").await.unwrap(), None);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_holder_whose_record_was_deleted_has_lost_its_lock() {
    on_all(async |bench| {
        let lease = bench.acquire(&request("stack")).await.unwrap();
        bench.delete_record().await;
        let why = lease.lost().await;
        assert!(why.contains("deleted"), "{why}");
        assert_eq!(lease.ready().await.unwrap_err().findings()[0].code, P6002);
        assert_eq!(bench.locker.status("shop", "dev").await.unwrap(), None, "it does not put itself back");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_epochs_of_a_pushed_state_are_not_granted_again() {
    on_all(async |bench| {
        let mut pushed = crate::state::tests::sample();
        pushed.epoch = 41;
        let place = bench.place().with_lineage(&pushed.lineage);
        let lease = bench.acquire(&request("stack")).await.unwrap();
        let session = lease.enter(&place, "push", beginning()).await.unwrap();
        session.edit(crate::state::ops::push(&session.state(), &pushed, false).unwrap()).await.unwrap();
        session.finish(0, |_| None::<()>).await.unwrap();
        lease.release().await.unwrap();
        let state = place.load().await.unwrap().state;
        assert_eq!((state.epoch, state.serial, &state.lineage), (41, 2, &pushed.lineage));
        let lease = bench.acquire(&request("stack")).await.unwrap();
        assert_eq!(lease.enter(&place, "next", beginning()).await.unwrap().epoch(), 42);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_takeover_seals_the_journal_and_the_record_forgets_the_epoch() {
    on_all(async |bench| {
        let mut elsewhere = request("stack");
        elsewhere.metadata.hostname = "runner".to_owned();
        let lease = bench.acquire(&elsewhere).await.unwrap();
        let dead = lease.enter(&bench.place(), "dead", beginning()).await.unwrap();
        let call = |at: &str| vec![What::Intent(Box::new(intent(at, Operation::Create, at, None)))];
        dead.append(call("a/b/c")).await.unwrap();
        drop(lease);
        sleep(Duration::from_secs(71)).await;
        let taker = bench.acquire(&request("stack")).await.unwrap();
        assert_eq!(taker.grant().unsealed.len(), 1);
        let session = taker.enter(&bench.place(), "next", beginning()).await.unwrap();
        assert_eq!((session.pending().len(), session.interrupted().len()), (1, 1));
        assert!(taker.grant().unsealed.is_empty());
        assert!(bench.locker.status("shop", "dev").await.unwrap().unwrap().unsealed.is_empty());
        assert!(dead.append(call("a/b/d")).await.is_err());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_service_run_that_needs_the_stack_narrows_after_it() {
    on_all(async |bench| {
        let lease = bench.acquire(&request("service:a")).await.unwrap();
        assert!(matches!(lease.enter(&bench.place(), "run", beginning()).await, Err(Refused::NeedsStack(_))));
        lease.release().await.unwrap();
        let lease = bench.acquire(&request("stack")).await.unwrap();
        let session = lease.enter(&bench.place(), "run", beginning()).await.unwrap();
        let call = |at: &str| vec![What::Intent(Box::new(intent(at, Operation::Create, at, None)))];
        session.append(call("a/b/c")).await.unwrap();
        session.finish(0, |_| None::<()>).await.unwrap();
        lease.narrow("a").await.unwrap();
        assert_eq!(lease.scope().to_string(), "service:a");
        let beside = bench.acquire(&request("service:b")).await.unwrap();
        assert_eq!(code(bench.acquire(&request("service:a")).await), P6001);
        assert!(beside.grant().live.contains(&lease.epoch()));
        let session = lease.enter(&bench.place(), "more", beginning()).await.unwrap();
        session.append(call("a/b/d")).await.unwrap();
        assert!(session.append(call("b/b/d")).await.is_err(), "outside of its scope");
        lease.release().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_first_run_of_a_service_opens_the_place_and_lets_others_in() {
    on_all(async |bench| {
        let open = async |scope: &str, run: &str| bench.locker.open(&bench.place(), &request(scope), run, beginning()).await.unwrap();
        let (first, session) = open("service:a", "run-1").await;
        assert_eq!(first.scope().to_string(), "service:a");
        let state = bench.place().load().await.unwrap().state;
        assert_eq!((state.serial, state.lineage, state.epoch), (1, session.lineage(), first.epoch()));
        let (second, _) = open("service:b", "run-2").await;
        let call = |at: &str| vec![What::Intent(Box::new(intent(at, Operation::Create, at, None)))];
        session.append(call("a/b/c")).await.unwrap();
        assert_eq!(session.finish(0, |_| None::<()>).await.unwrap().serial, 2);
        first.release().await.unwrap();
        second.release().await.unwrap();
        // A run over the whole stack dies; the next one of a service picks that up.
        let (lease, session) = open("stack", "run-3").await;
        session.append(call("b/b/c")).await.unwrap();
        drop(lease);
        sleep(Duration::from_secs(71)).await;
        let (lease, session) = open("service:b", "run-4").await;
        assert_eq!((lease.scope().to_string().as_str(), session.pending().len()), ("service:b", 1));
        assert_eq!(session.interrupted().iter().map(|run| run.run.as_str()).collect::<Vec<_>>(), ["run-3"]);
        lease.release().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_handed_on_is_adopted_and_left() {
    on_all(async |bench| {
        let mut handed = request("stack");
        handed.metadata.pid = 0;
        handed.ttl = Some(Duration::from_mins(15));
        let ticket = bench.acquire(&handed).await.unwrap().leave().await.unwrap();
        sleep(Duration::from_mins(14)).await;
        let lease = bench.locker.adopt("shop", "dev", &ticket).await.unwrap();
        assert_eq!((lease.lock_id(), lease.epoch()), (ticket.lock_id.clone(), ticket.epoch));
        sleep(Duration::from_hours(1)).await;
        lease.ready().await.unwrap();
        let ticket = lease.leave().await.unwrap();
        sleep(Duration::from_mins(19)).await;
        assert_eq!(code(bench.acquire(&request("stack")).await), P6001, "four minutes over are not five");
        let renewed = bench.locker.renew("shop", "dev", &ticket.lock_id, Some(Duration::from_mins(1))).await.unwrap();
        assert_eq!(renewed.lock_id, ticket.lock_id);
        sleep(Duration::from_secs(361)).await;
        let start = Instant::now();
        let taker = bench.acquire(&request("stack")).await.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(70) && start.elapsed() < Duration::from_secs(72), "{:?}", start.elapsed());
        assert_eq!(code(bench.locker.adopt("shop", "dev", &ticket).await), P6002);
        assert_eq!(code(bench.locker.adopt("shop", "prod", &ticket).await), P6003);
        taker.release().await.unwrap();
        let error = bench.locker.release("shop", "dev", &ticket.lock_id).await.unwrap_err();
        assert_eq!(error.findings()[0].code, P6003);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn two_runs_may_follow_each_other_under_one_handed_lease() {
    on_all(async |bench| {
        let mut handed = request("stack");
        handed.metadata.pid = 0;
        let ticket = bench.acquire(&handed).await.unwrap().leave().await.unwrap();
        for turn in 0..2 {
            let lease = bench.locker.adopt("shop", "dev", &ticket).await.unwrap();
            let session = lease.enter(&bench.place(), &format!("run-{turn}"), beginning()).await.unwrap();
            let call = intent(&format!("a/b/r{turn}"), Operation::Create, "t", None);
            session.append(vec![What::Intent(Box::new(call))]).await.unwrap();
            session.finish(0, |_| None::<()>).await.unwrap();
            lease.leave().await.unwrap();
        }
        let state = bench.place().load().await.unwrap().state;
        assert_eq!((state.epoch, state.serial, state.resources.len()), (1, 2, 2));
        bench.locker.release("shop", "dev", &ticket.lock_id).await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_renews_before_it_goes_on() {
    on_all(async |bench| {
        let lease = bench.acquire(&request("stack")).await.unwrap();
        let before = bench.locker.status("shop", "dev").await.unwrap().unwrap();
        // The monotonic clock stood still.
        bench.clock.advance(Duration::from_hours(8));
        lease.ready().await.unwrap();
        let after = bench.locker.status("shop", "dev").await.unwrap().unwrap();
        assert_eq!(after.holders["stack"].beat, before.holders["stack"].beat + 1);
    })
    .await;
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_an_error() {
    let memory = MemoryStore::default();
    let locker = Locker::of(Store::Memory(memory.clone()), TestClock::shared(), Timing::default());
    let store = Store::Memory(memory);
    let most = r#"{"kind":"panka.lock/v1","lockKey":"stack:shop:env:dev","epoch":18446744073709551615,"rev":1,"holders":{}}"#;
    let other = r#"{"kind":"panka.lock/v1","lockKey":"stack:shop:env:prod","epoch":1,"rev":1,"holders":{}}"#;
    for bytes in ["", "{}", r#"{"kind":"panka.lock/v2"}"#, most, other] {
        drop(store.delete(vec!["locks/shop/dev.json".to_owned()]).await);
        store.put("locks/shop/dev.json", bytes.into(), Expected::Absent).await.unwrap();
        assert_eq!(code(locker.acquire("shop", "dev", &request("stack")).await), P6005);
        assert_eq!(locker.status("shop", "dev").await.unwrap_err().findings()[0].code, P6005);
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("locks"), "a file").unwrap();
    let locker = Locker::of(Store::File(FileStore::new(directory.path())), TestClock::shared(), Timing::default());
    assert_eq!(code(locker.acquire("shop", "dev", &request("stack")).await), P6004);
}

#[tokio::test(start_paused = true)]
async fn on_one_machine_a_dead_process_is_known_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let locker = Locker::of(Store::File(FileStore::new(directory.path())), TestClock::shared(), Timing::default());
    for (held, asked) in [("stack", "stack"), ("stack", "service:a"), ("service:a", "stack"), ("service:a", "service:a")] {
        let lease = locker.acquire("shop", "dev", &request(held)).await.unwrap();
        assert_eq!(code(locker.acquire("shop", "dev", &request(asked)).await), P6001);
        // Dropping frees the operating system's locks and leaves the record, as a kill does.
        drop(lease);
        let mut careful = request(asked);
        careful.no_takeover = true;
        assert_eq!(code(locker.acquire("shop", "dev", &careful).await), P6001);
        let start = Instant::now();
        let taker = locker.acquire("shop", "dev", &request(asked)).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        taker.release().await.unwrap();
    }
}
