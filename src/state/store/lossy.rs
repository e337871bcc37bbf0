//! A store for tests whose writes go wrong: before they take effect, or after it, when only the answer is lost.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::{Action, Class, Expected, MemoryStore, StoreError, Tag};

/// What goes wrong with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It has no effect, and this is its answer.
    Before(Class),
    /// It takes effect, and this is its answer all the same.
    After(Class),
}

/// Memory with a script of losses.
#[derive(Debug, Clone, Default)]
pub struct LossyStore(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    memory: MemoryStore,
    losses: Mutex<VecDeque<Loss>>,
    prefix: Mutex<String>,
    writes: Mutex<usize>,
}

impl LossyStore {
    /// Lets the next writes below `prefix` go wrong, in this order; those after them go well. Counts writes below it from now on.
    pub fn lose(&self, prefix: &str, losses: impl IntoIterator<Item = Loss>) {
        *self.0.losses.lock().unwrap() = losses.into_iter().collect();
        prefix.clone_into(&mut self.0.prefix.lock().unwrap());
        *self.0.writes.lock().unwrap() = 0;
    }

    /// How many writes were tried since the script was given.
    pub fn writes(&self) -> usize {
        *self.0.writes.lock().unwrap()
    }

    /// What takes effect.
    pub fn memory(&self) -> &MemoryStore {
        &self.0.memory
    }

    pub(super) fn put(&self, key: &str, bytes: Vec<u8>, expected: &Expected) -> Result<Tag, StoreError> {
        let ours = key.starts_with(&*self.0.prefix.lock().unwrap());
        let loss = if ours { self.0.losses.lock().unwrap().pop_front() } else { None };
        *self.0.writes.lock().unwrap() += usize::from(ours);
        let error = |class| StoreError::new(class, Action::Write, format!("memory:{key}"), "the test says so");
        match loss {
            Some(Loss::Before(class)) => Err(error(class)),
            Some(Loss::After(class)) => self.0.memory.put(key, bytes, expected).and_then(|_| Err(error(class))),
            None => self.0.memory.put(key, bytes, expected),
        }
    }
}
