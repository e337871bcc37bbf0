//! The check of the properties of one resource.

use serde_json::{Map, Value};

use crate::resource::Form;
use crate::schema::{Fault, FaultKind, FormVerdict, Forms, Place, Type, Types};

use super::known::sample_arn;
use super::path::ValuePath;
use super::{TypeInfo, catalog};

/// Knows the type of what an address names.
pub trait TypeOf {
    /// Returns the AWS type; `None` if that is not known here.
    fn type_of(&self, address: &str) -> Option<&str>;
}

/// Knows no types: references are taken as they stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTypes;

impl TypeOf for NoTypes {
    fn type_of(&self, _: &str) -> Option<&str> {
        None
    }
}

/// Returns all faults of `properties`: those of the schema, and read-only properties that were given.
pub(super) fn check(info: &TypeInfo, properties: &Map<String, Value>, types: &dyn TypeOf) -> Vec<Fault> {
    let mut faults = info.schema.check_map(properties, &ValueForms { types });
    let mut given: Vec<String> = Vec::new();
    for path in &info.read_only {
        if !info.can_be_given(path) {
            reached(properties, path, &mut given);
        }
    }
    given.sort_unstable();
    given.dedup();
    for (number, pointer) in given.iter().enumerate() {
        // What stands inside of a reported value needs no report of its own.
        let inside = |outer: &String| pointer.strip_prefix(outer.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if given[..number].iter().any(inside) {
            continue;
        }
        let name = pointer.rsplit('/').next().unwrap_or_default();
        faults.push(Fault {
            pointer: pointer.clone(),
            kind: FaultKind::ReadOnly,
            message: format!("the property `{name}` is set by AWS and cannot be given"),
            help: None,
        });
    }
    faults
}

impl TypeInfo {
    /// A few schemas list as read-only what they also require or fix at creation: such a property is given.
    fn can_be_given(&self, path: &ValuePath) -> bool {
        let name = path.as_str().trim_start_matches('/');
        self.create_only.contains(path) || self.schema.root().required().contains(&name)
    }
}

/// The pointers of all values that a path leads to.
fn reached(properties: &Map<String, Value>, path: &ValuePath, found: &mut Vec<String>) {
    let [first, rest @ ..] = path.steps() else { return };
    if let Some(value) = properties.get(&**first) {
        descend(value, rest, &format!("/{first}"), found);
    }
}

fn descend(value: &Value, steps: &[Box<str>], at: &str, found: &mut Vec<String>) {
    match (steps, value) {
        ([], _) => found.push(at.to_owned()),
        ([step, rest @ ..], Value::Array(items)) => {
            let rest = if &**step == "*" { rest } else { steps };
            for (number, item) in items.iter().enumerate() {
                descend(item, rest, &format!("{at}/{number}"), found);
            }
        }
        ([step, rest @ ..], Value::Object(map)) if &**step == "*" => {
            for (key, value) in map {
                descend(value, rest, &format!("{at}/{key}"), found);
            }
        }
        ([step, rest @ ..], Value::Object(map)) => {
            if let Some(value) = map.get(&**step) {
                descend(value, rest, &format!("{at}/{step}"), found);
            }
        }
        _ => {}
    }
}

/// panka's value forms may stand anywhere, if the value that they become fits.
struct ValueForms<'t> {
    types: &'t dyn TypeOf,
}

impl Forms for ValueForms<'_> {
    fn verdict<'v>(&self, map: &'v Value, place: Place<'_>) -> FormVerdict<'v> {
        match Form::of(map) {
            Form::Plain(_) => FormVerdict::NotAForm,
            Form::Literal(inner) => FormVerdict::CheckInstead(inner),
            Form::Sensitive(_) => FormVerdict::Accept,
            Form::Ref { address, attribute } => self.reference(address, attribute, place),
            Form::Join(_) | Form::Aws(_) | Form::Secret(_) | Form::Lookup(_) | Form::Json(_) => text(place),
        }
    }
}

/// The verdict on a form that becomes a string.
fn text(place: Place<'_>) -> FormVerdict<'static> {
    let wanted = place.types();
    if wanted.allows(Type::String) {
        FormVerdict::Accept
    } else {
        FormVerdict::Reject(format!("expected {}, found text that is put together", wanted.words()))
    }
}

impl ValueForms<'_> {
    fn reference(&self, address: &str, attribute: &str, place: Place<'_>) -> FormVerdict<'static> {
        let Some(target) = self.types.type_of(address).and_then(|name| catalog().get(name)) else {
            return FormVerdict::Accept;
        };
        let found = match target.attribute(attribute) {
            Ok(found) => found,
            Err(unknown) => return FormVerdict::Reject(unknown.to_string()),
        };
        let wanted = place.types();
        if !overlap(wanted, found.types) {
            return FormVerdict::Reject(format!(
                "expected {}, but `{attribute}` of `{address}` is {}",
                wanted.words(),
                found.types.words()
            ));
        }
        // `AWS::IAM::Role.Arn` asks for that attribute of that type; other types' ARNs cannot be meant.
        let formats = place.formats();
        let arns: Vec<&str> = formats.iter().filter_map(|format| format.strip_suffix(".Arn")).collect();
        let is_arn = attribute.to_ascii_lowercase().ends_with("arn");
        let only_arns = !formats.is_empty() && arns.len() == formats.len();
        if is_arn && only_arns && !arns.contains(&target.name()) {
            let wanted = arns.join(" or ");
            return FormVerdict::Reject(format!("expected the ARN of {wanted}, but `{address}` is {}", target.name()));
        }
        if let Some(pattern) = place.pattern()
            && let Some(sample) = sample_arn(target.name(), attribute)
            && !pattern.matches(&sample)
        {
            return FormVerdict::Reject(format!(
                "`{attribute}` of `{address}` is the ARN of an {}, which does not match the pattern `{}`",
                target.name(),
                pattern.source()
            ));
        }
        FormVerdict::Accept
    }
}

fn overlap(wanted: Types, found: Types) -> bool {
    found.is_empty() || found.iter().any(|kind| wanted.allows(kind) || (kind == Type::Number && wanted.allows(Type::Integer)))
}
