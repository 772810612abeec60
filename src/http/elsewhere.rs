//! Paths that are none of ours and that senders post to all the same: those of other products, and those
//! that are nearly ours. The words say what each is, and what to write instead.
//!
//! A query can hold tokens and telephone numbers: only which names it has is looked at, and nothing of it
//! is ever repeated.

/// What to say of `path`, below the prefix that all our paths begin with; none if it is nothing known.
pub(super) fn words(path: &str, query: Option<&str>, prefix: &str) -> Option<String> {
    let pieces: Vec<&str> = path.split('/').filter(|piece| !piece.is_empty()).collect();
    match pieces.as_slice() {
        ["prometheusalert"] => Some(prometheusalert(query.unwrap_or_default(), prefix)),
        ["dingtalk", "send"] | ["dingtalk"] => Some(format!(
            "write the receiver's name into it, as prometheus-webhook-dingtalk's target: \
             {prefix}/dingtalk/NAME/send"
        )),
        ["dingtalk", name] => Some(format!("did you mean {prefix}/dingtalk/{name}/send?")),
        ["api", "v2", "notifications"] => Some(format!(
            "notification-manager sends at it what the body describes, and Campana only what its \
             configuration does; write that receiver into the configuration, and post the alerts to \
             {prefix}/api/v1/receivers/NAME/alerts"
        )),
        ["api", "v2", "verify"] => Some(format!(
            "notification-manager tries a receiver at it; post to \
             {prefix}/api/v1/receivers/NAME/test, which says what DingTalk answered"
        )),
        _ => None,
    }
}

/// The name of each other product's word in `type`, as far as it is no DingTalk.
const OTHERS: [(&str, &str); 6] = [
    ("wx", "WeCom"),
    ("fs", "Feishu"),
    ("email", "mail"),
    ("webhook", "a webhook"),
    ("workwechat", "WeCom"),
    ("tg", "Telegram"),
];

/// What stands in the query of PrometheusAlert's only path is part of the configuration here.
fn prometheusalert(query: &str, prefix: &str) -> String {
    let pairs = || query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let has = |name: &str| pairs().any(|(given, value)| given == name && !value.is_empty());
    let kind = pairs().find(|(name, _)| *name == "type").map_or("dd", |(_, kind)| kind);
    if let Some((_, other)) = OTHERS.iter().find(|(word, _)| *word == kind) {
        return format!(
            "it is PrometheusAlert's, here for {other}; Campana delivers to DingTalk alone"
        );
    }
    let written: Vec<&str> = [
        ("ddurl", "the robot of `ddurl` into its `chatbots` (`webhook_url`, and `secret` apart)"),
        ("tpl", "the template of `tpl` into its `message.text` (`profile: prometheusalert`)"),
        ("at", "the numbers of `at` into `mention.mobiles` of that chatbot"),
    ]
    .into_iter()
    .filter_map(|(name, words)| has(name).then_some(words))
    .collect();
    let written = match written.as_slice() {
        [] => "its robot into its `chatbots`".to_owned(),
        some => some.join(", "),
    };
    format!(
        "it is PrometheusAlert's, whose query says where an alert goes; here the configuration \
         does: write a receiver, {written}, and post to {prefix}/api/v1/receivers/NAME/alerts"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_another_product_is_named_with_what_to_do() {
        for (path, query, parts) in [
            (
                "/prometheusalert",
                Some("type=dd&tpl=prometheus-dd&ddurl=https://h/send?access_token=canary&at=138"),
                &[
                    "PrometheusAlert",
                    "`webhook_url`",
                    "profile: prometheusalert",
                    "`mention.mobiles`",
                ][..],
            ),
            (
                "/prometheusalert/",
                Some("type=dd&at="),
                &["its robot into its `chatbots`, and post"],
            ),
            ("/prometheusalert", None, &["/in/api/v1/receivers/NAME/alerts"]),
            ("/prometheusalert", Some("type=wx&wxurl=canary"), &["WeCom", "DingTalk alone"]),
            ("/dingtalk/ops", None, &["did you mean /in/dingtalk/ops/send?"]),
            ("/dingtalk/ops/", Some("access_token=canary"), &["/in/dingtalk/ops/send?"]),
            ("/dingtalk/send", None, &["/in/dingtalk/NAME/send"]),
            ("/api/v2/notifications", None, &["notification-manager", "NAME/alerts"]),
            ("/api/v2/verify", None, &["notification-manager", "NAME/test"]),
        ] {
            let said = words(path, query, "/in").unwrap();
            for part in parts {
                assert!(said.contains(part), "{path} {query:?}: {said}");
            }
            assert!(!said.contains("canary") && !said.contains("138"), "{said}");
        }
        for path in ["/", "/webhook", "/dingtalk/ops/sent", "/api/v1/alert"] {
            assert_eq!(words(path, None, ""), None, "{path}");
        }
    }
}
