//! Completions, man pages and the reference in docs/ are what the present command line, codes, kinds and schemas give.
//!
//! `SNAPSHOTS=overwrite cargo test --test it generated` refreshes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use clap_complete::Shell;
use snapbox::{Data, assert_data_eq};

use crate::env::repository;
use crate::reference;

/// Compares a text with a file of the repository, or writes it there under `SNAPSHOTS=overwrite`.
fn assert_fresh(path: &Path, text: impl Into<String>) {
    let file = repository().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    assert_data_eq!(Data::text(text.into()).raw(), Data::read_from(&file, None).raw());
}

/// Fails when a folder holds a file that was not generated.
fn assert_nothing_else(folder: &str, generated: &BTreeSet<String>) {
    let found = fs::read_dir(repository().join(folder)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let more: Vec<String> = found.filter(|name| !generated.contains(name)).collect();
    assert!(more.is_empty(), "nothing generates {more:?} in {folder}");
}

/// The command line with everything propagated to the verbs.
fn built() -> clap::Command {
    let mut command = panka::cli::command();
    command.build();
    command
}

fn completion(generator: impl clap_complete::Generator) -> String {
    let mut out = Vec::new();
    clap_complete::generate(generator, &mut panka::cli::command(), "panka", &mut out);
    String::from_utf8(out).unwrap()
}

/// Every verb below a command, groups before their verbs.
fn verbs(command: &clap::Command) -> Vec<clap::Command> {
    let below = command.get_subcommands().filter(|verb| verb.get_name() != "help" && !verb.is_hide_set());
    below.flat_map(|verb| std::iter::once(verb.clone()).chain(verbs(verb))).collect()
}

#[test]
fn completions_are_fresh() {
    let mut names = BTreeSet::new();
    let mut check = |name: &str, text: String| {
        assert_fresh(&Path::new("completions").join(name), text);
        names.insert(name.to_owned());
    };
    check("panka.bash", completion(Shell::Bash));
    check("_panka", completion(Shell::Zsh));
    check("panka.fish", completion(Shell::Fish));
    check("_panka.ps1", completion(Shell::PowerShell));
    check("panka.elv", completion(Shell::Elvish));
    check("panka.nu", completion(clap_complete_nushell::Nushell));
    assert_nothing_else("completions", &names);
}

#[test]
fn man_pages_are_fresh() {
    let root = built();
    let mut names = BTreeSet::new();
    for command in std::iter::once(root.clone()).chain(verbs(&root)) {
        let title = command.get_display_name().unwrap_or("panka").to_owned();
        let mut page = Vec::new();
        clap_mangen::Man::new(command).title(title.to_uppercase()).render(&mut page).unwrap();
        let name = format!("{title}.1");
        assert_fresh(&Path::new("man").join(&name), unfilled(&String::from_utf8(page).unwrap()));
        names.insert(name);
    }
    assert_nothing_else("man", &names);
}

/// Keeps the lines of examples as they are, so that they can be copied: without filling, and without hyphens in them.
fn unfilled(page: &str) -> String {
    let mut out = String::new();
    let mut example = false;
    for line in page.lines() {
        if line.starts_with("  ") != example {
            example = !example;
            out.push_str(if example { ".nf\n" } else { ".fi\n" });
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[test]
fn examples_of_man_pages_can_be_copied() {
    let page = repository().join("man/panka-apply.1");
    let Ok(shown) = std::process::Command::new("nroff").args(["-man", "-rLL=60n"]).arg(page).output() else { return };
    let shown = String::from_utf8(shown.stdout).unwrap();
    let plain: String = strip(&shown);
    assert!(plain.contains("panka apply --stack shop --environment production --var VERSION=v1.0.0 --auto-approve\n"), "{plain}");
    assert!(plain.contains("jq 'del(.steps[] | select(.op == \"delete\"))' | panka apply --auto-approve\n"), "{plain}");
}

/// Text without escape sequences and overstrikes.
fn strip(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => drop(letters.by_ref().find(char::is_ascii_alphabetic)),
            '\u{8}' => drop(out.pop()),
            _ => out.push(letter),
        }
    }
    out
}

#[test]
fn the_reference_is_fresh() {
    let mut names = BTreeSet::new();
    for (name, text) in reference::pages(&built()) {
        assert_fresh(&Path::new("docs/reference").join(&name), text);
        names.insert(name);
    }
    // A test of plans writes what changes of fields come to.
    names.insert("changes.md".to_owned());
    assert_nothing_else("docs/reference", &names);
}

#[test]
fn the_permissions_of_terraform_are_fresh() {
    assert_fresh(Path::new("infrastructure/terraform/permissions.tf"), crate::terraform::permissions());
}

#[test]
fn bash_takes_the_completion() {
    let file = repository().join("completions/panka.bash");
    assert!(Command::new("bash").arg("-n").arg(file).status().unwrap().success());
}

#[test]
fn man_takes_the_pages() {
    if Command::new("man").arg("--version").stdout(Stdio::null()).status().is_err() {
        return; // Not every machine has it, and the pages are generated by a library.
    }
    for name in ["panka.1", "panka-apply.1", "panka-state-rm.1"] {
        let page = repository().join("man").join(name);
        let done =
            Command::new("man").args(["--warnings", "-l"]).arg(page).env("MANPAGER", "cat").env("LC_ALL", "C.UTF-8").output().unwrap();
        assert!(done.status.success() && done.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

#[test]
fn every_verb_says_what_it_does() {
    for verb in verbs(&built()) {
        let name = verb.get_display_name().unwrap().to_owned();
        let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(!about.is_empty() && !about.ends_with('.'), "{name}: {about:?}");
        for argument in verb.get_arguments() {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty() && !help.ends_with('.'), "{name} {}: {help:?}", argument.get_id());
        }
    }
}
