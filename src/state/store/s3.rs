//! A store of objects in an S3 bucket.
//!
//! Every write is conditional: `If-None-Match: *` makes an object, `If-Match` replaces exactly one version; the tag of an object is its
//! ETag. The bucket's region is found at the first answer when none is configured, since S3 names it when it refuses. Uploads carry a
//! checksum that S3 verifies, downloads are verified against theirs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use aws_sdk_s3::types::{BucketVersioningStatus, Delete, ObjectIdentifier, ServerSideEncryption};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use super::{Action, Class as StoreClass, Expected, StoreError, StoredVersion, Tag};
use crate::aws::{ANY_REGION, Aws, Class, Failure, upload_timeouts};

/// Objects read at once.
const READS: usize = 24;

/// Most objects that one request deletes: a limit of S3.
const DELETES: usize = 1000;

/// How often a download whose body breaks off, or a write that meets another one, is tried again.
const ATTEMPTS: u32 = 4;

/// Which bucket, and how it is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Before every key, as configured: `team/` and `team` are different.
    pub prefix: String,
    /// Its region; none to find it.
    pub region: Option<String>,
    /// KMS key that encrypts what is written; none for the bucket's default.
    pub kms_key_id: Option<String>,
}

/// Objects of a bucket. Cheap to clone; clones are the same store.
#[derive(Debug, Clone)]
pub struct S3Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    aws: Aws,
    bucket: Bucket,
    /// The store whose queue of requests this one does not share, and the name of its own.
    apart: Option<(S3Store, &'static str)>,
    client: RwLock<Option<Client>>,
    unversioned: AtomicBool,
}

impl S3Store {
    /// A store in a bucket. Nothing is asked yet.
    pub fn new(aws: Aws, bucket: Bucket) -> Self {
        Self(Arc::new(Inner { aws, bucket, apart: None, client: RwLock::new(None), unversioned: AtomicBool::new(false) }))
    }

    /// The same objects with a queue of requests of its own: when S3 slows down those of the one, those of the other do not wait with them.
    #[must_use]
    pub fn apart(&self, queue: &'static str) -> Self {
        let Inner { aws, bucket, .. } = &*self.0;
        let apart = Some((self.clone(), queue));
        let (client, unversioned) = (RwLock::new(None), AtomicBool::new(false));
        Self(Arc::new(Inner { aws: aws.clone(), bucket: bucket.clone(), apart, client, unversioned }))
    }

    async fn client_in(&self, region: &str) -> Client {
        self.0.aws.s3(region, self.0.apart.as_ref().map(|(_, queue)| *queue)).await
    }

    pub(super) fn locate(&self, key: &str) -> String {
        format!("s3://{}/{}{key}", self.0.bucket.name, self.0.bucket.prefix)
    }

    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.0.bucket.prefix)
    }

    /// The region of the bucket, as far as that is known by now.
    pub async fn region(&self) -> Option<String> {
        self.0.client.read().await.as_ref().and_then(|client| client.config().region().map(ToString::to_string))
    }

    /// A client for the bucket's region, as far as that is known.
    async fn client(&self) -> Client {
        if let Some(client) = &*self.0.client.read().await {
            return client.clone();
        }
        let mut slot = self.0.client.write().await;
        if let Some(client) = &*slot {
            return client.clone();
        }
        // The other store may have found out already.
        let found = match &self.0.apart {
            Some((other, _)) => Box::pin(other.region()).await,
            None => None,
        };
        let region = match self.0.bucket.region.clone().or(found) {
            Some(region) => region,
            None => self.0.aws.region().await.unwrap_or_else(|| ANY_REGION.to_owned()),
        };
        slot.insert(self.client_in(&region).await).clone()
    }

    /// Makes a call; once more in the bucket's own region, when that was not configured and the answer names it.
    async fn call<T, E, F>(&self, permission: &'static str, call: impl Fn(Client) -> F + Send + Sync) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        // The futures of the SDK are large: they are kept apart from those that wait for them.
        let failure = match Box::pin(call(self.client().await)).await {
            Ok(answer) => return Ok(answer),
            Err(error) => self.0.aws.explain(Failure::of(&error, permission)).await,
        };
        let (Class::Region(Some(region)), None) = (&failure.class, &self.0.bucket.region) else { return Err(failure) };
        tracing::info!(bucket = self.0.bucket.name, region, "the bucket is elsewhere");
        let client = self.client_in(region).await;
        *self.0.client.write().await = Some(client.clone());
        Box::pin(call(client)).await.map_err(|error| Failure::of(&error, permission))
    }

    fn failed(&self, action: Action, key: &str, failure: &Failure) -> StoreError {
        let place = match failure.class {
            Class::NoBucket | Class::Region(_) => format!("s3://{}", self.0.bucket.name),
            _ => self.locate(key),
        };
        let class = match &failure.class {
            class if class.is_transient() => StoreClass::Unavailable,
            Class::NoCredentials | Class::NoProfile | Class::Login | Class::Expired | Class::Rejected | Class::Denied(_) => {
                StoreClass::Denied
            }
            _ => StoreClass::Failed,
        };
        StoreError::new(class, action, place, failure.cause()).help(failure.help()).coded(failure.finding_code()).because(failure.clone())
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, Tag)>, StoreError> {
        match self.get_kept(key).await {
            Err(error) if error.class == StoreClass::Deleted => Ok(None),
            found => found,
        }
    }

    pub(super) async fn get_kept(&self, key: &str) -> Result<Option<(Vec<u8>, Tag)>, StoreError> {
        match self.download(key, None).await {
            Ok((bytes, tag)) => Ok(Some((bytes, Tag::new(tag)))),
            Err(failure) if failure.class == Class::Absent => Ok(None),
            Err(failure) if failure.class == Class::Deleted => Err(StoreError::deleted(self.locate(key))),
            Err(failure) => Err(self.failed(Action::Read, key, &failure)),
        }
    }

    pub(super) async fn get_version(&self, key: &str, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.download(key, Some(id)).await {
            Ok((bytes, _)) => Ok(Some(bytes)),
            // S3 calls an id that it cannot have given invalid; the mark of a deletion cannot be read.
            Err(failure) if matches!(failure.class, Class::Absent | Class::Deleted) => Ok(None),
            Err(failure) if matches!(failure.code.as_deref(), Some("InvalidArgument" | "MethodNotAllowed")) => Ok(None),
            Err(failure) => Err(self.failed(Action::Read, key, &failure)),
        }
    }

    /// Reads an object and its ETag. A body that breaks off is asked for again: the SDK does not repeat what has begun to arrive.
    async fn download(&self, key: &str, version: Option<&str>) -> Result<(Vec<u8>, String), Failure> {
        let permission = if version.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let mut attempt = 1;
        loop {
            let answer: GetObjectOutput = self
                .call(permission, |client| {
                    let request = client.get_object().bucket(&self.0.bucket.name).key(self.full(key));
                    request.set_version_id(version.map(str::to_owned)).send()
                })
                .await?;
            let tag = answer.e_tag.unwrap_or_default();
            match answer.body.collect().await {
                Ok(body) => return Ok((body.to_vec(), tag)),
                Err(error) if attempt == ATTEMPTS => return Err(Failure::cut_off(&error.to_string(), permission)),
                Err(_) => tokio::time::sleep(pause(attempt)).await,
            }
            attempt += 1;
        }
    }

    pub(super) async fn get_all(&self, keys: Vec<String>) -> Result<Vec<Option<(Vec<u8>, Tag)>>, StoreError> {
        let mut found: Vec<Option<(Vec<u8>, Tag)>> = Vec::new();
        found.resize_with(keys.len(), || None);
        let mut waiting = keys.into_iter().enumerate();
        let mut reading = JoinSet::new();
        loop {
            while reading.len() < READS
                && let Some((index, key)) = waiting.next()
            {
                let store = self.clone();
                reading.spawn(async move { (index, store.get(&key).await) });
            }
            match reading.join_next().await {
                None => return Ok(found),
                Some(Ok((index, object))) => found[index] = object?,
                Some(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
            }
        }
    }

    pub(super) async fn put(&self, key: &str, bytes: &[u8], expected: &Expected) -> Result<Tag, StoreError> {
        let mut attempt = 1;
        loop {
            let failure = match self.upload(key, bytes, expected).await {
                Ok(tag) => return Ok(tag),
                Err(failure) => failure,
            };
            match failure.class {
                Class::Collision if attempt < ATTEMPTS => tokio::time::sleep(pause(attempt)).await,
                // Absent: a version that is to be replaced and is not there any more.
                Class::Condition | Class::Absent | Class::Deleted | Class::Collision => {
                    return Err(StoreError::conflict(self.locate(key)));
                }
                _ => return Err(self.failed(Action::Write, key, &failure)),
            }
            attempt += 1;
        }
    }

    async fn upload(&self, key: &str, bytes: &[u8], expected: &Expected) -> Result<Tag, Failure> {
        let answer = self
            .call("s3:PutObject", |client| {
                let mut request = client
                    .put_object()
                    .bucket(&self.0.bucket.name)
                    .key(self.full(key))
                    .content_type("application/json")
                    .body(ByteStream::from(bytes.to_vec()));
                request = match expected {
                    Expected::Absent => request.if_none_match("*"),
                    Expected::Tag(tag) => request.if_match(tag.as_str()),
                };
                if let Some(kms_key) = &self.0.bucket.kms_key_id {
                    request = request.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(kms_key).bucket_key_enabled(true);
                }
                let mut own = aws_sdk_s3::config::Builder::new();
                own.set_timeout_config(upload_timeouts(bytes.len()));
                request.customize().config_override(own).send()
            })
            .await?;
        // S3 names the version of what it has stored, if the bucket keeps versions.
        if answer.version_id().is_none_or(|id| id == "null") {
            self.0.unversioned.store(true, Ordering::Relaxed);
        }
        Ok(Tag::new(answer.e_tag.unwrap_or_default()))
    }

    /// Asks whether the bucket keeps versions.
    pub async fn keeps_versions(&self) -> Result<bool, StoreError> {
        let answer = self
            .call("s3:GetBucketVersioning", |client| client.get_bucket_versioning().bucket(&self.0.bucket.name).send())
            .await
            .map_err(|failure| self.failed(Action::Read, "", &failure))?;
        Ok(answer.status == Some(BucketVersioningStatus::Enabled))
    }

    pub(super) fn forgets_versions(&self) -> bool {
        self.0.unversioned.load(Ordering::Relaxed)
    }

    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = self
                .call("s3:ListBucket", |client| {
                    let request = client.list_objects_v2().bucket(&self.0.bucket.name).prefix(self.full(prefix));
                    request.set_continuation_token(token.clone()).send()
                })
                .await
                .map_err(|failure| self.failed(Action::List, prefix, &failure))?;
            let names = page.contents().iter().filter_map(|object| object.key()?.strip_prefix(&self.0.bucket.prefix));
            keys.extend(names.map(str::to_owned));
            token = page.next_continuation_token;
            if token.is_none() {
                break;
            }
        }
        // S3 lists in the order of bytes; directory buckets and some stores do not.
        keys.sort_unstable();
        Ok(keys)
    }

    pub(super) async fn delete(&self, keys: Vec<String>) -> Result<(), StoreError> {
        for batch in keys.chunks(DELETES) {
            let failed = |failure: Failure, key: &str| self.failed(Action::Delete, key, &failure);
            if let [key] = batch {
                let deleted =
                    self.call("s3:DeleteObject", |client| client.delete_object().bucket(&self.0.bucket.name).key(self.full(key)).send());
                deleted.await.map_err(|failure| failed(failure, key))?;
                continue;
            }
            let named = batch.iter().filter_map(|key| ObjectIdentifier::builder().key(self.full(key)).build().ok());
            let Ok(all) = Delete::builder().set_objects(Some(named.collect())).quiet(true).build() else { continue };
            let answer = self
                .call("s3:DeleteObject", |client| client.delete_objects().bucket(&self.0.bucket.name).delete(all.clone()).send())
                .await
                .map_err(|failure| failed(failure, &batch[0]))?;
            if let Some(error) = answer.errors().first() {
                let key = error.key().and_then(|key| key.strip_prefix(&self.0.bucket.prefix)).unwrap_or_default();
                return Err(failed(Failure::reported(error.code(), error.message(), "s3:DeleteObject"), key));
            }
        }
        Ok(())
    }

    pub(super) async fn versions(&self, key: &str) -> Result<Vec<StoredVersion>, StoreError> {
        let full = self.full(key);
        let mut found = Vec::new();
        let mut next: (Option<String>, Option<String>) = (None, None);
        loop {
            let page = self
                .call("s3:ListBucketVersions", |client| {
                    let request = client.list_object_versions().bucket(&self.0.bucket.name).prefix(&full);
                    request.set_key_marker(next.0.clone()).set_version_id_marker(next.1.clone()).send()
                })
                .await
                .map_err(|failure| self.failed(Action::List, key, &failure))?;
            let time = |at: Option<&DateTime>| at.and_then(|at| at.fmt(DateTimeFormat::DateTime).ok()).unwrap_or_default();
            found.extend(page.versions().iter().filter(|version| version.key() == Some(&full)).map(|version| StoredVersion {
                id: version.version_id().unwrap_or("null").to_owned(),
                at: time(version.last_modified()),
                bytes: version.size().and_then(|size| u64::try_from(size).ok()),
                latest: version.is_latest().unwrap_or_default(),
            }));
            found.extend(page.delete_markers().iter().filter(|mark| mark.key() == Some(&full)).map(|mark| StoredVersion {
                id: mark.version_id().unwrap_or("null").to_owned(),
                at: time(mark.last_modified()),
                bytes: None,
                latest: mark.is_latest().unwrap_or_default(),
            }));
            if !page.is_truncated().unwrap_or_default() {
                break;
            }
            next = (page.next_key_marker, page.next_version_id_marker);
        }
        // Within a page versions are in order, newest first; marks stand apart from them.
        found.sort_by(|a, b| (b.latest, &b.at).cmp(&(a.latest, &a.at)));
        Ok(found)
    }
}

/// Time before the next attempt, in seconds 0.1, 0.2, 0.4.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(50 << attempt)
}
