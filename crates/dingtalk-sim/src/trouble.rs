//! A fault's trouble as bytes on the wire.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Bytes, Frame};
use serde_json::json;
use tokio::time::{Interval, interval};

/// The size of the answer that is too large to be read whole.
const HUGE: usize = 10 * 1024 * 1024;

const SUCCESS: &str = r#"{"errcode":0,"errmsg":"ok"}"#;

/// An answer of JSON with this status.
pub(crate) fn json_text(status: u16, text: impl Into<Body>) -> Response {
    page(status, "application/json", text.into())
}

/// A short text that only says the status.
pub(crate) fn bare(status: u16) -> Response {
    page(status, "text/plain", Body::from(format!("{status}\n")))
}

/// The kind of page that a gateway shows to a browser.
pub(crate) fn html(status: u16) -> Response {
    let text = "<!DOCTYPE html>\n<html><head><title>Gateway</title></head>\
                <body><h1>The service is not available</h1></body></html>\n";
    page(status, "text/html; charset=utf-8", Body::from(text))
}

/// The page for an address that called too often; it has no `errcode`.
pub(crate) fn punished(status: u16, wait: u64, uuid: &str) -> Response {
    let text =
        format!(r#"{{"status":1111,"wait":{wait},"source":"x5","punish":"deny","uuid":"{uuid}"}}"#);
    json_text(status, text)
}

/// A refusal of the current API.
pub(crate) fn api(status: u16, code: &str, message: &str, request_id: &str) -> Response {
    let body = json!({"code": code, "requestid": request_id, "message": message});
    json_text(status, body.to_string())
}

/// The first half of a success.
pub(crate) fn truncated() -> Response {
    json_text(200, &SUCCESS[..SUCCESS.len() / 2])
}

/// A success at the end of 10 MB.
pub(crate) fn huge() -> Response {
    let padding = "x".repeat(HUGE);
    json_text(200, format!(r#"{{"padding":"{padding}","errcode":0,"errmsg":"ok"}}"#))
}

/// A redirect.
pub(crate) fn redirect(to: &str) -> Response {
    let mut response = bare(302);
    if let Ok(location) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// A success, one byte in each interval, and then spaces for ever.
pub(crate) fn drip(every: Duration) -> Response {
    // An interval of zero is refused by the timer.
    let every = every.max(Duration::from_millis(1));
    json_text(200, Body::new(Drip { sent: 0, interval: interval(every) }))
}

fn page(status: u16, content_type: &'static str, body: Body) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

struct Drip {
    sent: usize,
    interval: Interval,
}

impl hyper::body::Body for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.interval.poll_tick(context).is_pending() {
            return Poll::Pending;
        }
        let byte = SUCCESS.as_bytes().get(self.sent).copied().unwrap_or(b' ');
        self.sent += 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(&[byte])))))
    }
}
