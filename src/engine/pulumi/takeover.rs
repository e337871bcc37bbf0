//! What stands in AWS and is not in Pulumi's state: read by its identifier, and put there.
//!
//! In: a stack, what it has, what it is to take over. Out: the state as it is to be imported, and what does not exist. Everything is tried on a copy:
//! until the caller imports that state, nothing has changed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::said;
use super::stack::Stack;
use super::stream::{self, Happening};
use crate::catalog::{TypeInfo, catalog};
use crate::diagnostic::Error;
use crate::render::pulumi::{Project, names};
use crate::resource::TypeName;

/// What Pulumi says of an identifier under which there is nothing.
const ABSENT: &str = "does not exist";

/// A resource that is to be taken over.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Logical name.
    pub(super) name: String,
    /// Pulumi's name of its type.
    pub(super) token: String,
    /// Identifier in AWS.
    pub(super) identifier: String,
    /// What Pulumi is to have of it besides what AWS tells.
    pub(super) as_what: As,
}

/// What Pulumi is to have of a resource.
#[derive(Debug, Clone)]
pub(super) enum As {
    /// What it noted itself when it began to make it.
    Begun(Value),
    /// What a program says of it.
    Declared {
        /// Its properties in the program: others are not noted.
        properties: Value,
        /// Logical names of what it depends on.
        depends_on: Vec<String>,
        /// It is protected.
        protect: bool,
        /// It stays in the account when it is let go of.
        retain: bool,
        /// Of the properties those that AWS never tells: what was sent is taken for what is there.
        unread: Map<String, Value>,
    },
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Taken {
    /// The copy on which it was tried.
    pub(super) copy: Stack,
    /// The state with what was taken over, to be imported.
    pub(super) state: Value,
    /// Logical names of what does not exist.
    pub(super) absent: BTreeSet<String>,
    /// Logical names of what exists, but without the tags that were sent: it is somebody else's. The state does not have it.
    pub(super) foreign: BTreeSet<String>,
}

/// Reads resources from AWS. `provider` is a project without resources; `exported` is what the stack has.
pub(super) async fn take_over(stack: &Stack, provider: &Project, exported: Option<&str>, wanted: &[Wanted]) -> Result<Taken, Error> {
    let copy = stack.copy(exported).await?;
    let urn = provider.provider_urn();
    if exported.is_none_or(|text| !text.contains(&format!("\"{urn}\""))) {
        // What a state of Pulumi's has belongs to a provider, which must be there first.
        let whole = stack.workspace.replace(provider)?;
        copy.capture(&["up", "--yes", "--skip-preview", "--target", &urn]).await?;
        stack.workspace.restore(&whole)?;
    }
    let resources: Vec<Value> =
        wanted.iter().map(|one| json!({"type": one.token, "name": one.name, "id": one.identifier, "provider": "provider"})).collect();
    let file = stack.workspace.write("import.json", &json!({"nameTable": {"provider": urn}, "resources": resources}).to_string())?;
    let words = ["import", "--file", &file, "--yes", "--skip-preview", "--generate-code=false", "--protect=false", "--json"];
    let (told, said) = copy.attempt(&words).await?;
    let absent = absent(&told, wanted);
    let text = copy.export().await?.unwrap_or_default();
    let mut state: Value = serde_json::from_str(&text).map_err(|error| said::unclear("pulumi stack export", &error))?;
    let Edited { missing, foreign } = edit(&mut state, wanted);
    if missing != absent {
        let first = errors(&told).next().unwrap_or(said);
        return Err(said::refused("pulumi import", &first).into());
    }
    Ok(Taken { copy, state, absent, foreign })
}

/// Those of which Pulumi says that they do not exist.
fn absent(told: &str, wanted: &[Wanted]) -> BTreeSet<String> {
    let heard = told.lines().filter_map(|line| match stream::read(line) {
        Happening::Says { name: Some(name), severity, message } if severity == "error" && message.ends_with(ABSENT) => Some(name),
        _ => None,
    });
    let known: BTreeSet<&str> = wanted.iter().map(|one| one.name.as_str()).collect();
    heard.filter(|name| known.contains(name.as_str())).collect()
}

/// The errors that Pulumi told, but that something does not exist.
fn errors(told: &str) -> impl Iterator<Item = String> {
    told.lines().filter_map(|line| match stream::read(line) {
        Happening::Says { severity, message, .. } if severity == "error" && !message.ends_with(ABSENT) => Some(message),
        _ => None,
    })
}

/// Names of what is not in an edited state.
#[derive(Debug, Default, PartialEq, Eq)]
struct Edited {
    /// It was not read.
    missing: BTreeSet<String>,
    /// It is somebody else's.
    foreign: BTreeSet<String>,
}

/// Makes of what was read what Pulumi is to have. What depends on others stands after them.
fn edit(state: &mut Value, wanted: &[Wanted]) -> Edited {
    let mut edited = Edited::default();
    let Some(Value::Array(resources)) = state.pointer_mut("/deployment/resources") else {
        return Edited { missing: wanted.iter().map(|one| one.name.clone()).collect(), ..edited };
    };
    let mut read: BTreeMap<String, Value> = BTreeMap::new();
    for one in wanted {
        match resources.iter().position(|resource| name_of(resource) == one.name) {
            Some(at) => drop(read.insert(one.name.clone(), resources.remove(at))),
            None => drop(edited.missing.insert(one.name.clone())),
        }
    }
    for one in in_order(wanted) {
        let Some(mut resource) = read.remove(&one.name) else { continue };
        let noted = match &one.as_what {
            As::Begun(begun) => &begun["inputs"],
            As::Declared { properties, .. } => properties,
        };
        if !tags(noted).is_subset(&tags(&resource["inputs"])) {
            edited.foreign.insert(one.name.clone());
            continue;
        }
        match &one.as_what {
            As::Begun(begun) => {
                let mut whole = begun.clone();
                for part in ["id", "outputs"] {
                    whole[part] = resource[part].take();
                }
                resource = whole;
            }
            As::Declared { properties, depends_on, protect, retain, unread } => {
                let inputs = resource["inputs"].take();
                resource["inputs"] = declared(inputs, properties);
                if let Value::Object(inputs) = &mut resource["inputs"] {
                    inputs.extend(unread.clone());
                }
                let urns = resources.iter().filter(|other| depends_on.contains(&name_of(other))).map(|other| other["urn"].clone());
                resource["dependencies"] = Value::Array(urns.collect());
                resource["protect"] = json!(protect);
                resource["retainOnDelete"] = json!(retain);
            }
        }
        resources.push(resource);
    }
    edited
}

/// The tags among properties, as pairs: a list of keys and values in most types, a map in some.
fn tags(properties: &Value) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let carriers = properties.as_object().into_iter().flatten().filter(|(name, _)| name.to_lowercase().ends_with("tags"));
    for (_, value) in carriers {
        for item in value.as_array().into_iter().flatten().filter(|item| item["value"].is_string()) {
            found.insert((text(&item["key"]), text(&item["value"])));
        }
        for (key, value) in value.as_object().into_iter().flatten().filter(|(_, value)| value.is_string()) {
            found.insert((key.clone(), text(value)));
        }
    }
    found
}

/// Drops operations of these resources that are noted as begun.
pub(super) fn forget(state: &mut Value, names: &BTreeSet<String>) {
    if let Some(Value::Array(operations)) = state.pointer_mut("/deployment/pending_operations") {
        operations.retain(|operation| !names.contains(&name_of(&operation["resource"])));
    }
}

fn name_of(resource: &Value) -> String {
    stream::name(resource["urn"].as_str().unwrap_or_default())
}

/// What is wanted, each after all that it depends on.
fn in_order(wanted: &[Wanted]) -> Vec<&Wanted> {
    let by_name: BTreeMap<&str, &Wanted> = wanted.iter().map(|one| (one.name.as_str(), one)).collect();
    let needs = |one: &Wanted| match &one.as_what {
        As::Declared { depends_on, .. } => depends_on.clone(),
        As::Begun(_) => Vec::new(),
    };
    let mut order = Vec::with_capacity(wanted.len());
    let mut seen = BTreeSet::new();
    let mut open: Vec<(&Wanted, bool)> = wanted.iter().rev().map(|one| (one, false)).collect();
    while let Some((one, ready)) = open.pop() {
        if ready {
            order.push(one);
        } else if seen.insert(one.name.as_str()) {
            open.push((one, true));
            open.extend(needs(one).iter().filter_map(|need| by_name.get(need.as_str())).map(|need| (*need, false)));
        }
    }
    order
}

/// Of what AWS tells, what a program declares: the rest are defaults, which Pulumi would take away.
fn declared(live: Value, program: &Value) -> Value {
    match (live, program) {
        (Value::Object(live), Value::Object(program)) if !is_call(program) => {
            let kept = live.into_iter().filter_map(|(key, value)| {
                let wanted = program.get(&key)?;
                Some((key, declared(value, wanted)))
            });
            Value::Object(kept.collect())
        }
        (Value::Array(live), Value::Array(program)) if live.len() == program.len() => {
            Value::Array(live.into_iter().zip(program).map(|(value, wanted)| declared(value, wanted)).collect())
        }
        (live, _) => live,
    }
}

/// Of the properties of a program those that AWS never tells and that are in clear: switches. What else is never told stands as a digest, whose
/// changes Pulumi ignores.
pub(super) fn unread(type_name: &TypeName, properties: &Value) -> Map<String, Value> {
    let hidden = catalog().get(type_name).into_iter().flat_map(TypeInfo::write_only);
    let names = hidden.filter_map(|pointer| pointer.strip_prefix('/')).filter(|name| !name.contains('/')).map(names::property);
    names.filter_map(|name| Some((name.clone(), properties.get(&name).filter(|value| value.is_boolean())?.clone()))).collect()
}

/// Tells whether a map of a program is a call of a function, whose value is not known here.
fn is_call(map: &Map<String, Value>) -> bool {
    map.len() == 1 && map.keys().all(|key| key.starts_with("fn::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &str, needs: &[&str]) -> Wanted {
        let as_what = As::Declared {
            properties: json!({"queueName": "x", "tags": [{"key": "a", "value": "b"}]}),
            depends_on: needs.iter().map(|need| (*need).to_owned()).collect(),
            protect: true,
            retain: false,
            unread: Map::new(),
        };
        Wanted { name: name.into(), token: "aws-native:sqs:Queue".into(), identifier: format!("id-{name}"), as_what }
    }

    fn resource(name: &str) -> Value {
        json!({"urn": format!("urn:pulumi:dev::shop::aws-native:sqs:Queue::{name}"), "id": format!("id-{name}"),
            "inputs": {"queueName": "x", "delaySeconds": 0, "tags": [{"key": "a", "value": "b", "more": 1}]}, "outputs": {"arn": "arn"}})
    }

    #[test]
    fn what_is_taken_over_stands_after_what_it_depends_on_and_says_what_is_declared() {
        let mut state = json!({"deployment": {"resources": [resource("one"), resource("two"), resource("other")]}});
        let missing = edit(&mut state, &[wanted("one", &["two", "other"]), wanted("two", &[]), wanted("three", &[])]);
        assert_eq!(missing, Edited { missing: BTreeSet::from(["three".to_owned()]), ..Edited::default() });
        let resources = state["deployment"]["resources"].as_array().unwrap();
        assert_eq!(resources.iter().map(name_of).collect::<Vec<_>>(), ["other", "two", "one"]);
        assert_eq!(resources[2]["inputs"], json!({"queueName": "x", "tags": [{"key": "a", "value": "b"}]}));
        assert_eq!(resources[2]["dependencies"], json!([resource("other")["urn"], resource("two")["urn"]]));
        assert_eq!((&resources[2]["protect"], &resources[2]["outputs"]), (&json!(true), &json!({"arn": "arn"})));
    }

    #[test]
    fn what_was_begun_keeps_what_was_noted_of_it_and_is_pending_no_more() {
        let mut begun = resource("one");
        begun["inputs"] = json!({"queueName": "x", "secret": {"ciphertext": "…"}});
        begun["id"] = json!("");
        let operation = json!({"type": "creating", "resource": begun});
        let mut state = json!({"deployment": {"resources": [resource("one")], "pending_operations": [operation]}});
        let one = Wanted { as_what: As::Begun(begun), ..wanted("one", &[]) };
        assert_eq!(edit(&mut state, &[one]), Edited::default());
        forget(&mut state, &BTreeSet::from(["one".to_owned()]));
        let deployment = &state["deployment"];
        assert_eq!(deployment["pending_operations"], json!([]));
        let taken = &deployment["resources"][0];
        assert_eq!((&taken["id"], &taken["inputs"]["secret"]["ciphertext"]), (&json!("id-one"), &json!("…")));
    }

    #[test]
    fn what_lacks_the_tags_that_were_sent_is_somebody_elses() {
        let mut other = resource("one");
        other["inputs"]["tags"] = json!([{"key": "a", "value": "of another"}]);
        let mut state = json!({"deployment": {"resources": [other, resource("two")]}});
        let edited = edit(&mut state, &[wanted("one", &[]), wanted("two", &[])]);
        assert_eq!(edited.foreign, BTreeSet::from(["one".to_owned()]));
        assert_eq!(state["deployment"]["resources"].as_array().unwrap().len(), 1);
        let map = json!({"logGroupTags": {"a": "b"}, "name": "x"});
        assert_eq!(tags(&map), BTreeSet::from([("a".to_owned(), "b".to_owned())]));
    }

    #[test]
    fn only_what_pulumi_says_does_not_exist_is_absent() {
        let said = |name: &str, message: &str| {
            json!({"diagnosticEvent": {"urn": format!("urn:pulumi:dev::shop::t::{name}"), "message": message, "severity": "error"}})
                .to_string()
        };
        let told =
            [said("one", "resource 'id-one' does not exist\n"), said("two", "no connection\n"), said("", "it does not exist")].join("\n");
        assert_eq!(absent(&told, &[wanted("one", &[]), wanted("two", &[])]), BTreeSet::from(["one".to_owned()]));
        assert_eq!(errors(&told).collect::<Vec<_>>(), ["no connection"]);
    }
}
