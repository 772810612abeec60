//! The names of the new receivers, and what the variables and files of their secrets begin with.
//!
//! No two receivers share a name or a variable: with one variable for two secrets, one robot would
//! be sent the other's.

use std::collections::HashSet;

/// The longest name of a receiver here: a chatbot's name adds a word to it, and has 100 at most.
const LONGEST: usize = 80;

/// A new receiver, as its secrets are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its name in the configuration.
    pub name: String,
    /// What its variables begin with: `OPS` for `OPS_SECRET`.
    variable: String,
}

impl Owner {
    /// The variable of the secret under `key`: `OPS_ACCESS_TOKEN` for `access_token`.
    #[must_use]
    pub fn variable_of(&self, key: &str) -> String {
        format!("{}_{}", self.variable, key.to_ascii_uppercase())
    }
}

/// The names and the variables that were given out.
#[derive(Debug, Default)]
pub struct Owners {
    names: HashSet<String>,
    variables: HashSet<String>,
}

impl Owners {
    /// The owner called `name`, or a name made of it that is free.
    pub fn take(&mut self, name: &str) -> Owner {
        let name = free(&mut self.names, &url_safe(name), "-");
        let variable = free(&mut self.variables, &variable(&name), "_");
        Owner { name, variable }
    }
}

/// The text, or else the text with the first number that makes it a free one.
fn free(taken: &mut HashSet<String>, text: &str, separator: &str) -> String {
    let numbered = (2_u32..).map(|number| format!("{text}{separator}{number}"));
    let mut all = std::iter::once(text.to_owned()).chain(numbered);
    // The numbers do not end before one of them is free.
    let free = all.find(|one| !taken.contains(one)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// The name with `-` for each character that cannot stand in our URLs.
fn url_safe(name: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || "-_.~".contains(c) { c } else { '-' };
    let safe: String = name.chars().map(safe).collect();
    let safe = safe.trim_start_matches(|c: char| !c.is_alphanumeric());
    if safe.is_empty() { "receiver".to_owned() } else { safe.chars().take(LONGEST).collect() }
}

/// The name as that of a variable: capitals, digits and `_`, no digit first.
fn variable(name: &str) -> String {
    let usual = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name: String = name.chars().map(usual).collect();
    let start = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    // The secret of a robot of `ops-app` would have the name of the app's secret of `ops`.
    let end = if name.ends_with("_APP") { "_1" } else { "" };
    format!("{start}{name}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_receivers_never_share_a_name_or_a_variable() {
        let mut owners = Owners::default();
        let taken = ["ops-a", "ops_a", "ops-a", "1st", "告警", "磁盘", "/", "a b", "ops-app"];
        let found: Vec<Owner> = taken.iter().map(|name| owners.take(name)).collect();
        let shown: Vec<String> =
            found.iter().map(|owner| format!("{} {}", owner.name, owner.variable)).collect();
        assert_eq!(
            shown,
            [
                "ops-a OPS_A",
                "ops_a OPS_A_2",
                "ops-a-2 OPS_A_2_2",
                "1st _1ST",
                "告警 __",
                "磁盘 ___2",
                "receiver RECEIVER",
                "a-b A_B",
                "ops-app OPS_APP_1",
            ]
        );
        assert_eq!(owners.take(&"x".repeat(200)).name.len(), LONGEST);
    }
}
