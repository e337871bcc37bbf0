//! A store in the memory of this process, for tests. Tags are a counter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Expected, StoreError, Tag};

#[derive(Debug, Default)]
struct Objects {
    count: u64,
    map: BTreeMap<String, (Vec<u8>, Tag)>,
    /// Keys of objects that were deleted and not written since.
    deleted: BTreeSet<String>,
}

/// Objects in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Objects>>);

impl MemoryStore {
    fn lock(&self) -> MutexGuard<'_, Objects> {
        // Each operation leaves the map whole, so that a panic elsewhere does not matter here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, key: &str) -> Option<(Vec<u8>, Tag)> {
        self.lock().map.get(key).cloned()
    }

    pub(super) fn get_kept(&self, key: &str) -> Result<Option<(Vec<u8>, Tag)>, StoreError> {
        let objects = self.lock();
        if objects.deleted.contains(key) { Err(StoreError::deleted(format!("memory:{key}"))) } else { Ok(objects.map.get(key).cloned()) }
    }

    pub(super) fn put(&self, key: &str, bytes: Vec<u8>, expected: &Expected) -> Result<Tag, StoreError> {
        let mut objects = self.lock();
        let found = objects.map.get(key).map(|(_, tag)| tag);
        let met = match expected {
            Expected::Absent => found.is_none(),
            Expected::Tag(tag) => found == Some(tag),
        };
        if !met {
            return Err(StoreError::conflict(format!("memory:{key}")));
        }
        objects.count += 1;
        let tag = Tag::new(objects.count.to_string());
        objects.map.insert(key.to_owned(), (bytes, tag.clone()));
        objects.deleted.remove(key);
        Ok(tag)
    }

    pub(super) fn list(&self, prefix: &str) -> Vec<String> {
        self.lock().map.range(prefix.to_owned()..).map(|(key, _)| key).take_while(|key| key.starts_with(prefix)).cloned().collect()
    }

    pub(super) fn delete(&self, keys: &[String]) {
        let mut objects = self.lock();
        for key in keys {
            if objects.map.remove(key).is_some() {
                objects.deleted.insert(key.clone());
            }
        }
    }
}
