//! The pages of docs/reference: commands from the command line, component kinds from their table, codes from their catalogue, documents from
//! their schemas, permissions from their table.

use std::fmt::Write as _;

use clap::{Arg, Command};
use panka::components::KINDS;
use panka::diagnostic::Code;
use panka::manifest::ComponentKind as _;
use panka::output::schemas;
use panka::setup::permission::On;
use panka::setup::{Backend, PERMISSIONS, Role};
use serde_json::Value;

/// All pages with their file names.
pub(crate) fn pages(command: &Command) -> Vec<(String, String)> {
    let page = |name: &str, text: String| (format!("{name}.md"), format!("{}\n", text.trim_end()));
    vec![
        page("commands", commands(command)),
        page("kinds", kinds()),
        page("codes", codes()),
        page("documents", documents()),
        page("permissions", permissions()),
    ]
}

fn permissions() -> String {
    let mut out = "# Permissions\n\nWhat the roles that run panka need for states and locks. What they need to deploy depends on the resources of the stacks, and is no part of this.\n\n".to_owned();
    out += "A role that plans (`diff`, `plan`, `state show`, `lock status`) takes no lock and writes nothing; one that deploys needs what it needs, and more.\n\n";
    out += "| Permission | On | Role | Needed by |\n|---|---|---|---|\n";
    for one in PERMISSIONS {
        let on = match one.on {
            On::Bucket => "the bucket",
            On::Objects => "objects below the prefix",
            On::Table => "the lock table, where locks are there",
            On::Key => "the KMS key, where `backend.kmsKeyId` or the bucket's default encryption names one",
        };
        let role = if one.role == Role::Plan { "plan, deploy" } else { "deploy" };
        writeln!(out, "| `{}` | {on} | {role} | {} |", one.action, cell(one.needed_by)).unwrap();
    }
    let example = Backend {
        partition: "aws".to_owned(),
        bucket: "acme-panka".to_owned(),
        prefix: "team/".to_owned(),
        table: Some("arn:aws:dynamodb:eu-west-1:111122223333:table/acme-panka-locks".to_owned()),
        key: None,
    };
    for (name, role) in [("deploys", Role::Deploy), ("plans", Role::Plan)] {
        let policy = serde_json::to_string_pretty(&example.policy(role)).unwrap();
        write!(out, "\nThe policy of a role that {name}, with the prefix `team/`:\n\n```json\n{policy}\n```\n").unwrap();
    }
    out
}

fn commands(root: &Command) -> String {
    let mut out = "# Commands\n\nEvery command takes the [global options](#global-options) as well.\n".to_owned();
    list(root, &mut out);
    out += "\n## Global options\n\n";
    out += &options(root.get_arguments().filter(|argument| argument.is_global_set()));
    out
}

fn list(command: &Command, out: &mut String) {
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help" && !verb.is_hide_set()) {
        let name = verb.get_display_name().unwrap_or_default().replace('-', " ");
        let about = verb.get_long_about().or(verb.get_about()).map(ToString::to_string).unwrap_or_default();
        let usage = verb.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        write!(out, "\n## {name}\n\n```text\n{usage}\n```\n\n{}\n", markdown(&about)).unwrap();
        let own = |argument: &&Arg| !argument.is_global_set() && !["help", "version"].contains(&argument.get_id().as_str());
        let table = options(verb.get_arguments().filter(own));
        if !table.is_empty() {
            write!(out, "\n{table}").unwrap();
        }
        list(verb, out);
    }
}

/// A text of the help as markdown: indented lines are examples.
fn markdown(text: &str) -> String {
    let paragraph = |part: &str| {
        if part.lines().all(|line| line.starts_with("  ")) {
            let lines: Vec<&str> = part.lines().map(|line| &line[2..]).collect();
            format!("```sh\n{}\n```", lines.join("\n"))
        } else {
            part.to_owned()
        }
    };
    text.split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n\n")
}

fn options<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    let rows: Vec<String> = arguments
        .filter(|argument| !argument.is_hide_set())
        .map(|argument| {
            let value = argument.get_value_names().filter(|_| argument.get_action().takes_values()).map(|names| names.join(" "));
            let long = argument.get_long().map(|long| format!("--{long}"));
            let short = argument.get_short().map(|short| format!("-{short}"));
            let flags: Vec<String> = short.into_iter().chain(long).collect();
            let name = match (flags.is_empty(), value) {
                (true, value) => format!("[{}]", value.unwrap_or_default()),
                (false, Some(value)) => format!("{} {value}", flags.join(", ")),
                (false, None) => flags.join(", "),
            };
            let default: Vec<String> = argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
            let default = if default.is_empty() || !argument.get_action().takes_values() {
                String::new()
            } else {
                format!(" (default `{}`)", default.join(" "))
            };
            let values: Vec<String> = argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
            let values =
                if values.is_empty() || !argument.get_action().takes_values() { String::new() } else { format!(": {}", values.join(", ")) };
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            format!("| `{}` | {}{values}{default} |\n", name.replace('|', "\\|"), cell(&help))
        })
        .collect();
    if rows.is_empty() { String::new() } else { format!("| option | meaning |\n|---|---|\n{}", rows.concat()) }
}

fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|").replace('<', "&lt;")
}

fn codes() -> String {
    let mut out = "# Codes\n\nEvery finding has a code; `panka explain CODE` prints the page of one.\n\n| code | exit | |\n|---|---|---|\n"
        .to_owned();
    for code in Code::all() {
        writeln!(out, "| [{code}](#{}) | {} | {} |", code.name().to_lowercase(), code.exit().number(), cell(code.title())).unwrap();
    }
    for code in Code::all() {
        write!(out, "\n## {code}\n\n{}\n\n{}\n", sentence(code.title()), code.page().trim()).unwrap();
    }
    out
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| format!("**{}{}.**", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

fn documents() -> String {
    let mut out = "# Documents\n\nWhat verbs hand to each other. `panka schema KIND` prints the whole JSON Schema of a kind; the tables show the fields at the top.\n".to_owned();
    for entry in schemas::ALL {
        write!(out, "\n## {}\n\n{}.\n\n", entry.kind, capital(entry.title)).unwrap();
        out += &fields(entry.schema().as_value(), 1);
    }
    out
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| format!("{}{}", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

fn kinds() -> String {
    let mut out = "# Component kinds\n\n| kind | also written | |\n|---|---|---|\n".to_owned();
    for row in KINDS.rows() {
        let facts = row.facts();
        let name = if row.offered() { format!("[{0}](#{1})", facts.name, facts.name.to_lowercase()) } else { facts.name.to_owned() };
        let planned = if row.offered() { "" } else { " (known, not yet translated)" };
        writeln!(out, "| {name} | {} | {}{planned} |", facts.aliases.join(", "), cell(facts.summary)).unwrap();
    }
    for row in KINDS.rows().iter().filter(|row| row.offered()) {
        let facts = row.facts();
        write!(out, "\n## {}\n\n{}.", facts.name, facts.summary).unwrap();
        if facts.stateful {
            out += " It holds data: protected against delete and replace where the environment is.";
        }
        if !facts.infrastructure.is_empty() {
            let names: Vec<String> = facts.infrastructure.iter().map(|name| format!("`{name}`")).collect();
            write!(out, " Infrastructure fields, which may stand in ComponentInfra: {}.", names.join(", ")).unwrap();
        }
        write!(out, "\n\n{}", fields(row.schema(), 3)).unwrap();
        if !facts.outputs.is_empty() {
            out += "\n| output | shape | |\n|---|---|---|\n";
            for output in facts.outputs {
                let shape = serde_json::to_value(output.shape).unwrap();
                let also = if output.aliases.is_empty() { String::new() } else { format!(" (also `{}`)", output.aliases.join("`, `")) };
                writeln!(out, "| `{}`{also} | {} | {} |", output.name, shape.as_str().unwrap_or_default(), cell(output.about)).unwrap();
            }
        }
    }
    out
}

/// A table of the fields of a schema, nested ones by their dotted path down to a depth.
fn fields(schema: &Value, depth: usize) -> String {
    let mut rows = Vec::new();
    collect(schema, schema, "", depth, &mut rows);
    if rows.is_empty() { String::new() } else { format!("| field | type | meaning |\n|---|---|---|\n{}", rows.concat()) }
}

fn collect(root: &Value, schema: &Value, prefix: &str, depth: usize, rows: &mut Vec<String>) {
    let schema = resolved(root, schema);
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required: Vec<&str> = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in properties {
        let target = resolved(root, property);
        let about = property.get("description").or(target.get("description")).and_then(Value::as_str).unwrap_or_default();
        let about = about.split("\n\n").next().unwrap_or_default();
        let default = property
            .get("default")
            .filter(|value| value.is_string() || value.is_number() || **value == Value::Bool(true))
            .map(|value| format!(" (default `{value}`)"));
        let must = if required.contains(&name.as_str()) { ", required" } else { "" };
        rows.push(format!(
            "| `{prefix}{name}` | {}{must} | {}{} |\n",
            cell(&type_text(root, target)),
            cell(about),
            default.unwrap_or_default()
        ));
        if depth > 1 {
            let (inner, suffix) = match target.get("items") {
                Some(items) => (items, "[]."),
                None => (target, "."),
            };
            collect(root, inner, &format!("{prefix}{name}{suffix}"), depth - 1, rows);
        }
    }
}

/// Follows references, and takes the object out of "object or null".
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(pointer) = schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#')) {
        return root.pointer(pointer).map_or(schema, |target| resolved(root, target));
    }
    for union in ["anyOf", "oneOf", "allOf"] {
        let parts: Vec<&Value> = schema
            .get(union)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|part| part.get("type").and_then(Value::as_str) != Some("null"))
            .collect();
        if let [only] = parts[..] {
            return resolved(root, only);
        }
    }
    schema
}

fn type_text(root: &Value, schema: &Value) -> String {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values
            .iter()
            .map(|value| format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect::<Vec<_>>()
            .join(" ");
    }
    if let Some(value) = schema.get("const") {
        return format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    let named = |name: &str| match name {
        "array" => match schema.get("items") {
            Some(items) => format!("list of {}", type_text(root, resolved(root, items))),
            None => "list".to_owned(),
        },
        "object" if schema.get("properties").is_none() => "map".to_owned(),
        other => other.to_owned(),
    };
    match schema.get("type") {
        Some(Value::String(name)) => named(name),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).filter(|name| *name != "null").map(named).collect::<Vec<_>>().join(" or ")
        }
        _ => {
            let parts: Vec<String> = ["anyOf", "oneOf"]
                .iter()
                .filter_map(|union| schema.get(*union).and_then(Value::as_array))
                .flatten()
                .map(|part| type_text(root, resolved(root, part)))
                .filter(|text| text != "null")
                .collect();
            if parts.is_empty() { "any".to_owned() } else { parts.join(" or ") }
        }
    }
}
