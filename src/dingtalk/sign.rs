//! A chatbot's signature (DingTalk, `customize-robot-security-settings`).
//!
//! The signature is percent-encoded exactly once: DingTalk decodes once, and `%252B` is a signature that does
//! not fit. A URL is signed anew for each attempt, because a signature is good for an hour only.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use sha2::Sha256;

/// The signature of `timestamp_ms`, in base64; the whole secret is the key, `SEC` included.
pub(super) fn sign(timestamp_ms: i64, secret: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{timestamp_ms}\n{secret}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The webhook, signed where there is a secret.
///
/// A `timestamp` or `sign` that the webhook already has is dropped: DingTalk reads the first one.
/// The rest of the query stays as it was written. `None` if the webhook is not a URL.
pub(super) fn signed_url(webhook: &str, timestamp_ms: i64, secret: Option<&str>) -> Option<Url> {
    let mut url = Url::parse(webhook).ok()?;
    let mut query = unsigned_query(&url);
    if let Some(secret) = secret {
        let sign = percent_encode(&sign(timestamp_ms, secret));
        query.push(format!("timestamp={timestamp_ms}"));
        query.push(format!("sign={sign}"));
    }
    url.set_query(Some(query.join("&")).filter(|query| !query.is_empty()).as_deref());
    Some(url)
}

/// The query's pairs as they are written, without `timestamp` and `sign`.
fn unsigned_query(url: &Url) -> Vec<String> {
    let written = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let decoded = url.query_pairs();
    written
        .zip(decoded)
        .filter(|(_, (name, _))| name != "timestamp" && name != "sign")
        .map(|(pair, _)| pair.to_owned())
        .collect()
}

/// Encodes the three characters of base64 that mean something else in a query.
pub(super) fn percent_encode(base64: &str) -> String {
    base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Timestamp, secret, base64, and as it stands in the URL; the first is also in `CatchZeng`'s
    /// DingTalk client, the others were computed with Python.
    fn vectors() -> [(i64, String, &'static str, &'static str); 3] {
        let first = "SECb90923e19e58b466481e9e7b7a5b4f108a4531abde590ad3967fb29f0eae5c68";
        [
            (
                1_582_163_555_000,
                first.to_owned(),
                "BQKsG+QOCl+bYJOLc6pxDHxjVquzlZPWgvRzeN2J5zY=",
                "BQKsG%2BQOCl%2BbYJOLc6pxDHxjVquzlZPWgvRzeN2J5zY%3D",
            ),
            (
                1_700_000_000_000,
                "this is secret".to_owned(),
                "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0=",
                "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0%3D",
            ),
            (
                1_700_000_000_000,
                format!("SEC{}", "0".repeat(66)),
                "aEvQ5296V9Ky2Fxtzqe1q0nSBtNcNi/eXQCVbn0BBcQ=",
                "aEvQ5296V9Ky2Fxtzqe1q0nSBtNcNi%2FeXQCVbn0BBcQ%3D",
            ),
        ]
    }

    #[test]
    fn a_signature_is_the_documented_one_and_encoded_once() {
        for (timestamp, secret, base64, encoded) in vectors() {
            assert_eq!(sign(timestamp, &secret), base64);
            let url = signed_url("https://x/robot/send?access_token=t", timestamp, Some(&secret));
            let expected =
                format!("https://x/robot/send?access_token=t&timestamp={timestamp}&sign={encoded}");
            assert_eq!(url.expect("a URL").as_str(), expected);
        }
    }

    #[test]
    fn an_old_signature_is_dropped_and_the_rest_stays_as_written() {
        let cases = [
            ("https://x/?timestamp=1&access_token=a%2Bb&sign=old", "https://x/?access_token=a%2Bb"),
            ("https://x/?si%67n=old&&timestamp&design=1", "https://x/?design=1"),
            ("https://x/?sign=old", "https://x/"),
            ("https://x/", "https://x/"),
        ];
        for (webhook, expected) in cases {
            assert_eq!(signed_url(webhook, 1, None).expect("a URL").as_str(), expected);
            let signed = signed_url(webhook, 7, Some("s")).expect("a URL");
            let names: Vec<_> = signed.query_pairs().map(|(name, _)| name.into_owned()).collect();
            assert_eq!(names.iter().filter(|name| *name == "sign").count(), 1);
            assert_eq!(names.iter().filter(|name| *name == "timestamp").count(), 1);
        }
    }

    #[test]
    fn what_is_no_url_is_not_signed() {
        assert_eq!(signed_url("oapi.dingtalk.com/robot/send", 1, Some("s")), None);
    }
}
