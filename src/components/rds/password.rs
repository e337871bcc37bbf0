//! Where the password of a database's first user is.
//!
//! In: what the spec says of it. Out: [`Password`]: a secret that the user has, one of panka's making that stays as it is, or AWS's own, which AWS
//! exchanges every seven days: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html>. What is written down is which secret,
//! never what it holds.

use serde_json::{Value, json};

use super::Rds;
use crate::components::container::task;
use crate::components::draft::Draft;
use crate::components::field::{Secret, output_name};
use crate::components::scope::Scope;
use crate::components::wiring::SecretSource;
use crate::diagnostic::codes::aws::P3049;
use crate::document::canonical;

/// Field of a secret that holds a JSON object.
const FIELD: &str = "password";

/// Length of a password that is made: 30 characters are the most that every engine takes,
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>.
const LENGTH: u32 = 30;

/// Characters of a secret's name: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>.
const NAME_LIMIT: usize = 512;

/// The password of the first user.
#[derive(Debug, Clone)]
pub(super) enum Password {
    /// The field of a secret that is the user's own; the ARN of that where it is known.
    Given { form: Value, arn: Option<Value> },
    /// The secret that panka has made for it, by its ARN.
    Made(Value),
    /// AWS makes it, keeps it and exchanges it.
    Managed,
}

impl Rds {
    /// Adds the secret, where one is made.
    pub(super) fn first_password(&self, scope: &mut Scope<'_, '_>) -> Password {
        if let Some(secret) = &self.database.password_secret {
            return Password::given(secret);
        }
        if self.database.managed_password {
            warn_holders(scope);
            return Password::Managed;
        }
        let template = canonical(&json!({ "username": self.database.username }));
        let draft = scope
            .draft("password", "AWS::SecretsManager::Secret")
            .named_in("Name", format!("{}-{}-password", scope.base_name(), self.database.username), NAME_LIMIT)
            // Sent again, it would make another password. Another user has a secret of another name.
            .ignore("/GenerateSecretString")
            .set("Description", format!("{} of {} in {} {}", self.database.username, scope.id(), scope.stack_name(), scope.environment()))
            .from(
                "GenerateSecretString",
                "/database/username",
                json!({
                    "ExcludePunctuation": true,
                    "GenerateStringKey": FIELD,
                    "PasswordLength": LENGTH,
                    "SecretStringTemplate": String::from_utf8_lossy(&template),
                }),
            );
        let arn = draft.reference("Id");
        scope.add(draft);
        Password::Made(arn)
    }
}

/// Warns of the tasks that are given the password when they start. A function is given the ARN, and reads it by itself.
fn warn_holders(scope: &mut Scope<'_, '_>) {
    let secret = format!("{}.secretArn", scope.id());
    let mut findings = Vec::new();
    for (_, consumer) in scope.consumers().filter(|(_, consumer)| consumer.behaviour.identity() == Some(task::IDENTITY)) {
        let secrets = consumer.component.spec.get("secrets").and_then(Value::as_array);
        for (n, _) in secrets.into_iter().flatten().enumerate().filter(|(_, one)| output_name(&one["secretRef"]) == Some(&secret)) {
            let message =
                format!("AWS exchanges the password of `{}` every seven days, and tasks keep the one they started with", scope.id());
            let finding = consumer.finding(P3049, &format!("/secrets/{n}/secretRef"), message);
            findings.push(finding.help("take `database.managedPassword` away, or have the program read the secret for each connection"));
        }
    }
    findings.into_iter().for_each(|finding| scope.push(finding));
}

impl Password {
    /// The form of a password that is read when it is needed.
    fn given(secret: &Secret) -> Self {
        let source = SecretSource::of_secret(secret);
        let arn = match &source {
            Ok(SecretSource::Manager { arn, exact: true, .. }) => Some(arn.clone()),
            _ => None,
        };
        let literal = secret.reference.literal();
        let name = literal.map(|text| text.strip_prefix("ssm:").unwrap_or(text));
        let mut form = match (&source, name) {
            // A name with levels begins with a slash: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
            (Ok(SecretSource::Parameter { .. }), Some(name)) if name.contains('/') && !name.starts_with('/') => {
                json!({ "parameter": format!("/{name}") })
            }
            (Ok(SecretSource::Parameter { .. }), Some(name)) => json!({ "parameter": name }),
            (Ok(SecretSource::Manager { exact: false, .. }), Some(name)) => json!({ "name": name }),
            (Ok(SecretSource::Manager { arn, .. } | SecretSource::Parameter { arn }), _) => json!({ "arn": arn }),
            // A malformed one was reported.
            (Err(_), _) => json!({ "name": "" }),
        };
        match &secret.key {
            Some(key) => form["key"] = json!(key),
            None if form.get("parameter").is_none() => {
                form["key"] = json!(FIELD);
                form["orWhole"] = json!(true);
            }
            None => {}
        }
        Self::Given { form: json!({ "$secret": form }), arn }
    }

    /// Puts it into the resource that takes it.
    pub(super) fn put(&self, draft: Draft) -> Draft {
        match self {
            Self::Given { form, .. } => draft.from("MasterUserPassword", "/database/passwordSecret", form.clone()),
            Self::Made(arn) => draft.set("MasterUserPassword", json!({ "$secret": { "arn": arn, "key": FIELD } })),
            Self::Managed => draft.from("ManageMasterUserPassword", "/database/managedPassword", true),
        }
    }

    /// The ARN of the secret, as far as it is known; `draft` is the resource that takes the password.
    pub(super) fn arn(&self, draft: &Draft) -> Option<Value> {
        match self {
            Self::Given { arn, .. } => arn.clone(),
            Self::Made(arn) => Some(arn.clone()),
            Self::Managed => Some(draft.reference("MasterUserSecret.SecretArn")),
        }
    }
}
