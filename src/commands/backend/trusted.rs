//! Who is trusted, as flags say it.

use super::{Place, refuse};
use crate::diagnostic::Error;
use crate::setup::{Pipelines, Trust};

/// Longest name, so that the names of roles have at most 64 characters (IAM User Guide, "IAM and AWS STS quotas").
const LONGEST: usize = 57;

/// What the names of policies and roles begin with: as given, or the bucket.
pub(super) fn name(given: Option<&str>, bucket: &str) -> Result<String, Error> {
    let name = given.unwrap_or(bucket);
    let letter = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if !name.is_empty() && name.len() <= LONGEST && name.chars().all(letter) {
        return Ok(name.to_owned());
    }
    let help = "policies and roles are called NAME-deploy and NAME-plan: 1 to 57 letters, digits and characters of +=,.@_-; without --name it is the bucket";
    Err(refuse("--name", name, help))
}

/// Who may take the roles.
pub(super) fn trust(place: &Place) -> Result<Trust, Error> {
    let mut pipelines = Vec::new();
    if let Some(text) = &place.github {
        let help = "write OWNER/REPO, or OWNER/REPO:ENVIRONMENT for jobs of that environment alone";
        let (path, environment) = split(text).ok_or_else(|| refuse("--github", text, help))?;
        if path.matches('/').count() != 1 {
            return Err(refuse("--github", text, help));
        }
        pipelines.push(Pipelines::GitHub { repository: path, environment });
    }
    if let Some(text) = &place.gitlab {
        let help = "write GROUP/PROJECT, or GROUP/PROJECT:BRANCH for that branch alone";
        let (project, branch) = split(text).ok_or_else(|| refuse("--gitlab", text, help))?;
        let host = place.gitlab_host.clone();
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        if host.is_empty() || !host.chars().all(letter) {
            return Err(refuse("--gitlab-host", &host, "write the host alone: gitlab.example.com"));
        }
        pipelines.push(Pipelines::GitLab { host, project, branch });
    }
    if let Some(account) = &place.account
        && !(account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()))
    {
        return Err(refuse("--account", account, "an account is a number of 12 digits"));
    }
    Ok(Trust { pipelines, account: place.account.clone() })
}

/// `path[:rest]`, where the path has at least two parts. What would stand for other texts in a condition is refused: trust names what it means.
fn split(text: &str) -> Option<(String, Option<String>)> {
    let (path, rest) = match text.split_once(':') {
        Some((path, rest)) => (path, Some(rest)),
        None => (text, None),
    };
    let letter = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let is_path = path.contains('/') && path.split('/').all(|part| !part.is_empty() && part.chars().all(letter));
    let is_rest = rest.is_none_or(|rest| !rest.is_empty() && !rest.contains(['*', '?', ':', '$', '"']) && !rest.contains(char::is_control));
    (is_path && is_rest).then(|| (path.to_owned(), rest.map(str::to_owned)))
}
