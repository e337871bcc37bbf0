//! `panka validate`: everything that can be known offline.

use std::path::PathBuf;

/// Check the manifests offline: no credentials, no network
///
/// Compiles the manifests, translates them to AWS resources and checks each property against AWS's published schemas. Without -e, every
/// environment of the stack is checked; without -s, every stack.
///
/// Examples:
///
///   panka validate
///   panka validate -s shop -e production --strict
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// One multi-document file to check instead of a repository; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}
