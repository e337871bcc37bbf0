//! What is known of every resource before apply: the scope in which a diff resolves references.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::resolve::{Scope, attribute_of, below, is_unknown, plain, resolve};
use crate::account::Account;
use crate::address::Address;
use crate::catalog::known;
use crate::graph::Graph;
use crate::resource::{Form, Properties};
use crate::state::{Record, State};

/// What a plan makes of a resource.
#[derive(Debug)]
pub(super) enum Fate {
    /// It stays: the record holds.
    Same,
    /// It is changed in place.
    Changed {
        /// Its properties afterwards.
        properties: Properties,
        /// Attributes that the service moves on with the change.
        moved: Vec<&'static str>,
    },
    /// A new one is made, with these properties.
    Made(Properties),
    /// An earlier run has not finished it: nothing is known.
    Unsettled,
}

/// All resources of a graph with their records, filled with fates from the first wave on.
#[derive(Debug)]
pub(super) struct Knowledge<'a> {
    pub(super) graph: &'a Graph,
    pub(super) account: &'a Account,
    pub(super) records: Vec<Option<&'a Record>>,
    index: HashMap<&'a str, usize>,
    fates: Vec<Fate>,
}

impl<'a> Knowledge<'a> {
    pub(super) fn new(graph: &'a Graph, state: Option<&'a State>, account: &'a Account) -> Self {
        let records = graph.resources.iter().map(|resource| state.and_then(|state| state.resources.get(&resource.address))).collect();
        let index = graph.resources.iter().enumerate().map(|(n, resource)| (resource.address.as_str(), n)).collect();
        let fates = graph.resources.iter().map(|_| Fate::Same).collect();
        Self { graph, account, records, index, fates }
    }

    /// The number of a resource of the graph.
    pub(super) fn number(&self, address: &str) -> Option<usize> {
        self.index.get(address).copied()
    }

    /// The number of a resource that the graph is known to hold.
    pub(super) fn number_of(&self, address: &Address) -> usize {
        self.number(address.as_str()).expect("edges of a checked graph lead to its resources")
    }

    /// Says what becomes of a resource. Those that it needs must have been settled before.
    pub(super) fn settle(&mut self, number: usize, fate: Fate) {
        self.fates[number] = fate;
    }

    /// Tells whether what a `$lookup` reads is an instance that the record knows already.
    pub(super) fn is_settled(&self, record: &Record, lookup: &Map<String, Value>) -> bool {
        let Some(Form::Ref { address, .. }) = lookup.get("of").map(Form::of) else { return true };
        let stays = |n: usize| matches!(self.fates[n], Fate::Same | Fate::Changed { .. }) && self.records[n].is_some();
        self.number(address).is_some_and(stays) && record.depends_on.iter().any(|need| need.as_str() == address)
    }

    /// What follows from the properties of a resource that is still to be made.
    fn before_creation(&self, number: usize, properties: &Properties, attribute: &str) -> Option<Cow<'_, Value>> {
        let value = resolve(&known(&self.graph.resources[number].type_name, properties, attribute)?, self);
        let hidden = matches!(Form::of(&value), Form::Sensitive(_) | Form::Secret(_));
        (!hidden && !is_unknown(&value)).then(|| Cow::Owned(plain(value)))
    }

    fn after_change<'s>(&'s self, number: usize, properties: &'s Properties, moved: &[&str], attribute: &str) -> Option<Cow<'s, Value>> {
        let record = self.records[number]?;
        if let Some(given) = in_properties(properties, attribute) {
            return given.known();
        }
        let goes = below(&record.properties, attribute).is_some();
        let moves = |name: &&str| attribute.strip_prefix(*name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if goes || moved.iter().any(moves) { None } else { attribute_of(record, attribute) }
    }
}

/// What properties say of an attribute.
enum Given<'p> {
    Known(Cow<'p, Value>),
    Unknown,
}

impl<'p> Given<'p> {
    fn known(self) -> Option<Cow<'p, Value>> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown => None,
        }
    }
}

/// What properties say of an attribute; `None` when they do not name it.
fn in_properties<'p>(properties: &'p Properties, attribute: &str) -> Option<Given<'p>> {
    let first = properties.get(attribute.split('.').next()?)?;
    let Some(value) = below(properties, attribute) else { return Form::is_form(first).then_some(Given::Unknown) };
    Some(match Form::of(value) {
        Form::Sensitive(_) | Form::Secret(_) => Given::Unknown,
        _ if is_unknown(value) => Given::Unknown,
        Form::Literal(_) => Given::Known(Cow::Owned(plain(value.clone()))),
        _ => Given::Known(Cow::Borrowed(value)),
    })
}

impl Scope for Knowledge<'_> {
    fn attribute(&self, address: &str, attribute: &str) -> Option<Cow<'_, Value>> {
        let number = self.number(address)?;
        match &self.fates[number] {
            Fate::Same => attribute_of(self.records[number]?, attribute),
            Fate::Changed { properties, moved } => self.after_change(number, properties, moved, attribute),
            Fate::Made(properties) => self.before_creation(number, properties, attribute),
            Fate::Unsettled => None,
        }
    }

    fn fact(&self, name: &str) -> Option<Cow<'_, str>> {
        self.account.fact(name).map(Cow::Borrowed)
    }
}
