//! Resources that a `CloudFormation` stack of their own carries, since Cloud Control cannot handle their type.
//!
//! The template is text with one resource, `Resource`. What comes from other resources arrives as parameters. All attributes that a schema knows leave in
//! one output, in the order of their names behind the identifier, separated by `|`: the order of several outputs is not promised.

use serde_json::{Map, Value, json};

use super::value::{Writer, json_text};
use super::{names, value};
use crate::catalog::catalog;
use crate::resource::{Form, Resource, TypeName, cut};

/// The type that carries it.
pub(super) const TOKEN: &str = "aws-native:cloudformation:Stack";
/// What of it is fixed at creation.
pub(super) const FIXED: &str = "stackName";
/// What of it a state does not know in the form that a program gave it.
pub(super) const RECORDED: [&str; 2] = ["parameters", "templateBody"];
/// What stands between the attributes in the output.
const SEPARATOR: &str = "|";
/// Longest name of a stack.
const LIMIT: usize = 128;

impl<'g> Writer<'g> {
    /// The stack that carries a resource.
    pub(super) fn nested(&mut self, resource: &'g Resource) -> Value {
        self.turn_to(Some(resource));
        let mut parameters = Map::new();
        let mut properties = Map::new();
        for (name, value) in &resource.properties {
            properties.insert(name.clone(), self.templated(value, &mut parameters));
        }
        let attributes: Vec<Value> = std::iter::once(json!({ "Ref": "Resource" }))
            .chain(attributes(&resource.type_name).map(|name| json!({ "Fn::GetAtt": ["Resource", name] })))
            .collect();
        let declared: Map<String, Value> = parameters.keys().map(|name| (name.clone(), json!({ "Type": "String" }))).collect();
        let mut template = json!({
            "Resources": { "Resource": { "Type": resource.type_name, "Properties": properties } },
            "Outputs": { "Attributes": { "Value": { "Fn::Join": [SEPARATOR, attributes] } } },
        });
        if !declared.is_empty() {
            template["Parameters"] = Value::Object(declared);
        }
        let name = format!("{}-{}-{}", self.source.stack, self.source.environment, resource.address.as_str().replace(['/', '.', '_'], "-"));
        let mut inputs = Map::new();
        inputs.insert("stackName".into(), json!(cut(&name.replace("--", "-"), LIMIT)));
        inputs.insert("templateBody".into(), json!(value::escaped(&json_text(&template))));
        if !parameters.is_empty() {
            inputs.insert("parameters".into(), Value::Object(parameters));
        }
        self.declared(TOKEN, inputs, resource)
    }

    /// A value inside of the template; what is a form becomes a parameter.
    fn templated(&mut self, value: &Value, parameters: &mut Map<String, Value>) -> Value {
        match Form::of(value) {
            Form::Plain(Value::Object(map)) => {
                Value::Object(map.iter().map(|(key, inner)| (key.clone(), self.templated(inner, parameters))).collect())
            }
            Form::Plain(Value::Array(items)) => Value::Array(items.iter().map(|inner| self.templated(inner, parameters)).collect()),
            Form::Plain(_) => value.clone(),
            Form::Literal(inner) => inner.clone(),
            Form::Secret(identity) => self.dynamic(identity, parameters),
            _ => {
                let written = self.value(None, value);
                json!({ "Ref": parameter(written, parameters) })
            }
        }
    }

    /// A secret is read by `CloudFormation`: the template holds its name alone.
    fn dynamic(&mut self, identity: &Map<String, Value>, parameters: &mut Map<String, Value>) -> Value {
        let mut part = |name: &str| {
            identity.get(name).map(|value| match value {
                Value::String(text) => text.replace("${", "${!"),
                form => {
                    let written = self.value(None, form);
                    format!("${{{}}}", parameter(written, parameters))
                }
            })
        };
        let text = match part("parameter") {
            Some(name) => format!("{{{{resolve:ssm-secure:{name}}}}}"),
            None => {
                let source = part("arn").or_else(|| part("name")).unwrap_or_default();
                let key = part("key").unwrap_or_default();
                let version = part("version").map(|version| format!("::{version}")).unwrap_or_default();
                format!("{{{{resolve:secretsmanager:{source}:SecretString:{key}{version}}}}}")
            }
        };
        json!({ "Fn::Sub": text })
    }

    /// What names an attribute of a carried resource: a variable that takes it out of the stack's output.
    pub(super) fn nested_attribute(&mut self, target: &Resource, attribute: &str) -> String {
        let stack = names::logical(&target.address);
        let given = crate::plan::below(&target.properties, attribute).cloned();
        let read_only = attributes(&target.type_name).position(|name| name == attribute);
        let variable = format!("{stack}__{}", attribute.replace('.', "__"));
        let written = match (read_only, given) {
            (Some(number), _) => taken(&stack, number + 1),
            (None, Some(given)) => self.value(None, &given),
            (None, None) => taken(&stack, 0),
        };
        self.variables.insert(variable.clone(), written);
        variable
    }
}

/// The identifier and the attributes of a carried resource, from the output of its stack.
pub fn nested_values(type_name: &TypeName, output: &str) -> (String, Map<String, Value>) {
    let mut parts = output.split(SEPARATOR);
    let identifier = parts.next().unwrap_or_default().to_owned();
    let mut values = Map::new();
    for (name, part) in attributes(type_name).zip(parts) {
        let mut place = &mut values;
        let mut steps = name.split('.').peekable();
        while let Some(step) = steps.next() {
            if steps.peek().is_none() {
                place.insert(step.to_owned(), json!(part));
                break;
            }
            let inner = place.entry(step).or_insert_with(|| json!({}));
            let Value::Object(inner) = inner else { break };
            place = inner;
        }
    }
    (identifier, values)
}

fn taken(stack: &str, number: usize) -> Value {
    let output = value::symbol(&format!("{stack}.outputs[0].outputValue"));
    json!({ "fn::select": [number, { "fn::split": [SEPARATOR, output] }] })
}

/// The read-only attributes of a type that are text, in byte order.
fn attributes(type_name: &TypeName) -> impl Iterator<Item = String> {
    let info = catalog().get(type_name);
    let mut names: Vec<String> = info
        .into_iter()
        .flat_map(|info| info.read_only())
        .filter(|pointer| !pointer.contains('*'))
        .map(|pointer| pointer.trim_start_matches('/').replace('/', "."))
        .collect();
    names.sort_unstable();
    names.into_iter()
}

fn parameter(written: Value, parameters: &mut Map<String, Value>) -> String {
    let known = parameters.iter().find(|(_, value)| **value == written).map(|(name, _)| name.clone());
    known.unwrap_or_else(|| {
        let name = format!("Parameter{}", parameters.len() + 1);
        parameters.insert(name.clone(), written);
        name
    })
}
