//! Time and chance as they are injected: wall clock, ids, jitter.
//!
//! In: a [`Clock`] made by `context`. Out: timestamps, ids and waits for the state, the journal and the lock. What is *done* never hangs on
//! the wall clock alone; leases are measured on the monotonic clock of the runtime.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Sleep;
use uuid::Builder;

/// A wall clock and a source of randomness.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Tells whether it shows the time of the world, so that it can be wrong.
    fn can_be_wrong(&self) -> bool {
        true
    }

    /// The monotonic clock: time since some moment in the past. It never jumps, and may stand still while the machine sleeps.
    fn elapsed(&self) -> Duration;

    /// Waits for so long on the monotonic clock.
    fn pause(&self, length: Duration) -> Sleep {
        tokio::time::sleep(length)
    }

    /// Bytes that nobody can foresee.
    fn random(&self) -> [u8; 10];
}

/// A clock that many tasks share.
pub type SharedClock = Arc<dyn Clock>;

impl dyn Clock {
    /// Time since a reading of the monotonic clock.
    pub fn since(&self, reading: Duration) -> Duration {
        self.elapsed().saturating_sub(reading)
    }

    /// The wall clock as documents write it.
    pub fn stamp(&self) -> String {
        rfc3339(self.now())
    }

    /// A new id, ordered by time: a UUID of version 7.
    pub fn id(&self) -> String {
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.random()).into_uuid().to_string()
    }

    /// A duration anywhere between two.
    pub fn between(&self, from: Duration, to: Duration) -> Duration {
        let [a, b, c, d, ..] = self.random();
        from + to.saturating_sub(from).mul_f64(f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX))
    }
}

/// RFC 3339 with milliseconds, UTC.
pub fn rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Milliseconds with two decimals, for people who read logs.
pub fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    use super::*;

    /// A clock that follows the runtime's (virtual) time, may go faster or slower than it, may be put forward or back, and counts instead of
    /// throwing dice.
    #[derive(Debug)]
    pub(crate) struct TestClock {
        start: tokio::time::Instant,
        /// Its seconds in a second of the runtime.
        rate: f64,
        skew: AtomicI64,
        count: AtomicU64,
    }

    impl TestClock {
        /// A clock that starts now; to be made inside of a runtime.
        pub(crate) fn shared() -> Arc<Self> {
            Arc::new(Self::of(0))
        }

        /// A clock with dice of its own.
        pub(crate) fn of(seed: u32) -> Self {
            let count = AtomicU64::new(u64::from(seed) << 32);
            Self { start: tokio::time::Instant::now(), rate: 1.0, skew: AtomicI64::new(0), count }
        }

        /// The same with another rate, and a wall clock that is ahead by so many seconds.
        pub(crate) fn drifting(self, rate: f64, ahead: i64) -> Self {
            Self { rate, skew: AtomicI64::new(ahead * 1000), ..self }
        }

        /// Puts the wall clock, and nothing else, forward.
        pub(crate) fn advance(&self, by: Duration) {
            self.skew.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::Relaxed);
        }
    }

    impl Clock for TestClock {
        fn now(&self) -> Timestamp {
            let elapsed = i64::try_from(self.elapsed().as_millis()).unwrap();
            Timestamp::from_millisecond(1_790_000_000_000 + elapsed + self.skew.load(Ordering::Relaxed)).unwrap()
        }

        fn elapsed(&self) -> Duration {
            self.start.elapsed().mul_f64(self.rate)
        }

        fn pause(&self, length: Duration) -> Sleep {
            tokio::time::sleep(length.div_f64(self.rate))
        }

        fn random(&self) -> [u8; 10] {
            // A fixed scramble of a counter: different every time, the same in every run.
            let count = self.count.fetch_add(1, Ordering::Relaxed).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut bytes = [0; 10];
            bytes[..8].copy_from_slice(&(count ^ (count >> 29)).to_le_bytes());
            bytes
        }
    }

    #[tokio::test]
    async fn ids_are_ordered_by_time_and_differ() {
        let test = TestClock::shared();
        let clock: SharedClock = test.clone();
        let first = clock.id();
        assert_ne!(first, clock.id());
        test.advance(Duration::from_millis(5));
        assert!(clock.id() > first);
    }

    #[tokio::test]
    async fn jitter_stays_between_its_bounds() {
        let clock: SharedClock = TestClock::shared();
        for _ in 0..100 {
            let wait = clock.between(Duration::from_secs(2), Duration::from_secs(10));
            assert!((2.0..=10.0).contains(&wait.as_secs_f64()), "{wait:?}");
        }
    }

    #[test]
    fn times_are_written_with_milliseconds() {
        assert_eq!(rfc3339("2026-11-23T14:02:11Z".parse().unwrap()), "2026-11-23T14:02:11.000Z");
    }
}
