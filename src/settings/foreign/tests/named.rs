//! Tests of files that are not translated but named, and of those of other products.

use super::*;

#[track_caller]
fn assert_says(text: &str, words: &[&str]) {
    for words in words {
        assert!(text.contains(words), "{words:?} is not in: {text}");
    }
}

#[test]
fn alertmanagers_own_file_is_told_what_to_write_there_and_here() {
    let text = "\
global: {resolve_timeout: 5m}
templates: ['/etc/am/*.tmpl']
route:
  receiver: d
  group_by: [alertname]
receivers:
  - name: d
    webhook_configs:
      - url: http://x:8060/dingtalk/webhook1/send
        send_resolved: true
  - name: mail
    email_configs: [{to: a@b.example}]
";
    insta::assert_snapshot!(answer_to(text));
    let found = refused(Product::WebhookDingtalk, &[("alertmanager.yml", text)]);
    assert_says(&found, &["this is Alertmanager's configuration", "webhook_configs:"]);
}

#[test]
fn what_stands_around_campana_is_named() {
    let cases = [
        (
            "{apiVersion: monitoring.coreos.com/v1alpha1, kind: AlertmanagerConfig, spec: \
             {receivers: [{name: a b, webhookConfigs: [{url: 'http://x'}]}]}}",
            &[
                "AlertmanagerConfig of the Prometheus operator",
                "sendResolved: true",
                "receivers/a-b/alerts",
            ][..],
        ),
        (
            "scrape_configs: []\nalerting: {}",
            &["this is Prometheus' configuration", "webhook_configs:"],
        ),
        ("groups: [{name: a, rules: []}]", &["these are rules of Prometheus"]),
        ("{apiVersion: v1, kind: Service}", &["an object of Kubernetes (kind Service)"]),
        (
            "{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: {containers: [{image: \
             'kubesphere/notification-manager:v2.5.2', args: ['--webhook.address=:19093']}]}}}}",
            &["this runs notification-manager", "`campana migrate notification-manager`"],
        ),
        (
            "{apiVersion: apps/v1, kind: Deployment, spec: {containers: [{image: nginx}]}}",
            &["an object of Kubernetes (kind Deployment)"],
        ),
        (
            "{apiVersion: v1, kind: ConfigMap, data: {a: b}}",
            &["none of the keys of this ConfigMap or Secret holds a configuration"],
        ),
        (
            "apiVersion: v1\nkind: Secret\nstringData:\n  alertmanager.yaml: |\n    route: \
             {receiver: a}\n",
            &["this is Alertmanager's configuration"],
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  campana.yml: |\n    receivers: [{name: a, \
             chatbots: []}]\n",
            &["holds this configuration of Campana"],
        ),
    ];
    for (text, words) in cases {
        assert_says(&answer_to(text), words);
    }
}

#[test]
fn the_blocks_that_are_shown_load() {
    let answer = answer_to("route: {receiver: a b}");
    let (_, ours) = answer.rsplit_once(":\n\n").unwrap();
    let environment: Environment =
        [("A_B_ACCESS_TOKEN", "t"), ("A_B_SECRET", "SECs")].into_iter().collect();
    let loaded = load(ours, Path::new(""), &environment);
    assert_eq!(loaded.settings.receivers[0].name, "a-b");
}

#[test]
fn grafanas_contact_points_become_receivers() {
    let text = "\
apiVersion: 1
contactPoints:
  - orgId: 1
    name: DingDing 告警
    receivers:
      - uid: a
        type: dingding
        settings:
          url: https://oapi.dingtalk.com/robot/send?access_token=canary
          msgType: actionCard
          message: '{{ template \"x\" . }}'
      - {uid: b, type: email, settings: {addresses: a@b.example}}
";
    let answer = answer_to(text);
    assert_says(
        &answer,
        &[
            "this is a file of Grafana",
            "access_token: ${DINGDING____ACCESS_TOKEN}",
            "/api/v1/receivers/DingDing-告警/alerts",
            "the contact of type `email` is left out",
        ],
    );
    let found = refused(Product::NotificationManager, &[("g.yml", text)]);
    assert_says(&found, &["these are files of Grafana, and not of notification-manager"]);
}

#[test]
fn prometheusalerts_robots_become_receivers() {
    let text = "\
#---- 全局配置 ----
appname = PrometheusAlert
httpport = 8080
open-dingding=1
#默认钉钉机器人地址
ddurl=https://oapi.dingtalk.com/robot/send?access_token=canary&secret=SECcanary
dd_isatall=1
";
    let migration = migrated(Product::PrometheusAlert, &[("app.conf", text)]);
    let settings = loaded(&migration, Path::new("")).settings;
    assert!(settings.receivers[0].destinations[0].surface.mention.all);
    assert_eq!(
        migration.variables,
        [
            "PROMETHEUSALERT_ACCESS_TOKEN: the access token in `ddurl` (app.conf:6:1)",
            "PROMETHEUSALERT_SECRET: `secret` in `ddurl` (app.conf:6:1)",
        ]
    );
    assert_says(&answer_to(text), &["this is a file of PrometheusAlert", "all: true"]);
}

#[test]
fn files_of_another_product_are_sent_to_its_command() {
    let text = "kind: Receiver\nspec: {dingtalk: {}}";
    let found = refused(Product::WebhookDingtalk, &[("r.yml", text)]);
    assert_says(
        &found,
        &["these are files of notification-manager", "`campana migrate notification-manager`"],
    );
    let found = refused(Product::WebhookDingtalk, &[("r.yml", "a: b")]);
    assert_says(&found, &["r.yml:1:1: there is nothing of prometheus-webhook-dingtalk in it"]);
}
