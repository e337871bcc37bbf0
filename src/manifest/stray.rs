//! What lies among the manifests and is not read: a misspelled directory must not look like a stack without components.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;

use super::repository::{Entry, Repository, yaml_stem};
use crate::diagnostic::codes::manifest::{P1023, P1055};
use crate::diagnostic::{Diagnostic, Span, did_you_mean};

/// What every manifest has in its `apiVersion`.
const MARK: &str = "panka.io/";

/// Bytes of a file that are looked at, and things of a directory: enough for manifests, and little for a directory of sources.
const GLANCE: u64 = 1024 * 1024;
const THINGS: usize = 2000;

/// Directories of sources that people do not write themselves.
const FOREIGN: [&str; 4] = ["node_modules", "target", "vendor", "__pycache__"];

/// A file with the name of a YAML file at a place where none is read.
pub(super) fn file(repository: &Repository, path: &str) -> Diagnostic {
    let finding = Diagnostic::new(P1055, format!("`{path}` is at a place where manifests are not read"))
        .at(Span::file(path))
        .help("components lie in `services/<service>/components/<component>/`, or in `services/<service>/` itself");
    if is_manifest(repository, path) { finding } else { finding.warning() }
}

/// A file whose name is nearly that of a YAML file, such as `api.yaml.bak` and `api.YAML`.
pub(super) fn nearly_yaml(repository: &Repository, entry: &Entry) -> Option<Diagnostic> {
    let lower = entry.name.to_ascii_lowercase();
    let near = [".yaml", ".yml"].iter().any(|extension| lower.contains(extension));
    if !near || yaml_stem(&entry.name).is_some() || !is_manifest(repository, &entry.path) {
        return None;
    }
    let finding = Diagnostic::new(P1055, format!("`{}` is not read: the names of manifests end in `.yaml` or `.yml`", entry.path))
        .at(Span::file(entry.path.as_str()))
        .help("rename it, or delete it");
    Some(if yaml_stem(&lower).is_some() { finding } else { finding.warning() })
}

/// A directory that no rule reads.
#[derive(Debug)]
pub(super) struct Directory {
    path: String,
    name: String,
    /// The names that are read there.
    known: &'static [&'static str],
    /// Without manifests in it, it is none of panka's business.
    foreign: bool,
    /// What is in it.
    manifests: Vec<String>,
}

impl Directory {
    /// Looks into a directory that stands among those that are `known` there. A `foreign` one may hold anything but manifests.
    pub(super) fn look(repository: &Repository, entry: Entry, known: &'static [&'static str], foreign: bool) -> Self {
        let manifests = manifests_below(repository, &entry.path);
        Self { path: entry.path, name: entry.name, known, foreign, manifests }
    }

    /// What is wrong with it, when `read` are the files that were read all the same: a document has named them, or a link leads to them.
    pub(super) fn finding(&self, repository: &Repository, read: &BTreeSet<PathBuf>) -> Option<Diagnostic> {
        let Self { path, name, known, .. } = self;
        let near = did_you_mean(name, known.iter().copied());
        let is_read = |manifest: &&String| repository.on_disk(manifest).canonicalize().is_ok_and(|real| read.contains(&real));
        match self.manifests.iter().find(|manifest| !is_read(manifest)) {
            Some(manifest) => {
                let finding = Diagnostic::new(P1055, format!("`{path}/` holds manifests, and directories of this name are not read"))
                    .at(Span::file(manifest.as_str()))
                    .maybe_help(near);
                let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                Some(finding.maybe_help((!names.is_empty()).then(|| format!("directories that are read here: {}", names.join(", ")))))
            }
            None if self.foreign || !self.manifests.is_empty() => None,
            None => Some(
                Diagnostic::new(P1055, format!("`{path}/` is not read: directories of this name have no meaning here"))
                    .at(Span::file(path.as_str()))
                    .maybe_help(near)
                    .help("move it out of the stack, or begin its name with a dot")
                    .warning(),
            ),
        }
    }
}

/// A directory of overlays whose environment has no document, while others have: it is nearly named like one of them.
pub(super) fn environment(entry: &Entry, documents: &[&str]) -> Option<Diagnostic> {
    let near = did_you_mean(&entry.name, documents.iter().copied()).or_else(|| {
        let same = documents.iter().find(|name| name.eq_ignore_ascii_case(&entry.name) || name.starts_with(&entry.name))?;
        Some(format!("did you mean `{same}`?"))
    })?;
    let message = format!("`{}/` holds overlays of an environment that no document describes", entry.path);
    Some(
        Diagnostic::new(P1055, message)
            .at(Span::file(entry.path.as_str()))
            .help(near)
            .help("rename it, or write the Environment beside it"),
    )
}

/// The directory of a component in which there are things, and no manifest.
pub(super) fn without_manifest(path: &str) -> Diagnostic {
    Diagnostic::new(P1023, format!("`{path}/` is the directory of a component and holds no manifest"))
        .at(Span::file(path))
        .help("write the component into a file that ends in `.yaml`; if the component is to go, delete the directory")
}

fn is_manifest(repository: &Repository, path: &str) -> bool {
    // What cannot be read is told where it is read.
    repository.read(path, GLANCE).is_ok_and(|bytes| bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes()))
}

/// The manifests below a directory.
fn manifests_below(repository: &Repository, dir: &str) -> Vec<String> {
    let mut open = VecDeque::from([dir.to_owned()]);
    let (mut seen, mut found) = (0, Vec::new());
    while let Some(dir) = open.pop_front() {
        for entry in repository.entries(&dir, &mut Vec::new()) {
            seen += 1;
            if seen > THINGS {
                return found;
            }
            if entry.is_dir && !FOREIGN.contains(&entry.name.as_str()) {
                open.push_back(entry.path);
            } else if !entry.is_dir && yaml_stem(&entry.name).is_some() && is_manifest(repository, &entry.path) {
                found.push(entry.path);
            }
        }
    }
    found
}
