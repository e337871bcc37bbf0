//! `panka fmt`.

use std::path::PathBuf;

/// Format manifests
///
/// Rewrites YAML files in canonical form; comments stay. Without paths, every YAML file of the repository's stacks. `-` reads standard
/// input and writes standard output. A file that is not valid YAML is reported and left alone.
///
/// Examples:
///
///   panka fmt
///   panka fmt --check            # 10 when a file would change
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Files or directories
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; exit with 10 when a file would change
    #[arg(long)]
    pub check: bool,
}
