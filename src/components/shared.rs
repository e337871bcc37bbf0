//! The fields that every kind has.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::access::Access;
use super::check::Check;
use super::field::{Period, Ref, Text, Tree};
use super::group::take;
use crate::diagnostic::codes::manifest::{P1013, P1014, P1019};
use crate::resource::ReplaceOrder;

/// Names of the fields below, as they stand in a spec.
pub(super) const FIELDS: [&str; 6] = ["enabled", "name", "dependsOn", "tags", "overrides", "lifecycle"];

/// The fields that every kind has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Shared {
    /// False drops the component from this environment.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Physical name of the main resource, instead of the derived one; a change means replacement.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub(crate) name: Option<String>,
    /// Components that this one waits for and may use.
    #[serde(default)]
    pub(crate) depends_on: Vec<Dependency>,
    /// Tags of every resource of the component.
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, Text>,
    /// AWS properties merged last onto the resource of each role.
    #[serde(default)]
    pub(crate) overrides: BTreeMap<String, Tree>,
    /// How the resources of the component are changed and deleted.
    #[serde(default)]
    pub(crate) lifecycle: LifecycleSpec,
}

fn yes() -> bool {
    true
}

impl Shared {
    /// Takes the shared fields off a spec.
    pub(super) fn split(spec: Value) -> Result<(Self, Value), serde_json::Error> {
        let Value::Object(mut own) = spec else {
            return if spec.is_null() { Self::split(Value::Object(Map::new())) } else { Err(de::Error::custom("a spec is a map")) };
        };
        let shared = take(&mut own, &FIELDS);
        Ok((serde_json::from_value(Value::Object(shared))?, Value::Object(own)))
    }

    /// Writes the shared fields in front of a kind's own.
    pub(super) fn join(&self, own: Value) -> Result<Value, serde_json::Error> {
        let Value::Object(mut spec) = serde_json::to_value(self)? else { return Err(de::Error::custom("a spec is a map")) };
        spec.retain(|_, value| !value.is_null() && !is_empty(value));
        if let Value::Object(own) = own {
            spec.extend(own);
        }
        Ok(Value::Object(spec))
    }

    /// Reports what the schema cannot see.
    pub(super) fn check(&self, check: &mut Check<'_>) {
        for (field, period) in self.lifecycle.timeouts.all() {
            if period.is_some_and(|period| !(60..=6 * 3600).contains(&period.seconds())) {
                check.report(P1013, &format!("/lifecycle/timeouts/{field}"), format!("timeout for {field} is not between 1m and 6h"));
            }
        }
        for (n, entry) in self.lifecycle.ignore_changes.iter().enumerate() {
            let pointer = entry.split_once(':').map_or(entry.as_str(), |(_, pointer)| pointer);
            if !pointer.starts_with('/') || pointer.len() < 2 {
                check.push(
                    check
                        .finding(
                            P1014,
                            &format!("/lifecycle/ignoreChanges/{n}"),
                            format!("`{entry}` is not a pointer to an AWS property, `/Property` or `role:/Property`"),
                        )
                        .help("`*` stands for one segment and `**` for any number of them: `service:/DesiredCount`"),
                );
            }
        }
        check.unique(P1019, "/dependsOn", "dependency", self.depends_on.iter().map(|dependency| dependency.component.as_str()));
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A component to wait for, and what may be done with it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dependency {
    /// The component.
    pub(crate) component: Ref,
    /// The access, when it is not the default of the pair.
    pub(crate) access: Option<Access>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DependencyMap {
    /// The component to wait for.
    component: Ref,
    /// What this component may do with it, when it is not the default of the pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access: Option<Access>,
}

impl Serialize for Dependency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.access {
            None => self.component.serialize(serializer),
            access => DependencyMap { component: self.component.clone(), access }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Dependency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self { component: text.as_str().into(), access: None }),
            map => {
                let DependencyMap { component, access } = serde_json::from_value(map).map_err(de::Error::custom)?;
                Ok(Self { component, access })
            }
        }
    }
}

impl JsonSchema for Dependency {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Dependency".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (name, map) = (Ref::json_schema(generator), DependencyMap::json_schema(generator));
        json_schema!({ "anyOf": [name, map] })
    }
}

/// How the resources of a component are changed and deleted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LifecycleSpec {
    /// Delete and replace are refused; the type's own deletion protection is on. Kinds that hold data take the environment's `protect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) protect: Option<bool>,
    /// Deleting leaves the resources in AWS and forgets them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) retain_on_delete: bool,
    /// AWS properties that are never compared: `/Property` of the main resource, or `role:/Property`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ignore_changes: Vec<String>,
    /// Order of a replacement, when it is not the default of the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replace: Option<ReplaceOrder>,
    /// Time limits of the operations.
    #[serde(default, skip_serializing_if = "TimeoutsSpec::is_default")]
    pub(crate) timeouts: TimeoutsSpec,
}

/// Time limits of operations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeoutsSpec {
    /// Of creates, 1m to 6h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) create: Option<Period>,
    /// Of updates, 1m to 6h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) update: Option<Period>,
    /// Of deletes, 1m to 6h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delete: Option<Period>,
}

impl TimeoutsSpec {
    fn all(&self) -> [(&'static str, Option<Period>); 3] {
        [("create", self.create), ("update", self.update), ("delete", self.delete)]
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shared_fields_are_taken_off_and_put_back() {
        let spec = json!({"name": "x", "dependsOn": ["db", {"component": "a/b", "access": "read"}], "type": "fifo"});
        let (shared, own) = Shared::split(spec).unwrap();
        assert_eq!(own, json!({"type": "fifo"}));
        assert_eq!(shared.depends_on[1], Dependency { component: "a/b".into(), access: Some(Access::Read) });
        assert_eq!(
            shared.join(own).unwrap(),
            json!({"enabled": true, "name": "x", "dependsOn": ["db", {"component": "a/b", "access": "read"}], "type": "fifo"})
        );
    }
}
