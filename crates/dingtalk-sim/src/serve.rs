//! One call, from its bytes to its answer.
//!
//! A call is judged and recorded under one lock, before the answer leaves: what a test reads after
//! an answer is complete, and a call that is never answered is on record too.

use std::future::pending;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Extension, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use axum::response::Response;
use serde_json::json;

use crate::fault::{Phase, Scope, Trouble};
use crate::record::{Answer, Call, Endpoint, Sender};
use crate::reply::{ApiRefusal, Refusal, Reply};
use crate::request::Received;
use crate::server::Connection;
use crate::sim::Core;
use crate::state::State;
use crate::token::request_id;
use crate::{app_robot, conversion, legacy, recall, robot, token, trouble};

/// Above this a body is refused before it is looked at; far above every limit of DingTalk.
const MAX_READ_BYTES: usize = 16 * 1024 * 1024;

/// Every path leads to one handler: [`endpoint_of`] knows which API is called.
pub(crate) fn router(core: Arc<Core>) -> Router {
    Router::new().fallback(handle).layer(DefaultBodyLimit::max(MAX_READ_BYTES)).with_state(core)
}

/// Which API a call is for.
fn endpoint_of(method: &Method, path: &str) -> Endpoint {
    match path {
        // The older API says of a wrong method by itself that it is wrong.
        "/robot/send" => Endpoint::RobotSend,
        "/gettoken" => Endpoint::GetToken,
        "/chat/send" => Endpoint::ChatSend,
        _ if method != Method::POST => Endpoint::Unknown,
        "/v1.0/oauth2/accessToken" => Endpoint::AccessToken,
        "/v1.0/robot/groupMessages/send" => Endpoint::GroupSend,
        "/v1.0/robot/groupMessages/recall" => Endpoint::GroupRecall,
        "/v1.0/robot/oToMessages/batchSend" => Endpoint::PeopleSend,
        // Its `oto` is spelled otherwise than that of the call before (documented).
        "/v1.0/robot/otoMessages/batchRecall" => Endpoint::PeopleRecall,
        path if conversion::chat_in(path).is_some() => Endpoint::Convert,
        _ => Endpoint::Unknown,
    }
}

type Parts = (Method, Uri, HeaderMap, Bytes);

async fn handle(
    Shared(core): Shared<Arc<Core>>,
    Extension(connection): Extension<Connection>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let endpoint = endpoint_of(&method, uri.path());
    let answer = serve(&core, &connection, endpoint, (method, uri, headers, body)).await;
    core.answered();
    dated(answer, core.now())
}

/// With the simulator's time as its `Date`, by which a client knows that its own clock is off.
fn dated(mut answer: Response, now: Duration) -> Response {
    let date = httpdate::fmt_http_date(UNIX_EPOCH + now);
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.headers_mut().insert(header::DATE, date);
    }
    answer
}

async fn serve(
    sim: &Core,
    connection: &Connection,
    endpoint: Endpoint,
    (method, uri, headers, body): Parts,
) -> Response {
    let call = Received::new(endpoint, connection.peer, method, &uri, &headers, &body);
    let taken = {
        let mut state = sim.state();
        let scopes = scopes(&state, &call);
        state.faults.take(&scopes)
    };
    match taken {
        None => judge(sim, &call, None).into_response(),
        Some((trouble @ (Trouble::Held(_) | Trouble::Late(_)), Phase::Before)) => {
            delay(trouble).await;
            judge(sim, &call, None).into_response()
        }
        Some((trouble @ (Trouble::Held(_) | Trouble::Late(_)), Phase::After)) => {
            let reply = judge(sim, &call, None);
            delay(trouble).await;
            reply.into_response()
        }
        Some((trouble, Phase::Before)) => {
            record_fault(sim, &call, &trouble);
            deliver(sim, connection, trouble).await
        }
        Some((trouble, Phase::After)) => {
            judge(sim, &call, Some(&trouble));
            deliver(sim, connection, trouble).await
        }
    }
}

/// Ends when the call may go on.
async fn delay(trouble: Trouble) {
    if let Trouble::Held(gate) = trouble {
        gate.pass().await;
    } else if let Trouble::Late(time) = trouble {
        tokio::time::sleep(time).await;
    }
}

/// Answers a call that did not come through the listener: status and body.
pub(crate) fn answer(sim: &Core, request: &Request<Bytes>) -> (u16, String) {
    let peer = Ipv4Addr::LOCALHOST.into();
    let (method, uri) = (request.method().clone(), request.uri());
    let endpoint = endpoint_of(&method, uri.path());
    let call = Received::new(endpoint, peer, method, uri, request.headers(), request.body());
    let reply = judge(sim, &call, None);
    sim.answered();
    (reply.status, reply.text())
}

/// The scopes of a call, the narrowest first.
fn scopes(state: &State, call: &Received) -> Vec<Scope> {
    let sender = sender(state, call).map(|sender| match sender {
        Sender::Robot(token) => Scope::Robot(token),
        Sender::App(key) => Scope::App(key),
    });
    sender.into_iter().chain([Scope::Endpoint(call.endpoint), Scope::Server]).collect()
}

/// Who calls, as far as the call tells.
fn sender(state: &State, call: &Received) -> Option<Sender> {
    // A token that is no longer valid still tells whose it was.
    let owner = |token: &str| state.tokens.get(token).map(|issued| issued.app.clone());
    match call.endpoint {
        Endpoint::RobotSend => {
            call.parameter("access_token").map(|token| Sender::Robot(token.to_owned()))
        }
        Endpoint::AccessToken => call.field("appKey").map(|key| Sender::App(key.to_owned())),
        Endpoint::GetToken => call.parameter("appkey").map(|key| Sender::App(key.to_owned())),
        Endpoint::GroupSend
        | Endpoint::GroupRecall
        | Endpoint::PeopleSend
        | Endpoint::PeopleRecall
        | Endpoint::Convert => call.token_header.as_deref().and_then(owner).map(Sender::App),
        Endpoint::ChatSend => call.parameter("access_token").and_then(owner).map(Sender::App),
        Endpoint::Unknown => None,
    }
}

/// Answers a call by the rules and records it; with a trouble, that is what the caller is told.
fn judge(sim: &Core, call: &Received, trouble: Option<&Trouble>) -> Reply {
    let mut state = sim.state();
    let now = sim.now();
    let sender = sender(&state, call);
    let reply = match call.endpoint {
        Endpoint::RobotSend => robot::send(&mut state, call, now),
        Endpoint::AccessToken => token::access_token(&mut state, call, now),
        Endpoint::GetToken => token::get_token(&mut state, call, now),
        Endpoint::GroupSend => app_robot::group_send(&mut state, call, now),
        Endpoint::PeopleSend => app_robot::people_send(&mut state, call, now),
        Endpoint::GroupRecall | Endpoint::PeopleRecall => recall::recall(&mut state, call, now),
        Endpoint::ChatSend => legacy::chat_send(&mut state, call, now),
        Endpoint::Convert => conversion::convert(&mut state, call, now),
        Endpoint::Unknown => unknown_path(&mut state, call),
    };
    let answer = trouble.map_or_else(|| reply.answer.clone(), told);
    let record = record(call, sender, now, answer);
    state.calls.push(Call { accepted: reply.accepted, posted: reply.posted, ..record });
    sim.announce(&state);
    reply
}

/// Each family has its own words; of the current one an HTTP status is part (reported in public, 2021),
/// since its clients look at nothing else.
fn unknown_path(state: &mut State, call: &Received) -> Reply {
    if is_current(&call.path) {
        let words = "Specified api is not found, please check your url and method.";
        let refusal = ApiRefusal::new(404, "InvalidAction.NotFound", words);
        return Reply::api_refused(&refusal, &request_id(state));
    }
    let Some(api) = call.path.strip_prefix("/topapi/") else {
        return Reply::refused(&state.rules, &Refusal::new(404, "请求的URI地址不存在"));
    };
    let mut reply = Reply::refused(&state.rules, &Refusal::new(22, "Invalid method"));
    reply.body["sub_msg"] = json!(format!("不合法ApiName，ApiName = {api}"));
    reply.body["request_id"] = json!(request_id(state));
    reply
}

/// Whether a path is one of the current API: it begins with a version, such as `/v1.0/`.
fn is_current(path: &str) -> bool {
    let version = path.strip_prefix("/v").and_then(|rest| rest.split('/').next());
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = version.and_then(|version| version.split_once('.'));
    parts.is_some_and(|(major, minor)| number(major) && number(minor))
}

fn record_fault(sim: &Core, call: &Received, trouble: &Trouble) {
    let mut state = sim.state();
    let now = sim.now();
    // A refusal by its errcode is a refusal also when it was ordered; -1 says that nothing was done.
    if matches!(trouble, Trouble::Errcode(code, _) if !matches!(code, 0 | -1)) {
        robot::remember_refused(&mut state, call);
    }
    let sender = sender(&state, call);
    state.calls.push(record(call, sender, now, told(trouble)));
    sim.announce(&state);
}

fn told(trouble: &Trouble) -> Answer {
    match trouble {
        Trouble::Errcode(0, _) => Answer::Ok,
        Trouble::Errcode(code, _) => Answer::Errcode(*code),
        Trouble::Api(status, code, _) => Answer::Api { status: *status, code: code.clone() },
        Trouble::Status(_)
        | Trouble::Html(_)
        | Trouble::Punished { .. }
        | Trouble::Raw(..)
        | Trouble::Truncated
        | Trouble::Huge
        | Trouble::Drip(_)
        | Trouble::Redirect(_)
        | Trouble::Hang
        | Trouble::Reset
        | Trouble::Late(_)
        | Trouble::Held(_) => Answer::Fault(trouble.name()),
    }
}

fn record(call: &Received, sender: Option<Sender>, at: Duration, answer: Answer) -> Call {
    Call {
        endpoint: call.endpoint,
        sender,
        at,
        method: call.method.to_string(),
        path: call.path.clone(),
        query: call.query.clone(),
        body: call.body.clone(),
        body_bytes: call.body_bytes,
        answer,
        accepted: false,
        posted: false,
    }
}

async fn deliver(sim: &Core, connection: &Connection, trouble: Trouble) -> Response {
    match trouble {
        Trouble::Status(status) => trouble::bare(status),
        Trouble::Html(status) => trouble::html(status),
        Trouble::Punished { status, wait } => {
            trouble::punished(status, wait, &request_id(&mut sim.state()))
        }
        Trouble::Errcode(code, words) => {
            let refusal = Refusal::new(code, words);
            Reply::refused(&sim.state().rules, &refusal).into_response()
        }
        Trouble::Api(status, code, message) => {
            trouble::api(status, &code, &message, &request_id(&mut sim.state()))
        }
        Trouble::Raw(status, text) => trouble::json_text(status, text),
        Trouble::Truncated => trouble::truncated(),
        Trouble::Huge => trouble::huge(),
        Trouble::Drip(every) => trouble::drip(every),
        Trouble::Redirect(to) => trouble::redirect(&to),
        // The connection's end, by the client or by `Sim`, ends this wait.
        Trouble::Hang | Trouble::Late(_) | Trouble::Held(_) => pending().await,
        Trouble::Reset => {
            connection.reset();
            pending().await
        }
    }
}
