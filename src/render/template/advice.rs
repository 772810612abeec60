//! What to do about a template that asks for what is not there: another name, another profile, another
//! place.

use std::rc::Rc;

use gotemplate::{Base, Fault, Value};

use crate::render::profile::Profile;
use crate::spelling;

/// The names, in small letters, by which people ask for the number that made an alert fire. No sender
/// but Grafana posts it.
const VALUES: [&str; 4] = ["value", "currentvalue", "current_value", "alertvalue"];

/// What a template can ask the data of a profile for, by each of its examples.
#[derive(Debug, Clone)]
pub(super) struct Members {
    profile: Profile,
    examples: Vec<Example>,
}

/// The members of a notification, of its alerts, and of the list of these.
#[derive(Debug, Clone)]
struct Example {
    data: Vec<String>,
    /// The name of the list of alerts.
    list_name: String,
    list: Vec<String>,
    alert: Vec<String>,
}

/// Whose member was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Notification,
    List,
    Alert,
    Other,
}

impl Members {
    /// The members of examples of a profile's data.
    pub(super) fn of(profile: Profile, examples: &[Value]) -> Self {
        Self { profile, examples: examples.iter().map(Example::of).collect() }
    }

    /// Whose members these are.
    fn asked(&self, known: &[String]) -> Asked {
        let any = |of: fn(&Example) -> &Vec<String>| {
            self.examples.iter().any(|example| of(example).as_slice() == known)
        };
        if any(|example| &example.data) {
            Asked::Notification
        } else if any(|example| &example.alert) {
            Asked::Alert
        } else if any(|example| &example.list) {
            Asked::List
        } else {
            Asked::Other
        }
    }

    fn has(&self, asked: Asked, name: &str) -> bool {
        let is_member = |example: &Example| {
            let members = match asked {
                Asked::Notification => &example.data,
                Asked::Alert => &example.alert,
                Asked::List => &example.list,
                Asked::Other => return false,
            };
            members.iter().any(|member| member == name)
        };
        self.examples.iter().any(is_member)
    }

    #[cfg(test)]
    pub(super) fn for_tests(&self) -> [Vec<String>; 2] {
        let example = &self.examples[0];
        [example.data.clone(), example.alert.clone()]
    }

    fn list_name(&self) -> &str {
        self.examples.first().map_or("Alerts", |example| &example.list_name)
    }
}

impl Example {
    fn of(data: &Value) -> Self {
        let names = data.members();
        let list = names.iter().find_map(|name| {
            let list = member(data, name)?;
            let first = list.as_list()?.first()?.clone();
            let is_alert = matches!(first, Value::Object(_) | Value::Map(_));
            is_alert.then(|| (name.clone(), list.members(), first.members()))
        });
        let (list_name, list, alert) = list.unwrap_or_default();
        Self { data: names, list_name, list, alert }
    }
}

fn member(of: &Value, name: &str) -> Option<Value> {
    if let Value::Object(object) = of
        && matches!(object.base(), Base::Struct(_))
    {
        return object.field(name);
    }
    of.as_map()?.get(name.as_bytes())
}

/// What to do about `fault` in a template of `profile`: it begins with `; `, or is nothing.
pub(super) fn advice(
    fault: &Fault,
    profile: Profile,
    members: &dyn Fn(Profile) -> Rc<Members>,
) -> String {
    match fault {
        Fault::Member { name, known, .. } => of_member(name, known, profile, members),
        Fault::Count { signature, missing } => {
            let missing = missing.map(|name| format!(", and `{name}` is missing"));
            format!("; it is `{signature}`{}", missing.unwrap_or_default())
        }
        Fault::Argument { signature, parameter, is_piped } => {
            let why = if *is_piped {
                ", because what stands before `|` becomes the last argument; write it in its own place"
            } else {
                ""
            };
            format!("; `{signature}` takes it as `{parameter}`{why}")
        }
    }
}

fn of_member(
    name: &str,
    known: &[String],
    profile: Profile,
    members: &dyn Fn(Profile) -> Rc<Members>,
) -> String {
    let own = members(profile);
    let asked = own.asked(known);
    let list = own.list_name();
    let is_value = VALUES.contains(&name.to_lowercase().as_str());
    match asked {
        Asked::Alert | Asked::Notification if is_value => {
            let annotations = if known.iter().any(|name| name.starts_with(char::is_uppercase)) {
                "Annotations"
            } else {
                "annotations"
            };
            return format!(
                "; the payload has no value: put `{{{{ $value }}}}` into an annotation of the \
                 alerting rule, and read `.{annotations}.value`"
            );
        }
        Asked::Notification | Asked::List if own.has(Asked::Alert, name) => {
            return format!(
                "; an alert has it: read it inside `{{{{ range .{list} }}}}…{{{{ end }}}}`"
            );
        }
        Asked::Alert if own.has(Asked::Notification, name) => {
            return format!("; the notification has it, and no alert: write `$.{name}`");
        }
        Asked::Notification | Asked::Alert | Asked::List | Asked::Other => {}
    }
    let others = Profile::ALL.into_iter().filter(|other| *other != profile).map(members);
    let other = others.into_iter().find(|other| other.has(asked, name));
    let nearest = spelling::nearest(name, known.iter().map(String::as_str));
    match (other, nearest) {
        (Some(other), nearest) => {
            let other = other.profile;
            let same = nearest.filter(|near| near.eq_ignore_ascii_case(name));
            let own = same.map(|same| format!("`.{same}` or ")).unwrap_or_default();
            format!(
                "; the profile `{other}` has `.{name}`, and this receiver uses `{profile}`: write \
                 {own}`profile: {other}`"
            )
        }
        (None, Some(near)) => format!("; did you mean `.{near}`?"),
        (None, None) => String::new(),
    }
}
