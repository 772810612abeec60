//! What follows a backslash: classes, boundaries, quotes and characters.

use super::Scanner;
use super::class::{Set, write_value};
use super::output::NOTHING;
use crate::error::{Error, ErrorKind};

/// The largest code point.
const MAX_RUNE: u32 = 0x10_FFFF;

impl Scanner<'_> {
    /// An escape outside a class.
    pub(super) fn escaped(&mut self) -> Result<(), Error> {
        let start = self.cursor.at();
        for (go, rust) in
            [(r"\A", r"\A"), (r"\b", r"(?-u:\b)"), (r"\B", r"(?-u:\B)"), (r"\z", r"\z")]
        {
            if self.cursor.eat(go) {
                self.output.atom(rust);
                return Ok(());
            }
        }
        if self.cursor.eat(r"\C") {
            return Err(self.cursor.error_from(start, ErrorKind::InvalidEscape));
        }
        if self.cursor.eat(r"\Q") {
            self.quote();
            return Ok(());
        }
        if let Some(set) = self.escaped_set()? {
            self.output.atom_by(|out| set.write_alone(out));
            return Ok(());
        }
        let value = self.escaped_value()?;
        self.output.atom_by(|out| match char::from_u32(value) {
            Some(_) => write_value(out, value),
            // A surrogate is a character to Go, but one that no text holds.
            None => out.push_str(NOTHING),
        });
        Ok(())
    }

    /// `\Q…\E`; without `\E` the quote reaches to the end.
    fn quote(&mut self) {
        let rest = self.cursor.rest();
        let (quoted, length) = match rest.split_once(r"\E") {
            Some((quoted, _)) => (quoted, quoted.len() + r"\E".len()),
            None => (rest, rest.len()),
        };
        quoted.chars().for_each(|literal| self.output.literal(literal));
        self.cursor.skip(length);
    }

    /// `\d`, `\pL` and their like, in a class and outside.
    pub(super) fn escaped_set(&mut self) -> Result<Option<Set>, Error> {
        let Some(name) = self.cursor.rest().chars().nth(1) else {
            return Ok(None);
        };
        let ranges = match name {
            'p' | 'P' => return self.unicode_set().map(Some),
            'd' | 'D' => "0-9",
            's' | 'S' => r"\t\n\f\r ",
            'w' | 'W' => "0-9A-Z_a-z",
            _ => return Ok(None),
        };
        self.cursor.skip(2);
        Ok(Some(Set { body: ranges.into(), negated: name.is_ascii_uppercase() }))
    }

    /// The code point that an escape stands for, in a class and outside.
    pub(super) fn escaped_value(&mut self) -> Result<u32, Error> {
        let start = self.cursor.at();
        self.cursor.next();
        let Some(name) = self.cursor.next() else {
            return Err(Error::new(ErrorKind::TrailingBackslash, "", start));
        };
        let value = match name {
            '0' => Some(self.octal(0)),
            // One digit alone would be a reference back, which Go has not.
            '1'..='7' if self.cursor.peek().is_some_and(|next| next.is_digit(8)) => {
                name.to_digit(8).map(|first| self.octal(first))
            }
            'x' => self.hexadecimal(),
            'a' => Some(0x07),
            'f' => Some(0x0C),
            'n' => Some(0x0A),
            'r' => Some(0x0D),
            't' => Some(0x09),
            'v' => Some(0x0B),
            other if other.is_ascii() && !other.is_ascii_alphanumeric() => Some(other.into()),
            _ => None,
        };
        value.ok_or_else(|| self.cursor.error_from(start, ErrorKind::InvalidEscape))
    }

    /// Up to two digits more.
    fn octal(&mut self, first: u32) -> u32 {
        let mut value = first;
        for _ in 0..2 {
            let Some(digit) = self.cursor.peek().and_then(|next| next.to_digit(8)) else {
                break;
            };
            value = value * 8 + digit;
            self.cursor.next();
        }
        value
    }

    /// `\x4F` or `\x{1F600}`. Where there is no number it has read as far as Go's error shows.
    fn hexadecimal(&mut self) -> Option<u32> {
        if !self.cursor.eat("{") {
            let high = self.cursor.next();
            let low = self.cursor.next();
            return Some(high?.to_digit(16)? * 16 + low?.to_digit(16)?);
        }
        let mut value = None;
        loop {
            let next = self.cursor.next()?;
            if next == '}' {
                return value;
            }
            let more = value.unwrap_or(0) * 16 + next.to_digit(16)?;
            if more > MAX_RUNE {
                return None;
            }
            value = Some(more);
        }
    }
}
