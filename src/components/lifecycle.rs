//! The lifecycle of a resource: what its component says, and the defaults of its type.

use super::part::Part;
use crate::catalog::{ReplacementStrategy, TypeInfo, catalog};
use crate::resource::{Lifecycle, ReplaceOrder, Tier, Timeouts};

/// Services whose resources take long.
const SLOW: [&str; 4] = ["AWS::RDS::", "AWS::DocDB::", "AWS::MSK::", "AWS::CloudFront::"];

/// Whether the resources of a component are protected.
pub(super) fn protect(part: &Part<'_>, environment: bool) -> bool {
    part.shared.lifecycle.protect.unwrap_or(part.row.facts().stateful && environment)
}

/// The lifecycle of a resource. What an edge adds is never protected: it comes and goes with the consumer and holds nothing.
pub(super) fn of(part: &Part<'_>, type_name: &str, tier: Tier, fixed_name: bool, protect: bool) -> Lifecycle {
    let spec = &part.shared.lifecycle;
    let limit = if SLOW.iter().any(|service| type_name.starts_with(service)) { 90 * 60 } else { Timeouts::default().create };
    let seconds = |period: Option<super::field::Period>| period.map_or(limit, super::field::Period::seconds);
    let strategy = catalog().get(type_name).and_then(TypeInfo::replacement_strategy).map(|strategy| match strategy {
        ReplacementStrategy::CreateThenDelete => ReplaceOrder::CreateFirst,
        ReplacementStrategy::DeleteThenCreate => ReplaceOrder::DeleteFirst,
    });
    let order = if fixed_name { ReplaceOrder::DeleteFirst } else { ReplaceOrder::CreateFirst };
    Lifecycle {
        protect: protect && tier != Tier::Wiring,
        retain_on_delete: spec.retain_on_delete,
        final_snapshot: false,
        ignore_changes: Vec::new(),
        replace: strategy.or(spec.replace).unwrap_or(order),
        timeouts: Timeouts {
            create: seconds(spec.timeouts.create),
            update: seconds(spec.timeouts.update),
            delete: seconds(spec.timeouts.delete),
        },
    }
}
