//! Output: the only room that prints.
//!
//! In: documents and other results of verbs, findings, events of a run. Out: JSON, YAML, a table or a tree on standard output; findings,
//! progress and prompts on standard error and the terminal. Standard output carries exactly one document, so that the next stage of a pipe
//! can read it. What people see is drawn from the document alone: drawing a document that went through a pipe gives the same picture.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::codes::command::P0014;
use crate::diagnostic::{Diagnostic, Error};

pub mod findings;
pub mod jq;
pub mod log;
pub mod plan;
pub mod progress;
pub mod prompt;
pub mod schemas;
pub mod style;
pub mod table;
pub mod tree;
mod views;
mod yaml;

pub use style::Style;

/// Form of the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// A table on a terminal, JSON when piped.
    #[default]
    Auto,
    /// One JSON document: indented on a terminal, one line when piped.
    Json,
    /// One YAML document.
    Yaml,
    /// A table.
    Table,
    /// A tree.
    Tree,
}

/// How to print.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Form of the output.
    pub mode: Mode,
    /// Filter to run on the document first.
    pub jq: Option<String>,
    /// Print strings that the filter gives without quotes.
    pub raw: bool,
    /// Print the result and errors only: no progress, no warnings.
    pub quiet: bool,
    /// Colour may be used where a stream is a terminal.
    pub colour: bool,
    /// Width of the terminal in characters.
    pub width: usize,
    /// Standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Standard error is a terminal that can draw bars.
    pub stderr_is_terminal: bool,
    /// Lines of the log come on standard error at any time, so that nothing is drawn there that moves.
    pub logs: bool,
    /// Findings are printed as annotations of GitHub Actions as well.
    pub annotations: bool,
    /// The directory from which GitHub counts the paths of annotations.
    pub workspace: Option<PathBuf>,
}

impl Options {
    /// The form with `auto` resolved.
    pub fn form(&self) -> Mode {
        match self.mode {
            Mode::Auto if self.jq.is_some() || !self.stdout_is_terminal => Mode::Json,
            Mode::Auto => Mode::Table,
            mode => mode,
        }
    }

    /// How to draw on standard output. Where it is piped, lines are as long as they need to be.
    pub fn stdout_style(&self) -> Style {
        Style {
            colour: self.colour && self.stdout_is_terminal,
            width: self.stdout_is_terminal.then_some(self.width),
            detailed: self.logs || self.mode == Mode::Table,
        }
    }

    /// How to draw on standard error.
    pub fn stderr_style(&self) -> Style {
        Style { colour: self.colour && self.stderr_is_terminal, width: Some(self.width), detailed: self.logs }
    }
}

/// What can be printed: anything that is JSON, with views for people where the generic ones would not do.
pub trait View {
    /// The document as a JSON value.
    fn value(&self) -> Value;

    /// Writes the document as JSON.
    fn write_json(&self, out: &mut dyn Write, indented: bool) -> io::Result<()>;

    /// The document as a table.
    fn table(&self, style: &Style) -> String;

    /// The document as a tree.
    fn tree(&self, style: &Style) -> String;
}

/// The views of a document for people; the defaults stand for the generic ones.
pub trait Drawn {
    /// A table.
    fn table(&self, _style: &Style) -> Option<String> {
        None
    }

    /// A tree.
    fn tree(&self, _style: &Style) -> Option<String> {
        None
    }
}

impl<T: Serialize + Drawn> View for T {
    fn value(&self) -> Value {
        serde_json::to_value(self).expect("documents are always JSON")
    }

    fn write_json(&self, out: &mut dyn Write, indented: bool) -> io::Result<()> {
        let written = if indented { serde_json::to_writer_pretty(out, self) } else { serde_json::to_writer(out, self) };
        written.map_err(io::Error::from)
    }

    fn table(&self, style: &Style) -> String {
        Drawn::table(self, style).unwrap_or_else(|| table::of_value(&self.value(), style))
    }

    fn tree(&self, style: &Style) -> String {
        Drawn::tree(self, style).unwrap_or_else(|| tree::of_value(&self.value(), style))
    }
}

impl Drawn for Value {}

/// A document together with a text that people see instead of a table or a tree.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Told {
    document: Value,
    #[serde(skip)]
    text: String,
}

impl Told {
    /// Joins a document and its text.
    pub fn new(document: Value, text: impl Into<String>) -> Self {
        Self { document, text: text.into() }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Drawn for Told {
    fn table(&self, _style: &Style) -> Option<String> {
        Some(self.text.clone())
    }

    fn tree(&self, _style: &Style) -> Option<String> {
        Some(self.text.clone())
    }
}

/// Why printing ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The reader closed the pipe: nothing is wrong and nothing is to be said.
    Closed,
    /// Something to report.
    Error(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Self::Error(Diagnostic::new(P0014, format!("standard output cannot be written: {error}")).into())
    }
}

/// Prints a document on standard output.
pub fn print(view: &dyn View, options: &Options) -> Result<(), Failure> {
    emit(view, options, &mut io::stdout().lock())
}

/// Prints a text on standard output as it stands.
pub fn print_text(text: &str) -> Result<(), Failure> {
    emit_text(text, &mut io::stdout().lock())
}

/// Prints a document in the form that is asked for, and nothing else.
pub fn emit(view: &dyn View, options: &Options, out: &mut dyn Write) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    match &options.jq {
        Some(filter) => {
            let filter = jq::Filter::compile(filter, &[])?;
            let mut documents = 0;
            filter.run(&view.value(), &[], |result| {
                documents += 1;
                if documents > 1 && options.form() == Mode::Yaml {
                    out.write_all(b"---\n")?;
                }
                emit_result(&result, options, &mut out)
            })?;
        }
        None => emit_whole(view, options, &mut out)?,
    }
    out.flush()?;
    Ok(())
}

/// Tells people something on standard error: what they are asked to approve.
pub fn tell(text: &str) -> Result<(), Error> {
    let mut err = io::stderr().lock();
    writeln!(err, "{}\n", text.trim_end())
        .and_then(|()| err.flush())
        .map_err(|error| Diagnostic::new(P0014, format!("standard error cannot be written: {error}")).into())
}

/// Prints a text as it stands, with a line end.
pub fn emit_text(text: &str, out: &mut dyn Write) -> Result<(), Failure> {
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

fn emit_result(result: &Value, options: &Options, out: &mut dyn Write) -> Result<(), Failure> {
    match result {
        Value::String(text) if options.raw => Ok(writeln!(out, "{text}")?),
        _ => emit_whole(result, options, out),
    }
}

fn emit_whole(view: &dyn View, options: &Options, out: &mut dyn Write) -> Result<(), Failure> {
    match options.form() {
        Mode::Auto | Mode::Json => {
            view.write_json(out, options.stdout_is_terminal)?;
            writeln!(out)?;
        }
        Mode::Yaml => out.write_all(yaml::text(&view.value()).as_bytes())?,
        Mode::Table => writeln!(out, "{}", view.table(&options.stdout_style()).trim_end())?,
        Mode::Tree => writeln!(out, "{}", view.tree(&options.stdout_style()).trim_end())?,
    }
    Ok(())
}

#[cfg(test)]
mod tests;
