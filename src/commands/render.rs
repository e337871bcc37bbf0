//! `panka render`: a graph or a plan in another form.

use clap::ValueEnum;

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
