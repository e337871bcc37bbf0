//! What is to be done to a backend: each thing and each setting of it, as it is and as it should be.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bucket::{self, Bucket};
use super::table::{self, Table};
use super::wanted::Wanted;
use crate::aws::{Aws, Class, Failure};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::account::{P4014, P4025, P4027, P4029};

/// What can be looked at and made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// The bucket itself.
    Bucket,
    /// A setting of it.
    OfBucket(bucket::Setting),
    /// The table itself.
    Table,
    /// A setting of it.
    OfTable(table::Setting),
}

/// What is done to a thing or a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is not there, and is made.
    Create,
    /// It is another, and is changed.
    Update,
    /// It is as it should be.
    None,
}

/// A thing or a setting, as it is and as it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which thing: `bucket acme-panka`.
    pub subject: String,
    /// Which setting; none for the thing itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// What is done.
    pub action: Action,
    /// What it is; null where there is none.
    pub before: Value,
    /// What it should be.
    pub after: Value,
}

impl Step {
    /// `bucket acme-panka: versioning`.
    pub fn title(&self) -> String {
        match &self.setting {
            Some(setting) => format!("{}: {setting}", self.subject),
            None => self.subject.clone(),
        }
    }
}

/// How long a service is waited for that has not heard yet of what was made a moment ago.
const PATIENCE: Duration = Duration::from_secs(60);

/// First and longest pause between attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// A backend as AWS has it, beside what is wanted.
#[derive(Debug, Clone)]
pub struct Setup {
    /// What is wanted.
    pub wanted: Wanted,
    /// The account whose backend it is.
    pub account: String,
    pub(super) bucket: Bucket,
    pub(super) table: Option<Table>,
}

impl Setup {
    /// A backend in the account of the credentials; nothing is asked yet.
    pub async fn new(aws: &Aws, wanted: Wanted, account: String) -> Self {
        let bucket = Bucket::new(aws.s3(&wanted.region, None).await, &wanted.backend.bucket, &account);
        let table = match &wanted.table {
            Some(table) => Some(Table::new(aws.dynamodb(&table.region).await, &table.name)),
            None => None,
        };
        Self { wanted, account, bucket, table }
    }

    /// All that there is to look at, in the order in which it is made.
    pub fn items(&self) -> Vec<Item> {
        let mut items = vec![Item::Bucket];
        items.extend(bucket::Setting::ALL.map(Item::OfBucket));
        if self.table.is_some() {
            items.push(Item::Table);
            items.extend(table::Setting::ALL.map(Item::OfTable));
        }
        items
    }

    /// Which thing, as documents name it.
    pub fn subject(&self, item: Item) -> String {
        match item {
            Item::Bucket | Item::OfBucket(_) => format!("bucket {}", self.wanted.backend.bucket),
            Item::Table | Item::OfTable(_) => {
                format!("table {}", self.wanted.table.as_ref().map(|table| table.name.as_str()).unwrap_or_default())
            }
        }
    }

    /// Which setting of it.
    pub fn setting(item: Item) -> Option<&'static str> {
        match item {
            Item::Bucket | Item::Table => None,
            Item::OfBucket(setting) => Some(setting.name()),
            Item::OfTable(setting) => Some(setting.name()),
        }
    }

    /// Looks at everything. What stands in the way of the rest is a finding: a bucket of somebody else, a table with another key.
    pub async fn look(&self) -> Result<Vec<(Item, Step)>, Diagnostic> {
        let mut steps: Vec<(Item, Step)> = Vec::new();
        for item in self.items() {
            // What is not there has no settings.
            let absent = |thing: Item| steps.iter().any(|(item, step)| *item == thing && step.before.is_null());
            let is = match item {
                Item::OfBucket(_) if absent(Item::Bucket) => Value::Null,
                Item::OfTable(_) if absent(Item::Table) => Value::Null,
                _ => self.read(item).await?,
            };
            steps.push((item, self.step(item, is)));
        }
        Ok(steps)
    }

    /// A thing or a setting beside what it should be.
    pub fn step(&self, item: Item, is: Value) -> Step {
        let should = self.target(item, &is);
        let action = match &is {
            is if *is == should => Action::None,
            Value::Null => Action::Create,
            _ => Action::Update,
        };
        Step { subject: self.subject(item), setting: Self::setting(item).map(str::to_owned), action, before: is, after: should }
    }

    /// What it is; null where there is none.
    pub async fn read(&self, item: Item) -> Result<Value, Diagnostic> {
        let is = match (item, &self.table) {
            (Item::Bucket, _) => return self.read_bucket().await,
            (Item::OfBucket(setting), _) => self.bucket.read(setting).await,
            (Item::Table, Some(table)) => table.key().await.map(|key| key.map_or(Value::Null, |key| json!({"key": key}))),
            (Item::OfTable(setting), Some(table)) => table.read(setting).await,
            (Item::Table | Item::OfTable(_), None) => return Ok(Value::Null),
        };
        let is = is.map_err(|failure| self.finding(item, "read", &failure))?;
        if item == Item::Table && !is.is_null() && is != self.target(item, &is) {
            let key = is["key"].as_str().unwrap_or_default();
            return Err(Diagnostic::new(P4025, format!("{} is there with another key: {key}", self.subject(item))).help(format!(
                "locks need `{}` alone, and the key of a table cannot be changed: name another table",
                Table::key_of_locks()
            )));
        }
        Ok(is)
    }

    async fn read_bucket(&self) -> Result<Value, Diagnostic> {
        let (name, wanted) = (&self.wanted.backend.bucket, &self.wanted.region);
        let failure = match self.bucket.region().await {
            Ok(None) => return Ok(Value::Null),
            Ok(Some(region)) if region == *wanted => return Ok(json!({"region": region})),
            Ok(Some(region)) => {
                return Err(Diagnostic::new(P4014, format!("the bucket {name} is there already, in {region} and not in {wanted}"))
                    .help(format!("give --region {region}, or name another bucket")));
            }
            Err(failure) => failure,
        };
        let finding = self.finding(Item::Bucket, "read", &failure);
        if !matches!(failure.class, Class::Denied(_)) {
            return Err(finding);
        }
        Err(match self.bucket.is_ours().await {
            Ok(true) => finding,
            Ok(false) => self.taken(),
            Err(_) => finding.help(format!(
                "or the bucket belongs to another account, which only s3:ListAllMyBuckets tells apart: names are shared by all of AWS; is {name} yours?"
            )),
        })
    }

    /// The name of the bucket is in use elsewhere.
    fn taken(&self) -> Diagnostic {
        let (bucket, account) = (&self.wanted.backend.bucket, &self.account);
        Diagnostic::new(P4027, format!("the bucket {bucket} belongs to another account than {account}"))
            .help("names of buckets are shared by all of AWS: choose another one, or use the credentials of the account that has it")
    }

    /// What it should be, given what it is: what others have put there stays.
    fn target(&self, item: Item, is: &Value) -> Value {
        match item {
            Item::Bucket => json!({"region": self.wanted.region}),
            Item::OfBucket(setting) => bucket::target(setting, &self.wanted, is),
            Item::Table => json!({"key": Table::key_of_locks()}),
            Item::OfTable(setting) => table::target(setting, &self.wanted, is),
        }
    }

    /// Makes it what it should be. A service that has not heard yet of what was made a moment ago is asked again.
    pub async fn make(&self, item: Item, target: &Value) -> Result<(), Diagnostic> {
        let until = tokio::time::Instant::now() + PATIENCE;
        let (mut pause, longest) = PAUSES;
        loop {
            match self.write(item, target).await {
                Ok(()) => return Ok(()),
                Err(failure) if item == Item::Bucket && failure.code.as_deref() == Some("BucketAlreadyExists") => return Err(self.taken()),
                Err(failure) if is_early(&failure) && tokio::time::Instant::now() < until => {
                    tracing::info!("{}: {failure}; once more", self.subject(item));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(longest);
                }
                Err(failure) => return Err(self.finding(item, "made", &failure)),
            }
        }
    }

    async fn write(&self, item: Item, target: &Value) -> Result<(), Failure> {
        match (item, &self.table) {
            (Item::Bucket, _) => self.bucket.create(&self.wanted.region).await,
            (Item::OfBucket(setting), _) => self.bucket.write(setting, &self.wanted, target).await,
            (Item::Table, Some(table)) => table.create(&self.wanted).await,
            (Item::OfTable(setting), Some(table)) => table.write(setting, target).await,
            (Item::Table | Item::OfTable(_), None) => Ok(()),
        }
    }

    /// A failure as a finding: `verb` says what cannot be done.
    pub fn finding(&self, item: Item, verb: &str, failure: &Failure) -> Diagnostic {
        let of = Self::setting(item).map(|setting| format!(", {setting}")).unwrap_or_default();
        let message = format!("{}{of} cannot be {verb}: {}", self.subject(item), failure.cause());
        let finding = Diagnostic::new(failure.finding_code().unwrap_or(P4029), message);
        match &failure.class {
            // What sets a backend up needs more than a run.
            Class::Denied(action) => finding.help(format!(
                "allow {action} to whoever sets the backend up; runs do not need it, unless docs/reference/permissions.md lists it"
            )),
            _ => finding.maybe_help(failure.help()),
        }
    }
}

/// Tells whether a service has not heard yet of what was made a moment ago, or is still at it (Amazon S3, "Error responses": `OperationAborted`;
/// Amazon DynamoDB, "UpdateContinuousBackups": `ContinuousBackupsUnavailableException`).
fn is_early(failure: &Failure) -> bool {
    matches!(failure.class, Class::Collision | Class::NoBucket)
        || matches!(failure.code.as_deref(), Some("ContinuousBackupsUnavailableException" | "ResourceInUseException"))
}
