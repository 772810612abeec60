//! Apps: their tokens, `groupMessages/send` and `chat/send`.

use std::time::Duration;

use dingtalk_sim::{App, Dislike, Endpoint, Objection, Rate, Rules, Sender};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness};

pub(crate) const GROUP: &str = "cid1==";
const CHAT: &str = "chat1";
const GROUP_SEND: &str = "/v1.0/robot/groupMessages/send";

pub(crate) async fn app_bench(rules: Rules) -> Harness {
    let harness = Harness::with(rules).await;
    harness.sim.add_app(App::new("key", "secret").group(GROUP).chat(CHAT));
    harness
}

impl Harness {
    pub(crate) async fn token(&self) -> String {
        let body = json!({"appKey": "key", "appSecret": "secret"});
        let answer = self.post("/v1.0/oauth2/accessToken", &body).await;
        answer.json()["accessToken"].as_str().expect("a token").to_owned()
    }

    /// One call of the current API.
    pub(crate) async fn api(&self, path: &str, token: &str, body: &Value) -> Answer {
        let header = ("x-acs-dingtalk-access-token", token);
        self.post_raw(path, header, body.to_string()).await
    }

    pub(crate) async fn group_send(&self, token: &str, body: &Value) -> Answer {
        self.api(GROUP_SEND, token, body).await
    }

    async fn chat_send(&self, token: &str, msg: &Value) -> Answer {
        let body = json!({"chatid": CHAT, "msg": msg});
        self.post(&format!("/chat/send?access_token={token}"), &body).await
    }
}

pub(crate) fn group_body() -> Value {
    let param = json!({"title": "Disk full", "text": "**Disk full**"}).to_string();
    json!({
        "robotCode": "key", "openConversationId": GROUP,
        "msgKey": "sampleMarkdown", "msgParam": param,
    })
}

fn chat_text(content: &str) -> Value {
    json!({"msgtype": "text", "text": {"content": content}})
}

#[tokio::test]
async fn a_token_stays_the_same_within_its_life_and_is_renewed_by_asking() {
    let harness = app_bench(Rules::default()).await;
    let body = json!({"appKey": "key", "appSecret": "secret"});
    let answer = harness.post("/v1.0/oauth2/accessToken", &body).await;
    assert_eq!(answer.json()["expireIn"], 7_200);
    assert_eq!(answer.content_type, "application/json;charset=utf-8");
    let first = harness.token().await;
    harness.pass(Duration::from_secs(7_199));
    assert_eq!(harness.token().await, first);
    harness.pass(Duration::from_secs(7_199));
    assert_eq!(harness.group_send(&first, &group_body()).await.status, 200);
    harness.pass(Duration::from_secs(1));
    assert_ne!(harness.token().await, first);
}

#[tokio::test]
async fn the_older_token_call_gives_the_same_token_and_its_own_errors() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let answer = harness.get("/gettoken?appkey=key&appsecret=secret").await.json();
    let expected =
        json!({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7_200});
    assert_eq!(answer, expected);
    let cases = [
        ("/gettoken", 40_035),
        ("/gettoken?appkey=key&appsecret=wrong", 40_096),
        ("/gettoken?appkey=nobody&appsecret=secret", 40_096),
        ("/gettoken?corpid=corp&corpsecret=secret", 40_089),
    ];
    for (path, code) in cases {
        let answer = harness.get(path).await;
        assert_eq!((answer.status, answer.errcode()), (200, Some(code)), "{path}");
    }
}

#[tokio::test]
async fn wrong_credentials_get_no_token() {
    let harness = app_bench(Rules::default()).await;
    for (key, secret) in [("key", "wrong"), ("nobody", "secret"), ("", "")] {
        let body = json!({"appKey": key, "appSecret": secret});
        let answer = harness.post("/v1.0/oauth2/accessToken", &body).await;
        assert_eq!(answer.code(), (400, "invalidClientIdOrSecret".to_owned()));
        assert!(answer.json()["requestid"].is_string());
    }
}

#[tokio::test]
async fn a_group_message_is_answered_with_a_query_key_and_stands_in_the_group() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let mut keys = Vec::new();
    for _ in 0..2 {
        let answer = harness.group_send(&token, &group_body()).await;
        assert_eq!(answer.status, 200);
        let body = answer.json();
        assert!(body.get("errcode").is_none(), "the current API has none");
        keys.push(body["processQueryKey"].as_str().expect("a query key").to_owned());
    }
    assert_ne!(keys[0], keys[1]);
    let posts = harness.sim.posts_in(GROUP);
    assert_eq!(posts.len(), 2, "without an idempotency key twice is twice");
    assert_eq!((posts[0].msgtype.as_str(), posts[0].text.as_str()), ("markdown", "**Disk full**"));
    assert_eq!(posts[0].sender, Sender::App("key".to_owned()));
    let call = harness.sim.calls().pop().expect("a call");
    assert_eq!((call.endpoint, call.accepted), (Endpoint::GroupSend, true));
}

#[tokio::test]
async fn a_token_must_be_in_the_header_and_valid() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let invalid = (400, "InvalidAuthentication".to_owned());
    let missing = (400, "AuthenticationFailed.MissingParameter".to_owned());
    let in_query = format!("{GROUP_SEND}?access_token={token}");
    assert_eq!(harness.post(&in_query, &group_body()).await.code(), missing);
    assert_eq!(harness.group_send("made up", &group_body()).await.code(), invalid);
    harness.sim.revoke_tokens("key");
    assert_eq!(harness.group_send(&token, &group_body()).await.code(), invalid);
    let next = harness.token().await;
    assert_ne!(next, token);
    assert_eq!(harness.group_send(&next, &group_body()).await.status, 200);
    harness.pass(Duration::from_hours(2));
    assert_eq!(harness.group_send(&next, &group_body()).await.code(), invalid);
}

#[tokio::test]
async fn each_part_of_a_group_message_is_checked() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let long = json!({"content": "x".repeat(15_000)}).to_string();
    let cases = [
        ("robotCode", json!(null), "invalidParameter.robotCode.empty"),
        ("robotCode", json!("other"), "invalidParameter.robotCode.notExsit"),
        ("openConversationId", json!(null), "miss.openConversationId"),
        ("openConversationId", json!("cid2=="), "invalid.openConversationId"),
        ("msgKey", json!(""), "invalidParameter.msgKey.empty"),
        ("msgKey", json!("sampleFeedCard"), "invalidParameter.msgKey.invalid"),
        ("msgParam", json!(null), "invalidParameter.msgParam.invalid"),
        ("msgParam", json!({"title": "a", "text": "b"}), "invalidParameter.msgParam.invalid"),
        ("msgParam", json!("not json"), "invalidParameter.msgParam.invalid"),
        ("msgParam", json!("{\"title\":\"a\"}"), "invalidParameter.msgParam.invalid"),
        ("msgParam", json!(long), "invalidParameter.msgParam.tooLong"),
    ];
    for (field, value, code) in cases {
        let mut body = group_body();
        body[field] = value;
        let answer = harness.group_send(&token, &body).await;
        assert_eq!(answer.code(), (400, code.to_owned()), "{field}: {answer:?}");
    }
    assert!(harness.sim.posts().is_empty());
}

#[tokio::test]
async fn a_param_of_15000_bytes_passes() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let frame = json!({"content": ""}).to_string().len();
    let mut body = group_body();
    body["msgKey"] = json!("sampleText");
    body["msgParam"] = json!(json!({"content": "x".repeat(15_000 - frame)}).to_string());
    assert_eq!(harness.group_send(&token, &body).await.status, 200);
}

#[tokio::test]
async fn a_403_can_be_the_rate_the_quota_or_a_permission() {
    let app_rate = Rate::of(1, Duration::from_secs(1));
    let harness = app_bench(Rules { app_rate, ..Rules::default() }).await;
    let token = harness.token().await;
    harness.sim.change_app("key", |app| app.quota = Some(2));
    assert_eq!(harness.group_send(&token, &group_body()).await.status, 200);
    let answer = harness.group_send(&token, &group_body()).await;
    let code = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi";
    assert_eq!(answer.code(), (403, code.to_owned()));
    harness.pass(Duration::from_secs(1));
    assert_eq!(harness.group_send(&token, &group_body()).await.status, 200, "the refusal was free");
    harness.pass(Duration::from_secs(1));
    let answer = harness.group_send(&token, &group_body()).await;
    assert_eq!(answer.code(), (403, "Forbidden.AccessDenied.ApiCountLimitForOrg".to_owned()));
    harness.sim.change_app("key", |app| app.lacks_scope = Some("qyapi_robot_sendmsg".to_owned()));
    let answer = harness.group_send(&token, &group_body()).await;
    let code = "Forbidden.AccessDenied.AccessTokenPermissionDenied";
    assert_eq!(answer.code(), (403, code.to_owned()));
    let scopes = &answer.json()["accessdenieddetail"]["requiredScopes"];
    assert_eq!(scopes, &json!(["qyapi_robot_sendmsg"]));
}

#[tokio::test]
async fn an_app_may_call_one_api_twenty_times_in_a_second() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let mut statuses = Vec::new();
    for _ in 0..21 {
        statuses.push(harness.group_send(&token, &group_body()).await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 20);
    assert_eq!(statuses[20], 403);
    // The older API has a limit of its own.
    assert_eq!(harness.chat_send(&token, &chat_text("a")).await.errcode(), Some(0));
}

#[tokio::test]
async fn a_stopped_robot_and_disliked_content_are_refused() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let cases = [
        (Dislike::Link, "contain.unsafe.url"),
        (Dislike::Text, "contain.notAllowed.text"),
        (Dislike::Picture, "contain.notAllowed.picture"),
        (Dislike::Content, "contain.notAllowed.content"),
    ];
    for (dislike, code) in cases {
        let objection = Objection { containing: "Disk".to_owned(), dislike };
        harness.sim.change_app("key", |app| app.objections = vec![objection]);
        assert_eq!(harness.group_send(&token, &group_body()).await.code(), (400, code.to_owned()));
    }
    harness.sim.change_app("key", |app| app.stopped = true);
    let answer = harness.group_send(&token, &group_body()).await;
    assert_eq!(answer.code(), (400, "bot.stopped".to_owned()));
}

#[tokio::test]
async fn a_chat_message_is_answered_with_its_id() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let card = json!({"title": "a", "markdown": "b", "single_title": "c", "single_url": "d"});
    let msg = json!({"msgtype": "action_card", "action_card": card});
    let answer = harness.chat_send(&token, &msg).await;
    assert_eq!(answer.errcode(), Some(0));
    assert!(answer.json()["messageId"].as_str().is_some_and(|id| id.starts_with("msg")));
    assert_eq!(harness.sim.posts_in(CHAT).len(), 1);
}

#[tokio::test]
async fn a_chat_message_that_is_refused_is_told_why() {
    let harness = app_bench(Rules { max_chat_bytes: usize::MAX, ..Rules::default() }).await;
    let token = harness.token().await;
    let markdown = |title: &str, text: &str| json!({"msgtype": "markdown", "markdown": {"title": title, "text": text}});
    let cases = [
        (chat_text(&"满".repeat(5_000)), 0),
        (chat_text(&"满".repeat(5_001)), 34_016),
        (markdown(&"t".repeat(64), "a"), 0),
        (markdown(&"t".repeat(65), "a"), 34_016),
        (markdown(&"満".repeat(64), "a"), 0),
        (markdown(&"🔴".repeat(32), "a"), 0),
        (markdown(&"🔴".repeat(33), "a"), 34_016),
        (markdown("t", ""), 400_002),
        (json!({"msgtype": "actionCard"}), 34_004),
        (json!(null), 34_004),
    ];
    for (msg, code) in cases {
        assert_eq!(harness.chat_send(&token, &msg).await.errcode(), Some(code), "{msg}");
    }
    let path = format!("/chat/send?access_token={token}");
    let elsewhere = json!({"chatid": "chat2", "msg": chat_text("a")});
    assert_eq!(harness.post(&path, &elsewhere).await.errcode(), Some(34_001));
    assert_eq!(harness.get(&path).await.errcode(), Some(43_002));
    assert_eq!(harness.post("/chat/send", &elsewhere).await.errcode(), Some(41_001));
}

#[tokio::test]
async fn a_chat_message_of_2048_bytes_passes_and_no_larger_one() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let frame = chat_text("").to_string().len();
    for (size, code) in [(2_048, 0), (2_049, 34_016)] {
        let msg = chat_text(&"x".repeat(size - frame));
        assert_eq!(harness.chat_send(&token, &msg).await.errcode(), Some(code), "{size}");
    }
}

#[tokio::test]
async fn a_message_beside_its_chat_id_is_taken_only_where_that_is_the_rule() {
    let flat = json!({"chatid": CHAT, "msgtype": "text", "text": {"content": "flat"}});
    let nested = json!({"chatid": CHAT, "msg": chat_text("nested")});
    // What stands in `msg` counts, also where something stands beside it.
    let both = json!({"chatid": CHAT, "msg": null, "msgtype": "text", "text": {"content": "flat"}});
    for (flat_chat, codes) in [(false, [34_004, 0, 34_004]), (true, [0, 0, 34_004])] {
        let harness = app_bench(Rules { flat_chat, ..Rules::default() }).await;
        let path = format!("/chat/send?access_token={}", harness.token().await);
        for (body, code) in [&flat, &nested, &both].into_iter().zip(codes) {
            assert_eq!(harness.post(&path, body).await.errcode(), Some(code), "{body}");
        }
        let texts: Vec<_> = harness.sim.posts_in(CHAT).into_iter().map(|post| post.text).collect();
        assert_eq!(texts, if flat_chat { vec!["flat", "nested"] } else { vec!["nested"] });
    }
}

#[tokio::test]
async fn a_chat_is_known_to_the_current_api_by_another_id() {
    let harness = app_bench(Rules::default()).await;
    harness.sim.change_app("key", |app| app.unseen_chats = vec!["chat3".to_owned()]);
    let token = harness.token().await;
    let convert = async |token: &str, chat: &str| {
        let path = format!("/v1.0/im/chat/{chat}/convertToOpenConversationId");
        harness.post_raw(&path, ("x-acs-dingtalk-access-token", token), "").await
    };
    let answer = convert(&token, CHAT).await;
    assert_eq!((answer.status, answer.json().as_object().unwrap().len()), (200, 1));
    let id = answer.json()["openConversationId"].as_str().unwrap().to_owned();
    assert!(id.starts_with("cid") && id.ends_with("=="), "{id}");
    assert_eq!(id, harness.sim.open_conversation_id(CHAT));
    assert_eq!(convert(&token, "chat2").await.code(), (400, "invalideChatId".to_owned()));
    assert_eq!(convert(&token, "chat3").await.code(), (400, "permession.checkFailed".to_owned()));
    assert_eq!(convert("made-up", CHAT).await.code(), (400, "InvalidAuthentication".to_owned()));
    let calls = harness.sim.calls();
    assert_eq!(calls.iter().filter(|call| call.endpoint == Endpoint::Convert).count(), 4);
    assert!(harness.sim.posts().is_empty());
}

#[tokio::test]
async fn rate_quota_and_permission_have_codes_of_the_older_api() {
    let app_rate = Rate::of(1, Duration::from_secs(1));
    let harness = app_bench(Rules { app_rate, ..Rules::default() }).await;
    let token = harness.token().await;
    harness.sim.change_app("key", |app| app.quota = Some(1));
    let mut codes = Vec::new();
    for _ in 0..2 {
        codes.push(harness.chat_send(&token, &chat_text("a")).await.errcode());
    }
    harness.pass(Duration::from_secs(1));
    codes.push(harness.chat_send(&token, &chat_text("a")).await.errcode());
    harness.sim.change_app("key", |app| app.lacks_scope = Some("chat".to_owned()));
    codes.push(harness.chat_send(&token, &chat_text("a")).await.errcode());
    assert_eq!(codes, [Some(0), Some(90_018), Some(90_020), Some(60_011)]);
}

#[tokio::test]
async fn token_errors_of_the_older_api_can_come_wrapped() {
    for wrap_token_errors in [false, true] {
        let harness = app_bench(Rules { wrap_token_errors, ..Rules::default() }).await;
        let token = harness.token().await;
        harness.pass(Duration::from_hours(2));
        for (token, code) in [("made-up", 40_014), (token.as_str(), 42_001)] {
            let answer = harness.chat_send(token, &chat_text("a")).await;
            if wrap_token_errors {
                assert_eq!(answer.errcode(), Some(88));
                assert_eq!(answer.json()["sub_code"], json!(code.to_string()));
            } else {
                assert_eq!(answer.errcode(), Some(code));
            }
        }
    }
}

#[tokio::test]
async fn any_app_is_accepted_where_that_is_the_rule() {
    let harness = Harness::with(Rules { any_token: true, ..Rules::default() }).await;
    let token = harness.token().await;
    let mut body = group_body();
    body["robotCode"] = json!("another code");
    assert_eq!(harness.group_send(&token, &body).await.status, 200);
}
