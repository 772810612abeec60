//! Tabs in the indentation, which YAML does not take.
//!
//! The parser ends at the first one, and at times names the line before it. So the text itself is looked
//! at, and each line that has to be changed is named: an editor that writes tabs writes many.

use super::{Position, YamlFault};

/// What is said of a line that is indented with a tab.
const WORDS: &str = "a tab in the indentation; YAML indents with spaces";

/// A fault for each line of `text` that is indented with a tab, from the place at which the parser ended;
/// none if that has another cause. `is_tab` says that the parser itself names a tab.
pub(super) fn faults(text: &str, ended: Position, is_tab: bool) -> Vec<YamlFault> {
    let lines = text.lines().enumerate().skip(ended.line.saturating_sub(1));
    let mut found = lines.filter_map(|(index, line)| {
        let column = column_of_tab(line)?;
        Some(Position::new(index + 1, column))
    });
    let Some(first) = found.next().filter(|place| is_tab || place.line == ended.line) else {
        return Vec::new();
    };
    // The text of a block may hold tabs behind its own indentation, so of the other lines only those that
    // begin with one are certainly wrong.
    let others = found.filter(|place| place.column == 1);
    let fault = |position| YamlFault { position, path: String::new(), text: WORDS.to_owned() };
    std::iter::once(first).chain(others).map(fault).collect()
}

/// Where a tab stands in the indentation of a line that is neither empty nor a comment.
fn column_of_tab(line: &str) -> Option<usize> {
    let (indentation, rest) =
        line.split_at(line.len() - line.trim_start_matches([' ', '\t']).len());
    let counts = !rest.is_empty() && !rest.starts_with('#');
    indentation.find('\t').filter(|_| counts).map(|before| before + 1)
}

#[cfg(test)]
mod tests {
    use super::super::Tree;

    /// The places that are named, and whether all are said to be tabs.
    fn places(text: &str) -> (Vec<(usize, usize)>, bool) {
        let mut faults = Tree::parse(text).faults;
        faults.sort_by_key(|fault| fault.position);
        let are_tabs = faults.iter().all(|fault| fault.text == super::WORDS);
        (
            faults.iter().map(|fault| (fault.position.line, fault.position.column)).collect(),
            are_tabs,
        )
    }

    #[test]
    fn each_line_that_begins_with_a_tab_is_named_where_the_tab_stands() {
        let cases: [(&str, &[(usize, usize)]); 10] = [
            ("a:\n\tb: 1\n", &[(2, 1)]),
            ("a:\n  b: c\n\td: 1\n", &[(3, 1)]),
            ("a:\n  b: 'c'\n  \td: 1\n", &[(3, 3)]),
            ("a:\n- \"b\"\n\t- c\n", &[(3, 1)]),
            ("a:\n  b: |\n\t\tc\n", &[(3, 1)]),
            ("a:\n  b: {c: 1,\n\td: 2}\n", &[(3, 1)]),
            ("a:\n  b: \"c\n\td\"\n", &[(3, 1)]),
            ("a:\n\tb: 1\n\t# c\n\t\n\td:\n\t- e\n  f: |\n    \tg\n", &[(2, 1), (5, 1), (6, 1)]),
            ("a:\n# c\n\n\t# d\n  b: c\n\td: 1\n", &[(6, 1)]),
            ("a:\r\n\tb: 1\r\n", &[(2, 1)]),
        ];
        for (text, expected) in cases {
            assert_eq!(places(text), (expected.to_vec(), true), "{text}");
        }
    }

    #[test]
    fn tabs_elsewhere_are_no_mistake_and_another_mistake_is_no_tab() {
        for text in ["a:\tb\n", "a: |\n  \tb\n  c\n", "a: 1\n\t\n\t# b\nc: 2\n"] {
            assert_eq!(places(text).0, [], "{text}");
        }
        for text in ["a: [1\nb: 2\n", "a: b: c\n\n\td: 1\n"] {
            let (found, are_tabs) = places(text);
            assert!(found.len() == 1 && !are_tabs, "{text} {found:?}");
        }
    }
}
