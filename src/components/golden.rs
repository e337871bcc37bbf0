//! The manifests of tests/manifests/good, from YAML to resources that AWS's schemas take.

use std::path::Path;

use super::tests::{addresses, valid};
use super::{KINDS, Translated, translate};
use crate::manifest::{Manifest, Request, compile};

/// Compiles and translates one of the manifests.
fn good(name: &str) -> Translated {
    let translated = translate(&good_manifest(name)).unwrap_or_else(|error| panic!("{name}: {:#?}", error.findings()));
    valid(&translated);
    translated
}

/// Compiles one of the manifests.
pub(crate) fn good_manifest(name: &str) -> Manifest {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests/good").join(format!("{name}.yaml"));
    let text = std::fs::read_to_string(&file).unwrap();
    let request = Request {
        root: env!("CARGO_MANIFEST_DIR").into(),
        environment: Some("dev".into()),
        single: Some((format!("{name}.yaml"), text)),
        ..Request::default()
    };
    compile(&request, &KINDS).unwrap_or_else(|error| panic!("{name}: {:#?}", error.findings())).manifest
}

#[test]
fn every_good_manifest_becomes_valid_resources() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests/good");
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    assert!(names.len() >= 18, "{names:?}");
    for name in names {
        assert!(!good(&name).resources.is_empty(), "{name}");
    }
}

#[test]
fn every_offered_kind_has_a_minimal_and_a_full_manifest() {
    use crate::manifest::ComponentKind as _;
    for row in KINDS.rows().iter().filter(|row| row.offered()) {
        for size in ["minimal", "full"] {
            let name = format!("{}-{size}", row.facts().name.to_lowercase());
            let translated = good(&name);
            assert!(translated.resources.iter().any(|resource| resource.component == row.facts().name), "{name}");
        }
    }
}

#[test]
fn a_full_function_has_every_kind_of_trigger() {
    let translated = good("lambda-full");
    let own: Vec<&str> = addresses(&translated)
        .into_iter()
        .filter_map(|address| address.strip_prefix("orders/worker/"))
        .filter(|role| role.contains('.'))
        .collect();
    assert_eq!(
        own,
        [
            "api-route.apigateway-get-orders-id",
            "api-route.create",
            "event-source.dynamodb-carts",
            "event-source.kinesis-clicks",
            "event-source.sqs-jobs",
            "permission.apigateway-get-orders-id",
            "permission.create",
            "permission.logins",
            "permission.nightly",
            "permission.s3-invoices",
            "permission.sns-events",
            "permission.url",
            "permission.url-invoke",
            "rule.logins",
            "rule.nightly",
            "rule.s3-invoices",
            "subscription.sns-events"
        ]
    );
}
