//! Groups and flags: `(`, `(?:`, `(?P<name>`, `(?<name>`, `(?i-s:`, `(?i)` and `)`.

use super::Scanner;
use super::output::Flags;
use crate::error::{Error, ErrorKind};

/// The bytes of `(?P<`, and of `(?<`.
const LONG_NAME: usize = 4;
const SHORT_NAME: usize = 3;

impl Scanner<'_> {
    pub(super) fn open_group(&mut self) -> Result<(), Error> {
        let rest = self.cursor.rest();
        // Go looks for one byte more than the opening: a pattern that ends with it is no name.
        if rest.starts_with("(?P<") && rest.len() > LONG_NAME {
            return self.open_named(LONG_NAME);
        }
        if rest.starts_with("(?<") && rest.len() > SHORT_NAME {
            return self.open_named(SHORT_NAME);
        }
        if rest.starts_with("(?") {
            return self.flags();
        }
        self.cursor.next();
        self.output.open_capture(self.ungreedy, None);
        Ok(())
    }

    fn open_named(&mut self, opening: usize) -> Result<(), Error> {
        let start = self.cursor.at();
        let rest = self.cursor.rest();
        let Some(end) = rest.find('>') else {
            return Err(self.cursor.error_to_end(start, ErrorKind::InvalidNamedCapture));
        };
        self.cursor.skip(end + 1);
        let name = &rest[opening..end];
        let is_word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
        if name.is_empty() || !name.bytes().all(is_word) {
            return Err(self.cursor.error_from(start, ErrorKind::InvalidNamedCapture));
        }
        self.output.open_capture(self.ungreedy, Some(name));
        Ok(())
    }

    /// Flags for the rest of the group, or for a group of their own.
    fn flags(&mut self) -> Result<(), Error> {
        let start = self.cursor.at();
        self.cursor.skip("(?".len());
        let mut flags = self.output.flags();
        let mut ungreedy = self.ungreedy;
        // `None` before a `-`; after it, whether a flag stood there.
        let mut negated: Option<bool> = None;
        while let Some(next) = self.cursor.next() {
            match next {
                '-' if negated.is_none() => negated = Some(false),
                ':' | ')' if negated != Some(false) => {
                    self.apply_flags(next == ':', flags, ungreedy);
                    return Ok(());
                }
                'U' => ungreedy = negated.is_none(),
                name if set_flag(&mut flags, name, negated.is_none()) => {}
                _ => break,
            }
            if next != '-' && negated.is_some() {
                negated = Some(true);
            }
        }
        Err(self.cursor.error_from(start, ErrorKind::InvalidPerlOp))
    }

    fn apply_flags(&mut self, opens_group: bool, flags: Flags, ungreedy: bool) {
        if opens_group {
            self.output.open_plain(self.ungreedy, flags);
        } else {
            self.output.set_flags(flags);
        }
        self.ungreedy = ungreedy;
    }

    pub(super) fn close_group(&mut self) -> Result<(), Error> {
        let Some(ungreedy) = self.output.close() else {
            let whole = self.cursor.pattern();
            return Err(Error::new(ErrorKind::UnexpectedParen, whole, self.cursor.at()));
        };
        self.ungreedy = ungreedy;
        self.cursor.next();
        Ok(())
    }
}

/// Sets the flag called `name`; whether there is one.
fn set_flag(flags: &mut Flags, name: char, value: bool) -> bool {
    match name {
        'i' => flags.fold_case = value,
        'm' => flags.multi_line = value,
        's' => flags.dot_newline = value,
        _ => return false,
    }
    true
}
