//! The check of a receiver's `active_times`: a list of time intervals as Alertmanager writes them, each
//! with what is taken out of it below `not`.

use jiff::tz::TimeZone;

use crate::select::active_times::{
    ActiveTimes, DateField, DateRange, Dates, TimeInterval, TimeOfDay, TimeRange, zone_name,
};
use crate::settings::decode::{Checked, Decoder, Table, all, shown};
use crate::settings::keys::{EXCEPTION, INTERVAL, TIME_RANGE};
use crate::settings::process::timezone;
use crate::settings::tree::{Node, Position, Value};

/// What an interval looks like.
const EXAMPLE: &str = "{weekdays: ['monday:friday'], times: [{start_time: '09:00', end_time: '18:00'}], location: \
     Asia/Shanghai}";

/// An interval, and what a reader may not see in it.
pub(super) struct ReadInterval {
    pub(super) interval: TimeInterval,
    /// Whether it asks for times of which nobody wrote the zone.
    lacks_zone: bool,
    /// Whether it asks nothing of a time, not even by a key that is wrong.
    pub(super) asks_nothing: bool,
    /// Whether one of its exceptions does.
    pub(super) leaves_nothing: bool,
}

impl ReadInterval {
    /// Warns of it if a reader would take it to be in `messages`, the zone of the times in messages.
    pub(super) fn warn_of_zone(
        &self,
        decoder: Decoder<'_>,
        position: Position,
        messages: Option<&TimeZone>,
    ) {
        let zone = messages.map(zone_name).filter(|name| *name != "UTC");
        if let Some(zone) = zone.filter(|_| self.lacks_zone) {
            decoder.report.warning(position, zone_words(zone));
        }
    }
}

/// The list under `active_times`. `messages` is the zone of the times in messages, if it is known.
pub(super) fn active_times(
    decoder: Decoder<'_>,
    node: &Node,
    messages: Option<&TimeZone>,
) -> Checked<ActiveTimes> {
    let items = decoder.list(node, "time intervals")?;
    if items.is_empty() {
        let text = "needs at least one interval; leave the key out for a receiver \
                    that is always active";
        return decoder.fail(node.position, text);
    }
    let intervals = all(items.iter().map(|item| {
        let table = decoder.table_as(item, &INTERVAL, EXAMPLE)?;
        let read = interval(decoder, item, &table, &TimeZone::UTC)?;
        read.warn_of_zone(decoder, item.position, messages);
        Ok(read)
    }))?;
    warn_of_idle(decoder, items, &intervals);
    Ok(ActiveTimes::new(intervals.into_iter().map(|read| read.interval).collect()))
}

/// One interval, whose mapping is `table` and may say whom it is about too; without a zone of its own, it
/// is in `outer`.
pub(super) fn interval(
    decoder: Decoder<'_>,
    node: &Node,
    table: &Table<'_>,
    outer: &TimeZone,
) -> Checked<ReadInterval> {
    let zone = table.optional("location", |node| location(decoder, node));
    let times = table.optional("times", |node| times(decoder, node));
    let dates = DateField::ALL
        .into_iter()
        .map(|field| table.optional(field.key(), |node| dates(decoder, node, field)));
    let dates = all(dates);
    let own = zone.as_ref().ok().cloned().flatten();
    let exceptions = exceptions(decoder, table, own.as_ref().unwrap_or(outer));
    let (zone, dates, exceptions) = (zone?, dates?.into_iter().flatten().collect(), exceptions?);
    let asks = |key: &str| !matches!(key, "location" | "not" | "mobiles" | "user_ids" | "all");
    let asks_nothing = !node.entries().iter().any(|entry| asks(&entry.key));
    let exceptions_lack_it = exceptions.iter().any(|read| read.lacks_zone);
    let leaves_nothing = exceptions.iter().any(|read| read.asks_nothing);
    let interval = TimeInterval {
        times: times?,
        dates,
        zone: zone.unwrap_or_else(|| outer.clone()),
        exceptions: exceptions.into_iter().map(|read| read.interval).collect(),
    };
    let lacks_zone = own.is_none() && (!interval.is_unbounded() || exceptions_lack_it);
    Ok(ReadInterval { interval, lacks_zone, asks_nothing, leaves_nothing })
}

/// What stands below `not`: one interval, or a list of them.
fn exceptions(
    decoder: Decoder<'_>,
    table: &Table<'_>,
    outer: &TimeZone,
) -> Checked<Vec<ReadInterval>> {
    // An exception has none of its own.
    let Some(entry) = table.known_entry("not") else { return Ok(Vec::new()) };
    let items = match &entry.value.value {
        Value::List(items) => items.as_slice(),
        Value::Null | Value::Scalar(_) | Value::Table(_) => std::slice::from_ref(&entry.value),
    };
    if items.is_empty() {
        return decoder.fail(entry.value.position, "needs at least one interval");
    }
    all(items.iter().map(|item| {
        let table = decoder.table_as(item, &EXCEPTION, EXAMPLE)?;
        interval(decoder, item, &table, outer)
    }))
}

fn location(decoder: Decoder<'_>, node: &Node) -> Checked<TimeZone> {
    let text = decoder.text(node, "the IANA name of a time zone")?;
    if text == "Local" {
        let text = "`Local` is whatever zone the machine is in; write the zone's IANA name, such as \
                    `Asia/Shanghai`";
        return decoder.fail(node.position, text);
    }
    timezone(text).or_else(|words| decoder.fail(node.position, words))
}

fn times(decoder: Decoder<'_>, node: &Node) -> Checked<Vec<TimeRange>> {
    let items = decoder.list(node, "times such as `{start_time: '09:00', end_time: '18:00'}`")?;
    warn_of_nothing(decoder, node, items);
    all(items.iter().map(|item| time_range(decoder, item)))
}

fn time_range(decoder: Decoder<'_>, node: &Node) -> Checked<TimeRange> {
    let example = "{start_time: '09:00', end_time: '18:00'}";
    let table = decoder.table_as(node, &TIME_RANGE, example)?;
    let start = table.required(decoder, "start_time", |node| time_of_day(decoder, node));
    let end = table.required(decoder, "end_time", |node| time_of_day(decoder, node));
    let range = TimeRange::new(start?, end?);
    range.or_else(|error| decoder.fail(table.position, error.to_string()))
}

fn time_of_day(decoder: Decoder<'_>, node: &Node) -> Checked<TimeOfDay> {
    let text = shown(decoder.text(node, "a time of day as `HH:MM`")?);
    let time = text.parse::<TimeOfDay>();
    time.or_else(|error| decoder.fail(node.position, error.to_string()))
}

fn dates(decoder: Decoder<'_>, node: &Node, field: DateField) -> Checked<Dates> {
    let example = match field {
        DateField::Years => "years such as ['2026:2028']",
        DateField::Months => "months such as ['january:march']",
        DateField::DaysOfMonth => "days such as ['1:5']",
        DateField::Weekdays => "weekdays such as ['monday:friday']",
    };
    let items = decoder.list(node, example)?;
    warn_of_nothing(decoder, node, items);
    let ranges = all(items.iter().map(|item| {
        // What is right is shorter than what is shown of a long text.
        let text = shown(decoder.text(item, example)?);
        let range = DateRange::parse(field, &text);
        range.or_else(|error| decoder.fail(item.position, error.to_string()))
    }))?;
    Ok(Dates { field, ranges })
}

/// Warns of an empty list: to Alertmanager it is not the same as a key that is not there.
fn warn_of_nothing(decoder: Decoder<'_>, node: &Node, items: &[Node]) {
    if items.is_empty() {
        let text = "an empty list never holds; without the key, any of them does";
        decoder.report.warning(node.position, text);
    }
}

/// The warning about an interval that a reader would take to be in another zone.
fn zone_words(zone: &str) -> String {
    format!(
        "without `location` this interval is in UTC, as in Alertmanager, but the times in messages \
         are in {zone}; write `location: {zone}`, or `location: UTC` if that is meant"
    )
}

/// Warns of intervals that say nothing by themselves, because of which the others do not count.
fn warn_of_idle(decoder: Decoder<'_>, items: &[Node], intervals: &[ReadInterval]) {
    let mut negations = 0;
    for (node, read) in items.iter().zip(intervals).filter(|(_, read)| read.asks_nothing) {
        let text = if read.leaves_nothing {
            "this interval never holds, since its `not` leaves nothing"
        } else if read.interval.exceptions.is_empty() {
            "this interval always holds, so the receiver is always active"
        } else if negations > 0 {
            "one interval of the list is enough, so two with nothing but `not` leave out only what \
             both leave out; to leave out each, write one `not` with a list of both"
        } else {
            negations += 1;
            continue;
        };
        decoder.report.warning(node.position, text);
    }
}
