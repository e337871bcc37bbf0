//! What every verb starts from: the world, the global flags, and what follows from both.

use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::global::Global;
use super::input::Stage;
use super::opened::Opened;
use crate::clock::millis;
use crate::config::{Declared, Settings};
use crate::context::Context;
use crate::diagnostic::codes::command::{P0002, P0007, P0010, P0014, P0017};
use crate::diagnostic::codes::lock::P6003;
use crate::diagnostic::{Diagnostic, Error, Severity, did_you_mean};
use crate::lock::{Lease, Locker};
use crate::manifest;
use crate::state::Scope;
use crate::stop::Stop;

/// The surroundings of one verb.
#[derive(Debug)]
pub struct Session {
    /// The world.
    pub context: Context,
    /// The flags of every verb.
    pub global: Global,
    /// The wish to end early: signals to the process, the loss of the lock.
    pub stop: Stop,
    /// How to free the lock that an earlier stage of the pipe has taken, while it is held.
    held: Mutex<Option<String>>,
    /// The leases that this process holds, to be given back whatever happens.
    leases: Mutex<Vec<Held>>,
    /// The log was told of the configuration.
    configured: Once,
    /// The directory of the repository that a document names.
    root: OnceLock<PathBuf>,
}

/// A lease that is held.
#[derive(Debug)]
struct Held {
    locker: Locker,
    stack: String,
    environment: String,
    lock_id: String,
}

/// How long an ending process tries to give a lock back.
const LAST_WORD: Duration = Duration::from_secs(2);

impl Session {
    /// The surroundings of a verb that starts now.
    pub fn new(context: Context, global: Global) -> Self {
        Self {
            context,
            global,
            stop: Stop::default(),
            held: Mutex::new(None),
            leases: Mutex::new(Vec::new()),
            configured: Once::new(),
            root: OnceLock::new(),
        }
    }

    /// This process holds a lease from now on.
    pub fn holds(&self, opened: &Opened, lease: &Lease) {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).push(Held {
            locker: opened.locker.clone(),
            stack: opened.place.stack().to_owned(),
            environment: opened.place.environment().to_owned(),
            lock_id: lease.lock_id(),
        });
    }

    /// Gives a lease back. One that could not be given back is tried again when the process ends.
    pub async fn give_back(&self, lease: Lease) -> Result<Option<Diagnostic>, Error> {
        let id = lease.lock_id();
        let released = lease.release().await?;
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).retain(|held| held.lock_id != id);
        Ok(released)
    }

    /// No lease is this process's to give back any more: it is given back already, or it is somebody else's and stays held.
    pub fn let_go(&self) {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The lock is free again, that of the pipe as well.
    pub fn freed(&self) {
        self.let_go();
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Gives back the leases that a verb could not give back itself, if that takes no longer than a moment.
    pub async fn release_what_is_held(&self) {
        let held = std::mem::take(&mut *self.leases.lock().unwrap_or_else(PoisonError::into_inner));
        let all = async {
            for Held { locker, stack, environment, lock_id } in held {
                // A lease that is held by nobody any more was lost, which has been said.
                let released = locker.release(&stack, &environment, &lock_id).await;
                if let Err(error) = released
                    && !error.findings().iter().all(|finding| finding.code == P6003)
                {
                    tracing::warn!(%error, "the lock could not be released");
                }
            }
        };
        if tokio::time::timeout(LAST_WORD, all).await.is_err() {
            tracing::warn!("the lock could not be released in time; its lease ends by itself");
        }
    }

    /// Adds to an error how to free the lock of the pipe, if it is still held: nobody comes after this stage who would.
    pub fn with_way_to_free(&self, error: Error) -> Error {
        match &*self.held.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(command) => error.help(format!("the lock of this pipe is still held; free it with: {command}")),
            None => error,
        }
    }

    /// The directory to start from.
    pub fn directory(&self) -> PathBuf {
        match (self.root.get(), &self.global.dir) {
            (Some(root), _) => root.clone(),
            (None, Some(directory)) => self.context.cwd.join(directory),
            (None, None) => self.context.cwd.clone(),
        }
    }

    /// A directory as later stages find it: from the one in which the verb was started; none when that is it.
    pub fn from_here(&self, directory: &Path) -> Option<String> {
        let (here, there) = (self.context.cwd.canonicalize().ok()?, directory.canonicalize().ok()?);
        let common = here.components().zip(there.components()).take_while(|(a, b)| a == b).count();
        let up = here.components().skip(common).map(|_| Component::ParentDir);
        let path: PathBuf = up.chain(there.components().skip(common)).collect();
        path.to_str().filter(|path| !path.is_empty()).map(str::to_owned)
    }

    /// Takes the repository of a document, in which its configuration and, without a bucket, its state are.
    fn settle_in(&self, stage: &Stage) -> Result<(), Error> {
        let Some(root) = stage.root() else { return Ok(()) };
        let there = self.context.cwd.join(root);
        let not_there =
            |why: String| Err(Diagnostic::new(P0007, why).about("root").help("run all stages of a pipe in the same directory").into());
        let (true, Ok(real)) = (Path::new(root).is_relative(), there.canonicalize()) else {
            return not_there(format!("the document is of a repository in `{root}`, where there is none"));
        };
        if self.global.dir.is_some() && self.root_or_directory().canonicalize().ok().as_ref() != Some(&real) {
            return not_there(format!("the document is of a repository in `{root}`, and --dir names another one"));
        }
        // A verb reads one document.
        self.root.set(there).ok();
        Ok(())
    }

    /// The root of the repository; without manifests around, the directory to start from, which is enough for verbs that work on
    /// documents and state alone.
    pub fn root_or_directory(&self) -> PathBuf {
        manifest::find_root(&self.directory()).unwrap_or_else(|_| self.directory())
    }

    /// The effective configuration.
    pub fn settings(&self, root: &Path, declared: Declared<'_>) -> Result<Settings, Error> {
        let began = Instant::now();
        let settings = Settings::load(&self.context, root, self.global.config.as_deref(), &self.global.settings(), declared)?;
        // What is declared for a place takes effect in a second reading: the files are the same.
        self.configured.call_once(|| {
            let (files, ms) = (settings.files.len(), millis(began.elapsed()));
            tracing::info!(files, ms, "configuration read{}{}", if files == 0 { "" } else { ": " }, settings.files.join(", "));
        });
        Ok(settings)
    }

    /// The `--var NAME=VALUE` flags.
    pub fn variables(&self) -> Result<Vec<(String, String)>, Error> {
        self.global
            .variables
            .iter()
            .map(|text| match text.split_once('=') {
                Some((name, value)) if is_variable(name) => Ok((name.to_owned(), value.to_owned())),
                Some((name, _)) => Err(Diagnostic::new(P0010, format!("`{name}` is not a name of a variable"))
                    .help("names are of letters, digits and underscores, and do not begin with a digit")
                    .into()),
                None => Err(Diagnostic::new(P0010, format!("--var `{text}` has no `=`")).help(format!("write --var {text}=VALUE")).into()),
            })
            .collect()
    }

    /// The service of `--service`.
    pub fn service(&self) -> Result<Option<String>, Error> {
        let Some(service) = &self.global.service else { return Ok(None) };
        match format!("service:{service}").parse() {
            Ok(Scope::Service(name)) => Ok(Some(name)),
            _ => {
                let finding = Diagnostic::new(P0017, format!("--service cannot be `{service}`"));
                Err(finding.help("give the name of a service: a-z, 0-9 and hyphens, starting with a letter").into())
            }
        }
    }

    /// Lets warnings pass, or refuses them with `--strict`.
    pub fn admit(&self, warnings: Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Error> {
        if !self.global.strict {
            return Ok(warnings);
        }
        Error::check(warnings.into_iter().map(|warning| Diagnostic { severity: Severity::Error, ..warning }).collect())
    }

    /// The document on standard input, when there is one. An empty pipe is an error: a stage must not start over silently when the one before
    /// it failed.
    pub fn stage(&self, latest: &'static str, verb: &str) -> Result<Option<Stage>, Error> {
        if !self.context.stdin_is_open() {
            return Ok(None);
        }
        let text = self.context.read_stdin()?;
        self.admitted_stage(&text, latest, verb, "standard input").map(Some)
    }

    /// The document in a file.
    pub fn stage_in(&self, file: &Path, latest: &'static str, verb: &str) -> Result<Stage, Error> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(self.context.cwd.join(file))
            .map_err(|error| Diagnostic::new(P0014, format!("`{name}` cannot be read: {error}")))?;
        self.admitted_stage(&text, latest, verb, &name)
    }

    /// Reads a document, and takes what it says of its place. Variables were for the stage that has read the YAML files.
    fn admitted_stage(&self, text: &str, latest: &'static str, verb: &str, source: &str) -> Result<Stage, Error> {
        let stage = Stage::read(text, latest, verb, source)?;
        if !(self.global.variables.is_empty() && self.global.variable_files.is_empty()) {
            return Err(Diagnostic::new(P0017, "--var and --var-file do not go with a document: its variables are filled in already")
                .help("give them to the stage that reads the YAML files: panka parse --var NAME=VALUE | …")
                .into());
        }
        tracing::info!(bytes = text.len(), "{} read from {source}", stage.kind());
        if let Some(ticket) = stage.lock() {
            let command = format!("panka lock release -s {} -e {} --lock-id {}", stage.stack(), stage.environment(), ticket.lock_id);
            *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(command);
        }
        stage.expect_place(self.global.stack.as_deref(), self.global.environment.as_deref())?;
        match self.settle_in(&stage) {
            // What only works on the document needs no repository around.
            Err(_) if matches!(verb, "graph" | "render") => {}
            settled => settled?,
        }
        Ok(stage)
    }

    /// Refuses a stack or an environment that the manifests around do not have: where nothing has run either, it is misspelled.
    pub fn check_place(&self, stack: &str, environment: &str) -> Result<(), Error> {
        let Ok(root) = manifest::find_root(&self.directory()) else { return Ok(()) };
        let unknown = |what: &str, name: &str, known: &[String]| {
            Err(Diagnostic::new(P0002, format!("unknown {what} `{name}`: the manifests do not have it, and no state does"))
                .maybe_help(did_you_mean(name, known.iter().map(String::as_str)))
                .help(format!("known here: {}", known.join(", ")))
                .into())
        };
        let stacks = manifest::stacks(&root)?;
        if !stacks.iter().any(|known| known == stack) {
            return unknown("stack", stack, &stacks);
        }
        let environments = manifest::environments(&root, stack)?;
        if environments.is_empty() || environments.iter().any(|known| known == environment) {
            return Ok(());
        }
        unknown("environment", environment, &environments)
    }

    /// Stack and environment for verbs on the state, as flags name them or as the repository leaves no choice.
    pub fn place(&self, root: &Path) -> Result<(String, String), Error> {
        choose(root, self.global.stack.as_deref(), self.global.environment.as_deref())
    }
}

/// Stack and environment as given, or as the repository leaves no choice.
pub(super) fn choose(root: &Path, stack: Option<&str>, environment: Option<&str>) -> Result<(String, String), Error> {
    let stack = match stack {
        Some(stack) => stack.to_owned(),
        None => only(&manifest::stacks(root)?, "stack", "-s")?,
    };
    let environment = match environment {
        Some(environment) => environment.to_owned(),
        None => only(&manifest::environments(root, &stack)?, "environment", "-e")?,
    };
    Ok((stack, environment))
}

fn only(choices: &[String], what: &str, flag: &str) -> Result<String, Error> {
    match choices {
        [one] => Ok(one.clone()),
        [] => Err(Diagnostic::new(P0002, format!("no {what} is given")).help(format!("name one with {flag}")).into()),
        many => Err(Diagnostic::new(P0002, format!("no {what} is given, and there are several"))
            .help(format!("name one with {flag}: {}", many.join(", ")))
            .into()),
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
