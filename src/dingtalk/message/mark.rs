//! The number of a part: `(2/3)`, and `(2/3a)` where DingTalk found part 2 too long.
//!
//! Every mark is made here, so a heading that happens to end in `(2/3)` is never taken for one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which part of its message a part is; empty where the message has one part only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mark(String);

impl Mark {
    /// The mark of the part at `index`, counted from 0, of `count`.
    #[must_use]
    pub fn of(index: usize, count: usize) -> Self {
        if count > 1 { Self(format!("{}/{count}", index + 1)) } else { Self::default() }
    }

    /// The marks of the two parts that a part is cut into.
    ///
    /// A part of several keeps its number and gets a letter, because the others keep theirs.
    #[must_use]
    pub fn halves(&self) -> [Self; 2] {
        if self.is_empty() {
            [Self::of(0, 2), Self::of(1, 2)]
        } else {
            ["a", "b"].map(|letter| Self(format!("{}{letter}", self.0)))
        }
    }

    /// Whether the message has one part only.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many characters it takes, with the space before it; each of them is one byte.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces().map(str::len).iter().sum()
    }

    /// Its pieces; all are empty where there is no mark.
    pub(super) fn pieces(&self) -> [&str; 3] {
        if self.is_empty() { [""; 3] } else { [" (", &self.0, ")"] }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces().iter().try_for_each(|piece| f.write_str(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_numbered_and_halves_get_letters() {
        let lone = Mark::of(0, 1);
        assert_eq!((lone.to_string().as_str(), lone.len()), ("", 0));
        assert_eq!(lone.halves().map(|mark| mark.to_string()), [" (1/2)", " (2/2)"]);
        let second = Mark::of(1, 3);
        assert_eq!((second.to_string().as_str(), second.len()), (" (2/3)", 6));
        let [first, last] = second.halves();
        assert_eq!([first.to_string(), last.to_string()], [" (2/3a)", " (2/3b)"]);
        assert_eq!(last.halves().map(|mark| mark.to_string()), [" (2/3ba)", " (2/3bb)"]);
    }
}
