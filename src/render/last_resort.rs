//! The message that is sent when the code for the built-in message panicked: a few plain words.
//!
//! The two share no code but the mentions, so a value that breaks the built-in message does not break
//! this one.

use crate::alert::{Notification, Status};
use crate::dingtalk::message::{At, MessageType, Part};

use super::{Language, Surface, mention};

/// The longest list of names, in characters; small enough for every destination.
const LENGTH: usize = 300;

/// A text with the counts of firing and resolved alerts, and with their names.
pub(super) fn write(notification: &Notification, language: Language, surface: &Surface) -> Part {
    let is_firing = |status| status == Status::Firing;
    let firing = notification.alerts.iter().filter(|alert| is_firing(alert.status)).count();
    let resolved = notification.alerts.len() - firing;
    let names = notification.alerts.iter().filter_map(|alert| alert.labels.get("alertname"));
    let at = mention::at(surface, notification.status);
    of_counts((firing, resolved), names.collect(), at, language, surface)
}

/// The same of the counts of firing and resolved alerts and of all their names.
pub(super) fn of_counts(
    (firing, resolved): (usize, usize),
    mut names: Vec<&str>,
    at: At,
    language: Language,
    surface: &Surface,
) -> Part {
    names.sort_unstable();
    names.dedup();
    let words = language.words();
    // A name of letters, digits and these marks alone can be neither a mention nor a link.
    let is_safe = |c: char| c.is_alphanumeric() || " -_.,:".contains(c);
    let names = names.join(", ");
    let safe = names.chars().map(|c| if is_safe(c) { c } else { ' ' }).take(LENGTH);
    let mut text = (words.states)(firing, resolved);
    text.extend(safe);
    text.push('\n');
    text.push_str(words.unwritten);
    let mentions = mention::line(&at);
    for line in surface.keywords.first().into_iter().chain([&mentions]) {
        text.push('\n');
        text.push_str(line);
    }
    Part { at, ..Part::new(MessageType::Text, "", text.trim_end()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::robot;
    use crate::render::tests::{alert, chatbot, notification, resolved};

    #[test]
    fn it_says_how_many_and_which_and_is_small() {
        let one = alert(&[("alertname", "Disk @all [x](http://y)")], &[]);
        let mut notification = notification(vec![one, resolved(alert(&[], &[]))]);
        let mut surface = chatbot();
        surface.keywords = vec!["alert!".into()];
        surface.mention.mobiles = vec!["138".into()];
        assert_eq!(
            write(&notification, Language::En, &surface).text(),
            "firing 1, resolved 1: Disk  all  x  http:  y \n\
             This alert could not be written in full. See Alertmanager or Grafana.\nalert!\n@138"
        );
        assert_eq!(
            write(&notification, Language::ZhCn, &chatbot()).text(),
            "告警 1 条，已恢复 1 条：Disk  all  x  http:  y \n\
             告警内容未能完整显示，请到 Alertmanager 或 Grafana 查看。"
        );
        let many = (0..9_999).map(|n| alert(&[("alertname", &format!("磁盘{n}"))], &[]));
        notification.alerts = many.collect();
        assert!(write(&notification, Language::En, &surface).size(&robot::API) < 2_000);
    }
}
