//! What Stack and Environment documents say of the place: provider, backend, protection. Nothing else is read, so that a broken component
//! stands in the way of no verb on state and locks.

use super::collect::{Collected, Collector};
use super::envelope::Document;
use super::kinds::Kinds;
use super::layout::{Layout, Slot, stack_dir, stack_names};
use super::repository::Repository;
use super::request::Request;
use super::settings::Reader;
use super::source::Sources;
use super::variables::Ledger;
use super::{Backend, Provider};
use crate::diagnostic::codes::manifest::P1012;
use crate::diagnostic::{Diagnostic, Error};

/// What is declared for a stack in an environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Declared {
    /// Region, account, profile.
    pub provider: Provider,
    /// Where its state lives.
    pub backend: Option<Backend>,
    /// Destroy asks for the name of the stack.
    pub protect: bool,
}

/// The parts of a spec that count here.
const PARTS: [&str; 4] = ["provider", "backend", "protect", "variables"];

impl Declared {
    /// Reads what the repository of a request declares for its stack in its environment, both of which must be named. None when the repository
    /// has no such stack; an environment without a document has what the stack says.
    pub fn read(request: &Request, kinds: &dyn Kinds) -> Result<Option<Self>, Error> {
        let (Some(stack), Some(environment)) = (request.stack.as_deref(), request.environment.as_deref()) else { return Ok(None) };
        let mut sources = Sources::default();
        // Findings of files that are not read here are for the verbs that read them.
        let mut unread = Vec::new();
        let repository = Repository::open(&request.root)?;
        let in_directory = stack_names(&repository, &mut unread);
        if in_directory.as_ref().is_some_and(|names| !names.iter().any(|name| name == stack)) {
            return Ok(None);
        }
        let dir = stack_dir(&repository, stack, &mut unread);
        let mut collected = Collected::default();
        let collector = Collector { kinds, stack: in_directory.is_some().then_some(stack), environment: Some(environment) };
        for (path, slot) in Layout::of(&repository, &dir, environment).files {
            if matches!(slot, Slot::Stack | Slot::Environment(_)) {
                let file = sources.add(path.as_str(), repository.read_text(&path)?);
                collector.file(&sources, file, &slot, &mut collected);
            }
        }
        Error::check(collected.findings)?;
        let Some(declaring) = collected.stacks.into_iter().find(|document| *document.name == *stack).map(narrowed) else { return Ok(None) };
        let environment_document = collected.environments.remove(environment).map(narrowed);
        let mut findings = Vec::new();
        let given = super::compile::given_layers(request, &mut sources, &mut findings);
        let reader = Reader {
            sources: &sources,
            stack: &declaring,
            environment: environment_document.as_ref(),
            environment_name: environment,
            defaults: &request.defaults,
            simulated: true,
        };
        let layers = reader.layers(given, &mut findings);
        let settings = reader.settings(&layers, &Ledger::default(), &mut findings);
        findings.retain(|finding: &Diagnostic| finding.code != P1012 && finding.is_error());
        Error::check(findings)?;
        Ok(Some(Self { provider: settings.provider, backend: settings.backend, protect: settings.protect }))
    }
}

/// A document without the parts that say nothing of the place.
fn narrowed(mut document: Document) -> Document {
    if let Some(map) = document.spec.map_mut() {
        map.retain(|key, _| PARTS.contains(&&**key));
    }
    document
}
