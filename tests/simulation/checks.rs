//! What has to hold after each step: the accounts, the order in the chats, and who may die.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use campana::clock::{Clock, Now};
use campana::queue::sqlite::SqliteStore;
use campana::queue::{Delivery, DeliveryId, Filter, Origin, State, Stats, Store};
use dingtalk_sim::Post;

use crate::gates::at_once;
use crate::mark::Mark;
use crate::site::{self, MAX_AGE_HOURS};
use crate::world::World;

/// What was seen by the checks before.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    /// The newest state of each receiver's groups that its chat showed, and the delivery that did.
    shown: BTreeMap<(String, usize), (usize, DeliveryId)>,
    /// How many of the messages were looked at.
    posts: usize,
    /// How many deliveries were accepted.
    accepted: u64,
    /// The dead letters that were looked at.
    dead: BTreeSet<DeliveryId>,
    /// How many there were.
    dead_total: u64,
    /// What stood in digests that died, by receiver.
    freed: BTreeSet<(String, Mark)>,
    /// What a person asked to send again.
    pub(crate) replayed: BTreeSet<Mark>,
    /// What a person asked to give up.
    pub(crate) discarded: BTreeSet<DeliveryId>,
}

impl World {
    /// Everything that can be seen without waiting.
    pub(crate) fn check(&mut self) -> Result<(), String> {
        if let Some(violation) = self.books().violations.first() {
            return Err(violation.clone());
        }
        if let Some(failure) = self.process.as_mut().and_then(crate::process::Process::failure) {
            return Err(format!("Died: {failure}"));
        }
        let stats = self.stats();
        self.check_accounts(&stats)?;
        let dead = stats.settled.get(&State::Dead).copied().unwrap_or_default();
        if std::mem::replace(&mut self.checks.dead_total, dead) != dead {
            self.check_dead()?;
        }
        self.check_posts()
    }

    pub(crate) fn store(&self) -> &SqliteStore {
        self.process().store.inner()
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(crate) fn stats(&self) -> Stats {
        at_once(self.store().stats(self.now())).expect("the store answers")
    }

    /// All deliveries in this state, or in any.
    pub(crate) fn rows(&self, state: Option<State>) -> Vec<Delivery> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let filter = Filter { state, limit: 500, after, ..Filter::default() };
            let page = at_once(self.store().list(filter, self.now())).expect("the store answers");
            let Some(last) = page.last() else { return rows };
            after = Some(last.id);
            rows.extend(page);
        }
    }

    /// Accepted = delivered + folded + dead + discarded + queued, and no total goes back.
    fn check_accounts(&mut self, stats: &Stats) -> Result<(), String> {
        let accepted: u64 = stats.accepted.values().sum();
        let settled: u64 = stats.settled.values().sum();
        let notified = stats.accepted.get(&Origin::Notification).copied().unwrap_or_default();
        if accepted != settled + stats.queued || accepted < self.checks.accepted {
            return Err(format!("Accounts: {stats:?}, {} before", self.checks.accepted));
        }
        if notified < self.model.deliveries {
            let promised = self.model.deliveries;
            return Err(format!("Accounts: {promised} deliveries were promised: {stats:?}"));
        }
        self.checks.accepted = accepted;
        Ok(())
    }

    /// The messages that came since, each after what its group showed before.
    fn check_posts(&mut self) -> Result<(), String> {
        let new: Vec<(Post, Option<DeliveryId>)> = self.books().posts[self.checks.posts..].to_vec();
        self.checks.posts += new.len();
        for (post, delivery) in new {
            let Some(id) = delivery else { continue };
            let detail = at_once(self.store().show(id, self.now())).expect("the store answers");
            let Some(row) = detail.map(|detail| detail.delivery) else {
                return Err(format!("Vanished: delivery {id} was sent: {post:?}"));
            };
            self.check_words(&post)?;
            if matches!(row.origin, Origin::Replay | Origin::Fallback) {
                continue;
            }
            for mark in newest(&whole(&post)) {
                // A digest may show what a person had sent again.
                if self.checks.replayed.contains(&mark) {
                    continue;
                }
                // A digest that arrived without an answer and was refused then: what it carried is sent again.
                if self.checks.freed.contains(&(row.target.receiver.clone(), mark)) {
                    continue;
                }
                let key = (row.target.receiver.clone(), mark.group);
                let (shown, by) = self.checks.shown.entry(key).or_insert((0, id));
                if mark.number >= *shown {
                    (*shown, *by) = (mark.number, id);
                } else if *by != id {
                    return Err(format!("Late: {mark} in delivery {id} after number {shown}"));
                }
                // A digest that arrived without an answer and is cut smaller then comes again, in pieces.
            }
        }
        Ok(())
    }

    /// A message, or a digest's line, says whether its alerts fire.
    fn check_words(&self, post: &Post) -> Result<(), String> {
        let title = post.title.as_deref().unwrap_or(&post.text);
        let marks = newest(&whole(post));
        for mark in &marks {
            let Some(state) = self.model.state(*mark) else {
                return Err(format!("Unknown: {mark} was never posted: {post:?}"));
            };
            let name = mark.to_string();
            let has = |line: &&str| Mark::all(line).contains(mark);
            let mut lines = post.text.lines().filter(has);
            let wrong = if title.contains(&name) {
                !title.contains(if state.firing { "FIRING" } else { "RESOLVED" })
            } else {
                lines.any(|line| line.starts_with("✅") && state.firing)
            };
            if wrong {
                return Err(format!("Status: {state:?} is told as {title:?}: {}", post.text));
            }
        }
        Ok(())
    }

    /// A delivery dies because DingTalk refused it for good, or because it became too old in truth.
    fn check_dead(&mut self) -> Result<(), String> {
        for row in self.rows(Some(State::Dead)) {
            if !self.checks.dead.insert(row.id) {
                continue;
            }
            self.note(&format!("dead: {} {:?} {}", row.id, row.summary.alertnames, row.reason));
            if row.reason.is_empty() {
                return Err(format!("Reason: delivery {} died without one", row.id));
            }
            let chat = site::chat_of(&row.target.receiver);
            let marks = Mark::all(&row.summary.alertnames.join(" "));
            if row.origin == Origin::Digest {
                let receiver = || row.target.receiver.clone();
                self.checks.freed.extend(marks.iter().map(|mark| (receiver(), *mark)));
            }
            let age = Duration::from_hours(MAX_AGE_HOURS).saturating_sub(Duration::from_secs(1));
            let now = self.clock.elapsed();
            let old = |mark: &Mark| {
                self.model.posted_at(*mark).is_some_and(|at| now.saturating_sub(at) >= age)
            };
            let books = self.books();
            let refused =
                |mark: &Mark| books.refused.iter().any(|(of, m)| *of == chat && m == mark);
            if !marks.iter().any(|mark| refused(mark) || old(mark)) {
                return Err(format!("Died early: {row:?}"));
            }
        }
        Ok(())
    }
}

/// A message with its title.
pub(crate) fn whole(post: &Post) -> String {
    format!("{}\n{}", post.title.as_deref().unwrap_or_default(), post.text)
}

/// The newest mark of each group in a text.
pub(crate) fn newest(text: &str) -> Vec<Mark> {
    let by_group: BTreeMap<usize, Mark> =
        Mark::all(text).into_iter().map(|mark| (mark.group, mark)).collect();
    by_group.into_values().collect()
}
