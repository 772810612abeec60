//! No output shows a secret: each test plants secrets and looks for them in all that is printed.

use super::load_with;
use crate::settings::environment::Environment;
use crate::settings::tree::Tree;

const CANARY: &str = "canary0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6";

/// `text` with `CANARY` for each `@`.
fn planted(text: &str) -> String {
    text.replace('@', CANARY)
}

#[test]
fn neither_settings_nor_warnings_show_a_secret() {
    let text = planted(
        "\
receivers:
- name: one
  chatbots:
  - {name: a, access_token: @, secret: SEC@}
  - {name: b, webhook_url: 'http://proxy/send?access_token=x@&k=@&sign=@', secret: '${S}'}
- name: two
  chatbots:
  - {name: a, access_token: @, secret: SEC@}
  conversations:
  - {name: c, app_key: k, app_secret: @, open_conversation_ids: [cid]}
",
    );
    let secret = format!("sec{CANARY}");
    let variables = [("S", secret.as_str())];
    let loaded = load_with(&text, &variables).unwrap();
    // The same chat; the token unencrypted, `k` passed on, `sign` left out, and no `SEC`.
    assert_eq!(loaded.warnings.len(), 5, "{:?}", loaded.warnings);
    let environment: Environment = variables.into_iter().collect();
    let printed = format!(
        "{loaded:?} {:#?} {} {environment:?} {:?}",
        loaded.warnings,
        loaded.settings.redacted(),
        Tree::parse(&text)
    );
    assert!(!printed.contains(CANARY), "{printed}");
    assert!(loaded.settings.redacted().contains("<secret>"));
}

#[test]
fn no_error_shows_a_secret() {
    let bot = |keys: &str| format!("receivers: [{{name: r, chatbots: [{{name: b, {keys}}}]}}]");
    let cases = [
        bot("access_token: @, webhook_url: https://h/?access_token=@"),
        bot("access_token: [@]"),
        bot("access_token: {@: @}"),
        bot("access_token: https://h/?access_token=@"),
        bot("access_token: 'a @'"),
        bot("access_tokn: @"),
        bot("'access_token=@': 1"),
        bot("@: 1"),
        bot("access_token: t, secret: ${@}"),
        bot("access_token: t, secret: '${@'"),
        bot("webhook_url: @"),
        bot("webhook_url: https://h/@"),
        bot("webhook_url: https://h/?access_token=@&secret=@"),
        bot("webhook_url: https://oapi.dingtalk.com/?access_token=@&sign=@&at=@&x=@#@"),
        bot("webhook_url: 'https://h/?access_token=@,https://h/?access_token=@'"),
        bot("webhook_url: 'https://h/?access_token=@ https://h/?access_token=@'"),
        bot("access_token: SEC@"),
        bot("access_token: '@,@'"),
        bot("access_token: t, secret: https://h/?access_token=@"),
        bot("access_token: t, mention: {mobiles: ['@', '${@'], user_ids: ['@@', '@ @']}"),
        bot("access_token: t, secret: @, secret: @"),
        "receivers: [{name: r, chatbots: ['https://h/?access_token=@']}]".to_owned(),
        "receivers: [{name: r, chatbots: 'https://h/?access_token=@'}]".to_owned(),
        "receivers: [{name: r, chatbots: {a: {access_token: @}}}]".to_owned(),
        "receivers: [{name: r, conversations: [{name: c, app_key: k, app_secret: [@]}]}]"
            .to_owned(),
        "receivers:\n- name: r\n  access_token: @\n secret: @\n".to_owned(),
        "storage: {url: 'postgres://u:@/d'}\nreceivers: []".to_owned(),
        "global: {external_url: 'https://u:@@h'}\nreceivers: []".to_owned(),
        "targets: {a: {url: 'https://oapi.dingtalk.com/robot/send?access_token=@', secret: @}}"
            .to_owned(),
    ];
    for text in cases {
        let errors = load_with(&planted(&text), &[]).unwrap_err();
        let printed = format!("{errors} {errors:?}");
        // An error may show the first eight characters of a possible secret, not sixteen.
        assert!(!printed.contains(&CANARY[..16]), "{text}: {printed}");
    }
}
