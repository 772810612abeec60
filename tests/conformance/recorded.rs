//! Reads what `tests/conformance/record` wrote, and runs it here.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use campana::render::profile::Profile;
use gotemplate::{Environment, Limits, List, Templates, Time, Type, Uint, Value, Zone};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::tally::{Tally, folder, payload, templates};

/// Recorded templates with their results.
#[derive(Deserialize)]
struct File {
    /// Data that is no notification: its type and its value.
    values: HashMap<String, (String, Json)>,
    /// All outputs, each once; one that is no UTF-8 stands in base64 in a list.
    texts: Vec<Json>,
    /// A template and, for each data, the number of its output or the error.
    cases: Vec<(String, BTreeMap<String, Json>)>,
}

impl File {
    fn expected(&self, result: &Json) -> Result<Vec<u8>, String> {
        let Some(at) = result.as_u64() else { return Err(result.as_str().unwrap().to_owned()) };
        let text = &self.texts[usize::try_from(at).unwrap()];
        Ok(match text.as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => STANDARD.decode(text[0].as_str().unwrap()).unwrap(),
        })
    }
}

/// Why a case is not compared, or nothing.
pub(crate) type Skip = fn(template: &str, data: &str) -> Option<&'static str>;

/// Runs all that was recorded of a product.
pub(crate) fn run(profile: Profile, name: &str, skip: Skip) -> Tally {
    let file = std::fs::read(folder().join(name).join("cases.json")).unwrap();
    let file: File = serde_json::from_slice(&file).unwrap();
    let base = templates(profile);
    let mut known = HashMap::new();
    let mut tally = Tally::default();
    for (template, results) in &file.cases {
        for (data, result) in results {
            let (value, local) = known.entry(data.clone()).or_insert_with(|| {
                let local = local_of(data);
                (data_of(profile, &file, data, &local), local)
            });
            let actual = execute(&base, template, value, local);
            let label = format!("{template} of {data}");
            tally.count(&label, &file.expected(result), &actual, skip(template, data));
        }
    }
    tally
}

/// As the products do: the template is parsed under no name, beside a copy of all others.
fn execute(
    base: &Templates,
    template: &str,
    data: &Value,
    local: &Zone,
) -> Result<Vec<u8>, String> {
    // What is given is later than all times of the payloads, as it was when they were recorded.
    let now = Time::from("2026-11-25T00:00:00Z".parse::<Timestamp>().unwrap());
    let environment = Environment { now, local: local.clone(), ..Environment::default() };
    let mut templates = base.clone();
    templates.parse("", template).map_err(|error| error.to_string())?;
    let mut fuel = Limits::default().fuel;
    templates.execute("", data, &environment, &mut fuel).map_err(|error| error.to_string())
}

/// The zone of a process whose data has this name: the one after ` in `, or UTC.
fn local_of(name: &str) -> Zone {
    let named = |(_, zone)| Zone::local(TimeZone::get(zone).unwrap());
    name.split_once(" in ").map_or(Zone::Utc, named)
}

/// A recorded value, or a notification, after `@` with the mobiles that are mentioned.
fn data_of(profile: Profile, file: &File, name: &str, local: &Zone) -> Value {
    if let Some((of, value)) = file.values.get(name) {
        return value_of(of, value);
    }
    let name = name.split_once(" in ").map_or(name, |(name, _)| name);
    let (name, mobiles) = name.split_once('@').unwrap_or((name, ""));
    let mobiles: Vec<String> =
        mobiles.split(',').filter(|mobile| !mobile.is_empty()).map(str::to_owned).collect();
    let notification = payload(name);
    profile.model(&notification, local).data(0..notification.alerts.len(), &mobiles)
}

fn value_of(of: &str, value: &Json) -> Value {
    let list = |of, item: fn(&Json) -> Value| {
        let items = value.as_array().unwrap().iter().map(item).collect();
        Value::List(List::new(Type::Slice(of), items).into())
    };
    match of {
        "nil" => Value::Invalid,
        "time.Time" => {
            let time: Timestamp = value.as_str().unwrap().parse().unwrap();
            Value::from(Time::from(time))
        }
        "[]string" => list(&Type::String, scalar),
        "[]float64" => list(&Type::FLOAT, |item| Value::float(item.as_f64().unwrap())),
        "[]int" => list(&Type::INT, scalar),
        "[]uint" => {
            list(&Type::Uint(Uint::Uint), |item| Value::Uint(Uint::Uint, item.as_u64().unwrap()))
        }
        "map[string]interface {}" => {
            Value::dict(value.as_object().unwrap().iter().map(|(k, v)| (&k[..], scalar(v))))
        }
        "map[string]string" => {
            let text = |v: &Json| v.as_str().unwrap().to_owned();
            Value::string_map(value.as_object().unwrap().iter().map(|(k, v)| (&k[..], text(v))))
        }
        _ => panic!("a type that no test knows: {of}"),
    }
}

fn scalar(value: &Json) -> Value {
    match value.as_str() {
        Some(text) => Value::text(text),
        None => Value::int(value.as_i64().unwrap()),
    }
}
