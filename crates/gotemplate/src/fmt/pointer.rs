//! Pointers, nils and addresses.

use std::fmt::Display;

use super::composite::holds_bytes;
use super::printer::{Printed, Printer};
use crate::value::{Base, Type, Value};

/// Where a pointer points. In Go that is another place in each run.
pub(super) const ADDRESS: u64 = 0xc0_0001_0000;

impl Printer<'_> {
    /// The nil of a type.
    pub(super) fn print_nil(&mut self, of: Type, verb: char, value: &Value) -> Printed {
        match of.underlying() {
            Type::Slice(_) => self.print_nil_list(&of, of, verb),
            Type::Map(..) if self.flags.sharp_v => {
                self.write_name(&of)?;
                self.write(b"(nil)")
            }
            Type::Map(..) => self.write(b"map[]"),
            _ => self.print_pointer(0, verb, value),
        }
    }

    pub(super) fn print_nil_list(&mut self, name: &dyn Display, of: Type, verb: char) -> Printed {
        if holds_bytes(of) && matches!(verb, 's' | 'q' | 'x' | 'X') {
            return self.print_text(b"", verb, &Value::Invalid);
        }
        if self.flags.sharp_v {
            self.write_name(name)?;
            return self.write(b"(nil)");
        }
        self.write(b"[]")
    }

    /// `%p`: of lists and maps too, but of nothing else that is no pointer.
    pub(super) fn print_address(&mut self, value: &Value) -> Printed {
        match value {
            Value::Nil(_) => self.print_pointer(0, 'p', value),
            Value::List(_) | Value::Map(_) => self.print_pointer(ADDRESS, 'p', value),
            Value::Object(object)
                if object.is_pointer() || matches!(object.base(), Base::List(_) | Base::Map(_)) =>
            {
                self.print_pointer(ADDRESS, 'p', value)
            }
            _ => self.report_verb(value, 'p'),
        }
    }

    pub(super) fn print_pointer(&mut self, address: u64, verb: char, value: &Value) -> Printed {
        match verb {
            'v' if self.flags.sharp_v => {
                self.write(b"(")?;
                self.write_name(&value.type_of().unwrap_or(Type::Any))?;
                self.write(b")(")?;
                match address {
                    0 => self.write(b"nil")?,
                    _ => self.print_0x(address, true)?,
                }
                self.write(b")")
            }
            'v' if address == 0 => self.write_padded(b"<nil>"),
            'v' | 'p' => self.print_0x(address, !self.flags.sharp),
            'b' | 'o' | 'd' | 'x' | 'X' => self.print_uint(address, verb, value),
            _ => self.report_verb(value, verb),
        }
    }
}
