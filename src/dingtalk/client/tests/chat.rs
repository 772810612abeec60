//! A chat of the older API: its token in the query, renewed as that of the current API, and its other id.

use secrecy::SecretString;

use super::stub::{Act, Request};
use super::{OK, World, json};
use crate::dingtalk::{Cause, Chat, Endpoint};

const OLDER_TOKEN_PATH: &str = "GET /gettoken?";
const CHAT_PATH: &str = "POST /chat/send?";

impl World {
    /// A server of the older API whose tokens are `token-canary-1`, `token-canary-2` …
    pub(super) fn of_older(mut send: impl FnMut(&Request) -> Act + Send + 'static) -> Self {
        let mut fetched = 0;
        Self::new(move |request| {
            if !request.line.starts_with(OLDER_TOKEN_PATH) {
                return send(request);
            }
            fetched += 1;
            let body = format!(
                r#"{{"errcode":0,"errmsg":"ok","access_token":"token-canary-{fetched}","expires_in":7200}}"#
            );
            Act::Reply(200, body)
        })
    }

    pub(super) fn chat(&self) -> Endpoint {
        Endpoint::Chat(Chat {
            base_url: self.stub.url.clone(),
            app_key: "key".into(),
            app_secret: SecretString::from("secret+canary"),
            chat_id: "chat1".into(),
        })
    }
}

#[tokio::test]
async fn a_chats_token_is_asked_for_and_carried_in_the_query() {
    let yes = r#"{"errcode":0,"errmsg":"ok","messageId":"msg1"}"#;
    let world = World::of_older(move |_| Act::Reply(200, yes.into()));
    for _ in 0..2 {
        let receipt = world.send(&world.chat()).await.expect("errcode 0");
        assert_eq!(receipt.message_id.as_deref(), Some("msg1"));
    }
    let requests = world.stub.requests();
    let lines: Vec<&str> = requests.iter().map(|request| request.line.trim()).collect();
    let posted = "POST /chat/send?access_token=token-canary-1 HTTP/1.1";
    let asked = "GET /gettoken?appkey=key&appsecret=secret%2Bcanary HTTP/1.1";
    assert_eq!(lines, [asked, posted, posted]);
    assert!(!requests[1].headers.contains_key("x-acs-dingtalk-access-token"));
    let expected = serde_json::json!({
        "chatid": "chat1",
        "msg": {"msgtype": "markdown", "markdown": {"title": "磁盘满", "text": "db1"}},
    });
    assert_eq!(json(&requests[1].body), expected);
}

#[tokio::test]
async fn a_chats_token_that_is_refused_is_renewed_once_and_given_up_when_refused_again() {
    for refused in [1, 2] {
        let mut sent = 0;
        let world = World::of_older(move |_| {
            sent += 1;
            let refusal = r#"{"errcode":88,"sub_code":"42001","sub_msg":"x","errmsg":"e"}"#;
            Act::Reply(200, if sent > refused { OK } else { refusal }.into())
        });
        let sent = world.send(&world.chat()).await;
        assert_eq!(sent.is_ok(), refused == 1);
        assert!(sent.err().is_none_or(|error| error.cause == Cause::Token));
        let counts = (world.stub.count(OLDER_TOKEN_PATH), world.stub.count(CHAT_PATH));
        assert_eq!(counts, (2, 2), "{refused}");
    }
}

#[tokio::test]
async fn a_token_of_the_older_api_comes_only_with_errcode_0() {
    for (body, outcome) in [
        (r#"{"errcode":40096,"errmsg":"x","access_token":"token-canary"}"#, "credentials"),
        (r#"{"errcode":40089,"errmsg":"x"}"#, "credentials"),
        (r#"{"errcode":40035,"errmsg":"缺少参数 corpid or appkey"}"#, "credentials"),
        (r#"{"errcode":60020,"errmsg":"x"}"#, "ip"),
        (r#"{"access_token":"token-canary"}"#, "no_errcode"),
        (r#"{"errcode":0,"errmsg":"ok"}"#, "http_error"),
    ] {
        let world = World::new(move |_| Act::Reply(200, body.into()));
        let error = world.send(&world.chat()).await.expect_err(body);
        assert_eq!((error.outcome(), error.token_request), (outcome, true), "{body}");
        assert_eq!(world.stub.count(CHAT_PATH), 0, "{body}");
    }
}

#[tokio::test]
async fn the_current_id_of_a_chat_is_asked_for_with_the_token_of_the_current_api() {
    let world =
        World::of_app(7200, |_| Act::Reply(200, r#"{"openConversationId":"cid1=="}"#.into()));
    let chat = world.chat();
    let chat = chat.chat().expect("a chat");
    let id = world.client.open_conversation_id(chat, world.deadline()).await;
    assert_eq!(id.expect("an id"), "cid1==");
    let request = &world.stub.requests()[1];
    assert_eq!(
        request.line.trim(),
        "POST /v1.0/im/chat/chat1/convertToOpenConversationId HTTP/1.1"
    );
    assert_eq!(request.headers["x-acs-dingtalk-access-token"], "token-canary-1");
    assert_eq!((request.headers["content-length"].as_str(), request.body.as_str()), ("0", ""));
    for body in ["{}", r#"{"openConversationId":""}"#, r#"{"openConversationId":1}"#, "cid"] {
        let world = World::of_app(7200, move |_| Act::Reply(200, body.into()));
        let asked = world.client.open_conversation_id(chat, world.deadline()).await;
        assert_eq!(asked.expect_err(body).outcome(), "no_errcode");
    }
}
