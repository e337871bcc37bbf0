//! Codes of locks.

codes! {
    P6001 LockHeld Error "lock is held";
    P6002 Stale Error "lock was lost";
    P6003 Usage Error "lock is not held by this id";
    P6004 Failure Error "lock cannot be read or written";
    P6005 Failure Error "lock record is damaged";
    P6006 Usage Error "lease length out of range";
    P6007 Stale Warning "lock was taken over before its release";
}
