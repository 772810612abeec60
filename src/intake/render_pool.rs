//! Rendering beside the requests, on threads that may take their time, but not for ever.
//!
//! A job always ends with an answer: one whose time is over goes on without templates. A job for which
//! nobody waits any more is told to end, and one that has no turn yet never begins. Large notifications
//! have turns of their own, so that small ones never wait for them.

use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::render::RenderBudget;
use crate::render::template::Stop;

/// The longest that all renders of a request take; then templates are stopped, and built-in
/// messages go out. Fuel ends them long before, so this is for what fuel does not see.
const LONGEST: Duration = Duration::from_secs(5);

/// How many small jobs are done at once where there are fewer processors: more jobs than processors
/// are not faster; but four of them may wait for slow templates before the next one does.
const AT_ONCE: usize = 4;

/// The heaviest payload that is small; Alertmanager sends some eighty alerts in as much.
const SMALL_BYTES: usize = 64 * 1024;

/// The threads that render small payloads, and those that render large ones.
#[derive(Debug)]
pub(super) struct RenderPools {
    small: RenderPool,
    large: RenderPool,
}

impl Default for RenderPools {
    /// One processor, if there are several, is left by the large payloads. Each of them holds a parsed
    /// body and the texts that its templates make, tens of MiB at the worst.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let (small, large) = (processors.max(AT_ONCE), processors.saturating_sub(1).max(1));
        Self { small: RenderPool::new(small), large: RenderPool::new(large) }
    }
}

impl RenderPools {
    /// Where a payload of this weight is rendered, in bytes.
    pub(super) fn of_weight(&self, weight: usize) -> &RenderPool {
        if weight <= SMALL_BYTES { &self.small } else { &self.large }
    }
}

/// Threads that render, and how many jobs they take at once.
#[derive(Debug)]
pub(super) struct RenderPool {
    turns: Arc<Semaphore>,
}

/// A job of the render pool panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("rendering panicked")]
pub struct RenderPanicked;

/// Does a `job` that is over before a thread of the pool would have begun.
pub(super) fn run_here<T>(job: impl FnOnce(RenderBudget) -> T) -> T {
    job(RenderBudget::new(Stop::default()))
}

impl RenderPool {
    pub(super) fn new(turns: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(turns)) }
    }

    /// Does `job` as soon as it has its turn.
    ///
    /// A job that waited too long for its turn renders without templates. A job whose caller is gone is
    /// told so by its budget.
    ///
    /// # Errors
    ///
    /// When it panics, which is a defect.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        clock: &dyn Clock,
        job: impl FnOnce(RenderBudget) -> T + Send + 'static,
    ) -> Result<T, RenderPanicked> {
        let end = End::default();
        let budget = RenderBudget::new(end.templates.clone()).until(end.all.clone());
        let done = async {
            // Never closed, so a turn comes.
            let turn = Arc::clone(&self.turns).acquire_owned().await;
            let job = move || {
                let done = job(budget);
                drop(turn);
                done
            };
            tokio::task::spawn_blocking(job).await
        };
        let limit = clock.sleep_until(clock.now().boot + LONGEST);
        tokio::pin!(done);
        let done = tokio::select! {
            // The limit first: a job that gets its turn too late begins stopped.
            biased;
            () = limit => {
                end.templates.stop();
                done.await
            }
            done = &mut done => done,
        };
        done.or(Err(RenderPanicked))
    }
}

/// Stops a job whose caller is gone, and its templates at once.
#[derive(Default)]
struct End {
    templates: Stop,
    all: Stop,
}

impl Drop for End {
    fn drop(&mut self) {
        self.all.stop();
        self.templates.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::clock::ManualClock;

    fn clock() -> Arc<ManualClock> {
        Arc::new(ManualClock::new("2026-11-20T19:12:00Z".parse().unwrap()))
    }

    fn until_stopped(budget: &RenderBudget) {
        while !budget.is_stopped() {
            std::thread::yield_now();
        }
    }

    #[tokio::test]
    async fn work_that_takes_too_long_is_told_to_stop() {
        let clock = clock();
        let pool = RenderPool::new(1);
        let (begun, has_begun) = mpsc::channel();
        let moved = Arc::clone(&clock);
        let hand = std::thread::spawn(move || {
            has_begun.recv().unwrap();
            moved.advance(LONGEST);
        });
        let done = pool.run(&*clock, move |budget| {
            begun.send(()).unwrap();
            until_stopped(&budget);
            7
        });
        assert_eq!(done.await, Ok(7));
        hand.join().unwrap();
        let panicked = pool.run(&*clock, |_| panic!("planted")).await;
        assert_eq!(panicked, Err::<(), _>(RenderPanicked));
    }

    #[tokio::test]
    async fn so_many_render_at_once_and_the_rest_waits_and_is_done_all_the_same() {
        let clock = clock();
        let pool = Arc::new(RenderPool::new(AT_ONCE));
        let (begun, has_begun) = mpsc::channel();
        let all: Vec<_> = (0..AT_ONCE + 3)
            .map(|_| {
                let (pool, clock) = (Arc::clone(&pool), Arc::clone(&clock));
                let begun = begun.clone();
                tokio::spawn(async move {
                    let work = move |budget: RenderBudget| {
                        begun.send(budget.is_stopped()).unwrap();
                        until_stopped(&budget);
                    };
                    pool.run(&*clock, work).await.is_ok()
                })
            })
            .collect();
        let at_once = tokio::task::spawn_blocking(move || {
            let first: Vec<bool> = has_begun.iter().take(AT_ONCE).collect();
            (first, has_begun)
        });
        let (first, has_begun) = at_once.await.unwrap();
        assert_eq!(first, [false; AT_ONCE]);
        assert_eq!(pool.turns.available_permits(), 0, "so the others cannot have begun");
        clock.advance(LONGEST);
        for one in all {
            assert!(one.await.unwrap());
        }
        assert_eq!(has_begun.try_iter().collect::<Vec<_>>(), [true; 3], "no time is left for them");
    }

    #[tokio::test]
    async fn a_job_that_nobody_waits_for_is_told_so_and_one_without_a_turn_never_begins() {
        let clock = clock();
        let pool = Arc::new(RenderPool::new(1));
        let ((begun, has_begun), (ended, has_ended)) = (mpsc::channel(), mpsc::channel());
        let work = |name: &'static str| {
            let (pool, clock) = (Arc::clone(&pool), Arc::clone(&clock));
            let (begun, ended) = (begun.clone(), ended.clone());
            let work = move |budget: RenderBudget| {
                begun.send(name).unwrap();
                while !budget.is_abandoned() {
                    std::thread::yield_now();
                }
                ended.send(budget.is_stopped()).unwrap();
            };
            tokio::spawn(async move { pool.run(&*clock, work).await })
        };
        let first = work("first");
        let has_begun = tokio::task::spawn_blocking(move || {
            assert_eq!(has_begun.recv(), Ok("first"));
            has_begun
        });
        let has_begun = has_begun.await.unwrap();
        let waiting = work("waiting");
        tokio::task::yield_now().await;
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        clock.advance(LONGEST / 2);
        first.abort();
        let ended = tokio::task::spawn_blocking(move || has_ended.recv());
        assert_eq!(ended.await.unwrap(), Ok(true), "its templates are stopped too");
        assert_eq!(pool.run(&*clock, |budget| budget.is_abandoned()).await, Ok(false));
        assert!(has_begun.try_recv().is_err(), "the one that waited never began");
    }

    #[tokio::test]
    async fn small_payloads_do_not_wait_for_large_ones() {
        let (clock, pools) = (clock(), RenderPools::default());
        let large = pools.of_weight(SMALL_BYTES + 1);
        let all = u32::try_from(large.turns.available_permits()).unwrap();
        let _turns = large.turns.acquire_many(all).await.unwrap();
        assert_eq!(pools.of_weight(SMALL_BYTES).run(&*clock, |_| 7).await, Ok(7));
    }
}
