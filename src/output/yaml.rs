//! JSON values as YAML, for people: strings that another YAML reader could take for something else are quoted.

use serde_json::Value;

/// One YAML document, with a line end.
pub(super) fn text(value: &Value) -> String {
    let mut text = serde_saphyr::to_string(value).expect("a JSON value is always YAML");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn strings_that_look_like_something_else_stay_strings() {
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "N",
            "true",
            "null",
            "~",
            "",
            " ",
            "012",
            "1_000",
            "0x1f",
            "1e3",
            ".inf",
            "-",
            "?",
            ":",
            "a: b",
            "a #b",
            "#a",
            "2026-01-01",
            "12:30:45",
            "012345678901",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "- a",
            "a\nb",
            "a\n",
            "\ta",
            "a\t",
            "\u{7f}",
            "é",
            "'",
            "\"",
            "\\",
            "{",
            "[",
            "]",
            "}",
            ",",
            "|",
            ">",
            "---",
            "...",
            "<<",
            "=",
            "a  b",
            "\u{85}",
            "\u{2028}",
            "\u{feff}a",
        ] {
            let value = json!({ "a": text, text: "b", "list": [text] });
            assert_eq!(read(&super::text(&value)), value, "{text:?}\n{}", super::text(&value));
        }
    }

    #[test]
    fn empty_collections_and_order_are_kept() {
        let value = json!({ "b": [], "a": {}, "c": [[], {}, null, [{"x": [1, {"y": 2.5}]}]], "d": -1, "e": 12_345_678_901_u64 });
        assert_eq!(read(&text(&value)).to_string(), value.to_string());
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            "[a-z:#\\-\n \t'\"0-9.,]{0,90}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec(("[a-zA-Z0-9/.: -]{0,8}", inner), 0..5)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_document_is_read_back_as_it_was(value in json()) {
            prop_assert_eq!(read(&text(&value)), value);
        }
    }
}
