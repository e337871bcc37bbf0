//! Where a plan takes effect: which engine executes it, in which account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What executes plans.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// The simulated account on disk.
    #[default]
    Local,
    /// AWS through its Cloud Control API.
    CloudControl,
    /// AWS through the Pulumi command line.
    Pulumi,
}

impl EngineKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Local, Self::CloudControl, Self::Pulumi];

    /// Its name in documents, flags and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::CloudControl => "cloudcontrol",
            Self::Pulumi => "pulumi",
        }
    }

    /// Tells whether it only simulates.
    pub const fn is_simulated(self) -> bool {
        matches!(self, Self::Local)
    }
}

impl std::fmt::Display for EngineKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// An AWS account in a region, as far as it is known without asking it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Its number, 12 digits; none while nobody has asked.
    pub id: Option<String>,
    /// AWS region.
    pub region: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// `amazonaws.com`, `amazonaws.com.cn`.
    pub url_suffix: String,
}

impl Account {
    /// An account in a region. Partitions and suffixes: <https://docs.aws.amazon.com/general/latest/gr/aws-arns-and-namespaces.html>
    /// and the file `partitions.json` of AWS's SDKs.
    pub fn new(id: Option<&str>, region: &str) -> Self {
        const APART: [(&str, &str, &str); 7] = [
            ("cn-", "aws-cn", "amazonaws.com.cn"),
            ("us-gov-", "aws-us-gov", "amazonaws.com"),
            ("eusc-", "aws-eusc", "amazonaws.eu"),
            ("us-iso-", "aws-iso", "c2s.ic.gov"),
            ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
            ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
            ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
        ];
        let apart = APART.into_iter().find(|(prefix, ..)| region.starts_with(prefix));
        let (partition, url_suffix) = apart.map_or(("aws", "amazonaws.com"), |(_, partition, suffix)| (partition, suffix));
        Self { id: id.map(str::to_owned), region: region.to_owned(), partition: partition.to_owned(), url_suffix: url_suffix.to_owned() }
    }

    /// Its number; empty while it is not known.
    pub fn number(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    /// The fact that `{"$aws": name}` stands for, if it is known.
    pub fn fact(&self, name: &str) -> Option<&str> {
        let fact = match name {
            "account" => self.number(),
            "region" => &self.region,
            "partition" => &self.partition,
            "urlSuffix" => &self.url_suffix,
            _ => return None,
        };
        Some(fact).filter(|fact| !fact.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_the_partition_it_lies_in() {
        let facts =
            |region: &str| ["region", "partition", "urlSuffix"].map(|name| Account::new(None, region).fact(name).unwrap().to_owned());
        assert_eq!(facts("eu-west-1"), ["eu-west-1", "aws", "amazonaws.com"]);
        assert_eq!(facts("cn-north-1"), ["cn-north-1", "aws-cn", "amazonaws.com.cn"]);
        assert_eq!(facts("us-gov-west-1"), ["us-gov-west-1", "aws-us-gov", "amazonaws.com"]);
    }

    #[test]
    fn what_is_not_known_is_no_fact() {
        assert_eq!(Account::new(None, "eu-west-1").fact("account"), None);
        assert_eq!(Account::new(Some("123456789012"), "eu-west-1").fact("account"), Some("123456789012"));
        assert_eq!(Account::default().fact("region"), None);
        assert_eq!(Account::new(None, "eu-west-1").fact("colour"), None);
    }

    #[test]
    fn engines_are_named_alike_in_documents_and_for_people() {
        for kind in EngineKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.to_string());
        }
    }
}
