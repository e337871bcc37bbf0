//! Codes of the engines.

codes! {
    P5008 Invalid Error "a program of Pulumi cannot say this";
    P5010 Failure Error "simulated account unreadable or damaged";
    P5011 Usage Error "simulated engine with a real backend";
    P5012 Usage Error "engine not offered here";
    P5013 Usage Error "fault script is not valid";
    P5014 Usage Error "stack belongs to another engine";
    P5100 Incomplete Error "resource operation failed";
    P5101 Incomplete Error "resource exists already";
    P5102 Incomplete Error "resource operation timed out";
}
