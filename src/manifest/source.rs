//! Source files: their text, and the way from a byte range to a place.
//!
//! A node carries an [`At`], which is small and cheap to copy; a [`Span`] is made of it only where somebody will read it.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::diagnostic::Span;

/// A byte range of one source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct At {
    file: u32,
    start: u32,
    end: u32,
}

impl At {
    /// The range `start..end` of the same file, counted from the start of this one. A range that leaves this one is cut.
    pub(super) fn part(self, start: usize, end: usize) -> Self {
        let shift = |by: usize| self.start.saturating_add(u32::try_from(by).unwrap_or(u32::MAX)).min(self.end);
        Self { file: self.file, start: shift(start), end: shift(end) }
    }

    /// Whether nothing was written there.
    pub(super) fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The range from the start of this one to the end of a later one of the same file.
    pub(super) fn until(self, end: Self) -> Self {
        Self { end: end.end.max(self.end), ..self }
    }
}

/// A file that was read.
#[derive(Debug)]
pub(super) struct Source {
    /// Path relative to the root, `/` between names; `-` is standard input.
    pub(super) path: Arc<str>,
    /// The whole text, without a byte order mark.
    pub(super) text: String,
    lines: OnceCell<Vec<u32>>,
}

impl Source {
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
            std::iter::once(0).chain(ends).collect()
        })
    }

    /// The place of a byte range. A range of several lines is cut to its first word by giving it no length.
    fn span(&self, start: u32, end: u32) -> Span {
        let lines = self.lines();
        let line = lines.partition_point(|first| *first <= start).saturating_sub(1);
        let first = lines[line] as usize;
        let stop = lines.get(line + 1).map_or(self.text.len(), |next| *next as usize);
        let on_line = self.text.get(first..(start as usize).min(self.text.len())).unwrap_or_default();
        let length = if end as usize <= stop { end.saturating_sub(start) } else { 0 };
        Span { file: Arc::clone(&self.path), line: number(line + 1), column: number(on_line.chars().count() + 1), length }
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// All files of a run, by the order in which they were read.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<Source>);

impl Sources {
    /// Adds a file and gives its number.
    pub(super) fn add(&mut self, path: impl Into<Arc<str>>, text: String) -> u32 {
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        self.0.push(Source { path: path.into(), text, lines: OnceCell::new() });
        number(self.0.len() - 1)
    }

    /// The file of a number.
    pub(super) fn file(&self, file: u32) -> &Source {
        &self.0[file as usize]
    }

    /// The byte range `start..end` of a file.
    pub(super) fn at(&self, file: u32, start: usize, end: usize) -> At {
        let length = self.file(file).text.len();
        At { file, start: number(start.min(length)), end: number(end.min(length)) }
    }

    /// The place of a byte range.
    pub(super) fn span(&self, at: At) -> Span {
        self.file(at.file).span(at.start, at.end)
    }

    /// The path of the file of a byte range.
    pub(super) fn path(&self, at: At) -> &Arc<str> {
        &self.file(at.file).path
    }

    /// The text as written in a byte range.
    pub(super) fn text(&self, at: At) -> &str {
        self.file(at.file).text.get(at.start as usize..at.end as usize).unwrap_or_default()
    }

    /// Paths of all files, in the order in which they were read.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter().map(|source| &source.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, start: usize, end: usize) -> (String, u32) {
        let mut sources = Sources::default();
        let file = sources.add("f", text.to_owned());
        let span = sources.span(sources.at(file, start, end));
        (span.to_string(), span.length)
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        assert_eq!(place("a: 1\nb: 22\n", 8, 10), ("f:2:4".into(), 2));
        assert_eq!(place("a: 1\r\nb: 2\r\n", 6, 7), ("f:2:1".into(), 1));
        assert_eq!(place("", 0, 0), ("f:1:1".into(), 0));
        assert_eq!(place("a: 1\n", 99, 120), ("f:2:1".into(), 0));
    }

    #[test]
    fn columns_are_characters_and_lengths_are_bytes() {
        assert_eq!(place("é: ü\n", 4, 6), ("f:1:4".into(), 2));
    }

    #[test]
    fn a_range_of_several_lines_has_no_length() {
        assert_eq!(place("a:\n  b: 1\n  c: 2\n", 5, 16), ("f:2:3".into(), 0));
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_text() {
        assert_eq!(place("\u{feff}a: 1\n", 3, 4), ("f:1:4".into(), 1));
    }
}
