//! Fields and values that are recognised and not offered, each with what to write instead.

use serde_json::Value as Json;

use super::source::Sources;
use super::written::Written;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::manifest::P1015;

struct Refusal {
    /// Keys from the top; `*` is any item of a list.
    path: &'static [&'static str],
    /// The values refused; none means any.
    values: &'static [&'static str],
    instead: &'static str,
}

const REFUSALS: [Refusal; 4] = [
    Refusal {
        path: &["networking", "serviceMesh"],
        values: &[],
        instead: "`serviceDiscovery` gives every service a name; meshes are not offered",
    },
    Refusal {
        path: &["storage", "volumes", "*", "type"],
        values: &["hostPath", "configMap", "secret", "pvc"],
        instead: "volumes are emptyDir or efs; configuration stands in `configs`, secrets in `secrets`",
    },
    Refusal {
        path: &["runtime", "platform"],
        values: &["ec2"],
        instead: "write fargate or fargate-spot; a machine of its own is the kind `EC2Instance`",
    },
    Refusal {
        path: &["runtime", "platform"],
        values: &["lambda"],
        instead: "write fargate or fargate-spot; functions are the kind `Lambda`",
    },
];

/// Reports what is refused, and gives the pointers of it.
pub(super) fn find(written: &Written, sources: &Sources, findings: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut found = Vec::new();
    for refusal in &REFUSALS {
        let mut pointers = Vec::new();
        reach(&written.value, refusal.path, String::new(), &mut pointers);
        for (pointer, value) in pointers {
            let text = value.as_str().unwrap_or_default();
            if !refusal.values.is_empty() && !refusal.values.iter().any(|value| value.eq_ignore_ascii_case(text)) {
                continue;
            }
            let path = super::check::dotted(&pointer);
            let what =
                if refusal.values.is_empty() { format!("`{path}` is not offered") } else { format!("`{path}`: `{text}` is not offered") };
            let at = written.mark(&pointer).map(|mark| if refusal.values.is_empty() { mark.key.unwrap_or(mark.value) } else { mark.value });
            findings.push(Diagnostic::new(P1015, what).at(at.map(|at| sources.span(at))).help(refusal.instead));
            found.push(pointer);
        }
    }
    found
}

fn reach<'v>(value: &'v Json, path: &[&str], pointer: String, out: &mut Vec<(String, &'v Json)>) {
    match path {
        [] => out.push((pointer, value)),
        ["*", rest @ ..] => {
            for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                reach(item, rest, format!("{pointer}/{n}"), out);
            }
        }
        [key, rest @ ..] => {
            if let Some(inner) = value.get(key) {
                reach(inner, rest, format!("{pointer}/{key}"), out);
            }
        }
    }
}
