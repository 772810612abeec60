//! Messages by templates: what is written, what stands in, and how much each may use up.

mod hard;
mod trial;

use jiff::tz::TimeZone;

use super::*;
use crate::alert::Notification;
use crate::dingtalk::message::MessageType;
use crate::render::profile::Profile;
use crate::render::tests::{alert, chatbot, notification};
use crate::render::{
    Format, Language, RenderBudget, Rendered, SeverityOrder, Style, Subject, Surface,
};

fn template(profile: Profile, title: Option<&str>, text: Option<&str>) -> Template {
    let (library, mistakes) = Library::new(profile, Language::En, &[]);
    assert_eq!(mistakes, []);
    Template::new(&library, title, text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn style(message_type: MessageType, language: Language) -> Style {
    Style::new(Format::of(message_type, language), TimeZone::get("Asia/Shanghai").unwrap())
}

/// The message of `text` in Alertmanager's profile.
fn written(budget: &mut RenderBudget, notification: &Notification, text: &str) -> Rendered {
    let style = style(MessageType::Markdown, Language::En);
    let template = template(Profile::Alertmanager, None, Some(text));
    message(budget, notification, &template, &style, &chatbot())
}

fn message(
    budget: &mut RenderBudget,
    notification: &Notification,
    template: &Template,
    style: &Style,
    surface: &Surface,
) -> Rendered {
    let subject = Subject::new(notification, &SeverityOrder::USUAL);
    let now = "2026-11-20T19:29:45Z".parse().unwrap();
    let input = RenderInput { template, subject: &subject, style, now };
    budget.message(&input, surface)
}

fn full_budget() -> RenderBudget {
    RenderBudget::new(Stop::default())
}

/// Two alerts that fire.
fn two() -> Notification {
    let one = |instance| alert(&[("alertname", "Disk"), ("instance", instance)], &[]);
    notification(vec![one("db-1"), one("db-2")])
}

fn text(rendered: &Rendered) -> String {
    assert_eq!(rendered.parts.len(), 1);
    rendered.parts[0].text()
}

/// Needs more fuel than a message has, and fewer turns than a `range` may take.
const BURNS: &str = "{{ range 99999 }}{{ $a := 1 }}{{ $a = 2 }}{{ $a = 3 }}{{ $a = 4 }}\
                     {{ $a = 5 }}{{ $a = 6 }}{{ $a = 7 }}{{ end }}";

#[test]
fn every_profile_shows_its_own_data_and_its_own_zone() {
    let instances = "{{ range .Alerts }}{{ .Labels.instance }} {{ end }}";
    let cases = [
        (Profile::Alertmanager, instances, "db-1 db-2 "),
        (Profile::Alertmanager, "{{ now.Location }} {{ now.Format \"15:04\" }}", "Local 03:29"),
        (Profile::NotificationManager, instances, "db-1 db-2"),
        (Profile::PrometheusAlert, "{{ .status }} {{ .nothing }}", "firing <no value>"),
    ];
    for (profile, source, expected) in cases {
        let template = template(profile, None, Some(source));
        let style = style(MessageType::Text, Language::En);
        let rendered = message(&mut full_budget(), &two(), &template, &style, &chatbot());
        assert_eq!((text(&rendered).as_str(), &rendered.error), (expected, &None), "{profile}");
    }
}

#[test]
fn a_time_with_the_offset_of_the_zone_is_shown_in_it() {
    let body = br#"{"alerts":[{"startsAt":"2026-11-20T16:00:00+08:00"},
        {"startsAt":"2026-11-20T16:00:00+09:00"},{"startsAt":"2026-11-20T08:00:00Z"}]}"#;
    let notification = crate::receive::alertmanager::parse(body).unwrap();
    let source = "{{ range .Alerts }}{{ .StartsAt.Format \"15:04 MST\" }} {{ end }}";
    let rendered = written(&mut full_budget(), &notification, source);
    assert_eq!(text(&rendered), "16:00 CST 16:00 +0900 08:00 UTC ");
}

#[test]
fn bytes_that_are_no_text_are_replaced() {
    let rendered = written(&mut full_budget(), &two(), "a{{ slice \"磁\" 0 1 }}b");
    assert_eq!(text(&rendered), "a\u{fffd}b");
}

#[test]
fn a_title_stands_on_one_line() {
    let title = "\n  {{ .Status }}  \n\n two ";
    let template = template(Profile::Alertmanager, Some(title), Some("x"));
    let style = style(MessageType::Markdown, Language::En);
    let rendered = message(&mut full_budget(), &two(), &template, &style, &chatbot());
    assert_eq!(rendered.parts[0].title().as_deref(), Some("firing two"));
}

#[test]
fn what_the_title_defines_is_not_seen_by_the_text() {
    let calls = |defines: &str| {
        format!(
            "{{{{ define \"__subject\" }}}}{defines}{{{{ end }}}}{{{{ template \"__subject\" . }}}}"
        )
    };
    let own = template(Profile::Alertmanager, Some(&calls("title")), Some(&calls("text")));
    let style = style(MessageType::Markdown, Language::En);
    let rendered = message(&mut full_budget(), &two(), &own, &style, &chatbot());
    assert_eq!(rendered.parts[0].title().as_deref(), Some("title"));
    assert_eq!(text(&rendered), "text");
    let title = Some("{{ define \"own\" }}{{ end }}{{ template \"own\" . }}");
    let (library, _) = Library::new(Profile::Alertmanager, Language::En, &[]);
    let mistakes = Template::new(&library, title, Some("{{ template \"own\" . }}")).unwrap_err();
    let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(mistakes.len(), 1);
    assert!(
        mistakes[0].starts_with("message.text:1:13: template \"own\" not defined"),
        "{mistakes:?}"
    );
}

#[test]
fn what_fails_says_so_at_the_end_of_the_built_in_message_in_its_language() {
    let template = template(Profile::Alertmanager, None, Some("{{ .Nothing }}"));
    let cases = [
        (MessageType::Markdown, Language::En, "\n\ntemplate failed: template: message.text:1:3: "),
        (MessageType::Text, Language::ZhCn, "\n\n模板出错：template: message.text:1:3: "),
    ];
    for (message_type, language, expected) in cases {
        let style = style(message_type, language);
        let rendered = message(&mut full_budget(), &two(), &template, &style, &chatbot());
        assert!(text(&rendered).contains("Disk"), "{rendered:?}");
        assert!(text(&rendered).contains(expected), "{rendered:?}");
        let error = rendered.error.unwrap();
        assert!(error.contains("can't evaluate field Nothing"), "{error}");
    }
}

#[test]
fn a_value_in_an_error_makes_no_mark_up_and_mentions_nobody() {
    let mut notification = two();
    notification.alerts[0].labels = [("x", "**@all** [x](http://y)")].into_iter().collect();
    let source = "{{ mustToDate \"2006\" (index .Alerts 0).Labels.x }}";
    let rendered = written(&mut full_budget(), &notification, source);
    let text = text(&rendered);
    let (_, note) = text.rsplit_once("template failed: ").unwrap();
    assert!(note.contains("@\u{200b}all"), "{note}");
    assert!(note.contains("\\*\\*@") && note.contains("\\[x\\](http&#58;//y)"), "{note}");
    assert!(rendered.error.unwrap().contains("**@all**"), "people see it as it was");
}

#[test]
fn an_error_is_kept_short() {
    let source = format!("{{{{ index .Alerts \"{}\" }}}}", "x".repeat(50_000));
    let rendered = written(&mut full_budget(), &two(), &source);
    assert!(text(&rendered).len() < 2_000, "{}", text(&rendered).len());
    assert!(rendered.error.unwrap().chars().count() <= 1_000);
}

#[test]
fn fuel_that_is_used_up_is_a_failure_of_this_message_alone() {
    let mut budget = full_budget();
    let burnt = written(&mut budget, &two(), BURNS);
    assert!(burnt.error.is_some());
    let next = written(&mut budget, &two(), "{{ .Status }}");
    assert_eq!((text(&next).as_str(), next.error.as_deref()), ("firing", None));
    // A request has fuel for eight such messages, and then for none.
    for _ in 0..8 {
        assert!(written(&mut budget, &two(), BURNS).error.is_some());
    }
    let late = written(&mut budget, &two(), "{{ .Status }}{{ .Status }}{{ .Status }}");
    assert!(late.error.is_some() && text(&late).starts_with("### 🔴 [FIRING:2]"), "{late:?}");
}

#[test]
fn a_stopped_request_sends_built_in_messages() {
    let stop = Stop::default();
    let mut budget = RenderBudget::new(stop.clone());
    stop.stop();
    let rendered = written(&mut budget, &two(), BURNS);
    assert_eq!(rendered.error.as_deref(), Some("the template took too long"));
    assert!(text(&rendered).ends_with("template failed: the template took too long"));
}

#[test]
fn only_the_first_part_is_shown_whom_to_mention() {
    let surface = Surface {
        max_bytes: 1_000,
        mention: crate::render::Mention { mobiles: vec!["138".into()], ..Default::default() },
        ..chatbot()
    };
    let many = (0..40).map(|n| alert(&[("n", &format!("{n:020}"))], &[])).collect();
    let source = "{{ range .Alerts }}{{ .Labels.n }}\n{{ end }}";
    let template = template(Profile::Alertmanager, Some("{{ len .Alerts }}"), Some(source));
    let style = style(MessageType::Markdown, Language::En);
    let rendered = message(&mut full_budget(), &notification(many), &template, &style, &surface);
    let parts = &rendered.parts;
    assert!((2..=4).contains(&parts.len()), "{}", parts.len());
    for (index, part) in parts.iter().enumerate() {
        let mark = format!("40 ({}/{})", index + 1, parts.len());
        assert_eq!(part.title().as_deref(), Some(mark.as_str()), "the title is of all alerts");
        assert_eq!(part.text().contains("@138"), index == 0);
        assert_eq!(part.at.is_empty(), index > 0);
    }
}

#[test]
fn every_products_own_templates_are_sound() {
    for profile in Profile::ALL {
        for language in Language::ALL {
            let (_, mistakes) = Library::new(profile, language, &[]);
            assert_eq!(mistakes, [], "{profile}");
        }
    }
}
