//! The signature of a webhook call, as DingTalk computes it.
//!
//! The key is the whole secret including its `SEC`, the text is the time stamp, a line feed and the
//! secret again (DingTalk, `customize-robot-security-settings`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The value of `sign` before it is percent-encoded, for a time stamp in milliseconds.
///
/// # Panics
///
/// Never: HMAC takes a key of any length.
#[must_use]
pub fn sign(timestamp: &str, secret: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b"\n");
    mac.update(secret.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_come_out() {
        let zeros = format!("SEC{}", "0".repeat(66));
        let vectors = [
            (
                "1582163555000",
                "SECb90923e19e58b466481e9e7b7a5b4f108a4531abde590ad3967fb29f0eae5c68",
                "BQKsG+QOCl+bYJOLc6pxDHxjVquzlZPWgvRzeN2J5zY=",
            ),
            ("1700000000000", "this is secret", "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0="),
            ("1700000000000", &zeros, "aEvQ5296V9Ky2Fxtzqe1q0nSBtNcNi/eXQCVbn0BBcQ="),
            ("1577262236757", "this is a secret", "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="),
        ];
        for (timestamp, secret, expected) in vectors {
            assert_eq!(sign(timestamp, secret), expected, "{timestamp} {secret}");
        }
    }
}
