//! A compiled subset of JSON Schema that reports every fault of a value, each at its place.
//!
//! In: a schema as JSON, of draft 2020-12 (`$defs`, the schemas that panka derives for its own documents) or of
//! draft 7 (`definitions`, the resource schemas that AWS publishes, with the keywords that cfn-lint adds). Out: for a
//! value, all its [`Fault`]s. A value without faults fits the schema; one fault is never reported twice for one place.
//!
//! Two things differ from a plain validator. Reference forms (`{"$ref": …}` and the like) may stand where a schema
//! wants a scalar: the caller's [`Forms`] says where. And of the branches of a `oneOf` or `anyOf` only the one that
//! fits best speaks, so that a typing error is named as such and not as "no branch matched".

mod branch;
mod compile;
mod fault;
mod forms;
mod guess;
mod node;
mod object;
mod pattern;
mod place;
mod scalar;
#[cfg(test)]
mod tests;
mod walk;

use serde_json::{Map, Value};

pub use self::compile::{CompileError, Dialect, Format};
pub use self::fault::{Fault, FaultKind};
pub use self::forms::{FormVerdict, Forms, NoForms};
pub use self::guess::closest;
pub use self::node::{Type, Types};
pub use self::pattern::Pattern;
pub use self::place::Place;

use self::node::{Node, NodeId};

/// A compiled schema.
///
/// Compiling follows no reference twice, so recursive schemas are finite. Patterns are compiled when a value first
/// meets them.
#[derive(Debug)]
pub struct Schema {
    nodes: Vec<Node>,
    dialect: Dialect,
}

impl Schema {
    /// Compiles a schema with the words and formats of the default [`Dialect`].
    pub fn compile(json: &Value) -> Result<Self, CompileError> {
        Self::compile_in(json, Dialect::default())
    }

    /// Compiles a schema; `dialect` gives the word for a field and the formats that are checked.
    pub fn compile_in(json: &Value, dialect: Dialect) -> Result<Self, CompileError> {
        compile::compile(json, dialect)
    }

    /// Returns all faults of a value, in the order of the value.
    pub fn check(&self, value: &Value, forms: &dyn Forms) -> Vec<Fault> {
        walk::check(self, value, forms)
    }

    /// Returns all faults of a map, which is not itself a reference form.
    pub fn check_map(&self, map: &Map<String, Value>, forms: &dyn Forms) -> Vec<Fault> {
        walk::check_map(self, map, forms)
    }

    /// Returns the place in the schema for the whole value.
    pub fn root(&self) -> Place<'_> {
        Place::new(self, node::ROOT)
    }

    /// Returns the place in the schema for the part of a value that a JSON pointer names. `*` stands for any item of a
    /// list and any key of a map.
    pub fn at(&self, pointer: &str) -> Option<Place<'_>> {
        self.root().at(pointer)
    }

    /// Returns every pattern of the schema.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.nodes.iter().flat_map(Node::patterns)
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }
}
