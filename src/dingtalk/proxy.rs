//! The proxy on the way to DingTalk: the configured one, or else that of the environment, by the rules of
//! Go's programs (Prometheus, Alertmanager).
//!
//! A loopback address is never asked for through a proxy (as in Go's `ProxyFromEnvironment`), so
//! that the simulated DingTalk works on a machine whose way out is a proxy.

mod url;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{NoProxy, Proxy, Url};

pub use self::url::{ProxyUrl, ProxyUrlError};
use super::client::ClientError;

/// The hosts that are never reached through a proxy, beside those that `NO_PROXY` names.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// The key of the configured proxy.
const KEY: &str = "dingtalk.proxy_url";

/// The proxies for https and for http, and the hosts that are reached without one.
#[derive(Debug, Clone)]
pub(super) struct Proxies {
    https: Option<Named>,
    http: Option<Named>,
    excepted: String,
}

/// A proxy, and the key or the variable that it stands under.
#[derive(Debug, Clone)]
struct Named {
    source: &'static str,
    url: ProxyUrl,
}

/// How a call leaves this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Straight to its host, because no proxy is named for its scheme.
    Straight,
    /// Straight, because no proxy is asked for an address of this machine.
    Loopback,
    /// Straight, because `NO_PROXY` names its host.
    Excepted,
    /// Through this proxy.
    Through {
        /// The key or the variable that names it.
        source: &'static str,
        /// The proxy.
        proxy: ProxyUrl,
    },
}

impl Proxies {
    /// The configured proxy alone, which leads to every host but those of this machine.
    pub(super) fn configured(url: &ProxyUrl) -> Self {
        let named = Named { source: KEY, url: url.clone() };
        Self { https: Some(named.clone()), http: Some(named), excepted: LOOPBACK.to_owned() }
    }

    /// The proxies that `variable` names.
    pub(super) fn from_variables(
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, ClientError> {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty());
        let first = |names: [&'static str; 4]| {
            let set = names.into_iter().find_map(|name| set(name).map(|value| (name, value)));
            let named = set.map(|(source, value)| match ProxyUrl::of_variable(&value) {
                Some(url) => Ok(Named { source, url }),
                None => Err(ClientError::Proxy(source)),
            });
            named.transpose()
        };
        let excepted = set("NO_PROXY").or_else(|| set("no_proxy")).unwrap_or_default();
        Ok(Self {
            https: first(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])?,
            http: first(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])?,
            excepted: format!("{excepted},{LOOPBACK}"),
        })
    }

    /// The same for the HTTP client.
    pub(super) fn of_client(&self) -> Result<Vec<Proxy>, ClientError> {
        let excepted = NoProxy::from_string(&self.excepted);
        let ways: [(_, fn(Url) -> _); 2] =
            [(&self.https, Proxy::https::<Url>), (&self.http, Proxy::http::<Url>)];
        let named = ways.into_iter().filter_map(|(named, proxy)| Some((named.as_ref()?, proxy)));
        let proxies = named.map(|(Named { source, url }, proxy)| {
            // The client's own error would show the URL, and a password in it.
            let proxy = proxy(url.expose().clone()).map_err(|_error| ClientError::Proxy(source))?;
            Ok(proxy.no_proxy(excepted.clone()))
        });
        proxies.collect()
    }

    /// How a call to `url` leaves this machine; the client decides it by the same matcher.
    pub(super) fn route(&self, url: &Url) -> Route {
        let named = if url.scheme() == "https" { &self.https } else { &self.http };
        let Some(Named { source, url: proxy }) = named else { return Route::Straight };
        if !is_led(url, proxy, LOOPBACK) {
            Route::Loopback
        } else if !is_led(url, proxy, &self.excepted) {
            Route::Excepted
        } else {
            Route::Through { source, proxy: proxy.clone() }
        }
    }
}

/// Whether a call to `url` goes through the proxy where these hosts are excepted.
fn is_led(url: &Url, proxy: &ProxyUrl, excepted: &str) -> bool {
    let matcher = Matcher::builder().all(proxy.expose().as_str()).no(excepted).build();
    url.as_str().parse::<Uri>().is_ok_and(|uri| matcher.intercept(&uri).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(proxies: &Proxies, url: &str) -> Route {
        proxies.route(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_wrong_variable_is_named_and_its_password_is_not() {
        let variable = |name| (name == "all_proxy").then(|| "socks5://u:pass@host".to_owned());
        let error = Proxies::from_variables(variable).expect_err("no HTTP proxy").to_string();
        assert!(error.contains("all_proxy") && !error.contains("pass@"), "{error}");
    }

    #[test]
    fn an_empty_variable_is_none() {
        let proxies = Proxies::from_variables(|_| Some(" ".into())).expect("none");
        assert!(proxies.of_client().expect("none").is_empty());
        assert_eq!(route(&proxies, "https://oapi.dingtalk.com"), Route::Straight);
    }

    #[test]
    fn a_route_is_told_with_what_names_its_proxy() {
        let variable = |name| match name {
            "HTTPS_PROXY" => Some("one.example:3128".to_owned()),
            "NO_PROXY" => Some("inner.example, 10.0.0.0/8".to_owned()),
            _ => None,
        };
        let proxies = Proxies::from_variables(variable).unwrap();
        let proxy = ProxyUrl::of_variable("one.example:3128").unwrap();
        let through = Route::Through { source: "HTTPS_PROXY", proxy };
        for (url, expected) in [
            ("https://oapi.dingtalk.com/robot/send", through),
            ("http://oapi.dingtalk.com", Route::Straight),
            ("https://a.inner.example", Route::Excepted),
            ("https://10.1.2.3:8443", Route::Excepted),
            ("https://127.0.0.9:8070", Route::Loopback),
            ("https://[::1]:8070", Route::Loopback),
            ("https://localhost", Route::Loopback),
        ] {
            assert_eq!(route(&proxies, url), expected, "{url}");
        }
    }

    #[test]
    fn the_configured_proxy_leads_everywhere_but_to_this_machine() {
        let proxy = ProxyUrl::parse("http://u:p@proxy.example:3128").unwrap();
        let proxies = Proxies::configured(&proxy);
        let through = Route::Through { source: KEY, proxy };
        for (url, expected) in [
            ("https://oapi.dingtalk.com", through.clone()),
            ("http://oapi.dingtalk.com", through),
            ("http://127.0.0.1:8070", Route::Loopback),
        ] {
            assert_eq!(route(&proxies, url), expected, "{url}");
        }
        assert_eq!(proxies.of_client().unwrap().len(), 2);
    }
}
