//! Codes of the engines.

codes! {
    P5001 Failure Error "no Pulumi here";
    P5002 Failure Error "Pulumi of another version than is needed";
    P5003 Failure Error "plugin of Pulumi missing or too old";
    P5004 Usage Error "Pulumi has nothing to encrypt secrets with";
    P5005 LockHeld Error "Pulumi's own lock is held";
    P5006 Incomplete Error "Pulumi failed";
    P5007 Incomplete Error "Pulumi did something else than was planned";
    P5008 Invalid Error "a program of Pulumi cannot say this";
    P5009 Stale Error "Pulumi's own state and panka's differ";
    P5010 Failure Error "simulated account unreadable or damaged";
    P5011 Usage Error "simulated engine with a real backend";
    P5012 Usage Error "engine not offered here";
    P5013 Usage Error "fault script is not valid";
    P5014 Usage Error "stack belongs to another engine";
    P5015 Failure Error "a command of Pulumi failed";
    P5016 Failure Error "Pulumi cannot take a stack over";
    P5100 Incomplete Error "resource operation failed";
    P5101 Incomplete Error "resource exists already";
    P5102 Incomplete Error "resource operation timed out";
    P5103 Incomplete Warning "resource was deleted outside of panka";
}
