//! The stages of the data's path, each from whatever is there: standard input, or the YAML files.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::input::Stage;
use super::session::{Session, choose};
use crate::address::is_name;
use crate::clock::millis;
use crate::components::{self, KINDS};
use crate::config::{Backend, Declared};
use crate::diagnostic::codes::command::{P0005, P0014, P0070};
use crate::diagnostic::{Diagnostic, Error, sort};
use crate::document::Digest;
use crate::graph::{self, Graph};
use crate::manifest::{self, Attempt, Compiled, Manifest, ProviderDefaults, Request};

/// A graph with what was found on the way to it.
pub struct Graphed {
    /// The graph.
    pub graph: Graph,
    /// Findings that stop nothing.
    pub warnings: Vec<Diagnostic>,
}

/// A graph made from YAML files.
pub struct FromFiles {
    /// How many components there are.
    pub components: usize,
    /// The graph.
    pub graphed: Graphed,
}

/// The identity of the state that lies in files of a repository; none where there is none, or where it cannot be read: who uses it is told.
fn lineage_beside(root: &Path, stack: &str, environment: &str) -> Option<String> {
    // It stands at the beginning of the document, after the names.
    const HEAD: u64 = 4096;
    let path = root.join(".panka/stacks").join(stack).join(environment).join("state.json");
    if !std::fs::metadata(&path).ok()?.is_file() {
        return None;
    }
    let mut head = Vec::new();
    std::fs::File::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    let text = String::from_utf8_lossy(&head);
    let (_, rest) = text.split_once("\"lineage\":\"")?;
    rest.split_once('"').map(|(lineage, _)| lineage.to_owned())
}

/// Tells whether a finding speaks of a component: of `service/component`, or by its bare name.
fn names(finding: &Diagnostic, id: &str) -> bool {
    let bare = id.rsplit('/').next().unwrap_or(id);
    let text = &finding.message;
    text.contains(&format!("`{id}")) || text.contains(&format!("`{bare}`")) || text.contains(&format!("`{bare}."))
}

impl Session {
    /// Compiles the manifests: of the repository, or of one file.
    pub fn compile(&self, file: Option<&Path>) -> Result<Compiled, Error> {
        self.compile_place(file, self.global.stack.clone(), self.global.environment.clone())
    }

    /// Compiles the manifests of a given stack and environment; none leaves the choice to the repository.
    pub fn compile_place(&self, file: Option<&Path>, stack: Option<String>, environment: Option<String>) -> Result<Compiled, Error> {
        let Attempt { manifest, findings, files, .. } = self.attempt(file, stack, environment)?;
        let warnings = Error::check(findings)?;
        let manifest = manifest.ok_or_else(|| Diagnostic::new(P0070, "a manifest was given up without a finding"))?;
        Ok(Compiled { manifest, warnings, files })
    }

    /// Compiles and translates; where the first does not succeed, what the second finds is told as well, as far as it does not follow from that.
    pub fn graph_of_place(&self, file: Option<&Path>, stack: Option<String>, environment: Option<String>) -> Result<FromFiles, Error> {
        let Attempt { manifest, lost, findings, .. } = self.attempt(file, stack, environment)?;
        if !findings.iter().any(Diagnostic::is_error) {
            let manifest = manifest.ok_or_else(|| Diagnostic::new(P0070, "a manifest was given up without a finding"))?;
            let components = manifest.components.len();
            return graph_of(manifest, findings).map(|graphed| FromFiles { components, graphed });
        }
        let mut all = findings;
        // What has no name that is one cannot be translated.
        let named = |manifest: &Manifest| manifest.services.keys().all(|service| is_name(service) && !service.starts_with('_'));
        if let Some(Err(error)) = manifest.filter(named).map(|manifest| components::translate(&manifest)) {
            let follows = |finding: &Diagnostic| lost.iter().any(|id| names(finding, id));
            all.extend(error.into_findings().into_iter().filter(|finding| !follows(finding)));
        }
        sort(&mut all);
        Err(Error::check(all).expect_err("there is an error among them"))
    }

    fn attempt(&self, file: Option<&Path>, stack: Option<String>, environment: Option<String>) -> Result<Attempt, Error> {
        let single = file.map(|path| self.single(path)).transpose()?;
        let root = if single.is_some() { self.directory() } else { manifest::find_root(&self.directory())? };
        // The engine, and with it whether a region must be named, follows from the backend.
        let declared = match choose(&root, stack.as_deref(), environment.as_deref()) {
            Ok((stack, environment)) if single.is_none() => self.declared(&stack, &environment).ok().flatten(),
            _ => None,
        };
        let backend = declared.as_ref().and_then(|declared| declared.backend.as_ref());
        let settings = self.settings(&root, backend.into())?;
        let request = Request { single, simulated: settings.engine.is_simulated(), ..self.request(root, stack, environment)? };
        let began = Instant::now();
        let mut attempt = manifest::attempt(&request, &KINDS);
        if let Some(manifest) = &mut attempt.manifest {
            manifest.root = self.from_here(&request.root);
            let local = settings.backend == Backend::Local;
            manifest.lineage = local.then(|| lineage_beside(&request.root, &manifest.stack, &manifest.environment)).flatten();
            let (files, components, findings, ms) =
                (attempt.files.len(), manifest.components.len(), attempt.findings.len(), millis(began.elapsed()));
            tracing::info!(files, components, findings, ms, "manifests read: {} in {}", manifest.stack, manifest.environment);
        }
        Ok(attempt)
    }

    /// What the manifests around declare for a stack in an environment: nothing where there are no manifests, or no such stack.
    pub fn declared(&self, stack: &str, environment: &str) -> Result<Option<manifest::Declared>, Error> {
        let Ok(root) = manifest::find_root(&self.directory()) else { return Ok(None) };
        manifest::Declared::read(&self.request(root, Some(stack.to_owned()), Some(environment.to_owned()))?, &KINDS)
    }

    fn request(&self, root: PathBuf, stack: Option<String>, environment: Option<String>) -> Result<Request, Error> {
        let settings = self.settings(&root, Declared::Nowhere)?;
        Ok(Request {
            root,
            stack,
            environment,
            variables: self.variables()?,
            variable_files: self.global.variable_files.iter().map(|path| self.context.cwd.join(path)).collect(),
            ambient: self.context.manifest_variables(),
            defaults: ProviderDefaults {
                region: settings.aws.region,
                profile: settings.aws.profile,
                account_id: None,
                default_tags: settings.default_tags,
            },
            ..Request::default()
        })
    }

    fn single(&self, path: &Path) -> Result<(String, String), Error> {
        if path == Path::new("-") {
            let text = self.context.read_stdin()?;
            if text.trim().is_empty() {
                return Err(Diagnostic::new(P0005, "standard input is empty").help("write the manifests to standard input").into());
            }
            return Ok(("-".to_owned(), text));
        }
        let full = self.directory().join(path);
        match std::fs::read(&full) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok((path.display().to_string(), text)),
                Err(_) => Err(Diagnostic::new(crate::diagnostic::codes::manifest::P1023, format!("`{}` is not UTF-8", path.display()))
                    .at(crate::diagnostic::Span::file(path.display().to_string()))
                    .help("save the file as UTF-8")
                    .into()),
            },
            Err(error) => Err(Diagnostic::new(P0014, format!("`{}` cannot be read: {error}", path.display())).into()),
        }
    }

    /// Turns a stage into a graph. None starts from the YAML files.
    pub fn graph(&self, stage: Option<Stage>) -> Result<Graphed, Error> {
        match stage {
            Some(Stage::Graph(graph)) => Ok(Graphed { graph: graph.check()?, warnings: Vec::new() }),
            Some(Stage::Manifest(manifest)) => self.admitted(graph_of(*manifest, Vec::new())?),
            Some(Stage::Plan(_)) => unreachable!("verbs that make a graph do not read plans"),
            None => {
                let whole = self.graph_of_place(None, self.global.stack.clone(), self.global.environment.clone())?;
                self.admitted(whole.graphed)
            }
        }
    }

    fn admitted(&self, graphed: Graphed) -> Result<Graphed, Error> {
        Ok(Graphed { warnings: self.admit(graphed.warnings)?, ..graphed })
    }
}

/// Translates a manifest and makes its graph.
pub fn graph_of(manifest: Manifest, mut warnings: Vec<Diagnostic>) -> Result<Graphed, Error> {
    let began = Instant::now();
    let translated = components::translate(&manifest)?;
    warnings.extend(translated.warnings);
    let manifest_digest = Digest::of_written(&Manifest { lineage: None, root: None, lock: None, state: None, ..manifest.clone() });
    let Manifest { stack, environment, provider, backend, protect, lineage, root, lock, state, .. } = manifest;
    let graph = graph::build(graph::Input {
        stack,
        environment,
        provider,
        backend,
        protect,
        manifest_digest,
        catalog_version: crate::catalog::catalog().version().to_owned(),
        resources: translated.resources,
        outputs: translated.outputs,
        lineage,
        root,
        lock,
        state,
    })?;
    tracing::info!(resources = graph.resources.len(), ms = millis(began.elapsed()), "graph made");
    Ok(Graphed { graph, warnings })
}
