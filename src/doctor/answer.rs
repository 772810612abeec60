//! What answers at a host, in words; pure.

use reqwest::Url;

use super::Mark;
use crate::dingtalk::{Route, Seen, SendError};
use crate::language::Language;

/// What a server of https answers to http, where it answers at all.
pub(super) const BAD_REQUEST: u16 = 400;

/// What came of a call to a host.
#[derive(Debug)]
pub(super) enum Answered {
    /// It answered.
    Seen(Seen),
    /// It answers to http where the URL says https, or the other way round.
    OtherScheme,
    /// Nothing answered as it should.
    Nothing(SendError),
}

/// The check's word: the scheme.
pub(super) fn check_of(origin: &Url) -> &'static str {
    if origin.scheme() == "https" { "https" } else { "http" }
}

/// The same place with https for http, or http for https.
pub(super) fn with_other_scheme(origin: &Url) -> Option<Url> {
    let port = origin.port_or_known_default();
    let other = if origin.scheme() == "https" { "http" } else { "https" };
    let mut url = origin.clone();
    url.set_scheme(other).ok()?;
    url.set_port(port).ok()?;
    Some(url)
}

/// The host's own answer, where a message could go this way.
pub(super) fn of_host(route: &Route, answered: &Answered) -> Option<Seen> {
    match answered {
        Answered::Seen(seen) => Some(*seen).filter(|seen| !is_proxys(route, seen.status)),
        Answered::OtherScheme | Answered::Nothing(_) => None,
    }
}

/// What is said of the answer.
pub(super) fn words(
    origin: &Url,
    route: &Route,
    answered: &Answered,
    language: Language,
) -> (Mark, String) {
    let is_tls = origin.scheme() == "https";
    let (mark, words) = match answered {
        Answered::Seen(Seen { status, .. }) => match of_proxy(route, *status, language) {
            Some(words) => return (Mark::Wrong, words),
            None if *status >= 500 => {
                let words = language.pick([
                    format!(
                        "it answers HTTP {status}; try again later, and check what stands before the \
                         host"
                    ),
                    format!("返回 HTTP {status}；请稍后再试，并检查主机前面的设备"),
                ]);
                return (Mark::Doubtful, words);
            }
            None if is_tls => {
                (Mark::Well, ["it answers, and its certificate is trusted", "有响应，且证书受信任"])
            }
            None => (Mark::Well, ["it answers", "有响应"]),
        },
        Answered::OtherScheme if is_tls => (
            Mark::Wrong,
            [
                "the URL begins with https://, but http is spoken there, without TLS; write http:// if \
                 that is meant, or the port of https",
                "地址以 https:// 开头，但那里是不带 TLS 的 http；如果确实如此请写 http://，否则请改成 https 的端口",
            ],
        ),
        Answered::OtherScheme => (
            Mark::Wrong,
            [
                "the URL begins with http://, but https is spoken there; write https://",
                "地址以 http:// 开头，但那里是 https；请写 https://",
            ],
        ),
        Answered::Nothing(error) => return (Mark::Wrong, error.meaning(language)),
    };
    (mark, language.pick(words).to_owned())
}

/// Whether an answer of this status is the proxy's own.
pub(super) fn is_proxys(route: &Route, status: u16) -> bool {
    of_proxy(route, status, Language::En).is_some()
}

/// What a proxy itself says, by the status of its answer to a call of http; a call of https has no answer
/// of it, but no connection.
fn of_proxy(route: &Route, status: u16, language: Language) -> Option<String> {
    let Route::Through { .. } = route else { return None };
    let words = match status {
        407 => [
            "the proxy asks for a user and a password, or does not take these (HTTP 407); write them \
             into its URL"
                .to_owned(),
            "代理要求用户名和密码，或不接受现有的（HTTP 407）；请写到代理地址里".to_owned(),
        ],
        403 => [
            "the proxy refuses to lead there (HTTP 403); ask whoever runs it".to_owned(),
            "代理拒绝访问该主机（HTTP 403）；请联系代理的管理员".to_owned(),
        ],
        502..=504 => [
            format!(
                "the proxy does not reach the host (HTTP {status}); ask whoever runs it, or correct the \
                 host in the URL"
            ),
            format!("代理无法连接该主机（HTTP {status}）；请联系代理的管理员，或修正地址里的主机"),
        ],
        _ => return None,
    };
    Some(language.pick(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::{Cause, ProxyUrl};
    use crate::language::tests::is_partly_english;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn seen(status: u16) -> Answered {
        Answered::Seen(Seen { status, clock_ahead: None })
    }

    fn through() -> Route {
        let proxy = ProxyUrl::parse("http://proxy.example:3128").unwrap();
        Route::Through { source: "HTTPS_PROXY", proxy }
    }

    #[test]
    fn whatever_answers_at_the_host_is_a_way_and_what_the_proxy_says_is_none() {
        for (route, answered, mark, expected) in [
            (Route::Straight, seen(200), Mark::Well, "its certificate is trusted"),
            (Route::Straight, seen(404), Mark::Well, "it answers"),
            (Route::Straight, seen(407), Mark::Well, "it answers"),
            (Route::Straight, seen(502), Mark::Doubtful, "it answers HTTP 502"),
            (through(), seen(404), Mark::Well, "it answers"),
            (through(), seen(407), Mark::Wrong, "asks for a user and a password"),
            (through(), seen(403), Mark::Wrong, "refuses to lead there"),
            (through(), seen(503), Mark::Wrong, "does not reach the host (HTTP 503)"),
            (Route::Straight, Answered::OtherScheme, Mark::Wrong, "http is spoken there"),
            (
                Route::Straight,
                Answered::Nothing(Cause::TimedOut.into()),
                Mark::Wrong,
                "no answer from DingTalk in time",
            ),
        ] {
            let origin = url("https://h.example");
            let (marked, chinese) = words(&origin, &route, &answered, Language::ZhCn);
            assert!(marked == mark && !is_partly_english(&chinese), "{chinese}");
            let (told, words) = words(&origin, &route, &answered, Language::En);
            assert!(told == mark && words.contains(expected), "{words}");
            assert_eq!(of_host(&route, &answered).is_some(), mark != Mark::Wrong, "{words}");
            assert!(!words.contains("may have arrived"), "no message was sent: {words}");
        }
        let (_, words) =
            words(&url("http://h.example"), &Route::Straight, &Answered::OtherScheme, Language::En);
        assert!(words.ends_with("write https://"), "{words}");
    }

    #[test]
    fn the_other_scheme_is_asked_at_the_same_port() {
        for (one, other) in [
            ("https://h.example", "http://h.example:443/"),
            ("http://h.example", "https://h.example:80/"),
            ("https://127.0.0.1:8070", "http://127.0.0.1:8070/"),
        ] {
            assert_eq!(with_other_scheme(&url(one)).unwrap().as_str(), other);
        }
    }
}
