//! Tests of prometheus-webhook-dingtalk's files, and of what runs it.

use std::fs;

use secrecy::ExposeSecret;

use super::*;
use crate::dingtalk::Endpoint;
use crate::settings::Destination;

const PRODUCT: Product = Product::WebhookDingtalk;

const EVERYTHING: &str = "\
timeout: 5s
templates: [contrib/templates/*.tmpl]
default_message: {title: '{{ template \"our.title\" . }}'}
targets:
  webhook1:
    url: https://oapi.dingtalk.com/robot/send?access_token=canary-token
    secret: canary-secret
    mention: {all: yes, mobiles: ['156xxxx8827', 13800000000, '13800000000']}
    message:
      text: |
        {{ range .Alerts }}
          {{ .Labels.alertname }}
        {{ end }}
  webhook_2:
    url: http://proxy.example/send?access_token=canary-token-2
  webhook-2: {url: 'https://oapi.dingtalk.com/robot/send?access_token=canary&timestamp=1&sign=x'}
";

/// A folder with the templates that [`EVERYTHING`] names.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("contrib/templates");
    fs::create_dir_all(&templates).unwrap();
    fs::write(templates.join("a.tmpl"), "{{ define \"our.title\" }}x{{ end }}").unwrap();
    folder
}

fn access_tokens(settings: &Settings) -> Vec<&str> {
    let destinations = settings.receivers.iter().flat_map(|receiver| &receiver.destinations);
    destinations.map(access_token).collect()
}

fn access_token(destination: &Destination) -> &str {
    let Endpoint::Chatbot(chatbot) = &destination.endpoint else { panic!("no chatbot") };
    chatbot.access_token.expose_secret()
}

#[test]
fn targets_become_receivers() {
    let migration = migrated(PRODUCT, &[("config.yml", EVERYTHING)]);
    insta::assert_snapshot!(migration.configuration);
    let folder = folder();
    let settings = loaded(&migration, folder.path()).settings;
    let names: Vec<&str> = settings.receivers.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["webhook1", "webhook_2", "webhook-2"]);
    let expected = ["webhook1-access-token", "webhook-2-webhook-url", "webhook-2-2-access-token"];
    assert_eq!(access_tokens(&settings), expected);
    let mention = &settings.receivers[0].destinations[0].surface.mention;
    assert!(mention.all && mention.resolved, "{mention:?}");
    assert_eq!(mention.mobiles, ["13800000000"]);
    let template = |index: usize| settings.receivers[index].template.clone().unwrap();
    // What a target's own message leaves out is the product's, not the file's.
    assert_eq!(template(0).title(), Some("{{ template \"ding.link.title\" . }}"));
    assert_eq!(template(1).title(), Some("{{ template \"our.title\" . }}"));
    assert!(template(0).text().unwrap().contains("\n  {{ .Labels.alertname }}\n"));
}

#[test]
fn the_error_about_a_file_in_our_place_holds_the_same() {
    let answer = answer_to(EVERYTHING);
    let migration = migrated(PRODUCT, &[("c.yml", EVERYTHING)]);
    let start = "c.yml:1:1: this is a file of prometheus-webhook-dingtalk; for Campana it is as \
                 follows (set the variables, or use the `_file` keys):\n\n";
    assert_eq!(answer, format!("{start}{}", migration.configuration));
}

#[test]
fn a_target_that_says_nothing_has_campanas_own_message() {
    let text = "targets: {a: {url: 'https://oapi.dingtalk.com/robot/send?access_token=canary'}}";
    let migration = migrated(PRODUCT, &[("c.yml", text)]);
    assert!(loaded(&migration, Path::new("")).settings.receivers[0].template.is_none());
    assert_notes(&migration, &["Without `message` Campana writes its own words"]);
}

#[test]
fn a_merged_mapping_is_there_as_the_product_reads_it() {
    let url = "https://oapi.dingtalk.com/robot/send?access_token=";
    let text = format!(
        "targets:
  one: &w
    url: {url}canary
    secret: SECcanary
    mention: {{mobiles: ['13900000000']}}
  two:
    <<: *w
    mention: {{all: true}}
  three:
    secret: SEClost
    <<: *w
"
    );
    let migration = migrated(PRODUCT, &[("c.yml", &text)]);
    let settings = loaded(&migration, Path::new("")).settings;
    for (index, secret) in ["SECone-secret", "SECtwo-secret", "SECthree-secret"].iter().enumerate()
    {
        let destination = &settings.receivers[index].destinations[0];
        assert_eq!(destination.endpoint.secret().unwrap().expose_secret(), *secret);
        assert_eq!(destination.surface.mention.mobiles, ["13900000000"]);
        assert_eq!(destination.surface.mention.all, index == 1);
    }
    assert_notes(&migration, &["c.yml:10:5: `secret` does not count, as in that product"]);
}

#[test]
fn a_key_that_the_product_does_not_know_is_an_error_as_it_is_there() {
    let text = "x: 1
targets:
  a:
    url: https://oapi.dingtalk.com/robot/send?access_token=canary
    secrets: canary
    mention: {mobile: ['13800000000']}
    message: {txt: x}
";
    let found = refused(PRODUCT, &[("c.yml", text)]);
    for expected in [
        "c.yml:1:1: x: unknown key (valid keys of the file: timeout, no_builtin_template, template,",
        "c.yml:5:5: targets.a.secrets: unknown key; did you mean `secret`? (valid keys of a target: \
         url, secret, mention, message); prometheus-webhook-dingtalk refuses it too",
        "c.yml:6:15: targets.a.mention.mobile: unknown key",
        "c.yml:7:15: targets.a.message.txt: unknown key",
    ] {
        assert!(found.contains(expected), "{expected}: {found}");
    }
    assert!(!found.contains("canary"), "{found}");
}

#[test]
fn nothing_in_a_url_vanishes() {
    let text = "
targets:
  a:
    url: https://oapi.dingtalk.com/robot/send?access_token=canary&at=13800000000
";
    let migration = migrated(PRODUCT, &[("c.yml", text)]);
    assert_notes(
        &migration,
        &[
            "c.yml:4:10: this URL holds `at`, which mentions nobody there; write `mention: {mobiles: \
             […]}`; it is left out here",
        ],
    );
    loaded(&migration, Path::new(""));
}

#[test]
fn what_the_product_refuses_is_refused_at_its_place() {
    let cases = [
        ("targets:\n  a: {}\n", "c.yml:2:6: targets.a: no `url` stands here"),
        ("targets:\n  a:\n    url: [canary]\n", "c.yml:3:10: targets.a.url: expected a text"),
        (
            "targets: {a: {url: x, mention: {mobiles: 138}}}",
            "c.yml:1:42: targets.a.mention.mobiles: expected a list",
        ),
        (
            "targets: {a: {url: x, mention: {all: 2}}}",
            "c.yml:1:38: targets.a.mention.all: expected true or false",
        ),
        (
            "targets: {a: {url: x}, a: {url: y}}",
            "c.yml:1:24: targets: `a` stands twice, first in line 1",
        ),
        ("targets: {a: {url: x}\n", "c.yml:1:10: this is not YAML"),
    ];
    for (text, expected) in cases {
        let found = refused(PRODUCT, &[("c.yml", text)]);
        assert!(found.contains(expected), "{text}: {found}");
        let answer = answer_to(text);
        assert!(answer.contains(expected), "{text}: {answer}");
    }
}

#[test]
fn what_our_check_will_refuse_is_said_with_its_place() {
    let text = format!(
        "targets:
  masked:
    url: https://oapi.dingtalk.com/robot/send?access_token=canary-1
    mention: {{mobiles: [156xxxx8827, '+86-13800000000', '${{ONCALL}}', $ONCALL]}}
  two-urls:
    url: https://oapi.dingtalk.com/robot/send?access_token=canary-2,https://canary.example/
  two-tokens: {{url: 'https://oapi.dingtalk.com/robot/send?access_token=canary&access_token=b'}}
  none: {{url: 'https://proxy.example/canary?phone=1&ddurl=x'}}
  placeholder: {{url: $CANARY}}
  token: {{url: 'https://proxy.example/?access_token=SECcanary', secret: '{}'}}
",
        "0123456789abcdef".repeat(4)
    );
    let migration = migrated(PRODUCT, &[("c.yml", &text)]);
    assert_notes(
        &migration,
        &[
            "receiver `masked`: c.yml:4:25: `156xxxx8827` is left out, since it would mention \
             nobody: expected a mobile number as DingTalk knows it",
            "some of its digits are masked",
            "c.yml:4:38: `+86-13800000000` is left out",
            "c.yml:4:57: `${ONCALL}` is left out: no variables are replaced there; here they are",
            "c.yml:4:70: `$ONCALL` is left out, since it would mention nobody: a variable is written",
            "c.yml:6:10: the token of this URL holds several URLs, and a robot has one",
            "c.yml:7:21: this URL has `access_token` twice, so `check-config` refuses it",
            "c.yml:8:15: this URL holds `phone`, which PrometheusAlert takes",
            "c.yml:8:15: this URL holds `ddurl`, which PrometheusAlert takes",
            "c.yml:8:15: this URL has no `access_token`, so `check-config` refuses it",
            "c.yml:9:22: this is no URL; the whole webhook is needed",
            "c.yml:10:16: the token of this URL holds a robot's secret",
            "`secret` of target `token` (c.yml:10:73) holds 64 hexadecimal digits",
        ],
    );
    for variable in ["TWO_URLS_WEBHOOK_URL", "TWO_TOKENS_WEBHOOK_URL"] {
        assert!(migration.configuration.contains(&format!("webhook_url: ${{{variable}}}")));
    }
}

#[test]
fn one_robot_has_one_secret() {
    let url = "https://oapi.dingtalk.com/robot/send?access_token=";
    let text = format!(
        "targets: {{a: {{url: '{url}canary'}}, b: {{url: '{url}canary', secret: SECcanary}}, \
         c: {{url: '{url}other'}}}}"
    );
    let migration = migrated(PRODUCT, &[("c.yml", &text)]);
    assert_notes(&migration, &["`b` and `a` send to the same robot, and only `b` has a secret"]);
    assert_eq!(migration.configuration.matches("secret: ${B_SECRET}").count(), 2);
    let text = text.replace("canary'},", "canary', secret: SECcanary2},");
    let migration = migrated(PRODUCT, &[("c.yml", &text)]);
    assert_notes(&migration, &["`a` and `b` send to the same robot with different secrets"]);
}

#[test]
fn secrets_and_templates_can_be_written_into_files() {
    let config_map = "apiVersion: v1
kind: ConfigMap
metadata: {name: ding, namespace: monitoring}
data:
  config.yml: |-
    templates: [/etc/ding/*.tmpl]
    targets:
      ops:
        url: https://oapi.dingtalk.com/robot/send?access_token=the-token
        secret: SECthe-secret
  a.tmpl: '{{ define \"ding.link.title\" }}alarm{{ end }}'
  unused.txt: x
";
    let folder = tempfile::tempdir().unwrap();
    let (secrets, templates) = (folder.path().join("s"), folder.path().join("t"));
    let shown = |path: &Path| Some(path.display().to_string());
    let options = MigrateOptions { secrets: shown(&secrets), templates: shown(&templates) };
    let migration = migrated_with(PRODUCT, &[("cm.yml", config_map)], &options);
    assert_eq!(migration.variables, [""; 0]);
    for file in &migration.files {
        fs::create_dir_all(Path::new(&file.path).parent().unwrap()).unwrap();
        fs::write(&file.path, file.text.expose_secret()).unwrap();
    }
    assert_eq!(fs::read_to_string(secrets.join("ops_access_token")).unwrap(), "the-token");
    let loaded = loaded(&migration, folder.path());
    let settings = loaded.settings;
    assert_eq!(access_tokens(&settings), ["the-token"]);
    let destination = &settings.receivers[0].destinations[0];
    assert_eq!(destination.endpoint.secret().unwrap().expose_secret(), "SECthe-secret");
    assert_eq!(
        settings.templates.files[0].source,
        "{{ define \"ding.link.title\" }}alarm{{ end }}"
    );
    assert_notes(
        &migration,
        &["key `unused.txt` of ConfigMap monitoring/ding is none of the files"],
    );
    assert!(!migration.configuration.contains("the-token"), "{}", migration.configuration);
}

#[test]
fn containers_that_run_it_are_known_by_image_or_flags() {
    let deployment = "apiVersion: apps/v1
kind: Deployment
metadata: {name: ding}
spec:
  template:
    spec:
      containers:
        - name: main
          image: registry.example/timonwong/prometheus-webhook-dingtalk:v0.3.0
          args:
            - --ding.profile=webhook1=https://oapi.dingtalk.com/robot/send?access_token=canary
            - --ding.profile
            - ops=https://oapi.dingtalk.com/robot/send?access_token=$(TOKEN)
            - --ding.timeout=3s
            - --web.listen-address=:9000
            - --web.enable-lifecycle
            - --template.file=/etc/a.tmpl
            - --colour.scheme=red
          env:
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: s, key: token}}}
";
    let migration = migrated(PRODUCT, &[("d.yml", deployment)]);
    assert_eq!(
        migration.variables,
        [
            "WEBHOOK1_ACCESS_TOKEN: the access token in `--ding.profile` of `webhook1` \
             (d.yml:11:15)",
            "OPS_WEBHOOK_URL: `--ding.profile` of `ops` (d.yml:12:15), with the container's \
             variable TOKEN, key `token` of Secret s",
        ]
    );
    assert_notes(
        &migration,
        &["--ding.timeout", "matches no file here yet", "unknown flag `--colour.scheme`"],
    );
    for words in ["listen_address: \":9000\"", "enable_lifecycle: true", "templates: [/etc/a.tmpl]"]
    {
        let found = migration.configuration.contains(words);
        assert!(found, "{words}: {}", migration.configuration);
    }
    let compose = "services:\n  d:\n    image: x\n    command: --ding.profile=a=https://h/?x=1\n";
    assert_eq!(migrated(PRODUCT, &[("c.yml", compose)]).receivers, 1);
}

#[test]
fn a_deployment_is_translated_with_the_file_that_it_names_and_asks_for_it() {
    let deployment = "kind: Deployment
apiVersion: apps/v1
spec:
  template:
    spec:
      containers: [{image: timonwong/prometheus-webhook-dingtalk, args: [--config.file=/c/c.yml]}]
      volumes: [{name: c, configMap: {name: ding}}]
";
    let found = refused(PRODUCT, &[("d.yml", deployment)]);
    assert!(found.contains("the file `/c/c.yml` (ConfigMap ding), which is not among"), "{found}");
    let config = "targets: {a: {url: 'https://oapi.dingtalk.com/robot/send?access_token=canary'}}";
    let both = [("d.yml", deployment), ("c.yml", config)];
    assert_eq!(migrated(PRODUCT, &both).receivers, 1);
}
