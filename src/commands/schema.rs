//! `panka schema`.

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
