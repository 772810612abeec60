//! The tables, and the steps that bring an older database to them.
//!
//! `user_version` counts the steps that were made; a step, once released, never changes. Times
//! named `…_ms` are steady, those named `…_wall` are wall time for people, both in milliseconds.
//! States and origins are words, so that a person with `sqlite3` can read the tables.
//!
//! What each index serves:
//!
//! | index | rows in it | serves |
//! | --- | --- | --- |
//! | `delivery_head` | the next delivery of each target and group | `start`: what is due first for a target, in each kind and rank; `fold`; the groups that have a next delivery, read at the start of the process |
//! | `delivery_waiting` | queued behind the next one of its group | `settle`: the group's next delivery; `fold`; what is queued, counted up to a bound |
//! | `delivery_queued` | queued | `stats`, `expire`, `list`: a target's oldest and newest queued deliveries |
//! | `delivery_lease` | leased | `start`: the attempt that a lane has under way; the start of the process |
//! | `delivery_carried` | carried by a digest | the digest that arrived or was buried; the groups that wait for one, read at the start of the process |
//! | `delivery_fallback` | to be handed over | what another receiver has to be told |
//! | `delivery_state` | settled | `list` by state |
//! | `delivery_retained` | settled | `retain`: what was settled first in each state |
//! | `delivery_settled` | settled | `list` by receiver or destination |
//! | `destination_park_account` | for a dead account | an arrival: what waited for the account |
//! | `charge_lane` | all | `start`, `charge`: the slots that a lane has taken |
//!
//! So an accepted delivery enters two small indexes, at their ends, and leaves them when it is settled.
//! No index of what is queued is in the order of the groups, because each new group would write a
//! page of its own in it.

use rusqlite::Connection;

use super::failure::Failure;

/// "camp": tells our database from another program's (`PRAGMA application_id`).
pub(super) const APPLICATION_ID: i32 = 0x6361_6d70;

/// The last version of databases that were written before the first release, which no version reads.
pub(super) const UNRELEASED: usize = 4;

/// The steps, oldest first; the first one makes version 5.
const MIGRATIONS: [&str; 3] = [FIRST, ACCOUNTS, SENDERS];

/// What this version reads and writes.
pub(super) const VERSION: usize = UNRELEASED + MIGRATIONS.len();

/// How many messages one notification can have; the numbers of a notification's messages begin at
/// its own number times this, so that they go with it without an index.
pub(super) const MESSAGES: i64 = 1 << 20;

/// The texts stand apart from the deliveries, so that a lease does not write them again, and once
/// for all deliveries that share them. `head` marks the next delivery of its target and group; with
/// its index, finding work costs the same however many wait. A leased row's `due_ms` is its lease's
/// end, so a lapsed lease is found as any other work; `was_due_ms` is what it was. `lane` is the
/// lane of its lease, and stays while an attempt's outcome is unknown, so that no other robot sends
/// it. `rank` says whom it lets go first. `carried_by` is the digest that shows it. `kind` is 0 for
/// what goes out as itself, because it was attempted or may fold no more, 1 for what may fold, and
/// 2 for a digest that was not attempted yet. `bytes` is what it takes while it is queued, about.
/// `fallback` is 1 for what another receiver has to be told, and 2 once it was. `alert_group` is a
/// hash of receiver and group key; the key itself stands with the notification. A digest is a group
/// of its own, with a number below zero, and has a notification of its own without a payload.
/// `destination_park` is for one robot of a destination, with `whole_lane` because the robot or app
/// itself is dead, and all that it serves; `dead_target` has the destinations of which every robot is dead. `states` has the groups of a
/// notification with their states, which `group_state` gets later; it has those of all
/// notifications before number `states_from`. `format` names the sender's format, by which
/// `payload` is read again. The last numbers that were given out stand in `store`, so that none is
/// given out twice. What was accepted after `last_delivery` is in no total yet and has higher
/// numbers: `uncounted` counts it, and `backlog` adds it to what is queued. The checks are for a
/// damaged page that SQLite takes for sound: a number that no command can read shows there, and is
/// not copied from one database to the next. Times are some thousand years at most, and a
/// notification's number, times [`MESSAGES`], is one of its messages. The type of `payload` and
/// `parts` is told by the value, as `packed.rs` says.
const FIRST: &str = "
CREATE TABLE store (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  lane_key BLOB NOT NULL,
  boot_id TEXT NOT NULL,
  offset_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  last_notification INTEGER NOT NULL DEFAULT 0,
  last_delivery INTEGER NOT NULL DEFAULT 0,
  last_charge INTEGER NOT NULL DEFAULT 0,
  states_from INTEGER NOT NULL DEFAULT 0,
  CHECK (offset_ms BETWEEN -1 << 46 AND 1 << 46 AND last_ms BETWEEN -1 << 46 AND 1 << 46),
  CHECK (min(last_notification, last_delivery, last_charge) >= 0 AND last_notification < 1 << 41
    AND max(last_delivery, last_charge) < 1 << 62)
) STRICT;

CREATE TABLE total (
  kind TEXT NOT NULL,
  word TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (kind, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE target (
  id INTEGER PRIMARY KEY,
  receiver TEXT NOT NULL,
  destination TEXT NOT NULL,
  queued INTEGER NOT NULL DEFAULT 0,
  robots INTEGER NOT NULL DEFAULT 1,
  UNIQUE (receiver, destination)
) STRICT;

CREATE TABLE notification (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL,
  group_key TEXT NOT NULL,
  deliveries INTEGER NOT NULL,
  accepted_ms INTEGER NOT NULL,
  states BLOB NOT NULL,
  format TEXT NOT NULL,
  payload ANY NOT NULL
) STRICT;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  cut_from INTEGER,
  title TEXT NOT NULL,
  render_error TEXT,
  summary TEXT NOT NULL,
  parts ANY NOT NULL
) STRICT;

CREATE TABLE delivery (
  id INTEGER PRIMARY KEY,
  notification INTEGER NOT NULL,
  message INTEGER NOT NULL,
  target INTEGER NOT NULL,
  alert_group INTEGER NOT NULL,
  origin TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'queued',
  rank INTEGER NOT NULL,
  head INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  was_due_ms INTEGER NOT NULL,
  accepted_ms INTEGER NOT NULL,
  accepted_wall INTEGER NOT NULL,
  first_attempt_ms INTEGER,
  settled_ms INTEGER,
  settled_wall INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  part INTEGER NOT NULL DEFAULT 0,
  parts INTEGER NOT NULL,
  bytes INTEGER NOT NULL DEFAULT 0,
  msg_uuid TEXT,
  uncertain INTEGER NOT NULL DEFAULT 0,
  scheduled INTEGER NOT NULL DEFAULT 0,
  busy INTEGER NOT NULL DEFAULT 0,
  other INTEGER NOT NULL DEFAULT 0,
  token INTEGER NOT NULL DEFAULT 0,
  lease INTEGER,
  lane TEXT,
  reason TEXT NOT NULL DEFAULT '',
  replay_of INTEGER,
  carried_by INTEGER,
  kind INTEGER NOT NULL DEFAULT 1,
  fallback INTEGER,
  CHECK (notification BETWEEN 0 AND 1 << 42 AND message BETWEEN 0 AND 1 << 62
    AND rank BETWEEN 0 AND 255 AND accepted_ms BETWEEN -1 << 47 AND 1 << 47
    AND accepted_wall BETWEEN -1 << 47 AND 1 << 47),
  CHECK (head BETWEEN 0 AND 1 AND kind BETWEEN 0 AND 2 AND attempts BETWEEN 0 AND 1 << 31
    AND part BETWEEN 0 AND parts AND parts < 1 << 31 AND bytes BETWEEN 0 AND 1 << 39),
  CHECK (due_ms BETWEEN -1 << 47 AND 1 << 47 AND was_due_ms BETWEEN -1 << 47 AND 1 << 47
    AND first_attempt_ms BETWEEN -1 << 47 AND 1 << 47),
  CHECK (settled_ms BETWEEN -1 << 47 AND 1 << 47 AND settled_wall BETWEEN -1 << 47 AND 1 << 47),
  CHECK (min(scheduled, busy, other, token) >= 0 AND max(scheduled, busy, other, token) < 1 << 31)
) STRICT;
CREATE VIEW uncounted AS
  SELECT target, count(*) AS n, sum(bytes) AS bytes FROM delivery
  WHERE id > (SELECT last_delivery FROM store) GROUP BY target;
CREATE VIEW backlog AS
  SELECT id AS target, receiver, destination, queued + coalesce(n, 0) AS queued
  FROM target LEFT JOIN uncounted ON uncounted.target = target.id;
CREATE INDEX delivery_head ON delivery (target, kind, rank, due_ms, id, alert_group) WHERE head = 1;
CREATE INDEX delivery_waiting ON delivery (target, alert_group, id)
  WHERE head = 0 AND state = 'queued' AND carried_by IS NULL;
CREATE INDEX delivery_queued ON delivery (target, id) WHERE state = 'queued';
CREATE INDEX delivery_lease ON delivery (lane, due_ms) WHERE lease IS NOT NULL;
CREATE INDEX delivery_carried ON delivery (state, carried_by) WHERE carried_by IS NOT NULL;
CREATE INDEX delivery_fallback ON delivery (id) WHERE fallback = 1;
CREATE INDEX delivery_state ON delivery (state, id) WHERE settled_ms IS NOT NULL;
CREATE INDEX delivery_retained ON delivery (state, settled_ms) WHERE settled_ms IS NOT NULL;
CREATE INDEX delivery_settled ON delivery (target, state, id) WHERE settled_ms IS NOT NULL;

CREATE TABLE attempt (
  delivery INTEGER NOT NULL,
  number INTEGER NOT NULL,
  charge INTEGER NOT NULL,
  part INTEGER NOT NULL,
  started_wall INTEGER NOT NULL,
  outcome TEXT,
  code TEXT,
  words TEXT NOT NULL DEFAULT '',
  took_ms INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (delivery, number),
  CHECK (part >= 0 AND took_ms >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE charge (
  id INTEGER PRIMARY KEY,
  lane TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  per_ms INTEGER NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0,
  test INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX charge_lane ON charge (lane, from_ms);

CREATE TABLE lane_park (
  lane TEXT PRIMARY KEY,
  cause TEXT NOT NULL,
  step INTEGER NOT NULL CHECK (step BETWEEN 0 AND 1 << 31),
  until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE destination_park (
  target INTEGER NOT NULL,
  credentials_hash TEXT NOT NULL,
  cause TEXT NOT NULL,
  step INTEGER NOT NULL CHECK (step BETWEEN 0 AND 1 << 31),
  until_ms INTEGER NOT NULL,
  whole_lane INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (target, credentials_hash)
) STRICT, WITHOUT ROWID;
CREATE VIEW dead_target AS
  SELECT p.target, min(p.until_ms) AS until_ms, p.cause FROM destination_park p
  JOIN target t ON t.id = p.target GROUP BY p.target HAVING count(*) >= t.robots;

CREATE TABLE quota_use (
  quota TEXT NOT NULL,
  month TEXT NOT NULL,
  n INTEGER NOT NULL CHECK (n >= 0),
  PRIMARY KEY (quota, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_state (
  alert_group INTEGER PRIMARY KEY,
  state BLOB NOT NULL,
  notification TEXT NOT NULL,
  number INTEGER NOT NULL,
  accepted_ms INTEGER NOT NULL
) STRICT;
";

/// `account` is the lane whose robot or app is dead, so that all destinations wait that it serves; an arrival
/// frees them. It takes the place of `whole_lane`: the parks from before end one by one.
const ACCOUNTS: &str = "
ALTER TABLE destination_park ADD COLUMN account TEXT;
ALTER TABLE destination_park DROP COLUMN whole_lane;
CREATE INDEX destination_park_account ON destination_park (account) WHERE account IS NOT NULL;
";

/// What is known of a `thing` of a sender between its notifications; its reader understands `state`.
const SENDERS: &str = "
CREATE TABLE sender_state (
  sender TEXT NOT NULL,
  thing TEXT NOT NULL,
  state BLOB NOT NULL,
  changed_ms INTEGER NOT NULL CHECK (changed_ms BETWEEN -1 << 47 AND 1 << 47),
  PRIMARY KEY (sender, thing)
) STRICT, WITHOUT ROWID;
";

/// Makes the steps that are missing, each with its number in the same transaction.
///
/// `from` is 0 for a new file, else at least [`UNRELEASED`] plus one.
pub(super) fn migrate(tx: &Connection, from: usize) -> Result<(), Failure> {
    let made = from.saturating_sub(UNRELEASED);
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(made) {
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", UNRELEASED + step + 1)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(())
}
