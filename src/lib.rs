//! panka deploys an AWS application from YAML in Git.
//!
//! The data's path, which is also the order of the modules; a module may use those above it, never one below:
//!
//! ```text
//! YAML files ─parse─▶ Manifest ─graph─▶ Graph ─diff─▶ Plan ─apply─▶ Run
//!                                               ▲                 │
//!                                             State ◀── journal ──┘        lock: held by apply, state verbs, destroy
//! ```
//!
//! [`manifest::Manifest`] · [`graph::Graph`] · [`plan::Plan`] · [`apply::Run`] · [`state::State`] · [`lock::LockRecord`]

use std::path::PathBuf;

use crate::cli::Cli;
use crate::commands::global::OutputForm;
use crate::commands::{Outcome, Product, session::Session};
use crate::context::Context;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::command::P0012;
use crate::exit::Exit;
use crate::output::{Failure, Mode, Options, findings};

/// AWS for the tests of the modules below: an emulator on loopback.
#[cfg(test)]
#[path = "../tests/harness/emulator.rs"]
pub mod emulator;

pub mod exit;

pub mod address;
pub mod clock;
pub mod diagnostic;
pub mod document;
pub mod schema;
pub mod stop;

pub mod account;

pub mod resource;

pub mod catalog;

pub mod manifest;

pub mod components;

pub mod aws;

pub mod graph;
pub mod state;

pub mod plan;

pub mod lock;

pub mod setup;

pub mod apply;

pub mod render;

pub mod engine;

pub mod answers;

pub mod output;

pub mod context;

pub mod config;

pub mod cli;
pub mod commands;

/// The variable that says which lines of the log are written.
const LOG: &str = "PANKA_LOG";

/// Runs the program: reads the command line, carries out the verb, prints its outcome, returns the exit code.
pub fn run() -> Exit {
    // A shell that asks what to complete is answered here, and that is all.
    clap_complete::CompleteEnv::with_factory(cli::command).complete();
    let context = match Context::from_process() {
        Ok(context) => context,
        Err(error) => {
            return report(error.findings(), error.exit(), &Options { width: 100, ..Options::default() }, std::path::Path::new("."));
        }
    };
    let cli = match cli::parse(context.args.iter().cloned()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are products, not failures; a closed pipe behind them is nobody's concern.
            let failed = error.use_stderr();
            drop(error.print());
            return if failed { Exit::Usage } else { Exit::Done };
        }
    };
    let options = options(&cli, &context);
    if let Err(error) = output::log::start(cli.global.verbose, context.variable(LOG), &options) {
        return report(error.findings(), error.exit(), &options, std::path::Path::new("."));
    }
    // What cannot be done afterwards is refused before anything is.
    if let Some(Err(error)) = options.jq.as_deref().map(|filter| output::jq::Filter::compile(filter, &[])) {
        return report(error.findings(), error.exit(), &options, std::path::Path::new("."));
    }
    let acts = cli.command.acts();
    let session = Session::new(context, cli.global);
    let ended = cli.command.dispatch(&session, &options);
    let root = session.root_or_directory();
    let outcome = match ended {
        Ok(outcome) => outcome,
        Err(error) => {
            let error = session.with_way_to_free(error);
            return report(error.findings(), error.exit(), &options, &root);
        }
    };
    let Outcome { product, mut exit, warnings } = outcome;
    if !warnings.is_empty() {
        report(&warnings, exit, &options, &root);
    }
    match print(&product, &options) {
        // A reader that has seen enough is a quiet end.
        Ok(()) | Err(Failure::Closed) => {}
        // What the verb did is done, and its exit code stands.
        Err(Failure::Error(error)) if acts && error.findings().iter().all(|finding| finding.code == P0012) => {
            let help = "the command itself has ended as its exit code says; only the filter failed on its document";
            let found: Vec<Diagnostic> = error.into_findings().into_iter().map(|finding| finding.help(help)).collect();
            report(&found, exit, &options, &root);
        }
        Err(Failure::Error(error)) => exit = exit.max(report(error.findings(), error.exit(), &options, &root)),
    }
    exit
}

fn options(cli: &Cli, context: &Context) -> Options {
    let global = &cli.global;
    let dumb = context.variable("TERM") == Some("dumb");
    let no_colour = global.no_color || context.variable("NO_COLOR").is_some() || dumb;
    Options {
        mode: match global.output {
            OutputForm::Auto => Mode::Auto,
            OutputForm::Json => Mode::Json,
            OutputForm::Yaml => Mode::Yaml,
            OutputForm::Table => Mode::Table,
            OutputForm::Tree => Mode::Tree,
        },
        jq: global.jq.clone(),
        raw: global.raw,
        quiet: global.quiet,
        colour: !no_colour,
        width: context.terminal.width,
        stdout_is_terminal: context.terminal.stdout,
        stderr_is_terminal: context.terminal.stderr && !dumb,
        logs: global.verbose > 0 || context.variable(LOG).is_some(),
        annotations: context.in_github_actions(),
        workspace: context.variable("GITHUB_WORKSPACE").map(PathBuf::from),
    }
}

fn print(product: &Product, options: &Options) -> Result<(), Failure> {
    match product {
        Product::Document(view) => output::print(view.as_ref(), options),
        Product::Text(told) if options.mode == Mode::Auto && options.jq.is_none() => output::print_text(told.text()),
        Product::Text(told) => output::print(told, options),
        Product::Nothing => Ok(()),
    }
}

/// Prints findings on standard error and gives back the exit code.
fn report(found: &[Diagnostic], exit: Exit, options: &Options, root: &std::path::Path) -> Exit {
    findings::print(found, exit, options, root);
    exit
}
