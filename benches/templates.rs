//! How often a second a template is executed: what `crates/gotemplate/conformance/bench` does in Go.
//!
//! `scripts/bench-templates` runs both, and compares. A line is a name, renders a second, and a hash
//! of the output, all separated by tabs. Each template is parsed once and executed again and again
//! with the same data.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures real time and prints it"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use campana::receive::alertmanager;
use campana::render::profile::Profile;
use gotemplate::{Environment, Limits, Templates};

fn main() {
    let seconds = std::env::var("BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    let time = Duration::from_secs_f64(seconds.unwrap_or(1.0));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("crates/gotemplate/conformance/bench");
    let cases = std::fs::read_to_string(folder.join("cases.tsv")).expect("the cases");
    let payload = std::fs::read(folder.join("payload.json")).expect("the payload");
    for line in cases.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, profile, file, called, alerts] = fields[..] else { continue };
        let profile = match profile {
            "dingtalk" => Profile::PrometheusWebhookDingtalk,
            _ => Profile::Alertmanager,
        };
        let source = std::fs::read_to_string(root.join(file)).expect("a template");
        let alerts = alerts.parse().expect("a number of alerts");
        let (rate, hash) = measure(profile, &source, called, &payload, alerts, time);
        println!("{name}\t{rate:.0}\t{hash:x}");
    }
}

/// Renders a second, and the hash of the output.
fn measure(
    profile: Profile,
    source: &str,
    called: &str,
    payload: &[u8],
    alerts: usize,
    time: Duration,
) -> (f64, u64) {
    let limits = Limits { output: 1 << 30, ..Limits::default() };
    let functions = Arc::new(profile.functions());
    let mut templates = Templates::new(functions, profile.missing_key(), limits);
    templates.parse("bench", source).expect("a template that parses");
    let mut notification = alertmanager::parse(payload).expect("a notification");
    notification.alerts.truncate(alerts);
    let environment = Environment::default();
    let data = profile.model(&notification, &environment.local).data(0..alerts, &[]);
    let mut renders = 0_u32;
    let mut output = Vec::new();
    let start = Instant::now();
    while start.elapsed() < time {
        for _ in 0..20 {
            let mut fuel = Limits::default().fuel;
            output = templates
                .execute(called, &data, &environment, &mut fuel)
                .expect("a template that executes");
            renders += 1;
        }
    }
    (f64::from(renders) / start.elapsed().as_secs_f64(), fnv(&output))
}

/// FNV-1a, as Go's hash/fnv.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
