//! The command line: what people type, and the dispatch to the verbs.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
#[command(name = "panka", version, propagate_version = true, max_term_width = 100)]
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
pub enum Command {
    /// Carry out a plan: from a plan on standard input, from any earlier document, or end to end
    Apply(commands::apply::Args),
    /// Show the effective configuration
    #[command(subcommand)]
    Config(commands::config::Verb),
    /// Delete everything of a stack in one environment
    Destroy(commands::destroy::Args),
    /// Compare the graph with the state and emit a plan
    Diff(commands::diff::Args),
    /// Explain a code of a finding, or a component kind
    Explain(commands::explain::Args),
    /// Format manifests
    Fmt(commands::fmt::Args),
    /// Emit the AWS resources that the components become, with their edges
    Graph(commands::graph::Args),
    /// Write the configuration file
    Init(commands::init::Args),
    /// Take, show and free locks; without a verb, a stage of the pipe that takes the lock
    Lock(commands::lock::Args),
    /// Show the outputs of components and of the stack
    Outputs(commands::outputs::Args),
    /// Compile the manifests of a stack in one environment
    Parse(commands::parse::Args),
    /// Show what apply would do, drawn for people
    Plan(commands::plan::Args),
    /// Write a graph or a plan in another form: CloudFormation, DOT, Mermaid, Markdown
    Render(commands::render::Args),
    /// Print the JSON Schema of a document kind
    Schema(commands::schema::Args),
    /// Make a new stack
    #[command(subcommand)]
    Stack(commands::stack::Verb),
    /// Show and change the state; without a verb, a stage of the pipe that attaches the state
    State(commands::state::Args),
    /// Check the manifests offline: no credentials, no network
    Validate(commands::validate::Args),
    /// Show the version
    Version(commands::version::Args),
}

/// The command-line tree, for completions, man pages and the reference.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        super::command().debug_assert();
    }
}
