//! Trouble on demand: what a caller gets in place of the answer, and whether its message was posted.
//!
//! The two are independent, because they are in the wild: a call can time out before or after
//! DingTalk accepted it, and only one of the two may be sent again without a `msgUuid`.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::record::Endpoint;

/// Which calls a fault meets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every call.
    Server,
    /// Every call to one API.
    Endpoint(Endpoint),
    /// Messages to the robot with this token.
    Robot(String),
    /// Every call of the app with this key.
    App(String),
}

/// What happens in place of the answer.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// An HTTP status with a short text.
    Status(u16),
    /// An HTML page with a status, as a proxy or a gateway sends it.
    Html(u16),
    /// The page for an address that called too often: JSON without an `errcode`.
    Punished {
        /// The HTTP status; that of the real page is not known.
        status: u16,
        /// The seconds that it asks to wait.
        wait: u64,
    },
    /// A refusal of the older API.
    Errcode(i64, String),
    /// A refusal of the current API: status, code, message.
    Api(u16, String, String),
    /// Anything else that is JSON: status and text, sent as they are.
    Raw(u16, String),
    /// A success of which the second half is missing.
    Truncated,
    /// 10 MB of JSON, with `"errcode":0` at its end.
    Huge,
    /// A success, one byte in each interval of real time, followed by spaces without end.
    Drip(Duration),
    /// HTTP 302 to this address.
    Redirect(String),
    /// No answer, and the connection stays open.
    Hang,
    /// The connection is reset.
    Reset,
    /// The usual answer, so much later in real time.
    Late(Duration),
    /// The usual answer, as soon as the gate is open.
    Held(Gate),
}

impl Trouble {
    /// Errcode -1, as a busy DingTalk answers.
    #[must_use]
    pub fn busy() -> Self {
        Self::Errcode(-1, "系统繁忙".to_owned())
    }

    /// The page for an address that called too often, as it was seen.
    #[must_use]
    pub fn punished() -> Self {
        Self::Punished { status: 200, wait: 5 }
    }

    /// Its name in the records.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Html(_) => "html",
            Self::Punished { .. } => "x5",
            Self::Errcode(..) => "errcode",
            Self::Api(..) => "api",
            Self::Raw(..) => "raw",
            Self::Truncated => "truncated",
            Self::Huge => "huge",
            Self::Drip(_) => "drip",
            Self::Redirect(_) => "redirect",
            Self::Hang => "hang",
            Self::Reset => "reset",
            Self::Late(_) => "late",
            Self::Held(_) => "held",
        }
    }
}

/// When the trouble comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// In place of handling the call: nothing is checked, counted or posted.
    Before,
    /// After the call was handled as ever: a message that was accepted is in the group.
    After,
}

/// A trouble, when it comes and how often.
#[derive(Debug, Clone)]
pub struct Fault {
    trouble: Trouble,
    phase: Phase,
    /// None: until it is taken away.
    times: Option<u64>,
    /// It meets the first of each so many calls, at least one.
    every: u64,
    /// How many of these have come.
    came: u64,
    /// It meets so many of a hundred calls, drawn by lot.
    share: u64,
    lots: u64,
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        Self::once(trouble)
    }
}

impl Fault {
    /// Meets one call, before it is handled.
    #[must_use]
    pub fn once(trouble: Trouble) -> Self {
        let (every, came, share, lots) = (1, 0, 100, 0);
        Self { trouble, phase: Phase::Before, times: Some(1), every, came, share, lots }
    }

    /// Comes after the call was handled, in place of its answer.
    #[must_use]
    pub fn after_accepting(mut self) -> Self {
        self.phase = Phase::After;
        self
    }

    /// Meets this many calls.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Meets every call until `Sim::heal`.
    #[must_use]
    pub fn lasting(mut self) -> Self {
        self.times = None;
        self
    }

    /// Meets the first of each `calls` calls, and lets the others pass.
    #[must_use]
    pub fn every(mut self, calls: u64) -> Self {
        self.every = calls.max(1);
        self
    }

    /// Meets about so many of a hundred calls; which ones, the seed decides.
    #[must_use]
    pub fn share(mut self, percent: u64, seed: u64) -> Self {
        (self.share, self.lots) = (percent, seed);
        self
    }

    /// Counts a call, and says whether the fault meets it.
    fn meets(&mut self) -> bool {
        let met = self.came == 0;
        self.came = (self.came + 1) % self.every;
        met && self.lot() < self.share
    }

    /// A number below 100, by `SplitMix64`, which is the same on every machine.
    fn lot(&mut self) -> u64 {
        self.lots = self.lots.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.lots;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % 100
    }
}

/// The faults that wait for their calls, in the order in which they were given.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(Scope, Fault)>);

impl Faults {
    pub(crate) fn add(&mut self, scope: Scope, fault: Fault) {
        if fault.times != Some(0) {
            self.0.push((scope, fault));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault for a call with these scopes, of which the first has precedence.
    pub(crate) fn take(&mut self, scopes: &[Scope]) -> Option<(Trouble, Phase)> {
        let mut first_of = |wanted: &Scope| {
            self.0.iter_mut().position(|(scope, fault)| scope == wanted && fault.meets())
        };
        let at = scopes.iter().find_map(&mut first_of)?;
        let fault = &mut self.0[at].1;
        let taken = (fault.trouble.clone(), fault.phase);
        if let Some(left) = &mut fault.times {
            *left -= 1;
            if *left == 0 {
                self.0.remove(at);
            }
        }
        Some(taken)
    }
}

/// Holds calls back until a test lets them go.
#[derive(Debug, Clone)]
pub struct Gate {
    open: Arc<watch::Sender<bool>>,
    waiting: Arc<watch::Sender<usize>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn new() -> Self {
        Self { open: Arc::new(watch::Sender::new(false)), waiting: Arc::new(watch::Sender::new(0)) }
    }

    /// Lets every held call go, and those that come later.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Ends when this many calls have come to the gate.
    pub async fn reached(&self, calls: usize) {
        let mut waiting = self.waiting.subscribe();
        // The sender lives in `self`, so the wait can't fail.
        let _ = waiting.wait_for(|count| *count >= calls).await;
    }

    /// Ends when the gate is open.
    pub(crate) async fn pass(&self) {
        let mut open = self.open.subscribe();
        self.waiting.send_modify(|count| *count += 1);
        let _ = open.wait_for(|open| *open).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(faults: &mut Faults, scopes: &[Scope], calls: usize) -> Vec<Option<&'static str>> {
        (0..calls).map(|_| faults.take(scopes).map(|(trouble, _)| trouble.name())).collect()
    }

    #[test]
    fn faults_of_a_scope_come_in_order_and_end_when_used_up() {
        let mut faults = Faults::default();
        faults.add(Scope::Server, Fault::once(Trouble::Hang).times(2));
        faults.add(Scope::Server, Fault::once(Trouble::Huge));
        faults.add(Scope::Server, Fault::once(Trouble::Reset).times(0));
        let expected = [Some("hang"), Some("hang"), Some("huge"), None];
        assert_eq!(names(&mut faults, &[Scope::Server], 4), expected);
    }

    #[test]
    fn a_fault_of_every_third_call_lets_two_pass_and_the_next_one_meets_these() {
        let mut faults = Faults::default();
        faults.add(Scope::Server, Fault::once(Trouble::Hang).lasting().every(3));
        let (hang, reset) = (Some("hang"), Some("reset"));
        let expected = [hang, None, None, hang, None, None, hang];
        assert_eq!(names(&mut faults, &[Scope::Server], 7), expected);
        faults.add(Scope::Server, Fault::once(Trouble::Reset));
        assert_eq!(names(&mut faults, &[Scope::Server], 3), [reset, None, hang]);
    }

    #[test]
    fn a_share_of_all_calls_is_met_the_same_ones_for_the_same_seed() {
        let met = |seed| {
            let mut faults = Faults::default();
            faults.add(Scope::Server, Fault::once(Trouble::Hang).lasting().share(30, seed));
            names(&mut faults, &[Scope::Server], 1_000)
        };
        let hangs = met(1).iter().flatten().count();
        assert!((250..350).contains(&hangs), "{hangs}");
        assert_eq!(met(1), met(1));
        assert_ne!(met(1), met(2));
    }

    #[test]
    fn the_narrower_scope_comes_first_and_leaves_the_wider_one_waiting() {
        let mut faults = Faults::default();
        let robot = Scope::Robot("a".to_owned());
        faults.add(Scope::Server, Fault::once(Trouble::Hang).lasting());
        faults.add(robot.clone(), Fault::once(Trouble::Huge));
        let expected = [Some("huge"), Some("hang"), Some("hang")];
        assert_eq!(names(&mut faults, &[robot, Scope::Server], 3), expected);
        assert_eq!(names(&mut faults, &[Scope::Robot("b".to_owned())], 1), [None]);
    }
}
