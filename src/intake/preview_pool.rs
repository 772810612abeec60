//! Work for people who look at something: previews and traces, apart from notifications, which it may
//! neither delay nor rob of their templates.

use super::payload_room::{PayloadRoom, weight};
use super::render_pool::{RenderPanicked, RenderPool};
use crate::clock::Clock;
use crate::render::template::RenderBudget;

/// How many requests are worked on at once; a person waits for one.
const AT_ONCE: usize = 2;

/// The threads and the room of what is only looked at.
#[derive(Debug)]
pub struct PreviewPool {
    room: PayloadRoom,
    pool: RenderPool,
}

impl Default for PreviewPool {
    fn default() -> Self {
        Self { room: PayloadRoom::default(), pool: RenderPool::new(AT_ONCE) }
    }
}

impl PreviewPool {
    /// Does `job` with the body of a request, as soon as there is room and it has its turn.
    ///
    /// # Errors
    ///
    /// When it panics, which is a defect.
    pub async fn run<T: Send + 'static>(
        &self,
        clock: &dyn Clock,
        body: Vec<u8>,
        job: impl FnOnce(&[u8], RenderBudget) -> T + Send + 'static,
    ) -> Result<T, RenderPanicked> {
        let _room = self.room.take(weight(&body)).await;
        self.pool.run(clock, move |budget| job(&body, budget)).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;
    use crate::clock::ManualClock;

    #[tokio::test]
    async fn a_body_is_worked_on_in_its_turn() {
        let clock = Arc::new(ManualClock::new("2026-11-20T19:12:00Z".parse().unwrap()));
        let previews = Arc::new(PreviewPool::default());
        let (begun, has_begun) = mpsc::channel();
        let all: Vec<_> = (0..=AT_ONCE)
            .map(|_| {
                let (previews, clock) = (Arc::clone(&previews), Arc::clone(&clock));
                let begun = begun.clone();
                let (end, ended) = mpsc::channel::<()>();
                let job = move |body: &[u8], _: RenderBudget| {
                    begun.send(()).unwrap();
                    ended.recv().unwrap_err();
                    body.len()
                };
                let one = async move { previews.run(&*clock, vec![0; 7], job).await };
                (tokio::spawn(one), end)
            })
            .collect();
        let at_once = tokio::task::spawn_blocking(move || {
            has_begun.iter().take(AT_ONCE).count();
            has_begun
        });
        let has_begun = at_once.await.unwrap();
        assert!(has_begun.try_recv().is_err(), "the third has no turn");
        for (one, end) in all {
            drop(end);
            assert_eq!(one.await.unwrap(), Ok(7));
        }
        assert_eq!(has_begun.try_iter().count(), 1);
    }
}
