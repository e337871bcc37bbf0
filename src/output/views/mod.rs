//! How each kind of document is drawn for people.

mod answers;
mod backend;
mod graph;
mod lock;
mod manifest;
mod plan;
mod run;
mod state;

use super::style::{Style, Tone};
use super::tree::Node;
use super::{Drawn, style};
use crate::apply::Event;
use crate::diagnostic::Findings;
use crate::state::Journal;

impl Drawn for Event {}

impl Drawn for Journal {}

impl Drawn for Findings {}

/// The first line of a view: what it is of, then facts in a row.
fn heading(style: &Style, name: &str, stack: &str, environment: &str, facts: impl IntoIterator<Item = String>) -> String {
    let title = style.paint(Tone::Strong, format!("{name} of {stack} in {environment}"));
    let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    if facts.is_empty() { title } else { format!("{title}: {}", facts.join(", ")) }
}

/// The label of everything that acts on the simulated account.
fn simulated(style: &Style, is: bool) -> String {
    if is { style.paint(Tone::Changed, "SIMULATED") } else { String::new() }
}

/// A tree of resources by service and component. The entries must be sorted by address.
fn resource_tree<'a>(title: String, style: &Style, entries: impl Iterator<Item = Entry<'a>>) -> String {
    let mut root = Node::new(title);
    for entry in entries {
        let service = root.branch(entry.service);
        let component = service.branch(&format!("{} {}", entry.component, style.paint(Tone::Faint, entry.kind)));
        if let Some((role, text)) = entry.resource {
            component.add(Node::new(format!("{role} {}", style.paint(Tone::Faint, text))));
        }
    }
    root.draw()
}

/// A line of a resource tree.
struct Entry<'a> {
    service: &'a str,
    component: &'a str,
    kind: &'a str,
    resource: Option<(&'a str, String)>,
}

/// The name of a component within its service.
fn component_name(address: &crate::address::Address) -> &str {
    address.component().split_once('/').map_or("", |(_, name)| name)
}

/// A time for people: RFC 3339 without fractions of a second.
fn moment(time: &str) -> String {
    match (time.find('.'), time.strip_suffix('Z')) {
        (Some(dot), Some(_)) => format!("{}Z", &time[..dot]),
        _ => time.to_owned(),
    }
}

use style::count;
