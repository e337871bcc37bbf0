//! `panka schema`.

use std::fmt::Write as _;

use serde_json::json;

use super::Outcome;
use crate::diagnostic::codes::command::P0016;
use crate::diagnostic::{Diagnostic, Error, did_you_mean};
use crate::output::schemas;

/// Print the JSON Schema of a document kind
///
/// Examples:
///
///   panka schema                 # lists the kinds
///   panka schema panka.plan/v1
///   panka schema plan
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Kind of document: panka.plan/v1, or plan
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let Some(kind) = &args.kind else {
        let rows: Vec<_> = schemas::ALL.iter().map(|entry| json!({ "kind": entry.kind, "title": entry.title })).collect();
        let text = schemas::ALL.iter().fold(String::new(), |mut text, entry| {
            writeln!(text, "{:<24} {}", entry.kind, entry.title).expect("writing to a string does not fail");
            text
        });
        return Ok(Outcome::told(&rows, text));
    };
    match schemas::find(kind) {
        Some(entry) => Ok(Outcome::text(&entry.schema(), serde_json::to_string_pretty(&entry.schema()).expect("schemas are JSON"))),
        None => Err(Diagnostic::new(P0016, format!("there is no document kind `{kind}`"))
            .maybe_help(did_you_mean(kind, schemas::ALL.iter().flat_map(|entry| [entry.kind, entry.name()])))
            .help("`panka schema` lists the kinds")
            .into()),
    }
}
