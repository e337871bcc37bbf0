//! How the smaller documents are drawn: most by the generic table.

use crate::answers::{
    Check, Configuration, Explanations, History, Locks, Migration, Outputs, Resources, Ticket, Validation, Version, Written,
};
use crate::output::style::Style;
use crate::output::table::{self, Table};
use crate::output::{Drawn, style::Tone};

impl Drawn for Version {}
impl Drawn for Written {}
impl Drawn for Ticket {}
impl Drawn for Migration {}

impl Drawn for Validation {
    fn table(&self, style: &Style) -> Option<String> {
        Some(rows(&serde_json::to_value(&self.valid).ok()?, style, "nothing to validate"))
    }
}

impl Drawn for History {
    fn table(&self, style: &Style) -> Option<String> {
        let mut parts = vec![rows(&serde_json::to_value(&self.runs).ok()?, style, "nothing has run here")];
        if !self.versions.is_empty() {
            parts.push(String::new());
            parts.push(rows(&serde_json::to_value(&self.versions).ok()?, style, ""));
        }
        Some(parts.join("\n"))
    }
}

impl Drawn for Check {
    fn table(&self, style: &Style) -> Option<String> {
        if let Some(checks) = &self.checks {
            return Some(super::backend::checks(checks, style));
        }
        Some(rows(&serde_json::to_value(&self.differences).ok()?, style, "the plan and Pulumi's preview agree"))
    }
}

impl Drawn for Locks {
    fn table(&self, style: &Style) -> Option<String> {
        Some(rows(&serde_json::to_value(&self.locks).ok()?, style, "no lock is held"))
    }
}

impl Drawn for Resources {
    fn table(&self, style: &Style) -> Option<String> {
        let mut parts = vec![rows(&serde_json::to_value(&self.resources).ok()?, style, "no resources")];
        if let Some(done) = &self.done {
            parts.push(format!("\n{done} {}; serial {}", super::style::count(self.resources.len(), "resource"), self.serial));
        }
        if self.simulated {
            parts.push(super::simulated(style, true));
        }
        Some(parts.join("\n"))
    }
}

impl Drawn for Configuration {
    fn table(&self, style: &Style) -> Option<String> {
        let origin = self.settings.iter().any(|entry| entry.origin.is_some());
        let mut table = Table::new(["key", "value"].into_iter().chain(origin.then_some("origin")).chain(["meaning"]));
        for entry in &self.settings {
            let value = entry.value.clone().unwrap_or_default();
            table.row([entry.key.clone(), value].into_iter().chain(entry.origin.clone()).chain([entry.meaning.clone()]));
        }
        Some(table.draw(style))
    }
}

impl Drawn for Outputs {
    fn table(&self, style: &Style) -> Option<String> {
        let mut table = Table::new(["output", "value"]);
        for (name, value) in &self.outputs {
            table.row([name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)]);
        }
        let mut parts = vec![if self.outputs.is_empty() { "no outputs".to_owned() } else { table.draw(style) }];
        if self.simulated {
            parts.push(super::simulated(style, true));
        }
        Some(parts.join("\n"))
    }
}

impl Drawn for Explanations {
    fn table(&self, style: &Style) -> Option<String> {
        if let [one] = &self.explanations[..]
            && let Some(page) = &one.page
        {
            return Some(format!("{}: {}\n\n{page}", style.paint(Tone::Strong, &one.name), one.title));
        }
        let mut table = Table::new(["name", "title"]);
        for entry in &self.explanations {
            table.row([entry.name.clone(), entry.title.clone()]);
        }
        Some(table.draw(style))
    }
}

fn rows(items: &serde_json::Value, style: &Style, none: &str) -> String {
    if items.as_array().is_none_or(Vec::is_empty) { none.to_owned() } else { table::of_value(items, style) }
}
