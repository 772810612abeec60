//! The time of the simulated machine, and the true time, which goes on while the machine is off.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use campana::clock::{Clock, Now, Sleep};
use jiff::{SignedDuration, Timestamp};

/// When every run begins, in seconds of the Unix time.
const START: i64 = 1_790_000_000;

/// How long the machine has been running when a run begins.
const FIRST_BOOT: Duration = Duration::from_hours(1);

/// A clock that the simulation moves.
#[derive(Debug)]
pub(crate) struct SimClock(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The true time since the run began.
    elapsed: Duration,
    /// Boot time less the true time.
    boot: SignedDuration,
    boots: u32,
    /// By how much the wall clock is wrong.
    wrong: SignedDuration,
    /// Who sleeps, by the boot time at which the sleep ends.
    sleepers: BTreeMap<(Duration, u64), Waker>,
    sleeps: u64,
}

impl SimClock {
    pub(crate) fn new() -> Self {
        let boot = SignedDuration::try_from(FIRST_BOOT).unwrap_or_default();
        let (sleepers, wrong) = (BTreeMap::new(), SignedDuration::ZERO);
        Self(Mutex::new(State {
            elapsed: Duration::ZERO,
            boot,
            boots: 1,
            wrong,
            sleepers,
            sleeps: 0,
        }))
    }

    /// The true time since the run began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.lock().elapsed
    }

    /// The true time, as DingTalk's machines have it.
    pub(crate) fn unix(&self) -> Duration {
        Duration::from_secs(START.unsigned_abs()) + self.elapsed()
    }

    /// How long it is until the next sleep ends.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        let state = self.lock();
        let (until, _) = *state.sleepers.keys().next()?;
        Some(until.saturating_sub(state.now().boot))
    }

    /// Lets time pass, and wakes those whose sleep is over.
    pub(crate) fn advance(&self, time: Duration) {
        let mut state = self.lock();
        state.elapsed += time;
        let now = state.now().boot;
        let later = state.sleepers.split_off(&(now + Duration::from_nanos(1), 0));
        let due = std::mem::replace(&mut state.sleepers, later);
        drop(state);
        due.into_values().for_each(Waker::wake);
    }

    /// Sets the wall clock wrong by so much.
    pub(crate) fn set_wrong(&self, wrong: SignedDuration) {
        self.lock().wrong = wrong;
    }

    /// The machine boots, with a right wall clock. Nothing runs meanwhile.
    pub(crate) fn reboot(&self) {
        let mut state = self.lock();
        state.boot = -SignedDuration::try_from(state.elapsed).unwrap_or_default();
        state.boots += 1;
        state.wrong = SignedDuration::ZERO;
        state.sleepers.clear();
    }

    /// How often the machine has booted.
    pub(crate) fn boots(&self) -> u32 {
        self.lock().boots
    }

    /// The process has died, and with it all its sleeps.
    pub(crate) fn forget_sleepers(&self) {
        self.lock().sleepers.clear();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn now(&self) -> Now {
        let elapsed = SignedDuration::try_from(self.elapsed).unwrap_or_default();
        let start = Timestamp::from_second(START).unwrap_or_default();
        let wall = start.saturating_add(elapsed + self.wrong).unwrap_or(start);
        let boot = Duration::try_from(elapsed + self.boot).unwrap_or_default();
        Now { wall, boot }
    }
}

impl Clock for SimClock {
    fn now(&self) -> Now {
        self.lock().now()
    }

    fn boot_id(&self) -> String {
        format!("boot-{}", self.boots())
    }

    fn sleep_until(&self, boot: Duration) -> Sleep<'_> {
        let mut state = self.lock();
        state.sleeps += 1;
        let key = (boot, state.sleeps);
        drop(state);
        let asleep = Asleep { clock: self, key };
        Box::pin(poll_fn(move |context| {
            // The whole of it is kept here, so that a sleep that is given up is forgotten.
            let asleep = &asleep;
            let mut state = asleep.clock.lock();
            if state.now().boot >= boot {
                return Poll::Ready(());
            }
            state.sleepers.insert(key, context.waker().clone());
            Poll::Pending
        }))
    }
}

/// A sleep, which is forgotten when it is given up.
struct Asleep<'a> {
    clock: &'a SimClock,
    key: (Duration, u64),
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.clock.lock().sleepers.remove(&self.key);
    }
}
