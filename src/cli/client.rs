//! The HTTP client of the commands that ask the running server.
//!
//! The commands use the public API, as `curl` would, so the server's rules of access apply to them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;

use super::{ConfigArgs, serve};
use crate::api::ErrorAnswer;
use crate::render::link;
use crate::settings::ProcessSettings;

/// The longest that an answer may take. A test message to several destinations is the slowest: each
/// waits up to 5 s for a slot, and then for DingTalk.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Which server to talk to.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServerArgs {
    /// The server's URL; by default the address in the configuration, on this machine.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The server's configuration file, to find its address.
    #[arg(long = "config.file", value_name = "FILE")]
    file: Option<PathBuf>,
}

/// The server's answer.
pub(super) struct ServerAnswer {
    /// The HTTP status.
    pub(super) status: StatusCode,
    /// The body.
    pub(super) text: String,
}

impl ServerAnswer {
    /// The body as the type that a successful call answers with, or the server's error.
    pub(super) fn json<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        serde_json::from_str(&self.text).map_err(|_not_the_answer| anyhow!(self.error()))
    }

    /// The text of the error in the body; the whole body if it is no error of the API.
    pub(super) fn error(&self) -> String {
        match serde_json::from_str(&self.text) {
            Ok(ErrorAnswer { error, .. }) => error,
            Err(_) => self.text.trim().to_owned(),
        }
    }
}

impl ServerArgs {
    /// The configuration that these flags name.
    pub(super) fn config(&self) -> ConfigArgs {
        ConfigArgs { file: self.file.clone() }
    }

    /// The configuration file that was named.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    fn url(&self) -> anyhow::Result<String> {
        if let Some(url) = &self.url {
            return Ok(url.trim_end_matches('/').to_owned());
        }
        Ok(local_url(&self.config().process()?))
    }

    /// Sends a request and waits for the answer.
    pub(super) fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
    ) -> anyhow::Result<ServerAnswer> {
        self.call_or(method, path, query, "")
    }

    /// As [`ServerArgs::call`]; the error about a server that does not answer ends with `otherwise`,
    /// which says what else can be done.
    pub(super) fn call_or(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        otherwise: &str,
    ) -> anyhow::Result<ServerAnswer> {
        let url = self.url()?;
        let mut whole = reqwest::Url::parse(&format!("{url}{path}"))
            .with_context(|| format!("{} is no URL", without_credentials(&url)))?;
        if !query.is_empty() {
            whole.query_pairs_mut().extend_pairs(query);
        }
        let call = async {
            // A proxy in the environment leads to DingTalk, not to our own server.
            let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build()?;
            let answer = client.request(method, whole).send().await?;
            let status = answer.status();
            let text = answer.text().await?;
            Ok::<ServerAnswer, reqwest::Error>(ServerAnswer { status, text })
        };
        let answer = serve::runtime()?.block_on(call).map_err(reqwest::Error::without_url);
        answer.with_context(|| {
            let url = without_credentials(&url);
            format!(
                "no answer from {url}; is the server running there? (--url or --config.file names \
                 another{otherwise})"
            )
        })
    }
}

/// A name as one segment of a path: `/` and other signs that mean something in a URL are encoded.
///
/// No encoding keeps `.` and `..` from being taken for steps in the path, so they are errors.
pub(super) fn segment(name: &str) -> anyhow::Result<String> {
    anyhow::ensure!(!matches!(name, "" | "." | ".."), "{name:?} is no name");
    let mut encoded = String::new();
    link::component(&mut encoded, name);
    Ok(encoded)
}

/// The URL as an error shows it: without user and password.
///
/// What is no URL may hold them too, and a password any character. So everything is left out from
/// the scheme to the last `@`, wherever that stands.
fn without_credentials(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    match rest.rsplit_once('@') {
        Some((_, rest)) if scheme.is_empty() => rest.to_owned(),
        Some((_, rest)) => format!("{scheme}://{rest}"),
        None => url.to_owned(),
    }
}

/// The URL under which this machine reaches the server.
fn local_url(process: &ProcessSettings) -> String {
    let mut address = process.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            std::net::SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{address}{}", process.route_prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_segment_of_the_path() {
        for (name, expected) in [
            ("ops-1_a.b~", "/x/ops-1_a.b~/test"),
            ("ops/../o2", "/x/ops%2F..%2Fo2/test"),
            ("a?b#c%2f\\", "/x/a%3Fb%23c%252f%5C/test"),
            ("磁", "/x/%E7%A3%81/test"),
        ] {
            let text = format!("http://h/x/{}/test", segment(name).unwrap());
            assert_eq!(reqwest::Url::parse(&text).unwrap().path(), expected);
        }
        for name in ["", ".", ".."] {
            assert_eq!(segment(name).unwrap_err().to_string(), format!("{name:?} is no name"));
        }
    }

    #[test]
    fn a_shown_url_has_neither_user_nor_password() {
        for (url, shown) in [
            ("http://h:8060/x", "http://h:8060/x"),
            ("http://u:p@h/x", "http://h/x"),
            ("http://u@h", "http://h"),
            ("http://u:p/#?@p@h:port", "http://h:port"),
            ("u:p@h", "h"),
            ("h:8060", "h:8060"),
            ("", ""),
        ] {
            assert_eq!(without_credentials(url), shown, "{url}");
        }
    }
}
