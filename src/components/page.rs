//! The page of a kind: what `panka explain` shows and the reference of the documentation holds. It comes from the row alone.

use std::fmt::Write as _;

use serde_json::Value;

use super::Row;
use crate::manifest::{Alias, ComponentKind as _};

/// The page of a kind, Markdown without a heading.
pub fn page(row: &Row) -> String {
    let facts = row.facts();
    let mut out = format!("{}.\n", facts.summary);
    if !facts.aliases.is_empty() {
        writeln!(out, "\nAlso written {}.", facts.aliases.join(", ")).expect(WRITES);
    }
    if !row.offered() {
        out.push_str(
            "\nThis version of panka knows the kind and does not offer it yet. Use the kind `Resource` with the AWS type in its place.\n",
        );
        return out;
    }
    if facts.stateful {
        out.push_str("\nIt holds data: in an environment with `protect: true` it is protected unless it says otherwise.\n");
    }
    let schema = row.schema();
    let mut rows = Vec::new();
    fields(schema, schema, "", 0, &mut rows);
    out.push_str("\n| Field | Type | Default | Meaning |\n|---|---|---|---|\n");
    for [field, kind, default, meaning] in rows {
        writeln!(out, "| {field} | {kind} | {default} | {meaning} |").expect(WRITES);
    }
    if !facts.outputs.is_empty() {
        out.push_str("\n| Output | Value |\n|---|---|\n");
        for output in facts.outputs {
            let names: Vec<&str> = std::iter::once(&output.name).chain(output.aliases).copied().collect();
            writeln!(out, "| {} | {} |", names.join(", "), output.about).expect(WRITES);
        }
    }
    let spellings: Vec<String> = facts.spellings.iter().map(spelling).collect();
    if !spellings.is_empty() {
        writeln!(out, "\nOther spellings: {}.", spellings.join("; ")).expect(WRITES);
    }
    out
}

const WRITES: &str = "writing to a string does not fail";
const DEEPEST: usize = 5;

fn fields(root: &Value, node: &Value, prefix: &str, depth: usize, rows: &mut Vec<[String; 4]>) {
    let node = resolve(root, node);
    let Some(properties) = node.get("properties").and_then(Value::as_object) else { return };
    let required: Vec<&str> = node.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in properties {
        let target = resolve(root, property);
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let text = |key: &str| property.get(key).or_else(|| target.get(key));
        let default = match text("default") {
            _ if required.contains(&name.as_str()) => "required".to_owned(),
            None | Some(Value::Null) => "–".to_owned(),
            Some(Value::Object(_)) => String::new(),
            Some(value) => format!("`{}`", cell(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))),
        };
        let meaning = text("description").and_then(Value::as_str).unwrap_or_default();
        rows.push([format!("`{path}`"), cell(&kind_of(root, target)), default, cell(meaning)]);
        if depth < DEEPEST {
            let items = target.get("items").map(|items| resolve(root, items));
            match items {
                Some(items) => fields(root, items, &format!("{path}[]"), depth + 1, rows),
                None => fields(root, target, &path, depth + 1, rows),
            }
        }
    }
}

/// Follows `$ref`, and the one alternative that is not null.
fn resolve<'a>(root: &'a Value, node: &'a Value) -> &'a Value {
    if let Some(target) = node.get("$ref").and_then(Value::as_str).and_then(|pointer| root.pointer(pointer.trim_start_matches('#'))) {
        return resolve(root, target);
    }
    let alternatives = node.get("anyOf").or_else(|| node.get("oneOf")).and_then(Value::as_array);
    let mut real = alternatives.into_iter().flatten().filter(|alternative| alternative.get("type").and_then(Value::as_str) != Some("null"));
    match (real.next(), real.next()) {
        (Some(only), None) => resolve(root, only),
        _ => node,
    }
}

fn kind_of(root: &Value, node: &Value) -> String {
    if let Some(values) = node.get("enum").and_then(Value::as_array) {
        return values
            .iter()
            .filter(|value| !value.is_null())
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(" \\| ");
    }
    if let Some(value) = node.get("const") {
        return value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    }
    if let Some(alternatives) = node.get("anyOf").or_else(|| node.get("oneOf")).and_then(Value::as_array) {
        let mut kinds: Vec<String> =
            alternatives.iter().map(|alternative| kind_of(root, resolve(root, alternative))).filter(|kind| kind != "null").collect();
        kinds.dedup();
        return kinds.join(" \\| ");
    }
    let mut kinds: Vec<&str> = match node.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect(),
        _ => vec!["any"],
    };
    if kinds == ["array"]
        && let Some(items) = node.get("items")
    {
        return format!("list of {}", kind_of(root, resolve(root, items)));
    }
    for kind in &mut kinds {
        if *kind == "object" {
            *kind = "map";
        }
    }
    let mut text = kinds.join(" \\| ");
    if let Some(format) = node
        .get("format")
        .and_then(Value::as_str)
        .filter(|format| !format.starts_with("uint") && !format.starts_with("int") && *format != "double")
    {
        text = format!("{text} ({format})");
    }
    let bound = |key: &str| node.get(key).filter(|value| value.is_number()).map(ToString::to_string);
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!("{text}, {least} to {most}"),
        (Some(least), None) if least != "0" => format!("{text}, from {least}"),
        (None, Some(most)) => format!("{text}, to {most}"),
        _ => text,
    }
}

fn cell(text: &str) -> String {
    text.replace('\n', " ").replace("  ", " ").replace(" | ", " \\| ")
}

fn spelling(alias: &Alias) -> String {
    match alias {
        Alias::Move { from, to } => format!("`{from}` for `{to}`"),
        Alias::ListAt { from, to } => format!("a list at `{from}` for `{to}`"),
        Alias::MapOfPairs(at) => format!("`{at}` as a map"),
        Alias::ImageText => "`image` as one text, `repo:tag`".to_owned(),
        Alias::FlatHealthCheck => "flat `healthCheck.{path,port,…}` for `healthCheck.readiness`".to_owned(),
        Alias::AutoscalingPolicies => "`autoscaling.policies` for the target percentages".to_owned(),
    }
}
