//! The attributes of a resource that others can refer to.

use std::fmt;

use crate::schema::{Place, Types, closest};

use super::TypeInfo;

/// How deep below a property attributes are listed.
const DEPTH: usize = 4;

/// One attribute of a type.
#[derive(Debug, Clone)]
pub struct AttributeInfo<'t> {
    /// JSON pointer into the properties; the empty one for `id`, which is made of all parts of the identifier.
    pub pointer: String,
    /// The types that its value may have; the empty set means any.
    pub types: Types,
    /// The service sets it: its value is known only after the resource is there.
    pub read_only: bool,
    /// What the schema says of it.
    pub place: Option<Place<'t>>,
}

/// A type has no such attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownAttribute {
    /// The type.
    pub type_name: String,
    /// The attribute asked for.
    pub attribute: String,
    /// The one that was most likely meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for UnknownAttribute {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} has no attribute `{}`", self.type_name, self.attribute)?;
        match &self.suggestion {
            Some(suggestion) => write!(out, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownAttribute {}

impl TypeInfo {
    /// Returns the attribute that a dotted path names: `Endpoint.Address`, `Subnets.0`, or `id` for the primary
    /// identifier.
    pub fn attribute(&self, path: &str) -> Result<AttributeInfo<'_>, UnknownAttribute> {
        if path == "id" && self.schema().root().field("id").is_none() {
            return Ok(self.identifier());
        }
        let pointer = format!("/{}", path.replace('.', "/"));
        let place = self.place(&pointer).filter(|_| !path.contains(['*', '/']) && !self.is_unreadable(&pointer));
        match place {
            Some(place) => Ok(self.described(pointer, place)),
            None => Err(UnknownAttribute { type_name: self.name().to_owned(), attribute: path.to_owned(), suggestion: self.suggest(path) }),
        }
    }

    /// Returns every attribute that can be referred to without the number of an item, sorted.
    pub fn attributes(&self) -> Vec<String> {
        let mut found = Vec::new();
        for name in self.property_names() {
            if let Some(place) = self.schema().root().field(name) {
                self.gather(name.to_owned(), place, DEPTH, &mut found);
            }
        }
        found.sort_unstable();
        found
    }

    fn gather(&self, path: String, place: Place<'_>, depth: usize, found: &mut Vec<String>) {
        if self.is_unreadable(&format!("/{}", path.replace('.', "/"))) {
            return;
        }
        if depth > 0 {
            for name in place.fields() {
                if let Some(below) = place.field(name) {
                    self.gather(format!("{path}.{name}"), below, depth - 1, found);
                }
            }
        }
        found.push(path);
    }

    /// A write-only property is never read back, so nothing can be taken from it.
    fn is_unreadable(&self, pointer: &str) -> bool {
        self.is_write_only(pointer) && !self.is_read_only(pointer)
    }

    fn described<'t>(&self, pointer: String, place: Place<'t>) -> AttributeInfo<'t> {
        AttributeInfo { types: place.types(), read_only: self.is_read_only(&pointer), pointer, place: Some(place) }
    }

    fn identifier(&self) -> AttributeInfo<'_> {
        let alone = match self.primary_identifier() {
            [only] => self.place(only).map(|place| self.described(only.clone(), place)),
            _ => None,
        };
        alone.unwrap_or_else(|| AttributeInfo {
            pointer: String::new(),
            types: crate::schema::Type::String.into(),
            read_only: self.primary_identifier().iter().any(|part| self.is_read_only(part)),
            place: None,
        })
    }

    fn suggest(&self, path: &str) -> Option<String> {
        let attributes = self.attributes();
        let known = || attributes.iter().map(String::as_str);
        let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
        // `Address` for `Endpoint.Address`: the end of a path that occurs once.
        let ending = || {
            let mut same = known().filter(|attribute| last(attribute) == last(path));
            same.next().filter(|_| same.next().is_none())
        };
        closest(path, known()).or_else(ending).map(str::to_owned)
    }
}
