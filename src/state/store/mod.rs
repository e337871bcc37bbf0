//! Stores: where the objects of the state lie.
//!
//! In: keys and bytes. Out: bytes and their [`Tag`]. The four operations are the whole interface; state, journal, run records and lock
//! records use nothing else. A write is always conditional: it takes effect when the object still is what the writer expects, in one
//! step, durably and whole, or not at all.

use std::fmt;

use crate::diagnostic::{Code, Diagnostic};

mod file;
mod memory;

#[cfg(test)]
mod contract;

pub use file::FileStore;
pub use memory::MemoryStore;

/// The version of an object, as its store names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag(String);

impl Tag {
    /// A tag from the store's own text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The store's own text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a writer takes an object for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It does not exist.
    Absent,
    /// It is this version.
    Tag(Tag),
}

impl From<Option<Tag>> for Expected {
    fn from(tag: Option<Tag>) -> Self {
        tag.map_or(Self::Absent, Self::Tag)
    }
}

/// What was being done when a store failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// An object was read.
    Read,
    /// An object was written.
    Write,
    /// Keys were listed.
    List,
    /// An object was deleted.
    Delete,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "written",
            Self::List => "listed",
            Self::Delete => "deleted",
        })
    }
}

/// Why a store refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The object is not what the writer expected. Nothing was written.
    #[error("`{key}` is not what it was when it was read")]
    Conflict {
        /// The object.
        key: String,
    },
    /// The store cannot do it. Whether an object exists is then unknown.
    #[error("{place} cannot be {action}: {cause}")]
    Failed {
        /// What was being done.
        action: Action,
        /// The object as its store names it: a path, a URL.
        place: String,
        /// Why.
        cause: String,
        /// The way out.
        help: Option<String>,
    },
}

impl StoreError {
    /// The finding for somebody who reads or writes with a code for that.
    pub fn finding(self, code: Code) -> Diagnostic {
        let message = self.to_string();
        match self {
            Self::Conflict { .. } => Diagnostic::new(code, message),
            Self::Failed { help, .. } => Diagnostic::new(code, message).maybe_help(help),
        }
    }
}

/// A store of objects. Cheap to clone; clones are the same store.
#[derive(Debug, Clone)]
pub enum Store {
    /// Files below a directory.
    File(FileStore),
    /// The memory of this process.
    Memory(MemoryStore),
}

impl Store {
    /// Reads an object with its tag; `None` is a proven absence.
    pub async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, Tag)>, StoreError> {
        match self {
            Self::File(store) => store.get(key).await,
            Self::Memory(store) => Ok(store.get(key)),
        }
    }

    /// Reads several objects, in the order of the keys.
    pub async fn get_all(&self, keys: Vec<String>) -> Result<Vec<Option<(Vec<u8>, Tag)>>, StoreError> {
        match self {
            Self::File(store) => store.get_all(keys).await,
            Self::Memory(store) => Ok(keys.iter().map(|key| store.get(key)).collect()),
        }
    }

    /// Writes an object if it is what `expected` says. When this returns a tag, the bytes are durable.
    pub async fn put(&self, key: &str, bytes: Vec<u8>, expected: Expected) -> Result<Tag, StoreError> {
        match self {
            Self::File(store) => store.put(key, bytes, expected).await,
            Self::Memory(store) => store.put(key, bytes, &expected),
        }
    }

    /// Lists the keys that start with `prefix`, sorted.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        match self {
            Self::File(store) => store.list(prefix).await,
            Self::Memory(store) => Ok(store.list(prefix)),
        }
    }

    /// Deletes objects, in the order given. What is not there is not an error.
    pub async fn delete(&self, keys: Vec<String>) -> Result<(), StoreError> {
        match self {
            Self::File(store) => store.delete(keys).await,
            Self::Memory(store) => {
                store.delete(&keys);
                Ok(())
            }
        }
    }

    /// Names the place of a key for people: a path, a URL.
    pub fn locate(&self, key: &str) -> String {
        match self {
            Self::File(store) => store.locate(key),
            Self::Memory(_) => format!("memory:{key}"),
        }
    }
}
