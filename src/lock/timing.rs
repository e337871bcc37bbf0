//! The numbers of leases.

use std::time::Duration;

use crate::diagnostic::codes::lock::P6006;
use crate::diagnostic::{Diagnostic, Error};

/// How long leases last and how often they are renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    ttl: Duration,
    heartbeat: Duration,
}

impl Default for Timing {
    /// A crashed run frees its place in about a minute; three renewals may fail in a row.
    fn default() -> Self {
        Self { ttl: Duration::from_mins(1), heartbeat: Duration::from_secs(15) }
    }
}

impl Timing {
    /// Lengths that a lease may have.
    pub const RANGE: std::ops::RangeInclusive<Duration> = Duration::from_secs(2)..=Duration::from_hours(1);

    /// Longest lease that is handed to a script.
    pub const LONGEST_HANDED: Duration = Duration::from_hours(24);

    /// A lease of `ttl`, renewed every `heartbeat`.
    pub fn new(ttl: Duration, heartbeat: Duration) -> Result<Self, Error> {
        if !Self::RANGE.contains(&ttl) {
            return Err(out_of_range("locks.ttl", ttl, "2 s to 1 h"));
        }
        if heartbeat.is_zero() || heartbeat > ttl / 3 {
            return Err(out_of_range(
                "locks.heartbeat",
                heartbeat,
                &format!("more than 0 s and at most a third of locks.ttl, {:?}", ttl / 3),
            ));
        }
        Ok(Self { ttl, heartbeat })
    }

    /// Refuses a length for a lease that is handed to a script.
    pub fn check_handed(ttl: Duration) -> Result<Duration, Error> {
        if (*Self::RANGE.start()..=Self::LONGEST_HANDED).contains(&ttl) { Ok(ttl) } else { Err(out_of_range("--ttl", ttl, "2 s to 24 h")) }
    }

    /// Length of a lease.
    pub fn ttl(self) -> Duration {
        self.ttl
    }

    /// Time between renewals.
    pub fn heartbeat(self) -> Duration {
        self.heartbeat
    }

    /// The end of a lease in which no step starts; a contender waits as much longer.
    pub fn guard(ttl: Duration) -> Duration {
        ttl / 6
    }

    /// How long a contender must see a holder unchanged before it takes it for dead.
    pub fn window(ttl: Duration) -> Duration {
        ttl + Self::guard(ttl)
    }

    /// Age of the last renewal from which a holder counts as late.
    pub fn late(self) -> Duration {
        2 * self.heartbeat
    }
}

fn out_of_range(what: &str, given: Duration, range: &str) -> Error {
    Diagnostic::new(P6006, format!("{what} is {given:?}, expected {range}"))
        .help("`panka config show --origin` shows where it is set")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_a_minute_with_four_renewals() {
        let timing = Timing::default();
        assert_eq!(Timing::new(timing.ttl(), timing.heartbeat()), Ok(timing));
        assert_eq!(Timing::guard(timing.ttl()), Duration::from_secs(10));
        assert_eq!(Timing::window(timing.ttl()), Duration::from_secs(70));
        assert_eq!(timing.late(), Duration::from_secs(30));
    }

    #[test]
    fn lengths_out_of_range_are_refused() {
        let seconds = Duration::from_secs;
        for (ttl, heartbeat) in [(1, 1), (3601, 15), (60, 21), (60, 0)] {
            assert!(Timing::new(seconds(ttl), seconds(heartbeat)).is_err(), "{ttl} {heartbeat}");
        }
        assert!(Timing::new(seconds(2), Duration::from_millis(500)).is_ok());
        assert!(Timing::check_handed(seconds(86_400)).is_ok() && Timing::check_handed(seconds(86_401)).is_err());
    }
}
