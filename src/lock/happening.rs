//! What happens to a lock while it is waited for or held, for whoever wants to show it; the log is told as well.

use std::sync::Arc;
use std::time::Duration;

use super::{Holder, Locker};

/// What happens to a lock, for whoever wants to show it.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// It is held; waiting for it.
    Waiting {
        /// Name of what is held.
        name: String,
        /// By whom.
        holder: Box<Holder>,
    },
    /// Its holder looks dead; it is watched for so long before it is taken over.
    Watching {
        /// Name of what is held.
        name: String,
        /// By whom.
        holder: Box<Holder>,
        /// For how long.
        window: Duration,
    },
    /// It is taken over from holders that are dead.
    TakenOver {
        /// Them.
        from: Vec<Holder>,
        /// The new epoch.
        epoch: u64,
    },
    /// The lease is longer again.
    Renewed,
    /// A renewal did not come through; it is tried again.
    RenewalFailed {
        /// Why.
        cause: String,
    },
    /// The lease is gone.
    Lost {
        /// Why.
        cause: String,
    },
}

/// Who is told of happenings.
pub(super) type Listener = Arc<dyn Fn(Happening) + Send + Sync>;

impl Locker {
    /// Tells of a happening.
    pub(super) fn tell(&self, happening: Happening) {
        log(&happening);
        (self.listener)(happening);
    }
}

fn log(happening: &Happening) {
    match happening {
        Happening::Waiting { name, holder } => {
            tracing::info!(by = holder.locked_by, operation = holder.operation, epoch = holder.epoch, "waiting for the lock {name}");
        }
        Happening::Watching { name, holder, window } => {
            let seconds = window.as_secs();
            tracing::info!(by = holder.locked_by, epoch = holder.epoch, seconds, "watching the lock {name}, whose lease is over");
        }
        Happening::TakenOver { from, epoch } => {
            for holder in from {
                let (by, operation) = (&holder.locked_by, &holder.operation);
                tracing::info!(by, operation, from = holder.epoch, epoch, "lock taken over from a run that is gone");
            }
        }
        // The change of the record is told where it is made.
        Happening::Renewed => {}
        // Both are told by whoever listens; here they stand among the other lines.
        Happening::RenewalFailed { cause } => tracing::info!("lock not renewed: {cause}"),
        Happening::Lost { cause } => tracing::info!("lock lost: {cause}"),
    }
}
