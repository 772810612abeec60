//! What the paths answer.

use crate::support::TestApp;
use crate::support::alerts::firing;

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_notification_is_a_duplicate() {
    let app = TestApp::start().await;
    let first = app.notify(&firing("DiskFull")).await.json();
    let second = app.notify(&firing("DiskFull")).await.json();
    assert_eq!(second["duplicate_of"], first["notification"]);
    assert_eq!((&second["deliveries"], &second["ids"]), (&0.into(), &serde_json::json!([])));
}
