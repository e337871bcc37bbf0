//! The repository on disk: its root, its directories in byte order, its files.
//!
//! Nothing outside the root is ever read: a symbolic link that leaves it is a finding, and so is what cannot be read.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use crate::diagnostic::codes::command::{P0001, P0014};
use crate::diagnostic::codes::manifest::P1023;
use crate::diagnostic::{Diagnostic, Error, Span};

/// Bytes of one manifest file.
const LARGEST: u64 = 32 * 1024 * 1024;

/// Finds the root: the first directory, from `start` upwards, that holds `panka.yaml` or `stacks/`, or is a one-stack repository
/// with `stack.yaml`.
pub fn find_root(start: &Path) -> Result<PathBuf, Error> {
    let in_stacks = |dir: &Path| dir.parent().and_then(Path::file_name).is_some_and(|name| name == "stacks");
    let is_root = |dir: &Path| {
        dir.join("panka.yaml").is_file()
            || dir.join("stacks").is_dir()
            || (!in_stacks(dir) && STACK_FILES.iter().any(|name| dir.join(name).is_file()))
    };
    start.ancestors().find(|dir| is_root(dir)).map(Path::to_path_buf).ok_or_else(|| {
        Diagnostic::new(P0001, format!("neither `panka.yaml`, `stacks/` nor `stack.yaml` in {} or above it", start.display()))
            .help("write a first stack with `panka stack init NAME`")
            .help("name the repository with `--dir`")
            .into()
    })
}

/// The two spellings of the file of a stack.
pub(super) const STACK_FILES: [&str; 2] = ["stack.yaml", "stack.yml"];

/// Removes the extension of a YAML file.
pub(super) fn yaml_stem(name: &str) -> Option<&str> {
    name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")).filter(|stem| !stem.is_empty())
}

/// Joins two relative paths with `/`.
pub(super) fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// The directory of a relative path.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// Something in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name.
    pub(super) name: String,
    /// Its path relative to the root.
    pub(super) path: String,
    /// Whether it is a directory; else it is a file.
    pub(super) is_dir: bool,
}

/// A repository.
#[derive(Debug)]
pub(super) struct Repository {
    root: PathBuf,
    real: PathBuf,
}

impl Repository {
    /// Opens the repository at a root.
    pub(super) fn open(root: &Path) -> Result<Self, Box<Diagnostic>> {
        let real = fs::canonicalize(root).map_err(|error| Box::new(unreadable(&root.display().to_string(), &error)))?;
        Ok(Self { root: root.to_path_buf(), real })
    }

    /// The place on disk of a relative path.
    pub(super) fn on_disk(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.root.clone() } else { self.root.join(path) }
    }

    /// Whether a path is a directory inside the root; a symbolic link out of it is a finding.
    pub(super) fn has_dir(&self, path: &str, findings: &mut Vec<Diagnostic>) -> bool {
        match fs::symlink_metadata(self.on_disk(path)) {
            Ok(meta) if meta.is_symlink() => self.follow(path, findings) == Some(true),
            Ok(meta) => meta.is_dir(),
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => {
                findings.push(unreadable(path, &error));
                false
            }
        }
    }

    /// What is in a directory, in byte order; hidden files are left out and a missing directory is empty.
    pub(super) fn entries(&self, dir: &str, findings: &mut Vec<Diagnostic>) -> Vec<Entry> {
        let listing = match fs::read_dir(self.on_disk(dir)) {
            Ok(listing) => listing,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Vec::new(),
            Err(error) => {
                findings.push(unreadable(dir, &error));
                return Vec::new();
            }
        };
        let mut entries = Vec::new();
        for item in listing {
            let (name, kind) = match item.and_then(|item| Ok((item.file_name(), item.file_type()?))) {
                Ok(found) => found,
                Err(error) => {
                    findings.push(unreadable(dir, &error));
                    continue;
                }
            };
            let Ok(name) = name.into_string() else {
                findings.push(Diagnostic::new(P1023, "a file name here is not UTF-8").at(Span::file(dir)));
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let path = join(dir, &name);
            let is_dir = if kind.is_symlink() {
                let Some(is_dir) = self.follow(&path, findings) else { continue };
                is_dir
            } else if kind.is_dir() || kind.is_file() {
                kind.is_dir()
            } else {
                if yaml_stem(&name).is_some() {
                    findings.push(Diagnostic::new(P0014, format!("`{path}` is neither a file nor a directory")).at(Span::file(path)));
                }
                continue;
            };
            entries.push(Entry { name, path, is_dir });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        entries
    }

    /// Whether a symbolic link leads to a directory; none if it leads nowhere or out of the root.
    fn follow(&self, path: &str, findings: &mut Vec<Diagnostic>) -> Option<bool> {
        let target = match fs::canonicalize(self.on_disk(path)) {
            Ok(target) => target,
            Err(error) => {
                findings.push(unreadable(path, &error));
                return None;
            }
        };
        if !target.starts_with(&self.real) {
            let finding = Diagnostic::new(P1023, format!("the symbolic link `{path}` leads out of the repository")).at(Span::file(path));
            findings.push(finding.help("copy what it leads to into the repository"));
            return None;
        }
        Some(target.is_dir())
    }

    /// The relative path of something named in a manifest: it must exist, inside the root. `None` if nothing is there.
    pub(super) fn resolve(&self, base: &str, written: &str) -> Option<Resolved> {
        let target = fs::canonicalize(self.on_disk(base).join(written)).ok()?;
        Some(match target.strip_prefix(&self.real) {
            Ok(inside) => match inside.to_str() {
                Some(path) => Resolved::Inside { path: path.to_owned(), is_dir: target.is_dir() },
                None => Resolved::Outside,
            },
            Err(_) => Resolved::Outside,
        })
    }

    /// Reads a manifest file.
    pub(super) fn read_text(&self, path: &str) -> Result<String, Box<Diagnostic>> {
        let bytes = self.read(path, LARGEST)?;
        String::from_utf8(bytes).map_err(|error| {
            let bytes = error.as_bytes();
            let good = &bytes[..error.utf8_error().valid_up_to()];
            let line = String::from_utf8_lossy(good).matches('\n').count() + 1;
            let start = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let column = String::from_utf8_lossy(&good[start..]).chars().count() + 1;
            let finding = Diagnostic::new(P1023, format!("`{path}` is not UTF-8: line {line}, column {column}")).at(Span::file(path));
            let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            Box::new(finding.help(if wide { "it looks like UTF-16; save it as UTF-8" } else { "save it as UTF-8" }))
        })
    }

    /// Reads a file of at most `limit` bytes.
    pub(super) fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Box<Diagnostic>> {
        let read = || -> std::io::Result<Option<Vec<u8>>> {
            let mut file = fs::File::open(self.on_disk(path))?;
            let meta = file.metadata()?;
            if meta.is_dir() {
                return Err(ErrorKind::IsADirectory.into());
            }
            if meta.len() > limit {
                return Ok(None);
            }
            let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default() + 1);
            file.read_to_end(&mut bytes)?;
            Ok(Some(bytes))
        };
        match read() {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => {
                let message = format!("`{path}` is larger than {} MiB", limit / 1024 / 1024);
                Err(Box::new(Diagnostic::new(P1023, message).at(Span::file(path)).help("a manifest of this size is a mistake; split it")))
            }
            Err(error) => Err(Box::new(unreadable(path, &error))),
        }
    }
}

/// Where a path of a manifest leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resolved {
    /// To something in the repository.
    Inside {
        /// Its path relative to the root.
        path: String,
        /// Whether it is a directory.
        is_dir: bool,
    },
    /// Out of the repository.
    Outside,
}

fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    let shown = if path.is_empty() { "." } else { path };
    Diagnostic::new(P0014, format!("`{shown}` cannot be read: {error}")).at(Span::file(shown))
}
