//! The log: one line for each event on standard error, in logfmt (as in Prometheus) or JSON.
//!
//! Values are quoted, so text of an alert can't begin a new line and pass for another event, and what
//! nobody sees in it is escaped, so that it can neither hide a part of a line nor turn it round.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{Format, FormatEvent, FormatFields, Json, Writer};
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
        LogFormat::Json => {
            let json = Format::default().json().flatten_event(true).with_current_span(false);
            log.json().event_format(JsonLine(json)).try_init()
        }
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

/// JSON, with the characters escaped that nobody sees; in a JSON text they stand in strings alone, so
/// that it is the same value.
struct JsonLine(Format<Json>);

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::with_capacity(512);
        self.0.format_event(context, Writer::new(&mut line), event)?;
        writer.write_str(&seen(line.trim_end_matches('\n'), is_unseen))?;
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

/// The text with `\u202e` for each character that `is_escaped`.
#[must_use]
pub fn seen(text: &str, is_escaped: fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len());
    for c in text.chars() {
        if is_escaped(c) {
            push_escape(&mut seen, c);
        } else {
            seen.push(c);
        }
    }
    Cow::Owned(seen)
}

/// Writes `\u202e` in place of a character that [`is_unseen`], as JSON writes it: one beyond the first
/// 65,536 in two halves.
fn push_escape(line: &mut String, c: char) {
    for half in c.encode_utf16(&mut [0; 2]) {
        // Writing into a string cannot fail.
        let _ = write!(line, "\\u{half:04x}");
    }
}

/// What [`is_plain`] says, for texts that can be asked many bytes at once.
fn is_plain_ascii(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b'!'..=b'~') && byte != b'"' && byte != b'=')
}

fn is_plain(c: char) -> bool {
    !c.is_whitespace() && !is_unseen(c) && c != '"' && c != '='
}

/// Control characters, those that end a line or turn its direction, and those without a width, behind
/// which words can be hidden. They are Unicode's categories Cc, Cf, Zl and Zp and the letters that are
/// blank. What chooses an emoji's picture stays: it shows.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_turns_words_is_escaped_and_what_shows_is_not() {
        let ranges = [
            ('\0', '\u{1f}'),
            ('\u{7f}', '\u{9f}'),
            ('\u{200b}', '\u{200f}'),
            ('\u{2028}', '\u{202e}'),
            ('\u{2060}', '\u{2064}'),
            ('\u{2066}', '\u{2069}'),
        ];
        for c in ranges.into_iter().flat_map(|(first, last)| first..=last) {
            assert!(is_unseen(c), "{c:?}");
            assert_eq!(seen(&c.to_string(), is_unseen), format!("\\u{:04x}", u32::from(c)));
        }
        for c in " aä磁😀。\u{a0}\u{3000}\u{e000}\u{fffd}".chars() {
            assert!(!is_unseen(c), "{c:?}");
        }
    }

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
            ("pay\u{200b}pal\u{feff}", "\"pay\\u200bpal\\ufeff\""),
            ("a\u{85}b\u{9b}31m", "\"a\\u0085b\\u009b31m\""),
            ("\u{e0041}", "\"\\udb40\\udc41\""),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
        ] {
            let mut line = String::new();
            push_value(&mut line, value);
            assert_eq!(line, written);
        }
    }
}
