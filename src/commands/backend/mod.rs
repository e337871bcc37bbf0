//! `panka backend`.

use std::time::Duration;

use super::Outcome;
use super::session::Session;
use crate::answers::CheckedBackend;
use crate::aws::{Aws, identity};
use crate::config::{Declared, Settings, is_table};
use crate::diagnostic::codes::account::{P4014, P4029};
use crate::diagnostic::codes::command::P0017;
use crate::diagnostic::{Diagnostic, Error};
use crate::lock::{Locker, Table, Timing};
use crate::output::Options;
use crate::setup::{Backend, Setup, TableName, Wanted};
use crate::state::store::{Bucket, S3Store, Store};

pub mod create;
pub mod delete;
pub mod status;
mod trusted;

/// Set up and check the bucket of the states, the table of the locks, and the roles
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Make the bucket, the table and the roles, or repair them
    Create(create::Args),
    /// Delete the bucket, the table and the roles
    Delete(delete::Args),
    /// Check the bucket, the table, and what the credentials may do there
    Status(status::Args),
}

/// Which backend.
#[derive(Debug, Default, clap::Args)]
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
    /// What the names of policies and roles begin with: NAME-deploy, NAME-plan; the bucket otherwise
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Repository of GitHub whose workflows may take the roles; with an environment, only jobs of that environment may deploy
    #[arg(long, value_name = "OWNER/REPO[:ENVIRONMENT]")]
    pub github: Option<String>,
    /// Project of GitLab whose pipelines may take the roles; with a branch, only that branch may deploy
    #[arg(long, value_name = "GROUP/PROJECT[:BRANCH]")]
    pub gitlab: Option<String>,
    /// Host of GitLab
    #[arg(long, value_name = "HOST", default_value = "gitlab.com", requires = "gitlab")]
    pub gitlab_host: String,
    /// Account whose users and roles may take the roles, as far as that account allows them to
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// Tag of everything that is made; may be repeated
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    pub tags: Vec<String>,
}

/// Runs a verb.
pub async fn run(verb: &Verb, session: &Session, options: &Options) -> Result<Outcome, Error> {
    match verb {
        Verb::Create(args) => create::run(args, session, options).await,
        Verb::Delete(args) => delete::run(args, session, options).await,
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
    let mut flags = session.global.settings();
    if let Some(bucket) = &place.bucket {
        check_bucket(bucket)?;
        flags.retain(|(key, ..)| *key != "backend.bucket");
        flags.push(("backend.bucket", "--bucket", bucket.clone()));
    }
    let (file, declared_backend) = (session.global.config.as_deref(), Declared::from(declared.backend.as_ref()));
    let settings = Settings::load(&session.context, &root, file, &flags, declared_backend)?;
    let configured = |key: &str| settings.setting(key).value.clone().filter(|value| !value.is_empty());
    let bucket = configured("backend.bucket").ok_or_else(|| {
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
    if let Some(key) = &place.kms_key {
        check_key(key)?;
    }
    // A key that is configured by its id or an alias is that of the bucket, where it is looked up.
    let key = place.kms_key.clone().or_else(|| configured("backend.kmsKeyId").filter(|key| check_key(key).is_ok()));
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
    let name = trusted::name(place.name.as_deref(), &bucket)?;
    let trust = trusted::trust(place)?;
    let backend = Backend { partition, bucket, prefix, table: arn, key };
    let wanted = Wanted { backend, region, table, name, trust, tags: tags(&place.tags)? };
    Ok(Setup::new(&aws, wanted, account).await)
}

/// The states and the locks of a backend.
fn opened(setup: &Setup, session: &Session) -> Result<(Store, Locker), Error> {
    let Wanted { backend, region, table, .. } = &setup.wanted;
    let bucket = Bucket { name: backend.bucket.clone(), prefix: backend.prefix.clone(), region: Some(region.clone()), kms_key_id: None };
    let (bucket, clock) = (S3Store::new(setup.aws.clone(), bucket), session.context.clock());
    let store = Store::S3(bucket.clone());
    let timing = Timing::new(Duration::from_secs(60), Duration::from_secs(15))?;
    let locker = match table {
        None => Locker::of(store.clone(), clock, timing),
        Some(TableName { name, region }) => {
            Locker::of_table(Table::new(setup.aws.clone(), name.clone(), Some(region.clone()), None), clock, timing)
        }
    };
    Ok((store, locker))
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
