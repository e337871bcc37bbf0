//! The plan: its steps.

use super::{Drawn, Entry, component_name, count, heading, resource_tree, simulated};
use crate::output::style::{Style, Tone, sign, word};
use crate::output::table::{Cell, Table};
use crate::plan::Plan;

impl Drawn for Plan {
    fn table(&self, style: &Style) -> Option<String> {
        if self.steps.is_empty() {
            return Some(title(self, style));
        }
        let mut table = Table::new(["", "resource", "type", "step", "reason"]);
        for step in &self.steps {
            let blocked = step.blocked.as_ref().map(|blocked| format!("blocked ({}): {}", blocked.code, blocked.message));
            let tone = if blocked.is_some() { Tone::Bad } else { Tone::of(step.op) };
            table.row([
                Cell::new(sign(step.op), tone),
                step.address.as_str().into(),
                step.type_name.as_str().into(),
                Cell::new(word(step.op), tone),
                blocked.unwrap_or_else(|| step.reason.clone()).into(),
            ]);
        }
        Some(format!("{}\n\n{}", title(self, style), table.draw(style)))
    }

    fn tree(&self, style: &Style) -> Option<String> {
        let entries = self.steps.iter().map(|step| Entry {
            service: step.address.service(),
            component: component_name(&step.address),
            kind: &step.component,
            resource: Some((step.address.role(), format!("{} {}", sign(step.op), word(step.op)))),
        });
        Some(resource_tree(title(self, style), style, entries))
    }
}

fn title(plan: &Plan, style: &Style) -> String {
    let steps = if plan.steps.is_empty() { "nothing to do".to_owned() } else { count(plan.steps.len(), "step") };
    let facts =
        [steps, format!("{} unchanged", plan.summary.unchanged), format!("engine {}", plan.engine), simulated(style, plan.simulated)];
    heading(style, "plan", &plan.stack, &plan.environment, facts)
}
