//! Integers under all their verbs.

use super::printer::{Flags, Printed, Printer};
use super::quote::{self, Escape};
use crate::unicode;
use crate::value::Value;

/// Room for the digits of an integer in any base, and for a sign.
#[derive(Debug)]
pub(super) struct Buffer([u8; 65]);

impl Default for Buffer {
    fn default() -> Self {
        Self([0; 65])
    }
}

impl Buffer {
    /// The decimal digits.
    pub(super) fn unsigned(&mut self, value: u64) -> &[u8] {
        let start = self.digits::<10>(value, false);
        self.0.get(start..).unwrap_or_default()
    }

    /// The decimal digits, with a sign where it is negative.
    pub(super) fn signed(&mut self, value: i64) -> &[u8] {
        let mut start = self.digits::<10>(value.unsigned_abs(), false);
        if value < 0 {
            start = start.saturating_sub(1);
            self.0[start] = b'-';
        }
        self.0.get(start..).unwrap_or_default()
    }

    /// The digits in one of fmt's bases.
    fn based(&mut self, value: u64, base: Base) -> &[u8] {
        let start = match base {
            Base::Binary => self.digits::<2>(value, false),
            Base::Octal => self.digits::<8>(value, false),
            Base::Decimal => self.digits::<10>(value, false),
            Base::Hex => self.digits::<16>(value, false),
            Base::UpperHex => self.digits::<16>(value, true),
        };
        self.0.get(start..).unwrap_or_default()
    }

    /// Fills the buffer from its end and gives where the digits start. 64 bits have at most 64
    /// digits, so one byte always stays free.
    fn digits<const BASE: u64>(&mut self, value: u64, upper: bool) -> usize {
        let letters = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        let mut rest = value;
        let mut start = self.0.len();
        for place in self.0.iter_mut().rev() {
            start -= 1;
            // Below 16, so it always fits.
            *place = letters[usize::try_from(rest % BASE).unwrap_or(0)];
            rest /= BASE;
            if rest == 0 {
                break;
            }
        }
        start
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Binary,
    Octal,
    Decimal,
    Hex,
    UpperHex,
}

impl Printer<'_> {
    /// An integer with a sign.
    pub(super) fn print_int(&mut self, int: i64, verb: char, value: &Value) -> Printed {
        if self.flags == Flags::NONE && matches!(verb, 'd' | 'v') {
            return self.write(Buffer::default().signed(int));
        }
        match verb {
            'v' => self.print_based(int.unsigned_abs(), int < 0, Base::Decimal, verb),
            'c' | 'q' | 'U' => self.print_character(int.cast_unsigned(), verb),
            _ => self.print_integer(int.unsigned_abs(), int < 0, verb, value),
        }
    }

    /// An integer without a sign.
    pub(super) fn print_uint(&mut self, uint: u64, verb: char, value: &Value) -> Printed {
        match verb {
            'v' if self.flags.sharp_v => self.print_0x(uint, true),
            'v' => self.print_based(uint, false, Base::Decimal, verb),
            'c' | 'q' | 'U' => self.print_character(uint, verb),
            _ => self.print_integer(uint, false, verb, value),
        }
    }

    /// Hexadecimal digits, with `0x` before them or without, whatever the flag says.
    pub(super) fn print_0x(&mut self, uint: u64, prefix: bool) -> Printed {
        let sharp = std::mem::replace(&mut self.flags.sharp, prefix);
        let printed = self.print_based(uint, false, Base::Hex, 'v');
        self.flags.sharp = sharp;
        printed
    }

    fn print_integer(&mut self, size: u64, negative: bool, verb: char, value: &Value) -> Printed {
        let base = match verb {
            'd' => Base::Decimal,
            'b' => Base::Binary,
            'o' | 'O' => Base::Octal,
            'x' => Base::Hex,
            'X' => Base::UpperHex,
            _ => return self.report_verb(value, verb),
        };
        self.print_based(size, negative, base, verb)
    }

    /// Sign, prefix, zeros and digits; the width adds spaces.
    fn print_based(&mut self, size: u64, negative: bool, base: Base, verb: char) -> Printed {
        let Flags { width, precision, minus, plus, sharp, space, zero, .. } = self.flags;
        if precision == Some(0) && size == 0 {
            return self.pad_blank(self.out.len());
        }
        let sign = if negative {
            Some(b'-')
        } else if plus {
            Some(b'+')
        } else {
            space.then_some(b' ')
        };
        // Zeros up to the width are digits, for which the sign leaves room and a prefix does not.
        let least = match (precision, width) {
            (Some(precision), _) => self.bounded(precision)?,
            (None, Some(width)) if zero && !minus => {
                width.saturating_sub(usize::from(sign.is_some()))
            }
            _ => 0,
        };
        let mut buffer = Buffer::default();
        let digits = buffer.based(size, base);
        let zeros = least.saturating_sub(digits.len());
        let prefix: &[u8] = match base {
            Base::Binary if sharp => b"0b",
            Base::Octal => match (verb, sharp && zeros == 0 && digits != b"0") {
                ('O', true) => b"0o0",
                ('O', false) => b"0o",
                (_, true) => b"0",
                (_, false) => b"",
            },
            Base::Hex if sharp => b"0x",
            Base::UpperHex if sharp => b"0X",
            _ => b"",
        };
        // The numbers are all within the limit of a width, or shorter than 70.
        let length = usize::from(sign.is_some()) + prefix.len() + zeros + digits.len();
        let blanks = width.unwrap_or(0).saturating_sub(length);
        self.room(length.saturating_add(blanks))?;
        if !minus {
            self.out.resize(self.out.len().saturating_add(blanks), b' ');
        }
        self.out.extend(sign);
        self.out.extend_from_slice(prefix);
        self.out.resize(self.out.len().saturating_add(zeros), b'0');
        self.out.extend_from_slice(digits);
        if minus {
            self.out.resize(self.out.len().saturating_add(blanks), b' ');
        }
        Ok(())
    }

    /// `%c`, `%q` and `%U`: the integer as the character that it numbers.
    fn print_character(&mut self, code: u64, verb: char) -> Printed {
        let known = u32::try_from(code).ok().and_then(char::from_u32);
        let c = known.unwrap_or(char::REPLACEMENT_CHARACTER);
        let start = self.out.len();
        match verb {
            'c' => self.write_char(c)?,
            'q' if self.flags.plus => quote::character(self.out, c, Escape::NotAscii),
            'q' => quote::character(self.out, c, Escape::Unprintable),
            _ => return self.print_code_point(code, known),
        }
        self.pad(start)
    }

    /// `U+0078`, and with `#` the character too where it can be seen.
    fn print_code_point(&mut self, code: u64, known: Option<char>) -> Printed {
        let start = self.out.len();
        let least = self.bounded(self.flags.precision.unwrap_or(0))?.max(4);
        let mut buffer = Buffer::default();
        let digits = buffer.based(code, Base::UpperHex);
        let zeros = least.saturating_sub(digits.len());
        self.room(zeros)?;
        self.out.extend_from_slice(b"U+");
        self.out.resize(self.out.len().saturating_add(zeros), b'0');
        self.out.extend_from_slice(digits);
        if let Some(c) = known.filter(|&c| self.flags.sharp && unicode::is_print(c)) {
            self.out.extend_from_slice(b" '");
            self.write_char(c)?;
            self.out.push(b'\'');
        }
        self.pad_blank(start)
    }
}
