//! What a backend should be: its bucket, its table, and the roles of those who use it.
//!
//! In: names, and who is trusted. Out: the documents and settings that AWS is to hold, as values; infrastructure/terraform holds the same. Everything
//! here is computed without asking anybody.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::permission::{Backend, Role};

/// Below it lies what a look at the permissions writes for a moment.
pub const PROBES: &str = "probes/";

/// Days that versions which are no longer current are kept: of states; of locks, which are only written over; of probes.
pub const KEPT_DAYS: [(&str, &str, i32); 3] = [("panka-states", "stacks/", 90), ("panka-locks", "locks/", 1), ("panka-probes", PROBES, 1)];

/// The rule that removes what is left of uploads that were broken off, and after how many days.
pub const UPLOADS: (&str, i32) = ("panka-uploads", 7);

/// The statement that refuses requests without TLS.
pub const TLS_ONLY: &str = "TlsOnly";

/// What a backend should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where states and locks are.
    pub backend: Backend,
    /// The region of the bucket.
    pub region: String,
    /// The table; none where the locks are objects.
    pub table: Option<TableName>,
    /// What the names of policies and roles begin with.
    pub name: String,
    /// Who may take the roles; nobody: there are policies and no roles.
    pub trust: Trust,
    /// Tags of everything. Others that are there stay.
    pub tags: BTreeMap<String, String>,
}

/// A table and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
}

/// Who may take the roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Pipelines, by the host that vouches for them.
    pub pipelines: Vec<Pipelines>,
    /// An account whose principals may, as far as it allows them to.
    pub account: Option<String>,
}

/// Pipelines of a repository, for which a host vouches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pipelines {
    /// Workflows of GitHub: `owner/repo`, and the only environment that may deploy.
    GitHub {
        /// `owner/repo`.
        repository: String,
        /// The environment.
        environment: Option<String>,
    },
    /// Pipelines of GitLab: `group/project`, and the only branch that may deploy.
    GitLab {
        /// `gitlab.com`, or one's own.
        host: String,
        /// `group/project`.
        project: String,
        /// The branch.
        branch: Option<String>,
    },
}

impl Pipelines {
    /// The host of the OIDC provider, without `https://`.
    pub fn host(&self) -> &str {
        match self {
            Self::GitHub { .. } => "token.actions.githubusercontent.com",
            Self::GitLab { host, .. } => host,
        }
    }

    /// The audience of its tokens (GitHub: "Configuring OpenID Connect in Amazon Web Services"; GitLab: "Configure OpenID Connect in AWS").
    pub fn audience(&self) -> String {
        match self {
            Self::GitHub { .. } => "sts.amazonaws.com".to_owned(),
            Self::GitLab { host, .. } => format!("https://{host}"),
        }
    }

    /// The subjects whose tokens may take a role. Pull requests may plan; they must not deploy.
    pub fn subjects(&self, role: Role) -> Vec<String> {
        match (self, role) {
            (Self::GitHub { repository, .. }, Role::Plan) => vec![format!("repo:{repository}:*")],
            (Self::GitHub { repository, environment: Some(environment) }, Role::Deploy) => {
                vec![format!("repo:{repository}:environment:{environment}")]
            }
            (Self::GitHub { repository, environment: None }, Role::Deploy) => {
                vec![format!("repo:{repository}:ref:*"), format!("repo:{repository}:environment:*")]
            }
            (Self::GitLab { project, .. }, Role::Plan) => vec![format!("project_path:{project}:*")],
            (Self::GitLab { project, branch, .. }, Role::Deploy) => {
                vec![format!("project_path:{project}:ref_type:branch:ref:{}", branch.as_deref().unwrap_or("*"))]
            }
        }
    }
}

impl Trust {
    /// Tells whether anybody is trusted.
    pub fn anybody(&self) -> bool {
        !self.pipelines.is_empty() || self.account.is_some()
    }
}

impl Role {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Deploy, Self::Plan];

    /// `deploy`, `plan`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Deploy => "deploy",
        }
    }
}

impl Wanted {
    /// Name of a role and of its policy.
    pub fn name_of(&self, role: Role) -> String {
        format!("{}-{}", self.name, role.word())
    }

    /// The bucket with the prefix: backends may share a bucket.
    fn place(&self) -> String {
        let Backend { bucket, prefix, .. } = &self.backend;
        if prefix.is_empty() { bucket.clone() } else { format!("{bucket}/{prefix}") }
    }

    /// What the policy of a role says of itself: by it the policy is known as that of this backend, since it never changes.
    pub fn description_of_policy(&self, role: Role) -> String {
        let place = self.place();
        match role {
            Role::Plan => format!("panka: reads the states and locks of {place}"),
            Role::Deploy => format!("panka: reads and writes the states and locks of {place}"),
        }
    }

    /// What a role says of itself.
    pub fn description_of_role(&self, role: Role) -> String {
        let place = self.place();
        match role {
            Role::Plan => format!("panka: plans with the states of {place}"),
            Role::Deploy => format!("panka: deploys with the states of {place}"),
        }
    }

    /// The policy that says who may take a role. `provider` gives the ARN of the OIDC provider of a host.
    pub fn trust_of(&self, role: Role, provider: impl Fn(&str) -> String) -> Value {
        let pipelines = self.trust.pipelines.iter().map(|one| {
            let host = one.host();
            json!({
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": provider(host)},
                "Condition": {
                    "StringEquals": {format!("{host}:aud"): one.audience()},
                    "StringLike": {format!("{host}:sub"): one.subjects(role)},
                },
            })
        });
        let account = self.trust.account.iter().map(|account| {
            let partition = &self.backend.partition;
            json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")}})
        });
        let statements: Vec<Value> = pipelines.chain(account).collect();
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    /// The statement of the bucket's policy that refuses requests without TLS.
    pub fn tls_only(&self) -> Value {
        let Backend { partition, bucket, .. } = &self.backend;
        let arn = format!("arn:{partition}:s3:::{bucket}");
        json!({
            "Sid": TLS_ONLY,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, format!("{arn}/*")],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        })
    }

    /// The policy of the bucket with that statement: those that are there stay.
    pub fn bucket_policy(&self, found: Option<&Value>) -> Value {
        let wanted = self.tls_only();
        let mut policy = found.cloned().unwrap_or_else(|| json!({"Version": "2012-10-17", "Statement": []}));
        let statements = match policy["Statement"].take() {
            Value::Array(statements) => statements,
            // One statement may stand without a list.
            Value::Null => Vec::new(),
            one => vec![one],
        };
        let without = |statement: &Value| {
            let mut statement = statement.clone();
            statement.as_object_mut().map(|fields| fields.shift_remove("Sid"));
            statement
        };
        let says_it = statements.iter().any(|one| without(one) == without(&wanted));
        let mut kept: Vec<Value> = if says_it { statements } else { statements.into_iter().filter(|one| one["Sid"] != TLS_ONLY).collect() };
        if !says_it {
            kept.push(wanted);
        }
        policy["Statement"] = Value::Array(kept);
        policy
    }
}

/// The tags that are there, with those that are wanted; nothing where there are neither.
pub(super) fn with_tags(is: &Value, wanted: &BTreeMap<String, String>) -> Value {
    if is.is_null() && wanted.is_empty() {
        return Value::Null;
    }
    let mut tags: BTreeMap<String, Value> = is.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
    tags.extend(wanted.iter().map(|(key, value)| (key.clone(), json!(value))));
    json!(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(pipelines: Vec<Pipelines>) -> Wanted {
        let backend = Backend { partition: "aws".to_owned(), bucket: "acme".to_owned(), ..Backend::default() };
        let trust = Trust { pipelines, account: None };
        Wanted { backend, region: "eu-west-1".to_owned(), table: None, name: "acme".to_owned(), trust, tags: BTreeMap::new() }
    }

    #[test]
    fn a_pull_request_may_plan_and_not_deploy() {
        let request = "repo:acme/shop:pull_request";
        let matches = |pattern: &str| pattern.strip_suffix('*').map_or(pattern == request, |start| request.starts_with(start));
        for environment in [None, Some("production".to_owned())] {
            let github = Pipelines::GitHub { repository: "acme/shop".to_owned(), environment };
            assert!(github.subjects(Role::Plan).iter().any(|one| matches(one)));
            assert!(!github.subjects(Role::Deploy).iter().any(|one| matches(one)));
        }
    }

    #[test]
    fn statements_of_others_stay_in_the_policy_of_the_bucket() {
        let wanted = wanted(Vec::new());
        let theirs = json!({"Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"});
        let alone = wanted.bucket_policy(None);
        assert_eq!(alone["Statement"], json!([wanted.tls_only()]));
        let both = wanted.bucket_policy(Some(&json!({"Version": "2012-10-17", "Statement": theirs})));
        assert_eq!(both["Statement"], json!([theirs, wanted.tls_only()]));
        assert_eq!(wanted.bucket_policy(Some(&both)), both, "once is enough");
    }

    #[test]
    fn a_statement_that_was_weakened_is_put_right_and_one_of_another_name_is_enough() {
        let wanted = wanted(Vec::new());
        let mut weak = wanted.bucket_policy(None);
        weak["Statement"][0]["Action"] = json!("s3:PutObject");
        assert_eq!(wanted.bucket_policy(Some(&weak)), wanted.bucket_policy(None));
        let mut renamed = wanted.bucket_policy(None);
        renamed["Statement"][0]["Sid"] = json!("DenyInsecureTransport");
        assert_eq!(wanted.bucket_policy(Some(&renamed)), renamed);
    }
}
