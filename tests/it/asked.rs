//! No command does more than was asked.

use crate::env::{TestEnv, repository};

const AT: &str = "-s user-platform -e dev";

/// Verbs that read a document of the path.
const STAGES: [&str; 7] = ["graph", "diff", "plan", "apply -y", "lock", "state", "render --format dot"];

#[test]
fn an_empty_pipe_is_refused_by_every_stage_and_nothing_is_done() {
    let env = TestEnv::example("user-platform");
    let before = env.files();
    for verb in STAGES {
        for empty in ["true", "printf ' \\n'"] {
            let outcome = env.pipe(&format!("{empty} | panka {verb} {AT} -o json")).exits(3);
            assert_eq!(outcome.codes(), ["P0005"], "{verb}: {outcome}");
            env.unchanged_since(&before);
        }
    }
    // A filter that failed is such a stage before.
    let outcome = env.pipe(&format!("panka diff {AT} | sh -c 'cat >/dev/null; exit 1' | panka apply -y {AT} -o json")).exits(3);
    assert_eq!(outcome.codes(), ["P0005"]);
    env.unchanged_since(&before);
    for none in ["</dev/null", "<&-"] {
        drop(env.pipe(&format!("panka render {AT} --format dot {none}")).succeeds());
        drop(env.pipe(&format!("panka diff {AT} {none}")).succeeds());
    }
}

#[test]
fn a_filter_that_is_no_filter_is_refused_before_anything_is_done() {
    let env = TestEnv::example("user-platform");
    let before = env.files();
    for verb in ["apply -y", "diff", "stack init other", "lock acquire", "init --here --region eu-west-1"] {
        let outcome = env.pipe(&format!("panka {verb} {AT} --jq '.a b' </dev/null")).exits(2);
        assert!(outcome.stderr.contains("P0011"), "{verb}: {outcome}");
        env.unchanged_since(&before);
    }
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    let applied = env.files();
    for verb in ["destroy -y", "state rm notify/queue", "state protect notify/queue"] {
        let outcome = env.pipe(&format!("panka {verb} {AT} --jq 'nope(' </dev/null")).exits(2);
        assert!(outcome.stderr.contains("P0011"), "{verb}: {outcome}");
        env.unchanged_since(&applied);
    }
}

#[test]
fn a_filter_that_fails_on_the_document_of_a_run_is_no_failure_of_the_run() {
    let env = TestEnv::example("user-platform");
    let outcome = env.pipe(&format!("panka apply -y -q {AT} --jq '.kind | .x' -o json")).exits(0);
    assert!(outcome.stderr.contains("P0012") && outcome.stderr.contains("only the filter failed"), "{outcome}");
    drop(env.pipe(&format!("panka diff {AT} --exit-code")).succeeds());
    let outcome = env.pipe(&format!("panka diff {AT} --jq '.kind | .x' -o json")).exits(1);
    assert_eq!(outcome.codes(), ["P0012"], "who only looks is told as before");
}

#[test]
fn variables_go_to_the_stage_that_reads_the_yaml_files() {
    let env = TestEnv::example("user-platform");
    env.write("more.yaml", "VERSION: v2\n");
    let before = env.files();
    for verb in ["graph", "diff", "apply -y", "render --format dot"] {
        for flag in ["--var VERSION=v2", "--var-file more.yaml"] {
            let outcome = env.pipe(&format!("panka parse {AT} | panka {verb} {flag} -o json")).exits(2);
            assert_eq!(outcome.codes(), ["P0017"], "{verb} {flag}: {outcome}");
            env.unchanged_since(&before);
        }
    }
    drop(env.pipe(&format!("panka parse {AT} --var VERSION=v2 | panka diff")).succeeds());
}

#[test]
fn the_tour_runs_whatever_its_standard_input_is() {
    let env = TestEnv::new();
    let tour = repository().join("examples/tour.sh");
    for input in ["true |", ""] {
        let script = format!("{input} PANKA={} sh {}", env!("CARGO_BIN_EXE_panka"), tour.display());
        drop(env.pipe(&script).succeeds());
    }
}
