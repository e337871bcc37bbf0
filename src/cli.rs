//! The command line: what people type, and the dispatch to the verbs.

use std::ffi::OsString;

use clap::{FromArgMatches as _, Parser, Subcommand};

use crate::commands::global::Global;
use crate::commands::session::Session;
use crate::commands::{self, Outcome, on_runtime};
use crate::diagnostic::codes::command::P0017;
use crate::diagnostic::{Diagnostic, Error};
use crate::output::Options;

/// Deploy an AWS application from YAML in Git
///
/// Each verb reads JSON on standard input and writes JSON on standard output, so that
///
///   panka parse -s shop -e dev | panka graph | panka diff | panka apply
///
/// does what `panka apply -s shop -e dev` does, with --jq or jq between any two stages. A verb takes its own input document or any earlier
/// one; with nothing on standard input it starts from the YAML files.
///
/// Exit codes: 0 done; 1 failure; 2 usage; 3 invalid manifests; 4 lock held; 5 stale plan or state changed underneath; 6 apply
/// incomplete; 10 differences, with --exit-code; 70 defect of panka; 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "panka", version, propagate_version = true, max_term_width = 100, verbatim_doc_comment)]
pub struct Cli {
    /// Flags of every verb.
    #[command(flatten)]
    pub global: Global,
    /// The verb.
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "the arguments of each verb say what it does")]
pub enum Command {
    Apply(commands::apply::Args),
    /// Set up and check the bucket of the states, the table of the locks, and the roles
    #[command(subcommand)]
    Backend(commands::backend::Verb),
    /// Show the effective configuration
    #[command(subcommand)]
    Config(commands::config::Verb),
    Destroy(commands::destroy::Args),
    Diff(commands::diff::Args),
    Explain(commands::explain::Args),
    Fmt(commands::fmt::Args),
    Graph(commands::graph::Args),
    Init(commands::init::Args),
    Lock(commands::lock::Args),
    Outputs(commands::outputs::Args),
    Parse(commands::parse::Args),
    Plan(commands::plan::Args),
    Render(commands::render::Args),
    Schema(commands::schema::Args),
    /// Make a new stack
    #[command(subcommand)]
    Stack(commands::stack::Verb),
    State(commands::state::Args),
    Validate(commands::validate::Args),
    Version(commands::version::Args),
}

impl Command {
    /// Carries out a verb. Verbs that reach state or engines run on an asynchronous runtime; the others need none.
    pub fn dispatch(self, session: &Session, options: &Options) -> Result<Outcome, Error> {
        if session.global.service.is_some() && !self.narrows() {
            return Err(Diagnostic::new(P0017, "--service narrows plans, runs and locks, and this verb is none of them")
                .help("leave it out; verbs on the state take selectors: `panka state list SERVICE`")
                .into());
        }
        self.check(session)?;
        match self {
            Self::Apply(args) => on_runtime(session, commands::apply::run(&args, session, options)),
            Self::Backend(verb) => on_runtime(session, commands::backend::run(&verb, session, options)),
            Self::Config(verb) => commands::config::run(&verb, session),
            Self::Destroy(args) => on_runtime(session, commands::destroy::run(&args, session, options)),
            Self::Diff(args) => on_runtime(session, commands::diff::run(&args, session)),
            Self::Explain(args) => commands::explain::run(&args),
            Self::Fmt(args) => commands::fmt::run(&args, session),
            Self::Graph(args) => commands::graph::run(&args, session),
            Self::Init(args) => on_runtime(session, commands::init::run(&args, session, options)),
            Self::Lock(args) => on_runtime(session, commands::lock::run(&args, session)),
            Self::Outputs(args) => on_runtime(session, commands::outputs::run(&args, session)),
            Self::Parse(args) => commands::parse::run(&args, session),
            Self::Plan(args) => on_runtime(session, commands::plan::run(&args, session, options)),
            Self::Render(args) => on_runtime(session, commands::render::run(&args, session)),
            Self::Schema(args) => commands::schema::run(&args),
            Self::Stack(verb) => commands::stack::run(&verb, session),
            Self::State(args) => on_runtime(session, commands::state::run(&args, session)),
            Self::Validate(args) => commands::validate::run(&args, session),
            Self::Version(args) => Ok(commands::version::run(&args)),
        }
    }
}

impl Command {
    /// Tells whether the verb changes something besides its output: what it did is done, whatever becomes of that.
    pub fn acts(&self) -> bool {
        match self {
            Self::Apply(_) | Self::Destroy(_) | Self::Backend(_) | Self::Init(_) | Self::Lock(_) | Self::Stack(_) => true,
            Self::State(args) => args.edits(),
            _ => false,
        }
    }

    /// Refuses arguments that can be seen to be wrong before anything is read, locked or written.
    fn check(&self, session: &Session) -> Result<(), Error> {
        session.variables()?;
        session.service()?;
        match self {
            Self::Apply(args) => args.selection.check().and_then(|()| args.running.check(session)),
            Self::Destroy(args) => args.selection().check().and_then(|()| args.running.check(session)),
            Self::Diff(args) => args.selection.check(),
            Self::Plan(args) => args.selection.check(),
            Self::Lock(args) => args.check(),
            _ => Ok(()),
        }
    }

    /// Tells whether `--service` means something to the verb.
    fn narrows(&self) -> bool {
        match self {
            Self::Apply(_) | Self::Destroy(_) | Self::Diff(_) | Self::Plan(_) => true,
            Self::Lock(args) => args.takes_the_lock(),
            _ => false,
        }
    }
}

/// The command-line tree, for parsing, completions, man pages and the reference.
pub fn command() -> clap::Command {
    filled(<Cli as clap::CommandFactory>::command())
}

/// Reads the command line. An error also stands for `--help` and `--version`: [`clap::Error::print`] knows where each belongs.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let args = std::iter::once(OsString::from("panka")).chain(args);
    Cli::from_arg_matches(&command().try_get_matches_from(args)?)
}

/// Fills the paragraphs of every long help text to whatever width the terminal has; indented lines are examples and stay as they are.
fn filled(mut command: clap::Command) -> clap::Command {
    if let Some(text) = command.get_long_about().map(ToString::to_string) {
        let paragraphs = text.split("\n\n").map(|part| if part.starts_with("  ") { part.to_owned() } else { part.replace('\n', " ") });
        command = command.long_about(paragraphs.collect::<Vec<_>>().join("\n\n"));
    }
    command.mut_subcommands(filled)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use clap::Command;

    #[test]
    fn the_command_line_is_well_formed() {
        super::command().debug_assert();
    }

    /// Files below a directory whose names end so.
    fn files(root: &Path, ends: &[&str]) -> Vec<PathBuf> {
        let mut open = vec![root.to_owned()];
        let mut found = Vec::new();
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else if ends.iter().any(|end| path.to_string_lossy().ends_with(end)) {
                found.push(path);
            }
        }
        found.sort();
        found
    }

    /// What is quoted as a command of panka in a text: between backticks, and in indented lines and blocks of code.
    fn quoted(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut fenced = false;
        for line in text.lines() {
            fenced ^= line.trim_start().starts_with("```");
            let between = line.split('`').skip(1).step_by(2).filter(|part| part.starts_with("panka "));
            found.extend(between.map(str::to_owned));
            let typed = line.strip_prefix("$ ").or_else(|| line.trim_start().strip_prefix("///   ")).or_else(|| line.strip_prefix("    "));
            let typed = typed.or_else(|| fenced.then_some(line)).map(str::trim_start).filter(|line| !line.contains('`'));
            found.extend(typed.filter(|line| line.starts_with("panka ")).map(str::to_owned));
        }
        found
    }

    /// What of a quoted command the command line does not have; `None` when it has everything.
    fn unknown(root: &Command, quoted: &str) -> Option<String> {
        for one in quoted.split(" | ").filter_map(|part| part.trim().strip_prefix("panka ")) {
            let mut command = root;
            let mut named = false;
            // Text in quotes, and what comes behind a comment or a redirection, is no word of panka's.
            let one = one.split(" #").next().unwrap_or_default();
            let words: Vec<&str> =
                one.split_whitespace().take_while(|word| ![">", "<", "2>", "&&", ";", "…", "\\"].contains(word)).collect();
            for word in words {
                let word = word.trim_end_matches([',', '.', ':', ';', ')', '"']);
                if let Some(long) = word.strip_prefix("--").filter(|long| !long.is_empty()) {
                    let long = long.split(['=', '\'']).next().unwrap_or_default();
                    let known = |command: &Command| command.get_arguments().any(|argument| argument.get_long() == Some(long));
                    if !known(command) && !known(root) && !["help", "version"].contains(&long) {
                        return Some(format!("`{}` has no flag --{long}", command.get_name()));
                    }
                } else if command.get_name() == "schema" && word.starts_with(|letter: char| letter.is_ascii_lowercase()) {
                    if crate::output::schemas::find(word).is_none() {
                        return Some(format!("there is no document {word}"));
                    }
                } else if command.has_subcommands()
                    && !named
                    && !word.starts_with('-')
                    && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
                {
                    match command.find_subcommand(word) {
                        Some(inner) => command = inner,
                        None => return Some(format!("`{}` has no verb {word}", command.get_name())),
                    }
                } else {
                    named = true;
                }
            }
        }
        None
    }

    #[test]
    fn every_command_that_is_quoted_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut all = super::command();
        all.build();
        let mut wrong = Vec::new();
        let mut seen = 0;
        let sources =
            [("src", &[".rs", ".md"][..]), ("docs", &[".md"][..]), ("examples", &[".md", ".yaml"][..]), ("infrastructure", &[".md"][..])];
        let mut paths: Vec<PathBuf> = sources.iter().flat_map(|(folder, ends)| files(&root.join(folder), ends)).collect();
        paths.push(root.join("README.md"));
        for path in paths {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for quoted in quoted(text) {
                seen += 1;
                wrong
                    .extend(unknown(&all, &quoted).map(|what| format!("{}: {quoted}: {what}", path.strip_prefix(root).unwrap().display())));
            }
        }
        assert!(seen > 150, "{seen}");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_command_that_does_not_exist_is_seen() {
        let mut all = super::command();
        all.build();
        for quoted in ["panka import a b", "panka schema faullts", "panka apply --yess", "panka state frob x", "panka parse | panka dif"] {
            assert!(unknown(&all, quoted).is_some(), "{quoted}");
        }
        assert_eq!(unknown(&all, "panka state list users -o json"), None);
    }
}
