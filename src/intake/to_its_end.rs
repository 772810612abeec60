//! Work that goes on when nobody waits for it any more.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// A future that runs to its end, also when it is dropped before: then a task of its own goes on with it.
///
/// A task for each from the start costs an accept a tenth of its time, and nearly all are waited for.
#[must_use = "a future does nothing unless it is waited for or dropped"]
pub struct ToItsEnd<F: Future<Output: Send> + Send + 'static>(Option<Pin<Box<F>>>);

impl<F: Future<Output: Send> + Send + 'static> ToItsEnd<F> {
    /// This work, which has not begun.
    pub fn new(work: F) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl<F: Future<Output: Send> + Send + 'static> Future for ToItsEnd<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // Work that panics is not gone on with.
        let Some(mut work) = self.0.take() else { return Poll::Pending };
        let end = work.as_mut().poll(context);
        if end.is_pending() {
            self.0 = Some(work);
        }
        end
    }
}

impl<F: Future<Output: Send> + Send + 'static> Drop for ToItsEnd<F> {
    fn drop(&mut self) {
        let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) else { return };
        runtime.spawn(work);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_ends_whether_it_is_waited_for_or_dropped_before_or_after_it_began() {
        for polls in 0..3 {
            let (go, gone) = oneshot::channel();
            let (end, ended) = oneshot::channel();
            let mut work = Box::pin(ToItsEnd::new(async move {
                gone.await.expect("it is told");
                end.send(polls).expect("it is heard");
                polls
            }));
            let mut context = Context::from_waker(std::task::Waker::noop());
            for _ in 0..polls {
                assert!(work.as_mut().poll(&mut context).is_pending());
            }
            drop(work);
            go.send(()).expect("it goes on");
            assert_eq!(ended.await, Ok(polls));
        }
        assert_eq!(ToItsEnd::new(async { 7 }).await, 7);
    }
}
