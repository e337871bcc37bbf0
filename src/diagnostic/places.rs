//! Where the values of a document were written: JSON pointer → place.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Span;

/// Places of values by JSON pointer (RFC 6901). A pointer that is not there has the place of its nearest known ancestor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Places(BTreeMap<String, Span>);

impl Places {
    /// Records a place.
    pub fn insert(&mut self, pointer: impl Into<String>, span: Span) {
        self.0.insert(pointer.into(), span);
    }

    /// The place of the value at a pointer, or of its nearest known ancestor.
    pub fn get(&self, pointer: &str) -> Option<&Span> {
        let mut pointer = pointer;
        loop {
            if let Some(span) = self.0.get(pointer) {
                return Some(span);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }

    /// The place recorded for exactly this pointer.
    pub fn exact(&self, pointer: &str) -> Option<&Span> {
        self.0.get(pointer)
    }

    /// All places, in the order of their pointers.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Span)> {
        self.0.iter().map(|(pointer, span)| (pointer.as_str(), span))
    }

    /// Tells whether no place is recorded.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, Span)> for Places {
    fn from_iter<I: IntoIterator<Item = (String, Span)>>(places: I) -> Self {
        Self(places.into_iter().collect())
    }
}

/// Escapes a key for use as a segment of a JSON pointer.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The key that a segment of a JSON pointer stands for.
pub fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_pointer_has_the_place_of_its_ancestor() {
        let places: Places = [("".into(), Span::file("a")), ("/spec/x".into(), "a:3:4".parse().unwrap())].into_iter().collect();
        assert_eq!(places.get("/spec/x/0/y").unwrap().to_string(), "a:3:4");
        assert_eq!(places.get("/spec/z").unwrap().to_string(), "a");
        assert_eq!(escape("a/b~c"), "a~1b~0c");
    }
}
