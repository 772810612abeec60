//! A system's resolver that answers when the test says so.

use std::sync::mpsc;

use super::*;
use crate::clock::ManualClock;

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

const MOMENT: Duration = Duration::from_millis(1);

/// A resolver, its clock, and what the system was asked for; names that begin with `silent` are
/// answered when the gate is dropped.
struct World {
    resolver: Resolver,
    clock: Arc<ManualClock>,
    asked: mpsc::Receiver<String>,
    gate: mpsc::Sender<()>,
}

fn world() -> World {
    let clock = Arc::new(ManualClock::new(jiff::Timestamp::UNIX_EPOCH));
    let (asks, asked) = mpsc::channel();
    let (gate, opened) = mpsc::channel::<()>();
    let opened = Mutex::new(opened);
    let asks = Mutex::new(asks);
    let look_up = move |name: &str| {
        asks.lock().unwrap().send(name.to_owned()).unwrap();
        if name.starts_with("silent") {
            let _ = opened.lock().unwrap().recv();
            return Err(io::Error::other("no answer"));
        }
        if name.starts_with("unknown") {
            Err(io::Error::other("no such name"))
        } else {
            Ok(vec![HOME])
        }
    };
    let resolver = Resolver::with(Arc::<ManualClock>::clone(&clock), Box::new(look_up));
    World { resolver, clock, asked, gate }
}

async fn found(resolver: &Resolver, name: &str) -> Result<Vec<IpAddr>, String> {
    let found = resolver.ask(name).await.expect("it is answered");
    found.map(|addresses| addresses.to_vec()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn an_answer_serves_for_some_seconds_and_a_failure_for_less() {
    let World { resolver, clock, asked, gate: _gate } = world();
    for (name, holds, answer) in
        [("a", FOUND, Ok(vec![HOME])), ("unknown", NOT_FOUND, Err("no such name".to_owned()))]
    {
        for (later, look_ups) in [(Duration::ZERO, 1), (holds.saturating_sub(MOMENT), 0)] {
            clock.advance(later);
            assert_eq!(found(&resolver, name).await, answer);
            assert_eq!(asked.try_iter().count(), look_ups, "{name} after {later:?}");
        }
        clock.advance(MOMENT);
        assert_eq!(found(&resolver, name).await, answer);
        assert_eq!(asked.try_iter().count(), 1, "{name} again");
    }
    clock.advance(FORGOTTEN * 2);
    found(&resolver, "b").await.expect("it is there");
    assert_eq!(resolver.0.state().names.len(), 1, "what nobody asks for is forgotten");
}

#[tokio::test]
async fn all_who_ask_for_a_name_share_one_look_up() {
    let World { resolver, asked, gate, clock: _clock } = world();
    let answers: Vec<_> = (0..100).map(|_| resolver.ask("silent")).collect();
    drop(gate);
    for answer in answers {
        assert_eq!(answer.await.expect("it is answered"), Err(LookUpError("no answer".into())));
    }
    assert_eq!(asked.try_iter().count(), 1);
}

#[tokio::test]
async fn silent_names_take_few_threads_and_none_from_a_name_that_has_answered() {
    let World { resolver, clock, asked, gate } = world();
    found(&resolver, "dingtalk").await.expect("it is there");
    clock.advance(FOUND);
    let silent: Vec<_> = (0..300).map(|n| resolver.ask(&format!("silent{n}"))).collect();
    found(&resolver, "dingtalk").await.expect("it is there, whoever is silent");
    assert!(resolver.0.state().threads <= THREADS);
    assert!(resolver.0.state().with_strangers <= STRANGERS);
    // The attempts are over; what nobody waits for any more is not looked up.
    drop(silent);
    drop(gate);
    found(&resolver, "new").await.expect("its turn comes");
    let asked = asked.try_iter().filter(|name| name.starts_with("silent")).count();
    assert!(asked <= STRANGERS, "{asked}");
}

#[tokio::test]
async fn without_a_thread_who_asks_is_told() {
    let World { resolver, asked: _asked, gate: _gate, .. } = world();
    let (waiter, answer) = oneshot::channel();
    {
        let mut state = resolver.0.state();
        assert!(state.ask("a", waiter, Duration::ZERO));
        state.threads += 1;
        state.no_thread(&io::Error::other("none left"));
    }
    let error = answer.await.expect("it is answered").expect_err("not looked up");
    assert!(error.to_string().contains("none left"), "{error}");
    found(&resolver, "a").await.expect("the next one may have a thread");
}
