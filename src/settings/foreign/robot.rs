//! The robots of foreign files: each with its address and its secret.
//!
//! Of one robot Campana takes one secret. Where two targets send to the same robot and one of them
//! has no secret, it is given that of the other: a robot that signs refuses what is not signed, and
//! one that does not sign takes no notice of a signature.

use std::collections::HashMap;

use reqwest::Url;
use secrecy::ExposeSecret;

use super::findings::Findings;
use super::owner::Owner;
use super::secret::{Credential, SecretKey, Secrets};
use crate::settings::secret::mistaken::{
    FOREIGN_CHARACTER, SEVERAL_URLS, has_foreign_character, holds_a_url, no_secret, no_token,
};
use crate::settings::tree::Node;
use crate::settings::webhook::query;

/// The parameters of a signature, which Campana makes anew for each message.
const SIGNATURE: [&str; 2] = ["timestamp", "sign"];

/// A chatbot of a new receiver.
pub(super) struct Robot {
    pub(super) owner: Owner,
    /// The key of its address, and the address.
    pub(super) address: (SecretKey, Credential),
    pub(super) secret: Option<Credential>,
    /// The receiver whose secret it is, where it has none of its own.
    pub(super) lender: Option<Owner>,
}

impl Robot {
    /// The entries of its address and its secret.
    pub(super) fn entries(&self, secrets: &mut Secrets) -> Vec<(&'static str, Node)> {
        let (key, address) = &self.address;
        let mut entries = vec![secrets.take(&self.owner, key, address)];
        if let Some(secret) = &self.secret {
            entries.push(match &self.lender {
                Some(lender) => secrets.entry(lender, &SecretKey::SECRET, secret),
                None => secrets.take(&self.owner, &SecretKey::SECRET, secret),
            });
        }
        entries
    }
}

/// The address of a robot as its token, where the URL is DingTalk's; else the whole URL. The URL
/// stands at `place`; `words` say what it is.
pub(super) fn address(
    findings: &Findings,
    url: &str,
    place: &str,
    words: &str,
) -> (SecretKey, Credential) {
    let parsed = Url::parse(url).ok();
    let token = parsed.as_ref().filter(|url| is_of_dingtalk(url)).and_then(only_token);
    note_address(findings, url, place, token.is_some());
    if let Some(token) = token {
        let words = format!("the access token in {words}");
        return (SecretKey::ACCESS_TOKEN, Credential { text: Some(token.into()), words });
    }
    let text = Some(unsigned(url).into());
    (SecretKey::WEBHOOK_URL, Credential { text, words: words.to_owned() })
}

/// The access token, if there is one and not several.
fn only_token(url: &Url) -> Option<String> {
    let mut tokens = url.query_pairs().filter(|(name, _)| name == "access_token");
    let token = tokens.next().map(|(_, token)| token.into_owned());
    token.filter(|token| {
        tokens.next().is_none() && !token.is_empty() && no_bare_token(token).is_none()
    })
}

/// Why the text cannot be a token.
fn no_bare_token(text: &str) -> Option<&'static str> {
    let foreign = has_foreign_character(text).then_some(FOREIGN_CHARACTER);
    let several = holds_a_url(text).then_some(SEVERAL_URLS);
    several.or(foreign).or_else(|| no_token(text))
}

/// Notes what `check-config` will say of the URL, and what is left out of it where only its token is
/// taken; a signature apart.
pub(super) fn note_address(findings: &Findings, url: &str, place: &str, is_token_taken: bool) {
    let refused = "`check-config` refuses it";
    let Ok(parsed) = Url::parse(url) else {
        findings.note(format!("{place}: this is no URL; the whole webhook is needed"));
        return;
    };
    let end = if is_token_taken { "it is left out here" } else { refused };
    for words in query::refusals(&parsed) {
        findings.note(format!("{place}: this URL {words}; {end}"));
    }
    let tokens: Vec<_> = parsed.query_pairs().filter(|(name, _)| name == "access_token").collect();
    match &tokens[..] {
        [] => findings.note(format!(
            "{place}: this URL has no `access_token`, so {refused}; Campana sends to DingTalk's \
             robots, or to a proxy that takes the same URL"
        )),
        [(_, token)] => {
            if let Some(words) = no_bare_token(token) {
                findings.note(format!("{place}: the token of this URL {words}; {refused}"));
            }
        }
        [_, _, ..] => {
            findings.note(format!("{place}: this URL has `access_token` twice, so {refused}"));
        }
    }
}

/// Notes a signature in a URL whose robot has no secret.
pub(super) fn note_signature(findings: &Findings, url: &str, place: &str) {
    let is_signed =
        Url::parse(url).is_ok_and(|url| url.query_pairs().any(|(name, _)| name == "sign"));
    if is_signed {
        findings.note(format!(
            "{place}: this URL is signed, and there is no `secret` beside it: a signature is good \
             for an hour, so it is left out; write the robot's secret as `secret`"
        ));
    }
}

/// Notes the secrets that `check-config` will refuse.
pub(super) fn note_secrets(findings: &Findings, robots: &[Robot]) {
    for secret in robots.iter().filter_map(|robot| robot.secret.as_ref()) {
        let Some(text) = secret.text.as_ref().map(ExposeSecret::expose_secret) else { continue };
        let foreign = has_foreign_character(text).then_some(FOREIGN_CHARACTER);
        if let Some(words) = foreign.or_else(|| no_secret(text)) {
            findings.note_for_all(format!("{} {words}; `check-config` refuses it", secret.words));
        }
    }
}

/// The URL without an old signature, which DingTalk would read in place of the new one.
pub(super) fn unsigned(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else { return url.to_owned() };
    let pairs = parsed.query_pairs().into_owned();
    let kept: Vec<(String, String)> =
        pairs.filter(|(name, _)| !SIGNATURE.contains(&&**name)).collect();
    if kept.len() == parsed.query_pairs().count() {
        return url.to_owned();
    }
    parsed.query_pairs_mut().clear().extend_pairs(kept);
    parsed.into()
}

/// Whether the URL is that of DingTalk's robots, so that the access token alone is enough.
fn is_of_dingtalk(url: &Url) -> bool {
    url.scheme() == "https"
        && url.host_str() == Some("oapi.dingtalk.com")
        && url.port().is_none()
        && url.path() == "/robot/send"
}

/// Gives each robot one secret, and notes where there are several.
pub(super) fn lend_secrets(findings: &Findings, robots: &mut [Robot]) {
    let mut known: HashMap<String, (Owner, Credential)> = HashMap::new();
    for robot in robots.iter() {
        let (Some(address), Some(secret)) = (token(robot), &robot.secret) else { continue };
        let Some((first, other)) = known.get(&address) else {
            known.insert(address, (robot.owner.clone(), secret.clone()));
            continue;
        };
        if !is_same(secret, other) {
            let (first, second) = (&first.name, &robot.owner.name);
            let text = format!(
                "`{first}` and `{second}` send to the same robot with different secrets, and one \
                 robot has one; `check-config` refuses this, so take the right one for both"
            );
            findings.note_for_all(text);
        }
    }
    for robot in robots.iter_mut().filter(|robot| robot.secret.is_none()) {
        let Some((lender, secret)) = token(robot).and_then(|address| known.get(&address)) else {
            continue;
        };
        let (first, second) = (&lender.name, &robot.owner.name);
        let text = format!(
            "`{first}` and `{second}` send to the same robot, and only `{first}` has a secret; \
             Campana takes one secret of one robot, so `{second}` has it as well"
        );
        findings.note_for_all(text);
        robot.secret = Some(secret.clone());
        robot.lender = Some(lender.clone());
    }
}

/// The robot's access token, if its address is known.
fn token(robot: &Robot) -> Option<String> {
    let (key, credential) = &robot.address;
    let text = credential.text.as_ref()?.expose_secret();
    if *key == SecretKey::ACCESS_TOKEN {
        return Some(text.to_owned());
    }
    let url = Url::parse(text).ok()?;
    url.query_pairs().find(|(name, _)| name == "access_token").map(|(_, token)| token.into_owned())
}

/// Whether two secrets are the same, as far as that is known.
fn is_same(one: &Credential, other: &Credential) -> bool {
    match (&one.text, &other.text) {
        (Some(one), Some(other)) => one.expose_secret() == other.expose_secret(),
        (None, None) => one.words == other.words,
        (Some(_), None) | (None, Some(_)) => true,
    }
}
