//! `panka explain`.

use super::Outcome;
use super::complete;
use crate::answers::{Explanation, Explanations};
use crate::components::{KINDS, page};
use crate::diagnostic::codes::command::P0016;
use crate::diagnostic::{Code, Diagnostic, Error, did_you_mean};
use crate::document::Kind;

/// Explain a code of a finding, or a component kind
///
/// Examples:
///
///   panka explain P1010
///   panka explain SQS
///   panka explain                # lists everything that can be explained
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Code or kind
    #[arg(value_name = "CODE", add = complete::explained())]
    pub name: Option<String>,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let explanations = match &args.name {
        None => {
            let codes = Code::all().map(|code| Explanation { name: code.name().to_owned(), title: code.title().to_owned(), page: None });
            let kinds = KINDS.rows().iter().map(|row| row.facts());
            let kinds = kinds.map(|facts| Explanation { name: facts.name.to_owned(), title: facts.summary.to_owned(), page: None });
            kinds.chain(codes).collect()
        }
        Some(name) => vec![one(name)?],
    };
    Ok(Outcome::document(Explanations { kind: Kind::new(), explanations }))
}

fn one(name: &str) -> Result<Explanation, Error> {
    if let Some(code) = Code::find(name) {
        return Ok(Explanation {
            name: code.name().to_owned(),
            title: code.title().to_owned(),
            page: Some(code.page().trim_end().to_owned()),
        });
    }
    let rows = KINDS.rows();
    if let Some(row) = rows.iter().find(|row| {
        let facts = row.facts();
        std::iter::once(&facts.name).chain(facts.aliases).any(|known| known.eq_ignore_ascii_case(name))
    }) {
        return Ok(Explanation { name: row.facts().name.to_owned(), title: row.facts().summary.to_owned(), page: Some(page(row)) });
    }
    let names = rows.iter().map(|row| row.facts().name).chain(Code::all().map(Code::name));
    Err(Diagnostic::new(P0016, format!("there is no code or component kind `{name}`"))
        .maybe_help(did_you_mean(name, names))
        .help("`panka explain` lists what can be explained")
        .into())
}
