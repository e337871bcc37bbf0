//! Questions to the person at the terminal. The answer is read from the terminal itself, since standard input may be a document.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};

use crate::diagnostic::codes::apply::P8004;
use crate::diagnostic::codes::command::{P0008, P0014};
use crate::diagnostic::{Diagnostic, Error};

#[cfg(unix)]
const TERMINAL: &str = "/dev/tty";
#[cfg(not(unix))]
const TERMINAL: &str = "CON";

/// Asks a question whose answer is yes or no; anything but yes is no. Without a terminal it is P0008.
pub fn confirm(question: &str) -> Result<bool, Error> {
    let answer = converse(&format!("{question} [y/N] "))?.unwrap_or_default();
    Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Asks for a text; an empty answer is the default. Without a terminal it is P0008, and P8004 when there is no answer.
pub fn ask(question: &str, default: Option<&str>) -> Result<String, Error> {
    let hint = default.filter(|text| !text.is_empty()).map(|text| format!(" [{text}]")).unwrap_or_default();
    match converse(&format!("{question}{hint}: "))? {
        None => Err(Diagnostic::new(P8004, "no answer was given: nothing was changed").into()),
        Some(answer) if answer.is_empty() => Ok(default.unwrap_or_default().to_owned()),
        Some(answer) => Ok(answer),
    }
}

/// Asks until there is an answer that `check` takes, and says what is wrong with the others.
pub fn ask_until(question: &str, default: Option<&str>, check: impl Fn(&str) -> Result<(), Error>) -> Result<String, Error> {
    loop {
        let answer = ask(question, default)?;
        let Err(error) = check(&answer) else { return Ok(answer) };
        let mut told = String::new();
        for finding in error.findings() {
            told.push_str(&finding.message);
            finding.help.iter().for_each(|help| told.extend(["; ", help]));
            told.push('\n');
        }
        say(&told)?;
    }
}

/// Writes to the terminal on which questions are asked.
fn say(text: &str) -> Result<(), Error> {
    let broken = |error| Diagnostic::new(P0014, format!("the terminal cannot be written: {error}"));
    let (_, mut output) = open().map_err(broken)?;
    Ok(output.write_all(text.as_bytes()).map_err(broken)?)
}

/// Asks on the terminal; none when its input has ended.
fn converse(prompt: &str) -> Result<Option<String>, Error> {
    let (input, mut output) = open().map_err(|_| Diagnostic::new(P0008, format!("there is no terminal to ask on: {}", prompt.trim())))?;
    let broken = |error| Diagnostic::new(P0014, format!("the terminal cannot be read: {error}"));
    output.write_all(prompt.as_bytes()).and_then(|()| output.flush()).map_err(broken)?;
    let mut answer = String::new();
    BufReader::new(input).read_line(&mut answer).map_err(broken)?;
    if !answer.ends_with('\n') {
        // The end of input leaves the cursor behind the question.
        output.write_all(b"\n").map_err(broken)?;
    }
    Ok((!answer.is_empty()).then(|| answer.trim().to_owned()))
}

fn open() -> std::io::Result<(File, File)> {
    Ok((OpenOptions::new().read(true).open(TERMINAL)?, OpenOptions::new().write(true).open(TERMINAL)?))
}
