//! What a tired person pipes in: documents of a wrong kind, truncated, doubled, edited into nonsense, of another place. Each has its code and
//! exit, and changes nothing.

use crate::env::TestEnv;

const PLACE: &str = "-s user-platform -e dev";

/// Runs a script that must fail with one code and change nothing.
fn refused(env: &TestEnv, script: &str, exit: i32, code: &str) {
    let before = env.files();
    let outcome = env.pipe(script).exits(exit);
    assert_eq!(outcome.codes()[0], code, "{script}\n{outcome}");
    let finding = &outcome.findings()[0];
    let way_out = finding["help"].as_array().is_some_and(|help| !help.is_empty()) || finding["note"].is_string();
    assert!(way_out, "{script}: no way out\n{outcome}");
    env.unchanged_since(&before);
}

#[test]
fn what_is_not_one_whole_document_is_refused() {
    let env = TestEnv::example("user-platform");
    for (script, code) in [
        ("true | panka graph -o json", "P0005"),
        ("printf '  \\n' | panka diff -o json", "P0005"),
        ("echo hello | panka graph -o json", "P0005"),
        ("echo '[]' | panka graph -o json", "P0005"),
        ("panka parse -s user-platform -e dev | head -c 500 | panka graph -o json", "P0005"),
        ("(panka parse -s user-platform -e dev; panka parse -s user-platform -e dev) | panka graph -o json", "P0005"),
        ("printf '\\377\\376' | panka graph -o json", "P0005"),
        ("panka parse -s user-platform -e dev | jq -c '.components[]' | panka graph -o json", "P0005"),
    ] {
        refused(&env, script, 3, code);
    }
}

#[test]
fn a_document_of_a_wrong_kind_or_version_is_named() {
    let env = TestEnv::example("user-platform");
    for (script, code) in [
        ("echo '{}' | panka graph -o json", "P0003"),
        ("panka diff -s user-platform -e dev | panka graph -o json", "P0003"),
        ("panka version -o json | panka diff -o json", "P0003"),
        ("panka parse -s user-platform -e dev | jq '.kind = \"panka.manifest/v2\"' | panka graph -o json", "P0004"),
        ("panka diff -s user-platform -e dev | jq '.kind = \"panka.plan/v9\"' | panka apply -y -o json", "P0004"),
        ("panka parse -s user-platform -e dev | jq '.surprise = 1' | panka graph -o json", "P0006"),
        ("panka parse -s user-platform -e dev | jq 'del(.stack)' | panka graph -o json", "P0006"),
        ("panka graph -s user-platform -e dev | jq '.resources[3].tier = \"top\"' | panka diff -o json", "P0006"),
        ("panka diff -s user-platform -e dev | jq '.steps = {}' | panka apply -y -o json", "P0006"),
    ] {
        refused(&env, script, 3, code);
    }
}

#[test]
fn documents_of_another_place_are_refused() {
    let env = TestEnv::example("user-platform");
    refused(&env, "panka parse -s user-platform -e dev | panka graph -s shop -o json", 3, "P0007");
    refused(&env, "panka parse -s user-platform -e dev | panka diff -e production -o json", 3, "P0007");
    env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    let attach = "panka graph -s user-platform -e dev | panka state | jq '.environment = \"production\"' | panka diff -o json";
    refused(&env, attach, 3, "P0007");
}

#[test]
fn a_manifest_edited_into_nonsense_is_found_out() {
    let env = TestEnv::example("user-platform");
    let edits = [
        (".components[0].spec.visibilityTimeot = 3", 3),
        (".components[] |= (.type = \"Nothing\")", 3),
        (".components[1].id = .components[0].id", 3),
        (".components |= map(select(.id != \"users/db\"))", 3),
    ];
    for (edit, exit) in edits {
        let script = format!("panka parse {PLACE} | jq '{edit}' | panka graph -o json");
        let before = env.files();
        let outcome = env.pipe(&script).exits(exit);
        assert!(!outcome.codes().is_empty(), "{script}\n{outcome}");
        env.unchanged_since(&before);
    }
}

#[test]
fn a_graph_edited_into_nonsense_is_found_out() {
    let env = TestEnv::example("user-platform");
    for (edit, code) in [
        (".resources += [.resources[0]]", "P2019"),
        (
            "(.resources[] | select(.address == \"users/db/instance\") | .properties.DBSubnetGroupName) = {\"$ref\": \"users/no/thing\", \"attribute\": \"Arn\"}",
            "P2001",
        ),
        ("(.resources[] | select(.address == \"_stack/network/vpc\") | .dependsOn) = [\"users/db/instance\"]", "P2010"),
    ] {
        refused(&env, &format!("panka graph {PLACE} | jq '{edit}' | panka diff -o json"), 3, code);
    }
}

#[test]
fn mistakes_on_the_command_line_are_usage() {
    let env = TestEnv::example("user-platform");
    for (script, code) in [
        ("panka parse -s nope -e dev -o json", "P0002"),
        ("panka parse -o json", "P0002"),
        ("panka parse -s user-platform -e dev --var VERSION -o json", "P0010"),
        ("panka parse -s user-platform -e dev --var 1X=2 -o json", "P0010"),
        ("panka diff -s user-platform -e dev --target a//b -o json", "P0009"),
        ("panka diff -s user-platform -e dev --exclude nothing -o json", "P0009"),
        ("panka parse -s user-platform -e dev --jq '.components[' -o json", "P0011"),
        ("panka explain P12 -o json", "P0016"),
        ("panka schema plam -o json", "P0016"),
        ("panka apply -s user-platform -e dev -y --parallelism 0 -o json", "P0017"),
        ("panka apply -s user-platform -e dev -y --lock-timeout soon -o json", "P0017"),
        ("panka apply -s user-platform -e dev -o json", "P0008"),
        ("panka diff -s user-platform -e dev --engine cloud -o json", "P0013"),
    ] {
        refused(&env, script, 2, code);
    }
    let outcome = env.pipe("panka parse -s nope").run();
    assert_eq!(outcome.code, Some(2), "{outcome}");
    let outcome = env.pipe("panka pars").run();
    assert_eq!(outcome.code, Some(2), "{outcome}");
    assert!(outcome.stderr.contains("parse"), "{outcome}");
}

#[test]
fn a_filter_that_fails_on_the_document_says_so() {
    let env = TestEnv::example("user-platform");
    refused_filter(&env, ".stack.foo");
    refused_filter(&env, ".components[] | .nothing.x | error");
}

fn refused_filter(env: &TestEnv, filter: &str) {
    let outcome = env.pipe(&format!("panka parse {PLACE} --jq '{filter}' -o json")).run();
    assert_eq!((outcome.code, outcome.codes()), (Some(1), vec!["P0012".to_owned()]), "{outcome}");
}

#[test]
fn outside_a_repository_the_way_in_is_shown() {
    let env = TestEnv::new();
    for script in ["panka parse -o json", "panka graph -s a -e b -o json", "panka validate -o json"] {
        refused(&env, script, 2, "P0001");
    }
}
