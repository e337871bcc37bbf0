//! What people are told of a holder.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Holder, LockRecord, Observed, Timing};
use crate::clock::rfc3339;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::lock::P6001;

/// Whether a holder renews its lease. Display only: nothing is decided by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Liveness {
    /// It renews its lease.
    Alive,
    /// It has missed two renewals; or its time is over, and it belongs to no process.
    Late,
    /// Its lease is over: a takeover is possible.
    Stale,
}

impl Liveness {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Late => "late",
            Self::Stale => "stale",
        }
    }
}

/// The record with how each holder looks now.
#[must_use]
pub(super) fn observe(mut record: LockRecord, timing: Timing, now: Timestamp) -> LockRecord {
    for holder in record.holders.values_mut() {
        let beat = age(&holder.last_heartbeat, now).filter(|_| !is_handed(holder));
        holder.observed = Some(Observed {
            liveness: liveness(holder, timing, now),
            age: age(&holder.locked_at, now).map(|age| age.as_secs()),
            heartbeat_age: beat.map(|age| age.as_secs()),
        });
    }
    record
}

/// How a holder looks now.
fn liveness(holder: &Holder, timing: Timing, now: Timestamp) -> Liveness {
    let (since, patience) = if is_handed(holder) { (&holder.expires_at, Duration::ZERO) } else { (&holder.last_heartbeat, timing.late()) };
    if has_expired(holder, now) {
        Liveness::Stale
    } else if age(since, now).is_some_and(|age| age > patience) {
        Liveness::Late
    } else {
        Liveness::Alive
    }
}

/// Tells whether a lease belongs to no process: it is never renewed by itself.
pub(super) fn is_handed(holder: &Holder) -> bool {
    holder.metadata.pid == 0
}

/// How long a lease that belongs to no process is left alone after its end.
const GRACE: Duration = Duration::from_mins(5);

/// From when a lease that belongs to no process may be taken over.
fn end_of_grace(holder: &Holder) -> Option<String> {
    holder.expires_at.parse::<Timestamp>().ok()?.checked_add(GRACE).ok().map(rfc3339)
}

/// Tells whether a lease is over by the wall clock: by its guard, or by five minutes when nobody renews it by itself.
pub(super) fn has_expired(holder: &Holder, now: Timestamp) -> bool {
    let grace = if is_handed(holder) { GRACE } else { Timing::guard(Duration::from_secs(holder.ttl)) };
    age(&holder.expires_at, now).is_some_and(|age| age > grace)
}

/// Time since an RFC 3339 time; none for one that is to come or cannot be read.
fn age(at: &str, now: Timestamp) -> Option<Duration> {
    Duration::try_from(now.duration_since(at.parse().ok()?)).ok()
}

/// The finding that a lock is held. `name` is that of the lock.
pub(super) fn held(name: &str, holder: &Holder, timing: Timing, now: Timestamp) -> Diagnostic {
    let Holder { locked_by, operation, locked_at, metadata, .. } = holder;
    let mut facts = vec![match metadata.pid {
        0 => format!("host {}", metadata.hostname),
        pid => format!("host {} pid {pid}", metadata.hostname),
    }];
    facts.extend(metadata.ci_run_url.as_ref().map(|url| format!("run {url}")));
    facts.extend(metadata.git_commit.as_ref().map(|commit| format!("commit {}", commit.get(..7).unwrap_or(commit))));
    facts.extend(age(locked_at, now).map(|age| format!("held for {}", spell(age.as_secs()))));
    let word = liveness(holder, timing, now).word();
    facts.push(match age(&holder.last_heartbeat, now) {
        _ if is_handed(holder) => {
            let end = clock_time(&holder.expires_at);
            match end_of_grace(holder).filter(|_| word != Liveness::Alive.word()) {
                Some(taken) => format!("its lease ended at {end} ({word}); it may be taken over from {}", clock_time(&taken)),
                None => format!("a lease until {end} ({word})"),
            }
        }
        Some(age) => format!("last heartbeat {} ago ({word})", spell(age.as_secs())),
        None => format!("last heartbeat {} ({word})", holder.last_heartbeat),
    });
    facts.push(format!("lock id {}", holder.lock_id));
    Diagnostic::new(P6001, format!("{name} is locked by {locked_by} ({operation}) since {}", clock_time(locked_at)))
        .about(name)
        .note(facts.join(" · "))
        .help("wait with --lock-timeout 10m; if the run is known dead, panka lock break")
}

/// A time with its date and zone: who reads it may sit elsewhere.
fn clock_time(at: &str) -> String {
    at.parse::<Timestamp>().map_or_else(|_| at.to_owned(), |time| time.strftime("%F %T UTC").to_string())
}

/// An age in seconds for people.
pub fn spell(seconds: u64) -> String {
    match seconds {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::HolderMetadata;

    fn holder() -> Holder {
        Holder {
            lock_id: "0193".to_owned(),
            epoch: 3,
            locked_by: "ci-deploy".to_owned(),
            locked_at: "2026-11-23T14:02:11.000Z".to_owned(),
            operation: "apply".to_owned(),
            ttl: 60,
            expires_at: "2026-11-23T14:05:11.000Z".to_owned(),
            last_heartbeat: "2026-11-23T14:04:11.000Z".to_owned(),
            beat: 8,
            metadata: HolderMetadata {
                hostname: "runner-17".to_owned(),
                pid: 411,
                process_lock: false,
                version: "0.1.0".to_owned(),
                ci_run_url: Some("https://ci.example/runs/8812".to_owned()),
                git_commit: Some("4f1c2ab99".to_owned()),
            },
            observed: None,
        }
    }

    fn at(time: &str) -> Timestamp {
        format!("2026-11-23T{time}Z").parse().unwrap()
    }

    #[test]
    fn a_held_lock_is_reported_with_all_that_is_known() {
        let finding = held("stack:shop:env:production", &holder(), Timing::default(), at("14:04:17"));
        assert_eq!(finding.message, "stack:shop:env:production is locked by ci-deploy (apply) since 2026-11-23 14:02:11 UTC");
        assert_eq!(
            finding.note.unwrap(),
            "host runner-17 pid 411 · run https://ci.example/runs/8812 · commit 4f1c2ab · held for 2 min · last heartbeat 6 s ago (alive) · lock id 0193"
        );
    }

    #[test]
    fn a_holder_is_late_after_two_beats_and_stale_after_lease_and_guard() {
        for (time, expected) in
            [("14:04:41", Liveness::Alive), ("14:04:42", Liveness::Late), ("14:05:21", Liveness::Late), ("14:05:22", Liveness::Stale)]
        {
            assert_eq!(liveness(&holder(), Timing::default(), at(time)), expected, "{time}");
        }
        let mut handed = holder();
        handed.metadata.pid = 0;
        for (time, expected) in
            [("14:05:11", Liveness::Alive), ("14:05:12", Liveness::Late), ("14:10:11", Liveness::Late), ("14:10:12", Liveness::Stale)]
        {
            assert_eq!(liveness(&handed, Timing::default(), at(time)), expected, "{time}");
        }
    }
}
