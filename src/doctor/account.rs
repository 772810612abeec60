//! The account: the looks of a robot's token and secret, and whether an app is given a token.
//!
//! A robot is asked for nothing, because DingTalk has no call for it that posts no message.

use secrecy::ExposeSecret;

use super::{Doctor, Finding, Mark, Robot};
use crate::dingtalk::Chatbot;
use crate::language::Language;

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
            tell(Finding::new(&robot.name, "token", token_words(chatbot, self.language)));
            tell(Finding::new(&robot.name, "secret", secret_words(chatbot, self.language)));
            return true;
        }
        let Some(app) = endpoint.app_key() else { return true };
        let (api, language) = (endpoint.api().name, self.language);
        let subject = language.pick([format!("app {app} ({api})"), format!("应用 {app}（{api}）")]);
        let mut tell = |found| tell(Finding::new(&subject, "credentials", found));
        if !is_reached {
            let words = [
                "not asked for a token, because the host is not reached",
                "没有获取 access_token，因为主机不可达",
            ];
            tell((Mark::Left, language.pick(words).to_owned()));
            return false;
        }
        if let Some(Err(error)) = self.client.ask_token(endpoint, self.deadline()).await {
            tell((Mark::Wrong, error.meaning(language)));
            return false;
        }
        let words = ["DingTalk gives it a token", "可以取得 access_token"];
        tell((Mark::Well, language.pick(words).to_owned()));
        true
    }
}

/// What is said of a token or secret that looks as it should.
const LOOKS_RIGHT: [&str; 2] = ["it looks like DingTalk's", "格式与钉钉的一致"];

fn token_words(chatbot: &Chatbot, language: Language) -> (Mark, String) {
    let token = chatbot.access_token.expose_secret();
    if is_hexadecimal(token) {
        return (Mark::Well, language.pick(LOOKS_RIGHT).to_owned());
    }
    let length = token.chars().count();
    let words = language.pick([
        format!(
            "its length is {length}, where DingTalk's have {DIGITS} hexadecimal digits; copy the webhook \
             again as a whole, unless it is for a relay or a simulation"
        ),
        format!(
            "长度为 {length}，而钉钉的是 {DIGITS} 位十六进制数字；请重新完整复制 webhook（用于转发或模拟的除外）"
        ),
    ]);
    (Mark::Doubtful, words)
}

fn secret_words(chatbot: &Chatbot, language: Language) -> (Mark, String) {
    let Some(secret) = &chatbot.secret else {
        let words = [
            "none, which is right where the robot's security settings have no signature",
            "没有配置；如果机器人的安全设置没有开启加签，这是对的",
        ];
        return (Mark::Well, language.pick(words).to_owned());
    };
    let secret = secret.expose_secret();
    match secret.strip_prefix("SEC") {
        Some(digits) if is_hexadecimal(digits) => {
            (Mark::Well, language.pick(LOOKS_RIGHT).to_owned())
        }
        Some(digits) => {
            let length = digits.chars().count();
            let words = language.pick([
                format!(
                    "its length behind `SEC` is {length}, where DingTalk's have {DIGITS} hexadecimal \
                     digits; copy it again as a whole"
                ),
                format!("`SEC` 之后的长度为 {length}，而钉钉的是 {DIGITS} 位十六进制数字；请重新完整复制"),
            ]);
            (Mark::Doubtful, words)
        }
        None => {
            let words = [
                "it does not begin with `SEC`, as DingTalk's do; copy it again from the robot's \
                 security settings",
                "不是以 `SEC` 开头，而钉钉的都是；请从机器人的安全设置重新复制",
            ];
            (Mark::Doubtful, language.pick(words).to_owned())
        }
    }
}

fn is_hexadecimal(text: &str) -> bool {
    text.len() == DIGITS && text.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::tests::is_partly_english;

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
            let in_language =
                |language| [token_words(&chatbot, language), secret_words(&chatbot, language)];
            let told = in_language(Language::En);
            for (one, (mark, words)) in told.iter().zip(in_language(Language::ZhCn)) {
                assert!(one.0 == mark && !is_partly_english(&words), "{words}");
            }
            for (((mark, words), expected_mark), expected) in told.iter().zip(marks).zip(expected) {
                assert!(*mark == expected_mark && words.contains(expected), "{words}");
                assert!(!words.contains(&hex[..16]), "{words}");
            }
        }
    }
}
