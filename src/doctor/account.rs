//! The account: the looks of a robot's token and secret, and whether an app is given a token.
//!
//! A robot is asked for nothing, because DingTalk has no call for it that posts no message.

use secrecy::ExposeSecret;

use super::{Doctor, Finding, Mark, Robot};
use crate::dingtalk::Chatbot;

/// How many hexadecimal digits a token has, and a secret behind its `SEC` (as DingTalk gives them out).
const DIGITS: usize = 64;

impl Doctor<'_> {
    /// Tells what is found about a robot or an app, and whether it can send.
    pub(super) async fn examine_account(
        &self,
        robot: &Robot<'_>,
        is_reached: bool,
        tell: &mut impl FnMut(Finding),
    ) -> bool {
        let endpoint = robot.endpoint;
        if let Some(chatbot) = endpoint.chatbot() {
            tell(Finding::new(&robot.name, "token", token_words(chatbot)));
            tell(Finding::new(&robot.name, "secret", secret_words(chatbot)));
            return true;
        }
        let Some(app) = endpoint.app_key() else { return true };
        let subject = format!("app {app} ({})", endpoint.api().name);
        let mut tell = |found| tell(Finding::new(&subject, "credentials", found));
        if !is_reached {
            tell((Mark::Left, "not asked for a token, because the host is not reached".to_owned()));
            return false;
        }
        if let Some(Err(error)) = self.client.ask_token(endpoint, self.deadline()).await {
            tell((Mark::Wrong, error.meaning()));
            return false;
        }
        tell((Mark::Well, "DingTalk gives it a token".to_owned()));
        true
    }
}

fn token_words(chatbot: &Chatbot) -> (Mark, String) {
    let token = chatbot.access_token.expose_secret();
    if is_hexadecimal(token) {
        return (Mark::Well, "it looks like DingTalk's".to_owned());
    }
    let length = token.chars().count();
    let words = format!(
        "its length is {length}, where DingTalk's have {DIGITS} hexadecimal digits; copy the webhook again \
         as a whole, unless it is for a relay or a simulation"
    );
    (Mark::Doubtful, words)
}

fn secret_words(chatbot: &Chatbot) -> (Mark, String) {
    let Some(secret) = &chatbot.secret else {
        let words = "none, which is right where the robot's security settings have no signature";
        return (Mark::Well, words.to_owned());
    };
    let secret = secret.expose_secret();
    match secret.strip_prefix("SEC") {
        Some(digits) if is_hexadecimal(digits) => {
            (Mark::Well, "it looks like DingTalk's".to_owned())
        }
        Some(digits) => {
            let length = digits.chars().count();
            let words = format!(
                "its length behind `SEC` is {length}, where DingTalk's have {DIGITS} hexadecimal digits; \
                 copy it again as a whole"
            );
            (Mark::Doubtful, words)
        }
        None => {
            let words = "it does not begin with `SEC`, as DingTalk's do; copy it again from the robot's \
                         security settings";
            (Mark::Doubtful, words.to_owned())
        }
    }
}

fn is_hexadecimal(text: &str) -> bool {
    text.len() == DIGITS && text.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chatbot(access_token: &str, secret: Option<&str>) -> Chatbot {
        let webhook_url = format!("https://h/robot/send?access_token={access_token}").into();
        let secret = secret.map(Into::into);
        Chatbot { webhook_url, access_token: access_token.into(), secret }
    }

    #[test]
    fn a_token_and_a_secret_are_told_by_their_looks_and_not_shown() {
        let hex = "0123456789abcdef".repeat(4);
        let (whole, cut) = (format!("SEC{hex}"), format!("SEC{}", &hex[..63]));
        for (token, secret, marks, expected) in [
            (&*hex, Some(&*whole), [Mark::Well, Mark::Well], ["looks like", "looks like"]),
            (&hex[..63], Some(&*cut), [Mark::Doubtful; 2], ["is 63, ", "behind `SEC` is 63, "]),
            (&*hex, None, [Mark::Well, Mark::Well], ["looks like", "none, which is right"]),
            (
                "t0",
                Some("secret"),
                [Mark::Doubtful; 2],
                ["its length is 2, ", "not begin with `SEC`"],
            ),
        ] {
            let chatbot = chatbot(token, secret);
            let told = [token_words(&chatbot), secret_words(&chatbot)];
            for (((mark, words), expected_mark), expected) in told.iter().zip(marks).zip(expected) {
                assert!(*mark == expected_mark && words.contains(expected), "{words}");
                assert!(!words.contains(&hex[..16]), "{words}");
            }
        }
    }
}
