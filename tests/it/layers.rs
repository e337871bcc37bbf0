//! The rooms of the source: the order of modules in lib.rs is the data's path, and a module uses those above it, never one below.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fancy_regex::Regex;

use crate::env::repository;

/// Files that may touch the world, by what they touch.
const WORLD: &[(&str, &[&str])] = &[
    (
        r"\benv::(var|vars|args|current_dir|home_dir|temp_dir|current_exe)|\b(SystemTime|Timestamp|Zoned)::now\b|\bUuid::(now_v7|new_v4)\b|\bio::stdin\b",
        &["src/context.rs"],
    ),
    (r"\bio::(stdout|stderr)\b|\be?print(ln)?!", &["src/output/", "src/context.rs"]),
    (r#""/dev/tty""#, &["src/output/prompt.rs"]),
];

/// Longest source file, in lines.
const LONGEST: usize = 550;

/// Every Rust file below a folder of the repository, with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&repository().join(folder), &mut found);
    found.sort();
    let name = |path: &Path| path.strip_prefix(repository()).unwrap().to_str().unwrap().to_owned();
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The rooms in the order of lib.rs; those that stand together without an empty line are on one level and may use each other.
fn levels() -> BTreeMap<String, usize> {
    let text = fs::read_to_string(repository().join("src/lib.rs")).unwrap();
    let (mut level, mut levels) = (0, BTreeMap::new());
    for line in text.lines() {
        match line.trim_start_matches("pub ").strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
            Some(name) => drop(levels.insert(name.to_owned(), level)),
            None => level += 1,
        }
    }
    levels
}

/// The text without comments.
fn code(text: &str) -> String {
    static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^\s*//.*$").unwrap());
    COMMENT.replace_all(text, "").into_owned()
}

#[test]
fn a_room_uses_only_those_above_it() {
    let levels = levels();
    assert!(levels.len() > 10, "lib.rs was not understood: {levels:?}");
    let used = Regex::new(r"\bcrate::(?:\{([^}]*)\}|([a-z_]+))").unwrap();
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let room = file.trim_start_matches("src/").split(['/', '.']).next().unwrap().to_owned();
        let Some(level) = levels.get(&room) else { continue };
        for found in used.captures_iter(&code(&text)) {
            let found = found.unwrap();
            let names = found.get(1).or(found.get(2)).unwrap().as_str();
            for name in names.split(',').map(|name| name.trim().split("::").next().unwrap_or_default()) {
                if levels.get(name).is_some_and(|used| used > level) {
                    wrong.push(format!("{file} uses crate::{name}, which stands below {room}"));
                }
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_in_the_map() {
    let levels = levels();
    let rooms = fs::read_dir(repository().join("src")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let unlisted: Vec<String> = rooms
        .filter(|name| !["lib.rs", "main.rs"].contains(&name.as_str()) && !levels.contains_key(name.trim_end_matches(".rs")))
        .collect();
    assert!(unlisted.is_empty(), "not in lib.rs: {unlisted:?}");
}

#[test]
fn the_world_is_touched_in_one_place() {
    let mut wrong = Vec::new();
    for (pattern, allowed) in WORLD {
        let pattern = Regex::new(pattern).unwrap();
        for (file, text) in sources("src") {
            let text = code(&text);
            let product = text.split("#[cfg(test)]").next().unwrap();
            if allowed.iter().any(|place| file.starts_with(place)) || file.ends_with("/tests.rs") {
                continue;
            }
            if let Some(found) = pattern.find(product).unwrap() {
                wrong.push(format!("{file} uses {}, which is for {allowed:?}", found.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources("src")
        .into_iter()
        .filter(|(file, text)| !text.starts_with("//!") && !file.ends_with("/tests.rs"))
        .map(|(file, _)| file)
        .collect();
    assert!(silent.is_empty(), "without module docs: {silent:?}");
}

#[test]
fn files_stay_short_enough_to_read() {
    let long: Vec<String> = sources("src")
        .into_iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "a second noun is hiding in {long:?}");
}

#[test]
fn no_test_file_is_forgotten() {
    let main = fs::read_to_string(repository().join("tests/it/main.rs")).unwrap();
    for (file, _) in sources("tests/it") {
        let name = file.trim_start_matches("tests/it/").split(['/', '.']).next().unwrap().to_owned();
        assert!(name == "main" || main.contains(&format!("mod {name};")), "{file} is not a module of tests/it/main.rs");
    }
}
