//! The parameters of a webhook's URL: which belong there, and what is written for the others.
//!
//! Whatever stands in a URL that was copied was meant to do something, so none of it is dropped or passed
//! on in silence.

use std::collections::BTreeSet;

use reqwest::Url;

use crate::settings::decode::{Checked, Decoder};
use crate::settings::secret::Secret;
use crate::settings::tree::shown_key;

/// What a parameter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// The robot's token.
    AccessToken,
    /// The robot's secret, which signs and is not sent.
    Secret,
    /// A part of a signature that somebody made.
    Signature,
    /// Whom to mention, with what is written for it.
    Mention(&'static str),
    /// What PrometheusAlert's address takes, with what is written for it.
    PrometheusAlert(&'static str),
    /// Not known.
    Unknown,
}

/// What is written for those of PrometheusAlert that have no equal here.
const NOTHING: &str = "remove it";

/// The parameters of other products, in lower case: PrometheusAlert's address has `at`, and the fields
/// of DingTalk's body are written as parameters by mistake.
const KNOWN: [(&str, Parameter); 14] = [
    ("at", Parameter::Mention("write `mention: {mobiles: […]}`")),
    ("atmobiles", Parameter::Mention("write `mention: {mobiles: […]}`")),
    ("atuserids", Parameter::Mention("write `mention: {user_ids: […]}`")),
    ("isatall", Parameter::Mention("write `mention: {all: true}`")),
    ("ddurl", Parameter::PrometheusAlert("write the URL in it as `webhook_url`")),
    (
        "tpl",
        Parameter::PrometheusAlert(
            "write the template as the receiver's `message: {text: …, profile: prometheusalert}`",
        ),
    ),
    ("rr", Parameter::PrometheusAlert("write the robots of the group as a `pool`")),
    ("type", Parameter::PrometheusAlert(NOTHING)),
    ("split", Parameter::PrometheusAlert(NOTHING)),
    ("from", Parameter::PrometheusAlert(NOTHING)),
    ("wxurl", Parameter::PrometheusAlert(NOTHING)),
    ("fsurl", Parameter::PrometheusAlert(NOTHING)),
    ("email", Parameter::PrometheusAlert(NOTHING)),
    ("phone", Parameter::PrometheusAlert("write `mention: {mobiles: […]}`")),
];

/// The parameters that only an address of PrometheusAlert has.
const ITS_OWN: [&str; 2] = ["ddurl", "tpl"];

impl Parameter {
    /// The parameter of this name.
    pub(super) fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            // DingTalk looks for the token under this name alone.
            "access_token" if name == "access_token" => Self::AccessToken,
            "secret" => Self::Secret,
            "timestamp" | "sign" => Self::Signature,
            lower => {
                let known = KNOWN.iter().find(|(known, _)| *known == lower);
                known.map_or(Self::Unknown, |(_, parameter)| *parameter)
            }
        }
    }

    /// What is said of it, called `name`, if it does not belong there. A strict URL is one whose host takes
    /// no parameters but DingTalk's.
    fn refusal(self, name: &str, is_strict: bool) -> Option<String> {
        match self {
            Self::AccessToken | Self::Signature => None,
            Self::Secret => {
                Some(format!("holds a `{name}`, which must not be sent; write it as `secret`"))
            }
            Self::Mention(instead) => {
                Some(format!("holds `{name}`, which mentions nobody there; {instead}"))
            }
            Self::PrometheusAlert(instead) => is_strict.then(|| {
                format!(
                    "holds `{name}`, which PrometheusAlert takes and DingTalk does not; {instead}"
                )
            }),
            Self::Unknown => is_strict.then(|| {
                format!("holds the parameter `{name}`, which DingTalk does not know; remove it")
            }),
        }
    }
}

/// The parameters that are not the token, by what becomes of them.
#[derive(Debug, Default)]
struct Others {
    /// What is said of each that is refused.
    refused: Vec<String>,
    /// The parts of a signature.
    signature: Vec<String>,
    /// Those that a host takes which is not DingTalk's.
    passed_on: Vec<String>,
}

impl Others {
    fn of(url: &Url) -> Self {
        let names: BTreeSet<String> = url.query_pairs().map(|(name, _)| name.into()).collect();
        // A proxy may take parameters of its own; DingTalk takes none.
        let is_strict = is_dingtalks(url) || ITS_OWN.iter().any(|name| names.contains(*name));
        let mut others = Self::default();
        for name in &names {
            let (parameter, name) = (Parameter::of(name), shown_key(name));
            match (parameter, parameter.refusal(&name, is_strict)) {
                (Parameter::AccessToken, _) => {}
                (Parameter::Signature, _) => others.signature.push(format!("`{name}`")),
                (_, Some(words)) => others.refused.push(words),
                (_, None) => others.passed_on.push(format!("`{name}`")),
            }
        }
        others
    }
}

/// What is said of each parameter that does not belong in the URL; a signature is none of them.
pub(in crate::settings) fn refusals(url: &Url) -> Vec<String> {
    Others::of(url).refused
}

/// Reports each parameter that does not belong there; warns about those that are left out or passed on.
/// `signs` says whether the robot has a secret.
pub(super) fn check(
    decoder: Decoder<'_>,
    secret: &Secret<'_>,
    url: &Url,
    signs: bool,
) -> Checked<()> {
    let Others { mut refused, signature, passed_on } = Others::of(url);
    let made_once = signature.join(", ");
    if !made_once.is_empty() && signs {
        let words = format!("holds {made_once}, which are left out: each message is signed anew");
        secret.warn(decoder, &words);
    } else if !made_once.is_empty() {
        refused.push(format!(
            "holds a signature that was made once ({made_once}), which DingTalk takes for an hour \
             at most; remove it, and write the robot's secret (`SEC…`) as `secret`"
        ));
    }
    if !passed_on.is_empty() {
        let words = format!("passes {} on to its host with each message", passed_on.join(", "));
        secret.warn(decoder, &words);
    }
    let mut outcome = Ok(());
    for words in refused {
        outcome = secret.fail(decoder, &words);
    }
    outcome
}

/// Whether the host is DingTalk's own, in China (`dingtalk.com`) or elsewhere (`dingtalk.io`).
fn is_dingtalks(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    ["dingtalk.com", "dingtalk.io"].iter().any(|own| {
        host.strip_suffix(own).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}
