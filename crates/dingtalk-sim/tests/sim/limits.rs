//! The rate of a robot, its ban, and the counters that a client's pace is checked with.

use std::time::Duration;

use dingtalk_sim::{MsgUuid, Rate, Robot, Rules, Sender};

use crate::harness::{Harness, keyed, text};

const MINUTE: Duration = Duration::from_mins(1);
const MILLISECOND: Duration = Duration::from_millis(1);

#[tokio::test]
async fn the_twenty_first_message_in_a_minute_blocks_the_robot_for_ten() {
    let harness = Harness::start().await;
    let mut expected = vec![0; 20];
    expected.push(660_026);
    assert_eq!(harness.burst(21).await, expected);
    assert_eq!(harness.sim.posts().len(), 20);
    // The window is empty again after a minute, and the ban is not over.
    harness.pass(Duration::from_millis(599_999));
    assert_eq!(harness.burst(1).await, [660_026]);
    harness.pass(MILLISECOND);
    assert_eq!(harness.burst(1).await, [0]);
}

#[tokio::test]
async fn twenty_messages_in_any_minute_pass_for_ever() {
    let harness = Harness::start().await;
    for _ in 0..3 {
        assert_eq!(harness.burst(20).await, [0; 20]);
        harness.pass(MINUTE);
    }
    let sender = Sender::Robot("token".to_owned());
    assert_eq!(harness.sim.busiest_window(&sender, MINUTE), 20);
    assert_eq!(harness.sim.busiest_window(&sender, MINUTE * 2), 40);
    assert_eq!(harness.sim.busiest_window(&Sender::Robot("other".to_owned()), MINUTE), 0);
}

#[tokio::test]
async fn the_window_slides() {
    let harness = Harness::start().await;
    assert_eq!(harness.burst(10).await, [0; 10]);
    harness.pass(Duration::from_millis(59_999));
    assert_eq!(harness.burst(10).await, [0; 10]);
    // A fixed window would begin anew here; in this one ten places are taken.
    harness.pass(MILLISECOND);
    let mut expected = vec![0; 10];
    expected.push(660_026);
    assert_eq!(harness.burst(11).await, expected);
}

#[tokio::test]
async fn refused_calls_take_no_place_and_one_robot_stops_no_other() {
    let harness = Harness::start().await;
    for _ in 0..30 {
        assert_eq!(harness.send(&text("")).await.errcode(), Some(40_035));
    }
    assert_eq!(harness.burst(20).await, [0; 20]);
    assert_eq!(harness.burst(1).await, [660_026]);
    harness.sim.add_robot(Robot::new("other"));
    let answer = harness.post("/robot/send?access_token=other", &text("a")).await;
    assert_eq!(answer.errcode(), Some(0));
}

#[tokio::test]
async fn rate_ban_and_code_are_knobs() {
    let rate = Rate::of(1, Duration::from_secs(2)).ban(Duration::from_secs(4));
    let cases = [
        (660_026, "sending too many messages per minute"),
        (130_101, "send too fast, exceed 1 times per minute"),
        (410_100, "发送速度太快而限流"),
    ];
    for (throttle_code, words) in cases {
        let harness = Harness::with(Rules { rate, throttle_code, ..Rules::default() }).await;
        assert_eq!(harness.burst(2).await, [0, throttle_code]);
        assert_eq!(harness.send(&text("a")).await.errmsg(), words);
        harness.pass(Duration::from_secs(4));
        assert_eq!(harness.burst(1).await, [0]);
    }
}

#[tokio::test]
async fn a_refused_call_can_begin_the_ban_again() {
    let rate = Rate::of(1, MINUTE).ban(MINUTE * 10).extended_by_refused_calls();
    let harness = Harness::with(Rules { rate, ..Rules::default() }).await;
    assert_eq!(harness.burst(2).await, [0, 660_026]);
    for _ in 0..2 {
        harness.pass(MINUTE * 9);
        assert_eq!(harness.burst(1).await, [660_026]);
    }
    harness.pass(MINUTE * 10);
    assert_eq!(harness.burst(1).await, [0]);
}

#[tokio::test]
async fn a_repeated_id_takes_a_place_of_its_own() {
    let rate = Rate::of(2, MINUTE);
    let harness = Harness::with(Rules { rate, ..Rules::default() }).await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(harness.send(&keyed("a", "id-1")).await.errcode());
    }
    assert_eq!(codes, [Some(0), Some(0), Some(660_026)]);
    assert_eq!(harness.sim.posts().len(), 1);
}

#[tokio::test]
async fn a_throttled_id_is_swallowed_where_refused_ids_are_remembered() {
    let rules =
        Rules { rate: Rate::of(1, MINUTE), msg_uuid: MsgUuid::RefusedToo, ..Rules::default() };
    let harness = Harness::with(rules).await;
    harness.send(&text("first")).await;
    assert_eq!(harness.send(&keyed("second", "id-2")).await.errcode(), Some(660_026));
    harness.pass(MINUTE);
    assert_eq!(harness.send(&keyed("second", "id-2")).await.errcode(), Some(0));
    assert_eq!(harness.sim.posts().len(), 1, "the message is lost, and that is the danger");
}

#[tokio::test]
async fn a_robot_can_have_a_rate_of_its_own() {
    let harness = Harness::start().await;
    harness.sim.change_robot("token", |robot| robot.rate = Some(Rate::of(1, MINUTE)));
    assert_eq!(harness.burst(2).await, [0, 660_026]);
}

#[tokio::test]
async fn equal_calls_at_equal_times_give_equal_records() {
    let mut records = Vec::new();
    for _ in 0..2 {
        let harness = Harness::start().await;
        harness.burst(22).await;
        let calls = harness.sim.calls();
        let calls: Vec<_> =
            calls.into_iter().map(|call| (call.at, call.query, call.body, call.answer)).collect();
        records.push((calls, harness.sim.posts()));
    }
    assert_eq!(records[0], records[1]);
}

#[tokio::test]
async fn the_date_of_an_answer_is_the_simulators_time() {
    let harness = Harness::start().await;
    for expected in ["Tue, 14 Nov 2023 22:13:20 GMT", "Tue, 14 Nov 2023 22:14:20 GMT"] {
        for path in ["/gettoken", "/"] {
            assert_eq!(harness.get(path).await.date, expected, "{path}");
        }
        harness.pass(MINUTE);
    }
}
