//! What panka needs to be allowed for its states and locks: one table, from which policies and the reference are made.
//!
//! In: where states and locks are. Out: the policy of a role. What a role needs to deploy depends on the resources of the stacks, and is no part of
//! this. Names of actions and what they are granted on are those of the Service Authorization Reference: "Actions, resources, and condition keys
//! for Amazon S3", "… for Amazon DynamoDB", "… for AWS Key Management Service".

use serde_json::{Value, json};

/// Who is allowed something. A role is allowed what those before it are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads: plans, and shows states and locks. It takes no lock and writes nothing.
    Plan,
    /// Writes: applies, destroys, edits states.
    Deploy,
}

/// What an action is granted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The bucket of the states.
    Bucket,
    /// The objects below the prefix.
    Objects,
    /// The table of the locks, where they are in one.
    Table,
    /// The KMS key that encrypts the objects, where one is named.
    Key,
}

/// An action that AWS has to allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// `s3:GetObject`.
    pub action: &'static str,
    /// What it is granted on.
    pub on: On,
    /// The first role that is allowed it.
    pub role: Role,
    /// What needs it, in a clause.
    pub needed_by: &'static str,
}

const fn permission(action: &'static str, on: On, role: Role, needed_by: &'static str) -> Permission {
    Permission { action, on, role, needed_by }
}

/// All of them, in the order of policies and pages.
pub const PERMISSIONS: &[Permission] = &[
    permission(
        "s3:ListBucket",
        On::Bucket,
        Role::Plan,
        "every verb that reads the state: S3 answers \"access denied\" for an object that does not exist unless this is allowed, and panka does not guess",
    ),
    permission("s3:ListBucketVersions", On::Bucket, Role::Plan, "`state history`"),
    permission(
        "s3:GetBucketVersioning",
        On::Bucket,
        Role::Plan,
        "`init`, to say that no versions are kept, which works without; `backend status`",
    ),
    permission("s3:GetEncryptionConfiguration", On::Bucket, Role::Plan, "`backend status`"),
    permission("s3:GetBucketPublicAccessBlock", On::Bucket, Role::Plan, "`backend status`"),
    permission("s3:GetBucketOwnershipControls", On::Bucket, Role::Plan, "`backend status`"),
    permission("s3:GetBucketPolicy", On::Bucket, Role::Plan, "`backend status`"),
    permission("s3:GetLifecycleConfiguration", On::Bucket, Role::Plan, "`backend status`"),
    permission("s3:GetBucketTagging", On::Bucket, Role::Plan, "`backend status`"),
    permission("s3:GetObject", On::Objects, Role::Plan, "every verb that reads the state"),
    permission("s3:GetObjectVersion", On::Objects, Role::Plan, "`state pull --version`, `state restore`"),
    permission("s3:PutObject", On::Objects, Role::Deploy, "`apply`, `destroy`, `lock`, the verbs of `state` that write; Pulumi"),
    permission(
        "s3:DeleteObject",
        On::Objects,
        Role::Deploy,
        "`apply`, `destroy`: journal objects are deleted when the snapshot contains them; Pulumi, for its own lock",
    ),
    permission("dynamodb:GetItem", On::Table, Role::Plan, "`lock status`; `apply`, `destroy`, `lock`, the verbs of `state` that write"),
    permission("dynamodb:Scan", On::Table, Role::Plan, "`lock list`"),
    permission(
        "dynamodb:DescribeTimeToLive",
        On::Table,
        Role::Plan,
        "`init`, `apply`, `destroy`, `lock`, the verbs of `state` that write, to warn of a table without TTL; they work without",
    ),
    permission(
        "dynamodb:DescribeTable",
        On::Table,
        Role::Plan,
        "`backend status`; on tables of this name in other regions, to name the region where the table is, when it is not found: that works without",
    ),
    permission("dynamodb:DescribeContinuousBackups", On::Table, Role::Plan, "`backend status`"),
    permission("dynamodb:ListTagsOfResource", On::Table, Role::Plan, "`backend status`"),
    permission("dynamodb:PutItem", On::Table, Role::Deploy, "`apply`, `destroy`, `lock`, the verbs of `state` that write"),
    permission("dynamodb:DeleteItem", On::Table, Role::Deploy, "`backend status`, to take its probe away again"),
    permission("kms:Decrypt", On::Key, Role::Plan, "every verb that reads the state"),
    permission("kms:GenerateDataKey", On::Key, Role::Deploy, "every verb that writes"),
];

/// Where states and locks are, as far as policies ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backend {
    /// `aws`, `aws-cn`, `aws-us-gov`: the second part of ARNs.
    pub partition: String,
    /// Name of the bucket.
    pub bucket: String,
    /// Before every key, as configured.
    pub prefix: String,
    /// ARN of the table; none where the locks are objects.
    pub table: Option<String>,
    /// ARN of the KMS key; none where AWS's own keys encrypt.
    pub key: Option<String>,
}

impl Backend {
    /// The ARN that actions are granted on; none where there is no such thing.
    fn arn(&self, on: On) -> Option<String> {
        let Self { partition, bucket, prefix, table, key } = self;
        match on {
            On::Bucket => Some(format!("arn:{partition}:s3:::{bucket}")),
            On::Objects => Some(format!("arn:{partition}:s3:::{bucket}/{}*", literal(prefix))),
            On::Table => table.clone(),
            On::Key => key.clone(),
        }
    }

    /// The policy of a role: a statement for each thing that there is, actions in the order of [`PERMISSIONS`].
    pub fn policy(&self, role: Role) -> Value {
        let things = [("Bucket", On::Bucket), ("States", On::Objects), ("Locks", On::Table), ("Key", On::Key)];
        let statement = |(sid, on): (&str, On)| {
            let allowed = PERMISSIONS.iter().filter(|one| one.on == on && one.role <= role);
            let actions: Vec<&str> = allowed.map(|one| one.action).collect();
            self.arn(on).map(|arn| json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": arn}))
        };
        let statements: Vec<Value> = things.into_iter().filter_map(statement).collect();
        json!({"Version": "2012-10-17", "Statement": statements})
    }
}

/// A text in the ARN of a policy in which no character stands for others (IAM User Guide, "Policy variables: special characters").
fn literal(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '*' | '?' | '$' => format!("${{{c}}}"),
            other => other.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend() -> Backend {
        Backend { partition: "aws".to_owned(), bucket: "acme".to_owned(), prefix: "team/".to_owned(), ..Backend::default() }
    }

    fn actions(policy: &Value) -> Vec<&str> {
        let statements = policy["Statement"].as_array().unwrap().iter();
        statements.flat_map(|one| one["Action"].as_array().unwrap()).map(|action| action.as_str().unwrap()).collect()
    }

    #[test]
    fn a_role_that_plans_writes_nothing() {
        let all = Backend { table: Some("arn:aws:dynamodb:x".to_owned()), key: Some("arn:aws:kms:x".to_owned()), ..backend() };
        let (plan, deploy) = (all.policy(Role::Plan), all.policy(Role::Deploy));
        let writes = ["s3:PutObject", "s3:DeleteObject", "dynamodb:PutItem", "kms:GenerateDataKey"];
        assert!(writes.iter().all(|write| actions(&deploy).contains(write) && !actions(&plan).contains(write)));
        assert!(actions(&plan).iter().all(|action| actions(&deploy).contains(action)));
        assert_eq!(actions(&deploy).len(), PERMISSIONS.len());
    }

    #[test]
    fn what_there_is_not_is_granted_to_nobody() {
        let policy = backend().policy(Role::Deploy);
        let on: Vec<&str> = policy["Statement"].as_array().unwrap().iter().map(|one| one["Resource"].as_str().unwrap()).collect();
        assert_eq!(on, ["arn:aws:s3:::acme", "arn:aws:s3:::acme/team/*"]);
    }

    #[test]
    fn a_prefix_stands_for_itself() {
        let odd = Backend { prefix: "a*b?${c}/".to_owned(), partition: "aws-cn".to_owned(), ..backend() };
        let policy = odd.policy(Role::Plan);
        assert_eq!(policy["Statement"][1]["Resource"], "arn:aws-cn:s3:::acme/a${*}b${?}${$}{c}/*");
    }
}
