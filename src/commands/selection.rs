//! The flags that narrow a plan.

use super::complete;
use crate::address::Selector;
use crate::diagnostic::codes::command::P0009;
use crate::diagnostic::{Diagnostic, Error};

/// Which resources take part.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Selection {
    /// Only these resources and what they need: service, service/component or service/component/role; `*` and `?` are wildcards
    #[arg(long = "target", value_name = "SELECTOR", add = complete::selectors())]
    pub targets: Vec<String>,
    /// Not these resources, nor what needs them
    #[arg(long = "exclude", value_name = "SELECTOR", add = complete::selectors())]
    pub excludes: Vec<String>,
    /// Replace these resources even if nothing changed
    #[arg(long = "replace", value_name = "SELECTOR", add = complete::selectors())]
    pub replace: Vec<String>,
}

impl Selection {
    /// Refuses what is no selector.
    pub fn check(&self) -> Result<(), Error> {
        [&self.targets, &self.excludes, &self.replace].into_iter().try_for_each(|texts| selectors(texts).map(drop))
    }
}

/// Reads selectors.
pub fn selectors(texts: &[String]) -> Result<Vec<Selector>, Error> {
    texts
        .iter()
        .map(|text| {
            text.parse().map_err(|error: crate::address::SelectorError| {
                Diagnostic::new(P0009, error.to_string()).help("for example: users, users/api, users/api/listener.*, */db").into()
            })
        })
        .collect()
}
