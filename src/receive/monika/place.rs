//! Where something is: the host that a Monika runs on, and the host that a probe looks at.

use std::borrow::Cow;

/// What stands before the name of the host in the one sentence of a start and an end.
const FROM: [&str; 2] = [" from ", " in "];

/// What stands behind it: Monika's own name and version.
const VERSION: &str = " - @";

/// The host's name alone, of what Monika says of itself: `probe-1 ()`, or with `--verbose`
/// `City - Provider (192.0.2.1) - probe-1 (10.0.0.1)`. The addresses change while it runs.
pub(super) fn host(monika: &str) -> &str {
    let before = monika.rsplit_once(" (").map_or(monika, |(before, _)| before);
    before.rsplit_once(" - ").map_or(before, |(_, host)| host).trim()
}

/// The host's name in the sentence that Monika says when it starts or ends.
pub(super) fn host_of_sentence(sentence: &str) -> &str {
    let instance = FROM.iter().find_map(|word| sentence.split_once(word));
    let instance = instance.map_or("", |(_, instance)| instance);
    host(instance.split_once(VERSION).map_or(instance, |(instance, _)| instance))
}

/// A URL without the user name and password in it, which are for the page and for no reader.
pub(super) fn without_user(url: &str) -> Cow<'_, str> {
    let with_user = split(url).and_then(|(scheme, authority, path)| {
        let (_, host) = authority.rsplit_once('@')?;
        Some([scheme, "://", host, path].concat())
    });
    with_user.map_or(Cow::Borrowed(url), Cow::Owned)
}

/// The host of a URL without a user, with its port where it is written; none if the text is no URL.
pub(super) fn instance(url: &str) -> Option<&str> {
    let (scheme, host, _) = split(url)?;
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_url = !scheme.is_empty() && scheme.bytes().all(is_scheme) && !host.is_empty();
    is_url.then_some(host)
}

/// What stands behind the host of a URL, if that is more than a slash.
pub(super) fn path(url: &str) -> &str {
    let path = split(url).map_or("", |(_, _, path)| path);
    if path == "/" { "" } else { path }
}

/// A URL at `://` and at the end of its host.
fn split(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    Some((scheme, authority, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_monika_is_its_name_and_never_its_address() {
        for (monika, expected) in [
            ("probe-1 ()", "probe-1"),
            ("probe-1 (192.0.2.10)", "probe-1"),
            ("probe-1 (192.0.2.11)", "probe-1"),
            ("Jakarta - Some Net (203.0.113.7) - probe-1 (10.0.0.1)", "probe-1"),
            ("São Paulo - A - B (2001:db8::1) - probe-1 (fe80::1)", "probe-1"),
            ("probe-1", "probe-1"),
            ("", ""),
            (" ()", ""),
        ] {
            assert_eq!(host(monika), expected, "{monika}");
        }
    }

    #[test]
    fn the_host_stands_in_the_sentence_of_a_start_and_an_end() {
        let version = "@hyperjumptech/monika/1.22.0 linux-x64 node-v20.20.2 - Debian - 12";
        for (sentence, expected) in [
            (format!("Monika is running from probe-1 () - {version}"), "probe-1"),
            (format!("Monika is running from X - Y (192.0.2.1) - p (10.1.1.1) - {version}"), "p"),
            (format!("Monika is no longer running from probe-1 () - {version}"), "probe-1"),
            ("Monika is no longer running in probe-1 (192.0.2.1)".to_owned(), "probe-1"),
            ("Monika is running from probe-1".to_owned(), "probe-1"),
            ("Monika".to_owned(), ""),
            (String::new(), ""),
        ] {
            assert_eq!(host_of_sentence(&sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn the_host_and_port_of_a_url_are_known_also_of_a_template() {
        for (url, expected) in [
            ("http://shop.example.com/a", Some("shop.example.com")),
            ("https://db.example.com:9/x", Some("db.example.com:9")),
            ("http://shop.example.com/c?u={{responses.[0].status}}", Some("shop.example.com")),
            ("http://user:word@shop.example.com?a@b", Some("shop.example.com")),
            ("http://me@@shop.example.com", Some("shop.example.com")),
            ("http://[2001:db8::1]:80/", Some("[2001:db8::1]:80")),
            ("postgres+tls://db", Some("db")),
            ("tcp1", None),
            ("://x", None),
            ("http://", None),
            ("http:///a", None),
            ("a probe://x", None),
            ("", None),
        ] {
            assert_eq!(instance(&without_user(url)), expected, "{url}");
        }
        let kept = "http://shop.example.com/a?mail=me@example.com";
        assert_eq!(without_user(kept), kept);
        assert_eq!(without_user("https://me:word@host:8/a?b#c"), "https://host:8/a?b#c");
    }

    #[test]
    fn the_path_of_a_url_is_all_that_follows_the_host() {
        for (url, expected) in [
            ("http://shop.example.com/a", "/a"),
            (
                "http://shop.example.com/c?u={{responses.[0].status}}",
                "/c?u={{responses.[0].status}}",
            ),
            ("http://shop.example.com?q=1", "?q=1"),
            ("http://shop.example.com/", ""),
            ("http://shop.example.com", ""),
            ("tcp1", ""),
        ] {
            assert_eq!(path(url), expected, "{url}");
        }
    }
}
