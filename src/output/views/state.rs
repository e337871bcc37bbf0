//! The state: the resources that panka has made.

use super::{Drawn, Entry, component_name, count, heading, moment, resource_tree, simulated};
use crate::output::style::{Style, Tone};
use crate::output::table::{Cell, Table};
use crate::state::{Record, State, Status};

impl Drawn for State {
    fn table(&self, style: &Style) -> Option<String> {
        let mut table = Table::new(["resource", "type", "identifier", "status", ""]);
        for (address, record) in &self.resources {
            let (status, tone) = status(record);
            let protected = if record.protect { "protected" } else { "" };
            table.row([
                Cell::from(address.to_string()),
                record.type_name.as_str().into(),
                record.identifier.clone().unwrap_or_default().into(),
                Cell::new(status, tone),
                protected.into(),
            ]);
        }
        let mut parts = vec![title(self, style), table.draw(style)];
        if let Some(updated) = &self.updated {
            parts.push(format!("last written {} by {}, run {}", moment(&updated.at), updated.by, updated.run));
        }
        Some(parts.join("\n\n"))
    }

    fn tree(&self, style: &Style) -> Option<String> {
        let entries = self.resources.iter().map(|(address, record)| {
            let (status, _) = status(record);
            let rest = if record.status == Status::Ready { String::new() } else { format!(" {status}") };
            Entry {
                service: address.service(),
                component: component_name(address),
                kind: &record.component,
                resource: Some((address.role(), format!("{}{rest}", record.type_name))),
            }
        });
        Some(resource_tree(title(self, style), style, entries))
    }
}

fn status(record: &Record) -> (&'static str, Tone) {
    match record.status {
        Status::Ready => ("ready", Tone::Good),
        Status::Creating => ("creating", Tone::Changed),
        Status::Updating => ("updating", Tone::Changed),
        Status::Deleting => ("deleting", Tone::Changed),
        Status::Failed => ("failed", Tone::Bad),
    }
}

fn title(state: &State, style: &Style) -> String {
    let engine = state.engine.as_ref().map(|engine| format!("engine {engine}")).unwrap_or_default();
    let facts = [format!("serial {}", state.serial), count(state.resources.len(), "resource"), engine, simulated(style, state.simulated)];
    heading(style, "state", &state.stack, &state.environment, facts)
}
