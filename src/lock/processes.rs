//! The operating system's locks of a process: they are free when the process is dead, so that a takeover on one machine need not wait.
//!
//! In: the folder of a place, a scope. Out: files that are locked as long as they are open. They only say whether a holder lives; who holds
//! what is in the lock record alone.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::state::Scope;

/// Locks that are held until this is dropped.
#[derive(Debug)]
pub(super) struct ProcessLocks {
    _files: Vec<File>,
}

impl ProcessLocks {
    /// Locks what a scope needs: a stack `.scope` for itself; a service `.scope` with others and `.scope.<service>` for itself. None when
    /// some process has it, or when this disk knows no locks.
    pub(super) fn take(place: &Path, scope: &Scope) -> Option<Self> {
        fs::create_dir_all(place).ok()?;
        let all = place.join(".scope");
        let files = match scope {
            Scope::Stack => vec![lock(all, true)?],
            Scope::Service(service) => vec![lock(all, false)?, lock(place.join(format!(".scope.{service}")), true)?],
        };
        Some(Self { _files: files })
    }
}

fn lock(path: PathBuf, alone: bool) -> Option<File> {
    let file = File::options().create(true).truncate(false).write(true).read(true).open(path).ok()?;
    let locked = if alone { file.try_lock() } else { file.try_lock_shared() };
    match locked {
        Ok(()) => Some(file),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_exclude_each_other_as_they_should() {
        let directory = tempfile::tempdir().unwrap();
        let take = |text: &str| ProcessLocks::take(directory.path(), &text.parse().unwrap());
        let stack = take("stack").unwrap();
        assert!(take("stack").is_none() && take("service:a").is_none());
        drop(stack);
        let (a, b) = (take("service:a").unwrap(), take("service:b").unwrap());
        assert!(take("stack").is_none() && take("service:a").is_none());
        drop((a, b));
        assert!(take("stack").is_some());
    }
}
