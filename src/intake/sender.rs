//! Notifications that cannot be read without what is known of their sender: whether what they tell of
//! began before, or has ended.
//!
//! What is known, and what becomes known, are bytes of the reader's. They change in the transaction
//! that stores the deliveries, so after a crash both are there, or neither. The store refuses what was
//! read with something that is not known any more, and it is read again.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use super::patience::Patience;
use super::{Acceptance, Incoming, Intake, IntakeError, Parse};
use crate::core::Core;
use crate::queue::{QueueError, RawPayload, SenderChange, SenderKey};

/// How often a notification is read; a second time only if another process took one of the same thing.
const READINGS: usize = 5;

/// How many things have turns of their own, unless two fall on one turn.
const TURNS: usize = 64;

/// The turns in which notifications of one thing are taken, one after the other. Of many that come at once,
/// as when a network fails, all but one would be read in vain, again and again.
#[derive(Debug)]
pub(super) struct SenderTurns {
    turns: [Mutex<()>; TURNS],
    hasher: RandomState,
}

impl Default for SenderTurns {
    fn default() -> Self {
        Self { turns: [const { Mutex::const_new(()) }; TURNS], hasher: RandomState::new() }
    }
}

impl SenderTurns {
    async fn of(&self, thing: &SenderKey) -> MutexGuard<'_, ()> {
        let turns = TURNS as u64;
        let turn = usize::try_from(self.hasher.hash_one(thing) % turns).unwrap_or_default();
        self.turns[turn].lock().await
    }
}

/// A notification of a sender of which something is known.
#[derive(Debug)]
pub struct FromSender<'a, E> {
    /// The receiver that it is for.
    pub receiver: String,
    /// The path on which it came, as the metrics call it.
    pub endpoint: &'a str,
    /// What it tells of.
    pub of: SenderKey,
    /// Reads what is stored of it.
    pub parse: Parse<E>,
    /// How long it waits for a store that refuses it.
    pub patience: Duration,
}

/// What a notification says, by what was known before.
#[derive(Debug)]
pub struct Reading {
    /// What is stored of it: it can be read again without what was known.
    pub payload: RawPayload,
    /// What is known from now on.
    pub becomes: Option<Vec<u8>>,
}

impl Intake {
    /// Takes a notification that `read` makes of what is known of its sender.
    ///
    /// # Errors
    ///
    /// When nothing was stored of it, and nothing is known that was not before.
    pub async fn take_told<E: Send + 'static>(
        &self,
        from: FromSender<'_, E>,
        read: impl Fn(Option<&[u8]>) -> Reading + Send + Sync,
    ) -> Result<Acceptance, IntakeError<E>> {
        let FromSender { receiver, endpoint, of, parse, patience } = from;
        let patience = Patience::from(self.core.clock.now(), patience);
        let _turn = self.senders.of(&of).await;
        for _ in 0..READINGS {
            let was = self.known(&of, patience).await?;
            let Reading { payload, becomes } = read(was.as_deref());
            let receiver = Some(receiver.clone());
            let incoming = Incoming {
                receiver,
                endpoint,
                payload,
                parse,
                key: None,
                left_out: Vec::new(),
                patience: patience.left(self.core.clock.now()),
            };
            let change = SenderChange { of: of.clone(), was, becomes };
            match self.take_with(incoming, Some(change)).await {
                Err(IntakeError::Queue(QueueError::Outdated)) => {}
                taken => return taken,
            }
        }
        Err(QueueError::Outdated.into())
    }

    /// What is known of that thing.
    async fn known(
        &self,
        of: &SenderKey,
        patience: Patience,
    ) -> Result<Option<Vec<u8>>, QueueError> {
        let Core { store, clock, .. } = &*self.core;
        loop {
            let known = store.sender_state(of.clone(), clock.now()).await;
            match known {
                Err(refusal) if patience.waits_after(&refusal, &**clock).await => {}
                known => return known,
            }
        }
    }
}
