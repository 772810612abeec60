//! Tests of a chatbot's address, secret and people as they stand in a file: none of it is dropped,
//! passed on or wrong in silence.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{destinations, errors, load_in, load_with, warnings, with_chatbot};

/// A receiver for each way in which a robot is written wrongly by people who come from other products.
const COPIED: &str = "\
receivers:
  - name: signed
    chatbots: [{name: g, webhook_url: 'https://oapi.dingtalk.com/robot/send?access_token=x1&timestamp=1732800000000&sign=abc%3D'}]
  - name: two-urls
    chatbots: [{name: g, webhook_url: 'https://oapi.dingtalk.com/robot/send?access_token=x2,https://oapi.dingtalk.com/robot/send?access_token=x3'}]
  - name: at
    chatbots: [{name: g, webhook_url: 'https://oapi.dingtalk.com/robot/send?access_token=x4&at=13900000001'}]
  - name: mobile
    chatbots: [{name: g, access_token: x5, mention: {mobiles: [156xxxx8827]}}]
  - name: pool
    chatbots: [{name: g, pool: [{webhook_url: 'https://oapi.dingtalk.com/robot/send?access_token=x6&sign=x'}, {access_token: SECx}]}]
";

#[test]
fn what_is_copied_from_other_products_is_refused_in_words() {
    insta::assert_snapshot!(errors(COPIED));
}

#[test]
fn a_secret_of_any_kind_keeps_a_copied_signature_from_being_an_error() {
    let of = |secret: &str| {
        let url = "https://oapi.dingtalk.com/robot/send?access_token=t&timestamp=1&sign=x";
        format!("receivers: [{{name: r, chatbots: [{{name: b, webhook_url: '{url}'{secret}}}]}}]\n")
    };
    assert!(errors(&of("")).contains("a signature that was made once"));
    let told = warnings(&of(", secret: SECx"));
    assert!(told.len() == 1 && told[0].contains("left out"), "{told:?}");
    // One that is wrong is the only mistake.
    let found = errors(&of(", secret: 'a b'"));
    assert!(!found.contains("made once") && found.contains("holds white space"), "{found}");
}

#[test]
fn files_of_secrets_are_looked_at_as_the_keys_are() {
    let folder = tempfile::tempdir().unwrap();
    let one = "https://oapi.dingtalk.com/robot/send?access_token=canary";
    for (key, text, words) in [
        ("webhook_url", format!("{one}\n{one}\n"), "holds several URLs"),
        ("webhook_url", format!("{one}, {one}"), "holds several URLs"),
        (
            "webhook_url",
            format!("{one}&timestamp=1&sign=x\n"),
            "holds a signature that was made once",
        ),
        ("webhook_url", format!("{one}#ops\n"), "holds `#`"),
        ("access_token", format!("{one}\n"), "holds a URL"),
        ("access_token", format!("{one} {one}\n"), "holds several URLs"),
        ("access_token", "canary canary\n".to_owned(), "holds white space"),
        ("access_token", "SECcanary\n".to_owned(), "holds a robot's secret"),
    ] {
        let path = folder.path().join("file");
        fs::write(&path, &text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let file = format!("receivers: [{{name: r, chatbots: [{{name: b, {key}_file: file}}]}}]");
        let found = load_in(folder.path(), &file).unwrap_err().to_string();
        assert!(found.contains(&format!("chatbots[0].{key}_file: {words}")), "{text}: {found}");
        assert!(!found.contains("canary") && found.lines().count() == 1, "{text}: {found}");
    }
}

#[test]
fn a_keyword_is_short_enough_for_each_part_to_hold_it() {
    let keyword =
        |length: usize| with_chatbot(&format!(", keywords: [a, {}]", "磁".repeat(length)));
    load_with(&keyword(100), &[]).unwrap_or_else(|errors| panic!("{errors}"));
    let words = "a keyword has at most 100 characters, because each part of a message must hold it";
    assert_eq!(
        errors(&keyword(101)),
        format!("c.yml:1:75: receivers[0].chatbots[0].keywords[1]: {words}")
    );
}

#[test]
fn a_number_comes_from_a_variable_and_is_looked_at_all_the_same() {
    let text = with_chatbot(", mention: {mobiles: ['${ONCALL}'], user_ids: ['${ID:-a}']}");
    let loaded = load_with(&text, &[("ONCALL", "+1-4155550100")]).unwrap();
    let mention = &destinations(&loaded.settings)[0].surface.mention;
    assert_eq!(
        (&mention.mobiles[..], &mention.user_ids[..]),
        (&["+1-4155550100".to_owned()][..], &["a".to_owned()][..])
    );
    for (value, words) in [
        (None, "environment variable `ONCALL` is not set"),
        (Some("13911111111,13922222222"), "write each number as a value of its own"),
        (Some("13911111111 13922222222"), "write each number as a value of its own"),
        (Some("canary"), "expected a mobile number as DingTalk knows it"),
        (Some("${ONCALL}"), "expected a mobile number as DingTalk knows it"),
        (Some("$ONCALL"), "a variable is written with braces"),
    ] {
        let variables: Vec<(&str, &str)> =
            value.map(|value| ("ONCALL", value)).into_iter().collect();
        let found = load_with(&text, &variables).unwrap_err().to_string();
        assert!(found.contains(words) && !found.contains("canary"), "{value:?}: {found}");
        assert!(!found.contains("139"), "{value:?}: {found}");
    }
}

#[test]
fn who_stands_twice_is_mentioned_once_and_told() {
    let text =
        with_chatbot(", mention: {mobiles: ['13800000000', 13800000000], user_ids: [a, b,\n a]}");
    let told = warnings(&text);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|line| line.ends_with("this person stands in line 1 already")));
    let loaded = load_with(&text, &[]).unwrap();
    let mention = &destinations(&loaded.settings)[0].surface.mention;
    assert_eq!((mention.mobiles.len(), mention.user_ids.len()), (1, 2));
}
