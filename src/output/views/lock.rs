//! The lock: who holds it.

use super::{Drawn, moment};
use crate::lock::{Holder, LockRecord, spell};
use crate::output::style::{Style, Tone};
use crate::output::table::{Cell, Table};

impl Drawn for LockRecord {
    fn table(&self, style: &Style) -> Option<String> {
        let title = style.paint(Tone::Strong, format!("lock {}", self.lock_key));
        if self.holders.is_empty() {
            let last = self.last_released.as_ref().map(|last| format!("; last held by {} until {}", last.locked_by, moment(&last.at)));
            return Some(format!("{title}: free, epoch {}{}", self.epoch, last.unwrap_or_default()));
        }
        let mut table =
            Table::new(["scope", "holder", "host", "operation", "since", "last heartbeat", "lease ends", "epoch", "id", "run"]).right(7);
        for (scope, holder) in &self.holders {
            table.row([
                Cell::from(scope.as_str()),
                holder.locked_by.as_str().into(),
                host(holder).into(),
                holder.operation.as_str().into(),
                moment(&holder.locked_at).into(),
                heartbeat(holder).into(),
                moment(&holder.expires_at).into(),
                holder.epoch.to_string().into(),
                holder.lock_id.as_str().into(),
                holder.metadata.ci_run_url.clone().unwrap_or_default().into(),
            ]);
        }
        Some(format!("{title}: held\n\n{}", table.draw(style)))
    }
}

/// Where a holder runs; a lease that belongs to no process has none.
fn host(holder: &Holder) -> String {
    match (&*holder.metadata.hostname, holder.metadata.pid) {
        (host, 0) => host.to_owned(),
        (host, pid) => format!("{host} pid {pid}"),
    }
}

/// How long a holder has been silent, and what to think of it.
fn heartbeat(holder: &Holder) -> String {
    let Some(observed) = &holder.observed else { return moment(&holder.last_heartbeat) };
    match observed.heartbeat_age {
        Some(age) => format!("{} ago ({})", spell(age), observed.liveness.word()),
        None => observed.liveness.word().to_owned(),
    }
}
