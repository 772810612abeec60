//! What must hold of every digest: it fits, each group that it takes is seen in its place, and values
//! stay values.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::dingtalk::message::Markup;
use crate::dingtalk::{group, robot};
use crate::render::tests::hostile::value;
use crate::render::tests::judge::{found, has_bare_address, holds_address, mentions};

/// A group of a storm: how severe, whether it fires, since when, and a label of some length.
#[derive(Debug, Clone)]
struct Sample {
    severity: &'static str,
    fires: bool,
    has_fired: bool,
    minute: Option<u8>,
    alerts: u64,
    filler: String,
}

impl Sample {
    fn states(&self, n: usize) -> Vec<State> {
        let place = format!("db-{n:03}x");
        let labels = [("cluster", "prod"), ("team", &*self.filler), ("instance", &*place)];
        let one = firing(&format!("Name{n:03}x"), self.severity, &labels);
        let since = self.minute.map(|minute| time(&format!("03:{minute:02}")));
        let one = State { since, firing: self.alerts, ..one };
        let newest = if self.fires { one.clone() } else { one.clone().resolved() };
        let earlier = if self.has_fired { one } else { one.resolved() };
        vec![earlier, newest]
    }

    fn reading_order(&self) -> impl Ord {
        let since = self.minute.map(|minute| time(&format!("03:{minute:02}")));
        (!self.fires, SeverityOrder::USUAL.place(self.severity), Reverse(since))
    }
}

const SEVERITIES: [&str; 6] = ["critical", "error", "warning", "info", "", "P1"];

fn sample() -> impl Strategy<Value = Sample> {
    let filler = (
        prop_oneof![9 => 0_usize..12, 1 => 0_usize..300],
        proptest::sample::select(['a', '磁', '"', '<', '@', '*', '\u{1F525}'].as_slice()),
    );
    let severity = proptest::sample::select(SEVERITIES.as_slice());
    let minute = proptest::option::of(0_u8..29);
    (severity, any::<[bool; 2]>(), minute, 1_u64..4, filler).prop_map(
        |(severity, [fires, has_fired], minute, alerts, (length, c))| {
            let filler = c.to_string().repeat(length);
            Sample { severity, fires, has_fired, minute, alerts, filler }
        },
    )
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    prop_oneof![
        proptest::collection::vec(sample(), 1..8),
        proptest::collection::vec(sample(), 8..400)
    ]
}

fn surface(max_bytes: usize, api: &'static crate::dingtalk::message::Api) -> Surface {
    Surface { max_bytes, keywords: vec!["值班".to_owned()], ..Surface::new(api) }
}

/// What must hold of any digest for `surface`.
fn is_valid(digest: &Digest, surface: &Surface, at: &At) -> Result<(), TestCaseError> {
    prop_assert_eq!(&digest.error, &None);
    let (part, size) = (&digest.part, digest.part.size(surface.api));
    prop_assert!(size <= surface.max_bytes, "{} of {}", size, surface.max_bytes);
    prop_assert!(part.shortened.is_empty(), "it was not cut again");
    let text = part.text();
    prop_assert!(text.contains(surface.keywords[0].as_str()));
    if let Some(title) = part.title() {
        prop_assert!(!title.trim().is_empty() && title.encode_utf16().count() <= 64, "{}", title);
    }
    let expected = if surface.api.mentions { at.clone() } else { At::default() };
    let mentioned: BTreeSet<&str> = expected.mobiles.iter().map(String::as_str).collect();
    prop_assert_eq!(mentions(&text), mentioned);
    prop_assert_eq!(&part.at, &expected);
    Ok(())
}

/// The numbers of the groups in the order of their lines.
fn shown(digest: &Digest) -> Vec<usize> {
    let text = digest.part.text();
    let lines = text.lines().filter(|line| line.contains("Name"));
    let places = lines.filter_map(|line| line.split_once(" db-").or(line.split_once("· db-")));
    places.map(|(_, rest)| rest.split_once('x').unwrap().0.parse().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn it_fits_and_each_group_that_it_takes_is_seen_in_its_place(
        samples in samples(),
        max_bytes in 1_600_usize..20_000,
        text in any::<bool>(),
        is_chatbot in any::<bool>(),
        most in proptest::option::of(1_usize..40),
        language in proptest::sample::select(Language::ALL.as_slice()),
    ) {
        let all: Vec<Vec<State>> = samples.iter().enumerate().map(|(n, one)| one.states(n)).collect();
        let message_type = if text { MessageType::Text } else { MessageType::Markdown };
        let surface = surface(max_bytes, if is_chatbot { &robot::API } else { &group::API });
        let at = mobile("13800000000");
        let all = mentioning(all, &at);
        let digest = write(&groups(&all), &style(message_type, language), &surface, most, now());
        is_valid(&digest, &surface, &at)?;
        let lines = shown(&digest);
        let mut order: Vec<usize> = (0..digest.groups).collect();
        order.sort_by_key(|n| samples[*n].reading_order());
        prop_assert_eq!(&lines, &order[..lines.len()]);
        let shown_text = digest.part.text();
        for n in &lines {
            let name = format!("Name{n:03}x");
            prop_assert!(shown_text.contains(&name), "{} in {}", name, shown_text);
        }
        let unshown = digest.groups - lines.len();
        let more = (language.words().digest.more_groups)(unshown);
        prop_assert_eq!(shown_text.contains(&more), unshown > 0, "{}", shown_text);
        prop_assert!(digest.groups > 0 && lines.len() <= most.unwrap_or(usize::MAX));
        prop_assert!(unshown == 0 || (digest.groups == all.len() && most == Some(lines.len())));
    }

    #[test]
    fn links_and_mentions_are_exactly_ours(
        values in proptest::collection::vec((value(), value(), value(), "[a-z_#*-]{1,6}"), 1..30),
        language in proptest::sample::select(Language::ALL.as_slice()),
    ) {
        let all: Vec<Vec<State>> = values
            .iter()
            .map(|(name, severity, place, odd)| {
                vec![firing(name, severity, &[(odd, place), ("cluster", place), ("fixed", "1")])]
            })
            .collect();
        let at = mobile("13800000000");
        let all = mentioning(all, &at);
        let surface = surface(19_500, &robot::API);
        for message_type in [MessageType::Markdown, MessageType::Text] {
            let style = style(message_type, language);
            let digest = write(&groups(&all), &style, &surface, None, now());
            is_valid(&digest, &surface, &at)?;
            let text = digest.part.text();
            let page = "http://am.example:9093/#/alerts?receiver=campana";
            let pages: BTreeSet<&str> = all.iter().map(|states| &*states[0].link).chain([page]).collect();
            let is_linked = match message_type.markup() {
                Markup::Markdown => {
                    let found = found(&text);
                    prop_assert!(found.other.is_empty(), "{:?} in {}", found.other, text);
                    prop_assert_eq!(found.bold, digest.groups);
                    for link in &found.links {
                        prop_assert!(pages.contains(&**link), "{}", link);
                    }
                    has_bare_address(&text)
                }
                Markup::Plain => {
                    holds_address(&text.replace(&["Alertmanager: ", page].concat(), ""))
                }
            };
            let title = digest.part.title().unwrap_or_default();
            prop_assert!(!is_linked && !holds_address(&title), "an address in {}", text);
        }
    }
}

#[test]
fn a_part_has_room_for_hundreds_of_groups() {
    let all: Vec<Vec<State>> = (0..400)
        .map(|n| {
            let place = format!("node-{n:03}:9100");
            vec![firing("NodeDown", "critical", &[("cluster", "prod"), ("instance", &place)])]
        })
        .collect();
    let digest = markdown(&all);
    assert!(digest.groups > 250, "{}", digest.groups);
    let size = digest.part.size(&robot::API);
    assert!(size > 19_200, "the room is used: {size}");
    let text = digest.part.text();
    assert!(!text.contains("[NodeDown]"), "so many have no link each");
    assert!(
        text.lines().filter(|line| line.contains("node-")).all(|line| line.chars().count() < 60)
    );
}

#[test]
fn one_group_that_is_too_large_is_cut() {
    let labels: Vec<(String, String)> =
        (0..50).map(|n| (format!("label_{n}"), "磁".repeat(200))).collect();
    let labels: Vec<(&str, &str)> = labels.iter().map(|(n, v)| (&**n, &**v)).collect();
    let all = vec![vec![firing("Disk", "info", &labels)], vec![firing("Cpu", "info", &[])]];
    let style = style(MessageType::Markdown, Language::En);
    for max_bytes in [700, 1_600, 5_000] {
        let surface = surface(max_bytes, &robot::API);
        let digest = write(&groups(&all), &style, &surface, None, now());
        assert_eq!((digest.groups, &*digest.part.shortened), (1, ""));
        let size = digest.part.size(&robot::API);
        assert!((max_bytes - 250..=max_bytes).contains(&size), "{size} of {max_bytes}");
        assert!(digest.part.text().contains("…"), "{}", digest.part.text());
    }
}

#[test]
fn mentions_that_are_too_many_leave_room_for_the_groups() {
    let at = At { mobiles: (0..60).map(|n| format!("138{n:08}")).collect(), ..At::default() };
    let all = mentioning(vec![vec![firing("Disk", "info", &[])]], &at);
    let style = style(MessageType::Text, Language::En);
    let surface = surface(2_000, &robot::API);
    let digest = write(&groups(&all), &style, &surface, None, now());
    assert!((1..50).contains(&digest.part.at.mobiles.len()));
    assert!(digest.part.size(&robot::API) <= 2_000 && digest.part.text().contains("Disk"));
}
