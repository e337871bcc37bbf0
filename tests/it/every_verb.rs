//! Every verb against what a tired person gives it: nothing, an empty pipe, another document, another place, a filter and a flag that are none.
//!
//! `every_verb.txt` holds exit codes and codes of findings; `SNAPSHOTS=overwrite` writes it. What is refused has changed nothing.

use std::collections::BTreeSet;

use snapbox::{Assert, Data};

use crate::env::{TestEnv, repository};

/// Verbs with what they need to be whole, and whether they change something when all is well.
const VERBS: &[(&str, bool)] = &[
    ("apply", true),
    ("backend create", true),
    ("backend delete", true),
    ("backend status", false),
    ("config show", false),
    ("destroy", true),
    ("diff", false),
    ("explain P7012", false),
    ("fmt --check", false),
    ("graph", false),
    ("init", true),
    ("lock", false),
    ("lock acquire", true),
    ("lock break", true),
    ("lock list", false),
    ("lock release", true),
    ("lock renew", true),
    ("lock status", false),
    ("outputs", false),
    ("parse", false),
    ("plan", false),
    ("render --format dot", false),
    ("schema", false),
    ("stack init other", true),
    ("state", false),
    ("state history", false),
    ("state list", false),
    ("state migrate --to local", true),
    ("state mv notify/queue notify/jobs --dry-run", false),
    ("state protect nobody/there", true),
    ("state pull", false),
    ("state push", true),
    ("state resolve nobody/there/x --absent", true),
    ("state restore v1", true),
    ("state rm nobody/there", true),
    ("state show", false),
    ("state unprotect nobody/there", true),
    ("state verify", false),
    ("validate", false),
    ("version", false),
];

/// What it is given: name, standard input, arguments.
const GIVEN: [(&str, &str, &str); 6] = [
    ("no input", "</dev/null", "-s user-platform -e dev"),
    ("empty pipe", "true |", "-s user-platform -e dev"),
    ("wrong kind", "echo '{\"kind\": \"panka.run/v1\"}' |", "-s user-platform -e dev"),
    ("wrong place", "</dev/null", "-s nowhere -e dev"),
    ("bad filter", "</dev/null", "-s user-platform -e dev --jq '.a b'"),
    ("bad flag", "</dev/null", "-s user-platform -e dev --nonsense"),
];

fn leaves(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
    let mut any = false;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        any = true;
        leaves(sub, format!("{path} {}", sub.get_name()).trim(), found);
    }
    if !any || !command.is_subcommand_required_set() && !path.is_empty() {
        found.insert(path.to_owned());
    }
}

#[test]
fn every_verb_is_in_the_table() {
    let mut declared = BTreeSet::new();
    leaves(&panka::cli::command(), "", &mut declared);
    let listed: BTreeSet<String> = VERBS
        .iter()
        .map(|(verb, _)| {
            let known = |words: usize| verb.split(' ').take(words).collect::<Vec<_>>().join(" ");
            if declared.contains(&known(2)) { known(2) } else { known(1) }
        })
        .collect();
    assert_eq!(declared, listed);
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut table = String::new();
    for (verb, acts) in VERBS {
        // One place a verb: those that act change it.
        let env = TestEnv::example("user-platform");
        drop(env.pipe("panka apply -s user-platform -e dev -y -q").succeeds());
        drop(env.pipe("panka fmt").succeeds());
        table.push_str(verb);
        table.push('\n');
        for (name, input, arguments) in GIVEN {
            let before = env.files();
            let script = match input.strip_suffix('|') {
                Some(stage) => format!("{stage} | panka {verb} {arguments} -o json"),
                None => format!("panka {verb} {arguments} -o json {input}"),
            };
            let outcome = env.pipe(&script).run();
            let code = outcome.code.unwrap_or(-1);
            if code != 0 || !acts {
                env.unchanged_since(&before);
            }
            assert!([0, 1, 2, 3, 4].contains(&code), "{script}: {outcome}");
            let found: BTreeSet<String> =
                if outcome.stderr.contains("\"panka.diagnostics/") { outcome.codes().into_iter().collect() } else { BTreeSet::new() };
            let found: Vec<String> = found.into_iter().collect();
            assert!(code == 0 || !outcome.stderr.is_empty(), "{script}: {outcome}");
            table.push_str(format!("    {name}: {code} {}", found.join(" ")).trim_end());
            table.push('\n');
        }
    }
    let expected = Data::read_from(&repository().join("tests/it/every_verb.txt"), None);
    Assert::new().action_env("SNAPSHOTS").eq(table, expected);
}
