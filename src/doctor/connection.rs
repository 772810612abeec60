//! The first steps of a call in words: the proxy, the name, the connection; pure.

use std::net::SocketAddr;

use reqwest::Url;

use super::Mark;
use crate::dingtalk::Route;
use crate::language::Language;

/// What is said of a name's server or an address that is silent.
pub(super) const NO_ANSWER: &str = "no answer in time";

/// How many addresses are shown.
const MOST_SHOWN: usize = 3;

/// Where the first connection of a call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The host, an IPv6 address without its brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Whether it is a proxy, which looks up the names of others itself.
    pub(super) is_proxy: bool,
}

/// Whether an address took the connection, or why not.
pub(super) type Tried = Result<(), String>;

/// Where the first connection of a call to `origin` goes.
pub(super) fn place(origin: &Url, route: &Route) -> Place {
    let ((host, port), is_proxy) = match route {
        Route::Through { proxy, .. } => (proxy.place(), true),
        Route::Straight | Route::Loopback | Route::Excepted => {
            let port = origin.port_or_known_default().unwrap_or_default();
            ((origin.host_str().unwrap_or_default(), port), false)
        }
    };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Place { host, port, is_proxy }
}

/// Which proxy is in use.
pub(super) fn proxy_words(route: &Route, language: Language) -> (Mark, String) {
    let words = match route {
        Route::Straight => ["none is set, so calls go straight there", "没有设置代理，直接连接"],
        Route::Loopback => ["none is asked for an address of this machine", "本机地址不经过代理"],
        Route::Excepted => [
            "NO_PROXY names this host, so calls go straight there",
            "NO_PROXY 包含该主机，直接连接",
        ],
        Route::Through { source, proxy } => {
            let proxy = proxy.shown("<secret>");
            let words = [format!("{proxy}, by {source}"), format!("{proxy}（来自 {source}）")];
            return (Mark::Well, language.pick(words));
        }
    };
    (Mark::Well, language.pick(words).to_owned())
}

/// What a name leads to.
pub(super) fn name_words(
    place: &Place,
    found: &Result<Vec<SocketAddr>, String>,
    language: Language,
) -> (Mark, String) {
    let of = of(place, language);
    let why = match found {
        Ok(found) if !found.is_empty() => {
            let addresses = found.iter().map(|address| address.ip().to_string());
            let addresses = list(addresses.collect(), language);
            let words = [format!("{of} is {addresses}"), format!("{of} 解析为 {addresses}")];
            return (Mark::Well, language.pick(words));
        }
        Ok(_) => language.pick(["it has no address", "没有地址"]),
        Err(error) => error,
    };
    let remedy = language.pick(if place.is_proxy {
        ["correct the proxy's URL, or this machine's DNS", "请修正代理地址或本机的 DNS"]
    } else {
        [
            "correct the URL if it is misspelled; else mend this machine's DNS, or name the proxy that \
             looks names up (dingtalk.proxy_url)",
            "如果地址写错请修正；否则请修复本机的 DNS，或配置由代理解析（dingtalk.proxy_url）",
        ]
    });
    let words = language.pick([
        format!("{of} is not found ({why}); {remedy}"),
        format!("找不到 {of}（{why}）；{remedy}"),
    ]);
    (Mark::Wrong, words)
}

/// Who takes connections.
pub(super) fn connection_words(
    place: &Place,
    tried: &[(SocketAddr, Tried)],
    language: Language,
) -> (Mark, String) {
    let of = of(place, language);
    let taken = tried.iter().filter(|(_, outcome)| outcome.is_ok());
    let taken: Vec<String> = taken.map(|(address, _)| address.to_string()).collect();
    let failed =
        tried.iter().filter_map(|(address, outcome)| Some((address, outcome.as_ref().err()?)));
    let failed: Vec<String> = failed.map(|(address, why)| format!("{address}: {why}")).collect();
    let is_silent = failed.iter().any(|words| words.ends_with(NO_ANSWER));
    let (are_taken, are_failed) = (!taken.is_empty(), !failed.is_empty());
    let (taken, failed) = (list(taken, language), list(failed, language));
    match (are_taken, are_failed) {
        (_, false) => {
            let words = [format!("{of} takes it at {taken}"), format!("{of} 在 {taken} 接受连接")];
            (Mark::Well, language.pick(words))
        }
        (true, true) => {
            let words = [
                format!(
                    "{of} takes it at {taken}, and not at {failed}; calls go on to the next address, but \
                     may be late"
                ),
                format!(
                    "{of} 在 {taken} 接受连接，但在 {failed} 不接受；会改用下一个地址，但可能变慢"
                ),
            ];
            (Mark::Doubtful, language.pick(words))
        }
        (false, true) => {
            let remedy = language.pick(remedy(place.is_proxy, is_silent));
            let words = [
                format!("{of} takes none ({failed}); {remedy}"),
                format!("{of} 不接受连接（{failed}）；{remedy}"),
            ];
            (Mark::Wrong, language.pick(words))
        }
    }
}

/// What can be done where no connection is taken.
fn remedy(is_proxy: bool, is_silent: bool) -> [&'static str; 2] {
    match (is_proxy, is_silent) {
        (true, true) => [
            "check the proxy's URL, and that a firewall lets this machine reach it",
            "请检查代理地址，以及防火墙是否允许本机访问它",
        ],
        (true, false) => [
            "nothing listens there: check the proxy's URL, and that it runs",
            "那里没有服务在监听：请检查代理地址，以及代理是否在运行",
        ],
        (false, true) => [
            "a firewall drops it, most often: let this machine reach it, or name the proxy that does \
             (dingtalk.proxy_url)",
            "通常是被防火墙丢弃：请放行本机的访问，或配置能访问它的代理（dingtalk.proxy_url）",
        ],
        (false, false) => [
            "nothing listens there: check host and port in the URL",
            "那里没有服务在监听：请检查地址里的主机和端口",
        ],
    }
}

fn of(place: &Place, language: Language) -> String {
    let kind = if place.is_proxy { language.pick(["the proxy ", "代理 "]) } else { "" };
    format!("{kind}{}", place.host)
}

/// The first of a list, and how many more there are.
fn list(items: Vec<String>, language: Language) -> String {
    let more = items.len().saturating_sub(MOST_SHOWN);
    let shown: Vec<String> = items.into_iter().take(MOST_SHOWN).collect();
    let words = if more > 0 {
        language.pick([format!(" and {more} more"), format!(" 等，另有 {more} 个")])
    } else {
        String::new()
    };
    shown.join(language.pick([", ", "、"])) + &words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::ProxyUrl;
    use crate::language::tests::is_partly_english;

    fn host(is_proxy: bool) -> Place {
        Place { host: "h.example".to_owned(), port: 443, is_proxy }
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn through() -> Route {
        let proxy = ProxyUrl::parse("http://u:canary@proxy.example:3128").unwrap();
        Route::Through { source: "dingtalk.proxy_url", proxy }
    }

    #[test]
    fn the_proxy_is_told_with_its_source_and_without_its_password() {
        for (route, expected) in [
            (Route::Straight, "none is set"),
            (Route::Loopback, "none is asked for an address of this machine"),
            (Route::Excepted, "NO_PROXY names this host"),
            (through(), "http://<secret>@proxy.example:3128, by dingtalk.proxy_url"),
        ] {
            assert!(!is_partly_english(&proxy_words(&route, Language::ZhCn).1));
            let (mark, words) = proxy_words(&route, Language::En);
            assert!(mark == Mark::Well && words.starts_with(expected), "{words}");
        }
    }

    #[test]
    fn the_first_connection_goes_to_the_proxy_or_to_the_host() {
        let origin = |url: &str| Url::parse(url).unwrap();
        for (url, route, expected) in [
            ("https://h.example", Route::Straight, ("h.example", 443, false)),
            ("http://h.example", Route::Excepted, ("h.example", 80, false)),
            ("http://[::1]:8070", Route::Loopback, ("::1", 8070, false)),
            ("https://h.example", through(), ("proxy.example", 3128, true)),
        ] {
            let Place { host, port, is_proxy } = place(&origin(url), &route);
            assert_eq!((host.as_str(), port, is_proxy), expected, "{url}");
        }
    }

    #[test]
    fn a_name_is_told_with_its_addresses_or_with_what_to_do() {
        let found = |count: u8| {
            Ok((1..=count).map(|n| SocketAddr::from(([10, 0, 0, n], 443))).collect::<Vec<_>>())
        };
        let none = || Err("Name or service not known".to_owned());
        for (place, found, mark, expected) in [
            (host(false), found(1), Mark::Well, "h.example is 10.0.0.1"),
            (host(false), found(5), Mark::Well, "10.0.0.1, 10.0.0.2, 10.0.0.3 and 2 more"),
            (host(false), found(0), Mark::Wrong, "h.example is not found (it has no address); "),
            (host(false), none(), Mark::Wrong, "(Name or service not known); correct the URL if"),
            (host(true), none(), Mark::Wrong, "the proxy h.example is not found"),
        ] {
            let chinese = name_words(&place, &found, Language::ZhCn).1;
            assert!(!is_partly_english(&chinese.replace("Name or service not known", "")));
            let (told, words) = name_words(&place, &found, Language::En);
            assert!(told == mark && words.contains(expected), "{words}");
        }
    }

    #[test]
    fn each_way_in_which_a_connection_fails_has_its_remedy() {
        let (one, two) = (address("10.0.0.1:443"), address("[fd00::1]:443"));
        let refused = || Err("Connection refused (os error 111)".to_owned());
        let silent = || Err(NO_ANSWER.to_owned());
        for (is_proxy, tried, mark, expected) in [
            (false, vec![(one, Ok(()))], Mark::Well, "h.example takes it at 10.0.0.1:443"),
            (
                false,
                vec![(one, Ok(())), (two, silent())],
                Mark::Doubtful,
                "and not at [fd00::1]:443: no answer in time; calls go on",
            ),
            (false, vec![(one, refused())], Mark::Wrong, "nothing listens there: check host and"),
            (false, vec![(one, refused()), (two, silent())], Mark::Wrong, "a firewall drops it"),
            (true, vec![(one, refused())], Mark::Wrong, "check the proxy's URL, and that it runs"),
            (true, vec![(one, silent())], Mark::Wrong, "that a firewall lets this machine"),
        ] {
            let chinese = connection_words(&host(is_proxy), &tried, Language::ZhCn).1;
            assert!(!is_partly_english(&chinese.replace(NO_ANSWER, "")), "{chinese}");
            let (told, words) = connection_words(&host(is_proxy), &tried, Language::En);
            assert!(told == mark && words.contains(expected), "{words}");
        }
    }
}
