//! The harness: a real application against the simulated DingTalk, with a clock that is moved.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use campana::app::{App, Running, Start};
use campana::clock::{Clock, ManualClock};
use campana::settings::{ConfigErrors, Environment, Loaded, Overrides, Settings};
use dingtalk_sim::{App as SimApp, Robot, Sim, SimSettings};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) mod alerts;

/// When every test begins.
pub(crate) const START: &str = "2026-11-20T19:12:00Z";

/// How long a real process or thread may take before a test gives up, on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(2);

/// An attempt's limit where the configuration names none.
pub(crate) const ATTEMPT_LIMIT: Duration = Duration::from_secs(10);

/// A running application with everything around it.
pub(crate) struct TestApp {
    pub(crate) sim: Sim,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) folder: TempDir,
    running: Option<Running>,
    pub(crate) http: reqwest::Client,
    config: Arc<std::sync::Mutex<String>>,
    overrides: Overrides,
}

/// An answer of the application.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The ids of the deliveries that a notification made.
    pub(crate) fn ids(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{}", self.text);
        let ids = self.json()["ids"].as_array().expect("ids").clone();
        ids.iter().map(|id| id.as_str().expect("an id").to_owned()).collect()
    }

    /// The words of an error.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().expect("an error").to_owned()
    }
}

/// One chatbot, `ops`, with the token `ops-token`.
pub(crate) const ONE_CHATBOT: &str = "
receivers:
  - name: ops
    chatbots: [{name: ops-group, access_token: ops-token}]
";

/// One conversation, `ops`, of the app `dingops`.
pub(crate) const ONE_CONVERSATION: &str = "
receivers:
  - name: ops
    conversations:
      - {name: sre, app_key: dingops, app_secret: app-secret, open_conversation_ids: ['cid1==']}
";

/// The shortest wait of the schedule, with its spread.
pub(crate) const FIRST_RETRY: Duration = Duration::from_millis(1_200);

impl TestApp {
    /// One receiver `ops` with one conversation, whose app exists.
    pub(crate) async fn with_conversation() -> Self {
        let app = Self::with(ONE_CONVERSATION).await;
        app.sim.add_app(SimApp::new("dingops", "app-secret"));
        app
    }

    /// One receiver `ops` with one chatbot, whose robot exists.
    pub(crate) async fn start() -> Self {
        let app = Self::with(ONE_CHATBOT).await;
        app.sim.add_robot(Robot::new("ops-token").group("ops"));
        app
    }

    /// This configuration; `dingtalk` and `storage` are added.
    pub(crate) async fn with(config: &str) -> Self {
        Self::with_overrides(config, Overrides::default()).await
    }

    pub(crate) async fn with_overrides(config: &str, overrides: Overrides) -> Self {
        let clock = Arc::new(ManualClock::new(START.parse().expect("a time")));
        let time = Arc::clone(&clock);
        let settings = SimSettings::with_clock(Arc::new(move || unix(&*time)));
        let mut app = Self {
            sim: Sim::start(settings).await.expect("the simulator starts"),
            clock,
            folder: TempDir::new().expect("a folder"),
            running: None,
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
            config: Arc::default(),
            overrides,
        };
        app.configure(config);
        app.begin().await;
        app
    }

    /// Writes the configuration that the next start or reload reads.
    pub(crate) fn configure(&self, config: &str) {
        let url = self.sim.url();
        let database = self.folder.path().join("campana.db");
        let whole = format!(
            "storage: {{url: 'sqlite:{}'}}\ndingtalk: {{oapi_url: '{url}', api_url: '{url}'}}\n{config}",
            database.display()
        );
        *self.config.lock().expect("no panic") = whole;
    }

    /// Starts the application on what is on disk.
    pub(crate) async fn begin(&mut self) {
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
        let start = Start { settings, load, flags, listener, clock };
        self.running = Some(App::start(start).await.unwrap_or_else(|error| panic!("{error}")));
    }

    /// Stops the application; what is queued stays on disk.
    pub(crate) async fn end(&mut self) {
        let running = self.running.take().expect("it runs");
        running.stop().await.expect("every task ended well");
    }

    /// Stops and starts again, on the same database.
    pub(crate) async fn restart(&mut self) {
        self.end().await;
        self.begin().await;
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running().address)
    }

    pub(crate) async fn post(&self, path: &str, body: impl ToString) -> Answer {
        self.send(self.http.post(self.url(path)).body(body.to_string())).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(self.url(path))).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str) -> Answer {
        let method = method.parse().expect("a method");
        self.send(self.http.request(method, self.url(path))).await
    }

    pub(crate) async fn post_as(&self, path: &str, kind: &str, body: &Value) -> Answer {
        let request = self.http.post(self.url(path)).header("content-type", kind);
        self.send(request.body(body.to_string())).await
    }

    /// A call that the harness has no words for.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a body") }
    }

    /// Posts a notification to the receiver `ops` and waits until it is settled or waits itself.
    pub(crate) async fn notify(&self, body: &Value) -> Answer {
        let answer = self.post("/api/v1/receivers/ops/alerts", body).await;
        self.settle().await;
        answer
    }

    /// Waits until everything is done that can be done without the clock moving.
    ///
    /// What is queued then stays queued, and every account, metric and list stays as it is, until
    /// the clock moves or somebody asks for something. While DingTalk leaves a call unanswered this
    /// does not end: wait for what is wanted with [`Self::waits_for`] and [`Self::unanswered`].
    pub(crate) async fn settle(&self) {
        self.until("settled", async || self.running().settled()).await;
    }

    /// Waits until exactly this many attempts and tests that began now wait for DingTalk's answer.
    ///
    /// The answers of all others have been read. That the call has arrived is not enough to move
    /// the clock: its answer may be on its way, and the attempt's limit would come first.
    pub(crate) async fn unanswered(&self, count: usize) {
        let limit = self.clock.now().boot + ATTEMPT_LIMIT;
        let reached = async || self.clock.sleepers_until(limit) == count;
        self.until(&format!("{count} calls without an answer"), reached).await;
    }

    /// Waits until somebody sleeps until the clock has moved by `time`.
    pub(crate) async fn sleeping_for(&self, time: Duration) {
        let until = self.clock.now().boot + time;
        let sleeping = async || self.clock.sleepers_until(until) > 0;
        self.until(&format!("asleep for {time:?}"), sleeping).await;
    }

    /// Waits until the deliveries, newest first, stand so, without moving the clock.
    ///
    /// For a time at which DingTalk leaves another call unanswered, so that nothing is settled.
    pub(crate) async fn waits_for(&self, states: &[&str]) {
        self.until(&format!("{states:?}"), async || self.states().await == states).await;
    }

    /// Posts a notification to the receiver `ops` and waits for nothing more.
    pub(crate) async fn accept(&self, body: &Value) -> Answer {
        self.post("/api/v1/receivers/ops/alerts", body).await
    }

    /// Moves the clock, then settles.
    pub(crate) async fn advance(&self, time: Duration) {
        self.clock.advance(time);
        self.settle().await;
    }

    /// Moves the clock in steps, as it goes in the world, and settles after each.
    pub(crate) async fn pass(&self, time: Duration, step: Duration) {
        let mut left = time;
        while !left.is_zero() {
            self.advance(step.min(left)).await;
            left = left.saturating_sub(step);
        }
    }

    /// Lets minutes pass until the deliveries, newest first, stand so.
    pub(crate) async fn pass_until_states(&self, states: &[&str]) {
        let look = async || {
            let reached = self.states().await == states;
            if !reached {
                self.advance(Duration::from_mins(1)).await;
            }
            reached
        };
        self.until(&format!("{states:?}"), look).await;
    }

    /// Whole minutes since the test began.
    pub(crate) fn clock_minutes(&self) -> u64 {
        (self.clock.now().boot.as_secs() - 3_600) / 60
    }

    /// Waits until DingTalk was called this often, answered or not.
    pub(crate) async fn called(&self, count: usize) {
        let calls = tokio::time::timeout(PATIENCE, self.sim.wait_for_calls(count)).await;
        assert!(calls.is_ok(), "not {count} calls: {:?}", self.sim.calls());
    }

    /// Waits until DingTalk has answered this often; who called may not have read it yet.
    pub(crate) async fn answered(&self, count: usize) {
        let answers = tokio::time::timeout(PATIENCE, self.sim.wait_for_answers(count)).await;
        assert!(answers.is_ok(), "not {count} answers to {:?}", self.sim.calls());
    }

    /// Writes this configuration and loads it.
    pub(crate) async fn reload(&self, config: &str) -> Answer {
        self.configure(config);
        self.call("POST", "/-/reload").await
    }

    /// Looks again and again, with a deadline in real time.
    pub(crate) async fn until(&self, what: &str, mut done: impl AsyncFnMut() -> bool) {
        let look = async {
            while !done().await {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let looked = tokio::time::timeout(PATIENCE, look).await;
        looked.unwrap_or_else(|_| panic!("not {what} within {PATIENCE:?}"));
    }

    /// One delivery, as the API shows it.
    pub(crate) async fn delivery(&self, id: &str) -> Value {
        let answer = self.get(&format!("/api/v1/deliveries/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// How a delivery stands.
    pub(crate) async fn state(&self, id: &str) -> String {
        self.delivery(id).await["state"].as_str().expect("a state").to_owned()
    }

    /// The states of all deliveries, newest first.
    pub(crate) async fn states(&self) -> Vec<String> {
        let rows = self.get("/api/v1/deliveries?limit=500").await.json();
        let rows = rows["deliveries"].as_array().expect("a list").clone();
        rows.iter().map(|row| row["state"].as_str().expect("a state").to_owned()).collect()
    }

    /// A metric's value, with its labels as written.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").await.text;
        let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
        let line = line.unwrap_or_else(|| panic!("{name} is not in\n{text}"));
        line[name.len() + 1..].parse().expect("a number")
    }

    /// Accepted = delivered + folded + dead + discarded + queued, by the metrics.
    pub(crate) async fn assert_accounts(&self) {
        let text = self.get("/metrics").await.text;
        let sum = |name: &str| -> f64 {
            let lines = text.lines().filter(|line| line.starts_with(name));
            lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
        };
        let accepted = sum("campana_deliveries_accepted_total");
        let settled = sum("campana_deliveries_settled_total");
        let queued = sum("campana_deliveries_queued");
        assert!((accepted - settled - queued).abs() < 0.5, "{accepted} {settled} {queued}");
    }
}

fn load(text: &str, folder: &Path, overrides: &Overrides) -> Result<Loaded, ConfigErrors> {
    Settings::from_text("test.yml", text, folder, &Environment::default(), overrides)
}

fn unix(clock: &dyn Clock) -> Duration {
    Duration::try_from(clock.now().wall.as_duration()).expect("after 1970")
}
