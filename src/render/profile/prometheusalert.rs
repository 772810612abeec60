//! The functions and the data of PrometheusAlert 5.0.
//!
//! It has no templates that others call: each of its users writes whole ones, and those that it
//! ships are examples in its database.

mod payload;
mod split;
mod times;

use gotemplate::{Function, Functions};

use super::{Model, RefusedFunction, TemplateSource, strings};
use crate::alert::Notification;
pub(super) use payload::sender;

pub(super) const REFUSED: &[RefusedFunction] = &[];

pub(super) const SOURCES: &[TemplateSource] = &[];

const FUNCTIONS: &[Function] = &[
    Function::new("GetCSTtime(date string) string", times::in_china),
    Function::new("GetTime(timeStr any, timeFormat ...string) string", times::of_number),
    Function::new("GetTimeDuration(startTime string, endTime string) string", times::between),
    Function::new("TimeFormat(timestr string, format string) string", times::written_anew),
    Function::new("SplitString(pstring string, start int, stop int) string", split::split),
];

pub(super) fn functions() -> Functions {
    Functions::new().with(strings::FUNCTIONS).with(FUNCTIONS)
}

pub(super) fn model(notification: &Notification) -> Box<dyn Model> {
    Box::new(payload::Payload::new(notification))
}

#[cfg(test)]
mod tests {
    use std::ops::Range;
    use std::sync::Arc;

    use gotemplate::{Environment, Limits, Templates, Time, Zone};
    use jiff::tz::{TimeZone, offset};

    use crate::receive::alertmanager;
    use crate::render::profile::Profile;

    const BODY: &[u8] = br#"{"receiver":"r","alerts":[
        {"status":"firing","labels":{"alertname":"A"},"startsAt":"2026-11-20T16:00:00+08:00"},
        {"status":"resolved","labels":{"alertname":"B"},"startsAt":"2026-11-20T08:00:00.5Z",
         "endsAt":"2026-11-20T09:01:00Z"}]}"#;

    fn write(source: &str, alerts: Range<usize>) -> Result<String, String> {
        let profile = Profile::PrometheusAlert;
        let functions = Arc::new(profile.functions());
        let mut templates = Templates::new(functions, profile.missing_key(), Limits::default());
        templates.parse("", source).map_err(|error| error.to_string())?;
        let local = Zone::local(TimeZone::fixed(offset(-5)));
        let environment =
            Environment { now: Time::unix(0, 0, Zone::Utc), local, ..Environment::default() };
        let data = profile
            .model(&alertmanager::parse(BODY).unwrap(), &environment.local)
            .data(alerts, &[]);
        let output = templates.execute("", &data, &environment, &mut 100_000);
        Ok(String::from_utf8(output.map_err(|error| error.to_string())?).unwrap())
    }

    #[test]
    fn a_part_has_its_alerts_and_the_fields_of_all() {
        let source = "{{ .receiver }} {{ .status }}{{ range .alerts }} {{ .labels.alertname }}\
            {{ end }} {{ .nope }}";
        assert_eq!(write(source, 0..2).unwrap(), "r firing A B <no value>");
        assert_eq!(write(source, 1..2).unwrap(), "r firing B <no value>");
        assert_eq!(write(source, 2..5).unwrap(), "r firing <no value>");
    }

    #[test]
    fn clock_and_local_zone_come_from_the_environment() {
        for (source, expected) in [
            ("{{ GetCSTtime \"\" }}", "1970-01-01 08:00:00"),
            ("{{ GetTime 0.0 }}", "1969-12-31T19:00:00"),
            (
                "{{ range .alerts }}{{ .startsAt }} {{ end }}",
                "2026-11-20T16:00:00+08:00 2026-11-20T08:00:00.5Z ",
            ),
            ("{{ with index .alerts 1 }}{{ GetTimeDuration .startsAt .endsAt }}{{ end }}", "1h1m"),
        ] {
            assert_eq!(write(source, 0..2).unwrap(), expected, "{source}");
        }
    }

    #[test]
    fn a_part_that_a_text_does_not_have_is_an_error_with_its_place() {
        assert_eq!(
            write("{{ SplitString .receiver 0 5 }}", 0..2).unwrap_err(),
            "template: :1:3: executing \"\" at <SplitString .receiver 0 5>: error calling \
             SplitString: runtime error: slice bounds out of range [:5] with length 1"
        );
    }
}
