//! Work for people who look at something: previews and traces, apart from notifications, which it may
//! neither delay nor rob of their templates.
//!
//! Few wait for their turn: who looks at something does so again, and a connection whose request
//! waits gives way to nobody.

use super::payload_room::{in_memory, weight};
use super::render_pool::{RenderPanicked, RenderPool};
use crate::clock::Clock;
use crate::core::room::{NoRoom, Room};
use crate::render::RenderBudget;

/// How many requests are worked on at once; a person waits for one.
const AT_ONCE: usize = 2;

/// The room of the bodies that are worked on or next, in bytes.
const ROOM: usize = 24 << 20;

/// The least that one of them takes of it, so that only a few have a place.
const LEAST: usize = 1 << 20;

/// How many more wait for a place.
const MOST_WAITING: usize = 16;

/// Why a request was not worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// Too many ask, or for too long.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The work panicked, which is a defect.
    #[error(transparent)]
    Panicked(#[from] RenderPanicked),
}

/// The threads and the room of what is only looked at.
#[derive(Debug)]
pub struct PreviewPool {
    room: Room,
    pool: RenderPool,
}

impl Default for PreviewPool {
    fn default() -> Self {
        Self { room: Room::new(ROOM, MOST_WAITING), pool: RenderPool::new(AT_ONCE) }
    }
}

impl PreviewPool {
    /// Does `job` with the body of a request, as soon as there is room and it has its turn.
    ///
    /// # Errors
    ///
    /// When there is no room for it, and when it panics, which is a defect.
    pub async fn run<T: Send + 'static>(
        &self,
        clock: &dyn Clock,
        body: Vec<u8>,
        job: impl FnOnce(&[u8], RenderBudget) -> T + Send + 'static,
    ) -> Result<T, PreviewError> {
        let room = self.room.take(clock, in_memory(weight(&body)).max(LEAST)).await?;
        let job = move |budget| {
            let done = job(&body, budget);
            drop(room);
            done
        };
        Ok(self.pool.run(clock, job).await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};
    use std::task::{Context, Waker};

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

    #[tokio::test]
    async fn who_comes_after_many_others_is_told_to_come_again() {
        let clock = ManualClock::new("2026-11-20T19:12:00Z".parse().unwrap());
        let previews = PreviewPool::default();
        let places = ROOM / LEAST + MOST_WAITING;
        let (ends, mut asked): (Vec<_>, Vec<_>) = (0..places)
            .map(|_| {
                let (end, ended) = mpsc::channel::<()>();
                let job = move |_: &[u8], _: RenderBudget| ended.recv().unwrap_err();
                (end, Box::pin(previews.run(&clock, Vec::new(), job)))
            })
            .unzip();
        for one in &mut asked {
            assert!(one.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        let refused = previews.run(&clock, Vec::new(), |_, _| ()).await;
        assert_eq!(refused, Err(PreviewError::NoRoom(NoRoom::TooMany)));
        drop((asked, ends));
        assert_eq!(previews.run(&clock, Vec::new(), |_, _| 7).await, Ok(7));
    }
}
