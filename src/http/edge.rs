//! The edge around each request: its id, its path without a slash at the end, the size of its body,
//! a handler's panic, and the rest of a body that no handler read.
//!
//! One function and no stack of layers: every request passes it, and what it does is written down in
//! the order in which it happens.

mod drain_body;
mod read_body;

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, EXPECT, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::uri::{PathAndQuery, Uri};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tracing::Instrument as _;

use super::access::Peer;
use super::error::HttpError;
use super::{AppState, routes};
use drain_body::Kept;
pub(super) use read_body::read_body;

/// Tells the requests of one client apart, in its log and in ours.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The routes with everything that surrounds them.
pub(super) struct Edge {
    app: Arc<AppState>,
    routes: TowerToHyperService<Router>,
    /// The largest body; only a restart changes it.
    max_body_bytes: usize,
}

impl Edge {
    /// The edge around the routes of `app`.
    pub(super) fn new(app: Arc<AppState>) -> Self {
        let max_body_bytes = app.core.settings.load().process.max_body_bytes;
        let routes = TowerToHyperService::new(routes::router(&app));
        Self { app, routes, max_body_bytes }
    }

    /// Answers one request; its body has been read to the end by then, or thrown away.
    pub(super) async fn answer(&self, peer: SocketAddr, request: Request<Incoming>) -> Response {
        let (mut head, body) = request.into_parts();
        let id = request_id(&head.headers);
        if let Some(uri) = without_slash_at_end(&head.uri) {
            head.uri = uri;
        }
        head.extensions.insert(Peer(peer));
        // The path alone: a query can hold what nobody meant to log.
        let span = tracing::debug_span!(
            "request",
            id = id.to_str().unwrap_or_default(),
            method = %head.method,
            path = head.uri.path()
        );
        let mut response = self.drained(head, body).instrument(span).await;
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
        response
    }

    /// The answer, once the part of the body that no handler read has come.
    async fn drained(&self, head: Parts, body: Incoming) -> Response {
        if body.is_end_stream() {
            return self.within_limit(head, Body::empty()).await;
        }
        let asks_first = head.headers.contains_key(EXPECT);
        let kept = Kept::new(body);
        let response = self.within_limit(head, Body::new(kept.clone())).await;
        kept.drain(asks_first).await;
        response
    }

    /// The handler's answer, unless the body says that it is too large.
    async fn within_limit(&self, head: Parts, body: Body) -> Response {
        let limit = self.max_body_bytes;
        if length(&head.headers).is_some_and(|length| length > limit) {
            let error = HttpError::TooLarge { limit };
            let peer = head.extensions.get::<Peer>().copied();
            error.count_refused(&self.app.core.metrics, head.uri.path(), peer);
            return error.into_response();
        }
        let request = Request::from_parts(head, body);
        without_panic(async {
            let Ok(response) = self.routes.call(request).await;
            response
        })
        .await
    }
}

/// The id that the client gave, or a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    headers.get(REQUEST_ID).cloned().unwrap_or_else(|| {
        let id = uuid::Uuid::new_v4().hyphenated().to_string();
        // Hex digits and hyphens can stand in a header.
        HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("none"))
    })
}

/// The length that the request says its body has.
fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The address without a slash at the end of its path, if it has one: no answer is a redirect.
fn without_slash_at_end(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if path == "/" || !(path.ends_with('/') || path.starts_with("//")) {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = format!("/{}{query}", path.trim_matches('/'));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

/// The answer, also if the handler panics: that is a defect, and its text may hold anything, so it
/// goes nowhere.
async fn without_panic(answer: impl Future<Output = Response>) -> Response {
    let mut answer = pin!(answer);
    let answered = poll_fn(|context| {
        // An answer that panicked is not asked again, so nobody sees a broken state.
        match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
            Ok(poll) => poll.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        }
    });
    answered.await.unwrap_or_else(|| {
        tracing::error!("a request made a handler panic");
        HttpError::Defect("a handler panicked").into_response()
    })
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[test]
    fn a_slash_at_the_end_is_taken_off_and_the_query_stays() {
        for (given, expected) in [
            ("/", None),
            ("/a/b?c=/", None),
            ("/a/", Some("/a")),
            ("/a//?b=c/", Some("/a?b=c/")),
            ("//a", Some("/a")),
            ("//", Some("/")),
        ] {
            let uri = without_slash_at_end(&given.parse().unwrap());
            assert_eq!(uri.map(|uri| uri.to_string()).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn a_client_that_names_its_request_keeps_the_name() {
        let headers = HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static("mine"))]);
        assert_eq!(request_id(&headers), "mine");
        let (one, other) = (request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
        assert_eq!(one.len(), 36);
        assert_ne!(one, other);
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_500_in_words_of_ours() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let answer = without_panic(async { panic!("secret") }).await;
        std::panic::set_hook(hook);
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = read_body(1_000, answer.into_body()).await.unwrap();
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains("a handler panicked") && !body.contains("secret"), "{body}");
    }
}
