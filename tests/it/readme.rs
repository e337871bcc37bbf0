//! Every ```console block of README.md and docs/ is run as written and shows what really comes.
//!
//! The blocks of a file run one after the other in a fresh copy of the example, each command through `sh` at a terminal 100 characters wide.
//! `SNAPSHOTS=overwrite` writes what came into the files; what differs from run to run stands there as `[..]`.

use std::fs;
use std::path::{Path, PathBuf};

use snapbox::{Assert, Data};

use crate::env::{TestEnv, repository};

/// The Markdown files that people read.
fn pages() -> Vec<PathBuf> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    let mut found = vec![repository().join("README.md")];
    collect(&repository().join("docs"), &mut found);
    found.retain(|path| path.exists());
    found.sort();
    found
}

/// The text with the output of every command of every console block replaced by what it prints now.
fn played(text: &str, env: &TestEnv) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        out += &format!("{line}\n");
        if line != "```console" {
            continue;
        }
        while let Some(line) = lines.next_if(|line| *line != "```") {
            let Some(mut command) = line.strip_prefix("$ ").map(str::to_owned) else { continue };
            out += &format!("{line}\n");
            while let Some(more) = lines.next_if(|line| line.starts_with("> ")) {
                out += &format!("{more}\n");
                command += &format!("\n{}", &more[2..]);
            }
            let shown = env.terminal(&command, "").run();
            out += shown.redacted_stdout().trim_end();
            if !out.ends_with('\n') {
                out += "\n";
            }
        }
    }
    out
}

#[test]
fn the_words_are_true() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        if !text.contains("\n```console\n") {
            continue;
        }
        let env = TestEnv::example("user-platform");
        let env = if text.contains("$ panka backend create") { env.with_account() } else { env };
        let played = played(&text, &env);
        Assert::new().action_env("SNAPSHOTS").eq(Data::text(played), Data::read_from(&page, None));
    }
}

#[test]
fn links_lead_somewhere() {
    let link = fancy_regex::Regex::new(r"\]\(([^)#]+)(#[^)]*)?\)").unwrap();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for found in link.captures_iter(&text) {
            let target = found.unwrap().get(1).unwrap().as_str().to_owned();
            let here = page.parent().unwrap().join(&target);
            assert!(target.contains("://") || here.exists(), "{} links to {target}, which is not there", page.display());
        }
    }
}
