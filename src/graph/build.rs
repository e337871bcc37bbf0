//! Resources into a graph: references checked, edges completed, circles refused, waves and the critical path worked out.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{CriticalPath, Digests, Graph, Order};
use crate::address::Address;
use crate::catalog::{Operation, TypeInfo, catalog, seconds};
use crate::diagnostic::codes::aws::P3001;
use crate::diagnostic::codes::stack::{P2001, P2003, P2010, P2014, P2019, P2021};
use crate::diagnostic::{Diagnostic, Error, Span, did_you_mean, escape};
use crate::document::{Digest, Kind, sort_keys};
use crate::manifest::{Backend, LockTicket, Provider};
use crate::resource::{Form, Resource, references};

/// What a graph is made from.
#[derive(Debug, Clone)]
pub struct Input {
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// Where it is deployed.
    pub provider: Provider,
    /// Where the stack wants its state.
    pub backend: Option<Backend>,
    /// Destroy asks for the stack's name.
    pub protect: bool,
    /// Digest of the manifest, without lock and state.
    pub manifest_digest: Digest,
    /// Version of the catalog that the properties were checked with.
    pub catalog_version: String,
    /// What the components became, in any order.
    pub resources: Vec<Resource>,
    /// Output values.
    pub outputs: BTreeMap<String, Value>,
    /// Identity of the state beside the repository.
    pub lineage: Option<String>,
    /// Directory of the repository.
    pub root: Option<String>,
    /// The lock of an earlier stage.
    pub lock: Option<LockTicket>,
    /// The state of an earlier stage.
    pub state: Option<Value>,
}

/// Makes the graph. All findings are reported together.
pub fn build(input: Input) -> Result<Graph, Error> {
    let Input {
        stack,
        environment,
        provider,
        backend,
        protect,
        manifest_digest,
        catalog_version,
        resources,
        outputs,
        lineage,
        root,
        lock,
        state,
    } = input;
    let graph = Graph {
        kind: Kind::new(),
        stack,
        environment,
        provider,
        backend,
        protect,
        digests: Digests { manifest: manifest_digest, catalog: catalog_version },
        resources,
        outputs,
        waves: Vec::new(),
        critical_path: CriticalPath::default(),
        lineage,
        root,
        lock,
        state,
    };
    graph.check()
}

impl Graph {
    /// Checks the graph and completes what follows from its resources: their order, edges for references, waves, the critical path.
    /// A graph that was edited on its way through a pipe comes out as if it had been made so.
    pub fn check(mut self) -> Result<Self, Error> {
        self.resources.sort_by(|a, b| a.address.cmp(&b.address));
        let mut findings = Vec::new();
        for pair in self.resources.windows(2).filter(|pair| pair[0].address == pair[1].address) {
            findings.push(
                Diagnostic::new(P2019, format!("two resources have the address `{}`", pair[0].address))
                    .at(pair[1].source.clone())
                    .about(&pair[0].address)
                    .label(pair[0].source.clone(), "the other one is made here")
                    .help("drop one of them: addresses are unique in a graph"),
            );
        }
        Error::check(std::mem::take(&mut findings))?;

        for resource in &mut self.resources {
            resource.properties.values_mut().for_each(sort_keys);
            resource.properties.sort_keys();
        }
        let index: HashMap<Address, usize> = self.resources.iter().enumerate().map(|(n, r)| (r.address.clone(), n)).collect();
        self.check_names(&mut findings);
        self.check_keys(&mut findings);
        for n in 0..self.resources.len() {
            self.check_references(n, &index, &mut findings);
        }
        for (name, value) in &self.outputs {
            references(value, &mut |address, attribute| {
                if let Some(finding) = self.fault(&index, address, attribute, &format!("output `{name}`")) {
                    findings.push(finding.about(name));
                }
            });
        }
        Error::check(std::mem::take(&mut findings))?;

        let needs = self.resources.iter().map(|r| r.depends_on.iter().map(|need| index[need]).collect()).collect();
        let order = Order::new(needs);
        let waves = order.waves();
        if waves.iter().map(Vec::len).sum::<usize>() < self.resources.len() {
            let circles = order.circles();
            return Err(Error::check(circles.iter().map(|circle| self.circle(circle)).collect()).expect_err("a circle is an error"));
        }
        let (total, path) = order.longest_path(|node| seconds(&self.resources[node].type_name, Operation::Create));
        let address = |node: usize| self.resources[node].address.clone();
        self.waves = waves.into_iter().map(|wave| wave.into_iter().map(address).collect()).collect();
        self.critical_path = CriticalPath { seconds: whole(total), path: path.into_iter().map(address).collect() };
        Ok(self)
    }

    /// Completes the edges of a resource and checks what it refers to.
    fn check_references(&mut self, n: usize, index: &HashMap<Address, usize>, findings: &mut Vec<Diagnostic>) {
        let resource = &self.resources[n];
        let mut needs = resource.depends_on.clone();
        if catalog().get(&resource.type_name).is_none() {
            let help = catalog().suggest(&resource.type_name).map(|name| format!("did you mean `{name}`?"));
            findings.push(
                Diagnostic::new(P3001, format!("`{}` is not an AWS resource type", resource.type_name))
                    .at(resource.source.clone())
                    .about(&resource.address)
                    .maybe_help(help),
            );
        }
        for (name, value) in &resource.properties {
            references(value, &mut |address, attribute| {
                if let Some(finding) = self.fault(index, address, attribute, &format!("`{}`", resource.address)) {
                    let pointer = pointer_of(value, &format!("/{}", escape(name)), address, attribute).unwrap_or_default();
                    findings.push(finding.at(place(resource, &pointer)).about(&resource.address));
                } else if let Some((known, _)) = index.get_key_value(address) {
                    needs.push(known.clone());
                }
            });
        }
        for unknown in resource.depends_on.iter().filter(|need| !index.contains_key(*need)) {
            findings.push(
                Diagnostic::new(P2001, format!("`{}` waits for `{unknown}`, which this graph does not hold", resource.address))
                    .at(resource.source.clone())
                    .about(&resource.address)
                    .maybe_help(did_you_mean(unknown.as_str(), index.keys().map(Address::as_str)))
                    .help("`panka graph -o tree` shows the addresses of a graph"),
            );
        }
        needs.sort_unstable();
        needs.dedup();
        self.resources[n].depends_on = needs;
    }

    /// What is wrong with a reference.
    fn fault(&self, index: &HashMap<Address, usize>, address: &str, attribute: &str, who: &str) -> Option<Diagnostic> {
        let Some(target) = index.get(address) else {
            return Some(
                Diagnostic::new(P2001, format!("{who} refers to `{address}`, which this graph does not hold"))
                    .maybe_help(did_you_mean(address, index.keys().map(Address::as_str)))
                    .help("`panka graph -o tree` shows the addresses of a graph"),
            );
        };
        let type_name = &self.resources[*target].type_name;
        let unknown = catalog().get(type_name)?.attribute(attribute).err()?;
        Some(
            Diagnostic::new(P2003, format!("{who} refers to `{attribute}` of `{address}`, but {type_name} has no such attribute"))
                .maybe_help(unknown.suggestion.map(|name| format!("did you mean `{name}`?"))),
        )
    }

    /// Two resources of one type must not come to one physical name.
    fn check_names(&self, findings: &mut Vec<Diagnostic>) {
        let mut taken: HashMap<(&str, String), &Resource> = HashMap::new();
        for resource in &self.resources {
            let Some(naming) = &resource.naming else { continue };
            let Some(name) = resource.properties.get(&naming.property) else { continue };
            let text = name.to_string();
            let key = catalog().get(&resource.type_name).map_or_else(|| text.clone(), |info| info.name_key(&naming.property, &text));
            if let Some(other) = taken.insert((&resource.type_name, key), resource) {
                let shown = name.as_str().map_or_else(|| naming.base.clone(), str::to_owned);
                findings.push(
                    Diagnostic::new(P2014, format!("`{}` and `{}` both come to the name `{shown}`", other.address, resource.address))
                        .at(resource.source.clone())
                        .about(&resource.address)
                        .label(other.source.clone(), "the other one is made here")
                        .help("rename one of the components, or give one of them a `name`"),
                );
            }
        }
    }

    /// Two resources of one type must not be one thing to AWS.
    fn check_keys(&self, findings: &mut Vec<Diagnostic>) {
        let mut taken: HashMap<(&str, Vec<String>), &Resource> = HashMap::new();
        for resource in &self.resources {
            let key = catalog().get(&resource.type_name).map(TypeInfo::natural_key).unwrap_or_default();
            if !key.iter().any(|name| resource.properties.contains_key(name)) {
                continue;
            }
            let values = key.iter().map(|name| resource.properties.get(name).map(Value::to_string).unwrap_or_default()).collect();
            if let Some(other) = taken.insert((&resource.type_name, values), resource) {
                let given: Vec<&str> = key.iter().map(String::as_str).filter(|name| resource.properties.contains_key(*name)).collect();
                let message =
                    format!("`{}` and `{}` are one thing to AWS: they have the same {}", other.address, resource.address, given.join(", "));
                findings.push(
                    Diagnostic::new(P2021, message)
                        .at(resource.source.clone())
                        .about(&resource.address)
                        .label(other.source.clone(), "the other one is made here")
                        .help("take one of the two away, or let them differ"),
                );
            }
        }
    }

    fn circle(&self, circle: &[usize]) -> Diagnostic {
        let members = || circle.iter().map(|node| &self.resources[*node]);
        let mut path: Vec<&str> = members().map(|resource| resource.address.as_str()).collect();
        path.push(path[0]);
        let mut finding = Diagnostic::new(P2010, format!("these wait for each other: {}", path.join(" → ")))
            .at(self.resources[circle[0]].source.clone())
            .about(path[0])
            .note("the circle begins here")
            .help("take one of these references or `dependsOn` entries away");
        for (resource, next) in members().zip(&path[1..]).skip(1) {
            finding = finding.label(resource.source.clone(), format!("`{}` waits for `{next}`", resource.address));
        }
        finding
    }
}

/// The manifest place of a property: that of the nearest pointer that has one, else that of the resource.
fn place(resource: &Resource, pointer: &str) -> Span {
    let mut pointer = pointer;
    loop {
        if let Some(span) = resource.places.get(pointer) {
            return span.clone();
        }
        match pointer.rsplit_once('/') {
            Some((above, _)) => pointer = above,
            None => return resource.source.clone(),
        }
    }
}

/// Where below a value a reference stands.
fn pointer_of(value: &Value, pointer: &str, address: &str, attribute: &str) -> Option<String> {
    let below = |key: &str, inner: &Value| pointer_of(inner, &format!("{pointer}/{}", escape(key)), address, attribute);
    match Form::of(value) {
        Form::Ref { address: found, attribute: named } => (found == address && named == attribute).then(|| pointer.to_owned()),
        Form::Plain(Value::Object(map)) => map.iter().find_map(|(key, inner)| below(key, inner)),
        Form::Plain(Value::Array(items)) => items.iter().enumerate().find_map(|(n, inner)| below(&n.to_string(), inner)),
        _ => {
            let mut inside = false;
            references(value, &mut |found, named| inside |= found == address && named == attribute);
            inside.then(|| pointer.to_owned())
        }
    }
}

/// Whole seconds of an estimate.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "estimates are positive and far below the limit")]
pub(crate) fn whole(seconds: f64) -> u64 {
    seconds.round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::graph::sample::{input, queue, resource};

    fn codes(error: &Error) -> Vec<&str> {
        error.findings().iter().map(|finding| finding.code.name()).collect()
    }

    #[test]
    fn a_reference_becomes_an_edge() {
        let graph = build(input([queue("a/one/queue"), queue("a/two/queue").refers("RedrivePolicy", "a/one/queue", "Arn")])).unwrap();
        assert_eq!(graph.resources[1].depends_on, ["a/one/queue".parse().unwrap()]);
        assert_eq!(graph.waves.len(), 2);
        assert_eq!(graph.critical_path.path.len(), 2);
    }

    #[test]
    fn edges_are_sorted_and_stand_once() {
        let two = queue("a/two/queue").waits("a/z/queue").waits("a/one/queue").waits("a/one/queue");
        let graph = build(input([queue("a/z/queue"), two.refers("KmsMasterKeyId", "a/one/queue", "Arn"), queue("a/one/queue")])).unwrap();
        let edges: Vec<&str> = graph.resources[1].depends_on.iter().map(Address::as_str).collect();
        assert_eq!(edges, ["a/one/queue", "a/z/queue"]);
    }

    #[test]
    fn a_reference_to_nothing_names_the_nearest() {
        let error = build(input([queue("a/one/queue"), queue("a/two/queue").refers("KmsMasterKeyId", "a/on/queue", "Arn")])).unwrap_err();
        assert_eq!(codes(&error), ["P2001"]);
        assert_eq!(error.findings()[0].help[0], "did you mean `a/one/queue`?");
    }

    #[test]
    fn an_unknown_attribute_names_the_nearest() {
        let error = build(input([queue("a/one/queue"), queue("a/two/queue").refers("KmsMasterKeyId", "a/one/queue", "Arm")])).unwrap_err();
        assert_eq!(codes(&error), ["P2003"]);
        assert!(error.findings()[0].help[0].contains("`Arn`"), "{error:?}");
    }

    #[test]
    fn findings_stand_at_the_place_of_the_property() {
        let mut two = queue("a/two/queue").refers("KmsMasterKeyId", "a/nine/queue", "Arn");
        two.places.insert("/KmsMasterKeyId".into(), "q.yaml:7:3".parse().unwrap());
        let error = build(input([two])).unwrap_err();
        assert_eq!(error.findings()[0].span.as_ref().unwrap().to_string(), "q.yaml:7:3");
    }

    #[test]
    fn what_is_one_thing_to_aws_stands_once() {
        let route = |name: &str, destination: &str| {
            resource(&format!("a/n/{name}"), "AWS::EC2::Route", json!({"RouteTableId": "rtb-1", "DestinationCidrBlock": destination}))
        };
        let error = build(input([route("one", "0.0.0.0/0"), route("two", "0.0.0.0/0")])).unwrap_err();
        assert_eq!(codes(&error), ["P2021"]);
        assert!(error.findings()[0].message.ends_with("they have the same RouteTableId, DestinationCidrBlock"), "{error:?}");
        assert!(build(input([route("one", "0.0.0.0/0"), route("two", "10.0.0.0/8")])).is_ok());
        let attached = |name: &str, table: &str| {
            resource(
                &format!("a/n/{name}"),
                "AWS::EC2::SubnetRouteTableAssociation",
                json!({"SubnetId": "subnet-1", "RouteTableId": table}),
            )
        };
        assert_eq!(codes(&build(input([attached("one", "rtb-1"), attached("two", "rtb-2")])).unwrap_err()), ["P2021"]);
    }

    #[test]
    fn a_circle_is_shown_as_a_path() {
        let error = build(input([
            queue("a/one/queue").waits("a/two/queue"),
            queue("a/two/queue").waits("a/three/queue"),
            queue("a/three/queue").refers("RedrivePolicy", "a/one/queue", "Arn"),
        ]))
        .unwrap_err();
        assert_eq!(codes(&error), ["P2010"]);
        assert_eq!(error.findings()[0].message, "these wait for each other: a/one/queue → a/two/queue → a/three/queue → a/one/queue");
        assert_eq!(error.findings()[0].labels.len(), 2);
    }

    #[test]
    fn every_finding_is_reported() {
        let error = build(input([
            queue("a/one/queue").refers("KmsMasterKeyId", "x/y/z", "Arn"),
            queue("a/two/queue").refers("KmsMasterKeyId", "a/one/queue", "Nope"),
            queue("a/three/queue").waits("x/y/w"),
        ]))
        .unwrap_err();
        assert_eq!(error.findings().len(), 3);
    }

    #[test]
    fn one_address_twice_is_refused() {
        assert_eq!(codes(&build(input([queue("a/one/queue"), queue("a/one/queue")])).unwrap_err()), ["P2019"]);
    }

    #[test]
    fn one_physical_name_twice_is_refused() {
        let named = |address: &str, base: &str| queue(address).named("QueueName", base);
        assert_eq!(codes(&build(input([named("a/b-c/queue", "s-a-b-c"), named("a-b/c/queue", "s-a-b-c")])).unwrap_err()), ["P2014"]);
        assert!(build(input([named("a/b/queue", "s-a-b"), named("a/c/queue", "s-a-c")])).is_ok());
    }

    #[test]
    fn an_output_that_refers_to_nothing_is_refused() {
        let mut input = input([queue("a/one/queue")]);
        input.outputs.insert("a/one.url".into(), json!({"$ref": "a/one/queue", "attribute": "Url"}));
        assert_eq!(codes(&build(input).unwrap_err()), ["P2003"]);
    }

    #[test]
    fn an_edited_graph_comes_out_as_if_it_was_made_so() {
        let whole = build(input([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue"), queue("a/three/queue")])).unwrap();
        let mut edited = whole.clone();
        edited.resources.remove(2);
        edited.resources.reverse();
        let expected = build(input([queue("a/one/queue"), queue("a/three/queue")])).unwrap();
        assert_eq!(edited.check().unwrap(), expected);
    }

    #[test]
    fn the_digest_does_not_count_lock_and_state() {
        let graph = build(input([queue("a/one/queue")])).unwrap();
        let attached = Graph { state: Some(json!({"kind": "panka.state/v1"})), ..graph.clone() };
        assert_eq!(graph.digest(), attached.digest());
        let mut other = graph.clone();
        other.resources[0].properties.insert("DelaySeconds".into(), json!(1));
        assert_ne!(graph.digest(), other.digest());
    }

    proptest! {
        #[test]
        fn the_order_of_resources_does_not_matter(order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle()) {
            let all: Vec<Resource> = (0..6).map(|n| {
                let one = queue(&format!("a/q{n}/queue"));
                if n > 1 { one.waits(&format!("a/q{}/queue", n - 2)) } else { one }
            }).collect();
            let shuffled = order.iter().map(|n| all[*n].clone()).collect::<Vec<_>>();
            prop_assert_eq!(build(input(shuffled)).unwrap(), build(input(all)).unwrap());
        }
    }
}
