//! Which instants an interval of `active_times` holds, beside Alertmanager's own package.

use std::path::Path;

use campana::select::active_times::ActiveTimes;
use campana::settings::{Environment, Overrides, Settings};
use jiff::Timestamp;
use serde_json::Value;

use crate::tally::{Tally, folder};

/// What Alertmanager takes for another day or refuses although it can hold, and what it accepts
/// although it never can; the reader of our errors is told, and a month has all its days.
const KNOWN: [(&str, &str); 9] = [
    ("{days_of_month: ['-1'], location: Europe/Berlin}", A_DAY_SHORT),
    ("{days_of_month: ['31'], location: America/New_York}", A_DAY_SHORT),
    ("{days_of_month: ['28:-1']}", COUNTED_FROM_27),
    ("{days_of_month: ['31:-1']}", COUNTED_FROM_27),
    ("{days_of_month: ['20:-10']}", COUNTED_FROM_27),
    ("{months: ['0']}", NEVER),
    ("{months: ['13']}", NEVER),
    ("{location: Local}", "the machine's zone is nobody's"),
    ("{location: asia/shanghai}", "zones are found whatever their case"),
];

/// It divides the hours of a month by 24, and one in which the clock goes forward has one less.
const A_DAY_SHORT: &str = "a month in which the clock goes forward has a day less in Alertmanager";

/// It compares with the days of a month of 28 days, and takes -1 for the 27th.
const COUNTED_FROM_27: &str = "Alertmanager takes the last of 28 days for the 27th";

const NEVER: &str = "Alertmanager accepts a month that never comes";

/// The times of a receiver with this one interval, or the errors.
fn times(interval: &str) -> Result<ActiveTimes, String> {
    let text = format!(
        "receivers: [{{name: r, active_times: [{interval}], chatbots: [{{name: b, access_token: t}}]}}]"
    );
    let (none, flags) = (Environment::default(), Overrides::default());
    let loaded = Settings::from_text("c.yml", &text, Path::new(""), &none, &flags);
    let loaded = loaded.map_err(|errors| errors.to_string())?;
    Ok(loaded.settings.receivers[0].active_times.clone())
}

#[test]
fn an_interval_holds_when_it_does_in_alertmanager() {
    let written = std::fs::read(folder().join("time-intervals/cases.json")).unwrap();
    let written: Value = serde_json::from_slice(&written).unwrap();
    let instants = written["instants"].as_array().unwrap();
    let instants: Vec<Timestamp> =
        instants.iter().map(|instant| instant.as_str().unwrap().parse().unwrap()).collect();
    let mut tally = Tally::default();
    for case in written["cases"].as_array().unwrap() {
        let interval = case["interval"].as_str().unwrap();
        let refused = || Err("refused".to_owned());
        let expected = match case["holds"].as_str() {
            Some(holds) => Ok(holds.as_bytes().to_vec()),
            None => refused(),
        };
        let actual = match times(interval) {
            Ok(times) => {
                let mark = |at: &Timestamp| if times.hold(*at) { b'#' } else { b'.' };
                Ok(instants.iter().map(mark).collect())
            }
            Err(_) => refused(),
        };
        let known = KNOWN.iter().find(|(known, _)| *known == interval).map(|(_, why)| *why);
        tally.count(interval, &expected, &actual, known);
    }
    tally.report("time intervals");
    assert!(tally.is_clean(), "{tally}");
}
