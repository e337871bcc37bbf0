//! The one selector language: `service`, `service/component`, `service/component/role`, with `*` and `?` in any part.

use std::fmt;
use std::str::FromStr;

use super::Address;

/// Why a text is not a selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a selector: {why}")]
pub struct SelectorError {
    text: String,
    why: &'static str,
}

/// Matches addresses by their leading parts.
///
/// A selector of one part matches a whole service, of two a component, of three single resources. `*` stands for any run of
/// characters within one part, `?` for one character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    parts: Vec<String>,
}

impl Selector {
    /// Tells whether the selector covers the address.
    pub fn matches(&self, address: &Address) -> bool {
        self.matches_text(address.as_str())
    }

    /// Tells whether the selector covers the text of an address or the id of a component. A selector with more parts than the
    /// text does not.
    pub fn matches_text(&self, text: &str) -> bool {
        let mut given = text.split('/');
        self.parts.iter().all(|pattern| given.next().is_some_and(|part| glob(pattern.as_bytes(), part.as_bytes())))
    }
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    p = after_star;
                    t = from + 1;
                    retry = Some((after_star, t));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let fail = |why| Err(SelectorError { text: text.to_owned(), why });
        let parts: Vec<String> = text.split('/').map(str::to_owned).collect();
        if parts.len() > 3 {
            return fail("it has more than three parts (service/component/role)");
        }
        if parts.iter().any(String::is_empty) {
            return fail("a part is empty");
        }
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._*?".contains(c);
        if !parts.iter().all(|part| part.chars().all(legal)) {
            return fail("names are of a-z, 0-9, hyphens and dots; `*` and `?` are wildcards");
        }
        Ok(Self { parts })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(selector: &str, address: &str) -> bool {
        selector.parse::<Selector>().unwrap().matches(&address.parse().unwrap())
    }

    #[test]
    fn a_selector_matches_by_leading_parts() {
        assert!(hits("users", "users/api/service"));
        assert!(hits("users/api", "users/api/service"));
        assert!(hits("users/api/service", "users/api/service"));
        assert!(!hits("user", "users/api/service"));
        assert!(!hits("users/ap", "users/api/service"));
    }

    #[test]
    fn wildcards_stay_within_a_part() {
        assert!(hits("*/db", "users/db/instance"));
        assert!(hits("users/api/listener.*", "users/api/listener.443"));
        assert!(hits("users/a?i", "users/api/service"));
        assert!(hits("*", "users/api/service"));
        assert!(!hits("users*service", "users/api/service"));
        assert!(!hits("*/*/db", "users/db/instance"));
    }

    #[test]
    fn malformed_selectors_are_refused() {
        for text in ["", "a//b", "a/b/c/d", "A/b", "a b", "/a"] {
            assert!(text.parse::<Selector>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn printing_and_parsing_a_selector_are_inverse() {
        for text in ["users", "users/*", "*/db/*", "a/b/c.1"] {
            assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
        }
    }
}
