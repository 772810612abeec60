//! Base64, base32 and sums of texts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::funcs::{Call, Failure, Function};
use crate::value::Value;

pub(super) const TABLE: &[Function] = &[
    Function::new("b64enc(v string) string", base64_encode),
    Function::new("b64dec(v string) string", base64_decode),
    Function::new("b32enc(v string) string", base32_encode),
    Function::new("b32dec(v string) string", base32_decode),
    Function::new("sha256sum(input string) string", sha256_sum),
    Function::new("sha1sum(input string) string", sha1_sum),
    Function::new("adler32sum(input string) string", adler32_sum),
];

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn base64_encode(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len().saturating_mul(2))?;
    Ok(STANDARD.encode(text).into())
}

/// The decoded text, or the words of Go's error in its place.
fn base64_decode(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len())?;
    Ok(match decode_base64(text, *b"+/") {
        Ok(decoded) => Value::text(decoded),
        Err(at) => format!("illegal base64 data at input byte {at}").into(),
    })
}

/// What Go's package base64 decodes, with padding: line ends are skipped, and bits that belong to no
/// byte are not looked at.
///
/// `last` are the two characters behind letters and digits: `+/`, or `-_` for URLs. It takes no more
/// bytes than `text` has.
///
/// # Errors
/// The byte that Go names in "illegal base64 data at input byte".
pub fn decode_base64(text: &[u8], last: [u8; 2]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().enumerate().filter(|(_, byte)| !matches!(byte, b'\n' | b'\r'));
    loop {
        let mut bits = 0_u32;
        for taken in 0_usize..4 {
            match bytes.next() {
                None if taken == 0 => return Ok(out),
                // Go counts back from the end by what it took, line ends or not.
                None => return Err(text.len() - taken),
                Some((at, b'=')) => {
                    end64(text.len(), at, taken, &mut bytes)?;
                    let [_, decoded @ ..] = (bits << (6 * (4 - taken))).to_be_bytes();
                    out.extend_from_slice(decoded.get(..taken - 1).unwrap_or_default());
                    return Ok(out);
                }
                Some((at, byte)) => bits = bits << 6 | value64(*byte, last).ok_or(at)?,
            }
        }
        let [_, decoded @ ..] = bits.to_be_bytes();
        out.extend_from_slice(&decoded);
    }
}

/// Whether the padding that begins at `at`, behind `taken` characters, is right and ends the text.
fn end64<'t>(
    length: usize,
    at: usize,
    taken: usize,
    bytes: &mut impl Iterator<Item = (usize, &'t u8)>,
) -> Result<(), usize> {
    match taken {
        0 | 1 => return Err(at),
        2 => match bytes.next() {
            None => return Err(length),
            Some((_, b'=')) => {}
            // Go names the byte before, which may be a line end.
            Some((wrong, _)) => return Err(wrong - 1),
        },
        _ => {}
    }
    bytes.next().map_or(Ok(()), |(behind, _)| Err(behind))
}

fn value64(byte: u8, [plus, slash]: [u8; 2]) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        byte if byte == plus => 62,
        byte if byte == slash => 63,
        _ => return None,
    }))
}

fn base32_encode(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len().saturating_mul(2).saturating_add(8))?;
    let mut out = Vec::new();
    for chunk in text.chunks(5) {
        let mut bytes = [0; 8];
        bytes.iter_mut().skip(3).zip(chunk).for_each(|(to, from)| *to = *from);
        let bits = u64::from_be_bytes(bytes);
        let used = (chunk.len() * 8).div_ceil(5);
        for at in 0..8 {
            let index = usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or(0);
            out.push(if at < used { BASE32.get(index).copied().unwrap_or(b'=') } else { b'=' });
        }
    }
    Ok(Value::text(out))
}

fn base32_decode(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len().saturating_mul(2))?;
    let plain: Vec<u8> =
        text.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    Ok(match decode32(&plain) {
        Ok(decoded) => Value::text(decoded),
        Err(at) => format!("illegal base32 data at input byte {at}").into(),
    })
}

/// Go's `base32.StdEncoding`; the error is where the text is wrong.
fn decode32(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len());
    let mut start = 0;
    while start < text.len() {
        let (bits, used) = group32(text, start)?;
        let [_, _, _, decoded @ ..] = (bits << (5 * (8 - used))).to_be_bytes();
        out.extend_from_slice(decoded.get(..used * 5 / 8).unwrap_or_default());
        if used < 8 {
            break;
        }
        start += used;
    }
    Ok(out)
}

/// The bits of the eight characters from `start` on, and how many there are before the padding.
fn group32(text: &[u8], start: usize) -> Result<(u64, usize), usize> {
    let mut bits = 0;
    for used in 0..8 {
        let at = start + used;
        let behind = at + 1;
        match text.get(at) {
            None => return Err(text.len() - used),
            // Further from the end it is just a character that does not exist.
            Some(b'=') if used >= 2 && text.len() - behind < 8 => {
                padding32(text, behind, used)?;
                return Ok((bits, used));
            }
            Some(byte) => bits = bits << 5 | value32(*byte).ok_or(at)?,
        }
    }
    Ok((bits, 8))
}

/// Whether all that must be padding is; what is behind it, Go does not look at.
fn padding32(text: &[u8], behind: usize, used: usize) -> Result<(), usize> {
    if text.len() - behind + used < 7 {
        return Err(text.len());
    }
    let wrong = text.iter().skip(behind).take(7 - used).position(|byte| *byte != b'=');
    match wrong {
        Some(wrong) => Err(behind + wrong - 1),
        None if matches!(used, 3 | 6) => Err(behind - 1),
        None => Ok(()),
    }
}

fn value32(byte: u8) -> Option<u64> {
    BASE32.iter().position(|own| *own == byte).and_then(|value| u64::try_from(value).ok())
}

fn sha256_sum(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.spend(work(text))?;
    Ok(hexadecimal(&Sha256::digest(text)).into())
}

fn sha1_sum(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.spend(work(text))?;
    Ok(hexadecimal(&Sha1::digest(text)).into())
}

fn adler32_sum(call: &mut Call<'_>) -> Result<Value, Failure> {
    const PRIME: u32 = 65_521;
    let text = call.text(0);
    call.spend(work(text))?;
    let (low, high) = text.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % PRIME;
        (low, (high + low) % PRIME)
    });
    Ok((high << 16 | low).to_string().into())
}

/// A block of 64 bytes is about ten nodes.
fn work(text: &[u8]) -> u64 {
    u64::try_from(text.len() / 6).unwrap_or(u64::MAX)
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
