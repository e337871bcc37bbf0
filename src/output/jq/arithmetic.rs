//! Arithmetic on values, with jq's rules and messages.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::rc::Rc;

use super::value::{Object, Value};

type Error = jaq_core::Error<Value>;
type Result = std::result::Result<Value, Error>;

/// Longest string that a repetition may make.
const LONGEST: usize = 1 << 28;

fn refused(left: &Value, right: &Value, done: &str) -> Error {
    Error::str(format!("{} and {} cannot be {done}", left.described(), right.described()))
}

impl Add for Value {
    type Output = Result;

    fn add(self, other: Self) -> Result {
        Ok(match (self, other) {
            (Self::Null, value) | (value, Self::Null) => value,
            (Self::Int(a), Self::Int(b)) if a.checked_add(b).is_some() => Self::Int(a + b),
            (Self::Text(a), Self::Text(b)) => Self::Text([a.as_ref(), b.as_ref()].concat().into()),
            (Self::Array(mut a), Self::Array(b)) => {
                Rc::make_mut(&mut a).extend(b.iter().cloned());
                Self::Array(a)
            }
            (Self::Object(mut a), Self::Object(b)) => {
                Rc::make_mut(&mut a).extend(b.iter().map(|(key, value)| (key.clone(), value.clone())));
                Self::Object(a)
            }
            (a, b) => match (a.float(), b.float()) {
                (Some(a), Some(b)) => Self::Float(a + b),
                _ => return Err(refused(&a, &b, "added")),
            },
        })
    }
}

impl Sub for Value {
    type Output = Result;

    fn sub(self, other: Self) -> Result {
        Ok(match (self, other) {
            (Self::Int(a), Self::Int(b)) if a.checked_sub(b).is_some() => Self::Int(a - b),
            (Self::Array(mut a), Self::Array(b)) => {
                let gone: std::collections::BTreeSet<&Self> = b.iter().collect();
                Rc::make_mut(&mut a).retain(|item| !gone.contains(item));
                Self::Array(a)
            }
            (a, b) => match (a.float(), b.float()) {
                (Some(a), Some(b)) => Self::Float(a - b),
                _ => return Err(refused(&a, &b, "subtracted")),
            },
        })
    }
}

impl Mul for Value {
    type Output = Result;

    fn mul(self, other: Self) -> Result {
        Ok(match (self, other) {
            (Self::Int(a), Self::Int(b)) if a.checked_mul(b).is_some() => Self::Int(a * b),
            (Self::Object(mut a), Self::Object(b)) => {
                merge(Rc::make_mut(&mut a), &b);
                Self::Object(a)
            }
            (Self::Text(text), number @ (Self::Int(_) | Self::Big(_) | Self::Float(_)))
            | (number @ (Self::Int(_) | Self::Big(_) | Self::Float(_)), Self::Text(text)) => repeat(&text, number.float().unwrap_or(0.0))?,
            (a, b) => match (a.float(), b.float()) {
                (Some(a), Some(b)) => Self::Float(a * b),
                _ => return Err(refused(&a, &b, "multiplied")),
            },
        })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate and the sign is checked")]
fn repeat(text: &str, times: f64) -> Result {
    if times.is_nan() || times <= 0.0 {
        return Ok(Value::Null);
    }
    let times = times.ceil() as usize;
    match text.len().checked_mul(times) {
        Some(length) if length <= LONGEST => Ok(Value::text(&text.repeat(times))),
        _ => Err(Error::str("Repeat string result too long")),
    }
}

fn merge(into: &mut Object, from: &Object) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(value)) => merge(Rc::make_mut(inner), value),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

impl Div for Value {
    type Output = Result;

    fn div(self, other: Self) -> Result {
        Ok(match (&self, &other) {
            (Self::Text(text), Self::Text(_)) if text.is_empty() => Self::from_iter([]),
            (Self::Text(text), Self::Text(by)) if by.is_empty() => text.chars().map(|c| Self::text(c.encode_utf8(&mut [0; 4]))).collect(),
            (Self::Text(text), Self::Text(by)) => text.split(by.as_ref()).map(Self::text).collect(),
            (Self::Int(a), Self::Int(b)) if a.checked_rem(*b) == Some(0) => Self::Int(a / b),
            _ => match (self.float(), other.float()) {
                (Some(_), Some(0.0)) => return Err(refused(&self, &other, "divided because the divisor is zero")),
                (Some(a), Some(b)) => Self::Float(a / b),
                _ => return Err(refused(&self, &other, "divided")),
            },
        })
    }
}

impl Rem for Value {
    type Output = Result;

    #[expect(clippy::cast_possible_truncation, reason = "jq cuts to integers")]
    fn rem(self, other: Self) -> Result {
        match (self.float(), other.float()) {
            (Some(a), Some(b)) if a.is_nan() || b.is_nan() => Ok(Self::Float(f64::NAN)),
            (Some(a), Some(b)) => {
                let int = |value: &Self, float: f64| if let Self::Int(int) = value { *int } else { float as i64 };
                match int(&other, b) {
                    0 => Err(refused(&self, &other, "divided because the divisor is zero")),
                    by => Ok(Self::Int(int(&self, a).checked_rem(by).unwrap_or(0))),
                }
            }
            _ => Err(refused(&self, &other, "divided")),
        }
    }
}

impl Neg for Value {
    type Output = Result;

    fn neg(self) -> Result {
        match (&self, self.float()) {
            (Self::Int(int), _) if int.checked_neg().is_some() => Ok(Self::Int(-int)),
            (_, Some(float)) => Ok(Self::Float(-float)),
            _ => Err(Error::str(format!("{} cannot be negated", self.described()))),
        }
    }
}
