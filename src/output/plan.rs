//! A plan drawn for people: what happens to each resource, property by property, grouped by component.
//!
//! Every line begins with a sign and every step has its word, so that nothing is said by colour alone.

use std::fmt::Write as _;

use serde_json::Value;

use super::style::{Style, Tone, count, seconds, sign, word};
use crate::plan::{Change, Mark, Op, Plan, Replace, Shown, Step, value_text};
use crate::resource::ReplaceOrder;

/// Fields that name the items of a list.
const NAMES: [&str; 4] = ["Key", "Name", "Sid", "Id"];

/// Draws a plan.
pub fn text(plan: &Plan, style: &Style) -> String {
    let mut out = heading(plan, style);
    let mut component = "";
    for step in &plan.steps {
        if step.address.component() != component {
            component = step.address.component();
            line(&mut out, format_args!("\n{} {}", style.paint(Tone::Strong, component), style.paint(Tone::Faint, &step.component)));
        }
        draw_step(&mut out, step, style);
    }
    draw_outputs(&mut out, plan, style);
    for warning in &plan.warnings {
        let place = warning.span.as_ref().map(|span| format!(" ({span})")).unwrap_or_default();
        line(&mut out, format_args!("\n{}: {}{place}", style.paint(Tone::Changed, format!("! warning[{}]", warning.code)), warning.message));
        warning.help.iter().for_each(|help| line(&mut out, format_args!("    {help}")));
    }
    line(&mut out, format_args!("\n{}", footing(plan, style)));
    out
}

/// The counts of a plan on one line: `2 to create, 1 to update, 40 unchanged`.
pub fn counts(plan: &Plan) -> String {
    let summary = &plan.summary;
    let ops = [
        (summary.create, "to create"),
        (summary.update, "to update"),
        (summary.replace, "to replace"),
        (summary.delete, "to delete"),
        (summary.adopt, "to adopt"),
        (summary.forget, "to forget"),
        (summary.none, "to record"),
    ];
    let mut parts: Vec<String> = ops.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    if !plan.outputs_changed.is_empty() {
        parts.push(format!("{} to write", count(plan.outputs_changed.len(), "output")));
    }
    if parts.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    parts.push(format!("{} unchanged", summary.unchanged));
    if summary.blocked > 0 {
        parts.push(format!("{} blocked", summary.blocked));
    }
    parts.join(", ")
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("writing to a string does not fail");
}

fn heading(plan: &Plan, style: &Style) -> String {
    let what = if plan.destroy { "plan to destroy" } else { "plan of" };
    let title = style.paint(Tone::Strong, format!("{what} {} in {}", plan.stack, plan.environment));
    let base = match &plan.base.lineage {
        Some(_) => format!("state serial {}", plan.base.serial),
        None => "no state yet".to_owned(),
    };
    let label = if plan.simulated { format!(", {}", style.paint(Tone::Changed, "SIMULATED")) } else { String::new() };
    format!("{title}: {}, engine {}, {base}{label}\n", plan.provider.region, plan.engine)
}

fn footing(plan: &Plan, style: &Style) -> String {
    let mut text = style.paint(Tone::Strong, counts(plan));
    let longest = plan.steps.iter().map(|step| step.seconds).max().unwrap_or_default();
    if longest >= 60 {
        write!(text, "\nthe longest step takes about {}", seconds(longest)).expect("writing to a string does not fail");
    }
    if plan.simulated {
        write!(text, "\n{}: this acts on the simulated account, not on AWS", style.paint(Tone::Changed, "SIMULATED"))
            .expect("writing to a string does not fail");
    }
    text
}

fn draw_step(out: &mut String, step: &Step, style: &Style) {
    let tone = if step.blocked.is_some() { Tone::Bad } else { Tone::of(step.op) };
    let mut words = word(step.op).to_owned();
    match step.replace_order {
        Some(ReplaceOrder::CreateFirst) => words.push_str(" (create first)"),
        Some(ReplaceOrder::DeleteFirst) => words.push_str(" (delete first)"),
        None => {}
    }
    let via = if step.desired.as_ref().is_some_and(|desired| desired.nested) { " via CloudFormation" } else { "" };
    line(
        out,
        format_args!(
            "  {} {} {} {}",
            style.paint(tone, sign(step.op)),
            style.paint(tone, words),
            step.address.role(),
            style.paint(Tone::Faint, format!("{}{via}", step.type_name))
        ),
    );
    if let Some(reason) = reason(step) {
        line(out, format_args!("      {}", style.paint(Tone::Faint, format!("because {reason}"))));
    }
    for change in &step.changes {
        draw_change(out, step, change, style);
    }
    for old in &step.superseded {
        line(out, format_args!("      {} old instance {} is deleted", style.paint(Tone::Bad, "-"), old.identifier));
    }
    if let Some(blocked) = &step.blocked {
        line(out, format_args!("      {} {}", style.paint(Tone::Bad, format!("! blocked[{}]:", blocked.code)), blocked.message));
    }
}

/// The reason, where the changes do not say it already.
fn reason(step: &Step) -> Option<&str> {
    match step.op {
        Op::Create if step.base.is_none() => None,
        Op::Update if !step.changes.is_empty() && step.reason.contains("differ") => None,
        _ => Some(&step.reason),
    }
}

fn draw_change(out: &mut String, step: &Step, change: &Change, style: &Style) {
    let (mark, tone) = match (&change.before, &change.after) {
        (None, _) => ("+", Tone::Good),
        (_, None) => ("-", Tone::Bad),
        _ => ("~", Tone::Changed),
    };
    let name = item_name(step, change).map(|name| format!(" ({name})")).unwrap_or_default();
    let head = format!("      {} {}{name}", style.paint(tone, mark), change.path);
    let verdict = verdict(change).map(|text| format!("  {}", style.paint(Tone::Replaced, text))).unwrap_or_default();
    match change.show() {
        Shown::Line { before, after } => {
            let values = [before, after].into_iter().flatten().collect::<Vec<_>>();
            let one_line = values.join(" → ");
            let taken = 8 + change.path.chars().count() + name.chars().count() + 2 + one_line.chars().count();
            if style.width.is_none_or(|width| taken <= width) || values.len() < 2 {
                line(out, format_args!("{head}: {one_line}{verdict}"));
            } else {
                line(out, format_args!("{head}:{verdict}"));
                line(out, format_args!("          {}", values[0]));
                line(out, format_args!("        → {}", values[1]));
            }
        }
        Shown::Lines(lines) => {
            line(out, format_args!("{head}:{verdict}"));
            for (mark, text) in lines {
                let (sign, tone) = match mark {
                    Mark::Same => (" ", Tone::Plain),
                    Mark::Gone => ("-", Tone::Bad),
                    Mark::New => ("+", Tone::Good),
                    Mark::Gap => (" ", Tone::Faint),
                };
                line(out, format_args!("          {}", style.paint(tone, format!("{sign} {text}")).trim_end()));
            }
        }
    }
}

/// What a change does besides changing.
fn verdict(change: &Change) -> Option<String> {
    let rule = change.rule.as_deref().unwrap_or("asked for");
    match change.replace {
        Replace::Yes => Some(format!("# forces replacement: {rule}")),
        Replace::May => Some(format!("# may force replacement: {rule}")),
        Replace::No => change.rule.as_ref().map(|rule| format!("# {rule}")),
    }
}

/// The name of the list item that a pointer leads through, where it has one.
fn item_name<'s>(step: &'s Step, change: &'s Change) -> Option<&'s str> {
    let own = |item: &'s Value| NAMES.iter().find_map(|key| item.get(key)?.as_str());
    if change.after.is_none() {
        return own(change.before.as_ref()?);
    }
    let properties = &step.desired.as_ref()?.properties;
    let mut segments = change.path.split('/').skip(1);
    let mut value = properties.get(segments.next()?)?;
    let mut name = None;
    for segment in segments {
        value = match value {
            Value::Array(items) => {
                let item = items.get(segment.parse::<usize>().ok()?)?;
                name = own(item).or(name);
                item
            }
            Value::Object(map) => map.get(segment)?,
            _ => return name,
        };
    }
    name
}

fn draw_outputs(out: &mut String, plan: &Plan, style: &Style) {
    if plan.outputs_changed.is_empty() {
        return;
    }
    line(out, format_args!("\n{}", style.paint(Tone::Strong, "outputs")));
    for name in &plan.outputs_changed {
        match plan.outputs.get(name) {
            Some(value) => line(out, format_args!("  {} {name}: {}", style.paint(Tone::Changed, "~"), value_text(value))),
            None => line(out, format_args!("  {} {name}", style.paint(Tone::Bad, "-"))),
        }
    }
}
