//! The world: the only module that reads the environment, the clock, the terminal, randomness, the home directory and standard input.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use uuid::Uuid;

use crate::clock::{Clock, SharedClock, rfc3339};
use crate::diagnostic::codes::command::{P0005, P0014, P0017};
use crate::diagnostic::{Diagnostic, Error};

/// Largest document that is read from standard input.
const STDIN_LIMIT: u64 = 1 << 30;

/// What panka may know of the world around it, read once at the start.
#[derive(Debug)]
pub struct Context {
    /// The command line, without the program's name.
    pub args: Vec<OsString>,
    /// The working directory.
    pub cwd: PathBuf,
    environment: BTreeMap<String, String>,
    fixed_clock: Option<Timestamp>,
    /// The terminal.
    pub terminal: Terminal,
}

/// Which standard streams are a terminal, and how it draws.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Standard input is one.
    pub stdin: bool,
    /// Standard output is one.
    pub stdout: bool,
    /// Standard error is one.
    pub stderr: bool,
    /// Width in characters.
    pub width: usize,
}

impl Context {
    /// Reads the process's surroundings.
    ///
    /// `PANKA_TEST_CLOCK` (RFC 3339) fixes the wall clock: it changes values that are written, never what is done.
    #[expect(clippy::disallowed_methods, reason = "this module is the one that reads the environment")]
    pub fn from_process() -> Result<Self, Error> {
        let environment: BTreeMap<String, String> =
            std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?))).collect();
        let cwd = std::env::current_dir().map_err(|error| {
            Diagnostic::new(P0014, format!("the working directory cannot be read: {error}")).help("change to a directory that exists")
        })?;
        let fixed_clock = match environment.get("PANKA_TEST_CLOCK").filter(|text| !text.is_empty()) {
            Some(text) => Some(text.parse().map_err(|error| Diagnostic::new(P0017, format!("PANKA_TEST_CLOCK is not a time: {error}")))?),
            None => None,
        };
        let width = environment
            .get("COLUMNS")
            .and_then(|text| text.parse().ok())
            .or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
            .unwrap_or(100);
        let terminal = Terminal {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            width: width.clamp(40, 400),
        };
        Ok(Self { args: std::env::args_os().skip(1).collect(), cwd, environment, fixed_clock, terminal })
    }

    /// A variable of the environment; an empty one counts as unset.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The variables of the environment whose names begin so.
    pub fn variables(&self, prefix: &str) -> BTreeMap<String, String> {
        let own = self.environment.iter().filter(|(name, value)| name.starts_with(prefix) && !value.is_empty());
        own.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The manifest variables of the environment: `PANKA_VAR_<NAME>` without the prefix.
    pub fn manifest_variables(&self) -> BTreeMap<String, String> {
        self.environment.iter().filter_map(|(key, value)| Some((key.strip_prefix("PANKA_VAR_")?.to_owned(), value.clone()))).collect()
    }

    /// The home directory.
    pub fn home(&self) -> Option<PathBuf> {
        self.variable("HOME").or_else(|| self.variable("USERPROFILE")).map(PathBuf::from)
    }

    /// The wall clock.
    #[expect(clippy::disallowed_methods, reason = "this module is the one that reads the clock")]
    pub fn now(&self) -> Timestamp {
        self.fixed_clock.unwrap_or_else(Timestamp::now)
    }

    /// The wall clock, RFC 3339 with milliseconds, UTC.
    pub fn now_text(&self) -> String {
        rfc3339(self.now())
    }

    /// A new id, ordered by time.
    pub fn new_id(&self) -> String {
        Uuid::now_v7().to_string()
    }

    /// The clock of the state, the journal and the lock.
    pub fn clock(&self) -> SharedClock {
        Arc::new(WorldClock { fixed: self.fixed_clock })
    }

    /// `user@host`.
    pub fn who(&self) -> String {
        let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| self.variable(name)).unwrap_or("unknown");
        format!("{user}@{}", self.hostname())
    }

    /// Name of this machine.
    pub fn hostname(&self) -> String {
        std::fs::read_to_string("/proc/sys/kernel/hostname")
            .ok()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .or_else(|| ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| self.variable(name)).map(str::to_owned))
            .unwrap_or_else(|| "unknown".to_owned())
    }

    /// Commit of the repository around `directory`: what the CI system says, else what git says, else nothing.
    pub fn git_commit(&self, directory: &Path) -> Option<String> {
        if let Some(commit) =
            ["GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT", "CIRCLE_SHA1", "BUILDKITE_COMMIT"].iter().find_map(|name| self.variable(name))
        {
            return Some(commit.to_owned());
        }
        let output = Command::new("git").arg("-C").arg(directory).args(["rev-parse", "HEAD"]).output().ok()?;
        let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !commit.is_empty()).then_some(commit)
    }

    /// Address of the CI run, when there is one.
    pub fn ci_run_url(&self) -> Option<String> {
        if let (Some(server), Some(repository), Some(run)) =
            (self.variable("GITHUB_SERVER_URL"), self.variable("GITHUB_REPOSITORY"), self.variable("GITHUB_RUN_ID"))
        {
            return Some(format!("{server}/{repository}/actions/runs/{run}"));
        }
        ["CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL", "BUILDKITE_BUILD_URL"]
            .iter()
            .find_map(|name| self.variable(name))
            .map(str::to_owned)
    }

    /// Runs under GitHub Actions, which draws findings on the changed lines.
    pub fn in_github_actions(&self) -> bool {
        self.variable("GITHUB_ACTIONS") == Some("true")
    }

    /// Tells whether anything may stand on standard input: it is neither a terminal nor the null device nor closed.
    pub fn stdin_is_open(&self) -> bool {
        !self.terminal.stdin && stdin_is_data()
    }

    /// Reads standard input to its end. Not UTF-8 and more than a gigabyte are errors.
    pub fn read_stdin(&self) -> Result<String, Error> {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .take(STDIN_LIMIT + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Diagnostic::new(P0014, format!("standard input cannot be read: {error}")))?;
        if bytes.len() as u64 > STDIN_LIMIT {
            return Err(Diagnostic::new(P0005, "standard input holds more than 1 GiB").into());
        }
        String::from_utf8(bytes).map_err(|_| {
            Diagnostic::new(P0005, "standard input is not UTF-8")
                .help("a verb reads what another verb of panka printed with -o json, or when piped")
                .into()
        })
    }
}

/// The real clock, or the one that tests fix.
#[derive(Debug)]
struct WorldClock {
    fixed: Option<Timestamp>,
}

impl Clock for WorldClock {
    #[expect(clippy::disallowed_methods, reason = "this module is the one that reads the clock")]
    fn now(&self) -> Timestamp {
        self.fixed.unwrap_or_else(Timestamp::now)
    }

    fn can_be_wrong(&self) -> bool {
        self.fixed.is_none()
    }

    fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }

    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&Uuid::now_v7().as_bytes()[6..]);
        // Of such an id the last bytes are the random ones; those before count within a millisecond.
        bytes.reverse();
        bytes
    }
}

#[cfg(unix)]
fn stdin_is_data() -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    // A closed or null standard input is nobody's document: pipes, sockets and files are.
    std::fs::metadata("/dev/stdin").is_ok_and(|meta| {
        let kind = meta.file_type();
        kind.is_fifo() || kind.is_socket() || kind.is_file()
    })
}

#[cfg(not(unix))]
fn stdin_is_data() -> bool {
    true
}
