//! The bucket of the states: what it is, and what makes it what it should be.
//!
//! Every call names the account that the bucket must belong to, so that a bucket of somebody else is refused by S3 itself
//! (`x-amz-expected-bucket-owner`, Amazon S3 User Guide, "Verifying bucket ownership with bucket owner condition").

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketLocationConstraint, BucketVersioningStatus,
    CreateBucketConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, NoncurrentVersionExpiration,
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging, VersioningConfiguration,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::{Value, json};

use super::wanted::{KEPT_DAYS, UPLOADS, Wanted, with_tags};
use crate::aws::{ANY_REGION, Class, Failure};

/// A setting of the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Old versions of objects are kept.
    Versioning,
    /// Objects are encrypted.
    Encryption,
    /// Nothing of it can be public.
    PublicAccessBlock,
    /// Objects belong to the bucket's owner, and access lists count for nothing.
    Ownership,
    /// Requests without TLS are refused.
    Policy,
    /// Old versions and broken uploads are removed.
    Lifecycle,
    /// Tags.
    Tags,
}

impl Setting {
    /// All, in the order in which they are made: nothing is put into the bucket before it is closed.
    pub const ALL: [Self; 7] =
        [Self::PublicAccessBlock, Self::Ownership, Self::Policy, Self::Encryption, Self::Versioning, Self::Lifecycle, Self::Tags];

    /// As documents name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Versioning => "versioning",
            Self::Encryption => "encryption",
            Self::PublicAccessBlock => "publicAccessBlock",
            Self::Ownership => "ownership",
            Self::Policy => "policy",
            Self::Lifecycle => "lifecycle",
            Self::Tags => "tags",
        }
    }
}

impl Setting {
    /// What reading it needs to be allowed (Service Authorization Reference, "Actions defined by Amazon S3").
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Versioning => "s3:GetBucketVersioning",
            Self::Encryption => "s3:GetEncryptionConfiguration",
            Self::PublicAccessBlock => "s3:GetBucketPublicAccessBlock",
            Self::Ownership => "s3:GetBucketOwnershipControls",
            Self::Policy => "s3:GetBucketPolicy",
            Self::Lifecycle => "s3:GetLifecycleConfiguration",
            Self::Tags => "s3:GetBucketTagging",
        }
    }
}

/// The bucket as AWS has it.
#[derive(Debug, Clone)]
pub struct Bucket {
    client: Client,
    name: String,
    account: String,
}

type Answer<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// The answer, or nothing where the service says with one of these codes that there is none.
fn found<T, E>(answer: Answer<T, E>, action: &'static str, none: &[&str]) -> Result<Option<T>, Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    Failure::unless(answer, action, |failure| failure.has_code(none))
}

fn done<T, E>(answer: Answer<T, E>, action: &'static str) -> Result<(), Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    answer.map(drop).map_err(|error| Failure::of(&error, action))
}

impl Bucket {
    /// A bucket of an account; nothing is asked yet.
    pub fn new(client: Client, name: impl Into<String>, account: impl Into<String>) -> Self {
        Self { client, name: name.into(), account: account.into() }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The region where it is; none where it is not. One of somebody else is a failure.
    pub async fn region(&self) -> Result<Option<String>, Failure> {
        let answer = self.client.head_bucket().bucket(&self.name).expected_bucket_owner(&self.account).send().await;
        let asked = || self.client.config().region().map(ToString::to_string).unwrap_or_default();
        match answer.map_err(|error| Failure::of(&error, "s3:ListBucket")) {
            Ok(answer) => Ok(Some(answer.bucket_region.unwrap_or_else(asked))),
            Err(Failure { class: Class::Region(Some(region)), .. }) => Ok(Some(region)),
            Err(failure) if matches!(failure.class, Class::Absent | Class::NoBucket) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Tells whether it is one of the account's own buckets: what a refusal alone does not say.
    pub async fn is_ours(&self) -> Result<bool, Failure> {
        let answer = self.client.list_buckets().prefix(&self.name).send().await;
        let answer = answer.map_err(|error| Failure::of(&error, "s3:ListAllMyBuckets"))?;
        Ok(answer.buckets().iter().any(|one| one.name() == Some(&self.name)))
    }

    /// Makes it. Where it is there already, and ours, nothing happens.
    pub async fn create(&self, region: &str) -> Result<(), Failure> {
        // In us-east-1 the region must not be said (API reference, CreateBucket).
        let place = (region != ANY_REGION)
            .then(|| CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region)).build());
        let request = self.client.create_bucket().bucket(&self.name).set_create_bucket_configuration(place);
        found(request.send().await, "s3:CreateBucket", &["BucketAlreadyOwnedByYou"]).map(drop)
    }

    /// What a setting is; null where there is none.
    pub async fn read(&self, setting: Setting) -> Result<Value, Failure> {
        let (client, name, owner, action) = (&self.client, &self.name, &self.account, setting.permission());
        Ok(match setting {
            Setting::Versioning => {
                let answer = client.get_bucket_versioning().bucket(name).expected_bucket_owner(owner).send().await;
                let answer = answer.map_err(|error| Failure::of(&error, action))?;
                answer.status.map_or(Value::Null, |status| json!(status.as_str()))
            }
            Setting::Encryption => {
                let answer = client.get_bucket_encryption().bucket(name).expected_bucket_owner(owner).send().await;
                let answer = found(answer, action, &["ServerSideEncryptionConfigurationNotFoundError"])?;
                let rule = answer.and_then(|answer| answer.server_side_encryption_configuration?.rules.into_iter().next());
                rule.and_then(|rule| rule.apply_server_side_encryption_by_default).map_or(Value::Null, |how| encryption(&how))
            }
            Setting::PublicAccessBlock => {
                let answer = client.get_public_access_block().bucket(name).expected_bucket_owner(owner).send().await;
                let answer = found(answer, action, &["NoSuchPublicAccessBlockConfiguration"])?;
                answer.and_then(|answer| answer.public_access_block_configuration).map_or(Value::Null, |block| public_access(&block))
            }
            Setting::Ownership => {
                let answer = client.get_bucket_ownership_controls().bucket(name).expected_bucket_owner(owner).send().await;
                let answer = found(answer, action, &["OwnershipControlsNotFoundError"])?;
                let rule = answer.and_then(|answer| answer.ownership_controls?.rules.into_iter().next());
                rule.map_or(Value::Null, |rule| json!(rule.object_ownership.as_str()))
            }
            Setting::Policy => {
                let answer = client.get_bucket_policy().bucket(name).expected_bucket_owner(owner).send().await;
                let answer = found(answer, action, &["NoSuchBucketPolicy"])?;
                let text = answer.and_then(|answer| answer.policy);
                let policy = text.map(|text| serde_json::from_str::<Value>(&text)).transpose();
                policy.map_err(|error| Failure::reported(None, Some(&format!("it is no JSON: {error}")), action))?.into()
            }
            Setting::Lifecycle => Value::Array(self.rules().await?.iter().map(rule).collect()),
            Setting::Tags => {
                let answer = client.get_bucket_tagging().bucket(name).expected_bucket_owner(owner).send().await;
                let tags = found(answer, action, &["NoSuchTagSet"])?.map(|answer| answer.tag_set).unwrap_or_default();
                json!(tags.into_iter().map(|tag| (tag.key, tag.value)).collect::<BTreeMap<_, _>>())
            }
        })
    }

    async fn rules(&self) -> Result<Vec<LifecycleRule>, Failure> {
        let request = self.client.get_bucket_lifecycle_configuration().bucket(&self.name).expected_bucket_owner(&self.account);
        let answer = found(request.send().await, Setting::Lifecycle.permission(), &["NoSuchLifecycleConfiguration"])?;
        Ok(answer.and_then(|answer| answer.rules).unwrap_or_default())
    }

    /// Makes a setting what it should be: `target`, as [`target`] gives it. Rules of the lifecycle that are not ours stay as they are.
    pub async fn write(&self, setting: Setting, wanted: &Wanted, target: &Value) -> Result<(), Failure> {
        let (client, name, owner) = (&self.client, &self.name, &self.account);
        match setting {
            Setting::Versioning => {
                let how = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
                let request = client.put_bucket_versioning().bucket(name).expected_bucket_owner(owner).versioning_configuration(how);
                done(request.send().await, "s3:PutBucketVersioning")
            }
            Setting::Encryption => {
                let key = wanted.backend.key.clone();
                let algorithm = if key.is_some() { ServerSideEncryption::AwsKms } else { ServerSideEncryption::Aes256 };
                let how = ServerSideEncryptionByDefault::builder().sse_algorithm(algorithm).set_kms_master_key_id(key.clone());
                let how = how.build().map_err(unmade)?;
                let rule =
                    ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(how).bucket_key_enabled(key.is_some());
                let how = ServerSideEncryptionConfiguration::builder().rules(rule.build()).build().map_err(unmade)?;
                let request = client.put_bucket_encryption().bucket(name).expected_bucket_owner(owner);
                done(request.server_side_encryption_configuration(how).send().await, "s3:PutEncryptionConfiguration")
            }
            Setting::PublicAccessBlock => {
                let all = PublicAccessBlockConfiguration::builder();
                let all =
                    all.block_public_acls(true).ignore_public_acls(true).block_public_policy(true).restrict_public_buckets(true).build();
                let request = client.put_public_access_block().bucket(name).expected_bucket_owner(owner);
                done(request.public_access_block_configuration(all).send().await, "s3:PutBucketPublicAccessBlock")
            }
            Setting::Ownership => {
                let rule =
                    OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerEnforced).build().map_err(unmade)?;
                let how = OwnershipControls::builder().rules(rule).build().map_err(unmade)?;
                let request = client.put_bucket_ownership_controls().bucket(name).expected_bucket_owner(owner);
                done(request.ownership_controls(how).send().await, "s3:PutBucketOwnershipControls")
            }
            Setting::Policy => {
                let request = client.put_bucket_policy().bucket(name).expected_bucket_owner(owner).policy(target.to_string());
                done(request.send().await, "s3:PutBucketPolicy")
            }
            Setting::Lifecycle => {
                let ours = rules(&wanted.backend.prefix).map_err(unmade)?;
                let is_ours = |rule: &LifecycleRule| ours.iter().any(|one| one.id == rule.id);
                let theirs = self.rules().await?.into_iter().filter(|rule| !is_ours(rule)).collect::<Vec<_>>();
                let all = theirs.into_iter().chain(ours.clone()).collect();
                let how = BucketLifecycleConfiguration::builder().set_rules(Some(all)).build().map_err(unmade)?;
                let request = client.put_bucket_lifecycle_configuration().bucket(name).expected_bucket_owner(owner);
                done(request.lifecycle_configuration(how).send().await, "s3:PutLifecycleConfiguration")
            }
            Setting::Tags => {
                let pairs = target.as_object().into_iter().flatten();
                let tags = pairs.map(|(key, value)| Tag::builder().key(key).value(value.as_str().unwrap_or_default()).build());
                let tags = tags.collect::<Result<Vec<_>, _>>().map_err(unmade)?;
                let how = Tagging::builder().set_tag_set(Some(tags)).build().map_err(unmade)?;
                let request = client.put_bucket_tagging().bucket(name).expected_bucket_owner(owner).tagging(how);
                done(request.send().await, "s3:PutBucketTagging")
            }
        }
    }
}

/// What a setting should be, given what it is: what others have put there stays.
pub fn target(setting: Setting, wanted: &Wanted, is: &Value) -> Value {
    match setting {
        Setting::Versioning => json!("Enabled"),
        Setting::Encryption => match &wanted.backend.key {
            Some(key) => json!({"algorithm": "aws:kms", "key": key}),
            // A key that somebody has chosen is no worse.
            None if is["algorithm"].is_string() => is.clone(),
            None => json!({"algorithm": "AES256"}),
        },
        Setting::PublicAccessBlock => {
            json!({"blockPublicAcls": true, "ignorePublicAcls": true, "blockPublicPolicy": true, "restrictPublicBuckets": true})
        }
        Setting::Ownership => json!("BucketOwnerEnforced"),
        Setting::Policy => wanted.bucket_policy(Some(is).filter(|is| !is.is_null())),
        Setting::Lifecycle => {
            let ours: Vec<Value> = rules(&wanted.backend.prefix).map(|rules| rules.iter().map(rule).collect()).unwrap_or_default();
            let kept = is.as_array().into_iter().flatten();
            // Ours stay where they are, so that what is right is seen to be so.
            let mut all: Vec<Value> = kept.map(|one| ours.iter().find(|our| our["id"] == one["id"]).unwrap_or(one).clone()).collect();
            all.extend(ours.iter().filter(|our| !is.as_array().into_iter().flatten().any(|one| one["id"] == our["id"])).cloned());
            Value::Array(all)
        }
        Setting::Tags => with_tags(is, &wanted.tags),
    }
}

/// Our rules of the lifecycle.
fn rules(prefix: &str) -> Result<Vec<LifecycleRule>, aws_smithy_types::error::operation::BuildError> {
    let below = |prefix: String| LifecycleRuleFilter::builder().prefix(prefix).build();
    // Backends may share a bucket: each has rules of its own.
    let name = |id: &str| if prefix.is_empty() { id.to_owned() } else { format!("{id} {prefix}") };
    let versions = KEPT_DAYS.into_iter().map(|(id, below_prefix, days)| {
        LifecycleRule::builder()
            .id(name(id))
            .status(ExpirationStatus::Enabled)
            .filter(below(format!("{prefix}{below_prefix}")))
            .noncurrent_version_expiration(NoncurrentVersionExpiration::builder().noncurrent_days(days).build())
            .expiration(LifecycleExpiration::builder().expired_object_delete_marker(true).build())
            .build()
    });
    let (id, days) = UPLOADS;
    let uploads = LifecycleRule::builder()
        .id(name(id))
        .status(ExpirationStatus::Enabled)
        .filter(below(prefix.to_owned()))
        .abort_incomplete_multipart_upload(AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build())
        .build();
    versions.chain([uploads]).collect()
}

/// A rule as documents show it, as far as it concerns us.
fn rule(rule: &LifecycleRule) -> Value {
    #[expect(deprecated, reason = "rules that were made long ago have their prefix there")]
    let prefix = rule.filter.as_ref().and_then(|filter| filter.prefix.clone()).or_else(|| rule.prefix.clone());
    let mut shown = json!({"id": rule.id, "status": rule.status.as_str(), "prefix": prefix});
    let versions = rule.noncurrent_version_expiration.as_ref().and_then(|one| one.noncurrent_days);
    let markers = rule.expiration.as_ref().and_then(|one| one.expired_object_delete_marker);
    let uploads = rule.abort_incomplete_multipart_upload.as_ref().and_then(|one| one.days_after_initiation);
    for (name, value) in [("noncurrentDays", json!(versions)), ("deleteMarkers", json!(markers)), ("uploadDays", json!(uploads))] {
        if !value.is_null() {
            shown[name] = value;
        }
    }
    shown
}

fn encryption(how: &ServerSideEncryptionByDefault) -> Value {
    let mut shown = json!({"algorithm": how.sse_algorithm.as_str()});
    if let Some(key) = &how.kms_master_key_id {
        shown["key"] = json!(key);
    }
    shown
}

fn public_access(block: &PublicAccessBlockConfiguration) -> Value {
    let on = |what: Option<bool>| what.unwrap_or_default();
    json!({
        "blockPublicAcls": on(block.block_public_acls),
        "ignorePublicAcls": on(block.ignore_public_acls),
        "blockPublicPolicy": on(block.block_public_policy),
        "restrictPublicBuckets": on(block.restrict_public_buckets),
    })
}

/// A request that cannot be made is a defect of this program, and told as such.
fn unmade(error: aws_smithy_types::error::operation::BuildError) -> Failure {
    Failure::reported(None, Some(&format!("the request cannot be made: {error}")), "s3")
}
