//! What every store must hold to; the same suite for all of them.

use tokio::task::JoinSet;

use super::{Bucket, Class, Expected, FileStore, MemoryStore, S3Store, Store, StoreError};
use crate::aws::blocking::access;
use crate::diagnostic::codes::account::{P4013, P4014};
use crate::emulator::{Account, Rule};

/// Runs `check` on every store, each empty.
async fn on_all(check: impl AsyncFn(&Store)) {
    let directory = tempfile::tempdir().unwrap();
    let file = Store::File(FileStore::new(directory.path().join(".panka")));
    for store in [file, Store::Memory(MemoryStore::default()), bucket("").0, bucket("team/shop-").0] {
        check(&store).await;
    }
}

/// A store in a new bucket, with the account that has it.
fn bucket(prefix: &str) -> (Store, Account) {
    let account = Account::new();
    account.create_bucket();
    let bucket = Bucket { name: account.bucket(), prefix: prefix.to_owned(), ..Bucket::default() };
    (Store::S3(S3Store::new(access(&account), bucket)), account)
}

fn is_conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) -> bool {
    result.unwrap_err().is_conflict()
}

#[tokio::test]
async fn an_absent_object_is_none_and_nothing_is_listed() {
    on_all(async |store| {
        assert_eq!(store.get("stacks/s/e/state.json").await.unwrap(), None);
        assert_eq!(store.list("stacks/s/e/").await.unwrap(), Vec::<String>::new());
        store.delete(vec!["stacks/s/e/state.json".into()]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_object_is_read_as_it_was_written() {
    on_all(async |store| {
        let tag = store.put("stacks/s/e/state.json", b"one".to_vec(), Expected::Absent).await.unwrap();
        assert_eq!(store.get("stacks/s/e/state.json").await.unwrap(), Some((b"one".to_vec(), tag)));
    })
    .await;
}

#[tokio::test]
async fn an_object_is_made_once() {
    on_all(async |store| {
        store.put("stacks/s/e/journal/1", b"one".to_vec(), Expected::Absent).await.unwrap();
        assert!(is_conflict(store.put("stacks/s/e/journal/1", b"two".to_vec(), Expected::Absent).await));
        assert_eq!(store.get("stacks/s/e/journal/1").await.unwrap().unwrap().0, b"one");
    })
    .await;
}

#[tokio::test]
async fn a_write_against_an_old_version_is_refused() {
    on_all(async |store| {
        let key = "stacks/s/e/state.json";
        let first = store.put(key, b"one".to_vec(), Expected::Absent).await.unwrap();
        let second = store.put(key, b"two".to_vec(), Expected::Tag(first.clone())).await.unwrap();
        assert!(is_conflict(store.put(key, b"three".to_vec(), Expected::Tag(first)).await));
        assert_eq!(store.get(key).await.unwrap(), Some((b"two".to_vec(), second.clone())));
        store.delete(vec![key.into()]).await.unwrap();
        assert!(is_conflict(store.put(key, b"three".to_vec(), Expected::Tag(second)).await), "a deleted object has no version");
        assert_eq!(store.get(key).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn keys_are_listed_by_prefix_in_order() {
    on_all(async |store| {
        for key in ["stacks/s/e/journal/2", "stacks/s/e/journal/1", "stacks/s/e/state.json", "stacks/s/f/journal/1", "locks/s/e.json"] {
            store.put(key, b"x".to_vec(), Expected::Absent).await.unwrap();
        }
        assert_eq!(store.list("stacks/s/e/journal/").await.unwrap(), ["stacks/s/e/journal/1", "stacks/s/e/journal/2"]);
        assert_eq!(store.list("stacks/s/e/jour").await.unwrap().len(), 2, "a prefix is a text, not a directory");
        assert_eq!(store.list("stacks/").await.unwrap().len(), 4);
        assert_eq!(store.list("").await.unwrap().len(), 5);
        assert_eq!(store.list("locks/").await.unwrap(), ["locks/s/e.json"]);
    })
    .await;
}

#[tokio::test]
async fn of_20_writers_one_wins() {
    on_all(async |store| {
        let first = store.put("stacks/s/e/state.json", b"0".to_vec(), Expected::Absent).await.unwrap();
        for (key, expected) in [("stacks/s/e/state.json", Expected::Tag(first)), ("stacks/s/e/journal/1", Expected::Absent)] {
            let mut writers = JoinSet::new();
            for n in 1..=20_u8 {
                let (store, expected) = (store.clone(), expected.clone());
                writers.spawn(async move { (n, store.put(key, vec![n], expected).await) });
            }
            let winners: Vec<_> = writers.join_all().await.into_iter().filter_map(|(n, done)| Some((n, done.ok()?))).collect();
            let [(n, tag)] = &winners[..] else { panic!("{} winners", winners.len()) };
            assert_eq!(store.get(key).await.unwrap(), Some((vec![*n], tag.clone())));
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_write_brings_what_stands_there() {
    on_all(async |store| {
        let key = "stacks/s/e/state.json";
        let tag = store.put(key, b"one".to_vec(), Expected::Absent).await.unwrap();
        let refused = store.put(key, b"two".to_vec(), Expected::Absent).await.unwrap_err();
        assert_eq!((refused.class, refused.found), (Class::Conflict, Some(Box::new((b"one".to_vec(), tag.clone())))));
        assert_eq!(store.put(key, b"one".to_vec(), Expected::Absent).await.unwrap(), tag, "its own bytes are no conflict");
    })
    .await;
}

#[tokio::test]
async fn only_an_object_that_never_was_is_absent_where_that_matters() {
    for store in [Store::Memory(MemoryStore::default()), bucket("").0] {
        let key = "stacks/s/e/state.json";
        assert_eq!(store.get_kept(key).await.unwrap(), None);
        store.put(key, b"one".to_vec(), Expected::Absent).await.unwrap();
        store.delete(vec![key.to_owned()]).await.unwrap();
        assert_eq!(store.get(key).await.unwrap(), None);
        assert_eq!(store.get_kept(key).await.unwrap_err(), StoreError::deleted(store.locate(key)));
        store.put(key, b"two".to_vec(), Expected::Absent).await.unwrap();
        assert_eq!(store.get_kept(key).await.unwrap().unwrap().0, b"two");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn trouble_of_a_disk_has_a_class_and_keeps_its_source() {
    use std::error::Error as _;

    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("stacks"), "a file").unwrap();
    let store = Store::File(FileStore::new(directory.path()));
    let error = store.put("stacks/s/e/state.json", vec![1], Expected::Absent).await.unwrap_err();
    assert_eq!(error.class, Class::Failed);
    assert!(!error.class.is_transient());
    assert!(error.source().is_some(), "{error:?}");
}

#[tokio::test]
async fn a_listing_has_as_many_pages_as_it_needs_and_a_deletion_as_many_requests() {
    let (store, account) = bucket("p/");
    let keys: Vec<String> = (0..1100).map(|n| format!("stacks/s/e/journal/{n:05}")).collect();
    for key in &keys {
        account.put_object(&format!("p/{key}"), b"x");
    }
    assert_eq!(store.list("stacks/s/e/journal/").await.unwrap(), keys);
    assert_eq!(account.count("s3", "ListObjectsV2"), 2);
    assert_eq!(store.get_all(keys.clone()).await.unwrap().iter().flatten().count(), keys.len());
    store.delete(keys).await.unwrap();
    assert_eq!(account.count("s3", "DeleteObjects"), 2);
    assert_eq!(store.list("").await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn versions_are_listed_newest_first_and_read() {
    let (store, account) = bucket("p/");
    let key = "stacks/s/e/state.json";
    let tag = store.put(key, b"one".to_vec(), Expected::Absent).await.unwrap();
    store.put(key, b"second".to_vec(), Expected::Tag(tag)).await.unwrap();
    account.put_object(&format!("p/{key}.bak"), b"another");
    let versions = store.versions(key).await.unwrap();
    assert_eq!(versions.iter().map(|version| (version.bytes, version.latest)).collect::<Vec<_>>(), [(Some(6), true), (Some(3), false)]);
    assert_eq!(store.get_version(key, &versions[1].id).await.unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(store.get_version(key, "no-such-version").await.unwrap(), None);
    store.delete(vec![key.to_owned()]).await.unwrap();
    let versions = store.versions(key).await.unwrap();
    assert_eq!(versions.iter().map(|version| version.bytes.is_some()).collect::<Vec<_>>(), [false, true, true]);
    assert!(versions[0].latest && !store.forgets_versions());
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_repeated_after_it_took_effect_is_own() {
    let (store, account) = bucket("");
    let key = "stacks/s/e/state.json";
    account.rules([Rule::on("s3", "PutObject").first(1).drop_answer()]);
    let tag = store.put(key, b"one".to_vec(), Expected::Absent).await.unwrap();
    assert_eq!(store.get(key).await.unwrap(), Some((b"one".to_vec(), tag.clone())));
    // Every answer is lost: the SDK gives up, and what was written is found.
    account.rules([Rule::on("s3", "PutObject").drop_answer()]);
    let tag = store.put(key, b"two".to_vec(), Expected::Tag(tag)).await.unwrap();
    assert_eq!(store.get(key).await.unwrap(), Some((b"two".to_vec(), tag)));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_never_arrives_is_unavailable_and_changes_nothing() {
    let (store, account) = bucket("");
    account.rules([Rule::on("s3", "PutObject").drop_before()]);
    let error = store.put("stacks/s/e/state.json", b"one".to_vec(), Expected::Absent).await.unwrap_err();
    assert_eq!(error.class, Class::Unavailable);
    assert_eq!(store.get("stacks/s/e/state.json").await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn failures_of_a_bucket_have_their_class() {
    for (code, class) in [
        ("AccessDenied", Class::Denied),
        ("ExpiredToken", Class::Denied),
        ("InvalidAccessKeyId", Class::Denied),
        ("NoSuchBucket", Class::Failed),
        ("RequestTimeTooSkewed", Class::Failed),
        ("SlowDown", Class::Unavailable),
        ("InternalError", Class::Unavailable),
    ] {
        let (store, account) = bucket("");
        account.rules([Rule::on("s3", "*").fail(code)]);
        let error = store.put("stacks/s/e/state.json", b"one".to_vec(), Expected::Absent).await.unwrap_err();
        assert_eq!(error.class, class, "{code}: {error}");
        let calls = account.count("s3", "PutObject");
        assert!(calls > 1 || !class.is_transient(), "{code} can get better, and was tried {calls} times");
        assert!(calls == 1 || class.is_transient(), "{code} cannot get better, and was tried {calls} times");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_is_asked_for_again() {
    let (store, account) = bucket("");
    let key = "stacks/s/e/state.json";
    store.put(key, vec![b'x'; 10_000], Expected::Absent).await.unwrap();
    account.rules([Rule::on("s3", "GetObject").first(1).truncate()]);
    assert_eq!(store.get(key).await.unwrap().unwrap().0.len(), 10_000);
}

#[tokio::test]
async fn a_bucket_elsewhere_is_found_unless_its_region_was_configured() {
    let account = Account::new();
    account.in_region("ap-southeast-2").create_bucket();
    let found = Bucket { name: account.bucket(), ..Bucket::default() };
    let store = Store::S3(S3Store::new(access(&account), found.clone()));
    store.put("a", b"one".to_vec(), Expected::Absent).await.unwrap();
    assert_eq!(store.list("").await.unwrap(), ["a"]);
    let there = |call: &serde_json::Value| call["region"] == "ap-southeast-2";
    assert_eq!(account.log().iter().map(|call| there(call)).collect::<Vec<_>>(), [false, true, true], "it is looked for once");
    let configured = Bucket { region: Some("eu-west-1".to_owned()), ..found };
    let store = Store::S3(S3Store::new(access(&account), configured));
    let finding = store.put("b", b"one".to_vec(), Expected::Absent).await.unwrap_err().finding(P4013);
    assert_eq!(finding.code, P4014);
    assert!(finding.message.contains("the bucket is in ap-southeast-2"), "{finding:?}");
}

#[tokio::test]
async fn a_key_of_kms_encrypts_what_is_written_and_a_checksum_goes_with_it() {
    let account = Account::new();
    account.create_bucket();
    let bucket = Bucket { name: account.bucket(), kms_key_id: Some("alias/state".to_owned()), ..Bucket::default() };
    let store = Store::S3(S3Store::new(access(&account), bucket));
    store.put("a", b"one".to_vec(), Expected::Absent).await.unwrap();
    let put = &account.log()[0];
    assert_eq!(put["x-amz-server-side-encryption"], "aws:kms", "{put}");
    assert_eq!(put["x-amz-server-side-encryption-aws-kms-key-id"], "alias/state", "{put}");
    assert!(put["x-amz-checksum-crc32"].is_string(), "{put}");
}
