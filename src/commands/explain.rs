//! `panka explain`.

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
    #[arg(value_name = "CODE")]
    pub name: Option<String>,
}
