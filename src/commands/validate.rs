//! `panka validate`: everything that can be known offline.

use std::path::PathBuf;

use super::Outcome;
use super::pipeline::FromFiles;
use super::session::Session;
use crate::answers::{ValidPlace, Validation};
use crate::diagnostic::{Diagnostic, Error, sort};
use crate::document::Kind;
use crate::manifest;

/// Check the manifests offline: no credentials, no network
///
/// Compiles the manifests, translates them to AWS resources and checks each property against AWS's published schemas. Without -e, every
/// environment of the stack is checked; without -s, every stack.
///
/// Examples:
///
///   panka validate
///   panka validate -s shop -e production --strict
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// One multi-document file to check instead of a repository; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut valid = Vec::new();
    for (stack, environment) in places(args, session)? {
        match session.graph_of_place(args.file.as_deref(), stack, environment) {
            Ok(FromFiles { components, graphed }) => {
                valid.push(ValidPlace {
                    stack: graphed.graph.stack,
                    environment: graphed.graph.environment,
                    components,
                    resources: graphed.graph.resources.len(),
                });
                findings.extend(graphed.warnings);
            }
            Err(error) => findings.extend(error.into_findings()),
        }
    }
    // A finding of a file that several environments share is told once.
    sort(&mut findings);
    let warnings = session.admit(Error::check(findings)?)?;
    Ok(Outcome::document(Validation { kind: Kind::new(), valid, warnings: warnings.len() }).warn(warnings))
}

/// The stacks and environments to check. What is not given is every one there is.
fn places(args: &Args, session: &Session) -> Result<Vec<(Option<String>, Option<String>)>, Error> {
    if args.file.is_some() {
        return Ok(vec![(session.global.stack.clone(), session.global.environment.clone())]);
    }
    let root = manifest::find_root(&session.directory())?;
    let stacks = match &session.global.stack {
        Some(stack) => vec![stack.clone()],
        None => manifest::stacks(&root)?,
    };
    let mut places = Vec::new();
    for stack in stacks {
        let environments = match &session.global.environment {
            Some(environment) => vec![environment.clone()],
            None => manifest::environments(&root, &stack)?,
        };
        if environments.is_empty() {
            // The compiler says what is missing.
            places.push((Some(stack), None));
        } else {
            places.extend(environments.into_iter().map(|environment| (Some(stack.clone()), Some(environment))));
        }
    }
    Ok(if places.is_empty() { vec![(None, session.global.environment.clone())] } else { places })
}
