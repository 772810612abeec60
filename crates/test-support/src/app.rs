//! A real application against the simulated DingTalk, with a clock that only the test moves.
//!
//! A test reads an account, a metric, a state or a list, and moves the clock, only when nothing is
//! under way that could still change it: after [`TestApp::settle`], or after the wait for the one
//! thing that it is about.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use campana::app::{App, RunningApp, Setup};
use campana::clock::{Clock, ManualClock};
use campana::settings::{ConfigErrors, Environment, Loaded, Overrides, Settings};
use dingtalk_sim::{App as SimApp, Robot, Sim, SimSettings};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::answer::Answer;
use crate::exposition::Exposition;
use crate::patience::{PATIENCE, until};

/// When every test begins.
pub const START: &str = "2026-11-20T19:12:00Z";

/// An attempt's limit where the configuration names none.
pub const ATTEMPT_LIMIT: Duration = Duration::from_secs(10);

/// A running application with everything around it.
pub struct TestApp {
    /// DingTalk.
    pub sim: Sim,
    /// The time of the application and of DingTalk.
    pub clock: Arc<ManualClock>,
    /// Where the database is, and what relative paths of the configuration start at.
    pub folder: TempDir,
    running: Option<RunningApp>,
    /// The client of the test.
    pub http: reqwest::Client,
    config: Arc<std::sync::Mutex<String>>,
    overrides: Overrides,
}

/// A configuration whose file does not answer until this is dropped.
pub struct HeldConfiguration {
    open: Option<mpsc::Sender<()>>,
    holder: Option<JoinHandle<()>>,
}

impl Drop for HeldConfiguration {
    fn drop(&mut self) {
        drop(self.open.take());
        // It has nothing that could fail.
        let _ = self.holder.take().map(JoinHandle::join);
    }
}

/// One chatbot, `ops`, with the token `ops-token`.
pub const ONE_CHATBOT: &str = "
receivers:
  - name: ops
    chatbots: [{name: ops-group, access_token: ops-token}]
";

/// The same, which sends each message as itself, however many wait.
pub const ONE_QUEUEING_CHATBOT: &str = "
receivers:
  - name: ops
    chatbots: [{name: ops-group, access_token: ops-token, overflow: queue}]
";

/// One chatbot, `a`, whose work the robots with the tokens `one` and `two` share.
const ONE_POOL: &str = "
receivers:
  - {name: ops, chatbots: [{name: a, pool: [{access_token: one}, {access_token: two}]}]}
";

/// One conversation, `ops`, of the app `dingops`.
pub const ONE_CONVERSATION: &str = "
receivers:
  - name: ops
    conversations:
      - {name: sre, app_key: dingops, app_secret: app-secret, open_conversation_ids: ['cid1==']}
";

/// The shortest wait of the schedule, with its spread.
pub const FIRST_RETRY: Duration = Duration::from_millis(1_200);

impl TestApp {
    /// One receiver `ops` with one conversation, whose app exists.
    pub async fn with_conversation() -> Self {
        let app = Self::with(ONE_CONVERSATION).await;
        app.sim.add_app(SimApp::new("dingops", "app-secret"));
        app
    }

    /// One receiver `ops` with one chatbot that has two robots, which exist.
    pub async fn with_pool() -> Self {
        let app = Self::with(ONE_POOL).await;
        app.sim.change_rules(|rules| rules.any_token = true);
        app
    }

    /// One receiver `ops` with one chatbot, whose robot exists.
    pub async fn start() -> Self {
        let app = Self::with(ONE_CHATBOT).await;
        app.sim.add_robot(Robot::new("ops-token").group("ops"));
        app
    }

    /// One receiver `ops` with one chatbot that folds nothing, whose robot exists.
    pub async fn queueing() -> Self {
        let app = Self::with(ONE_QUEUEING_CHATBOT).await;
        app.sim.add_robot(Robot::new("ops-token").group("ops"));
        app
    }

    /// This configuration; `dingtalk` and `storage` are added, to a `storage: {…}` of its own its URL.
    ///
    /// # Panics
    ///
    /// When the application does not start on it.
    pub async fn with(config: &str) -> Self {
        Self::with_overrides(config, Overrides::default()).await
    }

    /// The same, with flags.
    ///
    /// # Panics
    ///
    /// When the application does not start on it.
    pub async fn with_overrides(config: &str, overrides: Overrides) -> Self {
        let clock = Arc::new(ManualClock::new(START.parse().expect("a time")));
        let time = Arc::clone(&clock);
        let settings = SimSettings::with_clock(Arc::new(move || unix(&*time)));
        let mut app = Self {
            sim: Sim::start(settings).await.expect("the simulator starts"),
            clock,
            folder: TempDir::new().expect("a folder"),
            running: None,
            http: client(),
            config: Arc::default(),
            overrides,
        };
        app.configure(config);
        app.begin().await;
        app
    }

    /// Writes the configuration that the next start or reload reads.
    ///
    /// # Panics
    ///
    /// When another thread panicked while it did the same.
    pub fn configure(&self, config: &str) {
        let url = self.sim.url();
        let database = self.folder.path().join("campana.db");
        let storage = format!("storage: {{url: 'sqlite:{}'", database.display());
        let config = if config.contains("storage: {") {
            config.replace("storage: {", &format!("{storage}, "))
        } else {
            format!("{storage}}}\n{config}")
        };
        let whole = format!("dingtalk: {{oapi_url: '{url}', api_url: '{url}'}}\n{config}");
        *self.config.lock().expect("no panic") = whole;
    }

    /// Lets the configuration's file not answer, until what this gives is dropped.
    #[must_use]
    pub fn hold_configuration(&self) -> HeldConfiguration {
        let config = Arc::clone(&self.config);
        let (open, gate) = mpsc::channel::<()>();
        let (held, is_held) = mpsc::channel::<()>();
        let holder = thread::spawn(move || {
            let _config = config.lock();
            drop(held);
            // Until the sender is dropped.
            let _ = gate.recv();
        });
        let _ = is_held.recv();
        HeldConfiguration { open: Some(open), holder: Some(holder) }
    }

    /// Starts the application on what is on disk.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn begin(&mut self) {
        let (config, overrides) = (Arc::clone(&self.config), self.overrides.clone());
        let folder = self.folder.path().to_owned();
        let load = Arc::new(move || {
            let text = config.lock().expect("no panic").clone();
            load(&text, &folder, &overrides)
        });
        let settings = load().unwrap_or_else(|errors| panic!("{errors}")).settings;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let flags = BTreeMap::from([("config.file".to_owned(), "test.yml".to_owned())]);
        let setup = Setup { settings, load, flags, listener, clock };
        self.running = Some(App::start(setup).await.unwrap_or_else(|error| panic!("{error}")));
    }

    /// Stops the application; what is queued stays on disk.
    ///
    /// # Panics
    ///
    /// When it does not run, or one of its tasks has failed.
    pub async fn end(&mut self) {
        let running = self.running.take().expect("it runs");
        running.stop().await.expect("every task ended well");
    }

    /// Stops and starts again, on the same database.
    pub async fn restart(&mut self) {
        self.end().await;
        self.begin().await;
    }

    /// The application.
    ///
    /// # Panics
    ///
    /// When it is stopped.
    #[must_use]
    pub fn running(&self) -> &RunningApp {
        self.running.as_ref().expect("it runs")
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running().address)
    }

    /// A POST with this body.
    pub async fn post(&self, path: &str, body: impl ToString) -> Answer {
        self.send(self.http.post(self.url(path)).body(body.to_string())).await
    }

    /// A GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(self.url(path))).await
    }

    /// A call without a body.
    ///
    /// # Panics
    ///
    /// When HTTP cannot have this method.
    pub async fn call(&self, method: &str, path: &str) -> Answer {
        let method = method.parse().expect("a method");
        self.send(self.http.request(method, self.url(path))).await
    }

    /// A POST of this content type.
    pub async fn post_as(&self, path: &str, kind: &str, body: &Value) -> Answer {
        let request = self.http.post(self.url(path)).header("content-type", kind);
        self.send(request.body(body.to_string())).await
    }

    /// A call that has no method of its own here.
    ///
    /// # Panics
    ///
    /// When the application does not answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::read(request.send().await.expect("an answer")).await.expect("a body")
    }

    /// Posts a notification to the receiver `ops` and waits until it is settled or waits itself.
    pub async fn notify(&self, body: &Value) -> Answer {
        let answer = self.post("/api/v1/receivers/ops/alerts", body).await;
        self.settle().await;
        answer
    }

    /// Waits until everything is done that can be done without the clock moving.
    ///
    /// What is queued then stays queued, and every account, metric and list stays as it is, until
    /// the clock moves or somebody asks for something. While DingTalk leaves a call unanswered this
    /// does not end: wait for what is wanted with [`Self::waits_for`] and [`Self::unanswered`].
    pub async fn settle(&self) {
        until("settled", async || self.running().is_idle()).await;
    }

    /// Waits until exactly this many attempts and tests that began now wait for DingTalk's answer.
    ///
    /// The answers of all others have been read. That the call has arrived is not enough to move
    /// the clock: its answer may be on its way, and the attempt's limit would come first.
    pub async fn unanswered(&self, count: usize) {
        let limit = self.clock.now().boot + ATTEMPT_LIMIT;
        let reached = async || self.clock.sleepers_until(limit) == count;
        until(&format!("{count} calls without an answer"), reached).await;
    }

    /// Waits until somebody sleeps until the clock has moved by `time`.
    pub async fn sleeping_for(&self, time: Duration) {
        let end = self.clock.now().boot + time;
        let sleeping = async || self.clock.sleepers_until(end) > 0;
        until(&format!("asleep for {time:?}"), sleeping).await;
    }

    /// Waits until the deliveries, newest first, stand so, without moving the clock.
    ///
    /// For a time at which DingTalk leaves another call unanswered, so that nothing is settled.
    pub async fn waits_for(&self, states: &[&str]) {
        until(&format!("{states:?}"), async || self.states().await == states).await;
    }

    /// Posts a notification to the receiver `ops` and waits for nothing more.
    pub async fn accept(&self, body: &Value) -> Answer {
        self.post("/api/v1/receivers/ops/alerts", body).await
    }

    /// Moves the clock, then settles.
    pub async fn advance(&self, time: Duration) {
        self.clock.advance(time);
        self.settle().await;
    }

    /// Moves the clock in steps, as it goes in the world, and settles after each.
    pub async fn pass(&self, time: Duration, step: Duration) {
        let mut left = time;
        while !left.is_zero() {
            self.advance(step.min(left)).await;
            left = left.saturating_sub(step);
        }
    }

    /// Lets minutes pass until the deliveries, newest first, stand so.
    pub async fn pass_until_states(&self, states: &[&str]) {
        let look = async || {
            let reached = self.states().await == states;
            if !reached {
                self.advance(Duration::from_mins(1)).await;
            }
            reached
        };
        until(&format!("{states:?}"), look).await;
    }

    /// Whole minutes since the test began.
    #[must_use]
    pub fn clock_minutes(&self) -> u64 {
        (self.clock.now().boot.as_secs() - 3_600) / 60
    }

    /// Waits until DingTalk was called this often, answered or not.
    ///
    /// # Panics
    ///
    /// When it is not called so often in time.
    pub async fn called(&self, count: usize) {
        let calls = tokio::time::timeout(PATIENCE, self.sim.wait_for_calls(count)).await;
        assert!(calls.is_ok(), "not {count} calls: {:?}", self.sim.calls());
    }

    /// Waits until DingTalk has answered this often; who called may not have read it yet.
    ///
    /// # Panics
    ///
    /// When it does not answer so often in time.
    pub async fn answered(&self, count: usize) {
        let answers = tokio::time::timeout(PATIENCE, self.sim.wait_for_answers(count)).await;
        assert!(answers.is_ok(), "not {count} answers to {:?}", self.sim.calls());
    }

    /// Writes this configuration and loads it.
    pub async fn reload(&self, config: &str) -> Answer {
        self.configure(config);
        self.call("POST", "/-/reload").await
    }

    /// One delivery, as the API shows it.
    ///
    /// # Panics
    ///
    /// When there is none with this id.
    pub async fn delivery(&self, id: &str) -> Value {
        let answer = self.get(&format!("/api/v1/deliveries/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// How a delivery stands.
    ///
    /// # Panics
    ///
    /// When there is none with this id.
    pub async fn state(&self, id: &str) -> String {
        self.delivery(id).await["state"].as_str().expect("a state").to_owned()
    }

    /// The states of all deliveries, newest first.
    ///
    /// # Panics
    ///
    /// When the answer is no list of deliveries.
    pub async fn states(&self) -> Vec<String> {
        let rows = self.get("/api/v1/deliveries?limit=500").await.json();
        let rows = rows["deliveries"].as_array().expect("a list").clone();
        rows.iter().map(|row| row["state"].as_str().expect("a state").to_owned()).collect()
    }

    /// What `/metrics` says now.
    pub async fn scrape(&self) -> Exposition {
        Exposition(self.get("/metrics").await.text)
    }

    /// A metric's value, with its labels as written.
    pub async fn metric(&self, name: &str) -> f64 {
        self.scrape().await.series(name)
    }

    /// Accepted = delivered + folded + dead + discarded + queued, by one scrape.
    pub async fn assert_accounts(&self) {
        self.scrape().await.assert_accounts();
    }
}

fn load(text: &str, folder: &Path, overrides: &Overrides) -> Result<Loaded, ConfigErrors> {
    Settings::from_text("test.yml", text, folder, &Environment::default(), overrides)
}

/// A client that opens a connection for each request.
///
/// One that keeps them can meet one that the server closes: a test moves the clock as soon as it has read an
/// answer, and the server, which may not have noted that yet, then sees a client that reads too slowly.
fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
    client.build().expect("a client")
}

fn unix(clock: &dyn Clock) -> Duration {
    Duration::try_from(clock.now().wall.as_duration()).expect("after 1970")
}
