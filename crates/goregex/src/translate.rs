//! The scanner: one pass over a Go pattern, which writes Rust's notation as it goes.
//!
//! It follows the order of decisions of Go's `regexp/syntax`, because that order decides which
//! error is reported. It keeps no tree and does not recurse: [`output::Output`] remembers the last
//! atom, to which a repetition applies, and the open groups.

mod class;
mod cursor;
mod escape;
mod group;
mod output;
mod repeat;
mod unicode;

use cursor::Cursor;
pub(crate) use output::MAX_NESTING;
use output::Output;

use crate::error::{Error, ErrorKind};

/// Writes a Go pattern in the notation of the `regex` crate.
///
/// ```
/// assert_eq!(goregex::translate(r"\Qa.b\E[[:word:]&&]")?, r"a\.b[0-9A-Z_a-z\&\&]");
/// # Ok::<(), goregex::Error>(())
/// ```
///
/// # Errors
/// What Go refuses, and what nests deeper than 128.
pub fn translate(pattern: &str) -> Result<String, Error> {
    Ok(Translation::of(pattern)?.text)
}

/// A pattern in Rust's notation.
#[derive(Debug)]
pub(crate) struct Translation {
    /// What to give to `regex`.
    pub(crate) text: String,
    /// The groups' names in Go's sense; the first is the whole match.
    pub(crate) names: Vec<Option<String>>,
    /// How often the part that is repeated most is there, by counts.
    pub(crate) copies: u32,
}

impl Translation {
    /// Translates `pattern`, or says why Go refuses it.
    pub(crate) fn of(pattern: &str) -> Result<Self, Error> {
        let mut scanner = Scanner {
            cursor: Cursor::new(pattern),
            output: Output::default(),
            ungreedy: false,
            last_repeat: None,
        };
        while let Some(first) = scanner.cursor.peek() {
            scanner.step(first)?;
        }
        scanner.finish()
    }
}

/// The state between two tokens.
struct Scanner<'p> {
    cursor: Cursor<'p>,
    output: Output,
    /// Go's flag `U`. It is resolved here and never written: in Go it counts where the repetition
    /// stands, even when flags were set between the atom and its repetition.
    ungreedy: bool,
    /// Where the repetition began that is the token just before.
    last_repeat: Option<usize>,
}

impl Scanner<'_> {
    fn step(&mut self, first: char) -> Result<(), Error> {
        let last_repeat = self.last_repeat.take();
        match first {
            '(' => return self.open_group(),
            ')' => return self.close_group(),
            '[' => return self.class(),
            '\\' => return self.escaped(),
            '*' | '+' | '?' => return self.repeat(first, last_repeat),
            '{' => return self.counted(last_repeat),
            '|' => self.output.alternate(),
            '^' => self.output.atom("^"),
            '$' => self.output.atom("$"),
            '.' => self.output.atom("."),
            literal => self.output.literal(literal),
        }
        self.cursor.next();
        Ok(())
    }

    fn finish(mut self) -> Result<Translation, Error> {
        let whole = self.cursor.pattern();
        if self.output.is_in_group() {
            return Err(Error::new(ErrorKind::MissingParen, whole, 0));
        }
        if self.output.is_too_deep() {
            return Err(Error::new(ErrorKind::NestsTooDeeply, whole, 0));
        }
        Ok(self.output.into_translation())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_written_in_rusts_notation() {
        for (go, rust) in [
            ("", ""),
            ("a|b*?", "a|b*?"),
            (r"\d\W", "[0-9][^0-9A-Z_a-z]"),
            (r"\bx\B", r"(?-u:\b)x(?-u:\B)"),
            ("a{,2}b{2", r"a\{,2\}b\{2"),
            ("[+--&&~~[]", r"[\+-\-\&\&\~\~\[]"),
            (r"[^\D]", "[^[^0-9]]"),
            (r"\p{^greek}\pL", r"[^\p{sc=Greek}][\p{gc=L}]"),
            ("(?<n>a)", "(?P<n>a)"),
            ("(?P<0>a)", "(a)"),
            ("(?U)a*b*?", "a*?b*"),
            ("(?im-s:a)(?i)b(?)", "(?im:a)(?i)b"),
            ("(?i)(?i-i:a)", "(?i)(?-i:a)"),
            ("# x", r"\# x"),
            (r"\012\x{4e2d}\a", "\\x{A}\u{4e2d}\\x{7}"),
            (r"\x{d800}", r"[^\x{0}-\x{10FFFF}]"),
            (r"[\x{d7ff}-\x{e000}]", "[\u{d7ff}-\u{e000}]"),
        ] {
            assert_eq!(translate(go).unwrap(), rust, "{go}");
        }
    }

    #[test]
    fn a_repetition_after_flags_belongs_to_the_atom_before_them() {
        assert_eq!(translate("a(?i)*b").unwrap(), "a*(?i)b");
        assert_eq!(translate("a(?U)+").unwrap(), "a+?");
        assert_eq!(translate("a*(?i)+").unwrap(), "(?:a*)+(?i)");
        assert_eq!(translate(r"a+\Q\E*").unwrap(), "(?:a+)*");
    }

    #[test]
    fn counts_multiply_as_in_go() {
        for (go, refused) in [
            ("((a{100}){10}){1}", false),
            ("((a{100}){10}){2}", true),
            ("((a{1000}){0}){2}", false),
            ("(a{1000})*", false),
            ("(a{500}|b){3,}", true),
            ("(a{1000}){1,}", false),
        ] {
            assert_eq!(translate(go).is_err(), refused, "{go}");
        }
    }

    #[test]
    fn an_error_says_where_it_is() {
        for (go, kind, at, expression) in [
            ("ab**", ErrorKind::InvalidRepeatOp, 2, "**"),
            ("a|*", ErrorKind::MissingRepeatArgument, 2, "*"),
            ("中[z-a]", ErrorKind::InvalidClassRange, 4, "z-a"),
            (r"ab\Z", ErrorKind::InvalidEscape, 2, r"\Z"),
            ("a(?x)b", ErrorKind::InvalidPerlOp, 1, "(?x"),
        ] {
            let error = translate(go).unwrap_err();
            assert_eq!((error.kind(), error.offset(), error.expression()), (kind, at, expression));
        }
    }
}
