//! Names of the `aws-native` provider, by rule from those of AWS.
//!
//! In: type names, property names and paths as AWS writes them. Out: tokens and SDK names. The rule is that of the provider's code
//! generator; a test holds it to the names that the provider publishes.

use crate::address::Address;
use crate::catalog::catalog;
use crate::resource::TypeName;
use crate::schema::Place;

/// The token of a type: `AWS::RDS::DBInstance` is `aws-native:rds:DbInstance`.
pub fn token(type_name: &TypeName) -> String {
    let mut parts = type_name.split("::").skip(1);
    let (service, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("aws-native:{}:{}", service.to_ascii_lowercase(), words(kind))
}

/// The SDK name of a field below a property: `DBName` is `dbName`.
pub fn field(name: &str) -> String {
    let words = words(name);
    match words.chars().next() {
        Some(first) => format!("{}{}", first.to_ascii_lowercase(), &words[first.len_utf8()..]),
        None => words,
    }
}

/// The SDK name of a property of a resource. Pulumi keeps `id` for itself, so `Id` is `awsId`.
pub fn property(name: &str) -> String {
    if name == "Id" { "awsId".to_owned() } else { field(name) }
}

/// The logical name of a resource: `orders/api/listener.443` is `orders_api_listener__443`. Neither `_` nor a second one in a row occurs
/// in the parts of an address, but for the `_` of `_stack`, so that no two addresses share a name.
pub fn logical(address: &Address) -> String {
    symbol(address.as_str())
}

/// The same, of the text of an address.
pub(super) fn symbol(address: &str) -> String {
    address.replace('/', "_").replace('.', "__")
}

/// The steps of a dotted attribute path or of a JSON pointer's segments, in SDK names; what stands in a map of free keys keeps its name.
pub fn steps<'p>(type_name: &TypeName, path: impl Iterator<Item = &'p str>) -> Vec<Step> {
    let info = catalog().get(type_name);
    let mut place = info.map(|info| info.schema().root());
    let mut steps = Vec::new();
    for (depth, segment) in path.enumerate() {
        // Of a type that the catalog lacks nothing is known; where a schema ends a document begins.
        let named = info.is_none() || place.is_some_and(|place| is_field(place, segment));
        let number = segment.parse::<usize>().ok();
        steps.push(match number {
            Some(number) if !place.is_some_and(|place| is_field(place, segment)) => Step::Item(number),
            _ if segment == "*" => Step::Any,
            _ if depth == 0 => Step::Field(property(segment)),
            _ if named => Step::Field(field(segment)),
            _ => Step::Key(segment.to_owned()),
        });
        place = place.and_then(|place| match segment {
            "*" => place.any_item(),
            segment => place.field(segment).or_else(|| item(place, number?)),
        });
    }
    steps
}

/// One step of a path into a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A field that the schema names.
    Field(String),
    /// A key of a map of free keys.
    Key(String),
    /// An item of a list.
    Item(usize),
    /// Any item of a list, or any value of a map.
    Any,
}

/// A path as Pulumi writes it: `endpoint.address`, `subnets[0]`, `tags["a.b"]`.
pub fn path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Field(name) if text.is_empty() => text.push_str(name),
            Step::Field(name) => {
                text.push('.');
                text.push_str(name);
            }
            Step::Key(key) => {
                text.push_str("[\"");
                text.push_str(&key.replace('"', "\\\""));
                text.push_str("\"]");
            }
            Step::Any => text.push_str("[*]"),
            Step::Item(number) => {
                text.push('[');
                text.push_str(&number.to_string());
                text.push(']');
            }
        }
    }
    text
}

/// The place of an item of a list. What a schema says of the items by their number, as of the keys of a table, only adds to what it says of all.
pub(super) fn item(place: Place<'_>, number: usize) -> Option<Place<'_>> {
    let any = place.item(usize::MAX);
    any.filter(|any| !any.fields().is_empty()).or_else(|| place.item(number))
}

/// Tells whether the schema names this key of a map.
pub(super) fn is_field(place: Place<'_>, key: &str) -> bool {
    place.fields().contains(&key)
}

/// A name whose acronyms are words: of a run of two or more capitals and digits that a capital or a digit begins, all but the first are
/// small. The last of a run begins the next word, unless the name ends there or a lone `s` follows, as in `ARNs`.
fn words(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let in_run = |at: usize| characters.get(at).is_some_and(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let mut words = String::with_capacity(name.len());
    let mut at = 0;
    while at < characters.len() {
        let mut end = at;
        while in_run(end) {
            end += 1;
        }
        if end - at < 2 {
            words.push(characters[at]);
            at += 1;
            continue;
        }
        let plural = characters.get(end) == Some(&'s') && (end + 1 == characters.len() || in_run(end + 1));
        if end < characters.len() && !plural {
            end -= 1;
        }
        words.push(characters[at]);
        words.extend(characters[at + 1..end].iter().map(char::to_ascii_lowercase));
        at = end;
    }
    words
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    /// Names that the provider publishes: `token`, and every AWS name that a type uses with its SDK name. A name that a property of the type and
    /// one below it translate differently stands twice: for the property as `!Name`, with a list.
    #[derive(Deserialize)]
    pub(crate) struct Published {
        token: String,
        pub(crate) names: BTreeMap<String, Sdk>,
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    pub(crate) enum Sdk {
        Name(String),
        OfProperty(Vec<String>),
    }

    pub(crate) fn published() -> BTreeMap<String, Published> {
        serde_json::from_str(include_str!("../../../tests/data/pulumi/aws-native-names.json")).unwrap()
    }

    #[test]
    fn every_published_name_is_made_by_rule() {
        let published = published();
        assert_eq!(published.len(), 300);
        let mut wrong = Vec::new();
        for (type_name, Published { token: wanted, names }) in &published {
            let type_name = TypeName::from(type_name.as_str());
            if token(&type_name) != *wanted {
                wrong.push(format!("{type_name}: {} for {wanted}", token(&type_name)));
            }
            for (name, wanted) in names {
                let of_type = |name: &str| catalog().get(&type_name).is_some_and(|info| info.property_names().contains(&name));
                let (given, wanted) = match wanted {
                    Sdk::OfProperty(wanted) => (property(name.trim_start_matches('!')), wanted[0].as_str()),
                    Sdk::Name(wanted) if of_type(name) && !names.contains_key(&format!("!{name}")) => (property(name), wanted.as_str()),
                    Sdk::Name(wanted) => (field(name), wanted.as_str()),
                };
                if given != wanted {
                    wrong.push(format!("{type_name}.{name}: {given} for {wanted}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn logical_names_hold_no_dot_and_no_slash() {
        assert_eq!(logical(&"orders/api/listener.443".parse().unwrap()), "orders_api_listener__443");
        assert_eq!(logical(&"_stack/network/private-subnet-1".parse().unwrap()), "_stack_network_private-subnet-1");
    }

    #[test]
    fn paths_keep_free_keys_and_number_items() {
        let type_name = TypeName::from("AWS::RDS::DBInstance");
        let of = |text: &str| path(&steps(&type_name, text.split('.')));
        assert_eq!(of("Endpoint.Address"), "endpoint.address");
        assert_eq!(of("VPCSecurityGroups.0"), "vpcSecurityGroups[0]");
        assert_eq!(of("Tags.1.Value"), "tags[1].value");
        assert_eq!(of("Tags.*.Value"), "tags[*].value");
        let parameter = TypeName::from("AWS::SSM::Parameter");
        assert_eq!(path(&steps(&parameter, "Tags/a.b".split('/'))), "tags[\"a.b\"]");
    }
}
