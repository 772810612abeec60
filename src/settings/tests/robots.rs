//! Tests of a chatbot's address and secret as they stand in a file: none of it is dropped, passed on or
//! wrong in silence.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{errors, load_in, warnings};

/// A receiver for each way in which a robot is written wrongly by people who come from other products.
const COPIED: &str = "\
receivers:
  - name: signed
    chatbots: [{name: g, webhook_url: 'https://oapi.dingtalk.com/robot/send?access_token=x1&timestamp=1732800000000&sign=abc%3D'}]
  - name: two-urls
    chatbots: [{name: g, webhook_url: 'https://oapi.dingtalk.com/robot/send?access_token=x2,https://oapi.dingtalk.com/robot/send?access_token=x3'}]
  - name: at
    chatbots: [{name: g, webhook_url: 'https://oapi.dingtalk.com/robot/send?access_token=x4&at=13900000001'}]
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
        ("webhook_url", format!("{one}&timestamp=1&sign=x\n"), "a signature that was made once"),
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
        assert!(found.contains(words) && found.contains(&format!("{key}_file")), "{text}: {found}");
        assert!(!found.contains("canary") && found.lines().count() == 1, "{text}: {found}");
    }
}
