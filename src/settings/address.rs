//! URLs of the configuration: base URLs, and chatbots' webhooks with their access tokens.
//!
//! A webhook's URL is a secret, because it holds the token: errors show no part of it but the host.

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::decode::{Checked, Decoder};
use super::secret::{FOREIGN_CHARACTER, Secret, has_foreign_character};
use super::tree::Node;

/// A chatbot's address.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    /// The whole URL, without `timestamp` and `sign`.
    pub(super) url: SecretString,
    /// The access token in the URL.
    pub(super) access_token: SecretString,
}

/// Reads a base URL: http or https with a host, without a slash at the end.
pub(super) fn base_url(decoder: Decoder<'_>, node: &Node) -> Checked<String> {
    let text = decoder.expanded(node, "a URL")?;
    match parse_base_url(&text) {
        Ok(url) => Ok(url),
        Err(why) => decoder.fail_value(node.position, &why),
    }
}

/// As [`base_url`], for a text that may stand outside the file; an error says what is wrong.
pub(super) fn parse_base_url(text: &str) -> Result<String, String> {
    let url = parse(text)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the URL must not hold a user name or password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("a base URL has neither `?` nor `#`".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The webhook of the robot with this token at DingTalk's `oapi_url`.
pub(super) fn of_token(decoder: Decoder<'_>, secret: &Secret<'_>, oapi: &str) -> Checked<Webhook> {
    let token = secret.text.expose_secret();
    if token.contains("://") || token.contains("access_token=") {
        let text = format!("`{}` holds a URL; write it as `webhook_url`", secret.key);
        return decoder.fail(secret.position, text);
    }
    Ok(of_checked_token(secret.text.clone(), oapi))
}

/// As [`of_token`], for a token that is known not to be a URL.
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

/// The webhook that is written as a whole URL.
pub(super) fn of_url(decoder: Decoder<'_>, secret: &Secret<'_>) -> Checked<Webhook> {
    let mut url = match parse(secret.text.expose_secret()) {
        Ok(url) => url,
        Err(why) => return decoder.fail(secret.position, format!("`{}`: {why}", secret.key)),
    };
    if is_unencrypted(url.as_str()) {
        let host = url.host_str().unwrap_or_default();
        let text = format!("`{}` sends the token unencrypted to {host} (http)", secret.key);
        decoder.report.warning(secret.position, text);
    }
    let access_token = token_of(decoder, secret, &url)?;
    // A copied URL may hold an old signature. With the old and our new one, DingTalk would read the
    // old one and refuse the message.
    let is_kept = |name: &str| name != "timestamp" && name != "sign";
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| is_kept(name))
        .map(|(n, v)| (n.into(), v.into()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(kept);
    url.set_fragment(None);
    Ok(Webhook { url: String::from(url).into(), access_token: access_token.into() })
}

fn token_of(decoder: Decoder<'_>, secret: &Secret<'_>, url: &Url) -> Checked<String> {
    let key = secret.key;
    let value = |wanted: &str| {
        let mut pairs = url.query_pairs();
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    if value("secret").is_some() {
        let text =
            format!("`{key}` holds a `secret`, which must not be sent; write it as `secret`");
        return decoder.fail(secret.position, text);
    }
    match value("access_token") {
        Some(token) if has_foreign_character(&token) => {
            decoder.fail(secret.position, format!("the token in `{key}` {FOREIGN_CHARACTER}"))
        }
        Some(token) if !token.is_empty() => Ok(token),
        Some(_) | None => decoder
            .fail(secret.position, format!("`{key}` holds no access token (`?access_token=…`)")),
    }
}

fn parse(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Err(error) if text.contains("://") => {
            Err(format!("expected a URL such as https://host/path: {error}"))
        }
        Ok(_) | Err(_) => Err("expected a URL that begins with https:// or http://".to_owned()),
    }
}

/// Whether the URL leads to this machine, so that nobody else can read the requests.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let by_address = address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    by_address || host == "localhost" || host.ends_with(".localhost")
}

/// Whether requests to this URL can be read on the network: http, and not to this machine.
pub(super) fn is_unencrypted(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url))
}

/// Reads the name of a receiver or destination, which stands in our URLs: letters of any script,
/// which clients percent-encode, and RFC 3986's unreserved characters.
pub(super) fn name(decoder: Decoder<'_>, node: &Node) -> Checked<String> {
    const LONGEST: usize = 100;
    let name = decoder.text(node, "a name")?;
    let is_unreserved = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let starts_well = name.starts_with(char::is_alphanumeric);
    if starts_well && name.chars().count() <= LONGEST && name.chars().all(is_unreserved) {
        return Ok(name.to_owned());
    }
    let rule = "letters, digits, `-`, `_`, `.` and `~`, a letter or digit first, at most 100";
    decoder.fail(
        node.position,
        format!(
            "the name stands in URLs, so it may hold only {rule}; found `{}`",
            super::decode::shown(name)
        ),
    )
}

/// The path of a URL without a slash at the end; `external_url`'s path is the default prefix of all
/// our paths.
pub(super) fn path_of(url: &str) -> String {
    let path = Url::parse(url).map_or_else(|_| String::new(), |url| url.path().to_owned());
    path.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::diagnostic::Report;
    use crate::settings::environment::Environment;
    use crate::settings::tree::Position;

    /// The URL and token that `read` finds in `text`, or the errors.
    fn outcome(
        text: &str,
        read: impl FnOnce(Decoder<'_>, &Secret<'_>) -> Checked<Webhook>,
    ) -> String {
        let report = Report::new("c.yml");
        let environment = Environment::default();
        let decoder =
            Decoder { report: &report, environment: &environment, folder: Path::new(".") };
        let secret = Secret { text: text.into(), key: "webhook_url", position: Position::START };
        let webhook = read(decoder, &secret).ok().map(|webhook| {
            format!("{} {}", webhook.url.expose_secret(), webhook.access_token.expose_secret())
        });
        match report.conclude(webhook) {
            Ok((webhook, warnings)) if warnings.is_empty() => webhook,
            Ok((webhook, warnings)) => format!("{webhook} {}", warnings[0]),
            Err(errors) => errors.to_string(),
        }
    }

    #[test]
    fn a_webhook_gives_its_token_and_loses_what_is_old() {
        let cases = [
            (
                "https://oapi.dingtalk.com/robot/send?access_token=abc",
                "https://oapi.dingtalk.com/robot/send?access_token=abc abc",
            ),
            (
                "https://h/p?timestamp=1&access_token=a%2Bb&sign=x%3D&x=y#f",
                "https://h/p?access_token=a%2Bb&x=y a+b",
            ),
            ("http://127.0.0.1:9/r?access_token=abc", "http://127.0.0.1:9/r?access_token=abc abc"),
            ("http://[::1]:9/r?access_token=abc", "http://[::1]:9/r?access_token=abc abc"),
            (
                "http://proxy/r?access_token=abc",
                "http://proxy/r?access_token=abc abc c.yml:1:1: warning: `webhook_url` sends the \
                 token unencrypted to proxy (http)",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(outcome(text, of_url), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_webhook_is_refused_without_being_shown() {
        let cases = [
            "canary",
            "ftp://h/canary?access_token=canary",
            "https://h/canary",
            "https://h/?access_token=&x=canary",
            "https://h/?access_token=canary&secret=canary",
            "oapi.dingtalk.com/robot/send?access_token=canary",
        ];
        for text in cases {
            let found = outcome(text, of_url);
            assert!(found.starts_with("c.yml:1:1: `webhook_url`"), "{found}");
            assert!(!found.contains("canary"), "{found}");
        }
    }

    #[test]
    fn a_token_in_a_webhook_has_the_characters_of_a_token() {
        for token in ["%3Ccanary%3E", "canary%E2%80%A6", "%22canary%22", "canary%60"] {
            let found = outcome(&format!("https://h/?access_token={token}"), of_url);
            let words = format!("c.yml:1:1: the token in `webhook_url` {FOREIGN_CHARACTER}");
            assert_eq!(found, words, "{token}");
        }
    }

    #[test]
    fn a_url_without_a_scheme_is_told_how_it_begins() {
        let begins = "expected a URL that begins with https:// or http://";
        let cases = [
            ("oapi.dingtalk.com", begins),
            ("oapi.dingtalk.com:443/base", begins),
            ("//oapi.dingtalk.com", begins),
            ("ftp://oapi.dingtalk.com", begins),
            ("https://", "expected a URL such as https://host/path: empty host"),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_base_url(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_token_alone_goes_to_dingtalk() {
        let of =
            |text| outcome(text, |decoder, secret| of_token(decoder, secret, "https://o/base"));
        assert_eq!(of("0123"), "https://o/base/robot/send?access_token=0123 0123");
        assert_eq!(of("a&b"), "https://o/base/robot/send?access_token=a%26b a&b");
        assert!(of("https://o/robot/send?access_token=x").contains("write it as `webhook_url`"));
    }

    #[test]
    fn a_base_url_has_a_host_and_nothing_after_its_path() {
        let cases = [
            ("https://oapi.dingtalk.com", Some("https://oapi.dingtalk.com")),
            ("http://h:8060/campana/", Some("http://h:8060/campana")),
            ("h:8060", None),
            ("/campana", None),
            ("https://u:p@h", None),
            ("https://h/?a=b", None),
            ("file:///etc", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_base_url(text).ok().as_deref(), expected, "{text}");
        }
        assert_eq!(path_of("http://h:8060/campana"), "/campana");
        assert_eq!(path_of("http://h:8060"), "");
    }
}
