//! Canonical form of manifest files: one way to lay YAML out, with every comment kept.
//!
//! In: the text of a file. Out: its canonical text, which says the same: both are parsed and compared, and a file that would come out with
//! another meaning is refused.

use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions};
use pretty_yaml::format_text;

use super::node::{Node, Value};
use super::source::Sources;
use super::yaml;
use crate::diagnostic::codes::command::P0015;
use crate::diagnostic::{Diagnostic, Error, Span};

/// Characters of a line before flow collections are broken up.
const WIDTH: usize = 120;

/// The canonical text of a file. Formatting it again gives the same bytes. A file that is not valid YAML is refused with its findings.
pub fn canonical_yaml(name: &str, text: &str) -> Result<String, Error> {
    let before = documents(name, text)?;
    let refuse = |why: &str| {
        Error::from(
            Diagnostic::new(P0015, format!("`{name}` cannot be put in canonical form: {why}"))
                .at(Span::file(name))
                .help("the file was left as it is; lay it out by hand"),
        )
    };
    let options = FormatOptions {
        layout: LayoutOptions { print_width: WIDTH, ..LayoutOptions::default() },
        language: LanguageOptions { trim_trailing_zero: false, ..LanguageOptions::default() },
    };
    let mut canonical = format_text(text, &options).map_err(|error| refuse(&error.to_string()))?;
    // Some layouts settle only in the second pass.
    for _ in 0..3 {
        let again = format_text(&canonical, &options).map_err(|error| refuse(&error.to_string()))?;
        if again == canonical {
            break;
        }
        canonical = again;
    }
    let after = documents(name, &canonical)?;
    let same = before.len() == after.len() && before.iter().zip(&after).all(|(one, other)| equal(one, other));
    if same { Ok(canonical) } else { Err(refuse("that would change what it says")) }
}

fn documents(name: &str, text: &str) -> Result<Vec<Node>, Error> {
    let mut sources = Sources::default();
    let file = sources.add(name, text.to_owned());
    let parsed = yaml::parse(&sources, file);
    Error::check(parsed.findings)?;
    Ok(parsed.documents)
}

/// Tells whether two nodes say the same, wherever they stand.
fn equal(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Scalar(one), Value::Scalar(other)) => one == other,
        (Value::List(one), Value::List(other)) => one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other)),
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((key, one), (other_key, other))| key == other_key && equal(&one.node, &other.node))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        canonical_yaml("x.yaml", text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn comments_and_meaning_stay() {
        let text = "# head\nkind:   SQS # after\nspec: {a:   1,  b: [1,2,  3]}\n# between\nlist:\n    -   one\n    -   two # last\n";
        let formatted = canonical(text);
        for comment in ["# head", "# after", "# between", "# last"] {
            assert!(formatted.contains(comment), "{formatted}");
        }
        assert_eq!(canonical(&formatted), formatted);
    }

    #[test]
    fn text_keeps_what_it_is() {
        for text in [
            "version: \"1.10\"\n",
            "a: no\n",
            "a: 0777\n",
            "a: 1.50\n",
            "a: |\n  x\n    y\n\nb: >-\n  folded\n  text\n",
            "a: '${X}'\n",
            "a: &x 1\nb: *x\n",
        ] {
            let formatted = canonical(text);
            assert_eq!(canonical(&formatted), formatted);
        }
    }

    #[test]
    fn what_is_not_yaml_is_refused_with_its_place() {
        let error = canonical_yaml("x.yaml", "a: [1,\n").unwrap_err();
        assert_eq!(error.findings()[0].code.name(), "P1001");
    }

    #[test]
    fn the_examples_and_scaffolds_are_canonical_or_become_so() {
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
}
