//! Prints findings on standard error: drawn on the source text for people, one document for programs, and as annotations in CI.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::style::{Tone, count};
use super::{Mode, Options, jq};
use crate::diagnostic::{Diagnostic, Findings, Palette, Severity, Sources, draw};
use crate::document::Kind;
use crate::exit::Exit;

/// [`report`] to standard error, with the sources below `root`. Nothing is left to say where standard error cannot be written.
pub fn print(findings: &[Diagnostic], exit: Exit, options: &Options, root: &Path) {
    let mut err = io::stderr().lock();
    report(findings, exit, options, (root, &sources(root, options)), &mut err).and_then(|()| err.flush()).ok();
}

/// Prints the findings of a command that ends with `exit`. Under `--quiet` only errors are printed.
pub fn report(
    findings: &[Diagnostic],
    exit: Exit,
    options: &Options,
    (root, sources): (&Path, Sources<'_>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown: Vec<Diagnostic> = findings.iter().filter(|finding| finding.is_error() || !options.quiet).cloned().collect();
    if shown.is_empty() {
        return Ok(());
    }
    if options.annotations {
        let below = below(options.workspace.as_deref(), root);
        for finding in &shown {
            writeln!(out, "{}", annotation(finding, &below))?;
        }
    }
    if options.mode == Mode::Json {
        let document = Findings { kind: Kind::new(), exit: exit.number(), findings: shown };
        if options.stderr_is_terminal {
            serde_json::to_writer_pretty(&mut *out, &document)?;
        } else {
            serde_json::to_writer(&mut *out, &document)?;
        }
        return writeln!(out);
    }
    let style = options.stderr_style();
    let palette = if style.colour { Palette::Coloured } else { Palette::Plain };
    let mut text = draw(&shown, sources, palette, options.width);
    if shown.len() > 1 {
        let number = |severity| shown.iter().filter(|finding| finding.severity == severity).count();
        let parts =
            [(Severity::Error, "error", Tone::Bad), (Severity::Warning, "warning", Tone::Changed), (Severity::Note, "note", Tone::Plain)];
        let parts = parts.into_iter().filter(|(severity, ..)| number(*severity) > 0);
        let parts: Vec<String> = parts.map(|(severity, word, tone)| style.paint(tone, count(number(severity), word))).collect();
        text.push_str(&parts.join(", "));
        text.push('\n');
    }
    out.write_all(text.trim_end().as_bytes())?;
    writeln!(out)
}

/// What the paths of findings begin with when they are counted from the workspace: the way from there to the root.
fn below(workspace: Option<&Path>, root: &Path) -> String {
    let real = |path: &Path| path.canonicalize().ok();
    let Some((workspace, root)) = workspace.and_then(real).zip(real(root)) else { return String::new() };
    let way = root.strip_prefix(workspace).ok().and_then(Path::to_str).unwrap_or_default();
    if way.is_empty() { String::new() } else { format!("{way}/") }
}

/// A workflow command of GitHub Actions that marks the line of a finding. `below`: what its path begins with.
fn annotation(finding: &Diagnostic, below: &str) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(span) = &finding.span {
        properties.push(format!("file={}", property(&format!("{below}{}", span.file))));
        if span.line > 0 {
            properties.push(format!("line={},col={}", span.line, span.column));
        }
    }
    properties.push(format!("title={}", finding.code));
    let message = std::iter::once(finding.message.as_str()).chain(finding.help.iter().map(String::as_str));
    format!("::{level} {}::{}", properties.join(","), data(&message.collect::<Vec<_>>().join("\n")))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Source texts for drawing: files below `root`, each read once, and the filter of `--jq`.
pub fn sources<'a>(root: &'a Path, options: &'a Options) -> impl Fn(&str) -> Option<String> + 'a {
    let known: RefCell<BTreeMap<String, Option<String>>> = RefCell::default();
    move |file| {
        if file == jq::FILE {
            return options.jq.clone();
        }
        known.borrow_mut().entry(file.to_owned()).or_insert_with(|| std::fs::read_to_string(root.join(file)).ok()).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::manifest::P1001;

    fn printed(findings: &[Diagnostic], options: &Options) -> String {
        let mut out = Vec::new();
        report(findings, Exit::Invalid, options, (Path::new("."), &|_| Some("kind: Stack\nname: x\n".to_owned())), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn finding() -> Diagnostic {
        Diagnostic::new(P1001, "it is wrong").at("a,b.yaml:2:7".parse::<crate::diagnostic::Span>().unwrap()).help("do it\nright, 100%")
    }

    #[test]
    fn an_annotation_is_escaped() {
        let options = Options { annotations: true, width: 80, ..Options::default() };
        let text = printed(&[finding()], &options);
        assert_eq!(text.lines().next().unwrap(), "::error file=a%2Cb.yaml,line=2,col=7,title=P1001::it is wrong%0Ado it%0Aright, 100%25");
        assert!(text.contains("name: x"));
    }

    #[test]
    fn json_mode_prints_one_document() {
        let text = printed(&[finding(), finding().warning()], &Options { mode: Mode::Json, ..Options::default() });
        let document: Findings = serde_json::from_str(&text).unwrap();
        assert_eq!((document.exit, document.findings.len(), text.lines().count()), (3, 2, 1));
    }

    #[test]
    fn quiet_leaves_warnings_out() {
        let options = Options { quiet: true, width: 80, ..Options::default() };
        assert_eq!(printed(&[finding().warning()], &options), "");
        assert!(!printed(&[finding(), finding().warning()], &options).contains("warning"));
    }

    #[test]
    fn several_findings_are_counted() {
        let options = Options { width: 80, ..Options::default() };
        assert!(printed(&[finding(), finding(), finding().warning()], &options).ends_with("\n2 errors, 1 warning\n"));
    }
}
