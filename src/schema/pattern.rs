//! Patterns as JSON Schema writes them: ECMAScript's regular expressions, with what AWS's authors took from Java and
//! Python.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use fancy_regex::{Regex, RegexBuilder};

/// A repetition bound above the first of these is taken as none, since the automaton grows with it; if that does not do, above the
/// next. The length of most strings is bound by the schema besides.
const REPEAT_LIMITS: [u32; 3] = [1_000, 64, 1];

/// Bytes that an automaton may take.
const SIZE_LIMIT: usize = 300_000;

/// A match that needs more steps back than this is given up.
const BACKTRACK_LIMIT: usize = 100_000;

/// A pattern, compiled when a string first meets it.
pub struct Pattern {
    source: Box<str>,
    compiled: OnceLock<Option<Arc<Regex>>>,
}

impl Pattern {
    pub(super) fn new(source: &str) -> Self {
        Self { source: source.into(), compiled: OnceLock::new() }
    }

    /// Returns the pattern as the schema writes it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Tells whether the pattern can be compiled; one that cannot accepts everything.
    pub fn compiles(&self) -> bool {
        self.regex().is_some()
    }

    /// Tells whether the pattern is found in a text.
    pub fn matches(&self, text: &str) -> bool {
        // Giving up on a pattern that backtracks without end is not the text's fault.
        self.regex().is_none_or(|regex| regex.is_match(text).unwrap_or(true))
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| shared(&self.source)).as_deref()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Pattern({:?})", self.source)
    }
}

/// Patterns by source; `None` for those that cannot be compiled.
type Compiled = HashMap<Box<str>, Option<Arc<Regex>>>;

/// The compiled form of a pattern, the same for all schemas that write it.
fn shared(source: &str) -> Option<Arc<Regex>> {
    static COMPILED: LazyLock<Mutex<Compiled>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = compiled.get(source) {
        return regex.clone();
    }
    // Where the bounds of repetitions make the automaton too large, they are given up, the widest first.
    let build = |limit| {
        let mut builder = RegexBuilder::new(&translate(source, limit));
        builder.backtrack_limit(BACKTRACK_LIMIT).delegate_size_limit(SIZE_LIMIT).build().ok()
    };
    let regex = REPEAT_LIMITS.into_iter().find_map(build).map(Arc::new);
    compiled.insert(source.into(), regex.clone());
    regex
}

/// Rewrites an ECMAScript pattern so that this crate's engine reads it the same way: classes are those of ASCII,
/// `\u` escapes and pairs of them are characters, and a sign that means nothing is itself.
fn translate(source: &str, repeat_limit: u32) -> String {
    let mut translation = Translation {
        signs: source.chars().collect(),
        at: 0,
        out: String::with_capacity(source.len() + 16),
        repeat_limit,
        groups: Vec::new(),
    };
    while let Some(sign) = translation.next() {
        match sign {
            '\\' => translation.escape(false),
            '[' => translation.class(),
            '(' => translation.open(),
            ')' => translation.close(),
            '{' => translation.repetition(),
            '}' | ']' => {
                translation.out.push('\\');
                translation.out.push(sign);
            }
            _ => translation.out.push(sign),
        }
    }
    translation.out
}

struct Translation {
    signs: Vec<char>,
    at: usize,
    out: String,
    repeat_limit: u32,
    /// For each open group, whether it only looks ahead or behind.
    groups: Vec<bool>,
}

impl Translation {
    fn next(&mut self) -> Option<char> {
        let sign = self.peek(0)?;
        self.at += 1;
        Some(sign)
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.signs.get(self.at + ahead).copied()
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) {
        let Some(sign) = self.next() else {
            self.out.push_str("\\\\");
            return;
        };
        let class = |inner: &str, negated: bool| match (in_class, negated) {
            (true, false) => inner.to_owned(),
            (false, false) => format!("[{inner}]"),
            (_, true) => format!("[^{inner}]"),
        };
        let text = match sign {
            'd' => class("0-9", false),
            'D' => class("0-9", true),
            'w' => class("0-9A-Za-z_", false),
            'W' => class("0-9A-Za-z_", true),
            'Z' => r"\z".to_owned(),
            'u' => match self.code_unit() {
                Some(code) => format!("\\x{{{code:X}}}"),
                None => "u".to_owned(),
            },
            'p' | 'P' if self.peek(0) == Some('{') => self.property(sign == 'P', in_class),
            '0' if !self.peek(0).is_some_and(|next| next.is_ascii_digit()) => r"\x00".to_owned(),
            // Elsewhere `\b` in a class is a backspace, and the other letters mean the same to both.
            'b' if in_class => r"\x08".to_owned(),
            _ if sign.is_ascii_alphanumeric() => format!("\\{sign}"),
            _ if is_meta(sign) => format!("\\{sign}"),
            _ => sign.to_string(),
        };
        self.out.push_str(&text);
    }

    /// The four digits after `\u`, joined with a following low surrogate.
    fn code_unit(&mut self) -> Option<u32> {
        let unit = self.four_digits(0)?;
        self.at += 4;
        if !(0xD800..0xDC00).contains(&unit) {
            // A lone low surrogate occurs in no text: the nearest character above stands for it.
            return Some(if (0xDC00..0xE000).contains(&unit) { 0xE000 } else { unit });
        }
        if (self.peek(0), self.peek(1)) == (Some('\\'), Some('u'))
            && let Some(low) = self.four_digits(2).filter(|low| (0xDC00..0xE000).contains(low))
        {
            self.at += 6;
            return Some(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
        }
        Some(0xE000)
    }

    fn four_digits(&self, ahead: usize) -> Option<u32> {
        (0..4).try_fold(0, |code, step| Some(code * 16 + self.peek(ahead + step)?.to_digit(16)?))
    }

    /// `\p{…}`: Java's names for ASCII classes, else the Unicode property itself.
    fn property(&mut self, negated: bool, in_class: bool) -> String {
        let rest: String = self.signs[self.at + 1..].iter().take_while(|sign| **sign != '}').collect();
        self.at += rest.chars().count() + 2;
        let inner = match rest.as_str() {
            "Alnum" => "0-9A-Za-z",
            "Alpha" => "A-Za-z",
            "Digit" => "0-9",
            "Upper" => "A-Z",
            "Lower" => "a-z",
            "ASCII" => r"\x00-\x7F",
            "Graph" => "!-~",
            "Print" => " -~",
            "Punct" => r"!-/:-@\[-`{-~",
            "Space" => r"\t\n\x0B\f\r ",
            "Blank" => r" \t",
            "XDigit" => "0-9A-Fa-f",
            "Cntrl" => r"\x00-\x1F\x7F",
            _ => {
                let name = rest.strip_prefix("Is").unwrap_or(&rest);
                return format!("\\{}{{{name}}}", if negated { 'P' } else { 'p' });
            }
        };
        match (negated, in_class) {
            (true, _) => format!("[^{inner}]"),
            (false, true) => inner.to_owned(),
            (false, false) => format!("[{inner}]"),
        }
    }

    fn open(&mut self) {
        let looks = self.peek(0) == Some('?')
            && (matches!(self.peek(1), Some('=' | '!')) || matches!((self.peek(1), self.peek(2)), (Some('<'), Some('=' | '!'))));
        self.groups.push(looks);
        self.out.push('(');
    }

    /// The end of a group. A repetition of a look ahead or behind means no more than one does.
    fn close(&mut self) {
        self.out.push(')');
        if self.groups.pop() == Some(true) && self.peek(0) == Some('+') {
            self.at += 1;
        }
    }

    /// A class in brackets.
    fn class(&mut self) {
        self.out.push('[');
        if self.peek(0) == Some('^') {
            self.at += 1;
            self.out.push('^');
        }
        if self.peek(0) == Some(']') {
            // ECMAScript's empty class and class of everything.
            self.at += 1;
            self.out.push_str(if self.out.ends_with('^') { r"&&[^\s\S]]" } else { r"^\s\S]" });
            return;
        }
        // A hyphen that begins the class stands for itself, like one after a class.
        let mut after_class = true;
        while let Some(sign) = self.next() {
            let hyphen = sign == '-' && (after_class || self.is_plain_hyphen());
            after_class = sign == '\\' && matches!(self.peek(0), Some('d' | 'w' | 's' | 'D' | 'W' | 'S' | 'p' | 'P'));
            match sign {
                ']' => break,
                '\\' => self.escape(true),
                '[' if self.peek(0) == Some(':') => {
                    let name: String = self.signs[self.at..].iter().take_while(|sign| **sign != ']').collect();
                    if name.len() > 2 && name.ends_with(':') {
                        self.at += name.chars().count() + 1;
                        self.out.push('[');
                        self.out.push_str(&name);
                        self.out.push(']');
                    } else {
                        self.out.push_str(r"\[");
                    }
                }
                // Doubled, these would be operators on sets.
                '[' | '&' | '~' => {
                    self.out.push('\\');
                    self.out.push(sign);
                }
                '-' if hyphen => self.out.push_str(r"\-"),
                '-' if self.peek(0) == Some('-') => {
                    self.at += 1;
                    self.out.push_str(r"-\-");
                }
                _ => self.out.push(sign),
            }
        }
        self.out.push(']');
    }

    /// Whether the hyphen just read, which does not begin the class, stands for itself: at the end, or before a class such as `\w`.
    fn is_plain_hyphen(&self) -> bool {
        let class_follows = self.peek(0) == Some('\\') && matches!(self.peek(1), Some('d' | 'w' | 's' | 'D' | 'W' | 'S' | 'p'));
        class_follows || self.peek(0) == Some(']')
    }

    /// A brace: a repetition, or itself.
    fn repetition(&mut self) {
        let inner: String = self.signs[self.at..].iter().take_while(|sign| **sign != '}').collect();
        let closed = self.signs.get(self.at + inner.chars().count()) == Some(&'}');
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let bounds = match inner.split_once(',') {
            None => number(&inner).map(|count| (count, Some(count))),
            Some((low, "")) => number(low).map(|low| (low, None)),
            Some((low, high)) if low.trim().is_empty() => number(high).map(|high| (0, Some(high))),
            Some((low, high)) => number(low).zip(number(high)).map(|(low, high)| (low, Some(high))),
        };
        let Some((low, high)) = bounds.filter(|_| closed) else {
            self.out.push_str(r"\{");
            return;
        };
        self.at += inner.chars().count() + 1;
        let high = high.filter(|high| *high <= self.repeat_limit);
        let low = low.min(self.repeat_limit);
        let high = high.map(|high| high.to_string()).unwrap_or_default();
        write!(self.out, "{{{low},{high}}}").expect("writing to a string cannot fail");
    }
}

fn is_meta(sign: char) -> bool {
    matches!(sign, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' | '#' | '&' | '-' | '~')
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn matches(pattern: &str, text: &str) -> bool {
        let pattern = Pattern::new(pattern);
        assert!(pattern.compiles(), "{} must compile", pattern.source());
        pattern.matches(text)
    }

    #[test]
    fn classes_are_those_of_ascii() {
        assert!(matches(r"^\w+$", "az_09"));
        assert!(!matches(r"^\w+$", "é"));
        assert!(!matches(r"^\d$", "٣"));
        assert!(matches(r"^[\w.-]+$", "a.b-c"));
        assert!(matches(r"^[^\d]$", "a"));
    }

    #[test]
    fn escapes_that_mean_nothing_are_the_sign_itself() {
        assert!(matches(r"^arn\:aws\/x\_y$", "arn:aws/x_y"));
        assert!(matches(r"^\<\>\@\'$", "<>@'"));
    }

    #[test]
    fn code_units_and_pairs_of_them_are_characters() {
        let all = r"^[\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF]*$";
        assert!(matches(all, "text\t😀"));
        assert!(!matches(all, "\u{1}"));
    }

    #[test]
    fn a_bracket_in_a_class_is_itself() {
        assert!(matches(r"^[[\]]+$", "[]"));
        assert!(matches(r"^[&&a]+$", "a&"));
        assert!(!matches(r"^[&&a]+$", "b"));
    }

    #[test]
    fn a_hyphen_beside_a_class_is_itself() {
        assert!(matches(r"^[\w-.]+$", "a-b.c"));
        assert!(matches(r"^[a-zA-Z0-9-]+$", "a-b"));
        assert!(matches(r"^[+--]+$", "+,-"));
        assert!(matches(r"^[ -~]+$", "a b"));
    }

    #[test]
    fn a_brace_that_opens_no_repetition_is_itself() {
        assert!(matches(r"^${a}$|^{b}$", "{b}"));
        assert!(matches(r"^a{,2}$", "aa"));
        assert!(!matches(r"^a{,2}$", "aaa"));
    }

    #[test]
    fn a_huge_repetition_compiles() {
        assert!(matches(r"^[\s\S]{0,131072}$", "x"));
        assert!(!matches(r"^[a-z]{1,131072}$", ""));
    }

    #[test]
    fn a_pattern_too_large_with_its_bounds_is_taken_without() {
        assert!(matches(r"^[\P{C}\r\n\t]{1,250}$", "Opening hours"));
        assert!(!matches(r"^[\P{C}\r\n\t]{1,250}$", "\u{7}"));
    }

    #[test]
    fn a_repeated_look_ahead_is_one() {
        assert!(matches(r"^(/(?!\.)+[a-z.]+){1,4}$", "/a.b/c"));
        assert!(!matches(r"^(/(?!\.)+[a-z.]+){1,4}$", "/.a"));
    }

    #[test]
    fn a_dollar_is_the_very_end() {
        assert!(!matches(r"^a$", "a\n"));
    }

    #[test]
    fn lookahead_is_understood() {
        assert!(matches(r"^(?!aws:)[a-z:]+$", "own:x"));
        assert!(!matches(r"^(?!aws:)[a-z:]+$", "aws:x"));
    }

    #[test]
    fn a_broken_pattern_accepts_everything() {
        let broken = Pattern::new("(");
        assert!(!broken.compiles());
        assert!(broken.matches("x"));
    }
}
