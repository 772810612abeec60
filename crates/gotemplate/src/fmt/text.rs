//! Texts and bytes under the verbs `%s`, `%q`, `%x` and `%X`.

use super::printer::{Printed, Printer};
use super::quote::{self, Escape};
use crate::unicode;
use crate::value::Value;

impl Printer<'_> {
    /// A text; `value` is what it is the text of, for the report of a wrong verb.
    pub(super) fn print_text(&mut self, text: &[u8], verb: char, value: &Value) -> Printed {
        match verb {
            'v' if self.flags.sharp_v => self.print_quoted(text),
            'v' | 's' => self.print_plain(text),
            'q' => self.print_quoted(text),
            'x' => self.print_hex(text, b"0123456789abcdef"),
            'X' => self.print_hex(text, b"0123456789ABCDEF"),
            _ => self.report_verb(value, verb),
        }
    }

    /// A text as it is, cut to the precision.
    pub(super) fn print_plain(&mut self, text: &[u8]) -> Printed {
        let text = self.cut(text);
        if self.flags.width.is_none() { self.write(text) } else { self.write_padded(text) }
    }

    fn cut<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        self.flags.precision.map_or(text, |most| unicode::prefix(text, most))
    }

    fn print_quoted(&mut self, text: &[u8]) -> Printed {
        let text = self.cut(text);
        let start = self.out.len();
        // What is quoted is never shorter than what it quotes.
        self.room(text.len())?;
        if self.flags.sharp && quote::fits_backquotes(text) {
            self.out.push(b'`');
            self.out.extend_from_slice(text);
            self.out.push(b'`');
        } else {
            let escape = if self.flags.plus { Escape::NotAscii } else { Escape::Unprintable };
            quote::text(self.out, text, escape, self.most());
        }
        self.pad(start)
    }

    /// Two digits for each byte; the precision cuts bytes, not characters.
    fn print_hex(&mut self, text: &[u8], digits: &[u8; 16]) -> Printed {
        let text = self.flags.precision.and_then(|most| text.get(..most)).unwrap_or(text);
        let start = self.out.len();
        // At most a prefix, two digits and a space for each.
        self.room(text.len().saturating_mul(2))?;
        let letter = if digits.contains(&b'a') { b'x' } else { b'X' };
        for (at, byte) in text.iter().enumerate() {
            if self.out.len() > self.most() {
                return self.room(0);
            }
            if self.flags.space && at > 0 {
                self.out.push(b' ');
            }
            if self.flags.sharp && (self.flags.space || at == 0) {
                self.out.extend_from_slice(&[b'0', letter]);
            }
            let pair = [byte >> 4, byte & 0xF].map(|digit| digits[usize::from(digit)]);
            self.out.extend_from_slice(&pair);
        }
        self.pad(start)
    }
}
