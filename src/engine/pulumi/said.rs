//! What Pulumi says when something is wrong, as findings.
//!
//! In: which command, and its output. Out: a finding with the first error as its message, and the rest beside it.

use crate::diagnostic::codes::engine::{P5006, P5015};
use crate::diagnostic::{Code, Diagnostic};

/// Lines of the output that a finding shows.
const SHOWN: usize = 20;

/// What it means when the passphrase is another one.
const PASSPHRASE: &str = "incorrect passphrase";

/// A run has failed.
pub(super) fn failed(what: &str, said: &str) -> Diagnostic {
    finding(P5006, what, said)
}

/// A command that changes nothing in AWS has failed.
pub(super) fn refused(what: &str, said: &str) -> Diagnostic {
    finding(P5015, what, said)
}

/// An answer is not what it should be.
pub(super) fn unclear(what: &str, error: &serde_json::Error) -> Diagnostic {
    refused(what, &format!("its answer is not understood: {error}"))
}

/// Tells whether a message is of the connection to a process of Pulumi's and not of AWS: what was asked of it may have been done.
pub(super) fn is_cut_off(said: &str) -> bool {
    ["error reading from server", "transport is closing", "code = Unavailable", "connection reset by peer", "broken pipe"]
        .iter()
        .any(|text| said.contains(text))
}

fn finding(code: Code, what: &str, said: &str) -> Diagnostic {
    let lines: Vec<&str> =
        said.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains("using pulumi-resource-")).collect();
    let first = lines
        .iter()
        .find_map(|line| line.strip_prefix("error: ").or_else(|| line.strip_prefix("Error: ")))
        .or_else(|| lines.first().copied())
        .unwrap_or("it says nothing");
    let finding = Diagnostic::new(code, format!("{what}: {first}"));
    let rest: Vec<&str> = lines.into_iter().filter(|line| !line.ends_with(first)).take(SHOWN).collect();
    let finding = if rest.is_empty() { finding } else { finding.help(rest.join("\n")) };
    if said.contains(PASSPHRASE) {
        return finding.help("PULUMI_CONFIG_PASSPHRASE, or the file, must hold what it held in the earlier runs of this stack");
    }
    if is_cut_off(said) {
        return finding
            .help("a process of Pulumi's has died; what was done until then stands in the state: run the command again to go on");
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_is_the_message_and_the_rest_stands_beside_it() {
        let found = failed("pulumi up", "warning: using pulumi-resource-aws-native from $PATH\nDiagnostics:\nerror: no\nmore of it\n");
        assert_eq!((found.message.as_str(), found.help.as_slice()), ("pulumi up: no", ["Diagnostics:\nmore of it".to_owned()].as_slice()));
        assert_eq!(refused("pulumi version", "").message, "pulumi version: it says nothing");
        assert!(failed("pulumi", "error reading from server: EOF").help[0].contains("run the command again"));
        assert!(refused("pulumi up", "error: get secrets: incorrect passphrase").help[0].contains("PULUMI_CONFIG_PASSPHRASE"));
    }
}
