//! Zones: the distance from UTC and its abbreviation at an instant.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::{Dst, TimeZone, TimeZoneDatabase, TimeZoneOffsetInfo};

use super::Zone;
use crate::value::Text;

/// The one that is built in, so that a template reads no file and gives the same everywhere.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The seconds of 400 years, after which all rules repeat.
const CYCLE: i64 = 146_097 * 86_400;

/// How long rules are looked through for an abbreviation: those of today go on as they are.
const LAST_RULE: Timestamp = Timestamp::constant(2_208_988_800, 0);

/// Go's `time.Local`.
const LOCAL: &[u8] = b"Local";

/// What is in effect in a zone at an instant.
#[derive(Debug)]
pub(super) struct InEffect<'z> {
    /// Seconds east of UTC.
    pub(super) offset: i32,
    pub(super) is_dst: bool,
    abbreviation: Abbreviation<'z>,
}

#[derive(Debug)]
enum Abbreviation<'z> {
    Text(&'z [u8]),
    Rule(TimeZoneOffsetInfo<'z>),
}

impl InEffect<'_> {
    /// Empty where only the offset is known.
    pub(super) fn abbreviation(&self) -> &[u8] {
        match &self.abbreviation {
            Abbreviation::Text(text) => text,
            Abbreviation::Rule(info) => info.abbreviation().as_bytes(),
        }
    }
}

impl Zone {
    /// Go's `time.LoadLocation`, where the zone that Go calls `Local` comes from the caller.
    ///
    /// # Errors
    /// When the tz database has no such name, in Go's words. As in Go, case matters.
    pub fn load(name: &str, local: &Self) -> Result<Self, String> {
        match name {
            "" | "UTC" => return Ok(Self::Utc),
            "Local" => return Ok(local.clone()),
            _ => {}
        }
        if name.contains("..") || name.starts_with(['/', '\\']) {
            return Err("time: invalid location name".to_owned());
        }
        let found = DATABASE.get(name).ok().filter(|rules| rules.iana_name() == Some(name));
        match found {
            Some(rules) => Ok(Self::Named { name: name.into(), rules }),
            None => Err(format!("unknown time zone {name}")),
        }
    }

    /// The zone of the process, which Go calls `Local`.
    #[must_use]
    pub fn local(rules: TimeZone) -> Self {
        Self::Named { name: LOCAL.into(), rules }
    }

    /// What Go's `Location.String()` gives.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        match self {
            Self::Utc => b"UTC",
            Self::Named { name, .. } | Self::Fixed { name, .. } => name.as_bytes(),
        }
    }

    pub(super) fn is_local(&self) -> bool {
        matches!(self, Self::Named { name, .. } if name.as_bytes() == LOCAL)
    }

    /// Whether both are one `*time.Location`, which is what Go compares of two zones.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Utc, Self::Utc) => true,
            (Self::Named { name: one, .. }, Self::Named { name: other, .. }) => {
                is_same_text(one, other) || self.is_local() && other.as_bytes() == LOCAL
            }
            (
                Self::Fixed { name: one, offset },
                Self::Fixed { name: other, offset: other_offset },
            ) => {
                // Go shares the zones of whole hours that have no name.
                let is_shared = one.is_empty()
                    && offset % 3600 == 0
                    && (-12 * 3600..=14 * 3600).contains(offset);
                offset == other_offset
                    && (is_shared && other.is_empty() || is_same_text(one, other))
            }
            _ => false,
        }
    }

    /// Seconds east of UTC at an instant.
    pub(super) fn offset_at(&self, unix: i64) -> i32 {
        match self {
            Self::Utc => 0,
            Self::Named { rules, .. } => rules.to_offset(timestamp(unix)).seconds(),
            Self::Fixed { offset, .. } => *offset,
        }
    }

    /// What is in effect at an instant.
    pub(super) fn at(&self, unix: i64) -> InEffect<'_> {
        let fixed = |offset, name| InEffect {
            offset,
            is_dst: false,
            abbreviation: Abbreviation::Text(name),
        };
        match self {
            Self::Utc => fixed(0, b"UTC"),
            Self::Fixed { name, offset } => fixed(*offset, name.as_bytes()),
            Self::Named { rules, .. } => {
                let info = rules.to_offset_info(timestamp(unix));
                InEffect {
                    offset: info.offset().seconds(),
                    is_dst: info.dst() == Dst::Yes,
                    abbreviation: Abbreviation::Rule(info),
                }
            }
        }
    }

    /// The instant at which clocks in the zone show what those in UTC show at `wall`. Where they
    /// show it never or twice, one of the offsets around it counts, the same as in Go.
    pub(super) fn instant_of(&self, wall: i64) -> i64 {
        let guess = self.offset_at(wall);
        let offset = self.offset_at(wall.wrapping_sub(i64::from(guess)));
        wall.wrapping_sub(i64::from(offset))
    }

    /// The offset that an abbreviation means in the zone when clocks show `wall`: the one that is
    /// in effect under that name, or else the first one that ever was.
    pub(super) fn offset_of(&self, abbreviation: &[u8], wall: i64) -> Option<i32> {
        let rules = match self {
            Self::Utc => return None,
            Self::Fixed { name, offset } => {
                return (name.as_bytes() == abbreviation).then_some(*offset);
            }
            Self::Named { rules, .. } => rules,
        };
        let in_effect = |offset: i32| {
            let found = self.at(wall.wrapping_sub(i64::from(offset)));
            (found.abbreviation() == abbreviation).then_some(found.offset)
        };
        // Nearly always it is the one of these days, and the past need not be looked through.
        let now = self.at(wall);
        if now.abbreviation() == abbreviation
            && let Some(offset) = in_effect(now.offset)
        {
            return Some(offset);
        }
        let offsets = offsets_of(rules, abbreviation);
        offsets.iter().find_map(|offset| in_effect(*offset)).or_else(|| offsets.first().copied())
    }
}

/// All offsets that an abbreviation ever had, the oldest first.
fn offsets_of(rules: &TimeZone, abbreviation: &[u8]) -> Vec<i32> {
    let first = rules.to_offset_info(Timestamp::MIN);
    let mut offsets = Vec::new();
    if first.abbreviation().as_bytes() == abbreviation {
        offsets.push(first.offset().seconds());
    }
    let transitions = rules.following(Timestamp::MIN);
    for transition in transitions.take_while(|transition| transition.timestamp() < LAST_RULE) {
        let offset = transition.offset().seconds();
        if transition.abbreviation().as_bytes() == abbreviation && !offsets.contains(&offset) {
            offsets.push(offset);
        }
    }
    offsets
}

/// An instant that jiff can hold and at which the same rule is in effect: rules repeat after 400
/// years, and before the first one there is none.
fn timestamp(unix: i64) -> Timestamp {
    let last = Timestamp::MAX.as_second();
    let unix = if unix > last { last - CYCLE + (unix - last) % CYCLE } else { unix };
    Timestamp::from_second(unix).unwrap_or(Timestamp::MIN)
}

/// Whether both are one allocation: Go compares the pointers of zones, and a zone is known by its
/// name's place.
fn is_same_text(one: &Text, other: &Text) -> bool {
    std::ptr::eq(one.as_bytes(), other.as_bytes())
}
