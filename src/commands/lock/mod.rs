//! `panka lock`: the lock as a stage of the pipe, and the verbs on it.

use std::path::PathBuf;

/// Take, show and free locks; without a verb, a stage of the pipe that takes the lock
///
/// Without a verb it reads a document on standard input, takes the lock of its stack and environment and emits the same document with the
/// lock attached; apply then uses it and frees it at its end. With nothing on standard input it shows the status.
///
/// Examples:
///
///   panka graph -s shop -e dev | panka lock | panka state | panka diff | panka apply --auto-approve
///   panka lock status -s shop -e dev
///   panka lock acquire -s shop -e dev --ttl 30m > lock.json && panka apply --lock lock.json …; panka lock release lock.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Length of the lease as a stage of the pipe: no process is left to renew it
    #[arg(long, value_name = "DURATION", default_value = "15m")]
    pub ttl: String,
    /// How long to wait for a held lock
    #[arg(long, value_name = "DURATION")]
    pub lock_timeout: Option<String>,
    /// The verb
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Verbs on locks.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Show who holds the lock of a stack and environment
    Status,
    /// List the locks of all stacks and environments
    List,
    /// Take the lock for a script: prints the ticket
    Acquire {
        /// Length of the lease
        #[arg(long, value_name = "DURATION", default_value = "15m")]
        ttl: String,
        /// How long to wait for a held lock
        #[arg(long, value_name = "DURATION")]
        lock_timeout: Option<String>,
        /// What it is held for
        #[arg(long, value_name = "TEXT", default_value = "lock acquire")]
        operation: String,
    },
    /// Lengthen a lease that a script holds
    Renew {
        /// File with the ticket; standard input otherwise
        #[arg(value_name = "FILE")]
        ticket: Option<PathBuf>,
        /// Length of the lease from now
        #[arg(long, value_name = "DURATION", default_value = "15m")]
        ttl: String,
        /// Id of the lease instead of a ticket
        #[arg(long, value_name = "ID")]
        lock_id: Option<String>,
    },
    /// Free a lock that a script holds
    Release {
        /// File with the ticket; standard input otherwise
        #[arg(value_name = "FILE")]
        ticket: Option<PathBuf>,
        /// Id of the lease instead of a ticket
        #[arg(long, value_name = "ID")]
        lock_id: Option<String>,
    },
    /// Take the lock away from a holder that is known to be dead
    Break {
        /// Id of the lease to break, as `panka lock status` shows it
        #[arg(long, value_name = "ID")]
        lock_id: Option<String>,
        /// Why; kept in the lock's history
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Do not ask
        #[arg(long, short = 'y')]
        yes: bool,
    },
}
