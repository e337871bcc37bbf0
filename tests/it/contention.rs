//! Many who want one lock at the same moment: one has it, and the others learn who. And services that are applied beside each other.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use panka::aws::Aws;
use panka::clock::SharedClock;
use panka::context::Context;
use panka::lock::{HolderMetadata, Locker, Request, Table, Timing};
use panka::state::Scope;
use panka::state::store::{Bucket, S3Store, Store};
use panka::stop::Stop;

use crate::emulator::{Account, REGION};
use crate::remote::{APPLY, Locks, queue, shop};

const ROUNDS: usize = 50;
const CONTENDERS: usize = 20;

async fn access(account: &Account) -> Aws {
    let credentials = Credentials::new(account.number(), "secret", None, None, "tests");
    let loaded: SdkConfig = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(account.endpoint())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .load()
        .await;
    Aws::of(loaded)
}

fn request(n: usize) -> Request {
    Request {
        scope: Scope::Stack,
        operation: "apply".to_owned(),
        locked_by: format!("runner-{n}@ci"),
        metadata: HolderMetadata { hostname: format!("runner-{n}"), pid: 1, ..HolderMetadata::default() },
        ttl: None,
        timeout: Duration::ZERO,
        no_takeover: false,
        stop: Stop::default(),
    }
}

/// Round after round on one place, so that the lock is free, or was held and given back, when the next round begins.
async fn contend(make: impl Fn(SharedClock) -> Locker) {
    let clock = Context::from_process().unwrap().clock();
    for round in 1..=ROUNDS {
        let mut asking = tokio::task::JoinSet::new();
        for n in 0..CONTENDERS {
            // A locker of its own, as on a machine of its own.
            let locker = make(Arc::clone(&clock));
            asking.spawn(async move { (n, locker.acquire("shop", "dev", &request(n)).await) });
        }
        let (won, lost): (Vec<_>, Vec<_>) = asking.join_all().await.into_iter().partition(|(_, asked)| asked.is_ok());
        assert_eq!((won.len(), lost.len()), (1, CONTENDERS - 1), "round {round}");
        let (winner, lease) = won.into_iter().next().unwrap();
        for (_, refused) in lost {
            let error = refused.unwrap_err();
            assert_eq!(error.findings()[0].code.name(), "P6001", "round {round}: {error}");
            assert!(error.findings()[0].message.contains(&format!("runner-{winner}@ci")), "round {round}: {error}");
        }
        let lease = lease.unwrap();
        assert_eq!(lease.epoch(), u64::try_from(round).unwrap(), "an epoch for each, and none twice");
        assert_eq!(lease.release().await.unwrap(), None);
    }
}

fn account() -> Account {
    let account = Account::new();
    account.create_bucket();
    account.create_table();
    account
}

fn bucket(aws: &Aws, account: &Account) -> Store {
    Store::S3(S3Store::new(aws.clone(), Bucket { name: account.bucket(), ..Bucket::default() }))
}

fn table(aws: &Aws, account: &Account) -> Table {
    Table::new(aws.clone(), account.table(), None, None)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_contenders_for_an_item_one_wins_in_every_round() {
    let account = account();
    let aws = access(&account).await;
    contend(|clock| Locker::of_table(table(&aws, &account), clock, Timing::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_contenders_for_an_object_one_wins_in_every_round() {
    let account = account();
    let aws = access(&account).await;
    contend(|clock| Locker::of(bucket(&aws, &account), clock, Timing::default())).await;
}

/// Services applied at the same moment, round after round, and now and then a run over the whole stack between them, which waits.
fn services_at_once(locks: Locks) {
    let mut env = locks.of(shop(1));
    env.set("PANKA_LOCK_TTL", "20");
    env.pipe(APPLY).succeeds().json();
    for round in 1..=u32::try_from(ROUNDS).unwrap() {
        for service in ["a", "b"] {
            queue(&env, service, 0, 30 + round);
        }
        let apply = |flags: &str| env.pipe(&format!("exec {APPLY} --lock-timeout 60s {flags}")).start();
        let mut runs = vec![apply("--service a"), apply("--service b")];
        if round % 10 == 0 {
            runs.push(apply(""));
        }
        for run in runs {
            let ended = run.wait_with_output().unwrap();
            assert_eq!(ended.status.code(), Some(0), "round {round}: {}", String::from_utf8_lossy(&ended.stderr));
        }
        let state = env.pipe("panka state show").succeeds().json();
        for service in ["a", "b"] {
            let timeout = &state["resources"][format!("{service}/q0/queue")]["properties"]["VisibilityTimeout"];
            assert_eq!(*timeout, 30 + round, "round {round}: {service} is lost");
        }
    }
    env.pipe("panka diff --exit-code").succeeds().json();
    env.pipe("panka state verify").succeeds().json();
}

#[test]
fn two_services_at_once_are_both_in_the_state_in_every_round() {
    thread::scope(|scope| {
        for locks in [Locks::Table, Locks::Bucket] {
            scope.spawn(move || services_at_once(locks));
        }
    });
}
