//! The check of `fallback`: where the dead letters of a receiver or destination go.
//!
//! Each leads to another receiver that takes alerts, and no way leads back to where it began.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::settings::Fallback;
use crate::settings::address::name;
use crate::settings::decode::{Checked, Decoder, Reported, Table, did_you_mean};
use crate::settings::keys::FALLBACK;
use crate::settings::tree::{Node, Position, Value};

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

/// The `fallback` of a receiver or a destination, as far as it could be read.
#[derive(Debug)]
pub(super) struct ReadFallback {
    /// The fallback, also one whose age is wrong.
    pub(super) found: Option<PlacedFallback>,
    /// Whether nothing of it is wrong.
    outcome: Checked<()>,
}

impl ReadFallback {
    /// The fallback, if nothing of it is wrong.
    pub(super) fn whole(self) -> Checked<Option<Fallback>> {
        self.outcome.map(|()| self.found.map(|placed| placed.fallback))
    }
}

/// The `fallback` of a receiver or a destination: a receiver's name, or a mapping with it.
pub(super) fn fallback(decoder: Decoder<'_>, table: &Table<'_>) -> ReadFallback {
    let read = table.optional("fallback", |node| {
        let (receiver, after) = match &node.value {
            Value::Table(_) => with_age(decoder, node)?,
            Value::Null | Value::Scalar(_) | Value::List(_) => (name(decoder, node)?, Ok(None)),
        };
        let fallback = Fallback { receiver, after: after.unwrap_or_default() };
        Ok((PlacedFallback { fallback, position: node.position }, after.map(|_| ())))
    });
    match read {
        Ok(Some((placed, outcome))) => ReadFallback { found: Some(placed), outcome },
        Ok(None) => ReadFallback { found: None, outcome: Ok(()) },
        Err(Reported) => ReadFallback { found: None, outcome: Err(Reported) },
    }
}

/// The receiver's name and the age, which may be wrong.
fn with_age(decoder: Decoder<'_>, node: &Node) -> Checked<(String, Checked<Option<Duration>>)> {
    let table = decoder.table(node, &FALLBACK)?;
    let receiver = table.required(decoder, "receiver", |node| name(decoder, node));
    let after = table.optional("after", |node| decoder.duration(node, &AFTER));
    Ok((receiver?, after))
}

/// The receivers of a file, as far as they could be read.
#[derive(Debug, Default)]
pub(super) struct KnownReceivers {
    /// Whether each is enabled, by its name; none where that could not be read.
    pub(super) enabled: BTreeMap<String, Option<bool>>,
    /// Whether one has a name that could not be read, or that another has too.
    pub(super) has_nameless: bool,
}

/// A fallback, and the name of the receiver that has it, if that could be read.
pub(super) type OwnedFallback = (Option<String>, PlacedFallback);

/// Reports each fallback that leads to no receiver, to a disabled one, or in the end to itself.
pub(super) fn check_fallbacks(
    decoder: Decoder<'_>,
    known: &KnownReceivers,
    fallbacks: &[OwnedFallback],
) {
    for (of, PlacedFallback { fallback, position }) in fallbacks {
        let to = fallback.receiver.as_str();
        match known.enabled.get(to) {
            // It may be the receiver whose name could not be read.
            None if known.has_nameless => decoder.report.leave_unchecked(),
            None => {
                let hint = did_you_mean(to, known.enabled.keys().map(String::as_str));
                let text = format!("there is no receiver `{to}` to fall back to{hint}");
                decoder.report.error(*position, text);
            }
            Some(Some(false)) => {
                let text = format!("the receiver `{to}` is disabled and takes no alerts");
                decoder.report.error(*position, text);
            }
            Some(is_enabled) => {
                if is_enabled.is_none() {
                    decoder.report.leave_unchecked();
                }
                let way = of.as_deref().and_then(|of| way_back(of, to, fallbacks));
                if let Some(way) = way {
                    let text = format!("this fallback leads back to where it began: {way}");
                    decoder.report.error(*position, text);
                }
            }
        }
    }
}

/// The way from `from` to `to` by fallbacks, and on to `from` again, if there is one.
fn way_back(from: &str, to: &str, fallbacks: &[OwnedFallback]) -> Option<String> {
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
            if of.as_deref() == Some(last) && (next == from || !seen.contains(&next)) {
                seen.push(next);
                ways.push([way.as_slice(), &[next]].concat());
            }
        }
    }
    None
}
