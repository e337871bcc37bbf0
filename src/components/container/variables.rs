//! Environment variables, plain ones and those that hold secrets, side by side.

use super::{SecretVariable, Variable};
use crate::components::check::Check;
use crate::components::wiring::SecretSource;
use crate::diagnostic::codes::manifest::{P1014, P1017, P1019, P1041};

/// Reports variables that have no value, or no name of their own.
pub(crate) fn check_variables(check: &mut Check<'_>, environment: &[Variable], secrets: &[SecretVariable]) {
    for (n, variable) in environment.iter().enumerate() {
        if variable.value.is_none() {
            check.report(
                P1017,
                &format!("/environment/{n}"),
                format!("variable `{}` needs exactly one of `value` and `valueFrom`", variable.name),
            );
        }
    }
    check.unique(P1019, "/environment", "variable", environment.iter().map(|variable| variable.name.as_str()));
    check.unique(P1019, "/secrets", "variable", secrets.iter().map(SecretVariable::variable));
    for (n, secret) in secrets.iter().enumerate() {
        let pointer = format!("/secrets/{n}");
        if environment.iter().any(|variable| variable.name == secret.variable()) {
            check.report(P1019, &pointer, format!("variable `{}` is in `environment` too", secret.variable()));
        }
        if !is_variable(secret.variable()) {
            check.push(
                check
                    .finding(P1014, &pointer, format!("`{}` is not the name of an environment variable", secret.variable()))
                    .help("name the variable by `envVar`"),
            );
        }
        if let Err(fault) = SecretSource::of(&secret.secret_ref, secret.key.as_deref()) {
            check.report(P1041, &format!("{pointer}/secretRef"), fault);
        }
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
