//! The wish to end early, heard by whoever is at work: a signal to the process, or the loss of the lock.
//!
//! Whoever holds something that must be given back minds the signals: while anybody does, nothing is dropped under his hands, and he ends by
//! himself. Nobody minding, the first signal ends the verb where it stands.

use tokio::sync::watch;

/// Signals after which even somebody who minds them is left: he has heard the first to finish, and the second to leave what he does.
const ENOUGH: u8 = 3;

/// What is wished.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Wish {
    interrupts: u8,
    lost: Option<String>,
    minding: usize,
}

/// A wish to end early. Clones are the same wish.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<Wish>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(Wish::default()))
    }
}

/// Somebody minds the signals until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Minding(Stop);

impl Drop for Minding {
    fn drop(&mut self) {
        self.0.0.send_modify(|wish| wish.minding -= 1);
    }
}

impl Stop {
    /// A signal has come.
    pub fn interrupt(&self) {
        self.0.send_modify(|wish| wish.interrupts = wish.interrupts.saturating_add(1));
    }

    /// The lock is lost, and why. The first reason counts; true when this is it.
    pub fn lose(&self, why: &str) -> bool {
        let mut first = false;
        self.0.send_modify(|wish| {
            first = wish.lost.is_none();
            wish.lost.get_or_insert_with(|| why.to_owned());
        });
        first
    }

    /// How many signals have come.
    pub fn interrupts(&self) -> u8 {
        self.0.borrow().interrupts
    }

    /// Why the lock is lost, when it is.
    pub fn lost(&self) -> Option<String> {
        self.0.borrow().lost.clone()
    }

    /// Resolves when so many signals have come.
    pub async fn interrupted(&self, times: u8) {
        self.until(|wish| wish.interrupts >= times).await;
    }

    /// Resolves when the lock is lost.
    pub async fn lock_lost(&self) {
        self.until(|wish| wish.lost.is_some()).await;
    }

    /// Minds the signals from now on.
    pub fn mind(&self) -> Minding {
        self.0.send_modify(|wish| wish.minding += 1);
        Minding(self.clone())
    }

    /// Resolves when there was a signal that nobody minds, or more signals than anybody may mind.
    pub async fn unminded(&self) {
        self.until(|wish| wish.interrupts >= ENOUGH || (wish.interrupts > 0 && wish.minding == 0)).await;
    }

    async fn until(&self, met: impl Fn(&Wish) -> bool) {
        // The sender is here, so that waiting cannot end otherwise.
        drop(self.0.subscribe().wait_for(|wish| met(wish)).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn is_over(wait: impl Future<Output = ()>) -> bool {
        tokio::time::timeout(std::time::Duration::from_millis(1), wait).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_signal_ends_what_nobody_minds() {
        let stop = Stop::default();
        assert!(!is_over(stop.unminded()).await);
        let minding = stop.mind();
        stop.clone().interrupt();
        assert!(is_over(stop.interrupted(1)).await && !is_over(stop.interrupted(2)).await);
        assert!(!is_over(stop.unminded()).await, "somebody minds it");
        drop(minding);
        assert!(is_over(stop.unminded()).await);
    }

    #[tokio::test(start_paused = true)]
    async fn the_third_signal_ends_everything() {
        let stop = Stop::default();
        let _minding = stop.mind();
        for over in [false, false, true] {
            stop.interrupt();
            assert_eq!(is_over(stop.unminded()).await, over);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lock_is_lost_once() {
        let stop = Stop::default();
        assert!(!is_over(stop.lock_lost()).await);
        assert!(stop.lose("taken over") && !stop.lose("run out"));
        assert!(is_over(stop.lock_lost()).await);
        assert_eq!(stop.lost().as_deref(), Some("taken over"));
    }
}
