//! The compiled schemas of component kinds, and which kinds know an infrastructure field.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::format;
use super::{ComponentKind, Kinds};
use crate::schema::{Place, Schema};

/// Fields that every kind takes from infrastructure documents.
const SHARED: [&str; 2] = ["tags", "lifecycle"];

/// The schemas, each compiled when it is first needed.
pub(super) struct Schemas<'a> {
    /// The kinds.
    pub(super) kinds: &'a dyn Kinds,
    compiled: RefCell<HashMap<&'static str, Rc<Schema>>>,
}

impl<'a> Schemas<'a> {
    /// Makes an empty store.
    pub(super) fn new(kinds: &'a dyn Kinds) -> Self {
        Self { kinds, compiled: RefCell::default() }
    }

    /// The schema of a kind.
    pub(super) fn of(&self, kind: &dyn ComponentKind) -> Rc<Schema> {
        let mut compiled = self.compiled.borrow_mut();
        let schema = compiled.entry(kind.name()).or_insert_with(|| {
            let schema = Schema::compile_in(kind.schema(), format::dialect());
            Rc::new(schema.unwrap_or_else(|error| panic!("the schema of {} does not compile: {error}", kind.name())))
        });
        Rc::clone(schema)
    }

    /// The kinds that are offered.
    pub(super) fn offered(&self) -> impl Iterator<Item = &'a dyn ComponentKind> {
        self.kinds.names().into_iter().filter_map(|name| self.kinds.find(name)).filter(|kind| kind.offered())
    }

    /// A kind that takes an infrastructure field, named by its keys.
    pub(super) fn taker(&self, path: &[&str]) -> Option<&'static str> {
        let first = path.first()?;
        self.offered().find(|kind| is_infrastructure(*kind, first) && reaches(self.of(*kind).root(), path)).map(ComponentKind::name)
    }
}

/// Tells whether a top-level field belongs to the infrastructure of a kind.
pub(super) fn is_infrastructure(kind: &dyn ComponentKind, field: &str) -> bool {
    SHARED.contains(&field) || kind.infrastructure().contains(&field)
}

/// Tells whether a schema knows a path of keys; a place without named fields takes any.
fn reaches(place: Place<'_>, path: &[&str]) -> bool {
    match path {
        [] => true,
        [first, rest @ ..] => match step(place, first) {
            Step::Known(next) => reaches(next, rest),
            Step::Free => true,
            Step::Unknown => false,
        },
    }
}

/// What a place says of a key.
pub(super) enum Step<'s> {
    /// It is a field.
    Known(Place<'s>),
    /// Anything may stand here.
    Free,
    /// It is not a field.
    Unknown,
}

/// Looks a key up.
pub(super) fn step<'s>(place: Place<'s>, key: &str) -> Step<'s> {
    match place.field(key) {
        Some(next) => Step::Known(next),
        None if place.fields().is_empty() => Step::Free,
        None => Step::Unknown,
    }
}
