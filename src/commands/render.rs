//! `panka render`: a graph or a plan in another form.

use clap::ValueEnum;

use super::Outcome;
use super::input::Stage;
use super::session::Session;
use crate::diagnostic::codes::command::P0015;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Document as _;
use crate::plan::Plan;
use crate::render::{self, Picture};

/// Write a graph or a plan in another form: CloudFormation, DOT, Mermaid, Markdown
///
/// Examples:
///
///   panka graph -s shop -e dev | panka render --format mermaid
///   panka render -s shop -e dev --format cloudformation > template.json
///   panka diff -s shop -e dev | panka render --format markdown >> "$GITHUB_STEP_SUMMARY"
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The form
    #[arg(long, value_name = "FORM")]
    pub format: Format,
}

/// Forms of `panka render`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A CloudFormation template, JSON
    Cloudformation,
    /// Graphviz
    Dot,
    /// Mermaid flow chart
    Mermaid,
    /// Markdown for pull requests
    Markdown,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    let stage = match session.stage(Plan::KIND, "render")? {
        Some(Stage::Plan(plan)) => {
            let text = match args.format {
                Format::Markdown => render::plan_markdown(&plan),
                Format::Dot => render::dot(&Picture::from(&*plan)),
                Format::Mermaid => render::mermaid(&Picture::from(&*plan)),
                Format::Cloudformation => {
                    return Err(Diagnostic::new(
                        P0015,
                        "a plan is not rendered as a CloudFormation template: it holds changes, not the whole",
                    )
                    .help("render the graph: panka graph … | panka render --format cloudformation")
                    .into());
                }
            };
            return Ok(Outcome::text(&*plan, text));
        }
        stage => stage,
    };
    let graphed = session.graph(stage)?;
    let graph = &graphed.graph;
    let outcome = match args.format {
        Format::Cloudformation => {
            let template = render::cloudformation(graph);
            let text = serde_json::to_string_pretty(&template).expect("templates are always JSON");
            Outcome::text(&template, text)
        }
        Format::Dot => Outcome::text(graph, render::dot(&Picture::from(graph))),
        Format::Mermaid => Outcome::text(graph, render::mermaid(&Picture::from(graph))),
        Format::Markdown => Outcome::text(graph, render::graph_markdown(graph)),
    };
    Ok(outcome.warn(graphed.warnings))
}
