//! The lock: who holds it.

use super::{Drawn, moment};
use crate::lock::LockRecord;
use crate::output::style::{Style, Tone};
use crate::output::table::{Cell, Table};

impl Drawn for LockRecord {
    fn table(&self, style: &Style) -> Option<String> {
        let title = style.paint(Tone::Strong, format!("lock {}", self.lock_key));
        if self.holders.is_empty() {
            let last = self.last_released.as_ref().map(|last| format!("; last held by {} until {}", last.locked_by, moment(&last.at)));
            return Some(format!("{title}: free, epoch {}{}", self.epoch, last.unwrap_or_default()));
        }
        let mut table = Table::new(["scope", "holder", "operation", "since", "lease ends", "epoch", "id", "run"]).right(5);
        for (scope, holder) in &self.holders {
            table.row([
                Cell::from(scope.as_str()),
                holder.locked_by.as_str().into(),
                holder.operation.as_str().into(),
                moment(&holder.locked_at).into(),
                moment(&holder.expires_at).into(),
                holder.epoch.to_string().into(),
                holder.lock_id.as_str().into(),
                holder.metadata.ci_run_url.clone().unwrap_or_default().into(),
            ]);
        }
        Some(format!("{title}: held\n\n{}", table.draw(style)))
    }
}
