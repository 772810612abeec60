//! The memory that unread answers hold, of all connections together.
//!
//! An answer waits for nobody's leave to be made, so that clients that do not read keep no other waiting;
//! what their answers hold is bounded by those that were made first giving way.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// How much the answers hold that are not read.
#[derive(Debug)]
pub(super) struct Answers {
    held: AtomicU64,
    most: u64,
    full: Notify,
}

impl Answers {
    pub(super) fn new(most: u64) -> Self {
        Self { held: AtomicU64::new(0), most, full: Notify::new() }
    }

    pub(super) fn hold(&self, bytes: u64) {
        if self.held.fetch_add(bytes, Ordering::Relaxed) + bytes > self.most {
            self.full.notify_one();
        }
    }

    pub(super) fn free(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn is_full(&self) -> bool {
        self.held.load(Ordering::Relaxed) > self.most
    }

    /// Waits until they hold more than they may.
    pub(super) async fn full(&self) {
        self.full.notified().await;
    }

    /// Which of these give way so that the rest holds no more than it may: when each answer was made, what
    /// it holds, and whose it is. The oldest go first, and the small ones, which free nothing, not at all.
    pub(super) fn too_many<B: Ord, N: Ord>(&self, mut answers: Vec<(B, u64, N)>) -> Vec<N> {
        let mut held: u64 = answers.iter().map(|(_, bytes, _)| bytes).sum();
        answers.retain(|(_, bytes, _)| *bytes >= SMALL);
        answers.sort_unstable();
        let mut chosen = Vec::new();
        for (_, bytes, number) in answers {
            if held <= self.most {
                break;
            }
            held -= bytes;
            chosen.push(number);
        }
        chosen
    }
}

/// An answer below this size holds little: as many as there are connections by default are 16 MiB.
const SMALL: u64 = 4 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_large_answers_give_way_until_the_rest_has_room() {
        let answers = Answers::new(100_000);
        for (given, expected) in [
            (vec![], vec![]),
            (vec![(1, 100_000, 'a')], vec![]),
            (vec![(2, 60_000, 'a'), (1, 60_000, 'b')], vec!['b']),
            (vec![(1, 1_000, 'a'), (2, 60_000, 'b'), (3, 60_000, 'c')], vec!['b']),
            (vec![(1, 90_000, 'a'), (2, 90_000, 'b'), (3, 90_000, 'c')], vec!['a', 'b']),
        ] {
            assert_eq!(answers.too_many(given.clone()), expected, "{given:?}");
        }
    }

    #[tokio::test]
    async fn it_is_told_as_soon_as_they_hold_too_much() {
        let answers = Answers::new(10);
        answers.hold(10);
        assert!(!answers.is_full());
        answers.hold(1);
        answers.full().await;
        assert!(answers.is_full());
        answers.free(11);
        assert!(!answers.is_full());
    }
}
