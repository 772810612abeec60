//! What stands in the place of a token or a secret by mistake, told by its looks.
//!
//! The words say what it is and what belongs there, and never show the text.

/// What is said of a text that [`has_foreign_character`].
pub(in crate::settings) const FOREIGN_CHARACTER: &str = "holds a character that no token and no \
    secret has: each is of printable ASCII, without `<`, `>`, quotes and backticks";

/// What is said of a text that [`holds_several_urls`].
pub(in crate::settings) const SEVERAL_URLS: &str = "holds several URLs, and a robot has one: write \
    an entry under `chatbots` for each, or a `pool` of robots of one group";

/// What is said of a robot's secret that is not [`begins_like_a_secret`].
pub(in crate::settings) const NO_SECRETS_BEGIN: &str =
    "does not begin with `SEC`, as the secrets of DingTalk's robots do; it is used as written";

/// Whether a character stands in the text that no token and no secret has; most often it was copied
/// with the value, or stands in an example in its place.
pub(in crate::settings) fn has_foreign_character(text: &str) -> bool {
    text.contains(|c: char| !c.is_ascii_graphic() || matches!(c, '<' | '>' | '"' | '\'' | '`'))
}

/// Whether a further URL begins behind white space, a comma or a semicolon.
pub(in crate::settings) fn holds_several_urls(text: &str) -> bool {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
    let begins_a_url = |piece: &str| {
        let piece = piece.to_ascii_lowercase();
        piece.starts_with("https://") || piece.starts_with("http://")
    };
    text.trim().split(separates).skip(1).any(begins_a_url)
}

/// Whether this is a URL, or the part of a webhook's that holds the token.
pub(in crate::settings) fn holds_a_url(text: &str) -> bool {
    text.contains("://") || text.contains("access_token=")
}

/// Why this text, which is no URL, is no access token.
pub(in crate::settings) fn no_token(text: &str) -> Option<&'static str> {
    if begins_like_a_secret(text) {
        let words = "holds a robot's secret (`SEC…`) and not its token, which follows \
                     `access_token=` in the webhook";
        return Some(words);
    }
    text.contains([',', ';'])
        .then_some("holds `,` or `;`, which no token has; a robot has one token")
}

/// Why this text is no secret of a robot.
pub(in crate::settings) fn no_secret(text: &str) -> Option<&'static str> {
    if holds_a_url(text) {
        return Some(
            "holds a URL and not the robot's secret, which begins with `SEC` and stands in the \
             robot's security settings",
        );
    }
    // A secret is `SEC` and as many.
    let is_token = text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
    is_token.then_some(
        "holds 64 hexadecimal digits, as an access token has; a secret begins with `SEC`, which \
         is a part of it",
    )
}

/// Whether this begins as the secrets of DingTalk's robots do (`customize-robot-security-settings`).
pub(in crate::settings) fn begins_like_a_secret(text: &str) -> bool {
    text.starts_with("SEC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_urls_are_told_from_one_that_holds_another() {
        let one = "https://oapi.dingtalk.com/robot/send?access_token=x";
        for between in [",", ", ", " ", ";", "\n", "\r\n", "\t"] {
            assert!(holds_several_urls(&format!("{one}{between}{one}")), "{between:?}");
        }
        assert!(holds_several_urls("x,HTTPS://oapi.dingtalk.com"));
        for single in [one, "https://proxy/?a=b,c&to=https://h/", " https://h/ ", "a,b", ""] {
            assert!(!holds_several_urls(single), "{single:?}");
        }
    }

    #[test]
    fn a_token_and_a_secret_are_told_from_each_other() {
        let hex = "0123456789abcdef".repeat(4);
        let secret = format!("SEC{hex}");
        assert_eq!((no_token(&hex), no_secret(&secret)), (None, None));
        assert!(no_token(&secret).is_some_and(|words| words.contains("robot's secret")));
        assert!(no_secret(&hex).is_some_and(|words| words.contains("access token")));
        assert!(no_secret("https://h/?access_token=x").is_some_and(|words| words.contains("URL")));
        assert!(no_token("a,b").is_some_and(|words| words.contains("one token")));
        for other in ["0123", "a+b=", "put-the-token-here", ""] {
            assert_eq!((no_token(other), no_secret(other)), (None, None), "{other}");
        }
    }
}
