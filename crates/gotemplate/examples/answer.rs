//! Answers templates: a request in JSON on each line of the input, its answer on a line of the output.
//!
//! `conformance/fuzz` asks this about random templates and compares with real Go.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken request ends the program")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a value is what a function takes or anything else; a new kind of value is the latter"
)]
#![allow(clippy::unnecessary_wraps, reason = "functions in a table have one type")]

#[path = "../tests/conformance/data.rs"]
mod data;
#[path = "../tests/conformance/functions.rs"]
mod functions;
#[path = "../tests/conformance/model.rs"]
mod model;
#[path = "../tests/conformance/run.rs"]
mod run;

use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::panic;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

fn main() -> io::Result<()> {
    // The answer says so; a line on the error stream for each would hide the rest.
    panic::set_hook(Box::new(|_| {}));
    let mut input = BufReader::with_capacity(1 << 20, io::stdin().lock());
    let mut output = BufWriter::new(io::stdout().lock());
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let request: Json = serde_json::from_str(&line)?;
        let answer = panic::catch_unwind(|| answer(&request));
        let answer = answer.unwrap_or_else(|_| json!({"stage": "panic"}));
        writeln!(output, "{answer}")?;
        // Whoever asks waits when there is nothing left to read.
        if input.buffer().is_empty() {
            output.flush()?;
        }
        line.clear();
    }
    output.flush()
}

fn answer(request: &Json) -> Json {
    let mut sources: Vec<(&str, &str)> = Vec::new();
    for source in request["sources"].as_array().unwrap() {
        sources.push((source["name"].as_str().unwrap(), source["text"].as_str().unwrap()));
    }
    let missing = request["missingkey"].as_str().unwrap_or("");
    let name = request["run"].as_str().unwrap_or("t");
    match run::answer(&sources, missing, name, &run::data_of(request)) {
        run::Answer::Output(bytes) => json!({"output": STANDARD.encode(bytes)}),
        run::Answer::Parse(words) => json!({"stage": "parse", "error": words}),
        run::Answer::Execute(words, _) => json!({"stage": "execute", "error": words}),
        run::Answer::Limit(words) => json!({"stage": "limit", "error": words}),
    }
}
