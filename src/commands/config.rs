//! `panka config`.

use super::Outcome;
use super::session::Session;
use crate::answers::{Configuration, ConfigurationEntry};
use crate::diagnostic::Error;
use crate::document::Kind;

/// Show the effective configuration
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Show every key with its value
    ///
    /// Precedence, high to low: flag, environment, Stack `spec.backend`, panka.yaml in the repository, ~/.panka/config.yaml, default.
    Show(ShowArgs),
}

/// Arguments of `panka config show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Show where each value comes from
    #[arg(long)]
    pub origin: bool,
}

/// Runs the verb.
pub fn run(verb: &Verb, session: &Session) -> Result<Outcome, Error> {
    let Verb::Show(args) = verb;
    let root = session.root_or_directory();
    let declared = match session.place(&root) {
        Ok((stack, environment)) => session.declared(&stack, &environment)?,
        Err(_) => None,
    };
    let settings = session.settings(&root, declared.as_ref().and_then(|declared| declared.backend.as_ref()).into())?;
    let settings = settings
        .iter()
        .map(|(key, setting, meaning)| ConfigurationEntry {
            key: key.to_owned(),
            value: setting.value.clone().filter(|value| !value.is_empty()),
            origin: args.origin.then(|| setting.origin.clone()),
            meaning: meaning.to_owned(),
        })
        .collect();
    Ok(Outcome::document(Configuration { kind: Kind::new(), settings }))
}
