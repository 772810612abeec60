//! The signature of a body, as Grafana's webhook contact point makes it (grafana/alerting,
//! `http/hmac.go`): HMAC-SHA256 of the body in lower-case hex, with a time stamp before it if one is
//! asked for.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// How far a time stamp may be from our time, in seconds: for clocks that differ, and for a body that
/// waited on its way. Grafana itself gives up after 30 s.
const LONGEST: i64 = 5 * 60;

/// What is asked of a sender.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The secret that the sender knows too.
    pub secret: &'a [u8],
    /// The header of the signature.
    pub signature_header: &'a str,
    /// The header of the time stamp, if the signature has one.
    pub timestamp_header: Option<&'a str>,
}

/// Why a body is not taken for that of the sender who knows the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header is not there.
    #[error(
        "it is not signed: the header {0} is missing; set the HMAC secret of `grafana` at Grafana's \
         contact point too"
    )]
    Missing(String),
    /// The signature is another one.
    #[error(
        "its signature is not that of the HMAC secret of `grafana`; the secret at Grafana's contact \
         point has to be the same, and its time stamp header set if and only if `timestamp_header` is"
    )]
    Wrong,
    /// The time stamp is no number of seconds.
    #[error("the header {0} is no Unix time in seconds")]
    NoTime(String),
    /// It was signed at another time.
    #[error(
        "it was signed {0} s from now; a signature is taken for {LONGEST} s, so look at both clocks \
         (NTP)"
    )]
    OtherTime(u64),
}

/// Whether the body was signed with the secret; `header` gives the headers that it came with.
///
/// # Errors
///
/// When it was not, or too long ago.
pub fn check<'h>(
    asked: &Asked<'_>,
    header: impl Fn(&str) -> Option<&'h [u8]>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), SignatureError> {
    let given = |name: &str| header(name).ok_or_else(|| SignatureError::Missing(name.to_owned()));
    let signature = given(asked.signature_header)?;
    let mut mac = keyed(asked.secret);
    let signed_at = asked.timestamp_header.map(|name| Ok((name, given(name)?))).transpose()?;
    if let Some((_, timestamp)) = signed_at {
        mac.update(timestamp);
        mac.update(b":");
    }
    mac.update(body);
    // In constant time: who guesses learns nothing of how much is right.
    let is_right =
        from_hex(signature).is_some_and(|signature| mac.verify_slice(&signature).is_ok());
    if !is_right {
        return Err(SignatureError::Wrong);
    }
    signed_at.map_or(Ok(()), |(name, timestamp)| is_of_now(name, timestamp, now))
}

fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).expect("HMAC takes a key of any length")
}

/// Whether the time stamp, which is signed, is about now.
fn is_of_now(header: &str, timestamp: &[u8], now: Timestamp) -> Result<(), SignatureError> {
    let seconds = str::from_utf8(timestamp).ok().and_then(|text| text.parse::<i64>().ok());
    let seconds = seconds.ok_or_else(|| SignatureError::NoTime(header.to_owned()))?;
    let apart = seconds.abs_diff(now.as_second());
    if apart > LONGEST.unsigned_abs() { Err(SignatureError::OtherTime(apart)) } else { Ok(()) }
}

/// The bytes that hex digits stand for, small or capital.
fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit =
        |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    rest.is_empty().then(|| bytes.collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"alerts":[]}"#;

    /// Of [`BODY`] alone, and behind the time stamp 1795201800, with the secret `grafana-secret`; computed
    /// with Python.
    const ALONE: &str = "74fcaf9cb837272d4cbd7d1d26d72f05b0ea8c3c4fc73cf8a426cdc0bd72695d";
    const TIMED: &str = "c7e642b39a091ac3a36d1f88cd6034e86c215e5c7e35bab6d592922791cb8853";

    fn checked(
        secret: &str,
        timestamp_header: Option<&str>,
        headers: &[(&str, &str)],
        now: i64,
    ) -> Result<(), SignatureError> {
        let secret = secret.as_bytes();
        let asked = Asked { secret, signature_header: "x-signature", timestamp_header };
        let header = |name: &str| {
            let found = headers.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.as_bytes())
        };
        check(&asked, header, BODY, Timestamp::from_second(now).unwrap())
    }

    #[test]
    fn a_body_is_taken_that_is_signed_with_the_secret() {
        let missing = Err(SignatureError::Missing("x-signature".to_owned()));
        let upper = ALONE.to_ascii_uppercase();
        for (secret, headers, expected) in [
            ("grafana-secret", &[("x-signature", ALONE)][..], Ok(())),
            ("grafana-secret", &[("x-signature", &upper)], Ok(())),
            ("another", &[("x-signature", ALONE)], Err(SignatureError::Wrong)),
            ("grafana-secret", &[("x-signature", TIMED)], Err(SignatureError::Wrong)),
            ("grafana-secret", &[("x-signature", &ALONE[..62])], Err(SignatureError::Wrong)),
            ("grafana-secret", &[("x-signature", &ALONE[..63])], Err(SignatureError::Wrong)),
            ("grafana-secret", &[("x-signature", "")], Err(SignatureError::Wrong)),
            ("grafana-secret", &[("x-signature", "磁盘")], Err(SignatureError::Wrong)),
            ("grafana-secret", &[("x-other", ALONE)], missing),
        ] {
            assert_eq!(checked(secret, None, headers, 0), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_time_stamp_is_signed_too_and_has_to_be_of_now() {
        let of = |signature, timestamp, now| {
            let headers = [("x-signature", signature), ("x-time", timestamp)];
            checked("grafana-secret", Some("x-time"), &headers, now)
        };
        let at = 1_795_201_800;
        for now in [at, at - 300, at + 300] {
            assert_eq!(of(TIMED, "1795201800", now), Ok(()), "{now}");
        }
        for (now, apart) in [(at - 301, 301), (at + 301, 301), (0, 1_795_201_800)] {
            assert_eq!(of(TIMED, "1795201800", now), Err(SignatureError::OtherTime(apart)));
        }
        assert_eq!(of(TIMED, "1795201801", at), Err(SignatureError::Wrong), "it is signed");
        assert_eq!(of(ALONE, "1795201800", at), Err(SignatureError::Wrong));
        let unsigned = checked("grafana-secret", Some("x-time"), &[("x-signature", TIMED)], at);
        assert_eq!(unsigned, Err(SignatureError::Missing("x-time".to_owned())));
        assert_eq!(
            is_of_now("x-time", b"1e9", Timestamp::UNIX_EPOCH).unwrap_err().to_string(),
            "the header x-time is no Unix time in seconds"
        );
    }
}
