//! `--jq`: filters over documents, as the program jq runs them.
//!
//! In: the text of a filter and a JSON value. Out: the values that jq would print. A filter that does not compile is P0011 with the place
//! inside its text; one that fails on the value is P0012. A filter depends on its input and variables alone: it reads no file, no
//! environment and no clock.

use jaq_core::compile::Undefined;
use jaq_core::load::{self, Arena, File, Loader, lex, parse};
use jaq_core::{Compiler, Ctx, Vars};
use serde_json::Value as Json;

use crate::diagnostic::codes::command::{P0011, P0012};
use crate::diagnostic::{Diagnostic, Error, Span, did_you_mean};

mod access;
mod arithmetic;
mod functions;
mod value;

use functions::Data;
use value::Value;

/// Name of the file in the places of findings about a filter.
pub const FILE: &str = "--jq";

/// A compiled filter.
pub struct Filter {
    text: String,
    compiled: jaq_core::compile::Filter<jaq_core::Native<Data>>,
}

impl Filter {
    /// Compiles a filter that may use the named variables, each written with its `$`.
    pub fn compile(text: &str, variables: &[&str]) -> Result<Self, Error> {
        let arena = Arena::default();
        let modules =
            Loader::new(functions::definitions()).load(&arena, File { code: text, path: () }).map_err(|errors| not_loaded(text, errors))?;
        let compiler = Compiler::default().with_funs(functions::natives()).with_global_vars(variables.iter().copied());
        let compiled = compiler.compile(modules).map_err(|errors| not_compiled(text, variables, errors))?;
        Ok(Self { text: text.to_owned(), compiled })
    }

    /// Runs the filter, with the values of the variables in the order in which they were named, and hands each result on.
    ///
    /// Stops at the first error of the filter or of `each`.
    pub fn run<E: From<Error>>(&self, input: &Json, variables: &[Json], mut each: impl FnMut(Json) -> Result<(), E>) -> Result<(), E> {
        let context = Ctx::<Data>::new(&self.compiled.lut, Vars::new(variables.iter().map(Value::from)));
        for result in self.compiled.id.run((context, Value::from(input))) {
            match result.map_err(jaq_core::Exn::get_err) {
                Ok(value) => each(value.into())?,
                Err(Ok(error)) => return Err(Error::from(self.failed(input, &error)).into()),
                Err(Err(_)) => {
                    return Err(Error::from(self.failure(input, "it breaks out of a label that is not around it".to_owned())).into());
                }
            }
        }
        Ok(())
    }

    fn failed(&self, input: &Json, error: &jaq_core::Error<Value>) -> Diagnostic {
        let text = match error.clone().into_val() {
            Value::Text(text) => text.as_ref().to_owned(),
            other => format!("{other} (not a string)"),
        };
        self.failure(input, text)
    }

    fn failure(&self, input: &Json, mut text: String) -> Diagnostic {
        if let Some((cut, _)) = text.char_indices().nth(300) {
            text.truncate(cut);
            text.push('…');
        }
        let input = match input.get("kind").and_then(Json::as_str) {
            Some(kind) => format!("a {kind} document"),
            None => format!("a value of type {}", Value::from(input).type_name()),
        };
        Diagnostic::new(P0012, format!("jq filter failed: {text}"))
            .at(Span { file: FILE.into(), line: 1, column: 1, length: count(self.text.lines().next().map_or(0, str::len)) })
            .note(format!("applied to {input}"))
    }
}

/// Compiles and runs a filter, with the variables named in `variables`, and gives all results.
pub fn run(filter: &str, input: &Json, variables: &[(&str, Json)]) -> Result<Vec<Json>, Error> {
    let (names, values): (Vec<&str>, Vec<Json>) = variables.iter().cloned().unzip();
    let mut results = Vec::new();
    Filter::compile(filter, &names)?.run(input, &values, |value| {
        results.push(value);
        Ok::<(), Error>(())
    })?;
    Ok(results)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The place of a part of the filter.
fn place(text: &str, part: &str) -> Span {
    let start = load::span(text, part).start.min(text.len());
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    Span {
        file: FILE.into(),
        line: count(text[..start].matches('\n').count() + 1),
        column: count(text[line_start..start].chars().count() + 1),
        length: count(part.lines().next().map_or(0, str::len)),
    }
}

fn not_loaded(text: &str, errors: load::Errors<&str, ()>) -> Diagnostic {
    let (message, part, note) = match errors.into_iter().next().map(|(_, error)| error) {
        Some(load::Error::Lex(errors)) => match errors.into_iter().next() {
            Some((lex::Expect::Delim(open), _)) => (format!("`{open}` is not closed"), open, "opened here".to_owned()),
            Some((expected, part)) => {
                let first = part.chars().next().map_or(0, char::len_utf8);
                (format!("expected {}", expected.as_str()), &part[..first], format!("expected {} here", expected.as_str()))
            }
            None => ("not a filter".to_owned(), text, String::new()),
        },
        Some(load::Error::Parse(errors)) => match errors.into_iter().next() {
            Some((expected, part)) => {
                let found = if part.is_empty() { "the end".to_owned() } else { format!("`{}`", shortened(part)) };
                (format!("expected {}, found {found}", what(&expected)), part, format!("expected {} here", what(&expected)))
            }
            None => ("not a filter".to_owned(), text, String::new()),
        },
        Some(load::Error::Io(errors)) => match errors.into_iter().next() {
            Some((part, _)) => ("modules are not offered".to_owned(), part, "cannot be imported".to_owned()),
            None => ("modules are not offered".to_owned(), text, String::new()),
        },
        None => ("not a filter".to_owned(), text, String::new()),
    };
    Diagnostic::new(P0011, format!("jq filter is not valid: {message}")).at(place(text, part)).note(note)
}

fn what<'a>(expected: &parse::Expect<&'a str>) -> &'a str {
    match expected.as_str() {
        "term" => "a filter",
        other => other,
    }
}

fn shortened(part: &str) -> String {
    let head: String = part.chars().take(20).collect();
    if head.len() < part.len() { format!("{head}…") } else { head }
}

fn not_compiled(text: &str, variables: &[&str], errors: jaq_core::compile::Errors<&str, ()>) -> Diagnostic {
    let Some((name, undefined)) = errors.into_iter().flat_map(|(_, errors)| errors).next() else {
        return Diagnostic::new(P0011, "jq filter is not valid").at(place(text, text));
    };
    let finding =
        |message: String, note: &str| Diagnostic::new(P0011, format!("jq filter is not valid: {message}")).at(place(text, name)).note(note);
    match undefined {
        Undefined::Filter(arity) => {
            let known: Vec<(String, usize)> = functions::definitions()
                .map(|def| (def.name.to_owned(), def.args.len()))
                .chain(functions::natives().map(|(known, arguments, _)| (known.to_owned(), arguments.len())))
                .collect();
            let counts: std::collections::BTreeSet<usize> =
                known.iter().filter(|(known, _)| known == name).map(|(_, count)| *count).collect();
            if functions::LEFT_OUT.contains(&name) {
                let message = format!("`{name}` is not offered");
                return finding(message, "reads or does something outside the document")
                    .help("pipe the document to jq itself: `… -o json | jq '…'`");
            }
            if counts.is_empty() {
                let help = did_you_mean(name, known.iter().map(|(known, _)| known.as_str()));
                let quoted = (!name.starts_with('@')).then(|| format!("for the field of that name write `.{name}`"));
                return finding(format!("`{name}` is not a function"), "no such function").maybe_help(help).maybe_help(quoted);
            }
            let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
            finding(format!("`{name}` takes {} arguments, not {arity}", counts.join(" or ")), "wrong number of arguments")
        }
        Undefined::Var => {
            finding(format!("variable `{name}` is not set"), "no such variable").maybe_help(did_you_mean(name, variables.iter().copied()))
        }
        other => finding(format!("{} `{name}` does not exist", other.as_str()), "not defined"),
    }
}

#[cfg(test)]
mod tests;
