//! The end of a run: every fault is taken away, and then everything that was promised has to be in
//! the chats, or a dead letter with its reason, or given up by a person.

use std::collections::BTreeMap;
use std::time::Duration;

use campana::queue::{Delivery, DeliveryId, Origin, State};
use dingtalk_sim::Presence;
use jiff::SignedDuration;

use crate::checks::{newest, whole};
use crate::mark::Mark;
use crate::site;
use crate::store::Disk;
use crate::world::World;

/// Longer than the longest wait of anything that can be sent: the hour until a dead robot is tried
/// again, a few times.
const LONGEST: Duration = Duration::from_hours(8);

/// All deliveries by their numbers.
type Rows = BTreeMap<DeliveryId, Delivery>;

impl World {
    /// Takes all faults away, lets everything be sent, and looks at the whole.
    pub(crate) fn conclude(&mut self) -> Result<(), String> {
        self.heal();
        let end = self.clock.elapsed() + LONGEST;
        loop {
            self.settle()?;
            self.check()?;
            let unanswered = self.model.unanswered();
            if unanswered.is_empty() && self.model.all_answered() && self.stats().queued == 0 {
                break;
            }
            for state in unanswered {
                self.post(state);
            }
            if self.clock.elapsed() >= end {
                return Err(format!("Stuck: {:?}", self.rows(Some(State::Queued))));
            }
            if self.process().gates.waiting() == 0
                && let Some(due) = self.clock.next_due()
            {
                self.clock.advance(due.max(Duration::from_nanos(1)));
            }
        }
        self.look()
    }

    fn heal(&mut self) {
        self.note("every fault is taken away");
        self.books().weather.clear();
        self.clock.set_wrong(SignedDuration::ZERO);
        self.set_disk(Disk::Fine);
        self.site.side = true;
        self.add_robots();
        for token in (0..self.site.pool).map(|n| format!("busy{n}")) {
            self.sim.change_robot(&token, |robot| robot.presence = Presence::Working);
        }
        let settings = self.site.settings();
        self.note_lanes(&settings, false);
        self.process().reload(settings);
    }

    /// Every delivery, and every promise.
    fn look(&self) -> Result<(), String> {
        let rows: Rows = self.rows(None).into_iter().map(|row| (row.id, row)).collect();
        let accepted: u64 = self.stats().accepted.values().sum();
        if rows.len() as u64 != accepted {
            return Err(format!("Vanished: {} rows of {accepted} accepted", rows.len()));
        }
        for row in rows.values() {
            self.books().count(row.state.as_str());
            if row.origin != Origin::Notification {
                self.books().count(row.origin.as_str());
            }
            self.look_at(row, &rows)?;
        }
        for mark in self.model.promised.keys() {
            for receiver in site::receivers_of(mark.group) {
                let is_it = |row: &&Delivery| {
                    row.origin == Origin::Notification
                        && row.target.receiver == receiver
                        && marks(row).contains(mark)
                };
                if !rows.values().any(|row| is_it(&row)) {
                    return Err(format!("Lost: {mark} for {receiver} was answered 200"));
                }
            }
        }
        Ok(())
    }

    fn look_at(&self, row: &Delivery, rows: &Rows) -> Result<(), String> {
        match row.state {
            State::Delivered => self.look_for(row),
            State::Folded => {
                let digest = row.carried_by.and_then(|id| rows.get(&id));
                let digest = digest.ok_or_else(|| format!("Digest: none carries {row:?}"))?;
                self.look_in(digest, row)
            }
            State::Dead if row.reason.is_empty() => Err(format!("Reason: none for {row:?}")),
            State::Dead => Ok(()),
            State::Discarded if self.checks.discarded.contains(&row.id) => Ok(()),
            State::Discarded => Err(format!("Discarded by nobody: {row:?}")),
            State::Queued => Err(format!("Queued at the end: {row:?}")),
        }
    }

    /// A reader saw all of a delivered message.
    fn look_for(&self, row: &Delivery) -> Result<(), String> {
        let text = self.shown(row.id);
        if text.is_empty() {
            return Err(format!("Not shown: {row:?}"));
        }
        if row.origin == Origin::Digest {
            return Ok(());
        }
        if is_shortened(&text) {
            return Ok(());
        }
        for mark in marks(row) {
            let state = self.model.state(mark).ok_or_else(|| format!("Unknown: {row:?}"))?;
            if let Some(word) = state.instances().find(|word| !text.contains(word.as_str())) {
                return Err(format!("Not shown: {word} of {row:?} in {text}"));
            }
        }
        Ok(())
    }

    /// A reader saw a folded delivery's group in its digest, in this state or a newer one; or that the
    /// digest was shortened.
    fn look_in(&self, digest: &Delivery, row: &Delivery) -> Result<(), String> {
        let text = self.shown(digest.id);
        let shown = newest(&text);
        let told = |mark: &Mark| {
            shown.iter().any(|shown| shown.group == mark.group && shown.number >= mark.number)
        };
        let is_told = marks(row).iter().all(told) || is_shortened(&text);
        if digest.state == State::Delivered && is_told {
            return Ok(());
        }
        Err(format!("Not told: {row:?} in {digest:?}, which shows {shown:?} in {text}"))
    }

    /// All that the chats show of a delivery.
    fn shown(&self, id: DeliveryId) -> String {
        let books = self.books();
        let posts = books.posts.iter().filter(|(_, delivery)| *delivery == Some(id));
        posts.map(|(post, _)| whole(post)).collect::<Vec<_>>().join("\n")
    }
}

/// Whether a message has lost some of its text: what DingTalk calls too long again and again is
/// shortened in the end, and says so; what is only a heading then says it there.
fn is_shortened(text: &str) -> bool {
    let says_so = |line: &str| line.ends_with("… shortened");
    let is_heading_alone = |line: &str| line.starts_with("### ") && line.contains('…');
    text.lines().any(|line| says_so(line) || is_heading_alone(line))
}

fn marks(row: &Delivery) -> Vec<Mark> {
    Mark::all(&row.summary.alertnames.join(" "))
}
