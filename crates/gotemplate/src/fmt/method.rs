//! Values that tell themselves what they print: Go's `Stringer` and `GoStringer`.

use super::printer::Printer;
use crate::funcs::Failure;
use crate::time::{self, Time};
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
            self.print_plain(time_in_go(time).as_bytes())?;
            return Ok(true);
        }
        let Some(text) = text_of(value) else { return Ok(false) };
        // The method has made a text that the template may cut to nothing and ask for again.
        self.context.spend(u64::try_from(text.len() / 64).unwrap_or(u64::MAX))?;
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

/// Go's `Time.GoString`: the call that makes the time.
///
/// Taken from the time's text, whose zone has its abbreviation: the name of the zone stands there
/// only for UTC and for zones without a name.
fn time_in_go(time: &Time) -> String {
    let text = time.to_text();
    let text = text.to_str();
    let mut words = text.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let (date, clock, _, zone) = (word(), word(), word(), word());
    let mut date = date.rsplitn(3, '-');
    let mut part = || date.next().and_then(|part| part.parse::<i64>().ok()).unwrap_or(0);
    let (day, month, year) = (part(), part(), part());
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut clock = clock.split(':').map(|part| part.parse::<i64>().unwrap_or(0));
    let mut part = || clock.next().unwrap_or(0);
    let (hour, minute, second) = (part(), part(), part());
    let nanoseconds = format!("{fraction:0<9}").parse::<i64>().unwrap_or(0);
    let month = time::month_text(month);
    let location = match zone {
        "UTC" => "time.UTC".to_owned(),
        _ if zone.starts_with(['+', '-']) => r#"time.Location("")"#.to_owned(),
        _ => format!("time.Location({})", super::quote(zone.as_bytes())),
    };
    format!(
        "time.Date({year}, time.{month}, {day}, {hour}, {minute}, {second}, {nanoseconds}, {location})"
    )
}
