use super::*;

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(1_000 + seconds)
}

/// A step of a connection's life, at a second.
type Step = fn(&mut Progress, Duration);

/// A connection that was made at second 0 and went through these steps.
fn after(steps: &[(u64, Step)]) -> Progress {
    let mut progress = Progress::new(at(0));
    for (second, step) in steps {
        step(&mut progress, at(*second));
    }
    progress
}

const HEAD_BEGINS: Step = |progress, now| progress.read(now, 20);
const REQUEST: Step = |progress, now| progress.request(now);
const BODY_MISSING: Step = |progress, now| progress.body_missing(now);
const DRIP: Step = |progress, now| {
    progress.read(now, 1);
    progress.body_came(now);
    progress.body_missing(now);
};
const FLOOD: Step = |progress, now| {
    progress.read(now, 100_000);
    progress.body_came(now);
    progress.body_missing(now);
};
const SOME: Step = |progress, now| progress.read(now, 7 * RATE);
const BODY_ENDS: Step = |progress, now| progress.body_came(now);
const ANSWER_READY: Step = |progress, now| progress.answer(now);
const WROTE: Step = |progress, _| progress.wrote(100_000);
const WROTE_LITTLE: Step = |progress, _| progress.wrote(1);
const FLUSHED: Step = |progress, now| progress.flushed(now);
const BLOCKED: Step = |progress, now| progress.blocked(now);

/// What a kind of client is called, its life, and the second at which it is too late; none is never.
type Life = (&'static str, &'static [(u64, Step)], Option<u64>);

const LIVES: [Life; 11] = [
    ("says nothing", &[], Some(360)),
    ("half a head", &[(3, HEAD_BEGINS)], Some(13)),
    ("a head byte by byte", &[(3, HEAD_BEGINS), (8, HEAD_BEGINS), (12, HEAD_BEGINS)], Some(13)),
    ("half a body", &[(1, REQUEST), (1, BODY_MISSING)], Some(11)),
    ("a body byte by byte", &[(1, REQUEST), (1, BODY_MISSING), (5, DRIP), (9, DRIP)], Some(11)),
    (
        "a long body that comes",
        &[(1, REQUEST), (1, BODY_MISSING), (9, FLOOD), (19, FLOOD), (29, FLOOD)],
        Some(31),
    ),
    ("a body that is complete", &[(1, REQUEST), (1, BODY_MISSING), (5, BODY_ENDS)], None),
    ("being served", &[(1, REQUEST)], None),
    ("an answer that is not read", &[(1, REQUEST), (2, ANSWER_READY), (3, WROTE_LITTLE)], Some(12)),
    ("idle after an answer", &[(1, REQUEST), (2, ANSWER_READY), (2, FLUSHED)], Some(362)),
    ("blocked after a flush", &[(2, ANSWER_READY), (2, FLUSHED), (3, BLOCKED)], Some(13)),
];

#[test]
fn each_kind_of_slow_client_has_its_limit() {
    for (name, steps, late) in LIVES {
        let mut progress = Progress::new(at(0));
        let mut steps = steps.iter().peekable();
        let mut found = None;
        for second in 0..400 {
            while let Some((_, step)) = steps.next_if(|(due, _)| *due == second) {
                step(&mut progress, at(second));
            }
            if progress.is_late(at(second)) {
                found = Some(second);
                break;
            }
        }
        assert_eq!(found, late, "{name}");
    }
}

#[test]
fn an_answer_that_is_read_has_time_and_one_that_stops_being_read_has_not() {
    let mut reads = after(&[(0, REQUEST), (0, ANSWER_READY), (0, WROTE)]);
    for second in 1..=60 {
        assert!(!reads.is_late(at(second)), "{second}");
        reads.wrote(2_000);
    }
    let late = (61..100).find(|second| reads.is_late(at(*second)));
    assert_eq!(late, Some(70), "too little in the window from 60 on");
}

#[test]
fn a_window_that_was_looked_at_late_asks_for_as_much_more() {
    let mut flow = Flow::new(at(0));
    flow.bytes = 15_000;
    assert!(!flow.is_late(at(14), ANSWER));
    flow.bytes += 15_000;
    assert!(flow.is_late(at(30), ANSWER), "15,000 bytes in 16 s are too few");
}

#[test]
fn idle_connections_give_way_first_then_the_slowest_and_none_that_is_served() {
    let now = at(9);
    let connections: [(&str, Progress); 11] = [
        ("just now", after(&[(9, |progress, now| *progress = Progress::new(now))])),
        ("served", after(&[(0, REQUEST)])),
        ("body complete", after(&[(0, REQUEST), (0, BODY_MISSING), (1, BODY_ENDS)])),
        ("new", after(&[(8, |progress, now| *progress = Progress::new(now))])),
        ("half head", after(&[(2, HEAD_BEGINS)])),
        ("half body", after(&[(0, REQUEST), (1, BODY_MISSING), (8, DRIP)])),
        ("fast body", after(&[(0, REQUEST), (0, BODY_MISSING), (8, FLOOD)])),
        ("faster than others", after(&[(0, REQUEST), (0, BODY_MISSING), (8, SOME)])),
        ("unread", after(&[(0, REQUEST), (3, ANSWER_READY)])),
        ("idle for long", after(&[(0, REQUEST), (2, ANSWER_READY), (4, FLUSHED)])),
        ("idle", after(&[(0, REQUEST), (2, ANSWER_READY), (7, FLUSHED)])),
    ];
    let candidates: Vec<_> = connections
        .iter()
        .filter_map(|(name, progress)| Some((progress.turn(now)?, *name)))
        .collect();
    let mut order = candidates.clone();
    order.sort_unstable();
    let order: Vec<&str> = order.into_iter().map(|(_, name)| name).collect();
    let expected = [
        "idle for long",
        "idle",
        "new",
        "half body",
        "half head",
        "unread",
        "faster than others",
        "fast body",
    ];
    // One second old: it has had its time to begin.
    assert_eq!(order[2], "new");
    assert_eq!(order, expected);
    for count in 0..=9 {
        let mut chosen = first(candidates.clone(), count);
        chosen.sort_unstable();
        let mut wanted = expected[..count.min(8)].to_vec();
        wanted.sort_unstable();
        assert_eq!(chosen, wanted, "{count}");
    }
}

#[test]
fn a_new_connection_is_the_last_to_give_way_until_it_has_had_time_to_speak() {
    let new = Progress::new(at(8));
    let slow = after(&[(0, REQUEST), (0, BODY_MISSING)]);
    assert_eq!(new.turn(at(8) + PATIENCE / 2), None);
    let just_now = at(8) + NEW / 2;
    assert!(slow.turn(just_now) < new.turn(just_now));
    assert!(new.turn(at(9)) < slow.turn(at(9)));
}

#[test]
fn who_filled_the_buffers_and_stopped_gives_way_all_the_same() {
    let unread = after(&[(0, REQUEST), (0, ANSWER_READY), (0, WROTE)]);
    assert!(unread.turn(at(1)).is_some());
}

#[test]
fn what_comes_early_is_not_taken_for_reading_the_answer() {
    let mut progress = after(&[(0, REQUEST), (0, ANSWER_READY)]);
    progress.read(at(5), 1_000_000);
    assert!(progress.is_late(at(10)));
}
