//! Random sequences of what people do: whatever came before, after a plain apply the state is the account, or the apply says what to do.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::env::TestEnv;

const REGIONS: [&str; 2] = ["eu-west-1", "eu-west-2"];
const QUEUES: u64 = 5;

/// `SplitMix64`: the same sequence everywhere.
struct Random(u64);

impl Random {
    fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let at = self.below(u64::try_from(items.len()).unwrap());
        &items[usize::try_from(at).unwrap()]
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// One repository and what was done in it.
struct Sequence {
    env: TestEnv,
    random: Random,
    region: usize,
    story: Vec<String>,
}

impl Sequence {
    fn new(seed: u64) -> Self {
        let sequence = Self { env: TestEnv::new(), random: Random(seed), region: 0, story: vec![format!("seed {seed}")] };
        sequence.stack();
        for n in 0..3 {
            sequence.queue(n, 30);
        }
        sequence
    }

    fn stack(&self) {
        let region = REGIONS[self.region];
        self.env.write(
            "stacks/shop/stack.yaml",
            format!("apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {{name: shop}}\nspec: {{provider: {{region: {region}}}}}\n"),
        );
    }

    fn folder(n: u64) -> String {
        format!("stacks/shop/services/a/components/q{n}")
    }

    fn queue(&self, n: u64, timeout: u64) {
        // Each depends on the one before, where there is one.
        let needs = match n.checked_sub(1) {
            Some(before) if self.env.path(Self::folder(before)).exists() => format!(", dependsOn: [q{before}]"),
            _ => String::new(),
        };
        self.env.write(
            format!("{}/sqs.yaml", Self::folder(n)),
            format!(
                "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {{name: q{n}}}\nspec: {{visibilityTimeout: {timeout}{needs}}}\n"
            ),
        );
    }

    /// Takes a component away, and what depends on it lets go.
    fn remove(&self, n: u64) {
        let folder = self.env.path(Self::folder(n));
        if folder.exists() {
            fs::remove_dir_all(folder).unwrap();
        }
        if self.env.path(Self::folder(n + 1)).exists() {
            self.queue(n + 1, 40 + n);
        }
    }

    fn run(&mut self, script: &str) -> (Option<i32>, String) {
        let outcome = self.env.pipe(script).run();
        self.story.push(format!("{script} → {:?}", outcome.code));
        assert_ne!(outcome.code, Some(70), "{:#?}\n{outcome}", self.story);
        assert!(!outcome.stderr.contains("panicked"), "{:#?}\n{outcome}", self.story);
        (outcome.code, outcome.stderr)
    }

    fn faulty(&mut self, verb: &str, rule: &Value) {
        self.env.write("faults.json", json!({"kind": "panka.faults/v1", "seed": 1, "rules": [rule]}).to_string());
        self.run(&format!("panka {verb} -s shop -e dev -y -q --faults faults.json -o json"));
    }

    fn step(&mut self) {
        let n = self.random.below(QUEUES);
        match self.random.below(10) {
            0 | 1 => {
                self.queue(n, 30 + self.random.0 % 50);
                self.story.push(format!("edit q{n}"));
            }
            2 => {
                self.remove(n);
                self.story.push(format!("remove q{n}"));
            }
            3 => {
                let (from, to) = (self.env.path(Self::folder(n)), self.env.path(Self::folder(QUEUES + n)));
                if from.exists() && !to.exists() {
                    self.remove(n);
                    self.queue(QUEUES + n, 33);
                    self.story.push(format!("move q{n} to q{}", QUEUES + n));
                }
            }
            4 => {
                let point = *self.random.one_of(&["before-journal", "before-call", "after-accepted", "after-call", "after-journal"]);
                let nth = 1 + self.random.below(4);
                self.faulty("apply --allow-mass-delete", &json!({"match": {"nth": nth}, "do": {"crash": point}}));
            }
            5 => {
                let what = [json!({"fail": "InvalidRequest"}), json!({"fail-with-identifier": "InternalFailure"}), json!("partial")];
                let what = self.random.one_of(&what).clone();
                let nth = 1 + self.random.below(3);
                self.faulty("apply --allow-mass-delete", &json!({"match": {"nth": nth}, "do": what}));
            }
            6 => {
                let nth = 1 + self.random.below(3);
                self.faulty("destroy", &json!({"match": {"op": "delete", "nth": nth}, "do": {"fail": "InvalidRequest"}}));
            }
            7 => {
                self.run("panka destroy -s shop -e dev -y -q -o json");
            }
            8 => {
                self.region = 1 - self.region;
                self.stack();
                self.story.push(format!("region {}", REGIONS[self.region]));
            }
            _ => {
                self.run(&format!("panka apply -s shop -e dev -y -q --allow-mass-delete --replace 'a/q{n}' -o json"));
            }
        }
    }

    /// What there is in the simulated account, wherever: type and identifier.
    fn account(&self) -> BTreeSet<(String, String)> {
        let mut live = BTreeSet::new();
        for region in REGIONS {
            let folder = format!(".panka/local-cloud/000000000000/{region}");
            if let Ok(snapshot) = fs::read_to_string(self.env.path(format!("{folder}/snapshot.json"))) {
                let snapshot: Value = serde_json::from_str(&snapshot).unwrap();
                let contents = snapshot.get("contents").unwrap_or(&snapshot);
                for instance in contents["instances"].as_object().into_iter().flat_map(|map| map.values()) {
                    live.insert(named(instance));
                }
            }
            for line in fs::read_to_string(self.env.path(format!("{folder}/operations.ndjson"))).unwrap_or_default().lines() {
                let operation: Value = serde_json::from_str(line).unwrap();
                if operation["replayed"] == true || operation.get("identifier").is_none() {
                    continue;
                }
                match operation["call"].as_str() {
                    Some("create") if operation.get("properties").is_some() => drop(live.insert(named(&operation))),
                    Some("delete") if operation.get("error").is_none() => drop(live.remove(&named(&operation))),
                    _ => {}
                }
            }
        }
        live
    }

    fn state(&mut self) -> BTreeSet<(String, String)> {
        let state = self.env.pipe("panka state -s shop -e dev").succeeds().json();
        let records = state["resources"].as_object().unwrap().values();
        records
            .flat_map(|record| {
                let old = record["superseded"].as_array().into_iter().flatten().map(named);
                old.chain(record.get("identifier").map(|_| named(record))).collect::<Vec<_>>()
            })
            .collect()
    }

    /// One plain apply, and what must hold then.
    fn settle(&mut self) {
        let (code, said) = self.run("panka apply -s shop -e dev -y -q --allow-mass-delete -o json");
        match code {
            Some(0) => {
                let state = self.state();
                assert_eq!(state, self.account(), "{:#?}", self.story);
                drop(self.env.pipe("panka diff -s shop -e dev --exit-code").succeeds());
                drop(self.env.pipe("panka state verify -s shop -e dev").succeeds());
            }
            Some(1 | 2 | 3 | 5) => assert!(said.contains("\"help\""), "a refusal says what to do: {said}\n{:#?}", self.story),
            other => panic!("{other:?}: {said}\n{:#?}", self.story),
        }
    }
}

/// Type and identifier of something.
fn named(value: &Value) -> (String, String) {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    (text("type"), text("identifier"))
}

fn sequences(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut sequence = Sequence::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        for _ in 0..6 {
            sequence.step();
            if sequence.random.below(2) == 0 {
                sequence.settle();
            }
        }
        sequence.settle();
        // Back where it is, everything can be applied and deleted.
        if sequence.env.pipe("panka diff -s shop -e dev -o json").run().code == Some(1) {
            sequence.region = 1 - sequence.region;
            sequence.stack();
            sequence.settle();
        }
        drop(sequence.env.pipe("panka destroy -s shop -e dev -y -q").succeeds());
        assert_eq!(sequence.account(), BTreeSet::new(), "{:#?}", sequence.story);
    }
}

#[test]
fn first_fifty() {
    sequences(0..50);
}

#[test]
fn second_fifty() {
    sequences(50..100);
}

#[test]
fn third_fifty() {
    sequences(100..150);
}

#[test]
fn last_fifty() {
    sequences(150..200);
}
