//! What Campana's own functions give, in every profile that has them.

use std::sync::Arc;

use gotemplate::{Environment, Limits, Stop, Templates, Text, Time, Value, Zone};
use jiff::tz::TimeZone;

use super::super::{Profile, TemplateSource};
use super::FUNCTIONS;
use crate::alert::Notification;
use crate::render::Language;
use crate::render::tests::{alert, notification, now, resolved};

fn try_written(profile: Profile, source: &str, data: &Value) -> Result<String, String> {
    try_with(&[], profile, source, data)
}

fn try_with(
    sources: &[TemplateSource],
    profile: Profile,
    source: &str,
    data: &Value,
) -> Result<String, String> {
    let functions = Arc::new(profile.functions());
    let mut templates = Templates::new(functions, profile.missing_key(), Limits::default());
    for (name, source) in sources {
        templates.parse(name, source).map_err(|error| error.to_string())?;
    }
    templates.parse("t", source).map_err(|error| error.to_string())?;
    let rules = TimeZone::get("Asia/Shanghai").unwrap();
    let environment = Environment {
        now: Time::from(now()),
        local: Zone::Named { name: Text::from("Local"), rules },
        stop: Stop::default(),
    };
    let mut fuel = 1_000_000;
    let written = templates.execute("t", data, &environment, &mut fuel);
    written
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .map_err(|error| error.to_string())
}

fn written(source: &str) -> String {
    try_written(Profile::Alertmanager, source, &Value::NIL).unwrap()
}

fn data(profile: Profile, notification: &Notification) -> Value {
    let model = profile.model(notification, &Zone::Utc);
    model.data(0..notification.alerts.len(), &["138".to_owned()])
}

fn mixed() -> Notification {
    let labels = |name: &'static str, severity: &'static str| {
        [("alertname", name), ("severity", severity), ("job", "node"), ("pod", "p"), ("zone", "z")]
    };
    let calm = resolved(alert(&labels("Up", "critical"), &[("summary", "is up")]));
    let low = alert(&labels("Disk", "info"), &[("message", "is full"), ("impact", "a\nb")]);
    let high = alert(&labels("Disk", "warning"), &[]);
    let mut all = notification(vec![calm, low, high]);
    all.group_labels = [("zone", "z")].into_iter().collect();
    all
}

#[test]
fn texts_are_made_readable_escaped_and_joined() {
    let cases = [
        ("{{ plainLine \" a\\n\\tb \" }}", "a b"),
        ("{{ plainLines \"a\\r\\n\\n b\" }}", "a\nb"),
        ("{{ markdownInline \"- *a* <b>\" }}", "- \\*a\\* &lt;b&gt;"),
        ("{{ markdownLines \"- *a*\\n1. b\" }}", "\\- \\*a\\*  \n1\\. b"),
        ("{{ markdown \"# a\" }}", "\\# a"),
        ("{{ bold \"\" }}{{ bold \"a\" }}", "**a**"),
        ("{{ link \"a]\" \"http://x/y z\" }}", "[a\\]](http://x/y%20z)"),
        ("{{ link \"a\" \"javascript:alert(1)\" }}", ""),
        ("{{ webAddress \"HTTP://x/@\" }}{{ webAddress \"/graph\" }}", "http://x/%40"),
        ("{{ prefixed \"a: \" \"b\" }}{{ prefixed \"a: \" \"\" }}", "a: b"),
        ("{{ joined \", \" \"a\" \"\" (list \"b\" \"\" \"c\") nil 3 }}", "a, b, c, 3"),
        ("{{ mention \"138\" \"\" \"user_1\" }}", "@138 @user_1"),
        ("{{ captioned \"|\" \"was: \" \"a\" }}{{ captioned \"|\" \"was: \" \"\" }}", "was: a"),
        ("{{ captioned \"|\" \"was: \" \"a\\nb\" }}", "was:|a\nb"),
        ("{{ plainLine \"http://x www.y\" }}", "http: //x www .y"),
        ("{{ plainLines \"http://x\\nwww.y\" }}", "http: //x\nwww .y"),
        ("{{ markdownInline \"http://x www.y\" }}", "http&#58;//x www&#46;y"),
        ("{{ truncate 3 \"磁盘满了\" }} {{ truncate 4 \"磁盘满了\" }}", "磁盘… 磁盘满了"),
        ("{{ truncate -1 \"ab\" }}{{ \"ab\" | truncate 1 }}", "……"),
    ];
    for (source, expected) in cases {
        assert_eq!(written(source), expected, "{source}");
    }
}

#[test]
fn times_are_shown_in_the_zone_and_durations_in_two_units() {
    let day = "toDate \"2006-01-02T15:04:05Z07:00\"";
    let start = format!("({day} \"2026-11-20T19:12:30Z\")");
    let cases = [
        (format!("{{{{ localTime {start} }}}}"), "2026-11-21 03:12 +08:00"),
        (format!("{{{{ localTime ({day} \"2026-11-20T19:29:00Z\") {start} }}}}"), "03:29"),
        ("{{ localTime \"2026-11-20T19:12:30+02:00\" }}".into(), "2026-11-21 01:12 +08:00"),
        ("{{ localTime \"0001-01-01T00:00:00Z\" }}{{ localTime \"\" }}".into(), ""),
        (format!("{{{{ shortTime {start} }}}}"), "03:12"),
        ("{{ shortTime \"2026-11-18T19:12:30Z\" }}{{ shortTime \"\" }}".into(), "11-19 03:12"),
        ("{{ shortTime \"2026-11-18T19:25:00Z\" \"2026-11-18T19:12:30Z\" }}".into(), "03:25"),
        (format!("{{{{ humanDuration (since {start}) }}}}"), "17m"),
        (
            format!("{{{{ humanDuration (since {start}) \" 天\" \" 小时\" \" 分钟\" \" 秒\" }}}}"),
            "17 分钟",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(written(&source), expected, "{source}");
    }
    let source = "{{ humanDuration 90061000000000 \"d\" \"h\" }}";
    let error = try_written(Profile::Alertmanager, source, &Value::NIL).unwrap_err();
    assert!(error.contains("the units are four"), "{error}");
}

#[test]
fn the_pieces_of_the_message_are_the_same_in_every_profile() {
    let notification = mixed();
    for profile in Profile::ALL {
        let data = data(profile, &notification);
        let lower = profile == Profile::PrometheusAlert;
        let written = |source: &str| {
            let mut source = source.to_owned();
            for name in ["Alerts", "Labels", "Annotations", "StartsAt"] {
                let small = format!(".{}{}", name[..1].to_ascii_lowercase(), &name[1..]);
                source = if lower { source.replace(&format!(".{name}"), &small) } else { source };
            }
            try_written(profile, &source, &data).unwrap()
        };
        // Its alerts have no address.
        let has_graph = profile != Profile::NotificationManager;
        let graph = if has_graph { notification.alerts[0].generator_url.as_str() } else { "" };
        let cases = [
            ("{{ icon . }}{{ range .Alerts }} {{ icon . }}{{ end }}", "🟠 ✅ 🔵 🟠"),
            ("{{ joined \", \" (alertNames .) }}", "Disk, Up"),
            ("{{ range severities . }}{{ .Count }} {{ .Severity }} {{ end }}", "1 warning 1 info "),
            ("{{ joined \" \" (subjects .) }}", "z"),
            (
                "{{ range bySeverity .Alerts }}{{ .Labels.severity }} {{ end }}",
                "warning info critical ",
            ),
            (
                "{{ range .Alerts }}{{ summary .Annotations }}|{{ details .Annotations }};{{ end }}",
                "is up|;is full|impact: a\nb;|;",
            ),
            (
                "{{ with index .Alerts 0 }}{{ joined \"; \" (places .) (origins .Labels) }}{{ end }}",
                "pod: p; zone: z; job: node",
            ),
            (
                "{{ with index .Alerts 0 }}{{ host . }}|{{ joined \"; \" (besideHost .Labels) }}{{ end }}",
                "p|zone: z; job: node",
            ),
            (
                "{{ localTime (index (commonTimes .) \"StartsAt\") }}|{{ index (commonTimes .) \"EndsAt\" }}",
                "2026-11-21 03:12 +08:00|",
            ),
            ("{{ commonGraph . }}", graph),
            ("{{ range .Alerts }}{{ lasted . }} {{ end }}", "12m 17m 17m "),
            ("{{ with index .Alerts 0 }}{{ silenceURL . }}{{ end }}", ""),
        ];
        for (source, expected) in cases {
            assert_eq!(written(source), expected, "{profile:?} {source}");
        }
        // Nor does its data have Alertmanager's.
        if profile == Profile::NotificationManager {
            assert_eq!(written("{{ range .Alerts }}{{ silenceURL . }}{{ end }}"), "");
            continue;
        }
        let form = "http://am.example:9093/#/silences/new?filter=%7Balertname%3D%22Disk%22";
        let silence = written("{{ with index .Alerts 1 }}{{ silenceURL . }}{{ end }}");
        assert!(silence.starts_with(form), "{silence}");
        let of_labels = written("{{ with index .Alerts 1 }}{{ silenceURL .Labels }}{{ end }}");
        assert_eq!(of_labels, silence);
    }
}

#[test]
fn what_grafana_gives_is_found_by_its_names_and_nothing_prints_it() {
    let body = include_bytes!("../../../../tests/it/fixtures/grafana-13.json");
    let grafanas = crate::receive::alertmanager::parse(body).unwrap();
    let silence = "https://grafana.example.com/alerting/silence/new?alertmanager=grafana";
    for profile in [Profile::Alertmanager, Profile::PrometheusWebhookDingtalk] {
        let data = data(profile, &grafanas);
        let written = |source: &str| try_written(profile, source, &data).unwrap();
        for (source, expected) in [
            ("{{ .OrgID }} {{ .State }} {{ .AppVersion }}", "1 alerting 13.0.1"),
            ("{{ .Title }}", "[FIRING:1, RESOLVED:1] Mem high Infra (warning blue)"),
            ("{{ len .Message }} {{ hasExtras . }}", "246 true"),
            (
                "{{ range .Alerts }}{{ .RuleUID }} {{ .OrgID }} {{ .ImageURL }};{{ end }}",
                "1afz29v7z 1 https://img.example.com/x.png;1afz29v7z 1 ;",
            ),
            (
                "{{ range .Alerts }}{{ .Values }} {{ .Values.A }} {{ .Values.Z }} {{ len .Values }};{{ end }}",
                "map[A:93.2 B:1] 93.2 0 2;map[] 0 0 0;",
            ),
            (
                "{{ with index .Alerts 0 }}{{ printf \"%.2f %T\" .Values.A .Values }}{{ end }}",
                "93.20 map[string]float64",
            ),
            ("{{ range .Alerts }}{{ valuesLine . }};{{ end }}", "A = 93.2, B = 1;;"),
            ("{{ with index .Alerts 0 }}{{ printf \"%.9s\" .ValueString }}{{ end }}", "[ var='A'"),
            ("{{ with index .Alerts.Resolved 0 }}{{ silenceURL . }}{{ end }}{{ groupURL }}", ""),
            (
                "{{ range .Alerts.Firing }}{{ eq .PanelURL (print .DashboardURL \"&viewPanel=7\") }}{{ end }}",
                "true",
            ),
        ] {
            assert_eq!(written(source), expected, "{profile:?} {source}");
        }
        let firing =
            written("{{ with index .Alerts 0 }}{{ .SilenceURL }} {{ silenceURL . }}{{ end }}");
        let (own, made) = firing.split_once(' ').unwrap();
        assert!(own.starts_with(silence) && made.starts_with(silence), "{firing}");
        let printed = written("{{ . }}{{ range .Alerts }}{{ . }}{{ end }}");
        assert!(!printed.contains("alerting/silence") && !printed.contains("13.0.1"), "{printed}");
        let usual = self::data(profile, &mixed());
        let nothing = "{{ .OrgID }}{{ .Title }}{{ .State }}{{ .Message }}{{ range .Alerts }}\
                       {{ .SilenceURL }}{{ .ImageURL }}{{ len .Values }}{{ .Values.A }}{{ .OrgID }}\
                       {{ valuesLine . }}{{ end }}{{ hasExtras . }}";
        let empty = try_written(profile, nothing, &usual).unwrap();
        assert_eq!(empty, "0000000000false", "{profile:?}");
        let hidden = try_written(profile, "{{ .alertmanagerURL }}", &usual).unwrap_err();
        assert!(hidden.contains("alertmanagerURL is an unexported field"), "{hidden}");
    }
}

#[test]
fn in_the_raw_body_grafanas_fields_have_their_json_names() {
    let body = include_bytes!("../../../../tests/it/fixtures/grafana-13.json");
    let grafanas = crate::receive::alertmanager::parse(body).unwrap();
    let data = data(Profile::PrometheusAlert, &grafanas);
    let written = |source: &str| try_written(Profile::PrometheusAlert, source, &data).unwrap();
    assert_eq!(written("{{ range .alerts }}{{ valuesLine . }};{{ end }}"), "A = 93.2, B = 1;;");
    assert_eq!(written("{{ groupURL }}{{ hasExtras . }}"), "true");
    let silence = written("{{ range .alerts }}{{ silenceURL . }};{{ end }}");
    assert!(silence.starts_with("https://grafana.example.com/alerting/silence/new?"), "{silence}");
    assert!(silence.ends_with(";;"), "the one that has recovered has none: {silence}");
}

#[test]
fn a_map_is_made_of_names_and_values() {
    let made = |source| try_written(Profile::NotificationManager, source, &Value::NIL);
    let map = "{{ with dict \"a\" 1 \"b\" nil \"a\" 2 }}{{ .a }} {{ .b }} {{ len . }}{{ end }}";
    assert_eq!(made(map).as_deref(), Ok("2 <no value> 2"));
    let error = made("{{ dict \"a\" 1 \"b\" }}").unwrap_err();
    assert!(error.contains("a name has no value"), "{error}");
}

#[test]
fn what_is_no_text_is_said_and_what_is_not_there_is_nothing() {
    let error = try_written(Profile::Alertmanager, "{{ markdown (dict) }}", &Value::NIL);
    let expected = "wrong type for value; expected string; got map[string]interface {}";
    assert!(error.as_ref().unwrap_err().contains(expected), "{error:?}");
    let nothing = "{{ icon . }}{{ joined \"\" (alertNames .) (subjects .) (places .) }}\
                   {{ range severities . }}{{ .Count }}{{ .Severity }}{{ end }}\
                   {{ summary . }}{{ details . }}{{ silenceURL . }}{{ groupURL }}{{ lasted . }}\
                   {{ commonGraph . }}{{ range bySeverity . }}{{ end }}";
    for data in [Value::NIL, Value::int(1), Value::text("a"), Value::list(vec![Value::NIL])] {
        let written = try_written(Profile::Alertmanager, nothing, &data).unwrap();
        assert!(["🔴0", "🔴1"].contains(&&*written), "{written}");
    }
}

/// The document of the templates.
const DOCUMENT: &str = include_str!("../../../../docs/templates.md");

#[test]
fn every_function_is_described_and_no_other() {
    let section = DOCUMENT.split("### Campana's functions").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let described: Vec<&str> = rows.map(|(signature, _)| signature).collect();
    let functions = FUNCTIONS.iter().map(|function| function.signature().to_string());
    assert_eq!(described, functions.collect::<Vec<_>>());
}

#[test]
fn the_examples_of_the_document_are_written() {
    let profile = Profile::Alertmanager;
    let data = data(profile, &mixed());
    let examples: Vec<&str> = DOCUMENT.split("```gotemplate\n").skip(1).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let example = example.split("```").next().unwrap();
        let sources = profile.own_sources(Language::En);
        let written = try_with(sources, profile, example, &data).unwrap();
        assert!(written.contains("is full") || written.contains("已恢复"), "{written}");
        assert!(written.contains("静默](http") || written.contains("[Silence"), "{written}");
    }
}

#[test]
fn whatever_the_arguments_are_the_answer_is_a_text_or_words() {
    let times = [i64::MIN, -1, i64::MAX].map(|seconds| Time::unix(seconds, 999_999_999, Zone::Utc));
    let mut values = vec![
        Value::NIL,
        Value::int(i64::MIN),
        Value::int(i64::MAX),
        Value::duration(i64::MIN),
        Value::float(f64::NAN),
        Value::text("\u{202e}@all **<http://x>"),
        Value::text(&b"\xff\xfe"[..]),
        Value::list(vec![Value::list(vec![Value::NIL]), Value::int(1)]),
        Value::dict([("labels", Value::int(1)), ("status", Value::NIL), ("a", Value::text("b"))]),
        data(Profile::Alertmanager, &mixed()),
    ];
    values.extend(times.map(Value::from));
    for function in FUNCTIONS {
        for value in &values {
            for count in 0..=5 {
                let source = format!("{{{{ {}{} }}}}", function.name(), " .".repeat(count));
                // Most are refused; what counts is that each call comes back.
                match try_written(Profile::NotificationManager, &source, value) {
                    Ok(text) => assert!(text.len() < 10_000, "{source}: {text}"),
                    Err(words) => assert!(words.starts_with("template: t:1"), "{words}"),
                }
            }
        }
    }
}

#[test]
fn large_values_are_paid_for_before_they_are_made() {
    let huge = Value::text("&".repeat(900_000));
    for source in ["{{ markdown . }}", "{{ joined . . . }}", "{{ link \"a\" . }}"] {
        let error = try_written(Profile::Alertmanager, source, &huge).unwrap_err();
        assert!(error.contains("value"), "{error}");
    }
}
