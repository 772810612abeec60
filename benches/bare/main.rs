//! The reference for `scripts/bench accept`: the least that a server must do to answer 200 truly.
//!
//! A bare axum handler parses Alertmanager's payload into owned strings and maps, has two rows
//! committed, and answers. The first row holds the whole body as it was received; the second row
//! holds the group key, the status, the receiver and the time. There are no conditions, no message,
//! no deduplication, no metrics, no log, no limits: each of those is part of what Campana adds.
//!
//! The versions of axum, hyper, tokio, serde and SQLite are those of Campana, since both are built
//! from one lock file. A 200 is answered only after the commit, with `synchronous=FULL`.
#![expect(clippy::print_stdout, reason = "the server prints its address")]

mod payload;
mod store;

use std::path::Path;
use std::sync::mpsc::Sender;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use payload::Payload;
use store::Insert;

const USAGE: &str = "usage: bare ADDRESS DATABASE (scripts/bench accept starts it)";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` runs every benchmark with `--bench` alone; that is no reason to fail.
    let [address, database] = &arguments[..] else {
        println!("{USAGE}");
        return Ok(());
    };
    let writer = store::start(Path::new(database))?;
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    let router = Router::new().route("/alerts", post(accept)).with_state(writer);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn accept(State(writer): State<Sender<Insert>>, body: Bytes) -> Response {
    let payload: Payload = match serde_json::from_slice(&body) {
        Ok(payload) => payload,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    let (answer, answered) = oneshot::channel();
    // A writer that is gone drops `answer`, and so the next line fails.
    let _ = writer.send(Insert { body, payload, answer });
    match answered.await {
        Ok(Ok(id)) => Json(json!({"notification": id})).into_response(),
        Ok(Err(error)) => (StatusCode::SERVICE_UNAVAILABLE, error).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
