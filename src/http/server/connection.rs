//! One open connection: what its stream, its request and the table know of it together.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::sync::Notify;

use super::bodies::Bodies;
use super::progress::{Phase, Progress, Turn};
use crate::clock::Clock;

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
    bodies: Arc<Bodies>,
    state: Mutex<State>,
    cut: Notify,
}

#[derive(Debug)]
struct State {
    progress: Progress,
    cut: Option<Cut>,
    /// What has come of the body under way.
    held: u64,
    /// Whether a body took too long; its request is answered so.
    body_is_late: bool,
    /// Who waits for the body.
    body: Option<Waker>,
}

impl Connection {
    pub(super) fn new(address: Address, clock: Arc<dyn Clock>, bodies: Arc<Bodies>) -> Self {
        let progress = Progress::new(clock.now().boot);
        let state = State { progress, cut: None, held: 0, body_is_late: false, body: None };
        Self { address, clock, bodies, state: Mutex::new(state), cut: Notify::new() }
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
        if state.progress.phase() == Phase::Body {
            state.held += bytes;
            self.bodies.hold(bytes);
        }
    }

    /// So many bytes went.
    pub(super) fn wrote(&self, bytes: usize) {
        self.lock().progress.wrote(bytes as u64);
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

    /// The answer to the request is ready.
    pub(super) fn answer(&self) {
        self.body_ended();
        self.note(Progress::answer);
    }

    /// The request's body is wanted and has not come; false when it has taken too long. `waker` is woken when
    /// it has.
    pub(in crate::http) fn waits_for_body(&self, waker: &Waker) -> bool {
        let now = self.clock.now().boot;
        let mut state = self.lock();
        state.progress.body_missing(now);
        state.body = Some(waker.clone());
        !state.body_is_late
    }

    /// What was wanted of the request's body is here.
    pub(in crate::http) fn body_came(&self) {
        self.note(Progress::body_came);
    }

    /// Nothing more comes of the request's body; what came belongs to the handler.
    pub(in crate::http) fn body_ended(&self) {
        let held = std::mem::take(&mut self.lock().held);
        self.bodies.free(held);
    }

    /// When its body began and what it holds, if it has one under way and is not told to close.
    pub(super) fn body(&self) -> Option<(Duration, u64)> {
        let state = self.lock();
        let under_way = state.cut.is_none() && state.progress.phase() == Phase::Body;
        under_way.then(|| (state.progress.since(), state.held))
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
            state.body.take().into_iter().for_each(Waker::wake);
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

    /// Whether it was told to close.
    pub(super) fn leaves(&self) -> bool {
        self.lock().cut.is_some()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.body_ended();
    }
}

/// Whom connections are counted for: an IPv4 address, or the network that an IPv6 address is one of, since
/// its owner has all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Address(IpAddr);

impl Address {
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
    use super::*;
    use crate::clock::ManualClock;

    fn connection() -> (Arc<ManualClock>, Connection) {
        let clock = Arc::new(ManualClock::new(jiff::Timestamp::UNIX_EPOCH));
        let address = Address::of("192.0.2.1".parse().unwrap());
        (Arc::clone(&clock), Connection::new(address, clock, Arc::new(Bodies::new(10))))
    }

    #[test]
    fn a_body_holds_memory_until_it_ends_or_its_connection_does() {
        let (_, connection) = connection();
        let bodies = Arc::clone(&connection.bodies);
        connection.request();
        connection.read(100);
        assert!(!bodies.is_full(), "what nobody waits for is the buffer's");
        assert!(connection.waits_for_body(Waker::noop()));
        connection.read(100);
        assert!(bodies.is_full());
        connection.body_ended();
        assert!(!bodies.is_full());
        connection.read(100);
        assert!(bodies.is_full());
        drop(connection);
        assert!(!bodies.is_full());
    }

    #[test]
    fn a_request_that_did_not_wait_for_the_answer_before_it_is_known() {
        let (_, connection) = connection();
        for (bytes, early) in [(100, false), (0, true), (100, false)] {
            if bytes > 0 {
                connection.read(bytes);
            }
            assert_eq!(connection.request(), early);
            connection.answer();
            connection.flushed();
        }
        connection.read(100);
        connection.request();
        connection.answer();
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
