//! Property changes as text for people, without colour: the drawing on a terminal and the one in a pull request are made from it.

use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

use super::{Change, Replace, is_unknown};
use crate::catalog::ReplacementRule;
use crate::resource::Form;

/// Text that is longer is not shown whole.
const LONG: usize = 72;
/// Characters around what differs in a long text.
const AROUND: usize = 24;
/// Lines around what differs in a document.
const CONTEXT: usize = 2;
/// Lines of a document that are shown at most.
const LINES: usize = 60;

/// A change as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// One line: the value before and after; none where there is none.
    Line {
        /// The value in the state.
        before: Option<String>,
        /// The wanted value.
        after: Option<String>,
    },
    /// The lines of a document that differ, with some around them.
    Lines(Vec<(Mark, String)>),
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It stays.
    Same,
    /// It goes.
    Gone,
    /// It comes.
    New,
    /// Lines are left out here.
    Gap,
}

impl Change {
    /// What the change does besides changing, as a remark.
    pub fn verdict(&self) -> Option<String> {
        let rule = self.rule.as_deref();
        match self.replace {
            Replace::Yes => Some(format!("# forces replacement: {}", rule.unwrap_or("asked for"))),
            Replace::May => Some(format!("# may force replacement: {}", rule.unwrap_or("asked for"))),
            Replace::No if rule == Some(ReplacementRule::WriteOnlyRemoved.name()) => {
                Some("# left out: AWS, which never shows it, may keep the value that it has".to_owned())
            }
            Replace::No => rule.map(|rule| format!("# {rule}")),
        }
    }

    /// The change as text.
    pub fn show(&self) -> Shown {
        if self.sensitive {
            return Shown::Line { before: self.before.as_ref().map(hidden), after: self.after.as_ref().map(hidden) };
        }
        if let (Some(before), Some(after)) = (document(self.before.as_ref()), document(self.after.as_ref()))
            && (before.lines().count() > 1 || after.lines().count() > 1)
        {
            return Shown::Lines(lines(&before, &after));
        }
        match (&self.before, &self.after) {
            (Some(Value::String(before)), Some(Value::String(after))) => {
                let (before, after) = shortened(before, after);
                Shown::Line { before: Some(quoted(&before)), after: Some(quoted(&after)) }
            }
            (before, after) => Shown::Line { before: before.as_ref().map(value_text), after: after.as_ref().map(value_text) },
        }
    }
}

/// A value that may not be shown: what can be said of it.
fn hidden(value: &Value) -> String {
    match Form::of(value) {
        Form::Secret(identity) => secret(identity),
        _ if is_unknown(value) => value_text(value),
        _ => "(sensitive)".to_owned(),
    }
}

fn secret(identity: &Map<String, Value>) -> String {
    let part = |key: &str| identity.get(key).map(|value| value.as_str().map_or_else(|| value_text(value), str::to_owned));
    let name = part("arn").or_else(|| part("name")).or_else(|| part("parameter")).unwrap_or_default();
    match part("key") {
        Some(key) => format!("(secret {name}, key {key})"),
        None => format!("(secret {name})"),
    }
}

/// A value on one line.
pub fn value_text(value: &Value) -> String {
    match Form::of(value) {
        Form::Ref { .. } | Form::Aws(_) | Form::Lookup(_) => "(known after apply)".to_owned(),
        Form::Sensitive(_) => "(sensitive)".to_owned(),
        Form::Secret(identity) => secret(identity),
        Form::Join(parts) => format!("{} (known after apply)", quoted(&parts.iter().map(placeholder).collect::<String>())),
        Form::Json(inner) => format!("{} (known after apply)", compact(inner)),
        Form::Literal(inner) => compact(inner),
        Form::Plain(Value::String(text)) => quoted(&cut(text)),
        Form::Plain(value) => cut(&compact(value)),
    }
}

/// A part of a text that is made at apply.
fn placeholder(part: &Value) -> String {
    match Form::of(part) {
        Form::Ref { address, attribute } => format!("${{{address}.{attribute}}}"),
        Form::Aws(fact) => format!("${{{fact}}}"),
        Form::Plain(Value::String(text)) => text.clone(),
        Form::Secret(identity) => secret(identity),
        _ => "${…}".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONG { text.to_owned() } else { text.chars().take(LONG - 1).chain(['…']).collect() }
}

fn compact(value: &Value) -> String {
    readable(value).to_string()
}

/// The value with forms replaced by what people can read.
fn readable(value: &Value) -> Value {
    match Form::of(value) {
        Form::Plain(Value::Object(map)) => Value::Object(map.iter().map(|(key, inner)| (key.clone(), readable(inner))).collect()),
        Form::Plain(Value::Array(items)) => Value::Array(items.iter().map(readable).collect()),
        Form::Plain(_) => value.clone(),
        Form::Literal(inner) => inner.clone(),
        Form::Ref { .. } | Form::Aws(_) => Value::String(placeholder(value)),
        Form::Join(parts) => Value::String(parts.iter().map(placeholder).collect()),
        Form::Json(inner) => readable(inner),
        Form::Lookup(_) | Form::Sensitive(_) | Form::Secret(_) => Value::String(value_text(value)),
    }
}

/// The lines of a value that is a document: a map, a list, text that is JSON, text of several lines. Absence is an empty document.
fn document(value: Option<&Value>) -> Option<String> {
    let Some(value) = value else { return Some(String::new()) };
    match Form::of(value) {
        Form::Plain(Value::Object(_) | Value::Array(_)) | Form::Literal(Value::Object(_) | Value::Array(_)) => {
            let one_line = compact(value);
            Some(if one_line.chars().count() <= LONG { one_line } else { pretty(&readable(value)) })
        }
        Form::Json(inner) => Some(pretty(&readable(inner))),
        Form::Plain(Value::String(text)) if text.starts_with(['{', '[']) => {
            serde_json::from_str(text).ok().map(|inner: Value| pretty(&inner))
        }
        Form::Plain(Value::String(text)) if text.contains('\n') => Some(text.clone()),
        Form::Plain(Value::Null) => Some(String::new()),
        _ => None,
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a value is always JSON")
}

fn lines(before: &str, after: &str) -> Vec<(Mark, String)> {
    let diff = TextDiff::from_lines(before, after);
    let mut shown = Vec::new();
    for (n, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        let starts_late = group.first().is_some_and(|op| op.old_range().start > 0 || op.new_range().start > 0);
        if n > 0 || starts_late {
            shown.push((Mark::Gap, "…".to_owned()));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Equal => Mark::Same,
                ChangeTag::Delete => Mark::Gone,
                ChangeTag::Insert => Mark::New,
            };
            shown.push((mark, cut(change.value().trim_end_matches(['\n', '\r']))));
        }
    }
    if shown.len() > LINES {
        let more = shown.len() - LINES;
        shown.truncate(LINES);
        shown.push((Mark::Gap, format!("… {more} more lines")));
    }
    shown
}

/// Two long texts, cut down to where they differ.
fn shortened(before: &str, after: &str) -> (String, String) {
    let (one, other): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    if one.len() <= LONG && other.len() <= LONG {
        return (before.to_owned(), after.to_owned());
    }
    let head = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let rest = one.len().min(other.len()) - head;
    let tail = one.iter().rev().zip(other.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let piece = |text: &[char]| {
        let (from, to) = (head.saturating_sub(AROUND), (text.len() - tail + AROUND).min(text.len()));
        let middle: String = text[from..to].iter().collect();
        let middle = if to - from > LONG + 2 * AROUND { cut(&middle) } else { middle };
        format!("{}{middle}{}", if from > 0 { "…" } else { "" }, if to < text.len() { "…" } else { "" })
    };
    (piece(&one), piece(&other))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(before: Option<Value>, after: Option<Value>) -> Change {
        let unknown = after.as_ref().is_some_and(is_unknown);
        Change { path: "/X".into(), before, after, replace: Replace::No, rule: None, unknown, sensitive: false }
    }

    fn line(before: Value, after: Value) -> (String, String) {
        match change(Some(before), Some(after)).show() {
            Shown::Line { before: Some(before), after: Some(after) } => (before, after),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn short_values_stand_on_a_line() {
        assert_eq!(line(json!(30), json!(60)), ("30".into(), "60".into()));
        assert_eq!(line(json!("a"), json!("b\"")), ("\"a\"".into(), "\"b\\\"\"".into()));
        assert_eq!(change(None, Some(json!(true))).show(), Shown::Line { before: None, after: Some("true".into()) });
        assert_eq!(line(json!(["a"]), json!(["b"])), ("[\"a\"]".into(), "[\"b\"]".into()));
    }

    #[test]
    fn what_is_not_known_yet_is_said_so() {
        let form = json!({"$ref": "users/db/instance", "attribute": "Endpoint.Address"});
        assert_eq!(line(json!("old"), form.clone()).1, "(known after apply)");
        assert_eq!(
            line(json!("old"), json!({"$join": ["db=", form]})).1,
            "\"db=${users/db/instance.Endpoint.Address}\" (known after apply)"
        );
    }

    #[test]
    fn sensitive_values_are_not_shown() {
        let mut secret =
            change(Some(json!({"$sensitive": "hmac-sha256:00"})), Some(json!({"$secret": {"name": "prod/db", "key": "password"}})));
        secret.sensitive = true;
        assert_eq!(secret.show(), Shown::Line { before: Some("(sensitive)".into()), after: Some("(secret prod/db, key password)".into()) });
        let mut clear = change(Some(json!("hunter2")), None);
        clear.sensitive = true;
        assert_eq!(clear.show(), Shown::Line { before: Some("(sensitive)".into()), after: None });
    }

    #[test]
    fn long_texts_show_where_they_differ() {
        let image = |tag: &str| {
            json!(format!("000000000000.dkr.ecr.eu-west-1.amazonaws.com/a-team/with-a-long-name/some-service-with-a-longer-name:{tag}"))
        };
        let (before, after) = line(image("v1.0.0"), image("v1.0.1"));
        assert_eq!((before.as_str(), after.as_str()), ("\"…with-a-longer-name:v1.0.0\"", "\"…with-a-longer-name:v1.0.1\""));
    }

    #[test]
    fn documents_are_compared_by_line() {
        let policy = |action: &str| {
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "arn:aws:sqs:eu-west-1:0:q"}]})
                .to_string()
        };
        let Shown::Lines(lines) = change(Some(json!(policy("sqs:SendMessage"))), Some(json!(policy("sqs:*")))).show() else {
            panic!("lines")
        };
        let marked: Vec<&str> =
            lines.iter().filter(|(mark, _)| matches!(mark, Mark::Gone | Mark::New)).map(|(_, line)| line.trim()).collect();
        assert_eq!(marked, ["\"Action\": \"sqs:SendMessage\",", "\"Action\": \"sqs:*\","]);
        assert_eq!(lines[0].0, Mark::Gap);
    }

    #[test]
    fn text_of_several_lines_is_compared_by_line() {
        let Shown::Lines(lines) = change(Some(json!("a\nb\nc")), Some(json!("a\nx\nc"))).show() else { panic!("lines") };
        assert_eq!(lines, [(Mark::Same, "a".into()), (Mark::Gone, "b".into()), (Mark::New, "x".into()), (Mark::Same, "c".into())]);
    }

    #[test]
    fn a_document_that_comes_is_shown_up_to_a_limit() {
        let big = Value::Object((0..200).map(|n| (format!("k{n}"), json!(n))).collect());
        let Shown::Lines(lines) = change(None, Some(big)).show() else { panic!("lines") };
        assert_eq!(lines.len(), LINES + 1);
        assert_eq!(lines[LINES], (Mark::Gap, "… 142 more lines".into()));
    }
}
