//! The stages of the data's path, each from whatever is there: standard input, or the YAML files.

use std::path::Path;

use super::input::Stage;
use super::session::Session;
use crate::components::{self, KINDS};
use crate::diagnostic::codes::command::{P0005, P0014};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Digest;
use crate::graph::{self, Graph};
use crate::manifest::{self, Backend, Compiled, Manifest, ProviderDefaults, Request};

/// A graph with what was found on the way to it.
pub struct Graphed {
    /// The graph.
    pub graph: Graph,
    /// Findings that stop nothing.
    pub warnings: Vec<Diagnostic>,
}

impl Session {
    /// Compiles the manifests: of the repository, or of one file.
    pub fn compile(&self, file: Option<&Path>) -> Result<Compiled, Error> {
        self.compile_place(file, self.global.stack.clone(), self.global.environment.clone())
    }

    /// Compiles the manifests of a given stack and environment; none leaves the choice to the repository.
    pub fn compile_place(&self, file: Option<&Path>, stack: Option<String>, environment: Option<String>) -> Result<Compiled, Error> {
        let single = file.map(|path| self.single(path)).transpose()?;
        let root = if single.is_some() { self.directory() } else { manifest::find_root(&self.directory())? };
        let settings = self.settings(&root, None)?;
        let request = Request {
            root,
            stack,
            environment,
            variables: self.variables()?,
            variable_files: self.global.variable_files.iter().map(|path| self.context.cwd.join(path)).collect(),
            ambient: self.context.manifest_variables(),
            defaults: ProviderDefaults {
                region: settings.get("aws.region").map(str::to_owned),
                profile: settings.get("aws.profile").map(str::to_owned),
                account_id: None,
                default_tags: settings.default_tags().clone(),
            },
            simulated: settings.engine() == "local",
            single,
        };
        manifest::compile(&request, &KINDS)
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
                let Compiled { manifest, warnings, .. } = self.compile(None)?;
                self.admitted(graph_of(manifest, warnings)?)
            }
        }
    }

    fn admitted(&self, graphed: Graphed) -> Result<Graphed, Error> {
        Ok(Graphed { warnings: self.admit(graphed.warnings)?, ..graphed })
    }

    /// The state place that the stack around names, as far as the manifests can be read; verbs on the state work without them too.
    pub fn stack_backend(&self, root: &Path) -> Result<Option<Backend>, Error> {
        let (Ok(_), Ok((stack, environment))) = (manifest::find_root(root), self.place(root)) else { return Ok(None) };
        if !manifest::stacks(root)?.contains(&stack) {
            return Ok(None);
        }
        // Only a stack whose text names a backend is compiled for it: verbs on the state must work beside broken components.
        let folder = root.join("stacks").join(&stack);
        let folder = if folder.exists() { folder } else { root.to_owned() };
        let environments = folder.join("environments");
        let files = [
            folder.join("stack.yaml"),
            folder.join("stack.yml"),
            environments.join(format!("{environment}.yaml")),
            environments.join(format!("{environment}.yml")),
        ];
        let names_backend = files.iter().any(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains("backend")));
        if names_backend { Ok(self.compile_place(None, Some(stack), Some(environment))?.manifest.backend) } else { Ok(None) }
    }
}

/// Translates a manifest and makes its graph.
pub fn graph_of(manifest: Manifest, mut warnings: Vec<Diagnostic>) -> Result<Graphed, Error> {
    let translated = components::translate(&manifest)?;
    warnings.extend(translated.warnings);
    let manifest_digest = Digest::of_written(&Manifest { lock: None, state: None, ..manifest.clone() });
    let Manifest { stack, environment, provider, backend, protect, lock, state, .. } = manifest;
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
        lock,
        state,
    })?;
    Ok(Graphed { graph, warnings })
}
