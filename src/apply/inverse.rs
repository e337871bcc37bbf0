//! What would undo a step.
//!
//! In: a step that was done, and the record as it was before. Out: its [`Inverse`], marked `lossy` when it cannot bring back everything.

use serde_json::Value;

use super::run::Inverse;
use crate::catalog::catalog;
use crate::plan::{Op, Step};
use crate::resource::{Form, Properties};
use crate::state::Record;

/// Types that hold what people have put there: deleting one loses it.
const STATEFUL: &[&str] = &[
    "AWS::CloudFormation::Stack",
    "AWS::Cognito::UserPool",
    "AWS::DocDB::",
    "AWS::DynamoDB::",
    "AWS::EC2::Instance",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::MSK::",
    "AWS::MemoryDB::",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::Secret",
];

/// The inverse of a step; none when there is nothing to undo.
pub(super) fn of_step(step: &Step, before: Option<&Record>) -> Option<Inverse> {
    match (step.op, before) {
        (Op::Create, _) => Some(Inverse { op: Op::Delete, properties: None, lossy: false }),
        (Op::Adopt, _) => Some(Inverse { op: Op::Forget, properties: None, lossy: false }),
        (Op::Update, Some(record)) => {
            Some(Inverse { op: Op::Update, properties: Some(record.properties.clone()), lossy: hides(&record.properties) })
        }
        (Op::Replace, Some(record)) => {
            Some(Inverse { op: Op::Replace, properties: Some(record.properties.clone()), lossy: is_lost(record) })
        }
        (Op::Delete, Some(record)) => {
            let op = if record.retain { Op::Adopt } else { Op::Create };
            Some(Inverse { op, properties: Some(record.properties.clone()), lossy: !record.retain && is_lost(record) })
        }
        (Op::Forget, Some(record)) => Some(Inverse { op: Op::Adopt, properties: Some(record.properties.clone()), lossy: false }),
        (Op::Update | Op::Replace | Op::Delete | Op::Forget, None) | (Op::None, _) => None,
    }
}

/// Tells whether making a resource again does not bring it back: it held data, its values are not all known, or its identity was given
/// by AWS and what refers to it would not find it.
fn is_lost(record: &Record) -> bool {
    let type_name = record.type_name.as_str();
    let stateful = STATEFUL.binary_search_by(|name| name.cmp(&type_name)).is_ok()
        || STATEFUL.iter().any(|name| name.ends_with("::") && type_name.starts_with(name));
    let generated = catalog().get(type_name).is_none_or(|info| {
        !info.is_leaf() && info.primary_identifier().iter().any(|part| !record.properties.contains_key(part.trim_start_matches('/')))
    });
    stateful || generated || hides(&record.properties)
}

/// Tells whether the state does not know all of the values.
fn hides(properties: &Properties) -> bool {
    fn hidden(value: &Value) -> bool {
        match Form::of(value) {
            Form::Sensitive(_) => true,
            Form::Plain(Value::Object(map)) => map.values().any(hidden),
            Form::Plain(Value::Array(items)) => items.iter().any(hidden),
            Form::Join(parts) => parts.iter().any(hidden),
            Form::Json(inner) => hidden(inner),
            _ => false,
        }
    }
    properties.values().any(hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stateful_types_are_sorted_and_known() {
        assert!(STATEFUL.is_sorted());
        for name in STATEFUL {
            assert!(catalog().types().any(|known| known == *name || (name.ends_with("::") && known.starts_with(name))), "{name}");
        }
    }
}
