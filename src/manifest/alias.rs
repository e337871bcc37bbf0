//! Other spellings of fields, brought to the one that is meant.
//!
//! Each document is normalised by itself, before it is merged: an overlay may use another spelling than its base, and only two spellings
//! in one document can contradict each other.

use std::rc::Rc;

use super::kinds::Alias;
use super::merge::DELETE;
use super::node::{Map, Member, Node, Part, Scalar, Value};
use super::scalar::Plain;
use super::source::{At, Sources};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::manifest::{P1011, P1015, P1020};

/// Normalises the spec of a document.
pub(super) fn normalise(spec: &mut Node, aliases: &[Alias], sources: &Sources, findings: &mut Vec<Diagnostic>) {
    let mut work = Work { sources, findings };
    for alias in aliases {
        match *alias {
            Alias::Move { from, to } => work.relocate(spec, from, to),
            Alias::MapOfPairs(path) => pairs(spec, path),
            Alias::ImageText => image(spec),
            Alias::FlatHealthCheck => work.health_check(spec),
            Alias::AutoscalingPolicies => work.policies(spec),
            Alias::ListAt { from, to } => {
                if spec.at_path(from).is_some_and(|node| node.list().is_some()) {
                    work.relocate(spec, from, to);
                }
            }
        }
    }
}

struct Work<'a> {
    sources: &'a Sources,
    findings: &'a mut Vec<Diagnostic>,
}

impl Work<'_> {
    fn relocate(&mut self, spec: &mut Node, from: &str, to: &str) {
        if spec.at_path(from).is_none() || !can_hold(spec, to, from) {
            return;
        }
        if let Some(member) = take(spec, from) {
            self.put(spec, to, member, from);
        }
    }

    /// Puts a member at a dotted path; what is there already must say the same.
    fn put(&mut self, spec: &mut Node, to: &str, member: Member, from: &str) {
        let (parents, last) = to.rsplit_once('.').map_or((None, to), |(parents, last)| (Some(parents), last));
        let mut node = spec;
        for key in parents.into_iter().flat_map(|path| path.split('.')) {
            let Some(map) = node.map_mut() else { return };
            let entry = map.entry(key.into()).or_insert_with(|| Member { key: member.key, node: Node::empty(member.key) });
            if entry.node.is_null() {
                entry.node = Node::empty(entry.node.at);
            }
            node = &mut entry.node;
        }
        if let Some(map) = node.map_mut() {
            self.join(map, last, member, to, from);
        }
    }

    fn join(&mut self, map: &mut Map, key: &str, member: Member, to: &str, from: &str) {
        match map.get_mut(key) {
            None => {
                map.insert(key.into(), member);
            }
            Some(known) => match (&mut known.node.value, member.node.value) {
                (Value::Map(known), Value::Map(given)) => {
                    for (name, member) in given {
                        self.join(known, &name.clone(), member, &format!("{to}.{name}"), &format!("{from}.{name}"));
                    }
                }
                (_, value) => {
                    let given = Node { value, ..member.node };
                    if !known.node.same(&given) {
                        let finding =
                            Diagnostic::new(P1020, format!("`{from}` and `{to}` are two spellings of one field, and they differ"))
                                .at(self.sources.span(given.at))
                                .label(self.sources.span(known.node.at), format!("`{to}` is given here"));
                        self.findings.push(finding.help(format!("keep `{to}`")));
                    }
                }
            },
        }
    }

    /// Flat `healthCheck.{enabled, path, port, protocol, …}`.
    fn health_check(&mut self, spec: &mut Node) {
        const TIMING: [(&str, &str); 10] = [
            ("initialDelaySeconds", "initialDelaySeconds"),
            ("periodSeconds", "periodSeconds"),
            ("timeoutSeconds", "timeoutSeconds"),
            ("successThreshold", "successThreshold"),
            ("failureThreshold", "failureThreshold"),
            ("interval", "periodSeconds"),
            ("intervalSeconds", "periodSeconds"),
            ("timeout", "timeoutSeconds"),
            ("healthyThreshold", "successThreshold"),
            ("unhealthyThreshold", "failureThreshold"),
        ];
        let Some(check) = spec.map_mut().and_then(|map| map.get_mut("healthCheck")) else { return };
        let whole = check.key;
        let Some(map) = check.node.map_mut() else { return };
        let flat = |key: &str| ["enabled", "path", "port", "protocol"].contains(&key) || TIMING.iter().any(|(from, _)| *from == key);
        if !map.keys().any(|key| flat(key)) {
            return;
        }
        if let Some(enabled) = map.shift_remove("enabled")
            && enabled.node.scalar().is_some_and(|scalar| scalar.natural() == Plain::Bool(false))
        {
            // Said and meant: what stands beside it has no effect. Null lets an overlay switch the check of its base off.
            check.node = Node::new(enabled.node.at, Value::Scalar(Scalar { text: "null".into(), plain: true }));
            return;
        }
        let mut timing = Vec::new();
        for (from, to) in TIMING {
            timing.extend(map.shift_remove(from).map(|member| (from, to, member)));
        }
        let (path, port, protocol) = (map.shift_remove("path"), map.shift_remove("port"), map.shift_remove("protocol"));
        let named = protocol.as_ref().and_then(|member| member.node.as_text()).map(|text| text.to_ascii_lowercase());
        let form = match named.as_deref() {
            Some("http" | "https") => "http",
            Some("tcp") => "tcp",
            Some(other) => {
                let at = protocol.as_ref().map_or(whole, |member| member.node.at);
                let finding = Diagnostic::new(P1015, format!("a health check by `{other}` is not offered")).at(self.sources.span(at));
                self.findings.push(finding.help("write http, https or tcp; a command stands under `healthCheck.liveness.exec`"));
                return;
            }
            None if path.is_some() || map.get("readiness").is_some_and(|member| member.node.get("http").is_some()) => "http",
            None => "tcp",
        };
        if named.as_deref() == Some("https")
            && let Some(protocol) = &protocol
        {
            let scheme = Member { key: protocol.key, node: Node::text(protocol.node.at, "HTTPS") };
            self.put(spec, "healthCheck.readiness.http.scheme", scheme, "healthCheck.protocol");
        }
        for (name, member) in [("path", path), ("port", port)] {
            if let Some(member) = member {
                self.put(spec, &format!("healthCheck.readiness.{form}.{name}"), member, &format!("healthCheck.{name}"));
            }
        }
        for (from, to, member) in timing {
            self.put(spec, &format!("healthCheck.readiness.{to}"), member, &format!("healthCheck.{from}"));
        }
    }

    /// `autoscaling.policies[]` of type targetTracking.
    fn policies(&mut self, spec: &mut Node) {
        for path in ["autoscaling.policies", "scaling.autoscaling.policies"] {
            if spec.at_path(path).is_none_or(|node| node.list().is_none()) {
                continue;
            }
            let Some(Member { key, node }) = take(spec, path) else { continue };
            for item in node.list().unwrap_or_default() {
                self.policy(spec, key, item, path);
            }
        }
    }

    fn policy(&mut self, spec: &mut Node, key: At, item: &Node, path: &str) {
        let first = |names: &[&str]| names.iter().find_map(|name| item.get(name));
        let kind = item.get("type").and_then(Node::as_text).map(|text| text.to_ascii_lowercase().replace(['-', '_'], ""));
        if kind.as_deref().is_some_and(|kind| kind != "targettracking") {
            let finding = Diagnostic::new(P1015, "only scaling policies of type targetTracking are offered").at(self.sources.span(item.at));
            self.findings.push(finding.help("write the targets under `scaling.autoscaling`: targetCPUPercent, targetMemoryPercent"));
            return;
        }
        let metric =
            first(&["metric", "metricType", "predefinedMetric", "name"]).and_then(Node::as_text).map(|text| text.to_ascii_lowercase());
        let target = first(&["target", "targetValue", "targetPercent", "value"]);
        let field = match metric.as_deref() {
            Some(metric) if metric.contains("cpu") => "targetCPUPercent",
            Some(metric) if metric.contains("memory") => "targetMemoryPercent",
            _ => {
                let finding = Diagnostic::new(P1015, "this scaling policy follows neither CPU nor memory").at(self.sources.span(item.at));
                self.findings.push(finding.help("requestsPerTarget and targetQueueDepth stand under `scaling.autoscaling`"));
                return;
            }
        };
        let Some(target) = target else {
            self.findings.push(
                Diagnostic::new(P1011, "this scaling policy has no target").at(self.sources.span(item.at)).help("write `target: 70`"),
            );
            return;
        };
        self.put(spec, &format!("scaling.autoscaling.{field}"), Member { key, node: target.clone() }, path);
    }
}

/// Whether the way to `to` leads through maps only, so that something can be put there.
fn can_hold(spec: &Node, to: &str, from: &str) -> bool {
    let Some((parents, _)) = to.rsplit_once('.') else { return true };
    let mut node = spec;
    let mut path = String::new();
    for key in parents.split('.') {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
        // What is about to be taken away does not stand in the way.
        if path == from {
            return true;
        }
        match node.get(key) {
            None => return true,
            Some(next) if next.is_null() => return true,
            Some(next) if next.map().is_some() => node = next,
            Some(_) => return false,
        }
    }
    true
}

/// Takes a member out by its dotted path, and the maps that this leaves empty.
fn take(node: &mut Node, path: &str) -> Option<Member> {
    let map = node.map_mut()?;
    match path.split_once('.') {
        None => map.shift_remove(path),
        Some((first, rest)) => {
            let inner = map.get_mut(first)?;
            let taken = take(&mut inner.node, rest)?;
            if inner.node.map().is_some_and(Map::is_empty) {
                map.shift_remove(first);
            }
            Some(taken)
        }
    }
}

/// A map of names and values as a list of `{name, value}`, by name.
fn pairs(spec: &mut Node, path: &str) {
    let (parents, last) = path.rsplit_once('.').map_or((None, path), |(parents, last)| (Some(parents), last));
    let mut node = spec;
    for key in parents.into_iter().flat_map(|path| path.split('.')) {
        let Some(member) = node.map_mut().and_then(|map| map.get_mut(key)) else { return };
        node = &mut member.node;
    }
    let Some(member) = node.map_mut().and_then(|map| map.get_mut(last)) else { return };
    let Value::Map(map) = &mut member.node.value else { return };
    let mut members: Vec<(Rc<str>, Member)> = std::mem::take(map).into_iter().collect();
    members.sort_by(|a, b| a.0.cmp(&b.0));
    let item = |(name, Member { key, node }): (Rc<str>, Member)| {
        let at = node.at;
        let mut item = Map::new();
        item.insert("name".into(), Member { key, node: Node::text(key, name) });
        if node.is_null() {
            item.insert(DELETE.into(), Member { key, node: Node::new(at, Value::Scalar(Scalar { text: "true".into(), plain: true })) });
        } else {
            item.insert("value".into(), Member { key, node });
        }
        Node::new(at, Value::Map(item))
    };
    member.node.value = Value::List(members.into_iter().map(item).collect());
}

/// `image: "repo:tag"`, also where only `image.repository` holds both.
fn image(spec: &mut Node) {
    let Some(member) = spec.map_mut().and_then(|map| map.get_mut("image")) else { return };
    let key = member.key;
    let at = member.node.at;
    let (repository, tag) = match &member.node.value {
        Value::Scalar(scalar) if !member.node.is_null() => {
            let (repository, tag) = split_image(&scalar.text);
            (Node::text(at, repository), tag.map(|tag| Node::text(at, tag)))
        }
        Value::Form(parts) => {
            let mut parts = parts.clone();
            let tag = match parts.last_mut() {
                Some(Part::Text(text)) if !text.contains('/') && text.contains([':', '@']) => {
                    let (before, tag) = split_image(text);
                    let (before, tag) = (before.to_owned(), tag.map(str::to_owned));
                    *text = before;
                    tag
                }
                _ => None,
            };
            parts.retain(|part| *part != Part::Text(String::new()));
            (Node::new(at, Value::Form(parts)), tag.map(|tag| Node::text(at, tag)))
        }
        _ => return,
    };
    let mut map = Map::new();
    let via = member.node.via.clone();
    map.insert("repository".into(), Member { key, node: Node { via: via.clone(), ..repository } });
    if let Some(tag) = tag {
        map.insert("tag".into(), Member { key, node: Node { via, ..tag } });
    }
    member.node = Node::new(at, Value::Map(map));
}

/// Repository and tag of an image; a digest is a tag that starts with `sha256:`. A `:` before a `/` belongs to the port of a registry.
fn split_image(text: &str) -> (&str, Option<&str>) {
    if let Some((repository, digest)) = text.split_once('@') {
        return (repository, Some(digest));
    }
    match text.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::merge::strip;
    use super::super::testing::{json, node};
    use super::*;
    use serde_json::json;

    fn normal(text: &str, aliases: &[Alias]) -> (serde_json::Value, Vec<&'static str>) {
        let mut spec = node(text);
        let mut findings = Vec::new();
        let mut sources = Sources::default();
        sources.add("test.yaml", text.to_owned());
        normalise(&mut spec, aliases, &sources, &mut findings);
        strip(&mut spec);
        (json(&spec), findings.iter().map(|finding| finding.code.name()).collect())
    }

    fn quiet(text: &str, aliases: &[Alias]) -> serde_json::Value {
        let (value, findings) = normal(text, aliases);
        assert!(findings.is_empty(), "{findings:?}");
        value
    }

    const CONTAINER: &[Alias] = &[
        Alias::Move { from: "container.command", to: "command" },
        Alias::Move { from: "container.image", to: "image" },
        Alias::ImageText,
        Alias::Move { from: "cpu", to: "resources.cpu" },
    ];

    #[test]
    fn a_field_moves_to_its_place() {
        assert_eq!(quiet("{container: {command: [a]}, cpu: 256}", CONTAINER), json!({"command": ["a"], "resources": {"cpu": 256}}));
        assert_eq!(quiet("{container: {command: [a], other: 1}}", CONTAINER), json!({"command": ["a"], "container": {"other": 1}}));
        assert_eq!(quiet("{resources: {memory: 512}, cpu: 256}", CONTAINER), json!({"resources": {"memory": 512, "cpu": 256}}));
    }

    #[test]
    fn a_field_moves_into_the_map_of_its_own_name() {
        let bucket = &[Alias::Move { from: "bucket.name", to: "name" }];
        assert_eq!(quiet("{bucket: {name: x, acl: private}}", bucket), json!({"name": "x", "bucket": {"acl": "private"}}));
    }

    #[test]
    fn two_spellings_may_agree_but_not_differ() {
        assert_eq!(quiet("{resources: {cpu: 256}, cpu: 256}", CONTAINER), json!({"resources": {"cpu": 256}}));
        assert_eq!(normal("{resources: {cpu: 256}, cpu: 512}", CONTAINER).1, ["P1020"]);
        let (value, findings) = normal("{image: {tag: a}, container: {image: {tag: b, repository: r}}}", CONTAINER);
        assert_eq!((value, findings), (json!({"image": {"tag": "a", "repository": "r"}}), vec!["P1020"]));
    }

    #[test]
    fn nothing_moves_through_a_scalar() {
        assert_eq!(quiet("{resources: 5, cpu: 256}", CONTAINER), json!({"resources": 5, "cpu": 256}));
    }

    #[test]
    fn an_image_is_a_repository_and_a_tag() {
        let image = |text: &str| quiet(&format!("image: {text}"), CONTAINER)["image"].take();
        assert_eq!(image("acme/api:v1"), json!({"repository": "acme/api", "tag": "v1"}));
        assert_eq!(image("acme/api"), json!({"repository": "acme/api"}));
        assert_eq!(image("localhost:5000/api"), json!({"repository": "localhost:5000/api"}));
        assert_eq!(image("localhost:5000/api:v1"), json!({"repository": "localhost:5000/api", "tag": "v1"}));
        assert_eq!(image("acme/api@sha256:ab"), json!({"repository": "acme/api", "tag": "sha256:ab"}));
        assert_eq!(image("{repository: r}"), json!({"repository": "r"}));
    }

    #[test]
    fn a_map_of_pairs_becomes_a_list_by_name() {
        let aliases = &[Alias::MapOfPairs("environment")];
        assert_eq!(
            quiet("environment: {B: 2, A: x, C: }", aliases),
            json!({"environment": [{"name": "A", "value": "x"}, {"name": "B", "value": 2}, {"name": "C", "$delete": true}]})
        );
        assert_eq!(quiet("environment: [{name: A}]", aliases), json!({"environment": [{"name": "A"}]}));
    }

    #[test]
    fn a_flat_health_check_becomes_readiness() {
        let check = |text: &str| quiet(&format!("healthCheck: {text}"), &[Alias::FlatHealthCheck])["healthCheck"].take();
        assert_eq!(
            check("{path: /h, port: 80, interval: 10, failureThreshold: 4}"),
            json!({"readiness": {"http": {"path": "/h", "port": 80}, "failureThreshold": 4, "periodSeconds": 10}})
        );
        assert_eq!(check("{enabled: true, port: 80}"), json!({"readiness": {"tcp": {"port": 80}}}));
        assert_eq!(check("{protocol: HTTPS, path: /h}"), json!({"readiness": {"http": {"scheme": "HTTPS", "path": "/h"}}}));
        assert_eq!(
            check("{protocol: tcp, port: 80, liveness: {tcp: {port: 80}}}"),
            json!({"liveness": {"tcp": {"port": 80}}, "readiness": {"tcp": {"port": 80}}})
        );
        assert_eq!(check("{readiness: {tcp: {port: 1}}}"), json!({"readiness": {"tcp": {"port": 1}}}));
        assert_eq!(quiet("healthCheck: {enabled: false, path: /x}", &[Alias::FlatHealthCheck]), json!({}));
        assert_eq!(normal("healthCheck: {protocol: udp}", &[Alias::FlatHealthCheck]).1, ["P1015"]);
    }

    #[test]
    fn scaling_policies_become_targets() {
        let aliases = &[Alias::AutoscalingPolicies, Alias::Move { from: "autoscaling", to: "scaling.autoscaling" }];
        assert_eq!(
            quiet(
                "autoscaling: {enabled: true, policies: [{type: targetTracking, metric: CPU, target: 60}, {metricType: memory, targetValue: 80}]}",
                aliases
            ),
            json!({"scaling": {"autoscaling": {"enabled": true, "targetCPUPercent": 60, "targetMemoryPercent": 80}}})
        );
        assert_eq!(normal("autoscaling: {policies: [{type: stepScaling}]}", aliases).1, ["P1015"]);
        assert_eq!(normal("autoscaling: {policies: [{metric: requests, target: 5}, {metric: cpu}]}", aliases).1, ["P1015", "P1011"]);
    }

    #[test]
    fn a_list_where_a_map_is_meant_moves_to_the_field_of_lists() {
        let aliases = &[Alias::ListAt { from: "lifecycle", to: "lifecycleRules" }];
        assert_eq!(quiet("lifecycle: [{id: a}]", aliases), json!({"lifecycleRules": [{"id": "a"}]}));
        assert_eq!(quiet("lifecycle: {protect: true}", aliases), json!({"lifecycle": {"protect": true}}));
    }
}
