//! What a plan is asked for besides the graph and the state.

use std::borrow::Cow;

use crate::address::Selector;
use crate::manifest::{Backend, LockTicket, Provider};

/// How to plan.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The engine that is to run the plan.
    pub engine: String,
    /// It is for the simulated account.
    pub simulated: bool,
    /// What is known of the account.
    pub facts: Facts,
    /// Only these resources and what they need; all when empty.
    pub targets: Vec<Selector>,
    /// Not these resources, nor what needs them.
    pub excludes: Vec<Selector>,
    /// Resources to replace even if nothing changed.
    pub replace: Vec<Selector>,
}

/// Where a destroy happens: what a graph would have said.
#[derive(Debug, Clone, Default)]
pub struct Destination {
    /// Region and account.
    pub provider: Provider,
    /// Where the stack wants its state.
    pub backend: Option<Backend>,
    /// Destroy asks for the stack's name.
    pub protect: bool,
    /// The lock of an earlier stage.
    pub lock: Option<LockTicket>,
}

/// Facts of the account, as far as they are known without asking it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its number, 12 digits.
    pub account: Option<String>,
    /// AWS region.
    pub region: Option<String>,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: Option<String>,
    /// `amazonaws.com`, `amazonaws.com.cn`.
    pub url_suffix: Option<String>,
}

impl Facts {
    /// The fact that `{"$aws": name}` stands for.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let fact = match name {
            "account" => &self.account,
            "region" => &self.region,
            "partition" => &self.partition,
            "urlSuffix" => &self.url_suffix,
            _ => return None,
        };
        fact.as_deref().map(Cow::Borrowed)
    }
}
