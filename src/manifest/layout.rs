//! What the path of a manifest says about the documents in it.
//!
//! In: a repository, a stack, an environment. Out: the manifest files that take part, in byte order of their paths, each with its
//! [`Slot`], and the names of services, environments and stacks that the directories show.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::repository::{Entry, Repository, STACK_FILES, join, yaml_stem};
use super::stray;
use crate::diagnostic::Diagnostic;

/// What belongs into a file, by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    /// The Stack.
    Stack,
    /// An Environment.
    Environment(Rc<str>),
    /// `InfraDefaults` of the stack.
    StackDefaults,
    /// A Service.
    Service(Rc<str>),
    /// `ServiceInfraDefaults` of a service.
    ServiceDefaults(Rc<str>),
    /// The component of a directory and its `ComponentInfra`.
    Component(Rc<str>, Rc<str>),
    /// Components of a service and their `ComponentInfra`.
    Flat(Rc<str>),
    /// Overlays on the component of a directory: environment, service, component.
    Overlay(Rc<str>, Rc<str>, Rc<str>),
    /// Anything: single input.
    Any,
}

/// The manifest files of a stack in one environment.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Path and slot, in byte order of the paths.
    pub(super) files: Vec<(String, Slot)>,
    /// Names of the directories below `services/`.
    pub(super) services: BTreeSet<Rc<str>>,
    /// Directories that no rule reads.
    pub(super) strays: Vec<stray::Directory>,
    /// Symbolic links out of the root, unreadable directories, files that no rule reads.
    pub(super) findings: Vec<Diagnostic>,
}

/// The directory of a stack, relative to the root: `stacks/<stack>`, or the root itself in a one-stack repository.
pub(super) fn stack_dir(repository: &Repository, stack: &str, findings: &mut Vec<Diagnostic>) -> String {
    if repository.has_dir("stacks", findings) { join("stacks", stack) } else { String::new() }
}

/// The names of the directories below `stacks/`; none in a one-stack repository.
pub(super) fn stack_names(repository: &Repository, findings: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    if !repository.has_dir("stacks", findings) {
        return None;
    }
    Some(repository.entries("stacks", findings).into_iter().filter(|entry| entry.is_dir).map(|entry| entry.name).collect())
}

/// The names of the environments that the directory of a stack shows.
pub(super) fn environment_names(repository: &Repository, stack_dir: &str, findings: &mut Vec<Diagnostic>) -> BTreeSet<String> {
    let name = |entry: Entry| if entry.is_dir { Some(entry.name) } else { yaml_stem(&entry.name).map(str::to_owned) };
    repository.entries(&join(stack_dir, "environments"), findings).into_iter().filter_map(name).collect()
}

impl Layout {
    /// Walks the directories of a stack.
    pub(super) fn of(repository: &Repository, stack_dir: &str, environment: &str) -> Self {
        let mut walk = Walk { repository, out: Self::default() };
        walk.stack(stack_dir, environment);
        walk.out.files.sort_by(|a, b| a.0.cmp(&b.0));
        walk.out
    }
}

struct Walk<'r> {
    repository: &'r Repository,
    out: Layout,
}

impl Walk<'_> {
    fn entries(&mut self, dir: &str) -> Vec<Entry> {
        self.repository.entries(dir, &mut self.out.findings)
    }

    /// Takes the YAML files directly in a directory; `slot` of none is a file that no rule reads.
    fn yaml_files(&mut self, entries: Vec<Entry>, slot: impl Fn(&str) -> Option<Slot>) {
        for entry in entries.into_iter().filter(|entry| !entry.is_dir) {
            match (yaml_stem(&entry.name), slot(&entry.name)) {
                (Some(_), Some(slot)) => self.out.files.push((entry.path, slot)),
                (Some(_), None) => self.out.findings.push(stray::file(self.repository, &entry.path)),
                (None, _) => self.out.findings.extend(stray::nearly_yaml(self.repository, &entry)),
            }
        }
    }

    /// Tells of the directories here that no rule reads.
    fn no_others(&mut self, entries: &[Entry], known: &'static [&'static str]) {
        for entry in entries.iter().filter(|entry| entry.is_dir && !known.contains(&entry.name.as_str())) {
            self.stray(entry.clone(), known, false);
        }
    }

    fn stray(&mut self, entry: Entry, known: &'static [&'static str], foreign: bool) {
        self.out.strays.push(stray::Directory::look(self.repository, entry, known, foreign));
    }

    fn stack(&mut self, dir: &str, environment: &str) {
        const KNOWN: &[&str] = &["environments", "infra", "services"];
        for entry in self.entries(dir) {
            match (entry.is_dir, entry.name.as_str()) {
                (true, "infra") => {
                    let entries = self.entries(&entry.path);
                    self.no_others(&entries, &[]);
                    self.yaml_files(entries, |_| Some(Slot::StackDefaults));
                }
                (true, "environments") => self.environments(&entry.path, environment),
                (true, "services") => self.services(&entry.path),
                // Beside the one stack of a repository lies everything else that is in it.
                (true, _) => self.stray(entry, KNOWN, dir.is_empty()),
                (false, name) if STACK_FILES.contains(&name) => self.out.files.push((entry.path, Slot::Stack)),
                (false, "panka.yaml" | "panka.yml") if dir.is_empty() => {}
                (false, _) if !dir.is_empty() => self.yaml_files(vec![entry], |_| None),
                _ => {}
            }
        }
    }

    fn environments(&mut self, dir: &str, environment: &str) {
        let entries = self.entries(dir);
        let documents: Vec<&str> = entries.iter().filter(|entry| !entry.is_dir).filter_map(|entry| yaml_stem(&entry.name)).collect();
        for entry in entries.iter().filter(|entry| entry.is_dir && !documents.contains(&entry.name.as_str())) {
            self.out.findings.extend(stray::environment(entry, &documents));
        }
        for entry in entries.clone() {
            if entry.is_dir && entry.name == environment {
                self.overlays(&entry.path, environment);
            } else if !entry.is_dir && yaml_stem(&entry.name) == Some(environment) {
                self.out.files.push((entry.path, Slot::Environment(environment.into())));
            } else if !entry.is_dir {
                self.out.findings.extend(stray::nearly_yaml(self.repository, &entry));
            }
        }
    }

    fn overlays(&mut self, dir: &str, environment: &str) {
        let environment: Rc<str> = environment.into();
        let entries = self.entries(dir);
        self.no_others(&entries, &["services"]);
        self.yaml_files(entries, |_| None);
        let services = self.entries(&join(dir, "services"));
        self.yaml_files(services.clone(), |_| None);
        for service in services.into_iter().filter(|entry| entry.is_dir) {
            let entries = self.entries(&service.path);
            self.no_others(&entries, &["components"]);
            self.yaml_files(entries, |_| None);
            let components = self.entries(&join(&service.path, "components"));
            self.yaml_files(components.clone(), |_| None);
            for component in components.into_iter().filter(|entry| entry.is_dir) {
                let entries = self.entries(&component.path);
                self.beside_a_manifest(&entries);
                let slot = Slot::Overlay(Rc::clone(&environment), service.name.as_str().into(), component.name.as_str().into());
                self.yaml_files(entries, |_| Some(slot.clone()));
            }
        }
    }

    fn services(&mut self, dir: &str) {
        let entries = self.entries(dir);
        self.yaml_files(entries.clone(), |_| None);
        for entry in entries.into_iter().filter(|entry| entry.is_dir) {
            let service: Rc<str> = entry.name.as_str().into();
            self.out.services.insert(Rc::clone(&service));
            self.service(&entry.path, &service);
        }
    }

    fn service(&mut self, dir: &str, service: &Rc<str>) {
        let entries = self.entries(dir);
        self.no_others(&entries, &["components", "infra"]);
        for entry in entries.iter().filter(|entry| entry.is_dir) {
            if entry.name == "infra" {
                let entries = self.entries(&entry.path);
                self.no_others(&entries, &[]);
                self.yaml_files(entries, |_| Some(Slot::ServiceDefaults(Rc::clone(service))));
            } else if entry.name == "components" {
                self.components(&entry.path, service);
            }
        }
        self.yaml_files(entries, |name| {
            let slot = if yaml_stem(name) == Some("service") { Slot::Service } else { Slot::Flat };
            Some(slot(Rc::clone(service)))
        });
    }

    fn components(&mut self, dir: &str, service: &Rc<str>) {
        let entries = self.entries(dir);
        self.yaml_files(entries.clone(), |_| None);
        for entry in entries.into_iter().filter(|entry| entry.is_dir) {
            let files = self.entries(&entry.path);
            self.beside_a_manifest(&files);
            if !files.is_empty() && !files.iter().any(|file| !file.is_dir && yaml_stem(&file.name).is_some()) {
                self.out.findings.push(stray::without_manifest(&entry.path));
            }
            let slot = Slot::Component(Rc::clone(service), entry.name.as_str().into());
            self.yaml_files(files, |_| Some(slot.clone()));
        }
    }

    /// Beside the manifest of a component lies what it needs, which is no manifest. What `configs/` holds is the component's own matter.
    fn beside_a_manifest(&mut self, entries: &[Entry]) {
        for entry in entries.iter().filter(|entry| entry.is_dir && entry.name != "configs") {
            self.stray(entry.clone(), &["configs"], true);
        }
    }
}
