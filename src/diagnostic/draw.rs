//! Draws findings on the source text.

use std::fmt::Write as _;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::codes::manifest::P1040;
use super::{Diagnostic, Label, Severity, Span};

/// Gives the text of a source file by its path in a [`Span`]; `None` draws the finding without the text.
pub type Sources<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Whether the drawing may use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// ANSI colours.
    Coloured,
    /// Plain text.
    Plain,
}

/// Draws findings one after the other, each followed by an empty line. `width` is that of the terminal in characters.
pub fn draw(findings: &[Diagnostic], sources: Sources<'_>, palette: Palette, width: usize) -> String {
    let renderer = match palette {
        Palette::Coloured => Renderer::styled(),
        Palette::Plain => Renderer::plain(),
    }
    .decor_style(DecorStyle::Ascii)
    .term_width(width);
    let mut out = String::new();
    let secrets: Vec<&Span> = findings.iter().filter(|finding| finding.code == P1040).filter_map(|finding| finding.span.as_ref()).collect();
    for finding in findings {
        let text = |span: &Span| if span.line == 0 { None } else { sources(&span.file).map(|text| masked(text, &span.file, &secrets)) };
        let primary = finding.span.as_ref().and_then(|span| text(span).map(|text| (span, text)));
        let others: Vec<(&Label, String)> = finding.labels.iter().filter_map(|label| text(&label.span).map(|text| (label, text))).collect();
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let mut group = Group::with_title(level.primary_title(&finding.message).id(finding.code.name()));
        if let Some((span, text)) = &primary {
            let range = range_of(text, span);
            let mut annotation = AnnotationKind::Primary.span(range);
            if let Some(note) = &finding.note {
                annotation = annotation.label(note);
            }
            let mut snippet = Snippet::source(text.as_str()).path(&*span.file).annotation(annotation);
            for (label, _) in others.iter().filter(|(label, _)| label.span.file == span.file) {
                snippet = snippet.annotation(AnnotationKind::Context.span(range_of(text, &label.span)).label(&label.text));
            }
            group = group.element(snippet);
        } else if let Some(span) = &finding.span {
            group = group.element(annotate_snippets::Origin::path(span.to_string()));
        }
        for (label, text) in &others {
            if primary.as_ref().is_none_or(|(span, _)| span.file != label.span.file) {
                let annotation = AnnotationKind::Context.span(range_of(text, &label.span)).label(&label.text);
                group = group.element(Snippet::source(text.as_str()).path(&*label.span.file).annotation(annotation));
            }
        }
        for label in finding.labels.iter().filter(|label| !others.iter().any(|(known, _)| known == label)) {
            group = group.element(Level::NOTE.message(format!("{}: {}", label.span, label.text)));
        }
        if let (Some(note), None) = (&finding.note, &primary) {
            group = group.element(Level::NOTE.message(note));
        }
        for help in &finding.help {
            group = group.element(Level::HELP.message(help));
        }
        writeln!(out, "{}\n", renderer.render(&[group])).expect("writing to a string does not fail");
    }
    out
}

/// The text of a file with its literal secrets covered: a finding that names one must not spread it.
fn masked(text: String, file: &str, secrets: &[&Span]) -> String {
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let ranges: Vec<_> = secrets.iter().filter(|span| &*span.file == file && span.line > 0).map(|span| range_of(&text, span)).collect();
    ranges.into_iter().fold(text, |mut text, range| {
        let stars = "*".repeat(range.len());
        text.replace_range(range, &stars);
        text
    })
}

/// The byte range of a place: as long as its span says, else up to the end of the word.
fn range_of(text: &str, span: &Span) -> std::ops::Range<usize> {
    let line_start = if span.line <= 1 { Some(0) } else { text.match_indices('\n').nth(span.line as usize - 2).map(|(at, _)| at + 1) };
    let Some(line_start) = line_start else { return text.len()..text.len() };
    let line = text[line_start..].lines().next().unwrap_or_default();
    let column = line.char_indices().nth((span.column as usize).saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let rest = &line[column..];
    let mut length = span.length as usize;
    if length == 0 || length > rest.len() || !rest.is_char_boundary(length) {
        length = word_length(rest);
    }
    line_start + column..line_start + column + length
}

/// Length of the YAML scalar at the start of a line's rest.
fn word_length(rest: &str) -> usize {
    let quoted = rest.chars().next().filter(|c| *c == '"' || *c == '\'');
    if let Some(quote) = quoted {
        return rest[1..].find(quote).map_or(rest.len(), |at| at + 2);
    }
    let end = rest.find([',', '}', ']', '#']).unwrap_or(rest.len());
    let end = rest.find(": ").unwrap_or(end).min(end);
    rest[..end].trim_end().len().max(usize::from(!rest.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::manifest::P1010;

    #[test]
    fn a_finding_is_drawn_under_its_word() {
        let source = "kind: SQS\nspec:\n  visibilityTimout: 60\n";
        let finding = Diagnostic::new(P1010, "unknown field `visibilityTimout`")
            .at(Span { file: "q.yaml".into(), line: 3, column: 3, length: 0 })
            .help("did you mean `visibilityTimeout`?");
        let drawn = draw(&[finding], &|_| Some(source.to_owned()), Palette::Plain, 80);
        assert!(drawn.contains("error[P1010]: unknown field `visibilityTimout`"), "{drawn}");
        assert!(drawn.contains("q.yaml:3:3"), "{drawn}");
        assert!(drawn.contains("^^^^^^^^^^^^^^^^\n"), "{drawn}");
        assert!(drawn.contains("did you mean `visibilityTimeout`?"), "{drawn}");
    }

    #[test]
    fn a_literal_secret_is_not_repeated() {
        let source = "a: {password: hunter2, b: x}\nc: 1\n";
        let at = |column, length| Span { file: "q.yaml".into(), line: 1, column, length };
        let findings = [Diagnostic::new(P1040, "secret").at(at(15, 7)), Diagnostic::new(P1010, "unknown").at(at(24, 1))];
        let drawn = draw(&findings, &|_| Some(source.to_owned()), Palette::Plain, 80);
        assert!(!drawn.contains("hunter2"), "{drawn}");
        assert_eq!(drawn.matches("a: {password: *******, b: x}").count(), 2, "{drawn}");
    }

    #[test]
    fn a_place_beyond_the_text_is_still_drawn() {
        let finding = Diagnostic::new(P1010, "gone").at(Span { file: "q.yaml".into(), line: 99, column: 3, length: 5 });
        assert!(draw(&[finding], &|_| Some("a: 1\n".into()), Palette::Plain, 80).contains("gone"));
    }
}
