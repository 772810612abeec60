//! The message types of the three APIs, read into what a reader sees.
//!
//! Field names differ between the APIs, down to their case (`messageUrl`, `messageURL`,
//! `message_url`); each is read only where it is documented.

use serde_json::Value;

use crate::record::{Link, Mentions};
use crate::request::text_in;

/// A message's mentions beyond the fiftieth notify nobody: DingTalk documents at most 50.
const MOST_MENTIONS: usize = 50;

/// What a reader sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) msgtype: &'static str,
    pub(crate) title: Option<String>,
    pub(crate) text: String,
    pub(crate) links: Vec<Link>,
}

/// Why a message can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The API has no such type.
    Type(String),
    /// A required field is absent, empty or not a string.
    Missing(String),
}

impl Content {
    fn new(msgtype: &'static str, title: Option<String>, text: String) -> Self {
        Self { msgtype, title, text, links: Vec::new() }
    }

    fn with(mut self, links: Vec<Link>) -> Self {
        self.links = links;
        self
    }

    /// Where objections are looked for.
    pub(crate) fn searched(&self) -> String {
        let words = self.links.iter().flat_map(|link| [link.text.as_str(), link.url.as_str()]);
        std::iter::once(self.text.as_str()).chain(words).collect::<Vec<_>>().join("\n")
    }

    /// Whether a keyword stands in the message, or else in its title, where that counts.
    ///
    /// The words on the link of a `link` or `oa` message are its title; those on the links of a feed card
    /// are all that it says.
    pub(crate) fn has_keyword(&self, keyword: &str, in_titles: bool) -> bool {
        let named_by_title = matches!(self.msgtype, "link" | "oa");
        let in_link = |link: &Link| {
            link.url.contains(keyword) || !named_by_title && link.text.contains(keyword)
        };
        self.text.contains(keyword)
            || self.links.iter().any(in_link)
            || in_titles && self.title.as_ref().is_some_and(|title| title.contains(keyword))
    }

    /// Whom `at` notifies: only those whose `@…` stands in the text.
    pub(crate) fn mentions(&self, at: Option<&Value>) -> Mentions {
        let Some(at) = at.filter(|_| matches!(self.msgtype, "text" | "markdown" | "actionCard"))
        else {
            return Mentions::default();
        };
        let mobiles = strings(at.get("atMobiles"));
        let user_ids = strings(at.get("atUserIds"));
        let named = |id: &String| mentions(&self.text, id);
        let mobiles: Vec<_> = mobiles.into_iter().filter(named).take(MOST_MENTIONS).collect();
        let room = MOST_MENTIONS - mobiles.len();
        Mentions {
            user_ids: user_ids.into_iter().filter(named).take(room).collect(),
            mobiles,
            all: at.get("isAtAll").and_then(Value::as_bool).unwrap_or(false),
        }
    }
}

/// Reads the body of `robot/send` (DingTalk, `robot-message-type`).
pub(crate) fn of_webhook(body: &Value) -> Result<Content, Flaw> {
    let msgtype = body.get("msgtype").and_then(Value::as_str).unwrap_or_default();
    let part = |name| Fields::new(body, name);
    match msgtype {
        "text" => Ok(Content::new("text", None, part("text").need("content")?)),
        "markdown" => part("markdown").titled("markdown"),
        "link" => part("link").link("messageUrl"),
        "actionCard" => action_card(&part("actionCard")),
        "feedCard" => feed_card(&part("feedCard")),
        "" => Err(Flaw::Missing("msgtype".to_owned())),
        other => Err(Flaw::Type(other.to_owned())),
    }
}

/// Reads the `msgParam` of `groupMessages/send`; pictures and files are shown by their id.
pub(crate) fn of_msg_key(msg_key: &str, param: &Value) -> Result<Content, Flaw> {
    let fields = Fields { value: Some(param), path: "msgParam" };
    let file = |msgtype, id| Ok(Content::new(msgtype, None, fields.need(id)?));
    match msg_key {
        "sampleText" => Ok(Content::new("text", None, fields.need("content")?)),
        "sampleMarkdown" => fields.titled("markdown"),
        "sampleLink" => fields.link("messageUrl"),
        "sampleActionCard" => fields.card(&[("singleTitle", "singleURL")]),
        "sampleActionCard2" => fields.card(&NUMBERED[..2]),
        "sampleActionCard3" => fields.card(&NUMBERED[..3]),
        "sampleActionCard4" => fields.card(&NUMBERED[..4]),
        "sampleActionCard5" => fields.card(&NUMBERED),
        "sampleActionCard6" => {
            fields.card(&[("buttonTitle1", "buttonUrl1"), ("buttonTitle2", "buttonUrl2")])
        }
        "sampleImageMsg" => file("image", "photoURL"),
        "sampleAudio" => file("audio", "mediaId"),
        "sampleFile" => file("file", "mediaId"),
        "sampleVideo" => file("video", "videoMediaId"),
        other => Err(Flaw::Type(other.to_owned())),
    }
}

/// Reads the `msg` of `chat/send`, which is written in snake case.
pub(crate) fn of_chat(msg: &Value) -> Result<Content, Flaw> {
    let msgtype = msg.get("msgtype").and_then(Value::as_str).unwrap_or_default();
    let part = |name| Fields::new(msg, name);
    let file = |kind| Ok(Content::new(kind, None, part(kind).need("media_id")?));
    match msgtype {
        "text" => Ok(Content::new("text", None, part("text").need("content")?)),
        "markdown" => part("markdown").titled("markdown"),
        "link" => part("link").link("messageUrl"),
        "action_card" => {
            let card = part("action_card");
            let content =
                Content::new("actionCard", Some(card.need("title")?), card.need("markdown")?);
            Ok(content.with(chat_buttons(&card)?))
        }
        "oa" => {
            let url = part("oa").need("message_url")?;
            let body = part("oa").part("body");
            let title = body.need("title")?;
            let text = body.maybe("content").unwrap_or_default();
            let links = vec![Link { text: title.clone(), url }];
            Ok(Content::new("oa", Some(title), text).with(links))
        }
        "image" => file("image"),
        "file" => file("file"),
        "voice" => file("voice"),
        other => Err(Flaw::Type(other.to_owned())),
    }
}

const NUMBERED: [(&str, &str); 5] = [
    ("actionTitle1", "actionURL1"),
    ("actionTitle2", "actionURL2"),
    ("actionTitle3", "actionURL3"),
    ("actionTitle4", "actionURL4"),
    ("actionTitle5", "actionURL5"),
];

/// An object of the message, with the name to blame when a field is missing.
struct Fields<'a> {
    value: Option<&'a Value>,
    path: &'static str,
}

impl<'a> Fields<'a> {
    fn new(body: &'a Value, path: &'static str) -> Self {
        Self { value: body.get(path), path }
    }

    fn part(&self, path: &'static str) -> Self {
        Self { value: self.value.and_then(|value| value.get(path)), path }
    }

    fn maybe(&self, name: &str) -> Option<String> {
        text_in(self.value?, name).map(str::to_owned)
    }

    fn need(&self, name: &str) -> Result<String, Flaw> {
        self.maybe(name).ok_or_else(|| Flaw::Missing(format!("{}.{name}", self.path)))
    }

    fn titled(&self, msgtype: &'static str) -> Result<Content, Flaw> {
        Ok(Content::new(msgtype, Some(self.need("title")?), self.need("text")?))
    }

    fn button(&self, text: &str, url: &str) -> Result<Link, Flaw> {
        Ok(Link { text: self.need(text)?, url: self.need(url)? })
    }

    fn link(&self, url: &str) -> Result<Content, Flaw> {
        let content = self.titled("link")?;
        let link = self.button("title", url)?;
        Ok(content.with(vec![link]))
    }

    fn card(&self, buttons: &[(&str, &str)]) -> Result<Content, Flaw> {
        let content = self.titled("actionCard")?;
        let links = buttons.iter().map(|(text, url)| self.button(text, url));
        Ok(content.with(links.collect::<Result<_, _>>()?))
    }

    fn list(&self, name: &str) -> &'a [Value] {
        let list = self.value.and_then(|value| value.get(name)).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }
}

fn action_card(card: &Fields<'_>) -> Result<Content, Flaw> {
    // With `singleTitle` the card is one link, and its `btns` are ignored (documented).
    if card.maybe("singleTitle").is_some() || card.list("btns").is_empty() {
        return card.card(&[("singleTitle", "singleURL")]);
    }
    let links = links(card.list("btns"), "btns", "actionURL")?;
    Ok(card.titled("actionCard")?.with(links))
}

fn feed_card(feed: &Fields<'_>) -> Result<Content, Flaw> {
    if feed.list("links").is_empty() {
        return Err(Flaw::Missing("feedCard.links".to_owned()));
    }
    for link in feed.list("links") {
        Fields { value: Some(link), path: "links" }.need("picURL")?;
    }
    let links = links(feed.list("links"), "links", "messageURL")?;
    Ok(Content::new("feedCard", None, String::new()).with(links))
}

fn chat_buttons(card: &Fields<'_>) -> Result<Vec<Link>, Flaw> {
    let buttons = card.list("btn_json_list");
    if card.maybe("single_title").is_some() || buttons.is_empty() {
        return Ok(vec![card.button("single_title", "single_url")?]);
    }
    links(buttons, "btn_json_list", "action_url")
}

fn links(list: &[Value], path: &'static str, url: &str) -> Result<Vec<Link>, Flaw> {
    let link = |value| Fields { value: Some(value), path }.button("title", url);
    list.iter().map(link).collect()
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether `@id` stands in the text, and not only as the beginning of a longer one.
fn mentions(text: &str, id: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_alphanumeric());
    let after_at = |(at, _)| text[at + 1..].strip_prefix(id).is_some_and(ends);
    !id.is_empty() && text.match_indices('@').any(after_at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_webhook_type_needs_its_documented_fields() {
        let cases = [
            (json!({"msgtype": "text", "text": {"content": ""}}), "text.content"),
            (json!({"msgtype": "text"}), "text.content"),
            (json!({"msgtype": "markdown", "markdown": {"text": "a"}}), "markdown.title"),
            (json!({"msgtype": "markdown", "markdown": {"title": "a"}}), "markdown.text"),
            (
                json!({"msgtype": "link", "link": {"title": "a", "text": "b", "messageURL": "c"}}),
                "link.messageUrl",
            ),
            (
                json!({"msgtype": "actionCard", "actionCard": {"title": "a", "text": "b"}}),
                "actionCard.singleTitle",
            ),
            (
                json!({"msgtype": "actionCard", "actionCard":
                    {"title": "a", "text": "b", "btns": [{"title": "c"}]}}),
                "btns.actionURL",
            ),
            (json!({"msgtype": "feedCard", "feedCard": {"links": []}}), "feedCard.links"),
            (
                json!({"msgtype": "feedCard", "feedCard": {"links": [{"title": "a"}]}}),
                "links.picURL",
            ),
            (json!({}), "msgtype"),
        ];
        for (body, missing) in cases {
            assert_eq!(of_webhook(&body), Err(Flaw::Missing(missing.to_owned())), "{body}");
        }
    }

    #[test]
    fn a_robot_knows_no_pictures_and_an_app_does() {
        assert_eq!(of_webhook(&json!({"msgtype": "image"})), Err(Flaw::Type("image".to_owned())));
        let picture = of_msg_key("sampleImageMsg", &json!({"photoURL": "@media"}));
        assert_eq!(picture.map(|content| content.text), Ok("@media".to_owned()));
    }

    #[test]
    fn a_card_of_the_current_api_has_the_number_of_buttons_in_its_name() {
        let mut param = json!({"title": "a", "text": "b"});
        for number in 1..=3 {
            param[format!("actionTitle{number}")] = json!("button");
            param[format!("actionURL{number}")] = json!("https://a.example");
        }
        assert_eq!(of_msg_key("sampleActionCard3", &param).map(|card| card.links.len()), Ok(3));
        let missing = Err(Flaw::Missing("msgParam.actionTitle4".to_owned()));
        assert_eq!(of_msg_key("sampleActionCard4", &param), missing);
    }

    #[test]
    fn the_older_api_is_written_in_snake_case() {
        let card = json!({"title": "a", "markdown": "b", "single_title": "c", "single_url": "d"});
        let msg = json!({"msgtype": "action_card", "action_card": card});
        let link = Link { text: "c".to_owned(), url: "d".to_owned() };
        assert_eq!(of_chat(&msg).map(|content| content.links), Ok(vec![link]));
        let camel = json!({"msgtype": "actionCard", "actionCard": card});
        assert_eq!(of_chat(&camel), Err(Flaw::Type("actionCard".to_owned())));
    }

    #[test]
    fn a_keyword_counts_in_the_message_and_in_its_title_only_where_that_is_the_rule() {
        let link = |words: &str, url: &str| json!({"msgtype": "link", "link": {"title": words, "text": "a", "messageUrl": url}});
        let feed = json!({"title": "alert", "messageURL": "b", "picURL": "c"});
        let cases = [
            (json!({"msgtype": "text", "text": {"content": "an alert"}}), [true, true]),
            (
                json!({"msgtype": "markdown", "markdown": {"title": "a", "text": "alert"}}),
                [true, true],
            ),
            (
                json!({"msgtype": "markdown", "markdown": {"title": "alert", "text": "a"}}),
                [false, true],
            ),
            (
                json!({"msgtype": "markdown", "markdown": {"title": "a", "text": "Alert"}}),
                [false, false],
            ),
            (link("alert", "b"), [false, true]),
            (link("a", "https://alert.example"), [true, true]),
            (
                json!({"msgtype": "actionCard", "actionCard":
                    {"title": "alert", "text": "a", "singleTitle": "b", "singleURL": "c"}}),
                [false, true],
            ),
            (
                json!({"msgtype": "actionCard", "actionCard":
                    {"title": "a", "text": "a", "singleTitle": "alert", "singleURL": "c"}}),
                [true, true],
            ),
            (json!({"msgtype": "feedCard", "feedCard": {"links": [feed]}}), [true, true]),
        ];
        for (body, expected) in cases {
            let content = of_webhook(&body).unwrap();
            let found = [false, true].map(|titles| content.has_keyword("alert", titles));
            assert_eq!(found, expected, "{body}");
        }
    }

    #[test]
    fn a_mention_notifies_only_when_it_stands_in_at_and_in_the_text() {
        let cases = [
            ("hello @138", &["138"][..], &["138"][..]),
            ("hello 138", &["138"], &[]),
            ("hello @1380", &["138"], &[]),
            ("@138,@139", &["139", "138", "137"], &["139", "138"]),
            ("@138", &[], &[]),
        ];
        for (text, at, notified) in cases {
            let content = Content::new("markdown", None, text.to_owned());
            let mentions = content.mentions(Some(&json!({"atMobiles": at})));
            assert_eq!(mentions.mobiles, notified, "{text}");
        }
    }

    #[test]
    fn at_most_fifty_are_notified() {
        let ids: Vec<_> = (1000..1060).map(|id| id.to_string()).collect();
        let text = format!("@{}", ids.join(" @"));
        let content = Content::new("text", None, text);
        let at = json!({"atMobiles": ids[..30], "atUserIds": ids[30..]});
        let mentions = content.mentions(Some(&at));
        assert_eq!((mentions.mobiles.len(), mentions.user_ids.len()), (30, 20));
    }
}
