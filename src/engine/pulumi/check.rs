//! What Pulumi would do, beside what a plan says.
//!
//! In: a plan, and the text of `pulumi preview --json`. Out: for each address on which the two disagree, what each would do.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::stream;
use crate::address::Address;
use crate::plan::{Op, Plan};

/// A resource for which the plan says one thing and Pulumi another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disagreement {
    /// The resource.
    pub address: Address,
    /// What the plan says; none for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// What Pulumi would do; none for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulumi: Option<String>,
    /// Properties for which Pulumi would replace it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    op: String,
    urn: String,
    #[serde(default)]
    replace_reasons: Option<Vec<String>>,
    #[serde(default)]
    diff_reasons: Option<Vec<String>>,
}

/// Compares. `names` are the logical names of everything that is known.
pub(super) fn compare(plan: &Plan, preview: &str, names: &BTreeMap<String, Address>) -> Result<Vec<Disagreement>, serde_json::Error> {
    let preview: Preview = serde_json::from_str(preview)?;
    let mut told: BTreeMap<Address, (String, Vec<String>)> = BTreeMap::new();
    for Step { op, urn, replace_reasons, diff_reasons } in preview.steps {
        let Some(address) = names.get(&stream::name(&urn)) else { continue };
        let op = match op.as_str() {
            "same" | "read" | "refresh" => continue,
            // A replacement is told in parts.
            "create-replacement" | "delete-replaced" | "replace" | "discard-replaced" => "replace".to_owned(),
            _ => op,
        };
        let entry = told.entry(address.clone()).or_insert_with(|| (op, Vec::new()));
        let reasons = replace_reasons.into_iter().chain(diff_reasons).flatten();
        entry.1.extend(reasons.filter(|reason| !reason.starts_with("__")));
        entry.1.sort_unstable();
        entry.1.dedup();
    }
    let steps = plan.steps.iter().filter(|step| step.blocked.is_none());
    let planned: BTreeMap<&Address, &str> = steps.filter_map(|step| Some((&step.address, in_words(step.op)?))).collect();
    let addresses: BTreeSet<&Address> = planned.keys().copied().chain(told.keys()).collect();
    let differing = addresses.into_iter().filter_map(|address| {
        let (ours, theirs) = (planned.get(address).copied(), told.get(address));
        if ours == theirs.map(|(op, _)| op.as_str()) {
            return None;
        }
        let (pulumi, keys) = theirs.cloned().unzip();
        Some(Disagreement { address: address.clone(), plan: ours.map(str::to_owned), pulumi, keys: keys.unwrap_or_default() })
    });
    Ok(differing.collect())
}

/// What Pulumi calls it; nothing for what changes the state of panka alone.
fn in_words(op: Op) -> Option<&'static str> {
    match op {
        Op::Create => Some("create"),
        Op::Update => Some("update"),
        Op::Replace => Some("replace"),
        Op::Delete => Some("delete"),
        Op::Adopt => Some("import"),
        Op::Forget | Op::None => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::sample::{graph, queue};
    use crate::plan::{Options, diff};

    #[test]
    fn what_only_one_of_the_two_would_do_is_told() {
        let plan = diff(&graph([queue("a/one/queue"), queue("a/two/queue")]), None, &Options::default()).unwrap();
        let names = ["a_one_queue", "a_two_queue", "a_three_queue"]
            .map(|name| (name.to_owned(), name.replace('_', "/").parse::<Address>().unwrap()))
            .into();
        let step = |op: &str, name: &str| json!({"op": op, "urn": format!("urn:pulumi:dev::shop::aws-native:sqs:Queue::{name}")});
        let preview = json!({"steps": [step("create", "a_one_queue"), step("same", "a_two_queue"),
            {"op": "create-replacement", "urn": "urn:pulumi:dev::shop::t::a_three_queue", "replaceReasons": ["queueName"]}, step("replace", "a_three_queue")]});
        let found = compare(&plan, &preview.to_string(), &names).unwrap();
        let told: Vec<_> = found.iter().map(|one| (one.address.as_str(), one.plan.as_deref(), one.pulumi.as_deref())).collect();
        assert_eq!(told, [("a/three/queue", None, Some("replace")), ("a/two/queue", Some("create"), None)]);
        assert_eq!(found[0].keys, ["queueName"]);
    }
}
