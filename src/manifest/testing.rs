//! Short ways for the tests of this room.

use serde_json::Value as Json;

use super::node::{Node, Part, Value};
use super::scalar::Plain;
use super::source::Sources;
use super::yaml;

/// The only document of a text.
pub(super) fn node(text: &str) -> Node {
    let mut sources = Sources::default();
    let file = sources.add("test.yaml", text.to_owned());
    let mut parsed = yaml::parse(&sources, file);
    assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
    parsed.documents.remove(0)
}

/// A tree as JSON, each scalar by its own look.
pub(super) fn json(node: &Node) -> Json {
    match &node.value {
        Value::Scalar(scalar) => match scalar.natural() {
            Plain::Null => Json::Null,
            Plain::Bool(b) => Json::Bool(b),
            Plain::Number(n) => Json::Number(n),
            Plain::Text => Json::String(scalar.text.to_string()),
        },
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(map) => map.iter().map(|(key, member)| (key.to_string(), json(&member.node))).collect::<serde_json::Map<_, _>>().into(),
        Value::Form(parts) => {
            let part = |part: &Part| match part {
                Part::Text(text) => format!("text({text})"),
                Part::Output(output) => format!("output({output})"),
            };
            Json::String(parts.iter().map(part).collect::<Vec<_>>().join(" "))
        }
        Value::Broken(findings) => {
            Json::String(format!("broken({})", findings.iter().map(|f| f.code.name()).collect::<Vec<_>>().join(" ")))
        }
    }
}
