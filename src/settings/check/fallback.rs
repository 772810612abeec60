//! The check of `fallback`: where the dead letters of a receiver or destination go.
//!
//! Each leads to another receiver that takes alerts, and no way leads back to where it began.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::settings::address::name;
use crate::settings::decode::{Checked, Decoder, Table, did_you_mean};
use crate::settings::keys::FALLBACK;
use crate::settings::tree::{Node, Position, Value};
use crate::settings::{Fallback, Receiver};

/// The range of `after`: a lane's retries begin within a minute, and a delivery is kept for a day.
const AFTER: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(24);

/// A fallback with its place in the file.
#[derive(Debug, Clone)]
pub(super) struct PlacedFallback {
    /// The fallback.
    pub(super) fallback: Fallback,
    /// Where it stands.
    pub(super) position: Position,
}

/// The `fallback` of a receiver or a destination: a receiver's name, or a mapping with it.
pub(super) fn fallback(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Option<PlacedFallback>> {
    table.optional("fallback", |node| {
        let fallback = match &node.value {
            Value::Table(_) => with_age(decoder, node)?,
            Value::Null | Value::Scalar(_) | Value::List(_) => {
                Fallback { receiver: name(decoder, node)?, after: None }
            }
        };
        Ok(PlacedFallback { fallback, position: node.position })
    })
}

fn with_age(decoder: Decoder<'_>, node: &Node) -> Checked<Fallback> {
    let table = decoder.table(node, &FALLBACK)?;
    let receiver = table.required(decoder, "receiver", |node| name(decoder, node));
    let after = table.optional("after", |node| decoder.duration(node, &AFTER));
    Ok(Fallback { receiver: receiver?, after: after? })
}

/// Reports each fallback that leads to no receiver, to a disabled one, or in the end to itself.
pub(super) fn check_fallbacks(
    decoder: Decoder<'_>,
    receivers: &[Receiver],
    fallbacks: &[(String, PlacedFallback)],
) {
    let known: HashMap<&str, &Receiver> =
        receivers.iter().map(|receiver| (receiver.name.as_str(), receiver)).collect();
    for (of, PlacedFallback { fallback, position }) in fallbacks {
        match known.get(fallback.receiver.as_str()) {
            None => {
                let names = known.keys().copied();
                let text = format!(
                    "there is no receiver `{}` to fall back to{}",
                    fallback.receiver,
                    did_you_mean(&fallback.receiver, names)
                );
                decoder.report.error(*position, text);
            }
            Some(receiver) if !receiver.enabled => {
                let text =
                    format!("the receiver `{}` is disabled and takes no alerts", receiver.name);
                decoder.report.error(*position, text);
            }
            Some(_) => {
                if let Some(way) = way_back(of, &fallback.receiver, fallbacks) {
                    let text = format!("this fallback leads back to where it began: {way}");
                    decoder.report.error(*position, text);
                }
            }
        }
    }
}

/// The way from `from` to `to` by fallbacks, and on to `from` again, if there is one.
fn way_back(from: &str, to: &str, fallbacks: &[(String, PlacedFallback)]) -> Option<String> {
    let mut ways: Vec<Vec<&str>> = vec![vec![to]];
    let mut seen = vec![to];
    while let Some(way) = ways.pop() {
        let last = *way.last()?;
        if last == from {
            let way: Vec<String> = way.iter().map(|name| format!("`{name}`")).collect();
            return Some(format!("`{from}` -> {}", way.join(" -> ")));
        }
        for (of, next) in fallbacks {
            let next = next.fallback.receiver.as_str();
            if of == last && (next == from || !seen.contains(&next)) {
                seen.push(next);
                ways.push([way.as_slice(), &[next]].concat());
            }
        }
    }
    None
}
