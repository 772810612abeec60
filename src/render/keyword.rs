//! Keywords: a robot with keywords refuses a message in which none of them stands (310000).

/// The keyword to add to the text in `pieces`, where none of `keywords` stands in it.
///
/// An address is not counted as text: whether DingTalk looks there is not known. Pieces that hold
/// words have white space between them, so no address reaches from one into the next.
pub(super) fn missing<'a>(pieces: &[&str], keywords: &'a [String]) -> Option<&'a str> {
    let mut asked = keywords.iter().map(String::as_str).filter(|keyword| !keyword.is_empty());
    let first = asked.clone().next()?;
    let read = without_addresses(pieces);
    (!asked.any(|keyword| read.contains(keyword))).then_some(first)
}

/// The text in `pieces` without the addresses that our links have.
fn without_addresses(pieces: &[&str]) -> String {
    let mut out = String::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
    for piece in pieces {
        push_without_addresses(&mut out, piece);
    }
    out
}

fn push_without_addresses(out: &mut String, piece: &str) {
    let mut rest = piece;
    while let Some(at) = rest.find("http") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_address = rest.starts_with("http://") || rest.starts_with("https://");
        let end = rest.find(|c: char| c.is_whitespace() || c == ')').unwrap_or(rest.len());
        let (address, after) = rest.split_at(if is_address { end } else { "http".len() });
        if !is_address {
            out.push_str(address);
        }
        rest = after;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keywords(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_keyword_is_missing_where_none_stands_in_the_text() {
        let cases: [(&str, &[&str], Option<&str>); 8] = [
            ("disk full", &["alert"], Some("alert")),
            ("disk alert", &["alert"], None),
            ("磁盘告警", &["alert", "告警"], None),
            ("Alert", &["alert", "告警"], Some("alert")),
            ("[Graph](http://x/alert) b", &["alert"], Some("alert")),
            ("Graph: https://x/alert", &["alert"], Some("alert")),
            ("http_alert http", &["http_alert"], None),
            ("disk", &["", "x"], Some("x")),
        ];
        for (text, words, expected) in cases {
            assert_eq!(missing(&[text], &keywords(words)), expected, "{text}");
        }
        assert_eq!(missing(&["disk"], &keywords(&[""])), None);
        assert_eq!(missing(&["disk"], &[]), None);
    }
}
