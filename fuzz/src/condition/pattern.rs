//! Regular expressions that are matched by trying everything.

use std::collections::BTreeSet;
use std::fmt;

use crate::choices::Choices;

/// The letters of values and expressions; few, so that they meet.
const LETTERS: [char; 6] = ['a', 'b', '-', '.', '磁', '\n'];

/// A short text of [`LETTERS`].
pub(super) fn word(choices: &mut Choices<'_>) -> String {
    let length = choices.below(4);
    (0..length).map(|_| choices.one_of(&LETTERS)).collect()
}

/// An expression of the notation that Go and others have in common.
#[derive(Debug)]
pub(super) enum Pattern {
    Word(String),
    /// Any character but a line end.
    Any,
    Class {
        letters: Vec<char>,
        negated: bool,
    },
    Chain(Vec<Pattern>),
    Either(Vec<Pattern>),
    Repeat {
        inner: Box<Pattern>,
        operator: &'static str,
        least: usize,
        most: usize,
    },
}

/// The operators of a repetition, with how often it repeats.
const REPEATS: [(&str, usize, usize); 6] = [
    ("*", 0, usize::MAX),
    ("+", 1, usize::MAX),
    ("?", 0, 1),
    ("{2}", 2, 2),
    ("{1,2}", 1, 2),
    ("*?", 0, usize::MAX),
];

impl Pattern {
    pub(super) fn choose(choices: &mut Choices<'_>, depth: usize) -> Self {
        let several = |choices: &mut Choices<'_>| {
            (0..=choices.below(3)).map(|_| Self::choose(choices, depth - 1)).collect()
        };
        match choices.below(if depth == 0 { 3 } else { 6 }) {
            0 => Self::Word(word(choices)),
            1 => Self::Any,
            2 => {
                let letters = (0..=choices.below(3)).map(|_| choices.one_of(&LETTERS)).collect();
                Self::Class { letters, negated: choices.flag() }
            }
            3 => Self::Chain(several(choices)),
            4 => Self::Either(several(choices)),
            _ => {
                let (operator, least, most) = choices.one_of(&REPEATS);
                let inner = Box::new(Self::choose(choices, depth - 1));
                Self::Repeat { inner, operator, least, most }
            }
        }
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.ends(&text, 0).contains(&text.len())
    }

    /// Where a match that begins at `start` can end.
    fn ends(&self, text: &[char], start: usize) -> BTreeSet<usize> {
        let next = |is_match: &dyn Fn(char) -> bool| {
            let found = text.get(start).is_some_and(|c| is_match(*c));
            found.then_some(start + 1).into_iter().collect()
        };
        match self {
            Self::Word(word) => {
                let word: Vec<char> = word.chars().collect();
                let found = text[start..].starts_with(&word);
                found.then_some(start + word.len()).into_iter().collect()
            }
            Self::Any => next(&|c| c != '\n'),
            Self::Class { letters, negated } => next(&|c| letters.contains(&c) != *negated),
            Self::Chain(inner) => inner.iter().fold([start].into(), |starts, one| {
                starts.iter().flat_map(|start| one.ends(text, *start)).collect()
            }),
            Self::Either(inner) => inner.iter().flat_map(|one| one.ends(text, start)).collect(),
            Self::Repeat { inner, least, most, .. } => {
                let mut ends = BTreeSet::new();
                let mut now = BTreeSet::from([start]);
                // What repeats more often than the text is long repeats nothing.
                for times in 0..=(*most).min(least + text.len() + 1) {
                    if times >= *least {
                        ends.extend(&now);
                    }
                    now = now.iter().flat_map(|start| inner.ends(text, *start)).collect();
                }
                ends
            }
        }
    }
}

/// Go's notation.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(&word.replace('.', r"\.")),
            Self::Any => f.write_str("."),
            Self::Class { letters, negated } => {
                f.write_str(if *negated { "[^" } else { "[" })?;
                for letter in letters {
                    write!(f, "{}{letter}", if *letter == '-' { "\\" } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Chain(inner) => inner.iter().try_for_each(|one| write!(f, "(?:{one})")),
            Self::Either(inner) => {
                let inner: Vec<String> = inner.iter().map(ToString::to_string).collect();
                write!(f, "(?:{})", inner.join("|"))
            }
            Self::Repeat { inner, operator, .. } => write!(f, "(?:{inner}){operator}"),
        }
    }
}
