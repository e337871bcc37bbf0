//! Write-only properties that a plan takes away, or whose changes it ignores.
//!
//! Cloud Control reads a resource, patches what it has read, and sends that on. What can never be read is not there to be removed, and it refuses a patch
//! that does: <https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-update.html>. To leave such a property out is enough, so
//! Pulumi is made to forget that it was ever sent. In: a plan and what Pulumi has. Out: its state without them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::stream;
use crate::catalog::catalog;
use crate::plan::{Op, Plan, Step};
use crate::render::pulumi::names;

/// The properties as Pulumi names them, by logical name.
pub(super) type Dropped = BTreeMap<String, Vec<String>>;

/// What the steps of a plan take away that can never be read, and what they ignore of it: the provider would send it again with every update.
pub(super) fn of(plan: &Plan) -> Dropped {
    let updates = plan.steps.iter().filter(|step| step.op == Op::Update && step.blocked.is_none());
    let dropped = |step: &Step| -> Vec<String> {
        let Some(info) = catalog().get(&step.type_name) else { return Vec::new() };
        let gone = step.changes.iter().filter(|change| change.after.is_none() && !change.unknown && info.is_write_only(&change.path));
        let ignored = step.desired.iter().flat_map(|desired| &desired.lifecycle.ignore_changes).filter(|path| info.is_write_only(path));
        let paths = gone.map(|change| change.path.as_str()).chain(ignored.map(String::as_str));
        paths.filter_map(|path| path.strip_prefix('/')).filter(|name| !name.contains('/')).map(names::property).collect()
    };
    updates.map(|step| (names::logical(&step.address), dropped(step))).filter(|(_, names)| !names.is_empty()).collect()
}

/// Takes them out of an exported state; tells whether there were any.
pub(super) fn forget(state: &mut Value, dropped: &Dropped) -> bool {
    let mut changed = false;
    for resource in state.pointer_mut("/deployment/resources").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = stream::name(resource["urn"].as_str().unwrap_or_default());
        let Some(names) = dropped.get(&name).filter(|_| resource["delete"] != true) else { continue };
        // The provider compares with its own copy of the inputs, where its version keeps one.
        for pointer in ["/inputs", "/outputs/__inputs"] {
            let Some(inputs) = resource.pointer_mut(pointer).and_then(Value::as_object_mut) else { continue };
            for name in names {
                changed |= inputs.shift_remove(name).is_some();
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_sent_and_is_not_wanted_is_forgotten_of_that_resource_alone() {
        let resource = |name: &str| {
            json!({"urn": format!("urn:pulumi:dev::shop::aws-native:rds:DBInstance::{name}"),
                "inputs": {"masterUserPassword": "x", "port": "1"}, "outputs": {"__inputs": {"masterUserPassword": "x"}, "masterUserPassword": "x"}})
        };
        let mut state = json!({"deployment": {"resources": [resource("a_db_instance"), resource("a_other_instance")]}});
        let dropped = Dropped::from([("a_db_instance".to_owned(), vec!["masterUserPassword".to_owned()])]);
        assert!(forget(&mut state, &dropped));
        let resources = &state["deployment"]["resources"];
        assert_eq!((&resources[0]["inputs"], &resources[0]["outputs"]["__inputs"]), (&json!({"port": "1"}), &json!({})));
        assert_eq!(resources[1], resource("a_other_instance"));
        assert!(!forget(&mut state, &dropped), "there is nothing left to forget");
    }
}
