//! Tests of the trial of templates: what a person is told, and how often.

use std::fs;

use super::{load_in, load_with};

/// A receiver whose message has these keys.
fn receiver(name: &str, message: &str) -> String {
    let chatbots = format!("chatbots: [{{name: g, access_token: t-{name}}}]");
    format!("  - name: {name}\n    message: {{{message}}}\n    {chatbots}\n")
}

/// What is said of a file with these receivers.
fn said(receivers: &[String]) -> String {
    let text = format!("receivers:\n{}", receivers.concat());
    match load_with(&text, &[]) {
        Ok(loaded) => {
            let lines: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
            lines.join("\n")
        }
        Err(errors) => errors.to_string(),
    }
}

#[test]
fn templates_that_always_fail_are_told_with_what_to_do() {
    let receivers = [
        receiver("field", "text: '{{ range .Alerts }}{{ .value }}{{ end }}'"),
        receiver(
            "other-profile",
            "text: '{{ range $k, $v := .alerts }}{{ $v.labels.alertname }}{{ end }}'",
        ),
        receiver("unknown-field", "text: '{{ range .Alerts }}{{ .PanelUrl }}{{ end }}'"),
        receiver(
            "too-few-arguments",
            "profile: prometheusalert, text: '{{ range .alerts }}{{ GetTimeDuration .startsAt }}{{ end }}'",
        ),
        receiver(
            "wrong-argument",
            "profile: prometheus-webhook-dingtalk, text: '{{ range .Alerts.Resolved }}{{ now | \
             dateInZone \"2006-01-02\" \"Asia/Shanghai\" }}{{ end }}x'",
        ),
        receiver(
            "no-text",
            "profile: prometheus-webhook-dingtalk, text: '{{ define \"x\" }}y{{ end }}'",
        ),
        receiver("no-title", "title: '{{ \"\" }}', text: x"),
        receiver("upper-case", "profile: prometheusalert, text: '{{ range .Alerts }}x{{ end }}'"),
    ];
    insta::assert_snapshot!(said(&receivers));
}

#[test]
fn what_goes_wrong_for_some_alerts_warns() {
    let receivers = [
        receiver("firing-only", "text: '{{ range .Alerts.Firing }}x{{ end }}'"),
        receiver("own-label", "text: '{{ if eq .CommonLabels.team \"db\" }}x{{ end }}'"),
        receiver("many", "text: 'x{{ if gt (len .Alerts) 9 }}{{ index .Alerts 99 }}{{ end }}'"),
        receiver("missing-key", "profile: prometheusalert, text: '{{ .summary }}x'"),
    ];
    insta::assert_snapshot!(said(&receivers));
}

#[test]
fn a_receiver_without_resolved_alerts_is_tried_without_them() {
    let text = receiver("firing-only", "text: '{{ range .Alerts.Firing }}x{{ end }}'");
    let quiet = text.replace("    message:", "    send_resolved: false\n    message:");
    assert_eq!(said(std::slice::from_ref(&quiet)), "");
    // Both are equal templates, and each is judged by what it is sent.
    let both = said(&[quiet, text.replace("firing-only", "all")]);
    assert!(both.starts_with("c.yml:7:") && both.contains("receiver `all`: "), "{both}");
    assert_eq!(both.lines().count(), 1, "{both}");
}

#[test]
fn a_title_that_no_message_has_is_not_tried() {
    let said = said(&[receiver("plain", "type: text, title: '{{ .Nothing }}', text: x")]);
    assert!(said.contains("message.title: is not used") && said.lines().count() == 1, "{said}");
}

#[test]
fn what_is_wrong_in_a_file_is_told_once_with_the_receivers_that_come_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        "{{ define \"a\" }}\n  {{ .Nothing }}\n{{ end }}{{ define \"never\" }}{{ .Nope }}{{ end }}";
    fs::write(folder.path().join("a.tmpl"), file).unwrap();
    let call = |name: &str, text: &str| {
        receiver(name, &format!("text: '{text}{{{{ template \"a\" . }}}}'"))
    };
    let receivers: String = ["r1", "r2", "r3", "r4", "r5"].map(|name| call(name, name)).concat();
    let text = format!("templates: ['*.tmpl']\nreceivers:\n{receivers}");
    let errors = load_in(folder.path(), &text).unwrap_err().to_string();
    let here = format!("{}/", folder.path().display());
    assert_eq!(
        errors.replace(&here, ""),
        "a.tmpl:2:6: receivers `r1`, `r2`, `r3` and 2 more: the text fails with every sample: can't \
         evaluate field Nothing in type *template.Data"
    );
}

#[test]
fn a_secret_is_never_told() {
    let secret = "SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let text = format!("text: '{{{{ .{secret} }}}} {secret} {{{{ index .Alerts \"{secret}\" }}}}'");
    let said = said(&[receiver("a", &text)]);
    assert!(said.contains("receiver `a`") && !said.contains(secret), "{said}");
}

/// Uses up all fuel that there is, and no time: what is looked for in a long text is paid for before.
fn burns() -> String {
    let doubled = "{{ $s = print $s $s }}".repeat(14);
    format!("{{{{ $s := \"xxxxxxxx\" }}}}{doubled}{{{{ reReplaceAll \"a\" \"b\" $s }}}}")
}

#[test]
fn hundreds_of_equal_templates_are_tried_once() {
    let burns = burns();
    let receivers: Vec<String> =
        (0..400).map(|n| receiver(&format!("r{n}"), &format!("text: '{burns}'"))).collect();
    let said = said(&receivers);
    let failing = said.lines().filter(|line| line.contains("over the limit of")).count();
    assert_eq!(failing, 100, "a hundred are shown: {said:.300}");
    assert!(said.contains("and 300 more") && !said.contains("were not tried"), "{said:.300}");
}

#[test]
fn templates_that_all_burn_their_fuel_do_not_hold_up_a_reload() {
    let burns = burns();
    let receivers: Vec<String> =
        (0..60).map(|n| receiver(&format!("r{n}"), &format!("text: '{n}{burns}'"))).collect();
    let said = said(&receivers);
    let untried = said.lines().filter(|line| line.contains("were not tried on samples")).count();
    // Two runs of half a message's fuel for each of the others.
    assert_eq!(untried, 60 - 24, "{said:.300}");
}
