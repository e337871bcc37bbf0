//! `panka backend`.

use super::Outcome;
use super::session::Session;
use crate::answers::CheckedBackend;
use crate::aws::{Aws, identity};
use crate::config::{Declared, is_table};
use crate::diagnostic::codes::account::{P4014, P4029};
use crate::diagnostic::codes::command::P0017;
use crate::diagnostic::{Diagnostic, Error};
use crate::output::Options;
use crate::setup::{Backend, Setup, TableName, Trust, Wanted};

pub mod create;
pub mod status;

/// Set up and check the bucket of the states and the table of the locks
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Make the bucket and the table, or repair them
    Create(create::Args),
    /// Check the bucket, the table, and what the credentials may do there
    Status(status::Args),
}

/// Which backend.
#[derive(Debug, clap::Args)]
pub struct Place {
    /// S3 bucket of the states; the configured one otherwise
    #[arg(long, value_name = "BUCKET")]
    pub bucket: Option<String>,
    /// DynamoDB table of the locks; the configured one otherwise, and without any the locks are objects of the bucket
    #[arg(long, value_name = "TABLE")]
    pub table: Option<String>,
    /// Region of both; the configured one otherwise
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// ARN of the KMS key that encrypts the states; AES256 otherwise
    #[arg(long, value_name = "ARN")]
    pub kms_key: Option<String>,
    /// Tag of everything that is made; may be repeated
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    pub tags: Vec<String>,
}

/// Runs a verb.
pub async fn run(verb: &Verb, session: &Session, options: &Options) -> Result<Outcome, Error> {
    match verb {
        Verb::Create(args) => create::run(args, session, options).await,
        Verb::Status(args) => status::run(args, session).await,
    }
}

/// The backend that flags and configuration name, in the account of the credentials.
async fn setup(place: &Place, session: &Session) -> Result<Setup, Error> {
    let root = session.root_or_directory();
    let declared = match session.place(&root) {
        Ok((stack, environment)) => session.declared(&stack, &environment)?.unwrap_or_default(),
        Err(_) => crate::manifest::Declared::default(),
    };
    let settings = session.settings(&root, Declared::from(declared.backend.as_ref()))?;
    let configured = |key: &str| settings.setting(key).value.clone().filter(|value| !value.is_empty());
    let bucket = place.bucket.clone().or_else(|| configured("backend.bucket")).ok_or_else(|| {
        Diagnostic::new(P0017, "no bucket is named").help("give --bucket, or write it into the configuration with `panka init`")
    })?;
    check_bucket(&bucket)?;
    let profile = declared.provider.profile.or_else(|| configured("aws.profile"));
    let region = place.region.clone().or_else(|| configured("backend.region")).or_else(|| configured("aws.region"));
    if let Some(region) = &region {
        check_region(region)?;
    }
    let aws = Aws::new(profile, region.clone());
    let region = match region {
        Some(region) => region,
        None => aws.region().await.ok_or_else(|| Diagnostic::new(P4014, "the region of the backend is not known").help("give --region"))?,
    };
    let table = place.table.clone().or_else(|| configured("locks.table")).map(|name| {
        let elsewhere = place.region.clone().or_else(|| configured("locks.region")).unwrap_or_else(|| region.clone());
        table_name(&name, elsewhere)
    });
    let table = table.transpose()?;
    let key = place.kms_key.clone().or_else(|| configured("backend.kmsKeyId"));
    if let Some(key) = &key {
        check_key(key)?;
    }
    let (partition, account) = match identity::partition_and_account(&aws).await {
        Ok(known) => known,
        Err(failure) => {
            let failure = aws.explain(failure).await;
            let message = format!("whose credentials these are cannot be found out: {}", failure.cause());
            return Err(Diagnostic::new(failure.finding_code().unwrap_or(P4029), message).maybe_help(failure.help()).into());
        }
    };
    let arn = table.as_ref().map(|table| format!("arn:{partition}:dynamodb:{}:{account}:table/{}", table.region, table.name));
    let prefix = configured("backend.prefix").unwrap_or_default();
    let name = bucket.clone();
    let backend = Backend { partition, bucket, prefix, table: arn, key };
    let wanted = Wanted { backend, region, table, name, trust: Trust::default(), tags: tags(&place.tags)? };
    Ok(Setup::new(&aws, wanted, account).await)
}

/// The backend as documents name it.
fn named(setup: &Setup) -> CheckedBackend {
    let Wanted { backend, region, table, .. } = &setup.wanted;
    CheckedBackend {
        account: setup.account.clone(),
        region: region.clone(),
        bucket: backend.bucket.clone(),
        prefix: backend.prefix.clone(),
        table: table.as_ref().map(|table| table.name.clone()),
    }
}

fn refuse(flag: &str, value: &str, help: &str) -> Error {
    Diagnostic::new(P0017, format!("{flag} cannot be `{value}`")).help(help).into()
}

/// Refuses what cannot be a region.
pub(super) fn check_region(region: &str) -> Result<(), Error> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = region.chars().all(letter) && region.matches('-').count() >= 2;
    if fits { Ok(()) } else { Err(refuse("--region", region, "a region is written like eu-west-1")) }
}

/// Refuses what cannot be a bucket (Amazon S3 User Guide, "General purpose bucket naming rules").
pub(super) fn check_bucket(bucket: &str) -> Result<(), Error> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let fits = (3..=63).contains(&bucket.len()) && bucket.chars().all(letter) && end(bucket.chars().next()) && end(bucket.chars().last());
    let help = "a bucket's name has 3 to 63 characters of a-z, 0-9, hyphens and dots, and begins and ends with a letter or a digit";
    if fits && !bucket.contains("..") { Ok(()) } else { Err(refuse("--bucket", bucket, help)) }
}

fn check_key(key: &str) -> Result<(), Error> {
    let parts: Vec<&str> = key.splitn(6, ':').collect();
    let fits = matches!(&parts[..], ["arn", _, "kms", region, account, id]
        if !region.is_empty() && account.len() == 12 && id.strip_prefix("key/").is_some_and(|id| !id.is_empty()));
    let help = "policies name a KMS key by its ARN: arn:aws:kms:REGION:ACCOUNT:key/ID; `aws kms describe-key` shows it";
    if fits { Ok(()) } else { Err(refuse("--kms-key", key, help)) }
}

/// A table by its name, or its ARN, which names the region.
fn table_name(named: &str, region: String) -> Result<TableName, Error> {
    if !is_table(named) {
        return Err(refuse("--table", named, "a table's name has 3 to 255 letters, digits, underscores, hyphens and dots"));
    }
    Ok(match named.split(':').collect::<Vec<_>>()[..] {
        ["arn", _, _, region, _, table] => TableName { name: table.trim_start_matches("table/").to_owned(), region: region.to_owned() },
        _ => TableName { name: named.to_owned(), region },
    })
}

/// Reads `--tag KEY=VALUE`.
fn tags(given: &[String]) -> Result<std::collections::BTreeMap<String, String>, Error> {
    given
        .iter()
        .map(|text| match text.split_once('=') {
            Some((key, value)) if !key.is_empty() && key.len() <= 128 && value.len() <= 256 && !key.starts_with("aws:") => {
                Ok((key.to_owned(), value.to_owned()))
            }
            _ => Err(refuse(
                "--tag",
                text,
                "write KEY=VALUE: a key of 1 to 128 characters that does not begin with aws:, a value of at most 256",
            )),
        })
        .collect()
}
