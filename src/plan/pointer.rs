//! JSON pointers (RFC 6901) into properties, and patterns over them.

use crate::diagnostic::escape;

/// A pointer that grows and shrinks with a walk.
#[derive(Debug, Default)]
pub(super) struct Pointer(String);

impl Pointer {
    /// The text so far.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Calls `visit` one key further down.
    pub(super) fn key<T>(&mut self, key: &str, visit: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.0.len();
        self.0.push('/');
        if key.contains(['~', '/']) {
            self.0.push_str(&escape(key));
        } else {
            self.0.push_str(key);
        }
        let answer = visit(self);
        self.0.truncate(length);
        answer
    }

    /// Calls `visit` one item further down.
    pub(super) fn item<T>(&mut self, number: usize, visit: impl FnOnce(&mut Self) -> T) -> T {
        self.key(&number.to_string(), visit)
    }
}

/// The patterns of `lifecycle.ignoreChanges`.
#[derive(Debug)]
pub struct Ignored<'a>(Vec<Vec<&'a str>>);

impl<'a> Ignored<'a> {
    /// Reads the patterns: pointers in which `*` is one segment and `**` any number of them.
    pub fn new(patterns: &'a [String]) -> Self {
        Self(patterns.iter().map(|pattern| pattern.split('/').skip(usize::from(pattern.starts_with('/'))).collect()).collect())
    }

    /// Tells whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether a pointer is covered: a pattern names it or what holds it.
    pub fn covers(&self, pointer: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let segments: Vec<&str> = pointer.split('/').skip(1).collect();
        self.0.iter().any(|pattern| (0..=segments.len()).any(|end| fits(pattern, &segments[..end])))
    }

    /// Tells whether a pattern may name something below a pointer.
    pub fn reaches_below(&self, pointer: &str) -> bool {
        let segments: Vec<&str> = pointer.split('/').skip(1).collect();
        self.0.iter().any(|pattern| may_go_on(pattern, &segments))
    }
}

fn fits(pattern: &[&str], segments: &[&str]) -> bool {
    match (pattern, segments) {
        ([], []) => true,
        (["**", rest @ ..], _) => fits(rest, segments) || (!segments.is_empty() && fits(pattern, &segments[1..])),
        ([one, rest @ ..], [segment, further @ ..]) => (*one == "*" || one == segment) && fits(rest, further),
        _ => false,
    }
}

fn may_go_on(pattern: &[&str], segments: &[&str]) -> bool {
    match (pattern, segments) {
        ([], _) => false,
        (["**", ..], _) | (_, []) => true,
        ([one, rest @ ..], [segment, further @ ..]) => (*one == "*" || one == segment) && may_go_on(rest, further),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, pointer: &str) -> bool {
        Ignored::new(&[pattern.to_owned()]).covers(pointer)
    }

    #[test]
    fn a_pattern_covers_what_it_names_and_what_is_below() {
        assert!(covers("/DesiredCount", "/DesiredCount"));
        assert!(covers("/Tags", "/Tags/0/Value"));
        assert!(!covers("/Tags/0", "/Tags"));
        assert!(!covers("/Tag", "/Tags"));
    }

    #[test]
    fn a_star_is_exactly_one_segment() {
        assert!(covers("/ContainerDefinitions/*/Image", "/ContainerDefinitions/0/Image"));
        assert!(!covers("/ContainerDefinitions/*/Image", "/ContainerDefinitions/Image"));
        assert!(!covers("/*/Image", "/ContainerDefinitions/0/Image"));
    }

    #[test]
    fn two_stars_are_any_number_of_segments() {
        for pointer in ["/Image", "/A/Image", "/A/0/B/Image", "/A/Image/deep"] {
            assert!(covers("/**/Image", pointer), "{pointer}");
        }
        assert!(!covers("/**/Image", "/A/Images"));
        assert!(covers("/A/**", "/A/b/c"));
        assert!(covers("/A/**", "/A"));
        assert!(covers("/**", "/anything/at/all"));
    }

    #[test]
    fn an_escaped_slash_is_part_of_a_segment() {
        assert!(covers("/Map/a~1b", "/Map/a~1b"));
        assert!(!covers("/Map/*", "/Map2/x"));
    }

    #[test]
    fn a_pattern_is_known_to_reach_below_a_pointer() {
        let patterns = ["/Tags/*/Value".to_owned(), "/A/**/B".to_owned()];
        let ignored = Ignored::new(&patterns);
        assert!(ignored.reaches_below("/Tags"));
        assert!(ignored.reaches_below("/Tags/3"));
        assert!(ignored.reaches_below("/A/x/y"));
        assert!(!ignored.reaches_below("/Other"));
        assert!(!ignored.reaches_below("/Tags/3/Value"));
    }

    #[test]
    fn a_pointer_grows_and_shrinks() {
        let mut pointer = Pointer::default();
        pointer.key("a/b", |p| p.item(3, |p| assert_eq!(p.as_str(), "/a~1b/3")));
        assert_eq!(pointer.as_str(), "");
    }
}
