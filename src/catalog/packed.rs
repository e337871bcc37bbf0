//! The packed file: an index in front, then groups of types that are unpacked one by one.

use std::collections::HashMap;
use std::io::Read as _;
use std::ops::Range;
use std::sync::OnceLock;

use flate2::read::DeflateDecoder;

/// The file that `catalog/generate.py` writes; its module text describes the layout.
static FILE: &[u8] = include_bytes!("../../catalog/aws-resources.bin");

const MAGIC: &[u8] = b"PANKACT1";
const INTACT: &str = "the embedded catalog is intact: a test unpacks all of it";

/// The index, and the groups unpacked so far.
pub(super) struct Packed {
    facts: HashMap<String, String>,
    groups: Vec<Group>,
    types: Vec<Entry>,
}

struct Group {
    packed: Range<usize>,
    length: usize,
    text: OnceLock<String>,
}

struct Entry {
    name: String,
    group: usize,
    text: Range<usize>,
}

impl Packed {
    /// Reads the index; no group is unpacked.
    pub(super) fn open() -> Self {
        assert!(FILE.starts_with(MAGIC), "{INTACT}");
        let size: [u8; 4] = FILE[8..12].try_into().expect(INTACT);
        let mut at = 12 + usize::try_from(u32::from_le_bytes(size)).expect(INTACT);
        let index = unpack(&FILE[12..at], 0);
        let mut packed = Self { facts: HashMap::new(), groups: Vec::new(), types: Vec::new() };
        let mut start = 0;
        for line in index.lines() {
            let (word, rest) = line.split_once(' ').expect(INTACT);
            if word == "@" {
                let (size, length) = rest.split_once(' ').expect(INTACT);
                let end = at + number(size);
                packed.groups.push(Group { packed: at..end, length: number(length), text: OnceLock::new() });
                at = end;
                start = 0;
            } else if word.contains("::") {
                let text = start..start + number(rest);
                start = text.end;
                packed.types.push(Entry { name: word.to_owned(), group: packed.groups.len() - 1, text });
            } else {
                packed.facts.insert(word.to_owned(), rest.to_owned());
            }
        }
        packed
    }

    /// Returns a fact of the index: digest, source, date, region.
    pub(super) fn fact(&self, word: &str) -> &str {
        self.facts.get(word).map(String::as_str).unwrap_or_default()
    }

    /// Returns the type names, in order.
    pub(super) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.types.iter().map(|entry| entry.name.as_str())
    }

    /// Returns the number of a type.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.types.binary_search_by(|entry| entry.name.as_str().cmp(name)).ok()
    }

    /// Returns name and JSON text of a type.
    pub(super) fn text(&self, position: usize) -> (&str, &str) {
        let entry = &self.types[position];
        let group = &self.groups[entry.group];
        let text = group.text.get_or_init(|| unpack(&FILE[group.packed.clone()], group.length));
        (&entry.name, &text[entry.text.clone()])
    }
}

fn number(digits: &str) -> usize {
    digits.parse().expect(INTACT)
}

fn unpack(packed: &[u8], length: usize) -> String {
    let mut text = String::with_capacity(length);
    DeflateDecoder::new(packed).read_to_string(&mut text).expect(INTACT);
    text
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::Packed;

    #[test]
    fn every_type_unpacks_to_what_the_digest_says() {
        let packed = Packed::open();
        let mut digest = Sha256::new();
        for position in 0..packed.types.len() {
            let (name, text) = packed.text(position);
            assert!(text.starts_with('{') && text.ends_with("}\n"), "{name}");
            digest.update(format!("{name}\n{text}"));
        }
        assert_eq!(crate::document::hex(&digest.finalize()), packed.fact("digest"));
    }

    #[test]
    fn names_are_sorted_so_that_they_can_be_found() {
        let packed = Packed::open();
        assert!(packed.types.is_sorted_by(|one, other| one.name < other.name));
        assert_eq!(packed.position("AWS::SQS::Nothing"), None);
    }
}
