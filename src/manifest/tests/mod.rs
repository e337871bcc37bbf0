//! Whole stacks through the compiler, on a small table of kinds.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::fake::FakeKinds;
use super::{Compiled, Request, compile};
use crate::diagnostic::{Diagnostic, Error};

mod example;
mod layers;
mod layout;
mod specs;
mod variables;
mod yaml;

/// A repository in a temporary directory.
struct Repo {
    dir: tempfile::TempDir,
    request: Request,
}

impl Repo {
    /// Writes files; a name and its text, in turn.
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let request = Request { root: dir.path().to_path_buf(), simulated: true, environment: Some("dev".into()), ..Request::default() };
        let repo = Self { dir, request };
        for (name, text) in files {
            repo.write(name, text.as_bytes());
        }
        repo
    }

    /// A stack `s` with these files below `stacks/s/`.
    fn stack(files: &[(&str, &str)]) -> Self {
        let repo = Self::new(&[("stacks/s/stack.yaml", "apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {name: s}\n")]);
        for (name, text) in files {
            repo.write(&format!("stacks/s/{name}"), text.as_bytes());
        }
        repo
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn with(mut self, change: impl FnOnce(&mut Request)) -> Self {
        change(&mut self.request);
        self
    }

    fn compile(&self) -> Result<Compiled, Error> {
        compile(&self.request, &FakeKinds)
    }

    #[track_caller]
    fn good(&self) -> Compiled {
        self.compile().unwrap_or_else(|error| panic!("{}", list(error.findings()).join("\n")))
    }

    /// Code and place of each finding, warnings too.
    fn findings(&self) -> Vec<String> {
        match self.compile() {
            Ok(compiled) => list(&compiled.warnings),
            Err(error) => list(error.findings()),
        }
    }

    /// The spec of a component.
    #[track_caller]
    fn spec(&self, id: &str) -> Json {
        let compiled = self.good();
        let component = compiled.manifest.components.into_iter().find(|component| component.id.as_str() == id);
        component.unwrap_or_else(|| panic!("there is no component {id}")).spec
    }
}

fn list(findings: &[Diagnostic]) -> Vec<String> {
    findings.iter().map(|finding| format!("{} {}", finding.code, finding.span.as_ref().map_or("-".into(), ToString::to_string))).collect()
}

/// A component document.
fn component(kind: &str, name: &str, spec: &str) -> String {
    format!("apiVersion: components.panka.io/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n")
}
