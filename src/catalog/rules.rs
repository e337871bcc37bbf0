//! What AWS does with a resource beyond what its schema says: documented replacements, lists whose order means nothing, names that are compared
//! without case, attributes that an update moves on.
//!
//! In: `catalog/rules.json`, embedded; each entry names where the fact stands. Out: the rules of a type.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::TypeInfo;
use super::path::{Relation, ValuePath};

/// The file as it stands in the repository.
pub(super) const TEXT: &str = include_str!("../../catalog/rules.json");

/// The rules of one type.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Rules {
    #[serde(rename = "type")]
    type_name: String,
    /// Page of AWS's documentation that says so.
    source: String,
    /// Top-level properties that together name one thing: a second resource with the same values is refused, or is the first one.
    #[serde(default)]
    key: Vec<String>,
    /// Top-level properties by which two resources are in each other's way, where the key says less.
    #[serde(default)]
    collides: Vec<String>,
    /// Top-level properties that together are its name, where that is not its identifier: two of one name there are not.
    #[serde(default)]
    named: Vec<String>,
    /// No other resource refers to one: making it again brings it back.
    #[serde(default)]
    leaf: bool,
    /// A change needs a new resource.
    #[serde(default)]
    pub(super) replace: Vec<ValuePath>,
    /// Another value needs a new resource; AWS keeps the value that it has where none is given.
    #[serde(default)]
    pub(super) replace_if_changed: Vec<ValuePath>,
    /// A list of which every item is new needs a new resource: the service cannot move it as a whole.
    #[serde(default)]
    replace_if_all_new: Vec<ValuePath>,
    /// A change is made in place, whatever the schema says of conditions.
    #[serde(default)]
    pub(super) update: Vec<ValuePath>,
    /// The order of the items means nothing.
    #[serde(default)]
    pub(super) unordered: Vec<ValuePath>,
    /// Upper and lower case are the same name.
    #[serde(default)]
    pub(super) caseless: Vec<ValuePath>,
    /// Attributes, and the properties whose change moves them on.
    #[serde(default)]
    pub(super) moves: BTreeMap<String, Vec<ValuePath>>,
    /// Policy documents that are known by their place.
    #[serde(default)]
    policies: BTreeMap<String, PolicySort>,
}

/// Which policy a document is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PolicySort {
    /// What the principal that it is attached to may do.
    Identity,
    /// Who may take a role.
    Trust,
    /// Who may use a resource; the prefix of the only actions that its service takes there.
    Resource(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "it tells readers of the file what it is")]
    about: String,
    rules: Vec<Rules>,
}

/// The rules of a type; empty for most.
pub(super) fn rules(type_name: &str) -> &'static Rules {
    static ALL: LazyLock<HashMap<String, Rules>> = LazyLock::new(|| {
        let file: File = serde_json::from_str(TEXT).expect("a test reads the embedded rules");
        file.rules.into_iter().map(|rules| (rules.type_name.clone(), rules)).collect()
    });
    static NONE: LazyLock<Rules> = LazyLock::new(Rules::default);
    ALL.get(type_name).unwrap_or(&NONE)
}

impl TypeInfo {
    /// Returns the page of AWS's documentation behind the rules that go beyond the schema; `None` where there are none.
    pub fn documented(&self) -> Option<&'static str> {
        Some(self.rules.source.as_str()).filter(|source| !source.is_empty())
    }

    /// Tells whether AWS takes two spellings that differ only in case for one name.
    pub fn is_caseless(&self, pointer: &str) -> bool {
        self.rules.caseless.iter().any(|path| path.relation(pointer) == Relation::Within)
    }

    /// Returns the top-level properties that together name one thing, beyond the identifier; empty where nothing does.
    pub fn natural_key(&self) -> &'static [String] {
        &self.rules.key
    }

    /// Returns the top-level properties that together are the name of one, where its identifier is something else; empty for most.
    pub fn named_by(&self) -> &'static [String] {
        &self.rules.named
    }

    /// Returns the top-level properties of which equal values put two resources in each other's way.
    pub fn collides_by(&self) -> &'static [String] {
        if self.rules.collides.is_empty() { &self.rules.key } else { &self.rules.collides }
    }

    /// Tells whether no other resource refers to one of this type.
    pub fn is_leaf(&self) -> bool {
        self.rules.leaf
    }

    /// Returns the lists that the service cannot exchange as a whole.
    pub fn moved_as_a_whole(&self) -> impl Iterator<Item = &'static str> {
        self.rules.replace_if_all_new.iter().map(ValuePath::as_str)
    }

    /// Returns which policy stands at a JSON pointer into the properties; `None` where no page that is known says so.
    pub fn policy(&self, pointer: &str) -> Option<&'static PolicySort> {
        self.rules.policies.iter().find(|(path, _)| ValuePath::new(path).is_at(pointer)).map(|(_, sort)| sort)
    }

    /// Returns what two names of a property have in common when AWS takes them for one.
    pub fn name_key(&self, property: &str, name: &str) -> String {
        if self.is_caseless(&format!("/{property}")) { name.to_lowercase() } else { name.to_owned() }
    }

    /// Returns the attributes that AWS moves on when what these pointers name is changed in place.
    pub fn moved<'p>(&self, changed: impl IntoIterator<Item = &'p str> + Clone) -> Vec<&'static str> {
        let moves = |paths: &[ValuePath]| {
            changed.clone().into_iter().any(|pointer| paths.iter().any(|path| !matches!(path.relation(pointer), Relation::Apart)))
        };
        self.rules.moves.iter().filter(|(_, paths)| moves(paths)).map(|(attribute, _)| attribute.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalog;
    use super::*;

    #[test]
    fn every_rule_names_a_type_and_places_that_exist_and_its_source() {
        let file: File = serde_json::from_str(TEXT).unwrap();
        assert!(file.rules.is_sorted_by(|one, other| one.type_name < other.type_name), "sorted, and one entry a type");
        for rules in &file.rules {
            let info = catalog().get(&rules.type_name).unwrap_or_else(|| panic!("{} is no type", rules.type_name));
            assert!(rules.source.starts_with("https://docs.aws.amazon.com/"), "{}", rules.source);
            for name in rules.key.iter().chain(&rules.collides).chain(&rules.named) {
                assert!(info.place(&format!("/{name}")).is_some(), "{}: no property {name}", rules.type_name);
            }
            let lists =
                [&rules.replace, &rules.replace_if_changed, &rules.replace_if_all_new, &rules.update, &rules.unordered, &rules.caseless];
            let paths = lists.into_iter().chain(rules.moves.values()).flatten().map(ValuePath::as_str);
            for path in paths.chain(rules.policies.keys().map(String::as_str)) {
                let at = path.replace('*', "0");
                assert!(at.is_empty() || info.place(&at).is_some(), "{}: {path} names nothing", rules.type_name);
            }
            for path in rules.replace.iter().chain(&rules.replace_if_changed).chain(&rules.update) {
                assert!(!info.is_create_only(path.as_str()), "{}: the schema says that of {}", rules.type_name, path.as_str());
            }
            for attribute in rules.moves.keys() {
                assert!(info.attribute(attribute).is_ok(), "{}: no attribute {attribute}", rules.type_name);
            }
        }
    }

    #[test]
    fn an_update_moves_the_attributes_that_hang_on_what_is_changed() {
        let table = catalog().get("AWS::DynamoDB::Table").unwrap();
        assert_eq!(table.moved(["/StreamSpecification/StreamViewType"]), ["StreamArn"]);
        assert_eq!(table.moved(["/StreamSpecification"]), ["StreamArn"]);
        assert_eq!(table.moved(["/BillingMode"]), [""; 0]);
        assert_eq!(catalog().get("AWS::MSK::Configuration").unwrap().moved(["/ServerProperties"]), ["LatestRevision"]);
    }
}
