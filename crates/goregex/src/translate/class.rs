//! Classes in brackets.
//!
//! Each member is written so that Rust's set operations (`&&`, `--`, `~~`, a class in a class) come
//! only from here. A negated member like `\D` becomes a class in the class, because Rust folds
//! letters (flag `i`) before it negates, as Go does, at each level.

use super::Scanner;
use super::output::{NOTHING, write_literal};
use crate::error::{Error, ErrorKind};

/// A set with a name, as the members of a class in Rust's notation.
pub(super) struct Set {
    pub(super) body: String,
    pub(super) negated: bool,
}

impl Set {
    /// Writes the set as a class of its own.
    pub(super) fn write_alone(&self, out: &mut String) {
        out.push_str(if self.negated { "[^" } else { "[" });
        out.push_str(&self.body);
        out.push(']');
    }

    /// Writes the set as a member of a class.
    fn write_member(&self, out: &mut String) {
        if self.negated {
            self.write_alone(out);
        } else {
            out.push_str(&self.body);
        }
    }
}

/// Writes a code point that is a character.
pub(super) fn write_value(out: &mut String, value: u32) {
    if let Some(literal) = char::from_u32(value) {
        write_literal(out, literal);
    }
}

impl Scanner<'_> {
    pub(super) fn class(&mut self) -> Result<(), Error> {
        let start = self.cursor.at();
        let mut members = String::new();
        self.cursor.next();
        let negated = self.cursor.eat("^");
        let mut first = true;
        // A `]` in the first place stands for itself.
        while first || !self.cursor.rest().starts_with(']') {
            first = false;
            self.member(&mut members, start)?;
        }
        self.cursor.next();
        if members.is_empty() {
            // Only surrogates stood there, which no text holds.
            members.push_str(NOTHING);
        }
        let set = Set { body: members, negated };
        self.output.atom_by(|out| set.write_alone(out));
        Ok(())
    }

    fn member(&mut self, members: &mut String, class: usize) -> Result<(), Error> {
        if let Some(set) = self.posix_set()? {
            set.write_member(members);
            return Ok(());
        }
        if self.cursor.peek() == Some('\\')
            && let Some(set) = self.escaped_set()?
        {
            set.write_member(members);
            return Ok(());
        }
        let start = self.cursor.at();
        let low = self.class_value(class)?;
        let mut high = low;
        // A `-` before the end of the class stands for itself.
        let rest = self.cursor.rest();
        if rest.len() >= 2 && rest.starts_with('-') && !rest.starts_with("-]") {
            self.cursor.next();
            high = self.class_value(class)?;
        }
        if high < low {
            return Err(self.cursor.error_from(start, ErrorKind::InvalidClassRange));
        }
        write_range(members, low, high);
        Ok(())
    }

    fn class_value(&mut self, class: usize) -> Result<u32, Error> {
        if self.cursor.peek() == Some('\\') {
            return self.escaped_value();
        }
        let next = self.cursor.next();
        next.map(u32::from)
            .ok_or_else(|| self.cursor.error_to_end(class, ErrorKind::MissingBracket))
    }

    /// `[:alnum:]` or `[:^alnum:]`.
    fn posix_set(&mut self) -> Result<Option<Set>, Error> {
        let Some(rest) = self.cursor.rest().strip_prefix("[:") else {
            return Ok(None);
        };
        let Some(length) = rest.find(":]") else {
            return Ok(None);
        };
        let start = self.cursor.at();
        self.cursor.skip("[::]".len() + length);
        let name = &rest[..length];
        let (name, negated) = match name.strip_prefix('^') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let Some(ranges) = posix_ranges(name) else {
            return Err(self.cursor.error_from(start, ErrorKind::InvalidClassRange));
        };
        Ok(Some(Set { body: ranges.into(), negated }))
    }
}

/// The members of a POSIX class, which are all ASCII in Go.
fn posix_ranges(name: &str) -> Option<&'static str> {
    Some(match name {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => r"\x00-\x7F",
        "blank" => r"\t ",
        "cntrl" => r"\x00-\x1F\x7F",
        "digit" => "0-9",
        "graph" => r"!-\~",
        "lower" => "a-z",
        "print" => r" -\~",
        "punct" => r"!-/:-@\[-`\{-\~",
        "space" => r"\t-\r ",
        "upper" => "A-Z",
        "word" => "0-9A-Z_a-z",
        "xdigit" => "0-9A-Fa-f",
        _ => return None,
    })
}

/// Writes the characters from `low` to `high`; Rust's notation has no surrogates.
fn write_range(out: &mut String, low: u32, high: u32) {
    let low = if char::from_u32(low).is_some() { low } else { 0xE000 };
    let high = if char::from_u32(high).is_some() { high } else { 0xD7FF };
    if low > high {
        return;
    }
    write_value(out, low);
    if low < high {
        out.push('-');
        write_value(out, high);
    }
}
