//! What a lock covers, and what a lease allows its holder to write.
//!
//! In: the lock's words. Out: [`Scope`], and [`Grant`], the side of a lease that the state needs to know: the epoch that fences its writes,
//! the other epochs that are alive, and whether the lease is still held.

use std::collections::BTreeSet;
use std::fmt;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use crate::address::is_name;

/// What a lock covers: `stack`, or `service:<name>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The whole place.
    Stack,
    /// The addresses and outputs of one service.
    Service(String),
}

/// Why a text is not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope: expected `stack` or `service:<name>`")]
pub struct ScopeError(String);

impl Scope {
    /// Tells whether two holders cannot be at work at once.
    pub fn conflicts(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Stack, _) | (_, Self::Stack)) || self == other
    }

    /// Tells whether everything that `other` may write may be written here as well.
    pub fn covers(&self, other: &Self) -> bool {
        *self == Self::Stack || self == other
    }

    /// Tells whether an address, or the name of an output or a pin, may be written here.
    pub fn holds(&self, name: &str) -> bool {
        match self {
            Self::Stack => true,
            Self::Service(service) => name.split(['/', '.']).next() == Some(service),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stack => f.write_str("stack"),
            Self::Service(service) => write!(f, "service:{service}"),
        }
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        match text.strip_prefix("service:") {
            Some(service) if is_name(service) => Ok(Self::Service(service.to_owned())),
            None if text == "stack" => Ok(Self::Stack),
            _ => Err(ScopeError(text.to_owned())),
        }
    }
}

/// What a lease allows its holder to write.
#[derive(Clone)]
pub struct Grant {
    /// What may be written.
    pub scope: Scope,
    /// The fencing token.
    pub epoch: u64,
    /// Nobody has written with the epoch yet, so that it must be above all that have left a trace.
    pub fresh: bool,
    /// Epochs of the other holders that stand in the lock record.
    pub live: BTreeSet<u64>,
    /// Epochs that were taken over or broken, and whose journals nobody has sealed.
    pub unsealed: BTreeSet<u64>,
    /// The lineage of the place, once a snapshot is stored that was written with this grant.
    pub kept: Arc<OnceLock<String>>,
    held: Held,
    ready: Held,
}

/// Asks whether a lease is still held, which may take a renewal; if it is not, says why.
type Held = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

impl Grant {
    /// A grant that lasts while `held` says so. It is asked before every write.
    pub fn new<F>(scope: Scope, epoch: u64, held: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        let held: Held = Arc::new(move || Box::pin(held()));
        let ready = Arc::clone(&held);
        Self { scope, epoch, fresh: true, live: BTreeSet::new(), unsealed: BTreeSet::new(), kept: Arc::default(), held, ready }
    }

    /// The same where the provider may be called only when `ready` says so, which asks for more than that the lease is held.
    #[must_use]
    pub fn ready_when<F>(self, ready: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { ready: Arc::new(move || Box::pin(ready())), ..self }
    }

    /// Tells whether a call may be made to the provider, or why not.
    pub(super) async fn ready(&self) -> Result<(), String> {
        (self.ready)().await
    }

    /// Tells whether the lease is still held, or why it is not.
    pub(super) async fn held(&self) -> Result<(), String> {
        (self.held)().await
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant").field("scope", &self.scope).field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_conflicts_with_everything_and_a_service_with_itself() {
        let [stack, a, b]: [Scope; 3] = ["stack", "service:a", "service:b"].map(|text| text.parse().unwrap());
        for (one, other, conflict) in
            [(&stack, &stack, true), (&stack, &a, true), (&a, &stack, true), (&a, &a, true), (&a, &b, false), (&b, &a, false)]
        {
            assert_eq!(one.conflicts(other), conflict, "{one} and {other}");
        }
    }

    #[test]
    fn a_service_holds_its_addresses_and_outputs() {
        let a: Scope = "service:a".parse().unwrap();
        assert!(a.holds("a/db/instance") && a.holds("a/db.endpoint"));
        assert!(!a.holds("ab/db/instance") && !a.holds("_stack/network/vpc") && !a.holds("_stack.url"));
    }

    #[test]
    fn malformed_scopes_are_refused() {
        for text in ["", "stacks", "service:", "service:A", "service"] {
            assert!(text.parse::<Scope>().is_err(), "{text:?} was accepted");
        }
    }
}
