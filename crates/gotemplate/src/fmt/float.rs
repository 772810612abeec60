//! Floating-point and complex numbers under their verbs and flags.

use super::decimal;
use super::printer::{Flags, Printed, Printer};
use crate::value::Value;

/// The form of `strconv.FormatFloat` that a verb asks for, and its precision where none is given.
const fn form(verb: char) -> Option<(u8, Option<usize>)> {
    Some(match verb {
        'v' | 'g' => (b'g', None),
        'G' => (b'G', None),
        'b' => (b'b', None),
        'x' => (b'x', None),
        'X' => (b'X', None),
        'e' => (b'e', Some(6)),
        'E' => (b'E', Some(6)),
        'f' | 'F' => (b'f', Some(6)),
        _ => return None,
    })
}

impl Printer<'_> {
    /// A number of 64 bits, or of 32 if it is `narrow`.
    pub(super) fn print_float(
        &mut self,
        float: f64,
        narrow: bool,
        verb: char,
        value: &Value,
    ) -> Printed {
        let Some((form, usual)) = form(verb) else { return self.report_verb(value, verb) };
        let precision = self.flags.precision.or(usual);
        let precision = precision.map(|precision| self.bounded(precision)).transpose()?;
        let start = self.out.len();
        self.room(precision.unwrap_or(0))?;
        if precision.is_some() {
            // All digits of a very large or small number are worked out to be rounded.
            self.context.spend((float.abs().to_bits() >> 52).abs_diff(1023) / 64)?;
        }
        decimal::append(self.out, float, form, precision, narrow);
        if self.flags == Flags::NONE && float.is_finite() {
            return self.room(0);
        }
        self.sign(start);
        if !float.is_finite() {
            return self.pad_blank(start);
        }
        if self.flags.sharp && form != b'b' {
            self.sharpen(start, form, precision)?;
        }
        self.pad_after_sign(start)
    }

    /// Real and imaginary part; the latter always has a sign.
    pub(super) fn print_complex(
        &mut self,
        parts: (f64, f64),
        verb: char,
        value: &Value,
    ) -> Printed {
        if form(verb).is_none() {
            return self.report_verb(value, verb);
        }
        self.write(b"(")?;
        self.print_float(parts.0, false, verb, value)?;
        let plus = std::mem::replace(&mut self.flags.plus, true);
        let printed = self.print_float(parts.1, false, verb, value);
        self.flags.plus = plus;
        printed?;
        self.write(b"i)")
    }

    /// Gives a number its `+` or space where the flags ask for one. `+Inf` has a sign without them.
    fn sign(&mut self, start: usize) {
        let sign = match self.flags {
            Flags { plus: true, .. } => b'+',
            Flags { space: true, .. } => b' ',
            _ => return,
        };
        match self.out.get_mut(start) {
            Some(first) if *first == b'+' => *first = sign,
            Some(b'-') | None => {}
            _ => self.out.insert(start, sign),
        }
    }

    /// The flag `#`: a point always, and zeros up to the precision.
    fn sharpen(&mut self, start: usize, form: u8, precision: Option<usize>) -> Printed {
        let signed = matches!(self.out.get(start), Some(b'+' | b'-' | b' '));
        let start = start.saturating_add(usize::from(signed));
        let number = self.since(start);
        let is_tail = |byte: &u8| match byte {
            b'p' | b'P' => true,
            b'e' | b'E' => form != b'x' && form != b'X',
            _ => false,
        };
        let end = number.iter().position(is_tail).unwrap_or(number.len());
        let (number, tail) = number.split_at(end);
        let has_point = number.contains(&b'.');
        // As in Go, the `x` of a hexadecimal number counts as its first digit.
        let significant = number.iter().filter(|&&byte| byte != b'.');
        let mut digits = significant.skip_while(|&&byte| byte == b'0').count();
        if number == b"0" {
            digits = 1;
        }
        let wanted = match form {
            b'g' | b'G' | b'x' => precision.unwrap_or(6),
            _ => 0,
        };
        let missing = wanted.saturating_sub(digits);
        let tail_length = tail.len();
        self.room(missing)?;
        let point = (!has_point).then_some(b'.');
        let at = self.out.len().saturating_sub(tail_length);
        self.out.splice(at..at, point.into_iter().chain(std::iter::repeat_n(b'0', missing)));
        Ok(())
    }

    /// Pads a number; zeros go between its sign and its digits.
    fn pad_after_sign(&mut self, start: usize) -> Printed {
        let signed = matches!(self.out.get(start), Some(b'+' | b'-' | b' '));
        let Flags { width: Some(width), zero: true, minus: false, .. } = self.flags else {
            return self.pad(start);
        };
        let missing = width.saturating_sub(self.since(start).len());
        self.fill(missing)?;
        if let Some(digits) = self.out.get_mut(start.saturating_add(usize::from(signed))..) {
            digits.rotate_right(missing);
        }
        self.room(0)
    }
}
