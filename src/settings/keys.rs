//! Every key of the configuration file, and the keys that this version refuses.
//!
//! No key is accepted and ignored: one whose feature is not built yet is refused with the reason.
//! `config/campana.yml` shows all keys, and a test compares the two.

/// The keys of one kind of mapping.
#[derive(Debug)]
pub(super) struct Keys {
    /// What errors call the mapping: "a receiver", or its key in backticks.
    pub(super) what: &'static str,
    /// The keys that this version accepts.
    pub(super) known: &'static [&'static str],
    /// The keys that are refused, each with the reason and what to do instead.
    pub(super) refused: &'static [(&'static str, &'static str)],
}

pub(super) const ROOT: Keys = Keys {
    what: "the configuration",
    known: &["global", "web", "storage", "delivery", "dingtalk", "templates", "receivers"],
    refused: &[],
};

/// The body of a request that tries a receiver.
pub(super) const UNSAVED: Keys = Keys {
    what: "the body",
    known: &["config"],
    refused: &[
        ("name", UNDER_CONFIG),
        ("enabled", UNDER_CONFIG),
        ("conditions", UNDER_CONFIG),
        ("message", UNDER_CONFIG),
        ("chatbots", UNDER_CONFIG),
        ("conversations", UNDER_CONFIG),
        ("receivers", "a test is for one receiver: write it alone, under `config`"),
    ],
};

/// Why a receiver's own key is refused beside `config`.
const UNDER_CONFIG: &str = "a receiver's settings stand under `config`: {\"config\": {…}}";

pub(super) const GLOBAL: Keys =
    Keys { what: "`global`", known: &["external_url", "timezone", "language"], refused: &[] };

pub(super) const WEB: Keys = Keys {
    what: "`web`",
    known: &[
        "listen_address",
        "route_prefix",
        "enable_lifecycle",
        "enable_admin_api",
        "max_body_bytes",
        "max_alerts",
        "max_connections",
    ],
    refused: &[("config_file", NO_WEB_CONFIG)],
};

pub(super) const STORAGE: Keys =
    Keys { what: "`storage`", known: &["url", "limits", "retention"], refused: &[] };

pub(super) const LIMITS: Keys = Keys {
    what: "`storage.limits`",
    known: &["queued", "queued_bytes", "oldest", "free_disk"],
    refused: &[],
};

pub(super) const RETENTION: Keys =
    Keys { what: "`storage.retention`", known: &["delivered", "dead"], refused: &[] };

pub(super) const DELIVERY: Keys = Keys {
    what: "`delivery`",
    known: &["attempt_timeout", "retry", "park", "max_age", "deduplicate", "severity"],
    refused: &[],
};

pub(super) const PARK: Keys =
    Keys { what: "`delivery.park`", known: &["first", "longest"], refused: &[] };

pub(super) const SEVERITY: Keys =
    Keys { what: "`delivery.severity`", known: &["label", "order"], refused: &[] };

pub(super) const DINGTALK: Keys = Keys {
    what: "`dingtalk`",
    known: &["oapi_url", "api_url", "proxy_url", "proxy_url_file", "ca_file"],
    refused: &[],
};

pub(super) const RECEIVER: Keys = Keys {
    what: "a receiver",
    known: &[
        "name",
        "enabled",
        "conditions",
        "catch_all",
        "send_resolved",
        "active_times",
        "language",
        "message",
        "fallback",
        "grafana",
        "monika",
        "chatbots",
        "conversations",
    ],
    refused: &[
        (
            "active_time_intervals",
            "intervals have no names here; write them themselves under `active_times`",
        ),
        (
            "mute_time_intervals",
            "intervals have no names here; write them themselves as a list below `not`, in \
             `active_times: [{not: [{…}]}]`",
        ),
    ],
};

/// An entry of `active_times`, which is an interval of Alertmanager's with `not`.
pub(super) const INTERVAL: Keys = Keys {
    what: "a time interval",
    known: &["times", "weekdays", "days_of_month", "months", "years", "location", "not"],
    refused: &NAMED_INTERVAL,
};

/// An interval below `not`.
pub(super) const EXCEPTION: Keys = Keys {
    what: "a time interval below `not`",
    known: &["times", "weekdays", "days_of_month", "months", "years", "location"],
    refused: &NAMED_INTERVAL,
};

/// What Alertmanager has around its intervals, and what its own code calls a zone.
const NAMED_INTERVAL: [(&str, &str); 4] = [
    ("name", "intervals have no names here; remove the key"),
    ("time_intervals", "write these intervals themselves, each as an entry of the list"),
    ("time_zone", "the zone is written as `location`, as in Alertmanager"),
    ("timezone", "the zone is written as `location`, as in Alertmanager"),
];

pub(super) const TIME_RANGE: Keys =
    Keys { what: "an entry of `times`", known: &["start_time", "end_time"], refused: &[] };

pub(super) const GRAFANA: Keys = Keys {
    what: "`grafana`",
    known: &["hmac_secret", "hmac_secret_file", "signature_header", "timestamp_header"],
    refused: &[],
};

pub(super) const MONIKA: Keys =
    Keys { what: "`monika`", known: &["webhook", "max_age"], refused: &[] };

pub(super) const MESSAGE: Keys = Keys {
    what: "`message`",
    known: &[
        "type",
        "title",
        "text",
        "profile",
        "buttons",
        "buttons_layout",
        "links",
        "digest",
        "digest_picture",
    ],
    refused: &[],
};

pub(super) const CONDITION: Keys = Keys {
    what: "a condition",
    known: &["label", "operator", "values", "any", "all", "not"],
    refused: &[],
};

pub(super) const CHATBOT: Keys = Keys {
    what: "a chatbot",
    known: &[
        "name",
        "access_token",
        "access_token_file",
        "webhook_url",
        "webhook_url_file",
        "secret",
        "secret_file",
        "keywords",
        "pool",
        "mention",
        "rate",
        "max_bytes",
        "max_title",
        "overflow",
        "digest_lines",
        "fallback",
        "quota",
    ],
    refused: &[],
};

pub(super) const POOL_ROBOT: Keys = Keys {
    what: "a robot of a pool",
    known: &[
        "access_token",
        "access_token_file",
        "webhook_url",
        "webhook_url_file",
        "secret",
        "secret_file",
        "keywords",
    ],
    refused: &[],
};

pub(super) const QUOTA: Keys =
    Keys { what: "`quota`", known: &["per_month", "name"], refused: &[] };

pub(super) const FALLBACK: Keys =
    Keys { what: "`fallback`", known: &["receiver", "after"], refused: &[] };

pub(super) const MENTION: Keys = Keys {
    what: "`mention`",
    known: &[
        "mobiles",
        "user_ids",
        "all",
        "resolved",
        "from_label",
        "from_annotation",
        "allow",
        "by_severity",
        "schedule",
    ],
    refused: &[],
};

/// Whom a value of `mention.by_severity` mentions.
pub(super) const PEOPLE: Keys =
    Keys { what: "a value of `by_severity`", known: &["mobiles", "user_ids", "all"], refused: &[] };

/// An entry of `mention.schedule`: an interval, with who is on call in it.
pub(super) const SHIFT: Keys = Keys {
    what: "an entry of `schedule`",
    known: &[
        "times",
        "weekdays",
        "days_of_month",
        "months",
        "years",
        "location",
        "not",
        "mobiles",
        "user_ids",
        "all",
    ],
    refused: &NAMED_INTERVAL,
};

pub(super) const RATE: Keys = Keys { what: "`rate`", known: &["messages", "per"], refused: &[] };

pub(super) const CONVERSATION: Keys = Keys {
    what: "a conversation",
    known: &[
        "name",
        "app_key",
        "app_secret",
        "app_secret_file",
        "robot_code",
        "open_conversation_ids",
        "chat_ids",
        "rate",
        "max_bytes",
        "max_title",
        "overflow",
        "digest_lines",
        "fallback",
        "quota",
    ],
    refused: &[
        (
            "mention",
            "a conversation can't mention anyone, because DingTalk's API has no mentions for it; \
             use a chatbot",
        ),
        (
            "keywords",
            "a conversation needs no keywords, because only chatbots are checked for them; \
             remove the key",
        ),
    ],
};

/// Why `web.config_file` and its flag are refused.
pub(super) const NO_WEB_CONFIG: &str = "TLS and basic authentication are not in this version; \
 put a \
     reverse proxy in front, or listen on a loopback address";
