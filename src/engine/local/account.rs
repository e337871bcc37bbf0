//! The simulated account on disk: an append-only log of operations and a compacted snapshot, below
//! `.panka/local-cloud/<account>/<region>/`.
//!
//! Every use is under an OS lock and first reads what other processes have appended, so that all of them see one cloud. A line is written
//! per operation and not fsynced: the account outlives a killed panka, not a power cut. A torn last line never happened.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::cloud::{Cloud, Contents, Operation};
use crate::diagnostic::codes::engine::P5010;
use crate::diagnostic::{Diagnostic, Error};

const LOG: &str = "operations.ndjson";
const SNAPSHOT: &str = "snapshot.json";
const LOCK: &str = ".lock";

/// A longer log is folded into the snapshot when the account is opened.
const LONGEST_LOG: u64 = 16 << 20;

/// How long an answer is kept for its token, as at AWS: 36 hours.
const ANSWERS: i64 = 36 * 60 * 60;

/// The simulated account.
#[derive(Debug)]
pub(super) struct SimulatedAccount {
    directory: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    lock: File,
    log: File,
    /// Bytes of the log that `cloud` contains.
    read: u64,
    /// Counts compactions; stands in the lock file, so that other processes notice one.
    generation: u64,
    cloud: Cloud,
}

impl SimulatedAccount {
    /// Opens the account; makes it when there is none.
    pub(super) fn open(directory: &Path, now: i64) -> Result<Self, Error> {
        let account = Self::open_files(directory).map_err(|error| unreadable(directory, &error))?;
        account.locked(|inner| inner.compact(directory, now)).map_err(|error| unreadable(directory, &error))?;
        Ok(account)
    }

    fn open_files(directory: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let open = |name: &str| OpenOptions::new().read(true).write(true).create(true).truncate(false).open(directory.join(name));
        // A generation that no file has makes the first use read everything.
        let inner = Inner { lock: open(LOCK)?, log: open(LOG)?, read: 0, generation: u64::MAX, cloud: Cloud::default() };
        Ok(Self { directory: directory.to_owned(), inner: Mutex::new(inner) })
    }

    /// Uses the account while no other process does. What `work` returns beside its answer is appended to the log and takes effect.
    pub(super) fn use_with<T>(&self, work: impl FnOnce(&Cloud) -> (T, Option<Operation>)) -> io::Result<T> {
        self.locked(|inner| {
            let (answer, operation) = work(&inner.cloud);
            if let Some(operation) = operation {
                inner.append(operation)?;
            }
            Ok(answer)
        })
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Inner) -> io::Result<T>) -> io::Result<T> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.lock.lock()?;
        let answer = inner.catch_up(&self.directory).and_then(|()| work(&mut inner));
        inner.lock.unlock()?;
        answer
    }
}

impl Inner {
    /// Reads what other processes have done.
    fn catch_up(&mut self, directory: &Path) -> io::Result<()> {
        let generation = self.read_generation()?;
        if generation != self.generation {
            self.cloud = Cloud::new(read_snapshot(&directory.join(SNAPSHOT))?);
            self.read = 0;
            self.generation = generation;
        }
        let length = self.log.metadata()?.len();
        if length < self.read {
            return Err(damaged("the log is shorter than before"));
        }
        if length > self.read {
            let mut tail = Vec::new();
            self.log.seek(SeekFrom::Start(self.read))?;
            self.log.read_to_end(&mut tail)?;
            let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            for line in tail[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let operation: Operation = serde_json::from_slice(line).map_err(|error| damaged(&format!("a line of the log: {error}")))?;
                match operation.seq {
                    // A compaction was interrupted between its snapshot and the emptying of the log.
                    seq if seq < self.cloud.next() => {}
                    seq if seq == self.cloud.next() => self.cloud.take(operation),
                    seq => return Err(damaged(&format!("the log goes on with operation {seq} after {}", self.cloud.next() - 1))),
                }
            }
            self.read += whole as u64;
        }
        Ok(())
    }

    fn append(&mut self, operation: Operation) -> io::Result<()> {
        let mut line = serde_json::to_vec(&operation).map_err(io::Error::from)?;
        line.push(b'\n');
        if self.log.metadata()?.len() > self.read {
            self.log.set_len(self.read)?;
        }
        self.log.seek(SeekFrom::Start(self.read))?;
        self.log.write_all(&line)?;
        self.read += line.len() as u64;
        self.cloud.take(operation);
        Ok(())
    }

    /// Folds a long log into the snapshot.
    fn compact(&mut self, directory: &Path, now: i64) -> io::Result<()> {
        if self.read < LONGEST_LOG {
            return Ok(());
        }
        self.cloud.forget_answers(now - ANSWERS);
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        serde_json::to_writer(io::BufWriter::new(&mut file), self.cloud.contents())?;
        file.persist(directory.join(SNAPSHOT)).map_err(|error| error.error)?;
        self.generation += 1;
        let generation = self.generation.to_le_bytes();
        self.lock.seek(SeekFrom::Start(0))?;
        self.lock.write_all(&generation)?;
        self.log.set_len(0)?;
        self.read = 0;
        Ok(())
    }

    fn read_generation(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.lock.seek(SeekFrom::Start(0))?;
        let mut length = 0;
        while length < bytes.len() {
            match self.lock.read(&mut bytes[length..])? {
                0 => break,
                more => length += more,
            }
        }
        Ok(u64::from_le_bytes(bytes))
    }
}

fn read_snapshot(path: &Path) -> io::Result<Contents> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| damaged(&format!("the snapshot: {error}"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Contents::default()),
        Err(error) => Err(error),
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("damaged: {what}"))
}

fn unreadable(directory: &Path, error: &io::Error) -> Error {
    let finding = Diagnostic::new(P5010, format!("the simulated account in {} cannot be used: {error}", directory.display()));
    match error.kind() {
        io::ErrorKind::InvalidData => finding.help("see `panka explain P5010` for the way on"),
        _ => finding.help("check the permissions and the free space there: nothing is lost"),
    }
    .into()
}
