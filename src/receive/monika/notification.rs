//! A post, and what was known when it came, as a notification with one alert; and what is known after it.

use std::borrow::Cow;
use std::time::Duration;

use crate::alert::{Alert, Labels, Notification, Offsets, Sender, Skipped, Status};

use super::body::{NUMBERS, Posted, Said};
use super::open::{OpenIncident, Subject};
use super::time::Moment;
use super::words::{self, Words};
use super::{Manner, place};

/// What a post means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) notification: Notification,
    /// What is open after it.
    pub(super) becomes: Option<OpenIncident>,
}

/// An alert in the making.
#[derive(Debug)]
struct Draft<'a> {
    labels: Vec<(&'static str, Cow<'a, str>)>,
    /// The labels that tell it from others, and its state stays one under.
    identity: Vec<(&'static str, &'a str)>,
    /// The labels by which a reader tells its group from others.
    group: Vec<(&'static str, &'a str)>,
    annotations: Vec<(&'static str, Cow<'a, str>)>,
    status: Status,
    starts: Moment,
    ends: Option<Moment>,
}

/// What `posted` means, by what was known before.
pub(super) fn of(posted: &Posted, known: Option<&OpenIncident>, manner: &Manner) -> Meaning {
    let words = words::of(&manner.language);
    let when = posted.time.as_deref().and_then(Moment::parse);
    let when = when.unwrap_or_else(|| Moment::of(manner.at));
    match &posted.said {
        Said::Probe { recovers, monika, url, alert } => {
            let of = Subject::of_probe(monika, url);
            told(of, *recovers, or_not_accessible(alert, words), known, when, manner)
        }
        Said::Webhook { url, assertion } => {
            let of = Subject::of_webhook(url, assertion);
            let said = or_not_accessible(assertion, words);
            if !manner.toggles {
                return event(either(&of, said, when, words));
            }
            let recovers = known.is_some_and(|open| open.of == of);
            told(of, recovers, said, known, when, manner)
        }
        Said::Process { ends, sentence } => event(process(*ends, sentence, when)),
        Said::Status { monika, numbers } => event(status(monika, numbers, when, words)),
    }
}

/// What nothing follows of, and nothing stays open after.
fn event(draft: Draft<'_>) -> Meaning {
    Meaning { notification: draft.into(), becomes: None }
}

/// What an incident or a recovery means.
fn told(
    of: Subject,
    recovers: bool,
    said: &str,
    known: Option<&OpenIncident>,
    when: Moment,
    manner: &Manner,
) -> Meaning {
    let words = words::of(&manner.language);
    let known = known.filter(|open| open.of == of);
    let is_nameless = matches!(of, Subject::NoUrl { .. });
    let which = is_nameless.then(|| Cow::from(words.which_probe));
    if !recovers {
        let open = OpenIncident::opened(of, known, when, manner.at, said);
        let down = is_nameless.then(|| (words.without_url)(open.count).into());
        let draft = Draft::of(&open.of, open.count, open.since).saying(said.into(), down);
        return Meaning { notification: draft.into(), becomes: Some(open) };
    }
    let said = (words.recovered)(said);
    let Some(open) = known else {
        let description = match which {
            Some(which) => Cow::from([words.unknown_incident, " ", &which].concat()),
            None => words.unknown_incident.into(),
        };
        let draft = Draft::of(&of, 0, when).saying(said.into(), Some(description)).resolved(when);
        return Meaning { notification: draft.into(), becomes: None };
    };
    let left = open.recovered(manner.at);
    let draft = match &left {
        Some(left) => Draft::of(&of, left.count, left.since)
            .saying((words.one_recovered)(left.count).into(), which),
        None => Draft::of(&of, 0, open.since).saying(said.into(), which).resolved(when),
    };
    Meaning { notification: draft.into(), becomes: left }
}

/// An incident whose recovery has not come for so long, as it is closed.
pub(super) fn closed(open: &OpenIncident, after: Duration, manner: &Manner) -> Notification {
    let words = words::of(&manner.language);
    let why = (words.no_recovery)(&age(after, words)).into();
    let said = (words.it_said)(&open.said).into();
    let end = Moment::of(manner.at);
    let mut draft = Draft::of(&open.of, 0, open.since).saying(why, Some(said)).resolved(end);
    // So that a title says it too: it may still be down.
    draft.labels.push(("closed", "no-recovery".into()));
    draft.group.push(("closed", "no-recovery"));
    draft.into()
}

/// A length of time in hours, or in minutes where these are no whole hours.
fn age(after: Duration, words: &Words) -> String {
    let minutes = after.as_secs() / 60;
    let [hour, minute] = words.units;
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours}{hour}"),
        _ => format!("{minutes}{minute}"),
    }
}

/// What may be an incident or a recovery.
fn either<'a>(of: &'a Subject, said: &str, when: Moment, words: &'static Words) -> Draft<'a> {
    let said = (words.either)(said).into();
    let draft = Draft::of(of, 1, when).saying(said, Some(words.why_either.into()));
    Draft { ends: Some(when), ..draft }
}

/// Monika has started, or ends: nothing follows of it.
fn process(ends: bool, sentence: &str, when: Moment) -> Draft<'_> {
    let host = place::host_of_sentence(sentence);
    let (name, kind, severity) = if ends {
        ("MonikaTerminated", "termination", "warning")
    } else {
        ("MonikaStarted", "start", "none")
    };
    let annotations = vec![("summary", sentence.into())];
    Draft { annotations, ..Draft::event(name, kind, severity, host, when) }
}

/// What Monika has counted: nothing follows of it.
fn status<'a>(
    monika: &'a str,
    numbers: &'a [String; NUMBERS.len()],
    when: Moment,
    words: &Words,
) -> Draft<'a> {
    let mut annotations = vec![("summary", Cow::from(counted(numbers, words)))];
    let named = NUMBERS.into_iter().zip(numbers).filter(|(_, number)| !number.is_empty());
    annotations.extend(named.map(|(name, number)| (name, Cow::from(number))));
    Draft { annotations, ..Draft::event("MonikaStatus", "status-update", "none", monika, when) }
}

/// The numbers of a status update in one line.
fn counted(numbers: &[String; NUMBERS.len()], words: &Words) -> String {
    let [.., least, most, average] = numbers;
    let counts = numbers.iter().zip(words.numbers);
    let counts = counts.filter(|(number, _)| !number.is_empty());
    let mut said: Vec<String> =
        counts.map(|(number, (before, behind))| [before, number, behind].concat()).collect();
    if [least, most, average].into_iter().all(|number| !number.is_empty()) {
        said.push((words.response_times)(least, most, average));
    }
    if said.is_empty() { words.no_numbers.to_owned() } else { said.join(words.comma) }
}

fn or_not_accessible<'a>(said: &'a str, words: &Words) -> &'a str {
    if said.is_empty() { words.not_accessible } else { said }
}

impl<'a> Draft<'a> {
    /// A firing alert of an incident.
    fn of(of: &'a Subject, count: u32, since: Moment) -> Self {
        Self {
            labels: of.labels(count),
            identity: of.identity(),
            group: of.group(),
            annotations: Vec::new(),
            status: Status::Firing,
            starts: since,
            ends: None,
        }
    }

    /// An alert that tells of a moment: it ends as it begins.
    fn event(
        name: &'static str,
        kind: &'static str,
        severity: &'static str,
        monika: &'a str,
        when: Moment,
    ) -> Self {
        let mut identity = vec![("alertname", name), ("monika", monika)];
        identity.retain(|(_, value)| !value.is_empty());
        let own = [("severity", severity), ("source", "monika"), ("type", kind)];
        let labels = identity.iter().copied().chain(own);
        Self {
            labels: labels.map(|(name, value)| (name, value.into())).collect(),
            group: identity.clone(),
            identity,
            annotations: Vec::new(),
            status: Status::Firing,
            starts: when,
            ends: Some(when),
        }
    }

    fn saying(self, summary: Cow<'a, str>, description: Option<Cow<'a, str>>) -> Self {
        let description = description.map(|description| ("description", description));
        let annotations = [("summary", summary)].into_iter().chain(description).collect();
        Self { annotations, ..self }
    }

    fn resolved(self, end: Moment) -> Self {
        Self { status: Status::Resolved, ends: Some(end), ..self }
    }
}

impl From<Draft<'_>> for Notification {
    fn from(draft: Draft<'_>) -> Self {
        let Draft { labels, identity, group, annotations, status, starts, ends } = draft;
        let labels: Labels = labels.into_iter().collect();
        let annotations: Labels = annotations.into_iter().collect();
        // The log shows the group's key, and what a query asks for may be a secret.
        let named = identity.iter().map(|(name, value)| (*name, value.split('?').next()));
        let named: Labels = named.map(|(name, value)| (name, value.unwrap_or_default())).collect();
        let identity: Labels = identity.into_iter().collect();
        let fingerprint = identity.fingerprint();
        let group_key = format!("monika:{named:?}:{fingerprint}");
        let alert = Alert {
            status,
            labels: labels.clone(),
            annotations: annotations.clone(),
            starts_at: Some(starts.at),
            ends_at: ends.map(|end| end.at),
            generator_url: String::new(),
            fingerprint,
            offsets: Offsets { starts: starts.offset, ends: ends.and_then(|end| end.offset) },
            extras: None,
        };
        Self {
            sender: Sender::Monika,
            group_key,
            status,
            receiver: "monika".to_owned(),
            group_labels: group.into_iter().collect(),
            common_labels: labels,
            common_annotations: annotations,
            route_labels: Labels::default(),
            external_url: String::new(),
            alerts: vec![alert],
            truncated_alerts: 0,
            skipped: Skipped::default(),
            reason: None,
            extras: None,
        }
    }
}
