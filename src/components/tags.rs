//! Tags: which property of a type takes them, in which form, and the tags of a component.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::part::Part;
use crate::catalog::{TagStyle, catalog};
use crate::diagnostic::codes::aws::P3009;
use crate::diagnostic::{Diagnostic, escape};
use crate::manifest::Manifest;

/// The tags of a component, sorted by key: defaults, labels of service and component, `spec.tags`, and panka's own.
pub(crate) fn of(manifest: &Manifest, part: &Part<'_>, findings: &mut Vec<Diagnostic>) -> BTreeMap<String, Value> {
    let id = part.id();
    let mut tags: BTreeMap<String, Value> = BTreeMap::new();
    let mut add = |key: &str, value: Value| tags.insert(key.to_owned(), value);
    for (key, value) in &manifest.default_tags {
        add(key, value.as_str().into());
    }
    let service = manifest.services.get(id.service());
    for (key, value) in service.into_iter().flat_map(|service| &service.labels).chain(&part.component.labels) {
        add(key, value.as_str().into());
    }
    for (key, value) in &part.shared.tags {
        add(key, value.value());
    }
    for (key, value) in [
        ("panka:stack", manifest.stack.as_str()),
        ("panka:environment", &manifest.environment),
        ("panka:service", id.service()),
        ("panka:component", id.name()),
        ("managed-by", "panka"),
    ] {
        if add(key, value.into()).is_some() {
            let pointer = format!("/tags/{}", escape(key));
            findings.push(part.finding(P3009, &pointer, format!("tag `{key}` is panka's own and cannot be set")));
        }
    }
    let mut seen: BTreeMap<String, &String> = BTreeMap::new();
    for key in tags.keys() {
        if let Some(other) = seen.insert(key.to_lowercase(), key) {
            // IAM takes them for one, and refuses the second: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
            let message = format!("tags `{other}` and `{key}` differ in case only, and some services take them for one");
            findings.push(part.finding(P3009, &format!("/tags/{}", escape(key)), message));
        }
    }
    for key in tags.keys().filter(|key| key.to_lowercase().starts_with("aws:")) {
        findings.push(part.finding(P3009, &format!("/tags/{}", escape(key)), format!("tag `{key}`: the prefix `aws:` is reserved")));
    }
    if tags.len() > 50 {
        findings.push(part.finding(P3009, "/tags", format!("`{id}` has {} tags with panka's own, and AWS allows 50", tags.len())));
    }
    tags
}

/// Tags, written in the forms that types take.
pub(crate) struct Written {
    tags: BTreeMap<String, Value>,
    forms: Vec<(TagStyle, Value)>,
}

impl Written {
    pub(crate) fn new(tags: BTreeMap<String, Value>) -> Self {
        Self { tags, forms: Vec::new() }
    }

    /// The property of a type that takes tags, and its value.
    pub(crate) fn of_type(&mut self, type_name: &str) -> Option<(&'static str, Value)> {
        let info = catalog().get(type_name)?;
        let (property, style) = (info.tag_property()?, info.tag_style()?);
        if let Some((_, value)) = self.forms.iter().find(|(form, _)| *form == style) {
            return Some((property, value.clone()));
        }
        let value = write(&self.tags, &style);
        self.forms.push((style, value.clone()));
        Some((property, value))
    }
}

/// Writes tags in a form.
fn write(tags: &BTreeMap<String, Value>, style: &TagStyle) -> Value {
    match style {
        TagStyle::List { key, value } => tags
            .iter()
            .map(|(name, text)| Value::Object(Map::from_iter([(key.clone(), name.as_str().into()), (value.clone(), text.clone())])))
            .collect(),
        TagStyle::Map => Value::Object(tags.iter().map(|(name, text)| (name.clone(), text.clone())).collect()),
    }
}
