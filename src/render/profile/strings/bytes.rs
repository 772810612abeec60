//! Bytes that are no UTF-8, through functions that only know texts.
//!
//! Go's functions leave such bytes as they are where nothing replaces them. Each is shown as a
//! character that Unicode gives to nobody, and becomes the byte again.

use std::borrow::Cow;

use super::super::runes::runes;

/// The stand-in of the byte 0; those of the others follow. They are in Unicode's last private plane.
const FIRST: u32 = 0x10_fd00;

/// A text in which each byte that is no UTF-8 has a stand-in.
pub(super) fn as_text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut at = 0;
    let chars = runes(bytes).map(|(rune, length)| {
        let byte = bytes.get(at).copied().unwrap_or_default();
        at += length;
        let stands_in = rune == char::REPLACEMENT_CHARACTER && length == 1;
        char::from_u32(FIRST + u32::from(byte)).filter(|_| stands_in).unwrap_or(rune)
    });
    Cow::Owned(chars.collect())
}

/// The bytes of a text with stand-ins.
pub(super) fn of_text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for rune in text.chars() {
        match u32::from(rune).checked_sub(FIRST).and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        for bytes in [&b"a\xffb\xe4\xb8"[..], b"", "磁盘".as_bytes(), b"\x80"] {
            assert_eq!(of_text(&as_text(bytes)), bytes);
        }
        assert_eq!(as_text(b"a\xff").chars().count(), 2);
    }
}
