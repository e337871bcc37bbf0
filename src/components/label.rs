//! Names of parts of a component that were given none: subscriptions, triggers.

use serde_json::Value;

use super::field;
use crate::address::ComponentId;
use crate::resource::cut;

/// Characters of a derived name; it becomes part of a role.
const LIMIT: usize = 40;

/// A name of a word and what it is about, with everything else than letters and digits as hyphens: `sqs-mail-queue`.
pub(super) fn label(word: &str, about: &str) -> String {
    let mut name = format!("{word}-");
    for c in about.chars() {
        match c.is_ascii_alphanumeric() {
            true => name.push(c.to_ascii_lowercase()),
            false if name.ends_with('-') => {}
            false => name.push('-'),
        }
    }
    cut(name.trim_end_matches('-'), LIMIT)
}

/// A component as `of` names it: bare in the same service, whichever way it is written.
pub(super) fn component<'t>(text: &'t str, of: &ComponentId) -> &'t str {
    text.split_once('/').filter(|(service, _)| *service == of.service()).map_or(text, |(_, name)| name)
}

/// The literal parts of a text, and the names of the outputs in it.
pub(super) fn text(value: &Value) -> String {
    match (value, field::output_name(value)) {
        (_, Some(output)) => output.to_owned(),
        (Value::String(text), _) => text.clone(),
        (value, _) => value["$join"].as_array().map(|parts| parts.iter().map(text).collect()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_label_has_letters_digits_and_single_hyphens() {
        assert_eq!(label("sqs", "mail/queue"), "sqs-mail-queue");
        assert_eq!(label("https", "https://Example.com/a?b"), "https-https-example-com-a-b");
        assert_eq!(label("sms", "+49 30 1234"), "sms-49-30-1234");
        assert_eq!(label("sqs", ""), "sqs");
        assert_eq!(label("https", &"x".repeat(80)).len(), LIMIT);
    }

    #[test]
    fn a_component_of_the_same_service_is_named_bare() {
        let of = ComponentId::new("mail", "topic");
        assert_eq!(component("mail/queue", &of), "queue");
        assert_eq!(component("queue", &of), "queue");
        assert_eq!(component("users/queue", &of), "users/queue");
    }

    #[test]
    fn the_text_of_a_join_has_its_outputs_by_name() {
        assert_eq!(text(&json!({"$join": ["https://", {"$output": "web/api.host"}, "/x"]})), "https://web/api.host/x");
    }
}
