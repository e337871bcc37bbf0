//! Resources for tests.

use serde_json::{Value, json};

use super::{Graph, Input, build};
use crate::catalog::catalog;
use crate::diagnostic::Span;
use crate::document::Digest;
use crate::manifest::Provider;
use crate::resource::{Lifecycle, Naming, Properties, Resource, Tier, TypeName};

/// A queue without properties.
pub(crate) fn queue(address: &str) -> Resource {
    resource(address, "AWS::SQS::Queue", json!({}))
}

/// A resource of any type.
pub(crate) fn resource(address: &str, type_name: &str, properties: Value) -> Resource {
    let Value::Object(properties) = properties else { panic!("properties are a map") };
    Resource {
        address: address.parse().unwrap(),
        type_name: TypeName::from(type_name),
        component: "Resource".into(),
        properties,
        depends_on: Vec::new(),
        tier: Tier::Base,
        lifecycle: Lifecycle::default(),
        naming: None,
        nested: false,
        source: Span::file(format!("{address}.yaml")),
        places: std::collections::BTreeMap::new(),
    }
}

impl Resource {
    pub(crate) fn waits(mut self, address: &str) -> Self {
        self.depends_on.push(address.parse().unwrap());
        self
    }

    pub(crate) fn with(mut self, property: &str, value: Value) -> Self {
        self.properties.insert(property.into(), value);
        self
    }

    pub(crate) fn refers(self, property: &str, address: &str, attribute: &str) -> Self {
        self.with(property, json!({"$ref": address, "attribute": attribute}))
    }

    pub(crate) fn named(mut self, property: &str, base: &str) -> Self {
        let naming = Naming { property: property.into(), base: base.into(), limit: 80, append: Vec::new(), reserved: 0 };
        self.properties.insert(property.into(), naming.name(0));
        self.naming = Some(naming);
        self
    }

    pub(crate) fn living(mut self, change: impl FnOnce(&mut Lifecycle)) -> Self {
        change(&mut self.lifecycle);
        self
    }
}

pub(crate) fn input(resources: impl IntoIterator<Item = Resource>) -> Input {
    Input {
        stack: "shop".into(),
        environment: "dev".into(),
        provider: Provider { region: "eu-west-1".into(), ..Provider::default() },
        backend: None,
        protect: false,
        manifest_digest: Digest::of_bytes(b""),
        catalog_version: catalog().version().into(),
        resources: resources.into_iter().collect(),
        outputs: Properties::new().into_iter().collect(),
        lineage: None,
        root: None,
        lock: None,
        state: None,
    }
}

pub(crate) fn graph(resources: impl IntoIterator<Item = Resource>) -> Graph {
    build(input(resources)).unwrap()
}
