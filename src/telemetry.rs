//! The log: one line for each event on standard error, in logfmt (as in Prometheus) or JSON.
//!
//! Values are quoted, so text of an alert can't begin a new line and pass for another event.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use crate::clock::{Clock, SystemClock};
use crate::settings::LogFormat;

/// Starts the log; other crates log only warnings and errors.
pub fn start(level: Level, format: LogFormat) {
    let others = level.min(Level::WARN);
    let filter = EnvFilter::new(format!("{others},campana={level},dingtalk_sim={level}"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start, as in tests, keeps the first log.
    let _ = match format {
        LogFormat::Logfmt => log.event_format(Logfmt).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).try_init(),
    };
}

/// The logfmt of Prometheus and Alertmanager, as Go's `go-kit/log` and `slog` write it.
struct Logfmt;

impl<S, N> FormatEvent<S, N> for Logfmt
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        write!(writer, "ts={:.3} level={level} msg=", SystemClock.now().wall)?;
        let mut line = LogLine { fields: String::with_capacity(512), ..LogLine::default() };
        event.record(&mut line);
        writer.write_str(&line.message)?;
        writer.write_str(&line.fields)?;
        writer.write_char('\n')
    }
}

/// The parts of one event's line, as they are written.
#[derive(Default)]
struct LogLine {
    message: String,
    fields: String,
    /// A value before it is quoted; kept because most values are written into it.
    value: String,
}

impl LogLine {
    fn push(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            push_value(&mut self.message, value);
        } else {
            self.fields.extend([" ", field.name(), "="]);
            push_value(&mut self.fields, value);
        }
    }
}

impl Visit for LogLine {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = std::mem::take(&mut self.value);
        text.clear();
        // Writing into a string cannot fail.
        let _ = write!(text, "{value:?}");
        self.push(field, &text);
        self.value = text;
    }
}

/// Writes a value, in quotes where logfmt needs them, with characters escaped that nobody sees.
fn push_value(line: &mut String, value: &str) {
    if !value.is_empty() && (is_plain_ascii(value) || value.chars().all(is_plain)) {
        return line.push_str(value);
    }
    line.push('"');
    for c in value.chars() {
        match c {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            c if is_unseen(c) => push_escape(line, c),
            c => line.push(c),
        }
    }
    line.push('"');
}

/// Writes `\u202e` in place of a character that [`is_unseen`].
pub fn push_escape(line: &mut String, c: char) {
    // Writing into a string cannot fail.
    let _ = write!(line, "\\u{:04x}", u32::from(c));
}

/// What [`is_plain`] says, for texts that can be asked many bytes at once.
fn is_plain_ascii(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b'!'..=b'~') && byte != b'"' && byte != b'=')
}

fn is_plain(c: char) -> bool {
    !c.is_whitespace() && !is_unseen(c) && c != '"' && c != '='
}

/// Control characters, and those that end a line or turn its direction. All have four hex digits.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    let is_turning = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_turning || matches!(c, '\u{2028}'..='\u{202e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_quoted_where_it_must_be() {
        for (value, written) in [
            ("ops", "ops"),
            ("磁盘", "磁盘"),
            ("", "\"\""),
            ("two words", "\"two words\""),
            ("a=b", "\"a=b\""),
            ("line\nmsg=\"forged\"", "\"line\\nmsg=\\\"forged\\\"\""),
            ("\u{1b}[31m", "\"\\u001b[31m\""),
            ("a\u{2028}b\u{202e}c", "\"a\\u2028b\\u202ec\""),
        ] {
            let mut line = String::new();
            push_value(&mut line, value);
            assert_eq!(line, written);
        }
    }
}
