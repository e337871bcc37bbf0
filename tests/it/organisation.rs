//! The page for an organisation is done from its first command to the apply in CI, with Pulumi.

use std::fs;

use crate::env::{TestEnv, repository};
use crate::pulumi::with_pulumi;

/// The commands of a page, in order, whatever block they stand in.
fn commands(page: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join(page)).unwrap();
    let mut found = Vec::new();
    let mut block = "";
    for line in text.lines() {
        match (block, line) {
            ("", _) => block = line.strip_prefix("```").unwrap_or_default(),
            (_, "```") => block = "",
            ("console", line) => found.extend(line.strip_prefix("$ ").map(str::to_owned)),
            ("bash", line) => found.push(line.to_owned()),
            _ => {}
        }
    }
    found
}

#[test]
fn its_way_leads_from_nothing_to_an_apply_in_ci() {
    let Some(mut env) = with_pulumi(TestEnv::example("user-platform")) else { return };
    env.set("PANKA_TEST_CLOCK", "");
    let commands = commands("docs/guide/organisation.md");
    let applies = |command: &&String| command.starts_with("panka apply") && !command.contains("--engine local");
    assert!(commands.first().is_some_and(|first| first.starts_with("panka backend create")));
    assert_eq!(commands.iter().filter(applies).count(), 1, "{commands:#?}");
    for command in &commands {
        // Names of buckets are shared by all accounts, in the emulator as well.
        let command = command.replace("acme-panka", &env.account().bucket());
        if command.contains("backend delete") {
            let outcome = env.pipe(&format!("{command} -o json")).exits(1);
            assert_eq!(outcome.codes(), ["P4032"], "what was applied is still there: {outcome}");
        } else {
            drop(env.pipe(&command).succeeds());
        }
    }
    assert!(!env.account().live().is_empty());
    drop(env.pipe("panka backend status --exit-code").succeeds());
    drop(env.pipe("panka diff -s user-platform -e production --var VERSION=v1.0.0 --exit-code").succeeds());
}
