//! Golden bad manifests: what panka says to each, with its place, its drawing and its exit code.
//!
//! `tests/manifests/bad/CODE-case` is a repository (a directory) or single input (a `.yaml` file); beside it stands `CODE-case.stderr`. A
//! `request.yaml` in the directory says what the command line would: `environment`, `variables`, `simulated`. `SNAPSHOTS=overwrite` writes
//! the expectations; read them before you commit them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use panka::components::{KINDS, translate};
use panka::diagnostic::{Code, Diagnostic, Error, Palette, draw};
use panka::manifest::{Request, compile};
use serde::Deserialize;
use snapbox::{Assert, Data};

use crate::env::repository;

/// What the command line would say.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Given {
    environment: Option<String>,
    variables: BTreeMap<String, String>,
    /// False: the engine deploys to a real account.
    simulated: Option<bool>,
}

fn folder() -> PathBuf {
    repository().join("tests/manifests/bad")
}

/// The cases: names without extension, in order.
fn cases() -> BTreeSet<String> {
    let entries = fs::read_dir(folder()).expect("the folder is there").map(|entry| entry.expect("the folder can be read"));
    let case = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().expect("cases have plain names");
        if entry.path().is_dir() { Some(name) } else { name.strip_suffix(".yaml").map(str::to_owned) }
    };
    entries.filter_map(case).collect()
}

fn request(case: &str) -> Request {
    let root = folder().join(case);
    let given: Given = match fs::read_to_string(root.join("request.yaml")) {
        Ok(text) => serde_saphyr::from_str(&text).expect("a request has the fields of `Given`"),
        Err(_) => Given::default(),
    };
    let mut request = Request {
        root: root.clone(),
        environment: Some(given.environment.unwrap_or_else(|| "dev".into())),
        variables: given.variables.into_iter().collect(),
        simulated: given.simulated.unwrap_or(true),
        ..Request::default()
    };
    if !root.is_dir() {
        let name = format!("{case}.yaml");
        request.single = Some((name.clone(), fs::read_to_string(folder().join(name)).expect("a case can be read")));
        request.root = folder();
    }
    request
}

fn findings(request: &Request) -> (Vec<Diagnostic>, u8) {
    let failed = |error: Error| {
        let exit = error.exit().number();
        (error.into_findings(), exit)
    };
    match compile(request, &KINDS) {
        Err(error) => failed(error),
        Ok(compiled) => match translate(&compiled.manifest) {
            Err(error) => failed(error),
            Ok(translated) => (compiled.warnings.into_iter().chain(translated.warnings).collect(), 0),
        },
    }
}

fn said(request: &Request) -> (Vec<Diagnostic>, String) {
    let (findings, exit) = findings(request);
    let source = |file: &str| match &request.single {
        Some((name, text)) if name == file => Some(text.clone()),
        _ => fs::read_to_string(request.root.join(file)).ok(),
    };
    let drawn = draw(&findings, &source, Palette::Plain, 140);
    (findings, format!("{drawn}exit {exit}\n"))
}

#[test]
fn every_bad_manifest_is_told_what_is_wrong() {
    let mut wrong = Vec::new();
    for case in cases() {
        let (findings, text) = said(&request(&case));
        let code = case.split('-').next().unwrap_or_default();
        if !findings.iter().any(|finding| finding.code.name() == code) {
            wrong.push(format!("{case}: no finding has its code\n{text}"));
        }
        let expected = folder().join(format!("{case}.stderr"));
        let text = text.replace(&folder().display().to_string(), "[BAD]");
        if let Err(error) =
            Assert::new().action_env("SNAPSHOTS").try_eq(Some(&case), Data::text(text).raw(), Data::read_from(&expected, None).raw())
        {
            wrong.push(format!("{case}: {error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_of_manifests_has_a_bad_manifest() {
    let cases = cases();
    let missing: Vec<&str> = Code::all()
        .map(Code::name)
        .filter(|name| name.starts_with("P1"))
        .filter(|name| !cases.iter().any(|case| case.starts_with(name)))
        .collect();
    assert!(missing.is_empty(), "no bad manifest for {missing:?}");
}

#[test]
fn every_expectation_belongs_to_a_bad_manifest() {
    let cases = cases();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            let case = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            assert!(cases.contains(&case), "{} stands alone", path.display());
        }
    }
}

/// A manifest of any shape is answered within a second or so, and never by a crash.
#[test]
fn large_and_deep_input_is_answered() {
    let stack = "apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {name: s}\n---\n";
    let queue = "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: q, service: one}\nspec: {tags: ";
    let bombs = [
        (format!("{queue}{}{}}}\n", "[".repeat(1000), "]".repeat(1000)), "P1001"),
        (format!("{queue}{}x{}}}\n", "{a: ".repeat(1000), "}".repeat(1000)), "P1001"),
        (format!("{queue}{{a: {}}}}}\n", "x".repeat(1_000_000)), "P3003"),
    ];
    for (text, code) in bombs {
        let request = Request {
            environment: Some("dev".into()),
            simulated: true,
            root: Path::new("/").into(),
            single: Some(("-".into(), format!("{stack}{text}"))),
            ..Request::default()
        };
        let (found, _) = findings(&request);
        assert!(found.iter().any(|finding| finding.code.name() == code), "{code}: {:?}", found.first());
    }
}
