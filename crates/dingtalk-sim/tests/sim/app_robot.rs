//! The messages of an app's robot to people, what it takes back, and paths that the current API lacks.

use std::time::Duration;

use dingtalk_sim::{App, Endpoint, Rate, Rules, Sender};
use serde_json::{Value, json};

use crate::apps::{GROUP, app_bench, group_body};
use crate::harness::Harness;

const PEOPLE_SEND: &str = "/v1.0/robot/oToMessages/batchSend";
const GROUP_RECALL: &str = "/v1.0/robot/groupMessages/recall";
const PEOPLE_RECALL: &str = "/v1.0/robot/otoMessages/batchRecall";

fn people_body(users: &Value) -> Value {
    let mut body = group_body();
    body["userIds"] = users.clone();
    body
}

fn recall_body(keys: &[&str]) -> Value {
    json!({"robotCode": "key", "openConversationId": GROUP, "processQueryKeys": keys})
}

/// Sends a message and gives the key of its answer.
async fn sent(harness: &Harness, path: &str, token: &str, body: &Value) -> String {
    let answer = harness.api(path, token, body).await;
    answer.json()["processQueryKey"].as_str().expect("a query key").to_owned()
}

async fn sent_to_group(harness: &Harness, token: &str) -> String {
    sent(harness, "/v1.0/robot/groupMessages/send", token, &group_body()).await
}

#[tokio::test]
async fn a_message_to_people_reaches_those_whom_it_may_and_names_the_others() {
    let harness = Harness::start().await;
    let mut app = App::new("key", "secret").user("u1").user("u2").user("u3");
    app.flow_controlled_users = vec!["u3".to_owned(), "u4".to_owned()];
    harness.sim.add_app(app);
    let token = harness.token().await;
    let users = json!(["u1", "u4", "u2", "u3"]);
    let answer = harness.api(PEOPLE_SEND, &token, &people_body(&users)).await;
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    let lists =
        ["invalidStaffIdList", "flowControlledStaffIdList"].map(|name| answer[name].clone());
    assert_eq!(lists, [json!(["u4"]), json!(["u3"])]);
    let key = answer["processQueryKey"].as_str();
    let posts = harness.sim.posts();
    let groups: Vec<_> = posts.iter().map(|post| post.group.as_str()).collect();
    assert_eq!(groups, ["u1", "u2"]);
    assert!(posts.iter().all(|post| post.query_key.as_deref() == key), "{posts:?}");
    assert_eq!(posts[0].sender, Sender::App("key".to_owned()));
    // It succeeds where it reaches nobody too.
    let answer = harness.api(PEOPLE_SEND, &token, &people_body(&json!(["u9"]))).await;
    assert_eq!((answer.status, &answer.json()["invalidStaffIdList"]), (200, &json!(["u9"])));
    let told = |call: &dingtalk_sim::Call| (call.endpoint, call.accepted, call.posted);
    let calls: Vec<_> = harness.sim.calls().iter().skip(1).map(told).collect();
    assert_eq!(calls, [(Endpoint::PeopleSend, true, true), (Endpoint::PeopleSend, true, false)]);
}

#[tokio::test]
async fn a_message_to_people_that_is_refused_is_told_why() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let people = |count: usize| json!((0..count).map(|id| id.to_string()).collect::<Vec<_>>());
    let cases = [
        ("userIds", json!(null), "invalidParameter.userIds.empty"),
        ("userIds", json!([]), "invalidParameter.userIds.empty"),
        ("userIds", json!("u1"), "invalidParameter.param.invalid"),
        ("userIds", json!([1]), "invalidParameter.param.invalid"),
        ("userIds", people(21), "invalidParameter.userIds.overMax"),
        ("robotCode", json!(""), "invalidParameter.robotCode.empty"),
        ("robotCode", json!("other"), "invalidParameter.robotCode.notExsit"),
        ("msgKey", json!(null), "invalidParameter.msgKey.empty"),
        ("msgKey", json!("sampleFeedCard"), "invalidParameter.msgKey.invalid"),
        ("msgParam", json!("not json"), "invalidParameter.msgParam.invalid"),
        ("msgParam", json!("x".repeat(15_001)), "invalidParameter.msgParam.tooLong"),
    ];
    for (field, value, code) in cases {
        let mut body = people_body(&json!(["u1"]));
        body[field] = value;
        let answer = harness.api(PEOPLE_SEND, &token, &body).await;
        assert_eq!(answer.code(), (400, code.to_owned()), "{field}: {answer:?}");
    }
    assert!(harness.sim.posts().is_empty());
    assert_eq!(harness.api(PEOPLE_SEND, &token, &people_body(&people(20))).await.status, 200);
    harness.sim.change_rules(|rules| rules.max_user_ids = 100);
    assert_eq!(harness.api(PEOPLE_SEND, &token, &people_body(&people(100))).await.status, 200);
}

#[tokio::test]
async fn a_recalled_message_vanishes_and_can_be_recalled_once() {
    let harness = app_bench(Rules::default()).await;
    harness.sim.add_app(App::new("other", "secret").group(GROUP));
    let token = harness.token().await;
    let first = sent_to_group(&harness, &token).await;
    let second = sent_to_group(&harness, &token).await;
    let to_people = sent(&harness, PEOPLE_SEND, &token, &people_body(&json!(["u1", "u2"]))).await;
    let answer =
        harness.api(GROUP_RECALL, &token, &recall_body(&[&first, &to_people, "pqk"])).await;
    assert_eq!(answer.status, 200, "each key has its outcome in the answer");
    let (invalid, expected) = ("invalid.processQueryKey", json!([first]));
    assert_eq!(answer.json()["successResult"], expected);
    assert_eq!(answer.json()["failedResult"], json!({to_people.clone(): invalid, "pqk": invalid}));
    let left: Vec<_> = harness.sim.posts_in(GROUP).into_iter().map(|post| post.query_key).collect();
    assert_eq!(left, [Some(second.clone())]);
    assert_eq!(harness.sim.posts().len(), 4, "the record keeps it");
    let again = harness.api(GROUP_RECALL, &token, &recall_body(&[&first])).await.json();
    assert_eq!(again, json!({"successResult": [], "failedResult": {first: invalid}}));
    let credentials = json!({"appKey": "other", "appSecret": "secret"});
    let others = harness.post("/v1.0/oauth2/accessToken", &credentials).await.json();
    let others = others["accessToken"].as_str().expect("a token");
    let mut body = recall_body(&[&second]);
    body["robotCode"] = json!("other");
    let answer = harness.api(GROUP_RECALL, others, &body).await.json();
    assert_eq!(answer["failedResult"], json!({second: "not.allowed.robotCode"}));
    harness.api(PEOPLE_RECALL, &token, &recall_body(&[&to_people])).await;
    assert!(["u1", "u2"].iter().all(|user| harness.sim.posts_in(user).is_empty()));
}

#[tokio::test]
async fn a_message_to_people_can_be_recalled_for_a_day_and_one_to_a_group_for_longer() {
    for (beyond, failed) in [(0, None), (1, Some("robot.processQueryKey.expired"))] {
        let harness = app_bench(Rules::default()).await;
        let token = harness.token().await;
        let to_people = sent(&harness, PEOPLE_SEND, &token, &people_body(&json!(["u1"]))).await;
        let to_group = sent_to_group(&harness, &token).await;
        harness.pass(Duration::from_hours(24) + Duration::from_millis(beyond));
        let token = harness.token().await;
        let answer = harness.api(PEOPLE_RECALL, &token, &recall_body(&[&to_people])).await.json();
        assert_eq!(answer["failedResult"][&to_people].as_str(), failed, "{answer}");
        let answer = harness.api(GROUP_RECALL, &token, &recall_body(&[&to_group])).await.json();
        assert_eq!(answer["successResult"], json!([to_group]));
    }
}

#[tokio::test]
async fn a_recall_that_is_refused_is_told_why() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let keys = |count: usize| json!((0..count).map(|key| key.to_string()).collect::<Vec<_>>());
    let group = [GROUP_RECALL].as_slice();
    let both = [GROUP_RECALL, PEOPLE_RECALL].as_slice();
    let cases = [
        (group, "openConversationId", json!(null), "miss.openConversationId"),
        (group, "openConversationId", json!("cid2=="), "invalid.openConversationId"),
        (group, "robotCode", json!(""), "miss.chatbotId"),
        (&[PEOPLE_RECALL], "robotCode", json!(""), "invalidParameter.param.invalid"),
        (both, "robotCode", json!("other"), "invalidParameter.robotCode.notExsit"),
        (both, "processQueryKeys", json!(null), "invalidParameter.processQueryKey.missing"),
        (both, "processQueryKeys", json!([]), "invalidParameter.processQueryKey.missing"),
        (both, "processQueryKeys", json!({"a": 1}), "invalidParameter.param.invalid"),
        (both, "processQueryKeys", keys(21), "invalidParameter.processQueryKeys.overMax"),
    ];
    for (paths, field, value, code) in cases {
        for path in paths {
            let mut body = recall_body(&["pqk"]);
            body[field] = value.clone();
            let answer = harness.api(path, &token, &body).await;
            assert_eq!(answer.code(), (400, code.to_owned()), "{path} {field}: {answer:?}");
        }
    }
    let mut body = recall_body(&[]);
    body["processQueryKeys"] = keys(20);
    assert_eq!(harness.api(GROUP_RECALL, &token, &body).await.status, 200);
    harness.sim.change_app("key", |app| app.stopped = true);
    let answer = harness.api(GROUP_RECALL, &token, &recall_body(&["pqk"])).await;
    assert_eq!(answer.code(), (400, "bot.stopped".to_owned()));
}

#[tokio::test]
async fn every_call_of_a_robot_passes_the_gateway() {
    let app_rate = Rate::of(1, Duration::from_secs(1));
    let calls = [
        (PEOPLE_SEND, people_body(&json!(["u1"]))),
        (GROUP_RECALL, recall_body(&["pqk"])),
        (PEOPLE_RECALL, recall_body(&["pqk"])),
    ];
    for (path, body) in calls {
        let harness = app_bench(Rules { app_rate, ..Rules::default() }).await;
        let token = harness.token().await;
        let missing = (400, "AuthenticationFailed.MissingParameter".to_owned());
        assert_eq!(harness.post(path, &body).await.code(), missing, "{path}");
        assert_eq!(harness.api(path, &token, &body).await.status, 200, "{path}");
        let fast = (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi".to_owned());
        assert_eq!(harness.api(path, &token, &body).await.code(), fast, "{path}");
        harness.sim.revoke_tokens("key");
        let invalid = (400, "InvalidAuthentication".to_owned());
        assert_eq!(harness.api(path, &token, &body).await.code(), invalid, "{path}");
        let callers = harness.sim.calls().into_iter().map(|call| call.sender);
        let known: Vec<_> = callers.flatten().map(|sender| sender.id().to_owned()).collect();
        assert_eq!(known, ["key"; 4], "{path}: the token's call, and three with a token");
    }
}

#[tokio::test]
async fn a_path_that_the_current_api_lacks_is_refused_by_the_http_status() {
    let harness = app_bench(Rules::default()).await;
    let token = harness.token().await;
    let current = [
        "/v1.0/robot/groupMessages/query",
        // The two spell `oto` differently.
        "/v1.0/robot/otoMessages/batchSend",
        "/v1.0/robot/oToMessages/batchRecall",
        "/v1.0/im/chat/a/b/convertToOpenConversationId",
        "/v1.0/",
        "/v1.1/robot/groupMessages/send",
        "/v2.0/anything",
    ];
    for path in current {
        let answer = harness.api(path, &token, &json!({})).await;
        assert_eq!(answer.code(), (404, "InvalidAction.NotFound".to_owned()), "{path}");
        let body = answer.json();
        assert!(body["message"].is_string() && body["requestid"].is_string(), "{path}: {body}");
        assert!(body.get("errcode").is_none(), "{path}: {body}");
    }
    let answer = harness.get("/v1.0/robot/groupMessages/send").await;
    assert_eq!(answer.code(), (404, "InvalidAction.NotFound".to_owned()), "a wrong method");
    for path in ["/v/", "/v1/robot", "/v1.x/robot", "/version", "/v1.0.0/robot"] {
        let answer = harness.post(path, &json!({})).await;
        assert_eq!((answer.status, answer.errcode()), (200, Some(404)), "{path}");
    }
}
