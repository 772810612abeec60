//! The first steps of a call in words: the proxy, the name, the connection; pure.

use std::net::SocketAddr;

use reqwest::Url;

use super::Mark;
use crate::dingtalk::Route;

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
pub(super) fn proxy_words(route: &Route) -> (Mark, String) {
    let words = match route {
        Route::Straight => "none is set, so calls go straight there".to_owned(),
        Route::Loopback => "none is asked for an address of this machine".to_owned(),
        Route::Excepted => "NO_PROXY names this host, so calls go straight there".to_owned(),
        Route::Through { source, proxy } => format!("{}, by {source}", proxy.shown("<secret>")),
    };
    (Mark::Well, words)
}

/// What a name leads to.
pub(super) fn name_words(place: &Place, found: &Result<Vec<SocketAddr>, String>) -> (Mark, String) {
    let of = of(place);
    let why = match found {
        Ok(found) if !found.is_empty() => {
            let addresses = found.iter().map(|address| address.ip().to_string());
            return (Mark::Well, format!("{of} is {}", list(addresses.collect())));
        }
        Ok(_) => "it has no address",
        Err(error) => error,
    };
    let remedy = if place.is_proxy {
        "correct the proxy's URL, or this machine's DNS"
    } else {
        "correct the URL if it is misspelled; else mend this machine's DNS, or name the proxy that \
         looks names up (dingtalk.proxy_url)"
    };
    (Mark::Wrong, format!("{of} is not found ({why}); {remedy}"))
}

/// Who takes connections.
pub(super) fn connection_words(place: &Place, tried: &[(SocketAddr, Tried)]) -> (Mark, String) {
    let of = of(place);
    let taken = tried.iter().filter(|(_, outcome)| outcome.is_ok());
    let taken: Vec<String> = taken.map(|(address, _)| address.to_string()).collect();
    let failed =
        tried.iter().filter_map(|(address, outcome)| Some((address, outcome.as_ref().err()?)));
    let failed: Vec<String> = failed.map(|(address, why)| format!("{address}: {why}")).collect();
    let is_silent = failed.iter().any(|words| words.ends_with(NO_ANSWER));
    match (taken.is_empty(), failed.is_empty()) {
        (_, true) => (Mark::Well, format!("{of} takes it at {}", list(taken))),
        (false, false) => {
            let (taken, failed) = (list(taken), list(failed));
            let remedy = "calls go on to the next address, but may be late";
            (Mark::Doubtful, format!("{of} takes it at {taken}, and not at {failed}; {remedy}"))
        }
        (true, false) => {
            let remedy = match (place.is_proxy, is_silent) {
                (true, true) => {
                    "check the proxy's URL, and that a firewall lets this machine reach it"
                }
                (true, false) => "nothing listens there: check the proxy's URL, and that it runs",
                (false, true) => {
                    "a firewall drops it, most often: let this machine reach it, or name the proxy \
                     that does (dingtalk.proxy_url)"
                }
                (false, false) => "nothing listens there: check host and port in the URL",
            };
            (Mark::Wrong, format!("{of} takes none ({}); {remedy}", list(failed)))
        }
    }
}

fn of(place: &Place) -> String {
    let kind = if place.is_proxy { "the proxy " } else { "" };
    format!("{kind}{}", place.host)
}

/// The first of a list, and how many more there are.
fn list(items: Vec<String>) -> String {
    let more = items.len().saturating_sub(MOST_SHOWN);
    let shown: Vec<String> = items.into_iter().take(MOST_SHOWN).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::ProxyUrl;

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
            let (mark, words) = proxy_words(&route);
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
            let (told, words) = name_words(&place, &found);
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
            let (told, words) = connection_words(&host(is_proxy), &tried);
            assert!(told == mark && words.contains(expected), "{words}");
        }
    }
}
