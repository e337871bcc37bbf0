//! A resource while its kind describes it.

use serde_json::Value;

use super::names;
use crate::address::Address;
use crate::resource::{self, Naming, Properties, Tier, TypeName};

/// A resource in the making. Names, tags, overrides and lifecycle are added when it goes into the scope.
#[must_use = "a draft becomes a resource when it is added to the scope"]
#[derive(Debug)]
pub(crate) struct Draft {
    pub(super) address: Address,
    pub(super) type_name: TypeName,
    pub(super) properties: Properties,
    pub(super) tier: Tier,
    pub(super) main: bool,
    pub(super) nested: bool,
    pub(super) tagged: bool,
    pub(super) final_snapshot: bool,
    pub(super) name: Name,
    pub(super) after: Vec<Address>,
    pub(super) consumers: Vec<usize>,
    pub(super) ignored: Vec<String>,
    /// Property pointer and the pointer of the spec value that it comes from.
    pub(super) origins: Vec<(String, String)>,
}

/// The physical name of a draft.
#[derive(Debug)]
pub(super) enum Name {
    /// The type has none, or the kind writes it itself.
    None,
    /// Derived, with generations.
    Derived(Naming),
    /// Given as `spec.name`.
    Fixed(&'static str, String),
}

impl Draft {
    pub(super) fn new(address: Address, type_name: TypeName, main: bool, name: Name) -> Self {
        Self {
            address,
            type_name,
            properties: Properties::new(),
            tier: Tier::Base,
            main,
            nested: false,
            tagged: true,
            final_snapshot: false,
            name,
            after: Vec::new(),
            consumers: Vec::new(),
            ignored: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// Sets a property.
    pub(crate) fn set(mut self, property: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(property.to_owned(), value.into());
        self
    }

    /// Sets a property when there is a value.
    pub(crate) fn set_some(self, property: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(property, value),
            None => self,
        }
    }

    /// Sets a property when a condition holds.
    pub(crate) fn set_if(self, condition: bool, property: &str, value: impl Into<Value>) -> Self {
        if condition { self.set(property, value) } else { self }
    }

    /// Sets a property that comes from one value of the spec: findings about it point there.
    pub(crate) fn from(mut self, property: &str, pointer: &str, value: impl Into<Value>) -> Self {
        self.origins.push((format!("/{property}"), pointer.to_owned()));
        self.set(property, value)
    }

    /// The same, when there is a value.
    #[expect(clippy::wrong_self_convention, reason = "it reads as `a property from a value of the spec`")]
    pub(crate) fn from_some(self, property: &str, pointer: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.from(property, pointer, value),
            None => self,
        }
    }

    /// Says that findings about a property pointer stand at a value of the spec.
    pub(crate) fn origin(mut self, property: impl Into<String>, pointer: impl Into<String>) -> Self {
        self.origins.push((property.into(), pointer.into()));
        self
    }

    /// Sets the tier; base when it is never set.
    pub(crate) fn tier(mut self, tier: Tier) -> Self {
        self.tier = tier;
        self
    }

    /// Waits for a resource that no property names.
    pub(crate) fn after(mut self, address: Address) -> Self {
        self.after.push(address);
        self
    }

    /// Waits for resources that no property names.
    pub(crate) fn after_all(mut self, addresses: impl IntoIterator<Item = Address>) -> Self {
        self.after.extend(addresses);
        self
    }

    /// Makes it wiring of the edges from these consumers: their run tiers wait for it.
    pub(crate) fn wires(mut self, consumers: impl IntoIterator<Item = usize>) -> Self {
        self.tier = Tier::Wiring;
        self.consumers.extend(consumers);
        self
    }

    /// Carried by a CloudFormation stack of its own.
    pub(crate) fn nested(mut self) -> Self {
        self.nested = true;
        self
    }

    /// Gets no tags, although its type could take them.
    pub(crate) fn untagged(mut self) -> Self {
        self.tagged = false;
        self
    }

    /// Whether a last snapshot is made before it is deleted.
    pub(crate) fn last_snapshot(mut self, wanted: bool) -> Self {
        self.final_snapshot = wanted;
        self
    }

    /// Gets no derived name.
    pub(crate) fn unnamed(mut self) -> Self {
        self.name = Name::None;
        self
    }

    /// Gets a derived name with another base.
    pub(crate) fn named(mut self, base: impl Into<String>) -> Self {
        if let Some(rule) = names::rule(&self.type_name) {
            self.name = Name::Derived(rule.derived(base.into()));
        }
        self
    }

    /// Gets a name from a property that panka gives in no other kind: of a type whose resources have had none so far.
    pub(crate) fn named_in(mut self, property: &str, base: impl Into<String>, limit: usize) -> Self {
        let naming = Naming { property: property.to_owned(), base: base.into(), limit, append: Vec::new(), reserved: 0 };
        self.name = Name::Derived(naming);
        self
    }

    /// The name ends in `.fifo`.
    pub(crate) fn fifo(mut self) -> Self {
        self.name = match self.name {
            Name::Derived(naming) => Name::Derived(names::fifo(naming)),
            Name::Fixed(property, name) if name.strip_suffix(".fifo").is_none() => Name::Fixed(property, name + ".fifo"),
            name => name,
        };
        self
    }

    /// A derived name ends in account and region.
    pub(crate) fn global(mut self, region: &str) -> Self {
        if let Name::Derived(naming) = self.name {
            self.name = Name::Derived(names::bucket(naming, region));
        }
        self
    }

    /// Never compares a property, as `lifecycle.ignoreChanges` would say.
    pub(crate) fn ignore(mut self, pointer: &str) -> Self {
        self.ignored.push(pointer.to_owned());
        self
    }

    /// Its address.
    pub(crate) fn address(&self) -> Address {
        self.address.clone()
    }

    /// A reference to one of its attributes.
    pub(crate) fn reference(&self, attribute: &str) -> Value {
        resource::reference(&self.address, attribute)
    }
}
