//! What a run may do with a backend, found out by doing it: an object and an item are written on conditions, read and deleted again, below keys
//! that no state and no lock has.
//!
//! A write whose condition does not hold must be refused: a store that writes all the same would let two runs write over each other.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::permission::On;
use super::step::{Item, Setup};
use super::wanted::PROBES;
use super::{PERMISSIONS, Permission};
use crate::aws::{Class, Failure};
use crate::clock::SharedClock;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::account::{P4012, P4029, P4030};
use crate::lock::{TABLE_KEY, TABLE_TTL};

/// Seconds after which a probe that was left behind may be removed.
const LEFT: i64 = 24 * 60 * 60;

/// What became of a probe.
#[derive(Debug)]
pub struct Probed {
    /// The permission that was tried.
    pub permission: &'static Permission,
    /// Why a run will not get far; none where all is well.
    pub finding: Option<Diagnostic>,
}

/// A probe that did not go as it should.
enum Trouble {
    Failed(Failure),
    /// A write went through though its condition did not hold.
    Unconditional,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Runs every probe of the things that are there: `bucket`, `table` say whether they are.
pub async fn probe(setup: &Setup, clock: &SharedClock, (bucket, table): (bool, bool)) -> Vec<Probed> {
    let prober = Prober { setup, id: clock.id(), end: clock.now().as_second() + LEFT };
    let is_there = |one: &Permission| match one.on {
        On::Bucket | On::Objects => bucket,
        On::Key => bucket && setup.wanted.backend.key.is_some(),
        On::Table => table,
    };
    // First what leaves something, then what looks at it, then what takes it away.
    let rank = |one: &Permission| match one.action {
        "s3:PutObject" | "dynamodb:PutItem" => 0,
        "s3:DeleteObject" | "dynamodb:DeleteItem" => 2,
        _ => 1,
    };
    let mut order: Vec<(usize, &'static Permission)> = PERMISSIONS.iter().enumerate().filter(|(_, one)| is_there(one)).collect();
    order.sort_by_key(|(_, one)| rank(one));
    let mut found = BTreeMap::new();
    let mut keys = Vec::new();
    for (place, permission) in order {
        let finding = match prober.attempt(permission.action).await {
            Ok(()) => None,
            Err(trouble) => {
                // The key is used by S3 on behalf of the caller, and its refusal comes back through S3.
                if let Trouble::Failed(Failure { class: Class::Denied(action), .. }) = &trouble
                    && action.starts_with("kms:")
                    && permission.on != On::Key
                {
                    keys.push(action.clone());
                }
                Some(prober.finding(permission, &trouble))
            }
        };
        found.insert(place, Probed { permission, finding });
    }
    let mut all: Vec<Probed> = found.into_values().collect();
    for one in all.iter_mut().filter(|one| one.permission.on == On::Key && keys.iter().any(|key| key == one.permission.action)) {
        let message = format!("{} is not allowed: the bucket's key refuses it", one.permission.action);
        one.finding = Some(Diagnostic::new(P4012, message).help(way_out(one.permission)));
    }
    all
}

struct Prober<'a> {
    setup: &'a Setup,
    id: String,
    end: i64,
}

fn way_out(permission: &Permission) -> String {
    format!("allow {} to the role that runs panka; it is needed by {}", permission.action, permission.needed_by)
}

/// The answer, or nothing where it shows as well that the call is allowed.
fn allowed<T, E>(answer: Result<T, SdkError<E, HttpResponse>>, action: &'static str, also: &[Class]) -> Result<Option<T>, Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    // S3 and DynamoDB look at permissions first: an answer about the thing itself shows that it may be asked for.
    Failure::unless(answer, action, |failure| also.contains(&failure.class))
}

impl Prober<'_> {
    fn key(&self) -> String {
        format!("{}{PROBES}{}", self.setup.wanted.backend.prefix, self.id)
    }

    fn finding(&self, permission: &Permission, trouble: &Trouble) -> Diagnostic {
        let item = if permission.on == On::Table { Item::Table } else { Item::Bucket };
        let subject = self.setup.subject(item);
        match trouble {
            Trouble::Unconditional => Diagnostic::new(P4030, format!("{subject}: a write went through whose condition did not hold"))
                .help("use a store that keeps the conditions of writes: two runs could write over each other here"),
            Trouble::Failed(failure) => {
                let message = format!("{subject}: {}", failure.cause());
                let finding = Diagnostic::new(failure.finding_code().unwrap_or(P4029), message);
                match failure.class {
                    Class::Denied(_) => finding.help(way_out(permission)),
                    _ => finding.maybe_help(failure.help()),
                }
            }
        }
    }

    /// Does what needs this permission. Permissions on keys show in what is done with objects.
    async fn attempt(&self, action: &'static str) -> Result<(), Trouble> {
        if action.starts_with("dynamodb:") { self.attempt_table(action).await } else { self.attempt_bucket(action).await }
    }

    async fn attempt_bucket(&self, action: &'static str) -> Result<(), Trouble> {
        let bucket = &self.setup.bucket;
        let (client, name, key) = (bucket.client(), bucket.name(), self.key());
        match action {
            "s3:PutObject" => {
                let put = || {
                    let request = client.put_object().bucket(name).key(&key).if_none_match("*").expected_bucket_owner(&self.setup.account);
                    let kms = self.setup.wanted.backend.key.as_ref().map(|_| aws_sdk_s3::types::ServerSideEncryption::AwsKms);
                    request.set_server_side_encryption(kms).set_ssekms_key_id(self.setup.wanted.backend.key.clone()).send()
                };
                // The SDK repeats a write whose answer was lost, and the first try refuses the second.
                allowed(put().await, action, &[Class::Condition])?;
                match allowed(put().await, action, &[Class::Condition, Class::Collision])? {
                    Some(_) => return Err(Trouble::Unconditional),
                    None => {}
                }
            }
            "s3:GetObject" => drop(allowed(client.get_object().bucket(name).key(&key).send().await, action, &[Class::Absent])?),
            "s3:GetObjectVersion" => {
                let versions = client.list_object_versions().bucket(name).prefix(&key).send().await;
                let versions = allowed(versions, "s3:ListBucketVersions", &[]);
                // Who may not list versions is told so by that probe.
                let version = versions.ok().flatten().and_then(|answer| answer.versions?.into_iter().next()?.version_id);
                let Some(version) = version.filter(|version| version != "null") else { return Ok(()) };
                let request = client.get_object().bucket(name).key(&key).version_id(version);
                drop(allowed(request.send().await, action, &[Class::Absent])?)
            }
            "s3:DeleteObject" => drop(allowed(client.delete_object().bucket(name).key(&key).send().await, action, &[Class::Absent])?),
            "s3:ListBucket" => {
                let request = client.list_objects_v2().bucket(name).prefix(&key).max_keys(1);
                drop(allowed(request.send().await, action, &[])?)
            }
            "s3:ListBucketVersions" => {
                let request = client.list_object_versions().bucket(name).prefix(&key).max_keys(1);
                drop(allowed(request.send().await, action, &[])?)
            }
            _ => match super::bucket::Setting::ALL.into_iter().find(|setting| setting.permission() == action) {
                Some(setting) => drop(bucket.read(setting).await?),
                None => {}
            },
        }
        Ok(())
    }

    async fn attempt_table(&self, action: &'static str) -> Result<(), Trouble> {
        let Some(table) = &self.setup.table else { return Ok(()) };
        let (client, name) = (table.client(), table.name());
        let key = AttributeValue::S(format!("probe:{}", self.id));
        match action {
            "dynamodb:PutItem" => {
                let put = || {
                    let request = client.put_item().table_name(name).item(TABLE_KEY, key.clone());
                    let request = request.item(TABLE_TTL, AttributeValue::N(self.end.to_string()));
                    request.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", TABLE_KEY).send()
                };
                allowed(put().await, action, &[Class::Condition])?;
                match allowed(put().await, action, &[Class::Condition])? {
                    Some(_) => return Err(Trouble::Unconditional),
                    None => {}
                }
            }
            "dynamodb:GetItem" => {
                let request = client.get_item().table_name(name).consistent_read(true).key(TABLE_KEY, key);
                drop(allowed(request.send().await, action, &[])?)
            }
            "dynamodb:DeleteItem" => drop(allowed(client.delete_item().table_name(name).key(TABLE_KEY, key).send().await, action, &[])?),
            "dynamodb:Scan" => drop(allowed(client.scan().table_name(name).limit(1).send().await, action, &[])?),
            _ => match super::table::Setting::ALL.into_iter().find(|setting| setting.permission() == action) {
                Some(setting) => drop(table.read(setting).await?),
                None => {}
            },
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Actions that have a probe of their own above; the others are those of settings, and of keys, which show in objects.
    const OWN: [&str; 10] = [
        "s3:PutObject",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:DeleteObject",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "dynamodb:PutItem",
        "dynamodb:GetItem",
        "dynamodb:DeleteItem",
        "dynamodb:Scan",
    ];

    #[test]
    fn every_permission_is_tried() {
        for one in PERMISSIONS.iter().filter(|one| one.on != On::Key) {
            let of_bucket = super::super::bucket::Setting::ALL.iter().any(|setting| setting.permission() == one.action);
            let of_table = super::super::table::Setting::ALL.iter().any(|setting| setting.permission() == one.action);
            assert!(OWN.contains(&one.action) || of_bucket || of_table, "nothing tries {}", one.action);
        }
    }
}
