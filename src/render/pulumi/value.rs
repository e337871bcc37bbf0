//! Property values as Pulumi YAML: SDK names where the schema names fields, `${…}` for the forms.
//!
//! Whatever is not a symbol of its own (an answer of a service, an attribute of a nested resource, a list as text) becomes a variable of the
//! program, so that every form can stand in a text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Asked, Source, gaps, names};
use crate::account::Account;
use crate::address::Address;
use crate::catalog::catalog;
use crate::document::{Digest, canonical};
use crate::resource::{Form, Resource, references};
use crate::schema::{Place, Type, Types};

/// Name of the variable that holds the account.
const ACCOUNT: &str = "accountId";

/// Writes values, and keeps what the program needs for them.
pub(super) struct Writer<'g> {
    pub(super) source: Source<'g>,
    pub(super) resources: BTreeMap<&'g str, &'g Resource>,
    /// Variables of the program.
    pub(super) variables: BTreeMap<String, Value>,
    /// Configuration keys, and what each must hold.
    pub(super) asked: BTreeMap<String, Asked>,
    /// Resources that the one being written refers to.
    pub(super) used: BTreeSet<Address>,
    /// The resource being written; none for outputs.
    writing: Option<&'g Address>,
    facts: Account,
}

/// A value that can stand in a text.
enum Piece {
    /// Literal text.
    Text(String),
    /// What `${…}` holds.
    Symbol(String),
}

impl<'g> Writer<'g> {
    pub(super) fn new(source: &Source<'g>) -> Self {
        Self {
            source: *source,
            resources: source.resources.iter().map(|resource| (resource.address.as_str(), resource)).collect(),
            variables: BTreeMap::new(),
            asked: BTreeMap::new(),
            used: BTreeSet::new(),
            writing: None,
            facts: Account::new(source.provider.account_id.as_deref(), &source.provider.region),
        }
    }

    /// What is written from here on belongs to a resource; none: to the outputs.
    pub(super) fn turn_to(&mut self, resource: Option<&'g Resource>) {
        self.used.clear();
        self.writing = resource.map(|resource| &resource.address);
    }

    /// A resource of its own type.
    pub(super) fn resource(&mut self, resource: &'g Resource) -> Value {
        self.turn_to(Some(resource));
        let info = catalog().get(&resource.type_name);
        let mut properties = Map::new();
        for (name, value) in resource.properties.iter().filter(|(name, _)| !gaps::is_left_out(&resource.type_name, name)) {
            let place = info.and_then(|info| info.schema().root().field(name));
            properties.insert(names::property(name), self.value(place, value));
        }
        self.declared(&names::token(&resource.type_name), properties, resource)
    }

    /// A resource declaration; its values are written already.
    pub(super) fn declared(&self, token: &str, properties: Map<String, Value>, resource: &Resource) -> Value {
        let options = self.options(resource);
        let mut out = Map::new();
        out.insert("type".into(), json!(token));
        out.insert("properties".into(), Value::Object(properties));
        if !options.is_empty() {
            out.insert("options".into(), Value::Object(options));
        }
        Value::Object(out)
    }

    /// A value that stands at a place of the schema.
    pub(super) fn value(&mut self, place: Option<Place<'_>>, value: &Value) -> Value {
        match Form::of(value) {
            Form::Plain(plain) => shaped(place, plain, &mut |place, inner| self.value(place, inner)),
            Form::Literal(inner) => literal(place, inner),
            Form::Ref { address, attribute } => Value::String(symbol(&self.reference(address, attribute))),
            Form::Aws(fact) => joined(vec![self.fact(fact)]),
            Form::Join(parts) => {
                let mut pieces = Vec::new();
                parts.iter().for_each(|part| self.pieces(part, &mut pieces));
                joined(pieces)
            }
            Form::Json(inner) => {
                let mut pieces = Vec::new();
                self.json_pieces(inner, &mut pieces);
                joined(pieces)
            }
            Form::Secret(_) | Form::Sensitive(_) | Form::Lookup(_) => Value::String(symbol(&self.ask(place, value))),
        }
    }

    /// The value of an output. What a service gives once, as a key, is a secret.
    pub(super) fn output(&mut self, value: &Value) -> Value {
        let written = self.value(None, value);
        let mut secret = false;
        references(value, &mut |_, attribute| secret |= is_secret(attribute));
        if secret { json!({ "fn::secret": written }) } else { written }
    }

    /// Tells whether a program can read everything that an output refers to: not what the provider lacks, and not a part that the service sets deep
    /// in a map that nobody has given.
    pub(super) fn can_be_read(&self, value: &Value) -> bool {
        let mut readable = true;
        references(value, &mut |address, attribute| {
            let Some(target) = self.resources.get(address).filter(|target| !target.nested) else { return };
            let parent = attribute.rsplit_once('.').map(|(parent, _)| parent).filter(|parent| parent.contains('.'));
            readable &= !gaps::is_lacked(&target.type_name, attribute)
                && parent.is_none_or(|parent| crate::plan::below(&target.properties, parent).is_some());
        });
        readable
    }

    fn fact(&mut self, fact: &str) -> Piece {
        if fact == "account" && self.facts.id.is_none() {
            let asked = json!({ "fn::invoke": { "function": "aws-native:index:getAccountId", "return": "accountId" } });
            self.variables.insert(ACCOUNT.into(), asked);
            return Piece::Symbol(ACCOUNT.into());
        }
        Piece::Text(self.facts.fact(fact).unwrap_or_default().to_owned())
    }

    /// What names an attribute of a resource.
    pub(super) fn reference(&mut self, address: &str, attribute: &str) -> String {
        let Some(target) = self.resources.get(address).copied() else {
            // No graph refers to what it does not hold; Pulumi names the symbol that it does not know.
            return names::symbol(address);
        };
        self.used.insert(target.address.clone());
        if target.nested {
            return self.nested_attribute(target, attribute);
        }
        let name = names::logical(&target.address);
        let named = catalog().get(&target.type_name).is_some_and(|info| info.schema().root().field("id").is_some());
        if attribute == "id" && !named {
            return format!("{name}.id");
        }
        format!("{name}.{}", names::path(&names::steps(&target.type_name, attribute.split('.'))))
    }

    /// The types of what a form stands for; the empty set means any.
    fn types(&self, form: &Value) -> Types {
        let Form::Ref { address, attribute } = Form::of(form) else { return Type::String.into() };
        let target = self.resources.get(address).filter(|target| !target.nested);
        let info = target.and_then(|target| catalog().get(&target.type_name));
        info.and_then(|info| info.attribute(attribute).ok()).map_or_else(|| Type::String.into(), |found| found.types)
    }

    fn pieces(&mut self, part: &Value, pieces: &mut Vec<Piece>) {
        match Form::of(part) {
            Form::Plain(Value::String(text)) => pieces.push(Piece::Text(text.clone())),
            Form::Plain(Value::Null) => {}
            Form::Plain(plain @ (Value::Object(_) | Value::Array(_))) => self.json_pieces(plain, pieces),
            Form::Plain(scalar) => pieces.push(Piece::Text(scalar.to_string())),
            Form::Literal(inner) => pieces.push(Piece::Text(inner.as_str().map_or_else(|| json_text(inner), str::to_owned))),
            Form::Join(parts) => parts.iter().for_each(|part| self.pieces(part, pieces)),
            Form::Json(inner) => self.json_pieces(inner, pieces),
            Form::Aws(fact) => {
                let fact = self.fact(fact);
                pieces.push(fact);
            }
            Form::Ref { address, attribute } => {
                let name = self.reference(address, attribute);
                let types = self.types(part);
                let text = types.is_empty() || types.contains(Type::String);
                pieces.push(Piece::Symbol(if text { name } else { self.as_json(&name) }));
            }
            Form::Secret(_) | Form::Sensitive(_) | Form::Lookup(_) => {
                let name = self.ask(None, part);
                pieces.push(Piece::Symbol(name));
            }
        }
    }

    /// The JSON text of a value, cut where forms stand.
    fn json_pieces(&mut self, value: &Value, pieces: &mut Vec<Piece>) {
        let literal = |text: &str| Piece::Text(text.to_owned());
        match Form::of(value) {
            Form::Plain(Value::Object(map)) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort_unstable();
                pieces.push(literal("{"));
                for (n, key) in keys.into_iter().enumerate() {
                    let comma = if n > 0 { "," } else { "" };
                    pieces.push(Piece::Text(format!("{comma}{}:", json_text(&json!(key)))));
                    self.json_pieces(&map[key], pieces);
                }
                pieces.push(literal("}"));
            }
            Form::Plain(Value::Array(items)) => {
                pieces.push(literal("["));
                for (n, item) in items.iter().enumerate() {
                    pieces.push(literal(if n > 0 { "," } else { "" }));
                    self.json_pieces(item, pieces);
                }
                pieces.push(literal("]"));
            }
            Form::Plain(scalar) => pieces.push(Piece::Text(json_text(scalar))),
            Form::Literal(inner) => pieces.push(Piece::Text(json_text(inner))),
            _ => {
                let types = self.types(value);
                let text = types.is_empty() || types.contains(Type::String);
                let mut inner = Vec::new();
                self.pieces(value, &mut inner);
                if !text {
                    pieces.append(&mut inner);
                    return;
                }
                if asks(value) {
                    // Nobody knows what a secret holds: quotes in it must not end the text of the document.
                    let name = self.quoted(inner);
                    pieces.push(Piece::Symbol(name));
                    return;
                }
                pieces.push(literal("\""));
                pieces.extend(inner.into_iter().map(|piece| match piece {
                    Piece::Text(text) => {
                        let quoted = json_text(&json!(text));
                        Piece::Text(quoted[1..quoted.len() - 1].to_owned())
                    }
                    symbol @ Piece::Symbol(_) => symbol,
                }));
                pieces.push(literal("\""));
            }
        }
    }

    /// A variable that holds the JSON text of a symbol that is no text: of a number, its digits.
    fn as_json(&mut self, name: &str) -> String {
        let variable = format!("json__{}", name.replace(['.', '['], "__").replace(']', ""));
        self.variables.insert(variable.clone(), json!({ "fn::toJSON": symbol(name) }));
        variable
    }

    /// A variable that holds the JSON text of a text that may hold quotes.
    fn quoted(&mut self, pieces: Vec<Piece>) -> String {
        let text = joined(pieces);
        let variable = format!("json__{}", Digest::of_bytes(&canonical(&text)).short());
        self.variables.insert(variable.clone(), json!({ "fn::toJSON": text }));
        variable
    }

    /// The configuration key of what the program cannot know: a secret, a value of which only a digest is left, the answer of a service.
    fn ask(&mut self, place: Option<Place<'_>>, form: &Value) -> String {
        let asked = Asked::new(form, place.map(|place| place.types()), self.source.provider);
        let mut readable = String::from(asked.prefix());
        for word in asked.words() {
            readable.push_str(&word[..1].to_ascii_uppercase());
            readable.push_str(&word[1..]);
        }
        // What a key holds must not depend on what else the program asks for: words alone are not the secret's own.
        let key = format!("{readable}{}", &Digest::of_bytes(&canonical(form)).short()[..8]);
        let writing = self.writing.cloned();
        self.asked.entry(key.clone()).or_insert(asked).used_by.extend(writing);
        key
    }
}

/// A plain value with the names of its fields as the schema has them; what is inside is written by `inside`.
fn shaped(place: Option<Place<'_>>, value: &Value, inside: &mut dyn FnMut(Option<Place<'_>>, &Value) -> Value) -> Value {
    match value {
        Value::Object(map) => {
            let written = map.iter().map(|(key, inner)| {
                let named = place.is_some_and(|place| names::is_field(place, key));
                let name = if named { names::field(key) } else { key.clone() };
                (name, inside(place.and_then(|place| place.field(key)), inner))
            });
            Value::Object(written.collect())
        }
        Value::Array(items) => {
            let item = |number| place.and_then(|place| names::item(place, number));
            Value::Array(items.iter().enumerate().map(|(number, inner)| inside(item(number), inner)).collect())
        }
        Value::String(text) => Value::String(escaped(text)),
        _ => value.clone(),
    }
}

/// A value in which nothing is a form.
fn literal(place: Option<Place<'_>>, value: &Value) -> Value {
    shaped(place, value, &mut literal)
}

/// Attributes that hold what opens something.
fn is_secret(attribute: &str) -> bool {
    let last = attribute.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    ["password", "secretaccesskey", "secretkey", "privatekey", "secretstring"].iter().any(|word| last.ends_with(word))
}

/// Tells whether a form stands for text that somebody else wrote.
fn asks(value: &Value) -> bool {
    match Form::of(value) {
        Form::Secret(_) | Form::Sensitive(_) | Form::Lookup(_) => true,
        Form::Join(parts) => parts.iter().any(asks),
        _ => false,
    }
}

/// A text in which nothing is read as a symbol: `$$` is one `$`.
pub(super) fn escaped(text: &str) -> String {
    text.replace('$', "$$")
}

/// A symbol in a text.
pub(super) fn symbol(name: &str) -> String {
    format!("${{{name}}}")
}

/// The text of some pieces. One symbol may stand in a text; several are joined by a call, because Pulumi's YAML host looks up the second and later
/// symbols of one text beside its main loop, unguarded, and can die of it: <https://github.com/pulumi/pulumi-yaml/issues/1164>.
fn joined(pieces: Vec<Piece>) -> Value {
    let mut texts = vec![String::new()];
    for piece in pieces {
        let last = texts.last_mut().expect("there is one text from the start");
        match piece {
            Piece::Text(text) => last.push_str(&escaped(&text)),
            Piece::Symbol(name) => {
                last.push_str(&symbol(&name));
                texts.push(String::new());
            }
        }
    }
    // Each text but the last ends in its symbol; what follows the last symbol goes with it.
    if texts.len() > 1 {
        let rest = texts.pop().unwrap_or_default();
        texts.last_mut().expect("there was more than one").push_str(&rest);
    }
    if texts.len() == 1 { Value::String(texts.concat()) } else { json!({ "fn::join": ["", texts] }) }
}

pub(super) fn json_text(value: &Value) -> String {
    String::from_utf8(canonical(value)).expect("JSON text is UTF-8")
}
