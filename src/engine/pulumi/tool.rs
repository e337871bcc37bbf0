//! The Pulumi command line: where it is, whether it is one that was tested, and how it is called.
//!
//! In: the configuration and the environment. Out: commands whose environment holds nothing of Pulumi's but what this engine sets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};

use super::leftovers;
use crate::diagnostic::codes::apply::P8005;
use crate::diagnostic::codes::engine::{P5001, P5002, P5003, P5004};
use crate::diagnostic::{Diagnostic, Error};
use crate::stop::Stop;

/// Least version of the command line, and the major version that was tested.
const PULUMI: (u64, u64) = (3, 250);
/// Least version of the AWS provider.
const PROVIDER: (u64, u64) = (1, 84);
/// The provider's name.
const PROVIDER_NAME: &str = "aws-native";

/// How long a command that was told twice to end may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long the command line may take to tell its version or its plugins.
const ANSWER: Duration = Duration::from_secs(60);

/// Where the engine runs.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// The binary, where the configuration names one.
    pub binary: Option<PathBuf>,
    /// Directories in which programs are looked for.
    pub search: Vec<PathBuf>,
    /// Variables of the environment whose names begin with `PULUMI_`.
    pub variables: BTreeMap<String, String>,
    /// URL of Pulumi's own state.
    pub backend: String,
    /// How Pulumi encrypts secrets, `awskms://…`; with a passphrase when there is none.
    pub secrets_provider: Option<String>,
    /// AWS profile.
    pub profile: Option<String>,
    /// AWS region.
    pub region: String,
    /// This machine, to know its own locks.
    pub host: String,
    /// The wish of somebody to end early.
    pub stop: Stop,
    /// Clear Pulumi's lock, whoever holds it.
    pub cancel: bool,
    /// Where the program of a run is kept; none for nowhere.
    pub keep: Option<PathBuf>,
}

/// The command line, found and checked.
#[derive(Debug, Clone)]
pub struct Tool {
    binary: PathBuf,
    /// Where it runs.
    pub(super) setup: Setup,
}

impl Setup {
    /// Checks that secrets can be encrypted: with a passphrase of the user's, or with a key.
    fn check_secrets(&self) -> Result<(), Error> {
        let given = self.variables.contains_key("PULUMI_CONFIG_PASSPHRASE");
        let file = self.variables.get("PULUMI_CONFIG_PASSPHRASE_FILE").filter(|_| !given && self.secrets_provider.is_none());
        if let Some(file) = file
            && let Err(error) = std::fs::read(file)
        {
            return Err(Diagnostic::new(P5004, format!("the passphrase of Pulumi cannot be read from `{file}`: {error}"))
                .help("PULUMI_CONFIG_PASSPHRASE_FILE must name a file with the passphrase of this stack's runs")
                .into());
        }
        if given || file.is_some() || self.secrets_provider.is_some() || self.is_cloud() {
            return Ok(());
        }
        Err(Diagnostic::new(P5004, "Pulumi has nothing to encrypt secrets with")
            .help("set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, the same for every run of this stack")
            .help("or give a KMS key in the configuration: `pulumi.secretsProvider: awskms://alias/NAME?region=REGION`")
            .into())
    }

    /// Tells whether Pulumi Cloud keeps the state, and encrypts what is secret.
    pub(super) fn is_cloud(&self) -> bool {
        self.backend.starts_with("https://")
    }

    /// The URL of Pulumi's own state without its parameters, which may hold credentials.
    pub(super) fn shown_backend(&self) -> &str {
        self.backend.split('?').next().unwrap_or_default()
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        self.search.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    }
}

impl Tool {
    /// Finds the binary and checks its version and its plugins, and that secrets can be encrypted.
    pub async fn open(setup: Setup) -> Result<Self, Error> {
        setup.check_secrets()?;
        let install = "install it: https://www.pulumi.com/docs/install/, or name it with `pulumi.path` or PANKA_PULUMI_PATH";
        let binary = match &setup.binary {
            Some(path) if path.is_file() => path.clone(),
            Some(path) => {
                return Err(Diagnostic::new(P5001, format!("there is no program `{}`", path.display())).help(install).into());
            }
            None => setup.find("pulumi").ok_or_else(|| Diagnostic::new(P5001, "no program `pulumi` on PATH").help(install))?,
        };
        let tool = Self { binary, setup };
        let (version, plugins) = tokio::join!(tool.ask(&["version"]), tool.ask(&["plugin", "ls", "--json"]));
        tool.check_version(&version?)?;
        tool.check_plugins(&plugins?)?;
        Ok(tool)
    }

    /// The same for another state of Pulumi's.
    pub(super) fn at(&self, backend: String) -> Self {
        Self { binary: self.binary.clone(), setup: Setup { backend, ..self.setup.clone() } }
    }

    fn check_version(&self, answer: &str) -> Result<(), Error> {
        let found = answer.trim();
        let (major, minor) = PULUMI;
        let fits = version(found).is_some_and(|(found, least)| found == major && least >= minor);
        if fits {
            return Ok(());
        }
        let message = format!("`{}` is Pulumi {found}, and {major}.{minor} or a later {major}.x is needed", self.binary.display());
        Err(Diagnostic::new(P5002, message).help("install it: https://www.pulumi.com/docs/install/").into())
    }

    fn check_plugins(&self, answer: &str) -> Result<(), Error> {
        let installed: Vec<Value> = serde_json::from_str(answer).unwrap_or_default();
        let versions = |name: &str, kind: &str| {
            let fitting = installed.iter().filter(|one| one["name"] == name && one["kind"] == kind);
            fitting.filter_map(|one| one["version"].as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        let beside = |name: &str| self.setup.find(name).is_some() || self.binary.with_file_name(name).is_file();
        if !beside("pulumi-language-yaml") && versions("yaml", "language").is_empty() {
            return Err(Diagnostic::new(P5003, "Pulumi has no host for YAML programs (`pulumi-language-yaml`)")
                .help("it comes with Pulumi: install that whole, or put it on PATH")
                .into());
        }
        if self.setup.find("pulumi-resource-aws-native").is_some() {
            return Ok(());
        }
        let (major, minor) = PROVIDER;
        let found = versions(PROVIDER_NAME, "resource");
        if found.iter().filter_map(|text| version(text)).any(|(found, least)| found == major && least >= minor) {
            return Ok(());
        }
        let has = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
        Err(Diagnostic::new(
            P5003,
            format!("Pulumi's provider `{PROVIDER_NAME}` {major}.{minor} or a later {major}.x is needed; installed: {has}"),
        )
        .help(format!("pulumi plugin install resource {PROVIDER_NAME} v{major}.{minor}.0"))
        .into())
    }

    /// A command in a directory. Its environment is that of this process without Pulumi's variables, but for what this engine sets and the few
    /// that say how secrets are encrypted and where plugins and credentials are.
    pub(super) fn command(&self, arguments: &[&str], folder: &Path) -> Command {
        let passed = ["PULUMI_HOME", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_ACCESS_TOKEN"];
        let mut command = Command::new(&self.binary);
        command.args(arguments).arg("--non-interactive").arg("--color").arg("never").current_dir(folder);
        // One that is empty is none, which Pulumi sees otherwise.
        let own = self.setup.variables.keys().map(String::as_str);
        for name in own.chain(passed).filter(|name| !passed.contains(name) || !self.setup.variables.contains_key(*name)) {
            command.env_remove(name);
        }
        for (name, value) in self.setup.variables.iter().filter(|(name, _)| passed.contains(&name.as_str())) {
            command.env(name, value);
        }
        // Signals reach it through this process alone.
        #[cfg(unix)]
        command.process_group(0);
        command
            .env(leftovers::FOLDER, folder)
            .env("PULUMI_BACKEND_URL", &self.setup.backend)
            .env("PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER", "true")
            .env("PULUMI_SKIP_UPDATE_CHECK", "true")
            .env("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
            .env("AWS_REGION", &self.setup.region)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(profile) = &self.setup.profile {
            command.env("AWS_PROFILE", profile);
            // Keys of the environment would go before it.
            for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
                command.env_remove(name);
            }
        }
        command
    }

    /// Answers a question that is not about a stack.
    async fn ask(&self, words: &[&str]) -> Result<String, Error> {
        let answer = self.feed(self.command(words, Path::new("/")), words, "");
        tokio::time::timeout(ANSWER, answer).await.unwrap_or_else(|_| {
            let message = format!("`{} {}` has given no answer in {} s", self.binary.display(), shown(words), ANSWER.as_secs());
            Err(Diagnostic::new(P5001, message).help("try it by hand; `pulumi.path` or PANKA_PULUMI_PATH names another").into())
        })
    }

    /// Standard output of a command that must succeed, with a text on standard input. `words` is how messages call it.
    pub(super) async fn feed(&self, command: Command, words: &[&str], given: &str) -> Result<String, Error> {
        let output = self.attempt(command, words, given).await?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(super::said::refused(&format!("pulumi {}", shown(words)), &said).into())
    }

    /// The output of a command, however it ends.
    pub(super) async fn attempt(&self, mut command: Command, words: &[&str], given: &str) -> Result<Output, Error> {
        use tokio::io::AsyncWriteExt as _;

        let failed = |error: &dyn std::fmt::Display| Diagnostic::new(P5001, format!("`{}` cannot be run: {error}", self.binary.display()));
        let mut child = command.stdin(Stdio::piped()).spawn().map_err(|error| failed(&error))?;
        let stdin = child.stdin.take();
        let write = async {
            if let Some(mut stdin) = stdin {
                // One that does not read its input ends with a message of its own.
                stdin.write_all(given.as_bytes()).await.ok();
            }
        };
        let (output, ()) = tokio::join!(ended(child, &self.setup.stop), write);
        let output = output.map_err(|error| failed(&error))?;
        if !output.status.success() && self.setup.stop.interrupts() > 1 {
            let message = format!("interrupted in `pulumi {}`", shown(words));
            return Err(Diagnostic::new(P8005, message).help("run the command again to go on").into());
        }
        Ok(output)
    }
}

/// A command as messages show it: what it is, without what it is about.
fn shown(words: &[&str]) -> String {
    words.iter().take_while(|word| !word.starts_with("--")).copied().collect::<Vec<_>>().join(" ")
}

/// The output of a command, at its end. Told twice to end, it gets a signal, and is killed ten seconds later.
async fn ended(child: Child, stop: &Stop) -> std::io::Result<Output> {
    let pid = child.id();
    let output = child.wait_with_output();
    tokio::pin!(output);
    tokio::select! {
        output = &mut output => return output,
        () = stop.interrupted(2) => signal(pid, Signal::INT),
    }
    if let Ok(output) = tokio::time::timeout(PATIENCE, &mut output).await {
        return output;
    }
    signal(pid, Signal::KILL);
    output.await
}

/// Sends a signal to a child; one that is gone already needs none.
pub(super) fn signal(pid: Option<u32>, signal: Signal) {
    if let Some(pid) = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) {
        kill_process(pid, signal).ok();
    }
}

/// Major and minor of `v3.250.0`, `1.84.0-beta`.
fn version(text: &str) -> Option<(u64, u64)> {
    let mut parts = text.trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(search: &[&Path]) -> Tool {
        let search = search.iter().map(|path| path.to_path_buf()).collect();
        Tool { binary: "/nowhere/pulumi".into(), setup: Setup { search, ..Setup::default() } }
    }

    fn code(result: Result<(), Error>) -> Option<String> {
        result.err().map(|error| error.findings()[0].code.to_string())
    }

    #[test]
    fn older_ones_and_other_majors_are_refused() {
        for (found, wanted) in
            [("v3.250.0\n", None), ("v3.300.1", None), ("v3.249.9", Some("P5002")), ("v4.0.0", Some("P5002")), ("", Some("P5002"))]
        {
            assert_eq!(code(tool(&[]).check_version(found)).as_deref(), wanted, "{found}");
        }
    }

    #[test]
    fn a_missing_plugin_is_told_with_the_command_that_installs_it() {
        let yaml = r#"{"name": "yaml", "kind": "language", "version": "1.30.0"}"#;
        let native = |version: &str| format!(r#"[{yaml}, {{"name": "aws-native", "kind": "resource", "version": "{version}"}}]"#);
        assert_eq!(code(tool(&[]).check_plugins("[]")).as_deref(), Some("P5003"));
        assert_eq!(code(tool(&[]).check_plugins(&native("1.84.0"))), None);
        assert_eq!(code(tool(&[]).check_plugins(&native("1.83.9"))).as_deref(), Some("P5003"));
        let error = tool(&[]).check_plugins(&format!("[{yaml}]")).unwrap_err();
        assert!(error.findings()[0].help.iter().any(|help| help == "pulumi plugin install resource aws-native v1.84.0"));
    }

    #[test]
    fn without_passphrase_and_key_there_is_nothing_to_encrypt_with() {
        let with = |name: &str, value: &str| Setup { variables: BTreeMap::from([(name.to_owned(), value.to_owned())]), ..Setup::default() };
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        assert_eq!(code(Setup::default().check_secrets()).as_deref(), Some("P5004"));
        assert_eq!(code(with("PULUMI_CONFIG_PASSPHRASE", "x").check_secrets()), None);
        assert_eq!(code(with("PULUMI_CONFIG_PASSPHRASE_FILE", file).check_secrets()), None);
        assert_eq!(code(with("PULUMI_CONFIG_PASSPHRASE_FILE", "/nowhere/passphrase").check_secrets()).as_deref(), Some("P5004"));
        assert_eq!(code(Setup { secrets_provider: Some("awskms://x".into()), ..Setup::default() }.check_secrets()), None);
    }
}
