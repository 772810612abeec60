//! What surrounds every handler: limits, request ids, panics, and the answers 404, 405 and 413.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use super::access::Peer;
use super::error::ReceiveError;
use super::{PATHS, drain_body};
use crate::core::Core;
use crate::intake::accept;

/// The longest that a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// Wraps the routes; the outermost layer is written last.
pub(super) fn layers(routes: Router, limit: usize, core: Arc<Core>) -> Router {
    routes
        .layer(CatchPanicLayer::custom(panicked))
        .layer(RequestBodyLimitLayer::new(limit))
        .layer(from_fn(move |request: Request, next: Next| {
            too_large_in_words(limit, Arc::clone(&core), request, next)
        }))
        .layer(from_fn(drain_body::read_the_rest))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http().on_failure(()).make_span_with(|request: &Request| {
            let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
            // The path alone: a query can hold what nobody meant to log.
            tracing::debug_span!(
                "request",
                id = id.unwrap_or_default(),
                method = %request.method(),
                path = request.uri().path()
            )
        }))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// Reads a body whole, whatever its content type.
///
/// # Errors
///
/// When it is larger than the limit, was cut off, or took too long.
pub(crate) async fn body(limit: usize, body: Body) -> Result<Bytes, ReceiveError> {
    let read = to_bytes(body, limit);
    match tokio::time::timeout(BODY_TIME, read).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_length_limit(&error) => Err(ReceiveError::TooLarge { limit }),
        Ok(Err(_)) => Err(ReceiveError::Incomplete("the connection broke")),
        Err(_) => Err(ReceiveError::Incomplete("it took longer than 30 s")),
    }
}

/// Whether the error, or one behind it, is that of a body over its limit.
fn is_length_limit(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("length limit") {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The limit's own answer says nothing; ours says what to do.
async fn too_large_in_words(
    limit: usize,
    core: Arc<Core>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let response = next.run(request).await;
    let ours =
        response.headers().get("content-type").is_some_and(|kind| kind == "application/json");
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE && !ours {
        let error = ReceiveError::TooLarge { limit };
        accept::refused(&core.metrics, &error, &path, peer);
        return error.into_response();
    }
    response
}

/// A panic is a defect; its text may hold anything and goes nowhere.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request made a handler panic");
    ReceiveError::Defect("a handler panicked").into_response()
}

/// 404, with the paths that there are below `prefix`.
pub(super) fn unknown_path(prefix: &str, uri: &Uri) -> ReceiveError {
    ReceiveError::UnknownPath {
        path: uri.path().to_owned(),
        known: PATHS.iter().map(|(path, _)| format!("{prefix}{path}")).collect(),
    }
}

/// 405, naming the method and the ones that would do.
pub(super) async fn wrong_method(
    method: Method,
    matched: Option<MatchedPath>,
    uri: Uri,
) -> ReceiveError {
    let pattern = matched.as_ref().map_or_else(|| uri.path(), MatchedPath::as_str);
    let allowed =
        PATHS.iter().find(|(path, _)| pattern.ends_with(path)).map_or("other", |(_, m)| m);
    ReceiveError::Method {
        path: uri.path().to_owned(),
        method: method.to_string(),
        allowed: allowed.to_owned(),
    }
}
