//! Rules for strings, numbers and listed values.

use serde_json::{Number, Value};

use super::node::{Choices, NumberRules, TextRules, Type, Types};
use super::walk::{Part, Walk, quote};
use super::{Fault, FaultKind, closest};

/// As many allowed values are named in a message.
const NAMED: usize = 12;

impl Walk<'_> {
    pub(super) fn text(&self, rules: &TextRules, text: &str, out: &mut Vec<Fault>) {
        // The length in bytes bounds that in characters on both sides: most texts need no counting.
        if rules.min.is_some_and(|min| text.len() < min * 4) || rules.max.is_some_and(|max| text.len() > max) {
            let length = text.chars().count();
            if let Some(min) = rules.min.filter(|min| length < *min) {
                let message = if length == 0 {
                    "may not be empty".to_owned()
                } else {
                    format!("is {length} characters long, at least {min} are needed")
                };
                out.push(self.fault(FaultKind::Range, message));
                return;
            }
            if let Some(max) = rules.max.filter(|max| length > *max) {
                let message = format!("is {length} characters long, at most {max} are allowed");
                out.push(self.fault(FaultKind::Range, message));
                return;
            }
        }
        if let Some(pattern) = &rules.pattern
            && !pattern.matches(text)
        {
            let shown = if self.is_secret() { "the value".to_owned() } else { quote(text) };
            let message = format!("{shown} does not match the pattern `{}`", pattern.source());
            out.push(self.fault(FaultKind::Malformed, message));
        } else if let Some(check) = rules.format_check
            && let Err(problem) = check(text)
        {
            out.push(self.fault(FaultKind::Malformed, problem));
        }
    }

    pub(super) fn number(&self, rules: &NumberRules, number: &Number, out: &mut Vec<Fault>) {
        let Some(value) = number.as_f64() else { return };
        if let Some(bound) = rules.minimum
            && (value < bound.at || (bound.open && value <= bound.at))
        {
            let least = if bound.open { "more than" } else { "at least" };
            out.push(self.fault(FaultKind::Range, format!("{number} is too small, {least} {} is needed", bound.at)));
        }
        if let Some(bound) = rules.maximum
            && (value > bound.at || (bound.open && value >= bound.at))
        {
            let most = if bound.open { "less than" } else { "at most" };
            out.push(self.fault(FaultKind::Range, format!("{number} is too large, {most} {} is allowed", bound.at)));
        }
        if let Some(step) = rules.multiple_of
            && ((value / step).round() * step - value).abs() > f64::EPSILON * value.abs().max(1.0)
        {
            out.push(self.fault(FaultKind::Range, format!("{number} is not a multiple of {step}")));
        }
    }

    /// Returns the fault of a value that is none of the listed ones.
    pub(super) fn not_a_choice(&self, choices: &Choices, part: Part<'_>) -> Fault {
        let shown: Vec<String> = choices.values.iter().take(NAMED).map(in_words).collect();
        let more = choices.values.len().saturating_sub(NAMED);
        let allowed = match (shown.as_slice(), more) {
            ([one], 0) => format!("expected {one}"),
            (many, 0) => format!("expected one of {}", many.join(", ")),
            (many, more) => format!("expected one of {} and {more} more", many.join(", ")),
        };
        let mut fault = self.fault(FaultKind::Range, format!("{allowed}; found {}", self.found(part)));
        let guess = part.value().and_then(Value::as_str).and_then(|text| closest(text, choices.texts()));
        fault.help = guess.map(|guess| format!("did you mean `{guess}`?"));
        fault
    }
}

/// Says how a scalar of the wrong type should be written, where that is plain.
pub(super) fn type_help(wanted: Types, value: &Value) -> Option<String> {
    match value {
        Value::Number(_) | Value::Bool(_) if wanted.contains(Type::String) => Some(format!("put it in quotes: \"{value}\"")),
        Value::String(text) => {
            let number = (wanted.contains(Type::Integer) && text.parse::<i64>().is_ok())
                || (wanted.contains(Type::Number) && text.parse::<f64>().is_ok_and(f64::is_finite));
            let truth = wanted.contains(Type::Boolean) && matches!(text.as_str(), "true" | "false");
            if number || truth {
                return Some(format!("write it without quotes: {text}"));
            }
            wanted.contains(Type::Array).then(|| "write it as a list with one item".to_owned())
        }
        Value::Object(_) if wanted.contains(Type::Array) => Some("write it as a list with one item".to_owned()),
        _ => None,
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    }
}
