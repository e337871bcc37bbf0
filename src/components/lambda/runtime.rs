//! Runtimes, and the variables that they take.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html> and
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>, as of the date of the catalog.

use serde_json::Value;

use super::Lambda;
use crate::components::check::Check;
use crate::components::container::SecretVariable;
use crate::diagnostic::codes::aws::P3047;
use crate::diagnostic::codes::manifest::{P1013, P1014};

/// Runtimes with which no function is created any more, and what follows each.
const GONE: [(&str, &str); 20] = [
    ("dotnetcore1.0", "dotnet10"),
    ("dotnetcore2.0", "dotnet10"),
    ("dotnetcore2.1", "dotnet10"),
    ("dotnetcore3.1", "dotnet10"),
    ("go1.x", "provided.al2023"),
    ("java8", "java25"),
    ("nodejs", "nodejs24.x"),
    ("nodejs10.x", "nodejs24.x"),
    ("nodejs12.x", "nodejs24.x"),
    ("nodejs14.x", "nodejs24.x"),
    ("nodejs4.3", "nodejs24.x"),
    ("nodejs4.3-edge", "nodejs24.x"),
    ("nodejs6.10", "nodejs24.x"),
    ("nodejs8.10", "nodejs24.x"),
    ("provided", "provided.al2023"),
    ("python2.7", "python3.14"),
    ("python3.6", "python3.14"),
    ("python3.7", "python3.14"),
    ("ruby2.5", "ruby4.0"),
    ("ruby2.7", "ruby4.0"),
];

/// Runtimes that get no security updates any more, which AWS still takes, and what follows each.
const ENDING: [(&str, &str); 8] = [
    ("dotnet6", "dotnet10"),
    ("nodejs16.x", "nodejs24.x"),
    ("nodejs18.x", "nodejs24.x"),
    ("nodejs20.x", "nodejs24.x"),
    ("provided.al2", "provided.al2023"),
    ("python3.8", "python3.14"),
    ("python3.9", "python3.14"),
    ("ruby3.2", "ruby4.0"),
];

/// Variables that Lambda sets itself and refuses to take.
const RESERVED: [&str; 18] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Bytes that all variables may have together, names included.
const VARIABLES: usize = 4096;

impl Lambda {
    pub(super) fn check_runtime(&self, check: &mut Check<'_>) {
        let Some(runtime) = self.runtime.as_deref() else { return };
        let in_list = |list: &[(&str, &'static str)]| list.iter().find(|(name, _)| *name == runtime).map(|(_, successor)| *successor);
        if let Some(successor) = in_list(&GONE) {
            let finding = check
                .finding(P1013, "/runtime", format!("AWS creates no functions with the runtime {runtime} any more"))
                .help(format!("use `{successor}`"));
            check.push(finding);
        } else if let Some(successor) = in_list(&ENDING) {
            let finding = check
                .finding(P3047, "/runtime", format!("the runtime {runtime} gets no security updates any more"))
                .help(format!("use `{successor}`"));
            check.push(finding);
        }
    }

    pub(super) fn check_environment(&self, check: &mut Check<'_>) {
        let secret = |secret: &SecretVariable| format!("{}_ARN", secret.variable());
        let named = self.environment.iter().enumerate().map(|(n, variable)| (format!("/environment/{n}/name"), variable.name.clone()));
        let secrets = self.secrets.iter().enumerate().map(|(n, one)| (format!("/secrets/{n}"), secret(one)));
        for (pointer, name) in named.chain(secrets) {
            if RESERVED.binary_search(&name.as_str()).is_ok() {
                let finding = check.finding(P1013, &pointer, format!("Lambda sets `{name}` itself")).help("give the variable another name");
                check.push(finding);
            } else if name.len() < 2 || !name.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
                let finding = check
                    .finding(P1014, &pointer, format!("Lambda takes no variable `{name}`"))
                    .help("a name begins with a letter and has two characters at least");
                check.push(finding);
            }
        }
        let known = |value: &Value| value.as_str().map_or(0, str::len);
        let sizes =
            self.environment.iter().map(|variable| variable.name.len() + variable.value.as_ref().map_or(0, |text| known(&text.value())));
        let size: usize = sizes.sum();
        if size > VARIABLES {
            let finding = check
                .finding(P1013, "/environment", format!("the variables have {size} bytes, and Lambda takes {VARIABLES}"))
                .help("put what is long into a parameter, a secret or the package, and give its name");
            check.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::components::tests::{checked, findings};

    fn function(more: &Value) -> Vec<(&'static str, &'static str, Value)> {
        let mut spec = json!({"runtime": "python3.13", "handler": "index.handler", "code": {"s3Bucket": "built", "s3Key": "f.zip"}});
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        vec![("a/f", "Lambda", spec)]
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(GONE.is_sorted() && ENDING.is_sorted() && RESERVED.is_sorted());
    }

    #[test]
    fn a_runtime_at_its_end_is_told_and_one_that_is_gone_is_refused() {
        assert_eq!(findings(&function(&json!({"runtime": "python3.7"}))), [("P1013", "/runtime".to_owned())]);
        assert_eq!(findings(&function(&json!({"runtime": "go1.x"}))), [("P1013", "/runtime".to_owned())]);
        let manifest =
            crate::components::tests::manifest(crate::components::tests::components(&function(&json!({"runtime": "nodejs18.x"}))));
        let row = crate::components::KINDS.row("Lambda").unwrap();
        let told = crate::manifest::ComponentKind::check(row, &manifest.components[0]);
        assert_eq!(told.iter().map(|finding| finding.code.name()).collect::<Vec<_>>(), ["P3047"]);
        checked(&function(&json!({"runtime": "python3.14"})));
    }

    #[test]
    fn variables_that_lambda_refuses_are_reported() {
        let variable = |name: &str, value: &str| json!({"environment": [{"name": name, "value": value}]});
        for name in ["AWS_LAMBDA_FUNCTION_NAME", "_HANDLER"] {
            assert_eq!(findings(&function(&variable(name, "x"))), [("P1013", "/environment/0/name".to_owned())], "{name}");
        }
        for name in ["_x", "A"] {
            assert_eq!(findings(&function(&variable(name, "x"))), [("P1014", "/environment/0/name".to_owned())], "{name}");
        }
        assert_eq!(findings(&function(&variable("TEXT", &"x".repeat(4093)))), [("P1013", "/environment".to_owned())]);
        checked(&function(&variable("TEXT", &"x".repeat(4092))));
    }
}
