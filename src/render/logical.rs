//! Logical ids of a template: letters and digits only, one for each address.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::document::hex;

/// Longest logical id.
const LIMIT: usize = 255;

/// Gives each text an id of its own: its words with capital letters, and the beginning of its digest where two come to the same.
pub(super) fn ids<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let mut ids: BTreeMap<&str, String> = texts.into_iter().map(|text| (text, words(text))).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for id in ids.values() {
        *seen.entry(id.clone()).or_default() += 1;
    }
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for (text, id) in &mut ids {
        if id.len() > LIMIT || seen[id] > 1 || id.is_empty() {
            id.truncate(LIMIT - 8);
            id.push_str(&hex(&Sha256::digest(text.as_bytes())[..4]));
        }
        while !taken.insert(id.clone()) {
            id.push('X');
        }
    }
    ids
}

fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(1);
        words.push_str(&first.to_ascii_uppercase());
        words.push_str(rest);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_letters_and_digits() {
        let ids = ids(["users/api/listener.80", "_stack/network/private-subnet-1"]);
        assert_eq!(ids["users/api/listener.80"], "UsersApiListener80");
        assert_eq!(ids["_stack/network/private-subnet-1"], "StackNetworkPrivateSubnet1");
    }

    #[test]
    fn texts_that_come_to_the_same_get_ids_of_their_own() {
        let ids = ids(["a-b/c/queue", "a/b-c/queue", "a/b/c-queue"]);
        let unique: BTreeSet<&String> = ids.values().collect();
        assert_eq!(unique.len(), 3);
        assert!(ids.values().all(|id| id.starts_with("ABCQueue") && id.chars().all(|c| c.is_ascii_alphanumeric())));
    }
}
