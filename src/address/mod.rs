//! Addresses of resources and the selectors that match them.
//!
//! In: text from documents and the command line. Out: [`Address`], [`ComponentId`] and [`Selector`], each with one canonical text
//! form. An address is unique within a place (one stack in one environment); its three parts are never empty.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

mod selector;

pub use selector::{Selector, SelectorError};

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a resource address: expected service/component/role, each of a-z, 0-9, hyphens (and dots in the role)")]
pub struct AddressError {
    text: String,
}

/// The address of a resource, `service/component/role`, for example `users/api/listener.443`.
///
/// Ordered by its text, so that the resources of a component stand together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Arc<str>);

impl Address {
    /// Joins the parts; the caller vouches that they are well-formed.
    pub fn new(component: &ComponentId, role: &str) -> Self {
        debug_assert!(is_role(role), "role `{role}` is malformed");
        Self(format!("{component}/{role}").into())
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The service, the first part.
    pub fn service(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// `service/component`, the first two parts.
    pub fn component(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(component, _)| component)
    }

    /// The component id, owned.
    pub fn component_id(&self) -> ComponentId {
        ComponentId(self.component().into())
    }

    /// The role, the last part.
    pub fn role(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(_, role)| role)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let parts: Vec<&str> = text.split('/').collect();
        match parts[..] {
            [service, component, role] if is_name(service) && is_name(component) && is_role(role) => Ok(Self(text.into())),
            _ => Err(AddressError { text: text.to_owned() }),
        }
    }
}

/// The id of a component, `service/component`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId(Arc<str>);

impl ComponentId {
    /// Joins the parts; the caller vouches that they are well-formed names.
    pub fn new(service: &str, component: &str) -> Self {
        Self(format!("{service}/{component}").into())
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The service, the first part.
    pub fn service(&self) -> &str {
        self.0.split_once('/').map_or("", |(service, _)| service)
    }

    /// The component's own name, the second part.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

impl FromStr for ComponentId {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        match text.split_once('/') {
            Some((service, name)) if is_name(service) && is_name(name) => Ok(Self(text.into())),
            _ => Err(AddressError { text: text.to_owned() }),
        }
    }
}

/// Tells whether a text is a name of a stack, service, environment or component: `^[a-z][a-z0-9-]{0,39}$`, or one of the
/// reserved names that panka itself gives (`_stack`).
pub fn is_name(text: &str) -> bool {
    let text = text.strip_prefix('_').unwrap_or(text);
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn is_role(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
}

macro_rules! text_form {
    ($type:ident, $title:literal, $pattern:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl std::borrow::Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $title, "pattern": $pattern })
            }
        }
    };
}

text_form!(Address, "Address of a resource: service/component/role", r"^_?[a-z][a-z0-9-]*/[a-z][a-z0-9-]*/[a-z0-9.-]+$");
text_form!(ComponentId, "Id of a component: service/component", r"^_?[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_three_parts() {
        let address: Address = "users/api/listener.443".parse().unwrap();
        assert_eq!((address.service(), address.component(), address.role()), ("users", "users/api", "listener.443"));
        assert_eq!(address.to_string(), "users/api/listener.443");
    }

    #[test]
    fn malformed_addresses_are_refused() {
        for text in ["", "a", "a/b", "a/b/", "a//c", "/b/c", "A/b/c", "a/b/C", "a/b/c/d", "1/b/c", "a/b/c d"] {
            assert!(text.parse::<Address>().is_err(), "{text} was accepted");
        }
    }

    #[test]
    fn the_reserved_service_is_a_name() {
        assert!("_stack/network/vpc".parse::<Address>().is_ok());
    }
}
