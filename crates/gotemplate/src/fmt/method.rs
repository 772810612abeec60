//! Values that tell themselves what they print: Go's `Stringer` and `GoStringer`.

use super::printer::Printer;
use crate::funcs::Failure;
use crate::time;
use crate::value::{Int, Named, Text, Type, Value};

impl Printer<'_> {
    /// Prints what the value's `String` method gives, where it has one and the verb is for texts.
    pub(super) fn print_by_method(&mut self, value: &Value, verb: char) -> Result<bool, Failure> {
        if self.reporting {
            return Ok(false);
        }
        if verb == 'w' {
            self.report_verb(value, verb)?;
            return Ok(true);
        }
        if !matches!(verb, 'v' | 's' | 'q' | 'x' | 'X') {
            return Ok(false);
        }
        if self.flags.sharp_v {
            let Value::Time(time) = value else { return Ok(false) };
            self.print_plain(time.to_go_text().as_bytes())?;
            return Ok(true);
        }
        let Some(text) = text_of(value) else { return Ok(false) };
        // The method has made a text that the template may cut to nothing and ask for again.
        self.context.spend(u64::try_from(text.len() / 64).unwrap_or(u64::MAX).saturating_add(1))?;
        self.print_text(text.as_bytes(), verb, value)?;
        Ok(true)
    }

    /// The same for a value in a value, which Go asks for methods whatever its type.
    pub(super) fn print_nested_by_method(
        &mut self,
        value: &Value,
        verb: char,
    ) -> Result<bool, Failure> {
        match value {
            Value::Invalid | Value::Nil(Type::Any | Type::Reflect) => Ok(false),
            _ if is_simple(value) && verb != 'w' => Ok(false),
            _ => self.print_by_method(value, verb),
        }
    }
}

/// Whether `fmt` knows the type itself and asks it for no methods.
pub(super) fn is_simple(value: &Value) -> bool {
    match value {
        Value::Int(Int::Duration | Int::Month | Int::Weekday, _) => false,
        Value::Bool(_)
        | Value::Int(..)
        | Value::Uint(..)
        | Value::Float(..)
        | Value::Complex(..)
        | Value::Text(_) => true,
        _ => value.type_of().is_some_and(|of| of == Type::BYTES),
    }
}

/// What Go's `String` or `Error` gives, where the value has one.
fn text_of(value: &Value) -> Option<Text> {
    match value {
        Value::Time(time) => Some(time.to_text()),
        Value::Int(Int::Duration, nanoseconds) => Some(time::duration_text(*nanoseconds).into()),
        Value::Int(Int::Month, month) => Some(time::month_text(*month).into()),
        Value::Int(Int::Weekday, weekday) => Some(time::weekday_text(*weekday).into()),
        Value::Object(object) => object.to_text(),
        // The methods of a nil list or map are those of an empty one.
        Value::Nil(Type::Named(Named {
            zero, underlying: Type::Slice(_) | Type::Map(..), ..
        })) => match zero() {
            Value::Object(object) => object.to_text(),
            _ => None,
        },
        _ => None,
    }
}
