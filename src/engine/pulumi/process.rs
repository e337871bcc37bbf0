//! One run of the command line, watched: its events become panka's, signals are handed on.
//!
//! In: a command whose output is a stream of events, the plan, signals. Out: [`Watched`]: what it told of each step, and how it ended. The child
//! has a process group of its own, so that Ctrl-C reaches it through here alone: once, then awaited; a second time; and killed ten seconds later.

use std::collections::{BTreeMap, BTreeSet};

use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::Instant;

use super::said::is_cut_off;
use super::stream::{self, Happening};
use super::tool::{PATIENCE, signal};
use crate::address::Address;
use crate::apply::event::{Event, Name};
use crate::apply::provider::Class;
use crate::apply::whole::{Job, Told};
use crate::diagnostic::codes::engine::P5001;
use crate::diagnostic::{Diagnostic, Error};
use crate::plan::{Op, Step};
use crate::state::OutcomeError;

/// Longest text that is kept of standard error.
const LIMIT: u64 = 64 << 10;

/// What was seen of a run.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// What was told of the steps.
    pub(super) told: BTreeMap<Address, Told>,
    /// Resources that something happened to without a step of the plan, and what.
    pub(super) unplanned: BTreeMap<Address, String>,
    /// Errors that belong to no resource.
    pub(super) errors: Vec<String>,
    /// What the language host said.
    pub(super) host: String,
    /// Standard error.
    pub(super) stderr: String,
    /// It ended with 0.
    pub(super) well: bool,
    /// An operation was begun.
    pub(super) begun: bool,
    /// Creates whose answer was lost on its way: the provider has died.
    pub(super) cut_off: BTreeSet<Address>,
}

impl Watched {
    /// Adds what was seen of the run that followed.
    pub(super) fn go_on(&mut self, next: Self) {
        let Self { told, unplanned, errors, host, stderr, well, begun, cut_off } = next;
        self.told.extend(told);
        self.unplanned.extend(unplanned);
        self.errors.extend(errors);
        self.host.push_str(&host);
        self.stderr.push_str(&stderr);
        self.well = well;
        self.begun |= begun;
        self.cut_off.extend(cut_off);
    }
}

/// Runs a command to its end.
pub(super) async fn watch(mut command: Command, job: Job<'_>, names: &BTreeMap<String, Address>) -> Result<Watched, Error> {
    let failed = |error: &std::io::Error| Error::from(Diagnostic::new(P5001, format!("Pulumi cannot be run: {error}")));
    let mut child = command.spawn().map_err(|error| failed(&error))?;
    let stdout = child.stdout.take().expect("the command pipes its output");
    let stderr = child.stderr.take().expect("the command pipes its errors");
    let errors = tokio::spawn(async move {
        let mut stderr = stderr;
        let mut text = Vec::new();
        // What is cut off or cannot be read was for people. The pipe is emptied to its end all the same: who writes into a closed one dies.
        (&mut stderr).take(LIMIT).read_to_end(&mut text).await.ok();
        tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await.ok();
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut lines = BufReader::new(stdout).lines();
    let mut watch = Watch { job, names, seen: Watched::default(), said: BTreeMap::new() };
    let mut deadline: Option<Instant> = None;
    let stop = &job.context.stop;
    // The first reason to end, whichever it is, is told once: told twice, Pulumi leaves what it is doing.
    let (mut asked, mut urged) = (false, false);
    loop {
        let end = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            line = lines.next_line() => match line {
                Ok(Some(line)) => watch.hear(&line),
                // A line that is no text is skipped; the end of the stream is the end of the run.
                Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {}
                Ok(None) | Err(_) => break,
            },
            () = stop.interrupted(1), if !asked => {
                asked = true;
                signal(child.id(), Signal::INT);
            }
            () = stop.lock_lost(), if !asked => {
                asked = true;
                signal(child.id(), Signal::INT);
            }
            () = stop.interrupted(2), if !urged => {
                urged = true;
                signal(child.id(), Signal::INT);
                deadline = Some(Instant::now() + PATIENCE);
            }
            () = end => {
                deadline = None;
                signal(child.id(), Signal::KILL);
            }
        }
    }
    let status = child.wait().await;
    let mut seen = watch.end();
    seen.well = status.is_ok_and(|status| status.success());
    seen.stderr = errors.await.unwrap_or_default();
    Ok(seen)
}

struct Watch<'a> {
    job: Job<'a>,
    names: &'a BTreeMap<String, Address>,
    seen: Watched,
    /// The last error that was said of a resource.
    said: BTreeMap<Address, String>,
}

impl Watch<'_> {
    fn step(&self, address: &Address) -> Option<&Step> {
        self.job.plan.steps.iter().find(|step| step.address == *address && step.blocked.is_none())
    }

    fn hear(&mut self, line: &str) {
        match stream::read(line) {
            Happening::Begins { name, op } if op != "same" => self.begins(&name, &op),
            Happening::Ends { name, op, identifier } => self.ends(&name, &op, identifier),
            Happening::Fails { name, op } => self.fails(&name, &op),
            Happening::Says { name, severity, message } => self.says(name.as_deref(), &severity, message),
            Happening::Begins { .. } => {}
            Happening::Other(line) => tracing::debug!(target: "panka::pulumi", "{line}"),
        }
    }

    fn begins(&mut self, name: &str, op: &str) {
        let Some(address) = self.names.get(name).cloned() else { return };
        if op == "read" || op == "refresh" {
            return;
        }
        self.seen.begun = true;
        let at = self.job.context.clock.stamp();
        let Some(step) = self.step(&address) else {
            let event =
                Event { address: Some(address.clone()), message: Some(format!("not in the plan: {op}")), ..Event::new(Name::Deviation) };
            self.job.context.events.emit(event);
            self.seen.unplanned.insert(address, op.to_owned());
            return;
        };
        let event = Event { attempt: Some(1), ..Event::of_step(Name::StepStarted, step) };
        if !is_planned(step.op, op) {
            let message = format!("the plan says {}, and Pulumi does {op}", step.op.verb());
            self.job.context.events.emit(Event { message: Some(message), ..Event::of_step(Name::Deviation, step) });
            self.seen.unplanned.insert(address.clone(), op.to_owned());
        }
        let told = self.seen.told.entry(address).or_default();
        // A replacement is several operations: the step begins with the first.
        if told.started.is_none() {
            told.started = Some(at);
            self.job.context.events.emit(event);
        }
        told.calls += u32::from(op != "replace");
    }

    fn ends(&mut self, name: &str, op: &str, identifier: Option<String>) {
        let Some(address) = self.names.get(name).cloned() else { return };
        let at = self.job.context.clock.stamp();
        let Some(step) = self.step(&address) else { return };
        let event = Event { identifier, ..Event::of_step(Name::StepDone, step) };
        let told = self.seen.told.entry(address).or_default();
        if told.error.is_some() {
            return;
        }
        // The deletes of a replacement are told apart from the create that its dependants wait for.
        let first = !told.done && !matches!(op, "delete-replaced" | "replace");
        told.done |= first;
        told.finished = Some(at);
        if first {
            self.job.context.events.emit(event);
        }
    }

    fn fails(&mut self, name: &str, op: &str) {
        let Some(address) = self.names.get(name).cloned() else { return };
        let said = self.said.get(&address).cloned().unwrap_or_else(|| format!("{op} failed"));
        self.failed(&address, &said);
    }

    fn says(&mut self, name: Option<&str>, severity: &str, message: String) {
        if message.is_empty() {
            return;
        }
        let address = name.and_then(|name| self.names.get(name)).cloned();
        match (severity, address) {
            ("error", Some(address)) => {
                self.said.insert(address.clone(), message.clone());
                if self.seen.told.get(&address).is_some_and(|told| told.error.is_some()) {
                    self.failed(&address, &message);
                }
            }
            ("error", None) => self.seen.errors.push(message),
            // The language host says what is wrong with the program here.
            ("info#err", _) => {
                self.seen.host.push_str(&message);
                self.seen.host.push('\n');
            }
            ("warning", None) if message.starts_with("using pulumi-resource-") => {}
            ("warning", address) => self.job.context.events.emit(Event { address, message: Some(message), ..Event::new(Name::Note) }),
            _ => tracing::debug!(target: "panka::pulumi", "{message}"),
        }
    }

    /// Notes a failure. It is told once its message is known, which may come before or after.
    fn failed(&mut self, address: &Address, said: &str) {
        let at = self.job.context.clock.stamp();
        let error = error(said);
        let event = self.step(address).map(|step| Event {
            code: Some(error.code.clone()),
            message: Some(error.message.clone()),
            ..Event::of_step(Name::StepFailed, step)
        });
        let Some(event) = event else {
            self.seen.errors.push(format!("{address}: {said}"));
            return;
        };
        if is_cut_off(said) && self.step(address).is_some_and(|step| matches!(step.op, Op::Create | Op::Replace)) {
            self.seen.cut_off.insert(address.clone());
        }
        let told = self.seen.told.entry(address.clone()).or_default();
        let again = told.error.is_some();
        told.error = Some(error);
        told.finished = Some(at);
        if !again {
            self.job.context.events.emit(event);
        }
    }

    /// Errors of resources that never failed in an operation, those of their checks for one, are failures as well.
    fn end(mut self) -> Watched {
        for (address, said) in std::mem::take(&mut self.said) {
            if self.seen.told.get(&address).is_none_or(|told| told.error.is_none() && !told.done) {
                self.failed(&address, &said);
            }
        }
        self.seen
    }
}

/// Tells whether an operation of Pulumi's is one of those that make up a step.
fn is_planned(step: Op, op: &str) -> bool {
    let replaces = matches!(op, "create-replacement" | "delete-replaced" | "replace" | "discard-replaced" | "read-replacement");
    match step {
        Op::Create => op == "create",
        Op::Update => op == "update",
        Op::Replace => replaces,
        Op::Delete => matches!(op, "delete" | "delete-replaced"),
        Op::Adopt => op == "import",
        // Of what it retains Pulumi calls it a delete to let go.
        Op::Forget => matches!(op, "delete" | "delete-replaced" | "discard"),
        // What is left over of an earlier replacement is cleared away.
        Op::None => matches!(op, "delete-replaced" | "discard"),
    }
}

/// What a message says. The provider puts a code into it: `operation CREATE failed with "AlreadyExists": …` for a request that was taken,
/// `…, AccessDeniedException: …` for one that was refused.
fn error(said: &str) -> OutcomeError {
    let quoted = said.split_once("failed with \"").and_then(|(_, rest)| rest.split_once('"')).map(|(code, _)| code);
    let word = |text: &'_ str| -> bool { !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) };
    let refused = || said.split([' ', ':', '(', ')', ',']).find(|text| text.len() > 9 && text.ends_with("Exception"));
    let code = quoted.filter(|code| word(code)).or_else(refused).filter(|code| word(code)).unwrap_or("PulumiError").to_owned();
    let class = Class::of_code(&code).name().to_owned();
    OutcomeError { class, code, message: said.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_taken_out_of_the_message() {
        let found = error("1 error occurred:\n\t* operation CREATE failed with \"AlreadyExists\": it is there");
        assert_eq!((found.code.as_str(), found.class.as_str()), ("AlreadyExists", "terminal"));
        assert_eq!(error("creating: StatusCode: 400, RequestID: x, AccessDeniedException: no").code, "AccessDeniedException");
        assert_eq!(error("the network is gone").code, "PulumiError");
        assert_eq!(error("operation CREATE failed with \"Throttling\": slow").class, "throttle");
    }
}
