//! The program `dingtalk-sim`: what it prints, and what it keeps to itself.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::harness::text;

struct Program {
    /// Killed when it is dropped.
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dingtalk-sim"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        let spawned = command.stdout(Stdio::piped()).kill_on_drop(true).spawn();
        let mut child = spawned.expect("the program starts");
        let output = child.stdout.take().expect("its output is piped");
        Self { _child: child, lines: BufReader::new(output).lines() }
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

async fn send(url: &str, token: &str, content: &str) -> Value {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{url}/robot/send?access_token={token}");
    let answer = http.post(url).json(&text(content)).send().await.expect("an answer");
    answer.json().await.expect("JSON")
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
