//! Plain scalars by the core schema of YAML 1.2, with one step of caution: a number with a leading zero stays text.
//!
//! `no`, `on`, dates and `1_000` are text in YAML 1.2 anyway. `0777` and `012345678901` would be decimal numbers there; a mode or an
//! account id is what people mean by them, so both keep their digits.

use serde_json::Number;

/// What a plain scalar is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Plain {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that JSON can hold.
    Number(Number),
    /// Anything else.
    Text,
}

/// Reads a plain scalar.
pub(super) fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
        "true" | "True" | "TRUE" => Plain::Bool(true),
        "false" | "False" | "FALSE" => Plain::Bool(false),
        _ => number(text).map_or(Plain::Text, Plain::Number),
    }
}

/// Reads a number; one that neither 64 bits nor a finite double can hold is none.
pub(super) fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u64::from_str_radix(digits, 16).ok())?.map(Number::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return digits.bytes().all(|b| b.is_ascii_digit()).then(|| u64::from_str_radix(digits, 8).ok())?.map(Number::from);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = unsigned.len() - unsigned.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if whole > 1 && unsigned.starts_with('0') {
        return None;
    }
    if whole == unsigned.len() && whole > 0 {
        let digits = text.strip_prefix('+').unwrap_or(text);
        return digits.parse::<u64>().map(Number::from).or_else(|_| digits.parse::<i64>().map(Number::from)).ok();
    }
    let rest = &unsigned[whole..];
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(after) => {
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            (digits, &after[digits..])
        }
        None => (0, rest),
    };
    if whole + fraction == 0 {
        return None;
    }
    if !rest.is_empty() {
        let exponent = rest.strip_prefix(['e', 'E'])?;
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    text.parse::<f64>().ok().and_then(Number::from_f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn value(text: &str) -> Value {
        match plain(text) {
            Plain::Null => Value::Null,
            Plain::Bool(b) => json!(b),
            Plain::Number(n) => Value::Number(n),
            Plain::Text => json!(text),
        }
    }

    #[test]
    fn the_core_schema_of_yaml_1_2_holds() {
        // From the tables of chapter 10.3.2 of the YAML 1.2.2 specification.
        for (text, expected) in [
            ("null", json!(null)),
            ("~", json!(null)),
            ("", json!(null)),
            ("true", json!(true)),
            ("False", json!(false)),
            ("0", json!(0)),
            ("0o7", json!(7)),
            ("0x3A", json!(58)),
            ("-19", json!(-19)),
            ("+7", json!(7)),
            ("0.", json!(0.0)),
            ("-0.0", json!(-0.0)),
            (".5", json!(0.5)),
            ("+12e03", json!(12000.0)),
            ("-2E+05", json!(-200_000.0)),
            ("18446744073709551615", json!(u64::MAX)),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn everything_else_is_text() {
        for text in [
            "no",
            "No",
            "on",
            "off",
            "yes",
            "y",
            "0777",
            "012345678901",
            "-01",
            "1_000",
            "2026-11-23",
            "12:30",
            "1e",
            "e5",
            ".",
            "-",
            "+",
            "1.2.3",
            "0x",
            "0o8",
            "0xg",
            "-0x1",
            ".inf",
            "-.inf",
            ".nan",
            "1e999",
            "184467440737095516160",
            "nULL",
            "tRUE",
            "0b1",
            "1,000",
            "00",
        ] {
            assert_eq!(plain(text), Plain::Text, "{text}");
        }
    }
}
