//! One HTTP call: a JSON body out, a status and a short body back.
//!
//! No URL and no header is in any error that comes out of here: webhooks and tokens are secrets, and the
//! older API has an app's secret and token in the query.
//! What brings the call to DingTalk is a [`Transport`]; in a running Campana that is [`Network`].

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use reqwest::{Method, Response, Url, redirect};

use super::client::ClientError;
use super::connection;
use super::errcode::{Cause, SendError};
use super::reply::{Reply, timestamp_of};
use super::resolver::Resolver;
use super::sanitize::{self, MOST_TEXT};
use super::transport::{Answer, Answering, Call, NoAnswer, Transport};
use super::way_out::WayOut;
use crate::clock::Clock;

/// The longest wait for a connection; DingTalk accepts one in a fraction of this, or not at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A call ends by real time this long after the attempt's own limit, if the clock did not end it.
const BACKSTOP: Duration = Duration::from_secs(5);

/// Half of the 60 s after which load balancers usually close an idle connection: a call that meets
/// that close has an unknown outcome.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// The most of an answer that is read; DingTalk's have a few hundred bytes.
const MOST_BODY: usize = 64 * 1024;

/// What makes the calls.
#[derive(Debug)]
pub(super) struct Http {
    transport: Arc<dyn Transport>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Http {
    /// Calls that `transport` brings to DingTalk.
    pub(super) fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock }
    }

    /// Posts `body`, with at most one more header; `secrets` appear in no error.
    pub(super) async fn post(
        &self,
        url: Url,
        header: Option<(HeaderName, HeaderValue)>,
        body: String,
        secrets: &[&str],
    ) -> Result<Reply, SendError> {
        self.make(Call { method: Method::POST, url, header, body }, secrets).await
    }

    /// Gets what is at `url`; `secrets` appear in no error.
    pub(super) async fn get(&self, url: Url, secrets: &[&str]) -> Result<Reply, SendError> {
        let call = Call { method: Method::GET, url, header: None, body: String::new() };
        self.make(call, secrets).await
    }

    async fn make(&self, call: Call, secrets: &[&str]) -> Result<Reply, SendError> {
        let place = place_of(&call.url);
        let answer = self.transport.make(call).await;
        let answer = answer.map_err(|none| cause(none, &place, secrets))?;
        let Answer { status, date, body } = answer;
        Ok(Reply { status, body, received: self.clock.now().wall, date })
    }
}

/// Why a call to `place` ended without a whole answer, without secrets.
fn cause(none: NoAnswer, place: &str, secrets: &[&str]) -> SendError {
    let clean = |text: &str| sanitize::clean(text, secrets, MOST_TEXT);
    match none {
        NoAnswer::NotConnected(text) => {
            Cause::NotConnected(format!("{} ({})", clean(place), clean(&text)))
        }
        NoAnswer::TimedOut => Cause::TimedOut,
        NoAnswer::Broken(text) => Cause::Broken(clean(&text)),
    }
    .into()
}

/// The host and the port that a call goes to. User, path and query hold secrets and stay out.
fn place_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("DingTalk");
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// How long a connection may take: shorter than any attempt, so that one without a connection ends as
/// that, and not as one of which nobody knows whether DingTalk has the message.
#[must_use]
pub fn connect_limit(attempt_timeout: Duration) -> Duration {
    CONNECT_TIMEOUT.min(attempt_timeout * 3 / 4)
}

/// The network, by the one HTTP client of the process.
pub(super) struct Network(reqwest::Client);

impl Network {
    /// A client that verifies TLS, follows no redirect and leaves by `way_out`.
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        way_out: &WayOut,
        attempt_timeout: Duration,
    ) -> Result<Self, ClientError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("campana/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(connect_limit(attempt_timeout))
            .timeout(attempt_timeout + BACKSTOP)
            .pool_idle_timeout(POOL_IDLE)
            .redirect(redirect::Policy::none())
            .dns_resolver(Arc::new(Resolver::new(clock)))
            .no_proxy();
        for proxy in way_out.proxies()?.of_client()? {
            builder = builder.proxy(proxy);
        }
        if let Some(file) = &way_out.ca_file {
            builder = builder.tls_certs_merge(file.authorities.of_client());
        }
        let client = builder.build().map_err(|error| ClientError::Tls(innermost(&error)))?;
        Ok(Self(client))
    }
}

impl Transport for Network {
    fn make(&self, call: Call) -> Answering<'_> {
        let Call { method, url, header, body } = call;
        let is_post = method == Method::POST;
        let request = self
            .0
            .request(method, url)
            // Without this header some of DingTalk's services answer in XML (its Node SDK).
            .header(ACCEPT, "application/json")
            .headers(header.into_iter().collect());
        let request = if !body.is_empty() {
            request.header(CONTENT_TYPE, "application/json; charset=utf-8").body(body)
        } else if is_post {
            // A server may refuse a POST that does not say that it has no body (RFC 9110, 15.5.12).
            request.header(CONTENT_LENGTH, 0)
        } else {
            request
        };
        Box::pin(async move {
            let response = request.send().await.map_err(unanswered)?;
            let status = response.status().as_u16();
            let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
            let date = date.and_then(timestamp_of);
            let body = first_bytes(response).await.map_err(unanswered)?;
            Ok(Answer { status, date, body })
        })
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's own form would show the proxy's URL, which may hold a password.
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

/// The first [`MOST_BODY`] bytes of the body. The rest is never read: a JSON object that is cut off
/// is no valid JSON, so a cut answer cannot pass for a whole one.
async fn first_bytes(mut response: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = MOST_BODY - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            break;
        }
    }
    Ok(body)
}

fn unanswered(error: reqwest::Error) -> NoAnswer {
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        NoAnswer::NotConnected(connection::in_words(innermost(&error)))
    } else if error.is_timeout() {
        NoAnswer::TimedOut
    } else {
        NoAnswer::Broken(innermost(&error))
    }
}

/// The words of the innermost error: the outer ones only say that a request failed.
fn innermost(error: &reqwest::Error) -> String {
    let mut inner: &dyn Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn a_connection_is_given_up_before_its_attempt_is() {
        for (attempt, expected) in [(10_000, 3_000), (4_000, 3_000), (2_000, 1_500), (100, 75)] {
            let limit = connect_limit(Duration::from_millis(attempt));
            assert_eq!(limit, Duration::from_millis(expected), "{attempt} ms");
        }
    }

    #[test]
    fn the_place_of_a_call_is_its_host_and_port_and_nothing_secret() {
        for (url, expected) in [
            ("https://oapi.dingtalk.com/robot/send?access_token=canary", "oapi.dingtalk.com:443"),
            ("http://user:canary@127.0.0.1:18070/canary", "127.0.0.1:18070"),
            ("http://[::1]/canary#canary", "[::1]:80"),
        ] {
            assert_eq!(place_of(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn only_a_call_without_a_connection_names_its_place() {
        let place = "127.0.0.1:18070";
        for (none, expected) in [
            (
                NoAnswer::NotConnected("refused by pass phrase".to_owned()),
                "no connection to 127.0.0.1:18070 (refused by <secret>); check this machine's \
                 DNS, proxy, firewall and certificates",
            ),
            (NoAnswer::TimedOut, "no answer from DingTalk in time; the message may have arrived"),
            (
                NoAnswer::Broken("reset".to_owned()),
                "the connection broke before DingTalk's answer was whole (reset); the message \
                 may have arrived",
            ),
        ] {
            assert_eq!(cause(none, place, &["pass phrase"]).reason(Language::En), expected);
        }
    }
}
