//! What waits for what: groups, robots, parts, and the end of the process.

use std::net::SocketAddr;
use std::time::Duration;

use dingtalk_sim::{Fault, Gate, Post, Robot, Scope, Trouble};
use test_support::alerts::{alert, firing, group};
use test_support::{FIRST_RETRY, TestApp, until};

fn titles(posts: &[Post]) -> Vec<String> {
    posts.iter().filter_map(|post| post.title.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_stays_in_order_while_other_groups_go_on() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, Trouble::Status(503));
    app.notify(&firing("Disk")).await;
    app.notify(&group("Disk", [alert("Disk").resolved()])).await;
    app.notify(&firing("Load")).await;
    assert_eq!(app.states().await, ["delivered", "queued", "queued"]);
    app.advance(FIRST_RETRY).await;
    assert_eq!(app.states().await, ["delivered"; 3]);
    let titles = titles(&app.sim.posts());
    assert!(titles[0].contains("Load"), "{titles:?}");
    let lower: Vec<String> = titles.iter().map(|title| title.to_lowercase()).collect();
    assert!(lower[1].contains("firing") && lower[2].contains("resolved"), "{titles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_robot_stops_nobody_else() {
    let app = TestApp::with(
        "
receivers:
  - {name: ops, chatbots: [{name: stuck, access_token: ta}, {name: well, access_token: tb}]}",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app.sim.fail(Scope::Robot("ta".to_owned()), Fault::once(Trouble::Hang).lasting());
    for index in 0..5 {
        assert_eq!(app.accept(&firing(&format!("Disk{index}"))).await.ids().len(), 2);
    }
    app.waits_for(&["delivered", "queued"].repeat(5)).await;
    assert_eq!(app.clock_minutes(), 0, "without any time passing");
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_go_in_order_each_with_a_slot_of_its_own_and_let_other_groups_pass() {
    let app = TestApp::with(
        "
receivers:
  - name: ops
    chatbots:
      - {name: bot, access_token: ops-token, max_bytes: 2KiB, rate: {messages: 2, per: 1m}, overflow: queue}",
    )
    .await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    let alerts = (0..18).map(|index| {
        alert(&format!("Disk{index}")).summary(&format!("{index} is full, ").repeat(20))
    });
    let long = app.notify(&group("Disks", alerts)).await.ids().remove(0);
    app.notify(&group("Disks", [alert("Disk9").resolved()])).await;
    let other = app.notify(&firing("Load")).await.ids().remove(0);
    assert_eq!(app.sim.posts().len(), 2, "two slots");
    let delivery = app.delivery(&long).await;
    let parts = delivery["parts"].as_array().unwrap().len();
    assert!(parts >= 4, "{parts}");
    assert_eq!((&delivery["state"], &delivery["arrived"]), (&"queued".into(), &2.into()));
    app.pass(Duration::from_mins(5), Duration::from_secs(10)).await;
    assert_eq!(app.states().await, ["delivered"; 3]);
    assert_eq!(app.state(&other).await, "delivered");
    let titles = titles(&app.sim.posts());
    let numbers: Vec<usize> = (1..=parts)
        .map(|part| titles.iter().position(|t| t.contains(&format!("({part}/{parts})"))).unwrap())
        .collect();
    assert!(numbers.is_sorted(), "{titles:?}");
    let load = titles.iter().position(|title| title.contains("Load")).unwrap();
    assert!(
        load < numbers[parts - 1],
        "a message does not wait for slots for all parts: {titles:?}"
    );
    assert!(titles.last().unwrap().to_lowercase().contains("resolved"), "{titles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_the_attempt_under_way_and_leaves_the_rest_queued() {
    let mut app = TestApp::start().await;
    let gate = Gate::new();
    app.sim.fail(Scope::Server, Trouble::Held(gate.clone()));
    app.accept(&firing("Disk")).await;
    gate.reached(1).await;
    app.accept(&firing("Load")).await;
    // The stop is asked for before the answer comes.
    tokio::join!(biased; app.end(), async { gate.open() });
    assert_eq!(app.sim.posts().len(), 1);
    app.begin().await;
    app.settle().await;
    assert_eq!(app.states().await, ["delivered"; 2]);
    assert_eq!(app.sim.calls().len(), 2, "what was under way is not sent again");
    app.assert_accounts().await;
}

/// How many bytes of this connection the other end, on this machine, has not read yet.
fn unread_by_peer(stream: &tokio::net::TcpStream) -> u64 {
    let hex = |address: SocketAddr| match address {
        SocketAddr::V4(v4) => {
            format!("{:08X}:{:04X}", u32::from_ne_bytes(v4.ip().octets()), v4.port())
        }
        SocketAddr::V6(_) => panic!("the tests listen on 127.0.0.1"),
    };
    let (local, peer) = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
    let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let ends = format!(" {} {} ", hex(peer), hex(local));
    let line = sockets.lines().find(|line| line.contains(&ends)).expect("the other end's socket");
    // After the addresses come the state and `tx_queue:rx_queue`.
    let queues = line.split_once(&ends).unwrap().1.split_whitespace().nth(1).unwrap();
    u64::from_str_radix(queues.split_once(':').unwrap().1, 16).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_stops_a_notification_is_answered_503() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut app = TestApp::start().await;
    let mut stream = tokio::net::TcpStream::connect(app.running().address).await.unwrap();
    let body = firing("Disk").to_string();
    let request = format!(
        "POST /api/v1/alerts HTTP/1.1\r\nhost: h\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (head, tail) = request.split_at(30);
    stream.write_all(head.as_bytes()).await.unwrap();
    // Bytes that the server has not read yet would not keep the connection open.
    until("read by the server", async || unread_by_peer(&stream) == 0).await;
    let answer = async {
        stream.write_all(tail.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    // The stop is asked for before the rest of the request comes.
    let ((), answer) = tokio::join!(biased; app.end(), answer);
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("the server is shutting down; send it again"), "{answer}");
}
