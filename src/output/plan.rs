//! A plan drawn for people: what happens to each resource, property by property, grouped by component.
//!
//! Every line begins with a sign and every step has its word, so that nothing is said by colour alone.

use std::fmt::Write as _;

use serde_json::Value;

use super::style::{Style, Tone, count, seconds, sign, word};
use crate::plan::{Change, Mark, Op, Plan, Shown, Step, value_text};
use crate::resource::ReplaceOrder;

/// Fields that name the items of a list.
const NAMES: [&str; 4] = ["Key", "Name", "Sid", "Id"];

/// Outputs that are listed one by one; of more, only those of the stack are.
const OUTPUTS: usize = 10;

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
        line(
            &mut out,
            format_args!("\n{}: {}{place}", style.paint(Tone::Changed, format!("! warning[{}]", warning.code)), warning.message),
        );
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
            style.paint(Tone::Faint, format!("{}{via}{}", step.type_name, name(step).map(|name| format!(" {name}")).unwrap_or_default()))
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

/// The physical name of what is made, or the identifier of what goes.
fn name(step: &Step) -> Option<&str> {
    match (step.op, &step.desired) {
        (Op::Create, Some(desired)) => desired.properties.get(&desired.naming.as_ref()?.property)?.as_str(),
        (Op::Delete | Op::Forget | Op::Replace, _) => step.identifier.as_deref(),
        _ => None,
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
    let verdict = change.verdict().map(|text| format!("  {}", style.paint(Tone::Replaced, text))).unwrap_or_default();
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
    let few = plan.outputs_changed.len() <= OUTPUTS;
    let (shown, others): (Vec<&String>, Vec<&String>) = plan.outputs_changed.iter().partition(|name| few || name.starts_with("_stack."));
    for name in shown {
        match plan.outputs.get(name) {
            Some(value) => line(out, format_args!("  {} {name}: {}", style.paint(Tone::Changed, "~"), value_text(value))),
            None => line(out, format_args!("  {} {name}", style.paint(Tone::Bad, "-"))),
        }
    }
    if !others.is_empty() {
        line(out, format_args!("  {} {} of components", style.paint(Tone::Changed, "~"), count(others.len(), "output")));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::sample::{graph, queue, resource};
    use crate::plan::tests::{change, options, state_of};
    use crate::resource::Resource;

    fn drawn(plan: &Plan) -> String {
        text(plan, &Style::default())
    }

    fn group(name: &str) -> Resource {
        resource("a/api/group", "AWS::EC2::SecurityGroup", json!({"GroupDescription": name}))
    }

    #[test]
    fn every_kind_of_step_is_drawn_with_its_sign_and_word() {
        let task = |image: &str| {
            resource("a/api/task", "AWS::ECS::TaskDefinition", json!({"ContainerDefinitions": [{"Name": "api", "Image": image}]}))
        };
        let user = || queue("b/one/queue").refers("KmsMasterKeyId", "a/api/group", "GroupId");
        let plan = change(
            [group("one"), user(), task("api:1"), queue("b/old/queue"), queue("b/kept/queue").living(|life| life.retain_on_delete = true)],
            [group("two"), user(), task("api:2"), queue("b/two/queue").with("DelaySeconds", json!(5))],
        );
        assert_eq!(
            drawn(&plan),
            "plan of shop in dev: eu-west-1, engine local, state serial 1, SIMULATED

a/api Resource
  ± replace (create first) group AWS::EC2::SecurityGroup a/api/group-1
      because `/GroupDescription` is fixed at creation
      ~ /GroupDescription: \"one\" → \"two\"  # forces replacement: create-only
  ± replace (create first) task AWS::ECS::TaskDefinition a/api/task-1
      because `/ContainerDefinitions/0/Image` is fixed at creation
      ~ /ContainerDefinitions/0/Image (api): \"api:1\" → \"api:2\"  # forces replacement: create-only

b/kept Resource
  × forget queue AWS::SQS::Queue b/kept/queue-1
      because no longer in the manifests; `retainOnDelete` leaves it in AWS

b/old Resource
  - delete queue AWS::SQS::Queue b/old/queue-1
      because no longer in the manifests

b/one Resource
  ~ update queue AWS::SQS::Queue
      because what it refers to is made anew
      ~ /KmsMasterKeyId: \"a/api/group-1:GroupId\" → (known after apply)

b/two Resource
  + create queue AWS::SQS::Queue

1 to create, 1 to update, 2 to replace, 1 to delete, 1 to forget, 0 unchanged
SIMULATED: this acts on the simulated account, not on AWS
"
        );
    }

    #[test]
    fn blocked_steps_and_warnings_are_drawn() {
        let plan = change([group("one").living(|life| life.protect = true)], [group("two").living(|life| life.protect = true)]);
        let text = drawn(&plan);
        assert!(text.contains("      ! blocked[P3020]: `a/api/group` would be replaced, but it is protected\n"), "{text}");
        assert!(text.contains("1 to replace, 0 unchanged, 1 blocked\n"), "{text}");
        let make = |address: &str| queue(address).with("DelaySeconds", json!(7));
        let text = drawn(&change([make("a/one/queue")], [make("a/uno/queue")]));
        assert!(text.contains("! warning[P8009]: `a/one/queue` is deleted and `a/uno/queue` is created alike"), "{text}");
        assert!(text.contains("    if it was renamed: panka state mv a/one/queue a/uno/queue\n"), "{text}");
    }

    #[test]
    fn nothing_to_do_is_said() {
        let plan = change([queue("a/one/queue")], [queue("a/one/queue")]);
        assert!(drawn(&plan).contains("\nnothing to do, 1 unchanged\n"));
    }

    #[test]
    fn documents_are_drawn_by_line() {
        let role = |action: &str| {
            let statement = json!({"Effect": "Allow", "Action": action, "Principal": {"Service": "ecs-tasks.amazonaws.com"}});
            resource(
                "a/api/role",
                "AWS::IAM::Role",
                json!({"AssumeRolePolicyDocument": json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()}),
            )
        };
        let text = drawn(&change([role("sts:AssumeRole")], [role("sts:TagSession")]));
        assert!(
            text.contains("          -       \"Action\": \"sts:AssumeRole\",\n          +       \"Action\": \"sts:TagSession\",\n"),
            "{text}"
        );
    }

    #[test]
    fn a_narrow_terminal_gets_two_lines() {
        let named = |name: &str| queue("a/one/queue").with("KmsMasterKeyId", json!(name));
        let plan = change([named("alias/some-longer-name-of-a-key")], [named("alias/another-longer-name-of-a-key")]);
        let text = super::text(&plan, &Style { width: Some(60), ..Style::default() });
        assert!(
            text.contains(
                "/KmsMasterKeyId:\n          \"alias/some-longer-name-of-a-key\"\n        → \"alias/another-longer-name-of-a-key\"\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn colour_changes_no_word() {
        let plan = change([group("one")], [group("two"), queue("a/new/queue")]);
        let coloured = super::text(&plan, &Style { colour: true, ..Style::default() });
        assert_ne!(coloured, drawn(&plan));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), drawn(&plan));
    }

    #[test]
    fn outputs_that_change_are_named() {
        let mut whole = graph([queue("a/one/queue")]);
        whole.outputs.insert("a/one.url".into(), json!({"$ref": "a/one/queue", "attribute": "QueueUrl"}));
        let plan = crate::plan::diff(&whole, Some(&state_of([queue("a/one/queue")])), &options()).unwrap();
        assert!(
            drawn(&plan).contains("outputs\n  ~ a/one.url: (known after apply)\n\n1 output to write, 1 unchanged\n"),
            "{}",
            drawn(&plan)
        );
    }
}
