//! Every row of the answer table, and the edges of its waits.

use proptest::prelude::*;

use super::*;
use crate::dingtalk::message::MessageType;
use crate::dingtalk::{Quote, Refusal};
use crate::queue::{DeliveryId, Target};
use crate::settings::DeliverySettings;

fn message(text: &str) -> Part {
    Part::new(MessageType::Text, "", text)
}

/// The first attempt of a delivery.
fn lease() -> Lease {
    Lease {
        delivery: DeliveryId(7),
        attempt: 1,
        lane: "lane".into(),
        target: Target { receiver: "ops".into(), destination: "bot".into() },
        credentials_hash: "mac".into(),
        part_index: 0,
        parts: 1,
        part: message("long"),
        msg_uuid: "5b4d3f0e-0000-4000-8000-000000000000".into(),
        uncertain: false,
        tries: Tries::default(),
        age: Duration::ZERO,
        waited: Duration::ZERO,
        queued_for: Duration::ZERO,
        probe: false,
        throttle_step: 0,
        deadline: Duration::ZERO,
    }
}

fn probe() -> Lease {
    Lease { probe: true, ..lease() }
}

/// DingTalk answered, and this is why it failed.
fn answered(cause: Cause) -> SendError {
    let quote = Quote { status: 200, code: "1".into(), text: "words".into(), clock_ahead: None };
    SendError::new(cause, quote)
}

fn busy() -> SendError {
    answered(Cause::Busy)
}

fn refused(refusal: Refusal) -> SendError {
    answered(Cause::Refused(refusal))
}

fn timed_out() -> SendError {
    Cause::TimedOut.into()
}

fn banned(wait: Duration) -> SendError {
    SendError { wait: Some(wait), ..answered(Cause::Banned) }
}

/// What follows, where nothing can be cut smaller.
fn next(lease: &Lease, error: &SendError) -> NextStep {
    after(lease, error, Language::En, &DeliverySettings::default(), |_| Vec::new())
}

#[track_caller]
fn waits(next: &NextStep) -> (Duration, Tries, bool) {
    match next {
        NextStep::Retry { wait, tries, uncertain } => (*wait, *tries, *uncertain),
        NextStep::Arrived
        | NextStep::Recut(_)
        | NextStep::Bury { .. }
        | NextStep::GiveUp { .. }
        | NextStep::Park(_) => panic!("no retry: {next:?}"),
    }
}

#[track_caller]
fn parks(next: NextStep) -> NewPark {
    match next {
        NextStep::Park(park) => park,
        NextStep::Arrived
        | NextStep::Recut(_)
        | NextStep::Bury { .. }
        | NextStep::GiveUp { .. }
        | NextStep::Retry { .. } => panic!("no park: {next:?}"),
    }
}

#[track_caller]
fn buries(next: NextStep) -> (String, Option<NewPark>) {
    match next {
        NextStep::Bury { reason, park } => (reason, park),
        NextStep::Arrived
        | NextStep::Recut(_)
        | NextStep::GiveUp { .. }
        | NextStep::Park(_)
        | NextStep::Retry { .. } => panic!("not buried: {next:?}"),
    }
}

#[track_caller]
fn gives_up(next: NextStep) -> (String, bool) {
    match next {
        NextStep::GiveUp { reason, too_old } => (reason, too_old),
        NextStep::Arrived
        | NextStep::Recut(_)
        | NextStep::Bury { .. }
        | NextStep::Park(_)
        | NextStep::Retry { .. } => panic!("not given up: {next:?}"),
    }
}

/// Whether `wait` is at most a fifth off.
fn is_about(wait: Duration, expected: Duration) -> bool {
    wait >= expected * 4 / 5 && wait <= expected * 6 / 5
}

#[test]
fn what_may_pass_later_is_tried_again_by_the_schedule() {
    let errors = [
        (Cause::NotConnected("refused".into()).into(), false),
        (timed_out(), true),
        (Cause::Broken("reset".into()).into(), true),
        (answered(Cause::NotJson), true),
        (answered(Cause::NoErrcode), true),
        (answered(Cause::ServerError), true),
        (answered(Cause::Redirect), true),
        (answered(Cause::Clock), false),
        (timed_out().of_token_request(), false),
    ];
    for (error, keeps_its_id) in errors {
        for (step, expected) in [1, 5, 15, 60, 300, 900, 1_800, 1_800, 1_800].iter().enumerate() {
            let scheduled = u32::try_from(step).unwrap();
            let lease = Lease { tries: Tries { scheduled, ..Tries::default() }, ..lease() };
            let (wait, tries, uncertain) = waits(&next(&lease, &error));
            assert!(is_about(wait, Duration::from_secs(*expected)), "{error:?} {step}: {wait:?}");
            assert_eq!(tries, Tries { scheduled: scheduled + 1, ..Tries::default() });
            assert_eq!(uncertain, keeps_its_id, "{error:?}");
        }
    }
}

#[test]
fn a_wait_that_dingtalk_asks_for_is_the_least_wait() {
    for (asked, expected) in [(0, 1), (5, 5), (300, 300)] {
        let (wait, ..) = waits(&next(&lease(), &banned(Duration::from_secs(asked))));
        assert!(wait >= Duration::from_secs(asked), "{wait:?}");
        assert!(is_about(wait, Duration::from_secs(expected)), "{wait:?}");
    }
    let asked = Duration::from_mins(20);
    for cause in [Cause::Busy, Cause::UnknownCode, Cause::Token] {
        let error = SendError { wait: Some(asked), ..answered(cause) };
        assert_eq!(waits(&next(&lease(), &error)).0, asked, "{error:?}");
    }
    for cause in [Cause::Throttled, Cause::ThrottledSecond] {
        let error = SendError { wait: Some(asked), ..answered(cause) };
        assert_eq!(parks(next(&lease(), &error)).wait, asked, "{error:?}");
    }
}

#[test]
fn busy_is_tried_quickly_three_times_and_then_by_the_slow_part_of_the_schedule() {
    let expected = [1, 1, 1, 60, 300, 900, 1_800, 1_800];
    for (step, expected) in expected.iter().enumerate() {
        let tries = Tries { busy: u32::try_from(step).unwrap(), ..Tries::default() };
        let (wait, after, uncertain) = waits(&next(&Lease { tries, ..lease() }, &busy()));
        assert!(is_about(wait, Duration::from_secs(*expected)), "{step}: {wait:?}");
        assert_eq!((after.busy, after.scheduled, uncertain), (tries.busy + 1, 0, true));
    }
}

#[test]
fn a_schedule_without_a_slow_part_ends_with_its_last_wait() {
    let rules =
        DeliverySettings { retry: vec![Duration::from_secs(2)], ..DeliverySettings::default() };
    let lease = Lease { tries: Tries { busy: 9, ..Tries::default() }, ..lease() };
    let (wait, ..) = waits(&after(&lease, &busy(), Language::En, &rules, |_| Vec::new()));
    assert!(is_about(wait, Duration::from_secs(2)), "{wait:?}");
}

#[test]
fn a_throttled_robot_waits_for_a_minute_and_doubles_it_up_to_ten() {
    for (step, minutes) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 10), (5, 10), (40, 10)] {
        let lease = Lease { throttle_step: step, ..lease() };
        let park = parks(next(&lease, &answered(Cause::Throttled)));
        assert_eq!(park.wait, Duration::from_mins(minutes), "step {step}");
        assert_eq!((park.scope, park.step), (Scope::Lane("lane".into()), step + 1));
    }
    let named = Duration::from_secs(400);
    let park =
        parks(next(&lease(), &SendError { wait: Some(named), ..answered(Cause::Throttled) }));
    assert_eq!(park.wait, named);
}

#[test]
fn a_full_second_parks_the_lane_for_a_second_and_doubles_nothing() {
    let lease = Lease { throttle_step: 3, ..lease() };
    let park = parks(next(&lease, &answered(Cause::ThrottledSecond)));
    assert_eq!((park.wait, park.step), (Duration::from_secs(1), 3));
}

#[test]
fn too_long_is_cut_again_and_buried_when_it_cannot_be() {
    let rules = DeliverySettings::default();
    let error = answered(Cause::TooLong);
    let parts = vec![message("lo"), message("ng")];
    let cut = after(&lease(), &error, Language::En, &rules, |_| parts.clone());
    assert_eq!(cut, NextStep::Recut(parts));
    for uncut in [vec![], vec![message("long")]] {
        let (reason, park) = buries(after(&lease(), &error, Language::En, &rules, |_| uncut));
        assert!(reason.contains("longer than DingTalk takes"), "{reason}");
        assert_eq!(park, None);
    }
}

#[test]
fn a_refused_message_is_buried_alone() {
    for refusal in [Refusal::Keyword, Refusal::Content, Refusal::Link, Refusal::Parameter] {
        for lease in [lease(), probe()] {
            let (reason, park) = buries(next(&lease, &refused(refusal)));
            assert!(reason.contains("DingTalk said 1 \"words\""), "{reason}");
            assert_eq!(park, None, "{refusal:?}");
        }
    }
}

#[test]
fn a_dead_destination_buries_its_head_and_is_probed_every_hour() {
    for refusal in [Refusal::Sign, Refusal::UnknownToken, Refusal::Stopped, Refusal::Quota] {
        let (reason, park) = buries(next(&lease(), &refused(refusal)));
        let park = park.unwrap();
        assert_eq!(park.cause, reason);
        assert_eq!(park.wait, Duration::from_hours(1));
        let Scope::Destination { target, credentials_hash } = park.scope else { panic!("its own") };
        assert_eq!((target, &*credentials_hash), (lease().target, "mac"));
        let again = parks(next(&probe(), &refused(refusal)));
        assert_eq!(again.wait, Duration::from_hours(1), "a refused probe stays queued");
    }
}

#[test]
fn what_refuses_the_account_parks_its_whole_lane_and_all_else_one_destination() {
    let dead = |error: &SendError| {
        let tries = Tries { token: 4, ..Tries::default() };
        let whole = buries(next(&Lease { tries, ..lease() }, error)).1.unwrap().whole_lane;
        assert_eq!(parks(next(&probe(), error)).whole_lane, whole, "{error:?}");
        whole
    };
    let refusals = [
        (Refusal::Credentials, true),
        (Refusal::Quota, true),
        (Refusal::Address, true),
        (Refusal::Sign, true),
        (Refusal::UnknownToken, true),
        (Refusal::RobotCode, false),
        (Refusal::Conversation, false),
        (Refusal::Removed, false),
        (Refusal::Permission, false),
    ];
    for (refusal, whole) in refusals {
        assert_eq!(dead(&refused(refusal)), whole, "{refusal:?}");
        assert!(dead(&refused(refusal).of_token_request()), "{refusal:?}");
    }
    assert!(dead(&answered(Cause::Token)));
    let tries = Tries { other: 4, ..Tries::default() };
    let unknown = answered(Cause::UnknownCode).of_token_request();
    let park = buries(next(&Lease { tries, ..lease() }, &unknown)).1;
    assert!(park.is_some_and(|park| park.whole_lane), "an unknown code in place of a token");
}

#[test]
fn an_answer_that_was_remembered_is_asked_for_again_as_soon_as_it_may_be() {
    let wait = Some(Duration::from_secs(7));
    let error = SendError { wait, ..refused(Refusal::Credentials).of_token_request() };
    assert_eq!(buries(next(&lease(), &error)).1.map(|park| park.wait), wait);
    assert_eq!(Some(parks(next(&probe(), &error)).wait), wait);
}

#[test]
fn a_refused_token_follows_the_schedule_and_then_the_destination_is_dead() {
    let error = answered(Cause::Token);
    for token in 0..4 {
        let lease = Lease { tries: Tries { token, ..Tries::default() }, ..lease() };
        let (_, tries, uncertain) = waits(&next(&lease, &error));
        assert_eq!((tries.token, uncertain), (token + 1, false));
    }
    let last = Lease { tries: Tries { token: 4, ..Tries::default() }, ..lease() };
    let (_, park) = buries(next(&last, &error));
    assert!(park.is_some());
    parks(next(&probe(), &error));
}

#[test]
fn an_unknown_code_has_five_tries_over_ten_minutes() {
    let error = answered(Cause::UnknownCode);
    let mut whole = Duration::ZERO;
    for other in 0..4 {
        let lease = Lease { tries: Tries { other, ..Tries::default() }, ..lease() };
        whole += waits(&next(&lease, &error)).0;
    }
    assert!(is_about(whole, Duration::from_mins(10)), "{whole:?}");
    let last = Lease { tries: Tries { other: 4, ..Tries::default() }, ..lease() };
    let (reason, too_old) = gives_up(next(&last, &error));
    assert!(reason.contains("words") && !too_old, "its content was not refused: {reason}");
    assert_eq!(parks(next(&probe(), &error)).wait, Duration::from_hours(1));
}

#[test]
fn a_probe_that_told_nothing_uses_nothing_up_and_keeps_its_id() {
    let tries = Tries { scheduled: 2, busy: 5, ..Tries::default() };
    let old = Lease { tries, age: Duration::from_hours(99), ..probe() };
    for (error, uncertain) in
        [(timed_out(), true), (busy(), true), (Cause::NotConnected(String::new()).into(), false)]
    {
        let expected = NextStep::Retry { wait: Duration::from_mins(1), tries, uncertain };
        assert_eq!(next(&old, &error), expected);
    }
}

#[test]
fn a_message_that_probed_in_vain_uses_up_no_try_and_lets_another_probe_first() {
    let five = Tries { scheduled: 5, ..Tries::default() };
    let lease = Lease { tries: five, ..lease() };
    let error = timed_out();
    let (wait, tries, uncertain) = waits(&after_probe(next(&lease, &error), &lease, &error));
    assert_eq!((wait, tries, uncertain), (Duration::from_mins(2), five, true));
    let first = Lease { tries: Tries::default(), ..lease };
    let (wait, ..) = waits(&after_probe(next(&first, &error), &first, &error));
    assert!(is_about(wait, Duration::from_secs(1)), "{wait:?}");
    let asks = SendError { wait: Some(Duration::from_mins(9)), ..error };
    let (wait, ..) = waits(&after_probe(next(&first, &asks), &first, &asks));
    assert_eq!(wait, Duration::from_mins(9));
    let given_up = NextStep::GiveUp { reason: "too old".into(), too_old: true };
    assert_eq!(after_probe(given_up.clone(), &first, &asks), given_up);
}

#[test]
fn the_last_try_is_at_the_age_at_which_it_is_given_up() {
    let day = Duration::from_hours(24);
    let tries = Tries { scheduled: 9, ..Tries::default() };
    let nearly = Lease { tries, age: Duration::from_secs(86_390), ..lease() };
    assert_eq!(waits(&next(&nearly, &timed_out())).0, Duration::from_secs(10));
    for age in [day, day * 2] {
        let (reason, too_old) = gives_up(next(&Lease { tries, age, ..lease() }, &timed_out()));
        assert!(reason.starts_with("gave up after 24 h: no answer"), "{reason}");
        let unknown = gives_up(next(&Lease { age, ..lease() }, &answered(Cause::UnknownCode)));
        assert!(too_old && unknown.1, "what a digest carries is as old");
    }
}

#[test]
fn an_age_is_told_in_hours_where_it_has_no_minutes() {
    for (seconds, words) in [(3_600, "1 h"), (86_400, "24 h"), (5_400, "90 min"), (30, "30 s")] {
        assert_eq!(hours(Duration::from_secs(seconds), Language::En), words);
    }
}

proptest! {
    #[test]
    fn a_wait_is_spread_by_a_fifth_and_equal_for_equal_attempts(
        lane in "[0-9a-f]{22}", scheduled in 0u32..1_000, seconds in 1u64..100_000,
    ) {
        let tries = Tries { scheduled, ..Tries::default() };
        let lease = Lease { lane, ..lease() };
        let wait = Duration::from_secs(seconds);
        let found = spread(wait, &lease, tries);
        prop_assert!(is_about(found, wait), "{found:?} of {wait:?}");
        prop_assert_eq!(found, spread(wait, &lease, tries));
    }
}

#[test]
fn waits_are_spread_over_the_whole_of_their_bounds() {
    let waits: Vec<u128> = (0..1_000)
        .map(|id| Lease { delivery: DeliveryId(id), ..lease() })
        .map(|lease| spread(Duration::from_secs(1), &lease, lease.tries).as_millis())
        .collect();
    let (least, most) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
    assert!(*least < 820 && *most > 1_180, "{least} to {most}");
}
