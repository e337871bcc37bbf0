//! When a failed call is made again.
//!
//! In: the class of a failure, what the provider asked for, injected randomness. Out: how long to wait, or that the budget is spent.

use std::time::Duration;

use super::provider::{Class, Failure};

/// How a class is retried.
#[derive(Debug, Clone, Copy)]
struct Policy {
    first: Duration,
    longest: Duration,
    tries: u32,
    budget: Duration,
}

impl Policy {
    /// `None` for failures that trying again does not mend.
    fn of(class: Class) -> Option<Self> {
        let seconds = Duration::from_secs;
        match class {
            // Bounded by the time limit of the step alone.
            Class::Throttle => Some(Self { first: seconds(1), longest: seconds(30), tries: u32::MAX, budget: Duration::MAX }),
            Class::Transient => Some(Self { first: seconds(1), longest: seconds(30), tries: 10, budget: seconds(180) }),
            Class::Conflict => Some(Self { first: seconds(2), longest: seconds(30), tries: u32::MAX, budget: seconds(300) }),
            Class::Terminal => None,
        }
    }
}

/// The retries of one call.
#[derive(Debug)]
pub(super) struct Retries {
    random: Random,
    spent: [(u32, Duration); 3],
}

impl Retries {
    pub(super) fn new(random: Random) -> Self {
        Self { random, spent: [(0, Duration::ZERO); 3] }
    }

    /// The pause before the next try; `None` when there is none. Each class has a budget of its own, so that a conflict after many
    /// throttles is still waited for.
    pub(super) fn pause(&mut self, failure: &Failure) -> Option<Duration> {
        let policy = Policy::of(failure.class)?;
        let (tries, waited) = &mut self.spent[failure.class as usize];
        *tries = tries.saturating_add(1);
        if *tries >= policy.tries || *waited >= policy.budget {
            return None;
        }
        let doubled = policy.first.saturating_mul(1 << (*tries - 1).min(10)).min(policy.longest);
        let pause = failure.retry_after.unwrap_or(doubled).mul_f64(0.75 + 0.5 * self.random.fraction());
        *waited = waited.saturating_add(pause);
        Some(pause)
    }
}

/// A sequence of random numbers from a seed (`SplitMix64`), so that runs can be repeated.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The sequence of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number, at least 0 and below 1.
    pub fn fraction(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
        let bits = (self.number() >> 11) as f64;
        bits / 9_007_199_254_740_992.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(class: Class) -> Vec<f64> {
        let mut retries = Retries::new(Random::new(1));
        let failure = Failure::new(class, "x", "");
        std::iter::from_fn(|| retries.pause(&failure)).map(|pause| pause.as_secs_f64()).take(1000).collect()
    }

    #[test]
    fn a_transient_failure_is_tried_ten_times_at_most() {
        let pauses = pauses(Class::Transient);
        assert!(pauses.len() <= 9, "{pauses:?}");
        for (pause, wanted) in pauses.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]) {
            assert!((wanted * 0.75..wanted * 1.25).contains(pause), "{pause} is not {wanted} within a quarter");
        }
    }

    #[test]
    fn a_conflict_is_waited_for_about_five_minutes() {
        let total: f64 = pauses(Class::Conflict).iter().sum();
        assert!((300.0..340.0).contains(&total), "{total}");
    }

    #[test]
    fn a_throttle_is_not_counted_and_a_terminal_failure_not_repeated() {
        assert_eq!(pauses(Class::Throttle).len(), 1000);
        assert_eq!(pauses(Class::Terminal).len(), 0);
    }

    #[test]
    fn the_provider_may_ask_for_a_pause() {
        let mut retries = Retries::new(Random::new(7));
        let failure = Failure { retry_after: Some(Duration::from_secs(40)), ..Failure::new(Class::Throttle, "x", "") };
        let pause = retries.pause(&failure).unwrap().as_secs_f64();
        assert!((30.0..50.0).contains(&pause), "{pause}");
    }

    #[test]
    fn random_numbers_are_those_of_splitmix64() {
        // The reference values of the algorithm for seed 0.
        let mut random = Random::new(0);
        assert_eq!([random.number(), random.number()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }
}
