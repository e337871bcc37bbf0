//! JSON to nodes.

use std::collections::HashMap;

use serde_json::{Map, Value};
use thiserror::Error;

use super::node::{Bound, Branches, Choices, Condition, ListRules, MapRules, Node, NodeId, NumberRules, Others, TextRules, Type, Types};
use super::{Pattern, Schema};

/// Checks a string of a named format; the error says what is wrong with it.
pub type Format = fn(&str) -> Result<(), String>;

/// What the words of the faults and the formats are.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The word for a member of a map: `field`, or `property` as AWS says.
    pub field: &'static str,
    /// Returns the check of a format; an unknown format checks nothing.
    pub formats: fn(&str) -> Option<Format>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { field: "field", formats: |_| None }
    }
}

/// A schema that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the schema at `{pointer}` {problem}")]
pub struct CompileError {
    /// JSON pointer into the schema.
    pub pointer: String,
    /// What is wrong there.
    pub problem: String,
}

/// Compiles a schema; only definitions that are referred to become nodes.
pub(super) fn compile(json: &Value, dialect: Dialect) -> Result<Schema, CompileError> {
    let mut compiler = Compiler { whole: json, dialect, nodes: Vec::new(), targets: HashMap::new() };
    compiler.targets.insert("#".to_owned(), NodeId(0));
    let root = compiler.node(json, "")?;
    debug_assert_eq!(root, super::node::ROOT, "the whole schema is compiled first");
    compiler.refuse_circles()?;
    compiler.join_properties();
    Ok(Schema { nodes: compiler.nodes, dialect })
}

struct Compiler<'s> {
    whole: &'s Value,
    dialect: Dialect,
    nodes: Vec<Node>,
    targets: HashMap<String, NodeId>,
}

type Outcome<T> = Result<T, CompileError>;

fn fail<T>(pointer: &str, problem: impl Into<String>) -> Outcome<T> {
    Err(CompileError { pointer: pointer.to_owned(), problem: problem.into() })
}

impl Compiler<'_> {
    fn reserve(&mut self) -> NodeId {
        self.nodes.push(Node::default());
        NodeId(self.nodes.len() - 1)
    }

    fn node(&mut self, json: &Value, pointer: &str) -> Outcome<NodeId> {
        let id = self.reserve();
        self.fill(id, json, pointer)?;
        Ok(id)
    }

    fn fill(&mut self, id: NodeId, json: &Value, pointer: &str) -> Outcome<()> {
        let node = match json {
            Value::Bool(allowed) => Node { never: !allowed, ..Node::default() },
            Value::Object(keywords) => self.keywords(keywords, pointer)?,
            _ => return fail(pointer, "is neither a map nor true or false"),
        };
        self.nodes[id.0] = node;
        Ok(())
    }

    fn keywords(&mut self, keywords: &Map<String, Value>, pointer: &str) -> Outcome<Node> {
        let mut node = Node { types: types(keywords.get("type"), pointer)?, ..Node::default() };
        if let Some(target) = keywords.get("$ref") {
            let Some(target) = target.as_str() else { return fail(pointer, "has a $ref that is no string") };
            node.target = Some(self.target(target, pointer)?);
        }
        node.choices = choices(keywords);
        node.number = number(keywords);
        node.text = self.text(keywords);
        node.list = self.list(keywords, pointer)?;
        node.map = self.map(keywords, pointer)?;
        node.branches = self.branches(&mut node.choices, keywords, pointer)?;
        if let (Some(choices), true) = (&node.choices, node.types.is_empty()) {
            for value in &choices.values {
                node.types.insert(Type::of(value));
            }
        }
        for (keyword, value) in keywords {
            if is_note(keyword) {
                node.notes.push((keyword.as_str().into(), value.clone()));
            }
        }
        Ok(node)
    }

    fn target(&mut self, target: &str, pointer: &str) -> Outcome<NodeId> {
        if let Some(id) = self.targets.get(target) {
            return Ok(*id);
        }
        let Some(path) = target.strip_prefix('#') else {
            return fail(pointer, format!("refers to `{target}`, outside of the schema"));
        };
        let Some(json) = self.whole.pointer(path) else {
            return fail(pointer, format!("refers to `{target}`, which does not exist"));
        };
        let id = self.reserve();
        self.targets.insert(target.to_owned(), id);
        self.fill(id, json, path)?;
        Ok(id)
    }

    fn child(&mut self, holder: &Map<String, Value>, keyword: &str, pointer: &str) -> Outcome<Option<NodeId>> {
        match holder.get(keyword) {
            None => Ok(None),
            Some(json) => self.node(json, &format!("{pointer}/{keyword}")).map(Some),
        }
    }

    fn children(&mut self, holder: &Map<String, Value>, keyword: &str, pointer: &str) -> Outcome<Vec<NodeId>> {
        let Some(Value::Array(children)) = holder.get(keyword) else { return Ok(Vec::new()) };
        let numbered = children.iter().enumerate();
        numbered.map(|(number, json)| self.node(json, &format!("{pointer}/{keyword}/{number}"))).collect()
    }

    fn text(&self, keywords: &Map<String, Value>) -> Option<Box<TextRules>> {
        let pattern = keywords.get("pattern").and_then(Value::as_str).map(Pattern::new);
        let format = keywords.get("format").and_then(Value::as_str);
        let (min, max) = (size(keywords, "minLength"), size(keywords, "maxLength"));
        if pattern.is_none() && format.is_none() && min.is_none() && max.is_none() {
            return None;
        }
        let format_check = format.and_then(self.dialect.formats);
        Some(Box::new(TextRules { min, max, pattern, format: format.map(Into::into), format_check }))
    }

    fn list(&mut self, keywords: &Map<String, Value>, pointer: &str) -> Outcome<Option<Box<ListRules>>> {
        const OWN: [&str; 7] = ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "uniqueKeys", "maxUniqueItems"];
        if !OWN.iter().any(|keyword| keywords.contains_key(*keyword)) {
            return Ok(None);
        }
        let in_order = matches!(keywords.get("items"), Some(Value::Array(_)));
        let first = self.children(keywords, if in_order { "items" } else { "prefixItems" }, pointer)?;
        let items = if in_order { "additionalItems" } else { "items" };
        Ok(Some(Box::new(ListRules {
            first,
            items: self.child(keywords, items, pointer)?,
            min: size(keywords, "minItems"),
            max: size(keywords, "maxItems").or_else(|| size(keywords, "maxUniqueItems")),
            unique: keywords.get("uniqueItems") == Some(&Value::Bool(true)),
            unique_keys: words(keywords.get("uniqueKeys")),
        })))
    }

    fn map(&mut self, keywords: &Map<String, Value>, pointer: &str) -> Outcome<Option<Box<MapRules>>> {
        const OWN: [&str; 15] = [
            "properties",
            "patternProperties",
            "additionalProperties",
            "unevaluatedProperties",
            "required",
            "requiredXor",
            "requiredOr",
            "dependencies",
            "dependentRequired",
            "dependentSchemas",
            "dependentExcluded",
            "propertyNames",
            "minProperties",
            "maxProperties",
            "maxUniqueProperties",
        ];
        if !OWN.iter().any(|keyword| keywords.contains_key(*keyword)) {
            return Ok(None);
        }
        let mut rules = MapRules {
            required: words(keywords.get("required")),
            required_xor: words(keywords.get("requiredXor")),
            required_or: words(keywords.get("requiredOr")),
            names: self.child(keywords, "propertyNames", pointer)?,
            min: size(keywords, "minProperties"),
            max: size(keywords, "maxProperties"),
            ..MapRules::default()
        };
        for (name, json) in named(keywords, "properties") {
            let id = self.node(json, &format!("{pointer}/properties/{name}"))?;
            rules.properties.insert(name.as_str().into(), id);
        }
        for (pattern, json) in named(keywords, "patternProperties") {
            let id = self.node(json, &format!("{pointer}/patternProperties/{pattern}"))?;
            rules.patterns.push((Pattern::new(pattern), id));
        }
        rules.others = match keywords.get("additionalProperties") {
            None | Some(Value::Bool(true)) => Others::Allowed,
            Some(Value::Bool(false)) => Others::Refused,
            Some(json) => Others::Checked(self.node(json, &format!("{pointer}/additionalProperties"))?),
        };
        if keywords.get("unevaluatedProperties") == Some(&Value::Bool(false)) {
            rules.joined = Some(Vec::new());
        }
        for keyword in ["dependencies", "dependentRequired", "dependentSchemas"] {
            for (name, json) in named(keywords, keyword) {
                if json.is_array() {
                    rules.needs.push((name.as_str().into(), words(Some(json))));
                } else {
                    let id = self.node(json, &format!("{pointer}/{keyword}/{name}"))?;
                    rules.needs_schema.push((name.as_str().into(), id));
                }
            }
        }
        for (name, json) in named(keywords, "dependentExcluded") {
            rules.excludes.push((name.as_str().into(), words(Some(json))));
        }
        Ok(Some(Box::new(rules)))
    }

    /// Compiles the combining keywords. Branches that only list values become choices, so that a wrong value is told
    /// all the right ones.
    fn branches(
        &mut self,
        choices: &mut Option<Box<Choices>>,
        keywords: &Map<String, Value>,
        pointer: &str,
    ) -> Outcome<Option<Box<Branches>>> {
        let mut branches = Branches { all: self.children(keywords, "allOf", pointer)?, ..Branches::default() };
        for keyword in ["anyOf", "oneOf"] {
            match keywords.get(keyword) {
                Some(Value::Array(of))
                    if choices.is_none() && of.iter().all(only_lists_values) && (keyword == "anyOf" || share_no_value(of)) =>
                {
                    let values = of.iter().filter_map(Value::as_object).flat_map(listed).collect();
                    *choices = Some(Box::new(Choices { values, fold_case: false }));
                }
                _ if keyword == "anyOf" => branches.any = self.children(keywords, keyword, pointer)?,
                _ => branches.one = self.children(keywords, keyword, pointer)?,
            }
        }
        branches.not = self.child(keywords, "not", pointer)?;
        if let Some(when) = self.child(keywords, "if", pointer)? {
            branches.condition =
                Some(Condition { when, then: self.child(keywords, "then", pointer)?, otherwise: self.child(keywords, "else", pointer)? });
        }
        let none = branches.all.is_empty()
            && branches.any.is_empty()
            && branches.one.is_empty()
            && branches.not.is_none()
            && branches.condition.is_none();
        Ok((!none).then(|| Box::new(branches)))
    }

    /// Refuses schemas whose references come back to themselves without going one step into the value: checking
    /// against them would never end.
    fn refuse_circles(&self) -> Outcome<()> {
        let mut done = vec![false; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut open = vec![false; self.nodes.len()];
            if self.comes_back(NodeId(start), &mut open, &mut done) {
                return fail("", "refers to itself without going into the value");
            }
        }
        Ok(())
    }

    fn comes_back(&self, id: NodeId, open: &mut [bool], done: &mut [bool]) -> bool {
        if done[id.0] || open[id.0] {
            return open[id.0];
        }
        open[id.0] = true;
        let back = same_value(&self.nodes[id.0]).any(|next| self.comes_back(next, open, done));
        open[id.0] = false;
        done[id.0] = true;
        back
    }

    /// Gathers, for each closed map, the fields of all schemas that are joined to it.
    fn join_properties(&mut self) {
        for start in 0..self.nodes.len() {
            if self.nodes[start].map.as_ref().is_some_and(|map| map.joined.is_some()) {
                let mut known = Vec::new();
                self.fields(NodeId(start), &mut known);
                if let Some(map) = &mut self.nodes[start].map {
                    map.joined = Some(known);
                }
            }
        }
    }

    fn fields(&self, id: NodeId, known: &mut Vec<Box<str>>) {
        let node = &self.nodes[id.0];
        if let Some(map) = &node.map {
            known.extend(map.properties.keys().cloned());
        }
        for next in same_value(node) {
            self.fields(next, known);
        }
    }
}

/// The schemas that judge the same value as `node` does.
pub(super) fn same_value(node: &Node) -> impl Iterator<Item = NodeId> {
    let branches = node.branches.iter().flat_map(|branches| {
        let condition = branches.condition.iter().flat_map(|c| [Some(c.when), c.then, c.otherwise]).flatten();
        let listed = branches.all.iter().chain(&branches.any).chain(&branches.one).copied();
        listed.chain(branches.not).chain(condition)
    });
    let needed = node.map.iter().flat_map(|map| map.needs_schema.iter().map(|(_, id)| *id));
    node.target.into_iter().chain(branches).chain(needed)
}

fn types(json: Option<&Value>, pointer: &str) -> Outcome<Types> {
    let names = match json {
        None => return Ok(Types::default()),
        Some(Value::Array(names)) => names.as_slice(),
        Some(name) => std::slice::from_ref(name),
    };
    let mut types = Types::default();
    for name in names {
        match name.as_str().and_then(Type::of_name) {
            Some(kind) => types.insert(kind),
            None => return fail(pointer, format!("has the unknown type {name}")),
        }
    }
    Ok(types)
}

fn choices(keywords: &Map<String, Value>) -> Option<Box<Choices>> {
    if let Some(Value::Array(values)) = keywords.get("enumCaseInsensitive") {
        return Some(Box::new(Choices { values: values.clone(), fold_case: true }));
    }
    let values: Vec<Value> = listed(keywords).collect();
    (!values.is_empty()).then(|| Box::new(Choices { values, fold_case: false }))
}

/// The values of `const` and `enum`.
fn listed(keywords: &Map<String, Value>) -> impl Iterator<Item = Value> {
    let one = keywords.get("const").cloned();
    let many = keywords.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
    one.into_iter().chain(many)
}

fn only_lists_values(branch: &Value) -> bool {
    let Some(keywords) = branch.as_object() else { return false };
    listed(keywords).next().is_some()
        && keywords.keys().all(|keyword| matches!(keyword.as_str(), "const" | "enum" | "type") || is_prose(keyword))
}

/// Tells whether branches that list values list each once, so that exactly one of them fits whatever is listed.
fn share_no_value(branches: &[Value]) -> bool {
    let values: Vec<Value> = branches.iter().filter_map(Value::as_object).flat_map(listed).collect();
    values.iter().enumerate().all(|(number, value)| !values[..number].contains(value))
}

fn is_prose(keyword: &str) -> bool {
    matches!(keyword, "description" | "title" | "$comment" | "examples" | "default") || keyword.starts_with("x-")
}

/// Keywords that callers read and that constrain nothing.
fn is_note(keyword: &str) -> bool {
    matches!(keyword, "default" | "insertionOrder" | "arrayType" | "description") || keyword.starts_with("x-")
}

fn number(keywords: &Map<String, Value>) -> Option<Box<NumberRules>> {
    let at = |keyword: &str| keywords.get(keyword).and_then(Value::as_f64);
    let open = |keyword: &str| keywords.get(keyword) == Some(&Value::Bool(true));
    let bound = |closed: &str, exclusive: &str| match (at(closed), at(exclusive)) {
        (_, Some(at)) => Some(Bound { at, open: true }),
        (Some(at), None) => Some(Bound { at, open: open(exclusive) }),
        (None, None) => None,
    };
    let rules = NumberRules {
        minimum: bound("minimum", "exclusiveMinimum"),
        maximum: bound("maximum", "exclusiveMaximum"),
        multiple_of: at("multipleOf").filter(|step| *step > 0.0),
    };
    let none = rules.minimum.is_none() && rules.maximum.is_none() && rules.multiple_of.is_none();
    (!none).then(|| Box::new(rules))
}

/// A size: AWS writes some as floats or beyond what fits, which is as good as none.
fn size(keywords: &Map<String, Value>, keyword: &str) -> Option<usize> {
    let value = keywords.get(keyword)?;
    value.as_u64().and_then(|size| usize::try_from(size).ok())
}

fn named<'s>(keywords: &'s Map<String, Value>, keyword: &str) -> impl Iterator<Item = (&'s String, &'s Value)> {
    keywords.get(keyword).and_then(Value::as_object).into_iter().flatten()
}

fn words(json: Option<&Value>) -> Vec<Box<str>> {
    let list = json.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(Into::into).collect()
}
