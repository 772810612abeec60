//! Campana's own functions, in every profile where the name is free, and its own templates.
//!
//! A function takes the data of any profile: an alert with fields, or a map from JSON. A field that is
//! missing reads as empty, because half a message is better than none.

mod alerts;
mod extras;
mod read;
#[cfg(test)]
mod tests;
mod texts;
mod times;

use gotemplate::Function;

use super::TemplateSource;
use crate::render::Language;

/// `docs/templates.md` describes each of them.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("alertNames(data any) []string", alerts::names),
    Function::new("besideHost(labels any) []string", alerts::beside_host),
    Function::new("bold(markdown string) string", texts::bold),
    Function::new("bySeverity(alerts any) []Alert", alerts::by_severity),
    Function::new("captioned(lineEnd string, words string, text any) string", texts::captioned),
    Function::new("commonGraph(data any) string", alerts::common_graph),
    Function::new("commonPage(data any, name string) string", alerts::common_page),
    Function::new("commonTimes(data any) map[string]any", alerts::common_times),
    Function::new("details(annotations any) string", alerts::details),
    Function::new("dict(pairs ...any) map[string]any", texts::dict),
    Function::new("groupURL() string", alerts::group_url),
    Function::new("hasExtras(data any) bool", extras::has_extras),
    Function::new("host(labels any) string", alerts::host),
    Function::new("humanDuration(d time.Duration, units ...string) string", times::human_duration),
    Function::new("icon(of any) string", alerts::icon),
    Function::new("isEvent(of any) bool", times::is_event),
    Function::new("isPast(of any) bool", extras::is_past),
    Function::new("joined(separator string, parts ...any) string", texts::joined),
    Function::new("lasted(alert any, units ...string) string", times::lasted),
    Function::new("link(words string, url any) string", texts::link),
    Function::new("localTime(time any, start ...any) string", times::local_time),
    Function::new("markdown(text any) string", texts::markdown_lines),
    Function::new("markdownInline(text any) string", texts::markdown_inline),
    Function::new("markdownLines(text any) string", texts::markdown_lines),
    Function::new("mention(mobiles ...any) string", texts::mention),
    Function::new("origins(labels any) []string", alerts::origins),
    Function::new("places(labels any) []string", alerts::places),
    Function::new("plainLine(text any) string", texts::plain_line),
    Function::new("plainLines(text any) string", texts::plain_lines),
    Function::new("prefixed(words string, text any) string", texts::prefixed),
    Function::new("severities(data any) []map", alerts::severities),
    Function::new("shortTime(time any, start ...any) string", times::short_time),
    Function::new("silenceURL(alert any) string", alerts::silence_url),
    Function::new("since(time any) time.Duration", times::since),
    Function::new("subjects(data any) []string", alerts::subjects),
    Function::new("summary(annotations any) string", alerts::summary),
    Function::new("truncate(length int, text any) string", texts::truncate),
    Function::new("valuesLine(alert any) string", extras::values_line),
    Function::new("webAddress(url any) string", texts::web_address),
];

/// `campana.title`, `campana.markdown` and `campana.text`: the built-in message as templates.
pub(super) const fn sources(language: Language) -> &'static [TemplateSource] {
    match language {
        Language::En => &[("campana.tmpl", include_str!("own/campana.tmpl"))],
        Language::ZhCn => &[("campana.zh-CN.tmpl", include_str!("own/campana.zh-CN.tmpl"))],
    }
}
