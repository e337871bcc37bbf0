//! Stores: where the objects of the state lie.
//!
//! In: keys and bytes. Out: bytes and their [`Tag`]. The four operations are the whole interface; state, journal, run records and lock
//! records use nothing else. A write is always conditional: it takes effect when the object still is what the writer expects, in one
//! step, durably and whole, or not at all.

use std::fmt;
use std::sync::Arc;

use self::request::Request;
use crate::diagnostic::codes::state::P7012;
use crate::diagnostic::{Code, Diagnostic};

mod file;
#[cfg(test)]
mod lossy;
mod memory;
mod request;
mod s3;

#[cfg(test)]
mod contract;

pub use file::FileStore;
#[cfg(test)]
pub use lossy::{Loss, LossyStore};
pub use memory::MemoryStore;
pub use s3::{Bucket, S3Store};

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

/// What kind of trouble a store has, by what can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The object is not what the writer expected: read it again, and decide anew.
    Conflict,
    /// The right to do it is missing: nothing helps but a person.
    Denied,
    /// The object was there, and somebody has deleted it.
    Deleted,
    /// The store does not answer, or says that it cannot just now. Trying again can help, and a write may have taken effect all the same.
    Unavailable,
    /// It cannot be done, whatever is tried again.
    Failed,
}

impl Class {
    /// Its name in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Denied => "denied",
            Self::Deleted => "deleted by somebody",
            Self::Unavailable => "unavailable",
            Self::Failed => "failed",
        }
    }

    /// Tells whether the same call may go through later.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Unavailable)
    }
}

/// Why a store refused. Whether the object exists is then not known, unless the class says so.
#[derive(Debug, Clone)]
pub struct StoreError {
    /// What can be done about it.
    pub class: Class,
    /// What was being done.
    pub action: Action,
    /// The object as its store names it: a path, a URL.
    pub place: String,
    /// Why, in words.
    pub cause: String,
    /// The way out.
    pub help: Option<String>,
    /// The code of a finding that says more than that of whoever reads or writes.
    pub code: Option<Code>,
    /// What stands in place of what was to be written, after a conflict.
    pub found: Option<Box<(Vec<u8>, Tag)>>,
    /// The error that it comes from.
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl StoreError {
    /// Trouble of a class.
    pub fn new(class: Class, action: Action, place: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { class, action, place: place.into(), cause: cause.into(), help: None, code: None, found: None, source: None }
    }

    /// The object is not what the writer expected. Nothing was written.
    pub fn conflict(place: impl Into<String>) -> Self {
        Self::new(Class::Conflict, Action::Write, place, "it is not what it was when it was read")
    }

    /// The object was there, and somebody has deleted it.
    pub fn deleted(place: impl Into<String>) -> Self {
        Self::new(Class::Deleted, Action::Read, place, "somebody has deleted it")
    }

    /// Adds a way out.
    #[must_use]
    pub fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Adds a code that says more than that of whoever reads or writes.
    #[must_use]
    pub fn coded(mut self, code: Option<Code>) -> Self {
        self.code = code;
        self
    }

    /// Keeps the error that this one comes from.
    #[must_use]
    pub fn because(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Tells whether it is a conflict.
    pub fn is_conflict(&self) -> bool {
        self.class == Class::Conflict
    }

    /// The finding for somebody who reads or writes with a code for that.
    pub fn finding(self, code: Code) -> Diagnostic {
        let message = self.to_string();
        match self.class {
            Class::Deleted => Diagnostic::new(P7012, message)
                .help("`panka state history` lists the versions that a bucket has kept, and `panka state restore` puts one back")
                .help("without versions, put a copy back with `panka state push`")
                .help("see `panka explain P7012` to start anew"),
            _ => Diagnostic::new(self.code.unwrap_or(code), message).maybe_help(self.help),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be {}: {}", self.place, self.action, self.cause)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}

impl PartialEq for StoreError {
    /// Equal in what is said; where it comes from cannot be compared.
    fn eq(&self, other: &Self) -> bool {
        let said = |error: &Self| (error.class, error.action, error.place.clone(), error.cause.clone(), error.help.clone());
        said(self) == said(other)
    }
}

impl Eq for StoreError {}

/// A store of objects. Cheap to clone; clones are the same store.
#[derive(Debug, Clone)]
pub enum Store {
    /// Files below a directory.
    File(FileStore),
    /// The memory of this process.
    Memory(MemoryStore),
    /// Objects of a bucket.
    S3(S3Store),
    /// Memory whose answers get lost.
    #[cfg(test)]
    Lossy(LossyStore),
}

/// A version of an object that its store still has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// The store's name of it.
    pub id: String,
    /// When it was written, RFC 3339, UTC.
    pub at: String,
    /// Bytes; none for the mark of a deletion.
    pub bytes: Option<u64>,
    /// It is the one that counts now.
    pub latest: bool,
}

impl Store {
    /// Reads an object with its tag; `None` is a proven absence.
    pub async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, Tag)>, StoreError> {
        let request = Request::new("get");
        let answer = match self {
            Self::File(store) => store.get(key).await,
            Self::Memory(store) => Ok(store.get(key)),
            Self::S3(store) => Box::pin(store.get(key)).await,
            #[cfg(test)]
            Self::Lossy(store) => Ok(store.memory().get(key)),
        };
        request.got(key, &answer);
        answer
    }

    /// Reads an object that nobody but a person deletes: where the store remembers that there was one, its absence is an error.
    pub async fn get_kept(&self, key: &str) -> Result<Option<(Vec<u8>, Tag)>, StoreError> {
        let request = Request::new("get");
        let answer = match self {
            Self::File(store) => store.get(key).await,
            Self::Memory(store) => store.get_kept(key),
            Self::S3(store) => Box::pin(store.get_kept(key)).await,
            #[cfg(test)]
            Self::Lossy(store) => store.memory().get_kept(key),
        };
        request.got(key, &answer);
        answer
    }

    /// The versions of an object that the store has kept, newest first; a store that keeps none has none to show.
    pub async fn versions(&self, key: &str) -> Result<Vec<StoredVersion>, StoreError> {
        match self {
            Self::S3(store) => Box::pin(store.versions(key)).await,
            _ => Ok(Vec::new()),
        }
    }

    /// Reads a version of an object; none when there is no such version.
    pub async fn get_version(&self, key: &str, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::S3(store) => Box::pin(store.get_version(key, id)).await,
            _ => Ok(None),
        }
    }

    /// Tells whether a write has shown that the store keeps no versions, though it could.
    pub fn forgets_versions(&self) -> bool {
        match self {
            Self::S3(store) => store.forgets_versions(),
            _ => false,
        }
    }

    /// Reads several objects, in the order of the keys.
    pub async fn get_all(&self, keys: Vec<String>) -> Result<Vec<Option<(Vec<u8>, Tag)>>, StoreError> {
        let request = Request::new("get");
        let answer = match self {
            Self::File(store) => store.get_all(keys.clone()).await,
            Self::Memory(store) => Ok(keys.iter().map(|key| store.get(key)).collect()),
            Self::S3(store) => Box::pin(store.get_all(keys.clone())).await,
            #[cfg(test)]
            Self::Lossy(store) => Ok(keys.iter().map(|key| store.memory().get(key)).collect()),
        };
        request.got_all(&keys, &answer);
        answer
    }

    /// Writes an object if it is what `expected` says. When this returns a tag, the bytes are durable.
    ///
    /// A write can take effect although its answer is lost, and whatever repeats it is then refused by its own first try. So after a conflict
    /// or a silence the object is read again: if it holds exactly these bytes, they are this writer's own. Bytes of two writers must therefore
    /// never be equal; those of records, journals and snapshots name their run.
    pub async fn put(&self, key: &str, bytes: Vec<u8>, expected: Expected) -> Result<Tag, StoreError> {
        let refused = match self.write(key, &bytes, expected).await {
            Ok(tag) => return Ok(tag),
            Err(refused) if refused.is_conflict() || refused.class.is_transient() => refused,
            Err(refused) => return Err(refused),
        };
        match self.get(key).await {
            Ok(Some((found, tag))) if found == bytes => {
                tracing::debug!("{key} holds what was written: the write has taken effect, and its answer was lost");
                Ok(tag)
            }
            Ok(found) if refused.is_conflict() => Err(StoreError { found: found.map(Box::new), ..refused }),
            // What counts is why the write failed.
            Ok(_) | Err(_) => Err(refused),
        }
    }

    async fn write(&self, key: &str, bytes: &[u8], expected: Expected) -> Result<Tag, StoreError> {
        let request = Request::new("put");
        let answer = match self {
            Self::File(store) => store.put(key, bytes.to_vec(), expected).await,
            Self::Memory(store) => store.put(key, bytes.to_vec(), &expected),
            Self::S3(store) => Box::pin(store.put(key, bytes, &expected)).await,
            #[cfg(test)]
            Self::Lossy(store) => store.put(key, bytes.to_vec(), &expected),
        };
        request.put(key, bytes.len(), &answer);
        answer
    }

    /// Lists the keys that start with `prefix`, sorted.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let request = Request::new("list");
        let answer = match self {
            Self::File(store) => store.list(prefix).await,
            Self::Memory(store) => Ok(store.list(prefix)),
            Self::S3(store) => Box::pin(store.list(prefix)).await,
            #[cfg(test)]
            Self::Lossy(store) => Ok(store.memory().list(prefix)),
        };
        request.listed(prefix, &answer);
        answer
    }

    /// Deletes objects, in the order given. What is not there is not an error.
    pub async fn delete(&self, keys: Vec<String>) -> Result<(), StoreError> {
        let request = Request::new("delete");
        let answer = match self {
            Self::File(store) => store.delete(keys.clone()).await,
            Self::Memory(store) => {
                store.delete(&keys);
                Ok(())
            }
            Self::S3(store) => Box::pin(store.delete(keys.clone())).await,
            #[cfg(test)]
            Self::Lossy(store) => {
                store.memory().delete(&keys);
                Ok(())
            }
        };
        request.deleted(&keys, &answer);
        answer
    }

    /// Names the place of a key for people: a path, a URL.
    pub fn locate(&self, key: &str) -> String {
        match self {
            Self::File(store) => store.locate(key),
            Self::Memory(_) => format!("memory:{key}"),
            Self::S3(store) => store.locate(key),
            #[cfg(test)]
            Self::Lossy(_) => format!("memory:{key}"),
        }
    }
}
