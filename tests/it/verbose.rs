//! The log on standard error: `-v` tells what is read, locked and decided, `-vv` each request and call; neither tells a value.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::env::{Outcome, TestEnv};

const PLACE: &str = "-s user-platform -e dev";
const QUEUE: &str = "stacks/user-platform/services/notify/components/queue/sqs.yaml";

fn apply(env: &TestEnv, more: &str) -> Outcome {
    env.pipe(&format!("panka apply {PLACE} -y -o json --target notify/queue {more}")).succeeds()
}

/// The lines of the log: after the seconds, their level and the rest.
fn lines(outcome: &Outcome) -> Vec<(&str, &str)> {
    let line = |line: &'_ str| -> Option<(usize, usize)> {
        let (seconds, rest) = line.trim_start().split_once("s ")?;
        seconds.parse::<f64>().ok()?;
        let rest = rest.trim_start();
        Some((line.len() - rest.len(), line.len() - rest.len() + rest.find(' ')?))
    };
    outcome.stderr.lines().filter_map(|text| line(text).map(|(from, to)| (&text[from..to], text[to..].trim()))).collect()
}

/// Tells whether some line begins with this.
fn tells(outcome: &Outcome, start: &str) -> bool {
    lines(outcome).iter().any(|(_, text)| text.starts_with(start))
}

/// The keys that the log names after these words, in whatever order.
fn keys(outcome: &Outcome, words: &str) -> BTreeSet<String> {
    lines(outcome).iter().filter_map(|(_, text)| text.strip_prefix(words)?.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn nothing_is_told_unasked() {
    let env = TestEnv::example("user-platform");
    let outcome = apply(&env, "-q");
    assert_eq!(outcome.stderr, "", "{outcome}");
    let outcome = env.pipe(&format!("panka diff {PLACE}")).succeeds();
    assert_eq!(lines(&outcome), [], "{outcome}");
}

#[test]
fn a_warning_is_told_unasked_but_not_with_quiet() {
    for (flag, told) in [("", true), ("-q", false)] {
        let env = TestEnv::example("user-platform");
        env.write("slow.json", r#"{"kind":"panka.faults/v1","seed":1,"rules":[{"match":{},"do":{"latency":0.3}}]}"#);
        // Whoever is to give back a lock whose record is damaged cannot.
        let damage = "until grep -q step-started events; do sleep 0.01; done; echo '{}' > .panka/locks/user-platform/dev.json";
        let apply = format!("panka apply {PLACE} -y --target notify/queue --faults slow.json --events events {flag}");
        let outcome = env.pipe(&format!("({damage}) & {apply}; wait")).succeeds();
        let warned = lines(&outcome).iter().any(|line| line.0 == "WARN" && line.1.contains("the lock could not be released"));
        assert_eq!((warned, lines(&outcome).len()), (told, usize::from(told)), "{outcome}");
    }
}

#[test]
fn v_tells_what_is_read_locked_and_decided() {
    let env = TestEnv::example("user-platform");
    env.write("panka.yaml", "parallelism: 4\n");
    let outcome = apply(&env, "-v");
    for start in [
        "configuration read: panka.yaml files=1 ms=",
        "manifests read: user-platform in dev files=8 components=5 ",
        "graph made resources=44 ",
        "backend: local from=\"default: no bucket is known\"",
        "engine: local from=\"default with the local backend\"",
        "state loaded: user-platform in dev serial=0 resources=0 journal_objects=0 ",
        "plan decided: 2 create, 6 outputs steps=2 serial=0 ",
        "the plan is approved by --auto-approve",
        "lock acquired: stack:user-platform:env:dev epoch=1 waited_ms=",
        "the plan is made again under the lock",
        "snapshot written serial=1 bytes=",
        "lock released: stack:user-platform:env:dev ms=",
    ] {
        assert!(tells(&outcome, start), "{start}\n{outcome}");
    }
    assert!(lines(&outcome).iter().all(|(level, _)| *level == "INFO"), "{outcome}");
    let outcome = env.pipe(&format!("panka apply {PLACE} -y --target notify/queue -v")).succeeds();
    assert!(tells(&outcome, "nothing is run: the plan is empty"), "{outcome}");
    assert!(!tells(&outcome, "lock"), "{outcome}");
}

#[test]
fn vv_names_every_object_that_is_written_and_every_call() {
    let env = TestEnv::example("user-platform");
    let outcome = apply(&env, "-vv --events events.ndjson");
    let (put, deleted) = (keys(&outcome, "store put "), keys(&outcome, "store delete "));
    // What is left in the store, and nothing else, was written and not deleted.
    let files = env.files();
    let objects = files.keys().filter_map(|path| path.to_str()?.strip_prefix(".panka/"));
    let there: BTreeSet<String> =
        objects.filter(|key| key.ends_with(".json") && !key.starts_with("local-cloud/")).map(str::to_owned).collect();
    assert_eq!(there, put.difference(&deleted).cloned().collect(), "{outcome}");
    assert!(there.len() >= 3 && deleted.is_subset(&put), "{outcome}");
    assert!(tells(&outcome, "store get locks/user-platform/dev.json outcome=absent"), "{outcome}");
    assert!(tells(&outcome, "lock record write: stack:user-platform:env:dev epoch=1 holders=1 outcome=written"), "{outcome}");
    let events = env.read("events.ndjson");
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let started = events.iter().filter(|event| event["event"] == "step-started");
    let started: BTreeSet<String> = started.map(|event| event["address"].as_str().unwrap().to_owned()).collect();
    assert_eq!(keys(&outcome, "provider create "), started, "{outcome}");
    assert!(tells(&outcome, "provider create notify/queue/queue type=AWS::SQS::Queue call=1 attempt=1 outcome=done ms="), "{outcome}");
}

#[test]
fn what_fails_is_told_with_its_code_only() {
    let env = TestEnv::example("user-platform");
    env.write(
        "faults.json",
        r#"{"kind":"panka.faults/v1","seed":1,"rules":[{"match":{"address":"notify/queue/queue","op":"create","nth":1},"do":{"fail":"InvalidRequest"}}]}"#,
    );
    let outcome =
        env.pipe(&format!("panka apply {PLACE} -y -q --target notify/queue --faults faults.json")).env("PANKA_LOG", "debug").exits(6);
    let line = "provider create notify/queue/queue type=AWS::SQS::Queue call=1 attempt=1 outcome=terminal code=\"InvalidRequest\" ms=";
    assert!(tells(&outcome, line), "{outcome}");
}

#[test]
fn a_run_that_was_killed_is_told_when_it_is_picked_up() {
    let env = TestEnv::example("user-platform");
    env.write("faults.json", r#"{"kind":"panka.faults/v1","seed":1,"rules":[{"match":{"nth":1},"do":{"crash":"after-call"}}]}"#);
    drop(env.pipe(&format!("panka apply {PLACE} -y -q --target notify/queue --faults faults.json")).exits(134));
    let outcome = apply(&env, "-v");
    for start in [
        "lock taken over from a run that is gone by=\"tester@",
        "journal of a writer that is gone sealed epoch=1 ",
        "settling calls of earlier runs, whose end nobody wrote down calls=1",
        "settled: create notify/queue/dead-letter-queue type=AWS::SQS::Queue ",
    ] {
        assert!(tells(&outcome, start), "{start}\n{outcome}");
    }
}

#[test]
fn no_value_is_ever_told() {
    let env = TestEnv::example("user-platform");
    env.edit(QUEUE, "visibilityTimeout: 60", "visibilityTimeout: 60, tags: {note: \"${CANARY}\"}");
    let script = format!("panka apply {PLACE} -y -q --target notify/queue");
    let outcome = env.pipe(&script).env("PANKA_VAR_CANARY", "hunter2-canary").env("PANKA_LOG", "trace").succeeds();
    assert!(tells(&outcome, "snapshot written"), "{outcome}");
    assert!(env.read(".panka/stacks/user-platform/dev/state.json").contains("hunter2-canary"), "the value takes part");
    assert!(!outcome.stderr.contains("hunter2"), "{outcome}");
    let outcome =
        env.pipe(&format!("panka destroy {PLACE} -y -vvv 2>log; grep -v '^[-+~!]' log >&2")).env("PANKA_VAR_CANARY", "x").succeeds();
    assert!(tells(&outcome, "provider delete notify/queue/queue "), "{outcome}");
    assert!(!outcome.stderr.contains("hunter2"), "{outcome}");
    let outcome = env.pipe(&format!("panka diff {PLACE} -vvv --var CANARY=hunter2-flag")).succeeds();
    assert!(outcome.stdout.contains("hunter2-flag") && !outcome.stderr.contains("hunter2"), "{outcome}");
}

#[test]
fn standard_output_stays_as_it_is() {
    let env = TestEnv::example("user-platform");
    for verb in ["parse", "graph", "diff", "config show", "plan -o table"] {
        let silent = env.pipe(&format!("panka {verb} {PLACE}")).succeeds();
        let told = env.pipe(&format!("panka {verb} {PLACE} -vv")).succeeds();
        assert_eq!(told.stdout, silent.stdout, "{verb}");
        assert!(!lines(&told).is_empty() && lines(&silent).is_empty(), "{verb}\n{told}");
    }
    let outcome = env.pipe(&format!("panka diff {PLACE} --target users/nothing -o json -v")).exits(2);
    assert_eq!(outcome.codes(), ["P0009"], "the findings are found among the lines of the log\n{outcome}");
}

#[test]
fn directives_choose_the_lines_and_are_refused_when_malformed() {
    let env = TestEnv::example("user-platform");
    let parse = |directives: &str, more: &str| env.pipe(&format!("panka parse {PLACE} -o json {more}")).env("PANKA_LOG", directives);
    assert_eq!(lines(&parse("off", "-vv").succeeds()), []);
    assert_eq!(lines(&parse("", "").succeeds()), []);
    assert!(tells(&parse("panka::commands=info", "").succeeds(), "manifests read"));
    assert_eq!(lines(&parse("panka::lock=debug", "-v").succeeds()), []);
    for directives in ["nonsense=loud", "panka=debug,panka::state=7"] {
        let outcome = parse(directives, "").exits(2);
        assert_eq!((outcome.codes(), outcome.stdout.as_str()), (vec!["P0017".to_owned()], ""), "{outcome}");
    }
}

#[test]
fn colour_is_for_terminals_here_too() {
    let env = TestEnv::example("user-platform");
    let script = format!("TERM=xterm panka parse {PLACE} -v >/dev/null");
    let coloured = |command: crate::env::Command<'_>| {
        let outcome = command.succeeds();
        assert!(outcome.stdout.contains("manifests read") || outcome.stderr.contains("manifests read"), "{outcome}");
        format!("{}{}", outcome.stdout, outcome.stderr).contains('\u{1b}')
    };
    assert!(coloured(env.terminal(&script, "").env_remove("NO_COLOR")));
    assert!(!coloured(env.terminal(&script, "")));
    assert!(!coloured(env.pipe(&script).env_remove("NO_COLOR")));
}
