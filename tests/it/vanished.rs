//! What has vanished from the manifests is not deleted unseen.

use std::fs;

use crate::env::TestEnv;

const AT: &str = "-s user-platform -e dev";
const STACK: &str = "stacks/user-platform";

fn applied() -> TestEnv {
    let env = TestEnv::example("user-platform");
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    env
}

fn rename(env: &TestEnv, from: &str, to: &str) {
    fs::rename(env.path(format!("{STACK}/{from}")), env.path(format!("{STACK}/{to}"))).unwrap();
}

/// Takes a service away, and the output of the stack that comes from it.
fn cut(env: &TestEnv, service: &str, output: &str) {
    fs::remove_dir_all(env.path(format!("{STACK}/services/{service}"))).unwrap();
    let stack = env.read(format!("{STACK}/stack.yaml"));
    let kept: Vec<&str> = stack.lines().filter(|line| !line.contains(output)).collect();
    env.write(format!("{STACK}/stack.yaml"), kept.join("\n") + "\n");
}

/// An apply that must be refused with this code, at this place, with nothing changed.
fn refused(env: &TestEnv, code: &str, place: &str) {
    let before = env.files();
    for verb in ["validate", "diff", "apply -y"] {
        let outcome = env.pipe(&format!("panka {verb} {AT} -o json </dev/null")).exits(3);
        let found = outcome.findings();
        let found = found.iter().find(|finding| finding["code"] == code).unwrap_or_else(|| panic!("{verb}: {outcome}"));
        assert!(found["span"].as_str().is_some_and(|at| at.starts_with(&format!("{STACK}/{place}"))), "{verb}: {outcome}");
    }
    env.unchanged_since(&before);
}

#[test]
fn a_directory_that_is_not_read_is_named_when_it_holds_manifests() {
    for (from, to) in [
        ("services", "servces"),
        ("services/users/components", "services/users/component"),
        ("services/users/components", "services/users/parts"),
        ("environments/production/services/users/components", "environments/dev/services/users/compnents"),
        ("environments", "enviroments"),
    ] {
        let env = applied();
        if let Some((parent, _)) = to.rsplit_once('/') {
            fs::create_dir_all(env.path(format!("{STACK}/{parent}"))).unwrap();
        }
        rename(&env, from, to);
        refused(&env, "P1055", to);
    }
}

#[test]
fn a_file_whose_name_is_not_read_is_named() {
    let env = applied();
    rename(&env, "services/users/components/avatars/s3.yaml", "services/users/components/avatars/s3.YAML");
    refused(&env, "P1055", "services/users/components/avatars/s3.YAML");
    rename(&env, "services/users/components/avatars/s3.YAML", "services/users/components/avatars/s3.yaml.bak");
    refused(&env, "P1023", "services/users/components/avatars");
    rename(&env, "services/users/components/avatars/s3.yaml.bak", "services/users/components/avatars/s3.yaml");
    drop(env.pipe(&format!("panka diff {AT} --exit-code")).succeeds());
}

#[test]
fn a_file_without_a_document_is_an_error() {
    for empty in ["", "\n", "# all of it is commented out\n", "---\n", "---\n# nothing\n---\n"] {
        let env = applied();
        env.write(format!("{STACK}/services/users/components/avatars/s3.yaml"), empty);
        refused(&env, "P1023", "services/users/components/avatars/s3.yaml");
    }
    let env = applied();
    env.write(format!("{STACK}/environments/dev.yaml"), "");
    refused(&env, "P1023", "environments/dev.yaml");
}

#[test]
fn what_is_no_manifest_may_lie_beside_them() {
    let env = TestEnv::example("user-platform");
    for dir in ["services/users/components/api/configs/k8s", "services/users/components/api/src", ".github"] {
        env.write(format!("{STACK}/{dir}/x.yaml"), "a: 1\n");
    }
    env.write(format!("{STACK}/README.md"), "text\n");
    let outcome = env.pipe(&format!("panka validate {AT} -o json")).succeeds();
    assert!(!outcome.stderr.contains("P1055"), "{outcome}");
    env.write(format!("{STACK}/docs/notes.md"), "text\n");
    let outcome = env.pipe(&format!("panka validate {AT} -o json")).succeeds();
    assert_eq!(outcome.codes(), ["P1055"], "told, and nothing stops");
    drop(env.pipe(&format!("panka validate {AT} --strict -o json")).exits(3));
}

#[test]
fn a_repository_of_one_stack_holds_other_things_as_well() {
    let env = TestEnv::new();
    env.write("stack.yaml", "apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {name: one}\nspec: {provider: {region: eu-west-1}}\n");
    let queue = "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: q}\nspec: {}\n";
    env.write("services/a/components/q/sqs.yaml", queue);
    env.write("src/deploy/values.yaml", "a: 1\n");
    drop(env.pipe("panka validate -e dev --strict").succeeds());
    env.write("service/b/components/q/sqs.yaml", queue);
    let outcome = env.pipe("panka validate -e dev -o json").exits(3);
    assert_eq!(outcome.codes(), ["P1055"], "{outcome}");
    assert!(outcome.stderr.contains("did you mean `services`"), "{outcome}");
}

#[test]
fn deleting_most_of_what_exists_is_asked_for_by_name() {
    let env = applied();
    cut(&env, "users", "apiUrl");
    fs::remove_dir_all(env.path(format!("{STACK}/services/notify/components/mailer"))).unwrap();
    let before = env.files();
    for run in [format!("panka apply -y {AT}"), format!("panka diff {AT} | panka apply -y")] {
        let outcome = env.pipe(&format!("{run} -o json")).exits(1);
        assert_eq!(outcome.codes(), ["P8013"], "{run}: {outcome}");
        env.unchanged_since(&before);
    }
    let plan = env.pipe(&format!("panka plan {AT}")).succeeds().stdout;
    assert!(plan.contains("P8013") && plan.contains("resources that exist would be deleted"), "{plan}");
    // A person who is asked sees it before the question, and decides.
    let asked = env.terminal(&format!("panka apply {AT}"), "n\n").exits(1);
    assert!(asked.stdout.find("P8013") < asked.stdout.find("Do you want to apply"), "{asked}");
    env.unchanged_since(&before);
    drop(env.pipe(&format!("panka apply -y -q --allow-mass-delete {AT}")).succeeds());
    drop(env.pipe(&format!("panka diff {AT} --exit-code")).succeeds());
}

#[test]
fn deleting_a_part_is_not_asked_for() {
    let env = applied();
    fs::remove_dir_all(env.path(format!("{STACK}/services/notify/components/mailer"))).unwrap();
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    drop(env.pipe(&format!("panka destroy -y -q {AT}")).succeeds());
}

#[test]
fn warnings_come_before_the_question_and_before_the_run() {
    let env = TestEnv::example("user-platform");
    env.write(format!("{STACK}/docs/notes.md"), "text\n");
    let asked = env.terminal(&format!("panka apply {AT}"), "n\n").exits(1);
    assert!(asked.stdout.find("P1055").is_some_and(|at| Some(at) < asked.stdout.find("Do you want to apply")), "{asked}");
    let run = env.pipe(&format!("panka apply -y {AT} -o table")).succeeds();
    let first = |text: &str| run.stderr.find(text).unwrap_or_else(|| panic!("{text}: {run}"));
    assert!(first("P1055") < first("created"), "{run}");
    assert_eq!(run.stderr.matches("P1055").count(), 1, "{run}");
}

#[test]
fn a_saved_plan_destroys_a_protected_environment_by_name_only() {
    let env = TestEnv::example("user-platform");
    env.edit(format!("{STACK}/environments/dev.yaml"), "spec: {", "spec: {protect: true, ");
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    for name in env
        .pipe(&format!("panka state {AT} --jq '.resources | to_entries[] | select(.value.protect) | .key' --raw-output"))
        .succeeds()
        .stdout
        .lines()
    {
        drop(env.pipe(&format!("panka state unprotect {name} {AT}")).succeeds());
    }
    drop(env.pipe(&format!("panka plan --destroy {AT} --out gone.json")).succeeds());
    drop(env.pipe("jq -c 'del(.protect)' gone.json > edited.json").run());
    let before = env.files();
    for plan in ["gone.json", "edited.json"] {
        let outcome = env.pipe(&format!("panka apply -y {plan} -o json")).exits(1);
        assert_eq!(outcome.codes(), ["P8004"], "{outcome}");
        drop(env.pipe(&format!("panka apply -y {plan} --confirm other -o json")).exits(1));
        env.unchanged_since(&before);
    }
    drop(env.pipe("panka apply -y -q gone.json --confirm user-platform").succeeds());
    let left = env.pipe(&format!("panka state {AT} --jq '.resources | length'")).succeeds().stdout;
    assert_eq!(left.trim(), "0");
}

#[test]
fn a_service_directory_whose_name_is_none_is_a_finding() {
    for name in ["Users", "_users", "users copy", "users.bak"] {
        let env = TestEnv::example("user-platform");
        rename(&env, "services/users", &format!("services/{name}"));
        for verb in ["validate", "diff", "apply -y"] {
            let outcome = env.pipe(&format!("panka {verb} {AT} -o json")).exits(3);
            assert!(outcome.codes().contains(&"P1005".to_owned()), "{name}: {outcome}");
        }
    }
}

#[test]
fn overlays_of_an_environment_that_is_nearly_named_are_a_finding() {
    for name in ["prodution", "Production", "prod"] {
        let env = TestEnv::example("user-platform");
        rename(&env, "environments/production", &format!("environments/{name}"));
        let outcome = env.pipe("panka validate -s user-platform -e production -o json").exits(3);
        assert_eq!(outcome.codes(), ["P1055"], "{name}: {outcome}");
        assert!(outcome.stderr.contains("did you mean `production`"), "{outcome}");
    }
}
