//! `panka fmt`.

use std::path::{Path, PathBuf};

use super::Outcome;
use super::init::write_new;
use super::session::Session;
use crate::answers::Written;
use crate::diagnostic::codes::command::P0014;
use crate::diagnostic::{Diagnostic, Error, Span};
use crate::document::Kind;
use crate::exit::Exit;
use crate::manifest::{self, Canonical};

/// Format manifests
///
/// Rewrites YAML files in canonical form; comments stay. Without paths, every YAML file of the repository's stacks. `-` reads standard
/// input and writes standard output. A file that is not valid YAML is reported and left alone; so is what
/// lies in `configs/`, which belongs to its component.
///
/// Examples:
///
///   panka fmt
///   panka fmt --check            # 10 when a file would change
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Files or directories
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; exit with 10 when a file would change
    #[arg(long)]
    pub check: bool,
}

/// Runs the verb.
pub fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        let text = session.context.read_stdin()?;
        let Canonical { text: canonical, left } = manifest::canonical_yaml("standard input", &text)?;
        let changed = canonical != text;
        let exit = if args.check && changed { Exit::Differences } else { Exit::Done };
        let files = if changed { vec!["-".to_owned()] } else { Vec::new() };
        return Ok(Outcome::text(&Written { kind: Kind::new(), files, dry_run: true, found: None }, canonical)
            .warn(left.into_iter().collect())
            .exit(exit));
    }
    let base = session.directory();
    let mut files = Vec::new();
    if args.paths.is_empty() {
        let root = manifest::find_root(&base)?;
        for part in ["stack.yaml", "stack.yml", "stacks", "services", "environments", "infra"] {
            let path = root.join(part);
            if path.exists() {
                collect(&path, &mut files)?;
            }
        }
    } else {
        for path in &args.paths {
            collect(&base.join(path), &mut files)?;
        }
    }
    // What components mount is theirs, also where it is named: by a hook that names all that was changed.
    files.retain(|path| !path.strip_prefix(&base).unwrap_or(path).components().any(|part| part.as_os_str() == "configs"));
    files.sort();
    let mut findings = Vec::new();
    let mut left = Vec::new();
    let mut changed = Vec::new();
    for path in files {
        let name = path.strip_prefix(&base).unwrap_or(&path).display().to_string();
        match format_file(&path, &name, args.check) {
            Ok((is_changed, warning)) => {
                changed.extend(is_changed.then_some(name));
                left.extend(warning);
            }
            Err(error) => findings.extend(error.into_findings()),
        }
    }
    Error::check(findings)?;
    let exit = if args.check && !changed.is_empty() { Exit::Differences } else { Exit::Done };
    let text = changed.iter().map(|name| format!("{name}\n")).collect::<String>();
    Ok(Outcome::told(&Written { kind: Kind::new(), files: changed, dry_run: args.check, found: None }, text).warn(left).exit(exit))
}

/// Formats one file; tells whether it changed, or would, and what was left.
fn format_file(path: &Path, name: &str, check: bool) -> Result<(bool, Option<Diagnostic>), Error> {
    let unreadable = |error: &std::io::Error| Diagnostic::new(P0014, format!("`{name}` cannot be read: {error}")).at(Span::file(name));
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
    let Canonical { text: canonical, left } = manifest::canonical_yaml(name, &text)?;
    if canonical == text {
        return Ok((false, left));
    }
    if !check {
        write_new(path, &canonical, true)?;
    }
    Ok((true, left))
}

/// The YAML files at or below a path. Links are not followed.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let fail = |error: &std::io::Error| Diagnostic::new(P0014, format!("`{}` cannot be read: {error}", path.display()));
    let kind = std::fs::symlink_metadata(path).map_err(|error| fail(&error))?.file_type();
    if kind.is_dir() {
        for entry in std::fs::read_dir(path).map_err(|error| fail(&error))? {
            let entry = entry.map_err(|error| fail(&error))?.path();
            // What components mount is theirs, whatever it is written in.
            if entry.file_name().is_some_and(|name| name == "configs" || name.to_string_lossy().starts_with('.')) {
                continue;
            }
            let yaml = entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
            if entry.is_dir() && !entry.is_symlink() || yaml {
                collect(&entry, files)?;
            }
        }
    } else if kind.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}
