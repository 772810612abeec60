//! What the process tells its allocator.

use std::fs;

use test_support::{Server, Site};

const PURGE_DELAY: &str = "MIMALLOC_PURGE_DELAY";

/// The allocator's variable in the environment with which the process began.
fn purge_delay(server: &Server) -> Option<String> {
    let environment = fs::read_to_string(format!("/proc/{}/environ", server.process.id())).unwrap();
    let own = environment.split('\0').find_map(|entry| entry.strip_prefix(PURGE_DELAY));
    own.map(|value| value.trim_start_matches('=').to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_goes_back_at_once_unless_the_environment_says_otherwise() {
    let site = Site::with_receivers(1).await;
    let server = site.start().await;
    assert_eq!(purge_delay(&server).as_deref(), Some("0"));
    // The process is the one that was started, under its name.
    let name = fs::read_to_string(format!("/proc/{}/comm", server.process.id())).unwrap();
    assert_eq!(name, "campana\n");
    server.process.kill();

    let server = site.started(site.serve([]).env(PURGE_DELAY, "10")).await;
    assert_eq!(purge_delay(&server).as_deref(), Some("10"));
}
