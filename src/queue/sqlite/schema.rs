//! The tables, and the steps that bring an older database to them.
//!
//! `user_version` counts the steps that were made; a step, once released, never changes. Times
//! named `…_ms` are steady, those named `…_wall` are wall time for people, both in milliseconds.
//! States and origins are words, so that a person with `sqlite3` can read the tables.

use rusqlite::Connection;

use super::failure::Failure;

/// "camp": tells our database from another program's (`PRAGMA application_id`).
pub(super) const APPLICATION_ID: i32 = 0x6361_6d70;

/// The steps, oldest first.
const MIGRATIONS: [&str; 1] = [FIRST];

/// What this version reads and writes.
pub(super) const VERSION: usize = MIGRATIONS.len();

/// A delivery's texts stand apart from its row, so that a lease does not write them again. `head`
/// marks the next delivery of its target and group; with its index, finding work costs the same
/// however many wait. A leased row's `due_ms` is its lease's end, so a lapsed lease is found as
/// any other work; `was_due_ms` is what it was. `carried_by` and `foldable` are for digests.
const FIRST: &str = "
CREATE TABLE store (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  lane_key BLOB NOT NULL,
  boot_id TEXT NOT NULL,
  offset_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL
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
  UNIQUE (receiver, destination)
) STRICT;

CREATE TABLE delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  notification TEXT NOT NULL,
  origin TEXT NOT NULL,
  target INTEGER NOT NULL,
  grp TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'queued',
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
  msg_uuid TEXT,
  uncertain INTEGER NOT NULL DEFAULT 0,
  scheduled INTEGER NOT NULL DEFAULT 0,
  busy INTEGER NOT NULL DEFAULT 0,
  other INTEGER NOT NULL DEFAULT 0,
  token INTEGER NOT NULL DEFAULT 0,
  lease INTEGER,
  lease_lane TEXT,
  reason TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  render_error TEXT,
  replay_of INTEGER,
  carried_by INTEGER,
  foldable INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX delivery_head ON delivery (target, due_ms, id) WHERE head = 1;
CREATE INDEX delivery_group ON delivery (target, grp, id)
  WHERE state = 'queued' AND carried_by IS NULL;
CREATE INDEX delivery_lease ON delivery (lease_lane, due_ms) WHERE lease IS NOT NULL;
CREATE INDEX delivery_carried ON delivery (carried_by) WHERE carried_by IS NOT NULL;
CREATE INDEX delivery_target ON delivery (target, state, id);
CREATE INDEX delivery_state ON delivery (state, id);
CREATE INDEX delivery_settled ON delivery (state, settled_ms) WHERE settled_ms IS NOT NULL;

CREATE TABLE message (
  delivery INTEGER PRIMARY KEY,
  parts TEXT NOT NULL,
  rendered TEXT
) STRICT;

CREATE TABLE attempt (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  delivery INTEGER NOT NULL,
  charge INTEGER NOT NULL,
  part INTEGER NOT NULL,
  started_wall INTEGER NOT NULL,
  outcome TEXT,
  code TEXT,
  words TEXT NOT NULL DEFAULT '',
  took_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX attempt_delivery ON attempt (delivery, id);

CREATE TABLE charge (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  lane TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  per_ms INTEGER NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX charge_lane ON charge (lane, from_ms);
CREATE INDEX charge_age ON charge (from_ms);

CREATE TABLE lane_park (
  lane TEXT PRIMARY KEY,
  cause TEXT NOT NULL,
  step INTEGER NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE destination_park (
  target INTEGER PRIMARY KEY,
  credentials TEXT NOT NULL,
  cause TEXT NOT NULL,
  step INTEGER NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE accepted_state (
  receiver TEXT NOT NULL,
  grp TEXT NOT NULL,
  state TEXT NOT NULL,
  notification TEXT NOT NULL,
  accepted_ms INTEGER NOT NULL,
  PRIMARY KEY (receiver, grp)
) STRICT, WITHOUT ROWID;
CREATE INDEX accepted_state_age ON accepted_state (accepted_ms);
";

/// Makes the steps that are missing, each with its number in the same transaction.
pub(super) fn migrate(tx: &Connection, from: usize) -> Result<(), Failure> {
    for (version, step) in MIGRATIONS.iter().enumerate().skip(from) {
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", version + 1)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(())
}
