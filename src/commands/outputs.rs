//! `panka outputs`.

/// Show the outputs of components and of the stack
///
/// Reads the state; with a name, only that output: `apiUrl` of the stack or `users/db.endpoint` of a component.
///
/// Examples:
///
///   panka outputs -s shop -e dev
///   panka outputs -s shop -e dev apiUrl -r --jq .value
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Output of the stack, or service/component.name
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}
