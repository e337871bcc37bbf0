//! The keys of the configuration and their effective values as texts, each with its origin.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Flags, parse_duration};
use crate::diagnostic::codes::command::P0013;
use crate::diagnostic::{Diagnostic, Error, did_you_mean};

/// One key of the configuration.
struct Key {
    name: &'static str,
    variables: &'static [&'static str],
    default: Option<&'static str>,
    meaning: &'static str,
}

const KEYS: &[Key] = &[
    Key {
        name: "aws.region",
        variables: &["PANKA_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
        default: None,
        meaning: "region to deploy to, unless the stack names one",
    },
    Key { name: "aws.profile", variables: &["AWS_PROFILE"], default: None, meaning: "AWS profile, unless the stack names one" },
    Key { name: "backend.type", variables: &["PANKA_BACKEND_TYPE"], default: None, meaning: "where state lives: local or s3" },
    Key { name: "backend.bucket", variables: &["PANKA_BACKEND_BUCKET"], default: None, meaning: "S3 bucket of the state" },
    Key { name: "backend.prefix", variables: &["PANKA_BACKEND_PREFIX"], default: Some(""), meaning: "prefix of every key in the bucket" },
    Key { name: "backend.region", variables: &["PANKA_BACKEND_REGION"], default: None, meaning: "region of the bucket" },
    Key { name: "backend.kmsKeyId", variables: &["PANKA_BACKEND_KMS_KEY_ID"], default: None, meaning: "KMS key that encrypts the state" },
    Key {
        name: "locks.type",
        variables: &["PANKA_LOCK_TYPE"],
        default: None,
        meaning: "where locks live: local, dynamodb, s3 or dynamodb+s3",
    },
    Key { name: "locks.table", variables: &["PANKA_LOCK_TABLE"], default: None, meaning: "DynamoDB table of the locks" },
    Key {
        name: "locks.region",
        variables: &["PANKA_LOCK_REGION"],
        default: None,
        meaning: "region of the table; else that of the bucket, else aws.region",
    },
    Key { name: "locks.ttl", variables: &["PANKA_LOCK_TTL"], default: Some("60"), meaning: "seconds of a lease, 2 to 3600" },
    Key {
        name: "locks.heartbeat",
        variables: &["PANKA_LOCK_HEARTBEAT"],
        default: None,
        meaning: "seconds between renewals, at most a third of the lease",
    },
    Key { name: "locks.timeout", variables: &["PANKA_LOCK_TIMEOUT"], default: Some("0s"), meaning: "how long to wait for a held lock" },
    Key { name: "engine", variables: &["PANKA_ENGINE"], default: None, meaning: "what executes plans: local, cloudcontrol or pulumi" },
    Key { name: "pulumi.path", variables: &["PANKA_PULUMI_PATH"], default: None, meaning: "the program `pulumi`; else the one on PATH" },
    Key {
        name: "pulumi.backend",
        variables: &["PANKA_PULUMI_BACKEND"],
        default: None,
        meaning: "URL of Pulumi's own state; else beside the state of the stack",
    },
    Key {
        name: "pulumi.secretsProvider",
        variables: &["PANKA_PULUMI_SECRETS_PROVIDER"],
        default: None,
        meaning: "key with which Pulumi encrypts secrets, awskms://…; else a passphrase",
    },
    Key { name: "parallelism", variables: &["PANKA_PARALLELISM"], default: Some("10"), meaning: "steps at once, 1 to 1000" },
];

/// One effective value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The value; none when the key is unset.
    pub value: Option<String>,
    /// Where it comes from: a flag, a variable, a file, or `default`.
    pub origin: String,
}

/// Values of one origin.
pub(super) struct Layer {
    pub(super) origin: String,
    pub(super) values: BTreeMap<String, String>,
}

impl Layer {
    /// A layer of the values that are there.
    pub(super) fn of<'a>(origin: &str, values: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let values = values.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect();
        Self { origin: origin.to_owned(), values }
    }
}

/// Tells whether a text can name a table: by its name or by its ARN.
pub fn is_table(text: &str) -> bool {
    let name = match text.strip_prefix("arn:") {
        None => Some(text),
        Some(arn) => {
            arn.splitn(5, ':').nth(4).filter(|_| arn.split(':').nth(1) == Some("dynamodb")).and_then(|rest| rest.strip_prefix("table/"))
        }
    };
    name.is_some_and(|name| (3..=255).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)))
}

/// The effective value of every key.
#[derive(Debug, Clone)]
pub(super) struct Values {
    settings: BTreeMap<&'static str, Setting>,
    /// How high the origin of each key stands; 0 is the default.
    ranks: BTreeMap<&'static str, usize>,
    /// From here on an origin is for this run alone: the environment, a ticket, a flag.
    given: usize,
}

impl Values {
    /// Lays layers over the defaults: those below the environment, the environment, those above it, flags.
    pub(super) fn new(below: &[Layer], environment: impl Fn(&str) -> Option<String>, above: &[Layer], flags: &Flags) -> Self {
        let given = below.len() + 1;
        let mut values = Self { settings: BTreeMap::new(), ranks: BTreeMap::new(), given };
        for key in KEYS {
            let of = |layers: &[Layer]| {
                let layers = layers.iter().enumerate().rev();
                layers.into_iter().find_map(|(number, layer)| Some((layer.values.get(key.name)?.clone(), layer.origin.clone(), number)))
            };
            let flag = flags.iter().find(|(name, _, _)| *name == key.name);
            let flag = flag.map(|(_, flag, value)| (value.clone(), (*flag).to_owned(), given + above.len() + 1));
            let variable = || key.variables.iter().find_map(|name| Some((environment(name)?, (*name).to_owned(), given)));
            let known = flag
                .or_else(|| of(above).map(|(value, origin, number)| (value, origin, given + 1 + number)))
                .or_else(variable)
                .or_else(|| of(below).map(|(value, origin, number)| (value, origin, 1 + number)));
            let (value, origin, rank) = match known {
                Some((value, origin, rank)) => (Some(value), origin, rank),
                None => (key.default.map(str::to_owned), "default".to_owned(), 0),
            };
            values.settings.insert(key.name, Setting { value, origin });
            values.ranks.insert(key.name, rank);
        }
        values
    }

    /// A bucket that is named higher up than the type `local` means the bucket.
    pub(super) fn prefer_bucket(&mut self) {
        let bucket = &self.settings["backend.bucket"];
        if self.get("backend.bucket").is_some() && self.ranks["backend.bucket"] > self.ranks["backend.type"] {
            let origin = bucket.origin.clone();
            if self.get("backend.type") == Some("local") {
                self.settings.insert("backend.type", Setting { value: Some("s3".to_owned()), origin });
            }
        }
    }

    /// Gives a key that is unset the value that follows from others.
    pub(super) fn fill(&mut self, key: &'static str, value: &str, origin: &str) {
        let setting = self.settings.get_mut(key).expect("the key is in the table");
        if setting.value.is_none() {
            *setting = Setting { value: Some(value.to_owned()), origin: origin.to_owned() };
        }
    }

    /// Tells whether a key is set for this run alone: by a flag or a variable.
    fn is_given(&self, key: &str) -> bool {
        self.ranks[key] >= self.given
    }

    /// The value of a key, if it is set.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.settings.get(key)?.value.as_deref().filter(|value| !value.is_empty())
    }

    /// The keys in order, with their values and meanings.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Setting, &'static str)> {
        KEYS.iter().map(|key| (key.name, &self.settings[key.name], key.meaning))
    }

    /// Refuses flags that change nothing, and places of locks that do not go with the place of the state.
    pub(super) fn check_use(&self, is_s3: bool, locks: &str) -> Result<(), Error> {
        if !is_s3 {
            for key in ["backend.prefix", "backend.region", "backend.bucket", "locks.table", "locks.region"] {
                let origin = &self.settings[key].origin;
                if origin.starts_with("--") {
                    let message = format!("{origin} is for the s3 backend, and the state is in files of the repository");
                    return Err(self.refuse(key, &message, "give --backend-bucket as well, or leave it out"));
                }
            }
        }
        for (key, flag) in [("backend.bucket", "--backend-bucket"), ("locks.table", "--lock-table"), ("locks.region", "--lock-region")] {
            let setting = &self.settings[key];
            if setting.origin == flag && setting.value.as_deref() == Some("") {
                return Err(self.refuse(
                    key,
                    &format!("{flag} is empty"),
                    "give a value, or leave it out: a variable of the script may be unset",
                ));
            }
        }
        if let Some(table) = self.get("locks.table").filter(|_| is_s3 && locks.starts_with("dynamodb"))
            && !is_table(table)
        {
            return Err(self.refuse(
                "locks.table",
                &format!("locks.table cannot be `{table}`"),
                "a table's name has 3 to 255 letters, digits, underscores, hyphens and dots; its ARN does as well",
            ));
        }
        match (is_s3, locks) {
            (false, "local") | (true, "s3") => Ok(()),
            (false, _) if !self.is_given("locks.type") => Ok(()),
            (false, other) => Err(self.refuse(
                "locks.type",
                &format!("locks.type is {other}, and the state is in files of the repository"),
                "locks of the local backend are files as well: leave locks.type out, or give --backend-bucket",
            )),
            (true, "local") => Err(self.refuse(
                "locks.type",
                "locks.type is local, and the state is in a bucket: nobody elsewhere would see these locks",
                "use dynamodb or s3",
            )),
            (true, other) if self.get("locks.table").is_none() => Err(self.refuse(
                "locks.type",
                &format!("locks.type is {other}, and no table is given"),
                "give --lock-table, or use locks of type s3",
            )),
            (true, _) => Ok(()),
        }
    }

    /// A finding about a key, with the origin of its value.
    pub(super) fn refuse(&self, key: &str, message: &str, help: &str) -> Error {
        let origin = self.settings.get(key).map_or("default", |setting| setting.origin.as_str());
        let finding = Diagnostic::new(P0013, message.to_owned()).about(key).help(help);
        let finding = if origin.starts_with("default") { finding } else { finding.help(format!("the value comes from {origin}")) };
        finding.into()
    }

    /// Reads a value that is one of a few words.
    pub(super) fn one_of(&self, key: &'static str, choices: &[&'static str]) -> Result<String, Error> {
        let value = self.get(key).unwrap_or_default().to_owned();
        if choices.contains(&value.as_str()) {
            return Ok(value);
        }
        let help = did_you_mean(&value, choices.iter().copied()).unwrap_or_else(|| format!("one of: {}", choices.join(", ")));
        Err(self.refuse(key, &format!("{key} cannot be `{value}`"), &help))
    }

    /// Reads a whole number.
    pub(super) fn number(&self, key: &'static str, least: u64, most: u64) -> Result<u64, Error> {
        let text = self.get(key).unwrap_or_default();
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.refuse(key, &format!("{key} cannot be `{text}`"), &format!("a whole number from {least} to {most}")))
    }

    /// Reads a duration.
    pub(super) fn duration(&self, key: &'static str) -> Result<Duration, Error> {
        let text = self.get(key).unwrap_or("0s");
        parse_duration(text).ok_or_else(|| self.refuse(key, &format!("{key} cannot be `{text}`"), "a number with a unit: 90s, 15m, 2h"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_named_by_its_name_or_its_arn() {
        for good in [
            "panka-locks",
            "a.b",
            "A_1",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/locks",
            "arn:aws-cn:dynamodb:cn-north-1:1:table/locks",
        ] {
            assert!(is_table(good), "{good}");
        }
        for bad in [
            "",
            "ab",
            "bad name",
            "bad/name",
            "arn:aws:s3:::x",
            "arn:aws:dynamodb:eu-west-1:1:table/",
            "arn:",
            "arn:aws:dynamodb:eu-west-1:1:locks",
        ] {
            assert!(!is_table(bad), "{bad}");
        }
        assert!(!is_table(&"x".repeat(256)));
    }

    #[test]
    fn keys_are_unique() {
        let mut names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KEYS.len());
    }

    #[test]
    fn a_higher_origin_wins() {
        let layer = |origin: &str, bucket: &str| Layer::of(origin, [("backend.bucket", Some(bucket)), ("backend.prefix", None)]);
        let below = [layer("user", "a"), layer("repository", "b")];
        let above = [layer("the ticket", "d")];
        let variable = |name: &str| (name == "PANKA_BACKEND_BUCKET").then(|| "c".to_owned());
        let flags: Flags = vec![("backend.bucket", "--backend-bucket", "e".to_owned())];
        let effective =
            |values: &Values| (values.get("backend.bucket").map(str::to_owned), values.settings["backend.bucket"].origin.clone());
        let of = |value: &str, origin: &str| (Some(value.to_owned()), origin.to_owned());
        assert_eq!(effective(&Values::new(&below, |_| None, &[], &Vec::new())), of("b", "repository"));
        assert_eq!(effective(&Values::new(&below, variable, &[], &Vec::new())), of("c", "PANKA_BACKEND_BUCKET"));
        assert_eq!(effective(&Values::new(&below, variable, &above, &Vec::new())), of("d", "the ticket"));
        assert_eq!(effective(&Values::new(&below, variable, &above, &flags)), of("e", "--backend-bucket"));
    }
}
