//! Codes of the state and the journal.

codes! {
    P7001 Failure Error "state cannot be read";
    P7002 Failure Error "state is corrupt";
    P7003 Failure Error "state was written by a newer panka";
    P7004 Failure Error "state belongs to another stack, environment or lineage";
    P7005 Stale Error "state changed underneath";
    P7006 Usage Error "address is not in the state";
    P7007 Failure Error "state or journal cannot be written";
    P7008 Failure Error "journal is damaged";
    P7009 Usage Error "state refused";
    P7010 Usage Error "address is in the state already";
    P7011 Bug Error "invariant of the state would be broken";
    P7012 Failure Error "state was deleted";
    P7013 Failure Error "state was moved to another backend";
    P7014 Usage Warning "physical name follows the old address";
}
