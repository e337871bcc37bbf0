//! Paths into a property value, as the schemas list them: `/Tags/*/Key`, `*` standing for any item.

use serde::Deserialize;

/// Where a JSON pointer stands towards a [`ValuePath`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation<'p> {
    /// Elsewhere.
    Apart,
    /// At the path, or inside of what it names.
    Within,
    /// Above it: these steps lead from the pointer down to the path.
    Above(&'p [Box<str>]),
}

/// A path with its steps told apart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) struct ValuePath {
    text: Box<str>,
    steps: Vec<Box<str>>,
}

impl From<String> for ValuePath {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl ValuePath {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.into(), steps: steps(text).map(Into::into).collect() }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The steps of the path.
    pub(super) fn steps(&self) -> &[Box<str>] {
        &self.steps
    }

    /// Tells whether the path names exactly what the pointer does.
    pub(super) fn is_at(&self, pointer: &str) -> bool {
        self.relation(pointer) == Relation::Within && self.steps.len() == steps(pointer).count()
    }

    /// Where a pointer stands. Schemas often leave out the `*` of a list, so the number of an item may stand between
    /// two steps.
    pub(super) fn relation(&self, pointer: &str) -> Relation<'_> {
        let mut open = self.steps.as_slice();
        for step in steps(pointer) {
            match open {
                [] => return Relation::Within,
                [next, rest @ ..] if **next == *step || &**next == "*" => open = rest,
                _ if is_item(step) => {}
                _ => return Relation::Apart,
            }
        }
        if open.is_empty() { Relation::Within } else { Relation::Above(open) }
    }
}

/// The steps of a JSON pointer as they are written; names of AWS properties need no escapes.
fn steps(pointer: &str) -> impl Iterator<Item = &str> {
    pointer.split('/').skip(1)
}

fn is_item(step: &str) -> bool {
    step == "-" || step == "*" || (!step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()))
}

/// All values that the steps lead to. A list is entered by `*` and also where the path names a field of its items.
pub(super) fn values<'v>(value: &'v serde_json::Value, steps: &[Box<str>], found: &mut Vec<&'v serde_json::Value>) {
    use serde_json::Value;

    match (steps, value) {
        ([], value) => found.push(value),
        ([step, rest @ ..], Value::Array(items)) => {
            let rest = if &**step == "*" { rest } else { steps };
            for item in items {
                values(item, rest, found);
            }
        }
        ([step, rest @ ..], Value::Object(map)) if &**step == "*" => {
            for value in map.values() {
                values(value, rest, found);
            }
        }
        ([step, rest @ ..], Value::Object(map)) => {
            if let Some(value) = map.get(&**step) {
                values(value, rest, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(path: &str, pointer: &str) -> Relation<'static> {
        let path = Box::leak(Box::new(ValuePath::new(path)));
        path.relation(pointer)
    }

    #[test]
    fn a_pointer_at_or_below_the_path_is_within() {
        assert_eq!(relation("/VpcConfig", "/VpcConfig"), Relation::Within);
        assert_eq!(relation("/VpcConfig", "/VpcConfig/SubnetIds/0"), Relation::Within);
    }

    #[test]
    fn a_pointer_above_the_path_knows_the_rest() {
        let Relation::Above(rest) = relation("/A/B/C", "/A") else { panic!("/A is above /A/B/C") };
        assert_eq!(rest, [Box::<str>::from("B"), Box::from("C")]);
        assert!(matches!(relation("/A/B", ""), Relation::Above(rest) if rest.len() == 2));
    }

    #[test]
    fn a_name_that_only_begins_alike_is_apart() {
        assert_eq!(relation("/VpcConfig", "/VpcConfigs"), Relation::Apart);
        assert_eq!(relation("/VpcConfig", "/Vpc"), Relation::Apart);
    }

    #[test]
    fn a_star_is_any_item() {
        assert_eq!(relation("/Rules/*/Name", "/Rules/3/Name"), Relation::Within);
        assert_eq!(relation("/Rules/*/Name", "/Rules/3/Priority"), Relation::Apart);
        assert!(matches!(relation("/Rules/*/Name", "/Rules/3"), Relation::Above(rest) if rest.len() == 1));
    }

    #[test]
    fn a_list_whose_star_is_left_out_is_entered_all_the_same() {
        assert_eq!(relation("/Rules/Name", "/Rules/3/Name"), Relation::Within);
        assert!(matches!(relation("/Rules/Name", "/Rules/3"), Relation::Above(rest) if rest.len() == 1));
    }

    #[test]
    fn values_below_a_list_are_all_found() {
        let value = serde_json::json!({"Rules": [{"Name": "a"}, {"Name": "b"}, {}]});
        for path in ["/Rules/*/Name", "/Rules/Name"] {
            let mut found = Vec::new();
            values(&value, ValuePath::new(path).steps(), &mut found);
            assert_eq!(found, ["a", "b"]);
        }
    }
}
