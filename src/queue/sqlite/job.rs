//! A command on its way to the thread that runs it, and the way back for its answer.

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::failure::Failure;
use crate::queue::QueueError;

/// Whether a command adds deliveries, for which a full disk has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// It takes new work in; refused while the ballast is given back.
    Needs,
    /// It works off what is there.
    Frees,
}

/// A command of any answer.
pub(super) trait Job: Send {
    /// Whether it needs room.
    fn room(&self) -> Room;

    /// Steady time at which it was asked for.
    fn at(&self) -> i64;

    /// Does the work and keeps what it made; it may run again after its transaction was undone.
    fn run(&mut self, connection: &Connection) -> Result<(), Failure>;

    /// Answers with what the last run made, or with why it does not stand.
    fn answer(self: Box<Self>, result: Result<(), QueueError>);
}

/// A command that answers with a `T`.
pub(super) struct Task<T, F> {
    room: Room,
    at: i64,
    work: F,
    made: Option<T>,
    answer: oneshot::Sender<Result<T, QueueError>>,
}

/// A command, and where its answer will be.
pub(super) fn task<T, F>(
    room: Room,
    at: i64,
    work: F,
) -> (Box<dyn Job>, oneshot::Receiver<Result<T, QueueError>>)
where
    T: Send + 'static,
    F: FnMut(&Connection) -> Result<T, Failure> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    (Box::new(Task { room, at, work, made: None, answer }), answered)
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, Failure> + Send,
{
    fn room(&self) -> Room {
        self.room
    }

    fn at(&self) -> i64 {
        self.at
    }

    fn run(&mut self, connection: &Connection) -> Result<(), Failure> {
        self.made = None;
        self.made = Some((self.work)(connection)?);
        Ok(())
    }

    fn answer(self: Box<Self>, result: Result<(), QueueError>) {
        let Self { made, answer, .. } = *self;
        // Who asked may be gone; the work stands all the same.
        let _ = answer.send(result.and_then(|()| made.ok_or(QueueError::Closed)));
    }
}
