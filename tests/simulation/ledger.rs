//! What DingTalk and its readers saw, written down by the simulation and by nobody else: every call
//! under way, every arrival, every message in a chat, and what may have been seen twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use campana::clock::Now;
use campana::queue::{DeliveryId, Lease};
use dingtalk_sim::Post;

use crate::mark::Mark;
use crate::message::Message;
use crate::random::Random;
use crate::trouble::Weather;

/// DingTalk's window.
const MINUTE: Duration = Duration::from_mins(1);

/// A lease ends three attempts' limits after its start.
const LEASE: Duration = Duration::from_secs(30);

/// A part of a delivery, by its text.
type Part = (DeliveryId, String);

/// The books of one run; they outlive the process.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// The choices of the step that is made.
    pub(crate) random: Random,
    /// What befalls the calls to each chat.
    pub(crate) weather: BTreeMap<&'static str, Weather>,
    /// Whether DingTalk remembers a `msgUuid`.
    pub(crate) remembers: bool,
    /// The robot or app of each lane.
    pub(crate) senders: BTreeMap<String, String>,
    /// The messages in the chats, with the delivery that each is of; none: a test message.
    pub(crate) posts: Vec<(Post, Option<DeliveryId>)>,
    /// What DingTalk refused for good, and what may therefore be a dead letter.
    pub(crate) refused: BTreeSet<(&'static str, Mark)>,
    /// What must not be and was.
    pub(crate) violations: Vec<String>,
    /// Everything that happened, in words.
    pub(crate) trace: Vec<String>,
    /// How many more times a planted fault lets pass what it could meet; none: it came.
    pub(crate) plant_in: Option<u64>,
    /// How often what was injected.
    pub(crate) injected: BTreeMap<&'static str, u64>,
    /// How many deliveries there were of which state and origin.
    pub(crate) counted: BTreeMap<&'static str, u64>,
    /// The last lease of each sender.
    leases: BTreeMap<String, Leased>,
    flights: BTreeMap<u64, Message>,
    calls: u64,
    arrivals: BTreeMap<String, Vec<Duration>>,
    limits: BTreeMap<String, Vec<(Duration, usize)>>,
    shows: BTreeMap<Part, Shows>,
}

/// A lease that the store gave away.
#[derive(Debug)]
struct Leased {
    delivery: DeliveryId,
    /// The boot time at which it was asked for.
    since: Duration,
    /// The part that it showed, as Campana was told, and that is not recorded yet.
    unrecorded: Option<Part>,
}

/// How often a part stands in a chat.
#[derive(Debug, Default)]
struct Shows {
    by: BTreeMap<String, u64>,
    /// How often its outcome was not known to Campana.
    ambiguous: u64,
}

impl Ledger {
    pub(crate) fn new(remembers: bool, plant_in: u64) -> Self {
        Self {
            random: Random::new(0),
            weather: BTreeMap::new(),
            remembers,
            senders: BTreeMap::new(),
            posts: Vec::new(),
            refused: BTreeSet::new(),
            violations: Vec::new(),
            trace: Vec::new(),
            plant_in: Some(plant_in),
            injected: BTreeMap::new(),
            counted: BTreeMap::new(),
            leases: BTreeMap::new(),
            flights: BTreeMap::new(),
            calls: 0,
            arrivals: BTreeMap::new(),
            limits: BTreeMap::new(),
            shows: BTreeMap::new(),
        }
    }

    /// Counts down to the planted fault.
    pub(crate) fn is_the_moment(&mut self) -> bool {
        self.plant_in = match self.plant_in {
            Some(0) => {
                self.trace.push("the planted fault comes now".to_owned());
                None
            }
            Some(left) => Some(left - 1),
            None => return false,
        };
        self.plant_in.is_none()
    }

    pub(crate) fn inject(&mut self, what: &'static str) {
        *self.injected.entry(what).or_default() += 1;
    }

    pub(crate) fn count(&mut self, what: &'static str) {
        *self.counted.entry(what).or_default() += 1;
    }

    /// A sender may send so many in a minute from now on; not fewer before that is in force.
    pub(crate) fn limit(&mut self, sender: &str, messages: usize, at: Duration, in_force: bool) {
        let limits = self.limits.entry(sender.to_owned()).or_default();
        let before = limits.last().map_or(0, |(_, messages)| *messages);
        let messages = if in_force { messages } else { messages.max(before) };
        if messages != before {
            limits.push((at, messages));
        }
    }

    /// The limit that counts now: the largest that was in force in the last minute.
    fn limit_of(&self, sender: &str, at: Duration) -> usize {
        let limits = self.limits.get(sender).map_or(&[][..], Vec::as_slice);
        // That which was in force when the minute began counts too.
        let first = limits.iter().rposition(|(since, _)| *since + MINUTE <= at).unwrap_or(0);
        limits[first..].iter().map(|(_, messages)| *messages).max().unwrap_or(usize::MAX)
    }

    /// The store gave this lease away; one that it gave before has to have run out.
    pub(crate) fn leased(&mut self, lease: &Lease, now: Now) {
        for before in self.leases.values_mut().filter(|before| before.delivery == lease.delivery) {
            let Some(part) = before.unrecorded.take() else { continue };
            if now.boot.saturating_sub(before.since) < LEASE {
                self.violations.push(format!("Leased twice: {lease:?}, {before:?}"));
            }
            self.shows.entry(part).or_default().ambiguous += 1;
        }
        if let Some(sender) = self.senders.get(&lease.lane) {
            let (delivery, since) = (lease.delivery, now.boot);
            self.leases.insert(sender.clone(), Leased { delivery, since, unrecorded: None });
        }
    }

    /// The store was told how an attempt ended.
    pub(crate) fn finished(&mut self, lease: &Lease) {
        let sender = self.senders.get(&lease.lane);
        if let Some(leased) = sender.and_then(|sender| self.leases.get_mut(sender)) {
            leased.unrecorded = None;
        }
    }

    /// The process died: what was shown and not recorded may be shown again.
    pub(crate) fn crashed(&mut self) {
        for leased in std::mem::take(&mut self.leases).into_values() {
            if let Some(part) = leased.unrecorded {
                self.shows.entry(part).or_default().ambiguous += 1;
            }
        }
        self.flights.clear();
    }

    /// A call leaves.
    pub(crate) fn begin(&mut self, message: &Message) -> u64 {
        let of_alerts = |message: &Message| !message.marks.is_empty();
        for other in self.flights.values().filter(|other| of_alerts(other) && of_alerts(message)) {
            let same = message.groups().intersection(&other.groups()).next().is_some();
            if other.sender == message.sender || (same && other.chat == message.chat) {
                let (one, two) = (&other.sender, &message.sender);
                let words = format!("Parallel: {one} {:?}, {two} {:?}", other.marks, message.marks);
                self.violations.push(words);
            }
        }
        self.calls += 1;
        self.flights.insert(self.calls, message.clone());
        self.calls
    }

    /// A call reached DingTalk.
    pub(crate) fn arrived(&mut self, message: &Message, at: Duration) {
        let limit = self.limit_of(&message.sender, at);
        let arrivals = self.arrivals.entry(message.sender.clone()).or_default();
        arrivals.retain(|earlier| at.saturating_sub(*earlier) < MINUTE);
        arrivals.push(at);
        if arrivals.len() > limit {
            let words = format!("Rate: {} sent {arrivals:?}, limit {limit}", message.sender);
            self.violations.push(words);
        }
    }

    /// A message appeared in a chat; the part that it is, unless it is a test.
    pub(crate) fn posted(&mut self, message: &Message, post: Post) -> Option<Part> {
        if message.marks.is_empty() {
            self.posts.push((post, None));
            return None;
        }
        let delivery = self.leases.get(&message.sender)?.delivery;
        self.posts.push((post, Some(delivery)));
        let part = (delivery, message.text.clone());
        let shows = self.shows.entry(part.clone()).or_default();
        *shows.by.entry(message.sender.clone()).or_default() += 1;
        let all: u64 = shows.by.values().sum();
        let again = self.remembers && message.has_msg_uuid && shows.by[&message.sender] > 1;
        if again || all > 1 + shows.ambiguous {
            let words = format!("Twice: delivery {delivery} {:?} {shows:?}", message.marks);
            self.violations.push(words);
        }
        Some(part)
    }

    /// A call has ended; `shown` is what it showed, and `known` whether Campana was told so.
    pub(crate) fn end(&mut self, call: u64, shown: Option<Part>, known: bool) {
        let Some(message) = self.flights.remove(&call) else { return };
        let Some(part) = shown else { return };
        if known {
            if let Some(leased) = self.leases.get_mut(&message.sender) {
                leased.unrecorded = Some(part);
            }
        } else {
            self.shows.entry(part).or_default().ambiguous += 1;
        }
    }
}
