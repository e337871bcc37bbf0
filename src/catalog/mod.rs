//! The AWS resource types, as AWS publishes their schemas, embedded in the program.
//!
//! In: the packed file that `catalog/generate.py` writes. Out: for each type its properties and their rules, which
//! changes need a new resource, which attributes can be referred to, which permissions its operations need. All of
//! it is known offline. Nothing is read at start; asking for a type unpacks the types of its service, once.

mod attribute;
mod formats;
mod known;
mod packed;
mod path;
mod properties;
mod replace;
mod rules;
mod seconds;
#[cfg(test)]
mod tests;
mod transition;
mod type_info;

use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;

pub use self::attribute::{AttributeInfo, UnknownAttribute};
pub use self::known::known;
pub use self::properties::{NoTypes, TypeOf};
pub use self::replace::{Replacement, ReplacementRule, Verdict};
pub use self::rules::PolicySort;
pub use self::seconds::seconds;
pub use self::transition::{Limit, Transition, transitions};
pub use self::type_info::{ReplacementStrategy, TagStyle, TypeInfo};

use self::packed::Packed;

use crate::document::Digest;
use crate::schema::closest;

/// How many characters of the digest name a version of the catalog.
const VERSION: usize = 12;

/// Returns the catalog.
pub fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::open);
    &CATALOG
}

/// All types of the region that the schemas were taken from.
pub struct Catalog {
    packed: Packed,
    version: String,
    types: Vec<OnceLock<Box<TypeInfo>>>,
}

impl Catalog {
    fn open() -> Self {
        let packed = Packed::open();
        let types = packed.names().map(|_| OnceLock::new()).collect();
        let contents = Digest::of_bytes(format!("{} {}", packed.fact("digest"), rules::TEXT).as_bytes());
        Self { version: contents.short()[..VERSION].to_owned(), packed, types }
    }

    /// Returns the short digest of the contents, schemas and rules. Documents carry it, so that a plan is not applied by other rules than
    /// it was made by.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the day on which the schemas were published.
    pub fn date(&self) -> &str {
        self.packed.fact("date").split('T').next().unwrap_or_default()
    }

    /// Returns the package that the schemas were taken from, with its version.
    pub fn source(&self) -> &str {
        self.packed.fact("source")
    }

    /// Returns the names of all types, sorted.
    pub fn types(&self) -> impl ExactSizeIterator<Item = &str> {
        self.packed.names()
    }

    /// Tells whether a type is known, without unpacking it.
    pub fn contains(&self, name: &str) -> bool {
        self.packed.position(name).is_some()
    }

    /// Returns a type.
    pub fn get(&self, name: &str) -> Option<&TypeInfo> {
        let position = self.packed.position(name)?;
        let info = self.types[position].get_or_init(|| {
            let (name, text) = self.packed.text(position);
            Box::new(TypeInfo::read(name, text))
        });
        Some(info)
    }

    /// Returns the type that a mistyped name was most likely meant to be.
    pub fn suggest(&self, name: &str) -> Option<String> {
        let whole = closest(name, self.types());
        let last = || {
            let own = name.rsplit("::").next()?;
            let same = self.types().filter(|known| known.rsplit("::").next() == Some(own));
            let mut same = same.map(|known| (strsim::damerau_levenshtein(name, known), known)).collect::<Vec<_>>();
            same.sort_unstable();
            match same.as_slice() {
                [(_, only)] => Some(*only),
                [(first, best), (second, _), ..] if first < second => Some(*best),
                _ => None,
            }
        };
        whole.or_else(last).map(str::to_owned)
    }
}

/// What can be done with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Makes it.
    Create,
    /// Reads its present properties.
    Read,
    /// Changes it in place.
    Update,
    /// Deletes it.
    Delete,
    /// Lists all of the type.
    List,
}
