//! A robot's security settings and errcode 310000, which all of them share.
//!
//! Several settings can be on at once, and then all of them have to hold. Which one failed can be
//! told only from the words, of which three generations were seen (`Wording`).

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::content::Content;
use crate::reply::Refusal;
use crate::request::Received;
use crate::robot::Robot;
use crate::rules::{Rules, Wording};
use crate::sign::sign;

/// How far a time stamp may be off (DingTalk, `customize-robot-security-settings`).
const TOLERANCE: Duration = Duration::from_hours(1);

/// Which setting refused a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breach {
    Keyword,
    Sign,
    Timestamp,
    Address(IpAddr),
}

/// Checks a call against all of a robot's settings.
pub(crate) fn check(
    robot: &Robot,
    call: &Received,
    content: &Content,
    rules: &Rules,
    now: Duration,
) -> Result<(), Breach> {
    if let Some(secret) = &robot.secret {
        check_sign(secret, call, now)?;
    }
    let holds = |keyword: &String| content.has_keyword(keyword, rules.keywords_in_titles);
    if !robot.keywords.is_empty() && !robot.keywords.iter().any(holds) {
        return Err(Breach::Keyword);
    }
    let admits = |entry: &String| covers(entry, call.peer);
    if !robot.addresses.is_empty() && !robot.addresses.iter().any(admits) {
        return Err(Breach::Address(call.peer));
    }
    Ok(())
}

fn check_sign(secret: &str, call: &Received, now: Duration) -> Result<(), Breach> {
    let given = call.parameter("timestamp").zip(call.parameter("sign"));
    // A missing half is answered in the words for a wrong signature (observed).
    let (timestamp, signature) = given.ok_or(Breach::Sign)?;
    let Ok(milliseconds) = timestamp.parse() else { return Err(Breach::Timestamp) };
    if Duration::from_millis(milliseconds).abs_diff(now) > TOLERANCE {
        return Err(Breach::Timestamp);
    }
    // Decoded once and compared as it is: one that was encoded twice, or not at all, fails.
    if signature == sign(timestamp, secret) { Ok(()) } else { Err(Breach::Sign) }
}

/// Whether an IPv4 address or `a.b.c.d/n` covers a peer; IPv6 can't be listed (documented).
fn covers(entry: &str, peer: IpAddr) -> bool {
    let IpAddr::V4(peer) = peer.to_canonical() else { return false };
    let (network, length) = entry.split_once('/').unwrap_or((entry, "32"));
    let (Ok(network), Ok(length)) = (network.parse::<Ipv4Addr>(), length.parse::<u32>()) else {
        return false;
    };
    let host_bits = 32_u32.saturating_sub(length);
    let prefix = |address: Ipv4Addr| u64::from(address.to_bits()) >> host_bits;
    prefix(network) == prefix(peer)
}

impl Breach {
    pub(crate) fn refusal(self, wording: Wording) -> Refusal {
        Refusal::new(310_000, self.words(wording))
    }

    fn words(self, wording: Wording) -> String {
        let (first, second, newest) = match self {
            Self::Keyword => ("keywords not in content", KEYWORD, KEYWORD),
            Self::Sign => ("sign not match", SIGN, SIGN),
            Self::Timestamp => ("invalid timestamp", TIMESTAMP, TIMESTAMP),
            Self::Address(peer) => {
                return match wording {
                    Wording::First => format!("ip {peer} not in whitelist"),
                    Wording::Second | Wording::Newest => described(ADDRESS),
                };
            }
        };
        match wording {
            Wording::First => first.to_owned(),
            Wording::Second => described(second),
            // The time stamp's words were not seen in the newest form.
            Wording::Newest if self == Self::Timestamp => described(newest),
            Wording::Newest => format!("错误描述:{};解决方案:{}", newest.0, newest.1),
        }
    }
}

const KEYWORD: (&str, &str) =
    ("关键词不匹配", "请联系群管理员查看此机器人的关键词，并在发送的信息中包含此关键词;");
const SIGN: (&str, &str) = (
    "机器人发送签名不匹配",
    "请确认签名和生成签名的时间戳必须都放在调用的网址中，请确认机器人的密钥加密和填写正确;",
);
const TIMESTAMP: (&str, &str) =
    ("机器人发送签名过期", "签名生成时间和发送时间请保持在 timestampms 以内;");
const ADDRESS: (&str, &str) = ("ip 不在白名单中", "请联系对应群的管理员，设置机器人安全ip地址段");

fn described((what, solution): (&str, &str)) -> String {
    format!("description:{what};solution:{solution}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_list_takes_single_addresses_and_networks() {
        let cases = [
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("127.0.0.0/24", true),
            ("127.0.1.0/24", false),
            ("0.0.0.0/0", true),
            ("::1", false),
            ("nonsense", false),
            ("127.0.0.1/x", false),
        ];
        for (entry, covered) in cases {
            assert_eq!(covers(entry, IpAddr::V4(Ipv4Addr::LOCALHOST)), covered, "{entry}");
        }
    }

    #[test]
    fn each_generation_words_a_breach_as_it_was_seen() {
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let cases = [
            (Breach::Keyword, Wording::First, "keywords not in content"),
            (Breach::Keyword, Wording::Second, "description:关键词不匹配"),
            (Breach::Keyword, Wording::Newest, "错误描述:关键词不匹配"),
            (Breach::Sign, Wording::First, "sign not match"),
            (Breach::Sign, Wording::Second, "description:机器人发送签名不匹配"),
            (Breach::Sign, Wording::Newest, "错误描述:机器人发送签名不匹配"),
            (Breach::Timestamp, Wording::First, "invalid timestamp"),
            (Breach::Timestamp, Wording::Newest, "description:机器人发送签名过期"),
            (Breach::Address(peer), Wording::First, "ip 127.0.0.1 not in whitelist"),
            (Breach::Address(peer), Wording::Newest, "description:ip 不在白名单中"),
        ];
        for (breach, wording, begins) in cases {
            let refusal = breach.refusal(wording);
            assert_eq!(refusal.code, 310_000);
            assert!(refusal.words.starts_with(begins), "{}", refusal.words);
        }
    }
}
