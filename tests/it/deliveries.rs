//! The state of the queue as people see it, and what they do with a delivery.

use std::time::Duration;

use dingtalk_sim::{Fault, Scope, Trouble};
use serde_json::{Value, json};
use test_support::TestApp;
use test_support::alerts::{alert, firing, group};

/// Ids 1 and 2 dead, 3 and 4 delivered, 5 and 6 queued; two destinations, even ids are of `b`.
async fn six() -> TestApp {
    let app = TestApp::with(
        "
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ta}, {name: b, access_token: tb}]}
  - {name: idle, chatbots: [{name: c, access_token: tc}]}",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    let refused = Trouble::Errcode(430_104, "含有不合适的内容".to_owned());
    app.sim.fail(Scope::Server, Fault::once(refused).times(2));
    app.notify(&firing("Disk")).await;
    app.notify(&firing("Load")).await;
    app.sim.fail(Scope::Server, Fault::once(Trouble::Status(503)).lasting());
    app.notify(&firing("Memory")).await;
    app
}

async fn ids(app: &TestApp, query: &str) -> Vec<String> {
    let answer = app.get(&format!("/api/v1/deliveries{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let rows = answer.json()["deliveries"].as_array().unwrap().clone();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_filtered_cut_and_paged() {
    let app = six().await;
    for (query, expected) in [
        ("", vec!["6", "5", "4", "3", "2", "1"]),
        ("?state=dead", vec!["2", "1"]),
        ("?state=delivered&destination=a", vec!["3"]),
        ("?state=queued&receiver=ops", vec!["6", "5"]),
        ("?state=folded", vec![]),
        ("?receiver=nobody", vec![]),
        ("?receiver=idle", vec![]),
        ("?destination=b", vec!["6", "4", "2"]),
        ("?limit=2", vec!["6", "5"]),
        ("?limit=2&after=5", vec!["4", "3"]),
        ("?after=1", vec![]),
        ("?limit=9999&state=&receiver=", vec!["6", "5", "4", "3", "2", "1"]),
        ("?unknown=parameter&state=dead", vec!["2", "1"]),
    ] {
        assert_eq!(ids(&app, query).await, expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_stays_short_however_long_the_group_and_its_names_are() {
    let app = TestApp::start().await;
    let names = (0..2_000).map(|n| alert(&format!("{n}{}", "x".repeat(500))));
    let mut body = group("Disk", names);
    body["groupKey"] = Value::from("k".repeat(100_000));
    app.notify(&body).await;
    let list = app.get("/api/v1/deliveries").await;
    assert!(list.text.len() < 30_000, "{}", list.text.len());
    let summary = list.json()["deliveries"][0]["summary"].clone();
    assert_eq!(summary["more_alertnames"], 1_950, "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_makes_no_sense_is_told_what_would() {
    let app = TestApp::start().await;
    for (query, words) in [
        (
            "?state=lost",
            "there is no state \"lost\"; known: queued, delivered, folded, dead, discarded",
        ),
        ("?limit=many", "limit \"many\" is no number from 1 to 500"),
        ("?limit=-1", "limit \"-1\" is no number"),
        ("?after=x", "\"x\" is no delivery's id, which is a number"),
        ("?state=dead&state=queued", "duplicate field"),
    ] {
        let answer = app.get(&format!("/api/v1/deliveries{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.error().contains(words), "{query}: {}", answer.error());
    }
    assert_eq!(app.get("/api/v1/deliveries/x").await.status, 400);
    let unknown = app.get("/api/v1/deliveries/7").await;
    assert_eq!((unknown.status, &*unknown.error()), (404, "there is no delivery 7"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_shows_its_message_its_parts_and_every_attempt() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, Trouble::Status(503));
    let alerts = [alert("DiskFull").severity("critical").summary("disk 98 % full")];
    let id = app.notify(&group("DiskFull", alerts)).await.ids().remove(0);
    app.advance(Duration::from_secs(2)).await;
    let delivery = app.delivery(&id).await;
    assert_eq!(delivery["id"], *id);
    for (key, value) in [
        ("receiver", json!("ops")),
        ("destination", json!("ops-group")),
        ("origin", json!("notification")),
        ("group", json!("{}:{alertname=\"DiskFull\"}")),
        ("state", json!("delivered")),
        ("reason", json!("")),
        ("accepted_at", json!("2026-11-20T19:12:00Z")),
        ("settled_at", json!("2026-11-20T19:12:02Z")),
        ("replay_of", Value::Null),
        ("render_error", Value::Null),
    ] {
        assert_eq!(delivery[key], value, "{key}");
    }
    assert_eq!(delivery["summary"]["severity"], "critical");
    assert_eq!(delivery["message"]["type"], "markdown");
    assert_eq!(delivery["message"]["text"], app.sim.posts()[0].text);
    assert_eq!(delivery["parts"][0]["text"], delivery["message"]["text"]);
    let attempts = delivery["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2);
    assert_eq!((&attempts[0]["part"], &attempts[0]["outcome"]), (&json!(1), &json!("http_error")));
    assert_eq!((&attempts[1]["outcome"], &attempts[1]["errcode"]), (&json!("ok"), &json!("0")));
    assert_eq!(attempts[1]["started_at"], "2026-11-20T19:12:02Z");
    let listed = app.get("/api/v1/deliveries").await.json()["deliveries"][0].clone();
    assert_eq!((&listed["parts"], &listed["attempts"]), (&json!(1), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_replayed_as_a_new_delivery() {
    let app = six().await;
    app.sim.heal();
    let answer = app.call("POST", "/api/v1/deliveries/1/replay").await;
    assert_eq!(answer.json(), json!({"id": "7", "replay_of": "1"}));
    app.settle().await;
    let replayed = app.delivery("7").await;
    assert_eq!((&replayed["origin"], &replayed["replay_of"]), (&json!("replay"), &json!("1")));
    assert_eq!(app.state("1").await, "dead");
    assert_eq!(replayed["message"], app.delivery("1").await["message"]);
    let accepted = "campana_deliveries_accepted_total{origin=\"replay\"}";
    assert!((app.metric(accepted).await - 1.0).abs() < 0.1);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_and_a_discard_that_make_no_sense_are_a_conflict_in_words() {
    let app = six().await;
    for (id, verb, status, words) in [
        ("3", "replay", 409, "delivery 3 is delivered; only a dead letter can be replayed"),
        ("5", "replay", 409, "delivery 5 is queued; only a dead letter can be replayed"),
        ("3", "discard", 409, "delivery 3 is delivered; only a queued delivery or a dead letter"),
        ("99", "replay", 404, "there is no delivery 99"),
        ("99", "discard", 404, "there is no delivery 99"),
        ("x", "discard", 400, "\"x\" is no delivery's id"),
    ] {
        let answer = app.call("POST", &format!("/api/v1/deliveries/{id}/{verb}")).await;
        assert_eq!(answer.status, status, "{id} {verb}: {}", answer.text);
        assert!(answer.error().contains(words), "{id} {verb}: {}", answer.error());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_delivery_and_a_dead_letter_can_be_given_up() {
    let app = six().await;
    for id in ["5", "1"] {
        let answer = app.call("POST", &format!("/api/v1/deliveries/{id}/discard")).await;
        assert_eq!(answer.json(), json!({"id": id, "state": "discarded"}));
        assert_eq!(app.state(id).await, "discarded");
        let again = app.call("POST", &format!("/api/v1/deliveries/{id}/discard")).await;
        assert_eq!(again.status, 409, "{}", again.text);
    }
    app.sim.heal();
    app.advance(Duration::from_secs(2)).await;
    let states = ["delivered", "discarded", "delivered", "delivered", "dead", "discarded"];
    assert_eq!(app.states().await, states);
    assert_eq!(app.sim.posts().len(), 3);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_being_sent_cannot_be_given_up() {
    let app = TestApp::start().await;
    let gate = dingtalk_sim::Gate::new();
    app.sim.fail(Scope::Server, Trouble::Held(gate.clone()));
    let id = app.accept(&firing("Disk")).await.ids().remove(0);
    gate.reached(1).await;
    let answer = app.call("POST", &format!("/api/v1/deliveries/{id}/discard")).await;
    assert_eq!(answer.status, 409);
    assert!(answer.error().contains("is being sent right now"), "{}", answer.error());
    gate.open();
    app.settle().await;
    assert_eq!(app.state(&id).await, "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receivers_are_listed_with_their_queues() {
    let app = six().await;
    let mut receivers = app.get("/api/v1/receivers").await.json();
    for index in 0..2 {
        // Whichever failed first tries again by its schedule; then their host was held to be down.
        let waits = receivers["receivers"][0]["destinations"][index]["waits"].take();
        assert!(waits.is_null() || waits["for"] == "host", "{waits}");
    }
    let expected = json!({
        "receivers": [
            {"name": "ops", "enabled": true, "send_resolved": true, "active": true,
             "active_times": null, "destinations": [
                {"name": "a", "kind": "chatbot", "queued": 1, "parked": null,
                 "throttled": null, "waits": null, "dead_robots": []},
                {"name": "b", "kind": "chatbot", "queued": 1, "parked": null,
                 "throttled": null, "waits": null, "dead_robots": []},
            ]},
            {"name": "idle", "enabled": true, "send_resolved": true, "active": true,
             "active_times": null, "destinations": [
                {"name": "c", "kind": "chatbot", "queued": 0, "parked": null,
                 "throttled": null, "waits": null, "dead_robots": []},
            ]},
        ],
        "removed": [],
    });
    assert_eq!(receivers, expected);
}
