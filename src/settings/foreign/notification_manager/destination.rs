//! Where a Receiver sends to: its chatbot, and the conversations of its chat ids.

use secrecy::ExposeSecret;

use super::NAME;
use super::account::Account;
use super::credential::credential;
use super::options::Limits;
use super::receiver::Shared;
use crate::settings::foreign::mention::{People, mention};
use crate::settings::foreign::owner::Owner;
use crate::settings::foreign::robot::{Robot, note_address, note_signature, unsigned};
use crate::settings::foreign::secret::{Credential, SecretKey};
use crate::settings::foreign::source::Placed;
use crate::settings::foreign::translation::Translation;
use crate::settings::tree::Node;
use crate::settings::yaml::{table, text, texts};

const CHATBOT: [&str; 6] = ["webhook", "secret", "keywords", "atMobiles", "atUsers", "atAll"];

const KEYWORDS: &str = "A keyword is appended to a message that has none; there to every message.";

/// The key of the older API's ids, and the note about them.
const CHAT_IDS: (&str, &str) = (
    "chat_ids",
    "Chat ids (`chat…`) belong to DingTalk's older API; `campana conversations convert` asks \
     DingTalk for the current id (`cid…`) of each.",
);

/// The robot of a chatbot; an error, if it has no webhook.
pub(super) fn robot<'t>(
    translation: &Translation<'t>,
    chatbot: Placed<'t>,
    name: &str,
    owner: &Owner,
) -> Option<Robot> {
    let (findings, data) = (translation.findings, translation.data);
    findings.known(chatbot, "`chatbot`", &CHATBOT);
    let what = format!("Receiver {name}");
    if chatbot.get("webhook").is_none() {
        let text = format!("the chatbot has no `webhook`; {NAME} refuses it too");
        findings.error_at(chatbot, &text);
    }
    let webhook = credential(findings, data, chatbot, "webhook", &what)?;
    let secret = credential(findings, data, chatbot, "secret", &what);
    let url = webhook.text.as_ref().map(|text| text.expose_secret().to_owned());
    if let Some(url) = &url {
        let place = chatbot.words();
        note_address(findings, url, &place, false);
        if secret.is_none() {
            note_signature(findings, url, &place);
        }
    }
    let webhook = Credential { text: url.map(|url| unsigned(&url).into()), ..webhook };
    let address = (SecretKey::WEBHOOK_URL, webhook);
    Some(Robot { owner: owner.clone(), address, secret, lender: None })
}

/// What a chatbot has beside its address and secret.
pub(super) fn chatbot_keys<'t>(
    translation: &Translation<'t>,
    chatbot: Placed<'t>,
    shared: &Shared<'_, 't>,
    is_markdown: bool,
) -> Vec<(&'static str, Node)> {
    let findings = translation.findings;
    let mut entries = Vec::new();
    let keywords: Vec<&str> =
        findings.texts(chatbot, "keywords").into_iter().map(|(keyword, _)| keyword).collect();
    if !keywords.is_empty() {
        findings.note_for_all(KEYWORDS);
        entries.push(("keywords", texts(keywords)));
    }
    let people = People {
        mobiles: findings.texts(chatbot, "atMobiles"),
        user_ids: findings.texts(chatbot, "atUsers"),
        all: findings.flag(chatbot, "atAll").unwrap_or_default(),
    };
    if let (true, Some((_, value))) = (is_markdown, people.user_ids.first()) {
        let text = "user ids did not stand in the text of Markdown there, so nobody was mentioned; \
                    here they are";
        findings.note_at(*value, text);
    }
    entries.extend(mention(findings, &people).map(|mention| ("mention", mention)));
    entries.extend(shared.options.chatbots.entries());
    entries
}

/// The conversation of chat ids, with the app of the Config that the product would take.
pub(super) fn conversation(
    translation: &mut Translation<'_>,
    dingtalk: Placed<'_>,
    account: Option<&Account<'_>>,
    owner: &Owner,
    limits: &Limits,
) -> Option<Node> {
    let findings = translation.findings;
    let conversation = findings.table(dingtalk, "conversation")?;
    let known = ["chatids", "chatid", "appkey", "appsecret"];
    findings.known(conversation, "`conversation`", &known);
    let mut ids: Vec<&str> =
        findings.texts(conversation, "chatids").into_iter().map(|(id, _)| id).collect();
    // The first versions of the API have one.
    ids.extend(findings.text(conversation, "chatid"));
    ids.retain(|id| !id.is_empty());
    if ids.is_empty() {
        return None;
    }
    let app = account.and_then(|account| account.app.clone());
    if app.is_none() {
        let text = "no Config among the files given is for this receiver: it has the app's key and \
                    secret";
        findings.note_at(conversation, text);
    }
    let unknown = |what: &str| Credential { text: None, words: format!("the app's {what}") };
    let (key, secret) = app.unwrap_or_else(|| (unknown("key"), unknown("secret")));
    let secrets = &mut translation.secrets;
    let credentials = [
        secrets.take(owner, &SecretKey::APP_KEY, &key),
        secrets.take(owner, &SecretKey::APP_SECRET, &secret),
    ];
    let name = text(format!("{}-conversation", owner.name));
    let ids = ids_by_api(ids);
    if ids.iter().any(|(key, _)| *key == CHAT_IDS.0) {
        findings.note_for_all(CHAT_IDS.1);
    }
    Some(table([("name", name)].into_iter().chain(credentials).chain(ids).chain(limits.entries())))
}

/// The keys of the ids: those of the older API, and those of the current one.
fn ids_by_api(ids: Vec<&str>) -> Vec<(&'static str, Node)> {
    let (open, chats): (Vec<&str>, Vec<&str>) =
        ids.into_iter().partition(|id| id.starts_with("cid"));
    let keys = [(CHAT_IDS.0, chats), ("open_conversation_ids", open)];
    let keys = keys.into_iter().filter(|(_, ids)| !ids.is_empty());
    keys.map(|(key, ids)| (key, texts(ids))).collect()
}
