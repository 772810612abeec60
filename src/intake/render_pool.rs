//! Rendering beside the requests, on threads that may take their time, but not for ever.
//!
//! A job always ends with an answer: one whose time is over goes on without templates.

use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::render::template::{RenderBudget, Stop};

/// The longest that all renders of a request take; then templates are stopped, and built-in
/// messages go out. Fuel ends them long before, so this is for what fuel does not see.
const LONGEST: Duration = Duration::from_secs(5);

/// How many jobs are done at once where there are fewer processors. One holds a parsed body and the
/// texts that its templates make, tens of MiB at the worst, and more jobs than processors are not
/// faster; but four of them may wait for slow templates before the next one does.
const AT_ONCE: usize = 4;

/// The threads that render, and how many jobs they take at once.
#[derive(Debug)]
pub(super) struct RenderPool {
    turns: Arc<Semaphore>,
}

impl Default for RenderPool {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self::new(processors.max(AT_ONCE))
    }
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
    /// A job that waited too long for its turn renders without templates. The templates of a job
    /// are stopped as soon as its caller is gone.
    ///
    /// # Errors
    ///
    /// When it panics, which is a defect.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        clock: &dyn Clock,
        job: impl FnOnce(RenderBudget) -> T + Send + 'static,
    ) -> Result<T, RenderPanicked> {
        let end = End(Stop::default());
        let budget = RenderBudget::new(end.0.clone());
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
                end.0.stop();
                done.await
            }
            done = &mut done => done,
        };
        done.or(Err(RenderPanicked))
    }
}

/// Stops the templates of a job whose caller is gone.
struct End(Stop);

impl Drop for End {
    fn drop(&mut self) {
        self.0.stop();
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
        let pool = RenderPool::default();
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
    async fn renders_that_nobody_waits_for_are_stopped() {
        let clock = clock();
        let pool = Arc::new(RenderPool::default());
        let ((begun, has_begun), (ended, has_ended)) = (mpsc::channel(), mpsc::channel());
        let request = tokio::spawn(async move {
            let work = move |budget: RenderBudget| {
                begun.send(()).unwrap();
                until_stopped(&budget);
                ended.send(()).unwrap();
            };
            pool.run(&*clock, work).await.is_ok()
        });
        tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
        request.abort();
        let ended = tokio::task::spawn_blocking(move || has_ended.recv());
        assert_eq!(ended.await.unwrap(), Ok(()));
    }
}
