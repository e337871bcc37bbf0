//! `panka version`.

/// Show the version
///
/// With -o json also the documents that this panka reads and writes and the version of its catalog of AWS schemas.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {}
