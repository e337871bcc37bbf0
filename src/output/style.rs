//! Colour, signs and widths of what people see. Colour never carries a meaning alone: signs and words say the same.

use std::fmt::Display;

use anstyle::{AnsiColor, Effects, Style as Ansi};

use crate::plan::Op;

/// How to draw on a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Colour may be used.
    pub colour: bool,
    /// Width to keep within, in characters; none when lines may be as long as they need to be.
    pub width: Option<usize>,
    /// Everything is wanted, also what was told before.
    pub detailed: bool,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// A title.
    Strong,
    /// Less important.
    Faint,
    /// New, or all is well.
    Good,
    /// Changed in place, or to be looked at.
    Changed,
    /// Replaced.
    Replaced,
    /// Gone, or failed.
    Bad,
}

impl Style {
    /// The text in the colour of its tone.
    pub fn paint(&self, tone: Tone, text: impl Display) -> String {
        if !self.colour || tone == Tone::Plain {
            return text.to_string();
        }
        let ansi = tone.ansi();
        format!("{ansi}{text}{ansi:#}")
    }
}

impl Tone {
    fn ansi(self) -> Ansi {
        match self {
            Self::Plain => Ansi::new(),
            Self::Strong => Ansi::new().effects(Effects::BOLD),
            Self::Faint => Ansi::new().effects(Effects::DIMMED),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Changed => AnsiColor::Yellow.on_default(),
            Self::Replaced => AnsiColor::Magenta.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
        }
    }

    /// The tone of an operation.
    pub fn of(op: Op) -> Self {
        match op {
            Op::Create | Op::Adopt => Self::Good,
            Op::Update => Self::Changed,
            Op::Replace => Self::Replaced,
            Op::Delete => Self::Bad,
            Op::Forget | Op::None => Self::Faint,
        }
    }
}

/// The sign of an operation.
pub fn sign(op: Op) -> &'static str {
    match op {
        Op::Create => "+",
        Op::Update => "~",
        Op::Replace => "±",
        Op::Delete => "-",
        Op::Adopt => "→",
        Op::Forget => "×",
        Op::None => "·",
    }
}

/// The word of an operation.
pub fn word(op: Op) -> &'static str {
    if op == Op::None { "none" } else { op.verb() }
}

/// The word of an operation that is done.
pub fn past(op: Op) -> &'static str {
    match op {
        Op::Create => "created",
        Op::Update => "updated",
        Op::Replace => "replaced",
        Op::Delete => "deleted",
        Op::Adopt => "adopted",
        Op::Forget => "forgotten",
        Op::None => "recorded",
    }
}

/// `1 resource`, `2 resources`.
pub fn count(number: usize, one: &str) -> String {
    let plural = match one.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{one}s"),
    };
    if number == 1 { format!("1 {one}") } else { format!("{number} {plural}") }
}

/// Seconds for people: `45 s`, `3 min 20 s`, `2 h 5 min`.
pub fn seconds(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ if (seconds % 3600) < 60 => format!("{} h", seconds / 3600),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_times_read_as_words() {
        assert_eq!(
            [count(1, "step"), count(0, "step"), count(2, "policy"), count(2, "day")],
            ["1 step", "0 steps", "2 policies", "2 days"]
        );
        assert_eq!(
            [seconds(5), seconds(60), seconds(200), seconds(7200), seconds(7500)],
            ["5 s", "1 min", "3 min 20 s", "2 h", "2 h 5 min"]
        );
    }

    #[test]
    fn colour_is_left_out_where_it_may_not_be() {
        assert_eq!(Style::default().paint(Tone::Bad, "x"), "x");
        assert_eq!(Style { colour: true, ..Style::default() }.paint(Tone::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
