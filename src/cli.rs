//! The command line: what people type, and the dispatch to the verbs.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::commands;
use crate::config::Flags;

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

/// Flags that every verb takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Directory to start from instead of the working directory
    #[arg(short = 'C', long = "dir", global = true, value_name = "DIR", env = "PANKA_DIR", hide_env = true)]
    pub dir: Option<PathBuf>,
    /// Stack; may be left out where the repository has one
    #[arg(short, long, global = true, value_name = "STACK", env = "PANKA_STACK", hide_env = true)]
    pub stack: Option<String>,
    /// Environment of the stack
    #[arg(short, long, global = true, value_name = "ENVIRONMENT", env = "PANKA_ENVIRONMENT", hide_env = true)]
    pub environment: Option<String>,
    /// Narrow the run and its lock to one service
    #[arg(long, global = true, value_name = "SERVICE")]
    pub service: Option<String>,
    /// Set a manifest variable; wins over every other source
    #[arg(long = "var", global = true, value_name = "NAME=VALUE")]
    pub variables: Vec<String>,
    /// Read manifest variables from a YAML or JSON map; a later file wins
    #[arg(long = "var-file", global = true, value_name = "FILE")]
    pub variable_files: Vec<PathBuf>,
    /// What executes plans: local, cloudcontrol or pulumi
    #[arg(long, global = true, value_name = "ENGINE")]
    pub engine: Option<String>,
    /// Where state lives: local or s3
    #[arg(long, global = true, value_name = "TYPE")]
    pub backend_type: Option<String>,
    /// S3 bucket of the state
    #[arg(long, global = true, value_name = "BUCKET")]
    pub backend_bucket: Option<String>,
    /// Prefix of every key in the bucket
    #[arg(long, global = true, value_name = "PREFIX")]
    pub backend_prefix: Option<String>,
    /// Region of the bucket
    #[arg(long, global = true, value_name = "REGION")]
    pub backend_region: Option<String>,
    /// Where locks live: local, dynamodb, s3 or dynamodb+s3
    #[arg(long, global = true, value_name = "TYPE")]
    pub lock_type: Option<String>,
    /// DynamoDB table of the locks
    #[arg(long, global = true, value_name = "TABLE")]
    pub lock_table: Option<String>,
    /// Form of the output: auto is a table on a terminal and JSON when piped
    #[arg(short, long, global = true, value_name = "FORM", default_value = "auto", hide_default_value = true)]
    pub output: OutputForm,
    /// Filter the output document with a jq expression
    #[arg(long, global = true, value_name = "FILTER")]
    pub jq: Option<String>,
    /// Print strings that --jq gives without quotes
    #[arg(short, long = "raw-output", global = true, requires = "jq")]
    pub raw: bool,
    /// Print the result and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Tell more on standard error
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Never use colour; the variable `NO_COLOR` does the same
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Treat warnings as errors
    #[arg(long, global = true)]
    pub strict: bool,
    /// Configuration file to read instead of ~/.panka/config.yaml
    #[arg(long, global = true, value_name = "FILE", env = "PANKA_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,
}

/// Form of the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputForm {
    /// A table on a terminal, JSON when piped
    #[default]
    Auto,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
    /// A table
    Table,
    /// A tree
    Tree,
}

impl Global {
    /// The configuration keys that flags set.
    pub fn settings(&self) -> Flags {
        let given = [
            ("engine", "--engine", &self.engine),
            ("backend.type", "--backend-type", &self.backend_type),
            ("backend.bucket", "--backend-bucket", &self.backend_bucket),
            ("backend.prefix", "--backend-prefix", &self.backend_prefix),
            ("backend.region", "--backend-region", &self.backend_region),
            ("locks.type", "--lock-type", &self.lock_type),
            ("locks.table", "--lock-table", &self.lock_table),
        ];
        given.into_iter().filter_map(|(key, flag, value)| Some((key, flag, value.clone()?))).collect()
    }
}

/// The verbs.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "the arguments of each verb say what it does")]
pub enum Command {
    Apply(commands::apply::Args),
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
    #[test]
    fn the_command_line_is_well_formed() {
        super::command().debug_assert();
    }
}
