//! From a request to a manifest: reads the documents, lays them over each other, compiles every component.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::attachments::Attachments;
use super::collect::{Collected, Collector, take_member};
use super::component::{Outcome, Workshop, metadata_text};
use super::envelope::{Document, Family};
use super::kinds::Kinds;
use super::layout::{Layout, Slot, environment_names, stack_dir};
use super::merge::strip;
use super::node::{Member, Node};
use super::reference::is_variable;
use super::repository::{Repository, Resolved, join, parent};
use super::request::{Compiled, Request};
use super::schemas::Schemas;
use super::settings::{Reader, Settings, StackLayers, built_in};
use super::source::{At, Sources};
use super::stray;
use super::variables::layer::BUILT_IN;
use super::variables::{Layer, Ledger, Scope, layer};
use super::written::Written;
use super::{Manifest, Service, check, defaults, documents, select};
use crate::address::is_name;
use crate::diagnostic::codes::command::{P0002, P0014};
use crate::diagnostic::codes::manifest::{P1005, P1021, P1035};
use crate::diagnostic::codes::stack::P2002;
use crate::diagnostic::{Diagnostic, Error, Span, did_you_mean};
use crate::document::Kind;

/// Compiles a stack in one environment.
///
/// All findings of a run come together, sorted by place. Equal input gives an equal manifest, byte for byte.
pub fn compile(request: &Request, kinds: &dyn Kinds) -> Result<Compiled, Error> {
    let Attempt { manifest, findings, files, .. } = attempt(request, kinds);
    let warnings = Error::check(findings)?;
    let manifest = manifest.ok_or_else(|| {
        Error::from(Diagnostic::new(crate::diagnostic::codes::command::P0070, "a manifest was given up without a finding"))
    })?;
    Ok(Compiled { manifest, warnings, files })
}

/// What became of an attempt to compile.
#[derive(Debug)]
pub struct Attempt {
    /// What could be compiled; none when the stack itself could not. With an error among the findings it is for looking on alone.
    pub manifest: Option<Manifest>,
    /// Components that are missing in it: `service/component`.
    pub lost: BTreeSet<String>,
    /// What is wrong, sorted by place.
    pub findings: Vec<Diagnostic>,
    /// The files that were read.
    pub files: Vec<String>,
}

/// Compiles as much as can be.
pub fn attempt(request: &Request, kinds: &dyn Kinds) -> Attempt {
    let mut run = Run { request, kinds, sources: Sources::default(), strays: Vec::new(), lost: BTreeSet::new(), findings: Vec::new() };
    let manifest = run.compile();
    run.tell_of_strays();
    let mut findings = run.findings;
    findings.sort_by(|a, b| (&a.span, a.code.name(), &a.message).cmp(&(&b.span, b.code.name(), &b.message)));
    // One value can be at fault for many components: defaults, variables.
    findings.dedup_by(|a, b| (&a.span, a.code, &a.message) == (&b.span, b.code, &b.message) && a.span.is_some());
    let mut files: Vec<String> = run.sources.paths().map(ToString::to_string).collect();
    files.sort();
    Attempt { manifest, lost: run.lost, findings, files }
}

struct Run<'a> {
    request: &'a Request,
    kinds: &'a dyn Kinds,
    sources: Sources,
    strays: Vec<stray::Directory>,
    /// Components that could not be compiled.
    lost: BTreeSet<String>,
    findings: Vec<Diagnostic>,
}

/// The documents of a run and where they come from.
struct Input {
    repository: Option<Repository>,
    environment: String,
    collected: Collected,
}

impl Run<'_> {
    fn compile(&mut self) -> Option<Manifest> {
        let given = given_layers(self.request, &mut self.sources, &mut self.findings);
        let input = if self.request.single.is_some() { self.single() } else { self.repository() };
        let mut input = match input {
            Ok(input) => input,
            Err(finding) => {
                self.findings.push(*finding);
                return None;
            }
        };
        self.findings.append(&mut input.collected.findings);
        self.lost.extend(input.collected.broken_ids());
        if input.collected.incomplete {
            return None;
        }
        let unnamed = input.collected.has_lost_some();
        let manifest = self.stack(input, given);
        // What refers to a component that nobody knows the name of cannot be told from a mistake.
        if unnamed { manifest.filter(|_| !self.findings.iter().any(Diagnostic::is_error)) } else { manifest }
    }

    fn single(&mut self) -> Result<Input, Box<Diagnostic>> {
        let request = self.request;
        let Some((name, text)) = &request.single else { return Err(Box::new(Diagnostic::new(P0014, "there is no input"))) };
        let file = self.sources.add(name.as_str(), text.clone());
        let mut probe = Collected::default();
        Collector { kinds: self.kinds, stack: None, environment: None }.file(&self.sources, file, &Slot::Any, &mut probe);
        let names: Vec<String> = probe.environments.keys().map(ToString::to_string).collect();
        if probe.incomplete {
            return Ok(Input { repository: None, environment: String::new(), collected: probe });
        }
        let environment = select::environment(request.environment.as_deref(), &names)?;
        let mut collected = Collected::default();
        Collector { kinds: self.kinds, stack: None, environment: Some(&environment) }.file(&self.sources, file, &Slot::Any, &mut collected);
        collected.settle(&self.sources, name);
        collected.agree_on_stack(&self.sources);
        self.agree_on_name(&collected)?;
        let repository = if name == "-" && request.root.as_os_str().is_empty() { None } else { Some(Repository::open(&request.root)?) };
        Ok(Input { repository, environment, collected })
    }

    /// Tells of the directories that were not read, now that it is known what else was.
    fn tell_of_strays(&mut self) {
        if self.strays.is_empty() {
            return;
        }
        let Ok(repository) = Repository::open(&self.request.root) else { return };
        let read = self.sources.paths().filter_map(|path| repository.on_disk(path).canonicalize().ok()).collect();
        self.findings.extend(self.strays.iter().filter_map(|stray| stray.finding(&repository, &read)));
    }

    /// Without directories of stacks the only Stack must be the one that was asked for.
    fn agree_on_name(&self, collected: &Collected) -> Result<(), Box<Diagnostic>> {
        match (&self.request.stack, collected.stacks.first()) {
            (Some(wanted), Some(stack)) if **wanted != *stack.name => {
                let finding = Diagnostic::new(P0002, format!("unknown stack `{wanted}`")).at(self.sources.span(stack.name_at));
                Err(Box::new(finding.help(format!("the stack here is `{}`", stack.name))))
            }
            _ => Ok(()),
        }
    }

    fn repository(&mut self) -> Result<Input, Box<Diagnostic>> {
        let request = self.request;
        let repository = Repository::open(&request.root)?;
        let stack = select::stack(&repository, request.stack.as_deref(), &mut self.findings)?;
        let dir = stack_dir(&repository, stack.as_deref().unwrap_or_default(), &mut self.findings);
        let mut names: Vec<String> = environment_names(&repository, &dir, &mut self.findings).into_iter().collect();
        names.dedup();
        let environment = select::environment(request.environment.as_deref(), &names)?;
        let layout = Layout::of(&repository, &dir, &environment);
        self.findings.extend(layout.findings);
        self.strays = layout.strays;
        let mut collected = Collected::default();
        for service in layout.services {
            if !is_name(&service) || service.starts_with('_') {
                let finding = Diagnostic::new(P1005, format!("the directory name `{service}` is not the name of a service"));
                self.findings.push(
                    finding
                        .at(Span::file(join(&dir, &format!("services/{service}"))))
                        .help("names are made of a-z, 0-9 and hyphens, and start with a letter"),
                );
            }
            collected.services.insert(service, None);
        }
        let collector = Collector { kinds: self.kinds, stack: stack.as_deref(), environment: Some(&environment) };
        for (path, slot) in layout.files {
            match repository.read_text(&path) {
                Ok(text) => {
                    let file = self.sources.add(path, text);
                    collector.file(&self.sources, file, &slot, &mut collected);
                }
                Err(finding) => {
                    self.findings.push(*finding);
                    collected.mark_lost(&slot);
                }
            }
        }
        collected.settle(&self.sources, &join(&dir, "stack.yaml"));
        self.agree_on_name(&collected)?;
        Ok(Input { repository: Some(repository), environment, collected })
    }

    fn stack(&mut self, input: Input, given: Vec<Layer>) -> Option<Manifest> {
        let Input { repository, environment, mut collected } = input;
        let stack = collected.stacks.pop()?;
        let environment_document = collected.environments.remove(environment.as_str());
        let ledger = Ledger::default();
        let reader = Reader {
            sources: &self.sources,
            stack: &stack,
            environment: environment_document.as_ref(),
            environment_name: &environment,
            defaults: &self.request.defaults,
            simulated: self.request.simulated,
        };
        let layers = reader.layers(given, &mut self.findings);
        let settings = reader.settings(&layers, &ledger, &mut self.findings);
        let own: Vec<(&'static str, Rc<str>)> =
            built_in(vec![("STACK", Rc::clone(&stack.name)), ("ENVIRONMENT", environment.as_str().into())], &settings.provider);
        let services = self.services(&mut collected, &layers, &own, &ledger);
        self.further_defaults(repository.as_ref(), &settings, &services, &mut collected);
        let (components, disabled) = self.components(repository.as_ref(), &collected, &settings, &layers, &own, &services, &ledger);
        for (name, _) in &self.request.variables {
            let settable = is_variable(name) && !BUILT_IN.contains(&name.as_str());
            if settable && !ledger.used(name) {
                let finding = Diagnostic::new(P1035, format!("`--var {name}` is used by nothing"));
                self.findings.push(finding.help("remove it, or check its spelling"));
            }
        }
        Some(Manifest {
            kind: Kind::new(),
            stack: stack.name.to_string(),
            environment,
            provider: settings.provider,
            backend: settings.backend,
            protect: settings.protect,
            default_tags: settings.default_tags,
            network: settings.network,
            cluster: settings.cluster,
            services: services.into_iter().map(|(name, read)| (name.to_string(), read.service)).collect(),
            components,
            disabled,
            outputs: settings.outputs,
            lineage: None,
            root: None,
            lock: None,
            state: None,
        })
    }

    fn services(
        &mut self,
        collected: &mut Collected,
        layers: &StackLayers,
        own: &[(&'static str, Rc<str>)],
        ledger: &Ledger,
    ) -> BTreeMap<Rc<str>, ReadService> {
        let names: Vec<Rc<str>> = collected.services.keys().cloned().collect();
        let documents = std::mem::take(&mut collected.services);
        documents
            .into_iter()
            .map(|(name, document)| (Rc::clone(&name), self.service(&name, document, &names, layers, own, ledger)))
            .collect()
    }

    fn service(
        &mut self,
        name: &Rc<str>,
        document: Option<Document>,
        names: &[Rc<str>],
        layers: &StackLayers,
        own: &[(&'static str, Rc<str>)],
        ledger: &Ledger,
    ) -> ReadService {
        let Some(document) = document else { return ReadService::default() };
        let mut spec = document.spec.clone();
        let variables = take_member(&mut spec, "variables");
        let variables = layer::document(&self.sources, variables.as_ref(), &mut self.findings);
        let mut known = own.to_vec();
        known.push(("SERVICE", Rc::clone(name)));
        let scope = Scope::new(&self.sources, layers.with(Some(&variables)), known, Some(name), ledger);
        scope.substitute(&mut spec);
        strip(&mut spec);
        let schema = documents::schema(Family::Service);
        let written = Written::of(&spec, Some(schema.root()), &self.sources);
        self.findings.extend(written.findings.iter().cloned());
        self.findings.extend(check::check(&written, schema, &self.sources, document.spec_at));
        let mut service = Service { source: Some(self.sources.span(document.at)), ..Service::default() };
        for (n, other) in written.value["dependsOn"].as_array().into_iter().flatten().enumerate() {
            let Some(other) = other.as_str() else { continue };
            if names.iter().any(|name| **name == *other) {
                service.depends_on.push(other.to_owned());
            } else {
                let at = written.mark(&format!("/dependsOn/{n}")).map(|mark| self.sources.span(mark.value));
                let finding = Diagnostic::new(P2002, format!("unknown service `{other}`")).at(at);
                self.findings.push(finding.maybe_help(did_you_mean(other, names.iter().map(|name| &**name))));
            }
        }
        if let Some(node) = &document.description {
            service.description = metadata_text(node, &scope, &self.sources, &mut self.findings);
        }
        for (key, Member { node, .. }) in document.labels.as_ref().and_then(Node::map).into_iter().flatten() {
            let text = metadata_text(node, &scope, &self.sources, &mut self.findings);
            service.labels.extend(text.map(|text| (key.to_string(), text)));
        }
        let infrastructure = written.paths.iter().map(|path| (Rc::clone(&path.text), path.at)).collect();
        ReadService { service, variables, infrastructure }
    }

    /// Reads the files of defaults that Stack and Services name.
    fn further_defaults(
        &mut self,
        repository: Option<&Repository>,
        settings: &Settings,
        services: &BTreeMap<Rc<str>, ReadService>,
        collected: &mut Collected,
    ) {
        let of_services = services
            .iter()
            .flat_map(|(name, read)| read.infrastructure.iter().map(move |item| (item, Slot::ServiceDefaults(Rc::clone(name)))));
        let all: Vec<_> = settings.infrastructure.iter().map(|item| (item, Slot::StackDefaults)).chain(of_services).collect();
        for ((path, at), slot) in all {
            if let Err(finding) = self.further_file(repository, path, *at, &slot, collected) {
                self.findings.push(*finding);
            }
        }
        self.findings.append(&mut collected.findings);
        let by_path = |document: &Document| (Rc::<str>::from(&**self.sources.path(document.at)), document.at);
        collected.stack_defaults.sort_by_key(by_path);
        collected.service_defaults.values_mut().for_each(|documents| documents.sort_by_key(by_path));
    }

    fn further_file(
        &mut self,
        repository: Option<&Repository>,
        path: &str,
        at: At,
        slot: &Slot,
        collected: &mut Collected,
    ) -> Result<(), Box<Diagnostic>> {
        let fail = |message: String| Box::new(Diagnostic::new(P1021, message).at(self.sources.span(at)));
        let Some(repository) = repository else {
            return Err(fail(format!("`{path}` cannot be read: standard input has no files beside it")));
        };
        let home = parent(self.sources.path(at)).to_owned();
        let found = match repository.resolve(&home, path).or_else(|| repository.resolve("", path)) {
            Some(Resolved::Inside { path, is_dir: false }) => path,
            Some(Resolved::Inside { .. }) => return Err(fail(format!("`{path}` is a directory"))),
            Some(Resolved::Outside) => return Err(fail(format!("`{path}` leads out of the repository"))),
            None => return Err(fail(format!("there is no file `{path}`"))),
        };
        if self.sources.paths().any(|known| **known == *found) {
            return Ok(());
        }
        let text = repository.read_text(&found)?;
        let file = self.sources.add(found, text);
        Collector { kinds: self.kinds, stack: None, environment: None }.file(&self.sources, file, slot, collected);
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one call, of what is known of the stack by then")]
    fn components(
        &mut self,
        repository: Option<&Repository>,
        collected: &Collected,
        settings: &Settings,
        layers: &StackLayers,
        own: &[(&'static str, Rc<str>)],
        services: &BTreeMap<Rc<str>, ReadService>,
        ledger: &Ledger,
    ) -> (Vec<super::Component>, Vec<crate::address::ComponentId>) {
        let schemas = Schemas::new(self.kinds);
        for document in collected.stack_defaults.iter().chain(collected.service_defaults.values().flatten()) {
            self.findings.extend(defaults::check(document, &schemas, &self.sources));
        }
        let workshop = Workshop {
            sources: &self.sources,
            schemas: &schemas,
            stack_defaults: &collected.stack_defaults,
            service_defaults: &collected.service_defaults,
            protect: settings.protect,
            attachments: Attachments { repository, sources: &self.sources },
        };
        let (mut enabled, mut disabled) = (Vec::new(), Vec::new());
        for ((service, name), component) in &collected.components {
            let mut known = own.to_vec();
            known.extend([("SERVICE", Rc::clone(service)), ("COMPONENT", Rc::clone(name))]);
            let variables = services.get(service).map(|read| &read.variables);
            let scope = Scope::new(&self.sources, layers.with(variables), known, Some(service), ledger);
            match workshop.component(service, component, &scope, &mut self.findings) {
                Outcome::Enabled(component) => enabled.push(*component),
                Outcome::Disabled(id) => disabled.push(id),
                Outcome::Failed => drop(self.lost.insert(format!("{service}/{name}"))),
            }
        }
        enabled.sort_by(|a, b| a.id.cmp(&b.id));
        disabled.sort();
        (enabled, disabled)
    }
}

/// A service as it was read.
#[derive(Default)]
struct ReadService {
    service: Service,
    variables: Layer,
    infrastructure: Vec<(Rc<str>, At)>,
}

/// The variables of flags, files and the process environment, highest first.
pub(super) fn given_layers(request: &Request, sources: &mut Sources, findings: &mut Vec<Diagnostic>) -> Vec<Layer> {
    let pairs = request.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut layers = vec![layer::given(pairs, |name| format!("--var {name}"), findings)];
    let mut files = Vec::new();
    for path in &request.variable_files {
        let shown = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let file = sources.add(shown, text);
                files.push(layer::file(sources, file, findings));
            }
            Err(error) => {
                let finding = Diagnostic::new(P0014, format!("`{shown}` cannot be read: {error}"));
                findings.push(finding.at(Span::file(shown)));
            }
        }
    }
    layers.extend(files.into_iter().rev());
    let ambient = request.ambient.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    layers.push(layer::given(ambient, |name| format!("PANKA_VAR_{name}"), findings));
    layers
}
