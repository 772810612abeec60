//! `robot/send`: what it checks, in which order, and in which words it refuses.

use dingtalk_sim::{
    Answer, Dislike, Endpoint, MsgUuid, Objection, Presence, Robot, Rules, Sender, Wording,
};
use serde_json::{Value, json};

use crate::harness::{Harness, START_MS, encode, keyed, signed, text};

#[tokio::test]
async fn a_message_is_answered_ok_and_stands_in_its_group() {
    let harness = Harness::start().await;
    let body = json!({
        "msgtype": "markdown",
        "markdown": {"title": "Disk full", "text": "## Disk full\n@138 look"},
        "at": {"atMobiles": ["138", "139"], "atUserIds": ["look"], "isAtAll": false},
        "msgUuid": "id-1",
    });
    let answer = harness.send(&body).await;
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/json"));
    assert_eq!(answer.text, r#"{"errcode":0,"errmsg":"ok"}"#);
    let posts = harness.sim.posts_in("ops");
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].title.as_deref(), Some("Disk full"));
    assert_eq!(posts[0].text, "## Disk full\n@138 look");
    assert_eq!(posts[0].mentions.mobiles, ["138"], "139 does not stand in the text");
    assert!(posts[0].mentions.user_ids.is_empty() && !posts[0].mentions.all);
    assert_eq!(posts[0].msg_uuid.as_deref(), Some("id-1"));
    assert_eq!(u64::try_from(posts[0].at.as_millis()), Ok(START_MS));
}

#[tokio::test]
async fn every_call_is_recorded_with_what_it_was_told() {
    let harness = Harness::start().await;
    harness.send(&text("a")).await;
    harness.send(&json!({"msgtype": "image"})).await;
    let calls = harness.sim.calls();
    let told: Vec<_> = calls.iter().map(|call| (&call.answer, call.posted)).collect();
    assert_eq!(told, [(&Answer::Ok, true), (&Answer::Errcode(400_105), false)]);
    assert_eq!(calls[0].endpoint, Endpoint::RobotSend);
    assert_eq!(calls[0].sender, Some(Sender::Robot("token".to_owned())));
    assert_eq!(calls[0].body, Some(text("a")));
    assert_eq!(calls[0].body_bytes, text("a").to_string().len());
}

#[tokio::test]
async fn a_call_that_is_not_well_formed_is_told_what_is_missing() {
    let harness = Harness::start().await;
    let json_type = ("content-type", "application/json");
    let send = "/robot/send?access_token=token";
    let answers = [
        (harness.get(send).await, 43_002, "需要POST请求"),
        (harness.post("/robot/send", &text("a")).await, 40_035, "缺少参数 access_token"),
        (harness.post("/robot/send?access_token=", &text("a")).await, 40_035, "access_token"),
        (
            harness.post("/robot/send?access_token=x", &text("a")).await,
            300_005,
            "token is not exist",
        ),
        (harness.post_raw(send, json_type, "").await, 40_035, "缺少参数 json"),
        (harness.post_raw(send, json_type, "{not json").await, 40_035, "缺少参数 json"),
        (harness.post_raw(send, json_type, "[1]").await, 40_035, "缺少参数 json"),
        (
            harness.post_raw(send, ("content-type", "text/plain"), "{}").await,
            43_004,
            "Content-Type",
        ),
        (harness.send(&json!({})).await, 40_035, "缺少参数 msgtype"),
        (harness.send(&json!({"msgtype": "video"})).await, 400_105, "msgType:video"),
        (harness.send(&text("")).await, 40_035, "缺少参数 text.content"),
        (harness.send(&mention_of_no_list()).await, 40_035, "at.atMobiles"),
    ];
    for (answer, code, words) in answers {
        assert_eq!((answer.status, answer.errcode()), (200, Some(code)), "{answer:?}");
        assert!(answer.errmsg().contains(words), "{answer:?}");
    }
    assert!(harness.sim.posts().is_empty());
}

fn mention_of_no_list() -> Value {
    let mut body = text("@138");
    body["at"] = json!({"atMobiles": "138"});
    body
}

#[tokio::test]
async fn a_body_of_20000_bytes_passes_and_one_more_does_not() {
    let harness = Harness::start().await;
    let frame = text("").to_string().len();
    let of_size = |bytes: usize| text(&"x".repeat(bytes - frame));
    assert_eq!(harness.send(&of_size(20_000)).await.errcode(), Some(0));
    let answer = harness.send(&of_size(20_001)).await;
    assert_eq!(answer.errcode(), Some(460_101));
    assert_eq!(
        answer.errmsg(),
        "description: body 大小不合法;solution:请保持大小在 20000bytes 以内;"
    );
}

#[tokio::test]
async fn the_size_is_that_of_bytes_and_not_of_characters() {
    let harness = Harness::start().await;
    // 7,000 characters of three bytes each.
    assert_eq!(harness.send(&text(&"满".repeat(7_000))).await.errcode(), Some(460_101));
}

const SECRET: &str = "this is secret";

async fn signing_bench() -> Harness {
    let harness = Harness::start().await;
    harness.sim.add_robot(Robot::new("token").group("ops").secret(SECRET));
    harness
}

#[tokio::test]
async fn the_published_signature_is_taken_when_it_was_encoded_once() {
    let harness = signing_bench().await;
    let path = "/robot/send?access_token=token&timestamp=1700000000000\
                &sign=sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0%3D";
    assert_eq!(harness.post(path, &text("a")).await.errcode(), Some(0));
}

#[tokio::test]
async fn a_signature_that_is_not_encoded_exactly_once_does_not_match() {
    // Its `+` becomes a space when it is not encoded, and `%2B` stays when it is encoded twice.
    let secret = "SECb90923e19e58b466481e9e7b7a5b4f108a4531abde590ad3967fb29f0eae5c68";
    let timestamp = (START_MS..START_MS + 100)
        .find(|ms| dingtalk_sim::sign(&ms.to_string(), secret).contains('+'));
    let timestamp = timestamp.expect("one in a few signatures has a plus");
    let signature = dingtalk_sim::sign(&timestamp.to_string(), secret);
    let harness = Harness::start().await;
    harness.sim.add_robot(Robot::new("token").secret(secret));
    let once = encode(&signature);
    let cases = [(once.clone(), 0), (encode(&once), 310_000), (signature, 310_000)];
    for (sign, code) in cases {
        let path = format!("/robot/send?access_token=token&timestamp={timestamp}&sign={sign}");
        assert_eq!(harness.post(&path, &text("a")).await.errcode(), Some(code), "{sign}");
    }
}

#[tokio::test]
async fn a_missing_or_wrong_signature_gets_the_words_for_a_signature() {
    let harness = signing_bench().await;
    let good = signed(SECRET, START_MS);
    let (without_sign, _) = good.split_once("&sign=").expect("it is signed");
    let cases = [
        "/robot/send?access_token=token".to_owned(),
        without_sign.to_owned(),
        good.replace("timestamp=", "time="),
        signed("another secret", START_MS),
        // The first of two time stamps counts, as with a webhook that already carried one.
        good.replace("&timestamp=", "&timestamp=1700000000001&timestamp="),
    ];
    for path in cases {
        let answer = harness.post(&path, &text("a")).await;
        assert_eq!(answer.errcode(), Some(310_000), "{path}");
        assert!(answer.errmsg().contains("签名不匹配"), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_time_stamp_may_be_an_hour_off_in_either_direction() {
    let harness = signing_bench().await;
    let hour = 3_600_000;
    let cases = [
        (START_MS - hour, 0),
        (START_MS + hour, 0),
        (START_MS - hour - 1, 310_000),
        (START_MS + hour + 1, 310_000),
        (START_MS / 1_000, 310_000),
    ];
    for (timestamp, code) in cases {
        let answer = harness.post(&signed(SECRET, timestamp), &text("a")).await;
        assert_eq!(answer.errcode(), Some(code), "{timestamp}");
        assert_eq!(answer.errmsg().contains("过期"), code != 0, "{answer:?}");
    }
}

#[tokio::test]
async fn every_security_setting_has_to_hold() {
    let harness = Harness::start().await;
    harness.sim.add_robot(Robot::new("token").secret(SECRET).keyword("alert").keyword("告警"));
    let path = signed(SECRET, START_MS);
    let answer = harness.post(&path, &text("disk full")).await;
    assert_eq!(answer.errcode(), Some(310_000));
    assert!(answer.errmsg().starts_with("错误描述:关键词不匹配"), "{answer:?}");
    assert_eq!(harness.post(&path, &text("告警: disk full")).await.errcode(), Some(0));
    harness.sim.change_robot("token", |robot| robot.addresses = vec!["192.0.2.0/24".to_owned()]);
    let answer = harness.post(&path, &text("alert")).await;
    assert!(answer.errmsg().contains("白名单"), "{answer:?}");
    harness.sim.change_robot("token", |robot| robot.addresses.push("127.0.0.0/8".to_owned()));
    assert_eq!(harness.post(&path, &text("alert")).await.errcode(), Some(0));
}

#[tokio::test]
async fn a_keyword_in_the_title_alone_is_enough_only_where_that_is_the_rule() {
    let body = json!({"msgtype": "markdown", "markdown": {"title": "alert", "text": "disk full"}});
    for (keywords_in_titles, code) in [(false, 310_000), (true, 0)] {
        let harness = Harness::with(Rules { keywords_in_titles, ..Rules::default() }).await;
        harness.sim.add_robot(Robot::new("token").keyword("alert"));
        assert_eq!(harness.send(&body).await.errcode(), Some(code));
        assert_eq!(harness.send(&text("disk full")).await.errcode(), Some(310_000));
    }
}

#[tokio::test]
async fn older_words_for_a_refusal_can_be_chosen() {
    let harness = Harness::with(Rules { wording: Wording::First, ..Rules::default() }).await;
    harness.sim.add_robot(Robot::new("token").keyword("alert"));
    assert_eq!(harness.send(&text("a")).await.errmsg(), "keywords not in content");
    let answer = harness.send(&text(&"x".repeat(20_000))).await;
    assert_eq!(answer.errmsg(), "message too long, exceed 20000 bytes");
}

#[tokio::test]
async fn a_robot_can_be_stopped_and_removed_and_come_back() {
    let harness = Harness::start().await;
    let cases = [
        (Presence::Stopped, 400_102),
        (Presence::Removed, 300_005),
        (Presence::NotInGroup, 400_106),
        (Presence::GroupDissolved, 400_013),
        (Presence::Working, 0),
    ];
    for (presence, code) in cases {
        assert!(harness.sim.change_robot("token", |robot| robot.presence = presence));
        assert_eq!(harness.send(&text("a")).await.errcode(), Some(code), "{presence:?}");
    }
    assert!(!harness.sim.change_robot("nobody", |_| ()));
}

#[tokio::test]
async fn content_is_refused_where_it_meets_an_objection() {
    let harness = Harness::start().await;
    let cases = [
        (Dislike::Link, 430_101),
        (Dislike::Text, 430_102),
        (Dislike::Picture, 430_103),
        (Dislike::Content, 430_104),
    ];
    for (dislike, code) in cases {
        let objection = Objection { containing: "evil.example".to_owned(), dislike };
        harness.sim.change_robot("token", |robot| robot.objections = vec![objection]);
        let answer = harness.send(&text("see https://evil.example/a")).await;
        assert_eq!(answer.errcode(), Some(code));
        assert_eq!(harness.send(&text("see https://good.example/a")).await.errcode(), Some(0));
    }
}

#[tokio::test]
async fn a_quota_is_used_up_by_messages_and_not_by_refusals() {
    let harness = Harness::start().await;
    harness.sim.change_robot("token", |robot| robot.quota = Some(2));
    assert_eq!(harness.send(&text("")).await.errcode(), Some(40_035));
    assert_eq!(harness.burst(3).await, [0, 0, 90_030]);
}

#[tokio::test]
async fn the_same_msg_uuid_is_ok_again_and_posted_once() {
    let harness = Harness::start().await;
    harness.sim.add_robot(Robot::new("other").group("ops"));
    for _ in 0..2 {
        assert_eq!(harness.send(&keyed("a", "id-1")).await.errcode(), Some(0));
    }
    assert_eq!(harness.sim.posts().len(), 1);
    let calls = harness.sim.calls();
    assert_eq!(calls.iter().map(|call| call.posted).collect::<Vec<_>>(), [true, false]);
    // Another robot has ids of its own.
    harness.post("/robot/send?access_token=other", &keyed("a", "id-1")).await;
    harness.send(&keyed("a", "id-2")).await;
    assert_eq!(harness.sim.posts().len(), 3);
}

#[tokio::test]
async fn the_id_of_a_refused_call_is_remembered_only_by_that_rule() {
    for (msg_uuid, posted) in [(MsgUuid::Honoured, 1), (MsgUuid::RefusedToo, 0)] {
        let harness = Harness::with(Rules { msg_uuid, ..Rules::default() }).await;
        harness.sim.add_robot(Robot::new("token").keyword("alert"));
        assert_eq!(harness.send(&keyed("a", "id-1")).await.errcode(), Some(310_000));
        harness.sim.change_robot("token", |robot| robot.keywords.clear());
        assert_eq!(harness.send(&keyed("a", "id-1")).await.errcode(), Some(0));
        assert_eq!(harness.sim.posts().len(), posted, "{msg_uuid:?}");
    }
}

#[tokio::test]
async fn a_server_that_ignores_ids_posts_twice() {
    let harness = Harness::with(Rules { msg_uuid: MsgUuid::Ignored, ..Rules::default() }).await;
    for _ in 0..2 {
        harness.send(&keyed("a", "id-1")).await;
    }
    assert_eq!(harness.sim.posts().len(), 2);
}

#[tokio::test]
async fn the_errcode_can_be_text_as_in_the_documentation() {
    let harness = Harness::with(Rules { errcode_as_text: true, ..Rules::default() }).await;
    assert_eq!(harness.send(&text("a")).await.json()["errcode"], json!("0"));
    assert_eq!(harness.send(&text("")).await.json()["errcode"], json!("40035"));
}

#[tokio::test]
async fn any_token_is_accepted_where_that_is_the_rule() {
    let harness = Harness::with(Rules { any_token: true, ..Rules::default() }).await;
    let answer = harness.post("/robot/send?access_token=0123456789", &text("a")).await;
    assert_eq!(answer.errcode(), Some(0));
    assert_eq!(harness.sim.posts()[0].group, "group of 0123…");
}

#[tokio::test]
async fn an_unknown_path_of_the_older_api_is_told_so_with_status_200() {
    let harness = Harness::start().await;
    for path in ["/", "/robot/sent?access_token=token", "/robot/v1.0/send"] {
        let answer = harness.post(path, &text("a")).await;
        assert_eq!((answer.status, answer.errcode()), (200, Some(404)), "{path}");
    }
    let answer = harness.post("/topapi/message/nothing", &json!({})).await;
    assert_eq!(answer.errcode(), Some(22));
    assert_eq!(answer.json()["sub_msg"], "不合法ApiName，ApiName = message/nothing");
}
