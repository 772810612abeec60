//! The proxy that the environment names, by the rules of Go's programs (Prometheus, Alertmanager).
//!
//! A loopback address is never asked for through a proxy (as in Go's `ProxyFromEnvironment`), so
//! that the simulated DingTalk works on a machine whose way out is a proxy.

use reqwest::{NoProxy, Proxy, Url};

use super::client::ClientError;

/// The hosts that are never reached through a proxy, beside those that `NO_PROXY` names.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// The proxies that `variable` names, for https and for http.
pub(super) fn from_variables(
    variable: impl Fn(&'static str) -> Option<String>,
) -> Result<Vec<Proxy>, ClientError> {
    let set = |name| variable(name).filter(|value| !value.trim().is_empty());
    let first = |names: [&'static str; 4]| {
        names.into_iter().find_map(|name| set(name).map(|value| (name, value)))
    };
    let excepted = set("NO_PROXY").or_else(|| set("no_proxy")).unwrap_or_default();
    let excepted = NoProxy::from_string(&format!("{excepted},{LOOPBACK}"));
    let https = first(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]);
    let http = first(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]);
    let ways: [(_, fn(Url) -> _); 2] = [(https, Proxy::https::<Url>), (http, Proxy::http::<Url>)];
    let mut proxies = Vec::new();
    for (named, proxy) in ways {
        let Some((name, value)) = named else { continue };
        let wrong = || ClientError::Proxy(name);
        let url = proxy_url(&value).ok_or_else(wrong)?;
        // The client's own error would show the URL, and a password in it.
        let proxy = proxy(url).map_err(|_error| wrong())?;
        proxies.push(proxy.no_proxy(excepted.clone()));
    }
    Ok(proxies)
}

/// The URL of a proxy that speaks HTTP, from `host:port` or a whole URL.
fn proxy_url(value: &str) -> Option<Url> {
    let value = value.trim();
    let whole = if value.contains("://") { value.into() } else { format!("http://{value}") };
    let url = Url::parse(&whole).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_host_or_a_url_that_speaks_http() {
        let cases = [
            ("proxy.example:3128", Some("http://proxy.example:3128/")),
            (" http://user:pass@proxy.example ", Some("http://user:pass@proxy.example/")),
            ("https://proxy.example", Some("https://proxy.example/")),
            ("socks5://proxy.example:1080", None),
            ("http://", None),
            ("a b", None),
        ];
        for (value, expected) in cases {
            let url = proxy_url(value).map(String::from);
            assert_eq!(url.as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_wrong_variable_is_named_and_its_password_is_not() {
        let variable = |name| (name == "all_proxy").then(|| "socks5://u:pass@host".to_owned());
        let error = from_variables(variable).expect_err("no HTTP proxy").to_string();
        assert!(error.contains("all_proxy") && !error.contains("pass@"), "{error}");
    }

    #[test]
    fn an_empty_variable_is_none() {
        assert!(from_variables(|_| Some(" ".into())).expect("none").is_empty());
    }
}
