//! The exit codes of the program.

use std::process::ExitCode;

/// How a run ended, as the calling shell sees it.
///
/// Ordered by precedence: of several that apply, the greatest is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// Done; or nothing to do.
    Done,
    /// `--exit-code` was given and there are differences.
    Differences,
    /// A failure before any step: state unreadable, credentials, engine missing.
    Failure,
    /// The lock is held by somebody else.
    LockHeld,
    /// The manifests, or a document on standard input, are not valid.
    Invalid,
    /// The command line is wrong, or there is no terminal to ask on.
    Usage,
    /// Apply is incomplete: failed, blocked or pending steps.
    Incomplete,
    /// The plan is stale, the lock was lost, or the state changed underneath.
    Stale,
    /// A signal ended the run.
    Interrupted,
    /// A broken invariant: a defect of panka.
    Bug,
}

impl Exit {
    /// The number given to the shell.
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::LockHeld => 4,
            Self::Stale => 5,
            Self::Incomplete => 6,
            Self::Differences => 10,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

impl Exit {
    /// The exit with this number.
    pub fn of(number: u8) -> Option<Self> {
        let all = [
            Self::Done,
            Self::Differences,
            Self::Failure,
            Self::LockHeld,
            Self::Invalid,
            Self::Usage,
            Self::Incomplete,
            Self::Stale,
            Self::Interrupted,
            Self::Bug,
        ];
        all.into_iter().find(|exit| exit.number() == number)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
