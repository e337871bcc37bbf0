//! Secrets: values that stand in a manifest by mistake, and references to secrets that cannot be meant.

use serde_json::{Map, Value as Json};

use super::source::Sources;
use super::written::Written;
use crate::diagnostic::codes::manifest::{P1040, P1041};
use crate::diagnostic::{Diagnostic, escape};
use crate::schema::Schema;

/// Reports literal secrets and impossible secretRefs; gives the pointers of fields that hold a literal.
pub(super) fn find(written: &Written, schema: &Schema, sources: &Sources, findings: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut search = Search { written, schema, sources, findings, literal: Vec::new() };
    search.value(&written.value, &mut String::new());
    search.literal
}

struct Search<'a> {
    written: &'a Written,
    schema: &'a Schema,
    sources: &'a Sources,
    findings: &'a mut Vec<Diagnostic>,
    literal: Vec<String>,
}

impl Search<'_> {
    fn value(&mut self, value: &Json, pointer: &mut String) {
        match value {
            Json::Object(map) => {
                self.map(map, pointer);
                for (key, value) in map {
                    let length = pointer.len();
                    pointer.push('/');
                    pointer.push_str(&escape(key));
                    self.value(value, pointer);
                    pointer.truncate(length);
                }
            }
            Json::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    let length = pointer.len();
                    pointer.push('/');
                    pointer.push_str(&n.to_string());
                    self.value(item, pointer);
                    pointer.truncate(length);
                }
            }
            Json::String(text) => {
                if let Some(shape) = shape(text) {
                    self.report(pointer, format!("the value has the form of {shape}"));
                }
            }
            _ => {}
        }
    }

    fn map(&mut self, map: &Map<String, Json>, pointer: &str) {
        for (key, value) in map {
            if is_secret_field(key) && holds_text(value) {
                let pointer = format!("{pointer}/{}", escape(key));
                if self.schema.at(&pointer).is_some_and(|place| !place.formats().is_empty()) {
                    continue;
                }
                self.report(&pointer, format!("`{key}` holds a secret as plain text"));
                self.literal.push(pointer);
            }
        }
        let text = |key: &str| map.get(key).and_then(Json::as_str);
        if let (Some(name), Some(value)) = (text("name"), text("value")) {
            if is_aws_key(value) {
                self.report(&format!("{pointer}/value"), format!("the value of `{name}` has the form of an AWS key"));
            } else if is_secret_variable(name) && !value.is_empty() {
                self.report(&format!("{pointer}/value"), format!("the value of `{name}` is a secret as plain text"));
            }
        }
        for field in ["ref", "secretRef"] {
            if text(field).is_some_and(|text| text.starts_with("ssm:")) && map.contains_key("key") {
                let mark = self.written.mark(&format!("{pointer}/key"));
                let finding = Diagnostic::new(P1041, "a parameter has no `key`: it is read as a whole")
                    .at(mark.map(|mark| self.sources.span(mark.key.unwrap_or(mark.value))));
                self.findings.push(finding.help("remove `key`, or keep the values as JSON in Secrets Manager"));
            }
        }
    }

    fn report(&mut self, pointer: &str, message: String) {
        let at = self.written.mark(pointer).map(|mark| self.sources.span(mark.value));
        let finding = Diagnostic::new(P1040, message).at(at);
        self.findings
            .push(finding.help(
                "keep the value in Secrets Manager and write its name: `secretRef: prod/db`, under `secrets` or in the field for it",
            ));
    }
}

/// Fields whose values are secrets by their name.
fn is_secret_field(key: &str) -> bool {
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    // Tokens that make a request idempotent are no secrets.
    let harmless = ["clienttoken", "clientrequesttoken", "creatorrequesttoken", "idempotencytoken", "nexttoken"];
    SECRET.iter().any(|word| key.ends_with(word)) && !harmless.contains(&key.as_str())
}

/// Ends of the names of fields that hold secrets: those of panka's own, and of the properties that AWS's schemas mark write-only since they are secrets.
const SECRET: [&str; 19] = [
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "token",
    "secretkey",
    "secretaccesskey",
    "secretstring",
    "secretbinary",
    "clientsecret",
    "sharedsecret",
    "privatekey",
    "presharedkey",
    "apikey",
    "apikeyvalue",
    "activationkey",
    "hostkeybody",
    "kerberoskeytab",
    "oauthcredentials",
];

/// Tells whether a value is a text that is not empty, or a list with one.
fn holds_text(value: &Json) -> bool {
    match value {
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => items.iter().any(|item| item.as_str().is_some_and(|text| !text.is_empty())),
        _ => false,
    }
}

/// Environment variables whose values are secrets by their name.
fn is_secret_variable(name: &str) -> bool {
    const SECRET: [&str; 12] = [
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "TOKEN",
        "SECRET",
        "SECRET_KEY",
        "SECRET_ACCESS_KEY",
        "API_KEY",
        "APIKEY",
        "PRIVATE_KEY",
        "ENCRYPTION_KEY",
        "SIGNING_KEY",
    ];
    let name = name.to_ascii_uppercase();
    SECRET.iter().any(|word| name.ends_with(word))
}

/// What a text is that nobody writes down by chance: keys and tokens that their makers mark, private keys, addresses with a password in them.
fn shape(text: &str) -> Option<&'static str> {
    /// How a token begins, and how many signs follow at least.
    const TOKENS: [(&str, usize, &str); 14] = [
        ("AIza", 35, "a key of Google"),
        ("SG.", 40, "a key of SendGrid"),
        ("ghp_", 36, "a token of GitHub"),
        ("gho_", 36, "a token of GitHub"),
        ("ghs_", 36, "a token of GitHub"),
        ("ghu_", 36, "a token of GitHub"),
        ("github_pat_", 40, "a token of GitHub"),
        ("glpat-", 20, "a token of GitLab"),
        ("npm_", 36, "a token of npm"),
        ("rk_live_", 16, "a key of Stripe"),
        ("sk_live_", 16, "a key of Stripe"),
        ("xoxa-", 10, "a token of Slack"),
        ("xoxb-", 10, "a token of Slack"),
        ("xoxp-", 10, "a token of Slack"),
    ];
    let marked = |(start, least, what): &(&str, usize, &'static str)| {
        let rest = text.strip_prefix(start)?;
        let signs = rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        (rest.len() >= *least && signs).then_some(*what)
    };
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if TOKENS.iter().find_map(marked).is_some() {
        return TOKENS.iter().find_map(marked);
    }
    has_password(text).then_some("an address with a password in it")
}

/// Tells whether a text is a URL with a user and a password in front of the host.
fn has_password(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let user = rest.split(['/', '?', '#']).next().and_then(|place| place.rsplit_once('@')).map(|(user, _)| user);
    let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password);
    let named = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    named && password.is_some_and(|password| !password.is_empty())
}

/// The id of an access key, or what looks like the key itself: 40 signs of base 64 in which capitals, small letters and digits mix.
fn is_aws_key(text: &str) -> bool {
    let word = |legal: fn(&u8) -> bool| text.bytes().all(|b| legal(&b));
    let id = text.len() == 20
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && word(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|b| kind(&b));
    let key = text.len() == 40
        && word(|b| b.is_ascii_alphanumeric() || *b == b'/' || *b == b'+')
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit);
    id || key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_secret_by_their_name() {
        for key in [
            "password",
            "MasterUserPassword",
            "auth_token",
            "secretKey",
            "SecretAccessKey",
            "SecretString",
            "ClientSecret",
            "PreSharedKey",
            "Passwords",
            "AuthorizationApiKeyValue",
        ] {
            assert!(is_secret_field(key), "{key}");
        }
        for key in ["passwordSecret", "tokenSecret", "key", "secretRef", "tokens", "ClientToken", "PublicKey", "KmsKeyArn"] {
            assert!(!is_secret_field(key), "{key}");
        }
    }

    #[test]
    fn tokens_are_known_by_their_form() {
        let long = "a1".repeat(24);
        for text in [
            format!("sk_live_{long}"),
            format!("ghp_{long}"),
            format!("github_pat_{long}"),
            format!("glpat-{long}"),
            "-----BEGIN RSA PRIVATE KEY-----\nMII…".to_owned(),
            "postgres://app:hunter2@db.example.com:5432/users".to_owned(),
            "https://user:pass@example.com".to_owned(),
        ] {
            assert!(shape(&text).is_some(), "{text}");
        }
        for text in [
            "sk_live_",
            "ghp_short",
            "-----BEGIN CERTIFICATE-----",
            "postgres://app@db.example.com/users",
            "https://example.com/a:b@c",
            "https://example.com:8080",
            "user:pass@example.com",
        ] {
            assert_eq!(shape(text), None, "{text}");
        }
    }

    #[test]
    fn aws_keys_are_known_by_their_form() {
        // The example keys of AWS's own documentation.
        assert!(is_aws_key("AKIAIOSFODNN7EXAMPLE"));
        assert!(is_aws_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
        assert!(!is_aws_key("2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"), "a SHA-1 digest is no key");
        assert!(!is_aws_key("AKIA"));
    }
}
