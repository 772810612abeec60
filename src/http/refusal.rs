//! What a POST that was refused leaves: a line in the log, and a count.
//!
//! Most senders show nobody what they were answered, so this is where a person finds out. The edge looks
//! for it in every answer to a POST or PUT, whoever refused it.

use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use tracing::{debug, info, warn};

use super::access::Peer;
use crate::metrics::Metrics;

/// Why a request was refused, beside its answer.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// A short word for the metrics.
    pub(super) label: &'static str,
    /// The reason, in words, for the log.
    pub(super) words: String,
    /// What kind of request it was, where its path does not say that it was a notification.
    pub(super) of: Refused,
}

/// What was refused, as far as the reason says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The path says it.
    Request,
    /// A notification that was sent to a path that is none of ours.
    Astray,
    /// One of many, of which the begin and the end are told elsewhere.
    OneOfMany,
}

/// The parts of a request that are told of it. The query stays out, since it can hold what nobody meant to
/// log.
pub(super) struct Told {
    uri: Uri,
    peer: Peer,
}

impl Told {
    /// Of a request by which something is sent; others leave nothing.
    pub(super) fn of(head: &Parts, peer: Peer) -> Option<Self> {
        let is_sent = head.method == Method::POST || head.method == Method::PUT;
        is_sent.then(|| Self { uri: head.uri.clone(), peer })
    }

    /// Logs and counts the request, if it was refused; `takes_notifications` says it of a path.
    pub(super) fn tell(
        &self,
        response: &Response,
        metrics: &Metrics,
        takes_notifications: impl FnOnce(&str) -> bool,
    ) {
        let Some(refusal) = response.extensions().get::<Refusal>() else { return };
        let is_notification = takes_notifications(self.uri.path());
        let counter = if is_notification || refusal.of == Refused::Astray {
            &metrics.notifications_refused
        } else {
            &metrics.requests_refused
        };
        counter.with_label_values(&[refusal.label]).inc();
        self.log(refusal, response.status(), is_notification);
    }

    fn log(&self, refusal: &Refusal, status: StatusCode, is_notification: bool) {
        let path = self.uri.path();
        let peer = tracing::field::display(self.peer.0.ip());
        let (status, words) = (status.as_u16(), &refusal.words);
        match (refusal.of, is_notification) {
            (Refused::OneOfMany, _) => debug!(path, peer, status, "notification refused: {words}"),
            (Refused::Request, true) => warn!(path, peer, status, "notification refused: {words}"),
            (Refused::Astray, _) => warn!(path, peer, status, "request refused: {words}"),
            (Refused::Request, false) => info!(path, peer, status, "request refused: {words}"),
        }
    }
}
