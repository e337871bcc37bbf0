//! What every store must hold to; the same suite for all of them.

use tokio::task::JoinSet;

use super::{Class, Expected, FileStore, MemoryStore, Store, StoreError};

/// Runs `check` on every store, each empty.
async fn on_all(check: impl AsyncFn(&Store)) {
    let directory = tempfile::tempdir().unwrap();
    for store in [Store::File(FileStore::new(directory.path().join(".panka"))), Store::Memory(MemoryStore::default())] {
        check(&store).await;
    }
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
    let store = Store::Memory(MemoryStore::default());
    let key = "stacks/s/e/state.json";
    assert_eq!(store.get_kept(key).await.unwrap(), None);
    store.put(key, b"one".to_vec(), Expected::Absent).await.unwrap();
    store.delete(vec![key.to_owned()]).await.unwrap();
    assert_eq!(store.get(key).await.unwrap(), None);
    assert_eq!(store.get_kept(key).await.unwrap_err().class, Class::Deleted);
    store.put(key, b"two".to_vec(), Expected::Absent).await.unwrap();
    assert_eq!(store.get_kept(key).await.unwrap().unwrap().0, b"two");
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
