//! A look at what answers at a host: no message, no secret, and whatever answers is an answer.

use std::time::Duration;

use reqwest::Url;

use super::Client;
use super::errcode::SendError;

/// What answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The HTTP status.
    pub status: u16,
    /// How many seconds this machine's clock is ahead of the host's, by the answer's `Date`.
    pub clock_ahead: Option<i64>,
}

/// Gets `url`, which must hold no secret.
pub(super) async fn look(client: &Client, url: Url, deadline: Duration) -> Result<Seen, SendError> {
    let reply = client.within(deadline, client.http.get(url, &[])).await?;
    let clock_ahead = reply.date.map(|date| reply.received.as_second() - date.as_second());
    Ok(Seen { status: reply.status, clock_ahead })
}
