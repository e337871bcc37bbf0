//! The JSON Schemas of all documents: what `panka schema` prints and what tests hold every document to.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};

use crate::answers::{
    Backend, Check, Configuration, Explanations, History, Locks, Migration, Outputs, Resources, Ticket, Validation, Version, Written,
};
use crate::apply::faults::Script;
use crate::apply::{Event, Run};
use crate::diagnostic::Findings;
use crate::document::Document;
use crate::graph::Graph;
use crate::lock::LockRecord;
use crate::manifest::Manifest;
use crate::plan::Plan;
use crate::render::pulumi::Project;
use crate::state::{Journal, State};

/// A kind of document.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its kind, `panka.plan/v1`.
    pub kind: &'static str,
    /// What it is, in a line.
    pub title: &'static str,
    schema: fn() -> Schema,
}

impl Entry {
    const fn of<T: Document + JsonSchema>(title: &'static str) -> Self {
        Self { kind: T::KIND, title, schema: generate::<T> }
    }

    /// The kind without `panka.` and the version.
    pub fn name(&self) -> &'static str {
        let name = self.kind.strip_prefix("panka.").unwrap_or(self.kind);
        name.split_once('/').map_or(name, |(name, _)| name)
    }

    /// Its JSON Schema, draft 2020-12.
    pub fn schema(&self) -> Schema {
        let mut schema = (self.schema)();
        schema.insert("title".to_owned(), self.kind.into());
        schema
    }
}

fn generate<T: JsonSchema>() -> Schema {
    SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>()
}

/// All kinds, in the order of the data's path.
pub const ALL: &[Entry] = &[
    Entry::of::<Manifest>("a stack in one environment, compiled from YAML"),
    Entry::of::<Graph>("the AWS resources that its components become, with their edges"),
    Entry::of::<Plan>("what apply would do"),
    Entry::of::<Run>("what apply or destroy did"),
    Entry::of::<Event>("one happening of a run, a line of `--events`"),
    Entry::of::<State>("what panka remembers of a stack in one environment"),
    Entry::of::<Journal>("one object of the journal beside the state"),
    Entry::of::<LockRecord>("who holds the lock of a stack in one environment"),
    Entry::of::<Findings>("what is wrong, where, and the way out"),
    Entry::of::<Ticket>("a lease taken for a script"),
    Entry::of::<Locks>("the holders of all locks"),
    Entry::of::<Resources>("the resources of a state, in short"),
    Entry::of::<History>("the runs of a stack in one environment, and the kept versions of its state"),
    Entry::of::<Migration>("a state that was moved to another backend"),
    Entry::of::<Project>("a Pulumi project, written for people who leave or look under the hood"),
    Entry::of::<Check>("where a plan and the preview of its Pulumi program differ, or what of a backend is not as it should be"),
    Entry::of::<Backend>("what is done to the bucket of the states and the table of the locks"),
    Entry::of::<Outputs>("the outputs of components and of the stack"),
    Entry::of::<Validation>("what was found valid"),
    Entry::of::<Configuration>("the effective configuration"),
    Entry::of::<Explanations>("codes and component kinds, explained"),
    Entry::of::<Written>("files that a verb wrote"),
    Entry::of::<Version>("the version"),
];

/// What people write who test: no verb gives it.
const FAULTS: Entry = Entry::of::<Script>("faults to inject into the simulated account");

/// Finds a kind by `panka.plan/v1` or `plan`.
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().chain([&FAULTS]).find(|entry| entry.kind == name || entry.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_compiles_and_fixes_its_kind() {
        for entry in ALL {
            let schema = entry.schema();
            assert_eq!(schema.pointer("/properties/kind/const").unwrap(), entry.kind);
            jsonschema::validator_for(schema.as_value()).unwrap_or_else(|error| panic!("{}: {error}", entry.kind));
        }
    }

    #[test]
    fn a_kind_is_found_by_its_short_name() {
        assert_eq!(find("plan").map(|entry| entry.kind), Some("panka.plan/v1"));
        assert_eq!(find("panka.plan/v1").map(Entry::name), Some("plan"));
        assert!(find("plan/v1").is_none());
    }
}
