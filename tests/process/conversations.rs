//! `campana conversations convert`: the new entries on standard output, the reasons on standard error.

use dingtalk_sim::{App, Endpoint, Scope, Trouble};
use test_support::{Site, run};

/// Two receivers with chats of the app `dingold`, of which `chat3` is none of its groups.
const CONFIGURATION: &str = "
receivers:
  - name: ops
    conversations:
      - {name: old, app_key: dingold, app_secret: old-secret, chat_ids: [chat1, chat2], overflow: queue}
  - name: dev
    chatbots: [{name: bot, access_token: t0}]
    conversations:
      - {name: both, app_key: dingold, app_secret: '${OLD_SECRET}', chat_ids: [chat1, chat3], open_conversation_ids: [cid9]}
";

async fn site() -> Site {
    let site = Site::with(CONFIGURATION).await;
    site.sim.add_app(App::new("dingold", "old-secret").chat("chat1").chat("chat2"));
    site
}

/// Runs the command with these arguments: its status, and what it printed.
async fn convert(site: &Site, arguments: &[&str]) -> (i32, String) {
    let command = ["conversations", "convert", "--config.file", "campana.yml"];
    let mut command = site.command(command.iter().chain(arguments).copied());
    let (status, text) = run(command.env("OLD_SECRET", "old-secret"), site.path()).await;
    (status.code().unwrap(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entry_of_a_receiver_is_printed_with_its_new_ids_and_is_valid() {
    let site = site().await;
    let (status, text) = convert(&site, &["ops"]).await;
    let [one, two] = ["chat1", "chat2"].map(|chat| site.sim.open_conversation_id(chat));
    let expected = format!(
        "\
# In place of the same entries in campana.yml.
# Where <secret> stands, keep your own line.
# What is queued for the old ids waits in vain once they are gone: let it go out first.
receivers:
  - name: ops
    conversations:
      - name: old
        app_key: dingold
        app_secret: <secret>
        robot_code: dingold
        open_conversation_ids: [{one}, {two}]
        overflow: queue
"
    );
    assert_eq!((status, text.replace('"', "").as_str()), (0, &*expected));
    site.configure(&text.replace("<secret>", "old-secret"));
    let (status, text) = site.run(["check-config", "campana.yml"]).await;
    assert!(status.success() && text.contains("receivers: 1, destinations: 2"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_dingtalk_does_not_know_stays_and_its_reason_is_told() {
    let site = site().await;
    let (status, text) = convert(&site, &[]).await;
    assert_eq!(status, 1, "{text}");
    let reason = "campana: dev/both: chat3: DingTalk said invalideChatId (HTTP 400) \"无效的chatId\": \
                  the conversation's id is wrong";
    assert!(text.contains(reason), "{text}");
    assert!(
        text.contains("app_secret: \"${OLD_SECRET}\"") && text.contains("chat_ids: [chat3]"),
        "{text}"
    );
    assert!(text.contains("cid9, "), "{text}");
    assert!(!text.contains("old-secret"), "{text}");
    let asked = site.sim.calls().into_iter().filter(|call| call.endpoint == Endpoint::Convert);
    assert_eq!(asked.count(), 3, "chat1 once, though two receivers name it");
    assert!(site.sim.posts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_why_there_is_no_id_is_told_in_words() {
    let site = site().await;
    site.sim.change_app("dingold", |app| app.unseen_chats = vec!["chat2".to_owned()]);
    let (status, text) = convert(&site, &["ops"]).await;
    assert_eq!((status, text.contains("permession.checkFailed")), (1, true), "{text}");
    assert!(text.contains("widen the app's visible range"), "{text}");
    assert!(text.contains("chat_ids: [chat2]"), "{text}");

    let code = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi";
    let qps = Trouble::Api(403, code.into(), "QPS".into());
    site.sim.fail(Scope::Endpoint(Endpoint::Convert), qps);
    let (status, text) = convert(&site, &["ops"]).await;
    assert_eq!((status, text.contains("QPS")), (1, false), "asked again: {text}");

    site.sim.change_app("dingold", |app| app.secret = "another".to_owned());
    let (status, text) = convert(&site, &["ops"]).await;
    assert_eq!((status, text.contains("open_conversation_ids")), (1, false), "{text}");
    let refused =
        "chat1: the app's token could not be fetched: DingTalk said invalidClientIdOrSecret";
    assert!(text.contains(refused), "{text}");
    assert!(!text.contains("old-secret"), "{text}");

    let (status, text) = convert(&site, &["opss"]).await;
    assert_eq!((status, text.contains("did you mean \"ops\"?")), (1, true), "{text}");
    site.configure("receivers: [{name: ops, chatbots: [{name: bot, access_token: t0}]}]");
    let (status, text) = convert(&site, &[]).await;
    assert_eq!((status, text.contains("nothing has `chat_ids` there")), (1, true), "{text}");
}
