//! The run: what became of each step, and what is left.

use serde_json::Value;

use super::{Drawn, Entry, component_name, count, heading, simulated};
use crate::apply::Run;
use crate::apply::run::{Outcome, StepRun};
use crate::output::style::{Style, Tone, past, sign, word};
use crate::output::table::{Cell, Table};

/// What the names of the stack's own outputs begin with.
const OWN: &str = "_stack.";

impl Drawn for Run {
    fn table(&self, style: &Style) -> Option<String> {
        let mut parts = vec![title(self, style)];
        // What went well was told while it ran; `style.detailed` asks for every step.
        let told = |step: &StepRun| matches!(step.outcome, Outcome::Done | Outcome::Cancelled | Outcome::Blocked);
        let shown = |step: &&StepRun| style.detailed || !told(step);
        if self.steps.iter().any(|step| shown(&step)) {
            let mut table = Table::new(["", "resource", "type", "outcome", "error"]);
            for step in self.steps.iter().filter(shown) {
                let error = step.error.as_ref().map(|error| error.message.clone()).unwrap_or_default();
                let (outcome, tone) = outcome(step.outcome, past(step.op));
                table.row([
                    Cell::new(sign(step.op), Tone::of(step.op)),
                    step.address.as_str().into(),
                    step.type_name.as_str().into(),
                    Cell::new(outcome, tone),
                    error.into(),
                ]);
            }
            parts.push(table.draw(style));
        }
        let own = |name: &str| name.starts_with(OWN);
        let shown = |(name, _): &(&String, &Value)| style.detailed || own(name);
        if self.outputs.iter().any(|output| shown(&output)) {
            let mut table = Table::new(["output", "value"]);
            for (name, value) in self.outputs.iter().filter(shown) {
                table.row([Cell::from(name.strip_prefix(OWN).unwrap_or(name)), value_text(value).into()]);
            }
            parts.push(table.draw(style));
        }
        if !self.left.is_empty() {
            let rest = style.paint(Tone::Bad, format!("{} left to do", count(self.left.len(), "step")));
            parts.push(format!("{rest}; run `panka {}` again", self.operation));
        }
        Some(parts.join("\n\n"))
    }

    fn tree(&self, style: &Style) -> Option<String> {
        let entries = self.steps.iter().map(|step| Entry {
            service: step.address.service(),
            component: component_name(&step.address),
            kind: "",
            resource: Some((step.address.role(), format!("{} {}", sign(step.op), outcome(step.outcome, word(step.op)).0))),
        });
        Some(super::resource_tree(title(self, style), style, entries))
    }
}

fn outcome(outcome: Outcome, done: &'static str) -> (&'static str, Tone) {
    match outcome {
        Outcome::Done => (done, Tone::Good),
        Outcome::Failed => ("failed", Tone::Bad),
        Outcome::TimedOut => ("timed out", Tone::Bad),
        Outcome::Blocked => ("blocked", Tone::Faint),
        Outcome::Cancelled => ("cancelled", Tone::Faint),
        Outcome::Pending => ("pending", Tone::Changed),
        Outcome::RolledBack => ("rolled back", Tone::Changed),
    }
}

fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(map) if map.contains_key("$sensitive") => "(sensitive)".to_owned(),
        other => other.to_string(),
    }
}

fn title(run: &Run, style: &Style) -> String {
    let done: usize = run.summary.get(&Outcome::Done).copied().unwrap_or(0);
    let steps =
        if run.steps.is_empty() { "nothing to do".to_owned() } else { format!("{done} of {} done", count(run.steps.len(), "step")) };
    let facts = [steps, format!("serial {}", run.serial), format!("engine {}", run.engine), simulated(style, run.simulated)];
    heading(style, &run.operation, &run.stack, &run.environment, facts)
}
