//! `panka stack`.

/// Make a new stack
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Write a new stack with one service, a queue and two environments
    ///
    /// What it writes passes `panka validate` and can be applied at once.
    ///
    /// Example: panka stack init shop
    Init(InitArgs),
}

/// Arguments of `panka stack init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// Name of the stack
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Region to deploy to
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub region: String,
}
