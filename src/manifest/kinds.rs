//! What compiling manifests needs to know of component kinds: the table of kinds itself lies further down the data's path and is handed in.

use serde_json::Value;

use super::Component;
use crate::diagnostic::Diagnostic;

/// The table of component kinds.
pub trait Kinds: Sync {
    /// Finds a kind by its name or an alias of it.
    fn find(&self, name: &str) -> Option<&dyn ComponentKind>;

    /// Names of all kinds, for "did you mean".
    fn names(&self) -> Vec<&'static str>;
}

/// A kind of component, as far as manifests see it.
pub trait ComponentKind: Sync {
    /// Canonical name, `MicroService`.
    fn name(&self) -> &'static str;

    /// Whether this panka translates it. A kind that is known and not offered is P1015.
    fn offered(&self) -> bool;

    /// Whether it holds data: `lifecycle.protect` then defaults to the environment's `protect`.
    fn stateful(&self) -> bool;

    /// JSON Schema (draft 2020-12) of the whole `spec`, infrastructure and shared fields included. A node with `"x-panka-reference": true`
    /// takes output references; strings elsewhere do not (P2008). `format` names a form: duration, cidr, cron, arn, window, path, ref, secret, …
    fn schema(&self) -> &'static Value;

    /// Names of the top-level infrastructure fields that the kind uses (`resources`, `scaling`, …).
    fn infrastructure(&self) -> &'static [&'static str];

    /// Other spellings of its fields.
    fn aliases(&self) -> &'static [Alias];

    /// Applies the defaults: decodes the spec into its type and writes it again. The spec has passed the schema.
    fn complete(&self, spec: Value) -> Result<Value, serde_json::Error>;

    /// Findings that need more than one field (P1017, P1018, P1019, P3010, …). The spec has passed the schema and is complete.
    fn check(&self, component: &Component) -> Vec<Diagnostic>;
}

/// Another spelling of a field, normalised before checking; two spellings with different values are P1020.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alias {
    /// The value at the dotted path `from` belongs at `to`.
    Move {
        /// Dotted path as written.
        from: &'static str,
        /// Dotted path as meant.
        to: &'static str,
    },
    /// The field is a list of `{name, value}`; a map is accepted.
    MapOfPairs(&'static str),
    /// `image: "repo:tag"` and `repo@sha256:…` mean `image.repository`, `image.tag`.
    ImageText,
    /// Flat `healthCheck.{enabled,path,port,protocol,…}` means `healthCheck.readiness.{http|tcp}` with timing.
    FlatHealthCheck,
    /// `autoscaling.policies[]` of type targetTracking means the target percentages.
    AutoscalingPolicies,
    /// A list where a map is meant belongs at `to`: `lifecycle` of S3 as a list means `lifecycleRules`.
    ListAt {
        /// Dotted path as written.
        from: &'static str,
        /// Dotted path as meant.
        to: &'static str,
    },
}
