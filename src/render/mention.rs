//! Mentions: whom a message mentions, the line that mentions them, and the guard against others.
//!
//! The guard is a pass over the final text, whoever wrote it: after it, an at sign begins a mention
//! only of someone in the message's own `at`.

use super::Surface;
use super::plain::BREAK;
use crate::alert::Status;
use crate::dingtalk::message::At;

/// The most members that a message can mention (DingTalk, `robot-message-type`).
const MOST: usize = 50;

/// The full-width at sign, which Chinese keyboards write.
const WIDE_AT_SIGN: &[u8] = "＠".as_bytes();

/// Names may take one of so many bytes of a part; the others are left to the alerts.
const SHARE: usize = 4;

/// Whom the first part of a message mentions.
///
/// Nobody, if the API has no mentions, or if nothing fires and the configuration does not ask for
/// mentions then.
pub(super) fn at(surface: &Surface, status: Status) -> At {
    let mention = &surface.mention;
    if !surface.api.mentions || (status == Status::Resolved && !mention.resolved) {
        return At::default();
    }
    let mut left = (MOST, surface.max_bytes / SHARE);
    let mobiles = take(&mention.mobiles, &mut left);
    At { mobiles, user_ids: take(&mention.user_ids, &mut left), all: mention.all }
}

/// As much of `at` as a part for `surface` has room for; nobody, if the API has no mentions.
pub(super) fn within(at: &At, surface: &Surface) -> At {
    if !surface.api.mentions {
        return At::default();
    }
    let mut left = (MOST, surface.max_bytes / SHARE);
    let mobiles = take(&at.mobiles, &mut left);
    At { mobiles, user_ids: take(&at.user_ids, &mut left), all: at.all }
}

/// Those whom both name.
pub(super) fn both(one: &At, other: &At) -> At {
    let shared = |names: &[String], others: &[String]| -> Vec<String> {
        names.iter().filter(|name| others.contains(name)).cloned().collect()
    };
    At {
        mobiles: shared(&one.mobiles, &other.mobiles),
        user_ids: shared(&one.user_ids, &other.user_ids),
        all: one.all && other.all,
    }
}

/// As many `names` as `left` allows, in number and in bytes.
fn take(names: &[String], left: &mut (usize, usize)) -> Vec<String> {
    let mut taken = Vec::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        // Once in `at` and once in the text, each with an at sign or quotes and something between.
        let bytes = 2 * name.len() + 6;
        if left.0 == 0 || left.1 < bytes {
            break;
        }
        *left = (left.0 - 1, left.1 - bytes);
        taken.push(name.clone());
    }
    taken
}

/// The line that mentions everyone whom `at` names; empty if it names nobody.
///
/// DingTalk notifies only people who stand in the text as well as in `at`
/// (`custom-robots-send-group-messages`); a mention of the whole group needs no words.
pub(super) fn line(at: &At) -> String {
    let names: Vec<String> = named(at).map(|name| format!("@{name}")).collect();
    names.join(" ")
}

/// The line that mentions those whom the text in `pieces` does not mention already.
///
/// A template may write the mentions itself; then they stand alone, with white space around them,
/// so that what is part of an address does not count.
pub(super) fn missing(pieces: &[&str], at: &At) -> String {
    if named(at).next().is_none() {
        return String::new();
    }
    let standing: Vec<&str> = pieces
        .iter()
        .flat_map(|piece| piece.split_whitespace())
        .filter(|word| word.starts_with('@'))
        .flat_map(|word| word.split('@').filter(|name| !name.is_empty()))
        .collect();
    let missing = named(at).filter(|name| !standing.contains(name));
    let names: Vec<String> = missing.map(|name| format!("@{name}")).collect();
    names.join(" ")
}

/// `text` with every mention broken that is not in `at`; none if it has no such mention.
pub(super) fn guard(text: &str, at: &At) -> Option<String> {
    let mut broken = String::new();
    let mut copied = 0;
    for end in ends_of_at_signs(text) {
        let rest = &text[end..];
        if !rest.starts_with(BREAK) && !is_mentioned(rest, at) {
            broken.push_str(&text[copied..end]);
            broken.push(BREAK);
            copied = end;
        }
    }
    (copied > 0).then(|| broken + &text[copied..])
}

/// The most bytes that the guard can add to `text`.
pub(super) fn guard_cost(text: &str) -> usize {
    ends_of_at_signs(text).count() * BREAK.len_utf8()
}

/// Where each at sign of `text` ends.
fn ends_of_at_signs(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    // Few texts have an at sign; looking for one byte is far quicker than looking at each.
    let has_any = bytes.contains(&b'@') || bytes.contains(&WIDE_AT_SIGN[0]);
    let bytes = if has_any { bytes } else { &[] };
    bytes.iter().enumerate().filter_map(|(at, byte)| match byte {
        b'@' => Some(at + 1),
        first if *first == WIDE_AT_SIGN[0] && bytes[at..].starts_with(WIDE_AT_SIGN) => {
            Some(at + WIDE_AT_SIGN.len())
        }
        _ => None,
    })
}

fn is_mentioned(after: &str, at: &At) -> bool {
    // DingTalk's words for everyone, in its Chinese and its English client.
    let everyone = ["所有人", "all"].into_iter().filter(|_| at.all);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    named(at)
        .chain(everyone)
        .any(|name| after.strip_prefix(name).is_some_and(|rest| !rest.starts_with(is_word)))
}

fn named(at: &At) -> impl Iterator<Item = &str> {
    at.mobiles.iter().chain(&at.user_ids).map(String::as_str).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::group;
    use crate::render::Mention;
    use crate::render::tests::chatbot;

    fn everyone() -> Surface {
        let mention = Mention {
            mobiles: vec!["13800000000".into()],
            user_ids: vec!["user_1".into()],
            all: true,
            resolved: false,
        };
        Surface { mention, ..chatbot() }
    }

    #[test]
    fn resolved_alerts_mention_nobody_unless_asked_for() {
        let mut surface = everyone();
        assert!(at(&surface, Status::Resolved).is_empty());
        surface.mention.resolved = true;
        assert!(!at(&surface, Status::Resolved).is_empty());
        surface.api = &group::API;
        assert!(at(&surface, Status::Firing).is_empty());
    }

    #[test]
    fn at_most_fifty_are_mentioned_and_names_leave_room_for_the_alerts() {
        let names = |count: usize| (0..count).map(|n| format!("{n:03}")).collect::<Vec<_>>();
        let cases = [
            (60, 5, 19_500, (50, 0)),
            (30, 30, 19_500, (30, 20)),
            (1, 1, 19_500, (1, 1)),
            (60, 5, 480, (10, 0)),
        ];
        for (mobiles, user_ids, max_bytes, expected) in cases {
            let mention = Mention {
                mobiles: names(mobiles),
                user_ids: names(user_ids),
                ..Mention::default()
            };
            let at = at(&Surface { max_bytes, mention, ..chatbot() }, Status::Firing);
            assert_eq!((at.mobiles.len(), at.user_ids.len()), expected);
        }
    }

    #[test]
    fn who_is_mentioned_already_is_not_mentioned_twice() {
        let at = at(&everyone(), Status::Firing);
        for (text, expected) in [
            ("a", "@13800000000 @user_1"),
            ("a\n@13800000000@user_1", ""),
            ("@13800000000 please", "@user_1"),
            ("http://x/@13800000000 a@user_1", "@13800000000 @user_1"),
            ("@138000000001 @user_12", "@13800000000 @user_1"),
        ] {
            assert_eq!(missing(&[text], &at), expected, "{text}");
        }
    }

    #[test]
    fn only_mentions_that_are_not_configured_are_broken() {
        let at = at(&everyone(), Status::Firing);
        assert_eq!(line(&at), "@13800000000 @user_1");
        let kept = ["@13800000000", "@user_1, go", "@13800000000请看", "@all", "@所有人"];
        for text in kept {
            assert_eq!(guard(text, &at), None);
            let broken = text.replacen('@', "@\u{200b}", 1);
            assert_eq!(guard(text, &At::default()), Some(broken));
        }
        for (text, broken) in [
            ("@138000000001", "@\u{200b}138000000001"),
            ("a@b.example", "a@\u{200b}b.example"),
            ("@@user_1", "@\u{200b}@user_1"),
            ("＠user_2 @", "＠\u{200b}user_2 @\u{200b}"),
        ] {
            assert_eq!(guard(text, &at).as_deref(), Some(broken));
            assert_eq!(guard(broken, &at), None);
            assert!(broken.len() <= text.len() + guard_cost(text));
        }
    }
}
