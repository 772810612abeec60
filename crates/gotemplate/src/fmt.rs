//! Go's `fmt`: what `print`, `printf`, `println` and an action write for a value.

use crate::funcs::{Context, Failure};
use crate::value::Value;

/// Appends what `{{value}}` prints, `%v` of the value.
///
/// # Errors
/// When a limit is reached.
pub fn print(_out: &mut Vec<u8>, _value: &Value, _context: &mut Context) -> Result<(), Failure> {
    Ok(())
}

/// Go's `fmt.Sprint`: spaces stand between arguments when neither is a string.
///
/// # Errors
/// When a limit is reached.
pub fn sprint(_arguments: &[Value], _context: &mut Context) -> Result<Vec<u8>, Failure> {
    Ok(Vec::new())
}

/// Go's `fmt.Sprintln`: spaces stand between all arguments, and a line end comes last.
///
/// # Errors
/// When a limit is reached.
pub fn sprintln(_arguments: &[Value], _context: &mut Context) -> Result<Vec<u8>, Failure> {
    Ok(Vec::new())
}

/// Go's `fmt.Sprintf`.
///
/// # Errors
/// When a limit is reached; a wrong verb or argument is no error but stands in the text.
pub fn sprintf(
    _format: &[u8],
    _arguments: &[Value],
    _context: &mut Context,
) -> Result<Vec<u8>, Failure> {
    Ok(Vec::new())
}
/// stand-in
#[must_use]
pub fn quote(t: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(t))
}
