//! Where a text is written: flags, padding, and the limits that it must not pass.

use std::fmt::Display;
use std::io::Write as _;

use crate::funcs::{Context, Failure};
use crate::limits::Reached;
use crate::unicode;

/// Nothing, or the limit that was reached.
pub(super) type Printed = Result<(), Failure>;

/// The flags, width and precision of one directive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "Go's flags are independent of each other")]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`: structs show the names of their fields.
    pub(super) plus_v: bool,
    /// `%#v`: values in Go's syntax.
    pub(super) sharp_v: bool,
}

impl Flags {
    /// No flag at all.
    pub(super) const NONE: Self = Self {
        width: None,
        precision: None,
        minus: false,
        plus: false,
        sharp: false,
        space: false,
        zero: false,
        plus_v: false,
        sharp_v: false,
    };
}

/// Writes values to the end of a text.
#[derive(Debug)]
pub(super) struct Printer<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) context: &'a mut Context,
    pub(super) flags: Flags,
    /// A wrong verb is being reported: values show what they are, not what their methods tell.
    pub(super) reporting: bool,
    /// The longest that `out` may become, and the limit that says so.
    most: usize,
    limit: (&'static str, usize),
}

impl<'a> Printer<'a> {
    /// Writes to the output of an execution.
    pub(super) fn for_output(out: &'a mut Vec<u8>, context: &'a mut Context) -> Self {
        let most = context.limits.output;
        Self { out, context, flags: Flags::NONE, reporting: false, most, limit: ("output", most) }
    }

    /// Writes to a new text, which is as long as a value may be and as what is left allows.
    pub(super) fn for_value(out: &'a mut Vec<u8>, context: &'a mut Context) -> Self {
        let (value, allocation) = (context.limits.value, context.limits.allocation);
        let left = allocation.saturating_sub(context.allocated);
        let limit = if value <= left { ("value", value) } else { ("allocation", allocation) };
        let most = value.min(left);
        Self { out, context, flags: Flags::NONE, reporting: false, most, limit }
    }

    /// Appends bytes as they are.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Printed {
        self.room(bytes.len())?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends a character.
    pub(super) fn write_char(&mut self, c: char) -> Printed {
        self.write(c.encode_utf8(&mut [0; 4]).as_bytes())
    }

    /// Appends the name of a type, which the program and not the data has made.
    pub(super) fn write_name(&mut self, name: &dyn Display) -> Printed {
        write!(self.out, "{name}").expect("a Vec takes all that is written");
        self.room(0)
    }

    /// Appends `text`, padded to the width.
    pub(super) fn write_padded(&mut self, text: &[u8]) -> Printed {
        let width = self.flags.width.unwrap_or(0);
        let missing = if width > 0 { width.saturating_sub(unicode::count(text)) } else { 0 };
        if !self.flags.minus {
            self.fill(missing)?;
        }
        self.write(text)?;
        if self.flags.minus { self.fill(missing) } else { Ok(()) }
    }

    /// Fails when `bytes` more do not fit.
    pub(super) fn room(&self, bytes: usize) -> Printed {
        if self.out.len().saturating_add(bytes) <= self.most {
            return Ok(());
        }
        let (limit, most) = self.limit;
        Err(Reached::size(limit, most).into())
    }

    /// The longest that the text may become.
    pub(super) const fn most(&self) -> usize {
        self.most
    }

    /// What was written from `start` on.
    pub(super) fn since(&self, start: usize) -> &[u8] {
        self.out.get(start..).unwrap_or_default()
    }

    /// Pads what was written from `start` on to the width: on the left, where zeros may serve too, or
    /// on the right.
    pub(super) fn pad(&mut self, start: usize) -> Printed {
        self.room(0)?;
        let Some(width) = self.flags.width else { return Ok(()) };
        let missing = width.saturating_sub(unicode::count(self.since(start)));
        if self.flags.minus {
            return self.fill(missing);
        }
        self.fill(missing)?;
        if let Some(written) = self.out.get_mut(start..) {
            written.rotate_right(missing);
        }
        Ok(())
    }

    /// Pads with spaces only.
    pub(super) fn pad_blank(&mut self, start: usize) -> Printed {
        let zero = std::mem::replace(&mut self.flags.zero, false);
        let padded = self.pad(start);
        self.flags.zero = zero;
        padded
    }

    /// Appends `count` bytes of padding.
    pub(super) fn fill(&mut self, count: usize) -> Printed {
        self.room(count)?;
        let byte = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        self.out.resize(self.out.len().saturating_add(count), byte);
        Ok(())
    }

    /// A width or precision that something is made long by, if it is within the limit.
    pub(super) fn bounded(&self, size: usize) -> Result<usize, Failure> {
        let most = self.context.limits.width;
        if size <= most {
            return Ok(size);
        }
        Err(Reached::size("width", most).into())
    }
}
