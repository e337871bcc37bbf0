//! `panka parse`: YAML files → manifest.

use std::path::PathBuf;

use super::Outcome;
use super::session::Session;
use crate::diagnostic::Error;

/// Compile the manifests of a stack in one environment
///
/// Merges overlays, substitutes variables, applies defaults and emits a `panka.manifest/v1` document. All findings are reported together.
///
/// Examples:
///
///   panka parse -s shop -e dev --var VERSION=v1
///   panka parse -s shop -e dev --jq '.components[].id'
///   panka parse stack.yaml          # one multi-document file
///   cat stack.yaml | panka parse -
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// One multi-document file to compile instead of a repository; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    let compiled = session.compile(args.file.as_deref())?;
    Ok(Outcome::document(compiled.manifest).warn(session.admit(compiled.warnings)?))
}
