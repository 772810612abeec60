//! The proxy that the environment names, by the rules of Go's programs beside us.
//!
//! A loopback address is never asked for through a proxy (as in Go's `ProxyFromEnvironment`), so
//! that the simulated DingTalk works on a machine whose way out is a proxy.

use reqwest::{NoProxy, Proxy};

use super::client::ClientError;

/// What never goes through a proxy, beside what `NO_PROXY` names.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// The proxies that `variable` names, first for https, then for http.
pub(super) fn from_variables(
    variable: impl Fn(&'static str) -> Option<String>,
) -> Result<Vec<Proxy>, ClientError> {
    let first = |names: [&'static str; 4]| {
        names.into_iter().find_map(|name| {
            variable(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value))
        })
    };
    let excepted = ["NO_PROXY", "no_proxy"].into_iter().find_map(&variable).unwrap_or_default();
    let excepted = NoProxy::from_string(&format!("{excepted},{LOOPBACK}"));
    let https = first(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]);
    let http = first(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]);
    let mut proxies = Vec::new();
    if let Some((name, url)) = https {
        proxies.push(Proxy::https(url).map_err(|_url| ClientError::Proxy(name))?);
    }
    if let Some((name, url)) = http {
        proxies.push(Proxy::http(url).map_err(|_url| ClientError::Proxy(name))?);
    }
    Ok(proxies.into_iter().map(|proxy| proxy.no_proxy(excepted.clone())).collect())
}
