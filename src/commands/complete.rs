//! What shells complete besides flags: names that the repository, the state and this panka know.
//!
//! In: the words of the command line so far. Out: candidates; none where nothing can be known, since a shell has nowhere to show why. Nothing
//! is asked over the network.

use std::collections::BTreeSet;

use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};

use super::global::Global;
use super::session::Session;
use crate::components::KINDS;
use crate::context::Context;
use crate::diagnostic::Code;
use crate::manifest;

/// Completes the names of stacks.
pub fn stacks() -> ArgValueCandidates {
    ArgValueCandidates::new(|| Words::read().map(|words| words.stacks()).map(candidates).unwrap_or_default())
}

/// Completes the names of environments.
pub fn environments() -> ArgValueCandidates {
    ArgValueCandidates::new(|| Words::read().map(|words| words.environments()).map(candidates).unwrap_or_default())
}

/// Completes the names of services.
pub fn services() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let services = |words: Words| words.addresses().iter().filter_map(|address| address.split('/').next().map(str::to_owned)).collect();
        Words::read().map(services).map(candidates).unwrap_or_default()
    })
}

/// Completes addresses of resources, and the components and services that they are of.
pub fn selectors() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let prefixes = |words: Words| {
            let addresses = words.addresses();
            let parts = |address: &String| {
                let ends = address.match_indices('/').map(|(at, _)| at).chain([address.len()]);
                ends.map(|end| address[..end].to_owned()).collect::<Vec<_>>()
            };
            addresses.iter().flat_map(parts).collect()
        };
        Words::read().map(prefixes).map(candidates).unwrap_or_default()
    })
}

/// Completes codes of findings and kinds of components, each with what it is.
pub fn explained() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let candidate = |name: &str, help: &str| CompletionCandidate::new(name).help(Some(help.to_owned().into()));
        let kinds = KINDS.rows().iter().map(|row| candidate(row.facts().name, row.facts().summary));
        kinds.chain(Code::all().map(|code| candidate(code.name(), code.title()))).collect()
    })
}

fn candidates(names: BTreeSet<String>) -> Vec<CompletionCandidate> {
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// The command line so far, as far as it says where to look.
struct Words {
    session: Session,
}

impl Words {
    /// Reads the words behind the `--` with which a shell asks. What is not said there is said by variables, as it is for any verb.
    fn read() -> Option<Self> {
        let context = Context::from_process().ok()?;
        let words: Vec<String> = context.args.iter().filter_map(|word| word.to_str().map(str::to_owned)).collect();
        let said = |short: &str, long: &str, variable: &str| {
            let mut found = context.variable(variable).map(str::to_owned);
            for (n, word) in words.iter().enumerate() {
                if word == short || word == long {
                    found = words.get(n + 1).filter(|next| !next.is_empty()).cloned().or(found);
                } else if let Some(value) = word.strip_prefix(&format!("{long}=")) {
                    found = Some(value.to_owned());
                }
            }
            found
        };
        let global = Global {
            dir: said("-C", "--dir", "PANKA_DIR").map(Into::into),
            stack: said("-s", "--stack", "PANKA_STACK"),
            environment: said("-e", "--environment", "PANKA_ENVIRONMENT"),
            ..Global::default()
        };
        Some(Self { session: Session::new(context, global) })
    }

    fn stacks(&self) -> BTreeSet<String> {
        manifest::stacks(&self.session.root_or_directory()).unwrap_or_default().into_iter().collect()
    }

    fn environments(&self) -> BTreeSet<String> {
        let root = self.session.root_or_directory();
        let stacks = match &self.session.global.stack {
            Some(stack) => BTreeSet::from([stack.clone()]),
            None => self.stacks(),
        };
        stacks.iter().flat_map(|stack| manifest::environments(&root, stack).unwrap_or_default()).collect()
    }

    /// The addresses that the manifests make.
    fn addresses(&self) -> BTreeSet<String> {
        let Global { stack, environment, .. } = &self.session.global;
        let graph = self.session.graph_of_place(None, stack.clone(), environment.clone());
        let resources = graph.map(|made| made.graphed.graph.resources).unwrap_or_default();
        resources.into_iter().map(|resource| resource.address.to_string()).collect()
    }
}
