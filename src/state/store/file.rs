//! A store of files below a directory, `.panka/`, with the same keys as in a bucket.
//!
//! A write compares, writes a temporary file, syncs it, renames it and syncs the directory, all under an exclusive lock of the file
//! `.lock` of its place. A file is therefore whole at any time, whatever is killed when, and the tag of an object is the digest of its
//! bytes. Names that start with a dot are no objects.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Action, Class, Expected, StoreError, Tag};
use crate::document::Digest;

/// How long a write waits for another write of the same place. Each takes milliseconds: who holds the lock longer is stopped or stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// Directories of a key that make its place: `stacks/<stack>/<environment>`.
const PLACE: usize = 3;

/// The name of a file that is being written; one for each directory, since there is one writer at a time.
const TEMPORARY: &str = ".writing";

/// Files below a directory.
#[derive(Debug, Clone)]
pub struct FileStore {
    root: Arc<Path>,
}

impl FileStore {
    /// A store below `root`, which is made by the first write.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into().into() }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn locate(&self, key: &str) -> String {
        self.root.join(key).display().to_string()
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, Tag)>, StoreError> {
        let (store, key) = (self.clone(), key.to_owned());
        blocking(move || store.read(&key)).await
    }

    pub(super) async fn get_all(&self, keys: Vec<String>) -> Result<Vec<Option<(Vec<u8>, Tag)>>, StoreError> {
        let store = self.clone();
        blocking(move || keys.iter().map(|key| store.read(key)).collect()).await
    }

    pub(super) async fn put(&self, key: &str, bytes: Vec<u8>, expected: Expected) -> Result<Tag, StoreError> {
        let (store, key) = (self.clone(), key.to_owned());
        blocking(move || store.write(&key, &bytes, &expected)).await
    }

    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let (store, prefix) = (self.clone(), prefix.to_owned());
        blocking(move || store.keys(&prefix)).await
    }

    pub(super) async fn delete(&self, keys: Vec<String>) -> Result<(), StoreError> {
        let store = self.clone();
        blocking(move || store.remove(&keys)).await
    }

    fn read(&self, key: &str) -> Result<Option<(Vec<u8>, Tag)>, StoreError> {
        let path = self.root.join(key);
        match fs::read(&path) {
            Ok(bytes) => {
                let tag = tag(&bytes);
                Ok(Some((bytes, tag)))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => self.prove_absence().map(|()| None),
            Err(error) => Err(failure(Action::Read, &path, error)),
        }
    }

    /// A root that is a link to nowhere is a disk that is not mounted, not an absent state.
    fn prove_absence(&self) -> Result<(), StoreError> {
        match fs::symlink_metadata(&self.root) {
            Ok(meta) if meta.is_symlink() && !self.root.exists() => {
                let place = self.root.display().to_string();
                Err(StoreError::new(Class::Failed, Action::Read, place, "it is a link to a place that does not exist")
                    .help(Some("mount the disk that it leads to, or remove the link to start anew".to_owned())))
            }
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failure(Action::Read, &self.root, error)),
            _ => Ok(()),
        }
    }

    fn write(&self, key: &str, bytes: &[u8], expected: &Expected) -> Result<Tag, StoreError> {
        let path = self.root.join(key);
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |error: io::Error| failure(Action::Write, &path, error)
        };
        let directory = path.parent().unwrap_or(&self.root);
        make_directories(directory).map_err(fail(directory))?;
        let held = self.hold(key)?;
        let found = match fs::read(&path) {
            Ok(bytes) => Some(tag(&bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(failure(Action::Read, &path, error)),
        };
        let met = match expected {
            Expected::Absent => found.is_none(),
            Expected::Tag(tag) => found.as_ref() == Some(tag),
        };
        if !met {
            return Err(StoreError::conflict(path.display().to_string()));
        }
        let temporary = directory.join(TEMPORARY);
        if let Err(error) = write_synced(&temporary, bytes).and_then(|()| fs::rename(&temporary, &path)) {
            // The error that counts is the one of the write; what is left over is overwritten by the next one.
            drop(fs::remove_file(&temporary));
            return Err(failure(Action::Write, &path, error));
        }
        sync_directory(directory).map_err(fail(directory))?;
        drop(held);
        Ok(tag(bytes))
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let start = prefix.rfind('/').map_or("", |at| &prefix[..at]);
        let mut keys = Vec::new();
        let mut open = vec![(self.root.join(start), start.to_owned())];
        while let Some((path, key)) = open.pop() {
            let fail = |error: io::Error| failure(Action::List, &path, error);
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    self.prove_absence()?;
                    continue;
                }
                Err(error) => return Err(fail(error)),
            };
            for entry in entries {
                let entry = entry.map_err(fail)?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                if name.starts_with('.') {
                    continue;
                }
                let key = if key.is_empty() { name } else { format!("{key}/{name}") };
                let kind = entry.file_type().map_err(fail)?;
                if kind.is_dir() {
                    open.push((entry.path(), key));
                } else if key.starts_with(prefix) {
                    keys.push(key);
                }
            }
        }
        keys.sort_unstable();
        Ok(keys)
    }

    fn remove(&self, keys: &[String]) -> Result<(), StoreError> {
        // No sync: an object that is deleted was folded before, and one that comes back after a power cut is folded again to no effect.
        for key in keys {
            let path = self.root.join(key);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(failure(Action::Delete, &path, error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Holds the `.lock` of the key's place until the file is dropped.
    fn hold(&self, key: &str) -> Result<File, StoreError> {
        let mut directories: Vec<&str> = key.split('/').take(PLACE + 1).collect();
        directories.pop();
        let path = self.root.join(directories.join("/")).join(".lock");
        let fail = |error: io::Error| failure(Action::Write, &path, error);
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(fail)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(fail(error)),
                Err(TryLockError::WouldBlock) if start.elapsed() > PATIENCE => {
                    let place = path.display().to_string();
                    let help = format!("find the process with `fuser {place}`: a stopped panka must be continued or ended");
                    return Err(StoreError::new(Class::Unavailable, Action::Write, place, "another process holds it and does not let go")
                        .help(Some(help)));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn tag(bytes: &[u8]) -> Tag {
    Tag::new(Digest::of_bytes(bytes).as_str())
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

fn sync_directory(path: &Path) -> io::Result<()> {
    // Other systems have no way to sync a directory, and need none.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Makes a directory with its parents, each durably.
fn make_directories(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make_directories(parent)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
        // Said in the words of the operation that meets it later: a part of the path is a file.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(ErrorKind::NotADirectory.into()),
        made => made?,
    }
    sync_directory(parent.unwrap_or(Path::new(".")))
}

/// Says what stands in the way in words, with a way out.
fn failure(action: Action, path: &Path, error: io::Error) -> StoreError {
    let place = path.display().to_string();
    let (class, cause, help) = match error.kind() {
        ErrorKind::PermissionDenied => (
            Class::Denied,
            "permission denied",
            Some(format!("make {place} readable and writable for this user, or run as the user who owns it")),
        ),
        ErrorKind::ReadOnlyFilesystem => (
            Class::Denied,
            "the disk is mounted read-only",
            Some("the local backend keeps its files below `.panka/`: use a copy on a writable disk".to_owned()),
        ),
        // A disk does not empty itself: whoever waits for that waits in silence.
        ErrorKind::StorageFull => (Class::Failed, "the disk is full", Some("free space, and run the command again".to_owned())),
        ErrorKind::QuotaExceeded => (Class::Failed, "the disk quota is used up", Some("free space, and run the command again".to_owned())),
        ErrorKind::NotADirectory => {
            (Class::Failed, "a part of the path is a file", Some(format!("move the file away that stands where {place} needs a directory")))
        }
        ErrorKind::IsADirectory => {
            (Class::Failed, "it is a directory", Some(format!("move the directory {place} away: panka keeps a file there")))
        }
        ErrorKind::Unsupported => (
            Class::Failed,
            "the disk knows no file locks",
            Some("keep `.panka/` on a local disk, or use the s3 backend: see `panka init`".to_owned()),
        ),
        ErrorKind::StaleNetworkFileHandle => (Class::Unavailable, "the network disk has gone away", Some("mount it again".to_owned())),
        ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::ResourceBusy => {
            return StoreError::new(Class::Unavailable, action, place, error.to_string()).because(error);
        }
        _ => return StoreError::new(Class::Failed, action, place, error.to_string()).because(error),
    };
    StoreError::new(class, action, place, cause).help(help).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(error: StoreError) -> String {
        assert_eq!(error.class, Class::Failed, "{error}");
        error.cause
    }

    #[tokio::test]
    async fn a_file_where_a_directory_is_needed_is_not_an_absence() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(".panka"), "a file").unwrap();
        let store = FileStore::new(directory.path().join(".panka"));
        assert_eq!(cause(store.get("stacks/s/e/state.json").await.unwrap_err()), "a part of the path is a file");
        assert_eq!(cause(store.list("stacks/s/e/journal/").await.unwrap_err()), "a part of the path is a file");
        let put = store.put("stacks/s/e/state.json", vec![1], Expected::Absent).await;
        assert_eq!(cause(put.unwrap_err()), "a part of the path is a file");
        assert_eq!(fs::read(directory.path().join(".panka")).unwrap(), b"a file");
    }

    #[tokio::test]
    async fn a_directory_in_place_of_an_object_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("stacks/s/e/state.json")).unwrap();
        let store = FileStore::new(directory.path());
        assert_eq!(cause(store.get("stacks/s/e/state.json").await.unwrap_err()), "it is a directory");
        assert_eq!(cause(store.put("stacks/s/e/state.json", vec![1], Expected::Absent).await.unwrap_err()), "it is a directory");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_root_that_leads_nowhere_is_not_an_absence() {
        let directory = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/nowhere/at/all", directory.path().join(".panka")).unwrap();
        let store = FileStore::new(directory.path().join(".panka"));
        assert!(cause(store.get("stacks/s/e/state.json").await.unwrap_err()).contains("does not exist"));
        assert!(cause(store.list("stacks/").await.unwrap_err()).contains("does not exist"));
    }

    #[tokio::test]
    async fn what_a_killed_write_left_over_is_no_object() {
        let directory = tempfile::tempdir().unwrap();
        let store = FileStore::new(directory.path());
        store.put("stacks/s/e/journal/1.json", vec![1], Expected::Absent).await.unwrap();
        fs::write(directory.path().join("stacks/s/e/journal").join(TEMPORARY), "torn").unwrap();
        assert_eq!(store.list("stacks/").await.unwrap(), ["stacks/s/e/journal/1.json"]);
        store.put("stacks/s/e/journal/2.json", vec![2], Expected::Absent).await.unwrap();
        assert_eq!(store.get("stacks/s/e/journal/2.json").await.unwrap().unwrap().0, [2]);
    }
}
