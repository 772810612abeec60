//! The people whom alerts name in labels and annotations: whoever writes a rule may name them, and only
//! those who are allowed are mentioned.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use goregex::Regex;

use super::people::{People, is_everyone, is_mobile, is_separator, is_user_id};
use crate::alert::Alert;

/// The most different names of one label or annotation that are looked at; the others are refused. A
/// message mentions fifty people.
const MOST_NAMES: usize = 1_000;

/// Where alerts name people, and who of these is mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRule {
    /// The labels and annotations, in the file's order.
    pub sources: Vec<Source>,
    /// Who may be mentioned.
    pub allow: Allow,
}

/// A label or annotation that names people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The label of this name.
    Label(String),
    /// The annotation of this name.
    Annotation(String),
}

/// Who may be mentioned because an alert names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allow {
    /// These people.
    List(BTreeSet<String>),
    /// Whoever has a name that matches as a whole.
    Pattern(Regex),
}

/// Names in a label or annotation that are not mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where they stand.
    pub source: Source,
    /// How many there are.
    pub names: usize,
}

impl NameRule {
    /// Adds the people whom these alerts name; says where they name others.
    pub(super) fn choose<'a>(
        &self,
        alerts: &(impl Iterator<Item = &'a Alert> + Clone),
        people: &mut People,
    ) -> Vec<Refused> {
        let refused = self.sources.iter().map(|source| {
            // Most alerts of a group have the same value.
            let mut seen = HashSet::new();
            let values = alerts.clone().filter_map(|alert| source.value(alert));
            let values = values.filter(|value| seen.insert(*value));
            let names = self.allow.choose(values.flat_map(names), people);
            Refused { source: source.clone(), names }
        });
        refused.filter(|refused| refused.names > 0).collect()
    }
}

impl Source {
    fn value<'a>(&self, alert: &'a Alert) -> Option<&'a str> {
        match self {
            Self::Label(name) => alert.labels.get(name),
            Self::Annotation(name) => alert.annotations.get(name),
        }
    }
}

/// For people: ``label `oncall` ``.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(name) => write!(f, "label `{name}`"),
            Self::Annotation(name) => write!(f, "annotation `{name}`"),
        }
    }
}

impl Allow {
    /// Whoever has a name that this expression of Go's matches as a whole.
    ///
    /// # Errors
    ///
    /// When Go refuses the expression.
    pub fn pattern(pattern: &str) -> Result<Self, goregex::Error> {
        Regex::anchored(pattern).map(Self::Pattern)
    }

    /// Adds those of `names` who may be mentioned, and counts the others, each once.
    fn choose<'a>(&self, names: impl Iterator<Item = &'a str>, people: &mut People) -> usize {
        let (mut seen, mut refused) = (HashSet::new(), 0);
        for name in names {
            if seen.len() >= MOST_NAMES {
                refused += 1;
            } else if seen.insert(name) {
                if self.allows(name) {
                    people.add_named(name);
                } else {
                    refused += 1;
                }
            }
        }
        refused
    }

    /// Whether somebody of this name may be mentioned: a name, and not everyone or a piece of Markdown.
    fn allows(&self, name: &str) -> bool {
        let is_name = is_mobile(name) || (is_user_id(name) && !is_everyone(name));
        is_name
            && match self {
                Self::List(people) => people.contains(name),
                Self::Pattern(pattern) => pattern.is_match(name),
            }
    }
}

/// The names in the value of a label or annotation. `@` begins a name, and within a word that it begins
/// it also ends the one before; an e-mail address is one name, which nobody has.
fn names(value: &str) -> impl Iterator<Item = &str> {
    let is_at_sign = |c: char| matches!(c, '@' | '＠');
    let words = value.split(is_separator);
    let names = words.flat_map(move |word| {
        let mentions = word.starts_with(is_at_sign);
        word.split(move |c| mentions && is_at_sign(c))
    });
    names.filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_name_or_several() {
        for (value, expected) in [
            ("zhangsan", &["zhangsan"][..]),
            ("@13800000000", &["13800000000"]),
            ("＠zhangsan, @lisi", &["zhangsan", "lisi"]),
            ("zhangsan,lisi;wang 13800000000", &["zhangsan", "lisi", "wang", "13800000000"]),
            (
                "张三、李四，王五；赵六\n\t+1-4155550100",
                &["张三", "李四", "王五", "赵六", "+1-4155550100"],
            ),
            ("@13800000000@13900000000", &["13800000000", "13900000000"]),
            ("a@b.example", &["a@b.example"]),
            (" ,, @ ; ", &[]),
            ("", &[]),
        ] {
            assert_eq!(names(value).collect::<Vec<_>>(), expected, "{value}");
        }
    }

    fn list(people: &[&str]) -> Allow {
        Allow::List(people.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_list_allows_those_in_it_and_a_pattern_whoever_matches_as_a_whole() {
        let list = list(&["zhangsan", "13800000000", "+1-4155550100", "all"]);
        let pattern = Allow::pattern("zhang.*|138\\d{8}|all|所有人|.*[@<(*].*").unwrap();
        for (name, by_list, by_pattern) in [
            ("zhangsan", true, true),
            ("13800000000", true, true),
            ("+1-4155550100", true, false),
            ("zhangsanfeng", false, true),
            ("azhangsan", false, false),
            ("Zhangsan", false, false),
            ("13800000001", false, true),
            ("138000000001", false, false),
            ("all", false, false),
            ("ALL", false, false),
            ("所有人", false, false),
            ("a@b.example", false, false),
            ("[zhang](http://x.example)", false, false),
            ("zhang*san*", false, false),
        ] {
            assert_eq!(list.allows(name), by_list, "{name} by the list");
            assert_eq!(pattern.allows(name), by_pattern, "{name} by the pattern");
        }
        assert!(Allow::pattern("zhang(").is_err());
    }

    #[test]
    fn each_name_that_is_refused_counts_once_and_very_many_are_not_looked_at() {
        let allow = list(&["zhangsan"]);
        let mut people = People::default();
        let refused = allow.choose(["a", "zhangsan", "b", "a"].into_iter(), &mut people);
        assert_eq!((refused, &people.user_ids[..]), (2, &["zhangsan".to_owned()][..]));
        let many: Vec<String> = (0..MOST_NAMES + 5).map(|number| format!("n{number}")).collect();
        let names = many.iter().map(String::as_str).chain(["zhangsan"]);
        let mut people = People::default();
        assert_eq!(allow.choose(names, &mut people), MOST_NAMES + 6);
        assert!(people.is_nobody());
    }
}
