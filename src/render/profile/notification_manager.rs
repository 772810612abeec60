//! The functions, the data and the templates of notification-manager 2.6.
#![allow(clippy::unnecessary_wraps, reason = "functions in a table have one type")]

mod data;
mod escape;
mod labels;
mod language_pack;

use std::ops::Range;
use std::sync::Arc;

use gotemplate::{Call, Failure, Function, Functions, Value, Zone};

use self::data::{Alert, Data};
pub use self::language_pack::LanguagePack;
use super::{Model, RefusedFunction, TemplateSource, strings};
use crate::alert::Notification;

pub(super) const REFUSED: &[RefusedFunction] = &[];

/// What its own `nm.default.*` and `nm.subject` write; those for mail and Feishu are left out.
pub(super) const SOURCES: &[TemplateSource] =
    &[("notification-manager.tmpl", include_str!("notification_manager/default.tmpl"))];

const FUNCTIONS: &[Function] = &[
    Function::new("escape(s string) string", escape),
    Function::new("translate(key string) string", translate),
    Function::new("message(alert any) string", message),
];

pub(super) fn functions() -> Functions {
    Functions::new().with(strings::FUNCTIONS).with(FUNCTIONS)
}

pub(super) fn model(
    notification: &Notification,
    local: &Zone,
    language: &LanguagePack,
) -> Box<dyn Model> {
    let alert = |alert| Value::object(Alert::new(alert, local));
    let alerts = notification.alerts.iter().map(alert).collect();
    // Its groups have no label without a value.
    let group = notification.group_labels.iter().filter(|(_, value)| !value.is_empty());
    Box::new(Group { alerts, labels: labels::of(group), language: Arc::new(language.clone()) })
}

#[derive(Debug)]
struct Group {
    alerts: Vec<Value>,
    labels: Value,
    language: Arc<LanguagePack>,
}

impl Model for Group {
    fn data(&self, alerts: Range<usize>, _mobiles: &[String]) -> Value {
        let alerts = self.alerts.get(alerts).unwrap_or_default().to_vec();
        Value::object(Data::new(alerts, self.labels.clone(), Arc::clone(&self.language)))
    }
}

fn escape(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(escape::size(text))?;
    Ok(Value::text(escape::escape(text)))
}

fn translate(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.reserve(call.text(0).len().saturating_mul(3))?;
    let data = call.root().downcast::<Data>();
    let found = data.and_then(|data| data.language().translate(call.text(0)));
    Ok(found.map_or_else(|| call.value(0).clone(), Value::Text))
}

fn message(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.value(0);
    let Some(alert) = value.downcast::<Alert>() else {
        let found = value.type_of().map_or_else(|| "<nil>".to_owned(), |of| of.to_string());
        return Err(format!("wrong type for value; expected *template.Alert; got {found}").into());
    };
    let chinese = call.root().downcast::<Data>().is_some_and(|data| data.language().is_chinese());
    Ok(Value::Text(if chinese { alert.message_cn() } else { alert.message() }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gotemplate::{Environment, Limits, Templates};

    use super::*;
    use crate::receive::alertmanager;
    use crate::render::profile::Profile;

    const BODY: &str = r#"{"groupLabels":{"alertname":"A","empty":""},"alerts":[
        {"status":"firing","labels":{"alertname":"A","pod":"p"},"annotations":{"message":"one"}},
        {"status":"resolved","labels":{"alertname":"A","pod":"q"},"annotations":{"summaryCn":"二"}},
        {"status":"resolved","labels":{"alertname":"A","pod":"q"},"annotations":{"summary":"3"}}]}"#;

    fn write(source: &str, alerts: Range<usize>, language: &LanguagePack) -> String {
        let profile = Profile::NotificationManager;
        let functions = Arc::new(profile.functions());
        let mut templates = Templates::new(functions, profile.missing_key(), Limits::default());
        for (name, source) in profile.sources() {
            templates.parse(name, source).unwrap();
        }
        templates.parse("", source).unwrap();
        assert_eq!(templates.undefined(), []);
        let notification = alertmanager::parse(BODY.as_bytes()).unwrap();
        let data = profile.model_in(&notification, &Zone::Utc, language).data(alerts, &[]);
        let output = templates.execute("", &data, &Environment::default(), &mut 100_000).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn a_part_counts_anew_what_its_alerts_share() {
        let source = "{{ .Status }} {{ len .Alerts }} {{ .CommonLabels }} {{ .GroupLabels }}";
        for (alerts, expected) in [
            (0..3, " 3 map[alertname:A] map[alertname:A]"),
            (0..1, "firing 1 map[alertname:A pod:p] map[alertname:A]"),
            (1..3, "resolved 2 map[alertname:A pod:q] map[alertname:A]"),
            (0..0, "firing 0 map[] map[alertname:A]"),
            (2..9, "firing 0 map[] map[alertname:A]"),
        ] {
            assert_eq!(write(source, alerts, &LanguagePack::default()), expected);
        }
    }

    #[test]
    fn the_language_decides_words_and_messages() {
        let source = "{{ template \"nm.default.subject\" . }}";
        let chinese = LanguagePack::new("zh-cn", [("resolved", "已恢复")]);
        assert_eq!(write(source, 1..2, &chinese), "[已恢复] 二");
        assert_eq!(write(source, 1..2, &LanguagePack::new("fr", [])), "[resolved] 二");
        assert_eq!(write(source, 0..1, &LanguagePack::default()), "[FIRING] one");
    }

    #[test]
    fn a_template_of_the_product_can_be_replaced() {
        let source = "{{ define \"nm.default.message\" }}<{{ .Message }}>{{ end }}\
            {{ template \"nm.default.subject\" . }}";
        assert_eq!(write(source, 0..1, &LanguagePack::default()), "<one>");
    }
}
