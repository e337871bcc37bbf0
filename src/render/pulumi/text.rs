//! Project files as text.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use super::Project;
use super::asked::quoted;
use crate::diagnostic::codes::command::{P0014, P0018};
use crate::diagnostic::{Diagnostic, Error};
use crate::resource::references;

/// First line of every program, by which a file is known as one that may be written over.
const HEAD: &str = "# Written by `panka render --format pulumi`, which writes it anew: change the manifests, not this file.";

impl Project {
    /// `Pulumi.yaml`; what must be set beforehand, and which resources a plan names, stand in comments at its head.
    pub fn program_text(&self) -> String {
        let mut text = format!("{HEAD}\n{}\n", self.mark());
        if !self.configuration.is_empty() {
            text.push_str("#\n# Values that this program does not hold. Each is read from standard input:\n");
        }
        for (key, asked) in &self.configuration {
            let secret = if asked.secret { " --secret" } else { "" };
            let set = format!("pulumi config set{secret} {key}");
            match &asked.command {
                Some(command) => line(&mut text, &format!("#   {command} | {set}")),
                None => {
                    let users: Vec<&str> = asked.used_by.iter().map(|user| user.as_str()).collect();
                    line(&mut text, &format!("#   {set}   # {} of {}", asked.what, users.join(", ")));
                    for urn in self.urns_within(&asked.what) {
                        text.push_str("#     The program makes it: set anything, make it, and set what it holds.\n");
                        line(&mut text, &format!("#     pulumi up --target {}", quoted(&urn)));
                    }
                }
            }
        }
        if !self.unprotect.is_empty() {
            text.push_str("#\n# Pulumi protects what this lets go of:\n");
        }
        for urn in &self.unprotect {
            line(&mut text, &format!("#   pulumi state unprotect {} --yes", quoted(urn)));
        }
        let flags = |name: &str, urns: &[String]| urns.iter().map(|urn| format!(" {name} {}", quoted(urn))).collect::<String>();
        let forced = flags("--replace", &self.forced);
        match self.targets.as_deref() {
            Some([]) => text.push_str("#\n# It comes from a plan without steps: there is nothing to do.\n"),
            Some(targets) => {
                text.push_str(
                    "#\n# It comes from a plan that leaves other resources as they are. To do what the plan says and nothing else:\n",
                );
                line(&mut text, &format!("#   pulumi up{}{forced}", flags("--target", targets)));
            }
            None if forced.is_empty() => {}
            None => {
                text.push_str("#\n# It comes from a plan that replaces what no change asks to replace:\n");
                line(&mut text, &format!("#   pulumi up{forced}"));
            }
        }
        text.push_str(&yaml(&self.program));
        text
    }

    /// The URNs of the resources that a form refers to.
    fn urns_within(&self, form: &Value) -> BTreeSet<String> {
        let mut urns = BTreeSet::new();
        references(form, &mut |address, _| {
            let Some((name, _)) = self.names.iter().find(|(_, known)| known.as_str() == address) else { return };
            let token = self.program["resources"][name]["type"].as_str().unwrap_or_default();
            urns.insert(format!("urn:pulumi:{}::{}::{token}::{name}", self.environment, self.stack));
        });
        urns
    }

    /// The line that tells which place a program is of.
    pub fn mark(&self) -> String {
        format!("# Stack {}, environment {}.", self.stack, self.environment)
    }

    /// Refuses a directory that holds a program of somebody else, or of another place. `shown` and `flag` are how it was named.
    pub fn check_folder(&self, folder: &Path, shown: &Path, flag: &str) -> Result<(), Error> {
        let program = folder.join("Pulumi.yaml");
        let taken = |message: String, help: &str| Error::from(Diagnostic::new(P0018, message).help(help.to_owned()));
        match std::fs::read_to_string(&program) {
            Ok(text) if !text.starts_with(HEAD) => {
                let message = format!("`{}` is there already, and panka has not written it", shown.join("Pulumi.yaml").display());
                return Err(taken(message, &format!("give {flag} another directory, or remove the file")));
            }
            Ok(text) if !text.lines().any(|line| line == self.mark()) => {
                let message = format!("`{}` is the program of another stack or environment", shown.join("Pulumi.yaml").display());
                return Err(taken(message, "give each stack and environment a directory of its own, or remove the file"));
            }
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Diagnostic::new(P0014, format!("`{}` cannot be read: {error}", program.display())).into());
            }
            _ => {}
        }
        if folder.join("Pulumi.yml").exists() {
            let message = format!("`{}` is there already, and Pulumi takes one or the other", shown.join("Pulumi.yml").display());
            return Err(taken(message, &format!("give {flag} another directory, or remove the file")));
        }
        Ok(())
    }

    /// The stack file.
    pub fn stack_text(&self) -> String {
        yaml(&self.stack_settings)
    }
}

/// Writes a line of a comment: nothing that it tells may end it and begin a line of YAML.
fn line(text: &mut String, comment: &str) {
    writeln!(text, "{}", comment.replace(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'], " ")).expect("a text takes all text");
}

fn yaml(value: &Value) -> String {
    let mut text = serde_saphyr::to_string(value).expect("a JSON value is always YAML");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
