//! Go's `fmt`: what `print`, `printf`, `println` and an action write for a value.
//!
//! Nothing grows without bound: a text is measured while it is written, a width and a precision are
//! limited, and the depth of values in values is counted.

mod arguments;
mod composite;
mod decimal;
mod directive;
mod float;
mod integer;
mod method;
#[cfg(test)]
mod objects;
mod pointer;
mod printer;
mod quote;
mod text;
#[cfg(test)]
mod verbs;

use self::printer::Printer;
use crate::funcs::{Context, Failure};
use crate::limits::Reached;
use crate::value::{Base, Int, Type, Value};

/// Appends what `{{value}}` prints, `%v` of the value.
///
/// A pointer prints as what it points to, and an interface that holds nothing as `<no value>`.
///
/// # Errors
/// When a limit is reached.
#[inline]
pub fn print(out: &mut Vec<u8>, value: &Value, context: &mut Context) -> Result<(), Failure> {
    let mut buffer = integer::Buffer::default();
    let bytes = match value {
        Value::Text(text) => text.as_bytes(),
        Value::Int(Int::Int | Int::Int8 | Int::Int16 | Int::Int32 | Int::Int64, value) => {
            buffer.signed(*value)
        }
        Value::Uint(_, value) => buffer.unsigned(*value),
        Value::Bool(true) => b"true",
        Value::Bool(false) => b"false",
        Value::Invalid | Value::Nil(Type::Any | Type::Reflect) => b"<no value>",
        other => return Printer::for_output(out, context).print_action(other),
    };
    if out.len().saturating_add(bytes.len()) > context.limits.output {
        return Err(Reached::size("output", context.limits.output).into());
    }
    out.extend_from_slice(bytes);
    Ok(())
}

/// Go's `fmt.Sprint`: spaces stand between arguments when neither is a string.
///
/// # Errors
/// When a limit is reached.
pub fn sprint(arguments: &[Value], context: &mut Context) -> Result<Vec<u8>, Failure> {
    made(context, |printer| {
        let mut after_string = true;
        for (at, argument) in arguments.iter().enumerate() {
            let string = is_string(argument);
            if at > 0 && !string && !after_string {
                printer.write(b" ")?;
            }
            printer.print_argument(argument, 'v')?;
            after_string = string;
        }
        Ok(())
    })
}

/// Go's `fmt.Sprintln`: spaces stand between all arguments, and a line end comes last.
///
/// # Errors
/// When a limit is reached.
pub fn sprintln(arguments: &[Value], context: &mut Context) -> Result<Vec<u8>, Failure> {
    made(context, |printer| {
        for (at, argument) in arguments.iter().enumerate() {
            if at > 0 {
                printer.write(b" ")?;
            }
            printer.print_argument(argument, 'v')?;
        }
        printer.write(b"\n")
    })
}

/// Go's `fmt.Sprintf`.
///
/// # Errors
/// When a limit is reached; a wrong verb or argument is no error but stands in the text.
pub fn sprintf(
    format: &[u8],
    arguments: &[Value],
    context: &mut Context,
) -> Result<Vec<u8>, Failure> {
    made(context, |printer| directive::print(printer, format, arguments))
}

/// Go's `strconv.Quote`: the text as a literal in double quotes.
#[must_use]
pub fn quote(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len().saturating_add(2));
    quote::text(&mut out, text, quote::Escape::Unprintable, usize::MAX);
    String::from_utf8_lossy(&out).into_owned()
}

/// Go's `strconv.QuoteRune`: the character as a literal in single quotes.
#[must_use]
pub fn quote_char(c: char) -> String {
    let mut out = Vec::new();
    quote::character(&mut out, c, quote::Escape::Unprintable);
    String::from_utf8_lossy(&out).into_owned()
}

/// Go's `strconv.FormatFloat`: `form` is one of `b`, `e`, `E`, `f`, `g`, `G`, `x`, `X`; a negative
/// `precision` means the fewest digits that read back as `value`, of 32 or 64 `bits`.
#[must_use]
pub fn format_float(value: f64, form: u8, precision: i32, bits: u32) -> String {
    let mut out = Vec::new();
    decimal::append(&mut out, value, form, usize::try_from(precision).ok(), bits == 32);
    String::from_utf8_lossy(&out).into_owned()
}

/// Makes a text of at most what may be allocated, and takes its size from what is left.
fn made(
    context: &mut Context,
    write: impl FnOnce(&mut Printer<'_>) -> Result<(), Failure>,
) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    write(&mut Printer::for_value(&mut out, context))?;
    context.reserve(out.len())?;
    Ok(out)
}

/// Whether the kind of the value is string, also under a name.
fn is_string(value: &Value) -> bool {
    match value {
        Value::Text(_) => true,
        Value::Object(object) => matches!(object.base(), Base::Text(_)) && !object.is_pointer(),
        _ => false,
    }
}
