//! What the catalog knows of one type.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::schema::{Dialect, Fault, Place, Schema};

use super::path::{Relation, ValuePath};
use super::rules::{Rules, rules};
use super::{Operation, formats, properties};

/// One AWS resource type.
///
/// All paths are JSON pointers into the properties, `/Endpoint/Address`; in those that the schema lists, `*` stands
/// for any item of a list.
#[derive(Debug)]
pub struct TypeInfo {
    name: String,
    pub(super) schema: Schema,
    pub(super) create_only: Vec<ValuePath>,
    pub(super) conditional_create_only: Vec<ValuePath>,
    pub(super) read_only: Vec<ValuePath>,
    pub(super) write_only: Vec<ValuePath>,
    deprecated: Vec<ValuePath>,
    primary_identifier: Vec<String>,
    additional_identifiers: Vec<Vec<String>>,
    handlers: BTreeMap<Operation, Handler>,
    tagging: Tagging,
    replacement_strategy: Option<ReplacementStrategy>,
    transforms: BTreeMap<String, String>,
    pub(super) rules: &'static Rules,
}

/// The order in which the schema wants a replacement done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplacementStrategy {
    /// The new one first.
    CreateThenDelete,
    /// The old one must go first.
    DeleteThenCreate,
}

/// How the tags of a type are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagStyle {
    /// A list of maps, one a tag: `[{"Key": …, "Value": …}]`, with these two fields.
    List {
        /// Field of the key.
        key: String,
        /// Field of the value.
        value: String,
    },
    /// A map from key to value.
    Map,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    #[serde(default)]
    create_only_properties: Vec<String>,
    #[serde(default)]
    conditional_create_only_properties: Vec<String>,
    #[serde(default)]
    read_only_properties: Vec<String>,
    #[serde(default)]
    write_only_properties: Vec<String>,
    #[serde(default)]
    deprecated_properties: Vec<String>,
    primary_identifier: Vec<String>,
    #[serde(default)]
    additional_identifiers: Vec<Vec<String>>,
    #[serde(default)]
    handlers: BTreeMap<Operation, Handler>,
    #[serde(default)]
    tagging: Tagging,
    #[serde(default)]
    replacement_strategy: Option<ReplacementStrategy>,
    #[serde(default)]
    property_transform: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Handler {
    #[serde(default)]
    permissions: Vec<String>,
    timeout_in_minutes: Option<u32>,
}

/// The published defaults: what a schema does not say, it has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Tagging {
    taggable: bool,
    tag_property: String,
    tag_on_create: bool,
    tag_updatable: bool,
    permissions: Vec<String>,
}

impl Default for Tagging {
    fn default() -> Self {
        Self { taggable: true, tag_property: "/Tags".to_owned(), tag_on_create: true, tag_updatable: true, permissions: Vec::new() }
    }
}

impl TypeInfo {
    /// Reads the JSON of one type; the text is that of the embedded catalog, so it must be right.
    pub(super) fn read(name: &str, text: &str) -> Self {
        let json: Value = serde_json::from_str(text).expect("a type of the catalog is JSON");
        let facts = Facts::deserialize(&json).expect("a type of the catalog has the fields of a resource schema");
        let dialect = Dialect { field: "property", formats: formats::check };
        let schema = Schema::compile_in(&json, dialect).expect("a test compiles every type of the catalog");
        let paths = |texts: &[String]| texts.iter().map(|text| ValuePath::new(text)).collect();
        Self {
            name: name.to_owned(),
            schema,
            create_only: paths(&facts.create_only_properties),
            conditional_create_only: paths(&facts.conditional_create_only_properties),
            read_only: paths(&facts.read_only_properties),
            write_only: paths(&facts.write_only_properties),
            deprecated: paths(&facts.deprecated_properties),
            primary_identifier: facts.primary_identifier,
            additional_identifiers: facts.additional_identifiers,
            handlers: facts.handlers,
            tagging: facts.tagging,
            replacement_strategy: facts.replacement_strategy,
            transforms: facts.property_transform,
            rules: rules(name),
        }
    }

    /// Returns the name, `AWS::SQS::Queue`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the schema of the properties.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns all faults of the properties of a resource. Value forms may stand wherever their value fits.
    pub fn check(&self, properties: &Map<String, Value>) -> Vec<Fault> {
        properties::check(self, properties, &properties::NoTypes)
    }

    /// Returns all faults of the properties of a resource, those of references included: `types` knows the type of
    /// each address that can be referred to.
    pub fn check_with(&self, properties: &Map<String, Value>, types: &dyn properties::TypeOf) -> Vec<Fault> {
        properties::check(self, properties, types)
    }

    /// Tells whether a change at or inside of this pointer can only be made by a new resource.
    pub fn is_create_only(&self, pointer: &str) -> bool {
        within(&self.create_only, pointer)
    }

    /// Tells whether a change at or inside of this pointer may, under conditions, need a new resource.
    pub fn is_conditional_create_only(&self, pointer: &str) -> bool {
        within(&self.conditional_create_only, pointer)
    }

    /// Tells whether only the service sets what the pointer names.
    pub fn is_read_only(&self, pointer: &str) -> bool {
        within(&self.read_only, pointer)
    }

    /// Tells whether what the pointer names is never read back.
    pub fn is_write_only(&self, pointer: &str) -> bool {
        within(&self.write_only, pointer)
    }

    /// Tells whether AWS advises against what the pointer names.
    pub fn is_deprecated(&self, pointer: &str) -> bool {
        within(&self.deprecated, pointer)
    }

    /// Returns the paths that only the service sets.
    pub fn read_only(&self) -> impl Iterator<Item = &str> {
        self.read_only.iter().map(ValuePath::as_str)
    }

    /// Returns the paths that are never read back.
    pub fn write_only(&self) -> impl Iterator<Item = &str> {
        self.write_only.iter().map(ValuePath::as_str)
    }

    /// Returns the paths that only a new resource can change.
    pub fn create_only(&self) -> impl Iterator<Item = &str> {
        self.create_only.iter().map(ValuePath::as_str)
    }

    /// Returns the paths that, under conditions, only a new resource can change.
    pub fn conditional_create_only(&self) -> impl Iterator<Item = &str> {
        self.conditional_create_only.iter().map(ValuePath::as_str)
    }

    /// Returns the pointers of the primary identifier's parts, in the order in which Cloud Control joins them.
    pub fn primary_identifier(&self) -> &[String] {
        &self.primary_identifier
    }

    /// Returns the other sets of pointers that name one resource.
    pub fn additional_identifiers(&self) -> &[Vec<String>] {
        &self.additional_identifiers
    }

    /// Tells whether Cloud Control can carry the type: it needs at least create, read and delete.
    pub fn has_handlers(&self) -> bool {
        [Operation::Create, Operation::Read, Operation::Delete].iter().all(|op| self.handlers.contains_key(op))
    }

    /// Tells whether Cloud Control can do an operation.
    pub fn has_handler(&self, operation: Operation) -> bool {
        self.handlers.contains_key(&operation)
    }

    /// Tells whether the resources of the type can be listed.
    pub fn has_list(&self) -> bool {
        self.has_handler(Operation::List)
    }

    /// Tells whether a resource of the type can be changed in place. A type without any handlers is changed through
    /// `CloudFormation`, which can.
    pub fn has_update(&self) -> bool {
        self.handlers.is_empty() || self.handlers.contains_key(&Operation::Update)
    }

    /// Returns the IAM actions that an operation needs.
    pub fn handler_permissions(&self, operation: Operation) -> &[String] {
        self.handlers.get(&operation).map(|handler| handler.permissions.as_slice()).unwrap_or_default()
    }

    /// Returns the IAM actions that setting and changing tags needs besides.
    pub fn tag_permissions(&self) -> &[String] {
        &self.tagging.permissions
    }

    /// Returns the minutes after which the service gives up, where the schema names them. The published default is 120.
    pub fn timeout_minutes(&self, operation: Operation) -> Option<u32> {
        self.handlers.get(&operation)?.timeout_in_minutes
    }

    /// Returns the top-level property that holds the tags.
    pub fn tag_property(&self) -> Option<&str> {
        let name = self.tagging.tag_property.strip_prefix('/')?;
        (self.tagging.taggable && !name.contains('/') && self.schema.root().field(name).is_some()).then_some(name)
    }

    /// Returns how the tags are written; `None` for a type without tags.
    pub fn tag_style(&self) -> Option<TagStyle> {
        let place = self.schema.root().field(self.tag_property()?)?;
        let Some(item) = place.item(0) else { return Some(TagStyle::Map) };
        let fields = item.fields();
        let named = |word: &str| fields.iter().find(|field| field.to_lowercase().ends_with(word)).map(|f| (*f).to_owned());
        Some(TagStyle::List { key: named("key")?, value: named("value")? })
    }

    /// Tells whether tags can be given with the create call.
    pub fn tags_on_create(&self) -> bool {
        self.tagging.tag_on_create
    }

    /// Tells whether tags can be changed in place.
    pub fn tags_updatable(&self) -> bool {
        self.tagging.tag_updatable
    }

    /// Returns the order in which the schema wants a replacement done, where it says.
    pub fn replacement_strategy(&self) -> Option<ReplacementStrategy> {
        self.replacement_strategy
    }

    /// Returns the `JSONata` rule by which the service changes a given value, for a top-level or nested property.
    pub fn transform(&self, pointer: &str) -> Option<&str> {
        self.transforms.get(pointer).map(String::as_str)
    }

    /// Tells whether the order of the list's items means nothing.
    pub fn is_unordered(&self, pointer: &str) -> bool {
        let tags = || self.tag_property().is_some_and(|name| pointer.strip_prefix('/') == Some(name));
        within_exactly(&self.rules.unordered, pointer)
            || tags()
            || self.place(pointer).is_some_and(|place| {
                place.note("insertionOrder") == Some(&Value::Bool(false))
                    || place.note("arrayType").and_then(Value::as_str) == Some("AttributeList")
            })
    }

    /// Returns what the schema says of the part of the properties that a pointer names.
    pub fn place(&self, pointer: &str) -> Option<Place<'_>> {
        self.schema.at(pointer)
    }

    /// Returns the names of the top-level properties, read-only ones included.
    pub fn property_names(&self) -> Vec<&str> {
        self.schema.root().fields()
    }
}

/// Tells whether one of the paths is the pointer.
fn within_exactly(paths: &[ValuePath], pointer: &str) -> bool {
    paths.iter().any(|path| path.is_at(pointer))
}

fn within(paths: &[ValuePath], pointer: &str) -> bool {
    paths.iter().any(|path| path.relation(pointer) == Relation::Within)
}
