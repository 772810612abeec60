//! Trouble on demand: each kind as a client meets it, and whether the message was posted.

use std::io::ErrorKind;
use std::time::Duration;

use dingtalk_sim::{
    Answer, App, Endpoint, Fault, Gate, MsgUuid, Robot, Rules, Scope, Sim, SimSettings, Trouble,
};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::harness::{Harness, keyed, read_to_end, text};

/// An interval of real time in which dripping bytes come quickly enough for a test.
const QUICK: Duration = Duration::from_millis(1);

fn robot() -> Scope {
    Scope::Robot("token".to_owned())
}

#[tokio::test]
async fn an_answer_can_be_anything_but_the_documented_one() {
    let harness = Harness::start().await;
    let x5 = r#""source":"x5","punish":"deny""#;
    let cases = [
        (Trouble::Status(503), 503, "text/plain", "503"),
        (Trouble::Status(429), 429, "text/plain", "429"),
        (Trouble::Html(200), 200, "text/html", "<!DOCTYPE html>"),
        (Trouble::Html(403), 403, "text/html", "<!DOCTYPE html>"),
        (Trouble::punished(), 200, "application/json", x5),
        (Trouble::busy(), 200, "application/json", r#"{"errcode":-1,"errmsg":"系统繁忙"}"#),
        (Trouble::Errcode(7, "seven".into()), 200, "application/json", r#""errcode":7"#),
        (Trouble::Api(500, "system.error".into(), "busy".into()), 500, "json", r#""code":"system"#),
        (Trouble::Raw(200, "[]".into()), 200, "application/json", "[]"),
        (Trouble::Truncated, 200, "application/json", r#"{"errcode":0,"#),
        (Trouble::Redirect("http://a.example/b".into()), 302, "text/plain", "302"),
    ];
    for (trouble, status, content_type, part) in cases {
        harness.sim.fail(robot(), trouble);
        let answer = harness.send(&text("a")).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.content_type.contains(content_type), "{answer:?}");
        assert!(answer.text.contains(part), "{answer:?}");
    }
    assert!(harness.sim.posts().is_empty(), "none of them was handled");
    assert_eq!(harness.send(&text("a")).await.errcode(), Some(0), "each came once");
}

#[tokio::test]
async fn pages_without_an_errcode_have_none() {
    let harness = Harness::start().await;
    harness.sim.fail(robot(), Trouble::Punished { status: 403, wait: 9 });
    let answer = harness.send(&text("a")).await;
    let page = answer.json();
    assert_eq!((answer.status, &page["wait"], &page["status"]), (403, &json!(9), &json!(1111)));
    assert!(page.get("errcode").is_none());
    harness.sim.fail(robot(), Trouble::Truncated);
    let half = harness.send(&text("a")).await.text;
    assert!(serde_json::from_str::<serde_json::Value>(&half).is_err(), "{half}");
}

#[tokio::test]
async fn a_huge_answer_is_ten_megabytes_with_the_errcode_at_its_end() {
    let harness = Harness::start().await;
    harness.sim.fail(robot(), Trouble::Huge);
    let answer = harness.send(&text("a")).await;
    assert!(answer.text.len() > 10_000_000);
    assert!(answer.text.ends_with(r#","errcode":0,"errmsg":"ok"}"#));
}

#[tokio::test]
async fn after_accepting_the_message_stands_in_the_group() {
    let harness = Harness::start().await;
    let troubles = [Trouble::Status(500), Trouble::busy(), Trouble::Html(200), Trouble::Truncated];
    for (index, trouble) in troubles.into_iter().enumerate() {
        harness.sim.fail(robot(), Fault::once(trouble).after_accepting());
        let id = format!("id-{index}");
        let answer = harness.send(&keyed("a", &id)).await;
        assert!(!answer.text.contains("\"ok\""), "{answer:?}");
        assert_eq!(harness.sim.posts().len(), index + 1);
        // The same id again is what a careful client sends now.
        assert_eq!(harness.send(&keyed("a", &id)).await.errcode(), Some(0));
        assert_eq!(harness.sim.posts().len(), index + 1);
    }
    let first = &harness.sim.calls()[0];
    assert_eq!((&first.answer, first.posted), (&Answer::Fault("status"), true));
}

#[tokio::test]
async fn a_connection_can_be_reset_before_and_after_accepting() {
    let harness = Harness::start().await;
    harness.sim.fail(robot(), Trouble::Reset);
    let mut stream = harness.open_call(&text("a")).await;
    let (bytes, error) = read_to_end(&mut stream).await;
    assert!(bytes.is_empty());
    assert_eq!(error, Some(ErrorKind::ConnectionReset));
    assert!(harness.sim.posts().is_empty());
    harness.sim.fail(robot(), Fault::once(Trouble::Reset).after_accepting());
    let mut stream = harness.open_call(&text("a")).await;
    assert_eq!(read_to_end(&mut stream).await.1, Some(ErrorKind::ConnectionReset));
    assert_eq!(harness.sim.posts().len(), 1);
    let answers: Vec<_> = harness.sim.calls().into_iter().map(|call| call.answer).collect();
    assert_eq!(answers, [Answer::Fault("reset"), Answer::Fault("reset")]);
}

#[tokio::test]
async fn a_client_library_sees_a_reset_as_an_error() {
    let harness = Harness::start().await;
    harness.sim.fail(robot(), Fault::once(Trouble::Reset).lasting());
    assert!(harness.try_send(&text("a")).await.is_err());
}

/// Whether nothing came on a connection, and it is still open, as far as the runtime has seen.
fn is_silent(stream: &TcpStream) -> bool {
    let mut byte = [0];
    stream.try_read(&mut byte).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[tokio::test]
async fn a_hanging_call_is_on_record_and_never_answered() {
    let harness = Harness::start().await;
    harness.sim.fail(robot(), Trouble::Hang);
    harness.sim.fail(robot(), Fault::once(Trouble::Hang).after_accepting());
    let first = harness.open_call(&text("a")).await;
    harness.sim.wait_for_calls(1).await;
    let mut second = harness.open_call(&text("b")).await;
    let posts = harness.sim.wait_for_posts(1).await;
    assert_eq!(posts[0].text, "b");
    // Another call passes meanwhile, so the server had time for an answer to the first two.
    assert_eq!(harness.send(&text("c")).await.errcode(), Some(0));
    assert!(is_silent(&first) && is_silent(&second));
    drop(harness);
    let (bytes, _) = read_to_end(&mut second).await;
    assert!(bytes.is_empty(), "the end of the simulator ends the call without an answer");
}

#[tokio::test]
async fn a_dripping_answer_comes_byte_by_byte_and_does_not_end() {
    let harness = Harness::start().await;
    harness.sim.fail(robot(), Fault::once(Trouble::Drip(QUICK)).after_accepting());
    let mut stream = harness.open_call(&text("a")).await;
    let mut seen = String::new();
    // Chunked: each byte of the body stands in a line of its own.
    while !seen.ends_with("\r\n1\r\n \r\n1\r\n \r\n") {
        let byte = stream.read_u8().await.expect("it goes on");
        seen.push(char::from(byte));
    }
    assert!(seen.contains("\r\n1\r\n{\r\n1\r\n\"\r\n1\r\ne\r\n"), "{seen}");
    assert_eq!(harness.sim.posts().len(), 1);
}

/// Whether a wait has nothing left to wait for.
async fn is_over(wait: impl Future<Output = ()>) -> bool {
    tokio::select! {
        biased;
        () = wait => true,
        () = std::future::ready(()) => false,
    }
}

#[tokio::test]
async fn an_answer_is_counted_when_it_leaves_and_a_call_when_it_comes() {
    let harness = Harness::start().await;
    let gate = Gate::new();
    harness.sim.fail(robot(), Fault::once(Trouble::Held(gate.clone())).after_accepting());
    let body = text("a");
    let (answer, ()) = tokio::join!(harness.send(&body), async {
        harness.sim.wait_for_calls(1).await;
        gate.reached(1).await;
        assert!(!is_over(harness.sim.wait_for_answers(1)).await, "it is held");
        gate.open();
        harness.sim.wait_for_answers(1).await;
    });
    assert_eq!(answer.errcode(), Some(0));
    harness.sim.forget();
    assert!(!is_over(harness.sim.wait_for_answers(1)).await, "it is forgotten");
}

#[tokio::test]
async fn a_held_call_is_handled_when_the_gate_opens() {
    let harness = Harness::start().await;
    let gate = Gate::new();
    harness.sim.fail(robot(), Trouble::Held(gate.clone()));
    let body = text("a");
    let (answer, ()) = tokio::join!(harness.send(&body), async {
        gate.reached(1).await;
        assert!(harness.sim.calls().is_empty() && harness.sim.posts().is_empty());
        gate.open();
    });
    assert_eq!(answer.errcode(), Some(0));
    assert_eq!(harness.sim.posts().len(), 1);
}

#[tokio::test]
async fn a_held_answer_comes_when_the_gate_opens() {
    let harness = Harness::start().await;
    let gate = Gate::new();
    let fault = Fault::once(Trouble::Held(gate.clone())).after_accepting();
    harness.sim.fail(robot(), fault);
    let body = text("a");
    let (answer, ()) = tokio::join!(harness.send(&body), async {
        gate.reached(1).await;
        assert_eq!(harness.sim.posts().len(), 1, "posted while the answer is held");
        gate.open();
    });
    assert_eq!(answer.errcode(), Some(0));
}

#[tokio::test]
async fn a_fault_meets_the_calls_of_its_scope_only() {
    let harness = Harness::start().await;
    harness.sim.add_robot(Robot::new("other"));
    harness.sim.add_app(App::new("key", "secret"));
    let credentials = json!({"appKey": "key", "appSecret": "secret"});
    harness.sim.fail(robot(), Fault::once(Trouble::Status(501)).lasting());
    harness.sim.fail(Scope::Endpoint(Endpoint::AccessToken), Trouble::Status(502));
    harness.sim.fail(Scope::App("key".to_owned()), Trouble::Status(503));
    assert_eq!(harness.send(&text("a")).await.status, 501);
    let other = "/robot/send?access_token=other";
    assert_eq!(harness.post(other, &text("a")).await.errcode(), Some(0));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(harness.post("/v1.0/oauth2/accessToken", &credentials).await.status);
    }
    assert_eq!(statuses, [503, 502, 200], "the app's fault is the narrower one");
    harness.sim.fail(Scope::Server, Fault::once(Trouble::Status(504)).lasting());
    assert_eq!(harness.post(other, &text("a")).await.status, 504);
    assert_eq!(harness.get("/gettoken").await.status, 504);
    harness.sim.heal();
    assert_eq!(harness.send(&text("a")).await.errcode(), Some(0));
}

#[tokio::test]
async fn an_ordered_refusal_is_remembered_like_one_by_the_rules() {
    let throttled = || Trouble::Errcode(130_101, "send too fast".to_owned());
    for (trouble, posted) in [(throttled(), 0), (Trouble::busy(), 1)] {
        let rules = Rules { msg_uuid: MsgUuid::RefusedToo, ..Rules::default() };
        let harness = Harness::with(rules).await;
        harness.sim.fail(robot(), trouble);
        harness.send(&keyed("a", "id-1")).await;
        assert_eq!(harness.send(&keyed("a", "id-1")).await.errcode(), Some(0));
        assert_eq!(harness.sim.posts().len(), posted);
    }
}

#[tokio::test]
async fn waiting_for_posts_ends_with_the_last_of_them() {
    let harness = Harness::start().await;
    let (posts, third, _) =
        tokio::join!(harness.sim.wait_for_posts(3), harness.sim.post(2), harness.burst(3));
    assert_eq!(posts.len(), 3);
    assert_eq!(third, posts[2]);
    harness.sim.forget();
    assert!(harness.sim.posts().is_empty() && harness.sim.calls().is_empty());
    harness.burst(1).await;
    assert_eq!(harness.sim.post(0).await.text, "message 0");
}

#[tokio::test]
async fn a_simulator_that_is_dropped_frees_its_port() {
    let first = Sim::start(SimSettings::default()).await.expect("a free port");
    let listen = first.address();
    assert!(Sim::start(SimSettings { listen, ..SimSettings::default() }).await.is_err());
    let mut open = TcpStream::connect(listen).await.expect("it listens");
    drop(first);
    // The end of this connection shows that the task is gone.
    read_to_end(&mut open).await;
    assert!(TcpStream::connect(listen).await.is_err());
}

#[tokio::test]
async fn a_late_answer_is_the_usual_one() {
    let harness = Harness::start().await;
    for fault in
        [Fault::once(Trouble::Late(QUICK)), Fault::once(Trouble::Late(QUICK)).after_accepting()]
    {
        harness.sim.fail(robot(), fault);
        assert_eq!(harness.send(&text("a")).await.errcode(), Some(0));
    }
    assert_eq!(harness.sim.posts().len(), 2);
}
