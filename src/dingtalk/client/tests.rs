//! The client against a server that answers well, badly, or not at all.

mod chat;
mod stub;

use std::sync::mpsc;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;
use tokio::task::JoinHandle;

use super::*;
use crate::clock::ManualClock;
use crate::dingtalk::message::MessageType;
use crate::dingtalk::token::{AppCredentials, TokenSource};
use crate::dingtalk::{Chatbot, Conversation, ProxyUrl, Refusal};
use crate::language::Language;
use stub::{Act, Request, Stub};

const LIMIT: Duration = Duration::from_secs(10);
const OK: &str = r#"{"errcode":0,"errmsg":"ok"}"#;
const SENT: &str = r#"{"processQueryKey":"key"}"#;
const NO_TOKEN: &str = r#"{"code":"InvalidAuthentication","message":"不合法的access_token"}"#;
const TOKEN_PATH: &str = "POST /v1.0/oauth2/accessToken ";
const SEND_PATH: &str = "POST /v1.0/robot/groupMessages/send ";

struct World {
    stub: Stub,
    clock: Arc<ManualClock>,
    client: Arc<Client>,
}

impl World {
    fn new(act: impl FnMut(&Request) -> Act + Send + 'static) -> Self {
        let stub = Stub::start(act);
        let wall: Timestamp = "2023-11-14T22:13:20Z".parse().expect("a time");
        let clock = Arc::new(ManualClock::new(wall));
        let client =
            Client::new(Arc::<ManualClock>::clone(&clock), &stub.url, LIMIT, &WayOut::default());
        Self { client: Arc::new(client.expect("a client")), stub, clock }
    }

    /// A server of both APIs whose tokens are `token-canary-1`, `token-canary-2` …
    fn of_app(expire_in: u64, mut send: impl FnMut(&Request) -> Act + Send + 'static) -> Self {
        let mut fetched = 0;
        Self::new(move |request| {
            if !request.line.starts_with(TOKEN_PATH) {
                return send(request);
            }
            fetched += 1;
            Act::Reply(200, token(fetched, expire_in))
        })
    }

    fn chatbot(&self) -> Endpoint {
        let webhook = format!(
            "{}/robot/send?timestamp=1&access_token=token-canary-0&sign=old-canary",
            self.stub.url
        );
        chatbot(&webhook)
    }

    async fn send(&self, endpoint: &Endpoint) -> Result<Receipt, SendError> {
        self.client.send(endpoint, &message(), "uuid-1", self.deadline()).await
    }

    fn spawn(&self, endpoint: Endpoint) -> JoinHandle<Result<Receipt, SendError>> {
        let (client, deadline) = (Arc::clone(&self.client), self.deadline());
        tokio::spawn(async move { client.send(&endpoint, &message(), "uuid-1", deadline).await })
    }

    fn deadline(&self) -> Duration {
        self.clock.now().boot + LIMIT
    }

    /// Sends while the server answers nothing, and lets the attempt's time run out.
    async fn timed_out(&self, endpoint: Endpoint, requests: usize) -> SendError {
        let sending = self.spawn(endpoint);
        self.stub.until(requests).await;
        self.clock.advance(LIMIT);
        sending.await.expect("no panic").expect_err("nothing was answered")
    }

    fn counts(&self) -> (usize, usize) {
        (self.stub.count(TOKEN_PATH), self.stub.count(SEND_PATH))
    }
}

fn token(number: u64, expire_in: u64) -> String {
    format!(r#"{{"accessToken":"token-canary-{number}","expireIn":{expire_in}}}"#)
}

fn chatbot(webhook: &str) -> Endpoint {
    Endpoint::Chatbot(Chatbot {
        webhook_url: webhook.into(),
        access_token: "token-canary-0".into(),
        secret: Some("this is secret".into()),
    })
}

fn conversation() -> Endpoint {
    Endpoint::Conversation(Conversation {
        app_key: "key".into(),
        app_secret: SecretString::from("secret-canary"),
        robot_code: "robot".into(),
        open_conversation_id: "cid==".into(),
    })
}

fn message() -> Part {
    Part::new(MessageType::Markdown, "磁盘满", "db1")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test]
async fn a_chatbots_message_is_signed_for_now_and_posted() {
    let world = World::new(|_| Act::Reply(200, OK.into()));
    let receipt = world.send(&world.chatbot()).await.expect("errcode 0");
    assert_eq!(receipt.code.as_deref(), Some("0"));
    let request = &world.stub.requests()[0];
    // A vector computed elsewhere: the clock shows its time.
    let line = "POST /robot/send?access_token=token-canary-0&timestamp=1700000000000\
                &sign=sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0%3D HTTP/1.1";
    assert_eq!(request.line.trim(), line);
    let expected = serde_json::json!({
        "msgtype": "markdown", "markdown": {"title": "磁盘满", "text": "db1"},
        "at": {"atMobiles": [], "atUserIds": [], "isAtAll": false}, "msgUuid": "uuid-1",
    });
    assert_eq!(json(&request.body), expected);
    assert_eq!(request.headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(request.headers["user-agent"], concat!("campana/", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn a_conversations_message_carries_the_apps_token() {
    let world = World::of_app(7200, |_| Act::Reply(200, SENT.into()));
    let receipt = world.send(&conversation()).await.expect("a key");
    assert_eq!(receipt.message_id.as_deref(), Some("key"));
    let requests = world.stub.requests();
    assert_eq!(json(&requests[0].body), json(r#"{"appKey":"key","appSecret":"secret-canary"}"#));
    assert!(requests[1].line.starts_with(SEND_PATH));
    assert_eq!(requests[1].headers["x-acs-dingtalk-access-token"], "token-canary-1");
    let expected = serde_json::json!({
        "robotCode": "robot", "openConversationId": "cid==",
        "msgKey": "sampleMarkdown", "msgParam": r#"{"text":"db1","title":"磁盘满"}"#,
    });
    assert_eq!(json(&requests[1].body), expected);
}

#[tokio::test]
async fn a_hundred_messages_at_once_need_one_token() {
    let world = World::of_app(7200, |_| Act::Reply(200, SENT.into()));
    let sending: Vec<_> = (0..100).map(|_| world.spawn(conversation())).collect();
    for sent in sending {
        sent.await.expect("no panic").expect("sent");
    }
    assert_eq!(world.counts(), (1, 100));
    assert_eq!(world.client.token_refreshes(), Refreshes { ok: 1, failed: 0 });
}

#[tokio::test]
async fn a_hundred_refusals_of_one_token_need_one_refresh() {
    let world = World::of_app(7200, |request| {
        let old = request.headers["x-acs-dingtalk-access-token"] == "token-canary-1";
        if old { Act::Reply(400, NO_TOKEN.into()) } else { Act::Reply(200, SENT.into()) }
    });
    let sending: Vec<_> = (0..100).map(|_| world.spawn(conversation())).collect();
    for sent in sending {
        sent.await.expect("no panic").expect("sent with the second token");
    }
    assert_eq!(world.counts().0, 2);
}

#[tokio::test]
async fn who_waits_for_a_token_shares_its_refusal() {
    let (open, gate) = mpsc::channel();
    let mut gate = Some(gate);
    let bad = r#"{"code":"invalidClientIdOrSecret","message":"无效的clientId或者clientSecret"}"#;
    let world = World::new(move |_| Act::Wait(gate.take().expect("one request"), bad.into()));
    let sending: Vec<_> = (0..20).map(|_| world.spawn(conversation())).collect();
    world.stub.until(1).await;
    // Lets every task come to where it waits.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    drop(open);
    for sent in sending {
        let error = sent.await.expect("no panic").expect_err("no token");
        assert_eq!(error.cause, Cause::Refused(Refusal::Credentials));
    }
    assert_eq!(world.counts(), (1, 0));
    assert_eq!(world.client.token_refreshes(), Refreshes { ok: 0, failed: 1 });
}

#[tokio::test]
async fn a_token_is_fetched_again_before_it_runs_out() {
    // Seconds that the token lives, and after which it is fetched again.
    for (life, usable) in [(7200, 6900), (1200, 900), (40, 30)] {
        let world = World::of_app(life, |_| Act::Reply(200, SENT.into()));
        world.send(&conversation()).await.expect("sent");
        world.clock.advance(Duration::from_secs(usable - 1));
        world.send(&conversation()).await.expect("sent");
        assert_eq!(world.counts(), (1, 2), "{life}");
        world.clock.set_wall(Timestamp::UNIX_EPOCH);
        world.clock.advance(Duration::from_secs(1));
        world.send(&conversation()).await.expect("sent");
        assert_eq!(world.counts(), (2, 3), "{life}");
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_message_sent_again() {
    let refusals = [
        (400, NO_TOKEN),
        (401, "{}"),
        (200, r#"{"errcode":40014,"errmsg":"x"}"#),
        (200, r#"{"errcode":42001,"errmsg":"x"}"#),
        (200, r#"{"errcode":40001,"errmsg":"x"}"#),
        (200, r#"{"errcode":41001,"errmsg":"x"}"#),
        (200, r#"{"errcode":88,"sub_code":"40014","sub_msg":"x"}"#),
    ];
    for (status, body) in refusals {
        let mut sent = 0;
        let world = World::of_app(7200, move |_| {
            sent += 1;
            if sent == 1 { Act::Reply(status, body.into()) } else { Act::Reply(200, SENT.into()) }
        });
        world.send(&conversation()).await.expect(body);
        assert_eq!(world.counts(), (2, 2), "{body}");
        let token = &world.stub.requests()[3].headers["x-acs-dingtalk-access-token"];
        assert_eq!(token, "token-canary-2");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_twice_is_given_up() {
    let world = World::of_app(7200, |_| Act::Reply(400, NO_TOKEN.into()));
    let error = world.send(&conversation()).await.expect_err("refused");
    assert_eq!(error.cause, Cause::Token);
    assert!(!error.uncertain());
    assert_eq!(world.counts(), (2, 2));
}

#[tokio::test]
async fn a_late_refusal_does_not_drop_the_next_token() {
    // DingTalk gives the same text again while a token is valid; it is a new token all the same.
    let world = World::new(|_| Act::Reply(200, token(1, 7200)));
    let Endpoint::Conversation(app) = conversation() else { panic!("a conversation") };
    let Client { http, tokens, .. } = &*world.client;
    let (key, secret, source) = (&*app.app_key, &app.app_secret, TokenSource::Current);
    let credentials = AppCredentials { key, secret, source };
    let first = tokens.get(http, credentials).await.expect("a token");
    let second =
        tokens.replace(http, credentials, &first, Cause::Token.into()).await.expect("a token");
    assert!(!Arc::ptr_eq(&first, &second));
    let late =
        tokens.replace(http, credentials, &first, Cause::Token.into()).await.expect("a token");
    assert!(Arc::ptr_eq(&late, &second));
    let other = AppCredentials { secret: &"another".into(), ..credentials };
    tokens.get(http, other).await.expect("a token");
    assert_eq!(world.counts().0, 3, "another secret is another app");
}

#[tokio::test]
async fn an_attempt_ends_at_its_limit_by_the_clock() {
    for head in ["", "HTTP/1.1 200 x\r\nContent-Length: 27\r\n\r\n{\"errcode\":0"] {
        let world = World::new(|_| Act::Hang(head.into()));
        let error = world.timed_out(world.chatbot(), 1).await;
        assert_eq!((error.outcome(), error.uncertain()), ("timeout", true));
    }
    let world = World::of_app(7200, |_| Act::Hang(String::new()));
    let error = world.timed_out(conversation(), 2).await;
    assert_eq!((error.outcome(), error.uncertain()), ("timeout", true));
}

#[tokio::test]
async fn a_message_that_waited_for_a_token_in_vain_was_not_sent() {
    let world = World::new(|_| Act::Hang(String::new()));
    let error = world.timed_out(conversation(), 1).await;
    assert_eq!((error.outcome(), error.uncertain()), ("timeout", false));
    assert_eq!(world.client.token_refreshes(), Refreshes { ok: 0, failed: 1 });
    let shared = world.send(&conversation()).await.expect_err("nobody asks again so soon");
    assert_eq!((shared.outcome(), shared.uncertain()), ("timeout", false));
    world.clock.advance(shared.wait.expect("until somebody asks again"));
    assert_eq!(world.timed_out(conversation(), 2).await.cause, Cause::TimedOut);
}

#[tokio::test]
async fn a_token_request_whose_caller_is_gone_early_tells_the_others_nothing() {
    let mut first = true;
    let world = World::new(move |request| {
        if std::mem::take(&mut first) {
            return Act::Hang(String::new());
        }
        let is_token = request.line.starts_with(TOKEN_PATH);
        Act::Reply(200, if is_token { token(1, 7200) } else { SENT.into() })
    });
    let sending = world.spawn(conversation());
    world.stub.until(1).await;
    sending.abort();
    assert!(sending.await.expect_err("its client is gone").is_cancelled());
    world.send(&conversation()).await.expect("sent");
    assert_eq!(world.client.token_refreshes(), Refreshes { ok: 1, failed: 1 });
}

#[tokio::test]
async fn each_failure_in_a_row_is_everyones_answer_for_longer() {
    let world = World::new(|_| Act::Reply(503, String::new()));
    for (asked, seconds) in [2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
        world.send(&conversation()).await.expect_err("no token");
        let error = world.send(&conversation()).await.expect_err("no token either");
        assert_eq!((error.outcome(), error.token_request), ("http_error", true));
        assert_eq!(error.wait, Some(Duration::from_secs(seconds)));
        world.clock.advance(Duration::from_millis(seconds * 1_000 - 1));
        world.send(&conversation()).await.expect_err("nor now");
        assert_eq!(world.counts(), (asked + 1, 0));
        world.clock.advance(Duration::from_millis(1));
    }
}

#[tokio::test]
async fn one_limit_covers_the_token_and_the_message() {
    let (open, gate) = mpsc::channel();
    let mut gate = Some(gate);
    let world = World::new(move |_| match gate.take() {
        Some(gate) => Act::Wait(gate, token(1, 7200)),
        None => Act::Hang(String::new()),
    });
    let sending = world.spawn(conversation());
    world.stub.until(1).await;
    world.clock.advance(Duration::from_secs(9));
    drop(open);
    world.stub.until(2).await;
    world.clock.advance(Duration::from_secs(1));
    let error = sending.await.expect("no panic").expect_err("no answer");
    assert_eq!((error.outcome(), error.uncertain()), ("timeout", true));
}

#[tokio::test]
async fn a_host_is_found_by_its_name() {
    let world = World::new(|_| Act::Reply(200, OK.into()));
    let port = world.stub.url.rsplit(':').next().expect("a port");
    let webhook = format!("http://localhost:{port}/robot/send?access_token=t");
    world.send(&chatbot(&webhook)).await.expect("sent");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::new(|_| Act::Redirect("/elsewhere".into()));
    let error = world.send(&world.chatbot()).await.expect_err("a redirect");
    assert_eq!(error.outcome(), "redirect");
    assert_eq!(world.stub.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_is_read_up_to_64_kib() {
    let world = World::new(|_| Act::Flood);
    let error = world.send(&world.chatbot()).await.expect_err("a body without an end");
    assert_eq!((error.outcome(), error.uncertain()), ("no_errcode", true));
    assert!(error.reason(Language::En).len() < 1000, "{error}");

    let frame = r#"{"errcode":0,"errmsg":""}"#.len();
    for (length, arrives) in [(64 * 1024, true), (64 * 1024 + 1, false)] {
        let body = format!(r#"{{"errcode":0,"errmsg":"{}"}}"#, "x".repeat(length - frame));
        let world = World::new(move |_| Act::Reply(200, body.clone()));
        assert_eq!(world.send(&world.chatbot()).await.is_ok(), arrives, "{length}");
    }
}

#[tokio::test]
async fn a_broken_connection_leaves_the_outcome_open_and_a_refused_one_does_not() {
    for text in ["", "HTTP/1.1 200 x\r\nContent-Length: 99\r\n\r\n{\"errcode\":0", "SSH-2.0-x\r\n"]
    {
        let world = World::new(|_| Act::Break(text.into()));
        let error = world.send(&world.chatbot()).await.expect_err("broken");
        assert_eq!((error.outcome(), error.uncertain()), ("reset", true), "{text}");
    }
    let world = World::new(|_| Act::Hang(String::new()));
    // Bound and never listening: refused, and given to no other test.
    let closed = tokio::net::TcpSocket::new_v4().expect("a socket");
    closed.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let address = closed.local_addr().expect("an address");
    let without_tls = world.stub.url.replace("http", "https");
    for base in [format!("http://{address}"), without_tls] {
        let webhook = format!("{base}/canary?access_token=canary");
        let error = world.send(&chatbot(&webhook)).await.expect_err("no connection");
        assert!(matches!(error.cause, Cause::NotConnected(_)), "{error:?}");
        assert_eq!((error.outcome(), error.uncertain()), ("no_connection", false), "{error}");
        let (_, place) = base.split_once("://").expect("a URL");
        let reason = error.reason(Language::En);
        assert!(reason.starts_with(&format!("no connection to {place} (")), "{reason}");
        assert!(!reason.contains("canary"), "{reason}");
    }
}

#[tokio::test]
async fn a_call_whose_time_is_over_before_it_begins_is_not_made() {
    let world = World::new(|_| Act::Reply(200, OK.into()));
    for endpoint in [world.chatbot(), conversation()] {
        let now = world.clock.now().boot;
        let sent = world.client.send(&endpoint, &message(), "uuid-1", now).await;
        let error = sent.expect_err("it is too late");
        assert_eq!((error.outcome(), error.uncertain()), ("no_connection", false));
    }
    assert_eq!(world.stub.requests().len(), 0);
}

#[tokio::test]
async fn what_is_no_url_is_refused_for_the_whole_destination() {
    let world = World::new(|_| Act::Reply(200, OK.into()));
    let error = world.send(&chatbot("oapi.dingtalk.com/robot/send")).await.expect_err("no URL");
    assert_eq!(error.cause, Cause::Refused(Refusal::Url));
    assert!(error.reason(Language::En).starts_with("DingTalk has nothing at this URL"), "{error}");
}

#[tokio::test]
async fn the_proxy_is_used_but_not_for_this_machine() {
    let world = World::new(|_| Act::Reply(200, OK.into()));
    let proxy = world.stub.url.replace("http://", "http://user:pass-canary@");
    let way_out = WayOut { proxy: ProxyUrl::parse(&proxy).ok(), ca_file: None };
    assert!(way_out.proxy.is_some());
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&world.clock);
    let network = Network::new(Arc::clone(&clock), &way_out, LIMIT).expect("a client");
    let client = Client::over(Arc::new(network), clock, &world.stub.url);
    let send = async |webhook: &str| {
        client.send(&chatbot(webhook), &message(), "", world.deadline()).await
    };
    send("http://robots.example/robot/send").await.expect("through the proxy");
    let request = &world.stub.requests()[0];
    assert!(request.line.starts_with("POST http://robots.example/robot/send?"), "{}", request.line);
    assert!(request.headers.contains_key("proxy-authorization"));
    send(&format!("{}/robot/send", world.stub.url)).await.expect("directly");
    assert!(world.stub.requests()[1].line.starts_with("POST /robot/send?"));
    // The stub does not know CONNECT, so a tunnel for https breaks.
    let error = send("https://robots.example/robot/send").await.expect_err("no tunnel");
    assert_eq!((error.outcome(), error.uncertain()), ("no_connection", false));
    let shown = format!("{error} {error:?} {client:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

/// Everything secret in a request, without the names that would give it away.
fn bare_values(request: &Request) -> String {
    let line = request.line.replace(['?', '&', '=', '/'], " ");
    let token = request.headers.get("x-acs-dingtalk-access-token");
    let text = format!("{line} {} {}", token.map_or("", String::as_str), request.body);
    serde_json::json!({"errcode": 1, "errmsg": text, "code": "x", "message": text}).to_string()
}

#[tokio::test]
async fn no_failure_shows_a_token_or_secret() {
    let kinds: [fn(&Request) -> Act; 11] = [
        |request| Act::Reply(200, bare_values(request)),
        |request| Act::Reply(400, bare_values(request).replace("%2B", "+").replace("%3D", "=")),
        |request| Act::Reply(200, request.echo()),
        |request| Act::Reply(502, request.echo()),
        |request| {
            Act::Reply(403, serde_json::json!({"code": "x", "message": request.echo()}).to_string())
        },
        |request| {
            Act::Reply(200, serde_json::json!({"errcode": 1, "errmsg": request.echo()}).to_string())
        },
        |request| {
            Act::Reply(
                200,
                serde_json::json!({"errcode": 88, "sub_code": request.echo()}).to_string(),
            )
        },
        |request| Act::Redirect(format!("/?{}", request.line.replace([' ', '\r', '\n'], "+"))),
        |request| Act::Break(request.echo()),
        |request| {
            Act::Break(format!("HTTP/1.1 200 x\r\nContent-Length: 9999\r\n\r\n{}", request.echo()))
        },
        |_| Act::Break(String::new()),
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let app = World::of_app(7200, kind);
        let bare = World::new(kind);
        let older = World::of_older(kind);
        let signature = "sSFWELbV2Ywj";
        for (world, endpoint) in [
            (&app, conversation()),
            (&bare, conversation()),
            (&bare, bare.chatbot()),
            (&older, older.chat()),
            (&bare, bare.chat()),
        ] {
            let error = world.send(&endpoint).await.expect_err("a failure");
            let shown = format!("{error} {error:?} {endpoint:?} {:?}", world.client);
            for secret in ["canary", signature, "this is secret"] {
                assert!(!shown.contains(secret), "{number}: {shown}");
            }
        }
    }
    let world = World::new(|_| Act::Reply(200, OK.into()));
    let closed = "http://user:pass-canary@127.0.0.1:1/robot/send?access_token=token-canary-0";
    let error = world.send(&chatbot(closed)).await.expect_err("no connection");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}
