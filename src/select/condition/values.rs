//! The values of `In` and `NotIn`: a set that is searched fast and printed in the order of the
//! file.
//!
//! A condition may have many values, and every alert is compared with them.

use std::fmt;

/// How many values are printed; of the others only the number.
const PRINTED: usize = 8;

/// A set of values that keeps the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Values {
    written: Vec<String>,
    /// The indices of `written`, sorted by value, for a binary search.
    sorted: Vec<usize>,
}

impl Values {
    pub(crate) fn new(written: Vec<String>) -> Self {
        let mut sorted: Vec<usize> = (0..written.len()).collect();
        sorted.sort_by(|one, other| written[*one].cmp(&written[*other]));
        Self { written, sorted }
    }

    pub(crate) fn contains(&self, value: &str) -> bool {
        self.sorted.binary_search_by(|at| self.written[*at].as_str().cmp(value)).is_ok()
    }
}

/// The values with commas between them, in the order of the file.
impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.written.iter().take(PRINTED).enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { ", " }, Word(value))?;
        }
        match self.written.len().saturating_sub(PRINTED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Prints a text, in quotes unless it is one plain word.
pub(crate) struct Word<'t>(pub(crate) &'t str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain =
            |character: char| character.is_alphanumeric() || "_-./:@+".contains(character);
        if !self.0.is_empty() && self.0.chars().all(is_plain) {
            f.write_str(self.0)
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}
