//! Connections that hang: what the process does beside them, and that it ends.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;

use rustix::process::Signal;
use test_support::slow::request;
use test_support::{Server, Site, SlowClient, Slowness, until};

use crate::mark;
use crate::signals::END;

fn address(server: &Server) -> SocketAddr {
    server.url.strip_prefix("http://").unwrap().parse().unwrap()
}

async fn slow(server: &Server, slowness: Slowness, count: usize) -> Vec<SlowClient> {
    let mut clients = Vec::new();
    for _ in 0..count {
        clients.push(slowness.connect(address(server), Ipv4Addr::LOCALHOST).await);
    }
    clients
}

/// `serve` by a shell that first limits the files that may be open.
fn limited(site: &Site, limit: &str) -> Command {
    let mut command = Command::new("sh");
    command.current_dir(site.path()).args(["-c", &format!("ulimit {limit} && exec \"$@\"")]);
    command.arg("sh").arg(&site.binary).args(["serve", "--config.file", "campana.yml"]);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_whatever_connections_hang() {
    let site = Site::with_receivers(1).await;
    let mut server = site.start().await;
    let mut clients = Vec::new();
    for slowness in Slowness::ALL {
        clients.extend(slow(&server, slowness, 50).await);
    }
    assert_eq!(server.post_mark(mark(0)).await.unwrap().status, 200);
    server.process.signal(Signal::TERM);
    let status = server.process.ended(END).await;
    assert_eq!(status.code(), Some(0), "{}", server.process.log());
    assert!(server.process.log().contains("stopped"), "{}", server.process.log());
    site.assert_sound().await;
    drop(clients);
}

/// The process is held while the requests arrive, so that it finds them beside SIGTERM.
#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_before_sigterm_is_answered() {
    let site = Site::with_receivers(1).await;
    let mut server = site.start().await;
    let address = address(&server);
    let mut clients = vec![];
    for number in 0..20 {
        let mut known = TcpStream::connect(address).unwrap();
        send(&mut known, "GET /-/healthy HTTP/1.1", "");
        assert_eq!(answer(&mut known), "200", "{number}");
        clients.push(known);
    }
    server.process.signal(Signal::STOP);
    clients.extend((0..20).map(|_| TcpStream::connect(address).unwrap()));
    for (number, client) in clients.iter_mut().enumerate() {
        let body = mark(number).notification().to_string();
        send(client, "POST /api/v1/receivers/r0/alerts HTTP/1.1", &body);
    }
    server.process.signal(Signal::TERM);
    server.process.signal(Signal::CONT);
    let status = server.process.ended(END).await;
    assert_eq!(status.code(), Some(0), "{}", server.process.log());
    for (number, mut client) in clients.into_iter().enumerate() {
        let answer = answer(&mut client);
        assert!(["200", "503"].contains(&&*answer), "{number}: {answer:?}");
    }
    site.assert_sound().await;
}

fn send(client: &mut TcpStream, line: &str, body: &str) {
    let head = format!("{line}\r\nhost: h\r\ncontent-length: {}\r\n\r\n", body.len());
    client.write_all(format!("{head}{body}").as_bytes()).unwrap();
}

/// The status of the answer that has come or comes; nothing if the connection ends before it.
fn answer(client: &mut TcpStream) -> String {
    let mut text = [0; 4_096];
    let length = client.read(&mut text).unwrap_or_default();
    let text = String::from_utf8_lossy(&text[..length]);
    text.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// Connections take half of the files; the database and the robots' sockets find room.
#[tokio::test(flavor = "multi_thread")]
async fn where_few_files_may_be_open_slow_clients_lock_nobody_out() {
    let site = Site::with_receivers(1).await;
    let server = site.started(&mut limited(&site, "-n 256")).await;
    let said = "web.max_connections is lowered";
    until("said", async || server.process.log().contains(said)).await;
    for (number, slowness) in Slowness::ALL.into_iter().enumerate() {
        let clients = slow(&server, slowness, 200).await;
        // On connections of their own: one that a client keeps for later gives way as well.
        let body = mark(number).notification().to_string();
        for (method, path, body) in [
            ("POST", "/api/v1/receivers/r0/alerts", &*body),
            ("GET", "/-/ready", ""),
            ("GET", "/metrics", ""),
        ] {
            let answer = request(address(&server), Ipv4Addr::LOCALHOST, method, path, body).await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{slowness:?} {path}: {answer:?}");
        }
        drop(clients);
    }
    server.drained().await;
    assert!(!server.process.log().contains("was not accepted"), "{}", server.process.log());
}

/// Attempts take the other half of the files, however many robots hang, each at a host of its own.
#[tokio::test(flavor = "multi_thread")]
async fn robots_that_hang_leave_files_for_accepting() {
    // It lets everyone connect and answers nobody.
    let silent = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    let receivers = (0..300).map(|n| {
        let url =
            format!("http://127.1.{}.{}:{port}/robot/send?access_token=t{n}", n / 100, n % 100);
        format!("  - {{name: r{n}, chatbots: [{{name: bot, webhook_url: '{url}'}}]}}\n")
    });
    let site = Site::with(&format!("receivers:\n{}", receivers.collect::<String>())).await;
    let server = site.started(&mut limited(&site, "-n 256")).await;
    for receiver in 0..300 {
        let body = mark(receiver).notification().to_string();
        let path = format!("/api/v1/receivers/r{receiver}/alerts");
        let answer = server.post(&path, &body).await.expect("it answers");
        assert_eq!(answer.status, 200, "{receiver}: {}", answer.text);
    }
    assert!(server.is_ready().await);
    assert!(!server.process.log().contains("was not accepted"), "{}", server.process.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_files_may_be_open_as_the_system_allows() {
    let site = Site::with_receivers(1).await;
    let server = site.started(&mut limited(&site, "-Sn 300 && ulimit -Hn 2000")).await;
    assert!((server.metric("process_max_fds").await - 2_000.0).abs() < 0.1);
}
