//! Durations, sizes and addresses as the configuration writes them.
//!
//! Durations have the grammar of Alertmanager's configuration (prometheus/common
//! `model.ParseDuration`): units from years to milliseconds, each at most once, largest first.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The units of a duration, largest first, in milliseconds. A year has 365 days, as in Prometheus.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// The units of a size, in bytes.
const SIZES: [(&str, usize); 7] = [
    ("", 1),
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
];

/// Parses a duration such as `5s`, `1h30m` or `500ms`; `0` needs no unit.
pub(super) fn duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut units = UNITS.iter();
    let mut rest = text;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = leading_number(rest)?;
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        // The iterator goes on where it stopped, so no unit can repeat or follow a smaller one.
        let (_, milliseconds) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.checked_mul(*milliseconds)?)?;
        rest = after;
    }
    (!text.is_empty()).then(|| Duration::from_millis(total))
}

/// A duration in days and smaller units, for people; [`duration`] parses it.
pub(super) fn show_duration(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut shown = String::new();
    for (unit, milliseconds) in UNITS {
        let count = rest / milliseconds;
        // Weeks and years are left out: people compare days more easily.
        if count > 0 && unit != "w" && unit != "y" {
            shown.extend([count.to_string().as_str(), unit]);
            rest %= milliseconds;
        }
    }
    if shown.is_empty() { "0s".to_owned() } else { shown }
}

/// Parses a size such as `4MiB`; a number alone counts bytes.
pub(super) fn size(text: &str) -> Option<usize> {
    let (number, unit) = leading_number(text)?;
    let (_, factor) = SIZES.iter().find(|(name, _)| *name == unit.trim_start())?;
    usize::try_from(number).ok()?.checked_mul(*factor)
}

/// Parses an address to listen on: `0.0.0.0:8060`, `[::1]:8060`, `localhost:8060`, or `:8060` for
/// all IPv4 addresses.
pub(super) fn listen_address(text: &str) -> Option<SocketAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let host = match host {
        "" => Ipv4Addr::UNSPECIFIED,
        "localhost" => Ipv4Addr::LOCALHOST,
        _ => return None,
    };
    Some(SocketAddr::new(IpAddr::V4(host), port))
}

fn leading_number(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    Some((number.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_those_of_prometheus() {
        let cases = [
            ("0", Some(0)),
            ("0s", Some(0)),
            ("500ms", Some(500)),
            ("5s", Some(5_000)),
            ("1h30m", Some(5_400_000)),
            ("1d", Some(86_400_000)),
            ("1w", Some(604_800_000)),
            ("1y", Some(31_536_000_000)),
            ("1m500ms", Some(60_500)),
            ("", None),
            ("5", None),
            ("5 s", None),
            ("1.5h", None),
            ("-5s", None),
            ("30m1h", None),
            ("1s1s", None),
            ("5 parsecs", None),
            ("s", None),
            ("99999999999999999999s", None),
            ("9999999999999y", None),
        ];
        for (text, expected) in cases {
            assert_eq!(duration(text), expected.map(Duration::from_millis), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_shown_duration_reads_back(milliseconds in 0..u64::from(u32::MAX) * 1_000) {
            let value = Duration::from_millis(milliseconds);
            prop_assert_eq!(duration(&show_duration(value)), Some(value));
        }

        #[test]
        fn no_text_makes_a_reader_fall_over(text in "\\PC*|[0-9smhdwy:.\\[\\]MiBk]*") {
            let _ = (duration(&text), size(&text), listen_address(&text));
        }
    }

    #[test]
    fn sizes_have_the_usual_units() {
        let cases = [
            ("4MiB", Some(4 << 20)),
            ("4 MiB", Some(4 << 20)),
            ("19500", Some(19_500)),
            ("64kB", Some(64_000)),
            ("1GiB", Some(1 << 30)),
            ("4M", None),
            ("MiB", None),
            ("-1", None),
            ("99999999999GiB", None),
        ];
        for (text, expected) in cases {
            assert_eq!(size(text), expected, "{text}");
        }
    }

    #[test]
    fn an_address_without_a_host_means_every_interface() {
        let cases = [
            (":8060", Some("0.0.0.0:8060")),
            ("0.0.0.0:8060", Some("0.0.0.0:8060")),
            ("127.0.0.1:0", Some("127.0.0.1:0")),
            ("[::1]:8060", Some("[::1]:8060")),
            ("localhost:8060", Some("127.0.0.1:8060")),
            ("8060", None),
            ("campana.example:8060", None),
            (":80600", None),
            ("::1:8060", None),
        ];
        for (text, expected) in cases {
            let shown = listen_address(text).map(|address| address.to_string());
            assert_eq!(shown.as_deref(), expected, "{text}");
        }
    }
}
