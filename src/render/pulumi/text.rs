//! Project files as text.

use std::fmt::Write as _;

use serde_json::Value;

use super::Project;
use super::asked::quoted;

/// First line of every program, by which a file is known as one that may be written over.
pub const HEAD: &str = "# Written by `panka render --format pulumi`, which writes it anew: change the manifests, not this file.";

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

    /// The line that tells which place a program is of.
    pub fn mark(&self) -> String {
        format!("# Stack {}, environment {}.", self.stack, self.environment)
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
