//! A command on its way to the thread that runs it, and the way back for its answer.
//!
//! The writer's commands work on its ledger, the readers' on their connection.

use tokio::sync::oneshot;

use super::failure::Failure;
use crate::queue::QueueError;

/// What a command does to the room on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpaceUse {
    /// It takes new work in; refused while the ballast is given back.
    Grows,
    /// It works off what is there.
    Shrinks,
}

/// Whether a command can be refused after it has written something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It runs within a savepoint, and only it is undone.
    Possible,
    /// It writes all or fails with the whole transaction.
    Impossible,
}

/// A command of any answer, on a `C`.
pub(super) trait Job<C>: Send {
    /// What it does to the room on the disk.
    fn space(&self) -> SpaceUse;

    /// Whether it can be refused.
    fn refusal(&self) -> Refusal;

    /// Steady time at which it was asked for.
    fn at(&self) -> i64;

    /// Does the work and keeps what it made; it may run again after its transaction was undone.
    fn run(&mut self, context: &C) -> Result<(), Failure>;

    /// Answers with what the last run made, or with why it does not stand.
    fn answer(self: Box<Self>, result: Result<(), QueueError>);
}

/// How a command is run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) space: SpaceUse,
    pub(super) refusal: Refusal,
    /// Steady time at which it was asked for.
    pub(super) at: i64,
}

/// A command that answers with a `T`.
struct Task<T, F> {
    manner: Manner,
    work: F,
    made: Option<T>,
    answer: oneshot::Sender<Result<T, QueueError>>,
}

/// A command, and where its answer will be.
pub(super) fn task<C, T, F>(
    manner: Manner,
    work: F,
) -> (Box<dyn Job<C>>, oneshot::Receiver<Result<T, QueueError>>)
where
    T: Send + 'static,
    F: FnMut(&C) -> Result<T, Failure> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    (Box::new(Task { manner, work, made: None, answer }), answered)
}

impl<C, T, F> Job<C> for Task<T, F>
where
    T: Send,
    F: FnMut(&C) -> Result<T, Failure> + Send,
{
    fn space(&self) -> SpaceUse {
        self.manner.space
    }

    fn refusal(&self) -> Refusal {
        self.manner.refusal
    }

    fn at(&self) -> i64 {
        self.manner.at
    }

    fn run(&mut self, context: &C) -> Result<(), Failure> {
        self.made = None;
        self.made = Some((self.work)(context)?);
        Ok(())
    }

    fn answer(self: Box<Self>, result: Result<(), QueueError>) {
        let Self { made, answer, .. } = *self;
        // Who asked may be gone; the work stands all the same.
        let _ = answer.send(result.and_then(|()| made.ok_or(QueueError::Closed)));
    }
}
