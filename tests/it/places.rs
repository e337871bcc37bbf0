//! Where the state and the locks of a stack lie: one rule for every verb, flags that change something or are refused.

use crate::env::TestEnv;

const PLACE: &str = "-s user-platform -e dev";
const STACK: &str = "stacks/user-platform/stack.yaml";

/// Verbs that open the backend, with what they need.
const VERBS: [&str; 17] = [
    "plan",
    "diff",
    "apply -y",
    "destroy -y",
    "outputs",
    "state show",
    "state list",
    "state pull",
    "state history",
    "state verify",
    "state rm users/db --dry-run",
    "state protect users/db",
    "lock status",
    "lock list",
    "lock acquire",
    "lock break --lock-id x",
    "lock release --lock-id x",
];

fn applied() -> TestEnv {
    let env = TestEnv::example("user-platform");
    env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    env
}

/// Adds lines to the spec of the stack.
fn declare(env: &TestEnv, path: &str, lines: &str) {
    let text = env.read(path);
    assert!(text.contains("\nspec:\n"), "{text}");
    env.write(path, text.replacen("\nspec:\n", &format!("\nspec:\n{lines}"), 1));
}

#[test]
fn a_bucket_that_the_stack_declares_is_that_of_every_verb() {
    for (file, lines) in [
        (STACK, "  backend: {bucket: team-state}\n"),
        ("stacks/user-platform/environments/dev.yaml", "  backend: {bucket: team-state}\n"),
        (STACK, "  backend: {bucket: \"${NAME}-state\"}\n"),
    ] {
        let mut env = applied();
        env.set("PANKA_VAR_NAME", "team");
        env.set("PANKA_ENGINE", "local");
        env.edit(
            "stacks/user-platform/environments/dev.yaml",
            "spec: {variables: {LOG_LEVEL: debug}}",
            "spec:\n  variables: {LOG_LEVEL: debug}",
        );
        declare(&env, file, lines);
        let before = env.files();
        for verb in VERBS {
            // There are no credentials here, and a bucket is not reached without.
            let outcome = env.pipe(&format!("panka {verb} {PLACE} -o json </dev/null")).exits(1);
            assert_eq!(outcome.codes(), ["P4010"], "{verb} with {file}\n{outcome}");
            assert!(outcome.stderr.contains("s3://team-state"), "{outcome}");
        }
        let pushed = env.pipe(&format!("panka state push .panka/stacks/user-platform/dev/state.json {PLACE} -o json")).exits(1);
        assert_eq!(pushed.codes(), ["P4010"], "{pushed}");
        let shown = env.pipe(&format!("panka config show --origin {PLACE} --jq '.settings[] | select(.key == \"backend.bucket\")'"));
        let shown = shown.succeeds().json();
        assert_eq!((&shown["value"], &shown["origin"]), (&"team-state".into(), &"stack.yaml".into()));
        env.unchanged_since(&before);
    }
}

#[test]
fn a_broken_component_stands_in_the_way_of_no_verb_on_state_and_locks() {
    for broken in ["kind: [", "apiVersion: components.panka.io/v1\nkind: Nonsense\nmetadata: {name: x}\n", "a: b\na: c\n"] {
        let env = applied();
        env.write("stacks/user-platform/services/users/components/db/broken.yaml", broken);
        env.write("stacks/user-platform/services/orders/orders.yaml", broken);
        for verb in ["outputs", "state show", "state list", "state history", "state verify", "lock status", "lock list", "config show"] {
            drop(env.pipe(&format!("panka {verb} {PLACE} -o json </dev/null")).succeeds());
        }
        drop(env.pipe(&format!("panka lock acquire {PLACE} > lock.json && panka lock release lock.json")).succeeds());
        drop(env.pipe(&format!("panka state rm users/avatars {PLACE}")).succeeds());
        drop(env.pipe(&format!("panka destroy -y {PLACE}")).exits(0));
    }
}

#[test]
fn what_another_part_of_the_stack_needs_is_not_asked_for() {
    let env = applied();
    env.edit(STACK, "{team: identity}", "{release: \"${RELEASE}\"}");
    drop(env.pipe(&format!("panka validate {PLACE} </dev/null")).exits(3));
    drop(env.pipe(&format!("panka state list {PLACE} </dev/null")).succeeds());
}

#[test]
fn the_word_backend_in_a_comment_declares_nothing() {
    let env = applied();
    declare(&env, STACK, "  # backend: {bucket: some-other}\n");
    drop(env.pipe(&format!("panka state list {PLACE} </dev/null")).succeeds());
}

#[test]
fn a_declaration_that_is_wrong_is_said_with_its_line_and_nothing_is_opened() {
    let env = applied();
    declare(&env, STACK, "  backend: {buckte: team-state}\n");
    let before = env.files();
    for verb in ["state list", "lock status", "outputs", "diff"] {
        let outcome = env.pipe(&format!("panka {verb} {PLACE} -o json </dev/null")).exits(3);
        let finding = &outcome.findings()[0];
        assert_eq!(finding["code"], "P1010", "{verb}\n{outcome}");
        assert!(finding["span"].as_str().unwrap().starts_with(STACK), "{outcome}");
    }
    env.unchanged_since(&before);
}

#[test]
fn a_state_is_reached_where_its_environment_has_no_file_any_more() {
    let env = applied();
    std::fs::remove_dir_all(env.path("stacks/user-platform/environments")).unwrap();
    let listed = env.pipe(&format!("panka state list {PLACE} --jq '.resources | length'")).succeeds().json();
    assert!(listed.as_u64().unwrap() > 40);
}

#[test]
fn flags_of_the_backend_change_something_or_are_refused() {
    let env = applied();
    let before = env.files();
    for flags in [
        "--backend-prefix team/",
        "--backend-region eu-west-1",
        "--lock-table locks",
        "--lock-region eu-west-1",
        "--lock-type dynamodb",
        "--lock-type s3",
        "--lock-type nonsense",
        "--backend-type s3",
        "--backend-type nonsense",
        "--engine nonsense",
        "--backend-bucket b --lock-type dynamodb",
        "--backend-bucket b --lock-type local",
    ] {
        let outcome = env.pipe(&format!("panka state list {PLACE} {flags} -o json </dev/null")).exits(2);
        assert_eq!(outcome.codes(), ["P0013"], "{flags}\n{outcome}");
    }
    for (flags, exit, code) in [
        ("--backend-bucket b", 1, "P4010"),
        ("--backend-bucket b --lock-table ttt", 1, "P4010"),
        ("--backend-bucket b --lock-type s3 --backend-prefix p/", 1, "P4010"),
    ] {
        let outcome = env.pipe(&format!("panka state list {PLACE} {flags} -o json </dev/null")).exits(exit);
        assert_eq!(outcome.codes(), [code], "{flags}\n{outcome}");
    }
    drop(env.pipe(&format!("panka state list {PLACE} --lock-type local --backend-type local --engine local </dev/null")).succeeds());
    env.unchanged_since(&before);
}

#[test]
fn files_that_name_a_table_do_not_stand_in_the_way_of_a_state_in_files() {
    let env = applied();
    env.write("panka.yaml", "backend: {bucket: team-state}\nlocks: {type: dynamodb, table: locks}\n");
    drop(env.pipe(&format!("panka state list {PLACE} --backend-type local </dev/null")).succeeds());
    let outcome = env.pipe(&format!("panka state list {PLACE} -o json </dev/null")).exits(1);
    assert_eq!(outcome.codes(), ["P4010"], "the bucket is asked: {outcome}");
}
