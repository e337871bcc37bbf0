//! Files that a component names: configuration, user data, packages.
//!
//! A path is looked for beside the document that names it, in the component's directory (its `configs` first), and from the root. What
//! leads out of the repository is refused. Small texts are carried along, everything else by its digest.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::File;
use super::envelope::Document;
use super::repository::{Repository, Resolved, join, parent};
use super::source::Sources;
use super::written::{PathText, Written};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::manifest::P1021;
use crate::document::hex;
use crate::schema::Schema;
use sha2::{Digest as _, Sha256};

/// Bytes of a text that is carried along.
const SMALL: u64 = 64 * 1024;

/// Bytes of one file: the limit of a Lambda package.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Finds files.
pub(super) struct Attachments<'a> {
    /// The repository; single input without one names no files.
    pub(super) repository: Option<&'a Repository>,
    /// The manifest files.
    pub(super) sources: &'a Sources,
}

impl Attachments<'_> {
    /// The files that a spec names, by their paths as written. Where `configs` names none, all of `configs/` are meant, and the list is
    /// put into the spec.
    pub(super) fn of(
        &self,
        written: &Written,
        schema: &Schema,
        base: &Document,
        value: &mut Json,
        findings: &mut Vec<Diagnostic>,
    ) -> BTreeMap<String, File> {
        let mut files = BTreeMap::new();
        let home = parent(self.sources.path(base.at));
        for path in &written.paths {
            match self.one(path, home) {
                Ok(Some(file)) => {
                    files.insert(path.text.to_string(), file);
                }
                Ok(None) => {}
                Err(finding) => findings.push(*finding),
            }
        }
        if schema.at("/configs/files").is_some()
            && let Some(configs) = value.get_mut("configs").and_then(Json::as_object_mut)
            && !configs.contains_key("files")
        {
            let found = self.all_configs(&join(home, "configs"), findings);
            configs.insert("files".to_owned(), found.keys().cloned().collect());
            files.extend(found);
        }
        files
    }

    fn one(&self, path: &PathText, home: &str) -> Result<Option<File>, Box<Diagnostic>> {
        // A malformed path is a finding of the schema already.
        if path.text.is_empty() || path.text.starts_with('/') || path.text.contains(['\\', '\0']) {
            return Ok(None);
        }
        let fail = |message: String, help: Option<String>| {
            Err(Box::new(Diagnostic::new(P1021, message).at(self.sources.span(path.at)).maybe_help(help)))
        };
        let outside = || fail(format!("`{}` leads out of the repository", path.text), Some("copy the file into the repository".to_owned()));
        let Some(repository) = self.repository else {
            return fail(format!("`{}` cannot be read: standard input has no files beside it", path.text), None);
        };
        let beside = parent(self.sources.path(path.at));
        let configs = join(home, "configs");
        let bases = if path.pointer.starts_with("/configs/") { vec![configs.as_str(), beside, home, ""] } else { vec![beside, home, ""] };
        match bases.into_iter().find_map(|base| repository.resolve(base, &path.text)) {
            Some(Resolved::Inside { path: found, is_dir }) => {
                let read = if is_dir { directory(repository, &found) } else { file(repository, &found) };
                read.map(Some).or_else(|why| fail(why.message, None))
            }
            Some(Resolved::Outside) => outside(),
            None if escapes(home, &path.text) => outside(),
            None => {
                let place = if home.is_empty() { "in the repository".to_owned() } else { format!("in `{home}` and in the root") };
                fail(format!("there is no file `{}`", path.text), Some(format!("it is looked for {place}")))
            }
        }
    }

    fn all_configs(&self, dir: &str, findings: &mut Vec<Diagnostic>) -> BTreeMap<String, File> {
        let Some(repository) = self.repository else { return BTreeMap::new() };
        let mut names = Vec::new();
        if repository.has_dir(dir, findings) {
            walk(repository, dir, "", &mut names, findings, 0);
        }
        let mut files = BTreeMap::new();
        for name in names {
            match file(repository, &join(dir, &name)) {
                Ok(file) => {
                    files.insert(name, file);
                }
                Err(finding) => findings.push(*finding),
            }
        }
        files
    }
}

fn file(repository: &Repository, path: &str) -> Result<File, Box<Diagnostic>> {
    let bytes = repository.read(path, LARGEST)?;
    let (sha256, size) = (hex(&Sha256::digest(&bytes)), bytes.len() as u64);
    let text = if size <= SMALL { String::from_utf8(bytes).ok() } else { None };
    Ok(File { path: path.to_owned(), sha256, size, text })
}

/// A directory as one file: its digest is that of the sorted paths and digests of its files.
fn directory(repository: &Repository, path: &str) -> Result<File, Box<Diagnostic>> {
    let mut findings = Vec::new();
    let mut names = Vec::new();
    walk(repository, path, "", &mut names, &mut findings, 0);
    if let Some(finding) = findings.into_iter().next() {
        return Err(Box::new(finding));
    }
    let mut digest = Sha256::new();
    let mut size = 0;
    for name in names {
        let file = file(repository, &join(path, &name))?;
        size += file.size;
        digest.update(format!("{name}\0{}\n", file.sha256));
    }
    Ok(File { path: path.to_owned(), sha256: hex(&digest.finalize()), size, text: None })
}

/// Whether a path leads above the root, seen from a directory.
fn escapes(home: &str, path: &str) -> bool {
    let mut depth = home.split('/').filter(|step| !step.is_empty()).count();
    path.split('/').any(|step| match step {
        "" | "." => false,
        ".." if depth == 0 => true,
        ".." => {
            depth -= 1;
            false
        }
        _ => {
            depth += 1;
            false
        }
    })
}

/// Levels of directories below one that a component names.
const DEPTH: usize = 32;

/// Names the files below a directory, in byte order of their paths.
fn walk(repository: &Repository, dir: &str, prefix: &str, names: &mut Vec<String>, findings: &mut Vec<Diagnostic>, depth: usize) {
    if depth > DEPTH {
        findings.push(Diagnostic::new(P1021, format!("`{dir}` is nested more than {DEPTH} directories deep")));
        return;
    }
    for entry in repository.entries(dir, findings) {
        let name = join(prefix, &entry.name);
        if entry.is_dir {
            walk(repository, &entry.path, &name, names, findings, depth + 1);
        } else {
            names.push(name);
        }
    }
    if depth == 0 {
        names.sort();
    }
}
