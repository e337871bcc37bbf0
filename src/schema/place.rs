//! A place in a schema, for callers that ask what may stand there.

use serde_json::Value;

use super::node::{Node, NodeId, Others, Types};
use super::{Pattern, Schema};
use crate::diagnostic::unescape;

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
        self.possible_types(REACH)
    }

    /// What refers and `allOf` narrow; `anyOf` and `oneOf` allow what any of their branches allows.
    fn possible_types(self, reach: usize) -> Types {
        let node = self.schema.node(self.id);
        if reach == 0 {
            return node.types;
        }
        let of = |id: NodeId| Self::new(self.schema, id).possible_types(reach - 1);
        let mut types = node.types;
        if let Some(target) = node.target {
            types = types.intersection(of(target));
        }
        if let Some(branches) = &node.branches {
            for id in &branches.all {
                types = types.intersection(of(*id));
            }
            for alternatives in [&branches.any, &branches.one] {
                let union = alternatives.iter().map(|id| of(*id)).reduce(Types::union);
                types = types.intersection(union.unwrap_or_default());
            }
        }
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

    /// Returns the fields without which a map is never complete.
    pub fn required(self) -> Vec<&'s str> {
        let mut required: Vec<&'s str> = Vec::new();
        self.always_required(REACH, &mut required);
        required.dedup();
        required
    }

    fn always_required(self, reach: usize, required: &mut Vec<&'s str>) {
        let node = self.schema.node(self.id);
        let own = node.map.iter().flat_map(|map| map.required.iter().map(AsRef::as_ref));
        required.extend(own);
        if reach > 0 {
            let joined = node.target.iter().chain(node.branches.iter().flat_map(|branches| &branches.all));
            for id in joined {
                Self::new(self.schema, *id).always_required(reach - 1, required);
            }
        }
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
            let step = unescape(step);
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
        offered(self.schema.node(self.id)).find_map(|id| Self::new(self.schema, id).visit(reach - 1, ask))
    }
}

/// The schemas that describe what a value may be, as those behind `not` and `if` do not.
fn offered(node: &Node) -> impl Iterator<Item = NodeId> {
    let branches = node.branches.iter().flat_map(|branches| {
        let condition = branches.condition.iter().flat_map(|condition| [condition.then, condition.otherwise]).flatten();
        branches.all.iter().chain(&branches.any).chain(&branches.one).copied().chain(condition)
    });
    node.target.into_iter().chain(branches)
}
