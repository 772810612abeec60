//! Which bytes of a part of an address stand for themselves.

use crate::fmt;

/// A part of an address, with its own rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Host,
    /// What is behind the `%25` of an IPv6 address.
    Zone,
    User,
    Path,
    Fragment,
}

impl Part {
    fn allows(self, byte: u8) -> bool {
        let more: &[u8] = match self {
            Self::Host | Self::Zone => b"!$&'()*+,;=:[]<>\"",
            Self::User => b"$&+,;=",
            Self::Path => b"$&+,/:;=@",
            Self::Fragment => b"$&+,/:;=?@!()*",
        };
        byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || more.contains(&byte)
    }

    /// The bytes, each that is not allowed as `%` and two digits.
    pub(super) fn escape(self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if self.allows(*byte) {
                out.push(*byte);
            } else {
                out.extend_from_slice(format!("%{byte:02X}").as_bytes());
            }
        }
        out
    }

    /// The bytes that an escaped part stands for.
    pub(super) fn unescape(self, text: &[u8]) -> Result<Vec<u8>, String> {
        let is_host = matches!(self, Self::Host | Self::Zone);
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((first, behind)) = rest.split_first() {
            if *first != b'%' {
                if is_host && first.is_ascii() && !self.allows(*first) {
                    let quoted = fmt::quote(&[*first]);
                    return Err(format!("invalid character {quoted} in host name"));
                }
                out.push(*first);
                rest = behind;
                continue;
            }
            let escape = rest.get(..rest.len().min(3)).unwrap_or_default();
            match hexadecimal(escape).filter(|byte| self.takes(*byte, escape)) {
                Some(byte) => out.push(byte),
                None => return Err(format!("invalid URL escape {}", fmt::quote(escape))),
            }
            rest = rest.get(3..).unwrap_or_default();
        }
        Ok(out)
    }

    /// Whether an escaped byte may stand here: in hosts, those of names that are not ASCII.
    fn takes(self, byte: u8, escape: &[u8]) -> bool {
        match self {
            Self::Host => byte >= 0x80 || escape == b"%25",
            Self::Zone => escape == b"%25" || byte == b' ' || Self::Host.allows(byte),
            Self::User | Self::Path | Self::Fragment => true,
        }
    }
}

fn hexadecimal(escape: &[u8]) -> Option<u8> {
    let [b'%', high, low] = escape else { return None };
    let digit =
        |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}
