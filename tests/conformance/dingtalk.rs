//! prometheus-webhook-dingtalk.

use campana::render::profile::Profile;

use crate::recorded;

#[test]
fn templates_write_what_prometheus_webhook_dingtalk_writes() {
    let tally = recorded::run(Profile::PrometheusWebhookDingtalk, "dingtalk", |_, _| None);
    tally.report("dingtalk");
    assert!(tally.is_clean());
}
