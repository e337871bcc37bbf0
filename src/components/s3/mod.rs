//! S3: a bucket and its policy.

use serde_json::{Value, json};

use super::access::{self, Access, Effect, Statement};
use super::check::Check;
use super::draft::Draft;
use super::edge::Edge;
use super::field::{Text, Tree};
use super::kind::{Behaviour, Facts, Output, Spec};
use super::part::Part;
use super::scope::Scope;
use super::{key, statement};
use crate::diagnostic::codes::aws::{P3011, P3019};
use crate::diagnostic::codes::manifest::{P1013, P1015, P1017, P1018, P1019};
use crate::manifest::Alias;
use crate::resource::{aws, join};

mod spec;

pub(super) use spec::S3;
use spec::{Acl, Algorithm, CorsRule, LifecycleRule, StorageClass};

const READ: &[&str] = &["s3:GetObject", "s3:GetObjectVersion"];
const WRITE: &[&str] = &["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"];

/// Bytes that AWS takes as the policy of a bucket.
const POLICY_LIMIT: usize = 20 * 1024;

impl Spec for S3 {
    const FACTS: Facts = {
        let mut facts = Facts::new("S3", "A bucket");
        facts.stateful = true;
        facts.spellings = &[Alias::Move { from: "bucket.name", to: "name" }, Alias::ListAt { from: "lifecycle", to: "lifecycleRules" }];
        facts.outputs = &[
            Output::text("bucketName", "physical name of the bucket").or(&["name"]),
            Output::text("arn", "ARN of the bucket"),
            Output::text("domainName", "DNS name of the bucket"),
            Output::text("regionalDomainName", "DNS name of the bucket with the region in it"),
            Output::text("websiteUrl", "URL of the web site"),
        ];
        facts
    };
}

impl Behaviour for S3 {
    fn check(&self, check: &mut Check<'_>) {
        self.check_exposure(check);
        self.check_website(check);
        if self.encryption.kms_key_id.is_some() && self.encryption.algorithm != Algorithm::Kms {
            let finding = check
                .finding(P1018, "/encryption/kmsKeyId", "a key is given and the algorithm does not use it")
                .help("add `algorithm: \"aws:kms\"`");
            check.push(finding);
        }
        let uses_key = self.encryption.algorithm == Algorithm::Kms;
        if uses_key && !self.encryption.enabled {
            check.report(P1017, "/encryption/algorithm", "an algorithm is given and encryption is off");
        }
        if self.replication.enabled && self.replication.destination_bucket.is_none() {
            check.report(P1018, "/replication/enabled", "replication needs `destinationBucket`, the name or ARN of the other bucket");
        }
        if self.replication.enabled && uses_key {
            let finding = check
                .finding(P1017, "/replication/enabled", "objects under a KMS key are not replicated")
                .help("use algorithm AES256, or give the whole `ReplicationConfiguration` in `overrides` with the key of the other bucket");
            check.push(finding);
        }
        if self.bucket.force_destroy {
            let finding = check
                .finding(P1015, "/bucket/forceDestroy", "emptying a bucket before it is deleted is not offered yet")
                .help("take the field away; a bucket that holds objects is not deleted by AWS, so empty it when its time has come");
            check.push(finding);
        }
        for (n, rule) in self.lifecycle_rules.iter().enumerate() {
            check_rule(check, rule, &format!("/lifecycleRules/{n}"));
        }
        check.unique(P1019, "/lifecycleRules", "lifecycle rule", self.lifecycle_rules.iter().map(|rule| rule.id.as_str()));
        statement::check(check, "/policyStatements", &self.policy_statements);
    }

    fn access(&self, _this: &Part<'_>, _consumer: &Part<'_>) -> Access {
        Access::ReadWrite
    }

    fn grant(&self, this: &Part<'_>, edge: &Edge) -> Vec<Statement> {
        if edge.access == Access::None {
            return Vec::new();
        }
        let arn = this.reference("bucket", "Arn");
        let mut statements = vec![Statement::allow("Objects", edge.access.actions(READ, WRITE), vec![objects(&arn)])];
        if edge.access.reads() {
            statements.push(Statement::allow("List", vec!["s3:ListBucket".into()], vec![arn]));
        }
        statements.extend(key::grant(self.encryption.kms_key_id.as_ref(), edge.access));
        statements
    }

    fn translate(&self, scope: &mut Scope<'_, '_>) {
        let versioned = self.versioning.enabled.unwrap_or_else(|| scope.protected());
        if self.replication.enabled && !versioned {
            let finding =
                scope.finding(P1018, "/replication/enabled", "replication needs versioning").help("add `versioning: {enabled: true}`");
            scope.push(finding);
        }
        let events = self.event_bridge || scope.consumers().any(|(edge, _)| edge.linked("trigger"));
        let bucket = self.website(self.rules(scope.main("bucket", "AWS::S3::Bucket").global(scope.region())));
        let block = &self.public_access_block;
        let bucket = bucket
            .from(
                "PublicAccessBlockConfiguration",
                "/publicAccessBlock",
                json!({
                    "BlockPublicAcls": block.block_public_acls,
                    "BlockPublicPolicy": block.block_public_policy,
                    "IgnorePublicAcls": block.ignore_public_acls,
                    "RestrictPublicBuckets": block.restrict_public_buckets,
                }),
            )
            .from_some("AccessControl", "/bucket/acl", self.bucket.acl.name())
            // Access control lists work only where objects need not belong to the bucket's owner.
            .set("OwnershipControls", json!({ "Rules": [{ "ObjectOwnership": if self.bucket.acl == Acl::Private { "BucketOwnerEnforced" } else { "BucketOwnerPreferred" } }] }))
            .from_some("VersioningConfiguration", "/versioning", versioned.then(|| json!({ "Status": "Enabled" })))
            .from_some("BucketEncryption", "/encryption", self.encryption())
            .set_if(events, "NotificationConfiguration", json!({ "EventBridgeConfiguration": { "EventBridgeEnabled": true } }));
        let (name, arn) = (bucket.reference("BucketName"), bucket.reference("Arn"));
        for (output, attribute) in [("domainName", "DomainName"), ("regionalDomainName", "RegionalDomainName")] {
            scope.output(output, bucket.reference(attribute));
        }
        scope.output_some("websiteUrl", self.website.enabled.then(|| bucket.reference("WebsiteURL")));
        let bucket = self.replicate(scope, bucket, &arn);
        scope.add(bucket);
        self.policy(scope, &name, &arn);
        scope.output("bucketName", name);
        scope.output("arn", arn);
    }
}

/// The objects of a bucket.
fn objects(bucket: &Value) -> Value {
    join([bucket.clone(), json!("/*")])
}

/// Holds the transitions of a rule to what S3 takes: from class to class only downwards, later and later, and thirty days after a move to
/// infrequent access at the earliest.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>
fn check_order(check: &mut Check<'_>, rule: &LifecycleRule, pointer: &str) {
    let mut steps: Vec<(usize, &spec::Transition)> = rule.transitions.iter().enumerate().collect();
    steps.sort_by_key(|(n, step)| (step.days, *n));
    for pair in steps.windows(2) {
        let ((_, from), (n, to)) = (pair[0], pair[1]);
        let pointer = format!("{pointer}/transitions/{n}");
        let (one, other) = (from.storage_class, to.storage_class);
        if from.days == to.days {
            check.report(P1013, &format!("{pointer}/days"), format!("objects move to two classes after {} days", to.days));
        } else if !one.goes_on_to(other) {
            let message = format!("objects cannot move on from {} to {}", one.name(), other.name());
            check.push(
                check.finding(P1013, &format!("{pointer}/storageClass"), message).help("classes follow each other from warm to cold only"),
            );
        } else if one.is_infrequent() && to.days < from.days + 30 {
            let message = format!("objects stay in {} for 30 days at least, and would move on after {}", one.name(), to.days - from.days);
            check.report(P1013, &format!("{pointer}/days"), message);
        }
    }
}

fn check_rule(check: &mut Check<'_>, rule: &LifecycleRule, pointer: &str) {
    check_order(check, rule, pointer);
    for (n, transition) in rule.transitions.iter().enumerate() {
        let pointer = format!("{pointer}/transitions/{n}/days");
        if matches!(transition.storage_class, StorageClass::StandardIa | StorageClass::OneZoneIa) && transition.days < 30 {
            check.report(P1013, &pointer, format!("objects move to {} after 30 days at the earliest", transition.storage_class.name()));
        }
        if let Some(expiration) = &rule.expiration
            && expiration.days <= transition.days
        {
            check.report(P1013, &pointer, format!("objects are deleted after {} days, before they would move", expiration.days));
        }
    }
}

impl S3 {
    /// Reports what is to be public and is blocked.
    fn check_exposure(&self, check: &mut Check<'_>) {
        let block = &self.public_access_block;
        let mut report = |pointer: &str, message: String, fields: &[(&str, bool)]| {
            let closed: Vec<String> = fields.iter().filter(|(_, on)| *on).map(|(field, _)| format!("{field}: false")).collect();
            if !closed.is_empty() {
                let finding = check
                    .finding(P3011, pointer, message)
                    .help(format!("if that is meant, open the block: `publicAccessBlock: {{{}}}`", closed.join(", ")));
                check.push(finding);
            }
        };
        if self.bucket.acl != Acl::Private {
            let lists = [("blockPublicAcls", block.block_public_acls), ("ignorePublicAcls", block.ignore_public_acls)];
            report("/bucket/acl", "the access control list is public and the access block forbids that".to_owned(), &lists);
        }
        let policies = [("blockPublicPolicy", block.block_public_policy), ("restrictPublicBuckets", block.restrict_public_buckets)];
        if self.website.enabled {
            report("/website/enabled", "a web site must be public and the access block forbids that".to_owned(), &policies);
        }
        for (n, statement) in self.policy_statements.iter().enumerate() {
            if statement::is_public(statement) {
                let message = "the statement lets everybody in and the access block forbids that".to_owned();
                report(&format!("/policyStatements/{n}"), message, &policies);
            }
        }
    }

    /// Reports what keeps a web site from ever answering: its endpoint speaks HTTP only, to people who have no key.
    fn check_website(&self, check: &mut Check<'_>) {
        if !self.website.enabled {
            return;
        }
        if self.require_tls {
            let finding =
                check.finding(P1017, "/website/enabled", "the web site of a bucket speaks HTTP only, and `requireTls` refuses that").help(
                    "set `requireTls: false`; HTTPS comes with a distribution of CloudFront in front, which is not offered as a kind yet",
                );
            check.push(finding);
        }
        if self.encryption.enabled && self.encryption.algorithm == Algorithm::Kms {
            check.report(P1017, "/website/enabled", "nobody without a key can read objects that are encrypted with a key of KMS");
        }
    }

    fn rules(&self, draft: Draft) -> Draft {
        let rules: Vec<Value> = self.lifecycle_rules.iter().map(LifecycleRule::value).collect();
        let cors: Vec<Value> = self.cors.iter().map(CorsRule::value).collect();
        draft.from_some("LifecycleConfiguration", "/lifecycleRules", (!rules.is_empty()).then(|| json!({ "Rules": rules }))).from_some(
            "CorsConfiguration",
            "/cors",
            (!cors.is_empty()).then(|| json!({ "CorsRules": cors })),
        )
    }

    fn website(&self, draft: Draft) -> Draft {
        let site = &self.website;
        if !site.enabled {
            return draft;
        }
        let mut value = json!({ "IndexDocument": site.index_document });
        if let Some(document) = &site.error_document {
            value["ErrorDocument"] = json!(document);
        }
        if !site.routing_rules.is_empty() {
            value["RoutingRules"] = site.routing_rules.iter().map(|Tree(rule)| Value::Object(rule.clone())).collect();
        }
        draft.from("WebsiteConfiguration", "/website", value)
    }

    fn encryption(&self) -> Option<Value> {
        let encryption = &self.encryption;
        let rule = match encryption.algorithm {
            Algorithm::Aes256 => json!({ "ServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }),
            Algorithm::Kms => {
                let mut default = json!({ "SSEAlgorithm": "aws:kms" });
                if let Some(key) = &encryption.kms_key_id {
                    default["KMSMasterKeyID"] = key.value();
                }
                // One data key for many objects: fewer calls of KMS, which are paid.
                json!({ "BucketKeyEnabled": true, "ServerSideEncryptionByDefault": default })
            }
        };
        encryption.enabled.then(|| json!({ "ServerSideEncryptionConfiguration": [rule] }))
    }

    /// Adds the replication and, when no role is given, the role that copies.
    fn replicate(&self, scope: &mut Scope<'_, '_>, bucket: Draft, arn: &Value) -> Draft {
        let replication = &self.replication;
        let Some(destination) = replication.destination_bucket.as_ref().filter(|_| replication.enabled).map(bucket_arn) else {
            return bucket;
        };
        let role = match &replication.role_arn {
            Some(role) => role.value(),
            None => replication_role(scope, arn, &destination),
        };
        bucket.from(
            "ReplicationConfiguration",
            "/replication",
            json!({
                "Role": role,
                "Rules": [{
                    "DeleteMarkerReplication": { "Status": "Disabled" },
                    "Destination": { "Bucket": destination },
                    "Filter": { "Prefix": "" },
                    "Id": "all",
                    "Priority": 1,
                    "Status": "Enabled",
                }],
            }),
        )
    }

    fn policy(&self, scope: &mut Scope<'_, '_>, name: &Value, arn: &Value) {
        let resources = [arn.clone(), objects(arn)];
        let mut fixed = Vec::new();
        if self.require_tls {
            let mut statement = Statement::allow("RequireTls", vec!["s3:*".into()], resources.to_vec())
                .principal(json!("*"))
                .condition(json!({ "Bool": { "aws:SecureTransport": "false" } }));
            statement.effect = Effect::Deny;
            fixed.push(statement);
        }
        if self.website.enabled {
            fixed.push(Statement::allow("Website", vec!["s3:GetObject".into()], vec![objects(arn)]).principal(json!("*")));
        }
        let Some(policy) = statement::policy(scope, &["s3:GetObject"], &resources, fixed, &self.policy_statements) else { return };
        if policy.size() > POLICY_LIMIT {
            let finding = scope
                .finding(
                    P3019,
                    "/policyStatements",
                    format!("the policy of the bucket has {} bytes and AWS takes {POLICY_LIMIT}", policy.size()),
                )
                .help("join statements that differ in one action or principal");
            scope.push(finding);
        }
        scope.add(policy.put(scope.draft("policy", "AWS::S3::BucketPolicy").unnamed().set("Bucket", name.clone())));
    }
}

/// The ARN of a bucket that is given by name or by ARN.
fn bucket_arn(bucket: &Text) -> Value {
    let value = bucket.value();
    if key::is_arn(&value) {
        return value;
    }
    join([json!("arn:"), aws("partition"), json!(":s3:::"), value])
}

/// The role that copies objects, and its policy: one that stands alone, since the bucket names the role.
fn replication_role(scope: &mut Scope<'_, '_>, arn: &Value, destination: &Value) -> Value {
    let role = scope.draft("replication-role", "AWS::IAM::Role").set("AssumeRolePolicyDocument", access::trust("s3.amazonaws.com", None));
    let (role_arn, role_name) = (role.reference("Arn"), role.reference("RoleName"));
    scope.add(role);
    let actions = |names: &[&str]| names.iter().map(|name| format!("s3:{name}")).collect();
    let document = access::document(vec![
        Statement::allow("Bucket", actions(&["GetReplicationConfiguration", "ListBucket"]), vec![arn.clone()]),
        Statement::allow(
            "Objects",
            actions(&["GetObjectVersionAcl", "GetObjectVersionForReplication", "GetObjectVersionTagging"]),
            vec![objects(arn)],
        ),
        Statement::allow("Copies", actions(&["ReplicateDelete", "ReplicateObject", "ReplicateTags"]), vec![objects(destination)]),
    ]);
    let policy = scope.draft("replication-policy", "AWS::IAM::RolePolicy").set("PolicyDocument", document).set("RoleName", role_name);
    scope.add(policy);
    role_arn
}

impl Acl {
    /// AWS's name of the list; `None` for the one that needs none.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Private => None,
            Self::PublicRead => Some("PublicRead"),
            Self::PublicReadWrite => Some("PublicReadWrite"),
            Self::AuthenticatedRead => Some("AuthenticatedRead"),
        }
    }
}

impl StorageClass {
    /// Whether an object in this class can move to another one.
    fn goes_on_to(self, other: Self) -> bool {
        use StorageClass::{DeepArchive, Glacier, GlacierIr, IntelligentTiering, OneZoneIa, StandardIa};
        match self {
            StandardIa => other != StandardIa,
            IntelligentTiering => matches!(other, OneZoneIa | GlacierIr | Glacier | DeepArchive),
            OneZoneIa => matches!(other, Glacier | DeepArchive),
            GlacierIr => matches!(other, Glacier | DeepArchive),
            Glacier => other == DeepArchive,
            DeepArchive => false,
        }
    }

    fn is_infrequent(self) -> bool {
        matches!(self, Self::StandardIa | Self::OneZoneIa)
    }

    fn name(self) -> &'static str {
        match self {
            Self::StandardIa => "STANDARD_IA",
            Self::OneZoneIa => "ONEZONE_IA",
            Self::IntelligentTiering => "INTELLIGENT_TIERING",
            Self::Glacier => "GLACIER",
            Self::GlacierIr => "GLACIER_IR",
            Self::DeepArchive => "DEEP_ARCHIVE",
        }
    }
}

impl LifecycleRule {
    fn value(&self) -> Value {
        let mut rule = json!({
            "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": self.abort_multipart_days },
            "Id": self.id,
            "Status": if self.enabled { "Enabled" } else { "Disabled" },
        });
        if let Some(prefix) = &self.prefix {
            rule["Prefix"] = json!(prefix);
        }
        if let Some(age) = &self.expiration {
            rule["ExpirationInDays"] = json!(age.days);
        }
        if let Some(age) = &self.noncurrent_version_expiration {
            rule["NoncurrentVersionExpiration"] = json!({ "NoncurrentDays": age.days });
        }
        if !self.transitions.is_empty() {
            let transition = |t: &spec::Transition| json!({ "StorageClass": t.storage_class.name(), "TransitionInDays": t.days });
            rule["Transitions"] = self.transitions.iter().map(transition).collect();
        }
        rule
    }
}

impl CorsRule {
    fn value(&self) -> Value {
        let origins: Vec<Value> = self.allowed_origins.iter().map(Text::value).collect();
        let mut rule = json!({ "AllowedMethods": self.allowed_methods, "AllowedOrigins": origins });
        if !self.allowed_headers.is_empty() {
            rule["AllowedHeaders"] = json!(self.allowed_headers);
        }
        if !self.expose_headers.is_empty() {
            rule["ExposedHeaders"] = json!(self.expose_headers);
        }
        if let Some(seconds) = self.max_age_seconds {
            rule["MaxAge"] = json!(seconds);
        }
        rule
    }
}

#[cfg(test)]
mod tests;
