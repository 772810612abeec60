//! Cuts a source into tokens: text, and what stands in actions.
//!
//! Nothing is copied: a token is a piece of the source. After an error no token follows.

mod scan;
#[cfg(test)]
mod tests;

use crate::unicode;

const LEFT: &str = "{{";
const RIGHT: &str = "}}";
const LEFT_COMMENT: &str = "/*";
const RIGHT_COMMENT: &str = "*/";
/// A trim marker is a dash and the space that keeps it apart from the action.
const MARKER: usize = 2;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Error,
    Bool,
    /// A printable ASCII character that stands for itself, such as a comma.
    Char,
    CharConstant,
    /// A sum of a real and an imaginary number.
    Complex,
    Assign,
    Declare,
    Eof,
    /// A dot and a name.
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    /// A dollar sign, and a name or none.
    Variable,
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Kind {
    const fn is_keyword(self) -> bool {
        matches!(
            self,
            Self::Block
                | Self::Break
                | Self::Continue
                | Self::Dot
                | Self::Define
                | Self::Else
                | Self::End
                | Self::If
                | Self::Nil
                | Self::Range
                | Self::Template
                | Self::With
        )
    }
}

/// One token.
#[derive(Debug, Clone)]
pub(crate) struct Token<'s> {
    pub(crate) kind: Kind,
    /// Where it begins, in bytes.
    pub(crate) at: usize,
    /// The line that it begins in, from 1.
    pub(crate) line: usize,
    /// Its piece of the source.
    pub(crate) text: &'s str,
    /// What is wrong, of an error.
    pub(crate) error: Option<String>,
}

impl Token<'_> {
    /// The token as Go's messages show it.
    pub(crate) fn show(&self) -> String {
        match (self.kind, &self.error) {
            (Kind::Eof, _) => "EOF".to_owned(),
            (_, Some(error)) => error.clone(),
            (kind, _) if kind.is_keyword() => format!("<{}>", self.text),
            _ if self.text.len() > 10 => {
                let shown: String = self.text.chars().take(10).collect();
                format!("{}...", crate::fmt::quote(shown.as_bytes()))
            }
            _ => crate::fmt::quote(self.text.as_bytes()),
        }
    }
}

/// Reads one source.
#[derive(Debug)]
pub(crate) struct Lexer<'s> {
    source: &'s str,
    /// Where the token that is being read begins.
    start: usize,
    at: usize,
    /// The line of `counted`, which is never behind a token's begin.
    line: usize,
    counted: usize,
    inside: bool,
    parens: usize,
    /// Names that a function has are no keywords.
    names: Names,
    dead: bool,
}

/// Whether `break` and `continue` are functions, as they were before they were keywords.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Names {
    pub(crate) break_is_function: bool,
    pub(crate) continue_is_function: bool,
}

impl<'s> Lexer<'s> {
    pub(crate) fn new(source: &'s str, names: Names) -> Self {
        Self {
            source,
            start: 0,
            at: 0,
            line: 1,
            counted: 0,
            inside: false,
            parens: 0,
            names,
            dead: false,
        }
    }

    /// The next token; at the end, and after an error, always the end.
    pub(crate) fn next(&mut self) -> Token<'s> {
        if self.dead {
            return self.token(Kind::Eof);
        }
        if self.inside { self.inside_action() } else { self.text() }
    }

    /// The token from `start` to here.
    fn token(&mut self, kind: Kind) -> Token<'s> {
        let token = Token {
            kind,
            at: self.start,
            line: self.line_of(self.start),
            text: self.source.get(self.start..self.at).unwrap_or_default(),
            error: None,
        };
        self.start = self.at;
        token
    }

    fn error(&mut self, words: String) -> Token<'s> {
        self.dead = true;
        Token { error: Some(words), ..self.token(Kind::Error) }
    }

    fn line_of(&mut self, position: usize) -> usize {
        let passed = self.source.get(self.counted..position).unwrap_or_default();
        self.line += passed.matches('\n').count();
        self.counted = self.counted.max(position);
        self.line
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// Goes on by `bytes` and forgets what was read.
    fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.source.len());
        self.start = self.at;
    }

    fn text(&mut self) -> Token<'s> {
        let Some(found) = self.rest().find(LEFT) else {
            self.at = self.source.len();
            let kind = if self.at > self.start { Kind::Text } else { Kind::Eof };
            return self.token(kind);
        };
        let delimiter = self.at + found;
        self.at = delimiter;
        if has_left_marker(self.source.get(delimiter + LEFT.len()..).unwrap_or_default()) {
            let text = self.source.get(self.start..delimiter).unwrap_or_default();
            self.at = self.start + text.trim_end_matches(is_space).len();
        }
        let text = (self.at > self.start).then(|| self.token(Kind::Text));
        self.at = delimiter;
        self.start = delimiter;
        match text {
            Some(text) => text,
            None => self.left_delimiter(),
        }
    }

    fn left_delimiter(&mut self) -> Token<'s> {
        self.at += LEFT.len();
        let marker = if has_left_marker(self.rest()) { MARKER } else { 0 };
        let behind = self.rest().get(marker..).unwrap_or_default();
        if behind.starts_with(LEFT_COMMENT) {
            self.skip(marker);
            return self.comment();
        }
        let token = self.token(Kind::LeftDelim);
        self.inside = true;
        self.parens = 0;
        self.skip(marker);
        token
    }

    /// Passes over a comment and gives what follows.
    fn comment(&mut self) -> Token<'s> {
        let body = self.rest().get(LEFT_COMMENT.len()..).unwrap_or_default();
        let Some(end) = body.find(RIGHT_COMMENT) else {
            return self.error("unclosed comment".to_owned());
        };
        let close = self.at + LEFT_COMMENT.len() + end + RIGHT_COMMENT.len();
        let start = self.start;
        self.skip(close - self.at);
        let Some(trim) = self.at_right_delimiter() else {
            self.start = start;
            return self.error("comment ends before closing delimiter".to_owned());
        };
        self.skip(if trim { MARKER + RIGHT.len() } else { RIGHT.len() });
        if trim {
            self.skip_spaces();
        }
        self.next()
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.skip(rest.len() - rest.trim_start_matches(is_space).len());
    }

    /// Whether an action ends here, and if so, whether it trims.
    fn at_right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        if has_right_marker(rest) && rest.get(MARKER..).is_some_and(|rest| rest.starts_with(RIGHT))
        {
            return Some(true);
        }
        rest.starts_with(RIGHT).then_some(false)
    }

    fn right_delimiter(&mut self, trim: bool) -> Token<'s> {
        if trim {
            self.skip(MARKER);
        }
        self.at += RIGHT.len();
        let token = self.token(Kind::RightDelim);
        if trim {
            self.skip_spaces();
        }
        self.inside = false;
        token
    }
}

pub(crate) const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || unicode::is_letter(c) || unicode::is_digit(c)
}

fn has_left_marker(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('-') && chars.next().is_some_and(is_space)
}

fn has_right_marker(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(is_space) && chars.next() == Some('-')
}
