//! A simulated DingTalk: the endpoints that take messages, with their checks, limits and refusals.
//!
//! Written from DingTalk's documentation and published observations, and from nothing of its
//! clients, so that a client's misreading shows. It keeps what a reader of each group would see,
//! can be told to fail in every way that was seen, and is deterministic with a given clock.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use dingtalk_sim::{Fault, Robot, Scope, Sim, SimSettings, Trouble};
//!
//! let sim = Sim::start(SimSettings::default()).await?;
//! sim.add_robot(Robot::new("token").group("ops").keyword("alert"));
//! sim.fail(Scope::Robot("token".into()), Fault::once(Trouble::Reset).after_accepting());
//! assert!(sim.webhook("token").ends_with("/robot/send?access_token=token"));
//! assert!(sim.posts().is_empty());
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

mod app;
mod app_robot;
mod clock;
mod content;
mod conversion;
mod fault;
mod legacy;
mod rate;
mod reader;
mod recall;
mod record;
mod reply;
mod request;
mod robot;
mod rules;
mod security;
mod serve;
mod server;
mod sign;
mod sim;
mod state;
mod token;
mod trouble;

pub use app::App;
pub use clock::{Clock, system_clock};
pub use fault::{Fault, Gate, Phase, Scope, Trouble};
pub use rate::Rate;
pub use reader::{announcement, masked, reader_view};
pub use record::{Answer, Call, Endpoint, Link, Mentions, Post, Sender};
pub use robot::{Dislike, Objection, Presence, Robot};
pub use rules::{MsgUuid, Rules, Wording};
pub use sign::sign;
pub use sim::{Sim, SimSettings};
