use serde_json::json;

use super::*;

/// The one finding of a failed run.
fn only(result: Result<Vec<Json>, Error>) -> Diagnostic {
    let [finding] = result.unwrap_err().into_findings().try_into().unwrap();
    finding
}

#[test]
fn results_are_those_of_jq() {
    let document: Json = serde_json::from_str(include_str!("../../../tests/data/jq/document.json")).unwrap();
    let recorded: Vec<Json> = serde_json::from_str(include_str!("../../../tests/data/jq/recorded.json")).unwrap();
    assert!(recorded.len() >= 150, "only {} filters are recorded", recorded.len());
    let mut wrong = Vec::new();
    for case in &recorded {
        let filter = case["filter"].as_str().unwrap();
        let mut results = Vec::new();
        let failed = Filter::compile(filter, &[]).and_then(|compiled| {
            compiled.run(&document, &[], |value| {
                results.push(value);
                Ok::<(), Error>(())
            })
        });
        // As text, since the order of keys counts too.
        let outcome = (Json::from(results).to_string(), failed.is_err());
        let expected = (case["results"].to_string(), case["failed"] == true);
        if outcome != expected {
            wrong.push(format!("{filter}\n  jq:    {expected:?}\n  panka: {outcome:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_filter_that_does_not_compile_is_located() {
    let cases = [
        (".steps[", "`[` is not closed", 1, 7),
        (".steps | nope", "`nope` is not a function", 1, 10),
        (".steps |", "expected a filter, found the end", 1, 9),
        (".a |\n .b | selekt(.x)", "`selekt` is not a function", 2, 7),
        ("map(.x; .y)", "`map` takes 1 arguments, not 2", 1, 1),
        (". | $nope", "variable `$nope` is not set", 1, 5),
        ("if . then 1", "expected else or end, found the end", 1, 12),
        ("now", "`now` is not offered", 1, 1),
        ("env.HOME", "`env` is not offered", 1, 1),
        ("", "expected a filter, found the end", 1, 1),
        ("\"é\" | \"\\q\"", "expected string escape sequence", 1, 9),
        ("import \"x\" as x; .", "modules are not offered", 1, 9),
        ("{a:1} | .a b", "expected nothing, found `b`", 1, 12),
    ];
    for (filter, message, line, column) in cases {
        let finding = only(run(filter, &json!({}), &[]));
        assert_eq!(finding.code, P0011, "{filter}");
        assert_eq!(finding.message, format!("jq filter is not valid: {message}"), "{filter}");
        let span = finding.span.unwrap();
        assert_eq!((span.line, span.column), (line, column), "{filter}");
    }
}

#[test]
fn a_misspelt_function_is_hinted() {
    let finding = only(run("map(.x) | lenght", &json!([]), &[]));
    assert_eq!(finding.help[0], "did you mean `length`?");
}

#[test]
fn a_filter_that_fails_names_the_document() {
    let finding = only(run(".serial.x", &json!({"kind": "panka.state/v1", "serial": 4}), &[]));
    assert_eq!(finding.code, P0012);
    assert_eq!(finding.message, "jq filter failed: Cannot index number with string \"x\"");
    assert_eq!(finding.note.unwrap(), "applied to a panka.state/v1 document");
}

#[test]
fn a_message_never_holds_a_large_document() {
    let large = json!({ "kind": "x", "items": vec!["text"; 10_000] });
    for filter in [".items.x", ".items | ascii_downcase", "error", ".items + 1", "path(.items | tojson)"] {
        assert!(only(run(filter, &large, &[])).message.chars().count() < 400, "{filter}");
    }
}

#[test]
fn variables_are_given_by_name() {
    assert_eq!(run("$a + $b", &json!(null), &[("$a", json!(1)), ("$b", json!(2))]).unwrap(), [json!(3)]);
}

#[test]
fn results_stop_at_the_first_refusal() {
    let mut seen = 0;
    let filter = Filter::compile("range(1000000000)", &[]).unwrap();
    let stopped = filter.run(&json!(null), &[], |_| {
        seen += 1;
        if seen < 3 { Ok(()) } else { Err(Error::from(Diagnostic::new(P0012, "enough"))) }
    });
    assert_eq!((stopped.unwrap_err().to_string().as_str(), seen), ("enough", 3));
}

#[test]
fn equal_filters_give_equal_results() {
    let document = json!({"b": 1, "a": {"d": 2, "c": 3}});
    assert_eq!(run(".", &document, &[]).unwrap()[0].to_string(), document.to_string());
}
