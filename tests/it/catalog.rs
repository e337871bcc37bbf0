//! The catalog against facts that were not taken from it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use panka::catalog::{Operation, TypeInfo, catalog};
use serde::Deserialize;

/// What the registry published of one type, paths without the leading slash.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Facts {
    properties: BTreeSet<String>,
    required: BTreeSet<String>,
    handlers: BTreeSet<String>,
    create_only_properties: BTreeSet<String>,
    conditional_create_only_properties: BTreeSet<String>,
    read_only_properties: BTreeSet<String>,
    write_only_properties: BTreeSet<String>,
    primary_identifier: Vec<String>,
}

/// A difference that `catalog/corrections.json` explains.
#[derive(Deserialize)]
struct Explained {
    #[serde(rename = "type")]
    type_name: String,
    fact: String,
    names: BTreeSet<String>,
    reason: String,
}

#[derive(Deserialize)]
struct Corrections {
    differences: Vec<Explained>,
}

type Differences = BTreeMap<(String, String), BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn registry() -> BTreeMap<String, Facts> {
    let packed = std::fs::File::open(root().join("tests/data/catalog/registry-facts.json.gz")).expect("the facts are committed");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).expect("the facts are packed by gzip");
    serde_json::from_str(&text).expect("the facts are JSON")
}

fn emitted() -> Vec<String> {
    let list = std::fs::read_to_string(root().join("tests/data/catalog/emitted-types.txt")).expect("the list is committed");
    list.lines().map(str::to_owned).collect()
}

fn of_catalog(info: &TypeInfo) -> Facts {
    let paths = |paths: &mut dyn Iterator<Item = &str>| paths.map(|path| path.trim_start_matches('/').to_owned()).collect();
    let operations = [
        ("create", Operation::Create),
        ("read", Operation::Read),
        ("update", Operation::Update),
        ("delete", Operation::Delete),
        ("list", Operation::List),
    ];
    Facts {
        properties: info.property_names().into_iter().map(str::to_owned).collect(),
        required: info.schema().root().required().into_iter().map(str::to_owned).collect(),
        handlers: operations.iter().filter(|(_, op)| info.has_handler(*op)).map(|(name, _)| (*name).to_owned()).collect(),
        create_only_properties: paths(&mut info.create_only()),
        conditional_create_only_properties: paths(&mut info.conditional_create_only()),
        read_only_properties: paths(&mut info.read_only()),
        write_only_properties: paths(&mut info.write_only()),
        primary_identifier: info.primary_identifier().iter().map(|path| path.trim_start_matches('/').to_owned()).collect(),
    }
}

/// The names that are in one list and not in the other, by type and fact.
fn differences() -> Differences {
    let registry = registry();
    let mut found = Differences::new();
    for name in emitted() {
        let ours = of_catalog(catalog().get(&name).unwrap_or_else(|| panic!("{name} is not in the catalog")));
        let theirs = registry.get(&name).unwrap_or_else(|| panic!("{name} is not in the registry's facts"));
        let sets = [
            ("properties", &ours.properties, &theirs.properties),
            ("required", &ours.required, &theirs.required),
            ("handlers", &ours.handlers, &theirs.handlers),
            ("createOnlyProperties", &ours.create_only_properties, &theirs.create_only_properties),
            ("conditionalCreateOnlyProperties", &ours.conditional_create_only_properties, &theirs.conditional_create_only_properties),
            ("readOnlyProperties", &ours.read_only_properties, &theirs.read_only_properties),
            ("writeOnlyProperties", &ours.write_only_properties, &theirs.write_only_properties),
        ];
        for (fact, ours, theirs) in sets {
            let apart: BTreeSet<String> = ours.symmetric_difference(theirs).cloned().collect();
            if !apart.is_empty() {
                found.insert((name.clone(), fact.to_owned()), apart);
            }
        }
        if ours.primary_identifier != theirs.primary_identifier {
            let parts = ours.primary_identifier.into_iter().chain(theirs.primary_identifier.iter().cloned()).collect();
            found.insert((name.clone(), "primaryIdentifier".to_owned()), parts);
        }
    }
    found
}

#[test]
fn the_catalog_agrees_with_the_registry() {
    let text = std::fs::read_to_string(root().join("catalog/corrections.json")).unwrap();
    let corrections: Corrections = serde_json::from_str(&text).unwrap();
    let mut explained = Differences::new();
    for entry in corrections.differences {
        assert!(!entry.reason.is_empty(), "{} {} has no reason", entry.type_name, entry.fact);
        let twice = explained.insert((entry.type_name, entry.fact), entry.names);
        assert_eq!(twice, None, "explained twice");
    }
    assert_eq!(differences(), explained, "left: found; right: explained in catalog/corrections.json");
}

#[test]
fn the_list_of_emitted_types_holds_all_that_components_name() {
    let emitted = emitted();
    assert!(emitted.is_sorted_by(|one, other| one < other));
    let name = fancy_regex::Regex::new("\"(AWS::[A-Za-z0-9]+::[A-Za-z0-9]+)\"").expect("the pattern is right");
    let mut folders = vec![root().join("src/components")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("the sources can be listed").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // The kind Resource names types in its rules and tests that only users bring.
            if path.ends_with("resource.rs") || path.ends_with("tests.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("sources are text");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for found in name.captures_iter(text) {
                let found = found.expect("the pattern cannot backtrack");
                let found = found.get(1).expect("the pattern has one group").as_str().to_owned();
                let listed = !catalog().contains(&found) || emitted.contains(&found);
                assert!(listed, "{found} of {} is not in tests/data/catalog/emitted-types.txt", path.display());
            }
        }
    }
}

#[test]
fn the_catalog_is_what_the_script_makes() {
    let python = root().join("target/test-tools/venv/bin/python");
    let made = python.exists().then(|| Command::new(&python).arg("catalog/generate.py").arg("--check").current_dir(root()).output());
    match made {
        Some(output) => {
            let output = output.unwrap();
            assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        }
        None if in_ci() => panic!("{} is not there: `make tools` installs it", python.display()),
        None => println!("skipped: {} is not there, `make tools` installs it", python.display()),
    }
}

#[expect(clippy::disallowed_methods, reason = "a skipped test fails in CI, which only the environment tells")]
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}
