//! Files that are hardly YAML, or more of it than is good.

use super::super::source::Sources;
use super::super::testing::{json, node};
use super::super::yaml::parse;
use super::*;
use proptest::prelude::*;

fn codes(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add("f.yaml", text.to_owned());
    list(&parse(&sources, file).findings)
}

#[test]
fn yaml_1_2_has_few_special_words() {
    assert_eq!(
        json(&node("a: no\nb: on\nc: 0777\nd: 2026-11-23\ne: 1_000\nf: 012345678901\ng: 12:30\nh: !!str 5\ni: 'null'\nj: null\nk: 1e3")),
        json!({"a": "no", "b": "on", "c": "0777", "d": "2026-11-23", "e": "1_000", "f": "012345678901", "g": "12:30", "h": "5", "i": "null", "j": null, "k": 1000.0})
    );
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_fine() {
    assert_eq!(
        json(&node("\u{feff}a: 1\r\nb:\r\n  - x\r\n  - |\r\n    two\r\n    lines\r\n")),
        json!({"a": 1, "b": ["x", "two\nlines\n"]})
    );
}

#[test]
fn a_doubled_key_is_found_at_its_second_place() {
    assert_eq!(codes("a: 1\nb: {c: 1, d: 2, c: 3}\na: 2\n"), ["P1002 f.yaml:2:17", "P1002 f.yaml:3:1"]);
}

#[test]
fn malformed_text_has_line_and_column() {
    for (text, place) in [
        ("a:\n\tb: 1\n", "2:1"),
        ("a: [1, 2\n", "1:4"),
        ("a: \"x\n", "1:4"),
        ("a: {b: 1\nc: 2\n", "2:2"),
        ("a: b: c\n", "1:5"),
        ("a: @x\n", "1:4"),
        ("a: *nowhere\n", "1:4"),
        ("a: !Ref x\n", "1:4"),
        ("[a]: 1\n", "1:1"),
        ("{a: 1}: 1\n", "1:1"),
        (": 1\n", "1:1"),
        ("a: 1\n b: 2\n", "2:3"),
        ("- a\nb: 1\n", "2:1"),
    ] {
        let found = codes(text);
        assert_eq!(found, [format!("P1001 f.yaml:{place}")], "{text:?}");
    }
}

#[test]
fn an_empty_document_is_a_warning() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "~\n", "---\n...\n"] {
        assert_eq!(codes(text).len(), 1, "{text:?}");
        assert!(codes(text)[0].starts_with("P1023 "), "{text:?}");
    }
    assert_eq!(codes("# a comment\n---\na: 1\n"), [""; 0]);
}

#[test]
fn aliases_are_expanded_up_to_a_limit() {
    assert_eq!(json(&node("a: &x {b: [1]}\nc: *x\nd: [*x]")), json!({"a": {"b": [1]}, "c": {"b": [1]}, "d": [{"b": [1]}]}));
    let level = |n: usize| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "));
    let bomb = format!("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{}", (1..12).map(level).collect::<Vec<_>>().concat());
    assert_eq!(codes(&bomb), ["P1022 f.yaml:4:45"]);
}

#[test]
fn aliases_of_aliases_cannot_nest_beyond_the_limit() {
    let level = |n: usize| format!("a{n}: &a{n} [*a{}]\n", n - 1);
    let text = format!("a0: &a0 [x]\n{}", (1..200).map(level).collect::<Vec<_>>().concat());
    let found = codes(&text);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("P1001 ") || found[0].starts_with("P1022 "), "{found:?}");
}

#[test]
fn merge_keys_and_aliases_of_oneself_are_refused() {
    assert_eq!(codes("a: &x {b: 1}\nc: {<<: *x}\n"), ["P1022 f.yaml:2:5"]);
    assert_eq!(codes("a: &x [*x]\n"), ["P1022 f.yaml:1:8"]);
    assert_eq!(json(&node("'<<': 1")), json!({"<<": 1}));
}

#[test]
fn a_thousand_levels_are_an_error_and_no_overflow() {
    for text in [
        "[".repeat(1000),
        "{a: ".repeat(1000),
        (0..1000).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<Vec<_>>().concat(),
        "- ".repeat(1000),
    ] {
        let found = codes(&text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("P1001 "), "{found:?}");
    }
}

#[test]
fn a_large_file_is_read() {
    let text = (0..40_000).map(|n| format!("key{n}: value number {n}\n")).collect::<Vec<_>>().concat();
    assert!(text.len() > 1_000_000);
    let tree = node(&text);
    assert_eq!(tree.map().unwrap().len(), 40_000);
}

#[test]
fn findings_of_one_file_are_limited() {
    let text = (0..100).map(|_| "a: 1\n").collect::<String>();
    assert_eq!(codes(&text).len(), 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_ends_in_nodes_or_findings(text in "([ \\-:?,\\[\\]{}#&*!|>'\"%@`a-c0-9\n\t~<.$é\u{feff}]|--- |&a |\\*a |<<: ){0,60}") {
        let mut sources = Sources::default();
        let file = sources.add("f.yaml", text);
        let parsed = parse(&sources, file);
        prop_assert!(!parsed.documents.is_empty() || !parsed.findings.is_empty());
    }
}
