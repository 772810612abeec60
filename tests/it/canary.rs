//! No secret anywhere: planted ones of every kind are looked for in all that leaves the process.
//!
//! The story runs in a process of its own, so that it can log everything that any crate logs, down
//! to `TRACE`, and so that its panics are seen as they are printed.

use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use dingtalk_sim::{App, Fault, Robot, Scope, Trouble};
use test_support::alerts::firing;
use test_support::{ONE_CHATBOT, TestApp};
use tracing::level_filters::LevelFilter;

const TOKEN: &str = "canary-token-0f6d";
const SECRET: &str = "SECcanary8c41secret";
const WEBHOOK_TOKEN: &str = "canary-webhook-77aa";
const APP_SECRET: &str = "canary-app-secret-51be";
const OLD_SECRET: &str = "canary-old-secret+/6d1f";
const NEW_TOKEN: &str = "canary-new-token-93d0";
const BODY_TOKEN: &str = "canary-body-token-2b7e";

/// Set in the process that plays the story.
const STAGE: &str = "CAMPANA_TEST_CANARY";

fn config(app: &TestApp, token: &str) -> String {
    format!(
        "
receivers:
  - name: ops
    chatbots:
      - {{name: a, access_token: {token}, secret: {SECRET}}}
      - {{name: b, webhook_url: '{}'}}
    conversations:
      - {{name: c, app_key: dingops, app_secret: {APP_SECRET}, open_conversation_ids: ['cid1==']}}
      - {{name: d, app_key: dingold, app_secret: {OLD_SECRET}, chat_ids: [chat1]}}
",
        app.sim.webhook(WEBHOOK_TOKEN)
    )
}

/// The planted secrets that stand in `text`.
fn found(text: &[u8], secrets: &[String]) -> Vec<String> {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let has = |secret: &&String| text.contains(&secret.to_ascii_lowercase());
    secrets.iter().filter(has).cloned().collect()
}

fn planted() -> Vec<String> {
    // In a query the older app's secret stands with other characters.
    let encoded = OLD_SECRET.replace('+', "%2B").replace('/', "%2F");
    let plain = [TOKEN, SECRET, WEBHOOK_TOKEN, APP_SECRET, OLD_SECRET, NEW_TOKEN, BODY_TOKEN];
    plain.map(str::to_owned).into_iter().chain([encoded]).collect()
}

#[test]
fn no_secret_is_in_any_log_answer_metric_panic_or_file() {
    assert_eq!(found(format!("x {TOKEN}").as_bytes(), &planted()), [TOKEN], "the check can fail");
    let played = Command::new(std::env::current_exe().unwrap())
        .args(["canary::the_story", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(STAGE, "1")
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    let (out, log) = (&played.stdout, String::from_utf8_lossy(&played.stderr));
    assert!(played.status.success(), "{}\n{log}", String::from_utf8_lossy(out));
    for crates in ["campana", "hyper", "TRACE", "a planted panic", "hyper_util"] {
        assert!(log.contains(crates), "{crates} has said nothing: the log is not whole");
    }
    // The story tells the tokens that the simulator gave out, which are secrets too.
    let mut secrets = planted();
    let told = String::from_utf8_lossy(out);
    let tokens = told.lines().filter_map(|line| Some(line.split_once("app token: ")?.1));
    secrets.extend(tokens.map(str::to_owned));
    assert!(secrets.len() > planted().len(), "{told}");
    for line in log.lines() {
        assert_eq!(found(line.as_bytes(), &secrets), [""; 0], "{line}");
    }
    assert!(found(played.stderr.as_slice(), &["planted panic".to_owned()]).len() == 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "played by the canary, in a process of its own"]
async fn the_story() {
    assert!(std::env::var_os(STAGE).is_some(), "run the canary, not its story");
    let log = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false);
    log.with_writer(std::io::stderr).init();
    let mut app = TestApp::with(ONE_CHATBOT).await;
    app.sim.add_robot(Robot::new(TOKEN).group("a").secret(SECRET));
    app.sim.add_robot(Robot::new(WEBHOOK_TOKEN).group("b"));
    app.sim.add_app(App::new("dingops", APP_SECRET));
    app.sim.add_app(App::new("dingold", OLD_SECRET));
    assert_eq!(app.reload(&config(&app, TOKEN)).await.status, 200);
    let mut answers = success_and_failure(&app).await;
    answers.extend(templates(&app, &config(&app, TOKEN)).await);
    answers.extend(reloads_and_tests(&app, config(&app, TOKEN)).await);
    app.restart().await;
    for (app_key, token) in app_tokens(&app).await {
        println!("{app_key}: {token}");
    }
    answers.extend(pages(&app).await);
    let _ = tokio::spawn(async { panic!("a planted panic") }).await;
    let folder = app.folder.path().to_owned();
    app.end().await;
    let mut secrets = planted();
    secrets.extend(app_tokens(&app).await.into_iter().map(|(_, token)| token));
    for answer in answers {
        let found = found(answer.as_bytes(), &secrets);
        assert_eq!(found, [""; 0], "{answer:.2000}");
    }
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert_eq!(found(&bytes, &secrets), [""; 0], "in a file of {} bytes", bytes.len());
        files += usize::from(!bytes.is_empty());
    }
    assert!(files > 0);
    std::io::stdout().flush().unwrap();
}

/// The tokens that the apps were given: the header of their calls is not recorded, so they are asked for.
async fn app_tokens(app: &TestApp) -> Vec<(&'static str, String)> {
    let mut tokens = Vec::new();
    for (key, secret) in [("dingops", APP_SECRET), ("dingold", OLD_SECRET)] {
        let pairs = [("appkey", key), ("appsecret", secret)];
        let url = format!("{}/gettoken", app.sim.url());
        let url = reqwest::Url::parse_with_params(&url, pairs).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let body: serde_json::Value = {
            // Our own call is no part of the story.
            let _quiet = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new());
            let text = ask(client, url);
            serde_json::from_str(&text.await).unwrap()
        };
        tokens.push(("app token", body["access_token"].as_str().unwrap().to_owned()));
    }
    tokens
}

async fn ask(client: reqwest::Client, url: reqwest::Url) -> String {
    client.get(url).send().await.unwrap().text().await.unwrap()
}

/// Each destination meets each trouble, and is told its own secrets by a careless DingTalk.
async fn success_and_failure(app: &TestApp) -> Vec<String> {
    let mut answers = vec![app.notify(&firing("Disk")).await.text];
    let tokens = app_tokens(app).await;
    let [(_, app_token), (_, old_token)] = &tokens[..] else { panic!("two apps") };
    for (scope, secrets) in [
        (Scope::Robot(TOKEN.into()), format!("{TOKEN}, {SECRET}")),
        (Scope::Robot(WEBHOOK_TOKEN.into()), app.sim.webhook(WEBHOOK_TOKEN)),
        (Scope::App("dingops".into()), format!("{APP_SECRET}, {app_token}")),
        (
            Scope::App("dingold".into()),
            format!(
                "{OLD_SECRET}, /gettoken?appkey=k&appsecret={OLD_SECRET}, access_token={old_token}"
            ),
        ),
    ] {
        for (index, trouble) in [
            Trouble::Reset,
            Trouble::Html(502),
            Trouble::Truncated,
            Trouble::Raw(200, format!("{{\"errmsg\":\"{secrets}\"}}")),
            Trouble::Raw(500, secrets.clone()),
            Trouble::Redirect(format!("http://127.0.0.1:1/?access_token={secrets}")),
            Trouble::Errcode(987_654, format!("no such token {secrets}")),
            Trouble::Api(400, format!("odd.{secrets}"), secrets.clone()),
            Trouble::Errcode(660_026, format!("too fast: {secrets}")),
            Trouble::Errcode(300_005, format!("token {secrets} is not exist")),
        ]
        .into_iter()
        .enumerate()
        {
            app.sim.fail(scope.clone(), Fault::once(trouble));
            let name = format!("Disk{index}{}", secrets.len());
            answers.push(app.notify(&firing(&name)).await.text);
            app.advance(Duration::from_mins(2)).await;
        }
    }
    answers
}

/// Templates that show all that they are given, fail, or cannot be loaded.
async fn templates(app: &TestApp, config: &str) -> Vec<String> {
    let everything = "{{ printf \"%#v %+v %v\" . . now }}{{ . | toJson }}";
    let mut answers = Vec::new();
    for (name, text, status) in [
        ("All", everything.to_owned(), 200),
        ("Failing", format!("{everything}{{{{ index .Alerts 9 }}}}"), 200),
        ("Broken", "{{ nosuch . }}".to_owned(), 500),
    ] {
        let message = format!("name: ops\n    message: {{text: '{text}'}}\n");
        let reloaded = app.reload(&config.replace("name: ops\n", &message)).await;
        assert_eq!(reloaded.status, status, "{}", reloaded.text);
        answers.push(reloaded.text);
        answers.push(app.notify(&firing(name)).await.text);
        answers.push(app.post("/api/v1/templates/render", "{\"receiver\":\"ops\"}").await.text);
        app.advance(Duration::from_mins(2)).await;
        answers.push(app.get("/api/v1/status/config").await.text);
    }
    assert!(answers[2].contains("GroupLabels"), "{}", answers[2]);
    assert!(answers[6].contains("index out of range"), "{}", answers[6]);
    answers
}

async fn reloads_and_tests(app: &TestApp, config: String) -> Vec<String> {
    let bad = config.replace("name: b", "nmae: b");
    let mut answers = vec![app.reload(&bad).await.text];
    answers.push(app.reload(&config.replace(TOKEN, NEW_TOKEN)).await.text);
    answers.push(app.notify(&firing("New")).await.text);
    answers.push(app.post("/api/v1/receivers/ops/test", "").await.text);
    answers.push(app.post("/api/v1/templates/render", "{\"receiver\":\"ops\"}").await.text);
    for body in [
        format!("{{\"name\":\"x\",\"access_token\":\"{BODY_TOKEN}\"}}"),
        format!("{{\"name\":\"x\",\"acces_token\":\"{BODY_TOKEN}\"}}"),
        format!("{{\"name\":\"x\",\"webhook_url\":\"http://h/?access_token={BODY_TOKEN}\"}}"),
    ] {
        let body = format!("{{\"config\":{{\"chatbots\":[{body}]}}}}");
        answers.push(app.post("/api/v1/receivers/draft/test", body).await.text);
    }
    answers
}

/// Everything that can be read.
async fn pages(app: &TestApp) -> Vec<String> {
    let mut paths: Vec<String> = [
        "/metrics",
        "/api/v1/receivers",
        "/api/v1/deliveries?limit=500",
        "/api/v1/status/config",
        "/api/v1/status/flags",
        "/api/v1/status/buildinfo",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend((1..=app.states().await.len()).map(|id| format!("/api/v1/deliveries/{id}")));
    let mut texts = Vec::new();
    for path in paths {
        texts.push(app.get(&path).await.text);
    }
    assert!(texts.len() > 90, "the story was played");
    texts
}
