//! Why there is no connection, in words: what the TLS library and the client say is for those who know
//! them.
//!
//! Their errors have no types that could be asked for here, so their texts are looked at. One that is not
//! known is shown as it is.

/// What the libraries say, and what it means.
const MEANINGS: [(&str, &str); 9] = [
    (
        "received corrupt message",
        "what listens there does not speak TLS: an https:// URL leads to a port of http://",
    ),
    (
        "peer certificate: UnknownIssuer",
        "no authority that this machine knows has signed its certificate; name a company's own \
         authority in dingtalk.ca_file",
    ),
    (
        "peer certificate: certificate not valid for name",
        "its certificate is for other names than the one in the URL",
    ),
    (
        "peer certificate: NotValidForName",
        "its certificate is for other names than the one in the URL",
    ),
    (
        "peer certificate: certificate expired",
        "its certificate has expired, by this machine's clock",
    ),
    ("peer certificate: Expired", "its certificate has expired, by this machine's clock"),
    (
        "peer certificate: certificate not valid yet",
        "its certificate is not valid yet, by this machine's clock",
    ),
    (
        "tunnel error: proxy authorization required",
        "the proxy asks for a user and a password, or does not take these; write them into its URL, as \
         in http://user:password@proxy.example:3128",
    ),
    ("tunnel error: unsuccessful", "the proxy refuses to lead there; ask whoever runs it"),
];

/// The words of a library with what they mean, where that is known.
pub(super) fn in_words(text: String) -> String {
    let known = MEANINGS.iter().find(|(begin, _)| text.contains(begin));
    known.map_or(text, |(begin, meaning)| format!("{meaning}: {begin}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_explained_and_the_rest_is_shown_as_it_is() {
        for (text, expected) in [
            ("received corrupt message of type InvalidContentType", "does not speak TLS: "),
            ("invalid peer certificate: UnknownIssuer", "dingtalk.ca_file: peer certificate"),
            ("invalid peer certificate: Expired", "has expired, by this machine's clock"),
            ("tunnel error: unsuccessful", "refuses to lead there"),
            ("Connection refused (os error 111)", "Connection refused (os error 111)"),
        ] {
            let words = in_words(text.to_owned());
            assert!(words.contains(expected), "{text}: {words}");
        }
    }
}
