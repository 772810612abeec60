//! The translation of KubeSphere's notification-manager: its objects, of all API versions.
//!
//! A Receiver becomes a receiver; Config, Secret and ConfigMap objects are what it refers to; the
//! NotificationManager sets what holds for all. Routers and silences are Alertmanager's here.

mod account;
mod credential;
mod destination;
mod options;
mod receiver;
mod selector;
mod templates;
mod tenant;

use self::options::Options;
use self::receiver::{Draft, Shared};
use self::tenant::Tenants;
use super::findings::Findings;
use super::kind::Kind;
use super::robot::{lend_secrets, note_secrets};
use super::source::{Object, Placed};
use super::translation::{NewReceiver, Translation};
use crate::settings::tree::shown_key;
use crate::settings::yaml::{list, table, text};

/// The product's name.
pub(super) const NAME: &str = "notification-manager";

/// What the product does in another way, whatever its objects say.
const DIFFERENCES: [&str; 5] = [
    "Alertmanager posts to the same path, `/api/v2/alerts`, on Campana's host and port; every \
     receiver that is enabled gets the alerts that its conditions keep.",
    "Each notification of Alertmanager is a message: `group_by` and `group_wait` in \
     alertmanager.yml say what stands together and for how long alerts are gathered. There they \
     were gathered for up to a minute and grouped anew.",
    "More than 20 messages a minute wait here, and are folded into digests (`overflow: queue` \
     under a chatbot sends each by itself); there they waited for ten seconds at most. What \
     DingTalk does not take is sent again for `delivery.max_age`; there it was not.",
    "A message that is too long is cut between alerts into numbered parts; there an alert above \
     the limit was dropped.",
    "The product gives alerts the labels `cluster` and `receiver`; here an alert has its own \
     labels alone, and `external_labels` of Prometheus gives it `cluster`.",
];

const OWN_WORDS: &str = "Without `message.text` Campana writes its own words; the product's are \
                         `message: {type: text, profile: notification-manager, text: '{{ template \
                         \"nm.default.text\" . }}'}`.";

/// Whether the object runs the product, by the image of a container.
pub(super) fn runs(object: Object<'_>) -> bool {
    fn has_its_image(value: Placed<'_>) -> bool {
        value.text_at(&["image"]).is_some_and(|image| image.contains(NAME))
            || value.entries().any(|(_, inner)| has_its_image(inner))
            || value.items().any(has_its_image)
    }
    object.kind == Some(Kind::Workload) && has_its_image(object.root)
}

/// Translates the objects.
pub(super) fn translate<'t>(translation: &mut Translation<'t>, objects: &[Object<'t>]) {
    let is_of = |object: &&Object<'_>| object.kind == Some(Kind::NotificationManager);
    let roots: Vec<Placed<'t>> = objects.iter().filter(is_of).map(|object| object.root).collect();
    let of_kinds = |kinds: &[&str]| -> Vec<Placed<'t>> {
        let is_one =
            |root: &Placed<'_>| root.text_at(&["kind"]).is_some_and(|it| kinds.contains(&it));
        roots.iter().copied().filter(is_one).collect()
    };
    let findings = translation.findings;
    note_kinds(findings, &roots);
    let manager = of_kinds(&["NotificationManager"]).last().copied();
    let tenants = Tenants::of(manager);
    let options =
        manager.map_or_else(Options::default, |manager| options::read(translation, manager));
    let configs = of_kinds(&["Config", "DingTalkConfig"]);
    let accounts: Vec<_> =
        configs.iter().filter_map(|root| account::read(translation, *root, &tenants)).collect();
    let shared = Shared { tenants: &tenants, options: &options, accounts: &accounts };
    let receivers = of_kinds(&["Receiver", "DingTalkReceiver"]);
    let drafts: Vec<Draft> =
        receivers.iter().filter_map(|root| receiver::read(translation, *root, &shared)).collect();
    if drafts.is_empty() {
        return;
    }
    findings.notes(&DIFFERENCES);
    let has_own_words = |draft: &Draft| {
        let message = draft.entries.iter().find(|(key, _)| *key == "message");
        message.is_none_or(|(_, message)| message.get("text").is_none())
    };
    if drafts.iter().any(has_own_words) {
        findings.note(OWN_WORDS);
    }
    receivers_of(translation, drafts);
}

/// The kinds that are read; all others become nothing here.
const READ: [&str; 5] =
    ["Receiver", "Config", "NotificationManager", "DingTalkReceiver", "DingTalkConfig"];

/// Notes the objects that become nothing here, and those of old versions.
fn note_kinds(findings: &Findings, roots: &[Placed<'_>]) {
    let (mut others, mut old, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for root in roots {
        let kind = root.text_at(&["kind"]).unwrap_or_default();
        let name = shown_key(root.text_at(&["metadata", "name"]).unwrap_or_default());
        let version = root.text_at(&["apiVersion"]).unwrap_or_default();
        let words = match kind {
            "Router" => {
                "Alertmanager routes: write a route in alertmanager.yml that posts to \
                 `/api/v1/receivers/NAME/alerts` of each receiver that it names"
            }
            "Silence" => {
                "Alertmanager has silences (`amtool silence add`), and time intervals for those \
                 that come again"
            }
            kind if READ.contains(&kind) => {
                match version.rsplit('/').next().unwrap_or_default() {
                    "v1alpha1" | "v2alpha1" | "v2beta1" => old.push(format!("{kind} {name}")),
                    "v2beta2" | "" => {}
                    _ => unknown.push(format!("{kind} {name}")),
                }
                continue;
            }
            kind => {
                others.push(format!("{} {name}", shown_key(kind)));
                continue;
            }
        };
        findings.note_at(*root, format!("{kind} {name} is left out: {words}"));
    }
    for (objects, words) in [
        (others, "Left out, because Campana delivers to DingTalk alone"),
        (old, "Of an old version of the API, and read as such"),
        (unknown, "Of a version of the API that is not known here, and read as v2beta2"),
    ] {
        if !objects.is_empty() {
            findings.note(format!("{words}: {}.", objects.join(", ")));
        }
    }
}

fn receivers_of(translation: &mut Translation<'_>, drafts: Vec<Draft>) {
    let mut robots = Vec::new();
    let mut rest = Vec::new();
    for Draft { owner, entries, robot, chatbot, conversation } in drafts {
        let has_robot = robot.is_some();
        robots.extend(robot);
        rest.push((owner, entries, has_robot.then_some(chatbot), conversation));
    }
    note_secrets(translation.findings, &robots);
    lend_secrets(translation.findings, &mut robots);
    let mut robots = robots.into_iter();
    for (owner, mut entries, chatbot, conversation) in rest {
        let robot = chatbot.and_then(|keys| Some((robots.next()?, keys)));
        if let Some((robot, keys)) = robot {
            let mut chatbot = vec![("name", text(format!("{}-chatbot", owner.name)))];
            chatbot.extend(robot.entries(&mut translation.secrets));
            chatbot.extend(keys);
            entries.push(("chatbots", list([table(chatbot)])));
        }
        if let Some(conversation) = conversation {
            entries.push(("conversations", list([conversation])));
        }
        translation.receivers.push(NewReceiver { name: owner.name, entries });
    }
}
