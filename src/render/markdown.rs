//! Markdown: a plan for a pull request, a graph for documentation.

use std::fmt::Write as _;

use super::picture::sign;
use crate::address::Address;
use crate::graph::Graph;
use crate::plan::{Change, Mark, Plan, Shown, Step};

/// Characters that a comment on a pull request may have, with room to spare.
const LIMIT: usize = 60_000;

/// A plan as a comment on a pull request: counts, a table of the steps, the changes of each.
pub fn plan_markdown(plan: &Plan) -> String {
    let mut out = String::new();
    let title = if plan.destroy { "Plan to destroy" } else { "Plan of" };
    line(&mut out, format_args!("### {title} {} in {}\n", code(&plan.stack), code(&plan.environment)));
    line(&mut out, format_args!("{}\n", counts(plan)));
    if plan.simulated {
        line(&mut out, format_args!("**SIMULATED**: this acts on the simulated account, not on AWS.\n"));
    }
    if !plan.steps.is_empty() {
        line(&mut out, format_args!("| | step | resource | type | why |\n|---|---|---|---|---|"));
        for step in &plan.steps {
            let why = step
                .blocked
                .as_ref()
                .map_or_else(|| step.reason.clone(), |blocked| format!("**blocked** ({}): {}", blocked.code, blocked.message));
            line(
                &mut out,
                format_args!(
                    "| {} | {} | {} | {} | {} |",
                    code(sign(step.op)),
                    step.op.verb(),
                    code(step.address.as_str()),
                    step.type_name,
                    cell(&why)
                ),
            );
            if out.len() > LIMIT / 2 {
                break;
            }
        }
    }
    for warning in &plan.warnings {
        line(&mut out, format_args!("\n> **warning** {}: {}", warning.code, warning.message));
        warning.help.iter().for_each(|help| line(&mut out, format_args!(">\n> {help}")));
    }
    for name in &plan.outputs_changed {
        line(&mut out, format_args!("\n- output {} is written", code(name)));
    }
    let changed: Vec<&Step> = plan.steps.iter().filter(|step| !step.changes.is_empty()).collect();
    for (n, step) in changed.iter().enumerate() {
        let text = details(step);
        if out.len() + text.len() > LIMIT {
            line(&mut out, format_args!("\n{} more steps change properties; `panka diff` shows them all.", changed.len() - n));
            break;
        }
        out.push_str(&text);
    }
    out
}

fn counts(plan: &Plan) -> String {
    let summary = &plan.summary;
    let ops = [
        (summary.create, "to create"),
        (summary.update, "to update"),
        (summary.replace, "to replace"),
        (summary.delete, "to delete"),
        (summary.adopt, "to adopt"),
        (summary.forget, "to forget"),
        (summary.none, "to record"),
        (plan.outputs_changed.len(), "outputs to write"),
    ];
    let mut parts: Vec<String> =
        ops.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("**{number}** {what}")).collect();
    if parts.is_empty() {
        parts.push("Nothing to do".to_owned());
    }
    parts.push(format!("{} unchanged", summary.unchanged));
    if summary.blocked > 0 {
        parts.push(format!("**{}** blocked", summary.blocked));
    }
    parts.join(", ")
}

/// The changes of a step, folded.
fn details(step: &Step) -> String {
    let mut body = String::new();
    for change in &step.changes {
        draw(&mut body, change);
    }
    let fence = "`".repeat(longest_run(&body, '`').max(2) + 1);
    format!(
        "\n<details><summary>{} {} <code>{}</code></summary>\n\n{fence}diff\n{body}{fence}\n\n</details>\n",
        sign(step.op),
        step.op.verb(),
        step.address
    )
}

fn draw(out: &mut String, change: &Change) {
    let verdict = change.verdict().map(|text| format!("  {text}")).unwrap_or_default();
    line(out, format_args!("@@ {}{verdict}", change.path));
    match change.show() {
        Shown::Line { before, after } => {
            before.iter().for_each(|text| line(out, format_args!("- {text}")));
            after.iter().for_each(|text| line(out, format_args!("+ {text}")));
        }
        Shown::Lines(lines) => {
            for (mark, text) in lines {
                let sign = match mark {
                    Mark::Same | Mark::Gap => " ",
                    Mark::Gone => "-",
                    Mark::New => "+",
                };
                line(out, format_args!("{sign} {text}"));
            }
        }
    }
}

/// The resources of a graph as tables, one for each component.
pub fn graph_markdown(graph: &Graph) -> String {
    let mut out = String::new();
    line(&mut out, format_args!("### {} in {}\n", code(&graph.stack), code(&graph.environment)));
    line(&mut out, format_args!("{} resources in {}", graph.resources.len(), graph.provider.region));
    for resources in graph.resources.chunk_by(|one, other| one.address.component() == other.address.component()) {
        line(&mut out, format_args!("\n#### {} ({})\n", code(resources[0].address.component()), resources[0].component));
        line(&mut out, format_args!("| resource | type | needs | source |\n|---|---|---|---|"));
        for resource in resources {
            let needs: Vec<String> = resource.depends_on.iter().map(Address::as_str).map(code).collect();
            let row = [code(resource.address.role()), resource.type_name.to_string(), needs.join(" "), code(&resource.source.to_string())];
            line(&mut out, format_args!("| {} |", row.join(" | ")));
        }
    }
    if !graph.outputs.is_empty() {
        line(&mut out, format_args!("\n#### Outputs\n"));
        graph.outputs.keys().for_each(|name| line(&mut out, format_args!("- {}", code(name))));
    }
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("writing to a string does not fail");
}

/// Text as code: in more backticks than it holds.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text, '`') + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}").replace('|', "\\|")
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::sample::{graph, queue, resource};
    use crate::plan::tests::change;

    #[test]
    fn a_plan_shows_counts_steps_and_changes() {
        let group = |name: &str| resource("a/api/group", "AWS::EC2::SecurityGroup", json!({"GroupDescription": name}));
        let plan = change([group("one"), queue("a/old/queue")], [group("two")]);
        let text = plan_markdown(&plan);
        for part in [
            "### Plan of `shop` in `dev`",
            "**1** to replace, **1** to delete, 0 unchanged",
            "**SIMULATED**",
            "| `±` | replace | `a/api/group` | AWS::EC2::SecurityGroup | `/GroupDescription` is fixed at creation |",
            "@@ /GroupDescription  # forces replacement: create-only\n- \"one\"\n+ \"two\"\n",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn an_empty_plan_says_so() {
        assert!(plan_markdown(&change([queue("a/one/queue")], [queue("a/one/queue")])).contains("Nothing to do, 1 unchanged"));
    }

    #[test]
    fn a_long_plan_stays_within_a_comment() {
        let many = |n: i32| (0..3000).map(move |i| queue(&format!("a/queue-{i}/queue")).with("DelaySeconds", json!(n)));
        assert!(plan_markdown(&change(many(1), many(2))).len() < 65_536);
    }

    #[test]
    fn a_graph_is_a_table_for_each_component() {
        let text = graph_markdown(&graph([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]));
        assert!(text.contains("#### `a/two` (Resource)"), "{text}");
        assert!(text.contains("| `queue` | AWS::SQS::Queue | `a/one/queue` | `a/two/queue.yaml` |"), "{text}");
    }

    #[test]
    fn backticks_and_bars_do_not_break_out() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(cell("a|b\nc"), "a\\|b c");
    }
}
