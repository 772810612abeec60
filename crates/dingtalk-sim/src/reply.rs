//! What is answered, in the manner of each of the two families of DingTalk's API.
//!
//! The older one always says HTTP 200 and puts the outcome into `errcode`; the current one uses the
//! HTTP status and has no `errcode`. A client that tests one by the other's rule loses messages.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::record::Answer;
use crate::rules::Rules;

/// A refusal by the older API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    pub(crate) words: String,
}

impl Refusal {
    pub(crate) fn new(code: i64, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }
}

/// A refusal by the current API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiRefusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) words: String,
    /// What `accessdenieddetail.requiredScopes` names.
    pub(crate) scopes: Vec<String>,
}

impl ApiRefusal {
    pub(crate) fn new(status: u16, code: &'static str, words: impl Into<String>) -> Self {
        Self { status, code, words: words.into(), scopes: Vec::new() }
    }
}

/// An answer and what it did.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Value,
    pub(crate) answer: Answer,
    pub(crate) accepted: bool,
    pub(crate) posted: bool,
}

impl Reply {
    /// A success of the older API: `errcode` 0 and these fields.
    pub(crate) fn ok(rules: &Rules, fields: &[(&str, Value)]) -> Self {
        let mut body = errcode_body(rules, 0, "ok");
        body.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Self::older(body, Answer::Ok)
    }

    /// A refusal of the older API.
    pub(crate) fn refused(rules: &Rules, refusal: &Refusal) -> Self {
        let body = errcode_body(rules, refusal.code, &refusal.words);
        Self::older(body, Answer::Errcode(refusal.code))
    }

    /// A refusal as the older API's gateway wraps it; `sub_code` is a string there.
    pub(crate) fn wrapped(rules: &Rules, refusal: &Refusal, request_id: &str) -> Self {
        let Refusal { code, words } = refusal;
        let errmsg = format!("ding talk error[subcode={code},submsg={words}]");
        let mut body = errcode_body(rules, 88, &errmsg);
        body.insert("sub_code".to_owned(), json!(code.to_string()));
        body.insert("sub_msg".to_owned(), json!(words));
        body.insert("request_id".to_owned(), json!(request_id));
        Self::older(body, Answer::Errcode(88))
    }

    /// A success of the current API.
    pub(crate) fn api_ok(body: Value) -> Self {
        Self::current(200, body, Answer::Ok)
    }

    /// A refusal of the current API.
    pub(crate) fn api_refused(refusal: &ApiRefusal, request_id: &str) -> Self {
        let ApiRefusal { status, code, words, scopes } = refusal;
        let mut body = json!({"code": code, "requestid": request_id, "message": words});
        if !scopes.is_empty() {
            body["accessdenieddetail"] = json!({"requiredScopes": scopes});
        }
        Self::current(*status, body, Answer::Api { status: *status, code: (*code).to_owned() })
    }

    /// The reply, as one that counts against the rate and may have posted.
    pub(crate) fn accepted(mut self, posted: bool) -> Self {
        self.accepted = true;
        self.posted = posted;
        self
    }

    /// The bytes of the body.
    pub(crate) fn text(&self) -> String {
        self.body.to_string()
    }

    pub(crate) fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let headers = [(header::CONTENT_TYPE, self.content_type)];
        (status, headers, Body::from(self.text())).into_response()
    }

    fn older(body: Map<String, Value>, answer: Answer) -> Self {
        Self {
            status: 200,
            content_type: "application/json",
            body: Value::Object(body),
            answer,
            accepted: false,
            posted: false,
        }
    }

    fn current(status: u16, body: Value, answer: Answer) -> Self {
        let content_type = "application/json;charset=utf-8";
        Self { status, content_type, body, answer, accepted: false, posted: false }
    }
}

fn errcode_body(rules: &Rules, code: i64, words: &str) -> Map<String, Value> {
    let code = if rules.errcode_as_text { json!(code.to_string()) } else { json!(code) };
    Map::from_iter([("errcode".to_owned(), code), ("errmsg".to_owned(), json!(words))])
}
