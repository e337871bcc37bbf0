//! `panka config`.

/// Show the effective configuration
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Show every key with its value
    ///
    /// Precedence, high to low: flag, environment, Stack `spec.backend`, panka.yaml in the repository, ~/.panka/config.yaml, default.
    Show(ShowArgs),
}

/// Arguments of `panka config show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Show where each value comes from
    #[arg(long)]
    pub origin: bool,
}
