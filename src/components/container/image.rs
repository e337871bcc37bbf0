//! The image of a container: where it is, and what registries take as its name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::components::check::Check;
use crate::components::field::Text;
use crate::diagnostic::codes::manifest::P1014;

/// An image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Image {
    /// Registry and name, without the tag.
    pub(crate) repository: Text,
    /// Tag, or a digest `sha256:…`.
    #[serde(default = "latest")]
    pub(crate) tag: Text,
    /// Credentials of a private registry.
    #[serde(default)]
    #[schemars(schema_with = "super::secret_schema")]
    pub(crate) pull_secret: Option<Text>,
}

fn latest() -> Text {
    "latest".into()
}

impl Image {
    /// Reports what no registry takes as a name or a tag.
    /// <https://github.com/distribution/reference/blob/main/reference.go>
    pub(super) fn check(&self, check: &mut Check<'_>) {
        if let Some(text) = self.repository.literal()
            && !is_repository(text)
        {
            let finding = check
                .finding(P1014, "/image/repository", format!("`{text}` is not the name of an image"))
                .help("small letters, digits and single separators, with the registry in front: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/api`");
            check.push(finding);
        }
        if let Some(text) = self.tag.literal()
            && !is_tag(text)
        {
            let finding = check
                .finding(P1014, "/image/tag", format!("`{text}` is neither a tag nor a digest"))
                .help("a tag has up to 128 letters, digits, `_`, `.` and `-`; a digest is `sha256:` and 64 digits from 0 to f");
            check.push(finding);
        }
    }
}

fn is_repository(text: &str) -> bool {
    let (registry, path) = match text.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        _ => (None, text),
    };
    let part = |part: &str| {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(letters)
            && part.ends_with(letters)
            && part.chars().all(|c| letters(c) || "._-".contains(c))
            && !["..", "___", "._", "_.", "-.", ".-", "_-", "-_"].iter().any(|pair| part.contains(pair))
    };
    let host = |host: &str| {
        let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
        let label =
            |label: &str| !label.is_empty() && !label.starts_with('-') && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        name.split('.').all(label) && port.is_none_or(|port| port.parse::<u16>().is_ok())
    };
    registry.is_none_or(host) && path.split('/').all(part)
}

fn is_tag(text: &str) -> bool {
    if let Some(digest) = text.strip_prefix("sha256:") {
        return digest.len() == 64 && digest.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    }
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128 && text.starts_with(letters) && text.chars().all(|c| letters(c) || ".-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_held_to_what_registries_take() {
        for name in [
            "api",
            "acme/api",
            "ghcr.io/acme/api",
            "localhost:5000/api",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/api",
            "a__b",
            "a--b",
        ] {
            assert!(is_repository(name), "{name}");
        }
        for name in ["Acme/api", "acme//api", "acme/api:v1", "acme/", "-api", "a..b", "https://ghcr.io/acme/api", "ghcr.io:port/api", ""] {
            assert!(!is_repository(name), "{name}");
        }
    }

    #[test]
    fn tags_and_digests_are_told_apart() {
        assert!(is_tag("v1.2.3") && is_tag("_x") && is_tag(&format!("sha256:{}", "0a".repeat(32))));
        for tag in ["", "-v1", "v 1", "sha256:12", &"x".repeat(129), "v1@sha256:12"] {
            assert!(!is_tag(tag), "{tag}");
        }
    }
}
