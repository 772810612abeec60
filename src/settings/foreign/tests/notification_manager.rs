//! Tests of notification-manager's objects.

use secrecy::ExposeSecret;

use super::*;

const PRODUCT: Product = Product::NotificationManager;

const EVERYTHING: &str = "\
apiVersion: notification.kubesphere.io/v2beta2
kind: Config
metadata: {name: default-config, labels: {type: default}}
spec:
  dingtalk:
    conversation: {appkey: {value: canary-key}, appsecret: {value: canary-secret}}
---
apiVersion: notification.kubesphere.io/v2beta2
kind: Receiver
metadata: {name: r.1, labels: {type: global}}
spec:
  dingtalk:
    enabled: false
    alertSelector:
      matchLabels: {severity: critical}
      matchExpressions:
        - {key: namespace, operator: DoesNotExist}
        - {key: team, operator: NotIn, values: [a, '0123']}
        - {key: alertname, operator: Match, regexValue: 'Kube.*'}
        - {key: instance, operator: In, values: ['10.0.0.1:9100']}
    conversation: {chatids: [chat894f]}
    chatbot:
      webhook: {value: 'https://oapi.dingtalk.com/robot/send?access_token=canary'}
      secret: {valueFrom: {secretKeyRef: {namespace: ns, name: s, key: secret}}}
      keywords: [kubesphere]
      atMobiles: ['13800000000']
      atUsers: [manager1]
    tmplText: {namespace: ns, name: cm, key: k}
  email: {to: [a@b.example]}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: ns}
data: {secret: Y2FuYXJ5}
";

/// A receiver with these keys of `dingtalk`, and these labels.
fn receiver(labels: &str, keys: &str) -> String {
    let url = "https://oapi.dingtalk.com/robot/send?access_token=t";
    format!(
        "kind: Receiver
metadata: {{name: r, labels: {{{labels}}}}}
spec:
  dingtalk:
    chatbot: {{webhook: {{value: '{url}'}}}}
    {keys}
"
    )
}

/// The first receiver's conditions.
fn conditions(migration: &Migration) -> Vec<String> {
    let settings = loaded(migration, Path::new("")).settings;
    settings.receivers[0].conditions.as_slice().iter().map(ToString::to_string).collect()
}

#[test]
fn objects_become_receivers() {
    let migration = migrated(PRODUCT, &[("nm.yml", EVERYTHING)]);
    insta::assert_snapshot!(migration.configuration);
    let settings = loaded(&migration, Path::new("")).settings;
    assert_eq!(settings.receivers[0].destinations.len(), 2);
    assert!(!settings.receivers[0].enabled);
    let lines = migration.variables.join("\n");
    for words in
        ["key `secret` of Secret ns/s (nm.yml:", "`webhook.value` of Receiver r.1 (nm.yml:"]
    {
        assert!(lines.contains(words), "{words} is not in {lines}");
    }
    assert_notes(
        &migration,
        &[
            "`email` is left out: Campana delivers to DingTalk alone",
            "`10.0.0.1:9100` is no value of a Kubernetes label",
            "`regexValue` may match anywhere",
            "Chat ids (`chat…`) belong to DingTalk's older API",
            "A keyword is appended to a message that has none",
        ],
    );
}

#[test]
fn an_expression_matches_what_it_matched_there() {
    use crate::select::condition::Condition;
    let selector =
        "alertSelector: {matchExpressions: [{key: a, operator: Match, regexValue: 'b|^c'}]}";
    let text = receiver("type: global", selector);
    let migration = migrated(PRODUCT, &[("nm.yml", &text)]);
    assert_eq!(conditions(&migration).len(), 1);
    let settings = loaded(&migration, Path::new("")).settings;
    let condition: &Condition = &settings.receivers[0].conditions.as_slice()[0];
    for (value, expected) in [("xbx", true), ("x\nb\nx", true), ("cx", true), ("xc", false)] {
        let labels = [("a", value)].into_iter().collect();
        assert_eq!(condition.holds(&labels), expected, "{value:?}");
    }
}

#[test]
fn a_tenant_hears_of_its_own_namespace() {
    let text = receiver("type: tenant, namespace: shop", "enabled: yes");
    let manager = "kind: NotificationManager
spec: {receivers: {tenantKey: namespace, globalReceiverSelector: {matchLabels: {type: global}},
       tenantReceiverSelector: {matchLabels: {type: tenant}}}}
";
    let exact = migrated(PRODUCT, &[("a.yml", &text), ("b.yml", manager)]);
    assert_eq!(conditions(&exact), ["namespace In [shop]"]);
    let told = "it is the receiver of tenant `shop`";
    assert!(!exact.notes.iter().any(|note| note.contains(told)), "{:?}", exact.notes);
    assert_notes(&migrated(PRODUCT, &[("a.yml", &text)]), &[told]);
    let nobody = migrated(PRODUCT, &[("a.yml", &receiver("app: x", "enabled: true"))]);
    let ignored =
        "takes no notice of it, since its labels make it nobody's, so it is disabled here";
    assert_notes(&nobody, &[ignored]);
    assert!(!loaded(&nobody, Path::new("")).settings.receivers[0].enabled);
}

#[test]
fn a_receiver_has_the_app_that_the_product_would_take() {
    let config = |name: &str, labels: &str| {
        format!(
            "kind: Config\nmetadata: {{name: {name}, labels: {{{labels}}}}}\nspec: {{dingtalk: \
             {{conversation: {{appkey: {{value: key-{name}}}, appsecret: {{value: s}}}}}}}}\n---\n"
        )
    };
    let configs = [
        config("other", "type: default, zone: b"),
        config("usual", "type: default, priority: '1'"),
        config("mine", "type: tenant, user: admin"),
        config("lost", "type: global"),
    ]
    .concat();
    let cases = [
        ("type: global", "enabled: true", Some("usual")),
        ("type: global", "dingtalkConfigSelector: {matchLabels: {zone: b}}", Some("other")),
        ("type: global", "dingtalkConfigSelector: {matchLabels: {zone: c}}", None),
        ("type: tenant, user: admin", "enabled: true", Some("mine")),
        ("type: tenant, user: guest", "enabled: true", Some("usual")),
    ];
    for (labels, keys, expected) in cases {
        let text = receiver(labels, &format!("conversation: {{chatids: [chat1]}}\n    {keys}"));
        let options = MigrateOptions { secrets: Some("s".to_owned()), templates: None };
        let files = [("a.yml", &*text), ("b.yml", &*configs)];
        let migration = migrated_with(PRODUCT, &files, &options);
        let key = migration.configuration.lines().find_map(|line| line.split_once("app_key: "));
        let expected = expected.map_or("${R_APP_KEY}".to_owned(), |name| format!("key-{name}"));
        assert_eq!(key.unwrap().1, expected, "{labels} {keys}");
    }
}

#[test]
fn old_versions_of_the_api_are_read() {
    let oldest = "apiVersion: notification.kubesphere.io/v2alpha1
kind: DingTalkConfig
metadata: {name: c, labels: {type: default}}
spec: {conversation: {appkey: {key: appkey, name: s}, appsecret: {key: appsecret, name: s}}}
---
apiVersion: notification.kubesphere.io/v2alpha1
kind: DingTalkReceiver
metadata: {name: r, labels: {type: global}}
spec:
  conversation: {chatid: chat1}
  chatbot: {webhook: {key: webhook, name: s}, secret: {key: secret, name: s}, keywords: [k]}
";
    let beta = "apiVersion: notification.kubesphere.io/v2beta1
kind: List
items:
- apiVersion: notification.kubesphere.io/v2beta1
  kind: Config
  metadata: {name: c, labels: {type: default}}
  spec:
    dingtalk:
      conversation: {appkey: {key: appkey, name: s}, appsecret: {key: appsecret, name: s}}
- apiVersion: notification.kubesphere.io/v2beta1
  kind: Receiver
  metadata: {name: r, labels: {type: global}}
  spec:
    dingtalk:
      conversation: {chatids: [chat1]}
      chatbot: {webhook: {key: webhook, name: s}, secret: {key: secret, name: s}, keywords: [k]}
";
    let current = "kind: Config
metadata: {name: c, labels: {type: default}}
spec: {dingtalk: {conversation: {appkey: {valueFrom: {secretKeyRef: {key: appkey, name: s}}},
       appsecret: {valueFrom: {secretKeyRef: {key: appsecret, name: s}}}}}}
---
kind: Receiver
metadata: {name: r, labels: {type: global}}
spec:
  dingtalk:
    conversation: {chatids: [chat1]}
    chatbot: {webhook: {valueFrom: {secretKeyRef: {key: webhook, name: s}}},
              secret: {valueFrom: {secretKeyRef: {key: secret, name: s}}}, keywords: [k]}
";
    let receivers = |text: &str| {
        let migration = migrated(PRODUCT, &[("nm.yml", text)]);
        loaded(&migration, Path::new(""));
        migration.configuration.split_once("receivers:\n").unwrap().1.to_owned()
    };
    let expected = receivers(current);
    assert_eq!(receivers(oldest), expected);
    assert_eq!(receivers(beta), expected);
}

#[test]
fn in_the_first_version_the_chatbot_stands_in_the_config() {
    let text = "apiVersion: notification.kubesphere.io/v1alpha1
kind: DingTalkReceiver
metadata: {name: r, labels: {type: global}}
---
apiVersion: notification.kubesphere.io/v1alpha1
kind: DingTalkConfig
metadata: {name: c, labels: {type: default}}
spec:
  chatbot: {webhook: {key: webhook, name: s}, keywords: [k], secret: {key: secret, name: s}}
  conversation: {appkey: {key: appkey, name: s}, appsecret: {key: appsecret, name: s}, chatid: chat1}
";
    let migration = migrated(PRODUCT, &[("nm.yml", text)]);
    let settings = loaded(&migration, Path::new("")).settings;
    assert_eq!(settings.receivers[0].destinations.len(), 2);
    assert_eq!(migration.variables.len(), 4, "{:?}", migration.variables);
}

#[test]
fn templates_are_called_by_name_and_brought_out_of_config_maps() {
    let config_map = "apiVersion: v1
kind: ConfigMap
metadata: {name: words, namespace: ns}
data: {ours: '{{ define \"our.text\" }}x{{ end }}'}
---
";
    let keys =
        "tmplType: markdown\n    template: our.text\n    tmplText: {namespace: ns, name: words}";
    let text = format!("{config_map}{}", receiver("type: global", keys));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("t").display().to_string();
    let options = MigrateOptions { secrets: None, templates: Some(target.clone()) };
    let migration = migrated_with(PRODUCT, &[("nm.yml", &text)], &options);
    let [file] = migration.files.as_slice() else { panic!("{:?}", migration.files) };
    assert_eq!(file.path, format!("{target}/words-ours.tmpl"));
    std::fs::create_dir(&target).unwrap();
    std::fs::write(&file.path, file.text.expose_secret()).unwrap();
    let settings = loaded(&migration, folder.path()).settings;
    let template = settings.receivers[0].template.clone().unwrap();
    assert_eq!(template.text(), Some("{{ template \"our.text\" . }}"));
    assert_eq!(template.title(), Some("{{ template \"nm.default.subject\" . }}"));
    assert_notes(
        &migrated(PRODUCT, &[("nm.yml", &text)]),
        &["put the templates of ConfigMap ns/words into `templates/words.tmpl`, or give it, with"],
    );
    // A template that is built in needs no file.
    let text = receiver("type: global", "tmplText: {name: words}\n    template: nm.default.text");
    let migration = migrated(PRODUCT, &[("nm.yml", &text)]);
    loaded(&migration, Path::new(""));
    assert_notes(&migration, &["are built in as the product writes them"]);
}

#[test]
fn the_manager_sets_what_holds_for_all() {
    let manager = "apiVersion: notification.kubesphere.io/v2beta2
kind: NotificationManager
metadata: {name: nm}
spec:
  image: x
  groupLabels: [alertname, namespace]
  batchMaxWait: 6s
  routePolicy: RouterOnly
  history: {webhook: {url: http://x}}
  template: {language: zh-cn, languagePack: [{name: zh-cn}], colour: red}
  receivers:
    tenantKey: user
    options:
      global: {cluster: host}
      dingtalk:
        template: nm.default.markdown
        tmplType: markdown
        notificationTimeout: 5
        chatbotMessageMaxSize: 5000
        chatBotThrottle: {threshold: 10, unit: 120000000000}
        conversationMessageMaxSize: 4000
        conversationThrottle: {threshold: 5, unit: 1s}
---
kind: Router
metadata: {name: route}
spec: {}
---
kind: Silence
metadata: {name: quiet}
spec: {}
---
";
    let conversation = "conversation: {chatids: [chat1]}";
    let text = format!("{manager}{}", receiver("type: global", conversation));
    let migration = migrated(PRODUCT, &[("nm.yml", &text)]);
    let settings = loaded(&migration, Path::new("")).settings;
    let [destination, chat] = &*settings.receivers[0].destinations else { panic!() };
    assert_eq!((chat.rate.messages, chat.surface.max_bytes), (5, 4_000));
    assert_eq!((destination.rate.messages, destination.rate.per.as_secs()), (10, 120));
    assert_eq!(destination.surface.max_bytes, 5_000);
    assert_eq!(settings.language.as_str(), "zh-CN");
    let template = settings.receivers[0].template.clone().unwrap();
    assert_eq!(template.text(), Some("{{ template \"nm.default.markdown\" . }}"));
    assert_notes(
        &migration,
        &[
            "write `group_by: [alertname, namespace]` in alertmanager.yml",
            "`group_wait` in alertmanager.yml",
            "`routePolicy: RouterOnly` has no counterpart",
            "there is no webhook for the history",
            "language packs are not in this version",
            "unknown key `colour` in `template`",
            "`notificationTimeout`: it had no effect there",
            "Router route is left out",
            "Silence quiet is left out",
            "how its pods run is not translated: `image`",
        ],
    );
}

#[test]
fn a_template_file_of_an_old_version_is_a_key_of_a_config_map() {
    let manager = "apiVersion: notification.kubesphere.io/v2beta1
kind: NotificationManager
spec: {receivers: {options: {global: {templateFile: [/etc/nm/words.tmpl]}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cm}
data: {words.tmpl: '{{ define \"nm.default.text\" }}ours{{ end }}'}
---
";
    let text = format!("{manager}{}", receiver("type: global", "enabled: true"));
    let options = MigrateOptions { secrets: None, templates: Some("t".to_owned()) };
    let migration = migrated_with(PRODUCT, &[("nm.yml", &text)], &options);
    assert!(migration.configuration.contains("templates: [t/cm-words.tmpl]"));
    let without = migrated(PRODUCT, &[("nm.yml", &text)]);
    loaded(&without, Path::new(""));
    assert_notes(&without, &["the templates of `/etc/nm/words.tmpl` are not brought along"]);
}

#[test]
fn what_the_product_refuses_is_refused_at_its_place() {
    let cases = [
        ("tmplType: html", "spec.dingtalk.tmplType: expected `text` or `markdown`"),
        (
            "alertSelector: {matchExpressions: [{key: a, operator: Equals, values: [b]}]}",
            "alertSelector.matchExpressions[0]: unknown operator `Equals`",
        ),
        (
            "alertSelector: {matchExpressions: [{key: a, operator: In}]}",
            "In needs at least one value",
        ),
        (
            "alertSelector: {matchExpressions: [{key: a, operator: Match, regexValue: '('}]}",
            "nm.yml:6:40: ",
        ),
        ("alertSelector: [a]", "spec.dingtalk.alertSelector: expected a mapping"),
    ];
    for (keys, expected) in cases {
        let found = refused(PRODUCT, &[("nm.yml", &receiver("type: global", keys))]);
        assert!(found.contains(expected), "{keys}: {found}");
    }
    let both = "kind: Receiver\nspec: {dingtalk: {chatbot: {webhook: {value: canary, valueFrom: \
                {secretKeyRef: {name: s, key: k}}}}}}";
    let found = refused(PRODUCT, &[("nm.yml", both)]);
    assert!(found.contains("has both `value` and `valueFrom`"), "{found}");
    assert!(!found.contains("canary"), "{found}");
}

#[test]
fn a_file_without_dingtalk_is_named_all_the_same() {
    let answer = answer_to("kind: Receiver\nmetadata: {name: r}\nspec: {email: {}}\n");
    assert_eq!(
        answer,
        "c.yml:1:1: this is a file of notification-manager, and no DingTalk receiver is in it: one \
         is an object of kind Receiver with `spec.dingtalk`, as `kubectl get receivers -o yaml` \
         prints it"
    );
}

#[test]
fn ids_of_both_apis_stand_under_their_keys() {
    let text = receiver("type: global", "conversation: {chatids: [chat1, cid2==]}");
    let migration = migrated(PRODUCT, &[("nm.yml", &text)]);
    for words in ["chat_ids: [chat1]\n", "open_conversation_ids: [cid2==]\n"] {
        let found = migration.configuration.contains(words);
        assert!(found, "{words}: {}", migration.configuration);
    }
}

#[test]
fn a_known_secret_goes_into_its_file() {
    let options = MigrateOptions { secrets: Some("s".to_owned()), templates: None };
    let migration = migrated_with(PRODUCT, &[("nm.yml", EVERYTHING)], &options);
    let files: Vec<(&str, &str)> = migration
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.text.expose_secret()))
        .collect();
    let url = "https://oapi.dingtalk.com/robot/send?access_token=canary";
    assert_eq!(
        files,
        [
            ("s/r_1_app_secret", "canary-secret"),
            ("s/r_1_webhook_url", url),
            ("s/r_1_secret", "canary"),
        ]
    );
    assert!(!migration.configuration.contains("access_token=canary"));
    let configuration = &migration.configuration;
    assert!(configuration.contains("webhook_url_file: s/r_1_webhook_url"), "{configuration}");
}
