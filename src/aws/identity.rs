//! Whose credentials these are.

use super::{Aws, Failure};

/// The account that the credentials belong to.
pub async fn account(aws: &Aws) -> Result<String, Failure> {
    partition_and_account(aws).await.map(|(_, account)| account)
}

/// The account that the credentials belong to, and its partition: `aws`, `aws-cn`, `aws-us-gov`.
pub async fn partition_and_account(aws: &Aws) -> Result<(String, String), Failure> {
    let answer = aws.sts().await.get_caller_identity().send().await;
    let answer = answer.map_err(|error| Failure::of(&error, "sts:GetCallerIdentity"))?;
    // arn:aws:sts::123456789012:assumed-role/name/session
    let partition = answer.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    match answer.account() {
        Some(account) if !account.is_empty() => Ok((partition.to_owned(), account.to_owned())),
        _ => Err(Failure::reported(None, Some("it names no account"), "sts:GetCallerIdentity")),
    }
}

/// The account of a role, which must be one that may be assumed. Its ARN alone is no proof.
pub async fn role(aws: &Aws, role: &str, session: &str) -> Result<String, Failure> {
    let answer = aws.sts().await.assume_role().role_arn(role).role_session_name(session).send().await;
    let answer = answer.map_err(|error| Failure::of(&error, "sts:AssumeRole"))?;
    // arn:aws:sts::123456789012:assumed-role/name/session
    let account = answer.assumed_role_user().and_then(|user| user.arn().split(':').nth(4));
    match account {
        Some(account) if !account.is_empty() => Ok(account.to_owned()),
        _ => Err(Failure::reported(None, Some("it names no account"), "sts:AssumeRole")),
    }
}
