//! How filters reach into values and change them: what the jq engine asks of a value type.

use std::ops::Range;
use std::rc::Rc;

use jaq_core::box_iter::box_once;
use jaq_core::path::Opt;
use jaq_core::{Exn, ValX};

use super::value::{Object, Value};

type Error = jaq_core::Error<Value>;
type Result<T = Value> = std::result::Result<T, Error>;
type Iter<T> = Box<dyn Iterator<Item = Result<T>>>;

/// Longest array that setting an index may make.
const LONGEST: usize = 1 << 24;

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

impl From<isize> for Value {
    fn from(int: isize) -> Self {
        Self::Int(int as i64)
    }
}

impl From<usize> for Value {
    fn from(int: usize) -> Self {
        i64::try_from(int).map_or(Self::Float(f64::INFINITY), Self::Int)
    }
}

impl From<f64> for Value {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Range<Option<Self>>> for Value {
    fn from(range: Range<Option<Self>>) -> Self {
        Self::object(Object::from_iter([
            ("start".into(), range.start.unwrap_or(Self::Null)),
            ("end".into(), range.end.unwrap_or(Self::Null)),
        ]))
    }
}

impl Value {
    fn not_iterable(&self) -> Error {
        Error::str(format!("Cannot iterate over {}", self.described()))
    }

    fn not_indexable(&self, index: &Self) -> Error {
        match index {
            Self::Text(key) => Error::str(format!("Cannot index {} with string {:?}", self.type_name(), key.as_ref())),
            _ => Error::str(format!("Cannot index {} with {}", self.type_name(), index.type_name())),
        }
    }

    /// What is at an index, if anything is; an error when this value has no such indices.
    pub(super) fn find(&self, index: &Self) -> Result<Option<Self>> {
        match (self, index) {
            (Self::Null, Self::Text(_) | Self::Int(_) | Self::Big(_) | Self::Float(_) | Self::Null) => Ok(None),
            (Self::Object(entries), Self::Text(key)) => Ok(entries.get(key).cloned()),
            (Self::Array(items), Self::Int(_) | Self::Big(_) | Self::Float(_)) => {
                Ok(index.floor().and_then(|at| place(at, items.len())).and_then(|at| items.get(at).cloned()))
            }
            (Self::Null | Self::Array(_) | Self::Text(_), Self::Object(slice)) if is_slice(slice) => self.slice(bounds(slice)).map(Some),
            (Self::Array(_), Self::Array(_)) => self.indices(index).map(Some),
            _ => Err(self.not_indexable(index)),
        }
    }

    /// A part of an array or of a string, in characters.
    fn slice(&self, range: Range<Option<&Self>>) -> Result {
        match self {
            Self::Null => Ok(Self::Null),
            Self::Array(items) => {
                let range = between(range, items.len()).ok_or_else(bad_bounds)?;
                Ok(items[range].iter().cloned().collect())
            }
            Self::Text(text) => {
                let range = between(range, text.chars().count()).ok_or_else(bad_bounds)?;
                Ok(Self::from(text.chars().skip(range.start).take(range.len()).collect::<String>()))
            }
            _ => Err(Error::str(format!("Cannot index {} with object", self.type_name()))),
        }
    }

    /// Where `part` occurs.
    pub(super) fn indices(&self, part: &Self) -> Result {
        let found: Vec<usize> = match (self, part) {
            (Self::Null, _) => return Ok(Self::Null),
            (Self::Text(text), Self::Text(part)) if part.is_empty() || text.is_empty() => vec![],
            (Self::Text(text), Self::Text(part)) => {
                text.char_indices().enumerate().filter(|(_, (byte, _))| text[*byte..].starts_with(part.as_ref())).map(|(n, _)| n).collect()
            }
            (Self::Array(_), Self::Array(part)) if part.is_empty() => return Ok(Self::Null),
            (Self::Array(items), Self::Array(part)) => {
                items.windows(part.len()).enumerate().filter(|(_, window)| *window == part.as_slice()).map(|(n, _)| n).collect()
            }
            (Self::Array(items), part) => items.iter().enumerate().filter(|(_, item)| *item == part).map(|(n, _)| n).collect(),
            _ => return Err(self.not_indexable(part)),
        };
        Ok(found.into_iter().map(Self::from).collect())
    }
}

fn bad_bounds() -> Error {
    Error::str("Start and end indices of an array slice must be numbers")
}

/// An index that may count from the end, as a position; none before the start.
fn place(at: i64, length: usize) -> Option<usize> {
    if at < 0 { length.checked_sub(usize::try_from(at.unsigned_abs()).ok()?) } else { usize::try_from(at).ok() }
}

fn is_slice(object: &Object) -> bool {
    object.contains_key("start") || object.contains_key("end")
}

fn bounds(slice: &Object) -> Range<Option<&Value>> {
    slice.get("start")..slice.get("end")
}

/// The positions between two bounds, which may count from the end; none when a bound is no number.
fn between(range: Range<Option<&Value>>, length: usize) -> Option<Range<usize>> {
    let bound = |value: Option<&Value>, default: usize, round: fn(f64) -> f64| match value {
        None | Some(Value::Null) => Some(default),
        Some(Value::Int(at)) => Some(place(*at, length).unwrap_or(0).min(length)),
        Some(Value::Float(at)) => Some(place(Value::Float(round(*at)).floor().unwrap_or(0), length).unwrap_or(0).min(length)),
        Some(_) => None,
    };
    let start = bound(range.start, 0, f64::floor)?;
    let end = bound(range.end, length, f64::ceil)?;
    Some(start..end.max(start))
}

impl jaq_core::ValT for Value {
    fn from_num(text: &str) -> Result {
        match (text.parse::<i64>(), text.parse::<u64>()) {
            (Ok(int), _) => Ok(Self::Int(int)),
            (_, Ok(big)) => Ok(Self::Big(big)),
            _ => text.parse().map(Self::Float).map_err(|_| Error::str(format!("Cannot parse '{text}' as number"))),
        }
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(entries: I) -> Result {
        let text = |(key, value)| match key {
            Self::Text(key) => Ok((key, value)),
            key => Err(Error::str(format!("Object keys must be strings, not {}", key.described()))),
        };
        entries.into_iter().map(text).collect::<Result<Object>>().map(Self::object)
    }

    fn key_values(self) -> Iter<(Self, Self)> {
        match self {
            Self::Array(items) => Box::new(Rc::unwrap_or_clone(items).into_iter().enumerate().map(|(n, item)| Ok((Self::from(n), item)))),
            Self::Object(entries) => Box::new(Rc::unwrap_or_clone(entries).into_iter().map(|(key, value)| Ok((Self::Text(key), value)))),
            _ => box_once(Err(self.not_iterable())),
        }
    }

    fn values(self) -> Iter<Self> {
        match self {
            Self::Array(items) => Box::new(Rc::unwrap_or_clone(items).into_iter().map(Ok)),
            Self::Object(entries) => Box::new(Rc::unwrap_or_clone(entries).into_iter().map(|(_, value)| Ok(value))),
            _ => box_once(Err(self.not_iterable())),
        }
    }

    fn index(self, index: &Self) -> Result {
        self.find(index).map(|found| found.unwrap_or(Self::Null))
    }

    fn range(self, range: Range<Option<&Self>>) -> Result {
        self.slice(range)
    }

    fn map_values<'a, I: Iterator<Item = ValX<'a, Self>>>(self, opt: Opt, f: impl Fn(Self) -> I) -> ValX<'a, Self> {
        match self {
            Self::Array(items) => Rc::unwrap_or_clone(items).into_iter().filter_map(|item| f(item).next()).collect(),
            Self::Object(entries) => {
                let mapped = Rc::unwrap_or_clone(entries).into_iter().filter_map(|(key, value)| Some((key, f(value).next()?)));
                mapped.map(|(key, value)| Ok((key, value?))).collect::<std::result::Result<_, Exn<'a, Self>>>().map(Self::object)
            }
            _ => opt.fail(self, |value| value.not_iterable().into()),
        }
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Self>>>(self, index: &Self, opt: Opt, f: impl Fn(Self) -> I) -> ValX<'a, Self> {
        match (self, index) {
            (value @ (Self::Null | Self::Array(_)), Self::Object(slice)) if is_slice(slice) => value.map_range(bounds(slice), opt, f),
            (value @ (Self::Null | Self::Object(_)), Self::Text(key)) => {
                let mut entries = if let Self::Object(entries) = value { entries } else { Rc::default() };
                let inner = Rc::make_mut(&mut entries);
                let before = inner.get_mut(key).map_or(Self::Null, std::mem::take);
                match f(before).next().transpose()? {
                    Some(after) => drop(inner.insert(key.clone(), after)),
                    None => drop(inner.shift_remove(key)),
                }
                Ok(Self::Object(entries))
            }
            (value @ (Self::Null | Self::Array(_)), Self::Int(_) | Self::Big(_) | Self::Float(_)) => {
                let mut items = if let Self::Array(items) = value { items } else { Rc::default() };
                let Some(at) = index.floor().and_then(|at| place(at, items.len())) else {
                    return opt.fail(Self::Array(items), |_| Error::str("Out of bounds negative array index").into());
                };
                if at >= LONGEST {
                    return opt.fail(Self::Array(items), |_| Error::str("Array index too large").into());
                }
                let inner = Rc::make_mut(&mut items);
                let before = inner.get_mut(at).map_or(Self::Null, std::mem::take);
                match f(before).next().transpose()? {
                    Some(after) => {
                        if at >= inner.len() {
                            inner.resize(at + 1, Self::Null);
                        }
                        inner[at] = after;
                    }
                    None if at < inner.len() => drop(inner.remove(at)),
                    None => {}
                }
                Ok(Self::Array(items))
            }
            (value, index) => opt.fail(value, |value| value.not_indexable(index).into()),
        }
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        range: Range<Option<&Self>>,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        let mut items = match self {
            Self::Array(items) => items,
            Self::Null => Rc::default(),
            value => {
                return opt.fail(value, |value| Error::str(format!("Cannot update field at object index of {}", value.type_name())).into());
            }
        };
        let Some(range) = between(range, items.len()) else { return Err(bad_bounds().into()) };
        let part = items[range.clone()].iter().cloned().collect();
        let after = match f(part).next().transpose()? {
            None => Rc::default(),
            Some(Self::Array(after)) => after,
            Some(_) => return Err(Error::str("A slice of an array can only be assigned another array").into()),
        };
        Rc::make_mut(&mut items).splice(range, after.iter().cloned());
        Ok(Self::Array(items))
    }

    fn as_bool(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    fn into_string(self) -> Self {
        match self {
            Self::Text(_) => self,
            _ => Self::from(self.to_string()),
        }
    }
}

impl jaq_std::ValT for Value {
    fn into_seq<S: FromIterator<Self>>(self) -> std::result::Result<S, Self> {
        match self {
            Self::Array(items) => Ok(Rc::unwrap_or_clone(items).into_iter().collect()),
            _ => Err(self),
        }
    }

    fn is_int(&self) -> bool {
        matches!(self, Self::Int(_)) || matches!(self, Self::Float(float) if float.fract() == 0.0)
    }

    fn as_isize(&self) -> Option<isize> {
        if jaq_std::ValT::is_int(self) { self.floor().and_then(|int| isize::try_from(int).ok()) } else { None }
    }

    fn as_f64(&self) -> Option<f64> {
        self.float()
    }

    fn is_utf8_str(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Text(text) = self { Some(text.as_bytes()) } else { None }
    }

    fn as_sub_str(&self, part: &[u8]) -> Self {
        Self::text(&String::from_utf8_lossy(part))
    }

    fn from_utf8_bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Self {
        Self::text(&String::from_utf8_lossy(bytes.as_ref()))
    }
}
