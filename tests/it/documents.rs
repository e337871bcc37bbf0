//! Every document that comes out of panka fits the schema of its kind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use panka::output::schemas;
use serde_json::Value;

/// Panics when a text holds documents and one of them does not fit its schema. Texts for people pass.
pub(crate) fn check_output(text: &str) {
    if !text.trim_start().starts_with('{') {
        return;
    }
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        // What follows a document on standard error is text for people.
        let Ok(document) = document else { return };
        check(&document);
    }
}

/// Panics when a document below `.panka` of a folder, as panka keeps it there, does not fit its schema.
pub(crate) fn check_files(folder: &Path) {
    let kept = folder.join(".panka").join("stacks");
    if kept.is_dir() {
        visit(&kept);
    }
}

fn visit(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            // Tests damage files on purpose: what is not a document is for panka to report.
            if let Some(document) = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) {
                check(&document);
            }
        }
    }
}

/// Panics when a document does not fit its schema, or is of a kind that has none.
pub(crate) fn check(document: &Value) {
    static VALIDATORS: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
        schemas::ALL.iter().map(|entry| (entry.kind, jsonschema::validator_for(entry.schema().as_value()).unwrap())).collect()
    });
    let Some(kind) = document.get("kind").and_then(Value::as_str).filter(|kind| kind.starts_with("panka.")) else { return };
    let validator = VALIDATORS.get(kind).unwrap_or_else(|| panic!("no schema for {kind}"));
    let errors: Vec<String> = validator.iter_errors(document).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "a {kind} document does not fit its schema:\n{}\n{document}", errors.join("\n"));
}

#[test]
#[should_panic(expected = "does not fit its schema")]
fn a_document_with_an_unknown_field_is_caught() {
    check_output(r#"{"kind": "panka.diagnostics/v1", "exit": 1, "findings": [], "more": 1}"#);
}

#[test]
#[should_panic(expected = "no schema for panka.nothing/v1")]
fn a_document_of_an_unknown_kind_is_caught() {
    check_output(r#"{"kind": "panka.nothing/v1"}"#);
}

#[test]
fn texts_and_other_json_pass() {
    check_output("{\"kind\": \"other\"}\n{\"a\": 1} and words");
    check_output("words");
}
