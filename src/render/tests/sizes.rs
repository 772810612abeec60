//! Sizes: every part fits, no alert is lost without being counted, and work does not explode.

use proptest::prelude::*;

use super::judge::shown_and_omitted;
use super::{alert, chatbot, notification, render_with, resolved, style, write};
use crate::alert::Alert;
use crate::dingtalk::message::{Api, ButtonLayout, MessageType, Part};
use crate::dingtalk::{chat, group, robot};
use crate::render::paginate::page::MOST_PARTS;
use crate::render::paginate::smaller;
use crate::render::{ButtonKind, Format, Language, LinkOpening, Mention, Rendered, Surface};

/// The types that alerts are told by.
const TYPES: [MessageType; 4] =
    [MessageType::Markdown, MessageType::Text, MessageType::ActionCard, MessageType::Link];

const APIS: [&Api; 3] = [&robot::API, &group::API, &chat::API];

fn texts(parts: &[Part]) -> Vec<String> {
    parts.iter().map(said).collect()
}

/// The text of a part; a link says its title once, above its text.
fn said(part: &Part) -> String {
    let title = part.title().filter(|_| part.message_type == MessageType::Link);
    format!("{}{}", title.unwrap_or_default(), part.text())
}

fn sized(name: &str, words: &[(usize, char)], fires: bool) -> Alert {
    let mut values = words.iter().map(|(length, c)| c.to_string().repeat(*length));
    let mut next = || values.next().unwrap_or_default();
    let (summary, description, place) = (next(), next(), next());
    let one = alert(
        &[("alertname", name), ("severity", "warning"), ("place", &place)],
        &[("summary", &summary), ("description", &description)],
    );
    if fires { one } else { resolved(one) }
}

fn is_valid(part: &Part, surface: &Surface) -> Result<(), TestCaseError> {
    prop_assert!(part.size(surface.api) <= surface.max_bytes, "{}", part.size(surface.api));
    let counts = ["[FIRING:", "[RESOLVED:", "[告警:", "[已恢复:"];
    let text = part.text();
    let said = said(part);
    prop_assert!(counts.iter().any(|count| said.contains(count)), "{}", said);
    if let Some(title) = part.title() {
        prop_assert!(!title.trim().is_empty() && title.encode_utf16().count() <= 64, "{}", title);
    }
    let keyword = &surface.keywords[0];
    prop_assert!(text.contains(keyword.as_str()));
    for mobile in &part.at.mobiles {
        let mention = format!("@{mobile}");
        prop_assert!(text.contains(&mention));
    }
    Ok(())
}

fn surface(max_bytes: usize, api: &'static Api) -> Surface {
    let mobiles = vec!["13800000000".to_owned(), "13900000000".to_owned()];
    Surface {
        max_bytes,
        keywords: vec!["值班".to_owned()],
        mention: Mention { mobiles, resolved: true, ..Mention::default() },
        ..Surface::new(api)
    }
}

fn alerts() -> impl Strategy<Value = Vec<(Vec<(usize, char)>, bool)>> {
    let word = (
        prop_oneof![9 => 0_usize..80, 1 => 0_usize..30_000],
        proptest::sample::select(['a', '磁', '"', '<', '@', '*', '\u{1F525}'].as_slice()),
    );
    let one = (proptest::collection::vec(word, 3), any::<bool>());
    prop_oneof![proptest::collection::vec(one.clone(), 1..6), proptest::collection::vec(one, 6..60)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_part_fits_and_every_alert_is_shown_or_counted(
        alerts in alerts(),
        max_bytes in 1_600_usize..20_000,
        message_type in proptest::sample::select(TYPES.as_slice()),
        layout in proptest::sample::select(ButtonLayout::ALL.as_slice()),
        links in proptest::sample::select(LinkOpening::ALL.as_slice()),
        api in proptest::sample::select(APIS.as_slice()),
        language in proptest::sample::select(Language::ALL.as_slice()),
        fuel in prop_oneof![Just(u64::MAX), 0_u64..2_000],
    ) {
        let names: Vec<String> = (0..alerts.len()).map(|n| format!("Name{n:03}x")).collect();
        let written = names.iter().zip(&alerts);
        let all = written.map(|(name, (words, fires))| sized(name, words, *fires));
        let notification = notification(all.collect());
        let surface = surface(max_bytes, api);
        let mut style = style(message_type, language);
        style.format = Format { layout, links, buttons: ButtonKind::ALL.to_vec(), ..style.format };
        let Rendered { parts, error } = render_with(fuel, &notification, &style, &surface);
        prop_assert!(fuel < u64::MAX || error.is_none());
        prop_assert!((1..=MOST_PARTS).contains(&parts.len()));
        for (index, part) in parts.iter().enumerate() {
            is_valid(part, &surface)?;
            prop_assert_eq!(part.at.is_empty(), index > 0 || !api.mentions);
            let is_last = index + 1 == parts.len();
            prop_assert!(part.buttons.is_empty() || is_last);
            prop_assert_eq!(part.message_type.opens_pages(), !part.buttons.is_empty());
            let mark = format!("({}/{})", index + 1, parts.len());
            let text = part.text();
            let heading = text.lines().next().unwrap_or_default();
            prop_assert_eq!(heading.ends_with(&mark), parts.len() > 1, "{}", heading);
        }
        let (shown, omitted) = shown_and_omitted(&texts(&parts));
        prop_assert_eq!(shown + omitted, names.len());
    }

    #[test]
    fn a_part_that_is_too_long_is_cut_until_it_is_not(
        alerts in alerts(),
        limit in 700_usize..3_000,
        message_type in proptest::sample::select(TYPES.as_slice()),
    ) {
        let all = alerts.iter().map(|(words, fires)| sized("Name", words, *fires));
        let surface = surface(19_500, &robot::API);
        let limited = Surface { max_bytes: limit, ..surface.clone() };
        for part in write(&notification(all.collect()), message_type, &surface) {
            let size = part.size(&robot::API);
            let cut = smaller(&part, &limited, Language::En);
            prop_assert!(cut.iter().all(|one| one.size(&robot::API) < size));
            for (index, one) in cut.iter().enumerate() {
                is_valid(one, &limited)?;
                prop_assert!(index == 0 || one.at.is_empty());
            }
            prop_assert_eq!(&cut[0].at, &part.at);
        }
    }
}

#[test]
fn ten_thousand_alerts_are_five_parts() {
    let names: Vec<String> = (0..10_000).map(|n| format!("Name{n:05}x")).collect();
    let words = [(40, 'a'), (300, '磁'), (10, '@')];
    let all = names.iter().enumerate().map(|(n, name)| sized(name, &words, n % 3 > 0)).collect();
    let parts = write(&notification(all), MessageType::Markdown, &chatbot());
    assert_eq!(parts.len(), MOST_PARTS);
    let (shown, omitted) = shown_and_omitted(&texts(&parts));
    assert_eq!(shown + omitted, 10_000);
    assert!(shown > 100, "{shown} alerts are shown");
    for part in &parts {
        let size = part.size(&robot::API);
        assert!((17_000..=19_500).contains(&size), "a part uses its room: {size}");
    }
}

#[test]
fn without_fuel_a_message_is_counts_the_worst_alerts_and_the_link() {
    let words = [(40, 'a'), (300, 'b'), (10, 'c')];
    let name = |n: usize| format!("Name{n:05}x");
    let all = (0..10_000).map(|n| sized(&name(n), &words, n % 3 == 0)).collect();
    let notification = notification(all);
    let english = style(MessageType::Markdown, Language::En);
    let Rendered { parts, error } = render_with(0, &notification, &english, &chatbot());
    assert!(error.is_some_and(|error| error.contains("used up their budget")));
    assert_eq!(parts.len(), 1);
    let text = parts[0].text();
    assert!(text.starts_with("### 🟠 [FIRING:3334] [RESOLVED:6666] Name00000x, "), "{text}");
    let firing: Vec<String> = (0..20).map(|n| name(3 * n)).collect();
    assert!(firing.iter().all(|name| text.contains(&format!("FIRING {name}"))), "{text}");
    assert!(text.contains("and 9980 more") && text.contains("](http://am.example:9093/"), "{text}");
    assert!(text.ends_with("In short: so many alerts for so many receivers are too much work."));
    // Where the fuel ends later, what was written before stands as it would.
    let full = write(&notification, MessageType::Markdown, &chatbot());
    let some = render_with(3_000, &notification, &english, &chatbot()).parts;
    assert!(some.len() > 1 && some.len() < full.len(), "{} parts", some.len());
    assert_eq!(some[0].body, full[0].body);
}

#[test]
fn one_huge_alert_is_one_shortened_part() {
    let one = sized("Disk", &[(2_000_000, '磁'), (2_000_000, 'a'), (10, 'b')], true);
    let parts = write(&notification(vec![one]), MessageType::Markdown, &chatbot());
    let text = parts[0].text();
    assert!(parts.len() == 1 && text.contains("… shortened") && text.contains("place: bbbbbbbbbb"));
    assert!(parts[0].size(&robot::API) > 19_000, "the room is used");
}

#[test]
fn a_thousand_labels_do_not_hide_the_alert() {
    let labels: Vec<(String, String)> =
        (0..1_000).map(|n| (format!("label_{n}"), "v".repeat(200))).collect();
    let mut one = alert(&[], &[("summary", "the summary")]);
    one.labels = labels.into_iter().chain([("alertname".into(), "Disk".into())]).collect();
    for message_type in [MessageType::Markdown, MessageType::Text] {
        let parts = write(&notification(vec![one.clone()]), message_type, &chatbot());
        let text = parts[0].text();
        assert!(text.contains("the summary") && text.contains("since 2026-11-21 03:12"), "{text}");
        assert!(text.contains("… shortened"));
    }
}

#[test]
fn the_mark_of_a_shortened_alert_begins_the_paragraph_that_would_have_followed() {
    let long = "v".repeat(3_000);
    let one = Alert {
        starts_at: None,
        generator_url: String::new(),
        ..alert(&[("alertname", "Disk"), ("place", &long)], &[])
    };
    let mut notification = notification(vec![one]);
    notification.external_url = String::new();
    let text = write(&notification, MessageType::Text, &surface(1_000, &robot::API))[0].text();
    assert!(text.contains("vv…\n\n… shortened"), "{text}");
}
