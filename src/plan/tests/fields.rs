//! What a change of each field of each kind comes to, found by changing it: the table of docs/reference/changes.md.
//!
//! The full manifests of tests/manifests/good hold every field; each is changed by itself, translated, and planned against the state that the
//! unchanged one leaves. `SNAPSHOTS=overwrite` writes the page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::{plan, state_of};
use crate::catalog::catalog;
use crate::components::golden::good_manifest;
use crate::components::{KINDS, Row, translate};
use crate::graph::{self, Graph, sample};
use crate::manifest::{ComponentKind as _, Manifest};
use crate::plan::{Op, Plan, Replace};

/// Fields that decide nothing of AWS by themselves, or that no other value than the one of the manifests can stand for, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("dependsOn", "order and permissions: the resources of the edge come and go"),
    ("enabled", "false deletes what the component has made"),
    ("lifecycle", "how changes are made, not what is changed"),
    ("overrides", "as the property that is overridden"),
];

/// The verdict on a change that AWS never sees.
const NOTHING: &str = "no change";

/// Fields that no other value can be given to by itself: others change with them, or they are not offered yet.
const TOGETHER: &[&str] = &[
    "MicroService configs.files",
    "MicroService configs.mountPath",
    "MicroService environment[].valueFrom.component",
    "MicroService environment[].valueFrom.output",
    "MicroService healthCheck.readiness.exec.command",
    "MicroService networking.ingress.hostedZoneId",
    "MicroService networking.ingress.path",
    "MicroService networking.ingress.priority",
    "MicroService networking.loadBalancer.component",
    "Worker configs.files",
    "Worker configs.mountPath",
    "Worker environment[].valueFrom.component",
    "Worker environment[].valueFrom.output",
    "Worker healthCheck.liveness.http.path",
    "Worker healthCheck.liveness.http.scheme",
    "Worker queue.component",
    "Lambda code.path",
    "Lambda environment[].valueFrom.component",
    "Lambda environment[].valueFrom.output",
    "Lambda triggers[].bus",
    "Lambda triggers[].http.method",
    "Lambda triggers[].http.path",
    "Lambda triggers[].pattern",
    "Lambda triggers[].s3.bucket",
    "Lambda triggers[].s3.events",
    "Lambda triggers[].s3.prefix",
    "Lambda triggers[].s3.suffix",
    "Lambda triggers[].schedule",
    "Lambda triggers[].source.arn",
    "Lambda triggers[].source.component",
    "Lambda triggers[].startingPosition",
    "Lambda triggers[].type",
    "RDS instance.count",
    "RDS serverless.maxACU",
    "RDS serverless.minACU",
    "DynamoDB globalSecondaryIndexes[].projection",
    "DynamoDB globalSecondaryIndexes[].rangeKey.type",
    "DynamoDB rangeKey.type",
    "SNS subscriptions[].component",
    "SNS subscriptions[].deadLetterQueue",
    "SNS subscriptions[].deliveryPolicy",
    "SNS subscriptions[].endpoint",
    "SNS subscriptions[].protocol",
    "SNS subscriptions[].roleArn",
    "Resource connect.arn",
    "Resource type",
];

/// A place of a spec that can be changed.
struct Field {
    /// As people write it, `instance.storage.type`.
    path: String,
    pointer: String,
    description: String,
    node: Value,
}

/// All fields without fields of their own.
fn fields(root: &Value, node: &Value, spec: &Value, (path, pointer): (&str, &str), depth: usize, found: &mut Vec<Field>) {
    let Some(properties) = resolve(root, node).get("properties").and_then(Value::as_object) else { return };
    for (name, property) in properties {
        let target = resolve(root, property);
        let (path, pointer) = (if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, format!("{pointer}/{name}"));
        let description = property.get("description").or_else(|| target.get("description")).and_then(Value::as_str).unwrap_or_default();
        let items = target.get("items").map(|items| resolve(root, items));
        let inner = items.filter(|items| items.get("properties").is_some());
        let before = found.len();
        if depth < 6 {
            match inner {
                Some(items) if spec.pointer(&pointer).and_then(Value::as_array).is_some_and(|list| !list.is_empty()) => {
                    fields(root, items, spec, (&format!("{path}[]"), &format!("{pointer}/0")), depth + 1, found);
                }
                Some(_) => {}
                None => fields(root, target, spec, (&path, &pointer), depth + 1, found),
            }
        }
        // A list of maps that is empty is changed where it is not.
        if found.len() == before && inner.is_none() {
            found.push(Field { path, pointer, description: description.to_owned(), node: target.clone() });
        }
    }
}

fn resolve<'a>(root: &'a Value, node: &'a Value) -> &'a Value {
    if let Some(target) = node.get("$ref").and_then(Value::as_str).and_then(|pointer| root.pointer(pointer.trim_start_matches('#'))) {
        return resolve(root, target);
    }
    let alternatives = node.get("anyOf").or_else(|| node.get("oneOf")).and_then(Value::as_array);
    let mut real = alternatives.into_iter().flatten().filter(|one| one.get("type").and_then(Value::as_str) != Some("null"));
    match real.next() {
        Some(first) => resolve(root, first),
        None => node,
    }
}

/// Other values that a field may take.
fn candidates(root: &Value, node: &Value, now: Option<&Value>) -> Vec<Value> {
    let mut found: Vec<Value> = node.get("enum").and_then(Value::as_array).into_iter().flatten().cloned().collect();
    let kinds: Vec<&str> = match node.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["object"],
    };
    let bound = |key: &str| node.get(key).and_then(Value::as_f64);
    for kind in kinds {
        match kind {
            "boolean" => found.push(json!(!now.and_then(Value::as_bool).unwrap_or(false))),
            "integer" | "number" => {
                let number = now.and_then(Value::as_f64).or_else(|| bound("minimum")).unwrap_or(1.0);
                for other in [number * 2.0, number + 1.0, number + 10.0, number - 1.0, 1.0, 30.0, 60.0, 100.0, 443.0, 5433.0] {
                    let within = bound("minimum").is_none_or(|least| other >= least) && bound("maximum").is_none_or(|most| other <= most);
                    if within && other >= 0.0 {
                        #[expect(clippy::cast_possible_truncation, reason = "small whole numbers")]
                        found.push(if kind == "integer" { json!(other as i64) } else { json!(other) });
                    }
                }
            }
            "string" => {
                let text = now.and_then(Value::as_str).unwrap_or_default();
                if !text.is_empty() {
                    found.push(json!(format!("{text}x")));
                    found.push(json!(text.replace("0.0.0.0/0", "10.0.0.0/8")));
                    found.push(json!(text.replace("16", "17")));
                    found.push(json!(text.replace("123456789012", "210987654321")));
                }
                for other in [
                    "other",
                    "Other text",
                    "alias/other",
                    "/other",
                    "index.other",
                    "db.r7g.large",
                    "nodejs24.x",
                    "python3.14",
                    "arm64",
                    "10.0.0.0/8",
                    "app:other",
                    "arn:aws:iam::123456789012:role/other",
                    "arn:aws:acm:us-east-1:123456789012:certificate/other",
                    "other/image",
                    "v2",
                    "2h",
                    "arn:aws:lambda:us-east-1:123456789012:layer:other:1",
                    "sg-0a1b2c3d4e5f60718",
                    "03:00-04:00",
                    "sun:05:00-sun:06:00",
                    "subnet-0a1b2c3d4e5f60718",
                    "rate(1 hour)",
                    "https://other.example.com",
                    "other.example.com",
                    "GET",
                    "prod/other",
                    "Z0OTHER",
                ] {
                    found.push(json!(other));
                }
            }
            "array" => {
                let items = node.get("items").map(|items| resolve(root, items));
                let list = now.and_then(Value::as_array).cloned().unwrap_or_default();
                for item in items.map(|items| candidates(root, items, list.first())).unwrap_or_default() {
                    let mut more = list.clone();
                    more.push(item.clone());
                    found.push(Value::Array(more));
                    found.push(json!([item]));
                }
                if !list.is_empty() {
                    found.push(json!([]));
                }
            }
            "object" => {
                let mut map = now.and_then(Value::as_object).cloned().unwrap_or_default();
                map.insert("other".to_owned(), json!("value"));
                found.push(Value::Object(map));
                found.push(json!({"other": ["value"]}));
            }
            _ => {}
        }
    }
    if now.is_some_and(|now| !now.is_null()) {
        found.push(Value::Null);
    }
    found.retain(|value| Some(value) != now);
    found
}

/// The graph of a manifest, if nothing is wrong with it.
fn graphed(manifest: &Manifest) -> Option<Graph> {
    for component in &manifest.components {
        let row = KINDS.row(&component.kind)?;
        if crate::manifest::recheck(component, row.compiled()).iter().any(crate::diagnostic::Diagnostic::is_error)
            || row.check(component).iter().any(crate::diagnostic::Diagnostic::is_error)
        {
            return None;
        }
    }
    let translated = translate(manifest).ok()?;
    let mut input = sample::input(translated.resources);
    input.outputs = translated.outputs;
    graph::build(input).ok()
}

/// What a plan does, by role of the component, in words.
fn verdict(plan: &Plan, component: &str) -> String {
    let mut words: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for step in &plan.steps {
        let name = if step.address.component() == component { step.address.role().to_owned() } else { step.address.as_str().to_owned() };
        let doing = match (&step.blocked, step.op) {
            (Some(blocked), _) if blocked.is_by_aws() => format!("refused, {}", blocked.code),
            (_, Op::Replace) => {
                let rules = step.changes.iter().filter(|change| change.replace == Replace::Yes).filter_map(|change| change.rule.as_deref());
                let documented = rules.clone().any(|rule| rule == "documented replacement");
                let source = catalog().get(&step.type_name).and_then(crate::catalog::TypeInfo::documented).filter(|_| documented);
                source.map_or_else(|| "replace".to_owned(), |source| format!("replace ([documented]({source}))"))
            }
            (_, Op::None) => continue,
            (_, op) => op.verb().to_owned(),
        };
        words.entry(doing).or_default().insert(format!("`{name}`"));
    }
    if words.is_empty() {
        return NOTHING.to_owned();
    }
    let say = |(doing, names): (&String, &BTreeSet<String>)| format!("{doing} {}", names.iter().cloned().collect::<Vec<_>>().join(", "));
    words.iter().map(say).collect::<Vec<_>>().join("; ")
}

fn value_text(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => return "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let text: String = if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text };
    format!("`{}`", text.replace('|', "\\|").replace(['\n', '`'], " "))
}

/// What was found for a field.
struct Found {
    before: Option<Value>,
    after: Value,
    verdict: String,
    description: String,
}

/// Changes every field of the components of a kind in one manifest, where no change of it was found yet that does something.
fn try_all(row: &Row, manifest: &Manifest, found: &mut BTreeMap<String, Option<Found>>) {
    let name = row.facts().name;
    let before = graphed(manifest).unwrap_or_else(|| panic!("{name}: the manifest is right"));
    let state = state_of(before.resources.clone());
    for (at, component) in manifest.components.iter().enumerate().filter(|(_, component)| component.kind == name) {
        let mut all = Vec::new();
        fields(row.schema(), row.schema(), &component.spec, ("", ""), 0, &mut all);
        for field in all {
            let first = field.path.split('.').next().unwrap_or_default();
            let known = found.entry(field.path.clone()).or_default();
            if ELSEWHERE.iter().any(|(elsewhere, _)| *elsewhere == first) || known.as_ref().is_some_and(|known| known.verdict != NOTHING) {
                continue;
            }
            let now = component.spec.pointer(&field.pointer).filter(|now| !now.is_null()).cloned();
            for other in candidates(row.schema(), &field.node, now.as_ref()) {
                let mut changed = manifest.clone();
                if !put(&mut changed.components[at].spec, &field.pointer, &other) {
                    continue;
                }
                let Some(graph) = graphed(&changed) else { continue };
                let verdict = verdict(&plan(&graph, &state), component.id.as_str());
                if known.is_none() || verdict != NOTHING {
                    let done = verdict != NOTHING;
                    *known = Some(Found { before: now.clone(), after: other, verdict, description: field.description.clone() });
                    if done {
                        break;
                    }
                }
            }
        }
    }
}

/// The rows of a kind, the fields that no value could be found for, and those of which the reference says something else.
fn rows(row: &Row) -> (Vec<String>, Vec<String>, Vec<String>) {
    let name = row.facts().name;
    let mut found = BTreeMap::new();
    for size in ["full", "minimal"] {
        try_all(row, &good_manifest(&format!("{}-{size}", name.to_lowercase())), &mut found);
    }
    found.retain(|path, _| !ELSEWHERE.iter().any(|(elsewhere, _)| path.split('.').next() == Some(elsewhere)));
    let (mut out, mut open, mut lies) = (Vec::new(), Vec::new(), Vec::new());
    for (path, found) in found {
        let Some(Found { before, after, verdict, description }) = found else {
            open.push(path);
            continue;
        };
        if description.contains("A change means replacement") && !verdict.contains("replace") {
            lies.push(format!("{name} {path}: {verdict}"));
        }
        out.push(format!("| `{path}` | {} → {} | {verdict} |", value_text(before.as_ref()), value_text(Some(&after))));
    }
    (out, open, lies)
}

/// Sets or removes a value; what leads to it must be there.
fn put(spec: &mut Value, pointer: &str, value: &Value) -> bool {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return false };
    if spec.pointer(parent).is_none_or(Value::is_null) {
        // A map that is not there is made, one level deep.
        if parent.is_empty() || value.is_null() || !put(spec, parent, &json!({})) {
            return false;
        }
    }
    match spec.pointer_mut(parent) {
        Some(Value::Object(map)) if value.is_null() => map.shift_remove(key).is_some(),
        Some(Value::Object(map)) => {
            map.insert(key.to_owned(), value.clone());
            true
        }
        _ => false,
    }
}

#[test]
fn every_field_of_every_kind_has_a_verdict() {
    let mut page = String::from(
        "# What a change comes to\n\nEach field of each kind, changed by itself in a component that has all fields: what `panka diff` says then. It is found by planning such\nchanges, from the schemas of AWS and, where a link stands, from its documentation; a test holds this page to it.\n",
    );
    let (mut open, mut lies) = (Vec::new(), Vec::new());
    for row in KINDS.rows().iter().filter(|row| row.offered()) {
        let (rows, without, wrong) = rows(row);
        writeln!(page, "\n## {}\n\n| Field | Change | What happens |\n|---|---|---|", row.facts().name).unwrap();
        for line in rows {
            writeln!(page, "{line}").unwrap();
        }
        open.extend(without.into_iter().map(|path| format!("{} {path}", row.facts().name)));
        lies.extend(wrong);
    }
    page.push_str("\nFields of every kind that stand for no property: ");
    let elsewhere: Vec<String> = ELSEWHERE.iter().map(|(field, why)| format!("`{field}` ({why})")).collect();
    page.push_str(&elsewhere.join(", "));
    page.push_str(".\n");
    page.push_str("\nFields that change only together with others, or are not offered yet, have no row: ");
    page.push_str(
        &open
            .iter()
            .map(|name| format!("{} `{}`", name.split(' ').next().unwrap_or_default(), name.split(' ').nth(1).unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(", "),
    );
    page.push_str(".\n");
    assert!(lies.is_empty(), "the reference says that a change means replacement: {lies:#?}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/changes.md");
    snapbox::assert_data_eq!(snapbox::Data::text(page).raw(), snapbox::Data::read_from(&file, None).raw());
    assert_eq!(open, TOGETHER, "what can be changed by itself, and what cannot");
}
