//! The program `dingtalk-sim`: what it prints, and what it keeps to itself.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::harness::{keyed, text};

struct Program {
    /// Killed when it is dropped.
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    orders: ChildStdin,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dingtalk-sim"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let spawned = command.kill_on_drop(true).spawn();
        let mut child = spawned.expect("the program starts");
        let output = child.stdout.take().expect("its output is piped");
        let orders = child.stdin.take().expect("its input is piped");
        Self { child, lines: BufReader::new(output).lines(), orders }
    }

    /// Gives an order and waits for its answer.
    async fn order(&mut self, order: &str) -> Value {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.expect("it reads");
        loop {
            let line: Value = serde_json::from_str(&self.line().await).expect("JSON");
            if line["order"].is_string() {
                return line;
            }
        }
    }

    async fn line(&mut self) -> String {
        self.lines.next_line().await.expect("its output is text").expect("it prints more")
    }

    /// Its lines up to the next empty one.
    async fn paragraph(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await;
            if line.is_empty() {
                return lines;
            }
            lines.push(line);
        }
    }
}

/// The answer, null if it is not JSON.
async fn send(url: &str, token: &str, content: &str) -> Value {
    send_body(url, token, &text(content)).await
}

async fn send_body(url: &str, token: &str, body: &Value) -> Value {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{url}/robot/send?access_token={token}");
    let answer = http.post(url).json(body).send().await.expect("an answer");
    answer.json().await.unwrap_or_default()
}

#[tokio::test]
async fn it_prints_messages_as_a_reader_sees_them_and_masks_tokens() {
    let robot = "0123456789abcdef,group=ops,keyword=alert";
    let mut program =
        Program::start(&["--robot", robot, "--app", "dingkey,appsecret", "--rate", "1/60s"]);
    let greeting = program.paragraph().await;
    let url = greeting[0].rsplit(' ').next().expect("the address ends the line").to_owned();
    let shown = greeting.join("\n");
    assert!(shown.contains("access_token=0123…  ->  ops"), "{shown}");
    assert!(!shown.contains("456789") && !shown.contains("appsecret"), "{shown}");
    let token = "0123456789abcdef";
    assert_eq!(send(&url, token, "disk full").await["errcode"], 310_000);
    assert_eq!(send(&url, token, "alert: disk full").await["errcode"], 0);
    let post = program.paragraph().await;
    assert!(post[0].starts_with("── ops ── "), "{post:?}");
    assert_eq!(post[1..], ["alert: disk full"]);
    assert_eq!(send(&url, token, "alert").await["errcode"], 660_026);
    assert_eq!(send(&url, "another", "alert").await["errcode"], 300_005);
}

/// One that writes a record, in which every token is known, and its URL.
async fn recording(options: &[&str]) -> (Program, String) {
    let mut program = Program::start(&[&["--any", "--json", "--calls"], options].concat());
    let errors = program.child.stderr.take().expect("its errors are piped");
    let greeting = BufReader::new(errors).lines().next_line().await.expect("text");
    let url = greeting.as_deref().and_then(|line| line.rsplit(' ').next()).expect("an address");
    (program, url.to_owned())
}

#[tokio::test]
async fn it_tells_who_called_by_four_characters_and_whether_that_counts() {
    let (mut program, url) = recording(&["--rate=1/60s"]).await;
    for _ in 0..2 {
        send(&url, "0123456789abcdef", "a").await;
    }
    let mut calls = Vec::new();
    while calls.len() < 2 {
        let line = program.line().await;
        assert!(!line.contains("456789"), "{line}");
        let line: Value = serde_json::from_str(&line).expect("JSON");
        if line["answer"].is_string() {
            calls.push((line["sender"].clone(), line["accepted"] == true));
        }
    }
    assert_eq!(calls, [("0123…".into(), true), ("0123…".into(), false)]);
}

#[tokio::test]
async fn it_can_be_told_to_know_no_msg_uuid() {
    for (options, posts) in [(&[][..], 1), (&["--msg-uuid=ignored"][..], 2)] {
        let (mut program, url) = recording(options).await;
        for _ in 0..2 {
            let answer = send_body(&url, "token", &keyed("a", "id")).await;
            assert_eq!(answer["errcode"], 0);
        }
        send(&url, "token", "the last one").await;
        let mut texts = Vec::new();
        while texts.last().is_none_or(|text| *text != "the last one") {
            let line: Value = serde_json::from_str(&program.line().await).expect("JSON");
            texts.extend(line["text"].as_str().map(str::to_owned));
        }
        assert_eq!(texts.len() - 1, posts, "{options:?}");
    }
}

#[tokio::test]
async fn it_fails_every_third_message_and_tells_each_call_with_its_answer() {
    let options = ["--rate=2/60s", "--throttle-code=130101", "--fail-every=3"];
    let (mut program, url) = recording(&options).await;
    let mut errcodes = Vec::new();
    for content in ["a", "b", "c", "d", "e"] {
        errcodes.push(send(&url, "token", content).await["errcode"].as_i64());
    }
    assert_eq!(errcodes, [None, Some(0), Some(0), None, Some(130_101)]);
    let (mut texts, mut answers) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        let line: Value = serde_json::from_str(&program.line().await).expect("JSON");
        match line["answer"].as_str() {
            None => texts.push(line["text"].clone()),
            Some(answer) => answers.push((answer.to_owned(), line["posted"] == true)),
        }
    }
    assert_eq!(texts, ["b", "c"]);
    let expected = [
        ("fault status", false),
        ("ok", true),
        ("ok", true),
        ("fault status", false),
        ("errcode 130101", false),
    ];
    assert_eq!(answers, expected.map(|(answer, posted)| (answer.to_owned(), posted)));
}

#[tokio::test]
async fn it_takes_orders_while_it_runs() {
    let (mut program, url) = recording(&["--orders"]).await;
    let mut errcodes = Vec::new();
    for order in [
        "fail errcode=7 robot=token lasting",
        "fail errcode=8 robot=another",
        "heal",
        "object token poison",
        "agree token",
    ] {
        // The robot is known from its first message on.
        errcodes.push(send(&url, "token", "poison").await["errcode"].as_i64());
        assert_eq!(program.order(order).await["order"], "done", "{order}");
    }
    errcodes.push(send(&url, "token", "poison").await["errcode"].as_i64());
    assert_eq!(errcodes, [Some(0), Some(7), Some(7), Some(0), Some(430_104), Some(0)]);
    let refused = program.order("object nobody poison").await;
    assert_eq!(refused["why"], "there is no such robot");
    assert_eq!(program.order("sulk").await["order"], "refused");
}
