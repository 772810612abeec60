//! The running simulator and its controls.
//!
//! It stops when it is dropped: the port is free again and every open connection ends.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::{App, AppState};
use crate::clock::{Clock, system_clock};
use crate::conversion::open_conversation_id;
use crate::fault::{Fault, Scope};
use crate::rate::busiest;
use crate::record::{Call, Post, Sender};
use crate::robot::{Robot, RobotState};
use crate::rules::Rules;
use crate::state::State;
use crate::{serve, server};

/// Where the simulator listens, its time and its rules.
#[derive(Clone)]
pub struct SimSettings {
    /// The address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The time.
    pub clock: Clock,
    /// What is allowed.
    pub rules: Rules,
}

impl Default for SimSettings {
    fn default() -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { listen, clock: system_clock(), rules: Rules::default() }
    }
}

impl fmt::Debug for SimSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut settings = formatter.debug_struct("SimSettings");
        settings.field("listen", &self.listen).field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl SimSettings {
    /// The defaults, with a time that the caller moves.
    #[must_use]
    pub fn with_clock(clock: Clock) -> Self {
        Self { clock, ..Self::default() }
    }
}

/// How much was recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    calls: usize,
    answers: usize,
    posts: usize,
}

/// What the handlers share with the controls.
pub(crate) struct Core {
    state: Mutex<State>,
    clock: Clock,
    counts: watch::Sender<Counts>,
}

impl Core {
    fn new(clock: Clock, rules: Rules) -> Arc<Self> {
        let state = Mutex::new(State::new(rules));
        Arc::new(Self { state, clock, counts: watch::Sender::default() })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic in one call leaves records that are still true.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Duration {
        (self.clock)()
    }

    /// Wakes those who wait for calls, answers or posts.
    pub(crate) fn announce(&self, state: &State) {
        let (calls, posts) = (state.calls.len(), state.posts.len());
        self.counts.send_replace(Counts { calls, answers: state.answers, posts });
    }

    /// Counts an answer that leaves now.
    pub(crate) fn answered(&self) {
        let mut state = self.state();
        state.answers += 1;
        self.announce(&state);
    }
}

/// A running simulator.
pub struct Sim {
    core: Arc<Core>,
    address: SocketAddr,
    /// None where it does not listen.
    server: Option<JoinHandle<()>>,
}

impl fmt::Debug for Sim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sim").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

impl Sim {
    /// Starts one; it answers as soon as this returns.
    ///
    /// # Errors
    ///
    /// The address can't be listened on.
    pub async fn start(settings: SimSettings) -> io::Result<Self> {
        let SimSettings { listen, clock, rules } = settings;
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let core = Core::new(clock, rules);
        let router = serve::router(Arc::clone(&core));
        let server = Some(tokio::spawn(server::run(listener, router)));
        Ok(Self { core, address, server })
    }

    /// One that does not listen, for a caller in the same process: [`Sim::answer`].
    #[must_use]
    pub fn without_listener(settings: SimSettings) -> Self {
        let SimSettings { listen, clock, rules } = settings;
        Self { core: Core::new(clock, rules), address: listen, server: None }
    }

    /// Answers one call as the listener would; faults that were ordered do not meet it.
    #[must_use]
    pub fn answer(&self, request: &Request<Bytes>) -> (u16, String) {
        serve::answer(&self.core, request)
    }

    /// The base URL of both APIs.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The `openConversationId` by which the current API knows the chat with this `chatid`.
    #[must_use]
    pub fn open_conversation_id(&self, chat_id: &str) -> String {
        open_conversation_id(chat_id)
    }

    /// The webhook URL of the robot with this token.
    #[must_use]
    pub fn webhook(&self, token: &str) -> String {
        format!("{}/robot/send?access_token={token}", self.url())
    }

    /// Adds a robot, in place of one with the same token.
    pub fn add_robot(&self, robot: Robot) {
        let mut state = self.core.state();
        state.robots.insert(robot.token.clone(), RobotState::new(robot));
    }

    /// Adds an app, in place of one with the same key; tokens of that one stay valid.
    pub fn add_app(&self, app: App) {
        self.core.state().apps.insert(app.key.clone(), AppState::new(app));
    }

    /// Changes a robot's settings; false when there is none with this token.
    pub fn change_robot(&self, token: &str, change: impl FnOnce(&mut Robot)) -> bool {
        let mut state = self.core.state();
        state.robots.get_mut(token).map(|state| change(&mut state.robot)).is_some()
    }

    /// Changes an app's settings; false when there is none with this key.
    pub fn change_app(&self, key: &str, change: impl FnOnce(&mut App)) -> bool {
        let mut state = self.core.state();
        state.apps.get_mut(key).map(|state| change(&mut state.app)).is_some()
    }

    /// Changes the rules for the calls to come.
    pub fn change_rules(&self, change: impl FnOnce(&mut Rules)) {
        change(&mut self.core.state().rules);
    }

    /// Makes the tokens of an app invalid, before their time.
    pub fn revoke_tokens(&self, app_key: &str) {
        let mut state = self.core.state();
        for issued in state.tokens.values_mut().filter(|issued| issued.app == app_key) {
            issued.revoked = true;
        }
    }

    /// Orders trouble for calls to come, after what was ordered for the same scope before.
    ///
    /// A fault of a robot or app comes before one of its endpoint, and that before one of the
    /// server.
    pub fn fail(&self, scope: Scope, fault: impl Into<Fault>) {
        self.core.state().faults.add(scope, fault.into());
    }

    /// Takes all ordered trouble away; calls that are held or hang stay so.
    pub fn heal(&self) {
        self.core.state().faults.clear();
    }

    /// Every message, in the order in which they appeared, those that were recalled too.
    #[must_use]
    pub fn posts(&self) -> Vec<Post> {
        self.core.state().posts.clone()
    }

    /// What a reader of one group, or the user with this id, sees.
    #[must_use]
    pub fn posts_in(&self, group: &str) -> Vec<Post> {
        let state = self.core.state();
        let shown = |post: &&Post| post.group == group && state.shows(post);
        state.posts.iter().filter(shown).cloned().collect()
    }

    /// Every call, in the order in which they were judged.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.core.state().calls.clone()
    }

    /// Waits until there are this many messages, and gives all of them.
    pub async fn wait_for_posts(&self, count: usize) -> Vec<Post> {
        self.reached(|counts| counts.posts >= count).await;
        self.posts()
    }

    /// Waits until there were this many calls, answered or not, and gives all of them.
    pub async fn wait_for_calls(&self, count: usize) -> Vec<Call> {
        self.reached(|counts| counts.calls >= count).await;
        self.calls()
    }

    /// Waits until this many calls were answered; one that hangs or is reset never is.
    ///
    /// The caller may not have read its answer yet.
    pub async fn wait_for_answers(&self, count: usize) {
        self.reached(|counts| counts.answers >= count).await;
    }

    /// Waits for the message with this index, counted from zero.
    pub async fn post(&self, index: usize) -> Post {
        loop {
            self.reached(|counts| counts.posts > index).await;
            // Only `forget` can take it away between the wait and the look.
            if let Some(post) = self.core.state().posts.get(index) {
                return post.clone();
            }
        }
    }

    /// Waits for the call with this index, counted from zero, answered or not.
    pub async fn call(&self, index: usize) -> Call {
        loop {
            self.reached(|counts| counts.calls > index).await;
            // Only `forget` can take it away between the wait and the look.
            if let Some(call) = self.core.state().calls.get(index) {
                return call.clone();
            }
        }
    }

    /// The largest number of accepted calls of one sender within any window of this length.
    ///
    /// The check on a client's pace: more than 20 in 60 s is what DingTalk punishes.
    #[must_use]
    pub fn busiest_window(&self, sender: &Sender, per: Duration) -> usize {
        let state = self.core.state();
        let counts = |call: &&Call| call.accepted && call.sender.as_ref() == Some(sender);
        let mut moments: Vec<_> = state.calls.iter().filter(counts).map(|call| call.at).collect();
        moments.sort_unstable();
        busiest(&moments, per)
    }

    /// Forgets the records; robots, rates, ids and tokens stay as they are.
    pub fn forget(&self) {
        let mut state = self.core.state();
        state.calls.clear();
        state.posts.clear();
        state.answers = 0;
        self.core.announce(&state);
    }

    async fn reached(&self, enough: impl Fn(&Counts) -> bool) {
        let mut counts = self.core.counts.subscribe();
        // The sender lives in `self`, so the wait can't fail.
        let _ = counts.wait_for(|counts| enough(counts)).await;
    }
}
