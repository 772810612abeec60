//! The formats of `printf`, read in one pass over their bytes.

use super::printer::{Flags, Printed, Printer};
use crate::funcs::Failure;
use crate::unicode;
use crate::value::Value;

/// Go's largest width or precision; a longer number makes what follows it no directive.
const LARGEST: usize = 1_000_000;

/// Prints `arguments` as `format` says.
pub(super) fn print(printer: &mut Printer<'_>, format: &[u8], arguments: &[Value]) -> Printed {
    let most = format.len().saturating_add(arguments.len().saturating_mul(16));
    printer.out.reserve(most.min(printer.most()));
    // Directives cost time even where they print nothing.
    printer.context.spend(u64::try_from(format.len() / 64).unwrap_or(u64::MAX))?;
    let directives = Directives {
        printer,
        format,
        arguments,
        at: 0,
        next: 0,
        reordered: false,
        valid: true,
        closed: true,
    };
    directives.print()
}

/// A format that is being read.
struct Directives<'f, 'p, 'a> {
    printer: &'p mut Printer<'a>,
    format: &'f [u8],
    arguments: &'f [Value],
    /// The byte of the format that is read next.
    at: usize,
    /// The argument that is printed next.
    next: usize,
    /// Some directive named its argument.
    reordered: bool,
    /// The present directive named no wrong argument.
    valid: bool,
    /// A `]` may still follow. Looking for one from each `[` to the end would take squared time.
    closed: bool,
}

impl Directives<'_, '_, '_> {
    fn print(mut self) -> Printed {
        while let Some(rest) = self.format.get(self.at..).filter(|rest| !rest.is_empty()) {
            let percent = rest.iter().position(|&byte| byte == b'%');
            let literal = rest.get(..percent.unwrap_or(rest.len())).unwrap_or_default();
            if !literal.is_empty() {
                self.printer.write(literal)?;
            }
            if percent.is_none() {
                break;
            }
            self.at = self.at.saturating_add(literal.len()).saturating_add(1);
            self.directive()?;
        }
        self.extra()
    }

    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    /// What follows a `%`.
    fn directive(&mut self) -> Printed {
        self.valid = true;
        self.printer.flags = Flags::NONE;
        self.flags();
        // The usual directive is a letter now.
        if let (Some(letter @ b'a'..=b'z'), Some(argument)) =
            (self.peek(), self.arguments.get(self.next))
        {
            self.at = self.at.saturating_add(1);
            self.next = self.next.saturating_add(1);
            return self.argument(char::from(letter), argument);
        }
        let indexed = self.index();
        let indexed = self.width(indexed)?;
        if !self.precision(indexed)? {
            self.index();
        }
        let rest = self.format.get(self.at..).unwrap_or_default();
        let Some((verb, length)) = unicode::decode(rest) else {
            return self.printer.write(b"%!(NOVERB)");
        };
        self.at = self.at.saturating_add(length);
        self.verb(verb)
    }

    fn flags(&mut self) {
        let flags = &mut self.printer.flags;
        while let Some(byte) = self.format.get(self.at) {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => return,
            }
            self.at = self.at.saturating_add(1);
        }
    }

    fn verb(&mut self, verb: char) -> Printed {
        let what: &[u8] = match self.arguments.get(self.next) {
            _ if verb == '%' => return self.printer.write(b"%"),
            Some(argument) if self.valid => {
                self.next = self.next.saturating_add(1);
                return self.argument(verb, argument);
            }
            None if self.valid => b"(MISSING)",
            _ => b"(BADINDEX)",
        };
        self.printer.write(b"%!")?;
        self.printer.write_char(verb)?;
        self.printer.write(what)
    }

    fn argument(&mut self, verb: char, argument: &Value) -> Printed {
        let flags = &mut self.printer.flags;
        if matches!(verb, 'v' | 'w') {
            flags.sharp_v = std::mem::take(&mut flags.sharp);
            flags.plus_v = std::mem::take(&mut flags.plus);
        }
        self.printer.print_argument(argument, verb)
    }

    /// Reads a width; takes and gives whether an argument number stands right before.
    fn width(&mut self, indexed: bool) -> Result<bool, Failure> {
        if self.peek() == Some(b'*') {
            self.at = self.at.saturating_add(1);
            let width = self.size_argument();
            if width.is_none() {
                self.printer.write(b"%!(BADWIDTH)")?;
            }
            if width.is_some_and(i64::is_negative) {
                self.printer.flags.minus = true;
                self.printer.flags.zero = false;
            }
            let width = width.map(|width| usize::try_from(width.unsigned_abs()));
            self.set_width(width.and_then(Result::ok))?;
            return Ok(false);
        }
        let width = self.number();
        if indexed && width.is_some() {
            self.valid = false;
        }
        self.set_width(width)?;
        Ok(indexed)
    }

    fn set_width(&mut self, width: Option<usize>) -> Printed {
        self.printer.flags.width = width.map(|width| self.printer.bounded(width)).transpose()?;
        Ok(())
    }

    /// Reads a precision; takes and gives whether an argument number stands right before.
    ///
    /// It is not held against the limit here, as of a text it only cuts.
    fn precision(&mut self, indexed: bool) -> Result<bool, Failure> {
        if self.peek() != Some(b'.') || self.at.saturating_add(1) >= self.format.len() {
            return Ok(indexed);
        }
        self.at = self.at.saturating_add(1);
        if indexed {
            self.valid = false;
        }
        let indexed = self.index();
        if self.peek() == Some(b'*') {
            self.at = self.at.saturating_add(1);
            let precision = self.size_argument().and_then(|size| usize::try_from(size).ok());
            if precision.is_none() {
                self.printer.write(b"%!(BADPREC)")?;
            }
            self.printer.flags.precision = precision;
            return Ok(false);
        }
        self.printer.flags.precision = Some(self.number().unwrap_or(0));
        Ok(indexed)
    }

    /// The digits at hand. A number that is too long takes the rest of the format with it.
    fn number(&mut self) -> Option<usize> {
        let rest = self.format.get(self.at..).unwrap_or_default();
        let (number, length) = number(rest).unwrap_or((0, 0));
        let too_long = length == 0 && rest.first().is_some_and(u8::is_ascii_digit);
        self.at = if too_long { self.format.len() } else { self.at.saturating_add(length) };
        (length > 0).then_some(number)
    }

    /// The width or precision that an argument gives.
    fn size_argument(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next = self.next.saturating_add(1);
        let size = match argument {
            Value::Int(_, size) => *size,
            Value::Uint(_, size) => i64::try_from(*size).ok()?,
            _ => return None,
        };
        let largest = u64::try_from(LARGEST).unwrap_or(u64::MAX);
        (size.unsigned_abs() <= largest).then_some(size)
    }

    /// Reads `[n]`, and gives whether there was one.
    fn index(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = self.format.get(self.at..).unwrap_or_default();
        // A bracket that nothing closes is skipped alone. Three bytes are the least.
        let close = if self.closed { rest.iter().position(|&byte| byte == b']') } else { None };
        self.closed = close.is_some();
        let Some(close) = close.filter(|_| rest.len() >= 3) else {
            self.at = self.at.saturating_add(1);
            self.valid = false;
            return false;
        };
        self.at = self.at.saturating_add(close).saturating_add(1);
        let inner = rest.get(1..close).unwrap_or_default();
        let index = number(inner).filter(|&(_, length)| length > 0 && length == inner.len());
        let argument = index.and_then(|(index, _)| index.checked_sub(1));
        match argument.filter(|&argument| argument < self.arguments.len()) {
            Some(argument) => self.next = argument,
            None => self.valid = false,
        }
        index.is_some()
    }

    /// Tells of the arguments that no directive has printed, unless some directive named its own.
    fn extra(self) -> Printed {
        let extra = self.arguments.get(self.next..).unwrap_or_default();
        if self.reordered || extra.is_empty() {
            return Ok(());
        }
        self.printer.flags = Flags::NONE;
        self.printer.write(b"%!(EXTRA ")?;
        for (at, argument) in extra.iter().enumerate() {
            if at > 0 {
                self.printer.write(b", ")?;
            }
            self.printer.print_extra(argument)?;
        }
        self.printer.write(b")")
    }
}

/// The number that the bytes begin with, and its length; nothing when it is too long.
fn number(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0_usize;
    let mut length = 0;
    for digit in bytes.iter().take_while(|byte| byte.is_ascii_digit()) {
        // As in Go, a number is too long when more follows on what is too large already.
        if number > LARGEST {
            return None;
        }
        number = number * 10 + usize::from(digit - b'0');
        length += 1;
    }
    Some((number, length))
}
