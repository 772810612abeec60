//! Repetitions: `*`, `+`, `?` and counts, with Go's limit of 1000 copies.

use super::Scanner;
use super::cursor::Cursor;
use crate::error::{Error, ErrorKind};

/// The most copies of one thing that counts may ask for (Go's `regexp/syntax`).
const MAX_COPIES: u32 = 1000;

/// A count: `{2}`, `{2,}` or `{2,5}`.
struct Count {
    least: u32,
    /// `None` without an upper end.
    most: Option<u32>,
}

impl Count {
    fn is_valid(&self) -> bool {
        self.least <= MAX_COPIES
            && self.most.is_none_or(|most| (self.least..=MAX_COPIES).contains(&most))
    }

    /// The copies that the count makes; zero where the atom can never match.
    fn times(&self) -> u32 {
        match self.most {
            Some(most) => most,
            None => self.least.max(1),
        }
    }

    fn suffix(&self) -> String {
        match self.most {
            Some(most) if most == self.least => format!("{{{most}}}"),
            Some(most) => format!("{{{},{most}}}", self.least),
            None => format!("{{{},}}", self.least),
        }
    }
}

impl Scanner<'_> {
    /// `*`, `+` or `?`, perhaps with a `?` behind.
    pub(super) fn repeat(&mut self, operator: char, last: Option<usize>) -> Result<(), Error> {
        let start = self.cursor.at();
        self.cursor.next();
        self.apply(start, operator.into(), 1, last)?;
        Ok(())
    }

    /// A count; a `{` that begins none stands for itself.
    pub(super) fn counted(&mut self, last: Option<usize>) -> Result<(), Error> {
        let start = self.cursor.at();
        let Some((count, length)) = read_count(self.cursor.rest()) else {
            self.cursor.next();
            self.output.literal('{');
            return Ok(());
        };
        self.cursor.skip(length);
        let invalid = |cursor: &Cursor<'_>| cursor.error_from(start, ErrorKind::InvalidRepeatSize);
        if !count.is_valid() {
            return Err(invalid(&self.cursor));
        }
        let copies = self.apply(start, count.suffix(), count.times(), last)?;
        // Go looks at the copies inside only where this count itself makes copies.
        let multiplies = count.least >= 2 || count.most.is_some_and(|most| most >= 2);
        if multiplies && copies > MAX_COPIES {
            return Err(invalid(&self.cursor));
        }
        Ok(())
    }

    /// Writes the repetition that began at `start`; gives the copies of the innermost part.
    fn apply(
        &mut self,
        start: usize,
        mut suffix: String,
        times: u32,
        last: Option<usize>,
    ) -> Result<u32, Error> {
        let lazy = self.cursor.eat("?") != self.ungreedy;
        if let Some(last) = last {
            return Err(self.cursor.error_from(last, ErrorKind::InvalidRepeatOp));
        }
        if lazy {
            suffix.push('?');
        }
        let copies = self.output.repeat(&suffix, times);
        copies
            .ok_or_else(|| self.cursor.error_from(start, ErrorKind::MissingRepeatArgument))
            .inspect(|_| self.last_repeat = Some(start))
    }
}

/// The count at the start of `text`, and its length in bytes.
fn read_count(text: &str) -> Option<(Count, usize)> {
    let mut rest = text.strip_prefix('{')?;
    let least = read_number(&mut rest)?;
    let most = match rest.strip_prefix(',') {
        None => Some(least),
        Some(after) => {
            rest = after;
            if rest.starts_with('}') { None } else { Some(read_number(&mut rest)?) }
        }
    };
    rest = rest.strip_prefix('}')?;
    Some((Count { least, most }, text.len() - rest.len()))
}

/// A decimal number without leading zeros; one that is far too large gives the largest.
fn read_number(rest: &mut &str) -> Option<u32> {
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, after) = rest.split_at(length);
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    *rest = after;
    Some(digits.parse().unwrap_or(u32::MAX))
}
