//! Failures: the policies, what is blocked, what is left.

use std::sync::Arc;

use super::{Options, Stage, Timed, address, how, plan, step};
use crate::apply::context::{OnFailure, RunContext};
use crate::apply::provider::{Class, Failure};
use crate::apply::run::Outcome;
use crate::apply::scheduled::Scheduled;
use crate::diagnostic::codes::engine::{P5101, P5102};
use crate::plan::Op;
use crate::resource::ReplaceOrder;
use crate::state::Status;
use crate::stop::Stop;

fn denied() -> Failure {
    Failure::terminal("AccessDenied", "no")
}

fn outcomes(report: &super::Report) -> Vec<(String, Outcome)> {
    report.run.steps.iter().map(|step| (step.address.to_string(), step.outcome)).collect()
}

fn steps() -> Vec<crate::plan::Step> {
    vec![
        step("a/a/q", Op::Create, &[]),
        step("b/b/q", Op::Create, &["a/a/q"]),
        step("c/c/q", Op::Create, &[]),
        step("d/d/q", Op::Create, &["c/c/q"]),
    ]
}

#[tokio::test(start_paused = true)]
async fn stop_finishes_what_runs_and_starts_nothing() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new().taking("c/c/q", 5.0).failing("create", "a/a/q", [denied()]));
    let report = stage.run(plan(steps()), &provider, how(10)).await;
    assert_eq!(report.run.exit, 6);
    let wanted = [("a/a/q", Outcome::Failed), ("b/b/q", Outcome::Blocked), ("c/c/q", Outcome::Done), ("d/d/q", Outcome::Cancelled)];
    assert_eq!(outcomes(&report), wanted.map(|(at, outcome)| (at.to_owned(), outcome)));
    assert_eq!(report.run.left, [address("a/a/q"), address("b/b/q"), address("d/d/q")]);
    assert_eq!(stage.state().await.resources.keys().cloned().collect::<Vec<_>>(), [address("c/c/q")]);
}

#[tokio::test(start_paused = true)]
async fn continue_runs_everything_that_does_not_depend_on_the_failure() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new().taking("c/c/q", 5.0).failing("create", "a/a/q", [denied()]));
    let report = stage.run(plan(steps()), &provider, Options { on_failure: OnFailure::Continue, ..how(10) }).await;
    assert_eq!(report.run.exit, 6);
    let wanted = [("a/a/q", Outcome::Failed), ("b/b/q", Outcome::Blocked), ("c/c/q", Outcome::Done), ("d/d/q", Outcome::Done)];
    assert_eq!(outcomes(&report), wanted.map(|(at, outcome)| (at.to_owned(), outcome)));
}

#[tokio::test(start_paused = true)]
async fn rollback_undoes_what_was_done_in_reverse_order() {
    let mut stage = Stage::new();
    stage.having(&[("u/u/q", &[])]).await;
    let before = stage.state().await.resources;
    let provider = Arc::new(Timed::new().failing("create", "z/z/q", [denied()]).taking("z/z/q", 10.0));
    let mut changed = step("u/u/q", Op::Update, &[]);
    changed.desired.as_mut().unwrap().properties.insert("VisibilityTimeout".to_owned(), 60.into());
    let steps = vec![changed, step("v/v/q", Op::Create, &["u/u/q"]), step("w/w/q", Op::Create, &["v/v/q"]), step("z/z/q", Op::Create, &[])];
    let report = stage.run(plan(steps), &provider, Options { on_failure: OnFailure::Rollback, ..how(10) }).await;
    assert_eq!(report.run.exit, 6);
    let story =
        ["update u/u/q#1", "create v/v/q#1", "create w/w/q#1", "create z/z/q#0", "delete w/w/q#1", "delete v/v/q#1", "update u/u/q#1"];
    assert_eq!(provider.story(), story);
    let wanted =
        [("u/u/q", Outcome::RolledBack), ("v/v/q", Outcome::RolledBack), ("w/w/q", Outcome::RolledBack), ("z/z/q", Outcome::Failed)];
    assert_eq!(outcomes(&report), wanted.map(|(at, outcome)| (at.to_owned(), outcome)));
    let after = stage.state().await.resources;
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert_eq!(after[&address("u/u/q")].properties, before[&address("u/u/q")].properties);
}

#[tokio::test(start_paused = true)]
async fn rollback_takes_an_old_instance_back_that_still_stands() {
    let mut stage = Stage::new();
    stage.having(&[("a/a/q", &[]), ("b/b/q", &["a/a/q"])]).await;
    let provider = Arc::new(Timed::new().failing("create", "c/c/q", [denied()]));
    provider.count.lock().unwrap().insert("a/a/q".to_owned(), 1);
    let steps = vec![step("a/a/q", Op::Replace, &[]), step("b/b/q", Op::Update, &["a/a/q"]), step("c/c/q", Op::Create, &["b/b/q"])];
    let report = stage.run(plan(steps), &provider, Options { on_failure: OnFailure::Rollback, ..how(10) }).await;
    assert_eq!(report.run.exit, 6);
    let story = ["create a/a/q#2", "update b/b/q#1", "create c/c/q#0", "update b/b/q#1", "delete a/a/q#2"];
    assert_eq!(provider.story(), story);
    let state = stage.state().await;
    let record = &state.resources[&address("a/a/q")];
    assert_eq!((record.identifier.as_deref(), record.generation, record.superseded.len()), (Some("a/a/q#1"), 0, 0));
    assert_eq!(report.run.steps[0].outcome, Outcome::RolledBack);
}

#[tokio::test(start_paused = true)]
async fn rollback_keeps_a_new_instance_that_a_failed_step_may_use() {
    let mut stage = Stage::new();
    stage.having(&[("a/a/q", &[]), ("b/b/q", &["a/a/q"])]).await;
    let provider = Arc::new(Timed::new().failing("update", "b/b/q", [denied()]));
    provider.count.lock().unwrap().insert("a/a/q".to_owned(), 1);
    let steps = vec![step("a/a/q", Op::Replace, &[]), step("b/b/q", Op::Update, &["a/a/q"])];
    stage.run(plan(steps), &provider, Options { on_failure: OnFailure::Rollback, ..how(10) }).await;
    assert_eq!(provider.story(), ["create a/a/q#2", "update b/b/q#1"]);
    let state = stage.state().await;
    let record = &state.resources[&address("a/a/q")];
    assert_eq!(record.identifier.as_deref(), Some("a/a/q#1"));
    assert_eq!(record.superseded[0].identifier, "a/a/q#2");
}

#[tokio::test(start_paused = true)]
async fn rollback_turns_no_edge_back_into_a_circle() {
    let mut stage = Stage::new();
    stage.having(&[("a/a/q", &[]), ("b/b/q", &["a/a/q"])]).await;
    let provider = Arc::new(Timed::new().failing("create", "z/z/q", [denied()]).taking("z/z/q", 10.0));
    let mut replaced = step("a/a/q", Op::Replace, &["b/b/q"]);
    replaced.replace_order = Some(ReplaceOrder::DeleteFirst);
    let steps = vec![replaced, step("b/b/q", Op::Update, &[]), step("z/z/q", Op::Create, &[])];
    let report = stage.run(plan(steps), &provider, Options { on_failure: OnFailure::Rollback, ..how(10) }).await;
    assert_eq!(report.run.exit, 6, "{:?}", report.findings);
    // The queue that was replaced is not made again, so its new edge stays, and the old one of the other cannot come back.
    let wanted = [("a/a/q", Outcome::Done), ("b/b/q", Outcome::Done), ("z/z/q", Outcome::Failed)];
    assert_eq!(outcomes(&report), wanted.map(|(at, outcome)| (at.to_owned(), outcome)));
    let left = "not undone, since that would lose something or failed: a/a/q, b/b/q";
    assert!(report.findings.iter().any(|finding| finding.message == left), "{:?}", report.findings);
    let state = stage.state().await;
    assert_eq!(state.resources[&address("a/a/q")].depends_on, [address("b/b/q")]);
    assert!(state.resources[&address("b/b/q")].depends_on.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_is_repeated_with_its_token() {
    let mut stage = Stage::new();
    let unknown = Failure::new(Class::Transient, "NetworkFailure", "reset");
    let provider = Arc::new(Timed::new().failing("create", "a/a/q", [unknown.clone(), unknown]));
    let report = stage.run(plan(vec![step("a/a/q", Op::Create, &[])]), &provider, how(1)).await;
    assert_eq!((report.run.exit, report.run.steps[0].calls), (0, 3));
    // 1 s and 2 s of pause, a quarter more or less, between calls of 1 s.
    assert!((5.25..6.75).contains(&provider.elapsed()), "{}", provider.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_step_over_its_time_limit_is_left_pending() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new().taking("a/a/q", 100.0));
    let mut slow = step("a/a/q", Op::Create, &[]);
    slow.desired.as_mut().unwrap().lifecycle.timeouts.create = 60;
    let report = stage.run(plan(vec![slow, step("b/b/q", Op::Create, &["a/a/q"])]), &provider, how(10)).await;
    assert_eq!(report.run.exit, 6);
    assert_eq!(report.findings[0].code, P5102);
    assert_eq!(report.run.steps[0].outcome, Outcome::TimedOut);
    let state = stage.state().await;
    let record = &state.resources[&address("a/a/q")];
    assert_eq!(record.status, Status::Creating);
    assert!(record.pending.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_is_said_with_the_way_out() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new().failing("create", "a/a/q", [Failure::terminal("AlreadyExists", "queue exists")]));
    let report = stage.run(plan(vec![step("a/a/q", Op::Create, &[])]), &provider, how(1)).await;
    assert_eq!(report.findings[0].code, P5101);
    assert!(report.findings[0].help[0].contains("another name"));
}

fn interrupted_every_five_seconds(times: u8) -> Stop {
    let stop = Stop::default();
    let interrupting = stop.clone();
    tokio::spawn(async move {
        for _ in 0..times {
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
            interrupting.interrupt();
        }
    });
    stop
}

#[tokio::test(start_paused = true)]
async fn a_signal_before_the_first_step_starts_none() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new());
    let stop = Stop::default();
    stop.interrupt();
    let report = stage.run_with(plan(steps()), &provider, how(4), stop).await.unwrap();
    assert_eq!((report.run.exit, provider.story().len()), (130, 0));
    assert!(report.run.steps.iter().all(|step| step.outcome == Outcome::Cancelled));
    assert_eq!(stage.state().await.pending().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_signal_finishes_what_runs() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new().taking("a/a/q", 20.0));
    let report = stage.run_with(plan(steps()), &provider, how(1), interrupted_every_five_seconds(1)).await.unwrap();
    assert_eq!(report.run.exit, 130);
    let wanted = [("a/a/q", Outcome::Done), ("b/b/q", Outcome::Cancelled), ("c/c/q", Outcome::Cancelled), ("d/d/q", Outcome::Cancelled)];
    assert_eq!(outcomes(&report), wanted.map(|(at, outcome)| (at.to_owned(), outcome)));
    let state = stage.state().await;
    assert_eq!(state.resources.len(), 1);
    assert_eq!(state.pending().count(), 0, "what was journaled ahead was never called, and that is written down");
}

#[tokio::test(start_paused = true)]
async fn the_second_signal_leaves_the_intents() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new().taking("a/a/q", 200.0));
    let report = stage.run_with(plan(steps()), &provider, how(1), interrupted_every_five_seconds(2)).await.unwrap();
    assert_eq!(report.run.exit, 130);
    assert_eq!(report.run.steps[0].outcome, Outcome::Pending);
    let state = stage.state().await;
    assert_eq!(state.pending().map(|(at, _)| at.clone()).collect::<Vec<_>>(), [address("a/a/q")]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_lock_ends_the_writing_and_keeps_results_as_orphans() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new().taking("a/a/q", 20.0));
    let orphans = tempfile::tempdir().unwrap();
    let how = Options { orphans: orphans.path().to_owned(), ..how(1) };
    let held = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let flag = Arc::clone(&held);
    let stop = Stop::default();
    let losing = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        flag.store(false, std::sync::atomic::Ordering::Relaxed);
        losing.lose("another run holds it");
    });
    let grant = crate::state::Grant::new(crate::state::Scope::Stack, 1, move || {
        std::future::ready(held.load(std::sync::atomic::Ordering::Relaxed).then_some(()).ok_or_else(|| "the lease has run out".to_owned()))
    });
    let context = RunContext {
        journal: Arc::new(stage.place.begin(grant, "run-1", super::begin()).await.unwrap()),
        events: super::Events::silent("run-1", Arc::clone(&stage.clock)),
        clock: Arc::clone(&stage.clock),
        options: Arc::new(how),
        stop,
    };
    let report = super::run(&plan(steps()), &Scheduled::from(Arc::clone(&provider)), &context).await.unwrap();
    assert_eq!(report.run.exit, 5);
    assert_eq!(provider.story(), ["create a/a/q#1"]);
    let kept = std::fs::read_to_string(orphans.path().join("run-1.ndjson")).unwrap();
    assert!(kept.contains("\"a/a/q#1\""), "{kept}");
    let state = stage.state().await;
    assert_eq!(state.serial, 0, "no snapshot was written");
    assert!(state.resources[&address("a/a/q")].pending.is_some());
    stage.epoch = 1;
}
