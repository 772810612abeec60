//! The form in which a message's parts and its summary are stored: JSON that says its version.
//!
//! `{"v":1,"data":…}`. A text of another version is an error and never guessed at. Whoever changes
//! what a [`Part`] or a [`Summary`] is stored as writes a new version here, and goes on reading the
//! ones before it; a field more that may be missing is no new version.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};

use super::Summary;
use crate::dingtalk::message::Part;

/// The version that is written.
const VERSION: u32 = 1;

/// What is stored; the version comes first, so that it is read before the data.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    #[serde(deserialize_with = "known_version")]
    v: u32,
    data: T,
}

/// Parts as they are stored.
pub(super) fn parts_to_json(parts: &[Part]) -> serde_json::Result<Vec<u8>> {
    let texts = parts.iter().map(|part| part.title.len() + part.heading.len() + part.body.len());
    to_json(&parts, texts.map(|text| text + text / 8 + 256).sum())
}

/// A summary as it is stored.
pub(super) fn summary_to_json(summary: &Summary) -> serde_json::Result<String> {
    let json = to_json(summary, 1024)?;
    String::from_utf8(json).map_err(serde::ser::Error::custom)
}

/// `data` as it is stored; `room` is about how many bytes that takes.
fn to_json<T: Serialize>(data: &T, room: usize) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(room);
    serde_json::to_writer(&mut json, &Stored { v: VERSION, data })?;
    Ok(json)
}

/// What was stored.
pub(super) fn from_json<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(json).map(|stored: Stored<T>| stored.data)
}

fn known_version<'de, D: Deserializer<'de>>(version: D) -> Result<u32, D::Error> {
    match u32::deserialize(version)? {
        VERSION => Ok(VERSION),
        other => Err(Error::custom(format_args!(
            "the stored form has version {other}, and this version of campana reads {VERSION}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::dingtalk::message::{At, Button, ButtonLayout, Mark, MessageType};

    fn summary() -> Summary {
        Summary {
            status: "firing".to_owned(),
            firing: 2,
            resolved: 1,
            unsent: 0,
            fires_again: false,
            severity: "critical".to_owned(),
            alertnames: vec!["Disk".to_owned()],
            more_alertnames: 0,
            group_labels: [("cluster".to_owned(), "a".to_owned())].into(),
            since: Some("2026-11-20T19:12:30Z".parse().unwrap()),
            recovered: None,
            link: "http://am/".to_owned(),
            shared_labels: BTreeMap::new(),
            instead_of: String::new(),
        }
    }

    #[test]
    fn the_bytes_on_disk_of_parts_of_each_type_are_these() {
        let first = Part {
            mark: Mark::of(0, 2),
            mentions: "@138".to_owned(),
            at: At { mobiles: vec!["138".to_owned()], ..At::default() },
            ..Part::new(MessageType::Markdown, "[FIRING:2] Disk", "### Disk\n\n**a** is \"full\"")
        };
        let parts = vec![first, Part::new(MessageType::Text, "", "Disk\na is full")];
        let stored = "{\"v\":1,\"data\":[\
                      {\"type\":\"markdown\",\"title\":\"[FIRING:2] Disk\",\
                      \"heading\":\"### Disk\",\"mark\":\"1/2\",\
                      \"body\":\"\\n\\n**a** is \\\"full\\\"\",\"mentions\":\"@138\",\
                      \"at\":{\"mobiles\":[\"138\"]}},\
                      {\"type\":\"text\",\"heading\":\"Disk\",\"body\":\"\\na is full\"}]}";
        assert_eq!(parts_to_json(&parts).unwrap(), stored.as_bytes());
        assert_eq!(from_json::<Vec<Part>>(stored.as_bytes()).unwrap(), parts);
    }

    #[test]
    fn the_bytes_on_disk_of_a_card_and_a_link_are_these() {
        let button = Button { text: "Graph".to_owned(), url: "http://g/".to_owned() };
        let card = Part {
            buttons: vec![button.clone()],
            layout: ButtonLayout::Whole,
            ..Part::new(MessageType::ActionCard, "t", "Disk")
        };
        let link = Part {
            buttons: vec![button],
            picture: "http://p/".to_owned(),
            ..Part::new(MessageType::Link, "t", "Disk")
        };
        let button = "\"buttons\":[{\"text\":\"Graph\",\"url\":\"http://g/\"}]";
        let stored = format!(
            "{{\"v\":1,\"data\":[\
             {{\"type\":\"action_card\",\"title\":\"t\",\"heading\":\"Disk\",{button},\
             \"layout\":\"whole\"}},\
             {{\"type\":\"link\",\"title\":\"t\",\"heading\":\"Disk\",{button},\
             \"picture\":\"http://p/\"}}]}}"
        );
        let parts = vec![card, link];
        assert_eq!(parts_to_json(&parts).unwrap(), stored.as_bytes());
        assert_eq!(from_json::<Vec<Part>>(stored.as_bytes()).unwrap(), parts);
    }

    #[test]
    fn the_bytes_on_disk_of_a_summary_are_these() {
        let stored = "{\"v\":1,\"data\":{\"status\":\"firing\",\"firing\":2,\"resolved\":1,\
                      \"severity\":\"critical\",\"alertnames\":[\"Disk\"],\
                      \"group_labels\":{\"cluster\":\"a\"},\"since\":\"2026-11-20T19:12:30Z\",\
                      \"link\":\"http://am/\"}}";
        assert_eq!(summary_to_json(&summary()).unwrap(), stored);
        assert_eq!(from_json::<Summary>(stored.as_bytes()).unwrap(), summary());
        let recovered = Summary { recovered: summary().since, ..summary() };
        let json = summary_to_json(&recovered).unwrap();
        assert!(json.contains("\"recovered\":\"2026-11-20T19:12:30Z\",\"link\""), "{json}");
        assert_eq!(from_json::<Summary>(json.as_bytes()).unwrap(), recovered);
        let more = Summary { unsent: 3, fires_again: true, ..summary() };
        let json = summary_to_json(&more).unwrap();
        assert!(json.contains("\"resolved\":1,\"unsent\":3,\"fires_again\":true,"), "{json}");
        assert_eq!(from_json::<Summary>(json.as_bytes()).unwrap(), more);
    }

    #[test]
    fn another_version_and_none_are_errors_in_words() {
        let newer = summary_to_json(&summary()).unwrap().replace("\"v\":1", "\"v\":2");
        let words = from_json::<Summary>(newer.as_bytes()).unwrap_err().to_string();
        assert!(words.contains("has version 2, and this version of campana reads 1"), "{words}");
        let bare = serde_json::to_string(&summary()).unwrap();
        let words = from_json::<Summary>(bare.as_bytes()).unwrap_err().to_string();
        assert!(words.contains("missing field `v`"), "{words}");
    }
}
