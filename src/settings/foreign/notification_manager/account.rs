//! Config objects: the apps that conversations are sent with, and which of them a receiver takes.

use super::NAME;
use super::credential::credential;
use super::selector::{self, Expression};
use super::tenant::{Audience, ObjectLabels, Tenants, labels};
use crate::settings::foreign::secret::Credential;
use crate::settings::foreign::source::Placed;
use crate::settings::foreign::translation::Translation;

/// What a Config says of DingTalk.
pub(super) struct Account<'t> {
    labels: ObjectLabels<'t>,
    audience: Audience<'t>,
    priority: i64,
    /// In the first version of the API, the chatbot and the chat id stand here.
    pub(super) dingtalk: Placed<'t>,
    /// The key and the secret of an app.
    pub(super) app: Option<(Credential, Credential)>,
}

/// What a Config says; none if that is nothing of DingTalk.
pub(super) fn read<'t>(
    translation: &Translation<'t>,
    object: Placed<'t>,
    tenants: &Tenants<'t>,
) -> Option<Account<'t>> {
    let (findings, data) = (translation.findings, translation.data);
    let spec = findings.table(object, "spec")?;
    let name = object.text_at(&["metadata", "name"]).unwrap_or("without a name");
    let what = format!("Config {name}");
    let is_old = object.text_at(&["kind"]) == Some("DingTalkConfig");
    let dingtalk = if is_old { spec } else { spec.get("dingtalk")? };
    findings.known(dingtalk, "`dingtalk`", &["conversation", "labels", "chatbot"]);
    let app = findings.table(dingtalk, "conversation").and_then(|app| {
        findings.known(app, "`conversation`", &["appkey", "appsecret", "chatid"]);
        let read = |key| credential(findings, data, app, key, &what);
        let both = read("appkey").zip(read("appsecret"));
        if both.is_none() {
            let text = format!("{what} has no `appkey` with `appsecret`, and no app comes of it");
            findings.note_at(app, text);
        }
        both
    });
    let labels = labels(object);
    let priority = labels.iter().find(|(name, _)| *name == "priority");
    let priority = priority.and_then(|(_, value)| value.parse().ok()).unwrap_or(i64::MAX);
    let audience = tenants.audience(&labels);
    if !matches!(audience, Audience::Tenant(_) | Audience::Default) {
        let text = format!("{NAME} takes no notice of {what}: its labels make it nobody's");
        findings.note_at(object, text);
    }
    Some(Account { labels, audience, priority, dingtalk, app })
}

/// The Config that the product takes for a receiver, of those that serve: of a tenant's own that
/// fit the selector the one with the least priority, else of the default ones.
pub(super) fn select<'a, 't>(
    accounts: &'a [Account<'t>],
    audience: Audience<'t>,
    selector: &[Expression<'t>],
    serves: fn(&Account<'_>) -> bool,
) -> Option<&'a Account<'t>> {
    let first = |audience: Audience<'_>, selector: &[Expression<'_>]| {
        let fits = |account: &&Account<'_>| {
            account.audience == audience
                && serves(account)
                && selector::hold(selector, &account.labels)
        };
        accounts.iter().filter(fits).min_by_key(|account| account.priority)
    };
    match audience {
        Audience::Tenant(_) => first(audience, selector).or_else(|| first(Audience::Default, &[])),
        Audience::Global | Audience::Default | Audience::Nobody => {
            first(Audience::Default, selector)
        }
    }
}
