//! A place in a schema, for callers that ask what may stand there.

use serde_json::Value;

use super::compile::same_value;
use super::node::{NodeId, Others, Types};
use super::{Pattern, Schema};

/// How many references and branches are looked through for an answer.
const REACH: usize = 12;

/// One place in a [`Schema`]: what it says of one part of a value.
#[derive(Debug, Clone, Copy)]
pub struct Place<'s> {
    schema: &'s Schema,
    id: NodeId,
}

impl<'s> Place<'s> {
    pub(super) fn new(schema: &'s Schema, id: NodeId) -> Self {
        Self { schema, id }
    }

    /// Returns the types that the value may have; the empty set means any.
    pub fn types(self) -> Types {
        let mut types = Types::default();
        self.visit(REACH, &mut |place| {
            types.extend(place.schema.node(place.id).types);
            None::<()>
        });
        types
    }

    /// Returns the value of a keyword that constrains nothing (`x-…`, `default`, `insertionOrder`), looked for here,
    /// at what is referred to, and in the branches.
    pub fn note(self, keyword: &str) -> Option<&'s Value> {
        self.visit(REACH, &mut |place| {
            let notes = &place.schema.node(place.id).notes;
            notes.iter().find(|(name, _)| **name == *keyword).map(|(_, value)| value)
        })
    }

    /// Returns the pattern of a string.
    pub fn pattern(self) -> Option<&'s Pattern> {
        self.visit(REACH, &mut |place| place.schema.node(place.id).text.as_ref()?.pattern.as_ref())
    }

    /// Returns the formats that a string may have.
    pub fn formats(self) -> Vec<&'s str> {
        let mut formats = Vec::new();
        self.visit(REACH, &mut |place| {
            formats.extend(place.schema.node(place.id).text.iter().filter_map(|text| text.format.as_deref()));
            None::<()>
        });
        formats
    }

    /// Returns the least and the greatest length of a string.
    pub fn lengths(self) -> (Option<usize>, Option<usize>) {
        let text = |pick: fn(&super::node::TextRules) -> Option<usize>| {
            self.visit(REACH, &mut |place| place.schema.node(place.id).text.as_deref().and_then(pick))
        };
        (text(|rules| rules.min), text(|rules| rules.max))
    }

    /// Returns the least and the greatest number.
    pub fn bounds(self) -> (Option<f64>, Option<f64>) {
        let number = |pick: fn(&super::node::NumberRules) -> Option<f64>| {
            self.visit(REACH, &mut |place| place.schema.node(place.id).number.as_deref().and_then(pick))
        };
        (number(|rules| rules.minimum.map(|bound| bound.at)), number(|rules| rules.maximum.map(|bound| bound.at)))
    }

    /// Returns the values that alone are allowed, if they are listed.
    pub fn choices(self) -> Option<&'s [Value]> {
        self.visit(REACH, &mut |place| {
            let choices = place.schema.node(place.id).choices.as_deref();
            choices.map(|choices| choices.values.as_slice())
        })
    }

    /// Returns the names of the fields of a map, those of its branches included.
    pub fn fields(self) -> Vec<&'s str> {
        let mut fields: Vec<&'s str> = Vec::new();
        self.visit(REACH, &mut |place| {
            for name in place.schema.node(place.id).map.iter().flat_map(|map| map.properties.keys()) {
                if !fields.contains(&&**name) {
                    fields.push(name);
                }
            }
            None::<()>
        });
        fields
    }

    /// Returns the fields without which a map is not complete.
    pub fn required(self) -> &'s [Box<str>] {
        let required = self.visit(REACH, &mut |place| {
            let map = place.schema.node(place.id).map.as_deref();
            map.map(|map| map.required.as_slice()).filter(|required| !required.is_empty())
        });
        required.unwrap_or_default()
    }

    /// Returns the place of a field of a map; `*` is any key of a map without named fields.
    pub fn field(self, name: &str) -> Option<Self> {
        self.visit(REACH, &mut |place| {
            let map = place.schema.node(place.id).map.as_deref()?;
            let listed = map.properties.get(name).copied();
            let matched = || map.patterns.iter().find(|(keys, _)| name == "*" || keys.matches(name)).map(|(_, id)| *id);
            let other = || match map.others {
                Others::Checked(id) => Some(id),
                Others::Allowed | Others::Refused => None,
            };
            listed.or_else(matched).or_else(other).map(|id| Self::new(place.schema, id))
        })
    }

    /// Returns the place of an item of a list.
    pub fn item(self, number: usize) -> Option<Self> {
        self.visit(REACH, &mut |place| {
            let list = place.schema.node(place.id).list.as_deref()?;
            list.first.get(number).copied().or(list.items).map(|id| Self::new(place.schema, id))
        })
    }

    /// Returns the place of any item of a list, or of any value of a map.
    pub fn any_item(self) -> Option<Self> {
        self.item(usize::MAX).or_else(|| self.field("*"))
    }

    /// Returns the place below this one that a JSON pointer names; `*` stands for any item.
    pub fn at(self, pointer: &str) -> Option<Self> {
        let Some(rest) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(self) };
        rest.split('/').try_fold(self, |place, step| {
            let step = step.replace("~1", "/").replace("~0", "~");
            if step == "*" {
                return place.any_item();
            }
            let number = step.parse().ok();
            place.field(&step).or_else(|| place.item(number?))
        })
    }

    /// Asks this place, what it refers to and its branches, in that order, until one answers.
    fn visit<T>(self, reach: usize, ask: &mut dyn FnMut(Self) -> Option<T>) -> Option<T> {
        if let Some(answer) = ask(self) {
            return Some(answer);
        }
        if reach == 0 {
            return None;
        }
        same_value(self.schema.node(self.id)).find_map(|id| Self::new(self.schema, id).visit(reach - 1, ask))
    }
}
