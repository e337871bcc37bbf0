//! Component kinds: what each field of a spec means, and the AWS resources that a component becomes.
//!
//! In: a [`Manifest`], straight from YAML or read from a pipe and perhaps edited there. Out: [`Translated`], the resources of the stack with
//! their references and order, and the values of all outputs. Equal manifests give equal results. A finding names a value of a spec by its
//! JSON pointer and stands where the YAML has it.
//!
//! A kind is one file with the struct of its spec, and one row of [`KINDS`]. Translation runs in this order: specs are decoded; edges
//! between components are found and given their access; each kind makes its resources, with the wiring that its edges ask for; output
//! references are resolved; order is derived from references and tiers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Error};
use crate::manifest::{ComponentKind, Kinds, Manifest};
use crate::resource::Resource;

mod access;
mod advice;
mod check;
mod cluster;
mod container;
mod draft;
mod dynamodb;
mod edge;
mod endpoint;
mod faults;
mod field;
mod fifo;
mod filter;
mod group;
mod key;
mod kind;
mod label;
mod lambda;
mod lifecycle;
mod micro_service;
mod names;
mod network;
mod order;
mod outputs;
mod page;
mod part;
mod policy;
mod rds;
mod resource;
mod s3;
mod schema;
mod scope;
mod shared;
mod sns;
mod sqs;
mod stack;
mod statement;
mod tags;
mod wiring;
mod worker;

#[cfg(test)]
mod edge_tests;
#[cfg(test)]
mod example;
#[cfg(test)]
pub(crate) mod golden;
#[cfg(test)]
mod grant_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod tests;

pub use kind::{Facts, Output, Row, Shape};
pub(crate) use names::rule;
pub use page::page;

/// What a manifest becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Translated {
    /// The resources, sorted by address, with `depends_on` filled.
    pub resources: Vec<Resource>,
    /// Output values by `service/component.name`, and `_stack.name` for those of the stack.
    pub outputs: BTreeMap<String, Value>,
    /// Findings that stop nothing.
    pub warnings: Vec<Diagnostic>,
}

/// Translates the components of a manifest into resources.
pub fn translate(manifest: &Manifest) -> Result<Translated, Error> {
    stack::translate(manifest)
}

/// The table of component kinds.
pub struct Table {
    rows: &'static [Row],
}

/// All kinds, in the order of the documentation.
pub static KINDS: Table = Table { rows: &ROWS };

static ROWS: [Row; 23] = [
    Row::of::<micro_service::MicroService>(),
    Row::of::<worker::Worker>(),
    Row::planned("CronJob", &[], "Containers that run on a schedule"),
    Row::of::<lambda::Lambda>(),
    Row::planned("EC2Instance", &[], "A virtual machine"),
    Row::of::<rds::Rds>(),
    Row::of::<dynamodb::DynamoDb>(),
    Row::planned("DocumentDB", &[], "MongoDB-compatible cluster"),
    Row::planned("ElastiCacheRedis", &[], "Redis or Valkey cache"),
    Row::planned("ElastiCacheMemcached", &[], "Memcached cache"),
    Row::planned("MemoryDB", &["AWSMemoryDB"], "Durable Redis or Valkey"),
    Row::of::<s3::S3>(),
    Row::planned("EFS", &[], "Shared file system"),
    Row::planned("EBS", &[], "Volume of a virtual machine"),
    Row::of::<sqs::Sqs>(),
    Row::of::<sns::Sns>(),
    Row::planned("MSK", &["Kafka"], "Kafka cluster"),
    Row::planned("EventBridge", &[], "Event bus with rules"),
    Row::planned("ALB", &[], "Shared HTTP load balancer"),
    Row::planned("NLB", &[], "Shared network load balancer"),
    Row::planned("CloudFront", &[], "Content delivery"),
    Row::planned("APIGateway", &[], "HTTP API"),
    Row::of::<resource::AnyType>(),
];

impl Table {
    /// Finds the row of a kind by its name or an alias.
    pub fn row(&self, name: &str) -> Option<&'static Row> {
        self.rows.iter().find(|row| row.facts().name == name || row.facts().aliases.contains(&name))
    }

    /// All rows.
    pub fn rows(&self) -> &'static [Row] {
        self.rows
    }
}

impl Kinds for Table {
    fn find(&self, name: &str) -> Option<&dyn ComponentKind> {
        self.row(name).map(|row| row as &dyn ComponentKind)
    }

    fn names(&self) -> Vec<&'static str> {
        self.rows.iter().map(|row| row.facts().name).collect()
    }
}
