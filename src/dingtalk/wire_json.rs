//! JSON as it goes out: its bytes, how many they are, and the same as a value to be shown.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

/// The bytes of a body.
pub(super) fn text(body: &impl Serialize) -> String {
    // Our bodies are texts, lists and truths, all of which JSON can hold.
    serde_json::to_string(body).unwrap_or_default()
}

/// How many bytes a body has; they are counted and not kept.
pub(super) fn size(body: &impl Serialize) -> usize {
    let mut counted = Count(0);
    // Counting cannot fail, and our bodies are texts, lists and truths.
    let _ = serde_json::to_writer(&mut counted, body);
    counted.0
}

/// A body as a value.
pub(super) fn value(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or_default()
}

struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_that_of_the_bytes() {
        for body in ["", "磁盘 \"满\"\n\\ \t\u{1}\u{8}🔴\u{7f}", "a/b<c>&'\u{2028}"] {
            assert_eq!(size(&[body]), text(&[body]).len(), "{body:?}");
            assert_eq!(value(&[body]).to_string(), text(&[body]));
        }
    }
}
