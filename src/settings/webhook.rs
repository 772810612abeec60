//! A chatbot's webhook: the whole URL as DingTalk shows it, or made of the access token.
//!
//! A webhook's URL is a secret, because it holds the token: errors show no part of it but the host and
//! the names of its parameters.

pub(super) mod query;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use self::query::Parameter;
use super::address::{is_unencrypted, parse};
use super::decode::{Checked, Decoder};
use super::secret::Secret;
use super::secret::mistaken::{
    FOREIGN_CHARACTER, NO_SECRETS_BEGIN, SEVERAL_URLS, begins_like_a_secret, has_foreign_character,
    holds_a_url, holds_several_urls, no_secret, no_token,
};

/// A chatbot's address.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    /// The whole URL, without `timestamp` and `sign`.
    pub(super) url: SecretString,
    /// The access token in the URL.
    pub(super) access_token: SecretString,
}

/// The webhook of the robot with this token at DingTalk's `oapi_url`.
pub(super) fn of_token(decoder: Decoder<'_>, secret: &Secret<'_>, oapi: &str) -> Checked<Webhook> {
    let token = secret.text.expose_secret();
    if holds_several_urls(token) {
        return secret.fail(decoder, SEVERAL_URLS);
    }
    if holds_a_url(token) {
        return secret.fail(decoder, "holds a URL; write it as `webhook_url`");
    }
    match no_token(token) {
        Some(words) => secret.fail(decoder, words),
        None => Ok(of_checked_token(secret.text.clone(), oapi)),
    }
}

/// As [`of_token`], for a text that is known to be a token.
pub(super) fn of_checked_token(token: SecretString, oapi: &str) -> Webhook {
    let mut query = form_urlencoded_query(token.expose_secret());
    query.insert_str(0, &format!("{oapi}/robot/send?"));
    Webhook { url: query.into(), access_token: token }
}

/// `access_token=…` as it stands in a URL.
fn form_urlencoded_query(token: &str) -> String {
    /// Any base URL serves: only the query of the result is used.
    const BASE: &str = "https://oapi.dingtalk.com";
    let with_token = Url::parse_with_params(BASE, [("access_token", token)]);
    with_token.ok().and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}

/// The webhook that is written as a whole URL; `signs` says whether the robot has a secret.
pub(super) fn of_url(decoder: Decoder<'_>, secret: &Secret<'_>, signs: bool) -> Checked<Webhook> {
    let mut url = match parse(secret.text.expose_secret()) {
        Ok(url) => url,
        Err(why) => return secret.fail(decoder, &why),
    };
    if url.query_pairs().any(|(_, value)| holds_several_urls(&value)) {
        return secret.fail(decoder, SEVERAL_URLS);
    }
    if is_unencrypted(url.as_str()) {
        let host = url.host_str().unwrap_or_default();
        secret.warn(decoder, &format!("sends the token unencrypted to {host} (http)"));
    }
    let fragment = match url.fragment() {
        Some(_) => {
            secret.fail(decoder, "holds `#`, and what follows it is never sent; remove both")
        }
        None => Ok(()),
    };
    query::check(decoder, secret, &url, signs)?;
    let access_token = token_of(&url).or_else(|words| secret.fail(decoder, &words))?;
    fragment?;
    // With an old signature and our new one, DingTalk would read the old one and refuse the message.
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| Parameter::of(name) != Parameter::Signature)
        .map(|(n, v)| (n.into(), v.into()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(kept);
    Ok(Webhook { url: String::from(url).into(), access_token: access_token.into() })
}

/// The access token in a webhook, or what is said of the URL without one.
fn token_of(url: &Url) -> Result<String, String> {
    let mut tokens =
        url.query_pairs().filter(|(name, _)| Parameter::of(name) == Parameter::AccessToken);
    let token = tokens.next().map(|(_, token)| token.into_owned()).unwrap_or_default();
    if tokens.next().is_some() {
        return Err("holds `access_token` twice; a robot has one".to_owned());
    }
    if token.is_empty() {
        return Err("holds no access token (`?access_token=…`)".to_owned());
    }
    if holds_a_url(&token) {
        return Err(SEVERAL_URLS.to_owned());
    }
    let foreign = has_foreign_character(&token).then_some(FOREIGN_CHARACTER);
    match foreign.or_else(|| no_token(&token)) {
        Some(words) => Err(format!("has a token that {words}")),
        None => Ok(token),
    }
}

/// The secret that the robot signs with.
pub(super) fn signing_secret(decoder: Decoder<'_>, secret: Secret<'_>) -> Checked<SecretString> {
    let text = secret.text.expose_secret();
    if let Some(words) = no_secret(text) {
        return secret.fail(decoder, words);
    }
    if !begins_like_a_secret(text) {
        secret.warn(decoder, NO_SECRETS_BEGIN);
    }
    Ok(secret.text)
}

#[cfg(test)]
mod tests;
