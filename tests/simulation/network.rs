//! The way to DingTalk and back: each call stops at a gate, meets its fate, and its answer stops at
//! another gate when its time has come.

use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use campana::clock::Clock;
use campana::dingtalk::{Answer, Answering, Call, NoAnswer, Transport};
use campana::queue::DeliveryId;
use dingtalk_sim::{self as dingtalk, Sim};

use crate::gates::Gates;
use crate::ledger::Ledger;
use crate::message::Message;
use crate::plant::Plant;
use crate::time::SimClock;
use crate::trouble::{Fate, Reply};

/// The network of one life of the process.
pub(crate) struct SimNetwork {
    pub(crate) sim: Arc<Sim>,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) gates: Arc<Gates>,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    pub(crate) plant: Plant,
}

impl fmt::Debug for SimNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimNetwork").finish_non_exhaustive()
    }
}

impl Transport for SimNetwork {
    fn make(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            let message = Message::of(&call);
            let number = self.ledger(|ledger| ledger.begin(&message));
            let mut flight = Flight { network: self, number, shown: None, known: false };
            self.gates.pass(format!("call {}", message.sender)).await;
            let (answer, delay) = self.reach(&call, &message, &mut flight);
            let Some((answer, success)) = answer else { return pending().await };
            if !delay.is_zero() {
                self.clock.sleep_until(self.clock.now().boot + delay).await;
            }
            self.gates.pass(format!("answer {}", message.sender)).await;
            flight.known = success;
            answer
        })
    }
}

/// An answer, and whether it says that the message arrived.
type Answered = (Result<Answer, NoAnswer>, bool);

impl SimNetwork {
    fn ledger<T>(&self, note: impl FnOnce(&mut Ledger) -> T) -> T {
        note(&mut self.ledger.lock().expect("no panic"))
    }

    /// The call meets its fate; what is answered after which delay.
    fn reach(
        &self,
        call: &Call,
        message: &Message,
        flight: &mut Flight<'_>,
    ) -> (Option<Answered>, Duration) {
        let fate = self.ledger(|ledger| fate(ledger, message));
        let now = self.clock.elapsed();
        let connected = !matches!(&fate.answer, Reply::Other(Err(NoAnswer::NotConnected(_))));
        if connected && !message.text.is_empty() {
            self.ledger(|ledger| ledger.arrived(message, now));
        }
        let own = fate.is_taken.then(|| self.take(call, message, flight));
        let answer = match (fate.answer, own) {
            (Reply::Own, Some(own)) => Some(own),
            (Reply::Own, None) | (Reply::Never, _) => None,
            (Reply::Other(other), _) => Some((other, false)),
        };
        (answer, fate.delay)
    }

    /// DingTalk does what is asked for.
    fn take(&self, call: &Call, message: &Message, flight: &mut Flight<'_>) -> Answered {
        let mut request = Request::builder().method(call.method.as_str()).uri(call.url.as_str());
        request = request.header("content-type", "application/json; charset=utf-8");
        if let Some((name, value)) = &call.header {
            request = request.header(name, value);
        }
        let request = request.body(Bytes::from(call.body.clone())).expect("a request");
        let (status, text) = self.sim.answer(&request);
        let (calls, posts) = (self.sim.calls(), self.sim.posts());
        self.sim.forget();
        self.ledger(|ledger| {
            let told = &calls[0].answer;
            ledger.trace.push(format!("DingTalk: {} {:?}: {told}", message.sender, message.marks));
            let ok = *told == dingtalk::Answer::Ok;
            // A time stamp that is off says nothing about the message.
            if !ok && !text.contains("过期") {
                let marks = message.marks.iter().map(|mark| (message.chat, *mark));
                ledger.refused.extend(marks);
            }
            for post in posts {
                if self.plant == Plant::NotShown && ledger.is_the_moment() {
                    continue;
                }
                flight.shown = ledger.posted(message, post);
            }
            (Ok(Answer { status, date: None, body: text.into_bytes() }), ok)
        })
    }
}

/// What becomes of a call, by the weather.
fn fate(ledger: &mut Ledger, message: &Message) -> Fate {
    let weather = ledger.weather.get(message.chat).copied();
    let met = weather.filter(|weather| {
        // An app's token is not refused for good: what would die of it stands in no call.
        let concerns = !message.text.is_empty() || !weather.trouble.is_final();
        concerns && ledger.random.chance(weather.percent)
    });
    let Some(weather) = met else {
        let delay = Duration::from_millis(ledger.random.below(300));
        return Fate { is_taken: true, answer: Reply::Own, delay };
    };
    let trouble = weather.trouble;
    ledger.inject(trouble.name());
    ledger.trace.push(format!("{}: {} {:?}", trouble.name(), message.sender, message.marks));
    if trouble.is_final() {
        let marks = message.marks.iter().map(|mark| (message.chat, *mark));
        ledger.refused.extend(marks);
    }
    trouble.fate(&mut ledger.random)
}

/// A call under way; one that is dropped has no known outcome.
struct Flight<'a> {
    network: &'a SimNetwork,
    number: u64,
    shown: Option<(DeliveryId, String)>,
    known: bool,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let (shown, known) = (self.shown.take(), self.known);
        self.network.ledger(|ledger| ledger.end(self.number, shown, known));
    }
}
