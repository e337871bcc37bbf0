//! Lock records as items of a DynamoDB table.
//!
//! The partition key `lockKey` names the place, and `version` the write that the item comes from: an id that is never used twice. Reads are
//! strongly consistent. Every change is one PutItem of the whole record on the condition that the item is still the version that was read, so
//! that what may be done is decided where it is for files and objects; a write that is refused brings the item with it. `expiresAt` is the TTL
//! of the item, 400 days after its last write: it clears away places that nobody uses, and never ends a lease.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TimeToLiveStatus};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Number, Value};
use tokio::sync::OnceCell;

use super::LockRecord;
use super::home::{Failure, Found, Unwritten, Version, checked, damaged};
use crate::aws::{self, Aws, Class};
use crate::clock::SharedClock;
use crate::diagnostic::codes::account::{P4014, P4026};
use crate::diagnostic::codes::lock::P6004;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Document as _;
use crate::state::store::S3Store;

/// How long an item outlives its last write, in days: a place that is not used for longer forgets its epoch, which the state then restores.
const KEPT_DAYS: i64 = 400;

/// The partition key.
pub const KEY: &str = "lockKey";

/// A key that no place has.
const NOBODY: &str = "stack";

/// The attribute that says which write an item comes from.
const VERSION: &str = "version";

/// The attribute by which DynamoDB removes old items.
pub const TTL: &str = "expiresAt";

/// A table of lock records. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Table(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    aws: Aws,
    name: String,
    region: Option<String>,
    /// The store that is used beside the table, whose region may be the right one.
    beside: Option<S3Store>,
    client: OnceCell<(Client, String)>,
}

/// Longest wait for an answer that only serves a warning.
const ASIDE: Duration = Duration::from_secs(3);

type Item = HashMap<String, AttributeValue>;

impl Table {
    /// A table by its name or ARN; an ARN names the region, else `region` does, else it is the ambient one. When there is no such table, it is
    /// looked for in the region of the bucket `beside` it as well, to say so. Nothing is asked yet.
    pub fn new(aws: Aws, name: String, region: Option<String>, beside: Option<S3Store>) -> Self {
        let named = name.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2)).map(str::to_owned);
        Self(Arc::new(Inner { aws, region: named.or(region), name, beside, client: OnceCell::new() }))
    }

    /// The client, and the region that it asks.
    async fn client(&self) -> Result<&(Client, String), Failure> {
        let client = self.0.client.get_or_try_init(|| async {
            let region = match &self.0.region {
                Some(region) => region.clone(),
                None => self.0.aws.region().await.ok_or_else(|| {
                    Diagnostic::new(P4014, format!("the region of the lock table `{}` is not known", self.0.name))
                        .help("set locks.region, aws.region or AWS_REGION")
                })?,
            };
            Ok::<_, Diagnostic>((self.0.aws.dynamodb(&region).await, region))
        });
        client.await.map_err(|unknown| Failure::Failed(unknown.into()))
    }

    /// The table as people know it.
    fn subject(&self) -> String {
        let region = self.0.client.get().map(|(_, region)| format!(" ({region})")).unwrap_or_default();
        format!("lock table `{}`{region}", self.0.name)
    }

    fn item_name(&self, key: &str) -> String {
        format!("{}, item `{key}`", self.subject())
    }

    /// Why a call did not succeed, in the words of a lock.
    async fn failed<E>(&self, error: &SdkError<E, HttpResponse>, action: &'static str) -> Failure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let failure = self.0.aws.explain(aws::Failure::of(error, action)).await;
        let verb = if action == "dynamodb:PutItem" { "written" } else { "read" };
        let message = format!("{} cannot be {verb}: {}", self.subject(), failure.cause());
        let mut finding = Diagnostic::new(failure.finding_code().unwrap_or(P6004), message);
        if failure.class == Class::NoTable
            && let Some(region) = self.found_in().await
        {
            finding = finding.help(format!("a table of this name is in {region}: set locks.region, or give --lock-region {region}"));
        }
        let error = finding.maybe_help(failure.help()).into();
        let transient = failure.class.is_transient() || failure.class == Class::Collision;
        if transient { Failure::Unavailable(error) } else { Failure::Failed(error) }
    }

    /// Looks whether there is such a table, that its key is the one of locks, and what it lacks: a warning.
    pub async fn look(&self) -> Result<Option<Diagnostic>, Error> {
        match Box::pin(self.read(NOBODY)).await {
            Ok(_) => Ok(self.shortcoming().await),
            Err(failure) => Err(failure.of_read()),
        }
    }

    /// Another region where there is a table of this name: the bucket's, or the ambient one.
    async fn found_in(&self) -> Option<String> {
        let asked = self.0.client.get().map(|(_, region)| region.clone());
        let of_bucket = match &self.0.beside {
            Some(store) => store.region().await,
            None => None,
        };
        let mut others: Vec<String> = [of_bucket, self.0.aws.region().await].into_iter().flatten().collect();
        others.retain(|region| Some(region) != asked.as_ref());
        others.dedup();
        for region in others {
            let request = self.0.aws.dynamodb(&region).await.describe_table().table_name(&self.0.name);
            match request.send().await {
                Ok(_) => return Some(region),
                Err(error) => {
                    tracing::debug!("no table `{}` in {region}: {}", self.0.name, aws::Failure::of(&error, "dynamodb:DescribeTable"));
                }
            }
        }
        None
    }

    /// What the table lacks, though locks work without it. Where that cannot be found out, nothing is said: the right to ask is not needed.
    pub(super) async fn shortcoming(&self) -> Option<Diagnostic> {
        let (client, region) = self.client().await.ok()?;
        let request = client.describe_time_to_live().table_name(&self.0.name).send();
        let answer = match tokio::time::timeout(ASIDE, request).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                let failure = aws::Failure::of(&error, "dynamodb:DescribeTimeToLive");
                tracing::info!("whether the lock table has a TTL is not known: {failure}");
                return None;
            }
            Err(_) => {
                tracing::info!("whether the lock table has a TTL is not known: no answer");
                return None;
            }
        };
        let ttl = answer.time_to_live_description?;
        let is_on = matches!(ttl.time_to_live_status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling));
        let what = match ttl.attribute_name.as_deref() {
            Some(TTL) if is_on => return None,
            Some(other) if is_on => format!("has its TTL on `{other}`, and not on `{TTL}`"),
            _ => "has no TTL".to_owned(),
        };
        let name = &self.0.name;
        Some(
            Diagnostic::new(P4026, format!("{} {what}: the items of stacks that nobody uses stay for ever", self.subject()))
                .help(format!(
                    "aws dynamodb update-time-to-live --region {region} --table-name {name} --time-to-live-specification Enabled=true,AttributeName={TTL}"
                ))
                .warning(),
        )
    }

    fn decode(&self, item: Item) -> Result<(LockRecord, Version), Error> {
        let location = match item.get(KEY) {
            Some(AttributeValue::S(key)) => self.item_name(key),
            _ => self.subject(),
        };
        let (record, version) = decode(item).map_err(|why| damaged(format!("{location}: {why}")))?;
        Ok((checked(record, &location)?, version))
    }

    /// Reads the record with this key.
    pub(super) async fn read(&self, key: &str) -> Result<Found, Failure> {
        let (client, _) = self.client().await?;
        let request = client.get_item().table_name(&self.0.name).consistent_read(true).key(KEY, AttributeValue::S(key.to_owned()));
        match request.send().await {
            Ok(answer) => answer.item.map(|item| self.decode(item)).transpose().map_err(Failure::Failed),
            Err(error) => Err(self.failed(&error, "dynamodb:GetItem").await),
        }
    }

    /// Writes a record in place of the version that was read, or where there is none.
    ///
    /// The SDK repeats a write whose answer was lost, and the repetition is refused by the first try: an item of the version that was to be
    /// written is this writer's own.
    pub(super) async fn write(&self, record: &LockRecord, expected: Option<Version>, clock: &SharedClock) -> Result<Version, Unwritten> {
        let (client, _) = self.client().await.map_err(Unwritten::Failed)?;
        let version = Version::new(clock.id());
        let request = client
            .put_item()
            .table_name(&self.0.name)
            .set_item(Some(encode(record, &version, clock.now())))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        // Every attribute is named by a placeholder: none can be a reserved word.
        let request = match expected {
            None => request.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", KEY),
            Some(seen) => request
                .condition_expression("#version = :seen")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":seen", AttributeValue::S(seen.as_str().to_owned())),
        };
        let Err(error) = request.send().await else { return Ok(version) };
        if let Some(PutItemError::ConditionalCheckFailedException(refused)) = error.as_service_error() {
            let item = refused.item.clone().filter(|item| !item.is_empty());
            let found = item.map(|item| self.decode(item)).transpose().map_err(|error| Unwritten::Failed(Failure::Failed(error)))?;
            return match found {
                Some((_, found)) if found == version => Ok(version),
                found => Err(Unwritten::Conflict(Box::new(found))),
            };
        }
        Err(Unwritten::Failed(self.failed(&error, "dynamodb:PutItem").await))
    }

    /// All records; those that cannot be read are errors of their own. Items of others are passed over.
    pub(super) async fn list(&self) -> Result<Vec<Result<LockRecord, Error>>, Error> {
        // A table with another key can be read through as well: it must not look as if no lock were held.
        self.read(NOBODY).await.map_err(Failure::of_read)?;
        let (client, _) = self.client().await.map_err(Failure::of_read)?;
        let mut pages = client.scan().table_name(&self.0.name).consistent_read(true).into_paginator().send();
        let mut records = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) => return Err(self.failed(&error, "dynamodb:Scan").await.of_read()),
            };
            for item in page.items.unwrap_or_default() {
                // A table may hold what others keep in it.
                match item.get(KEY) {
                    Some(AttributeValue::S(key)) if is_place(key) => records.push(self.decode(item).map(|(record, _)| record)),
                    other => tracing::info!(key = ?other, "{}: an item that is no lock", self.subject()),
                }
            }
        }
        Ok(records)
    }
}

/// Tells whether a key is that of a place.
fn is_place(key: &str) -> bool {
    key.strip_prefix("stack:").is_some_and(|rest| rest.contains(":env:"))
}

/// When an item that is written now may be removed, in seconds since 1970.
fn item_end(now: Timestamp) -> i64 {
    now.checked_add(SignedDuration::from_hours(KEPT_DAYS * 24)).unwrap_or(Timestamp::MAX).as_second()
}

/// A record as an item.
fn encode(record: &LockRecord, version: &Version, now: Timestamp) -> Item {
    let Value::Object(fields) = serde_json::to_value(record).expect("documents are always JSON") else { return Item::new() };
    let kept = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "kind" | "unsealed"));
    let mut item: Item = kept.map(|(name, value)| (name.clone(), attribute(value))).collect();
    // There is no empty set.
    if !record.unsealed.is_empty() {
        item.insert("unsealed".to_owned(), AttributeValue::Ns(record.unsealed.iter().map(u64::to_string).collect()));
    }
    item.insert(VERSION.to_owned(), AttributeValue::S(version.as_str().to_owned()));
    item.insert(TTL.to_owned(), AttributeValue::N(item_end(now).to_string()));
    item
}

/// An item as a record.
fn decode(item: Item) -> Result<(LockRecord, Version), String> {
    let ordered: BTreeMap<String, AttributeValue> = item.into_iter().collect();
    let mut fields = Map::new();
    let mut version = None;
    fields.insert("kind".to_owned(), LockRecord::KIND.into());
    for (name, value) in ordered {
        match (name.as_str(), &value) {
            (TTL, _) => {}
            (VERSION, AttributeValue::S(text)) => version = Some(Version::new(text.as_str())),
            _ => {
                let value = json(&value).ok_or_else(|| format!("`{name}` is of a type that no lock has"))?;
                fields.insert(name, value);
            }
        }
    }
    let record = serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
    Ok((record, version.ok_or_else(|| format!("`{VERSION}` is missing"))?))
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(items) => AttributeValue::L(items.iter().map(attribute).collect()),
        Value::Object(fields) => AttributeValue::M(fields.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()),
    }
}

fn json(value: &AttributeValue) -> Option<Value> {
    let number = |text: &String| text.parse::<Number>().ok().map(Value::Number);
    Some(match value {
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(flag) => Value::Bool(*flag),
        AttributeValue::N(text) => number(text)?,
        AttributeValue::S(text) => Value::String(text.clone()),
        AttributeValue::L(items) => Value::Array(items.iter().map(json).collect::<Option<_>>()?),
        AttributeValue::Ns(numbers) => Value::Array(numbers.iter().map(number).collect::<Option<_>>()?),
        AttributeValue::M(fields) => {
            Value::Object(fields.iter().map(|(name, value)| Some((name.clone(), json(value)?))).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::change::tests::holder;
    use crate::lock::{Broken, Released};

    fn now() -> Timestamp {
        "2026-11-23T14:02:11Z".parse().unwrap()
    }

    fn record() -> LockRecord {
        let mut record = LockRecord::free("shop", "dev");
        (record.epoch, record.rev) = (u64::from(u32::MAX) + 7, 3);
        record.holders.insert("service:a".to_owned(), holder("id"));
        record.unsealed = [3, 5].into();
        let broken = Broken { by: "bob@desk".to_owned(), reason: Some(String::new()) };
        record.last_released =
            Some(Released { lock_id: "x".to_owned(), epoch: 5, locked_by: "ann@desk".to_owned(), at: String::new(), broken: Some(broken) });
        record
    }

    #[test]
    fn a_record_survives_the_way_through_an_item() {
        for record in [record(), LockRecord::free("shop", "dev")] {
            let item = encode(&record, &Version::new("v"), now());
            assert_eq!(item["expiresAt"], AttributeValue::N((now().as_second() + 400 * 86_400).to_string()));
            assert_eq!(decode(item).unwrap(), (record, Version::new("v")));
        }
    }

    #[test]
    fn an_item_that_is_no_lock_says_what_is_wrong() {
        let mut item = encode(&record(), &Version::new("v"), now());
        item.insert("Info".to_owned(), AttributeValue::Bool(true));
        assert!(decode(item).unwrap_err().contains("Info"));
        let mut item = encode(&record(), &Version::new("v"), now());
        item.insert("epoch".to_owned(), AttributeValue::S("many".to_owned()));
        assert!(decode(item).unwrap_err().contains("many"));
        let mut item = encode(&record(), &Version::new("v"), now());
        item.remove("version");
        assert_eq!(decode(item).unwrap_err(), "`version` is missing");
    }

    #[tokio::test]
    async fn the_region_of_an_arn_counts() {
        let of =
            |name: &str| Table::new(Aws::new(None, None), name.to_owned(), Some("eu-west-1".to_owned()), None).0.region.clone().unwrap();
        assert_eq!(of("locks"), "eu-west-1");
        assert_eq!(of("arn:aws:dynamodb:eu-central-1:111122223333:table/locks"), "eu-central-1");
    }
}
