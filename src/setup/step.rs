//! What is to be done to a backend: each thing and each setting of it, as it is and as it should be.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Access, Part};
use super::bucket::{self, Bucket};
use super::permission::Role;
use super::table::{self, Table};
use super::wanted::Wanted;
use crate::aws::{Aws, Class, Failure};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::account::{P4014, P4025, P4027, P4029, P4031};

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
    /// Who may use both.
    Access(Part),
}

impl Item {
    /// The thing that it is a setting of; none for a thing.
    pub const fn thing(self) -> Option<Self> {
        match self {
            Self::Bucket | Self::Table => None,
            Self::OfBucket(_) => Some(Self::Bucket),
            Self::OfTable(_) => Some(Self::Table),
            Self::Access(part) => match part.thing() {
                Some(thing) => Some(Self::Access(thing)),
                None => None,
            },
        }
    }

    /// As documents name the setting.
    pub const fn setting(self) -> Option<&'static str> {
        match self {
            Self::Bucket | Self::Table => None,
            Self::OfBucket(setting) => Some(setting.name()),
            Self::OfTable(setting) => Some(setting.name()),
            Self::Access(part) => part.setting(),
        }
    }
}

/// What is done to a thing or a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is not there, and is made.
    Create,
    /// It is another, and is changed.
    Update,
    /// It is there, and is deleted.
    Delete,
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
    /// Access to AWS.
    pub aws: Aws,
    pub(super) bucket: Bucket,
    pub(super) table: Option<Table>,
    pub(super) access: Access,
}

impl Setup {
    /// A backend in the account of the credentials; nothing is asked yet.
    pub async fn new(aws: &Aws, wanted: Wanted, account: String) -> Self {
        let bucket = Bucket::new(aws.s3(&wanted.region, None).await, &wanted.backend.bucket, &account);
        let table = match &wanted.table {
            Some(table) => Some(Table::new(aws.dynamodb(&table.region).await, &table.name)),
            None => None,
        };
        let access = Access::new(aws.iam(&wanted.region).await, &account);
        Self { wanted, account, aws: aws.clone(), bucket, table, access }
    }

    /// All that there is to look at, in the order in which it is made.
    pub fn items(&self) -> Vec<Item> {
        let mut items = vec![Item::Bucket];
        items.extend(bucket::Setting::ALL.map(Item::OfBucket));
        if self.table.is_some() {
            items.push(Item::Table);
            items.extend(table::Setting::ALL.map(Item::OfTable));
        }
        items.extend((0..self.wanted.trust.pipelines.len()).map(|place| Item::Access(Part::Provider(place))));
        items.extend(Role::ALL.into_iter().flat_map(Part::of).map(Item::Access));
        items
    }

    /// Which thing, as documents name it.
    pub fn subject(&self, item: Item) -> String {
        match item {
            Item::Bucket | Item::OfBucket(_) => format!("bucket {}", self.wanted.backend.bucket),
            Item::Table | Item::OfTable(_) => {
                format!("table {}", self.wanted.table.as_ref().map(|table| table.name.as_str()).unwrap_or_default())
            }
            Item::Access(part) => part.subject(&self.wanted),
        }
    }

    /// ARNs of the policies, and of the roles where somebody is trusted, each by its role: `deploy`, `plan`.
    pub fn arns(&self) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        let by_role = |arn: &dyn Fn(Role) -> String| Role::ALL.map(|role| (role.word().to_owned(), arn(role))).into();
        let policies = by_role(&|role| self.access.policy_arn(&self.wanted, role));
        let roles = by_role(&|role| self.access.role_arn(&self.wanted, role));
        (policies, if self.wanted.trust.anybody() { roles } else { BTreeMap::new() })
    }

    /// Looks at everything. What stands in the way of the rest is a finding: a bucket of somebody else, a table with another key, a name that
    /// is taken. What is not there and not wanted is left out.
    pub async fn look(&mut self) -> Result<Vec<(Item, Step)>, Diagnostic> {
        let mut steps: Vec<(Item, Step)> = Vec::new();
        for item in self.items() {
            // What is not there has no settings.
            let absent = |thing: Item| steps.iter().any(|(item, step)| *item == thing && step.before.is_null());
            let is = if item.thing().is_some_and(absent) { Value::Null } else { self.read(item).await? };
            self.learn(item, &is);
            steps.push((item, self.step(item, is)));
        }
        steps.retain(|(_, step)| !(step.before.is_null() && step.after.is_null()));
        Ok(steps)
    }

    /// Takes the key of the bucket for that of the backend where none is named: policies allow its use.
    pub fn learn(&mut self, item: Item, is: &Value) {
        if item == Item::OfBucket(bucket::Setting::Encryption)
            && let Some(key) = is["key"].as_str().filter(|key| key.starts_with("arn:"))
        {
            self.wanted.backend.key.get_or_insert_with(|| key.to_owned());
        }
    }

    /// A thing or a setting beside what it should be.
    pub fn step(&self, item: Item, is: Value) -> Step {
        let should = self.target(item, &is);
        let action = match &is {
            is if *is == should => Action::None,
            Value::Null => Action::Create,
            _ => Action::Update,
        };
        Step { subject: self.subject(item), setting: item.setting().map(str::to_owned), action, before: is, after: should }
    }

    /// What it is; null where there is none.
    pub async fn read(&self, item: Item) -> Result<Value, Diagnostic> {
        let is = match (item, &self.table) {
            (Item::Bucket, _) => return self.read_bucket().await,
            (Item::OfBucket(setting), _) => self.bucket.read(setting).await,
            (Item::Table, Some(table)) => table.key().await.map(|key| key.map_or(Value::Null, |key| json!({"key": key}))),
            (Item::OfTable(setting), Some(table)) => table.read(setting).await,
            (Item::Table | Item::OfTable(_), None) => return Ok(Value::Null),
            (Item::Access(part), _) => self.access.read(part, &self.wanted).await,
        };
        let is = is.map_err(|failure| self.finding(item, "read", &failure))?;
        if item == Item::Table && !is.is_null() && is != self.target(item, &is) {
            let key = is["key"].as_str().unwrap_or_default();
            return Err(Diagnostic::new(P4025, format!("{} is there with another key: {key}", self.subject(item))).help(format!(
                "locks need `{}` alone, and the key of a table cannot be changed: name another table",
                Table::key_of_locks()
            )));
        }
        let is_ours = || is == self.target(item, &is);
        match item {
            // Nobody has asked for a role: one of that name is nobody's concern, unless it is that of this backend.
            Item::Access(Part::Role(role)) if !self.wanted.trust.anybody() => {
                Ok(if is["description"] == self.wanted.description_of_role(role) { is } else { Value::Null })
            }
            Item::Access(Part::Policy(_) | Part::Role(_)) if !is.is_null() && !is_ours() => {
                let text = is["description"].as_str().filter(|text| !text.is_empty()).unwrap_or("nothing");
                Err(Diagnostic::new(
                    P4031,
                    format!("{} is there already, and is not that of this backend: its description is {text}", self.subject(item)),
                )
                .help("give another --name, or delete it if nobody uses it"))
            }
            _ => Ok(is),
        }
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
            Item::Access(part) => self.access.target(part, &self.wanted, is),
        }
    }

    /// Makes it what it should be. A service that has not heard yet of what was made a moment ago is asked again.
    pub async fn make(&self, item: Item, target: &Value) -> Result<(), Diagnostic> {
        let until = tokio::time::Instant::now() + PATIENCE;
        let (mut pause, longest) = PAUSES;
        loop {
            match self.write(item, target).await {
                Ok(()) => return Ok(()),
                Err(failure) if item == Item::Bucket && failure.has_code(&["BucketAlreadyExists"]) => return Err(self.taken()),
                Err(failure) if is_early(item, &failure) && tokio::time::Instant::now() < until => {
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
            (Item::Access(part), _) => self.access.write(part, &self.wanted, target).await,
        }
    }

    /// A failure as a finding: `verb` says what cannot be done.
    pub fn finding(&self, item: Item, verb: &str, failure: &Failure) -> Diagnostic {
        let of = item.setting().map(|setting| format!(", {setting}")).unwrap_or_default();
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
fn is_early(item: Item, failure: &Failure) -> bool {
    matches!(failure.class, Class::Collision | Class::NoBucket)
        // IAM tells its servers of new policies and roles by and by (IAM User Guide, "Changes that I make are not always immediately visible").
        || (matches!(item, Item::Access(_)) && failure.class == Class::Absent)
        || failure.has_code(&["ContinuousBackupsUnavailableException", "ResourceInUseException"])
}
