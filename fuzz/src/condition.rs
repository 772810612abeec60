//! Conditions and matchers: what is printed reads as the same, and each means what it says.

mod naive;
mod pattern;

use campana::alert::Labels;
use campana::select::condition::{Condition, Conditions};
use campana::select::{matcher, trace};

use self::naive::Naive;
use crate::choices::Choices;

/// How many alerts a condition is asked about.
const ALERTS: usize = 6;

/// The first byte chooses: a text, which is read as matchers, or a condition that the rest describes.
///
/// # Panics
///
/// When what is printed reads as something else, or a condition holds where it must not.
pub fn holds(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    if choices.flag() { means_what_it_says(choices) } else { reads_back(&choices.text()) }
}

/// Matchers in Alertmanager's form, or an error at a place in the text.
fn reads_back(text: &str) {
    let matchers = match matcher::parse(text) {
        Ok(matchers) => matchers,
        Err(error) => {
            assert!(text.is_char_boundary(error.offset), "{error}");
            assert_eq!(text[..error.offset].chars().count() + 1, error.column, "{error}");
            return;
        }
    };
    let condition = Condition::matcher(text).expect("these are matchers");
    let printed = condition.to_string();
    assert_eq!(matcher::parse(&printed).as_ref(), Ok(&matchers), "{printed}");
    assert_eq!(Condition::matcher(&printed).expect("as above"), condition, "{printed}");
    for matcher in matchers {
        let naive = naive::Matcher::read(&matcher.to_string());
        assert_eq!(naive.label, matcher.label());
        let longer = format!("{}x", naive.value);
        for value in [&naive.value, "", &longer, "critical"] {
            let expected = naive.holds(value, |value| matcher.holds(value));
            assert_eq!(matcher.holds(value), expected, "{matcher} of {value:?}");
        }
    }
}

/// A condition against a second reading of it, for some alerts.
fn means_what_it_says(mut choices: Choices<'_>) {
    let (condition, naive) = Naive::choose(&mut choices, 3);
    let conditions = Conditions::new(vec![condition.clone()]);
    for _ in 0..ALERTS {
        let labels = labels(&mut choices);
        let expected = naive.holds(&labels);
        assert_eq!(condition.holds(&labels), expected, "{condition} of {labels:?}");
        assert_eq!(conditions.hold(&labels), expected);
        assert_eq!(trace(&conditions, &labels).kept, expected, "the trace of {condition}");
    }
}

/// Up to three labels; the names and the letters of the values are those of the conditions.
fn labels(choices: &mut Choices<'_>) -> Labels {
    let some = naive::LABELS.into_iter().filter_map(|name| {
        let has = choices.flag();
        has.then(|| (name, pattern::word(choices)))
    });
    some.collect()
}
