//! A place of its own for each test: directory, home, environment, clock. Every document that comes out of panka is held to its schema here,
//! so that no test can forget it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use fancy_regex::Regex;
use snapbox::{Data, IntoData};
use tempfile::TempDir;

use crate::documents;
use crate::emulator::Account;

/// A run that takes longer than this is killed, and the test fails.
const LIMIT: Duration = Duration::from_mins(2);

/// Repository of panka itself.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A temporary directory with `work` (the working directory), `home` and `tmp`, and a cleared environment.
pub(crate) struct TestEnv {
    root: TempDir,
    variables: BTreeMap<OsString, OsString>,
    account: Option<Account>,
}

impl TestEnv {
    /// An empty place.
    pub(crate) fn new() -> Self {
        let root = TempDir::with_prefix("panka-test-").unwrap();
        for folder in ["work", "home", "tmp"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        let binaries = Path::new(env!("CARGO_BIN_EXE_panka")).parent().unwrap();
        let path = |folder: &str| root.path().join(folder).into_os_string();
        let mut search = binaries.as_os_str().to_owned();
        search.push(":/usr/local/bin:/usr/bin:/bin");
        let text = |text: &str| OsString::from(text);
        let variables = [
            ("PATH", search),
            ("HOME", path("home")),
            ("TMPDIR", path("tmp")),
            ("USER", text("tester")),
            ("LC_ALL", text("C.UTF-8")),
            ("TZ", text("UTC")),
            ("COLUMNS", text("100")),
            ("NO_COLOR", text("1")),
            ("PANKA_TEST_CLOCK", text("2026-01-02T03:04:05Z")),
            // Nothing that a test starts may leave this machine.
            ("http_proxy", text("http://127.0.0.1:9")),
            ("https_proxy", text("http://127.0.0.1:9")),
            ("AWS_ENDPOINT_URL", text("http://127.0.0.1:9")),
            ("AWS_EC2_METADATA_DISABLED", text("true")),
            ("GIT_CEILING_DIRECTORIES", root.path().into()),
            ("GIT_CONFIG_NOSYSTEM", text("1")),
        ];
        Self { variables: variables.into_iter().map(|(key, value)| (key.into(), value)).collect(), root, account: None }
    }

    /// The same place with an account of the emulator, which the environment leads to. Its bucket and its table are not made yet.
    pub(crate) fn with_account(mut self) -> Self {
        let account = Account::new();
        for (name, value) in account.variables() {
            self.set(name, value);
        }
        self.account = Some(account);
        self
    }

    /// The account of a place that has one.
    pub(crate) fn account(&self) -> &Account {
        self.account.as_ref().expect("this place was made with_account")
    }

    /// A place whose working directory is a copy of an example.
    pub(crate) fn example(name: &str) -> Self {
        let env = Self::new();
        copy(&repository().join("examples").join(name), &env.work());
        env
    }

    /// The working directory.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// The home directory.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// A path below the working directory.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.work().join(path)
    }

    /// Writes a file below the working directory, with the folders that it needs.
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Reads a file below the working directory.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> String {
        let path = self.path(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Replaces a text in a file below the working directory; it must be there exactly once.
    pub(crate) fn edit(&self, path: impl AsRef<Path>, from: &str, to: &str) {
        let text = self.read(&path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {}", path.as_ref().display());
        self.write(path, text.replace(from, to));
    }

    /// Every file below the working directory, with its bytes: for "nothing was written".
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(&self.work(), &self.work(), &mut found);
        found
    }

    /// Holds the files below the working directory to what they were, naming those that differ.
    pub(crate) fn unchanged_since(&self, before: &BTreeMap<PathBuf, Vec<u8>>) {
        let after = self.files();
        let differs = |path: &&PathBuf| before.get(*path) != after.get(*path);
        let changed: std::collections::BTreeSet<&PathBuf> = before.keys().chain(after.keys()).filter(differs).collect();
        assert!(changed.is_empty(), "written, changed or removed: {changed:?}");
    }

    /// Sets a variable of the environment for all runs from now on.
    pub(crate) fn set(&mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.variables.insert(key.as_ref().to_owned(), value.as_ref().to_owned());
    }

    /// A run of panka.
    pub(crate) fn panka<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Command<'_> {
        let words = arguments.into_iter().map(|argument| argument.as_ref().to_owned());
        self.command(std::iter::once(env!("CARGO_BIN_EXE_panka").into()).chain(words).collect())
    }

    /// A run of a shell script, for pipes: `env.pipe("panka parse | panka graph")`.
    pub(crate) fn pipe(&self, script: &str) -> Command<'_> {
        self.command(["sh", "-c", script].map(Into::into).to_vec())
    }

    /// A shell script at a terminal 100 characters wide, where `typed` is typed. Both streams of the outcome are on `stdout`.
    pub(crate) fn terminal(&self, script: &str, typed: &str) -> Command<'_> {
        let player = repository().join("tests/tools/terminal.py").into_os_string();
        let words = ["python3".into(), player, script.into()].to_vec();
        Command { typed: true, ..self.command(words).stdin(typed) }
    }

    fn command(&self, words: Vec<OsString>) -> Command<'_> {
        Command { env: self, words, variables: self.variables.clone(), stdin: None, folder: self.work(), typed: false }
    }

    /// What differs from run to run, by names that do not: this place, ids, digests, the machine, the version.
    fn redact(&self, text: &str) -> String {
        static PATTERNS: LazyLock<[(Regex, &str); 3]> = LazyLock::new(|| {
            [
                (Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap(), "[ID]"),
                (Regex::new("sha256:[0-9a-f]{64}").unwrap(), "sha256:[DIGEST]"),
                (Regex::new(r"tester@[A-Za-z0-9._-]+").unwrap(), "tester@[HOST]"),
            ]
        });
        let mut text = text.replace(self.root.path().to_str().unwrap(), "[ROOT]");
        if let Some(account) = &self.account {
            text = text.replace(&account.endpoint(), "[AWS]").replace(account.number(), "[ACCOUNT]");
        }
        for (pattern, name) in PATTERNS.iter() {
            text = pattern.replace_all(&text, *name).into_owned();
        }
        text
    }
}

/// Waits until something is so, for half a minute at most.
pub(crate) fn wait_until(what: &str, mut met: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !met() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sends SIGINT to a process that waits, and waits until it has heard it: two signals at once would be one.
pub(crate) fn interrupt(child: &std::process::Child) {
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    wait_until("the signal is heard", || {
        let status = read(&format!("/proc/{pid}/status"));
        let pending = status
            .lines()
            .find_map(|line| line.strip_prefix("ShdPnd:"))
            .is_some_and(|mask| mask.trim().ends_with(['2', '3', '6', '7', 'a', 'b', 'e', 'f']));
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let at_work = tasks.filter(|task| {
            let stat = read(&task.path().join("stat").display().to_string());
            stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('R'))
        });
        !pending && at_work.count() == 0
    });
}

/// A run that is not started yet.
#[must_use]
pub(crate) struct Command<'a> {
    env: &'a TestEnv,
    words: Vec<OsString>,
    variables: BTreeMap<OsString, OsString>,
    stdin: Option<Vec<u8>>,
    folder: PathBuf,
    typed: bool,
}

impl Command<'_> {
    /// The account of the place.
    pub(crate) fn account(&self) -> &Account {
        self.env.account()
    }

    /// Gives text on standard input; without, it is empty and not a pipe.
    pub(crate) fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.insert(key.into(), value.as_ref().to_owned());
        self
    }

    /// Removes a variable of the environment.
    pub(crate) fn env_remove(mut self, key: &str) -> Self {
        self.variables.remove(OsStr::new(key));
        self
    }

    /// Starts it without waiting, with standard input as given and both outputs as pipes: for tests that kill it.
    pub(crate) fn start(&self) -> Child {
        // Without a terminal of its own nothing can ask the person who runs the tests.
        let mut process = Process::new("setsid");
        process.arg("-w").args(&self.words).env_clear().envs(&self.variables).current_dir(&self.folder);
        process.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        process.stdout(Stdio::piped()).stderr(Stdio::piped());
        process.spawn().unwrap_or_else(|error| panic!("{:?}: {error}", self.words))
    }

    /// Runs it to its end, whatever that is.
    pub(crate) fn run(self) -> Outcome {
        let mut child = self.start();
        if let Some(text) = self.stdin.clone() {
            let mut pipe = child.stdin.take().unwrap();
            thread::spawn(move || {
                // The program need not read all of it.
                pipe.write_all(&text).ok();
            });
        }
        let read = |mut pipe: Box<dyn std::io::Read + Send>| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                pipe.read_to_end(&mut bytes).unwrap();
                String::from_utf8(bytes).expect("output is UTF-8")
            })
        };
        let stdout = read(Box::new(child.stdout.take().unwrap()));
        let stderr = read(Box::new(child.stderr.take().unwrap()));
        let end = Instant::now() + LIMIT;
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() > end => {
                    child.kill().unwrap();
                    panic!("{:?} runs for more than {LIMIT:?}", self.words);
                }
                None => thread::sleep(Duration::from_millis(2)),
            }
        };
        let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
        if !self.typed {
            documents::check_output(&stdout);
            documents::check_output(&stderr);
        }
        documents::check_files(&self.env.work());
        let redacted = (self.env.redact(&stdout), self.env.redact(&stderr));
        Outcome { stdout, stderr, code: status.code(), redacted }
    }

    /// Runs it and expects an exit code.
    pub(crate) fn exits(self, code: i32) -> Outcome {
        let outcome = self.run();
        assert_eq!(outcome.code, Some(code), "\n{outcome}");
        outcome
    }

    /// Runs it and expects success.
    pub(crate) fn succeeds(self) -> Outcome {
        self.exits(0)
    }
}

/// How a run ended. As a snapshot it is standard output, standard error and the exit code in one text, so that nothing is forgotten.
#[must_use]
pub(crate) struct Outcome {
    /// Standard output as it came.
    pub(crate) stdout: String,
    /// Standard error as it came.
    pub(crate) stderr: String,
    /// Exit code; none after a signal.
    pub(crate) code: Option<i32>,
    redacted: (String, String),
}

impl Outcome {
    /// Standard output as one JSON value.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// The findings of a run in JSON mode, on standard error.
    pub(crate) fn findings(&self) -> Vec<serde_json::Value> {
        let documents = self.stderr.lines().filter(|line| line.starts_with("{\"kind\":\"panka.diagnostics/"));
        let findings: Vec<serde_json::Value> = documents
            .flat_map(|line| {
                let document: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}\n{self}"));
                document["findings"].as_array().cloned().unwrap_or_else(|| panic!("no findings\n{self}"))
            })
            .collect();
        assert!(!findings.is_empty(), "no findings\n{self}");
        findings
    }

    /// The codes of the findings of a run in JSON mode.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.findings().iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Standard output without what differs from run to run.
    pub(crate) fn redacted_stdout(&self) -> &str {
        &self.redacted.0
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = |text: &str| if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}[no line end]\n") };
        write!(f, "[stdout]\n{}[stderr]\n{}", ended(&self.redacted.0), ended(&self.redacted.1))?;
        match self.code {
            Some(code) => write!(f, "[exit {code}]"),
            None => f.write_str("[killed]"),
        }
    }
}

impl IntoData for Outcome {
    fn into_data(self) -> Data {
        Data::text(self.to_string())
    }
}

impl IntoData for &Outcome {
    fn into_data(self) -> Data {
        Data::text(self.to_string())
    }
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            collect(root, &path, found);
        } else {
            let bytes = if entry.file_type().unwrap().is_symlink() { Vec::new() } else { fs::read(&path).unwrap_or_default() };
            found.insert(path.strip_prefix(root).unwrap().to_owned(), bytes);
        }
    }
}

#[test]
fn a_place_is_hermetic() {
    let mut env = TestEnv::new();
    env.set("GIVEN", "yes");
    let outcome = env.pipe("env | sed 's/=.*//' | sort | tr '\\n' ' '; pwd; cat; echo gone >&2; exit 7").stdin("typed\n").exits(7);
    assert!(!outcome.stdout.contains("CARGO") && outcome.stdout.contains("GIVEN"), "{outcome}");
    assert!(outcome.to_string().ends_with("[ROOT]/work\ntyped\n[stderr]\ngone\n[exit 7]"), "{outcome}");
}

#[test]
fn a_terminal_is_one() {
    let env = TestEnv::new();
    let outcome =
        env.terminal("test -t 0 && test -t 1 && test -t 2 && stty size; read line < /dev/tty; echo \"got $line\"", "words\n").succeeds();
    assert_eq!(outcome.stdout, "30 100\ngot words\n");
    let outcome = env.pipe("test -t 0 || (: < /dev/tty) 2> /dev/null || echo none").succeeds();
    assert_eq!(outcome.stdout, "none\n");
}
