//! Whose credentials these are.

use super::{Aws, Failure};

/// The account that the credentials belong to.
pub async fn account(aws: &Aws) -> Result<String, Failure> {
    let answer = aws.sts().await.get_caller_identity().send().await;
    let answer = answer.map_err(|error| Failure::of(&error, "sts:GetCallerIdentity"))?;
    match answer.account() {
        Some(account) if !account.is_empty() => Ok(account.to_owned()),
        _ => Err(Failure::reported(None, Some("it names no account"), "sts:GetCallerIdentity")),
    }
}
