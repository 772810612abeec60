//! Tests of how a receiver understands Monika.

use std::time::Duration;

use super::{errors, load};
use crate::settings::{MonikaSettings, MonikaWebhook};

fn with_monika(keys: &str) -> String {
    format!("receivers: [{{name: r, monika: {keys}, chatbots: [{{name: b, access_token: t}}]}}]\n")
}

#[test]
fn incidents_close_after_a_day_unless_the_receiver_says_otherwise() {
    let (day, minute) = (Some(Duration::from_hours(24)), Some(Duration::from_mins(1)));
    for (keys, webhook, max_age) in [
        ("{}", MonikaWebhook::Either, day),
        ("{webhook: either}", MonikaWebhook::Either, day),
        ("{webhook: toggle, max_age: 1m}", MonikaWebhook::Toggle, minute),
        ("{max_age: 0}", MonikaWebhook::Either, None),
        ("{max_age: 0s}", MonikaWebhook::Either, None),
    ] {
        let settings = load(&with_monika(keys));
        assert_eq!(settings.receivers[0].monika, MonikaSettings { webhook, max_age }, "{keys}");
    }
    assert_eq!(MonikaSettings::default().max_age, day);
}

#[test]
fn what_monika_cannot_be_understood_by_is_refused_in_words() {
    for (keys, words) in [
        ("{webhook: togle}", "expected one of either, toggle, found the text `togle`"),
        ("{webhook: togle}", "did you mean `toggle`?"),
        ("{max_age: 59s}", "max_age: an incident stays open for 1m at least; 0 keeps it open"),
        ("{max_age: 2y}", "expected a duration from 0s to 365d, found the text `2y`"),
        ("{max-age: 1h}", "monika.max-age: unknown key; did you mean `max_age`?"),
        ("toggle", "monika: expected a mapping"),
    ] {
        let found = errors(&with_monika(keys));
        assert!(found.contains(words), "{keys}: {found}");
    }
}
