//! A component as translation sees it: decoded, with its kind.

use std::any::Any;

use serde_json::{Value, json};

use super::access::sid;
use super::check;
use super::kind::{Behaviour, Row};
use super::shared::Shared;
use crate::address::{Address, ComponentId};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::manifest::Component;
use crate::resource;

/// A component with its decoded spec.
pub(crate) struct Part<'m> {
    pub(crate) component: &'m Component,
    pub(crate) row: &'static Row,
    pub(crate) shared: Shared,
    pub(crate) behaviour: Box<dyn Behaviour>,
}

impl Part<'_> {
    /// Its id.
    pub(crate) fn id(&self) -> &ComponentId {
        &self.component.id
    }

    /// Name of its kind.
    pub(crate) fn kind(&self) -> &'static str {
        self.row.facts().name
    }

    /// Its spec, when it is of that type.
    pub(crate) fn spec<S: Any>(&self) -> Option<&S> {
        let behaviour: &dyn Any = &*self.behaviour;
        behaviour.downcast_ref()
    }

    /// The address of one of its resources.
    pub(crate) fn address(&self, role: &str) -> Address {
        Address::new(self.id(), role)
    }

    /// A reference to an attribute of one of its resources.
    pub(crate) fn reference(&self, role: &str, attribute: &str) -> Value {
        resource::reference(&self.address(role), attribute)
    }

    /// A reference to one of its outputs, resolved when everything is translated.
    pub(crate) fn output(&self, name: &str) -> Value {
        json!({ "$output": format!("{}.{name}", self.id()) })
    }

    /// Its name in the Sids of statements.
    pub(crate) fn sid(&self) -> String {
        sid(self.id().as_str())
    }

    /// The place of a value of its spec.
    pub(crate) fn place(&self, pointer: &str) -> Span {
        self.component.places.get(pointer).unwrap_or(&self.component.source).clone()
    }

    /// A finding at a value of its spec.
    pub(crate) fn finding(&self, code: Code, pointer: &str, message: impl Into<String>) -> Diagnostic {
        check::finding(self.component, code, pointer, message)
    }
}
