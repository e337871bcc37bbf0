//! The nearest known word to a mistyped one.

use std::cmp::Reverse;

/// The largest number of edits that still counts as a typing error.
const NEAR: usize = 3;

/// Returns the candidate that `word` was most likely meant to be: equal but for case, hyphens and underscores, or
/// within three edits, fewer for short words. Of equally near ones the first in alphabetical order.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| {
            let known = fold(candidate);
            let distance = if known == folded { 0 } else { strsim::damerau_levenshtein(&folded, &known) };
            let limit = NEAR.min(folded.chars().count().max(known.chars().count()) / 2);
            (distance <= limit).then_some((Reverse(distance), Reverse(candidate)))
        })
        .max()
        .map(|(_, Reverse(candidate))| candidate)
}

fn fold(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_swapped_letter_is_seen_through() {
        assert_eq!(closest("QueueNmae", ["QueueName", "QueueUrl"]), Some("QueueName"));
    }

    #[test]
    fn another_case_is_nearer_than_any_edit() {
        assert_eq!(closest("queue_name", ["QueueName", "QueueNames"]), Some("QueueName"));
    }

    #[test]
    fn an_unrelated_word_gets_no_guess() {
        assert_eq!(closest("Colour", ["QueueName", "Tags"]), None);
    }

    #[test]
    fn short_words_need_more_than_any_three_letters() {
        assert_eq!(closest("abc", ["xyz"]), None);
        assert_eq!(closest("S", ["B", "N"]), None);
    }

    #[test]
    fn of_equally_near_words_the_first_is_taken() {
        assert_eq!(closest("porf", ["port", "pore"]), Some("pore"));
    }
}
