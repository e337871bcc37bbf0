//! What the tests of locks stand on: lockers over everything that keeps records, in virtual time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Happening, HolderMetadata, Lease, Locker, Request, Table, Timing};
use crate::aws::blocking::access;
use crate::clock::tests::TestClock;
use crate::diagnostic::{Code, Error};
use crate::emulator::Account;
use crate::state::Place;
use crate::state::store::{Bucket, FileStore, MemoryStore, S3Store, Store};
use crate::stop::Stop;

/// A locker with what it stands on.
pub(super) struct Bench {
    pub(super) locker: Locker,
    pub(super) store: Store,
    pub(super) clock: Arc<TestClock>,
    /// The account in whose table the records are.
    table: Option<Account>,
    happenings: Arc<Mutex<Vec<Happening>>>,
}

impl Bench {
    /// Locks beside the objects of a store.
    pub(super) fn of(store: Store) -> Self {
        Self::new(|clock| (Locker::of(store.clone(), clock, Timing::default()), store), None)
    }

    /// Locks in the table of an account and beside objects in memory.
    pub(super) fn of_both(account: &Account) -> Self {
        let memory = Store::Memory(MemoryStore::default());
        Self::new(|clock| (Locker::of_both(table(account), memory.clone(), clock, Timing::default()), memory), Some(account.clone()))
    }

    fn new(make: impl FnOnce(Arc<TestClock>) -> (Locker, Store), table: Option<Account>) -> Self {
        let clock = TestClock::shared();
        let (locker, store) = make(clock.clone());
        let happenings = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&happenings);
        let locker = locker.on(move |happening| heard.lock().unwrap().push(happening));
        Self { locker, store, clock, table, happenings }
    }

    pub(super) async fn acquire(&self, request: &Request) -> Result<Lease, Error> {
        self.locker.acquire("shop", "dev", request).await
    }

    pub(super) fn place(&self) -> Place {
        Place::open(self.store.clone(), self.clock.clone(), "shop", "dev")
    }

    /// Somebody deletes the record.
    pub(super) async fn delete_record(&self) {
        if let Some(account) = &self.table {
            account.delete_item("stack:shop:env:dev");
        }
        self.store.delete(vec!["locks/shop/dev.json".to_owned()]).await.unwrap();
    }

    pub(super) fn heard(&self, find: impl Fn(&Happening) -> bool) -> usize {
        self.happenings.lock().unwrap().iter().filter(|happening| find(happening)).count()
    }
}

/// Runs `check` on every locker, each on an empty store.
pub(super) async fn on_all(check: impl AsyncFn(Bench)) {
    let directory = tempfile::tempdir().unwrap();
    check(Bench::of(Store::File(FileStore::new(directory.path())))).await;
    check(Bench::of(Store::Memory(MemoryStore::default()))).await;
    let account = Account::new();
    account.create_bucket();
    let bucket = Bucket { name: account.bucket(), ..Bucket::default() };
    check(Bench::of(Store::S3(S3Store::new(access(&account), bucket)))).await;
    let account = Account::new();
    account.create_table();
    let memory = Store::Memory(MemoryStore::default());
    check(Bench::new(|clock| (Locker::of_table(table(&account), clock, Timing::default()), memory), Some(account.clone()))).await;
    let account = Account::new();
    account.create_table();
    check(Bench::of_both(&account)).await;
}

pub(super) fn table(account: &Account) -> Table {
    Table::new(access(account), account.table(), None, None)
}

pub(super) fn request(scope: &str) -> Request {
    Request {
        scope: scope.parse().unwrap(),
        operation: "apply".to_owned(),
        locked_by: "ann@desk".to_owned(),
        metadata: HolderMetadata { hostname: "desk".to_owned(), pid: 411, ..HolderMetadata::default() },
        ttl: None,
        timeout: Duration::ZERO,
        no_takeover: false,
        stop: Stop::default(),
    }
}

pub(super) fn code(result: Result<Lease, Error>) -> Code {
    result.unwrap_err().findings()[0].code
}

/// A holder that stops beating, on another machine: what is left is its record.
pub(super) async fn die(bench: &Bench, scope: &str) -> u64 {
    let mut elsewhere = request(scope);
    elsewhere.metadata.hostname = "runner".to_owned();
    bench.acquire(&elsewhere).await.unwrap().epoch()
}
