//! What is asked of this room, and what it gives.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Manifest;
use crate::diagnostic::Diagnostic;

/// What to compile.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The root of the repository.
    pub root: PathBuf,
    /// The stack; none means the only one.
    pub stack: Option<String>,
    /// The environment; none means the only one.
    pub environment: Option<String>,
    /// `--var`, in the order of the command line: a later one wins.
    pub variables: Vec<(String, String)>,
    /// `--var-file`: a later one wins.
    pub variable_files: Vec<PathBuf>,
    /// Variables of the process environment, without the prefix `PANKA_VAR_`.
    pub ambient: BTreeMap<String, String>,
    /// What holds where the stack says nothing.
    pub defaults: ProviderDefaults,
    /// Single input instead of a repository: its name, `-` for standard input, and its text.
    pub single: Option<(String, String)>,
    /// The engine is a simulation, which needs no region to be named.
    pub simulated: bool,
}

/// Facts of the provider from the configuration and the process environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderDefaults {
    /// AWS region.
    pub region: Option<String>,
    /// AWS profile.
    pub profile: Option<String>,
    /// Account number, 12 digits.
    pub account_id: Option<String>,
    /// Tags of every resource, below those of the stack.
    pub default_tags: BTreeMap<String, String>,
}

/// A compiled manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// The manifest.
    pub manifest: Manifest,
    /// Findings that stop nothing, sorted by place.
    pub warnings: Vec<Diagnostic>,
    /// Paths of the manifest files that were read, relative to the root, in byte order.
    pub files: Vec<String>,
}
