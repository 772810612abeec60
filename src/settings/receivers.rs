//! The receivers of a configuration, in the file's order and by name.
//!
//! Every notification looks its receiver up by name, so the cost must not grow with their number.

use std::collections::HashMap;
use std::ops::Deref;

use super::Receiver;
use crate::spelling;

/// The receivers in the file's order; the name of each is unique.
#[derive(Debug, Clone, Default)]
pub struct Receivers {
    in_order: Vec<Receiver>,
    /// The index in `in_order`, by name.
    by_name: HashMap<String, usize>,
}

/// No receiver has the name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no receiver {name:?}{}; known: {}", hint(.nearest.as_deref()), in_words(.known))]
pub struct UnknownReceiver {
    /// The name that was asked for.
    pub name: String,
    /// The name that was probably meant.
    pub nearest: Option<String>,
    /// The names that are configured.
    pub known: Vec<String>,
}

impl Receivers {
    /// The receiver of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Receiver> {
        self.by_name.get(name).and_then(|&place| self.in_order.get(place))
    }

    /// The receiver of this name.
    ///
    /// # Errors
    ///
    /// When there is none; says the known names and the nearest one.
    pub fn find(&self, name: &str) -> Result<&Receiver, UnknownReceiver> {
        self.get(name).ok_or_else(|| {
            let names = || self.in_order.iter().map(|receiver| receiver.name.as_str());
            UnknownReceiver {
                name: name.to_owned(),
                nearest: spelling::nearest(name, names()).map(str::to_owned),
                known: names().map(str::to_owned).collect(),
            }
        })
    }
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

fn in_words(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl From<Vec<Receiver>> for Receivers {
    fn from(in_order: Vec<Receiver>) -> Self {
        let places = in_order.iter().enumerate();
        let by_name = places.map(|(place, receiver)| (receiver.name.clone(), place)).collect();
        Self { in_order, by_name }
    }
}

impl Deref for Receivers {
    type Target = [Receiver];

    fn deref(&self) -> &[Receiver] {
        &self.in_order
    }
}

impl<'a> IntoIterator for &'a Receivers {
    type Item = &'a Receiver;
    type IntoIter = std::slice::Iter<'a, Receiver>;

    fn into_iter(self) -> Self::IntoIter {
        self.in_order.iter()
    }
}

impl IntoIterator for Receivers {
    type Item = Receiver;
    type IntoIter = std::vec::IntoIter<Receiver>;

    fn into_iter(self) -> Self::IntoIter {
        self.in_order.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Format;
    use crate::select::active_times::ActiveTimes;
    use crate::select::condition::Conditions;
    use crate::settings::MonikaSettings;

    fn receivers(names: &[&str]) -> Receivers {
        let receiver = |name: &&str| Receiver {
            name: (*name).to_owned(),
            enabled: true,
            conditions: Conditions::default(),
            catch_all: false,
            send_resolved: true,
            active_times: ActiveTimes::default(),
            format: Format::default(),
            template: None,
            destinations: Vec::new(),
            fallback: None,
            grafana: None,
            monika: MonikaSettings::default(),
        };
        names.iter().map(receiver).collect::<Vec<_>>().into()
    }

    #[test]
    fn each_receiver_is_found_by_its_name_and_the_order_stays() {
        let receivers = receivers(&["ops", "db", "网络"]);
        for (place, name) in ["ops", "db", "网络"].into_iter().enumerate() {
            assert_eq!(receivers[place].name, name);
            assert_eq!(receivers.get(name).map(|receiver| &*receiver.name), Some(name));
        }
        assert!(receivers.get("o").is_none());
    }

    #[test]
    fn an_unknown_name_is_told_the_known_ones_and_the_nearest() {
        for (known, name, words) in [
            (&["ops", "db"][..], "opss", "\"opss\"; did you mean \"ops\"?; known: ops, db"),
            (&["ops"], "elsewhere", "\"elsewhere\"; known: ops"),
            (&[], "ops", "\"ops\"; known: none"),
        ] {
            let error = receivers(known).find(name).unwrap_err().to_string();
            assert_eq!(error, format!("there is no receiver {words}"));
        }
    }
}
