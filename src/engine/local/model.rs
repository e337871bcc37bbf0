//! The crash model: random graphs, random faults, runs that are killed at random points. After one plain apply the account, the state and
//! the manifests agree, nothing was made twice, and the next plan is empty.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::cloud::Operation as Logged;
use super::{Call, Local};
use crate::account::{Account, EngineKind};
use crate::apply::faults::{Faults, Faulty, Mishaps, Process};
use crate::apply::{Engine as _, Events, OnFailure, Options, Report, RunContext, Scheduled, run_plan};
use crate::clock::SharedClock;
use crate::clock::tests::TestClock;
use crate::graph::Graph;
use crate::graph::sample::{graph, resource};
use crate::plan::{self, Plan, diff};
use crate::resource::{ReplaceOrder, Resource};
use crate::state::store::{MemoryStore, Store};
use crate::state::{Begin, Grant, Place, Scope, Session, State, faults};
use crate::stop::Stop;

/// A resource of a random graph.
#[derive(Debug, Clone, Copy)]
struct Spec {
    kind: u8,
    /// Which earlier resource it refers to.
    target: usize,
    /// A property that can be changed in place.
    knob: u8,
    /// A property that is fixed at creation.
    fixed: u8,
    present: bool,
}

fn specs() -> impl Strategy<Value = Vec<Spec>> {
    let spec = (0..7_u8, any::<usize>(), 0..3_u8, 0..3_u8, prop::bool::weighted(0.85));
    prop::collection::vec(spec.prop_map(|(kind, target, knob, fixed, present)| Spec { kind, target, knob, fixed, present }), 1..9)
}

/// The same resources after somebody has edited the manifests.
fn edited(specs: &[Spec], edits: &[(u8, u8, bool)]) -> Vec<Spec> {
    let edits = edits.iter().cycle();
    specs.iter().zip(edits).map(|(spec, (knob, fixed, present))| Spec { knob: *knob, fixed: *fixed, present: *present, ..*spec }).collect()
}

fn address(number: usize) -> String {
    format!("s{}/c{number}/main", number % 3)
}

fn graph_of(specs: &[Spec]) -> Graph {
    graph_with(specs, false)
}

/// The resources, with edges to earlier ones; or, turned round, to later ones.
fn graph_with(specs: &[Spec], turned: bool) -> Graph {
    let mut resources: Vec<Resource> = Vec::new();
    for (number, spec) in specs.iter().enumerate().filter(|(_, spec)| spec.present) {
        let others = if turned { number + 1..specs.len() } else { 0..number };
        let others: Vec<usize> = others.filter(|other| specs[*other].present).collect();
        let target = (!others.is_empty()).then(|| others[spec.target % others.len()]);
        resources.push(resource_of(number, *spec, target.map(|target| (target, specs[target].kind))));
    }
    graph(resources)
}

fn resource_of(number: usize, spec: Spec, target: Option<(usize, u8)>) -> Resource {
    let at = address(number);
    let name = format!("n{number}");
    // What of the target is referred to: an attribute that its kind has.
    let of_target = target.map(|(target, kind)| {
        let attribute = match kind % 7 {
            0 | 3 => "Arn",
            5 => "Endpoint.Address",
            _ => "id",
        };
        (target, kind % 7, json!({"$ref": address(target), "attribute": attribute}))
    });
    let text = |fallback: &str| of_target.as_ref().map_or_else(|| json!(fallback), |(_, _, form)| form.clone());
    match spec.kind % 7 {
        0 => {
            let made = resource(&at, "AWS::SQS::Queue", json!({"VisibilityTimeout": 30 + spec.knob}))
                .named("QueueName", &name)
                .with("KmsMasterKeyId", text("alias/none"));
            if spec.fixed == 0 { made } else { made.with("FifoQueue", json!(spec.fixed == 1)) }
        }
        1 => {
            let dns = spec.knob == 0;
            let cidr = format!("10.{}.0.0/16", number * 8 + usize::from(spec.fixed));
            resource(&at, "AWS::EC2::VPC", json!({"CidrBlock": cidr, "EnableDnsSupport": dns, "Tags": tags(number)}))
        }
        2 => {
            let vpc = match &of_target {
                Some((_, 1, form)) => form.clone(),
                _ => json!("vpc-12345678"),
            };
            let cidr = format!("10.0.{}.0/24", number * 8 + usize::from(spec.fixed));
            let properties = json!({"VpcId": vpc, "CidrBlock": cidr, "MapPublicIpOnLaunch": spec.knob == 0, "Tags": tags(number)});
            resource(&at, "AWS::EC2::Subnet", properties).living(|lifecycle| lifecycle.replace = ReplaceOrder::DeleteFirst)
        }
        3 => {
            let trust =
                json!({"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
            let path = if spec.fixed == 0 { "/" } else { "/panka/" };
            resource(
                &at,
                "AWS::IAM::Role",
                json!({"AssumeRolePolicyDocument": trust, "Path": path, "MaxSessionDuration": 3600 + u32::from(spec.knob)}),
            )
            .named("RoleName", &name)
            .with("Description", json!({"$join": ["for ", text("nobody")]}))
        }
        4 => {
            let document = json!({"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": text("*"), "Sid": format!("S{}", spec.knob)}]});
            let role = match &of_target {
                Some((target, 3, _)) => json!({"$ref": address(*target), "attribute": "RoleName"}),
                _ => json!("role-of-somebody"),
            };
            resource(
                &at,
                "AWS::IAM::RolePolicy",
                json!({"PolicyName": format!("{name}-{}", spec.fixed), "RoleName": role, "PolicyDocument": document}),
            )
            .living(|lifecycle| lifecycle.replace = ReplaceOrder::DeleteFirst)
        }
        5 => {
            let engine = if spec.fixed == 0 { "postgres" } else { "mysql" };
            let secret = json!({"$secret": {"name": format!("prod/{name}"), "key": "password"}});
            let properties = json!({"DBInstanceClass": "db.t4g.micro", "Engine": engine, "BackupRetentionPeriod": 1 + spec.knob,
                "MasterUsername": "app", "MasterUserPassword": secret, "Tags": tags(number)});
            resource(&at, "AWS::RDS::DBInstance", properties).named("DBInstanceIdentifier", &name)
        }
        _ => {
            let properties = json!({"Action": "lambda:InvokeFunction", "FunctionName": name, "Principal": format!("s{}.amazonaws.com", spec.knob),
                "SourceArn": format!("arn:aws:sqs:eu-west-1:000000000000:x{}", spec.fixed)});
            resource(&at, "AWS::Lambda::Permission", properties)
        }
    }
}

fn tags(number: usize) -> Value {
    json!([{"Key": "panka:component", "Value": format!("c{number}")}])
}

fn crash() -> impl Strategy<Value = Value> {
    let points = prop::sample::select(vec!["before-journal", "before-call", "after-accepted", "after-call", "after-journal"]);
    (points, 1..14_u64).prop_map(|(point, nth)| json!({"match": {"nth": nth}, "do": {"crash": point}}))
}

fn delay() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0.1..0.6).prop_map(|share| json!({"match": {"probability": share}, "do": "throttle"})),
        (0.1..0.9, 1..40_u32).prop_map(|(share, seconds)| json!({"match": {"probability": share}, "do": {"latency": seconds}})),
        (1..10_u64).prop_map(|nth| json!({"match": {"nth": nth}, "do": "hang"})),
        (1..10_u64).prop_map(|nth| json!({"match": {"nth": nth}, "do": {"fail": "NetworkFailure"}})),
    ]
}

fn failure() -> impl Strategy<Value = Value> {
    let codes = prop::sample::select(vec!["ServiceLimitExceeded", "AccessDenied", "NotStabilized", "ResourceConflict", "InternalFailure"]);
    prop_oneof![
        (codes.clone(), 1..10_u64).prop_map(|(code, nth)| json!({"match": {"nth": nth}, "do": {"fail": code}})),
        (codes, 1..10_u64).prop_map(|(code, nth)| json!({"match": {"nth": nth}, "do": {"fail-with-identifier": code}})),
        (1..10_u64).prop_map(|nth| json!({"match": {"nth": nth}, "do": "partial"})),
    ]
}

fn script(rules: &[Value]) -> Faults {
    Faults::new(serde_json::from_value(json!({"kind": "panka.faults/v1", "seed": 5, "rules": rules})).unwrap()).unwrap()
}

/// A repository, its account, and runs one after the other.
struct Team {
    directory: tempfile::TempDir,
    place: Place,
    clock: SharedClock,
    epoch: u64,
    /// Epochs of killed runs that nobody has sealed.
    unsealed: BTreeSet<u64>,
}

impl Team {
    fn new() -> Self {
        let clock: SharedClock = TestClock::shared();
        let place = Place::open(Store::Memory(MemoryStore::default()), Arc::clone(&clock), "shop", "dev");
        Self { directory: tempfile::tempdir().unwrap(), place, clock, epoch: 0, unsealed: BTreeSet::new() }
    }

    fn engine(&self, mishaps: Mishaps) -> Scheduled<Faulty<Local>> {
        let clock = Arc::clone(&self.clock);
        let local = Local::open(self.directory.path(), "eu-west-1", "shop/dev", Arc::new(move || clock.now().as_second())).unwrap();
        Scheduled::new(Faulty::new(local, mishaps))
    }

    /// `panka apply --auto-approve`; `None` when it was killed.
    async fn apply(&mut self, graph: &Graph, faults: Faults, on_failure: OnFailure) -> Option<Report> {
        self.epoch += 1;
        let killed = Arc::new(Notify::new());
        let kill = Arc::clone(&killed);
        let mishaps = Mishaps::new(faults, Process { crash: Arc::new(move || kill.notify_one()), freeze: Arc::new(|| {}) });
        let dead = Arc::new(AtomicBool::new(false));
        let report = tokio::select! {
            report = self.run(graph, mishaps, on_failure, &dead) => Some(report),
            () = killed.notified() => None,
        };
        // Nothing of a dead process writes, whatever its tasks had in mind.
        dead.store(true, Ordering::Relaxed);
        if report.is_none() {
            self.unsealed.insert(self.epoch);
        } else {
            self.unsealed.clear();
        }
        report
    }

    async fn run(&self, graph: &Graph, mishaps: Mishaps, on_failure: OnFailure, dead: &Arc<AtomicBool>) -> Report {
        let begin = Begin {
            plan: None,
            operation: "apply".to_owned(),
            by: "ann@desk".to_owned(),
            git_commit: None,
            serial: 0,
            engine: EngineKind::Local,
            simulated: true,
            region: None,
            account: None,
        };
        let dead = Arc::clone(dead);
        let held =
            move || std::future::ready((!dead.load(Ordering::Relaxed)).then_some(()).ok_or_else(|| "the lease has run out".to_owned()));
        let mut grant = Grant::new(Scope::Stack, self.epoch, held);
        grant.unsealed.clone_from(&self.unsealed);
        let session: Arc<Session> = Arc::new(self.place.begin(grant, format!("run-{}", self.epoch), begin).await.unwrap());
        let events = Events::silent(session.run(), Arc::clone(&self.clock));
        let options = Options {
            parallelism: 4,
            on_failure,
            skip_protected: false,
            settled: true,
            operation: "apply".to_owned(),
            by: "ann@desk".to_owned(),
            git_commit: None,
            ci_run_url: None,
            orphans: self.directory.path().join("orphans"),
            seed: 1,
            patience: std::time::Duration::from_secs(50),
            mishaps: Some(mishaps.clone()),
        };
        let clock = Arc::clone(&self.clock);
        let context = RunContext { journal: session, events, clock, options: Arc::new(options), stop: Stop::default() };
        let engine = self.engine(mishaps);
        engine.settle(&context, &graph.resources.iter().collect::<Vec<_>>()).await.unwrap();
        let plan = plan(graph, &context.journal.state());
        run_plan(&plan, &engine, &context).await.unwrap()
    }

    async fn state(&self) -> State {
        self.place.load().await.unwrap().state
    }

    /// The log of the account.
    fn log(&self) -> Vec<Logged> {
        let path = Path::new("000000000000/eu-west-1/operations.ndjson");
        let text = std::fs::read_to_string(self.directory.path().join(path)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What lives in the account: type and identifier.
    fn alive(&self) -> BTreeSet<(String, String)> {
        let mut alive = BTreeSet::new();
        for operation in self.log().into_iter().filter(|operation| !operation.replayed) {
            let Some(identifier) = operation.identifier else { continue };
            match operation.call {
                Call::Create if operation.properties.is_some() => drop(alive.insert((operation.type_name, identifier))),
                Call::Delete if operation.error.is_none() => drop(alive.remove(&(operation.type_name, identifier))),
                _ => {}
            }
        }
        alive
    }

    /// How often something was made at each address.
    fn made(&self) -> BTreeMap<String, usize> {
        let mut made = BTreeMap::new();
        for operation in self.log() {
            if operation.call == Call::Create && operation.properties.is_some() && !operation.replayed {
                *made.entry(operation.address).or_default() += 1;
            }
        }
        made
    }

    /// Account, state and manifests are one, and there is nothing to do.
    async fn assert_converged(&self, graph: &Graph) {
        let state = self.state().await;
        assert!(faults(&state).is_empty(), "{:?}", faults(&state));
        let wanted: Vec<&str> = graph.resources.iter().map(|resource| resource.address.as_str()).collect();
        let known: Vec<&str> = state.resources.keys().map(crate::address::Address::as_str).collect();
        assert_eq!(known, wanted);
        let recorded: BTreeSet<(String, String)> =
            state.resources.values().map(|record| (record.type_name.to_string(), record.identifier.clone().unwrap())).collect();
        assert_eq!(self.alive(), recorded);
        let again = plan(graph, &state);
        assert!(again.is_empty(), "{:#?}", again.steps);
    }
}

fn plan(graph: &Graph, state: &State) -> Plan {
    let options = plan::Options { account: Account::new(Some("000000000000"), "eu-west-1"), ..plan::Options::default() };
    diff(graph, state.exists().then_some(state), &options).unwrap()
}

fn on_virtual_time<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_run_killed_anywhere_makes_everything_once(
        specs in specs(),
        first in (crash(), prop::collection::vec(delay(), 0..2)),
        second in prop::option::of((crash(), prop::collection::vec(delay(), 0..2))),
    ) {
        on_virtual_time(async {
            let mut team = Team::new();
            let graph = graph_of(&specs);
            for (crash, delays) in std::iter::once(first).chain(second) {
                let rules: Vec<Value> = std::iter::once(crash).chain(delays).collect();
                team.apply(&graph, script(&rules), OnFailure::Stop).await;
            }
            let report = team.apply(&graph, Faults::default(), OnFailure::Stop).await.unwrap();
            assert_eq!(report.run.exit, 0, "{:#?}", report.findings);
            team.assert_converged(&graph).await;
            let made = team.made();
            assert!(made.values().all(|count| *count == 1), "{made:?}");
            assert_eq!(made.len(), graph.resources.len());
        });
    }

    #[test]
    fn a_change_that_fails_or_is_killed_anywhere_converges(
        specs in specs(),
        edits in prop::collection::vec((0..3_u8, 0..3_u8, prop::bool::weighted(0.8)), 1..9),
        rules in prop::collection::vec(prop_oneof![2 => crash(), 1 => delay(), 2 => failure()], 1..5),
        policy in prop::sample::select(vec![OnFailure::Stop, OnFailure::Continue, OnFailure::Rollback]),
        turned in any::<bool>(),
    ) {
        on_virtual_time(async {
            let mut team = Team::new();
            let before = graph_of(&specs);
            team.apply(&before, Faults::default(), OnFailure::Stop).await.unwrap();
            team.assert_converged(&before).await;
            let after = graph_with(&edited(&specs, &edits), turned);
            team.apply(&after, script(&rules), policy).await;
            let report = team.apply(&after, Faults::default(), OnFailure::Stop).await.unwrap();
            assert_eq!(report.run.exit, 0, "{:#?}", report.findings);
            team.assert_converged(&after).await;
        });
    }
}
