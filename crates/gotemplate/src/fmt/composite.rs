//! Structs, lists and maps: values that hold values.
//!
//! How deep they hold each other is counted, as loops of a template can nest them without end.

use std::fmt::Display;

use super::printer::{Printed, Printer};
use crate::funcs::Failure;
use crate::limits::Reached;
use crate::value::{List, Map, Object, Type, Uint, Value};

/// `uint8`.
const BYTE: Type = Type::Uint(Uint::Uint8);

impl Printer<'_> {
    pub(super) fn print_struct(
        &mut self,
        object: &dyn Object,
        fields: &[&str],
        name: &str,
        verb: char,
        depth: usize,
    ) -> Printed {
        let depth = self.deeper(depth)?;
        if self.flags.sharp_v {
            self.write_name(&name)?;
        }
        self.write(b"{")?;
        for (at, field) in fields.iter().enumerate() {
            self.separate(at)?;
            if self.flags.plus_v || self.flags.sharp_v {
                self.write(field.as_bytes())?;
                self.write(b":")?;
            }
            let value = object.field(field).unwrap_or_default();
            self.print_value(&value, verb, depth)?;
        }
        self.write(b"}")
    }

    pub(super) fn print_list(
        &mut self,
        list: &List,
        name: &dyn Display,
        verb: char,
        depth: usize,
    ) -> Printed {
        if holds_bytes(list.type_of()) && matches!(verb, 's' | 'q' | 'x' | 'X') {
            self.context.spend(u64::try_from(list.len() / 64).unwrap_or(u64::MAX))?;
            let bytes: Vec<u8> = list.iter().map(byte).collect();
            return self.print_text(&bytes, verb, &Value::Invalid);
        }
        let depth = self.deeper(depth)?;
        self.open(name, b"[")?;
        for (at, item) in list.iter().enumerate() {
            self.separate(at)?;
            self.print_value(item, verb, depth)?;
        }
        self.close(b"]")
    }

    pub(super) fn print_map(
        &mut self,
        map: &Map,
        name: &dyn Display,
        verb: char,
        depth: usize,
    ) -> Printed {
        let depth = self.deeper(depth)?;
        self.open(name, b"map[")?;
        let (mut at, mut printed) = (0, Ok(()));
        map.each(|key, value| {
            if printed.is_ok() {
                printed = self.print_entry(at, key, value, verb, depth);
                at += 1;
            }
        });
        printed?;
        self.close(b"]")
    }

    fn print_entry(
        &mut self,
        at: usize,
        key: &Value,
        value: &Value,
        verb: char,
        depth: usize,
    ) -> Printed {
        self.separate(at)?;
        self.print_value(key, verb, depth)?;
        self.write(b":")?;
        self.print_value(value, verb, depth)
    }

    /// Begins a list or map.
    fn open(&mut self, name: &dyn Display, bracket: &[u8]) -> Printed {
        if !self.flags.sharp_v {
            return self.write(bracket);
        }
        self.write_name(name)?;
        self.write(b"{")
    }

    fn close(&mut self, bracket: &[u8]) -> Printed {
        self.write(if self.flags.sharp_v { b"}" } else { bracket })
    }

    fn separate(&mut self, at: usize) -> Printed {
        match at {
            0 => Ok(()),
            _ if self.flags.sharp_v => self.write(b", "),
            _ => self.write(b" "),
        }
    }

    /// One level of values in values more.
    fn deeper(&self, depth: usize) -> Result<usize, Failure> {
        let most = self.context.limits.nesting;
        if depth < most {
            return Ok(depth.saturating_add(1));
        }
        Err(Reached::size("nesting", most).into())
    }
}

/// Whether a slice type is one of bytes.
pub(super) fn holds_bytes(of: Type) -> bool {
    of.element().is_some_and(|element| element.underlying() == BYTE)
}

fn byte(item: &Value) -> u8 {
    match item {
        Value::Uint(_, byte) => u8::try_from(*byte).unwrap_or(0),
        _ => 0,
    }
}
