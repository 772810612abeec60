//! How a scalar's text lies in the file: finds a template's line and column in the YAML.
//!
//! Where quoting or folding changed the text, no place is given rather than a wrong one.

use granit_parser::{ScalarStyle, Span};

use super::Position;

/// How a scalar's text lies in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// A literal block (`|`): each line of the text is a line of the file.
    Block,
    /// On one line, unchanged, after this many characters (the opening quote).
    Line(usize),
    /// On one line between single quotes; a quote in the text is written twice.
    SingleQuoted,
    /// Folded, escaped or repeated by an alias: no place inside it can be computed.
    #[default]
    Unknown,
}

impl Layout {
    /// The layout of `text`, as the parser read it from `span`.
    pub(super) fn of(text: &str, style: ScalarStyle, span: &Span) -> Self {
        let is_one_line = span.start.line() == span.end.line() && !text.contains('\n');
        let width = span.end.col().saturating_sub(span.start.col());
        let has_escapes = width != text.chars().count() + 2;
        match style {
            ScalarStyle::Literal => Self::Block,
            ScalarStyle::Plain if is_one_line => Self::Line(0),
            ScalarStyle::SingleQuoted if is_one_line => Self::SingleQuoted,
            ScalarStyle::DoubleQuoted if is_one_line && !has_escapes => Self::Line(1),
            ScalarStyle::Plain
            | ScalarStyle::SingleQuoted
            | ScalarStyle::DoubleQuoted
            | ScalarStyle::Folded => Self::Unknown,
        }
    }

    /// The place in the file of `inner`, a place in `text`; the scalar begins at `position`.
    #[must_use]
    pub fn place(self, text: &str, position: Position, inner: Position) -> Option<Position> {
        let inner = inner.min(end_of_last_line(text));
        let before = inner.column.saturating_sub(1);
        match self {
            Self::Block => {
                // The parser marks the first line that is not empty.
                let empty = text.bytes().take_while(|byte| *byte == b'\n').count();
                let line = (position.line + inner.line).saturating_sub(empty + 1);
                Some(Position { line, column: position.column + before, ..position })
            }
            Self::Line(_) | Self::SingleQuoted if inner.line > 1 => None,
            Self::Line(shift) => {
                Some(Position { column: position.column + shift + before, ..position })
            }
            Self::SingleQuoted => {
                let doubled = text.chars().take(before).filter(|c| *c == '\'').count();
                Some(Position { column: position.column + 1 + before + doubled, ..position })
            }
            Self::Unknown => None,
        }
    }
}

/// Where the last line of a text ends. Behind it comes what is no more of the text: the next key.
fn end_of_last_line(text: &str) -> Position {
    let text = text.trim_end_matches('\n');
    let last = text.rsplit('\n').next().unwrap_or_default();
    Position::new(text.matches('\n').count() + 1, last.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::super::{Tree, Value};
    use super::*;

    /// The place in the file that is computed for the `!` in the last value's text.
    fn found(yaml: &str) -> Option<(usize, usize)> {
        let tree = Tree::parse(yaml);
        assert_eq!(tree.faults, [], "{yaml}");
        let node = &tree.documents[0].entries().last().unwrap().value;
        let Value::Scalar(scalar) = &node.value else { panic!("no scalar: {yaml}") };
        let before = scalar.text.split('!').next().unwrap();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        let place =
            scalar.layout.place(&scalar.text, node.position, Position::new(line, column))?;
        Some((place.line, place.column))
    }

    #[test]
    fn a_place_in_a_text_is_a_place_in_the_file() {
        let exact = [
            "a: x!y\n",
            "a: 'x''y!'\n",
            "a: \"磁盘!y\"\n",
            "a: |\n  x\n   y!\n",
            "a: |-\n\n\n  x\n  y!\n",
            "a: |2\n    x\n   y!\n",
            "b:\n  - {c: 1}\na: |+  # words\n  {{- x }}\n\n\n  磁盘 !\n\n",
            "a: |\r\n  x\r\n  y!\r\n",
        ];
        for yaml in exact {
            let before = yaml.split('!').next().unwrap();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            assert_eq!(found(yaml), Some((line, column)), "{yaml}");
        }
    }

    #[test]
    fn the_end_of_a_text_is_the_end_of_its_last_line() {
        for yaml in ["a: |\n  x\n  yz\n", "a: |+\n  x\n  yz\n\n\nb: c\n", "a: |-\n  x\n  yz"] {
            let tree = Tree::parse(yaml);
            let node = &tree.documents[0].entries()[0].value;
            let Value::Scalar(scalar) = &node.value else { panic!("no scalar: {yaml}") };
            let line = scalar.text.matches('\n').count() + 1;
            let column = if scalar.text.ends_with('\n') { 1 } else { 3 };
            let end = Position::new(line, column);
            let place = scalar.layout.place(&scalar.text, node.position, end);
            assert_eq!(place, Some(Position::new(3, 5)), "{yaml}");
        }
    }

    #[test]
    fn where_a_text_was_changed_no_place_in_it_is_known() {
        for yaml in [
            "a: >\n  x\n  y!\n",
            "a: \"x\\ny!\"\n",
            "a: \"x\\ty!\"\n",
            "a: x\n  y!\n",
            "a: 'x\n\n  y!'\n",
            "b: &b x!\na: *b\n",
        ] {
            assert_eq!(found(yaml), None, "{yaml}");
        }
    }
}
