//! Tests of the places of values, also in texts within texts, and of what is unwrapped.

use super::*;

const CONFIG_MAP: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: ding-config, namespace: monitoring}
data:
  config.yml: |-
    templates: [/etc/ding/a.tmpl]
    targets:
      ops:
        url: https://oapi.dingtalk.com/robot/send?access_token=canary
        secret: SECcanary
        mention: {mobiles: ['1']}
  a.tmpl: |-
    {{ define \"ding.link.title\" }}alarm{{ end }}
";

#[test]
fn a_config_map_is_unwrapped_and_its_places_are_those_of_the_file() {
    let answer = answer_to(CONFIG_MAP);
    let start = "c.yml:1:1: this is a file of prometheus-webhook-dingtalk; for Campana it is as \
                 follows";
    assert!(answer.starts_with(start), "{answer}");
    let migration = migrated(Product::WebhookDingtalk, &[("cm.yml", CONFIG_MAP)]);
    assert_eq!(
        migration.variables,
        [
            "OPS_ACCESS_TOKEN: the access token in `url` of target `ops` (cm.yml:9:14)",
            "OPS_SECRET: `secret` of target `ops` (cm.yml:10:17)",
        ]
    );
    assert_notes(
        &migration,
        &[
            "cm.yml:11:29: `1` is left out",
            "cm.yml:6:17: the file of `/etc/ding/a.tmpl` is the key `a.tmpl` of ConfigMap \
             monitoring/ding-config: mount it there for Campana as well, or write it into a file \
             with `--templates-dir DIR`",
        ],
    );
}

#[test]
fn a_secret_in_base64_is_unwrapped_and_a_list_too() {
    let coded = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        "targets:\n  a:\n    url: https://oapi.dingtalk.com/robot/send?access_token=canary\n    \
         mention: {mobiles: [1]}\n",
    );
    let secret = format!(
        "apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  metadata: {{name: s}}
  data:
    config.yaml: {coded}
"
    );
    let migration = migrated(Product::WebhookDingtalk, &[("s.yml", &secret)]);
    assert_notes(&migration, &["s.yml:8:18 (line 4 of `config.yaml`): `1` is left out"]);
    assert_eq!(loaded(&migration, Path::new("")).settings.receivers.len(), 1);
}

#[test]
fn what_is_broken_within_a_config_map_does_not_vanish() {
    let text = CONFIG_MAP.replace("secret: SECcanary", "secret: [SECcanary");
    let found = refused(Product::WebhookDingtalk, &[("cm.yml", &text)]);
    assert!(found.contains("this is not YAML"), "{found}");
    let text = CONFIG_MAP.replace("mention: {mobiles: ['1']}", "secret: SECother");
    let found = refused(Product::WebhookDingtalk, &[("cm.yml", &text)]);
    assert!(
        found.contains("cm.yml:11:9: targets.ops: `secret` stands twice, first in line"),
        "{found}"
    );
}

#[test]
fn what_is_broken_beside_it_is_no_matter() {
    let others = "  values.yaml: 'a: ['\n  prometheus.yml: |\n    scrape_configs: !x []\n";
    let migration =
        migrated(Product::WebhookDingtalk, &[("cm.yml", &format!("{CONFIG_MAP}{others}"))]);
    assert_eq!(migration.receivers, 1);
}

#[test]
fn several_files_share_no_name_and_no_variable() {
    let one = "targets: {ops: {url: 'https://oapi.dingtalk.com/robot/send?access_token=canary-1'}}";
    let other = one.replace("canary-1", "canary-2");
    let migration = migrated(Product::WebhookDingtalk, &[("one.yml", one), ("other.yml", &other)]);
    let settings = loaded(&migration, Path::new("")).settings;
    let names: Vec<&str> = settings.receivers.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["ops", "ops-2"]);
    assert_notes(&migration, &["target `ops` is called `ops-2` here, also in paths"]);
}

#[test]
fn what_cannot_be_written_as_a_comment_is_not() {
    let text = "targets: {a: {url: 'https://oapi.dingtalk.com/robot/send?access_token=canary', \
                mention: {mobiles: [\"1\\nreceivers: []\"]}}}";
    let migration = migrated(Product::WebhookDingtalk, &[("c.yml", text)]);
    assert_eq!(loaded(&migration, Path::new("")).settings.receivers.len(), 1);
}

#[test]
fn our_own_files_are_not_foreign() {
    let sources = ["receivers: []", "", "- targets", "global: {targets: 1}", "web: {}\nroute: {}"];
    for text in sources {
        let tree = Tree::parse(text);
        assert_eq!(refusal("c.yml", text, &tree, Path::new("")), None, "{text}");
    }
}
