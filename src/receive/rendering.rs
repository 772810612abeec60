//! Rendering beside the requests: on a thread that may take its time, but not for ever.

use std::time::Duration;

use super::error::ReceiveError;
use crate::clock::Clock;
use crate::render::template::{Renders, Stop};

/// The longest that all renders of a request take; then templates are stopped, and built-in
/// messages go out. Fuel ends them long before, so this is for what fuel does not see.
const LONGEST: Duration = Duration::from_secs(5);

/// Does `work`, which renders.
///
/// # Errors
///
/// When it panics, which is a defect.
pub(super) async fn bounded<T: Send + 'static>(
    clock: &dyn Clock,
    work: impl FnOnce(Renders) -> T + Send + 'static,
) -> Result<T, ReceiveError> {
    let stop = Stop::default();
    let renders = Renders::new(stop.clone());
    let limit = clock.sleep_until(clock.now().boot + LONGEST);
    let mut work = tokio::task::spawn_blocking(move || work(renders));
    let done = tokio::select! {
        biased;
        done = &mut work => done,
        () = limit => {
            stop.stop();
            work.await
        }
    };
    done.or(Err(ReceiveError::Defect("rendering panicked")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc;

    use super::*;
    use crate::clock::ManualClock;

    #[tokio::test]
    async fn work_that_takes_too_long_is_told_to_stop() {
        let clock = Arc::new(ManualClock::new("2026-11-20T19:12:00Z".parse().unwrap()));
        let (begun, has_begun) = mpsc::channel();
        let moved = Arc::clone(&clock);
        let hand = std::thread::spawn(move || {
            has_begun.recv().unwrap();
            moved.advance(LONGEST);
        });
        let done = bounded(&*clock, move |renders| {
            begun.send(()).unwrap();
            while !renders.is_stopped() {
                std::thread::yield_now();
            }
            7
        });
        assert!(matches!(done.await, Ok(7)));
        hand.join().unwrap();
        let panicked = bounded(&*clock, |_| panic!("planted")).await;
        assert!(matches!(panicked, Err::<(), _>(ReceiveError::Defect(_))));
    }
}
