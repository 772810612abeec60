//! A server for tests that answers as it is told, also wrongly.
//!
//! It speaks HTTP by hand and on threads, because what has to be tried is what no proper server
//! does: to hang, to break off, to never end.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::sync::watch;

/// One request, as it came in.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    pub(super) line: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Request {
    /// The whole request as text, for answers that echo it.
    pub(super) fn echo(&self) -> String {
        format!("{} {:?} {}", self.line, self.headers, self.body)
    }
}

/// What the server does with a request.
#[derive(Debug)]
pub(super) enum Act {
    /// Answers with this status and body.
    Reply(u16, String),
    /// Answers with a redirect to here.
    Redirect(String),
    /// Writes this and closes the connection.
    Break(String),
    /// Writes this and stays silent.
    Hang(String),
    /// Begins a JSON object with errcode 0 and never ends it.
    Flood,
    /// Answers with this body as soon as the other end is dropped or sends.
    Wait(std::sync::mpsc::Receiver<()>, String),
}

/// A running server.
pub(super) struct Stub {
    pub(super) url: String,
    requests: watch::Sender<Vec<Request>>,
}

impl Stub {
    /// Starts a server on a free port of this machine.
    pub(super) fn start(act: impl FnMut(&Request) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = watch::Sender::new(Vec::new());
        let (seen, act) = (requests.clone(), Arc::new(Mutex::new(act)));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, act) = (seen.clone(), Arc::clone(&act));
                thread::spawn(move || serve(stream.expect("a connection"), &seen, &act));
            }
        });
        Self { url, requests }
    }

    /// All requests so far.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.borrow().clone()
    }

    /// How many requests named `path`.
    pub(super) fn count(&self, path: &str) -> usize {
        self.requests.borrow().iter().filter(|request| request.line.contains(path)).count()
    }

    /// Waits for the `n`th request.
    pub(super) async fn until(&self, n: usize) {
        let mut requests = self.requests.subscribe();
        requests.wait_for(|requests| requests.len() >= n).await.expect("the server runs");
    }
}

fn serve<F: FnMut(&Request) -> Act>(
    mut stream: TcpStream,
    seen: &watch::Sender<Vec<Request>>,
    act: &Mutex<F>,
) {
    let Some(request) = read(&stream) else { return };
    let act = (act.lock().expect("no test has failed"))(&request);
    seen.send_modify(|requests| requests.push(request));
    // The client may be gone before it has read everything.
    let _ = match act {
        Act::Reply(status, body) => stream.write_all(reply(status, &body).as_bytes()),
        Act::Redirect(to) => stream.write_all(
            format!("HTTP/1.1 302 x\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").as_bytes(),
        ),
        Act::Break(text) => stream.write_all(text.as_bytes()),
        Act::Hang(text) => stream.write_all(text.as_bytes()).map(|()| {
            // Ends when the client closes the connection.
            let _ = stream.read(&mut [0]);
        }),
        Act::Flood => flood(&mut stream),
        Act::Wait(gate, body) => {
            let _ = gate.recv();
            stream.write_all(reply(200, &body).as_bytes())
        }
    };
}

fn reply(status: u16, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// Writes until the client closes the connection; without that the test never ends.
fn flood(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 x\r\nConnection: close\r\n\r\n{\"errcode\":0,\"errmsg\":\"")?;
    loop {
        stream.write_all(&[b'x'; 4096])?;
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut request = Request::default();
    reader.read_line(&mut request.line).ok().filter(|length| *length > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        request.headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = request.headers.get("content-length").map_or("0", String::as_str);
    let length = length.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).ok()?;
    Some(request)
}
