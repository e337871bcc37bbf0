//! Processes that Pulumi leaves behind when it is killed: the host of programs and the provider, which could go on changing AWS.
//!
//! In: the directory of a run, which stands in the environment of all that it has started. Out: those that are left are killed. Where there is no
//! `/proc` nobody can tell, and they end by themselves.

use std::path::Path;

use rustix::process::Signal;

use super::tool::signal;

/// The variable that holds the directory.
pub(super) const FOLDER: &str = "PANKA_PULUMI_FOLDER";

/// Kills what is left of a run whose Pulumi has ended.
pub(super) fn end(folder: &Path) {
    let marker = format!("{FOLDER}={}", folder.display());
    for pid in marked(marker.as_bytes()) {
        tracing::warn!("Pulumi has left the process {pid} behind: it is killed");
        signal(Some(pid), Signal::KILL);
    }
}

/// Processes in whose environment there is this setting.
fn marked(setting: &[u8]) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    let has = |pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|one| one == setting)
    };
    pids.filter(has).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_has_the_directory_in_its_environment_is_ended_and_nothing_else() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        // It waits for its standard input to end.
        let start = |folder: &tempfile::TempDir| {
            Command::new("cat").env(FOLDER, folder.path()).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
        };
        let (mut left, mut other) = (start(&folders[0]), start(&folders[1]));
        end(folders[0].path());
        assert!(!left.wait().unwrap().success());
        assert!(other.try_wait().unwrap().is_none());
        drop(other.stdin.take());
        assert!(other.wait().unwrap().success());
    }
}
