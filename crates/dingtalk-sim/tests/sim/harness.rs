//! A simulator with a clock that stands still, and calls to it.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dingtalk_sim::{Robot, Rules, Sim, SimSettings, sign};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Where the tests' time begins: the time stamp of the signature's second vector.
pub(crate) const START_MS: u64 = 1_700_000_000_000;

/// A running simulator whose time only the test moves.
pub(crate) struct Harness {
    pub(crate) sim: Sim,
    milliseconds: Arc<AtomicU64>,
    http: reqwest::Client,
}

/// A status and a body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) date: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("the answer is JSON")
    }

    /// The `errcode`, and nothing where it is not a number.
    pub(crate) fn errcode(&self) -> Option<i64> {
        self.json()["errcode"].as_i64()
    }

    pub(crate) fn errmsg(&self) -> String {
        self.json()["errmsg"].as_str().unwrap_or_default().to_owned()
    }

    /// The status and `code` of the current API.
    pub(crate) fn code(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}

impl Harness {
    /// With the default rules and one robot, `token`, in the group `ops`.
    pub(crate) async fn start() -> Self {
        Self::with(Rules::default()).await
    }

    pub(crate) async fn with(rules: Rules) -> Self {
        let milliseconds = Arc::new(AtomicU64::new(START_MS));
        let shared = Arc::clone(&milliseconds);
        let clock = Arc::new(move || Duration::from_millis(shared.load(Ordering::SeqCst)));
        let settings = SimSettings { rules, ..SimSettings::with_clock(clock) };
        let sim = Sim::start(settings).await.expect("a free port");
        sim.add_robot(Robot::new("token").group("ops"));
        let redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(redirects).build();
        Self { sim, milliseconds, http: http.expect("a client without settings is made") }
    }

    pub(crate) fn pass(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).expect("a short time");
        self.milliseconds.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// One call with a body of JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).await.expect("an answer")
    }

    pub(crate) async fn try_post(&self, path: &str, body: &Value) -> reqwest::Result<Answer> {
        let url = format!("{}{path}", self.sim.url());
        answer(self.http.post(url).json(body)).await
    }

    /// One call with a body and a header as they are given.
    pub(crate) async fn post_raw(
        &self,
        path: &str,
        header: (&str, &str),
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let url = format!("{}{path}", self.sim.url());
        let call = self.http.post(url).header(header.0, header.1).body(body);
        answer(call).await.expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.sim.url());
        answer(self.http.get(url)).await.expect("an answer")
    }

    /// One message to the robot `token`.
    pub(crate) async fn send(&self, body: &Value) -> Answer {
        self.post("/robot/send?access_token=token", body).await
    }

    /// One message to the robot `token`; what went wrong with the connection is an error.
    pub(crate) async fn try_send(&self, body: &Value) -> reqwest::Result<Answer> {
        self.try_post("/robot/send?access_token=token", body).await
    }

    /// The errcodes of so many messages, one after the other.
    pub(crate) async fn burst(&self, messages: usize) -> Vec<i64> {
        let mut codes = Vec::new();
        for number in 0..messages {
            let answer = self.send(&text(&format!("message {number}"))).await;
            codes.push(answer.errcode().expect("a numeric errcode"));
        }
        codes
    }

    /// Writes one call by hand and gives the open connection.
    pub(crate) async fn open_call(&self, body: &Value) -> TcpStream {
        let mut stream = TcpStream::connect(self.sim.address()).await.expect("it listens");
        let body = body.to_string();
        let head = format!(
            "POST /robot/send?access_token=token HTTP/1.1\r\nHost: sim\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("the call is written");
        stream
    }
}

/// A text message.
pub(crate) fn text(content: &str) -> Value {
    json!({"msgtype": "text", "text": {"content": content}})
}

/// A text message with an idempotency key.
pub(crate) fn keyed(content: &str, msg_uuid: &str) -> Value {
    json!({"msgtype": "text", "text": {"content": content}, "msgUuid": msg_uuid})
}

/// The path of a call to `token`, signed for a time, encoded once.
pub(crate) fn signed(secret: &str, timestamp: u64) -> String {
    let signature = sign(&timestamp.to_string(), secret);
    let encoded = encode(&signature);
    format!("/robot/send?access_token=token&timestamp={timestamp}&sign={encoded}")
}

/// Percent-encodes base64 for a query.
pub(crate) fn encode(base64: &str) -> String {
    base64.replace('%', "%25").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

/// Reads until the other side ends the connection: what came, and whether it was reset.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let end: io::Result<usize> = stream.read_to_end(&mut bytes).await;
    (bytes, end.err().map(|error| error.kind()))
}

async fn answer(call: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = call.send().await?;
    let header = |name| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (content_type, date) = (header("content-type"), header("date"));
    let status = response.status().as_u16();
    Ok(Answer { status, content_type, date, text: response.text().await? })
}
