//! One file a verb: its arguments and what it does. Verbs read inputs, call the library and return an [`Outcome`]; they never print.

pub mod apply;
pub mod backend;
pub mod complete;
pub mod config;
pub mod destroy;
pub mod diff;
pub mod engines;
pub mod explain;
pub mod fmt;
pub mod global;
pub mod graph;
pub mod init;
pub mod input;
pub mod lock;
pub mod opened;
pub mod outputs;
pub mod parse;
pub mod pipeline;
pub mod plan;
pub mod planning;
pub mod render;
pub mod running;
pub mod schema;
pub mod selection;
pub mod session;
pub mod stack;
pub mod state;
pub mod under_lock;
pub mod validate;
pub mod version;

use serde::Serialize;
use serde_json::Value;

use self::session::Session;
use crate::diagnostic::codes::apply::P8005;
use crate::diagnostic::codes::command::P0014;
use crate::diagnostic::{Diagnostic, Error};
use crate::exit::Exit;
use crate::output::{Drawn, Told, View};
use crate::stop::Stop;

/// What a verb gives back.
pub struct Outcome {
    /// What goes to standard output.
    pub product: Product,
    /// How the verb ended.
    pub exit: Exit,
    /// Warnings, for standard error; with `--strict` they are errors.
    pub warnings: Vec<Diagnostic>,
}

/// What goes to standard output.
pub enum Product {
    /// One document: printed as JSON, or drawn, or filtered.
    Document(Box<dyn View>),
    /// Text that is the same on a terminal and in a pipe, unless a form is asked for.
    Text(Told),
    /// Nothing.
    Nothing,
}

impl Outcome {
    /// Done, with a document.
    pub fn document<T: Serialize + Drawn + 'static>(document: T) -> Self {
        Self::done(Product::Document(Box::new(document)))
    }

    /// Done, with a document that people see as a text.
    pub fn told(document: &impl Serialize, text: impl Into<String>) -> Self {
        Self::done(Product::Document(Box::new(Told::new(value(document), text))))
    }

    /// Done, with a text that a pipe sees as well; the document is for other forms.
    pub fn text(document: &impl Serialize, text: impl Into<String>) -> Self {
        Self::done(Product::Text(Told::new(value(document), text)))
    }

    /// Done.
    pub fn done(product: Product) -> Self {
        Self { product, exit: Exit::Done, warnings: Vec::new() }
    }

    /// Adds warnings.
    #[must_use]
    pub fn warn(mut self, warnings: Vec<Diagnostic>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// Ends with another exit code than 0.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }
}

/// A document as a JSON value.
fn value(document: &impl Serialize) -> Value {
    serde_json::to_value(document).expect("documents are always JSON")
}

/// Runs a verb that reaches state or engines on an asynchronous runtime.
///
/// Signals are heard from its first moment. One that nobody minds ends the verb where it stands; whatever the end, no lock is left behind.
pub(crate) fn on_runtime<T>(session: &Session, verb: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Diagnostic::new(P0014, format!("the threads of the program cannot be started: {error}")))?;
    let ended = runtime.block_on(async {
        hear_signals(&session.stop)?;
        let ended = tokio::select! {
            ended = verb => ended,
            () = session.stop.unminded() => {
                Err(Diagnostic::new(P8005, "interrupted").help("run the command again to go on").into())
            }
        };
        session.release_what_is_held().await;
        ended
    });
    // A question that nobody answers holds a thread: it is left.
    runtime.shutdown_background();
    ended
}

/// Makes SIGINT and SIGTERM wishes to end.
fn hear_signals(stop: &Stop) -> Result<(), Error> {
    let stop = stop.clone();
    let failed = |error: std::io::Error| Diagnostic::new(P0014, format!("signals cannot be heard: {error}"));
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt()).map_err(failed)?, signal(SignalKind::terminate()).map_err(failed)?);
        tokio::spawn(async move {
            loop {
                let heard = tokio::select! { heard = interrupt.recv() => heard, heard = terminate.recv() => heard };
                if heard.is_none() {
                    return;
                }
                stop.interrupt();
            }
        });
    }
    #[cfg(not(unix))]
    {
        let _ = failed;
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                stop.interrupt();
            }
        });
    }
    Ok(())
}

/// Asks a person: on a thread of its own, so that a signal is heard while nobody answers.
pub(crate) async fn asked<T: Send + 'static>(question: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(question).await {
        Ok(answer) => answer,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
