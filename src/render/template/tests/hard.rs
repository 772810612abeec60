//! Templates and notifications that are hard to cut: what arrives all the same.

use super::*;
use crate::alert::Alert;
use crate::dingtalk::message::{MessageType, Part};
use crate::render::tests::resolved;

fn parts(notification: &Notification, text: &str, max_bytes: usize) -> Rendered {
    let surface = Surface { max_bytes, ..chatbot() };
    let template = template(Profile::Alertmanager, None, Some(text));
    let style = style(MessageType::Markdown, Language::En);
    message(&mut full_budget(), notification, &template, &style, &surface)
}

fn numbered(count: usize) -> Vec<Alert> {
    let labels = |n: usize| alert(&[("alertname", "Disk"), ("n", &format!("{n:05}"))], &[]);
    (0..count).map(labels).collect()
}

/// The alerts that stand in a list, part after part.
fn listed(rendered: &Rendered) -> Vec<String> {
    let texts = rendered.parts.iter().map(Part::text).collect::<Vec<_>>().join("\n");
    let lines = texts.lines().filter_map(|line| line.strip_prefix("- "));
    lines.map(|line| line.chars().take(5).collect()).collect()
}

const LIST: &str = "{{ range .Alerts }}- {{ .Labels.n }}\n{{ end }}";

/// Sixty alerts that fire, and sixty that do not.
fn mixed() -> Notification {
    let alerts = numbered(60).into_iter().chain(numbered(60).into_iter().map(resolved));
    notification(alerts.collect())
}

#[test]
fn a_template_that_needs_certain_alerts_is_cut_at_line_ends() {
    let first = "{{ if eq .Status \"firing\" }}{{ (index .Alerts.Firing 0).Labels.n }}\n{{ end }}";
    for head in [first, "{{ (index .Alerts 1).Labels.n }}\n"] {
        let rendered = parts(&mixed(), &format!("{head}{LIST}"), 1_000);
        assert_eq!((rendered.parts.len(), rendered.error.as_deref()), (2, None));
        assert_eq!(listed(&rendered).len(), 120);
    }
}

#[test]
fn a_template_that_fails_for_one_alert_gives_way_as_a_whole() {
    let text = "{{ range .Alerts }}- {{ .Labels.n }}{{ if eq .Labels.n \"00107\" }}{{ index $.Alerts 999 }}\
                {{ end }}\n{{ end }}";
    let rendered = parts(&notification(numbered(200)), text, 1_000);
    assert!(rendered.error.is_some());
    assert!(rendered.parts.iter().all(|part| part.text().starts_with("### 🔴 [FIRING:200]")));
}

#[test]
fn a_large_head_costs_no_alert_its_place() {
    for lines in [45, 80] {
        let mut notification = notification(numbered(10));
        let head = "a line of the head\n".repeat(lines);
        notification.common_annotations = [("d", head.as_str())].into_iter().collect();
        let text = format!("{{{{ .CommonAnnotations.d }}}}{LIST}");
        let rendered = parts(&notification, &text, 1_000);
        assert_eq!((listed(&rendered).len(), rendered.error), (10, None), "{lines}");
    }
}

#[test]
fn a_part_without_anything_to_show_is_not_sent() {
    let text = LIST.replace(".Alerts", ".Alerts.Firing");
    let mut notification = mixed();
    notification.alerts.reverse();
    let rendered = parts(&notification, &text, 400);
    assert_eq!(listed(&rendered).len(), 60);
    assert!(rendered.parts.iter().all(|part| part.text().contains("- ")), "{rendered:?}");
}

#[test]
fn ten_thousand_alerts_are_written_by_campanas_own_template() {
    let many = notification(numbered(10_000));
    let rendered = parts(&many, "{{ template \"campana.markdown\" . }}", 19_500);
    assert_eq!((rendered.parts.len(), rendered.error), (5, None));
    let last = rendered.parts[4].text();
    assert!(last.contains("\n\nand 55"), "{last}");
}

#[test]
fn a_label_that_no_output_can_hold_is_shortened_by_the_built_in_message() {
    let mut large = numbered(3);
    for (kib, is_built_in) in [(100, false), (300, true)] {
        let long = "x".repeat(kib << 10);
        large[1].labels = [("alertname", "Disk"), ("n", long.as_str())].into_iter().collect();
        let rendered = parts(&notification(large.clone()), LIST, 19_500);
        assert_eq!((rendered.parts.len(), rendered.error.is_some()), (3, is_built_in));
        let size = |message: &Part| message.size(chatbot().api);
        assert!(rendered.parts.iter().all(|part| size(part) <= 19_500));
        assert!(rendered.parts[1].text().contains("xx…"));
    }
}
