//! What the engine finds, and how it says so.

#![expect(clippy::needless_pass_by_value, reason = "cases read best with their values in place")]

mod against_another_engine;
mod branches;
mod forms;
mod lists;
mod maps;
mod places;
mod references;
mod scalars;
mod types;

use serde_json::{Value, json};

use super::{Dialect, Fault, FaultKind, FormVerdict, Forms, NoForms, Place, Schema, Type};

fn faults(schema: Value, value: Value) -> Vec<Fault> {
    Schema::compile(&schema).unwrap().check(&value, &NoForms)
}

/// The only fault, as `pointer kind: message (help)`.
fn fault(schema: Value, value: Value) -> String {
    let faults = faults(schema, value);
    let [fault] = faults.as_slice() else { panic!("one fault is expected: {faults:#?}") };
    shown(fault)
}

fn shown(fault: &Fault) -> String {
    let help = fault.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{} {:?}: {}{help}", fault.pointer, fault.kind, fault.message)
}

fn fits(schema: Value, value: Value) -> bool {
    faults(schema, value).is_empty()
}
