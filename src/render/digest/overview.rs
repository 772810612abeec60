//! What stands above and below the lines of a digest: how many of what, what all groups share, why
//! they come in one message, and where to see more.
//!
//! Each piece has a share of the part, so that the lines always have one too.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::group::{CommonLabels, GroupState, Standing, Story};
use super::line::{self, Manner, all_counts, label_text};
use crate::dingtalk::message::Markup;
use crate::render::builtin::heading::{listed, value};
use crate::render::builtin::times;
use crate::render::facts::{counted_by, reddest, severest_by};
use crate::render::link;
use crate::render::markdown::{self, BETWEEN};
use crate::render::paginate::page::paragraph_size;
use crate::render::paginate::size::{json_size, start_of};
use crate::render::plain;
use crate::render::severity::{Place, Urgency};
use crate::render::words::Words;

/// How many severities and names are counted one by one; more would be no overview.
const MOST_COUNTED: usize = 5;

/// One of so many bytes of a part may be a link, or a line of counts.
const SHARE: usize = 8;

/// The words of the link to Alertmanager.
const ALERTMANAGER: &str = "Alertmanager";

/// All of a digest but its lines.
#[derive(Debug)]
pub(super) struct Overview<'a> {
    /// What a phone shows before the message is opened.
    pub(super) title: String,
    /// The heading as it stands in the message.
    pub(super) heading: String,
    /// The lines above those of the groups; an empty one begins a paragraph.
    pub(super) above: Vec<String>,
    /// The lines below them.
    pub(super) below: Vec<String>,
    pub(super) common: CommonLabels<'a>,
}

impl<'a> Overview<'a> {
    /// The overview of `stories` for a part with so many bytes.
    pub(super) fn of(stories: &[Story<'a>], manner: &Manner<'_>, room: usize) -> Self {
        let standing = stories.iter().map(|story| story.standing).min();
        let standing = standing.unwrap_or(Standing::Resolved);
        let title = title(stories, standing, manner);
        let shown = standing_so(stories, standing);
        let urgencies = shown.map(|story| manner.order.urgency(story.newest.severity));
        let urgency = reddest(urgencies).unwrap_or(Urgency::Unknown);
        let mark = match manner.markup {
            Markup::Markdown => "### ",
            Markup::Plain => "",
        };
        let groups = (manner.words.digest.groups)(stories.len());
        let pieces = [line::mark(standing, urgency), &counts(stories, manner), &groups];
        let pieces: Vec<_> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        let heading = [mark, &pieces.join(" ")].concat();
        let common = CommonLabels::of(stories);
        let labels = common.labels.iter().filter_map(|label| label_text(*label));
        let labels = manner.line(&labels.collect::<Vec<_>>().join(BETWEEN));
        let severities = manner.line(&severities(stories, standing, manner));
        let above = vec![
            start_of(&severities, room / SHARE),
            start_of(&manner.line(&names(stories, standing, manner)), room / SHARE),
            alerts(stories, manner).unwrap_or_default(),
            String::new(),
            start_of(&labels, room / SHARE * 2),
        ];
        let below = [Some(reason(manner)), link(stories, manner, room / SHARE)];
        let below = below.into_iter().flatten().collect();
        Self { title, heading, above, below, common }
    }

    /// The most bytes that it takes.
    pub(super) fn size(&self) -> usize {
        let lines = self.above.iter().chain(&self.below);
        lines.chain([&self.heading]).map(|line| paragraph_size(line)).sum()
    }
}

/// The severest severity of the groups; those that fire come first.
pub(super) fn severest<'a>(stories: &[Story<'a>]) -> &'a str {
    severest_by(stories.iter().map(|story| {
        let GroupState { status, severity, .. } = story.newest;
        (status, (story.standing, story.severe), severity)
    }))
}

/// How many alerts fire, and how many are resolved.
pub(super) fn totals(stories: &[Story<'_>]) -> (u64, u64) {
    stories.iter().fold((0, 0), |(firing, resolved): (u64, u64), story| {
        (firing.saturating_add(story.newest.firing), resolved.saturating_add(story.resolved))
    })
}

/// `[FIRING:182] [RESOLVED:18] 40 critical: DiskFull, CniDown and 4 others`, not cut yet: the most severe
/// alone, so that names have room, and the names of the newest states.
fn title(stories: &[Story<'_>], standing: Standing, manner: &Manner<'_>) -> String {
    let words = manner.words;
    let severest = counted_severities(stories, standing).into_iter().next();
    let severest = severest.filter(|(severity, _)| value(severity).is_some());
    let is_meant =
        |story: &&Story<'_>| severest.is_none_or(|(severity, _)| story.newest.severity == severity);
    let shown = standing_so(stories, standing).filter(is_meant);
    let names = counted_names(shown, |story| story.newest.names().collect());
    let names: Vec<_> = names.iter().filter_map(|(name, _)| value(name)).collect();
    let names = listed(&names, names.len(), words);
    let severest = severest.and_then(|(severity, count)| {
        Some([&(words.digest.severity)(&value(severity)?, count), ": "].concat())
    });
    let title = [&*counts(stories, manner), " ", &severest.unwrap_or_default(), &names].concat();
    plain::unlinked(&title).into_owned()
}

/// `[FIRING:182] [RESOLVED:18]`, and the groups that may have ended or not.
fn counts(stories: &[Story<'_>], manner: &Manner<'_>) -> String {
    let Words { firing, resolved, unknown, .. } = *manner.words;
    let words =
        [(Standing::Firing, firing), (Standing::Open, unknown), (Standing::Resolved, resolved)];
    let counts = words.map(|(standing, word)| (word, standing_so(stories, standing).count()));
    let said = counts.into_iter().filter(|(_, count)| *count > 0);
    said.map(|(word, count)| format!("[{word}:{count}]")).collect::<Vec<_>>().join(" ")
}

fn standing_so<'s, 'a>(
    stories: &'s [Story<'a>],
    standing: Standing,
) -> impl Iterator<Item = &'s Story<'a>> {
    stories.iter().filter(move |story| story.standing == standing)
}

/// How many groups that stand so have which severity, the most severe first.
fn counted_severities<'a>(stories: &[Story<'a>], standing: Standing) -> Vec<(&'a str, usize)> {
    counted_by(standing_so(stories, standing).map(|story| (story.severe, story.newest.severity)))
}

/// How many groups have which severity, among those that stand as the message says; each stands beside the
/// colour of its lines.
fn severities(stories: &[Story<'_>], standing: Standing, manner: &Manner<'_>) -> String {
    let words = manner.words;
    let counts = counted_severities(stories, standing);
    // Those without a severity stand with the rest, which has the same word.
    let (unnamed, mut listed): (Vec<_>, Vec<_>) =
        counts.into_iter().partition(|(severity, _)| value(severity).is_none());
    let rest = listed.split_off(listed.len().min(MOST_COUNTED));
    let rest = unnamed.iter().chain(&rest).map(|(_, count)| count).sum();
    let others = (rest > 0).then_some(("", rest));
    let said = listed.into_iter().chain(others).map(|(severity, count)| {
        let word = value(severity);
        let count = (words.digest.severity)(word.as_deref().unwrap_or(words.other), count);
        [line::mark(standing, manner.order.urgency(severity)), " ", &count].concat()
    });
    said.collect::<Vec<_>>().join(words.comma)
}

/// How many groups that stand as the message says have alerts of which name, the severe names first.
fn names(stories: &[Story<'_>], standing: Standing, manner: &Manner<'_>) -> String {
    let words = manner.words;
    let counts = counted_names(standing_so(stories, standing), |story| story.names.clone());
    let listed = counts.iter().take(MOST_COUNTED);
    let listed =
        listed.filter_map(|(name, count)| Some((words.digest.name)(&value(name)?, *count)));
    let listed = listed.collect::<Vec<_>>().join(words.comma);
    match counts.len().saturating_sub(MOST_COUNTED) {
        0 => listed,
        more => [&*listed, words.pause, &(words.digest.more_names)(more)].concat(),
    }
}

/// How often each name is given, the most severe first, and of these the most frequent.
fn counted_names<'s, 'a: 's>(
    stories: impl Iterator<Item = &'s Story<'a>>,
    names: impl Fn(&Story<'a>) -> Vec<&'a str>,
) -> Vec<(&'a str, usize)> {
    let mut counts: BTreeMap<&str, (Place, usize)> = BTreeMap::new();
    for story in stories {
        for name in names(story) {
            let (severest, count) = counts.entry(name).or_insert((story.severe, 0));
            *severest = story.severe.min(*severest);
            *count += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, (severest, count))| (*severest, Reverse(*count)));
    counts.into_iter().map(|(name, (_, count))| (name, count)).collect()
}

/// How many alerts there are, if there are others than one in each group.
fn alerts(stories: &[Story<'_>], manner: &Manner<'_>) -> Option<String> {
    let (firing, resolved) = totals(stories);
    let unsent = stories.iter().map(|story| story.newest.unsent).fold(0, u64::saturating_add);
    let groups = [Standing::Firing, Standing::Resolved, Standing::Open]
        .map(|standing| standing_so(stories, standing).count() as u64);
    let alerts = [firing, resolved, unsent];
    let counts = all_counts(alerts, manner.words);
    let is_said = counts.is_empty() || alerts == groups;
    (!is_said).then(|| [manner.words.digest.alerts, &counts].concat())
}

/// Why the groups come in one message, and what its times mean.
fn reason(manner: &Manner<'_>) -> String {
    let words = &manner.words.digest;
    let zone = times::offset(manner.now, manner.zone);
    format!("{}{BETWEEN}{}{zone}", words.reason, words.zone)
}

/// The page that shows all groups, if they have one Alertmanager.
fn link(stories: &[Story<'_>], manner: &Manner<'_>, most: usize) -> Option<String> {
    let mut links = stories.iter().map(|story| story.newest.link).filter(|link| !link.is_empty());
    let [receivers, everyones] = link::wider_pages(links.next()?)?;
    let (mut of_receiver, mut of_all) = (true, true);
    for link in links {
        // Most links begin alike, so few of them have to be read.
        let is_next = |page: &str| {
            let rest = link.strip_prefix(page);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '&']))
        };
        of_receiver &= is_next(&receivers);
        of_all &= is_next(&everyones);
    }
    let page = match (of_receiver, of_all) {
        (true, _) => receivers,
        (false, true) => everyones,
        (false, false) => return None,
    };
    let line = match manner.markup {
        Markup::Markdown => markdown::link(ALERTMANAGER, &page),
        Markup::Plain => [ALERTMANAGER, ": ", &page].concat(),
    };
    (json_size(&line) <= most).then_some(line)
}
