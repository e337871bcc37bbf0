//! Order, priority and limits of the scheduler.

use std::sync::Arc;

use super::{Stage, Timed, how, plan, step};
use crate::plan::{Op, Step};

fn seconds(mut step: Step, seconds: u64) -> Step {
    step.seconds = seconds;
    step
}

#[tokio::test(start_paused = true)]
async fn a_slow_sibling_delays_nobody_else() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new().taking("a/slow/q", 100.0));
    let steps = vec![
        step("a/slow/q", Op::Create, &[]),
        step("a/fast/q", Op::Create, &[]),
        step("b/next/q", Op::Create, &["a/fast/q"]),
        step("b/last/q", Op::Create, &["b/next/q"]),
    ];
    let report = stage.run(plan(steps), &provider, how(10)).await;
    assert_eq!(report.run.exit, 0, "{:?}", report.findings);
    assert!(provider.at("create", "b/last/q").to < 4.0);
    assert_eq!(stage.state().await.resources.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_longest_remaining_path_goes_first() {
    let mut stage = Stage::new();
    let mut provider = Timed::new();
    let mut steps = Vec::new();
    // Nine short steps that sort first, and a chain of three long ones that sorts last.
    for number in 0..9 {
        let at = format!("a/short{number}/q");
        provider = provider.taking(&at, 10.0);
        steps.push(seconds(step(&at, Op::Create, &[]), 10));
    }
    for (at, needs) in [("z/one/q", vec![]), ("z/two/q", vec!["z/one/q"]), ("z/three/q", vec!["z/two/q"])] {
        provider = provider.taking(at, 30.0);
        steps.push(seconds(step(at, Op::Create, &needs), 30));
    }
    let provider = Arc::new(provider);
    stage.run(plan(steps), &provider, how(2)).await;
    assert!(provider.at("create", "z/one/q").from < 0.1, "{:?}", provider.seen);
    // 90 s of chain beside 90 s of short steps: both slots are full all the time.
    assert!(provider.elapsed() < 91.0, "{}", provider.elapsed());
}

#[tokio::test(start_paused = true)]
async fn ties_are_broken_by_address() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new());
    let steps = ["c/c/q", "a/a/q", "b/b/q"].map(|at| step(at, Op::Create, &[])).to_vec();
    stage.run(plan(steps), &provider, how(1)).await;
    assert_eq!(provider.story(), ["create a/a/q#1", "create b/b/q#1", "create c/c/q#1"]);
}

#[tokio::test(start_paused = true)]
async fn forty_eight_calls_ten_at_once_take_five_rounds() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new());
    let steps = (0..48).map(|number| step(&format!("a/r{number}/q"), Op::Create, &[])).collect();
    stage.run(plan(steps), &provider, how(10)).await;
    assert!(provider.elapsed() < 5.5, "{} is more than 10 % above 5 s", provider.elapsed());
    let seen = provider.seen.lock().unwrap();
    let most = seen.iter().map(|one| seen.iter().filter(|other| other.from <= one.from && one.from < other.to).count()).max();
    assert_eq!(most, Some(10));
}

#[tokio::test(start_paused = true)]
async fn a_step_starts_after_what_it_needs() {
    let mut stage = Stage::new();
    let provider = Arc::new(Timed::new().taking("a/a/q", 7.0));
    let steps = vec![step("a/a/q", Op::Create, &[]), step("b/b/q", Op::Create, &["a/a/q"])];
    stage.run(plan(steps), &provider, how(10)).await;
    assert!(provider.at("create", "b/b/q").from >= provider.at("create", "a/a/q").to);
}

#[tokio::test(start_paused = true)]
async fn deletes_wait_for_those_who_use_the_resource() {
    let mut stage = Stage::new();
    stage.having(&[("a/a/q", &[]), ("b/b/q", &["a/a/q"])]).await;
    let provider = Arc::new(Timed::new().taking("b/b/q", 5.0));
    let steps = vec![step("a/a/q", Op::Delete, &["b/b/q"]), step("b/b/q", Op::Delete, &[])];
    let report = stage.run(plan(steps), &provider, how(10)).await;
    assert_eq!(report.run.exit, 0, "{:?}", report.findings);
    assert_eq!(provider.story(), ["delete b/b/q#1", "delete a/a/q#1"]);
    assert!(stage.state().await.resources.is_empty());
}
