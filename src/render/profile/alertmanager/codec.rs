//! The functions `base64encode`, `base64decode` and `urlUnescape`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use gotemplate::sprig::decode_base64;
use gotemplate::{Call, Failure, Value};

/// The alphabet of URLs, with padding.
pub(super) fn base64_encode(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len().div_ceil(3).saturating_mul(4))?;
    Ok(Value::from(URL_SAFE.encode(text)))
}

pub(super) fn base64_decode(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len())?;
    match decoded(text) {
        Ok(bytes) => Ok(Value::text(bytes)),
        Err(at) => Err(format!("illegal base64 data at input byte {at}").into()),
    }
}

fn decoded(text: &[u8]) -> Result<Vec<u8>, usize> {
    decode_base64(text, *b"-_")
}

/// Go's `url.QueryUnescape`.
pub(super) fn query_unescape(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len())?;
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let Some(byte) = text.get(at..at + 2).and_then(of_hex) else {
                    let wrong = text.get(at - 1..).unwrap_or_default();
                    let wrong = wrong.get(..3).unwrap_or(wrong);
                    let quoted = gotemplate::fmt::quote(wrong);
                    return Err(format!("invalid URL escape {quoted}").into());
                };
                out.push(byte);
                at += 2;
            }
            byte => out.push(*byte),
        }
    }
    Ok(Value::text(out))
}

fn of_hex(digits: &[u8]) -> Option<u8> {
    let digit =
        |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let [high, low] = digits else { return None };
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_go_reads_it() {
        for (text, expected) in [
            ("", Ok("")),
            ("dGVzdA==", Ok("test")),
            ("dGVzdDE=", Ok("test1")),
            ("dGVzdDEy", Ok("test12")),
            ("dGVz\ndA==", Ok("test")),
            ("dGVzdA=\n=", Ok("test")),
            ("dGVzdA==\n", Ok("test")),
            ("not-valid-base64!", Err(16)),
            ("a", Err(0)),
            ("ab", Err(0)),
            ("abc", Err(0)),
            ("ab=", Err(3)),
            ("ab=c", Err(2)),
            ("ab\n=\nc", Err(4)),
            ("a===", Err(1)),
            ("====", Err(0)),
            ("=", Err(0)),
            ("abcd=", Err(4)),
            ("ab==cd", Err(4)),
            ("abcde", Err(4)),
            ("abcd\nef", Err(5)),
            ("ab\r\n", Err(2)),
            ("a\nb\nc", Err(2)),
            ("YWI/", Err(3)),
            ("YWI+", Err(3)),
            ("Zmx1c2g-Pg==", Ok("flush>>")),
            ("ab=\n", Err(4)),
            ("YR==", Ok("a")),
            ("YWJ=", Ok("ab")),
        ] {
            let got = decoded(text.as_bytes());
            assert_eq!(got.as_deref(), expected.map(str::as_bytes).as_ref().copied(), "{text:?}");
        }
    }
}
