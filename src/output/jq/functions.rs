//! The native functions: those of the jq engine that fit, and those that must behave as jq's do on this value type.

use std::fmt::Write as _;
use std::rc::Rc;

use jaq_core::box_iter::box_once;
use jaq_core::data::JustLut;
use jaq_core::load::{self, parse::Def};
use jaq_core::native::{self, Filter, Fun, bome, unary, v};
use jaq_core::{Cv, RunPtr, ValT as _, ValXs};

use super::value::{Object, Value};

pub(super) type Data = JustLut<Value>;
type Error = jaq_core::Error<Value>;
type Result<T = Value> = std::result::Result<T, Error>;
type Row = Filter<RunPtr<Data>>;

/// Functions of the engine that are not offered: they would print, end the process, or read the environment and the clock, which would make
/// the same filter on the same document give another result. `nan` and `infinite` are given here without a division by zero.
pub(super) const LEFT_OUT: &[&str] = &[
    "stderr",
    "debug",
    "halt",
    "halt_error",
    "env",
    "now",
    "localtime",
    "strflocaltime",
    "debug_empty",
    "stderr_empty",
    "nan",
    "infinite",
    "isnan",
];

/// All native functions, each name and number of arguments once.
pub(super) fn natives() -> impl Iterator<Item = Fun<Data>> {
    let own: Vec<Fun<Data>> = rows().into_iter().map(|row| native::run::<Data>(row)).collect();
    let taken: Vec<(&str, usize)> = own.iter().map(|(name, arguments, _)| (*name, arguments.len())).collect();
    let engine = jaq_core::funs::<Data>().chain(jaq_std::funs::<Data>());
    let engine = engine.filter(move |(name, arguments, _)| !LEFT_OUT.contains(name) && !taken.contains(&(*name, arguments.len())));
    own.into_iter().chain(engine)
}

/// All functions that are defined in the language. A definition hides a native function, so those of the engine go that are given otherwise.
pub(super) fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    let own = load::parse(include_str!("defs.jq"), |p| p.defs()).expect("a test compiles the definitions");
    let mut taken: Vec<(&str, usize)> = own.iter().map(|def| (def.name, def.args.len())).collect();
    taken.extend(rows().iter().map(|(name, arguments, _)| (*name, arguments.len())));
    let engine = jaq_core::defs().chain(jaq_std::defs());
    engine.filter(move |def| !LEFT_OUT.contains(&def.name) && !taken.contains(&(def.name, def.args.len()))).chain(own)
}

/// A function of its input alone.
macro_rules! plain {
    ($name:literal, $f:expr) => {
        ($name, v(0), |cv: Cv<'_, Data>| bome($f(cv.1)))
    };
}

/// A function of its input and one value.
macro_rules! with_value {
    ($name:literal, $f:expr) => {
        ($name, v(1), |cv: Cv<'_, Data>| unary(cv, $f))
    };
}

fn rows() -> Vec<Row> {
    vec![
        plain!("tojson", |value: Value| Ok(Value::from(value.to_string()))),
        plain!("fromjson", |value| from_json(&value)),
        plain!("tonumber", to_number),
        plain!("length", length),
        plain!("to_entries", to_entries),
        plain!("from_entries", from_entries),
        plain!("add", add),
        plain!("nan", |_| Ok(Value::Float(f64::NAN))),
        plain!("infinite", |_| Ok(Value::Float(f64::INFINITY))),
        plain!("isnan", |value: Value| match value.float() {
            Some(float) => Ok(Value::Bool(float.is_nan())),
            None => Err(Error::str(format!("{} number required", value.described()))),
        }),
        plain!("@csv", |value| row(&value, "csv", ",", |text| format!("\"{}\"", text.replace('"', "\"\"")))),
        plain!("@tsv", |value| row(&value, "tsv", "\t", |text| {
            text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
        })),
        with_value!("join", |value, separator| join(&value, &separator)),
        with_value!("has", |value: Value, key: Value| has(&value, &key)),
        with_value!("contains", |value: Value, part: Value| contains(&value, &part).map(Value::Bool)),
        with_value!("indices", |value: Value, part: Value| value.indices(&part)),
        with_value!("delpaths", |value: Value, paths: Value| delete_paths(value, paths)),
        with_value!("ltrimstr", |value: Value, part: Value| Ok(trim(value, &part, |text, part| text.strip_prefix(part)))),
        with_value!("rtrimstr", |value: Value, part: Value| Ok(trim(value, &part, |text, part| text.strip_suffix(part)))),
        with_value!("bsearch", |value: Value, wanted: Value| match &value {
            Value::Array(items) =>
                Ok(items.binary_search(&wanted).map_or_else(|at| Value::Int(-1) - Value::from(at), |at| Ok(Value::from(at)))?),
            _ => Err(Error::str(format!("{} cannot be searched from", value.described()))),
        }),
        ("input", v(0), |_| box_once(Err(Error::str("No more inputs").into()))),
        ("inputs", v(0), |_| -> ValXs<'_, Value> { Box::new(std::iter::empty()) }),
    ]
}

fn from_json(value: &Value) -> Result {
    match value {
        Value::Text(text) => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(json) => Ok(Value::from(&json)),
            Err(error) => Err(Error::str(format!("{error} (while parsing {})", value.described()))),
        },
        _ => Err(Error::str(format!("{} only strings can be parsed", value.described()))),
    }
}

fn to_number(value: Value) -> Result {
    match &value {
        Value::Int(_) | Value::Big(_) | Value::Float(_) => Ok(value),
        Value::Text(text) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') => Value::from_num(text),
        _ => Err(Error::str(format!("{} cannot be parsed as a number", value.described()))),
    }
}

fn length(value: Value) -> Result {
    Ok(match value {
        Value::Null => Value::Int(0),
        Value::Bool(_) => return Err(Error::str(format!("{} has no length", value.described()))),
        Value::Int(int) => int.checked_abs().map_or(Value::Float(f64::INFINITY), Value::Int),
        Value::Big(_) => value,
        Value::Float(float) => Value::Float(float.abs()),
        Value::Text(text) => Value::from(text.chars().count()),
        Value::Array(items) => Value::from(items.len()),
        Value::Object(entries) => Value::from(entries.len()),
    })
}

fn to_entries(value: Value) -> Result {
    let (key, text) = (Rc::<str>::from("key"), Rc::<str>::from("value"));
    value.key_values().map(|entry| entry.map(|(k, v)| Value::object(Object::from_iter([(key.clone(), k), (text.clone(), v)])))).collect()
}

/// Takes the key from `key`, `k`, `name` (or capitalised) and the value from `value`, `v`; keys that are no strings are written as JSON.
fn from_entries(value: Value) -> Result {
    let mut object = Object::new();
    for entry in value.values() {
        let entry = entry?;
        let first = |names: &[&str]| -> Result<Value> {
            let mut found = Value::Null;
            for name in names {
                match entry.find(&Value::text(name))? {
                    Some(value) if value.as_bool() => return Ok(value),
                    Some(value @ Value::Bool(_)) => found = value,
                    _ => {}
                }
            }
            Ok(found)
        };
        let key = match first(&["key", "k", "name", "Name", "Key", "K"])? {
            Value::Text(key) => key,
            Value::Null => "null".into(),
            key @ (Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_)) => key.to_string().into(),
            key => return Err(Error::str(format!("Cannot use {} as object key", key.described()))),
        };
        object.insert(key, first(&["value", "v", "Value", "V"])?);
    }
    Ok(Value::object(object))
}

/// Adds in place what can be added in place, so that long lists take linear time.
fn add(value: Value) -> Result {
    let mut text: Option<String> = None;
    let mut sum = Value::Null;
    for item in value.values() {
        let item = item?;
        match (&mut text, &sum, &item) {
            (Some(text), _, Value::Text(part)) => text.push_str(part),
            (None, Value::Null, Value::Text(part)) => text = Some(part.as_ref().to_owned()),
            _ => {
                let before = text.take().map_or(std::mem::take(&mut sum), Value::from);
                sum = (before + item)?;
            }
        }
    }
    Ok(text.map_or(sum, Value::from))
}

fn row(value: &Value, format: &str, separator: &str, quote: impl Fn(&str) -> String) -> Result {
    let Value::Array(items) = value else {
        return Err(Error::str(format!("{} cannot be {format}-formatted, only an array can be", value.described())));
    };
    let mut line = String::new();
    for (n, item) in items.iter().enumerate() {
        line.push_str(if n > 0 { separator } else { "" });
        match item {
            Value::Null => {}
            Value::Text(text) => line.push_str(&quote(text)),
            Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
                write!(line, "{item}").expect("writing to a string does not fail")
            }
            _ => return Err(Error::str(format!("{} is not valid in a {format} row", item.described()))),
        }
    }
    Ok(Value::from(line))
}

fn join(value: &Value, separator: &Value) -> Result {
    let Value::Array(items) = value else { return Err(Error::str(format!("Cannot iterate over {}", value.described()))) };
    let Value::Text(separator) = separator else {
        return if items.is_empty() { Ok(Value::text("")) } else { Err(Error::str(format!("Cannot join with {}", separator.described()))) };
    };
    let mut text = String::new();
    for (n, item) in items.iter().enumerate() {
        text.push_str(if n > 0 { separator } else { "" });
        match item {
            Value::Null => {}
            Value::Text(part) => text.push_str(part),
            Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
                write!(text, "{item}").expect("writing to a string does not fail")
            }
            _ => return Err(Error::str(format!("{} and {} cannot be added", Value::from(text).described(), item.described()))),
        }
    }
    Ok(Value::from(text))
}

fn has(value: &Value, key: &Value) -> Result {
    match (value, key) {
        (Value::Object(entries), Value::Text(key)) => Ok(Value::Bool(entries.contains_key(key))),
        (Value::Array(items), Value::Int(_) | Value::Big(_) | Value::Float(_)) => {
            Ok(Value::Bool(key.floor().and_then(|at| usize::try_from(at).ok()).is_some_and(|at| at < items.len())))
        }
        _ => Err(Error::str(format!("Cannot check whether {} has a {} key", value.type_name(), key.type_name()))),
    }
}

fn contains(value: &Value, part: &Value) -> Result<bool> {
    fn inside(value: &Value, part: &Value) -> bool {
        match (value, part) {
            (Value::Object(entries), Value::Object(parts)) => {
                parts.iter().all(|(key, part)| entries.get(key).is_some_and(|value| inside(value, part)))
            }
            (Value::Array(items), Value::Array(parts)) => parts.iter().all(|part| items.iter().any(|item| inside(item, part))),
            (Value::Text(text), Value::Text(part)) => text.contains(part.as_ref()),
            _ => value == part,
        }
    }
    if value.type_name() == part.type_name() {
        Ok(inside(value, part))
    } else {
        Err(Error::str(format!("{} and {} cannot have their containment checked", value.described(), part.described())))
    }
}

fn trim(value: Value, part: &Value, strip: impl for<'a> Fn(&'a str, &str) -> Option<&'a str>) -> Value {
    match (&value, part) {
        (Value::Text(text), Value::Text(part)) => strip(text, part).map(Value::text).unwrap_or(value),
        _ => value,
    }
}

/// Deletes from the last path to the first, so that no deletion moves what another path points to.
fn delete_paths(value: Value, paths: Value) -> Result {
    let Value::Array(paths) = paths else { return Err(Error::str("Paths must be specified as an array")) };
    let mut paths = Rc::unwrap_or_clone(paths);
    paths.sort();
    paths.dedup();
    paths.iter().rev().try_fold(value, |value, path| match path {
        Value::Array(path) => delete(value, path),
        _ => Err(Error::str("Path must be specified as an array")),
    })
}

fn delete(value: Value, path: &[Value]) -> Result {
    let [first, rest @ ..] = path else { return Ok(Value::Null) };
    let is_absent = value.find(first)?.is_none_or(|found| matches!(found, Value::Null) && !rest.is_empty());
    if is_absent {
        return Ok(value);
    }
    let kept = |inner: Value| (!rest.is_empty()).then(|| delete(inner, rest).map_err(jaq_core::Exn::from));
    let changed = value.map_index(first, jaq_core::path::Opt::Essential, |inner| kept(inner).into_iter());
    changed.map_err(|error| error.get_err().unwrap_or_else(|_| Error::str("deleting does not end a filter")))
}
