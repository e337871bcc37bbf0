//! The text of a scalar, taken apart: plain text, variables, outputs of components.

use std::ops::Range;

use crate::address::is_name;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Plain text; `$${` has become `${`.
    Text(String),
    /// `${NAME}` or `${NAME:-default}`.
    Variable {
        /// Its name.
        name: String,
        /// What stands for it when it is unset or empty.
        default: Option<String>,
        /// Where it stands in the text.
        range: Range<usize>,
    },
    /// `${component.output}` or `${service/component.output}`.
    Output {
        /// The component as written: bare or with its service.
        component: String,
        /// The output, with the key of a map output: `accessPointIds.uploads`.
        output: String,
        /// Where it stands in the text.
        range: Range<usize>,
    },
}

/// A malformed reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed {
    /// Where it stands in the text.
    pub(super) range: Range<usize>,
    /// What is wrong with it.
    pub(super) message: String,
    /// The way out.
    pub(super) help: &'static str,
}

const FORMS: &str = "write `${NAME}`, `${NAME:-text}`, `${component.output}` or `${service/component.output}`; `$${` is a literal `${`";

/// Tells whether a text is the name of a variable.
pub(super) fn is_variable(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Takes a text apart.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, Malformed> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('$') {
        let start = at + found;
        literal.push_str(&text[at..start]);
        if text[start..].starts_with("$${") {
            literal.push_str("${");
            at = start + 3;
            continue;
        }
        if !text[start..].starts_with("${") {
            literal.push('$');
            at = start + 1;
            continue;
        }
        let Some(length) = text[start..].find('}') else {
            return Err(Malformed { range: start..text.len(), message: "the reference is never closed".to_owned(), help: "add the `}`" });
        };
        let range = start..start + length + 1;
        let inner = &text[start + 2..start + length];
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        at = range.end;
        pieces.push(reference(inner, range)?);
    }
    literal.push_str(&text[at..]);
    if !literal.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

fn reference(inner: &str, range: Range<usize>) -> Result<Piece, Malformed> {
    let fail = |message: String, help| Err(Malformed { range: range.clone(), message, help });
    if let Some((name, default)) = inner.split_once(":-") {
        if !is_variable(name) {
            return fail(format!("`{name}` is not the name of a variable"), FORMS);
        }
        if default.contains("${") {
            return fail(
                format!("the text that stands for `{name}` cannot hold a reference"),
                "set a variable to the other reference and use that",
            );
        }
        return Ok(Piece::Variable { name: name.to_owned(), default: Some(default.to_owned()), range });
    }
    if is_variable(inner) {
        return Ok(Piece::Variable { name: inner.to_owned(), default: None, range });
    }
    if inner.trim().is_empty() {
        return fail("the reference is empty".to_owned(), FORMS);
    }
    let Some((component, output)) = inner.split_once('.') else {
        let help = if inner.trim() != inner {
            "remove the spaces"
        } else if inner.contains(['-', '/']) {
            "names of variables have no `-` and no `/`; an output of a component is `${service/component.output}`"
        } else {
            FORMS
        };
        return fail(format!("`{inner}` is neither a variable nor an output"), help);
    };
    if !is_component(component) {
        return fail(format!("`{component}` is not the name of a component"), FORMS);
    }
    if !is_output(output) {
        return fail(format!("`{output}` is not the name of an output"), FORMS);
    }
    Ok(Piece::Output { component: component.to_owned(), output: output.to_owned(), range })
}

/// Tells whether a text names a component: `db` or `data/db`.
pub(super) fn is_component(text: &str) -> bool {
    let mut parts = text.split('/');
    parts.clone().count() <= 2 && parts.all(is_name)
}

/// Tells whether a text names an output, or a value of a map output.
pub(super) fn is_output(text: &str) -> bool {
    let (name, key) = text.split_once('.').map_or((text, None), |(name, key)| (name, Some(key)));
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    is_variable(name) && key.is_none_or(|key| key.split('.').all(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let show = |piece: Piece| match piece {
            Piece::Text(text) => format!("text({text})"),
            Piece::Variable { name, default: None, .. } => format!("var({name})"),
            Piece::Variable { name, default: Some(default), .. } => format!("var({name}|{default})"),
            Piece::Output { component, output, .. } => format!("output({component}|{output})"),
        };
        pieces(text).map_or_else(
            |e| format!("{}..{}: {}", e.range.start, e.range.end, e.message),
            |all| all.into_iter().map(show).collect::<Vec<_>>().join(" "),
        )
    }

    #[test]
    fn a_text_is_taken_apart() {
        assert_eq!(shown(""), "text()");
        assert_eq!(shown("plain $5 $ $x"), "text(plain $5 $ $x)");
        assert_eq!(shown("${A}"), "var(A)");
        assert_eq!(shown("a-${A}-${_b2}z"), "text(a-) var(A) text(-) var(_b2) text(z)");
        assert_eq!(shown("${A:-}"), "var(A|)");
        assert_eq!(shown("${A:-x:-y $z}"), "var(A|x:-y $z)");
        assert_eq!(shown("${db.endpoint}"), "output(db|endpoint)");
        assert_eq!(shown("https://${data/my-db.secret_arn}/x"), "text(https://) output(data/my-db|secret_arn) text(/x)");
        assert_eq!(shown("${files.accessPointIds.uploads}"), "output(files|accessPointIds.uploads)");
    }

    #[test]
    fn a_doubled_dollar_is_a_literal_brace() {
        assert_eq!(shown("$${A}"), "text(${A})");
        assert_eq!(shown("$$${A}"), "text($${A})");
        assert_eq!(shown("$$ ${A}"), "text($$ ) var(A)");
        assert_eq!(shown("é$${é} ${A}"), "text(é${é} ) var(A)");
    }

    #[test]
    fn malformed_references_are_named() {
        assert_eq!(shown("x ${A"), "2..5: the reference is never closed");
        assert_eq!(shown("${}"), "0..3: the reference is empty");
        assert_eq!(shown("${ A }"), "0..6: ` A ` is neither a variable nor an output");
        assert_eq!(shown("${A-x}"), "0..6: `A-x` is neither a variable nor an output");
        assert_eq!(shown("${1A}"), "0..5: `1A` is neither a variable nor an output");
        assert_eq!(shown("${A:-${B}}"), "0..9: the text that stands for `A` cannot hold a reference");
        assert_eq!(shown("${a/b/c.d}"), "0..10: `a/b/c` is not the name of a component");
        assert_eq!(shown("${db.}"), "0..6: `` is not the name of an output");
        assert_eq!(shown("${DB.endpoint}"), "0..14: `DB` is not the name of a component");
    }
}
