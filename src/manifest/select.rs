//! Which stack and which environment: as given, or the only one there is.

use std::path::Path;

use super::layout::{environment_names, stack_dir, stack_names};
use super::node::Node;
use super::repository::{Repository, STACK_FILES};
use super::source::Sources;
use super::yaml;
use crate::address::is_name;
use crate::diagnostic::codes::command::P0002;
use crate::diagnostic::codes::manifest::P1050;
use crate::diagnostic::{Code, Diagnostic, Error, did_you_mean};

/// Names the stacks of a repository, in byte order.
pub fn stacks(root: &Path) -> Result<Vec<String>, Error> {
    let repository = Repository::open(root)?;
    let mut findings = Vec::new();
    let names = stack_names(&repository, &mut findings).unwrap_or_else(|| own_name(&repository).into_iter().collect());
    Error::check(findings)?;
    Ok(names)
}

/// Names the environments of a stack, in byte order.
pub fn environments(root: &Path, stack: &str) -> Result<Vec<String>, Error> {
    let repository = Repository::open(root)?;
    let mut findings = Vec::new();
    let dir = stack_dir(&repository, stack, &mut findings);
    let names = environment_names(&repository, &dir, &mut findings);
    Error::check(findings)?;
    Ok(names.into_iter().collect())
}

/// The name that the Stack of a one-stack repository gives itself.
fn own_name(repository: &Repository) -> Option<String> {
    STACK_FILES.iter().find_map(|file| {
        let mut sources = Sources::default();
        let file = sources.add(*file, repository.read_text(file).ok()?);
        let parsed = yaml::parse(&sources, file);
        let name = parsed.documents.iter().find_map(|document| document.at_path("metadata.name").and_then(Node::as_text));
        name.map(ToString::to_string)
    })
}

/// Selects the stack of a repository.
pub(super) fn stack(
    repository: &Repository,
    given: Option<&str>,
    findings: &mut Vec<Diagnostic>,
) -> Result<Option<String>, Box<Diagnostic>> {
    let Some(names) = stack_names(repository, findings) else { return Ok(None) };
    choose("stack", "-s", given, &names, P0002).map(Some)
}

/// Selects the environment among those that are known. Without any, every well-formed name is one.
pub(super) fn environment(given: Option<&str>, names: &[String]) -> Result<String, Box<Diagnostic>> {
    match given {
        Some(name) if names.is_empty() && is_name(name) && !name.starts_with('_') => Ok(name.to_owned()),
        Some(name) if names.is_empty() => Err(Box::new(
            Diagnostic::new(P0002, format!("`{name}` is not the name of an environment"))
                .help("names are made of a-z, 0-9 and hyphens, start with a letter and have at most 40 characters"),
        )),
        given => choose("environment", "-e", given, names, P1050),
    }
}

/// Chooses a name; `unknown` is the code of a given one that is not there.
fn choose(what: &str, flag: &str, given: Option<&str>, names: &[String], unknown: Code) -> Result<String, Box<Diagnostic>> {
    let known = || if names.is_empty() { format!("there is no {what} here") } else { format!("known here: {}", names.join(", ")) };
    match (given, names) {
        (Some(name), names) if names.iter().any(|known| known == name) => Ok(name.to_owned()),
        (Some(name), names) => Err(Box::new(
            Diagnostic::new(unknown, format!("unknown {what} `{name}`"))
                .maybe_help(did_you_mean(name, names.iter().map(String::as_str)))
                .help(known()),
        )),
        (None, [only]) => Ok(only.clone()),
        (None, _) => {
            Err(Box::new(Diagnostic::new(P0002, format!("which {what}?")).help(format!("name it with `{flag} NAME`")).help(known())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_only_one_is_taken() {
        assert_eq!(environment(None, &names(&["dev"])).unwrap(), "dev");
        assert_eq!(environment(Some("dev"), &names(&["dev", "production"])).unwrap(), "dev");
    }

    #[test]
    fn several_are_listed() {
        let finding = environment(None, &names(&["dev", "production"])).unwrap_err();
        assert_eq!(finding.code, P0002);
        assert!(finding.help.iter().any(|help| help.contains("dev, production")), "{finding:?}");
        assert_eq!(environment(None, &[]).unwrap_err().code, P0002);
    }

    #[test]
    fn an_unknown_one_is_refused_where_some_are_known() {
        let finding = environment(Some("prodution"), &names(&["dev", "production"])).unwrap_err();
        assert_eq!((finding.code, finding.help[0].as_str()), (P1050, "did you mean `production`?"));
        assert_eq!(environment(Some("anything"), &[]).unwrap(), "anything");
        assert_eq!(environment(Some("_x"), &[]).unwrap_err().code, P0002);
    }
}
