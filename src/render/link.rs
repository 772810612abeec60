//! The addresses of links: only http and https, and encoded so that nothing can end a link early.
//!
//! Addresses come from outside. An encoded address holds no space, bracket, quote, at sign or
//! semicolon outside its host, so it ends no Markdown link, is no mention and holds no entity.

use super::facts::Facts;
use crate::alert::{Alert, Labels, Notification, Sender, Status};

/// A longer address is left out, because it would leave too few bytes for the alerts.
const MAX_BYTES: usize = 3_000;

/// Where Alertmanager shows alerts.
const ALERTS_PAGE: &str = "/#/alerts";

/// About how long the address of one of Alertmanager's pages is.
const USUAL_BYTES: usize = 512;

/// `url` as a link's target; none if it is no web address.
///
/// A user name or password in it is left out.
pub(super) fn target(url: &str) -> Option<String> {
    let mut target = String::with_capacity(url.len());
    push_target(&mut target, url).then_some(target)
}

/// Writes `url` as a link's target behind `out`.
///
/// This and what else writes an address here says false where there is none; the caller takes away what
/// stands behind `out` then.
pub(super) fn push_target(out: &mut String, url: &str) -> bool {
    let Some((scheme, host, path)) = split(url) else { return false };
    let start = out.len();
    out.extend([scheme, "://"]);
    encode(out, host, &[true; 128]);
    let path_start = out.len();
    encode(out, path, &IN_PATH);
    if has_lone_percent(path) {
        repair_percents(out, path_start);
    }
    out.len() - start <= MAX_BYTES
}

/// Whether `url` has a [`target`].
pub(super) fn is_target(url: &str) -> bool {
    // A byte is encoded in three.
    if url.len() <= MAX_BYTES / 3 { split(url).is_some() } else { target(url).is_some() }
}

/// Scheme, host and all that follows the host, if `url` is a web address.
fn split(url: &str) -> Option<(&'static str, &str, &str)> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let scheme = ["http", "https"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_host = |c: char| c.is_alphanumeric() || "-._:[]".contains(c);
    // Browsers take a backslash for a slash, so what follows it would not be the host.
    if authority.contains('\\')
        || !host.contains(char::is_alphanumeric)
        || !host.chars().all(is_host)
    {
        return None;
    }
    Some((scheme, host, path))
}

/// Where Alertmanager's pages begin for what `sender` sends from `external_url`; none where no such
/// pages are served.
///
/// This alone decides it. Grafana has other pages, and Monika none. Mimir serves Alertmanager's below the path of its
/// external address (`/alertmanager` by default), and one that was not told its host sends a path
/// alone. An address with a query or a fragment is none that paths can be added to.
pub(super) fn alertmanager(sender: Sender, external_url: &str) -> Option<String> {
    match sender {
        Sender::Grafana | Sender::Monika => None,
        Sender::Alertmanager => {
            let mut base = target(external_url).filter(|base| !base.contains(['?', '#']))?;
            base.truncate(base.trim_end_matches('/').len());
            Some(base)
        }
    }
}

/// Alertmanager's page of the notification's group; none if its sender serves none.
#[must_use]
pub fn group_page(notification: &Notification) -> Option<String> {
    let Notification { sender, external_url, receiver, group_labels, .. } = notification;
    group_page_at(&alertmanager(*sender, external_url)?, receiver, group_labels)
}

/// The page that shows a group: Alertmanager's, or else the graph that all its alerts share.
#[must_use]
pub fn page_of_group(notification: &Notification, facts: &Facts<'_>) -> Option<String> {
    group_page(notification).or_else(|| target(facts.pages.graph))
}

/// The sender's own page that silences an alert; none for one that fires no more, or where it gave none.
pub(super) fn own_silence(alert: &Alert) -> Option<&str> {
    let extras = alert.extras.as_deref().filter(|extras| is_target(&extras.silence_url))?;
    (alert.status == Status::Firing).then_some(&*extras.silence_url)
}

/// The page of a group where Alertmanager's pages begin, which [`alertmanager`] gives.
pub(super) fn group_page_at(base: &str, receiver: &str, group: &Labels) -> Option<String> {
    let mut url = String::with_capacity(USUAL_BYTES);
    url.extend([base, ALERTS_PAGE, "?receiver="]);
    component(&mut url, &quote_regex(receiver));
    let without_filter = url.len();
    url.push_str("&filter=");
    if !push_filter(&mut url, group) {
        url.truncate(without_filter);
    }
    (url.len() <= MAX_BYTES).then_some(url)
}

/// Alertmanager's form for a new silence, filled in with all labels of an alert, where its pages begin.
///
/// None if the form could not read all labels, because it would silence more than this alert.
pub(super) fn silence_form(base: &str, labels: &Labels) -> Option<String> {
    let mut url = String::with_capacity(USUAL_BYTES);
    push_silence_form(&mut url, base, labels).then_some(url)
}

/// Writes the form for a new silence where Alertmanager's pages begin, which [`alertmanager`] gives.
pub(super) fn push_silence_form(out: &mut String, base: &str, labels: &Labels) -> bool {
    let start = out.len();
    out.extend([base, "/#/silences/new?filter="]);
    push_filter(out, labels) && out.len() - start <= MAX_BYTES
}

/// Alertmanager's pages that a [`group_page`] is one of: the receiver's, and those of all receivers.
pub(super) fn wider_pages(group_page: &str) -> Option<[String; 2]> {
    let page = target(group_page)?;
    let (base, _) = page.rsplit_once(ALERTS_PAGE)?;
    let receiver = page.split_once("&filter=").map_or(&*page, |(receiver, _)| receiver);
    Some([receiver.to_owned(), [base, ALERTS_PAGE].concat()])
}

/// Writes labels as Alertmanager's page writes matchers, `{alertname="DiskFull", job="node"}`
/// (its `ui/app/src/Utils/Filter.elm`), percent-encoded; false where it could not read them back.
fn push_filter(url: &mut String, labels: &Labels) -> bool {
    let mut before = "%7B";
    for (name, value) in labels.iter() {
        if !is_readable(name) {
            return false;
        }
        url.push_str(before);
        component(url, name);
        url.push_str("%3D");
        push_quoted(url, value);
        before = "%2C%20";
    }
    url.push_str("%7D");
    !labels.is_empty()
}

/// Whether that file's parser, which knows no quoted names, can read the name of a label.
fn is_readable(name: &str) -> bool {
    // What that file calls reserved.
    let reserved = |c: char| c.is_whitespace() || "{}!=~,\\\"'`".contains(c);
    !name.is_empty() && !name.contains(reserved)
}

/// Writes a value as a JSON string, percent-encoded.
fn push_quoted(url: &mut String, value: &str) {
    if value.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        return component(url, &serde_json::Value::from(value).to_string());
    }
    url.push_str("%22");
    component(url, value);
    url.push_str("%22");
}

/// Alertmanager reads `receiver` as a regular expression. A dot matches itself anyway.
fn quote_regex(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len());
    for c in name.chars() {
        if "\\+*?()|[]{}^$".contains(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

/// Writes `text` behind `out` as a part of a URL: all but RFC 3986's unreserved characters are
/// percent-encoded.
pub fn component(out: &mut String, text: &str) {
    encode(out, text, &UNRESERVED);
}

/// RFC 3986's unreserved characters.
const UNRESERVED: [bool; 128] = ascii(b"-._~");

/// What stands for itself behind the host: all but what could end a link or be more than a link.
const IN_PATH: [bool; 128] = ascii(b"-._~/?#=&%+,$!:");

/// The ASCII letters and digits, and `others`.
const fn ascii(others: &[u8]) -> [bool; 128] {
    let mut chosen = [false; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        chosen[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < others.len() {
        chosen[others[at] as usize] = true;
        at += 1;
    }
    chosen
}

/// Percent-encodes all bytes but those that are `plain`.
fn encode(out: &mut String, text: &str, plain: &[bool; 128]) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if !plain.get(usize::from(*byte)).is_some_and(|plain| *plain) {
            // Between two bytes of one character there is nothing to copy, and no place to cut.
            if copied < at {
                out.push_str(&text[copied..at]);
            }
            push_encoded(out, *byte);
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}

fn push_encoded(out: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 0xf)]));
}

/// Whether a percent sign in `text` begins no encoded byte.
fn has_lone_percent(text: &str) -> bool {
    let bytes = text.as_bytes();
    let percents = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    percents.into_iter().any(|(at, _)| !begins_encoded(bytes, at))
}

fn begins_encoded(bytes: &[u8], percent: usize) -> bool {
    let digits = bytes.get(percent + 1..percent + 3);
    digits.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
}

/// Encodes each percent sign, from `start` on, that begins no encoded byte.
fn repair_percents(url: &mut String, start: usize) {
    let path = url.split_off(start);
    for (at, c) in path.char_indices() {
        if c == '%' && !begins_encoded(path.as_bytes(), at) {
            push_encoded(url, b'%');
        } else {
            url.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::notification;

    #[test]
    fn only_web_addresses_become_links() {
        let none = [
            "",
            "/graph?g0.expr=up",
            "javascript:alert(1)",
            "javascript://x/%0aalert(1)",
            "data:text/html,x",
            "ftp://x",
            "http://",
            "http:///path",
            "http://a b/",
            "http://a\\@b/",
            "dingtalk://dingtalkclient/page",
        ];
        for url in none {
            assert_eq!((target(url), is_target(url)), (None, false), "{url}");
        }
        for (length, is_link) in [(MAX_BYTES, false), (MAX_BYTES - 100, true)] {
            let long = format!("http://x/{}", "a".repeat(length));
            assert_eq!((target(&long).is_some(), is_target(&long)), (is_link, is_link));
        }
    }

    #[test]
    fn nothing_in_an_address_ends_the_link() {
        let cases = [
            (
                " HTTPS://Prom.example:9090/graph?a=b&c=d#e ",
                "https://Prom.example:9090/graph?a=b&c=d#e",
            ),
            ("http://p/a b)(c", "http://p/a%20b%29%28c"),
            ("http://p/<x>\"[y]`*'\n", "http://p/%3Cx%3E%22%5By%5D%60%2A%27"),
            ("http://p/100%/%2f/%zz/%", "http://p/100%25/%2f/%25zz/%25"),
            ("http://user:pw@p/@all?x=@1", "http://p/%40all?x=%401"),
            ("http://p/&copy;", "http://p/&copy%3B"),
            ("http://监控.example/磁", "http://%E7%9B%91%E6%8E%A7.example/%E7%A3%81"),
            ("http://[::1]:9090/[", "http://[::1]:9090/%5B"),
        ];
        for (url, expected) in cases {
            assert_eq!((target(url).as_deref(), is_target(url)), (Some(expected), true), "{url}");
        }
    }

    #[test]
    fn the_group_page_is_filtered_by_receiver_and_group() {
        let mut one = notification(vec![]);
        one.receiver = "a+b.c".into();
        one.group_labels = [("alertname", "Disk \"/\""), ("job", "节点")].into_iter().collect();
        assert_eq!(
            group_page(&one).as_deref(),
            Some(
                "http://am.example:9093/#/alerts?receiver=a%5C%2Bb.c&filter=%7Balertname%3D%22Disk\
                 %20%5C%22%2F%5C%22%22%2C%20job%3D%22%E8%8A%82%E7%82%B9%22%7D"
            )
        );
        one.group_labels = Labels::default();
        one.external_url = "https://x/am/".into();
        assert_eq!(group_page(&one).as_deref(), Some("https://x/am/#/alerts?receiver=a%5C%2Bb.c"));
        one.external_url = String::new();
        assert_eq!(group_page(&one), None);
    }

    #[test]
    fn alertmanagers_pages_are_linked_only_where_they_are_served() {
        for (sender, external_url, expected) in [
            (Sender::Alertmanager, "http://am.example:9093", Some("http://am.example:9093")),
            // Mimir's, behind a reverse proxy.
            (Sender::Alertmanager, "https://m/alertmanager/", Some("https://m/alertmanager")),
            // Mimir's, which does not know its host.
            (Sender::Alertmanager, "/alertmanager", None),
            (Sender::Alertmanager, "https://g/?orgId=1", None),
            (Sender::Alertmanager, "https://g/#/x", None),
            (Sender::Alertmanager, "", None),
            (Sender::Grafana, "https://grafana.example/", None),
            (Sender::Monika, "http://am.example:9093", None),
        ] {
            assert_eq!(alertmanager(sender, external_url).as_deref(), expected, "{external_url}");
            let of =
                Notification { sender, external_url: external_url.into(), ..notification(vec![]) };
            assert_eq!(group_page(&of).is_some(), expected.is_some(), "{external_url}");
        }
    }

    #[test]
    fn a_silence_form_has_all_labels_or_is_not_linked() {
        let form = |labels: &[(&str, &str)]| {
            silence_form("http://am.example:9093", &labels.iter().copied().collect())
        };
        assert_eq!(
            form(&[("alertname", "Up"), ("job", "a=b")]).as_deref(),
            Some(
                "http://am.example:9093/#/silences/new?filter=\
                 %7Balertname%3D%22Up%22%2C%20job%3D%22a%3Db%22%7D"
            )
        );
        assert_eq!(form(&[("a b", "1"), ("c", "2")]), None);
        assert_eq!(form(&[]), None);
    }
}
