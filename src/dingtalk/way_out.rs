//! How calls leave this machine: what is configured of it, and what follows for each URL.

use reqwest::Url;

use super::certificates::Certificates;
use super::client::ClientError;
use super::proxy::{Proxies, ProxyUrl, Route};

/// What is configured of the way to DingTalk; without it, the environment's proxy and this machine's
/// certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WayOut {
    /// The proxy (`dingtalk.proxy_url`); with it, no variable is read.
    pub proxy: Option<ProxyUrl>,
    /// Authorities that are trusted besides this machine's (`dingtalk.ca_file`).
    pub ca_file: Option<CaFile>,
}

/// A file with certificates, as it was when the configuration was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaFile {
    /// Its path, as written.
    pub path: String,
    /// What it holds.
    pub authorities: Certificates,
}

impl WayOut {
    /// The configured proxy, or else those of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`,
    /// read now.
    pub(super) fn proxies(&self) -> Result<Proxies, ClientError> {
        match &self.proxy {
            Some(proxy) => Ok(Proxies::configured(proxy)),
            None => Proxies::from_variables(|name| std::env::var(name).ok()),
        }
    }

    /// How a call to `url` leaves this machine.
    ///
    /// # Errors
    ///
    /// When a proxy's variable holds no URL.
    pub fn route(&self, url: &Url) -> Result<Route, ClientError> {
        Ok(self.proxies()?.route(url))
    }
}
