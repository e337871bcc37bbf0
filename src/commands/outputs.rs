//! `panka outputs`.

use std::collections::BTreeMap;

use super::Outcome;
use super::opened::Opened;
use super::session::Session;
use crate::answers::Outputs;
use crate::diagnostic::codes::command::P0016;
use crate::diagnostic::{Diagnostic, Error, did_you_mean};
use crate::document::Kind;

/// Show the outputs of components and of the stack
///
/// Reads the state; with a name, only that output: `apiUrl` of the stack or `users/db.endpoint` of a component.
///
/// Examples:
///
///   panka outputs -s shop -e dev
///   panka outputs -s shop -e dev apiUrl -r --jq .value
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Output of the stack, or service/component.name
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    let state = Opened::here(session).await?.pull().await?;
    let stack_outputs = |name: &str| name.strip_prefix("_stack.").unwrap_or(name).to_owned();
    let all: BTreeMap<String, serde_json::Value> = state.outputs.iter().map(|(name, value)| (stack_outputs(name), value.clone())).collect();
    let outputs = match &args.name {
        None => all,
        Some(name) => match all.get(name) {
            Some(value) => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let one = BTreeMap::from([(name.clone(), value.clone())]);
                let document = Outputs {
                    kind: Kind::new(),
                    stack: state.stack,
                    environment: state.environment,
                    simulated: state.simulated,
                    outputs: one,
                };
                return Ok(Outcome::told(&document, text));
            }
            None => {
                return Err(Diagnostic::new(
                    P0016,
                    format!("there is no output `{name}` in the state of {} in {}", state.stack, state.environment),
                )
                .maybe_help(did_you_mean(name, all.keys().map(String::as_str)))
                .help("`panka outputs` lists them; outputs are there after an apply")
                .into());
            }
        },
    };
    Ok(Outcome::document(Outputs {
        kind: Kind::new(),
        stack: state.stack,
        environment: state.environment,
        simulated: state.simulated,
        outputs,
    }))
}
