//! What opens, what probes and when, and what closes.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// The breakers, with a time that passes.
struct World {
    breakers: Breakers,
    rules: DeliverySettings,
    now: Duration,
}

/// A lane, and the host that it sends to.
type At = (&'static str, Option<&'static str>);

/// A lane that sends to the host `h`.
fn at_h(lane: &'static str) -> At {
    (lane, Some("h"))
}

impl World {
    fn new() -> Self {
        let (breakers, rules) = (Breakers::default(), DeliverySettings::default());
        Self { breakers, rules, now: Duration::from_hours(1) }
    }

    fn ask(&mut self, (lane, host): At) -> Verdict {
        self.breakers.ask(lane, host.map(Arc::from).as_ref(), true, self.now)
    }

    /// The lane's ticket, which has to be there.
    #[track_caller]
    fn go(&mut self, lane: At) -> Ticket {
        match self.ask(lane) {
            Verdict::Go(ticket) => ticket,
            Verdict::Hold(hold) => panic!("{lane:?} is held: {hold:?}"),
        }
    }

    /// For how long the lane is held, and by what.
    #[track_caller]
    fn held(&mut self, lane: At) -> (Want, Option<Duration>) {
        match self.ask(lane) {
            Verdict::Go(ticket) => panic!("{lane:?} goes: {ticket:?}"),
            Verdict::Hold(Hold { want, until }) => {
                (want, until.map(|until| until.saturating_sub(self.now)))
            }
        }
    }

    fn end(&mut self, (lane, host): At, ticket: Ticket, sign: &Sign) -> Changes {
        let host = host.map(Arc::from);
        self.breakers.ended((lane, host.as_ref()), ticket, sign, &self.rules, self.now)
    }

    /// An attempt that ends at once.
    #[track_caller]
    fn attempt(&mut self, lane: At, sign: &Sign) -> Changes {
        let ticket = self.go(lane);
        self.end(lane, ticket, sign)
    }

    #[track_caller]
    fn fail(&mut self, lane: At, way: &'static str) -> Changes {
        self.attempt(lane, &failed(way))
    }

    /// The host `h` is open, as two lanes failed at it.
    #[track_caller]
    fn open(lanes: [&'static str; 2]) -> Self {
        let mut world = Self::new();
        for lane in lanes {
            world.fail(at_h(lane), "timeout");
        }
        assert!(world.is_open(), "{lanes:?}");
        world
    }

    fn is_open(&self) -> bool {
        self.breakers.hosts().any(|(host, is_open)| &**host == "h" && is_open)
    }
}

fn failed(way: &'static str) -> Sign {
    Sign::Failed(Failure { way, words: format!("{way} in words"), wait: None })
}

fn trouble(failures: u32, last: &str) -> Trouble {
    Trouble { failures, last: last.to_owned() }
}

#[test]
fn what_an_attempt_says_of_the_far_side() {
    use crate::dingtalk::Cause::{
        Banned, Broken, Busy, Clock, NoErrcode, NotConnected, NotJson, Redirect, Refused,
        ServerError, Throttled, ThrottledSecond, TimedOut, Token, TooLong, UnknownCode,
    };
    use crate::dingtalk::{Refusal, SendError};
    let words = String::new;
    for cause in [
        NotConnected(words()),
        TimedOut,
        Broken(words()),
        Redirect,
        Banned,
        ServerError,
        NotJson,
        NoErrcode,
    ] {
        let sign = Sign::of(&Err(SendError::from(cause.clone())));
        assert!(matches!(sign, Sign::Failed(_)), "{cause:?}");
    }
    let refused = Refused(Refusal::Keyword);
    for cause in
        [Busy, Throttled, ThrottledSecond, TooLong, Clock, Token, refused.clone(), UnknownCode]
    {
        assert_eq!(Sign::of(&Err(SendError::from(cause.clone()))), Sign::Answered, "{cause:?}");
    }
    assert_eq!(Sign::of(&Ok(Receipt::default())), Sign::Answered);
    let remembered = SendError { wait: Some(SECOND), ..SendError::from(refused) };
    assert_eq!(Sign::of(&Err(remembered.of_token_request())), Sign::Nothing);
}

#[test]
fn a_lane_rests_after_five_failures_in_a_row_and_probes_ever_later() {
    let lane = at_h("a");
    let mut world = World::new();
    for _ in 0..4 {
        assert_eq!(world.fail(lane, "timeout").lane, None);
    }
    let opened = world.fail(lane, "reset").lane;
    assert_eq!(opened, Some(Change::Opened(trouble(5, "reset in words"))));
    for wait in [1, 5, 15, 60, 60, 60, 60].map(Duration::from_secs) {
        assert_eq!(world.held(lane), (Want::Account, Some(wait)));
        world.now += wait;
        let probe = world.go(lane);
        assert!(probe.is_probe, "after {wait:?}");
        assert_eq!(
            world.end(lane, probe, &failed("timeout")),
            Changes { wake: Wake::These(Vec::new()), ..Changes::default() }
        );
    }
    assert_eq!(world.breakers.open_lanes(), 1);
    world.now += Duration::from_mins(1);
    let closed = world.attempt(lane, &Sign::Answered).lane;
    assert_eq!(closed, Some(Change::Closed(trouble(12, "timeout in words"))));
    assert!(!world.go(lane).is_probe, "an answer frees all");
    assert!(!world.is_open(), "one lane does not speak for the host");
}

#[test]
fn a_lane_rests_no_longer_than_its_rules_say() {
    let lane = ("a", None);
    for (retry, longest, expected) in [(5, 600, 5), (300, 600, 60), (300, 30, 30)] {
        let mut world = World::new();
        world.rules.retry = vec![Duration::from_secs(retry)];
        world.rules.park_longest = Duration::from_secs(longest);
        for _ in 0..5 {
            world.fail(lane, "timeout");
        }
        let expected = Some(Duration::from_secs(expected));
        assert_eq!(world.held(lane), (Want::Account, expected), "{retry} {longest}");
    }
}

#[test]
fn an_answer_between_failures_begins_the_count_anew() {
    for lane in [at_h("a"), ("a", None)] {
        let mut world = World::new();
        for _ in 0..3 {
            for _ in 0..4 {
                world.fail(lane, "timeout");
            }
            world.attempt(lane, &Sign::Answered);
            world.attempt(lane, &Sign::Nothing);
        }
        assert_eq!(world.breakers.open_lanes(), 0, "{lane:?}");
    }
}

#[test]
fn a_lane_rests_as_long_as_the_far_side_asks() {
    let mut world = World::new();
    let wait = Some(Duration::from_secs(90));
    let failure = Sign::Failed(Failure { way: "banned", words: String::new(), wait });
    for _ in 0..5 {
        world.attempt(("a", None), &failure);
    }
    assert_eq!(world.held(("a", None)), (Want::Account, wait));
    let mut world = World::new();
    world.attempt(at_h("a"), &failure);
    world.attempt(at_h("b"), &failure);
    assert_eq!(world.held(at_h("c")), (Want::Host, wait));
}

#[test]
fn two_lanes_that_fail_alike_open_their_host() {
    type Events = &'static [(&'static str, &'static str)];
    // Each lane with the way in which it fails, or `ok`.
    let table: [(Events, bool); 7] = [
        (&[("a", "timeout"), ("b", "timeout")], true),
        (&[("a", "timeout"), ("a", "timeout")], false),
        (&[("a", "timeout"), ("b", "reset")], false),
        (&[("a", "timeout"), ("b", "reset"), ("c", "timeout")], true),
        (&[("a", "timeout"), ("c", "ok"), ("b", "timeout")], false),
        (&[("a", "timeout"), ("a", "ok"), ("b", "timeout")], false),
        (&[("a", "timeout"), ("a", "reset"), ("b", "reset")], true),
    ];
    for (events, expected) in table {
        let mut world = World::new();
        for (lane, way) in events {
            let sign = if *way == "ok" { Sign::Answered } else { failed(way) };
            world.attempt(at_h(lane), &sign);
        }
        assert_eq!(world.is_open(), expected, "{events:?}");
    }
    let mut world = World::new();
    world.fail(at_h("a"), "timeout");
    assert_eq!(world.fail(("b", Some("elsewhere")), "timeout").host, None);
    assert_eq!(world.fail(("b", None), "timeout").host, None);
    let opened = Some(Change::Opened(trouble(2, "timeout in words")));
    assert_eq!(world.fail(at_h("c"), "timeout").host, opened);
    assert!(matches!(world.ask(("d", Some("elsewhere"))), Verdict::Go(_)));
}

#[test]
fn a_time_out_says_nothing_of_a_host_that_answered_others_meanwhile() {
    let mut world = World::new();
    let (a, b) = (world.go(at_h("a")), world.go(at_h("b")));
    world.attempt(at_h("c"), &Sign::Answered);
    world.end(at_h("a"), a, &failed("timeout"));
    world.end(at_h("b"), b, &failed("timeout"));
    assert!(!world.is_open());
}

#[test]
fn one_lane_after_another_probes_an_open_host_at_growing_waits() {
    let mut world = World::open(["a", "b"]);
    let lanes = ["c", "d", "e", "f", "g", "i", "j", "k"].map(at_h);
    for (lane, wait) in lanes.into_iter().zip([1, 2, 4, 8, 16, 32, 59, 59]) {
        let wait = Duration::from_secs(wait);
        assert_eq!(world.held(lane), (Want::Host, Some(wait)));
        world.now += wait;
        let probe = world.go(lane);
        assert!(probe.is_probe);
        assert!(matches!(world.ask(at_h("z")), Verdict::Hold(_)), "one at a time");
        assert_eq!(world.end(lane, probe, &failed("timeout")).host, None);
    }
    world.now += Duration::from_mins(1);
    let closed = world.attempt(at_h("a"), &Sign::Answered);
    assert_eq!(closed.host, Some(Change::Closed(trouble(10, "timeout in words"))));
    assert_eq!(closed.wake, Wake::All);
    assert!(!world.go(at_h("z")).is_probe);
}

#[test]
fn whoever_does_not_know_that_something_is_due_takes_no_probe() {
    let mut world = World::open(["a", "b"]);
    world.now += SECOND;
    let verdict = world.breakers.ask("c", Some(&"h".into()), false, world.now);
    let hold = Hold { want: Want::Host, until: Some(world.now) };
    assert_eq!(verdict, Verdict::Hold(hold), "it may come again at once");
    assert!(world.go(at_h("d")).is_probe);
}

#[test]
fn after_a_probe_that_hangs_the_next_one_is_anothers() {
    let mut world = World::open(["a", "b"]);
    world.now += SECOND;
    let hangs = world.go(at_h("c"));
    for lane in ["d", "e"] {
        world.now += Duration::from_secs(4);
        world.go(at_h(lane));
    }
    world.end(at_h("c"), hangs, &failed("timeout"));
    // Of two that have failed, the one that did not probe last is first.
    let mut world = World::open(["a", "b"]);
    world.now += SECOND;
    world.fail(at_h("a"), "timeout");
    world.now += Duration::from_secs(2);
    assert_eq!(world.held(at_h("a")), (Want::Host, Some(SECOND)));
    world.fail(at_h("b"), "timeout");
}

#[test]
fn a_good_robot_does_not_wait_for_long_because_bad_ones_probe_in_vain() {
    let mut world = World::new();
    world.attempt(at_h("good"), &Sign::Answered);
    for lane in ["a", "b"] {
        world.fail(at_h(lane), "http_error");
    }
    for _ in 0..8 {
        for lane in ["a", "b"] {
            world.now += Duration::from_mins(1);
            world.fail(at_h(lane), "http_error");
        }
    }
    assert_eq!(world.held(at_h("a")), (Want::Host, Some(Duration::from_secs(59))));
    assert_eq!(world.held(at_h("good")), (Want::Host, Some(SECOND)));
    assert_eq!(world.held(at_h("new")), (Want::Host, Some(SECOND)));
}

#[test]
fn probes_of_a_host_are_no_failures_of_the_lane() {
    let mut world = World::open(["a", "b"]);
    for _ in 0..10 {
        world.now += Duration::from_mins(1);
        world.fail(at_h("a"), "timeout");
    }
    assert_eq!(world.breakers.open_lanes(), 0);
    world.now += Duration::from_mins(1);
    world.attempt(at_h("b"), &Sign::Answered);
    assert!(!world.go(at_h("a")).is_probe, "it waits no more");
}

#[test]
fn a_lane_that_rests_need_not_rest_on_when_its_host_has_recovered() {
    let mut world = World::new();
    for _ in 0..5 {
        world.fail(at_h("a"), "timeout");
    }
    world.now += SECOND;
    for _ in 0..4 {
        world.fail(at_h("a"), "timeout");
        world.now += Duration::from_mins(5);
    }
    world.fail(at_h("a"), "timeout");
    assert_eq!(world.held(at_h("a")), (Want::Account, Some(Duration::from_mins(1))));
    world.fail(at_h("b"), "timeout");
    assert_eq!(world.held(at_h("a")), (Want::Host, Some(SECOND)), "not judged twice");
    world.now += SECOND;
    world.attempt(at_h("c"), &Sign::Answered);
    let probe = world.go(at_h("a"));
    assert!(probe.is_probe, "one message first, as its own robot may be dead");
    world.end(at_h("a"), probe, &failed("timeout"));
    assert_eq!(world.held(at_h("a")), (Want::Account, Some(Duration::from_mins(1))));
}

#[test]
fn a_host_that_has_not_answered_gets_eight_attempts_at_once() {
    let mut world = World::new();
    let names: Vec<&'static str> =
        (0..20).map(|n| format!("lane{n:02}")).map(|name| &*name.leak()).collect();
    let tickets: Vec<Ticket> = names[..8].iter().map(|lane| world.go(at_h(lane))).collect();
    for lane in &names[8..] {
        assert_eq!(world.held(at_h(lane)), (Want::Host, None));
        assert_eq!(world.held(at_h(lane)), (Want::Host, None), "queued once");
    }
    let given_back = world.end(at_h(names[0]), tickets[0], &Sign::Nothing);
    assert_eq!(given_back.wake, Wake::These(vec![names[8].to_owned()]));
    world.go(at_h(names[8]));
    let answered = world.end(at_h(names[1]), tickets[1], &Sign::Answered);
    let next: Vec<String> = names[9..17].iter().map(ToString::to_string).collect();
    assert_eq!(answered.wake, Wake::These(next), "an answer lets as many more go");
    assert_eq!(answered.host, None);
}

#[test]
fn whoever_waits_for_the_first_answers_is_told_when_the_host_opens() {
    let mut world = World::new();
    let names = ["a", "b", "c", "d", "e", "f", "g", "i"].map(at_h);
    let tickets = names.map(|lane| world.go(lane));
    assert_eq!(world.held(at_h("z")), (Want::Host, None));
    assert_eq!(
        world.end(names[0], tickets[0], &failed("reset")).wake,
        Wake::These(vec!["z".to_owned()])
    );
    world.go(at_h("z"));
    assert_eq!(world.held(at_h("y")), (Want::Host, None));
    let opened = world.end(names[1], tickets[1], &failed("reset"));
    assert_eq!(opened.wake, Wake::These(vec!["y".to_owned()]));
    assert_eq!(world.held(at_h("y")), (Want::Host, Some(SECOND)));
}

#[test]
fn lanes_that_failed_last_leave_half_of_the_attempts_to_others() {
    let mut world = World::new();
    let bad = ["a", "b", "c", "d", "e", "f"].map(at_h);
    for lane in bad {
        world.fail(lane, "timeout");
        world.attempt(at_h("good"), &Sign::Answered);
    }
    for lane in &bad[..4] {
        world.go(*lane);
    }
    assert_eq!(world.held(bad[4]), (Want::Host, None));
    assert_eq!(world.held(bad[5]), (Want::Host, None));
    let good = world.go(at_h("good"));
    assert_eq!(world.end(at_h("good"), good, &Sign::Nothing).wake, Wake::These(Vec::new()));
}

#[test]
fn an_answer_to_a_test_closes_what_is_on_its_way() {
    let mut world = World::open(["a", "b"]);
    for _ in 0..5 {
        world.fail(("c", None), "timeout");
    }
    let host = Arc::from("h");
    assert!(matches!(world.breakers.answered("new", Some(&host)).host, Some(Change::Closed(_))));
    assert!(matches!(world.breakers.answered("c", None).lane, Some(Change::Closed(_))));
    assert!(!world.go(at_h("a")).is_probe && !world.go(("c", None)).is_probe);
}

#[test]
fn a_changed_lane_and_a_removed_host_begin_anew() {
    let mut world = World::open(["a", "b"]);
    for _ in 0..5 {
        world.fail(("c", None), "timeout");
    }
    world.breakers.forget("c");
    world.breakers.keep_hosts(&HashSet::new());
    assert!(!world.go(("c", None)).is_probe);
    assert!(!world.go(at_h("a")).is_probe);
}
