//! `panka init`.

/// Write the configuration file
///
/// Asks for region, bucket, table and profile, or takes them as flags, and writes ~/.panka/config.yaml, or panka.yaml in the repository with
/// --here. An empty bucket keeps the local backend.
///
/// Examples:
///
///   panka init
///   panka init --region eu-west-1 --bucket acme-panka --table acme-panka-locks --profile deploy
///   panka init --here --region eu-west-1 --bucket acme-panka
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Region to deploy to
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// S3 bucket of the state
    #[arg(long, value_name = "BUCKET")]
    pub bucket: Option<String>,
    /// DynamoDB table of the locks
    #[arg(long, value_name = "TABLE")]
    pub table: Option<String>,
    /// AWS profile
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Write panka.yaml in the repository instead
    #[arg(long)]
    pub here: bool,
    /// Write over a file that is there
    #[arg(long)]
    pub force: bool,
}
