//! Parts of a message: each fits, each has its keyword, and nothing is lost without a word.

use campana::alert::{Alert, Labels, Notification};
use campana::dingtalk::message::{Api, MessageType, Part};
use campana::dingtalk::{group, robot};
use campana::intake::preview::compile;
use campana::render::paginate::smaller;
use campana::render::profile::Profile;
use campana::render::template::{RenderInput, Stop, Template};
use campana::render::{
    Language, Mention, RenderBudget, Rendered, SeverityOrder, Style, Subject, Surface,
};

use crate::choices::Choices;
use crate::judge::shown_and_omitted;
use crate::messages::{TYPES, alert, built_in, notification, now, style};

/// The most parts of a message.
const MOST_PARTS: usize = 5;

/// The smallest part that the configuration can ask for, in bytes.
const LEAST_BYTES: usize = 1_000;

/// What says, in each language, that something lost its end.
const SHORTENED: [&str; 2] = ["… shortened", "…（内容过长，已截断）"];

/// The keyword of a robot that asks for one.
const KEYWORD: &str = "值班";

/// Characters of which values are made: of each length in UTF-8, and such as JSON and Markdown escape.
const LETTERS: [char; 12] =
    ['a', '0', 'é', '磁', '\u{1F525}', '"', '\\', '<', '@', '*', '\n', '\u{1}'];

/// A template that writes a line for each alert, and one whose text is long without any.
const TEMPLATES: [&str; 2] = [
    "## {{ .Status }}\n{{ range .Alerts }}{{ .Labels.alertname }} {{ .Annotations.summary }}\n{{ end }}",
    "{{ range .Alerts }}{{ .Labels.alertname }} {{ end }}\n{{ range .Alerts }}\n\n{{ .Annotations.description }}{{ end }}",
];

/// What is asked of a message.
struct Asked {
    surface: Surface,
    style: Style,
    template: Option<Template>,
    notification: Notification,
}

/// A message of made-up alerts for a destination, then one of its parts cut again.
///
/// # Panics
///
/// When a part is too large or lacks what must stand in it, or something is missing in all of them.
pub fn holds(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let asked = Asked::choose(&mut choices);
    let Rendered { parts, error } = asked.write();
    // A template may be too long in its frame, but what is in its place has to hold all the same.
    assert!(asked.template.is_some() || error.is_none(), "{error:?}");
    assert!((1..=MOST_PARTS).contains(&parts.len()), "{} parts", parts.len());
    for (index, part) in parts.iter().enumerate() {
        is_whole(part, &asked.surface);
        assert!(index == 0 || part.at.is_empty(), "only the first part mentions");
        let heading = part.text().lines().next().unwrap_or_default().to_owned();
        let mark = format!("({}/{})", index + 1, parts.len());
        assert_eq!(heading.trim_end().ends_with(&mark), parts.len() > 1, "{heading}");
    }
    asked.are_shown(&parts);
    let part = choices.one_of(&parts);
    is_cut_again(&part, &asked, &mut choices);
}

impl Asked {
    fn choose(choices: &mut Choices<'_>) -> Self {
        let (message_type, language) = (choices.one_of(&TYPES), choices.one_of(&Language::ALL));
        let template = choices.below(4).checked_sub(2).map(|template| {
            compile(Profile::default(), language, &[], None, Some(TEMPLATES[template]))
                .expect("they are valid")
        });
        let surface = surface(choices);
        let count = 1 + choices.below(64);
        let notification = notification((0..count).map(|n| numbered(n, choices)).collect());
        Self { surface, style: style(message_type, language), template, notification }
    }

    fn write(&self) -> Rendered {
        let Some(template) = &self.template else {
            return built_in(&self.notification, &self.style, &self.surface, now());
        };
        let subject = Subject::new(&self.notification, &SeverityOrder::USUAL);
        let input = RenderInput { template, subject: &subject, style: &self.style, now: now() };
        RenderBudget::new(Stop::default()).message(&input, &self.surface)
    }

    /// Each alert is named or counted, and what is not shortened is shown from its start to its end.
    fn are_shown(&self, parts: &[Part]) {
        let texts: Vec<String> = parts.iter().map(said).collect();
        let is_shortened = SHORTENED.iter().any(|words| texts.concat().contains(words));
        let (shown, omitted) = shown_and_omitted(&texts);
        if self.template.is_none() || !is_shortened {
            assert_eq!(shown + omitted, self.notification.alerts.len(), "{texts:#?}");
        }
        // On the last of all parts, alerts may stand with their names alone.
        if is_shortened || omitted > 0 || parts.len() == MOST_PARTS || self.template.is_some() {
            return;
        }
        for alert in &self.notification.alerts {
            for (_, value) in alert.annotations.iter() {
                for end in [&value[..6], &value[value.len() - 6..]] {
                    assert!(texts.iter().any(|text| text.contains(end)), "{end} in {texts:#?}");
                }
            }
        }
    }
}

/// The text of a part; a link says its title once, above its text.
fn said(part: &Part) -> String {
    let title = part.title().filter(|_| part.message_type == MessageType::Link);
    format!("{}{}", title.unwrap_or_default(), part.text())
}

/// A destination of either API, with a size, a keyword and mentions.
fn surface(choices: &mut Choices<'_>) -> Surface {
    let api: &'static Api = choices.one_of(&[&robot::API, &group::API]);
    let is_robot = api == &robot::API;
    let keywords = if is_robot && choices.flag() { vec![KEYWORD.to_owned()] } else { Vec::new() };
    let people = choices.below(8);
    let mention = Mention {
        mobiles: (0..people).map(|n| format!("1380000000{n}")).collect(),
        user_ids: (0..people / 2).map(|n| format!("user_{n}")).collect(),
        all: choices.flag(),
        resolved: choices.flag(),
    };
    let most = api.max_bytes - LEAST_BYTES + 1;
    let max_bytes = LEAST_BYTES + usize::from(choices.number()) % most;
    Surface { max_bytes, keywords, mention, ..Surface::new(api) }
}

/// The alert of this number, which its name and the ends of its annotations say.
fn numbered(n: usize, choices: &mut Choices<'_>) -> Alert {
    let is_resolved = choices.flag();
    let mut value = |name: char| {
        let length = usize::from(choices.byte());
        // Few are long.
        let length = if length > 250 { length * 40 } else { length };
        let letter = choices.one_of(&LETTERS);
        format!("{name}{n:03}b-{}-{name}{n:03}e", letter.to_string().repeat(length))
    };
    let annotations = [("summary", value('s')), ("description", value('d')), ("other", value('o'))];
    let place = value('p');
    let labels: Labels =
        [("alertname", format!("Name{n:03}x")), ("place", place)].into_iter().collect();
    alert(labels, annotations.into_iter().collect(), is_resolved)
}

/// Whether a part fits, and has its keyword and its mentions.
fn is_whole(part: &Part, surface: &Surface) {
    let size = part.size(surface.api);
    assert!(size <= surface.max_bytes, "{size} and not {} bytes", surface.max_bytes);
    has_keyword(part, surface);
    let text = part.text();
    for person in part.at.mobiles.iter().chain(&part.at.user_ids) {
        assert!(text.contains(&format!("@{person}")), "{person} is not in {text}");
    }
    if let Some(title) = part.title() {
        assert!(!title.trim().is_empty() && title.encode_utf16().count() <= 64, "{title}");
    }
}

fn has_keyword(part: &Part, surface: &Surface) {
    let text = part.text();
    let has = |keyword: &String| text.contains(keyword.as_str());
    assert!(surface.keywords.is_empty() || surface.keywords.iter().any(has), "{text}");
}

/// The parts in place of one that DingTalk found too long.
fn is_cut_again(part: &Part, asked: &Asked, choices: &mut Choices<'_>) {
    let max_bytes = LEAST_BYTES + usize::from(choices.number()) % asked.surface.max_bytes;
    let surface = Surface { max_bytes, ..asked.surface.clone() };
    let cut = smaller(part, &surface, asked.style.format.language);
    let size = part.size(surface.api);
    assert_eq!(cut.first().map(|first| &first.at), Some(&part.at), "the first mentions as before");
    if cut.len() == 1 && &cut[0] == part {
        return;
    }
    for (index, one) in cut.iter().enumerate() {
        assert!(one.size(surface.api) < size, "each is smaller");
        assert!(one.size(surface.api) <= max_bytes.max(size / 2), "{}", one.size(surface.api));
        has_keyword(one, &surface);
        assert!(index == 0 || one.at.is_empty(), "only the first mentions");
        let has_heading = one.heading.trim_start() == part.heading.trim_start();
        assert!(has_heading || one.heading.contains('…'), "{} of {part:?}", one.heading);
    }
    let bodies = |parts: &[Part]| -> String {
        let bodies = parts.iter().flat_map(|part| part.body.chars());
        bodies.filter(|c| !c.is_whitespace()).collect()
    };
    let is_told = |one: &Part| !one.shortened.is_empty() || one.heading.ends_with('…');
    if !cut.iter().any(is_told) {
        assert_eq!(bodies(&cut), bodies(std::slice::from_ref(part)), "all of the body of {part:?}");
        assert_eq!(part.shortened, "", "what was lost before is told");
    }
}
