//! One open connection: what its stream, its request and the table know of it together.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::{IpAddr, Ipv6Addr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::sync::Notify;

use super::answers::Answers;
use super::bodies::{Announced, Bodies, Kind};
use super::limits::{HALF_CLOSED, PACE, STALL};
use super::progress::{Phase, Progress, Turn};
use crate::clock::{Clock, Sleep};
use crate::core::room::{Held, NoRoom};

/// Why a connection is closed before its client closes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Its client took too long.
    Late,
    /// It gives way.
    GivesWay,
    /// The server stops, and waits for nobody any more.
    Stop,
}

/// An open connection.
#[derive(Debug)]
pub(in crate::http) struct Connection {
    pub(super) address: Address,
    clock: Arc<dyn Clock>,
    shared: Shared,
    state: Mutex<State>,
    cut: Notify,
}

/// The memory that all connections share.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) bodies: Arc<Bodies>,
    pub(super) answers: Arc<Answers>,
}

/// A body that has its room, while it comes.
#[derive(Debug, Clone, Copy)]
struct Roomy {
    kind: Kind,
    /// When it had its room or was waited for last, and the connection's bytes until then.
    began: (Duration, u64),
    /// Whether it was too slow when it was looked at last.
    was_slow: bool,
}

/// A wait for a body's room.
pub(in crate::http) type RoomForBody = Pin<Box<dyn Future<Output = Result<Held, NoRoom>> + Send>>;

#[derive(Debug)]
struct State {
    progress: Progress,
    cut: Option<Cut>,
    /// All bytes that came.
    came: u64,
    /// Whether the body under way has taken room.
    roomy: Option<Roomy>,
    /// What of the answers is not read.
    unread: u64,
    /// Whether a body took too long; its request is answered so.
    body_is_late: bool,
    /// Who waits for the body.
    body: Option<Waker>,
    /// Who keeps back that the client sends no more.
    end: Option<Waker>,
}

impl Connection {
    pub(super) fn new(address: Address, clock: Arc<dyn Clock>, shared: Shared) -> Self {
        let state = State {
            progress: Progress::new(clock.now().boot),
            cut: None,
            came: 0,
            roomy: None,
            unread: 0,
            body_is_late: false,
            body: None,
            end: None,
        };
        Self { address, clock, shared, state: Mutex::new(state), cut: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a step of its life, which is made now.
    fn note(&self, step: impl FnOnce(&mut Progress, Duration)) {
        let now = self.clock.now().boot;
        step(&mut self.lock().progress, now);
    }

    /// So many bytes came.
    pub(super) fn read(&self, bytes: usize) {
        let (now, bytes) = (self.clock.now().boot, bytes as u64);
        let mut state = self.lock();
        state.progress.read(now, bytes);
        state.came += bytes;
    }

    /// So many bytes went.
    pub(super) fn wrote(&self, bytes: usize) {
        let mut state = self.lock();
        state.progress.wrote(bytes as u64);
        let read = state.unread.min(bytes as u64);
        state.unread -= read;
        self.shared.answers.free(read);
    }

    /// Nothing can be written until the client reads.
    pub(super) fn blocked(&self) {
        self.note(Progress::blocked);
    }

    /// Nothing is left to write; hyper says so far more often than there was something.
    pub(super) fn flushed(&self) {
        let mut state = self.lock();
        if state.progress.phase() == Phase::Answer {
            state.progress.flushed(self.clock.now().boot);
            self.shared.answers.free(std::mem::take(&mut state.unread));
            wake(&mut state.end);
        }
    }

    /// A request's head is complete; whether it came before the answer to the one before was read.
    pub(super) fn request(&self) -> bool {
        let now = self.clock.now().boot;
        let mut state = self.lock();
        let early = state.progress.phase() != Phase::Head;
        state.progress.request(now);
        early
    }

    /// The answer to the request is ready, and has so many bytes.
    pub(super) fn answer(&self, bytes: u64) {
        let now = self.clock.now().boot;
        let mut state = self.lock();
        state.roomy = None;
        state.progress.answer(now);
        state.unread += bytes;
        self.shared.answers.hold(bytes);
    }

    /// The room that the request's body needs before it is read, if it needs any.
    pub(in crate::http) fn room_for_body(&self, body: Announced) -> Option<RoomForBody> {
        let needed = self.shared.bodies.needed(body)?;
        let (bodies, clock) = (Arc::clone(&self.shared.bodies), Arc::clone(&self.clock));
        Some(Box::pin(bodies.take(clock, self.address.number(), needed)))
    }

    /// The request's body has its room.
    pub(in crate::http) fn body_has_room(&self, body: Announced) {
        let now = self.clock.now().boot;
        let needed = self.shared.bodies.needed(body);
        let mut state = self.lock();
        let began = (now, state.came);
        state.roomy = needed.map(|(kind, _)| Roomy { kind, began, was_slow: false });
    }

    /// The request's body is wanted and has not come; false when it has taken too long. `waker` is woken when
    /// it has.
    pub(in crate::http) fn waits_for_body(&self, waker: &Waker) -> bool {
        let now = self.clock.now().boot;
        let mut state = self.lock();
        state.progress.body_missing(now);
        state.body = Some(waker.clone());
        // What is missing will not come.
        wake(&mut state.end);
        !state.body_is_late
    }

    /// What was wanted of the request's body is here.
    pub(in crate::http) fn body_came(&self) {
        self.note(Progress::body_came);
    }

    /// Nothing more comes of the request's body.
    pub(in crate::http) fn body_ended(&self) {
        self.lock().roomy = None;
    }

    /// Whether its body has room that others wait for, and comes too slowly, now and when it was looked at
    /// before: what has come meanwhile may not have been read yet.
    pub(super) fn lingers(&self, now: Duration) -> bool {
        let mut state = self.lock();
        let (came, phase, is_cut) = (state.came, state.progress.phase(), state.cut.is_some());
        let Some(roomy) = &mut state.roomy else { return false };
        if phase != Phase::Body {
            // We keep it waiting.
            *roomy = Roomy { began: (now, came), was_slow: false, ..*roomy };
            return false;
        }
        let (began, before) = roomy.began;
        let at_pace = Duration::from_millis((came - before) * 1_000 / PACE);
        let is_slow = now >= began + STALL + at_pace;
        let lingers = is_slow && std::mem::replace(&mut roomy.was_slow, is_slow);
        lingers && !is_cut && self.shared.bodies.is_short(roomy.kind)
    }

    /// When its answer was made and what it holds, if its client does not read it and it was not told to
    /// close.
    pub(super) fn unread(&self) -> Option<(Duration, u64)> {
        let state = self.lock();
        let unread = state.cut.is_none() && state.progress.phase() == Phase::Answer;
        unread.then(|| (state.progress.since(), state.unread))
    }

    /// Whether the client has taken longer than it may. A body that does is answered; everything else is
    /// cut off.
    pub(super) fn look(&self, now: Duration) -> Option<Phase> {
        let mut state = self.lock();
        if state.cut.is_some() || state.body_is_late || !state.progress.is_late(now) {
            return None;
        }
        let phase = state.progress.phase();
        if phase == Phase::Body {
            state.body_is_late = true;
            wake(&mut state.body);
        }
        Some(phase)
    }

    /// When it gives way; `None` while it is served, and once it has been cut off.
    pub(super) fn turn(&self, now: Duration) -> Option<Turn> {
        let state = self.lock();
        if state.cut.is_some() { None } else { state.progress.turn(now) }
    }

    /// Tells its task to close it; false if it was told before.
    pub(super) fn cut(&self, cut: Cut) -> bool {
        let before = self.lock().cut.replace(cut);
        self.cut.notify_one();
        before.is_none()
    }

    /// Waits until it has to be closed.
    pub(super) async fn is_cut(&self) {
        self.cut.notified().await;
    }

    /// Takes the order to close it back if its request has become complete meanwhile.
    pub(super) fn is_served_after_all(&self) -> bool {
        let mut state = self.lock();
        let served = state.progress.phase() == Phase::Serving && state.cut != Some(Cut::Stop);
        if served {
            state.cut = None;
        }
        served
    }

    /// Whether it is cut off while its client does not read.
    pub(super) fn is_cut_unread(&self) -> bool {
        let state = self.lock();
        state.cut.is_some() && state.progress.phase() == Phase::Answer
    }

    /// Where it stands while its client sends no more. `waker` is woken when the answer has been read, or when
    /// more is wanted of the request's body.
    pub(super) fn half_closed_in(&self, waker: &Waker) -> Phase {
        let mut state = self.lock();
        state.end = Some(waker.clone());
        state.progress.phase()
    }

    /// The time that work for a client has from now on, once that sends no more.
    pub(super) fn patience(&self) -> Sleep<'static> {
        let clock = Arc::clone(&self.clock);
        Box::pin(async move { clock.sleep_until(clock.now().boot + HALF_CLOSED).await })
    }

    /// Whether it was told to close.
    pub(super) fn leaves(&self) -> bool {
        self.lock().cut.is_some()
    }
}

/// Wakes who waits, if somebody does.
fn wake(waiting: &mut Option<Waker>) {
    if let Some(waker) = waiting.take() {
        waker.wake();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let unread = self.lock().unread;
        self.shared.answers.free(unread);
    }
}

/// Whom connections are counted for: an IPv4 address, or the network that an IPv6 address is one of, since
/// its owner has all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Address(IpAddr);

impl Address {
    /// A number for it, which others hardly have.
    fn number(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    pub(super) fn of(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V4(ip) => IpAddr::V4(ip),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll};

    use super::*;
    use crate::clock::ManualClock;

    fn connection() -> (Arc<ManualClock>, Connection) {
        let clock = Arc::new(ManualClock::new(jiff::Timestamp::UNIX_EPOCH));
        let address = Address::of("192.0.2.1".parse().unwrap());
        let shared = Shared {
            bodies: Arc::new(Bodies::new(1 << 20, 64)),
            answers: Arc::new(Answers::new(10)),
        };
        (Arc::clone(&clock), Connection::new(address, clock, shared))
    }

    #[test]
    fn an_answer_holds_memory_until_it_is_read_or_its_connection_ends() {
        let (_, connection) = connection();
        let answers = Arc::clone(&connection.shared.answers);
        connection.request();
        connection.answer(11);
        assert!(answers.is_full() && connection.unread().is_some_and(|(_, bytes)| bytes == 11));
        connection.wrote(1);
        assert!(!answers.is_full());
        connection.answer(11);
        assert!(answers.is_full());
        connection.flushed();
        assert!(!answers.is_full() && connection.unread().is_none());
        connection.answer(11);
        assert!(answers.is_full());
        drop(connection);
        assert!(!answers.is_full());
    }

    #[test]
    fn a_body_that_comes_too_slowly_gives_its_room_to_those_who_wait_for_it() {
        let (clock, connection) = connection();
        let body = Announced::new(Some(1 << 20), || true);
        let poll =
            |wait: &mut RoomForBody| wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let take = || connection.room_for_body(body).unwrap();
        let held: Vec<_> = (0..32).map(|_| poll(&mut take())).collect();
        assert!(held.iter().all(Poll::is_ready));
        connection.request();
        connection.body_has_room(body);
        assert!(connection.waits_for_body(Waker::noop()));
        let mut waits = take();
        assert!(poll(&mut waits).is_pending());
        let after = |time| {
            clock.advance(time);
            connection.lingers(clock.now().boot)
        };
        connection.read(512 * 1_024);
        assert!(!after(Duration::from_millis(500)), "it comes fast enough");
        assert!(!after(Duration::from_millis(250)), "more may have come, and not been read yet");
        assert!(after(Duration::from_millis(100)));
        drop(waits);
        assert!(!after(STALL), "nobody waits");
        connection.body_came();
        let mut waits = take();
        assert!(poll(&mut waits).is_pending());
        assert!(!after(STALL), "we keep it waiting ourselves");
        assert!(connection.waits_for_body(Waker::noop()));
        assert!(!after(Duration::from_millis(400)), "it has its time again");
        assert!(!after(STALL) && after(Duration::from_millis(100)));
        connection.body_ended();
        assert!(!after(STALL), "it is here");
        assert!(connection.room_for_body(Announced::new(Some(100), || true)).is_none());
    }

    #[test]
    fn a_request_that_did_not_wait_for_the_answer_before_it_is_known() {
        let (_, connection) = connection();
        for (bytes, early) in [(100, false), (0, true), (100, false)] {
            if bytes > 0 {
                connection.read(bytes);
            }
            assert_eq!(connection.request(), early);
            connection.answer(0);
            connection.flushed();
        }
        connection.read(100);
        connection.request();
        connection.answer(0);
        connection.read(100);
        assert!(connection.request(), "nothing was flushed");
    }

    #[test]
    fn a_request_that_became_complete_after_the_order_to_close_is_served() {
        let (_, connection) = connection();
        connection.request();
        assert!(connection.waits_for_body(Waker::noop()));
        assert!(connection.cut(Cut::GivesWay) && !connection.cut(Cut::GivesWay));
        connection.body_came();
        assert!(connection.is_served_after_all() && !connection.leaves());
        connection.cut(Cut::Stop);
        assert!(!connection.is_served_after_all(), "the server's own end waits for nobody");
    }

    #[test]
    fn a_body_that_is_late_is_told_once_and_cuts_nothing_off() {
        let (clock, connection) = connection();
        connection.request();
        assert!(connection.waits_for_body(Waker::noop()));
        clock.advance(Duration::from_secs(10));
        let now = clock.now().boot;
        assert_eq!(connection.look(now), Some(Phase::Body));
        assert_eq!(connection.look(now), None);
        assert!(!connection.waits_for_body(Waker::noop()) && !connection.leaves());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let of = |text: &str| Address::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
