//! The value type that filters work on: JSON as jq sees it.
//!
//! Objects keep the order of their keys. A number is an integer where it can be one, so that identifiers keep their digits; an integral
//! float prints as an integer, as in jq. Comparison is jq's total order: null, false, true, numbers, strings, arrays, objects.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::rc::Rc;

use indexmap::IndexMap;
use serde_json::Value as Json;

/// The entries of an object.
pub(super) type Object = IndexMap<Rc<str>, Value>;

/// A value; clones share what they hold.
#[derive(Debug, Clone, Default)]
#[expect(clippy::rc_buffer, reason = "updates grow a vector in place when nobody else holds it")]
pub(super) enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    /// An integer above those of [`Self::Int`]: it keeps its digits until something is calculated with it.
    Big(u64),
    Float(f64),
    Text(Rc<str>),
    Array(Rc<Vec<Self>>),
    Object(Rc<Object>),
}

impl Value {
    /// A string.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// An object.
    pub(super) fn object(entries: Object) -> Self {
        Self::Object(Rc::new(entries))
    }

    /// jq's name of the type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) | Self::Big(_) | Self::Float(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// The value for messages: its type and the start of its text.
    pub(super) fn described(&self) -> String {
        if matches!(self, Self::Null) {
            return "null".to_owned();
        }
        let mut head = Head { text: String::new(), left: 40 };
        let whole = write!(head, "{self}").is_ok();
        format!("{} ({}{})", self.type_name(), head.text, if whole { "" } else { "…" })
    }

    /// The number as a float.
    #[expect(clippy::cast_precision_loss, reason = "jq's numbers are floats")]
    pub(super) fn float(&self) -> Option<f64> {
        match self {
            Self::Int(int) => Some(*int as f64),
            Self::Big(int) => Some(*int as f64),
            Self::Float(float) => Some(*float),
            _ => None,
        }
    }

    /// The number as an index: rounded down, saturating.
    #[expect(clippy::cast_possible_truncation, reason = "casts saturate")]
    pub(super) fn floor(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            Self::Big(_) => Some(i64::MAX),
            Self::Float(float) if !float.is_nan() => Some(float.floor() as i64),
            _ => None,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) | Self::Big(_) | Self::Float(_) => 2,
            Self::Text(_) => 3,
            Self::Array(_) => 4,
            Self::Object(_) => 5,
        }
    }
}

/// Takes a limited number of characters and then fails, so that a large value is not written for nothing.
struct Head {
    text: String,
    left: usize,
}

impl fmt::Write for Head {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for c in part.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(c);
        }
        Ok(())
    }
}

impl From<&Json> for Value {
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(bool) => Self::Bool(*bool),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(int), _) => Self::Int(int),
                (None, Some(big)) => Self::Big(big),
                (None, None) => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::text(text),
            Json::Array(items) => items.iter().map(Self::from).collect(),
            Json::Object(map) => Self::object(map.iter().map(|(key, value)| (key.as_str().into(), value.into())).collect()),
        }
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(bool),
            Value::Int(int) => int.into(),
            Value::Big(int) => int.into(),
            Value::Float(float) => match integral(float) {
                Some(int) => int.into(),
                None => finite(float).map_or(Self::Null, Self::from),
            },
            Value::Text(text) => Self::String(text.as_ref().to_owned()),
            Value::Array(items) => Self::Array(Rc::unwrap_or_clone(items).into_iter().map(Self::from).collect()),
            Value::Object(entries) => {
                Self::Object(Rc::unwrap_or_clone(entries).into_iter().map(|(key, value)| (key.as_ref().to_owned(), value.into())).collect())
            }
        }
    }
}

/// The integer that a float is, where jq prints it as one.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn integral(float: f64) -> Option<i64> {
    (float.fract() == 0.0 && float.abs() < 1e17).then_some(float as i64)
}

/// What jq prints for a float: nothing for NaN, the greatest number for infinity.
fn finite(float: f64) -> Option<f64> {
    (!float.is_nan()).then(|| float.clamp(f64::MIN, f64::MAX))
}

impl FromIterator<Self> for Value {
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        Self::Array(Rc::new(items.into_iter().collect()))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(bool) => write!(f, "{bool}"),
            Self::Int(int) => write!(f, "{int}"),
            Self::Big(int) => write!(f, "{int}"),
            Self::Float(float) => write_float(f, *float),
            Self::Text(text) => write_text(f, text),
            Self::Array(items) => {
                f.write_char('[')?;
                for (n, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if n > 0 { "," } else { "" })?;
                }
                f.write_char(']')
            }
            Self::Object(entries) => {
                f.write_char('{')?;
                for (n, (key, value)) in entries.iter().enumerate() {
                    f.write_str(if n > 0 { "," } else { "" })?;
                    write_text(f, key)?;
                    write!(f, ":{value}")?;
                }
                f.write_char('}')
            }
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).expect("a string is always JSON"))
}

/// Writes a float as jq does: the shortest digits that give it back, with an exponent from five leading zeros or 15 trailing ones on.
fn write_float(f: &mut fmt::Formatter<'_>, float: f64) -> fmt::Result {
    let Some(float) = finite(float) else { return f.write_str("null") };
    let text = format!("{:e}", float.abs());
    let (digits, exponent) = text.split_once('e').expect("the format always holds an exponent");
    let digits = digits.replace('.', "");
    let exponent: i32 = exponent.parse().expect("the format writes an integer");
    let count = i32::try_from(digits.len()).expect("at most 17 digits");
    if float.is_sign_negative() {
        f.write_char('-')?;
    }
    let point = exponent + 1;
    if point <= -4 || point > count + 15 {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(f, "{first}{dot}{rest}e{sign}{:02}", exponent.abs())
    } else if point <= 0 {
        write!(f, "0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
    } else if point >= count {
        write!(f, "{digits}{}", "0".repeat(point.abs_diff(count) as usize))
    } else {
        let (whole, rest) = digits.split_at(point.unsigned_abs() as usize);
        write!(f, "{whole}.{rest}")
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Big(a), Self::Big(b)) => a.cmp(b),
            (Self::Big(_), Self::Int(_)) => Ordering::Greater,
            (Self::Int(_), Self::Big(_)) => Ordering::Less,
            (Self::Float(a), Self::Float(b)) => compare_floats(*a, *b),
            (Self::Int(a), Self::Float(b)) => compare_mixed(*a, *b),
            (Self::Float(a), Self::Int(b)) => compare_mixed(*b, *a).reverse(),
            (Self::Big(a), Self::Float(b)) => compare_big(*a, *b),
            (Self::Float(a), Self::Big(b)) => compare_big(*b, *a).reverse(),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) => a.cmp(b),
            (Self::Object(a), Self::Object(b)) => compare_objects(a, b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// NaN stands before all numbers.
fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

/// The same for an integer above the others.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn compare_big(int: u64, float: f64) -> Ordering {
    const LIMIT: f64 = 18_446_744_073_709_551_616.0;
    if float.is_nan() || float < 0.0 {
        Ordering::Greater
    } else if float >= LIMIT {
        Ordering::Less
    } else {
        int.cmp(&(float.floor() as u64)).then(if float.fract() == 0.0 { Ordering::Equal } else { Ordering::Less })
    }
}

/// Compares without rounding the integer, so that the order is total.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn compare_mixed(int: i64, float: f64) -> Ordering {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() || float < -LIMIT {
        Ordering::Greater
    } else if float >= LIMIT {
        Ordering::Less
    } else {
        int.cmp(&(float.floor() as i64)).then(if float.fract() == 0.0 { Ordering::Equal } else { Ordering::Less })
    }
}

fn compare_objects(a: &Object, b: &Object) -> Ordering {
    let sorted = |object: &Object| {
        let mut keys: Vec<Rc<str>> = object.keys().cloned().collect();
        keys.sort_unstable();
        keys
    };
    let (left, right) = (sorted(a), sorted(b));
    left.cmp(&right).then_with(|| left.iter().map(|key| a[key].cmp(&b[key])).find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Value {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_jq() {
        // The right-hand sides are what jq 1.6 prints.
        for (float, text) in [
            (1.0, "1"),
            (1000.0, "1000"),
            (0.1, "0.1"),
            (1.5, "1.5"),
            (-2.25, "-2.25"),
            (1e17, "1e+17"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000"),
            (1.5e300, "1.5e+300"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (12_345_678_901_234_567_000.0, "12345678901234567000"),
            (f64::INFINITY, "1.7976931348623157e+308"),
            (f64::NAN, "null"),
        ] {
            assert_eq!(Value::Float(float).to_string(), text);
        }
    }

    #[test]
    fn large_integers_and_floats_are_ordered_exactly() {
        let big = 9_007_199_254_740_993_i64;
        assert!(Value::Int(big) > Value::Float(9_007_199_254_740_992.0));
        assert_eq!(Value::Int(2), Value::Float(2.0));
        assert!(Value::Int(2) < Value::Float(2.5) && Value::Int(-2) > Value::Float(-2.5));
        assert!(Value::Float(f64::NAN) < Value::Int(i64::MIN));
        assert!(Value::Big(u64::MAX) > Value::Int(i64::MAX) && Value::Big(u64::MAX) < Value::Float(1e20));
        assert!(Value::Big(u64::MAX) > Value::Float(9.3e18) && Value::Float(f64::NAN) < Value::Big(u64::MAX));
    }
}
