//! Pulumi's own lock, left behind by a run that was killed.
//!
//! In: what Pulumi says of the lock. Out: whether its holder is proven dead. The caller holds panka's lock of the place, so that no other panka can be
//! the holder; a person who runs Pulumi by hand can.

use rustix::process::{Pid, test_kill_process};

/// Who holds it, as Pulumi prints it: `created by root@build-7 (pid 4711) at 2026-…` for each of the locks, which are cleared together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holders(Vec<Holder>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Holder {
    who: String,
    host: String,
    pid: i32,
}

/// The holders of a lock, where a message says that there are any.
pub(super) fn holders(said: &str) -> Option<Holders> {
    if !said.contains("is currently locked by") {
        return None;
    }
    let read = |rest: &str| {
        let (who, rest) = rest.split_once(" (pid ")?;
        let (pid, _) = rest.split_once(')')?;
        let host = who.rsplit('@').next().unwrap_or_default().to_owned();
        Some(Holder { who: who.to_owned(), host, pid: pid.parse().ok()? })
    };
    let found: Option<Vec<Holder>> = said.split("created by ").skip(1).map(read).collect();
    found.filter(|found| !found.is_empty()).map(Holders)
}

impl Holders {
    /// Who they are.
    pub(super) fn who(&self) -> String {
        let who: Vec<&str> = self.0.iter().map(|holder| holder.who.as_str()).collect();
        who.join(", ")
    }

    /// Tells whether all were processes of this machine that are gone.
    pub(super) fn are_dead(&self, host: &str) -> bool {
        self.0.iter().all(|holder| holder.host == host && is_gone(holder.pid))
    }
}

/// Tells whether no Pulumi has this pid: nothing has it, or it has been given to something else since.
fn is_gone(pid: i32) -> bool {
    if Pid::from_raw(pid).is_none_or(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH)) {
        return true;
    }
    // Where there is no `/proc`, whatever has the pid may be it.
    std::fs::read_to_string(format!("/proc/{pid}/status")).is_ok_and(|status| !is_pulumi(&status, pid))
}

/// Reads proc_pid_status(5): a process called pulumi that runs. A number that is another's thread, and one that waits for its parent to look at
/// its end, are not.
fn is_pulumi(status: &str, pid: i32) -> bool {
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or_default().trim();
    let has_ended = field("State").starts_with(['Z', 'X']);
    field("Name").contains("pulumi") && field("Tgid") == pid.to_string() && !has_ended
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///x/.pulumi/locks/organization/shop/dev/8f.json: created by root@build-7 (pid 2147483646) at 2026-11-26T12:00:00Z";

    #[test]
    fn a_holder_that_is_gone_is_dead_on_its_own_machine_alone() {
        let holders = holders(SAID).unwrap();
        assert_eq!(holders.who(), "root@build-7");
        assert!(holders.are_dead("build-7"));
        assert!(!holders.are_dead("build-8"));
    }

    #[test]
    fn a_pid_that_something_else_has_by_now_is_no_holder() {
        let status = "Name:\tpulumi\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t4711\nNgid:\t0\nPid:\t4711\n";
        assert!(is_pulumi(status, 4711));
        assert!(is_pulumi(&status.replace("Name:\tpulumi", "Name:\t.pulumi-wrapped"), 4711));
        assert!(!is_pulumi(&status.replace("Name:\tpulumi", "Name:\tcargo"), 4711), "another process");
        assert!(!is_pulumi(&status.replace("Tgid:\t4711", "Tgid:\t12"), 4711), "a thread of another");
        assert!(!is_pulumi(&status.replace("S (sleeping)", "Z (zombie)"), 4711), "its end waits to be looked at");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_no_pulumi() {
        let reused = SAID.replace("2147483646", &std::process::id().to_string());
        assert!(holders(&reused).unwrap().are_dead("build-7"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_holder_that_lives_is_not_dead() {
        // A process called pulumi that waits for its input.
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("pulumi");
        std::fs::copy("/bin/cat", &program).unwrap();
        let mut child = std::process::Command::new(program).stdin(std::process::Stdio::piped()).spawn().unwrap();
        let living = holders(&SAID.replace("2147483646", &child.id().to_string())).unwrap();
        assert!(!living.are_dead("build-7"));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(living.are_dead("build-7"));
    }

    #[test]
    fn all_holders_are_asked_for() {
        let both = holders(&format!("{SAID}\n  file:///y.json: created by ann@desk (pid 7) at 2026-11-26T12:00:00Z")).unwrap();
        assert_eq!((both.who().as_str(), both.are_dead("build-7")), ("root@build-7, ann@desk", false), "all are cleared together");
    }

    #[test]
    fn other_messages_name_no_holder() {
        assert_eq!(holders("error: update failed"), None);
    }
}
