//! Clients that keep connections waiting: whom they cannot lock out, and when they are cut off.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use dingtalk_sim::{Fault, Gate, Scope, Trouble};
use test_support::alerts::{alert, firing, group};
use test_support::slow::{connect, request};
use test_support::{ONE_CHATBOT, SlowClient, Slowness, TestApp, until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A machine's own address; every other one of 127.0.0.0/8 is its own as well.
const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// `web.max_connections` in these tests.
const MOST: usize = 64;
/// How many slow clients there are of each kind.
const SLOW: usize = 150;

async fn start(most: usize) -> TestApp {
    let app = TestApp::with(&format!("web: {{max_connections: {most}}}\n{ONE_CHATBOT}")).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app
}

fn address(app: &TestApp) -> SocketAddr {
    app.running().address
}

/// Does `work` while the clock goes on: a connection that came just now does not give way.
async fn while_time_passes<T>(app: &TestApp, work: impl Future<Output = T>) -> T {
    let passing = until("never", async || {
        app.clock.advance(Duration::from_millis(4));
        false
    });
    tokio::select! { done = work => done, () = passing => panic!("it is not done in time") }
}

/// Slow clients, from this many addresses.
async fn slow(app: &TestApp, slowness: Slowness, addresses: usize) -> Vec<SlowClient> {
    let mut clients = Vec::new();
    for number in 0..SLOW {
        let last = u8::try_from(number % addresses).unwrap();
        clients.push(slowness.connect(address(app), Ipv4Addr::new(127, 0, 0, 1 + last)).await);
    }
    clients
}

/// The values of the counter with these labels, by a connection of its own.
async fn metric(app: &TestApp, name: &str) -> f64 {
    let text = request(address(app), HERE, "GET", "/metrics", "").await;
    test_support::Exposition(text).sum(name)
}

/// A good client: every path that must answer answers it, each time on a new connection.
async fn assert_answers(app: &TestApp, from: Ipv4Addr, words: &str) {
    for path in ["/-/healthy", "/-/ready", "/metrics"] {
        let answer = request(address(app), from, "GET", path, "").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{words}, {path}: {answer:?}");
    }
    for number in 0..10 {
        let body = firing(&format!("{words} {number}")).to_string();
        let path = "/api/v1/receivers/ops/alerts";
        let answer = request(address(app), from, "POST", path, &body).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{words}, post {number}: {answer:?}");
    }
}

/// Those that were too many were let go; a busy machine may give the clock so much time that they are
/// late before that. Who pipelines is closed first of all.
async fn assert_let_go(app: &TestApp, slowness: Slowness, reason: &str) {
    let name = format!("campana_connections_gave_way_total{{reason=\"{reason}\"}}");
    let gave_way = metric(app, &name).await;
    let late = metric(app, "campana_connections_timed_out_total").await;
    let pipelined = slowness == Slowness::Pipelined;
    assert!(gave_way + late >= 50.0 || pipelined, "{slowness:?}: {gave_way} {late}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_of_one_address_lock_nobody_out() {
    for slowness in Slowness::ALL {
        let app = start(MOST).await;
        let good = async {
            let clients = slow(&app, slowness, 1).await;
            for from in [HERE, Ipv4Addr::new(127, 0, 0, 250)] {
                assert_answers(&app, from, &format!("{slowness:?} {from}")).await;
                clients.iter().for_each(SlowClient::drip);
            }
        };
        while_time_passes(&app, good).await;
        assert_let_go(&app, slowness, "address").await;
        assert!(metric(&app, "campana_connections_open").await <= 40.0, "{slowness:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_of_a_hundred_addresses_lock_nobody_out() {
    for slowness in Slowness::ALL {
        let app = start(MOST).await;
        let good = async {
            let clients = slow(&app, slowness, 100).await;
            for from in [HERE, Ipv4Addr::new(127, 0, 0, 250)] {
                assert_answers(&app, from, &format!("{slowness:?} {from}")).await;
                clients.iter().for_each(SlowClient::drip);
            }
        };
        while_time_passes(&app, good).await;
        assert_let_go(&app, slowness, "connections").await;
        assert!(metric(&app, "campana_connections_open").await <= 70.0, "{slowness:?}");
    }
}

/// Twelve bodies of 4 MB have room; those that stop in the middle give it to those who wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_not_complete_fill_no_memory() {
    let app = start(1_000).await;
    let head = "POST /api/v1/alerts HTTP/1.1\r\nhost: h\r\ncontent-length: 4000000\r\n\r\n";
    let begin = format!("{head}{}", " ".repeat(100_000));
    let mut clients = Vec::new();
    for _ in 0..24 {
        let mut stream = connect(address(&app), HERE, None).await;
        stream.write_all(begin.as_bytes()).await.unwrap();
        clients.push(stream);
    }
    let gave_way =
        async || metric(&app, "campana_connections_gave_way_total{reason=\"memory\"}").await;
    let gives_way = async |count: f64| {
        app.clock.advance(Duration::from_millis(100));
        gave_way().await >= count
    };
    until("those that waited had their turn", async || gives_way(12.0).await).await;
    let before = gave_way().await;
    let large = group("Disk", [alert("Disk").summary(&"x".repeat(3_000_000))]).to_string();
    let path = "/api/v1/receivers/ops/alerts";
    let (answer, ()) = tokio::join!(
        request(address(&app), HERE, "POST", path, &large),
        until("one gave way to it", async || gives_way(before + 1.0).await),
    );
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
}

/// They may hold 24 MiB together; these would hold 40.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_fill_no_memory() {
    let app = start(1_000).await;
    let body = format!("{{\"labels\": {{\"a\": \"{}\"}}}}", "x".repeat(1_000_000));
    let length = body.len();
    let request = format!(
        "POST /api/v1/conditions/test HTTP/1.1\r\nhost: h\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let mut clients = Vec::new();
    for _ in 0..40 {
        let mut stream = connect(address(&app), HERE, Some(4_096)).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.readable().await.unwrap();
        clients.push(stream);
    }
    let name = "campana_connections_gave_way_total{reason=\"memory\"}";
    until("the oldest gave way", async || metric(&app, name).await >= 10.0).await;
    assert_answers(&app, HERE, "beside unread answers").await;
    assert!(metric(&app, name).await <= 30.0, "the others stay");
}

/// The test message waits for DingTalk, as nothing else does.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_served_never_gives_way() {
    let app = start(16).await;
    let gate = Gate::new();
    app.sim.fail(Scope::Server, Fault::once(Trouble::Held(gate.clone())));
    let path = "/api/v1/receivers/ops/test";
    let (answer, ()) = tokio::join!(request(address(&app), HERE, "POST", path, ""), async {
        gate.reached(1).await;
        let good = async {
            slow(&app, Slowness::HalfBody, 1).await;
            assert_answers(&app, HERE, "beside one that is served").await;
        };
        while_time_passes(&app, good).await;
        gate.open();
    });
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
}

/// Waits until a connection has ended, and gives what came on it before.
async fn ended(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_time_that_a_client_may_take_ends() {
    let app = start(MOST).await;
    for (begin, seconds, phase) in [
        ("", 360, "idle"),
        ("POST /api/v1/alerts HTTP/1.1\r\nhost:", 10, "head"),
        ("GET /-/healthy HTTP/1.1\r\nhost: h\r\n\r\n", 360, "idle"),
    ] {
        let mut stream = connect(address(&app), HERE, None).await;
        stream.write_all(begin.as_bytes()).await.unwrap();
        if begin.ends_with("\r\n\r\n") {
            assert!(stream.read(&mut [0; 1_024]).await.unwrap() > 0, "it is answered first");
        }
        until("open", async || metric(&app, "campana_connections_open").await > 1.5).await;
        app.clock.advance(Duration::from_secs(seconds - 1));
        // On a busy machine the connection of a look at the metrics may be in the table still, and is cut
        // off beside it.
        let timed_out = format!("campana_connections_timed_out_total{{phase=\"{phase}\"}}");
        let before = metric(&app, &timed_out).await;
        app.clock.advance(Duration::from_secs(1));
        // Whoever looks for those that are late may have looked just before.
        assert_eq!(while_time_passes(&app, ended(stream)).await, "", "{phase}");
        let cut = metric(&app, &timed_out).await - before;
        assert!(cut > 0.9, "{begin:?} is cut off as {phase}");
    }
}

/// The answer is 503, which its sender tries again, and says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_too_slowly_is_answered_in_words() {
    let app = start(MOST).await;
    for drip in [false, true] {
        let mut stream = connect(address(&app), HERE, None).await;
        // Who is told to go on is waited for.
        let head = "POST /api/v1/alerts HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\n\
                    content-length: 4000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = vec![0; 25];
        stream.read_exact(&mut go_on).await.unwrap();
        assert!(go_on.starts_with(b"HTTP/1.1 100 "), "{}", String::from_utf8_lossy(&go_on));
        for _ in 0..10 {
            if drip {
                stream.write_all(b"x").await.unwrap();
            }
            app.clock.advance(Duration::from_secs(1));
        }
        let answer = while_time_passes(&app, ended(stream)).await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{drip}: {answer:?}");
        assert!(answer.contains("the body did not arrive: it came too slowly"), "{answer}");
    }
    let late = "campana_connections_timed_out_total{phase=\"body\"}";
    assert!((metric(&app, late).await - 2.0).abs() < 0.1);
    let refused = "campana_notifications_refused_total{reason=\"incomplete\"}";
    assert!((metric(&app, refused).await - 2.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_reads_is_given_up() {
    let app = start(MOST).await;
    let mut stream = connect(address(&app), HERE, Some(4_096)).await;
    let body = format!("{{\"labels\": {{\"a\": \"{}\"}}}}", "x".repeat(2_000_000));
    let length = body.len();
    let request = format!(
        "POST /api/v1/conditions/test HTTP/1.1\r\nhost: h\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.readable().await.unwrap();
    let late = "campana_connections_timed_out_total{phase=\"answer\"}";
    until("given up", async || {
        app.clock.advance(Duration::from_secs(10));
        metric(&app, late).await > 0.5
    })
    .await;
    assert!(ended(stream).await.len() < 2_000_000);
}

/// As `nc -N` does, and whoever closes one side after the request.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_no_more_gets_its_answer() {
    let app = start(MOST).await;
    let body = firing("Disk").to_string();
    let head = "POST /api/v1/receivers/ops/alerts HTTP/1.1\r\nhost: h\r\ncontent-length:";
    let whole = format!("{head} {}\r\n\r\n{body}", body.len());
    let many_labels = format!("{{\"labels\": {{\"a\": \"{}\"}}}}", "x".repeat(200_000));
    let large = format!(
        "POST /api/v1/conditions/test HTTP/1.1\r\nhost: h\r\ncontent-length: {}\r\n\r\n{many_labels}",
        many_labels.len()
    );
    let chunked = format!(
        "POST /api/v1/receivers/ops/alerts HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n\
         {:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    for (request, bytes) in [(&whole, 100), (&chunked, 100), (&large, 200_000)] {
        // The end may come before or after what is before it was read, so each is tried a few times.
        for _ in 0..5 {
            let mut stream = connect(address(&app), HERE, None).await;
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            let answer = ended(stream).await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
            assert!(answer.len() > bytes, "{} bytes", answer.len());
        }
    }
    // Reading the answer has a limit of its own.
    let mut stream = connect(address(&app), HERE, Some(4_096)).await;
    stream.write_all(large.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    stream.read_exact(&mut [0; 1_000]).await.unwrap();
    app.clock.advance(Duration::from_secs(2));
    assert!(ended(stream).await.len() > 200_000 - 1_000);
    // The clock stands still: nobody waits for what is missing.
    let mut stream = connect(address(&app), HERE, None).await;
    stream.write_all(&whole.as_bytes()[..whole.len() - 1]).await.unwrap();
    stream.shutdown().await.unwrap();
    let answer = ended(stream).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer:?}");
}

/// It may be gone, and what nobody reads is not worked on.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_no_more_is_not_waited_for_long() {
    let app = start(MOST).await;
    let gate = Gate::new();
    app.sim.fail(Scope::Server, Fault::once(Trouble::Held(gate.clone())));
    let mut stream = connect(address(&app), HERE, None).await;
    let request =
        "POST /api/v1/receivers/ops/test HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    gate.reached(1).await;
    stream.shutdown().await.unwrap();
    let (answer, ()) = tokio::join!(ended(stream), async {
        until("closed", async || {
            app.clock.advance(Duration::from_millis(50));
            metric(&app, "campana_connections_open").await < 1.5
        })
        .await;
    });
    assert_eq!(answer, "");
    gate.open();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_no_answer_gets_two() {
    let app = start(MOST).await;
    let mut stream = connect(address(&app), HERE, None).await;
    let requests = "GET /-/healthy HTTP/1.1\r\nhost: h\r\n\r\n".repeat(3);
    stream.write_all(requests.as_bytes()).await.unwrap();
    let answers = ended(stream).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    assert_eq!(answers.matches("connection: close").count(), 1, "{answers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_large_is_answered_431() {
    let app = start(MOST).await;
    let long = format!("GET /-/healthy HTTP/1.1\r\nhost: h\r\nx: {}\r\n\r\n", "x".repeat(40_000));
    let many = "x: y\r\n".repeat(101);
    let many = format!("GET /-/healthy HTTP/1.1\r\nhost: h\r\n{many}\r\n");
    for head in [long, many] {
        let mut stream = connect(address(&app), HERE, None).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 431");
    }
}
