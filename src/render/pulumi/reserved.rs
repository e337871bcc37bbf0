//! Documents that Pulumi would not leave as they are: it reads a map with a single key that names one of its functions as a call of that
//! function, wherever it stands.

use serde_json::Value;

use crate::diagnostic::codes::engine::P5008;
use crate::diagnostic::{Diagnostic, escape};
use crate::resource::{Form, Resource};

/// The functions of the YAML host 1.30, in small letters.
const FUNCTIONS: [&str; 16] = [
    "fn::assetarchive",
    "fn::filearchive",
    "fn::fileasset",
    "fn::frombase64",
    "fn::invoke",
    "fn::join",
    "fn::readfile",
    "fn::remotearchive",
    "fn::remoteasset",
    "fn::secret",
    "fn::select",
    "fn::split",
    "fn::stackreference",
    "fn::stringasset",
    "fn::tobase64",
    "fn::tojson",
];

/// What of a resource a program cannot say.
pub(super) fn check(resource: &Resource) -> Vec<Diagnostic> {
    let mut pointers = Vec::new();
    // What a stack of its own carries travels as text.
    for (name, value) in resource.properties.iter().filter(|_| !resource.nested) {
        find(value, format!("/{}", escape(name)), &mut pointers);
    }
    let finding = |pointer: String| {
        Diagnostic::new(P5008, format!("`{}`: Pulumi would take `{pointer}` for a call of its own", resource.address))
            .at(resource.source.clone())
            .about(&resource.address)
            .help("give the document as text where AWS takes one, or another key beside it")
    };
    pointers.into_iter().map(finding).collect()
}

fn find(value: &Value, pointer: String, found: &mut Vec<String>) {
    match (Form::of(value), value) {
        (Form::Literal(inner), _) => find(inner, pointer, found),
        // Of the other forms some are texts, and Pulumi looks into none.
        (Form::Plain(_), Value::Object(map)) => {
            for (key, inner) in map {
                let here = format!("{pointer}/{}", escape(key));
                if map.len() == 1 && is_call(key) {
                    found.push(here.clone());
                }
                find(inner, here, found);
            }
        }
        (Form::Plain(_), Value::Array(items)) => {
            items.iter().enumerate().for_each(|(number, inner)| find(inner, format!("{pointer}/{number}"), found));
        }
        _ => {}
    }
}

/// Tells whether Pulumi reads a single key as a call: of a function, or of one of a package, `fn::package:module:name`.
fn is_call(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let package = key.rsplit_once("fn::").is_some_and(|(_, rest)| {
        let parts: Vec<&str> = rest.split(':').collect();
        (2..=3).contains(&parts.len()) && parts.iter().all(|part| !part.is_empty())
    });
    FUNCTIONS.contains(&key.as_str()) || package
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::sample::queue;

    fn pointers(document: Value) -> Vec<String> {
        let findings = check(&queue("a/one/queue").with("RedrivePolicy", document));
        findings.iter().map(|finding| finding.message.split('`').nth(3).unwrap().to_owned()).collect()
    }

    #[test]
    fn a_single_key_that_names_a_function_is_refused_at_every_depth() {
        assert_eq!(pointers(json!({"detail": [{"fn::toJSON": 1}]})), ["/RedrivePolicy/detail/0/fn::toJSON"]);
        assert_eq!(pointers(json!({"Fn::Join": ["", []]})), ["/RedrivePolicy/Fn::Join"]);
        assert_eq!(pointers(json!({"$literal": {"fn::aws:x": 1}})), ["/RedrivePolicy/fn::aws:x"]);
        assert_eq!(pointers(json!({"fn::aws:x:y": 1})), ["/RedrivePolicy/fn::aws:x:y"]);
    }

    #[test]
    fn what_pulumi_leaves_alone_is_left_alone() {
        for document in
            [json!({"fn::join": 1, "b": 2}), json!({"Fn::Sub": "x"}), json!({"fn::": 1}), json!({"a": "fn::join"}), json!({"aws:x": 1})]
        {
            assert!(pointers(document.clone()).is_empty(), "{document}");
        }
    }
}
