//! The client: one attempt for one message, within the attempt's limit.
//!
//! The limit runs on the clock that was passed in, from the moment at which the attempt was allowed, and
//! covers everything that an attempt does, a token's refresh and the second call too.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use super::errcode::{Cause, Receipt, SendError};
use super::http::{Http, Network};
use super::look::{self, Seen};
use super::message::Part;
use super::token::{Refreshes, Tokens};
use super::transport::Transport;
use super::way_out::WayOut;
use super::{Chat, Endpoint, chat, group, robot};
use crate::clock::Clock;

/// Why no client can be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The variable does not hold the URL of an HTTP proxy; its value may hold a password and is
    /// not shown.
    #[error("the environment variable {0} is not the URL of an HTTP proxy; correct or unset it")]
    Proxy(&'static str),
    /// The TLS library cannot start, most often because there are no certificates.
    #[error("the HTTP client cannot start: {0}; install the ca-certificates package")]
    Tls(String),
}

/// Where a call was not made to, and why.
const TOO_LATE: &str = "DingTalk (the attempt's time was over before the call began)";

/// What sends messages to DingTalk, with one pool of connections and one cache of app tokens.
#[derive(Debug)]
pub struct Client {
    pub(super) http: Http,
    pub(super) tokens: Tokens,
}

impl Client {
    /// A client whose attempts take at most `attempt_timeout`; `api_url` is the base of the
    /// current API, while a chatbot and a chat have URLs of their own; calls leave by `way_out`.
    ///
    /// # Errors
    ///
    /// When a proxy's variable holds no URL, or this machine has no certificates to check
    /// DingTalk's with.
    pub fn new(
        clock: Arc<dyn Clock>,
        api_url: &str,
        attempt_timeout: Duration,
        way_out: &WayOut,
    ) -> Result<Self, ClientError> {
        let network = Network::new(Arc::clone(&clock), way_out, attempt_timeout)?;
        Ok(Self::over(Arc::new(network), clock, api_url))
    }

    /// The same client over another transport than the network.
    #[must_use]
    pub fn over(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>, api_url: &str) -> Self {
        Self { http: Http::new(transport, clock), tokens: Tokens::new(api_url) }
    }

    /// Makes one attempt, which is over when the boot clock reaches `deadline`; `msg_uuid` is
    /// DingTalk's idempotency key, where the API has one.
    ///
    /// # Errors
    ///
    /// Whenever DingTalk did not say that the message arrived.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        part: &Part,
        msg_uuid: &str,
        deadline: Duration,
    ) -> Result<Receipt, SendError> {
        match endpoint {
            Endpoint::Chatbot(chatbot) => {
                let call = robot::send(&self.http, chatbot, part, msg_uuid);
                self.within(deadline, call).await
            }
            Endpoint::Conversation(conversation) => {
                group::send(self, conversation, part, deadline).await
            }
            Endpoint::Chat(chat) => chat::send(self, chat, part, deadline).await,
        }
    }

    /// The id by which the current API knows a chat of the older one, asked for until the boot clock
    /// reaches `deadline`.
    ///
    /// # Errors
    ///
    /// Whenever DingTalk gave no id.
    pub async fn open_conversation_id(
        &self,
        chat: &Chat,
        deadline: Duration,
    ) -> Result<String, SendError> {
        chat::open_conversation_id(self, chat, deadline).await
    }

    /// Asks for the app's token until the boot clock reaches `deadline`, if the endpoint is an app's.
    pub async fn ask_token(
        &self,
        endpoint: &Endpoint,
        deadline: Duration,
    ) -> Option<Result<(), SendError>> {
        let token = self.tokens.get(&self.http, endpoint.app()?);
        let given = self.within(deadline, token).await;
        Some(given.map(drop).map_err(SendError::of_token_request))
    }

    /// What answers at `url`, which must hold no secret, until the boot clock reaches `deadline`.
    ///
    /// # Errors
    ///
    /// When nothing answers.
    pub async fn look(&self, url: Url, deadline: Duration) -> Result<Seen, SendError> {
        look::look(self, url, deadline).await
    }

    /// How many app tokens were fetched since the start, for metrics.
    #[must_use]
    pub fn token_refreshes(&self) -> Refreshes {
        self.tokens.refreshes()
    }

    /// `call`, given up as soon as the boot clock reaches `deadline`, and not even begun after it: a
    /// process that was suspended since it took its slot has lost the slot, and perhaps the lease.
    pub(super) async fn within<T>(
        &self,
        deadline: Duration,
        call: impl Future<Output = Result<T, SendError>>,
    ) -> Result<T, SendError> {
        if self.http.clock.now().boot >= deadline {
            return Err(Cause::NotConnected(TOO_LATE.to_owned()).into());
        }
        tokio::select! {
            biased;
            result = call => result,
            () = self.http.clock.sleep_until(deadline) => Err(Cause::TimedOut.into()),
        }
    }
}

#[cfg(test)]
mod tests;
