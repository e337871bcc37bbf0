//! Taking a backend away: what is in the way of it, and the calls that remove each thing.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use serde_json::Value;

use super::access::Part;
use super::permission::Role;
use super::step::{Action, Item, Setup, Step};
use super::wanted::PROBES;
use crate::aws::{Class, Failure};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::account::P4031;

/// Below these a backend keeps what is its own.
const OWN: [&str; 3] = ["stacks/", "locks/", PROBES];

/// Most objects that one request deletes (Amazon S3 API Reference, "DeleteObjects").
const DELETES: usize = 1000;

/// What is in the bucket.
#[derive(Debug, Default)]
pub struct Contents {
    /// Every version and every mark of a deletion that a backend has left there, by key and id.
    pub own: Vec<(String, String)>,
    /// A key of somebody else.
    pub other: Option<String>,
}

impl Setup {
    /// The things that are there, in the order in which they are taken away: whoever may write goes first. What is somebody else's is not among them.
    pub async fn removals(&self) -> Result<Vec<(Item, Step)>, Diagnostic> {
        let roles = Role::ALL.map(|role| Item::Access(Part::Role(role)));
        let policies = Role::ALL.map(|role| Item::Access(Part::Policy(role)));
        let mut steps = Vec::new();
        for item in roles.into_iter().chain(policies).chain(self.table.iter().map(|_| Item::Table)).chain([Item::Bucket]) {
            let before = match self.read(item).await {
                Err(finding) if finding.code == P4031 => continue,
                read => read?,
            };
            if !before.is_null() {
                steps.push((item, Step { subject: self.subject(item), setting: None, action: Action::Delete, before, after: Value::Null }));
            }
        }
        Ok(steps)
    }

    /// Everything in the bucket, old versions as well.
    pub async fn contents(&self) -> Result<Contents, Diagnostic> {
        let listed = async {
            let mut contents = Contents::default();
            let (mut key, mut version) = (None, None);
            loop {
                let request = self.bucket.client().list_object_versions().bucket(self.bucket.name()).expected_bucket_owner(&self.account);
                let page = request.set_key_marker(key).set_version_id_marker(version).send().await;
                let page = page.map_err(|error| Failure::of(&error, "s3:ListBucketVersions"))?;
                let versions = page.versions().iter().map(|one| (one.key.clone(), one.version_id.clone()));
                let marks = page.delete_markers().iter().map(|one| (one.key.clone(), one.version_id.clone()));
                for (key, version) in versions.chain(marks) {
                    let (key, version) = (key.unwrap_or_default(), version.unwrap_or_default());
                    let own = key.strip_prefix(&self.wanted.backend.prefix).is_some_and(|rest| OWN.iter().any(|own| rest.starts_with(own)));
                    if own {
                        contents.own.push((key, version));
                    } else {
                        contents.other.get_or_insert(key);
                    }
                }
                if page.is_truncated != Some(true) {
                    break;
                }
                (key, version) = (page.next_key_marker, page.next_version_id_marker);
            }
            Ok(contents)
        };
        listed.await.map_err(|failure: Failure| self.finding(Item::Bucket, "read", &failure))
    }

    /// Takes a thing away. What is gone already is no failure.
    pub async fn remove(&self, item: Item, contents: &Contents) -> Result<(), Diagnostic> {
        let removed = match (item, &self.table) {
            (Item::Bucket, _) => self.remove_bucket(contents).await,
            (Item::Table, Some(table)) => table.delete().await,
            (Item::Access(part), _) => self.access.delete(part, &self.wanted).await,
            (Item::OfBucket(_) | Item::OfTable(_) | Item::Table, _) => Ok(()),
        };
        match removed {
            Err(failure) if !matches!(failure.class, Class::Absent | Class::NoBucket | Class::NoTable) => {
                Err(self.finding(item, "deleted", &failure))
            }
            _ => Ok(()),
        }
    }

    /// Deletes the versions that were found, and then the bucket: S3 refuses that while anything is in it that came since.
    async fn remove_bucket(&self, contents: &Contents) -> Result<(), Failure> {
        let (client, name) = (self.bucket.client(), self.bucket.name());
        let unmade = |error: aws_smithy_types::error::operation::BuildError| {
            Failure::reported(None, Some(&format!("the request cannot be made: {error}")), "s3:DeleteObjectVersion")
        };
        for some in contents.own.chunks(DELETES) {
            let objects = some.iter().map(|(key, version)| ObjectIdentifier::builder().key(key).version_id(version).build());
            let objects = objects.collect::<Result<Vec<_>, _>>().map_err(unmade)?;
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(unmade)?;
            let answer = client.delete_objects().bucket(name).expected_bucket_owner(&self.account).delete(delete).send().await;
            let answer = answer.map_err(|error| Failure::of(&error, "s3:DeleteObjectVersion"))?;
            if let Some(error) = answer.errors().first() {
                return Err(Failure::reported(error.code(), error.message(), "s3:DeleteObjectVersion"));
            }
        }
        let answer = client.delete_bucket().bucket(name).expected_bucket_owner(&self.account).send().await;
        answer.map(drop).map_err(|error| Failure::of(&error, "s3:DeleteBucket"))
    }
}
