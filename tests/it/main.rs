//! The real application, started on a free port, against the simulated DingTalk.
#![expect(clippy::panic, clippy::unchecked_time_subtraction, clippy::unwrap_used, reason = "tests")]

mod active_times;
mod answers;
mod bodies;
mod breaker;
mod canary;
mod cards;
mod chats;
mod conversations;
mod dead;
mod deliveries;
mod duplicates;
mod fallback;
mod grafana;
mod languages;
mod limits;
mod logs;
mod mentions;
mod metrics;
mod monika;
mod order;
mod paths;
mod pool;
mod rate;
mod reading;
mod reload;
mod replay;
mod robots;
mod selection;
mod slow_clients;
mod storm;
mod templates;
mod test_message;
mod throttle;
