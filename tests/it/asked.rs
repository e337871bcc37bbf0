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

#[test]
fn arguments_are_checked_before_anything_is_read_or_locked() {
    let env = TestEnv::example("user-platform");
    let before = env.files();
    // Nothing is reached: of a bucket that nobody can ask, nothing is told.
    let away = "--backend-type s3 --backend-bucket b --backend-region eu-west-1 --engine local --allow-simulated";
    for line in [
        format!("panka apply -y {AT} {away} --lock-timeout soon"),
        format!("panka apply -y {AT} {away} --parallelism 0"),
        format!("panka apply -y {AT} {away} --events fd:x"),
        format!("panka apply -y {AT} {away} --target users//api"),
        format!("panka destroy -y {AT} --backend-type s3 --backend-bucket b --lock-timeout 1w"),
        format!("panka destroy -y {AT} --backend-type s3 --backend-bucket b --target users//api"),
        format!("panka diff {AT} --exclude users//api"),
        format!("panka plan {AT} --replace users//api"),
        format!("panka lock {AT} --ttl soon"),
        format!("panka lock acquire {AT} --ttl 1s"),
        format!("panka lock acquire {AT} --lock-timeout soon"),
        "panka lock renew nothing.json --ttl soon".to_owned(),
        format!("panka state {AT} --var 1X=2"),
        format!("panka outputs {AT} --var X"),
    ] {
        let outcome = env.pipe(&format!("{} -o json </dev/null", line.replace("--allow-simulated ", ""))).exits(2);
        let codes = outcome.codes();
        assert!(codes.iter().all(|code| ["P0017", "P0009", "P0010", "P6006"].contains(&code.as_str())), "{line}: {outcome}");
        env.unchanged_since(&before);
    }
}

#[test]
fn variables_do_not_go_with_a_plan_in_a_file() {
    let env = TestEnv::example("user-platform");
    drop(env.pipe(&format!("panka plan {AT} --out plan.json")).succeeds());
    let before = env.files();
    let outcome = env.pipe("panka apply -y plan.json --var VERSION=v2 -o json").exits(2);
    assert_eq!(outcome.codes(), ["P0017"], "{outcome}");
    env.unchanged_since(&before);
}

#[test]
fn a_renewed_lease_is_as_long_as_it_was() {
    let env = TestEnv::example("user-platform");
    let seconds = |ticket: &str| {
        let script = format!("panka lock status {AT} --jq '.holders.stack | [.ttl, .lockId]'");
        let held = env.pipe(&script).succeeds().json();
        assert_eq!(held[1].as_str(), Some(ticket));
        held[0].as_u64().unwrap()
    };
    let ticket = env.pipe(&format!("panka lock acquire {AT} --ttl 2h > t.json; cat t.json")).succeeds().json();
    let id = ticket["lock"]["lockId"].as_str().or(ticket["lockId"].as_str()).unwrap().to_owned();
    let renewed = env.pipe("panka lock renew t.json").succeeds().json();
    assert_eq!(seconds(&id), 7200, "{renewed}");
    drop(env.pipe("panka lock renew t.json --ttl 10m").succeeds());
    assert_eq!(seconds(&id), 600);
    drop(env.pipe(&format!("panka lock renew --lock-id {id} {AT}")).succeeds());
    assert_eq!(seconds(&id), 600);
}

#[test]
fn a_stage_works_where_the_repository_of_its_document_is() {
    let env = TestEnv::example("user-platform");
    std::fs::create_dir_all(env.path("elsewhere/stacks")).unwrap();
    std::fs::create_dir_all(env.path("stacks/user-platform/docs")).unwrap();
    let here = env.pipe(&format!("panka parse {AT}")).succeeds().json();
    assert_eq!(here.get("root"), None, "in the repository itself nothing is to be said");
    let there = env.pipe(&format!("cd elsewhere && panka -C .. parse {AT}")).succeeds().json();
    assert_eq!(there["root"], "..");
    for line in [
        format!("cd elsewhere && panka -C .. parse {AT} | panka apply -y -q"),
        format!("cd elsewhere && panka -C .. parse {AT} | panka graph | panka diff | panka apply -y -q"),
        format!("cd stacks/user-platform/docs && panka graph {AT} | panka apply -y -q"),
        format!("cd elsewhere && panka -C .. plan --destroy {AT} --out gone.json && panka apply -y -q gone.json; rm gone.json"),
    ] {
        drop(env.pipe(&line).succeeds());
        assert!(env.path(".panka/stacks/user-platform/dev/state.json").is_file(), "{line}");
        assert!(!env.path("elsewhere/.panka").exists() && !env.path("stacks/user-platform/docs/.panka").exists(), "{line}");
    }
    let before = env.files();
    for (line, exit) in [
        (format!("cd elsewhere && panka -C .. parse {AT} | panka -C . apply -y -o json"), 3),
        (format!("cd elsewhere && panka -C .. parse {AT} | jq -c '.root = \"nowhere\"' | panka apply -y -o json"), 3),
        (format!("cd elsewhere && panka -C .. parse {AT} | jq -c '.root = \"/\"' | panka apply -y -o json"), 3),
    ] {
        let outcome = env.pipe(&line).exits(exit);
        assert_eq!(outcome.codes(), ["P0007"], "{line}: {outcome}");
        env.unchanged_since(&before);
    }
}

#[test]
fn a_plan_of_another_catalog_or_without_digests_is_refused() {
    let env = TestEnv::example("user-platform");
    drop(env.pipe(&format!("panka plan {AT} --out plan.json")).succeeds());
    for edit in [
        r#".digests.catalog = "2020-01-01""#,
        "del(.digests.graph)",
        "del(.digests.manifest)",
        r#".digests.graph = "sha256:nonsense""#,
        r#".digests.manifest = """#,
    ] {
        let outcome = env.pipe(&format!("jq -c '{edit}' plan.json | panka apply -y -o json")).exits(3);
        assert_eq!(outcome.codes(), ["P0007"], "{edit}: {outcome}");
        assert!(!env.path(".panka").exists(), "{edit}");
    }
    drop(env.pipe("panka apply -y -q plan.json").succeeds());
}

const STACK: &str = "stacks/user-platform/stack.yaml";

#[test]
fn a_stack_stays_in_its_region() {
    let env = TestEnv::example("user-platform");
    let count = |env: &TestEnv| env.pipe(&format!("panka state {AT} --jq '.resources | length'")).succeeds().stdout.trim().to_owned();
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    drop(env.pipe(&format!("panka plan --destroy {AT} --out gone.json; panka diff {AT} > plan.json")).succeeds());
    let all = count(&env);
    let region = env.pipe(&format!("panka parse {AT} --jq .provider.region --raw-output")).succeeds().stdout.trim().to_owned();
    let other = "ap-south-1";
    assert_ne!(region, other);
    if env.read(STACK).contains(&region) {
        env.edit(STACK, &region, other);
    } else {
        env.edit(STACK, "spec:\n", &format!("spec:\n  provider: {{region: {other}}}\n"));
    }
    let before = env.files();
    for verb in ["diff", "plan", "apply -y", "graph | panka apply -y"] {
        let verb = verb.split_once(" | ").map_or(format!("{verb} {AT}"), |(first, rest)| format!("{first} {AT} | {rest}"));
        let outcome = env.pipe(&format!("panka {verb} -o json")).exits(1);
        assert_eq!(outcome.codes(), ["P4014"], "{verb}: {outcome}");
        assert!(outcome.stderr.contains(&region) && outcome.stderr.contains(other), "{outcome}");
        env.unchanged_since(&before);
    }
    // What is there is deleted where it is.
    assert_eq!(count(&env), all);
    let plan = env.pipe(&format!("panka plan --destroy {AT} -o json")).succeeds().json();
    assert_eq!(plan["provider"]["region"].as_str(), Some(region.as_str()));
    let edited = env.pipe(&format!("jq -c '.provider.region = \"{other}\"' gone.json | panka apply -y -o json")).exits(1);
    assert_eq!(edited.codes(), ["P4014"], "{edited}");
    drop(env.pipe(&format!("panka destroy -y -q {AT}")).succeeds());
    assert_eq!(count(&env), "0");
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    drop(env.pipe(&format!("panka diff {AT} --exit-code")).succeeds());
}

#[test]
fn the_region_of_the_environment_counts_like_that_of_the_manifests() {
    let env = TestEnv::new();
    env.write("stack.yaml", "apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {name: one}\nspec: {}\n");
    env.write("services/a/components/q/sqs.yaml", "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: q}\nspec: {}\n");
    drop(env.pipe("AWS_REGION=eu-west-1 panka apply -e dev -y -q").succeeds());
    let before = env.files();
    let outcome = env.pipe("AWS_REGION=eu-west-2 panka apply -e dev -y -o json").exits(1);
    assert_eq!(outcome.codes(), ["P4014"], "{outcome}");
    let outcome = env.pipe("AWS_REGION=eu-wst-1 panka validate -e dev -o json").exits(3);
    assert_eq!(outcome.codes(), ["P1014"], "{outcome}");
    for region in ["eu-middle-1", "us-east-9", "EU-WEST-1"] {
        let outcome = env.pipe(&format!("AWS_REGION={region} panka apply -e dev -y -o json")).exits(3);
        assert_eq!(outcome.codes(), ["P1014"], "{outcome}");
    }
    env.unchanged_since(&before);
    drop(env.pipe("AWS_REGION=eu-west-2 panka destroy -e dev -s one -y -q").succeeds());
    let left = env.pipe("panka state -e dev -s one --jq '.resources | length'").succeeds().stdout;
    assert_eq!(left.trim(), "0");
}

#[test]
fn destroy_reads_no_document_and_takes_no_empty_pipe() {
    let env = TestEnv::example("user-platform");
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    let before = env.files();
    for (input, code) in [
        ("true".to_owned(), "P0005"),
        (format!("panka diff {AT} | sh -c 'cat >/dev/null; exit 1'"), "P0005"),
        (format!("panka plan --destroy --target users/avatars {AT}"), "P0003"),
        (format!("panka parse {AT}"), "P0003"),
    ] {
        let outcome = env.pipe(&format!("{input} | panka destroy -y {AT} -o json")).exits(3);
        assert_eq!(outcome.codes(), [code], "{input}: {outcome}");
        env.unchanged_since(&before);
    }
    let outcome = env.pipe(&format!("panka destroy -y {AT} --confirm other -o json")).exits(1);
    assert_eq!(outcome.codes(), ["P8004"], "a name that is another stack's is no leave: {outcome}");
    env.unchanged_since(&before);
    drop(env.pipe(&format!("panka destroy -y -q {AT} </dev/null")).succeeds());
}

#[test]
fn a_document_made_beside_a_state_is_not_carried_out_beside_another() {
    let env = TestEnv::example("user-platform");
    drop(env.pipe("mkdir a b c && mv stacks a && cp -r a/stacks b").succeeds());
    drop(env.pipe(&format!("cd a && panka apply -y -q {AT}")).succeeds());
    drop(env.pipe(&format!("cd a && panka plan {AT} --out plan.json")).succeeds());
    let before = env.files();
    for stage in ["parse", "graph"] {
        for there in ["b", "c"] {
            let outcome = env.pipe(&format!("(cd a && panka {stage} {AT}) | (cd {there} && panka apply -y -o json)")).exits(3);
            assert_eq!(outcome.codes(), ["P0007"], "{stage} in {there}: {outcome}");
            env.unchanged_since(&before);
        }
    }
    let outcome = env.pipe("cd b && panka apply -y ../a/plan.json -o json").exits(5);
    assert_eq!(outcome.codes(), ["P8001"], "a plan without steps as well: {outcome}");
    env.unchanged_since(&before);
    drop(env.pipe(&format!("cd a && panka parse {AT} | panka graph | panka diff --exit-code")).succeeds());
}
