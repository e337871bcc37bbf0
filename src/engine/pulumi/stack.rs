//! Pulumi's stack of one place, and the commands that work on it.
//!
//! In: the command line, the directory of a run. Out: what the stack has, or nothing where there is none. Every command names the stack: nothing is
//! selected, so that runs of one user do not get in each other's way.

use std::sync::Arc;

use serde_json::Value;
use tokio::process::Command;

use super::export::Exported;
use super::lock::{self, Holders};
use super::said;
use super::tool::Tool;
use super::workspace::Workspace;
use crate::diagnostic::codes::engine::P5005;
use crate::diagnostic::{Diagnostic, Error};

/// What Pulumi says when there is no stack of the name, and when there is one.
const MISSING: &str = "no stack named";
const THERE: &str = "already exists";

/// A stack, and the directory in which commands on it work.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    tool: Tool,
    /// The directory of the run.
    pub(super) workspace: Arc<Workspace>,
}

impl Stack {
    /// The stack that the command line is set up for.
    pub(super) fn new(tool: Tool, workspace: Workspace) -> Self {
        Self { tool, workspace: Arc::new(workspace) }
    }

    /// A command on it.
    pub(super) fn command(&self, words: &[&str]) -> Command {
        self.tool.command(&[words, &["--stack", &self.tool.setup.environment]].concat(), self.workspace.path())
    }

    /// Standard output of a command on it that must succeed, with a text on standard input.
    pub(super) async fn feed(&self, words: &[&str], given: &str) -> Result<String, Error> {
        self.tool.feed(self.command(words), words, given).await
    }

    /// The same without a text.
    pub(super) async fn capture(&self, words: &[&str]) -> Result<String, Error> {
        self.feed(words, "").await
    }

    /// The same for a command that takes Pulumi's own lock: one of a dead run is cleared once.
    pub(super) async fn change(&self, words: &[&str], given: &str) -> Result<String, Error> {
        let error = match self.feed(words, given).await {
            Ok(text) => return Ok(text),
            Err(error) => error,
        };
        let Some(holders) = lock::holders(&whole(&error)) else { return Err(error) };
        self.clear_lock(&holders).await?;
        self.feed(words, given).await
    }

    /// What the stack has; nothing where there is none.
    pub(super) async fn read(&self) -> Result<Option<Exported>, Error> {
        let Some(text) = self.export().await? else { return Ok(None) };
        Exported::read(&text).map(Some).map_err(|error| said::unclear("pulumi stack export", &error).into())
    }

    /// The same as text.
    pub(super) async fn export(&self) -> Result<Option<String>, Error> {
        match self.capture(&["stack", "export"]).await {
            Ok(text) => Ok(Some(text)),
            Err(error) if whole(&error).contains(MISSING) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A copy of it within the directory of the run, to try things on, with what is given: it goes with the run. What Pulumi Cloud encrypts cannot be
    /// read elsewhere, so that there it is the stack itself.
    pub(super) async fn copy(&self, exported: Option<&str>) -> Result<Self, Error> {
        if self.tool.setup.is_cloud() {
            self.enter(exported.is_none()).await?;
            return Ok(self.clone());
        }
        let backend = format!("file://{}", self.workspace.path().display());
        let copy = Self { tool: self.tool.at(backend), workspace: Arc::clone(&self.workspace) };
        copy.create().await?;
        if let Some(text) = exported {
            copy.import(text).await?;
        }
        Ok(copy)
    }

    /// Puts a state in the place of the one that it has.
    pub(super) async fn import(&self, state: &str) -> Result<(), Error> {
        self.change(&["stack", "import"], state).await.map(drop)
    }

    /// Standard output and error of a command on it that may fail.
    pub(super) async fn attempt(&self, words: &[&str]) -> Result<(String, String), Error> {
        let output = self.tool.attempt(self.command(words), words, "").await?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((text(&output.stdout), text(&output.stderr)))
    }

    /// Makes the stack. False where there is one.
    async fn create(&self) -> Result<bool, Error> {
        let mut words = vec!["stack", "init", "--no-select"];
        if let Some(provider) = &self.tool.setup.secrets_provider {
            words.extend(["--secrets-provider", provider]);
        }
        match self.capture(&words).await {
            Ok(_) => Ok(true),
            Err(error) if whole(&error).contains(THERE) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What the stack has, which is made if there is none. `is_new` says what is to be expected: a question less.
    pub(super) async fn enter(&self, is_new: bool) -> Result<Exported, Error> {
        if is_new && self.create().await? {
            return Ok(Exported::default());
        }
        match self.read().await? {
            Some(exported) => Ok(exported),
            None => self.create().await.map(|_| Exported::default()),
        }
    }

    /// Clears Pulumi's own lock, if its holders are dead.
    pub(super) async fn clear_lock(&self, holders: &Holders) -> Result<(), Error> {
        let setup = &self.tool.setup;
        if !setup.cancel && !holders.are_dead(&setup.host) {
            return Err(Diagnostic::new(P5005, format!("Pulumi's own lock of this stack is held by {}", holders.who()))
                .help("wait until that run is over")
                .help("if it is certainly dead: --cancel-pulumi")
                .into());
        }
        tracing::info!("clearing Pulumi's lock of {}, which is gone", holders.who());
        self.capture(&["cancel", "--yes"]).await.map(drop)
    }
}

/// An exported stack in which nothing is protected.
pub(super) fn without_protection(exported: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(exported) else { return exported.to_owned() };
    for resource in value["deployment"]["resources"].as_array_mut().into_iter().flatten() {
        resource["protect"] = Value::Bool(false);
    }
    value.to_string()
}

/// All that an error says.
fn whole(error: &Error) -> String {
    let lines = error.findings().iter().flat_map(|finding| std::iter::once(&finding.message).chain(&finding.help));
    lines.map(String::as_str).collect::<Vec<_>>().join("\n")
}
