//! `panka state`: the state as a stage of the pipe, and the verbs on it.

use std::path::PathBuf;

/// Show and change the state; without a verb, a stage of the pipe that attaches the state
///
/// Without a verb it reads a manifest or a graph on standard input and emits the same document with the state attached, so that diff
/// needs no backend. With nothing on standard input it shows the state.
///
/// Examples:
///
///   panka graph -s shop -e dev | panka state | panka diff
///   panka state show -s shop -e dev --jq '.resources | map_values(.type)'
///   panka state list -s shop -e dev 'users/*'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The verb
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Verbs on the state.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Show the whole state, journal folded in
    Show,
    /// List the resources
    List {
        /// Only these
        #[arg(value_name = "SELECTOR")]
        selectors: Vec<String>,
    },
    /// Print the stored state, for keeping or for another backend
    Pull,
    /// Replace the stored state with the one on standard input or in a file
    ///
    /// Refused when the lineage differs or the serial is behind; --force replaces a state of another lineage.
    Push {
        /// File to read instead of standard input
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Push even if lineage or serial differ
        #[arg(long)]
        force: bool,
    },
    /// Forget resources without touching them in AWS
    Rm {
        /// What to forget
        #[arg(value_name = "SELECTOR", required = true)]
        selectors: Vec<String>,
        /// Show what would be forgotten
        #[arg(long)]
        dry_run: bool,
    },
    /// Rename a resource, a component or a service in the state
    Mv {
        /// Address, component or service as it is
        from: String,
        /// As it shall be
        to: String,
        /// Show what would be renamed
        #[arg(long)]
        dry_run: bool,
    },
    /// List the runs and snapshots of this place
    History,
    /// Refuse delete and replace of resources from now on
    Protect {
        /// Which
        #[arg(value_name = "SELECTOR", required = true)]
        selectors: Vec<String>,
    },
    /// Allow delete and replace of resources again
    Unprotect {
        /// Which
        #[arg(value_name = "SELECTOR", required = true)]
        selectors: Vec<String>,
    },
    /// Say what became of a pending step that panka cannot find out
    Resolve {
        /// The resource
        #[arg(value_name = "ADDRESS")]
        address: String,
        /// It exists, with this identifier
        #[arg(long, value_name = "ID", conflicts_with = "absent")]
        identifier: Option<String>,
        /// It does not exist
        #[arg(long)]
        absent: bool,
    },
    /// Check the invariants of the stored state and journal
    Verify,
}
