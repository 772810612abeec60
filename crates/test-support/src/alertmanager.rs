//! A real Alertmanager as a process, and where to get one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use reqwest::Client;
use rustix::process::Signal;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::exposition::Exposition;
use crate::patience::{PATIENCE, until};
use crate::process::{Process, free_port};
use crate::site::{ROOT, beside_the_tests};
use crate::skip::skip;

/// The current version that is tested beside Debian's; scripts/newest-alertmanager builds it.
const CURRENT: &str = "v0.34.2";
/// Where Debian's package `prometheus-alertmanager` puts it.
const DEBIAN: &str = "/usr/bin/prometheus-alertmanager";
/// How long its first build may take, with its downloads, on a slow machine.
const BUILD: Duration = Duration::from_mins(10);

/// Debian's, if the package is installed.
#[must_use]
pub fn debian() -> Option<PathBuf> {
    let binary = PathBuf::from(DEBIAN);
    if !binary.exists() {
        skip(
            "alertmanager-debian",
            "it is not installed (apt-get install prometheus-alertmanager)",
        );
        return None;
    }
    Some(binary)
}

/// A current one, built once and kept beside the other build results.
pub async fn current() -> Option<PathBuf> {
    static BUILT: OnceCell<Result<PathBuf, String>> = OnceCell::const_new();
    match BUILT.get_or_init(build).await {
        Ok(binary) => Some(binary.clone()),
        Err(words) => {
            skip("alertmanager-current", &format!("{CURRENT} could not be built: {words}"));
            None
        }
    }
}

async fn build() -> Result<PathBuf, String> {
    let binary = beside_the_tests(&format!("../alertmanager-{CURRENT}"));
    if Command::new("go").arg("version").output().is_err() && !binary.exists() {
        return Err("Go is not installed".to_owned());
    }
    let script = Path::new(ROOT).join("scripts/newest-alertmanager");
    let log = beside_the_tests("newest-alertmanager.log");
    let mut building = Process::start(Command::new(script).arg(CURRENT).arg(&binary), &log);
    let status = building.ended(BUILD).await;
    let text = building.log();
    let last = text.lines().last().unwrap_or_default();
    if status.success() { Ok(binary) } else { Err(format!("{last} (see {})", log.display())) }
}

/// A running Alertmanager with one webhook, without a cluster.
#[derive(Debug)]
pub struct Alertmanager {
    binary: PathBuf,
    folder: PathBuf,
    port: u16,
    process: Process,
    client: Client,
}

impl Alertmanager {
    /// Starts it on a folder of its own; it tells `target`.
    ///
    /// # Panics
    ///
    /// When the folder is there already, or Alertmanager does not become ready.
    pub async fn start(binary: &Path, folder: &Path, target: &str) -> Self {
        std::fs::create_dir(folder).expect("its folder");
        std::fs::write(folder.join("alertmanager.yml"), configuration(target)).expect("its file");
        let port = free_port();
        let alertmanager = Self {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            port,
            process: launch(binary, folder, port),
            client: Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client"),
        };
        alertmanager.ready().await;
        alertmanager
    }

    /// Ends it as its service manager would, and starts it on what it has stored.
    pub async fn restart(&mut self) {
        self.process.signal(Signal::TERM);
        self.process.ended(PATIENCE).await;
        self.process = launch(&self.binary, &self.folder, self.port);
        self.ready().await;
    }

    /// Ends it.
    pub async fn stop(mut self, signal: Signal) {
        self.process.signal(signal);
        self.process.ended(PATIENCE).await;
    }

    /// Tells it alerts, as Prometheus does.
    ///
    /// # Panics
    ///
    /// When it does not take them.
    pub async fn post(&self, alerts: &[Value]) {
        let body = Value::from(alerts).to_string();
        let request = self.client.post(self.url("/api/v2/alerts"));
        let request = request.header("content-type", "application/json").body(body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        assert!(status.is_success(), "{status} {}", answer.text().await.unwrap_or_default());
    }

    /// The sum of a metric over its labels.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub async fn metric(&self, name: &str) -> f64 {
        let answer = self.client.get(self.url("/metrics")).send().await.expect("an answer");
        Exposition(answer.text().await.expect("a text")).sum(name)
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn ready(&self) {
        until("ready", async || {
            let answer = self.client.get(self.url("/-/ready")).send().await;
            answer.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
    }
}

fn launch(binary: &Path, folder: &Path, port: u16) -> Process {
    let mut command = Command::new(binary);
    command.current_dir(folder).args([
        "--config.file=alertmanager.yml",
        "--storage.path=data",
        // Empty: no cluster, and no port for one.
        "--cluster.listen-address=",
    ]);
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    Process::start(&mut command, &folder.join("alertmanager.log"))
}

/// Groups by team, in a hurry, and never repeats by itself.
fn configuration(target: &str) -> String {
    format!(
        "route:
  receiver: campana
  group_by: [team]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 4h
receivers:
  - name: campana
    webhook_configs: [{{url: '{target}', send_resolved: true}}]
"
    )
}
