//! What is configured, and which alert groups go where.

use std::fmt::Write as _;

use campana::settings::{Environment, Overrides, Settings};
use std::path::Path;

/// How many alert groups there are.
pub(crate) const GROUPS: usize = 11;

/// After this many hours a delivery is given up.
pub(crate) const MAX_AGE_HOURS: u64 = 3;

/// The secret that signs the calls of the robots of `ops`.
pub(crate) const SECRET: &str = "SECsimulated";

/// The configuration file, in the few points that change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    /// How often the token of `ops` was rotated.
    pub(crate) rotation: u32,
    /// Messages in a minute of the robots of `ops` and `night`.
    pub(crate) rate: u32,
    /// How many robots `busy` has.
    pub(crate) pool: usize,
    /// Whether there is a receiver `side`.
    pub(crate) side: bool,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self { rotation: 0, rate: 5, pool: 2, side: true }
    }

    /// The token of `ops`, which `side` shares.
    pub(crate) fn ops_token(&self) -> String {
        format!("ops{}", self.rotation)
    }

    pub(crate) fn settings(&self) -> Settings {
        let (environment, overrides) = (Environment::default(), Overrides::default());
        let text = self.text();
        let loaded =
            Settings::from_text("campana.yml", &text, Path::new(""), &environment, &overrides);
        loaded.unwrap_or_else(|errors| panic!("{errors}\n{text}")).settings
    }

    fn text(&self) -> String {
        let (token, rate) = (self.ops_token(), self.rate);
        let robot =
            format!("access_token: {token}, secret: {SECRET}, rate: {{messages: {rate}, per: 1m}}");
        let pool = (0..self.pool).map(|n| format!("{{access_token: busy{n}}}"));
        let pool = pool.collect::<Vec<_>>().join(", ");
        let mut text = format!(
            "
dingtalk: {{oapi_url: 'http://dingtalk.example', api_url: 'http://dingtalk.example'}}
storage: {{url: 'sqlite:unused.db'}}
delivery: {{max_age: {MAX_AGE_HOURS}h}}
receivers:
  - name: ops
    conditions: [{{label: team, operator: In, values: [ops, all]}}]
    chatbots: [{{name: bot, {robot}}}]
  - name: busy
    conditions: [{{label: team, operator: In, values: [busy, all]}}]
    chatbots: [{{name: bot, rate: {{messages: 3, per: 1m}}, pool: [{pool}]}}]
  - name: night
    conditions: [{{label: team, operator: In, values: [night]}}]
    fallback: {{receiver: duty, after: 20m}}
    chatbots: [{{name: bot, access_token: night, rate: {{messages: {rate}, per: 1m}}}}]
  - name: duty
    conditions: [{{label: team, operator: In, values: [duty]}}]
    message: {{type: text}}
    chatbots: [{{name: bot, access_token: duty, keywords: [duty], overflow: queue}}]
  - name: sre
    conditions: [{{label: team, operator: In, values: [sre, all]}}]
    conversations:
      - {{name: app, app_key: app, app_secret: word, open_conversation_ids: [sre]}}
"
        );
        if self.side {
            let _ = write!(
                text,
                "  - name: side
    conditions: [{{label: team, operator: In, values: [side]}}]
    chatbots: [{{name: bot, overflow: queue, {robot}}}]
"
            );
        }
        text
    }
}

/// The receiver whose alerts a group has, which is also the name of its chat; none: of all.
pub(crate) fn receiver_of(group: usize) -> Option<&'static str> {
    match group {
        0..4 => Some("ops"),
        4..6 => Some("busy"),
        6 => Some("side"),
        7..9 => Some("night"),
        9 => Some("sre"),
        // Posted for all of them, whose conditions decide.
        _ => None,
    }
}

/// The receivers that get a notification of this group.
pub(crate) fn receivers_of(group: usize) -> Vec<&'static str> {
    receiver_of(group).map_or_else(|| vec!["ops", "busy", "sre"], |receiver| vec![receiver])
}

/// The chat in which a receiver's messages stand.
pub(crate) fn chat_of(receiver: &str) -> &str {
    // The two share a robot.
    if receiver == "side" { "ops" } else { receiver }
}
