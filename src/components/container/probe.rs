//! Probes: how AWS learns that a container is ready, or no longer alive.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::check::Check;
use crate::diagnostic::codes::manifest::{P1013, P1017, P1018};

/// A probe: one of `http`, `tcp` and `exec`, with its timing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Probe {
    /// A request that must be answered with success.
    #[serde(default)]
    pub(crate) http: Option<Http>,
    /// A connection that must be accepted.
    #[serde(default)]
    pub(crate) tcp: Option<Tcp>,
    /// A command in the container that must succeed; for liveness only.
    #[serde(default)]
    pub(crate) exec: Option<Exec>,
    /// Seconds after the start in which failures do not count.
    #[serde(default)]
    #[schemars(range(max = 7200))]
    pub(crate) initial_delay_seconds: u32,
    /// Seconds between two probes.
    #[serde(default = "thirty")]
    #[schemars(range(min = 5, max = 300))]
    pub(crate) period_seconds: u32,
    /// Seconds to wait for the answer.
    #[serde(default = "five")]
    #[schemars(range(min = 2, max = 120))]
    pub(crate) timeout_seconds: u32,
    /// Successes after which a target is ready.
    #[serde(default = "two")]
    #[schemars(range(min = 2, max = 10))]
    pub(crate) success_threshold: u32,
    /// Failures after which it is not.
    #[serde(default = "three")]
    #[schemars(range(min = 2, max = 10))]
    pub(crate) failure_threshold: u32,
}

fn thirty() -> u32 {
    30
}

fn five() -> u32 {
    5
}

fn three() -> u32 {
    3
}

fn two() -> u32 {
    2
}

/// A request over HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Http {
    /// Path of the request.
    #[serde(default = "root")]
    #[schemars(regex(pattern = "^/"))]
    pub(crate) path: String,
    /// Port, when it is not the target port.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub(crate) port: Option<u16>,
    /// HTTP or HTTPS.
    #[serde(default)]
    pub(crate) scheme: Scheme,
}

fn root() -> String {
    "/".to_owned()
}

/// The scheme of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Scheme {
    /// Plain HTTP.
    #[default]
    #[serde(alias = "http")]
    Http,
    /// HTTP over TLS; the certificate is not checked.
    #[serde(alias = "https")]
    Https,
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tcp {
    /// Port, when it is not the target port.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub(crate) port: Option<u16>,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exec {
    /// The command and its arguments.
    #[schemars(length(min = 1))]
    pub(crate) command: Vec<String>,
}

impl Probe {
    /// Reports probes that are not exactly one thing, or stand where AWS cannot carry them out.
    pub(crate) fn check(&self, check: &mut Check<'_>, pointer: &str, liveness: bool, has_port: bool) {
        let given = [self.http.is_some(), self.tcp.is_some(), self.exec.is_some()].into_iter().filter(|given| *given).count();
        if given != 1 {
            check.report(P1017, pointer, format!("a probe has exactly one of `http`, `tcp` and `exec`, and this one has {given}"));
        }
        if self.exec.is_some() && !liveness {
            check.push(
                check
                    .finding(P1017, &format!("{pointer}/exec"), "a load balancer cannot run a command in a container")
                    .help("use `http` or `tcp` for readiness, and `exec` for liveness"),
            );
        }
        let needs_port =
            self.http.as_ref().is_some_and(|http| http.port.is_none()) || self.tcp.as_ref().is_some_and(|tcp| tcp.port.is_none());
        if needs_port && !has_port {
            check.report(P1018, pointer, "the probe names no port, and the component has no `ports` to take one from");
        }
        let longest = if liveness { 60 } else { 120 };
        if self.timeout_seconds > longest {
            let message = format!("a container's health check waits {longest} s at most, and `timeoutSeconds` is {}", self.timeout_seconds);
            check.report(P1013, &format!("{pointer}/timeoutSeconds"), message);
        }
        if self.timeout_seconds >= self.period_seconds && !liveness {
            let message =
                format!("`timeoutSeconds` ({}) must be less than `periodSeconds` ({})", self.timeout_seconds, self.period_seconds);
            check.report(P1013, &format!("{pointer}/timeoutSeconds"), message);
        }
        if liveness && self.initial_delay_seconds > 300 {
            check.report(P1013, &format!("{pointer}/initialDelaySeconds"), "a container's health check starts after 300 s at most");
        }
    }

    /// The port that it names.
    pub(crate) fn port(&self) -> Option<u16> {
        self.http.as_ref().and_then(|http| http.port).or_else(|| self.tcp.as_ref()?.port)
    }

    /// The health check of a container definition. `port` is the target port, for probes that name none.
    pub(super) fn container_check(&self, port: Option<u16>) -> Value {
        let command = if let Some(http) = &self.http {
            let scheme = if http.scheme == Scheme::Https { "https" } else { "http" };
            let url = format!("{scheme}://localhost:{}{}", http.port.or(port).unwrap_or_default(), http.path);
            let (wget, curl) = if http.scheme == Scheme::Https { (" --no-check-certificate", "k") } else { ("", "") };
            let seconds = self.timeout_seconds;
            let url = shell_word(&url);
            json!([
                "CMD-SHELL",
                format!("wget -q{wget} -T {seconds} -O /dev/null {url} || curl -fsS{curl} -m {seconds} -o /dev/null {url} || exit 1")
            ])
        } else if let Some(exec) = &self.exec {
            json!(std::iter::once("CMD").chain(exec.command.iter().map(String::as_str)).collect::<Vec<_>>())
        } else {
            let port = self.tcp.as_ref().and_then(|tcp| tcp.port).or(port).unwrap_or_default();
            json!(["CMD-SHELL", format!("nc -z localhost {port} || exit 1")])
        };
        let mut health = json!({
            "Command": command, "Interval": self.period_seconds, "Retries": self.failure_threshold, "Timeout": self.timeout_seconds
        });
        if self.initial_delay_seconds > 0 {
            health["StartPeriod"] = self.initial_delay_seconds.into();
        }
        health
    }
}

/// A word of a shell command that stands for itself.
pub(super) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(value: Value) -> Probe {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_liveness_request_becomes_a_shell_command() {
        let health = probe(json!({"http": {"path": "/live?x=1", "port": 81}, "initialDelaySeconds": 10})).container_check(Some(80));
        assert_eq!(
            health["Command"][1],
            "wget -q -T 5 -O /dev/null 'http://localhost:81/live?x=1' || curl -fsS -m 5 -o /dev/null 'http://localhost:81/live?x=1' || exit 1"
        );
        assert_eq!((&health["StartPeriod"], &health["Interval"], &health["Retries"]), (&json!(10), &json!(30), &json!(3)));
    }

    #[test]
    fn a_connection_goes_to_the_target_port_when_none_is_named() {
        assert_eq!(
            probe(json!({"tcp": {}})).container_check(Some(8080))["Command"],
            json!(["CMD-SHELL", "nc -z localhost 8080 || exit 1"])
        );
        assert_eq!(probe(json!({"exec": {"command": ["true"]}})).container_check(None)["Command"], json!(["CMD", "true"]));
    }

    #[test]
    fn words_of_a_shell_command_are_quoted_when_they_must_be() {
        assert_eq!(shell_word("a/b.c"), "a/b.c");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
