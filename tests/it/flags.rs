//! No flag is for show: each that is declared changes what some command line gives.

use std::collections::BTreeSet;
use std::fs;
use std::thread;

use crate::env::{TestEnv, repository};

/// What shows that a flag changes something. In scripts `{}` stands where the flag goes, and the words of [`SHORT`] for what they say.
enum Proof {
    /// With this flag the outcome of this script holds this text, without it does not.
    Shows { script: &'static str, flag: &'static str, text: &'static str },
    /// Without this flag the outcome of this script holds this text, with it does not.
    Hides { script: &'static str, flag: &'static str, text: &'static str },
    /// This file holds it to what it does.
    Elsewhere(&'static str),
}

use Proof::{Elsewhere, Hides, Shows};

/// What scripts repeat.
const SHORT: [(&str, &str); 7] = [
    ("PLACE", "-s user-platform -e dev"),
    ("TWO", "--target notify/queue"),
    ("FIVE", "--target notify/queue --target users/avatars --target _stack/cluster"),
    ("MOST", "awk '/step-started/ {n++; if (n > most) most = n} /step-done/ {n--} END {print most \" at once\"}'"),
    ("SLOW", "--faults slow.json"),
    ("FAIL", "--faults fail.json"),
    ("CRASH", "--faults crash.json"),
];

const FAULTS: [(&str, &str); 3] = [
    ("slow.json", r#"[{"match": {}, "do": {"latency": 0.5}}]"#),
    (
        "fail.json",
        r#"[{"match": {"address": "notify"}, "do": {"fail": "InvalidRequest"}}, {"match": {"address": "users"}, "do": {"latency": 0.2}}]"#,
    ),
    ("crash.json", r#"[{"match": {"nth": 1}, "do": {"crash": "after-call"}}]"#),
];

/// The flags of every verb.
const GLOBAL: &[(&str, Proof)] = &[
    ("dir", Shows { script: "panka parse PLACE {}", flag: "-C /", text: "neither `panka.yaml`" }),
    ("stack", Shows { script: "panka parse -e dev {}", flag: "-s other", text: "unknown stack `other`" }),
    ("environment", Shows { script: "panka parse -s user-platform {}", flag: "-e production", text: r#""environment":"production""# }),
    ("service", Elsewhere("tests/it/service.rs")),
    ("var", Shows { script: "panka parse PLACE {}", flag: "--var VERSION=v7.7.7", text: "v7.7.7" }),
    ("var-file", Shows { script: "echo 'VERSION: v7.7.7' > own.yaml; panka parse PLACE {}", flag: "--var-file own.yaml", text: "v7.7.7" }),
    ("engine", Shows { script: "panka diff PLACE {}", flag: "--engine pulumi", text: r#""engine":"pulumi""# }),
    ("backend-type", Shows { script: "panka diff PLACE {}", flag: "--backend-type s3", text: "no bucket is given" }),
    (
        "backend-bucket",
        Hides { script: "panka diff PLACE --backend-type s3 {}", flag: "--backend-bucket team", text: "no bucket is given" },
    ),
    (
        "backend-prefix",
        Shows { script: "panka config show PLACE --backend-bucket team {}", flag: "--backend-prefix below/it", text: "below/it" },
    ),
    (
        "backend-region",
        Shows { script: "panka config show PLACE --backend-bucket team {}", flag: "--backend-region eu-west-3", text: "eu-west-3" },
    ),
    (
        "lock-type",
        Shows { script: "panka config show PLACE --backend-bucket team {}", flag: "--lock-type dynamodb", text: "no table is given" },
    ),
    ("lock-table", Shows { script: "panka config show PLACE --backend-bucket team {}", flag: "--lock-table leases", text: "leases" }),
    (
        "lock-region",
        Shows {
            script: "panka config show PLACE --backend-bucket team --lock-table leases {}",
            flag: "--lock-region eu-west-3",
            text: "eu-west-3",
        },
    ),
    ("output", Shows { script: "panka parse PLACE {}", flag: "-o yaml", text: "\nkind: panka.manifest/v1\n" }),
    ("jq", Hides { script: "panka parse PLACE {}", flag: "--jq .stack", text: "panka.manifest/v1" }),
    ("raw-output", Hides { script: "panka parse PLACE --jq .stack {}", flag: "-r", text: "\"user-platform\"" }),
    ("quiet", Hides { script: "panka apply PLACE TWO -y {}", flag: "-q", text: "notify/queue/queue created" }),
    ("verbose", Shows { script: "panka parse PLACE {}", flag: "-v", text: "manifests read" }),
    ("no-color", Elsewhere("tests/it/output.rs")),
    ("strict", Shows { script: "panka parse PLACE --var UNUSED=1 {}", flag: "--strict", text: "[exit 3]" }),
    (
        "config",
        Shows { script: "echo 'defaultTags: {of: mine}' > own.yaml; panka parse PLACE {}", flag: "--config own.yaml", text: "\"mine\"" },
    ),
];

/// Flags of apply and destroy alike. `VERB` is one of them, `READY` makes what a destroy needs.
const BOTH: &[(&str, Proof)] = &[
    ("exclude", Hides { script: "READY panka VERB PLACE {}", flag: "--exclude users", text: "users/avatars S3" }),
    ("auto-approve", Shows { script: "READY panka VERB PLACE TWO {}", flag: "--auto-approve", text: "[exit 0]" }),
    (
        "parallelism",
        Hides {
            script: "READY panka VERB PLACE FIVE -y -q SLOW --events fd:3 {} 3>&1 >/dev/null | jq -r .event | MOST",
            flag: "--parallelism 1",
            text: "3 at once",
        },
    ),
    ("on-failure", Hides { script: "READY panka VERB PLACE FIVE -y -q FAIL {}", flag: "--on-failure continue", text: "\"cancelled\"" }),
    (
        "lock-timeout",
        Shows {
            script: "READY panka lock acquire PLACE >/dev/null; panka VERB PLACE TWO -y -q --events fd:3 {} 3>&1 >/dev/null",
            flag: "--lock-timeout 1s",
            text: "lock-waiting",
        },
    ),
    (
        "no-takeover",
        Shows { script: "READY panka VERB PLACE TWO -y -q CRASH; panka VERB PLACE TWO -y -q {}", flag: "--no-takeover", text: "P6001" },
    ),
    (
        "lock",
        Hides {
            script: "READY panka lock acquire PLACE > ticket.json; panka VERB PLACE TWO -y -q {}",
            flag: "--lock ticket.json",
            text: "P6001",
        },
    ),
    ("events", Shows { script: "READY panka VERB PLACE TWO -y -q {} 3>&1 >/dev/null", flag: "--events fd:3", text: "run-finished" }),
    ("keep-program", Elsewhere("tests/it/deploy.rs")),
    ("cancel-pulumi", Elsewhere("tests/it/deploy.rs")),
    ("allow-simulated", Elsewhere("tests/it/remote.rs")),
    ("faults", Shows { script: "READY panka VERB PLACE TWO -y -q {}", flag: "--faults fail.json", text: "InvalidRequest" }),
];

const APPLY: &[(&str, Proof)] = &[
    ("allow-mass-delete", Elsewhere("tests/it/vanished.rs")),
    ("confirm", Elsewhere("tests/it/vanished.rs")),
    ("adopt", Elsewhere("tests/it/pulumi_recovery.rs")),
    ("target", Shows { script: "panka apply PLACE {}", flag: "--target notify/queue", text: "\n2 to create" }),
    (
        "replace",
        Shows {
            script: "panka apply PLACE TWO -y -q; panka apply PLACE TWO -y -q {}",
            flag: "--replace notify/queue/queue",
            text: r#""op":"replace""#,
        },
    ),
    (
        "skip-protected",
        Shows {
            script: "panka apply PLACE TWO -y -q; panka state protect PLACE '*'; panka apply PLACE TWO -y -q --replace '*/queue/*' {}",
            flag: "--skip-protected",
            text: "[exit 6]",
        },
    ),
];

const DESTROY: &[(&str, Proof)] = &[
    ("target", Shows { script: "READY panka destroy PLACE {}", flag: "--target notify/queue/queue", text: "\n1 to delete" }),
    (
        "skip-protected",
        Shows {
            script: "READY panka state protect PLACE users/avatars/policy; panka destroy PLACE -y -q {}",
            flag: "--skip-protected",
            text: "[exit 6]",
        },
    ),
    (
        "confirm",
        Hides {
            script: "panka apply -s user-platform -e production -y -q TWO; panka destroy -s user-platform -e production -y -q {}",
            flag: "--confirm user-platform",
            text: "P8004",
        },
    ),
];

/// What a script gives: both streams and the exit code.
fn outcome(script: &str, verb: &str, flag: &str) -> String {
    let env = TestEnv::example("user-platform");
    for (name, rules) in FAULTS {
        env.write(name, format!(r#"{{"kind": "panka.faults/v1", "seed": 1, "rules": {rules}}}"#));
    }
    let ready = if verb == "destroy" { "panka apply PLACE FIVE -y -q >/dev/null;" } else { "" };
    let mut script = script.replace("READY", ready).replace("VERB", verb).replace("{}", flag);
    for (short, long) in SHORT {
        script = script.replace(short, long);
    }
    env.pipe(&script).run().to_string()
}

/// Says what is wrong with the table of a verb.
fn check(command: &clap::Command, tables: &[&[(&str, Proof)]]) {
    let verb = command.get_name();
    let declared: BTreeSet<&str> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
    let rows: Vec<&(&str, Proof)> = tables.iter().copied().flatten().collect();
    let listed: BTreeSet<&str> = rows.iter().map(|(name, _)| *name).collect();
    let missing: Vec<_> = declared.difference(&listed).collect();
    assert!(missing.is_empty(), "{verb}: declared, and not in a table of tests/it/flags.rs: {missing:?}");
    let unknown: Vec<_> = listed.difference(&declared).collect();
    assert!(unknown.is_empty(), "{verb}: in a table of tests/it/flags.rs, and not declared: {unknown:?}");
    let mut wrong = Vec::new();
    for (name, proof) in rows {
        let (script, flag, text, shows) = match proof {
            Shows { script, flag, text } => (script, flag, text, true),
            Hides { script, flag, text } => (script, flag, text, false),
            Elsewhere(file) => {
                let test = fs::read_to_string(repository().join(file)).unwrap();
                if !test.contains(&format!("--{name}")) {
                    wrong.push(format!("{verb} --{name}: {file} does not use it"));
                }
                continue;
            }
        };
        let (with, without) = thread::scope(|scope| {
            let with = scope.spawn(|| outcome(script, verb, flag));
            let without = outcome(script, verb, "");
            (with.join().unwrap(), without)
        });
        if (with.contains(text), without.contains(text)) != (shows, !shows) {
            wrong.push(format!("{verb} --{name}: `{text}`\nwith: {with}\nwithout: {without}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_global_flag_changes_something() {
    check(&panka::cli::command(), &[GLOBAL]);
}

#[test]
fn every_flag_of_apply_changes_something() {
    check(panka::cli::command().find_subcommand("apply").unwrap(), &[BOTH, APPLY]);
}

#[test]
fn every_flag_of_destroy_changes_something() {
    check(panka::cli::command().find_subcommand("destroy").unwrap(), &[BOTH, DESTROY]);
}
