//! Replacements in both orders.

use std::sync::Arc;

use super::{Stage, Timed, address, how, plan, step};
use crate::apply::run::Outcome;
use crate::diagnostic::codes::apply::P8010;
use crate::diagnostic::codes::aws::P3020;
use crate::plan::{Blocked, Op, Step};
use crate::resource::ReplaceOrder;

fn delete_first(mut step: Step) -> Step {
    step.replace_order = Some(ReplaceOrder::DeleteFirst);
    step
}

#[tokio::test(start_paused = true)]
async fn create_first_makes_the_new_one_switches_and_deletes_the_old_one() {
    let mut stage = Stage::new();
    stage.having(&[("a/a/q", &[]), ("b/b/q", &["a/a/q"])]).await;
    let provider = Arc::new(Timed::new());
    provider.count.lock().unwrap().insert("a/a/q".to_owned(), 1);
    let steps = vec![step("a/a/q", Op::Replace, &[]), step("b/b/q", Op::Update, &["a/a/q"])];
    let report = stage.run(plan(steps), &provider, how(10)).await;
    assert_eq!(report.run.exit, 0, "{:?}", report.findings);
    assert_eq!(provider.story(), ["create a/a/q#2", "update b/b/q#1", "delete a/a/q#1"]);
    let record = &stage.state().await.resources[&address("a/a/q")];
    assert_eq!((record.identifier.as_deref(), record.generation, record.superseded.len()), (Some("a/a/q#2"), 1, 0));
}

#[tokio::test(start_paused = true)]
async fn create_first_over_two_levels_deletes_the_user_before_the_used() {
    let mut stage = Stage::new();
    stage.having(&[("a/a/q", &[]), ("b/b/q", &["a/a/q"])]).await;
    let provider = Arc::new(Timed::new());
    provider.count.lock().unwrap().extend([("a/a/q".to_owned(), 1), ("b/b/q".to_owned(), 1)]);
    let steps = vec![step("a/a/q", Op::Replace, &[]), step("b/b/q", Op::Replace, &["a/a/q"])];
    stage.run(plan(steps), &provider, how(10)).await;
    assert_eq!(provider.story(), ["create a/a/q#2", "create b/b/q#2", "delete b/b/q#1", "delete a/a/q#1"]);
}

#[tokio::test(start_paused = true)]
async fn delete_first_takes_along_what_stands_on_it() {
    let mut stage = Stage::new();
    stage.having(&[("a/a/q", &[]), ("b/b/q", &["a/a/q"]), ("c/c/q", &["a/a/q"])]).await;
    let provider = Arc::new(Timed::new());
    provider.count.lock().unwrap().extend([("a/a/q".to_owned(), 1), ("b/b/q".to_owned(), 1)]);
    let steps =
        vec![delete_first(step("a/a/q", Op::Replace, &[])), step("b/b/q", Op::Replace, &["a/a/q"]), step("c/c/q", Op::Update, &["a/a/q"])];
    let report = stage.run(plan(steps), &provider, how(1)).await;
    assert_eq!(report.run.exit, 0, "{:?}", report.findings);
    assert_eq!(provider.story(), ["delete b/b/q#1", "delete a/a/q#1", "create a/a/q#2", "create b/b/q#2", "update c/c/q#1"]);
    let state = stage.state().await;
    assert_eq!(state.resources[&address("c/c/q")].depends_on, [address("a/a/q")]);
}

#[tokio::test(start_paused = true)]
async fn the_old_one_stays_when_a_user_could_not_switch() {
    let mut stage = Stage::new();
    stage.having(&[("a/a/q", &[]), ("b/b/q", &["a/a/q"])]).await;
    let failure = super::Failure::terminal("AccessDenied", "no");
    let provider = Arc::new(Timed::new().failing("update", "b/b/q", [failure]));
    provider.count.lock().unwrap().insert("a/a/q".to_owned(), 1);
    let steps = vec![step("a/a/q", Op::Replace, &[]), step("b/b/q", Op::Update, &["a/a/q"])];
    let report = stage.run(plan(steps), &provider, how(10)).await;
    assert_eq!(report.run.exit, 6);
    assert_eq!(provider.story(), ["create a/a/q#2", "update b/b/q#1"]);
    let record = &stage.state().await.resources[&address("a/a/q")];
    assert_eq!(record.identifier.as_deref(), Some("a/a/q#2"));
    assert_eq!(record.superseded.iter().map(|old| old.identifier.as_str()).collect::<Vec<_>>(), ["a/a/q#1"]);
    assert_eq!(report.run.steps[0].outcome, Outcome::Blocked);
}

#[tokio::test(start_paused = true)]
async fn an_instance_left_over_is_deleted_once_nobody_uses_it() {
    let mut stage = Stage::new();
    stage.having(&[("a/a/q", &[]), ("b/b/q", &["a/a/q"])]).await;
    let failure = super::Failure::terminal("AccessDenied", "no");
    let provider = Arc::new(Timed::new().failing("update", "b/b/q", [failure]));
    provider.count.lock().unwrap().insert("a/a/q".to_owned(), 1);
    stage.run(plan(vec![step("a/a/q", Op::Replace, &[]), step("b/b/q", Op::Update, &["a/a/q"])]), &provider, how(10)).await;
    let mut left = step("a/a/q", Op::None, &[]);
    left.superseded = stage.state().await.resources[&address("a/a/q")].superseded.clone();
    let again = Arc::new(Timed::new());
    let report = stage.run(plan(vec![left, step("b/b/q", Op::Update, &["a/a/q"])]), &again, how(10)).await;
    assert_eq!(report.run.exit, 0, "{:?}", report.findings);
    assert_eq!(again.story(), ["update b/b/q#1", "delete a/a/q#1"]);
    assert!(stage.state().await.resources[&address("a/a/q")].superseded.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_retained_resource_is_forgotten_without_a_call() {
    let mut stage = Stage::new();
    let mut kept = step("a/a/q", Op::Create, &[]);
    kept.desired.as_mut().unwrap().lifecycle.retain_on_delete = true;
    stage.run(plan(vec![kept]), &Arc::new(Timed::new()), how(1)).await;
    let provider = Arc::new(Timed::new());
    let report = stage.run(plan(vec![step("a/a/q", Op::Delete, &[])]), &provider, how(1)).await;
    assert_eq!((report.run.exit, provider.story().len()), (0, 0));
    assert!(stage.state().await.resources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_breaks_protection_runs_only_when_asked_to_skip() {
    let mut stage = Stage::new();
    stage.having(&[("a/a/q", &[])]).await;
    let provider = Arc::new(Timed::new());
    let protected = || {
        let mut step = step("a/a/q", Op::Replace, &[]);
        step.blocked = Some(Blocked { code: P3020, message: "it is protected".to_owned() });
        step
    };
    let steps = vec![protected(), step("b/b/q", Op::Create, &["a/a/q"]), step("c/c/q", Op::Create, &[])];
    let error = stage.run_with(plan(steps.clone()), &provider, how(1), crate::stop::Stop::default()).await.unwrap_err();
    assert_eq!((error.findings()[0].code, provider.story().len()), (P8010, 0));
    let report = stage.run(plan(steps), &provider, super::Options { skip_protected: true, ..how(1) }).await;
    assert_eq!(report.run.exit, 6);
    assert_eq!(provider.story(), ["create c/c/q#1"]);
    let outcomes: Vec<Outcome> = report.run.steps.iter().map(|step| step.outcome).collect();
    assert_eq!(outcomes, [Outcome::Blocked, Outcome::Blocked, Outcome::Done]);
}
