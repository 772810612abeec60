//! A command on its way to the thread that runs it, and the way back for its answer.
//!
//! The writer's commands work on its ledger, the readers' on their connection.

use tokio::sync::oneshot;

use super::failure::Failure;
use crate::queue::QueueError;

/// What a command does to the room on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpaceUse {
    /// It takes a notification in; refused at a limit, and as what grows.
    TakesIn,
    /// It makes new rows of what is there; refused while the ballast is given back.
    Grows,
    /// It works off what is there.
    Shrinks,
    /// It cleans up, which can wait while another program holds the database or its log.
    CanWait,
}

impl SpaceUse {
    /// Whether it is refused for this reason, and not tried.
    pub(super) fn is_refused_by(self, reason: &QueueError) -> bool {
        match reason {
            QueueError::AtLimit(_) => self == Self::TakesIn,
            QueueError::Busy(_) => self != Self::Shrinks,
            QueueError::Full(_)
            | QueueError::Broken(_)
            | QueueError::Closed
            | QueueError::Unknown(_)
            | QueueError::Conflict(_)
            | QueueError::Outdated => self.is_new_work(),
        }
    }

    /// Whether it makes new rows.
    pub(super) fn is_new_work(self) -> bool {
        match self {
            Self::TakesIn | Self::Grows => true,
            Self::Shrinks | Self::CanWait => false,
        }
    }
}

/// Whether a command can be refused after it has written something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusable {
    /// It runs within a savepoint, and only it is undone.
    Possible,
    /// It writes all or fails with the whole transaction.
    Impossible,
}

/// When what a command changes in the totals is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// With the command.
    Now,
    /// With a later command; until then the rows of its deliveries tell.
    Later,
}

/// How much a command writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// So little that many of them share a transaction.
    Light,
    /// So much that the others wait for it, and go before it.
    Heavy,
}

/// How a command is run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) space: SpaceUse,
    pub(super) refusal: Refusable,
    pub(super) counting: Counting,
    pub(super) load: Load,
}

impl Manner {
    /// New deliveries of a notification.
    pub(super) const ACCEPT: Self = Self {
        space: SpaceUse::TakesIn,
        refusal: Refusable::Impossible,
        counting: Counting::Later,
        load: Load::Light,
    };
    /// The same, where they are many or large.
    pub(super) const ACCEPT_HEAVY: Self = Self { load: Load::Heavy, ..Self::ACCEPT };
    /// A new delivery of what is stored already: a person asked for it, or another receiver is told.
    pub(super) const REPLAY: Self = Self {
        space: SpaceUse::Grows,
        refusal: Refusable::Possible,
        counting: Counting::Now,
        load: Load::Light,
    };
    /// Works off what is there.
    pub(super) const WORK_OFF: Self =
        Self { space: SpaceUse::Shrinks, counting: Counting::Now, ..Self::ACCEPT };
    /// Deletes or buries what is old.
    pub(super) const CLEAN_UP: Self =
        Self { space: SpaceUse::CanWait, load: Load::Heavy, ..Self::WORK_OFF };
    /// Works off what is there, unless its state forbids it.
    pub(super) const WORK_OFF_OR_REFUSE: Self =
        Self { refusal: Refusable::Possible, ..Self::WORK_OFF };
}

/// A command of any answer, on a `C`.
pub(super) trait Job<C>: Send {
    /// How it is run.
    fn manner(&self) -> Manner;

    /// Steady time at which it was asked for.
    fn at(&self) -> i64;

    /// Whether somebody still waits for the answer.
    fn is_awaited(&self) -> bool;

    /// Does the work and keeps what it made; it may run again after its transaction was undone.
    fn run(&mut self, context: &C) -> Result<(), Failure>;

    /// Answers with what the last run made, or with why it does not stand.
    fn answer(self: Box<Self>, result: Result<(), QueueError>);
}

/// A command that answers with a `T`.
struct Task<T, F> {
    manner: Manner,
    at: i64,
    work: F,
    made: Option<T>,
    answer: oneshot::Sender<Done<T, F>>,
}

/// What came of a command, and the command itself.
///
/// The asker's thread drops the command: that frees many small pieces of memory, and the writer's time
/// is everyone's.
struct Done<T, F> {
    result: Result<T, QueueError>,
    _work: F,
}

/// A command that was asked for at a steady time, and its answer; none if its thread is gone.
pub(super) fn task<C, T, F>(
    manner: Manner,
    at: i64,
    work: F,
) -> (Box<dyn Job<C>>, impl Future<Output = Option<Result<T, QueueError>>> + Send)
where
    T: Send + 'static,
    F: FnMut(&C) -> Result<T, Failure> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let job = Box::new(Task { manner, at, work, made: None, answer });
    (job, async { answered.await.ok().map(|answer: Done<T, F>| answer.result) })
}

impl<C, T, F> Job<C> for Task<T, F>
where
    T: Send,
    F: FnMut(&C) -> Result<T, Failure> + Send,
{
    fn manner(&self) -> Manner {
        self.manner
    }

    fn at(&self) -> i64 {
        self.at
    }

    fn is_awaited(&self) -> bool {
        !self.answer.is_closed()
    }

    fn run(&mut self, context: &C) -> Result<(), Failure> {
        self.made = None;
        self.made = Some((self.work)(context)?);
        Ok(())
    }

    fn answer(self: Box<Self>, result: Result<(), QueueError>) {
        let Self { made, work, answer, .. } = *self;
        let result = result.and_then(|()| made.ok_or(QueueError::Closed));
        // Who asked may be gone; the work stands all the same.
        let _ = answer.send(Done { result, _work: work });
    }
}
