//! Entries that could not be journaled: what a run learned after it had lost its lock, or while the store was out of reach.
//!
//! In: entries. Out: lines for a file, each a journal object of its own with its digest; and the way back into a state, through the journal
//! of whoever holds the lock then.

use super::format::{Source, journal_bytes, read_journal};
use super::store::Tag;
use super::{Entry, Journal, State, What};
use crate::diagnostic::codes::state::P7004;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::{Digest, Kind};

/// The lines for entries of a run, one each, counted from 1.
pub fn orphan_lines(lineage: &str, run: &str, scope: &str, epoch: u64, entries: &[Entry]) -> String {
    let mut text = String::new();
    for (seq, entry) in (1..).zip(entries) {
        let mut journal = Journal {
            kind: Kind::new(),
            lineage: lineage.to_owned(),
            run: run.to_owned(),
            scope: scope.to_owned(),
            epoch,
            seq,
            entries: vec![entry.clone()],
            digest: Digest::of_bytes(&[]),
        };
        text.push_str(&String::from_utf8_lossy(&journal_bytes(&mut journal)));
    }
    text
}

/// Reads such lines back and keeps the entries that still say something: answers and results of operations that are unfinished in the
/// state. Also tells how many do not.
pub fn read_orphans(text: &str, name: &str, state: &State) -> Result<(Vec<What>, usize), Error> {
    let mut kept = Vec::new();
    let mut idle = 0;
    for (number, line) in (1..).zip(text.lines()) {
        let tag = Tag::new(format!("line {number}"));
        let location = format!("{name}:{number}");
        let bytes = format!("{line}\n").into_bytes();
        let epoch = serde_json::from_slice::<Journal>(&bytes).map_or(0, |journal| journal.epoch);
        let journal = read_journal(&bytes, Source { location: &location, tag: &tag }, "", epoch, number)?;
        if journal.lineage != state.lineage {
            return Err(Diagnostic::new(
                P7004,
                format!("{location}: its `lineage` is {}, but that of the state is {}", journal.lineage, state.lineage),
            )
            .help("it belongs to another stack or environment: name that with -s and -e")
            .into());
        }
        for entry in journal.entries {
            if is_awaited(&entry.what, state) {
                kept.push(entry.what);
            } else {
                idle += 1;
            }
        }
    }
    Ok((kept, idle))
}

fn is_awaited(what: &What, state: &State) -> bool {
    let (address, token) = match what {
        What::Accepted(accepted) => (&accepted.address, &accepted.token),
        What::Result(outcome) => (&outcome.address, &outcome.token),
        What::Begin(_) | What::Intent(_) | What::Edit(_) | What::Fold(_) | What::End(_) | What::Seal(_) => return false,
    };
    let pending = state.resources.get(address).and_then(|record| record.pending.as_ref());
    pending.is_some_and(|pending| pending.intent.token == *token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::state::P7008;
    use crate::state::tests::{AT, address, intent, journal, outcome, sample};
    use crate::state::{Ended, Operation, fold};

    #[test]
    fn what_a_lost_run_learned_is_fed_back_where_it_is_awaited() {
        let mut state = sample();
        let call = intent("b/jobs/new", Operation::Create, "t", None);
        fold(&mut state, &journal(2, 1, "stack", vec![What::Intent(Box::new(call))])).unwrap();
        let result = |token| What::Result(Box::new(outcome("b/jobs/new", Operation::Create, token, Ended::Done, Some("new-1"))));
        let entries: Vec<Entry> = ["t", "other"].map(|token| Entry { at: AT.to_owned(), what: result(token) }).into();
        let text = orphan_lines("lineage-1", "run-2", "stack", 2, &entries);
        assert_eq!(text.lines().count(), 2);
        assert_eq!(read_orphans(&text, "o.ndjson", &state).unwrap(), (vec![result("t")], 1));
        assert_eq!(read_orphans(&text.replace("new-1", "new-2"), "o", &state).unwrap_err().findings()[0].code, P7008);
        state.lineage = "other".to_owned();
        assert_eq!(read_orphans(&text, "o", &state).unwrap_err().findings()[0].code, P7004);
        assert!(!state.resources.contains_key(&address("b/jobs/gone")));
    }
}
