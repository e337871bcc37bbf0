//! Where happenings go: one numbered stream, to a display and to `--events`.
//!
//! In: [`Event`]s without number and time. Out: the same, numbered without gaps, in one order for all who listen. Who listens too slowly
//! loses heartbeats only; a stream that its reader closes ends with one warning, and the run goes on.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc as channel;

use super::Event;
use super::event::Name;
use crate::clock::SharedClock;
use crate::diagnostic::codes::command::{P0014, P0017};
use crate::diagnostic::{Diagnostic, Error};

/// How long the end of a run waits for a reader of the stream.
const PATIENCE: Duration = Duration::from_secs(5);

/// The target of `--events`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file, written from its start.
    File(PathBuf),
    /// A file descriptor that the caller has opened.
    Descriptor(u32),
}

impl std::str::FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.strip_prefix("fd:") {
            Some(number) => number.parse().map(Self::Descriptor).map_err(|_| {
                Diagnostic::new(P0017, format!("`{text}` names no file descriptor"))
                    .help("write `--events fd:3`, or the path of a file")
                    .into()
            }),
            None => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

impl Target {
    /// Opens the target for writing.
    pub fn open(&self) -> Result<Box<dyn Write + Send>, Error> {
        let opened = match self {
            Self::File(path) => std::fs::File::create(path),
            // The descriptor itself must not be taken over: the path opens another one on the same pipe.
            Self::Descriptor(number) => std::fs::OpenOptions::new().write(true).open(Path::new("/dev/fd").join(number.to_string())),
        };
        match opened {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => {
                let name = match self {
                    Self::File(path) => path.display().to_string(),
                    Self::Descriptor(number) => format!("file descriptor {number}"),
                };
                Err(Diagnostic::new(P0014, format!("events cannot be written to {name}: {error}")).into())
            }
        }
    }
}

/// The stream of a run. Clones write to the same one.
#[derive(Debug, Clone)]
pub struct Events(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    run: String,
    simulated: bool,
    clock: SharedClock,
    state: Mutex<State>,
    stream: Option<Stream>,
}

#[derive(Debug)]
struct State {
    seq: u64,
    display: Option<channel::UnboundedSender<Event>>,
    writer: Option<(mpsc::Sender<String>, JoinHandle<()>)>,
}

/// What the thread that writes shares with those who emit.
#[derive(Debug, Clone, Default)]
struct Stream {
    queued: Arc<AtomicUsize>,
    closed: Arc<AtomicBool>,
}

impl Events {
    /// The stream of a run, to be heard by a display, a writer, both or nobody.
    pub fn new(
        run: &str,
        simulated: bool,
        clock: SharedClock,
        display: Option<channel::UnboundedSender<Event>>,
        stream: Option<Box<dyn Write + Send>>,
    ) -> Self {
        let shared = stream.is_some().then(Stream::default);
        let writer = stream.zip(shared.clone()).map(|(target, shared)| {
            let (sender, lines) = mpsc::channel();
            (sender, std::thread::spawn(move || write_lines(target, &lines, &shared)))
        });
        let state = Mutex::new(State { seq: 0, display, writer });
        Self(Arc::new(Inner { run: run.to_owned(), simulated, clock, state, stream: shared }))
    }

    /// A stream that nobody hears.
    pub fn silent(run: &str, clock: SharedClock) -> Self {
        Self::new(run, false, clock, None, None)
    }

    /// Id of the run.
    pub fn run(&self) -> &str {
        &self.0.run
    }

    /// Sends a happening to all who listen.
    pub fn emit(&self, mut event: Event) {
        let Inner { run, simulated, clock, state, stream } = &*self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let streaming = stream.as_ref().filter(|stream| !stream.closed.load(Ordering::Relaxed));
        if state.display.is_none() && streaming.is_none() {
            return;
        }
        // Dropped before it is numbered, so that no number is missing.
        if event.event == Name::Heartbeat && streaming.is_some_and(|stream| stream.queued.load(Ordering::Relaxed) > 0) {
            return;
        }
        state.seq += 1;
        event.seq = state.seq;
        event.run.clone_from(run);
        event.simulated = *simulated;
        event.at = clock.stamp();
        if let (Some(stream), Some((sender, _))) = (streaming, &state.writer) {
            let line = serde_json::to_string(&event).expect("events are always JSON");
            stream.queued.fetch_add(1, Ordering::Relaxed);
            if sender.send(line).is_err() {
                stream.closed.store(true, Ordering::Relaxed);
            }
        }
        if state.display.as_ref().is_some_and(|display| display.send(event).is_err()) {
            state.display = None;
        }
    }

    /// Ends the stream: waits a moment for what is queued. Gives a warning when its reader has closed it or does not read.
    pub fn close(&self) -> Option<Diagnostic> {
        let writer = {
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.display = None;
            state.writer.take()
        };
        let stream = self.0.stream.as_ref()?;
        let (sender, thread) = writer?;
        drop(sender);
        let mut waited = Duration::ZERO;
        while !thread.is_finished() && waited < PATIENCE {
            let step = Duration::from_millis(2);
            std::thread::sleep(step);
            waited += step;
        }
        let left = stream.queued.load(Ordering::Relaxed);
        let why = match (stream.closed.load(Ordering::Relaxed), left) {
            (true, _) => "the reader of `--events` closed it before the end of the run".to_owned(),
            (false, 0) => return None,
            (false, left) => format!("the reader of `--events` does not read: {left} events were not written"),
        };
        Some(Diagnostic::new(P0014, why).warning())
    }
}

fn write_lines(mut target: Box<dyn Write + Send>, lines: &mpsc::Receiver<String>, stream: &Stream) {
    for mut line in lines {
        line.push('\n');
        if target.write_all(line.as_bytes()).and_then(|()| target.flush()).is_err() {
            stream.closed.store(true, Ordering::Relaxed);
            return;
        }
        stream.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::clock::tests::TestClock;

    /// A reader that can be held up, or closed.
    #[derive(Clone, Default)]
    struct Pipe {
        bytes: Arc<Mutex<Vec<u8>>>,
        gate: Arc<Mutex<()>>,
        closed: Arc<AtomicBool>,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            drop(self.gate.lock().unwrap());
            if self.closed.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.bytes.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Pipe {
        fn events(&self) -> Vec<Event> {
            let bytes = self.bytes.lock().unwrap().clone();
            String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }
    }

    #[tokio::test]
    async fn events_are_numbered_from_one_without_gaps() {
        let pipe = Pipe::default();
        let (display, mut shown) = channel::unbounded_channel();
        let events = Events::new("r1", true, TestClock::shared(), Some(display), Some(Box::new(pipe.clone())));
        for _ in 0..100 {
            events.emit(Event::new(Name::Note));
        }
        assert_eq!(events.close(), None);
        let written = pipe.events();
        assert_eq!(written.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=100).collect::<Vec<u64>>());
        assert!(written.iter().all(|event| event.run == "r1" && event.simulated));
        assert_eq!(shown.recv().await.unwrap(), written[0]);
    }

    #[tokio::test]
    async fn a_full_pipe_loses_heartbeats_and_nothing_else() {
        let pipe = Pipe::default();
        let events = Events::new("r1", false, TestClock::shared(), None, Some(Box::new(pipe.clone())));
        {
            let _held = pipe.gate.lock().unwrap();
            events.emit(Event::new(Name::Note));
            events.emit(Event::new(Name::Heartbeat));
            events.emit(Event::new(Name::StepDone));
        }
        assert_eq!(events.close(), None);
        let names: Vec<(u64, Name)> = pipe.events().iter().map(|event| (event.seq, event.event)).collect();
        assert_eq!(names, [(1, Name::Note), (2, Name::StepDone)]);
    }

    #[tokio::test]
    async fn a_closed_pipe_is_one_warning() {
        let pipe = Pipe::default();
        pipe.closed.store(true, Ordering::Relaxed);
        let events = Events::new("r1", false, TestClock::shared(), None, Some(Box::new(pipe)));
        for _ in 0..10 {
            events.emit(Event::new(Name::Note));
        }
        let warning = events.close().unwrap();
        assert!(!warning.is_error() && warning.message.contains("closed"), "{warning:?}");
        assert_eq!(events.close(), None);
    }

    #[test]
    fn a_target_is_a_path_or_a_descriptor() {
        assert_eq!("fd:3".parse::<Target>().unwrap(), Target::Descriptor(3));
        assert_eq!("out.ndjson".parse::<Target>().unwrap(), Target::File("out.ndjson".into()));
        assert_eq!("fd:x".parse::<Target>().unwrap_err().findings()[0].code, P0017);
    }
}
