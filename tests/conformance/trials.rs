//! The trial of templates: no template that Go executes is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use campana::receive::samples::{self, Sample};
use campana::render::Language;
use campana::render::profile::Profile;
use campana::render::template::{Flaw, Library, Template, Trial, TrialSample};
use serde_json::Value as Json;

use crate::tally::folder;

/// More than all templates of a product take.
const FUEL: u64 = 10_000_000_000;

/// What trials said of the templates that Go executes.
#[derive(Default)]
struct Said {
    templates: usize,
    warned: usize,
    /// The templates that were refused, with the words.
    errors: Vec<String>,
    /// The mistakes that were found where no sample leads.
    unreached: Vec<String>,
}

fn read(product: &str) -> Json {
    let file = std::fs::read(folder().join(product).join("cases.json")).unwrap();
    serde_json::from_slice(&file).unwrap()
}

fn said(profile: Profile, templates: BTreeSet<String>) -> Said {
    let (library, _) = Library::new(profile, Language::En, &[]);
    let samples = samples::all();
    let samples: Vec<TrialSample<'_>> = samples.iter().map(sample).collect();
    let trial = Trial::new(&samples, true, Language::En, samples::POSTED);
    let (mut said, mut fuel) = (Said::default(), FUEL);
    for text in templates {
        // What no configuration would accept either.
        let Ok(template) = Template::new(&library, None, Some(&text)) else { continue };
        let flaws = trial.flaws(&template, true, &mut fuel).expect("there is fuel for all");
        said.templates += 1;
        said.warned += usize::from(flaws.iter().any(|flaw| !flaw.is_error));
        for Flaw { mistake, is_error } in flaws {
            let line = format!("{text}\n    {mistake}");
            if mistake.words.contains("no sample comes here") {
                said.unreached.push(line);
            } else if is_error {
                said.errors.push(line);
            }
        }
    }
    said
}

fn sample(sample: &Sample) -> TrialSample<'_> {
    let Sample { what, is_whole, notification } = sample;
    TrialSample { what, is_example: *is_whole, notification }
}

/// The templates that Go executed for a notification, and that wrote something.
fn recorded(product: &str) -> BTreeSet<String> {
    let file = read(product);
    let (values, texts) = (file["values"].as_object().unwrap(), &file["texts"]);
    let writes = |(data, result): (&String, &Json)| {
        let text = result.as_u64().map(|at| &texts[usize::try_from(at).unwrap()]);
        !values.contains_key(data) && text.is_some_and(|text| text.as_str().is_none_or(is_text))
    };
    let cases = file["cases"].as_array().unwrap().iter();
    let right = cases.filter(|case| case[1].as_object().unwrap().iter().any(writes));
    right.map(|case| case[0].as_str().unwrap().to_owned()).collect()
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty()
}

/// The cases that Go executed and that wrote something.
fn right(file: &Json) -> impl Iterator<Item = &Json> {
    let cases = file["cases"].as_array().unwrap().iter();
    cases.filter(|case| {
        let output = case["output"].as_str().unwrap_or_default();
        case["error"].is_null() && case["skip"].is_null() && is_text(output)
    })
}

fn source(case: &Json) -> Option<String> {
    case["source"].as_str().filter(|source| !source.is_empty()).map(str::to_owned)
}

#[test]
fn what_go_executes_is_not_refused() {
    let notification_manager = read("notification-manager");
    let of_manager =
        right(&notification_manager).filter_map(|case| match case["template"].as_str() {
            Some(name) if name.starts_with("nm.default.message") => None,
            Some(name) if !name.is_empty() => Some(format!("{{{{ template {name:?} . }}}}")),
            Some(_) | None => source(case),
        });
    let prometheusalert = read("prometheusalert");
    let file = |name: &str| {
        let path = folder().join("prometheusalert/templates").join(format!("{name}.tmpl"));
        std::fs::read_to_string(path).unwrap()
    };
    let of_alert = right(&prometheusalert)
        .filter_map(|case| source(case).or_else(|| Some(file(case["file"].as_str()?))));
    let products: BTreeMap<&str, (Profile, BTreeSet<String>)> = [
        ("alertmanager", (Profile::Alertmanager, recorded("alertmanager"))),
        ("dingtalk", (Profile::PrometheusWebhookDingtalk, recorded("dingtalk"))),
        ("notification-manager", (Profile::NotificationManager, of_manager.collect())),
        ("prometheusalert", (Profile::PrometheusAlert, of_alert.collect())),
    ]
    .into();
    for (product, (profile, templates)) in products {
        let Said { templates, warned, errors, unreached } = said(profile, templates);
        let line = format!("{product}: templates {templates} warned {warned}");
        writeln!(std::io::stdout(), "{line}").expect("standard output takes a line");
        assert!(templates > 50, "{line}");
        assert!(errors.is_empty(), "refused:\n{}", errors.join("\n"));
        assert!(unreached.is_empty(), "found where no sample leads:\n{}", unreached.join("\n"));
    }
}
