//! The flags that every verb takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::complete;
use crate::config::Flags;

/// Flags that every verb takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Directory to start from instead of the working directory
    #[arg(short = 'C', long = "dir", global = true, value_name = "DIR", env = "PANKA_DIR", hide_env = true)]
    pub dir: Option<PathBuf>,
    /// Stack; may be left out where the repository has one
    #[arg(short, long, global = true, value_name = "STACK", env = "PANKA_STACK", hide_env = true, add = complete::stacks())]
    pub stack: Option<String>,
    /// Environment of the stack
    #[arg(short, long, global = true, value_name = "ENVIRONMENT", env = "PANKA_ENVIRONMENT", hide_env = true, add = complete::environments())]
    pub environment: Option<String>,
    /// Narrow the run and its lock to one service
    #[arg(long, global = true, value_name = "SERVICE", add = complete::services())]
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
    /// Region of that table
    #[arg(long, global = true, value_name = "REGION")]
    pub lock_region: Option<String>,
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
    /// Tell on standard error what is read, locked and decided; -vv: each request and call as well
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
            ("locks.region", "--lock-region", &self.lock_region),
        ];
        given.into_iter().filter_map(|(key, flag, value)| Some((key, flag, value.clone()?))).collect()
    }
}
