//! Campana's own templates write what the built-in message is, byte for byte.

use std::sync::{Arc, LazyLock};

use gotemplate::{Environment, Limits, Stop, Templates, Text, Time, Zone};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::hostile::hostile;
use super::read::{disk, grouped, lone_of_grafana, of_grafana};
use super::{alert, chatbot, notification, now, render, resolved, style};
use crate::alert::{Alert, AlertExtras, Labels, Notification, Sender, Status};
use crate::dingtalk::message::{Mark, Markup, MessageType, Part};
use crate::render::message::{MessageFrame, WrittenText};
use crate::render::profile::Profile;
use crate::render::{Language, Mention, Rendered, Surface, mention};

const PROFILES: [Profile; 2] = [Profile::Alertmanager, Profile::PrometheusWebhookDingtalk];

/// Campana's templates in a profile.
struct OwnTemplates {
    profile: Profile,
    language: Language,
    templates: Templates,
}

impl OwnTemplates {
    fn new(profile: Profile, language: Language) -> Self {
        let functions = Arc::new(profile.functions());
        let mut templates = Templates::new(functions, profile.missing_key(), Limits::default());
        let sources = profile.own_sources(language);
        assert_eq!(sources.len(), 1);
        for (name, source) in sources {
            templates.parse(name, source).unwrap();
        }
        assert_eq!(templates.undefined(), []);
        Self { profile, language, templates }
    }

    /// What a template writes, and the fuel that it takes.
    fn execute(&self, name: &str, notification: &Notification) -> (String, u64) {
        let rules = TimeZone::get("Asia/Shanghai").unwrap();
        let environment = Environment {
            now: Time::from(now()),
            local: Zone::Named { name: Text::from("Local"), rules },
            stop: Stop::default(),
        };
        let model = self.profile.model(notification, &environment.local);
        let data = model.data(0..notification.alerts.len(), &[]);
        let most = Limits::default().fuel;
        let mut fuel = most;
        let written = self.templates.execute(name, &data, &environment, &mut fuel).unwrap();
        (String::from_utf8(written).unwrap(), most - fuel)
    }

    /// The one part that the templates write.
    fn message(
        &self,
        notification: &Notification,
        message_type: MessageType,
        surface: &Surface,
    ) -> Part {
        let name = match message_type.markup() {
            Markup::Markdown => "campana.markdown",
            Markup::Plain => "campana.text",
        };
        let title = self.execute("campana.title", notification).0;
        let text = self.execute(name, notification).0;
        let at = mention::at(surface, notification.status);
        let style = style(message_type, self.language);
        let frame = MessageFrame { at, ..MessageFrame::new(surface, &style, &title) };
        frame.part(0, Mark::default(), WrittenText::of(&text))
    }
}

static ALL: LazyLock<Vec<OwnTemplates>> = LazyLock::new(|| {
    let pairs = PROFILES.into_iter().flat_map(|one| Language::ALL.map(|other| (one, other)));
    pairs.map(|(profile, language)| OwnTemplates::new(profile, language)).collect()
});

fn surface() -> Surface {
    let mobiles = vec!["13800000000".to_owned()];
    let mention = Mention { mobiles, resolved: true, ..Mention::default() };
    Surface { mention, keywords: vec!["值班".to_owned()], ..chatbot() }
}

fn check(notification: &Notification) {
    let surface = surface();
    for own in &*ALL {
        for message_type in [MessageType::Markdown, MessageType::Text] {
            let Rendered { parts, error } =
                render(notification, &style(message_type, own.language), &surface, now());
            assert_eq!((parts.len(), error), (1, None));
            let written = own.message(notification, message_type, &surface);
            assert_eq!(written.text(), parts[0].text(), "{:?}", own.profile);
            assert_eq!(written, parts[0], "{:?}", own.profile);
        }
    }
}

fn with_graph(url: &str, alert: Alert) -> Alert {
    Alert { generator_url: url.to_owned(), ..alert }
}

/// An alert with values that need care.
fn odd() -> Alert {
    let mut odd = alert(
        &[("alertname", "磁盘空间不足"), ("severity", "严重"), ("主机", "数据库-01"), ("1.", "a")],
        &[
            ("summary", "数据库-01 的 / 分区已使用 97%"),
            ("description", "VALUE = 97\n- 请尽快清理 <日志>\n\n1. 联系 @13900000000"),
            ("impact", "- 写入失败\n二"),
            ("message", "数据库-01 的 / 分区已使用 97% "),
            ("dashboard_url", "https://grafana.example/d/磁盘?var=a b"),
            ("runbook_url", "javascript:alert(1)"),
            ("empty", " "),
        ],
    );
    odd.generator_url = "/graph".into();
    odd.starts_at = None;
    odd
}

fn named(name: &str, severity: &str) -> Alert {
    alert(&[("alertname", name), ("severity", severity)], &[("summary", name)])
}

fn blank(labels: &[(&str, &str)]) -> Alert {
    Alert { generator_url: String::new(), starts_at: None, ..alert(labels, &[]) }
}

/// One alert, or several: firing, resolved and both.
fn usual() -> Vec<Notification> {
    let disk = |name: &str| disk(name, 97);
    vec![
        grouped(vec![disk("a:9100")]),
        grouped(vec![resolved(disk("a:9100"))]),
        grouped(vec![disk("a:9100"), disk("b:9100")]),
        grouped(vec![resolved(disk("a:9100")), disk("b:9100"), odd(), blank(&[])]),
        grouped(vec![resolved(disk("a:9100")), resolved(disk("b:9100"))]),
        notification(["D", "C", "B", "A"].map(|name| named(name, name)).to_vec()),
        notification(vec![named("A", "info"), named("B", "critical"), named("A", " ")]),
        notification(vec![
            with_graph("http://x/1", named("A", "info")),
            with_graph("http://x/2", named("A", "info")),
            with_graph("ftp://x/3", resolved(named("A", "info"))),
        ]),
    ]
}

/// What is missing, empty or not as it should be.
fn unusual() -> Vec<Notification> {
    let mut unknown = notification(vec![odd()]);
    unknown.external_url = String::new();
    let mut empty = notification(vec![]);
    empty.common_labels = [("alertname", "Gone"), ("job", "node")].into_iter().collect();
    let mut firing = notification(vec![]);
    firing.status = Status::Firing;
    let mut receiver = grouped(vec![disk("a:9100", 97)]);
    receiver.receiver = "a+b.c|d".into();
    receiver.group_labels = Labels::default();
    vec![
        notification(vec![odd()]),
        unknown,
        empty,
        firing,
        receiver,
        notification(vec![named("", ""), named(" ", "warning")]),
        notification(vec![blank(&[])]),
        notification(vec![blank(&[]), blank(&[("job", "a")]), blank(&[("pod", "www.b://")])]),
    ]
}

/// Alerts that tell of a moment, and alerts beside them.
fn events() -> Vec<Notification> {
    let event = |name, severity| {
        let one = named(name, severity);
        Alert { ends_at: one.starts_at, ..one }
    };
    let over = |alert: Alert| Alert { ends_at: alert.starts_at, ..resolved(alert) };
    vec![
        notification(vec![event("Started", "none")]),
        notification(vec![event("Started", "none"), event("Stopped", "none")]),
        notification(vec![event("Stopped", "warning"), over(named("A", "none"))]),
        notification(vec![event("Started", "none"), named("A", "none")]),
        notification(vec![over(named("A", "none"))]),
    ]
}

/// Recoveries of a sender that tells of them itself.
fn told() -> Vec<Notification> {
    let disk = |name: &str| disk(name, 97);
    let over = |name: &str| resolved(disk(name));
    [vec![over("a")], vec![over("a"), over("b")], vec![disk("a"), over("b")], vec![disk("a")]]
        .map(|alerts| Notification { sender: Sender::Monika, ..grouped(alerts) })
        .to_vec()
}

/// What senders give of their own, and what is wrong with it.
fn extras() -> Vec<Notification> {
    let odd_extras = AlertExtras {
        silence_url: "javascript:alert(1)".into(),
        dashboard_url: "https://g/d/x?a=b c".into(),
        panel_url: "https://g/(x)".into(),
        image_url: "/x.png".into(),
        values: [("*A*", "1.5"), ("B", "<b>"), ("C", "")].into_iter().collect(),
        ..AlertExtras::default()
    };
    let in_words = AlertExtras {
        silence_url: "https://g/s".into(),
        image_url: "https://g/[x].png".into(),
        value_string: "- [ var='A'\nvalue=1 ]".into(),
        ..AlertExtras::default()
    };
    let with =
        |extras: &AlertExtras, alert| Alert { extras: Some(Box::new(extras.clone())), ..alert };
    let disk = |name: &str| disk(name, 97);
    let alerts = vec![
        with(&odd_extras, disk("a:9100")),
        with(&in_words, resolved(disk("b:9100"))),
        with(&in_words, odd()),
        with(&in_words, named("A", "info")),
    ];
    let no_data = [("alertname", "DatasourceNoData"), ("rulename", "Mem high"), ("pod", "p")];
    let mut of_grafana_alone = grouped(vec![alert(&no_data, &[])]);
    of_grafana_alone.sender = Sender::Grafana;
    vec![
        of_grafana(),
        lone_of_grafana(),
        of_grafana_alone,
        grouped(alerts.clone()),
        grouped(alerts[..1].to_vec()),
        grouped(alerts[1..2].to_vec()),
        grouped(alerts[2..3].to_vec()),
        // What they share.
        grouped(vec![with(&in_words, disk("a:9100")), with(&in_words, disk("b:9100"))]),
        grouped(vec![
            with(&odd_extras, disk("a:9100")),
            with(&odd_extras, resolved(disk("b:9100"))),
        ]),
        Notification {
            sender: Sender::Grafana,
            ..grouped(vec![
                with(&odd_extras, resolved(disk("a:9100"))),
                with(&odd_extras, resolved(disk("b:9100"))),
                with(&odd_extras, resolved(odd())),
            ])
        },
    ]
}

/// A resolved alert whose times are far apart, near, unknown or the wrong way round.
fn times() -> Vec<Notification> {
    let cases = [
        (Some("2026-11-20T19:12:30.9Z"), Some("2026-11-20T19:13:00.1Z")),
        (Some("2026-11-19T19:12:30Z"), Some("2026-11-20T19:13:00Z")),
        (Some("2026-11-20T19:12:30Z"), None),
        (None, Some("2026-11-20T19:12:30Z")),
        (Some("2026-11-20T19:12:30Z"), Some("2026-11-20T19:12:29Z")),
    ];
    let read = |time: Option<&str>| time.map(|time| time.parse().unwrap());
    let of = |(start, end)| {
        let one = resolved(disk("a:9100", 97));
        grouped(vec![Alert { starts_at: read(start), ends_at: read(end), ..one }])
    };
    cases.map(of).to_vec()
}

#[test]
fn every_kind_of_notification_is_written_as_the_built_in_message() {
    for notification in [usual(), unusual(), events(), told(), extras(), times()].concat() {
        check(&notification);
    }
}

#[test]
fn the_work_grows_with_the_alerts_and_no_faster() {
    let fuel = |count: u64| {
        let alerts = (0..count).map(|n| disk(&format!("db-{n}:9100"), 97)).collect();
        ALL[0].execute("campana.markdown", &grouped(alerts)).1
    };
    let (few, many) = (fuel(10), fuel(500));
    assert!(many < few * 55, "{few} for 10 alerts and {many} for 500");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_values_are_written_as_in_the_built_in_message(
        alerts in proptest::collection::vec(hostile(), 0..5),
        group in any::<bool>(),
    ) {
        let mut notification = notification(alerts);
        if group {
            notification.group_labels = notification.common_labels.clone();
        }
        check(&notification);
    }
}
