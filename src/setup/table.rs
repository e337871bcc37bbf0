//! The table of the locks: what it is, and what makes it what it should be.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification, PointInTimeRecoveryStatus,
    ScalarAttributeType, TableDescription, TableStatus, Tag, TimeToLiveSpecification, TimeToLiveStatus,
};
use serde_json::{Value, json};

use super::wanted::{Wanted, with_tags};
use crate::aws::{Class, Failure};
use crate::lock::{TABLE_KEY as KEY, TABLE_TTL as TTL};

/// How long a table that is being made or changed is waited for, and how often it is asked.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(1));

/// A setting of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// It cannot be deleted.
    DeletionProtection,
    /// What it costs: by request.
    Billing,
    /// Items of places that nobody uses are removed.
    TimeToLive,
    /// It can be had back as it was at any moment of the last 35 days.
    PointInTimeRecovery,
    /// Tags.
    Tags,
}

impl Setting {
    /// All, in the order in which they are made.
    pub const ALL: [Self; 5] = [Self::DeletionProtection, Self::Billing, Self::TimeToLive, Self::PointInTimeRecovery, Self::Tags];

    /// As documents name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeletionProtection => "deletionProtection",
            Self::Billing => "billing",
            Self::TimeToLive => "timeToLive",
            Self::PointInTimeRecovery => "pointInTimeRecovery",
            Self::Tags => "tags",
        }
    }
}

impl Setting {
    /// What reading it needs to be allowed (Service Authorization Reference, "Actions defined by Amazon DynamoDB").
    pub const fn permission(self) -> &'static str {
        match self {
            Self::DeletionProtection | Self::Billing => "dynamodb:DescribeTable",
            Self::TimeToLive => "dynamodb:DescribeTimeToLive",
            Self::PointInTimeRecovery => "dynamodb:DescribeContinuousBackups",
            Self::Tags => "dynamodb:ListTagsOfResource",
        }
    }
}

/// The table as AWS has it.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// A table; nothing is asked yet.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    async fn described(&self) -> Result<Option<TableDescription>, Failure> {
        let answer = self.client.describe_table().table_name(&self.name).send().await;
        let answer = Failure::unless(answer, "dynamodb:DescribeTable", |failure| failure.class == Class::NoTable)?;
        Ok(answer.and_then(|answer| answer.table))
    }

    /// Its key as `lockKey: S`, parts separated by commas; nothing where there is no table.
    pub async fn key(&self) -> Result<Option<String>, Failure> {
        let Some(table) = self.described().await? else { return Ok(None) };
        let kind = |name: &str| {
            let of = table.attribute_definitions().iter().find(|one| one.attribute_name() == name);
            of.map_or("?", |one| one.attribute_type().as_str())
        };
        let parts = table.key_schema().iter().map(|part| format!("{}: {}", part.attribute_name(), kind(part.attribute_name())));
        Ok(Some(parts.collect::<Vec<_>>().join(", ")))
    }

    /// The key of a table of locks, as [`Table::key`] shows it.
    pub fn key_of_locks() -> String {
        format!("{KEY}: S")
    }

    /// Makes it, protected from the first moment on. One that is being made already is waited for.
    pub async fn create(&self, wanted: &Wanted) -> Result<(), Failure> {
        let unmade = |error: aws_smithy_types::error::operation::BuildError| {
            Failure::reported(None, Some(&format!("the request cannot be made: {error}")), "dynamodb:CreateTable")
        };
        let attribute =
            AttributeDefinition::builder().attribute_name(KEY).attribute_type(ScalarAttributeType::S).build().map_err(unmade)?;
        let part = KeySchemaElement::builder().attribute_name(KEY).key_type(KeyType::Hash).build().map_err(unmade)?;
        let tags = tags(&json!(wanted.tags)).map_err(unmade)?;
        let request = self.client.create_table().table_name(&self.name).attribute_definitions(attribute).key_schema(part);
        let request = request.billing_mode(BillingMode::PayPerRequest).deletion_protection_enabled(true).set_tags(tags);
        Failure::unless(request.send().await, "dynamodb:CreateTable", |failure| failure.has_code(&["ResourceInUseException"]))?;
        self.settled().await
    }

    /// Waits until it may be changed.
    pub async fn settled(&self) -> Result<(), Failure> {
        let (longest, pause) = PATIENCE;
        let until = tokio::time::Instant::now() + longest;
        loop {
            let status = self.described().await?.and_then(|table| table.table_status);
            if status == Some(TableStatus::Active) {
                return Ok(());
            }
            if tokio::time::Instant::now() > until {
                let status = status.map_or_else(|| "absent".to_owned(), |status| status.as_str().to_owned());
                let message = format!("the table is still {status} after {} s", longest.as_secs());
                return Err(Failure::reported(None, Some(&message), "dynamodb:DescribeTable"));
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Deletes it, protected or not.
    pub async fn delete(&self) -> Result<(), Failure> {
        self.settled().await?;
        let request = self.client.update_table().table_name(&self.name).deletion_protection_enabled(false);
        request.send().await.map_err(|error| Failure::of(&error, "dynamodb:UpdateTable"))?;
        self.settled().await?;
        let answer = self.client.delete_table().table_name(&self.name).send().await;
        answer.map(drop).map_err(|error| Failure::of(&error, "dynamodb:DeleteTable"))
    }

    /// What a setting is; null where there is none.
    pub async fn read(&self, setting: Setting) -> Result<Value, Failure> {
        let (client, name, action) = (&self.client, &self.name, setting.permission());
        Ok(match setting {
            Setting::DeletionProtection => {
                json!(self.described().await?.and_then(|table| table.deletion_protection_enabled).unwrap_or_default())
            }
            Setting::Billing => {
                let mode = self.described().await?.and_then(|table| table.billing_mode_summary?.billing_mode);
                // A table that was made with capacities says nothing (API reference, BillingModeSummary).
                json!(mode.unwrap_or(BillingMode::Provisioned).as_str())
            }
            Setting::TimeToLive => {
                let answer = client.describe_time_to_live().table_name(name).send().await;
                let answer = answer.map_err(|error| Failure::of(&error, action))?;
                let ttl = answer.time_to_live_description;
                let on = ttl.filter(|ttl| matches!(ttl.time_to_live_status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)));
                json!(on.and_then(|ttl| ttl.attribute_name))
            }
            Setting::PointInTimeRecovery => {
                let answer = client.describe_continuous_backups().table_name(name).send().await;
                let answer = answer.map_err(|error| Failure::of(&error, action))?;
                let how = answer.continuous_backups_description.and_then(|backups| backups.point_in_time_recovery_description);
                json!(how.and_then(|how| how.point_in_time_recovery_status) == Some(PointInTimeRecoveryStatus::Enabled))
            }
            Setting::Tags => {
                let Some(arn) = self.described().await?.and_then(|table| table.table_arn) else { return Ok(Value::Null) };
                let mut tags = BTreeMap::new();
                let mut token = None;
                loop {
                    let answer = client.list_tags_of_resource().resource_arn(&arn).set_next_token(token).send().await;
                    let answer = answer.map_err(|error| Failure::of(&error, action))?;
                    tags.extend(answer.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())));
                    token = answer.next_token;
                    if token.is_none() {
                        break json!(tags);
                    }
                }
            }
        })
    }

    /// Makes a setting what it should be.
    pub async fn write(&self, setting: Setting, target: &Value) -> Result<(), Failure> {
        let (client, name) = (&self.client, &self.name);
        let unmade = |error: aws_smithy_types::error::operation::BuildError| {
            Failure::reported(None, Some(&format!("the request cannot be made: {error}")), "dynamodb:UpdateTable")
        };
        // A table that is being made or changed cannot be changed.
        self.settled().await?;
        match setting {
            Setting::DeletionProtection => {
                let request = client.update_table().table_name(name).deletion_protection_enabled(true);
                request.send().await.map_err(|error| Failure::of(&error, "dynamodb:UpdateTable"))?;
            }
            Setting::Billing => {
                let request = client.update_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
                request.send().await.map_err(|error| Failure::of(&error, "dynamodb:UpdateTable"))?;
            }
            Setting::TimeToLive => {
                let how = TimeToLiveSpecification::builder().attribute_name(TTL).enabled(true).build().map_err(unmade)?;
                let request = client.update_time_to_live().table_name(name).time_to_live_specification(how);
                request.send().await.map_err(|error| Failure::of(&error, "dynamodb:UpdateTimeToLive"))?;
            }
            Setting::PointInTimeRecovery => {
                let how = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build().map_err(unmade)?;
                let request = client.update_continuous_backups().table_name(name).point_in_time_recovery_specification(how);
                request.send().await.map_err(|error| Failure::of(&error, "dynamodb:UpdateContinuousBackups"))?;
            }
            Setting::Tags => {
                let arn = self.described().await?.and_then(|table| table.table_arn);
                let request = client.tag_resource().set_resource_arn(arn).set_tags(tags(target).map_err(unmade)?);
                request.send().await.map_err(|error| Failure::of(&error, "dynamodb:TagResource"))?;
            }
        }
        self.settled().await
    }
}

/// What a setting should be, given what it is: tags of others stay.
pub fn target(setting: Setting, wanted: &Wanted, is: &Value) -> Value {
    match setting {
        Setting::DeletionProtection | Setting::PointInTimeRecovery => json!(true),
        Setting::Billing => json!(BillingMode::PayPerRequest.as_str()),
        Setting::TimeToLive => json!(TTL),
        Setting::Tags => with_tags(is, &wanted.tags),
    }
}

fn tags(of: &Value) -> Result<Option<Vec<Tag>>, aws_smithy_types::error::operation::BuildError> {
    let pairs = of.as_object().into_iter().flatten();
    let tags = pairs.map(|(key, value)| Tag::builder().key(key).value(value.as_str().unwrap_or_default()).build());
    let tags = tags.collect::<Result<Vec<_>, _>>()?;
    // An empty list is refused.
    Ok((!tags.is_empty()).then_some(tags))
}
