//! Templates that are tried on samples: what is found wrong with them, and what is not.

use jiff::Timestamp;

use crate::receive::samples::{self, Sample};
use crate::render::Language;
use crate::render::profile::Profile;
use crate::render::template::{Flaw, Library, Template, Trial, TrialSample};

/// More than any of these templates takes.
const FUEL: u64 = 24_000_000;

/// What is found wrong with a title and a text.
fn flaws_of(profile: Profile, title: Option<&str>, text: Option<&str>) -> Vec<Flaw> {
    let (library, _) = Library::new(profile, Language::En, &[]);
    let template = Template::new(&library, title, text).unwrap();
    let samples = samples::all();
    let samples: Vec<TrialSample<'_>> = samples.iter().map(sample).collect();
    let trial = Trial::new(&samples, true, Language::En, samples::POSTED);
    let mut fuel = FUEL;
    trial.flaws(&template, true, &mut fuel).unwrap()
}

fn sample(sample: &Sample) -> TrialSample<'_> {
    let Sample { what, is_whole, notification } = sample;
    TrialSample { what, is_example: *is_whole, notification }
}

/// What is found wrong with a text: each an error (`E`) or a warning (`W`), with place and words.
fn found(profile: Profile, text: &str) -> Vec<String> {
    let flaws = flaws_of(profile, None, Some(text));
    let shown = flaws.iter().map(|Flaw { mistake, is_error }| {
        format!("{} {}", if *is_error { 'E' } else { 'W' }, mistake)
    });
    shown.collect()
}

const OWN: Profile = Profile::Alertmanager;

#[test]
fn what_fails_with_every_sample_or_writes_nothing_is_an_error() {
    for (text, expected) in [
        ("{{ .Nothing }}", "message.text:1:4: the text fails with every sample: can't evaluate"),
        ("{{ if false }}x{{ end }}", "message.text:1:1: the text writes nothing with every sample"),
        ("{{ range .Alerts }} {{ end }}", "message.text:1:1: the text writes nothing with every"),
        (
            "{{ range 99999 }}{{ range 99999 }}x{{ end }}{{ end }}",
            "message.text:1:1: the text fails with every sample: over the limit of 100000 for",
        ),
        (
            "{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}",
            "message.text:1:29: the text fails with every sample: exceeded maximum template depth",
        ),
        (
            "{{ define \"x\" }}y{{ end }}",
            "message.text:1:1: the text writes nothing with every sample; it only defines `x`: add \
             `{{ template \"x\" . }}`",
        ),
    ] {
        let found = found(OWN, text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(&format!("E {expected}")), "{text}: {found:?}");
    }
    let title = flaws_of(OWN, Some("{{ \"\" }}"), Some("x"));
    assert_eq!(title.len(), 1);
    assert_eq!(
        (title[0].is_error, title[0].mistake.to_string().as_str()),
        (true, "message.title:1:1: the title writes nothing with every sample")
    );
}

#[test]
fn what_goes_wrong_with_some_samples_is_a_warning_that_names_them() {
    for (text, expected) in [
        (
            "x{{ range .Alerts.Resolved }}{{ index $.Alerts 20 }}{{ end }}",
            "message.text:1:33: the text fails with resolved alerts, firing and resolved alerts \
             together: error calling index: index out of range: 20",
        ),
        (
            "{{ range .Alerts.Firing }}x{{ end }}",
            "message.text:1:1: the text writes nothing with resolved alerts, so the built-in \
             message is sent; `send_resolved: false` leaves them out",
        ),
        (
            "{{ range .Alerts }}{{ .Labels.grafana_folder }}{{ end }}",
            "message.text:1:1: the text writes nothing with every sample but a notification of \
             Grafana, so the built-in message is sent",
        ),
        (
            "{{ .CommonAnnotations.runbook_url }}",
            "message.text:1:1: the text writes nothing with an alert without optional fields, a \
             notification of Grafana, so the built-in message is sent",
        ),
        (
            "{{ range .Alerts }}{{ humanizeDuration .Annotations.lasted }}{{ end }}",
            "message.text:1:23: the text fails with every sample: error calling humanizeDuration: \
             strconv.ParseFloat: parsing \"\": invalid syntax; it is right for alerts that have \
             what it reads (`lasted`)",
        ),
        (
            "{{ if eq .CommonLabels.team \"db\" }}x{{ end }}",
            "message.text:1:1: the text writes nothing with every sample, so the built-in message \
             is sent; it is right for alerts that have what it reads (`team`)",
        ),
    ] {
        assert_eq!(found(OWN, text), [format!("W {expected}")], "{text}");
    }
}

#[test]
fn what_no_sample_reaches_is_looked_at_too() {
    for (text, expected) in [
        (
            "x{{ if eq .CommonLabels.team \"db\" }}{{ .Nothing }}{{ end }}",
            "E message.text:1:40: no sample comes here, and what does will fail: can't evaluate \
             field Nothing in type *template.Data",
        ),
        (
            "x{{ if eq .CommonLabels.team \"db\" }}{{ toUpper }}{{ end }}",
            "E message.text:1:40: no sample comes here, and what does will fail: wrong number of \
             args for toUpper: want 1 got 0; it is `toUpper(s string) string`, and `s` is missing",
        ),
        (
            "x{{ if eq .CommonLabels.team \"db\" }}{{ (dict \"a\" .).a.Nothing }}{{ end }}",
            "W message.text:1:50: no sample comes here, and what does may fail: can't evaluate \
             field Nothing in type *template.Data",
        ),
        // A sample does, and what comes here fails by its type.
        (
            "x{{ range .Alerts.Resolved }}{{ .Nothing }}{{ end }}",
            "E message.text:1:33: the text fails with resolved alerts, firing and resolved alerts \
             together, thirty alerts: can't evaluate field Nothing in type template.Alert",
        ),
    ] {
        assert_eq!(found(OWN, text), [expected], "{text}");
    }
}

#[test]
fn of_a_member_that_is_not_there_the_words_say_where_it_is_or_what_is_meant() {
    let alert = Profile::PrometheusAlert;
    assert_advice(&[
        (
            OWN,
            "{{ range .Alerts }}{{ .value }}{{ end }}",
            "; the payload has no value: put `{{ $value }}` into an annotation of the alerting \
             rule, and read `.Annotations.value`",
        ),
        (OWN, "{{ range .Alerts }}{{ .CurrentValue }}{{ end }}", "; the payload has no value: put"),
        (
            alert,
            "{{ range .alerts }}{{ .Value }}{{ end }}",
            "; the payload has no value: put `{{ $value }}` into an annotation of the alerting \
             rule, and read `.annotations.value`",
        ),
        (
            OWN,
            "{{ range .alerts }}x{{ end }}",
            "; the profile `prometheusalert` has `.alerts`, and this receiver uses \
             `alertmanager`: write `.Alerts` or `profile: prometheusalert`",
        ),
        (
            OWN,
            "{{ range .Alerts }}{{ .labels }}{{ end }}",
            "; the profile `prometheusalert` has `.labels`, and this receiver uses \
             `alertmanager`: write `.Labels` or",
        ),
        (
            alert,
            "{{ range .Alerts }}{{ .Labels }}{{ end }}y",
            "the data has no key `Alerts`; the profile `alertmanager` has `.Alerts`, and this \
             receiver uses `prometheusalert`: write `.alerts` or `profile: alertmanager`",
        ),
        (
            OWN,
            "{{ .AtMobiles }}",
            "; the profile `prometheus-webhook-dingtalk` has `.AtMobiles`, and this receiver uses \
             `alertmanager`: write `profile: prometheus-webhook-dingtalk`",
        ),
        (OWN, "{{ range .Alerts }}{{ .StartAt }}{{ end }}", "; did you mean `.StartsAt`?"),
        (
            OWN,
            "{{ .Labels.alertname }}",
            "; an alert has it: read it inside `{{ range .Alerts }}…{{ end }}`",
        ),
        (OWN, "{{ .Alerts.Labels }}", "; an alert has it: read it inside"),
        (
            OWN,
            "{{ range .Alerts }}{{ .CommonLabels.a }}{{ end }}",
            "; the notification has it, and no alert: write `$.CommonLabels`",
        ),
    ]);
}

#[test]
fn of_an_argument_the_words_have_the_signature_and_the_parameter() {
    let (webhook, alert) = (Profile::PrometheusWebhookDingtalk, Profile::PrometheusAlert);
    assert_advice(&[
        (
            alert,
            "{{ range .alerts }}{{ GetTimeDuration .startsAt }}{{ end }}",
            "; it is `GetTimeDuration(startTime string, endTime string) string`, and `endTime` is \
             missing",
        ),
        (
            webhook,
            "x{{ now | dateInZone \"2006-01-02\" \"Asia/Shanghai\" }}",
            "; `dateInZone(fmt string, date any, zone string) string` takes it as `zone`, because \
             what stands before `|` becomes the last argument; write it in its own place",
        ),
        (
            webhook,
            "{{ trunc \"a\" 3 }}",
            "expected integer; found \"a\"; `trunc(c int, s string) string` takes it as `c`",
        ),
    ]);
}

/// Each text is told with these words.
fn assert_advice(cases: &[(Profile, &str, &str)]) {
    for (profile, text, words) in cases {
        let found = found(*profile, text);
        assert!(found.iter().any(|one| one.contains(words)), "{text}: {found:?}");
    }
}

#[test]
fn a_mistake_in_what_a_product_brings_along_stands_where_it_is_called() {
    let found =
        found(Profile::PrometheusWebhookDingtalk, "{{ template \"default.content\" .Status }}");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("E message.text:1:1: the text fails with every sample"),
        "{found:?}"
    );
    assert!(found[0].contains(" (in the profile's own default.tmpl:"), "{found:?}");
}

#[test]
fn every_member_of_the_data_is_known_and_no_other_is() {
    for profile in Profile::ALL {
        let list = if profile == Profile::PrometheusAlert { "alerts" } else { "Alerts" };
        let members = super::super::trial::members_for_tests(profile);
        let [data, alert] = &members;
        assert!(data.len() >= 5 && alert.len() >= 6, "{profile}: {members:?}");
        for name in data {
            assert_eq!(found(profile, &format!("x{{{{ .{name} }}}}")), [""; 0], "{profile} {name}");
        }
        for name in alert {
            let text = format!("x{{{{ range .{list} }}}}{{{{ .{name} }}}}{{{{ end }}}}");
            assert_eq!(found(profile, &text), [""; 0], "{profile} {name}");
        }
        for text in [
            "x{{ .Zzz }}".to_owned(),
            format!("x{{{{ range .{list} }}}}{{{{ .Zzz }}}}{{{{ end }}}}"),
        ] {
            assert_eq!(found(profile, &text).len(), 1, "{profile} {text}");
        }
    }
}

#[test]
fn the_products_own_templates_are_right() {
    for (profile, name, expected) in [
        (Profile::Alertmanager, "slack.default.title", 0),
        (Profile::Alertmanager, "campana.title", 0),
        (Profile::Alertmanager, "campana.markdown", 0),
        (Profile::Alertmanager, "campana.text", 0),
        (Profile::PrometheusWebhookDingtalk, "ding.link.title", 0),
        (Profile::PrometheusWebhookDingtalk, "ding.link.content", 0),
        (Profile::PrometheusWebhookDingtalk, "legacy.title", 0),
        (Profile::PrometheusWebhookDingtalk, "legacy.content", 0),
        (Profile::NotificationManager, "nm.default.subject", 0),
        (Profile::NotificationManager, "nm.default.text", 0),
        (Profile::NotificationManager, "nm.default.markdown", 0),
    ] {
        let found = found(profile, &format!("{{{{ template \"{name}\" . }}}}"));
        let warnings = found.iter().filter(|one| one.starts_with('W')).count();
        assert_eq!((found.len(), warnings), (expected, expected), "{profile} {name}: {found:?}");
    }
}

#[test]
fn a_trial_ends_when_its_fuel_is_used_up() {
    // What is looked for in a long text is paid for before.
    let doubled = "{{ $s = print $s $s }}".repeat(14);
    let burns =
        format!("{{{{ $s := \"xxxxxxxx\" }}}}{doubled}{{{{ reReplaceAll \"a\" \"b\" $s }}}}");
    let (library, _) = Library::new(OWN, Language::En, &[]);
    let template = Template::new(&library, None, Some(&burns)).unwrap();
    let notification = samples::all().remove(0).notification;
    let sample = TrialSample { what: "one", is_example: true, notification: &notification };
    let now = Timestamp::UNIX_EPOCH;
    let (trial, mut fuel) = (Trial::new(&[sample; 9], true, Language::En, now), 1_900_000);
    let flaws = trial.flaws(&template, true, &mut fuel).unwrap();
    assert_eq!((flaws.len(), fuel), (1, 900_000), "two runs are enough to know");
    fuel = 900_000;
    assert_eq!(trial.flaws(&template, true, &mut fuel), None, "none was left for the second");
}
