//! The translation of Grafana's provisioned contact points: each of type `dingding` becomes a
//! receiver, to which a contact point of type webhook posts.

use super::kind::Kind;
use super::robot::{Robot, address, note_signature};
use super::source::{Object, Placed};
use super::translation::Translation;
use crate::settings::decode::shown;

/// Translates the contact points.
pub(super) fn translate<'t>(translation: &mut Translation<'t>, objects: &[Object<'t>]) {
    let files = objects.iter().filter(|object| object.kind == Some(Kind::Grafana));
    let points =
        files.filter_map(|object| object.root.get("contactPoints")).flat_map(Placed::items);
    for point in points {
        let name = point.text_at(&["name"]).unwrap_or("grafana");
        for receiver in point.get("receivers").into_iter().flat_map(Placed::items) {
            let kind = receiver.text_at(&["type"]).unwrap_or_default();
            if kind == "dingding" {
                contact(translation, name, receiver);
            } else {
                let kind = shown(kind);
                let text = format!("the contact of type `{kind}` is left out");
                translation.findings.note_at(receiver, text);
            }
        }
    }
}

fn contact(translation: &mut Translation<'_>, name: &str, receiver: Placed<'_>) {
    let findings = translation.findings;
    let url = ["settings", "secureSettings"].into_iter().find_map(|key| {
        let value = receiver.at(&[key, "url"])?;
        Some((value.text()?, value))
    });
    let Some((url, value)) = url else {
        findings.error_at(receiver, "this contact of type `dingding` has no `url`");
        return;
    };
    let owner = translation.owners.take(name);
    let place = value.words();
    let (words, secret) = (format!("`url` of contact point `{name}` ({place})"), None);
    let address = address(findings, url, &place, &words);
    note_signature(findings, url, &place);
    findings.note(format!(
        "In Grafana, give contact point `{name}` the type `webhook` and the URL \
         http://campana.example:8060/api/v1/receivers/{}/alerts.",
        owner.name
    ));
    if ["title", "message"].iter().any(|key| receiver.at(&["settings", key]).is_some()) {
        findings.note_at(
            receiver,
            "its title and message are templates of Grafana's data, and Campana writes its own \
             words; templates of yours stand under `message`",
        );
    }
    if let Some(kind) = receiver.text_at(&["settings", "msgType"]) {
        let kind = shown(kind);
        findings.note_at(receiver, format!("`msgType: {kind}`: `message.type` is the key here"));
    }
    let robot = Robot { owner: owner.clone(), address, secret, lender: None };
    translation.add(&robot, None, None);
}
