//! The canonical form of a manifest's text: one indentation, one kind of quotes, no stray spaces. Comments stay.
//!
//! The result is read again and must say the same as before, comment for comment and value for value; else the text is left alone, and it is said where.

use granit_parser::{Event, Parser};
use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions};
use pretty_yaml::format_text;

use super::node::Node;
use super::source::Sources;
use super::yaml;
use crate::diagnostic::codes::command::P0015;
use crate::diagnostic::{Diagnostic, Error, Span};

/// Characters of a line, beyond which a list or map in brackets is broken up.
const WIDTH: usize = 120;

/// Rounds after which a text that still changes is given up.
const ROUNDS: usize = 4;

/// A text in canonical form.
#[derive(Debug, Clone, PartialEq)]
pub struct Canonical {
    /// The text; as it was given, where it cannot be brought to that form without changing what it says.
    pub text: String,
    /// Why it was left, and where.
    pub left: Option<Diagnostic>,
}

/// Writes a YAML text in canonical form; `name` is the file to name in findings.
///
/// Formatting what is canonical changes nothing. A text that is not YAML is an error.
pub fn canonical_yaml(name: &str, text: &str) -> Result<Canonical, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let documents = read(name, &text)?;
    let left = |line: usize, why: &str| {
        let span = Span { file: name.into(), line: u32::try_from(line).unwrap_or(0), column: 1, length: 0 };
        let finding = Diagnostic::new(P0015, format!("`{name}` is left as it is: {why}")).at(span).warning();
        Canonical { text: text.clone(), left: Some(finding.help("lay it out by hand")) }
    };
    let options = FormatOptions {
        layout: LayoutOptions { print_width: WIDTH, ..LayoutOptions::default() },
        language: LanguageOptions { trailing_comma: false, brace_spacing: false, ..LanguageOptions::default() },
    };
    let mut written = text.clone();
    for _ in 0..ROUNDS {
        let next = match format_text(&written, &options) {
            Ok(next) => next,
            Err(error) => return Ok(left(1, &format!("the formatter does not know this form: {error}"))),
        };
        if next == written {
            break;
        }
        written = next;
    }
    let same = read(name, &written)
        .is_ok_and(|again| documents.len() == again.len() && documents.iter().zip(&again).all(|(before, after)| before.same(after)));
    if !same || comments(&text) != comments(&written) {
        return Ok(left(first_difference(&text, &written), "formatted, it would say something else from here on"));
    }
    Ok(Canonical { text: written, left: None })
}

/// The line of a text from which on another one says something else.
fn first_difference(text: &str, other: &str) -> usize {
    let said = |text: &str| -> Vec<(String, usize)> {
        let events = Parser::new_from_str(text).map_while(Result::ok);
        events
            .map(|(event, range)| {
                let said = match &event {
                    Event::Scalar(text, ..) => text.to_string(),
                    Event::Comment(comment, _) => comment.trim().to_owned(),
                    other => format!("{:?}", std::mem::discriminant(other)),
                };
                (said, range.byte_range().map_or(0, |bytes| bytes.start))
            })
            .collect()
    };
    let (before, after) = (said(text), said(other));
    let at = before.iter().zip(&after).position(|(a, b)| a.0 != b.0).unwrap_or_else(|| before.len().min(after.len()));
    let byte = before.get(at).or(before.last()).map_or(0, |(_, byte)| *byte);
    text.get(..byte).map_or(1, |before| before.matches('\n').count() + 1)
}

fn read(name: &str, text: &str) -> Result<Vec<Node>, Error> {
    let mut sources = Sources::default();
    let file = sources.add(name, text.to_owned());
    let parsed = yaml::parse(&sources, file);
    Error::check(parsed.findings)?;
    Ok(parsed.documents)
}

/// The texts of all comments, in order.
fn comments(text: &str) -> Vec<String> {
    let events = Parser::new_from_str(text).map_while(Result::ok);
    events.filter_map(|(event, _)| if let Event::Comment(comment, _) = event { Some(comment.trim().to_owned()) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(text: &str) -> String {
        let canonical = canonical_yaml("f.yaml", text).unwrap();
        assert_eq!(canonical.left, None);
        canonical.text
    }

    #[test]
    fn text_is_brought_to_one_form() {
        let written =
            "# the queue\nkind:   SQS   # a kind\nspec:\n    tags: { team:  'orders',}\n    dependsOn:\n    - db\n\n\n    -   api\n";
        let expected = "# the queue\nkind: SQS # a kind\nspec:\n  tags: {team: \"orders\"}\n  dependsOn:\n    - db\n\n    - api\n";
        assert_eq!(canonical(written), expected);
        assert_eq!(canonical(expected), expected);
    }

    #[test]
    fn line_ends_and_byte_order_marks_go() {
        assert_eq!(canonical("\u{feff}a: 1\r\nb: 2\r\n"), "a: 1\nb: 2\n");
    }

    #[test]
    fn comments_stay_where_they_are() {
        let text = "# top\n\n# of a\na:\n  # of b\n  b: 1 # beside\n  # before c\n  c: 2\n---\n# second\nc: [1, 2] # list\n# end\n";
        assert_eq!(canonical(text), text);
    }

    #[test]
    fn texts_of_several_lines_keep_their_lines() {
        let text = "a: |\n  one\n    two\n\n  three\nb: >-\n  folded\n  text\n";
        assert_eq!(canonical(text), text);
    }

    #[test]
    fn what_is_not_yaml_is_not_formatted() {
        assert_eq!(canonical_yaml("f.yaml", "a: [").unwrap_err().findings()[0].code.name(), "P1001");
        assert_eq!(canonical_yaml("f.yaml", "a: 1\na: 2\n").unwrap_err().findings()[0].code.name(), "P1002");
    }

    #[test]
    fn references_and_quotes_keep_their_meaning() {
        for text in ["a: \"${B}\"\n", "a: '$${B}'\n", "a: \"1.10\"\n", "a: 'it''s'\n", "a: \"tab\\tx\"\n", "a: 0777\n", "a: ~\n", "a: ''\n"]
        {
            canonical(text);
        }
    }

    #[test]
    fn the_manifests_of_the_repository_keep_their_meaning() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("examples"), root.join("tests/manifests")];
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "yaml")
                    && let Ok(text) = std::fs::read_to_string(&path)
                    && read("f.yaml", &text).is_ok()
                {
                    let once = canonical(&text);
                    assert_eq!(canonical(&once), once, "{}", path.display());
                    seen += 1;
                }
            }
        }
        assert!(seen > 20, "only {seen} manifests were found");
    }

    #[test]
    fn what_stack_init_writes_is_canonical() {
        for text in [
            include_str!("../commands/stack/scaffold/stack.yaml"),
            include_str!("../commands/stack/scaffold/sqs.yaml"),
            include_str!("../commands/stack/scaffold/lambda.yaml"),
            include_str!("../commands/stack/scaffold/dev.yaml"),
            include_str!("../commands/stack/scaffold/production.yaml"),
        ] {
            assert_eq!(canonical(text), text);
        }
    }

    fn any_yaml() -> impl Strategy<Value = serde_json::Value> {
        let text = prop_oneof!["[ -~]{0,12}", "[a-z]{1,8}", "[0-9.eE+-]{1,6}", Just("${A}".to_owned()), Just("a\nb\n".to_owned())];
        let leaf = prop_oneof![
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i32>().prop_map(serde_json::Value::from),
            text.prop_map(serde_json::Value::from),
            Just(serde_json::Value::Null),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
                prop::collection::btree_map("[a-z]{1,4}", inner, 0..4).prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn formatting_says_the_same(value in any_yaml()) {
            let text = serde_saphyr::to_string(&serde_json::json!({ "spec": value })).unwrap();
            // Two independent crates write and format here: what the one cannot keep is refused, never changed.
            if let Ok(Canonical { text: written, .. }) = canonical_yaml("f.yaml", &text) {
                let (before, after) = (read("f", &text).unwrap(), read("f", &written).unwrap());
                prop_assert!(before[0].same(&after[0]));
                prop_assert_eq!(canonical_yaml("f.yaml", &written).unwrap().text, written);
            }
        }

        #[test]
        fn any_text_is_formatted_or_refused(text in "([ \\-:,\\[\\]{}#&*!|>'\"a-c0-9\n~.$]|--- |: |# c\n|\n  ){0,40}") {
            match canonical_yaml("f.yaml", &text) {
                Ok(written) => prop_assert!(canonical_yaml("f.yaml", &written.text).is_ok()),
                Err(error) => prop_assert!(!error.findings().is_empty()),
            }
        }
    }
}
