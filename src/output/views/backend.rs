//! The backend: what is done to it, and what is not as it should be.

use serde_json::Value;

use super::Drawn;
use crate::answers::{Backend, CheckLine, CheckResult};
use crate::output::style::{Style, Tone, count};
use crate::output::table::{Cell, Table};
use crate::setup::{Action, Step};

/// Longest value that is shown whole, in characters.
const LONGEST: usize = 60;

impl Drawn for Backend {
    fn table(&self, style: &Style) -> Option<String> {
        let changed: Vec<&Step> = self.steps.iter().filter(|step| step.action != Action::None).collect();
        let title = style.paint(Tone::Strong, format!("backend {}", self.bucket));
        let place = format!("account {}, {}", self.account, self.region);
        let start = self.init.as_ref().map(|init| format!("\n\nStart with: {init}")).unwrap_or_default();
        if changed.is_empty() {
            let what = if self.init.is_some() { "everything is as it should be" } else { "nothing is there" };
            return Some(format!("{title}: {what} ({place}){start}"));
        }
        let mut table = Table::new(["action", "what", "is", "should be"]);
        for step in &changed {
            let (word, tone) = match step.action {
                Action::Create => ("create", Tone::Good),
                Action::Update => ("update", Tone::Changed),
                Action::Delete => ("delete", Tone::Bad),
                Action::None => ("", Tone::Plain),
            };
            let value = |of: &Value| match step.setting.as_deref() {
                _ if of.is_null() => String::new(),
                Some("trust") => trusted(of),
                _ => short(of),
            };
            table.row([Cell::new(word, tone), step.title().into(), value(&step.before).into(), value(&step.after).into()]);
        }
        let kept = self.steps.len() - changed.len();
        let rest = if kept == 0 { String::new() } else { format!(", {kept} as they should be") };
        let what = count(changed.len(), "change");
        let is_cut = changed.iter().any(|step| [&step.before, &step.after].into_iter().any(|of| short(of).ends_with('…')));
        let rest = if is_cut { format!("{rest}; `--dry-run -o json` shows all of each value") } else { rest };
        let end = if self.dry_run { format!("{what}{rest}") } else { format!("done: {what}{rest}{start}") };
        Some(format!("{title} ({place})\n\n{}\n\n{end}", table.draw(style)))
    }
}

/// What was looked at of a backend: findings first, then how much is well.
pub(super) fn checks(lines: &[CheckLine], style: &Style) -> String {
    let of = |result: CheckResult| lines.iter().filter(move |line| line.result == result);
    let well = count(of(CheckResult::Ok).count(), "check");
    if of(CheckResult::Ok).count() == lines.len() {
        return format!("everything is as it should be: {well}");
    }
    let mut table = Table::new(["subject", "check", "result", "finding", "way out"]);
    for line in lines.iter().filter(|line| line.result != CheckResult::Ok) {
        let check = line.check.clone().unwrap_or_default();
        let (code, text, help) = match &line.finding {
            Some(finding) => (finding.code.name(), finding.message.clone(), finding.help.join("; ")),
            None => ("unknown", "the permission to look at it is missing".to_owned(), String::new()),
        };
        let tone = if line.result == CheckResult::Finding { Tone::Bad } else { Tone::Changed };
        table.row([line.subject.clone().into(), check.into(), Cell::new(code, tone), text.into(), help.into()]);
    }
    format!("{}\n\n{well} passed", table.draw(style))
}

/// Who is trusted by a policy: principals, and for pipelines the subjects of their tokens.
fn trusted(policy: &Value) -> String {
    let texts = |value: &Value| match value {
        Value::Array(items) => items.iter().map(short).collect::<Vec<_>>().join(", "),
        other => short(other),
    };
    let one = |statement: &Value| match statement["Condition"]["StringLike"].as_object().and_then(|like| like.values().next()) {
        Some(subjects) => texts(subjects),
        None => texts(&statement["Principal"]["AWS"]),
    };
    match &policy["Statement"] {
        Value::Array(statements) => statements.iter().map(one).collect::<Vec<_>>().join(", "),
        statement => one(statement),
    }
}

/// A value in a cell.
fn short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST - 1).chain(['…']).collect() }
}
