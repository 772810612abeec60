//! A call as it came in, before anything is decided about it.

use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{HeaderMap, Method, Uri, header};
use serde_json::Value;

use crate::record::Endpoint;

/// The header that carries an app's token (DingTalk, current API).
const TOKEN_HEADER: &str = "x-acs-dingtalk-access-token";

/// One call, decoded once.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) endpoint: Endpoint,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) token_header: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Option<Value>,
    pub(crate) body_bytes: usize,
    pub(crate) peer: IpAddr,
}

impl Received {
    pub(crate) fn new(
        endpoint: Endpoint,
        peer: IpAddr,
        method: Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Self {
        let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Self {
            endpoint,
            method,
            path: uri.path().to_owned(),
            query: Query::try_from_uri(uri).map_or_else(|_| Vec::new(), |Query(pairs)| pairs),
            token_header: text(TOKEN_HEADER),
            content_type: text(header::CONTENT_TYPE.as_str()),
            body: serde_json::from_slice(body).ok(),
            body_bytes: body.len(),
            peer,
        }
    }

    /// A parameter of the query.
    ///
    /// The first of equal names counts: clients that added a second `timestamp` behind one that the
    /// webhook already carried were judged by the old one.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.query.iter().find(|(key, _)| key == name)?.1.as_str();
        (!value.is_empty()).then_some(value)
    }

    /// The body, when it is a JSON object.
    pub(crate) fn object(&self) -> Option<&Value> {
        self.body.as_ref().filter(|body| body.is_object())
    }

    /// A list of strings in the body, empty when it is absent; nothing when it is something else.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<&str>> {
        match self.object().and_then(|body| body.get(name)).filter(|list| !list.is_null()) {
            None => Some(Vec::new()),
            Some(list) => list.as_array()?.iter().map(Value::as_str).collect(),
        }
    }

    /// A string in the body, when it is there and not empty.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        text_in(self.object()?, name)
    }
}

/// The string at `name`, when it is there and not empty.
pub(crate) fn text_in<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str().filter(|text| !text.trim().is_empty())
}
