//! Pulumi's own lock, left behind by a run that was killed.
//!
//! In: what Pulumi says of the lock. Out: whether its holder is proven dead. The caller holds panka's lock of the place, so that no other panka can be
//! the holder; a person who runs Pulumi by hand can.

use rustix::process::{Pid, test_kill_process};

/// The holder, as Pulumi prints it: `created by root@build-7 (pid 4711) at 2026-…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    /// Who.
    pub(super) who: String,
    host: String,
    pid: i32,
}

/// The holder of a lock, where a message says that there is one.
pub(super) fn holder(said: &str) -> Option<Holder> {
    if !said.contains("is currently locked by") {
        return None;
    }
    let (_, rest) = said.split_once("created by ")?;
    let (who, rest) = rest.split_once(" (pid ")?;
    let (pid, _) = rest.split_once(')')?;
    let host = who.rsplit('@').next().unwrap_or_default().to_owned();
    Some(Holder { who: who.to_owned(), host, pid: pid.parse().ok()? })
}

impl Holder {
    /// Tells whether the holder was a process of this machine that is gone.
    pub(super) fn is_dead(&self, host: &str) -> bool {
        self.host == host && Pid::from_raw(self.pid).is_none_or(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///x/.pulumi/locks/organization/shop/dev/8f.json: created by root@build-7 (pid 2147483646) at 2026-11-26T12:00:00Z";

    #[test]
    fn a_holder_that_is_gone_is_dead_on_its_own_machine_alone() {
        let holder = holder(SAID).unwrap();
        assert_eq!(holder.who, "root@build-7");
        assert!(holder.is_dead("build-7"));
        assert!(!holder.is_dead("build-8"));
    }

    #[test]
    fn a_holder_that_lives_is_not_dead() {
        let living = SAID.replace("2147483646", &std::process::id().to_string());
        assert!(!holder(&living).unwrap().is_dead("build-7"));
    }

    #[test]
    fn other_messages_name_no_holder() {
        assert_eq!(holder("error: update failed"), None);
    }
}
