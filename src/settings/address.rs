//! Base URLs, and the names of receivers and destinations, which stand in URLs of ours.

use reqwest::Url;

use super::decode::{Checked, Decoder};
use super::tree::Node;

/// Reads a base URL: http or https with a host, without a slash at the end.
pub(super) fn base_url(decoder: Decoder<'_>, node: &Node) -> Checked<String> {
    let text = decoder.expanded(node, "a URL")?;
    match parse_base_url(&text) {
        Ok(url) => Ok(url),
        Err(why) => decoder.fail(node.position, why),
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

/// Reads a URL: http or https with a host; an error says what is wrong, and shows nothing of it.
pub(super) fn parse(text: &str) -> Result<Url, String> {
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
    use super::*;

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
