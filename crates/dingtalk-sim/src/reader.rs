//! A message as a reader sees it on a phone, in plain text.
//!
//! Only the documented Markdown is drawn; what DingTalk does not promise (tables, code, rules)
//! stands as it was sent, which is also what a phone shows.

mod blocks;
mod inline;

use crate::record::{Link, Post};

/// The message in the group, without the title, which stands only in the list of conversations.
///
/// Bold words and headings stand between asterisks, quotes behind a bar, a link as `text <url>`.
///
/// ```
/// # use dingtalk_sim::{Mentions, Post, Sender, reader_view};
/// # let post = Post { group: "ops".into(), sender: Sender::Robot("t".into()), links: vec![],
/// #     at: std::time::Duration::ZERO, msgtype: "markdown".into(), title: None, msg_uuid: None,
/// #     query_key: None,
/// #     text: "## Disk full\non **db-1**\nsince noon  \n[Runbook](https://a.example)".into(),
/// #     mentions: Mentions::default() };
/// assert_eq!(
///     reader_view(&post),
///     "*Disk full*\non *db-1* since noon\nRunbook <https://a.example>"
/// );
/// ```
#[must_use]
pub fn reader_view(post: &Post) -> String {
    let links = || post.links.iter().map(linked).collect::<Vec<_>>().join("\n");
    match post.msgtype.as_str() {
        "markdown" => blocks::draw(&post.text),
        "actionCard" => {
            let buttons = post.links.iter().map(|link| format!("[ {} ]", linked(link)));
            let buttons = buttons.collect::<Vec<_>>().join("\n");
            format!("{}\n\n{buttons}", blocks::draw(&post.text))
        }
        "link" | "oa" => format!("{}\n{}", links(), post.text).trim_end().to_owned(),
        "feedCard" => links(),
        "text" => post.text.clone(),
        file => format!("[{file}] {}", post.text),
    }
}

/// The message with what a phone shows around it: group, time, title, and who is notified.
#[must_use]
pub fn announcement(post: &Post) -> String {
    let mut head = format!("── {} ── {}", post.group, time_of_day(post.at.as_secs()));
    if let Some(title) = &post.title {
        head = format!("{head} ── {title}");
    }
    let mentions = &post.mentions;
    let all = mentions.all.then(|| "everyone".to_owned());
    let named = mentions.mobiles.iter().chain(&mentions.user_ids).cloned();
    let notified: Vec<_> = all.into_iter().chain(named).collect();
    let view = reader_view(post);
    if notified.is_empty() {
        return format!("{head}\n{view}\n");
    }
    format!("{head}\n{view}\n(notifies {})\n", notified.join(", "))
}

/// A token as it may be shown: its first four characters, when it is long enough to keep the rest.
#[must_use]
pub fn masked(token: &str) -> String {
    if token.chars().count() <= 4 {
        return token.to_owned();
    }
    token.chars().take(4).chain(['…']).collect()
}

fn linked(link: &Link) -> String {
    format!("{} <{}>", link.text, link.url)
}

fn time_of_day(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02} UTC", seconds % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::record::{Mentions, Sender};

    fn post(msgtype: &str, text: &str) -> Post {
        Post {
            group: "ops".to_owned(),
            sender: Sender::Robot("token".to_owned()),
            at: Duration::from_secs(3_661),
            msgtype: msgtype.to_owned(),
            title: Some("Title".to_owned()),
            text: text.to_owned(),
            links: vec![Link { text: "Open".to_owned(), url: "https://a.example".to_owned() }],
            mentions: Mentions::default(),
            msg_uuid: None,
            query_key: None,
        }
    }

    #[test]
    fn each_type_is_drawn_in_its_own_way() {
        let cases = [
            ("text", "**a**\nb", "**a**\nb"),
            ("markdown", "**a**\nb", "*a* b"),
            ("actionCard", "**a**", "*a*\n\n[ Open <https://a.example> ]"),
            ("link", "a\nb", "Open <https://a.example>\na\nb"),
            ("feedCard", "", "Open <https://a.example>"),
            ("image", "@media", "[image] @media"),
        ];
        for (msgtype, text, view) in cases {
            assert_eq!(reader_view(&post(msgtype, text)), view, "{msgtype}");
        }
    }

    #[test]
    fn an_announcement_names_group_time_title_and_who_is_notified() {
        let mut post = post("text", "hello @138");
        assert_eq!(announcement(&post), "── ops ── 01:01:01 UTC ── Title\nhello @138\n");
        post.mentions = Mentions { mobiles: vec!["138".to_owned()], user_ids: vec![], all: true };
        assert!(announcement(&post).ends_with("\n(notifies everyone, 138)\n"));
    }

    #[test]
    fn a_token_is_shown_by_four_characters() {
        let shown = ["", "abcd", "abcde", "令牌令牌令牌"].map(masked);
        assert_eq!(shown, ["", "abcd", "abcd…", "令牌令牌…"]);
    }
}
