//! Taking a notification in: whether it is a duplicate, and its deliveries.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::failure::Failure;
use super::group_states::{self, GroupState};
use super::ledger::{Ledger, next_id};
use super::message::{MessageRow, QueuedMessage};
use super::packed::Packed;
use super::schedule::Kind;
use super::{schema, sender_state};
use crate::queue::store_time::{Moment, millis};
use crate::queue::{
    Accept, Accepted, DeliveryId, NewDelivery, NewMessage, Origin, RawPayload, ReceiverShare,
    RequestKey, SenderChange, StateHash, Target,
};

/// A notification in the form of its rows, made before it is the writer's turn.
pub(super) struct Rows {
    notification: String,
    group: String,
    format: Cow<'static, str>,
    payload: Packed,
    /// The messages of all shares, each once.
    messages: Vec<MessageRow>,
    shares: Vec<Share>,
    sender: Option<SenderChange>,
}

/// One receiver's share.
struct Share {
    /// Its place among the shares that were given.
    place: usize,
    /// The hash of receiver and group key.
    alert_group: i64,
    state: StateHash,
    window: i64,
    request: Option<Request>,
    only_if_firing_was_told: bool,
    deliveries: Vec<DeliveryRow>,
}

/// A request by its key, as a group of its own of which the body is the state.
#[derive(Clone, Copy)]
struct Request {
    /// The hash of receiver and key.
    group: i64,
    body: StateHash,
    window: i64,
}

/// A delivery in the form of its row.
struct DeliveryRow {
    target: Target,
    /// The place of its message among those of the notification.
    message: usize,
    rank: u8,
    parts: usize,
}

/// The rows of messages, and the place of each.
#[derive(Default)]
struct MessageRows {
    rows: Vec<MessageRow>,
    /// By the address of the message, which its shares keep alive.
    places: HashMap<*const NewMessage, usize>,
}

impl MessageRows {
    /// The place of `message`, whose row is made when it is asked for the first time.
    fn place(&mut self, message: &Arc<NewMessage>) -> Result<usize, Failure> {
        if let Some(place) = self.places.get(&Arc::as_ptr(message)) {
            return Ok(*place);
        }
        self.rows.push(MessageRow::of(message)?);
        self.places.insert(Arc::as_ptr(message), self.rows.len() - 1);
        Ok(self.rows.len() - 1)
    }
}

/// What all deliveries of one notification have in common.
pub(super) struct Origins {
    pub(super) notification: i64,
    pub(super) origin: Origin,
    pub(super) alert_group: i64,
    pub(super) replay_of: Option<i64>,
}

/// The most bytes that light rows have: a millisecond's writing.
const LIGHT_BYTES: usize = 256 * 1024;

/// The bytes that stand for a delivery's own row, by the time that it takes.
const DELIVERY_BYTES: usize = 4 * 1024;

impl Rows {
    /// Whether it takes so long to write them that others go before them.
    pub(super) fn is_heavy(&self) -> bool {
        self.bytes() + self.deliveries() * DELIVERY_BYTES > LIGHT_BYTES
    }

    /// The rows of what is to be stored; shares without deliveries are left out.
    pub(super) fn of(accept: Accept) -> Result<Self, Failure> {
        let Accept { notification, group, payload, key, shares, sender } = accept;
        let mut messages = MessageRows::default();
        let shares = shares
            .iter()
            .enumerate()
            .filter(|(_, share)| !share.deliveries.is_empty())
            .map(|(place, share)| Share::of(place, share, &group, key.as_ref(), &mut messages))
            .collect::<Result<_, _>>()?;
        let RawPayload { format, bytes } = payload;
        let (payload, messages) = (Packed::of(bytes), messages.rows);
        Ok(Self { notification, group, format, payload, messages, shares, sender })
    }

    fn deliveries(&self) -> usize {
        self.shares.iter().map(|share| share.deliveries.len()).sum()
    }

    /// What payload and messages take, in bytes.
    fn bytes(&self) -> usize {
        self.payload.bytes() + self.messages.iter().map(MessageRow::bytes).sum::<usize>()
    }
}

impl Share {
    /// What it is known again by: the state of its group, and its request.
    fn states(&self) -> impl Iterator<Item = (i64, StateHash)> {
        let request = self.request.as_ref().map(|request| (request.group, request.body));
        [(self.alert_group, self.state)].into_iter().chain(request)
    }

    fn of(
        place: usize,
        share: &ReceiverShare,
        group: &str,
        key: Option<&RequestKey>,
        rows: &mut MessageRows,
    ) -> Result<Self, Failure> {
        let ReceiverShare { receiver, messages, deliveries, .. } = share;
        let deliveries =
            deliveries.iter().map(|delivery| DeliveryRow::of(delivery, messages, rows));
        Ok(Self {
            place,
            alert_group: alert_group(receiver, group),
            state: share.state,
            window: millis(share.window),
            request: key.map(|key| Request::of(receiver, key)),
            only_if_firing_was_told: share.only_if_firing_was_told,
            deliveries: deliveries.collect::<Result<_, _>>()?,
        })
    }
}

impl Request {
    fn of(receiver: &str, key: &RequestKey) -> Self {
        let RequestKey { name, body, window } = key;
        Self { group: alert_group(receiver, name), body: *body, window: millis(*window) }
    }
}

impl DeliveryRow {
    fn of(
        delivery: &NewDelivery,
        messages: &[Arc<NewMessage>],
        rows: &mut MessageRows,
    ) -> Result<Self, Failure> {
        let Some(of) = messages.get(delivery.message) else {
            return Err(Failure::conflict("a delivery has no message to send"));
        };
        let (target, message) = (delivery.target.clone(), rows.place(of)?);
        Ok(Self { target, message, rank: of.rank, parts: of.parts.len() })
    }
}

/// What stands for a receiver's alert group in the tables: 63 bits of a hash.
///
/// If two groups ever had the same number, their deliveries would wait for each other; none would be
/// taken for a duplicate, since a state names its alerts.
pub(super) fn alert_group(receiver: &str, group: &str) -> i64 {
    let length = u64::try_from(receiver.len()).unwrap_or(u64::MAX).to_be_bytes();
    let hash = Sha256::new().chain_update(length).chain_update(receiver).chain_update(group);
    let first = hash.finalize().first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(first) & i64::MAX
}

/// Stores the deliveries of every share that is no duplicate and is wanted, and the notification with
/// them.
///
/// The state that duplicates are known by is read and written here, within the transaction, so two
/// equal notifications in one batch are told apart too. None, and nothing is written, if what is known of
/// the sender is not any more what the notification was read with.
pub(super) fn accept(
    ledger: &Ledger,
    at: Moment,
    rows: &Rows,
) -> Result<Option<Accepted>, Failure> {
    if let Some(change) = &rows.sender
        && !sender_state::change(ledger, at, change)?
    {
        return Ok(None);
    }
    let mut accepted = Accepted::default();
    let notification = next_id(&ledger.last_ids.notification);
    let mut messages = StoredMessages::new(notification, &rows.messages);
    let mut states = Vec::new();
    // An equal share of them for each delivery.
    let bytes = rows.bytes() / rows.deliveries().max(1);
    for share in &rows.shares {
        accepted.key_reused |= is_reused(ledger, at, share)?;
        if let Some(earlier) = duplicate_of(ledger, at, share)? {
            accepted.duplicates.push(share.place);
            accepted.duplicate_of = Some(earlier);
            continue;
        }
        if share.only_if_firing_was_told && !firing_was_told(ledger, share)? {
            accepted.untold.push(share.place);
            continue;
        }
        for (group, state) in share.states() {
            remember(ledger, at, (group, state), &rows.notification, notification);
            states.push((group, state));
        }
        let origins = Origins {
            notification,
            origin: Origin::Notification,
            alert_group: share.alert_group,
            replay_of: None,
        };
        for delivery in &share.deliveries {
            let target = ledger.target(&delivery.target)?;
            let message = QueuedMessage {
                number: messages.number(ledger, delivery.message)?,
                rank: delivery.rank,
                parts: delivery.parts,
                bytes,
            };
            let id = insert(ledger, at, &origins, target, &message)?;
            accepted.deliveries.push(DeliveryId(id));
        }
    }
    if !accepted.deliveries.is_empty() {
        let states = group_states::to_bytes(&states);
        insert_notification(ledger, at, notification, rows, accepted.deliveries.len(), &states)?;
        accepted.duplicate_of = None;
    }
    Ok(Some(accepted))
}

/// The messages of a notification, of which each is stored for the first delivery that needs it.
struct StoredMessages<'r> {
    rows: &'r [MessageRow],
    next: i64,
    /// The numbers of those that are stored, by their places.
    numbers: Vec<Option<i64>>,
}

impl<'r> StoredMessages<'r> {
    fn new(notification: i64, rows: &'r [MessageRow]) -> Self {
        Self { rows, next: notification * schema::MESSAGES, numbers: vec![None; rows.len()] }
    }

    /// The number of the message at `place`.
    fn number(&mut self, tx: &Connection, place: usize) -> Result<i64, Failure> {
        if let Some(number) = self.numbers[place] {
            return Ok(number);
        }
        let number = self.next;
        self.rows[place].insert(tx, number)?;
        self.numbers[place] = Some(number);
        self.next += 1;
        Ok(number)
    }
}

/// The earlier notification, if it is the same request, or if the group's last accepted state is this one
/// and is recent.
fn duplicate_of(ledger: &Ledger, at: Moment, share: &Share) -> Result<Option<String>, Failure> {
    let states = ledger.states.borrow();
    if let Some(Request { group, body, window }) = share.request
        && let Some(earlier) = states.duplicate_of(ledger, group, body, at.ms() - window)?
    {
        return Ok(Some(earlier));
    }
    states.duplicate_of(ledger, share.alert_group, share.state, at.ms() - share.window)
}

/// Whether the key of the request stands for another body, as the last request with it said.
fn is_reused(ledger: &Ledger, at: Moment, share: &Share) -> Result<bool, Failure> {
    let Some(Request { group, body, window }) = share.request else { return Ok(false) };
    ledger.states.borrow().is_in_another(ledger, group, body, at.ms() - window)
}

/// Whether something fired in the last state that the receiver was told of the group.
fn firing_was_told(ledger: &Ledger, share: &Share) -> Result<bool, Failure> {
    Ok(ledger.states.borrow().last(ledger, share.alert_group)?.is_some_and(StateHash::fires))
}

fn remember(ledger: &Ledger, at: Moment, (group, state): (i64, StateHash), id: &str, number: i64) {
    let state = GroupState { state, notification: id.to_owned(), number, accepted_ms: at.ms() };
    ledger.states.borrow_mut().remember(group, state);
}

fn insert_notification(
    tx: &Connection,
    at: Moment,
    id: i64,
    rows: &Rows,
    deliveries: usize,
    states: &[u8],
) -> Result<(), Failure> {
    let Rows { notification, group, format, payload, .. } = rows;
    tx.prepare_cached(
        "INSERT INTO notification
           (id, uuid, group_key, deliveries, accepted_ms, states, format, payload)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        id,
        notification,
        group,
        deliveries,
        at.ms(),
        states,
        format,
        payload
    ])?;
    Ok(())
}

/// A new delivery; the head of its group if the group has none and no digest carries it.
pub(super) fn insert(
    ledger: &Ledger,
    at: Moment,
    origins: &Origins,
    target: i64,
    message: &QueuedMessage,
) -> Result<i64, Failure> {
    let id = next_id(&ledger.last_ids.delivery);
    let head = ledger.heads.borrow_mut().add(target, origins.alert_group);
    ledger
        .prepare_cached(
            "INSERT INTO delivery (id, notification, message, target, alert_group, origin, rank,
               head, due_ms, was_due_ms, accepted_ms, accepted_wall, parts, bytes, replay_of, kind)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            id,
            origins.notification,
            message.number,
            target,
            origins.alert_group,
            origins.origin.as_str(),
            message.rank,
            head,
            at.ms(),
            at.wall_ms(),
            message.parts,
            message.bytes,
            origins.replay_of,
            Kind::of_new(origins.origin).code(),
        ])?;
    ledger.touch(target);
    ledger.totals.borrow_mut().accepted(target, origins.origin, message.bytes);
    Ok(id)
}

/// What a replay is made of: the dead letter.
pub(super) struct ReplaySource {
    pub(super) id: i64,
    pub(super) notification: i64,
    pub(super) alert_group: i64,
    pub(super) target: i64,
}

/// A new delivery of a dead letter; its notification has one delivery more.
pub(super) fn replay(
    ledger: &Ledger,
    at: Moment,
    of: &ReplaySource,
    message: &QueuedMessage,
) -> Result<i64, Failure> {
    let origins = Origins {
        notification: of.notification,
        origin: Origin::Replay,
        alert_group: of.alert_group,
        replay_of: Some(of.id),
    };
    ledger
        .prepare_cached("UPDATE notification SET deliveries = deliveries + 1 WHERE id = ?1")?
        .execute([of.notification])?;
    insert(ledger, at, &origins, of.target, message)
}
