//! Shows a run while it runs: bars on a terminal, a line for each step otherwise, nothing under `--quiet`.
//!
//! Everything shown comes from the events of the run, so that a log of events tells the same story.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Options;
use super::style::{Style, Tone, count, past, seconds, sign, word};
use crate::address::Address;
use crate::apply::Event;
use crate::apply::event::Name;
use crate::exit::Exit;

/// Steps in flight that have a line of their own on a terminal.
const SHOWN: usize = 8;

/// The display of one run.
pub struct Progress {
    style: Style,
    screen: Screen,
}

enum Screen {
    Silent,
    Lines(Box<dyn Write + Send>),
    Bars(Box<Bars>),
}

struct Bars {
    all: MultiProgress,
    /// Characters of a line of the terminal.
    width: usize,
    /// Once it is known how many steps there are.
    total: Option<ProgressBar>,
    running: BTreeMap<Address, ProgressBar>,
}

impl Progress {
    /// The display that fits standard error.
    pub fn new(options: &Options) -> Self {
        let screen = match (options.quiet, options.stderr_is_terminal && !options.logs) {
            (true, _) => Screen::Silent,
            (false, true) => Screen::Bars(Box::new(Bars::new(options.width))),
            (false, false) => Screen::Lines(Box::new(io::stderr())),
        };
        Self { style: options.stderr_style(), screen }
    }

    /// Lines on any writer.
    pub fn lines(out: Box<dyn Write + Send>) -> Self {
        Self { style: Style::default(), screen: Screen::Lines(out) }
    }

    /// Shows what happened. A display that fails never stops the run.
    pub fn show(&mut self, event: &Event) {
        let line = line(event, &self.style);
        match &mut self.screen {
            Screen::Silent => {}
            Screen::Lines(out) => {
                if let Some(line) = line {
                    // Nobody reads the progress of a closed standard error.
                    writeln!(out, "{line}").ok();
                }
            }
            Screen::Bars(bars) => bars.show(event, line),
        }
    }

    /// Runs `f` while no bar is drawn, for output of others on the same terminal.
    pub fn suspend<T>(&self, f: impl FnOnce() -> T) -> T {
        match &self.screen {
            Screen::Bars(bars) => bars.all.suspend(f),
            Screen::Silent | Screen::Lines(_) => f(),
        }
    }
}

impl Bars {
    fn new(width: usize) -> Self {
        Self { all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()), width, total: None, running: BTreeMap::new() }
    }

    fn show(&mut self, event: &Event, line: Option<String>) {
        // A line that the terminal breaks would be counted as one, and leave a bar behind.
        for part in line.iter().flat_map(|line| broken(line, self.width)) {
            self.all.println(part).ok();
        }
        match (event.event, &event.address) {
            (Name::RunStarted, _) => {
                let total = self.all.add(ProgressBar::new(event.count.unwrap_or(0)));
                let template = "{bar:30} {pos}/{len} {msg}";
                total.set_style(ProgressStyle::with_template(template).expect("the template is well-formed").progress_chars("━━─"));
                self.total = Some(total);
            }
            (Name::StepStarted, Some(address)) if self.running.len() < SHOWN && !self.running.contains_key(address) => {
                let bar = self.all.add(ProgressBar::new_spinner());
                bar.set_style(ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is well-formed"));
                bar.set_message(format!("{} {address}", event.op.map_or("", word)));
                bar.enable_steady_tick(Duration::from_millis(200));
                self.running.insert(address.clone(), bar);
            }
            (Name::StepDone | Name::StepFailed | Name::StepBlocked | Name::StepCancelled, Some(address)) => {
                if let Some(total) = &self.total {
                    total.inc(1);
                }
                if let Some(bar) = self.running.remove(address) {
                    bar.finish_and_clear();
                }
            }
            (Name::RunFinished, _) => self.clear(),
            _ => {}
        }
    }

    fn clear(&mut self) {
        std::mem::take(&mut self.running).values().for_each(ProgressBar::finish_and_clear);
        if let Some(total) = self.total.take() {
            total.finish_and_clear();
        }
    }
}

impl Drop for Bars {
    /// However a run ends, no bar stays behind.
    fn drop(&mut self) {
        self.clear();
    }
}

/// A line in pieces that fit into a width, broken at spaces where there are some.
fn broken(line: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in line.split(' ') {
        let last = pieces.last_mut().expect("there is one piece from the start");
        let room = width.saturating_sub(last.chars().count() + 1);
        if last.is_empty() {
            last.push_str(word);
        } else if word.chars().count() <= room {
            last.extend([" ", word]);
        } else {
            pieces.push(word.to_owned());
        }
    }
    pieces
}

/// The line that stays of an event; none for those that only move bars.
fn line(event: &Event, style: &Style) -> Option<String> {
    let address = event.address.as_ref().map(Address::as_str).unwrap_or_default();
    let message = event.message.as_deref().unwrap_or_default();
    let time = |least: f64| match event.seconds {
        Some(time) if time >= least => format!(" in {}", seconds(whole(time))),
        _ => String::new(),
    };
    let named = |tone: Tone, mark: &str, text: String| Some(format!("{} {address} {text}", style.paint(tone, mark)));
    let with_message = |text: String| if message.is_empty() { text } else { format!("{text}: {message}") };
    match event.event {
        Name::RunStarted => {
            let place = if event.simulated { " in the SIMULATED account" } else { "" };
            Some(format!("running {}{place}", count(usize::try_from(event.count.unwrap_or(0)).unwrap_or(usize::MAX), "step")))
        }
        Name::StepDone => {
            let op = event.op?;
            named(Tone::of(op), sign(op), format!("{}{}", past(op), time(1.0)))
        }
        Name::StepFailed => {
            let code = event.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
            named(Tone::Bad, "!", with_message(format!("{} failed{code}", event.op.map_or("step", word))))
        }
        Name::StepBlocked => named(Tone::Faint, "·", with_message("not started, it depends on a failed step".to_owned())),
        Name::StepCancelled => named(Tone::Faint, "·", with_message("not started".to_owned())),
        Name::StepRetried => named(Tone::Changed, "…", with_message(format!("is tried again{}", time(0.0)))),
        Name::Heartbeat => named(Tone::Faint, "…", format!("still running after {}", seconds(whole(event.seconds.unwrap_or(0.0))))),
        Name::Recovery => named(Tone::Changed, "↺", with_message("settled from an earlier run".to_owned())),
        Name::LockWaiting => Some(with_message("waiting for the lock".to_owned())),
        Name::LockTakenOver => Some(with_message("took over the lock of a run that is gone".to_owned())),
        Name::LockLost => Some(style.paint(Tone::Bad, with_message("the lock is lost".to_owned()))),
        Name::Throttle => Some(with_message("AWS asks for fewer calls".to_owned())),
        Name::Deviation => Some(style.paint(Tone::Bad, with_message("differs from the plan".to_owned()))),
        Name::Note if !message.is_empty() => Some(message.to_owned()),
        Name::RunFinished if event.count == Some(u64::from(Exit::Interrupted.number())) => Some(style.paint(Tone::Bad, "interrupted")),
        Name::RunFinished
        | Name::Note
        | Name::LockAcquired
        | Name::LockRenewed
        | Name::LockReleased
        | Name::StepReady
        | Name::StepStarted
        | Name::StepAccepted
        | Name::StateFolded => None,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate, and times are not negative")]
fn whole(seconds: f64) -> u64 {
    seconds.round() as u64
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn shown(events: &[Value]) -> String {
        let buffer = Buffer::default();
        let mut progress = Progress::lines(Box::new(buffer.clone()));
        for (n, fields) in events.iter().enumerate() {
            let mut event = json!({"kind": "panka.event/v1", "run": "r", "seq": n + 1, "at": "2026-01-01T00:00:00Z"});
            event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            progress.show(&serde_json::from_value(event).unwrap());
        }
        String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_long_line_is_broken_at_spaces() {
        assert_eq!(broken("one two three", 7), ["one two", "three"]);
        assert_eq!(broken("one", 2), ["one"]);
        assert_eq!(broken("", 10), [""]);
    }

    #[test]
    fn each_step_that_ends_has_a_line() {
        let text = shown(&[
            json!({"event": "run-started", "count": 3, "simulated": true}),
            json!({"event": "lock-acquired", "epoch": 1}),
            json!({"event": "step-started", "address": "a/b/c", "op": "create"}),
            json!({"event": "step-done", "address": "a/b/c", "op": "create", "seconds": 0.01}),
            json!({"event": "step-done", "address": "a/b/d", "op": "delete", "seconds": 75.2}),
            json!({"event": "step-failed", "address": "a/b/e", "op": "update", "code": "Throttling", "message": "Rate exceeded"}),
            json!({"event": "step-blocked", "address": "a/b/f", "op": "create"}),
            json!({"event": "run-finished", "count": 6}),
        ]);
        let expected = "running 3 steps in the SIMULATED account\n\
            + a/b/c created\n\
            - a/b/d deleted in 1 min 15 s\n\
            ! a/b/e update failed (Throttling): Rate exceeded\n\
            · a/b/f not started, it depends on a failed step\n";
        assert_eq!(text, expected);
    }
}
