//! The edge around each request: its id, its path without a slash at the end, the size of its body,
//! a handler's panic, and the rest of a body that no handler read.
//!
//! What it does is written down in the order in which it happens, and every request passes it once:
//! a layer on the router would be copied and boxed for each request.

mod body_room;
mod drain_body;
mod read_body;

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, EXPECT, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tower_http::catch_panic::{CatchPanic, ResponseForPanic};
use tower_http::normalize_path::NormalizePath;
use tracing::Instrument as _;
use uuid::Uuid;

use super::access::Peer;
use super::error::HttpError;
use super::refusal::Told;
use super::server::{Announced, Connection};
use super::{AppState, routes};
use drain_body::Kept;
pub(super) use read_body::read_body;

/// Tells the requests of one client apart, in its log and in ours.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The routes: outside them, the path loses a slash at its end, since no answer is a redirect, and a
/// panic becomes an answer.
type Guarded = NormalizePath<CatchPanic<Router, Panicked>>;

/// The routes with everything that surrounds them.
pub(super) struct Edge {
    app: Arc<AppState>,
    routes: TowerToHyperService<Guarded>,
    /// The largest body; only a restart changes it.
    max_body_bytes: usize,
}

impl Edge {
    /// The edge around the routes of `app`.
    pub(super) fn new(app: Arc<AppState>) -> Self {
        let max_body_bytes = app.core.settings.load().process.max_body_bytes;
        let routes = CatchPanic::custom(routes::router(&app), Panicked);
        let routes = TowerToHyperService::new(NormalizePath::trim_trailing_slash(routes));
        Self { app, routes, max_body_bytes }
    }

    /// Answers one request; its body has been read to the end by then, or thrown away.
    pub(super) async fn answer(
        &self,
        peer: SocketAddr,
        connection: &Arc<Connection>,
        request: Request<Incoming>,
    ) -> Response {
        let (mut head, body) = request.into_parts();
        let id = head.headers.get(REQUEST_ID).cloned().unwrap_or_else(|| new_id(&self.app));
        head.extensions.insert(Peer(peer));
        let told = Told::of(&head, Peer(peer));
        // The path alone: a query can hold what nobody meant to log.
        let span = tracing::debug_span!(
            "request",
            id = id.to_str().unwrap_or_default(),
            method = %head.method,
            path = head.uri.path()
        );
        let answered = async {
            let response = self.drained(connection, head, body).await;
            if let Some(told) = told {
                let metrics = &self.app.core.metrics;
                told.tell(&response, metrics, |path| self.takes_notifications(path));
            }
            response
        };
        let mut response = answered.instrument(span).await;
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
        response
    }

    /// The answer, once the part of the body that no handler read has come.
    async fn drained(&self, connection: &Arc<Connection>, head: Parts, body: Incoming) -> Response {
        if body.is_end_stream() {
            return self.within_limit(head, Body::empty()).await;
        }
        let asks_first = head.headers.contains_key(EXPECT);
        let announced =
            Announced::new(body.size_hint().exact(), || self.takes_notifications(head.uri.path()));
        let kept = Kept::new(body, announced, Arc::clone(connection));
        let response = self.within_limit(head, Body::new(kept.clone())).await;
        kept.drain(asks_first).await;
        response
    }

    /// The handler's answer, unless the body says that it is too large.
    async fn within_limit(&self, head: Parts, body: Body) -> Response {
        if length(&head.headers).is_some_and(|length| length > self.max_body_bytes) {
            return HttpError::TooLarge { limit: self.max_body_bytes }.into_response();
        }
        let Ok(response) = self.routes.call(Request::from_parts(head, body)).await;
        response.map(Body::new)
    }

    /// Whether a path takes notifications.
    fn takes_notifications(&self, path: &str) -> bool {
        let settings = self.app.core.settings.load();
        routes::takes_notifications(path, &settings.process.route_prefix)
    }
}

/// The id of a request whose client gave none.
fn new_id(app: &AppState) -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    // Hex digits and hyphens can stand in a header.
    HeaderValue::from_str(app.core.ids.next().hyphenated().encode_lower(&mut text))
        .unwrap_or(HeaderValue::from_static("none"))
}

/// The length that the request says its body has.
fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The answer when a handler panicked: that is a defect, and its text may hold anything, so it goes
/// nowhere.
#[derive(Debug, Clone, Copy)]
struct Panicked;

impl ResponseForPanic for Panicked {
    type ResponseBody = Body;

    fn response_for_panic(&mut self, _: Box<dyn Any + Send>) -> Response {
        tracing::error!("a request made a handler panic");
        HttpError::Defect("a handler panicked").into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_500_in_words_of_ours() {
        let answer = Panicked.response_for_panic(Box::new("secret"));
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = read_body(1_000, answer.into_body()).await.unwrap();
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains("a handler panicked") && !body.contains("secret"), "{body}");
    }

    #[tokio::test]
    async fn a_panic_and_a_slash_at_the_end_are_met_outside_the_routes() {
        async fn planted() -> &'static str {
            panic!("planted")
        }
        let routes = Router::new().route("/a", axum::routing::get(planted));
        let guarded: Guarded =
            NormalizePath::trim_trailing_slash(CatchPanic::custom(routes, Panicked));
        let guarded = TowerToHyperService::new(guarded);
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        for (path, status) in [("/a", 500), ("/a/", 500), ("/b", 404)] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let Ok(answer) = guarded.call(request).await;
            assert_eq!(answer.status().as_u16(), status, "{path}");
        }
        std::panic::set_hook(hook);
    }
}
